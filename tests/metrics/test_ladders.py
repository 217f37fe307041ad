"""The ladder of places around a unit, by hand and against the ranks that it promises."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.metrics.ladders import rank_ladder
from par_analysis.metrics.ranks import rank
from par_analysis.model import COUNTRY

from .made import YEAR, fact, of_ranks, of_scores, table

SCORES = {"01": 50.0, "02": 48.0, "03": 45.0, "04": 44.0, "05": 40.0}
UNITS = list(SCORES)


def steps(found: pd.DataFrame) -> dict[tuple[int, str], float]:
    """(Place, measure) → points."""
    rows = found[found["node"].str.startswith("place:") & (found["measure"] != "place")]
    return {(int(str(node).partition(":")[2]), str(measure)): float(value) for node, measure, value in zip(rows["node"], rows["measure"], rows["value"], strict=True)}


def test_each_place_is_as_far_as_who_holds_it() -> None:
    found = rank_ladder(table(*of_scores(SCORES)), unit="03", year=YEAR, units=UNITS)
    assert steps(found) == {(1, "points_to_rank"): 5, (2, "points_to_rank"): 3, (4, "points_to_drop"): 1, (5, "points_to_drop"): 5}
    assert found.loc[found["node"] == "place:2", "note"].tolist() == ["held by 02", "held by 02"]
    assert found[["measure", "value", "out_of"]].iloc[1].tolist() == ["rank", 3.0, 5.0]
    assert set(found.loc[found["node"] == "place:1", "source"]) == {"https://example.org/01; https://example.org/03"}


def test_only_so_many_places_are_told_as_are_asked_for() -> None:
    found = rank_ladder(table(*of_scores(SCORES)), unit="03", year=YEAR, units=UNITS, above=1, below=0)
    assert steps(found) == {(2, "points_to_rank"): 3}


def test_lower_may_be_better() -> None:
    turned = {unit: 100 - score for unit, score in SCORES.items()}
    found = rank_ladder(table(*of_scores(turned)), unit="03", year=YEAR, units=UNITS, higher_is_better=False)
    assert steps(found) == {(1, "points_to_rank"): 5, (2, "points_to_rank"): 3, (4, "points_to_drop"): 1, (5, "points_to_drop"): 5}


def test_a_tied_unit_falls_with_any_loss() -> None:
    found = rank_ladder(table(*of_scores(SCORES | {"04": 45.0})), unit="03", year=YEAR, units=UNITS)
    assert steps(found)[4, "points_to_drop"] == 0
    assert steps(found)[2, "points_to_rank"] == 3


def test_a_score_that_is_not_known_leaves_limits() -> None:
    known = {unit: score for unit, score in SCORES.items() if unit != "02"}
    panel = table(*of_scores(known), *of_ranks({unit: place for place, unit in enumerate(UNITS, 1)}, out_of=5))
    found = rank_ladder(panel, unit="03", year=YEAR, units=UNITS)
    assert steps(found) == {
        (1, "points_to_rank"): 5,
        (2, "points_to_rank_low"): 0,
        (2, "points_to_rank_high"): 5,
        (4, "points_to_drop"): 1,
        (5, "points_to_drop"): 5,
    }
    assert set(found.loc[found["measure"].str.endswith(("_low", "_high")), "basis"]) == {"bound"}


def test_the_published_highest_score_is_that_of_the_first() -> None:
    panel = table(fact("03", "score", 45), fact("03", "rank", 3, out_of=5), fact(COUNTRY, "max", 50))
    found = steps(rank_ladder(panel, unit="03", year=YEAR, units=UNITS))
    assert found[1, "points_to_rank"] == 5
    assert (found[2, "points_to_rank_low"], found[2, "points_to_rank_high"]) == (0, 5)
    assert (found[5, "points_to_drop_low"], found[5, "points_to_drop_high"]) == (0, 45)


@pytest.mark.parametrize("panel", [table(fact("03", "rank", 3)), table(fact("03", "score", 45), fact("01", "score", 50))], ids=["no score", "no rank"])
def test_without_score_and_rank_there_is_no_ladder(panel: pd.DataFrame) -> None:
    assert rank_ladder(panel, unit="03", year=YEAR, units=UNITS).empty
    assert rank_ladder(panel, unit="99", year=YEAR, units=UNITS).empty


def test_percentages_lie_apart_by_percentage_points() -> None:
    panel = table(*(row | {"unit_of_measure": "percent"} for row in of_scores(SCORES)))
    found = rank_ladder(panel, unit="03", year=YEAR, units=UNITS)
    assert set(found.loc[found["measure"] == "points_to_rank", "unit_of_measure"]) == {"percentage_points"}


@given(numbers=st.lists(st.integers(0, 30), min_size=2, max_size=9), up=st.booleans())
def test_who_gains_what_a_place_takes_has_it(numbers: list[int], up: bool) -> None:
    scores = {f"{i:02d}": float(number) for i, number in enumerate(numbers)}
    found = rank_ladder(table(*of_scores(scores)), unit="00", year=YEAR, units=list(scores), higher_is_better=up)
    sign = 1 if up else -1
    for (place, measure), points in steps(found).items():
        gained, lost = (dict(scores) | {"00": scores["00"] + sign * change} for change in (points, -points - 0.5))
        ranks = [float(rank(pd.Series(after), higher_is_better=up)["00"]) for after in (gained, lost)]
        assert ranks[0] <= place if measure == "points_to_rank" else ranks[1] >= place
