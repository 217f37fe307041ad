"""What each child of a node adds to the node's change: points as they are, or distances from the country's mean."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.comparisons import against, basis_of_comparison, distance_among, ranked_units
from par_analysis.metrics.figures import Row, computed, figures
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.model import TOTAL

BASES: Final = ("raw", "distance")
"""What a change can be made up of."""

_CHANGES: Final[Mapping[str, str]] = {"raw": "score_change", "distance": "distance_change"}


@dataclass(frozen=True)
class Levels:
    """The unit's level (points, or points above the mean) on some nodes in a year, where known; ``is_all`` where the children's points are all of the parent's, and
    ``scored`` the nodes on which anyone has points."""

    rows: Mapping[str, Figure]
    scored: Collection[str]
    is_all: bool

    def lacks(self, child: str) -> bool:
        """Whether the child did not exist: nobody has points on it, and the others are the whole of the parent."""
        return self.is_all and child not in self.scored


def contributions(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    base: int,
    children: Sequence[str],
    parent: str = TOTAL,
    comparable: bool | None,
    basis: str | None = None,
    units: Sequence[str] = (),
    tolerance: float = 1e-9,
) -> pd.DataFrame:
    """What each child adds to the change of its parent from ``base`` to ``year``: ``contribution``, then the parent's ``score_change`` and ``contribution_rest``.

    basis "raw": changes of points. "distance": changes of the points above the country's mean (``country_mean`` of ``units``), and the parent's ``distance_change``.
    The rest is there where a child is not known in both years or the children do not add up (beyond ``tolerance``): the contributions and the rest are
    the parent's change. A child that nobody has points on in a year in which the others are the whole of the parent did not exist then: it counts with 0 there, and
    its note says so. Without the parent's change the known contributions stand alone. ``RequestError`` and ``UnknownName`` as ``basis_of_comparison``, of "raw" and
    "distance". Formula: C2, the sum of the parts' changes.

    >>> def fact(year, node, value):
    ...     return {"index": "papi", "unit": "01", "year": year, "node": node, "measure": "score", "value": value, "basis": "published"}
    >>> points = {2022: {"domain:1": 4, "domain:2": 5, "total": 9}, 2023: {"domain:1": 6, "domain:2": 4, "total": 10}}
    >>> panel = figures(fact(year, node, value) for year, of in points.items() for node, value in of.items())
    >>> found = contributions(panel, unit="01", year=2023, base=2022, children=["domain:1", "domain:2"], comparable=True)
    >>> found[["node", "measure", "value"]].values.tolist()
    [['domain:1', 'contribution', 2.0], ['domain:2', 'contribution', -1.0], ['total', 'score_change', 1.0]]
    """
    by = basis_of_comparison(basis, comparable=comparable, year=year, base=base, bases=BASES)
    note = against(base, by, comparable=comparable)
    known = lookup(panel)
    everyone = {when: sorted(ranked_units(known, year=when, units=units)) for when in (year, base)}
    return figures(_contributions(known, unit, (year, base), {parent: children}, by, everyone, note, tolerance))


def contributions_by_level(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    base: int,
    tree: Mapping[str, Sequence[str]],
    comparable: bool | None,
    basis: str | None = None,
    units: Sequence[str] = (),
) -> pd.DataFrame:
    """``contributions`` of the children of every node of ``tree`` (node → the nodes that add up to it), the total's first. Raises as it does.

    >>> def fact(year, node, value):
    ...     return {"index": "papi", "unit": "01", "year": year, "node": node, "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures(fact(year, node, year - 2020) for year in (2022, 2023) for node in ("total", "domain:1", "criterion:a"))
    >>> found = contributions_by_level(panel, unit="01", year=2023, base=2022, tree={"total": ["domain:1"], "domain:1": ["criterion:a"]}, comparable=True)
    >>> found.loc[found["measure"] == "contribution", "node"].tolist()
    ['domain:1', 'criterion:a']
    """
    by = basis_of_comparison(basis, comparable=comparable, year=year, base=base, bases=BASES)
    note = against(base, by, comparable=comparable)
    known = lookup(panel)
    everyone = {when: sorted(ranked_units(known, year=when, units=units)) for when in (year, base)}
    parents = dict.fromkeys([TOTAL, *tree])
    return figures(_contributions(known, unit, (year, base), {parent: tree.get(parent, ()) for parent in parents}, by, everyone, note, 1e-9))


def _contributions(
    known: Lookup, unit: str, years: tuple[int, int], tree: Mapping[str, Sequence[str]], by: str, everyone: Mapping[int, Sequence[str]], note: str, tolerance: float
) -> Iterator[Figure]:
    """The rows of every parent in ``tree``: its children's, then its own change and what is left of it."""
    for parent, children in tree.items():
        nodes = list(dict.fromkeys(children))
        if parent in nodes:
            raise RequestError(f"{parent!r} is no child of itself")
        if years[0] == years[1]:
            continue
        new, old = (_levels(known, unit, year, parent, nodes, by, everyone[year], tolerance) for year in years)
        facts: Row = {"unit": unit, "year": years[0], "note": note}
        parts = {child: row for child in nodes if (row := _contribution(new, old, child, facts, years))}
        whole = _difference(new.rows.get(parent), old.rows.get(parent), {**facts, "node": parent, "measure": _CHANGES[by]})
        yield from (*parts.values(), *([whole, *_rest(whole, parts, nodes, tolerance)] if whole else []))


def _levels(known: Lookup, unit: str, year: int, parent: str, children: Sequence[str], by: str, everyone: Sequence[str], tolerance: float) -> Levels:
    nodes = [parent, *children]
    own: dict[str, Figure] = {row["node"]: row for row in known.rows(unit=unit, year=year, node=nodes, measure="score", exact=True)}
    points = [own[child]["value"] for child in children if child in own]
    is_all = parent in own and bool(points) and abs(math.fsum(points) - own[parent]["value"]) <= tolerance
    if by == "distance":
        own = {node: row for node in own if (row := distance_among(known, unit=unit, year=year, everyone=everyone, node=node))}
    return Levels(own, known.values("node", year=year, node=nodes, measure="score", exact=True), is_all)


def _contribution(new: Levels, old: Levels, child: str, facts: Row, years: tuple[int, int]) -> Row | None:
    facts = {**facts, "node": child, "measure": "contribution"}
    for levels, other, year in ((new, old, years[0]), (old, new, years[1])):
        if levels.lacks(child) and child in other.rows:
            facts["note"] = f"{facts['note']}; did not exist in {year}, where it counts with 0"
            return _difference(new.rows.get(child, {}), old.rows.get(child, {}), facts)
    return _difference(new.rows.get(child), old.rows.get(child), facts)


def _difference(new: Figure | None, old: Figure | None, facts: Row) -> Row | None:
    """New minus old, where an empty row is 0; ``None`` where either is not known."""
    if new is None or old is None:
        return None
    used = [row for row in (new, old) if row]
    return computed(used, **facts, value=new.get("value", 0.0) - old.get("value", 0.0), unit_of_measure=used[0]["unit_of_measure"])


def _rest(whole: Row, parts: Mapping[str, Row], children: Sequence[str], tolerance: float) -> list[Row]:
    """What the parts leave of the whole."""
    rest = float(whole["value"]) - math.fsum(float(row["value"]) for row in parts.values())
    missing = [child for child in children if child not in parts]
    if not missing and abs(rest) <= tolerance:
        return []
    why = f"not known in both years: {', '.join(missing)}" if missing else "the parts do not add up to the whole"
    return [{**whole, "measure": "contribution_rest", "value": rest, "note": f"{whole['note']}; {why}"}]
