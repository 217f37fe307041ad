"""Which published scores and ranks of a list contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf

TOLERANCE = 1e-9


def contradictory(published: Sequence[tuple[float, float] | None], *, higher_is_better: bool = True, tolerance: float = TOLERANCE) -> list[bool]:
    """Which of these pairs of score and rank contradict another one: a better rank with a lower score, or the same rank with another score.

    Equal scores contradict nothing, whatever their ranks: they may differ beyond what was printed. ``None``: not both are known.

    >>> contradictory([(86.89, 32), (86.97, 33), (87.04, 31), None, (80.0, 40), (80.0, 41)])
    [True, True, False, False, False, False]
    >>> contradictory([(86.89, 32), (87.04, 32), (87.04, 31)]), contradictory([(2.0, 1), (1.0, 2)], higher_is_better=False)
    ([True, True, False], [True, True])
    """
    sign = 1.0 if higher_is_better else -1.0
    of_rank: dict[float, list[float]] = {}
    for score, rank in filter(None, published):
        of_rank.setdefault(rank, []).append(sign * score)
    ranks = sorted(of_rank)
    lowest_before = dict(zip(ranks, accumulate((min(of_rank[rank]) for rank in ranks[:-1]), min, initial=inf), strict=False))
    highest_behind = dict(zip(ranks[::-1], accumulate((max(of_rank[rank]) for rank in ranks[:0:-1]), max, initial=-inf), strict=False))

    def clashes(score: float, rank: float) -> bool:
        same = of_rank[rank]
        return max(score - min(same), max(same) - score, score - lowest_before[rank], highest_behind[rank] - score) > tolerance

    return [pair is not None and clashes(sign * pair[0], pair[1]) for pair in published]
