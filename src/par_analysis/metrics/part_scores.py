"""The scores of a year's ranked units on every part of an index: what the metrics of robustness and structure start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.comparisons import ranked_units
from par_analysis.metrics.figures import Row, computed
from par_analysis.metrics.lookup import Figure, Lookup, Panel, lookup
from par_analysis.model import COUNTRY, TOTAL

LEAST_UNITS: Final = 5
"""Of fewer units nothing is said: neither a correlation nor a share of draws means much."""
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, eq=False)
class PartScores:
    """``points``, units by parts, both sorted; ``maxima`` by part, which are the weights of an index that adds up points; ``rows``, the scores that they are from;
    ``ranks``, the known ranks on the total by unit."""

    year: int
    points: pd.DataFrame
    maxima: pd.Series[float]
    rows: Sequence[Figure]
    ranks: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def units(self) -> list[str]:
        """The ranked units."""
        return [str(unit) for unit in self.points.index]

    @cached_property
    def attainments(self) -> pd.DataFrame:
        """Points in percent of their maximum."""
        return 100 * self.points / self.maxima

    @cached_property
    def facts(self) -> Row:
        """Index, year, sources and editions of whatever is computed from all of them."""
        return computed(self.rows, year=self.year)

    def of_unit(self, unit: str, measure: str, value: float, **more: object) -> Row:
        """A figure of a unit on the total, by default a place out of the number of units."""
        return {**self.facts, "unit": unit, "node": TOTAL, "unit_of_measure": "place", "out_of": float(len(self.points)), "measure": measure, "value": float(value), **more}

    def of_all(self, measure: str, value: float, **more: object) -> Row:
        """A figure of the country on the total, by default a count."""
        return {**self.facts, "unit": COUNTRY, "node": TOTAL, "unit_of_measure": "count", "measure": measure, "value": float(value), **more}


def part_scores(panel: Panel, *, year: int, units: Sequence[str], nodes: Sequence[str]) -> PartScores | None:
    """The scores of all ranked units (``comparisons.ranked_units``) on the parts ``nodes``; ``None`` unless every one of them is known, exactly and with a maximum above 0 that
    is the same for all units. Nor of fewer than five units or two parts, or where all totals are equal.

    >>> from par_analysis.metrics.figures import empty
    >>> part_scores(empty(), year=2023, units=["01", "02"], nodes=["domain:1", "domain:2"]) is None
    True
    """
    known = lookup(panel)
    wanted, parts = _ranked(known, year, units), sorted(set(nodes))
    rows = _scores(known, year, wanted, parts)
    maxima = {row["node"]: row["out_of"] for row in rows}
    if len(wanted) < LEAST_UNITS or len(parts) < 2 or len(rows) < len(wanted) * len(parts) or not all(row["out_of"] > 0 and row["out_of"] == maxima[row["node"]] for row in rows):
        return None
    table = pd.DataFrame([(row["unit"], row["node"], row["value"]) for row in rows], columns=["unit", "node", "value"])
    points = table.pivot(index="unit", columns="node", values="value").reindex(index=wanted, columns=parts).astype("float64")
    if np.ptp(points.to_numpy().sum(axis=1)) <= _TOLERANCE:
        return None
    ranks = {row["unit"]: row for row in known.rows(unit=wanted, year=year, node=TOTAL, measure="rank", exact=True)}
    return PartScores(year, points, pd.Series(maxima, dtype="float64").reindex(parts), rows, ranks)


def scored_on_all(panel: Panel, *, year: int, units: Sequence[str], nodes: Sequence[str]) -> list[Row]:
    """How many of the ranked units have a score on every part, ``n_scored`` of the country out of their number; nothing where no score on any part is known.

    >>> from par_analysis.metrics.figures import empty
    >>> scored_on_all(empty(), year=2023, units=["01"], nodes=["domain:1"])
    []
    """
    known = lookup(panel)
    wanted, parts = _ranked(known, year, units), sorted(set(nodes))
    rows = _scores(known, year, wanted, parts)
    if not rows:
        return []
    counts = pd.Series([row["unit"] for row in rows]).value_counts()
    facts: Row = {"unit": COUNTRY, "year": year, "node": TOTAL, "measure": "n_scored", "unit_of_measure": "count", "out_of": float(len(wanted))}
    return [computed(rows, **facts, value=float((counts == len(parts)).sum()), note=f"units with a score on each of {len(parts)} parts")]


def _ranked(known: Lookup, year: int, units: Sequence[str]) -> list[str]:
    return sorted(ranked_units(known, year=year, units=units) - {COUNTRY})


def _scores(known: Lookup, year: int, units: Sequence[str], nodes: Sequence[str]) -> list[Figure]:
    return known.rows(unit=units, year=year, node=nodes, measure="score", exact=True)
