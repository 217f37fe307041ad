"""Bands, headroom, shares."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings

from par_analysis.metrics import ceiling_share, floor_share, group_counts, group_of, headroom
from par_analysis.model import Group

from .made import YEAR, World, fact, of_ranks, of_scores, table, worlds

BANDS = [Group("A", 90, 100), Group("B", 80, 90), Group("C", 0, 80)]


def test_group_by_hand() -> None:
    assert [group_of(score, BANDS) for score in (100, 90, 89.995, 80, 79.99, 0, math.nan, 101)] == ["A", "A", "B", "B", "C", "C", "?", "none"]
    assert group_of(50, []) == "none"


def test_only_certain_units_are_counted() -> None:
    """Six units by hand: B lies between 92 and 95, D between 70 and 92: D's band is not certain, and of F nothing is known."""
    panel = table(*of_scores({"A": 95, "C": 92, "E": 70}), *of_ranks({"A": 1, "B": 2, "C": 3, "D": 4, "E": 5}, out_of=6), fact("VN", "n_group_A", 3))
    found = group_counts(panel, year=YEAR, groups=BANDS, units=list("ABCDEF"))
    assert found[["node", "value", "out_of"]].to_numpy()[:4].tolist() == [["group:A", 3, 5], ["group:B", 0, 5], ["group:C", 2, 5], ["group:?", 1, 6]]
    assert found["measure"].tolist() == ["n_units"] * 4 + ["n_group_A"]


def test_unit_outside_all_bands_is_counted_apart() -> None:
    found = group_counts(table(*of_scores({"A": 95, "B": 60})), year=YEAR, groups=BANDS[:2], units=["A", "B"])
    assert found[["node", "value"]].to_numpy().tolist() == [["group:A", 1], ["group:B", 0], ["group:none", 1], ["group:?", 0]]


@settings(max_examples=60)
@given(worlds())
def test_certain_counts_never_exceed_the_truth(world: World) -> None:
    found = group_counts(world.panel(), year=YEAR, groups=BANDS, units=world.units, higher_is_better=world.higher_is_better)
    counts = dict(zip(found["node"], found["value"], strict=True))
    for group in BANDS if counts else []:
        true = sum(group_of(score, BANDS) == group.label for score in world.scores)
        assert counts[f"group:{group.label}"] <= true <= counts[f"group:{group.label}"] + counts["group:?"]


def test_headroom_is_what_the_maximum_leaves() -> None:
    panel = table(fact("30", "score", 8.5, node="domain:1", out_of=9.5), fact("30", "score", 5, node="domain:2"), fact("30", "points_lost", 1.2, node="domain:3"))
    found = headroom(panel, year=YEAR, unit="30")
    assert found[["node", "measure", "value"]].to_numpy().tolist() == [["domain:1", "headroom", 1.0], ["domain:3", "points_lost", 1.2]]


def test_shares_at_the_ceiling_and_the_floor() -> None:
    panel = table(*(fact(unit, "score", score, node="domain:1", out_of=10) for unit, score in {"A": 10, "B": 10, "C": 0, "D": 5}.items()))
    for metric, expected in ((ceiling_share, 50), (floor_share, 25)):
        found = metric(panel, year=YEAR, units=list("ABCDE"))
        assert found[["node", "value", "out_of"]].to_numpy().tolist() == [["domain:1", expected, 4]]


def test_score_without_a_maximum_is_no_ceiling() -> None:
    assert ceiling_share(table(fact("A", "score", 10)), year=YEAR, units=["A"]).empty


def test_share_is_a_percentage() -> None:
    panel = table(fact("A", "score", 10, node="domain:1", out_of=10))
    assert ceiling_share(panel, year=YEAR, units=["A"])["value"].iloc[0] == pytest.approx(100)
