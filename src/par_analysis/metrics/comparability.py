"""What two editions of a method have in common: items carried over, split, merged, new and dropped, and the index of the common ones alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.decompositions import require_numbers
from par_analysis.model import Framework

KINDS: Final = ("same", "renamed", "re-maximised", "split", "merged", "new", "dropped")
"""What may become of an item from one edition to the next."""

COMMON: Final = ("same", "renamed", "re-maximised")
"""The kinds of the common basket: one old item is one new item."""

WeightsOf = Literal["mean", "old", "new"]

_Link = tuple[str, str]  # old node, new node; "" where there is none


@dataclass(frozen=True)
class Comparability:
    """``items``: a row an item (columns ``old``, ``new``, ``kind``, ``name``, ``old_points``, ``new_points``, ``old_share``, ``new_share``), see ``comparability``."""

    items: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """By kind (all seven): ``items``, ``old_share`` and ``new_share``, the points of 100 of each year."""
        by_kind = self.items.groupby("kind")
        found = by_kind[["old_share", "new_share"]].sum()
        return found.assign(items=by_kind.size())[["items", "old_share", "new_share"]].reindex(KINDS, fill_value=0)

    @property
    def common(self) -> pd.DataFrame:
        """The items of the common basket."""
        return self.items[self.items["kind"].isin(COMMON)]

    @property
    def common_old(self) -> float:
        """Points of the old 100 that are common to both editions."""
        return float(self.common["old_share"].sum())

    @property
    def common_new(self) -> float:
        """Points of the new 100 that are common to both editions."""
        return float(self.common["new_share"].sum())


@dataclass(frozen=True)
class CommonBasket:
    """The index of the common items. ``scores``: by unit, ``old``, ``new``, ``change``; ``weights``: by new node, summing to 100; ``note``: "" or a warning."""

    scores: pd.DataFrame
    weights: pd.Series[float]
    common_old: float
    common_new: float
    note: str


def framework_items(framework: Framework) -> pd.DataFrame:
    """The items of a framework, as ``comparability`` takes them: ``node`` and ``maximum`` of every criterion, or of the domain where it has none.

    A maximum that was not published is NaN, and such a framework cannot be compared. ``RequestError`` for a framework without domains.

    >>> from par_analysis.model import Criterion, Domain
    >>> domains = (Domain(1, {}, 5, children=(Criterion("criterion:a", 0, 3), Criterion("criterion:b", 0, 2))), Domain(2, {}, 5))
    >>> framework_items(Framework("x", "", "", (2023,), True, domains)).values.tolist()
    [['criterion:a', 3.0], ['criterion:b', 2.0], ['domain:2', 5.0]]
    """
    if not framework.domains:
        raise RequestError(f"framework {framework.code!r} has no domains", hint="comparability takes a table of nodes and their maxima")
    leaves = [leaf for domain in framework.domains for leaf in (domain.children or (domain,))]
    maxima = [np.nan if leaf.maximum is None else float(leaf.maximum) for leaf in leaves]
    return pd.DataFrame({"node": [leaf.code for leaf in leaves], "maximum": maxima})


def comparability(
    old: pd.DataFrame, new: pd.DataFrame, concordance: pd.DataFrame | None = None, *, rest_by_code: bool = False, tolerance: float = 1e-9
) -> Comparability:
    """What became of every item of the ``old`` edition in the ``new`` one, with its points of each year's 100.

    ``old`` and ``new`` have the columns ``node``, ``maximum`` (or ``weight``, in both alike) and perhaps ``name``. ``concordance`` has ``old``, ``new`` and perhaps
    ``kind`` (see ``KINDS``; blank: derived): one row an item carried over, a row with a blank ``old`` (new) or ``new`` (dropped), several rows with the same ``old``
    (split) or the same ``new`` (merged). It names every node of both editions, or with ``rest_by_code`` those whose code does not tell; without it nodes of the
    same code are the same item. A pair whose maxima differ by more than ``tolerance`` is re-maximised, else renamed where code or name differ, else same.

    ``items`` come in the order of ``new``, the dropped ones last; the nodes of a split or merged item are joined by "; ", so that each side's shares sum to 100.
    ``RequestError`` names all that is wrong: unknown or forgotten nodes, nodes with more than one fate, kinds that contradict the maxima. Own method (B1), after
    the bridging tables of the OECD/JRC Handbook (2008).

    >>> old = pd.DataFrame({"node": ["a", "b", "c"], "maximum": [50, 30, 20]})
    >>> new = pd.DataFrame({"node": ["a", "b", "d"], "maximum": [50, 40, 10]})
    >>> comparability(old, new).items[["old", "new", "kind", "old_share", "new_share"]].values.tolist()
    [['a', 'a', 'same', 50.0, 50.0], ['b', 'b', 're-maximised', 30.0, 40.0], ['', 'd', 'new', 0.0, 10.0], ['c', '', 'dropped', 20.0, 0.0]]
    """
    tables = {"old": _items(old, "old"), "new": _items(new, "new")}
    scales = {side: table.attrs["scale"] for side, table in tables.items()}
    if scales["old"] != scales["new"]:
        raise RequestError(f"the old edition has the column {scales['old']!r}, the new one {scales['new']!r}", hint="both editions state the same: maxima, or weights")
    links = _by_code(list(tables["old"].index), list(tables["new"].index)) if concordance is None else _links(concordance, tables, rest_by_code=rest_by_code)
    groups = _groups(list(links))
    rows = [_item(group, tables, {links[link] for link in group}, tolerance) for group in groups]
    wrong = [str(row["wrong"]) for row in rows if row["wrong"]]
    if wrong:
        raise RequestError(f"the concordance contradicts the tables: {'; '.join(wrong)}", hint="a blank kind is derived from codes, names and maxima")
    return Comparability(_with_shares(pd.DataFrame(rows).drop(columns="wrong"), list(tables["new"].index), list(tables["old"].index)))


def common_basket(
    points_old: pd.DataFrame, points_new: pd.DataFrame, comparison: Comparability, *, weights: WeightsOf = "mean", least_common: float = 60.0
) -> CommonBasket:
    """The index of both years over the items that exist in both, as attainment (points over maximum), weighted to 100.

    ``points_old`` and ``points_new`` are units by nodes (NaN missing), ``comparison`` comes from ``comparability`` with maxima. ``weights``: the items' shares of the
    basket in the "old" or "new" year, or their "mean". The weights are the same in both years, so that a ``change`` is one of attainment alone; of frameworks that
    are identical the basket is the index, as a percentage of its maximum. A unit that lacks an item in a year has no score in it; units of either year are
    listed. Where fewer than ``least_common`` of 100 points are common in either year, ``note`` warns that the basket is not the index.

    ``RequestError`` for points without a column of an item, units listed twice, values that are not finite, and where nothing is common. Own method (B2).

    >>> maxima = pd.DataFrame({"node": ["a", "b"], "maximum": [60, 40]})
    >>> same = comparability(maxima, maxima.assign(maximum=[60, 20]))
    >>> basket = common_basket(pd.DataFrame({"a": [30.0], "b": [40.0]}, ["01"]), pd.DataFrame({"a": [60.0], "b": [20.0]}, ["01"]), same, weights="old")
    >>> basket.scores.loc["01"].tolist()
    [70.0, 100.0, 30.0]
    """
    items = comparison.common
    if weights not in get_args(WeightsOf):
        raise UnknownName("weights", weights, get_args(WeightsOf))
    if items.empty:
        raise RequestError("the two editions have no item in common", hint="compare ranks, or link by equipercentile_link")
    shares = {side: items[f"{side}_share"].to_numpy(dtype=np.float64) for side in ("old", "new")}
    shares = {side: 100 * share / share.sum() for side, share in shares.items()}
    weight = (shares["old"] + shares["new"]) / 2 if weights == "mean" else shares[weights]
    sides = {side: _basket_scores(points, items, side, weight) for side, points in (("old", points_old), ("new", points_new))}
    scores = pd.DataFrame(sides).sort_index()
    thin = min(comparison.common_old, comparison.common_new) < least_common
    note = f"only {comparison.common_old:.1f} of the old and {comparison.common_new:.1f} of the new 100 points are common" if thin else ""
    basket_weights = pd.Series(weight, index=pd.Index(items["new"].tolist(), name="node"), name="weight")
    return CommonBasket(scores.assign(change=scores["new"] - scores["old"]), basket_weights, comparison.common_old, comparison.common_new, note)


def _items(table: pd.DataFrame, side: str) -> pd.DataFrame:
    """A framework by node, checked: ``points`` and ``name``; ``attrs["scale"]`` says what the points are called."""
    scale = next((name for name in ("maximum", "weight") if name in table), "")
    if "node" not in table or not scale:
        raise RequestError(f"the {side} edition lacks the columns node and maximum or weight", hint="framework_items makes such a table of a framework")
    points = pd.to_numeric(table[scale], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    nodes = table["node"].astype(str).tolist()
    unusable = [node for node, value in zip(nodes, points, strict=True) if not (np.isfinite(value) and value > 0)]
    twice = sorted(node for node, count in Counter(nodes).items() if count > 1)
    problems = [f"{text} {', '.join(found)}" for text, found in ((f"no positive {scale} of", unusable), ("listed twice:", twice)) if found]
    if problems or not nodes:
        raise RequestError(f"the {side} edition: {'; '.join(problems) or 'no items'}", hint="a row a node, with its maximum points")
    names = table["name"].fillna("").astype(str).tolist() if "name" in table else [""] * len(nodes)
    checked = pd.DataFrame({"points": points, "name": names}, index=nodes)
    checked.attrs["scale"] = scale
    return checked


def _by_code(old: list[str], new: list[str]) -> dict[_Link, str]:
    """Links of nodes by their code alone, kinds to be derived."""
    known, wanted = set(old), set(new)
    return {**{(node if node in known else "", node): "" for node in new}, **{(node, ""): "" for node in old if node not in wanted}}


def _links(concordance: pd.DataFrame, tables: Mapping[str, pd.DataFrame], *, rest_by_code: bool) -> dict[_Link, str]:
    """The checked rows of a concordance: link → kind, "" where it is to be derived."""
    if not {"old", "new"} <= set(concordance.columns):
        raise RequestError("the concordance lacks the columns old and new", hint="blank old: a new item; blank new: a dropped one")
    rows = concordance.reindex(columns=["old", "new", "kind"]).astype(object).fillna("").astype(str)
    stated = [(old.strip(), new.strip(), kind.strip()) for old, new, kind in rows.itertuples(index=False)]
    unknown = sorted({kind for *_, kind in stated} - {"", *KINDS})
    if unknown:
        raise UnknownName("kind of item", unknown[0], KINDS)
    told = {"old": {old for old, *_ in stated} - {""}, "new": {new for _, new, _ in stated} - {""}}
    left = {side: [node for node in table.index if node not in told[side]] for side, table in tables.items()}
    problems = [f"unknown {side} node {node}" for side in tables for node in sorted(told[side] - set(tables[side].index))]
    pairs = {row[:2] for row in stated}
    problems += ["a row names no node"] if ("", "") in pairs else []
    problems += ["a link is named twice"] if len(pairs) < len(stated) else []
    problems += [] if rest_by_code else [f"no row for {side} node {node}" for side in tables for node in left[side]]
    if problems:
        raise RequestError(f"the concordance: {'; '.join(problems)}", hint="every node of both editions once; rest_by_code matches the others by their codes")
    return {**{(old, new): kind for old, new, kind in stated}, **_by_code(left["old"], left["new"])}


def _groups(links: list[_Link]) -> list[list[_Link]]:
    """Links that belong together: one each, the parts of a split, the sources of a merged item. A node has one fate."""
    olds, news = (Counter(link[side] for link in links if link[side]) for side in (0, 1))
    wrong = {old or new for old, new in links if (olds[old] > 1 and (not new or news[new] > 1)) or (news[new] > 1 and not old)}
    if wrong:
        raise RequestError(f"the concordance gives more than one fate to {', '.join(sorted(wrong))}", hint="an old item is split, or several are merged into a new one; not both")
    together: dict[tuple[str, str], list[_Link]] = {}
    for old, new in links:
        key = (old, "") if olds[old] > 1 or not new else ("", new)
        together.setdefault(key, []).append((old, new))
    return list(together.values())


def _item(group: list[_Link], tables: Mapping[str, pd.DataFrame], stated: set[str], tolerance: float) -> dict[str, object]:
    """One row of ``items``; ``wrong`` says where the stated kind contradicts the tables."""
    nodes = {side: list(dict.fromkeys(link[end] for link in group if link[end])) for end, side in enumerate(("old", "new"))}
    points = {side: float(tables[side].loc[nodes[side], "points"].sum()) for side in nodes}
    names = {side: "; ".join(filter(None, tables[side].loc[nodes[side], "name"])) for side in nodes}
    moved = abs(points["old"] - points["new"]) > tolerance
    called = nodes["old"] != nodes["new"] or (names["old"] != names["new"] and "" not in names.values())
    kind = _kind(len(nodes["old"]), len(nodes["new"]), moved=moved, called=called)
    texts = {side: "; ".join(found) for side, found in nodes.items()}
    told = stated - {""}
    may_be = {"same", "renamed"} if kind in ("same", "renamed") else {kind}
    wrong = f"{texts['old'] or texts['new']} is {kind}, not {' or '.join(sorted(told))}" if told - may_be or len(told) > 1 else ""
    final = next(iter(told), kind)
    return {"old": texts["old"], "new": texts["new"], "kind": final, "name": names["new"] or names["old"], "old_points": points["old"], "new_points": points["new"], "wrong": wrong}


def _kind(olds: int, news: int, *, moved: bool, called: bool) -> str:
    if not olds or not news:
        return "dropped" if olds else "new"
    if olds != news:
        return "split" if news > 1 else "merged"
    if moved:
        return "re-maximised"
    return "renamed" if called else "same"


def _with_shares(items: pd.DataFrame, news: list[str], olds: list[str]) -> pd.DataFrame:
    """Points of each year's 100, in the order of the new nodes, then of the old ones."""
    firsts = [(0, news.index(new.split("; ")[0])) if new else (1, olds.index(old)) for old, new in zip(items["old"], items["new"], strict=True)]
    ordered = items.iloc[sorted(range(len(items)), key=firsts.__getitem__)].reset_index(drop=True)
    return ordered.assign(**{f"{side}_share": 100 * ordered[f"{side}_points"] / ordered[f"{side}_points"].sum() for side in ("old", "new")})


def _basket_scores(points: pd.DataFrame, items: pd.DataFrame, side: str, weight: np.ndarray) -> pd.Series[float]:
    nodes = items[side].tolist()
    absent = [node for node in nodes if node not in points.columns]
    if absent or points.index.has_duplicates or points.columns.has_duplicates:
        what = f"lack {', '.join(absent)}" if absent else "list a unit or a node twice"
        raise RequestError(f"the {side} points {what}", hint="units × nodes, a column for every item of the common basket")
    require_numbers({f"the table of {side} points": points[nodes]})
    values = points[nodes].to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        raise RequestError(f"the {side} points are not finite", hint="a missing score is NaN")
    attained = values / items[f"{side}_points"].to_numpy(dtype=np.float64)
    return pd.Series(attained @ weight, index=points.index, name=side)
