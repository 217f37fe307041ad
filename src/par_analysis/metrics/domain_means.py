"""The country node by node: the mean of the provinces, the highest and the lowest of them, and how the mean moved."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures, mean_of, of_measure, picked
from par_analysis.metrics.lookup import Figure
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
    known: dict[tuple[str, int], list[Figure]] = {}
    for row in picked(panel, unit=[*everyone, COUNTRY], year=[year, base], node=list(nodes), measure=["score", "mean"], exact=True):
        known.setdefault((row["node"], row["year"]), []).append(row)
    rows: list[Figure] = []
    for node in dict.fromkeys(nodes):
        new, old = (known.get((node, when), []) for when in (year, base))
        scores = _scores(new)
        rows += _published(new)
        rows += _of_scores(scores, len(everyone)) if scores else []
        rows += _change(new, old, comparable) if comparable is not False and year != base else []
    return figures(rows)


def _published(rows: Sequence[Figure]) -> list[Figure]:
    return [row for row in of_measure(rows, "mean") if row["unit"] == COUNTRY and row["basis"] != "computed"]


def _scores(rows: Sequence[Figure]) -> list[Figure]:
    return [row for row in of_measure(rows, "score") if row["unit"] != COUNTRY]


def _of_scores(scores: Sequence[Figure], count: int) -> list[Figure]:
    """Mean, highest and lowest, then whose they are."""
    facts: Row = {**_where(scores[0]), "unit": COUNTRY, "out_of": count}
    values = [row["value"] for row in scores]
    ends = {"mean": mean_of(scores), "max": max(values), "min": min(values)}
    made = [computed(scores, **facts, measure=f"{name}_computed", value=value, note=f"{name} of {len(scores)} of {count} scores") for name, value in ends.items()]
    made.append(computed(scores, **{**facts, "unit_of_measure": "count"}, measure="n_scored", value=len(scores)))
    held = [row for row in scores if abs(row["value"] - ends["max"]) <= _TOLERANCE or abs(row["value"] - ends["min"]) <= _TOLERANCE]
    return [*made, *held]


def _where(row: Figure) -> Row:
    return {name: row[name] for name in ("year", "node", "unit_of_measure")}


def _change(new: Sequence[Figure], old: Sequence[Figure], comparable: bool | None) -> list[Row]:
    """How the mean moved: the published one, else that of the units scored in both years."""
    told, before = _published(new), _published(old)
    note = f"against {old[0]['year']}" if old else ""
    if not told or not before:
        told, before = _scores(new), _scores(old)
        both = {row["unit"] for row in told} & {row["unit"] for row in before}
        told, before = ([row for row in rows if row["unit"] in both] for rows in (told, before))
        note += f"; of the {len(both)} units scored in both years"
    if not told:
        return []
    note += "; not known whether points of the two years are comparable" if comparable is None else ""
    facts: Row = {**_where(told[0]), "unit": COUNTRY, "measure": "mean_change", "note": note}
    return [computed([*told, *before], **facts, value=mean_of(told) - mean_of(before))]
