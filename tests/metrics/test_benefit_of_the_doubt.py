"""Benefit of the doubt: the Handbook's table, a hand table, laws, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.benefit_of_the_doubt import NOT_UNIQUE, benefit_of_the_doubt
from tests.conftest import SHARED

TAI = SHARED / "refdata" / "oecd_tai"
CODES = ["01", "22", "30", "31", "33"]
FIVE = pd.DataFrame({"a": [1.0, 0, 0.5, 0.4, 0], "b": [0.0, 1, 0.3, 0.4, 0.6]}, index=CODES)

tables = st.integers(1, 3).flatmap(lambda nodes: st.lists(st.lists(st.integers(0, 20), min_size=nodes, max_size=nodes).filter(any), min_size=1, max_size=6)).map(
    lambda drawn: pd.DataFrame(drawn, index=[f"{i:02}" for i in range(len(drawn))], columns=[f"node:{i}" for i in range(len(drawn[0]))]) / 20
)


def tai() -> pd.DataFrame:
    """23 countries, each indicator from 0 for the lowest to 1 for the highest of them."""
    if not TAI.is_dir():
        pytest.skip("../shared/refdata is absent")
    raw = pd.read_csv(TAI / "TAI_raw_23.csv", index_col=0)
    return (raw - raw.min()) / (raw.max() - raw.min())


def test_scores_agree_with_the_handbook() -> None:
    """OECD/JRC Handbook (2008), Table 19; R13, tolerance .01 (met to .007). The bounds of .10 and .15 are inferred from the weights that it prints."""
    found = benefit_of_the_doubt(tai(), low=0.10, high=0.15)
    printed = pd.read_csv(TAI / "TAI_bod_table19.csv", index_col=0)["BOD_CI_table19"]
    assert (found.score - printed).abs().max() < 0.01
    named = found.score[["Finland", "United States", "Sweden", "Norway", "Korea", "Hungary"]]
    assert named.tolist() == pytest.approx([1, 1, 1, 0.86, 0.80, 0.27], abs=0.01)
    assert found.shares.min(axis=None) >= 0.10 - 1e-7
    assert found.shares.max(axis=None) <= 0.15 + 1e-7


def test_eight_countries_score_one_without_bounds() -> None:
    """R14; the scores of another programme's linear programmes agree to 1e-9."""
    found = benefit_of_the_doubt(tai())
    other = pd.read_csv(TAI / "TAI_bod_recomputed.csv", index_col=0)
    assert (found.score > 1 - 1e-7).sum() == 8
    assert (found.score - other["bod_unconstrained"]).abs().max() < 1e-9
    bounded = benefit_of_the_doubt(tai(), low=0.10, high=0.15)
    assert (bounded.score - other["bod_share_10_15"]).abs().max() < 1e-9


def test_scores_of_a_table_of_five() -> None:
    """The frontier is a + b = 1, on which the first two lie; the last is compared with the second alone."""
    found = benefit_of_the_doubt(FIVE)
    assert found.score.tolist() == pytest.approx([1, 1, 0.8, 0.8, 0.6])
    assert found.weights.loc["30"].tolist() == pytest.approx([1, 1])
    assert found.shares.loc["31"].tolist() == pytest.approx([0.5, 0.5])
    assert found.peers.round(9).values.tolist() == [["30", "01", 0.5], ["30", "22", 0.3], ["31", "01", 0.4], ["31", "22", 0.4], ["33", "22", 0.6]]
    assert found.note == NOT_UNIQUE


def test_bounds_can_be_given_by_node() -> None:
    """Half of the weight at least on a: the last unit can put no more than half on b, and its score is 0.6 w with w = 1."""
    found = benefit_of_the_doubt(FIVE, low={"a": 0.5})
    assert found.shares.loc["33"].tolist() == pytest.approx([0.5, 0.5])
    assert found.score["33"] == pytest.approx(0.6)
    assert benefit_of_the_doubt(FIVE, high={"b": 0.25}).score["33"] == pytest.approx(0.2)


def test_unit_with_a_missing_value_has_no_score_and_holds_nobody_back() -> None:
    values = FIVE.copy()
    values.loc["22", "a"] = np.nan
    found = benefit_of_the_doubt(values)
    assert found.left_out == ("22",)
    assert np.isnan(found.score["22"])
    assert found.weights.loc["22"].isna().all()
    assert found.score["33"] == pytest.approx(1)


def test_unit_with_nothing_scores_nothing() -> None:
    found = benefit_of_the_doubt(FIVE.mask(FIVE.index.to_series() == "30", 0.0))
    assert found.score["30"] == 0
    assert found.shares.loc["30"].isna().all()


@settings(max_examples=40)
@given(tables)
def test_scores_are_above_zero_and_somebody_scores_one(values: pd.DataFrame) -> None:
    found = benefit_of_the_doubt(values)
    assert found.score.between(0, 1).all()
    assert (found.score > 0).all()
    assert found.score.max() == pytest.approx(1, abs=1e-7)
    reached = values.to_numpy() @ found.weights.to_numpy().T
    assert reached.max() <= 1 + 1e-7
    assert np.diag(reached).tolist() == pytest.approx(found.score.tolist(), abs=1e-7)


@settings(max_examples=40)
@given(tables)
def test_mix_of_peers_is_nowhere_below_the_unit_and_sums_to_its_score(values: pd.DataFrame) -> None:
    found = benefit_of_the_doubt(values)
    for unit, part in found.peers.groupby("unit"):
        assert unit not in set(part["peer"])
        assert part["multiplier"].sum() == pytest.approx(found.score[unit], abs=1e-6)
        mix = values.loc[part["peer"]].mul(part["multiplier"].to_numpy(), axis=0).sum()
        assert (mix >= values.loc[unit] - 1e-6).all()
        assert (found.score[part["peer"]] > 1 - 1e-7).all()


@settings(max_examples=30)
@given(tables, st.integers(0, 10), st.integers(0, 10))
def test_tighter_bounds_never_raise_a_score(values: pd.DataFrame, wide: int, tight: int) -> None:
    even = 1 / values.shape[1]
    looser, closer = sorted((wide / 10, tight / 10))
    scores = [benefit_of_the_doubt(values, low=even * share, high=1 - (1 - even) * share).score for share in (0.0, looser, closer)]
    assert (scores[1] <= scores[0] + 1e-7).all()
    assert (scores[2] <= scores[1] + 1e-7).all()


@settings(max_examples=30)
@given(tables, st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_does_not_matter(values: pd.DataFrame, random: Any) -> None:
    before = values.copy(deep=True)
    found, shuffled = benefit_of_the_doubt(values), benefit_of_the_doubt(values.sample(frac=1, random_state=random.randint(0, 99)).iloc[:, ::-1])
    pd.testing.assert_series_equal(shuffled.score.loc[found.score.index], found.score)
    pd.testing.assert_frame_equal(shuffled.weights.loc[found.weights.index, list(values.columns)], found.weights)
    pd.testing.assert_frame_equal(shuffled.peers, found.peers)
    pd.testing.assert_frame_equal(values, before)


@settings(max_examples=30)
@given(tables, st.permutations(range(6)))
def test_new_codes_and_another_scale_change_no_score(values: pd.DataFrame, new: list[int]) -> None:
    renamed = (values * 50).rename(index={f"{i:02}": f"x{new[i]}" for i in range(6)})
    assert benefit_of_the_doubt(renamed).score.tolist() == pytest.approx(benefit_of_the_doubt(values).score.tolist(), abs=1e-7)


def test_many_units_are_solved_as_if_all_were_looked_at_together() -> None:
    from scipy.optimize import linprog

    values = np.random.default_rng(5).random((80, 4)).round(3)
    found = benefit_of_the_doubt(pd.DataFrame(values, index=[f"{i:02}" for i in range(80)], columns=list("abcd")))
    whole = [-float(linprog(-row, A_ub=values, b_ub=np.ones(80), bounds=(0, None), method="highs").fun) for row in values]
    assert found.score.tolist() == pytest.approx(whole, abs=1e-8)


@pytest.mark.parametrize(
    ("values", "bounds", "words"),
    [
        (FIVE - 0.5, {}, "negative values on a, b"),
        (FIVE[[]], {}, "no nodes are given"),
        (FIVE * 0, {}, "no unit with all values has a positive one"),
        (FIVE * np.nan, {}, "no unit with all values has a positive one"),
        (FIVE, {"low": 0.6}, "the lowest shares sum to 1.2, above 1"),
        (FIVE, {"high": 0.4}, "the highest shares sum to 0.8, below 1"),
        (FIVE, {"low": {"a": 0.5, "c": 0.1}, "high": {"a": 0.4}}, "bounds for unknown nodes: c; no share lies within the bounds of a"),
        (FIVE, {"low": float("nan")}, "no share lies within the bounds of a, b"),
        (FIVE, {"high": 1.5}, "no share lies within the bounds of a, b"),
        (FIVE.replace(1.0, np.inf), {}, "infinite values"),
    ],
)
def test_values_and_bounds_that_cannot_be_are_refused(values: pd.DataFrame, bounds: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        benefit_of_the_doubt(values, **bounds)
    assert caught.value.hint
