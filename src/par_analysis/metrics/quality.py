"""How much is known of an index, who states it, and what is missing.

Counts over all years are rows of the last year whose ``period`` is the span of years ("2012-2024"), so that no metric takes them for a year's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from par_analysis.metrics.figures import Row, computed, empty, figures, index_of, joined, pick
from par_analysis.model import COUNTRY, KEY, TOTAL

STATES: Final = ("score_and_rank", "score_only", "rank_only", "parts_only", "nothing")
"""What may be known of a unit in a year: of its total score and rank, else of any other node, else nothing."""

UnitsOfYears = Mapping[int, Sequence[str]]
"""Year → the units that the index is about in that year."""


def span_of(years: Sequence[int]) -> str:
    """The period of a count over several years.

    >>> span_of([2012, 2024]), span_of([2023])
    ('2012-2024', '2023-2023')
    """
    return f"{min(years)}-{max(years)}"


def coverage_matrix(panel: pd.DataFrame, *, units: UnitsOfYears) -> pd.DataFrame:
    """What is known of every unit in every year: a row each, whose measure is one of ``STATES`` and whose value is the number of its known scores and ranks, of whatever
    node; then how many units are in each state, by year and over all years, as ``n_<state>`` of the country, out of the units. Empty where nothing is known. Own rule.

    >>> panel = figures([{"index": "i", "unit": "30", "year": 2023, "node": "total", "measure": "rank", "value": 22, "basis": "published"}])
    >>> found = coverage_matrix(panel, units={2023: ["30", "31"]})
    >>> found[["unit", "measure", "value"]].values.tolist()[:2]
    [['30', 'rank_only', 1.0], ['31', 'nothing', 0.0]]
    """
    every = {unit for codes in units.values() for unit in codes}
    found = pick(panel, unit=every, year=list(units), measure=["score", "rank"])
    if not len(found):
        return empty()
    groups = {(int(str(year)), str(unit)): group for (year, unit), group in found.groupby(["year", "unit"], sort=True)}
    facts: Row = {"index": index_of(found), "node": TOTAL, "unit_of_measure": "count"}
    rows: list[Row] = []
    for year, unit in [(of, unit) for of in sorted(units) for unit in sorted(set(units[of]))]:
        group = groups.get((year, unit), found.iloc[:0])
        rows.append(computed(group, **{**facts, "unit": unit, "year": year, "measure": _state(group), "value": len(group)}))
    counts = [row for year in sorted(units) for row in _counts_of_states([row for row in rows if row["year"] == year], {**facts, "year": year})]
    whole = {**facts, "year": max(units), "period": span_of(list(units))}
    return figures([*rows, *counts, *_counts_of_states([{**row, "source": ""} for row in rows], whole)])


def _state(group: pd.DataFrame) -> str:
    known = set(group.loc[group["node"] == TOTAL, "measure"])
    if known:
        return "score_and_rank" if len(known) == 2 else f"{known.pop()}_only"
    return "parts_only" if len(group) else "nothing"


def _counts_of_states(rows: Sequence[Row], facts: Row) -> list[Row]:
    counts: list[Row] = []
    for state in STATES:
        units = [row for row in rows if row["measure"] == state]
        origin = {name: joined(str(row[name]) for row in units) for name in ("source", "edition")}
        counts.append({**facts, **origin, "unit": COUNTRY, "measure": f"n_{state}", "value": len(units), "out_of": len(rows), "basis": "computed"})
    return counts


def missing_figures(panel: pd.DataFrame, *, units: UnitsOfYears, leaves: Mapping[int, Sequence[str]]) -> pd.DataFrame:
    """How many figures of each year are not known, the newest year first, then of all years: ``n_missing_score`` and ``n_missing_rank`` of the total, out of the units, and
    ``n_missing_parts``, the scores of ``leaves`` (year → the nodes that are scored one by one), out of all that there could be. Empty where nothing is known. Own rule.

    >>> panel = figures([{"index": "i", "unit": "30", "year": 2023, "node": "total", "measure": "rank", "value": 22, "basis": "published"}])
    >>> missing_figures(panel, units={2023: ["30", "31"]}, leaves={})[["measure", "value", "out_of"]].values.tolist()[:2]
    [['n_missing_score', 2.0, 2.0], ['n_missing_rank', 1.0, 2.0]]
    """
    every = {unit for codes in units.values() for unit in codes}
    found = pick(panel, unit=every, year=list(units), measure=["score", "rank"])
    if not len(found):
        return empty()
    rows: list[Row] = []
    for year in sorted(units, reverse=True):
        of = found[(found["year"] == year) & found["unit"].isin(list(units[year]))]
        total, nodes = of[of["node"] == TOTAL], list(leaves.get(year, ()))
        known = {"score": int((total["measure"] == "score").sum()), "rank": int((total["measure"] == "rank").sum())}
        parts = int(((of["measure"] == "score") & of["node"].isin(nodes)).sum())
        counts = [(name, count, len(set(units[year]))) for name, count in known.items()] + [("parts", parts, len(set(units[year])) * len(nodes))] * bool(nodes)
        rows += [_count(found, f"n_missing_{name}", out_of - count, out_of, year=year) for name, count, out_of in counts]
    whole = {"year": max(units), "period": span_of(list(units))}
    for measure in dict.fromkeys(row["measure"] for row in rows):
        of_years = [row for row in rows if row["measure"] == measure]
        rows.append(_count(found, measure, sum(row["value"] for row in of_years), sum(row["out_of"] for row in of_years), **whole))
    return figures(rows)


def _count(of: pd.DataFrame, measure: str, value: float, out_of: float, **facts: object) -> Row:
    """A count of the country: of what nobody states, so it has no source."""
    return {"index": index_of(of), "unit": COUNTRY, "node": TOTAL, "measure": measure, "value": value, "out_of": out_of, "unit_of_measure": "count", "basis": "computed", **facts}


def trust_counts(claims: pd.DataFrame, *, trust: Sequence[str]) -> pd.DataFrame:
    """Who states the figures. ``claims``: all of one index, with ``publisher``, ``trust`` and ``is_preferred``; ``trust``: the classes, the most trusted first.

    All rows are counts of the country. Over all years: on the node ``figures`` ``n_figures``, ``n_shared`` (stated by several publishers), ``n_single`` (by one only),
    ``n_disputed`` (with more than one value); on ``publisher:<name>@<class>`` ``n_stated``, ``n_used`` (it states the preferred value), ``n_alone`` (nobody else states the
    figure) and ``n_overruled`` (another value is preferred); on ``trust:<class>`` ``n_used``: figures whose most trusted preferred claim is of that class, the same by
    year. Own rule.

    >>> key = {"index": "i", "unit": "30", "year": 2023, "period": "", "node": "total", "measure": "rank"}
    >>> found = trust_counts(pd.DataFrame([{**key, "value": 22.0, "publisher": "a.vn", "trust": "press", "is_preferred": True}]), trust=["official", "press"])
    >>> found[["node", "measure", "value"]].values.tolist()[:3]
    [['figures', 'n_figures', 1.0], ['figures', 'n_shared', 0.0], ['figures', 'n_single', 1.0]]
    """
    if not len(claims):
        return empty()
    told = _stated(claims, trust)
    years = sorted({int(year) for year in told["year"]})
    whole = {"year": max(years), "period": span_of(years)}
    of_figure = told.groupby("figure")
    publishers, values = of_figure["publisher"].nunique(), of_figure["rounded"].nunique()
    everything = {"n_figures": len(publishers), "n_shared": int((publishers > 1).sum()), "n_single": int((publishers == 1).sum()), "n_disputed": int((values > 1).sum())}
    rows = [_count(claims, name, count, len(publishers), **whole, node="figures") for name, count in everything.items()]
    used = told[told["is_preferred"]].sort_values("class").drop_duplicates("figure")
    for number, name in enumerate(trust):
        theirs = used[used["class"] == number]
        rows.append(_count(claims, "n_used", len(theirs), len(used), **whole, node=f"trust:{name}"))
        rows += [_count(claims, "n_used", int((theirs["year"] == year).sum()), int((used["year"] == year).sum()), year=year, node=f"trust:{name}") for year in years]
    for (of_class, publisher), own in told.groupby(["class", "publisher"], sort=True):
        kept, stated = set(own.loc[own["is_preferred"], "figure"]), set(own["figure"])
        alone = {figure for figure in stated if publishers[figure] == 1}
        counts = {"n_stated": len(stated), "n_used": len(kept), "n_alone": len(alone), "n_overruled": len(stated - kept)}
        node = f"publisher:{publisher}@{trust[int(str(of_class))]}"
        rows += [_count(claims, name, count, len(publishers), **whole, node=node) for name, count in counts.items()]
    return figures(rows)


def _stated(claims: pd.DataFrame, trust: Sequence[str]) -> pd.DataFrame:
    """The claims with the number of their figure and of their class of trust, and with their value as it is compared."""
    numbers = {name: number for number, name in enumerate(trust)}
    figure = claims.groupby(list(KEY), sort=False).ngroup()
    return claims.assign(**{"figure": figure, "class": claims["trust"].map(numbers), "rounded": claims["value"].round(9)})
