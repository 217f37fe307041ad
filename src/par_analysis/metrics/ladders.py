"""The ladder of the places around a unit: what each of them takes, the others as they are, as figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.bounds import Bounded, bounded
from par_analysis.metrics.figures import Row, computed, figures, of_measure, values
from par_analysis.metrics.intervals import Interval
from par_analysis.metrics.lookup import Figure, Panel
from par_analysis.metrics.ranks import FloatArray, places_of
from par_analysis.metrics.standing import Standing, known_places
from par_analysis.metrics.targets import ladder
from par_analysis.model import TOTAL

_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Stand:
    """A unit with a known score and a known place among ``stands.places``, and what is known of the others. ``others`` are their scores, best first and oriented, where every
    one of them is known."""

    found: Bounded
    unit: str
    score: float
    place: int
    others: FloatArray | None

    @property
    def stands(self) -> Standing:
        """The scores and places of all."""
        return self.found.standing

    @property
    def points(self) -> str:
        """What differences of scores are measured in."""
        return points_of(self.stands)

    def need(self, place: int) -> Interval | None:
        """Lowest and highest number of points that bring the unit level with a better place; ``None`` where the evidence allows none."""
        if self.others is not None:
            return (max(float(self.others[place - 1]) - self._own, 0.0),) * 2
        return self._distances(place, 1.0)

    def slack(self, place: int) -> Interval | None:
        """Lowest and highest number of points that the unit can lose before it is level with whoever would push it down to a worse place."""
        if self.others is not None:
            return (max(self._own - float(self.others[place - 2]), 0.0),) * 2
        return self._distances(place, -1.0)

    def _distances(self, place: int, sign: float) -> Interval | None:
        ends, possible = self.found.score_of_place(place)
        away = sorted(max(sign * (self.found.sign * end - self._own), 0.0) for end in ends)
        return (away[0], away[1]) if possible else None

    @property
    def _own(self) -> float:
        return self.found.sign * self.score

    def holders(self, score: float) -> list[str]:
        """The others who are known to have a score, by code."""
        return [code for code, held in zip(self.stands.units, self.stands.score, strict=True) if code != self.unit and abs(held - score) <= _TOLERANCE]


def points_of(stands: Standing) -> str:
    """What differences of scores are measured in: those of percentages in percentage points."""
    return "percentage_points" if stands.unit_of_measure == "percent" else stands.unit_of_measure


def stand_of(panel: Panel, *, unit: str, year: int, units: Sequence[str], higher_is_better: bool = True, low: float = 0.0, high: float = 100.0, node: str = TOTAL) -> Stand | None:
    """Where a unit stands; ``None`` where its score or its place is not known.

    Places are the published ones, but where every unit has a score those of the scores.

    >>> from par_analysis.metrics.figures import empty
    >>> stand_of(empty(), unit="30", year=2023, units=["30"])
    """
    found = bounded(panel, year=year, units=units, low=low, high=high, out_of=None, higher_is_better=higher_is_better, node=node)
    stands = found.standing
    if unit not in stands.units:
        return None
    i, is_whole = stands.units.index(unit), stands.all_scored()
    places = places_of(stands.score, higher_is_better=higher_is_better) if is_whole else known_places(stands, higher_is_better=higher_is_better)
    if np.isnan(stands.score[i]) or np.isnan(places[i]):
        return None
    others = -np.sort(-found.sign * np.delete(stands.score, i)) if is_whole else None
    return Stand(found, unit, float(stands.score[i]), int(places[i]), others)


def rank_ladder(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    units: Sequence[str],
    higher_is_better: bool = True,
    low: float = 0.0,
    high: float = 100.0,
    above: int | None = None,
    below: int | None = None,
    node: str = TOTAL,
) -> pd.DataFrame:
    """What each place around the unit takes, the others as they are; ``above`` places better than its own and ``below`` worse (``None``: all), best place first.

    The unit's ``score`` and ``rank`` come first. Then on node ``place:<k>`` the place itself, ``place``, and ``points_to_rank``, which bring the unit level with it, or
    ``points_to_drop``, beyond the loss of which it has that place or a worse one; the notes say who has the score that this takes. What the known figures leave open has
    ``…_low`` and ``…_high`` (basis "bound"); a place of which they contradict one another is left out. Points are distances, 0 where there are none. Empty where the unit's
    score or rank is not known. Own method, by ``targets.ladder``; bounds as ``bounds.score_bounds``.

    >>> def fact(unit, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> found = rank_ladder(figures([fact("01", 44), fact("02", 42.5), fact("03", 41)]), unit="02", year=2023, units=["01", "02", "03"])
    >>> found.loc[found["node"] != "total", ["node", "measure", "value"]].values.tolist()
    [['place:1', 'place', 1.0], ['place:1', 'points_to_rank', 1.5], ['place:3', 'place', 3.0], ['place:3', 'points_to_drop', 1.5]]
    """
    stand = stand_of(panel, unit=unit, year=year, units=units, higher_is_better=higher_is_better, low=low, high=high, node=node)
    if stand is None:
        return figures([])
    facts: Row = {"unit": unit, "year": year}
    first = 1 if above is None else max(1, stand.place - above)
    last = stand.stands.places if below is None else min(stand.stands.places, stand.place + below)
    better = _ladder_above(stand, range(first, stand.place), facts, higher_is_better=higher_is_better)
    worse = [row for place in range(stand.place + 1, last + 1) for row in steps_to(stand, place, stand.slack(place), {**facts, "measure": "points_to_drop"})]
    return figures([*own_rows(stand, year=year, node=node), *better, *worse])


def own_rows(stand: Stand, *, year: int, node: str) -> list[Figure]:
    """The unit's score and rank; the rank is computed where it was not published, or is not that of the scores."""
    stands = stand.stands
    rank = next((row for row in of_measure(stands.of(stand.unit), "rank") if row["value"] == stand.place), None)
    facts: Row = {"unit": stand.unit, "year": year, "node": node, "unit_of_measure": "place", "out_of": float(stands.places)}
    made = computed(stands.scores, **facts, measure="rank", value=stand.place, note="computed from the scores of all units")
    return [*of_measure(stands.of(stand.unit), "score"), rank or made]


def _ladder_above(stand: Stand, places: range, facts: Row, *, higher_is_better: bool) -> list[Row]:
    """The rows of the better places: of known scores by ``targets.ladder``."""
    if stand.others is None:
        return [row for place in places for row in steps_to(stand, place, stand.need(place), {**facts, "measure": "points_to_rank"})]
    needs = ladder(values(stand.stands.scores, stand.stands.units), stand.unit, higher_is_better=higher_is_better)["need"]
    return [row for place in places for row in steps_to(stand, place, (float(needs[place]),) * 2, {**facts, "measure": "points_to_rank"})]


def steps_to(stand: Stand, place: int, ends: Interval | None, facts: Row) -> Iterator[Row]:
    """A place and its distance, or the two ends that this lies between."""
    if ends is None:
        return
    is_known = ends[1] - ends[0] <= _TOLERANCE
    sign = stand.found.sign * (1.0 if facts["measure"] == "points_to_rank" else -1.0)
    holders = stand.holders(stand.score + sign * ends[0]) if is_known else []
    used = of_measure(stand.stands.of(stand.unit, *holders), "score") if holders else stand.found.used
    held = (f"held by {', '.join(holders)}",) if holders else ()
    made = {**computed(used, **facts, node=place_node(place), unit_of_measure=stand.points), "note": "; ".join((*held, *stand.found.notes))}
    yield {**made, "measure": "place", "value": float(place), "unit_of_measure": "place", "out_of": float(stand.stands.places)}
    yield from ({**made, **end} for end in ends_as_rows(str(facts["measure"]), ends, is_known=is_known))


def place_node(place: int) -> str:
    """The node of figures about a place.

    >>> place_node(10)
    'place:10'
    """
    return f"place:{place}"


def ends_as_rows(measure: str, ends: Interval, *, is_known: bool) -> list[Row]:
    """A value, or the two ends that it lies between.

    >>> [row["measure"] for row in ends_as_rows("points_to_rank", (1.0, 2.0), is_known=False)]
    ['points_to_rank_low', 'points_to_rank_high']
    """
    if is_known:
        return [{"measure": measure, "value": ends[0]}]
    return [{"measure": f"{measure}_{name}", "value": end, "basis": "bound"} for name, end in zip(("low", "high"), ends, strict=True)]
