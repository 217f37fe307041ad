"""A document's tables as an Excel file to calculate with: numbers are numbers, and no text is ever a formula.

A first sheet says what the file is, every table has a sheet of its own, and ``numbers`` holds every number of the report with its source, where
the rows of ``numbers.csv`` are handed over.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook  # type: ignore[import-untyped, unused-ignore]
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # type: ignore[import-untyped, unused-ignore]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped, unused-ignore]
from openpyxl.worksheet.hyperlink import Hyperlink  # type: ignore[import-untyped, unused-ignore]
from openpyxl.worksheet.table import Table  # type: ignore[import-untyped, unused-ignore]

from par_analysis.errors import RenderError
from par_analysis.render.amounts import Amount, read_amount, read_column, read_labels
from par_analysis.render.document import Document
from par_analysis.render.layout import ems
from par_analysis.render.office import legal, repacked
from par_analysis.render.payload import Block, plain
from par_analysis.show.language import N_

NUMBERS: Final = "numbers"
"""The sheet of all numbers."""
HEAD: Final = 4
"""The row of a table's headings; above it stand its caption and its section."""
LONGEST: Final = 31
"""Letters of a sheet's name."""
MOST: Final = 32_767
"""Letters of a cell."""
WIDEST: Final = 60
"""A column is no wider, in digits."""
LINKS: Final = 2000
"""Letters of an address that a spreadsheet still follows."""

Row = Mapping[str, Any]

_INK, _SOFT, _TINT, _HAIR, _LINK = "1B262D", "55616A", "E8F0F4", "E0E6E9", "0B5C7A"
_TONES: Final = {"plain": _INK, "up": "0B5C7A", "down": "A8481A", "muted": _SOFT}
_FORMULA: Final = re.compile(r"[\s']*[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]|'")
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CAPTION: Final = N_("Table {number}")


def write_xlsx(document: Document, numbers: Sequence[Row] = ()) -> bytes:
    """The file. ``numbers`` are the rows of ``numbers.csv``. The same document gives the same bytes.

    Raises ``RenderError`` for a character that XML cannot hold.
    """
    writer = _Writer(document)
    writer.fill(numbers)
    stream = io.BytesIO()
    writer.book.save(stream)
    return repacked(stream.getvalue(), document)


def put_text(cell: Any, words: str, *, where: str = "") -> None:
    """A text in a cell, also where it looks like a formula, an error or a number, and also after it was edited.

    >>> cell = Workbook().active["A1"]
    >>> put_text(cell, "=1+1")
    >>> cell.value, cell.data_type, cell.quotePrefix
    ('=1+1', 's', True)
    """
    if len(words) > MOST:
        raise RenderError(f"{where or 'a cell'}: {len(words)} letters, a spreadsheet's cell holds {MOST}")
    cell.value = _ESCAPE.sub("_x005F_", legal(words, where=where or cell.coordinate))
    cell.data_type = "s"
    if _FORMULA.match(words):
        cell.quotePrefix = True


def put_number(cell: Any, amount: Amount, shown_as: str) -> None:
    """A number in a cell, shown as on the page."""
    cell.value = amount.value
    cell.number_format = shown_as


def sheet_name(words: str, taken: Iterable[str]) -> str:
    """A name that a sheet may have and no other has.

    >>> sheet_name("1. Points [%] / ranks: 2023", ["numbers"]), sheet_name("Numbers", ["numbers"])
    ('1. Points (%) - ranks - 2023', 'Numbers 2')
    """
    bare = re.sub(r"\s*[:\\/?*]\s*", " - ", words.replace("[", "(").replace("]", ")"))
    whole = " ".join(bare.split()).strip("' -")
    base = (whole if len(whole) <= LONGEST else whole[: LONGEST + 1].rsplit(" ", 1)[0][:LONGEST]).strip("' -") or "-"
    known, number, name = {one.casefold() for one in taken} | {"history"}, 1, base
    while name.casefold() in known:
        number += 1
        tail = f" {number}"
        name = base[: LONGEST - len(tail)] + tail
    return name


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document, self.say = document, document.words.say
        self.book = Workbook()
        self.about = self.book.active
        self.about.title = sheet_name(self.say("About"), [])
        self.sheets: list[tuple[Any, str]] = []

    def fill(self, numbers: Sequence[Row]) -> None:
        section = ""
        for item in self.document.blocks:
            block = item.block
            if block["kind"] == "heading" and block["level"] == 2:
                section = plain(block["text"])
            if block["kind"] == "table":
                self.sheets.append((self.table(block, section), self.caption(block)))
        if numbers:
            self.sheets.append((self.numbers(numbers), self.say("All numbers of the report, in full, with source and edition")))
        self.fill_about()

    def caption(self, block: Block) -> str:
        return "  ".join(filter(None, [self.say(_CAPTION).replace("{number}", str(block["number"])), block["caption"]]))

    # ------------------------------------------------------------ a table

    def table(self, block: Block, section: str) -> Any:
        names = [*(sheet.title for sheet in self.book.worksheets), NUMBERS]
        sheet = self.book.create_sheet(sheet_name(f"{block['number']}. {block['caption'] or section}", names))
        put_text(sheet["A1"], self.caption(block))
        put_text(sheet["A2"], section)
        sheet["A1"].font, sheet["A2"].font = Font(name="Arial", bold=True, size=12, color=_INK), Font(name="Arial", size=9, color=_SOFT)
        labels = [column["label"] for column in block["columns"]]
        self.head(sheet, HEAD, labels, [column["numeric"] for column in block["columns"]])
        for number, column in enumerate(block["columns"], 1):
            self.column(sheet, number, column["numeric"], [row["cells"][number - 1] for row in block["rows"]])
        for offset, row in enumerate(block["rows"], HEAD + 1):
            self.dress(sheet, offset, row)
        self.notes(sheet, HEAD + len(block["rows"]) + 2, [plain(note) for note in block["notes"]], len(labels))
        self.finish(sheet, HEAD, labels, len(block["rows"]), f"Table_{block['number']}")
        return sheet

    def head(self, sheet: Any, line: int, labels: Sequence[str], numeric: Sequence[bool]) -> None:
        edge = Side(style="medium", color=_INK)
        for number, (label, at_end) in enumerate(zip(labels, numeric, strict=True), 1):
            cell = sheet.cell(line, number)
            put_text(cell, label)
            cell.font, cell.border = Font(name="Arial", bold=True, size=9, color=_SOFT), Border(top=edge, bottom=edge)
            cell.alignment = Alignment(horizontal="right" if at_end else "left", vertical="bottom", wrap_text=True, indent=_indent(number, at_end))
        sheet.row_dimensions[line].height = 27  # two lines

    def column(self, sheet: Any, number: int, numeric: bool, cells: Sequence[Mapping[str, Any]]) -> None:
        texts = [cell["text"] for cell in cells]
        amounts = read_column(texts, self.document.lang) if numeric else read_labels(texts)
        for line, (told, amount) in enumerate(zip(cells, amounts, strict=True), HEAD + 1):
            cell = sheet.cell(line, number)
            if amount:
                put_number(cell, *amount)
            else:
                put_text(cell, told["text"])
            if told.get("href", "").startswith(("http", "mailto:")) and len(told["href"]) < LINKS:
                cell.hyperlink = legal(told["href"], where=cell.coordinate)
            cell.alignment = Alignment(horizontal="right" if numeric else "left", vertical="top", wrap_text=not numeric, indent=_indent(number, numeric))
        label = sheet.cell(HEAD, number).value or ""
        sheet.column_dimensions[get_column_letter(number)].width = _width(texts, label)

    def dress(self, sheet: Any, line: int, row: Mapping[str, Any]) -> None:
        hair = Side(style="thin", color=_HAIR)
        for number, told in enumerate(row["cells"], 1):
            cell = sheet.cell(line, number)
            colour = _LINK if cell.hyperlink else _TONES[told["tone"]]
            cell.font = Font(name="Arial", size=10, bold=told["strong"] or row["highlight"], color=colour, underline="single" if cell.hyperlink else None)
            cell.border = Border(bottom=hair)
            if row["highlight"]:
                cell.fill = PatternFill("solid", fgColor=_TINT)

    def notes(self, sheet: Any, line: int, notes: Sequence[str], columns: int) -> None:
        room = sum(sheet.column_dimensions[get_column_letter(number)].width for number in range(1, columns + 1))
        for offset, note in enumerate(notes):
            self.paragraph(sheet, line + offset, note, columns, room)

    def paragraph(self, sheet: Any, line: int, words: str, columns: int, room: float) -> None:
        """A text over several columns, in a row as high as it needs."""
        cell = sheet.cell(line, 1)
        put_text(cell, words)
        cell.font, cell.alignment = Font(name="Arial", size=9, color=_SOFT), Alignment(wrap_text=True, vertical="top")
        if columns > 1:
            sheet.merge_cells(start_row=line, start_column=1, end_row=line, end_column=columns)
        sheet.row_dimensions[line].height = 12.5 * max(math.ceil(sum(_digits(part) for part in words.split("\n")) / max(room, 1)), 1) + 2

    def finish(self, sheet: Any, line: int, labels: Sequence[str], count: int, name: str) -> None:
        """What every table has: headings that stay in sight and come again on every page, and that sort and filter; A4 on its side."""
        sheet.freeze_panes = sheet.cell(line + 1, 2)
        sheet.print_title_rows = f"{line}:{line}"
        if count and all(labels) and len({label.casefold() for label in labels}) == len(labels):
            sheet.add_table(Table(displayName=name, name=name, ref=f"A{line}:{get_column_letter(len(labels))}{line + count}"))
        self.page(sheet)

    def page(self, sheet: Any) -> None:
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.oddFooter.left.text = legal(self.document.full_title, where="the title").replace("&", "&&")
        sheet.oddFooter.right.text = "&P / &N"
        sheet.sheet_view.showGridLines = False

    # ------------------------------------------------------------ all numbers

    def numbers(self, rows: Sequence[Row]) -> Any:
        sheet = self.book.create_sheet(NUMBERS)
        names = list(rows[0])
        self.head(sheet, 1, names, [False] * len(names))
        font = Font(name="Arial", size=9, color=_INK)
        for line, row in enumerate(rows, 2):
            for number, name in enumerate(names, 1):
                cell, value = sheet.cell(line, number), row[name]
                if isinstance(value, str):
                    put_text(cell, value, where=f"{NUMBERS}, row {line}, {name}")
                else:
                    cell.value = value
                cell.font = font
        for number, name in enumerate(names, 1):
            sheet.column_dimensions[get_column_letter(number)].width = min(_width([str(row[name]) for row in rows[:200]], name), 40)
        self.finish(sheet, 1, names, len(rows), "All_numbers")
        return sheet

    # ------------------------------------------------------------ the first sheet

    def fill_about(self) -> None:
        sheet, cover, line = self.about, self.document.cover, 1
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width, sheet.column_dimensions["C"].width = 34, 16, 70
        for words, size in ((self.document.full_title, 16), (cover["subtitle"], 11)):
            put_text(sheet.cell(line, 1), words)
            sheet.cell(line, 1).font = Font(name="Arial", bold=size > 11, size=size, color=_INK)
            line += 1
        for words in (*map(plain, cover["lead"]), self.purpose()):
            self.paragraph(sheet, line, words, 3, 110)
            line += 1
        line = self.list(line + 1, self.say("Key figures"), [(one["label"], one["value"], one["detail"]) for one in cover["headlines"]], is_amount=True)
        line = self.list(line, self.say("Sheets"), [(sheet.title, "", told) for sheet, told in self.sheets], link=True)
        identity = [(str(name), value if type(value) is int else str(value), "") for name, value in sorted(self.document.identity.items())]
        self.list(line, self.say("What this file is"), [*identity, (self.say("Author"), cover["author"], "")] if cover["author"] else identity)
        self.page(sheet)

    def purpose(self) -> str:
        full = self.say("The sheet “{sheet}” has all numbers in full, with source and edition.").replace("{sheet}", NUMBERS)
        said = self.say("The tables of the report, to calculate with: text and charts stand in its other files. Numbers have the decimals that the report shows.")
        return f"{said} {full}" if self.sheets and self.sheets[-1][0].title == NUMBERS else said

    def list(self, line: int, heading: str, rows: Sequence[tuple[str, str | int, str]], *, link: bool = False, is_amount: bool = False) -> int:
        """Rows of three below a heading; the line after them. ``is_amount``: the second of three may be a number."""
        if not rows:
            return line
        put_text(self.about.cell(line, 1), heading)
        self.about.cell(line, 1).font = Font(name="Arial", bold=True, size=11, color=_INK)
        for offset, row in enumerate(rows, line + 1):
            self.line(offset, row, is_amount=is_amount)
            if link:
                self.about.cell(offset, 1).hyperlink = Hyperlink(ref="", location="'" + row[0].replace("'", "''") + "'!A1")
                self.about.cell(offset, 1).font = Font(name="Arial", size=10, color=_LINK, underline="single")
        return line + len(rows) + 2

    def line(self, line: int, row: tuple[str, str | int, str], *, is_amount: bool) -> None:
        for number, words in enumerate(row, 1):
            cell = self.about.cell(line, number)
            amount = read_amount(str(words), self.document.lang) if number == 2 and is_amount else None
            if isinstance(words, int):
                cell.value = words
            elif amount:
                put_number(cell, amount, amount.shown_as(is_signed=amount.is_signed))
            else:
                put_text(cell, words)
            cell.font = Font(name="Arial", size=10, color=_INK if number < 3 else _SOFT)
            cell.alignment = Alignment(horizontal="right" if amount else "left", vertical="top", wrap_text=True, indent=_indent(number, bool(amount)))


def _indent(number: int, at_end: bool) -> int:
    """A text column after the first keeps its distance from the numbers before it."""
    return int(number > 1 and not at_end)


def _digits(words: str) -> float:
    """How many digits a text is wide."""
    return ems(words) / 0.6


def _width(texts: Sequence[str], label: str) -> float:
    """A column's width: its widest text, and its heading on two lines at most."""
    words = max(map(_digits, label.split()), default=0.0)
    widest = max((_digits(one) for words_ in texts for one in words_.split("\n")), default=0.0)
    return round(min(max(widest + 2, words + 4, _digits(label) / 2 + 4, 9), WIDEST), 1)
