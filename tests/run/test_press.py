"""``par claims``: the filed article's verdicts, exit codes, JSON, drafts that wait for a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from par_analysis import cli
from par_analysis.catalog import Catalog
from par_analysis.model import UNJUDGED
from par_analysis.run import press

ROOT = Path(__file__).resolve().parents[2]
FILED = ROOT / "data" / "claims" / "hai_duong_2023.toml"
TEXT = "Hai Duong rose\n\nIn 2023 Hai Duong scored 87.84 points and ranked 22nd among 63 provinces, up 25 places compared to 2022. There were 12 meetings.\n"
HEAD = 'source = "article:x"\ntitle = "A title"\nunit = "hai duong"\nyear = 2023\n'
ONE = '[[statement]]\nid = "rank"\nplace = 1\nwording = "ranked 22nd"\nmeasure = "rank"\nvalue = {}\n'


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's own data, wherever the tests run."""
    monkeypatch.setenv("PAR_ROOT", str(ROOT))


def par(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, ["claims", *map(str, words)], prog_name="par")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return tmp_path / "made.toml"


def verdict_of(checked: press.Checked) -> dict[str, str]:
    return {verdict.statement.id: verdict.verdict for verdict in checked.verdicts}


def test_the_filed_article_is_contradicted_in_its_two_slips_and_nowhere_else() -> None:
    found = verdict_of(press.check(FILED))
    assert {name for name, verdict in found.items() if verdict == "contradicted"} == {"rank-rise-as-printed", "five-provinces"}
    assert {name for name, verdict in found.items() if verdict == "confirmed"} == {"score", "score-rise", "rank", "rank-rise", "rank-2022", "provinces", "domains"}
    assert UNJUDGED not in found.values()


def test_the_filed_article_is_confirmed_by_others_than_itself() -> None:
    checked = press.check(FILED)
    sources = {source for verdict in checked.verdicts for source in verdict.sources}
    assert sources
    assert "article:hai-duong-2023" not in sources
    own = {"article:hai-duong-2023"}
    assert all({row["source"] for row in verdict.figures} - own for verdict in checked.verdicts if verdict.verdict == "confirmed")


def test_arithmetic_of_the_filed_article() -> None:
    recomputed = {verdict.statement.id: verdict.recomputed["value"] for verdict in press.check(FILED).verdicts if verdict.recomputed is not None}
    wanted = {"score-rise": 4.32, "rank-rise": 25, "digital-rise": 33, "rank-rise-as-printed": 0, "five-provinces": 1, "best-in-six-years": 22, "impact-last": 63}
    assert {name: round(recomputed[name], 9) for name in wanted} == wanted


def test_a_contradiction_exits_1_and_the_totals_stand_at_the_end() -> None:
    done = par(FILED)
    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert lines[0].split() == ["place", "statement", "stated", "recomputed", "verdict", "why", "source"]
    assert lines[-1] == "7 confirmed, 2 contradicted, 26 only the article says so, 7 cannot be checked"
    assert any("2023 is compared with itself." in line and "contradicted" in line for line in lines)


def test_the_table_speaks_vietnamese() -> None:
    assert "“with 87.84 points”" in par(FILED, "--lang", "vi").stdout
    assert "87,84" in par(FILED, "--lang", "vi").stdout


def test_json_holds_figures_verdicts_and_sources() -> None:
    done = par("--json", FILED)
    data = json.loads(done.stdout)
    rank = next(one for one in data["statements"] if one["id"] == "rank")
    assert done.exit_code == 1
    assert (rank["value"], rank["recomputed"], rank["verdict"], rank["reason"]) == (22.0, 22.0, "confirmed", "agrees")
    assert all(source.startswith("http") for source in rank["sources"])
    assert data["totals"]["contradicted"] == 2
    assert data["article"]["source"] == "article:hai-duong-2023"


def test_check_is_what_a_file_is_for() -> None:
    assert par("check", FILED).stdout == par(FILED).stdout


def test_no_contradiction_exits_0(made: Path) -> None:
    made.write_text(HEAD + ONE.format(22), encoding="utf-8")
    done = par(made)
    assert done.exit_code == 0
    assert "Rank, 2023: “ranked 22nd”" in done.stdout


def test_a_wrong_figure_exits_1(made: Path) -> None:
    made.write_text(HEAD + ONE.format(21), encoding="utf-8")
    assert par(made).exit_code == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD + ONE.format('"x"') + ONE.format("1e999"), "par: 2 error(s) in the data:"),
        ("a = [", "not valid TOML"),
        ("\0", "a binary file"),
    ],
)
def test_a_bad_file_exits_2_with_sentences_and_no_traceback(made: Path, content: str, said: str) -> None:
    made.write_text(content, encoding="utf-8")
    done = par(made)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("words", [["nowhere.toml"], [str(FILED), "--lang", "fr"], ["draft", "nowhere.txt"], ["draft", str(FILED), "--unit", "nowhere"]])
def test_a_bad_request_exits_2(words: list[str]) -> None:
    done = par(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("par: ")


def test_hostile_words_cannot_drive_the_terminal(made: Path) -> None:
    made.write_text(HEAD.replace("A title", "\\u001b[2J") + ONE.format(22), encoding="utf-8")
    done = par(made)
    assert done.exit_code == 2
    assert "\x1b" not in done.output
    made.write_text(HEAD + ONE.format(22).replace("ranked 22nd", '<b>=HYPERLINK(\\"x\\")'), encoding="utf-8")
    assert '“<b>=HYPERLINK("x")”' in par(made).stdout


# ---------------------------------------------------------------- drafts


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "Bài báo.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_draft_waits_for_a_person_where_it_is_unsure(article: Path, made: Path) -> None:
    done = par("draft", article, "--out", made)
    assert (done.exit_code, done.stdout) == (0, "5 proposals, 1 of them unsure: made.toml\n")
    checked = par(made)
    assert checked.exit_code == 0
    assert checked.stdout.splitlines()[-1].endswith("; 1 not judged: remove `unsure` from each once you have checked it")
    assert "what is counted is not known: meetings" in checked.stdout


def test_a_proposal_is_judged_once_the_mark_is_removed(article: Path, made: Path) -> None:
    text = press.draft(article).replace("against = 2022", 'against = 2022\nunsure = "?"')
    made.write_text(text, encoding="utf-8")
    assert verdict_of(press.check(made))["rank-change-2023"] == UNJUDGED
    made.write_text(text.replace('unsure = "?"\n', ""), encoding="utf-8")
    assert verdict_of(press.check(made))["rank-change-2023"] == "confirmed"


def test_a_draft_is_printed_and_names_its_source_after_the_file(article: Path) -> None:
    done = par("draft", article)
    assert done.stdout == press.draft(article)
    assert 'source = "article:bai-bao"\n' in done.stdout


def test_a_draft_never_replaces_a_file(article: Path, made: Path) -> None:
    made.write_text("mine", encoding="utf-8")
    done = par("draft", article, "--out", made)
    assert (done.exit_code, made.read_text(encoding="utf-8")) == (2, "mine")
    assert "is there already" in done.stderr
    assert par("draft", article, "--out", made / "below.toml").exit_code == 2


def test_unit_year_and_language_may_be_given(article: Path) -> None:
    article.write_text("Đạt 84,31 điểm.", encoding="utf-8")
    text = press.draft(article, unit="nam định", year=2022, lang="vi")
    assert 'unit = "36"\nyear = 2022\n' in text
    assert "value = 84.31\n" in text


@pytest.mark.parametrize("page", ["<!DOCTYPE html><title>{}</title>", "\ufeff \n<html>{}", "<p>{}</p>", "Saved page\n\n<BODY class=x>{}"])
def test_a_saved_web_page_is_refused(article: Path, page: str) -> None:
    article.write_text(page.format(TEXT), encoding="utf-8")
    done = par("draft", article)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "a web page (HTML), where an article's text is expected" in done.stderr


def test_another_province_at_the_place_is_told() -> None:
    (why,) = [row[5] for row in press.check(FILED).table()[1] if "rise to 22nd" in row[1]]
    assert why == "Another province is said to hold this place: Quang Nam."


@pytest.mark.parametrize(("stated", "verdict"), [("63", "confirmed"), ("60", "contradicted")])
def test_the_number_of_provinces_is_not_that_of_the_ranked_ones(made: Path, papi: Catalog, stated: str, verdict: str) -> None:
    said = ONE.format(stated).replace('measure = "rank"', 'measure = "n_units"') + 'unit = "VN"\n'
    made.write_text(HEAD.replace("2023", "2021") + 'index = "papi"\n' + said, encoding="utf-8")
    assert list(verdict_of(press.check(made, known=papi)).values()) == [verdict]


@pytest.mark.parametrize(("stated", "expected"), [("-0.11", "cannot be checked"), ("1.51", "contradicted")])
def test_points_of_other_methods_cannot_be_checked(made: Path, papi: Catalog, stated: str, expected: str) -> None:
    said = ONE.format(stated).replace('"rank"', '"score"') + 'comparison = "change"\nagainst = 2020\n'
    made.write_text(HEAD.replace("2023", "2021") + 'index = "papi"\n' + said, encoding="utf-8")
    ((*_, verdict, why, _),) = press.check(made, known=papi).table()[1]
    assert verdict == expected
    assert "From 42.80 (2020) to 42.69 (2021)." in why
    assert "The method changed between 2020 and 2021" in why


def test_a_text_without_figures_is_said(article: Path) -> None:
    article.write_text("Hai Duong, 2023.", encoding="utf-8")
    done = par("draft", article)
    assert done.exit_code == 2
    assert "no figure with a noun was found" in done.stderr


@pytest.mark.parametrize(("stated", "verdict"), [("42.69", "confirmed"), ("42.68", "confirmed"), ("42.6", "confirmed"), ("42.5", "contradicted"), ("43.68", "contradicted")])
def test_an_index_that_sums_its_parts_is_checked_by_its_sums(made: Path, papi: Catalog, stated: str, verdict: str) -> None:
    said = ONE.format(stated).replace('"rank"', '"score"') + ONE.format(25).replace('id = "rank"', 'id = "place"') + "out_of = 60\n"
    made.write_text(HEAD.replace("2023", "2021") + 'index = "papi"\n' + said, encoding="utf-8")
    checked = press.check(made, known=papi)
    assert verdict_of(checked) == {"score": verdict, "place": "confirmed"}
    assert all("PAPI" in row[-1] for row in checked.table()[1])
