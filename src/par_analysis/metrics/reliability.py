"""Whether the items of an index measure one thing: Cronbach's alpha, item-rest correlations, eigenvalues of the correlation matrix."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.inequality import numbers_of
from par_analysis.metrics.ranks import FloatArray

_EXACT: Final = 1e-12


def cronbach(items: pd.DataFrame, *, standardised: bool = False, pairwise: bool = False) -> float:
    """Cronbach's alpha: k / (k - 1) * (1 - sum of the items' variances / variance of their sum); 1 for identical items, negative where they work against each other.

    ``items`` is units by items, all oriented the same way. Raw alpha weighs items by their variance; ``standardised`` gives every item variance 1. Units with a missing
    item are left out, or with ``pairwise`` every covariance takes the units that have both (R's "pairwise.complete.obs", which COINr uses). ``RequestError`` names items
    without variance or without common units; and is raised for fewer than two items, fewer than three units, and a sum without variance. Source: Cronbach (1951);
    OECD/JRC Handbook (2008), 4.3.

    >>> round(cronbach(pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 1, 4, 3]})), 3)
    0.75
    """
    return _alpha(_covariance(items, standardised=standardised, pairwise=pairwise, least=2).to_numpy(dtype=np.float64))


def alpha_if_deleted(items: pd.DataFrame, *, standardised: bool = False, pairwise: bool = False) -> pd.Series[float]:
    """Cronbach's alpha of the others, by the item left out: above alpha for an item that does not belong with them.

    Arguments and errors as ``cronbach``; three items at least. The units are those of the full table, whichever item is left out.

    >>> alpha_if_deleted(pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 1, 4, 3], "c": [4.0, 1, 3, 2]})).round(3).to_dict()
    {'a': 0.571, 'b': -1.333, 'c': 0.75}
    """
    matrix = _covariance(items, standardised=standardised, pairwise=pairwise, least=3)
    found = [_alpha(matrix.drop(index=item, columns=item).to_numpy(dtype=np.float64)) for item in matrix.columns]
    return pd.Series(found, index=matrix.columns, name="alpha_if_deleted")


def item_rest_correlation(items: pd.DataFrame, *, standardised: bool = False, pairwise: bool = False) -> pd.Series[float]:
    """Correlation of each item with the sum of the others: near 0 or negative for an item that measures something else.

    Arguments and errors as ``cronbach``. Source: OECD/JRC Handbook (2008), Table 11.

    >>> item_rest_correlation(pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 1, 4, 3]})).round(3).to_dict()
    {'a': 0.6, 'b': 0.6}
    """
    matrix = _covariance(items, standardised=standardised, pairwise=pairwise, least=2)
    values = matrix.to_numpy(dtype=np.float64)
    own, with_all = np.diag(values), values.sum(axis=1)
    rest = values.sum() - 2 * with_all + own
    flat = [str(item) for item, value in zip(matrix.columns, rest, strict=True) if value <= _EXACT * own.sum()]
    if flat:
        raise RequestError(f"the sum of the other items does not vary: {', '.join(flat)}", hint="items that cancel out cannot be compared with one another")
    return pd.Series((with_all - own) / np.sqrt(own * rest), index=matrix.columns, name="item_rest_correlation")


def eigenvalue_shares(items: pd.DataFrame, *, pairwise: bool = False) -> pd.DataFrame:
    """Eigenvalues of the items' correlation matrix, largest first: by component ``eigenvalue``, ``share`` of their sum (the number of items) and ``cumulative`` share.

    One large share says one dimension; components with an eigenvalue above 1 are those usually kept (Kaiser). ``items``, ``pairwise`` and errors as ``cronbach``; with
    ``pairwise`` an eigenvalue may fall below 0. Source: OECD/JRC Handbook (2008), Table 16.

    >>> eigenvalue_shares(pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 1, 4, 3]}))["share"].round(3).to_dict()
    {1: 0.8, 2: 0.2}
    """
    values = np.linalg.eigvalsh(_covariance(items, standardised=True, pairwise=pairwise, least=2).to_numpy(dtype=np.float64))[::-1]
    table = pd.DataFrame({"eigenvalue": values, "share": values / len(values), "cumulative": np.cumsum(values) / len(values)})
    return table.set_axis(pd.RangeIndex(1, len(values) + 1, name="component"))


def _covariance(items: pd.DataFrame, *, standardised: bool, pairwise: bool, least: int) -> pd.DataFrame:
    """The covariance (standardised: correlation) matrix of items, of which none is constant."""
    table = numbers_of(items)
    known = table if pairwise else table.dropna()
    if len(known) < 3 or table.shape[1] < least:
        left = "" if len(known) == len(table) else f" ({len(table) - len(known)} more have a missing item)"
        raise RequestError(f"{table.shape[1]} items of {len(known)} units{left}", hint=f"{least} items and three units at least, units by items")
    flat = [str(item) for item, varies in (known.max() - known.min() > _EXACT * known.abs().max()).items() if not varies]
    if flat:
        raise RequestError(f"items without variance: {', '.join(flat)}", hint="an item that is the same everywhere says nothing of consistency: leave it out")
    matrix = known.corr() if standardised else known.cov()
    unmet = [f"{matrix.columns[int(i)]} and {matrix.columns[int(j)]}" for i, j in zip(*np.nonzero(matrix.isna().to_numpy()), strict=True) if i < j]
    if unmet:
        raise RequestError(f"items without units that have both: {', '.join(unmet)}")
    return matrix


def _alpha(matrix: FloatArray) -> float:
    count, total = len(matrix), float(matrix.sum())
    if total <= _EXACT * float(np.trace(matrix)):
        raise RequestError("the sum of the items does not vary", hint="orient all items the same way")
    return count / (count - 1) * (1 - float(np.trace(matrix)) / total)
