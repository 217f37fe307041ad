"""The country node by node: the mean of the provinces, the highest and the lowest of them, and how the mean moved."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures, pick, rows_of
from par_analysis.model import COUNTRY

_TOLERANCE = 1e-9


def domain_means(panel: pd.DataFrame, *, year: int, base: int, nodes: Sequence[str], units: Sequence[str], comparable: bool | None) -> pd.DataFrame:
    """For each node in the order given: the country's published ``mean``, if any; ``mean_computed``, ``max_computed`` and ``min_computed`` of the known scores of ``units``, of
    which there are ``n_scored``; the ``score`` of every unit that has the highest or the lowest one; and ``mean_change`` from ``base``.

    The change is that of the published means where both are known, else that of the means of the units scored in both years (their number is in its note). There is
    none where ``comparable`` is False; where it is None the note says so. A node without scores has no rows but the published mean.

    >>> def fact(unit, year, value):
    ...     return {"index": "papi", "unit": unit, "year": year, "node": "domain:1", "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact("01", 2022, 4), fact("02", 2022, 5), fact("01", 2023, 6), fact("02", 2023, 5)])
    >>> found = domain_means(panel, year=2023, base=2022, nodes=["domain:1"], units=["01", "02"], comparable=True)
    >>> found[["unit", "measure", "value"]].values.tolist()[:3]
    [['VN', 'mean_computed', 5.5], ['VN', 'max_computed', 6.0], ['VN', 'min_computed', 5.0]]
    """
    everyone = sorted(set(units))
    known = pick(panel, unit=[*everyone, COUNTRY], year=[year, base], node=list(nodes), measure=["score", "mean"], exact=True)
    rows: list[Row] = []
    for node in dict.fromkeys(nodes):
        new, old = (known[(known["node"] == node) & (known["year"] == when)] for when in (year, base))
        scores = new[(new["measure"] == "score") & (new["unit"] != COUNTRY)]
        rows += rows_of(_published(new))
        rows += _of_scores(scores, len(everyone)) if len(scores) else []
        rows += _change(new, old, comparable) if comparable is not False and year != base else []
    return figures(rows)


def _published(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["unit"] == COUNTRY) & (rows["measure"] == "mean") & (rows["basis"] != "computed")]


def _of_scores(scores: pd.DataFrame, count: int) -> list[Row]:
    """Mean, highest and lowest, then whose they are."""
    facts: Row = {**scores[["year", "node", "unit_of_measure"]].iloc[0], "unit": COUNTRY, "out_of": count}
    values = scores["value"]
    ends = {"mean": values.mean(), "max": values.max(), "min": values.min()}
    made = [computed(scores, **facts, measure=f"{name}_computed", value=float(value), note=f"{name} of {len(scores)} of {count} scores") for name, value in ends.items()]
    made.append(computed(scores, **{**facts, "unit_of_measure": "count"}, measure="n_scored", value=len(scores)))
    held = scores[((values - ends["max"]).abs() <= _TOLERANCE) | ((values - ends["min"]).abs() <= _TOLERANCE)]
    return [*made, *rows_of(held)]


def _change(new: pd.DataFrame, old: pd.DataFrame, comparable: bool | None) -> list[Row]:
    """How the mean moved: the published one, else that of the units scored in both years."""
    told, before = _published(new), _published(old)
    note = f"against {old['year'].iloc[0]}" if len(old) else ""
    if not len(told) or not len(before):
        told, before = (rows[(rows["measure"] == "score") & (rows["unit"] != COUNTRY)] for rows in (new, old))
        both = set(told["unit"]) & set(before["unit"])
        told, before = told[told["unit"].isin(both)], before[before["unit"].isin(both)]
        note += f"; of the {len(both)} units scored in both years"
    if not len(told):
        return []
    note += "; not known whether points of the two years are comparable" if comparable is None else ""
    facts: Row = {**told[["year", "node", "unit_of_measure"]].iloc[0], "unit": COUNTRY, "measure": "mean_change", "note": note}
    return [computed(pd.concat([told, before]), **facts, value=float(told["value"].mean() - before["value"].mean()))]
