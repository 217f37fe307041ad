"""Classes of scores and of places, and their colours: the same on the maps of reports and of the site."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

SCORES: Final = ("#deecf1", "#b3d3de", "#7db3c6", "#2b738f", "#0a4359")
"""One hue from light to dark: the order survives in grey, and text on each has a contrast of at least 4.5."""
DARK_FROM: Final = 3
"""The class from which text on a tile is white."""
PLACES: Final = ("#4a565e", "#8f9ba2", "#cfd6da")
"""The stripe under a tile of which only the place is known, by thirds of the list."""


def class_limits(scores: Sequence[float]) -> list[float]:
    """Limits of at most five classes of equal, round width that hold all scores; empty where there are none.

    >>> class_limits([81.32, 92.18])
    [80.0, 82.5, 85.0, 87.5, 90.0, 92.5]
    """
    if not scores:
        return []
    for step in (0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 8, 10, 20, 25):
        first, last = math.floor(min(scores) / step), math.floor(max(scores) / step) + 1
        if last - first <= len(SCORES):
            break
    return [step * number for number in range(first, last + 1)]


def score_class(score: float, limits: Sequence[float]) -> int:
    """The class of a score, from 0; the highest class is always the darkest.

    >>> score_class(92.18, [80.0, 82.5, 85.0, 87.5, 90.0, 92.5]), score_class(81, [80.0, 82.5, 85.0])
    (4, 3)
    """
    return sum(1 for limit in limits[1:-1] if limit <= score) + len(SCORES) - (len(limits) - 1)


def third(rank: float, count: int) -> int:
    """First, middle or last third of a list of ``count``: 0, 1, 2.

    >>> third(1, 63), third(22, 63), third(63, 63)
    (0, 1, 2)
    """
    return min(int((rank - 1) * 3 // count), 2)
