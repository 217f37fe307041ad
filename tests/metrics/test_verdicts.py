"""Verdicts: confirmed only by others, contradicted by others or by itself, and nothing said where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import UnknownName
from par_analysis.metrics import verdicts
from par_analysis.metrics.agreements import agreement
from par_analysis.metrics.verdicts import REASONS
from par_analysis.model import FIGURES, UNJUDGED, VERDICTS, Article, Index, Press, Statement, Verdict

from .made import fact, of_ranks, table

ARTICLE = Article("article:x", {"vi": "x", "en": "x"}, "par_index", "30", 2023)
METHODS = {2021: "a", 2022: "b", 2023: "b"}
INDEX = Index("par_index", {}, {}, "points", higher_is_better=True, low=0, high=100, decimals=2, unit_count=63, frameworks=METHODS, groups={}, caveats={}, citation={})


def says(measure: str = "rank", value: float | None = None, **more: Any) -> Statement:
    facts = {"id": "a", "index": "par_index", "unit": "30", "year": 2023, "node": "total", "comparison": "level", "unit_of_measure": "place" if measure == "rank" else "points"}
    return Statement(**{**facts, "measure": measure, "value": value, **more})


def known(*facts: dict[str, Any]) -> pd.DataFrame:
    """Independent claims; all are preferred unless they say otherwise."""
    extra = {"text", "is_preferred", "set_aside"}
    made = table(*({name: value for name, value in one.items() if name not in extra} for one in facts))
    return made.assign(
        text=[one.get("text", "") for one in facts], set_aside=[one.get("set_aside", "") for one in facts], is_preferred=[one.get("is_preferred", True) for one in facts]
    )


def ranks(of: Mapping[int, float], **more: Any) -> list[dict[str, Any]]:
    return [fact("30", "rank", value, year=year, out_of=63, **more) for year, value in of.items()]


def judged(*statements: Statement, by: pd.DataFrame | None = None) -> list[Verdict]:
    return verdicts(Press(ARTICLE, statements, table() if by is None else by, {"par_index": INDEX}))


def last(*statements: Statement, by: pd.DataFrame | None = None) -> tuple[str, str]:
    """Verdict and reason of the last statement."""
    found = judged(*statements, by=by)[-1]
    return found.verdict, found.reason


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("stated", "decimals", "qualifier", "printed", "text", "fits"),
    [
        (87.84, 2, "", 87.84, "87.84", True),
        (87.84, 2, "", 87.83, "87.83", False),
        (87.8, 1, "", 87.86, "87.86", True),  # cut off
        (87.9, 1, "", 87.86, "87.86", True),  # rounded
        (87.9, 1, "", 87.84, "87.84", False),
        (87.54, 2, "", 87.5, "87.50", False),  # printed with two decimals, so it is no rounded 87.54
        (87.5, 2, "", 87.5, "87.5", True),
        (183000, 0, "<~", 182640, "182640", True),
        (183000, 0, "<~", 183200, "183200", False),
        (98, 0, "~", 98.4, "98.4", True),
        (98, 0, "~", 99.1, "99.1", False),
        (90, 0, ">", 94, "94", True),
        (90, 0, ">", 89.9, "89.9", False),
        (90, 0, "<", 89, "89", True),
        (87.84, 2, ">", 87.84, "87.84", False),
        (87.84, 2, "<", 87.84, "87.84", False),
        (87.83, 2, ">", 87.84, "87.84", True),
        (87.85, 2, "<", 87.84, "87.84", True),
        (30, 0, "<~", 26, "26", False),
        (100, 0, "~", 60, "60", False),
    ],
)
def test_a_figure_is_confirmed_as_far_as_its_decimals_and_words_go(stated: float, decimals: int, qualifier: str, printed: float, text: str, fits: bool) -> None:
    said = says("score", stated, decimals=decimals, qualifier=qualifier, node="operations:dossiers")
    by = known(fact("30", "score", printed, node="operations:dossiers", text=text))
    assert last(said, by=by) == (("confirmed", "agrees") if fits else ("contradicted", "differs"))


@pytest.mark.parametrize(
    ("stated", "decimals", "qualifier", "printed", "expected"),
    [
        (87.84, 2, "", "87.8", ("cannot be checked", "finer")),
        (87.8401, 4, "", "87.84", ("cannot be checked", "finer")),
        (87.8401, 4, ">", "87.84", ("cannot be checked", "finer")),
        (87.8451, 4, "", "87.84", ("contradicted", "differs")),
        (87.86, 2, "", "87.8", ("contradicted", "differs")),
        (87.8401, 4, ">", "87.86", ("confirmed", "agrees")),
        (87.8401, 4, "", "87.8401", ("confirmed", "agrees")),
    ],
)
def test_what_is_stated_finer_than_it_is_known_is_not_confirmed(stated: float, decimals: int, qualifier: str, printed: str, expected: tuple[str, str]) -> None:
    by = known(fact("30", "score", float(printed), text=printed))
    assert last(says("score", stated, decimals=decimals, qualifier=qualifier), by=by) == expected


def test_a_computed_figure_is_known_to_the_decimals_of_its_index() -> None:
    by = known(fact("30", "score", 87.5, basis="computed"))
    assert last(says("score", 87.50, decimals=2), by=by)[0] == "confirmed"
    assert last(says("score", 87.54, decimals=2), by=by) == ("contradicted", "differs")
    assert last(says("score", 87.501, decimals=3), by=by) == ("cannot be checked", "finer")


def test_the_article_may_state_a_figure_finer_elsewhere() -> None:
    found = judged(says("score", 87.8, decimals=1), says("score", 87.84, decimals=2, id="b"))
    assert [one.reason for one in found] == ["alone", "alone"]


def test_a_source_that_says_over_what_is_stated_leaves_it_open_to_be_more() -> None:
    assert last(says("score", 90, qualifier=">"), by=known(fact("30", "score", 90, qualifier=">")))[0] == "confirmed"


def test_a_source_that_says_over_is_confirmed_by_what_lies_above() -> None:
    by = known(fact("30", "score", 90, qualifier=">"))
    assert last(says("score", 94), by=by)[0] == "confirmed"
    assert last(says("score", 80), by=by)[0] == "contradicted"


@pytest.mark.parametrize(("stated", "found"), [(42.68, "confirmed"), (42.66, "confirmed"), (42.65, "contradicted")])
def test_a_printed_total_may_be_a_sum_of_rounded_parts(stated: float, found: str) -> None:
    by = known(fact("30", "score", 42.691, basis="computed"), fact("VN", "n_domains", 8))
    (one,) = judged(says("score", stated, decimals=2), by=by)
    assert (one.verdict, one.cautions) == (found, ("rounded_parts",) if found == "confirmed" else ())
    assert last(says("score", stated, decimals=2), by=known(fact("30", "score", 42.691), fact("VN", "n_domains", 8)))[0] == "contradicted"


def test_what_only_the_article_states_is_not_confirmed() -> None:
    assert last(says("rank", 22)) == ("only the article says so", "alone")


def test_another_denominator_contradicts() -> None:
    assert last(says("rank", 22, out_of=61), by=known(*ranks({2023: 22}))) == ("contradicted", "denominator")
    assert last(says("rank", 22, out_of=63), by=known(*ranks({2023: 22}))) == ("confirmed", "agrees")


def test_sources_that_differ_are_said_and_the_preferred_one_decides() -> None:
    by = known(*ranks({2023: 22}), *ranks({2023: 23}, is_preferred=False), *ranks({2023: 99}, is_preferred=False, set_aside="a slip"))
    (found,) = judged(says("rank", 23), by=by)
    assert (found.verdict, found.cautions, [row["value"] for row in found.others]) == ("contradicted", ("sources_differ",), [23.0])
    assert judged(says("rank", 22), by=by)[0].verdict == "confirmed"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (says("rank", 64, out_of=63), "no_such_rank"),
        (says("rank", 0), "no_such_rank"),
        (says("rank", 2.5), "no_such_rank"),
        (says("score", 101), "off_scale"),
        (says("score", -1), "off_scale"),
        (says("done_share", 101, unit_of_measure="percent"), "off_scale"),
        (says("tasks", -1, unit_of_measure="count"), "below_zero"),
    ],
)
def test_what_cannot_be_is_contradicted_without_a_source(said: Statement, reason: str) -> None:
    assert last(said) == ("contradicted", reason)


def test_a_rank_beyond_the_number_of_provinces_cannot_be() -> None:
    by = known(fact("VN", "n_units", 63))
    assert last(says("rank", 64), by=by) == ("contradicted", "no_such_rank")
    assert last(says("rank", 63), by=by)[0] == "only the article says so"


def test_the_number_of_ranked_provinces_is_not_that_of_provinces() -> None:
    by = known(fact("VN", "n_units", 63), fact("VN", "n_ranked", 61))
    provinces = says("n_units", 63, unit="VN", unit_of_measure="count")
    assert last(provinces, by=by) == ("confirmed", "agrees")
    assert last(says("rank", 62), by=by) == ("contradicted", "no_such_rank")
    assert last(says("rank", 61), by=by)[0] == "only the article says so"
    assert last(says("rank", 61), says("rank", None, comparison="last", id="end"), by=by)[0] == "only the article says so"


def test_another_province_at_the_stated_place_is_a_caution_and_no_evidence() -> None:
    held = fact("49", "rank", 22, node="domain:7", out_of=63)
    (one,) = judged(says("rank", 22, node="domain:7"), by=known(held))
    assert (one.verdict, one.reason, one.cautions, [row["unit"] for row in one.figures]) == ("only the article says so", "alone", ("place_taken",), ["49"])
    for other in (says("rank", 23, node="domain:7"), says("rank", 22, node="domain:6"), says("rank", 22, node="domain:7", year=2022), says("score", 22, node="domain:7")):
        assert judged(other, by=known(held))[0].cautions == ()
    assert judged(says("rank", 22, node="domain:7"), by=known(held, fact("30", "rank", 22, node="domain:7", out_of=63)))[0].cautions == ()
    doubted = known(held, {**held, "value": 24, "is_preferred": False})
    assert judged(says("rank", 22, node="domain:7"), by=doubted)[0].cautions == ("place_taken",)


def test_an_article_that_gives_two_figures_contradicts_itself() -> None:
    found = judged(says("rank", 22), says("rank", 23, id="b"))
    assert [(one.verdict, one.reason) for one in found] == [("contradicted", "also_says")] * 2
    found = judged(says("rank", 22), says("rank", 23, id="b"), by=known(*ranks({2023: 22})))
    assert [one.verdict for one in found] == ["confirmed", "contradicted"]


# ---------------------------------------------------------------- changes


def rise(value: float = 25, against: int = 2022, measure: str = "rank", **more: Any) -> Statement:
    return says(measure, value, comparison="change", against=against, id="rise", **more)


def test_a_change_is_recomputed_from_levels() -> None:
    (found,) = judged(rise(), by=known(*ranks({2022: 47, 2023: 22})))
    assert found.recomputed is not None
    assert (found.verdict, found.recomputed["value"], [row["value"] for row in found.figures]) == ("confirmed", 25.0, [22.0, 47.0])
    assert judged(rise(24), by=known(*ranks({2022: 47, 2023: 22})))[0].verdict == "contradicted"
    assert judged(rise(-25), by=known(*ranks({2022: 47, 2023: 22})))[0].verdict == "contradicted"


def scores(new: float, old: float, **texts: str) -> pd.DataFrame:
    return known(fact("30", "score", new, text=texts.get("new", "")), fact("30", "score", old, year=2022, text=texts.get("old", "")))


@pytest.mark.parametrize(("stated", "fits"), [(4.32, True), (4.33, True), (4.31, True), (4.34, False), (4.3, True), (-4.32, False)])
def test_a_change_between_rounded_scores_may_be_off_by_one_in_the_last_decimal(stated: float, fits: bool) -> None:
    said = rise(stated, measure="score", decimals=1 if stated == 4.3 else 2)
    assert last(said, by=scores(87.84, 83.52))[0] == ("confirmed" if fits else "contradicted")


def test_a_change_of_a_year_against_itself_is_nothing() -> None:
    (found,) = judged(rise(25, against=2023), by=known(*ranks({2022: 47, 2023: 22})))
    assert found.recomputed is not None
    assert (found.verdict, found.reason, found.recomputed["value"]) == ("contradicted", "against_itself", 0.0)


def test_an_article_whose_own_levels_do_not_add_up_contradicts_itself() -> None:
    levels = (says("rank", 55, year=2022, id="old"), says("rank", 22, id="new"))
    assert last(*levels, rise(33)) == ("only the article says so", "adds_up")
    assert last(*levels, rise(30)) == ("contradicted", "differs_within")


def test_one_level_of_others_and_one_of_the_article_confirm_nothing() -> None:
    by = known(*ranks({2023: 22}))
    assert last(says("rank", 47, year=2022, id="old"), rise(25), by=by) == ("only the article says so", "adds_up")
    assert last(says("rank", 47, year=2022, id="old"), rise(24), by=by) == ("contradicted", "differs_within")


def test_a_published_change_serves_where_the_levels_are_not_known() -> None:
    by = known(fact("30", "rank_change", 25), *ranks({2023: 22}))
    assert last(rise(25), by=by) == ("confirmed", "agrees")
    assert last(rise(24), by=by) == ("contradicted", "differs")
    assert last(rise(25, against=2021), by=by) == ("only the article says so", "alone")


def test_about_and_over_are_no_levels_to_subtract() -> None:
    assert last(says("score", 87, qualifier="~", id="new"), says("score", 83, year=2022, id="old"), rise(9, measure="score"))[1] == "alone"


@pytest.mark.parametrize(("against", "caution", "found"), [(2022, (), "confirmed"), (2021, ("method_differs",), "cannot be checked"), (2020, ("method_unknown",), "confirmed")])
def test_points_across_a_change_of_method_cannot_be_checked(against: int, caution: tuple[str, ...], found: str) -> None:
    by = known(fact("30", "score", 80), fact("30", "score", 70, year=against))
    (one,) = judged(rise(10, against, "score"), by=by)
    assert (one.verdict, one.cautions) == (found, caution)
    assert last(rise(11, against, "score"), by=by) == ("contradicted", "differs")


def test_the_articles_own_points_across_a_change_of_method_cannot_be_checked() -> None:
    levels = (says("score", 70.0, year=2021, id="old"), says("score", 80.0, id="new"))
    assert last(*levels, rise(10, 2021, "score")) == ("cannot be checked", "method_differs")
    assert last(*levels, rise(11, 2021, "score")) == ("contradicted", "differs_within")


def test_places_across_a_change_of_method_are_confirmed() -> None:
    assert last(rise(38, 2021), by=known(*ranks({2021: 60, 2023: 22}))) == ("confirmed", "agrees")


def test_ranks_out_of_different_numbers_are_marked() -> None:
    by = known(fact("30", "rank", 22, out_of=63), fact("30", "rank", 47, year=2022, out_of=61))
    assert judged(rise(), by=by)[0].cautions == ("denominators",)


# ---------------------------------------------------------------- the best of years


SIX = {2018: 58, 2019: 52, 2020: 26, 2021: 60, 2022: 47, 2023: 22}


def best(value: float | None = 6, **more: Any) -> Statement:
    return says("rank", value, comparison="best", against=2018, id="best", **more)


def told(of: Mapping[int, float]) -> list[Statement]:
    return [says("rank", value, year=year, id=f"r{year}") for year, value in of.items()]


def test_the_best_of_years_is_confirmed_where_all_years_are_known_elsewhere() -> None:
    assert last(best(), by=known(*ranks(SIX))) == ("confirmed", "agrees")


def test_the_best_of_years_that_the_article_lists_itself() -> None:
    assert last(*told(SIX), best()) == ("only the article says so", "adds_up")
    assert last(*told(SIX), best(), by=known(*ranks({2022: 47, 2023: 22}))) == ("only the article says so", "adds_up")


def test_a_better_year_contradicts_whoever_states_it() -> None:
    assert last(best(), by=known(*ranks({**SIX, 2020: 21}))) == ("contradicted", "another_year")
    assert last(*told({**SIX, 2020: 21}), best()) == ("contradicted", "another_year")


def test_a_missing_year_leaves_it_open() -> None:
    assert last(best(), by=known(*ranks({2022: 47, 2023: 22}))) == ("only the article says so", "years_missing")
    assert last(best()) == ("cannot be checked", "no_figure")


def test_a_span_of_other_length_contradicts() -> None:
    assert last(best(5), by=known(*ranks(SIX))) == ("contradicted", "other_span")
    assert last(best(None), by=known(*ranks(SIX))) == ("confirmed", "agrees")


def test_an_equal_year_does_not_contradict() -> None:
    assert last(best(), by=known(*ranks({**SIX, 2020: 22})))[0] == "confirmed"


def test_the_worst_of_years_and_the_best_score_look_the_other_way() -> None:
    worst = says("rank", None, comparison="worst", against=2022)
    assert last(worst, by=known(*ranks({2022: 47, 2023: 60})))[0] == "confirmed"
    assert last(worst, by=known(*ranks({2022: 47, 2023: 22})))[0] == "contradicted"
    high = says("score", None, comparison="best", against=2022)
    assert last(high, by=scores(87, 83))[0] == "confirmed"
    assert last(high, by=scores(83, 87))[0] == "contradicted"


# ---------------------------------------------------------------- ends, most, lists, sums, words


def end(comparison: str, measure: str = "rank") -> Statement:
    return says(measure, None, comparison=comparison, id="end")


def test_the_last_place_is_the_number_of_provinces() -> None:
    assert last(end("last"), by=known(*ranks({2023: 63}))) == ("confirmed", "agrees")
    assert last(end("last"), by=known(*ranks({2023: 62}))) == ("contradicted", "differs")
    units = known(fact("VN", "n_units", 63))
    assert last(says("rank", 63), end("last"), by=units) == ("only the article says so", "adds_up")
    assert last(says("rank", 62), end("last"), by=units) == ("contradicted", "differs_within")
    assert last(says("rank", 63), end("last")) == ("cannot be checked", "no_figure")


def test_the_first_place_is_one() -> None:
    assert last(end("first"), by=known(*ranks({2023: 1})))[0] == "confirmed"
    assert last(end("first"), by=known(*ranks({2023: 2})))[0] == "contradicted"


def test_the_highest_of_others_whose_figures_are_not_known_cannot_be_checked() -> None:
    assert last(end("first", "done_share")) == ("cannot be checked", "no_rank")


def domains(*moves: tuple[float, float]) -> list[dict[str, Any]]:
    pairs = enumerate(moves, 1)
    rows = [fact("30", "rank", value, year=year, node=f"domain:{number}") for number, (old, new) in pairs for year, value in ((2022, old), (2023, new))]
    return [*rows, fact("VN", "n_domains", 4)]


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([(9, 1), (9, 2), (9, 3), (1, 9)], ("confirmed", "agrees")),
        ([(9, 1), (9, 2), (9, 3)], ("confirmed", "agrees")),
        ([(9, 1), (9, 2), (1, 9), (5, 5)], ("contradicted", "differs")),
        ([(9, 1), (9, 2)], ("cannot be checked", "too_few")),
        ([], ("cannot be checked", "too_few")),
    ],
)
def test_most_domains_rose_is_more_than_half(moves: list[tuple[float, float]], expected: tuple[str, str]) -> None:
    most = says("rank", None, comparison="most", against=2022)
    assert last(most, by=known(*domains(*moves))) == expected


def test_most_domains_of_an_unknown_number_cannot_be_checked() -> None:
    assert last(says("rank", None, comparison="most", against=2022)) == ("cannot be checked", "no_figure")


def listed(counts: str, value: float) -> Statement:
    return says("none", value, comparison="list", counts=counts, of=tuple(f"r{year}" for year in range(2018, 2023)), id="list")


def test_five_years_of_one_province_are_not_five_provinces() -> None:
    (*_, found) = judged(*told(SIX), listed("unit", 5))
    assert found.recomputed is not None
    assert (found.verdict, found.reason, found.recomputed["value"]) == ("contradicted", "list_of_others", 1.0)
    assert last(*told(SIX), listed("unit", 4)) == ("contradicted", "list_differs")
    assert last(*told(SIX), listed("year", 5)) == ("only the article says so", "adds_up")


def parts(comparison: str, value: float, decimals: int = 0) -> tuple[Statement, ...]:
    one, other = (says("tasks", number, node=f"operations:{name}", id=name, unit_of_measure="count") for name, number in (("done", 45.0), ("all", 60.0)))
    return one, other, says("tasks", value, comparison=comparison, of=("done", "all"), decimals=decimals, unit_of_measure="percent" if comparison == "share" else "count")


def test_sums_and_shares_are_recomputed_from_their_parts() -> None:
    assert last(*parts("sum", 105)) == ("only the article says so", "adds_up")
    assert last(*parts("sum", 104)) == ("contradicted", "differs_within")
    assert last(*parts("share", 75)) == ("only the article says so", "adds_up")
    assert last(*parts("share", 76)) == ("contradicted", "differs_within")
    by = known(fact("30", "tasks", 45, node="operations:done"), fact("30", "tasks", 60, node="operations:all"))
    assert last(*parts("share", 75), by=by) == ("confirmed", "agrees")


def test_a_share_of_nothing_is_no_share() -> None:
    by = known(fact("30", "tasks", 45, node="operations:done"), fact("30", "tasks", 0, node="operations:all"))
    assert last(*parts("share", 75), by=by) == ("cannot be checked", "no_figure")


def test_words_without_a_figure_cannot_be_checked() -> None:
    assert last(says("none", None, comparison="none")) == ("cannot be checked", "not_measurable")


# ---------------------------------------------------------------- proposals, several articles, laws


def test_a_proposal_that_nobody_confirmed_is_not_judged_and_no_evidence() -> None:
    by = known(*ranks({2023: 99}))
    assert last(says("rank", 22, unsure="which year?"), by=by) == (UNJUDGED, "unsure")
    assert last(says("rank", 47, year=2022, id="old", unsure="?"), says("rank", 22, id="new"), rise(25)) == ("only the article says so", "alone")
    assert last(*(says("rank", 1, year=year, id=f"r{year}", unsure="?") for year in range(2018, 2023)), listed("unit", 5)) == ("cannot be checked", "no_figure")


def test_several_articles_are_judged_one_by_one() -> None:
    press = Press(ARTICLE, (says("rank", 22),), known(*ranks({2023: 22})))
    other = Press(ARTICLE, (says("rank", 22),), table())
    assert [one.verdict for one in verdicts([press, other])] == ["confirmed", "only the article says so"]
    assert verdicts([]) == []


def test_an_unknown_comparison_is_an_error() -> None:
    with pytest.raises(UnknownName, match="did you mean 'change'"):
        judged(says("rank", 22, comparison="chnge"))


figures_of = st.dictionaries(st.sampled_from([2021, 2022, 2023]), st.integers(1, 9), max_size=3)
kinds, years, bases = st.sampled_from(["level", "change", "best"]), st.sampled_from([2022, 2023]), st.sampled_from([2021, 2022, 2023])
statements_of = st.lists(st.builds(says, st.just("rank"), st.integers(1, 9).map(float), year=years, against=bases, comparison=kinds), max_size=5)


@given(of=figures_of, said=statements_of, seed=st.integers(0, 99))
def test_laws(of: dict[int, int], said: list[Statement], seed: int) -> None:
    by = known(*of_ranks({"30": 5}, out_of=9), *ranks({year: float(value) for year, value in of.items()})).drop_duplicates(["year"], keep="last")
    before = by.copy(deep=True)
    found = judged(*said, by=by)
    pd.testing.assert_frame_equal(by, before)
    assert found == judged(*said, by=by.sample(frac=1, random_state=seed))
    alone = judged(*said)
    assert not any(one.verdict == "confirmed" for one in alone)  # nothing is confirmed by the article itself
    for one in (*found, *alone):
        assert one.verdict in VERDICTS
        assert one.reason in REASONS
        assert all(set(FIGURES) <= set(row) and row["source"] for row in (one.stated, one.recomputed, *one.figures) if row is not None)
        assert not one.sources or any(row["source"] in set(by["source"]) for row in one.figures)


@given(value=st.decimals(0, 100, places=2), places=st.integers(0, 2))
def test_a_figure_agrees_with_itself_rounded_or_cut_off(value: Any, places: int) -> None:
    exact = float(value)
    assert agreement(exact, 2, exact, 2) == "agrees"
    assert agreement(math.floor(exact * 10**places + 1e-9) / 10**places, places, exact, 2) == "agrees"
    assert agreement(exact + 0.01, 2, exact, 2) == "differs"
    assert agreement(exact + 0.001, 3, exact, 2) == "finer"
    assert {agreement(exact, 2, exact, 2, qualifier=sign) for sign in "<>"} == {"differs"}
