"""The charts as they are drawn: where their texts stand, which numbers they carry, what they leave out."""

from __future__ import annotations

import csv
import math
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.model import FIGURES, LANGUAGES, Group, Language
from par_analysis.show import blocks, charts_map
from par_analysis.show.charts_change import plot_movers
from par_analysis.show.charts_distribution import plot_distribution, plot_regions
from par_analysis.show.charts_domains import plot_domains
from par_analysis.show.charts_history import plot_coverage, plot_rank_history, plot_score_history
from par_analysis.show.charts_map import plot_tiles
from par_analysis.show.charts_position import plot_neighbours, plot_position
from par_analysis.show.drawing import ACCENT, INK, MUTED, PAPER, SIZE, WARM
from par_analysis.show.language import Words
from tests.inks import SVG, clipped, inks, touching

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
BREAKS = (2016, 2017, 2018, 2019, 2020, 2022, 2024)
YEARS = range(2012, 2025)
LONG, HUE, FIRST = "77", "46", "22"  # Bà Rịa - Vũng Tàu, Thừa Thiên Huế, Quảng Ninh
BANDS = (Group("A", 90, 100), Group("B", 80, 90), Group("C", 70, 80), Group("D", 0, 70))
DOMAINS = {
    "vi": ("Công tác chỉ đạo, điều hành cải cách hành chính", "Tác động của cải cách hành chính đến người dân, tổ chức và phát triển kinh tế - xã hội"),
    "en": ("Steering and management of reform", "Impact on people, organisations and socio-economic development"),
}


def rows_of(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


UNITS = sorted(row["code"] for row in rows_of("provinces.csv") if row["kind"] == "province" and "63" in row["unit_set"].split())


@lru_cache
def words(lang: Language) -> Words:
    names = {row["code"]: row[f"name_{lang}"] for row in (*rows_of("provinces.csv"), *rows_of("regions.csv"))}
    domains = {number: DOMAINS[lang][number % 2] for number in range(1, 9)}
    return Words(lang, unit_names=names, domain_names=domains)


def tiles(lang: Language, unit_set: str = "63") -> pd.DataFrame:
    rows = [row for row in rows_of("tiles.csv") if row["unit_set"] == unit_set]
    return pd.DataFrame([{"unit": row["code"], "row": int(row["row"]), "col": int(row["col"]), "label": row[f"label_{lang}"], "kind": row["kind"]} for row in rows])


def figure(unit: str, measure: str, value: float, *, year: int = 2023, node: str = "total", basis: str = "published", out_of: float = math.nan, note: str = "") -> dict[str, Any]:
    of = {"rank": "place", "rank_change": "place", "rank_low": "place", "rank_high": "place", "place_unknown": "place", "share_of_max": "percent"}
    kind = "count" if measure.startswith("n_") else of.get(measure, "points")
    row = dict.fromkeys(FIGURES, "") | {"index": "par_index", "source": "https://example.vn", "edition": "press"}
    return row | {"unit": unit, "measure": measure, "value": float(value), "year": year, "node": node, "basis": basis, "out_of": out_of, "unit_of_measure": kind, "note": note}


def table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(FIGURES)).astype({"value": "float64", "out_of": "float64", "year": "int64"})


def ranks(values: dict[int, int], unit: str = LONG, **more: Any) -> pd.DataFrame:
    return table([figure(unit, "rank", value, year=year, out_of=63, **more) for year, value in values.items()])


def country(years: Sequence[int], mean: float = 80, least: float = 60, most: float = 95) -> pd.DataFrame:
    return table([figure("VN", name, value, year=year) for year in years for name, value in (("mean", mean), ("min", least), ("max", most))])


def scores(values: Sequence[float], *, ranked: bool = True) -> pd.DataFrame:
    """The first units' scores, falling or not, with their places."""
    rows = [figure(unit, "score", value) for unit, value in zip(UNITS, values, strict=False)]
    places = [1 + sum(other > value for other in values) for value in values]
    return table(rows + [figure(unit, "rank", place, out_of=63) for unit, place in zip(UNITS, places, strict=False) if ranked])


def standing(scored: int, ranked: int = 63) -> pd.DataFrame:
    """All units: every second one has a score until ``scored`` have one; of the others among the first ``ranked`` the place and limits are known."""
    rows = []
    for place, unit in enumerate(UNITS, 1):
        if (place % 2 and place // 2 < scored) or scored >= 63:
            rows.append(figure(unit, "score", 93 - place * 0.2))
        else:
            rows += [figure(unit, "score_low", 92 - place * 0.2, basis="bound"), figure(unit, "score_high", 93.5 - place * 0.2, basis="bound")]
        if place <= ranked:
            rows.append(figure(unit, "rank", place, out_of=63))
        else:
            rows += [figure(unit, "rank_low", ranked + 1, basis="bound"), figure(unit, "rank_high", 63, basis="bound")]
    return table(rows)


def gaps(*, mean: float, most: float, least: float, region: float | None = None) -> pd.DataFrame:
    rows = [figure("VN", "mean", mean), figure("VN", "max", most), figure("VN", "min", least), figure(LONG, "gap_mean", 1.0)]
    return table(rows + ([figure("R3", "mean", region)] if region is not None else []))


def neighbourhood(*, known: bool, wide: bool = False) -> pd.DataFrame:
    rows = [figure(LONG, "rank", 22, out_of=63)]
    rows += [figure(LONG, "score", 87.84)] if known else []
    for place, unit in ((19, HUE), (20, "79"), (20, "01"), (24, FIRST)):
        rows.append(figure(unit, "rank", place, out_of=63))
        if known and unit != HUE:
            rows.append(figure(unit, "score", 110 - place))
        elif known or wide:
            rows += [figure(unit, "score_low", 0 if wide else 87.9, basis="bound"), figure(unit, "score_high", 100 if wide else 88.1, basis="bound")]
    return table(rows + [figure("VN", "place_unknown", place, node=f"place:{place}", basis="computed") for place in (23, 25)])


def domain(number: int, measure: str, value: float, year: int = 2023, **more: Any) -> dict[str, Any]:
    return figure(LONG, measure, value, year=year, node=f"domain:{number}", out_of=63 if measure == "rank" else math.nan, **more)


def regions(*, published: bool, spread: float = 1.0) -> pd.DataFrame:
    rows = []
    for number in range(1, 7):
        unit = f"R{number}"
        if published:
            rows += [figure(unit, "mean", 84 + number * 0.1), figure(unit, "mean", 83, year=2022)]
        rows += [figure(unit, "mean_computed", 85 + number * spread, basis="computed", out_of=14), figure(unit, "n_scored", 9, out_of=14, basis="computed")]
        rows += [figure(unit, "mean_low", 85 - 5 * spread, basis="bound"), figure(unit, "mean_high", 86 + 9 * spread, basis="bound")]
    return table(rows)


def moves(values: dict[str, int], *, ranked: bool = False) -> pd.DataFrame:
    rows = [figure(unit, "rank_change", value, basis="computed", note="against 2022") for unit, value in values.items()]
    if ranked:
        rows += [figure(unit, "rank", 62, year=2022, out_of=63) for unit in values]
        rows += [figure(unit, "rank", 62 - value, out_of=63) for unit, value in values.items()]
    return table([*rows, figure("38", "rank_change", math.nan, note="rank not known for 2022")])


def counts(years: Sequence[int], scored: int, some: int) -> pd.DataFrame:
    return table([figure("VN", name, value, year=year, out_of=63, basis="computed") for year in years for name, value in (("n_scored", scored), ("n_any", some), ("n_ranked", 3))])


Chart = Callable[[Words], blocks.Display]
ZIGZAG = {year: 1 if year % 2 else 63 for year in YEARS}
FALLING = [92.18 - place * 0.17 for place in range(63)]
GAINS = {LONG: 60, HUE: 1, FIRST: 1, "79": 2}
LOSSES = {"75": -61, "40": -1, "01": -1}

CHARTS: dict[str, Chart] = {
    "ranks, zigzag": lambda w: plot_rank_history(ranks(ZIGZAG), w, breaks=BREAKS, highlight_year=2023),
    "ranks, two years": lambda w: plot_rank_history(ranks({2022: 47, 2023: 22}), w, breaks=BREAKS, highlight_year=2023),
    "ranks, always first": lambda w: plot_rank_history(ranks(dict.fromkeys(YEARS, 1)), w, breaks=BREAKS, highlight_year=2024),
    "ranks, always last": lambda w: plot_rank_history(ranks(dict.fromkeys(YEARS, 63), basis="derived"), w, breaks=BREAKS, highlight_year=2024),
    "ranks, with gaps": lambda w: plot_rank_history(ranks({2012: 5, 2014: 60, 2015: 61, 2020: 30, 2024: 29}), w, breaks=BREAKS, highlight_year=2024),
    "ranks, thirty years": lambda w: plot_rank_history(ranks({year: 10 + year % 40 for year in range(2012, 2042)}), w, breaks=(), highlight_year=2041),
    "ranks, three units": lambda w: plot_rank_history(table([figure(HUE, "rank", 1, out_of=3, year=2022), figure(HUE, "rank", 2, out_of=3)]), w, breaks=(), highlight_year=2023),
    "scores": lambda w: plot_score_history(table([figure(LONG, "score", 80 + year % 7, year=year) for year in YEARS]), country(YEARS), w, breaks=BREAKS),
    "scores, three years": lambda w: plot_score_history(table([figure(LONG, "score", 87.84 - gap, year=2023 - gap) for gap in range(3)]), table([]), w, breaks=BREAKS),
    "scores, all equal": lambda w: plot_score_history(table([figure(LONG, "score", 80, year=year) for year in YEARS]), country(YEARS, 80, 80, 80), w, breaks=()),
    "scores, old": lambda w: plot_score_history(table([figure(LONG, "score", 86, year=year, basis="derived") for year in (2012, 2013, 2014)]), country(YEARS), w, breaks=BREAKS),
    "position": lambda w: plot_position(gaps(mean=86.98, most=92.18, least=81.64, region=87.1), scores(FALLING), w, unit=UNITS[20]),
    "position, first": lambda w: plot_position(gaps(mean=86.98, most=92.18, least=81.64, region=87.1), scores(FALLING), w, unit=UNITS[0]),
    "position, last": lambda w: plot_position(gaps(mean=86.98, most=92.18, least=81.64, region=87.1), scores(FALLING), w, unit=UNITS[62]),
    "position, all equal": lambda w: plot_position(gaps(mean=86, most=86, least=86, region=86), scores([86.0] * 63), w, unit=LONG),
    "position, alone": lambda w: plot_position(table([]), table([figure(LONG, "score", 100)]), w, unit=LONG),
    "position, computed": lambda w: plot_position(table([figure("VN", "mean_computed", 85, basis="computed"), figure(FIRST, "score", 92)]), scores([84.0, 90.0]), w, unit=UNITS[0]),
    "neighbours": lambda w: plot_neighbours(neighbourhood(known=True), w, unit=LONG),
    "neighbours, no scores": lambda w: plot_neighbours(neighbourhood(known=False), w, unit=LONG),
    "neighbours, wide limits": lambda w: plot_neighbours(neighbourhood(known=False, wide=True), w, unit=LONG),
    "domains, to the ends": lambda w: plot_domains(
        table([domain(n, "rank", 1 if n % 2 else 63) for n in range(1, 9)] + [domain(n, "rank", 63 if n % 2 else 1, 2022) for n in range(1, 9)]), w
    ),
    "domains, close": lambda w: plot_domains(table([domain(n, "rank", 30) for n in range(1, 9)] + [domain(n, "rank", 29 + n % 3, 2022) for n in range(1, 9)]), w),
    "domains, mixed": lambda w: plot_domains(
        table([domain(1, "rank", 12), domain(1, "rank_change", 51), domain(2, "share_of_max", 100), domain(3, "score", 12.34), domain(4, "rank", 63, 2022), domain(5, "rank", 1)]),
        w,
    ),
    "tiles, all scored": lambda w: plot_tiles(standing(63), tiles(w.lang), w, highlight=LONG),
    "tiles, mixed": lambda w: plot_tiles(standing(20, 40), tiles(w.lang), w, highlight="11", title="Bản đồ"),
    "tiles, ranks only": lambda w: plot_tiles(ranks({2023: 63}, unit="96"), tiles(w.lang), w),
    "tiles, one score": lambda w: plot_tiles(table([figure(LONG, "score", 100)]), tiles(w.lang), w),
    "tiles, 34 units": lambda w: plot_tiles(table([figure("11", "score", 88.5), figure("20", "rank", 34, out_of=34)]), tiles(w.lang, "34"), w),
    "distribution, full": lambda w: plot_distribution(standing(63), w, mean=country([2023], 86.98), groups=BANDS),
    "distribution, mixed": lambda w: plot_distribution(standing(20, 40), w, mean=country([2023], 90.01), groups=BANDS),
    "distribution, all equal": lambda w: plot_distribution(scores([86.0] * 63), w, mean=country([2023], 86), groups=BANDS),
    "distribution, one score": lambda w: plot_distribution(scores([86.0]), w, groups=BANDS),
    "distribution, far apart": lambda w: plot_distribution(scores([99.9, *[85 - place * 0.8 for place in range(62)]]), w, mean=country([2023], 70.02), groups=BANDS),
    "regions": lambda w: plot_regions(regions(published=True), w),
    "regions, computed": lambda w: plot_regions(regions(published=False, spread=9.0), w),
    "regions, one": lambda w: plot_regions(table([figure("R3", "mean", 85)]), w),
    "movers": lambda w: plot_movers(moves(GAINS | LOSSES), w, count=8),
    "movers, with ranks": lambda w: plot_movers(moves(GAINS | LOSSES, ranked=True), w, count=2),
    "movers, gains only": lambda w: plot_movers(moves(GAINS), w),
    "movers, losses only": lambda w: plot_movers(moves(LOSSES, ranked=True), w),
    "movers, one place": lambda w: plot_movers(moves({LONG: 1}), w),
    "coverage": lambda w: plot_coverage(counts(YEARS, 30, 40), w),
    "coverage, ends": lambda w: plot_coverage(
        table([*counts([2012], 0, 0).to_dict("records"), *counts([2013], 63, 63).to_dict("records"), *counts([2014], 1, 2).to_dict("records")]), w
    ),
}
every_chart = pytest.mark.parametrize("name", CHARTS)
every_language = pytest.mark.parametrize("lang", LANGUAGES)


@lru_cache
def drawn(name: str, lang: Language) -> blocks.Display:
    return CHARTS[name](words(lang))


def svg_of(display: blocks.Display) -> str:
    return str(display.blocks[0]["svg"])


@every_language
@every_chart
def test_no_text_touches_another_or_the_edge(name: str, lang: Language) -> None:
    svg = svg_of(drawn(name, lang))
    assert not touching(svg)
    assert not clipped(svg)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(list(YEARS)), st.integers(1, 63), min_size=2))
def test_any_ranks_can_be_read(values: dict[int, int]) -> None:
    svg = svg_of(plot_rank_history(ranks(values), words("vi"), breaks=BREAKS, highlight_year=max(values)))
    assert not touching(svg)
    assert not clipped(svg)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(60, 100).map(lambda value: round(value, 2)), min_size=5, max_size=5), st.sampled_from(UNITS))
def test_any_position_can_be_read(values: list[float], unit: str) -> None:
    least, a, b, c, most = sorted(values)
    told = table([figure("VN", "mean", a), figure("VN", "max", most), figure("VN", "min", least), figure("R1", "mean", b)])
    svg = svg_of(plot_position(told, table([figure(unit, "score", c), figure("26", "score", most)]), words("vi"), unit=unit))
    assert not touching(svg)
    assert not clipped(svg)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(55, 100).map(lambda value: round(value, 2)), min_size=4, max_size=4), st.integers(3, 12))
def test_any_last_scores_can_be_read(values: list[float], count: int) -> None:
    least, a, b, most = sorted(values)
    own = table([figure(LONG, "score", b, year=year) for year in YEARS[-count:]])
    svg = svg_of(plot_score_history(own, country(YEARS, a, least, most), words("vi"), breaks=BREAKS))
    assert not touching(svg)
    assert not clipped(svg)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(60, 100).map(lambda value: round(value, 2)), min_size=1, max_size=63), st.floats(60, 100))
def test_any_distribution_can_be_read(values: list[float], mean: float) -> None:
    svg = svg_of(plot_distribution(scores(values), words("vi"), mean=country([2023], round(mean, 2)), groups=BANDS))
    assert not touching(svg)
    assert not clipped(svg)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(UNITS), st.integers(-62, 62).filter(bool), min_size=1, max_size=16), st.booleans())
def test_any_moves_can_be_read(values: dict[str, int], ranked: bool) -> None:
    svg = svg_of(plot_movers(moves(values, ranked=ranked), words("vi")))
    assert not touching(svg)
    assert not clipped(svg)


@every_language
@every_chart
def test_decimals_shown_or_told_are_rows_of_numbers(name: str, lang: Language) -> None:
    display = drawn(name, lang)
    block = display.blocks[0]
    told = " ".join([ink.text for ink in inks(block["svg"])] + [block["alt"], block["caption"]])
    shown = {found for row in display.numbers for found in re.findall(r"\d+[.,]\d\d(?!\d)", row["shown"])}
    assert set(re.findall(r"\d+[.,]\d\d(?!\d)", told)) <= shown
    assert all(row["source"] for row in display.numbers)


@every_chart
def test_reader_is_told_in_sentences(name: str) -> None:
    block = drawn(name, "en").blocks[0]
    assert block["alt"].endswith(".")
    assert len(block["alt"].split()) > 5
    assert not re.search(r"[{}]|nan", block["alt"] + block["caption"])
    assert block["caption"]


@every_chart
def test_drawing_is_small_and_plain(name: str) -> None:
    svg = svg_of(drawn(name, "vi"))
    assert len(svg.encode()) < (35_000 if name.startswith("tiles") else 20_000)
    assert svg == unicodedata.normalize("NFC", svg)
    assert not re.search(r"<style|<script|<!--|<metadata|style=|http://(?!www\.w3\.org/2000/svg)|nan", svg)
    assert float(re.findall(r'width="([\d.]+)mm"', svg)[0]) <= 170
    assert min(map(float, re.findall(r'font-size="([\d.]+)"', svg))) >= 8.5


@every_chart
def test_two_runs_give_the_same_bytes(name: str) -> None:
    assert svg_of(CHARTS[name](words("vi"))) == svg_of(drawn(name, "vi"))


def test_ids_of_two_drawings_differ() -> None:
    ids = [found for name in CHARTS for found in set(re.findall(r' id="([^"]+)"', svg_of(drawn(name, "vi"))))]
    assert len(ids) == len(set(ids))


def test_drawing_leaves_settings_alone() -> None:
    before = dict(mpl.rcParams)
    CHARTS["movers"](words("vi"))
    assert dict(mpl.rcParams) == before


def test_library_does_not_import_pyplot() -> None:
    code = "import sys, par_analysis.show; raise SystemExit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "empty",
    [
        lambda none, w: plot_rank_history(none, w, breaks=(), highlight_year=2023),
        lambda none, w: plot_score_history(none, country(YEARS), w, breaks=()),
        lambda none, w: plot_position(none, none, w, unit=LONG),
        lambda none, w: plot_neighbours(none, w, unit=LONG),
        plot_domains,
        lambda none, w: plot_tiles(none, tiles("vi"), w),
        plot_distribution,
        lambda _, w: plot_distribution(scores([86.0, 85.0], ranked=False), w),
        plot_regions,
        plot_movers,
        plot_coverage,
    ],
)
def test_nothing_known_draws_nothing(empty: Callable[[pd.DataFrame, Words], blocks.Display]) -> None:
    display = empty(table([]), words("vi"))
    assert [block["kind"] for block in display.blocks] == ["absent"]
    assert not display.numbers


def strokes(svg: str, color: str) -> int:
    """How many separate lines of a colour there are."""
    return sum(element.get("d", "").count("M") for element in ET.fromstring(svg).iter(SVG + "path") if element.get("stroke") == color and element.get("fill") == "none")


def test_line_joins_only_neighbouring_years() -> None:
    display = plot_rank_history(ranks({2018: 58, 2019: 52, 2021: 60, 2023: 22}), words("vi"), breaks=(), highlight_year=2023)
    assert strokes(svg_of(display), ACCENT) == 1


def test_score_line_stops_where_the_method_changed() -> None:
    own = table([figure(LONG, "score", 80, year=year) for year in (2021, 2022, 2023)])
    whole, broken = (svg_of(plot_score_history(own, table([]), words("vi"), breaks=breaks)) for breaks in ((), (2022,)))
    assert strokes(whole, ACCENT) - strokes(broken, ACCENT) == 1


def test_derived_value_is_hollow_and_explained() -> None:
    display = plot_rank_history(ranks({2021: 60, 2022: 47}, basis="derived"), words("en"), breaks=(), highlight_year=2023)
    assert "derived from a published change" in svg_of(display)
    assert {row["basis"] for row in display.numbers} == {"derived"}


def test_one_year_alone_is_no_course() -> None:
    drawn_ranks = plot_rank_history(ranks({2023: 22}), words("en"), breaks=(), highlight_year=2023)
    drawn_scores = plot_score_history(table([figure(LONG, "score", 87.84)]), table([]), words("en"), breaks=())
    assert [block["kind"] for display in (drawn_ranks, drawn_scores) for block in display.blocks] == ["absent", "absent"]


def test_unknown_place_has_a_row_of_its_own() -> None:
    texts = [ink.text for ink in inks(svg_of(drawn("neighbours", "en")))]
    assert texts.count("province not found") == 2
    assert {"23", "25"} <= set(texts)


def test_domain_without_figures_is_named() -> None:
    texts = [ink.text for ink in inks(svg_of(drawn("domains, mixed", "en")))]
    assert texts.count("not found") == 3
    assert {text[0] for text in texts if re.match(r"\d\. ", text)} == set("12345678")


def test_rank_before_follows_from_the_change() -> None:
    rows = [row for row in drawn("domains, mixed", "en").numbers if row["node"] == "domain:1"]
    assert [(row["year"], row["value"], row["basis"]) for row in rows] == [(2022, 63.0, "derived"), (2023, 12.0, "published")]


def test_worse_domain_is_told_by_colour_and_side() -> None:
    svg = svg_of(plot_domains(table([domain(1, "rank", 50), domain(1, "rank", 10, 2022)]), words("en")))
    assert f'"{WARM}"' in svg
    assert "from rank 10 down to 50" in plot_domains(table([domain(1, "rank", 50), domain(1, "rank", 10, 2022)]), words("en")).blocks[0]["alt"]


def test_domain_that_its_source_does_not_name_for_certain_is_left_out() -> None:
    doubtful = {**domain(1, "rank", 20), "node": "domain:?"}
    shown = plot_domains(table([domain(1, "rank", 50), doubtful]), words("en"))
    assert [row["node"] for row in shown.numbers] == ["domain:1"]
    assert plot_domains(table([doubtful]), words("en")).blocks[0]["kind"] == "absent"


@every_language
def test_map_shows_hoang_sa_and_truong_sa(lang: Language) -> None:
    texts = " ".join(ink.text for ink in inks(svg_of(drawn("tiles, mixed", lang))))
    labels = tiles(lang).query("kind == 'islands'")["label"]
    assert len(labels) == 2
    assert all(label in texts for label in labels)


def test_every_province_is_on_the_map() -> None:
    texts = " ".join(ink.text for ink in inks(svg_of(drawn("tiles, mixed", "vi"))))
    assert all(label in texts for label in tiles("vi")["label"])


def luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_has_contrast_on_every_fill() -> None:
    pairs = [(PAPER if number >= charts_map.DARK_FROM else INK, fill) for number, fill in enumerate(charts_map.SCORES)]
    pairs += [(color, PAPER) for color in (INK, MUTED, ACCENT, WARM)] + [(PAPER, ACCENT), (INK, "#a9cbd8")]
    assert all(contrast(text, fill) >= 4.5 for text, fill in pairs)


def test_classes_of_the_map_differ_in_grey() -> None:
    shades = [luminance(fill) for fill in charts_map.SCORES]
    assert all(contrast(one, other) > 1.25 for one, other in zip(charts_map.SCORES, charts_map.SCORES[1:], strict=False))
    assert shades == sorted(shades, reverse=True)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=63))
def test_classes_hold_every_score(values: list[float]) -> None:
    limits = charts_map.class_limits(values)
    assert limits[0] <= min(values)
    assert max(values) < limits[-1]
    assert 2 <= len(limits) <= len(charts_map.SCORES) + 1


def test_text_is_no_smaller_than_in_print() -> None:
    assert SIZE >= 8.5
