"""Which uncertain assumption moves a result: variance-based first-order and total indices, with their design and bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.draws import FloatArray, require_count
from par_analysis.metrics.numbers import floats_of

_CELLS: Final = 4_000_000
_ROUNDING: Final = 1e-12
"""Differences that are no larger, against the size of the results, are none."""


@dataclass(frozen=True)
class SobolIndices:
    """``first`` (alone) and ``total`` (with all its interactions) share of the variance, factors by outputs; ``variance`` by output;
    ``constant``: outputs that do not vary, whose indices are 0."""

    first: pd.DataFrame
    total: pd.DataFrame
    variance: pd.Series[float]
    constant: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a page has to say beside the numbers."""
        return (f"does not vary, indices are 0: {', '.join(self.constant)}",) if self.constant else ()


@dataclass(frozen=True)
class SobolIntervals:
    """Ends of the bootstrap intervals, factors by outputs."""

    first_low: pd.DataFrame
    first_high: pd.DataFrame
    total_low: pd.DataFrame
    total_high: pd.DataFrame


def sobol_design(names: Sequence[str], rng: np.random.Generator, *, base: int) -> pd.DataFrame:
    """Points of the unit cube to evaluate a model at, (block, point) by factors: blocks A, B, and for each factor A with its column from B; ``base`` points each.

    A and B are a scrambled Sobol sequence of twice as many columns; a power of 2 is balanced best. Factors keep their order: the sequence depends on it.
    ``RequestError`` for repeated names or a base below 2. Source: Saltelli et al. (2010), Variance based sensitivity analysis of model output.

    >>> sobol_design(["weights", "method"], np.random.default_rng(1), base=8).shape
    (32, 2)
    """
    from scipy.stats import qmc

    factors = _factors(names)
    if require_count(base, "base") < 2:
        raise RequestError("base = 1 has no variance", hint="base: points a block, better a power of 2")
    drawn = qmc.Sobol(2 * len(factors), rng=rng).random_base2((base - 1).bit_length())[:base]
    a, b = drawn[:, : len(factors)], drawn[:, len(factors) :]
    mixed = [np.where(np.arange(len(factors)) == i, b, a) for i in range(len(factors))]
    rows = pd.MultiIndex.from_product([["A", "B", *(f"AB {name}" for name in factors)], range(base)], names=["block", "point"])
    return pd.DataFrame(np.concatenate([a, b, *mixed]), index=rows, columns=factors)


def sobol_indices(y: pd.DataFrame | pd.Series[float], names: Sequence[str], *, centred: bool = True) -> SobolIndices:
    """Indices of each output of a model (a column of ``y``) evaluated at the rows of ``sobol_design``, in their order.

    First order mean(yB (yAB - yA)) / V, total sum (yA - yAB)^2 / (2 N V), V the sample variance of yA and yB together. ``centred`` takes the mean of yA and yB off first,
    which changes what is estimated by nothing and its noise by much where the mean is large against the spread, as with ranks; without it the formula is COINr's to the
    letter. A negative first-order index is noise and kept. Where V = 0 the indices are 0 and the output is in ``constant``.
    ``RequestError`` where the rows are not N (d + 2), or values are missing or infinite.
    Source: Saltelli (2002) and Saltelli et al. (2010); V as in COINr (Becker et al. 2022).

    >>> design = sobol_design(["a", "b"], np.random.default_rng(1), base=1024)
    >>> sobol_indices(2 * design["a"] + design["b"], ["a", "b"]).first.round(2).values.ravel().tolist()
    [0.8, 0.2]
    """
    factors, blocks, outputs = _blocks(y, names, centred)
    variance = blocks[:2].reshape(-1, len(outputs)).var(axis=0, ddof=1)
    first, total = (_labelled(_over(product.mean(axis=1), variance), factors, outputs) for product in _products(blocks))
    constant = tuple(str(output) for output, v in zip(outputs, variance, strict=True) if v == 0)
    return SobolIndices(first, total, pd.Series(variance, index=outputs, name="variance"), constant)


def sobol_intervals(
    y: pd.DataFrame | pd.Series[float], names: Sequence[str], rng: np.random.Generator, *, resamples: int = 1000, coverage: float = 0.9, centred: bool = True
) -> SobolIntervals:
    """Percentile bootstrap of ``sobol_indices`` over the points of the design: each resample draws points with all their blocks. Arguments and errors as there.

    Source: Archer, Saltelli and Sobol (1997).

    >>> design = sobol_design(["a", "b"], np.random.default_rng(1), base=256)
    >>> found = sobol_intervals(2 * design["a"] + design["b"], ["a", "b"], np.random.default_rng(2), resamples=200)
    >>> bool((found.first_low.squeeze() < [0.8, 0.2]).all()), bool((found.first_high.squeeze() > [0.8, 0.2]).all())
    (True, True)
    """
    factors, blocks, outputs = _blocks(y, names, centred)
    if not 0 < coverage <= 1:
        raise RequestError(f"coverage {coverage} is not in (0, 1]", hint="coverage=0.9 is the interval from 5 % to 95 %")
    n = blocks.shape[1]
    counts = rng.multinomial(n, np.full(n, 1 / n), size=require_count(resamples, "resamples")).astype(np.float64)
    step = max(_CELLS // (len(factors) * max(resamples, n)), 1)
    ends = [_ends(blocks[:, :, start : start + step], counts, coverage) for start in range(0, len(outputs), step)]
    return SobolIntervals(*(_labelled(np.concatenate(found, axis=1), factors, outputs) for found in zip(*ends, strict=True)))


def _ends(blocks: FloatArray, counts: FloatArray, coverage: float) -> list[FloatArray]:
    """Low and high ends of the first-order and of the total indices of some outputs, factors by outputs."""
    n, pair = blocks.shape[1], blocks[:2] - blocks[:2].mean(axis=(0, 1))
    mean = counts @ pair.sum(axis=0) / (2 * n)
    variance = (counts @ (pair**2).sum(axis=0) - 2 * n * mean**2) / (2 * n - 1)
    variance = np.where(variance > _ROUNDING * (pair**2).mean(axis=(0, 1)), variance, 0.0)
    means = [np.moveaxis(np.tensordot(counts, product, axes=(1, 1)), 0, 1) / n for product in _products(blocks)]
    levels = [(1 - coverage) / 2, (1 + coverage) / 2]
    return [end for mean_product in means for end in np.quantile(_over(mean_product, variance), levels, axis=1)]


def _labelled(indices: FloatArray, factors: list[str], outputs: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(indices, index=pd.Index(factors, name="factor"), columns=outputs)


def _products(blocks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What the two numerators are means of: factors by points by outputs."""
    a, b, mixed = blocks[0], blocks[1], blocks[2:]
    return b * (mixed - a), (a - mixed) ** 2 / 2


def _over(numerator: FloatArray, variance: FloatArray) -> FloatArray:
    divisor = np.broadcast_to(variance, numerator.shape)
    return np.divide(numerator, divisor, out=np.zeros(numerator.shape), where=divisor > 0)


def _factors(names: Sequence[str]) -> list[str]:
    if len(set(names)) < len(names) or not len(names) or isinstance(names, str):
        raise RequestError("names of factors are repeated, or none", hint="one name for each factor")
    return list(names)


def _blocks(y: pd.DataFrame | pd.Series[float], names: Sequence[str], centred: bool) -> tuple[list[str], FloatArray, pd.Index]:
    """Blocks by points by outputs, the mean of A and B taken off where ``centred``; 0 throughout for an output that does not vary in A and B."""
    factors = _factors(names)
    table = y.to_frame() if isinstance(y, pd.Series) else y
    values = floats_of(table, "results")
    size, rest = divmod(len(values), len(factors) + 2)
    if rest or size < 2:
        raise RequestError(f"{len(values)} rows are no design of {len(factors)} factors", hint="base x (factors + 2) rows, in the order of sobol_design")
    bad = [str(output) for output in table.columns[np.flatnonzero(~np.isfinite(values).all(axis=0))]]
    if bad:
        raise RequestError(f"missing or infinite values in: {', '.join(bad[:12])}", hint="leave outputs out that are not known at every point")
    pair = values[: 2 * size]
    varies = np.ptp(pair, axis=0) > _ROUNDING * np.abs(pair).max(axis=0)
    shift = pair.mean(axis=0) if centred else 0.0
    return factors, np.where(varies, values - shift, 0.0).reshape(len(factors) + 2, size, -1), table.columns
