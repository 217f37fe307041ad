"""The parts on which a target rank is won at the least cost, and the least cost of other gains and places, as figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures, values
from par_analysis.metrics.gap_tables import summed_parts
from par_analysis.metrics.ladders import Stand, place_node, points_of, stand_of
from par_analysis.metrics.lookup import lookup
from par_analysis.metrics.part_scores import PartScores
from par_analysis.metrics.routes import Route, alternative_routes, cost_of_places, route_frontier
from par_analysis.metrics.targets import ladder
from par_analysis.model import COUNTRY, TOTAL

ROUTES: Final = 3
"""The cheapest one and the next ones that do without a part of it."""

_COST: Final = "cost"
_TOLERANCE: Final = 1e-9
_PLACES_AWAY: Final = (1, 2, 3, 5, 10, 20, 30, 40, 50)


@dataclass(frozen=True)
class _Plan:
    """A unit's stand, the scores of all on the parts, the steps that can be taken on each of them, and what every figure here has in common."""

    stand: Stand
    parts: PartScores
    steps: pd.DataFrame
    step: float
    locked: tuple[str, ...]
    made: Row

    def row(self, node: str, measure: str, value: float, scale: str, **more: object) -> Row:
        return {**self.made, "node": node, "measure": measure, "value": float(value), "unit_of_measure": scale, **more}


def route_plan(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    target: int,
    units: Sequence[str],
    nodes: Sequence[str],
    step: float = 0.25,
    locked: Collection[str] = (),
    count: int = 6,
    higher_is_better: bool = True,
) -> pd.DataFrame:
    """How the points to rank ``target`` are won at the least cost on ``nodes``, which add up to the total, the others as they are.

    A part is raised by ``step`` points at a time, at most to what the best of the others has there; one in ``locked`` stays as it is. A point costs 1 / ``attainment``, the mean
    share of the maximum that the others have on the part: what few have done is dear. That stands in for a cost that is not known, and is no money.

    On node ``place:<target>``: ``points_to_rank``. On the total: ``route_step`` and ``route_most``, what all parts not locked can bring; where that is enough ``route_gain``,
    ``route_cost`` and ``n_parts``, out of all, and on each part that is raised ``route_gain``, ``route_to``, ``route_cost``, and the country's ``attainment``. ``route_cost`` on
    ``route:2`` … is that of the next ways that do without a part of those before. Then the first ``count`` - 1 of ``count`` even parts of what can be had (nodes
    ``gain:<points>``: ``gain`` and ``least_cost``), and places from the next one on (nodes ``place:<k>``: ``place``, ``points_to_rank``, ``least_cost``, and ``cost_per_place``
    gained).

    Nothing where the unit has the target, or fewer units are ranked; where not all units have a known total and known scores on all ``nodes`` that add up to it; or where
    lower is better. Method: ``routes.cheapest_route``; an example in ``docs/methods/planning.md``.

    >>> def fact(unit, node, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": node, "measure": "score", "value": value, "out_of": 10, "basis": "published"}
    >>> points = {"01": (5, 6), "02": (4, 5.5), "03": (3, 3), "04": (2, 3), "05": (2, 2)}
    >>> panel = figures(fact(unit, node, value) for unit, (a, b) in points.items() for node, value in {"a": a, "b": b, "total": a + b}.items())
    >>> found = route_plan(panel, unit="02", year=2023, target=1, units=list(points), nodes=["a", "b"], step=0.5)
    >>> found.loc[found["measure"] == "route_gain", ["node", "value"]].values.tolist()
    [['a', 1.0], ['b', 0.5], ['total', 1.5]]
    """
    known = lookup(panel)
    stand = stand_of(known, unit=unit, year=year, units=units, higher_is_better=higher_is_better) if higher_is_better else None
    parts = summed_parts(known, stand, year=year, units=units, nodes=nodes) if stand and target < stand.place else None
    if stand is None or parts is None:
        return figures([])
    made = computed([*stand.stands.scores, *parts.rows], unit=unit, year=year)
    plan = _Plan(stand, parts, _steps(parts, unit, step), step, tuple(sorted(locked)), made)
    rungs = ladder(values(stand.stands.scores, stand.stands.units), unit)
    need = float(rungs["need"][target])
    routes = alternative_routes(plan.steps, need, count=ROUTES, locked=plan.locked)
    needed = plan.row(place_node(target), "points_to_rank", need, points_of(stand.stands))
    return figures([needed, *_routes(plan, routes, nodes), *_frontier(plan, routes[0].most, count), *_places(plan, rungs, target)])


def _steps(parts: PartScores, unit: str, step: float) -> pd.DataFrame:
    """A row a part: the unit's points, the most that it may be raised to, and the others' mean share of the maximum. A part on which no other has points is not raised."""
    own, others = parts.points.T[unit], parts.points.drop(index=unit)
    attainment = (others.mean() / parts.maxima).clip(upper=1.0)
    best = others.max().clip(upper=parts.maxima)
    ceiling = best.where(attainment > _TOLERANCE, own).clip(lower=own)
    return pd.DataFrame({"points": own, "maximum": ceiling, "step": step, "peer_attainment": attainment.where(attainment > _TOLERANCE)}).rename_axis(index="criterion")


def _routes(plan: _Plan, routes: Sequence[Route], nodes: Sequence[str]) -> Iterator[Row]:
    """The cheapest route part by part in the order of ``nodes``, its sums, and what the next ones cost."""
    cheapest, points = routes[0], points_of(plan.stand.stands)
    table = cheapest.table
    for node in (node for node in dict.fromkeys(nodes) if node in table.index):
        maximum = float(plan.parts.maxima[node])
        yield plan.row(node, "route_gain", table["gain"][node], points)
        yield plan.row(node, "route_to", table["to"][node], points, out_of=maximum)
        yield plan.row(node, "route_cost", table["cost"][node], _COST)
        share = 100 * float(plan.steps["peer_attainment"][node])
        yield plan.row(node, "attainment", share, "percent", unit=COUNTRY, out_of=100.0, note=f"mean share of the maximum of {len(plan.parts.points) - 1} others")
    yield plan.row(TOTAL, "route_step", plan.step, points)
    yield plan.row(TOTAL, "route_most", cheapest.most, points)
    if cheapest.is_feasible:
        yield plan.row(TOTAL, "route_gain", cheapest.gain, points)
        yield plan.row(TOTAL, "route_cost", cheapest.cost, _COST)
        yield plan.row(TOTAL, "n_parts", len(table), "count", out_of=float(len(plan.steps)))
        for number, route in enumerate(routes[1:], 2):
            yield plan.row(f"route:{number}", "route_cost", route.cost, _COST)


def _frontier(plan: _Plan, most: float, count: int) -> Iterator[Row]:
    """The least cost of a range of gains."""
    if most <= _TOLERANCE:
        return
    gains = [round(most * i / count, 2) for i in range(1, count)]
    found = route_frontier(plan.steps, gains=[gain for gain in dict.fromkeys(gains) if gain > 0], locked=plan.locked)
    for gain, cost in zip(found.index.tolist(), found["cost"].tolist(), strict=True):
        yield plan.row(f"gain:{gain:g}", "gain", gain, points_of(plan.stand.stands))
        yield plan.row(f"gain:{gain:g}", "least_cost", cost, _COST)


def _places(plan: _Plan, rungs: pd.DataFrame, target: int) -> Iterator[Row]:
    """The least cost of some places: the next ones, the target and the first."""
    own = plan.stand.place
    wanted = sorted({1, target, *(own - away for away in _PLACES_AWAY)} & set(range(1, own)))
    costs = cost_of_places(rungs.loc[wanted], plan.steps, locked=plan.locked)
    for place, need, cost, is_feasible in zip(wanted, costs["need"].tolist(), costs["cost"].tolist(), costs["is_feasible"].tolist(), strict=True):
        if is_feasible:
            node = place_node(place)
            yield plan.row(node, "place", place, "place", out_of=float(plan.stand.stands.places))
            yield from () if place == target else (plan.row(node, "points_to_rank", need, points_of(plan.stand.stands)),)
            yield plan.row(node, "least_cost", cost, _COST)
            yield plan.row(node, "cost_per_place", cost / (own - place), _COST)
