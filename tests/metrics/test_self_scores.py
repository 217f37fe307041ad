"""Self-scores against verified ones, and surveys against appraisals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from par_analysis.errors import RequestError
from par_analysis.metrics.self_scores import self_scoring_gap, survey_against_appraisal

CLAIMED = pd.DataFrame({"a": [5.0, 4.0, None, 2.0, 1.0], "b": [3.0, 3.0, 3.0, None, 1.0]}, list("vwxyz"))
VERIFIED = pd.DataFrame({"b": [2.0, 3.0, 1.0, 1.0, None], "a": [5.0, 3.5, 1.0, 2.5, None]}, list("vwxyz"))


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_gaps_of_a_hand_table() -> None:
    found = self_scoring_gap(CLAIMED, VERIFIED)
    assert found.gap.loc["v"].to_dict() == {"b": 1.0, "a": 0.0}
    assert found.by_unit.loc["w", ["compared", "self", "verified", "gap", "over_claim_rate", "under_claim_rate"]].tolist() == [2, 7, 6.5, 0.5, 0.5, 0]
    assert found.by_unit.loc["y", ["compared", "gap_of_compared", "over_claim_rate", "under_claim_rate"]].tolist() == [1, -0.5, 0, 1]
    assert found.by_node.loc["b", ["compared", "gap_of_compared"]].tolist() == [3, 3]
    assert found.by_node.loc["b", "over_claim_rate"] == pytest.approx(2 / 3)


def test_missing_self_score_stays_missing() -> None:
    found = self_scoring_gap(CLAIMED, VERIFIED)
    assert np.isnan(found.gap.loc["x", "a"])
    assert np.isnan(found.gap.loc["z", "a"])
    assert found.by_unit["gap"].isna().to_dict() == {"v": False, "w": False, "x": True, "y": True, "z": True}
    assert found.by_unit.loc["z", ["gap_of_compared", "over_claim_rate"]].isna().all()
    assert found.by_unit.loc["x", "verified"] == 2
    only = self_scoring_gap(CLAIMED.drop(index="v"), VERIFIED.drop(index="w"))
    assert only.gap.index.tolist() == list("vwxyz")
    assert only.gap.loc[["v", "w"]].isna().all(axis=None)


six_points = st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=6, max_size=6)
points = six_points.map(lambda drawn: pd.DataFrame(np.array(drawn, dtype=float).reshape(3, 2), list("uvw"), ["a", "b"]))


@given(points, points)
def test_swapping_the_tables_flips_the_gap(own: pd.DataFrame, seen: pd.DataFrame) -> None:
    forth, back = self_scoring_gap(own, seen), self_scoring_gap(seen, own)
    pd.testing.assert_frame_equal(forth.gap, -back.gap)
    pd.testing.assert_series_equal(forth.by_unit["over_claim_rate"], back.by_unit["under_claim_rate"], check_names=False)


@given(points, points, st.integers(0, 99))
def test_order_of_rows_and_columns_does_not_matter(own: pd.DataFrame, seen: pd.DataFrame, seed: int) -> None:
    shuffled = self_scoring_gap(own.sample(frac=1, random_state=seed)[["b", "a"]], seen.sample(frac=1, random_state=seed))
    straight = self_scoring_gap(own, seen)
    for name in ("gap", "by_unit", "by_node"):
        pd.testing.assert_frame_equal(getattr(shuffled, name), getattr(straight, name))


@given(points, points)
def test_gaps_of_units_and_nodes_add_up_to_the_same(own: pd.DataFrame, seen: pd.DataFrame) -> None:
    found = self_scoring_gap(own, seen)
    assert found.by_unit["gap_of_compared"].sum() == pytest.approx(found.by_node["gap_of_compared"].sum()) == pytest.approx(found.gap.sum().sum())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: self_scoring_gap(CLAIMED, VERIFIED.rename(columns={"a": "c"})), "nodes of one table only: a, c"),
        (lambda: self_scoring_gap(pd.concat([CLAIMED, CLAIMED]), VERIFIED), "self-scores list a unit or a node twice"),
        (lambda: self_scoring_gap(CLAIMED, VERIFIED * np.inf), "verified scores"),
    ],
)
def test_wrong_tables_are_refused_by_name(call: Callable[[], object], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        call()


SURVEY = pd.Series([8.0, 7.1, 9.0, 6.0, 5.1, 9.0, None], list("abcdefg"))
APPRAISAL = pd.Series([60.0, 55, 65, 50, 45, 40, 30], list("abcdefg"))


def test_outlier_is_found_by_its_own_distance() -> None:
    """Five units near survey = 0.2 * appraisal - 4, and f with 9 of 10 in the survey at the lowest appraisal."""
    found = survey_against_appraisal(SURVEY, APPRAISAL, 10, 68, rng=rng(), draws=200).units
    assert found.index[0] == "f"
    assert found["is_outlier"].to_dict() == {unit: unit == "f" for unit in found.index}
    assert found.loc["f", ["survey", "rank_survey", "rank_appraisal", "rank_gap"]].tolist() == [90, 1.5, 6, 4.5]
    assert found.loc["a", "appraisal"] == pytest.approx(100 * 60 / 68)
    assert "g" not in found.index
    line = stats.theilslopes(found["survey"], found["appraisal"])
    assert found["residual"].tolist() == pytest.approx((found["survey"] - line[1] - line[0] * found["appraisal"]).tolist())
    centred = found["residual"] - found["residual"].median()
    assert found["robust_z"].tolist() == pytest.approx((centred / (1.4826 * centred.abs().median())).tolist())


def test_correlations_agree_with_scipy() -> None:
    found = survey_against_appraisal(SURVEY, APPRAISAL, 10, 68, rng=rng(), draws=200).correlations
    both = pd.DataFrame({"s": SURVEY, "a": APPRAISAL}).dropna()
    assert found["estimate"].tolist() == pytest.approx([stats.pearsonr(both["s"], both["a"]).statistic, stats.spearmanr(both["s"], both["a"]).statistic])
    assert found["n"].tolist() == [6, 6]
    assert (found["low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["high"]).all()


@given(st.integers(0, 99), st.floats(0.1, 10))
@settings(max_examples=20)
def test_order_of_units_and_scale_do_not_matter(seed: int, factor: float) -> None:
    straight = survey_against_appraisal(SURVEY, APPRAISAL, 10, 68, rng=rng(), draws=50)
    other = survey_against_appraisal(SURVEY.sample(frac=1, random_state=seed) * factor, APPRAISAL, 10 * factor, 68, rng=rng(), draws=50)
    pd.testing.assert_frame_equal(other.units, straight.units)
    pd.testing.assert_frame_equal(other.correlations, straight.correlations)


def test_perfect_agreement_has_no_outlier() -> None:
    found = survey_against_appraisal(APPRAISAL / 10, APPRAISAL, 10, 100, rng=rng(), draws=50)
    assert found.correlations[["estimate", "low", "high"]].to_numpy() == pytest.approx(1.0)
    assert (found.units["robust_z"].abs() < 1e-6).all()
    assert not found.units["is_outlier"].any()


def test_most_residuals_alike_fall_back_to_the_standard_deviation() -> None:
    appraisal = pd.Series([10.0, 20, 30, 40, 50])
    found = survey_against_appraisal(pd.Series([1.0, 2, 3, 4, 9]), appraisal, 10, 100, rng=rng(), draws=50, outlier_at=1.5).units
    assert found["robust_z"].tolist()[0] == pytest.approx(np.sqrt(5))
    assert found["is_outlier"].tolist() == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: survey_against_appraisal(SURVEY, APPRAISAL, 0, float("nan"), rng=rng()), "unusable: survey, appraisal"),
        (lambda: survey_against_appraisal(pd.concat([SURVEY, SURVEY]), APPRAISAL, 10, 68, rng=rng()), "unusable: survey"),
        (lambda: survey_against_appraisal(SURVEY, APPRAISAL * np.inf, 10, 68, rng=rng()), "unusable: appraisal"),
        (lambda: survey_against_appraisal(SURVEY[:3], APPRAISAL, 10, 68, rng=rng()), "3 units have both parts"),
        (lambda: survey_against_appraisal(SURVEY, APPRAISAL * 0 + 1, 10, 68, rng=rng()), "same appraisal"),
    ],
)
def test_wrong_parts_are_refused_by_name(call: Callable[[], object], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        call()
