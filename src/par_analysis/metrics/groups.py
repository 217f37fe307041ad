"""Bands of scores: which a unit belongs to, and how many belong to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from par_analysis.metrics.bounds import bounded
from par_analysis.metrics.figures import computed, figures
from par_analysis.metrics.lookup import lookup
from par_analysis.model import COUNTRY, TOTAL, Group

UNKNOWN = "?"
"""The band of a missing score."""

NONE = "none"
"""The band of a score that lies in no band."""


def group_of(score: float, groups: Sequence[Group]) -> str:
    """The label of the band ``low`` <= score < ``high``; the topmost band holds its upper end too. "?" for a missing score, "none" outside all bands.

    >>> bands = [Group("A", 90, 100), Group("B", 80, 90)]
    >>> [group_of(score, bands) for score in (100, 90, 89.99, 79, float("nan"))]
    ['A', 'A', 'B', 'none', '?']
    """
    if np.isnan(score):
        return UNKNOWN
    top = max((group.high for group in groups), default=score)
    for group in groups:
        if group.low <= score < group.high or score == group.high == top:
            return group.label
    return NONE


def group_counts(
    panel: pd.DataFrame, *, year: int, groups: Sequence[Group], units: Sequence[str], low: float = 0.0, high: float = 100.0, higher_is_better: bool = True
) -> pd.DataFrame:
    """How many units are certainly in each band: ``n_units`` of the country on nodes ``group:<label>``, out of the units whose band is certain.

    A unit without a score counts where the bounds of its score lie wholly in one band; the others are counted on ``group:?``, out of all units. ``group:none``
    only where a unit lies outside all bands. Published ``n_group_*`` figures are passed through after them. Empty where the year has no figures.

    >>> from par_analysis.metrics.figures import empty
    >>> len(group_counts(empty(), year=2023, groups=[Group("A", 90, 100)], units=["01"]))
    0
    """
    known = lookup(panel)
    found = bounded(known, year=year, units=units, low=low, high=high, out_of=None, higher_is_better=higher_is_better)
    stands = found.standing
    if not stands.rows:
        return figures([])
    labels = []
    for i, score in enumerate(stands.score):
        ends, _ = ((score, score), True) if not np.isnan(score) else found.score(i)
        first, last = (group_of(float(end), groups) for end in ends)
        labels.append(first if first == last else UNKNOWN)
    counts = Counter(labels)
    certain = len(labels) - counts[UNKNOWN]
    wanted = [*(group.label for group in groups), *([NONE] if NONE in counts else []), UNKNOWN]
    rows = [
        computed(
            stands.rows,
            unit=COUNTRY,
            year=year,
            node=f"group:{label}",
            measure="n_units",
            value=counts[label],
            unit_of_measure="count",
            out_of=len(labels) if label == UNKNOWN else certain,
        )
        for label in wanted
    ]
    published = known.rows(unit=COUNTRY, year=year, node=TOTAL)
    return figures([*rows, *(row for row in published if row["measure"].startswith("n_group_"))])
