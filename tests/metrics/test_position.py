"""A unit among the others: gaps, neighbours, the next place."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.metrics import gaps, neighbours, next_place, ranking

from .made import YEAR, World, as_dict, fact, of_ranks, of_scores, table, value, worlds

REGION = [fact("R2", "mean", 88.33), fact("VN", "mean", 86.98), fact("VN", "max", 92.18), fact("VN", "min", 75.0)]


def test_gaps_are_unit_minus_reference() -> None:
    panel = table(*of_scores({"30": 87.84, "22": 92.18}), *of_ranks({"22": 1, "30": 22}, out_of=63), *REGION)
    found = gaps(panel, unit="30", year=YEAR, region="R2", units=[f"{i:02d}" for i in range(63)])
    assert [value(found, f"gap_{name}") for name in ("leader", "mean", "last", "region")] == pytest.approx([-4.34, 0.86, 12.84, -0.49])
    assert found.iloc[4:][["unit", "measure"]].to_numpy().tolist() == [["VN", "max"], ["22", "score"], ["VN", "mean"], ["VN", "min"], ["R2", "mean"]]


def test_holder_of_the_first_place_is_named_beside_the_published_maximum() -> None:
    panel = table(*of_scores({"A": 92.18, "B": 80}), *of_ranks({"A": 1, "B": 2}, out_of=2), *REGION)
    found = gaps(panel, unit="B", year=YEAR, units=["A", "B"])
    assert value(found, "score", "A") == 92.18


def test_references_fall_back_on_known_places() -> None:
    panel = table(*of_scores({"A": 90, "B": 80, "C": 60}), *of_ranks({"A": 1, "C": 4}, out_of=4))
    found = gaps(panel, unit="B", year=YEAR, units=list("ABCD"))
    assert [value(found, f"gap_{name}") for name in ("leader", "last")] == [-10, 20]
    assert value(found, "gap_mean") == pytest.approx(80 - 230 / 3)
    assert found.loc[found["measure"] == "mean_computed", ["out_of", "note"]].to_numpy().tolist() == [[4, "mean of 3 of 4 scores"]]


def test_references_are_shown_without_a_score_of_the_unit() -> None:
    found = gaps(table(*of_ranks({"30": 22}, out_of=63), *REGION), unit="30", year=YEAR, region="R2", units=["30"])
    assert found["measure"].tolist() == ["max", "mean", "min", "mean"]


def test_leader_of_an_index_where_lower_is_better_has_the_minimum() -> None:
    panel = table(*of_scores({"A": 10, "B": 20, "C": 40}))
    found = gaps(panel, unit="B", year=YEAR, units=list("ABC"), higher_is_better=False)
    assert (value(found, "gap_leader"), value(found, "gap_last")) == (10, -20)


def test_neighbours_name_missing_places_and_bound_missing_scores() -> None:
    """Six units by hand, places 1 and 4 unknown."""
    panel = table(*of_scores({"B": 88, "C": 86, "F": 70}), *of_ranks({"B": 2, "C": 3, "E": 5, "F": 6}, out_of=6))
    found = neighbours(panel, unit="C", year=YEAR, count=2, units=list("ABCDEF"))
    assert found[["unit", "node", "measure", "value"]].to_numpy().tolist() == [
        ["VN", "place:1", "place_unknown", 1],
        ["B", "total", "rank", 2],
        ["B", "total", "score", 88],
        ["C", "total", "rank", 3],
        ["C", "total", "score", 86],
        ["VN", "place:4", "place_unknown", 4],
        ["E", "total", "rank", 5],
        ["E", "total", "score_low", 70],
        ["E", "total", "score_high", 86],
    ]


def test_place_left_empty_by_equals_is_not_missing() -> None:
    panel = table(*of_ranks({"A": 1, "B": 2, "C": 2, "D": 4}, out_of=4))
    found = neighbours(panel, unit="D", year=YEAR, count=3, units=list("ABCD"))
    assert "place_unknown" not in set(found["measure"])


def test_neighbours_of_fully_scored_units_have_computed_ranks() -> None:
    found = neighbours(table(*of_scores({"A": 90, "B": 80, "C": 70})), unit="B", year=YEAR, count=1, units=list("ABC"))
    assert found.loc[found["measure"] == "rank", "value"].tolist() == [1, 2, 3]
    assert set(found.loc[found["measure"] == "rank", "basis"]) == {"computed"}


@pytest.mark.parametrize("unit", ["Z", "B"])
def test_unit_without_a_place_has_no_neighbours(unit: str) -> None:
    assert neighbours(table(*of_ranks({"A": 1}, out_of=3)), unit=unit, year=YEAR, units=list("ABC")).empty


def test_points_to_the_next_place_by_hand() -> None:
    panel = table(*of_scores({"A": 90, "B": 88.5, "C": 88}), *of_ranks({"A": 1, "B": 2, "C": 3}, out_of=3))
    assert as_dict(next_place(panel, unit="B", year=YEAR, units=list("ABC"))) == {"to_climb": 1.5, "to_drop": 0.5}
    assert as_dict(next_place(panel, unit="A", year=YEAR, units=list("ABC"))) == {"to_drop": 1.5}
    assert as_dict(next_place(panel, unit="C", year=YEAR, units=list("ABC"))) == {"to_climb": 0.5}


def test_points_to_an_unscored_neighbour_are_bounded() -> None:
    panel = table(*of_scores({"A": 90, "C": 80}), *of_ranks({"A": 1, "B": 2, "C": 3}, out_of=4))
    found = next_place(panel, unit="C", year=YEAR, units=list("ABCD"))
    assert as_dict(found) == {"to_climb_low": 0, "to_climb_high": 10, "to_drop_low": 0, "to_drop_high": 80}
    assert set(found["basis"]) == {"bound"}


def test_unit_that_shares_its_place_needs_no_points() -> None:
    panel = table(*of_scores({"A": 90, "B": 80, "C": 80, "D": 70}), *of_ranks({"A": 1, "B": 2, "C": 2, "D": 4}, out_of=4))
    assert as_dict(next_place(panel, unit="B", year=YEAR, units=list("ABCD"))) == {"to_climb": 0, "to_drop": 0}
    assert as_dict(next_place(panel, unit="D", year=YEAR, units=list("ABCD"))) == {"to_climb": 10}


def distance(world: World, i: int, *, better: bool) -> float | None:
    """The whole truth: points to the next unit by rank on a side."""
    own = world.ranks[i]
    there = [j for j, place in enumerate(world.ranks) if (place < own if better else place > own)]
    if not there:
        return None
    next_one = max(there, key=lambda j: world.ranks[j]) if better else min(there, key=lambda j: world.ranks[j])
    return abs(world.scores[next_one] - world.scores[i])


@settings(max_examples=80)
@given(worlds(), st.data())
def test_points_to_the_next_place_hold_in_the_whole_truth(world: World, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(world.scores) - 1))
    score_known, rank_known = ((*known[:i], True, *known[i + 1 :]) for known in (world.score_known, world.rank_known))
    world = replace(world, score_known=score_known, rank_known=rank_known)
    found = next_place(world.panel(), unit=world.units[i], year=YEAR, units=world.units, higher_is_better=world.higher_is_better)
    equals = [j for j, place in enumerate(world.ranks) if place == world.ranks[i] and j != i]
    for name, better in (("to_climb", True), ("to_drop", False)):
        truth = distance(world, i, better=better) if better or not equals else 0.0  # who is level with others drops behind them at once
        exact, low, high = value(found, name), value(found, f"{name}_low"), value(found, f"{name}_high")
        if any(world.rank_known[j] for j in equals):
            assert exact == 0 or (math.isnan(exact) and better and world.ranks[i] == 1) or (not better and distance(world, i, better=False) is None)
        elif not math.isnan(exact):
            is_level = any(score == world.scores[i] for j, score in enumerate(world.scores) if j != i)  # equal scores in places of their own: no points are between them
            assert exact == truth or (is_level and exact == 0)
        elif not math.isnan(low):
            assert truth is not None
            assert 0 <= low <= truth <= high


def test_ranking_passes_through_what_is_published() -> None:
    panel = table(*of_scores({"A": 80, "B": 90}), *of_ranks({"B": 1, "C": 2}, out_of=3))
    found = ranking(panel, year=YEAR, units=list("ABC"))
    assert found[["unit", "measure", "value"]].to_numpy().tolist() == [
        ["B", "score", 90], ["B", "rank", 1], ["A", "score", 80], ["A", "rank_low", 2], ["A", "rank_high", 3], ["C", "score_low", 80], ["C", "score_high", 90], ["C", "rank", 2],
    ]  # fmt: skip


def test_ranks_are_computed_only_where_every_unit_is_scored() -> None:
    full = ranking(table(*of_scores({"A": 80, "B": 90, "C": 80})), year=YEAR, units=list("ABC"))
    assert full.loc[full["measure"] == "rank", ["unit", "value"]].to_numpy().tolist() == [["B", 1], ["A", 2], ["C", 2]]
    part = ranking(table(*of_scores({"A": 80, "B": 90})), year=YEAR, units=list("ABC"))
    assert "rank" not in set(part["measure"])


def test_ranking_turns_round_with_the_direction() -> None:
    found = ranking(table(*of_scores({"A": 80, "B": 90, "C": 70})), year=YEAR, units=list("ABC"), higher_is_better=False)
    assert found.loc[found["measure"] == "rank", "unit"].tolist() == ["C", "A", "B"]
