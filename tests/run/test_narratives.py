"""Words of one's own: where their files lie, what they may say, where they come to stand, and which reports they make stale."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from par_analysis import catalog, dataset
from par_analysis.catalog import Catalog
from par_analysis.cli import main
from par_analysis.dataset import narratives as filed
from par_analysis.dataset import reads
from par_analysis.dataset.narratives import BadWords
from par_analysis.dataset.slices import NO_ROWS
from par_analysis.errors import DataError, RequestError
from par_analysis.render.document import read_notebook
from par_analysis.render.readback import read_text
from par_analysis.run import cache, inputs, narrative_checks, narratives, numbers
from par_analysis.run.contract import read_contract
from par_analysis.run.plan import Job
from par_analysis.run.publish import NOTES
from par_analysis.run.run import gist, sort_out
from par_analysis.show import blocks
from tests.toys import CHANGE, COVER, PARAMETERS, jobs_of, make_known, run

ROOT = catalog.load().root
FACTS = 'author = "Sở Nội vụ"\ndate = 2024-03-01\n'
SUBJECT = "par_index/30/2023.vi.md"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A checkout's data and notebooks, read once."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("tidy", "narrative"))
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return Catalog(folder)


@pytest.fixture
def root(known: Catalog) -> Iterator[Path]:
    """The checkout, to write words into, which are gone after the test."""
    yield known.root
    shutil.rmtree(known.root / "data" / "narrative", ignore_errors=True)


def executed() -> Any:
    """A notebook that has run: four sections, the second with a table."""
    table = blocks.table("Second", [{"label": "a", "numeric": True}], [{"cells": [{"text": "1"}]}])
    cells = [new_markdown_cell(text, metadata={"tags": ["lang:vi"]}) for text in ("# T", "## Một", "## Hai\n\nNhư thế nào?", "## Ba", "## Nguồn\n\nx")]
    cells.insert(3, new_code_cell("show()", outputs=[new_output("display_data", data=table._repr_mimebundle_())]))
    return new_notebook(cells=cells)


def write(root: Path, place: str = SUBJECT, *, facts: str = FACTS, text: str = "## Own words\n\nText.") -> Path:
    path = root / "data" / "narrative" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"+++\n{facts}+++\n{text}\n", encoding="utf-8")
    return path


def job_of(root: Path, **identity: Any) -> Job:
    given = {"index": "par_index", "unit": "30", "year": 2023, "lang": "vi", **identity}
    out = root / "out"
    return Job("province", ROOT / "notebooks" / "province.ipynb", "", root, tuple(given.items()), out, out / "r", "stem", ("html",))


def headings(notebook: Any) -> list[str]:
    return ["".join(span["text"] for span in section.heading["text"]) for section in read_notebook(notebook, name="x").sections() if section.heading]


# ---------------------------------------------------------------- where they come to stand

BEFORE = ["Một", "Hai", "Ba", "Nguồn"]


@pytest.mark.parametrize(
    ("facts", "position"),
    [("", 3), ('place = "end"\n', 3), ('place = "start"\n', 0), ('report = "province"\nplace = "hai "\n', 2), ('report = "province"\nplace = "Nguồn"\n', 4)],
)
def test_words_stand_where_they_are_put(root: Path, facts: str, position: int) -> None:
    write(root, facts=FACTS + facts)
    notebook = executed()
    narratives.add(notebook, job_of(root))
    assert headings(notebook) == [*BEFORE[:position], "Own words", *BEFORE[position:]]


def test_missing_words_are_no_error(root: Path) -> None:
    notebook = executed()
    assert narratives.add(notebook, job_of(root)) == {"narrative/par_index/30/2023/vi/province": NO_ROWS}
    assert headings(notebook) == BEFORE


def test_words_of_one_report_type_are_in_no_other(root: Path) -> None:
    write(root, facts=FACTS + 'report = ["improvement", "targets"]\n')
    notebook = executed()
    narratives.add(notebook, job_of(root))
    assert headings(notebook) == BEFORE


def test_a_section_is_replaced_with_all_that_was_in_it(root: Path) -> None:
    write(root, facts=FACTS + 'report = "province"\nreplaces = "hai"\n', text="Text.")
    write(root, "par_index/30/2023-more.vi.md")
    notebook = executed()
    narratives.add(notebook, job_of(root))
    assert headings(notebook) == [*BEFORE[:3], "Own words", *BEFORE[3:]]
    document = read_notebook(notebook, name="x")
    assert "Second" not in [item.block.get("caption") for item in document.blocks]


def test_a_section_that_the_report_has_not_is_named_with_the_nearest(root: Path) -> None:
    write(root, facts=FACTS + 'report = "province"\nreplaces = "Nguôn"\n')
    with pytest.raises(RequestError, match=r"^data/narrative/par_index/30/2023\.vi\.md: replaces: met 'Nguôn', expected a section of the report$") as error:
        narratives.add(executed(), job_of(root))
    assert error.value.hint == "did you mean 'Nguồn'?"


def test_words_about_one_section_find_it_whether_or_not_others_replace_it(root: Path) -> None:
    write(root, facts=FACTS + 'report = "province"\nreplaces = "hai"\n', text="## Instead")
    write(root, "par_index/30/2023-after.vi.md", facts=FACTS + 'report = "province"\nplace = "Hai"\n', text="## After two")
    write(root, "par_index/30/2023-before.vi.md", facts=FACTS + 'report = "province"\nplace = "Một"\n', text="## After one")
    notebook = executed()
    narratives.add(notebook, job_of(root))
    assert headings(notebook) == ["Một", "After one", "Instead", "After two", "Ba", "Nguồn"]


def test_a_section_is_replaced_once(root: Path, known: Catalog) -> None:
    for name in ("2023", "2023-b"):
        write(root, f"par_index/30/{name}.vi.md", facts=FACTS + 'report = "province"\nreplaces = "So sánh điểm số"\n')
    (finding, *_) = [one for one in narrative_checks.check(known) if one.severity == "error"]
    assert (finding.column, finding.expected) == ("replaces", "a section that 2023-b.vi.md does not replace already")


def test_a_section_that_shares_a_cell_is_not_replaced(root: Path) -> None:
    notebook = new_notebook(cells=[new_markdown_cell("## A\n\n## B"), new_markdown_cell("text\n\n## C"), new_markdown_cell("## D")])
    assert [(one.heading, one.is_whole) for one in narratives.sections(notebook.cells, "vi")] == [("A", False), ("B", False), ("C", False), ("D", True)]


# ---------------------------------------------------------------- what is wrong with a file


@pytest.mark.parametrize(
    ("facts", "text", "column"),
    [
        ("date = 2024-03-01\n", "## A", "author"),
        ('author = " "\ndate = 2024-03-01\n', "## A", "author"),
        ('author = "a\\nBcc: c@d"\ndate = 2024-03-01\n', "## A", "author"),
        ('author = "a\\u202eb"\ndate = 2024-03-01\n', "## A", "author"),
        ('author = "A"\n', "## A", "date"),
        ('author = "A"\ndate = "2024-02-31"\n', "## A", "date"),
        ("author: A\ndate = 2024-03-01\n", "## A", "front matter"),
        (FACTS + 'titel = "x"\n', "## A", "titel"),
        (FACTS + 'report = "../province"\n', "## A", "report"),
        (FACTS + 'replaces = "Nguồn"\n', "## A", "replaces"),
        (FACTS + 'report = "province"\nreplaces = "x"\nplace = "end"\n', "## A", "place"),
        (FACTS, "", "text"),
        (FACTS, "no heading", "text"),
        (FACTS, "## A\n\n![x](../secret.png)", "text"),
        (FACTS + 'report = "province"\nreplaces = "Nowhere"\n', "", "text"),
        (FACTS + 'report = "province"\nreplaces = "Nowhere"\n', "x", "replaces"),
        (FACTS + 'report = "province"\nplace = "Nowhere"\n', "## A", "place"),
        (FACTS + 'report = "national"\n', "## A", "report"),
        (FACTS + 'report = "data_quality"\n', "## A", "report"),
        (FACTS + 'report = "provnce"\n', "## A", "report"),
    ],
)
def test_the_check_names_file_and_field(root: Path, known: Catalog, facts: str, text: str, column: str) -> None:
    write(root, facts=facts, text=text)
    assert (f"narrative/{SUBJECT}", column) in [(one.file, one.column) for one in narrative_checks.check(known)]


def test_a_sound_file_passes_the_check(root: Path, known: Catalog) -> None:
    write(root, facts=FACTS + 'report = "province"\nreplaces = "So sánh điểm số"\n')
    write(root, "par_index/VN/2023.en.md", facts=FACTS + 'report = "national"\nplace = "What is missing"\n')
    write(root, "par_index/VN/all-years.vi.md", facts=FACTS + 'report = "data_quality"\n')
    write(root, "README.md")
    assert narrative_checks.check(known) == []


@pytest.mark.parametrize("facts", ["date = 2024-03-01\n", 'author = "A"\ndate = 2024-03-01\nplace = "Nguồn"\n'])
def test_a_file_that_is_wrong_stops_its_report(root: Path, facts: str) -> None:
    write(root, facts=facts)
    with pytest.raises(DataError, match=r"narrative/par_index/30/2023\.vi\.md"):
        narratives.add(executed(), job_of(root))
    assert narratives.add(executed(), job_of(root, unit="31"))


@pytest.mark.parametrize(
    ("facts", "row", "column", "met"),
    [
        ('author = "A"\ndate = 2024-02-31\n', 3, "date", "2024-02-31"),
        ('author = "A"\ndate = "2024-02-31"\n', 3, "date", "2024-02-31"),
        ('author = "A"\ndate = 2024-W09-5\n', 3, "date", "2024-W09-5"),
        ('author = "A"\ndate = 20240301\n', 3, "date", "20240301"),
        ('author = "A"\ndate = 2024-03-01T10:00:00\n', 3, "date", "2024-03-01 10:00:00"),
        ("author = Sở Nội vụ\ndate = 2024-03-01\n", 2, "author", "Sở Nội vụ"),
        ('author = "Sở\ndate = 2024-03-01\n', 2, "author", '"Sở'),
        ('author = {name = "A"}\ndate = 2024-03-01\n', 2, "author", "{'name': 'A'}"),
        ('author = "A"\ndate = 2024-03-01\nauthor = "B"\n', 4, "author", "this field a second time"),
        ('author = "A"\ndate = 2024-03-01\nreport = ["province"\n', 4, "report", '["province"'),
        ('author = "A"\n\n# a remark\nauthor: B\n', 5, "front matter", "author: B"),
        ('date = 2024-03-01\nauthor = "A"\ntitel = "x"\n', 4, "titel", "this field"),
        (f"author = {'[' * 5000}\n", 2, "author", f"{'[' * 60}…"),
        (f"date = {'9' * 6000}\n", 2, "date", f"{'9' * 60}…"),
    ],
)
def test_a_fact_that_cannot_be_read_is_told_with_its_line_in_the_file(root: Path, known: Catalog, facts: str, row: int, column: str, met: str) -> None:
    write(root, facts=facts)
    first = next(one for one in narrative_checks.check(known) if one.column == column)
    assert (first.row, first.met) == (row, met)


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_line_ends_of_other_systems_are_read(root: Path, known: Catalog, end: str) -> None:
    path = write(root)
    path.write_bytes(path.read_bytes().replace(b"\n", end.encode()))
    assert narrative_checks.check(known) == []
    narratives.add(notebook := executed(), job_of(root))
    assert "Own words" in headings(notebook)


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ("## A\n\nx [a](../b.md)", 7, "the link to '../b.md' is left out, its text stays"),
        ("## A\n\n[a](javascript:x)", 7, "the link to 'javascript:x' is left out, its text stays"),
        ("## A\n\nx[^1]\n\n[^1]: Y", 9, "a page has no footnotes"),
        ("## A\n\n[b]: https://example.org", 7, "a line that gives a link's address, and no link uses it, is left out"),
        ("## A\n\n| a | b |\n|---|---|\n| 1 |", 7, "a table whose rows have not as many cells as its heading is shown as a text"),
        ("## A\n\n3. three", 7, "a list that begins with 3 begins with 1 on the page"),
        ("## A ![p](data:image/png;base64,AAAA)", 5, "a picture in a heading, a table or a link is left out, its description stays"),
        ("## So sánh điểm số", 5, "So sánh điểm số"),
    ],
)
def test_what_is_shown_otherwise_than_asked_for_is_a_warning_of_check_and_build(root: Path, known: Catalog, text: str, row: int, said: str) -> None:
    write(root, facts=FACTS, text=text)
    assert (row, said) in [(one.row, one.met) for one in narrative_checks.check(known) if one.severity == "warning"]
    run_ = sort_out([job_of(root)], known)
    assert (run_.refused, [remark for remark in run_.remarks if said in remark and remark.startswith(f"data/narrative/{SUBJECT}:{row}: ")][1:]) == ([], [])
    assert any(said in remark for remark in run_.remarks)


@pytest.mark.parametrize("note", ["chú", "chú thích dài", "https://example.org"])
def test_a_footnote_is_told_once_as_what_it_is(root: Path, known: Catalog, note: str) -> None:
    write(root, text=f"## A\n\nx[^1]\n\n[^1]: {note}")
    assert [one.met for one in narrative_checks.check(known)] == ["a page has no footnotes"]


def test_a_link_to_a_section_that_there_is_not_is_told_by_the_check_with_those_that_there_are(root: Path, known: Catalog) -> None:
    write(root, facts=FACTS + 'report = "province"\n', text="## Việc đã làm\n\n[a](#so-sanh-diem-so) [b](#Việc-đã-làm) [c](#so-sánh-điểm-số)\n\n### Kỳ tới\n\n[d](#kỳ-tới)")
    (one,) = narrative_checks.check(known)
    assert (one.severity, one.row, one.met) == ("warning", 8, "the link to '#so-sanh-diem-so' is left out of province, which has no such section")
    assert one.hint.startswith("did you mean #so-sánh-điểm-số? there are #")
    assert {"#so-sánh-điểm-số", "#việc-đã-làm", "#kỳ-tới", "#các-phần-chưa-đủ-số-liệu"} <= set(one.hint.replace(",", "").split())


def test_a_section_that_was_replaced_is_no_place_to_link_to(root: Path, known: Catalog) -> None:
    facts = FACTS + 'report = "province"\n'
    write(root, facts=facts + 'replaces = "So sánh điểm số"\n', text="## Own\n\n[a](#so-sánh-điểm-số) [b](#own)")
    assert [one.met for one in narrative_checks.check(known)] == ["the link to '#so-sánh-điểm-số' is left out of province, which has no such section"]
    write(root, facts=facts + 'replaces = "So sánh điểm số"\n', text="[a](#so-sánh-điểm-số)")
    assert narrative_checks.check(known) == []


def test_mistakes_of_every_kind_are_told_together(root: Path, known: Catalog) -> None:
    write(root, facts='date = "2024-02-31"\nreport = "provinces"\ntitel = 1\n', text="## A\n\n中 [a](b.md)")
    found = narrative_checks.check(known)
    assert sorted((one.column, one.severity) for one in found) == [
        ("author", "error"), ("date", "error"), ("report", "error"), ("text", "error"), ("text", "warning"), ("titel", "error"),
    ]  # fmt: skip
    assert next(one.hint for one in found if one.column == "report") == "did you mean province?"


def test_a_day_that_has_not_come_is_a_warning(root: Path, known: Catalog) -> None:
    write(root)
    days = [datetime.date(2024, 2, 28), datetime.date(2024, 2, 29), datetime.date(2024, 3, 1)]
    assert [[one.row for one in narrative_checks.check(known, day)] for day in days] == [[3], [], []]


def test_the_same_heading_of_two_files_is_a_warning(root: Path, known: Catalog) -> None:
    write(root)
    write(root, "par_index/30/2023-b.vi.md")
    assert {(one.file.rpartition("/")[2], one.expected) for one in narrative_checks.check(known)} == {("2023.vi.md", "a heading that 2023-b.vi.md does not have")}


def test_a_file_without_facts_is_told_how_to_begin(root: Path, known: Catalog) -> None:
    path = write(root)
    path.write_text("---\nauthor: A\n---\n## A\n", encoding="utf-8")
    (finding,) = narrative_checks.check(known)
    assert (finding.met, finding.expected) == ("---", "facts between two lines of +++ at the beginning")


# ---------------------------------------------------------------- where files may lie


@pytest.mark.parametrize(
    ("place", "hint"),
    [
        ("par_indx/30/2023.vi.md", "did you mean par_index?"),
        ("par_index/hai-duong/2023.vi.md", "the folder is called by the unit's code: 30"),
        ("par_index/999/2023.vi.md", "par list units"),
        ("par_index/R1/2023.vi.md", ""),
        ("par_index/2023.vi.md", ""),
        ("2023.vi.md", ""),
    ],
)
def test_what_could_be_anybodys_stops_every_report_of_its_index(root: Path, known: Catalog, place: str, hint: str) -> None:
    write(root, place)
    assert narrative_checks.check(known)
    with pytest.raises(BadWords, match="data/narrative/") as error:
        sort_out([job_of(root)], known)
    assert hint in error.value.hint


@pytest.mark.parametrize(("name", "hint"), [("2203.vi.md", "par list years"), ("2023.fr.md", ""), ("2023.md", ""), ("2023.vi.txt", "")])
def test_a_file_that_belongs_to_no_report_stops_those_of_its_unit(root: Path, known: Catalog, name: str, hint: str) -> None:
    write(root, f"par_index/30/{name}")
    assert narrative_checks.check(known)
    jobs = [job_of(root), job_of(root, unit="31")]
    run_ = sort_out(jobs, known)
    assert ([outcome.job for outcome in run_.refused], run_.stale) == (jobs[:1], jobs[1:])
    assert hint in str(run_.refused[0].error and run_.refused[0].error.hint)


def test_all_that_is_wrong_is_told_before_anything_runs_and_of_its_reports_alone(root: Path, known: Catalog) -> None:
    write(root, facts=FACTS + 'report = "province"\nplace = "Nowhere"\n', text="## A\n\n中 \u202e ![x](a.png) ![y](b.png)")
    write(root, "par_index/30/2023-b.vi.md", facts=FACTS + 'report = "targets"\nreplaces = "Nowhere"\n')
    write(root, "par_index/31/2022.vi.md", facts="")
    jobs = [job_of(root), job_of(root, unit="31"), job_of(root, lang="en"), job_of(root, year=2022)]
    run_ = sort_out(jobs, known)
    assert run_.stale == jobs[1:]
    (outcome,) = run_.refused
    lines = str(outcome.error).splitlines()
    assert [line.strip().partition(" ")[0] for line in lines] == [f"data/narrative/{SUBJECT}:{row}:" for row in (5, 9, 9, 9, 9)]
    assert gist(outcome.error) == "; ".join(line.strip() for line in lines) if outcome.error else False


def test_of_very_many_mistakes_the_first_are_told(root: Path, known: Catalog) -> None:
    write(root, text="## A\n\n" + "".join(map(chr, range(0x4E00, 0x4E64))) + " [a](b.md)")
    found = narrative_checks.check(known)
    assert (len(found), [one.met for one in found if "more" in one.met]) == (31, ["71 more of these"])


def test_one_mistake_is_one_line_and_its_hint(root: Path, known: Catalog) -> None:
    write(root, facts=FACTS + 'report = "province"\nreplaces = "so sánh diểm số"\n')
    (outcome,) = sort_out([job_of(root)], known).refused
    assert str(outcome.error) == f"data/narrative/{SUBJECT}:5: replaces: met 'so sánh diểm số', expected a section of province"
    assert outcome.error
    assert outcome.error.hint == "did you mean 'So sánh điểm số'?"


def test_another_indexs_words_stop_no_report(root: Path, known: Catalog) -> None:
    write(root, "sipas/999/2023.vi.md")
    assert sort_out([job_of(root)], known).refused == []


@pytest.mark.parametrize("level", ["file", "unit", "index"])
def test_links_are_never_followed(root: Path, known: Catalog, tmp_path_factory: pytest.TempPathFactory, level: str) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    secret = write(elsewhere, text="## A\n\nsecret")
    link = root / "data" / "narrative" / SUBJECT
    place, target = {"file": (link, secret), "unit": (link.parent, secret.parent), "index": (link.parent.parent, secret.parent.parent)}[level]
    place.parent.mkdir(parents=True)
    place.symlink_to(target)
    assert any("a link" in one.met for one in narrative_checks.check(known))
    with pytest.raises(DataError, match="a link"):
        narratives.add(executed(), job_of(root))


@pytest.mark.parametrize("name", ["narrative/../raw/30/2023/vi/province", "narrative/par_index/../2023/vi/province", "narrative/par_index/30"])
def test_a_name_that_leads_elsewhere_is_no_slice(known: Catalog, name: str) -> None:
    assert reads.fingerprint(name, known) == ""


def test_par_check_tells_and_fails(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, facts="date = 2024-03-01\n")
    monkeypatch.setenv("PAR_ROOT", str(root))
    monkeypatch.setattr(dataset, "check", list)
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 1
    assert "par_index/30/2023.vi.md" in done.output
    assert "author" in done.output


def test_par_build_tells_every_mistake_in_a_line_and_makes_nothing_of_its_reports(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, facts='author = "A"\ndate = 2024-02-31\n')
    write(root, "par_index/31/2023.vi.md", text="## A\n\n中")
    write(root, "par_index/01/2023.vi.md", facts="")
    (tmp_path / NOTES).mkdir()  # so that no process is forked ahead
    monkeypatch.setenv("PAR_ROOT", str(root))
    done = CliRunner().invoke(main, ["build", "province", "--unit", "30,31", "--year", "2023", "--out", str(tmp_path)])
    assert [line for line in done.output.splitlines() if "data/narrative" in line] == [
        f"par: province par_index 2023 30 vi: data/narrative/{SUBJECT}:3: date: met '2024-02-31', expected a day that there is: 2024-03-01",
        "par: province par_index 2023 31 vi: data/narrative/par_index/31/2023.vi.md:7: no glyph for '中' (U+4E2D CJK UNIFIED IDEOGRAPH-4E2D)",
    ]
    assert done.output.splitlines()[-1] == f"0 reports of 2 made in {tmp_path.as_posix()}/, 2 failed"
    assert (done.exit_code, {path.name for path in tmp_path.iterdir()}) == (1, {NOTES, "run.json"})


# ---------------------------------------------------------------- which reports they make stale


def test_words_change_the_slices_of_their_reports_alone(root: Path) -> None:
    names = [f"narrative/{index}/{unit}/{year}/{lang}/{report}" for index in ("par_index", "sipas") for unit in ("30", "31") for year in (2022, 2023) for lang in ("vi", "en")
             for report in ("province", "targets")]  # fmt: skip
    path = write(root, facts=FACTS + 'report = "province"\n')
    before = {name: reads.fingerprint(name, Catalog(root)) for name in names}
    path.write_text(path.read_text(encoding="utf-8") + "more", encoding="utf-8")
    after = {name: reads.fingerprint(name, Catalog(root)) for name in names}
    assert {name for name in names if before[name] != after[name]} == {"narrative/par_index/30/2023/vi/province"}
    assert {name for name in names if after[name] != NO_ROWS} == {"narrative/par_index/30/2023/vi/province"}


def toy(root: Path) -> list[Job]:
    """Jobs for two units of a report type with two sections."""
    cells = [new_markdown_cell("# Toy"), new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), new_code_cell(COVER.strip())]
    cells += [new_markdown_cell("## One"), new_code_cell(CHANGE.strip()), new_markdown_cell("## Two"), new_code_cell(CHANGE.replace("4,32", "5,43").strip())]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    path = root / "notebooks" / "toy.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    return [replace(job, formats=("html", "docx", "xlsx")) for job in jobs_of(read_contract(path), make_known(root), root / "out", unit=["30", "31"])]


def shown(job: Job) -> list[Any]:
    return [row["shown"] for row in numbers.read((job.folder / "numbers.csv").read_bytes())]


def test_a_report_is_made_with_its_words_and_stale_when_they_change(tmp_path: Path) -> None:
    path = write(tmp_path, facts=FACTS + 'report = "toy"\nreplaces = "One"\n', text="Own text.")
    jobs = toy(tmp_path)
    done = run(jobs)
    assert [outcome.error for outcome in done.values()] == [None, None]
    for outcome in done.values():
        cache.store(outcome.job, outcome.made)
    assert (shown(jobs[0]), shown(jobs[1])) == (["87,84", "+5,43"], ["87,84", "+4,32", "+5,43"])
    assert all("Own text." in read_text(jobs[0].folder / jobs[0].file(kind)) for kind in ("html", "docx"))
    assert "+5,43" in read_text(jobs[0].folder / jobs[0].file("xlsx"))
    manifest = json.loads((jobs[0].folder / "manifest.json").read_bytes())
    assert manifest["reads"]["narrative/par_index/30/2023/vi/toy"] == reads.fingerprint("narrative/par_index/30/2023/vi/toy", Catalog(tmp_path))
    assert [list(cache.changes(job, Catalog(tmp_path))) for job in jobs] == [[], []]
    (jobs[1].folder / jobs[1].file("docx")).unlink()
    path.unlink()
    assert [list(cache.changes(job, Catalog(tmp_path))) for job in jobs] == [["data/narrative/par_index/30/2023.vi.md is gone"], [f"{jobs[1].file('docx')} is missing"]]


@pytest.mark.parametrize("kernels", ["forked", "cold"])
def test_words_are_read_wherever_the_notebook_runs(tmp_path: Path, kernels: Any) -> None:
    write(tmp_path, facts=FACTS + 'report = "toy"\nreplaces = "One"\n', text="Own text.")
    job = replace(toy(tmp_path)[0], formats=("html",))
    (outcome,) = run([job], kernels=kernels).values()
    assert outcome.error is None
    assert shown(job) == ["87,84", "+5,43"]
    assert outcome.made.reads["narrative/par_index/30/2023/vi/toy"] == reads.fingerprint("narrative/par_index/30/2023/vi/toy", Catalog(tmp_path))


def test_the_files_that_changed_are_named(root: Path, known: Catalog) -> None:
    write(root)
    write(root, "par_index/30/2023-b.vi.md")
    name = filed.slice_of(job_of(root).identity)
    before = filed.narratives_of(known, name)[1]
    assert filed.changed(known, name, NO_ROWS) == [f"data/narrative/par_index/30/{file} is new" for file in ("2023-b.vi.md", "2023.vi.md")]
    write(root, text="## Other")
    (root / "data/narrative/par_index/30/2023-b.vi.md").unlink()
    write(root, "par_index/30/2023-c.vi.md", facts=FACTS + 'report = "targets"\n')
    assert filed.changed(known, name, before) == ["data/narrative/par_index/30/2023-b.vi.md is gone", f"data/narrative/{SUBJECT} has changed"]
    write(root, facts="date = 2024-03-01\n")
    assert filed.changed(known, name, before) == [f"data/narrative/{SUBJECT}: author: met 'nothing', expected a text of at most 200 visible letters on one line"]


def test_words_travel_to_a_cluster(tmp_path: Path) -> None:
    write(tmp_path)
    manifest, _ = inputs.gather(tmp_path, toy(tmp_path))
    assert f"root/data/narrative/{SUBJECT}" in manifest


def test_the_year_and_unit_of_a_slice_are_those_of_the_report() -> None:
    assert filed.slice_of({"report": "data_quality", "index": "papi", "unit": "VN", "lang": "en"}) == "narrative/papi/VN/all-years/en/data_quality"
