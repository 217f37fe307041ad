"""Figures of how a ranking moved, of breakthroughs, of convergence, of agreement with other indices, of what a rank owes and of a change of method: hand tables of five units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from par_analysis.errors import RequestError
from par_analysis.metrics.agreement_beside import agreement_beside
from par_analysis.metrics.breakthrough_moves import breakthrough_moves
from par_analysis.metrics.common_orders import most_in_common, sides
from par_analysis.metrics.method_split import method_split
from par_analysis.metrics.narrowing import narrowing
from par_analysis.metrics.rank_movement import quarter_moves, rank_mobility, top_places
from par_analysis.metrics.rank_owed import rank_owed
from par_analysis.metrics.shapley import change_shapley, rank_shapley
from par_analysis.model import Index

from .made import as_dict, fact, of_ranks, of_scores, table, value

UNITS = ["01", "02", "03", "04", "05"]
OLD = dict(zip(UNITS, (50.0, 45, 40, 35, 30), strict=True))
NEW = dict(zip(UNITS, (40.0, 46, 41, 36, 31), strict=True))


def two_years(old: Mapping[str, float] = OLD, new: Mapping[str, float] = NEW) -> pd.DataFrame:
    return table(*of_scores(dict(old), year=2022), *of_scores(dict(new), year=2023))


def of_country(found: pd.DataFrame) -> dict[str, float]:
    return as_dict(found[found["unit"] == "VN"])


# ---------------------------------------------------------------- the ranking


def test_mobility_is_counted_among_the_units_of_both_years() -> None:
    """Ranks 1 2 3 4 5 → 3 1 2 4 5: two places, one, one; of 12 possible 4; 8 of 10 pairs kept, tau 0.6."""
    found = rank_mobility(two_years(), year=2023, base=2022, units=[*UNITS, "06"])
    expected = {"n_common": 5, "mean_places_moved": 0.8, "exchange_share": 100 / 3, "kendall": 0.6, "spearman": 0.7}
    assert as_dict(found) == pytest.approx(expected)
    assert set(found["unit"]) == {"VN"}
    assert set(found["note"]) == {"against 2022; by score; among the units known in both years"}
    assert found.loc[found["measure"] == "n_common", "out_of"].tolist() == [6]


def test_mobility_goes_by_ranks_where_they_are_known_of_more() -> None:
    panel = table(*of_scores({"01": 5.0}, year=2022), *of_ranks(dict(zip(UNITS, range(1, 6), strict=True)), year=2022), *of_ranks(dict(zip(UNITS, (2, 1, 3, 4, 5), strict=True))))
    found = rank_mobility(panel, year=2023, base=2022, units=UNITS)
    assert (value(found, "n_common"), value(found, "mean_places_moved")) == (5, 0.4)
    assert "by rank" in found["note"][0]


def test_scores_of_one_year_and_ranks_of_another_are_compared_the_right_way_round() -> None:
    panel = table(*of_ranks({"01": 1, "02": 2}, year=2022), *of_scores({"01": 9.0, "02": 8.0}))
    assert value(rank_mobility(panel, year=2023, base=2022, units=UNITS), "mean_places_moved") == 0


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_mobility_does_not_depend_on_the_direction_of_the_scores(higher_is_better: bool) -> None:
    sign = 1 if higher_is_better else -1
    panel = two_years({unit: sign * score for unit, score in OLD.items()}, {unit: sign * score for unit, score in NEW.items()})
    found = rank_mobility(panel, year=2023, base=2022, units=UNITS, higher_is_better=higher_is_better)
    assert value(found, "mean_places_moved") == pytest.approx(0.8)


def test_units_without_a_common_year_are_counted_and_nothing_else() -> None:
    panel = two_years({"01": 5.0}, {"02": 6.0})
    assert as_dict(rank_mobility(panel, year=2023, base=2022, units=UNITS)) == {"n_common": 0}


def test_most_in_common_prefers_scores_where_ranks_are_no_more() -> None:
    both = table(*of_scores({"01": 5.0, "02": 4.0}), *of_ranks({"01": 1, "02": 2}))
    one, other = (sides(both, year=2023, units=UNITS) for _ in range(2))
    assert [side.by for side in most_in_common(one, other)] == ["score", "score"]


def ranks_of_years(**years: tuple[int, ...]) -> pd.DataFrame:
    """Ranks of eight units by year, out of eight."""
    units = [f"{unit:02}" for unit in range(1, 9)]
    return table(*(row for year, places in years.items() for row in of_ranks(dict(zip(units, map(float, places), strict=True)), year=int(year[1:]), out_of=8)))


EIGHT = [f"{unit:02}" for unit in range(1, 9)]


def test_quarters_hold_a_quarter_of_the_list_each_and_say_where_their_units_went() -> None:
    panel = ranks_of_years(y2022=(1, 2, 3, 4, 5, 6, 7, 8), y2023=(1, 3, 2, 4, 5, 6, 8, 7))
    found = quarter_moves(panel, year=2023, base=2022, units=EIGHT)
    of = found.set_index(["node", "measure"])["value"]
    assert of["total", "n_common"] == 8
    assert [of["quarter:1", f"n_to_{quarter}"] for quarter in range(1, 5)] == [1, 1, 0, 0]
    assert [of[f"quarter:{quarter}", "stay_share"] for quarter in range(1, 5)] == [50, 50, 100, 100]
    assert "stay_share_before" not in set(found["measure"])


def test_earlier_pairs_of_years_say_how_many_stayed_before() -> None:
    panel = ranks_of_years(y2020=(1, 2, 3, 4, 5, 6, 7, 8), y2021=(8, 2, 3, 4, 5, 6, 7, 1), y2022=(8, 2, 3, 4, 5, 6, 7, 1), y2023=(1, 2, 3, 4, 5, 6, 7, 8))
    of = quarter_moves(panel, year=2023, base=2022, units=EIGHT).set_index(["node", "measure"])["value"]
    assert of["quarter:1", "stay_share_before"] == 75
    assert of["quarter:2", "stay_share_before"] == 100
    assert of["quarter:1", "stay_share"] == 50


def test_equals_of_one_place_share_its_quarter() -> None:
    panel = ranks_of_years(y2022=(1, 2, 2, 4, 5, 6, 7, 8), y2023=(1, 2, 2, 4, 5, 6, 7, 8))
    assert quarter_moves(panel, year=2023, base=2022, units=EIGHT).set_index(["node", "measure"])["value"]["quarter:1", "n_to_1"] == 3


def test_a_list_of_sixty_three_has_quarters_of_sixteen_and_fifteen() -> None:
    units = [f"{unit:02}" for unit in range(63)]
    panel = table(*(row for year in (2022, 2023) for row in of_ranks({unit: i + 1.0 for i, unit in enumerate(units)}, year=year, out_of=63)))
    of = quarter_moves(panel, year=2023, base=2022, units=units).set_index(["node", "measure"])["value"]
    assert [of[f"quarter:{quarter}", f"n_to_{quarter}"] for quarter in range(1, 5)] == [16, 16, 16, 15]


def test_the_top_is_counted_in_the_years_with_a_known_rank() -> None:
    years = {2020: {"01": 1.0, "02": 2.0}, 2022: {"01": 1.0, "02": 3.0, "03": 2.0}, 2023: {"02": 1.0, "01": 2.0}}
    panel = table(*(row for year, ranks in years.items() for row in of_ranks(ranks, year=year, out_of=5)))
    found = top_places(panel, year=2023, units=UNITS, k=2)
    assert found[found["measure"] == "top_years"][["unit", "value", "out_of"]].values.tolist() == [["01", 3, 3], ["02", 2, 3], ["03", 1, 1]]
    assert found[found["measure"] == "top_streak"]["value"].tolist() == [2, 1, 1]
    assert (value(found, "worst_place", "02"), value(found, "best_place", "02")) == (3, 1)


def test_later_years_are_not_counted() -> None:
    panel = table(*of_ranks({"01": 1}, year=2022, out_of=5), *of_ranks({"02": 1}, year=2023, out_of=5))
    assert set(top_places(panel, year=2022, units=UNITS, k=1)["unit"]) == {"01"}


# ---------------------------------------------------------------- breakthroughs

STARTS = {f"0{i}": score for i, score in enumerate((60.0, 62, 64, 66, 68, 70))}
ENDS = {f"0{i}": score for i, score in enumerate((61.0, 63.2, 71, 66.8, 69.1, 71))}
SIX = list(STARTS)


def test_who_moved_further_than_its_start_led_to_expect_is_a_mover() -> None:
    found = breakthrough_moves(two_years(STARTS, ENDS), year=2023, alike=[2022, 2023], units=SIX)
    assert found.loc[found["measure"] == "mover_z", "unit"].tolist() == ["02"]
    of = of_country(found)
    assert (of["n_common"], of["n_movers_up"], of["n_movers_down"], of["mover_threshold"]) == (6, 1, 0, 2)
    assert of["n_false_alarms"] == pytest.approx(6 * math.erfc(math.sqrt(2)))
    changes = {measure: value(found, measure, "02") for measure in ("score_change", "expected_change", "unexpected_change")}
    assert changes["score_change"] == 7
    assert changes["score_change"] == pytest.approx(changes["expected_change"] + changes["unexpected_change"])


def test_the_limits_are_the_threshold_in_points() -> None:
    found = breakthrough_moves(two_years(STARTS, ENDS), year=2023, alike=[2022, 2023], units=SIX)
    z = found[found["measure"].isin(["move_z", "mover_z"])].set_index("unit")["value"]
    beyond = found[found["measure"] == "unexpected_change"].set_index("unit")["value"]
    of = of_country(found)
    for unit in SIX:
        assert (beyond[unit] >= of["limit_high"] - 1e-9) == (z[unit] >= 2 - 1e-9)
        assert (beyond[unit] <= of["limit_low"] + 1e-9) == (z[unit] <= -2 + 1e-9)


def test_where_less_is_better_a_fall_of_the_score_is_a_breakthrough() -> None:
    panel = two_years({unit: -score for unit, score in STARTS.items()}, {unit: -score for unit, score in ENDS.items()})
    found = breakthrough_moves(panel, year=2023, alike=[2022, 2023], units=SIX, higher_is_better=False)
    assert value(found, "score_change", "02") == -7
    assert value(found, "mover_z", "02") > 2
    assert of_country(found)["n_movers_up"] == 1


@pytest.mark.parametrize("alike", [[2023], [], [2021, 2023]])
def test_across_a_change_of_method_nothing_is_called_a_move(alike: list[int]) -> None:
    assert breakthrough_moves(two_years(STARTS, ENDS), year=2023, alike=alike, units=SIX).empty


def test_fewer_than_five_units_are_only_counted() -> None:
    few = {unit: STARTS[unit] for unit in SIX[:4]}
    assert as_dict(breakthrough_moves(two_years(few, few), year=2023, alike=[2022, 2023], units=SIX)) == {"n_common": 4}


def test_movers_of_the_year_before_are_asked_whether_they_kept_it() -> None:
    then = table(*of_scores(STARTS, year=2021), *of_scores(ENDS, year=2022), *of_scores({**ENDS, "02": 70.5}))
    found = of_country(breakthrough_moves(then, year=2023, alike=[2021, 2022, 2023], units=SIX))
    assert (found["n_movers_before"], found["n_movers_sustained"]) == (1, 1)
    lost = table(*of_scores(STARTS, year=2021), *of_scores(ENDS, year=2022), *of_scores({**ENDS, "02": 65.0}))
    found = of_country(breakthrough_moves(lost, year=2023, alike=[2021, 2022, 2023], units=SIX))
    assert (found["n_movers_before"], found["n_movers_sustained"]) == (1, 0)
    assert "n_movers_before" not in of_country(breakthrough_moves(lost, year=2023, alike=[2022, 2023], units=SIX))


# ---------------------------------------------------------------- drawing together

HALVED = {2021: dict(zip(UNITS[:3], (4.0, 6, 8), strict=True)), 2023: dict(zip(UNITS[:3], (5.0, 6, 7), strict=True))}
REGIONS = {"R1": ["01", "02"], "R2": ["03", "04", "05"], "VN": UNITS}


def test_a_gap_that_is_halved_is_convergence() -> None:
    panel = table(*(row for year, scores in HALVED.items() for row in of_scores(scores, year=year)))
    found = narrowing(panel, years=[2021, 2023], units=UNITS, members=REGIONS)
    last = as_dict(found[found["year"] == 2023])
    assert (last["n_scored"], last["score_sd"], last["score_range"], last["n_common"]) == (3, 1, 2, 3)
    assert (last["beta"], last["beta_reliability"], last["half_life"]) == pytest.approx((-0.25, 0.5, 2))
    logs = {year: 100 * np.log(list(scores.values())).std(ddof=1) for year, scores in HALVED.items()}
    assert {year: value(found[found["year"] == year], "common_spread") for year in logs} == pytest.approx(logs)
    assert last["variance_ratio"] == pytest.approx((logs[2021] / logs[2023]) ** 2)
    assert "sigma_slope" not in last


def test_three_years_have_a_trend() -> None:
    panel = table(*(row for year, scores in {**HALVED, 2022: {"01": 4.4, "02": 6.1, "03": 7.4}}.items() for row in of_scores(scores, year=year)))
    assert value(narrowing(panel, years=[2021, 2022, 2023], units=UNITS, members=REGIONS), "sigma_slope") < 0


def test_inequality_between_regions_is_all_where_regions_are_alike_inside() -> None:
    panel = table(*of_scores({"01": 4.0, "02": 4.0, "03": 8.0, "04": 8.0}))
    found = narrowing(panel, years=[2023], units=UNITS, members=REGIONS)
    assert as_dict(found) == pytest.approx({"n_scored": 4, "score_sd": math.sqrt(16 / 3), "score_range": 4, "between_share": 100})


def test_ratios_are_left_out_where_scores_are_not_above_zero() -> None:
    panel = table(*of_scores({"01": 0.0, "02": 4.0, "03": 8.0}, year=2022), *of_scores({"01": 0.0, "02": 5.0, "03": 6.0}))
    found = narrowing(panel, years=[2022, 2023], units=UNITS, members=REGIONS)
    assert set(found["measure"]) == {"n_scored", "score_sd", "score_range", "n_common"}


# ---------------------------------------------------------------- other indices

TEN = [f"{unit:02}" for unit in range(10)]


def index(code: str, *, higher_is_better: bool = True) -> Index:
    return Index(code, {}, {}, "points", higher_is_better, 0, 100, 2, 10, {}, {}, {}, {})


def other(code: str, scores: dict[str, float]) -> pd.DataFrame:
    return table(*({**row, "index": code} for row in of_scores(scores)))


def agree(scores: dict[str, float], **more: Any) -> pd.DataFrame:
    panel = table(*of_scores({unit: float(i) for i, unit in enumerate(TEN)}))
    return agreement_beside(panel, others={"x": other("x", scores)}, year=2023, units=TEN, seed=1, **({"indices": {"x": index("x")}} | more))


def test_the_same_order_is_a_correlation_of_one() -> None:
    found = agree({unit: i**2.0 for i, unit in enumerate(TEN)})
    assert as_dict(found) == {"n_common": 10, "spearman": 1, "spearman_low": 1, "spearman_high": 1, "interval_coverage": 95}
    assert set(found["node"]) == {"index:x"}
    assert set(found["index"]) == {"par_index"}


def test_an_index_of_which_less_is_better_is_turned_round() -> None:
    found = agree({unit: -float(i) for i, unit in enumerate(TEN)}, indices={"x": index("x", higher_is_better=False)})
    assert value(found, "spearman") == 1


def test_fewer_than_ten_common_units_have_no_coefficient() -> None:
    assert as_dict(agree({unit: 1.0 * i for i, unit in enumerate(TEN[:9])})) == {"n_common": 9}
    assert as_dict(agree({})) == {"n_common": 0}


def test_who_is_placed_most_differently_is_named_with_both_ranks() -> None:
    swapped = {unit: float(i) for i, unit in enumerate(TEN)} | {"00": 20.0}
    found = agree(swapped, count=1)
    assert (value(found, "rank_here", "00"), value(found, "rank_there", "00")) == (10, 1)
    assert set(found.loc[found["unit"] == "00", "out_of"]) == {10}


def test_another_index_changes_nothing_about_the_rest() -> None:
    panel = table(*of_scores({unit: float(i) for i, unit in enumerate(TEN)}))
    scores = {unit: float(i % 4) for i, unit in enumerate(TEN)}
    others = {"x": other("x", scores), "y": other("y", {unit: float(-i) for i, unit in enumerate(TEN)})}
    both = agreement_beside(panel, others=others, indices={}, year=2023, units=TEN, seed=1)
    pd.testing.assert_frame_equal(both[both["node"] == "index:x"].reset_index(drop=True), agree(scores).reset_index(drop=True))


# ---------------------------------------------------------------- what a rank owes

POINTS = {"01": (5.0, 1.0), "02": (4.0, 4.0), "03": (1.0, 2.0), "04": (3.0, 2.0), "05": (2.0, 5.0)}
LATER = {"01": (5.0, 4.0), "02": (4.0, 3.0), "03": (1.0, 2.0), "04": (3.0, 2.5), "05": (2.0, 5.0)}


def parts(points: Mapping[str, tuple[float, float]], *, year: int = 2023, off: float = 0.0) -> list[dict[str, Any]]:
    return [
        fact(unit, "score", score, year=year, node=node) for unit, (a, b) in points.items() for node, score in (("domain:1", a), ("domain:2", b), ("total", a + b + off))
    ]


def owed(panel: pd.DataFrame, **more: Any) -> pd.DataFrame:
    return rank_owed(panel, **({"unit": "01", "year": 2023, "units": UNITS, "nodes": ["domain:1", "domain:2"], "alike": [2022, 2023]} | more))


def test_places_of_the_domains_add_up_to_the_distance_from_the_middle() -> None:
    found = owed(table(*parts(POINTS)))
    effects = found[found["measure"] == "place_effect"].set_index("node")["value"]
    assert effects.sum() == pytest.approx(value(found, "place_lead"))
    assert (value(found, "rank_anew"), value(found, "rank_middle"), value(found, "place_lead")) == (3, 3, 0)
    wanted = -rank_shapley(pd.DataFrame.from_dict(POINTS, orient="index")).effects.loc["01"]
    assert effects.tolist() == pytest.approx(wanted.tolist())
    assert effects["domain:1"] > 0 > effects["domain:2"]


def test_places_gained_by_domain_and_by_the_others_add_up_to_the_change_of_rank() -> None:
    found = owed(table(*parts(POINTS, year=2022), *parts(LATER)))
    effects = found[found["measure"].str.startswith("move_effect")].set_index(["node", "measure"])["value"]
    assert (effects.sum(), value(found, "rank_change")) == pytest.approx((2, 2))
    assert (value(found, "rank_before"), value(found, "rank_after"), value(found, "n_both")) == (3, 1, 5)
    wanted = change_shapley(*(pd.DataFrame.from_dict(of, orient="index") for of in (POINTS, LATER))).effects.loc["01"]
    assert effects.tolist() == pytest.approx(wanted.tolist())


def test_a_change_of_method_has_no_places_gained() -> None:
    found = owed(table(*parts(POINTS, year=2022), *parts(LATER)), alike=[2023])
    assert not found["measure"].str.startswith("move").any()


@pytest.mark.parametrize("panel", [table(*parts(POINTS, off=0.5)), table(*parts({unit: of for unit, of in POINTS.items() if unit != "01"}))], ids=["not adding up", "unknown"])
def test_domains_that_do_not_make_up_the_total_owe_nothing(panel: pd.DataFrame) -> None:
    assert set(owed(panel)["measure"]) == {"n_common"}


def test_more_than_twelve_parts_are_not_taken_apart() -> None:
    assert owed(table(*parts(POINTS)), nodes=[f"domain:{number}" for number in range(13)]).empty


def test_only_one_unit_has_the_effects_that_it_has_among_all() -> None:
    points = pd.DataFrame.from_dict(POINTS, orient="index")
    for unit in UNITS:
        found = rank_shapley(points, only=unit)
        assert found.effects.loc[unit].tolist() == pytest.approx(rank_shapley(points).effects.loc[unit].tolist(), abs=1e-12)
        assert found.effects.drop(index=unit).isna().all(axis=None)
        assert found.error.loc[unit].tolist() == [0, 0]


@pytest.mark.parametrize(("only", "sample", "words"), [("06", None, "06 is no scored unit"), ("05", None, "05 is no scored unit"), ("01", 2, "only and sample exclude each other")])
def test_effects_of_an_unscored_unit_are_refused(only: str, sample: int | None, words: str) -> None:
    points = pd.DataFrame.from_dict({**POINTS, "05": (2.0, math.nan)}, orient="index")
    with pytest.raises(RequestError, match=words):
        rank_shapley(points, only=only, sample=sample, rng=np.random.default_rng(1))


# ---------------------------------------------------------------- a change of method

MAXIMA = {2020: {"a": 5.0, "b": 5.0}, 2021: {"a": 10.0, "c": 5.0}}


def criteria(values: Mapping[tuple[str, int, str], float]) -> pd.DataFrame:
    return table(*(fact(unit, "score", score, year=year, node=node) for (unit, year, node), score in values.items()))


def split(panel: pd.DataFrame, **more: Any) -> pd.DataFrame:
    return method_split(panel, **({"unit": "01", "year": 2021, "base": 2020, "maxima": MAXIMA, "units": UNITS} | more))


ONE = {("01", 2020, "a"): 3.0, ("01", 2020, "b"): 2.0, ("01", 2021, "a"): 7.0, ("01", 2021, "c"): 1.0}
TWO = {("02", 2020, "a"): 3.0, ("02", 2020, "b"): 2.0, ("02", 2021, "a"): 6.0, ("02", 2021, "c"): 1.0}


def test_a_change_of_method_is_split_exactly() -> None:
    """60 and 40 percent of halves → 70 and 20 percent of two thirds and one: (1/2 + 2/3)/2 · 10, 65 · 1/6, 20/3 − 20."""
    found = split(criteria({**ONE, **TWO}))
    own = as_dict(found[found["unit"] == "01"])
    assert own == pytest.approx({"performance_effect": 35 / 6, "reweighting_effect": 65 / 6, "coverage_effect": 20 / 3 - 20, "attainment_change": 10 / 3})
    country = found[(found["unit"] == "VN") & (found["year"] == 2021)]
    assert value(country, "performance_effect") == pytest.approx((35 / 6 + 0) / 2)
    assert value(country, "n_common") == 2
    assert found[found["measure"] == "common_weight"].set_index("year")["value"].to_dict() == pytest.approx({2020: 50, 2021: 200 / 3})


def test_a_unit_that_is_not_known_in_full_has_no_split() -> None:
    found = split(criteria({**TWO, ("01", 2020, "a"): 3.0}))
    assert set(found["unit"]) == {"VN"}


@pytest.mark.parametrize("maxima", [{}, {2020: MAXIMA[2020], 2021: {}}, {2020: MAXIMA[2020], 2021: MAXIMA[2020]}], ids=["none", "one", "the same"])
def test_the_same_or_an_unknown_method_has_no_split(maxima: dict[int, dict[str, float]]) -> None:
    assert split(criteria({**ONE, **TWO}), maxima=maxima).empty
