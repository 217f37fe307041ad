"""The route to a rank by hand: what is needed, or between what it lies, and the parts that bring it."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis import metrics

from .made import fact, of_ranks, of_scores, table

UNITS = ["01", "02", "03", "04", "30"]
TOTALS = {"01": 92.0, "02": 90.0, "03": 89.0, "04": 80.0}
LEAVES = ["criterion:1.1", "criterion:1.2", "criterion:1.3"]


def card(*points: tuple[float, float]) -> pd.DataFrame:
    return table(*(fact("30", "score", own, node=leaf, out_of=most) for leaf, (own, most) in zip(LEAVES, points, strict=False)))


CARD = card((28, 30), (29, 30), (30.5, 32))  # 87.5 of 92; 2, 1 and 1.5 can be won


def route(panel: pd.DataFrame, target: int = 2, **asked: Any) -> pd.DataFrame:
    facts: dict[str, Any] = {"card": CARD, "unit": "30", "year": 2023, "units": UNITS, "target": target, "leaves": LEAVES}
    return metrics.rank_route(panel, **(facts | asked))


def total(found: pd.DataFrame) -> dict[str, float]:
    rows = found[found["node"] == "total"]
    return dict(zip(rows["measure"], rows["value"], strict=True))


def gains(found: pd.DataFrame) -> dict[str, float]:
    rows = found[(found["measure"] == "route_gain") & (found["node"] != "total")]
    return dict(zip(rows["node"], rows["value"], strict=True))


KNOWN = table(*of_scores({**TOTALS, "30": 87.5}), *of_ranks({"01": 1, "02": 2, "03": 3, "30": 4, "04": 5}))


def test_a_place_costs_the_distance_to_who_holds_it() -> None:
    assert total(route(KNOWN)) == {
        "rank": 4, "score": 87.5, "threshold": 90, "points_to_rank": 2.5, "n_unknown": 0, "headroom_open": 4.5, "route_gain": 3.5, "n_criteria": 2
    }  # fmt: skip


def test_of_equally_few_parts_those_with_more_to_win_are_taken() -> None:
    assert gains(route(KNOWN)) == {"criterion:1.1": 2, "criterion:1.3": 1.5}
    assert gains(route(KNOWN, 3)) == {"criterion:1.1": 2}


def test_where_every_open_part_has_an_effort_the_least_effort_is_taken() -> None:
    found = route(KNOWN, 3, efforts={"criterion:1.1": 5, "criterion:1.2": 1, "criterion:1.3": 3})
    assert (gains(found), total(found)["effort"]) == ({"criterion:1.3": 1.5}, 3)
    assert "effort" not in total(route(KNOWN, 3, efforts={"criterion:1.1": 5}))


def test_a_locked_part_is_not_raised() -> None:
    found = route(KNOWN, locked=["criterion:1.1"])
    assert (gains(found), total(found)["headroom_open"]) == ({"criterion:1.2": 1, "criterion:1.3": 1.5}, 2.5)


def test_what_is_out_of_reach_has_no_route() -> None:
    found = route(KNOWN, 1, locked=["criterion:1.1"])
    assert gains(found) == {}
    assert total(found)["points_to_rank"] == 4.5
    assert "n_criteria" not in set(found.loc[found["node"] == "rank:1", "measure"])


def test_a_rank_that_is_held_takes_nothing() -> None:
    found = route(KNOWN, 4)
    assert (total(found)["points_to_rank"], gains(found)) == (0, {})


def test_better_places_are_priced_to_the_first() -> None:
    found = route(KNOWN)
    places = {node: group.set_index("measure")["value"].to_dict() for node, group in found[found["node"].str.startswith("rank:")].groupby("node")}
    assert places == {"rank:1": {"points_to_rank": 4.5, "n_criteria": 3}, "rank:2": {"points_to_rank": 2.5, "n_criteria": 2}, "rank:3": {"points_to_rank": 1.5, "n_criteria": 1}}


def test_an_own_total_that_is_not_published_is_the_scorecards_sum() -> None:
    found = route(table(*of_scores(TOTALS)))
    assert (total(found)["score"], total(found)["points_to_rank"]) == (87.5, 2.5)
    assert set(found.loc[found["measure"] == "score", "note"]) == {"the scorecard's sum"}
    assert set(route(KNOWN).loc[route(KNOWN)["measure"] == "score", "note"]) == {"published"}
    assert route(table(*of_scores(TOTALS)), card=card((28, 30), (29, 30))).empty  # 1.3 is not known


def test_totals_that_are_missing_leave_bounds() -> None:
    """Without 02's total: nobody can say who is second, but the first has 92 and the known second-best 89."""
    scores = {unit: score for unit, score in {**TOTALS, "30": 87.5}.items() if unit != "02"}
    found = total(route(table(*of_scores(scores))))
    assert (found["points_to_rank_low"], found["points_to_rank_high"], found["n_unknown"]) == (1.5, 4.5, 1)
    assert "points_to_rank" not in found


def test_published_ranks_narrow_the_bounds() -> None:
    """02 is second without a total, so rank 3 is 03's and rank 2 lies between 03 and 01."""
    scores = {unit: score for unit, score in {**TOTALS, "30": 87.5}.items() if unit != "02"}
    panel = table(*of_scores(scores), *of_ranks({"01": 1, "02": 2, "03": 3, "30": 4, "04": 5}))
    assert total(route(panel, 3))["points_to_rank"] == 1.5
    found = total(route(panel, 2))
    assert (found["points_to_rank_low"], found["points_to_rank_high"]) == (1.5, 4.5)


def test_what_is_enough_is_unknown_where_all_better_totals_are_missing() -> None:
    found = route(table(*of_scores({"04": 88.0, "30": 87.5})), 2)
    assert total(found)["points_to_rank_low"] == 0
    assert "points_to_rank_high" not in total(found)
    assert gains(found) == {}


@pytest.mark.parametrize("panel", [table(*of_scores({"30": 87.5})), table(fact("30", "rank", 3))])
def test_without_another_total_nothing_is_said(panel: pd.DataFrame) -> None:
    assert route(panel).empty


def test_without_a_scorecard_nothing_is_said() -> None:
    assert route(KNOWN, card=CARD.iloc[:0]).empty


@settings(max_examples=30)
@given(
    scores=st.lists(st.integers(0, 40), min_size=2, max_size=6),
    known=st.lists(st.booleans(), min_size=6, max_size=6),
    own=st.integers(0, 40),
    target=st.integers(1, 3),
)
def test_bounds_hold_the_truth(scores: list[int], known: list[bool], own: int, target: int) -> None:
    """Whatever is hidden, what is needed lies between the bounds; with those points the rank is held."""
    others = {f"{number:02d}": float(score) for number, score in enumerate(scores, start=1)}
    shown = {unit: score for unit, score in others.items() if known[int(unit) - 1]}
    places = {unit: 1.0 + sum(other > score for other in [*others.values(), float(own)]) for unit, score in others.items()}
    panel = table(*of_scores({**shown, "30": float(own)}), *of_ranks({unit: place for unit, place in places.items() if unit != "01"}, out_of=len(others) + 1))
    found = total(route(panel, target, units=[*others, "30"]))
    if not found:
        return
    best = sorted(others.values(), reverse=True)
    needed = max(best[target - 1] - own, 0.0) if target <= len(best) else 0.0
    low = found.get("points_to_rank", found.get("points_to_rank_low", math.nan))
    high = found.get("points_to_rank", found.get("points_to_rank_high", math.inf))
    assert low - 1e-9 <= needed <= high + 1e-9
