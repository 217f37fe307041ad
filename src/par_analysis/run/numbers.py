"""``numbers.csv``: every number of a page as a row with its source, in the order of the page."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from par_analysis.errors import RenderError, shortened
from par_analysis.model import Language
from par_analysis.show.blocks import MIME
from par_analysis.show.language import translations

if TYPE_CHECKING:
    from nbformat import NotebookNode

COLUMNS: Final = (
    "section", "index", "unit", "unit_name", "year", "period", "node", "measure", "value", "qualifier", "shown",
    "unit_of_measure", "out_of", "basis", "source", "edition", "note",
)  # fmt: skip
NUMERIC: Final = frozenset({"year", "value", "out_of"})
REQUIRED: Final = frozenset({"index", "unit", "year", "node", "measure", "value", "source"})

HIDDEN: Final = frozenset({"parameters", "injected-parameters", "hide"})
"""Cells with one of these tags are not on the page."""

ENCODING: Final = "utf-8-sig"
"""With a byte order mark, or spreadsheets read Vietnamese names as another encoding; ``pandas.read_csv`` skips it."""

Cell = str | int | float | None
Row = dict[str, Cell]

_FORMULA = re.compile(r"[\s']*[=+\-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]")
_NUMBER = re.compile(r"[+-]?[0-9]+([., \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}][0-9]+)*[ \N{NO-BREAK SPACE}]?%?")
_WRITTEN = re.compile(r"-?[0-9]{1,310}(\.[0-9]{1,40})?(e[+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"-?[0-9]+")
_CELL = re.compile(r'(?:"(?:[^"]|"")*+"|[^",\r\n]*)(?=[,\r\n]|\Z)')
_HEADING = re.compile(r"^##[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)


def payloads(notebook: NotebookNode, lang: Language, index: str = "") -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """(cell, section, payload) of every output on the page that carries blocks; the section is the heading above it, as readers of the index see it."""
    section = ""
    for number, cell in enumerate(notebook.cells, start=1):
        if not is_shown(cell, lang):
            continue
        if cell.cell_type == "markdown":
            section = (headings(cell, lang, index) or [section])[-1]
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                yield number, section, output.data[MIME]


def headings(cell: NotebookNode, lang: Language, index: str = "") -> list[str]:
    """The headings of sections in a text cell, as readers of an index see them."""
    return _HEADING.findall(_translated(cell, lang, index))


def all_headings(cell: NotebookNode, lang: Language, index: str = "") -> list[str]:
    """The headings of every level in a text cell below the page's title, as readers of an index see them."""
    from par_analysis.render.markdown import read_markdown
    from par_analysis.render.payload import plain

    blocks = read_markdown(_translated(cell, lang, index), 0, remarks=[])
    return [plain(block["text"]) for block in blocks if block["kind"] == "heading" and block["level"] > 1]


def is_shown(cell: NotebookNode, lang: Language) -> bool:
    """Whether a cell is on the page in a language."""
    tags = set(cell.metadata.get("tags", ()))
    languages = {tag for tag in tags if tag.startswith("lang:")}
    return not tags & HIDDEN and (not languages or f"lang:{lang}" in languages)


def _translated(cell: NotebookNode, lang: Language, index: str) -> str:
    source = str(cell.source).strip()
    if not source or any(tag.startswith("lang:") for tag in cell.metadata.get("tags", ())):
        return source
    return translations(lang, index).gettext(source)


def collect(notebook: NotebookNode, unit_names: Mapping[str, Mapping[Language, str]], lang: Language, index: str = "") -> list[Row]:
    """The rows of a page about an index, in its order. Raises ``RenderError`` for a number without what says what it is."""
    return [_row(number, cell, section, unit_names, lang) for cell, section, payload in payloads(notebook, lang, index) for number in payload.get("numbers", ())]


def _row(number: Mapping[str, Any], cell: int, section: str, unit_names: Mapping[str, Mapping[Language, str]], lang: Language) -> Row:
    optional = {"source"} if number.get("basis") == "computed" and number.get("unit_of_measure") == "count" else set()  # a count of what nobody published
    absent = sorted(REQUIRED - optional - {name for name, value in number.items() if value not in ("", None)})
    if absent:
        raise RenderError(f"a number is displayed without its {', '.join(absent)}", cell=cell)
    unit = str(number["unit"])
    named = unit_names.get(unit, {}).get(lang, unit)
    facts = {**number, "section": number.get("section") or section, "unit_name": number.get("unit_name") or named}
    try:
        return {name: _number(facts.get(name)) if name in NUMERIC else str(facts.get(name) or "") for name in COLUMNS}
    except (TypeError, ValueError) as error:
        raise RenderError(f"a number's year, value or denominator is not a number: {error}", cell=cell) from error


def _number(value: Any) -> int | float | None:
    """At most twelve significant digits: beyond them stand only the traces of binary arithmetic (4.320000000000007)."""
    if isinstance(value, bool | str):
        raise TypeError(f"met {value!r}")
    if value is None or not math.isfinite(value):
        return None
    rounded = float(f"{value:.12g}")
    return int(value) if float(value).is_integer() else int(rounded) if rounded.is_integer() else rounded


def write(rows: Iterable[Row]) -> bytes:
    r"""The file: text quoted, numbers bare, a missing number empty.

    >>> print(write([{"unit_name": "=1+1", "shown": "+4,32", "value": 4.32}]).decode(ENCODING).splitlines()[1])
    "","","","'=1+1",,"","","",4.32,"","+4,32","",,"","","",""
    """
    stream = io.StringIO(newline="")
    stream.write(",".join(COLUMNS) + "\n")
    for row in rows:
        stream.write(",".join(_bare(row.get(name)) if name in NUMERIC else _quoted(str(row.get(name) or "")) for name in COLUMNS) + "\n")
    return stream.getvalue().encode(ENCODING)


def _bare(value: Cell) -> str:
    return "" if value is None else repr(value)


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    guarded = harmless(text).replace('"', '""')
    return f'"{guarded}"'


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before what begins like one and is not a number.

    >>> harmless("=1+1"), harmless("+4,32"), harmless("-2+3"), harmless("@SUM(A1)"), harmless("Hải Dương")
    ("'=1+1", '+4,32', "'-2+3", "'@SUM(A1)", 'Hải Dương')
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def read(content: bytes) -> list[Row]:
    """The rows of a file that ``write`` made, equal to those it was given. Raises ``ValueError`` with the row and column of what is no such file."""
    rows = _records(_decoded(content))
    _require_headings(next(rows, (1, []))[1])
    return [_row_of(row, cells) for row, cells in rows if cells]


def _decoded(content: bytes) -> str:
    try:
        return content.decode(ENCODING)
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise ValueError(f"row {row}: met the byte 0x{error.object[error.start]:02x}, expected text in UTF-8") from error


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, as a spreadsheet counts them. Raises ``ValueError`` with the column in which a row cannot be read."""
    lines = list(io.StringIO(text, newline=""))
    records = csv.reader(lines, strict=True)
    for row in count(1):
        start = records.line_num
        try:
            yield row, next(records)
        except StopIteration:
            return
        except csv.Error:
            column, met = _unreadable("".join(lines[start:]))
            raise ValueError(f"row {row}, column {column}: met {shortened(met)!r}, expected a text that ends with its quotation mark") from None


def _unreadable(rest: str) -> tuple[str, str]:
    """The column of the first cell that cannot be read, and how that cell begins."""
    start, column = 0, 0
    while column < len(COLUMNS) - 1 and (cell := _CELL.match(rest, start)) and len(cell[0]) <= csv.field_size_limit():
        start, column = cell.end() + 1, column + 1
    return COLUMNS[column], rest[start : start + 100]


def _require_headings(met: Sequence[str]) -> None:
    if tuple(met) == COLUMNS:
        return
    absent, strange = ([name for name in names if name not in others] for names, others in ((COLUMNS, met), (met, COLUMNS)))
    if not met:
        raise ValueError(f"row 1: it is empty, expected the headings {', '.join(COLUMNS[:3])} …")
    if not absent and not strange:
        raise ValueError(f"row 1: met the headings {shortened(', '.join(met))}, expected each of them once, in the order {', '.join(COLUMNS[:3])} …")
    lacking = f"; the column {absent[0]} is missing" + (f", and {len(absent) - 1} more" if len(absent) > 1 else "") if absent else ""
    raise ValueError(f"row 1: met the headings {shortened(', '.join(met))}, expected {', '.join(COLUMNS[:3])} …{lacking}")


def _row_of(row: int, cells: Sequence[str]) -> Row:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"row {row}: met {len(cells)} columns, expected {len(COLUMNS)} (a number has a decimal point, and no comma)")
    return {name: _read_cell(row, name, text) for name, text in zip(COLUMNS, cells, strict=True)}


def _read_cell(row: int, name: str, text: str) -> str | int | float | None:
    if name not in NUMERIC:
        return _read_text(text)
    met = _read_number(text)
    if text and met is None:
        raise ValueError(f"row {row}, column {name}: met {shortened(text)!r}, expected a number such as 87.84")
    return met


def _read_number(text: str) -> int | float | None:
    """A number as ``write`` writes it; ``None`` for what is none, or is not finite.

    >>> _read_number("63"), _read_number("-0.5"), _read_number("1e-05"), _read_number("1,5"), _read_number("nan"), _read_number("1e999")
    (63, -0.5, 1e-05, None, None, None)
    """
    if not _WRITTEN.fullmatch(text):
        return None
    value = float(text)
    return None if not math.isfinite(value) else int(text) if _WHOLE.fullmatch(text) else value


def _read_text(text: str) -> str:
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text
