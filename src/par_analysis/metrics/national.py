"""The country's figures, and all units of a year side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.figures import Row, by_unit, computed, figures, of_measure, picked, rows_of
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.rankings import ranking_rows
from par_analysis.model import COUNTRY, IN_BOTH_YEARS, TOTAL

_MEASURES = ["mean", "max", "min"]
OF_COUNTRY: Final = ("mean", "median", "max", "min")
"""What may be known of the country beside the figures of its units."""


def country_figures(panel: pd.DataFrame, *, year: int, units: Sequence[str], median: bool = False) -> pd.DataFrame:
    """The country's ``mean``, ``max`` and ``min`` (and ``median``) of the totals of a year, as far as they are not published: computed where every one of ``units`` has an
    exact score, and of no others. Empty where one of them has none. Formula: plain mean, each unit counts alike.

    >>> def fact(unit, value):
    ...     return {"index": "pci", "unit": unit, "year": 2007, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> found = country_figures(figures([fact("01", 50), fact("28", 52), fact("48", 75)]), year=2007, units=["01", "28", "48"], median=True)
    >>> found[["measure", "value", "note"]].values.tolist()[:2]
    [['mean', 59.0, 'of the 3 units scored'], ['median', 52.0, 'of the 3 units scored']]
    """
    known = lookup(panel)
    scores = known.rows(unit=sorted(set(units)), year=year, node=TOTAL, measure="score", exact=True)
    if not scores or len(scores) < len(set(units)):
        return figures([])
    told = {row["measure"] for row in known.rows(unit=COUNTRY, year=year, node=TOTAL, measure=OF_COUNTRY)}
    values = np.array([row["value"] for row in scores], dtype=np.float64)
    made = {"mean": values.mean(), "median": np.median(values) if median else math.nan, "max": values.max(), "min": values.min()}
    scale: Row = {"unit_of_measure": scores[0]["unit_of_measure"], "out_of": scores[0]["out_of"], "note": f"of the {len(scores)} units scored"}
    facts: Row = {"unit": COUNTRY, "year": year, "node": TOTAL, **scale}
    return figures(computed(scores, **facts, measure=name, value=float(value)) for name, value in made.items() if name not in told and not math.isnan(value))


def standings(panel: pd.DataFrame, *, year: int, units: Sequence[str], higher_is_better: bool = True, low: float = 0.0, high: float = 100.0) -> pd.DataFrame:
    """All that is known of a year's totals: the ``ranking`` of the units, and the country's published ``mean``, ``max`` and ``min``.

    >>> from par_analysis.metrics.figures import empty
    >>> len(standings(empty(), year=2023, units=["01"]))
    0
    """
    units_known = ranking_rows(panel, year=year, units=units, higher_is_better=higher_is_better, low=low, high=high)
    return figures([*units_known, *picked(panel, unit=COUNTRY, year=year, node=TOTAL, measure=_MEASURES)])


def country_history(panel: pd.DataFrame, *, until: int | None = None) -> pd.DataFrame:
    """The country's ``mean``, ``median``, ``max`` and ``min`` by year, and ``mean_change`` where the mean of the year before is known, too.

    The change of a mean that was computed is that of the units scored in both years: ``out_of`` is their number, and the note says so.

    >>> def fact(year, value):
    ...     return {"index": "par_index", "unit": "VN", "year": year, "node": "total", "measure": "mean", "value": value, "basis": "published"}
    >>> country_history(figures([fact(2022, 84.79), fact(2023, 86.98)]))["value"].round(2).tolist()
    [84.79, 86.98, 2.19]
    """
    known = lookup(panel)
    found = [row for row in known.rows(unit=COUNTRY, node=TOTAL, measure=OF_COUNTRY) if until is None or row["year"] <= until]
    means = {row["year"]: row for row in of_measure(found, "mean")}
    changes = [_change(known, means[year - 1], means[year]) for year in sorted(means) if year - 1 in means]
    return figures([*sorted(found, key=lambda row: (row["year"], row["measure"])), *changes])


def _change(known: Lookup, old: Figure, new: Figure) -> Row:
    """The change between the means of two years."""
    facts: Row = {"unit": COUNTRY, "year": new["year"], "node": TOTAL, "measure": "mean_change", "unit_of_measure": new["unit_of_measure"]}
    if "computed" not in (old["basis"], new["basis"]):
        return computed([old, new], **facts, value=new["value"] - old["value"])
    scores = [known.rows(year=mean["year"], node=TOTAL, measure="score", exact=True) for mean in (new, old)]
    now, then = (by_unit(row for row in of if row["unit"] != COUNTRY) for of in scores)
    changes = [now[unit] - then[unit] for unit in sorted(now.keys() & then.keys())]
    note = f"against {old['year']}; among the {len(changes)} {IN_BOTH_YEARS}"
    return computed([old, new], **facts, value=float(np.mean(changes)) if changes else math.nan, out_of=float(len(changes)), note=note)


def both(*tables: pd.DataFrame) -> pd.DataFrame:
    """Tables of figures below one another."""
    return figures([row for table in tables for row in rows_of(table)])
