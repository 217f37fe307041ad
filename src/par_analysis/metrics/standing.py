"""Where the units stand in a year: known scores and places side by side, in one fixed order of units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from par_analysis.metrics.figures import by_unit, of_measure
from par_analysis.metrics.lookup import Figure, Panel, lookup
from par_analysis.metrics.ranks import FloatArray, places_of
from par_analysis.model import COUNTRY, TOTAL


@dataclass(frozen=True)
class Standing:
    """Known scores and ranks of ``units`` (sorted) in a year; NaN where not known.

    ``rows`` are the figures they come from; ``published`` the country's rows on the same node (max, min, mean …); ``dropped`` the units whose
    published rank is no place of this list (another denominator, or outside 1 … ``places``).
    """

    units: tuple[str, ...]
    score: FloatArray
    rank: FloatArray
    places: int
    rows: tuple[Figure, ...]
    published: tuple[Figure, ...]
    dropped: tuple[str, ...]

    @property
    def unit_of_measure(self) -> str:
        """In which the scores are printed."""
        return next((str(row["unit_of_measure"]) for row in (*self.scores, *of_measure(self.published, "max", "min", "mean"))), "points")

    @property
    def scores(self) -> list[Figure]:
        """The rows of known scores."""
        return of_measure(self.rows, "score")

    @property
    def maximum(self) -> float:
        """The greatest possible score, NaN where the scores do not state one."""
        return next((float(row["out_of"]) for row in self.scores if not np.isnan(row["out_of"])), float("nan"))

    def published_value(self, measure: str) -> float:
        """A measure of the country, NaN where it was not published."""
        return next((float(row["value"]) for row in of_measure(self.published, measure)), float("nan"))

    def of(self, *units: str) -> list[Figure]:
        """The rows of some units."""
        return [row for row in self.rows if row["unit"] in units]

    def all_scored(self) -> bool:
        """Whether every place of the list belongs to a unit with a known score."""
        return len(self.units) == self.places and not bool(np.isnan(self.score).any())


def standing(panel: Panel, *, year: int, units: Sequence[str], out_of: int | None = None, node: str = TOTAL, by_scores: bool = False) -> Standing:
    """Known scores and ranks of the units in a year. ``out_of`` places in the list, by default one per unit. ``by_scores`` leaves all else aside.

    >>> from par_analysis.metrics.figures import empty
    >>> standing(empty(), year=2023, units=["30", "01"]).units
    ('01', '30')
    """
    ordered = tuple(sorted(set(units)))
    places = len(ordered) if out_of is None else out_of
    known = lookup(panel)
    scores = known.rows(unit=ordered, year=year, node=node, measure="score", exact=True)
    ranks = [] if by_scores else known.rows(unit=ordered, year=year, node=node, measure="rank", exact=True)
    kept = [row for row in ranks if _is_place(row, places)]
    return Standing(
        units=ordered,
        score=_values(scores, ordered),
        rank=_values(kept, ordered),
        places=places,
        rows=(*scores, *kept),
        published=() if by_scores else tuple(known.rows(unit=COUNTRY, year=year, node=node, exact=True)),
        dropped=tuple(row["unit"] for row in ranks if not _is_place(row, places)),
    )


def _is_place(rank: Figure, places: int) -> bool:
    return bool((np.isnan(rank["out_of"]) or rank["out_of"] == places) and 1 <= rank["value"] <= places)


def _values(rows: Sequence[Figure], units: Sequence[str]) -> FloatArray:
    known = by_unit(rows)
    return np.array([known.get(unit, np.nan) for unit in units], dtype=np.float64)


def known_places(of: Standing, *, higher_is_better: bool = True) -> FloatArray:
    """Published ranks; where every unit has a score, the missing ones are computed from the scores."""
    if not of.all_scored():
        return of.rank
    return np.where(np.isnan(of.rank), places_of(of.score, higher_is_better=higher_is_better), of.rank)
