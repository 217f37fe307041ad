"""The ranking of a year, as far as it is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from par_analysis.metrics.bounds import Bounded, bound_rows, bounded
from par_analysis.metrics.figures import Row, computed, figures, of_measure
from par_analysis.metrics.lookup import Figure, Panel, lookup
from par_analysis.metrics.standing import known_places
from par_analysis.model import TOTAL

_ORDER = {"score": 0, "score_low": 1, "score_high": 2, "rank": 3, "rank_low": 4, "rank_high": 5}


def ranking(panel: pd.DataFrame, *, year: int, units: Sequence[str], higher_is_better: bool = True, low: float = 0.0, high: float = 100.0, node: str = TOTAL) -> pd.DataFrame:
    """What is known of each unit's place, best place first: published ``score`` and ``rank``; a computed ``rank`` only where every unit has a score; else
    ``rank_low`` (best) and ``rank_high`` (worst), and ``score_low``, ``score_high`` for a missing score, basis "bound". Units of equal place come in the
    order of their codes. Empty where the year has no figures.

    >>> from par_analysis.metrics.figures import empty
    >>> len(ranking(empty(), year=2023, units=["01"]))
    0
    """
    return figures(ranking_rows(panel, year=year, units=units, higher_is_better=higher_is_better, low=low, high=high, node=node))


def ranking_rows(panel: Panel, *, year: int, units: Sequence[str], higher_is_better: bool, low: float, high: float, node: str = TOTAL) -> list[Figure]:
    """The rows of ``ranking``."""
    known = lookup(panel)
    found = bounded(known, year=year, units=units, low=low, high=high, out_of=None, higher_is_better=higher_is_better, node=node)
    passed = known.rows(unit=found.standing.units, year=year, node=node, measure=["score", "rank"])
    made = _computed(found, year=year, node=node, higher_is_better=higher_is_better)
    told = {row["unit"] for row in made}
    limits = [row for row in bound_rows(found, year=year, node=node) if row["unit"] not in told or row["measure"] not in {"rank_low", "rank_high"}]
    rows = [*passed, *made, *limits]
    place: dict[str, float] = {}
    for row in of_measure(rows, "rank", "rank_low"):
        place[row["unit"]] = min(row["value"], place.get(row["unit"], math.inf))
    return sorted(rows, key=lambda row: (place.get(row["unit"], math.inf), row["unit"], _ORDER[row["measure"]]))


def _computed(found: Bounded, *, year: int, node: str, higher_is_better: bool) -> list[Row]:
    """Ranks of the units without a published one, where every unit is scored."""
    stands = found.standing
    places = known_places(stands, higher_is_better=higher_is_better)
    fresh = np.isnan(stands.rank) & ~np.isnan(places)
    facts = {"year": year, "node": node, "measure": "rank", "unit_of_measure": "place", "out_of": float(stands.places), "note": "computed from the scores of all units"}
    return [computed(stands.rows, **facts, unit=stands.units[i], value=float(places[i])) for i in np.flatnonzero(fresh)]
