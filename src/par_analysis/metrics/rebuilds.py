"""Published figures rebuilt, year by year: totals from their parts, and what is stated of the country from the scores of its units."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from par_analysis.metrics.aggregation import Cause, likely_cause, rebuilt_totals
from par_analysis.metrics.audits import HALF_A_UNIT, Way
from par_analysis.metrics.figures import Row, computed, figures, rows_of
from par_analysis.metrics.lookup import Figure, Lookup, lookup, require_figures
from par_analysis.metrics.national import OF_COUNTRY
from par_analysis.model import COUNTRY, FIGURES, TOTAL

AGREES, DISAGREES, POSSIBLE = "agrees", "disagrees", "possible"
FEWEST_REBUILT: Final = 10
"""So many totals of a year have to be rebuilt before anything is said of the year."""
FEWEST: Final = 0.9
"""The share of a year's units that have to be scored before what is stated of the country is compared with them."""


def rebuilds(
    panel: pd.DataFrame, *, ways: Mapping[int, Sequence[Way]], higher_is_better: bool = True, tolerance: float = HALF_A_UNIT, fewest: int = FEWEST_REBUILT
) -> pd.DataFrame:
    """The published totals of each year against the sums of their parts, by that of the ``ways`` (year → node and the nodes that add up to it) which rebuilds most of them.

    Figures of the country on the total: ``n_rebuilt`` (units with a total and all parts, out of the published totals), ``n_rebuilt_off`` (missed by more than ``tolerance``,
    what rounding the parts may leave; its note is the code of ``likely_cause``), ``n_rebuilt_lower`` and ``n_rebuilt_higher`` than published, ``n_rebuilt_rank`` (units that
    would have another rank), all out of the rebuilt ones, and ``gap_rebuilt_low``, ``gap_rebuilt_mean``, ``gap_rebuilt_high``: published − rebuilt. Computed totals are left
    out; parts may follow from published ones. A year with fewer than ``fewest`` totals that can be rebuilt has no row: single ones say nothing of a year. Formula: L7.

    >>> def fact(unit, node, value):
    ...     return {"index": "i", "unit": unit, "year": 2011, "node": node, "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact("01", "total", 60.5), fact("01", "domain:1", 60), fact("02", "total", 50), fact("02", "domain:1", 50)])
    >>> found = rebuilds(panel, ways={2011: [("total", ["domain:1"])]}, fewest=2)
    >>> found[["measure", "value"]].values.tolist()[:3]
    [['n_rebuilt', 2.0], ['n_rebuilt_off', 1.0], ['n_rebuilt_lower', 1.0]]
    """
    known = lookup(panel)
    rows: list[Row] = []
    for year in sorted(ways):
        published = [row for row in known.rows(year=year, node=TOTAL, measure="score", exact=True) if row["basis"] == "published" and row["unit"][:1].isdigit()]
        found = [_rebuilt(known, year, published, parts, higher_is_better, tolerance) for node, parts in ways[year] if node == TOTAL and parts and published]
        best = max(found, key=lambda one: int(one["difference"].notna().sum()), default=None)
        if best is not None and best["difference"].notna().sum() >= fewest:
            rows += _rows(best, likely_cause(best, tolerance=tolerance), published)
    return figures(rows)


def _rebuilt(known: Lookup, year: int, published: Sequence[Figure], parts: Sequence[str], higher_is_better: bool, tolerance: float) -> pd.DataFrame:
    """The totals of a year and the sums of some nodes, by unit."""
    totals = {row["unit"]: row["value"] for row in published}
    of_parts = known.rows(unit=list(totals), year=year, node=list(parts), measure="score", exact=True)
    cells = {(row["unit"], row["node"]): row["value"] for row in of_parts if row["basis"] != "computed"}
    table = pd.DataFrame({part: {unit: cells.get((unit, part), math.nan) for unit in totals} for part in parts})
    return rebuilt_totals(table, dict.fromkeys(parts, 1.0), pd.Series(totals), tolerance=tolerance, higher_is_better=higher_is_better)


def _rows(table: pd.DataFrame, cause: Cause, published: Sequence[Figure]) -> Iterator[Row]:
    gaps = table["difference"].dropna()
    facts: Row = {"unit": COUNTRY, "year": published[0]["year"], "node": TOTAL}
    out_of = float(cause.n_compared)
    counts = {"n_rebuilt_off": cause.n_off, "n_rebuilt_lower": int((gaps > 0).sum()), "n_rebuilt_higher": int((gaps < 0).sum()), "n_rebuilt_rank": cause.n_other_rank}
    yield computed(published, **facts, measure="n_rebuilt", value=out_of, out_of=float(len(published)), unit_of_measure="count")
    for measure, value in counts.items():
        note = cause.code if measure == "n_rebuilt_off" else ""
        yield computed(published, **facts, measure=measure, value=float(value), out_of=out_of, unit_of_measure="count", note=note)
    for end, gap in (("low", cause.smallest), ("mean", cause.mean), ("high", cause.largest)):
        yield computed(published, **facts, measure=f"gap_rebuilt_{end}", value=round(gap, 9), unit_of_measure=published[0]["unit_of_measure"])


def country_audit(panel: pd.DataFrame, *, stated: pd.DataFrame, units: Mapping[int, Sequence[str]], leaves: Mapping[int, Sequence[str]], decimals: int = 2) -> pd.DataFrame:
    """What is stated of the country's totals (``mean``, ``median``, ``max``, ``min``) against the scores of its ``units`` (year → those that the index is about).

    ``stated``: figures or claims, of which those that a source states are compared, where at least ``FEWEST`` of the units have an exact score; of several values of a year the
    preferred one. For each: the stated figure; ``<measure>_recomputed`` of the scores, out of the units; ``gap_stated_<measure>``, stated − recomputed, whose note is the verdict:
    "agrees" within a unit of the last of ``decimals`` (printed figures are rounded, or cut), else "disagrees", or "possible" where units without a score could account for it.
    Of a mean and units without a score also ``mean_needed``, what these would have to have on average, ``min_recomputed``, the lowest score that is known, and ``mean_of_partial``,
    the mean that comes out where missing parts (``leaves``) count as nothing. Then ``n_stated`` and ``n_stated_off`` of all years. Empty where nothing can be compared. Own rule.

    >>> def fact(unit, measure, value):
    ...     return {"index": "papi", "unit": unit, "year": 2018, "node": "total", "measure": measure, "value": value, "unit_of_measure": "points", "basis": "published"}
    >>> panel = figures([fact("01", "score", 44), fact("02", "score", 42), fact("VN", "mean", 42.5)])
    >>> found = country_audit(panel, stated=panel, units={2018: ["01", "02"]}, leaves={})
    >>> found[["measure", "value", "note"]].values.tolist()[1:3]
    [['mean_recomputed', 43.0, 'of 2 of 2 units'], ['gap_stated_mean', -0.5, 'disagrees']]
    """
    known = lookup(panel)
    rows: list[Row] = []
    for claim in _stated(stated):
        year, measure = int(claim["year"]), str(claim["measure"])
        everyone = sorted(set(units.get(year, ())))
        scores = known.rows(unit=everyone, year=year, node=TOTAL, measure="score", exact=True)
        if scores and len(scores) >= FEWEST * len(everyone) and (measure != "median" or len(scores) == len(everyone)):
            rows += _compared(claim, measure, scores, len(everyone), known, (everyone, leaves.get(year, ())), 10.0**-decimals)
    return figures([*rows, *_counts(rows)])


def _stated(stated: pd.DataFrame) -> list[Row]:
    """The figures of the country that sources state, one a year and measure."""
    require_figures(stated)
    if not len(stated):
        return []
    wanted = (stated["unit"] == COUNTRY) & (stated["node"] == TOTAL) & (stated["period"] == "") & (stated["qualifier"] == "") & stated["measure"].isin(OF_COUNTRY)
    told = stated[wanted & (stated["basis"] == "published") & stated["value"].notna()]
    preferred = told["is_preferred"].astype(bool) if "is_preferred" in told else pd.Series(True, told.index)
    ordered = told.assign(after=~preferred).sort_values(["year", "measure", "after", "source", "value"], kind="stable").drop_duplicates(["year", "measure"])
    return rows_of(ordered[list(FIGURES)])


def _compared(claim: Row, measure: str, scores: Sequence[Figure], count: int, known: Lookup, parts: tuple[Sequence[str], Sequence[str]], unit: float) -> Iterator[Row]:
    values = np.array([row["value"] for row in scores], dtype=np.float64)
    found = float({"mean": values.mean(), "median": np.median(values), "max": values.max(), "min": values.min()}[measure])
    gap, absent = round(float(claim["value"]) - found, 9), count - len(scores)
    facts: Row = {"unit": COUNTRY, "year": int(claim["year"]), "node": TOTAL, "unit_of_measure": claim["unit_of_measure"]}
    needed = (count * float(claim["value"]) - float(values.sum())) / absent if absent and measure == "mean" else math.nan
    verdict = AGREES if abs(gap) <= unit + 1e-9 else _of_others(measure, gap, absent, needed, values)
    yield claim
    yield computed(scores, **facts, measure=f"{measure}_recomputed", value=found, out_of=float(count), note=f"of {len(scores)} of {count} units")
    yield computed([*scores, claim], **facts, measure=f"gap_stated_{measure}", value=gap, note=verdict)
    if verdict == DISAGREES and not math.isnan(needed):
        yield computed([*scores, claim], **facts, measure="mean_needed", value=needed, out_of=float(absent), note=f"of {absent} of {count} units")
        yield computed(scores, **facts, measure="min_recomputed", value=float(values.min()), out_of=float(count), note=f"of {len(scores)} of {count} units")
        yield from _of_partial(facts, known, *parts)


def _of_others(measure: str, gap: float, absent: int, needed: float, values: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    """Whether the units without a score may account for a difference: by scores within the range of the known ones, or beyond it where an extreme is stated."""
    if not absent or measure == "median":
        return DISAGREES
    is_possible = values.min() <= needed <= values.max() if measure == "mean" else gap > 0 if measure == "max" else gap < 0
    return POSSIBLE if is_possible else DISAGREES


def _of_partial(facts: Row, known: Lookup, units: Sequence[str], leaves: Sequence[str]) -> Iterator[Row]:
    """The mean of the sums of whatever parts are known: what a naive sum comes to."""
    parts = known.rows(unit=list(units), year=facts["year"], node=list(leaves), measure="score", exact=True) if leaves else []
    sums: dict[str, float] = {}
    for row in parts:
        sums[row["unit"]] = sums.get(row["unit"], 0.0) + row["value"]
    if sums:
        yield computed(parts, **facts, measure="mean_of_partial", value=float(np.mean(list(sums.values()))), out_of=float(len(sums)), note="missing parts counted as nothing")


def _counts(rows: Sequence[Row]) -> Iterator[Row]:
    verdicts = [row for row in rows if row["measure"].startswith("gap_stated_")]
    if verdicts:
        years = [row["year"] for row in verdicts]
        facts: Row = {"index": verdicts[0]["index"], "unit": COUNTRY, "year": max(years), "period": f"{min(years)}-{max(years)}", "node": TOTAL, "unit_of_measure": "count"}
        for measure, count in (("n_stated", len(verdicts)), ("n_stated_off", sum(row["note"] == DISAGREES for row in verdicts))):
            yield {**facts, "measure": measure, "value": float(count), "out_of": float(len(verdicts)), "basis": "computed"}
