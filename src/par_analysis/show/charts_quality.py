"""Charts of how good an index's figures are: what is known of every province in every year, and what the figures of a year rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import pandas as pd

from par_analysis.model import COUNTRY
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, INK, MUTED, PAPER, POINT, SMALL, WIDTH, Box, Place, Record, Sheet, is_province, measure, numbers_of, records
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, KeyItem, Scale, draw_key, key_lines
from par_analysis.show.values import rich, text_of

FULL: Final = 170.0
"""Millimetres: as wide as a page's text, so that all provinces stand on one page in two columns."""
_GUTTER: Final = 6.0
_ROW: Final = 4.3
_HEADING: Final = 6.2
_WIDEST: Final = 7.4
"""A year's column is no wider."""
_ONE_PANEL: Final = 36
"""Up to so many rows stand in one column."""
_GAP: Final = 0.6
"""Between the cells of neighbouring years; those of neighbouring provinces are a little further apart."""
_RANK_ONLY: Final = "#a9cbd8"
_DASH: Final = "#7d8991"
_SOLID: Final = frozenset({"score_and_rank", "rank_only"})
"""States whose cells are filled, so that neighbours can be drawn as one and cut apart."""

Line = tuple[str, str]
"""A unit's code, or "" and what heads the units below."""
Rows = Mapping[tuple[str, int], Record]
"""What is known of a unit in a year."""


def state_label(state: str, words: Words, *, is_summed: bool) -> str:
    """What is known of a province, in a few words. Of an index whose totals are sums: whether all its parts are there."""
    if is_summed:
        return {"score_and_rank": words.say("complete"), "parts_only": words.say("incomplete")}.get(state, words.say("no figure"))
    labels = {
        "score_and_rank": words.say("score and rank"),
        "score_only": words.say("score only"),
        "rank_only": words.say("rank only"),
        "parts_only": words.say("parts only"),
    }
    return labels.get(state, words.say("nothing found"))


def plot_coverage_matrix(matrix: pd.DataFrame, members: Mapping[str, Sequence[str]], words: Words, *, is_summed: bool = False) -> blocks.Display:
    """What is known of every province in every year: provinces by region and name, a column a year, the number of provinces in each state at the foot.

    ``matrix``: figures as ``metrics.coverage_matrix`` gives them. ``members``: region → its provinces. The states differ in shape, not in colour alone.
    """
    told = records(matrix)
    cells: Rows = {(row["unit"], int(row["year"])): row for row in told if is_province(row["unit"])}
    counts = [row for row in told if row["unit"] == COUNTRY]
    if not cells:
        return blocks.absent(words.say("No score and no rank of any province is known."))
    met = {row["measure"] for row in cells.values()}
    states = [row["measure"].removeprefix("n_") for row in counts if row["period"] and row["measure"].removeprefix("n_") in met]
    picture = _Picture(cells, counts, states, _lines(cells, members, words), words, is_summed)
    years = picture.years
    caption = words.say("What is known of each province, {first}–{last}").format(first=years[0], last=years[-1])
    notes = [_meaning_of_dash(words, is_summed=is_summed)] if "nothing" in met else []
    return blocks.figure(caption, picture.told(), picture.svg(), notes=notes, numbers=numbers_of([*cells.values(), *counts], words))


def _meaning_of_dash(words: Words, *, is_summed: bool) -> blocks.Rich:
    """What a cell without anything says, and what it does not. ``is_summed``: the figures come from one data set, which was searched in full."""
    if is_summed:
        return rich(words.say("“–” means that the data set has no figure; it gives no reason."))
    return rich(words.say("“–” means that no figure was found in the sources collected, not that none was published."))


def _lines(cells: Rows, members: Mapping[str, Sequence[str]], words: Words) -> list[list[Line]]:
    """The lines of each region: its name, then its provinces in the order of the alphabet; provinces without a region come last, below no name."""
    units = {unit for unit, _ in cells}
    placed = {unit for codes in members.values() for unit in codes}
    groups = [(words.unit(region), units & set(codes)) for region, codes in members.items()] + [("", units - placed)]

    def ordered(codes: set[str]) -> list[Line]:
        return [(code, words.unit(code)) for code in sorted(codes, key=lambda code: words.sort_key(words.unit(code)))]

    return [[*([("", name)] if name else []), *ordered(codes)] for name, codes in groups if codes]


def _height(lines: Sequence[Line]) -> float:
    return sum(_ROW if unit else _HEADING for unit, _ in lines)


@dataclass(frozen=True)
class _Picture:
    """The cells, their counts and the lines they stand in; where everything goes follows from these."""

    cells: Rows
    counts: Sequence[Record]
    states: Sequence[str]
    groups: Sequence[Sequence[Line]]
    words: Words
    is_summed: bool

    @cached_property
    def years(self) -> list[int]:
        return sorted({year for _, year in self.cells})

    @cached_property
    def foot(self) -> float:
        """Height of the counts, which are the key as well."""
        return 2 + _ROW * (len(self.states) + 1)

    @cached_property
    def columns(self) -> list[list[Line]]:
        """The lines in one column, or in two as even as the regions allow; the foot stands below the last one."""
        whole = [line for group in self.groups for line in group]
        if len(whole) <= _ONE_PANEL or len(self.groups) < 2:
            return [whole]
        cuts = [[[line for group in part for line in group] for part in (self.groups[:cut], self.groups[cut:])] for cut in range(1, len(self.groups))]
        return min(cuts, key=lambda cut: max(_height(cut[0]), _height(cut[1]) + self.foot))

    @cached_property
    def names(self) -> float:
        """Width of the names, and of what the counts are called."""
        called = [name for group in self.groups for unit, name in group if unit]
        return max(*(measure(text, size=SMALL) for text in called), *(measure(self.label(state), size=SMALL) + 5 for state in self.states)) + 1.6

    @cached_property
    def width(self) -> float:
        return FULL if len(self.columns) > 1 else WIDTH

    @cached_property
    def pitch(self) -> float:
        """Width of a year."""
        room = (self.width - _GUTTER) / 2 if len(self.columns) > 1 else self.width
        return min((room - self.names - 0.5) / len(self.years), _WIDEST)

    def label(self, state: str) -> str:
        return state_label(state, self.words, is_summed=self.is_summed)

    def svg(self) -> str:
        heights = [_height(lines) for lines in self.columns]
        heights[-1] += self.foot
        sheet = Sheet(max(heights) + 5.5, width=self.width)
        step = (self.width + _GUTTER) / 2
        left, end = 0.0, 0.0
        for number, lines in enumerate(self.columns):
            left = number * step
            self._across(sheet, left, 2.2, self._year_texts())
            end = self._column(sheet, left, 5, lines)
        self._foot(sheet, left, end + 2)
        return sheet.svg()

    def _year_texts(self) -> dict[int, str]:
        """The years, with two digits each where four do not fit."""
        is_room = measure("2024", size=SMALL) + 0.6 < self.pitch
        return {year: str(year) if is_room else f"{year % 100:02}" for year in self.years}

    def _across(self, sheet: Sheet, left: float, y: float, texts: Mapping[int, str]) -> None:
        """A text a year, or every second or third one where there is no room, back from the last; neighbours differ in tone, so that they do not run into one another."""
        every = next(count for count in range(1, 99) if self.pitch * count >= measure("00", size=SMALL) + 0.35)
        for number, year in reversed(list(enumerate(self.years))):
            back = len(self.years) - 1 - number
            if back % every == 0:
                x = left + self.names + self.pitch * (number + 0.5)
                sheet.text(x, y, texts[year], size=SMALL, anchor="middle", color=MUTED if back // every % 2 else INK)

    def _column(self, sheet: Sheet, left: float, y: float, lines: Sequence[Line]) -> float:
        """The lines of a column from ``y`` on. Returns where it ends."""
        boxes: dict[str, list[Box]] = {}
        cuts: list[list[Place]] = []
        for unit, name in lines:
            if not unit:
                sheet.text(left, y + _HEADING - 2.4, name, size=SMALL, bold=True)
                y += _HEADING
                continue
            sheet.text(left + self.names - 1.6, y + _ROW / 2, name, size=SMALL, anchor="end")
            for state, first, last in self._runs(unit):
                start = left + self.names + self.pitch * first
                boxes.setdefault(state, []).append((start + _GAP / 2, y + 0.35, self.pitch * (last - first + 1) - _GAP, _ROW - 0.7))
                cuts += [[(x, y), (x, y + _ROW)] for x in (start + self.pitch * count for count in range(1, last - first + 1))]
            y += _ROW
        for state, places in boxes.items():
            draw_state(sheet, state, places)
        sheet.strokes(_joined(cuts), color=PAPER, width=_GAP / POINT)
        return y

    def _runs(self, unit: str) -> list[tuple[str, int, int]]:
        """State, number of the first and of the last year of each run of filled cells; every other cell is a run of its own."""
        runs: list[tuple[str, int, int]] = []
        for number, year in enumerate(self.years):
            row = self.cells.get((unit, year))
            if row is None:
                continue
            state = row["measure"]
            if runs and state in _SOLID and runs[-1][0] == state and runs[-1][2] == number - 1:
                runs[-1] = (state, runs[-1][1], number)
            else:
                runs.append((state, number, number))
        return runs

    def _foot(self, sheet: Sheet, left: float, y: float) -> None:
        """What each state looks like and is called, and how many provinces are in it by year."""
        sheet.strokes([[(left, y), (left + self.names + self.pitch * len(self.years), y)]], color=MUTED)
        sheet.text(left, y + _ROW / 2 + 0.3, self.words.say("provinces, by year"), size=SMALL, color=MUTED)
        for state in self.states:
            y += _ROW
            draw_state(sheet, state, [(left, y + 0.55, 3.5, _ROW - 0.7)])
            sheet.text(left + 5, y + _ROW / 2 + 0.2, self.label(state), size=SMALL)
            of_years = {int(row["year"]): text_of(row, self.words) for row in self.counts if row["measure"] == f"n_{state}" and not row["period"]}
            self._across(sheet, left, y + _ROW / 2 + 0.2, {year: of_years.get(year, "") for year in self.years})

    def told(self) -> str:
        """The alternative text."""
        whole = {row["measure"].removeprefix("n_"): row for row in self.counts if row["period"]}
        units = {unit for unit, _ in self.cells}
        told = self.words.say("A grid of {units} provinces by {years} years, grouped by region.").format(units=len(units), years=len(self.years))
        parts = [f"{self.label(state)}: {text_of(whole[state], self.words)}" for state in self.states]
        return f"{told} {self.words.say('Number of cells by what is known: {counts}.').format(counts='; '.join(parts))}"


def _joined(cuts: Sequence[Sequence[Place]]) -> list[list[Place]]:
    """Upright strokes, those that touch end to end made one.

    >>> _joined([[(1.0, 0.0), (1.0, 4.0)], [(2.0, 0.0), (2.0, 4.0)], [(1.0, 4.0), (1.0, 8.0)]])
    [[(1.0, 0.0), (1.0, 8.0)], [(2.0, 0.0), (2.0, 4.0)]]
    """
    ends: dict[float, list[list[float]]] = {}
    for (x, top), (_, bottom) in cuts:
        spans = ends.setdefault(round(x, 3), [])
        if spans and abs(spans[-1][1] - top) < 1e-6:
            spans[-1][1] = bottom
        else:
            spans.append([top, bottom])
    return [[(x, top), (x, bottom)] for x, spans in ends.items() for top, bottom in spans]


def draw_state(sheet: Sheet, state: str, boxes: Sequence[Box]) -> None:
    """The sign of a state in boxes: full, left half, light, a frame with a kernel, a dash."""
    if state == "score_and_rank":
        sheet.boxes(boxes, fill=ACCENT)
    elif state == "score_only":
        sheet.boxes([(left, top, across / 2, down) for left, top, across, down in boxes], fill=ACCENT)
        sheet.boxes(boxes, fill=None, edge=ACCENT)
    elif state == "rank_only":
        sheet.boxes(boxes, fill=_RANK_ONLY)
    elif state == "parts_only":
        sheet.boxes(boxes, fill=None, edge=ACCENT, width=0.8)
        sheet.boxes([(left + across / 2 - 0.6, top + down / 2 - 0.6, 1.2, 1.2) for left, top, across, down in boxes], fill=ACCENT)
    else:
        sheet.strokes([[(left + across / 2 - 0.6, top + down / 2), (left + across / 2 + 0.6, top + down / 2)] for left, top, across, down in boxes], color=_DASH, width=0.8)


def plot_trust(counts: pd.DataFrame, trust: Mapping[str, str], words: Words) -> blocks.Display:
    """How many figures of each year are stated by each kind of source: a figure counts for the most trusted one. Nothing where there is one kind only.

    The numbers stand in columns below the sign of their kind, the bars beside them, each with its total at the end. Copies are hatched, so that grey does as well as colour.
    ``counts``: figures as ``metrics.trust_counts`` gives them. ``trust``: class of trust → its name, the most trusted first.
    """
    rows = [row for row in records(counts) if row["node"].startswith("trust:") and not row["period"] and row["value"]]
    classes = [name for name in trust if any(row["node"] == f"trust:{name}" for row in rows)]
    if len(classes) < 2:
        return blocks.nothing()
    fills = dict(zip((name for name in trust if name not in _UNFILLED), _FILLS, strict=False))
    bars = _Bars({int(row["year"]): [] for row in sorted(rows, key=lambda row: row["year"])}, classes, fills, words)
    for row in sorted(rows, key=lambda row: classes.index(row["node"].partition(":")[2])):
        bars.of_years[int(row["year"])].append(row)
    caption = words.say("Figures of each year by the most trusted kind of source that states them")
    return blocks.figure(caption, _trust_alt(counts, classes, trust, words), bars.svg(trust), numbers=numbers_of([*rows, *bars.totals.values()], words))


_FILLS: Final = ("#0a4359", "#4b93ae", "#c3dce5")
"""Of the kinds of source, the most trusted first: far enough apart in grey."""
_UNFILLED: Final = ("copy", "unrated")
"""Kinds that are hatched, and framed."""
_BAR_ROW: Final = 5.4
_COLUMN: Final = 9.0
_SWATCH: Final = 4.0


@dataclass(frozen=True)
class _Bars:
    """The numbers of each year by kind of source, in columns, and the same as bars. ``of_years``: the kinds in order."""

    of_years: dict[int, list[Record]]
    classes: Sequence[str]
    fills: Mapping[str, str]
    words: Words

    @property
    def totals(self) -> dict[int, Record]:
        """All figures of a year."""
        return {year: {**rows[0], "node": "trust", "value": sum(row["value"] for row in rows), "out_of": math.nan, "source": ""} for year, rows in self.of_years.items()}

    def svg(self, trust: Mapping[str, str]) -> str:
        key = key_lines([KeyItem(partial(self._sign, name), 5.0, trust[name]) for name in self.classes])
        top = KEY_LEADING * len(key) + 2
        sheet = Sheet(top + _BAR_ROW * (len(self.of_years) + 1) + 1)
        draw_key(sheet, 2.4, key)
        totals = {year: text_of(total, self.words) for year, total in self.totals.items()}
        widest = max(total["value"] for total in self.totals.values())
        scale = Scale(0, widest, self._right_of(len(self.classes) - 1) + 4, WIDTH - 2 - max(measure(text, size=SMALL) for text in totals.values()))
        for number, name in enumerate(self.classes):
            self._box(sheet, name, (self._right_of(number) - _SWATCH, top + 0.9, _SWATCH, 2.8))
        for place, (year, rows) in enumerate(self.of_years.items(), 1):
            y = top + _BAR_ROW * place + 2.5
            self._row(sheet, y, year, rows, scale)
            sheet.text(scale(self.totals[year]["value"]) + 1, y, totals[year], size=SMALL, bold=True)
        return sheet.svg()

    def _sign(self, name: str, sheet: Sheet, x: float, y: float) -> None:
        self._box(sheet, name, (x, y - 1.4, 5, 2.8))

    def _box(self, sheet: Sheet, name: str, box: Box) -> None:
        """A box of a kind of source: filled, a broken frame, or hatched."""
        if name in self.fills:
            sheet.boxes([box], fill=self.fills[name])
        elif name == "unrated":
            sheet.boxes([box], fill=None, edge=MUTED, dash=(2, 1.5))
        else:
            sheet.hatches([box])

    @staticmethod
    def _right_of(number: int) -> float:
        """Where the numbers of a kind end."""
        return 8 + _COLUMN * (number + 1)

    def _row(self, sheet: Sheet, y: float, year: int, rows: Sequence[Record], scale: Scale) -> None:
        sheet.text(0, y, str(year), size=SMALL, color=MUTED)
        told = {row["node"].partition(":")[2]: row for row in rows}
        reached = 0.0
        for number, name in enumerate(self.classes):
            right = self._right_of(number)
            if name not in told:
                sheet.text(right, y, "–", size=SMALL, anchor="end", color=MUTED)
                continue
            sheet.text(right, y, text_of(told[name], self.words), size=SMALL, anchor="end")
            start, end = scale(reached), scale(reached + told[name]["value"])
            reached += told[name]["value"]
            self._box(sheet, name, (start, y - 1.95, max(end - start - 0.3, 0.3), 3.9))


def _trust_alt(counts: pd.DataFrame, classes: Sequence[str], trust: Mapping[str, str], words: Words) -> str:
    whole = {row["node"].partition(":")[2]: row for row in records(counts) if row["node"].startswith("trust:") and row["period"]}
    parts = [f"{trust[name]}: {text_of(whole[name], words)}" for name in classes]
    return words.say("Bars by year. Figures of all years by kind of source: {counts}.").format(counts="; ".join(parts))
