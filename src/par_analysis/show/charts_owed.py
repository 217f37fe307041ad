"""The chart of what a rank, and the change of a rank, owe to each part of the index: in places, ahead to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.cells import tone_of
from par_analysis.show.drawing import ACCENT, GRID, INK, MUTED, RULE, SMALL, WARM, WARM_FILL, WIDTH, Record, Sheet, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import Scale
from par_analysis.show.sentences_owed import no_effects
from par_analysis.show.values import node_label, text_of

_NAMES: Final = 50.0
_GAP: Final = 4.0
_LINE: Final = 3.7
_BAR: Final = 3.4
_LOOKS: Final = {"up": (ACCENT, ACCENT), "down": (WARM_FILL, WARM), "plain": (RULE, MUTED)}
OTHERS: Final = "move_effect_others"


@dataclass(frozen=True)
class _Row:
    """A row of the chart: its name, and what it did to the rank and to the change of the rank, where known."""

    lines: Sequence[str]
    figures: Mapping[str, Record]
    is_sum: bool = False

    @property
    def height(self) -> float:
        """Millimetres."""
        return max(len(self.lines) * _LINE, 4.0) + (4.2 if self.is_sum else 2.0)


def plot_rank_owed(owed: pd.DataFrame, words: Words, *, unit: str, year: int, base: int) -> blocks.Display:
    """How many places each part of the index puts the unit ahead of the middle of the list or behind it, and how many places its change on each part gained or cost it.

    ``owed``: figures of ``metrics.rank_owed``. The second row of bars is there where the change of rank could be taken apart.
    """
    absent = no_effects(owed, words, year=year)
    if absent is not None:
        return absent
    rows = _rows(owed, words, unit=unit)
    sides = [side for side in ("place", "move") if any(side in row.figures for row in rows)]
    heads = {"place": words.say("Rank in {year}: places ahead of the middle").format(year=year), "move": words.say("Since {base}: places gained").format(base=base)}
    width = (WIDTH - _NAMES - _GAP * len(sides)) / len(sides)
    top = 1.5 + _LINE * max(len(wrap(heads[side], width, size=SMALL)) for side in sides)
    step = min(_step([row.figures[side] for row in rows if side in row.figures], width, words) for side in sides)
    sheet = Sheet(top + sum(row.height for row in rows) + 1)
    tops = [top + sum(row.height for row in rows[:number]) for number in range(len(rows))]
    for row, start in zip(rows, tops, strict=True):
        if row.is_sum:
            sheet.strokes([[(0, start + 0.8), (WIDTH, start + 0.8)]], color=GRID)
        sheet.lines(0, _middle(row, start), row.lines, size=SMALL, bold=row.is_sum, leading=_LINE)
    for number, side in enumerate(sides):
        left = _NAMES + _GAP + number * (width + _GAP)
        lines = wrap(heads[side], width, size=SMALL)
        sheet.lines(left, 1.8 + _LINE * (len(lines) - 1) / 2, lines, size=SMALL, color=MUTED, leading=_LINE)
        _bars(sheet, rows, tops, side, (left, step), words)
    caption = words.say("{unit}: what its rank owes to each part of the index, {year}, in places").format(unit=words.unit(unit), year=year)
    drawn = [figure for row in rows for figure in row.figures.values()]
    return blocks.figure(caption, _alt(rows, caption, heads, words), sheet.svg(), numbers=numbers_of(drawn, words))


def _rows(owed: pd.DataFrame, words: Words, *, unit: str) -> list[_Row]:
    of: dict[str, dict[str, Record]] = {}
    for row in records(owed):
        if row["unit"] == unit:
            of.setdefault(row["measure"], {})[row["node"]] = row
    place, move = of["place_effect"], of.get("move_effect", {})
    found = [_Row(wrap(node_label(node, words), _NAMES, size=SMALL), _sides(place.get(node), move.get(node))) for node in place]
    for measure_, name in ((OTHERS, words.say("Changes of the other provinces")), ("", words.say("Together"))):
        whole = [(of.get(kind) or {}).get("total") for kind in (("place_lead", "rank_change") if not measure_ else ("", measure_))]
        found += [_Row(wrap(name, _NAMES, size=SMALL, bold=not measure_), _sides(*whole), is_sum=not measure_)] if any(whole) else []
    return found


def _sides(place: Record | None, move: Record | None) -> dict[str, Record]:
    return {side: figure for side, figure in (("place", place), ("move", move)) if figure is not None}


def _middle(row: _Row, top: float) -> float:
    return top + row.height / 2 + (1.1 if row.is_sum else 0)


def _bars(sheet: Sheet, rows: Sequence[_Row], tops: Sequence[float], side: str, where: tuple[float, float], words: Words) -> None:
    """The bars of one side; ``where``: its left edge, and the millimetres of a place."""
    figures = [(row, _middle(row, top), row.figures[side]) for row, top in zip(rows, tops, strict=True) if side in row.figures]
    left, step = where
    least, before, _ = _room([figure for _, _, figure in figures], words)
    across = Scale(0, 1, left + before - least * step, left + before - least * step + step)
    bottom = figures[-1][1] + 2.5
    sheet.strokes([[(across(0), tops[0]), (across(0), bottom)]], color=MUTED, width=0.8)
    for row, y, figure in figures:
        value, text = float(figure["value"]), text_of(figure, words, signed=True)
        fill, edge = (INK, INK) if row.is_sum else _LOOKS[tone_of(text, value)]
        start, end = sorted((across(0), across(value)))
        sheet.boxes([(start, y - _BAR / 2, max(end - start, 0.01), _BAR)], fill=fill, edge=edge, width=0.8)
        sheet.text(end + 1.2 if value >= 0 else start - 1.2, y, text, size=SMALL, bold=True, color=edge, anchor="start" if value >= 0 else "end", halo=True)


def _room(figures: Sequence[Record], words: Words) -> tuple[float, float, float]:
    """The least of the values and 0, and the millimetres for numbers on the left and on the right."""
    values = [0.0, *(float(figure["value"]) for figure in figures)]
    text = max(measure(text_of(figure, words, signed=True), size=SMALL, bold=True) for figure in figures) + 2
    return min(values), text if min(values) < 0 else 0.5, text if max(values) > 0 or min(values) == 0 else 0.5


def _step(figures: Sequence[Record], width: float, words: Words) -> float:
    """Millimetres of a place, so that the longest bars and their numbers fit."""
    least, left, right = _room(figures, words)
    span = max(0.0, *(float(figure["value"]) for figure in figures)) - least
    return (width - left - right) / span if span else 1.0


def _alt(rows: Sequence[_Row], caption: str, heads: Mapping[str, str], words: Words) -> str:
    told = []
    for side, head in heads.items():
        listed = [f"{' '.join(row.lines)} {text_of(row.figures[side], words, signed=True)}" for row in rows if side in row.figures]
        told += [f"{head}: {'; '.join(listed)}."] if listed else []
    return f"{caption}. {' '.join(told)}"
