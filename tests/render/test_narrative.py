"""Words of one's own on a page, in every format: marked as the author's, and nothing in them is ever markup."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_notebook

from par_analysis.errors import RenderError
from par_analysis.render import ExcelFile, WordFile
from par_analysis.render.narrative import METADATA, read_narrative
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
