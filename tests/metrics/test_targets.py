"""Points to a place: hand tables, laws, and what is refused."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics import targets
from par_analysis.metrics.ranks import rank
from par_analysis.metrics.targets import change_draws, ladder, next_rank_sensitivity, points_to_rank

CODES = ["01", "22", "30", "31", "33"]
SCORES = pd.Series([88.0, 92.0, 84.0, 90.0, 84.0], index=CODES)
CHANGES = pd.DataFrame({2021: [1.0, 2, 9, 3, np.nan], 2022: [-1.0, -2, -9, -3, -4]}, index=CODES)

scores_of_units = st.lists(st.integers(0, 40), min_size=2, max_size=9).map(lambda drawn: pd.Series(drawn, index=[f"{i:02}" for i in range(len(drawn))], dtype="float64") / 4)


@st.composite
def scores_and_draws(draw: st.DrawFn) -> tuple[pd.Series, pd.DataFrame]:
    """Scores, and draws of changes for all units."""
    scores = draw(scores_of_units)
    rows = draw(st.lists(st.lists(st.integers(-8, 8), min_size=len(scores), max_size=len(scores)), min_size=1, max_size=6))
    return scores, pd.DataFrame(rows, columns=scores.index, dtype="float64") / 4


@pytest.mark.parametrize(("target", "need"), [(1, 8), (2, 6), (3, 4), (4, 0), (5, 0)])
def test_need_of_a_table_of_five(target: int, need: float) -> None:
    """Hải Dương with 84 shares place 4; to be level with place 3 it takes 88."""
    found = points_to_rank(SCORES, "30", target)
    assert found.cases.loc["frozen", "need"] == need
    assert (found.score, found.rank, found.out_of, found.unknown) == (84, 4, 5, ())
    assert pd.isna(found.cases.loc["frozen", "is_feasible"])
    assert np.isnan(found.probability(10))
    assert found.quantiles().isna().all()


def test_margin_puts_the_unit_ahead() -> None:
    assert points_to_rank(SCORES, "30", 3, margin=0.01).cases.loc["frozen", "need"] == pytest.approx(4.01)


def test_trend_moves_the_others() -> None:
    """Place 3 is then that of unit 33, which gains 6."""
    trend = pd.Series({"01": 1.0, "22": 0.0, "31": -0.5, "33": 6.0, "30": 50.0})
    found = points_to_rank(SCORES, "30", 3, trend=trend, headroom=5.5).cases
    assert found.index.tolist() == ["frozen", "trend"]
    assert found["threshold"].tolist() == [88, 89.5]
    assert found["need"].tolist() == [4, 5.5]
    assert found["is_feasible"].tolist() == [True, True]


def test_need_beyond_the_headroom_is_infeasible_and_says_so() -> None:
    found = points_to_rank(SCORES, "30", 2, headroom=5).cases.loc["frozen"]
    assert not found["is_feasible"]
    assert found["note"] == "needs more points than can be had"
    assert points_to_rank(SCORES, "30", 2, headroom=6).cases.loc["frozen", "is_feasible"]


def test_units_without_a_score_are_counted_and_may_be_ahead() -> None:
    scores = SCORES.copy()
    scores["22"] = np.nan
    found = points_to_rank(scores, "30", 2)
    assert (found.unknown, found.out_of) == (("22",), 4)
    assert found.cases.loc["frozen", ["need", "need_at_most"]].tolist() == [4, 6]
    assert found.cases.loc["frozen", "note"] == "units without a score, who may be ahead: 1"
    assert np.isnan(points_to_rank(scores, "30", 1).cases.loc["frozen", "need_at_most"])


def test_draws_passed_in_give_the_needs_in_their_order() -> None:
    draws = pd.DataFrame({"33": [0.0, 9, 0], "31": [0.0, 0, 4], "22": [0.0, 0, -3], "01": [0.0, -2, 0]})
    found = points_to_rank(SCORES, "30", 2, draws=draws, headroom=6)
    assert found.needs.tolist() == [6, 8, 5]
    assert found.probability(5) == pytest.approx(1 / 3)
    assert found.probability(found.headroom) == pytest.approx(2 / 3)
    assert found.quantiles([0, 0.5, 1]).tolist() == [5, 6, 8]


def test_past_changes_are_drawn_without_the_units_own() -> None:
    """The unit's own changes of 9 and -9 would show as needs of 18 and more."""
    found = points_to_rank(SCORES, "30", 3, past_changes=CHANGES, rng=np.random.default_rng(7))
    assert len(found.needs) == 10_000
    assert found.needs.max() == 4 + 3
    again = points_to_rank(SCORES.iloc[::-1], "30", 3, past_changes=CHANGES.iloc[::-1, ::-1], rng=np.random.default_rng(7))
    assert again.needs.tolist() == found.needs.tolist()


def test_draws_by_year_keep_a_common_move_together() -> None:
    drawn = change_draws(CHANGES, CODES, rng=np.random.default_rng(3), count=500)
    signs = np.sign(drawn).sum(axis=1).abs()
    assert (signs == len(CODES)).all()
    pooled = change_draws(CHANGES, CODES, rng=np.random.default_rng(3), count=500, by="pool")
    assert (np.sign(pooled).sum(axis=1).abs() < len(CODES)).any()
    assert set(pooled.to_numpy().ravel()) == {1, 2, 9, 3, -1, -2, -9, -3, -4}


def test_every_change_is_drawn_equally_often() -> None:
    """Four changes of one year: each a quarter, within five standard errors."""
    drawn = change_draws(CHANGES[[2021]], ["01"], rng=np.random.default_rng(11), count=40_000)["01"]
    shares = drawn.value_counts(normalize=True)
    assert shares.index.sort_values().tolist() == [1, 2, 3, 9]
    assert (shares - 0.25).abs().max() < 5 * np.sqrt(0.25 * 0.75 / 40_000)


def test_draws_are_the_same_whatever_the_order_of_the_units() -> None:
    one, other = (change_draws(table, codes, rng=np.random.default_rng(3), count=9) for table, codes in ((CHANGES, CODES), (CHANGES.iloc[::-1, ::-1], CODES[::-1])))
    assert other.columns.tolist() == CODES[::-1]
    pd.testing.assert_frame_equal(other[CODES], one)


def test_needs_are_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = change_draws(CHANGES, CODES, rng=np.random.default_rng(3), count=50)
    whole = points_to_rank(SCORES, "30", 2, draws=draws).needs
    monkeypatch.setattr(targets, "_CELLS", 12)
    assert points_to_rank(SCORES, "30", 2, draws=draws).needs.tolist() == whole.tolist()


def test_ladder_of_a_table_of_five() -> None:
    found = ladder(SCORES, "33", 6)
    assert found.index.tolist() == [1, 2, 3, 4]
    assert found["threshold"].tolist() == [92, 90, 88, 84]
    assert found["need"].tolist() == [8, 6, 4, 0]
    assert found["is_feasible"].tolist() == [False, True, True, True]
    assert found["holder"].tolist() == ["22", "31", "01", "33"]


def test_ladder_of_the_leader_is_one_rung_of_nothing() -> None:
    assert ladder(SCORES, "22")[["need", "holder"]].values.tolist() == [[0, "22"]]


def test_next_place_either_way_of_a_table_of_five() -> None:
    found = next_rank_sensitivity(pd.concat([SCORES, pd.Series({"34": np.nan, "35": 80.0})]))
    assert found["rank"].tolist() == pytest.approx([3, 1, 4, 2, 4, np.nan, 6], nan_ok=True)
    assert found["tied"].tolist() == pytest.approx([0, 0, 1, 0, 1, np.nan, 0], nan_ok=True)
    assert found["to_climb"].tolist() == pytest.approx([2, np.nan, 0, 2, 0, np.nan, 4], nan_ok=True)
    assert found["to_drop"].tolist() == pytest.approx([4, 2, 0, 2, 0, np.nan, np.nan], nan_ok=True)
    assert set(found["out_of"]) == {6}


def test_equal_leaders_have_nothing_to_climb_and_nothing_to_lose() -> None:
    found = next_rank_sensitivity(pd.Series([5.0, 5.0], index=["01", "22"]))
    assert found["to_climb"].isna().all()
    assert found["to_drop"].tolist() == [0, 0]


@given(scores_of_units)
def test_gaining_the_need_reaches_the_rank_and_less_does_not(scores: pd.Series) -> None:
    for target in range(1, len(scores) + 1):
        need = points_to_rank(scores, "00", target).cases.loc["frozen", "need"]
        own = (pd.Index(scores.index) == "00").astype(float)
        assert rank(scores + own * need)["00"] <= target
        if need > 0:
            assert rank(scores + own * (need - 1e-6))["00"] > target


@given(scores_of_units)
def test_leader_needs_nothing_for_the_first_rank(scores: pd.Series) -> None:
    for unit in scores.index[scores == scores.max()]:
        assert points_to_rank(scores, unit, 1).cases.loc["frozen", "need"] == 0


@given(scores_and_draws())
def test_need_falls_as_the_rank_grows(drawn: tuple[pd.Series, pd.DataFrame]) -> None:
    scores, draws = drawn
    found = [points_to_rank(scores, "00", target, draws=draws, trend=draws.iloc[0]) for target in range(1, len(scores) + 1)]
    for better, worse in itertools.pairwise(found):
        assert (better.cases["need"] >= worse.cases["need"]).all()
        assert (better.needs >= worse.needs).all()
        assert better.probability(1) <= worse.probability(1)


@given(scores_and_draws(), st.integers(1, 9))
def test_probability_grows_with_the_gain(drawn: tuple[pd.Series, pd.DataFrame], target: int) -> None:
    scores, draws = drawn
    found = points_to_rank(scores, "00", min(target, len(scores)), draws=draws)
    chances = [found.probability(gain) for gain in np.arange(0, 16, 0.5)]
    assert np.diff(chances).min() >= 0
    assert chances[-1] == 1
    assert found.quantiles().is_monotonic_increasing
    assert found.quantiles([1]).iloc[0] == found.needs.max()


@given(scores_and_draws(), st.integers(1, 9))
def test_each_draw_is_a_trend(drawn: tuple[pd.Series, pd.DataFrame], target: int) -> None:
    scores, draws = drawn
    place = min(target, len(scores))
    needs = points_to_rank(scores, "00", place, draws=draws).needs
    assert needs.tolist() == [points_to_rank(scores, "00", place, trend=row).cases.loc["trend", "need"] for _, row in draws.iterrows()]


@given(scores_and_draws(), st.integers(1, 9))
def test_flipping_scores_and_direction_changes_no_need(drawn: tuple[pd.Series, pd.DataFrame], target: int) -> None:
    scores, draws = drawn
    place = min(target, len(scores))
    up, down = (points_to_rank(sign * scores, "00", place, draws=sign * draws, trend=sign * draws.iloc[0], higher_is_better=sign > 0) for sign in (1, -1))
    assert up.needs.tolist() == down.needs.tolist()
    pd.testing.assert_frame_equal(up.cases.drop(columns="threshold"), down.cases.drop(columns="threshold"))
    assert (up.cases["threshold"].isna() | (up.cases["threshold"] == -down.cases["threshold"])).all()
    assert up.score == -down.score
    columns = ["need", "holder"]
    pd.testing.assert_frame_equal(ladder(scores, "00")[columns], ladder(-scores, "00", higher_is_better=False)[columns])
    pd.testing.assert_frame_equal(next_rank_sensitivity(scores), next_rank_sensitivity(-scores, higher_is_better=False))


@given(scores_of_units)
def test_ladder_is_made_of_points_to_rank(scores: pd.Series) -> None:
    found = ladder(scores, "00", 3)
    assert found.index.tolist() == list(range(1, int(rank(scores)["00"]) + 1))
    for target, row in found.iterrows():
        assert row["need"] == points_to_rank(scores, "00", int(str(target)), headroom=3).cases.loc["frozen", "need"]
    assert found["need"].iloc[-1] == 0


@given(scores_of_units)
def test_climb_is_the_ladders_next_rung_where_nobody_is_tied(scores: pd.Series) -> None:
    found = next_rank_sensitivity(scores).loc["00"]
    if found["tied"] == 0 and found["rank"] > 1:
        assert found["to_climb"] == ladder(scores, "00").loc[int(found["rank"]) - 1, "need"]


@given(scores_of_units, st.permutations(range(9)), st.randoms(use_true_random=False))
def test_new_codes_and_another_order_change_nothing(scores: pd.Series, new: list[int], random: Any) -> None:
    codes = {f"{i:02}": f"x{new[i]}" for i in range(9)}
    renamed = scores.rename(index=codes).sample(frac=1, random_state=random.randint(0, 99))
    assert ladder(renamed, codes["00"])["need"].tolist() == ladder(scores, "00")["need"].tolist()
    pd.testing.assert_frame_equal(next_rank_sensitivity(renamed).loc[[codes[unit] for unit in scores.index]].set_axis(scores.index), next_rank_sensitivity(scores))


def test_only_unit_needs_nothing() -> None:
    found = points_to_rank(pd.Series({"30": 5.0}), "30", 1, draws=pd.DataFrame(index=[0, 1]))
    assert found.cases.loc["frozen", "need"] == 0
    assert found.needs.tolist() == [0, 0]


def test_tables_are_left_as_they_were() -> None:
    before, changes = SCORES.copy(), CHANGES.copy(deep=True)
    points_to_rank(SCORES, "30", 2, past_changes=CHANGES, rng=np.random.default_rng(1), trend=CHANGES[2022])
    ladder(SCORES, "30")
    next_rank_sensitivity(SCORES)
    pd.testing.assert_series_equal(SCORES, before)
    pd.testing.assert_frame_equal(CHANGES, changes)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": 6}, "rank 6 of 5 units with a score does not exist"),
        ({"target": 0}, "rank 0 of 5 units"),
        ({"target": float("nan")}, "rank nan of 5 units"),
        ({"headroom": -1.0}, "a headroom of -1.0 points is none"),
        ({"headroom": float("nan"), "margin": float("inf")}, "a headroom of nan points is none; a margin of inf points is none"),
        ({"scores": SCORES.mask(SCORES == 88.0), "unit": "01"}, "unit 01 has no score"),
        ({"scores": pd.concat([SCORES, SCORES.iloc[:2]])}, "unit 01, 22 stands twice"),
        ({"scores": SCORES.replace(88.0, np.inf)}, "infinite"),
        ({"trend": pd.Series({"01": 1.0, "22": np.nan})}, "trend: nothing for 22, 31, 33"),
        ({"draws": pd.DataFrame(columns=CODES, dtype="float64")}, "draws: nothing for anybody"),
        ({"draws": pd.DataFrame("x", index=[0], columns=CODES)}, "unit 01 is not made of numbers"),
        ({"past_changes": CHANGES}, "past changes are given, but nothing to draw with"),
        ({"past_changes": CHANGES, "draws": CHANGES.T, "rng": np.random.default_rng(1)}, "past changes are given, but draws as well"),
        ({"past_changes": CHANGES.loc[["30"]], "rng": np.random.default_rng(1)}, "no past change of another unit is known"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        points_to_rank(**{"scores": SCORES, "unit": "30", "target": 2, **arguments})
    assert caught.value.hint


def test_draws_that_cannot_be_are_refused() -> None:
    with pytest.raises(RequestError, match="0 draws are none; a unit is named twice"):
        change_draws(CHANGES, ["01", "01"], rng=np.random.default_rng(1), count=0)
    with pytest.raises(UnknownName, match="did you mean 'pool'"):
        change_draws(CHANGES, CODES, rng=np.random.default_rng(1), by="pooll")


def test_unknown_unit_is_named() -> None:
    for call in (lambda: points_to_rank(SCORES, "99", 1), lambda: ladder(SCORES, "99")):
        with pytest.raises(UnknownName, match="unknown unit '99'"):
            call()
