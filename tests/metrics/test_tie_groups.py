"""Tie groups: by hand, laws, and requests that make no sense."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.rank_sets import rank_sets
from par_analysis.metrics.tie_groups import tie_groups

UNITS = ["01", "02", "03", "04", "05"]
Bounded = tuple[pd.Series, pd.Series, pd.Series]


@st.composite
def bounded(draw: st.DrawFn) -> Bounded:
    """Values with the bounds they lie in."""
    rows = draw(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 9)), max_size=10))
    units = [f"{number:02}" for number in range(len(rows))]
    values, below, above = (pd.Series([row[part] for row in rows], index=units, dtype="float64") for part in range(3))
    return values, values - below, values + above


def test_groups_of_scores_by_hand() -> None:
    """90 ± 3 leads to 87. 88 ± 2 and 85 ± 2 reach it, the latter exactly; 84 ± 2 does not and leads to 82; 81 ± 1 reaches that, though it would not reach 87."""
    values = pd.Series([90.0, 88, 85, 84, 81], index=UNITS)
    spread = pd.Series([3.0, 2, 2, 2, 1], index=UNITS)
    found = tie_groups(values, values - spread, values + spread)
    assert found.to_numpy().tolist() == [["1", "01", 87.0]] * 3 + [["2", "04", 82.0]] * 2


def test_anchor_stays_that_of_the_leader() -> None:
    """Each interval overlaps the next: with a moving anchor all five would be one group."""
    values = pd.Series([10.0, 8, 6, 4, 2], index=UNITS)
    assert tie_groups(values, values - 1, values + 1)["group"].tolist() == ["1", "1", "2", "2", "3"]


def test_groups_of_ranks_by_hand() -> None:
    ranks, best, worst = (pd.Series(places, index=UNITS) for places in ([1.0, 2, 3, 4, 5], [1.0, 1, 2, 3, 4], [2.0, 3, 4, 5, 5]))
    found = tie_groups(ranks, best, worst, higher_is_better=False)
    assert found.to_numpy().tolist() == [["1", "01", 2.0]] * 3 + [["2", "04", 5.0]] * 2


def test_first_one_that_falls_short_ends_the_group() -> None:
    """04 could reach the first anchor, but 03 ranked before it could not."""
    values = pd.Series([90.0, 88, 80, 79], index=UNITS[:4])
    found = tie_groups(values, pd.Series([86.0, 86, 79, 60], index=UNITS[:4]), pd.Series([92.0, 89, 81, 95], index=UNITS[:4]))
    assert found["group"].tolist() == ["1", "1", "2", "2"]


def test_one_group_where_all_reach_the_leader() -> None:
    found = rank_sets(pd.Series([3.0, 2, 1]), pd.Series([9.0, 9, 9]), rng=np.random.default_rng(1), draws=100)
    assert tie_groups(found["rank"], found["low"], found["high"], higher_is_better=False)["group"].tolist() == ["1"] * 3


def test_missing_value_has_no_group() -> None:
    found = tie_groups(pd.Series([1.0, None, 3.0]), pd.Series([1.0, None, 3.0]), pd.Series([1.0, None, 3.0]))
    assert found["group"].dropna().tolist() == ["2", "1"]
    assert found.iloc[1].isna().all()
    assert tie_groups(*[pd.Series(dtype="float64")] * 3).empty


@given(bounded(), st.booleans())
def test_groups_part_the_units_and_are_runs_from_the_best(given_: Bounded, up: bool) -> None:
    found = tie_groups(*given_, higher_is_better=up)
    assert found.index.equals(given_[0].index)
    ordered = found["group"].astype(int).to_frame().assign(value=given_[0]).sort_values(["value", "group"], ascending=[not up, True])
    assert ordered["group"].is_monotonic_increasing
    assert sorted(set(ordered["group"])) == list(range(1, ordered["group"].nunique() + 1))


@given(bounded(), st.booleans())
def test_members_reach_their_leader_and_the_next_leader_does_not(given_: Bounded, up: bool) -> None:
    values, low, high = given_
    found = tie_groups(values, low, high, higher_is_better=up)
    best, worst, sign = (high, low, 1) if up else (low, high, -1)
    assert (found["leader"].map(worst) == found["anchor"]).all()
    assert (sign * best >= sign * found["anchor"]).all()
    assert (sign * values <= sign * found["leader"].map(values)).all()
    leaders = found.drop_duplicates("group").sort_values("group", key=lambda groups: groups.astype(int))
    for one, next_ in zip(leaders["anchor"], leaders["leader"].iloc[1:], strict=False):
        assert sign * best[next_] < sign * one


@given(bounded(), st.booleans())
def test_one_group_if_all_reach_the_best(given_: Bounded, up: bool) -> None:
    values, low, high = given_
    wide = tie_groups(values, low - 50, high + 50, higher_is_better=up)
    assert set(wide["group"]) <= {"1"}


@given(bounded(), st.booleans(), st.randoms(use_true_random=False))
def test_order_of_units_does_not_matter(given_: Bounded, up: bool, random: Any) -> None:
    order = random.sample(list(given_[0].index), len(given_[0]))
    found = tie_groups(given_[0][order], *given_[1:], higher_is_better=up)
    pd.testing.assert_frame_equal(found, tie_groups(*given_, higher_is_better=up).loc[order])


@given(bounded())
def test_turning_the_scale_changes_no_group(given_: Bounded) -> None:
    values, low, high = given_
    turned = tie_groups(-values, -high, -low, higher_is_better=False)
    pd.testing.assert_frame_equal(turned[["group", "leader"]], tie_groups(*given_)[["group", "leader"]])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"low": pd.Series([1.0, 3.0], index=["01", "02"])}, "low above high: 02"),
        ({"high": pd.Series([1.0], index=["01"])}, "no bounds, or low above high: 02"),
        ({"values": pd.Series([1.0, 2.0], index=["01", "01"])}, "duplicated units: 01"),
        ({"low": pd.Series([1.0, 2.0, 2.0], index=["01", "02", "02"])}, "duplicated units: 02"),
    ],
)
def test_bad_request_is_refused(change: dict[str, Any], says: str) -> None:
    plain = pd.Series([1.0, 2.0], index=["01", "02"])
    with pytest.raises(RequestError, match=says):
        tie_groups(**({"values": plain, "low": plain, "high": plain} | change))
