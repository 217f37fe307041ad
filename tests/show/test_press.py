"""The press release checked, as a reader sees it: words for every verdict and reason, numbers with their origin, text that stays text."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from par_analysis.metrics.verdicts import REASONS
from par_analysis.model import LANGUAGES, UNJUDGED, VERDICTS, Article, Statement, Verdict
from par_analysis.show.language import Words
from par_analysis.show.tables_press import say_press, table_press, told
from par_analysis.show.values import Shown

ARTICLE = Article("article:x", {"vi": "Một bài báo", "en": "An article"}, "par_index", "30", 2023)
INDICATORS = {"measures": {"tasks": {"vi": "Nhiệm vụ", "en": "Tasks"}}, "departments": {"Sở Y tế": {"vi": "Sở Y tế", "en": "Department of Health"}}}
NAMES = {"30": "Hải Dương", "22": "Quảng Ninh", "VN": "Việt Nam"}


def words(lang: Any = "en") -> Words:
    return Words(lang, NAMES, {7: "E-government" if lang == "en" else "Chính quyền điện tử"})


def row(value: float, *, year: int = 2023, measure: str = "rank", **more: Any) -> dict[str, Any]:
    facts = {"index": "par_index", "unit": "30", "year": year, "period": "", "node": "total", "measure": measure, "value": value, "qualifier": "", "basis": "published", "note": ""}
    return facts | {"unit_of_measure": "place" if measure == "rank" else "points", "out_of": math.nan, "source": "https://www.gov.vn/x", "edition": "e"} | more


def verdict(word: str = "confirmed", reason: str = "agrees", *, stated: dict[str, Any] | None = None, said: dict[str, Any] | None = None, **more: Any) -> Verdict:
    facts: dict[str, Any] = {"id": "a", "index": "par_index", "unit": "30", "year": 2023, "node": "total", "measure": "rank", "comparison": "level", "value": 22.0, "place": 11}
    statement = Statement(**(facts | {"wording": "ranked 22nd"} | (said or {})))
    return Verdict(ARTICLE, statement, word, reason, stated=stated or row(22), **more)


def text(one: Verdict, lang: Any = "en") -> Any:
    return told(one, Shown(words(lang)), INDICATORS)


def test_nothing_is_shown_where_no_article_is_filed() -> None:
    for display in (table_press([], words()), say_press([], words())):
        assert display._repr_html_() == ""
        assert display.numbers == ()


def test_a_row_says_statement_stated_recomputed_verdict_and_source() -> None:
    found = verdict(recomputed=row(22, out_of=63.0), figures=(row(22),), sources=("https://www.gov.vn/x", "https://gov.vn/y", "https://paper.vn/z"))
    display = table_press([found], words())
    (block,) = display.blocks
    assert [column["label"] for column in block["columns"]] == ["Statement", "Stated", "Recomputed", "Verdict", "Source"]
    assert [cell["text"] for cell in block["rows"][0]["cells"]] == ["Rank, 2023: “ranked 22nd”", "22", "22/63", "confirmed", "gov.vn, paper.vn"]
    assert block["caption"] == "An article: statements recomputed"
    assert [(number["value"], number["shown"]) for number in display.numbers] == [(22.0, "22"), (22.0, "22/63")]


def test_a_table_for_each_article() -> None:
    other = Verdict(Article("article:y", {"vi": "y", "en": "y"}, "par_index", "30", 2023), verdict().statement, "confirmed", "agrees", stated=row(22))
    assert [block["caption"] for block in table_press([verdict(), other], words()).blocks] == ["An article: statements recomputed", "y: statements recomputed"]


@pytest.mark.parametrize("name", [*VERDICTS, UNJUDGED])
def test_a_verdict_is_a_word_and_not_only_a_colour(name: str) -> None:
    (block,) = table_press([verdict(name, "alone")], words()).blocks
    assert block["rows"][0]["cells"][3]["text"] == name
    assert block["rows"][0]["highlight"] == (name == "contradicted")


CASES: dict[str, dict[str, Any]] = {
    "differs": {"recomputed": row(23)},
    "too_few": {"recomputed": row(2, out_of=2.0), "figures": (row(8, measure="n_domains", unit_of_measure="count"),)},
    "another_year": {"figures": (row(22), row(21, year=2020))},
    "years_missing": {"figures": (row(22), row(47, year=2022)), "said": {"comparison": "best", "against": 2018}},
    "list_differs": {"figures": (row(47, year=2022), row(60, year=2021)), "said": {"comparison": "list", "counts": "unit"}},
    "list_of_others": {"figures": (row(47, year=2022), row(60, year=2021)), "said": {"comparison": "list", "counts": "unit"}},
    "against_itself": {"said": {"comparison": "change", "against": 2023}},
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words(reason: str, lang: Any) -> None:
    found = text(verdict("contradicted", reason, **CASES.get(reason, {})), lang)
    assert bool(found.reason) == (reason not in {"agrees", "alone"})
    assert "{" not in found.reason


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (verdict("contradicted", "against_itself", **CASES["against_itself"]), "2023 is compared with itself."),
        (verdict("contradicted", "list_of_others", **CASES["list_of_others"]), "What is listed are 2 years of 1 province."),
        (verdict("cannot be checked", "too_few", **CASES["too_few"]), "The change is known of 2 of the 8 domains only."),
        (verdict("contradicted", "another_year", **CASES["another_year"]), "It was 22 in 2023, but 21 in 2020."),
        (verdict("only the article says so", "years_missing", **CASES["years_missing"]), "Only 2 of the 6 years are known; none of them contradicts it."),
        (
            verdict(figures=(row(22, out_of=63.0), row(47, year=2022, out_of=63.0)), said={"comparison": "change", "against": 2022}),
            "From 47/63 (2022) to 22/63 (2023).",
        ),
        (
            verdict("only the article says so", "adds_up", figures=(row(22), row(47, year=2022, source="article:x")), said={"comparison": "best", "against": 2022}),
            "1 of the 2 years are known from other sources.",
        ),
        (verdict(others=(row(23), row(24)), cautions=("sources_differ",)), "Other sources differ among themselves: 23; 24."),
        (
            verdict("only the article says so", "alone", cautions=("place_taken",), figures=(row(22, unit="22"),)),
            "Another province is said to hold this place: Quảng Ninh.",
        ),
        (
            verdict("cannot be checked", "method_differs", cautions=("method_differs",), said={"comparison": "change", "against": 2021, "measure": "score"}),
            "The method changed between 2021 and 2023: points of the two years are not comparable.",
        ),
        (verdict(cautions=("denominators",)), "The ranks are out of different numbers."),
    ],
)
def test_a_reason_tells_the_figures(one: Verdict, why: str) -> None:
    assert text(one).reason == why


@pytest.mark.parametrize(
    ("said", "stated", "expected"),
    [
        ({}, row(22, out_of=63.0), ("Rank, 2023", "22/63")),
        ({"node": "domain:7", "year": 2022}, row(55), ("Rank (E-government), 2022", "55")),
        ({"unit": "22"}, row(1), ("Quảng Ninh, Rank, 2023", "1")),
        ({"measure": "score", "decimals": 1}, row(87.8, measure="score"), ("Score, 2023", "87.8")),
        ({"comparison": "change", "against": 2022}, row(25, measure="rank_change"), ("Rank, 2023 against 2022", "+25")),
        ({"comparison": "best", "against": 2018}, row(6, measure="n_years", unit_of_measure="count"), ("Rank, 2018 to 2023", "best of 6 years")),
        ({"comparison": "worst", "against": 2018}, row(6, measure="n_years", unit_of_measure="count"), ("Rank, 2018 to 2023", "worst of 6 years")),
        ({"comparison": "last", "value": None}, row(math.nan), ("Rank, 2023", "last")),
        ({"comparison": "list", "counts": "unit"}, row(5, measure="n_units_listed", unit_of_measure="count"), ("Provinces listed", "5 provinces")),
        ({"comparison": "list", "counts": "year"}, row(1, measure="n_years_listed", unit_of_measure="count"), ("Years listed", "1 year")),
        ({"comparison": "most", "against": 2022, "value": None}, row(math.nan), ("Domains whose rank rose, 2023 against 2022", "most")),
        ({"comparison": "most", "against": 2022, "measure": "score", "value": None}, row(math.nan), ("Domains whose score rose, 2023 against 2022", "most")),
        ({"comparison": "none", "value": None}, row(math.nan), ("", "–")),
        (
            {"node": "operations:plan@Sở Y tế", "measure": "tasks", "period": "2024-Q1", "year": 2024},
            row(51, index="operations", unit_of_measure="count", qualifier="<~"),
            ("Tasks (Department of Health), Q1 2024", "nearly 51"),
        ),
        ({"node": "operations:plan", "measure": "unheard_of"}, row(51, index="operations", unit_of_measure="count"), ("unheard_of, 2023", "51")),
    ],
)
def test_a_statement_is_named_by_what_it_is_about(said: dict[str, Any], stated: dict[str, Any], expected: tuple[str, str]) -> None:
    found = text(verdict("only the article says so", "alone", said=said, stated=stated))
    label = found.statement.removesuffix("“ranked 22nd”").removesuffix(": ")
    assert (label, found.stated) == expected


def test_vietnamese_names_and_numbers() -> None:
    found = text(verdict(said={"node": "domain:7", "measure": "score", "decimals": 2}, stated=row(87.84, measure="score")), "vi")
    assert found.stated == "87,84"
    assert "Chính quyền điện tử" in found.statement


def test_what_is_contradicted_stands_first_and_the_rest_in_the_order_of_the_article() -> None:
    made = [("cannot be checked", "a"), ("confirmed", "b"), (UNJUDGED, "c"), ("contradicted", "d"), ("only the article says so", "e"), ("confirmed", "f")]
    (block,) = table_press([verdict(word, "alone", said={"wording": name}) for word, name in made], words()).blocks
    assert [row["cells"][0]["text"][-2] for row in block["rows"]] == list("dbfeac")


@pytest.mark.parametrize(
    ("reason", "sources", "word"),
    [
        ("list_differs", (), "contradicts itself"),
        ("also_says", (), "contradicts itself"),
        ("differs_within", ("https://www.gov.vn/x",), "contradicted"),
        ("differs", ("https://www.gov.vn/x",), "contradicted"),
        ("off_scale", (), "contradicted"),
    ],
)
def test_an_article_against_itself_is_not_called_contradicted_by_others(reason: str, sources: tuple[str, ...], word: str) -> None:
    one = verdict("contradicted", reason, sources=sources, **CASES.get(reason, {}))
    (block,) = table_press([one], words()).blocks
    assert block["rows"][0]["cells"][3]["text"].partition(":")[0] == word
    assert block["rows"][0]["highlight"]
    assert text(one).verdict == "contradicted"


@pytest.mark.parametrize(("lang", "of_article", "said"), [("vi", "en", True), ("en", "en", False), ("en", "vi", True), ("vi", "vi", False)])
def test_quotations_in_another_language_are_said_to_be_so(lang: Any, of_article: Any, said: bool) -> None:
    one = dataclasses.replace(verdict(), article=dataclasses.replace(ARTICLE, lang=of_article))
    silent = dataclasses.replace(one, statement=dataclasses.replace(one.statement, wording=""))
    assert len(table_press([one], words(lang)).blocks[0]["notes"]) == 1 + said
    assert len(table_press([silent], words(lang)).blocks[0]["notes"]) == 1


HOSTILE = ['<script>alert("x")</script>', '#read("/etc/passwd")', '=HYPERLINK("http://x")', "{unit} {what} %s", "a" * 10_000, chr(0x202E) + "abc"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_text(hostile: str) -> None:
    article = Article("article:x", {"vi": hostile, "en": hostile}, "par_index", "30", 2023)
    bad = Verdict(article, verdict(said={"wording": hostile}).statement, "confirmed", "agrees", stated=row(22))
    display = table_press([bad], words())
    (block,) = display.blocks
    assert block["rows"][0]["cells"][0] == {"text": f"Rank, 2023: “{hostile}”"}
    assert hostile in block["caption"]
    assert "<script>" not in display._repr_html_()


def test_a_sentence_counts_the_verdicts_and_every_count_is_a_number() -> None:
    found = [verdict(), verdict(), verdict("contradicted", "differs", recomputed=row(23)), verdict("only the article says so", "alone"), verdict(UNJUDGED, "unsure")]
    display = say_press(found, words())
    (block,) = display.blocks
    said = "".join(span["text"] for span in block["text"])
    assert said == (
        "Statements examined: 4. Agree with other sources: 2; contradicted by them or by the article itself: 1; stated by the article only: 1; cannot be checked: 0. "
        "Proposals that nobody has confirmed: 1."
    )
    assert [(number["measure"], number["value"]) for number in display.numbers] == [
        ("n_statements", 4.0), ("n_confirmed", 2.0), ("n_contradicted", 1.0), ("n_only_the_article_says_so", 1.0), ("n_cannot_be_checked", 0.0), ("n_not_judged", 1.0),
    ]  # fmt: skip


def test_a_source_is_named_by_its_title_where_it_has_one() -> None:
    titles = {"https://raw.example.org/a": "The collection"}
    found = told(verdict(sources=("https://raw.example.org/a", "https://www.gov.vn/x")), Shown(words()), None, lambda source: titles.get(source, source))
    assert found.sources == "The collection, gov.vn"


def test_of_many_sources_two_are_named_and_of_what_cannot_be_checked_none() -> None:
    many = tuple(f"https://{name}.vn/" for name in "abc")
    assert text(verdict(sources=many)).sources == "a.vn, b.vn, …"
    assert text(verdict("cannot be checked", "no_figure", sources=many)).sources == "–"


def test_a_number_without_a_published_source_names_none() -> None:
    assert text(verdict(said={"measure": "n_units"}, stated=row(63, measure="n_units", unit_of_measure="count"))).sources == "–"
    assert text(verdict()).sources == "–"


def test_what_says_nothing_measurable_shares_one_row() -> None:
    vague = [verdict("cannot be checked", "not_measurable", said={"id": name, "comparison": "none", "measure": "none", "wording": name}) for name in ("great", "positive")]
    rows = table_press([*vague, verdict()], words("en")).blocks[0]["rows"]
    assert [row["cells"][0]["text"] for row in rows[1:]] == ["“great”; “positive”"]
