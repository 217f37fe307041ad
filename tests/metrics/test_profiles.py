"""A unit node by node: what is known of it, how it came there, and where it stands out."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.metrics import node_history, profile, rank, strengths

from .made import YEAR, as_dict, fact, of_ranks, of_scores, table, value

UNITS = list("ABCDE")


def of_node(node: str, scores: dict[str, float], *, year: int = YEAR, out_of: float = 10) -> list[dict[str, Any]]:
    return [fact(unit, "score", score, year=year, node=node, out_of=out_of) for unit, score in scores.items()]


def profiled(panel: pd.DataFrame, nodes: list[str], **more: Any) -> pd.DataFrame:
    return profile(panel, **{"unit": "A", "year": YEAR, "units": UNITS, "nodes": nodes, **more})


# ---------------------------------------------------------------- profile


def test_five_units_by_hand() -> None:
    panel = table(*of_node("domain:1", {"A": 7, "B": 8, "C": 7, "D": 5, "E": 3}))
    found = profiled(panel, ["domain:1"])
    assert found[["unit", "measure", "value", "out_of", "unit_of_measure"]].to_numpy().tolist() == [
        ["A", "score", 7, 10, "points"],
        ["A", "share_of_max", 70, 100, "percent"],
        ["A", "rank", 2, 5, "place"],
        ["VN", "mean_computed", 6, 5, "points"],
        ["VN", "max_computed", 8, 5, "points"],
        ["VN", "min_computed", 3, 5, "points"],
        ["A", "gap_mean", 1, pytest.approx(math.nan, nan_ok=True), "points"],
    ]
    assert found["note"].tolist()[2:] == ["among 5 of 5 scores", "mean of 5 of 5 scores", "max of 5 of 5 scores", "min of 5 of 5 scores", "against mean_computed of VN"]


def test_nodes_come_in_the_order_given_and_once() -> None:
    panel = table(*of_node("domain:1", {"A": 7, "B": 8}), *of_node("domain:2", {"A": 7, "B": 8}))
    found = profiled(panel, ["domain:2", "domain:9", "domain:1", "domain:2"])
    assert list(dict.fromkeys(found["node"])) == ["domain:2", "domain:1"]
    assert not found.duplicated(["unit", "node", "measure"]).any()


def test_lower_may_be_better() -> None:
    panel = table(*of_node("domain:1", {"A": 7, "B": 8, "C": 9}))
    assert value(profiled(panel, ["domain:1"], higher_is_better=False), "rank") == 1
    assert value(profiled(panel, ["domain:1"], higher_is_better=False), "max_computed") == 9


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from(UNITS), st.integers(0, 10).map(float)), st.booleans(), st.integers(0, 99))
def test_what_is_missing_has_no_row(scores: dict[str, float], up: bool, seed: int) -> None:
    panel = table(*of_node("domain:1", scores))
    before = panel.copy(deep=True)
    found = profiled(panel, ["domain:1"], higher_is_better=up)
    of_country = {"mean_computed", "max_computed", "min_computed"} if scores else set()
    of_unit = {"score", "share_of_max", "rank", "gap_mean"} if "A" in scores else set()
    assert set(found["measure"]) == of_country | of_unit
    if of_unit:
        assert value(found, "rank") == rank(pd.Series(scores), higher_is_better=up)["A"]
        assert found.loc[found["measure"] == "rank", "out_of"].tolist() == [len(scores)]
        assert value(found, "gap_mean") == pytest.approx(scores["A"] - sum(scores.values()) / len(scores))
    pd.testing.assert_frame_equal(panel, before)
    pd.testing.assert_frame_equal(profiled(panel.sample(frac=1, random_state=seed), ["domain:1"], higher_is_better=up), found)


def test_published_rank_and_mean_come_first() -> None:
    panel = table(*of_node("domain:1", {"A": 7, "B": 8}), fact("A", "rank", 12, node="domain:1", out_of=63), fact("VN", "mean", 6.5, node="domain:1"))
    found = profiled(panel, ["domain:1"])
    assert (value(found, "rank"), value(found, "gap_mean"), value(found, "mean"), value(found, "mean_computed")) == (12, 0.5, 6.5, 7.5)
    assert found["note"].iloc[-1] == "against mean of VN"


def test_a_mean_that_was_computed_of_others_is_left_aside() -> None:
    panel = table(*of_node("domain:1", {"A": 7, "B": 8}), fact("VN", "mean", 6.5, node="domain:1", basis="computed"))
    found = profiled(panel, ["domain:1"], units=["A", "B"])
    assert "mean" not in as_dict(found)
    assert value(found, "gap_mean") == -0.5


def test_units_apart_are_not_counted() -> None:
    panel = table(*of_node("domain:1", {"A": 7, "B": 8, "X": 9}))
    found = profiled(panel, ["domain:1"])
    assert (value(found, "rank"), value(found, "max_computed")) == (2, 8)


# ---------------------------------------------------------------- node_history


def test_history_by_hand() -> None:
    """2021 lacks B; in 2022 B was not ranked, and all others are scored."""
    panel = table(
        *of_node("domain:1", {"A": 4}, year=2021), *of_scores({"A": 40}, year=2021),
        *of_node("domain:1", {"A": 5, "C": 7}, year=2022), *of_ranks({"A": 1, "C": 2}, year=2022, out_of=2),
        *of_node("domain:1", {"A": 6, "B": 5, "C": 7}, year=2023),
        *of_node("domain:1", {"A": 9}, year=2024),
    )  # fmt: skip
    found = node_history(panel, unit="A", nodes=["domain:1", "total"], until=2023, units=list("ABC"))
    assert found[["node", "year", "measure", "value"]].to_numpy().tolist() == [
        ["domain:1", 2021, "score", 4],
        ["domain:1", 2022, "score", 5], ["domain:1", 2022, "rank", 2], ["domain:1", 2022, "mean_computed", 6],
        ["domain:1", 2023, "score", 6], ["domain:1", 2023, "rank", 2], ["domain:1", 2023, "mean_computed", 6],
        ["total", 2021, "score", 40],
        ["total", 2022, "rank", 1],
    ]  # fmt: skip
    assert found.loc[found["measure"] == "rank", "out_of"].tolist() == [2, 3, 2]


def test_history_ranks_among_all_who_were_ranked_then() -> None:
    """D was ranked in 2022 and is none of the units of the report's year."""
    panel = table(*of_node("criterion:a", {"A": 5, "B": 6, "C": 7, "D": 8}, year=2022), *of_ranks({"A": 4, "B": 3, "C": 2, "D": 1}, year=2022, out_of=4))
    found = node_history(panel, unit="A", nodes=["criterion:a"], until=2023, units=list("ABC"))
    assert (value(found, "rank"), value(found, "mean_computed")) == (4, 6.5)


def test_history_passes_published_ranks_and_means_through() -> None:
    panel = table(*of_node("total", {"A": 80}, year=2022), *of_ranks({"A": 12}, year=2022, out_of=63), fact("VN", "mean", 79, year=2022), fact("VN", "mean", 81))
    assert as_dict(node_history(panel, unit="A", nodes=["total"], until=2023, units=UNITS)) == {"score": 80, "rank": 12, "mean": 79}


def test_history_follows_the_direction() -> None:
    panel = table(*of_node("domain:1", {"A": 6, "B": 5}))
    assert value(node_history(panel, unit="A", nodes=["domain:1"], until=YEAR, units=["A", "B"], higher_is_better=False), "rank") == 2


# ---------------------------------------------------------------- strengths

TEN = [f"{i:02d}" for i in range(1, 11)]
NODES = [f"criterion:{letter}" for letter in "abcdef"]


def found_strengths(panel: pd.DataFrame, nodes: list[str] = NODES, **more: Any) -> tuple[list[str], list[str]]:
    """The nodes of the strengths and of the weaknesses of unit 01, in their order."""
    found = strengths(panel, **{"unit": "01", "year": YEAR, "units": TEN, "nodes": nodes, **more})
    lists = []
    for measure in ("strength", "weakness"):
        rows = found[found["measure"] == measure]
        assert rows["value"].tolist() == list(range(1, len(rows) + 1))
        lists.append(rows["node"].tolist())
    return lists[0], lists[1]


def placed(node: str, place: int, *, lead: float = 0.0) -> list[dict[str, Any]]:
    """Ten different scores on a node, unit 01 in a place of them; ``lead`` moves the rest of the first or last away."""
    scores = [9.0 - 0.5 * i for i in range(10)]
    own = scores.pop(place - 1)
    return of_node(node, {"01": own + lead, **dict(zip(TEN[1:], scores, strict=True))}, out_of=20)


def test_best_and_worst_places_by_hand() -> None:
    panel = table(*(row for node, place in zip(NODES, (3, 9, 1, 5, 10, 7), strict=True) for row in placed(node, place)))
    assert found_strengths(panel, count=2) == (["criterion:c", "criterion:a"], ["criterion:e", "criterion:b"])
    assert found_strengths(panel, count=5) == (["criterion:c", "criterion:a", "criterion:d"], ["criterion:e", "criterion:b", "criterion:f"])
    assert found_strengths(panel, count=0) == ([], [])


def test_each_row_is_followed_by_the_nodes_profile() -> None:
    panel = table(*placed("criterion:a", 1), *placed("criterion:b", 10))
    found = strengths(panel, unit="01", year=YEAR, units=TEN, nodes=["criterion:a", "criterion:b"])
    assert found["measure"].tolist()[:2] == ["strength", "score"]
    expected = profile(panel, unit="01", year=YEAR, units=TEN, nodes=["criterion:a", "criterion:b"])
    pd.testing.assert_frame_equal(found[~found["measure"].isin(["strength", "weakness", "n_scored"])].reset_index(drop=True), expected)
    assert found["note"].iloc[0] == "rank 1 of 10; 1.57 standard deviations better than the mean"


def test_equal_places_at_the_cut_are_cut_by_the_distance_from_the_mean() -> None:
    panel = table(*placed("criterion:a", 1), *placed("criterion:b", 1, lead=3), *placed("criterion:c", 10), *placed("criterion:d", 10, lead=-3))
    assert found_strengths(panel, count=1) == (["criterion:b"], ["criterion:d"])


def test_nodes_that_hardly_tell_units_apart_are_left_out() -> None:
    at_the_top = of_node("criterion:c", dict.fromkeys(TEN, 10.0))
    two_levels = of_node("criterion:d", {unit: 4.0 + (unit == "01") for unit in TEN})
    panel = table(*placed("criterion:a", 3), *placed("criterion:b", 8), *at_the_top, *two_levels)
    assert found_strengths(panel) == (["criterion:a"], ["criterion:b"])


@pytest.mark.parametrize(("at_maximum", "is_kept"), [(9, True), (10, False)])
def test_ceiling_share_up_to_ninety_percent_is_kept(at_maximum: int, is_kept: bool) -> None:
    """Scores above the stated maximum are different, and at it."""
    scores = {unit: 10.0 + i if i < at_maximum else 9.0 for i, unit in enumerate(TEN)}
    panel = table(*of_node("criterion:a", {**scores, "01": 30.0}), *placed("criterion:b", 10))
    assert found_strengths(panel) == ((["criterion:a"] if is_kept else []), ["criterion:b"])


@settings(max_examples=25)
@given(st.lists(st.tuples(*[st.none() | st.integers(0, 6).map(float)] * 4), min_size=0, max_size=6), st.integers(0, 4), st.booleans(), st.integers(0, 99))
def test_no_node_is_in_both_lists(drawn: list[tuple[float | None, ...]], count: int, up: bool, seed: int) -> None:
    panel = table(*(row for node, scores in zip(NODES, drawn, strict=False) for row in of_node(node, {unit: s for unit, s in zip(TEN, scores, strict=False) if s is not None})))
    best, worst = found_strengths(panel, count=count, units=TEN[:4], higher_is_better=up)
    assert not set(best) & set(worst)
    assert max(len(best), len(worst)) <= count
    gaps = profile(panel, unit="01", year=YEAR, units=TEN[:4], nodes=NODES).query("measure == 'gap_mean'").set_index("node")["value"] * (1 if up else -1)
    assert all(gaps[node] > 0 for node in best)
    assert all(gaps[node] < 0 for node in worst)
    assert found_strengths(panel.sample(frac=1, random_state=seed), count=count, units=TEN[:4], higher_is_better=up) == (best, worst)


@settings(max_examples=8)
@given(st.permutations(range(1, 11)))
def test_flipping_the_direction_swaps_the_lists(places: list[int]) -> None:
    panel = table(*(row for node, place in zip(NODES, places, strict=False) for row in placed(node, place)))
    best, worst = found_strengths(panel, count=3)
    assert found_strengths(panel, count=3, higher_is_better=False) == (worst, best)


def test_a_unit_without_scores_stands_out_nowhere() -> None:
    panel = table(*placed("criterion:a", 1), *placed("criterion:b", 2))
    assert strengths(panel, unit="99", year=YEAR, units=TEN, nodes=NODES).empty
    assert strengths(panel, unit="01", year=YEAR, units=["01"], nodes=NODES)["measure"].tolist() == ["n_scored"]


def test_better_than_the_mean_is_no_weakness_and_worse_no_strength() -> None:
    panel = table(*(row for node, place in zip(NODES, (1, 2, 3, 4, 5, 5), strict=True) for row in placed(node, place)))
    assert found_strengths(panel, count=4) == (NODES[:4], [])
    assert found_strengths(panel, count=4, higher_is_better=False) == ([], NODES[:4])


def test_published_mean_says_on_which_side_a_node_is() -> None:
    mean = fact("VN", "mean", 8.9, node="criterion:a")
    assert found_strengths(table(*placed("criterion:a", 2))) == (["criterion:a"], [])
    assert found_strengths(table(*placed("criterion:a", 2), mean)) == ([], ["criterion:a"])


def test_strengths_say_on_how_many_nodes_there_is_a_score() -> None:
    found = strengths(table(*placed("criterion:a", 2), *placed("criterion:c", 9)), unit="01", year=YEAR, units=TEN, nodes=NODES)
    last = found.iloc[-1]
    assert (last["measure"], last["node"], last["value"], last["out_of"]) == ("n_scored", "total", 2, 6)
