"""From a scorecard to a rank: how many points a place costs, and the parts of the index that bring them with the least effort."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures
from par_analysis.metrics.lookup import Figure
from par_analysis.metrics.routes import Route, cheapest_route, cost_of_places
from par_analysis.metrics.scorecards import Held, held_points
from par_analysis.metrics.standing import Standing, known_places, standing
from par_analysis.metrics.targets import points_to_rank
from par_analysis.model import TOTAL

NEAREST: Final = 8
"""So many of the next better places are priced, besides the target."""

_TIE_BREAK: Final = 1e-4
"""By so much, of 1, the largest gain makes a part cheaper where no effort is known: among equally few parts, those with more to win are taken."""

_TOLERANCE: Final = 1e-9

Ends = tuple[float, float]
"""What is needed at least and at most; infinite at most where that is not known."""


@dataclass(frozen=True)
class _Case:
    """What is known: the totals of the units (``scores``, the unit's own among them) and the ranks, what the unit holds of each part, and what to raise a part costs."""

    unit: str
    year: int
    stands: Standing
    scores: pd.Series[float]
    held: Mapping[str, Held]
    steps: pd.DataFrame
    locked: Collection[str]
    has_effort: bool

    @property
    def own(self) -> float:
        """The unit's total."""
        return float(self.scores[self.unit])

    @property
    def rank(self) -> float:
        """The unit's rank, published, or computed where all totals are known; else NaN."""
        places = known_places(self.stands)
        return float(places[self.stands.units.index(self.unit)]) if self.unit in self.stands.units else math.nan

    @property
    def headroom(self) -> float:
        """What the parts that are not locked can bring."""
        return sum(one.lost for one in self.held.values() if one.node not in self.locked)

    def row(self, **facts: object) -> Row:
        """A figure of the unit, computed from the totals and ranks of all and from the scorecard."""
        rows: list[Figure] = [*self.stands.rows, *(row for one in self.held.values() for row in one.rows)]
        return computed(rows, unit=self.unit, year=self.year, **facts)

    def need(self, place: int) -> Ends:
        """Points that the unit needs to hold a place, the others as they are. Where totals are missing, what is known of the others bounds them: the totals that are known
        (``targets.points_to_rank``), and the totals of those whose published rank is no worse or no better than the place."""
        low, high = 0.0, math.inf
        if place <= int(self.scores.notna().sum()):
            cases = points_to_rank(self.scores, self.unit, place).cases
            low, most = map(float, cases.loc[["frozen"], ["need", "need_at_most"]].to_numpy()[0])
            high = math.inf if math.isnan(most) else most
        for unit, score, rank in zip(self.stands.units, self.stands.score, self.stands.rank, strict=True):
            if unit != self.unit and not math.isnan(score) and not math.isnan(rank):
                lack = max(float(score) - self.own, 0.0)
                low, high = (max(low, lack) if rank >= place else low), (min(high, lack) if rank <= place else high)
        low, high = (0.0, 0.0) if self.rank <= place else (low, high)
        return min(low, high), max(low, high)  # where ranks contradict totals, the one is more than the other


def rank_route(
    panel: pd.DataFrame,
    *,
    card: pd.DataFrame,
    unit: str,
    year: int,
    units: Sequence[str],
    target: int,
    leaves: Sequence[str],
    locked: Collection[str] = (),
    efforts: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """What rank ``target`` takes, the other ``units`` where their totals of the year are (``panel``; higher is better), by the points of the scorecard (``card``, a panel).

    Of the total: ``rank`` where it is known, ``score`` (its note says whether it is published or the scorecard's sum), ``threshold`` and ``points_to_rank``, or where not all
    totals are known their bounds, ``…_low`` and, as far as known, ``…_high``; ``n_unknown``, ``headroom_open``. Then the route for the points that are surely enough, or else for
    the fewest that may be, where there is one: ``route_gain`` of each part that is raised to its maximum and of all, ``n_criteria``, and ``effort`` where every open part has
    one (``efforts``: node → 1 to 5); without it the fewest parts are taken. Last the nearest better places and the target, nodes ``rank:<k>``: ``points_to_rank`` or its
    bounds, and ``n_criteria`` and ``effort`` of what is surely enough, as far as that can be reached.

    Nothing where no other total, or not the unit's own, is known (published, or the sum of the card where every one of its ``leaves`` has points). A part is raised to its
    maximum or not at all. Methods: ``targets.points_to_rank``, ``routes.cheapest_route``.

    >>> def fact(unit, node, value, **more):
    ...     return {"index": "i", "unit": unit, "year": 2023, "node": node, "measure": "score", "value": value, "basis": "published", **more}
    >>> panel = figures([fact("22", "total", 17.5), fact("30", "total", 16)])
    >>> card = figures([fact("30", "domain:1", 8, out_of=10), fact("30", "domain:2", 8, out_of=9)])
    >>> found = rank_route(panel, card=card, unit="30", year=2023, units=["22", "30"], target=1, leaves=["domain:1", "domain:2"])
    >>> found.loc[found["measure"].isin(["points_to_rank", "route_gain"]), ["node", "value"]].values.tolist()
    [['total', 1.5], ['domain:1', 2.0], ['total', 2.0], ['rank:1', 1.5]]
    """
    stands, held = standing(panel, year=year, units=[*units, unit], out_of=len(set(units))), held_points(card, unit=unit, year=year, nodes=leaves)
    scores = pd.Series(stands.score, index=pd.Index(stands.units, dtype="str"), dtype="float64")
    if np.isnan(scores[unit]) and held and len(held) == len(set(leaves)):
        scores[unit] = sum(one.points for one in held.values())
    if np.isnan(scores[unit]) or not held or not scores.drop(unit).notna().any() or not 1 <= target <= len(stands.units):
        return figures([])
    shut = [node for node in held if node in set(locked)]
    steps, has_effort = _priced(held, shut, efforts or {})
    case = _Case(unit, year, stands, scores, held, steps, shut, has_effort)
    low, high = case.need(target)
    enough = low if math.isinf(high) else high
    route = cheapest_route(case.steps, enough, locked=shut) if enough > 0 else None
    return figures([*_needed(case, target), *(_steps(case, route) if route and route.is_feasible else []), *_places(case, target)])


def _priced(held: Mapping[str, Held], locked: Collection[str], efforts: Mapping[str, float]) -> tuple[pd.DataFrame, bool]:
    """A row a part, with its only step: to its maximum; and whether its cost is an effort."""
    open_ = [one for one in held.values() if one.lost > 0 and one.node not in locked]
    has_effort = bool(open_) and all(one.node in efforts for one in open_)
    most = max((one.lost for one in open_), default=1.0)
    costs = {one.node: efforts[one.node] if has_effort else 1 - _TIE_BREAK * one.lost / most for one in open_}
    rows = {one.node: {"points": one.points, "maximum": one.maximum, "levels": (one.maximum,), "cost": costs.get(one.node, 1.0)} for one in held.values()}
    return pd.DataFrame.from_dict(rows, orient="index").astype({"points": "float64", "maximum": "float64", "cost": "float64"}), has_effort


def _ends(case: _Case, measure: str, ends: Ends, **facts: object) -> list[Row]:
    """A figure where it is known, else what it lies between, as far as that is known."""
    low, high = ends
    if high - low <= _TOLERANCE:
        return [case.row(**facts, measure=measure, value=low, unit_of_measure="points")]
    bounds = {"low": low, **({} if math.isinf(high) else {"high": high})}
    return [case.row(**facts, measure=f"{measure}_{end}", value=value, unit_of_measure="points", basis="bound") for end, value in bounds.items()]


def _needed(case: _Case, target: int) -> list[Row]:
    ends, out_of = case.need(target), len(case.stands.units)
    unknown = int(case.scores.isna().sum())
    whose = "the scorecard's sum" if math.isnan(case.stands.score[case.stands.units.index(case.unit)]) else "published"
    return [
        *([] if math.isnan(case.rank) else [case.row(node=TOTAL, measure="rank", value=case.rank, unit_of_measure="place", out_of=out_of)]),
        case.row(node=TOTAL, measure="score", value=case.own, unit_of_measure="points", note=whose),
        *_ends(case, "threshold", (case.own + ends[0], case.own + ends[1]), node=TOTAL, note=f"of rank {target}"),
        *_ends(case, "points_to_rank", ends, node=TOTAL, note=f"to rank {target}"),
        case.row(node=TOTAL, measure="n_unknown", value=unknown, unit_of_measure="count", out_of=out_of),
        case.row(node=TOTAL, measure="headroom_open", value=case.headroom, unit_of_measure="points"),
    ]


def _steps(case: _Case, route: Route) -> list[Row]:
    won = dict(zip(map(str, route.table.index), route.table["gain"].tolist(), strict=True))
    gains = [case.row(node=node, measure="route_gain", value=gain, unit_of_measure="points") for node, gain in won.items()]
    whole = case.row(node=TOTAL, measure="route_gain", value=route.gain, unit_of_measure="points")
    return [*gains, whole, *_price(case, TOTAL, route.cost, len(route.table))]


def _price(case: _Case, node: str, cost: float, criteria: int) -> list[Row]:
    counts = [case.row(node=node, measure="n_criteria", value=criteria, unit_of_measure="count")]
    return [*counts, *([case.row(node=node, measure="effort", value=round(cost, 9), unit_of_measure="count")] if case.has_effort else [])]


def _places(case: _Case, target: int) -> list[Row]:
    """The next better places, and the target."""
    own = len(case.stands.units) + 1 if math.isnan(case.rank) else int(case.rank)
    nearest = [] if math.isnan(case.rank) else range(own - NEAREST, own)
    needs = {place: case.need(place) for place in sorted({place for place in (*nearest, target) if 1 <= place < own})}
    surely = {place: high for place, (_, high) in needs.items() if not math.isinf(high)}
    ladder = pd.DataFrame({"need": list(surely.values())}, index=pd.Index(list(surely), name="target"), dtype="float64")
    costs = cost_of_places(ladder, case.steps, locked=case.locked)
    priced = dict(zip(surely, zip(*(costs[name].tolist() for name in ("is_feasible", "cost", "criteria")), strict=True), strict=True))
    rows: list[Row] = []
    for place, ends in needs.items():
        rows += _ends(case, "points_to_rank", ends, node=f"rank:{place}")
        is_feasible, cost, criteria = priced.get(place, (False, 0.0, 0))
        rows += _price(case, f"rank:{place}", cost, criteria) if is_feasible else []
    return rows
