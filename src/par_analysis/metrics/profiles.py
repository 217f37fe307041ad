"""A unit node by node: its score, rank and distance from the mean on each, over the years, and where it stands out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.comparisons import ranked_units
from par_analysis.metrics.completeness import completeness
from par_analysis.metrics.figures import Row, computed, figures, of_measure, rows_of
from par_analysis.metrics.levels import ceiling_rows, with_shares
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.ranks import FloatArray, percentile_of_place, places_of
from par_analysis.model import COUNTRY

_TOLERANCE: Final = 1e-9
_MEASURES: Final = ("score", "share_of_max", "rank", "mean")
_LARGEST_CEILING_SHARE: Final = 90.0
"""Percent of units at the maximum above which a node does not tell units apart."""


def profile(panel: pd.DataFrame, *, unit: str, year: int, units: Sequence[str], nodes: Sequence[str], higher_is_better: bool = True) -> pd.DataFrame:
    """For each node in the order given: the unit's ``score``, ``share_of_max`` and ``rank``, the country's ``mean_computed``, ``max_computed`` and ``min_computed`` of the
    known scores of ``units``, and ``gap_mean``, the score minus the mean.

    Ranks of the panel are passed through; else they are computed, out of the units scored on the node. Where the country's mean was published it is passed
    through too, and the gap is to it. What is not known has no row.

    >>> def fact(unit, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": "domain:1", "measure": "score", "value": value, "out_of": 10, "basis": "published"}
    >>> panel = figures([fact("01", 4), fact("02", 5), fact("03", 6)])
    >>> found = profile(panel, unit="03", year=2023, units=["01", "02", "03"], nodes=["domain:1"])
    >>> found[["measure", "value"]].values.tolist()[:4]
    [['score', 6.0], ['share_of_max', 60.0], ['rank', 1.0], ['mean_computed', 5.0]]
    """
    tables, everyone = _tables(lookup(panel), nodes, year), frozenset(units)
    return figures(row for node in dict.fromkeys(nodes) for row in _node(tables.get(node, ()), unit, everyone, higher_is_better))


def _tables(known: Lookup, nodes: Sequence[str], year: int) -> Mapping[str, Sequence[Figure]]:
    """Node → the figures of the units and the country."""
    tables: dict[str, list[Figure]] = {}
    for row in known.rows(year=year, node=nodes, measure=_MEASURES, exact=True):
        tables.setdefault(row["node"], []).append(row)
    return tables


def _node(rows: Sequence[Figure], unit: str, units: Collection[str], higher_is_better: bool) -> Iterator[Figure]:
    """The rows of a profile on one node."""
    own, scores, published = [row for row in rows if row["unit"] == unit], _scores(rows, units), _published_mean(rows)
    yield from with_shares(of_measure(own, "score", "share_of_max"))
    yield from _rank(own, scores, unit, units, higher_is_better)
    means = [*published, *_of_country(scores, units)]
    yield from means
    score = of_measure(own, "score")
    if score and means:
        facts: Row = {**_where(score[0]), "measure": "gap_mean", "note": f"against {means[0]['measure']} of {COUNTRY}"}
        yield computed([*score, *(published or scores)], **facts, unit=unit, value=score[0]["value"] - means[0]["value"])


def _where(row: Figure) -> Row:
    return {name: row[name] for name in ("year", "node", "unit_of_measure")}


def _published_mean(rows: Sequence[Figure]) -> list[Figure]:
    return [row for row in rows if row["measure"] == "mean" and row["unit"] == COUNTRY and row["basis"] != "computed"]


def _scores(rows: Sequence[Figure], units: Collection[str]) -> list[Figure]:
    return [row for row in rows if row["measure"] == "score" and row["unit"] in units]


def _rank(own: Sequence[Figure], scores: Sequence[Figure], unit: str, units: Collection[str], higher_is_better: bool) -> list[Figure]:
    """The unit's rank: the panel's, else computed among the scored units."""
    told = of_measure(own, "rank")
    i = next((i for i, row in enumerate(scores) if row["unit"] == unit), None)
    if told or i is None:
        return told
    place = places_of(_values(scores), higher_is_better=higher_is_better, tolerance=_TOLERANCE)[i]
    facts: Row = {**_where(scores[i]), "unit": unit, "unit_of_measure": "place", "out_of": len(scores)}
    return [computed(scores, **facts, measure="rank", value=place, note=f"among {_count(scores, units)}")]


def _values(rows: Sequence[Figure]) -> FloatArray:
    return np.array([row["value"] for row in rows], dtype=np.float64)


def _of_country(scores: Sequence[Figure], units: Collection[str]) -> list[Row]:
    """Mean, highest and lowest of the known scores."""
    if not scores:
        return []
    values = _values(scores)
    made = {"mean": values.mean(), "max": values.max(), "min": values.min()}
    facts: Row = computed(scores, **_where(scores[0]), unit=COUNTRY, out_of=len(set(units)))
    return [{**facts, "measure": f"{name}_computed", "value": float(value), "note": f"{name} of {_count(scores, units)}"} for name, value in made.items()]


def _count(scores: Sequence[Figure], units: Collection[str]) -> str:
    return f"{len(scores)} of {len(set(units))} scores"


def node_history(panel: pd.DataFrame, *, unit: str, nodes: Sequence[str], until: int, units: Sequence[str], higher_is_better: bool = True) -> pd.DataFrame:
    """For each node in the order given and each year up to ``until`` with a figure of the unit, the oldest first: its ``score`` and ``rank``, and ``mean_computed`` of the country.

    Ranks and means of the panel are passed through; where it has no mean of its own computing, that is computed, as is a rank that it does not have, among all who were
    ranked in the year (``comparisons.ranked_units``; ``units`` where that is not known), and only where all of them are scored on the node.

    >>> def fact(unit, year, value):
    ...     return {"index": "papi", "unit": unit, "year": year, "node": "domain:1", "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact("01", 2022, 4), fact("01", 2023, 5), fact("02", 2023, 6)])
    >>> found = node_history(panel, unit="01", nodes=["domain:1"], until=2023, units=["01", "02"])
    >>> found[["year", "measure", "value"]].values.tolist()
    [[2022, 'score', 4.0], [2023, 'score', 5.0], [2023, 'rank', 2.0], [2023, 'mean_computed', 5.5]]
    """
    known = lookup(panel)
    known.require_one_meaning(node=nodes, measure=_MEASURES, exact=True)
    own = known.rows(unit=[unit, COUNTRY], node=nodes, measure=["score", "rank", "mean"], exact=True)
    tables: dict[tuple[str, int], list[Figure]] = {}
    for row in own:
        tables.setdefault((row["node"], row["year"]), []).append(row)
    years = sorted({year for _, year in tables if year <= until})
    ranked = {year: ranked_units(known, year=year, units=units) for year in years}
    met = [(node, year) for node in dict.fromkeys(nodes) for year in years if (node, year) in tables]
    return figures(row for node, year in met for row in _year(known, tables[node, year], unit, ranked[year], higher_is_better))


def _year(known: Lookup, rows: Sequence[Figure], unit: str, ranked: Collection[str], higher_is_better: bool) -> list[Figure]:
    """The rows of a history on one node in one year."""
    own = [row for row in of_measure(rows, "score", "rank") if row["unit"] == unit]
    if not own:
        return []
    means = [row for row in of_measure(rows, "mean") if row["unit"] == COUNTRY]
    points, places, is_told = of_measure(own, "score"), of_measure(own, "rank"), any(row["basis"] == "computed" for row in means)
    if places and is_told:
        return [*points, *places, *means]
    scores = known.rows(unit=ranked, year=own[0]["year"], node=own[0]["node"], measure="score", exact=True)
    scores = scores if len(scores) == len(ranked) else []
    return [*points, *_rank(own, scores, unit, ranked, higher_is_better), *means, *([] if is_told else _of_country(scores, ranked)[:1])]


@dataclass(frozen=True)
class Stand:
    """How a unit stands on a node: the percentile of its rank, how many standard deviations it is better than the mean, and whether it is better (1) or worse (-1) than the mean
    that its profile names, which is the published one where there is one."""

    node: str
    percentile: float
    lead: float
    side: int
    rank: Row

    @property
    def said(self) -> str:
        """In words."""
        return f"rank {self.rank['value']:g} of {self.rank['out_of']:g}; {abs(self.lead):.2f} standard deviations {'better' if self.lead >= 0 else 'worse'} than the mean"


def strengths(panel: pd.DataFrame, *, unit: str, year: int, units: Sequence[str], nodes: Sequence[str], count: int = 5, higher_is_better: bool = True) -> pd.DataFrame:
    """Up to ``count`` nodes with the unit's best ranks, then up to as many with its worst: a row ``strength`` or ``weakness`` (value = order, 1 first), then the node's
    ``profile``; last ``n_scored``, on how many of the nodes the unit has a score.

    Only nodes that tell the units apart: at most 90 % of the known scores at the maximum, and at least half of them different. A strength is better than the country's mean, a
    weakness worse (by ``gap_mean``), so either list may be shorter or empty. Ranks are ordered by percentile, equal ones by the distance from the mean in standard deviations of
    the node, then as the nodes are given. Nothing for a unit without a score. Formula: P4.

    >>> def fact(unit, node, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": node, "measure": "score", "value": value, "out_of": 10, "basis": "published"}
    >>> panel = figures([fact("01", "domain:1", 9), fact("02", "domain:1", 5), fact("01", "domain:2", 4), fact("02", "domain:2", 5)])
    >>> found = strengths(panel, unit="01", year=2023, units=["01", "02"], nodes=["domain:1", "domain:2"])
    >>> found.loc[found["measure"].isin(["strength", "weakness"]), ["node", "measure", "value"]].values.tolist()
    [['domain:1', 'strength', 1.0], ['domain:2', 'weakness', 1.0]]
    """
    known, everyone = lookup(panel), frozenset(units)
    tables = _tables(known, nodes, year)
    ceilings = {row["node"]: row["value"] for row in ceiling_rows(known, year=year, units=units, node=nodes)}
    apart = [node for node in dict.fromkeys(nodes) if ceilings.get(node, 0.0) <= _LARGEST_CEILING_SHARE]
    stands = [stand for node in apart if (stand := _stand(tables.get(node, ()), unit, everyone, node, higher_is_better))]
    best = sorted((stand for stand in stands if stand.side > 0), key=lambda stand: (-stand.percentile, -stand.lead))[: max(count, 0)]
    worst = sorted((stand for stand in stands if stand.side < 0), key=lambda stand: (stand.percentile, stand.lead))[: max(count, 0)]
    rows: list[Figure] = []
    for measure, chosen in (("strength", best), ("weakness", worst)):
        for i, stand in enumerate(chosen):
            rows.append({**stand.rank, "measure": measure, "value": i + 1, "basis": "computed", "out_of": len(chosen), "note": stand.said})
            rows += _node(tables[stand.node], unit, everyone, higher_is_better)
    scored = completeness(panel, unit=unit, year=year, nodes=nodes)
    return figures([*rows, *rows_of(scored[scored["value"] > 0])])


def _stand(rows: Sequence[Figure], unit: str, units: Collection[str], node: str, higher_is_better: bool) -> Stand | None:
    """Where the unit stands on a node; ``None`` where that is not known or the node does not tell the units apart."""
    scores = _scores(rows, units)
    own = next((row["value"] for row in scores if row["unit"] == unit), None)
    values = _values(scores)
    spread = float(values.std()) if own is not None else 0.0
    if own is None or spread <= _TOLERANCE or 2 * len(np.unique(values.round(9))) < len(values):
        return None
    place = dict(_rank([row for row in rows if row["unit"] == unit], scores, unit, units, higher_is_better)[0])
    place["out_of"] = len(scores) if np.isnan(place["out_of"]) else place["out_of"]
    sign = 1.0 if higher_is_better else -1.0
    mean = float(values.mean())
    lead = sign * (own - mean) / spread
    gap = sign * round(own - next((row["value"] for row in _published_mean(rows)), mean), 9)
    percentile = percentile_of_place(place["value"], place["out_of"])
    return None if np.isnan(percentile) else Stand(node, round(percentile, 9), round(lead, 9), (gap > 0) - (gap < 0), place)
