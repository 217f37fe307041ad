"""What holds of two units whatever the weights: who is ahead in how many columns, who is nowhere behind, and the ranking by pairwise majorities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.draws import FloatArray, Weights, require_weights
from par_analysis.metrics.numbers import floats_of
from par_analysis.metrics.perturbation import measurements

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Dominance:
    """``pairs``: one row each, ``better`` and ``worse``; ``counts``, by unit: how many it ``dominates`` and is ``dominated_by``;
    ``compared``: the number of pairs of which all values are known."""

    pairs: pd.DataFrame
    counts: pd.DataFrame
    compared: int

    @property
    def count(self) -> int:
        """The number of dominance pairs."""
        return len(self.pairs)

    @property
    def fraction(self) -> float:
        """Dominance pairs over pairs compared; NaN where there are none."""
        return self.count / self.compared if self.compared else np.nan


def outranking(values: pd.DataFrame, weights: Weights | None = None, *, higher_is_better: bool = True, tolerance: float = 1e-9) -> pd.DataFrame:
    """The share of the weight in which the unit of the row is ahead of that of the column; equals within ``tolerance`` count half; 0 on the diagonal.

    ``values`` is units by columns, ``weights`` equal where not given. Columns missing of either unit are left out of the pair; NaN where none is left. ``RequestError`` as
    ``ranks_of_draws``. Source: Munda and Nardo (2009), Non-compensatory composite indicators; Handbook (2008), section 6.3.

    >>> outranking(pd.DataFrame({"a": [1.0, 2], "b": [3.0, 2], "c": [2.0, 3]})).round(3).values.tolist()
    [[0.0, 0.333], [0.667, 0.0]]
    """
    table = _oriented(values, higher_is_better)
    given = require_weights(dict.fromkeys(values.columns, 1.0) if weights is None else weights, names=values.columns).to_numpy()
    known = (~np.isnan(table)).astype(np.float64)
    ahead, shared = np.zeros((len(table), len(table))), (known * given) @ known.T
    for column, weight in zip(table.T, given, strict=True):
        np.add(ahead, weight, out=ahead, where=column[:, None] > column + tolerance)
    share = np.divide(shared + ahead - ahead.T, 2 * shared, out=np.full_like(ahead, np.nan), where=shared > 0)
    np.fill_diagonal(share, 0.0)
    return pd.DataFrame(share, index=values.index, columns=values.index)


def copeland(outranked: pd.DataFrame) -> pd.Series[float]:
    """Pairs won less pairs lost, by unit, from an outranking matrix: +1 for each unit that it outranks by more than it is outranked, -1 for each that outranks it.

    A pair that is not known (NaN) counts for neither. Scores sum to 0. ``RequestError`` for a matrix whose rows and columns differ.
    Source: Copeland (1951); Munda and Nardo (2009).

    >>> copeland(outranking(pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 2, 4]}))).tolist()
    [-1.0, -1.0, 2.0]
    """
    if not outranked.index.equals(outranked.columns):
        raise RequestError("rows and columns are not the same units", hint="outranked: what outranking gives")
    shares = floats_of(outranked, "shares")
    signs = (shares > shares.T + 1e-9).astype(np.float64) - (shares < shares.T - 1e-9)
    return pd.Series(signs.sum(axis=1), index=outranked.index, name="copeland")


def dominance(values: pd.DataFrame, *, higher_is_better: bool = True, tolerance: float = 1e-9) -> Dominance:
    """The pairs in which one unit is nowhere behind and somewhere ahead (units by columns): whatever the weights, it never ranks below the other.

    A pair with a missing value is not compared. ``RequestError`` as ``ranks_of_draws``. Source: Pareto dominance, as counted in COINr's ``outrankMatrix`` (Becker et al. 2022).

    >>> found = dominance(pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 2, 4]}, index=["01", "02", "03"]))
    >>> found.pairs.values.tolist(), round(found.fraction, 3)
    ([['03', '01'], ['03', '02']], 0.667)
    """
    table = _oriented(values, higher_is_better)
    full = ~np.isnan(table).any(axis=1)
    never, once = np.logical_and.outer(full, full), np.zeros((len(table), len(table)), dtype=bool)
    for column in table.T:
        never &= column[:, None] >= column - tolerance
        once |= column[:, None] > column + tolerance
    better, worse = np.nonzero(never & once)
    units = values.index
    pairs = pd.DataFrame({"better": units[better], "worse": units[worse]})
    counts = {name: np.where(full, np.bincount(side, minlength=len(units)), np.nan) for name, side in (("dominates", better), ("dominated_by", worse))}
    return Dominance(pairs, pd.DataFrame(counts, index=units), int(full.sum() * (full.sum() - 1) // 2))


def _oriented(values: pd.DataFrame, higher_is_better: bool) -> FloatArray:
    table = measurements(values)
    if table.known.ndim == 3:
        raise RequestError("values of many draws", hint="values: units by columns")
    return table.with_gaps() if higher_is_better else -table.with_gaps()
