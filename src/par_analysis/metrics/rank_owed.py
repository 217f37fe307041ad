"""What a unit's rank, and the change of its rank, owe to each domain: exact Shapley values, as figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from par_analysis.metrics.figures import Row, computed, empty, figures
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.shapley import MOST_DOMAINS, OTHERS, change_shapley, rank_shapley
from par_analysis.model import COUNTRY, TOTAL

_ROUNDING: Final = 0.0151
"""How far parts may miss their total because they are printed with two decimals."""


def rank_owed(panel: pd.DataFrame, *, unit: str, year: int, units: Sequence[str], nodes: Sequence[str], alike: Sequence[int] = (), higher_is_better: bool = True) -> pd.DataFrame:
    """How many places each of ``nodes``, which add up to the total, puts the unit ahead of the middle of the list or behind it; and where the year before is ``alike`` (scored
    by the same method), how many places the unit's change on each of them gained it.

    Of the country: ``n_common``, the units with all nodes scored and adding up to their total (within what rounding to two decimals leaves). Of the unit: ``rank_anew`` among
    these, ties averaged, ``rank_middle``, by node ``place_effect`` (positive: ahead), which sum to ``place_lead``, the middle less the rank. Then, among the ``n_both`` units
    that are so known in both years, ``rank_before`` and ``rank_after`` (of equals the best place), by node ``move_effect``, and on the total ``move_effect_others``, what the
    changes of the others did; they sum to ``rank_change``, places gained. Empty where nothing is known of the unit's year, nothing but ``n_common`` where not all of its
    nodes are known, and for more than 12 nodes. Formulas: ``shapley``.

    >>> def fact(unit, node, value):
    ...     return {"index": "i", "unit": unit, "year": 2023, "node": node, "measure": "score", "value": value, "basis": "published"}
    >>> points = {"01": (9, 5), "02": (1, 5), "03": (2, 5)}
    >>> panel = figures([fact(unit, node, value) for unit, (a, b) in points.items() for node, value in (("a", a), ("b", b), ("total", a + b))])
    >>> found = rank_owed(panel, unit="01", year=2023, units=list(points), nodes=["a", "b"])
    >>> found.loc[found["measure"].str.startswith("place"), ["node", "measure", "value"]].round(9).values.tolist()
    [['a', 'place_effect', 1.0], ['b', 'place_effect', 0.0], ['total', 'place_lead', 1.0]]
    """
    known, wanted = lookup(panel), list(dict.fromkeys(nodes))
    if not 1 <= len(wanted) <= MOST_DOMAINS:
        return empty()
    new, rows = _points(known, year, units, wanted)
    if not rows:
        return empty()
    facts: Row = computed(rows, unit=unit, year=year, node=TOTAL, unit_of_measure="place")
    count: Row = {**facts, "unit": COUNTRY, "measure": "n_common", "value": len(new), "unit_of_measure": "count", "out_of": len(set(units))}
    if unit not in new.index:
        return figures([count])
    found = [count, *_level(new, facts, higher_is_better=higher_is_better)]
    old, before = _points(known, year - 1, units, wanted) if year - 1 in alike else (new.iloc[:0], [])
    if unit in old.index:
        found += _change(old, new, computed([*before, *rows], **{name: facts[name] for name in ("unit", "year", "node", "unit_of_measure")}), higher_is_better=higher_is_better)
    return figures(found)


def _points(known: Lookup, year: int, units: Sequence[str], nodes: Sequence[str]) -> tuple[pd.DataFrame, list[Figure]]:
    """Unit × node: the scores of the units of which all are known and add up to their total; and the figures that they are."""
    rows = known.rows(unit=frozenset(units), year=year, node=[*nodes, TOTAL], measure="score", exact=True)
    scores: dict[str, dict[str, float]] = {}
    for row in rows:
        scores.setdefault(row["unit"], {})[row["node"]] = row["value"]
    whole = {unit: of for unit, of in sorted(scores.items()) if len(of) == len(nodes) + 1 and abs(sum(of[node] for node in nodes) - of[TOTAL]) <= _ROUNDING}
    table = pd.DataFrame([[of[node] for node in nodes] for of in whole.values()], index=list(whole), columns=list(nodes), dtype="float64")
    return table, [row for row in rows if row["unit"] in whole] or rows


def _level(points: pd.DataFrame, facts: Row, *, higher_is_better: bool) -> Iterator[Row]:
    found, unit = rank_shapley(points, only=facts["unit"], higher_is_better=higher_is_better), facts["unit"]
    place, n = float(found.rank[unit]), len(points)
    yield {**facts, "measure": "rank_anew", "value": place, "out_of": n}
    yield {**facts, "measure": "rank_middle", "value": found.expected, "out_of": n}
    yield from ({**facts, "node": node, "measure": "place_effect", "value": -effect} for node, effect in found.effects.loc[unit].items())
    yield {**facts, "measure": "place_lead", "value": found.expected - place}


def _change(old: pd.DataFrame, new: pd.DataFrame, facts: Row, *, higher_is_better: bool) -> Iterator[Row]:
    both, unit = old.index.intersection(new.index), facts["unit"]
    found = change_shapley(old.loc[both], new.loc[both], higher_is_better=higher_is_better)
    facts, ranks = {**facts, "note": f"against {facts['year'] - 1}; among the {len(both)} units known in both years"}, found.ranks.loc[unit]
    yield {**facts, "unit": COUNTRY, "measure": "n_both", "value": len(both), "unit_of_measure": "count"}
    yield from ({**facts, "measure": name, "value": ranks[column], "out_of": len(both)} for name, column in (("rank_before", "old"), ("rank_after", "new")))
    for node, effect in found.effects.loc[unit].items():
        yield {**facts, "node": TOTAL if node == OTHERS else node, "measure": "move_effect_others" if node == OTHERS else "move_effect", "value": effect}
    yield {**facts, "measure": "rank_change", "value": ranks["change"], "out_of": len(both)}
