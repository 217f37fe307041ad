"""How much a low value may be made up for by high ones: scores and ranks under four ways to put columns together, from full compensation to none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.draws import FloatArray, Weights, require_weights
from par_analysis.metrics.perturbation import measurements, ranks_of_scores


@dataclass(frozen=True)
class Compensation:
    """``scores`` and ``ranks``, units by method (arithmetic, mpi, geometric, minimum); ``floored``: unit, column and value of what was raised for the geometric mean;
    ``floor``: what it was raised to."""

    scores: pd.DataFrame
    ranks: pd.DataFrame
    floored: pd.DataFrame
    floor: float

    @property
    def notes(self) -> tuple[str, ...]:
        """What a page has to say beside the numbers."""
        return (f"geometric mean: {len(self.floored)} values below {self.floor:g} taken as {self.floor:g}",) if len(self.floored) else ()


def compensation(attainments: pd.DataFrame, weights: Weights | None = None, *, floor: float = 1.0, tolerance: float = 1e-9) -> Compensation:
    """Units under the arithmetic mean, the Mazziotta-Pareto index, the geometric mean and the lowest column.

    ``attainments`` is units by columns in percent of the maximum, more is better; ``weights`` equal where not given. Values below ``floor`` are raised to it for the geometric
    mean alone, since a single 0 would decide. Columns without a weight count nowhere; a unit that misses a value of another has no score. ``RequestError`` for attainments
    that are negative, or all at most ``floor`` (shares of 1 instead of percent), and as ``ranks_of_draws``.
    Source: OECD/JRC Handbook (2008), section 6.3; De Muro, Mazziotta and Pareto (2011).

    >>> found = compensation(pd.DataFrame({"a": [90.0, 60.0], "b": [20.0, 48.0]}, index=["01", "02"]))
    >>> found.ranks.astype(int).to_dict("index")
    {'01': {'arithmetic': 1, 'mpi': 2, 'geometric': 2, 'minimum': 2}, '02': {'arithmetic': 2, 'mpi': 1, 'geometric': 1, 'minimum': 1}}
    """
    table, given = _weighted(attainments, weights)
    shares = given / given.sum()
    _require_percent(table, floor)
    low = table.lt(floor)
    scores = pd.DataFrame(
        {
            "arithmetic": table.to_numpy() @ shares,
            "mpi": mazziotta_pareto(attainments, weights),
            "geometric": np.exp(np.log(table.clip(lower=floor).to_numpy()) @ shares),
            "minimum": table.min(axis=1, skipna=False),
        },
        index=table.index,
    )
    at, column = np.nonzero(low.to_numpy())
    floored = pd.DataFrame({"unit": table.index[at], "column": table.columns[column], "value": table.to_numpy()[at, column]})
    return Compensation(scores, ranks_of_scores(scores.T, tolerance=tolerance).T.astype("float64"), floored, floor)


def mazziotta_pareto(attainments: pd.DataFrame, weights: Weights | None = None, *, higher_is_better: bool = True) -> pd.Series[float]:
    """The mean of a unit's columns less a penalty for their spread, M - S^2/M with S^2 the (weighted) population variance; + where lower is better.

    0 where all are 0. A missing value leaves the unit without. ``RequestError`` for negative attainments. Source: De Muro, Mazziotta and Pareto (2011), Composite indices of
    development and poverty; there over columns standardised to mean 100 and deviation 10, here over attainments.

    >>> mazziotta_pareto(pd.DataFrame({"a": [90.0, 50.0], "b": [10.0, 50.0]})).tolist()
    [18.0, 50.0]
    """
    table, given = _weighted(attainments, weights)
    shares, values = given / given.sum(), table.to_numpy()
    mean = values @ shares
    spread = (values - mean[:, None]) ** 2 @ shares
    penalty = np.divide(spread, mean, out=np.where(np.isnan(mean), np.nan, 0.0), where=mean > 0)
    return pd.Series(mean - penalty if higher_is_better else mean + penalty, index=table.index, name="mpi")


def _weighted(attainments: pd.DataFrame, weights: Weights | None) -> tuple[pd.DataFrame, FloatArray]:
    """The columns that have a weight, as numbers, and their weights."""
    table = measurements(attainments)
    if table.known.ndim == 3:
        raise RequestError("attainments of many draws", hint="attainments: units by columns")
    given = require_weights(dict.fromkeys(attainments.columns, 1.0) if weights is None else weights, names=attainments.columns).to_numpy(dtype="float64")
    counted = pd.DataFrame(table.with_gaps(), index=attainments.index, columns=attainments.columns).loc[:, given > 0]
    negative = counted.index[counted.lt(0).any(axis=1)]
    if len(negative):
        raise RequestError(f"negative attainments: {', '.join(map(str, negative[:12]))}", hint="attainments are percent of the maximum, 0 to 100")
    return counted, np.asarray(given[given > 0], dtype=np.float64)


def _require_percent(table: pd.DataFrame, floor: float) -> None:
    if not floor > 0:
        raise RequestError(f"floor {floor} is not above 0", hint="1 of 100 is usual: the geometric mean has no use for 0")
    if table.size and (table.to_numpy() <= floor).all():
        raise RequestError(f"no attainment above the floor of {floor:g}", hint="attainments are percent of the maximum, not shares of 1")
