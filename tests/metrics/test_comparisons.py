"""Two years on a basis: what is subtracted from what, and when it is refused."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics import comparison
from par_analysis.metrics.comparisons import BASES_OF_COMPARISON, country_mean, is_scored_in_full, ranked_units

from .made import as_dict, fact, of_ranks, of_scores, table, value

BASE, YEAR = 2022, 2023
UNITS = list("ABCDE")


def compared(panel: pd.DataFrame, basis: str | None = None, **more: Any) -> pd.DataFrame:
    return comparison(panel, **{"unit": "A", "year": YEAR, "base": BASE, "comparable": True, "basis": basis, "units": UNITS, **more})


def five() -> pd.DataFrame:
    """The means are 80 and 84; A goes from 82 of 100 to 83 of 100, from 2nd to 4th."""
    old, new = {"A": 82, "B": 90, "C": 80, "D": 78, "E": 70}, {"A": 83, "B": 92, "C": 86, "D": 84, "E": 75}
    rows = [fact(unit, "score", score, year=year, out_of=100) for year, of in ((BASE, old), (YEAR, new)) for unit, score in of.items()]
    return table(*rows, *of_ranks({"A": 2}, year=BASE, out_of=5), *of_ranks({"A": 4}, out_of=5))


def test_five_units_by_hand() -> None:
    expected = {
        "raw": [[2023, "score_change", 1, "points"]],
        "share": [[2023, "share_change", 1, "percentage_points"]],
        "distance": [[2023, "distance_change", -3, "points"], [2023, "distance", -1, "points"], [2022, "distance", 2, "points"]],
        "rank": [[2023, "rank_change", -2, "place"]],
    }
    assert tuple(expected) == BASES_OF_COMPARISON
    for basis, rows in expected.items():
        found = compared(five(), basis)
        assert found[["year", "measure", "value", "unit_of_measure"]].to_numpy().tolist() == rows
        assert found["note"].iloc[0] == f"against 2022; basis: {basis}"
        assert set(found["basis"]) == {"computed"}


def test_a_comparison_needs_no_basis_where_methods_are_the_same() -> None:
    pd.testing.assert_frame_equal(compared(five()), compared(five(), "raw"))


@pytest.mark.parametrize(("comparable", "why"), [(False, "the methods differ"), (None, "it is not known whether the methods are the same")])
def test_without_a_basis_points_across_methods_are_refused(comparable: bool | None, why: str) -> None:
    with pytest.raises(RequestError, match=f"2022 and 2023.*{why}.*raw, share, distance, rank"):
        compared(five(), comparable=comparable)
    for basis in BASES_OF_COMPARISON:
        assert len(compared(five(), basis, comparable=comparable))


@pytest.mark.parametrize(("comparable", "said"), [(False, "are not comparable: the method differs"), (None, "not known whether points")])
def test_points_subtracted_across_methods_say_so(comparable: bool | None, said: str) -> None:
    assert said in compared(five(), "raw", comparable=comparable)["note"].iloc[0]
    assert compared(five(), "distance", comparable=comparable)["note"].iloc[0] == "against 2022; basis: distance"


def test_an_unknown_basis_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown basis of comparison 'distances': did you mean 'distance'"):
        compared(five(), "distances")


def test_lower_is_better_is_said_of_points() -> None:
    for basis in BASES_OF_COMPARISON:
        assert ("lower is better" in compared(five(), basis, higher_is_better=False)["note"].iloc[0]) == (basis != "rank")


@settings(max_examples=30)
@given(st.dictionaries(st.tuples(st.sampled_from("ABC"), st.sampled_from([BASE, YEAR])), st.integers(0, 10), max_size=6), st.sampled_from(BASES_OF_COMPARISON), st.integers(0, 9))
def test_missing_stays_missing_and_the_rest_is_subtracted(scores: dict[tuple[str, int], int], basis: str, seed: int) -> None:
    panel = table(*(fact(unit, "score", score, year=year, out_of=10) for (unit, year), score in scores.items()))
    before = panel.copy(deep=True)
    found = compared(panel, basis, units=list("ABC"))
    own, all_known = {("A", BASE), ("A", YEAR)} <= set(scores), len(scores) == 6
    assert bool(len(found)) == (all_known if basis in ("distance", "rank") else own)
    if len(found) and basis == "distance":
        mean = {year: sum(score for (_, when), score in scores.items() if when == year) / 3 for year in (BASE, YEAR)}
        assert value(found, "distance_change") == pytest.approx(scores["A", YEAR] - scores["A", BASE] - mean[YEAR] + mean[BASE])
    pd.testing.assert_frame_equal(panel, before)
    pd.testing.assert_frame_equal(compared(panel.sample(frac=1, random_state=seed), basis, units=list("ABC")), found)


@settings(max_examples=15)
@given(st.lists(st.integers(0, 20), min_size=6, max_size=6, unique=True))
def test_flipping_the_direction_flips_the_change_of_rank(scores: list[int]) -> None:
    panel = table(*of_scores(dict(zip("ABC", scores[:3], strict=True)), year=BASE), *of_scores(dict(zip("ABC", scores[3:], strict=True))))
    up, down = (compared(panel, "rank", units=list("ABC"), higher_is_better=way) for way in (True, False))
    assert value(up, "rank_change") == -value(down, "rank_change")


def test_shares_are_of_the_maximum_of_each_year() -> None:
    panel = table(fact("A", "score", 30, year=BASE, out_of=60), fact("A", "score", 44, out_of=80))
    assert as_dict(compared(panel, "share", comparable=False)) == pytest.approx({"share_change": 5})


def test_the_scale_is_the_maximum_of_totals_that_state_none() -> None:
    panel = table(*of_scores({"A": 83.76}, year=BASE), *of_scores({"A": 84.97}))
    assert compared(panel, "share").empty
    assert as_dict(compared(panel, "share", limits={"low": 0, "high": 100})) == pytest.approx({"share_change": 1.21})


def test_the_scale_is_not_the_maximum_of_a_domain() -> None:
    panel = table(fact("A", "score", 8, year=BASE, node="domain:1", out_of=10), fact("A", "score", 8.55, node="domain:1", out_of=9.5))
    assert as_dict(compared(panel, "share", node="domain:1", limits={"high": 100.0})) == pytest.approx({"share_change": 10})
    assert compared(panel.assign(out_of=math.nan), "share", node="domain:1", limits={"high": 100.0}).empty


def test_ranks_of_another_list_change_by_percentiles() -> None:
    panel = table(*of_ranks({"A": 63}, year=BASE, out_of=63), *of_ranks({"A": 1}, out_of=34))
    found = compared(panel, "rank")
    assert as_dict(found) == {"percentile_change": 100}
    assert found["note"].iloc[0] == "against 2022; basis: rank; ranks out of 34 and 63"


def test_ranks_of_a_list_that_lacks_a_few_are_places_all_the_same() -> None:
    found = compared(table(*of_ranks({"A": 40}, year=BASE, out_of=63), *of_ranks({"A": 32}, out_of=61)), "rank")
    assert as_dict(found) == {"rank_change": 8}
    assert found["note"].iloc[0] == "against 2022; basis: rank; ranks out of 61 and 63"


def test_ranks_are_computed_where_all_are_scored() -> None:
    panel = five()
    assert as_dict(compared(panel[panel["measure"] == "score"], "rank")) == {"rank_change": -2}
    assert compared(panel[(panel["measure"] == "score") & (panel["unit"] != "E")], "rank").empty


def test_a_published_change_of_rank_is_not_a_comparison_of_values() -> None:
    assert compared(table(fact("A", "rank_change", 3)), "rank").empty


def test_the_published_mean_comes_first() -> None:
    panel = pd.concat([five(), table(fact("VN", "mean", 81, year=BASE), fact("VN", "mean", 83))])
    found = compared(panel, "distance")
    assert found["value"].tolist() == [-1, 0, 1]
    assert found["note"].tolist()[1:] == ["from the published mean"] * 2
    assert "https://example.org/VN" in found["source"].iloc[0]


def test_a_mean_of_some_is_no_mean() -> None:
    panel = five()
    assert compared(panel[panel["unit"] != "E"], "distance").empty
    assert compared(panel, "distance", units=()).empty
    assert compared(panel, "distance", units=[*UNITS, "F"]).empty


def test_the_mean_is_of_all_who_were_ranked() -> None:
    """E was not ranked in 2023: the year's mean is that of the four, though E has a score."""
    scores = {"A": 83.0, "B": 92, "C": 86, "D": 84, "E": 75}
    panel = table(*of_scores(scores), *of_ranks({"A": 4, "B": 1, "C": 2, "D": 3}, out_of=4))
    found = country_mean(panel, year=YEAR, units=UNITS)
    assert (value(found, "mean_computed"), found["out_of"].iloc[0]) == (pytest.approx(86.25), 4)
    assert ranked_units(panel, year=YEAR, units=UNITS) == set("ABCD")


def test_a_mean_computed_before_is_the_last_resort() -> None:
    panel = table(*of_scores({"A": 83}), fact("VN", "mean", 80, basis="computed", note="of the 62 units scored"))
    assert as_dict(country_mean(panel, year=YEAR, units=UNITS)) == {"mean": 80}
    whole = table(*of_scores({"A": 83}), fact("VN", "mean", 80, basis="computed"))
    assert as_dict(country_mean(whole, year=YEAR, units=["A"])) == {"mean_computed": 83}


@pytest.mark.parametrize(
    ("scored", "ranked", "out_of", "is_full"),
    [("ABCDE", "", 5, True), ("ABCD", "", 5, False), ("ABCD", "ABCD", 4, True), ("ABCD", "ABC", 4, False), ("ABC", "ABCD", 4, False), ("", "", 5, False)],
)
def test_a_ranking_is_full_where_all_who_were_ranked_are_scored(scored: str, ranked: str, out_of: int, is_full: bool) -> None:
    panel = table(*of_scores(dict.fromkeys(scored, 80)), *of_ranks(dict.fromkeys(ranked, 1), out_of=out_of))
    assert is_scored_in_full(panel, year=YEAR, units=UNITS) == is_full


def test_a_year_against_itself_is_no_comparison() -> None:
    for basis in BASES_OF_COMPARISON:
        assert compared(five(), basis, base=YEAR).empty


def test_one_unit_is_at_its_own_mean() -> None:
    panel = table(*of_scores({"A": 80}, year=BASE), *of_scores({"A": 90}))
    assert compared(panel, "distance", units=["A"])["value"].tolist() == [0, 0, 0]
    assert as_dict(compared(panel, "rank", units=["A"])) == {"rank_change": 0}
