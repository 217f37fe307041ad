"""Mobility of ranks: figures of giddy, laws, hand tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.mobility import mobility, persistence, theta
from tests.conftest import SHARED

UNITS = [f"{i:02}" for i in range(12)]
scores = st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=0, max_size=12)
MEXICO = SHARED / "refdata" / "giddy" / "mexico.csv"


def series(drawn: list[int | None]) -> pd.Series[float]:
    return pd.Series(drawn, index=UNITS[: len(drawn)], dtype="float64")


def test_theta_agrees_with_giddy() -> None:
    """pysal/giddy (BSD-3), tests/test_rank.py: incomes of 32 Mexican states 1940 to 2000, regions of Esquivel (1999); tolerance 5e-9, as printed."""
    if not MEXICO.exists():
        pytest.skip("../shared/refdata is absent")
    states = pd.read_csv(MEXICO, index_col="State")
    found = [theta(states[f"pcgdp{year}"], states[f"pcgdp{year + 10}"], states["esquivel99"].astype(str)) for year in range(1940, 2000, 10)]
    assert [each.value for each in found] == pytest.approx([0.41538462, 0.28070175, 0.61363636, 0.62222222, 0.33333333, 0.47222222], abs=5e-9)
    assert [each.total for each in found] == [130, 114, 88, 90, 90, 72]
    assert {each.maximum for each in found} == {512}
    moves = [mobility(states[f"pcgdp{year}"], states[f"pcgdp{year + 10}"]) for year in range(1940, 2000, 10)]
    assert [each.exchange_share for each in moves] == pytest.approx([each.total / 512 for each in found])


def test_tau_agrees_with_giddy() -> None:
    """pysal/giddy (BSD-3), tests/test_rank.py; tolerance 5e-9, as printed."""
    assert mobility(series([12, 2, 1, 12, 2]), series([1, 4, 7, 1, 0])).kendall == pytest.approx(-0.47140452, abs=5e-9)


@given(scores, scores, st.booleans())
def test_spearman_and_kendall_agree_with_pandas(one: list[int | None], other: list[int | None], up: bool) -> None:
    old, new = series(one), series(other)
    both = pd.DataFrame({"old": old, "new": new}).dropna()
    found = mobility(old, new, higher_is_better=up)
    if both["old"].nunique() < 2 or both["new"].nunique() < 2:
        assert math.isnan(found.spearman)
        assert math.isnan(found.kendall)
    else:
        assert found.spearman == pytest.approx(both["old"].corr(both["new"], method="spearman"))
        assert found.kendall == pytest.approx(both["old"].corr(both["new"], method="kendall"))


@given(scores, scores, st.lists(st.sampled_from(["R1", "R2", "R3"]), min_size=12, max_size=12))
def test_theta_and_exchange_share_lie_between_0_and_1(one: list[int | None], other: list[int | None], drawn: list[str]) -> None:
    old, new = series(one), series(other)
    found, moved = theta(old, new, dict(zip(UNITS, drawn, strict=True))), mobility(old, new)
    assert found.total == moved.total
    assert math.isnan(found.value) == (found.total == 0)
    assert math.isnan(found.value) or 0 <= found.value <= 1 + 1e-12
    assert math.isnan(moved.exchange_share) == (moved.n < 2)
    assert math.isnan(moved.exchange_share) or 0 <= moved.exchange_share <= 1
    assert abs(found.regions["gained"].sum()) < 1e-9
    assert found.regions["moved"].sum() == pytest.approx(found.total)


@given(scores, scores)
def test_ranks_move_as_scores_do_and_names_do_not_matter(one: list[int | None], other: list[int | None]) -> None:
    old, new = series(one), series(other)
    found = mobility(old, new)
    by_rank = mobility(old.rank(ascending=False), new.rank(ascending=False), higher_is_better=False)
    renamed = mobility(old.iloc[::-1].rename("u{}".format), new.rename("u{}".format))
    for again in (by_rank, renamed):
        assert (again.n, again.total) == (found.n, found.total)
        assert [again.kendall, again.spearman] == pytest.approx([found.kendall, found.spearman], nan_ok=True)


@given(st.lists(st.integers(0, 6), min_size=2, max_size=12))
def test_scores_that_all_rise_alike_move_nobody(drawn: list[int]) -> None:
    old = series(list(drawn))
    found = mobility(old, old + 3)
    assert (found.total, found.exchange_share, found.mean_change) == (0, 0, 0)
    assert math.isnan(theta(old, old + 3, dict.fromkeys(UNITS, "R1")).value)


@given(st.integers(2, 12))
def test_list_turned_over_has_moved_as_far_as_can_be(n: int) -> None:
    found = mobility(series(list(range(n))), series(list(range(n, 0, -1))))
    assert found.exchange_share == 1
    assert found.kendall == pytest.approx(-1)
    assert found.spearman == pytest.approx(-1)


def test_mobility_by_hand() -> None:
    """Ranks 1 2 3 4 5 → 2.5 1 2.5 5 4 : places -1.5 +1 +.5 -1 +1, in sum 5 of 12 possible; unit 05 is not known in the new year, 06 not in the old one."""
    old, new = pd.Series([9.0, 8, 7, 6, 5, 9]), pd.Series([7.0, 8, 7, 3, 4, np.nan])
    old.index, new.index = pd.Index(UNITS[:6]), pd.Index(UNITS[:6])
    found = mobility(old, pd.concat([new, pd.Series({"06": 9.0})]))
    assert found.changes["change"].tolist()[:5] == [-1.5, 1, 0.5, -1, 1]
    assert (found.n, found.total, found.mean_change) == (5, 5, 1)
    assert found.exchange_share == pytest.approx(5 / 12)
    assert found.missing == ("05", "06")
    assert found.changes.loc[["05", "06"]].isna().all(axis=None)


def test_theta_by_hand() -> None:
    """R1 gains 2 + 2 places, R2 loses 2 + 2; then R1 gains 1 and loses 1, R2 likewise."""
    units = UNITS[:4]
    regions = pd.Series(["R1", "R1", "R2", "R2"], index=units)
    old = pd.Series([1.0, 2, 3, 4], index=units)
    together = theta(old, pd.Series([3.0, 4, 1, 2], index=units), regions)
    assert together.value == 1
    assert together.regions.loc["R1"].tolist() == [2, 4, 4]
    assert theta(old, pd.Series([2.0, 1, 4, 3], index=units), regions).value == 0


def test_unit_without_a_region_is_refused_and_one_that_did_not_move_is_not() -> None:
    old, new = series([1, 2, 3]), series([1, 2])
    with pytest.raises(RequestError, match="no region for 01"):
        theta(old, new, {"00": "R1"})
    assert theta(old, new, {"00": "R1", "01": "R1"}).missing == ("02",)


def test_units_that_come_twice_are_refused() -> None:
    twice = pd.Series([1.0, 2], index=["01", "01"])
    with pytest.raises(RequestError, match="old has a unit twice: 01"):
        mobility(twice, series([1]))
    with pytest.raises(RequestError, match="regions has a unit twice: 01"):
        theta(series([1]), series([1]), pd.Series(["R1", "R2"], index=["01", "01"]))


def test_input_is_left_alone() -> None:
    old, new = series([1, None, 3]), series([3, 2])
    before = old.copy(), new.copy()
    mobility(old, new)
    theta(old, new, dict.fromkeys(UNITS, "R1"))
    pd.testing.assert_series_equal(old, before[0])
    pd.testing.assert_series_equal(new, before[1])


# ---------------------------------------------------------------- persistence


def test_persistence_by_hand() -> None:
    """Six places; 2021 is not in the table, so that no streak passes it; unit 02 is not known in 2023."""
    ranks = pd.DataFrame(
        {2019: [1, 5, 6, 2, 3], 2020: [2, 6, 5, 1, 3], 2022: [1, 6, 5, 3, 2], 2023: [2, np.nan, 6, 1, 3], 2024: [1, 6, 4, 2, 5]}, index=["01", "02", "04", "06", "08"]
    )
    found = persistence(ranks, 2, out_of=dict.fromkeys(ranks.columns, 6))
    assert found["years"].tolist() == [5, 4, 5, 5, 5]
    assert found["top"].tolist() == [5, 0, 0, 4, 1]
    assert found["top_streak"].tolist() == [3, 0, 0, 2, 1]
    assert found["bottom"].tolist() == [0, 4, 4, 0, 1]
    assert found["bottom_streak"].tolist() == [0, 2, 2, 0, 1]
    assert found["best"].tolist() == [1, 5, 4, 1, 2]
    assert found["worst"].tolist() == [2, 6, 6, 3, 5]
    assert found.loc["02", "sd"] == pytest.approx(0.5)
    assert found.loc["01", "sd"] == pytest.approx(math.sqrt(0.3))


@given(st.lists(st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=4, max_size=4), min_size=1, max_size=5), st.integers(1, 5), st.randoms(use_true_random=False))
def test_streaks_are_no_longer_than_the_years_held_and_order_does_not_matter(rows: list[list[int | None]], k: int, random: object) -> None:
    ranks = pd.DataFrame(rows, columns=[2020, 2021, 2023, 2024], index=UNITS[: len(rows)], dtype="float64")
    out_of = dict.fromkeys(ranks.columns, 5.0)
    found = persistence(ranks, k, out_of=out_of)
    for end in ("top", "bottom"):
        assert (found[f"{end}_streak"] <= found[end].clip(upper=2)).all()
        assert ((found[f"{end}_streak"] > 0) == (found[end] > 0)).all()
        assert (found[end] <= found["years"]).all()
    pd.testing.assert_frame_equal(persistence(6 - ranks, k, out_of=out_of)[["top", "top_streak"]], found[["bottom", "bottom_streak"]].set_axis(["top", "top_streak"], axis=1))
    mixed = ranks.sample(frac=1, random_state=random.randint(0, 99)).iloc[:, ::-1]  # type: ignore[attr-defined]
    assert np.allclose(persistence(mixed, k, out_of=out_of).loc[found.index], found, equal_nan=True)


def test_unit_never_ranked_is_listed_with_nothing() -> None:
    found = persistence(pd.DataFrame({2022: [1, np.nan], 2023: [1, np.nan]}, index=["01", "02"]), 1)
    assert found.loc["02", ["years", "top", "bottom", "top_streak"]].tolist() == [0, 0, 0, 0]
    assert found.loc["02", ["sd", "best", "worst"]].isna().all()


@pytest.mark.parametrize(
    ("ranks", "k", "words"),
    [
        (pd.DataFrame({2022: [1.0]}), 0, "k is 0"),
        (pd.DataFrame({2022: [0.0]}), 1, "below 1 or beyond the list in 2022"),
        (pd.DataFrame({2022: [1.0, 22]}), 1, "below 1 or beyond the list in 2022"),
        (pd.DataFrame({"2022": [1.0]}), 1, "no years: 2022"),
        (pd.DataFrame([[1.0, 1]], columns=[2022, 2022]), 1, "column twice: 2022"),
    ],
)
def test_faulty_ranks_are_refused(ranks: pd.DataFrame, k: int, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        persistence(ranks, k)
