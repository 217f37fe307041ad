"""Where a unit's points are missing against four references: the leader, the median unit, its region's best, and who holds the target rank; node by node, adding up."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures, of_measure
from par_analysis.metrics.gap_profiles import gap_profile
from par_analysis.metrics.ladders import Stand, own_rows, points_of, stand_of
from par_analysis.metrics.lookup import Lookup, Panel, lookup
from par_analysis.metrics.part_scores import PartScores, part_scores
from par_analysis.model import TOTAL

_TOLERANCE: Final = 1e-9
REFERENCES: Final = ("leader", "median", "region_best", "target")
"""The references, in the order in which they are told."""


def gap_table(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    units: Sequence[str],
    tree: Mapping[str, Sequence[str]],
    region_units: Sequence[str] = (),
    target: int | None = None,
    higher_is_better: bool = True,
) -> pd.DataFrame:
    """The unit's score minus that of each reference, ``gap_leader``, ``gap_median``, ``gap_region_best`` and ``gap_target``, on every node of ``tree`` (node → the nodes
    that add up to it), the total first; the gaps of the nodes below add up to that of the node above.

    References are whole units, or means of several: equals, or for the median the two in the middle. ``reference_<name>`` on the total says who they are, with their scores.
    The region's best is another unit of the region's ``region_units``; the target is who holds rank ``target``, where that is better than the unit's own. A reference that
    the unit itself is has no rows. The unit's ``score`` on the nodes and its ``rank`` come first. Empty unless all of ``units`` have scores on the total and on the nodes
    right below it, and these add up. Method: ``gap_profiles.gap_profile``.

    >>> def fact(unit, node, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": node, "measure": "score", "value": value, "out_of": 10, "basis": "published"}
    >>> points = {"01": (5, 6), "02": (4, 5.5), "03": (3, 3), "04": (2, 3), "05": (2, 2)}
    >>> panel = figures(fact(unit, node, value) for unit, (a, b) in points.items() for node, value in {"a": a, "b": b, "total": a + b}.items())
    >>> found = gap_table(panel, unit="02", year=2023, units=list(points), tree={"total": ["a", "b"]})
    >>> found.loc[found["measure"] == "gap_leader", ["node", "value"]].values.tolist()
    [['total', -1.5], ['a', -1.0], ['b', -0.5]]
    """
    known, nodes = lookup(panel), tree.get(TOTAL, ())
    stand = stand_of(known, unit=unit, year=year, units=units, higher_is_better=higher_is_better)
    parts = summed_parts(known, stand, year=year, units=units, nodes=nodes) if stand else None
    if stand is None or parts is None:
        return figures([])
    members = _members(stand, parts.points, region_units, target, higher_is_better=higher_is_better)
    below = [child for node in nodes for child in (node, *tree.get(node, ()))]
    rows = {row["node"]: row for row in known.rows(unit=unit, year=year, node=below, measure="score", exact=True)}
    own = own_rows(stand, year=year, node=TOTAL)
    told = [row for name, codes in members.items() for row in _named(stand, name, codes)]
    return figures([*own, *(rows[node] for node in below if node in rows), *told, *_gaps(known, stand, members, [TOTAL, *below], year)])


def summed_parts(panel: Panel, stand: Stand, *, year: int, units: Sequence[str], nodes: Sequence[str]) -> PartScores | None:
    """The scores of all ranked units on ``nodes``, where all of them and all totals are known and those of the unit add up to its total; else ``None``."""
    parts = part_scores(panel, year=year, units=units, nodes=nodes) if stand.others is not None else None
    if parts is None or stand.unit not in parts.points.index:
        return None
    own = parts.points.loc[[stand.unit]].to_numpy(dtype="float64")[0]
    return parts if math.isclose(math.fsum(own), stand.score, rel_tol=0.0, abs_tol=1e-6) else None


def _members(stand: Stand, points: pd.DataFrame, region_units: Sequence[str], target: int | None, *, higher_is_better: bool) -> dict[str, tuple[str, ...]]:
    """Reference → the units that it is made of, without those that the unit is itself."""
    found = {name: gap_profile(points, stand.unit, name, higher_is_better=higher_is_better).members for name in ("leader", "median")}
    neighbours = points[points.index.isin(list(region_units)) & (points.index != stand.unit)]
    is_best = not len(neighbours) or _is_ahead(stand, neighbours)
    if not is_best:
        found["region_best"] = gap_profile(pd.concat([neighbours, points.loc[[stand.unit]]]), stand.unit, "leader", higher_is_better=higher_is_better).members
    if target is not None and target < stand.place and stand.others is not None:
        score = stand.found.sign * float(stand.others[target - 1])
        found["target"] = tuple(code for code, held in zip(stand.stands.units, stand.stands.score, strict=True) if abs(held - score) <= _TOLERANCE)
    return {name: found[name] for name in REFERENCES if name in found and stand.unit not in found[name]}


def _is_ahead(stand: Stand, neighbours: pd.DataFrame) -> bool:
    """Whether the unit is the best of its region, or level with it."""
    totals = stand.found.sign * neighbours.sum(axis=1).to_numpy(dtype="float64")
    return bool(np.all(totals <= stand.found.sign * stand.score + _TOLERANCE))


def _named(stand: Stand, name: str, codes: Sequence[str]) -> Iterator[Row]:
    """Who a reference is made of."""
    for row in of_measure(stand.stands.of(*codes), "score"):
        facts: Row = {column: row[column] for column in ("unit", "year", "node", "value", "unit_of_measure", "out_of")}
        yield computed([row], **facts, measure=f"reference_{name}")


def _gaps(known: Lookup, stand: Stand, members: Mapping[str, Sequence[str]], nodes: Sequence[str], year: int) -> Iterator[Row]:
    """The gaps on every node on which the unit and all of a reference have scores."""
    for name, codes in members.items():
        table = _with_unit(known, stand.unit, codes, nodes, year)
        profile = gap_profile(table.reindex(columns=[node for node in nodes if node in table]).dropna(axis=1), stand.unit, list(codes)).table
        for node, gap in profile["gap"].items():
            used = known.rows(unit=[stand.unit, *codes], year=year, node=str(node), measure="score", exact=True)
            facts: Row = {"unit": stand.unit, "year": year, "node": str(node), "unit_of_measure": points_of(stand.stands)}
            yield computed(used, **facts, measure=f"gap_{name}", value=0.0 - float(gap), note=f"against {', '.join(codes)}")


def _with_unit(known: Lookup, unit: str, codes: Sequence[str], nodes: Sequence[str], year: int) -> pd.DataFrame:
    rows = known.rows(unit=[unit, *codes], year=year, node=nodes, measure="score", exact=True)
    table = pd.DataFrame({"unit": [row["unit"] for row in rows], "node": [row["node"] for row in rows], "value": [row["value"] for row in rows]})
    return table.pivot(index="unit", columns="node", values="value").astype("float64")
