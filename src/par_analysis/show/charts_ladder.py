"""The chart of what each rank takes: points gained or lost against the rank that they lead to, the others as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, GRID, INK, LEADING, MUTED, RULE, SMALL, WARM, WIDTH, Record, Sheet, measure, numbers_of, records
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, KeyItem, Scale, box_item, dot_item, draw_key, key_lines, ticks
from par_analysis.show.values import Figure, amount_of, find, text_of

_GREY: Final = "#7b8a93"
_LEFT: Final = 14.0
_RIGHT: Final = 6.0
_TALLEST: Final = 80.0
_ROW: Final = 3.6
_FLOOR: Final = 5.0
"""Millimetres from the last rank to the scale."""
_DASH: Final = (2.0, 1.5)
_CLEAR: Final = 2.9
"""Millimetres from a dot to a text above or below it, middle to middle."""


@dataclass(frozen=True)
class Rung:
    """A place with the change of points that leads to it, known or between two ends; losses are negative."""

    place: Record
    ends: tuple[Record, Record]
    sign: float

    @property
    def number(self) -> int:
        """The place."""
        return int(self.place["value"])

    @property
    def low(self) -> float:
        """The lowest change."""
        return min(self.sign * float(end["value"]) for end in self.ends)

    @property
    def high(self) -> float:
        """The highest change."""
        return max(self.sign * float(end["value"]) for end in self.ends)

    @property
    def is_known(self) -> bool:
        """Whether the two are one."""
        return self.ends[0] is self.ends[1]


def rungs_of(ladder: pd.DataFrame) -> list[Rung]:
    """The places of a ladder, the best first.

    ``ladder``: figures of ``metrics.rank_ladder``.
    """
    by_node: dict[str, dict[str, Record]] = {}
    for row in records(ladder):
        if row["node"].startswith("place:"):
            by_node.setdefault(row["node"], {})[row["measure"]] = row
    found = [rung for of in by_node.values() for name, sign in (("points_to_rank", 1.0), ("points_to_drop", -1.0)) if (rung := _rung(of, name, sign))]
    return sorted(found, key=lambda rung: rung.number)


def _rung(of: dict[str, Record], name: str, sign: float) -> Rung | None:
    low, high = of.get(name) or of.get(f"{name}_low"), of.get(name) or of.get(f"{name}_high")
    return Rung(of["place"], (low, high), sign) if low and high and "place" in of else None


def holders_of(rung: Rung, words: Words) -> list[str]:
    """The names of who has the score that a place takes, as far as it is known."""
    named = re.match(r"held by ([^;]+)", str(rung.ends[0]["note"])) if rung.is_known else None
    return [words.unit(code) for code in named.group(1).split(", ")] if named else []


def no_ladder(words: Words, *, unit: str) -> blocks.Display:
    """Why nothing can be said of what a place takes."""
    return blocks.absent(words.say("Score and rank of {unit} are not both known, so what a rank takes cannot be said.").format(unit=words.unit(unit)))


def plot_ladder(ladder: pd.DataFrame, words: Words, *, unit: str, year: int, target: int | None = None) -> blocks.Display:
    """Each place at the points that lead to it from the unit's score: gains to the right and upwards. A score that is known within limits only is a bar between them.

    ``ladder``: figures of ``metrics.rank_ladder``. ``target`` is marked where it is a better place than the unit's own.
    """
    own, score = (find(ladder, measure=name, unit=unit, node=TOTAL) for name in ("rank", "score"))
    rungs = rungs_of(ladder)
    if own is None or score is None:
        return no_ladder(words, unit=unit)
    if not rungs:
        return blocks.nothing()
    place = int(own["value"])
    numbers = [*(rung.number for rung in rungs), place]
    key = key_lines(_key(rungs, words, unit=unit))
    top = KEY_LEADING * len(key) + 4
    bottom = top + min(_TALLEST, max(_ROW * (max(numbers) - min(numbers)), 3 * _ROW))
    floor = bottom + _FLOOR
    sheet = Sheet(floor + 9)
    draw_key(sheet, 2.4, key)
    down = Scale(min(numbers), max(numbers), top, bottom)
    across = _axes(sheet, rungs, place, down, words, bottom=floor, target=target)
    _draw(sheet, rungs, across, down)
    goal = next((rung for rung in rungs if rung.number == target and rung.number < place), None)
    _mark(sheet, goal, across, down, words, bottom=floor)
    _name_ends(sheet, rungs, goal, across, down, words)
    _own(sheet, across(0), down(place), words.unit(unit))
    caption = words.say("{unit}: points that lead from its score to other ranks, the others as they are, {year}").format(unit=words.unit(unit), year=year)
    return blocks.figure(caption, _alt(rungs, own, score, words, goal=goal), sheet.svg(), numbers=numbers_of(records(ladder), words))


def _own(sheet: Sheet, x: float, y: float, name: str) -> None:
    """The unit, named where no other dot can be: below and to the right, or above and to the left."""
    sheet.dots([(x, y)], radius=1.9)
    width = measure(name, bold=True)
    fits = x + 3 + width <= WIDTH
    sheet.text(x + 3 if fits else x - 3 - width, y + 2.4 if fits else y - 2.0, name, bold=True, color=ACCENT, halo=True)


def _key(rungs: Sequence[Rung], words: Words, *, unit: str) -> list[KeyItem]:
    items = [dot_item(words.unit(unit), radius=1.6), dot_item(words.say("another province's score"), radius=1.0, fill=_GREY)]
    return items + ([box_item(words.say("score known within these limits"))] if any(not rung.is_known for rung in rungs) else [])


def _axes(sheet: Sheet, rungs: Sequence[Rung], place: int, down: Scale, words: Words, *, bottom: float, target: int | None) -> Scale:
    """The grid of points, and the ranks at the left."""
    marks = ticks(min(0.0, *(rung.low for rung in rungs)), max(0.0, *(rung.high for rung in rungs)), most=9)
    across = Scale(marks[0], marks[-1], _LEFT, WIDTH - _RIGHT)
    sheet.strokes([[(across(mark), down.start - 1.5), (across(mark), bottom)] for mark in marks if mark], color=GRID)
    sheet.strokes([[(across(0), down.start - 1.5), (across(0), bottom)]], color=RULE, width=0.9)
    decimals = 0 if all(mark == int(mark) for mark in marks) else 1
    for mark in marks:
        sheet.text(across(mark), bottom + 2.6, words.signed(mark, decimals), size=SMALL, color=MUTED, anchor="middle")
    sheet.text(WIDTH, bottom + 6.6, words.say("points gained or lost"), size=SMALL, color=MUTED, anchor="end")
    sheet.text(0, bottom + 6.6, words.say("left: the rank reached"), size=SMALL, color=MUTED)
    for number, is_marked in _rank_marks(int(down.first), int(down.last), place, target).items():
        sheet.text(_LEFT - 4, down(number), words.number(number), size=SMALL, color=INK if is_marked else MUTED, bold=is_marked, anchor="end")
    return across


def _rank_marks(first: int, last: int, place: int, target: int | None) -> dict[int, bool]:
    """The ranks that are written at the axis, and whether each is the unit's own or the target: these, the ends, and round ones that do not touch them.

    >>> _rank_marks(1, 61, 37, 10)
    {37: True, 10: True, 1: False, 61: False, 20: False, 30: False, 50: False}
    """
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 500, 1000) if (last - first) / step <= 8)
    room = max(1.0, (last - first) * 4.2 / min(_TALLEST, max(_ROW * (last - first), 3 * _ROW)))
    marks: dict[int, bool] = {}
    wanted = [(place, True), *([(target, True)] if target is not None and first <= target <= last else []), (first, False), (last, False)]
    for number, is_marked in [*wanted, *((number, False) for number in range(first - first % step, last + 1, step) if number >= first)]:
        if all(abs(number - other) >= room for other in marks):
            marks[number] = is_marked
    return marks


def _draw(sheet: Sheet, rungs: Sequence[Rung], across: Scale, down: Scale) -> None:
    sheet.boxes([(across(rung.low), down(rung.number) - 0.8, max(across(rung.high) - across(rung.low), 0.4), 1.6) for rung in rungs if not rung.is_known])
    sheet.dots([(across(rung.low), down(rung.number)) for rung in rungs if rung.is_known], radius=1.0, fill=_GREY)


def _mark(sheet: Sheet, goal: Rung | None, across: Scale, down: Scale, words: Words, *, bottom: float) -> None:
    """The target: from its rank to the points, and down to their axis."""
    if goal is None:
        return
    x, y = across(goal.high), down(goal.number)
    sheet.strokes([[(_LEFT - 3, y), (x, y), (x, bottom)]], color=WARM, width=0.9, dash=_DASH)
    sheet.dots([(x, y)], radius=1.4, fill=WARM)
    text = words.say("rank {rank}: {points}").format(rank=words.number(goal.number), points=_told(goal, words))
    width = measure(text, bold=True)
    sheet.text(max(x - 2 - width, _LEFT), y - 2.4, text, bold=True, color=WARM, halo=True)


def _told(rung: Rung, words: Words) -> str:
    """The change of points that leads to a place."""
    first, last = (text_of({**rung.ends[0], "value": value}, words, signed=True) for value in (rung.low, rung.high))
    return first if rung.is_known else words.say("{low} to {high}").format(low=first, high=last)


def _name_ends(sheet: Sheet, rungs: Sequence[Rung], goal: Rung | None, across: Scale, down: Scale, words: Words) -> None:
    """Who has the best and who the worst score drawn, where that is one."""
    for rung, is_first in ((rungs[0], True), (rungs[-1], False)):
        names = holders_of(rung, words)
        is_end = rung.sign > 0 if is_first else rung.sign < 0
        is_near = goal is not None and abs(down(goal.number) - down(rung.number)) < 2 * LEADING
        if len(names) == 1 and is_end and not is_near:
            text, y = f"{names[0]} {_told(rung, words)}", down(rung.number)
            beside = [one for one in rungs if abs(down(one.number) - y) < _CLEAR]
            width = measure(text, size=SMALL)
            at = min(across(one.low) for one in beside) - 2.6 - width if is_first else max(across(one.high) for one in beside) + 2.6
            sheet.text(min(max(at, _LEFT), WIDTH - width), y, text, size=SMALL, color=MUTED, halo=True)


def _alt(rungs: Sequence[Rung], own: Figure, score: Figure, words: Words, *, goal: Rung | None) -> str:
    place = f"{text_of(own, words)}/{float(own['out_of']):.0f}"
    told = [words.say("{unit} has {score} and rank {rank}.").format(unit=words.unit(str(own["unit"])), score=amount_of(score, words), rank=place)]
    better = [rung for rung in rungs if rung.sign > 0]
    worse = [rung for rung in rungs if rung.sign < 0]
    named = [*([better[0], *([goal] if goal else []), better[-1]] if better else []), *worse[:1], *worse[-1:]]
    message = words.say("Rank {rank}: {points}.")
    unique = {rung.number: rung for rung in named}
    return " ".join([*told, *(message.format(rank=words.number(number), points=_told(rung, words)) for number, rung in sorted(unique.items()))])
