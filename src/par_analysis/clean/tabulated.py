"""The rows of a table on a sheet: the unit that a row is about, and the figures in it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from par_analysis.clean.headings import Heading
from par_analysis.clean.layouts import MEASURES, Table, tidy
from par_analysis.clean.numbers import parse_number
from par_analysis.clean.reading import MAX_FINDINGS, Reading
from par_analysis.clean.sheets import UNVALUED, Cell, Grid, Odd, letters
from par_analysis.errors import RequestError, Severity
from par_analysis.model import COUNTRY, Index

MOST_TEXTS: Final = 1000
"""After so many rows of text alone nothing further is read."""


@dataclass
class Rows:
    """One table being read. ``seen``: column → unit → the row that it stands in; ``numbers``: the rows that were read as those of units."""

    reading: Reading
    index: Index
    year: int
    table: Table
    sheet: str = ""
    grid: Grid = field(default_factory=lambda: Grid({}))
    heading: Heading = field(default_factory=Heading)
    seen: dict[int, dict[str, int]] = field(default_factory=dict)
    filled: set[int] = field(default_factory=set)  # columns with a figure
    numbers: list[int] = field(default_factory=list)
    codes: dict[str, str | None] = field(default_factory=dict)  # what was read as a name → the unit that it means

    def read(self) -> None:
        """Read the rows below the headings. A row of text alone is none of the table: a note, a signature, the name of a group."""
        texts: list[int] = []
        for row in self._below():
            texts += [] if self._is_read(row, self.grid.rows[row]) else [row]
            if len(texts) > MOST_TEXTS:
                self.find("error", "too many rows", row, f"more than {MOST_TEXTS} rows of text alone", "a table", "the rest was not read", at=f"{self.sheet}!{row}")
                return
        if texts and self.numbers:
            met = "a row of text alone" if len(texts) == 1 else f"{len(texts)} rows of text alone"
            self.find("note", "left out", texts[0], met, "rows of units", at=f"{self.sheet}!{texts[0]}")

    def find(self, severity: Severity, rule: str, row: int, met: str, expected: str, hint: str = "", *, at: str) -> None:
        """Note a finding at an address."""
        self.reading.find(severity, rule, row, at, met, expected, hint)

    def at(self, row: int, column: int) -> str:
        """The address of a cell."""
        return f"{self.sheet}!{letters(column)}{row}"

    @property
    def expected(self) -> int:
        """How many units the index ranked in the year."""
        provinces = len(self.reading.provinces(self.year)) or self.index.unit_count
        return self.index.unit_counts.get(self.year, min(self.index.unit_count, provinces))

    def _below(self) -> Iterator[int]:
        before = 0
        for row in self.grid.rows:
            if row <= self.heading.last:
                continue
            if (self.table.ends_at_blank_row and before and row > before + 1) or len(self.reading.findings) > MAX_FINDINGS:
                return
            before = row
            yield row

    def _is_read(self, row: int, cells: Mapping[int, Cell]) -> bool:
        """Whether a row is of the table; if so, it is read."""
        words = {tidy(cell) for cell in cells.values() if isinstance(cell, str) and _has_letters(cell)} | {printed(cells[name]) for name in self.heading.units if name in cells}
        country = next((measure for word, measure in self.table.country.items() if word in words), None)
        if words & self.table.left_out or country:
            self._read_country(row, cells, country or "")
            return True
        pairs = [(place, self.heading.name_column(place)) for place in self.heading.columns]
        names = dict.fromkeys(name for place, name in pairs if self._is_figure(cells.get(place)) or self._code(cells.get(name)))
        if not names:
            return False
        self.numbers.append(row)
        self.reading.length += 1
        units = {name: self._unit(row, name, cells) for name in names}
        for place, name in pairs:
            unit = units.get(name)
            if unit and self._is_first(row, place, name, unit):
                self._claim(row, place, unit, cells, self.heading.columns[place].measure)
                self._claim_place(row, place, unit, cells)
        return True

    def _read_country(self, row: int, cells: Mapping[int, Cell], measure: str) -> None:
        for place, column in self.heading.columns.items():
            if measure and column.measure == "score":
                self._claim(row, place, COUNTRY, cells, measure)

    def _is_figure(self, cell: Cell | None) -> bool:
        return isinstance(cell, float | Odd) or (isinstance(cell, str) and self.table.decimal is not None and re.match(r"\s*[0-9]", cell) is not None)

    def _code(self, cell: Cell | None) -> str | None:
        """The code of the unit that a cell names; ``None`` where it names none."""
        if not isinstance(cell, str) or not _has_letters(cell):
            return None
        if cell not in self.codes:
            self.codes[cell] = self._resolved(cell)
        return self.codes[cell]

    def _resolved(self, name: str) -> str | None:
        own = {tidy(spelling): str(code) for spelling, code in self.reading.layout.get("units", {}).items()}
        try:
            return own.get(tidy(name)) or self.reading.resolve(name, self.table.day or self.year)
        except RequestError:
            return None

    def _unit(self, row: int, column: int, cells: Mapping[int, Cell]) -> str | None:
        """The unit that a row of figures is about; a name that is none is a finding."""
        cell = cells.get(column)
        code = self._code(cell)
        if code is None and isinstance(cell, str) and _has_letters(cell):
            return self.reading.unit(row, self.at(row, column), cell, self.table.day or self.year)
        if code is None:
            self.find("error", "unknown name", row, "" if cell is None else printed(cell), "the name of a unit", "a row with figures has to be about one", at=self.at(row, column))
        return code

    def _is_first(self, row: int, place: int, name: int, unit: str) -> bool:
        """Whether the unit had no row yet. A second one is a finding, said once for all values beside a name."""
        seen = self.seen.setdefault(place, {})
        if seen.setdefault(unit, row) == row:
            return True
        if place == min(other for other in self.heading.columns if self.heading.name_column(other) == name):
            self.find("error", "duplicate key", row, printed(self.grid.rows[row][name]), f"every unit once; it stands in row {seen[unit]}", at=self.at(row, name))
        return False

    def _claim(self, row: int, place: int, unit: str, cells: Mapping[int, Cell], measure: str) -> None:
        """Note a figure, and the points that follow from it."""
        cell, column = cells.get(place), self.heading.columns[place]
        value = self._value(row, place, cell)
        if value is None or cell is None:
            return
        self.filled.add(place)
        text, unit_of_measure = printed(cell), MEASURES[column.measure] or self.index.unit_of_measure
        out_of = float(self.expected) if column.measure == "rank" else math.nan if column.out_of is None else column.out_of
        facts = {"index": self.index.code, "unit": unit, "year": self.year, "measure": measure, "unit_of_measure": unit_of_measure, "source": self.reading.address}
        self.reading.claim(row, text, column=self.at(row, place), **facts, node=column.node, value=value, out_of=out_of)
        top = self._top(column.points)
        if top is not None and column.out_of:
            note = f"{text} of {column.out_of:g}, which counts for {top:g} points"
            points = {"node": column.points, "value": value * top / column.out_of, "out_of": top, "basis": "derived", "note": note}
            self.reading.claim(row, text, column=self.at(row, place), **facts, **points)

    def _claim_place(self, row: int, place: int, unit: str, cells: Mapping[int, Cell]) -> None:
        """Note the rank that follows from where a value stands in its own order, unless there is a column of such ranks."""
        column, number = self.heading.columns[place], cells.get(self.heading.order)
        node = column.points or column.node
        has_ranks = any(other.measure == "rank" and other.node == node for other in self.heading.columns.values())
        if not isinstance(number, float) or place not in cells or column.measure != "score" or has_ranks:
            return
        facts = {"index": self.index.code, "unit": unit, "year": self.year, "node": node, "measure": "rank", "unit_of_measure": "place", "source": self.reading.address}
        self.reading.claim(row, printed(number), column=self.at(row, self.heading.order), **facts, value=number, out_of=float(self.expected))

    def _top(self, node: str) -> float | None:
        """The maximum of a node by the year's method, where it is known."""
        framework = self.reading.framework(self.index.code, self.year) if node else None
        return framework.limits.get(node, (0.0, None))[1] if framework else None

    def _value(self, row: int, place: int, cell: Cell | None) -> float | None:
        """The number in a cell; anything else but a blank is a finding."""
        if cell is None or isinstance(cell, float) or (isinstance(cell, str) and tidy(cell) in self.table.blanks):
            return cell if isinstance(cell, float) else None
        value, hint = self._parsed(cell) if isinstance(cell, str) else (None, "")
        if value is not None:
            return value
        is_unvalued = isinstance(cell, Odd) and cell.met == UNVALUED
        hint = "open the workbook, let it calculate, and save it" if is_unvalued else hint
        self.find("error", UNVALUED if is_unvalued else "not a number", row, printed(cell), f"a number{self._under(place)}", hint, at=self.at(row, place))
        return None

    def _under(self, place: int) -> str:
        """The heading that stands above a column, as words in a sentence."""
        words = self.heading.words.get(place, frozenset())
        return next((f" under {heading}" for heading in self.heading.columns[place].headings if tidy(heading) in words), "")

    def _parsed(self, text: str) -> tuple[float | None, str]:
        """The number that a text means, or why it means none."""
        if self.table.decimal is None:
            return None, "it is a number written as text" if re.fullmatch(r"\s*-?[0-9]+([.,][0-9]+)?\s*", text) else ""
        try:
            parsed = parse_number(text, decimal=self.table.decimal)
        except ValueError as error:
            return None, str(error)
        return (parsed.value, "") if not parsed.qualifier and parsed.high is None else (None, "it is no single number")


def _has_letters(cell: Cell) -> bool:
    return isinstance(cell, str) and any(map(str.isalpha, cell))


def printed(cell: Cell) -> str:
    """A cell's content as text."""
    if isinstance(cell, Odd):
        return cell.met
    return cell.strip() if isinstance(cell, str) else repr(cell).removesuffix(".0")
