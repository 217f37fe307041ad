"""A chart of what each part of an index weighs and how much of the ranking it decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.model import COUNTRY
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, GRID, INK, MUTED, PAPER, RULE, SMALL, WIDTH, Record, Sheet, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, Scale, dot_item, draw_key, key_lines, stroke_item, ticks, upright_item
from par_analysis.show.values import node_label, text_of

_NAMES: Final = 56.0
_LINE: Final = 3.7
_DRAWN: Final = ("weight", "importance", "importance_low", "importance_high", "variance_share", "mean_shift_without")


@dataclass(frozen=True)
class _Row:
    """A part of the index: how it is called, and its figures."""

    lines: tuple[str, ...]
    of: Mapping[str, Record]

    @property
    def height(self) -> float:
        """Millimetres."""
        return max(len(self.lines) * _LINE, 4.0) + 2.6


def plot_influence(influence: pd.DataFrame, words: Words, *, year: int) -> blocks.Display:
    """Part by part its weight (an upright stroke), its importance (a dot on its interval) and its share of the variance (a ring), in percent of all; and by how many places
    ranks move without it.

    ``influence``: figures of ``metrics.part_influence``.
    """
    rows = _rows(influence, words)
    if not rows:
        return blocks.nothing()
    key = key_lines(
        [
            upright_item(words.say("weight"), color=INK, width=1.6),
            dot_item(words.say("importance"), radius=1.4),
            stroke_item(words.say("its interval"), color=RULE, width=1.6),
            dot_item(words.say("share of the variance"), fill=PAPER, edge=ACCENT, width=1.2),
        ]
    )
    head = wrap(words.say("places moved without it"), 22, size=SMALL)
    top = KEY_LEADING * len(key) + 2 + _LINE * len(head)
    bottom = top + sum(row.height for row in rows)
    sheet = Sheet(bottom + 5)
    draw_key(sheet, 2.4, key)
    right = WIDTH - max(measure(line, size=SMALL) for line in head)
    for number, line in enumerate(head):
        sheet.text(WIDTH, top - 1.6 + (number - len(head) + 1) * _LINE, line, size=SMALL, color=MUTED, anchor="end")
    values = [float(row.of[name]["value"]) for row in rows for name in _DRAWN[:-1] if name in row.of]
    grid = ticks(min(0.0, *values), max(values))
    across = Scale(grid[0], grid[-1], _NAMES + 4, right - 6)
    sheet.strokes([[(across(mark), top), (across(mark), bottom)] for mark in grid], color=GRID)
    for mark in grid:
        sheet.text(across(mark), bottom + 2.8, words.number(mark) + ("%" if mark == grid[-1] else ""), size=SMALL, color=MUTED, anchor="middle")
    for row in rows:
        _draw(sheet, top + row.height / 2, row, across, words)
        top += row.height
    drawn = [record for row in rows for record in row.of.values()]
    caption = words.say("Weight and influence of each part of the index, {year}").format(year=year)
    return blocks.figure(caption, _alt(rows, words, year=year), sheet.svg(), numbers=numbers_of(drawn, words))


def _rows(influence: pd.DataFrame, words: Words) -> list[_Row]:
    found: dict[str, dict[str, Record]] = {}
    for record in records(influence):
        if record["unit"] == COUNTRY and record["measure"] in _DRAWN:
            found.setdefault(record["node"], {})[record["measure"]] = record
    return [_Row(tuple(wrap(node_label(node, words), _NAMES, size=SMALL)), of) for node, of in found.items() if all(name in of for name in _DRAWN)]


def _draw(sheet: Sheet, y: float, row: _Row, across: Scale, words: Words) -> None:
    weight, importance, low, high, share = (across(float(row.of[name]["value"])) for name in _DRAWN[:-1])
    sheet.lines(0, y, row.lines, size=SMALL, leading=_LINE)
    sheet.strokes([[(low, y), (high, y)]], color=RULE, width=1.6)
    sheet.strokes([[(weight, y - 2.3), (weight, y + 2.3)]], color=INK, width=1.6)
    sheet.dots([(share, y)], radius=1.4, fill=PAPER, edge=ACCENT, width=1.2)
    sheet.dots([(importance, y)], radius=1.4)
    sheet.text(WIDTH, y, text_of(row.of["mean_shift_without"], words), size=SMALL, anchor="end")


def _alt(rows: Sequence[_Row], words: Words, *, year: int) -> str:
    told = [words.say("What each part of the index weighs and decides, {year}.").format(year=year)]
    message = words.say("{part}: weight {weight}, importance {importance}; without it ranks move by {places} places on average.")
    for row in rows:
        weight, importance = (text_of(row.of[name], words, decimals=1) for name in ("weight", "importance"))
        told.append(message.format(part=" ".join(row.lines), weight=weight, importance=importance, places=text_of(row.of["mean_shift_without"], words)))
    return " ".join(told)
