"""numbers.csv holds every number of the page, comes back as it was written, and does nothing in a spreadsheet."""

from __future__ import annotations

import contextlib
import csv
import io
import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from par_analysis.errors import RenderError
from par_analysis.run import numbers
from par_analysis.show.blocks import MIME

NUMBER = {"index": "par_index", "unit": "30", "year": 2023, "node": "total", "measure": "score", "value": 87.84, "source": "https://example.org/a"}


def page(*cells: tuple[str, Any], tags: tuple[str, ...] = ()) -> NotebookNode:
    made = []
    for kind, content in cells:
        if kind == "text":
            made.append(new_markdown_cell(content))
        else:
            data = new_output("display_data", {MIME: {"blocks": [], "numbers": content}})
            made.append(new_code_cell("x", outputs=[data], metadata={"tags": list(tags)}))
    return new_notebook(cells=made)


def test_rows_are_in_page_order_under_their_section() -> None:
    notebook = page(("text", "# Title"), ("code", [NUMBER]), ("text", "## One\n\nHow much?\n\n### Detail"), ("code", [NUMBER, NUMBER | {"measure": "rank"}]))
    rows = numbers.collect(notebook, {"30": {"vi": "Hải Dương", "en": "Hai Duong"}}, "en")
    assert [(row["section"], row["measure"], row["unit_name"]) for row in rows] == [("", "score", "Hai Duong"), ("One", "score", "Hai Duong"), ("One", "rank", "Hai Duong")]


def test_a_section_is_called_as_the_index_calls_it() -> None:
    notebook = page(("text", "## Domains\n\nIn which domains did the province rise or fall?"), ("code", [NUMBER]))
    sections = {(lang, index): numbers.collect(notebook, {}, lang, index)[0]["section"] for lang, index in (("vi", "papi"), ("en", "papi"), ("en", ""))}
    assert sections == {("vi", "papi"): "Các chỉ số nội dung", ("en", "papi"): "Dimensions", ("en", ""): "Domains"}


def test_cells_that_are_not_on_the_page_have_no_rows() -> None:
    assert numbers.collect(page(("code", [NUMBER]), tags=("hide",)), {}, "vi") == []
    assert numbers.collect(page(("code", [NUMBER]), tags=("lang:en",)), {}, "vi") == []
    assert len(numbers.collect(page(("code", [NUMBER]), tags=("lang:en",)), {}, "en")) == 1


@pytest.mark.parametrize("lost", ["source", "unit", "measure", "value"])
def test_a_number_that_does_not_say_what_it_is_stops_the_report(lost: str) -> None:
    with pytest.raises(RenderError, match=f"cell 1: .*without its {lost}"):
        numbers.collect(page(("code", [{name: value for name, value in NUMBER.items() if name != lost}])), {}, "vi")


def test_a_count_of_what_nobody_published_has_no_source() -> None:
    count = NUMBER | {"source": "", "measure": "n_unknown", "basis": "computed", "unit_of_measure": "count"}
    assert len(numbers.collect(page(("code", [count])), {}, "vi")) == 1


@pytest.mark.parametrize("value", ["87,84", True, [1]])
def test_text_in_place_of_a_number_stops_the_report(value: object) -> None:
    with pytest.raises(RenderError, match="not a number"):
        numbers.collect(page(("code", [NUMBER | {"value": value}])), {}, "vi")


@pytest.mark.parametrize(("value", "written"), [(4.320000000000007, 4.32), (22.0, 22), (21.999999999999996, 22), (183000, 183000), (1 / 3, 0.333333333333)])
def test_values_are_without_the_traces_of_binary_arithmetic(value: float, written: float) -> None:
    (row,) = numbers.collect(page(("code", [NUMBER | {"value": value}])), {}, "vi")
    assert repr(row["value"]) == repr(written)


def test_a_missing_number_is_an_empty_field() -> None:
    rows = numbers.collect(page(("code", [NUMBER | {"value": math.nan, "out_of": None}])), {}, "vi")
    assert (rows[0]["value"], rows[0]["out_of"]) == (None, None)
    assert numbers.read(numbers.write(rows)) == rows


def test_spreadsheets_and_pandas_read_the_names_and_numbers() -> None:
    content = numbers.write(numbers.collect(page(("code", [NUMBER])), {"30": {"vi": "Hải Dương", "en": ""}}, "vi"))
    table = pd.read_csv(io.BytesIO(content), dtype={"unit": str})
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(table.columns) == list(numbers.COLUMNS)
    assert table.loc[0, ["unit", "unit_name", "value", "year"]].to_list() == ["30", "Hải Dương", 87.84, 2023]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "=HYPERLINK(1)", "\t=1", " =1", "\r\n=1", "\n=1", "-cmd|' /C calc'!A0", "＝1+1", "'=1", "+4,32 điểm", "-", "+", '=1","x'],
)
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    content = numbers.write([{"note": text}]).decode(numbers.ENCODING)
    (row,) = csv.DictReader(io.StringIO(content, newline=""))
    assert row["note"] == f"'{text}"
    assert len(row) == len(numbers.COLUMNS)


@pytest.mark.parametrize("text", ["+4,32", "-4.30", "+1.234,5", "−4,30", "-12 %", "+25", "Hải Dương", "https://example.org/?a=1", "80-90", "'tis"])
def test_numbers_and_names_are_left_alone(text: str) -> None:
    assert numbers.harmless(text) == text


texts = st.text(st.characters(exclude_categories=("Cs",))) | st.text("=+-@'\t\r\n 1,.\"")
values = st.none() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: not value.is_integer())


@given(st.lists(st.fixed_dictionaries({name: values if name in numbers.NUMERIC else texts for name in numbers.COLUMNS}), max_size=4))
def test_what_is_written_comes_back(rows: list[numbers.Row]) -> None:
    assert numbers.read(numbers.write(rows)) == rows


@given(texts)
def test_no_text_field_can_be_run(text: str) -> None:
    content = numbers.write([{"note": text}]).decode(numbers.ENCODING)
    (row,) = csv.DictReader(io.StringIO(content, newline=""))
    met = row["note"].lstrip(" '") if not row["note"].startswith("'") else ""
    assert not met.startswith(("=", "@", "\t", "\r"))
    assert not met.startswith(("+", "-")) or numbers._NUMBER.fullmatch(met)


HEADINGS = ",".join(numbers.COLUMNS)
SCORE: numbers.Row = {"section": "A", "index": "par_index", "unit": "30", "year": 2023, "measure": "score", "value": 87.84}


def written(*changes: tuple[str, str], rows: int = 2) -> bytes:
    """A file of numbers in which texts were replaced."""
    text = numbers.write([SCORE] * rows).decode(numbers.ENCODING)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode("utf-8-sig")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "row 1: it is empty, expected the headings section, index, unit …"),
        (b"\xef\xbb\xbf", "row 1: it is empty, expected the headings section, index, unit …"),
        (written(("unit,", "")), "row 1: met the headings section, index, unit_name, .*, expected section, index, unit …; the column unit is missing"),
        (written((HEADINGS, "a,b")), "row 1: met the headings a, b, expected section, index, unit …; the column section is missing, and 16 more"),
        (written((HEADINGS, HEADINGS + ",more")), "row 1: met the headings .*, expected section, index, unit …"),
        (written(("section,index", "index,section")), "row 1: met the headings index, section, .*, expected each of them once, in the order section, index, unit …"),
        (written(("unit_name,year", "year,year")), "row 1: .*; the column unit_name is missing"),
        (written(("87.84", "87,84")), r"row 2: met 18 columns, expected 17 \(a number has a decimal point, and no comma\)"),
        (written(("87.84", '"87,84"')), "row 2, column value: met '87,84', expected a number such as 87.84"),
        (written(("87.84", "nan")), "row 2, column value: met 'nan', expected a number such as 87.84"),
        (written(("87.84", "inf")), "row 2, column value: met 'inf', expected a number such as 87.84"),
        (written(("87.84", "1e999")), "row 2, column value: met '1e999', expected a number such as 87.84"),
        (written(("87.84", "9" * 5000)), "row 2, column value: met '9999.*…', expected a number such as 87.84"),
        (written(("87.84", "8_7")), "row 2, column value: met '8_7', expected a number such as 87.84"),
        (written(("2023", "MMXXIII")), "row 2, column year: met 'MMXXIII', expected a number such as 87.84"),
        (written(('"par_index"', '"par_index')), "row 2, column index: met '\"par_index,.*', expected a text that ends with its quotation mark"),
        (written(('"A"', '"A"x')), "row 2, column section: met '\"A\"x.*', expected a text that ends with its quotation mark"),
        (written(('"A"', '"' + "A" * 200_000 + '"')), "row 2, column section: met '\"AAA.*…', expected a text that ends with its quotation mark"),
        (written(('"A"', '"A\n\nA"'), ('"A","par_index"', '"A","par_index')), "row 3, column index: met '\"par_index,.*', expected a text that ends"),
        (HEADINGS.encode("utf-16"), "row 1: met the byte 0x.., expected text in UTF-8"),
        (written()[3:].replace(b'"A"', "Hải".encode("cp1258", "replace") + b"\xb0"), "row 2: met the byte 0xb0, expected text in UTF-8"),
        (bytes(range(256)), "row 2: met the byte 0x80, expected text in UTF-8"),
    ],
)
def test_what_is_no_file_of_numbers_is_told_with_its_row_and_column(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}") as fault:
        numbers.read(content)
    assert len(str(fault.value)) < 300
    assert not any(word in str(fault.value) for word in ("csv", "codec", "decode", "field", "iterator", "quotechar", "strict"))


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_told_to_be_none(content: bytes) -> None:
    for met in (content, HEADINGS.encode() + b"\n" + content):
        with contextlib.suppress(ValueError):
            numbers.read(met)
