"""A province's own scorecard: the points that it lost and where, what it claimed against what was verified, and what it could win back."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures
from par_analysis.metrics.lookup import Figure, Panel, lookup
from par_analysis.metrics.self_scores import self_scoring_gap
from par_analysis.model import TOTAL

Tree = Mapping[str, Sequence[str]]
_TOLERANCE: Final = 1e-9
_MEASURES: Final = ("self_score", "score", "survey_score")


@dataclass(frozen=True)
class Held:
    """What a unit has of a part that is scored by itself, out of its maximum; ``rows`` say so. ``is_verified``: it is not only the unit's own word."""

    node: str
    points: float
    maximum: float
    is_verified: bool
    rows: tuple[Figure, ...]

    @property
    def lost(self) -> float:
        """The points that are missing; what a computer leaves of nothing is nothing."""
        lost = self.maximum - self.points
        return lost if lost > _TOLERANCE else 0.0


def held_points(panel: Panel, *, unit: str, year: int, nodes: Sequence[str]) -> dict[str, Held]:
    """Node → its points: the verified ones, or where there are none those that the unit gives itself, and with them those of the survey. A node without points, or without a
    maximum, is left out.

    >>> def own(measure, value):
    ...     return {"index": "i", "unit": "30", "year": 2023, "node": "domain:1", "measure": measure, "value": value, "out_of": 9.5, "basis": "published"}
    >>> held = held_points(figures([own("self_score", 9), own("score", 8.5)]), unit="30", year=2023, nodes=["domain:1"])["domain:1"]
    >>> held.points, held.lost, held.is_verified
    (8.5, 1.0, True)
    """
    by_node: dict[str, dict[str, Figure]] = {}
    for row in lookup(panel).rows(unit=unit, year=year, node=nodes, measure=_MEASURES, exact=True):
        by_node.setdefault(row["node"], {})[row["measure"]] = row
    found = {node: _held(node, by_node[node]) for node in dict.fromkeys(nodes) if node in by_node}
    return {node: held for node, held in found.items() if not math.isnan(held.maximum)}


def _held(node: str, of: Mapping[str, Figure]) -> Held:
    appraised = of.get("score") or of.get("self_score")
    rows = tuple(row for row in (appraised, of.get("survey_score")) if row is not None)
    is_verified = "score" in of or "self_score" not in of
    return Held(node, sum(float(row["value"]) for row in rows), float(rows[0]["out_of"]), is_verified, rows)


def leaves_of(tree: Tree, node: str = TOTAL) -> list[str]:
    """The nodes that are scored by themselves, in the order of the tree.

    >>> leaves_of({"total": ["domain:1", "domain:2"], "domain:2": ["criterion:2.1"]})
    ['domain:1', 'criterion:2.1']
    """
    return [leaf for child in tree.get(node, ()) for leaf in (leaves_of(tree, child) if child in tree else [child])]


def lost_points(panel: pd.DataFrame, *, unit: str, year: int, tree: Tree) -> pd.DataFrame:
    """For the total and each part of it, in the order of the ``tree`` (node → the nodes that add up to it): ``points``, ``points_lost`` = maximum - points, both out of the
    maximum; of a part that is scored by itself with a note "verified" or "self-scored", of a whole with how many of its parts it is the sum: ``n_scored`` out of all,
    ``n_verified`` and ``n_lost`` out of those scored. Nothing where no points are known.

    >>> def own(node, value):
    ...     return {"index": "i", "unit": "30", "year": 2023, "node": node, "measure": "score", "value": value, "out_of": 10, "basis": "published"}
    >>> found = lost_points(figures([own("domain:1", 8), own("domain:2", 10)]), unit="30", year=2023, tree={"total": ["domain:1", "domain:2"]})
    >>> found.loc[found["measure"] == "points_lost", ["node", "value"]].values.tolist()
    [['total', 2.0], ['domain:1', 2.0], ['domain:2', 0.0]]
    """
    held = held_points(panel, unit=unit, year=year, nodes=leaves_of(tree))
    return figures(row for node in _nodes(tree) for row in _losses(node, held, tree, {"unit": unit, "year": year}))


def _nodes(tree: Tree, node: str = TOTAL) -> Iterator[str]:
    yield node
    for child in tree.get(node, ()):
        yield from _nodes(tree, child)


def _losses(node: str, held: Mapping[str, Held], tree: Tree, facts: Row) -> Iterator[Row]:
    leaves = leaves_of(tree, node) if node in tree else [node]
    known = [held[leaf] for leaf in leaves if leaf in held]
    if not known:
        return
    rows = [row for one in known for row in one.rows]
    maximum = sum(one.maximum for one in known)
    note = f"{len(known)} of {len(leaves)} parts" if node in tree else "verified" if known[0].is_verified else "self-scored"
    scale = {"node": node, "unit_of_measure": rows[0]["unit_of_measure"], "out_of": maximum, "note": note}
    yield computed(rows, **facts, **scale, measure="points", value=sum(one.points for one in known))
    yield computed(rows, **facts, **scale, measure="points_lost", value=sum(one.lost for one in known))
    if node in tree:
        counts = {"n_scored": len(known), "n_verified": sum(one.is_verified for one in known), "n_lost": sum(one.lost > 0 for one in known)}
        for measure, count in counts.items():
            out_of = len(leaves) if measure == "n_scored" else len(known)
            yield computed(rows, **facts, node=node, measure=measure, value=count, unit_of_measure="count", out_of=out_of)


def lost_points_by(panel: pd.DataFrame, *, unit: str, year: int, groups: Mapping[str, str], kind: str) -> pd.DataFrame:
    """The points lost by ``kind`` ("owner", "deadline"): a node ``owner:<name>`` for each of the ``groups`` (node → its group, "" for none), ``points_lost`` out of the maxima,
    ``n_lost``, the parts that points were lost on, out of those scored. Groups in alphabetical order, the nameless last; nothing for one without a loss.

    >>> def own(node, value):
    ...     return {"index": "i", "unit": "30", "year": 2023, "node": node, "measure": "score", "value": value, "out_of": 10, "basis": "published"}
    >>> panel = figures([own("domain:1", 8), own("domain:2", 9)])
    >>> lost_points_by(panel, unit="30", year=2023, groups={"domain:1": "Sở Nội vụ", "domain:2": ""}, kind="owner")[["node", "measure", "value"]].values.tolist()[::2]
    [['owner:Sở Nội vụ', 'points_lost', 2.0], ['owner:', 'points_lost', 1.0]]
    """
    held = held_points(panel, unit=unit, year=year, nodes=list(groups))
    by_group: dict[str, list[Held]] = {}
    for one in held.values():
        by_group.setdefault(groups[one.node], []).append(one)
    made: list[Row] = []
    for group in sorted(by_group, key=lambda name: (not name, name)):
        of = by_group[group]
        rows, lost = [row for one in of for row in one.rows], [one.lost for one in of if one.lost > 0]
        facts: Row = {"unit": unit, "year": year, "node": f"{kind}:{group}"}
        if lost:
            scale = {"unit_of_measure": rows[0]["unit_of_measure"], "out_of": sum(one.maximum for one in of)}
            made.append(computed(rows, **facts, **scale, measure="points_lost", value=sum(lost)))
            made.append(computed(rows, **facts, measure="n_lost", value=len(lost), unit_of_measure="count", out_of=len(of)))
    return figures(made)


def self_scores(panel: pd.DataFrame, *, unit: str, year: int, nodes: Sequence[str]) -> pd.DataFrame:
    """What the unit gave itself against what was verified, on each of the ``nodes`` where both are known: ``self_score``, ``score`` and ``gap_self``, the one minus the other.
    Then of the total: their sums over these nodes, ``n_over`` and ``n_under``, where more or less was claimed than verified, out of the nodes compared (``self_scoring_gap``).

    >>> def own(measure, value):
    ...     return {"index": "i", "unit": "30", "year": 2023, "node": "domain:1", "measure": measure, "value": value, "basis": "published"}
    >>> found = self_scores(figures([own("self_score", 9), own("score", 8.5)]), unit="30", year=2023, nodes=["domain:1"])
    >>> found.loc[found["measure"] == "gap_self", "value"].tolist()
    [0.5, 0.5]
    """
    known = lookup(panel).rows(unit=unit, year=year, node=nodes, measure=("self_score", "score"), exact=True)
    by_node: dict[str, dict[str, Figure]] = {}
    for row in known:
        by_node.setdefault(row["node"], {})[row["measure"]] = row
    both = {node: by_node[node] for node in dict.fromkeys(nodes) if len(by_node.get(node, {})) == 2}
    if not both:
        return figures([])
    claimed, seen = (pd.DataFrame({node: [float(of[name]["value"])] for node, of in both.items()}, index=[unit]) for name in ("self_score", "score"))
    found, facts = self_scoring_gap(claimed, seen), {"unit": unit, "year": year}
    gaps, whole = (dict(zip(table.columns, map(float, table.loc[[unit]].to_numpy()[0]), strict=True)) for table in (found.gap, found.by_unit))
    made: list[Figure] = []
    for node, of in both.items():
        scale = {"node": node, "unit_of_measure": of["score"]["unit_of_measure"]}
        made += [of["self_score"], of["score"], computed(list(of.values()), **facts, **scale, measure="gap_self", value=gaps[node])]
    return figures([*made, *_claimed([row for of in both.values() for row in of.values()], whole, len(both), facts)])


def _claimed(rows: list[Figure], by_unit: Mapping[str, float], compared: int, facts: Row) -> Iterator[Row]:
    """The rows of the total."""
    note = f"over the {compared} parts with both"
    for measure, column in (("self_score", "self"), ("score", "verified"), ("gap_self", "gap_of_compared")):
        yield computed(rows, **facts, node=TOTAL, measure=measure, value=by_unit[column], unit_of_measure=rows[0]["unit_of_measure"], note=note)
    for measure, column in (("n_over", "over_claim_rate"), ("n_under", "under_claim_rate")):
        count = round(by_unit[column] * compared)
        yield computed(rows, **facts, node=TOTAL, measure=measure, value=count, unit_of_measure="count", out_of=compared)


def regainable_points(panel: pd.DataFrame, *, unit: str, year: int, tree: Tree, locked: Collection[str] = ()) -> pd.DataFrame:
    """For the total and each of its parts that has parts or lost points: ``headroom_open``, what can still be won, and ``headroom_locked``, what is lost on parts that are
    ``locked``, both out of the points lost. Of the total, ``points_reachable``: the points with all that is open won, where the points of every part are known.

    >>> def own(node, value):
    ...     return {"index": "i", "unit": "30", "year": 2023, "node": node, "measure": "score", "value": value, "out_of": 10, "basis": "published"}
    >>> panel, tree = figures([own("domain:1", 8), own("domain:2", 9)]), {"total": ["domain:1", "domain:2"]}
    >>> found = regainable_points(panel, unit="30", year=2023, tree=tree, locked=["domain:2"])
    >>> found.loc[found["node"] == "total", ["measure", "value"]].values.tolist()
    [['headroom_open', 2.0], ['headroom_locked', 1.0], ['points_reachable', 19.0]]
    """
    held = held_points(panel, unit=unit, year=year, nodes=leaves_of(tree))
    return figures(row for node in _nodes(tree) for row in _headroom(node, held, tree, frozenset(locked), {"unit": unit, "year": year}))


def _headroom(node: str, held: Mapping[str, Held], tree: Tree, locked: Collection[str], facts: Row) -> Iterator[Row]:
    leaves = leaves_of(tree, node) if node in tree else [node]
    known = [held[leaf] for leaf in leaves if leaf in held]
    lost = sum(one.lost for one in known)
    if not known or (node not in tree and not lost):
        return
    rows = [row for one in known for row in one.rows]
    scale = {"node": node, "unit_of_measure": rows[0]["unit_of_measure"], "out_of": lost}
    shut = sum(one.lost for one in known if one.node in locked)
    yield computed(rows, **facts, **scale, measure="headroom_open", value=lost - shut if lost - shut > _TOLERANCE else 0.0)
    yield computed(rows, **facts, **scale, measure="headroom_locked", value=shut)
    if node == TOTAL and len(known) == len(leaves):
        reachable = {**scale, "out_of": sum(one.maximum for one in known)}
        yield computed(rows, **facts, **reachable, measure="points_reachable", value=sum(one.points for one in known) + lost - shut)
