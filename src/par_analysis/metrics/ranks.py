"""Ranks of scores: ties, tolerance, fractional ranks and percentiles (rank 1 is best)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError, UnknownName

FloatArray = npt.NDArray[np.float64]

RankedOn = Literal["unrounded", "published"]

TIES: Final[Mapping[str, float]] = {"min": 0.0, "average": 0.5, "max": 1.0}
"""The named tie rules and the omega they stand for."""

DECIMALS: Final = 2
"""What published scores are printed with."""


def rank(
    scores: pd.Series[float], *, ties: str | float = "min", higher_is_better: bool = True, tolerance: float = 1e-9, on: RankedOn = "unrounded"
) -> pd.Series[float]:
    """Rank 1 is best: 1 + how many are better by more than ``tolerance``; a missing score has no rank, and is none of the n that are ranked (``count`` of the result).

    ``ties`` names where in a block of equals the rank lies: "min" (1 2 2 4), "max", "average", or any omega in [0, 1]:
    rank = min + omega * (size of the block - 1), after Mogstad, Romano, Shaikh and Wilhelm (2024). ``on`` "published" ranks the scores as they are printed,
    with two decimals (halves away from 0), so that what is printed alike ranks alike. ``RequestError`` on another rule, and on scores that are no finite numbers.

    >>> rank(pd.Series([4.0, 3, 1, 10, 8, 4])).tolist()
    [3.0, 5.0, 6.0, 1.0, 2.0, 3.0]
    >>> rank(pd.Series([87.841, 87.839, 90])).tolist(), rank(pd.Series([87.841, 87.839, 90]), on="published").tolist()
    ([2.0, 3.0, 1.0], [2.0, 2.0, 1.0])
    """
    places = places_of(_ranked(scores, on), omega=_omega(ties), higher_is_better=higher_is_better, tolerance=tolerance)
    return pd.Series(places, index=scores.index, name="rank")


def places_of(scores: FloatArray, *, omega: float = 0.0, higher_is_better: bool = True, tolerance: float = 1e-9) -> FloatArray:
    """``rank`` of plain numbers.

    >>> places_of(np.array([4.0, np.nan, 10])).tolist()
    [2.0, nan, 1.0]
    """
    scored = scores if higher_is_better else -scores
    ordered = np.sort(scored[~np.isnan(scored)])
    better = len(ordered) - np.searchsorted(ordered, scored + tolerance, side="right")
    level = len(ordered) - np.searchsorted(ordered, scored - tolerance, side="left")
    return np.where(np.isnan(scored), np.nan, 1 + better + omega * (level - better - 1))


def fractional_rank(
    scores: pd.Series[float], *, ties: str | float = "average", higher_is_better: bool = True, tolerance: float = 1e-9, on: RankedOn = "unrounded"
) -> pd.Series[float]:
    """The rank counted from the worst, over the number of scored units: in (0, 1], 1 for a sole best. Comparable where the number of units changes. Arguments and errors
    as ``rank``: omega counts from the worst, too. Formula: L4, as ``frank`` of csranks.

    >>> fractional_rank(pd.Series([80.0, 90, None, 70, 60])).tolist()
    [0.75, 1.0, nan, 0.5, 0.25]
    """
    from_worst = rank(scores, ties=ties, higher_is_better=not higher_is_better, tolerance=tolerance, on=on)
    return (from_worst / max(int(from_worst.count()), 1)).rename("fractional_rank")


def percentile(scores: pd.Series[float], *, higher_is_better: bool = True, tolerance: float = 1e-9, on: RankedOn = "unrounded") -> pd.Series[float]:
    """100 * (n - average rank) / (n - 1): 100 for the best, 0 for the last; NaN where fewer than two units are scored. Arguments and errors as ``rank``. Formula: L4.

    >>> percentile(pd.Series([80.0, 90, 70])).tolist()
    [50.0, 100.0, 0.0]
    """
    ranks = rank(scores, ties="average", higher_is_better=higher_is_better, tolerance=tolerance, on=on)
    count = int(ranks.count())
    return ranks.map(lambda place: percentile_of_place(place, count)).rename("percentile")


def percentile_of_place(place: float, out_of: float) -> float:
    """The percentile of a published rank: 100 * (n - rank) / (n - 1), NaN for a list of one.

    >>> percentile_of_place(1, 63), percentile_of_place(63, 63)
    (100.0, 0.0)
    """
    return 100.0 * (out_of - place) / (out_of - 1) if out_of > 1 else float("nan")


def _ranked(scores: pd.Series[float], on: RankedOn) -> FloatArray:
    """The numbers that are ranked: the scores, or the scores as they are printed."""
    if on not in get_args(RankedOn):
        raise UnknownName("way to rank", on, get_args(RankedOn))
    told = np.asarray(pd.to_numeric(scores, errors="coerce").to_numpy(dtype="float64", na_value=np.nan), dtype=np.float64)
    wrong = scores.index[np.isinf(told) | (np.isnan(told) & scores.notna().to_numpy(dtype=bool))]
    if len(wrong):
        raise RequestError(f"scores that are no finite numbers: {', '.join(map(str, wrong[:8]))}", hint="NaN where a score is missing")
    return told if on == "unrounded" else np.copysign(np.floor(np.abs(told) * 10**DECIMALS + 0.5 + 1e-9), told) / 10**DECIMALS


def _omega(ties: str | float) -> float:
    if isinstance(ties, str):
        if ties not in TIES:
            raise UnknownName("tie rule", ties, list(TIES))
        return TIES[ties]
    if not 0.0 <= ties <= 1.0:
        raise RequestError(f"omega {ties} is not in [0, 1]", hint="0 is the best place of a block of equals, 1 the worst")
    return float(ties)
