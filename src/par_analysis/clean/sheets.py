"""Workbooks opened: their sheets as grids of cells, from ``.xlsx`` and ``.xls`` alike, with what is hidden, merged, or has no value."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from par_analysis.clean.archives import DAMAGE, Refused, kind_of, locked
from par_analysis.clean.marks import MAX_CELLS, MAX_COLUMNS, Area, Marks, too_large
from par_analysis.clean.reading import MAX_ROWS

UNVALUED: Final = "a formula without a value"


@dataclass(frozen=True)
class Odd:
    """What stands in a cell that is neither a number nor a text; ``day`` (ISO) is that of a date, "" where it is none or is not known."""

    met: str
    day: str = ""


Cell: TypeAlias = float | str | Odd


@dataclass(frozen=True)
class Grid:
    """A sheet: row → column → what stands there, blank rows and cells left out; rows and columns count from 1."""

    rows: Mapping[int, Mapping[int, Cell]]
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[Area, ...] = ()


class Book(Protocol):
    """A workbook that was opened. ``sheets``: name → whether it is hidden."""

    sheets: Mapping[str, bool]

    def grid(self, sheet: str) -> Grid:
        """The cells of a sheet. Raises ``Refused`` for one that is damaged or too large to be a table."""

    def close(self) -> None:
        """Let go of the file."""


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """A workbook. Raises ``Refused`` for what is none, is damaged, or is not safe to open. Of the sheets, only those that are asked for are held."""
    kind = kind_of(path)
    with told_damage():
        book: Book = _NewBook(path) if kind == "xlsx" else _OldBook(path)
    try:
        yield book
    finally:
        book.close()


@contextmanager
def told_damage() -> Iterator[None]:
    """Whatever the libraries raise on a damaged file is one refusal, and what they warn of (features that nobody asks for here) is not said."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except DAMAGE as error:
            raise Refused("a damaged workbook", expected="a workbook that can be read to its end", hint="open it in a spreadsheet program and save it as .xlsx") from error


def letters(column: int) -> str:
    """The letters of a column.

    >>> letters(1), letters(27), letters(256)
    ('A', 'AA', 'IV')
    """
    name = ""
    while column:
        column, last = divmod(column - 1, 26)
        name = chr(65 + last) + name
    return name


def is_percent(form: str) -> bool:
    """Whether a number format shows a hundred times the value, with a percent sign.

    >>> is_percent("0.00%"), is_percent('0.00"%"'), is_percent("General")
    (True, False, False)
    """
    return "%" in re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", form)


def _number(value: float, form: str) -> float:
    """A number as it is shown: a share in the format of percent is percent."""
    return float(f"{100 * value:.12g}") if is_percent(form) else float(value)


def _text(value: str) -> str | None:
    return value if value.strip() else None


class _NewBook:
    """A workbook of the newer kind: openpyxl reads its cells, row by row."""

    def __init__(self, path: Path) -> None:
        import openpyxl  # type: ignore[import-untyped, unused-ignore]

        self._path, self._stream = path, path.open("rb")
        try:
            self._book: Any = openpyxl.load_workbook(self._stream, read_only=True, data_only=True, keep_links=False)
        except BaseException:
            self._stream.close()
            raise
        self._sheets: dict[str, Any] = {str(sheet.title): sheet for sheet in self._book.worksheets}
        self.sheets: Mapping[str, bool] = {name: sheet.sheet_state != "visible" for name, sheet in self._sheets.items()}

    def close(self) -> None:
        self._book.close()
        self._stream.close()

    def grid(self, sheet: str) -> Grid:
        with told_damage():
            marks = self._marks(sheet)
            rows = self._rows(sheet, marks) if marks.last_row else {}
        for row, column in marks.unvalued:
            rows.setdefault(row, {})[column] = Odd(UNVALUED)
        return Grid(dict(sorted(rows.items())), frozenset(marks.hidden_rows), frozenset(marks.hidden_columns), tuple(marks.merged))

    def _marks(self, sheet: str) -> Marks:
        marks = Marks()
        with zipfile.ZipFile(self._path) as archive, archive.open(self._sheets[sheet]._worksheet_path.lstrip("/")) as stream:
            marks.read(stream)
        return marks

    def _rows(self, sheet: str, marks: Marks) -> dict[int, dict[int, Cell]]:
        cells = self._sheets[sheet]
        cells.reset_dimensions()  # what the file says of its own size is not believed
        found: dict[int, dict[int, Cell]] = {}
        for line in cells.iter_rows(max_row=marks.last_row, max_col=min(marks.last_column, MAX_COLUMNS)):
            met = {cell.column: (cell.row, value) for cell in line if (value := _new_value(cell)) is not None}
            for column, (row, value) in met.items():
                found.setdefault(row, {})[column] = value
            _require_short(found)
        return found


def _require_short(rows: Mapping[int, object]) -> None:
    if len(rows) > MAX_ROWS:
        raise too_large(f"more than {MAX_ROWS} rows")


def _new_value(cell: Any) -> Cell | None:
    value = cell.value
    if value is None:
        return None
    if isinstance(value, str):
        return Odd(f"the error {value}") if cell.data_type == "e" else _text(value)
    if isinstance(value, bool):
        return Odd(str(value).upper())
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    return Odd(f"a date or time ({value})", value.date().isoformat() if isinstance(value, datetime.datetime) else "")


class _Silence:
    """Where xlrd may say what it pleases."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing is kept."""


class _OldBook:
    """A workbook of the older kind: xlrd reads it, a sheet at a time."""

    def __init__(self, path: Path) -> None:
        import xlrd  # type: ignore[import-untyped, unused-ignore]
        from xlrd.compdoc import CompDocError  # type: ignore[import-untyped, unused-ignore]

        try:
            self._book: Any = xlrd.open_workbook(path, logfile=_Silence(), formatting_info=True, on_demand=True, ragged_rows=True)
        except (xlrd.XLRDError, CompDocError) as error:
            raise (locked() if "encrypted" in str(error) else ValueError(str(error))) from error
        self.sheets: Mapping[str, bool] = {str(name): bool(state) for name, state in zip(self._book.sheet_names(), self._book._sheet_visibility, strict=True)}

    def close(self) -> None:
        self._book.release_resources()

    def grid(self, sheet: str) -> Grid:
        with told_damage():
            cells = self._sheet(sheet)
            rows = {row + 1: met for row in range(cells.nrows) if (met := self._row(cells, row))}
            _require_short(rows)
            if sum(map(len, rows.values())) > MAX_CELLS:
                raise too_large(f"more than {MAX_CELLS} cells")
            hidden_rows = frozenset(row + 1 for row, facts in cells.rowinfo_map.items() if facts.hidden)
            hidden_columns = frozenset(column + 1 for column, facts in cells.colinfo_map.items() if facts.hidden)
            merged = tuple((top + 1, bottom, left + 1, right) for top, bottom, left, right in cells.merged_cells)
            self._book.unload_sheet(sheet)
        return Grid(rows, hidden_rows, hidden_columns, merged)

    def _sheet(self, sheet: str) -> Any:
        import xlrd

        try:
            return self._book.sheet_by_name(sheet)
        except xlrd.XLRDError as error:
            raise ValueError(str(error)) from error

    def _row(self, cells: Any, row: int) -> dict[int, Cell]:
        kinds, values = cells.row_types(row), cells.row_values(row)
        met = {column: self._value(cells, row, column, kind, value) for column, (kind, value) in enumerate(zip(kinds, values, strict=True))}
        return {column + 1: value for column, value in met.items() if value is not None}

    def _value(self, cells: Any, row: int, column: int, kind: int, value: Any) -> Cell | None:
        import xlrd

        if kind == xlrd.XL_CELL_NUMBER:
            return _number(value, self._book.format_map[self._book.xf_list[cells.cell_xf_index(row, column)].format_key].format_str)
        if kind == xlrd.XL_CELL_TEXT:
            return _text(value)
        if kind == xlrd.XL_CELL_DATE:
            return Odd("a date or time")
        if kind == xlrd.XL_CELL_BOOLEAN:
            return Odd("TRUE" if value else "FALSE")
        return Odd(f"the error {xlrd.error_text_from_code.get(value, value)}") if kind == xlrd.XL_CELL_ERROR else None
