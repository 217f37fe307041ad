"""What was not published, but cannot lie beyond: bounds of missing scores and ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.figures import Row, complete, computed, figures, of_measure
from par_analysis.metrics.intervals import BoolArray, Evidence, FloatArray, Interval, consistent, free_places, rank_intervals, score_interval
from par_analysis.metrics.lookup import Figure, Panel
from par_analysis.metrics.normalisation import numbers_of
from par_analysis.metrics.standing import Standing, standing
from par_analysis.model import TOTAL


@dataclass(frozen=True)
class Bounded:
    """A standing with the intervals of everything unknown in it; scores in ``score_low``/``score_high`` are as published, not oriented."""

    standing: Standing
    evidence: Evidence
    places: tuple[FloatArray, FloatArray]
    flawed: BoolArray
    notes: tuple[str, ...]
    sign: float

    @property
    def used(self) -> tuple[Figure, ...]:
        """The figures that the intervals come from."""
        return (*self.standing.rows, *of_measure(self.standing.published, "max", "min"))

    def score(self, i: int) -> tuple[Interval, bool]:
        """Lowest and highest score of the unscored unit ``i``, and whether the evidence allows any."""
        own = (float(self.places[0][i]), float(self.places[1][i]))
        return self._oriented(score_interval(self.evidence, self.places, own, claimed=not np.isnan(self.standing.rank[i])))

    def score_of_place(self, place: float) -> tuple[Interval, bool]:
        """Lowest and highest score of whoever holds a place."""
        return self._oriented(score_interval(self.evidence, self.places, (place, place), claimed=False))

    def _oriented(self, found: tuple[Interval, bool]) -> tuple[Interval, bool]:
        (low, high), possible = found
        return ((low, high) if self.sign > 0 else (-high, -low)), possible


def bounded(
    panel: Panel,
    *,
    year: int,
    units: Sequence[str],
    low: float = 0.0,
    high: float = 100.0,
    out_of: int | None = 63,
    higher_is_better: bool = True,
    shared_places: bool = True,
    tolerance: float = 1e-9,
    node: str = TOTAL,
    by_scores: bool = False,
) -> Bounded:
    """The evidence of a year (``by_scores``: of nothing but the units' scores), freed of contradictions, and the intervals of places that follow from it."""
    stands = standing(panel, year=year, units=units, out_of=out_of, node=node, by_scores=by_scores)
    if len(stands.units) > stands.places:
        raise RequestError(f"{len(stands.units)} units for {stands.places} places", hint="out_of is the number of units in the ranking")
    sign = 1.0 if higher_is_better else -1.0
    top, bottom = ("max", "min") if higher_is_better else ("min", "max")
    ends = sorted((sign * low, sign * high))
    first = Evidence(
        score=sign * stands.score,
        rank=stands.rank,
        places=stands.places,
        low=ends[0],
        high=ends[1],
        best=sign * stands.published_value(top),
        worst=sign * stands.published_value(bottom),
        shared=shared_places,
        tolerance=tolerance,
    )
    evidence, aside, false_ends = consistent(first)
    best, worst, flawed = rank_intervals(evidence)
    return Bounded(stands, evidence, (best, worst), flawed, _notes(stands, aside, false_ends), sign)


def _notes(stands: Standing, aside: BoolArray, false_ends: bool) -> tuple[str, ...]:
    """What had to be set aside, in words."""
    out = [unit for unit, left in zip(stands.units, aside, strict=True) if left]
    claims, counts = np.unique(stands.rank[~aside & ~np.isnan(stands.rank)], return_counts=True)
    shared = [int(place) for place in claims[counts > 1]]
    return tuple(
        text
        for text, holds in (
            (f"set aside, score and rank contradict those of others: {', '.join(out)}", out),
            (f"set aside, no place of this ranking: {', '.join(stands.dropped)}", stands.dropped),
            ("set aside, the published highest or lowest score contradicts the scores", false_ends),
            (f"claimed by more than one unit: place {', '.join(map(str, shared))}", shared),
        )
        if holds
    )


def score_bounds(
    panel: pd.DataFrame,
    *,
    year: int,
    units: Sequence[str],
    low: float = 0.0,
    high: float = 100.0,
    out_of: int = 63,
    higher_is_better: bool = True,
    shared_places: bool = True,
    tolerance: float = 1e-9,
    node: str = TOTAL,
) -> pd.DataFrame:
    """Bounds of every unknown score (``score_low``, ``score_high``) and rank (``rank_low`` best, ``rank_high`` worst), basis "bound", by unit.

    A score lies between those of the units surely behind and surely ahead, the published highest and lowest score and the ends of the scale [``low``,
    ``high``]. A rank follows from the score among the known pairs and from the places already taken, of ``out_of``. ``shared_places`` allows equals to
    share a place; without it every free place is held once, and bounds are tighter. Scores printed with different rounding want a ``tolerance``.
    What contradicts the rest is set aside and named in the note; a unit for which no value is possible gets the whole range. Empty where the year
    has no figures. ``RequestError`` where there are more units than places. Own method, see ``intervals``.

    >>> from par_analysis.metrics.figures import figures
    >>> def fact(unit, measure, value):
    ...     return {"index": "par_index", "unit": unit, "year": 2023, "node": "total", "measure": measure, "value": value, "basis": "published"}
    >>> panel = figures([fact("01", "score", 90), fact("01", "rank", 1), fact("02", "rank", 2), fact("03", "score", 80), fact("03", "rank", 3)])
    >>> score_bounds(panel, year=2023, units=["01", "02", "03"], out_of=3)[["unit", "measure", "value"]].values.tolist()
    [['02', 'score_low', 80.0], ['02', 'score_high', 90.0]]
    """
    found = bounded(
        panel,
        year=year,
        units=units,
        low=low,
        high=high,
        out_of=out_of,
        higher_is_better=higher_is_better,
        shared_places=shared_places,
        tolerance=tolerance,
        node=node,
    )
    return figures(bound_rows(found, year=year, node=node))


def bound_rows(found: Bounded, *, year: int, node: str) -> list[Row]:
    """The intervals as figures, by unit."""
    if not found.used:
        return []
    shared = complete(computed(found.used, year=year, node=node, basis="bound"))
    return [row for i in range(len(found.standing.units)) for row in _unit_rows(found, i, shared)]


def _unit_rows(found: Bounded, i: int, shared: Row) -> list[Row]:
    stands, places = found.standing, (float(found.places[0][i]), float(found.places[1][i]))
    unscored, unranked = bool(np.isnan(stands.score[i])), bool(np.isnan(stands.rank[i]))
    rows: list[Row] = []
    facts = {**shared, "unit": stands.units[i]}
    if unscored:
        ends, possible = found.score(i)
        note = _said(found, contradicted=not possible or bool(found.flawed[i]))
        scale = {"unit_of_measure": stands.unit_of_measure, "out_of": stands.maximum, "note": note}
        rows += [{**facts, **scale, "measure": measure, "value": value} for measure, value in zip(("score_low", "score_high"), ends, strict=True)]
    if unranked:
        note = _said(found, contradicted=bool(found.flawed[i]), free=free_places(found.evidence) if unscored else [])
        scale = {"unit_of_measure": "place", "out_of": float(stands.places), "note": note}
        rows += [{**facts, **scale, "measure": measure, "value": value} for measure, value in zip(("rank_low", "rank_high"), places, strict=True)]
    return rows


def _said(found: Bounded, *, contradicted: bool, free: Sequence[int] = ()) -> str:
    impossible = ("the known figures contradict one another: the whole range is given",) if contradicted else ()
    places = (f"possible places: {_ranges(free)}",) if free else ()
    return "; ".join((*impossible, *places, *found.notes))


def _ranges(numbers: Sequence[int]) -> str:
    """1-3, 5 for 1 2 3 5.

    >>> _ranges([1, 2, 3, 5])
    '1-3, 5'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def missing_data_bounds(points: pd.DataFrame, maxima: Mapping[str, float], *, higher_is_better: bool = True, tolerance: float = 1e-9) -> pd.DataFrame:
    """Totals with every missing part at 0 and at its maximum, and the best and worst rank that follow.

    ``points`` is units by parts (NaN missing), ``maxima`` the maximum of each part. Returns, by unit, ``total_low``, ``total_high``, ``rank_low`` (best: this unit
    at its best end, all others at their worst) and ``rank_high`` (worst). ``RequestError`` for parts without a maximum of 0 or more, units or parts named twice, and points that
    are no finite numbers. Own method.

    >>> points = pd.DataFrame({"a": [5.0, 4.0], "b": [None, 3.0]}, index=["01", "02"])
    >>> missing_data_bounds(points, {"a": 10, "b": 10}).to_dict("index")["01"]
    {'total_low': 5.0, 'total_high': 15.0, 'rank_low': 1.0, 'rank_high': 2.0}
    """
    known = numbers_of(points)
    tops = numbers_of(pd.Series(maxima, dtype=object).to_frame("maximum"))["maximum"].reindex(known.columns)
    wanting = tops.index[~(tops >= 0)]
    if len(wanting):
        raise RequestError(f"no maximum of 0 or more for part {', '.join(map(repr, wanting))}", hint="maxima: part → its maximum points")
    low, high = known.fillna(0.0).sum(axis=1), known.fillna(tops.to_dict()).sum(axis=1)
    sign = 1.0 if higher_is_better else -1.0
    ends = np.sort(np.stack([sign * low.to_numpy(dtype="float64"), sign * high.to_numpy(dtype="float64")]), axis=0)
    best = 1.0 + _ahead(ends[0], ends[1], tolerance)
    worst = 1.0 + _ahead(ends[1], ends[0], tolerance)
    return pd.DataFrame({"total_low": low, "total_high": high, "rank_low": best, "rank_high": worst}, index=points.index)


def _ahead(others: FloatArray, own: FloatArray, tolerance: float) -> FloatArray:
    """How many of the others surpass each unit, itself left out."""
    surpass = others[None, :] > own[:, None] + tolerance
    np.fill_diagonal(surpass, False)
    return np.asarray(surpass.sum(axis=1), dtype=np.float64)
