"""Small panels over the years, one for each part of the index, on one scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from par_analysis.model import COUNTRY, TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Rich
from par_analysis.show.drawing import ACCENT, GRID, MUTED, RULE, SMALL, WIDTH, Record, Sheet, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, KeyItem, Scale, draw_key, key_lines, spread, tick_texts, upright_item
from par_analysis.show.values import node_label, rich, scale_of, text_of

_LEFT: Final = 9.0
_GAP: Final = 6.0
_WIDE: Final = (WIDTH - _GAP) / 2
_PLOT: Final = 25.0
_LINE: Final = 3.7
_DASH: Final = (2.0, 2.0)
_BREAK: Final[Mapping[str, Any]] = {"color": RULE, "width": 0.35, "dash": _DASH}
_STEPS: Final = ((0.5, 0.5), (1.0, 1.0), (2.0, 1.0), (4.0, 2.0), (10.0, 5.0), (20.0, 10.0), (50.0, 25.0))
"""Distances between the marks of a scale, and what the first mark is a multiple of."""
_MOST_MARKS: Final = 5
_MEAN: Final[Mapping[str, Any]] = {"color": MUTED, "width": 0.8}
_OWN: Final[Mapping[str, Any]] = {"color": ACCENT, "width": 1.3}
ByYear = Mapping[int, Record]


@dataclass(frozen=True)
class _Panel:
    """A part of the index: how it is called, its scores and the country's means by year."""

    lines: tuple[str, ...]
    name: str
    own: ByYear
    mean: ByYear

    @property
    def drawn(self) -> list[Record]:
        """All figures."""
        return [*self.own.values(), *self.mean.values()]

    @property
    def height(self) -> float:
        """Millimetres."""
        return len(self.lines) * _LINE + _PLOT + 9


@dataclass(frozen=True)
class _Axes:
    """What all panels share."""

    years: Sequence[int]
    grid: Sequence[float]
    texts: Sequence[str]
    breaks: Sequence[int]
    room: float


def plot_small_multiples(node_history: pd.DataFrame, words: Words, *, unit: str, breaks: Sequence[int], year: int) -> blocks.Display:
    """A small panel for each part of the index: the unit's score and the country's mean over the years up to ``year``, all on one scale: points, or percent of the
    maximum where the parts' maxima differ. The lines stop where the method changed (``breaks``), and where a year is not known.

    ``node_history``: figures of ``metrics.node_history``. A part with fewer than two known scores has no panel; absent where none has more.
    """
    panels = _panels(node_history, words, unit=unit, year=year)
    if not panels:
        text = words.say("Of no part of the index are the scores of two years known, so no chart is drawn.")
        return blocks.absent(text) if words.domain_names else blocks.nothing()
    years = list(range(min(min(panel.own) for panel in panels), year + 1))
    values = [row["value"] for panel in panels for row in panel.drawn]
    grid = _grid(min(values), max(values))
    room = max(measure(line, size=SMALL, bold=True) for panel in panels for line, _ in _ends(panel, years[-1], words)) + 2
    axes = _Axes(years, grid, tick_texts(grid, words), breaks, room)
    key = key_lines(_key(axes, words, unit=unit))
    rows = [panels[start : start + 2] for start in range(0, len(panels), 2)]
    heights = [max(panel.height for panel in row) for row in rows]
    top = KEY_LEADING * len(key) + 6.5
    sheet = Sheet(top + sum(heights))
    draw_key(sheet, 2.4, key)
    sample = panels[0].drawn[0]
    scale = words.say("percent of the maximum") if sample["measure"] == "share_of_max" else scale_of(sample, words)
    sheet.text(0, top - 3.6, scale, size=SMALL, color=MUTED)
    for row, height in zip(rows, heights, strict=True):
        for left, panel in zip((0.0, _WIDE + _GAP), row, strict=False):
            _draw(sheet, panel, left, top + height - 8, axes, words)
        top += height
    caption = words.say("{unit}: scores part by part beside the country's mean, {first}–{last}").format(unit=words.unit(unit), first=years[0], last=years[-1])
    notes, numbers = _late_and_lone(node_history, panels, words, unit=unit, year=year), numbers_of((row for panel in panels for row in panel.drawn), words)
    return blocks.figure(caption, _alt(panels, words, unit=unit), sheet.svg(), notes=notes, numbers=numbers)


def _grid(low: float, high: float) -> list[float]:
    """Round values from just below the least to just above the greatest one, at most five, the fewest and the most central that are found.

    >>> _grid(3.2, 8.7), _grid(3.2, 9.4), _grid(5.1, 5.1)
    ([3.0, 5.0, 7.0, 9.0], [2.0, 4.0, 6.0, 8.0, 10.0], [5.0, 5.5])
    """
    for step, start in _STEPS:
        below = math.floor(low / start)
        firsts = [number * start for number in (below, below - step / start + 1) if number >= 0 or low < 0]
        grids = [[first + step * number for number in range(max(math.ceil((high - first) / step), 1) + 1)] for first in firsts]
        best = min(grids, key=lambda grid: (len(grid), abs(grid[0] + grid[-1] - low - high)))
        if len(best) <= _MOST_MARKS:
            return best
    return best


def _late_and_lone(node_history: pd.DataFrame, panels: Sequence[_Panel], words: Words, *, unit: str, year: int) -> list[Rich]:
    """Which parts have no panel, since one of their scores is known alone; and which panels begin later than the others."""
    own = node_history[(node_history["measure"] == "score") & (node_history["unit"] == unit) & (node_history["year"] <= year) & (node_history["node"] != TOTAL)]
    first = min(min(panel.own) for panel in panels)
    lone: dict[int, list[str]] = {}
    for node, years in own.groupby("node", sort=False)["year"]:
        if len(years) == 1:
            lone.setdefault(int(years.iloc[0]), []).append(node_label(str(node), words))
    late: dict[int, list[str]] = {}
    for panel in panels:
        if min(panel.own) > first:
            late.setdefault(min(panel.own), []).append(panel.name)
    told = [(words.say("Without a panel, since the score of {year} alone is known: {parts}."), lone), (words.say("First known score in {year}: {parts}."), late)]
    return [rich(message, year=str(when), parts="; ".join(names)) for message, found in told for when, names in sorted(found.items())]


def _panels(node_history: pd.DataFrame, words: Words, *, unit: str, year: int) -> list[_Panel]:
    """The parts with at least two known scores, in the order given."""
    scores: dict[str, dict[int, Record]] = {}
    means: dict[str, dict[int, Record]] = {}
    for row in records(node_history):
        if row["year"] > year or row["node"] == TOTAL:
            continue
        if (row["measure"], row["unit"]) == ("score", unit):
            scores.setdefault(row["node"], {})[row["year"]] = row
        elif row["measure"] in ("mean", "mean_computed") and row["unit"] == COUNTRY:
            means.setdefault(row["node"], {}).setdefault(row["year"], row)
    several = {node: own for node, own in scores.items() if len(own) > 1}
    maxima = [float(row["out_of"]) for own in several.values() for row in own.values()]
    in_percent = bool(maxima) and all(maximum > 0 for maximum in maxima) and max(maxima) - min(maxima) > 0.01
    return [_panel(node, own, means.get(node, {}), words, in_percent=in_percent) for node, own in several.items()]


def _panel(node: str, own: ByYear, means: ByYear, words: Words, *, in_percent: bool) -> _Panel:
    means = {year: row for year, row in means.items() if year >= min(own)}
    name = node_label(node, words)
    if in_percent:
        means = {year: _share(row, own[year]["out_of"], "mean_share") for year, row in means.items() if year in own}
        own = {year: _share(row, row["out_of"], "share_of_max") for year, row in own.items()}
    return _Panel(tuple(wrap(name, _WIDE - _LEFT, size=SMALL, bold=True)), name, dict(sorted(own.items())), dict(sorted(means.items())))


def _share(row: Record, maximum: float, name: str) -> dict[str, Any]:
    """A figure as a share of the maximum."""
    return {**row, "measure": name, "value": 100 * row["value"] / maximum, "unit_of_measure": "percent", "out_of": 100.0, "basis": "computed"}


def _key(axes: _Axes, words: Words, *, unit: str) -> list[KeyItem]:
    items = [KeyItem(_own_symbol, 6.0, words.unit(unit)), KeyItem(_mean_symbol, 6.0, words.say("country's mean"))]
    if _inside(axes):
        items.append(upright_item(words.say("method changed: scores do not compare across this line"), **_BREAK))
    return items


def _inside(axes: _Axes) -> list[int]:
    return [year for year in axes.breaks if axes.years[0] < year <= axes.years[-1]]


def _own_symbol(sheet: Sheet, x: float, y: float) -> None:
    sheet.strokes([[(x, y), (x + 6, y)]], **_OWN)
    sheet.dots([(x + 3, y)], radius=0.9)


def _mean_symbol(sheet: Sheet, x: float, y: float) -> None:
    sheet.strokes([[(x, y), (x + 6, y)]], **_MEAN)
    sheet.strokes([[(x + 2.1, y), (x + 3.9, y)]], color=MUTED, width=1.8)


def _draw(sheet: Sheet, panel: _Panel, left: float, foot: float, axes: _Axes, words: Words) -> None:
    """One panel; ``foot`` is the height of the lowest value."""
    start, end = left + _LEFT, left + _WIDE - axes.room
    sheet.lines(start, foot - _PLOT - 1.5 - len(panel.lines) * _LINE / 2, panel.lines, size=SMALL, bold=True, leading=_LINE)
    across = Scale(axes.years[0], max(axes.years[-1], axes.years[0] + 1), start + 3, end - 1.5)
    down = Scale(axes.grid[-1], axes.grid[0], foot - _PLOT + 1.5, foot)
    sheet.strokes([[(start, down(value)), (end, down(value))] for value in axes.grid], color=GRID)
    for value, text in zip(axes.grid, axes.texts, strict=True):
        sheet.text(start - 1.5, down(value), text, size=SMALL, color=MUTED, anchor="end")
    for year in (axes.years[0], axes.years[-1]):
        sheet.text(across(year), foot + 3.4, str(year), size=SMALL, color=MUTED, anchor="middle")
    sheet.strokes([[(across(year - 0.5), foot - _PLOT + 0.5), (across(year - 0.5), foot + 1)] for year in _inside(axes)], **_BREAK)
    for of, look in ((panel.mean, _MEAN), (panel.own, _OWN)):
        at = {year: (across(year), down(row["value"])) for year, row in of.items()}
        sheet.strokes([[at[year - 1], place] for year, place in at.items() if year - 1 in at and year not in axes.breaks], **look)
    sheet.strokes([[(across(year) - 0.9, down(row["value"])), (across(year) + 0.9, down(row["value"]))] for year, row in panel.mean.items()], color=MUTED, width=1.8)
    sheet.dots([(across(year), down(row["value"])) for year, row in panel.own.items()], radius=0.9)
    labels = _ends(panel, axes.years[-1], words)
    values = [max(of.items())[1]["value"] for of in (panel.own, panel.mean) if of]
    places = spread([down(value) for value in values], [4.0] * len(values), foot - _PLOT - 1, foot + 2)
    for (text, bold), y in zip(labels, places, strict=True):
        sheet.text(end + 1, y, text, size=SMALL, bold=bold, color=ACCENT if bold else MUTED)


def _ends(panel: _Panel, last: int, words: Words) -> list[tuple[str, bool]]:
    """The last known score and the last known mean, each with its year where that is not the last one; whether it is the unit's."""
    labels = []
    for of, is_own in ((panel.own, True), (panel.mean, False)):
        if of:
            year, row = max(of.items())
            labels.append((text_of(row, words) + ("" if year == last else f" ({year})"), is_own))
    return labels


def _alt(panels: Sequence[_Panel], words: Words, *, unit: str) -> str:
    told = [words.say("{unit}, year by year, part by part.").format(unit=words.unit(unit))]
    for panel in panels:
        last, score = max(panel.own.items())
        facts = {"part": panel.name, "score": text_of(score, words), "year": last}
        if last in panel.mean:
            told.append(words.say("{part}: {score} in {year}; the country's mean was {mean}.").format(**facts, mean=text_of(panel.mean[last], words)))
        else:
            told.append(words.say("{part}: {score} in {year}.").format(**facts))
    return " ".join(told)
