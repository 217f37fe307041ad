"""Where a table begins on a sheet: its headings are found by their words, wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from par_analysis.clean.layouts import Column, Table, tidy
from par_analysis.clean.sheets import Grid

SEARCHED: Final = 30
"""So many rows of a sheet are searched for headings."""

TALLEST: Final = 3
"""Headings stand in at most so many rows."""


@dataclass(frozen=True)
class Heading:
    """The rows of the headings (0 where none was found), the columns of names, what each other column holds, and the one that numbers the rows (0: none does).
    ``words``: column → the texts above it."""

    first: int = 0
    last: int = 0
    units: tuple[int, ...] = ()
    columns: Mapping[int, Column] = field(default_factory=dict)
    words: Mapping[int, frozenset[str]] = field(default_factory=dict)
    order: int = 0

    def missing(self, table: Table) -> list[Column]:
        """The columns that are not there and have to be."""
        return [column for column in table.columns if column not in self.columns.values() and not column.is_optional]

    def is_whole(self, table: Table) -> bool:
        """Whether nothing is missing."""
        return bool(self.units) and not self.missing(table)

    def name_column(self, column: int) -> int:
        """The column of names that a value belongs to: the only one, or the next one on its left."""
        return max((unit for unit in self.units if unit < column), default=self.units[0])


def find_heading(grid: Grid, table: Table) -> Heading:
    """The headings of a table: the fewest rows, from the top, in which all are found; else those in which most are."""
    found = Heading()
    for height in range(1, TALLEST + 1):
        for first in (row for row in grid.rows if row <= SEARCHED):
            met = _heading(grid, table, first, first + height - 1)
            if met.is_whole(table):
                return met
            found = max(found, met, key=lambda one: len(one.columns) + bool(one.units))
    return found


def _heading(grid: Grid, table: Table, first: int, last: int) -> Heading:
    """What the rows say as headings. A column without one begins with a text where it holds further names, and with a number where it may be meant by ""."""
    words: dict[int, set[str]] = {}
    for row in range(first, last + 1):
        for column, cell in grid.rows.get(row, {}).items():
            if isinstance(cell, str):
                words.setdefault(column, set()).add(tidy(cell))
    bare = {place: cell for place, cell in grid.rows.get(next((row for row in grid.rows if row > last), 0), {}).items() if place not in words}
    above = {place: frozenset(texts) for place, texts in words.items()}
    numbers = {place: frozenset({""}) for place, cell in bare.items() if not isinstance(cell, str)}
    meanings = {place: column for place, texts in sorted({**above, **numbers}.items()) for column in table.columns if column.is_under(texts)}
    named = [place for place in sorted(above) if above[place] & table.units and place not in meanings]
    names = [place for place, cell in bare.items() if isinstance(cell, str)] if named and table.has_names_beside else []
    order = next((place for place in sorted(above) if above[place] & table.order), 0)
    return Heading(first, last, tuple(sorted({*named, *names})), meanings, above, order)
