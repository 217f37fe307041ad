"""A unit among the others in a year: gaps to references, neighbours, points to the next place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from par_analysis.metrics.bounds import Bounded, bound_rows, bounded
from par_analysis.metrics.figures import Row, computed, figures, mean_of, of_measure
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.ranks import FloatArray
from par_analysis.metrics.standing import Standing, known_places, standing
from par_analysis.model import COUNTRY, TOTAL


def gaps(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    region: str | None = None,
    region_units: Sequence[str] = (),
    units: Sequence[str],
    higher_is_better: bool = True,
    node: str = TOTAL,
) -> pd.DataFrame:
    """The unit's score minus each reference, then the references: ``gap_leader``, ``gap_mean``, ``gap_last``, ``gap_region``.

    Leader and last are the published ``max`` and ``min`` of the country (followed by the score of who holds the place, where known), else that unit's
    score; the mean is the country's published ``mean``, else ``mean_computed`` of the known scores, out of all units. The region's mean is the published
    one, else ``mean_computed`` where every ranked one of its ``region_units`` is scored (followed by ``n_scored`` of them). References are passed through
    where the unit's score is not known, too; what is not known has no row.

    >>> def fact(unit, measure, value):
    ...     return {"index": "par_index", "unit": unit, "year": 2023, "node": "total", "measure": measure, "value": value, "basis": "published"}
    >>> panel = figures([fact("30", "score", 87.84), fact("VN", "max", 92.18), fact("VN", "mean", 86.98)])
    >>> gaps(panel, unit="30", year=2023, units=["22", "30"])["value"].round(2).tolist()
    [-4.34, 0.86, 92.18, 86.98]
    """
    known = lookup(panel)
    stands = standing(known, year=year, units=units, node=node)
    references = _references(known, stands, (region, region_units), higher_is_better, {"year": year, "node": node})
    own = known.rows(unit=unit, year=year, node=node, measure="score", exact=True)
    rows: list[Figure] = []
    for measure, reference in references.items():
        if own and reference:
            facts: Row = {"unit": unit, "year": year, "node": node, "unit_of_measure": own[0]["unit_of_measure"]}
            note = f"against {reference[0]['measure']} of {reference[0]['unit']}"
            rows.append(computed([own[0], reference[0]], **facts, measure=measure, value=own[0]["value"] - reference[0]["value"], note=note))
    passed = {(row["unit"], row["measure"]): row for reference in references.values() for row in reference}
    return figures([*rows, *passed.values()])


def _references(known: Lookup, stands: Standing, region: tuple[str | None, Sequence[str]], higher_is_better: bool, where: Row) -> dict[str, list[Figure]]:
    """Measure → the row compared with, and who is known to have that score; or none."""
    top, bottom = ("max", "min") if higher_is_better else ("min", "max")
    regional = known.rows(unit=region[0], **where, measure="mean", exact=True) if region[0] is not None else []
    places = known_places(stands, higher_is_better=higher_is_better)
    return {
        "gap_leader": [*of_measure(stands.published, top), *_holder(stands, places, 1)],
        "gap_mean": of_measure(stands.published, "mean") or _mean(stands, where),
        "gap_last": [*of_measure(stands.published, bottom), *_last(stands, places, higher_is_better)],
        "gap_region": regional if regional or not region[0] else _region_mean(stands, region[0], region[1], where),
    }


def _region_mean(stands: Standing, region: str, members: Sequence[str], where: Row) -> list[Figure]:
    """The mean of a region's ranked units, and of how many; none unless all of them are scored."""
    ranked = [unit for unit in members if unit in stands.units]
    scores = _scores(stands, *ranked)
    if not ranked or len(scores) < len(ranked):
        return []
    facts: Row = {**where, "unit": region, "out_of": float(len(members)), "note": f"mean of {len(scores)} of {len(members)} scores"}
    mean = computed(scores, **facts, measure="mean_computed", value=mean_of(scores), unit_of_measure=stands.unit_of_measure)
    return [mean, computed(scores, **facts, measure="n_scored", value=len(scores), unit_of_measure="count")]


def _scores(stands: Standing, *units: str) -> list[Figure]:
    return of_measure(stands.of(*units), "score")


def _holder(stands: Standing, places: FloatArray, place: float) -> list[Figure]:
    """The score of a unit in a place, where known."""
    holders = [unit for unit, held, score in zip(stands.units, places, stands.score, strict=True) if held == place and not np.isnan(score)]
    return _scores(stands, *holders[:1])


def _last(stands: Standing, places: FloatArray, higher_is_better: bool) -> list[Figure]:
    """The unit in the last place; where all are scored, the lowest one, since equals at the end leave the last place empty."""
    if not stands.all_scored() or not len(stands.units):
        return _holder(stands, places, stands.places)
    worst = int(np.argmin(stands.score)) if higher_is_better else int(np.argmax(stands.score))
    return _scores(stands, stands.units[worst])


def _mean(stands: Standing, where: Row) -> list[Figure]:
    scores = stands.scores
    if not scores:
        return []
    facts: Row = {**where, "unit": COUNTRY, "unit_of_measure": stands.unit_of_measure, "out_of": len(stands.units)}
    return [computed(scores, **facts, measure="mean_computed", value=mean_of(scores), note=f"mean of {len(scores)} of {len(stands.units)} scores")]


def neighbours(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    count: int = 3,
    units: Sequence[str],
    higher_is_better: bool = True,
    low: float = 0.0,
    high: float = 100.0,
    node: str = TOTAL,
) -> pd.DataFrame:
    """The units ranked up to ``count`` places before and after the unit, itself included, best place first: ``rank`` and ``score``, or ``score_low`` and ``score_high``
    (basis "bound") where the score is not known.

    A place that no unit is known to hold is a row ``place_unknown`` of the country on node ``place:<n>``, its value the place; places left empty by
    equals before them are not among these. Empty where the unit has no known rank.

    >>> def fact(unit, value):
    ...     return {"index": "par_index", "unit": unit, "year": 2023, "node": "total", "measure": "rank", "value": value, "out_of": 4, "basis": "published"}
    >>> panel = figures([fact("01", 1), fact("02", 3)])
    >>> found = neighbours(panel, unit="02", year=2023, count=1, units=["01", "02", "03", "04"])
    >>> found[["measure", "value"]].values.tolist()
    [['place_unknown', 2.0], ['rank', 3.0], ['score_low', 0.0], ['score_high', 100.0], ['place_unknown', 4.0]]
    """
    found = bounded(panel, year=year, units=units, low=low, high=high, out_of=None, higher_is_better=higher_is_better, node=node)
    stands = found.standing
    places = known_places(stands, higher_is_better=higher_is_better)
    own = places[stands.units.index(unit)] if unit in stands.units else np.nan
    if np.isnan(own):
        return figures([])
    where: Row = {"year": year, "node": node}
    limits = bound_rows(found, **where)
    rows: list[Figure] = []
    for place in range(max(1, int(own) - count), min(stands.places, int(own) + count) + 1):
        holders = [holder for holder, held in zip(stands.units, places, strict=True) if int(held if not np.isnan(held) else 0) == place]
        rows += [row for holder in holders for row in _holder_rows(stands, limits, holder, place, where)]
        if not holders and not _left_empty(places, place):
            facts: Row = {"unit": COUNTRY, "year": year, "node": f"place:{place}", "unit_of_measure": "place", "out_of": float(stands.places)}
            rows.append(computed(of_measure(stands.rows, "rank"), **facts, measure="place_unknown", value=place, note="no unit is known to hold this place"))
    return figures(rows)


def _left_empty(places: FloatArray, place: int) -> bool:
    """Whether equals in a place before leave this one empty."""
    before = places[places < place]
    return bool(len(before)) and before.max() + (before == before.max()).sum() > place


def _holder_rows(stands: Standing, limits: Sequence[Figure], holder: str, place: int, where: Row) -> list[Figure]:
    rows = sorted(stands.of(holder), key=lambda row: str(row["measure"]))
    if not of_measure(rows, "rank"):
        facts: Row = {**where, "unit": holder, "unit_of_measure": "place", "out_of": float(stands.places), "note": "computed from the scores of all units"}
        rows = [computed(stands.rows, **facts, measure="rank", value=place), *rows]
    return [*rows, *(row for row in of_measure(limits, "score_low", "score_high") if row["unit"] == holder)]


def next_place(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    units: Sequence[str],
    higher_is_better: bool = True,
    low: float = 0.0,
    high: float = 100.0,
    tolerance: float = 1e-9,
    node: str = TOTAL,
) -> pd.DataFrame:
    """Points that bring the unit level with the next better one (``to_climb``), and points it can lose before it is level with the next worse one (``to_drop``).

    Exact only where the direct neighbour and its score are known; else ``to_climb_low``/``to_climb_high`` and ``to_drop_low``/``to_drop_high`` (basis "bound").
    0 where the unit shares its place or its score. Points are distances, never negative, in either direction of the scale. No row for the leader's
    climb and the last one's drop; empty where the unit's score or rank is not known.

    >>> def fact(unit, measure, value):
    ...     return {"index": "par_index", "unit": unit, "year": 2023, "node": "total", "measure": measure, "value": value, "basis": "published"}
    >>> panel = figures([fact("01", "score", 90), fact("01", "rank", 1), fact("02", "score", 88.5), fact("02", "rank", 2)])
    >>> next_place(panel, unit="02", year=2023, units=["01", "02"])[["measure", "value"]].values.tolist()
    [['to_climb', 1.5]]
    """
    found = bounded(panel, year=year, units=units, low=low, high=high, out_of=None, higher_is_better=higher_is_better, tolerance=tolerance, node=node)
    stands = found.standing
    places = known_places(stands, higher_is_better=higher_is_better)
    i = stands.units.index(unit) if unit in stands.units else -1
    if i < 0 or np.isnan(places[i]) or np.isnan(stands.score[i]):
        return figures([])
    facts: Row = {"unit": unit, "year": year, "node": node, "unit_of_measure": stands.unit_of_measure}
    return figures([*_next(found, places, i, facts, better=True), *_next(found, places, i, facts, better=False)])


def _next(found: Bounded, places: FloatArray, i: int, facts: Row, *, better: bool) -> list[Row]:
    stands, own = found.standing, float(places[i])
    size = int((places == own).sum())
    if (better and own == 1) or (not better and own + size > stands.places):
        return []
    name = "to_climb" if better else "to_drop"
    shares = size > 1
    holders = [] if shares else _direct(places, own, better=better)
    scores = stands.score[holders]
    if shares or (len(holders) and not np.isnan(scores).all()):
        used = stands.of(stands.units[i], *(stands.units[j] for j in holders))
        value = 0.0 if shares else _distance(found, i, float(scores[~np.isnan(scores)][0]), better=better)
        note = "shares its place" if shares else f"next: {', '.join(stands.units[j] for j in holders)}"
        return [computed(used, **facts, measure=name, value=value, note=note)]
    place = own - 1 if better else own + 1
    ends, _ = found.score_of_place(place)
    low, high = sorted(_distance(found, i, end, better=better) for end in ends)
    note = "; ".join(("the score of the next unit is not known", *found.notes))
    return [computed(stands.rows, **facts, basis="bound", measure=f"{name}_{end}", value=value, note=note) for end, value in (("low", low), ("high", high))]


def _direct(places: FloatArray, own: float, *, better: bool) -> list[int]:
    """The units in the next place, where no place lies between that might be another's."""
    if better:
        before = places[places < own]
        next_one = before.max() if len(before) else np.nan
        adjacent = next_one + (places == next_one).sum() == own
    else:
        after = places[places > own]
        next_one = after.min() if len(after) else np.nan
        adjacent = own + 1 == next_one
    return [int(j) for j in np.flatnonzero(places == next_one)] if adjacent else []


def _distance(found: Bounded, i: int, score: float, *, better: bool) -> float:
    """Points between the unit and a score on its better or worse side; 0 where there are none."""
    ahead = found.sign * (score - found.standing.score[i])
    distance = ahead if better else -ahead
    return float(distance) if distance > found.evidence.tolerance else 0.0
