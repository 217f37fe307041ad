"""The chart of changes against starts: what each start led to expect, how far is far, and who went further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.model import COUNTRY
from par_analysis.show import blocks
from par_analysis.show.cells import by_measure
from par_analysis.show.drawing import ACCENT, GRID, INK, MUTED, PAPER, RULE, SMALL, WARM, WIDTH, Box, Place, Sheet, is_province, measure, numbers_of
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, KeyItem, Scale, dot_item, draw_key, key_lines, stroke_item, tick_texts, ticks
from par_analysis.show.sentences_breakthroughs import no_breakthroughs
from par_analysis.show.tables_breakthroughs import deviation, furthest
from par_analysis.show.values import Figure, scale_of, text_of

_PLOT: Final = 74.0
_LEFT: Final = 13.0
_DASH: Final = (3.0, 2.0)
_TEXT: Final = 3.4
Units = Mapping[str, Mapping[str, Figure]]


@dataclass(frozen=True)
class _Frame:
    """The scales of both axes with their marks."""

    across: Scale
    up: Scale
    starts: Sequence[float]
    changes: Sequence[float]

    def place(self, of: Mapping[str, Figure], measure_: str = "score_change", *, beyond: float = 0.0) -> Place:
        """Where a unit lies by one of its changes."""
        return self.across(float(of["score"]["value"])), self.up(float(of[measure_]["value"]) + beyond)


def plot_breakthroughs(moves: pd.DataFrame, words: Words, *, year: int, base: int, is_comparable: bool | None) -> blocks.Display:
    """Every province by its score of the year before and its change since: the line of what a start led to expect, the two lines beyond which a move is called a breakthrough
    or a setback, and the names of those furthest from it.

    ``moves``: figures of ``metrics.breakthrough_moves``.
    """
    absent = no_breakthroughs(moves, words, year=year, base=base, is_comparable=is_comparable)
    if absent is not None:
        return absent
    of_units = by_measure(moves, on="unit")
    units = {unit: of for unit, of in of_units.items() if is_province(unit) and "unexpected_change" in of}
    limits = [of_units[COUNTRY][f"limit_{end}"] for end in ("low", "high")]
    key = key_lines(_key(words))
    frame = _frame(units, limits, top=KEY_LEADING * len(key) + 9)
    sheet = Sheet(frame.up.start + 11)
    draw_key(sheet, 2.4, key)
    _axes(sheet, frame, words, scale_of(limits[0], words), year=year, base=base)
    ends = [units[unit] for unit in sorted(units, key=lambda unit: float(units[unit]["score"]["value"]))][:: max(len(units) - 1, 1)]
    sheet.strokes([[frame.place(of, "expected_change") for of in ends]], color=INK, width=1.2)
    sheet.strokes([[frame.place(of, "expected_change", beyond=float(limit["value"])) for of in ends] for limit in limits], color=MUTED, width=0.9, dash=_DASH)
    _dots(sheet, frame, units)
    named = furthest(moves)
    _names(sheet, frame, units, [unit for unit in named if "mover_z" in units[unit]] or list(named), words)
    caption = words.say("Change of the score since {base} against the score of {base}, {year}").format(base=base, year=year)
    drawn = [of[name] for of in units.values() for name in ("score", "score_change")]
    numbers = numbers_of([*drawn, *limits, *(of.get("mover_z") or of["move_z"] for of in named.values())], words)
    return blocks.figure(caption, _alt(named, words, year=year, base=base), sheet.svg(), numbers=numbers)


def _key(words: Words) -> list[KeyItem]:
    return [
        dot_item(words.say("within what was expected"), fill=PAPER, edge=MUTED),
        dot_item(words.say("breakthrough"), fill=ACCENT, radius=1.5),
        dot_item(words.say("setback"), fill=WARM, radius=1.5),
        stroke_item(words.say("expected of the start"), color=INK, width=1.2),
        stroke_item(words.say("from here on a breakthrough or a setback"), color=MUTED, width=0.9, dash=_DASH),
    ]


def _frame(units: Units, limits: Sequence[Figure], *, top: float) -> _Frame:
    starts = [float(of["score"]["value"]) for of in units.values()]
    ends = [float(of["expected_change"]["value"]) + float(limit["value"]) for of in units.values() for limit in limits]
    changes = [*ends, *(float(of["score_change"]["value"]) for of in units.values())]
    across, up = ticks(min(starts), max(starts)), ticks(min(changes), max(changes), most=8)
    return _Frame(Scale(across[0], across[-1], _LEFT, WIDTH - 3), Scale(up[0], up[-1], top + _PLOT, top), across, up)


def _axes(sheet: Sheet, frame: _Frame, words: Words, scale: str, *, year: int, base: int) -> None:
    left, right, top, bottom = frame.across.start, frame.across.end, frame.up.end, frame.up.start
    sheet.strokes([[(left, frame.up(mark)), (right, frame.up(mark))] for mark in frame.changes], color=GRID)
    sheet.strokes([[(frame.across(mark), top), (frame.across(mark), bottom)] for mark in frame.starts], color=GRID)
    sheet.strokes([[(left, frame.up(0)), (right, frame.up(0))]] if frame.up.first < 0 < frame.up.last else [], color=RULE, width=0.9)
    for mark in frame.changes:
        sheet.text(left - 2, frame.up(mark), words.signed(mark, 0 if all(value == int(value) for value in frame.changes) else 1), size=SMALL, color=MUTED, anchor="end")
    for mark, text in zip(frame.starts, tick_texts(frame.starts, words), strict=True):
        sheet.text(frame.across(mark), bottom + 3, text, size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, top - 4.2, words.say("change {base}–{year} ({scale})").format(base=base, year=year, scale=scale), size=SMALL, color=MUTED)
    sheet.text(right, bottom + 7.6, words.say("score of {base} ({scale})").format(base=base, scale=scale), size=SMALL, color=MUTED, anchor="end")


def _dots(sheet: Sheet, frame: _Frame, units: Units) -> None:
    places: dict[bool | None, list[Place]] = {True: [], False: [], None: []}
    for of in units.values():
        places[deviation(of) > 0 if "mover_z" in of else None].append(frame.place(of))
    sheet.dots(places[None], fill=PAPER, edge=MUTED, radius=1.15)
    sheet.dots(places[True], fill=ACCENT, radius=1.5)
    sheet.dots(places[False], fill=WARM, radius=1.5)


def _names(sheet: Sheet, frame: _Frame, units: Units, wanted: Sequence[str], words: Words) -> None:
    """The names of some units beside their dots, where they cover neither a dot nor one another; a name without such a place is left to the table."""
    taken: list[Box] = [(x - 1.6, y - 1.6, 3.2, 3.2) for x, y in (frame.place(of) for of in units.values())]
    for unit in sorted(wanted, key=lambda unit: -abs(deviation(units[unit]))):
        name, own = words.unit(unit), frame.place(units[unit])
        box = next((box for box in _around(own, measure(name, size=SMALL)) if _is_inside(box, frame) and not any(_overlap(box, other) for other in taken)), None)
        if box is not None:
            taken.append(box)
            color = INK if "mover_z" not in units[unit] else ACCENT if deviation(units[unit]) > 0 else WARM
            sheet.text(box[0], box[1] + box[3] / 2, name, size=SMALL, color=color, halo=True)


def _around(place: Place, width: float) -> list[Box]:
    """Where a name of a width may stand: right and left of a dot, above and below it."""
    x, y = place
    sides = [(x + 2.2, y - _TEXT / 2), (x - 2.2 - width, y - _TEXT / 2)]
    return [(left, top, width, _TEXT) for left, top in [*sides, (x - width / 2, y - 2 - _TEXT), (x - width / 2, y + 2)]]


def _is_inside(box: Box, frame: _Frame) -> bool:
    return frame.across.start < box[0] and box[0] + box[2] < WIDTH and frame.up.end < box[1] and box[1] + box[3] < frame.up.start


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[0] + other[2] and other[0] < one[0] + one[2] and one[1] < other[1] + other[3] and other[1] < one[1] + one[3]


def _alt(named: Units, words: Words, *, year: int, base: int) -> str:
    told = [words.say("Every province by its score of {base} and its change to {year}; furthest from what its start led to expect, in deviations:").format(base=base, year=year)]
    return " ".join([*told, "; ".join(f"{words.unit(unit)} {text_of(of.get('mover_z') or of['move_z'], words, signed=True)}" for unit, of in named.items())]) + "."
