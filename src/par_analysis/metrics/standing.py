"""Where the units stand in a year: known scores and places side by side, in one fixed order of units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.metrics.figures import pick, values
from par_analysis.metrics.ranks import rank
from par_analysis.model import COUNTRY, TOTAL

FloatArray = npt.NDArray[np.float64]


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
    rows: pd.DataFrame
    published: pd.DataFrame
    dropped: tuple[str, ...]

    @property
    def unit_of_measure(self) -> str:
        """In which the scores are printed."""
        found = pd.concat([self.rows[self.rows["measure"] == "score"], self.published[self.published["measure"].isin(["max", "min", "mean"])]])
        return str(found["unit_of_measure"].iloc[0]) if len(found) else "points"

    @property
    def maximum(self) -> float:
        """The greatest possible score, NaN where the scores do not state one."""
        known = self.rows.loc[self.rows["measure"] == "score", "out_of"].dropna()
        return float(known.iloc[0]) if len(known) else float("nan")

    def published_value(self, measure: str) -> float:
        """A measure of the country, NaN where it was not published."""
        found = self.published.loc[self.published["measure"] == measure, "value"]
        return float(found.iloc[0]) if len(found) else float("nan")

    def of(self, *units: str) -> pd.DataFrame:
        """The rows of some units."""
        return self.rows[self.rows["unit"].isin(units)]

    def all_scored(self) -> bool:
        """Whether every place of the list belongs to a unit with a known score."""
        return len(self.units) == self.places and not bool(np.isnan(self.score).any())


def standing(panel: pd.DataFrame, *, year: int, units: Sequence[str], out_of: int | None = None, node: str = TOTAL) -> Standing:
    """Known scores and ranks of the units in a year. ``out_of`` places in the list, by default one per unit.

    >>> from par_analysis.metrics.figures import empty
    >>> standing(empty(), year=2023, units=["30", "01"]).units
    ('01', '30')
    """
    ordered = tuple(sorted(set(units)))
    places = len(ordered) if out_of is None else out_of
    scores = pick(panel, unit=ordered, year=year, node=node, measure="score", exact=True)
    ranks = pick(panel, unit=ordered, year=year, node=node, measure="rank", exact=True)
    usable = (ranks["out_of"].isna() | (ranks["out_of"] == places)) & ranks["value"].between(1, places)
    kept = ranks[usable]
    return Standing(
        units=ordered,
        score=np.asarray(values(scores, ordered), dtype=np.float64),
        rank=np.asarray(values(kept, ordered), dtype=np.float64),
        places=places,
        rows=pd.concat([scores, kept], ignore_index=True),
        published=pick(panel, unit=COUNTRY, year=year, node=node, exact=True),
        dropped=tuple(ranks.loc[~usable, "unit"]),
    )


def known_places(of: Standing, *, higher_is_better: bool = True) -> FloatArray:
    """Published ranks; where every unit has a score, the missing ones are computed from the scores."""
    if not of.all_scored():
        return of.rank
    made = rank(pd.Series(of.score), higher_is_better=higher_is_better).to_numpy(dtype="float64")
    return np.where(np.isnan(of.rank), made, of.rank)
