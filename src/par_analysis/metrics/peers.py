"""Units alike in their circumstances, and a unit's scores against theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.numbers import floats_of
from par_analysis.metrics.ranks import FloatArray, places_of

METHODS: Final = ("euclidean", "mahalanobis")
"""How the distance of two units is measured: on z-scores as they are, or freed of the correlations between the variables."""

_TOLERANCE: Final = 1e-9
_FEWEST: Final = 3
"""Scored peers that a z-score takes at least."""


@dataclass(frozen=True)
class Peers:
    """The units most like ``unit``, nearest first.

    ``table`` has their ``distance`` by unit, 1 for the farthest of all units compared. ``left_out`` holds, by unit, why one could not be compared.
    ``variables`` are those that the distance was measured by.
    """

    unit: str
    table: pd.DataFrame
    left_out: pd.Series[str]
    variables: tuple[str, ...]
    note: str

    @property
    def units(self) -> tuple[str, ...]:
        """The peers' codes."""
        return tuple(self.table.index)


def peers(context: pd.DataFrame, unit: str, *, count: int = 15, method: str = "euclidean", scored: Collection[str] = ()) -> Peers:
    """The ``count`` units nearest to ``unit`` on the variables of ``context`` (units by variables: population, income, urban share; not what is scored).

    Each variable becomes a z-score over the units that have all of them; "euclidean" is the distance of these, "mahalanobis" that of uncorrelated
    combinations, so that two variables saying the same count once. Distances are divided by the largest from ``unit``. Equals at the cut are all kept, so
    there may be more than ``count``; equals are ordered by code. A unit with a missing variable is left out and listed with the reason; a
    variable that is the same for all is not used, and the note says so. ``UnknownName`` for another unit or method. ``RequestError`` where ``scored``,
    the columns of the index, and the context have a variable in common, where the unit itself lacks one, where nothing tells the
    units apart, or where there are too few units for "mahalanobis". After Annoni and Dijkstra (2019), EU Regional Competitiveness Index, and CIPFA's nearest neighbours.

    >>> context = pd.DataFrame({"population": [1.9, 1.8, 8.1, None], "income": [60, 62, 120, 50]}, index=["30", "33", "01", "04"])
    >>> found = peers(context, "30", count=1)
    >>> found.units, found.left_out.to_dict()
    (('33',), {'04': 'missing: population'})
    """
    known = numeric_table(context, column="variable")
    _require(known, unit, count=count, method=method, scored=scored)
    is_complete = known.notna().all(axis=1)
    z, same = _z_scores(known[is_complete])
    distances = _distances(z, unit, method)
    distances = distances / (distances.max() if distances.max() > 0 else 1.0)
    note = f"the same for all units, not used: {', '.join(same)}" if same else ""
    left_out = pd.Series({code: f"missing: {', '.join(_missing(known, code))}" for code in known.index[~is_complete]}, dtype="str", name="reason")
    return Peers(unit, _nearest(distances, count), left_out, tuple(z.columns), note)


def against_peers(scores: pd.DataFrame | pd.Series[float], unit: str, peer_list: Sequence[str]) -> pd.DataFrame:
    """The unit's ``score``, its peers' ``mean``, the ``difference`` of the two and that in standard deviations of the peers (``z``), for each node of ``scores``.

    ``scores`` is units by nodes, or the series of one node; ``peer_list`` the peers' codes, as ``Peers.units``. ``n_scored`` says how many of them are scored on the node; a
    peer that is not is left out of it. The standard deviation is that of a sample (n - 1). With fewer than three scored peers, or equal ones, ``z`` is NaN and the ``note``
    says why. ``RequestError`` for a unit among its own peers, an empty or repeating list; ``UnknownName`` for a unit without a row. As in the scorecards of the EU Regional
    Competitiveness Index (2019).

    >>> scores = pd.Series([70.0, 80, 82, 84], index=["30", "33", "34", "35"], name="total")
    >>> against_peers(scores, "30", ["33", "34", "35"]).loc["total"].to_dict()
    {'score': 70.0, 'mean': 82.0, 'difference': -12.0, 'z': -6.0, 'n_scored': 3, 'note': ''}
    """
    table = scores.to_frame(scores.name if scores.name is not None else "score") if isinstance(scores, pd.Series) else scores
    known = numeric_table(table, column="node")
    require_unit(known, unit)
    others = known.reindex(sorted(_peer_codes(unit, peer_list)))
    counts, spread, mean = others.count(), others.std(ddof=1), others.mean()
    is_level = spread <= _TOLERANCE
    difference = known.loc[unit] - mean
    notes = [_said(int(n), len(others), level) for n, level in zip(counts, is_level, strict=True)]
    z = (difference / spread.where(~is_level & (counts >= _FEWEST))).astype("float64")
    columns = {"score": known.loc[unit], "mean": mean, "difference": difference, "z": z, "n_scored": counts, "note": pd.Series(notes, index=known.columns, dtype="str")}
    return pd.DataFrame(columns).reindex(table.columns).rename_axis(index="node")


def _said(scored: int, listed: int, is_level: bool) -> str:
    if scored < _FEWEST:
        return f"{scored} of {listed} peers scored, too few to say how unusual the difference is"
    return "all peers have the same score" if is_level else ""


def _peer_codes(unit: str, peer_list: Sequence[str]) -> list[str]:
    codes = list(peer_list)
    if not codes or unit in codes or len(set(codes)) < len(codes):
        wrong = "no peers are named" if not codes else f"unit {unit} is among its own peers" if unit in codes else f"peers named twice: {_listed(_repeated(codes))}"
        raise RequestError(wrong, hint="peers: the codes of other units, each once")
    return codes


def _require(known: pd.DataFrame, unit: str, *, count: int, method: str, scored: Collection[str]) -> None:
    if method not in METHODS:
        raise UnknownName("method", method, METHODS)
    require_unit(known, unit)
    both = [name for name in known.columns if name in set(scored)]
    missing = _missing(known, unit)
    problems = (
        (f"context variables are scored ones: {_listed(both)}", both),
        (f"unit {unit} has no {_listed(missing)}", missing),
        ("no context variable is given", known.columns.empty),
        (f"{count} peers are none", count < 1),
    )
    wrong = [text for text, holds in problems if holds]
    if wrong:
        raise RequestError("; ".join(wrong), hint="context: what a unit cannot help, such as population or income, and never what the index scores")


def _missing(known: pd.DataFrame, unit: str) -> list[str]:
    return [str(name) for name, is_missing in known.loc[[unit]].isna().all().items() if is_missing]


def _z_scores(known: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """z-scores of the variables that differ, and the names of those that do not."""
    spread = known.std(ddof=0)
    is_same = spread <= _TOLERANCE * known.abs().max().clip(lower=np.finfo(np.float64).tiny)
    if is_same.all():
        raise RequestError(f"nothing tells the {len(known)} units with all variables apart", hint="peers take two units or more that differ in a variable")
    used = known.loc[:, ~is_same]
    return (used - used.mean()) / spread[~is_same], [str(name) for name in known.columns[is_same]]


def _distances(z: pd.DataFrame, unit: str, method: str) -> pd.Series[float]:
    """From the unit to each other one."""
    values = z.to_numpy(dtype="float64") if method == "euclidean" else _uncorrelated(z.to_numpy(dtype="float64"))
    away = np.sqrt(((values - values[z.index.get_loc(unit)]) ** 2).sum(axis=1))
    return pd.Series(away, index=z.index, name="distance").drop(unit)


def _uncorrelated(z: FloatArray) -> FloatArray:
    """The units on principal axes of equal variance, redundant ones dropped: Euclidean distances of these are Mahalanobis distances of ``z``."""
    axes, sizes, _ = np.linalg.svd(z, full_matrices=False)
    kept = axes[:, sizes > 1e-9 * sizes.max()] * np.sqrt(len(z))
    if len(z) < kept.shape[1] + 2:
        raise RequestError(f"{len(z)} units are too few for {kept.shape[1]} variables: all would be equally far apart", hint="take fewer variables, or method='euclidean'")
    return np.asarray(kept, dtype=np.float64)


def _nearest(distances: pd.Series[float], count: int) -> pd.DataFrame:
    """The nearest with all their equals, by distance, then by code."""
    places = places_of(np.asarray(distances, dtype=np.float64), higher_is_better=False)
    order = np.argsort(places, kind="stable")
    kept = order[places[order] <= count]
    return pd.DataFrame({"distance": distances.iloc[kept]}).rename_axis(index="unit")


def numeric_table(table: pd.DataFrame, *, row: str = "unit", column: str = "column") -> pd.DataFrame:
    """The table as plain floats, rows and columns in the order of their labels; ``RequestError`` for labels twice, text and infinite values.

    ``row`` and ``column`` are what the message calls them.

    >>> numeric_table(pd.DataFrame({"b": [1, None], "a": [3, 4]}, index=["02", "01"])).to_dict("index")
    {'01': {'a': 4.0, 'b': nan}, '02': {'a': 3.0, 'b': 1.0}}
    """
    twice = ((row, _repeated(table.index)), (column, _repeated(table.columns)))
    wrong = [f"{what} {_listed(names)} stands twice" for what, names in twice if names]
    if not wrong:
        wrong = [f"{column} {name} is not made of numbers" for name in table.columns if pd.api.types.infer_dtype(table[name], skipna=True) not in _NUMBERS]
    if not wrong:
        plain = pd.DataFrame(floats_of(table, "values"), index=table.index, columns=table.columns)
        wrong = [f"{column} {name} has infinite values" for name in plain.columns if np.isinf(plain[name]).any()]
    if wrong:
        raise RequestError("; ".join(wrong), hint=f"one row a {row}, one column a {column}, plain numbers, missing ones NaN")
    return plain.loc[sorted(plain.index, key=str), sorted(plain.columns, key=str)]


_NUMBERS: Final = ("floating", "integer", "mixed-integer-float", "empty")


def require_unit(table: pd.DataFrame | pd.Series[float], unit: str) -> None:
    """``UnknownName`` where the table has no row of the unit.

    >>> require_unit(pd.Series([1.0], index=["30"]), "30")
    """
    if unit not in table.index:
        raise UnknownName("unit", str(unit), [str(code) for code in table.index])


def _repeated(labels: Collection[object]) -> list[object]:
    return [label for label, times in Counter(labels).items() if times > 1]


def _listed(names: Collection[object]) -> str:
    return ", ".join(map(str, names))
