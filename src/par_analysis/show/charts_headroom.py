"""The chart of what is still to be had on each part of the index: up to the best province, and from there to the maximum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.model import COUNTRY
from par_analysis.show import blocks
from par_analysis.show.charts_profile import no_parts
from par_analysis.show.drawing import ACCENT, BAND, GRID, INK, MUTED, PAPER, RULE, SMALL, WIDTH, Record, Sheet, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, KeyItem, Scale, box_item, dot_item, draw_key, key_lines, ticks, upright_item
from par_analysis.show.values import node_label, text_of

_NAMES: Final = 62.0
_VALUES: Final = 13.0
_LINE: Final = 3.7
_MOST: Final = 12
"""Rows of a chart; more are drawn as several charts, so that they flow over the pages."""


@dataclass(frozen=True)
class Room:
    """A part of the index with what is known of it."""

    node: str
    of: Mapping[str, Record]

    @property
    def to_best(self) -> float | None:
        """Points that the best province has more."""
        return abs(float(self.of["gap_best"]["value"])) if "gap_best" in self.of else None

    @property
    def to_maximum(self) -> float | None:
        """Points up to the maximum."""
        return float(self.of["headroom"]["value"]) if "headroom" in self.of else None

    def above(self, measure: str) -> float | None:
        """How far another figure lies above the unit's score."""
        return float(self.of[measure]["value"]) - float(self.of["score"]["value"]) if measure in self.of else None


def rooms_of(room: pd.DataFrame, *, unit: str) -> list[Room]:
    """The parts of a table of ``metrics.node_headroom``: first those on which the best province is furthest ahead, then where the maximum is."""
    by_node: dict[str, dict[str, Record]] = {}
    for row in records(room):
        is_regional = row["measure"] == "mean_computed" and row["unit"] != COUNTRY
        if row["unit"] == unit or row["measure"] != "score":
            by_node.setdefault(row["node"], {})["mean_region" if is_regional else row["measure"]] = row
    rooms = [Room(node, of) for node, of in by_node.items() if "score" in of and ("headroom" in of or "gap_best" in of)]
    return sorted(rooms, key=lambda one: (one.to_best is None, -(one.to_best or 0.0), -(one.to_maximum or 0.0)))


def plot_headroom(room: pd.DataFrame, words: Words, *, unit: str, year: int) -> blocks.Display:
    """Part by part from the unit's score to the right: what the best province has more (filled), and what nobody has (open) up to the maximum; the means of all and of
    the best by total.

    ``room``: figures of ``metrics.node_headroom``. A chart that would be long is drawn as several.
    """
    rooms = rooms_of(room, unit=unit)
    if not rooms:
        return no_parts(words, year=year)
    marks = _marks(rooms)
    count = -(-len(rooms) // _MOST)
    size = -(-len(rooms) // count)
    displays = []
    for number in range(count):
        part = rooms[number * size : (number + 1) * size]
        caption = words.say("{unit}: points to be had on each part of the index, {year}").format(unit=words.unit(unit), year=year)
        if count > 1:
            caption += " " + words.say("({number} of {count})").format(number=number + 1, count=count)
        drawn = [row for one in part for row in one.of.values()]
        displays.append(blocks.figure(caption, _alt(part, words, unit=unit, year=year), _chart(part, marks, words).svg(), numbers=numbers_of(drawn, words)))
    return sum(displays[1:], displays[0])


def _marks(rooms: Sequence[Room]) -> list[float]:
    """The scale of points, the same for all charts."""
    above = [one.above(name) for one in rooms for name in ("mean_computed", "mean_top")]
    values = [0.0, *(value for value in above if value is not None), *(value for one in rooms for value in (one.to_maximum, one.to_best) if value is not None)]
    return ticks(min(values), max(values), most=7)


def _chart(rooms: Sequence[Room], marks: Sequence[float], words: Words) -> Sheet:
    key = key_lines(_key(rooms, words))
    rows = [wrap(node_label(one.node, words), _NAMES - 2, size=SMALL) for one in rooms]
    top = KEY_LEADING * len(key) + (5 if any(one.to_best is not None for one in rooms) else 2)
    bottom = top + sum(map(_height, rows))
    sheet = Sheet(bottom + 5)
    draw_key(sheet, 2.4, key)
    across = Scale(marks[0], marks[-1], _NAMES + 2, WIDTH - _VALUES)
    sheet.strokes([[(across(mark), top), (across(mark), bottom)] for mark in marks if mark], color=GRID)
    decimals = 0 if all(mark == int(mark) for mark in marks) else 1
    for mark in marks:
        sheet.text(across(mark), bottom + 2.6, words.signed(mark, decimals), size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, bottom + 2.6, words.say("points above its own score"), size=SMALL, color=MUTED)
    if any(one.to_best is not None for one in rooms):
        sheet.text(WIDTH, top - 2.2, words.say("to the best"), size=SMALL, color=MUTED, anchor="end")
    for one, lines in zip(rooms, rows, strict=True):
        _draw(sheet, top + _height(lines) / 2, one, lines, across, words)
        top += _height(lines)
    sheet.strokes([[(across(0), bottom - sum(map(_height, rows))), (across(0), bottom)]], color=INK, width=1.0)
    return sheet


def _key(rooms: Sequence[Room], words: Words) -> list[KeyItem]:
    items = [box_item(words.say("the best province has this more"), fill=BAND)] if any(one.to_best is not None for one in rooms) else []
    items += [box_item(words.say("nobody has this, up to the maximum"), fill=PAPER, edge=RULE)] if items else [box_item(words.say("up to the maximum"), fill=PAPER, edge=RULE)]
    items += [upright_item(words.say("mean of the known scores"), color=INK, width=1.6)] if any("mean_computed" in one.of for one in rooms) else []
    top = next((one.of["mean_top"] for one in rooms if "mean_top" in one.of), None)
    text = words.say("mean of the {n} best by total").format(n=words.number(float(top["out_of"]))) if top else ""
    return items + ([dot_item(text, radius=1.3, fill=ACCENT)] if top else [])


def _height(lines: Sequence[str]) -> float:
    return max(len(lines) * _LINE, 4.0) + 1.7


def _draw(sheet: Sheet, y: float, one: Room, lines: Sequence[str], across: Scale, words: Words) -> None:
    sheet.lines(0, y, lines, size=SMALL, leading=_LINE)
    best, most = one.to_best or 0.0, one.to_maximum
    if most is not None and most > best:
        sheet.boxes([(across(best), y - 1.5, across(most) - across(best), 3.0)], fill=PAPER, edge=RULE)
    if best:
        sheet.boxes([(across(0), y - 1.5, across(best) - across(0), 3.0)], fill=BAND)
    mean, top = one.above("mean_computed"), one.above("mean_top")
    if mean is not None:
        sheet.strokes([[(across(mean), y - 2.2), (across(mean), y + 2.2)]], color=INK, width=1.6)
    if top is not None:
        sheet.dots([(across(top), y)], radius=1.3)
    if "gap_best" in one.of:
        value = {**one.of["gap_best"], "value": best}
        sheet.text(WIDTH, y, text_of(value, words, signed=True), size=SMALL, anchor="end")


def _alt(rooms: Sequence[Room], words: Words, *, unit: str, year: int) -> str:
    told = [words.say("{unit}, {year}: points still to be had.").format(unit=words.unit(unit), year=year)]
    for one in rooms:
        name = words.node(one.node)
        if one.to_best is not None and one.to_maximum is not None:
            message = words.say("{part}: {best} up to the best province, {most} up to the maximum.")
            best, most = ({**one.of[measure], "value": value} for measure, value in (("gap_best", one.to_best), ("headroom", one.to_maximum)))
            told.append(message.format(part=name, best=text_of(best, words, signed=False), most=text_of(most, words)))
        elif one.to_maximum is not None:
            told.append(words.say("{part}: {most} up to the maximum.").format(part=name, most=text_of(one.of["headroom"], words)))
    return " ".join(told)
