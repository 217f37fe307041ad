"""What a change of the score across a change of method is made of: the unit's performance, weights that moved, parts that came and went; as figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from par_analysis.metrics.decompositions import bennet
from par_analysis.metrics.figures import Row, computed, empty, figures
from par_analysis.metrics.lookup import Figure, lookup
from par_analysis.model import COUNTRY, TOTAL

EFFECTS: Final = {"performance": "performance_effect", "reweighting": "reweighting_effect", "coverage": "coverage_effect", "change": "attainment_change"}
"""What ``bennet`` calls a part of the change → the measure here."""


def method_split(panel: pd.DataFrame, *, unit: str, year: int, base: int, maxima: Mapping[int, Mapping[str, float]], units: Sequence[str]) -> pd.DataFrame:
    """The change from ``base`` to ``year`` of what was reached of 100, across a change of method: ``performance_effect`` (on what both methods ask), ``reweighting_effect``
    and ``coverage_effect``, which sum to ``attainment_change``; of the unit, and their means over the ``n_common`` units known in full in both years, of the country.

    ``maxima``: year → node → the greatest possible score, of all nodes that a method scores one by one; a node that both years call the same asks the same. ``common_weight``
    of each year is the percent of its points that stand on such nodes. Empty where either year has no maxima, both have the same, or nothing is known in both.
    Formula: ``decompositions.bennet`` on attainments (score over maximum) and shares of the maxima.

    >>> def fact(year, node, value):
    ...     return {"index": "i", "unit": "01", "year": year, "node": node, "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact(2020, "a", 3), fact(2020, "b", 2), fact(2021, "a", 7), fact(2021, "c", 1)])
    >>> found = method_split(panel, unit="01", year=2021, base=2020, maxima={2020: {"a": 5, "b": 5}, 2021: {"a": 10, "c": 5}}, units=["01"])
    >>> found.loc[found["unit"] == "01", ["measure", "value"]].round(2).values.tolist()[1:]
    [['reweighting_effect', 10.83], ['coverage_effect', -13.33], ['attainment_change', 3.33]]
    """
    if not maxima.get(base) or not maxima.get(year) or maxima[base] == maxima[year]:
        return empty()
    known = lookup(panel)
    rows = {when: known.rows(unit=frozenset(units), year=when, node=list(maxima[when]), measure="score", exact=True) for when in (base, year)}
    old, new = (_attained(rows[when], maxima[when]) for when in (base, year))
    found = bennet(old, new, *(_shares(maxima[when]) for when in (base, year)))
    effects = found.units.dropna().sort_index().rename(columns=EFFECTS)[list(EFFECTS.values())]
    if effects.empty:
        return empty()
    used = [row for of in rows.values() for row in of if row["unit"] in effects.index]
    facts: Row = computed(used, unit=COUNTRY, year=year, node=TOTAL, note=f"against {base}")
    count: Row = {**facts, "measure": "n_common", "value": len(effects), "unit_of_measure": "count", "out_of": len(set(units))}
    weight: Row = {**facts, "measure": "common_weight", "unit_of_measure": "percent"}
    shares = ({**weight, "year": when, "value": 100 * found.common_share[side]} for when, side in ((base, "old"), (year, "new")))
    own = _of(effects.to_dict("index")[unit], _own(facts, used, unit)) if unit in effects.index else ()
    return figures([count, *shares, *_of(effects.mean().to_dict(), facts), *own])


def _attained(rows: Sequence[Figure], maxima: Mapping[str, float]) -> pd.DataFrame:
    """Unit × node: percent of the maximum."""
    scores: dict[str, dict[str, float]] = {node: {} for node in maxima}
    for row in rows:
        scores[row["node"]][row["unit"]] = 100 * row["value"] / maxima[row["node"]]
    return pd.DataFrame(scores, dtype="float64")


def _shares(maxima: Mapping[str, float]) -> dict[str, float]:
    whole = sum(maxima.values())
    return {node: maximum / whole for node, maximum in maxima.items()}


def _of(effects: Mapping[Any, float], facts: Row) -> Iterator[Row]:
    yield from ({**facts, "measure": str(measure), "value": value, "unit_of_measure": "percentage_points"} for measure, value in effects.items())


def _own(facts: Row, used: Sequence[Figure], unit: str) -> Row:
    return {**facts, **computed([row for row in used if row["unit"] == unit]), "unit": unit}
