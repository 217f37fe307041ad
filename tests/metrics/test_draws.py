"""Random weights: totals, groups, orders, bounds, and that labels and their order decide nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.draws import constrained_weights, dirichlet_weights, perturbed_weights, require_count, require_weights, scaled_weights

NAMES = ["a", "b", "c", "d"]
GROUPS = {"a": "left", "b": "left", "c": "right", "d": "right"}
seeds = st.integers(0, 999)
some_weights = st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any).map(lambda drawn: dict(zip(NAMES, map(float, drawn), strict=True)))


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(some_weights, seeds, st.floats(0, 0.9))
def test_groups_keep_their_totals(weights: dict[str, float], seed: int, reach: float) -> None:
    found = perturbed_weights(weights, rng(seed), draws=20, reach=reach, groups=GROUPS)
    assert np.allclose(found[["a", "b"]].sum(axis=1), weights["a"] + weights["b"])
    assert np.allclose(found[["c", "d"]].sum(axis=1), weights["c"] + weights["d"])


@given(some_weights, seeds, st.floats(0, 0.9))
def test_weight_stays_within_reach_of_its_share(weights: dict[str, float], seed: int, reach: float) -> None:
    """Renormalising divides by between 1 - reach and 1 + reach."""
    found, plain = perturbed_weights(weights, rng(seed), draws=20, reach=reach), pd.Series(weights)
    assert (found.ge(plain * (1 - reach) / (1 + reach) - 1e-9) & found.le(plain * (1 + reach) / (1 - reach) + 1e-9)).all(axis=None)


@given(some_weights, seeds)
def test_no_reach_gives_the_weights_themselves(weights: dict[str, float], seed: int) -> None:
    found = perturbed_weights(weights, rng(seed), draws=3, reach=0, groups=GROUPS)
    assert np.allclose(found, pd.Series(weights))


@given(some_weights, seeds, st.permutations(NAMES))
def test_order_of_columns_does_not_change_the_draws(weights: dict[str, float], seed: int, order: list[str]) -> None:
    turned = {name: weights[name] for name in order}
    pd.testing.assert_frame_equal(perturbed_weights(turned, rng(seed), draws=5)[NAMES], perturbed_weights(weights, rng(seed), draws=5))
    pd.testing.assert_frame_equal(dirichlet_weights(order, rng(seed), draws=5)[NAMES], dirichlet_weights(NAMES, rng(seed), draws=5))
    bounds = {"high": 0.6, "order": ["c", "a"]}
    pd.testing.assert_frame_equal(constrained_weights(order, rng(seed), draws=5, **bounds)[NAMES], constrained_weights(NAMES, rng(seed), draws=5, **bounds))  # type: ignore[arg-type]


def test_column_alone_in_its_group_keeps_its_weight() -> None:
    found = perturbed_weights({"a": 0.2, "b": 0.3, "c": 0.5}, rng(), draws=10, groups={"a": "x", "b": "y", "c": "y"})
    assert np.allclose(found["a"], 0.2)
    assert found["b"].nunique() == 10


def test_perturbation_before_renormalising_is_uniform() -> None:
    """Two equal weights: w1/w2 = U1/U2, so that the share lies in [3/8, 5/8], both ends nearly met in many draws, and its mean is 1/2."""
    found = perturbed_weights({"a": 1, "b": 1}, rng(), draws=50_000)["a"] / 2
    assert found.min() == pytest.approx(3 / 8, abs=2e-3)
    assert found.max() == pytest.approx(5 / 8, abs=2e-3)
    assert found.mean() == pytest.approx(0.5, abs=1e-3)


def test_points_are_turned_into_weights_by_hand() -> None:
    """Weights 3, 1, 4 in groups (a, b), (c): 3 x 1.2 and 1 x 0.8 are brought back to 4."""
    points = pd.DataFrame({"a": [1.0], "b": [0.0], "c": [0.7]})
    found = scaled_weights({"a": 3, "b": 1, "c": 4}, points, reach=0.2, groups={"a": "x", "b": "x", "c": "y"})
    assert found.iloc[0].tolist() == pytest.approx([4 * 3.6 / 4.4, 4 * 0.8 / 4.4, 4])


def test_uniform_weights_have_the_moments_of_the_simplex() -> None:
    """Dirichlet(1) of n: mean 1/n, variance (n - 1) / (n^2 (n + 1))."""
    found = dirichlet_weights(NAMES, rng(), draws=50_000)
    assert np.allclose(found.mean(), 1 / 4, atol=0.003)
    assert np.allclose(found.var(), 3 / 80, atol=0.001)


def test_concentration_of_its_own_centres_the_weights() -> None:
    found = dirichlet_weights(["a", "b"], rng(), draws=20_000, concentration={"a": 30, "b": 10})
    assert found["a"].mean() == pytest.approx(0.75, abs=0.002)
    assert found["a"].var() == pytest.approx(0.75 * 0.25 / 41, rel=0.05)


@given(seeds, st.permutations(NAMES))
def test_order_of_importance_is_kept(seed: int, order: list[str]) -> None:
    found = constrained_weights(NAMES, rng(seed), draws=50, order=order)[order].to_numpy()
    assert (np.diff(found, axis=1) <= 0).all()
    assert np.allclose(found.sum(axis=1), 1)


def test_ordered_weights_have_their_known_means() -> None:
    """Uniform on w1 >= w2 >= w3: means (1 + 1/2 + 1/3)/3, (1/2 + 1/3)/3, (1/3)/3, the rank-order centroid (Barron and Barrett 1996)."""
    found = constrained_weights(["a", "b", "c"], rng(), draws=50_000, order=["c", "a", "b"])
    assert found.mean()[["c", "a", "b"]].tolist() == pytest.approx([11 / 18, 5 / 18, 2 / 18], abs=0.003)


@given(seeds, st.floats(0, 0.24), st.floats(0.26, 1))
def test_bounds_are_kept(seed: int, low: float, high: float) -> None:
    found = constrained_weights(NAMES, rng(seed), draws=50, low=low, high=high)
    assert (found.ge(low - 1e-9) & found.le(high + 1e-9)).all(axis=None)
    assert np.allclose(found.sum(axis=1), 1)


def plain_rejection(draws: int, keeps: object) -> pd.DataFrame:
    """The same by definition: uniform weights, those that break a constraint thrown away."""
    drawn = dirichlet_weights(["a", "b", "c"], rng(7), draws=draws)
    return drawn[keeps(drawn)]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("constraints", "keeps"),
    [
        pytest.param({"low": {"a": 0.5}}, lambda w: w["a"] >= 0.5, id="simplex of the lower bounds"),
        pytest.param({"high": 0.4}, lambda w: (w <= 0.4).all(axis=1), id="simplex of the upper bounds"),
        pytest.param({"low": 0.2, "high": {"a": 0.4, "b": 0.5}}, lambda w: (w >= 0.2).all(axis=1) & (w["a"] <= 0.4) & (w["b"] <= 0.5), id="both"),
        pytest.param({"low": {"a": 0.1, "b": 0.2}, "high": {"a": 0.2, "b": 0.3}}, lambda w: w["a"].between(0.1, 0.2) & w["b"].between(0.2, 0.3), id="box"),
        pytest.param({"order": ["a", "b"], "high": {"a": 0.5}}, lambda w: (w["a"] >= w["b"]) & (w["a"] <= 0.5), id="order and a bound"),
        pytest.param({"order": ["b", "a", "c"], "low": {"c": 0.1}}, lambda w: (w["b"] >= w["a"]) & (w["a"] >= w["c"]) & (w["c"] >= 0.1), id="order and another"),
    ],
)
def test_constrained_weights_are_uniform_whatever_the_region_they_come_from(constraints: dict[str, object], keeps: object) -> None:
    from scipy.stats import ks_2samp

    found, expected = constrained_weights(["a", "b", "c"], rng(3), draws=5000, **constraints), plain_rejection(200_000, keeps)  # type: ignore[arg-type]
    assert all(ks_2samp(found[name], expected[name]).statistic < 0.05 for name in "abc")


def test_quarter_round_equal_weights_is_found_for_many_columns() -> None:
    names = [f"c{i:02}" for i in range(90)]
    found = constrained_weights(names, rng(), draws=100, low=0.75 / 90, high=1.25 / 90)
    assert found.shape == (100, 90)


def test_only_weights_that_keep_tight_bounds_are_given() -> None:
    assert np.allclose(constrained_weights(["a", "b"], rng(), draws=3, low={"a": 0.25}, high={"a": 0.25}), [0.25, 0.75])
    assert np.allclose(constrained_weights(["a", "b"], rng(), draws=3, low={"a": 0.25, "b": 0.75}), [0.25, 0.75])
    assert np.allclose(constrained_weights(["a", "b"], rng(), draws=3, high={"a": 0.25, "b": 0.75}), [0.25, 0.75])
    assert np.allclose(constrained_weights(["a"], rng(), draws=3), 1)


@pytest.mark.parametrize(
    ("constraints", "said"),
    [
        ({"low": 0.3}, "lower bounds sum to 1.2"),
        ({"high": 0.2}, "upper bounds to 0.8"),
        ({"low": {"a": 0.5}, "high": {"a": 0.4}}, "low is not below high for a"),
        ({"order": ["a", "b"], "low": {"b": 0.5}, "high": {"a": 0.4}}, "low is not below high for a, b"),
        ({"order": ["a", "a"]}, "stands twice"),
    ],
)
def test_constraints_that_nothing_keeps_are_refused(constraints: dict[str, object], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        constrained_weights(NAMES, rng(), draws=5, **constraints)  # type: ignore[arg-type]


def test_bounds_that_hardly_anything_keeps_are_refused() -> None:
    names = [f"c{i:02}" for i in range(20)]
    order = {"order": names, "low": {"c00": 0.0501}, "high": {"c00": 0.0502, "c01": 0.0501}}
    with pytest.raises(RequestError, match=r"only \d+ of 20000 random weights"):
        constrained_weights(names, rng(), draws=10, **order)  # type: ignore[arg-type]


@pytest.mark.parametrize("constraints", [{"order": ["z"]}, {"low": {"z": 0.1}}, {"high": {"z": 0.1}}])
def test_unknown_name_in_a_constraint_is_refused(constraints: dict[str, object]) -> None:
    with pytest.raises(UnknownName, match="unknown name in"):
        constrained_weights(NAMES, rng(), draws=5, **constraints)  # type: ignore[arg-type]


def test_all_that_is_wrong_with_weights_is_named_at_once() -> None:
    with pytest.raises(RequestError, match=r"not a finite number: b; negative: a; of no column: a, b; wanting: c"):
        require_weights({"a": -1, "b": float("nan")}, names=["c"])


@pytest.mark.parametrize(("weights", "said"), [({"a": 0.0}, "sum to zero"), ({}, "sum to zero"), ({"a": "much"}, "not a finite number: a")])
def test_weights_that_weigh_nothing_are_refused(weights: dict[str, float], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        require_weights(weights)


def test_repeated_names_are_refused() -> None:
    with pytest.raises(RequestError, match="repeated: a"):
        require_weights(pd.Series([1.0, 2.0], index=["a", "a"]))
    with pytest.raises(RequestError, match="names repeated: a"):
        dirichlet_weights(["a", "b", "a"], rng(), draws=1)
    with pytest.raises(RequestError, match="no names"):
        dirichlet_weights([], rng(), draws=1)


def test_many_wrong_names_are_cut_short() -> None:
    with pytest.raises(RequestError, match=r"c11 and 8 more$"):
        require_weights({f"c{i:02}": -1.0 for i in range(20)})


@pytest.mark.parametrize("draws", [0, -1, 2.5, True])
def test_number_of_draws_is_a_whole_number(draws: int) -> None:
    with pytest.raises(RequestError, match="draws = "):
        perturbed_weights({"a": 1}, rng(), draws=draws)
    assert require_count(3, "draws") == 3


@pytest.mark.parametrize("reach", [-0.1, 1.0, float("nan")])
def test_reach_outside_its_range_is_refused(reach: float) -> None:
    with pytest.raises(RequestError, match="reach"):
        perturbed_weights({"a": 1}, rng(), draws=1, reach=reach)


def test_points_outside_the_cube_are_refused() -> None:
    with pytest.raises(RequestError, match="outside"):
        scaled_weights({"a": 1}, pd.DataFrame({"a": [1.5]}))


def test_column_without_a_group_is_named() -> None:
    with pytest.raises(RequestError, match="without a group: b, c"):
        perturbed_weights({"a": 1, "b": 1, "c": 1}, rng(), draws=1, groups={"a": "x"})


@pytest.mark.parametrize("concentration", [0.0, -1.0, float("inf"), {"a": 0.0}])
def test_concentration_has_to_be_positive(concentration: float) -> None:
    with pytest.raises(RequestError, match="concentration not positive: a"):
        dirichlet_weights(["a", "b"], rng(), draws=1, concentration=concentration)
