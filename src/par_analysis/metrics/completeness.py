"""How many of the parts that make up a unit's total are known."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.metrics.figures import Row, computed, empty, figures, index_of, picked
from par_analysis.model import TOTAL


def completeness(panel: pd.DataFrame, *, unit: str, year: int, nodes: Sequence[str]) -> pd.DataFrame:
    """``n_scored`` of the unit: on how many of ``nodes`` its score of the year is known, out of all of them; 0 where others have scores and it has none.

    Empty without nodes, and where nobody has a score on any of them in the year: then nothing is known of the year.

    >>> def fact(unit, node):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": node, "measure": "score", "value": 1, "basis": "published"}
    >>> panel = figures([fact("01", "criterion:a"), fact("01", "criterion:b"), fact("02", "criterion:a")])
    >>> [completeness(panel, unit=unit, year=2023, nodes=["criterion:a", "criterion:b"])["value"].item() for unit in ("01", "02", "03")]
    [2.0, 1.0, 0.0]
    """
    wanted = sorted(set(nodes))
    scores = picked(panel, year=year, node=wanted, measure="score", exact=True)
    if not scores:
        return empty()
    own = [row for row in scores if row["unit"] == unit]
    facts: Row = {"index": index_of(scores), "unit": unit, "year": year, "node": TOTAL, "unit_of_measure": "count", "out_of": len(wanted)}
    return figures([computed(own, **facts, measure="n_scored", value=len(own), note="scores of the parts that make up the total")])
