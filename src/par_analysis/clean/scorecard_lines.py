"""The rows of a scorecard: codes, points, texts, days; whatever is not what it should be is a finding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from par_analysis.clean.headings import Heading
from par_analysis.clean.layouts import Table, tidy
from par_analysis.clean.reading import Reading
from par_analysis.clean.sheets import UNVALUED, Cell, Grid, Odd, letters
from par_analysis.clean.tabulated import printed
from par_analysis.errors import Severity, nearest

NUMBERS: Final = ("maximum", "self_score", "score", "survey_score", "effort")
TEXTS: Final = ("name", "owner", "note")
EFFORTS: Final = (1.0, 5.0)
"""From little effort to much."""
LONGEST: Final = 500
"""Characters of a text; a longer one is none that a table could show."""
MARK: Final = "x"
"""What stands in a cell that says yes."""
TOLERANCE: Final = 1e-9

_CODE: Final = re.compile(r"[1-9][0-9]?(\.[0-9a-zđ]{1,3}){0,4}")
_FORMULA: Final = re.compile(r"[\s']*[=+\-@＝＋－＠]")


@dataclass(frozen=True)
class Card:
    """The sheet being read: where its table stands, and how findings name its cells."""

    reading: Reading
    sheet: str
    grid: Grid
    heading: Heading
    table: Table

    @property
    def columns(self) -> dict[str, int]:
        """What a column holds → its place."""
        return {"code": self.heading.units[0], **{column.key: place for place, column in self.heading.columns.items()}}

    def at(self, row: int, name: str) -> str:
        """The address of a row's cell."""
        return f"{self.sheet}!{letters(self.columns[name])}{row}"

    def find(self, severity: Severity, rule: str, row: int, met: str, expected: str, hint: str = "", *, at: str) -> None:
        """Note a finding at an address."""
        self.reading.find(severity, rule, row, at, met, expected, hint)


@dataclass(frozen=True)
class Line:
    """A row: its numbers, as far as filled in; ``texts`` as ``scorecards.texts_of`` gives them."""

    row: int
    code: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)


def read_lines(card: Card, *, domains: Collection[str], owners: Collection[str]) -> list[Line]:
    """The rows with a code. ``domains``: the numbers of the method's domains, none where it is not known; ``owners``: the list that owners are to be of, if there is one."""
    lines: list[Line] = []
    seen: dict[str, int] = {}
    plain: list[int] = []
    for row in (row for row in card.grid.rows if row > card.heading.last):
        cells = {name: card.grid.rows[row][place] for name, place in card.columns.items() if place in card.grid.rows[row]}
        if not cells:
            continue
        if "code" not in cells and not set(cells) & {*NUMBERS, "deadline"}:
            plain.append(row)
            continue
        code = _code(card, row, cells.get("code"), domains)
        line = Line(row, code or "", _numbers(card, row, cells), _texts(card, row, cells, owners) | {"code": code or ""})
        _require_within(card, line)
        if code and seen.setdefault(code, row) != row:
            card.find("error", "duplicate key", row, code, f"every code once; it stands in row {seen[code]}", at=card.at(row, "code"))
        elif code:
            lines.append(line)
    if plain:
        met = "a row of text without a code" if len(plain) == 1 else f"{len(plain)} rows of text without a code"
        card.find("note", "left out", plain[0], met, "rows of criteria", at=f"{card.sheet}!{plain[0]}")
    return lines


def _code(card: Card, row: int, cell: Cell | None, domains: Collection[str]) -> str | None:
    """The code of a row; a number is taken for one where it is whole."""
    at = card.at(row, "code")
    if cell is None:
        card.find("error", "no code", row, "", "the code of the criterion: 1 for a domain, 1.2 or 1.2.3 below it", at=at)
        return None
    if isinstance(cell, Odd) and cell.met == UNVALUED:
        _say_unvalued(card, row, at)
        return None
    if isinstance(cell, float) and not cell.is_integer():
        hint = "format the column as text, then type the code again"
        card.find("error", "a code that is a number", row, printed(cell), "a text such as 1.10: a number loses its last zero", hint, at=at)
        return None
    code = re.sub(r"\s", "", printed(cell)).strip(".").casefold()
    if not _CODE.fullmatch(code):
        card.find("error", "not a code", row, printed(cell), "1 for a domain, 1.2 or 1.2.3 below it", at=at)
        return None
    domain = code.partition(".")[0]
    if domains and domain not in domains:
        card.find("error", "unknown domain", row, code, f"a domain of the year's method: {', '.join(sorted(domains, key=int))}", at=at)
    return code


def _say_unvalued(card: Card, row: int, at: str) -> None:
    card.find("error", UNVALUED, row, UNVALUED, "a value", "open the workbook, let it calculate, and save it; or type the value", at=at)


def _numbers(card: Card, row: int, cells: Mapping[str, Cell]) -> dict[str, float]:
    """The numbers of a row; anything else in their cells is a finding."""
    found: dict[str, float] = {}
    for name in NUMBERS:
        cell, at = cells.get(name), card.at(row, name) if name in card.columns else ""
        if isinstance(cell, Odd) and cell.met == UNVALUED:
            _say_unvalued(card, row, at)
        elif isinstance(cell, float):
            found[name] = cell
        elif cell is not None:
            hint = "it is a number written as text" if isinstance(cell, str) and re.fullmatch(r"\s*-?[0-9]+([.,][0-9]+)?\s*", cell) else ""
            card.find("error", "not a number", row, printed(cell), "a number, or nothing", hint, at=at)
    return found


def _require_within(card: Card, line: Line) -> None:
    """Points lie between 0 and the row's maximum, that above 0, an effort on its scale."""
    numbers, row = line.numbers, line.row
    maximum, points = numbers.get("maximum"), {name: numbers[name] for name in ("self_score", "score", "survey_score") if name in numbers}
    if maximum is not None and not 0 < maximum <= 1000:
        card.find("error", "out of bounds", row, printed(maximum), "a maximum above 0", at=card.at(row, "maximum"))
        return
    if maximum is None and points:
        card.find("error", "no maximum", row, "", f"the maximum of {line.code or 'the row'}, which has points", at=card.at(row, "maximum"))
        return
    if maximum is None and line.code and "." in line.code:
        card.find("warning", "no maximum", row, "", f"the maximum of {line.code}", "without it the row is left aside", at=card.at(row, "maximum"))
    for name, value in points.items():
        if value < 0 or (maximum is not None and value > maximum + TOLERANCE):
            rule = "out of bounds" if value < 0 else "above the maximum"
            card.find("error", rule, row, printed(value), f"a number from 0 to {maximum:g}", at=card.at(row, name))
    both = points.get("score", 0.0) + points.get("survey_score", 0.0)
    if maximum is not None and both > maximum + TOLERANCE and max(points.get("score", 0.0), points.get("survey_score", 0.0)) <= maximum + TOLERANCE:
        card.find("error", "above the maximum", row, f"{both:g}, verified and from the survey together", f"{maximum:g} at most", at=card.at(row, "survey_score"))
    effort = numbers.get("effort")
    if effort is not None and not EFFORTS[0] <= effort <= EFFORTS[1]:
        card.find("error", "out of bounds", row, printed(effort), f"a number from {EFFORTS[0]:g} (little) to {EFFORTS[1]:g} (much)", at=card.at(row, "effort"))


def _texts(card: Card, row: int, cells: Mapping[str, Cell], owners: Collection[str]) -> dict[str, Any]:
    """What a row says in words, with the day of its deadline, whether it is locked, and its effort."""
    found: dict[str, Any] = {name: text for name in TEXTS if (text := _text(card, row, name, cells.get(name)))}
    if "owner" in found:
        _check_owner(card, row, found["owner"], owners)
    day = _day(card, row, cells.get("deadline"))
    locked = cells.get("locked")
    if locked is not None and tidy(printed(locked)) not in {MARK, "true"}:
        card.find("error", "not a mark", row, printed(locked), f"{MARK}, or nothing", at=card.at(row, "locked"))
    effort = cells.get("effort")
    marks = {"deadline": day, "locked": locked is not None, "effort": effort if isinstance(effort, float) else None}
    return found | {name: value for name, value in marks.items() if value}


def _text(card: Card, row: int, name: str, cell: Cell | None) -> str:
    """A text in one line, composed."""
    if cell is None:
        return ""
    at = card.at(row, name)
    if isinstance(cell, Odd):
        if cell.met == UNVALUED:
            _say_unvalued(card, row, at)
        else:
            card.find("error", "not a text", row, cell.met, "a text, or nothing", at=at)
        return ""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", printed(cell))).strip()
    if not text.isprintable():
        card.find("error", "control character", row, text, "text without characters that control a terminal or turn the direction of writing", at=at)
    if len(text) > LONGEST:
        card.find("error", "too long", row, text, f"{LONGEST} characters at most; it has {len(text)}", at=at)
    return text


def _check_owner(card: Card, row: int, owner: str, owners: Collection[str]) -> None:
    at = card.at(row, "owner")
    if _FORMULA.match(owner):
        card.find("error", "a formula as text", row, owner, "the name of an office, which begins with a letter", "other programs would run it as a formula", at=at)
    elif owners and tidy(owner) not in owners:
        near = nearest(tidy(owner), owners, count=1)
        card.find("warning", "unknown owner", row, owner, "an owner of the list on the other sheet", f"did you mean {near[0]}?" if near else "add it to the list", at=at)


def _day(card: Card, row: int, cell: Cell | None) -> str:
    """The day of a deadline (ISO), "" where there is none; anything but a date is a finding."""
    if cell is None:
        return ""
    at = card.at(row, "deadline")
    if isinstance(cell, Odd) and cell.met == UNVALUED:
        _say_unvalued(card, row, at)
        return ""
    day = cell.day if isinstance(cell, Odd) else ""
    if not day:
        card.find("error", "not a date", row, printed(cell), "a date", "type it as the spreadsheet shows dates, 30/06/2026, into a cell that is not text", at=at)
    elif not "2000-01-01" <= day <= "2100-12-31":
        card.find("error", "out of bounds", row, day, "a day from 2000 to 2100", at=at)
    return day
