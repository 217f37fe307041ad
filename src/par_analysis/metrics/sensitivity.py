"""How far ranks move from a reference: the mean shift of a whole ranking, and the ranking without each element in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.draws import Weights, require_weights
from par_analysis.metrics.numbers import floats_of
from par_analysis.metrics.perturbation import ranks_of_scores, scores_of_draws


@dataclass(frozen=True)
class LeaveOneOut:
    """``summary`` by element: its ``weight``, ``mean_shift`` and ``max_shift`` of the ranks without it; ``ranks`` and ``scores``, units by elements taken out, with the
    full index in the column ``nominal``; ``weights``, elements taken out by columns."""

    summary: pd.DataFrame
    ranks: pd.DataFrame
    scores: pd.DataFrame
    weights: pd.DataFrame


def average_shift(reference: pd.Series[float], ranks: pd.DataFrame) -> pd.Series[float]:
    """The mean over the units of how many places a rank differs from the reference, for each draw (draws by units).

    Units without a rank in either are left out of that draw's mean; NaN where none is left. ``RequestError`` where the units differ, or ranks are infinite.
    Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), equation 38.

    >>> average_shift(pd.Series({"01": 1, "02": 2, "03": 3}), pd.DataFrame({"01": [1, 2], "02": [2, 3], "03": [3, 1]})).tolist()
    [0.0, 1.3333333333333333]
    """
    differ = ranks.columns.symmetric_difference(reference.index, sort=False)
    if len(differ) or ranks.columns.has_duplicates or reference.index.has_duplicates:
        said = f"in one of the two only: {', '.join(map(str, differ[:12]))}" if len(differ) else "repeated"
        raise RequestError(f"units of the reference and of the ranks differ, {said}", hint="reference: a rank for each unit of the draws")
    moved = np.abs(floats_of(ranks, "ranks") - floats_of(reference.reindex(ranks.columns), "reference ranks"))
    if np.isinf(moved).any():
        raise RequestError("infinite ranks", hint="a unit without a rank has NaN")
    both = ~np.isnan(moved)
    counts = both.sum(axis=1)
    means = np.divide(np.where(both, moved, 0.0).sum(axis=1), counts, out=np.full(len(moved), np.nan), where=counts > 0)
    return pd.Series(means, index=ranks.index, name="average_shift")


def leave_one_out(values: pd.DataFrame, weights: Weights, *, groups: Mapping[str, str] | None = None, higher_is_better: bool = True, tolerance: float = 1e-9) -> LeaveOneOut:
    """The ranking (units by columns, weighted sum) without each column in turn: its weight is 0 and the others of its group are rescaled to the group's total.

    ``groups`` says the group of each column; ``None`` is one group. With the last column of a group the group goes, and all others are rescaled. A unit that misses a value
    of a column with a weight is ranked nowhere. ``RequestError`` where nothing would be left, for columns without a group or a weight, and as ``ranks_of_draws``.
    Source: COINr's ``remove_elements`` (Becker et al. 2022); Handbook (2008), step 7.

    >>> values = pd.DataFrame({"a": [3.0, 2.0, 1.0], "b": [1.0, 4.0, 2.0]}, index=["01", "02", "03"])
    >>> found = leave_one_out(values, {"a": 1, "b": 1})
    >>> found.ranks["b"].tolist(), found.summary["mean_shift"].round(4).to_dict()
    ([1.0, 2.0, 3.0], {'a': 0.6667, 'b': 0.6667})
    """
    given = require_weights(weights, names=values.columns)
    sets = pd.DataFrame([given, *(_without(given, column, groups) for column in given.index)], index=["nominal", *given.index])
    scores = scores_of_draws(values, sets)
    scores.loc[:, scores.loc["nominal"].isna()] = np.nan
    ranks = ranks_of_scores(scores, higher_is_better=higher_is_better, tolerance=tolerance).astype("float64")
    moved = (ranks.iloc[1:] - ranks.iloc[0]).abs()
    summary = pd.DataFrame({"weight": given, "mean_shift": average_shift(ranks.iloc[0], ranks.iloc[1:]), "max_shift": moved.max(axis=1)})
    return LeaveOneOut(summary, ranks.T, scores.T, sets.iloc[1:])


def _without(weights: pd.Series[float], column: str, groups: Mapping[str, str] | None) -> pd.Series[float]:
    unknown = [str(name) for name in weights.index if groups is not None and name not in groups]
    if unknown:
        raise RequestError(f"columns without a group: {', '.join(unknown[:12])}", hint="groups: column → group")
    left = weights.mask(weights.index == column, 0.0)
    siblings = np.array([groups is None or groups[name] == groups[column] for name in weights.index])
    among = siblings if left[siblings].sum() > 0 else np.ones(len(left), dtype=bool)
    if not left[among].sum() > 0:
        raise RequestError(f"without {column} nothing has a weight", hint="take out one of several weighted columns")
    return left.where(~among, left * (weights[among].sum() / left[among].sum()))
