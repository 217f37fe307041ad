"""The country's figures, and all units of a year side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.metrics.figures import computed, figures, pick, rows_of
from par_analysis.metrics.rankings import ranking
from par_analysis.model import COUNTRY, TOTAL

_MEASURES = ["mean", "max", "min"]


def standings(panel: pd.DataFrame, *, year: int, units: Sequence[str], higher_is_better: bool = True, low: float = 0.0, high: float = 100.0) -> pd.DataFrame:
    """All that is known of a year's totals: the ``ranking`` of the units, and the country's published ``mean``, ``max`` and ``min``.

    >>> from par_analysis.metrics.figures import empty
    >>> len(standings(empty(), year=2023, units=["01"]))
    0
    """
    units_known = ranking(panel, year=year, units=units, higher_is_better=higher_is_better, low=low, high=high)
    return both(units_known, pick(panel, unit=COUNTRY, year=year, node=TOTAL, measure=_MEASURES))


def country_history(panel: pd.DataFrame, *, until: int | None = None) -> pd.DataFrame:
    """The country's published ``mean``, ``max`` and ``min`` by year, and ``mean_change`` where the mean of the year before is known, too.

    >>> def fact(year, value):
    ...     return {"index": "par_index", "unit": "VN", "year": year, "node": "total", "measure": "mean", "value": value, "basis": "published"}
    >>> country_history(figures([fact(2022, 84.79), fact(2023, 86.98)]))["value"].round(2).tolist()
    [84.79, 86.98, 2.19]
    """
    found = pick(panel, unit=COUNTRY, node=TOTAL, measure=_MEASURES)
    found = found if until is None else found[found["year"] <= until]
    means = found[found["measure"] == "mean"].set_index("year", drop=False)
    changes = [
        computed(
            means.loc[[year - 1, year]],
            unit=COUNTRY,
            year=int(year),
            node=TOTAL,
            measure="mean_change",
            value=means["value"][year] - means["value"][year - 1],
            unit_of_measure=means["unit_of_measure"][year],
        )
        for year in means.index
        if year - 1 in means.index
    ]
    return figures([*rows_of(found.sort_values(["year", "measure"], kind="stable")), *changes])


def both(*tables: pd.DataFrame) -> pd.DataFrame:
    """Tables of figures below one another."""
    return figures([row for table in tables for row in rows_of(table)])
