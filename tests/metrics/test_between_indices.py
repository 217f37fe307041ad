"""Indices beside one another: rank correlations against scipy, intervals, and the units they disagree about."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.between_indices import LEAST_UNITS, correlation_interval, discordant, index_agreement, resample_counts

drawn_scores = st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=8, max_size=8)
TABLE = pd.DataFrame({"x": [9.0, 8, 7, 6, 5], "y": [5.0, 8, 7, 6, 9], "z": [9.0, 8, 7, None, None]}, list("abcde"))


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    return pd.DataFrame({name: draw(drawn_scores) for name in "xyz"}, [f"{i:02}" for i in range(8)], dtype="float64")


@given(tables())
@settings(max_examples=30)
def test_coefficients_agree_with_scipy(table: pd.DataFrame) -> None:
    found = index_agreement(table, rng(), draws=20).pairs
    for (a, b), row in found.iterrows():  # type: ignore[misc]
        both = table[[a, b]].dropna()
        assert row["n"] == len(both)
        if len(both) < LEAST_UNITS or both.nunique().min() < 2:
            assert np.isnan(row["spearman"])
            assert np.isnan(row["kendall"])
            assert np.isnan(row["low"])
        else:
            assert row["spearman"] == pytest.approx(stats.spearmanr(both[a], both[b]).statistic)
            assert row["kendall"] == pytest.approx(stats.kendalltau(both[a], both[b]).statistic)


def test_tau_b_agrees_with_giddy() -> None:
    """R22: giddy (BSD-3), tests/test_rank.py: tau-b of [12, 2, 1, 12, 2] and [1, 4, 7, 1, 0] = -0.47140452."""
    found = index_agreement({"x": pd.Series([12.0, 2, 1, 12, 2]), "y": pd.Series([1.0, 4, 7, 1, 0])}, rng(), draws=20)
    assert found.pairs["kendall"].item() == pytest.approx(-0.47140452, abs=1e-8)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=5, max_size=9), st.sampled_from(["pearson", "spearman"]), st.integers(0, 99))
@settings(max_examples=30)
def test_each_sample_is_correlated_as_if_written_out(drawn: list[tuple[int, int]], kind: str, seed: int) -> None:
    """The interval of one sample is that sample's coefficient, computed by scipy from the units repeated."""
    a, b = np.array(drawn, dtype=float).T
    samples = resample_counts(len(a), rng(seed), draws=1)
    estimate, low, high = correlation_interval(a, b, samples, kind=kind)  # type: ignore[arg-type]
    written = [np.repeat(scores, samples[0]) for scores in (a, b)]
    of = stats.spearmanr if kind == "spearman" else stats.pearsonr
    if min(len(set(scores)) for scores in (a, b, *written)) > 1:
        assert low == high == pytest.approx(of(*written).statistic)
        assert estimate == pytest.approx(of(a, b).statistic)
    else:
        assert np.isnan(low)
        assert np.isnan(high)


def test_interval_agrees_with_the_percentile_bootstrap_of_scipy() -> None:
    """Other draws of the same distribution: within the error of 4,000 draws."""
    x = rng(3).normal(size=40)
    y = x + rng(4).normal(size=40)
    _, *ends = correlation_interval(x, y, resample_counts(40, rng(), draws=4000))
    other = stats.bootstrap((x, y), lambda a, b: stats.spearmanr(a, b).statistic, paired=True, vectorized=False, n_resamples=4000, method="percentile", rng=rng(2))
    assert ends == pytest.approx([other.confidence_interval.low, other.confidence_interval.high], abs=0.02)


@given(tables(), st.integers(0, 9))
@settings(max_examples=20)
def test_agreement_is_symmetric_and_one_with_itself(table: pd.DataFrame, seed: int) -> None:
    forth, back = (index_agreement(table[list(order)], rng(seed), draws=30) for order in ("xyz", "zyx"))
    for measure in ("spearman", "low", "high", "kendall"):
        matrix = forth.matrix(measure)
        assert (np.diag(matrix) == 1).all()
        pd.testing.assert_frame_equal(matrix, matrix.T)
        pd.testing.assert_frame_equal(back.matrix(measure).loc[list("xyz"), list("xyz")], matrix)
    itself = index_agreement({"a": table["x"], "b": table["x"]}, rng(seed), draws=30).pairs.iloc[0]
    assert np.isnan(itself["spearman"]) or itself[["spearman", "kendall"]].tolist() == pytest.approx([1, 1])


@given(tables(), st.integers(0, 99))
@settings(max_examples=20)
def test_order_of_units_does_not_matter(table: pd.DataFrame, seed: int) -> None:
    shuffled = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(index_agreement(shuffled, rng(), draws=30).pairs, index_agreement(table, rng(), draws=30).pairs)


@given(tables())
@settings(max_examples=20)
def test_turning_an_index_about_turns_the_sign(table: pd.DataFrame) -> None:
    up = index_agreement(table[["x", "y"]], rng(), draws=30).pairs.iloc[0]
    down = index_agreement(table[["x", "y"]], rng(), draws=30, higher_is_better={"x": True, "y": False}).pairs.iloc[0]
    both = index_agreement(table[["x", "y"]], rng(), draws=30, higher_is_better=False).pairs.iloc[0]
    np.testing.assert_allclose(down[["spearman", "low", "high", "kendall"]].tolist(), (-up[["spearman", "high", "low", "kendall"]]).tolist(), atol=1e-12)
    pd.testing.assert_series_equal(both, up)


def test_pairs_have_their_own_numbers_of_units() -> None:
    found = index_agreement(TABLE, rng(), draws=50)
    assert found.pairs["n"].to_dict() == {("x", "y"): 5, ("x", "z"): 3, ("y", "z"): 3}
    assert found.pairs["spearman"].isna().tolist() == [False, True, True]
    assert found.matrix("n").loc["x", "y"] == 5
    assert found.matrix("n").isna().loc["x", "x"]
    pd.testing.assert_frame_equal(index_agreement({name: TABLE[name].dropna() for name in TABLE}, rng(), draws=50).pairs, found.pairs)


def test_indices_without_a_common_unit_have_no_agreement() -> None:
    found = index_agreement({"x": pd.Series([1.0], ["a"]), "y": pd.Series([1.0], ["b"])}, rng(), draws=5).pairs.iloc[0]
    assert found["n"] == 0
    assert np.isnan(found["spearman"])


def test_same_generator_state_gives_the_same_interval() -> None:
    first, second = (index_agreement(TABLE, rng(7), draws=100).pairs for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_wide_coverage_holds_the_narrow() -> None:
    x, y = rng(5).normal(size=(2, 30))
    samples = resample_counts(30, rng(), draws=300)
    (estimate, low, high), (_, lower, higher) = (correlation_interval(x, y, samples, coverage=coverage) for coverage in (0.5, 0.95))
    assert lower < low < estimate < high < higher


def test_samples_without_variance_are_passed_over() -> None:
    a = np.array([0.0, 0, 0, 1])
    samples = np.array([[2, 1, 1, 0], [1, 1, 1, 1]])
    assert correlation_interval(a, a, samples) == (1, 1, 1)
    assert np.isnan(correlation_interval(a, a, samples[:1])[1:]).all()
    assert np.isnan(correlation_interval(np.full(4, 0.1), a, samples, kind="pearson")).all()


def test_discordant_units_of_a_hand_table() -> None:
    """x: 1 2 3 4 5, y: 5 2 3 4 1; a and e change places."""
    found = discordant(TABLE, "x", "y", count=1)
    assert found["rank_gap"].to_dict() == {"a": -4.0, "e": 4.0}
    assert found["out_of"].tolist() == [5, 5]
    assert discordant(TABLE, "y", "x", count=2)["rank_gap"].to_dict() == {"a": 4.0, "e": -4.0}
    assert len(discordant(TABLE, "x", "y")) == 2
    assert discordant(TABLE, "x", "z").empty
    assert discordant(TABLE, "x", "y", higher_is_better={"x": True, "y": False, "z": True})["rank_gap"].abs().max() == 2


@given(tables(), st.integers(1, 4), st.integers(0, 99))
def test_discordant_units_are_the_furthest_apart(table: pd.DataFrame, count: int, seed: int) -> None:
    found = discordant(table, "x", "y", count=count)
    both = table[["x", "y"]].dropna()
    gap = both["x"].rank(ascending=False) - both["y"].rank(ascending=False)
    left = gap.drop(found.index).abs()
    assert found["rank_gap"].to_dict() == gap[found.index].to_dict()
    assert found.empty or left.empty or left.max() < found["rank_gap"].abs().min()
    pd.testing.assert_frame_equal(discordant(table.sample(frac=1, random_state=seed), "x", "y", count=count), found)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: index_agreement(TABLE[["x"]], rng()), "1 index"),
        (lambda: index_agreement(pd.concat([TABLE, TABLE]), rng()), "listed twice"),
        (lambda: index_agreement(TABLE[["x", "x"]], rng()), "listed twice"),
        (lambda: index_agreement({"x": TABLE["x"], "y": pd.concat([TABLE["y"], TABLE["y"]])}, rng()), "listed twice"),
        (lambda: index_agreement(TABLE * np.inf, rng()), "not finite: x, y, z"),
        (lambda: index_agreement(TABLE, rng(), higher_is_better={"x": True}), "no direction of y, z"),
        (lambda: index_agreement(TABLE, rng(), coverage=1.0), "coverage 1.0"),
        (lambda: index_agreement(TABLE, rng(), draws=0), "0 samples"),
        (lambda: correlation_interval(np.arange(4.0), np.arange(5.0), resample_counts(4, rng())), "vectors of 4 and 5"),
        (lambda: correlation_interval(np.full(4, np.nan), np.arange(4.0), resample_counts(4, rng())), "finite scores"),
        (lambda: correlation_interval(np.arange(4.0), np.arange(4.0), resample_counts(5, rng())), "samples of 5 units"),
        (lambda: discordant(TABLE, "x", "x"), "5 units by x and x"),
        (lambda: discordant(TABLE, "x", "y", count=0), "0 units by x and y"),
    ],
)
def test_wrong_requests_are_refused_by_name(call: Callable[[], object], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        call()


def test_unknown_words_are_refused() -> None:
    with pytest.raises(UnknownName, match="index 'pap'"):
        discordant(TABLE, "x", "pap")
    with pytest.raises(UnknownName, match="measure of agreement 'rho'"):
        index_agreement(TABLE, rng(), draws=5).matrix("rho")
    with pytest.raises(UnknownName, match="correlation 'kendall'"):
        correlation_interval(np.arange(4.0), np.arange(4.0), resample_counts(4, rng()), kind="kendall")  # type: ignore[arg-type]
