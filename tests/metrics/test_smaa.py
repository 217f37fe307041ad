"""Acceptabilities and what goes with them: an independent recount of the thrombo data of the R package smaa, hand tables, and laws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.draws import dirichlet_weights
from par_analysis.metrics.perturbation import ranks_of_draws
from par_analysis.metrics.smaa import acceptability, central_weights, confidence_factors, entropy, pairwise_wins, ranking_entropy
from tests.conftest import SHARED

SMAA = SHARED / "refdata" / "smaa"
UNITS = ["01", "02", "03", "04", "05"]

FIVE = pd.DataFrame([[1, 2, 3, 4, 5], [1, 3, 2, 4, 5], [2, 1, 3, 5, 4], [1, 2, 4, 3, 5]], columns=UNITS)
"""Four draws of five units."""


@st.composite
def rankings(draw: st.DrawFn) -> pd.DataFrame:
    """Draws of full rankings without ties."""
    n = draw(st.integers(1, 6))
    return pd.DataFrame(draw(st.lists(st.permutations(range(1, n + 1)), min_size=1, max_size=8)), columns=[f"{i:02}" for i in range(n)])


@st.composite
def tied_rankings(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(1, 6))
    scores = draw(st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=1, max_size=8))
    return pd.DataFrame(scores, columns=[f"{i:02}" for i in range(n)]).rank(axis=1, method="min", ascending=False)


def test_acceptability_by_hand() -> None:
    found = acceptability(FIVE)
    assert found.loc["01"].tolist() == [0.75, 0.25, 0, 0, 0]
    assert found.loc["04"].tolist() == [0, 0, 0.25, 0.5, 0.25]
    assert found.columns.tolist() == [1, 2, 3, 4, 5]
    assert acceptability(FIVE, cumulative=True).loc["04"].tolist() == [0, 0, 0.25, 0.75, 1]


@given(rankings())
def test_acceptabilities_sum_to_one_over_places_and_over_units(ranks: pd.DataFrame) -> None:
    found = acceptability(ranks)
    assert np.allclose(found.sum(axis=0), 1)
    assert np.allclose(found.sum(axis=1), 1)


@given(tied_rankings())
def test_acceptabilities_of_a_unit_sum_to_one_with_ties_too(ranks: pd.DataFrame) -> None:
    found = acceptability(ranks)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.allclose(acceptability(ranks, cumulative=True).iloc[:, -1], 1)
    assert found[1].sum() >= 1 - 1e-9


@given(tied_rankings())
def test_a_pair_and_its_reverse_leave_the_ties(ranks: pd.DataFrame) -> None:
    wins = pairwise_wins(ranks)
    ties = pd.DataFrame({one: {other: (ranks[one] == ranks[other]).mean() for other in ranks} for one in ranks})
    assert np.allclose(wins + wins.T + ties, 1)
    assert (np.diag(wins) == 0).all()


@given(rankings())
def test_mean_rank_is_one_more_than_the_losses(ranks: pd.DataFrame) -> None:
    assert np.allclose(ranks.mean(), 1 + pairwise_wins(ranks).sum(axis=0))


@given(tied_rankings(), st.integers(0, 99))
def test_order_of_draws_and_of_units_does_not_matter(ranks: pd.DataFrame, seed: int) -> None:
    shuffled = ranks.sample(frac=1, random_state=seed).sample(frac=1, axis=1, random_state=seed)
    pd.testing.assert_frame_equal(acceptability(shuffled).loc[ranks.columns], acceptability(ranks))
    pd.testing.assert_frame_equal(pairwise_wins(shuffled).loc[ranks.columns, ranks.columns], pairwise_wins(ranks))


@given(rankings())
def test_entropy_lies_between_certain_and_wholly_open(ranks: pd.DataFrame) -> None:
    shares = acceptability(ranks)
    for of in ("units", "places"):
        assert entropy(shares, of=of).between(0, math.log2(len(shares)) + 1e-9).all()  # type: ignore[arg-type]


def test_certain_ranking_has_no_entropy() -> None:
    assert entropy(acceptability(FIVE.iloc[:1])).tolist() == [0, 0, 0, 0, 0]


def test_entropy_by_hand() -> None:
    shares = acceptability(FIVE)
    assert entropy(shares).tolist() == pytest.approx([0.811278, 1.5, 1.5, 1.5, 0.811278], abs=1e-6)
    assert entropy(shares, of="places")[1] == pytest.approx(0.811278, abs=1e-6)


def test_entropy_of_the_whole_ranking_by_hand() -> None:
    """Four different rankings of four draws; two of three once a draw is repeated; a unit without a rank is left out."""
    assert ranking_entropy(FIVE) == 2
    assert ranking_entropy(FIVE.iloc[[0, 0, 1, 0]]) == pytest.approx(0.811278, abs=1e-6)
    assert ranking_entropy(FIVE.assign(**{"06": [6, 6, None, 6]})) == 2
    assert math.isnan(ranking_entropy(pd.DataFrame({"01": [None, 1.0]})))


@given(tied_rankings())
def test_whole_ranking_is_no_less_open_than_any_units_place(ranks: pd.DataFrame) -> None:
    found = ranking_entropy(ranks)
    assert entropy(acceptability(ranks)).max() <= found + 1e-9
    assert found <= math.log2(len(ranks)) + 1e-9


def test_place_that_two_share_is_open_between_them() -> None:
    shares = acceptability(pd.DataFrame({"01": [1, 1], "02": [1, 1], "03": [3, 3]}))
    assert shares[1].tolist() == [1, 1, 0]
    found = entropy(shares, of="places")
    assert found[1] == 1
    assert math.isnan(found[2])
    assert found[3] == 0


def test_unit_without_a_rank_in_some_draw_has_nothing() -> None:
    ranks = pd.DataFrame({"01": [1.0, 1], "02": [2.0, None], "03": [3.0, 2]})
    shares = acceptability(ranks)
    assert shares.isna().all(axis=1).tolist() == [False, True, False]
    assert pairwise_wins(ranks).isna().values.tolist() == [[False, True, False], [True, True, True], [False, True, False]]
    assert entropy(shares).isna().tolist() == [False, True, False]
    assert entropy(shares, of="places")[1] == 0
    assert central_weights(ranks[["02", "01"]], pd.DataFrame({"a": [1.0, 1.0]})).isna().values.tolist() == [[True], [False]]


def test_central_weights_by_hand() -> None:
    weights = pd.DataFrame({"a": [0.2, 0.4, 0.9, 0.6], "b": [0.8, 0.6, 0.1, 0.4]})
    found = central_weights(FIVE, weights)
    assert found.loc["01"].tolist() == pytest.approx([0.4, 0.6])
    assert found.loc["02"].tolist() == pytest.approx([0.9, 0.1])
    assert found.loc[["03", "04", "05"]].isna().all(axis=None)


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=5), st.integers(0, 99))
def test_unit_comes_first_under_its_own_central_weight(values: list[list[int]], seed: int) -> None:
    """The weights under which a weighted sum comes first are a convex set, which holds its mean."""
    table = pd.DataFrame(values, columns=["a", "b", "c"], dtype="float64")
    weights = dirichlet_weights(list(table), np.random.default_rng(seed), draws=50)
    central = central_weights(ranks_of_draws(table, weights), weights)
    found = confidence_factors(table, central)
    assert (found.dropna() == 1).all()
    assert found.isna().tolist() == central["a"].isna().tolist()


def test_confidence_by_hand() -> None:
    """Two draws of the values; 01 is first under its weight in the first, equal first in neither; 02 misses a value once; 03 never comes first."""
    values = pd.DataFrame({("01", "a"): [3.0, 1.0], ("02", "a"): [2.0, None], ("03", "a"): [1.0, 2.0]})
    found = confidence_factors(values, pd.DataFrame({"a": [1.0, 1.0, None]}, index=["01", "02", "03"]))
    assert found[["01", "02"]].tolist() == [0.5, 0]
    assert math.isnan(found["03"])
    assert confidence_factors(values, pd.DataFrame({"a": [1.0]}, index=["01"]), higher_is_better=False).tolist() == [0.5]


def test_equals_are_both_first() -> None:
    values = pd.DataFrame({"a": [1.0, 1.0]}, index=["01", "02"])
    assert confidence_factors(values, pd.DataFrame({"a": [1.0, 1.0]}, index=["02", "01"])).to_dict() == {"02": 1, "01": 1}


def recount(measured: pd.DataFrame, weights: pd.DataFrame) -> tuple[dict[str, list[float]], dict[str, list[float]], dict[str, float]]:
    """Acceptabilities, central weights and confidence factors by the definitions, one draw after the other, in plain Python."""
    units, draws = list(measured.columns.unique(0)), list(range(len(measured)))
    rows, given = {unit: measured[unit][list(weights)].values.tolist() for unit in units}, weights.values.tolist()

    def place(unit: str, draw: int, by: list[float]) -> int:
        scores = {name: sum(x * w for x, w in zip(rows[name][draw], by, strict=True)) for name in units}
        return 1 + sum(scores[name] > scores[unit] for name in units)

    places = {unit: [place(unit, draw, given[draw]) for draw in draws] for unit in units}
    shares = {unit: [places[unit].count(p) / len(draws) for p in range(1, len(units) + 1)] for unit in units}
    firsts = {unit: [given[draw] for draw in draws if places[unit][draw] == 1] for unit in units}
    central = {unit: [math.fsum(column) / len(firsts[unit]) for column in zip(*firsts[unit], strict=True)] for unit in units}
    sure = {unit: sum(place(unit, draw, central[unit]) == 1 for draw in draws) / len(draws) for unit in units}
    return shares, central, sure


def test_thrombo_data_agree_with_a_recount() -> None:
    """10,000 measurements and weights of two treatments under three criteria, shipped with the R package smaa (van Valkenhoef; GPL-3: data read beside the project, method
    from the papers). No published result is held against: the recount is independent of the library, and exact where it counts."""
    if not SMAA.is_dir():
        pytest.skip("../shared/refdata is absent")
    measured, weights = pd.read_csv(SMAA / "thrombo_meas.csv.gz"), pd.read_csv(SMAA / "thrombo_weights.csv.gz")
    measured.columns = pd.MultiIndex.from_tuples([tuple(name.split("_", 1)) for name in measured.columns])
    shares, central, sure = recount(measured, weights)
    ranks = ranks_of_draws(measured, weights, tolerance=0)
    found, at = acceptability(ranks), central_weights(ranks, weights)
    pd.testing.assert_frame_equal(ranks, ranks_of_draws(measured, weights))
    assert {unit: found.loc[unit].tolist() for unit in shares} == shares
    assert (found.sum(axis=1) == 1).all()
    assert {unit: at.loc[unit].tolist() for unit in shares} == {unit: pytest.approx(mean, abs=1e-12) for unit, mean in central.items()}
    assert confidence_factors(measured, at).to_dict() == sure
    assert entropy(found).tolist() == pytest.approx([-sum(p * math.log2(p) for p in row) for row in shares.values()], abs=1e-12)
    assert pairwise_wins(ranks).loc["Heparin", "Enoxaparin"] == shares["Heparin"][0]


@pytest.mark.parametrize("ranks", [{"01": [0.0], "02": [1.0]}, {"01": [3.0], "02": [1.0]}, {"01": [1.5], "02": [1.5]}])
def test_what_is_no_place_is_named(ranks: dict[str, list[float]]) -> None:
    with pytest.raises(RequestError, match="no places of 2 units: 01"):
        acceptability(pd.DataFrame(ranks))


def test_ranks_and_weights_that_cannot_be_used_are_named() -> None:
    with pytest.raises(RequestError, match="stand twice: 01"):
        acceptability(pd.DataFrame([[1, 1]], columns=["01", "01"]))
    with pytest.raises(RequestError, match="units = 0"):
        pairwise_wins(pd.DataFrame(index=[0]))
    for wrong in (math.nan, math.inf, -1.0):
        with pytest.raises(RequestError, match="missing, infinite or negative"):
            central_weights(FIVE, pd.DataFrame({"a": [1.0, 1, 1, wrong]}))
    values = pd.DataFrame({"a": [1.0, 2.0]}, index=["01", "02"])
    with pytest.raises(RequestError, match="negative or infinite: 02"):
        confidence_factors(values, pd.DataFrame({"a": [1.0, math.inf]}, index=["01", "02"]))
    with pytest.raises(RequestError, match="a unit of the central weights stands twice: 01"):
        confidence_factors(values, pd.DataFrame({"a": [1.0, 1.0]}, index=["01", "01"]))


def test_no_draws_are_refused() -> None:
    for metric in (acceptability, pairwise_wins):
        with pytest.raises(RequestError, match="draws = 0"):
            metric(pd.DataFrame({"01": []}))


def test_weights_of_other_draws_are_refused() -> None:
    with pytest.raises(RequestError, match="4 draws of ranks, 1 of weights"):
        central_weights(FIVE, pd.DataFrame({"a": [1.0]}))


def test_central_weights_of_other_units_or_columns_are_refused() -> None:
    values = pd.DataFrame({"a": [1.0], "b": [1.0]}, index=["01"])
    with pytest.raises(UnknownName, match="unknown unit '09'"):
        confidence_factors(values, pd.DataFrame({"a": [1.0], "b": [1.0]}, index=["09"]))
    with pytest.raises(UnknownName, match="unknown column 'z'"):
        confidence_factors(values, pd.DataFrame({"a": [1.0], "z": [1.0]}, index=["01"]))
    with pytest.raises(RequestError, match="no central weight for: b"):
        confidence_factors(values, pd.DataFrame({"a": [1.0]}, index=["01"]))


def test_shares_and_sides_of_entropy_are_checked() -> None:
    with pytest.raises(RequestError, match="negative"):
        entropy(pd.DataFrame([[-0.5, 1.5]]))
    with pytest.raises(UnknownName, match="unknown side"):
        entropy(pd.DataFrame([[1.0]]), of="ranks")  # type: ignore[arg-type]
