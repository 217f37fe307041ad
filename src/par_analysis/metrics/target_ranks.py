"""The points that a unit needs for a target rank under three assumptions on the others, and how often gains reach it, as figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.figures import Row, computed, figures, values
from par_analysis.metrics.ladders import Stand, own_rows, place_node, stand_of, steps_to
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.targets import PointsToRank, change_draws, points_to_rank
from par_analysis.model import TOTAL

_TOLERANCE: Final = 1e-9
_QUANTILES: Final[Mapping[str, float]] = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
_STEPS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
_MOST_GAINS: Final = 8
"""How many gains are tried at most."""


def target_needs(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    target: int,
    units: Sequence[str],
    years: Sequence[int] = (),
    seed: int = 0,
    count: int = 10_000,
    higher_is_better: bool = True,
    low: float = 0.0,
    high: float = 100.0,
    node: str = TOTAL,
) -> pd.DataFrame:
    """Points that the unit needs to hold rank ``target`` or a better one: with the others as they are, moving on at their trend, or moving as units did before.

    The unit's ``score`` and ``rank``; then on node ``place:<target>`` the ``place``, ``points_to_rank`` (or its ``…_low`` and ``…_high``), and for a unit that holds it
    already ``points_to_drop``, which it can lose. Where every unit has a score and changes within ``years`` (all scored by one method, this year included) are known,
    ``points_to_rank_trend`` has the others move at their mean yearly change (the median of those known, where theirs is not), and ``points_to_rank_q05`` … ``_q95`` are
    quantiles over ``count`` draws of their moves from the changes of one past year (``targets.change_draws``, the unit's own left out). ``reach_probability`` is the percent of
    these draws in which a gain (node ``gain:<points>``) reaches the target; ``_frozen`` that of the need with the others as they are, ``_trend`` that of the unit's own yearly
    change, ``score_change_yearly``, where it is one for the better. ``n_as_large``, out of the changes drawn from, and ``largest_change`` among them, of whom it was, say how
    common such gains were.

    The same ``seed`` gives the same figures. Empty where the unit's score or rank is not known; without the needs where there are fewer places than ``target``.
    ``RequestError`` for a target below 1, or ``years`` without this one. Method: ``targets.points_to_rank``.

    >>> def fact(unit, year, value):
    ...     return {"index": "papi", "unit": unit, "year": year, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> scores = {2022: {"01": 43, "02": 42, "03": 41}, 2023: {"01": 44, "02": 42.5, "03": 41}}
    >>> panel = figures(fact(unit, year, value) for year, of in scores.items() for unit, value in of.items())
    >>> found = target_needs(panel, unit="03", year=2023, target=1, units=["01", "02", "03"], years=[2022, 2023])
    >>> found.loc[found["measure"].isin(["points_to_rank", "points_to_rank_trend"]), "value"].tolist()
    [3.0, 4.0]
    """
    _require(target, year, years)
    known = lookup(panel)
    stand = stand_of(known, unit=unit, year=year, units=units, higher_is_better=higher_is_better, low=low, high=high, node=node)
    if stand is None:
        return figures([])
    own = own_rows(stand, year=year, node=node)
    if target > stand.stands.places:
        return figures(own)
    rows = [*_frozen(stand, target, year)]
    if stand.others is not None:
        rows += _moving(known, stand, target, years or [year], seed=seed, count=count, node=node, higher_is_better=higher_is_better)
    return figures([*own, *rows])


def _require(target: int, year: int, years: Sequence[int]) -> None:
    if target < 1:
        raise RequestError(f"rank {target} does not exist", hint="target: a rank from 1 on")
    if years and (year not in years or max(years) > year):
        raise RequestError(f"the comparable years {', '.join(map(str, years))} do not end with {year}", hint="years: this year and those before it with the same method")


def _frozen(stand: Stand, target: int, year: int) -> Iterator[Row]:
    """The need with the others as they are, and what may be lost by a unit that holds the target."""
    facts: Row = {"unit": stand.unit, "year": year}
    if stand.place > target:
        yield from steps_to(stand, target, stand.need(target), {**facts, "measure": "points_to_rank"})
        return
    yield from steps_to(stand, target, (0.0, 0.0), {**facts, "measure": "points_to_rank"})
    if target < stand.stands.places:
        yield from (row for row in steps_to(stand, target + 1, stand.slack(target + 1), {**facts, "measure": "points_to_drop"}) if row["measure"] != "place")


@dataclass(frozen=True)
class _Past:
    """What is known of past changes: those from each year to the next, units by years; the mean yearly change of each unit that has one; and the figures that they come from."""

    changes: pd.DataFrame
    yearly: pd.Series[float]
    rows: Sequence[Figure]
    span: str


def _past(known: Lookup, stand: Stand, years: Sequence[int], node: str) -> _Past | None:
    """``None`` where no other unit's change is known."""
    codes = list(stand.stands.units)
    rows = known.rows(unit=codes, year=years, node=node, measure="score", exact=True)
    scores = {year: values([row for row in rows if row["year"] == year], codes) for year in sorted(years)}
    changes = pd.DataFrame({year: scores[year] - scores[year - 1] for year in scores if year - 1 in scores}, index=pd.Index(codes, dtype="str"))
    if not changes.drop(index=stand.unit).notna().to_numpy().any():
        return None
    first, last = min(years), max(years)
    return _Past(changes, (scores[last] - scores[first]) / (last - first), rows, f"changes from {first} to {last}")


def _moving(known: Lookup, stand: Stand, target: int, years: Sequence[int], *, seed: int, count: int, node: str, higher_is_better: bool) -> list[Row]:
    """The needs with the others moving, and how likely gains are to meet them."""
    past, year = _past(known, stand, years, node), max(years)
    if past is None:
        return []
    facts: Row = {"unit": stand.unit, "year": year, "node": place_node(target), "unit_of_measure": stand.points, "note": past.span}
    made = computed(past.rows, **facts)
    others = past.yearly.drop(stand.unit)
    trend = others.fillna(others.median()) if others.notna().any() else None
    scores, unit = values(stand.stands.scores, stand.stands.units), stand.unit
    draws = change_draws(past.changes, [code for code in scores.index if code != unit], rng=np.random.default_rng(seed), count=count, without=unit)
    found = points_to_rank(scores, unit, target, trend=trend, draws=draws, higher_is_better=higher_is_better)
    rows = [{**made, "measure": "points_to_rank_trend", "value": float(found.cases["need"]["trend"])}] if trend is not None else []
    rows += [{**made, "measure": f"points_to_rank_{name}", "value": float(found.quantiles([at]).iloc[0])} for name, at in _QUANTILES.items()]
    own = float(past.yearly[unit]) if higher_is_better else -float(past.yearly[unit])
    return [*rows, *_probabilities(found, own, made), *_own_yearly(past, unit, made, node), *_changes(past, stand, found, made, node)]


def _probabilities(found: PointsToRank, own: float, made: Row) -> Iterator[Row]:
    """How often gains reach the target: the present need, the unit's own yearly change, and a range of round ones."""
    scale: Row = {"unit_of_measure": "percent", "out_of": 100.0}
    frozen = float(found.cases["need"]["frozen"])
    yield {**made, **scale, "measure": "reach_probability_frozen", "value": 100 * found.probability(frozen)}
    if own > 0:
        yield {**made, **scale, "measure": "reach_probability_trend", "value": 100 * found.probability(own)}
    for gain in _gains(found):
        facts = {**made, "node": f"gain:{gain:g}"}
        yield {**facts, "measure": "gain", "value": gain}
        yield {**facts, **scale, "measure": "reach_probability", "value": 100 * found.probability(gain)}


def _gains(found: PointsToRank) -> list[float]:
    """Round gains, from the largest that hardly ever reaches the target to the smallest that nearly always does."""
    least, most = (float(value) for value in found.quantiles([0.01, 0.99]))
    step = next((step for step in _STEPS if np.ceil(most / step) - np.floor(least / step) < _MOST_GAINS), _STEPS[-1])
    first, last = int(np.floor(least / step + _TOLERANCE)), int(np.ceil(most / step - _TOLERANCE))
    return [round(step * i, 9) for i in range(first, last + 1)]


def _own_yearly(past: _Past, unit: str, made: Row, node: str) -> Iterator[Row]:
    own = float(past.yearly[unit])
    if not np.isnan(own):
        yield {**made, **computed([row for row in past.rows if row["unit"] == unit]), "node": node, "measure": "score_change_yearly", "value": own}


def _changes(past: _Past, stand: Stand, found: PointsToRank, made: Row, node: str) -> Iterator[Row]:
    """How many of the others' past changes were as large as the present need, and the largest of them."""
    known = [(stand.found.sign * change, code, year) for year, column in past.changes.drop(index=stand.unit).items() for code, change in column.dropna().items()]
    as_large = sum(change >= float(found.cases["need"]["frozen"]) - _TOLERANCE for change, _, _ in known)
    count: Row = {"unit_of_measure": "count", "out_of": float(len(known))}
    yield {**made, **count, "node": node, "measure": "n_as_large", "value": as_large}
    largest = max(change for change, _, _ in known)
    code, year = min((str(code), int(str(year))) for change, code, year in known if change >= largest - _TOLERANCE)
    rows = [row for row in past.rows if row["unit"] == code and row["year"] in (year - 1, year)]
    value = stand.found.sign * next(change for change, *which in known if which == [code, year])
    yield {**made, **computed(rows), "unit": code, "year": year, "node": node, "measure": "largest_change", "value": value, "note": f"from {year - 1} to {year}"}
