"""A unit part by part against its peers, the other units of its region say: their mean, the distance from it, and how unusual that is among them; as figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from par_analysis.metrics.figures import Row, computed, figures
from par_analysis.metrics.lookup import Figure, lookup
from par_analysis.metrics.peers import against_peers
from par_analysis.model import TOTAL

_FEWEST = 3
"""Scored peers of whom a mean is told."""


def peer_gaps(panel: pd.DataFrame, *, unit: str, year: int, peers: Sequence[str], nodes: Sequence[str]) -> pd.DataFrame:
    """On the total and each of ``nodes``, in this order: the unit's ``score``, ``peer_mean`` of the others among ``peers``, ``gap_peers``, the score minus that mean, ``peer_z``,
    the same in standard deviations of the peers (n - 1; none where all of them are equal), and ``n_peers``, how many of them are scored, out of their number.

    A node on which the unit, half of its peers or three of them are not scored has no rows; nor has any where that holds of all ``nodes``: a total alone says nothing
    of where a gap is made. Formula: ``peers.against_peers``.

    >>> def fact(unit, node, value):
    ...     return {"index": "papi", "unit": unit, "year": 2023, "node": node, "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact(unit, "domain:1", value) for unit, value in {"01": 5, "02": 6, "03": 7, "04": 8}.items()])
    >>> found = peer_gaps(panel, unit="01", year=2023, peers=["01", "02", "03", "04"], nodes=["domain:1"])
    >>> dict(zip(found["measure"], found["value"]))
    {'score': 5.0, 'peer_mean': 7.0, 'gap_peers': -2.0, 'peer_z': -2.0, 'n_peers': 3.0}
    """
    known, others = lookup(panel), sorted(set(peers) - {unit})
    wanted = list(dict.fromkeys([TOTAL, *nodes]))
    found: dict[str, list[Row]] = {}
    for node in wanted:
        scores = known.rows(unit=[unit, *others], year=year, node=node, measure="score", exact=True)
        rows = list(_of_node(scores, unit, others))
        found |= {node: rows} if rows else {}
    return figures(row for rows in found.values() for row in rows) if found.keys() - {TOTAL} else figures([])


def _of_node(scores: Sequence[Figure], unit: str, others: Sequence[str]) -> Iterator[Row]:
    own = next((row for row in scores if row["unit"] == unit), None)
    count = len(scores) - (own is not None)
    if own is None or count < max(_FEWEST, len(others) / 2):
        return
    scale = own["unit_of_measure"]
    facts: Row = computed(scores, unit=unit, year=own["year"], node=own["node"], unit_of_measure=scale, note=f"against {count} of {len(others)} peers")
    values = pd.Series({row["unit"]: row["value"] for row in scores}, dtype="float64", name=own["node"])
    of = against_peers(values, unit, [code for code in others if code in values.index]).to_dict("index")[own["node"]]
    yield dict(own)
    yield {**facts, "measure": "peer_mean", "value": of["mean"], "out_of": own["out_of"]}
    yield {**facts, "measure": "gap_peers", "value": of["difference"], "unit_of_measure": "percentage_points" if scale == "percent" else scale}
    if not math.isnan(of["z"]):
        yield {**facts, "measure": "peer_z", "value": of["z"], "unit_of_measure": "ratio"}
    yield {**facts, "measure": "n_peers", "value": count, "unit_of_measure": "count", "out_of": len(others)}
