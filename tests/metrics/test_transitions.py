"""Bands and transitions between them: sizes, ties, rows that sum to 1, a figure of giddy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.transitions import bands, quantile_bands, shorrocks, transitions

UNITS = [f"{i:02}" for i in range(12)]
scores = st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=12).map(lambda drawn: pd.Series(drawn, index=UNITS[: len(drawn)], dtype="float64"))
labels = st.lists(st.lists(st.sampled_from(["A", "B", "C", None]), min_size=4, max_size=4), max_size=6)


def years(rows: list[list[str | None]]) -> pd.DataFrame:
    return pd.DataFrame(rows, index=UNITS[: len(rows)], columns=[2020, 2021, 2022, 2023], dtype="object")


def test_bands_by_hand() -> None:
    """Limits belong to the band above them, also when they are missed by a rounding error; a missing score has no band."""
    drawn = pd.Series([92.18, 90, 0.9 * 100 - 1e-12, 80, 61.5, None], index=UNITS[:6])
    found = bands(drawn, {"D": -np.inf, "A": 90, "B": 80, "C": 70})
    assert found.band.tolist()[:5] == ["A", "A", "A", "B", "D"]
    assert found.band.isna().tolist() == [False] * 5 + [True]
    assert found.sizes.to_dict() == {"A": 3, "B": 1, "C": 0, "D": 1}


def test_lower_scores_have_the_better_bands_where_lower_is_better() -> None:
    found = bands(pd.Series([1.0, 2, 2.5, 9], index=UNITS[:4]), {"fast": 2, "slow": np.inf}, higher_is_better=False)
    assert found.band.tolist() == ["fast", "fast", "slow", "slow"]


@pytest.mark.parametrize(
    ("cuts", "words"), [({"A": 90, "B": 80}, "no band for 02: below the last limit"), ({}, "one limit or more"), ({"A": 9, "B": 9}, "each once"), ({"A": np.nan}, "each once")]
)
def test_faulty_limits_are_refused(cuts: dict[str, float], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        bands(pd.Series([95.0, 85, 70], index=UNITS[:3]), cuts)


@given(scores, st.integers(1, 5), st.booleans())
def test_bands_by_size_keep_equals_together_and_order(drawn: pd.Series, count: int, up: bool) -> None:
    found = quantile_bands(drawn, count, higher_is_better=up)
    pairs = pd.DataFrame({"score": drawn, "band": found.band}).dropna()
    assert pairs.groupby("score")["band"].nunique().le(1).all()
    ordered = pairs.sort_values("score", ascending=not up)["band"].astype(int).tolist()
    assert ordered == sorted(ordered)
    assert found.sizes.sum() == len(pairs)
    assert found.band.isna().tolist() == drawn.isna().tolist()
    if pairs["score"].is_unique:
        assert found.sizes.max() - found.sizes.min() <= 1


def test_bands_of_stated_sizes_by_hand() -> None:
    """Places 1, 2, 2, 4, 5 in bands of 2, 2 and 1: the pair of equals stays in the band of place 2."""
    found = quantile_bands(pd.Series([9.0, 8, 8, 7, 1], index=UNITS[:5]), {"high": 2, "middle": 2, "low": 1})
    assert found.band.tolist() == ["high", "high", "high", "middle", "low"]
    assert found.sizes.to_dict() == {"high": 3, "middle": 1, "low": 1}


def test_sizes_that_do_not_fit_are_refused() -> None:
    drawn = pd.Series([9.0, 8, None], index=UNITS[:3])
    with pytest.raises(RequestError, match="sizes 2, 1 do not sum to the 2 scored units"):
        quantile_bands(drawn, {"high": 2, "low": 1})
    with pytest.raises(RequestError, match="none below 0"):
        quantile_bands(drawn, {"high": 3, "low": -1})
    with pytest.raises(RequestError, match="0 bands"):
        quantile_bands(drawn, 0)


def test_transitions_by_hand() -> None:
    """A → A, A → B, B → B, B → missing (not counted), B → A, A → A: of three leaving A two stay, of two leaving B one."""
    rows = pd.DataFrame({2021: ["A", "B", "B"], 2022: ["A", "B", "A"], 2023: ["B", None, "A"]}, index=UNITS[:3])
    found = transitions(rows)
    assert found.counts.to_numpy().tolist() == [[2, 1], [1, 1]]
    assert found.matrix.to_numpy().tolist() == pytest.approx(np.array([[2 / 3, 1 / 3], [1 / 2, 1 / 2]]))
    assert found.shorrocks == pytest.approx(2 - 2 / 3 - 1 / 2)
    assert found.skipped == ()


def test_row_that_nobody_left_from_is_missing_not_zero() -> None:
    found = transitions(pd.DataFrame({2022: ["A", "A"], 2023: ["A", "B"]}, index=UNITS[:2]), order=["A", "B"])
    assert found.matrix.loc["B"].isna().all()
    assert found.counts.loc["B"].tolist() == [0, 0]
    assert math.isnan(found.shorrocks)


def test_years_further_apart_are_skipped_and_named() -> None:
    rows = pd.DataFrame({2023: ["A"], 2019: ["B"], 2020: ["A"]}, index=["01"])
    found = transitions(rows, order=["A", "B"])
    assert found.skipped == ((2020, 2023),)
    assert found.counts.to_numpy().sum() == 1
    assert transitions(rows[[2019, 2023]]).counts.loc["B", "A"] == 1


@given(labels)
def test_rows_sum_to_1_and_every_pair_of_known_years_counts(rows: list[list[str | None]]) -> None:
    found = transitions(years(rows), order=["A", "B", "C"])
    sums = found.matrix.sum(axis=1, skipna=False).dropna()
    assert sums.tolist() == pytest.approx([1.0] * len(sums))
    assert found.matrix.isna().any(axis=1).tolist() == (found.counts.sum(axis=1) == 0).tolist()
    known = years(rows).notna().to_numpy()
    assert found.counts.to_numpy().sum() == (known[:, 1:] & known[:, :-1]).sum()


@given(labels)
def test_names_and_order_of_units_and_bands_do_not_matter(rows: list[list[str | None]]) -> None:
    found = transitions(years(rows), order=["A", "B", "C"])
    turned = transitions(years(rows).iloc[::-1, ::-1].rename(index="u{}".format), order=["C", "B", "A"])
    assert np.allclose(turned.matrix.loc[found.matrix.index, found.matrix.columns], found.matrix, equal_nan=True)
    assert turned.shorrocks == pytest.approx(found.shorrocks, nan_ok=True)


@given(st.lists(st.sampled_from(["A", "B", "C"]), min_size=1, max_size=6))
def test_who_stays_has_no_mobility(drawn: list[str]) -> None:
    found = transitions(pd.DataFrame({2022: drawn, 2023: drawn}, index=UNITS[: len(drawn)]))
    assert math.isnan(found.shorrocks) if len(set(drawn)) == 1 else found.shorrocks == 0


def test_shorrocks_agrees_with_giddy() -> None:
    """pysal/giddy (BSD-3), docstring of ``markov_mobility``: quintiles of incomes of the US states 1929-2009; 0.19758992000997844, tolerance 5e-9 for the printed matrix."""
    printed = [
        [0.91011236, 0.0886392, 0.00124844, 0, 0],
        [0.09972299, 0.78531856, 0.11080332, 0.00415512, 0],
        [0, 0.10125, 0.78875, 0.1075, 0.0025],
        [0, 0.00417827, 0.11977716, 0.79805014, 0.07799443],
        [0, 0, 0.00125156, 0.07133917, 0.92740926],
    ]
    assert shorrocks(pd.DataFrame(printed)) == pytest.approx(0.19758992000997844, abs=5e-9)


def test_what_is_no_matrix_of_transitions_is_refused() -> None:
    with pytest.raises(RequestError, match="same bands"):
        shorrocks(pd.DataFrame([[1.0, 0]]))
    with pytest.raises(RequestError, match="do not sum to 1"):
        shorrocks(pd.DataFrame([[1.0, 0.5], [0, 1]]))


def test_nothing_known_has_no_transitions() -> None:
    found = transitions(pd.DataFrame({2023: ["A"]}, index=["01"]))
    assert found.counts.to_numpy().tolist() == [[0]]
    assert math.isnan(found.shorrocks)


@pytest.mark.parametrize(
    ("rows", "order", "words"),
    [
        (pd.DataFrame({2022: ["A", "B"]}, index=["01", "01"]), None, "units twice: 01"),
        (pd.DataFrame({"2022": ["A"]}), None, "no years: 2022"),
        (pd.DataFrame([["A", "A"]], columns=[2022, 2022]), None, "years twice: 2022"),
        (pd.DataFrame({2022: ["A", "B", "D"]}), ["A"], "bands that order lacks: B, D"),
        (pd.DataFrame({2022: ["A"]}), ["A", "A"], "order has twice: A"),
    ],
)
def test_faulty_tables_of_bands_are_refused(rows: pd.DataFrame, order: list[str] | None, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        transitions(rows, order=order)


def test_input_is_left_alone() -> None:
    rows, drawn = years([["A", None, "B", "C"]]), pd.Series([3.0, None], index=UNITS[:2])
    before = rows.copy(), drawn.copy()
    transitions(rows)
    bands(drawn, {"A": 0})
    quantile_bands(drawn, 2)
    pd.testing.assert_frame_equal(rows, before[0])
    pd.testing.assert_series_equal(drawn, before[1])


@pytest.mark.parametrize("kind", ["int64", "float64", "category"])
def test_bands_may_be_numbers(kind: str) -> None:
    """Quintiles as numbers: 1 → 1, 1 → 2, 10 → 2, and one that is not known in the second year."""
    rows = pd.DataFrame({2021: [1, 1, 10, 2], 2022: [1, 2, 2, 2]}, index=UNITS[:4]).astype(kind)
    found = transitions(rows)
    assert found.counts.index.tolist() == [1, 2, 10]
    assert found.counts.to_numpy().tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]
    assert found.shorrocks == pytest.approx((3 - 0.5 - 1 - 0) / 2)
    assert transitions(rows, order=[10, 2, 1]).counts.loc[10, 2] == 1
    with pytest.raises(RequestError, match="bands that order lacks: 10"):
        transitions(rows, order=[1, 2])


def test_numbered_bands_with_gaps_are_counted() -> None:
    found = transitions(pd.DataFrame({2021: [1, 2, None], 2022: [2, 2, 1]}, index=UNITS[:3], dtype="float64"))
    assert found.counts.to_numpy().tolist() == [[0, 1], [0, 1]]
