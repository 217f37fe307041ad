"""How much is known: of each year, and of the scores of one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures, index_of, of_measure
from par_analysis.metrics.lookup import lookup
from par_analysis.metrics.standing import standing
from par_analysis.model import COUNTRY, TOTAL


def coverage(panel: pd.DataFrame, *, units: Sequence[str], years: Sequence[int], node: str = TOTAL) -> pd.DataFrame:
    """Of how many units something is known, by year: ``n_scored``, ``n_ranked``, ``n_both``, ``n_rank_only``, ``n_any``, ``n_unknown`` of the country, out of all units;
    0 known in a year without figures. Empty for an empty panel.

    >>> def fact(unit, measure, value):
    ...     return {"index": "par_index", "unit": unit, "year": 2023, "node": "total", "measure": measure, "value": value, "basis": "published"}
    >>> panel = figures([fact("30", "score", 87.84), fact("30", "rank", 22), fact("22", "rank", 1)])
    >>> coverage(panel, units=["22", "30", "31"], years=[2023])["value"].tolist()
    [1.0, 2.0, 1.0, 1.0, 2.0, 1.0]
    """
    ordered = sorted(set(units))
    rows: list[Row] = []
    known = lookup(panel)
    for year in sorted(set(years)) if len(panel) else []:
        found = known.rows(unit=ordered, year=year, node=node, measure=["score", "rank"])
        scored, ranked = ({row["unit"] for row in of_measure(found, measure)} for measure in ("score", "rank"))
        facts: Row = {"index": index_of(found) or index_of(panel), "unit": COUNTRY, "year": year, "node": node, "unit_of_measure": "count", "out_of": len(ordered)}
        counts = {
            "n_scored": scored,
            "n_ranked": ranked,
            "n_both": scored & ranked,
            "n_rank_only": ranked - scored,
            "n_any": scored | ranked,
            "n_unknown": set(ordered) - scored - ranked,
        }
        rows += [computed(found, **facts, measure=measure, value=len(codes)) for measure, codes in counts.items()]
    return figures(rows)


def distribution(panel: pd.DataFrame, *, year: int, units: Sequence[str], node: str = TOTAL) -> pd.DataFrame:
    """What is known of the scores of a year: ``n_scored``, ``n_ranked``, ``n_unknown`` (neither) and, of the known scores only, ``q1_computed``,
    ``median_computed``, ``q3_computed`` (linear interpolation), all of the country and out of all units. Empty where the year has no figures.

    >>> def fact(unit, value):
    ...     return {"index": "par_index", "unit": unit, "year": 2023, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> distribution(figures([fact("30", 80), fact("22", 90)]), year=2023, units=["22", "30", "31"]).set_index("measure")["value"].to_dict()["median_computed"]
    85.0
    """
    stands = standing(panel, year=year, units=units, node=node)
    if not stands.rows:
        return figures([])
    facts: Row = {"unit": COUNTRY, "year": year, "node": node, "out_of": len(stands.units)}
    scored, ranked = ~np.isnan(stands.score), ~np.isnan(stands.rank)
    counts = {"n_scored": scored.sum(), "n_ranked": ranked.sum(), "n_unknown": (~scored & ~ranked).sum()}
    rows = [computed(stands.rows, **facts, measure=measure, value=int(count), unit_of_measure="count") for measure, count in counts.items()]
    if scored.any():
        note = f"of {int(scored.sum())} of {len(stands.units)} scores"
        cuts = zip(("q1_computed", "median_computed", "q3_computed"), np.quantile(stands.score[scored], [0.25, 0.5, 0.75]), strict=True)
        rows += [computed(stands.scores, **facts, measure=measure, value=cut, unit_of_measure=stands.unit_of_measure, note=note) for measure, cut in cuts]
    return figures(rows)
