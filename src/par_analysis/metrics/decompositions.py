"""A change of score taken apart: exactly at a change of method (Bennet), and into the field's change and the unit's own (shift-share)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.ranks import FloatArray

Weights = Mapping[str, float] | pd.Series
Numbers = TypeVar("Numbers", pd.DataFrame, pd.Series)

_NUMERIC: Final = frozenset({"floating", "integer", "mixed-integer-float", "empty"})
_TOLERANCE: Final = 1e-9


def checked_numbers(tables: Mapping[str, Numbers]) -> list[Numbers]:
    """The tables or series as floats; the keys are what messages call them. ``RequestError`` names all faults: a label twice, values that are no numbers, infinite ones.

    >>> checked_numbers({"old": pd.Series([1, None])})[0].tolist()
    [1.0, nan]
    """
    require_none(fault for name, table in tables.items() for fault in _table_faults(name, table))
    return [table.where(table.notna(), np.nan).astype("float64") for table in tables.values()]


def require_none(faults: Iterable[str], *, hint: str = "") -> None:
    """``RequestError`` with all ``faults``, where there are any.

    >>> require_none([])
    """
    told = "; ".join(faults)
    if told:
        raise RequestError(told, hint=hint)


def require_numbers(tables: Mapping[str, pd.DataFrame | pd.Series]) -> None:
    """``RequestError`` that says which tables hold values that are no numbers, and in which columns; the keys are what it calls them.

    >>> require_numbers({"scores": pd.Series([1, None, 2.5])})
    """
    require_none((fault for name, table in tables.items() for fault in _worded(name, table)), hint="NaN where a value is missing")


def listed(labels: Iterable[object], *, most: int = 8) -> str:
    """Labels as a message names them: the first few, and how many more.

    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    words = [str(label) for label in labels]
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def _table_faults(name: str, table: pd.DataFrame | pd.Series) -> Iterator[str]:
    axes = {"unit": table.index} | ({"column": table.columns} if isinstance(table, pd.DataFrame) else {})
    yield from (f"{name} has a {kind} twice: {listed(labels[labels.duplicated()].unique())}" for kind, labels in axes.items() if not labels.is_unique)
    worded = list(_worded(name, table))
    yield from worded
    if not worded and any(np.isinf(column.to_numpy(dtype="float64", na_value=np.nan)).any() for column in _columns(table)):
        yield f"{name} has infinite values"


def _worded(name: str, table: pd.DataFrame | pd.Series) -> Iterator[str]:
    worded = [column.name for column in _columns(table) if pd.api.types.infer_dtype(column, skipna=True) not in _NUMERIC]
    if worded:
        yield f"{name} has values that are no numbers" + (f" in {listed(worded)}" if isinstance(table, pd.DataFrame) else "")


def _columns(table: pd.DataFrame | pd.Series) -> list[pd.Series]:
    return [column for _, column in table.items()] if isinstance(table, pd.DataFrame) else [table]


@dataclass(frozen=True)
class Bennet:
    """What ``bennet`` finds.

    ``units``: unit × performance, reweighting, coverage, change. ``nodes``: (unit, kind, node) × performance, reweighting, coverage; kind is "common" or "entering"
    (the node by its new label) or "exiting" (by its old one). ``common_share``: the weight of the common nodes in "old" and in "new", 0 to 1.
    """

    units: pd.DataFrame
    nodes: pd.DataFrame
    common_share: pd.Series


def bennet(old: pd.DataFrame, new: pd.DataFrame, old_weights: Weights, new_weights: Weights, *, matched: Mapping[str, str | None] | None = None) -> Bennet:
    """The change of each unit's weighted mean across a change of method, as performance + reweighting + coverage, without remainder.

    ``old`` and ``new``: units × nodes, attainments (0-100) by the framework of their year; ``old_weights`` and ``new_weights``: node → share, each summing to 1. A node
    is common where both years have its label, or where ``matched`` (new label → old label; ``None``: no counterpart) says so. Performance is Σ mean weight · change of
    attainment and reweighting Σ mean attainment · change of weight, over common nodes; coverage is Σ w·a of the entering less that of the exiting nodes. A unit with a
    missing attainment, or in one year only, is NaN in ``units``; ``nodes`` holds what is known of it. Where nodes enter or exit, the weights of the common ones shift
    by as much: coverage and reweighting are to be read together. ``RequestError`` for weights that are negative, missing, of unknown nodes or do not sum to 1, and for
    matches of unknown nodes or of one old node twice. Formula: Bennet (1920), The theory of measurement of changes in cost of living.

    >>> old, new = pd.DataFrame({"a": [60.0], "b": [40.0]}, index=["01"]), pd.DataFrame({"a": [70.0], "c": [90.0]}, index=["01"])
    >>> bennet(old, new, {"a": 0.5, "b": 0.5}, {"a": 0.6, "c": 0.4}).units.round(9).loc["01"].to_dict()
    {'performance': 5.5, 'reweighting': 6.5, 'coverage': 16.0, 'change': 28.0}
    """
    before, after = checked_numbers({"old": old, "new": new})
    w_old, w_new = (_as_floats(name, weights) for name, weights in (("old_weights", old_weights), ("new_weights", new_weights)))
    counterparts = _counterparts(before.columns, after.columns, matched or {})
    require_none([*_weight_faults("old_weights", w_old, before.columns), *_weight_faults("new_weights", w_new, after.columns)], hint="weights: node → share of the whole")
    units, nodes = before.index.union(after.index, sort=False), _nodes(before.columns, after.columns, counterparts)
    (a_old, wo), (a_new, wn) = (_side(table.reindex(units), weights, [node[i] for node in nodes]) for i, table, weights in ((2, before, w_old), (3, after, w_new)))
    is_common = np.array([node[0] == "common" for node in nodes])
    effects = {
        "performance": np.where(is_common, (wo + wn) / 2 * (a_new - a_old), 0.0),
        "reweighting": np.where(is_common, (a_old + a_new) / 2 * (wn - wo), 0.0),
        "coverage": np.where(is_common, 0.0, wn * a_new - wo * a_old),
    }
    totals = pd.DataFrame({name: values.sum(axis=1) for name, values in effects.items()} | {"change": a_new @ wn - a_old @ wo}, index=units)
    labels = pd.MultiIndex.from_arrays([units.repeat(len(nodes)), *([node[i] for node in nodes] * len(units) for i in (0, 1))], names=["unit", "kind", "node"])
    detail = pd.DataFrame({name: values.ravel() for name, values in effects.items()}, index=labels)
    share = pd.Series({"old": float(wo[is_common].sum()), "new": float(wn[is_common].sum())}, name="common_share")
    return Bennet(totals.where(totals.notna().all(axis=1)), detail, share)


def _as_floats(name: str, weights: Weights) -> pd.Series:
    given = pd.Series(weights)
    require_numbers({name: given})
    return given.astype("float64")


def _counterparts(old: pd.Index, new: pd.Index, matched: Mapping[str, str | None]) -> dict[str, str]:
    """New label → old label of the common nodes: what ``matched`` says, and equal labels of which it says nothing."""
    said = {label: other for label, other in matched.items() if other is not None}
    taken = list(said.values())
    faults = {
        "no new node is called": [label for label in matched if label not in new],
        "no old node is called": [label for label in taken if label not in old],
        "matched to more than one new node:": sorted({label for label in taken if taken.count(label) > 1}),
    }
    require_none((f"{what} {listed(labels)}" for what, labels in faults.items() if labels), hint="matched: label of the new node → label of the old one")
    return {label: said.get(label, label) for label in new if label in said or (label in old and label not in matched and label not in taken)}


def _nodes(old: pd.Index, new: pd.Index, counterparts: Mapping[str, str]) -> list[tuple[str, str, str | None, str | None]]:
    """Kind, name, old label and new label of each node of either year."""
    of_new = [("common" if label in counterparts else "entering", label, counterparts.get(label), label) for label in new]
    return [*of_new, *(("exiting", label, label, None) for label in old if label not in counterparts.values())]


def _side(table: pd.DataFrame, weights: pd.Series, labels: Sequence[str | None]) -> tuple[FloatArray, FloatArray]:
    """Attainments and weights of a year in the order of ``labels``, 0 where the year has no such node."""
    names, is_there = [label for label in labels if label is not None], [label is not None for label in labels]
    values, shares = np.zeros((len(table), len(labels))), np.zeros(len(labels))
    values[:, is_there], shares[is_there] = table[names].to_numpy(), weights[names].to_numpy()
    return values, shares


def _weight_faults(name: str, weights: pd.Series, nodes: pd.Index) -> Iterator[str]:
    lacking, unknown = nodes.difference(weights.index, sort=False), weights.index.difference(nodes, sort=False)
    faulty = weights.index[~(weights >= 0) | np.isinf(weights)]
    faults = {"has no weight for": lacking, "has unknown nodes:": unknown, "has a node twice:": weights.index[weights.index.duplicated()], "is negative or not finite for": faulty}
    told = [f"{name} {what} {listed(labels)}" for what, labels in faults.items() if len(labels)]
    yield from told
    if not told and abs(weights.sum() - 1) > _TOLERANCE:
        yield f"{name} sum to {weights.sum():.6g}, not to 1"


@dataclass(frozen=True)
class ShiftShare:
    """What ``shift_share`` finds: ``units``, unit × national, own, change; ``nodes``, the same by (unit, node)."""

    units: pd.DataFrame
    nodes: pd.DataFrame


def shift_share(old: pd.DataFrame, new: pd.DataFrame) -> ShiftShare:
    """The change of points on every node as the mean change of all units there (national) and what the unit has beyond it (own); both add up to the change.

    ``old`` and ``new``: units × the same nodes, points by one method. The mean is over the units whose points on the node are known in both years; the own parts of
    a node sum to 0 over them. A unit in one year only, or with missing points, is NaN there and in its sum. ``RequestError`` for nodes of one year only: across a change of
    method see ``bennet``. Formula: the additive form of shift-share, which unlike Dunn's holds at 0 points and does not reward a low start.

    >>> old, new = pd.DataFrame({"a": [5.0, 7.0]}, index=["01", "02"]), pd.DataFrame({"a": [8.0, 8.0]}, index=["01", "02"])
    >>> shift_share(old, new).units.to_dict("index")["01"]
    {'national': 2.0, 'own': 1.0, 'change': 3.0}
    """
    before, after = checked_numbers({"old": old, "new": new})
    require_same_nodes(before.columns, after.columns)
    units = before.index.union(after.index, sort=False)
    change = after.reindex(units) - before.reindex(units)[after.columns]
    national = change.notna().astype("float64").replace(0.0, np.nan) * change.mean()
    parts = {"national": national, "own": change - national, "change": change}
    labels = pd.MultiIndex.from_product([units, after.columns], names=["unit", "node"])
    nodes = pd.DataFrame({name: table.to_numpy().ravel() for name, table in parts.items()}, index=labels)
    return ShiftShare(pd.DataFrame({name: table.sum(axis=1, skipna=False) for name, table in parts.items()}), nodes)


def require_same_nodes(old: pd.Index, new: pd.Index) -> None:
    """``RequestError`` where the two years do not have the same nodes.

    >>> require_same_nodes(pd.Index(["a", "b"]), pd.Index(["b", "a"]))
    """
    faults = {"the new year": old.difference(new), "the old year": new.difference(old)}
    require_none((f"not known in {year}: {listed(nodes)}" for year, nodes in faults.items() if len(nodes)), hint="across a change of nodes: bennet")


def dunn(old: pd.DataFrame, new: pd.DataFrame, national_old: pd.Series, national_new: pd.Series) -> pd.DataFrame:
    """The change of each unit's sum of amounts as national growth, mix and own growth: the classic shift-share analysis.

    ``old`` and ``new``: units × nodes, amounts of 0 and more; the national amounts by node. Returns unit × national (Σ x0·g), mix (Σ x0·(g_d - g)), own
    (Σ x0·(g_id - g_d)), change and note, with g the growth of the nation's sum, g_d of its node, g_id of the unit's. Growth from 0 is undefined: the unit (from 0 in the
    nation: every unit) is NaN and the note names the nodes. Meant for counts and amounts; for bounded scores see ``shift_share``. ``RequestError`` for negative amounts
    and where nodes differ. Formula: Dunn (1960), A statistical and analytical technique for regional analysis.

    >>> old, new = pd.DataFrame({"a": [90.0], "b": [20]}, index=["01"]), pd.DataFrame({"a": [100.0], "b": [40]}, index=["01"])
    >>> dunn(old, new, pd.Series({"a": 400, "b": 100}), pd.Series({"a": 440, "b": 160})).round(9).iloc[0, :4].to_dict()
    {'national': 22.0, 'mix': -1.0, 'own': 9.0, 'change': 30.0}
    """
    before, after = checked_numbers({"old": old, "new": new})
    n0, n1 = checked_numbers({"national_old": national_old, "national_new": national_new})
    for labels in (after.columns, n0.index, n1.index):
        require_same_nodes(before.columns, labels)
    named = {"old": before, "new": after, "national_old": n0.to_frame(), "national_new": n1.to_frame()}
    faults = [f"{name} has negative amounts" for name, table in named.items() if (table < 0).to_numpy().any()]
    require_none([*faults, *(f"{name} has missing amounts" for name in list(named)[2:] if named[name].isna().to_numpy().any())])
    units, nodes = before.index.union(after.index, sort=False), before.columns
    x0, x1 = before.reindex(units), after.reindex(units)[nodes]
    growth, whole = n1[nodes] / n0[nodes].where(n0[nodes] > 0) - 1, n1.sum() / (n0.sum() or np.nan) - 1
    parts = {"national": x0 * whole, "mix": x0 * (growth - whole), "own": x1 - x0 * (1 + growth)}
    found = pd.DataFrame({name: table.where(x0 > 0).sum(axis=1, skipna=False) for name, table in parts.items()}, index=units)
    found = found.where(found.notna().all(axis=1)).assign(change=(x1 - x0).sum(axis=1, skipna=False))
    return found.assign(note=[_growth_note(x0.loc[unit], x1.loc[unit], n0) for unit in units])


def _growth_note(x0: pd.Series, x1: pd.Series, n0: pd.Series) -> str:
    """Why a unit has no components."""
    why = {"growth from 0": x0.index[x0 == 0], "not known in both years": x0.index[x0.isna() | x1.isna()], "growth of the nation from 0": n0.index[n0 == 0]}
    return "; ".join(f"{what}: {listed(labels)}" for what, labels in why.items() if len(labels))
