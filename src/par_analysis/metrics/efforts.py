"""What a change of rank owes to the unit's own points, and what to those of the others.

Had only the unit moved, it would rank with its new score among the others' old ones; had only the others moved, with its old score among their new ones. The own
effect is the mean over both orders of going from the old standing to the new one (the Shapley value of two players), the others' effect is the rest. Where the
others' scores are known in part, the hypothetical ranks are bounded by what is known of them. Own method.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.bounds import Bounded, bounded
from par_analysis.metrics.comparisons import against, basis_of_comparison, is_scored_in_full, mean_row
from par_analysis.metrics.figures import Row, computed, empty, figures
from par_analysis.metrics.intervals import FloatArray, Interval
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.standing import Standing, known_places, standing
from par_analysis.model import IN_BOTH_YEARS, TOTAL

BASES: Final = ("raw", "distance")
"""What efforts can be measured by: points as they are, or distances from the country's mean of each year."""

_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Others:
    """The others in a year, as far as known, beside a unit with ``score`` and ``place``. Scores are oriented so that more is better.

    ``known`` are their scores. ``reached`` holds pairs (x, n): at least n of the others have x or more; ``surpassed`` (x, n): at most n of them have more.
    """

    score: float
    place: float
    known: FloatArray
    reached: tuple[Interval, ...]
    surpassed: tuple[Interval, ...]

    def place_of(self, score: float) -> Interval:
        """Best and worst place of a score among the others: 1 + how many are better. An unchanged score keeps its place."""
        if abs(score - self.score) <= _TOLERANCE:
            return (self.place, self.place)
        level = int((abs(self.known - score) <= _TOLERANCE).sum())
        ahead = max(n + self._between(score, x) for x, n in self.reached if x > score + _TOLERANCE)
        at_most = min(n - self._between(x, score) - level * (x < score - _TOLERANCE) for x, n in self.surpassed if x <= score + _TOLERANCE)
        return (1 + ahead, 1 + at_most)

    def is_consistent(self) -> bool:
        """Whether nowhere more of them are said to have a score than can have it."""
        return all(n + self._between(y, x) <= most for x, n in self.reached for y, most in self.surpassed if y < x - _TOLERANCE)

    def _between(self, low: float, high: float) -> int:
        return int(((self.known > low + _TOLERANCE) & (self.known < high - _TOLERANCE)).sum())


@dataclass(frozen=True)
class Side:
    """The unit in one of the two years: place, score and the country's mean as published (NaN where not known), and the others; ``None`` where nothing can be said of them."""

    place: float
    score: float
    mean: float
    others: Others | None
    sign: float
    stands: Standing
    rows: Sequence[Figure]
    notes: tuple[str, ...]


def own_and_others(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    base: int,
    units: Sequence[str],
    comparable: bool | None,
    basis: str | None = None,
    higher_is_better: bool = True,
    node: str = TOTAL,
) -> pd.DataFrame:
    """``rank_change`` from ``base`` to ``year`` as ``own_effect`` + ``others_effect``, each the mean over both orders; in places, positive = up.

    ``own_first`` and ``own_last`` are the own effect in each order, ``rank_own_new`` the hypothetical rank of the own new score among the others' old ones,
    ``rank_own_old`` that of the own old score among the others' new ones. What the known figures of the others leave open has ``…_low`` and ``…_high``
    instead (basis "bound"; low is the best rank). Then ``score_change`` or ``distance_change``, and ``n_used``: the others whose scores of both years are known.

    Ranks are the published ones, else computed where all ``units`` are scored. Where other units were ranked in the one year than in the other, and all that
    were ranked are scored, both years are ranked anew among the units scored in both, and the note says so. Without an own rank in both years, or where it
    contradicts the known scores, there are no effects; without ``unit`` among ``units`` there is nothing. ``RequestError`` and ``UnknownName`` as
    ``basis_of_comparison``, of "raw" and "distance".

    >>> def fact(unit, year, value):
    ...     return {"index": "papi", "unit": unit, "year": year, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> scores = {2022: {"01": 40, "02": 42, "03": 44}, 2023: {"01": 43, "02": 45, "03": 42.5}}
    >>> panel = figures(fact(unit, year, value) for year, of in scores.items() for unit, value in of.items())
    >>> found = own_and_others(panel, unit="01", year=2023, base=2022, units=["01", "02", "03"], comparable=True)
    >>> found[["measure", "value"]].values.tolist()[:3]
    [['rank_change', 1.0], ['own_effect', 1.0], ['others_effect', 0.0]]
    """
    by = basis_of_comparison(basis, comparable=comparable, year=year, base=base, bases=BASES)
    note = against(base, by, comparable=comparable, higher_is_better=higher_is_better)
    known = lookup(panel)
    known.require_one_meaning(year=[year, base], node=[node, TOTAL], exact=True)
    peers, among = _peers(known, unit, (year, base), units, node)
    if unit not in peers or year == base:
        return empty()
    means = {when: mean_row(known, year=when, units=units, node=node) if by == "distance" else None for when in (year, base)}
    new, old = (_side(known, unit, when, peers, node, means[when], higher_is_better=higher_is_better, by_scores=bool(among)) for when in (year, base))
    made: Row = {**computed([*new.rows, *old.rows], unit=unit, year=year, node=node), "note": note}
    shift = new.mean - old.mean if by == "distance" else 0.0
    rows = _of_places(new, old, shift, {**made, "note": "; ".join(part for part in (note, among) if part)})
    points = new.score - old.score - shift
    if not np.isnan(points):
        rows.append({**made, "measure": "score_change" if by == "raw" else "distance_change", "value": points, "unit_of_measure": new.stands.unit_of_measure})
    others = [not np.isnan(a + b) for code, a, b in zip(new.stands.units, new.stands.score, old.stands.score, strict=True) if code != unit]
    count: Row = {**made, "measure": "n_used", "value": sum(others), "unit_of_measure": "count", "out_of": len({*units} - {unit})}
    return figures([*rows, count] if rows else [])


def _peers(known: Lookup, unit: str, years: tuple[int, int], units: Sequence[str], node: str) -> tuple[list[str], str]:
    """The units to rank in both years; and in words which, where these rankings are not the published ones."""
    everyone = sorted(set(units))
    if not all(is_scored_in_full(known, year=year, units=everyone, node=node) for year in years):
        return everyone, ""
    new, old = (standing(known, year=year, units=everyone, node=node) for year in years)
    is_scored = ~np.isnan(new.score) & ~np.isnan(old.score)
    if is_scored.all() and unit not in new.dropped + old.dropped:
        return everyone, ""
    common = [code for code, scored in zip(everyone, is_scored, strict=True) if scored]
    return common, f"among the {len(common)} {IN_BOTH_YEARS}"


def _side(known: Lookup, unit: str, year: int, units: Sequence[str], node: str, mean: Figure | None, *, higher_is_better: bool, by_scores: bool) -> Side:
    found = bounded(known, year=year, units=units, out_of=None, higher_is_better=higher_is_better, tolerance=_TOLERANCE, node=node, by_scores=by_scores)
    stands, i = found.standing, found.standing.units.index(unit)
    place = float(known_places(stands, higher_is_better=higher_is_better)[i])
    others, notes = _others(found, i, place)
    used = [*found.used, *([mean] if mean else [])]
    average = float(mean["value"]) if mean else np.nan
    return Side(place, float(stands.score[i]), average, others, found.sign, stands, used, tuple(f"{year}: {note}" for note in notes))


def _others(found: Bounded, i: int, place: float) -> tuple[Others | None, tuple[str, ...]]:
    """The most that can be said of the others without contradiction: all scores, else scores with ranks, else the scores that no rank contradicts."""
    stands, evidence = found.standing, found.evidence
    score = found.sign * float(stands.score[i])
    if np.isnan(score) or np.isnan(place):
        return None, ()
    every = _from_scores(found.sign * stands.score, i, score, place)
    if stands.all_scored() and every.is_consistent():
        return every, ()
    plain = _from_scores(evidence.score, i, score, place)
    ranked = _with_ranks(found, i, plain)
    is_aside = bool(np.isnan(evidence.score[i]))
    if not is_aside and not found.flawed.any() and ranked.is_consistent():
        return ranked, found.notes
    if not is_aside and plain.is_consistent():
        return plain, ("ranks of others contradict the scores and are left out", *found.notes)
    return None, ("no effects, the unit's rank and score contradict those of others",)


def _from_scores(scores: FloatArray, i: int, score: float, place: float) -> Others:
    """What known scores say by themselves, and the unit's own place."""
    others = np.delete(scores, i)
    top, own, end = (np.inf, 0.0), (score, place - 1), (-np.inf, float(len(others)))
    return Others(score, place, others[~np.isnan(others)], (top, own), (own, end))


def _with_ranks(found: Bounded, i: int, plain: Others) -> Others:
    """The same with the places of the others: n of all units, less the unit where it is one of the n."""
    own, anchors = plain.score, list(_anchors(found, i))
    reached = tuple((x, best - (own >= x - _TOLERANCE)) for x, best, _ in anchors)
    surpassed = tuple((x, worst - 1 - (own > x + _TOLERANCE)) for x, _, worst in anchors)
    return Others(own, plain.place, plain.known, plain.reached + reached, plain.surpassed + surpassed)


def _anchors(found: Bounded, i: int) -> Iterator[tuple[float, float, float]]:
    """Scores with the best and worst place that whoever has them can hold: those of the others, and the published best and worst of all."""
    evidence, (best, worst) = found.evidence, found.places
    yield from ((float(evidence.score[j]), float(best[j]), float(worst[j])) for j in range(len(best)) if j != i and not np.isnan(evidence.score[j]))
    yield from ((x, place, place) for x, place in ((evidence.best, 1.0), (evidence.worst, float(evidence.places))) if not np.isnan(x))


def _of_places(new: Side, old: Side, shift: float, made: Row) -> list[Row]:
    """The rank's change, its two effects, and the hypothetical ranks that they follow from."""
    if np.isnan(old.place + new.place):
        return []
    change = old.place - new.place
    scale: Row = {"unit_of_measure": "place", "out_of": float(new.stands.places), "note": "; ".join((str(made["note"]), *new.notes, *old.notes))}
    rows: list[Row] = [{**made, **scale, "measure": "rank_change", "value": change}]
    if new.others is None or old.others is None or np.isnan(shift):
        return rows
    own_new = old.others.place_of(old.sign * (new.score - shift))
    own_old = new.others.place_of(new.sign * (old.score + shift))
    first = (old.place - own_new[1], old.place - own_new[0])
    last = (own_old[0] - new.place, own_old[1] - new.place)
    own = ((first[0] + last[0]) / 2, (first[1] + last[1]) / 2)
    others = (change - own[1], change - own[0])
    found = {"own_effect": own, "others_effect": others, "own_first": first, "own_last": last, "rank_own_new": own_new, "rank_own_old": own_old}
    return rows + [{**made, **scale, **end} for measure, ends in found.items() for end in _ends(measure, ends)]


def _ends(measure: str, ends: Interval) -> list[Row]:
    """A value that is known, or the two ends it lies between."""
    if ends[0] == ends[1]:
        return [{"measure": measure, "value": ends[0]}]
    return [{"measure": f"{measure}_{name}", "value": end, "basis": "bound"} for name, end in zip(("low", "high"), ends, strict=True)]
