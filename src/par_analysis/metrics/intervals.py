"""What known (score, rank) pairs say about the unknown ones: intervals that the truth cannot leave.

Holds for lists where a better score never has a worse place: competition ranks (equals share the best place and the places after them stay empty), or
one unit a place with equal scores in any order. Scores here are oriented so that more is better. Own method.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Evidence:
    """Scores and ranks of the units (NaN unknown) in a list of ``places``; best and worst score of the list (NaN unknown); the scale's ends.

    ``shared`` says whether units may share a place.
    """

    score: FloatArray
    rank: FloatArray
    places: int
    low: float
    high: float
    best: float = float("nan")
    worst: float = float("nan")
    shared: bool = True
    tolerance: float = 1e-9
    taken: dict[int, list[float]] = field(default_factory=dict)  # place → scores of its holders, filled by ``consistent``


def contradictions(evidence: Evidence) -> BoolArray:
    """Which units to set aside so that no better score has a worse or equal place: again and again those in most conflicts, both of a lone pair."""
    score, rank = evidence.score, evidence.rank
    clash = (score[:, None] > score[None, :] + evidence.tolerance) & (rank[:, None] >= rank[None, :])
    clash |= clash.T
    aside = np.zeros(len(score), dtype=np.bool_)
    while clash.any():
        conflicts = clash.sum(axis=1)
        worst = conflicts == conflicts.max()
        aside |= worst
        clash[worst, :] = clash[:, worst] = False
    return aside


def consistent(evidence: Evidence) -> tuple[Evidence, BoolArray, bool]:
    """The evidence without what contradicts the rest: which units were set aside, and whether a published best or worst score was."""
    aside = contradictions(evidence)
    score = np.where(aside, np.nan, evidence.score)
    rank = np.where(aside, np.nan, evidence.rank)
    tolerance = evidence.tolerance
    paired = ~np.isnan(score) & ~np.isnan(rank)
    false_best = bool((score > evidence.best + tolerance).any() or (score[paired & (rank == 1)] < evidence.best - tolerance).any())
    false_worst = bool((score < evidence.worst - tolerance).any() or (score[paired & (rank == evidence.places)] > evidence.worst + tolerance).any())
    best, worst = (np.nan if false_best else evidence.best), (np.nan if false_worst else evidence.worst)
    taken: dict[int, list[float]] = {}
    for place, held in zip(rank, score, strict=True):
        if not np.isnan(place):
            taken.setdefault(int(place), []).append(float(held))
    return replace(evidence, score=score, rank=rank, best=best, worst=worst, taken=taken), aside, false_best or false_worst


def free_places(evidence: Evidence, score: float = float("nan")) -> list[int]:
    """The places that a unit without a rank can hold: those nobody is known to hold, and those it can share with an equal."""
    return [place for place in range(1, evidence.places + 1) if place not in evidence.taken or _can_share(evidence, place, score)]


def _can_share(evidence: Evidence, place: int, score: float) -> bool:
    """Two in one place leave the next one empty, so that nobody may be known to hold it; and their scores are equal."""
    if not evidence.shared or place == evidence.places or place + 1 in evidence.taken:
        return False
    return np.isnan(score) or any(np.isnan(held) or abs(held - score) <= evidence.tolerance for held in evidence.taken[place])


def rank_interval(evidence: Evidence, score: float) -> tuple[Interval, bool]:
    """Best and worst place of a unit without a rank (``score`` NaN where not known either), and whether the evidence allows any."""
    low, high = (1.0, float(evidence.places)) if np.isnan(score) else _between(evidence, score)
    within = [place for place in free_places(evidence, score) if low <= place <= high]
    return ((float(within[0]), float(within[-1])), True) if within else ((1.0, float(evidence.places)), False)


def _between(evidence: Evidence, score: float) -> Interval:
    """A unit comes after those who score more and all who score between: rank >= rank_k + 1 + #{score < score_j < score_k}; likewise from below."""
    tolerance = evidence.tolerance
    scores, ranks = _anchors(evidence)
    above, below = scores > score + tolerance, scores < score - tolerance
    low = max(place + 1 + _count(evidence, score, anchor) for anchor, place in zip(scores[above], ranks[above], strict=True))
    high = min(place - 1 - _count(evidence, anchor, score) for anchor, place in zip(scores[below], ranks[below], strict=True))
    return max(low, 1.0), min(high, float(evidence.places))


def _anchors(evidence: Evidence) -> tuple[FloatArray, FloatArray]:
    """Scores with known places: the known pairs, the published best and worst, and the two ends of the list."""
    paired = ~np.isnan(evidence.score) & ~np.isnan(evidence.rank)
    scores = np.concatenate([evidence.score[paired], [evidence.best, evidence.worst, np.inf, -np.inf]])
    ranks = np.concatenate([evidence.rank[paired], [1.0, float(evidence.places), 0.0, float(evidence.places + 1)]])
    known = ~np.isnan(scores)
    return scores[known], ranks[known]


def _count(evidence: Evidence, low: float, high: float) -> int:
    return int(((evidence.score > low + evidence.tolerance) & (evidence.score < high - evidence.tolerance)).sum())


def rank_intervals(evidence: Evidence) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Best and worst place of every unit (its rank where known), and where the evidence allows none: there it is the whole list."""
    best, worst = evidence.rank.copy(), evidence.rank.copy()
    flawed = np.zeros(len(best), dtype=np.bool_)
    for i in np.flatnonzero(np.isnan(evidence.rank)):
        (best[i], worst[i]), possible = rank_interval(evidence, float(evidence.score[i]))
        flawed[i] = not possible
    return best, worst, flawed


def score_interval(evidence: Evidence, places: tuple[FloatArray, FloatArray], own: Interval, *, claimed: bool) -> tuple[Interval, bool]:
    """Lowest and highest score of a unit whose place lies in ``own``, and whether the evidence allows any.

    Who is not behind scores at least as much. Where the place is ``claimed`` (published for this very unit), others in the same known place say nothing
    about it: two claims to one place may be an error. ``places`` are the rank intervals of all units.
    """
    best, worst = places
    rival = ~np.isnan(evidence.rank) & (evidence.rank == own[0]) & claimed
    ahead, behind = (worst <= own[0]) & ~rival, (best >= own[1]) & ~rival
    high = _extreme(evidence, ahead, evidence.high, [evidence.best] + [evidence.worst] * (own[0] == evidence.places), lowest=True)
    low = _extreme(evidence, behind, evidence.low, [evidence.worst] + [evidence.best] * (own[1] == 1), lowest=False)
    if low > high + evidence.tolerance:
        return (evidence.low, evidence.high), False
    return (min(low, high), high), True


def _extreme(evidence: Evidence, among: BoolArray, end: float, published: list[float], *, lowest: bool) -> float:
    known = np.concatenate([evidence.score[among & ~np.isnan(evidence.score)], [value for value in published if not np.isnan(value)], [end]])
    return float(known.min() if lowest else known.max())
