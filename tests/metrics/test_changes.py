"""Changes, history, best and worst years."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.errors import UnknownName
from par_analysis.metrics import best_worst, change, history, movers, rise_and_fall

from .made import as_dict, fact, table, value

HAI_DUONG = {2018: 58, 2019: 52, 2020: 26, 2021: 60, 2022: 47, 2023: 22}


def ranks(of: dict[int, float], **more: object) -> pd.DataFrame:
    return table(*(fact("30", "rank", place, year=year, **{"out_of": 63, **more}) for year, place in of.items()))  # type: ignore[arg-type]


def test_published_breakthrough_comes_out() -> None:
    """Hải Dương 2023: 87.84 points (+4.32), 22nd (+25 places), domain 7 from 55 to 22, domain 8 from 63 to 12."""
    panel = table(
        fact("30", "score", 83.52, year=2022), fact("30", "score", 87.84), fact("30", "rank", 47, year=2022, out_of=63), fact("30", "rank", 22, out_of=63),
        *(
            fact("30", "rank", place, year=year, node=node, out_of=63)
            for node, year, place in (("domain:7", 2022, 55), ("domain:7", 2023, 22), ("domain:8", 2022, 63), ("domain:8", 2023, 12))
        ),
    )  # fmt: skip
    found = change(panel, unit="30", year=2023, base=2022, comparable=True)
    assert found[["node", "measure"]].to_numpy().tolist() == [["domain:7", "rank_change"], ["domain:8", "rank_change"], ["total", "score_change"], ["total", "rank_change"]]
    assert found["value"].tolist() == pytest.approx([33, 51, 4.32, 25])
    assert found["out_of"].tolist()[-1] == 63
    assert set(found["basis"]) == {"computed"}


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["score", "rank", "share_of_max"]), st.sampled_from(["total", "domain:1", "domain:2"]), st.sampled_from([2022, 2023]), st.integers(1, 63)),
        max_size=15,
    )
)
def test_change_is_antisymmetric(drawn: list[tuple[str, str, int, int]]) -> None:
    facts = {(measure, node, year): fact("30", measure, number, node=node, year=year, out_of=63 if measure == "rank" else 70) for measure, node, year, number in drawn}
    forth, back = (change(table(*facts.values()), unit="30", year=year, base=base) for year, base in ((2023, 2022), (2022, 2023)))
    assert forth[["node", "measure"]].equals(back[["node", "measure"]])
    assert forth["value"].tolist() == pytest.approx((-back["value"]).tolist())


@settings(max_examples=40)
@given(st.integers(1, 63), st.integers(1, 63))
def test_rank_change_counts_places_gained(old: int, new: int) -> None:
    found = change(ranks({2022: old, 2023: new}), unit="30", year=2023, base=2022)
    assert value(found, "rank_change") == old - new


@pytest.mark.parametrize(("comparable", "said"), [(True, "against 2022"), (False, "not comparable"), (None, "not known whether")])
def test_note_says_whether_points_compare(comparable: bool | None, said: str) -> None:
    panel = table(fact("30", "score", 80, year=2022), fact("30", "score", 85))
    assert said in change(panel, unit="30", year=2023, base=2022, comparable=comparable)["note"].iloc[0]


def test_change_across_lists_of_other_length_is_one_of_percentiles() -> None:
    panel = table(fact("30", "rank", 63, year=2024, out_of=63), fact("30", "rank", 17.5, year=2025, out_of=34))
    assert as_dict(change(panel, unit="30", year=2025, base=2024)) == {"percentile_change": 50.0}


def test_change_where_some_units_were_not_ranked_is_one_of_places_and_says_so() -> None:
    panel = table(fact("30", "rank", 5, year=2022, out_of=63), fact("30", "rank", 1, year=2023, out_of=61))
    found = change(panel, unit="30", year=2023, base=2022)
    assert as_dict(found) == {"rank_change": 4}
    assert "ranks out of 61 and 63" in found["note"].iloc[0]


def test_unknown_denominator_is_said() -> None:
    panel = table(fact("30", "rank", 47, year=2022), fact("30", "rank", 22, out_of=63))
    found = change(panel, unit="30", year=2023, base=2022)
    assert value(found, "rank_change") == 25
    assert "not known whether both ranks" in found["note"].iloc[0]


def test_what_is_missing_in_either_year_has_no_change() -> None:
    panel = table(fact("30", "score", math.nan, year=2022), fact("30", "score", 87.84), fact("30", "rank", 47, year=2022))
    assert len(change(panel, unit="30", year=2023, base=2022)) == 0


def test_published_change_stands_in_for_unknown_values_only() -> None:
    known = [fact("30", "rank", 55, year=2022, node="domain:7"), fact("30", "rank", 22, node="domain:7")]
    printed = [fact("30", "rank_change", 32, node="domain:7"), fact("30", "rank_change", 51, node="domain:8")]
    found = change(table(*known, *printed), unit="30", year=2023, base=2022)
    assert found[["node", "value", "basis"]].to_numpy().tolist() == [["domain:7", 33.0, "computed"], ["domain:8", 51.0, "published"]]
    assert len(change(table(*printed), unit="30", year=2023, base=2021)) == 0


def test_share_of_the_maximum_is_computed_where_maxima_are_known() -> None:
    panel = table(fact("30", "score", 8, year=2022, node="domain:1", out_of=10), fact("30", "score", 8.55, node="domain:1", out_of=9.5))
    found = change(panel, unit="30", year=2023, base=2022)
    assert as_dict(found) == pytest.approx({"score_change": 0.55, "share_change": 10.0})


def test_mean_of_the_country_changes_too() -> None:
    panel = table(fact("VN", "mean", 84.79, year=2022), fact("VN", "mean", 86.98))
    assert as_dict(change(panel, unit="VN", year=2023, base=2022)) == pytest.approx({"mean_change": 2.19})


def test_lower_is_better_is_said() -> None:
    panel = table(fact("30", "score", 80, year=2022), fact("30", "score", 85))
    found = change(panel, unit="30", year=2023, base=2022, higher_is_better=False, comparable=True)
    assert (found["value"].iloc[0], "lower is better" in found["note"].iloc[0]) == (5, True)


def test_history_ends_where_asked_and_keeps_gaps() -> None:
    panel = ranks({2018: 58, 2020: 26, 2023: 22})
    assert history(panel, unit="30", until=2021)["year"].tolist() == [2018, 2020]
    assert history(panel, unit="22").empty


def test_best_and_worst_rank_of_hai_duong() -> None:
    found = best_worst(ranks(HAI_DUONG), unit="30", year=2023)
    assert found.set_index("measure")[["year", "value"]].to_dict("index") == {
        "best_rank": {"year": 2023, "value": 22},
        "worst_rank": {"year": 2021, "value": 60},
        "n_years_known": {"year": 2023, "value": 6},
        "best_since": {"year": 2023, "value": 2018},
        "best_since_strict": {"year": 2023, "value": 1},
    }
    assert found.loc[found["measure"] == "n_years_known", "out_of"].tolist() == [6]


@pytest.mark.parametrize(
    ("of", "since", "strict"),
    [
        ({2018: 10, 2019: 30, 2021: 25, 2023: 22}, 2019, 1),  # 2018 was better
        ({2018: 22, 2019: 30, 2023: 22}, 2018, 0),  # equalled
        ({2022: 10, 2023: 22}, math.nan, math.nan),  # the year before was better
        ({2023: 22}, math.nan, math.nan),  # nothing to compare
        ({2021: 30, 2022: 40}, math.nan, math.nan),  # the year itself is not known
    ],
)
def test_best_since_reaches_back_to_the_last_better_year(of: dict[int, float], since: float, strict: float) -> None:
    found = best_worst(ranks(of), unit="30", year=2023)
    assert [value(found, "best_since"), value(found, "best_since_strict")] == pytest.approx([since, strict], nan_ok=True)


def test_window_starts_where_asked() -> None:
    found = best_worst(ranks(HAI_DUONG), unit="30", year=2023, first=2021)
    assert (value(found, "worst_rank"), value(found, "best_since"), value(found, "n_years_known")) == (60, 2021, 3)


def test_ranks_of_another_denominator_are_left_out_and_counted() -> None:
    panel = pd.concat([ranks({2024: 1}, out_of=63), ranks({2025: 20, 2026: 30}, out_of=34)])
    found = best_worst(panel, unit="30", year=2026)
    assert value(found, "best_rank") == 20
    assert found["note"].str.contains("1 rank").any()


def test_ranks_of_years_in_which_some_were_not_ranked_are_ordered_by_the_share_that_is_better() -> None:
    panel = pd.concat([ranks({2020: 31}, out_of=61), ranks({2021: 32}, out_of=63), ranks({2022: 32}, out_of=60)])
    found = best_worst(panel, unit="30", year=2022)
    assert value(found, "n_years_known") == 3
    best, worst = (found[found["measure"] == measure].iloc[0] for measure in ("best_rank", "worst_rank"))
    assert (best["value"], best["out_of"], best["year"]) == (32, 63, 2021)
    assert (worst["value"], worst["out_of"]) == (32, 60)


@settings(max_examples=40)
@given(st.dictionaries(st.integers(2012, 2023), st.integers(1, 63), max_size=8))
def test_no_year_since_best_since_was_better(of: dict[int, float]) -> None:
    found = best_worst(ranks(of), unit="30", year=2023)
    since = value(found, "best_since")
    if not math.isnan(since):
        assert all(of[2023] <= place for year, place in of.items() if year >= since)
        assert not [year for year in of if year < since] or of[max(year for year in of if year < since)] < of[2023]
    if of:
        assert value(found, "best_rank") == min(of.values()) <= value(found, "worst_rank") == max(of.values())


def five_units() -> pd.DataFrame:
    """A, B swap places 1 and 4 …; E is not known in 2022."""
    then, now = {"A": 1, "B": 4, "C": 2, "D": 3}, {"A": 4, "B": 1, "C": 2, "D": 3, "E": 5}
    return table(
        *(fact(unit, "rank", place, year=2022, out_of=5) for unit, place in then.items()),
        *(fact(unit, "rank", place, year=2023, out_of=5) for unit, place in now.items()),
        *(fact(unit, "score", score, year=2022) for unit, score in {"A": 90, "B": 70, "C": 80}.items()),
        *(fact(unit, "score", score, year=2023) for unit, score in {"A": 70, "B": 91, "C": 80}.items()),
        fact("VN", "n_units_up", 43),
    )


def test_movers_come_biggest_gain_first_and_nobody_is_dropped() -> None:
    found = movers(five_units(), year=2023, base=2022, units=list("EDCBA"))
    assert found["unit"].tolist() == list("BCDAE")
    assert found["value"].tolist() == pytest.approx([3, 0, 0, -3, math.nan], nan_ok=True)
    assert found["note"].iloc[-1] == "rank not known for 2022"


def test_movers_by_score_follow_the_direction() -> None:
    up = movers(five_units(), year=2023, base=2022, units=list("ABC"), by="score")
    down = movers(five_units(), year=2023, base=2022, units=list("ABC"), by="score", higher_is_better=False)
    assert (up["unit"].tolist(), up["value"].tolist()) == (["B", "C", "A"], [21, 0, -20])
    assert (down["unit"].tolist(), down["value"].tolist()) == (["A", "C", "B"], [-20, 0, 21])


def test_places_are_counted_anew_where_other_units_were_ranked() -> None:
    """B led in the base year and has no score now: A, C and D each move up a place that nobody lost."""
    before, now = {"B": 9, "A": 8, "C": 7, "D": 6}, {"A": 8, "D": 7.5, "C": 7, "E": 5}
    rows = [fact(unit, "score", value, year=year) for year, scores in ((2022, before), (2023, now)) for unit, value in scores.items()]
    rows += [fact(unit, "rank", place, year=year, out_of=4) for year, scores in ((2022, before), (2023, now)) for place, unit in enumerate(scores, 1)]
    found = movers(table(*rows), year=2023, base=2022, units=list("ABCDE")).set_index("unit")
    assert found["value"].dropna().to_dict() == {"D": 1, "A": 0, "C": -1}
    assert set(found["out_of"]) == {3}
    assert "among the 3 units" in found["note"]["A"]


def test_movers_by_something_unknown_are_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'rank'"):
        movers(five_units(), year=2023, base=2022, units=["A"], by="ranks")


def test_ranks_of_lists_of_other_length_do_not_move() -> None:
    panel = table(fact("A", "rank", 1, year=2008, out_of=64), fact("A", "rank", 2, year=2009, out_of=63))
    found = movers(panel, year=2009, base=2008, units=["A"])
    assert (math.isnan(found["value"].iloc[0]), found["note"].iloc[0]) == (True, "ranks are not out of the same number")


def test_rise_and_fall_counts_every_unit_once() -> None:
    found = rise_and_fall(five_units(), year=2023, base=2022, units=list("ABCDE"))
    assert as_dict(found) == {
        "n_units_up_score": 1, "n_units_down_score": 1, "n_units_same_score": 1, "n_units_unknown_score": 2,
        "n_units_up_rank": 1, "n_units_down_rank": 1, "n_units_same_rank": 2, "n_units_unknown_rank": 1, "n_units_up": 43,
    }  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from([2022, 2023]), st.integers(60, 64)), max_size=10))
def test_flipping_direction_swaps_rise_and_fall(drawn: list[tuple[str, int, int]]) -> None:
    facts = {(unit, year): fact(unit, "score", score, year=year) for unit, year, score in drawn}
    up, down = (as_dict(rise_and_fall(table(*facts.values()), year=2023, base=2022, units=list("ABCDE"), higher_is_better=way)) for way in (True, False))
    assert up.get("n_units_up_score") == down.get("n_units_down_score")
    assert up.get("n_units_same_score") == down.get("n_units_same_score")
    assert not up or sum(up.values()) == 5
