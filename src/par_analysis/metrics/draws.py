"""Weights drawn at random: round given ones, over all there are, or within an order and bounds. They are drawn for the sorted names, whatever the order given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.numbers import floats_of

FloatArray = npt.NDArray[np.float64]
Weights: TypeAlias = "Mapping[str, float] | pd.Series[float]"

Bound: TypeAlias = "float | Mapping[str, float] | None"

_SLACK: Final = 1e-12
_BATCHES: Final = 20
_LEAST_ACCEPTED: Final = 1e-3


def perturbed_weights(weights: Weights, rng: np.random.Generator, *, draws: int, reach: float = 0.25, groups: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Weights times U(1 - ``reach``, 1 + ``reach``), brought back to the total of their group: draws by columns.

    ``groups`` says the group of each column; ``None`` is one group. A weight of 0 stays 0, and so does the weight of a column that is alone in its group.
    ``RequestError`` for negative, missing or all-zero weights, columns without a group, a ``reach`` outside [0, 1), or no draws.
    Source: OECD/JRC Handbook (2008), step 7; the audits of composite indicators by the JRC, where 25 % is usual.

    >>> found = perturbed_weights({"a": 0.5, "b": 0.3, "c": 0.2}, np.random.default_rng(1), draws=1000)
    >>> found.shape, bool(np.allclose(found.sum(axis=1), 1))
    ((1000, 3), True)
    """
    given = require_weights(weights)
    return scaled_weights(given, _uniform(list(given.index), rng, require_count(draws, "draws")), reach=reach, groups=groups)


def scaled_weights(weights: Weights, points: pd.DataFrame, *, reach: float = 0.25, groups: Mapping[str, str] | None = None) -> pd.DataFrame:
    """What ``perturbed_weights`` does, at given points of the unit cube (draws by columns): 0 is the weight times 1 - ``reach``, 1 the weight times 1 + ``reach``.

    For designs such as that of ``sobol_design``. Errors as ``perturbed_weights``, and for points outside [0, 1].

    >>> scaled_weights({"a": 1.0, "b": 1.0}, pd.DataFrame({"a": [0.5, 1.0], "b": [0.5, 0.0]})).values.tolist()
    [[1.0, 1.0], [1.25, 0.75]]
    """
    given = require_weights(weights, names=points.columns)
    at = floats_of(points[given.index], "points")
    if not 0 <= reach < 1:
        raise RequestError(f"reach {reach} is not in [0, 1)", hint="0.25 moves each weight by up to a quarter")
    if not ((at >= 0) & (at <= 1)).all():
        raise RequestError("points outside [0, 1]", hint="points are places in the unit cube, one column a weight")
    member = _memberships(list(given.index), groups)
    plain = given.to_numpy()
    raw = plain * (1 - reach + 2 * reach * at)
    totals, sums = plain @ member, raw @ member
    ratio = np.divide(totals, sums, out=np.zeros_like(sums), where=sums > 0)
    return pd.DataFrame(raw * (ratio @ member.T), index=points.index, columns=given.index)


def dirichlet_weights(names: Sequence[str], rng: np.random.Generator, *, draws: int, concentration: float | Mapping[str, float] = 1.0) -> pd.DataFrame:
    """Weights that sum to 1 from a Dirichlet distribution: draws by names. Concentration 1 is uniform over all possible weights.

    A mapping gives each name its own: c times weights that sum to 1 scatters round those, the closer the larger c is. ``RequestError`` for repeated names, no draws,
    or a concentration that is not positive. Source: Lahdelma and Salminen (2001), SMAA-2.

    >>> dirichlet_weights(["a", "b"], np.random.default_rng(1), draws=4).sum(axis=1).round(12).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    columns = _sorted_names(names)
    alpha = _by_name(columns, concentration, 1.0, "concentration")
    if not (np.isfinite(alpha) & (alpha > 0)).all():
        raise RequestError(f"concentration not positive: {_listed(np.asarray(columns)[~(np.isfinite(alpha) & (alpha > 0))])}", hint="1 is uniform over all weights")
    return _labelled(rng.dirichlet(alpha, size=require_count(draws, "draws")), columns, names)


def constrained_weights(
    names: Sequence[str],
    rng: np.random.Generator,
    *,
    draws: int,
    order: Sequence[str] | None = None,
    low: Bound = None,
    high: Bound = None,
) -> pd.DataFrame:
    """Weights that sum to 1, uniform over all that keep an ``order`` (first weight >= second >= …) and bounds: draws by names.

    ``order`` may leave names out. ``low`` and ``high`` are one number or one for each name; where a mapping has none it is 0 and 1. An order is kept by sorting, exact
    since the uniform distribution does not know names apart; bounds by rejection from the smallest of three regions that hold them: the simplex of the lower bounds,
    that of the upper bounds, the box. Points are independent. ``RequestError`` where no weights keep all constraints, or fewer than 1 in 1,000 trials do.
    Source: Tervonen and Lahdelma (2007), Implementing stochastic multicriteria acceptability analysis.

    >>> found = constrained_weights(["a", "b", "c"], np.random.default_rng(1), draws=500, order=["b", "a"], high=0.6)
    >>> bool((found["b"] >= found["a"]).all()), bool((found <= 0.6).all(axis=None))
    (True, True)
    """
    columns, size = _sorted_names(names), require_count(draws, "draws")
    chain = _chain(columns, order)
    least, most = _bounds(columns, chain, low, high)
    propose = _proposals(*_same_for_all(chain, least, most), rng)
    return _labelled(_accepted(propose, chain, (least, most), size), columns, names)


def require_weights(weights: Weights, *, names: Iterable[str] | None = None) -> pd.Series[float]:
    """Weights as numbers, in the order of ``names`` where given. ``RequestError`` names all that is wrong: repeated, not finite, negative, all zero, unknown or wanting.

    >>> require_weights({"a": 1, "b": 3}, names=["b", "a"]).tolist()
    [3.0, 1.0]
    """
    given = pd.to_numeric(weights if isinstance(weights, pd.Series) else pd.Series(dict(weights), dtype=object), errors="coerce").astype("float64")
    wanted = given.index if names is None else pd.Index(list(names))
    problems = {
        "repeated": wanted[wanted.duplicated()].union(given.index[given.index.duplicated()]).unique(),
        "not a finite number": given.index[~np.isfinite(given.to_numpy())],
        "negative": given.index[given.to_numpy() < 0],
        "of no column": given.index.difference(wanted),
        "wanting": wanted.difference(given.index),
    }
    said = [f"{what}: {_listed(met)}" for what, met in problems.items() if len(met)]
    if not said and not given.sum() > 0:
        said = ["they sum to zero"]
    if said:
        raise RequestError(f"weights cannot be used: {'; '.join(said)}", hint="one weight of 0 or more for each column, not all zero")
    return given.reindex(wanted).rename("weight")


def require_count(number: int, what: str) -> int:
    """A whole number of 1 or more, else ``RequestError``.

    >>> require_count(10, "draws")
    10
    """
    if isinstance(number, bool) or number != int(number) or number < 1:
        raise RequestError(f"{what} = {number} is not a whole number of 1 or more", hint=f"{what}: how many")
    return int(number)


def _listed(met: Iterable[object]) -> str:
    words = [str(one) for one in met]
    return ", ".join(words[:12]) + (f" and {len(words) - 12} more" if len(words) > 12 else "")


def _sorted_names(names: Sequence[str]) -> list[str]:
    columns = sorted(names, key=str)
    repeated = sorted({one for one, following in pairwise(columns) if one == following})
    if repeated or not columns:
        raise RequestError(f"names repeated: {_listed(repeated)}" if repeated else "no names", hint="one name for each weight")
    return columns


def _labelled(drawn: FloatArray, columns: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(drawn, columns=pd.Index(columns), index=pd.RangeIndex(len(drawn), name="draw"))[list(names)]


def _uniform(names: Sequence[str], rng: np.random.Generator, draws: int) -> pd.DataFrame:
    return _labelled(rng.random((draws, len(names))), _sorted_names(names), names)


def _memberships(names: Sequence[str], groups: Mapping[str, str] | None) -> FloatArray:
    """Columns by groups, 1 where the column is in the group."""
    without = [name for name in names if groups is not None and name not in groups]
    if without:
        raise RequestError(f"columns without a group: {_listed(without)}", hint="groups: column → group")
    of = np.unique(["" if groups is None else str(groups[name]) for name in names], return_inverse=True)[1]
    return np.equal.outer(of, np.arange(of.max() + 1)).astype(np.float64)


def _by_name(columns: Sequence[str], given: Bound, default: float, what: str) -> FloatArray:
    if isinstance(given, Mapping):
        unknown = [str(name) for name in given if name not in columns]
        if unknown:
            raise UnknownName(f"name in {what}", unknown[0], list(map(str, columns)))
        return np.array([float(given.get(name, default)) for name in columns])
    return np.full(len(columns), default if given is None else float(given))


def _chain(columns: Sequence[str], order: Sequence[str] | None) -> npt.NDArray[np.intp]:
    unknown = [str(name) for name in order or () if name not in columns]
    if unknown:
        raise UnknownName("name in order", unknown[0], list(map(str, columns)))
    if len(set(order or ())) < len(order or ()):
        raise RequestError("a name stands twice in the order", hint="order: names from the largest weight to the smallest")
    return np.array([columns.index(name) for name in order or ()], dtype=np.intp)


def _bounds(columns: Sequence[str], chain: npt.NDArray[np.intp], low: Bound, high: Bound) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bounds, as tight as the order and the sum of 1 make them; ``RequestError`` where nothing lies between."""
    least, most = np.clip(_by_name(columns, low, 0.0, "low"), 0.0, None), np.clip(_by_name(columns, high, 1.0, "high"), None, 1.0)
    least[chain] = np.maximum.accumulate(least[chain][::-1])[::-1]
    most[chain] = np.minimum.accumulate(most[chain])
    if not ((least <= most).all() and least.sum() <= 1 + _SLACK and most.sum() >= 1 - _SLACK):
        crossed = _listed(np.asarray(columns)[~(least <= most)])
        said = f"low is not below high for {crossed}" if crossed else f"lower bounds sum to {least.sum():.6g}, upper bounds to {most.sum():.6g}"
        raise RequestError(f"no weights keep all constraints: {said}", hint="weights sum to 1: lower bounds to at most 1, upper bounds to at least 1; the order counts too")
    room, excess = max(1 - least.sum(), 0.0), max(most.sum() - 1, 0.0)
    return np.maximum(least, most - excess), np.minimum(most, least + room)


def _same_for_all(chain: npt.NDArray[np.intp], least: FloatArray, most: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds widened until they are the same for all in the chain, as sorting needs."""
    wide = least.copy(), most.copy()
    if len(chain):
        wide[0][chain], wide[1][chain] = least[chain].min(), most[chain].max()
    return wide


def _proposals(least: FloatArray, most: FloatArray, rng: np.random.Generator) -> Callable[[int], FloatArray]:
    """Points uniform in the smallest of three regions round the bounded simplex; their volumes are those of the projection that leaves one weight out."""
    n, room, excess = len(least), 1 - least.sum(), most.sum() - 1
    widths, last = most - least, int(np.argmax(most - least))

    def in_simplex(size: int) -> FloatArray:
        return np.asarray(least + max(room, 0.0) * rng.dirichlet(np.ones(n), size=size))

    def in_mirrored(size: int) -> FloatArray:
        return np.asarray(most - max(excess, 0.0) * rng.dirichlet(np.ones(n), size=size))

    def in_box(size: int) -> FloatArray:
        drawn = least + widths * rng.random((size, n))
        drawn[:, last] += 1 - drawn.sum(axis=1)
        return np.asarray(drawn)

    volumes = {
        in_simplex: (n - 1) * _log(room) - math.lgamma(n),
        in_mirrored: (n - 1) * _log(excess) - math.lgamma(n),
        in_box: sum(map(_log, np.delete(widths, last))),
    }
    return min(volumes, key=volumes.__getitem__)


def _log(number: float) -> float:
    return math.log(number) if number > _SLACK else -1e9


def _accepted(propose: Callable[[int], FloatArray], chain: npt.NDArray[np.intp], bounds: tuple[FloatArray, FloatArray], draws: int) -> FloatArray:
    kept: list[FloatArray] = []
    have = batches = 0
    size = max(draws, 1000)
    while have < draws:
        drawn = propose(size)
        drawn[:, chain] = -np.sort(-drawn[:, chain], axis=1)
        inside = drawn[((drawn >= bounds[0] - _SLACK) & (drawn <= bounds[1] + _SLACK)).all(axis=1)]
        kept.append(inside)
        have, batches = have + len(inside), batches + 1
        if batches >= _BATCHES and have < _LEAST_ACCEPTED * batches * size:
            raise RequestError(f"only {have} of {batches * size} random weights keep all constraints", hint="widen the bounds, or leave the order or a bound out")
    return np.concatenate(kept)[:draws]
