"""Ranks that cannot all be true."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from par_analysis.metrics import contradictions
from par_analysis.metrics.figures import figures


def fact(unit: str, measure: str, value: float, node: str = "total") -> dict[str, Any]:
    return {"index": "par_index", "unit": unit, "year": 2023, "node": node, "measure": measure, "value": value, "out_of": 63, "basis": "published"}


def found(*rows: dict[str, Any], unit: str | None = None) -> pd.DataFrame:
    return contradictions(figures(rows), year=2023, units=["30", "75", "79", "96"], unit=unit)


def test_rank_held_twice_is_found_once_a_pair() -> None:
    assert set(found(fact("75", "rank", 32), fact("96", "rank", 32), fact("30", "rank", 22))["note"]) == {"same rank total 32"}


def test_equal_scores_may_share_a_rank() -> None:
    rows = [fact(unit, measure, value) for unit in ("75", "96") for measure, value in (("rank", 32), ("score", 87.0))]
    assert found(*rows).empty


@pytest.mark.parametrize(("better", "expected"), [(86.97, 4), (86.80, 0)])
def test_order_against_the_scores_is_found(better: float, expected: int) -> None:
    rows = [fact("96", "rank", 32), fact("96", "score", 86.89), fact("79", "rank", 33), fact("79", "score", better)]
    assert len(found(*rows)) == expected


def test_nodes_do_not_mix() -> None:
    assert found(fact("75", "rank", 32), fact("96", "rank", 32, node="domain:7")).empty


def test_unit_keeps_its_own_pairs() -> None:
    rows = [fact("75", "rank", 32), fact("96", "rank", 32), fact("79", "rank", 32)]
    assert set(found(*rows, unit="75")["unit"]) == {"75", "79", "96"}
    assert found(*rows, unit="30").empty
