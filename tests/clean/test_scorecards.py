"""Scorecards as they come back: filled in, changed, spoiled, made to do harm. Each gets its figures, or one list of all findings with sheet, row and column."""

from __future__ import annotations

import datetime
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from par_analysis import catalog, dataset
from par_analysis.clean import READERS, Reading
from par_analysis.clean.scorecard_checks import children_of
from par_analysis.clean.scorecards import texts_of
from par_analysis.errors import Finding
from tests import scorecards, workbooks
from tests.scorecards import Change, filled, put, row_of

Read = Callable[..., Reading]


def reading_of() -> Reading:
    known = catalog.load()
    return Reading(
        dataset.resolve_unit,
        known.indices,
        "scorecard/test",
        "scorecard/test/test.xlsx",
        framework=known.framework,
        provinces=lambda on: [unit.code for unit in known.provinces(on)],
        layout=known.source("scorecard").layout,
        address="scorecard/test",
    )


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_filled(change: Change = lambda _: None, **asked: Any) -> Reading:
        reading = reading_of()
        READERS["scorecard"](filled(tmp_path, change=change, **asked), reading)
        return reading

    return read_filled


def told(reading: Reading) -> list[tuple[str, str, str]]:
    """Severity, rule and address of all findings."""
    return [(finding.severity, finding.rule, finding.column) for finding in reading.findings]


def only(reading: Reading) -> Finding:
    (found,) = reading.findings
    return found


def value_of(reading: Reading, node: str, measure: str) -> Any:
    return next(claim["value"] for claim in reading.claims if (claim["node"], claim["measure"]) == (node, measure))


# ---------------------------------------------------------------- what is read


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_scorecard_that_was_filled_in_is_read_without_a_finding(read: Read, lang: str) -> None:
    reading = read(lang=lang)
    assert reading.findings == []
    assert {(claim["index"], claim["unit"], claim["year"], claim["source"]) for claim in reading.claims} == {("scorecard:par_index", "30", 2023, "scorecard/test")}
    assert reading.length == len(scorecards.PARTS)


def test_a_criterion_is_keyed_by_its_code_and_its_decision(read: Read) -> None:
    reading = read()
    own = {claim["measure"]: claim for claim in reading.claims if claim["node"] == "criterion:3.1.2@qd-876-2022"}
    assert {measure: (claim["value"], claim["out_of"], claim["unit_of_measure"]) for measure, claim in own.items()} == {
        "maximum": (2, 2, "points"), "self_score": (1.5, 2, "points"), "score": (2, 2, "points")
    }  # fmt: skip
    assert value_of(reading, "domain:8", "survey_score") == 14.75
    assert texts_of(own["maximum"]["note"]) == {"code": "3.1.2", "name": "Công bố, công khai thủ tục hành chính", "owner": "Văn phòng UBND tỉnh", "deadline": "2024-06-30"}
    assert own["score"]["note"] == ""


def test_a_blank_is_no_figure(read: Read) -> None:
    measures = {claim["measure"] for claim in read().claims if claim["node"] == "criterion:3.2@qd-876-2022"}
    assert measures == {"maximum", "self_score"}


def test_a_year_without_a_known_method_is_read_with_codes_of_that_year(read: Read) -> None:
    parts = (("1", {"maximum": 100}), ("1.1", {"name": "a", "maximum": 100, "self_score": 90}))
    reading = read(parts=parts, year=2026, unit="Hải Phòng")
    assert [finding for finding in reading.findings if finding.severity == "error"] == []
    assert {claim["node"] for claim in reading.claims} == {"domain:1", "criterion:1.1@2026"}


def test_the_heading_is_found_wherever_it_stands(read: Read) -> None:
    def move(book: Any) -> None:
        book.worksheets[0].insert_rows(1, 5)
        book.worksheets[0].insert_cols(1, 2)

    assert [(claim["node"], claim["measure"], claim["value"]) for claim in read(move).claims] == [(claim["node"], claim["measure"], claim["value"]) for claim in read().claims]


def test_columns_may_stand_in_another_order_and_some_be_left_out(read: Read) -> None:
    def change(book: Any) -> None:
        sheet = book.worksheets[0]
        sheet.move_range(f"B6:B{sheet.max_row}", cols=15)
        for letter in "IJK":  # locked, effort, note
            for row in range(6, sheet.max_row + 1):
                sheet[f"{letter}{row}"] = None

    reading = read(change)
    assert [finding for finding in reading.findings if finding.severity == "error"] == []
    assert texts_of(next(claim["note"] for claim in reading.claims if claim["node"] == "criterion:1.1@qd-876-2022"))["name"] == "Kế hoạch cải cách hành chính"


def test_codes_are_tidied(read: Read) -> None:
    reading = read(put("1.1", "code", " 1.1. "))
    assert reading.findings == []
    assert value_of(reading, "criterion:1.1@qd-876-2022", "score") == 2.25


def test_names_are_composed_and_in_one_line(read: Read) -> None:
    reading = read(put("1.1", "name", "Ke\u0302\u0301 hoạch\n  năm"))
    assert texts_of(next(claim["note"] for claim in reading.claims if claim["node"] == "criterion:1.1@qd-876-2022"))["name"] == "Kế hoạch năm"


def test_a_row_of_text_without_a_code_is_left_out_with_a_note(read: Read) -> None:
    def change(book: Any) -> None:
        book.worksheets[0][f"B{book.worksheets[0].max_row + 3}"] = "Người lập biểu: …"

    found = only(read(change))
    assert (found.severity, found.rule) == ("note", "left out")


@pytest.mark.parametrize(
    ("codes", "below"),
    [
        (["1", "1.1"], {"": ["1"], "1": ["1.1"]}),
        (["2.1.3", "2.1.4"], {"": ["2"], "2": ["2.1.3", "2.1.4"]}),
        ([], {"": []}),
    ],
)
def test_a_code_stands_below_the_nearest_code_that_is_there(codes: list[str], below: dict[str, list[str]]) -> None:
    assert children_of(codes) == below


# ---------------------------------------------------------------- one thing wrong


@pytest.mark.parametrize(
    ("code", "name", "value", "rule", "met"),
    [
        ("1.1", "self_score", 2.75, "above the maximum", "2.75"),
        ("1.1", "score", -1, "out of bounds", "-1"),
        ("1.1", "score", "2,25", "not a number", "2,25"),
        ("1.1", "score", "hai điểm", "not a number", "hai điểm"),
        ("1.1", "score", True, "not a number", "TRUE"),
        ("1.1", "score", datetime.date(2024, 1, 2), "not a number", "a date or time (2024-01-02 00:00:00)"),
        ("1.1", "score", "=1+1", "a formula without a value", "a formula without a value"),
        ("1.1", "maximum", None, "no maximum", "a blank"),
        ("1.1", "maximum", 0, "out of bounds", "0"),
        ("1.1", "deadline", "30/06/2024", "not a date", "30/06/2024"),
        ("1.1", "deadline", datetime.date(1990, 1, 1), "out of bounds", "1990-01-01"),
        ("1.1", "deadline", "=TODAY()", "a formula without a value", "a formula without a value"),
        ("1.1", "locked", "maybe", "not a mark", "maybe"),
        ("1.1", "effort", 9, "out of bounds", "9"),
        ("1.1", "effort", "much", "not a number", "much"),
        ("1.1", "owner", "'=cmd|' /C calc'!A0", "a formula as text", "'=cmd|' /C calc'!A0"),
        ("1.1", "owner", "+84 123", "a formula as text", "+84 123"),
        ("1.1", "owner", "@SUM(A1)", "a formula as text", "@SUM(A1)"),
        ("1.1", "owner", "=HYPERLINK(\"https://example.org\")", "a formula without a value", "a formula without a value"),
        ("1.1", "owner", "So\u202e Nội vụ", "control character", "So\u202e Nội vụ"),
        ("1.1", "name", "x" * 501, "too long", "x" * 60 + "…"),
        ("1.1", "name", datetime.date(2024, 1, 2), "not a text", "a date or time (2024-01-02 00:00:00)"),
        ("1.1", "code", "9.1", "unknown domain", "9.1"),
        ("1.1", "code", 1.1, "a code that is a number", "1.1"),
        ("1.1", "code", "I.1", "not a code", "I.1"),
        ("1.1", "code", None, "no code", "a blank"),
        ("1.1", "code", "1.2", "duplicate key", "1.2"),
        ("8", "score", 5, "above the maximum", "19.75, verified and from the survey together"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_cell_is_said_with_its_address_and_what_was_met(read: Read, code: str, name: str, value: object, rule: str, met: str) -> None:
    rows: list[int] = []

    def change(book: Any) -> None:
        rows.append(row_of(book, code))
        put(code, name, value)(book)

    reading = read(change)
    (found,) = (finding for finding in reading.findings if finding.severity == "error")
    assert (found.rule, found.met) == (rule, met)
    assert found.expected
    if rule not in {"duplicate key", "above the maximum"}:
        letter = scorecards.LETTERS[name]
        assert (found.row, found.column) == (rows[0], f"Bảng chấm điểm!{letter}{rows[0]}")


def test_an_owner_that_begins_like_a_formula_is_refused_also_where_the_cell_holds_a_text(read: Read) -> None:
    def change(book: Any) -> None:
        cell = book.worksheets[0][f"{scorecards.LETTERS['owner']}{row_of(book, '1.1')}"]
        cell.value, cell.data_type = "=1+1", "s"

    found = only(read(change))
    assert (found.severity, found.rule, found.met) == ("error", "a formula as text", "=1+1")


def test_every_finding_is_listed_at_once(read: Read) -> None:
    def change(book: Any) -> None:
        for code, name, value in (("1.1", "score", 3), ("2", "deadline", "soon"), ("3.1.1", "self_score", "1,0"), ("4", "code", "4x"), ("7.1", "code", "1.2")):
            put(code, name, value)(book)

    assert sorted(rule for severity, rule, _ in told(read(change)) if severity == "error") == ["above the maximum", "duplicate key", "not a code", "not a date", "not a number"]


@pytest.mark.parametrize(("fact", "place", "value"), [("index", "B2", "PAR"), ("unit", "B3", "Hải Hậu"), ("year", "B4", "năm 2023"), ("unit", "B3", None), ("year", "B4", None)])
def test_what_the_sheet_is_about_has_to_be_known(read: Read, fact: str, place: str, value: object) -> None:
    reading = read(lambda book: workbooks.cell(book.worksheets[0], place, value))
    assert [finding.severity for finding in reading.findings] == ["error"]
    assert reading.claims == []


def test_a_province_that_was_merged_has_no_scorecard_afterwards(read: Read) -> None:
    reading = read(lambda book: workbooks.cell(book.worksheets[0], "B4", 2026))
    assert [finding.rule for finding in reading.findings if finding.severity == "error"] == ["unknown name"]


# ---------------------------------------------------------------- the sheet as a whole


def test_a_heading_that_is_missing_or_changed_is_said(read: Read) -> None:
    found = only(read(lambda book: workbooks.cell(book.worksheets[0], "D6", "Điểm")))
    assert (found.severity, found.rule, found.expected) == ("error", "missing column", "a row with the headings of a scorecard; it lacks Điểm tự chấm or Self-score")
    assert found.met.startswith("mã số | tiêu chí | điểm tối đa | điểm | ")


def test_a_heading_that_stands_twice_is_said(read: Read) -> None:
    found = only(read(lambda book: workbooks.cell(book.worksheets[0], "M6", "Điểm thẩm định")))
    assert (found.rule, found.met) == ("heading", "columns E and M")


def test_another_column_is_not_read_and_noted(read: Read) -> None:
    def change(book: Any) -> None:
        book.worksheets[0]["M6"], book.worksheets[0]["M7"] = "Tài liệu kiểm chứng", "QĐ 12"

    found = only(read(change))
    assert (found.severity, found.rule, found.column, found.met) == ("note", "extra column", "Bảng chấm điểm!M", "tài liệu kiểm chứng")


def test_hidden_rows_and_columns_are_read_with_a_warning(read: Read) -> None:
    def change(book: Any) -> None:
        book.worksheets[0].row_dimensions[row_of(book, "1.1")].hidden = True
        book.worksheets[0].column_dimensions["E"].hidden = True

    reading = read(change)
    assert [(severity, rule) for severity, rule, _ in told(reading)] == [("warning", "hidden rows"), ("warning", "hidden column")]
    assert value_of(reading, "criterion:1.1@qd-876-2022", "score") == 2.25


def test_merged_cells_in_the_table_are_said(read: Read) -> None:
    reading = read(lambda book: book.worksheets[0].merge_cells(f"G{row_of(book, '5')}:G{row_of(book, '6')}"))
    assert [(severity, rule) for severity, rule, _ in told(reading)] == [("warning", "merged cells")]


def test_an_owner_that_is_not_on_the_list_is_a_warning_with_the_nearest_name(read: Read) -> None:
    found = only(read(put("1.2", "owner", "Thanh tra tinh")))
    assert (found.severity, found.rule, found.hint) == ("warning", "unknown owner", "did you mean thanh tra tỉnh?")


def test_maxima_that_are_not_the_whole_scale_are_a_warning(read: Read) -> None:
    found = only(read(put("6", "maximum", 14)))
    assert (found.severity, found.rule, found.column, found.met) == ("warning", "sum of maxima", "Bảng chấm điểm!C", "102")


def test_parts_that_do_not_add_up_are_a_warning(read: Read) -> None:
    found = only(read(put("1", "score", 9)))
    assert (found.severity, found.rule, found.met) == ("warning", "parts against total", "9, where the rows below it have 7.75")


def test_a_criterion_without_a_maximum_and_points_is_left_aside_with_a_warning(read: Read) -> None:
    reading = read(parts=(*scorecards.PARTS, ("6.1", {"name": "Chưa rõ"})))
    assert [(severity, rule) for severity, rule, _ in told(reading)] == [("warning", "no maximum")]


def test_a_scorecard_that_nobody_filled_in_is_no_scorecard(read: Read) -> None:
    reading = read(parts=())
    assert [rule for severity, rule, _ in told(reading) if severity == "error"] == ["no points"]


def test_a_table_without_rows_is_said(read: Read) -> None:
    def change(book: Any) -> None:
        book.worksheets[0].delete_rows(7, 400)

    assert [rule for severity, rule, _ in told(read(change, parts=())) if severity == "error"] == ["no rows"]


def test_two_tables_are_one_too_many(read: Read) -> None:
    found = only(read(lambda book: book.copy_worksheet(book.worksheets[0])))
    assert (found.severity, found.rule) == ("error", "several tables")


def test_what_is_no_scorecard_is_refused_in_one_finding(tmp_path: Path) -> None:
    for content in (b"", b"a,b\n1,2\n", b"PK\x03\x04 nothing", workbooks.archive(word__document_xml=b"<w/>")):
        reading = reading_of()
        READERS["scorecard"](workbooks.put(tmp_path / "file.xlsx", content), reading)
        assert [finding.severity for finding in reading.findings] == ["error"]
    reading = reading_of()
    READERS["scorecard"](workbooks.put(tmp_path / "file.xlsx", workbooks.table()), reading)
    assert only(reading).rule == "missing column"


def test_a_workbook_made_to_grow_is_refused(tmp_path: Path) -> None:
    content = filled(tmp_path).read_bytes()
    reading = reading_of()
    READERS["scorecard"](workbooks.put(tmp_path / "bomb.xlsx", workbooks.declaring(content, 2**30)), reading)
    assert only(reading).rule == "too large"


def test_a_formula_with_its_value_is_read_as_the_value(tmp_path: Path) -> None:
    """What a spreadsheet program stores beside a formula, written into the file by hand."""
    file = filled(tmp_path)
    with zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    row = row_of(load_workbook(file), "1.1")
    start = sheet.index(f'<c r="E{row}"')
    end = sheet.index("</c>", start)
    changed = sheet[:start] + sheet[start:end].replace("<v>", "<f>1.25+1</f><v>") + sheet[end:]
    reading = reading_of()
    READERS["scorecard"](workbooks.put(file, workbooks.repacked(file.read_bytes(), {"xl/worksheets/sheet1.xml": changed.encode()})), reading)
    assert reading.findings == []
    assert value_of(reading, "criterion:1.1@qd-876-2022", "score") == 2.25


def test_texts_are_an_object_and_nothing_else() -> None:
    assert texts_of(json.dumps(["1.1"])) == {}
