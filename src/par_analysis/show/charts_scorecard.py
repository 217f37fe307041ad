"""The chart of a scorecard: what is had and what is lost of every domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, GRID, MUTED, SMALL, WARM, WARM_FILL, WIDTH, Record, Sheet, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, Scale, box_item, draw_key, hatched_item, key_lines, tick_texts, ticks
from par_analysis.show.values import node_label, text_of

_NAMES: Final = 58.0
_LINE: Final = 3.7
_BAR: Final = 4.0


@dataclass(frozen=True)
class _Row:
    """A part of the total: its name in lines, the figures drawn, and how much of the loss is locked."""

    lines: list[str]
    points: Record
    lost: Record
    locked: float

    @property
    def height(self) -> float:
        """Millimetres."""
        return max(len(self.lines) * _LINE, _BAR) + 2.6


def plot_lost(lost: pd.DataFrame, regainable: pd.DataFrame, words: Words, *, unit: str, year: int) -> blocks.Display:
    """Part by part of the total, the largest loss first: a bar as long as the maximum, of what is had, what is lost and can be regained, and what is lost and locked.

    ``lost``, ``regainable``: figures of ``metrics.lost_points`` and ``metrics.regainable_points``.
    """
    rows = _rows(lost, regainable, words)
    if not rows:
        return blocks.nothing()
    items = [box_item(words.say("points"), fill=ACCENT), box_item(words.say("lost, can be regained"), fill=WARM_FILL, edge=WARM, width=0.8)]
    key = key_lines([*items, *([hatched_item(words.say("lost, locked"), color=WARM)] if any(row.locked for row in rows) else [])])
    top = KEY_LEADING * len(key) + 2
    bottom = top + sum(row.height for row in rows)
    sheet = Sheet(bottom + 5)
    draw_key(sheet, 2.4, key)
    grid = ticks(0, max(float(row.lost["out_of"]) for row in rows))
    text = max(measure(_label(row, words), size=SMALL, bold=True) for row in rows)
    across = Scale(0, grid[-1], _NAMES + 3, WIDTH - text - 6)
    sheet.strokes([[(across(mark), top), (across(mark), bottom)] for mark in grid], color=GRID)
    for mark, told in zip(grid, tick_texts(grid, words), strict=True):
        sheet.text(across(mark), bottom + 2.6, told, size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, bottom + 2.6, words.say("points"), size=SMALL, color=MUTED)
    sheet.text(WIDTH, bottom + 2.6, words.say("lost"), size=SMALL, color=MUTED, anchor="end")
    for row in rows:
        _draw(sheet, top + row.height / 2, row, across, words)
        top += row.height
    caption = words.say("{unit}: points had and lost in each domain, {year}").format(unit=words.unit(unit), year=year)
    drawn = [figure for row in rows for figure in (row.points, row.lost)]
    return blocks.figure(caption, _alt(rows, caption, words), sheet.svg(), numbers=numbers_of(drawn, words))


def _rows(lost: pd.DataFrame, regainable: pd.DataFrame, words: Words) -> list[_Row]:
    """The domains, the largest loss first."""
    of: dict[str, dict[str, Record]] = {}
    for figure in [*records(lost), *records(regainable)]:
        if figure["node"] != TOTAL and figure["node"].startswith("domain:"):
            of.setdefault(figure["node"], {})[figure["measure"]] = figure
    found = [
        _Row(wrap(node_label(node, words), _NAMES, size=SMALL), met["points"], met["points_lost"], float(met["headroom_locked"]["value"]) if "headroom_locked" in met else 0.0)
        for node, met in of.items()
        if "points_lost" in met
    ]
    return sorted(found, key=lambda row: -float(row.lost["value"]))


def _label(row: _Row, words: Words) -> str:
    return text_of(row.lost, words)


def _draw(sheet: Sheet, y: float, row: _Row, across: Scale, words: Words) -> None:
    points, maximum = float(row.points["value"]), float(row.lost["out_of"])
    sheet.lines(0, y, row.lines, size=SMALL, leading=_LINE)
    ends = (0.0, points, maximum - row.locked, maximum)
    had, open_, locked = ((across(first), y - _BAR / 2, across(last) - across(first), _BAR) for first, last in pairwise(ends))
    if points > 0:
        sheet.boxes([had], fill=ACCENT)
    if open_[2] > 0.05:
        sheet.boxes([open_], fill=WARM_FILL, edge=WARM, width=0.8)
    if locked[2] > 0.05:
        sheet.hatches([locked], color=WARM)
    sheet.text(WIDTH, y, _label(row, words), size=SMALL, bold=True, color=WARM if float(row.lost["value"]) else MUTED, anchor="end")


def _alt(rows: Sequence[_Row], caption: str, words: Words) -> str:
    message = words.say("{part}: {points} of {maximum}, {lost} lost")
    told = [
        message.format(part=" ".join(row.lines), points=text_of(row.points, words), maximum=words.maximum(float(row.lost["out_of"])), lost=text_of(row.lost, words)) for row in rows
    ]
    return f"{caption}: {'; '.join(told)}."
