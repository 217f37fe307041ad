"""What is still to be had on each node, by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd

from par_analysis.metrics.headrooms import node_headroom

from .made import YEAR, fact, table

UNITS = ["01", "02", "03", "04", "05"]
ONE = {"01": 9.0, "02": 8.0, "03": 7.0, "04": 8.0, "05": 3.0}
TOTALS = {"01": 60.0, "02": 55.0, "03": 50.0, "04": 45.0, "05": 40.0}


def panel(known: list[str] = UNITS, out_of: float = 10) -> pd.DataFrame:
    rows = [fact(unit, "score", ONE[unit], node="domain:1", out_of=out_of) for unit in known]
    return table(*rows, fact("03", "score", 2.0, node="domain:2"), *(fact(unit, "score", total) for unit, total in TOTALS.items()))


def found(of: pd.DataFrame, **more: Any) -> dict[tuple[str, str], float]:
    """(Unit, measure) → value."""
    made = node_headroom(of, unit="03", year=YEAR, units=UNITS, nodes=["domain:1"], **more)
    return {(str(unit), str(measure)): float(value) for unit, measure, value in zip(made["unit"], made["measure"], made["value"], strict=True)}


def test_own_score_is_set_against_mean_best_region_and_top() -> None:
    assert found(panel(), region="R1", region_units=["03", "05", "99"], top=2) == {
        ("03", "score"): 7,
        ("03", "headroom"): 3,
        ("VN", "mean_computed"): 7,
        ("VN", "best_computed"): 9,
        ("01", "score"): 9,
        ("03", "gap_best"): -2,
        ("R1", "mean_computed"): 5,
        ("VN", "mean_top"): 8.5,
    }


def test_of_few_known_scores_nothing_is_said_of_the_others() -> None:
    assert found(panel(["03", "01"])) == {("03", "score"): 7, ("03", "headroom"): 3}


def test_means_of_groups_ask_for_all_of_them() -> None:
    made = found(panel(["03", "02", "04"]), region="R1", region_units=["03", "05"], top=2)
    assert ("VN", "mean_computed") in made
    assert ("R1", "mean_computed") not in made
    assert ("VN", "mean_top") not in made


def test_without_a_maximum_only_the_best_is_known() -> None:
    made = found(panel(out_of=float("nan")))
    assert ("03", "headroom") not in made
    assert made["03", "gap_best"] == -2


def test_lower_may_be_better() -> None:
    made = found(panel(), higher_is_better=False, top=1)
    assert (made["VN", "best_computed"], made["03", "gap_best"], made["VN", "mean_top"]) == (3, 4, 3)


def test_nodes_without_an_own_score_are_left_out() -> None:
    made = node_headroom(panel(["01", "02"]), unit="03", year=YEAR, units=UNITS, nodes=["domain:1", "domain:2"])
    assert set(made["node"]) == {"domain:2"}
    assert node_headroom(panel(), unit="03", year=YEAR, units=UNITS, nodes=["domain:3"]).empty
