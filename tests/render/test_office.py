"""Word and Excel files: what an office that opens them finds, read back with python-docx, openpyxl and as plain XML."""

from __future__ import annotations

import copy
import io
import itertools
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RenderError, VerifyError
from par_analysis.render import ExcelFile, WordFile
from par_analysis.render.amounts import read_amount, read_column
from par_analysis.render.columns import columns
from par_analysis.render.layout import ems
from par_analysis.render.office import legal
from par_analysis.render.readback import read_identity, read_text, read_title
from par_analysis.render.xlsx import put_text, sheet_name
from par_analysis.show.language import Words

HOSTILE = ["=1+1", "+1", "-2+3", "@SUM(A1)", "'=1", '=HYPERLINK("http://x","y")', "＝1", " =1", "#N/A", "_x0041_", "007", "1e5", "TRUE", "a\nb", "2023-01-01"]
NUMBERS = [
    {"section": "Tám lĩnh vực", "unit_name": "=cmd|' /C calc'!A0", "year": 2023, "value": 87.8412345, "out_of": None, "source": "https://example.org/a", "edition": "2026-11"},
    {"section": "", "unit_name": "Hải Dương", "year": 2022, "value": -4.0, "out_of": 100, "source": "https://example.org/b", "edition": "@x"},
]


@pytest.fixture(scope="module")
def made(report: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The realistic report as both files."""
    folder = tmp_path_factory.mktemp("office")
    resources: dict[str, Any] = {"par_numbers": NUMBERS}
    for kind, exporter in (("docx", WordFile()), ("xlsx", ExcelFile())):
        content, given_back = exporter.from_notebook_node(report, resources)
        resources.update(given_back)
        (folder / f"report.{kind}").write_bytes(content)
    return {kind: folder / f"report.{kind}" for kind in ("docx", "xlsx")}


@pytest.fixture(scope="module")
def word(made: dict[str, Path]) -> Any:
    return docx.Document(str(made["docx"]))


@pytest.fixture(scope="module")
def book(made: dict[str, Path]) -> Any:
    return openpyxl.load_workbook(made["xlsx"])


def xml(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def office(kit: Any, kind: type, *cells: Any, **resources: Any) -> bytes:
    content, _ = kind().from_notebook_node(kit.notebook(*cells), resources)
    return bytes(content)


def table_of(kit: Any, texts: list[str], *, numeric: bool, lang: str = "vi") -> Any:
    rows: Any = [{"cells": [{"text": "x"}, {"text": words}]} for words in texts]
    return kit.code(kit.shown(kit.blocks.table("T", [{"label": "A", "numeric": False}, {"label": "B", "numeric": numeric}], rows)))


# ---------------------------------------------------------------- both


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_file_says_what_it_is(kind: str, made: dict[str, Path], kit: Any) -> None:
    assert read_identity(made[kind]) == kit.identity
    assert read_title(made[kind]) == "Hải Dương · PAR INDEX 2023"
    text = " ".join(read_text(made[kind]).split())
    for words in ("Hải Dương đạt 87,84 điểm", "Sở Giao thông vận tải", "Hạng được tính trước khi làm tròn điểm."):
        assert words in text


@pytest.mark.parametrize(("kind", "exporter"), [("docx", WordFile), ("xlsx", ExcelFile)])
def test_two_runs_give_the_same_bytes(kind: str, exporter: Any, report: Any, made: dict[str, Path]) -> None:
    again, _ = exporter().from_notebook_node(copy.deepcopy(report), {"par_numbers": NUMBERS})
    assert again == made[kind].read_bytes()


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_file_has_no_clock(kind: str, made: dict[str, Path]) -> None:
    with zipfile.ZipFile(made[kind]) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
    assert "dcterms:created" not in xml(made[kind], "docProps/core.xml")
    assert "dcterms:modified" not in xml(made[kind], "docProps/core.xml")


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_a_file_that_is_no_archive_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(VerifyError, match="Word or Excel"):
        read_identity(path)


def test_a_file_without_identity_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(VerifyError, match="no identity"):
        read_identity(tmp_path / "a.xlsx")


@pytest.mark.parametrize("letter", ["\x00", "\x0b", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_hold_is_named(letter: str) -> None:
    with pytest.raises(RenderError, match=rf"a note: the character U\+{ord(letter):04X} cannot stand"):
        legal(f"a{letter}", where="a note")


def test_a_number_whose_note_cannot_be_written_is_named(kit: Any) -> None:
    with pytest.raises(RenderError, match=r"numbers, row 2, note: the character U\+0001"):
        office(kit, ExcelFile, kit.code(kit.shown(kit.cover())), par_numbers=[{"value": 1.0, "note": "a\x01"}])


# ---------------------------------------------------------------- Word


def test_headings_are_words_own_and_none_is_skipped(word: Any) -> None:
    levels = [int(one.style.name[-1]) for one in word.paragraphs if one.style.name.startswith("Heading")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    outline = {style.style_id: style.element.find(f".//{qn('w:outlineLvl')}").get(qn("w:val")) for style in word.styles if style.style_id.startswith("Heading")}
    assert outline == {f"Heading{level}": str(level - 1) for level in range(1, 5)}


def test_contents_lead_to_the_sections(word: Any) -> None:
    contents = word.element.body.find(qn("w:sdt"))
    targets = [link.get(qn("w:anchor")) for link in contents.iter(qn("w:hyperlink"))]
    places = {mark.get(qn("w:name")) for mark in word.element.body.iter(qn("w:bookmarkStart"))}
    assert len(targets) == sum(one.style.name == "Heading 2" for one in word.paragraphs)
    assert set(targets) <= places


def test_captions_are_counted_by_word(word: Any) -> None:
    captions = [one for one in word.paragraphs if one.style.name == "Caption"]
    told = [code.text.split()[1] for one in captions for code in one._element.iter(qn("w:instrText"))]
    assert told.count("Figure") == 5
    assert told.count("Table") == 4
    assert [one.text.split("  ")[0] for one in captions if one.text.startswith("Hình")] == [f"Hình {number}" for number in range(1, 6)]


def test_tables_have_headings_that_come_again(word: Any) -> None:
    tables = [table for table in word.tables if table.style.name == "Report table"]
    assert len(tables) == 4
    for table in tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
        look = table._tbl.find(f".//{qn('w:tblLook')}")
        assert (look.get(qn("w:firstRow")), look.get(qn("w:firstColumn"))) == ("1", "1")
        assert sum(int(column.get(qn("w:w"))) for column in table._tbl.tblGrid) <= 9640
    ranking = next(table for table in tables if len(table.rows) == 64)
    cells = ranking.rows[22].cells
    assert [cell.text for cell in cells[:3]] == ["Hải Dương", "22", "88,33"]
    assert cells[1].paragraphs[0].alignment == docx.enum.text.WD_ALIGN_PARAGRAPH.RIGHT
    assert cells[0].paragraphs[0].runs[0].bold


def test_pictures_have_alternative_text_and_their_size_on_paper(word: Any, report: Any) -> None:
    pictures = list(word.element.body.iter(qn("wp:docPr")))
    assert len(pictures) == 5
    assert all(picture.get("descr") for picture in pictures)
    assert all(shape.width.mm <= 170.1 for shape in word.inline_shapes)
    first = word.part.related_parts[next(word.element.body.iter(qn("a:blip"))).get(qn("r:embed"))]
    assert first.image.px_width == pytest.approx(word.inline_shapes[0].width.inches * 200, abs=2)


@pytest.mark.parametrize(("lang", "locale"), [("vi", "vi-VN"), ("en", "en-GB")])
def test_the_spelling_checker_knows_the_language(kit: Any, lang: str, locale: str) -> None:
    cell = kit.code(kit.shown(kit.blocks.cover({**kit.identity, "lang": lang}, title="A", subtitle="", kicker="", headlines=[], lead=[], author="")))
    content = io.BytesIO(office(kit, WordFile, cell))
    word = docx.Document(content)
    assert word.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == locale
    assert word.core_properties.language == locale


def test_page_is_a4_with_its_number(word: Any) -> None:
    section = word.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    footer = section.footer._element.xml
    assert "Hải Dương · PAR INDEX 2023" in footer
    assert re.findall(r"> (PAGE|NUMPAGES) <", footer) == ["PAGE", "NUMPAGES"]


def test_fonts_have_a_common_one_in_their_place(made: dict[str, Path]) -> None:
    fonts = re.findall(r'w:font w:name="([^"]+)">\s*<w:altName w:val="([^"]+)"', xml(made["docx"], "word/fontTable.xml"))
    assert dict(fonts) == {"Arial": "Liberation Sans", "Courier New": "Liberation Mono"}
    named = set(re.findall(r'(?:w:ascii|w:hAnsi|typeface)="([^"]+)"', xml(made["docx"], "word/styles.xml") + xml(made["docx"], "word/theme/theme1.xml")))
    assert named == set(dict(fonts))


@pytest.mark.parametrize(("count", "zoom"), [(2, 1.0), (9, 1.0), (16, 0.9)])
def test_no_column_is_too_narrow_for_its_numbers_in_a_wide_typeface(count: int, zoom: float) -> None:
    said, numbers_ = {"text": "Công khai, minh bạch " * 6, "strong": False}, [{"text": "−1.241,75", "strong": True}] * count
    heads = [{"label": "Chỉ số nội dung", "numeric": False}, *[{"label": "Chênh lệch", "numeric": True}] * count]
    part = {
        "dense": False,
        "columns": heads,
        "rows": [{"cells": [said, *numbers_], "highlight": False}],
        "padding": 2.1,
        "zoom": zoom,
        "widths": [170 - count * 8.0, *[8.0] * count],
    }
    widths, smaller = columns(part)
    size = 8.5 * smaller * 25.4 / 72
    assert sum(widths) <= 170
    assert min(widths[1:]) >= 1.26 * ems("−1.241,75") * size + 2.1
    assert widths[0] >= 1.16 * ems("minh") * size + 2.1


def test_text_is_never_markup_in_word(kit: Any) -> None:
    words = "</w:t></w:r><w:altChunk/> & <b>"
    content = office(kit, WordFile, kit.said(f"# A\n\n{words}"), kit.code(kit.shown(kit.blocks.bullets([[{"text": words}]]))))
    word = docx.Document(io.BytesIO(content))
    assert [one.text for one in word.paragraphs].count(words) == 2
    assert word.element.body.find(f".//{qn('w:altChunk')}") is None


def test_links_lead_outside_by_web_and_mail_only(kit: Any) -> None:
    content = office(kit, WordFile, kit.said("# A\n\n[x](https://example.org/a) [y](javascript:alert) [z](file:///etc/passwd) [gone](#nowhere)"))
    targets = [relation.target_ref for relation in docx.Document(io.BytesIO(content)).part.rels.values() if relation.is_external]
    assert targets == ["https://example.org/a"]


def test_ordered_lists_begin_anew(kit: Any) -> None:
    word = docx.Document(io.BytesIO(office(kit, WordFile, kit.said("# A\n\n1. a\n2. b\n\ntext\n\n1. c\n   - d"))))
    numbers = [(one.get(qn("w:val"))) for one in word.element.body.iter(qn("w:numId"))]
    assert numbers[0] == numbers[1] != numbers[2]
    assert numbers[3] == "1"


# ---------------------------------------------------------------- Excel


def test_numbers_are_numbers_as_they_are_shown(book: Any) -> None:
    sheet = next(sheet for sheet in book.worksheets if sheet.title.startswith("1. "))
    assert [cell.value for cell in sheet[5]] == ["1. Công tác chỉ đạo, điều hành cải cách hành chính", 9.14, 10, 92.14, 12, 3]
    assert [cell.number_format for cell in sheet[5][1:]] == ['0.00;"−"0.00'] * 3 + ['0;"−"0', '+0;"−"0;0']
    assert sheet.freeze_panes == "B5"
    assert sheet.print_title_rows == "$4:$4"
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)


def test_every_table_has_a_sheet_with_caption_section_and_notes(book: Any) -> None:
    assert [sheet.title[:3] for sheet in book.worksheets] == ["Giớ", "1. ", "2. ", "3. ", "4. ", "num"]
    sheet = book.worksheets[1]
    assert sheet["A1"].value == "Bảng 1  Điểm và thứ hạng theo lĩnh vực, năm 2023"
    assert sheet["A2"].value == "Tám lĩnh vực"
    assert sheet["A15"].value == "Nguồn: Bộ Nội vụ, Quyết định 876/QĐ-BNV. Thay đổi hạng so với năm 2022."
    assert sheet.tables["Table_1"].ref == "A4:F13"


def test_first_sheet_leads_to_the_others(book: Any) -> None:
    links = {cell.value: cell.hyperlink.location for row in book.worksheets[0] for cell in row if cell.hyperlink}
    assert list(links) == book.sheetnames[1:]
    assert links["numbers"] == "'numbers'!A1"
    assert book.worksheets[0]["A1"].value == "Hải Dương · PAR INDEX 2023"


def test_sheet_of_numbers_has_them_in_full(book: Any) -> None:
    rows = list(book["numbers"].values)
    assert rows[0] == tuple(NUMBERS[0])
    assert [row[3] for row in rows[1:]] == [87.8412345, -4]
    assert [cell.data_type for cell in book["numbers"][2]] == ["s", "s", "n", "n", "n", "s", "s"]
    assert rows[1][1] == "=cmd|' /C calc'!A0"


def test_without_rows_there_is_no_sheet_of_numbers(kit: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO(office(kit, ExcelFile, kit.code(kit.shown(kit.cover())))))
    assert book.sheetnames == ["Giới thiệu"]


def test_no_text_is_ever_a_formula(kit: Any) -> None:
    on_page = [words for words in HOSTILE if "＝" not in words]  # which the typeface does not have
    content = office(kit, ExcelFile, table_of(kit, on_page, numeric=False), par_numbers=[{"note": words, "value": 1} for words in HOSTILE])
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [*[row[1] for row in book.worksheets[1].iter_rows(min_row=5, max_row=4 + len(on_page))], *[row[0] for row in book["numbers"].iter_rows(min_row=2)]]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == [words.replace("_x", "_x005F_x") for words in (*on_page, *HOSTILE)]
    assert all(cell.quotePrefix for cell in cells if str(cell.value).strip()[:1] in "=+-@'＝")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name) or b"<f " in archive.read(name)]


def test_a_text_among_numbers_stays_a_text(kit: Any) -> None:
    content = office(kit, ExcelFile, table_of(kit, ["87,84", "=1+1", "22/63", "–", "+1"], numeric=True))
    cells = [row[1] for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[1].iter_rows(min_row=5, max_row=9)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(87.84, "n"), ("=1+1", "s"), ("22/63", "s"), ("–", "s"), (1, "n")]


def test_years_are_numbers_and_spans_and_codes_are_texts(kit: Any) -> None:
    labels = [[year, code, span] for year, code, span in (("2023", "01", "2018–2023"), ("2022", "22", "2023"))]
    heads = [{"label": name, "numeric": False} for name in ("Năm", "Mã", "Các năm")]
    table = kit.blocks.table("Năm", heads, [{"cells": [{"text": text} for text in row]} for row in labels])
    book = openpyxl.load_workbook(io.BytesIO(office(kit, ExcelFile, kit.code(kit.shown(table)))))
    cells = [[(cell.value, cell.number_format) for cell in row] for row in book.worksheets[1]["A5:C6"]]
    assert cells == [[(2023, "0"), ("01", "General"), ("2018–2023", "General")], [(2022, "0"), ("22", "General"), (2023, "0")]]


def test_a_text_that_no_cell_can_hold_is_refused() -> None:
    with pytest.raises(RenderError, match="32768 letters"):
        put_text(openpyxl.Workbook().active["A1"], "a" * 32768)


@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.booleans(), st.sampled_from(["vi", "en"]))
def test_what_words_write_is_read_back(value: int, decimals: int, signed: bool, lang: Any) -> None:
    words = Words(lang)
    shown = words.signed(value / 10**decimals, decimals) if signed else words.number(value / 10**decimals, decimals)
    amount = read_amount(shown, lang)
    assert amount is not None
    assert float(amount.value) == pytest.approx(value / 10**decimals)
    assert amount.decimals == decimals


@pytest.mark.parametrize("words", ["", " 1", "1 ", "01", "1,5,0", "1.23", "12.34.567", "+", "−", "1e3", "١٢", "1" * 16, "0x1", "NaN"])
def test_what_is_not_strictly_a_number_is_none(words: str) -> None:
    assert read_amount(words, "vi") is None


def test_signs_are_shown_where_one_is() -> None:
    assert [found and found[1] for found in read_column(["1,5", "−2,0"], "vi")] == ['0.0;"−"0.0'] * 2


@given(st.lists(st.text(max_size=60), max_size=6))
def test_names_of_sheets_are_safe_and_unlike(words: list[str]) -> None:
    taken: list[str] = ["numbers"]
    for one in words:
        taken.append(sheet_name(one, taken))
    assert len({name.casefold() for name in taken}) == len(taken)
    for name in taken:
        assert 0 < len(name) <= 31
        assert not re.search(r"[:\\/?*\[\]]", name)
        assert not name.startswith("'")
        assert not name.endswith("'")
