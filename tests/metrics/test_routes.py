"""Cheapest routes: hand tables, every possibility tried on small ones, laws, and what is refused."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics import routes
from par_analysis.metrics.routes import alternative_routes, cheapest_route, cost_of_places, route_frontier
from par_analysis.metrics.targets import ladder

NAMES = ["1.1", "1.2", "2.1", "2.2", "3.1"]
STEPS = pd.DataFrame({"points": [1.0, 0.5, 2.0, 0.0, 1.0], "maximum": [2.0, 2, 2, 1, 3], "step": [0.5, 0.5, 0.5, 1, 0.5], "cost": [2.0, 3, 1, 2, 5]}, index=NAMES)
"""Room 1, 1.5, 0, 1 and 2 points; a point costs 4, 6, -, 2 and 10."""

few = settings(max_examples=40)


@st.composite
def small(draw: st.DrawFn) -> pd.DataFrame:
    """Up to four criteria of up to three levels, all in quarters; costs in whole numbers."""
    rows = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(1, 3), st.integers(1, 7)), min_size=1, max_size=4))
    values = [(own / 4, (own + room) / 4, step / 4, float(cost)) for own, room, step, cost in rows]
    return pd.DataFrame(values, columns=["points", "maximum", "step", "cost"], index=[f"1.{i}" for i in range(len(values))])


def possible_moves(steps: pd.DataFrame) -> dict[str, list[tuple[float, float]]]:
    """Criterion → gain and cost of each level, 0 included; written apart from the module."""
    found: dict[str, list[tuple[float, float]]] = {}
    for name, row in steps.iterrows():
        moves, gain, cost = [(0.0, 0.0)], 0.0, 0.0
        while gain < row["maximum"] - row["points"]:
            gain, cost = min(gain + row["step"], row["maximum"] - row["points"]), cost + row["cost"]
            moves.append((gain, cost))
        found[str(name)] = moves
    return found


def every_route(steps: pd.DataFrame, need: float) -> list[tuple[float, frozenset[str]]]:
    """Cost and criteria of every combination of levels that is enough."""
    moves = possible_moves(steps)
    found = []
    for combination in itertools.product(*moves.values()):
        if sum(gain for gain, _ in combination) >= need:
            used = frozenset(name for name, (gain, _) in zip(moves, combination, strict=True) if gain > 0)
            found.append((sum(cost for _, cost in combination), used))
    return sorted(found, key=lambda route: route[0])


def test_route_of_a_table_of_five() -> None:
    """1.5 points: 1 of 2.2 for 2, half a point of 1.1 for 2."""
    found = cheapest_route(STEPS, 1.5)
    assert found.table.to_dict("index") == {
        "1.1": {"points": 1.0, "to": 1.5, "gain": 0.5, "cost": 2.0},
        "2.2": {"points": 0.0, "to": 1.0, "gain": 1.0, "cost": 2.0},
    }
    assert (found.gain, found.cost, found.most, found.is_feasible, found.note) == (1.5, 4.0, 5.5, True, "")


def test_steps_bring_more_than_is_needed_where_they_must() -> None:
    found = cheapest_route(STEPS, 1.1)
    assert (found.need, found.gain, found.cost) == (1.1, 1.5, 4)


def test_need_out_of_reach_says_the_most_that_can_be_had() -> None:
    found = cheapest_route(STEPS, 5, locked=["3.1"])
    assert not found.is_feasible
    assert found.table.empty
    assert np.isnan([found.gain, found.cost]).all()
    assert found.most == 3.5
    assert found.note == "out of reach: the criteria that are not locked can bring 3.5 at most"
    assert cheapest_route(STEPS, 3.5, locked=["3.1"]).cost == 4 + 9 + 2


def test_nothing_needed_costs_nothing() -> None:
    for need in (0, -1.0):
        found = cheapest_route(STEPS, need)
        assert (found.is_feasible, found.gain, found.cost, len(found.table)) == (True, 0, 0, 0)


def test_last_step_may_be_shorter_and_costs_a_whole_one() -> None:
    steps = pd.DataFrame({"points": [0.0], "maximum": [1.2], "step": [0.5], "cost": [2.0]}, index=["1.1"])
    found = cheapest_route(steps, 1.1)
    assert (found.gain, found.cost) == (1.2, 6)


def test_listed_levels_are_the_only_ones() -> None:
    steps = pd.DataFrame({"points": [0.5, 2.0], "maximum": [2.0, 2.0], "levels": [(0, 0.5, 2, 3), (0, 1, 2)], "cost": [3.0, np.nan]}, index=["1.1", "1.2"])
    found = cheapest_route(steps, 0.25)
    assert found.table.loc["1.1"].tolist() == [0.5, 2, 1.5, 3]
    assert found.most == 1.5


def test_what_peers_have_is_cheap() -> None:
    """Half of the maximum with peers: a point costs 2; a fifth: 5. Steps, levels and given costs may be mixed."""
    steps = pd.DataFrame(
        {
            "points": [0.0, 0, 0],
            "maximum": [1.0, 1, 1],
            "step": [0.25, 0.5, np.nan],
            "levels": [None, None, [0, 1]],
            "peer_attainment": [0.5, 0.2, np.nan],
            "cost": [np.nan, np.nan, 9],
            "name": ["a", "b", "c"],
        },
        index=["1.1", "1.2", "1.3"],
    )
    found = cheapest_route(steps, 1.25)
    assert found.table["cost"].to_dict() == {"1.1": 1.5, "1.2": 2.5}
    assert cheapest_route(steps, 3).cost == 2 + 5 + 9


def test_criterion_without_points_is_left_out_and_listed() -> None:
    steps = STEPS.copy()
    steps.loc["2.2", "points"] = np.nan
    found = cheapest_route(steps, 1)
    assert found.left_out == ("2.2",)
    assert found.table.index.tolist() == ["1.1"]
    assert cheapest_route(steps, 1, locked=["2.2"]).left_out == ()


def test_each_alternative_leaves_out_a_criterion_of_those_before() -> None:
    found = alternative_routes(STEPS, 1.5, count=4)
    assert [route.cost for route in found] == [4, 5, 7, 7]
    assert [list(route.table.index) for route in found[:2]] == [["1.1", "2.2"], ["1.2", "2.2"]]
    assert {tuple(route.table.index) for route in found[2:]} == {("1.1", "1.2"), ("2.2", "3.1")}
    assert len(alternative_routes(STEPS, 5.5, count=4)) == 1
    assert [route.is_feasible for route in alternative_routes(STEPS, 9)] == [False]
    assert [route.cost for route in alternative_routes(STEPS, 0)] == [0]


def test_frontier_of_a_table_of_five() -> None:
    found = route_frontier(STEPS, gains=[2, 1, 9, 1])
    assert found.index.tolist() == [1, 2, 9]
    assert found["cost"].tolist() == pytest.approx([2, 6, np.nan], nan_ok=True)
    assert found["criteria"].tolist() == [1, 2, 0]
    assert found["is_feasible"].tolist() == [True, True, False]
    assert route_frontier(STEPS, count=11)["cost"].tolist() == [2, 2, 4, 6, 9, 12, 15, 20, 25, 30, 35]


def test_frontier_where_nothing_can_be_had_is_a_point() -> None:
    assert route_frontier(STEPS.loc[["2.1"]])["cost"].to_dict() == {0: 0}


def test_cost_of_places_joins_ladder_and_frontier() -> None:
    """Places 1 to 3 of 88, 86.5 and 85: 4, 2.5 and 1 points; place 1 alone is out of reach without criterion 3.1."""
    steps = ladder(pd.Series({"22": 88.0, "31": 86.5, "01": 85.0, "30": 84.0}), "30")
    found = cost_of_places(steps, STEPS, locked=["3.1"])
    assert found.index.tolist() == [1, 2, 3, 4]
    assert found["need"].tolist() == [4, 2.5, 1, 0]
    assert found["cost"].tolist() == pytest.approx([np.nan, 9, 2, 0], nan_ok=True)
    assert found["more"].tolist() == pytest.approx([np.nan, 7, 2, np.nan], nan_ok=True)
    assert found["is_feasible"].tolist() == [False, True, True, True]


def test_places_that_need_the_same_cost_the_same() -> None:
    found = cost_of_places(pd.DataFrame({"need": [1.0, 1.0, 0.0]}, index=[1, 2, 3]), STEPS)
    assert found["cost"].tolist() == [2, 2, 0]
    assert found["more"].tolist()[:2] == [0, 2]


@few
@given(small(), st.integers(0, 20))
def test_cheapest_route_is_the_best_of_all(steps: pd.DataFrame, quarters: int) -> None:
    found, every = cheapest_route(steps, quarters / 4), every_route(steps, quarters / 4)
    assert found.is_feasible == bool(every)
    if every:
        assert found.cost == every[0][0]
        assert found.gain >= quarters / 4
        assert found.gain == found.table["gain"].sum()
        assert (found.table["to"] <= steps.loc[found.table.index, "maximum"] + 1e-9).all()
    else:
        assert found.most < quarters / 4


@few
@given(small(), st.integers(1, 12))
def test_alternatives_are_the_best_of_what_is_left(steps: pd.DataFrame, quarters: int) -> None:
    every, before = every_route(steps, quarters / 4), list[frozenset[str]]()
    for route in alternative_routes(steps, quarters / 4, count=4):
        left = [cost for cost, used in every if not any(known <= used for known in before)]
        assert route.is_feasible == bool(left)
        assert not left or route.cost == left[0]
        before.append(frozenset(route.table.index))


@few
@given(small(), st.integers(0, 12), st.data())
def test_locked_criterion_is_never_chosen_and_never_makes_it_cheaper(steps: pd.DataFrame, quarters: int, data: st.DataObject) -> None:
    locked = data.draw(st.sets(st.sampled_from(list(steps.index))))
    found, free = (cheapest_route(steps, quarters / 4, locked=names) for names in (locked, ()))
    assert not set(found.table.index) & locked
    assert found.most <= free.most
    assert not found.is_feasible or found.cost >= free.cost


@few
@given(small())
def test_frontier_never_falls(steps: pd.DataFrame) -> None:
    found = route_frontier(steps, count=6)
    assert found["is_feasible"].all()
    assert found["cost"].is_monotonic_increasing
    assert (found["gain"] >= found.index.to_numpy() - 1e-9).all()


@few
@given(small(), st.integers(0, 12), st.permutations(range(4)), st.randoms(use_true_random=False))
def test_order_and_names_of_criteria_do_not_matter(steps: pd.DataFrame, quarters: int, new: list[int], random: Any) -> None:
    before = steps.copy(deep=True)
    found = cheapest_route(steps, quarters / 4)
    shuffled = cheapest_route(steps.sample(frac=1, random_state=random.randint(0, 99)).iloc[:, ::-1], quarters / 4)
    pd.testing.assert_frame_equal(shuffled.table.sort_index(), found.table.sort_index())
    renamed = cheapest_route(steps.rename(index={f"1.{i}": f"x{new[i]}" for i in range(4)}), quarters / 4)
    assert (renamed.is_feasible, renamed.most) == (found.is_feasible, pytest.approx(found.most))
    assert not found.is_feasible or renamed.cost == found.cost
    pd.testing.assert_frame_equal(steps, before)


@pytest.mark.parametrize(("beyond", "cost"), [(-1e-7, 1.0), (0, 1.0), (1e-12, 1.0), (1e-8, 2.0), (1e-7, 2.0), (1e-6, 2.0)])
def test_gain_that_falls_short_by_less_than_the_solvers_tolerance_falls_short(beyond: float, cost: float) -> None:
    """Only rounding, 1e-9 points, is passed over."""
    steps = pd.DataFrame({"points": 0.0, "maximum": [4.7, 0.3, 1.0], "step": [4.7, 0.3, 1.0], "cost": [1.0, 1, 5]}, index=["1.1", "1.2", "1.3"])
    assert cheapest_route(steps, 4.7 + beyond).cost == cost


def test_large_and_small_costs_are_told_apart() -> None:
    """Costs that differ by a hundred thousandth part; the solver's own tolerances are absolute."""
    steps = pd.DataFrame({"points": 0.0, "maximum": 1.0, "step": 1.0, "cost": [1e-6, 1.00001e-6, 1e6]}, index=["1.1", "1.2", "1.3"])
    assert cheapest_route(steps.drop("1.3"), 1).table.index.tolist() == ["1.1"]
    steps = pd.DataFrame({"points": 0.0, "maximum": 1e-4, "step": 1e-4, "cost": [3.0, 1, 2]}, index=["1.1", "1.2", "1.3"])
    assert cheapest_route(steps, 2e-4).table.index.tolist() == ["1.2", "1.3"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": STEPS.drop(columns=["points", "maximum"])}, "no column points or maximum"),
        ({"steps": STEPS.assign(points=[3.0, 0, 0, 0, 9])}, "more points than the maximum: 1.1, 3.1"),
        ({"steps": STEPS.assign(maximum=[np.nan, 1, 2, 3, 3])}, "no maximum: 1.1"),
        ({"steps": STEPS.assign(step=0.0, cost=-1.0)}, "neither a step above 0 nor levels: 1.1, 1.2, 2.2, 3.1; neither a cost above 0 .*: 1.1, 1.2, 2.2, 3.1"),
        ({"steps": STEPS.drop(columns="cost").assign(peer_attainment=[0.5, 0, 0, 1.5, 1])}, "peer attainment .*: 1.2, 2.2"),
        ({"steps": STEPS.assign(levels=[("a",), None, None, None, None])}, "criterion 1.1 has levels that are no numbers"),
        ({"steps": STEPS.assign(points="1")}, "points is not made of numbers"),
        ({"steps": pd.concat([STEPS, STEPS.iloc[:1]])}, "criterion 1.1 stands twice"),
        ({"need": float("nan")}, "a need of nan points is no number"),
        ({"need": float("inf")}, "a need of inf points is no number"),
    ],
)
def test_steps_that_cannot_be_are_refused_by_name(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        cheapest_route(**{"steps": STEPS, "need": 1.0, **change})
    assert caught.value.hint


def test_what_makes_no_sense_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownName, match=r"unknown criterion '1\.9'"):
        cheapest_route(STEPS, 1, locked=["1.9"])
    with pytest.raises(RequestError, match="0 routes are none"):
        alternative_routes(STEPS, 1, count=0)
    with pytest.raises(RequestError, match="0 gains are none"):
        route_frontier(STEPS, count=0)
    with pytest.raises(RequestError, match="a need of nan"):
        route_frontier(STEPS, gains=[1, float("nan")])
    with pytest.raises(RequestError, match="no column need"):
        cost_of_places(pd.DataFrame({"gain": [1.0]}), STEPS)
    monkeypatch.setattr(routes, "_MOST_MOVES", 5)
    with pytest.raises(RequestError, match="possible levels are too many"):
        cheapest_route(STEPS, 1)
