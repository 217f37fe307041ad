"""A pass over the XML of one sheet before it is read: how large it is, what is hidden or merged, which formulas have no value. It keeps next to nothing."""

from __future__ import annotations

import re
from typing import IO, Final, TypeAlias

from par_analysis.clean.archives import MAX_ENTRIES, Refused, parse, parser_of
from par_analysis.clean.reading import MAX_ROWS

MAX_COLUMNS: Final = 256
"""Columns of a sheet that are read: up to IV."""

MAX_LINES: Final = 300_000
"""Rows with an entry of their own, blank ones counted; what has more is no table."""

MAX_CELLS: Final = 1_000_000
"""Cells with an entry of their own, blank ones counted; what has more is no table."""

LAST_ROW: Final = 2**20
"""Excel's own last row."""

Area: TypeAlias = tuple[int, int, int, int]
"""First row, last row, first column, last column; all count from 1."""

_CELL: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def too_large(what: str) -> Refused:
    """A sheet that is no table for its size."""
    return Refused(what, rule="too large", expected="a table", hint="nothing of it was read")


def place_of(name: str) -> tuple[int, int]:
    """Row and column of a cell's name. Raises ``ValueError`` for what is none.

    >>> place_of("B12"), place_of("AA1")
    ((12, 2), (1, 27))
    """
    found = _CELL.fullmatch(name)
    if not found:
        raise ValueError(f"{name[:20]!r} is no cell")
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - 64
    return int(found[2]), column


def area_of(name: str) -> Area:
    """The corners of an area.

    >>> area_of("A1:C2")
    (1, 2, 1, 3)
    """
    first, _, last = name.partition(":")
    (top, left), (bottom, right) = place_of(first), place_of(last or first)
    return top, bottom, left, right


class Marks:
    """What the pass notes. ``last_row`` and ``last_column`` are those of a cell that holds something; ``unvalued`` are the formulas without a value."""

    def __init__(self) -> None:
        self.lines = self.cells = self.last_row = self.last_column = 0
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merged: list[Area] = []
        self.unvalued: set[tuple[int, int]] = set()
        self._row = self._column = self._entries = 0
        self._kind = self._tag = ""
        self._has_formula = self._has_value = False

    def read(self, stream: IO[bytes]) -> None:
        """Pass over a sheet. Raises ``Refused`` as soon as there is too much, and what the parser and ``int`` raise on damage."""
        parser = parser_of()
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._begin, self._end, self._said
        parse(parser, stream)

    def _begin(self, name: str, of: dict[str, str]) -> None:
        self._tag = name.rpartition(" ")[2]
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise too_large(f"more than {MAX_ENTRIES} entries in one row, or outside the rows")
        if self._tag == "row":
            self._begin_row(of)
        elif self._tag == "c":
            self._begin_cell(of)
        elif self._tag == "f":
            self._has_formula = True
        elif self._tag == "col" and _is_true(of.get("hidden", "")):
            self.hidden_columns.update(range(int(of["min"]), min(int(of["max"]), MAX_COLUMNS) + 1))
        elif self._tag == "mergeCell":
            self.merged.append(area_of(of["ref"]))
            if len(self.merged) > MAX_ROWS:
                raise too_large(f"more than {MAX_ROWS} merged areas")

    def _begin_row(self, of: dict[str, str]) -> None:
        self._row, self._column, self._entries = int(of.get("r", self._row + 1)), 0, 0
        self.lines += 1
        if self.lines > MAX_LINES or not 0 < self._row <= LAST_ROW:
            raise too_large(f"more than {MAX_LINES} rows" if self.lines > MAX_LINES else "a row beyond the last one")
        if _is_true(of.get("hidden", "")):
            self.hidden_rows.add(self._row)

    def _begin_cell(self, of: dict[str, str]) -> None:
        place = of.get("r")
        self._column = place_of(place)[1] if place else self._column + 1
        self._kind, self._has_formula, self._has_value = of.get("t", ""), False, False
        self.cells += 1
        if self.cells > MAX_CELLS:
            raise too_large(f"more than {MAX_CELLS} cells")

    def _said(self, text: str) -> None:
        self._has_value = self._has_value or (self._tag in {"v", "t"} and not text.isspace())

    def _end(self, name: str) -> None:
        self._tag = ""
        if name.rpartition(" ")[2] != "c" or not (self._has_value or self._has_formula):
            return
        self.last_row, self.last_column = max(self.last_row, self._row), max(self.last_column, self._column)
        if self._has_formula and not self._has_value and self._kind != "str":
            self.unvalued.add((self._row, self._column))


def _is_true(text: str) -> bool:
    return text in {"1", "true"}
