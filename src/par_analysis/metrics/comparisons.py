"""Two years of a unit on a basis that the reader chose: points as they are, shares of the maximum, distances from the country's mean, or ranks."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.changes import changes_of
from par_analysis.metrics.figures import Row, complete, computed, figures, mean_of, of_measure
from par_analysis.metrics.lookup import Figure, Lookup, Panel, lookup
from par_analysis.metrics.standing import known_places, standing
from par_analysis.model import COUNTRY, TOTAL

BASES_OF_COMPARISON: Final = ("raw", "share", "distance", "rank")
"""What two years can be compared by. Only "raw" asks that both were scored by the same method."""

_CHANGES: Final[Mapping[str, tuple[str, ...]]] = {"raw": ("score_change",), "share": ("share_change",), "rank": ("rank_change", "percentile_change")}


def basis_of_comparison(basis: str | None, *, comparable: bool | None, year: int, base: int, bases: Sequence[str] = BASES_OF_COMPARISON) -> str:
    """The basis asked for; by default "raw" where the points of the two years are ``comparable``.

    ``RequestError`` without a basis where the methods differ or are not known to be the same; ``UnknownName`` for a basis that is not one of ``bases``.

    >>> basis_of_comparison(None, comparable=True, year=2023, base=2022), basis_of_comparison("rank", comparable=False, year=2022, base=2021)
    ('raw', 'rank')
    """
    if basis is not None and basis not in bases:
        raise UnknownName("basis of comparison", basis, bases)
    if basis is None and not comparable:
        why = "it is not known whether the methods are the same" if comparable is None else "the methods differ"
        raise RequestError(f"points of {base} and {year} are not compared by default, {why}: choose a basis, one of {', '.join(bases)}", hint=f'basis="{bases[-1]}"')
    return basis or "raw"


def against(base: int, basis: str, *, comparable: bool | None = True, higher_is_better: bool = True) -> str:
    """What a comparison's note says: the year and the basis, where points are subtracted without knowing that they may be, and which direction is better.

    >>> against(2020, "raw", comparable=None)
    'against 2020; basis: raw; not known whether points of the two years are comparable'
    """
    unsure = {None: "not known whether points of the two years are comparable", False: "points of the two years are not comparable: the method differs"}
    of_points = unsure.get(comparable, "") if basis == "raw" else ""
    return "; ".join(part for part in (f"against {base}", f"basis: {basis}", of_points, "" if higher_is_better else "lower is better") if part)


def comparison(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    base: int,
    comparable: bool | None,
    basis: str | None = None,
    units: Sequence[str] = (),
    node: str = TOTAL,
    higher_is_better: bool = True,
    limits: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """What changed on a node from ``base`` to ``year``, on one of ``BASES_OF_COMPARISON``; without a ``basis`` "raw", which asks that the years are ``comparable``.

    raw: ``score_change``, points. share: ``share_change``, percentage points of the maximum that the scores state, of the total else ``limits["high"]``.
    distance: ``distance_change``, then ``distance`` of both years: points above the country's mean (``country_mean`` of ``units``). All are new minus old,
    and their note says where lower is better. rank: ``rank_change``, places gained, or ``percentile_change`` between lists of other length; ranks that were not
    published are computed where all of ``units`` are scored. Empty where the values are not known in both years. ``RequestError`` and ``UnknownName``
    as ``basis_of_comparison``.

    >>> def fact(unit, year, value):
    ...     return {"index": "papi", "unit": unit, "year": year, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact("01", 2020, 40), fact("02", 2020, 41), fact("01", 2021, 42), fact("02", 2021, 44)])
    >>> found = comparison(panel, unit="01", year=2021, base=2020, comparable=False, basis="distance", units=["01", "02"])
    >>> found[["year", "measure", "value"]].values.tolist()
    [[2021, 'distance_change', -0.5], [2021, 'distance', -1.0], [2020, 'distance', -0.5]]
    """
    by = basis_of_comparison(basis, comparable=comparable, year=year, base=base)
    note = against(base, by, comparable=comparable, higher_is_better=higher_is_better or by == "rank")
    known = lookup(panel)
    if by == "distance":
        return figures(_distances(known, unit, year, base, units, node, note))
    found = known.rows(unit=unit, year=[year, base], node=node, measure=["score", "share_of_max", "rank"], exact=True)
    more: list[Row] = []
    if by == "share":
        more = _shares(found, limits or {})
    elif by == "rank":
        more = _computed_ranks(known, found, unit, [year, base], units, node, higher_is_better)
    changes = [row for row in changes_of([*found, *map(complete, more)], year=year, base=base) if row["measure"] in _CHANGES[by]]
    return figures({**row, "note": str(row["note"]).replace(f"against {base}", note, 1)} for row in changes)


def _shares(found: Sequence[Figure], limits: Mapping[str, float]) -> list[Row]:
    """Shares of the maximum of the total's scores; below the total ``change`` makes them."""
    told = {row["year"] for row in of_measure(found, "share_of_max")}
    rows = []
    for score in of_measure(found, "score"):
        maximum = float(score["out_of"]) if score["out_of"] > 0 else limits.get("high", 0.0)
        if score["node"] == TOTAL and maximum > 0 and score["year"] not in told:
            facts = {name: score[name] for name in ("unit", "year", "node")} | {"measure": "share_of_max", "unit_of_measure": "percent", "out_of": 100.0}
            rows.append(computed([score], **facts, value=100 * score["value"] / maximum))
    return rows


def _computed_ranks(known: Lookup, found: Sequence[Figure], unit: str, years: Sequence[int], units: Sequence[str], node: str, higher_is_better: bool) -> list[Row]:
    """The ranks of the years whose rank was not published, where all units are scored."""
    rows = []
    for year in sorted(set(years) - {row["year"] for row in of_measure(found, "rank")}):
        stands = standing(known, year=year, units=units, node=node)
        if unit in stands.units and stands.all_scored():
            place = float(known_places(stands, higher_is_better=higher_is_better)[stands.units.index(unit)])
            facts: Row = {"unit": unit, "year": year, "node": node, "unit_of_measure": "place", "out_of": float(stands.places)}
            rows.append(computed(stands.rows, **facts, measure="rank", value=place))
    return rows


def _distances(known: Lookup, unit: str, year: int, base: int, units: Sequence[str], node: str, note: str) -> list[Row]:
    new, old = (distance_row(known, unit=unit, year=when, units=units, node=node) for when in (year, base))
    if new is None or old is None or year == base:
        return []
    facts: Row = {name: new[name] for name in ("unit", "year", "node", "unit_of_measure")}
    return [computed([new, old], **facts, measure="distance_change", value=new["value"] - old["value"], note=note), new, old]


def distance(panel: Panel, *, unit: str, year: int, units: Sequence[str] = (), node: str = TOTAL) -> pd.DataFrame:
    """The unit's score minus the country's mean (``country_mean``): one row ``distance``, or none where either is not known.

    >>> from par_analysis.metrics.figures import empty
    >>> len(distance(empty(), unit="92", year=2021))
    0
    """
    row = distance_row(panel, unit=unit, year=year, units=units, node=node)
    return figures([row] if row else [])


def distance_row(panel: Panel, *, unit: str, year: int, units: Sequence[str], node: str) -> Row | None:
    """The same as a row."""
    known = lookup(panel)
    own = next(iter(known.rows(unit=unit, year=year, node=node, measure="score", exact=True)), None)
    mean = mean_row(known, year=year, units=units, node=node)
    return _distance(own, mean) if own and mean else None


def distance_among(known: Lookup, *, unit: str, year: int, everyone: Sequence[str], node: str) -> Row | None:
    """The same, where it is known already who was ranked."""
    own = next(iter(known.rows(unit=unit, year=year, node=node, measure="score", exact=True)), None)
    mean = _mean_among(known, year=year, everyone=everyone, node=node)
    return _distance(own, mean) if own and mean else None


def _distance(own: Figure, mean: Figure) -> Row:
    facts = {name: own[name] for name in ("unit", "year", "node", "unit_of_measure")}
    return computed([own, mean], **facts, measure="distance", value=own["value"] - mean["value"], note=f"from the {_named(mean)}")


def _named(mean: Figure) -> str:
    measure, basis, note = (str(mean[name]) for name in ("measure", "basis", "note"))
    return note if measure == "mean_computed" else "published mean" if basis != "computed" else f"mean {note}".strip()


def country_mean(panel: Panel, *, year: int, units: Sequence[str] = (), node: str = TOTAL) -> pd.DataFrame:
    """The mean that distances are measured from, as one row or none: the published one; else ``mean_computed`` of the year's ``ranked_units`` where all of them are scored
    on the node; else a ``mean`` of the country that was computed before. Never the mean of the few that are known.

    >>> def fact(unit, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> country_mean(figures([fact("01", 40), fact("02", 44)]), year=2023, units=["01", "02"])[["unit", "measure", "value"]].values.tolist()
    [['VN', 'mean_computed', 42.0]]
    """
    row = mean_row(panel, year=year, units=units, node=node)
    return figures([row] if row else [])


def mean_row(panel: Panel, *, year: int, units: Sequence[str], node: str) -> Figure | None:
    """The same as a row."""
    known = lookup(panel)
    return _mean_among(known, year=year, everyone=ranked_units(known, year=year, units=units), node=node)


def _mean_among(known: Lookup, *, year: int, everyone: Collection[str], node: str) -> Figure | None:
    told = known.rows(unit=COUNTRY, year=year, node=node, measure="mean", exact=True)
    scores = known.rows(unit=everyone, year=year, node=node, measure="score", exact=True)
    if any(row["basis"] != "computed" for row in told) or not everyone or len(scores) < len(everyone):
        return next(iter(told), None)
    facts: Row = {"unit": COUNTRY, "year": year, "node": node, "unit_of_measure": scores[0]["unit_of_measure"], "out_of": len(everyone)}
    return computed(scores, **facts, measure="mean_computed", value=mean_of(scores), note=f"mean of all {len(everyone)} units")


def is_scored_in_full(panel: Panel, *, year: int, units: Sequence[str], node: str = TOTAL) -> bool:
    """Whether a year's ranking of ``units`` on a node can be made from the known scores: those of them that are ``ranked_units`` are all scored there.

    >>> from par_analysis.metrics.figures import empty
    >>> is_scored_in_full(empty(), year=2023, units=["01"])
    False
    """
    known = lookup(panel)
    wanted = ranked_units(known, year=year, units=units) & set(units)
    return bool(wanted) and wanted <= {row["unit"] for row in known.rows(unit=wanted, year=year, node=node, measure="score", exact=True)}


def ranked_units(panel: Panel, *, year: int, units: Sequence[str]) -> frozenset[str]:
    """Who was ranked in a year: all with a rank on the total, where these ranks are as many as they are out of; else it is not known, and ``units`` are taken to be.

    >>> from par_analysis.metrics.figures import empty
    >>> sorted(ranked_units(empty(), year=2023, units=["01", "02"]))
    ['01', '02']
    """
    ranks = lookup(panel).rows(year=year, node=TOTAL, measure="rank", exact=True)
    places = {row["out_of"] for row in ranks if not math.isnan(row["out_of"])}
    is_whole = len(places) == 1 and len(ranks) >= max(places) and not any(math.isnan(row["out_of"]) for row in ranks)
    return frozenset(row["unit"] for row in ranks) if is_whole else frozenset(units)
