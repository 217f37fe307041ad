"""A unit node by node: its score, rank and distance from the mean on each, over the years, and where it stands out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.comparisons import ranked_units
from par_analysis.metrics.completeness import completeness
from par_analysis.metrics.figures import Row, computed, empty, figures, pick, rows_of, values
from par_analysis.metrics.levels import ceiling_share, with_shares
from par_analysis.metrics.ranks import percentile_of_place, rank
from par_analysis.model import COUNTRY

_TOLERANCE: Final = 1e-9
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
    tables = _tables(panel, nodes, year)
    return figures(row for node in dict.fromkeys(nodes) for row in _node(tables.get((node, year), empty()), unit, units, higher_is_better))


def _tables(panel: pd.DataFrame, nodes: Sequence[str], year: int | None = None) -> Mapping[tuple[str, int], pd.DataFrame]:
    """Node and year → the figures of the units and the country."""
    found = pick(panel, year=year, node=[*nodes], measure=["score", "share_of_max", "rank", "mean"], exact=True)
    return {(str(node), int(str(year))): rows.reset_index(drop=True) for (node, year), rows in found.groupby(["node", "year"])}


def _node(rows: pd.DataFrame, unit: str, units: Sequence[str], higher_is_better: bool) -> Iterator[Row]:
    """The rows of a profile on one node."""
    own, scores, published = rows[rows["unit"] == unit], _scores(rows, units), _published_mean(rows)
    levels = own[own["measure"].isin(["score", "share_of_max"])]
    yield from rows_of(with_shares(levels)) if len(levels) else ()
    yield from _rank(own, scores, unit, units, higher_is_better)
    means = [*rows_of(published), *_of_country(scores, units)]
    yield from means
    score = own[own["measure"] == "score"]
    if len(score) and means:
        facts: Row = {**score[["unit", "year", "node", "unit_of_measure"]].iloc[0], "measure": "gap_mean", "note": f"against {means[0]['measure']} of {COUNTRY}"}
        yield computed(pd.concat([score, published if len(published) else scores]), **facts, value=float(score["value"].iloc[0]) - float(means[0]["value"]))


def _published_mean(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["unit"] == COUNTRY) & (rows["measure"] == "mean") & (rows["basis"] != "computed")]


def _scores(rows: pd.DataFrame, units: Collection[str]) -> pd.DataFrame:
    return rows[(rows["measure"] == "score") & rows["unit"].isin(list(units))]


def _rank(own: pd.DataFrame, scores: pd.DataFrame, unit: str, units: Collection[str], higher_is_better: bool) -> list[Row]:
    """The unit's rank: the panel's, else computed among the scored units."""
    told = own[own["measure"] == "rank"]
    if len(told) or unit not in set(scores["unit"]):
        return rows_of(told)
    place = rank(values(scores, sorted(scores["unit"])), higher_is_better=higher_is_better, tolerance=_TOLERANCE)[unit]
    facts: Row = {"unit": unit, "year": scores["year"].iloc[0], "node": scores["node"].iloc[0], "unit_of_measure": "place", "out_of": len(scores)}
    return [computed(scores, **facts, measure="rank", value=place, note=f"among {_count(scores, units)}")]


def _of_country(scores: pd.DataFrame, units: Collection[str]) -> list[Row]:
    """Mean, highest and lowest of the known scores."""
    if not len(scores):
        return []
    made = {"mean": scores["value"].mean(), "max": scores["value"].max(), "min": scores["value"].min()}
    facts: Row = computed(scores, **scores[["year", "node", "unit_of_measure"]].iloc[0], unit=COUNTRY, out_of=len(set(units)))
    return [{**facts, "measure": f"{name}_computed", "value": float(value), "note": f"{name} of {_count(scores, units)}"} for name, value in made.items()]


def _count(scores: pd.DataFrame, units: Collection[str]) -> str:
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
    tables = _tables(panel, nodes)
    years = sorted({year for _, year in tables if year <= until})
    ranked = {year: ranked_units(panel, year=year, units=units) for year in years}
    known = [(node, year) for node in dict.fromkeys(nodes) for year in years if (node, year) in tables]
    return figures(row for node, year in known for row in _year(tables[node, year], unit, ranked[year], higher_is_better))


def _year(rows: pd.DataFrame, unit: str, ranked: Collection[str], higher_is_better: bool) -> list[Row]:
    """The rows of a history on one node in one year."""
    own = rows[(rows["unit"] == unit) & rows["measure"].isin(["score", "rank"])]
    if not len(own):
        return []
    scores = _scores(rows, ranked)
    scores = scores if len(scores) == len(ranked) else scores.iloc[:0]
    places = _rank(own, scores, unit, ranked, higher_is_better)
    means = rows[(rows["unit"] == COUNTRY) & (rows["measure"] == "mean")]
    computed_mean = [] if len(means) and "computed" in set(means["basis"]) else _of_country(scores, ranked)[:1]
    return [*rows_of(own[own["measure"] == "score"]), *places, *rows_of(means), *computed_mean]


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
    tables = _tables(panel, nodes, year)
    at_maximum = ceiling_share(panel, year=year, units=units, node=[*nodes]).set_index("node")["value"]
    apart = [node for node in dict.fromkeys(nodes) if at_maximum.get(node, 0.0) <= _LARGEST_CEILING_SHARE]
    stands = [stand for node in apart if (stand := _stand(tables.get((node, year), empty()), unit, units, node, higher_is_better))]
    best = sorted((stand for stand in stands if stand.side > 0), key=lambda stand: (-stand.percentile, -stand.lead))[: max(count, 0)]
    worst = sorted((stand for stand in stands if stand.side < 0), key=lambda stand: (stand.percentile, stand.lead))[: max(count, 0)]
    rows: list[Row] = []
    for measure, chosen in (("strength", best), ("weakness", worst)):
        for i, stand in enumerate(chosen):
            rows.append({**stand.rank, "measure": measure, "value": i + 1, "basis": "computed", "out_of": len(chosen), "note": stand.said})
            rows += _node(tables[stand.node, year], unit, units, higher_is_better)
    scored = completeness(panel, unit=unit, year=year, nodes=nodes)
    return figures([*rows, *rows_of(scored[scored["value"] > 0])])


def _stand(rows: pd.DataFrame, unit: str, units: Sequence[str], node: str, higher_is_better: bool) -> Stand | None:
    """Where the unit stands on a node; ``None`` where that is not known or the node does not tell the units apart."""
    scores = _scores(rows, units)
    own = scores.loc[scores["unit"] == unit, "value"]
    spread = float(scores["value"].std(ddof=0)) if len(own) else 0.0
    if spread <= _TOLERANCE or 2 * scores["value"].round(9).nunique() < len(scores):
        return None
    place = _rank(rows[rows["unit"] == unit], scores, unit, units, higher_is_better)[0]
    place["out_of"] = len(scores) if np.isnan(place["out_of"]) else place["out_of"]
    sign = 1.0 if higher_is_better else -1.0
    lead = sign * float(own.iloc[0] - scores["value"].mean()) / spread
    published = _published_mean(rows)["value"]
    gap = sign * round(float(own.iloc[0] - (published.iloc[0] if len(published) else scores["value"].mean())), 9)
    percentile = percentile_of_place(place["value"], place["out_of"])
    return None if np.isnan(percentile) else Stand(node, round(percentile, 9), round(lead, 9), (gap > 0) - (gap < 0), place)
