"""Figures that sources state differently, and which step of the rule of preference settled each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from par_analysis.metrics.figures import rows_of
from par_analysis.model import KEY

REASONS: Final = ("error", "printed", "trust", "publishers", "copies", "order", "decimals", "undecided")
"""Why a value is preferred to the others, in the order of the rule: the others are known slips; it is printed, not derived; a more trusted class states it; more
publishers state it, or more copies; it fits more ranks of the year; it is printed with more decimals; nothing but the alphabet decided."""


def disputes(claims: pd.DataFrame, preferred: pd.DataFrame, *, trust: Sequence[str], tolerance: float = 1e-9) -> pd.DataFrame:
    """The claims about figures with more than one value, the newest year first, the preferred claim first, with ``why``: the step of the rule of preference (one of
    ``REASONS``) that settled it. ``preferred``: the panel. Own rule.

    ``claims``: all of one index, with ``publisher``, ``trust`` (one of the classes ``trust``, the most trusted first), ``text``, ``set_aside`` and ``is_preferred``.

    >>> claim = {"index": "i", "unit": "31", "year": 2023, "period": "", "node": "total", "measure": "score", "value": 91.87, "text": "91.87", "basis": "published",
    ...          "set_aside": "", "source": "a", "publisher": "a.vn", "trust": "official", "is_preferred": True}
    >>> other = {**claim, "value": 91.81, "text": "91.81", "publisher": "b.vn", "trust": "press", "is_preferred": False}
    >>> disputes(pd.DataFrame([other, claim]), pd.DataFrame(), trust=["official", "press"])[["value", "why"]].values.tolist()
    [[91.87, 'trust'], [91.81, 'trust']]
    """
    keys = list(KEY)
    if not len(claims):
        return claims.assign(why="")
    differing = claims.assign(rounded=claims["value"].round(9)).groupby(keys)["rounded"].transform("nunique") > 1
    found = claims[differing].reset_index(drop=True)
    standing = {key: _standings(rows_of(group), trust) for key, group in found.groupby(keys, sort=True)}
    still_open = {key for key, values in standing.items() if _is_open(values)}
    order = _order(preferred, still_open)
    why = {key: _why(values, key, order, tolerance) for key, values in standing.items()}
    found = found.assign(why=[why[key] for key in found[keys].itertuples(index=False, name=None)])
    by = ["year", "unit", "node", "measure", "period", "is_preferred", "value", "source"]
    return found.sort_values(by, ascending=[False, True, True, True, True, False, True, True], kind="stable").reset_index(drop=True)


Standing = tuple[float, bool, tuple[float, ...], float]
"""A value, whether it is preferred, how it stands by the steps 2 to 4 (the less the better), and its decimals."""


def _standings(rows: Sequence[Mapping[str, Any]], trust: Sequence[str]) -> list[Standing]:
    """The values of a figure that are no known slips."""
    found: list[Standing] = []
    for value in sorted({round(row["value"], 9) for row in rows if not row["set_aside"]}):
        same = [row for row in rows if not row["set_aside"] and round(row["value"], 9) == value]
        publishers, own = {row["publisher"] for row in same}, {row["publisher"] for row in same if row["trust"] != "copy"}
        front = min(same, key=lambda row: (row["basis"] == "derived", trust.index(row["trust"]), -_decimals(row["text"]), row["source"]))
        stands = (all(row["basis"] == "derived" for row in same), min(trust.index(row["trust"]) for row in same), -len(own), -len(publishers))
        found.append((value, any(row["is_preferred"] for row in same), tuple(map(float, stands)), _decimals(front["text"])))
    return found


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _is_open(values: Sequence[Standing]) -> bool:
    """Whether the steps 2 to 4 leave more than one value."""
    best = min((stands for _, _, stands, _ in values), default=None)
    return sum(stands == best for _, _, stands, _ in values) > 1


Places = dict[tuple[Any, ...], dict[str, tuple[float, float]]]
"""(index, year, period, node) → unit → rank and score, NaN where there is none."""


def _order(preferred: pd.DataFrame, still_open: set[tuple[Any, ...]]) -> Places:
    """The preferred ranks of all units, with the scores that nobody disputes."""
    places: Places = {}
    told = preferred[preferred["measure"].isin(["rank", "score"])] if len(preferred) and still_open else preferred.iloc[:0]
    for row in rows_of(told):
        of_year = places.setdefault((row["index"], row["year"], row["period"], row["node"]), {})
        rank, score = of_year.get(row["unit"], (math.nan, math.nan))
        if row["measure"] == "rank":
            rank = row["value"]
        elif tuple(row[name] for name in KEY) not in still_open:
            score = row["value"]
        of_year[row["unit"]] = (rank, score)
    return places


def _why(values: Sequence[Standing], key: tuple[Any, ...], order: Places, tolerance: float) -> str:
    """The first step by which the preferred value stands before the next best."""
    used = next((value for value in values if value[1]), None)
    others = [value for value in values if not value[1]]
    if used is None or not others:
        return "error"
    nearest = min(others, key=lambda value: value[2])
    for step, reason in enumerate(("printed", "trust", "publishers", "copies")):
        if used[2][step] != nearest[2][step]:
            return reason
    rivals = [value for value in others if value[2] == used[2]]
    if all(_misfits(used[0], key, order, tolerance) < _misfits(value[0], key, order, tolerance) for value in rivals):
        return "order"
    return "decimals" if all(used[3] > value[3] for value in rivals) else "undecided"


def _misfits(score: float, key: tuple[Any, ...], order: Places, tolerance: float) -> int:
    """How many undisputed scores of the year a score contradicts, given its rank and theirs."""
    index, unit, year, period, node, measure = key
    of_year = order.get((index, year, period, node), {})
    rank = of_year.get(unit, (math.nan, math.nan))[0]
    if measure != "score" or math.isnan(rank):
        return 0
    others = [place for code, place in of_year.items() if code != unit]
    return sum((place < rank and other <= score + tolerance) or (place > rank and other >= score - tolerance) for place, other in others)
