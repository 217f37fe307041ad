"""A province's own scorecard: a workbook with a row for every criterion, its points, who is to raise them and until when.

Its headings stand in ``sources/scorecard.toml`` and are found by their words. Its figures are of an index of their own (``card_index``), apart from what was published. Of every
row with a maximum a figure ``maximum`` is noted, whose note is a JSON object of the row's texts: ``texts_of`` reads it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from par_analysis.clean.archives import Refused
from par_analysis.clean.headings import Heading, find_heading
from par_analysis.clean.layouts import Table, tables_of, tidy
from par_analysis.clean.reading import Reading
from par_analysis.clean.scorecard_checks import check_sheet, check_sums
from par_analysis.clean.scorecard_lines import Card, Line, read_lines
from par_analysis.clean.sheets import Book, Cell, Grid, letters, opened
from par_analysis.clean.tabulated import printed
from par_analysis.model import Framework, Index

MOST_SHEETS: Final = 20
"""So many sheets are searched for the table, and for the list of owners."""

POINTS: Final = ("self_score", "score", "survey_score")
"""What a row says of its points: given by the province itself, verified, and from surveys."""


def card_index(index: str) -> str:
    """The index that the figures of scorecards are noted under.

    >>> card_index("par_index")
    'scorecard:par_index'
    """
    return f"scorecard:{index}"


def node_of(code: str, method: str) -> str:
    """The node of a row: a domain by its number, a criterion by its code and the method that it belongs to, since a code means something else under another method.

    >>> node_of("3", "qd-876-2022"), node_of("3.1.2", "qd-876-2022")
    ('domain:3', 'criterion:3.1.2@qd-876-2022')
    """
    return f"domain:{code}" if code.isdigit() else f"criterion:{code}@{method}"


def texts_of(note: str) -> dict[str, Any]:
    """What a row says in words: ``code``, and where filled in ``name``, ``owner``, ``deadline`` (ISO), ``locked`` (true), ``effort``, ``note``.

    >>> texts_of('{"code": "3.1", "owner": "Sở Nội vụ"}')["owner"]
    'Sở Nội vụ'
    """
    found = json.loads(note)
    return found if isinstance(found, dict) else {}


def read_scorecard(path: Path, reading: Reading) -> None:
    """Read a scorecard into ``reading`` as claims and findings. A finding's column is the address of the cell."""
    try:
        table = tables_of(reading.layout, 0)[0]
        with opened(path) as book:
            met = _sheet(book, table, reading)
            if met is None:
                return
            card = Card(reading, *met, table)
            index, unit, year = _facts(card)
            framework = reading.framework(index.code, year) if index and year else None
            _read(card, index, unit, year, framework, _owners(book, card))
    except Refused as error:
        reading.find("error", error.rule, 0, "", error.met, error.expected, error.hint)


def _read(card: Card, index: Index | None, unit: str | None, year: int | None, framework: Framework | None, owners: frozenset[str]) -> None:
    lines = read_lines(card, domains={str(domain.no) for domain in framework.domains} if framework else set(), owners=owners)
    card.reading.length += len(lines)
    check_sheet(card, lines)
    check_sums(card, lines, high=index.high if index else None)
    if not lines:
        card.find("error", "no rows", card.heading.last, "headings alone", "a row for every criterion", at=card.sheet)
    elif not any(line.numbers.get(name) is not None for line in lines for name in POINTS):
        card.find("error", "no points", card.heading.last, "no row with points", "points in one row at least", at=card.sheet)
    if index and unit and year:
        facts = {"index": card_index(index.code), "unit": unit, "year": year, "unit_of_measure": index.unit_of_measure, "source": card.reading.address}
        for line in lines:
            _claim(card, line, facts, framework.code if framework else str(year))


def _claim(card: Card, line: Line, facts: Mapping[str, Any], method: str) -> None:
    """Note a row's maximum with its texts, and its points."""
    maximum, node = line.numbers.get("maximum"), node_of(line.code, method)
    if maximum is None:
        return
    texts = json.dumps(line.texts, ensure_ascii=False, sort_keys=True)
    for name in ("maximum", *POINTS):
        value = line.numbers.get(name)
        if value is not None:
            note = texts if name == "maximum" else ""
            card.reading.claim(line.row, printed(value), column=card.at(line.row, name), **facts, node=node, measure=name, value=value, out_of=maximum, note=note)


# ---------------------------------------------------------------- where things stand


def _visible(book: Book) -> list[str]:
    return [name for name, is_hidden in book.sheets.items() if not is_hidden][:MOST_SHEETS]


def _sheet(book: Book, table: Table, reading: Reading) -> tuple[str, Grid, Heading] | None:
    """The sheet with the headings; a finding where it cannot be told, or lacks some of them."""
    found = [(name, grid, find_heading(grid, table)) for name in _visible(book) for grid in [book.grid(name)]]
    whole = [one for one in found if one[2].is_whole(table)]
    if len(whole) > 1:
        met = ", ".join(name for name, _, _ in whole)
        reading.find("error", "several tables", 0, "", met, "one sheet with the headings of a scorecard", "delete the others, or hide them")
        return None
    if whole:
        return _once(whole[0], reading)
    name, _, heading = max(found, key=lambda one: len(one[2].columns) + bool(one[2].units), default=("", Grid({}), Heading()))
    missing = [" or ".join(column.headings[:2]) for column in heading.missing(table)] + ([] if heading.units else [" or ".join(reading.layout["tables"][0]["units"][:2])])
    met = " | ".join(word for place in sorted(heading.words) for word in sorted(heading.words[place])) or "no heading"
    hint = "par scorecard new writes a workbook with all headings; they are not to be changed"
    reading.find("error", "missing column", heading.first, name, met, f"a row with the headings of a scorecard; it lacks {', '.join(missing)}", hint)
    return None


def _once(found: tuple[str, Grid, Heading], reading: Reading) -> tuple[str, Grid, Heading] | None:
    """The table, unless one of its headings stands there twice."""
    name, _, heading = found
    keys = [column.key for column in heading.columns.values()]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    for key in doubled:
        places = [place for place, column in heading.columns.items() if column.key == key]
        words = heading.columns[places[0]].headings
        reading.find("error", "heading", heading.first, name, f"columns {' and '.join(map(letters, places))}", f"one column headed {' or '.join(words[:2])}")
    if len(heading.units) > 1:
        reading.find("error", "heading", heading.first, name, f"columns {' and '.join(map(letters, heading.units))}", "one column of codes")
    return None if doubled or len(heading.units) > 1 else found


def _facts(card: Card) -> tuple[Index | None, str | None, int | None]:
    """Which index, unit and year the sheet is about, by the words above the table."""
    met = {name: _beside(card, words) for name, words in card.reading.layout["facts"].items()}
    for name, words in card.reading.layout["facts"].items():
        if met[name] is None:
            expected = f"a cell “{words[0]}” or “{words[1]}” above the headings, and what it is on its right"
            card.find("error", "missing fact", 0, f"no {name}", expected, at=card.sheet)
    year = _year(card, met["year"])
    return _index(card, met["index"]), _unit(card, met["unit"], year), year


def _beside(card: Card, words: list[str]) -> tuple[int, int, Cell] | None:
    """Row, column and content of the first cell on the right of a word above the headings."""
    wanted = set(map(tidy, words))
    for row, cells in card.grid.rows.items():
        places = sorted(cells)
        for i, place in enumerate(places[:-1]):
            cell = cells[place]
            if row < card.heading.first and isinstance(cell, str) and tidy(cell).rstrip(" :") in wanted:
                return row, places[i + 1], cells[places[i + 1]]
    return None


def _index(card: Card, met: tuple[int, int, Cell] | None) -> Index | None:
    if met is None:
        return None
    row, column, cell = met
    known = {_folded(name): index for index in card.reading.indices.values() for name in (index.code, *index.short.values(), *index.label.values())}
    index = known.get(_folded(printed(cell)))
    if index is None:
        card.find("error", "unknown word", row, printed(cell), f"an index: {', '.join(card.reading.indices)}", at=f"{card.sheet}!{letters(column)}{row}")
    return index


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", text).casefold())


def _year(card: Card, met: tuple[int, int, Cell] | None) -> int | None:
    return card.reading.year(met[0], printed(met[2])) if met else None


def _unit(card: Card, met: tuple[int, int, Cell] | None, year: int | None) -> str | None:
    """The code of a province of the year."""
    if met is None:
        return None
    row, column, cell = met
    at = f"{card.sheet}!{letters(column)}{row}"
    unit = card.reading.unit(row, at, printed(cell), year)
    if unit and year and unit not in card.reading.provinces(year):
        card.find("error", "unknown name", row, printed(cell), f"a province of {year}", at=at)
        return None
    return unit


def _owners(book: Book, card: Card) -> frozenset[str]:
    """The owners that stand in a list of their own on another sheet; none where there is no such list."""
    words = {tidy(word) for column in card.table.columns if column.key == "owner" for word in column.headings}
    for name in _visible(book):
        grid = book.grid(name)
        heads = [(row, place) for row, cells in grid.rows.items() for place, cell in cells.items() if isinstance(cell, str) and tidy(cell) in words]
        if name != card.sheet and heads:
            first, place = heads[0]
            return frozenset(tidy(cell) for row, cells in grid.rows.items() if row > first and isinstance(cell := cells.get(place), str))
    return frozenset()
