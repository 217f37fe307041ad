"""What is still to be had on each node: up to the best unit, and from there to the maximum."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures, mean_of, rows_of
from par_analysis.metrics.levels import headroom
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.standing import known_places, standing
from par_analysis.model import COUNTRY, TOTAL

_TOLERANCE: Final = 1e-9


def node_headroom(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    units: Sequence[str],
    nodes: Sequence[str],
    region: str = "",
    region_units: Sequence[str] = (),
    top: int = 10,
    higher_is_better: bool = True,
) -> pd.DataFrame:
    """For each node on which the unit has a score, in the order given: that ``score`` and its ``headroom`` to the maximum, where this is known; and what others have there.

    Where half or more of ``units`` are scored on the node: ``mean_computed`` and ``best_computed`` of the country, then the ``score`` of every unit that has the best, and
    ``gap_best``, the unit's score minus the best; ``mean_computed`` of the ``region``, where all of its ranked units are scored; and ``mean_top`` of the country,
    the mean of the units in the ``top`` places by their total, where all of these are scored. Empty where the unit has no score on any node.

    >>> def fact(unit, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": "domain:1", "measure": "score", "value": value, "out_of": 10, "basis": "published"}
    >>> found = node_headroom(figures([fact("01", 4), fact("02", 7)]), unit="01", year=2023, units=["01", "02"], nodes=["domain:1"])
    >>> found[["unit", "measure", "value"]].values.tolist()[:4]
    [['01', 'score', 4.0], ['01', 'headroom', 6.0], ['VN', 'mean_computed', 5.5], ['VN', 'best_computed', 7.0]]
    """
    known, everyone = lookup(panel), frozenset(units)
    best_by_total = _top(known, year=year, units=units, top=top, higher_is_better=higher_is_better)
    groups: dict[str, Collection[str]] = {region: everyone & frozenset(region_units), "": best_by_total}
    own = {row["node"]: row for row in known.rows(unit=unit, year=year, node=nodes, measure="score", exact=True)}
    left = headroom(panel, year=year, unit=unit, node=list(own)) if own else figures([])
    rooms: dict[str, Figure] = {str(row["node"]): row for row in rows_of(left) if row["measure"] == "headroom"}
    rows: list[Figure] = []
    for node in (node for node in dict.fromkeys(nodes) if node in own):
        rows += [own[node], *([rooms[node]] if node in rooms else [])]
        scores = known.rows(unit=everyone, year=year, node=node, measure="score", exact=True)
        if 2 * len(scores) >= len(everyone):
            rows += _of_others(own[node], scores, groups, len(everyone), higher_is_better=higher_is_better)
    return figures(rows)


def _top(known: Lookup, *, year: int, units: Sequence[str], top: int, higher_is_better: bool) -> frozenset[str]:
    """The units in the first places by their total."""
    stands = standing(known, year=year, units=units, node=TOTAL)
    places = known_places(stands, higher_is_better=higher_is_better)
    return frozenset(code for code, place in zip(stands.units, places, strict=True) if place <= top)


def _of_others(own: Figure, scores: Sequence[Figure], groups: dict[str, Collection[str]], count: int, *, higher_is_better: bool) -> Iterator[Figure]:
    where: Row = {name: own[name] for name in ("year", "node", "unit_of_measure")}
    found = np.array([row["value"] for row in scores], dtype=np.float64)
    best = float(found.max() if higher_is_better else found.min())
    holders = [row for row in scores if abs(row["value"] - best) <= _TOLERANCE]
    told = f"of {len(scores)} of {count} scores"
    yield computed(scores, **where, unit=COUNTRY, measure="mean_computed", value=mean_of(scores), out_of=count, note=f"mean {told}")
    yield computed(scores, **where, unit=COUNTRY, measure="best_computed", value=best, out_of=count, note=f"best {told}")
    yield from (row for row in holders if row["unit"] != own["unit"])
    yield computed([own, *holders], **where, unit=own["unit"], measure="gap_best", value=own["value"] - best, note=f"against best_computed of {COUNTRY}")
    for region, members in groups.items():
        among = [row for row in scores if row["unit"] in members]
        if members and len(among) == len(members):
            facts: Row = {"unit": region or COUNTRY, "measure": "mean_computed" if region else "mean_top", "out_of": float(len(members))}
            yield computed(among, **where, **facts, value=mean_of(among), note=f"mean of {len(among)} scores")
