"""The tree of an index: which node belongs to which, what it weighs among its siblings, and what it counts for in the whole."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple

import pandas as pd

from par_analysis.errors import RequestError, UnknownName

COLUMNS: Final = ("node", "parent", "weight")
"""What the table of a tree has to have."""


@dataclass(frozen=True)
class Tree:
    """An index of any depth: the root first, then level by level, siblings in the order given. ``tree_of`` and ``tree_of_maxima`` make it and check it.

    ``parents`` is "" for the root. ``weights`` count among siblings only, so they need not sum to anything; maxima of points are weights. ``directions`` are 1
    where more is better and -1 where less is. A weight of 0 keeps a node in the tree and out of the index.
    """

    nodes: tuple[str, ...]
    parents: tuple[str, ...]
    weights: tuple[float, ...]
    directions: tuple[int, ...]

    @property
    def root(self) -> str:
        """The whole."""
        return self.nodes[0]

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The nodes without children, at whatever level."""
        return tuple(node for node in self.nodes if not self._children[node])

    @cached_property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """The nodes by their distance from the root, which is level 0."""
        found: list[tuple[str, ...]] = [(self.root,)]
        while below := tuple(child for node in found[-1] for child in self._children[node]):
            found.append(below)
        return tuple(found)

    @property
    def leaf_directions(self) -> dict[str, int]:
        """Leaf → 1 or -1: the ``direction`` of the functions that normalise."""
        return {leaf: self.directions[self._place(leaf)] for leaf in self.leaves}

    def children(self, node: str) -> tuple[str, ...]:
        """The nodes directly below one; none below a leaf. ``UnknownName`` on a node that the tree has not."""
        return self._children[self.nodes[self._place(node)]]

    def parent(self, node: str) -> str:
        """The node directly above one; "" above the root. ``UnknownName`` on a node that the tree has not."""
        return self.parents[self._place(node)]

    def weight(self, node: str) -> float:
        """The weight among siblings, as given. ``UnknownName`` on a node that the tree has not."""
        return self.weights[self._place(node)]

    def shares(self, node: str) -> dict[str, float]:
        """Child → its weight over those of all children: they sum to 1, or are all 0 where a group is left out. ``UnknownName`` as in ``children``."""
        weights = {child: self.weight(child) for child in self.children(node)}
        whole = math.fsum(weights.values())
        return {child: weight / whole if whole > 0 else 0.0 for child, weight in weights.items()}

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {node: [] for node in self.nodes}
        for node, parent in zip(self.nodes[1:], self.parents[1:], strict=True):
            below[parent].append(node)
        return {node: tuple(children) for node, children in below.items()}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {node: place for place, node in enumerate(self.nodes)}

    def _place(self, node: str) -> int:
        if node not in self._places:
            raise UnknownName("node", node, self.nodes)
        return self._places[node]


class _Row(NamedTuple):
    node: str
    parent: str
    weight: float = 1.0
    direction: float = 1.0


def tree_of(table: pd.DataFrame) -> Tree:
    """A tree from a table of one row a node: ``node``, ``parent`` ("" or NaN for the root), ``weight`` among siblings, and ``direction`` (1 or -1; 1 where left out).

    The root's weight may be missing. ``RequestError`` names every fault at once: a name that is no text, a duplicated node, no root or several, an unknown parent, a
    cycle, a weight that is negative or missing, a direction that is neither 1 nor -1, a group whose weights sum to 0 though it has a weight itself.

    >>> tree = tree_of(pd.DataFrame({"node": ["total", "a", "b"], "parent": ["", "total", "total"], "weight": [1, 3, 1]}))
    >>> tree.shares("total"), tree.leaves
    ({'a': 0.75, 'b': 0.25}, ('a', 'b'))
    """
    absent = [name for name in COLUMNS if name not in table]
    if absent:
        raise RequestError(f"the table of a tree lacks {', '.join(absent)}", hint=f"columns: {', '.join(COLUMNS)}, and direction where some are -1")
    weights, directions = _numbers(table["weight"]), _numbers(table["direction"]) if "direction" in table else [1.0] * len(table)
    rows = [
        _Row(_name(node), _name(parent), 1.0 if not _name(parent) and math.isnan(weight) else weight, direction)
        for node, parent, weight, direction in zip(table["node"], table["parent"], weights, directions, strict=True)
    ]
    words = [word for name in ("node", "parent") for word in table[name] if not isinstance(word, str) and not pd.isna(word)]
    _require_none([*(f"{word!r} is not text" for word in dict.fromkeys(words)), *_faults_of_shape(rows), *_faults_of_numbers(rows), *_empty_groups(rows)])
    return _ordered(rows)


def tree_of_maxima(parents: Mapping[str, str], maxima: Mapping[str, float], *, tolerance: float = 0.005) -> Tree:
    """A tree whose weights are maxima of points: node → the node above it, and node → its maximum. An inner node without a maximum has the sum of its children's.

    The root is the node above all others; it may be left out of ``parents``, or be there with "". ``RequestError`` names every fault at once: those of ``tree_of``, a leaf
    without a maximum, a maximum of no node, and then every node whose stated maximum differs by more than ``tolerance`` from the sum of its children's. Check: L7.

    >>> tree_of_maxima({"a": "total", "b": "total"}, {"a": 9.5, "b": 10.5, "total": 20}).weights
    (20.0, 9.5, 10.5)
    >>> tree_of_maxima({"a": "total", "b": "total"}, {"a": 9.5, "b": 10, "total": 20})
    Traceback (most recent call last):
        ...
    par_analysis.errors.RequestError: 1 fault in the tree: the maximum of 'total' is 20, the maxima of its children sum to 19.5
    """
    parents, maxima = dict(parents), dict(maxima)
    above = {**parents, **dict.fromkeys((parent for parent in parents.values() if parent and parent not in parents), "")}
    inner = set(above.values())
    stated = {node: float(maximum) for node, maximum in maxima.items() if not math.isnan(maximum)}
    rows = [_Row(node, parent, stated.get(node, math.nan)) for node, parent in above.items()]
    unknown = [f"maximum of the unknown node {node!r}" for node in maxima if node not in above]
    told = [row for row in rows if row.node not in inner or row.node in stated]
    _require_none([*_faults_of_shape(rows), *unknown, *_faults_of_numbers(told, kind="maximum")])
    return _with_sums(_ordered(rows), tolerance)


def _with_sums(tree: Tree, tolerance: float) -> Tree:
    """The tree with a weight on every inner node, from below."""
    weights, faults = dict(zip(tree.nodes, tree.weights, strict=True)), []
    for node in reversed(tree.nodes):
        below = math.fsum(weights[child] for child in tree.children(node)) if tree.children(node) else weights[node]
        if math.isnan(weights[node]):
            weights[node] = below
        if abs(weights[node] - below) > tolerance:
            faults.append(f"the maximum of {node!r} is {weights[node]:g}, the maxima of its children sum to {below:g}")
    summed = replace(tree, weights=tuple(weights[node] for node in tree.nodes))
    _require_none([*reversed(faults), *_empty_groups([_Row(*row) for row in zip(summed.nodes, summed.parents, summed.weights, strict=True)])])
    return summed


def effective_weights(tree: Tree) -> pd.Series[float]:
    """What each node counts for in the whole: the product down the tree of weight / sum of the siblings' weights. Indexed by node, in the order of the tree.

    They sum to 1 over the leaves, and over each level together with the leaves above it; 0 for whatever is left out. Formula: L2, as COINr's ``get_eff_weights``.

    >>> effective_weights(tree_of_maxima({"a": "total", "b": "total", "a1": "a", "a2": "a"}, {"a1": 6, "a2": 2, "b": 8})).to_dict()
    {'total': 1.0, 'a': 0.5, 'b': 0.5, 'a1': 0.375, 'a2': 0.125}
    """
    found = {tree.root: 1.0}
    for node in tree.nodes:
        found.update({child: found[node] * share for child, share in tree.shares(node).items()})
    return pd.Series(found, index=pd.Index(tree.nodes, name="node"), name="effective_weight", dtype="float64")


def without(tree: Tree, node: str) -> Tree:
    """The tree in which a node has weight 0 and its siblings share the weight of the group; with the last of a group, the group goes too, and its siblings share.

    The nodes stay where they are. ``UnknownName`` on a node that the tree has not; ``RequestError`` where nothing would be left. Formula: U5, as COINr's ``remove_elements``.

    >>> tree = tree_of_maxima({"a": "total", "b": "total", "a1": "a"}, {"a1": 6, "b": 8})
    >>> effective_weights(without(tree, "a1")).to_dict()
    {'total': 1.0, 'a': 0.0, 'b': 1.0, 'a1': 0.0}
    """
    goes, weights = node, {**dict(zip(tree.nodes, tree.weights, strict=True)), node: 0.0}
    while (parent := tree.parent(goes)) and not any(weights[sibling] > 0 for sibling in tree.children(parent)):
        goes, weights[parent] = parent, 0.0
    if goes == tree.root:
        raise RequestError(f"without {node!r} nothing is left of {tree.root!r}", hint="the others have weight 0")
    return replace(tree, weights=tuple(weights.values()))


def tree_table(tree: Tree) -> pd.DataFrame:
    """A row a node, in the order of the tree: ``node``, ``parent``, ``level`` (0 is the root), ``weight``, ``share`` among siblings, ``effective_weight``, ``direction``.

    ``tree_of`` makes the same tree of it again.

    >>> tree_table(tree_of_maxima({"a": "total", "b": "total"}, {"a": 3, "b": 1}))[["node", "level", "share"]].values.tolist()
    [['total', 0, 1.0], ['a', 1, 0.75], ['b', 1, 0.25]]
    """
    shares = {tree.root: 1.0} | {child: share for node in tree.nodes for child, share in tree.shares(node).items()}
    columns = {
        "node": tree.nodes,
        "parent": tree.parents,
        "level": [level for level, nodes in enumerate(tree.levels) for _ in nodes],
        "weight": tree.weights,
        "share": [shares[node] for node in tree.nodes],
        "effective_weight": effective_weights(tree).to_numpy(),
        "direction": tree.directions,
    }
    return pd.DataFrame(columns)


def _name(word: str | float | None) -> str:
    return word if isinstance(word, str) else "" if pd.isna(word) else str(word)


def _numbers(column: pd.Series[float]) -> list[float]:
    return [float(number) for number in pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=math.nan)]


def _require_none(faults: Sequence[str]) -> None:
    if faults:
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise RequestError(f"{count} in the tree: {'; '.join(faults)}", hint="one row a node, each below one other, the root below none")


def _faults_of_shape(rows: Sequence[_Row]) -> Iterator[str]:
    known = Counter(row.node for row in rows)
    yield from ("a node has no name" for _ in range(min(1, known[""])))
    yield from (f"{node!r} stands {count} times" for node, count in known.items() if count > 1 and node)
    roots = [row.node for row in rows if not row.parent]
    yield from () if len(roots) == 1 else (f"{len(roots)} roots: {', '.join(map(repr, roots))}" if roots else "no root",)
    yield from (f"unknown parent {row.parent!r} of {row.node!r}" for row in rows if row.parent and row.parent not in known)
    yield from (f"cycle: {' → '.join(map(repr, [*cycle, cycle[0]]))}" for cycle in _cycles({row.node: row.parent for row in rows}))


def _cycles(parents: Mapping[str, str]) -> Iterator[list[str]]:
    seen: set[str] = set()
    for start in parents:
        path: list[str] = []
        node = start
        while node in parents and node not in seen:
            seen.add(node)
            path.append(node)
            node = parents[node]
        if node in path:
            yield path[path.index(node) :]


def _faults_of_numbers(rows: Sequence[_Row], *, kind: str = "weight") -> Iterator[str]:
    yield from (f"{kind} of {row.node!r} is {_said(row.weight)}" for row in rows if not (math.isfinite(row.weight) and row.weight >= 0))
    yield from (f"direction of {row.node!r} is {_said(row.direction)}, not 1 or -1" for row in rows if row.direction not in (1, -1))


def _said(number: float) -> str:
    return "missing" if math.isnan(number) else f"{number:g}"


def _empty_groups(rows: Sequence[_Row]) -> Iterator[str]:
    own = {row.node: row.weight if row.parent else 1.0 for row in rows}
    groups: dict[str, float] = {}
    for row in rows:
        groups[row.parent] = groups.get(row.parent, 0.0) + abs(row.weight)
    yield from (f"the weights below {parent!r} sum to 0" for parent, whole in groups.items() if whole == 0 and own.get(parent, 0.0) > 0)


def _ordered(rows: Sequence[_Row]) -> Tree:
    """The rows from the root down, level by level."""
    below: dict[str, list[_Row]] = {}
    for row in rows:
        below.setdefault(row.parent, []).append(row)
    found, level = [], below[""]
    while level:
        found += level
        level = [child for row in level for child in below.get(row.node, [])]
    nodes, parents, weights, directions = zip(*found, strict=True)
    return Tree(nodes, parents, weights, tuple(map(int, directions)))
