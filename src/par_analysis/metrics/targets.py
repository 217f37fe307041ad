"""Points that a unit needs for a place: the others as they are, moving at their trend, or moving as units have moved before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.peers import numeric_table, require_unit
from par_analysis.metrics.ranks import FloatArray, places_of

_TOLERANCE: Final = 1e-9
_CELLS: Final = 10_000_000
"""Units times draws that are sorted at once."""

WAYS: Final = ("year", "pool")
"""How past changes are drawn: all units from one year, so that what moved everybody stays together, or each from all years."""

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class PointsToRank:
    """Points that ``unit`` needs to hold rank ``target`` or a better one.

    ``score`` and ``rank`` are its present ones, the rank among the ``out_of`` units with a known score; ``unknown`` are those without, who may hold any place.
    ``cases`` has a row "frozen", and "trend" where a trend was given: the ``threshold`` to be reached, the ``need`` against the known units, ``need_at_most``, which is
    enough even if every unknown unit is ahead (NaN: nothing is enough), ``is_feasible`` (missing where no headroom was given) and a ``note``. ``needs`` are the needs of the
    draws, in their order; empty without draws.
    """

    unit: str
    target: int
    score: float
    rank: int
    out_of: int
    unknown: tuple[str, ...]
    headroom: float
    cases: pd.DataFrame
    needs: FloatArray

    def probability(self, gain: float) -> float:
        """The share of draws in which ``gain`` points reach the target; NaN without draws. With ``headroom`` as the gain, the most that can be reached."""
        return float(np.mean(self.needs <= gain + _TOLERANCE)) if len(self.needs) else float("nan")

    def quantiles(self, at: Sequence[float] = QUANTILES) -> pd.Series[float]:
        """Quantiles of the need over the draws, by probability; NaN without draws."""
        values = np.quantile(self.needs, at) if len(self.needs) else np.full(len(at), np.nan)
        return pd.Series(values, index=pd.Index(list(at), name="probability"), name="need", dtype="float64")


def points_to_rank(
    scores: pd.Series[float],
    unit: str,
    target: int,
    *,
    headroom: float | None = None,
    trend: pd.Series[float] | None = None,
    past_changes: pd.DataFrame | None = None,
    draws: pd.DataFrame | None = None,
    rng: np.random.Generator | None = None,
    margin: float = 0.0,
    higher_is_better: bool = True,
) -> PointsToRank:
    """The score of the target-th best of the others, plus ``margin``, minus the unit's own; 0 where the unit has it. All in points of its own gain from today's score.

    To be level with that score is to hold the rank (tie rule "min"); a ``margin`` of, say, 0.01 puts the unit ahead of whoever holds it now. ``trend`` is each other
    unit's change, added to its score. The others' moves are drawn from ``past_changes`` (units by years) by ``change_draws`` with ``rng``, the unit's own changes left out; or
    ``draws`` (draws by units) are taken as they are. Nobody is held at the end of the scale. ``headroom`` is what the unit can gain at most. Points are distances
    in the better direction; changes are as published, not oriented.

    ``RequestError`` for a unit without a score, a target below 1 or beyond the units with a score, another's trend or draws missing, past changes without ``rng``. Own method.

    >>> scores = pd.Series({"22": 92.2, "31": 91.9, "01": 91.4, "30": 87.8})
    >>> found = points_to_rank(scores, "30", 2, headroom=4, trend=pd.Series({"22": 0.5, "31": 0.5, "01": 0.8}))
    >>> found.cases[["threshold", "need", "is_feasible"]].round(3).to_dict("index")
    {'frozen': {'threshold': 91.9, 'need': 4.1, 'is_feasible': False}, 'trend': {'threshold': 92.4, 'need': 4.6, 'is_feasible': False}}
    """
    own, others, unknown = _sides(scores, unit, higher_is_better)
    _require_target(target, len(others) + 1, headroom=headroom, margin=margin)
    moves = {"frozen": np.zeros(len(others))} | ({} if trend is None else {"trend": _moves(trend.to_frame("trend").T, others.index, "trend", higher_is_better)[0]})
    rows = {name: _case(own, others.to_numpy() + move, target, len(unknown), margin, headroom) for name, move in moves.items()}
    cases = pd.DataFrame.from_dict(rows, orient="index").astype({"is_feasible": "boolean"}).rename_axis(index="case")
    cases["threshold"] *= 1.0 if higher_is_better else -1.0
    table = _draws(past_changes, draws, others.index, unit, rng)
    needs = np.empty(0) if table is None else _needs(own, others, _moves(table, others.index, "draws", higher_is_better), target, margin)
    limit = float("nan") if headroom is None else headroom
    return PointsToRank(unit, target, own if higher_is_better else -own, _rank(own, others), len(others) + 1, unknown, limit, cases, needs)


def change_draws(past_changes: pd.DataFrame, units: Sequence[str], *, rng: np.random.Generator, count: int = 10_000, by: str = "year", without: str | None = None) -> pd.DataFrame:
    """Changes for each of ``units``, drawn from those of the past (units by years, NaN unknown): a table of draws by units.

    ``by`` "year" draws a year, then a change of that year for each unit, so that units move together as they did; "pool" draws each unit's change from all years. Any unit's
    change may be anybody's next. ``without`` leaves out a unit's own changes. The same ``rng`` gives the same draws whatever the order of the tables.
    ``RequestError`` for fewer than one draw, a unit named twice or a table without changes, ``UnknownName`` for another way. A bootstrap (Efron 1979) of the changes.

    >>> changes = pd.DataFrame({2022: [1.0, 2.0, None], 2023: [-1.0, -2.0, -3.0]}, index=["01", "22", "30"])
    >>> found = change_draws(changes, ["01", "22"], rng=np.random.default_rng(1), count=1000, without="30")
    >>> found.shape, sorted(set(found["01"])), bool((found["01"] * found["22"] > 0).all())
    ((1000, 2), [-2.0, -1.0, 1.0, 2.0], True)
    """
    if by not in WAYS:
        raise UnknownName("way", by, WAYS)
    known = numeric_table(past_changes, column="year").drop(index=[without] if without in past_changes.index else [])
    columns = [column[~np.isnan(column)] for column in known.to_numpy(dtype="float64").T]
    pools = [column for column in columns if len(column)]
    problems = (("no past change of another unit is known", not pools), (f"{count} draws are none", count < 1), ("a unit is named twice", len(set(units)) < len(units)))
    wrong = [text for text, holds in problems if holds]
    if wrong:
        raise RequestError("; ".join(wrong), hint="past_changes: units by years; units: each once; count: 1 or more")
    pools = pools if by == "year" else [np.concatenate(pools)]
    chosen = rng.integers(len(pools), size=count)
    drawn = np.empty((count, len(units)))
    for i, pool in enumerate(pools):
        rows = np.flatnonzero(chosen == i)
        drawn[rows] = pool[rng.integers(len(pool), size=(len(rows), len(units)))]
    return pd.DataFrame(drawn, columns=sorted(units, key=str))[list(units)]


def ladder(scores: pd.Series[float], unit: str, headroom: float | None = None, *, margin: float = 0.0, higher_is_better: bool = True) -> pd.DataFrame:
    """What each better place costs in points, the others as they are: a row by ``target`` from 1 to the unit's present rank, with columns as ``PointsToRank.cases`` and ``holder``.

    ``holder`` names who has the score to be reached, the unit itself at its present rank. ``RequestError`` as ``points_to_rank``.

    >>> ladder(pd.Series({"22": 92.0, "31": 92.0, "01": 91.5, "30": 87.0}), "30", 4.6)[["need", "is_feasible", "holder"]].values.tolist()
    [[5.0, False, '22, 31'], [5.0, False, '22, 31'], [4.5, True, '01'], [0.0, True, '30']]
    """
    own, others, unknown = _sides(scores, unit, higher_is_better)
    rank, values = _rank(own, others), np.asarray(others, dtype=np.float64)
    _require_target(rank, rank, headroom=headroom, margin=margin)
    ordered = np.sort(values)[::-1]
    rows = {target: _case(own, values, target, len(unknown), margin, headroom) for target in range(1, rank + 1)}
    holders = {target: _holders(others, float(ordered[target - 1])) if target < rank else unit for target in rows}
    table = pd.DataFrame.from_dict(rows, orient="index").astype({"is_feasible": "boolean"}).assign(holder=pd.Series(holders)).rename_axis(index="target")
    table["threshold"] *= 1.0 if higher_is_better else -1.0
    return table


def next_rank_sensitivity(scores: pd.Series[float], *, higher_is_better: bool = True) -> pd.DataFrame:
    """For every unit: ``rank``, the number of others ``tied`` with it, points to gain until level with the next better score (``to_climb``), to lose until level with the next
    worse one (``to_drop``), and ``out_of``, the units with a score.

    Both are 0 for a tied unit: any change parts it from its equals; what a better number takes under the tie rule "min" is in ``ladder``. The first has nothing to climb and a sole
    last one nothing to drop: NaN, as all of a unit without a score. Where scores are unknown, the distances are at most these. Own method.

    >>> next_rank_sensitivity(pd.Series({"22": 92.0, "31": 91.0, "01": 91.0, "30": 87.5})).drop(columns="out_of").values.tolist()
    [[1.0, 0.0, nan, 1.0], [2.0, 1.0, 0.0, 0.0], [2.0, 1.0, 0.0, 0.0], [4.0, 0.0, 3.5, nan]]
    """
    values = np.asarray(_oriented(scores, higher_is_better).reindex(scores.index), dtype=np.float64)
    ordered = np.sort(values[~np.isnan(values)])
    ends = np.concatenate([[np.nan], ordered, [np.nan]])
    above, below = np.searchsorted(ordered, values + _TOLERANCE, side="right"), np.searchsorted(ordered, values - _TOLERANCE, side="left")
    is_known, ranks = ~np.isnan(values), places_of(values)
    tied = np.where(is_known, above - below - 1, np.nan)
    climb = np.where(tied > 0, np.where(ranks > 1, 0.0, np.nan), ends[np.minimum(above + 1, len(ordered) + 1)] - values)
    drop = np.where(tied > 0, 0.0, values - ends[below])
    columns = {"rank": ranks, "tied": tied, "to_climb": climb, "to_drop": drop}
    return pd.DataFrame({name: np.where(is_known, column, np.nan) for name, column in columns.items()}, index=scores.index).assign(out_of=len(ordered))


def _oriented(scores: pd.Series[float], higher_is_better: bool) -> pd.Series[float]:
    """Scores by the order of their codes, more is better."""
    return numeric_table(scores.to_frame("score"))["score"] * (1.0 if higher_is_better else -1.0)


def _sides(scores: pd.Series[float], unit: str, higher_is_better: bool) -> tuple[float, pd.Series[float], tuple[str, ...]]:
    """The unit's score, the known scores of the others, and who has none; oriented."""
    known = _oriented(scores, higher_is_better)
    require_unit(known, unit)
    if np.isnan(known[unit]):
        raise RequestError(f"unit {unit} has no score", hint="what it needs is counted from its own score")
    others = known.drop(unit)
    return float(known[unit]), others.dropna(), tuple(str(code) for code in others.index[others.isna()])


def _rank(own: float, others: pd.Series[float]) -> int:
    """The unit's present rank among the known."""
    return int(places_of(np.append(np.asarray(others, dtype=np.float64), own))[-1])


def _require_target(target: int, out_of: int, *, headroom: float | None, margin: float) -> None:
    problems = (
        (f"rank {target} of {out_of} units with a score does not exist", not (1 <= target <= out_of and target == int(target))),
        (f"a headroom of {headroom} points is none", headroom is not None and not headroom >= 0),
        (f"a margin of {margin} points is none", not 0 <= margin < np.inf),
    )
    wrong = [text for text, holds in problems if holds]
    if wrong:
        raise RequestError("; ".join(wrong), hint="target: a rank from 1 on; headroom and margin: points, 0 or more")


def _case(own: float, others: FloatArray, target: int, unknown: int, margin: float, headroom: float | None) -> dict[str, object]:
    """What is needed against one state of the others."""
    ordered = np.sort(others)[::-1]
    need, surely = (_need(own, ordered, place, margin) for place in (target, target - unknown))
    is_feasible = None if headroom is None else bool(need <= headroom + _TOLERANCE)
    notes = ("needs more points than can be had" if is_feasible is False else "", f"units without a score, who may be ahead: {unknown}" if unknown else "")
    threshold = float(ordered[target - 1]) if target <= len(ordered) else float("nan")
    return {"threshold": threshold, "need": need, "need_at_most": surely, "is_feasible": is_feasible, "note": "; ".join(note for note in notes if note)}


def _need(own: float, ordered: FloatArray, place: int, margin: float) -> float:
    if place < 1:
        return float("nan")
    lack = float(ordered[place - 1]) + margin - own if place <= len(ordered) else 0.0
    return lack if lack > _TOLERANCE else 0.0


def _needs(own: float, others: pd.Series[float], moves: FloatArray, target: int, margin: float) -> FloatArray:
    """The need in every draw."""
    if target > len(others):
        return np.zeros(len(moves))
    rows = max(1, _CELLS // len(others))
    parts = [np.partition(others.to_numpy() + moves[i : i + rows], len(others) - target, axis=1)[:, len(others) - target] for i in range(0, len(moves), rows)]
    lacks = np.concatenate(parts) + margin - own
    return np.where(lacks > _TOLERANCE, lacks, 0.0)


def _draws(past_changes: pd.DataFrame | None, draws: pd.DataFrame | None, others: pd.Index[str], unit: str, rng: np.random.Generator | None) -> pd.DataFrame | None:
    if past_changes is None:
        return draws
    if draws is not None or rng is None:
        raise RequestError("past changes are given, but " + ("draws as well" if draws is not None else "nothing to draw with"), hint="past_changes with rng, or draws alone")
    return change_draws(past_changes, list(others), rng=rng, without=unit)


def _moves(table: pd.DataFrame, others: pd.Index[str], what: str, higher_is_better: bool) -> FloatArray:
    """The moves of the others, rows by units, oriented."""
    absent = [str(code) for code in others if code not in table.columns or table[code].isna().to_numpy().any()]
    if absent or (table.empty and len(others)):
        raise RequestError(f"{what}: nothing for {', '.join(absent) or 'anybody'}", hint="a change for every other unit with a score")
    known = numeric_table(table.reset_index(drop=True), row="draw", column="unit").sort_index()
    values = known[list(others)].to_numpy(dtype="float64")
    return np.asarray(values if higher_is_better else -values, dtype=np.float64)


def _holders(others: pd.Series[float], threshold: float) -> str:
    return ", ".join(str(code) for code in others.index[(others - threshold).abs() <= _TOLERANCE])
