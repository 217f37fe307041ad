"""From one year to another: changes of a unit, its history, its best and worst years."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures, picked
from par_analysis.metrics.levels import with_shares
from par_analysis.metrics.lookup import Codes, Figure, Panel, lookup
from par_analysis.metrics.ranks import percentile_of_place
from par_analysis.model import TOTAL

CHANGES = ("score_change", "share_change", "rank_change", "percentile_change", "mean_change")
"""The measures of ``change``, in the order of its rows."""


SAME_LIST = 0.75
"""Ranks are places of the same list where the smaller denominator is at least this share of the greater one: 61 of 63, not 34 of 63."""


def change(panel: pd.DataFrame, *, unit: str, year: int, base: int, higher_is_better: bool = True, comparable: bool | None = None, node: Codes = None) -> pd.DataFrame:
    """What changed from ``base`` to ``year`` on every node that the unit has in both: new minus old for scores and shares, old minus new for ranks (positive = places gained).

    Measures ``score_change`` (for a country or region ``mean_change``), ``share_change`` (percentage points of the maximum), ``rank_change``; where a
    rank's denominator differs much between the years (``is_the_same_list``) ``percentile_change`` stands for it. A score change is said to be not comparable in its note where
    ``comparable`` is False, and of unknown comparability where it is None; where lower scores are better the note says that too. A published change
    against the year before is passed through where the two values are not both known. Empty where there is nothing in common.

    >>> def fact(year, measure, value):
    ...     return {"index": "par_index", "unit": "30", "year": year, "node": "total", "measure": measure, "value": value, "out_of": 63, "basis": "published"}
    >>> panel = figures([fact(2022, "rank", 47), fact(2023, "rank", 22)])
    >>> change(panel, unit="30", year=2023, base=2022)[["measure", "value"]].values.tolist()
    [['rank_change', 25.0]]
    """
    return figures(change_rows(panel, unit=unit, year=year, base=base, higher_is_better=higher_is_better, comparable=comparable, node=node))


def change_rows(panel: Panel, *, unit: str, year: int, base: int, higher_is_better: bool, comparable: bool | None, node: Codes) -> list[Figure]:
    """The rows of ``change``."""
    known = lookup(panel)
    found = known.rows(unit=unit, year=[year, base], node=node, measure=["score", "share_of_max", "rank", "mean"], exact=True)
    made = changes_of(found, year=year, base=base, higher_is_better=higher_is_better, comparable=comparable)
    told = {(row["node"], row["measure"]) for row in made}
    printed = known.rows(unit=unit, year=year, node=node, measure=CHANGES) if year == base + 1 else []
    rows = [*made, *(row for row in printed if (row["node"], row["measure"]) not in told)]
    return sorted(rows, key=lambda row: (row["node"], CHANGES.index(row["measure"])))


def changes_of(found: Sequence[Figure], *, year: int, base: int, higher_is_better: bool = True, comparable: bool | None = True) -> list[Row]:
    """The changes between the levels of a unit in two years, by node and measure."""
    of_points = _score_note(comparable, higher_is_better)
    notes = {"score": of_points, "mean": of_points, "share_of_max": "" if higher_is_better else "lower is better"}
    return [row for new, old in _pairs(with_shares(found), year, base) for row in _change_row(new, old, notes)]


def _pairs(found: Sequence[Figure], year: int, base: int) -> list[tuple[Figure, Figure]]:
    """For each node and measure known in both years: the new row and the old row."""
    new, old = ({(row["node"], row["measure"]): row for row in found if row["year"] == when} for when in (year, base))
    return [(new[key], old[key]) for key in sorted(new.keys() & old.keys())] if year != base else []


def _score_note(comparable: bool | None, higher_is_better: bool) -> str:
    said = {True: "", False: "points of the two years are not comparable: the method differs", None: "not known whether points of the two years are comparable"}
    return "; ".join(part for part in (said[comparable], "" if higher_is_better else "lower is better") if part)


def _change_row(new: Figure, old: Figure, notes: Mapping[str, str]) -> list[Row]:
    """The change between two rows, as no or one row."""
    where = {name: new[name] for name in ("unit", "year", "node")}
    if new["measure"] == "rank":
        return _place_change(new, old, where)
    measure, scale = ("share_change", "percentage_points") if new["measure"] == "share_of_max" else (f"{new['measure']}_change", new["unit_of_measure"])
    note = "; ".join(part for part in (f"against {old['year']}", notes[str(new["measure"])]) if part)
    return [computed([new, old], **where, measure=measure, value=new["value"] - old["value"], unit_of_measure=scale, note=note)]


def is_the_same_list(one: float, other: float) -> bool:
    """Whether ranks out of two numbers are places of the same list, in which some units were not ranked in one of the years.

    >>> is_the_same_list(61, 63), is_the_same_list(34, 63)
    (True, False)
    """
    return min(one, other) >= SAME_LIST * max(one, other)


def _place_change(one: Figure, other: Figure, where: Mapping[str, object]) -> list[Row]:
    pair = (one, other)
    (new, new_of), (old, old_of) = ((float(row["value"]), float(row["out_of"])) for row in pair)
    against = f"against {other['year']}"
    if new_of == old_of or math.isnan(new_of) or math.isnan(old_of) or is_the_same_list(new_of, old_of):
        unknown, known = "not known whether both ranks are out of the same number", f"ranks out of {new_of:g} and {old_of:g}"
        note = against if new_of == old_of else f"{against}; {unknown if math.isnan(new_of) or math.isnan(old_of) else known}"
        return [computed(pair, **where, measure="rank_change", value=old - new, unit_of_measure="place", out_of=new_of, note=note)]
    value = percentile_of_place(new, new_of) - percentile_of_place(old, old_of)
    note = f"{against}; ranks out of {new_of:g} and {old_of:g}"
    return [] if math.isnan(value) else [computed(pair, **where, measure="percentile_change", value=value, unit_of_measure="percentage_points", note=note)]


def history(panel: pd.DataFrame, *, unit: str, node: str = TOTAL, until: int | None = None) -> pd.DataFrame:
    """The unit's known ``score`` and ``rank`` figures on a node, oldest year first; years without figures have no rows.

    >>> def fact(year, value):
    ...     return {"index": "par_index", "unit": "30", "year": year, "node": "total", "measure": "rank", "value": value, "basis": "published"}
    >>> history(figures([fact(2023, 22), fact(2021, 60)]), unit="30")["value"].tolist()
    [60.0, 22.0]
    """
    found = [row for row in picked(panel, unit=unit, node=node, measure=["score", "rank"]) if until is None or row["year"] <= until]
    return figures(sorted(found, key=lambda row: (row["year"], row["measure"] == "rank")))


def best_worst(panel: pd.DataFrame, *, unit: str, year: int, first: int | None = None, node: str = TOTAL) -> pd.DataFrame:
    """Best and worst known rank from ``first`` (default: the first year known) to ``year``, and since when the rank of ``year`` has been the best.

    ``best_rank`` and ``worst_rank`` are rows of the year they were had in (the latest, where several share it; the note names them all); the others of ``year``:
    ``n_years_known`` out of the years in the window; ``best_since``, the earliest known year from which on no known rank is better than that of ``year``, and
    ``best_since_strict`` is 1 where all of them are worse, else 0; both only where that span holds an earlier known year. Where some units were not ranked in some years
    (``is_the_same_list``) ranks are ordered by the share of the list that is better; ranks of another list are left out and counted in the note. Empty where no rank is known.

    >>> def fact(year, value):
    ...     return {"index": "par_index", "unit": "30", "year": year, "node": "total", "measure": "rank", "value": value, "out_of": 63, "basis": "published"}
    >>> ranks = {2018: 58, 2019: 52, 2020: 26, 2021: 60, 2022: 47, 2023: 22}
    >>> found = best_worst(figures(fact(*item) for item in ranks.items()), unit="30", year=2023)
    >>> found.set_index("measure")["value"].to_dict()["best_since"]
    2018.0
    """
    found = [row for row in picked(panel, unit=unit, node=node, measure="rank", exact=True) if (first is None or first <= row["year"]) and row["year"] <= year]
    if not found:
        return figures([])
    found = sorted(found, key=lambda row: row["year"])
    latest = next((float(row["out_of"]) for row in reversed(found) if not math.isnan(row["out_of"])), math.nan)
    like = [row for row in found if math.isnan(row["out_of"]) or row["out_of"] == latest or is_the_same_list(row["out_of"], latest)]
    left = f"{len(found) - len(like)} rank(s) of another denominator left out" if len(like) < len(found) else ""
    start = first if first is not None else found[0]["year"]
    facts = {"unit": unit, "year": year, "node": node}
    places = _places(like)
    rows = [_extreme(like, places, measure, facts, left) for measure in ("best_rank", "worst_rank")]
    rows.append(computed(like, **facts, measure="n_years_known", value=len(like), unit_of_measure="count", out_of=year - start + 1, note=left))
    return figures(rows + _best_since(like, places, facts))


def _places(ranks: Sequence[Figure]) -> list[float]:
    """What ranks are ordered by: the places themselves, or where the denominators differ the share of the list that is better."""
    if len({row["out_of"] for row in ranks if not math.isnan(row["out_of"])}) <= 1:
        return [row["value"] for row in ranks]
    return [round((row["value"] - 1) / (row["out_of"] - 1), 12) if row["out_of"] > 1 else math.nan for row in ranks]


def _extreme(ranks: Sequence[Figure], places: Sequence[float], measure: str, facts: Mapping[str, object], left: str) -> Row:
    extreme = min if measure == "best_rank" else max
    place = extreme(known for known in places if not math.isnan(known))
    at = [row for row, held in zip(ranks, places, strict=True) if held == place]
    note = "; ".join(part for part in (f"in {', '.join(str(row['year']) for row in at)}", left) if part)
    facts = {**facts, "year": at[-1]["year"]}
    return computed(at, **facts, measure=measure, value=at[-1]["value"], unit_of_measure="place", out_of=at[-1]["out_of"], note=note)


def _best_since(ranks: Sequence[Figure], places: Sequence[float], facts: Mapping[str, object]) -> list[Row]:
    """Back from the year itself until a better rank is met."""
    if ranks[-1]["year"] != facts["year"]:
        return []
    first = max((i + 1 for i, place in enumerate(places) if place < places[-1]), default=0)
    span = ranks[first:]
    if len(span) < 2:
        return []
    level = [row["year"] for row, place in zip(span, places[first:], strict=True) if place == places[-1]][:-1]
    since = span[0]["year"]
    note = f"no better rank known from {since} on" + (f"; equalled in {', '.join(map(str, level))}" if level else "")
    facts = {**facts, "note": note}
    return [
        computed(span, **facts, measure="best_since", value=since, unit_of_measure="year"),
        computed(span, **facts, measure="best_since_strict", value=float(not level), unit_of_measure="flag"),
    ]
