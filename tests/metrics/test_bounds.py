"""Bounds: the truth never lies beyond them, whatever was published."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics import missing_data_bounds, rank, score_bounds
from par_analysis.metrics.intervals import Evidence, consistent, rank_intervals, score_interval

from .made import YEAR, World, as_dict, fact, hidden, of_ranks, of_scores, table, value, worlds

Intervals = tuple[list[tuple[float, float]], list[tuple[float, float]]]


def evidence_of(world: World, *, shared: bool = True) -> Evidence:
    sign = 1.0 if world.higher_is_better else -1.0
    score = sign * hidden(world.score_known, world.scores)
    ends = [max(world.scores) if world.ends_known[0] else math.nan, min(world.scores) if world.ends_known[1] else math.nan]
    best, worst = (ends[0], ends[1]) if sign > 0 else (-ends[1], -ends[0])
    low, high = (0.0, 100.0) if sign > 0 else (-100.0, 0.0)
    return Evidence(score, hidden(world.rank_known, world.ranks), len(world.scores), low, high, best=best, worst=worst, shared=shared)


def intervals_of(evidence: Evidence) -> tuple[Intervals, bool]:
    """Intervals of scores and of ranks of all units, and whether the evidence allowed them all."""
    usable, aside, false_ends = consistent(evidence)
    best, worst, flawed = rank_intervals(usable)
    found = [score_interval(usable, (best, worst), (float(best[i]), float(worst[i])), claimed=bool(np.isfinite(evidence.rank[i]))) for i in range(len(best))]
    sound = not aside.any() and not false_ends and not flawed.any() and all(possible for _, possible in found)
    return ([ends for ends, _ in found], list(zip(best.tolist(), worst.tolist(), strict=True))), sound


@settings(max_examples=800)
@given(worlds())
@example(World((90.0, 80.0, 80.0, 70.0), (1.0, 2.0, 2.0, 4.0), (True,) * 4, (True, True, False, True), (False, False), True, True))
def test_truth_lies_within_the_bounds(world: World) -> None:
    sign = 1.0 if world.higher_is_better else -1.0
    (scores, ranks), sound = intervals_of(evidence_of(world))
    assert sound
    for i, known in enumerate(world.score_known):
        assert known or scores[i][0] <= sign * world.scores[i] <= scores[i][1]
    for i, known in enumerate(world.rank_known):
        assert known or ranks[i][0] <= world.ranks[i] <= ranks[i][1]


@settings(max_examples=250)
@given(worlds(shared=False))
def test_truth_lies_within_the_tighter_bounds_of_unshared_places(world: World) -> None:
    (loose_scores, loose), _ = intervals_of(evidence_of(world))
    (scores, ranks), sound = intervals_of(evidence_of(world, shared=False))
    assert sound
    for i, place in enumerate(world.ranks):
        assert loose[i][0] <= ranks[i][0] <= place <= ranks[i][1] <= loose[i][1]
        assert loose_scores[i][0] <= scores[i][0] <= scores[i][1] <= loose_scores[i][1]


@settings(max_examples=300)
@given(worlds(shared=False), st.data())
def test_bounds_shrink_when_more_is_known(world: World, data: st.DataObject) -> None:
    masks = [data.draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known))) for known in (world.score_known, world.rank_known)]
    score_known, rank_known = (tuple(a and b for a, b in zip(known, mask, strict=True)) for known, mask in zip((world.score_known, world.rank_known), masks, strict=True))
    less = replace(world, score_known=score_known, rank_known=rank_known, ends_known=(False, False))
    (wide_scores, wide), (scores, ranks) = intervals_of(evidence_of(less))[0], intervals_of(evidence_of(world))[0]
    for i, known in enumerate(world.score_known):
        assert known or wide_scores[i][0] <= scores[i][0] <= scores[i][1] <= wide_scores[i][1]
    for i, known in enumerate(world.rank_known):
        assert known or wide[i][0] <= ranks[i][0] <= ranks[i][1] <= wide[i][1]


@settings(max_examples=250)
@given(worlds(), st.data())
def test_contradictory_figures_never_invert_bounds(world: World, data: st.DataObject) -> None:
    n = len(world.scores)
    wrong = replace(world, ranks=tuple(data.draw(st.lists(st.integers(1, n).map(float), min_size=n, max_size=n))))
    evidence = replace(evidence_of(wrong), best=data.draw(st.sampled_from([math.nan, -30.0, 50.0])), worst=data.draw(st.sampled_from([math.nan, -20.0, 60.0])))
    (scores, ranks), _ = intervals_of(evidence)
    for low, high in scores:
        assert evidence.low <= low <= high <= evidence.high
    for low, high in ranks:
        assert 1 <= low <= high <= n


@settings(max_examples=50)
@given(worlds())
def test_figures_say_the_same_in_either_direction(world: World) -> None:
    found = score_bounds(world.panel(), year=YEAR, units=world.units, out_of=len(world.units), higher_is_better=world.higher_is_better)
    rows = found.pivot(index="unit", columns="measure", values="value")
    for i, unit in enumerate(world.units):
        for measure, truth, known in (("score", world.scores[i], world.score_known[i]), ("rank", world.ranks[i], world.rank_known[i])):
            if known or not len(world.panel()):
                assert unit not in rows.index or f"{measure}_low" not in rows or math.isnan(rows.loc[unit, f"{measure}_low"])
            else:
                assert rows.loc[unit, f"{measure}_low"] <= truth <= rows.loc[unit, f"{measure}_high"]


def test_score_of_a_place_lies_between_its_neighbours() -> None:
    """Five units by hand: B and D have a place only."""
    panel = table(*of_scores({"A": 90, "C": 80, "E": 60}), *of_ranks({"A": 1, "B": 2, "C": 3, "D": 4, "E": 5}, out_of=5))
    found = score_bounds(panel, year=YEAR, units=list("ABCDE"), out_of=5)
    assert found[["unit", "measure", "value"]].to_numpy().tolist() == [["B", "score_low", 80], ["B", "score_high", 90], ["D", "score_low", 60], ["D", "score_high", 80]]
    assert set(found["basis"]) == {"bound"}


def test_place_of_a_score_is_what_the_neighbours_leave() -> None:
    """Five units by hand: C has a score only and comes after the second and before the fifth; of D nothing is known."""
    panel = table(*of_scores({"A": 90, "B": 85, "C": 80, "E": 60}), *of_ranks({"A": 1, "B": 2, "E": 5}, out_of=5))
    found = score_bounds(panel, year=YEAR, units=list("ABCDE"), out_of=5)
    assert (value(found, "rank_low", "C"), value(found, "rank_high", "C")) == (3, 4)
    assert (value(found, "score_low", "D"), value(found, "score_high", "D")) == (60, 85)


def test_scores_between_push_a_place_down() -> None:
    """Three unranked units score between the second and C, so that C cannot be third."""
    panel = table(*of_scores({"A": 90, "B": 70, "X": 89, "Y": 88, "Z": 87}), *of_ranks({"A": 2}, out_of=8))
    found = score_bounds(panel, year=YEAR, units=["A", "B", "X", "Y", "Z", "U", "V", "W"], out_of=8)
    assert value(found, "rank_low", "B") == 6
    assert value(found, "rank_high", "X") == 5


def test_published_highest_and_lowest_score_bound_the_rest() -> None:
    panel = table(*of_ranks({"A": 1, "B": 2, "C": 3}, out_of=3), fact("VN", "max", 92.18), fact("VN", "min", 75.0))
    found = score_bounds(panel, year=YEAR, units=list("ABC"), out_of=3)
    assert found["value"].tolist() == [92.18, 92.18, 75, 92.18, 75, 75]


def test_unit_with_nothing_has_the_free_places_and_their_scores() -> None:
    panel = table(*of_scores({"A": 90, "B": 80, "D": 60}), *of_ranks({"A": 1, "B": 2, "D": 4}, out_of=4))
    found = score_bounds(panel, year=YEAR, units=list("ABCD"), out_of=4, shared_places=False)
    assert as_dict(found) == {"score_low": 60, "score_high": 80, "rank_low": 3, "rank_high": 3}
    assert "possible places: 3" in found["note"].iloc[-1]


def test_equals_may_share_a_place_unless_said_otherwise() -> None:
    panel = table(*of_ranks({"A": 1, "B": 2, "D": 4}, out_of=4))
    found = score_bounds(panel, year=YEAR, units=list("ABCD"), out_of=4)
    assert (value(found, "rank_low", "C"), value(found, "rank_high", "C")) == (2, 3)


def test_lone_wrong_rank_is_set_aside_and_named() -> None:
    """D's place contradicts everybody's score: it is left out, and the others still bound B."""
    panel = table(*of_scores({"A": 90, "C": 80, "D": 70, "E": 60}), *of_ranks({"A": 2, "B": 3, "C": 4, "D": 1, "E": 5}, out_of=5))
    found = score_bounds(panel, year=YEAR, units=list("ABCDE"), out_of=5)
    assert (value(found, "score_low", "B"), value(found, "score_high", "B")) == (80, 90)
    assert found["note"].str.contains("contradict those of others: D").all()


def test_pair_that_contradicts_itself_is_set_aside_together() -> None:
    panel = table(*of_scores({"A": 80, "B": 90}), *of_ranks({"A": 1, "B": 2, "C": 3}, out_of=3))
    found = score_bounds(panel, year=YEAR, units=list("ABC"), out_of=3)
    assert (value(found, "score_low", "C"), value(found, "score_high", "C")) == (0, 100)
    assert found["note"].str.contains("A, B").all()


def test_place_claimed_twice_is_said_and_pins_nobody() -> None:
    panel = table(*of_scores({"A": 90, "B": 80, "D": 70}), *of_ranks({"A": 1, "B": 2, "C": 2, "D": 4}, out_of=4))
    found = score_bounds(panel, year=YEAR, units=list("ABCD"), out_of=4)
    assert (value(found, "score_low", "C"), value(found, "score_high", "C")) == (70, 90)
    assert found["note"].str.contains("claimed by more than one unit: place 2").all()


def test_place_claimed_twice_with_different_scores_is_a_contradiction() -> None:
    panel = table(*of_scores({"A": 90, "B": 80}), *of_ranks({"A": 1, "B": 1}, out_of=3))
    found = score_bounds(panel, year=YEAR, units=list("ABC"), out_of=3)
    assert (value(found, "rank_low", "C"), value(found, "rank_high", "C")) == (1, 3)
    assert found["note"].str.contains("A, B").all()


def test_unit_for_which_nothing_is_possible_gets_the_whole_range() -> None:
    """A is second, and yet four score more than it: more than its place allows."""
    panel = table(*of_scores({"A": 50, "W": 90, "X": 89, "Y": 88, "Z": 60}), *of_ranks({"A": 2}, out_of=6))
    found = score_bounds(panel, year=YEAR, units=["A", "B", "W", "X", "Y", "Z"], out_of=6)
    assert (value(found, "rank_low", "Z"), value(found, "rank_high", "Z")) == (1, 6)
    assert found.loc[found["unit"] == "Z", "note"].str.contains("the whole range is given").all()


def test_published_maximum_below_a_score_is_set_aside() -> None:
    panel = table(*of_scores({"A": 93.0}), *of_ranks({"A": 2, "B": 1}, out_of=2), fact("VN", "max", 92.0))
    found = score_bounds(panel, year=YEAR, units=["A", "B"], out_of=2)
    assert (value(found, "score_low", "B"), value(found, "score_high", "B")) == (93, 100)


def test_rank_of_another_list_is_no_evidence() -> None:
    panel = table(*of_scores({"A": 90, "B": 80}), *of_ranks({"A": 1}, out_of=34), *of_ranks({"B": 9}, out_of=3))
    found = score_bounds(panel, year=YEAR, units=list("ABC"), out_of=3)
    assert (value(found, "rank_low", "A"), value(found, "rank_high", "A")) == (1, 2)
    assert found["note"].str.contains("no place of this ranking: A, B").all()


def test_figures_about_a_value_are_no_evidence() -> None:
    panel = table(fact("A", "score", 90, qualifier=">"), *of_scores({"B": 80}))
    found = score_bounds(panel, year=YEAR, units=["A", "B"], out_of=2)
    assert value(found, "score_high", "A") == 100


def test_more_units_than_places_are_refused() -> None:
    with pytest.raises(RequestError, match="2 units for 1 places"):
        score_bounds(table(*of_scores({"A": 90})), year=YEAR, units=["A", "B"], out_of=1)


def test_sources_of_the_evidence_are_carried() -> None:
    panel = table(*of_scores({"A": 90}), *of_ranks({"A": 1, "B": 2}, out_of=2))
    assert set(score_bounds(panel, year=YEAR, units=["A", "B"], out_of=2)["source"]) == {"https://example.org/A; https://example.org/B"}


parts = st.lists(st.lists(st.integers(0, 10).map(float), min_size=3, max_size=3), min_size=1, max_size=6)


@settings(max_examples=50)
@given(parts, st.data(), st.booleans())
def test_totals_and_ranks_lie_within_missing_data_bounds(points: list[list[float]], data: st.DataObject, up: bool) -> None:
    truth = pd.DataFrame(points, columns=list("abc"))
    known = np.array(data.draw(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=len(points), max_size=len(points))))
    found = missing_data_bounds(truth.where(known), {"a": 10, "b": 10, "c": 10}, higher_is_better=up)
    totals = truth.sum(axis=1)
    ranks = rank(totals, higher_is_better=up)
    assert ((found["total_low"] <= totals) & (totals <= found["total_high"])).all()
    assert ((found["rank_low"] <= ranks) & (ranks <= found["rank_high"])).all()


@settings(max_examples=50)
@given(parts)
def test_nothing_missing_leaves_no_doubt(points: list[list[float]]) -> None:
    truth = pd.DataFrame(points, columns=list("abc"))
    found = missing_data_bounds(truth, {"a": 10, "b": 10, "c": 10})
    assert found["rank_low"].tolist() == found["rank_high"].tolist() == rank(truth.sum(axis=1)).tolist()


def test_part_without_a_maximum_is_refused() -> None:
    for maxima in ({"a": 10}, {"a": 10, "b": -1}, {"a": 10, "b": float("nan")}):
        with pytest.raises(RequestError, match="'b'"):
            missing_data_bounds(pd.DataFrame({"a": [1.0], "b": [2.0]}), maxima)
    with pytest.raises(RequestError, match="duplicated units: '01'"):
        missing_data_bounds(pd.DataFrame({"a": [1.0, 2.0]}, index=["01", "01"]), {"a": 10})


def test_parts_may_be_named_by_numbers() -> None:
    assert missing_data_bounds(pd.DataFrame({1: [None, 3.0], 2: [1.0, 1.0]}), {1: 5, 2: 5})["rank_low"].tolist() == [1, 1]  # type: ignore[dict-item]
