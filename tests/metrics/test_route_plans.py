"""Routes of points to a target rank, within what others have reached."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from par_analysis.errors import UnknownName
from par_analysis.metrics.route_plans import route_plan

from .made import YEAR, fact, table

POINTS = {"01": (9.0, 6.0), "02": (8.0, 5.0), "03": (6.0, 4.0), "04": (5.0, 3.0), "05": (8.0, 0.0)}
UNITS = list(POINTS)
NODES = ["domain:1", "domain:2"]


def panel(points: dict[str, tuple[float, float]] = POINTS) -> pd.DataFrame:
    return table(*(fact(unit, "score", value, node=node, out_of=10) for unit, pair in points.items() for node, value in zip([*NODES, "total"], [*pair, sum(pair)], strict=True)))


def plan(unit: str = "04", target: int = 2, of: pd.DataFrame | None = None, **more: Any) -> pd.DataFrame:
    return route_plan(panel() if of is None else of, unit=unit, year=YEAR, target=target, units=UNITS, nodes=NODES, **{"step": 0.5, "count": 4, **more})


def by_node(found: pd.DataFrame, measure: str) -> dict[str, float]:
    rows = found[found["measure"] == measure]
    return {str(node): float(value) for node, value in zip(rows["node"], rows["value"], strict=True)}


def test_the_cheapest_parts_are_raised_first_and_no_further_than_the_best_has_them() -> None:
    found = plan()
    assert by_node(found, "attainment") == {"domain:1": 77.5, "domain:2": 37.5}
    assert by_node(found, "route_gain") == {"domain:1": 4, "domain:2": 1, "total": 5}
    assert by_node(found, "route_to") == {"domain:1": 9, "domain:2": 4}
    assert by_node(found, "route_cost")["domain:1"] == pytest.approx(4 / 0.775)
    assert by_node(found, "route_cost")["total"] == pytest.approx(4 / 0.775 + 1 / 0.375)
    assert by_node(found, "route_most") == {"total": 7}
    assert by_node(found, "n_parts") == {"total": 2}


def test_a_locked_part_stays_as_it_is() -> None:
    found = plan(target=3, locked=["domain:1"])
    assert by_node(found, "route_gain") == {"domain:2": 2, "total": 2}
    assert by_node(found, "route_most") == {"total": 3}
    with pytest.raises(UnknownName, match="domain:9"):
        plan(locked=["domain:9"])


def test_a_rank_that_the_best_parts_do_not_reach_is_told_by_the_most_that_can_be_had() -> None:
    found = plan(target=1, locked=["domain:2"])
    assert by_node(found, "points_to_rank")["place:1"] == 7
    assert by_node(found, "route_most") == {"total": 4}
    assert by_node(found, "route_gain") == {}


def test_places_and_gains_have_their_least_cost() -> None:
    found = plan()
    costs = by_node(found, "least_cost")
    assert costs["place:2"] == by_node(found, "route_cost")["total"]
    assert costs["place:1"] > costs["place:2"] > costs["place:3"]
    assert by_node(found, "cost_per_place")["place:2"] == pytest.approx(costs["place:2"] / 2)
    assert [node for node in costs if node.startswith("gain:")] == ["gain:1.75", "gain:3.5", "gain:5.25"]


def test_a_part_on_which_no_other_has_points_is_not_raised() -> None:
    bare = panel({unit: (first, 1.0 if unit == "04" else 0.0) for unit, (first, _) in POINTS.items()})
    assert set(by_node(plan(target=2, of=bare), "route_gain")) == {"domain:1", "total"}


def test_who_has_the_rank_or_is_known_in_part_has_no_route() -> None:
    assert plan(unit="02").empty
    assert plan(target=6).empty
    assert plan(of=panel()[lambda rows: (rows["unit"] != "01") | (rows["node"] != "domain:2")]).empty
    assert plan(higher_is_better=False).empty
