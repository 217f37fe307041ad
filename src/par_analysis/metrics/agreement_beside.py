"""How far an index orders the units of a year as other indices do, and about whom they differ most: figures of agreement."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from par_analysis.metrics.between_indices import discordant, index_agreement
from par_analysis.metrics.common_orders import Side, most_in_common, sides
from par_analysis.metrics.figures import Row, computed, empty, figures, rows_of
from par_analysis.model import COUNTRY, Index


def agreement_beside(
    panel: pd.DataFrame,
    *,
    others: Mapping[str, pd.DataFrame],
    indices: Mapping[str, Index],
    year: int,
    units: Sequence[str],
    seed: int,
    higher_is_better: bool = True,
    fewest: int = 10,
    count: int = 3,
) -> pd.DataFrame:
    """Of this index and each of ``others`` (code → its figures) in a year, on the node ``index:<code>``: ``n_common`` units known in both, and of ``fewest`` or more of them
    ``spearman`` with ``spearman_low`` and ``spearman_high`` (95 %, 2,000 bootstrap samples drawn from ``seed``); of the ``count`` units (and equals) that the two differ
    about most ``rank_here`` and ``rank_there``, counted anew among the common units, ties averaged. Where there is an interval, ``interval_coverage``, 95.

    Each pair of indices is compared by scores or by ranks, whichever is known of most common units; ``indices`` says in which direction the others' scores are better. Each has
    samples of its own, so that an index that is added changes nothing about the rest. Empty where nothing is known of this index. Formulas: ``between_indices``.

    >>> def fact(unit, value, index="i"):
    ...     return {"index": index, "unit": unit, "year": 2023, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> units = [f"{i:02}" for i in range(12)]
    >>> panel, other = (figures([fact(unit, sign * i, index) for i, unit in enumerate(units)]) for index, sign in (("i", 1), ("j", -1)))
    >>> found = agreement_beside(panel, others={"j": other}, indices={}, year=2023, units=units, seed=1, count=1)
    >>> found[["unit", "node", "measure", "value"]].values.tolist()[:2]
    [['VN', 'index:j', 'n_common', 12.0], ['VN', 'index:j', 'spearman', -1.0]]
    """
    own = [side for side in sides(panel, year=year, units=units, higher_is_better=higher_is_better) if side.rows]
    rows: list[Row] = []
    if not own:
        return empty()
    for code in sorted(others):
        there = sides(others[code], year=year, units=units, higher_is_better=code not in indices or indices[code].higher_is_better)
        rows += _pair(most_in_common(own, there), np.random.default_rng(seed), {"year": year, "node": f"index:{code}"}, fewest=fewest, count=count, out_of=len(set(units)))
    return figures(rows)


def _pair(pair: tuple[Side, Side], rng: np.random.Generator, facts: Row, *, fewest: int, count: int, out_of: int) -> Iterator[Row]:
    """The rows of this index and another."""
    here, there = pair
    both = here.units & there.units
    used = [*here.of(both), *there.of(both)] or list(here.rows)
    facts = {**facts, "index": here.rows[0]["index"], "note": f"by {here.by} here, by {there.by} there"}
    yield computed(used, **{**facts, "unit": COUNTRY, "measure": "n_common", "value": len(both), "unit_of_measure": "count", "out_of": out_of})
    if len(both) < fewest:
        return
    scores = {name: side.values[sorted(both)] for name, side in (("here", here), ("there", there))}
    (found,) = rows_of(index_agreement(scores, rng).pairs)
    named = {"spearman": found["spearman"], "spearman_low": found["low"], "spearman_high": found["high"]}
    yield from (computed(used, **{**facts, "unit": COUNTRY, "measure": name, "value": value, "unit_of_measure": "ratio"}) for name, value in named.items() if not math.isnan(value))
    if not math.isnan(found["low"]):
        yield computed(used, **{**facts, "unit": COUNTRY, "measure": "interval_coverage", "value": 95.0, "unit_of_measure": "percent"})
    furthest = discordant(scores, "here", "there", count=count).to_dict("index")
    for unit, ranks in ((str(unit), ranks) for unit, ranks in furthest.items()):
        own: Row = {**facts, "unit": unit, "unit_of_measure": "place", "out_of": len(both)}
        for measure, side, value in (("rank_here", here, ranks["rank_a"]), ("rank_there", there, ranks["rank_b"])):
            yield computed(side.of([unit]), **{**own, "measure": measure, "value": value})
