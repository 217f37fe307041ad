"""Movers: what is one, what is none, and what is refused; trends towards a target."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.breakthroughs import breakthroughs, trend_status

UNITS = [f"{i:02}" for i in range(10)]
field = st.lists(st.integers(0, 60), min_size=5, max_size=10)
CHECKS = ["mover", "direction", "ranks_apart", "performance_agrees", "sustained"]


def series(drawn: list[float]) -> pd.Series[float]:
    return pd.Series(drawn, index=UNITS[: len(drawn)], dtype="float64")


@st.composite
def two_years(draw: st.DrawFn) -> tuple[pd.Series[float], pd.Series[float]]:
    old = draw(field)
    return series(list(old)), series(draw(st.lists(st.integers(0, 60), min_size=len(old), max_size=len(old))))


def one_leaper() -> tuple[pd.Series[float], pd.Series[float]]:
    """All gain about 1, the higher the less; unit 03 gains 8 and unit 07 loses 6."""
    old = series([60, 62, 64, 66, 68, 70, 72, 74, 76, 78])
    gains = [1.9, 1.6, 1.5, 8.0, 1.1, 1.0, 0.7, -6.0, 0.4, 0.1]
    return old, old + series(gains)


@given(field, st.integers(-20, 20))
def test_nobody_moves_where_all_move_alike(drawn: list[int], by: int) -> None:
    old = series(list(drawn))
    found = breakthroughs(old, old + by, comparable=True)
    assert not found.units["mover"].any()
    assert found.units["z"].eq(0).all()
    assert found.scale_of == "none"


@given(field, st.sampled_from([0.25, 0.5, 0.75]))
def test_regression_to_the_mean_is_no_move(drawn: list[int], left: float) -> None:
    old = series(list(drawn))
    found = breakthroughs(old, 30 + left * (old - 30), comparable=True)
    assert not found.units["mover"].any()
    assert found.slope == pytest.approx(left - 1) if old.nunique() > 1 else found.slope == 0


@given(two_years(), st.integers(-20, 20), st.integers(-20, 20))
def test_what_all_gain_alike_changes_no_mover(drawn: tuple[pd.Series, pd.Series], by: int, later: int) -> None:
    old, new = drawn
    found = breakthroughs(old, new, comparable=True, following=new.iloc[::-1].set_axis(new.index)).units
    again = breakthroughs(old, new + by, comparable=True, following=new.iloc[::-1].set_axis(new.index) + later).units
    assert np.allclose(found["z"], again["z"], atol=1e-6)
    is_clear = ((found["z"].abs() - 2).abs() > 1e-6) & ~((found["kept"] - 0.5).abs() < 1e-6)
    pd.testing.assert_frame_equal(found.loc[is_clear, CHECKS], again.loc[is_clear, CHECKS])


@given(two_years(), st.randoms(use_true_random=False))
def test_names_order_and_direction_of_scores_do_not_matter(drawn: tuple[pd.Series, pd.Series], random: object) -> None:
    old, new = drawn
    found = breakthroughs(old, new, comparable=True).units
    mixed = [scores.sample(frac=1, random_state=random.randint(0, 99)).rename("u{}".format) for scores in drawn]  # type: ignore[attr-defined]
    again = breakthroughs(*mixed, comparable=True).units.rename(index=lambda unit: unit[1:]).loc[found.index]
    turned = breakthroughs(-old, -new, comparable=True, higher_is_better=False).units
    for other in (again, turned):
        assert np.allclose(other["z"], found["z"], atol=1e-6)
    assert np.allclose(turned["residual"], -found["residual"])


def test_movers_by_hand() -> None:
    """Residuals by numpy's own least squares; the median absolute deviation is scaled by 1.4826."""
    old, new = one_leaper()
    found = breakthroughs(old, new, comparable=True)
    slope, start = np.polyfit(old, new - old, 1)
    residual = (new - old) - (start + slope * old)
    off = residual - residual.median()
    assert found.slope == pytest.approx(slope)
    assert found.units["residual"].tolist() == pytest.approx(residual.tolist())
    assert found.units["expected"].tolist() == pytest.approx((start + slope * old).tolist())
    assert found.units["z"].tolist() == pytest.approx((off / (1.4826 * off.abs().median())).tolist())
    assert found.units["direction"].tolist() == ["", "", "", "up", "", "", "", "down", "", ""]
    assert (found.n, found.scale_of) == (10, "mad")
    assert found.expected_false_alarms == pytest.approx(10 * 0.0455002639)
    assert found.units[["ranks_apart", "performance_agrees", "sustained"]].isna().all(axis=None)


def sets(low: list[float], high: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"low": low, "high": high}, index=UNITS[: len(low)], dtype="float64")


def test_ranks_that_overlap_make_no_mover() -> None:
    """Unit 03 could have had place 5 in both years; unit 07's ranks are apart, and on the side of its fall."""
    old, new = one_leaper()
    before = sets([7, 7, 5, 5, 4, 3, 2, 1, 1, 1], [10, 10, 9, 8, 7, 6, 5, 4, 3, 3])
    after = sets([7, 7, 5, 2, 4, 3, 2, 5, 1, 1], [10, 10, 9, 5, 7, 6, 5, 9, 3, 3])
    found = breakthroughs(old, new, comparable=True, rank_sets_old=before, rank_sets_new=after).units
    assert found["ranks_apart"].tolist() == [False] * 7 + [True] + [False] * 2
    assert found.index[found["mover"]].tolist() == ["07"]


def test_ranks_apart_on_the_other_side_make_no_mover() -> None:
    old, new = one_leaper()
    before, after = sets([1] * 10, [2] * 10), sets([3] * 10, [4] * 10)
    found = breakthroughs(old, new, comparable=True, rank_sets_old=before, rank_sets_new=after).units
    assert found.index[found["mover"]].tolist() == ["07"]


def test_unknown_rank_sets_are_not_checked() -> None:
    old, new = one_leaper()
    before, after = sets([5] * 9, [8] * 9), sets([1] * 10, [2] * 10)
    after.loc["03"] = np.nan
    found = breakthroughs(old, new, comparable=True, rank_sets_old=before, rank_sets_new=after).units
    assert found["ranks_apart"].isna().tolist() == [unit in ("03", "09") for unit in UNITS]
    assert found.loc["03", "mover"]
    assert not found.loc["07", "mover"]


def test_performance_of_another_sign_makes_no_mover() -> None:
    old, new = one_leaper()
    found = breakthroughs(old, new, comparable=True, performance=(new - old).drop("07") * -1).units
    assert found["performance_agrees"].isna().tolist() == [unit == "07" for unit in UNITS]
    assert found.index[found["mover"]].tolist() == ["07"]


@pytest.mark.parametrize("comparable", [False, None])
def test_change_of_method_alone_makes_no_mover(comparable: bool | None) -> None:
    """Unit 03 leaps by the new method only: refused without the performance, and no mover with it. Unit 07 performed worse, and is one."""
    old, new = one_leaper()
    with pytest.raises(RequestError, match="a change of scores alone is no move"):
        breakthroughs(old, new, comparable=comparable)
    performance = (new - old).mask(new.index == "03", 1.3)
    found = breakthroughs(old, new, comparable=comparable, performance=performance).units
    assert found["change"].tolist() == performance.tolist()
    assert found.index[found["mover"]].tolist() == ["07"]


def test_linked_scores_can_be_compared_across_a_change_of_method() -> None:
    old, new = one_leaper()
    found = breakthroughs(old, new, comparable=False, linked=True, following=new).units
    pd.testing.assert_frame_equal(found, breakthroughs(old, new, comparable=True, following=new).units)


def test_move_that_is_kept_is_sustained_and_one_that_is_lost_is_not() -> None:
    old, new = one_leaper()
    following = (new + 1).mask(new.index == "03", old + 2)
    found = breakthroughs(old, new, comparable=True, following=following).units
    assert found["sustained"].tolist() == [pd.NA, pd.NA, pd.NA, False, pd.NA, pd.NA, pd.NA, True, pd.NA, pd.NA]
    assert found.loc["03", "kept"] < 0.5
    assert found.loc["07", "kept"] > 0.9
    assert found["kept"].notna().sum() == 2


def test_mover_not_known_in_the_year_after_is_not_said_to_be_sustained() -> None:
    old, new = one_leaper()
    found = breakthroughs(old, new, comparable=True, following=new.drop("03")).units
    assert found["sustained"].isna()["03"]
    assert found.loc["07", "sustained"]


def test_standard_deviation_stands_in_where_most_move_alike() -> None:
    """Seven of eight stay where they are, all from the same score: the median absolute deviation is 0."""
    old = series([50.0] * 8)
    found = breakthroughs(old, old + series([0, 0, 0, 0, 0, 0, 0, 8]), comparable=True)
    assert (found.scale_of, found.scale, found.slope) == ("sd", pytest.approx(8 / math.sqrt(8)), 0)
    assert found.units.index[found.units["mover"]].tolist() == ["07"]


def test_units_of_one_year_are_listed_and_no_movers() -> None:
    old, new = one_leaper()
    new = pd.concat([new.drop("02"), pd.Series({"30": 99.0})])
    found = breakthroughs(old, new, comparable=True)
    assert found.n == 9
    assert found.units["note"].to_dict() == dict.fromkeys([*UNITS, "30"], "") | dict.fromkeys(["02", "30"], "not known in both years")
    assert found.units.loc[["02", "30"], ["change", "residual", "z"]].isna().all(axis=None)
    assert not found.units.loc[["02", "30"], "mover"].any()


def test_faulty_requests_are_refused_with_all_faults() -> None:
    old, new = one_leaper()
    with pytest.raises(RequestError, match=r"methods of the two years differ: a change .*following cannot be compared.*rank sets of one year only; threshold is 0"):
        breakthroughs(old, new, comparable=False, following=new, rank_sets_old=sets([1], [1]), threshold=0)
    with pytest.raises(RequestError, match="not known whether the methods"):
        breakthroughs(old, new, comparable=None)
    with pytest.raises(RequestError, match="4 units are known in both years, 5 are needed"):
        breakthroughs(old.iloc[:4], new, comparable=True)
    with pytest.raises(RequestError, match="rank_sets_new lacks a column"):
        breakthroughs(old, new, comparable=True, rank_sets_old=sets([1], [1]), rank_sets_new=sets([1], [1])[["low"]])
    with pytest.raises(RequestError, match="rank_sets_old has low above high for 00"):
        breakthroughs(old, new, comparable=True, rank_sets_old=sets([2], [1]), rank_sets_new=sets([1], [1]))


def test_input_is_left_alone() -> None:
    old, new = one_leaper()
    before = old.copy(), new.copy()
    breakthroughs(old, new, comparable=True, performance=new - old, following=new, rank_sets_old=sets([1], [1]), rank_sets_new=sets([1], [1]))
    pd.testing.assert_series_equal(old, before[0])
    pd.testing.assert_series_equal(new, before[1])


# ---------------------------------------------------------------- trends


@pytest.mark.parametrize(
    ("scores", "status", "ratio"),
    [
        ({2019: 80, 2021: 84}, "on track", 2 / 1.5),
        ({2019: 80, 2020: 82, 2021: 84}, "on track", 2 / 1.5),
        ({2017: 80, 2021: 84}, "moderate", 1 / 1.5),
        ({2019: 84, 2020: np.nan, 2021: 84}, "stagnating", 0),
        ({2019: 85, 2021: 84}, "decreasing", -0.5 / 1.5),
        ({2019: 80, 2021: 90.5}, "maintaining", math.nan),
        ({2019: 95, 2021: 90}, "maintaining", math.nan),
        ({2021: 84}, "unknown", math.nan),
        ({2021: 90}, "maintaining", math.nan),
        ({2021: np.nan}, "unknown", math.nan),
    ],
)
def test_status_follows_the_pace_so_far_over_the_pace_needed(scores: dict[int, float], status: str, ratio: float) -> None:
    """Target 90 in 2025: from 84 in 2021 it takes 1.5 a year."""
    found = trend_status(pd.Series(scores), 90, 2025)
    assert found.status == status
    assert found.ratio == pytest.approx(ratio, nan_ok=True)
    falling = trend_status(-pd.Series(scores), -90, 2025, higher_is_better=False)
    assert (falling.status, falling.pace) == (status, pytest.approx(found.pace, nan_ok=True))


def test_pace_of_three_years_and_more_is_the_least_squares_slope() -> None:
    scores = pd.Series({2020: 1.0, 2018: 0.0, 2019: 5.0, 2023: 2.0})
    found = trend_status(scores, 90, 2025)
    assert found.pace == pytest.approx(np.polyfit(scores.index.to_numpy(dtype=float), scores.to_numpy(), 1)[0])
    assert found.years == (2018, 2019, 2020, 2023)


@given(st.integers(-3, 3), st.integers(2023, 2040), st.integers(2, 6))
def test_pace_that_was_needed_all_along_is_on_track(pace: int, by: int, count: int) -> None:
    years = range(2022 - count + 1, 2023)
    found = trend_status(pd.Series({year: 50.0 + pace * (year - 2022) for year in years}), 50.0 + max(pace, 1) * (by - 2022), by)
    assert found.status == {1: "on track", 0: "stagnating", -1: "decreasing"}[int(np.sign(pace))]


@pytest.mark.parametrize(
    ("scores", "target", "words"),
    [
        (pd.Series({2025: 80.0, 2023: 79}), 90, "2025 is not after 2025"),
        (pd.Series({"2021": 80.0}), 90, "not a year: 2021"),
        (pd.Series([80.0, 81], index=[2021, 2021]), 90, "twice: 2021"),
        (pd.Series({2021: 80.0}), math.nan, "target is nan"),
    ],
)
def test_faulty_series_are_refused(scores: pd.Series, target: float, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        trend_status(scores, target, 2025)
