"""Stochastic multicriteria acceptability analysis: which places a unit can have at all, by which weights it comes first, and how surely one unit beats another.

Takes the ranks of draws (``perturbation.ranks_of_draws``), draws by units. A unit without a rank in some draw has NaN everywhere.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.draws import FloatArray, require_count
from par_analysis.metrics.numbers import floats_of
from par_analysis.metrics.perturbation import Measurements, measurements


def acceptability(ranks: pd.DataFrame, *, cumulative: bool = False) -> pd.DataFrame:
    """Rank acceptability: the share of draws in which a unit has each place, units by places 1 … n; ``cumulative``: that place or better.

    Rows sum to 1. Columns do too where no two units are equal; equals share the best place, so that a place shared by two sums to 2 and the next to 0.
    Source: Lahdelma and Salminen (2001), SMAA-2.

    >>> acceptability(pd.DataFrame({"01": [1, 1, 2, 1], "02": [2, 2, 1, 2]})).values.tolist()
    [[0.75, 0.25], [0.25, 0.75]]
    """
    drawn, n = _drawn(ranks), ranks.shape[1]
    shares = np.full((n, n), np.nan)
    for unit in np.flatnonzero(~np.isnan(drawn).any(axis=0)):
        shares[unit] = np.bincount(drawn[:, unit].astype(np.intp) - 1, minlength=n) / len(drawn)
    return pd.DataFrame(shares.cumsum(axis=1) if cumulative else shares, index=ranks.columns, columns=pd.RangeIndex(1, n + 1, name="place"))


def central_weights(ranks: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """The mean of the weights under which a unit comes first: units by columns, NaN for a unit that never does.

    A draw in which several units share the first place counts for each. ``RequestError`` where ranks and weights are not of the same draws, or are no ranks and weights.
    Source: Lahdelma, Hokkanen and Salminen (1998), SMAA.

    >>> ranks = pd.DataFrame({"01": [1, 1], "02": [2, 2]})
    >>> central_weights(ranks, pd.DataFrame({"a": [0.8, 0.6], "b": [0.2, 0.4]})).round(9).values.tolist()
    [[0.7, 0.3], [nan, nan]]
    """
    if not ranks.index.equals(weights.index):
        raise RequestError(f"{len(ranks)} draws of ranks, {len(weights)} of weights, or labelled differently", hint="weights: those that the ranks were made with")
    drawn = _drawn(ranks)
    at, unit = np.nonzero((drawn == 1) & ~np.isnan(drawn).any(axis=0))
    given = pd.DataFrame(floats_of(weights, "weights"), columns=weights.columns)
    if weights.columns.has_duplicates or not (np.isfinite(given) & (given >= 0)).all(axis=None):
        raise RequestError("weights that are missing, infinite or negative, or columns twice", hint="weights: those that the ranks were made with")
    means = given.iloc[at].groupby(unit).mean()
    return means.reindex(range(ranks.shape[1])).set_axis(ranks.columns, axis=0)


def confidence_factors(values: pd.DataFrame, central: pd.DataFrame, *, higher_is_better: bool = True, tolerance: float = 1e-9) -> pd.Series[float]:
    """The share of draws of the values in which a unit comes first under its own central weight, by unit; NaN for a unit that has none.

    ``values`` is draws by (unit, column); a plain table, units by columns, is one draw without error and gives 0 or 1. Equals within ``tolerance`` are both first;
    a unit that misses a value of a column with a weight is not. ``UnknownName`` for a unit or column of ``central`` that has no values.
    Source: Lahdelma, Hokkanen and Salminen (1998).

    >>> values = pd.DataFrame({("01", "a"): [3.0, 1.0], ("02", "a"): [2.0, 2.0]})
    >>> confidence_factors(values, pd.DataFrame({"a": [1.0, None]}, index=["01", "02"])).tolist()
    [0.5, nan]
    """
    table = measurements(values)
    _require_same(table, central)
    sign = 1.0 if higher_is_better else -1.0
    own = floats_of(central.reindex(index=table.units, columns=table.columns), "central weights")
    shares = [_share_first(table, weights, unit, sign, tolerance) for unit, weights in enumerate(own)]
    return pd.Series(shares, index=table.units, name="confidence_factor").reindex(central.index)


def pairwise_wins(ranks: pd.DataFrame) -> pd.DataFrame:
    """The share of draws in which the unit of the row ranks strictly better than that of the column; 0 on the diagonal.

    An equal rank is a win for neither: a pair and its reverse sum to 1 less the share of ties. Source: Leskinen, Viitanen, Kangas and Kangas (2006).

    >>> pairwise_wins(pd.DataFrame({"01": [1, 1, 2, 1], "02": [2, 2, 1, 1]})).values.tolist()
    [[0.0, 0.5], [0.25, 0.0]]
    """
    drawn = _drawn(ranks)
    unranked = np.isnan(drawn).any(axis=0)
    small = np.int16 if ranks.shape[1] < 2**15 else np.int32  # whole numbers of two bytes are compared fastest
    places = np.ascontiguousarray(np.where(unranked, 0, drawn).T.astype(small))
    wins = np.stack([(own < places).view(np.uint8).sum(axis=1, dtype=np.uint32) for own in places]) / len(drawn)
    wins[unranked, :] = wins[:, unranked] = np.nan
    return pd.DataFrame(wins, index=ranks.columns, columns=ranks.columns)


def ranking_entropy(ranks: pd.DataFrame) -> float:
    """The uncertainty of the whole ranking in bits, -sum p log2 p over the different rankings that the draws (draws by units) give: 0 where all give the same one.

    Equals that share a place are a ranking of their own. Units without a rank in some draw are left out; NaN where none is left. ``RequestError`` for what is no ranking.
    The choice of the first alone is ``entropy(acceptability(ranks), of="places")[1]``. Source: van Valkenhoef and Tervonen (2016).

    >>> ranking_entropy(pd.DataFrame({"01": [1, 1, 2, 2], "02": [2, 2, 1, 1]}))
    1.0
    """
    drawn = _drawn(ranks)
    known = drawn[:, ~np.isnan(drawn).any(axis=0)]
    if not known.shape[1]:
        return float("nan")
    p = np.unique(known, axis=0, return_counts=True)[1] / len(known)
    return float(-(p * np.log2(p)).sum() + 0.0)


def entropy(shares: pd.DataFrame, *, of: Literal["units", "places"] = "units") -> pd.Series[float]:
    """The uncertainty of acceptabilities in bits, -sum p log2 p: how open the place of each unit is, or, of "places", how open it is who holds each place.

    0 is certain, log2 n wholly open. That of place 1 is the entropy of the choice. Shares of a place are divided by their sum, since equals share a place; NaN where
    nobody holds it.
    ``UnknownName`` for another ``of``. Source: van Valkenhoef and Tervonen (2016), Entropy-optimal weight constraint elicitation.

    >>> entropy(pd.DataFrame([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 1.0, 0.0]
    """
    if of not in ("units", "places"):
        raise UnknownName("side of the acceptabilities", of, ["units", "places"])
    table = shares if of == "units" else shares.T
    given = floats_of(table, "shares")
    if not (np.isnan(given) | ((given >= 0) & np.isfinite(given))).all():
        raise RequestError("shares that are negative or infinite", hint="shares: what acceptability gives")
    known = given if of == "units" else given[:, ~np.isnan(given).any(axis=0)]
    sums = known.sum(axis=1, keepdims=True)
    p = np.divide(known, sums, out=np.full_like(known, np.nan), where=sums > 0)
    bits = -(p * np.log2(p, out=np.zeros_like(p), where=p > 0)).sum(axis=1)
    return pd.Series(bits + 0.0, index=table.index, name="entropy")


def _drawn(ranks: pd.DataFrame) -> FloatArray:
    if ranks.columns.has_duplicates:
        raise RequestError(f"units that stand twice: {', '.join(map(str, ranks.columns[ranks.columns.duplicated()][:12]))}", hint="ranks: draws by units")
    is_plain = {dtype.kind for dtype in ranks.dtypes if isinstance(dtype, np.dtype)} == {"f"}
    drawn = ranks.to_numpy() if is_plain else floats_of(ranks, "ranks")
    require_count(len(drawn), "draws")
    require_count(ranks.shape[1], "units")
    with np.errstate(invalid="ignore"):
        wrong = ranks.columns[np.flatnonzero(((drawn < 1) | (drawn > ranks.shape[1]) | (drawn % 1 > 0)).any(axis=0))]
    if len(wrong):
        raise RequestError(f"no places of {ranks.shape[1]} units: {', '.join(map(str, wrong[:12]))}", hint="ranks: draws by units, whole numbers from 1")
    return np.asarray(drawn)


def _share_first(table: Measurements, weights: FloatArray, unit: int, sign: float, tolerance: float) -> float:
    if np.isnan(weights).any():
        return np.nan
    scores = sign * (table.known @ weights)
    if table.missing is not None:
        scores[(table.missing @ (weights > 0)) > 0] = -np.inf
    scores = scores.reshape(-1, len(table.units))
    return float(((scores[:, unit] >= scores.max(axis=1) - tolerance) & np.isfinite(scores[:, unit])).mean())


def _require_shares(central: pd.DataFrame) -> None:
    given = floats_of(central, "central weights")
    wrong = central.index[np.flatnonzero((np.isinf(given) | (given < 0)).any(axis=1))]
    if len(wrong):
        raise RequestError(f"central weights that are negative or infinite: {', '.join(map(str, wrong[:12]))}", hint="central: what central_weights gives")


def _require_same(table: Measurements, central: pd.DataFrame) -> None:
    for what, met, known in (("unit", central.index, table.units), ("column", central.columns, table.columns)):
        if met.has_duplicates:
            raise RequestError(f"a {what} of the central weights stands twice: {', '.join(map(str, met[met.duplicated()][:12]))}", hint="central: what central_weights gives")
        unknown = met.difference(known)
        if len(unknown):
            raise UnknownName(what, str(unknown[0]), list(map(str, known)))
    _require_shares(central)
    wanting = table.columns.difference(central.columns)
    if len(wanting):
        raise RequestError(f"no central weight for: {', '.join(map(str, wanting[:12]))}", hint="central: what central_weights gives for these columns")
