"""``par scorecard new`` and ``par add scorecard``: a workbook that can be filled in, and an edition for each unit's year."""

from __future__ import annotations

import datetime
import os
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from par_analysis import catalog, cli, dataset
from par_analysis.catalog import Catalog
from par_analysis.errors import DataError, ParError, RequestError, UnknownName
from par_analysis.run import add as adding
from par_analysis.run import scorecards as cards
from par_analysis.run.add import Added
from par_analysis.run.scorecard_book import FIRST, WIDTHS, Form, Part, workbook
from par_analysis.show.language import Words
from tests import tables
from tests.scorecards import Change, blank, filled, put

TODAY = datetime.date(2024, 2, 5)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tables.checkout(tmp_path / "checkout")
    monkeypatch.setenv("PAR_ROOT", str(folder))
    return folder


@pytest.fixture
def unchanged(root: Path) -> Iterator[None]:
    before = tables.everything(root)
    yield
    assert tables.everything(root) == before


def par(*words: object) -> Result:
    catalog._load.cache_clear()
    return CliRunner().invoke(cli.main, list(map(str, words)), prog_name="par")


def add(root: Path, file: Path, edition: str = "2023-hai-duong", **asked: Any) -> Added:
    return adding.add(adding.Request("scorecard", file, edition, **asked), Catalog(root), today=TODAY)


# ---------------------------------------------------------------- the workbook


def test_the_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    first, other = blank(folder=tmp_path).read_bytes(), blank(folder=tmp_path).read_bytes()
    assert first == other
    with zipfile.ZipFile(blank(folder=tmp_path)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b">2000-01-01T00:00:00Z<") == 2


@pytest.mark.parametrize(("lang", "sheets", "facts"), [
    ("vi", ["Bảng chấm điểm", "Đơn vị chủ trì", "Hướng dẫn"], ["PAR INDEX", "Hải Dương", 2023]),
    ("en", ["Scorecard", "Owners", "Instructions"], ["PAR INDEX", "Hai Duong", 2023]),
])  # fmt: skip
def test_it_is_written_in_the_language_asked_for(tmp_path: Path, lang: Any, sheets: list[str], facts: list[object]) -> None:
    book = openpyxl.load_workbook(blank(lang, folder=tmp_path))
    assert book.sheetnames == sheets
    sheet = book.worksheets[0]
    assert [sheet[f"B{row}"].value for row in (2, 3, 4)] == facts
    assert book.worksheets[2].max_row == 10


def test_what_is_known_of_the_method_is_filled_in_and_nothing_else(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(blank("en", folder=tmp_path)).worksheets[0]
    rows = [(sheet[f"A{row}"].value, sheet[f"C{row}"].value) for row in range(FIRST, sheet.max_row + 1) if sheet[f"A{row}"].value]
    assert rows == [("1", None), ("2", 10), ("3", 13), ("4", 10.5), ("5", None), ("6", None), ("7", None), ("8", None)]
    assert sheet[f"B{FIRST}"].value == "Steering and management of reform"


def test_as_many_rows_are_left_blank_as_a_domain_has_criteria_where_that_is_known(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(blank("en", folder=tmp_path, year=2019)).worksheets[0]
    places = [row for row in range(FIRST, sheet.max_row + 1) if sheet[f"A{row}"].value in {"1", "2", "3"}]
    assert [after - before - 1 for before, after in pairwise(places)] == [8, 10]  # 6 criteria and 2 sub-criteria, 4 and 6


def test_a_year_whose_method_is_not_known_has_blank_rows_only(tmp_path: Path) -> None:
    written = cards.new(cards.Request(tmp_path / "x.xlsx", "par_index", "Hải Phòng", 2026), catalog.load())
    assert (written.named, written.blank) == (0, cards.MOST_ROWS)


def test_criteria_that_are_known_one_by_one_have_rows(tmp_path: Path) -> None:
    written = cards.new(cards.Request(tmp_path / "x.xlsx", "PAPI", "30", 2023, "en"), catalog.load())
    method = catalog.load().framework("papi", 2023)
    assert method is not None
    assert (written.named, written.blank) == (len(method.domains) + len(method.criteria_codes), 0)


def test_a_cell_says_what_it_may_hold(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(blank(folder=tmp_path)).worksheets[0]
    rules = {str(rule.sqref).partition(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert (rules["D7"].type, rules["D7"].formula1, rules["D7"].formula2) == ("decimal", "0", "$C7")
    assert str(rules["D7"].sqref).startswith("D7:F")
    assert (rules["G7"].type, rules["G7"].formula1, rules["G7"].errorStyle) == ("list", "'Đơn vị chủ trì'!$A$2:$A$61", "warning")
    assert (rules["H7"].type, rules["I7"].formula1, rules["J7"].type) == ("date", '"x"', "whole")
    assert all(rule.error and rule.allow_blank for rule in rules.values())
    assert sheet.freeze_panes == "C7"
    assert sheet["A8"].number_format == "@"


def test_headings_are_protected_on_request_and_what_is_to_be_filled_in_is_not(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(blank(folder=tmp_path, is_protected=True)).worksheets[0]
    assert sheet.protection.sheet
    assert (sheet["A6"].protection.locked, sheet["B7"].protection.locked, sheet["B8"].protection.locked, sheet["D7"].protection.locked) == (True, True, False, False)
    assert not openpyxl.load_workbook(blank(folder=tmp_path)).worksheets[0].protection.sheet


def test_a_text_that_begins_like_a_formula_is_written_as_text(tmp_path: Path) -> None:
    headings = dict.fromkeys([*WIDTHS, "index", "unit", "year"], "=1+1")
    form = Form(Words("en"), headings, {"index": "@x", "unit": "+1", "year": 2023}, [Part("1", '=HYPERLINK("x")'), Part("2", "-1")], high=100)
    file = tmp_path / "x.xlsx"
    file.write_bytes(workbook(form))
    cells = [cell for sheet in openpyxl.load_workbook(file).worksheets for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    risky = [cell for cell in cells if cell.value[0] in "=+-@"]
    assert len(risky) >= 16
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in risky)
    assert not any(cell.data_type == "f" for cell in cells)


# ---------------------------------------------------------------- the command


def test_the_command_says_what_was_written_and_what_comes_next(root: Path, tmp_path: Path) -> None:
    done = par("scorecard", "new", tmp_path / "bang.xlsx", "--unit", "hai duong", "--year", "2023")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "bang.xlsx: 8 parts of the index, 96 blank rows; when filled in: par add scorecard FILE --edition 2023-hai-duong\n"


def test_a_file_that_is_there_is_not_replaced_unless_that_is_asked_for(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "bang.xlsx"
    file.write_text("mine", encoding="utf-8")
    done = par("scorecard", "new", file, "--unit", "30", "--year", "2023")
    assert (done.exit_code, file.read_text(encoding="utf-8")) == (2, "mine")
    assert done.stderr == "par: bang.xlsx is there already\n     --force replaces it\n"
    assert par("scorecard", "new", file, "--unit", "30", "--year", "2023", "--force").exit_code == 0
    assert zipfile.is_zipfile(file)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ""] == ["bang.xlsx"]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"file": Path("bang.xls")}, RequestError),
        ({"file": Path("bang")}, RequestError),
        ({"unit": "Hải Hậu"}, UnknownName),
        ({"unit": "R1"}, RequestError),
        ({"unit": "30", "year": 2026}, RequestError),
        ({"index": "par_indx"}, UnknownName),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any], error: type[ParError]) -> None:
    monkeypatch.chdir(tmp_path)
    facts: dict[str, Any] = {"file": Path("bang.xlsx"), "index": "par_index", "unit": "30", "year": 2023, **asked}
    with pytest.raises(error):
        cards.new(cards.Request(**facts), catalog.load())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="folders without a right to write are POSIX's")
def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ParError, match=r"x\.xlsx: cannot be written"):
        cards.new(cards.Request(tmp_path / "no such folder" / "x.xlsx", "par_index", "30", 2023), catalog.load())
    (tmp_path / "x.xlsx").mkdir()
    with pytest.raises(RequestError, match="is there already"):
        cards.new(cards.Request(tmp_path / "x.xlsx", "par_index", "30", 2023), catalog.load(), force=True)


# ---------------------------------------------------------------- par add scorecard


def test_a_filled_scorecard_becomes_an_edition(root: Path, tmp_path: Path) -> None:
    file = filled(tmp_path)
    done = par("add", "scorecard", file, "--edition", "2023-hai-duong")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "scorecard/2023-hai-duong: 16 rows, 38 figures; now: par build improvement --index par_index --year 2023 --unit 30\n"
    folder = root / "data" / "raw" / "scorecard" / "2023-hai-duong"
    assert sorted(path.name for path in folder.iterdir()) == ["2023-hai-duong.xlsx", "edition.toml"]
    assert (folder / "2023-hai-duong.xlsx").read_bytes() == file.read_bytes()
    assert [finding for finding in dataset.check(Catalog(root)) if finding.source.startswith("scorecard")] == []


def test_what_a_province_says_of_itself_changes_nothing_that_was_published(root: Path, tmp_path: Path) -> None:
    before = {code: dataset.load(code, known=Catalog(root)) for code in ("par_index", "sipas")}
    add(root, filled(tmp_path))
    after = {code: dataset.load(code, known=Catalog(root)) for code in before}
    for code, data in before.items():
        assert after[code].panel.equals(data.panel)
        assert after[code].findings == data.findings
        assert dataset.data_hash(code, Catalog(root)) == dataset.data_hash(code, data.known)


@pytest.mark.usefixtures("unchanged")
def test_nothing_is_written_while_an_error_is_found_and_all_are_told(root: Path, tmp_path: Path) -> None:
    def change(book: Any) -> None:
        put("1.1", "score", 3)(book)
        put("2", "deadline", "soon")(book)

    done = par("add", "scorecard", filled(tmp_path, change=change), "--edition", "2023-hai-duong")
    assert done.exit_code == 1
    assert "Bảng chấm điểm!E8" in done.stdout
    assert "above the maximum" in done.stdout
    assert "not a date" in done.stdout
    assert "2 errors" in done.stderr


def test_a_unit_has_one_scorecard_a_year(root: Path, tmp_path: Path) -> None:
    assert add(root, filled(tmp_path)).status == "added"
    later = filled(tmp_path, change=put("1.1", "score", 2.5))
    refused = add(root, later, "2023-again")
    (found,) = (finding for finding in refused.findings if finding.severity == "error")
    assert (refused.status, found.rule, found.met) == ("refused", "same scorecard", "30 2023")
    assert found.hint == "put it in its place: --edition 2023-hai-duong --replace"
    assert add(root, later, replace=True).status == "added"
    assert dataset.view("improvement", index="par_index", year=2023, unit="30", lang="en", known=Catalog(root)).scorecard.panel["value"].max() > 0
    assert add(root, filled(tmp_path, unit="31", change=lambda _: None), "2023-hai-phong").status == "added"


def test_the_view_gives_the_scorecard_with_who_and_until_when(root: Path, tmp_path: Path) -> None:
    add(root, filled(tmp_path))
    view = dataset.view("improvement", index="par_index", year=2023, unit="30", lang="en", known=Catalog(root))
    card = view.scorecard
    assert (card.source, card.received, len(card.lines)) == ("scorecard/2023-hai-duong", "2024-02-05", 16)
    assert set(card.panel["index"]) == {"par_index"}
    assert card.tree["total"] == tuple(f"domain:{number}" for number in range(1, 9))
    assert card.tree["criterion:3.1@qd-876-2022"] == ("criterion:3.1.1@qd-876-2022", "criterion:3.1.2@qd-876-2022")
    assert card.owners["criterion:1.1@qd-876-2022"] == "Sở Nội vụ"  # the domain's
    assert card.owners["criterion:1.2@qd-876-2022"] == "Thanh tra tỉnh"
    assert card.deadlines["criterion:1.2@qd-876-2022"] == "2024-03-31"
    assert card.months["domain:2"] == "2024-06"
    assert card.locked == ("criterion:7.2@qd-876-2022",)
    assert card.efforts == {"criterion:3.2@qd-876-2022": 2.0}
    assert card.words.node("criterion:3.1.1@qd-876-2022") == "3.1.1. Rà soát, đánh giá thủ tục hành chính"
    assert not dataset.view("improvement", index="par_index", year=2023, unit="31", lang="en", known=Catalog(root)).scorecard.is_there


def test_a_whole_whose_parts_have_no_points_is_not_parted(root: Path, tmp_path: Path) -> None:
    def change(book: Any) -> None:
        put("1", "score", 8)(book)
        for code in ("1.1", "1.2"):
            put(code, "score", None)(book)
            put(code, "self_score", None)(book)

    add(root, filled(tmp_path, change=change))
    card = dataset.view("improvement", index="par_index", year=2023, unit="30", lang="en", known=Catalog(root)).scorecard
    assert "domain:1" in card.leaves
    assert "domain:1" not in card.tree


def test_a_year_with_a_scorecard_alone_can_be_asked_for(root: Path, tmp_path: Path) -> None:
    assert 2026 not in dataset.load("par_index", known=Catalog(root)).years
    parts = (("1", {"maximum": 100}), ("1.1", {"name": "Kế hoạch", "maximum": 100, "self_score": 90}))
    assert add(root, filled(tmp_path, unit="31", year=2026, parts=parts), "2026-hai-phong").status == "added"
    assert dataset.scorecard_years(Catalog(root), "par_index") == [2026]
    catalog._load.cache_clear()
    from par_analysis.run.known import known

    assert 2026 in known().years("par_index")


def test_a_scorecard_that_was_edited_afterwards_is_an_error_of_its_own_report(root: Path, tmp_path: Path) -> None:
    add(root, filled(tmp_path))
    (root / "data" / "raw" / "scorecard" / "2023-hai-duong" / "2023-hai-duong.xlsx").write_bytes(filled(tmp_path, change=put("1.1", "score", 1)).read_bytes())
    known = Catalog(root)
    dataset.view("province", index="par_index", year=2023, unit="30", lang="en", known=known)
    with pytest.raises(DataError, match="sha256"):
        _ = dataset.view("improvement", index="par_index", year=2023, unit="30", lang="en", known=known).scorecard


def test_what_the_spreadsheet_changed_is_met(root: Path, tmp_path: Path) -> None:
    change: Change = put("1.1", "code", 1.1)
    done = add(root, filled(tmp_path, change=change))
    assert [finding.rule for finding in done.findings if finding.severity == "error"] == ["a code that is a number"]
