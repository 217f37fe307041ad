"""How a year's ranking differs from that of the year before, and who keeps its place: figures of mobility, of passages between quarters, of the top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.common_orders import most_in_common, sides
from par_analysis.metrics.figures import Row, computed, empty, figures
from par_analysis.metrics.lookup import Figure, lookup
from par_analysis.metrics.mobility import mobility, persistence
from par_analysis.metrics.transitions import Transitions, transitions
from par_analysis.model import COUNTRY, TOTAL

QUARTERS: Final = ("1", "2", "3", "4")
"""The quarters of a ranking, the best first."""


def rank_mobility(panel: pd.DataFrame, *, year: int, base: int, units: Sequence[str], higher_is_better: bool = True) -> pd.DataFrame:
    """How far the ranking moved from ``base`` to ``year``, of the country: ``n_common`` units known in both, ``mean_places_moved``, ``exchange_share`` (percent of the
    greatest possible sum of places), ``kendall`` and ``spearman``.

    By scores or by ranks, whichever is known of more units in both years (the note says which); ranks are counted anew among these units. Rows of what is not defined are
    left out. Formulas: ``mobility.mobility``.

    >>> def fact(unit, year, value):
    ...     return {"index": "papi", "unit": unit, "year": year, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact("01", 2022, 4), fact("02", 2022, 5), fact("01", 2023, 6), fact("02", 2023, 5)])
    >>> found = rank_mobility(panel, year=2023, base=2022, units=["01", "02"])
    >>> dict(zip(found["measure"], found["value"]))
    {'n_common': 2.0, 'mean_places_moved': 1.0, 'exchange_share': 100.0, 'kendall': -1.0, 'spearman': -1.0}
    """
    known = lookup(panel)
    old, new = most_in_common(*(sides(known, year=when, units=units, higher_is_better=higher_is_better) for when in (base, year)))
    both = old.units & new.units
    if not old.rows or not new.rows:
        return empty()
    found = mobility(old.values, new.values)
    used = [*old.of(both), *new.of(both)] or [*old.rows, *new.rows]
    scales = {"mean_places_moved": (found.mean_change, "place"), "exchange_share": (100 * found.exchange_share, "percent")}
    scales |= {"kendall": (found.kendall, "ratio"), "spearman": (found.spearman, "ratio")}
    facts: Row = {"unit": COUNTRY, "year": year, "node": TOTAL, "note": f"against {base}; by {new.by}; among the units known in both years"}
    count = computed(used, **facts, measure="n_common", value=found.n, unit_of_measure="count", out_of=len(set(units)))
    return figures([count, *(computed(used, **facts, measure=name, value=value, unit_of_measure=scale) for name, (value, scale) in scales.items() if not math.isnan(value))])


def quarter_moves(panel: pd.DataFrame, *, year: int, base: int, units: Sequence[str]) -> pd.DataFrame:
    """How the units of each quarter of the ranking of ``base`` spread over the quarters of that of ``year``.

    Rows of the country: ``n_common`` units ranked in both; and by node ``quarter:1`` (the best) to ``quarter:4`` ``n_to_1`` to ``n_to_4`` out of those that were in it,
    ``stay_share``, the percent that stayed, and ``stay_share_before``, the same over all earlier pairs of neighbouring years. Quarters are of the whole list that a rank is
    out of (else of ``units``); of 63 they hold 16, 16, 16 and 15. Equals share the place, hence the quarter, of the best of them. C8.

    >>> def fact(unit, year, value):
    ...     return {"index": "i", "unit": unit, "year": year, "node": "total", "measure": "rank", "value": value, "out_of": 4, "basis": "published"}
    >>> panel = figures([fact("01", 2022, 1), fact("02", 2022, 2), fact("01", 2023, 2), fact("02", 2023, 1)])
    >>> found = quarter_moves(panel, year=2023, base=2022, units=["01", "02"])
    >>> found.loc[found["value"] > 0, ["node", "measure", "value"]].values.tolist()
    [['total', 'n_common', 2.0], ['quarter:1', 'n_to_2', 1.0], ['quarter:2', 'n_to_1', 1.0]]
    """
    rows = _places(panel, units, until=year)
    table = _quarters(rows, units)
    years = [int(when) for when in table.columns]
    if not {base, year} <= set(years):
        return empty()
    now = transitions(table[[base, year]], order=QUARTERS)
    before = _before(table[[when for when in years if when <= base]])
    recent = [row for row in rows if row["year"] in (base, year)]
    facts: Row = {"unit": COUNTRY, "year": year}
    count: Row = {**facts, "node": TOTAL, "measure": "n_common", "unit_of_measure": "count", "out_of": len(set(units)), "note": f"against {base}"}
    both = computed(recent, **count, value=int(now.counts.to_numpy().sum()))
    found = [both, *_from_quarters(now, recent, {**facts, "note": f"against {base}"})]
    if before is not None:
        earlier = [row for row in rows if row["year"] <= base]
        found += _stays(before, earlier, {**facts, "note": f"{min(years)} to {base}, pairs of neighbouring years"}, "stay_share_before")
    return figures(found)


def _places(panel: pd.DataFrame, units: Sequence[str], *, until: int) -> list[Figure]:
    """The ranks up to a year that are places of their list."""
    rows = lookup(panel).rows(unit=frozenset(units), node=TOTAL, measure="rank", exact=True)
    return [row for row in rows if row["year"] <= until and 1 <= row["value"] <= _places_of_list(row, units)]


def _places_of_list(row: Figure, units: Sequence[str]) -> float:
    return float(len(set(units)) if math.isnan(row["out_of"]) else row["out_of"])


def _quarters(rows: Sequence[Figure], units: Sequence[str]) -> pd.DataFrame:
    """Unit × year: the quarter that a rank lies in."""
    labels: dict[int, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: row["year"]):
        labels.setdefault(row["year"], {})[row["unit"]] = _quarter(row["value"], int(_places_of_list(row, units)))
    return pd.DataFrame(labels, dtype="object").sort_index()


def _quarter(rank: float, places: int) -> str:
    ends = list(accumulate(places // 4 + (i < places % 4) for i in range(4)))
    return QUARTERS[min(int(np.searchsorted(ends, rank)), 3)]


def _before(table: pd.DataFrame) -> Transitions | None:
    """The passages of earlier years, where two of them are neighbours."""
    years = [int(year) for year in table.columns]
    return transitions(table, order=QUARTERS) if any(year - 1 in years for year in years) else None


def _from_quarters(now: Transitions, rows: Sequence[Figure], facts: Row) -> list[Row]:
    made = []
    for old, counts in zip(QUARTERS, now.counts.to_numpy().tolist(), strict=True):
        passed: Row = {**facts, "node": f"quarter:{old}", "unit_of_measure": "count", "out_of": sum(counts)}
        made += [computed(rows, **passed, measure=f"n_to_{new}", value=count) for new, count in zip(QUARTERS, counts, strict=True)]
    return [*made, *_stays(now, rows, facts, "stay_share")]


def _stays(of: Transitions, rows: Sequence[Figure], facts: Row, measure: str) -> list[Row]:
    """The percent that stayed in each quarter; none of a quarter that was empty."""
    shares = dict(zip(QUARTERS, (100 * np.diag(of.matrix.to_numpy(dtype="float64"))).tolist(), strict=True))
    facts = {**facts, "measure": measure, "unit_of_measure": "percent"}
    return [computed(rows, **facts, node=f"quarter:{quarter}", value=share) for quarter, share in shares.items() if not math.isnan(share)]


def top_places(panel: pd.DataFrame, *, year: int, units: Sequence[str], k: int = 10) -> pd.DataFrame:
    """Who was among the first ``k`` in the years up to ``year``, most often first: ``top_years`` out of the years with a known rank, ``top_streak`` (most years in a row; a
    year whose rank is not known breaks it), ``best_place`` and ``worst_place`` of all known ranks. Equals by streak, then code.

    Formulas: ``mobility.persistence``.

    >>> def fact(unit, year, value):
    ...     return {"index": "i", "unit": unit, "year": year, "node": "total", "measure": "rank", "value": value, "out_of": 2, "basis": "published"}
    >>> panel = figures([fact("01", 2022, 1), fact("02", 2022, 2), fact("01", 2023, 1), fact("02", 2023, 2)])
    >>> top_places(panel, year=2023, units=["01", "02"], k=1)[["unit", "measure", "value", "out_of"]].values.tolist()[:2]
    [['01', 'top_years', 2.0, 2.0], ['01', 'top_streak', 2.0, nan]]
    """
    rows = _places(panel, units, until=year)
    if not rows:
        return empty()
    ranks: dict[int, dict[str, float]] = {}
    for row in rows:
        ranks.setdefault(row["year"], {})[row["unit"]] = row["value"]
    places = {row["year"]: _places_of_list(row, units) for row in sorted(rows, key=lambda row: (row["out_of"], row["unit"]))}
    places = {when: max(places[when], *of.values()) for when, of in ranks.items()}
    found = persistence(pd.DataFrame(ranks).sort_index(), k, out_of=places)
    held = found[found["top"] > 0].sort_values(["top", "top_streak"], ascending=False, kind="stable")
    return figures(row for unit in held.index for row in _held(unit, held.loc[unit], [row for row in rows if row["unit"] == unit], year, k))


def _held(unit: str, of: pd.Series[float], rows: Sequence[Figure], year: int, k: int) -> list[Row]:
    facts: Row = {"unit": unit, "year": year, "node": TOTAL, "note": f"places 1 to {k}, from {min(row['year'] for row in rows)} to {year}"}
    counts = {"top_years": ("top", "count", of["years"]), "top_streak": ("top_streak", "count", math.nan)}
    counts |= {"best_place": ("best", "place", math.nan), "worst_place": ("worst", "place", math.nan)}
    return [computed(rows, **facts, measure=name, value=of[column], unit_of_measure=scale, out_of=out_of) for name, (column, scale, out_of) in counts.items()]
