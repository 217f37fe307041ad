"""Published figures against one another: totals against their parts, scores against what is possible, ranks against scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from par_analysis.metrics.contradictions import contradictions
from par_analysis.metrics.figures import Row, computed, figures, index_of, joined, pick, rows_of
from par_analysis.metrics.lookup import require_figures
from par_analysis.model import COUNTRY, KEY, TOTAL

ADDS_UP, IN_ROUNDING, BROKEN = "adds up", "within rounding", "does not add up"
HALF_A_UNIT: Final = 0.005
"""Half a unit of the second decimal: what one rounded figure may miss."""

Way = tuple[str, Sequence[str]]
"""A node, and nodes whose points add up to it."""


def audit(panel: pd.DataFrame, *, ways: Mapping[int, Sequence[Way]], rounding: float) -> pd.DataFrame:
    """Published scores against the sums of their parts, for every unit and year in which all parts of a way of adding up are known: published, or derived from published ones.

    The score as it is; ``sum_of_parts`` and ``gap_sum`` (published − sum) on a node that names the sum (``total=part:a+part:b``), whose note is the verdict: "adds up"
    within half a unit of the second decimal, "within rounding" up to ``rounding``, else "does not add up". Of the country by year: ``n_audited`` out of the published
    scores, ``n_adds_up``, ``n_in_rounding``, ``n_broken`` (a score with several ways has the worst verdict), and the same of all years. Computed scores are left out.
    Formula: L7.

    >>> def fact(node, value):
    ...     return {"index": "i", "unit": "01", "year": 2012, "node": node, "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact("total", 82.79), fact("part:a", 51.25), fact("part:b", 31.52)])
    >>> found = audit(panel, ways={2012: [("total", ("part:a", "part:b"))]}, rounding=0.0151)
    >>> found.loc[found["measure"] == "gap_sum", ["value", "note"]].round(2).values.tolist()
    [[0.02, 'does not add up']]
    """
    found = pick(panel, year=list(ways), measure="score", exact=True)
    known = {(int(row["year"]), str(row["unit"]), str(row["node"])): row for row in rows_of(found[found["basis"].isin(["published", "derived"])])}
    published: dict[tuple[int, str], list[str]] = {}
    for (of, unit, of_node), row in known.items():
        if row["basis"] == "published":
            published.setdefault((of, of_node), []).append(unit)
    rows: list[Row] = []
    for year, node in dict.fromkeys((of, parent) for of in sorted(ways) for parent, _ in ways[of]):
        units = published.get((year, node), [])
        sums = [parts for of_node, parts in ways[year] if of_node == node]
        audited = {unit: _audited(known, (year, unit, node), sums, rounding) for unit in units}
        rows += [row for unit in units if audited[unit] for row in (known[year, unit, node], *audited[unit])]
        rows += _verdicts([audited[unit] for unit in units], [known[year, unit, node] for unit in units])
    return figures([*rows, *_over_all_years(rows)])


def _audited(known: Mapping[tuple[int, str, str], Row], place: tuple[int, str, str], sums: Sequence[Sequence[str]], rounding: float) -> list[Row]:
    """The sum and the difference of a score, for each way in which it adds up."""
    year, unit, node = place
    rows: list[Row] = []
    for parts in sums:
        if not parts or any((year, unit, part) not in known for part in parts):
            continue
        of = [known[year, unit, part] for part in parts]
        total = math.fsum(row["value"] for row in of)
        gap = round(known[place]["value"] - total, 9)
        verdict = ADDS_UP if abs(gap) <= HALF_A_UNIT else IN_ROUNDING if abs(gap) <= rounding else BROKEN
        facts = {"unit": unit, "year": year, "node": f"{node}={'+'.join(parts)}", "unit_of_measure": known[place]["unit_of_measure"]}
        rows.append(computed(of, **facts, measure="sum_of_parts", value=total))
        rows.append(computed([*of, known[place]], **facts, measure="gap_sum", value=gap, note=verdict))
    return rows


def _verdicts(audited: Sequence[Sequence[Row]], published: Sequence[Row]) -> Iterator[Row]:
    """How many scores of a node and year were audited, and with which verdict."""
    worst = [max((row["note"] for row in rows if "note" in row), key=(ADDS_UP, IN_ROUNDING, BROKEN).index) for rows in audited if rows]
    counts = {"n_audited": len(worst), "n_adds_up": worst.count(ADDS_UP), "n_in_rounding": worst.count(IN_ROUNDING), "n_broken": worst.count(BROKEN)}
    for measure, count in counts.items() if published else ():
        facts = {"unit": COUNTRY, "measure": measure, "value": count, "out_of": len(published), "unit_of_measure": "count"}
        yield computed(published, **facts, year=published[0]["year"], node=published[0]["node"])


def _over_all_years(rows: Sequence[Row]) -> Iterator[Row]:
    """The counts of the country by year, added up: rows of the last year whose period is the span of years. Their sources are those of the years."""
    counts = [row for row in rows if row["unit"] == COUNTRY and row["measure"].startswith("n_")]
    for node, measure in dict.fromkeys((row["node"], row["measure"]) for row in counts):
        of_years = [row for row in counts if (row["node"], row["measure"]) == (node, measure)]
        years = [row["year"] for row in counts if row["node"] == node]
        sums = {name: sum(row[name] for row in of_years) for name in ("value", "out_of")}
        yield {**of_years[0], **sums, "year": max(years), "period": f"{min(years)}-{max(years)}", "source": "", "edition": ""}


def beyond_limits(panel: pd.DataFrame, *, limits: Mapping[int, Mapping[str, tuple[float, float | None]]], tolerance: float = 1e-6) -> pd.DataFrame:
    """Published scores below the lowest or above the highest possible one (year → node → the two), as they are, the limits in their note; then, of the country by year
    and of all years, ``n_checked`` and ``n_beyond``. Empty where no score has a known limit. Formula: L7, 0 ≤ x ≤ M.

    >>> high = {"index": "i", "unit": "01", "year": 2023, "node": "domain:1", "measure": "score", "value": 10.5, "basis": "published"}
    >>> beyond_limits(figures([high]), limits={2023: {"domain:1": (0, 10)}})[["measure", "value", "note"]].values.tolist()
    [['score', 10.5, 'between 0 and 10'], ['n_checked', 1.0, ''], ['n_beyond', 1.0, ''], ['n_checked', 1.0, ''], ['n_beyond', 1.0, '']]
    """
    found = pick(panel, year=list(limits), measure="score", exact=True)
    found = found[found["basis"] == "published"]
    met: list[Row] = []
    counts: list[Row] = []
    for year, group in found.groupby("year", sort=True):
        known = limits[int(str(year))]
        checked = [row for row in rows_of(group) if known.get(str(row["node"]), (0.0, None))[1] is not None]
        beyond = [row for row in checked if not _is_within(row["value"], *known[str(row["node"])], tolerance)]
        met += [{**row, "note": "between {:g} and {:g}".format(*known[str(row["node"])])} for row in beyond]
        facts: Row = {"index": index_of(found), "unit": COUNTRY, "year": int(str(year)), "node": TOTAL, "unit_of_measure": "count", "basis": "computed", "out_of": len(checked)}
        counts += [{**facts, "measure": name, "value": len(rows)} for name, rows in (("n_checked", checked), ("n_beyond", beyond)) if checked]
    return figures([*met, *counts, *_over_all_years(counts)])


def _is_within(value: float, low: float, high: float | None, tolerance: float) -> bool:
    return low - tolerance <= value and (high is None or value <= high + tolerance)


def rank_audit(panel: pd.DataFrame, *, units: Mapping[int, Sequence[str]]) -> pd.DataFrame:
    """The ranks of all years that cannot all be true, and the scores against which an order stands: figures as they are, a row each. ``note`` names the pairs they are in,
    as ``contradictions`` does, joined by "; ". Then, of the country and of all years, ``n_contradictions`` (pairs; a rank given to several is one), out of the ranks that
    were compared. Computed ranks follow from the scores and are left out; empty where no rank is published.

    >>> def fact(unit, value):
    ...     return {"index": "i", "unit": unit, "year": 2023, "node": "total", "measure": "rank", "value": value, "basis": "published"}
    >>> rank_audit(figures([fact("10", 7), fact("80", 7)]), units={2023: ["10", "80"]})[["unit", "value", "note"]].values.tolist()
    [['10', 7.0, 'same rank total 7'], ['80', 7.0, 'same rank total 7'], ['VN', 1.0, '']]
    """
    require_figures(panel)
    told = panel[panel["basis"] != "computed"] if len(panel) else panel
    met: dict[tuple[object, ...], Row] = {}
    ranks, pairs = 0, 0
    for year in sorted(units):
        found = contradictions(told, year=year, units=units[year])
        ranks, pairs = ranks + len(pick(told, unit=units[year], year=year, measure="rank")), pairs + int(found["note"].nunique())
        for row in rows_of(found):
            first = met.setdefault(tuple(row[name] for name in KEY), {**row, "note": ""})
            first["note"] = joined([first["note"], row["note"]])
    if not ranks:
        return figures([])
    facts: Row = {"index": index_of(told), "unit": COUNTRY, "year": max(units), "period": f"{min(units)}-{max(units)}", "node": TOTAL, "unit_of_measure": "count"}
    return figures([*met.values(), {**facts, "measure": "n_contradictions", "value": pairs, "out_of": ranks, "basis": "computed"}])
