"""Charts of ranks with their intervals: how wide these are, and every unit of a year, the groups that cannot be told apart set off from one another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.model import COUNTRY
from par_analysis.show import blocks
from par_analysis.show.drawing import BAND, GRID, INK, MUTED, SMALL, WARM, WIDTH, Record, Sheet, is_province, measure, numbers_of, records
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, KeyItem, Scale, dot_item, draw_key, key_lines, stroke_item, upright_item
from par_analysis.show.values import text_of

_ROW: Final = 3.9
_MOST: Final = 21
"""Rows of a chart; more units are drawn as several, about equally long ones, so that they flow over the pages."""
_GROUPS: Final = 11.0
_INTERVALS: Final = 13.0
_SHADE: Final = "#eff3f5"
_TINT: Final = "#7fabbf"
_DRAWN: Final = ("rank", "rank_low", "rank_high", "tie_group")


@dataclass(frozen=True)
class _Row:
    """A unit: its name, its figures by measure, the worst rank of the first of its group, and whether its group is one of those that are shaded."""

    name: str
    of: Mapping[str, Record]
    anchor: float
    is_shaded: bool

    @property
    def group(self) -> float:
        return float(self.of["tie_group"]["value"])

    def ends(self, suffix: str = "") -> tuple[float, float] | None:
        """The interval's two ends."""
        low, high = self.of.get(f"rank_low{suffix}"), self.of.get(f"rank_high{suffix}")
        return None if low is None or high is None else (float(low["value"]), float(high["value"]))


def plot_rank_intervals(intervals: pd.DataFrame, words: Words, *, year: int, methods: pd.DataFrame | None = None) -> blocks.Display:
    """Each unit's rank (a dot) with its interval when the weights vary (a bar) and when the way to add up varies, too (a line); groups are shaded in turn, and an upright
    stroke marks the worst rank of the first in the group, which the intervals of all its members reach.

    ``intervals``: figures of ``metrics.rank_intervals``; ``methods``: of ``metrics.ranks_by_method``, for the line.
    """
    rows = _rows(intervals, methods, words)
    if not rows:
        return blocks.nothing()
    charts = _charts(rows)
    displays = []
    for number, chart in enumerate(charts, 1):
        caption = words.say("Ranks and how far they move with the weights, {year}").format(year=year)
        if len(charts) > 1:
            caption += " " + words.say("({number} of {count})").format(number=number, count=len(charts))
        drawn = [record for row in chart for record in row.of.values()]
        displays.append(blocks.figure(caption, _alt(chart, words, year=year), _chart(chart, words).svg(), numbers=numbers_of(drawn, words)))
    return sum(displays[1:], displays[0])


def plot_interval_widths(intervals: pd.DataFrame, words: Words, *, year: int) -> blocks.Display:
    """How many units have an interval of one place, of two, and so on, as columns.

    ``intervals``: figures of ``metrics.rank_intervals``.
    """
    counts = [record for record in records(intervals) if record["unit"] == COUNTRY and record["measure"].startswith("n_interval_")]
    if not counts:
        return blocks.nothing()
    most = max(float(record["value"]) for record in counts)
    base, height = 34.0, Scale(0, most, 0, 28)
    step = min(WIDTH / len(counts), 16.0)
    sheet = Sheet(base + 10)
    sheet.boxes([(step * place + 1.5, base - height(float(record["value"])), step - 3, height(float(record["value"]))) for place, record in enumerate(counts)], fill=BAND)
    sheet.strokes([[(0, base), (step * len(counts), base)]], color=INK, width=0.6)
    labelled = range(0, len(counts), math.ceil(len(counts) / 20))
    for place in labelled:
        x, count = step * (place + 0.5), counts[place]
        sheet.text(x, base - height(float(count["value"])) - 2.4, text_of(count, words), size=SMALL, bold=True, anchor="middle")
        sheet.text(x, base + 2.8, words.number(place + 1), size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, base + 7.2, words.say("places in the interval; above each column the number of provinces"), size=SMALL, color=MUTED)
    told = "; ".join(f"{words.number(place)}: {text_of(count, words)}" for place, count in enumerate(counts, 1))
    alt = words.say("How many provinces have an interval of so many places, {year} (places: provinces): {list}.").format(year=year, list=told)
    return blocks.figure(words.say("How many places the intervals span, {year}").format(year=year), alt, sheet.svg(), numbers=numbers_of(counts, words))


def _rows(intervals: pd.DataFrame, methods: pd.DataFrame | None, words: Words) -> list[_Row]:
    """The units in the order of the figures, in which the first of a group is the one that leads it."""
    found: dict[str, dict[str, Record]] = {}
    for record in records(intervals):
        if record["measure"] in _DRAWN and is_province(record["unit"]):
            found.setdefault(record["unit"], {})[record["measure"]] = record
    for record in [] if methods is None else records(methods):
        if record["measure"].endswith("_with_method") and record["unit"] in found:
            found[record["unit"]][record["measure"]] = record
    whole = {unit: of for unit, of in found.items() if all(name in of for name in _DRAWN)}
    anchors: dict[float, float] = {}
    for of in whole.values():
        anchors.setdefault(float(of["tie_group"]["value"]), float(of["rank_high"]["value"]))
    numbers = {group: place for place, group in enumerate(sorted(anchors))}
    return [_Row(words.unit(unit), of, anchors[group := float(of["tie_group"]["value"])], bool(numbers[group] % 2 == 0)) for unit, of in whole.items()]


def _charts(rows: Sequence[_Row]) -> list[Sequence[_Row]]:
    """The rows in as few charts as hold them, about equally many in each."""
    count = math.ceil(len(rows) / _MOST)
    size = math.ceil(len(rows) / count)
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _key(words: Words, *, with_method: bool) -> list[KeyItem]:
    return [
        dot_item(words.say("rank"), fill=INK),
        stroke_item(words.say("interval when the weights vary"), color=_TINT, width=3.0),
        *([stroke_item(words.say("when the way to add up varies, too"), color=MUTED, width=0.8)] if with_method else []),
        upright_item(words.say("worst rank of the first in the group"), color=WARM, width=1.2),
    ]


def _chart(rows: Sequence[_Row], words: Words) -> Sheet:
    with_method = any(row.ends("_with_method") for row in rows)
    key = key_lines(_key(words, with_method=with_method))
    top = KEY_LEADING * len(key) + 6.4
    bottom = top + _ROW * len(rows)
    sheet = Sheet(bottom + 5)
    names = 8 + max(measure(row.name, size=SMALL) for row in rows)
    ends = [end for row in rows for suffix in ("", "_with_method") for end in row.ends(suffix) or ()]
    across = Scale(min(ends) - 0.5, max(ends) + 0.5, names + 3, WIDTH - _GROUPS - _INTERVALS - 2)
    _groups(sheet, rows, across, top)
    draw_key(sheet, 2.4, key)
    marks = _ticks(min(ends), max(ends))
    sheet.strokes([[(across(mark), top), (across(mark), bottom)] for mark in marks], color=GRID)
    for mark in marks:
        sheet.text(across(mark), bottom + 2.8, words.number(mark), size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, top - 2.6, words.say("rank"), size=SMALL, color=MUTED)
    sheet.text(WIDTH - _GROUPS - 1, top - 2.6, words.say("interval"), size=SMALL, color=MUTED, anchor="end")
    sheet.text(WIDTH, top - 2.6, words.say("group"), size=SMALL, color=MUTED, anchor="end")
    _marks(sheet, rows, across, top, words)
    return sheet


def _groups(sheet: Sheet, rows: Sequence[_Row], across: Scale, top: float) -> None:
    """Shades, and the worst rank of each group's first."""
    runs: list[list[int]] = []
    for place, row in enumerate(rows):
        if runs and rows[runs[-1][0]].group == row.group:
            runs[-1].append(place)
        else:
            runs.append([place])
    boxes = {run[0]: (0.0, top + _ROW * run[0], WIDTH, _ROW * len(run)) for run in runs}
    sheet.boxes([box for first, box in boxes.items() if rows[first].is_shaded], fill=_SHADE)
    reached = [(across(rows[first].anchor), box) for first, box in boxes.items() if rows[first].anchor <= across.last]
    sheet.strokes([[(x, box[1] + 0.2), (x, box[1] + box[3] - 0.2)] for x, box in reached], color=WARM, width=1.2)


def _marks(sheet: Sheet, rows: Sequence[_Row], across: Scale, top: float, words: Words) -> None:
    heights = [top + _ROW * (place + 0.5) for place in range(len(rows))]
    lines, bars = ([(ends, y) for row, y in zip(rows, heights, strict=True) if (ends := row.ends(suffix))] for suffix in ("_with_method", ""))
    sheet.strokes([[(across(low), y), (across(high), y)] for (low, high), y in lines], color=MUTED, width=0.8)
    sheet.strokes([[(across(low), y), (across(high), y)] for (low, high), y in bars], color=_TINT, width=3.0)
    sheet.dots([(across(float(row.of["rank"]["value"])), y) for row, y in zip(rows, heights, strict=True)], fill=INK)
    before = 0.0
    for row, y in zip(rows, heights, strict=True):
        sheet.text(5.4, y, text_of(row.of["rank"], words), size=SMALL, color=MUTED, anchor="end")
        sheet.text(8, y, row.name, size=SMALL)
        sheet.text(WIDTH - _GROUPS - 1, y, span_of(row.of, words), size=SMALL, color=MUTED, anchor="end")
        if row.group != before:
            sheet.text(WIDTH, y, text_of(row.of["tie_group"], words), size=SMALL, bold=True, anchor="end")
        before = row.group


def span_of(of: Mapping[str, Record], words: Words, suffix: str = "") -> str:
    """An interval of ranks: 2–5, or 8 where it is a single place."""
    low, high = (text_of(of[f"rank_{end}{suffix}"], words) for end in ("low", "high"))
    return low if low == high else f"{low}–{high}"


def _ticks(low: float, high: float) -> list[float]:
    """The first place, if it is there, and every fifth or tenth.

    >>> _ticks(1, 24), _ticks(17, 63)
    ([1, 5, 10, 15, 20], [20, 30, 40, 50, 60])
    """
    step = 5 if high - low <= 40 else 10
    return [*([1] if low <= 1 else []), *range(step * math.ceil(max(low, step) / step), int(high) + 1, step)]


def _alt(rows: Sequence[_Row], words: Words, *, year: int) -> str:
    told = [words.say("Ranks of {year} with their intervals.").format(year=year)]
    message = words.say("{unit}: rank {rank}, interval {span}, group {group}.")
    values = [{"unit": row.name, "rank": text_of(row.of["rank"], words), "span": span_of(row.of, words), "group": text_of(row.of["tie_group"], words)} for row in rows]
    return " ".join([*told, *(message.format(**value) for value in values)])
