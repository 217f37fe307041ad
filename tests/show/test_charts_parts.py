"""The charts of efforts and of the parts of an index: where their texts stand, which numbers they carry, what they leave out."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import lru_cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.model import LANGUAGES, Language
from par_analysis.show import blocks
from par_analysis.show.charts_contributions import plot_contributions
from par_analysis.show.charts_effort import plot_own_and_others
from par_analysis.show.charts_panels import plot_small_multiples
from par_analysis.show.charts_profile import plot_profile
from par_analysis.show.charts_spread import plot_domain_spread
from par_analysis.show.drawing import ACCENT, WARM, WARM_FILL
from par_analysis.show.language import Words
from tests.inks import SVG, clipped, inks, touching
from tests.parts import BASE, HUE, LONG, YEAR, contributions, course, effort, figure, profile, spread, table, tree, words

DOMAINS = [f"domain:{number}" for number in range(1, 9)]
EVERYTHING = [node for domain in DOMAINS for node in (domain, *tree()[domain])]
BREAKS = (2016, 2018, 2019, 2020, 2021)
YEARS = range(2011, 2024)
SCORES = {year: 5 + (year % 5) * 0.7 for year in YEARS}
MEANS = dict.fromkeys(YEARS, 5.5)
CHANGES = dict(zip(DOMAINS, (-0.43, -0.01, 0.04, 0.54, 0.0, 0.35, -0.06, 0.19), strict=True))
Chart = Callable[[Words], blocks.Display]
ABSENT = "against 2022; basis: distance; did not exist in 2022, where it counts with 0"
NEW = table(figure("contribution", 1.42, "domain:7", note=ABSENT), figure("contribution", -0.42, "domain:8", note=ABSENT))


def plot_effort(w: Words, found: pd.DataFrame, unit: str = HUE) -> blocks.Display:
    return plot_own_and_others(found, w, unit=unit, year=YEAR, base=BASE)


def plot_changes(w: Words, found: pd.DataFrame) -> blocks.Display:
    return plot_contributions(found, w, unit=LONG, year=YEAR, base=BASE)


def plot_courses(w: Words, *rows: dict[str, object]) -> blocks.Display:
    return plot_small_multiples(table(*rows), w, unit=HUE, breaks=BREAKS, year=YEAR)


CHARTS: dict[str, Chart] = {
    "effort": lambda w: plot_effort(w, effort()),
    "effort, within limits": lambda w: plot_effort(w, effort((38.5, 40), (-15, -13.5), before=47, after=22, places=63, points=4.32)),
    "effort, either way": lambda w: plot_effort(w, effort((-2, 3), (-4, 1), before=30, after=31, places=63, unit=LONG), LONG),
    "effort, downwards": lambda w: plot_effort(w, effort((-7.5,), (-54.5,), before=1, after=63, places=63, measure="distance_change", points=-3.2, unit=LONG), LONG),
    "effort, nothing moved": lambda w: plot_effort(w, effort((0,), (0,), before=20, after=20, places=63, points=0)),
    "profile": lambda w: plot_profile(profile(DOMAINS), w, unit=LONG, year=YEAR),
    "profile, everything": lambda w: plot_profile(profile(EVERYTHING, own=0.2), w, unit=LONG, year=YEAR, tree=tree()),
    "profile, to the ends": lambda w: plot_profile(profile(EVERYTHING, own=1.0, known=5), w, unit=HUE, year=YEAR, tree=tree()),
    "profile, parts alone": lambda w: plot_profile(profile(EVERYTHING[1:4] + EVERYTHING[6:8]), w, unit=HUE, year=YEAR, tree=tree()),
    "contributions": lambda w: plot_changes(w, contributions(CHANGES)),
    "contributions, with a rest": lambda w: plot_changes(w, contributions(dict(list(CHANGES.items())[:5]), rest=-1.2, missing="domain:6")),
    "contributions, all up": lambda w: plot_changes(w, contributions(dict.fromkeys(DOMAINS, 1.5), rest=0.2)),
    "contributions, all down": lambda w: plot_changes(w, contributions(dict.fromkeys(DOMAINS, -1.5), basis="distance")),
    "contributions, of no whole": lambda w: plot_changes(w, NEW),
    "contributions, none": lambda w: plot_changes(w, contributions(dict.fromkeys(DOMAINS, 0.0))),
    "panels": lambda w: plot_courses(w, *(row for node in DOMAINS for row in course(node, SCORES, MEANS))),
    "panels, with gaps": lambda w: plot_courses(w, *course("domain:2", {2011: 2, 2013: 9, 2022: 8.5}, {2011: 5, 2022: 6}), *course("domain:7", {2018: 9.9, 2019: 0.1}, {})),
    "panels, in percent": lambda w: plot_courses(w, *course("domain:1", SCORES, MEANS), *course("domain:8", {2022: 30, 2023: 33}, {2022: 31, 2023: 31}, maximum=33.5)),
    "spread": lambda w: plot_domain_spread(spread(DOMAINS), w, year=YEAR),
    "spread, in percent": lambda w: plot_domain_spread(pd.concat([spread(DOMAINS[:2]), spread(["domain:8"], maximum=33.5, low=HUE)]), w, year=YEAR),
    "spread, of PAR INDEX": lambda w: plot_domain_spread(spread(DOMAINS, high=LONG), words(w.lang, "par_index"), year=YEAR),
}
every_chart = pytest.mark.parametrize("name", CHARTS)
every_language = pytest.mark.parametrize("lang", LANGUAGES)


@lru_cache
def drawn(name: str, lang: Language) -> blocks.Display:
    return CHARTS[name](words(lang))


def drawings(name: str, lang: Language = "en") -> list[str]:
    return [str(block["svg"]) for block in drawn(name, lang).blocks]


def texts(name: str, lang: Language = "en") -> list[str]:
    return [ink.text for svg in drawings(name, lang) for ink in inks(svg)]


@every_language
@every_chart
def test_no_text_touches_another_or_the_edge(name: str, lang: Language) -> None:
    for svg in drawings(name, lang):
        assert not touching(svg)
        assert not clipped(svg)


@every_language
@every_chart
def test_every_number_in_a_chart_is_a_row(name: str, lang: Language) -> None:
    shown = {row["shown"] for row in drawn(name, lang).numbers}
    told = " ".join([*texts(name, lang), *(block["alt"] for block in drawn(name, lang).blocks)])
    numbers = re.findall(r"\d+[.,]\d\d(?!\d)", told)
    assert {number.strip() for number in numbers} <= {part for text in shown for part in re.findall(r"\d+[.,]\d\d(?!\d)", text)}
    assert all(row["source"] for row in drawn(name, lang).numbers)


@every_chart
def test_reader_is_told_in_sentences(name: str) -> None:
    for block in drawn(name, "en").blocks:
        assert block["alt"].endswith(".")
        assert not re.search(r"[{}]|\bnan\b|criterion:|domain:", block["alt"] + block["caption"] + str(block["svg"]))


@every_chart
def test_drawing_is_plain_and_fits_a_page(name: str) -> None:
    for svg in drawings(name, "vi"):
        assert svg == unicodedata.normalize("NFC", svg)
        assert not re.search(r"<style|<script|style=|\bnan\b", svg)
        assert min(map(float, re.findall(r'font-size="([\d.]+)"', svg))) >= 8.5
        assert float(re.findall(r'height="([\d.]+)mm"', svg)[0]) <= 215
        assert len(svg.encode()) < 30_000


@every_chart
def test_two_runs_give_the_same_bytes(name: str) -> None:
    assert [str(block["svg"]) for block in CHARTS[name](words("vi")).blocks] == drawings(name, "vi")


@settings(max_examples=40, deadline=None)
@given(st.floats(-31, 31).map(lambda value: round(value * 2) / 2), st.floats(-31, 31).map(lambda value: round(value * 2) / 2), st.floats(0, 9), st.sampled_from(LANGUAGES))
def test_any_effort_can_be_read(own: float, others: float, width: float, lang: Language) -> None:
    ends = (own, own + round(width)), (others - round(width), others)
    (mine, theirs) = ends if round(width) else ((own,), (others,))
    found = effort(mine, theirs, before=32, after=32 - own - others, places=63)
    (block,) = plot_effort(words(lang), found).blocks
    assert not touching(block["svg"])
    assert not clipped(block["svg"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-9, 9).map(lambda value: round(value, 2)), min_size=8, max_size=8), st.floats(-9, 9), st.sampled_from(LANGUAGES))
def test_any_contributions_can_be_read(values: list[float], rest: float, lang: Language) -> None:
    (block,) = plot_changes(words(lang), contributions(dict(zip(DOMAINS, values, strict=True)), rest=round(rest, 2))).blocks
    assert not touching(block["svg"])
    assert not clipped(block["svg"])


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(list(YEARS)), st.floats(0, 10), min_size=2), st.dictionaries(st.sampled_from(list(YEARS)), st.floats(0, 10)))
def test_any_course_can_be_read(scores: dict[int, float], means: dict[int, float]) -> None:
    (block,) = plot_courses(words("vi"), *course("domain:2", scores, means), *course("domain:4", means, scores)).blocks
    assert not touching(block["svg"])
    assert not clipped(block["svg"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 10).map(lambda value: round(value, 2)), min_size=3, max_size=3), st.sampled_from(LANGUAGES))
def test_any_spread_can_be_read(values: list[float], lang: Language) -> None:
    low, mean, high = sorted(values)
    country = [figure(f"{name}_computed", value, "domain:2", unit="VN", out_of=63.0) for name, value in (("min", low), ("mean", mean), ("max", high))]
    found = table(*country, figure("n_scored", 61, "domain:2", unit="VN", out_of=63.0), figure("score", low, "domain:2", unit=LONG), figure("score", high, "domain:2", unit=HUE))
    (block,) = plot_domain_spread(found, words(lang), year=YEAR).blocks
    assert not touching(block["svg"])
    assert not clipped(block["svg"])


NOTHING = table()
UNKNOWN: dict[str, Chart] = {
    "effort": lambda w: plot_effort(w, NOTHING),
    "effort without effects": lambda w: plot_effort(w, table(figure("rank_change", 3, out_of=63.0), figure("n_used", 0, out_of=62.0))),
    "profile": lambda w: plot_profile(NOTHING, w, unit=HUE, year=YEAR),
    "profile of the others": lambda w: plot_profile(profile(DOMAINS).query("unit == 'VN'"), w, unit=HUE, year=YEAR),
    "contributions": lambda w: plot_changes(w, NOTHING),
    "panels": plot_courses,
    "panels of one year": lambda w: plot_courses(w, *course("domain:1", {2023: 5}, MEANS)),
    "spread": lambda w: plot_domain_spread(NOTHING, w, year=YEAR),
    "spread of few": lambda w: plot_domain_spread(spread(DOMAINS, known=31), w, year=YEAR),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_nothing_known_draws_nothing_and_says_why(name: str) -> None:
    display = UNKNOWN[name](words("en"))
    assert [block["kind"] for block in display.blocks] == ["absent"]
    assert display.blocks[0]["reason"].endswith(".")
    assert not display.numbers


@pytest.mark.parametrize("name", ["profile", "contributions", "panels", "spread"])
def test_an_index_without_parts_is_passed_over_in_silence(name: str) -> None:
    assert [block["reason"] for block in UNKNOWN[name](Words("en")).blocks] == [""]


def test_effort_goes_from_the_rank_before_to_the_rank_after() -> None:
    assert {"3/59", "+3.5 places", "−1.5 places", "1/59 (+2)", "places gained or lost since 2022"} <= set(texts("effort"))
    rows = {(row["measure"], row["year"]): row["value"] for row in drawn("effort", "en").numbers}
    assert rows["rank", BASE] == 3
    assert rows["rank", YEAR] == 1


def test_effort_within_limits_is_hatched_between_them_and_says_both() -> None:
    assert {"+38.5 to +40 places", "−15 to −13.5 places", "between these limits"} <= set(texts("effort, within limits"))
    assert "between these limits" not in texts("effort")
    assert slanting(drawings("effort, within limits")[0]) > slanting(drawings("effort")[0]) == 0


def slanting(svg: str) -> int:
    """How many lines are neither level nor upright."""
    paths = [element.get("d", "") for element in ET.fromstring(svg).iter(SVG + "path") if "z" not in element.get("d", "")]
    strokes = [tuple(map(float, match)) for path in paths for match in re.findall(r"M([\d.-]+) ([\d.-]+)L([\d.-]+) ([\d.-]+)", path)]
    return sum(x != across and y != down for x, y, across, down in strokes)


def test_gain_is_full_and_loss_is_an_outline() -> None:
    svg = drawings("effort")[0]
    bars = {element.get("stroke"): element.get("fill") for element in ET.fromstring(svg).iter(SVG + "path") if element.get("d", "").endswith("z")}
    assert bars[ACCENT] == ACCENT
    assert bars[WARM] == WARM_FILL


def test_parts_stand_below_their_domain_on_as_many_charts_as_pages_need() -> None:
    names = [text for text in texts("profile, everything") if text.startswith(tuple("12345678")) and ". " in text]
    assert [name[0] for name in names] == list("12345678")
    assert [block["caption"][-8:] for block in drawn("profile, everything", "en").blocks] == ["(1 of 3)", "(2 of 3)", "(3 of 3)"]
    assert len(drawings("profile")) == 1


@every_language
@pytest.mark.parametrize("name", ["profile, everything", "profile, to the ends"])
def test_charts_of_a_profile_are_short_and_each_begins_with_a_domain(name: str, lang: Language) -> None:
    for svg in drawings(name, lang):
        assert float(re.findall(r'height="([\d.]+)mm"', svg)[0]) <= 116
    charts = [[ink.text for ink in inks(svg)] for svg in drawings(name, lang)]
    after_scale = [chart[chart.index({"en": "rank", "vi": "hạng"}[lang]) + 1] for chart in charts]
    assert all(re.match(r"[1-8]\. ", text) for text in after_scale)
    assert [int(text[0]) for text in texts(name, lang) if re.match(r"[1-8]\. ", text)] == list(range(1, 9))


def test_domain_that_has_no_figures_heads_its_parts() -> None:
    found = texts("profile, parts alone")
    assert found.index("1. Participation at local levels") < found.index("Civic knowledge")
    assert "not found" not in found


def test_no_name_is_cut() -> None:
    told = " ".join(texts("profile, everything", "vi"))
    assert "Công khai quy hoạch, kế hoạch sử dụng đất và khung giá đất" in told
    assert "…" not in told


def test_mean_of_few_scores_is_called_that() -> None:
    assert "mean of the known scores" in texts("profile, to the ends")
    assert "country's mean" in texts("profile")


def test_rest_is_hatched_and_named() -> None:
    assert "Rest: parts that are not known in both" in " ".join(texts("contributions, with a rest"))
    assert slanting(drawings("contributions, with a rest")[0]) > 0 == slanting(drawings("contributions")[0])


def test_part_that_did_not_exist_says_so() -> None:
    assert "(not in the index of 2022)" in " ".join(texts("contributions, of no whole"))
    assert "did not exist" not in " ".join(texts("contributions, of no whole"))


def test_part_that_did_not_exist_is_hatched_and_has_no_colour() -> None:
    svg = drawings("contributions, of no whole")[0]
    assert slanting(svg) > 0
    assert ACCENT not in svg
    assert WARM not in svg


def test_bar_displayed_as_zero_has_no_colour() -> None:
    svg = str(plot_changes(words("en"), contributions({"domain:1": -0.001, "domain:2": 0.004}, whole=False)).blocks[0]["svg"])
    assert ACCENT not in svg
    assert WARM not in svg


@pytest.mark.parametrize(("name", "of"), [("contributions", "change of the score"), ("contributions, all down", "change of the distance from the national mean")])
def test_basis_of_contributions_is_said(name: str, of: str) -> None:
    assert of in drawn(name, "en").blocks[0]["caption"]


def test_lines_of_panels_stop_at_breaks_and_gaps() -> None:
    whole, broken, gap = (
        joins(plot_small_multiples(table(*course("domain:1", scores, {})), words("en"), unit=HUE, breaks=breaks, year=YEAR))
        for scores, breaks in (({2021: 5, 2022: 6, 2023: 7}, ()), ({2021: 5, 2022: 6, 2023: 7}, (2022,)), ({2020: 5, 2022: 6, 2023: 7}, ()))
    )
    assert (whole - broken, whole - gap) == (1, 1)


def joins(display: blocks.Display) -> int:
    paths = ET.fromstring(display.blocks[0]["svg"]).iter(SVG + "path")
    return sum(path.get("d", "").count("M") for path in paths if path.get("stroke") == ACCENT and path.get("fill") == "none")


def panel_notes(*rows: dict[str, object]) -> list[str]:
    return ["".join(span["text"] for span in note) for note in plot_courses(words("en"), *rows).blocks[0]["notes"]]


def test_panels_that_begin_late_or_are_missing_are_explained() -> None:
    whole = course("domain:2", SCORES, MEANS)
    assert panel_notes(*whole) == []
    assert panel_notes(*whole, *course("domain:7", {2018: 3, 2019: 4}, {})) == ["First known score in 2018: 7. Environmental governance."]
    alone = [*course("domain:7", {2023: 3}, {}), *course("domain:8", {2023: 3}, {})]
    assert panel_notes(*whole, *alone) == ["Without a panel, since the score of 2023 alone is known: 7. Environmental governance; 8. E-governance."]


def test_scale_of_panels_lies_close_around_the_scores() -> None:
    svg = plot_courses(words("en"), *course("domain:2", {2022: 3.2, 2023: 8.6}, {}), *course("domain:4", {2022: 4, 2023: 5}, {})).blocks[0]["svg"]
    assert [ink.text for ink in inks(svg) if re.fullmatch(r"\d+", ink.text) and len(ink.text) < 3] == ["3", "5", "7", "9"] * 2


def test_panels_of_different_maxima_are_in_percent() -> None:
    assert {"percent of the maximum", "98.51%"} <= set(texts("panels, in percent"))
    assert "points" in texts("panels")


def test_last_known_value_names_its_year_where_that_is_not_the_last() -> None:
    assert "8.50 (2022)" in texts("panels, with gaps")


def test_ends_of_the_spread_are_named() -> None:
    assert {"Ba Ria - Vung Tau 2.00", "8.00 Thua Thien Hue", "mean 5.00 of 61 provinces"} <= set(texts("spread"))


def test_an_end_that_many_hold_is_counted() -> None:
    found = pd.concat([spread(["domain:1"]), table(figure("score", 2.0, "domain:1", unit="01"))])
    svg = plot_domain_spread(found, words("en"), year=YEAR).blocks[0]["svg"]
    assert "2 provinces 2.00" in [ink.text for ink in inks(svg)]
