"""Gap profiles: hand tables, the sum, and what is missing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.gap_profiles import gap_profile

CODES = ["01", "22", "30", "31", "33"]
POINTS = pd.DataFrame({"domain:1": [9.0, 6, 8, 5, 4], "domain:2": [5.0, 9, 3, 4, 2], "domain:3": [1.0, 3, 2, 4, 5]}, index=CODES)
"""Totals 15, 18, 13, 13, 11."""

rows_of_three = st.lists(st.floats(0, 10, width=32), min_size=3, max_size=3)
points_of_five = st.lists(rows_of_three, min_size=5, max_size=5).map(lambda drawn: pd.DataFrame(drawn, index=CODES, columns=["a", "b", "c"]))
references = st.sampled_from(["leader", "median", "mean", ["01", "22", "33"], ["30"]])


@pytest.mark.parametrize(
    ("reference", "gaps", "members"),
    [
        ("leader", [2, 7, -2], ("22",)),
        ("mean", [2.4, 2.6, -2], tuple(CODES)),
        ("median", [2.5, 1.5, -2], ("30", "31")),
        (["01", "31"], [3, 2.5, -2.5], ("01", "31")),
    ],
)
def test_gaps_of_a_table_of_five(reference: Any, gaps: list[float], members: tuple[str, ...]) -> None:
    """The last unit against each reference; two units share the median total 13 and are averaged."""
    found = gap_profile(POINTS, "33", reference)
    assert found.table["gap"].tolist() == pytest.approx(gaps)
    assert found.index_gap == pytest.approx(sum(gaps))
    assert found.members == members
    assert found.missing.empty
    assert found.left_out == ()


def test_median_of_an_even_number_is_between_the_two_in_the_middle() -> None:
    found = gap_profile(POINTS.drop("22"), "33", "median")
    assert found.members == ("30", "31")
    assert found.index_gap == 2
    found = gap_profile(POINTS.drop("31"), "33", "median")
    assert found.members == ("30", "01")
    assert found.table["reference"].tolist() == [8.5, 4, 1.5]


def test_equal_leaders_are_averaged() -> None:
    points = pd.DataFrame({"a": [4.0, 6, 1], "b": [6.0, 4, 1]}, index=["01", "22", "30"])
    assert gap_profile(points, "30", "leader").table["gap"].tolist() == [4, 4]


def test_leader_of_a_scale_where_less_is_better_has_the_least() -> None:
    assert gap_profile(POINTS, "22", "leader", higher_is_better=False).members == ("33",)


def test_best_year_is_the_later_of_equals() -> None:
    years = pd.DataFrame({"domain:1": [5.0, 2, 3, 1], "domain:2": [2.0, 5, 4, 1], "domain:3": [1.0, 1, 0, 1]}, index=[2020, 2021, 2022, 2023])
    found = gap_profile(POINTS, "33", "best_year", own_years=years)
    assert found.members == ("2021",)
    assert found.table["gap"].tolist() == [-2, 3, -4]


def test_node_that_the_reference_lacks_is_listed_and_not_in_the_sum() -> None:
    years = pd.DataFrame({"domain:1": [5.0, 6, np.nan], "domain:2": [3.0, 4, 9]}, index=[2020, 2021, 2022])
    found = gap_profile(POINTS, "33", "best_year", own_years=years)
    assert found.missing.to_dict() == {"domain:3": "reference"}
    assert (found.members, found.left_out, found.index_gap) == (("2021",), ("2022",), 4)
    assert np.isnan(found.table.loc["domain:3", "gap"])


def test_missing_node_is_listed_with_its_side() -> None:
    points = POINTS.copy()
    points.loc["33", ["domain:1", "domain:2"]] = np.nan
    points.loc["22", "domain:1"] = np.nan
    found = gap_profile(points, "33", ["22"])
    assert found.missing.to_dict() == {"domain:1": "both", "domain:2": "unit"}
    assert found.index_gap == found.table.loc["domain:3", "gap"] == -2


def test_unit_with_a_missing_node_is_never_the_leader() -> None:
    points = POINTS.copy()
    points.loc["22", "domain:3"] = np.nan
    found = gap_profile(points, "33", "leader")
    assert (found.members, found.left_out) == (("01",), ("22",))


def test_peer_without_a_row_is_left_out() -> None:
    found = gap_profile(POINTS, "33", ["77", "01"])
    assert (found.members, found.left_out, found.index_gap) == (("01",), ("77",), 4)


def test_gap_to_itself_is_zero() -> None:
    assert gap_profile(POINTS, "22", "leader").table["gap"].tolist() == [0, 0, 0]


@given(points_of_five, references, st.sampled_from(CODES), st.booleans())
def test_gaps_sum_to_the_gap_of_the_index(points: pd.DataFrame, reference: Any, unit: str, up: bool) -> None:
    found = gap_profile(points, unit, reference, higher_is_better=up)
    totals = points.sum(axis=1)
    expected = {"leader": totals.max() if up else totals.min(), "median": totals.median(), "mean": totals.mean()}
    whole = expected[reference] if isinstance(reference, str) else totals[reference].mean()
    assert found.index_gap == pytest.approx(whole - totals[unit], abs=1e-9)
    assert math.fsum(found.table["gap"]) == pytest.approx(found.index_gap, abs=1e-9)


@given(points_of_five, references, st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_does_not_matter(points: pd.DataFrame, reference: Any, random: Any) -> None:
    before = points.copy(deep=True)
    found = gap_profile(points, "22", reference)
    shuffled = gap_profile(points.sample(frac=1, random_state=random.randint(0, 99))[["c", "a", "b"]], "22", reference)
    pd.testing.assert_frame_equal(shuffled.table.loc[["a", "b", "c"]], found.table)
    pd.testing.assert_frame_equal(points, before)
    assert shuffled.index_gap == found.index_gap


@given(points_of_five, st.sampled_from(["leader", "median", "mean"]), st.permutations(CODES))
def test_new_codes_change_nothing(points: pd.DataFrame, reference: str, codes: list[str]) -> None:
    new = dict(zip(CODES, codes, strict=True))
    found = gap_profile(points.rename(index=new), new["22"], reference)
    np.testing.assert_allclose(found.table["gap"], gap_profile(points, "22", reference).table["gap"], atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"reference": "best_year"}, "best year of unit 33 is not known"),
        ({"reference": []}, "names no unit"),
        ({"reference": ["77"]}, "nothing in the reference has all of its nodes"),
        ({"reference": ["01", "01"]}, "names a unit twice"),
        ({"reference": "best_year", "own_years": POINTS * np.nan}, "nothing in the reference has all of its nodes"),
        ({"points": pd.concat([POINTS, POINTS])}, "unit 01, 22, 30, 31, 33 stands twice"),
    ],
)
def test_reference_that_cannot_be_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        gap_profile(**{"points": POINTS, "unit": "33", "reference": "mean", **arguments})


@pytest.mark.parametrize(("unit", "reference"), [("99", "mean"), ("33", "leeder")])
def test_unknown_names_are_named(unit: str, reference: Any) -> None:
    with pytest.raises(UnknownName):
        gap_profile(POINTS, unit, reference)
