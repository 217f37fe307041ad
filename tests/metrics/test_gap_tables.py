"""Gaps to whole units, that add up level by level."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from par_analysis.metrics.gap_tables import REFERENCES, gap_table

from .made import YEAR, fact, table

POINTS = {"01": (6.0, 2.0, 4.0), "02": (5.0, 2.5, 3.0), "03": (4.0, 2.0, 2.0), "04": (3.5, 1.5, 2.0), "05": (3.0, 1.0, 1.0)}
"""Unit → points on criterion a and b of the first domain, and on the second domain."""
UNITS = list(POINTS)
TREE = {"total": ["domain:1", "domain:2"], "domain:1": ["criterion:a", "criterion:b"]}


def panel(points: dict[str, tuple[float, float, float]] = POINTS, without: tuple[str, str] = ("", "")) -> pd.DataFrame:
    rows = []
    for unit, (a, b, second) in points.items():
        of = {"criterion:a": a, "criterion:b": b, "domain:1": a + b, "domain:2": second, "total": a + b + second}
        rows += [fact(unit, "score", value, node=node, out_of=20 if node == "total" else 10) for node, value in of.items() if (unit, node) != without]
    return table(*rows)


def gaps(unit: str, of: pd.DataFrame | None = None, **more: Any) -> pd.DataFrame:
    options = {"region_units": ["04", "02"], "target": 2, **more}
    return gap_table(panel() if of is None else of, unit=unit, year=YEAR, units=UNITS, tree=TREE, **options)


def of(found: pd.DataFrame, measure: str) -> dict[str, float]:
    """Node → value."""
    rows = found[found["measure"] == measure]
    return {str(node): float(value) for node, value in zip(rows["node"], rows["value"], strict=True)}


def test_gaps_stand_by_node_against_whole_units() -> None:
    found = gaps("04")
    assert of(found, "gap_leader") == {"total": -5, "domain:1": -3, "criterion:a": -2.5, "criterion:b": -0.5, "domain:2": -2}
    assert of(found, "gap_median") == {"total": -1, "domain:1": -1, "criterion:a": -0.5, "criterion:b": -0.5, "domain:2": 0}
    assert of(found, "gap_region_best") == of(found, "gap_target") == {"total": -3.5, "domain:1": -2.5, "criterion:a": -1.5, "criterion:b": -1, "domain:2": -1}
    assert {name: found.loc[found["measure"] == f"reference_{name}", "unit"].tolist() for name in REFERENCES} == {
        "leader": ["01"],
        "median": ["03"],
        "region_best": ["02"],
        "target": ["02"],
    }


@pytest.mark.parametrize("name", REFERENCES)
def test_parts_add_up_to_the_gap_above(name: str) -> None:
    found = of(gaps("04"), f"gap_{name}")
    for parent, children in TREE.items():
        assert sum(found[child] for child in children) == pytest.approx(found[parent])


def test_a_unit_is_not_set_against_itself() -> None:
    assert {name for name in REFERENCES if of(gaps("01"), f"gap_{name}")} == {"median"}
    assert {name for name in REFERENCES if of(gaps("03"), f"gap_{name}")} == {"leader", "region_best", "target"}
    assert {name for name in REFERENCES if of(gaps("02"), f"gap_{name}")} == {"leader", "median"}


def test_equals_at_the_target_are_averaged() -> None:
    found = gaps("04", panel(POINTS | {"01": (6.0, 2.0, 2.5)}), target=1)
    assert found.loc[found["measure"] == "reference_target", "unit"].tolist() == ["01", "02"]
    assert of(found, "gap_target") == {"total": -3.5, "domain:1": -2.75, "criterion:a": -2, "criterion:b": -0.75, "domain:2": -0.75}


@pytest.mark.parametrize("without", [("05", "domain:2"), ("05", "total")])
def test_nothing_is_told_where_not_all_are_known(without: tuple[str, str]) -> None:
    assert gaps("04", panel(without=without)).empty


def test_nothing_is_told_where_the_parts_are_not_the_whole() -> None:
    odd = panel()
    odd.loc[(odd["unit"] == "04") & (odd["node"] == "total"), "value"] = 7.25
    assert gaps("04", odd).empty


def test_a_criterion_that_a_reference_lacks_is_left_out_for_it() -> None:
    found = gaps("04", panel(without=("01", "criterion:a")))
    assert "criterion:a" not in of(found, "gap_leader")
    assert "criterion:a" in of(found, "gap_median")
