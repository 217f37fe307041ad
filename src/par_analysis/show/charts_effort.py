"""The chart of what a change of rank owes to the unit's own points and what to the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, GRID, INK, MUTED, RULE, SMALL, WARM, WARM_FILL, WIDTH, Sheet, numbers_of, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import Scale, draw_key, hatched_item, ticks
from par_analysis.show.sentences_effort import Effort, Ends, effort_of, no_effort
from par_analysis.show.values import Figure, amount_of, text_of

_NAMES: Final = 60.0
_LINE: Final = 3.9
_TOP: Final = 1.0
_BAR: Final = 4.0
_DASH: Final = (2.0, 1.5)
Span = tuple[float, float]
"""The least and the greatest value that something may have."""


def plot_own_and_others(effort: pd.DataFrame, words: Words, *, unit: str, year: int, base: int) -> blocks.Display:
    """From the rank of ``base`` to that of ``year`` in two steps, in places: what the own change of score did, and what the movement of the others did. A step that is
    known within limits only is hatched between them.

    ``effort``: figures of ``metrics.own_and_others`` for ``unit``.
    """
    found = effort_of(effort, base=base)
    if found is None:
        return no_effort(effort, words)
    key = [hatched_item(words.say("between these limits"), dash=_DASH)] if found.is_bounded else []
    rows = [(wrap(name, _NAMES, size=SMALL), value, color) for name, value, color in _texts(found, words, year=year, base=base)]
    ends = list(accumulate((_LINE * (len(lines) + 1) + 3.2 for lines, _, _ in rows), initial=_TOP))
    middles = [(top + bottom) / 2 for top, bottom in pairwise(ends)]
    sheet = Sheet(ends[-1] + 6 + (5 if key else 0))
    across = _places(found)
    _axis(sheet, across, ends[-1], words, base=base)
    zero, change = (0.0, 0.0), (float(found.rank_change["value"]),) * 2
    own = (float(found.own[0]["value"]), float(found.own[1]["value"]))
    _levels(sheet, [zero, own, change], middles, across)
    _step(sheet, middles[1], zero, own, across)
    _step(sheet, middles[2], own, change, across)
    sheet.dots([(across(0), middles[0]), (across(change[0]), middles[3])], radius=1.6)
    for (lines, value, color), y in zip(rows, middles, strict=True):
        sheet.lines(0, y - _LINE / 2, lines, size=SMALL, color=MUTED, leading=_LINE)
        sheet.text(0, y + _LINE / 2 * len(lines), value, bold=True, color=color)
    if key:
        draw_key(sheet, ends[-1] + 8, [key], left=across.start)
    caption = words.say("{unit}: own movement and movement of the others, {base}–{year}, in places").format(unit=words.unit(unit), base=base, year=year)
    numbers = numbers_of([found.before, found.points, *found.own[: 1 + found.is_bounded], *found.others[: 1 + found.is_bounded], found.after, found.rank_change], words)
    return blocks.figure(caption, _alt(found, words, unit=unit, year=year, base=base), sheet.svg(), numbers=numbers)


def _places(found: Effort) -> Scale:
    """Places gained and lost against the rank before, gains to the right; at least six places wide."""
    values = [0.0, *(float(row["value"]) for row in (found.own[0], found.own[1], found.rank_change))]
    least, most = min(values), max(values)
    spare = max(6 - (most - least), 0) / 2
    grid = [value for value in ticks(least - spare, most + spare, most=7) if value == int(value)]
    return Scale(grid[0], grid[-1], _NAMES + 6, WIDTH - 5)


def _axis(sheet: Sheet, across: Scale, bottom: float, words: Words, *, base: int) -> None:
    marks = [value for value in ticks(across.first, across.last, most=7) if value == int(value)]
    sheet.strokes([[(across(mark), _TOP), (across(mark), bottom)] for mark in marks if mark], color=GRID)
    sheet.strokes([[(across(0), _TOP), (across(0), bottom)]], color=RULE, width=0.9)
    for mark in marks:
        sheet.text(across(mark), bottom + 2.6, words.signed(mark), size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, bottom + 2.6, words.say("places gained or lost since {base}").format(base=base), size=SMALL, color=MUTED)


def _levels(sheet: Sheet, steps: Sequence[Span], middles: Sequence[float], across: Scale) -> None:
    """The thin lines that lead from one step to the next."""
    for ends, (top, bottom) in zip(steps, pairwise(middles), strict=True):
        dash = None if ends[0] == ends[1] else _DASH
        sheet.strokes([[(across(end), top), (across(end), bottom)] for end in dict.fromkeys(ends)], color=MUTED, width=0.8, dash=dash)


def _step(sheet: Sheet, y: float, start: Span, end: Span, across: Scale) -> None:
    """A bar from where the step certainly starts to where it certainly ends; hatched over what is not certain."""
    gains = sum(end) >= sum(start)
    color = ACCENT if gains else WARM
    low, high = (max(start), min(end)) if gains else (max(end), min(start))
    fills = [(across(low), y - _BAR / 2, across(high) - across(low), _BAR)] if high > low else []
    sheet.boxes(fills, fill=ACCENT if gains else WARM_FILL, edge=color, width=0.8)
    open_ = [(across(a), y - _BAR / 2, across(b) - across(a), _BAR) for a, b in (start, end) if b > a]
    sheet.hatches(open_, color=color, dash=_DASH)
    if not fills and not open_:
        sheet.strokes([[(across(end[0]), y - _BAR / 2), (across(end[0]), y + _BAR / 2)]], color=MUTED, width=1.6)


def _texts(found: Effort, words: Words, *, year: int, base: int) -> list[tuple[str, str, str]]:
    """The name, the value and its colour of each row."""
    points = amount_of(found.points, words)
    is_distance = found.points["measure"] == "distance_change"
    own = words.say("Own distance from the national mean: {points}") if is_distance else words.say("Own change of score: {points}")
    rank = words.say("Rank in {year}")
    moved = [(ends, _color(ends)) for ends in (found.own, found.others)]
    return [
        (rank.format(year=base), _rank(found.before, words), INK),
        (own.format(points=points), _in_places(moved[0][0], words), moved[0][1]),
        (words.say("Movement of the others"), _in_places(moved[1][0], words), moved[1][1]),
        (rank.format(year=year), f"{_rank(found.after, words)} ({text_of(found.rank_change, words)})", INK),
    ]


def _color(ends: Ends) -> str:
    total = float(ends[0]["value"]) + float(ends[1]["value"])
    return MUTED if not total else ACCENT if total > 0 else WARM


def _rank(row: Figure, words: Words) -> str:
    return f"{text_of(row, words)}/{float(row['out_of']):.0f}"


def _in_places(ends: Ends, words: Words) -> str:
    low, high = ends
    if low is high:
        return words.count("{n} place", "{n} places", abs(float(low["value"]))).format(n=text_of(low, words))
    return words.say("{low} to {high} places").format(low=text_of(low, words), high=text_of(high, words))


def _alt(found: Effort, words: Words, *, unit: str, year: int, base: int) -> str:
    told = words.say("{unit} went from rank {before} in {base} to rank {after} in {year}: {own} by its own movement, {others} by that of the others.")
    own, others = (_in_places(ends, words) for ends in (found.own, found.others))
    return told.format(unit=words.unit(unit), before=_rank(found.before, words), base=base, after=_rank(found.after, words), year=year, own=own, others=others)
