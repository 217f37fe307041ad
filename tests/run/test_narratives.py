"""Words of one's own: where their files lie, what they may say, where they come to stand, and which reports they make stale."""

from __future__ import annotations

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
from par_analysis.dataset.slices import NO_ROWS
from par_analysis.errors import DataError, RequestError
from par_analysis.render.document import read_notebook
from par_analysis.render.readback import read_text
from par_analysis.run import cache, inputs, narratives, numbers
from par_analysis.run.contract import read_contract
from par_analysis.run.plan import Job
from par_analysis.run.run import sort_out
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
    with pytest.raises(RequestError, match=r"2023\.vi\.md: replaces 'Nguôn': the report has no such section") as error:
        narratives.add(executed(), job_of(root))
    assert error.value.hint == "did you mean 'Nguồn'?"


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
    assert (f"narrative/{SUBJECT}", column) in [(one.file, one.column) for one in narratives.check(known)]


def test_a_sound_file_passes_the_check(root: Path, known: Catalog) -> None:
    write(root, facts=FACTS + 'report = "province"\nreplaces = "So sánh điểm số"\n')
    write(root, "par_index/VN/2023.en.md", facts=FACTS + 'report = "national"\nplace = "What is missing"\n')
    write(root, "par_index/VN/all-years.vi.md", facts=FACTS + 'report = "data_quality"\n')
    write(root, "README.md")
    assert narratives.check(known) == []


@pytest.mark.parametrize("facts", ["date = 2024-03-01\n", 'author = "A"\ndate = 2024-03-01\nplace = "Nguồn"\n'])
def test_a_file_that_is_wrong_stops_its_report(root: Path, facts: str) -> None:
    write(root, facts=facts)
    with pytest.raises(DataError, match=r"narrative/par_index/30/2023\.vi\.md"):
        narratives.add(executed(), job_of(root))
    assert narratives.add(executed(), job_of(root, unit="31"))


def test_a_file_without_facts_is_told_how_to_begin(root: Path, known: Catalog) -> None:
    path = write(root)
    path.write_text("---\nauthor: A\n---\n## A\n", encoding="utf-8")
    (finding,) = narratives.check(known)
    assert (finding.met, finding.expected) == ("---", "facts between two lines of +++ at the beginning")


# ---------------------------------------------------------------- where files may lie


@pytest.mark.parametrize(
    ("place", "hint"),
    [
        ("par_indx/30/2023.vi.md", "did you mean par_index?"),
        ("par_index/hai-duong/2023.vi.md", "the folder is called by the unit's code: 30"),
        ("par_index/999/2023.vi.md", "par list units"),
        ("par_index/R1/2023.vi.md", ""),
        ("par_index/30/2203.vi.md", "par list years"),
        ("par_index/30/2023.fr.md", ""),
        ("par_index/30/2023.md", ""),
        ("par_index/30/2023.vi.txt", ""),
        ("par_index/2023.vi.md", ""),
        ("2023.vi.md", ""),
    ],
)
def test_what_belongs_to_nothing_stops_every_report_of_its_index(root: Path, known: Catalog, place: str, hint: str) -> None:
    write(root, place)
    assert narratives.check(known)
    with pytest.raises(DataError, match="narrative/") as error:
        sort_out([job_of(root)], known)
    assert hint in error.value.findings[0].hint


def test_another_indexs_words_stop_no_report(root: Path, known: Catalog) -> None:
    write(root, "sipas/999/2023.vi.md")
    narratives.require_placed([job_of(root)], known)


@pytest.mark.parametrize("level", ["file", "unit", "index"])
def test_links_are_never_followed(root: Path, known: Catalog, tmp_path_factory: pytest.TempPathFactory, level: str) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    secret = write(elsewhere, text="## A\n\nsecret")
    link = root / "data" / "narrative" / SUBJECT
    place, target = {"file": (link, secret), "unit": (link.parent, secret.parent), "index": (link.parent.parent, secret.parent.parent)}[level]
    place.parent.mkdir(parents=True)
    place.symlink_to(target)
    assert any("a link" in one.met for one in narratives.check(known))
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
    assert [list(cache.changes(job, Catalog(tmp_path))) for job in jobs] == [["data: narrative/par_index/30/2023/vi/toy has changed"], [f"{jobs[1].file('docx')} is missing"]]


@pytest.mark.parametrize("kernels", ["forked", "cold"])
def test_words_are_read_wherever_the_notebook_runs(tmp_path: Path, kernels: Any) -> None:
    write(tmp_path, facts=FACTS + 'report = "toy"\nreplaces = "One"\n', text="Own text.")
    job = replace(toy(tmp_path)[0], formats=("html",))
    (outcome,) = run([job], kernels=kernels).values()
    assert outcome.error is None
    assert shown(job) == ["87,84", "+5,43"]
    assert outcome.made.reads["narrative/par_index/30/2023/vi/toy"] == reads.fingerprint("narrative/par_index/30/2023/vi/toy", Catalog(tmp_path))


def test_words_travel_to_a_cluster(tmp_path: Path) -> None:
    write(tmp_path)
    manifest, _ = inputs.gather(tmp_path, toy(tmp_path))
    assert f"root/data/narrative/{SUBJECT}" in manifest


def test_the_year_and_unit_of_a_slice_are_those_of_the_report() -> None:
    assert filed.slice_of({"report": "data_quality", "index": "papi", "unit": "VN", "lang": "en"}) == "narrative/papi/VN/all-years/en/data_quality"
