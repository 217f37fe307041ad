"""The sheets of a scorecard to fill in: the table with its rules, the list of owners, and how to fill it in, in the language of the file."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from par_analysis.show.language import Words

FIRST: Final = 7
"""The first row of the table; the headings stand above it."""
MORE_ROWS: Final = 200
"""So many rows below the last one have the same rules."""
OWNERS: Final = 60
"""Rows of the list of owners."""
WIDTHS: Final = {
    "code": 9, "name": 58, "maximum": 10, "self_score": 10, "score": 11, "survey_score": 11, "owner": 28, "deadline": 13, "locked": 11, "effort": 9, "note": 40,
}  # fmt: skip
"""What a column holds, in the order of the columns → its width in characters."""
POINTS: Final = ("self_score", "score", "survey_score")
_FORMULA: Final = ("=", "+", "-", "@")
_HEAD, _DOMAIN, _LINE, _INPUT = "FF0B5C7A", "FFE3EEF2", "FFB9C3C9", "FFFFFFFF"


@dataclass(frozen=True)
class Part:
    """A row: blank where it is to be filled in."""

    code: str = ""
    name: str = ""
    maximum: float | None = None


@dataclass(frozen=True)
class Form:
    """What the workbook is about. ``headings``: of columns and facts; ``facts``: index, unit, year; ``high``: what all maxima add up to."""

    words: Words
    headings: Mapping[str, str]
    facts: Mapping[str, object]
    parts: Sequence[Part]
    high: float
    is_protected: bool = False

    def letter(self, name: str) -> str:
        """The letter of a column."""
        return chr(ord("A") + list(WIDTHS).index(name))


def write(cell: Any, value: object) -> None:
    """Put a value into a cell; a text that a spreadsheet would take for a formula stays a text, also when the cell is edited.

    >>> import openpyxl
    >>> cell = openpyxl.Workbook().active["A1"]
    >>> write(cell, "=1+1")
    >>> cell.value, cell.data_type, cell.quotePrefix
    ('=1+1', 's', True)
    """
    cell.value = value
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        cell.data_type = "s"
        cell.quotePrefix = True


def workbook(form: Form) -> bytes:
    """The workbook as a file."""
    from openpyxl import Workbook  # type: ignore[import-untyped, unused-ignore]

    book, say = Workbook(), form.words.say
    day = datetime.datetime(2000, 1, 1)
    book.properties.creator, book.properties.created, book.properties.modified = "par-analysis", day, day
    table = book.active
    table.title = say("Scorecard")
    owners = book.create_sheet(say("Owners"))
    _fill_table(table, form)
    _add_rules(table, owners.title, form)
    _fill_owners(owners, form)
    _fill_instructions(book.create_sheet(say("Instructions")), form)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill_table(sheet: Any, form: Form) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped, unused-ignore]
    from openpyxl.worksheet.properties import PageSetupProperties  # type: ignore[import-untyped, unused-ignore]

    title = form.words.say("Scorecard: {index}, {unit}, {year}").format(**form.facts)
    write(sheet["A1"], title)
    sheet["A1"].font = Font(bold=True, size=14)
    for row, name in enumerate(("index", "unit", "year"), start=2):
        write(sheet[f"A{row}"], form.headings[name])
        write(sheet[f"B{row}"], form.facts[name])
        sheet[f"A{row}"].font, sheet[f"B{row}"].alignment = Font(bold=True), Alignment(horizontal="left")
    for name, width in WIDTHS.items():
        head = sheet[f"{form.letter(name)}{FIRST - 1}"]
        write(head, form.headings[name])
        head.font, head.fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor=_HEAD)
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal="left" if name in {"name", "owner", "note"} else "center")
        sheet.column_dimensions[form.letter(name)].width = width
    sheet.row_dimensions[FIRST - 1].height = 32
    for row, part in enumerate(form.parts, start=FIRST):
        _fill_row(sheet, row, part, form)
    for row in range(FIRST + len(form.parts), FIRST + len(form.parts) + MORE_ROWS):
        sheet[f"A{row}"].number_format = "@"  # a code is a text, or 1.10 becomes 1.1
    sheet.freeze_panes = f"C{FIRST}"
    sheet.print_title_rows = f"{FIRST - 1}:{FIRST - 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 9, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _fill_row(sheet: Any, row: int, part: Part, form: Form) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

    line = Side(style="thin", color=_LINE)
    is_domain = part.code.isdigit()
    filled = {"code": part.code or None, "name": part.name or None, "maximum": part.maximum}
    for name in WIDTHS:
        cell = sheet[f"{form.letter(name)}{row}"]
        write(cell, filled.get(name))
        cell.border = Border(bottom=line, right=line)
        cell.number_format = "@" if name == "code" else "0.00" if name in {"maximum", *POINTS} else "dd/mm/yyyy" if name == "deadline" else "General"
        cell.alignment = Alignment(wrap_text=name in {"name", "owner", "note"}, vertical="top", horizontal="center" if name in {"deadline", "locked", "effort"} else None)
        cell.font, cell.fill = Font(bold=is_domain), PatternFill("solid", fgColor=_DOMAIN if is_domain else _INPUT)
        cell.protection = Protection(locked=form.is_protected and filled.get(name) is not None)
    if form.is_protected:
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.formatRows = False


def _add_rules(sheet: Any, owners: str, form: Form) -> None:
    """What a cell may hold; what does not fit is refused while it is typed, an owner that is not listed after a warning."""
    from openpyxl.worksheet.datavalidation import DataValidation  # type: ignore[import-untyped, unused-ignore]

    say, last = form.words.say, FIRST + len(form.parts) + MORE_ROWS - 1
    maximum = f"${form.letter('maximum')}{FIRST}"
    rules = {
        ("code",): ({"type": "custom", "formula1": f"SUMPRODUCT(--($A${FIRST}:$A${last}=$A{FIRST}))=1"}, say("Every code stands in one row only.")),
        ("maximum",): ({"type": "decimal", "operator": "greaterThan", "formula1": "0"}, say("A number above 0.")),
        POINTS: ({"type": "decimal", "operator": "between", "formula1": "0", "formula2": maximum}, say("A number from 0 to the maximum of the row.")),
        ("owner",): ({"type": "list", "formula1": _range(owners)}, say("An owner of the list on the next sheet; add a new one there.")),
        ("deadline",): ({"type": "date", "operator": "between", "formula1": "DATE(2000,1,1)", "formula2": "DATE(2100,12,31)"}, say("A date, such as 30/06/2026.")),
        ("locked",): ({"type": "list", "formula1": '"x"'}, say("x, or nothing.")),
        ("effort",): ({"type": "whole", "operator": "between", "formula1": "1", "formula2": "5"}, say("A whole number from 1 (little) to 5 (much).")),
    }
    for names, (rule, message) in rules.items():
        style = "warning" if names == ("owner",) else "stop"
        check = DataValidation(**rule, allow_blank=True, showErrorMessage=True, errorStyle=style, errorTitle=form.headings[names[0]], error=message)
        check.add(f"{form.letter(names[0])}{FIRST}:{form.letter(names[-1])}{last}")
        sheet.add_data_validation(check)


def _range(sheet: str) -> str:
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!$A$2:$A${OWNERS + 1}"


def _fill_owners(sheet: Any, form: Form) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    write(sheet["A1"], form.headings["owner"])
    sheet["A1"].font, sheet["A1"].fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor=_HEAD)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 44, 70
    write(sheet["B1"], form.words.say("One office a row. The table offers these names to choose from; one name an office, always written alike."))
    sheet["B1"].alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _fill_instructions(sheet: Any, form: Form) -> None:
    from openpyxl.styles import Alignment, Font

    say, heads = form.words.say, form.headings
    lines = [
        say("How to fill in this workbook"),
        say("A row for every domain, criterion and sub-criterion. The code says where a row belongs: 1 is a domain, 1.2 a criterion of it, 1.2.3 a part of that."),
        say("Blank rows may stay blank, be deleted or be added to; the order of the rows does not matter."),
        say("“{maximum}”: the highest possible points of the row. All domains together have {high} points.").format(maximum=heads["maximum"], high=form.words.maximum(form.high)),
        say("“{self_score}”: the points that the province gives itself. “{score}”: the points after appraisal. “{survey_score}”: the points from surveys.").format(**heads),
        say("A row whose parts have rows of their own needs no points: they are the sum of its parts."),
        say("“{owner}”: who is to see to it; the names stand on the next sheet. “{deadline}”: until when. Both hold for the rows below a row as well.").format(**heads),
        say("“{locked}”: x where the points cannot be raised. “{effort}”: from 1 (little) to 5 (much), what it takes to win all that is missing.").format(**heads),
        say("What is not known stays blank: a blank is not 0."),
        say("The headings, and what stands above them, are not to be changed: they are how the workbook is read."),
    ]
    sheet.column_dimensions["A"].width = 110
    for row, line in enumerate(lines, start=1):
        write(sheet[f"A{row}"], line)
        sheet[f"A{row}"].alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 32 if len(line) > 105 else 18
    sheet["A1"].font = Font(bold=True, size=14)
