"""Who moved from one year to another, and how many."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from par_analysis.errors import UnknownName
from par_analysis.metrics.figures import Row, by_unit, computed, figures, index_of
from par_analysis.metrics.lookup import Figure, Lookup, Panel, lookup
from par_analysis.metrics.ranks import places_of
from par_analysis.model import COUNTRY, IN_BOTH_YEARS, TOTAL, is_counted_anew

BY = ("rank", "score")
"""What movers can be sorted by."""


def movers(
    panel: pd.DataFrame, *, year: int, base: int, units: Sequence[str], by: str = "rank", higher_is_better: bool = True, tolerance: float = 1e-9, node: str = TOTAL
) -> pd.DataFrame:
    """Each unit's ``rank_change`` (places gained) or ``score_change`` (new minus old), the biggest gain first, equals by code; units not known in
    both years come last, with a missing value and the reason in the note. Where every place of both years belongs to a unit with a score, but not to the
    same units, places are counted anew among the units scored in both years: ``out_of`` is their number, and the note says so. ``UnknownName`` for another
    ``by``. Empty where nothing is known in either year.

    >>> def fact(unit, year, value):
    ...     return {"index": "par_index", "unit": unit, "year": year, "node": "total", "measure": "rank", "value": value, "out_of": 3, "basis": "published"}
    >>> panel = figures([fact("01", 2022, 1), fact("01", 2023, 2), fact("02", 2022, 2), fact("02", 2023, 1), fact("03", 2023, 3)])
    >>> movers(panel, year=2023, base=2022, units=["01", "02", "03"])[["unit", "value"]].values.tolist()
    [['02', 1.0], ['01', -1.0], ['03', nan]]
    """
    if by not in BY:
        raise UnknownName("way to sort movers", by, BY)
    made = _gains(lookup(panel), (year, base), units, by, higher_is_better, tolerance, node)
    order = sorted(made.gain, key=lambda unit: -made.gain[unit] if made.is_known(unit) else math.inf)
    return figures(_move(made, unit) for unit in order if made.both)


@dataclass(frozen=True)
class Gains:
    """The rows of both years, the newer first; the gain of every unit in order of code (positive = better, NaN unknown), and why or against what. ``facts``: of every move;
    ``sign``: of a change by a gain."""

    both: Sequence[Figure]
    gain: Mapping[str, float]
    why: Mapping[str, str]
    facts: Row
    sign: float

    def is_known(self, unit: str) -> bool:
        """Whether the unit's gain is known."""
        return not math.isnan(self.gain.get(unit, math.nan))


def _gains(known: Lookup, years: tuple[int, int], units: Sequence[str], by: str, higher_is_better: bool, tolerance: float, node: str) -> Gains:
    ordered = sorted(set(units))
    of_both = [known.rows(unit=ordered, year=year, node=node, measure=by, exact=True) for year in years]
    now, then = map(by_unit, of_both)
    sign = 1.0 if by == "score" and higher_is_better else -1.0
    gain = {unit: _settled(sign * (now.get(unit, math.nan) - then.get(unit, math.nan)), tolerance) for unit in ordered}
    why = {unit: _reason(by, [str(year) for year, of in ((years[1], then), (years[0], now)) if unit not in of], years[1]) for unit in ordered}
    scale = "place" if by == "rank" else next((str(row["unit_of_measure"]) for of in of_both for row in of), "")
    both = [row for of in of_both for row in of]
    facts: Row = {"index": index_of(both), "year": years[0], "node": node, "measure": f"{by}_change", "unit_of_measure": scale}
    plain = Gains(both, gain, why, facts, 1.0 if by == "rank" else sign)
    return _of_places(plain, known, years, of_both, higher_is_better, tolerance) if by == "rank" else plain


def _settled(gain: float, tolerance: float) -> float:
    return 0.0 if abs(gain) <= tolerance else gain


def _reason(by: str, absent: Sequence[str], base: int) -> str:
    return f"{by} not known for {' and '.join(absent)}" if absent else f"against {base}"


def _of_places(plain: Gains, known: Lookup, years: tuple[int, int], ranks: Sequence[Sequence[Figure]], higher_is_better: bool, tolerance: float) -> Gains:
    """Gains of places: counted anew where other units were ranked in the one year than in the other, unless few of them are the same; unknown where ranks are not out of the
    same number. The lists are those of the years, with units that are none of the later one's (Hà Tây in 2008)."""
    ordered, node = list(plain.gain), plain.facts["node"]
    lists, of_lists = ([_of_provinces(known, year, node, measure) for year in years] for measure in ("rank", "score"))
    are_other_lists = {row["unit"] for row in lists[0]} != {row["unit"] for row in lists[1]}
    scores = [[row for row in of if row["unit"] in plain.gain] for of in of_lists]
    in_both = {row["unit"] for row in scores[0]} & {row["unit"] for row in scores[1]}
    if are_other_lists and 2 * len(in_both) >= len(scores[0]) and all(map(_is_complete, lists, of_lists)):
        return _counted_anew(plain, years[1], scores, higher_is_better, tolerance)
    now, then = (by_unit(of, "out_of") for of in ranks)
    differ = [unit for unit in ordered if abs(now.get(unit, math.nan) - then.get(unit, math.nan)) > 0]
    unknown, why = dict.fromkeys(differ, math.nan), dict.fromkeys(differ, "ranks are not out of the same number")
    return replace(plain, gain={**plain.gain, **unknown}, why={**plain.why, **why})


def _of_provinces(known: Lookup, year: int, node: str, measure: str) -> list[Figure]:
    """The figures of a year, without those of the country and its regions."""
    return [row for row in known.rows(year=year, node=node, measure=measure, exact=True) if row["unit"] != COUNTRY and not re.fullmatch("R[0-9]", row["unit"])]


def _counted_anew(plain: Gains, base: int, scores: Sequence[Sequence[Figure]], higher_is_better: bool, tolerance: float) -> Gains:
    """Gains of the places of both years among the units scored in both."""
    values = [by_unit(of) for of in scores]
    common = sorted(values[0].keys() & values[1].keys())
    now, then = (places_of(np.array([of[unit] for unit in common]), higher_is_better=higher_is_better, tolerance=tolerance).tolist() for of in values)
    gain = dict.fromkeys(plain.gain, math.nan) | {unit: old - new for unit, new, old in zip(common, now, then, strict=True)}
    note = f"against {base}; among the {len(common)} {IN_BOTH_YEARS}"
    why = {unit: plain.why[unit] if math.isnan(gain[unit]) else note for unit in gain}
    return replace(plain, gain=gain, why=why, facts={**plain.facts, "out_of": float(len(common))} if common else plain.facts)


def _move(made: Gains, unit: str) -> Row:
    own = [row for row in made.both if row["unit"] == unit]
    return computed(own, **made.facts, unit=unit, value=made.sign * made.gain[unit], note=made.why[unit])


def places_anew(
    panel: pd.DataFrame, *, unit: str, year: int, base: int, units: Sequence[str], nodes: Sequence[str], higher_is_better: bool = True, tolerance: float = 1e-9
) -> pd.DataFrame:
    """The unit's ``rank_change`` on every node on which places have to be counted anew, as ``movers`` does; empty where the same units were ranked in both years.

    >>> from par_analysis.metrics.figures import empty
    >>> len(places_anew(empty(), unit="30", year=2023, base=2022, units=["30"], nodes=["domain:1"]))
    0
    """
    return figures(moves_anew(panel, unit=unit, year=year, base=base, units=units, nodes=nodes, higher_is_better=higher_is_better, tolerance=tolerance))


def moves_anew(panel: Panel, *, unit: str, year: int, base: int, units: Sequence[str], nodes: Sequence[str], higher_is_better: bool = True, tolerance: float = 1e-9) -> list[Row]:
    """The rows of ``places_anew``."""
    known = lookup(panel)
    of_nodes = (_gains(known, (year, base), units, "rank", higher_is_better, tolerance, node) for node in nodes)
    return [_move(made, unit) for made in of_nodes if made.is_known(unit) and is_counted_anew(made.why[unit])]


def _is_complete(ranks: Sequence[Figure], scores: Sequence[Figure]) -> bool:
    """Whether every place of a year's list belongs to a known unit with a score."""
    return len(ranks) > 0 and {row["out_of"] for row in ranks} == {float(len(ranks))} and {row["unit"] for row in ranks} <= {row["unit"] for row in scores}


def rise_and_fall(panel: pd.DataFrame, *, year: int, base: int, units: Sequence[str], higher_is_better: bool = True, tolerance: float = 1e-9, node: str = TOTAL) -> pd.DataFrame:
    """How many units got better, worse, stayed or are unknown: ``n_units_up_score``, ``n_units_down_score``, ``n_units_same_score``, ``n_units_unknown_score``
    and the same with ``_rank``, of the country, out of all units; published ``n_units_*`` figures of the year follow. Up means better: a lower score
    where lower is better. Empty where nothing is known in either year.

    >>> from par_analysis.metrics.figures import empty
    >>> len(rise_and_fall(empty(), year=2023, base=2022, units=["01"]))
    0
    """
    known = lookup(panel)
    rows: list[Figure] = []
    for by in ("score", "rank"):
        made = _gains(known, (year, base), units, by, higher_is_better, tolerance, node)
        gains = made.gain.values()
        counts = {"up": sum(gain > 0 for gain in gains), "down": sum(gain < 0 for gain in gains), "same": sum(gain == 0 for gain in gains)}
        counts["unknown"] = len(gains) - sum(counts.values())
        facts: Row = {"unit": COUNTRY, "year": year, "node": node, "unit_of_measure": "count", "out_of": len(gains), "note": f"against {base}"}
        rows += [computed(made.both, **facts, measure=f"n_units_{name}_{by}", value=count) for name, count in counts.items()] if made.both else []
    published = known.rows(unit=COUNTRY, year=year, node=node)
    return figures([*rows, *(row for row in published if row["measure"].startswith("n_units_"))])
