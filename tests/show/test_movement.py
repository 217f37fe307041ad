"""Movement of a ranking, breakthroughs, convergence, other indices, what a rank owes, a change of method: sentences, tables and charts in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd
import pytest

from par_analysis import catalog
from par_analysis.model import LANGUAGES, Language
from par_analysis.show.blocks import Display
from par_analysis.show.charts_breakthroughs import plot_breakthroughs
from par_analysis.show.charts_owed import plot_rank_owed
from par_analysis.show.language import Words
from par_analysis.show.sentences_breakthroughs import say_breakthroughs, say_mover
from par_analysis.show.sentences_movement import say_mobility
from par_analysis.show.sentences_owed import say_rank_owed
from par_analysis.show.tables_agreement import say_agreement, table_agreement, table_discordant
from par_analysis.show.tables_breakthroughs import table_breakthroughs
from par_analysis.show.tables_movement import table_quarters, table_top_places
from par_analysis.show.tables_narrowing import say_narrowing, table_narrowing
from par_analysis.show.tables_split import table_method_split
from tests.inks import clipped, inks, touching
from tests.parts import BASE, HUE, LONG, YEAR, figure, table, words

PAIR: Mapping[str, int] = {"year": YEAR, "base": BASE}
SAME: Mapping[str, Any] = {**PAIR, "is_comparable": True}
every_language = pytest.mark.parametrize("lang", LANGUAGES)


def country(measure: str, value: float, node: str = "total", **more: Any) -> dict[str, Any]:
    return figure(measure, value, node, **{"unit": "VN", **more})


def said(display: Display) -> list[str]:
    return ["".join(span["text"] for span in block["text"]) if "text" in block else block.get("reason", "") for block in display.blocks]


def cells(display: Display) -> list[list[str]]:
    return [[cell["text"] for cell in row["cells"]] for block in display.blocks if block["kind"] == "table" for row in block["rows"]]


def heads(display: Display) -> list[str]:
    return [column["label"] for column in display.blocks[0]["columns"]]


# ---------------------------------------------------------------- made-up figures


def mobility(n: float = 59) -> pd.DataFrame:
    rows = [country("n_common", n, unit_of_measure="count", out_of=63.0), country("mean_places_moved", 10.983, unit_of_measure="place")]
    return table(*rows, country("exchange_share", 37.24, unit_of_measure="percent"), country("kendall", 0.488, unit_of_measure="ratio"))


def quarters(n: float = 59, *, before: bool = True) -> pd.DataFrame:
    rows = [country("n_common", n, unit_of_measure="count", out_of=63.0)]
    for old in range(1, 5):
        rows += [country(f"n_to_{new}", 9.0 if new == old else 2.0 if abs(new - old) == 1 else 0.0, f"quarter:{old}", unit_of_measure="count") for new in range(1, 5)]
        rows += [country("stay_share", 64.3, f"quarter:{old}", unit_of_measure="percent")]
        rows += [country("stay_share_before", 71.0, f"quarter:{old}", unit_of_measure="percent")] if before else []
    return table(*rows)


def top() -> pd.DataFrame:
    rows = []
    for unit in ("44", HUE, LONG):
        rows += [figure("top_years", 9, unit=unit, unit_of_measure="count", out_of=13.0), figure("top_streak", 5, unit=unit, unit_of_measure="count")]
        rows += [figure("best_place", 1, unit=unit, unit_of_measure="place"), figure("worst_place", 39, unit=unit, unit_of_measure="place")]
    return table(*rows)


def moves(*, far: tuple[str, ...] = (), n: float = 59, before: bool = True, slope: float = -0.25) -> pd.DataFrame:
    """63 provinces along a line, every seventh of them off it, and those of ``far`` far beyond the limits: up, down, up, …"""
    rows = [country("n_common", n, unit_of_measure="count", out_of=63.0), country("expected_slope", slope, unit_of_measure="ratio")]
    rows += [country("mover_threshold", 2, unit_of_measure="ratio"), country("limit_low", -3.0), country("limit_high", 3.1)]
    rows += [country("n_movers_up", (len(far) + 1) // 2, unit_of_measure="count"), country("n_movers_down", len(far) // 2, unit_of_measure="count")]
    rows += [country("n_false_alarms", 2.68, unit_of_measure="count")]
    rows += [country("n_movers_before", 11, unit_of_measure="count"), country("n_movers_sustained", 9, unit_of_measure="count", out_of=11.0)] if before else []
    for place, unit in enumerate(provinces()):
        start, beyond = 38 + place * 0.12, (place % 7 - 3) * 0.6
        if unit in far:
            beyond = 4.5 if far.index(unit) % 2 == 0 else -4.5
        expected = slope * (start - 42)
        own = {"unit": unit}
        rows += [figure("score", start, year=BASE, **own), figure("score_change", expected + beyond, **own), figure("expected_change", expected, **own)]
        rows += [figure("unexpected_change", beyond, **own), figure("mover_z" if unit in far else "move_z", beyond / 1.5, unit_of_measure="ratio", **own)]
    return table(*rows)


@lru_cache
def provinces() -> list[str]:
    return [unit.code for unit in catalog.load().provinces(YEAR)]


def narrowed(*, years: tuple[int, ...] = (2021, 2022, 2023), p: float = 0.3, beta: float = -0.244, beta_p: float = 0.00001, n: float = 61) -> pd.DataFrame:
    rows = []
    for when in years:
        rows += [country("n_scored", n, year=when, unit_of_measure="count", out_of=63.0), country("score_sd", 2.16, year=when), country("score_range", 10.84, year=when)]
        rows += [country("between_share", 24.0, year=when, unit_of_measure="percent")]
    if len(years) > 1:
        rows += [country("n_common", 59, unit_of_measure="count", out_of=63.0)]
        rows += [country("common_spread", 4.9 - 0.2 * (when - years[0]), year=when, unit_of_measure="percent") for when in years]
        of_ratios = {"variance_ratio": 1.26, "variance_p": p, "beta": beta, "beta_p": beta_p, "beta_reliability": 1 + 2 * beta}
        rows += [country(name, value, unit_of_measure="ratio") for name, value in of_ratios.items()]
        rows += [country("half_life", 2.07, unit_of_measure="years")] if beta < 0 else []
    return table(*rows)


def agreement(**pairs: tuple[float, float, float, float]) -> pd.DataFrame:
    rows = []
    for code, (n, rho, low, high) in pairs.items():
        node = f"index:{code}"
        rows.append(country("n_common", n, node, unit_of_measure="count", out_of=63.0))
        if n >= 10:
            rows += [country(name, value, node, unit_of_measure="ratio") for name, value in (("spearman", rho), ("spearman_low", low), ("spearman_high", high))]
            rows.append(country("interval_coverage", 95, node, unit_of_measure="percent"))
            rows += [figure("rank_here", 3, node, unit_of_measure="place", out_of=n), figure("rank_there", 38.5, node, unit_of_measure="place", out_of=n)]
    return table(*rows)


def owed(*, change: bool = True, lead: float = -6.0, nodes: int = 8, unit: str = HUE) -> pd.DataFrame:
    effects = [(-1) ** number * (number + 0.4) for number in range(1, nodes + 1)]
    rows = [country("n_common", 61, unit_of_measure="count", out_of=63.0), figure("rank_anew", 37, out_of=61.0), figure("rank_middle", 31, out_of=61.0)]
    rows += [figure("place_effect", effect, f"domain:{number}") for number, effect in enumerate(effects, 1)]
    rows += [figure("place_lead", lead, unit_of_measure="place")]
    if change:
        rows += [country("n_both", 59, unit_of_measure="count"), figure("rank_before", 31, out_of=59.0), figure("rank_after", 35, out_of=59.0)]
        rows += [figure("move_effect", -effect, f"domain:{number}") for number, effect in enumerate(effects, 1)]
        rows += [figure("move_effect_others", -0.48), figure("rank_change", -4, out_of=59.0)]
    return table(*({**row, "unit": unit if row["unit"] == HUE else row["unit"]} for row in rows))


def split() -> pd.DataFrame:
    effects = {"performance_effect": -1.91, "reweighting_effect": 2.2, "coverage_effect": -2.35, "attainment_change": -2.07}
    rows = [figure(measure, value, unit=unit, unit_of_measure="percentage_points") for unit in (HUE, "VN") for measure, value in effects.items()]
    rows += [country("n_common", 60, unit_of_measure="count", out_of=63.0)]
    return table(*rows, *(country("common_weight", share, year=when, unit_of_measure="percent") for when, share in ((BASE, 96.87), (YEAR, 100.0))))


# ---------------------------------------------------------------- the ranking


def test_mobility_is_told_in_places_and_beside_a_list_turned_over() -> None:
    text, limits = said(say_mobility(mobility(), words("en"), **PAIR))
    assert text.startswith("From 2022 to 2023 a province moved 11.0 places up or down on average, among the 59 of 63 provinces known in both years.")
    assert "All moves together are 37% of what would turn the list upside down" in text
    assert text.endswith("Kendall's rank correlation of the two years is 0.49, where one is the same order and zero an unrelated one.")
    assert "To move is not to improve" in limits


def test_movement_of_fewer_than_half_of_the_provinces_is_not_told() -> None:
    (reason,) = said(say_mobility(mobility(31), words("en"), **PAIR))
    assert reason.startswith("Results of both 2022 and 2023 are known of fewer than half of the provinces")
    assert table_quarters(quarters(31), words("en"), **PAIR).blocks[0]["reason"] == ""
    assert say_mobility(mobility(32), words("en"), **PAIR).numbers


def test_quarters_show_where_each_quarter_went_and_what_is_usual() -> None:
    display = table_quarters(quarters(), words("en"), **PAIR)
    assert cells(display)[0] == ["Highest quarter", "9", "2", "–", "–", "64%", "71%"]
    assert heads(display)[0] == "In 2022"
    assert "Stayed before" not in heads(table_quarters(quarters(before=False), words("en"), **PAIR))


def test_the_top_ten_are_listed_with_the_years_of_which_their_rank_is_known() -> None:
    display = table_top_places(top(), words("en"), year=YEAR, count=2)
    assert cells(display) == [["Quang Binh", "9/13", "5", "1", "39"], ["Thua Thien Hue", "9/13", "5", "1", "39"]]
    assert table_top_places(table(), words("en"), year=YEAR).blocks[0]["reason"] == ""


# ---------------------------------------------------------------- breakthroughs


def test_nobody_beyond_the_limit_is_said_with_what_chance_would_give() -> None:
    text, limits = said(say_breakthroughs(moves(), words("en"), **SAME))
    assert "one point more in 2022 went with a change to 2023 that was 0.25 points less" in text
    assert "No province lies 2 deviations or more from it: none is called a breakthrough or a setback. By chance alone about 2.7 provinces would be expected to." in text
    assert "Of the 11 provinces that had moved so far in 2022, 9 have kept half of it or more." in text
    assert text.endswith("Both are counted from 2021: an error in the score of that year would count as kept.")
    assert limits.startswith("Errors of the scores are not published")


def test_movers_are_counted_either_way() -> None:
    text = said(say_breakthroughs(moves(far=(HUE, LONG, "01"), before=False, slope=0.1), words("en"), **SAME))[0]
    assert "2 moved further up than that (breakthroughs) and 1 further down (setbacks)." in text
    assert "0.10 points more" in text
    assert "kept half" not in text


@pytest.mark.parametrize(
    ("is_comparable", "n", "reason"),
    [
        (False, 59, "The method changed between 2022 and 2023"),
        (None, 59, "It is not confirmed that 2022 and 2023"),
        (True, 31, "The scores of both 2022 and 2023 are known of fewer than half"),
    ],
)
def test_nothing_is_called_a_breakthrough_where_it_cannot_be_told(is_comparable: bool | None, n: float, reason: str) -> None:
    for show in (say_breakthroughs, plot_breakthroughs, table_breakthroughs):
        (told,) = said(show(moves(n=n), words("en"), **PAIR, is_comparable=is_comparable))
        assert told.startswith(reason)


def test_those_furthest_from_what_was_expected_are_listed_from_up_to_down() -> None:
    rows = cells(table_breakthroughs(moves(far=(HUE, LONG)), words("en"), **SAME))
    assert len(cells(table_breakthroughs(moves(), words("en"), **SAME))[0]) == 5
    assert [rows[0][0], rows[0][-1], rows[-1][0], rows[-1][-1]] == ["Thua Thien Hue", "breakthrough", "Ba Ria - Vung Tau", "setback"]
    assert (rows[0][3:5], rows[-1][3:5]) == (["+4.50", "+3.00"], ["−4.50", "−3.00"])
    assert len(rows) == 6
    assert {row[-1] for row in rows[1:-1]} == {"–"}


def test_all_movers_are_listed_however_many() -> None:
    assert len(cells(table_breakthroughs(moves(far=tuple(provinces()[:9])), words("en"), **SAME))) == 9


@pytest.mark.parametrize(("far", "verdict"), [((), "neither a breakthrough nor a setback"), ((HUE,), "is called a breakthrough."), ((LONG, HUE), "is called a setback.")])
def test_a_province_is_told_whether_it_is_a_mover(far: tuple[str, ...], verdict: str) -> None:
    (text,) = said(say_mover(moves(far=far), words("en"), unit=HUE, **PAIR))
    assert text.startswith("Provinces with its score of 2022 changed by")
    assert verdict in text


@pytest.mark.parametrize("found", [table(), moves(n=31), table(country("n_common", 4, out_of=63.0))], ids=["break", "few", "counted only"])
def test_a_province_is_told_nothing_where_nothing_can_be(found: pd.DataFrame) -> None:
    assert said(say_mover(found, words("en"), unit=HUE, **PAIR)) == [""]


# ---------------------------------------------------------------- drawing together


def test_spread_is_listed_by_year() -> None:
    display = table_narrowing(narrowed(), words("en"), year=YEAR)
    assert cells(display)[0] == ["2021", "61/63", "2.16", "10.84", "4.90%", "24.0%"]
    assert len(cells(display)) == 3
    assert cells(table_narrowing(narrowed(years=(2023,)), words("en"), year=YEAR)) == [["2023", "61/63", "2.16", "10.84", "24.0%"]]


def test_sigma_and_beta_are_told_with_chance_and_error() -> None:
    text, _ = said(say_narrowing(narrowed(), words("en"), year=YEAR))
    assert text.startswith("From 2021 to 2023 the spread of the 59 provinces scored in every year narrowed from 4.90% to 4.50%. Chance alone may well")
    assert "make such a difference (p =\u00a00.30). A province" in text
    assert "A province one point behind another in 2021 gained 0.24 points a year on it (p <\u00a00.01); at that pace a gap halves in 2.1 years." in text
    assert text.endswith("scores of a reliability of 0.51 would give this without anybody drawing nearer.")


def test_no_gain_of_those_behind_is_said() -> None:
    text, _ = said(say_narrowing(narrowed(p=0.01, beta=0.02, beta_p=0.6), words("en"), year=YEAR))
    assert "Chance alone seldom makes such a difference (p =\u00a00.01)." in text
    assert text.endswith("Provinces that were behind in 2021 did not clearly gain more than those ahead (p =\u00a00.60).")


def test_a_first_year_of_a_method_has_nothing_to_compare_with() -> None:
    (text,) = said(say_narrowing(narrowed(years=(2023,)), words("en"), year=YEAR))
    assert text.startswith("No earlier year is known that was scored as 2023 was")


def test_too_few_scores_are_said_once() -> None:
    assert said(table_narrowing(narrowed(n=31), words("en"), year=YEAR))[0].startswith("The scores of fewer than half of the provinces are known for 2023")
    assert said(say_narrowing(narrowed(n=31), words("en"), year=YEAR)) == [""]


# ---------------------------------------------------------------- other indices

INDICES = {code: index for code, index in catalog.load().indices.items() if code != "papi"}


@pytest.mark.parametrize(
    ("pair", "reading"),
    [
        ((39, 0.32, -0.02, 0.6), "whether they agree at all is open"),
        ((39, 0.5, 0.2, 0.7), "alike in part"),
        ((39, 0.8, 0.6, 0.9), "much the same order"),
        ((39, -0.5, -0.7, -0.2), "rather opposite orders"),
    ],
)
def test_a_correlation_is_read_by_its_interval(pair: tuple[float, float, float, float], reading: str) -> None:
    (row,) = cells(table_agreement(agreement(par_index=pair), words("en"), INDICES, year=YEAR))
    assert row == ["PAR INDEX", "39/63", f"{pair[1]:.2f}".replace("-", "−"), f"{pair[2]:.2f} to {pair[3]:.2f}".replace("-", "−"), reading]


def test_too_few_common_provinces_have_no_coefficient_and_none_at_all_no_row() -> None:
    rows = cells(table_agreement(agreement(par_index=(39, 0.32, 0.1, 0.6), sipas=(9, 0, 0, 0), pci=(0, 0, 0, 0)), words("en"), INDICES, year=YEAR))
    assert [row[0] for row in rows] == ["PAR INDEX", "SIPAS"]
    assert rows[1][1:] == ["9/63", "–", "–", "too few for a coefficient"]


def test_no_index_to_compare_with_is_said() -> None:
    found = agreement(sipas=(9, 0, 0, 0))
    assert said(table_agreement(found, words("en"), INDICES, year=YEAR))[0].startswith("Of no other index are enough results known for 2023")
    assert said(table_discordant(found, words("en"), INDICES)) == said(say_agreement(found, words("en"))) == [""]


def test_discordant_provinces_stand_with_both_ranks() -> None:
    display = table_discordant(agreement(par_index=(39, 0.32, 0.1, 0.6)), words("en"), INDICES)
    assert cells(display) == [["Thua Thien Hue", "3/39", "38.5/39", "PAR INDEX"]]
    assert display.blocks[0]["notes"] == [[{"text": "Equals share the mean of their places."}]]
    assert heads(display)[1] == "Rank by PAPI"


def test_an_index_that_is_a_part_of_this_one_is_said_to_be() -> None:
    found = agreement(sipas=(17, 0.5, 0.1, 0.8))
    assert "in part by construction" not in said(say_agreement(found, words("en")))[0]
    assert "The interval holds the middle 95% of what comes out" in said(say_agreement(found, words("en")))[0]
    assert "in part by construction" in said(say_agreement(found, Words("en", part_names={"sipas": "Satisfaction"})))[0]


# ---------------------------------------------------------------- what a rank owes


def test_the_rank_is_told_with_the_domains_that_carry_it_and_its_change() -> None:
    text, moved, limits = said(say_rank_owed(owed(), words("en"), unit=HUE, **PAIR))
    assert text.startswith("In 2023 Thua Thien Hue ranked 37/61, 6 places behind the middle of the list (31). It is ahead most by: E-governance +8.4;")
    assert moved.startswith("Among the 59 provinces known in both years it held 31 in 2022 and 35 in 2023.")
    assert "The changes of the other provinces count for −0.5." in moved
    assert limits.startswith("Shapley values")
    assert limits.endswith("another number of places falls to the others.")
    assert "ahead of the middle" in said(say_rank_owed(owed(change=False, lead=3), words("en"), unit=HUE, **PAIR))[0]
    assert not any("Among the 59" in text for text in said(say_rank_owed(owed(change=False), words("en"), unit=HUE, **PAIR)))


def test_a_rank_that_cannot_be_shared_out_says_why_or_nothing_for_an_index_without_domains() -> None:
    found = table(country("n_common", 0, out_of=63.0))
    assert said(plot_rank_owed(found, words("en"), unit=HUE, **PAIR))[0].startswith("For 2023, the scores of all domains")
    assert said(plot_rank_owed(found, Words("en"), unit=HUE, **PAIR)) == [""]
    assert said(say_rank_owed(found, words("en"), unit=HUE, **PAIR)) == [""]


# ---------------------------------------------------------------- a change of method


def test_a_change_of_method_is_split_beside_the_mean_of_all() -> None:
    display = table_method_split(split(), words("en"), unit=HUE, **PAIR)
    assert cells(display)[0] == ["What it did on the parts that both methods have", "−1.91", "−1.91"]
    assert cells(display)[-1] == ["Change of the share of the maximum", "−2.07", "−2.07"]
    assert heads(display)[2] == "Mean of 60 provinces"
    assert table_method_split(table(), words("en"), unit=HUE, **PAIR).blocks[0]["reason"] == ""


# ---------------------------------------------------------------- all of them

CHARTS: dict[str, Callable[[Words], Display]] = {
    "moves": lambda w: plot_breakthroughs(moves(), w, **SAME),
    "moves, some far": lambda w: plot_breakthroughs(moves(far=(HUE, LONG, "01", "79")), w, **SAME),
    "moves, many far": lambda w: plot_breakthroughs(moves(far=tuple(provinces()[::4])), w, **SAME),
    "moves, steep": lambda w: plot_breakthroughs(moves(far=(LONG,), slope=0.9), w, **SAME),
    "owed": lambda w: plot_rank_owed(owed(unit=LONG), w, unit=LONG, **PAIR),
    "owed, no change": lambda w: plot_rank_owed(owed(change=False, lead=3), w, unit=HUE, **PAIR),
    "owed, one way": lambda w: plot_rank_owed(owed(nodes=1, change=False), w, unit=HUE, **PAIR),
}
SHOWN: dict[str, Callable[[Words], Display]] = CHARTS | {
    "mobility": lambda w: say_mobility(mobility(), w, **PAIR),
    "quarters": lambda w: table_quarters(quarters(), w, **PAIR),
    "top": lambda w: table_top_places(top(), w, year=YEAR),
    "breakthroughs": lambda w: say_breakthroughs(moves(far=(HUE,)), w, **SAME) + table_breakthroughs(moves(far=(HUE,)), w, **SAME),
    "mover": lambda w: say_mover(moves(), w, unit=HUE, **PAIR),
    "narrowing": lambda w: table_narrowing(narrowed(), w, year=YEAR) + say_narrowing(narrowed(), w, year=YEAR),
    "agreement": lambda w: table_agreement(agreement(par_index=(39, 0.3, -0.1, 0.6)), w, INDICES, year=YEAR) + table_discordant(agreement(sipas=(39, 0.3, 0.1, 0.6)), w, INDICES),
    "rank owed": lambda w: say_rank_owed(owed(), w, unit=HUE, **PAIR),
    "split": lambda w: table_method_split(split(), w, unit=HUE, **PAIR),
}


@lru_cache
def drawn(name: str, lang: Language) -> Display:
    return SHOWN[name](words(lang))


@every_language
@pytest.mark.parametrize("name", CHARTS)
def test_no_text_of_a_chart_touches_another_or_the_edge(name: str, lang: Language) -> None:
    for block in drawn(name, lang).blocks:
        assert not touching(block["svg"])
        assert not clipped(block["svg"])
        assert block["alt"].endswith(".")


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_drawn_alike_every_time(name: str) -> None:
    assert CHARTS[name](words("vi")).blocks == drawn(name, "vi").blocks


def test_movers_are_named_in_the_chart() -> None:
    texts = [ink.text for ink in inks(drawn("moves, some far", "en").blocks[0]["svg"])]
    assert {"Thua Thien Hue", "Ba Ria - Vung Tau", "Hanoi", "Ho Chi Minh City"} <= set(texts)


@every_language
@pytest.mark.parametrize("name", SHOWN)
def test_every_number_has_a_row_with_its_source(name: str, lang: Language) -> None:
    display = drawn(name, lang)
    told = " ".join([*said(display), *(text for row in cells(display) for text in row), *(block.get("alt", "") for block in display.blocks)])
    shown = {token for row in display.numbers for token in re.findall(r"\d+(?:[.,]\d+)*", row["shown"])}
    tokens = {token for token in re.findall(r"\d+(?:[.,]\d+)*", told) if not re.fullmatch(r"(19|20)\d\d", token)}
    assert tokens - shown - set("12345678") == set()
    assert all(row["source"] and row["unit_of_measure"] for row in display.numbers)
    assert not re.search(r"[{}]|\bnan\b|index:|domain:", told)
