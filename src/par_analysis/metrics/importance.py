"""How much of the index's variance each part accounts for, against the weight it is said to have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.inequality import numbers_of
from par_analysis.metrics.ranks import FloatArray

_LEAST: Final = 5
"""Units without which a curve through them says nothing."""

_EXACT: Final = 1e-12
_KNOTS: Final = 16
_GAMMA: Final = 1.4
_PENALTIES: Final = 10.0 ** np.linspace(-6, 4, 41)


def variance_shares(parts: pd.DataFrame) -> pd.DataFrame:
    """Cov(S_d, I) / Var(I) of the parts S_d of a sum I: ``share``, of it ``own`` = Var(S_d) / Var(I), the rest ``with_others``, and ``n``, the units used.

    ``parts`` is units by parts, in the points that add up to the index. Shares sum to 1 exactly; a negative one is kept: that part narrows the differences that the others make.
    A part that is the same everywhere has share 0. Units with a missing part are left out. ``RequestError`` for fewer than two complete units, an index
    without variance, units that come twice, what is no finite number. Source: Shorrocks (1982), natural decomposition.

    >>> parts = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [1.0, 1, 2, 1, 1]})
    >>> variance_shares(parts)["share"].round(3).to_dict()
    {'a': 0.926, 'b': 0.074}
    """
    table = _complete(parts, least=2)
    centred = table.to_numpy(dtype=np.float64) - table.to_numpy(dtype=np.float64).mean(axis=0)
    index = centred.sum(axis=1)
    _require_variance(index, table.to_numpy(dtype=np.float64))
    share, own = centred.T @ index / (index @ index), (centred**2).sum(axis=0) / (index @ index)
    return pd.DataFrame({"share": share, "own": own, "with_others": share - own, "n": len(table)}, index=table.columns.rename("part"))


def importance(parts: pd.DataFrame, weights: Mapping[str, float] | pd.Series[float], *, resampled: pd.DataFrame | None = None, level: float = 0.9) -> pd.DataFrame:
    """By part: its ``weight`` and how much of the variance of the weighted index I it alone would tell.

    ``parts`` is units by parts on one scale (attainments A_d, not yet weighted); weights are scaled to sum to 1, I = sum of w_d A_d. ``squared_correlation`` is that of
    A_d and I; ``correlation_ratio`` is Var(E[I|A_d]) / Var(I) by ``correlation_ratio``, never below it; ``importance_share`` the ratio over the sum of all ratios, to be
    held against the weight, and ``excess`` their difference. Parts that move together all have high ratios: a ratio is no part of a whole. With ``resampled`` (from
    ``resamples``) percentile intervals of coverage ``level``: ``ratio_low``, ``ratio_high``, ``share_low``, ``share_high``; samples in which all units are equal are left out.
    Units with a missing part are left out; ``n`` counts the others. ``RequestError`` names parts without a weight, weights without a part, negative ones or a sum of 0, units
    that are not among the resampled ones; all that ``variance_shares`` refuses, and fewer than five complete units. Source: Paruolo, Saisana and Saltelli (2013).

    >>> parts = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 2, 2, 2, 2]})
    >>> importance(parts, {"a": 0.5, "b": 0.5})[["weight", "importance_share", "excess"]].round(3).to_dict("index")
    {'a': {'weight': 0.5, 'importance_share': 1.0, 'excess': 0.5}, 'b': {'weight': 0.5, 'importance_share': 0.0, 'excess': -0.5}}
    """
    table = _complete(parts)
    weight = _weights(weights, table.columns)
    values = table.to_numpy(dtype=np.float64)
    index = values @ weight
    _require_variance(index, values * weight)
    counts = np.ones((1, len(table))) if resampled is None else np.vstack([np.ones(len(table)), _counts(resampled, table.index)])
    ratios = np.stack([_ratios(column, index, counts) for column in values.T], axis=1)
    ratios = ratios[ratios.sum(axis=1) > 0]
    if resampled is not None and len(ratios) < 2:
        raise RequestError("no sample has units that differ", hint="resamples(parts.index, rng=rng) with more draws")
    shares = ratios / ratios.sum(axis=1, keepdims=True)
    squared = [_squared_correlation(column, index) for column in values.T]
    found = {"weight": weight, "squared_correlation": squared, "correlation_ratio": ratios[0], "importance_share": shares[0], "excess": shares[0] - weight}
    found |= {} if resampled is None else {**_interval("ratio", ratios[1:], level), **_interval("share", shares[1:], level)}
    return pd.DataFrame({**found, "n": len(table)}, index=table.columns.rename("part"))


def correlation_ratio(x: pd.Series[float], y: pd.Series[float]) -> float:
    """Var(E[y|x]) / Var(y), in [0, 1]: the share of the variance of y that its mean at each x accounts for, straight or not; 0 for an x that is the same everywhere.

    E[y|x] is a penalised linear spline: up to 16 knots at quantiles of x, the straight line free, each bend charged the square of its size. The charge is the one with the
    smallest generalised cross-validation, degrees of freedom counted 1.4-fold against fitting noise; a charge without end is the straight line, so the ratio is never
    below the squared correlation. It is taken as Cov(E[y|x], y) / Var(y), the same quantity, which the charge lowers less. Series are matched by unit, and units missing in
    one left out. ``RequestError`` for fewer than five units or a y without variance.
    Source: Paruolo, Saisana and Saltelli (2013); Ruppert, Wand and Carroll (2003), ch. 5; Kim and Gu (2004).

    >>> x = pd.Series(np.linspace(-1, 1, 41))
    >>> round(correlation_ratio(x, x), 3), correlation_ratio(x, x**2) > 0.95
    (1.0, True)
    """
    table = _complete(pd.concat({"x": numbers_of(x).iloc[:, 0], "y": numbers_of(y).iloc[:, 0]}, axis=1))
    values, target = table.to_numpy(dtype=np.float64).T
    _require_variance(target, target[:, None])
    return float(_ratios(values, target, np.ones((1, len(table))))[0])


def resamples(units: Sequence[str], *, rng: np.random.Generator, draws: int = 1000) -> pd.DataFrame:
    """Bootstrap samples of the units with replacement: draws by units (sorted), how often each was drawn.

    ``RequestError`` for units that come twice, none at all, or fewer than one draw. Source: Efron and Tibshirani (1993).

    >>> resamples(["02", "01"], rng=np.random.default_rng(1), draws=3).sum(axis=1).tolist()
    [2, 2, 2]
    """
    names = sorted(units)
    if draws < 1 or not names or len(set(names)) < len(names):
        raise RequestError(f"{draws} draws of {len(names)} units, {len(set(names))} of them different", hint="one draw and one unit at least, every unit once")
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    return pd.DataFrame(counts, columns=pd.Index(names, name="unit"), index=pd.RangeIndex(draws, name="draw"))


def _complete(parts: pd.DataFrame, *, least: int = _LEAST) -> pd.DataFrame:
    """The units with all parts, in the units' order."""
    table = numbers_of(parts).dropna()
    if len(table) < least or not table.shape[1]:
        raise RequestError(f"{len(table)} units have all of the {table.shape[1]} parts", hint=f"{least} units at least; units by parts")
    return table.sort_index()


def _require_variance(index: FloatArray, parts: FloatArray) -> None:
    if np.ptp(index) <= _EXACT * np.abs(parts).max():
        raise RequestError("all units have the same total", hint="without variance there is nothing to share out")


def _weights(weights: Mapping[str, float] | pd.Series[float], parts: pd.Index[str]) -> FloatArray:
    given = numbers_of(pd.Series(weights, name="weight"))["weight"]
    values = given.reindex(parts).to_numpy(dtype=np.float64)
    wrong = {
        "no weight": parts[np.isnan(values)],
        "no such part": given.index.difference(parts),
        "negative weight": parts[values < 0],
    }
    faults = [f"{fault}: {', '.join(map(str, names))}" for fault, names in wrong.items() if len(names)]
    if faults or not values.sum() > 0:
        raise RequestError("; ".join(faults) or "the weights sum to 0", hint="one weight for every part, none negative")
    return np.asarray(values / values.sum(), dtype=np.float64)


def _counts(resampled: pd.DataFrame, units: pd.Index[str]) -> FloatArray:
    """How often each unit of the table was drawn, sample by sample."""
    unknown = units.difference(resampled.columns)
    if len(unknown):
        raise RequestError(f"units that were not resampled: {', '.join(map(str, unknown))}", hint="resamples(parts.index, rng=rng)")
    counts = numbers_of(resampled)[list(units)].to_numpy(dtype=np.float64, na_value=-1)
    if (counts < 0).any() or not counts.any(axis=1).any():
        raise RequestError("the resampled counts are negative, missing, or all 0", hint="resamples(parts.index, rng=rng)")
    return np.asarray(counts[counts.any(axis=1)], dtype=np.float64)


def _squared_correlation(x: FloatArray, y: FloatArray) -> float:
    dx, dy = x - x.mean(), y - y.mean()
    return float((dx @ dy) ** 2 / (dx @ dx) / (dy @ dy)) if np.ptp(x) > _EXACT * np.abs(x).max() else 0.0


def _ratios(x: FloatArray, y: FloatArray, counts: FloatArray) -> FloatArray:
    """The correlation ratio under each row of counts; knots and penalty are those of all units, counted once."""
    if np.ptp(x) <= _EXACT * np.abs(x).max():
        return np.zeros(len(counts))
    basis, target = _basis(x), (y - y.mean()) / y.std()
    size = basis.shape[1]
    penalty = np.diag([0.0, *[_penalty(basis, target)] * (size - 1)])
    if np.isinf(penalty).any():
        basis, size, penalty = basis[:, :1], 1, np.zeros((1, 1))
    share = counts / counts.sum(axis=1, keepdims=True)
    means, level = share @ basis, share @ target
    gram = (share @ (basis[:, :, None] * basis[:, None, :]).reshape(len(x), -1)).reshape(-1, size, size) - means[:, :, None] * means[:, None, :]
    common = share @ (basis * target[:, None]) - means * level[:, None]
    total = share @ target**2 - level**2
    bends = np.linalg.solve(gram + penalty / len(x) + _EXACT * np.eye(size), common[:, :, None])
    told = (bends[:, :, 0] * common).sum(axis=1)
    return np.asarray(np.clip(np.divide(told, total, out=np.zeros_like(told), where=total > _EXACT), 0.0, 1.0), dtype=np.float64)


def _basis(x: FloatArray) -> FloatArray:
    """The standardised x, and how far it lies beyond each knot."""
    z = (x - x.mean()) / x.std()
    distinct = np.unique(z)
    count = min(_KNOTS, (len(distinct) - 1) // 2)
    knots = np.quantile(distinct, np.arange(1, count + 1) / (count + 1))
    return np.column_stack([z, np.maximum(z[:, None] - knots, 0.0)])


def _penalty(basis: FloatArray, y: FloatArray) -> float:
    """The charge on bends with the smallest generalised cross-validation; infinite where the straight line is best."""
    n, centred = len(y), basis - basis.mean(axis=0)
    line, bends = centred[:, :1], centred[:, 1:]
    if not bends.shape[1]:
        return np.inf
    free = bends - line @ (line.T @ bends) / (line**2).sum()
    sizes, axes = np.linalg.eigh(free.T @ free)
    sizes, pull = np.maximum(sizes, 0.0), axes.T @ (free.T @ y)
    straight = max(float(y @ y - (line[:, 0] @ y) ** 2 / (line**2).sum()), 0.0)
    charges = _PENALTIES * float(sizes.max())
    slopes = pull / (sizes + charges[:, None])
    left = np.maximum(straight - (2 * pull * slopes - sizes * slopes**2).sum(axis=1), 0.0)
    freedom = n - _GAMMA * (2 + (sizes / (sizes + charges[:, None])).sum(axis=1))
    scores = np.divide(left, freedom**2, out=np.full_like(left, np.inf), where=freedom > 0)
    best = int(np.argmin(scores))
    return float(charges[best]) if scores[best] < straight / (n - _GAMMA * 2) ** 2 * (1 - 1e-9) else np.inf


def _interval(name: str, drawn: npt.NDArray[np.float64], level: float) -> dict[str, FloatArray]:
    if not 0 < level < 1:
        raise RequestError(f"level {level} is not between 0 and 1", hint="0.9 leaves 5 % of the draws on either side")
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return {f"{name}_low": low, f"{name}_high": high}
