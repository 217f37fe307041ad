"""How the quality of the figures is shown: a picture of what is known, tables of what contradicts, a list of what to ask for."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from par_analysis import catalog, metrics, show
from par_analysis.errors import Finding
from par_analysis.metrics.disputes import REASONS as CODES
from par_analysis.metrics.quality import STATES
from par_analysis.model import LANGUAGES, Domain, Framework, Language
from par_analysis.show import blocks, charts_quality, tables_quality, tables_requests
from par_analysis.show.drawing import ACCENT, Sheet
from par_analysis.show.language import Words
from par_analysis.show.rules import RULES
from tests.show import test_charts as charts
from tests.show.test_charts import UNITS, figure, table, words

YEARS = range(2012, 2025)
MEMBERS = {f"R{number}": UNITS[start:end] for number, (start, end) in enumerate(((0, 14), (14, 25), (25, 39), (39, 44), (44, 50), (50, 63)), 1)}
NAMES: dict[str, str] = {}
TRUST = {"official": "public authority", "press": "newspaper"}


def panel(years: Sequence[int] = YEARS, units: Sequence[str] = UNITS, *, full: bool = False) -> pd.DataFrame:
    """Figures of every state, or of every unit and year."""
    rows = []
    for year in years:
        for number, unit in enumerate(units):
            kind = 0 if full else (number + year) % 5
            rows += [figure(unit, "score", 80, year=year)] if kind in (0, 1) else []
            rows += [figure(unit, "rank", number + 1, year=year, out_of=63)] if kind in (0, 2) else []
            rows += [figure(unit, "score", 8, year=year, node="domain:1")] if kind == 3 else []
    return table(rows)


def matrix(years: Sequence[int] = YEARS, units: Sequence[str] = UNITS, *, full: bool = False) -> pd.DataFrame:
    return metrics.coverage_matrix(panel(years, units, full=full), units={year: list(units) for year in years})


def texts(display: blocks.Display) -> str:
    """Everything that a display says in its paragraphs, lists, cells and notes."""
    found: list[str] = []
    for block in display.blocks:
        runs = [block["text"]] if "text" in block else [*block.get("items", []), *block.get("notes", [])]
        found += ["".join(span["text"] for span in run) for run in runs]
        found += [cell["text"] for row in block.get("rows", []) for cell in row["cells"]]
    return " ".join(found)


# ---------------------------------------------------------------- the picture

PICTURES: dict[str, Any] = {
    "63 units, 13 years": (YEARS, UNITS, False, False),
    "all known": (YEARS, UNITS, True, True),
    "one year": ([2023], UNITS, False, False),
    "twenty years": (range(2005, 2025), UNITS, False, False),
    "34 units": (YEARS, UNITS[:34], False, False),
    "five units": (YEARS, UNITS[:5], False, False),
    "one unit": ([2023], UNITS[:1], False, False),
}
every_picture = pytest.mark.parametrize("name", PICTURES)


def drawn(name: str, lang: Language = "en") -> blocks.Display:
    years, units, full, is_summed = PICTURES[name]
    return show.plot_coverage_matrix(matrix(years, units, full=full), MEMBERS, words(lang), is_summed=is_summed)


@pytest.mark.parametrize("lang", LANGUAGES)
@every_picture
def test_no_text_of_the_picture_touches_another_or_the_edge(name: str, lang: Language) -> None:
    svg = charts.svg_of(drawn(name, lang))
    assert not charts.touching(svg)
    assert not charts.clipped(svg)


@every_picture
def test_picture_fits_a_page_and_is_small(name: str) -> None:
    svg = charts.svg_of(drawn(name))
    width, height = (float(re.findall(rf'{side}="([\d.]+)mm"', svg)[0]) for side in ("width", "height"))
    assert width <= 170
    assert height <= 200
    assert len(svg.encode()) < 120_000
    assert min(map(float, re.findall(r'font-size="([\d.]+)"', svg))) >= 8.5


def test_every_unit_and_year_is_a_number() -> None:
    rows = drawn("63 units, 13 years").numbers
    assert len({(row["unit"], row["year"]) for row in rows if row["unit"] != "VN"}) == 63 * 13


def test_every_province_is_named_once_below_its_region() -> None:
    told = [ink.text for ink in charts.inks(charts.svg_of(drawn("63 units, 13 years")))]
    assert all(told.count(words("en").unit(unit)) == 1 for unit in UNITS)
    assert all(told.count(words("en").unit(region)) == 1 for region in MEMBERS)


def test_counts_of_a_year_stand_at_the_foot() -> None:
    told = [ink.text for ink in charts.inks(charts.svg_of(drawn("all known")))]
    assert told.count("63") == 13
    assert "complete" in told
    assert "nothing found" not in told


def test_signs_of_the_states_differ_without_colour() -> None:
    signs = []
    for state in STATES:
        sheet = Sheet(10)
        charts_quality.draw_state(sheet, state, [(1, 1, 4, 4)])
        signs.append(re.sub(r'(fill|stroke)="#[0-9a-f]{6}"', "", re.sub(r"#?c[0-9a-f]{8}-\d+", "", sheet.svg())))
    light = [sign for state, sign in zip(STATES, signs, strict=True) if state != "rank_only"]
    assert len(set(light)) == len(light)


@pytest.mark.parametrize(("is_summed", "said"), [(False, "not that none was published"), (True, "it gives no reason")])
def test_the_dash_is_explained_below_the_picture(is_summed: bool, said: str) -> None:
    (block,) = show.plot_coverage_matrix(matrix([2023]), MEMBERS, words("en"), is_summed=is_summed).blocks
    assert said in "".join(span["text"] for note in block["notes"] for span in note)
    assert "“–”" in "".join(span["text"] for note in block["notes"] for span in note)


def test_a_picture_without_a_dash_explains_none() -> None:
    assert drawn("all known").blocks[0]["notes"] == []


def test_dark_and_light_cells_differ_in_grey() -> None:
    assert charts.contrast(ACCENT, charts_quality._RANK_ONLY) > 3


def test_nothing_known_draws_nothing() -> None:
    none = metrics.coverage_matrix(table([]), units={2023: UNITS})
    assert [block["kind"] for block in show.plot_coverage_matrix(none, MEMBERS, words("vi")).blocks] == ["absent"]


def test_provinces_without_a_region_come_last() -> None:
    svg = charts.svg_of(show.plot_coverage_matrix(matrix([2023]), {"R1": UNITS[:60]}, words("en")))
    assert words("en").unit(UNITS[62]) in [ink.text for ink in charts.inks(svg)]


def test_gaps_are_named_where_they_are_few() -> None:
    rows = [row for row in panel([2023], full=True).to_dict("records") if row["unit"] != "74"]
    found = metrics.coverage_matrix(table(rows), units={2023: UNITS})
    assert "Nothing is known of: Bình Dương 2023." in texts(show.say_coverage_matrix(found, Words("en", words("vi").unit_names), is_summed=True))


# ---------------------------------------------------------------- who states the figures


def claim(value: float, publisher: str, trust: str = "press", *, unit: str = "31", year: int = 2023, is_preferred: bool = False, **more: Any) -> dict[str, Any]:
    row = {**figure(unit, "score", value, year=year), "text": f"{value}", "publisher": publisher, "trust": trust, "set_aside": "", "is_preferred": is_preferred, "link": ""}
    return row | more


CLAIMS = pd.DataFrame(
    [
        claim(91.87, "a.vn", "official", is_preferred=True),
        claim(91.81, "b.vn"),
        claim(89.06, "b.vn", unit="22", year=2018, is_preferred=True),
        claim(81.0, "c.vn", unit="22", year=2018, set_aside={"vi": "in sai", "en": "a slip"}, link="https://c.vn/x"),
    ]
)
COUNTS = metrics.trust_counts(CLAIMS, trust=list(TRUST))
PREFERRED = CLAIMS[CLAIMS["is_preferred"]]


def disputes() -> pd.DataFrame:
    return metrics.disputes(CLAIMS, table([]), trust=list(TRUST))


def test_a_dispute_shows_both_values_who_states_them_and_why_one_is_used() -> None:
    display = show.table_disputes(disputes(), {"b.vn": "a newspaper"}, words("en"))
    first = [cell["text"] for cell in display.blocks[0]["rows"][0]["cells"]]
    assert first == ["2023", "Hai Phong: score", "91.87 (a.vn)", "91.81 (a newspaper)", "more trusted kind of source"]
    assert {row["shown"] for row in display.numbers} == {"91.87", "91.81", "89.06", "81.00"}


def test_disputes_that_are_left_out_are_counted() -> None:
    notes = texts(show.table_disputes(disputes(), NAMES, words("en"), most=1))
    assert "1 case of earlier years is left out." in notes
    assert "89.06" not in notes


def test_every_reason_has_its_words() -> None:
    assert set(tables_quality.REASONS) == set(CODES)


def test_a_single_source_is_said_to_confirm_nothing() -> None:
    single = metrics.trust_counts(CLAIMS[CLAIMS["publisher"] == "a.vn"], trust=list(TRUST))
    assert "none confirms it" in texts(show.say_disputes(single, words("en")))


def test_a_correction_shows_what_is_used_instead_and_why() -> None:
    display = show.table_corrections(CLAIMS[CLAIMS["set_aside"].map(bool)], PREFERRED, NAMES, words("en"))
    (row,) = display.blocks[-1]["rows"]
    assert [cell["text"] for cell in row["cells"]] == ["2018", "Quang Ninh: score", "81.00", "89.06", "c.vn", "a slip"]
    assert row["cells"][4]["href"] == "https://c.vn/x"


def test_publishers_stand_by_trust_and_the_rest_is_counted() -> None:
    display = show.table_publishers(COUNTS, TRUST, {"a.vn": "The ministry"}, words("en"))
    assert [row["cells"][0]["text"] for row in display.blocks[0]["rows"]] == ["The ministry", "b.vn", "c.vn"]
    assert "2 publishers with fewer figures are left out." in texts(show.table_publishers(COUNTS, TRUST, NAMES, words("en"), most=1))


def test_one_kind_of_source_needs_no_chart() -> None:
    one = metrics.trust_counts(CLAIMS[CLAIMS["trust"] == "press"], trust=list(TRUST))
    assert show.plot_trust(one, TRUST, words("en")) == blocks.nothing()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_kinds_of_source_by_year_can_be_read(lang: Language) -> None:
    svg = charts.svg_of(show.plot_trust(COUNTS, TRUST, words(lang)))
    assert not charts.touching(svg)
    assert not charts.clipped(svg)


KINDS = {"official": "public authority", "agency": "news agency", "press": "newspaper", "copy": "copy", "unrated": "not rated"}


def five_kinds() -> blocks.Display:
    claims = [claim(80 + number, f"{kind}.vn", kind, unit=UNITS[number], is_preferred=True) for number, kind in enumerate(KINDS)]
    few = [claim(70, "official.vn", "official", unit=unit, year=2022, is_preferred=True) for unit in UNITS[:40]]
    return show.plot_trust(metrics.trust_counts(pd.DataFrame([*claims, *few]), trust=list(KINDS)), KINDS, words("en"))


def test_a_bar_says_every_number_however_narrow_and_its_total() -> None:
    told = [ink.text for ink in charts.inks(charts.svg_of(five_kinds()))]
    assert (told.count("1"), told.count("5"), told.count("40"), told.count("–")) == (5, 1, 2, 4)
    assert {row["value"] for row in five_kinds().numbers if row["node"] == "trust"} == {5.0, 40.0}


def test_kinds_of_source_differ_in_grey_and_copies_are_hatched() -> None:
    fills = charts_quality._FILLS
    assert all(charts.contrast(one, other) > 2 for one, other in itertools.pairwise(fills))
    assert not charts.touching(charts.svg_of(five_kinds()))
    signs = [re.sub(r"[\d.-]+", "", sign_of(kind)) for kind in ("copy", "unrated")]
    assert signs[0] != signs[1]


def sign_of(kind: str) -> str:
    sheet = Sheet(10)
    charts_quality._Bars({}, [kind], {}, words("en"))._box(sheet, kind, (1, 1, 5, 3))
    return sheet.svg()


# ---------------------------------------------------------------- audits


def audited() -> pd.DataFrame:
    rows = [figure("48", "score", 87.14, year=2012), figure("48", "score", 53.25, year=2012, node="part:appraisal"), figure("48", "score", 33.87, year=2012, node="part:survey")]
    return metrics.audit(table(rows), ways={2012: [("total", ("part:appraisal", "part:survey"))]}, rounding=0.0151)


def test_a_total_that_does_not_add_up_is_shown_with_its_difference() -> None:
    named = Words("en", words("en").unit_names, part_names={"appraisal": "Appraisal", "survey": "Surveys"})
    (row,) = show.table_audit(audited(), named).blocks[0]["rows"]
    assert [cell["text"] for cell in row["cells"]] == ["2012", "Da Nang: score", "87.14", "87.12", "+0.02", "Appraisal + Surveys"]


def test_totals_that_are_computed_are_said_to_be_so() -> None:
    none = metrics.audit(table([]), ways={}, rounding=0.0151)
    assert "no published total to audit" in texts(show.say_audit(none, none, words("en"), is_summed=True))


def test_contradictory_ranks_are_told_with_their_year() -> None:
    rows = [figure(unit, "rank", 7, out_of=63) for unit in ("10", "80")] + [figure("79", "rank", 33, out_of=63), figure("96", "rank", 32, out_of=63)]
    rows += [figure("79", "score", 86.97), figure("96", "score", 86.89)]
    told = texts(show.say_ranks(metrics.rank_audit(table(rows), units={2023: UNITS}), words("en")))
    assert "2023: 7/63 (rank) is given to Lao Cai, Long An." in told
    assert "32/63, 86.89 points" in told


def test_ranks_that_nobody_publishes_cannot_contradict() -> None:
    assert "ranks are computed from the scores" in texts(show.say_ranks(metrics.rank_audit(table([]), units={}), words("en")))


def test_findings_are_counted_by_kind() -> None:
    met = (("conflict", 3), ("conflict", 4), ("conflict", 5), ("unheard of", 0))  # two figures, one of them with three values
    found = [Finding("warning", rule, "press/2023", "press/2023/a.csv", row, "x", "1", "2") for rule, row in met]
    rows = show.table_findings(found, COUNTS, words("en")).blocks[0]["rows"]
    assert [[cell["text"] for cell in row["cells"]] for row in rows] == [[RULES["conflict"], "2", "press/2023/a.csv:3"], ["unheard of", "1", "press/2023/a.csv"]]


def test_the_cover_the_sentence_and_the_findings_count_disputes_alike() -> None:
    found = [Finding("warning", "conflict", "e", "e/a.csv", row, "x", "1", "2") for row in (3, 4, 5)]
    (of_table,) = [row["value"] for row in show.table_findings(found, COUNTS, words("en")).numbers]
    (of_sentence,) = [row["value"] for row in show.say_disputes(COUNTS, words("en")).numbers if row["measure"] == "n_disputed"]
    assert of_table == of_sentence == disputes().groupby(tables_quality.KEY).ngroups


def test_checks_that_meet_nothing_do_not_deny_the_gaps() -> None:
    assert texts(show.table_findings([], COUNTS, words("en"))).startswith("Apart from missing figures")


# ---------------------------------------------------------------- what to ask for


def requests(shown_panel: pd.DataFrame, frameworks: dict[int, Framework | None], *, is_summed: bool = False) -> list[str]:
    units = dict.fromkeys(frameworks, UNITS)
    leaves = {year: [domain.code for domain in framework.domains] for year, framework in frameworks.items() if framework}
    missing, known = metrics.missing_figures(shown_panel, units=units, leaves=leaves), metrics.coverage_matrix(shown_panel, units=units)
    none = metrics.rank_audit(table([]), units={})
    display = show.say_requests(missing, known, disputes().iloc[:0], none, frameworks, words("en"), is_summed=is_summed)
    items = display.blocks[0].get("items", [])
    return ["".join(span["text"] for span in item) for item in items]


METHOD = Framework("m", "1/QĐ-BNV", "2022-11-10", (2022, 2023), True, (Domain(1, {"vi": "a", "en": "a"}, 10.0),))


def test_whole_tables_are_asked_for_where_much_is_missing_and_names_where_little_is() -> None:
    rows = [figure(unit, "score", 80, year=year) for year, units in ((2022, UNITS[:20]), (2023, [unit for unit in UNITS if unit != "74"])) for unit in units]
    told = requests(table(rows), {2022: METHOD, 2023: METHOD})
    assert told[0] == "Full tables with the score and rank of every province; scores missing: 2022 (43/63)."
    assert told[1] == "Results of single provinces: 2023: Binh Duong."
    assert told[2] == "Scores by domain of every province: 126 of 126 are missing; in 2022–2023 all of them."


def test_what_is_not_known_of_a_method_is_asked_for() -> None:
    unsure = Framework("n", "2/QĐ-BNV", "2020-12-30", (2020, 2021), (2020,), (Domain(1, {"vi": "a", "en": "a"}),))
    bare = Framework("o", "", "", (2012,), True, ())
    told = requests(panel([2012, 2020, 2021, 2023], full=True), {2012: bare, 2020: unsure, 2021: unsure, 2023: None}, is_summed=True)
    assert told[-3:] == ["The decision that the scores follow: 2021, 2023.", "The list of domains: 2012.", "The maximum points of every domain: 2020–2021."]


def test_contradictions_are_asked_about_first_and_settled_ones_not_at_all() -> None:
    ranks = metrics.rank_audit(table([figure(unit, "rank", 7, out_of=63) for unit in ("10", "80")]), units={2023: UNITS})
    open_claims = pd.DataFrame([claim(87.62, "b.vn", unit="14", year=2021, is_preferred=True), claim(87.61, "c.vn", unit="14", year=2021)])
    both = metrics.disputes(pd.concat([CLAIMS, open_claims]), table([]), trust=list(TRUST))
    missing = metrics.missing_figures(panel([2023]), units={2023: UNITS}, leaves={})
    display = show.say_requests(missing, matrix([2023]), both, ranks, {2023: METHOD}, words("en"))
    told = ["".join(span["text"] for span in item) for item in display.blocks[0]["items"]]
    assert told[:2] == ["Which is right, 2023: Lao Cai, Long An (all given 7/63).", "Which is right, 2021: Son La: score, 87.62 or 87.61."]
    assert "91.81" not in " ".join(told)
    assert "81.00" not in " ".join(told)


def test_many_contradictions_of_a_year_are_counted() -> None:
    ranks = metrics.rank_audit(table([figure(unit, "rank", number // 2 + 1, out_of=63) for number, unit in enumerate(UNITS[:60])]), units={2023: UNITS})
    missing = metrics.missing_figures(panel([2023]), units={2023: UNITS}, leaves={})
    display = show.say_requests(missing, matrix([2023]), disputes().iloc[:0], ranks, {2023: METHOD}, words("en"))
    assert texts(display).count("(all given") == 12
    assert "; and 18 more." in texts(display)


def test_nothing_missing_is_said() -> None:
    assert requests(panel([2023], full=True), {2023: METHOD}, is_summed=True) == []


def test_what_is_missing_is_explained_above_the_table() -> None:
    leaves = {2023: ["domain:1"]}
    shown_panel = panel([2022, 2023])
    missing, known = metrics.missing_figures(shown_panel, units={2022: UNITS, 2023: UNITS}, leaves=leaves), metrics.coverage_matrix(shown_panel, units={2022: UNITS, 2023: UNITS})
    note, grid = show.table_missing(missing, known, words("en")).blocks
    assert (note["kind"], grid["kind"], grid["notes"]) == ("paragraph", "table", [])
    assert "domains of that year are not known" in note["text"][-1]["text"]
    bare = show.table_missing(metrics.missing_figures(shown_panel, units={2023: UNITS}, leaves=leaves), known, words("en")).blocks[0]
    assert "not known" not in "".join(span["text"] for span in bare["text"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_licence_of_the_project_has_a_short_name(lang: Language) -> None:
    known = catalog.load()
    recorded = {edition.licence for edition in known.editions.values()} | {known.source(code).licence for code in known.sources}
    assert recorded
    assert not recorded & {tables_requests.terms_of(licence, Words(lang)) for licence in recorded}


def test_a_method_is_a_row_and_a_break() -> None:
    display = show.table_methods({2021: None, 2022: METHOD, 2023: METHOD}, words("en"), index="par_index")
    rows = [[cell["text"] for cell in row["cells"]] for row in display.blocks[0]["rows"]]
    assert rows == [["2021", "not known", "–", "–", "–"], ["2022–2023", "1/QĐ-BNV, 10 November 2022", "2022–2023", "1", "1/1"]]
    assert all(row["source"] for row in display.numbers)
