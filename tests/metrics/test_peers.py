"""Peers by circumstances: hand tables, laws, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.peers import against_peers, numeric_table, peers, require_unit

CODES = ["01", "22", "30", "31", "33"]
CONTEXT = pd.DataFrame({"income": [0.0, 3, 1, 6, 10], "urban": [0.0, 4, 0, 8, 0]}, index=CODES)


@st.composite
def contexts(draw: st.DrawFn) -> pd.DataFrame:
    """Three to seven units on two variables, all different on the first."""
    count = draw(st.integers(3, 7))
    first = draw(st.lists(st.integers(-20, 20), min_size=count, max_size=count, unique=True))
    second = draw(st.lists(st.integers(-20, 20), min_size=count, max_size=count))
    return pd.DataFrame({"income": first, "urban": second}, index=[f"{i:02}" for i in range(count)], dtype="float64")


def test_distances_are_those_of_z_scores_over_the_largest() -> None:
    """By hand: income has mean 4 and variance 13.2, urban mean 2.4 and variance 10.24."""
    found = peers(CONTEXT, "01")
    squares = {"22": 9 / 13.2 + 16 / 10.24, "30": 1 / 13.2, "31": 36 / 13.2 + 64 / 10.24, "33": 100 / 13.2}
    expected = {unit: (square / squares["31"]) ** 0.5 for unit, square in squares.items()}
    assert found.table["distance"].to_dict() == pytest.approx(expected)
    assert list(found.units) == ["30", "22", "33", "31"]


def test_mahalanobis_agrees_with_the_inverse_covariance() -> None:
    found = peers(CONTEXT, "01", method="mahalanobis").table["distance"]
    away = CONTEXT - CONTEXT.loc["01"]
    inverse = np.linalg.inv(np.cov(CONTEXT.to_numpy().T))
    expected = pd.Series({unit: float(np.sqrt(row @ inverse @ row)) for unit, row in zip(CODES, away.to_numpy(), strict=True)}).drop("01")
    assert found.to_dict() == pytest.approx((expected / expected.max()).to_dict())


def test_variable_that_says_the_same_counts_once_under_mahalanobis() -> None:
    doubled = CONTEXT.assign(income_too=CONTEXT["income"] * 7 + 1)
    once, twice = (peers(context, "01", method="mahalanobis").table for context in (CONTEXT, doubled))
    pd.testing.assert_frame_equal(once, twice)
    assert not peers(CONTEXT, "01").table.equals(peers(doubled, "01").table)


def test_unit_without_context_is_left_out_with_the_reason() -> None:
    context = CONTEXT.astype("float64")
    context.loc["22", ["income", "urban"]] = np.nan
    context.loc["31", "urban"] = np.nan
    found = peers(context, "01", count=2)
    assert found.left_out.to_dict() == {"22": "missing: income, urban", "31": "missing: urban"}
    assert list(found.units) == ["30", "33"]


def test_equals_at_the_cut_are_all_kept_in_the_order_of_their_codes() -> None:
    context = pd.DataFrame({"income": [5.0, 6, 4, 9]}, index=["30", "22", "01", "33"])
    assert peers(context, "30", count=1).units == ("01", "22")


def test_variable_that_is_the_same_for_all_is_named_and_not_used() -> None:
    found = peers(CONTEXT.assign(country=1.0), "01")
    assert found.variables == ("income", "urban")
    assert found.note == "the same for all units, not used: country"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scored": ["urban", "total"]}, "scored ones: urban"),
        ({"count": 0}, "0 peers are none"),
        ({"context": CONTEXT.mask(CONTEXT.index.to_series() == "01")}, "unit 01 has no income, urban"),
        ({"context": CONTEXT[[]]}, "no context variable"),
        ({"context": CONTEXT * 0 + 1}, "nothing tells the 5 units"),
        ({"context": CONTEXT.loc[["01"]]}, "nothing tells the 1 units"),
        ({"context": CONTEXT.iloc[:3], "method": "mahalanobis"}, "3 units are too few for 2 variables"),
        ({"context": pd.concat([CONTEXT, CONTEXT.iloc[:1]])}, "unit 01 stands twice"),
        ({"context": CONTEXT.replace(10.0, np.inf)}, "variable income has infinite values"),
        ({"context": CONTEXT.astype("str")}, "variable income is not made of numbers; variable urban"),
    ],
)
def test_what_cannot_give_peers_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        peers(**{"context": CONTEXT, "unit": "01", **change})
    assert caught.value.hint


def test_unknown_unit_and_method_are_named() -> None:
    with pytest.raises(UnknownName, match="unknown unit '99'"):
        peers(CONTEXT, "99")
    with pytest.raises(UnknownName, match="did you mean 'euclidean'"):
        peers(CONTEXT, "01", method="euclidian")
    with pytest.raises(UnknownName):
        require_unit(pd.Series([1.0], index=["30"]), "03")


@given(contexts(), st.sampled_from(["euclidean", "mahalanobis"]), st.integers(1, 8))
def test_unit_is_not_its_own_peer_and_distances_rise_to_one(context: pd.DataFrame, method: str, count: int) -> None:
    if method == "mahalanobis" and len(context) < 4:
        return
    found = peers(context, "00", count=count, method=method)
    assert "00" not in found.units
    assert found.table["distance"].is_monotonic_increasing or np.diff(found.table["distance"]).min() > -1e-9
    everyone = peers(context, "00", count=99, method=method)
    assert len(everyone.units) == len(context) - 1
    assert everyone.table["distance"].max() == pytest.approx(1)
    assert set(found.units) <= set(everyone.units)
    assert len(found.units) >= min(count, len(context) - 1)


@given(contexts(), st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_does_not_matter(context: pd.DataFrame, random: Any) -> None:
    shuffled = context.sample(frac=1, random_state=random.randint(0, 99))[["urban", "income"]]
    pd.testing.assert_frame_equal(peers(shuffled, "00").table, peers(context, "00").table)


@given(contexts(), st.permutations(range(7)))
def test_new_codes_give_the_same_distances(context: pd.DataFrame, new: list[int]) -> None:
    codes = {f"{i:02}": f"x{new[i]}" for i in range(7)}
    found, renamed = peers(context, "00", count=99), peers(context.rename(index=codes), codes["00"], count=99)
    assert renamed.table["distance"].to_dict() == pytest.approx({codes[unit]: value for unit, value in found.table["distance"].items()})


@given(contexts(), st.integers(1, 9), st.integers(-9, 9))
def test_units_of_measure_do_not_matter(context: pd.DataFrame, factor: int, shift: int) -> None:
    moved = context.assign(income=context["income"] * factor + shift)
    assert peers(moved, "00", count=99).table["distance"].to_dict() == pytest.approx(peers(context, "00", count=99).table["distance"].to_dict())


def test_difference_to_peers_on_a_table_of_five() -> None:
    scores = pd.DataFrame({"total": [70.0, 80, 82, 84, 99], "domain:1": [5.0, 7, np.nan, 7, 9]}, index=CODES)
    found = against_peers(scores, "01", ["22", "30", "31"])
    assert found.loc["total", ["score", "mean", "difference", "z", "n_scored"]].tolist() == [70, 82, -12, -6, 3]
    assert found.loc["domain:1", ["mean", "difference", "n_scored"]].tolist() == [7, -2, 2]
    assert np.isnan(found.loc["domain:1", "z"])
    assert found["note"].tolist() == ["", "2 of 3 peers scored, too few to say how unusual the difference is"]


def test_equal_peers_give_a_difference_and_no_z() -> None:
    found = against_peers(pd.Series([70.0, 80, 80, 80], index=CODES[:4]), "01", CODES[1:4]).iloc[0]
    assert found["difference"] == -10
    assert np.isnan(found["z"])
    assert found["note"] == "all peers have the same score"


def test_peer_without_a_row_counts_as_not_scored() -> None:
    found = against_peers(pd.Series([70.0, 80], index=["01", "22"], name="total"), "01", ["22", "77"])
    assert found.index.tolist() == ["total"]
    assert found.loc["total", "n_scored"] == 1


def test_missing_score_of_the_unit_has_no_difference() -> None:
    found = against_peers(pd.Series([np.nan, 80, 81, 82], index=CODES[:4]), "01", CODES[1:4]).iloc[0]
    assert found[["score", "difference", "z"]].isna().all()


@given(st.lists(st.integers(0, 100), min_size=4, max_size=8), st.integers(-50, 50))
def test_flipping_all_scores_flips_difference_and_z(values: list[int], shift: int) -> None:
    scores = pd.Series(values, index=[f"{i:02}" for i in range(len(values))], dtype="float64")
    found, flipped = (against_peers(table, "00", list(scores.index[1:]))[["difference", "z"]] for table in (scores, shift - scores))
    pd.testing.assert_frame_equal(found, -flipped)


@pytest.mark.parametrize(("codes", "words"), [([], "no peers"), (["01", "22"], "among its own peers"), (["22", "22"], "named twice: 22")])
def test_list_of_peers_that_cannot_be_is_refused(codes: list[str], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        against_peers(CONTEXT, "01", codes)


def test_tables_are_left_as_they_were() -> None:
    context = CONTEXT.iloc[::-1].copy()
    before = context.copy(deep=True)
    peers(context, "01")
    against_peers(context, "01", ["22"])
    numeric_table(context)
    pd.testing.assert_frame_equal(context, before)


def test_missing_numbers_of_any_kind_are_missing() -> None:
    found = numeric_table(pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [None, None]}, index=["02", "01"]))
    assert found.isna().to_numpy().tolist() == [[True, True], [False, True]]
    assert found.dtypes.tolist() == [np.float64, np.float64]
