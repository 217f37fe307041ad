"""Groups of units that cannot be told apart from the best of their group."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.numbers import floats_of
from par_analysis.metrics.rank_sets import require_distinct
from par_analysis.metrics.ranks import rank

_TOLERANCE: Final = 1e-9


def tie_groups(values: pd.Series[float], low: pd.Series[float], high: pd.Series[float], *, higher_is_better: bool = True) -> pd.DataFrame:
    """``group`` ("1", "2", … from the best), ``leader`` (its unit) and ``anchor`` (the leader's worst possible value), by unit in the order of ``values``.

    From the best value on, a unit joins the group while its best possible value reaches the anchor; the first one that does not opens the next group. The anchor stays
    that of the leader: were it to move with each unit that joins, overlaps would chain all units into one group. So a group says "cannot be told apart from the leader",
    and not that any two members cannot be told apart, nor that members of different groups can.

    Values are scores with ``low`` and ``high`` bounds, or ranks with best and worst ranks and ``higher_is_better=False``. Of equal values the one with the better possible value
    comes first. A missing value has no group. ``RequestError`` on duplicated units, and on values without bounds or with ``low`` above ``high``. Own method, after
    ComparIA's classes of models.

    >>> ranks, best, worst = (pd.Series(places, index=["01", "02", "03", "04"]) for places in ([1.0, 2, 3, 4], [1.0, 1, 3, 3], [2.0, 3, 4, 4]))
    >>> tie_groups(ranks, best, worst, higher_is_better=False).values.tolist()
    [['1', '01', 2.0], ['1', '01', 2.0], ['2', '03', 4.0], ['2', '03', 4.0]]
    """
    ordered = _ordered(values, low, high, higher_is_better=higher_is_better)
    rows: list[tuple[str, object, float]] = []
    number, leader, anchor = 0, None, np.inf
    for unit, best, worst in zip(ordered.index, ordered["best"], ordered["worst"], strict=True):
        if best < anchor - _TOLERANCE:
            number, leader, anchor = number + 1, unit, worst
        rows.append((str(number), leader, anchor if higher_is_better else -anchor))
    return pd.DataFrame(rows, index=ordered.index, columns=["group", "leader", "anchor"]).reindex(values.index)


def _ordered(values: pd.Series[float], low: pd.Series[float], high: pd.Series[float], *, higher_is_better: bool) -> pd.DataFrame:
    """Oriented best and worst possible values (more is better), by unit from the best on."""
    for given in (values, low, high):
        require_distinct(given.index)
    sign = 1.0 if higher_is_better else -1.0
    plain, lows, highs = (pd.Series(floats_of(given, what), index=given.index) for what, given in (("values", values), ("low ends", low), ("high ends", high)))
    known = plain.dropna()
    ends = pd.DataFrame({"low": lows.reindex(known.index), "high": highs.reindex(known.index)})
    wrong = known.index[~(ends["low"] <= ends["high"] + _TOLERANCE)]
    if len(wrong):
        raise RequestError(f"no bounds, or low above high: {', '.join(map(str, wrong))}", hint="low and high have a number for every unit that has a value")
    ordered = sign * (ends if higher_is_better else ends[["high", "low"]].set_axis(["low", "high"], axis=1))
    found = pd.DataFrame({"best": ordered["high"], "worst": ordered["low"], "place": rank(known, higher_is_better=higher_is_better)})
    by_name = found.iloc[np.argsort([str(unit) for unit in found.index], kind="stable")]
    return by_name.sort_values(["place", "best", "worst"], ascending=[True, False, False], kind="stable")
