"""The country's figures, and all units of a year side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures, pick, rows_of
from par_analysis.metrics.rankings import ranking
from par_analysis.model import COUNTRY, IN_BOTH_YEARS, TOTAL

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
    """The country's ``mean``, ``max`` and ``min`` by year, and ``mean_change`` where the mean of the year before is known, too.

    The change of a mean that was computed is that of the units scored in both years: ``out_of`` is their number, and the note says so.

    >>> def fact(year, value):
    ...     return {"index": "par_index", "unit": "VN", "year": year, "node": "total", "measure": "mean", "value": value, "basis": "published"}
    >>> country_history(figures([fact(2022, 84.79), fact(2023, 86.98)]))["value"].round(2).tolist()
    [84.79, 86.98, 2.19]
    """
    found = pick(panel, unit=COUNTRY, node=TOTAL, measure=_MEASURES)
    found = found if until is None else found[found["year"] <= until]
    means = found[found["measure"] == "mean"].set_index("year", drop=False)
    changes = [_change(panel, means.loc[[year - 1, year]]) for year in means.index if year - 1 in means.index]
    return figures([*rows_of(found.sort_values(["year", "measure"], kind="stable")), *changes])


def _change(panel: pd.DataFrame, pair: pd.DataFrame) -> Row:
    """The change between the means of two years, the earlier one first."""
    old, new = pair.iloc[0], pair.iloc[1]
    facts: Row = {"unit": COUNTRY, "year": int(new["year"]), "node": TOTAL, "measure": "mean_change", "unit_of_measure": new["unit_of_measure"]}
    if "computed" not in set(pair["basis"]):
        return computed(pair, **facts, value=new["value"] - old["value"])
    scores = pick(panel, year=pair["year"].tolist(), node=TOTAL, measure="score", exact=True)
    now, then = (scores[(scores["year"] == when) & (scores["unit"] != COUNTRY)].set_index("unit")["value"] for when in (new["year"], old["year"]))
    common = now.index.intersection(then.index)
    note = f"against {old['year']}; among the {len(common)} {IN_BOTH_YEARS}"
    return computed(pair, **facts, value=float((now[common] - then[common]).mean()), out_of=float(len(common)), note=note)


def both(*tables: pd.DataFrame) -> pd.DataFrame:
    """Tables of figures below one another."""
    return figures([row for table in tables for row in rows_of(table)])
