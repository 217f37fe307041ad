"""Totals of indices that publish their parts: sums, ranks and the country's mean, of the units whose parts are all known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from par_analysis.metrics.figures import Row, computed, empty, figures, pick
from par_analysis.metrics.lookup import lookup
from par_analysis.metrics.ranks import rank
from par_analysis.model import COUNTRY, TOTAL

Tree = Mapping[str, Sequence[str]]


def totals(panel: pd.DataFrame, *, year: int, units: Sequence[str], tree: Tree, maxima: Mapping[str, float | None], higher_is_better: bool = True) -> pd.DataFrame:
    """The scores of a year that follow from the published ones: every node of ``tree`` (node → the nodes that add up to it) with a part for all its children.

    ``score`` of a unit, out of the sum of its children's ``maxima``; ``rank`` out of the units that have a score there; ``mean``, ``max`` and ``min`` of the
    country over the same units. A unit that lacks a part has no sum and no rank. What is published is never computed again. Empty where no part is known.
    Formula: L1, the sum of points.

    >>> def fact(unit, node, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": node, "measure": "score", "value": value, "out_of": 5, "basis": "published"}
    >>> parts = figures([fact("01", "domain:1", 4), fact("01", "domain:2", 3), fact("02", "domain:1", 5)])
    >>> found = totals(parts, year=2023, units=["01", "02"], tree={"total": ["domain:1", "domain:2"]}, maxima={"domain:1": 5.0, "domain:2": 5.0})
    >>> found.loc[found["measure"] == "score", ["unit", "value", "out_of"]].values.tolist()
    [['01', 7.0, 10.0]]
    """
    known = lookup(panel)
    found = pick(known, unit=list(units), year=year, measure=["score", "rank"], exact=True)
    scores = found[found["measure"] == "score"]
    if not len(scores):
        return empty()
    table = scores.pivot(index="unit", columns="node", values="value")
    tops = {**maxima, **_known_maxima(scores)}
    told = set(zip(*(found[name].tolist() for name in ("unit", "node", "measure")), strict=True))
    facts = computed(scores, year=year)
    rows: list[Row] = []
    for node in _from_below(tree):
        children = list(tree[node])
        if node not in table and all(child in table for child in children):
            table[node] = table[children].sum(axis=1, skipna=False)
            tops[node] = tops.get(node) or math.fsum(tops.get(child) or math.nan for child in children)
        if node in table:
            scale = {"unit_of_measure": scores["unit_of_measure"].iloc[0], "out_of": tops.get(node) or math.nan}
            rows += _rows(table[node], {**facts, "node": node}, scale, told, higher_is_better=higher_is_better)
    country = {(row["node"], row["measure"]) for row in known.rows(unit=COUNTRY, year=year, measure=["mean", "max", "min"])}
    return figures(row for row in rows if row["unit"] != COUNTRY or (row["node"], row["measure"]) not in country)


def _known_maxima(scores: pd.DataFrame) -> dict[str, float]:
    """The maximum that the scores of a node state."""
    return {str(node): float(values.iloc[0]) for node, values in scores.dropna(subset=["out_of"]).groupby("node")["out_of"]}


def _from_below(tree: Tree) -> list[str]:
    """The tree's inner nodes, children before parents."""
    ordered: list[str] = []

    def visit(node: str) -> None:
        for child in tree.get(node, ()):
            visit(child)
        if node in tree and node not in ordered:
            ordered.append(node)

    visit(TOTAL)
    return ordered


def _rows(values: pd.Series[float], facts: Row, scale: Row, told: set[tuple[str, str, str]], *, higher_is_better: bool) -> list[Row]:
    """Scores and ranks of the units, and the country's mean and extremes, on one node."""
    known, node = values.dropna().sort_index(), facts["node"]
    places = rank(known, higher_is_better=higher_is_better)
    rows = [{**facts, **scale, "unit": str(unit), "measure": "score", "value": float(value)} for unit, value in known.items() if (unit, node, "score") not in told]
    of_units = {"unit_of_measure": "place", "out_of": float(len(known))}
    rows += [{**facts, **of_units, "unit": str(unit), "measure": "rank", "value": float(place)} for unit, place in places.items() if (unit, node, "rank") not in told]
    note = f"of the {len(known)} units scored"
    extremes = (("mean", known.mean()), ("max", known.max()), ("min", known.min())) if len(known) else ()
    return rows + [{**facts, **scale, "unit": COUNTRY, "measure": measure, "value": float(value), "note": note} for measure, value in extremes]
