"""Ranks shared out: against every order by brute force, and the laws of the Shapley value."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.efforts import own_and_others
from par_analysis.metrics.ranks import rank
from par_analysis.metrics.shapley import MOST_DOMAINS, OTHERS, change_shapley, rank_shapley

from .made import of_scores, table, value


@st.composite
def tables(draw: st.DrawFn, count: int = 1, domains: int = 3) -> list[pd.DataFrame]:
    """Tables of small whole numbers over the same units and domains: many ties."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, domains))
    rows = st.lists(st.lists(st.integers(0, 4), min_size=m, max_size=m), min_size=n, max_size=n)
    return [pd.DataFrame(draw(rows), index=[f"{i:02}" for i in range(n)], columns=list("abc")[:m], dtype="float64") for _ in range(count)]


def place(score: float, field: np.ndarray, omega: float) -> float:
    """1 + how many are better + omega · how many are equal, counted one by one."""
    return 1 + sum(other > score + 1e-9 for other in field) + omega * sum(abs(other - score) <= 1e-9 for other in field)


def over_orders(players: int, value_of: object) -> np.ndarray:
    """The mean marginal value of each player over all orders."""
    found = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        for i, player in enumerate(order):
            found[player] += value_of(set(order[: i + 1])) - value_of(set(order[:i]))  # type: ignore[operator]
    return found / len(orders)


@settings(max_examples=30)
@given(tables())
def test_rank_effects_agree_with_all_orders_one_by_one(drawn: list[pd.DataFrame]) -> None:
    points = drawn[0]
    x = points.to_numpy()
    total = x.sum(axis=1)
    found = rank_shapley(points).effects.to_numpy()
    for i in range(len(x)):

        def mean_rank(players: set[int], i: int = i) -> float:
            inside = [d in players for d in range(x.shape[1])]
            return float(np.mean([place(np.where(inside, x[i], row).sum(), total, 0.5) - 0.5 for row in x]))

        assert found[i] == pytest.approx(over_orders(x.shape[1], mean_rank), abs=1e-9)


@given(tables(), st.booleans())
def test_rank_effects_sum_to_the_distance_from_the_middle(drawn: list[pd.DataFrame], up: bool) -> None:
    found = rank_shapley(drawn[0], higher_is_better=up)
    ranks = rank(drawn[0].sum(axis=1), ties="average", higher_is_better=up)
    pd.testing.assert_series_equal(found.rank, ranks)
    assert found.effects.sum(axis=1).tolist() == pytest.approx((ranks - found.expected).tolist(), abs=1e-9)
    assert found.effects.sum().tolist() == pytest.approx([0.0] * drawn[0].shape[1], abs=1e-9)
    assert found.error.eq(0).all(axis=None)


@given(tables(), st.integers(0, 99))
def test_sums_of_a_sample_are_exact_and_a_dull_domain_has_nothing(drawn: list[pd.DataFrame], seed: int) -> None:
    points = pd.concat([drawn[0], drawn[0] + 1], ignore_index=True).assign(dull=7.0)
    found = rank_shapley(points, sample=2, rng=np.random.default_rng(seed))
    assert found.effects.sum(axis=1).tolist() == pytest.approx((found.rank - found.expected).tolist(), abs=1e-9)
    assert found.effects["dull"].abs().max() < 1e-12
    assert found.error["dull"].abs().max() < 1e-12


@given(tables(count=2))
def test_domain_in_which_all_are_equal_has_nothing(drawn: list[pd.DataFrame]) -> None:
    old, new = (points.assign(dull=7.0) for points in drawn)
    assert rank_shapley(old).effects["dull"].abs().max() < 1e-9
    assert change_shapley(old, new).effects["dull"].abs().max() < 1e-9


@given(tables(count=2), st.randoms(use_true_random=False))
def test_order_and_names_of_units_and_domains_do_not_matter(drawn: list[pd.DataFrame], random: object) -> None:
    seed = random.randint(0, 9999)  # type: ignore[attr-defined]
    old, new = drawn
    mixed = [points.sample(frac=1, random_state=seed).sample(frac=1, axis=1, random_state=seed + i) for i, points in enumerate(drawn)]
    for found, again in (
        (rank_shapley(old).effects, rank_shapley(mixed[0].rename(columns=str.upper)).effects.rename(columns=str.lower)),
        (change_shapley(old, new).effects, change_shapley(*mixed).effects),
    ):
        assert np.allclose(again.loc[found.index, found.columns], found, atol=1e-9)


def test_equal_domains_share_equally() -> None:
    """Two domains with the same points: the rank of 5 by hand is 1, 2, 3, 4.5, 4.5, and each domain has half the distance from 3."""
    points = pd.DataFrame({"a": [9.0, 8, 7, 1, 1], "b": [9.0, 8, 7, 1, 1]}, index=["01", "02", "04", "06", "08"])
    found = rank_shapley(points)
    assert found.rank.tolist() == [1, 2, 3, 4.5, 4.5]
    assert found.effects["a"].tolist() == pytest.approx([-1, -0.5, 0, 0.75, 0.75])
    assert found.effects["b"].tolist() == pytest.approx([-1, -0.5, 0, 0.75, 0.75])


def test_unit_with_missing_points_has_no_effects_and_is_no_reference() -> None:
    points = pd.DataFrame({"a": [3.0, 2, np.nan, 1], "b": [1.0, 2, 9, 1]}, index=["01", "02", "04", "06"])
    found, without = rank_shapley(points), rank_shapley(points.drop("04"))
    assert found.effects.loc["04"].isna().all()
    assert found.expected == 2
    pd.testing.assert_frame_equal(found.effects.drop("04"), without.effects)


def test_nobody_has_no_effects() -> None:
    found = rank_shapley(pd.DataFrame({"a": [np.nan]}, index=["01"]))
    assert found.effects.isna().all(axis=None)
    assert change_shapley(pd.DataFrame({"a": [np.nan]}), pd.DataFrame({"a": [1.0]})).effects.isna().all(axis=None)


def test_sample_errs_by_about_its_standard_error() -> None:
    """60 samples of 20 from 60 units: effects lie from the exact ones as far as the errors say (root mean square 1, within a tenth or so)."""
    points = pd.DataFrame(np.random.default_rng(3).normal(size=(60, 4)), columns=list("abcd"))
    exact = rank_shapley(points).effects
    drawn = [rank_shapley(points, sample=20, rng=np.random.default_rng(seed)) for seed in range(60)]
    far = np.array([((found.effects - exact) / found.error).to_numpy() for found in drawn])
    assert 0.85 < np.sqrt((far**2).mean()) < 1.2
    assert np.abs(far.mean()) < 0.1


def test_sample_of_all_units_is_exact_and_labels_can_be_given() -> None:
    points = pd.DataFrame(np.random.default_rng(3).normal(size=(9, 3)), columns=list("abc"), index=[f"{i:02}" for i in range(9)])
    whole = rank_shapley(points, sample=list(points.index[::-1]))
    assert np.allclose(whole.effects, rank_shapley(points).effects, atol=1e-9)
    assert whole.error.abs().to_numpy().max() < 1e-12
    drawn = np.random.default_rng(5).choice(9, size=4, replace=False)
    by_label = rank_shapley(points, sample=[f"{i:02}" for i in drawn]).effects
    pd.testing.assert_frame_equal(by_label, rank_shapley(points, sample=4, rng=np.random.default_rng(5)).effects)


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (1, "a sample of 1 from 3"),
        (4, "a sample of 4 from 3"),
        (2, "rng"),
        (["01", "09"], "no scored unit: 09"),
        (["01", "01"], "drawn twice: 01"),
    ],
)
def test_faulty_sample_is_refused(sample: int | list[str], words: str) -> None:
    points = pd.DataFrame({"a": [1.0, 2, 3, np.nan]}, index=["01", "02", "03", "09"])
    with pytest.raises(RequestError, match=words):
        rank_shapley(points, sample=sample)


@pytest.mark.parametrize("count", [0, MOST_DOMAINS + 1])
def test_number_of_domains_is_limited(count: int) -> None:
    points = pd.DataFrame(np.zeros((2, count)))
    for call in (lambda: rank_shapley(points), lambda: change_shapley(points, points)):
        with pytest.raises(RequestError, match=f"{count} domains"):
            call()


# ---------------------------------------------------------------- changes


@settings(max_examples=30)
@given(tables(count=2, domains=2), st.sampled_from([0.0, 0.5, 1.0]))
def test_change_effects_agree_with_all_orders_one_by_one(drawn: list[pd.DataFrame], omega: float) -> None:
    x0, x1 = (points.to_numpy() for points in drawn)
    found = change_shapley(*drawn, omega=omega).effects.to_numpy()
    for i in range(len(x0)):

        def gained(players: set[int], i: int = i) -> float:
            inside = [d in players for d in range(x0.shape[1])]
            others = np.delete(x1 if x0.shape[1] in players else x0, i, axis=0).sum(axis=1)
            return -place(np.where(inside, x1[i], x0[i]).sum(), others, omega)

        assert found[i] == pytest.approx(over_orders(x0.shape[1] + 1, gained), abs=1e-9)


@given(tables(count=2), st.sampled_from([0.0, 0.5, 1.0]), st.booleans())
def test_change_effects_sum_to_the_places_gained(drawn: list[pd.DataFrame], omega: float, up: bool) -> None:
    found = change_shapley(*drawn, omega=omega, higher_is_better=up)
    old, new = (rank(points.sum(axis=1), ties=omega, higher_is_better=up) for points in drawn)
    assert found.ranks["old"].tolist() == old.tolist()
    assert found.ranks["change"].tolist() == (old - new).tolist()
    assert found.effects.sum(axis=1).tolist() == pytest.approx((old - new).tolist(), abs=1e-9)


@settings(max_examples=25)
@given(tables(count=2, domains=1))
def test_one_domain_gives_the_own_and_the_others_effect(drawn: list[pd.DataFrame]) -> None:
    old, new = (points["a"].to_dict() for points in drawn)
    panel = table(*of_scores(old, year=2022), *of_scores(new, year=2023))
    effects = change_shapley(*drawn).effects
    for unit in old:
        split = own_and_others(panel, unit=unit, year=2023, base=2022, units=list(old), comparable=True)
        assert value(split, "own_effect") == pytest.approx(effects.loc[unit, "a"], abs=1e-9)
        assert value(split, "others_effect") == pytest.approx(effects.loc[unit, OTHERS], abs=1e-9)


@given(tables())
def test_who_alone_moved_owes_nothing_to_the_others(drawn: list[pd.DataFrame]) -> None:
    old = drawn[0]
    new = old.copy()
    new.iloc[0] += 2
    found = change_shapley(old, new).effects
    assert found.iloc[0][OTHERS] == pytest.approx(0, abs=1e-9)
    assert found.iloc[1:][list(old.columns)].abs().to_numpy().max(initial=0) < 1e-9


def test_units_of_one_year_are_missing_and_not_in_the_field() -> None:
    old = pd.DataFrame({"a": [1.0, 2, 3]}, index=["01", "02", "03"])
    new = pd.DataFrame({"a": [4.0, 2, 9]}, index=["01", "02", "05"])
    found = change_shapley(old, new)
    assert found.effects.index.tolist() == ["01", "02", "03", "05"]
    assert found.effects.loc[["03", "05"]].isna().all(axis=None)
    assert found.ranks.loc["01"].tolist() == [2, 1, 1]


def test_domains_of_one_year_and_a_domain_called_others_are_refused() -> None:
    one, other = pd.DataFrame({"a": [1.0]}), pd.DataFrame({OTHERS: [1.0]})
    with pytest.raises(RequestError, match="not known in the new year: a"):
        change_shapley(one, other)
    with pytest.raises(RequestError, match="a domain is called 'others'"):
        change_shapley(other, other)


def test_many_units_are_weighed_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    old, new = (pd.DataFrame(rng.integers(0, 9, (30, 3)).astype(float), columns=list("abc")) for _ in range(2))
    whole = rank_shapley(old), rank_shapley(old, sample=[3, 5, 9]), change_shapley(old, new)  # type: ignore[list-item]
    monkeypatch.setattr("par_analysis.metrics.shapley._CELLS", 100)
    parts = rank_shapley(old), rank_shapley(old, sample=[3, 5, 9]), change_shapley(old, new)  # type: ignore[list-item]
    for one, other in zip(whole, parts, strict=True):
        assert np.allclose(one.effects, other.effects, atol=1e-9)


def test_input_is_left_alone() -> None:
    old, new = pd.DataFrame({"a": [1, 2], "b": [3, 1]}), pd.DataFrame({"b": [1, 1], "a": [2, 2]})
    before = old.copy(), new.copy()
    rank_shapley(old)
    change_shapley(old, new)
    pd.testing.assert_frame_equal(old, before[0])
    pd.testing.assert_frame_equal(new, before[1])
