"""Spread of scores and Theil's split: a hand table, laws, and the figures of another package."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.inequality import RELATIVE, numbers_of, spread, theil
from tests.conftest import SHARED

FIVE = pd.Series({"01": 10.0, "02": 20.0, "03": 30.0, "04": 40.0, "05": 100.0}, name=2023)
positive = st.lists(st.floats(0.5, 200), min_size=1, max_size=12).map(lambda drawn: pd.Series(drawn, index=[f"{i:02d}" for i in range(len(drawn))], name=2023))


@st.composite
def grouped(draw: st.DrawFn) -> tuple[pd.Series, dict[str, str], dict[str, float]]:
    scores = draw(positive)
    groups = {unit: draw(st.sampled_from(["R1", "R2", "R3"])) for unit in scores.index}
    return scores, groups, {unit: draw(st.floats(0.1, 50)) for unit in scores.index}


def test_spread_of_five_units_is_that_of_the_hand() -> None:
    """Deviations -30 -20 -10 0 60; Gini (-40 - 40 + 80 + 400) / 1000; ratios to the mean .25 .5 .75 1 2.5."""
    found = spread(FIVE).loc[2023].to_dict()
    expected = {"n": 5, "mean": 40, "sd": math.sqrt(1250), "ddof": 1, "iqr": 20, "range": 90, "cv": math.sqrt(1250) / 40, "gini": 0.4, "theil": 0.276363, "mld": 0.290166}
    assert found == pytest.approx(expected, abs=1e-6)


def test_ddof_0_divides_by_the_number_of_units() -> None:
    assert spread(FIVE, ddof=0).loc[2023, "sd"] == pytest.approx(math.sqrt(1000))
    assert spread(FIVE, ddof=0).loc[2023, "cv"] == pytest.approx(math.sqrt(1000) / 40)


def test_spread_agrees_with_reat() -> None:
    """402 German counties, 2010 (REAT, Wieland, G.counties.gdppc; GPL, figures only): gini .2065132, cv .4316871 (sample), and "theil", which is the MLD, .06866702."""
    if not SHARED.is_dir():
        pytest.skip("../shared/refdata is absent")
    counties = pd.read_csv(SHARED / "refdata" / "reat" / "G_counties_gdppc.csv", index_col=0)
    found = spread(counties["gdppc2010"]).iloc[0]
    assert found["gini"] == pytest.approx(0.2065132, abs=5e-8)
    assert found["mld"] == pytest.approx(0.06866702, abs=5e-9)
    assert found["cv"] == pytest.approx(0.4316871, abs=5e-8)
    assert found["theil"] == pytest.approx(0.0767191, abs=5e-8)
    assert spread(counties["gdppc2010"], ddof=0).iloc[0]["cv"] == pytest.approx(0.4311499, abs=5e-8)


@given(st.floats(0.5, 200), st.integers(1, 12))
def test_equal_scores_have_no_inequality(score: float, count: int) -> None:
    found = spread(pd.Series([score] * count), ddof=0).iloc[0]
    assert found[[*RELATIVE, "sd", "range", "iqr"]].to_numpy(dtype=float) == pytest.approx(0, abs=1e-12)


@given(positive, st.floats(0.01, 100))
def test_relative_measures_do_not_depend_on_the_scale(scores: pd.Series, factor: float) -> None:
    found, scaled = (spread(table, ddof=0)[list(RELATIVE)].to_numpy() for table in (scores, scores * factor))
    assert scaled == pytest.approx(found, abs=1e-9)


@given(positive)
def test_gini_lies_between_0_and_1_and_no_measure_is_negative(scores: pd.Series) -> None:
    found = spread(scores, ddof=0).iloc[0]
    assert 0 <= found["gini"] <= 1 - 1 / len(scores) + 1e-12
    assert (found[list(RELATIVE)] >= 0).all()


@given(positive)
def test_gini_is_half_the_mean_difference_over_the_mean(scores: pd.Series) -> None:
    x = scores.to_numpy()
    assert spread(scores, ddof=0)["gini"].iloc[0] == pytest.approx(np.abs(x[:, None] - x).mean() / (2 * x.mean()), abs=1e-12)


@given(positive, st.randoms(use_true_random=False))
def test_order_and_names_of_units_do_not_matter(scores: pd.Series, random: object) -> None:
    shuffled = scores.sample(frac=1, random_state=random.randint(0, 9999))  # type: ignore[attr-defined]
    renamed = shuffled.rename(lambda unit: f"unit {unit}")
    pd.testing.assert_frame_equal(spread(renamed), spread(scores), rtol=0, atol=1e-9)


def test_missing_score_is_left_out_and_counted() -> None:
    table = pd.DataFrame({2022: [1.0, None, 3.0], 2023: [None, None, None], 2021: [5.0, None, None]}, index=["01", "02", "03"])
    found = spread(table)
    assert found["n"].to_dict() == {2022: 2, 2023: 0, 2021: 1}
    assert found["mean"].tolist()[:1] == [2.0]
    assert found.drop(columns=["n", "ddof"]).loc[2023].isna().all()
    assert math.isnan(found.loc[2021, "sd"])
    assert found.loc[2021, "gini"] == 0


def test_absolute_measures_take_scores_that_are_not_above_0() -> None:
    found = spread(pd.Series([-1.0, 0.0, 4.0]), relative=False)
    assert list(found.columns) == ["n", "mean", "sd", "ddof", "iqr", "range"]
    assert found["range"].tolist() == [5.0]


def test_scores_not_above_0_are_named() -> None:
    table = pd.DataFrame({2022: [1.0, 0.0], 2023: [-1.0, 2.0]}, index=["01", "02"])
    with pytest.raises(RequestError, match=r"not above 0: 01 \(2023\), 02 \(2022\)"):
        spread(table)
    with pytest.raises(RequestError, match=r"not above 0: 02 \(2022\)"):
        theil(table[2022], {"01": "R1", "02": "R1"})


def test_all_faults_of_a_table_are_named() -> None:
    twice = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=["01", "01"], columns=[2022, 2022])
    with pytest.raises(RequestError, match="more than once: 01; more than once: 2022"):
        spread(twice)
    with pytest.raises(RequestError, match=r"not a finite number: 01 \(2023\), 02 \(2023\); not above 0: 03 \(2023\)"):
        spread(pd.Series(["87,84", np.inf, 0], index=["01", "02", "03"], name=2023))
    with pytest.raises(RequestError, match="ddof 2"):
        spread(FIVE, ddof=2)


def test_long_lists_of_names_are_cut() -> None:
    with pytest.raises(RequestError, match="and 8 more"):
        numbers_of(pd.Series([-1.0] * 20, index=[f"{i:02d}" for i in range(20)]), above_zero=True)


def test_input_is_not_changed() -> None:
    before = FIVE.copy()
    spread(FIVE)
    theil(FIVE, dict.fromkeys(FIVE.index, "R1"))
    pd.testing.assert_series_equal(FIVE, before)


def test_split_of_five_units_is_that_of_the_hand() -> None:
    """Means 15 and 170/3 of shares 30/200 and 170/200 of the points."""
    found = theil(FIVE, {"01": "R1", "02": "R1", "03": "R2", "04": "R2", "05": "R2"})
    between = 0.15 * math.log(15 / 40) + 0.85 * math.log(170 / 3 / 40)
    assert found.total == pytest.approx(0.276363, abs=1e-6)
    assert found.between == pytest.approx(between, abs=1e-12)
    assert found.groups["between"].tolist() == pytest.approx([0.15 * math.log(15 / 40), 0.85 * math.log(170 / 3 / 40)])
    assert found.groups.loc["R1", ["n", "unit_share", "score_share", "mean"]].tolist() == pytest.approx([2, 0.4, 0.15, 15])


@given(grouped(), st.booleans())
def test_within_and_between_add_up_to_the_total(drawn: tuple[pd.Series, dict[str, str], dict[str, float]], is_weighted: bool) -> None:
    scores, groups, weights = drawn
    found = theil(scores, groups, weights if is_weighted else None)
    assert found.within + found.between == pytest.approx(found.total, abs=1e-12)
    assert found.groups[["within", "between"]].sum().tolist() == pytest.approx([found.within, found.between], abs=1e-12)
    assert min(found.within, found.between) >= 0
    if not math.isnan(found.within_share):
        assert found.within_share + found.between_share == pytest.approx(1, abs=1e-9)


@given(grouped(), st.randoms(use_true_random=False))
def test_renaming_groups_and_units_changes_no_part(drawn: tuple[pd.Series, dict[str, str], dict[str, float]], random: object) -> None:
    scores, groups, weights = drawn
    shuffled = scores.sample(frac=1, random_state=random.randint(0, 9999)).rename(lambda unit: "u" + unit)  # type: ignore[attr-defined]
    other = {"R1": "south", "R2": "north", "R3": "centre"}
    found = theil(shuffled, {"u" + unit: other[group] for unit, group in groups.items()}, {"u" + unit: 3 * weight for unit, weight in weights.items()})
    expected = theil(scores, groups, weights)
    assert (found.total, found.within, found.between) == pytest.approx((expected.total, expected.within, expected.between), abs=1e-12)


@given(positive)
def test_theil_without_weights_is_that_of_spread(scores: pd.Series) -> None:
    assert theil(scores, dict.fromkeys(scores.index, "R1")).total == pytest.approx(spread(scores)["theil"].iloc[0], abs=1e-12)


def test_unit_of_weight_2_counts_as_two_units() -> None:
    doubled = pd.Series({"01": 10.0, "02": 20.0, "03": 20.0})
    once = theil(doubled.iloc[:2], {"01": "R1", "02": "R2"}, {"01": 1, "02": 2})
    assert once.total == pytest.approx(theil(doubled, {"01": "R1", "02": "R2", "03": "R2"}).total, abs=1e-15)


def test_equal_units_have_no_shares() -> None:
    found = theil(pd.Series({"01": 3.0, "02": 3.0}), {"01": "R1", "02": "R2"})
    assert found.total == 0
    assert math.isnan(found.within_share)
    assert math.isnan(found.between_share)


def test_groups_and_weights_that_are_wanting_are_named() -> None:
    with pytest.raises(RequestError, match="without a group: 05; without a weight above 0: 01, 02"):
        theil(FIVE, dict.fromkeys(["01", "02", "03", "04"], "R1"), {"01": 0, "03": 1, "04": 1, "05": 1})
    with pytest.raises(RequestError, match="in more than one group: 01"):
        theil(FIVE, pd.Series(["R1"] * 6, index=["01", "01", "02", "03", "04", "05"]))
    with pytest.raises(RequestError, match=r"not a finite number: 01 \(weight\)"):
        theil(FIVE, dict.fromkeys(FIVE.index, "R1"), {"01": math.inf})
    with pytest.raises(RequestError, match="no unit has a score"):
        theil(pd.Series({"01": math.nan}), {"01": "R1"})


def test_unit_without_a_score_needs_no_group() -> None:
    assert theil(pd.Series({"01": 1.0, "02": 2.0, "03": math.nan}), {"01": "R1", "02": "R1"}).groups["n"].to_dict() == {"R1": 2}
