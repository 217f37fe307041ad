"""Where a unit loses its points to a reference: gaps node by node that add up to the gap of the index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.peers import numeric_table, require_unit

REFERENCES: Final = ("leader", "median", "mean", "best_year")
"""The references that have a name; any other is a list of units."""

_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class GapProfile:
    """A unit's gaps to a reference.

    ``table`` has, by node, the unit's points (``own``), those of the ``reference`` and the ``gap``, reference minus own: positive where the reference has more. ``index_gap``
    is the gap of the nodes known on both sides together. ``members`` are the units, or the year, that the reference is made of, ``left_out`` those that it could not be made of
    since nodes of theirs are missing. ``missing`` says, by node without a gap, on which side it is missing: "unit", "reference" or "both".
    """

    table: pd.DataFrame
    index_gap: float
    members: tuple[str, ...]
    left_out: tuple[str, ...]
    missing: pd.Series[str]


def gap_profile(points: pd.DataFrame, unit: str, reference: str | Sequence[str], *, own_years: pd.DataFrame | None = None, higher_is_better: bool = True) -> GapProfile:
    """The gap of each node to the reference; their sum is the gap of the index, whose nodes must add up to it.

    ``points`` is units by nodes. ``reference`` is "leader" (the best total), "median", "mean" (of all units, this one included), "best_year" (the unit's own best total of
    ``own_years``, years by nodes, all of one framework; the later one of equals), or a list of units, such as peers or those of a region: their mean. Since the medians of nodes
    do not add up to the median of totals, "median" is the unit with the median total, or the mean of the two in the middle of an even number; equals there, as equal
    leaders, are averaged. So every reference is a mean of whole units, and its nodes add up to its total.

    A node that nobody in the reference has is missing there; of the other nodes, a unit (or year) that has not all, or is named and has no row, is left out of the
    reference. Gaps of nodes missing on either side are NaN and not in ``index_gap``. ``RequestError`` where no unit is left, for an empty or repeating list, or "best_year"
    without ``own_years``; ``UnknownName`` for another reference or unit. Own method after the profile pages of PAPI (each province against the best and against itself).

    >>> points = pd.DataFrame({"domain:1": [8.0, 6, 9], "domain:2": [3.0, 7, 5]}, index=["30", "22", "01"])
    >>> found = gap_profile(points, "30", "leader")
    >>> found.table["gap"].to_dict(), found.index_gap, found.members
    ({'domain:1': 1.0, 'domain:2': 2.0}, 3.0, ('01',))
    """
    known = numeric_table(points, column="node")
    require_unit(known, unit)
    candidates, left_out = _with_all_nodes(_candidates(known, unit, reference, own_years))
    if candidates.empty:
        raise RequestError("nothing in the reference has all of its nodes", hint="leave out units or nodes with missing points")
    values, members = _reference(candidates, reference, higher_is_better)
    own = known.loc[unit]
    table = pd.DataFrame({"own": own, "reference": values, "gap": values - own}).reindex(points.columns).rename_axis(index="node")
    return GapProfile(table, math.fsum(table["gap"].dropna()), members, left_out, _missing(table))


def _candidates(known: pd.DataFrame, unit: str, reference: str | Sequence[str], own_years: pd.DataFrame | None) -> pd.DataFrame:
    """The rows that the reference is made of."""
    if not isinstance(reference, str):
        return _listed(known, reference)
    if reference not in REFERENCES:
        raise UnknownName("reference", reference, REFERENCES)
    if reference != "best_year":
        return known
    if own_years is None:
        raise RequestError(f"the best year of unit {unit} is not known", hint="own_years: its points, years by nodes")
    return numeric_table(own_years, row="year", column="node").reindex(columns=known.columns)


def _listed(known: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    if not units or len(set(units)) < len(units):
        raise RequestError("the reference names no unit" if not units else "the reference names a unit twice", hint="reference: the codes of units, each once")
    return known.reindex(sorted(units, key=str))


def _with_all_nodes(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows complete on the nodes that anyone has, and the labels of the others."""
    nobody = rows.isna().all()
    is_complete = rows.loc[:, ~nobody].notna().all(axis=1) & bool((~nobody).any())
    return rows[is_complete], tuple(str(label) for label, whole in is_complete.items() if not whole)


def _reference(rows: pd.DataFrame, reference: str | Sequence[str], higher_is_better: bool) -> tuple[pd.Series[float], tuple[str, ...]]:
    """The reference's points by node, and who or which year has them."""
    totals = np.array([math.fsum(row[~np.isnan(row)]) for row in rows.to_numpy(dtype="float64")])
    best = totals.max() if higher_is_better else totals.min()
    if reference == "best_year":
        chosen = [rows.iloc[[int(np.flatnonzero(np.abs(totals - best) <= _TOLERANCE)[-1])]]]
    elif reference == "leader":
        chosen = [rows[np.abs(totals - best) <= _TOLERANCE]]
    elif reference == "median":
        ordered = np.sort(totals)
        chosen = [rows[np.abs(totals - ordered[place]) <= _TOLERANCE] for place in ((len(totals) - 1) // 2, len(totals) // 2)]
    else:
        chosen = [rows]
    members = dict.fromkeys(str(label) for part in chosen for label in part.index)
    means = pd.concat([part.mean() for part in chosen], axis=1).mean(axis=1)
    return means, tuple(members)


def _missing(table: pd.DataFrame) -> pd.Series[str]:
    """By node without a gap, on which side it is missing."""
    of_unit, of_reference = table["own"].isna(), table["reference"].isna()
    said = {node: "both" if of_unit[node] and of_reference[node] else "unit" if of_unit[node] else "reference" for node in table.index[of_unit | of_reference]}
    return pd.Series(said, dtype="str", name="missing").rename_axis(index="node")
