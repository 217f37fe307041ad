"""Workbooks of Excel: the layout of the source says where a table stands and what its columns hold; the file's record says the year.

``layout`` (in ``sources/<source>.toml``): ``index``; ``units``, spellings of this source alone; ``hidden_sheets``, known and not read; ``columns``, what is under which
heading; ``tables``, for spans of years the sheet, the heading of the names, and which rows are no units. ``docs/how-to/read-a-workbook.md`` has them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from par_analysis.clean.archives import Refused
from par_analysis.clean.headings import SEARCHED, Heading, find_heading
from par_analysis.clean.layouts import Column, Table, tables_of, tidy
from par_analysis.clean.reading import Reading
from par_analysis.clean.sheets import Book, Grid, letters, opened
from par_analysis.clean.tabulated import Rows
from par_analysis.clean.whole_sheet import say_whole_sheet
from par_analysis.errors import shortened

MOST_SHEETS: Final = 50
"""So many sheets are searched for a table that is not known by its sheet's name."""


def read_workbook(path: Path, reading: Reading) -> None:
    """Read the tables of a workbook into ``reading`` as claims and findings. A blank cell is no claim. A finding's column is the address of the cell."""
    if reading.file_year is None:
        reading.find("error", "no year", 0, "year", "", "the year measured, in edition.toml", "the file itself does not name it")
        return
    try:
        tables, index = tables_of(reading.layout, reading.file_year), reading.indices[reading.layout["index"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reading.find("error", "no layout", 0, "layout", f"{type(error).__name__}: {error}", "a [layout] of the source as docs/how-to/read-a-workbook.md describes it")
        return
    if not tables:
        reading.find("error", "no layout", 0, "year", str(reading.file_year), "a year that one of the source's [[layout.tables]] is for")
        return
    try:
        with opened(path) as book:
            used = {sheet for table in tables for sheet in _read_table(book, table, Rows(reading, index, reading.file_year, table))}
            known = used | {name for name in book.sheets if tidy(name) in map(tidy, reading.layout.get("hidden_sheets", ()))}
            for sheet in (name for name, is_hidden in book.sheets.items() if is_hidden and name not in known):
                reading.find("note", "hidden sheet", 0, _shown(sheet), "a sheet that is hidden", "sheets that can be seen", "it was not read")
    except Refused as error:
        reading.find("error", error.rule, 0, "", error.met, error.expected, error.hint)


def _shown(sheet: str) -> str:
    """The name of a sheet, fit for a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in shortened(sheet.strip(), width=31))


def _read_table(book: Book, table: Table, rows: Rows) -> list[str]:
    """The name of the sheet that a table was read from; none where it was not found."""
    wanted = set(map(tidy, table.sheets))
    candidates = [name for name, is_hidden in book.sheets.items() if (tidy(name) in wanted if wanted else not is_hidden)]
    found: list[tuple[str, Grid, Heading]] = []
    for name in candidates[:MOST_SHEETS]:
        grid = book.grid(name)
        met = (name, grid, find_heading(grid, table))
        found = [one for one in (*found, met) if one[2].is_whole(table)] or [max((*found, met), key=lambda one: len(one[2].columns))]
        if len(found) > 1:
            break
    if len(found) != 1:
        _say_no_sheet(book, table, [name for name, _, _ in found], rows.reading)
        return []
    name, grid, heading = found[0]
    if book.sheets[name]:
        rows.reading.find("warning", "hidden sheet", 0, _shown(name), "a sheet that is hidden", "a table that can be seen", "it was read")
    rows.sheet, rows.grid, rows.heading = _shown(name), grid, heading
    if _is_begun(rows):
        rows.read()
        say_whole_sheet(rows)
    return [name]


def _say_no_sheet(book: Book, table: Table, found: list[str], reading: Reading) -> None:
    if found:
        hint = "delete the others, or name the sheet in the source's record"
        reading.find("error", "several tables", 0, "", ", ".join(map(_shown, found)), f"one sheet with the headings {_listed(table.columns)}", hint)
        return
    expected = f"a sheet called {' or '.join(table.sheets)}" if table.sheets else "a sheet that can be seen"
    reading.find("error", "missing sheet", 0, "", ", ".join(map(_shown, book.sheets)), expected)


def _listed(columns: Iterable[Column]) -> str:
    return ", ".join(column.headings[0] for column in columns)


def _is_begun(rows: Rows) -> bool:
    """Whether the headings are there, or most of them; each one that is missing, or there twice, is a finding."""
    heading, table = rows.heading, rows.table
    missing, there = heading.missing(table), dict.fromkeys(heading.columns.values())
    if not heading.units or len(missing) >= len(there):
        texts = [text for row in list(rows.grid.rows)[:SEARCHED] for text in rows.grid.rows[row].values() if isinstance(text, str)]
        names = f"{' or '.join(sorted(table.units))}, {_listed(table.columns)}"
        rows.find("error", "no heading", 0, " | ".join(texts) or "no text", f"a row with the headings {names}, among the first {SEARCHED}", at=rows.sheet)
        return False
    for column in missing:
        met = " | ".join(sorted(word for words in heading.words.values() for word in words))
        rows.find("error", "missing column", heading.first, met, f"a column headed {' or '.join(column.headings)}", at=rows.sheet)
    for column in there:
        places = [place for place, meaning in heading.columns.items() if meaning == column]
        if len(places) > 1:
            met = ", ".join(f"columns {letters(place)}" if place == places[0] else letters(place) for place in places)
            rows.find("error", "heading", heading.first, met, f"one column headed {' or '.join(column.headings)}", at=rows.sheet)
    return True
