"""Variance shares and importance against weights: hand tables, an analytic test function, and laws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from par_analysis.errors import RequestError
from par_analysis.metrics.importance import correlation_ratio, importance, resamples, variance_shares

FIVE = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [1.0, 1, 2, 1, 1], "c": [4.0, 4, 4, 4, 4]}, index=["01", "02", "03", "04", "05"])
cells = st.integers(0, 40).map(lambda number: number / 4)
tables = st.integers(5, 12).flatmap(
    lambda count: st.lists(st.lists(cells, min_size=count, max_size=count), min_size=1, max_size=4).map(
        lambda columns: pd.DataFrame(dict(zip("abcd", columns, strict=False)), index=[f"{i:02d}" for i in range(count)])
    )
)


def varies(parts: pd.DataFrame) -> bool:
    return float(np.ptp(parts.sum(axis=1))) > 0.1


def grid(*factors: float, levels: int = 4) -> pd.DataFrame:
    """Every combination of equally spaced levels: parts that are uncorrelated exactly, each stretched by its factor."""
    rows = itertools.product(*(np.arange(levels) * factor for factor in factors))
    table = pd.DataFrame(list(rows), columns=list("abcdefgh")[: len(factors)], dtype="float64")
    return table.set_axis([f"{i:04d}" for i in range(len(table))])


# ---------------------------------------------------------------- shares of variance


def test_shares_of_five_units_are_those_of_the_hand() -> None:
    """Totals 6 7 9 9 10 about 8.2 have a sum of squares of 10.8; products with a 10, with b .8; squares of a 10, of b .8."""
    found = variance_shares(FIVE)
    assert found["share"].tolist() == pytest.approx([10 / 10.8, 0.8 / 10.8, 0])
    assert found["own"].tolist() == pytest.approx([10 / 10.8, 0.8 / 10.8, 0])
    assert found["with_others"].tolist() == pytest.approx([0, 0, 0], abs=1e-12)
    assert found["n"].tolist() == [5, 5, 5]


def test_negative_share_is_kept() -> None:
    found = variance_shares(FIVE.assign(d=[2.0, 1.5, 1, 0.5, 0]))
    assert found.loc["d", "share"] < 0
    assert found["share"].sum() == pytest.approx(1)


@given(tables.filter(varies))
def test_shares_sum_to_1(parts: pd.DataFrame) -> None:
    found = variance_shares(parts)
    assert found["share"].sum() == pytest.approx(1, abs=1e-12)
    assert (found["own"] + found["with_others"]).to_numpy() == pytest.approx(found["share"].to_numpy(), abs=1e-12)


@given(tables.filter(varies), cells)
def test_constant_part_has_share_0_and_moves_no_other(parts: pd.DataFrame, level: float) -> None:
    found = variance_shares(parts.assign(constant=level))
    assert found.loc["constant", "share"] == pytest.approx(0, abs=1e-12)
    pd.testing.assert_frame_equal(found.drop(index="constant"), variance_shares(parts), rtol=0, atol=1e-9)


@given(tables.filter(varies), st.randoms(use_true_random=False), st.floats(0.1, 10), st.floats(-5, 5))
def test_order_names_scale_and_origin_do_not_change_shares(parts: pd.DataFrame, random: object, factor: float, shift: float) -> None:
    shuffled = parts.sample(frac=1, random_state=random.randint(0, 9999)).iloc[:, ::-1].rename("u{}".format)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(variance_shares(shuffled * factor + shift).loc[parts.columns], variance_shares(parts), rtol=0, atol=1e-9)


def test_unit_with_a_missing_part_is_left_out() -> None:
    extended = pd.concat([FIVE, pd.DataFrame({"a": [90.0], "b": [None], "c": [4.0]}, index=["06"])])
    pd.testing.assert_frame_equal(variance_shares(extended), variance_shares(FIVE))


# ---------------------------------------------------------------- correlation ratio


def test_correlation_ratio_agrees_with_the_ishigami_function() -> None:
    """Main effects of sin x1 + 7 sin^2 x2 + .1 x3^4 sin x1 on [-pi, pi]^3: .3139, .4424, 0 (analytic). 16 straight pieces follow two full waves to .015 at 4,096 points."""
    x = (qmc.Sobol(3, rng=2).random_base2(12) * 2 - 1) * np.pi
    y = pd.Series(np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))
    found = [correlation_ratio(pd.Series(column), y) for column in x.T]
    first, second = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 7**2 / 8
    total = 0.5 + 7**2 / 8 + 0.1 * np.pi**4 / 5 + 0.1**2 * np.pi**8 / 18
    assert [first / total, second / total] == pytest.approx([0.3139, 0.4424], abs=5e-5)
    assert found == pytest.approx([0.3139, 0.4424, 0], abs=0.015)


def test_ratio_sees_a_parabola_that_correlation_does_not() -> None:
    x = pd.Series(np.linspace(-1, 1, 63))
    assert abs(np.corrcoef(x, x**2)[0, 1]) < 1e-12
    assert correlation_ratio(x, x**2) > 0.97


@given(tables.filter(lambda parts: parts.shape[1] > 1 and np.ptp(parts["b"]) > 0))
def test_ratio_lies_between_the_squared_correlation_and_1(parts: pd.DataFrame) -> None:
    ratio = correlation_ratio(parts["a"], parts["b"])
    straight = np.corrcoef(parts["a"], parts["b"])[0, 1] ** 2 if np.ptp(parts["a"]) > 0 else 0
    assert straight - 1e-9 <= ratio <= 1
    assert correlation_ratio(parts["b"], parts["b"]) == pytest.approx(1, abs=1e-9)


@given(tables.filter(lambda parts: parts.shape[1] > 1 and np.ptp(parts["b"]) > 0), st.floats(0.1, 10), st.floats(-5, 5))
def test_ratio_does_not_depend_on_the_scale_of_y(parts: pd.DataFrame, factor: float, shift: float) -> None:
    assert correlation_ratio(parts["a"], parts["b"] * factor + shift) == pytest.approx(correlation_ratio(parts["a"], parts["b"]), abs=1e-6)


def test_noise_tells_next_to_nothing() -> None:
    draws = np.random.default_rng(3).normal(size=(40, 2, 63))
    assert np.mean([correlation_ratio(pd.Series(x), pd.Series(y)) for x, y in draws]) < 0.06


def test_units_of_a_ratio_are_matched_by_name() -> None:
    x = pd.Series(range(6), index=list("abcdef"), dtype="float64")
    assert correlation_ratio(x, x.iloc[::-1]) == pytest.approx(1)
    with pytest.raises(RequestError, match="3 units have all of the 2 parts"):
        correlation_ratio(x, x.iloc[:3])
    with pytest.raises(RequestError, match="all units have the same total"):
        correlation_ratio(x, x * 0)


# ---------------------------------------------------------------- importance


def test_importance_of_uncorrelated_parts_is_their_share_of_variance() -> None:
    """Levels 0 to 3, weights 1 2 3: variances 1 4 9 of 14."""
    found = importance(grid(1, 1, 1), {"a": 1, "b": 2, "c": 3})
    assert found["weight"].tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    for column in ("squared_correlation", "correlation_ratio", "importance_share"):
        assert found[column].tolist() == pytest.approx([1 / 14, 4 / 14, 9 / 14], abs=1e-9)
    assert found["excess"].tolist() == pytest.approx([1 / 14 - 1 / 6, 4 / 14 - 2 / 6, 9 / 14 - 3 / 6], abs=1e-9)


def test_equal_weights_are_no_equal_importance() -> None:
    found = importance(grid(1, 3), {"a": 1, "b": 1})
    assert found["importance_share"].tolist() == pytest.approx([0.1, 0.9], abs=1e-9)


def test_squared_correlation_is_that_with_the_weighted_index() -> None:
    found = importance(FIVE, {"a": 2, "b": 1, "c": 1})
    index = 2 * FIVE["a"] + FIVE["b"] + FIVE["c"]
    assert found["squared_correlation"].tolist() == pytest.approx([np.corrcoef(FIVE["a"], index)[0, 1] ** 2, np.corrcoef(FIVE["b"], index)[0, 1] ** 2, 0])


@settings(max_examples=40)
@given(tables.filter(varies), st.randoms(use_true_random=False))
def test_order_of_units_and_parts_changes_neither_estimate_nor_interval(parts: pd.DataFrame, random: object) -> None:
    weights = dict.fromkeys(parts.columns, 1.0)
    shuffled = parts.sample(frac=1, random_state=random.randint(0, 9999)).iloc[:, ::-1]  # type: ignore[attr-defined]
    found, expected = (importance(table, weights, resampled=resamples(table.index, rng=np.random.default_rng(7), draws=30)) for table in (shuffled, parts))
    pd.testing.assert_frame_equal(found.loc[parts.columns], expected, rtol=0, atol=1e-7)


@settings(max_examples=40)
@given(tables.filter(varies), cells)
def test_constant_part_has_no_importance(parts: pd.DataFrame, level: float) -> None:
    extended = parts.assign(constant=level)
    found = importance(extended, dict.fromkeys(extended.columns, 1.0), resampled=resamples(parts.index, rng=np.random.default_rng(7), draws=30)).loc["constant"]
    assert found[["squared_correlation", "correlation_ratio", "ratio_low", "ratio_high", "share_low", "share_high"]].tolist() == [0] * 6


@settings(max_examples=40)
@given(tables.filter(varies), st.integers(0, 99))
def test_shares_and_intervals_are_well_formed(parts: pd.DataFrame, seed: int) -> None:
    found = importance(parts, dict.fromkeys(parts.columns, 1.0), resampled=resamples(parts.index, rng=np.random.default_rng(seed), draws=30))
    assert found["importance_share"].sum() == pytest.approx(1)
    assert found["excess"].sum() == pytest.approx(0, abs=1e-9)
    assert (found["squared_correlation"] <= found["correlation_ratio"] + 1e-9).all()
    for name in ("ratio", "share"):
        assert ((found[f"{name}_low"] >= 0) & (found[f"{name}_low"] <= found[f"{name}_high"]) & (found[f"{name}_high"] <= 1)).all()


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Eight independent parts of 63 units, sd 1 but one of 2: ratios 1/11 and 4/11. 120 samples, 90 % intervals."""
    rng, covered = np.random.default_rng(11), []
    truth = np.array([1, 1, 1, 1, 4, 1, 1, 1]) / 11
    for _ in range(120):
        parts = pd.DataFrame(rng.normal(size=(63, 8)) * np.sqrt(truth), columns=list("abcdefgh")).set_axis([f"{i:02d}" for i in range(63)])
        found = importance(parts, dict.fromkeys(parts.columns, 1.0), resampled=resamples(parts.index, rng=rng, draws=200))
        covered.append((found["ratio_low"].to_numpy() <= truth) & (truth <= found["ratio_high"].to_numpy()))
    assert 0.8 < np.mean(covered) < 0.97


def test_wider_level_has_a_wider_interval() -> None:
    drawn = resamples(grid(1, 2).index, rng=np.random.default_rng(1), draws=200)
    narrow, wide = (importance(grid(1, 2), {"a": 1, "b": 1}, resampled=drawn, level=level) for level in (0.5, 0.95))
    assert (narrow["ratio_low"] > wide["ratio_low"]).all()
    assert (narrow["ratio_high"] < wide["ratio_high"]).all()


def test_samples_in_which_all_units_are_equal_are_left_out() -> None:
    drawn = pd.DataFrame([[5, 0, 0, 0, 0], [1, 1, 1, 1, 1]], columns=FIVE.index)
    found = importance(FIVE, {"a": 1, "b": 1, "c": 1}, resampled=drawn)
    assert found["ratio_low"].tolist() == pytest.approx(found["correlation_ratio"].tolist())


def test_incomplete_unit_is_left_out_of_samples_too() -> None:
    parts = pd.concat([FIVE, pd.DataFrame({"a": [90.0], "b": [None], "c": [4.0]}, index=["06"])])
    drawn = resamples(parts.index, rng=np.random.default_rng(1), draws=50)
    found = importance(parts, {"a": 1, "b": 1, "c": 1}, resampled=drawn)
    pd.testing.assert_frame_equal(found, importance(FIVE, {"a": 1, "b": 1, "c": 1}, resampled=drawn))
    assert found["n"].tolist() == [5, 5, 5]


def test_samples_count_every_unit_and_do_not_depend_on_the_order_of_units() -> None:
    first, second = (resamples(units, rng=np.random.default_rng(4), draws=20) for units in (["03", "01", "02"], ["01", "02", "03"]))
    pd.testing.assert_frame_equal(first, second)
    assert (first.sum(axis=1) == 3).all()


def test_requests_without_importance_are_refused() -> None:
    with pytest.raises(RequestError, match="no weight: b; no such part: z; negative weight: a"):
        importance(FIVE, {"a": -1, "c": 1, "z": 1})
    with pytest.raises(RequestError, match="the weights sum to 0"):
        importance(FIVE, {"a": 0, "b": 0, "c": 0})
    with pytest.raises(RequestError, match=r"not a finite number: a \(weight\)"):
        importance(FIVE, {"a": math.inf, "b": 1, "c": 1})
    with pytest.raises(RequestError, match="all units have the same total"):
        importance(FIVE, {"a": 0, "b": 0, "c": 1})
    with pytest.raises(RequestError, match="all units have the same total"):
        variance_shares(FIVE[["c"]])
    with pytest.raises(RequestError, match="4 units have all of the 3 parts"):
        importance(FIVE.iloc[:4], {"a": 1, "b": 1, "c": 1})
    with pytest.raises(RequestError, match="1 units have all of the 3 parts"):
        variance_shares(FIVE.iloc[:1])
    with pytest.raises(RequestError, match=r"not a finite number: 01 \(a\)"):
        variance_shares(FIVE.assign(a=[math.inf, 2, 3, 4, 5]))


def test_requests_without_samples_are_refused() -> None:
    weights = {"a": 1, "b": 1, "c": 1}
    drawn = resamples(FIVE.index, rng=np.random.default_rng(1), draws=10)
    with pytest.raises(RequestError, match="units that were not resampled: 05"):
        importance(FIVE, weights, resampled=drawn.drop(columns="05"))
    with pytest.raises(RequestError, match="negative, missing, or all 0"):
        importance(FIVE, weights, resampled=drawn * 0)
    with pytest.raises(RequestError, match="level 1"):
        importance(FIVE, weights, resampled=drawn, level=1)
    with pytest.raises(RequestError, match="no sample has units that differ"):
        importance(FIVE, weights, resampled=pd.DataFrame([[5, 0, 0, 0, 0]], columns=FIVE.index))
    for units, draws in ((["01", "01"], 5), ([], 5), (["01"], 0)):
        with pytest.raises(RequestError, match="draws of"):
            resamples(units, rng=np.random.default_rng(1), draws=draws)


def test_input_is_not_changed() -> None:
    before = FIVE.copy()
    variance_shares(FIVE)
    importance(FIVE, {"a": 1, "b": 1, "c": 1})
    pd.testing.assert_frame_equal(FIVE, before)


def test_shares_of_two_units_are_those_of_their_difference() -> None:
    """Of two units every part's share is its part of the difference of the totals: -1 of 2, and 3 of 2."""
    found = variance_shares(pd.DataFrame({"a": [5.0, 4], "b": [1.0, 4]}, index=["01", "02"]))
    assert found["share"].tolist() == pytest.approx([-0.5, 1.5])
