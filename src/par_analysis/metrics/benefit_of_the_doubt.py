"""The best score that any weights would give each unit: how far a low score can be put down to the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.peers import numeric_table
from par_analysis.metrics.ranks import FloatArray

NOT_UNIQUE: Final = "The weights are one of possibly many sets that give the unit its score, above all where the score is 1; the score itself is unique."

_TOLERANCE: Final = 1e-7
"""That of the solver."""

Share = float | Mapping[str, float]


@dataclass(frozen=True)
class BenefitOfTheDoubt:
    """``score`` by unit, at most 1; ``weights`` and their ``shares`` (sum 1), units by nodes; ``peers``, a row for each unit below 1 and each unit at 1 that holds it there,
    with its ``multiplier``; ``left_out``, units with a missing value, which have no score and hold no other back. ``note`` says how far to trust the weights."""

    score: pd.Series[float]
    weights: pd.DataFrame
    shares: pd.DataFrame
    peers: pd.DataFrame
    left_out: tuple[str, ...]
    note: str


def benefit_of_the_doubt(values: pd.DataFrame, *, low: Share | None = None, high: Share | None = None) -> BenefitOfTheDoubt:
    """For each unit the weights that suit it best: max w·S_i, subject to w·S_j <= 1 for every unit j, w >= 0.

    ``values`` is units by nodes, normalised so that more is better and none is negative; weights depend on how. ``low`` and ``high`` bound each weight's share of the sum of
    weights, one number for all nodes or a number by node: tighter bounds never raise a score. A score below 1 says that under the unit's own best weights somebody is still
    better; the multipliers of its ``peers`` sum to its score, and without bounds their mix is at least its values on every node. A unit with 0 throughout scores 0.

    ``RequestError`` for negative values, bounds outside [0, 1], above one another or unable to sum to 1, unknown nodes in them, or where no unit with all values has a
    positive score. OECD/JRC Handbook (2008), 6.3, after Melyn and Moesen (1991); linear programmes by HiGHS.

    >>> values = pd.DataFrame({"a": [1.0, 0, 0.5], "b": [0.0, 1, 0.3]}, index=["01", "02", "03"])
    >>> found = benefit_of_the_doubt(values)
    >>> found.score.round(6).to_dict(), found.peers.round(6).values.tolist()
    ({'01': 1.0, '02': 1.0, '03': 0.8}, [['03', '01', 0.5], ['03', '02', 0.3]])
    """
    known = numeric_table(values, column="node")
    _require_values(known)
    lows, highs = _bounds(known, low, high)
    complete = known.dropna()
    largest = float(complete.to_numpy().max(initial=0.0))
    solved = _solutions(complete.to_numpy() / (largest or 1.0), _share_rows(lows, highs))
    if not any(score > _TOLERANCE for score, _, _ in solved):
        raise RequestError("no unit with all values has a positive one that may weigh", hint="units by nodes, from 0 up, and bounds that leave a weight to some node")
    score = pd.Series([score for score, _, _ in solved], index=complete.index, name="score").reindex(values.index).rename_axis(index="unit")
    weights = pd.DataFrame([row for _, row, _ in solved], index=complete.index, columns=complete.columns) / largest
    weights = weights.reindex(index=values.index, columns=values.columns).rename_axis(index="unit")
    total = weights.sum(axis=1)
    left_out = tuple(str(unit) for unit in known.index if unit not in complete.index)
    return BenefitOfTheDoubt(score, weights, weights.div(total.where(total > 0), axis=0), _peers(score, complete.index, [row for _, _, row in solved]), left_out, NOT_UNIQUE)


def _require_values(known: pd.DataFrame) -> None:
    wrong = [str(node) for node in known.columns if (known[node] < 0).any()]
    if wrong or known.columns.empty:
        raise RequestError(f"negative values on {', '.join(wrong)}" if wrong else "no nodes are given", hint="normalise first, so that the worst value is 0 or more")


def _bounds(known: pd.DataFrame, low: Share | None, high: Share | None) -> tuple[FloatArray, FloatArray]:
    """The lowest and highest share of each node, in the order of ``known``."""
    names = [str(node) for node in known.columns]
    lows, highs = _by_node(names, low, 0.0), _by_node(names, high, 1.0)
    strange = sorted({str(node) for given in (low, high) if isinstance(given, Mapping) for node in given} - set(names))
    crossed = [name for name, lo, hi in zip(names, lows, highs, strict=True) if not (0 <= lo <= hi + _TOLERANCE and hi <= 1)]
    problems = (
        (f"bounds for unknown nodes: {', '.join(strange)}", strange),
        (f"no share lies within the bounds of {', '.join(crossed)}", crossed),
        (f"the lowest shares sum to {lows.sum():g}, above 1", lows.sum() > 1 + _TOLERANCE),
        (f"the highest shares sum to {highs.sum():g}, below 1", highs.sum() < 1 - _TOLERANCE),
    )
    wrong = [text for text, holds in problems if holds]
    if wrong:
        raise RequestError("; ".join(wrong), hint="bounds are shares of the sum of weights: 0 <= low <= high <= 1")
    return lows, np.maximum(lows, highs)


def _by_node(names: list[str], given: Share | None, default: float) -> FloatArray:
    if isinstance(given, Mapping):
        return np.array([float(given.get(name, default)) for name in names], dtype=np.float64)
    return np.full(len(names), default if given is None else float(given), dtype=np.float64)


def _share_rows(lows: FloatArray, highs: FloatArray) -> FloatArray:
    """low_q * sum(w) - w_q <= 0 and w_q - high_q * sum(w) <= 0, where they say anything."""
    one = np.eye(len(lows))
    return np.concatenate([(lows[:, None] - one)[lows > 0], (one - highs[:, None])[highs < 1]])


def _solutions(values: FloatArray, share_rows: FloatArray) -> list[tuple[float, FloatArray, FloatArray]]:
    """Score, weights and multipliers of the units, for each unit. A programme knows only the units met at the frontier so far, until nobody else surpasses 1 under its weights."""
    met: set[int] = set(np.argmax(values, axis=0).tolist()) if len(values) else set()
    solved = []
    for i in range(len(values)):
        above: Sequence[int] | None = None
        while above is None or above:
            met.update(above or ())
            rows = np.array(sorted(met | {i}))
            score, weights, multipliers = _solved(values[i], values[rows], share_rows)
            above = _surpassing(values @ weights, rows)
        solved.append((score, weights, np.bincount(rows, multipliers, minlength=len(values)).astype(np.float64)))
    return solved


def _surpassing(reached: FloatArray, rows: npt.NDArray[np.int64]) -> list[int]:
    """The units, none of ``rows``, that are furthest above 1: at most ten."""
    reached[rows] = 0.0
    furthest = np.argsort(-reached, kind="stable")[:10]
    return [int(j) for j in furthest[reached[furthest] > 1 + _TOLERANCE / 100]]


def _solved(own: FloatArray, others: FloatArray, share_rows: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Score, weights and multipliers of one linear programme."""
    from scipy.optimize import linprog

    limits = np.concatenate([np.ones(len(others)), np.zeros(len(share_rows))])
    found = linprog(-own, A_ub=np.concatenate([others, share_rows]), b_ub=limits, bounds=(0, None), method="highs")
    if not found.success or found.x is None or found.fun is None:
        raise RequestError(f"the linear programme has no solution: {found.message}", hint="values of very different size, or bounds nearly equal, may be the reason")
    return float(np.clip(-found.fun, 0.0, 1.0)), np.asarray(found.x, dtype=np.float64), -found.ineqlin.marginals[: len(others)]


def _peers(score: pd.Series[float], units: pd.Index, multipliers: list[FloatArray]) -> pd.DataFrame:
    """Which units hold the others below 1."""
    below = [(unit, row) for unit, row in zip(units, multipliers, strict=True) if score[unit] < 1 - _TOLERANCE]
    rows = [(unit, peer, float(by)) for unit, row in below for peer, by in zip(units, row, strict=True) if by > _TOLERANCE]
    return pd.DataFrame(rows, columns=["unit", "peer", "multiplier"])
