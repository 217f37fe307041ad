"""Who moved further than its start led to expect, between two years of one method, and whether those who did so the year before kept it: as figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.breakthroughs import FEWEST, Breakthroughs, breakthroughs
from par_analysis.metrics.figures import Row, by_unit, computed, empty, figures
from par_analysis.metrics.lookup import Figure, lookup
from par_analysis.model import COUNTRY, TOTAL

Scores = Mapping[int, Sequence[Figure]]
THRESHOLD: Final = 2.0
"""From so many deviations on a move is a breakthrough or a setback."""


def breakthrough_moves(panel: pd.DataFrame, *, year: int, alike: Sequence[int], units: Sequence[str], higher_is_better: bool = True, threshold: float = THRESHOLD) -> pd.DataFrame:
    """How each unit's change of score since the year before compares with that of units with its old score, where both years are ``alike`` (scored by one method); else empty.

    Of the country: ``n_common`` units scored in both years, ``expected_slope`` of the change on the old score (negative: regression to the mean), ``mover_threshold`` (what
    ``move_z`` is held against), ``limit_low`` and ``limit_high`` (the same as unexpected changes in points), ``n_movers_up`` and ``n_movers_down`` (for the better and the
    worse), ``n_false_alarms``, how many chance alone would give. Of each of these units: its old ``score``, ``score_change``, ``expected_change``, ``unexpected_change`` and
    ``move_z``, or ``mover_z`` of one that reaches the threshold; a positive z is for the better. Where the year before that is alike, too: ``n_movers_before``, whose scores
    of this year are known, and ``n_movers_sustained``, how many of them kept half or more. Fewer than 5 common units have nothing but ``n_common``.

    Whether ranks are surely apart is not checked: no errors of the scores are known. Formulas: ``breakthroughs.breakthroughs``.

    >>> def fact(unit, year, value):
    ...     return {"index": "i", "unit": unit, "year": year, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> old, new = [60, 62, 64, 66, 68, 70], [61, 63.2, 71, 66.8, 69.1, 71]
    >>> panel = figures([fact(f"0{i}", year, value) for year, of in ((2022, old), (2023, new)) for i, value in enumerate(of)])
    >>> found = breakthrough_moves(panel, year=2023, alike=[2022, 2023], units=[f"0{i}" for i in range(6)])
    >>> found.loc[found["measure"].isin(["n_movers_up", "mover_z"]), ["unit", "measure"]].values.tolist()
    [['VN', 'n_movers_up'], ['02', 'mover_z']]
    """
    base, known = year - 1, lookup(panel)
    rows: Scores = {when: known.rows(unit=frozenset(units), year=when, node=TOTAL, measure="score", exact=True) for when in (base - 1, base, year)}
    if base not in alike or not rows[base] or not rows[year]:
        return empty()
    scores = {when: pd.Series(by_unit(of), dtype="float64").sort_index() for when, of in rows.items()}
    both = scores[base].index.intersection(scores[year].index)
    facts: Row = computed([*rows[base], *rows[year]], unit=COUNTRY, year=year, node=TOTAL, note=f"against {base}")
    count: Row = {**facts, "measure": "n_common", "value": len(both), "unit_of_measure": "count", "out_of": len(set(units))}
    if len(both) < FEWEST:
        return figures([count])
    found = breakthroughs(scores[base][both], scores[year][both], comparable=True, threshold=threshold, higher_is_better=higher_is_better)
    earlier = _sustained(scores, rows, base, threshold, higher_is_better) if base - 1 in alike else []
    return figures([count, *_country(found, facts, rows[base][0], threshold), *earlier, *_moves(found, facts, rows[base], rows[year])])


def _country(found: Breakthroughs, facts: Row, one: Figure, threshold: float) -> Iterator[Row]:
    """The rows of the country after the first; ``one`` says in which unit scores are measured."""
    middle, reach = float(found.units["residual"].median()), threshold * found.scale
    ways = {way: int((found.units["direction"] == way).sum()) for way in ("up", "down")}
    points, count = {"unit_of_measure": one["unit_of_measure"]}, {"unit_of_measure": "count", "out_of": found.n}
    yield {**facts, "measure": "expected_slope", "value": found.slope, "unit_of_measure": "ratio"}
    yield {**facts, "measure": "mover_threshold", "value": threshold, "unit_of_measure": "ratio"}
    yield from ({**facts, **points, "measure": f"limit_{end}", "value": middle + sign * reach} for end, sign in (("low", -1), ("high", 1)))
    yield from ({**facts, **count, "measure": f"n_movers_{way}", "value": number} for way, number in ways.items())
    yield {**facts, **count, "measure": "n_false_alarms", "value": found.expected_false_alarms}


def _moves(found: Breakthroughs, facts: Row, before: Sequence[Figure], after: Sequence[Figure]) -> Iterator[Figure]:
    """The rows of the units, by code."""
    old, new = ({row["unit"]: row for row in rows} for rows in (before, after))
    for unit, of in found.units.to_dict("index").items():
        scale = {"unit_of_measure": old[unit]["unit_of_measure"]}
        own: Row = {**facts, "unit": unit}
        yield old[unit]
        yield computed([old[unit], new[unit]], **{name: own[name] for name in ("unit", "year", "node", "note")}, **scale, measure="score_change", value=of["change"])
        yield {**own, **scale, "measure": "expected_change", "value": of["expected"]}
        yield {**own, **scale, "measure": "unexpected_change", "value": of["residual"]}
        yield {**own, "unit_of_measure": "ratio", "measure": "mover_z" if of["mover"] else "move_z", "value": of["z"]}


def _sustained(scores: Mapping[int, pd.Series[float]], rows: Scores, base: int, threshold: float, higher_is_better: bool) -> list[Row]:
    """How many of the movers of the year before are known in this one, and how many of them kept half of the move."""
    first, then, now = (scores[base + step] for step in (-1, 0, 1))
    common = first.index.intersection(then.index)
    if min(len(common), len(common.intersection(now.index))) < FEWEST:
        return []
    found = breakthroughs(first[common], then[common], comparable=True, following=now, threshold=threshold, higher_is_better=higher_is_better).units
    kept = found["sustained"].dropna()
    used = [row for when in (base - 1, base, base + 1) for row in rows[when]]
    facts: Row = {"unit": COUNTRY, "year": base + 1, "node": TOTAL, "unit_of_measure": "count", "note": f"who moved from {base - 1} to {base}"}
    counts = {"n_movers_before": (len(kept), np.nan), "n_movers_sustained": (int(kept.sum()), len(kept))}
    return [computed(used, **facts, measure=name, value=value, out_of=out_of) for name, (value, out_of) in counts.items()]
