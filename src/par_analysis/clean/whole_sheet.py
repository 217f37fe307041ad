"""What a table on a sheet lacks, hides or has too much of, once its rows are read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from par_analysis.clean.sheets import letters
from par_analysis.clean.tabulated import Rows
from par_analysis.errors import Severity

MOST_MISSING: Final = 0.1
"""A column that lacks more than this share of the year's units is none of the year."""


def say_whole_sheet(rows: Rows) -> None:
    """Note the findings about the table as a whole."""
    if not rows.numbers:
        rows.find("error", "no rows", rows.heading.last, "headings alone", "a row for every unit", at=rows.sheet)
        return
    _say_missing(rows)
    _say_hidden(rows)
    _say_merged(rows)
    _say_extra(rows)


def _say_missing(rows: Rows) -> None:
    """Every column has figures, and a row for every unit of the year; what several columns lack alike is said once."""
    for place, column in sorted(rows.heading.columns.items()):
        if place not in rows.filled and not column.is_optional:
            rows.find("error", "empty column", rows.heading.first, "blank in every row", f"figures under {column.headings[0]}", at=f"{rows.sheet}!{letters(place)}")
    provinces, told = rows.reading.provinces(rows.year), set()
    for place in sorted(rows.heading.columns):
        seen, name = rows.seen.get(place, {}), rows.heading.name_column(place)
        missing = tuple(unit for unit in provinces if unit not in seen) if rows.expected >= len(provinces) else ()
        if len(seen) >= rows.expected or (name, missing) in told:
            continue
        told.add((name, missing))
        met = f"{len(seen)} of {rows.expected}" + (f"; none for {_listed(missing)}" if missing else "")
        severity: Severity = "error" if rows.expected - len(seen) > MOST_MISSING * rows.expected else "warning"
        rows.find(severity, "missing units", 0, met, "a row for every unit, blank where nothing is known", at=f"{rows.sheet}!{letters(name)}")


def _say_hidden(rows: Rows) -> None:
    hidden = [str(row) for row in rows.numbers if row in rows.grid.hidden_rows]
    if hidden:
        rows.find("warning", "hidden rows", int(hidden[0]), _listed(hidden), "rows that can be seen", "they were read like the others", at=rows.sheet)
    for place in sorted(rows.grid.hidden_columns):
        is_read = place in rows.heading.columns or place in rows.heading.units
        is_known = bool(rows.heading.words.get(place, frozenset()) & rows.table.ignored)
        if is_read or (not is_known and any(place in rows.grid.rows[row] for row in rows.numbers)):
            hint = "it was read like the others" if is_read else "it was not read"
            rows.find("warning" if is_read else "note", "hidden column", rows.heading.first, letters(place), "columns that can be seen", hint, at=f"{rows.sheet}!{letters(place)}")


def _say_merged(rows: Rows) -> None:
    """Cells of the table that are merged: one of them holds what is meant for all, and the others are blank."""
    numbers, places = sorted(rows.numbers), sorted({*rows.heading.columns, *rows.heading.units})
    for top, bottom, left, right in rows.grid.merged:
        if _count(numbers, top, bottom) * _count(places, left, right) > 1:
            met = f"{letters(left)}{top}:{letters(right)}{bottom}"
            rows.find("warning", "merged cells", top, met, "a cell for every figure", "only the first of them holds something", at=rows.at(top, left))


def _count(numbers: Sequence[int], first: int, last: int) -> int:
    return bisect_right(numbers, last) - bisect_left(numbers, first)


def _say_extra(rows: Rows) -> None:
    """Columns that the record does not know."""
    known = {*rows.heading.columns, *rows.heading.units, rows.heading.order, *rows.grid.hidden_columns}
    for place in sorted({place for row in rows.numbers for place in rows.grid.rows[row]} - known):
        words = rows.heading.words.get(place) or frozenset({""})
        if not words & rows.table.ignored:
            met = " | ".join(sorted(words)) or "a column without a heading"
            rows.find("note", "extra column", rows.heading.first, met, "a column that the source's record names", "it was not read", at=f"{rows.sheet}!{letters(place)}")


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(codes[:12]) + (" …" if len(codes) > 12 else "")
