"""The country's figures, and all units of a year side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from par_analysis.metrics.figures import Row, by_unit, computed, figures, of_measure, picked, rows_of
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.rankings import ranking_rows
from par_analysis.model import COUNTRY, IN_BOTH_YEARS, TOTAL

_MEASURES = ["mean", "max", "min"]


def standings(panel: pd.DataFrame, *, year: int, units: Sequence[str], higher_is_better: bool = True, low: float = 0.0, high: float = 100.0) -> pd.DataFrame:
    """All that is known of a year's totals: the ``ranking`` of the units, and the country's published ``mean``, ``max`` and ``min``.

    >>> from par_analysis.metrics.figures import empty
    >>> len(standings(empty(), year=2023, units=["01"]))
    0
    """
    units_known = ranking_rows(panel, year=year, units=units, higher_is_better=higher_is_better, low=low, high=high)
    return figures([*units_known, *picked(panel, unit=COUNTRY, year=year, node=TOTAL, measure=_MEASURES)])


def country_history(panel: pd.DataFrame, *, until: int | None = None) -> pd.DataFrame:
    """The country's ``mean``, ``max`` and ``min`` by year, and ``mean_change`` where the mean of the year before is known, too.

    The change of a mean that was computed is that of the units scored in both years: ``out_of`` is their number, and the note says so.

    >>> def fact(year, value):
    ...     return {"index": "par_index", "unit": "VN", "year": year, "node": "total", "measure": "mean", "value": value, "basis": "published"}
    >>> country_history(figures([fact(2022, 84.79), fact(2023, 86.98)]))["value"].round(2).tolist()
    [84.79, 86.98, 2.19]
    """
    known = lookup(panel)
    found = [row for row in known.rows(unit=COUNTRY, node=TOTAL, measure=_MEASURES) if until is None or row["year"] <= until]
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
