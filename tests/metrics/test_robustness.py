"""How sure ranks are and what decides them: a hand table of five units on two parts, laws, and PAPI's figures of 2023."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis import dataset, metrics
from par_analysis.catalog import Catalog
from par_analysis.metrics.part_scores import part_scores

from .made import fact, is_figures, of_ranks, table, value

UNITS = ["01", "02", "03", "04", "05"]
NODES = ["domain:1", "domain:2"]
POINTS = {"01": (9, 9), "02": (8, 2), "03": (2, 8), "04": (5, 5), "05": (1, 1)}
"""One that leads on both parts, two that mirror one another, one as good on both, one that is last on both: totals 18, 10, 10, 10, 2."""
WHERE: Mapping[str, Any] = {"year": 2023, "units": UNITS, "nodes": NODES}
EVERY: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "rank_intervals": partial(metrics.rank_intervals, seed=1, draws=200, **WHERE),
    "ranks_by_method": partial(metrics.ranks_by_method, seed=1, draws=200, **WHERE),
    "part_influence": partial(metrics.part_influence, seed=1, samples=50, **WHERE),
    "any_weights": partial(metrics.any_weights, seed=1, draws=200, **WHERE),
    "coherence": partial(metrics.coherence, **WHERE),
}
each = pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in EVERY.items()])


def scores(points: Mapping[str, tuple[float, ...]] = POINTS, *, maxima: tuple[float, ...] = (10, 10), **more: Any) -> list[dict[str, Any]]:
    return [fact(unit, "score", number, node=node, out_of=top, **more) for unit, of in points.items() for node, number, top in zip(NODES, of, maxima, strict=True)]


def by_unit(found: pd.DataFrame, measure: str) -> dict[str, float]:
    rows = found[(found["measure"] == measure) & (found["unit"] != "VN")]
    return dict(zip(rows["unit"], rows["value"], strict=True))


def of_node(found: pd.DataFrame, measure: str) -> dict[str, float]:
    rows = found[(found["measure"] == measure) & (found["unit"] == "VN")]
    return dict(zip(rows["node"], rows["value"], strict=True))


# ---------------------------------------------------------------- the hand table


def test_intervals_of_the_hand_table() -> None:
    found = EVERY["rank_intervals"](table(*scores()))
    assert by_unit(found, "rank") == {"01": 1, "02": 2, "03": 2, "04": 2, "05": 5}
    assert by_unit(found, "rank_low") == {"01": 1, "02": 2, "03": 2, "04": 2, "05": 5}
    assert by_unit(found, "rank_high") == {"01": 1, "02": 4, "03": 4, "04": 3, "05": 5}
    assert by_unit(found, "tie_group") == {"01": 1, "04": 2, "02": 2, "03": 2, "05": 3}
    assert set(by_unit(found, "share_within").values()) == {100.0}
    told = ("n_ranked", "n_tie_groups", "n_one_place", "n_interval_1", "n_interval_2", "n_interval_3", "mean_interval_places", "max_interval_places", "n_other_rank")
    assert [value(found, name) for name in told] == [5, 3, 2, 2, 1, 2, 2.0, 3, 0]


def test_the_first_of_a_group_comes_before_its_members() -> None:
    found = EVERY["rank_intervals"](table(*scores()))
    assert list(by_unit(found, "tie_group")) == ["01", "04", "02", "03", "05"]
    notes = found.loc[(found["measure"] == "tie_group") & (found["unit"] == "02"), "note"].tolist()
    assert notes[0].startswith("led by 04; ")


def test_share_at_the_top_is_given_where_more_are_ranked() -> None:
    panel = table(*scores())
    assert by_unit(EVERY["rank_intervals"](panel), "share_top") == {}
    found = metrics.rank_intervals(panel, seed=1, draws=200, top=1, **WHERE)
    assert by_unit(found, "share_top") == {"01": 100, "02": 0, "03": 0, "04": 0, "05": 0}
    assert (value(found, "n_always_top"), value(found, "n_ever_top")) == (1, 1)


def test_intervals_name_what_was_assumed() -> None:
    found = metrics.rank_intervals(table(*scores()), seed=7, draws=100, reach=0.1, coverage=0.8, within=2, top=3, **WHERE)
    told = ("n_draws", "weight_reach", "interval_coverage", "within_places", "top_places")
    assert [value(found, name) for name in told] == [100, 10, 80, 2, 3]
    assert all(
        "80% of 100 draws" in note and "10%" in note and "seed 7" in note and "errors of the scores are not in it" in note
        for note in found.loc[found["measure"] == "rank_low", "note"]
    )


def test_known_ranks_are_passed_through_and_those_that_differ_are_counted() -> None:
    found = EVERY["rank_intervals"](table(*scores(), *of_ranks({"01": 1, "02": 2, "03": 4, "04": 3, "05": 5}, out_of=5)))
    assert by_unit(found, "rank") == {"01": 1, "02": 2, "03": 4, "04": 3, "05": 5}
    assert set(found.loc[found["measure"] == "rank", "basis"]) == {"published"}
    assert value(found, "n_other_rank") == 2
    assert by_unit(found, "tie_group")["03"] == 2


def test_ranks_by_method_of_the_hand_table() -> None:
    found = EVERY["ranks_by_method"](table(*scores()))
    evenly = {"01": 1, "04": 2, "02": 3, "03": 3, "05": 5}
    assert by_unit(found, "rank_arithmetic") == {"01": 1, "02": 2, "03": 2, "04": 2, "05": 5}
    assert by_unit(found, "rank_geometric") == by_unit(found, "rank_mpi") == by_unit(found, "rank_minimum") == evenly
    assert by_unit(found, "method_shift") == {"01": 0, "02": 1, "03": 1, "04": 0, "05": 0}
    assert [value(found, f"mean_shift_{way}") for way in ("geometric", "mpi", "minimum")] == [0.4, 0.4, 0.4]
    assert value(found, "n_floored") == 0


def test_shares_of_weights_and_method_leave_what_they_do_together() -> None:
    found = EVERY["ranks_by_method"](table(*scores()))
    first = [value(found, f"first_share_{source}") for source in ("weights", "method")]
    assert value(found, "share_together") == pytest.approx(100 - sum(first))
    assert "first_share_survey" not in set(found["measure"])


def test_nought_is_floored_for_the_geometric_mean_and_said() -> None:
    found = EVERY["ranks_by_method"](table(*scores({**POINTS, "05": (0, 2)})))
    assert (value(found, "n_floored"), found.loc[found["measure"] == "n_floored", "out_of"].item()) == (1, 10)


@pytest.mark.parametrize("last", [(-1, 3), (0, 0)])
def test_methods_that_are_not_defined_give_no_ranks(last: tuple[float, float]) -> None:
    panel = table(*scores({**POINTS, "05": last}))
    assert EVERY["ranks_by_method"](panel).empty
    assert by_unit(EVERY["rank_intervals"](panel), "rank_low")["05"] == 5


def test_lower_is_better_turns_ranks_round_and_has_no_other_means() -> None:
    panel = table(*scores())
    found = metrics.rank_intervals(panel, seed=1, draws=100, higher_is_better=False, **WHERE)
    assert by_unit(found, "rank") == {"05": 1, "02": 2, "03": 2, "04": 2, "01": 5}
    assert metrics.ranks_by_method(panel, seed=1, draws=100, higher_is_better=False, **WHERE).empty
    assert by_unit(metrics.any_weights(panel, seed=1, draws=100, higher_is_better=False, **WHERE), "dominates")["05"] == 4


def test_influence_of_the_hand_table() -> None:
    found = EVERY["part_influence"](table(*scores()))
    assert of_node(found, "weight") == {"domain:1": 50, "domain:2": 50}
    assert list(of_node(found, "variance_share").values()) == pytest.approx([50, 50])
    assert sum(of_node(found, "importance").values()) == pytest.approx(100)
    assert of_node(found, "mean_shift_without") == {"domain:1": 0.6, "domain:2": 0.6}
    assert of_node(found, "max_shift_without") == {"domain:1": 2, "domain:2": 2}
    moved = found[found["measure"] == "rank_without"]
    assert moved[["node", "unit", "value"]].values.tolist() == [["domain:1", "02", 4.0], ["domain:2", "03", 4.0]]


def test_weights_are_the_maxima() -> None:
    found = EVERY["part_influence"](table(*scores(maxima=(30, 10))))
    assert of_node(found, "weight") == {"domain:1": 75, "domain:2": 25}


def test_what_holds_under_any_weights_of_the_hand_table() -> None:
    found = EVERY["any_weights"](table(*scores()))
    assert by_unit(found, "dominates") == {"01": 4, "02": 1, "03": 1, "04": 1, "05": 0}
    assert by_unit(found, "dominated_by") == {"01": 0, "02": 1, "03": 1, "04": 1, "05": 4}
    assert by_unit(found, "copeland") == {"01": 4, "02": 0, "03": 0, "04": 0, "05": -4}
    assert by_unit(found, "rank_copeland") == {"01": 1, "02": 2, "03": 2, "04": 2, "05": 5}
    assert by_unit(found, "share_first") == {"01": 100, "02": 0, "03": 0, "04": 0, "05": 0}
    told = ("n_pairs", "n_dominance_pairs", "dominance_share", "n_undominated", "n_first", "n_draws")
    assert [value(found, name) for name in told] == [10, 7, 70, 1, 1, 200]


def test_coherence_of_the_hand_table() -> None:
    found = EVERY["coherence"](table(*scores()))
    assert (of_node(found, "n_items"), of_node(found, "alpha")) == ({"total": 2}, {"total": pytest.approx(0.4375)})
    assert of_node(found, "item_rest_correlation") == pytest.approx({"domain:1": 0.28, "domain:2": 0.28})
    assert of_node(found, "first_component") == {"total": pytest.approx(64)}
    assert of_node(found, "n_components") == {"total": 1}
    assert of_node(found, "alpha_without") == {}


def test_coherence_goes_one_level_down_where_the_parts_of_a_part_are_known() -> None:
    below = [
        fact(unit, "score", number / 2 + shift, node=f"criterion:{name}", out_of=5) for unit, of in POINTS.items() for name, number, shift in (("a", of[0], 0.0), ("b", of[1], 0.1))
    ]
    tree = {"domain:1": ["criterion:a", "criterion:b"], "domain:2": ["criterion:c", "criterion:d"]}
    found = metrics.coherence(table(*scores(), *below), tree=tree, **WHERE)
    assert of_node(found, "alpha") == {"total": pytest.approx(0.4375), "domain:1": pytest.approx(0.4375)}
    assert of_node(found, "n_items") == {"total": 2, "domain:1": 2}


def test_a_part_that_is_the_same_everywhere_has_no_coherence() -> None:
    same = table(*scores({unit: (of[0], 5) for unit, of in POINTS.items()}))
    assert EVERY["coherence"](same).empty
    assert of_node(EVERY["part_influence"](same), "importance")["domain:2"] == 0


# ---------------------------------------------------------------- what has to be known


@each
@pytest.mark.parametrize(
    "facts",
    [
        [row for row in scores() if (row["unit"], row["node"]) != ("03", "domain:2")],
        [row | {"qualifier": "~"} if row["unit"] == "03" else row for row in scores()],
        [row | {"out_of": math.nan} if row["unit"] == "03" else row for row in scores()],
        [row | {"out_of": 12.0} if row["unit"] == "03" else row for row in scores()],
        scores(dict.fromkeys(UNITS, (5, 5))),
    ],
    ids=["missing", "not exact", "no maximum", "maxima differ", "all equal"],
)
def test_one_unknown_score_leaves_no_unit_an_interval(call: Callable[[pd.DataFrame], pd.DataFrame], facts: list[dict[str, Any]]) -> None:
    found = call(table(*facts))
    assert is_figures(found)
    assert set(found["measure"]) <= {"n_scored"}


def test_how_many_have_all_scores_is_said_where_some_lack_one() -> None:
    found = EVERY["rank_intervals"](table(*[row for row in scores() if (row["unit"], row["node"]) != ("03", "domain:2")]))
    assert found[["unit", "measure", "value", "out_of"]].values.tolist() == [["VN", "n_scored", 4.0, 5.0]]


@each
def test_only_ranked_units_count(call: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    four = {unit: POINTS[unit] for unit in UNITS[:4]}
    ranks = of_ranks({"01": 1, "02": 2, "03": 2, "04": 2}, out_of=4)
    assert call(table(*scores(four), *ranks)).empty or set(call(table(*scores(four), *ranks))["measure"]) == {"n_scored"}
    wider = {**WHERE, "units": [*UNITS, "06"]}
    panel = table(*scores(), *of_ranks({"01": 1, "02": 2, "03": 2, "04": 2, "05": 5}, out_of=5))
    found = part_scores(panel, **wider)
    assert found is not None
    assert found.units == UNITS


# ---------------------------------------------------------------- laws

numbers = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=5, max_size=5)


@each
@settings(max_examples=10)
@given(drawn=numbers, flipped=st.booleans())
def test_order_of_parts_and_scale_of_points_change_no_rank(call: Callable[[pd.DataFrame], pd.DataFrame], drawn: list[tuple[int, int]], flipped: bool) -> None:
    points = dict(zip(UNITS, drawn, strict=True))
    plain = call(table(*scores(points)))
    tenfold = call(table(*scores({unit: (of[0] * 4, of[1] * 4) for unit, of in points.items()}, maxima=(40, 40))))
    pd.testing.assert_frame_equal(plain.drop(columns="value"), tenfold.drop(columns="value"))
    assert plain["value"].tolist() == pytest.approx(tenfold["value"].tolist(), abs=1e-6)
    other = call.func(table(*scores(points)), **{**call.keywords, "nodes": NODES[::-1] if flipped else NODES})  # type: ignore[attr-defined]
    key = ["unit", "node", "measure"]
    pd.testing.assert_frame_equal(other.sort_values(key).reset_index(drop=True), plain.sort_values(key).reset_index(drop=True))


@settings(max_examples=20)
@given(drawn=numbers)
def test_an_interval_holds_the_rank_and_wider_weights_hold_more(drawn: list[tuple[int, int]]) -> None:
    panel = table(*scores(dict(zip(UNITS, drawn, strict=True))))
    found = {reach: metrics.rank_intervals(panel, seed=1, draws=200, reach=reach, **WHERE) for reach in (0.0, 0.25)}
    rank = by_unit(found[0.25], "rank")
    assert by_unit(found[0.0], "rank_low") == by_unit(found[0.0], "rank_high") == by_unit(found[0.0], "rank")
    low, high = by_unit(found[0.25], "rank_low"), by_unit(found[0.25], "rank_high")
    assert all(low[unit] <= rank[unit] <= high[unit] for unit in rank)


@each
def test_a_seed_gives_the_same_figures_twice(call: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    pd.testing.assert_frame_equal(call(table(*scores())), call(table(*scores())))


# ---------------------------------------------------------------- real figures


def test_figures_of_papi_2023_are_those_of_the_methods_pages(papi: Catalog) -> None:
    """The pages docs/methods/robustness.md and rank-intervals.md; what was drawn with another seed there, to the error of the simulation."""
    view = dataset.view("robustness", index="papi", year=2023, lang="en", known=papi)
    given = {**view.scale, "nodes": view.domains}
    intervals, methods = metrics.rank_intervals(view.panel, seed=1, **given), metrics.ranks_by_method(view.panel, seed=1, **given)
    pairs, influence = metrics.any_weights(view.panel, seed=1, **given), metrics.part_influence(view.panel, seed=1, **given)
    assert (value(intervals, "n_ranked"), value(intervals, "n_other_rank")) == (61, 0)
    assert value(intervals, "mean_shift") == pytest.approx(0.81, abs=0.02)
    hue, khanh_hoa, hai_duong = "46", "56", "30"
    assert [(by_unit(intervals, "rank_low")[unit], by_unit(intervals, "rank_high")[unit]) for unit in (hue, khanh_hoa, hai_duong)] == [(1, 1), (8, 8), (35, 39)]
    assert (value(pairs, "n_pairs"), value(pairs, "n_dominance_pairs"), value(pairs, "n_undominated"), value(pairs, "n_first")) == (1830, 242, 21, 12)
    assert by_unit(pairs, "dominates")[hue] == 26
    assert [round(value(methods, f"mean_shift_{way}"), 1) for way in ("geometric", "mpi", "minimum")] == [1.4, 2.6, 10.2]
    assert (value(methods, "first_share_method"), value(methods, "first_share_weights")) == (pytest.approx(52, abs=3), pytest.approx(36, abs=3))
    assert {node: round(shift, 1) for node, shift in of_node(influence, "mean_shift_without").items() if node in ("domain:1", "domain:3")} == {"domain:1": 3.1, "domain:3": 0.9}
    assert sum(of_node(influence, "variance_share").values()) == pytest.approx(100)
