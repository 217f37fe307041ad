"""Words of one's own on a page, in every format: marked as the author's, and nothing in them is ever markup."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any

import docx
import openpyxl
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_notebook

from par_analysis.errors import RenderError
from par_analysis.render import ExcelFile, WordFile
from par_analysis.render.document import read_notebook
from par_analysis.render.narrative import METADATA, read_narrative, remarks
from par_analysis.render.readback import read_text
from par_analysis.show.language import Words

HOSTILE = """## <b>Why</b> #import "x"

<script>alert(1)</script> #eval("1") {{7*7}} $x$ `#panic()`

[a](javascript:alert(1)) <img src=x onerror=alert(1)>

| =1+1 | n |
|---|--:|
| @SUM(A1) | 3 |"""
BYLINE = "Phần này do Sở <i>Nội vụ</i> {author} viết, ngày 01/03/2024. Nội dung và số liệu trong phần này là của tác giả, không được kiểm tra."


def told(text: str, **facts: Any) -> dict[str, Any]:
    return {"cell": 2, "file": "narrative/par_index/30/2023.vi.md", "author": "Sở <i>Nội vụ</i> {author}", "date": "2024-03-01", "text": text, "heading": "", **facts}


@pytest.fixture(scope="module")
def page(kit: Any) -> Any:
    """A page with hostile words between its cover and its sources."""
    cells = kit.notebook(kit.code(kit.shown(kit.cover(headlines=[]))), kit.said("## Nguồn\n\nx")).cells
    return new_notebook(cells=cells, metadata={METADATA: [told(HOSTILE)]})


def test_words_are_a_section_with_author_and_date(page: Any, kit: Any) -> None:
    soup = BeautifulSoup(kit.html_page.from_notebook_node(page)[0], "html.parser")
    assert [section.h2.get_text() for section in soup.find_all("section")] == ['<b>Why</b> #import "x"', "Nguồn"]
    assert BYLINE in soup.section.get_text()


def test_nothing_of_html_gets_through(page: Any, kit: Any) -> None:
    soup = BeautifulSoup(kit.html_page.from_notebook_node(page)[0], "html.parser")
    assert not soup.find_all(["script", "img", "i", "b"])
    assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs) or "javascript" in str(tag.get("href"))]
    assert "<script>alert(1)</script>" in soup.section.get_text()


def test_nothing_of_typst_gets_through(page: Any, kit: Any, tmp_path: Any) -> None:
    (tmp_path / "a.pdf").write_bytes(kit.pdf_page.from_notebook_node(page)[0])
    text = " ".join(read_text(tmp_path / "a.pdf").split())
    for words in ('#eval("1") {{7*7}} $x$ `#panic()`', "<script>alert(1)</script>", "Sở <i>Nội vụ</i> {author}"):
        assert words in text


def test_words_stand_in_word_and_their_tables_in_excel_with_their_author(page: Any, tmp_path: Any) -> None:
    word = docx.Document(io.BytesIO(WordFile().from_notebook_node(page)[0]))
    assert [one.style.name for one in word.paragraphs if "<b>Why</b>" in one.text] == ["Heading 2"]
    assert BYLINE in [one.text for one in word.paragraphs if one.style.name == "Limit"]
    (tmp_path / "a.xlsx").write_bytes(ExcelFile().from_notebook_node(page)[0])
    text = read_text(tmp_path / "a.xlsx")
    assert BYLINE in text
    assert "@SUM(A1)" in text


def test_words_keep_the_heading_of_the_section_that_they_replace() -> None:
    blocks = read_narrative(told("Only text.\n\n# Below", heading="Eight domains"), Words("en"))
    assert [(block["kind"], block.get("level")) for block in blocks] == [("heading", 2), ("paragraph", None), ("paragraph", None), ("heading", 3)]
    assert blocks[0]["text"] == [{"text": "Eight domains"}]


TABLE = "| a | b |\n|---|--:|\n| x | 1.234 |"


@pytest.mark.parametrize(
    "text",
    [
        f"Bảng: Đã *giải quyết*\n\n{TABLE}",
        f"Bảng: Đã giải quyết\n{TABLE}",
        f"{TABLE}\n\nBảng: Đã giải quyết",
        f"{TABLE}\nbảng:  Đã\ngiải quyết",
        f"Table: Đã giải quyết\n\n{TABLE}",
    ],
)
def test_a_table_has_the_caption_that_stands_beside_it(text: str) -> None:
    blocks = read_narrative(told(f"## A\n\nBefore\n\n{text}\n\nAfter"), Words("vi"))
    assert [(block["kind"], block.get("caption")) for block in blocks[2:]] == [("paragraph", None), ("table", "Đã giải quyết"), ("paragraph", None)]


def test_a_caption_belongs_to_one_table_and_its_own_kind() -> None:
    text = f"Table: One\n\n{TABLE}\n\nTable: Two\n\n{TABLE}\n\nFigure: none\n\nTable: alone"
    blocks = read_narrative(told(f"## A\n\n{text}"), Words("en"))[2:]
    assert [(block["kind"], block.get("caption")) for block in blocks] == [("table", "One"), ("table", "Two"), ("paragraph", None), ("paragraph", None)]


def test_a_picture_has_a_caption_too(kit: Any) -> None:
    blocks = read_narrative(told(f"## A\n\nHình: Trụ sở mới\n\n![nhà](data:image/png;base64,{kit.picture()})"), Words("vi"))
    assert [(block["kind"], block.get("caption")) for block in blocks[2:]] == [("figure", "Trụ sở mới")]


NUMBERS = """## A

| a | b | c | d |
|---|--:|--:|--:|
| x | 1.234 | 1.234 | 1,234 |
| y | 1,5 | 4.5 | 1,5 |
| z | 12,5% | 12 | 12 % |
| u | 1 234 | =1+1 | 1,234.5 |"""


@pytest.mark.parametrize(
    ("lang", "read"),
    [
        ("vi", [1234, 1.5, 0.125, "1 234", "1.234", "4.5", 12, "=1+1", "1,234", 1.5, "12 %", "1,234.5"]),
        ("en", ["1.234", "1,5", "12,5%", "1 234", 1.234, 4.5, 12, "=1+1", "1,234", "1,5", "12 %", 1234.5]),
    ],
)
def test_a_number_is_read_as_its_language_writes_it_or_stays_a_text(kit: Any, lang: str, read: list[Any]) -> None:
    cells = kit.notebook(kit.said("# T", tags=(f"lang:{lang}",))).cells
    page = new_notebook(cells=cells, metadata={METADATA: [told(NUMBERS)], "papermill": {"parameters": {"lang": lang}}})
    book = openpyxl.load_workbook(io.BytesIO(ExcelFile().from_notebook_node(page)[0]))
    sheet = book.worksheets[1]
    assert [[cell.value for cell in column] for column in sheet["B5:D8"]] == [list(row) for row in zip(read[:4], read[4:8], read[8:], strict=True)]


def test_a_link_to_a_section_that_the_page_has_not_is_told(kit: Any) -> None:
    text = "## A\n\n[x](#nguồn) [y](#khong-co)\n\n| a |\n|---|\n| [z](#gone) |\n\n~~5~~"
    page = new_notebook(cells=[kit.said("## Nguồn\n\nx")], metadata={METADATA: [told(text, cell=1)]})
    document = read_notebook(page, name="x")
    assert document.warnings == tuple(f"data/narrative/par_index/30/2023.vi.md: the link to '#{place}' is left out, the page has no such section" for place in ("khong-co", "gone"))
    assert document.blocks[-3].block["text"] == [{"text": "~~5~~"}]  # struck out, it would be another statement than its bare text


def spoilt(picture: str, at: slice, by: bytes) -> str:
    content = bytearray(base64.b64decode(picture))
    content[at] = by
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    ("at", "by", "problem"),
    [
        (slice(-40, None), b"", "damaged, or cut off"),
        (slice(-12, None), b"", "damaged, or cut off"),
        (slice(50, 52), b"\0\1", "damaged, or cut off"),
        (slice(16, 24), b"\0\1\x86\xa0" * 2, "100000 × 100000 pixels"),
        (slice(16, 24), bytes(8), "0 × 0 pixels"),
        (slice(30, None), b"", "is no PNG"),
    ],
)
def test_a_picture_that_is_not_whole_is_refused_before_anything_is_made(kit: Any, at: slice, by: bytes, problem: str) -> None:
    text = f"## A\n\n![x](data:image/png;base64,{spoilt(kit.picture(), at, by)})"
    assert [(one.severity, problem in one.problem) for one in remarks(told(text), Words("vi"))] == [("error", True)]


def test_a_picture_with_less_than_its_pixels_is_refused() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    picture = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes([0, 0, 3, 0, 0, 0, 3, 0, 8, 2, 0, 0, 0])) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")
    (one,) = remarks(told(f"## A\n\n![x](data:image/png;base64,{base64.b64encode(picture).decode()})"), Words("vi"))
    assert one.problem == "the picture is damaged, or cut off"


def test_a_picture_in_the_text_is_shown(kit: Any) -> None:
    blocks = read_narrative(told(f"## A\n\n![what it shows](data:image/png;base64,{kit.picture()})"), Words("vi"))
    assert (blocks[2]["kind"], blocks[2]["alt"]) == ("figure", "what it shows")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("No heading.", "does not begin with a heading"),
        ("## A\n\n![x](https://example.org/a.png)", r"the image 'https://example\.org/a\.png' is not part of the file"),
        ("## A\n\n![x](../../secret.png)", r"the image '\.\./\.\./secret\.png' is not part of the file"),
        ("## A\n\n![x](file:///etc/passwd)", "is not part of the file"),
        ("## A\n\n![](data:image/png;base64,iVBORw0KGgo=)", "no alternative text"),
        ("## A\n\n![x](data:image/png;base64,AAAA)", "is no PNG"),
        ("## A\n\n中", "no glyph"),
        ("## A\n\na\u202eb", "no glyph"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_file(text: str, problem: str) -> None:
    with pytest.raises(RenderError, match=rf"^narrative/par_index/30/2023\.vi\.md: .*{problem}"):
        read_narrative(told(text), Words("vi"))


def test_a_caption_without_its_table_is_told() -> None:
    text = "## A\n\nBảng: Lạc lõng\n\nVăn bản.\n\nBảng: Hồ sơ\n\n| a |\n|---|\n| 1 |\n\nBảng: Hai lần"
    found = [one for one in remarks(told(text), Words("vi")) if "a caption that has no table" in one.problem]
    assert [(one.severity, one.near) for one in found] == [("warning", "Bảng: Lạc lõng"), ("warning", "Bảng: Hai lần")]
