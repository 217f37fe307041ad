"""Points against their maximum: share, headroom, and whether a node tells units apart."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import pandas as pd

from par_analysis.metrics.figures import Row, complete, computed, figures, of_measure, picked
from par_analysis.metrics.lookup import Codes, Figure, Panel, lookup
from par_analysis.model import COUNTRY, TOTAL


def with_shares(found: Sequence[Figure]) -> list[Figure]:
    """Picked figures with ``share_of_max`` (percent) added for each score below the total that states its maximum and has no published share.

    >>> with_shares([])
    []
    """
    keys = ("index", "unit", "year", "node")
    told = {tuple(row[key] for key in keys) for row in of_measure(found, "share_of_max")}
    scores = [row for row in of_measure(found, "score") if row["out_of"] > 0 and row["qualifier"] == "" and row["node"] != TOTAL]
    made = [_share_of_max(score, {key: score[key] for key in keys}) for score in scores if tuple(score[key] for key in keys) not in told]
    return [*found, *made]


def _share_of_max(score: Figure, facts: Row) -> Row:
    return complete(computed([score], **facts, measure="share_of_max", value=100 * score["value"] / score["out_of"], unit_of_measure="percent", out_of=100.0))


def headroom(panel: pd.DataFrame, *, year: int, unit: Codes = None, node: Codes = None) -> pd.DataFrame:
    """Points still to be had: ``headroom`` = maximum - points for every score that states its maximum (``out_of``, which may differ by unit); published ``points_lost`` are
    passed through. Negative above the maximum (bonus points). ``panel`` is a table of figures, see ``figures``. Formula: L6.

    >>> from par_analysis.metrics.figures import figures
    >>> score = {"index": "par_index", "unit": "30", "year": 2023, "node": "domain:1", "measure": "score", "value": 8.5, "out_of": 9.5, "basis": "published"}
    >>> headroom(figures([score]), year=2023)["value"].tolist()
    [1.0]
    """
    known = lookup(panel)
    scores = [row for row in known.rows(unit=unit, year=year, node=node, measure="score", exact=True) if not math.isnan(row["out_of"])]
    return figures([*map(_headroom, scores), *known.rows(unit=unit, year=year, node=node, measure="points_lost")])


def _headroom(score: Figure) -> Row:
    facts = {name: score[name] for name in ("unit", "year", "node", "unit_of_measure", "out_of")}
    return computed([score], **facts, measure="headroom", value=score["out_of"] - score["value"])


def ceiling_share(panel: pd.DataFrame, *, year: int, units: Sequence[str], node: Codes = None, tolerance: float = 1e-9) -> pd.DataFrame:
    """Per node, the percent of scored units that have their maximum: ``ceiling_share`` of the country, ``out_of`` the units scored there. Above 90 a node hardly tells units
    apart. Scores without a maximum are left out; at the maximum is who lacks at most ``tolerance`` points. Formula: L6.

    >>> from par_analysis.metrics.figures import figures
    >>> def fact(unit, value):
    ...     return {"index": "i", "unit": unit, "year": 2023, "node": "criterion:a", "measure": "score", "value": value, "out_of": 2, "basis": "published"}
    >>> ceiling_share(figures([fact("01", 2), fact("02", 2), fact("03", 0), fact("04", 1)]), year=2023, units=["01", "02", "03", "04"])[["node", "value", "out_of"]].values.tolist()
    [['criterion:a', 50.0, 4.0]]
    """
    return figures(ceiling_rows(panel, year=year, units=units, node=node, tolerance=tolerance))


def ceiling_rows(panel: Panel, *, year: int, units: Collection[str], node: Codes, tolerance: float = 1e-9) -> list[Row]:
    """The rows of ``ceiling_share``."""
    return _share(panel, "ceiling_share", year=year, units=units, node=node, tolerance=tolerance)


def floor_share(panel: pd.DataFrame, *, year: int, units: Sequence[str], node: Codes = None, tolerance: float = 1e-9) -> pd.DataFrame:
    """Per node, the percent of scored units that have no points at all: ``floor_share`` of the country, otherwise as ``ceiling_share``. Formula: L6.

    >>> from par_analysis.metrics.figures import figures
    >>> def fact(unit, value):
    ...     return {"index": "i", "unit": unit, "year": 2023, "node": "criterion:a", "measure": "score", "value": value, "out_of": 2, "basis": "published"}
    >>> floor_share(figures([fact("01", 2), fact("02", 2), fact("03", 0), fact("04", 1)]), year=2023, units=["01", "02", "03", "04"])["value"].tolist()
    [25.0]
    """
    return figures(_share(panel, "floor_share", year=year, units=units, node=node, tolerance=tolerance))


def _share(panel: Panel, measure: str, *, year: int, units: Collection[str], node: Codes, tolerance: float) -> list[Row]:
    scores = picked(panel, unit=units, year=year, node=node, measure="score", exact=True)
    by_node: dict[str, list[Figure]] = {}
    for row in scores:
        if not math.isnan(row["out_of"]):
            by_node.setdefault(row["node"], []).append(row)
    rows = []
    for name, part in sorted(by_node.items()):
        at = sum(row["value"] >= row["out_of"] - tolerance if measure == "ceiling_share" else row["value"] <= tolerance for row in part)
        rows.append(computed(part, unit=COUNTRY, year=year, node=name, measure=measure, value=100 * (at / len(part)), unit_of_measure="percent", out_of=len(part)))
    return rows
