"""Two years of a unit on a basis that the reader chose: points as they are, shares of the maximum, distances from the country's mean, or ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.changes import change
from par_analysis.metrics.figures import Row, computed, empty, figures, pick, rows_of
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
    if by == "distance":
        return figures(_distances(panel, unit, year, base, units, node, note))
    known = pick(panel, unit=unit, year=[year, base], node=node, measure=["score", "share_of_max", "rank"], exact=True)
    more: list[Row] = []
    if by == "share":
        more = _shares(known, limits or {})
    elif by == "rank":
        more = _computed_ranks(panel, known, unit, [year, base], units, node, higher_is_better)
    found = change(figures([*rows_of(known), *more]), unit=unit, year=year, base=base, comparable=True, node=node)
    found = found[found["measure"].isin(_CHANGES[by])]
    return figures({**row, "note": str(row["note"]).replace(f"against {base}", note, 1)} for row in rows_of(found))


def _shares(known: pd.DataFrame, limits: Mapping[str, float]) -> list[Row]:
    """Shares of the maximum of the total's scores; below the total ``change`` makes them."""
    told = set(known.loc[known["measure"] == "share_of_max", "year"])
    rows = []
    for i, score in known[(known["measure"] == "score") & (known["node"] == TOTAL)].iterrows():
        maximum = float(score["out_of"]) if score["out_of"] > 0 else limits.get("high", 0.0)
        if maximum > 0 and score["year"] not in told:
            facts = {**score[["unit", "year", "node"]], "measure": "share_of_max", "unit_of_measure": "percent", "out_of": 100.0}
            rows.append(computed(known.loc[[i]], **facts, value=100 * score["value"] / maximum))
    return rows


def _computed_ranks(panel: pd.DataFrame, known: pd.DataFrame, unit: str, years: Sequence[int], units: Sequence[str], node: str, higher_is_better: bool) -> list[Row]:
    """The ranks of the years whose rank was not published, where all units are scored."""
    rows = []
    for year in sorted(set(years) - set(known.loc[known["measure"] == "rank", "year"])):
        stands = standing(panel, year=year, units=units, node=node)
        if unit in stands.units and stands.all_scored():
            place = float(known_places(stands, higher_is_better=higher_is_better)[stands.units.index(unit)])
            facts: Row = {"unit": unit, "year": year, "node": node, "unit_of_measure": "place", "out_of": float(stands.places)}
            rows.append(computed(stands.rows, **facts, measure="rank", value=place))
    return rows


def _distances(panel: pd.DataFrame, unit: str, year: int, base: int, units: Sequence[str], node: str, note: str) -> list[Row]:
    new, old = (distance(panel, unit=unit, year=when, units=units, node=node) for when in (year, base))
    if not len(new) or not len(old) or year == base:
        return []
    both = pd.concat([new, old], ignore_index=True)
    value = float(new["value"].iloc[0] - old["value"].iloc[0])
    facts: Row = {"unit": unit, "year": year, "node": node, "unit_of_measure": new["unit_of_measure"].iloc[0]}
    return [computed(both, **facts, measure="distance_change", value=value, note=note), *rows_of(both)]


def distance(panel: pd.DataFrame, *, unit: str, year: int, units: Sequence[str] = (), node: str = TOTAL) -> pd.DataFrame:
    """The unit's score minus the country's mean (``country_mean``): one row ``distance``, or none where either is not known.

    >>> len(distance(empty(), unit="92", year=2021))
    0
    """
    own = pick(panel, unit=unit, year=year, node=node, measure="score", exact=True)
    mean = country_mean(panel, year=year, units=units, node=node)
    if not len(own) or not len(mean):
        return empty()
    facts: Row = {"unit": unit, "year": year, "node": node, "unit_of_measure": own["unit_of_measure"].iloc[0]}
    value = float(own["value"].iloc[0] - mean["value"].iloc[0])
    return figures([computed(pd.concat([own, mean]), **facts, measure="distance", value=value, note=f"from the {_named(mean)}")])


def _named(mean: pd.DataFrame) -> str:
    measure, basis, note = mean[["measure", "basis", "note"]].iloc[0]
    return str(note) if measure == "mean_computed" else "published mean" if basis != "computed" else f"mean {note}".strip()


def country_mean(panel: pd.DataFrame, *, year: int, units: Sequence[str] = (), node: str = TOTAL) -> pd.DataFrame:
    """The mean that distances are measured from, as one row or none: the published one; else ``mean_computed`` of the year's ``ranked_units`` where all of them are scored
    on the node; else a ``mean`` of the country that was computed before. Never the mean of the few that are known.

    >>> def fact(unit, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> country_mean(figures([fact("01", 40), fact("02", 44)]), year=2023, units=["01", "02"])[["unit", "measure", "value"]].values.tolist()
    [['VN', 'mean_computed', 42.0]]
    """
    told = pick(panel, unit=COUNTRY, year=year, node=node, measure="mean", exact=True)
    everyone = ranked_units(panel, year=year, units=units)
    scores = pick(panel, unit=everyone, year=year, node=node, measure="score", exact=True)
    if (told["basis"] != "computed").any() or not everyone or len(scores) < len(everyone):
        return told
    facts: Row = {"unit": COUNTRY, "year": year, "node": node, "unit_of_measure": scores["unit_of_measure"].iloc[0], "out_of": len(everyone)}
    return figures([computed(scores, **facts, measure="mean_computed", value=float(scores["value"].mean()), note=f"mean of all {len(everyone)} units")])


def is_scored_in_full(panel: pd.DataFrame, *, year: int, units: Sequence[str], node: str = TOTAL) -> bool:
    """Whether a year's ranking of ``units`` on a node can be made from the known scores: those of them that are ``ranked_units`` are all scored there.

    >>> is_scored_in_full(empty(), year=2023, units=["01"])
    False
    """
    wanted = ranked_units(panel, year=year, units=units) & set(units)
    return bool(wanted) and wanted <= set(pick(panel, unit=wanted, year=year, node=node, measure="score", exact=True)["unit"])


def ranked_units(panel: pd.DataFrame, *, year: int, units: Sequence[str]) -> frozenset[str]:
    """Who was ranked in a year: all with a rank on the total, where these ranks are as many as they are out of; else it is not known, and ``units`` are taken to be.

    >>> sorted(ranked_units(empty(), year=2023, units=["01", "02"]))
    ['01', '02']
    """
    ranks = pick(panel, year=year, node=TOTAL, measure="rank", exact=True)
    places = ranks["out_of"].unique()
    return frozenset(ranks["unit"]) if len(places) == 1 and len(ranks) >= places[0] else frozenset(units)
