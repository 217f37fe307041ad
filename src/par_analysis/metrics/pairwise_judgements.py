"""Weights from judgements of which of two nodes matters more, and how far the judgements agree with one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.peers import numeric_table

RANDOM_INDEX: Final = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""The mean consistency index of random judgements on 1, 2, … 15 nodes (Saaty, The Analytic Hierarchy Process, 1980)."""

LARGEST_RATIO: Final = 0.10
"""The consistency ratio up to which Saaty (1980) takes judgements as consistent enough."""


@dataclass(frozen=True)
class AhpWeights:
    """Weights by node (sum 1), the largest eigenvalue, and the consistency index and ratio; the ratio is NaN beyond 15 nodes, for which no random index is tabulated."""

    weights: pd.Series[float]
    lambda_max: float
    consistency_index: float
    consistency_ratio: float

    @property
    def is_consistent(self) -> bool:
        """Whether the ratio is known and at most .10."""
        return self.consistency_ratio <= LARGEST_RATIO


def ahp_weights(matrix: pd.DataFrame, *, tolerance: float = 1e-6) -> AhpWeights:
    """The principal eigenvector of a matrix of pairwise judgements: row over column, 1 = equally important, 9 = extremely more, reciprocals on the other side.

    Consistency index (λ - n) / (n - 1), ratio = index / that of random judgements; 0 for one or two nodes, which cannot contradict one another. ``RequestError`` names all that
    is wrong: rows and columns with other labels, missing, zero or negative judgements, a diagonal other than 1, pairs whose product is not 1 within ``tolerance`` (printed
    decimals such as .33 for 1/3 want a larger one). The analytic hierarchy process, Saaty (1980); OECD/JRC Handbook (2008), 6.

    >>> names = ["steering", "procedures", "digital"]
    >>> found = ahp_weights(pd.DataFrame([[1, 1 / 2, 1 / 4], [2, 1, 1 / 2], [4, 2, 1]], index=names, columns=names))
    >>> found.weights.round(3).to_dict(), round(found.lambda_max, 6), found.is_consistent
    ({'steering': 0.143, 'procedures': 0.286, 'digital': 0.571}, 3.0, True)
    """
    judged = numeric_table(matrix, row="row", column="column")
    _require_judgements(judged, tolerance)
    values, vectors = np.linalg.eig(judged.to_numpy(dtype="float64"))
    first = int(np.argmax(values.real))
    weights = np.abs(vectors[:, first].real)
    size, largest = len(judged), float(values[first].real)
    index = max((largest - size) / (size - 1), 0.0) if size > 2 else 0.0
    ratio = 0.0 if size <= 2 else index / RANDOM_INDEX[size - 1] if size <= len(RANDOM_INDEX) else float("nan")
    by_node = pd.Series(weights / weights.sum(), index=judged.index, name="weight").reindex(matrix.index).rename_axis(index="node")
    return AhpWeights(by_node, largest, index, ratio)


def _require_judgements(judged: pd.DataFrame, tolerance: float) -> None:
    """``RequestError`` that names every judgement that cannot stand."""
    names = [str(name) for name in judged.index]
    if not names or names != [str(name) for name in judged.columns]:
        raise RequestError("rows and columns of the judgements do not have the same labels", hint="a square table, the same nodes down and across")
    values = judged.to_numpy(dtype="float64")
    is_positive = values > 0
    wrong = [f"{names[i]} / {names[j]} is {'missing' if np.isnan(values[i, j]) else 'not above 0'}" for i, j in np.argwhere(~is_positive)]
    diagonal = [f"{name} / {name} is not 1" for name, value in zip(names, np.diag(values), strict=True) if value > 0 and abs(value - 1) > tolerance]
    odd = np.triu(is_positive & is_positive.T & (np.abs(np.where(is_positive, values, 1.0) * np.where(is_positive, values, 1.0).T - 1) > tolerance), k=1)
    wrong += [*diagonal, *(f"{names[i]} / {names[j]} and {names[j]} / {names[i]} are no reciprocals" for i, j in np.argwhere(odd))]
    if wrong:
        raise RequestError("; ".join(wrong), hint="a judgement of 3 one way is 1/3 the other way; a larger tolerance allows for printed decimals")
