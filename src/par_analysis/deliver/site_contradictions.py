"""Which published scores and ranks of a list contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

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
    pairs = [None if pair is None else (sign * pair[0], pair[1]) for pair in published]
    return [one is not None and any(other is not None and _clash(one, other, tolerance) for other in pairs) for one in pairs]


def _clash(one: tuple[float, float], other: tuple[float, float], tolerance: float) -> bool:
    (score, rank), (score_of_other, rank_of_other) = one, other
    if rank == rank_of_other:
        return abs(score - score_of_other) > tolerance
    return score < score_of_other - tolerance if rank < rank_of_other else score > score_of_other + tolerance
