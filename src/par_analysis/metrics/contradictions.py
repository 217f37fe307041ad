"""Published ranks that cannot all be true: a rank held twice, or an order that contradicts the scores."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

import pandas as pd

from par_analysis.metrics.figures import figures, picked
from par_analysis.metrics.lookup import Figure


def contradictions(panel: pd.DataFrame, *, year: int, units: Sequence[str], unit: str | None = None, tolerance: float = 1e-9) -> pd.DataFrame:
    """The ranks (and, against an order, the scores) of units that contradict one another in a year, on every node: the figures as they are, pair by pair.

    ``note`` names the pair: ``same rank <node> <rank>`` or ``order <node> <units>``. Equal scores may share a rank. ``unit`` keeps the pairs it is in. Own rule.

    >>> def fact(unit, value):
    ...     return {"index": "par_index", "unit": unit, "year": 2023, "node": "total", "measure": "rank", "value": value, "out_of": 63, "basis": "published"}
    >>> found = contradictions(figures([fact("10", 7), fact("80", 7), fact("30", 22)]), year=2023, units=["10", "30", "80"])
    >>> found[["unit", "value", "note"]].values.tolist()
    [['10', 7.0, 'same rank total 7'], ['80', 7.0, 'same rank total 7']]
    """
    by_node: dict[str, dict[str, dict[str, Figure]]] = {}
    for row in picked(panel, unit=list(units), year=year, measure=["rank", "score"]):
        by_node.setdefault(row["node"], {"rank": {}, "score": {}})[row["measure"]][row["unit"]] = row
    rows: list[Figure] = []
    for node, of in sorted(by_node.items()):
        ranks, scores = of["rank"], of["score"]
        for one, other in _pairs(ranks, unit):
            ahead, gap = ranks[one]["value"] - ranks[other]["value"], None
            if one in scores and other in scores:
                gap = scores[one]["value"] - scores[other]["value"]
            if ahead == 0 and (gap is None or abs(gap) > tolerance):
                rows += [{**ranks[code], "note": f"same rank {node} {ranks[one]['value']:.0f}"} for code in (one, other)]
            elif gap is not None and ahead * gap > tolerance:
                note = f"order {node} {one} {other}"
                rows += [{**row, "note": note} for code in (one, other) for row in (ranks[code], scores[code])]
    return figures(rows)


def _pairs(units: Collection[str], unit: str | None) -> Iterable[tuple[str, str]]:
    """All pairs of units, or those that one of them is in, in order of code."""
    if unit is None:
        return combinations(sorted(units), 2)
    return ((min(unit, other), max(unit, other)) for other in sorted(units) if unit in units and other != unit)
