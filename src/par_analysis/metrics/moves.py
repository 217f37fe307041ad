"""Who moved from one year to another, and how many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from par_analysis.errors import UnknownName
from par_analysis.metrics.figures import Row, computed, figures, pick, rows_of, values
from par_analysis.metrics.ranks import rank
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
    new, old, gain, why = _gains(panel, year=year, base=base, units=units, by=by, higher_is_better=higher_is_better, tolerance=tolerance, node=node)
    both = pd.concat([new, old], ignore_index=True)
    if not len(both):
        return figures([])
    raw = gain if by == "rank" or higher_is_better else -gain
    order = gain.sort_values(ascending=False, kind="stable", na_position="last").index
    scale = "place" if by == "rank" else str(both["unit_of_measure"].iloc[0])
    anew = by == "rank" and any(map(is_counted_anew, why.values()))
    out_of = {"out_of": float(gain.notna().sum())} if anew else {}
    facts: Row = {"index": both["index"].iloc[0], "year": year, "node": node, "measure": f"{by}_change", "unit_of_measure": scale, **out_of}
    return figures(computed(both[both["unit"] == unit], **facts, unit=unit, value=raw[unit], note=why[unit]) for unit in order)


def _gains(
    panel: pd.DataFrame, *, year: int, base: int, units: Sequence[str], by: str, higher_is_better: bool, tolerance: float, node: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series[float], dict[str, str]]:
    """The rows of both years, the gain of every unit in order of code (positive = better, NaN unknown), and why or against what."""
    ordered = sorted(set(units))
    new, old = (pick(panel, unit=ordered, year=when, node=node, measure=by, exact=True) for when in (year, base))
    now, then = values(new, ordered), values(old, ordered)
    gain = (now - then) if by == "score" and higher_is_better else (then - now)
    gain = gain.mask(gain.abs() <= tolerance, 0.0)
    why = {}
    for unit in ordered:
        absent = [str(when) for when, known in ((base, then), (year, now)) if np.isnan(known[unit])]
        why[unit] = f"{by} not known for {' and '.join(absent)}" if absent else f"against {base}"
    if by == "rank":
        scores = {when: pick(panel, unit=ordered, year=when, node=node, measure="score", exact=True) for when in (year, base)}
        if _are_other_lists(new, old) and all(_is_complete(ranks, scores[when]) for ranks, when in ((new, year), (old, base))):
            ranks_now, ranks_then = _ranked_anew(scores[year], scores[base], higher_is_better, tolerance)
            note = f"against {base}; among the {len(ranks_now)} {IN_BOTH_YEARS}"
            gain = (ranks_then - ranks_now).reindex(gain.index)
            return new, old, gain, {unit: why[unit] if np.isnan(gain[unit]) else note for unit in ordered}
        differ = _differing(new, old, ordered)
        gain = gain.mask(differ)
        why.update(dict.fromkeys(differ.index[differ], "ranks are not out of the same number"))
    return new, old, gain, why


def places_anew(
    panel: pd.DataFrame, *, unit: str, year: int, base: int, units: Sequence[str], nodes: Sequence[str], higher_is_better: bool = True, tolerance: float = 1e-9
) -> pd.DataFrame:
    """The unit's ``rank_change`` on every node on which places have to be counted anew, as ``movers`` does; empty where the same units were ranked in both years.

    >>> from par_analysis.metrics.figures import empty
    >>> len(places_anew(empty(), unit="30", year=2023, base=2022, units=["30"], nodes=["domain:1"]))
    0
    """
    near = panel[panel["year"].isin([year, base]) & panel["node"].isin(list(nodes)) & panel["measure"].isin(["score", "rank"])]
    rows: list[Row] = []
    for node in nodes if len(near) else ():
        found = movers(near[near["node"] == node], year=year, base=base, units=units, higher_is_better=higher_is_better, tolerance=tolerance, node=node)
        rows += rows_of(found[(found["unit"] == unit) & found["note"].map(is_counted_anew) & found["value"].notna()])
    return figures(rows)


def _are_other_lists(new: pd.DataFrame, old: pd.DataFrame) -> bool:
    """Whether other units were ranked in the one year than in the other."""
    return set(new["unit"]) != set(old["unit"])


def _is_complete(ranks: pd.DataFrame, scores: pd.DataFrame) -> bool:
    """Whether every place of a year's list belongs to a known unit with a score."""
    return len(ranks) > 0 and set(ranks["out_of"]) == {float(len(ranks))} and set(ranks["unit"]) <= set(scores["unit"])


def _ranked_anew(now: pd.DataFrame, then: pd.DataFrame, higher_is_better: bool, tolerance: float) -> tuple[pd.Series[float], pd.Series[float]]:
    """Places of both years among the units scored in both."""
    common = sorted(set(now["unit"]) & set(then["unit"]))
    one, other = (rank(values(scores, common), higher_is_better=higher_is_better, tolerance=tolerance) for scores in (now, then))
    return one, other


def _differing(new: pd.DataFrame, old: pd.DataFrame, units: Sequence[str]) -> pd.Series[bool]:
    """Whose two ranks have different, known denominators."""
    now, then = (values(found.assign(value=found["out_of"]), units) for found in (new, old))
    return now.notna() & then.notna() & (now != then)


def rise_and_fall(panel: pd.DataFrame, *, year: int, base: int, units: Sequence[str], higher_is_better: bool = True, tolerance: float = 1e-9, node: str = TOTAL) -> pd.DataFrame:
    """How many units got better, worse, stayed or are unknown: ``n_units_up_score``, ``n_units_down_score``, ``n_units_same_score``, ``n_units_unknown_score``
    and the same with ``_rank``, of the country, out of all units; published ``n_units_*`` figures of the year follow. Up means better: a lower score
    where lower is better. Empty where nothing is known in either year.

    >>> from par_analysis.metrics.figures import empty
    >>> len(rise_and_fall(empty(), year=2023, base=2022, units=["01"]))
    0
    """
    rows: list[Row] = []
    for by in ("score", "rank"):
        new, old, gain, _ = _gains(panel, year=year, base=base, units=units, by=by, higher_is_better=higher_is_better, tolerance=tolerance, node=node)
        both = pd.concat([new, old], ignore_index=True)
        counts = {"up": (gain > 0).sum(), "down": (gain < 0).sum(), "same": (gain == 0).sum(), "unknown": gain.isna().sum()}
        facts: Row = {"unit": COUNTRY, "year": year, "node": node, "unit_of_measure": "count", "out_of": len(gain), "note": f"against {base}"}
        rows += [computed(both, **facts, measure=f"n_units_{name}_{by}", value=int(count)) for name, count in counts.items()] if len(both) else []
    published = pick(panel, unit=COUNTRY, year=year, node=node)
    return figures(rows + rows_of(published[published["measure"].str.startswith("n_units_")]))
