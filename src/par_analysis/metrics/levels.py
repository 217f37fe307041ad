"""Points against their maximum: share, headroom, and whether a node tells units apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from par_analysis.metrics.figures import Codes, computed, figures, pick, rows_of
from par_analysis.model import COUNTRY, TOTAL


def with_shares(found: pd.DataFrame) -> pd.DataFrame:
    """Picked figures with ``share_of_max`` (percent) added for each score below the total that states its maximum and has no published share.

    >>> from par_analysis.metrics.figures import empty
    >>> len(with_shares(empty()))
    0
    """
    keys = ["index", "unit", "year", "node"]
    told = set(map(tuple, found.loc[found["measure"] == "share_of_max", keys].to_numpy()))
    scores = found[(found["measure"] == "score") & (found["out_of"] > 0) & (found["qualifier"] == "") & (found["node"] != TOTAL)]
    made = []
    for i, score in scores.iterrows():
        key = tuple(score[keys])
        if key not in told:
            facts = dict(zip(keys, key, strict=True))
            made.append(computed(scores.loc[[i]], **facts, measure="share_of_max", value=100 * score["value"] / score["out_of"], unit_of_measure="percent", out_of=100.0))
    return figures(rows_of(found) + made)


def headroom(panel: pd.DataFrame, *, year: int, unit: Codes = None, node: Codes = None) -> pd.DataFrame:
    """Points still to be had: ``headroom`` = maximum - points for every score that states its maximum; published ``points_lost`` are passed through.

    >>> score = {"index": "par_index", "unit": "30", "year": 2023, "node": "domain:1", "measure": "score", "value": 8.5, "out_of": 9.5, "basis": "published"}
    >>> headroom(figures([score]), year=2023)["value"].tolist()
    [1.0]
    """
    scores = pick(panel, unit=unit, year=year, node=node, measure="score", exact=True)
    scores = scores[scores["out_of"].notna()]
    rows = [
        computed(
            scores.loc[[i]],
            unit=score["unit"],
            year=year,
            node=score["node"],
            measure="headroom",
            value=score["out_of"] - score["value"],
            unit_of_measure=score["unit_of_measure"],
            out_of=score["out_of"],
        )
        for i, score in scores.iterrows()
    ]
    return figures(rows + rows_of(pick(panel, unit=unit, year=year, node=node, measure="points_lost")))


def ceiling_share(panel: pd.DataFrame, *, year: int, units: Sequence[str], node: Codes = None, tolerance: float = 1e-9) -> pd.DataFrame:
    """Per node, the percent of scored units that have the maximum: ``ceiling_share`` of the country, out of the units scored there. Above 90 a node hardly tells units apart.

    >>> from par_analysis.metrics.figures import empty
    >>> len(ceiling_share(empty(), year=2023, units=["01"]))
    0
    """
    return _share(panel, "ceiling_share", year=year, units=units, node=node, tolerance=tolerance)


def floor_share(panel: pd.DataFrame, *, year: int, units: Sequence[str], node: Codes = None, tolerance: float = 1e-9) -> pd.DataFrame:
    """Per node, the percent of scored units that have no points at all: ``floor_share`` of the country, out of the units scored there.

    >>> from par_analysis.metrics.figures import empty
    >>> len(floor_share(empty(), year=2023, units=["01"]))
    0
    """
    return _share(panel, "floor_share", year=year, units=units, node=node, tolerance=tolerance)


def _share(panel: pd.DataFrame, measure: str, *, year: int, units: Collection[str], node: Codes, tolerance: float) -> pd.DataFrame:
    scores = pick(panel, unit=units, year=year, node=node, measure="score", exact=True)
    scores = scores[scores["out_of"].notna()]
    rows = []
    for name, part in scores.groupby("node", sort=True):
        at = (part["value"] >= part["out_of"] - tolerance) if measure == "ceiling_share" else (part["value"] <= tolerance)
        rows.append(computed(part, unit=COUNTRY, year=year, node=str(name), measure=measure, value=100 * float(at.mean()), unit_of_measure="percent", out_of=len(part)))
    return figures(rows)
