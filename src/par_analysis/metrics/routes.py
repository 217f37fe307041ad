"""The cheapest steps on criteria that bring a number of points, and what a place costs by them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.intervals import BoolArray
from par_analysis.metrics.peers import numeric_table
from par_analysis.metrics.ranks import FloatArray

_TOLERANCE: Final = 1e-9
_MOST_MOVES: Final = 20_000
_COLUMNS: Final = ["points", "maximum", "step", "cost", "peer_attainment"]
_SCALE: Final = 1000.0
"""What the largest gain and cost are made before they are handed to the solver, whose tolerances are absolute."""

_LIFTS: Final = (0.0, 1e-8, 1e-7, 1e-6, 1e-5)
"""By how much, against the largest gain, more is asked for where the solver's tolerance let a gain pass that falls short."""


@dataclass(frozen=True)
class Route:
    """Criteria to raise, by ``table``: from ``points`` ``to`` which, the ``gain`` and its ``cost``; and the sums.

    ``most`` is the gain that all criteria not locked can bring together. Where ``need`` is more, ``is_feasible`` is false, the table empty, gain and cost NaN, and the
    ``note`` says so. ``left_out`` are criteria whose present points are not known.
    """

    table: pd.DataFrame
    need: float
    gain: float
    cost: float
    most: float
    is_feasible: bool
    left_out: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class _Moves:
    """Every level that a criterion could be raised to, one a row: its criterion (a number), the level, gain and cost; criteria by label."""

    criteria: tuple[str, ...]
    order: tuple[str, ...]
    left_out: tuple[str, ...]
    of: FloatArray
    to: FloatArray
    gain: FloatArray
    cost: FloatArray

    @property
    def most(self) -> float:
        """The gain with every criterion at its highest level."""
        return float(sum(self.gain[self.of == i].max() for i in np.unique(self.of)))


def cheapest_route(steps: pd.DataFrame, need: float, *, locked: Collection[str] = ()) -> Route:
    """The set of steps that gains at least ``need`` points at the least cost, one of them where several cost the same.

    ``steps`` is a row a criterion with its present ``points`` and its ``maximum``; ``step``, the size of a step from there, of which the last may be shorter, or ``levels``, the
    points that it can have (0, 0.5, 1); and ``cost``, that of each step, shorter or not, or else ``peer_attainment`` (0 to 1, the peers' mean share of the maximum), by
    which a point costs 1 / attainment: what few have done is dear. Columns may be mixed, NaN where the other one holds. Criteria in ``locked`` stay as they are; those
    without known points are left out and listed.

    ``RequestError`` names what is missing or impossible in the table, ``UnknownName`` a locked criterion that is not in it. An integer programme (multiple-choice knapsack),
    solved by HiGHS to a gap of 0; a gain up to 1e-9 points short of the need meets it. Own method.

    >>> steps = pd.DataFrame({"points": [1.0, 0.5, 2.0], "maximum": [2.0, 2, 2], "step": [0.5, 0.5, 0.5], "cost": [1.0, 3, 1]}, index=["1.1", "1.2", "1.3"])
    >>> found = cheapest_route(steps, 1.2)
    >>> found.table["gain"].to_dict(), found.cost, cheapest_route(steps, 1.2, locked=["1.2"]).note
    ({'1.1': 1.0, '1.2': 0.5}, 5.0, 'out of reach: the criteria that are not locked can bring 1 at most')
    """
    _require_need([need])
    moves = _possible(steps, locked)
    return _route(moves, need, _solution(moves, need, ()))


def alternative_routes(steps: pd.DataFrame, need: float, *, count: int = 3, locked: Collection[str] = ()) -> tuple[Route, ...]:
    """Up to ``count`` routes, the cheapest first, each of which does without at least one criterion of every one before it.

    So no route is a cheaper one with something added, or with the same criteria at other levels. One infeasible route where the need is out of reach.
    Arguments and errors as ``cheapest_route``.

    >>> steps = pd.DataFrame({"points": [1.0, 1, 1], "maximum": [2.0, 2, 2], "step": [0.5, 0.5, 0.5], "cost": [1.0, 3, 2]}, index=["1.1", "1.2", "1.3"])
    >>> [(list(route.table.index), route.cost) for route in alternative_routes(steps, 1)]
    [(['1.1'], 2.0), (['1.3'], 4.0), (['1.2'], 6.0)]
    """
    _require_need([need])
    if count < 1:
        raise RequestError(f"{count} routes are none", hint="count: 1 or more")
    moves = _possible(steps, locked)
    found = [_solution(moves, need, ())]
    taken: list[frozenset[float]] = []
    while len(found) < count and found[-1] is not None and found[-1].any():
        taken.append(frozenset(moves.of[found[-1]].tolist()))
        following = _solution(moves, need, taken)
        if following is None:
            break
        found.append(following)
    return tuple(_route(moves, need, chosen) for chosen in found)


def route_frontier(steps: pd.DataFrame, *, gains: Sequence[float] | None = None, count: int = 20, locked: Collection[str] = ()) -> pd.DataFrame:
    """The least cost of each of a range of gains: a row by ``need`` with the ``gain`` that its cheapest route brings, ``cost``, the number of ``criteria`` and ``is_feasible``.

    ``gains`` defaults to ``count`` even parts of the most that can be had. Gain and cost are NaN where a gain is out of reach. Steps and errors as ``cheapest_route``.

    >>> steps = pd.DataFrame({"points": [1.0, 1], "maximum": [2.0, 2], "step": [0.5, 0.5], "cost": [1.0, 3]}, index=["1.1", "1.2"])
    >>> route_frontier(steps, count=4)["cost"].to_dict()
    {0.5: 1.0, 1.0: 2.0, 1.5: 5.0, 2.0: 8.0}
    """
    if gains is None and count < 1:
        raise RequestError(f"{count} gains are none", hint="count: 1 or more")
    moves = _possible(steps, locked)
    wanted = [moves.most * (i + 1) / count for i in range(count)] if gains is None else list(gains)
    _require_need(wanted)
    return _costs(moves, sorted(set(wanted))).rename_axis(index="need")


def cost_of_places(ladder: pd.DataFrame, steps: pd.DataFrame, *, locked: Collection[str] = ()) -> pd.DataFrame:
    """The least cost of each place of a ``targets.ladder``: its ``need``, then as ``route_frontier``, and ``more``, the cost beyond that of the next worse place.

    The others are held where they are, as in the ladder. Steps and errors as ``cheapest_route``; ``RequestError`` for a ladder without ``need``.

    >>> ladder = pd.DataFrame({"need": [1.5, 0.4, 0.0]}, index=pd.Index([1, 2, 3], name="target"))
    >>> steps = pd.DataFrame({"points": [1.0, 1], "maximum": [2.0, 2], "step": [0.5, 0.5], "cost": [1.0, 3]}, index=["1.1", "1.2"])
    >>> cost_of_places(ladder, steps)[["cost", "more"]].to_dict("index")
    {1: {'cost': 5.0, 'more': 4.0}, 2: {'cost': 1.0, 'more': 1.0}, 3: {'cost': 0.0, 'more': nan}}
    """
    if "need" not in ladder.columns:
        raise RequestError("the ladder has no column need", hint="ladder: as targets.ladder gives it")
    moves, needs = _possible(steps, locked), numeric_table(ladder[["need"]], row="target")["need"].reindex(ladder.index)
    _require_need(list(needs))
    costs = _costs(moves, sorted(set(needs))).reindex(needs).set_axis(ladder.index)
    by_place = costs["cost"].sort_index()
    return costs.assign(more=by_place - by_place.shift(-1)).join(needs)[["need", "gain", "cost", "more", "criteria", "is_feasible"]]


def _costs(moves: _Moves, wanted: Sequence[float]) -> pd.DataFrame:
    routes = [_route(moves, need, _solution(moves, need, ())) for need in wanted]
    columns = {"gain": [r.gain for r in routes], "cost": [r.cost for r in routes], "criteria": [len(r.table) for r in routes], "is_feasible": [r.is_feasible for r in routes]}
    return pd.DataFrame(columns, index=list(wanted))


def _solution(moves: _Moves, need: float, without: Sequence[frozenset[float]]) -> BoolArray | None:
    """Which moves to make, ``None`` where no set of them is enough; each set of criteria in ``without`` is not to be used as a whole."""
    if need > moves.most + _TOLERANCE:
        return None
    if need <= _TOLERANCE:
        return np.zeros(len(moves.of), dtype=np.bool_)
    for lift in _LIFTS:
        chosen = _programme(moves, min(need - _TOLERANCE + lift * moves.gain.max(), moves.most), without)
        if chosen is None or moves.gain[chosen].sum() >= need - _TOLERANCE:
            break
    return chosen


def _programme(moves: _Moves, aim: float, without: Sequence[frozenset[float]]) -> BoolArray | None:
    """The cheapest moves that bring ``aim`` points by the solver's own tolerance."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    gain, cost = moves.gain * (_SCALE / moves.gain.max()), moves.cost * (_SCALE / moves.cost.max())
    once = moves.of == np.unique(moves.of)[:, None]
    cuts = [np.isin(moves.of, list(used)) for used in without]
    at_most = np.concatenate([np.ones(len(once)), np.array([len(used) - 1.0 for used in without])])
    rules = [LinearConstraint(gain[None, :], lb=aim * (_SCALE / moves.gain.max())), LinearConstraint(csr_array(np.array([*once, *cuts], dtype=np.float64)), ub=at_most)]
    found = milp(cost, integrality=np.ones(len(cost), dtype=np.int64), bounds=Bounds(0, 1), constraints=rules, options={"mip_rel_gap": 0.0})
    if found.status == 2:
        return None
    if found.x is None:
        raise RequestError(f"the integer programme has no solution: {found.message}", hint="larger steps make it smaller")
    return np.asarray(found.x > 0.5, dtype=np.bool_)


def _route(moves: _Moves, need: float, chosen: BoolArray | None) -> Route:
    """The moves chosen, in the order of the criteria given."""
    rows = np.zeros(len(moves.of), dtype=np.bool_) if chosen is None else chosen
    names = [moves.criteria[int(i)] for i in moves.of[rows]]
    table = pd.DataFrame({"points": moves.to[rows] - moves.gain[rows], "to": moves.to[rows], "gain": moves.gain[rows], "cost": moves.cost[rows]}, index=names)
    table = table.reindex([name for name in moves.order if name in names]).rename_axis(index="criterion")
    gain, cost = (float("nan"),) * 2 if chosen is None else (float(table["gain"].sum()), float(table["cost"].sum()))
    note = f"out of reach: the criteria that are not locked can bring {moves.most:g} at most" if chosen is None else ""
    return Route(table, need, gain, cost, moves.most, chosen is not None, moves.left_out, note)


def _require_need(needs: Collection[float]) -> None:
    wrong = [need for need in needs if not np.isfinite(need)]
    if wrong:
        raise RequestError(f"a need of {wrong[0]} points is no number", hint="a finite number of points")


def _possible(steps: pd.DataFrame, locked: Collection[str]) -> _Moves:
    """All moves of the criteria that are not locked and whose points are known."""
    for name in locked:
        if name not in steps.index:
            raise UnknownName("criterion", str(name), [str(label) for label in steps.index])
    absent = [name for name in ("points", "maximum") if name not in steps.columns]
    if absent:
        raise RequestError(f"the table of steps has no column {' or '.join(absent)}", hint="columns: points, maximum, step or levels, cost or peer_attainment")
    numbers = numeric_table(steps[[name for name in _COLUMNS if name in steps.columns]], row="criterion").reindex(columns=_COLUMNS)
    free = numbers[~numbers.index.isin(list(locked))]
    known = free[free["points"].notna()]
    listed = {name: _listed(name, steps["levels"][name]) if "levels" in steps.columns else None for name in known.index}
    _require_steps(known, np.array([levels is not None for levels in listed.values()], dtype=np.bool_))
    moves = [(i, level, j + 1) for i, name in enumerate(known.index) for j, level in enumerate(_levels(known.loc[name], listed[name]))]
    if len(moves) > _MOST_MOVES:
        raise RequestError(f"{len(moves)} possible levels are too many", hint=f"larger steps, so that all criteria together have at most {_MOST_MOVES}")
    of, to, counts = (np.array([move[part] for move in moves], dtype=np.float64) for part in range(3))
    own = known.iloc[of.astype(int)]
    gain = to - own["points"].to_numpy(dtype="float64")
    cost = np.where(own["cost"].notna(), own["cost"] * counts, gain / own["peer_attainment"])
    return _Moves(tuple(known.index), tuple(steps.index), tuple(free.index[free["points"].isna()]), of, to, gain, cost)


def _listed(name: str, levels: object) -> list[float] | None:
    """The levels that a criterion can have, where they are listed."""
    if not isinstance(levels, list | tuple | set | frozenset | np.ndarray):
        return None
    if not all(isinstance(level, Real) and np.isfinite(float(level)) for level in levels):
        raise RequestError(f"criterion {name} has levels that are no numbers", hint="levels: a tuple of points, such as (0, 0.5, 1)")
    return sorted({float(level) for level in levels})


def _levels(row: pd.Series[float], listed: Sequence[float] | None) -> list[float]:
    """The points that a criterion can be raised to."""
    points, maximum, step = float(row["points"]), float(row["maximum"]), float(row["step"])
    if listed is not None:
        return [level for level in listed if points + _TOLERANCE < level <= maximum + _TOLERANCE]
    if points >= maximum - _TOLERANCE:
        return []
    whole = [points + step * (i + 1) for i in range(min(int((maximum - points + _TOLERANCE) // step), _MOST_MOVES))]
    return whole if maximum - points - step * len(whole) <= _TOLERANCE else [*whole, maximum]


def _require_steps(known: pd.DataFrame, is_listed: BoolArray) -> None:
    """``RequestError`` that names every criterion that cannot be used as it stands."""
    has_room = known["points"] < known["maximum"] - _TOLERANCE
    has_cost = (known["cost"] > 0) | (known["cost"].isna() & (known["peer_attainment"] > 0) & (known["peer_attainment"] <= 1))
    problems = (
        ("no maximum", known["maximum"].isna()),
        ("more points than the maximum", known["points"] > known["maximum"] + _TOLERANCE),
        ("neither a step above 0 nor levels", has_room & ~is_listed & ~(known["step"] > 0)),
        ("neither a cost above 0 nor a peer attainment in (0, 1]", has_room & ~has_cost),
    )
    wrong = [f"{text}: {', '.join(known.index[is_so])}" for text, is_so in problems if is_so.any()]
    if wrong:
        raise RequestError("; ".join(wrong), hint="columns: points, maximum, step or levels, cost or peer_attainment; or lock the criterion")
