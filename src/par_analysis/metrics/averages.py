"""Means of groups of units: as published, of what is known, and the bounds of what is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from par_analysis.metrics.bounds import Bounded, bounded
from par_analysis.metrics.figures import Row, computed, figures
from par_analysis.metrics.lookup import Figure, lookup
from par_analysis.model import COUNTRY, TOTAL


def means(
    panel: pd.DataFrame,
    *,
    year: int,
    members: Mapping[str, Sequence[str]],
    low: float = 0.0,
    high: float = 100.0,
    out_of: int | None = None,
    higher_is_better: bool = True,
    node: str = TOTAL,
) -> pd.DataFrame:
    """For each group (code → its units) in the order given: the published ``mean``, ``mean_computed`` of the known scores out of all members, ``n_scored``,
    and, where a score is missing, ``mean_low`` and ``mean_high`` between which the mean of all members lies (basis "bound").

    The ranking behind the bounds is that of all units named, or of ``out_of`` places. Empty where the year has no figures.

    >>> from par_analysis.metrics.figures import empty
    >>> len(means(empty(), year=2023, members={"VN": ["01", "30"]}))
    0
    """
    everyone = sorted({*members.get(COUNTRY, ()), *(unit for group in members.values() for unit in group)})
    known = lookup(panel)
    found = bounded(known, year=year, units=everyone, low=low, high=high, out_of=out_of, higher_is_better=higher_is_better, node=node)
    rows: list[Figure] = []
    for group, units in members.items():
        rows += known.rows(unit=group, year=year, node=node, measure="mean")
        rows += _group_rows(found, sorted(set(units)), {"unit": group, "year": year, "node": node}) if len(found.standing.rows) else []
    return figures(rows)


def _group_rows(found: Bounded, units: Sequence[str], facts: Row) -> list[Row]:
    stands = found.standing
    own = [stands.units.index(unit) for unit in units]
    scores = stands.score[own]
    known = int((~np.isnan(scores)).sum())
    used = [row for row in stands.scores if row["unit"] in units] if known else stands.rows
    scale = {"unit_of_measure": stands.unit_of_measure, "out_of": len(own)}
    rows = [computed(used, **facts, **scale, measure="mean_computed", value=float(np.nanmean(scores)), note=f"mean of {known} of {len(own)} scores")] if known else []
    rows.append(computed(used, **facts, measure="n_scored", value=known, unit_of_measure="count", out_of=len(own)))
    if known < len(own):
        ends = np.array([(stands.score[i],) * 2 if not np.isnan(stands.score[i]) else found.score(i)[0] for i in own])
        note = "; ".join((f"{len(own) - known} of {len(own)} scores within their bounds", *found.notes))
        limits = zip(("mean_low", "mean_high"), ends.mean(axis=0), strict=True)
        rows += [computed(found.used, **facts, **scale, measure=measure, value=value, basis="bound", note=note) for measure, value in limits]
    return rows
