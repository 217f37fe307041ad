"""Files of statements: all faults at once, hostile files in one sentence, and no evidence from the article itself."""

from __future__ import annotations

import math
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from par_analysis import catalog
from par_analysis.clean.evidence import filed_press, independent, read_article
from par_analysis.clean.reading import claims_table
from par_analysis.clean.statements import MAX_BYTES, MAX_LINE, MAX_STATEMENTS, BadStatements
from par_analysis.errors import ParError, RequestError
from par_analysis.model import Article, Statement

ROOT = Path(__file__).resolve().parents[2]
FILED = sorted((ROOT / "data" / "claims").glob("*.toml"))
SEED = ROOT.parent / "shared" / "seed" / "hai-duong-2023.txt"
KNOWN = catalog.load(ROOT)
HEAD = 'source = "article:x"\ntitle = "A title"\nunit = "hai duong"\nyear = 2023\n'
ONE = '[[statement]]\nid = "rank"\nplace = 1\nwording = "ranked 22nd"\nmeasure = "rank"\nvalue = 22\n'

Reader = Callable[[str], tuple[Article, tuple[Statement, ...]]]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def reading(text: str) -> tuple[Article, tuple[Statement, ...]]:
        path = tmp_path / "made.toml"
        path.write_text(text, encoding="utf-8")
        return read_article(KNOWN, path)

    return reading


@pytest.mark.parametrize("path", FILED, ids=lambda path: path.stem)
def test_every_filed_article_is_read_and_cites_in_a_few_words(path: Path) -> None:
    article, statements = read_article(KNOWN, path)
    assert article.unit in KNOWN.units
    assert article.source
    assert statements
    assert {one.id for one in statements if len(one.wording.split()) > 8 or not one.wording} == set()
    assert {one.id for one in statements if one.unsure} == set()


@pytest.mark.skipif(not SEED.is_file(), reason="../shared is absent")
def test_every_citation_stands_in_the_article_and_in_its_paragraph() -> None:
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", SEED.read_text(encoding="utf-8")) if block.strip()]
    _, statements = read_article(KNOWN, ROOT / "data" / "claims" / "hai_duong_2023.toml")
    assert {one.id for one in statements if one.wording not in blocks[one.place - 1]} == set()


def test_the_language_of_the_wordings_is_english_unless_said(read: Reader) -> None:
    assert read(HEAD + ONE)[0].lang == "en"
    assert read('lang = "vi"\n' + HEAD + ONE)[0].lang == "vi"


def test_an_unknown_language_is_refused(read: Reader) -> None:
    with pytest.raises(BadStatements) as met:
        read('lang = "fr"\n' + HEAD + ONE)
    assert [finding.column for finding in met.value.findings] == ["lang"]


def test_fields_left_out_come_from_the_head(read: Reader) -> None:
    article, (one,) = read(HEAD + ONE)
    assert (article.unit, article.index, article.title) == ("30", "par_index", {"vi": "A title", "en": "A title"})
    assert (one.unit, one.year, one.index, one.node, one.comparison, one.value, one.unit_of_measure) == ("30", 2023, "par_index", "total", "level", 22.0, "place")


@pytest.mark.parametrize(("written", "value", "decimals"), [("87.50", 87.5, 2), ("87.5", 87.5, 1), ("47", 47.0, 0), ("183000", 183000.0, 0), ("1e3", 1000.0, 0)])
def test_a_value_keeps_the_decimals_it_is_written_with(read: Reader, written: str, value: float, decimals: int) -> None:
    _, (one,) = read(HEAD + ONE.replace("rank", "score").replace("22\n", f"{written}\n"))
    assert (one.value, one.decimals) == (value, decimals)


@pytest.mark.parametrize(("word", "sign"), [("nearly", "<~"), ("about", "~"), ("over", ">"), ("under", "<")])
def test_qualifiers_are_words(read: Reader, word: str, sign: str) -> None:
    _, (one,) = read(HEAD + ONE + f'qualifier = "{word}"\n')
    assert one.qualifier == sign


def test_an_operational_node_makes_an_operational_statement(read: Reader) -> None:
    _, (one,) = read(HEAD + ONE.replace('"rank"\nvalue', '"tasks"\nnode = "operations:plan"\nvalue'))
    assert (one.index, one.measure, one.unit_of_measure) == ("operations", "tasks", "count")


def faults(read: Reader, text: str) -> list[str]:
    with pytest.raises(BadStatements) as met:
        read(text)
    assert all(finding.file == "made.toml" and finding.severity == "error" for finding in met.value.findings)
    return [finding.column for finding in met.value.findings]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (ONE, ["source", "title", "unit", "year"]),
        (HEAD, ["statement"]),
        (HEAD.replace("hai duong", "Hai Dung") + ONE, ["unit"]),
        (HEAD.replace("2023", "23") + ONE, ["year"]),
        (HEAD.replace("2023", '"2023"') + ONE, ["year"]),
        (HEAD.replace("2023", "true") + ONE, ["year"]),
        (HEAD.replace('"A title"', '"' + "a" * 201 + '"') + ONE, ["title"]),
        (HEAD.replace('title = "A title"', 'title.en = "A title"') + ONE, ["title"]),
        (HEAD.replace("A title", "A \\u202Etitle") + ONE, ["title"]),
        (HEAD.replace('title = "A title"', 'title.en = "A \\u202E title"\ntitle.vi = "x"') + ONE, ["title"]),
        (HEAD + 'index = "operations"\n' + ONE, ["index"]),
        (HEAD + 'copies = ["\\u0007"]\n' + ONE, ["copies"]),
        (HEAD + "colour = 1\n" + ONE, ["colour"]),
        (HEAD + "statement = [1]\n", ["statement 1: "]),
        (HEAD + ONE.replace('id = "rank"', 'id = "<script>"'), ["statement 1: id"]),
        (HEAD + ONE.replace('id = "rank"\n', ""), ["statement 1: id"]),
        (HEAD + ONE + ONE, ["rank: id"]),
        (HEAD + ONE + 'comparison = "chnge"\n', ["statement 1: comparison"]),
        (HEAD + ONE + 'comparison = "change"\n', ["statement 1: against"]),
        (HEAD + ONE + 'comparison = "best"\nagainst = 2024\n', ["statement 1: against"]),
        (HEAD + ONE + 'comparison = "list"\ncounts = "unit"\nof = ["nobody"]\n', ["rank: of"]),
        (HEAD + ONE + 'comparison = "share"\nof = ["rank"]\n', ["statement 1: of"]),
        (HEAD + ONE + 'node = "domain"\n', ["statement 1: node"]),
        (HEAD + ONE + 'period = "spring"\n', ["statement 1: period"]),
        (HEAD + ONE + 'qualifier = "~"\n', ["statement 1: qualifier"]),
        (HEAD + ONE + "out_of = 0\n", ["statement 1: out_of"]),
        (HEAD + ONE + "confidence = 2\n", ["statement 1: confidence"]),
        (HEAD + ONE + f'unsure = "{"a" * 301}"\n', ["statement 1: unsure"]),
        (HEAD + ONE.replace('"rank"\nvalue', '"rnk"\nvalue'), ["statement 1: measure"]),
        (HEAD + ONE.replace('"rank"\nvalue', '"unknown"\nvalue'), ["statement 1: measure"]),
        (HEAD + ONE.replace('measure = "rank"', 'measure = "rank"\nnode = "operations:plan"'), ["statement 1: measure"]),
        (HEAD + ONE.replace("place = 1", "place = -1"), ["statement 1: place"]),
        (HEAD + ONE.replace("value = 22", "value = inf"), ["statement 1: value"]),
        (HEAD + ONE.replace("value = 22", "value = 1e999999999"), ["statement 1: value"]),
        (HEAD + ONE.replace("value = 22", "value = 0.12345678"), ["statement 1: value"]),
        (HEAD + ONE.replace("value = 22", 'value = "22"'), ["statement 1: value"]),
        (HEAD + ONE.replace("ranked 22nd", "a " * 17), ["statement 1: wording"]),
        (HEAD + ONE.replace("ranked 22nd", "a" * 500), ["statement 1: wording"]),
        (HEAD + ONE.replace("ranked 22nd", "one\\ntwo"), ["statement 1: wording"]),
        (HEAD + "[[statement]]\n" * (MAX_STATEMENTS + 1), ["statement"]),
    ],
)
def test_a_fault_is_said_with_its_place(read: Reader, text: str, where: list[str]) -> None:
    assert faults(read, text) == where


def test_all_faults_are_said_at_once_with_the_line_of_the_statement(read: Reader) -> None:
    with pytest.raises(BadStatements) as met:
        read(HEAD.replace("2023", "23") + ONE.replace("22\n", '"x"\n') + ONE.replace("place = 1", "place = -1"))
    assert [(finding.row, finding.column) for finding in met.value.findings] == [(0, "year"), (5, "statement 1: value"), (11, "statement 2: place")]
    assert met.value.exit_code == 2


def test_a_measure_that_is_not_known_is_allowed_while_it_is_unsure(read: Reader) -> None:
    _, (one,) = read(HEAD + ONE.replace('"rank"\nvalue', '"unknown"\nvalue') + 'unsure = "what is counted?"\n')
    assert one.unsure == "what is counted?"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '#read(\\"/etc/passwd\\")', '=HYPERLINK(\\"x\\")'])
def test_hostile_words_are_only_words(read: Reader, text: str) -> None:
    article, (one,) = read(HEAD.replace("A title", text) + ONE.replace("ranked 22nd", text))
    assert article.title["en"] == one.wording == text.replace("\\", "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a=" + b"[" * (MAX_LINE + 1), f"a line is longer than {MAX_LINE} letters"),
        (b"a=" + b"[\n" * 20_000, "nested too deeply"),
        (b"a = 1 2", "not valid TOML"),
        (b"a = " + b"\n".join([b'"""', *[b"9" * 500] * 9]), "not valid TOML"),
        (b"\xff\xfea\0", "text in UTF-16"),
        (b"a = 1\0", "a binary file"),
        (b"a = '\xe9'", "is not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "larger than 256 KB"),
    ],
)
def test_what_is_no_file_of_statements_is_said_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "made.toml").write_bytes(content)
    with pytest.raises(RequestError, match=re.escape(said)):
        read_article(KNOWN, tmp_path / "made.toml")


def test_a_file_of_200_megabytes_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "made.toml").open("wb") as stream:
        stream.truncate(200 * 2**20)
    tracemalloc.start()
    with pytest.raises(RequestError, match="larger than"):
        read_article(KNOWN, tmp_path / "made.toml")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 2**20


@pytest.mark.parametrize(("name", "said"), [("nowhere.toml", "no such file"), (".", "is no ordinary file"), ("x" * 300, "cannot be read")])
def test_a_path_that_is_no_file_is_said(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        read_article(KNOWN, tmp_path / name)


# ---------------------------------------------------------------- evidence

ARTICLE = Article("article:x", {"vi": "x", "en": "x"}, "par_index", "30", 2023, edition="own/2023", copies=("https://copy.example.org/x",))
RANK = Statement("rank", "par_index", "30", 2023, "total", "rank", "level", value=22)


def claims(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {"index": "par_index", "unit": "30", "year": 2023, "period": "", "node": "total", "measure": "rank", "value": 22.0, "qualifier": "", "unit_of_measure": "place"}
    base |= {"out_of": 63.0, "basis": "published", "source": "https://elsewhere.gov.vn/", "edition": "pages/1", "note": "", "text": "22", "file": "f", "row": 2}
    return claims_table([base | row for row in rows])


def found(table: pd.DataFrame, *, statements: tuple[Statement, ...] = (RANK,), **more: Any) -> pd.DataFrame:
    made = independent(KNOWN, ARTICLE, statements, table, **more)
    return made[made["unit"] == "30"]


@pytest.mark.parametrize("own", [{"source": "article:x"}, {"source": "https://copy.example.org/x"}, {"edition": "own/2023"}])
def test_what_comes_from_the_article_is_no_evidence(own: dict[str, str]) -> None:
    assert found(claims(own)).empty
    assert found(claims(own, {}))["source"].tolist() == ["https://elsewhere.gov.vn/"]


def test_the_preferred_claim_is_chosen_among_the_independent_ones() -> None:
    table = found(claims({"source": "article:x", "value": 21.0}, {"value": 22.0}, {"value": 23.0, "source": "https://paper.example.org/"}))
    assert table[["value", "is_preferred"]].to_numpy().tolist() == [[22.0, True], [23.0, False]]


def test_other_years_are_read_only_where_a_statement_needs_them() -> None:
    table = claims({}, {"year": 2022, "value": 47.0}, {"year": 2018, "value": 58.0})
    change = Statement("rise", "par_index", "30", 2023, "total", "rank", "change", value=25, against=2022)
    best = Statement("best", "par_index", "30", 2023, "total", "rank", "best", value=6, against=2018)
    assert [sorted(found(table, statements=(one,))["year"]) for one in (RANK, change, best)] == [[2023], [2022, 2023], [2018, 2022, 2023]]


def test_sums_of_this_library_are_evidence_unless_the_article_is_in_them() -> None:
    from par_analysis.metrics.figures import figures

    row = {"index": "papi", "unit": "30", "year": 2021, "node": "total", "measure": "score", "value": 42.68, "basis": "computed", "edition": "papi/2021"}
    row |= {"source": "https://papi.org.vn/a; https://papi.org.vn/b"}
    statement = Statement("score", "papi", "30", 2021, "total", "score", "level", value=42.68, decimals=2)
    assert found(claims(), statements=(statement,), computed=figures([row]))["value"].tolist() == [42.68]
    assert found(claims(), statements=(statement,), computed=figures([row | {"source": "https://papi.org.vn/a; article:x"}])).empty


def test_how_many_provinces_and_domains_there_are_is_known() -> None:
    made = independent(KNOWN, ARTICLE, (RANK,), claims())
    assert dict(zip(made["measure"], made["value"], strict=True)) == {"n_units": 63.0, "n_domains": 8.0}
    assert not any(math.isnan(value) for value in made["value"])


def test_only_articles_about_the_unit_and_the_year_are_filed_with_it() -> None:
    table = claims({})
    assert [press.article.unit for press in filed_press(KNOWN, table, index="par_index", unit="30", year=2023)] == ["30"]
    assert filed_press(KNOWN, table, index="par_index", unit="30", year=2022) == ()
    assert filed_press(KNOWN, table, index="sipas", unit="30", year=2023) == ()


def test_a_known_slip_of_a_source_is_no_evidence() -> None:
    record = next(record for record in KNOWN.corrections if record["index"] == "par_index" and record["measure"] == "score")
    slip = {"unit": record["unit"], "year": record["year"], "measure": "score", "value": record["met"], "source": record["source"], "out_of": math.nan}
    statement = Statement("score", "par_index", record["unit"], record["year"], "total", "score", "level", value=record["met"])
    made = independent(KNOWN, ARTICLE, (statement,), claims(slip))
    assert made[made["measure"] == "score"]["is_preferred"].tolist() == [False]


def test_an_error_of_a_file_names_it() -> None:
    with pytest.raises(ParError, match=r"nowhere\.toml: no such file"):
        read_article(KNOWN, Path("nowhere.toml"))
