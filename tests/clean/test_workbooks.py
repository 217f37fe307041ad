"""Workbooks as they come: laid out otherwise than expected, damaged, foreign, or made to do harm. Each gets its claims or one clear list of findings."""

from __future__ import annotations

import datetime
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from par_analysis import catalog, dataset
from par_analysis.clean import READERS, Reading
from par_analysis.clean.archives import MAX_BYTES, MAX_OLD_BYTES
from par_analysis.clean.marks import MAX_CELLS, MAX_LINES
from par_analysis.errors import Finding
from tests import workbooks

Read = Callable[..., Reading]
SHEET = "xl/worksheets/sheet1.xml"
LAST = workbooks.FIRST + 62
"""The row of the province that ranks last."""


def reading_of(year: int | None, source: str = "rank_table", layout: dict[str, Any] | None = None) -> Reading:
    known = catalog.load()
    return Reading(
        dataset.resolve_unit,
        known.indices,
        f"{source}/test",
        f"{source}/test/file.xlsx",
        framework=known.framework,
        provinces=lambda on: [unit.code for unit in known.provinces(on)],
        layout=known.source(source).layout if layout is None else layout,
        file_year=year,
        address="https://example.org/file.xlsx",
    )


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_bytes(content: bytes, year: int | None = 2024, **asked: Any) -> Reading:
        reading = reading_of(year, **asked)
        READERS["workbook"](workbooks.put(tmp_path / "file.xlsx", content), reading)
        return reading

    return read_bytes


def errors(reading: Reading) -> list[tuple[str, int, str]]:
    return [(finding.rule, finding.row, finding.column) for finding in reading.findings if finding.severity == "error"]


def only(reading: Reading, rule: str) -> Finding:
    (found,) = (finding for finding in reading.findings if finding.rule == rule)
    return found


def refused(reading: Reading) -> Finding:
    """The only finding about a file of which nothing was read."""
    (found,) = reading.findings
    assert found.severity == "error"
    assert reading.claims == []
    assert found.met
    assert found.expected
    assert len(str(found)) < 400
    return found


# ---------------------------------------------------------------- the ministry's table


def test_the_ministrys_table_is_read_as_it_comes(read: Read) -> None:
    reading = read(workbooks.table())
    assert reading.findings[0].rule == "left out"  # the note under the table
    assert [finding.severity for finding in reading.findings] == ["note"]
    provinces = [claim for claim in reading.claims if claim["unit"] != "VN"]
    assert len({claim["unit"] for claim in provinces}) == 63
    assert len(provinces) == 63 * 5
    assert {(claim["node"], claim["measure"]) for claim in provinces} == {
        ("total", "rank"), ("part:appraisal", "score"), ("part:survey", "score"), ("total", "score"), ("total", "share_of_max")
    }  # fmt: skip


def test_a_figure_names_its_text_its_row_and_its_meaning(read: Read) -> None:
    name, appraisal, survey = workbooks.scores()[6]
    claims = {(claim["node"], claim["measure"]): claim for claim in read(workbooks.table()).claims if claim["row"] == workbooks.FIRST + 6}
    assert {claim["unit"] for claim in claims.values()} == {dataset.resolve_unit(name, 2024)}
    assert (claims["part:appraisal", "score"]["value"], claims["part:appraisal", "score"]["text"]) == (appraisal, workbooks.printed(appraisal))
    assert claims["total", "score"]["value"] == pytest.approx(appraisal + survey)
    assert (claims["total", "rank"]["value"], claims["total", "rank"]["out_of"], claims["total", "rank"]["unit_of_measure"]) == (7, 63, "place")
    assert (claims["total", "share_of_max"]["unit_of_measure"], claims["total", "score"]["unit_of_measure"]) == ("percent", "points")
    assert {claim["source"] for claim in claims.values()} == {"https://example.org/file.xlsx"}


def test_texts_may_stand_in_a_list_of_their_own(read: Read) -> None:
    assert read(workbooks.sharing(workbooks.table())).claims == read(workbooks.table()).claims


def test_the_row_of_means_is_the_countrys(read: Read) -> None:
    country = {claim["node"]: claim for claim in read(workbooks.table()).claims if claim["unit"] == "VN"}
    assert {node: claim["measure"] for node, claim in country.items()} == {"total": "mean", "part:appraisal": "mean", "part:survey": "mean"}
    assert country["part:appraisal"]["value"] == pytest.approx(sum(row[1] for row in workbooks.scores()) / 63, abs=0.0051)


def test_after_the_mergers_a_rank_is_out_of_34(read: Read) -> None:
    reading = read(workbooks.table(2025), 2025)
    assert errors(reading) == []
    assert {claim["out_of"] for claim in reading.claims if claim["measure"] == "rank"} == {34}


def test_numbers_may_be_numbers(read: Read) -> None:
    def change(sheet: Any) -> None:
        for row in range(workbooks.FIRST, LAST + 1):
            for column in "CDEF":
                sheet[f"{column}{row}"] = float(sheet[f"{column}{row}"].value.replace(",", "."))

    assert [claim["value"] for claim in read(workbooks.table(change=change)).claims] == [claim["value"] for claim in read(workbooks.table()).claims]


def test_percent_is_read_as_it_is_shown(read: Read) -> None:
    def change(sheet: Any) -> None:
        sheet["F6"], sheet["F7"] = 0.8784, 87.12
        sheet["F6"].number_format, sheet["F7"].number_format = "0.00%", '0.00"%"'

    shares = {claim["row"]: claim["value"] for claim in read(workbooks.table(change=change)).claims if claim["measure"] == "share_of_max"}
    assert (shares[6], shares[7]) == (87.84, 87.12)


def test_a_blank_is_no_claim_and_no_fault(read: Read) -> None:
    def change(sheet: Any) -> None:
        for column in "ACDEF":
            sheet[f"{column}20"] = None

    reading = read(workbooks.table(change=change))
    assert errors(reading) == []
    assert len({claim["unit"] for claim in reading.claims}) == 63  # 62 provinces and the country


# ---------------------------------------------------------------- laid out otherwise


@pytest.mark.parametrize("rows", [1, 5, 24])
def test_a_heading_is_found_wherever_it_stands(read: Read, rows: int) -> None:
    moved = read(workbooks.table(change=lambda sheet: sheet.move_range("A1:F80", rows=rows, cols=2)))
    assert errors(moved) == []
    assert [claim["value"] for claim in moved.claims] == [claim["value"] for claim in read(workbooks.table()).claims]


def test_a_heading_far_down_is_said_to_be_missing(read: Read) -> None:
    found = refused(read(workbooks.table(change=lambda sheet: sheet.move_range("A4:F80", rows=27))))
    assert (found.rule, found.column) == ("no heading", "Bang XH")
    assert "Điểm thẩm định" in found.expected
    assert "among the first 30" in found.expected
    assert "BỘ NỘI VỤ" in found.met


def test_columns_may_change_places(read: Read) -> None:
    def change(sheet: Any) -> None:
        for row in range(1, 70):
            sheet[f"H{row}"] = sheet[f"C{row}"].value
        sheet.unmerge_cells("C4:D4")
        sheet.delete_cols(3)

    reading = read(workbooks.table(change=change))
    assert errors(reading) == []
    assert {claim["node"] for claim in reading.claims} == {"total", "part:appraisal", "part:survey"}


def test_an_extra_column_is_a_note(read: Read) -> None:
    def change(sheet: Any) -> None:
        sheet["G5"], sheet["I7"] = "Tăng/giảm", "x"
        for row in range(workbooks.FIRST, LAST + 1):
            sheet[f"G{row}"] = 1

    reading = read(workbooks.table(change=change))
    notes = [(finding.severity, finding.column, finding.met) for finding in reading.findings if finding.rule == "extra column"]
    assert notes == [("note", "Bang XH!G", "tăng/giảm"), ("note", "Bang XH!I", "a column without a heading")]
    assert errors(reading) == []


def test_a_column_that_is_not_there_is_named(read: Read) -> None:
    reading = read(workbooks.table(change=lambda sheet: workbooks.cell(sheet, "D5", "Khảo sát")))
    found = only(reading, "missing column")
    assert (found.severity, found.row, found.column) == ("error", 4, "Bang XH")
    assert "Điểm điều tra XHH" in found.expected
    assert "khảo sát" in found.met
    assert {claim["node"] for claim in reading.claims} == {"total", "part:appraisal"}


def test_the_same_heading_twice_is_an_error(read: Read) -> None:
    reading = read(workbooks.table(change=lambda sheet: workbooks.cell(sheet, "G4", "Tổng điểm")))
    assert ("heading", 4, "Bang XH") in errors(reading)


def test_hidden_rows_columns_and_sheets_are_said(read: Read) -> None:
    def change(sheet: Any) -> None:
        for row in (8, 9, 30):
            sheet.row_dimensions[row].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.parent.create_sheet("Nháp").sheet_state = "hidden"

    reading = read(workbooks.table(change=change))
    hidden = {finding.rule: finding for finding in reading.findings if finding.rule.startswith("hidden")}
    assert (hidden["hidden rows"].met, hidden["hidden rows"].severity) == ("8, 9, 30", "warning")
    assert (hidden["hidden column"].met, hidden["hidden column"].severity) == ("D", "warning")
    assert (hidden["hidden sheet"].column, hidden["hidden sheet"].hint) == ("Nháp", "it was not read")
    assert len(reading.claims) == len(read(workbooks.table()).claims)


def test_merged_cells_of_the_table_are_said_and_those_of_titles_are_not(read: Read) -> None:
    reading = read(workbooks.table(change=lambda sheet: sheet.merge_cells("E10:E11")))
    found = only(reading, "merged cells")
    assert (found.severity, found.met, found.column) == ("warning", "E10:E11", "Bang XH!E10")


def test_texts_between_and_below_are_no_rows(read: Read) -> None:
    def change(sheet: Any) -> None:
        sheet.insert_rows(20)
        sheet["A20"] = "Nhóm B"
        sheet["E75"], sheet["B76"] = "KT. BỘ TRƯỞNG", "Nơi nhận: như trên"

    reading = read(workbooks.table(change=change))
    assert errors(reading) == []
    assert only(reading, "left out").met == "4 rows of text alone"


def test_a_sheet_may_have_a_name_that_drives_a_terminal(read: Read) -> None:
    faulty = workbooks.table(change=lambda sheet: workbooks.cell(sheet, "E12", "x"))
    content = workbooks.repacked(faulty, {"xl/workbook.xml": lambda old: old.replace(b"Bang XH", "B\u202eang".encode())})
    assert [finding.column for finding in read(content).findings if finding.severity == "error"] == ["B?ang!E12"]


def test_a_sheet_of_texts_is_not_read_to_its_end(read: Read) -> None:
    def change(sheet: Any) -> None:
        for row in range(80, 5000):
            sheet[f"B{row}"] = f"Xã thứ {row}"

    reading = read(workbooks.table(change=change))
    assert errors(reading) == [("too many rows", 1079, "Bang XH!1079")]


def test_the_only_sheet_with_the_headings_is_read(read: Read) -> None:
    book = workbooks.rank_table()
    book.create_sheet("Bìa", 0)["A1"] = "Báo cáo"
    assert errors(read(workbooks.saved(book))) == []
    book.copy_worksheet(book["Bang XH"])
    assert refused(read(workbooks.saved(book))).rule == "several tables"


# ---------------------------------------------------------------- every column beside names of its own


def test_each_value_belongs_to_the_name_on_its_left(read: Read) -> None:
    book, values = workbooks.side_by_side()
    reading = read(workbooks.saved(book), 2012, source="pci")
    assert reading.findings == []
    met = {(claim["node"], claim["unit"]): claim["value"] for claim in reading.claims if claim["measure"] == "score" and claim["basis"] == "published"}
    nodes = {heading: f"criterion:{name}" for heading, name in workbooks.SUB_INDICES.items()} | {"PCI 2012": "total"}
    assert met == {(nodes[heading], unit): value for heading, of in values.items() for unit, value in of.items()}


def test_a_place_in_an_order_is_a_rank_and_points_follow_from_the_weight(read: Read) -> None:
    book, values = workbooks.side_by_side()
    claims = {(claim["node"], claim["measure"], claim["unit"]): claim for claim in read(workbooks.saved(book), 2012, source="pci").claims}
    of = values["Tính minh bạch"]
    best = max(of, key=of.__getitem__)
    assert (claims["domain:3", "rank", best]["value"], claims["domain:3", "rank", best]["out_of"]) == (1, 63)
    points = claims["domain:3", "score", best]
    assert (points["value"], points["out_of"], points["basis"]) == (pytest.approx(of[best] * 20 / 10), 20, "derived")
    assert points["note"] == f"{of[best]!r} of 10, which counts for 20 points"
    assert {claim["value"] for key, claim in claims.items() if key[:2] == ("total", "rank")} == set(range(1, 64))


def test_a_fault_beside_names_is_named_once(read: Read) -> None:
    def change(sheet: Any) -> None:
        sheet["D5"], sheet["F6"], sheet["H7"], sheet["K8"] = "Hà Nội II", None, sheet["H9"].value, "7,5"

    book, _ = workbooks.side_by_side(change=change)
    assert errors(read(workbooks.saved(book), 2012, source="pci")) == [
        ("unknown name", 5, "Tong hop!D5"),
        ("unknown name", 6, "Tong hop!F6"),
        ("not a number", 8, "Tong hop!K8"),
        ("duplicate key", 9, "Tong hop!H9"),
    ]


# ---------------------------------------------------------------- what stands in a cell


@pytest.mark.parametrize(
    ("value", "rule", "met"),
    [
        ("khoảng 80", "not a number", "khoảng 80"),
        ("87.84", "not a number", "87.84"),
        ("1,2,3", "not a number", "1,2,3"),
        (">80", "not a number", ">80"),
        ("80-85", "not a number", "80-85"),
        (datetime.datetime(2012, 5, 12), "not a number", "a date or time (2012-05-12 00:00:00)"),
        (True, "not a number", "TRUE"),
        ("#REF!", "not a number", "the error #REF!"),
        ("=C12+D12", "a formula without a value", "a formula without a value"),
        (187.2, "out of bounds", "187.2"),
        (-1, "out of bounds", "-1"),
    ],
)
def test_what_is_no_figure_is_named_with_its_address(read: Read, value: object, rule: str, met: str) -> None:
    reading = read(workbooks.table(change=lambda sheet: workbooks.cell(sheet, "E12", value)))
    assert errors(reading) == [(rule, 12, "Bang XH!E12")]
    found = next(finding for finding in reading.findings if finding.severity == "error")
    assert (found.met, "Tổng điểm" in found.expected or rule == "out of bounds") == (met, True)


def test_all_faults_are_found_at_once(read: Read) -> None:
    def change(sheet: Any) -> None:
        for address, value in {"C7": "nhiều", "B8": "Hà Nọi 2", "B9": sheet["B10"].value, "B11": None, "E12": "=1+1", "A13": "7a"}.items():
            sheet[address] = value

    assert errors(read(workbooks.table(change=change))) == [
        ("not a number", 7, "Bang XH!C7"),
        ("unknown name", 8, "Bang XH!B8"),
        ("duplicate key", 10, "Bang XH!B10"),
        ("unknown name", 11, "Bang XH!B11"),
        ("a formula without a value", 12, "Bang XH!E12"),
        ("not a number", 13, "Bang XH!A13"),
    ]


def test_half_a_table_is_none(read: Read) -> None:
    reading = read(workbooks.table(change=lambda sheet: sheet.delete_rows(20, 30)))
    found = only(reading, "missing units")
    assert (found.severity, found.column) == ("error", "Bang XH!B")
    assert found.met.startswith("33 of 63; none for ")


def test_one_province_less_is_a_warning(read: Read) -> None:
    assert only(read(workbooks.table(change=lambda sheet: sheet.delete_rows(20))), "missing units").severity == "warning"


def test_a_column_of_blanks_is_an_error(read: Read) -> None:
    def change(sheet: Any) -> None:
        for row in range(workbooks.FIRST, LAST + 2):
            sheet[f"D{row}"] = None

    assert ("empty column", 4, "Bang XH!D") in errors(read(workbooks.table(change=change)))


def test_a_number_written_as_text_is_a_fault_where_the_record_expects_none(read: Read) -> None:
    layout = dict(catalog.load().source("rank_table").layout)
    layout["tables"] = [{name: value for name, value in layout["tables"][0].items() if name != "decimal"}]

    def change(sheet: Any) -> None:
        for row in range(workbooks.FIRST, LAST + 2):
            for column in "CDEF":
                sheet[f"{column}{row}"] = float(sheet[f"{column}{row}"].value.replace(",", "."))
        sheet["E12"] = "87,84"

    reading = read(workbooks.table(change=change), layout=layout)
    assert errors(reading) == [("not a number", 12, "Bang XH!E12")]
    assert only(reading, "not a number").hint == "it is a number written as text"


# ---------------------------------------------------------------- a record that does not fit


@pytest.mark.parametrize("layout", [{}, {"index": "par_index"}, {"index": "par_index", "columns": {}, "tables": [{}]}, {"index": "none", "columns": {}, "tables": []}])
def test_a_source_without_a_layout_is_said(read: Read, layout: dict[str, Any]) -> None:
    assert refused(read(workbooks.table(), layout=layout)).rule == "no layout"


def test_a_year_that_no_table_is_for_is_said(read: Read) -> None:
    assert refused(read(workbooks.table(), 2004, source="pci")).met == "2004"


def test_a_file_without_a_year_is_said(read: Read) -> None:
    assert refused(read(workbooks.table(), None)).rule == "no year"


def test_a_sheet_that_is_not_there_is_said_with_those_that_are(read: Read) -> None:
    found = refused(read(workbooks.table(), 2012, source="pci"))
    assert (found.rule, found.met, found.expected) == ("missing sheet", "Bang XH", "a sheet called Tong hop")


KEYS = {
    "layout": {"index", "units", "hidden_sheets", "columns", "tables"},
    "columns": {"node", "measure", "headings", "out_of", "points", "optional"},
    "tables": {"first", "last", "sheets", "units", "columns", "ignored", "names_beside", "order", "ends_at_blank_row", "left_out", "country", "blanks", "decimal", "day"},
}
"""What a layout may hold."""


@pytest.mark.parametrize("source", [code for code, facts in catalog.load().sources.items() if "workbook" in facts.get("readers", ())])
def test_a_layout_says_nothing_that_nobody_reads(source: str) -> None:
    from par_analysis.clean.layouts import COUNTRY_MEASURES, MEASURES

    known = catalog.load()
    layout, codes = known.source(source).layout, {unit.code for unit in known.units.values()}
    assert set(layout) <= KEYS["layout"]
    assert layout["index"] in known.indices
    assert set(layout.get("units", {}).values()) <= codes
    for column in layout["columns"].values():
        assert set(column) <= KEYS["columns"]
        assert column.get("measure", "score") in MEASURES
        assert column["node"].split(":")[0] in {"total", "part", "domain", "criterion"}
        assert "points" not in column or column["out_of"] > 0
        assert not column["node"].startswith("criterion:") or column["node"] in known.index(layout["index"]).node_names
    for table in layout["tables"]:
        assert set(table) <= KEYS["tables"]
        assert set(table.get("columns", ())) <= set(layout["columns"])
        assert set(table.get("country", {}).values()) <= set(COUNTRY_MEASURES)
        assert table.get("decimal", ",") in {",", "."}


# ---------------------------------------------------------------- what is no workbook, or is made to do harm

BOMB = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + b" " * 40_000_000 + b"</sheetData></worksheet>"
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'


def _locked() -> bytes:
    """A workbook whose parts are marked as encrypted."""
    content = bytearray(workbooks.table())
    start = content.index(b"PK\x01\x02")
    content[start + 8] |= 1
    return bytes(content)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "an empty file"),
    "garbage": (lambda: random.Random(3).randbytes(5000), "a text file, or another kind of file"),
    "text": (lambda: b"a,b\n1,2\n", "a text file, or another kind of file"),
    "page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "a web page (it begins with <)"),
    "pdf": (lambda: b"%PDF-1.7\n", "a PDF"),
    "half": (lambda: workbooks.table()[:4000], "a damaged workbook"),
    "without-end": (lambda: workbooks.table()[:-22], "a damaged workbook"),
    "zip": (lambda: workbooks.archive(a_txt=b"x"), "an archive of other files"),
    "docx": (lambda: workbooks.archive(word__document_xml=b"<x/>"), "a text document (.docx)"),
    "xlsb": (lambda: workbooks.archive(xl__workbook_bin=b"x"), "a binary workbook (.xlsb)"),
    "ods": (lambda: workbooks.archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_xml=b"<x/>"), "an OpenDocument file"),
    "macros": (lambda: workbooks.repacked(workbooks.table(), {"xl/vbaProject.bin": b"x"}), "a workbook with macros"),
    "old-macros": (lambda: workbooks.old_document("Workbook", "_VBA_PROJECT_CUR"), "a workbook with macros"),
    "encrypted": (lambda: workbooks.old_document("EncryptionInfo", "EncryptedPackage"), "an encrypted workbook"),
    "locked": (_locked, "an encrypted workbook"),
    "old-document": (lambda: workbooks.old_document("WordDocument"), "an old Office document without a workbook in it"),
    "old-damaged": (lambda: workbooks.old_document("Workbook"), "a damaged workbook"),
    "bomb": (lambda: workbooks.repacked(workbooks.table(), {SHEET: BOMB}), "a sheet of 38 MB packed into"),
    "declared": (lambda: workbooks.declaring(workbooks.table(), 200 * 2**20), "a workbook of 200 MB when unpacked"),
    "large-part": (lambda: workbooks.repacked(workbooks.table(), {"xl/sharedStrings.xml": b"<sst>" + b" " * 9_000_000 + b"</sst>"}), "a part of 9 MB"),
    "lzma": (lambda: workbooks.repacked(workbooks.table(), {}, method=zipfile.ZIP_LZMA), "an archive packed in another way than workbooks are"),
    "laughs-in-a-sheet": (lambda: workbooks.repacked(workbooks.table(), {SHEET: LAUGHS}), "a workbook with definitions of its own in its XML"),
    "many-columns": (lambda: workbooks.repacked(workbooks.table(), {SHEET: b"<worksheet><cols>" + b"<col/>" * 100_001 + b"</cols></worksheet>"}), "more than 100000 entries in"),
    "laughs-in-texts": (lambda: workbooks.repacked(workbooks.table(), {"xl/sharedStrings.xml": LAUGHS}), "a workbook with definitions of its own in its XML"),
    "many-texts": (lambda: workbooks.repacked(workbooks.table(), {"xl/sharedStrings.xml": b"<sst>" + b"<si/>" * 500_000 + b"</sst>"}), "more than 400000 entries in"),
    "no-xml": (lambda: workbooks.repacked(workbooks.table(), {SHEET: b"\0" * 100}), "a damaged workbook"),
    "no-sheet": (lambda: workbooks.repacked(workbooks.table(), {"xl/_rels/workbook.xml.rels": b"<x/>"}), "a damaged workbook"),
    "many-parts": (lambda: workbooks.archive(**{f"xl__{number:0200d}": b"" for number in range(6000)}), "an archive with too many parts"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_sound_workbook_is_called_what_it_is(read: Read, kind: str) -> None:
    make, met = HOSTILE[kind]
    assert refused(read(make())).met.startswith(met)


@pytest.mark.parametrize(("start", "size"), [(b"PK\x03\x04", MAX_BYTES), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", MAX_OLD_BYTES)], ids=["new", "old"])
def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path, start: bytes, size: int) -> None:
    path, reading = tmp_path / "large.xlsx", reading_of(2024)
    with path.open("wb") as stream:
        stream.write(start)
        stream.truncate(size + 1)
    READERS["workbook"](path, reading)
    assert "MB, where no" in refused(reading).met


def sheet_of(rows: bytes) -> Callable[[bytes], bytes]:
    """Puts further rows behind those of a sheet."""
    return lambda content: content.replace(b"</sheetData>", rows + b"</sheetData>")


def blank_rows(count: int) -> bytes:
    return b"".join(b'<row r="%d" ht="15.75" customHeight="1"/>' % row for row in range(100, 100 + count))


@pytest.mark.parametrize(
    ("rows", "met"),
    [
        (b"<row/>" * (MAX_LINES + 1), f"more than {MAX_LINES} rows"),
        (b"".join(b"<row>%s</row>" % (b"<c/>" * 10_000) for _ in range(MAX_CELLS // 10_000 + 1)), f"more than {MAX_CELLS} cells"),
        (b'<row r="90">' + b'<c r="A90"/>' * 100_001 + b"</row>", "more than 100000 entries in one row, or outside the rows"),
        (b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(100, 31_000)), "more than 30000 rows"),
        (b'<row r="99999999"><c r="A99999999"><v>1</v></c></row>', "a row beyond the last one"),
    ],
    ids=["blank", "cells", "row", "rows", "far"],
)
def test_a_sheet_that_is_too_large_to_be_a_table_is_not_read(read: Read, rows: bytes, met: str) -> None:
    found = refused(read(workbooks.repacked(workbooks.table(), {SHEET: sheet_of(rows)}, method=zipfile.ZIP_STORED)))
    assert (found.rule, found.met) == ("too large", met)


def peak(path: Path) -> tuple[int, list[list[str]]]:
    """By how many MB a process grows while it reads a workbook, and what it finds."""
    program = """
import json, re, sys
import openpyxl, xlrd
from pathlib import Path
from par_analysis.clean import READERS
from tests.clean.test_workbooks import reading_of

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

reading, before = reading_of(2024), most()
READERS["workbook"](Path(sys.argv[1]), reading)
print(json.dumps([(most() - before) // 1024, [[one.severity, one.rule, one.met] for one in reading.findings]]))
"""
    done = subprocess.run([sys.executable, "-c", program, str(path)], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    grown, findings = json.loads(done.stdout)
    return grown, findings


def test_two_megabytes_of_blank_rows_are_passed_over(tmp_path: Path) -> None:
    rows = blank_rows(48_000)
    assert len(rows) > 2e6
    content = workbooks.repacked(workbooks.table(), {SHEET: sheet_of(rows)})
    grown, findings = peak(workbooks.put(tmp_path / "blank.xlsx", content))
    assert [(severity, rule) for severity, rule, _ in findings] == [("note", "left out")]
    assert grown < 48


@pytest.mark.parametrize("kind", ["bomb", "declared", "many-texts", "laughs-in-texts", "many-parts"])
def test_what_is_made_to_fill_a_memory_does_not(tmp_path: Path, kind: str) -> None:
    grown, findings = peak(workbooks.put(tmp_path / "bomb.xlsx", HOSTILE[kind][0]()))
    assert len(findings) == 1
    assert grown < 48


def test_a_sheet_of_half_a_million_cells_does_not_fill_a_memory(tmp_path: Path) -> None:
    chance = random.Random(5)
    cells = b"".join(b'<row r="%d">%s</row>' % (row, b"".join(b"<c><v>%d</v></c>" % chance.randrange(10**9) for _ in range(100))) for row in range(100, 5_100))
    content = workbooks.repacked(workbooks.table(), {SHEET: sheet_of(cells)})
    grown, findings = peak(workbooks.put(tmp_path / "wide.xlsx", content))
    assert findings[-1][1] == "more findings"
    assert grown < 200


# ---------------------------------------------------------------- damage by chance


@pytest.mark.parametrize("seed", range(40))
def test_a_workbook_with_flipped_bytes_is_read_or_refused(read: Read, seed: int) -> None:
    chance, content = random.Random(seed), bytearray(workbooks.table())
    for _ in range(chance.randint(1, 30)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    reading = read(bytes(content))
    assert reading.claims or errors(reading)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"])
@pytest.mark.parametrize("seed", range(8))
def test_a_workbook_with_damaged_xml_is_read_or_refused(read: Read, part: str, seed: int) -> None:
    chance = random.Random(seed)

    def damaged(content: bytes) -> bytes:
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(content))
            content = content[:start] + chance.choice([b"", b"9", b"x", b'"', b"-", b"A1"]) + content[start + chance.randint(0, 3) :]
        return content

    reading = read(workbooks.repacked(workbooks.sharing(workbooks.table()), {part: damaged}))
    assert reading.claims or errors(reading)
