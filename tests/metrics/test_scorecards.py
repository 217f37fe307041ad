"""A scorecard by hand: what is lost where, by whom, what was claimed, what can be won back."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import metrics
from par_analysis.metrics.figures import empty
from par_analysis.metrics.scorecards import held_points, leaves_of

from .made import fact, table

UNIT, YEAR = "30", 2023
SUBJECT: dict[str, Any] = {"unit": UNIT, "year": YEAR}
TREE = {"total": ["domain:1", "domain:2", "domain:3"], "domain:1": ["criterion:1.1", "criterion:1.2"], "domain:2": ["criterion:2.1"]}


def own(node: str, measure: str, value: float, out_of: float) -> dict[str, Any]:
    return fact(UNIT, measure, value, node=node, out_of=out_of)


CARD = table(
    own("criterion:1.1", "self_score", 2.5, 2.5), own("criterion:1.1", "score", 2.25, 2.5),
    own("criterion:1.2", "self_score", 6.5, 7),
    own("criterion:2.1", "self_score", 9, 10), own("criterion:2.1", "score", 9.5, 10),
    own("domain:3", "survey_score", 14, 17), own("domain:3", "score", 2, 17),
)  # fmt: skip


def values(found: pd.DataFrame, measure: str) -> dict[str, float]:
    rows = found[found["measure"] == measure]
    return dict(zip(rows["node"], rows["value"], strict=True))


def test_points_are_the_verified_ones_else_the_units_own_and_those_of_the_survey() -> None:
    held = held_points(CARD, nodes=leaves_of(TREE), **SUBJECT)
    assert {node: (one.points, one.lost, one.is_verified) for node, one in held.items()} == {
        "criterion:1.1": (2.25, 0.25, True), "criterion:1.2": (6.5, 0.5, False), "criterion:2.1": (9.5, 0.5, True), "domain:3": (16, 1, True)
    }  # fmt: skip


def test_losses_of_parts_add_up_to_those_of_the_whole() -> None:
    found = metrics.lost_points(CARD, tree=TREE, **SUBJECT)
    assert values(found, "points_lost") == {
        "total": 2.25, "domain:1": 0.75, "criterion:1.1": 0.25, "criterion:1.2": 0.5, "domain:2": 0.5, "criterion:2.1": 0.5, "domain:3": 1
    }  # fmt: skip
    assert values(found, "points")["total"] == 34.25
    total = found[found["node"] == "total"].set_index("measure")
    assert total.loc["points", "out_of"] == 36.5
    counts = {name: (total.loc[name, "value"], total.loc[name, "out_of"]) for name in ("n_scored", "n_verified", "n_lost")}
    assert counts == {"n_scored": (4, 4), "n_verified": (3, 4), "n_lost": (4, 4)}


def test_a_part_without_points_is_neither_had_nor_lost() -> None:
    found = metrics.lost_points(CARD[CARD["node"] != "criterion:1.2"], tree=TREE, **SUBJECT)
    assert "criterion:1.2" not in set(found["node"])
    total = found[found["node"] == "total"].set_index("measure")
    assert (total.loc["points_lost", "value"], total.loc["points_lost", "out_of"], total.loc["points_lost", "note"]) == (1.75, 29.5, "3 of 4 parts")


def test_a_part_that_is_not_verified_is_marked() -> None:
    found = metrics.lost_points(CARD, tree=TREE, **SUBJECT)
    notes = dict(zip(found["node"], found["note"], strict=True))
    assert {node for node, note in notes.items() if note == "self-scored"} == {"criterion:1.2"}


def test_a_part_without_a_maximum_is_left_out() -> None:
    bare = table(fact(UNIT, "score", 3, node="domain:3"))
    assert metrics.lost_points(bare, tree=TREE, **SUBJECT).empty


def test_losses_by_owner_add_up_and_the_nameless_stand_last() -> None:
    groups = {"criterion:1.1": "Sở Nội vụ", "criterion:1.2": "", "criterion:2.1": "Sở Tư pháp", "domain:3": "Sở Nội vụ"}
    found = metrics.lost_points_by(CARD, groups=groups, kind="owner", **SUBJECT)
    assert list(values(found, "points_lost").items()) == [("owner:Sở Nội vụ", 1.25), ("owner:Sở Tư pháp", 0.5), ("owner:", 0.5)]
    assert list(values(found, "n_lost").values()) == [2, 1, 1]


def test_an_owner_who_lost_nothing_is_not_listed() -> None:
    full = table(own("domain:3", "score", 17, 17))
    assert metrics.lost_points_by(full, groups={"domain:3": "A"}, kind="owner", **SUBJECT).empty


def test_a_claim_is_compared_only_where_both_are_known() -> None:
    found = metrics.self_scores(CARD, nodes=leaves_of(TREE), **SUBJECT)
    assert values(found, "gap_self") == {"criterion:1.1": 0.25, "criterion:2.1": -0.5, "total": -0.25}
    total = found[found["node"] == "total"].set_index("measure")
    assert {name: (total.loc[name, "value"], total.loc[name, "out_of"]) for name in ("n_over", "n_under")} == {"n_over": (1, 2), "n_under": (1, 2)}
    assert total.loc["self_score", "note"] == "over the 2 parts with both"
    assert metrics.self_scores(CARD[CARD["measure"] != "score"], nodes=leaves_of(TREE), **SUBJECT).empty


def test_what_is_locked_is_not_regainable() -> None:
    found = metrics.regainable_points(CARD, tree=TREE, locked=["criterion:2.1"], **SUBJECT)
    assert values(found, "headroom_open") == {"total": 1.75, "domain:1": 0.75, "criterion:1.1": 0.25, "criterion:1.2": 0.5, "domain:2": 0, "criterion:2.1": 0, "domain:3": 1}
    assert values(found, "headroom_locked")["total"] == 0.5
    assert values(found, "points_reachable") == {"total": 36.0}


def test_what_can_be_reached_is_not_said_while_a_part_has_no_points() -> None:
    found = metrics.regainable_points(CARD[CARD["node"] != "criterion:1.2"], tree=TREE, **SUBJECT)
    assert "points_reachable" not in set(found["measure"])


@pytest.mark.parametrize("call", [metrics.lost_points, metrics.regainable_points])
def test_an_empty_tree_gives_nothing(call: Any) -> None:
    assert call(CARD, tree={}, **SUBJECT).empty
    assert call(empty(), tree=TREE, **SUBJECT).empty


@given(points=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20), st.booleans()), min_size=1, max_size=8))
def test_open_and_locked_are_all_that_is_lost(points: list[tuple[int, int, bool]]) -> None:
    nodes = [f"domain:{number}" for number in range(1, len(points) + 1)]
    card = table(*(own(node, "score", min(had, most) / 4, most / 4) for node, (had, most, _) in zip(nodes, points, strict=True)))
    locked = [node for node, (_, _, is_locked) in zip(nodes, points, strict=True) if is_locked]
    tree = {"total": nodes}
    lost, regainable = metrics.lost_points(card, tree=tree, **SUBJECT), metrics.regainable_points(card, tree=tree, locked=locked, **SUBJECT)
    whole = values(lost, "points_lost")["total"]
    assert values(regainable, "headroom_open")["total"] + values(regainable, "headroom_locked")["total"] == pytest.approx(whole, abs=1e-9)
    assert values(lost, "points")["total"] + whole == pytest.approx(sum(most for _, most, _ in points) / 4)
    by_owner = metrics.lost_points_by(card, groups={node: str(i % 3) for i, node in enumerate(nodes)}, kind="owner", **SUBJECT)
    assert sum(values(by_owner, "points_lost").values()) == pytest.approx(whole, abs=1e-9)
