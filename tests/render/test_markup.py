"""Analysts' own HTML and Markdown become blocks; what has no block leaves its text or nothing."""

from __future__ import annotations

from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest

from par_analysis.errors import RenderError
from par_analysis.render.markdown import read_markdown
from par_analysis.render.markup import read_html


def _blocks(source: str) -> list[dict[str, Any]]:
    return read_html(source, alt="", caption="")


def _table(source: str) -> dict[str, Any]:
    return next(block for block in _blocks(source) if block["kind"] == "table")


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<style>p{color:red}</style>",
        "<iframe src='https://example.org'></iframe>",
        "<form><input value='x'><button>b</button></form>",
        "<!-- a comment --><link rel=stylesheet href='https://example.org/a.css'>",
        "<img src='https://example.org/a.png'>",
        "<object data='x'></object><template><p>x</p></template>",
    ],
)
def test_what_has_no_block_leaves_nothing(source: str) -> None:
    assert _blocks(source) == []


def test_unknown_elements_leave_their_text() -> None:
    assert [block["text"] for block in _blocks("<x-widget onclick='a()'>one<blink> two</blink></x-widget>")] == [[{"text": "one"}], [{"text": "two"}]]


def test_emphasis_and_links_survive() -> None:
    spans = _blocks('<p>a <b>b <i>c</i></b> <a href="https://example.org" onclick="x">d</a> <a href="javascript:x">e</a></p>')[0]["text"]
    assert {"text": "c", "strong": True, "emphasis": True} in spans
    assert {"text": "d", "href": "https://example.org"} in spans
    assert {"text": "e"} in spans


def test_pandas_table_has_row_headings_and_numeric_columns() -> None:
    frame = pd.DataFrame({"score": [87.84, np.nan], "note": ["a", "b"]}, index=pd.Index(["Hải Dương", "Hà Nội"], name="unit"))
    table = _table(frame.to_html())
    assert [column["label"] for column in table["columns"]] == ["unit", "score", "note"]
    assert [column["numeric"] for column in table["columns"]] == [False, True, False]
    assert [cell["text"] for cell in table["rows"][0]["cells"]] == ["Hải Dương", "87.84", "a"]


def test_columns_of_two_levels_are_joined() -> None:
    columns = pd.MultiIndex.from_product([["2022", "2023"], ["score", "rank"]])
    table = _table(pd.DataFrame([[1, 2, 3, 4]] * 2, columns=columns, index=pd.MultiIndex.from_tuples([("R1", "a"), ("R1", "b")])).to_html())
    assert [column["label"] for column in table["columns"]] == ["", "", "2022 · score", "2022 · rank", "2023 · score", "2023 · rank"]
    assert [row["cells"][0]["text"] for row in table["rows"]] == ["R1", "R1"]


def test_styled_table_keeps_its_caption_and_loses_its_style() -> None:
    styled = pd.DataFrame({"a": [1]}).style.set_caption("What it shows").set_table_styles([{"selector": "td", "props": "color:red"}])
    found = _blocks(styled.to_html())
    assert [block["kind"] for block in found] == ["table"]
    assert found[0]["caption"] == "What it shows"


def test_absurd_spans_are_bounded() -> None:
    assert len(_table('<table><tr><th>h</th></tr><tr><td rowspan="999999999">a</td></tr><tr></tr></table>')["rows"]) == 2


def test_list_in_a_list_stays_below() -> None:
    block = _blocks("<ul><li>one<ol><li>two</li></ol></li></ul>")[0]
    assert block["items"][0]["below"][0]["ordered"]
    assert block["items"][0]["below"][0]["items"][0]["text"] == [{"text": "two"}]


def test_raw_html_in_markdown_is_text() -> None:
    blocks = read_markdown("<script>alert(1)</script>\n\na <b>c</b>", cell=1)
    assert ["".join(span["text"] for span in block["text"]) for block in blocks] == ["<script>alert(1)</script>", "a <b>c</b>"]


def test_first_question_below_a_heading_is_its_subtitle() -> None:
    assert [block.get("role") for block in read_markdown("## Part\n\nHow many?\n\nText.", cell=1)] == [None, "question", "text"]
    assert [block.get("role") for block in read_markdown("## Part\n\nText. How many?\n\nWhy?", cell=1)] == [None, "question", "text"]
    assert [block.get("role") for block in read_markdown("Why?", cell=1)] == ["text"]


def test_links_in_markdown_lead_only_where_they_may(kit: Any) -> None:
    soup = kit.soup(kit.said("## Số liệu\n\n[a](#số-liệu) [b](#nowhere) [c](https://example.org) [d](javascript:x) [e](../secret)"))
    assert [(tag.get_text(), tag["href"]) for tag in soup.main.find_all("a")] == [("a", "#số-liệu"), ("c", "https://example.org")]
    assert soup.find(id="số-liệu").get_text() == "Số liệu"


def test_picture_of_a_text_cell_comes_from_its_attachment(kit: Any) -> None:
    cell = kit.said("![what it shows](attachment:a.png)")
    cell["attachments"] = {"a.png": {"image/png": kit.picture()}}
    assert kit.soup(cell).img["alt"] == "what it shows"
    with pytest.raises(RenderError, match=r"cell 1: the image 'https://example.org/a.png' is not part of the notebook"):
        kit.html(kit.said("![x](https://example.org/a.png)"))


def test_first_media_type_that_can_be_shown_wins(kit: Any) -> None:
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "<script>1</script>", "text/plain": "Figure(data)"}
    soup = kit.soup(kit.code(nbformat.v4.new_output("display_data", data=widget)))
    assert soup.main.get_text().strip() == "Figure(data)"


def test_address_of_an_object_is_left_out_with_a_warning(kit: Any) -> None:
    output = nbformat.v4.new_output("execute_result", data={"text/plain": "[<matplotlib.lines.Line2D at 0x7f00deadbeef>]"}, execution_count=1)
    page, resources = kit.html_page.from_notebook_node(kit.notebook(kit.code(output)))
    assert "0x7f00" not in page
    assert any("address in memory" in warning for warning in resources["par_warnings"])


def test_terminal_colours_and_progress_bars_are_cleaned(kit: Any) -> None:
    output = nbformat.v4.new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m\n 10%\r 50%\r100%\n")
    assert kit.soup(kit.code(output)).pre.get_text() == "red\n100%"


def test_decomposed_letters_are_composed(kit: Any) -> None:
    assert kit.soup(kit.code(kit.shown(kit.blocks.paragraph([{"text": "Hải Dương"}])))).main.p.get_text() == "Hải Dương"
