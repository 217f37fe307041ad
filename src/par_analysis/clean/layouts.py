"""How a source's workbooks are laid out, as its record says: which sheet, which headings, which rows, and what each column holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

MEASURES: Final = {"score": "", "share_of_max": "percent", "rank": "place"}
"""What a column may hold → in which unit; "": the index's own."""

COUNTRY_MEASURES: Final = ("mean", "min", "max", "median")
"""What a row of the whole country may hold instead of scores."""


def tidy(text: str) -> str:
    """A text as headings and names of rows are compared: composed, in lower case, with single spaces.

    >>> tidy(" Tiếp cận \\n đất đai")
    'tiếp cận đất đai'
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip().casefold()


@dataclass(frozen=True)
class Column:
    """What a column holds. ``points``: the node whose points follow from it, being ``out_of`` its own maximum and the node's from the method."""

    key: str
    node: str
    headings: tuple[str, ...]  # as written, for messages; "" for the numbers without a heading
    measure: str = "score"
    out_of: float | None = None
    points: str = ""
    is_optional: bool = False

    def is_under(self, words: Iterable[str]) -> bool:
        """Whether one of the texts above a column is one of the headings."""
        return not {tidy(heading) for heading in self.headings}.isdisjoint(words)


@dataclass(frozen=True)
class Table:
    """One table of a workbook, in the years of the file."""

    sheets: tuple[str, ...]  # names, as written; none: whichever has the headings
    units: frozenset[str]  # headings of the column of names
    columns: tuple[Column, ...]
    ignored: frozenset[str]  # headings of columns that are known and not read; "" for one without a heading
    has_names_beside: bool  # each value stands right of a name of its own
    order: frozenset[str]  # headings of a column that numbers the rows, where each value's place in its own order is its rank
    ends_at_blank_row: bool
    left_out: frozenset[str]  # names of rows that are no units
    country: Mapping[str, str]  # name of a row → what it holds of the country
    blanks: frozenset[str]  # texts that stand for nothing
    decimal: Literal[".", ","] | None  # of numbers that are written as text
    day: str  # on which the names are to be read; "" for the file's year


def tables_of(layout: Mapping[str, Any], year: int) -> list[Table]:
    """The tables of a file of a year."""
    columns = {key: _column(key, facts, year) for key, facts in layout["columns"].items()}
    return [_table(facts, columns) for facts in layout["tables"] if int(facts.get("first", year)) <= year <= int(facts.get("last", year))]


def _column(key: str, facts: Mapping[str, Any], year: int) -> Column:
    headings = tuple(heading.replace("{year}", str(year)) for heading in facts["headings"])
    out_of = float(facts["out_of"]) if "out_of" in facts else None
    return Column(key, facts["node"], headings, facts.get("measure", "score"), out_of, facts.get("points", ""), facts.get("optional", False))


def _table(facts: Mapping[str, Any], columns: Mapping[str, Column]) -> Table:
    return Table(
        sheets=tuple(facts.get("sheets", ())),
        units=_tidied(facts["units"]),
        columns=tuple(columns[key] for key in facts.get("columns", columns)),
        ignored=_tidied(facts.get("ignored", ())),
        has_names_beside=facts.get("names_beside", False),
        order=_tidied(facts.get("order", ())),
        ends_at_blank_row=facts.get("ends_at_blank_row", False),
        left_out=_tidied(facts.get("left_out", ())),
        country={tidy(name): measure for name, measure in facts.get("country", {}).items()},
        blanks=_tidied(facts.get("blanks", ())),
        decimal=facts.get("decimal"),
        day=facts.get("day", ""),
    )


def _tidied(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(map(tidy, texts))
