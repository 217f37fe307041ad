"""The metrics that are timed as a first script would have them: numpy's plainest form, loops over draws and units, nothing kept for the next step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
TOLERANCE = 1e-9


def ranks_of_draws(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Draw × unit: the rank by the weighted sum; equals share the best place.

    >>> ranks_of_draws(np.array([[3.0, 1.0], [2.0, 4.0]]), np.array([[0.9, 0.1], [0.5, 0.5]])).tolist()
    [[1.0, 2.0], [2.0, 1.0]]
    """
    ranks = np.empty((len(weights), len(values)))
    for d, drawn in enumerate(weights):
        scores = (values * drawn).sum(axis=1)
        for i in range(len(values)):
            ranks[d, i] = 1 + (scores > scores[i] + TOLERANCE).sum()
    return ranks


def shapley_of_rank(points: FloatArray, units: Sequence[int]) -> FloatArray:
    """Unit × domain, for some of the units: what each domain does to the rank, by the definition: the mean over references, for each set of other domains.

    >>> shapley_of_rank(np.array([[9.0, 5.0], [1.0, 5.0], [2.0, 5.0]]), [0]).tolist()
    [[-1.0, 0.0]]
    """
    count = points.shape[1]
    effects = np.zeros((len(units), count))
    for row, i in enumerate(units):
        for domain in range(count):
            others = [other for other in range(count) if other != domain]
            for size in range(count):
                weight = factorial(size) * factorial(count - 1 - size) / factorial(count)
                for inside in combinations(others, size):
                    with_it, without = ([*inside, domain], list(inside))
                    effects[row, domain] += weight * (_worth(points, i, with_it) - _worth(points, i, without))
    return effects


def _worth(points: FloatArray, i: int, inside: list[int]) -> float:
    """The mean rank of a score that has some domains from unit i and the rest from each unit in turn."""
    totals = points.sum(axis=1)
    ranks = []
    for reference in points:
        mixed = reference.copy()
        mixed[inside] = points[i, inside]
        better = (totals > mixed.sum() + TOLERANCE).sum()
        equal = (np.abs(totals - mixed.sum()) <= TOLERANCE).sum()
        ranks.append(0.5 + better + equal / 2)
    return float(np.mean(ranks))


def rank_sets(scores: FloatArray, errors: FloatArray, normals: FloatArray, *, coverage: float = 0.95) -> FloatArray:
    """Unit × best and worst rank not excluded, for all units at once, with step-down; ``normals`` are draws × units.

    >>> rank_sets(np.array([90.0, 50.0]), np.array([1.0, 1.0]), np.random.default_rng(1).standard_normal((50, 2))).tolist()
    [[1.0, 1.0], [2.0, 2.0]]
    """
    return _bounds(_rejected(scores, errors, normals, ~np.eye(len(scores), dtype=bool), coverage))


def marginal_rank_sets(scores: FloatArray, errors: FloatArray, normals: FloatArray, *, coverage: float = 0.95) -> FloatArray:
    """The same for each unit by itself.

    >>> marginal_rank_sets(np.array([90.0, 50.0]), np.array([1.0, 1.0]), np.random.default_rng(1).standard_normal((50, 2))).tolist()
    [[1.0, 1.0], [2.0, 2.0]]
    """
    found = np.empty((len(scores), 2))
    for i in range(len(scores)):
        own = np.zeros((len(scores), len(scores)), dtype=bool)
        own[i, :] = own[:, i] = True
        own[i, i] = False
        found[i] = _bounds(_rejected(scores, errors, normals, own, coverage))[i]
    return found


def _rejected(scores: FloatArray, errors: FloatArray, normals: FloatArray, wanted: BoolArray, coverage: float) -> BoolArray:
    """Which of the wanted hypotheses [i, j], "j is no better than i", are rejected."""
    spread = np.sqrt(errors[:, None] ** 2 + errors[None, :] ** 2)
    statistics = (scores[None, :] - scores[:, None]) / spread
    in_play = wanted
    while True:
        maxima = []
        for drawn in normals:
            noise = drawn * errors
            gaps = (noise[None, :] - noise[:, None]) / spread
            maxima.append(max(0.0, gaps[in_play].max(initial=0.0)))
        rejected = wanted & (statistics > np.quantile(maxima, coverage, method="inverted_cdf"))
        left = wanted & ~rejected
        if (left == in_play).all():
            return np.asarray(rejected)
        in_play = left


def _bounds(rejected: BoolArray) -> FloatArray:
    return np.stack([1.0 + rejected.sum(axis=1), len(rejected) - rejected.sum(axis=0)], axis=1)
