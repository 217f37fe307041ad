"""Ranks under many sets of weights, and what they say of each unit: interval, share of draws near the top and near the nominal rank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.draws import FloatArray, Weights, require_count, require_weights
from par_analysis.metrics.numbers import floats_of

_CELLS: Final = 4_000_000
"""Numbers held at once in a step: 32 MB."""


def ranks_of_draws(values: pd.DataFrame, weights: pd.DataFrame, *, higher_is_better: bool = True, tolerance: float = 1e-9) -> pd.DataFrame:
    """The rank of each unit under each set of weights: draws by units, rank 1 is best, equals within ``tolerance`` share the best place (float32).

    ``values`` is units by columns; or, where the values are drawn too, draws by (unit, column), row by row with ``weights``, which is draws by columns. The
    score is the weighted sum. A unit that misses a value of a column with a weight has no rank in that draw (NaN) and is not counted among the others.
    ``RequestError`` names columns that do not fit, repeated units, values that are infinite, and weights that are negative, missing or zero in sum.

    >>> values = pd.DataFrame({"a": [3.0, 2.0], "b": [1.0, 4.0]}, index=["01", "02"])
    >>> ranks_of_draws(values, pd.DataFrame({"a": [0.9, 0.5], "b": [0.1, 0.5]})).values.tolist()
    [[1.0, 2.0], [2.0, 1.0]]
    """
    table, drawn = _table(values, weights)
    ranks = np.empty((len(drawn), len(table.units)), dtype=np.float32)
    for rows in _slices(len(drawn), table.cells_a_draw()):
        ranks[rows] = _places(_oriented(table.scores(drawn, rows), higher_is_better), _tolerance(tolerance))
    return pd.DataFrame(ranks, index=weights.index, columns=table.units)


def scores_of_draws(values: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """The weighted sums themselves: draws by units. Arguments, missing values and errors as ``ranks_of_draws``.

    >>> scores_of_draws(pd.DataFrame({"a": [3.0], "b": [1.0]}, index=["01"]), pd.DataFrame({"a": [0.5], "b": [0.5]})).values.tolist()
    [[2.0]]
    """
    table, drawn = _table(values, weights)
    return pd.DataFrame(table.scores(drawn, slice(None)), index=weights.index, columns=table.units)


def ranks_of_scores(scores: pd.DataFrame, *, higher_is_better: bool = True, tolerance: float = 1e-9) -> pd.DataFrame:
    """The rank of each unit in each row of scores (draws by units), for draws of any other origin. A missing score has no rank.

    >>> ranks_of_scores(pd.DataFrame([[1.0, 3.0, 3.0, None]])).values.tolist()
    [[3.0, 1.0, 1.0, nan]]
    """
    given = floats_of(scores, "scores")
    ranks = np.empty(given.shape, dtype=np.float32)
    for rows in _slices(len(given), given.shape[1]):
        ranks[rows] = _places(_oriented(given[rows], higher_is_better), _tolerance(tolerance))
    return pd.DataFrame(ranks, index=scores.index, columns=scores.columns)


def nominal_ranks(values: pd.DataFrame, weights: Weights, *, higher_is_better: bool = True, tolerance: float = 1e-9) -> pd.Series[float]:
    """The ranks under one set of weights, by unit; otherwise as ``ranks_of_draws``.

    >>> nominal_ranks(pd.DataFrame({"a": [3.0, 2.0], "b": [1.0, 4.0]}, index=["01", "02"]), {"a": 1, "b": 1}).to_dict()
    {'01': 2.0, '02': 1.0}
    """
    one = require_weights(weights, names=values.columns).to_frame().T
    return ranks_of_draws(values, one, higher_is_better=higher_is_better, tolerance=tolerance).iloc[0].astype("float64").rename("rank")


def rank_summary(ranks: pd.DataFrame, *, nominal: pd.Series[float], coverage: float = 0.9, top: int = 10, within: int = 2) -> pd.DataFrame:
    """What the draws (draws by units) say of each unit, beside its ``nominal`` rank.

    Columns: ``nominal``, ``median``, ``mean``; ``low`` and ``high``, the central interval that holds ``coverage`` of the draws (linear quantiles, type 7 of Hyndman
    and Fan 1996); ``p_top``, the share of draws at place ``top`` or better; ``p_within``, the share at most ``within`` places from the nominal rank; of each the
    Monte-Carlo standard error ``…_se``; ``draws``. The error of a share is the binomial one (0 for a share of 0 or 1, where about 3/draws is still possible), that of a
    quantile half the distance of the quantiles one binomial error below and above. A unit without a rank in some draw has NaN throughout.
    ``RequestError`` for other units in ``nominal``, infinite ranks, or a coverage outside (0, 1].

    >>> ranks = pd.DataFrame({"01": [1, 1, 2, 1], "02": [2, 2, 1, 2]})
    >>> rank_summary(ranks, nominal=pd.Series({"01": 1, "02": 2}), top=1, within=0)[["median", "low", "high", "p_top"]].round(2).values.tolist()
    [[1.0, 1.0, 1.85, 0.75], [2.0, 1.15, 2.0, 0.25]]
    """
    place = _nominal(ranks, nominal)
    if not 0 < coverage <= 1 or within < 0:
        raise RequestError(f"coverage {coverage} is not in (0, 1]" if within >= 0 else f"within = {within} is negative", hint="coverage=0.9 is the interval from 5 % to 95 %")
    ends = (0.5, (1 - coverage) / 2, (1 + coverage) / 2)
    require_count(len(ranks), "draws")
    infinite = [str(unit) for unit, of in ranks.items() if np.isinf(floats_of(of, "ranks")).any()]
    if infinite or np.isinf(place).any():
        raise RequestError(f"infinite ranks: {', '.join(infinite[:12]) or 'nominal'}", hint="a unit without a rank has NaN")
    chunks = [_summary(ranks.iloc[:, units], place.iloc[units], ends, (require_count(top, "top"), within)) for units in _slices(ranks.shape[1], 4 * len(ranks))]
    return pd.concat(chunks)


def _summary(ranks: pd.DataFrame, nominal: pd.Series[float], ends: tuple[float, float, float], near: tuple[int, int]) -> pd.DataFrame:
    drawn, places = floats_of(ranks, "ranks"), nominal.to_numpy()
    n = len(drawn)
    middle, low, high = _quantiles(drawn, ends)
    unknown = np.where(np.isnan(drawn).any(axis=0), np.nan, 0.0)
    p_top = (drawn <= near[0]).mean(axis=0) + unknown
    p_within = (np.abs(drawn - places) <= near[1]).mean(axis=0) + np.where(np.isnan(places), np.nan, unknown)
    mean_se = drawn.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.full(len(places), np.nan)
    columns = {"nominal": places, "median": middle[0], "mean": drawn.mean(axis=0), "low": low[0], "high": high[0], "p_top": p_top, "p_within": p_within}
    errors = {"median_se": middle[1], "mean_se": mean_se, "low_se": low[1], "high_se": high[1], "p_top_se": _share_se(p_top, n), "p_within_se": _share_se(p_within, n)}
    return pd.DataFrame({**columns, **errors, "draws": n}, index=ranks.columns)


def _quantiles(drawn: FloatArray, at: tuple[float, ...]) -> list[tuple[FloatArray, FloatArray]]:
    """Quantiles of each column with their standard errors."""
    shares = np.asarray(at)
    error = np.sqrt(shares * (1 - shares) / len(drawn))
    found = np.quantile(drawn, np.concatenate([shares, np.clip(shares - error, 0, 1), np.clip(shares + error, 0, 1)]), axis=0)
    k = len(shares)
    return [(found[i], (found[2 * k + i] - found[k + i]) / 2) for i in range(k)]


def _share_se(share: FloatArray, draws: int) -> FloatArray:
    return np.asarray(np.sqrt(share * (1 - share) / draws))


def _nominal(ranks: pd.DataFrame, nominal: pd.Series[float]) -> pd.Series[float]:
    differ = ranks.columns.symmetric_difference(nominal.index, sort=False)
    if len(differ) or ranks.columns.has_duplicates or nominal.index.has_duplicates or not len(nominal):
        said = f"in one of the two only: {', '.join(map(str, differ[:12]))}" if len(differ) else "repeated or none"
        raise RequestError(f"units of the draws and of the nominal ranks differ, {said}", hint="nominal: a rank for each unit of the draws")
    return pd.Series(floats_of(nominal, "nominal ranks"), index=nominal.index).reindex(ranks.columns)


# ---------------------------------------------------------------- scores and places of many draws


@dataclass(frozen=True)
class Measurements:
    """Values of units by columns, or of draws by units by columns: ``known`` with 0 where missing, ``missing`` where any is."""

    units: pd.Index
    columns: pd.Index
    known: FloatArray
    missing: FloatArray | None

    def with_gaps(self) -> FloatArray:
        """The values, NaN where missing."""
        return self.known if self.missing is None else np.where(self.missing > 0, np.nan, self.known)

    def cells_a_draw(self) -> int:
        """Numbers that one draw takes."""
        return int(np.prod(self.known.shape[-2:])) if self.known.ndim == 3 else len(self.units)

    def scores(self, weights: FloatArray, rows: slice) -> FloatArray:
        """Weighted sums of some draws; NaN where a value with a weight is missing."""
        found = self._sums(self.known, weights[rows], rows)
        if self.missing is not None:
            found[self._sums(self.missing, (weights[rows] > 0).astype(np.float64), rows) > 0] = np.nan
        return found

    def _sums(self, of: FloatArray, weights: FloatArray, rows: slice) -> FloatArray:
        return np.asarray(weights @ of.T if of.ndim == 2 else np.einsum("duc,dc->du", of[rows], weights))


def measurements(values: pd.DataFrame) -> Measurements:
    """Values as ``ranks_of_draws`` takes them, checked: a plain table, or one of draws by (unit, column). ``RequestError`` names repeated labels and units with infinite values.

    >>> measurements(pd.DataFrame({("01", "a"): [1.0], ("01", "b"): [2.0]})).known.shape
    (1, 1, 2)
    """
    is_drawn = values.columns.nlevels == 2
    units, columns = (values.columns.unique(level) for level in (0, 1)) if is_drawn else (values.index, values.columns)
    repeated = [*units[units.duplicated()], *values.columns[values.columns.duplicated()]]
    if repeated or not len(units):
        raise RequestError(f"units or columns repeated: {', '.join(map(str, repeated[:12]))}" if repeated else "no units", hint="values: units by columns, each once")
    table = values.reindex(columns=pd.MultiIndex.from_product([units, columns])) if is_drawn else values
    numbers = floats_of(table, "values")
    shaped = numbers.reshape(len(values), len(units), len(columns)) if is_drawn else numbers
    infinite = units[np.flatnonzero(np.isinf(shaped).any(axis=-1).reshape(-1, len(units)).any(axis=0))]
    if len(infinite):
        raise RequestError(f"infinite values: {', '.join(map(str, infinite[:12]))}", hint="a missing value is NaN")
    gaps = np.isnan(shaped)
    return Measurements(units, columns, np.where(gaps, 0.0, shaped), gaps.astype(np.float64) if gaps.any() else None)


def _table(values: pd.DataFrame, weights: pd.DataFrame) -> tuple[Measurements, FloatArray]:
    """Values, and weights in the order of their columns."""
    table = measurements(values)
    if table.known.ndim == 3 and len(table.known) != len(weights):
        raise RequestError(f"{len(table.known)} draws of values, {len(weights)} of weights", hint="one set of weights for each draw of the values")
    unknown, wanting = weights.columns.difference(table.columns), table.columns.difference(weights.columns)
    repeated = weights.columns[weights.columns.duplicated()]
    problems = {"of no column": unknown, "wanting": wanting, "repeated": repeated}
    said = [f"{what}: {', '.join(map(str, met[:12]))}" for what, met in problems.items() if len(met)]
    drawn = floats_of(weights.reindex(columns=table.columns), "weights") if not said else np.empty((0, 0))
    said += [] if np.isfinite(drawn).all() else ["missing or infinite"]
    said += ["negative"] if (drawn < 0).any() else []
    said += ["zero in sum"] if len(drawn) and not (drawn.sum(axis=1) != 0).all() else []
    if said:
        raise RequestError(f"weights cannot be used: {'; '.join(said)}", hint="weights: draws by the columns of the values, 0 or more, not all zero")
    return table, drawn


def _slices(length: int, width: int) -> Iterator[slice]:
    """Runs of rows that hold no more than so many numbers at once."""
    step = max(_CELLS // max(width, 1), 1)
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _oriented(scores: FloatArray, higher_is_better: bool) -> FloatArray:
    """Scores turned so that less is better, as sorting has it."""
    return -scores if higher_is_better else scores


def _tolerance(tolerance: float) -> float:
    if not 0 <= tolerance < np.inf:
        raise RequestError(f"tolerance {tolerance} is not 0 or more", hint="scores that differ by less are equal")
    return tolerance


def _places(costs: FloatArray, tolerance: float) -> npt.NDArray[np.float32]:
    """``ranks.places_of`` for every row at once, less is better: the sorted order, set right where neighbours are equal."""
    order = np.argsort(costs, axis=1)
    rising = np.take_along_axis(costs, order, axis=1)
    places = np.tile(np.arange(1, costs.shape[1] + 1, dtype=np.float32), (len(costs), 1))
    row, before = np.nonzero(rising[:, :-1] >= rising[:, 1:] - tolerance)
    places[row, before + 1] = 1 + _ahead(rising, row, before + 1, tolerance)
    ranks = np.empty(costs.shape, dtype=np.float32)
    np.put_along_axis(ranks, order, places, axis=1)
    ranks[np.isnan(costs)] = np.nan
    return ranks


def _ahead(rising: FloatArray, row: npt.NDArray[np.intp], at: npt.NDArray[np.intp], tolerance: float) -> npt.NDArray[np.intp]:
    """How many of its sorted row are less than a number by more than ``tolerance``: halving, for all numbers at once."""
    least = rising[row, at] - tolerance
    low, high = np.zeros_like(at), at
    for _ in range(rising.shape[1].bit_length()):
        middle = (low + high) // 2
        is_less = rising[row, middle] < least
        low, high = np.where(is_less, middle + 1, low), np.where(is_less, high, middle)
    return low
