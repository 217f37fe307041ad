"""Made-up figures of the parts of an index, as the metrics return them, with the names that readers see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from par_analysis import catalog
from par_analysis.model import FIGURES, Language
from par_analysis.show.language import Words

HUE, LONG = "46", "77"  # Thừa Thiên Huế, Bà Rịa - Vũng Tàu
YEAR, BASE = 2023, 2022


@lru_cache
def words(lang: Language, index: str = "papi", year: int = YEAR) -> Words:
    """The real names of the units, domains and criteria: long ones are among them."""
    known = catalog.load()
    record, framework = known.index(index), known.framework(index, year)
    assert framework is not None
    units = {code: unit.name(lang) for code, unit in known.units.items()}
    domains = {domain.no: domain.name[lang] for domain in framework.domains}
    nodes = {code: names[lang] for code, names in record.node_names.items()}
    return Words(lang, units, domains, record.label[lang], record.decimals, short_index=record.short[lang], node_names=nodes)


def tree(year: int = YEAR) -> dict[str, tuple[str, ...]]:
    """Node → its parts, of PAPI."""
    framework = catalog.load().framework("papi", year)
    assert framework is not None
    return framework.tree


def figure(measure: str, value: float, node: str = "total", **more: Any) -> dict[str, Any]:
    """A figure of Thừa Thiên Huế."""
    places = ("rank", "effect", "own_first", "own_last")
    kind = "count" if measure.startswith("n_") else "place" if any(name in measure for name in places) else "percent" if measure == "share_of_max" else "points"
    row: dict[str, Any] = dict.fromkeys(FIGURES, "") | {"index": "papi", "unit": HUE, "year": YEAR, "node": node, "measure": measure, "value": float(value)}
    return row | {"out_of": math.nan, "unit_of_measure": kind, "basis": "computed", "source": "https://example.vn", "edition": "made"} | more


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Figures in a table."""
    return pd.DataFrame(rows, columns=list(FIGURES)).astype(dict(FIGURES))


def effort(
    own: Sequence[float] = (3.5,),
    others: Sequence[float] = (-1.5,),
    *,
    before: float = 3,
    after: float = 1,
    places: int = 59,
    used: int = 58,
    points: float = 0.66,
    measure: str = "score_change",
    unit: str = HUE,
) -> pd.DataFrame:
    """An effort whose two orders of counting agree, known or between two limits."""
    note = f"against {BASE}; basis: {'raw' if measure == 'score_change' else 'distance'}" + (f"; among the {places} units scored in both years" if places < 63 else "")
    rows = [figure("rank_change", before - after)]
    for name, ends in (("own_effect", own), ("others_effect", others), ("own_first", own), ("own_last", own)):
        rows += _ends(name, ends)
    rows += _ends("rank_own_new", [before - end for end in reversed(own)]) + _ends("rank_own_old", [after + end for end in own])
    rows = [{**row, "out_of": float(places)} for row in rows]
    rows += [figure(measure, points), figure("n_used", used, out_of=62.0)]
    return table(*({**row, "note": note, "unit": unit} for row in rows))


def _ends(name: str, ends: Sequence[float]) -> list[dict[str, Any]]:
    if len(ends) == 1:
        return [figure(name, ends[0])]
    return [figure(f"{name}_{end}", value, basis="bound") for end, value in zip(("low", "high"), ends, strict=True)]


def profile(nodes: Sequence[str], *, own: float = 0.6, maximum: float = 10.0, known: int = 61, unit: str = HUE) -> pd.DataFrame:
    """A unit that reaches a little more on each node than on the one before."""
    rows: list[dict[str, Any]] = []
    for number, node in enumerate(nodes):
        share = min(own + number * 0.01, 1.0)
        rows += [figure("score", share * maximum, node, out_of=maximum, unit=unit), figure("share_of_max", 100 * share, node, out_of=100.0, unit=unit)]
        rows += [figure("rank", 1 + number, node, out_of=61.0, unit=unit), figure("gap_mean", (share - 0.5) * maximum, node, unit=unit)]
        ends = {"mean": 0.5, "max": max(share, 0.9), "min": 0.2}
        rows += [figure(f"{name}_computed", value * maximum, node, unit="VN", out_of=61.0, note=f"{name} of {known} of 61 scores") for name, value in ends.items()]
    return table(*rows)


def contributions(values: Mapping[str, float], *, rest: float = 0.0, whole: bool = True, basis: str = "raw", parent: str = "total", missing: str = "") -> pd.DataFrame:
    """The parts' changes, and with ``whole`` the change that they add up to."""
    note = f"against {BASE}; basis: {basis}"
    rows = [figure("contribution", value, node, note=note) for node, value in values.items()]
    if whole:
        rows.append(figure("score_change" if basis == "raw" else "distance_change", sum(values.values()) + rest, parent, note=note))
    if rest:
        why = f"not known in both years: {missing}" if missing else "the parts do not add up to the whole"
        rows.append(figure("contribution_rest", rest, parent, note=f"{note}; {why}"))
    return table(*rows)


def course(node: str, scores: Mapping[int, float], means: Mapping[int, float], *, maximum: float = 10.0, unit: str = HUE) -> list[dict[str, Any]]:
    """Rows of a node's history."""
    own = [figure("score", value, node, year=year, out_of=maximum, unit=unit) for year, value in scores.items()]
    return own + [figure("mean_computed", value, node, year=year, unit="VN", out_of=61.0) for year, value in means.items()]


def spread(nodes: Sequence[str], *, low: str = LONG, high: str = HUE, known: int = 61, maximum: float = 10.0, change: float | None = 0.1) -> pd.DataFrame:
    """The country on each node, with who has the lowest and the highest score."""
    rows: list[dict[str, Any]] = []
    for number, node in enumerate(nodes):
        ends = {"mean": 5.0, "max": 8.0 + number * 0.1, "min": 2.0 + number * 0.1}
        rows += [figure(f"{name}_computed", value, node, unit="VN", out_of=63.0) for name, value in ends.items()]
        rows += [figure("n_scored", known, node, unit="VN", out_of=63.0)]
        rows += [figure("score", ends["min"], node, unit=low, out_of=maximum), figure("score", ends["max"], node, unit=high, out_of=maximum)]
        rows += [figure("mean_change", change, node, unit="VN", note=f"against {BASE}; of the 59 units scored in both years")] if change is not None else []
    return table(*rows)
