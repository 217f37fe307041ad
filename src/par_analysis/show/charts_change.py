"""Charts of who moved from one year to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from par_analysis.model import TOTAL, is_counted_anew
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, INK, MUTED, SMALL, WARM, WARM_FILL, WIDTH, Record, Sheet, base_of, is_province, measure, numbers_of, records
from par_analysis.show.language import Words
from par_analysis.show.layout import Scale
from par_analysis.show.values import text_of

_ROW: Final = 5.6
_WIDEST_STEP: Final = 4.0
"""Millimetres for one place, at most."""
Routes = Mapping[str, str]
"""Unit → its ranks before and after, as text."""


def plot_movers(movers: pd.DataFrame, words: Words, *, count: int = 8) -> blocks.Display:
    """The ``count`` biggest gains and the ``count`` biggest losses of places, as bars to the right and to the left.

    ``movers``: figures of ``metrics.movers`` (measure ``rank_change``, positive = better); with the ranks of both years in the same table, they are printed.
    """
    rows = [row for row in records(movers) if is_province(row["unit"]) and row["node"] == TOTAL]
    moved = sorted((row for row in rows if row["measure"] == "rank_change" and row["value"]), key=lambda row: (-row["value"], row["unit"]))
    if not moved:
        return blocks.absent(words.say("No change of rank between the two years is known."))
    up, down = [row for row in moved if row["value"] > 0][:count], [row for row in moved if row["value"] < 0][-count:]
    year, base = int(moved[0]["year"]), base_of(moved[0])
    ranks = {(row["unit"], int(row["year"])): row for row in rows if row["measure"] == "rank"}
    drawn = [*up, *down]
    both = {row["unit"]: [ranks[row["unit"], when] for when in (base, year)] for row in drawn if {(row["unit"], base), (row["unit"], year)} <= ranks.keys()}
    anew = next((int(row["out_of"]) for row in moved if is_counted_anew(str(row["note"]))), 0)
    both = {} if anew else both  # places of the two years are then out of other units than these
    routes = {unit: " → ".join(text_of(row, words) for row in pair) for unit, pair in both.items()}
    sheet = Sheet(_ROW * len(drawn) + (_ROW / 2 if up and down else 0) + 1)
    across = _change_scale(drawn, routes, words)
    sheet.strokes([[(across(0), 0.5), (across(0), sheet.height - 0.5)]], color=MUTED, width=0.8)
    for number, row in enumerate(drawn):
        y = _ROW * (number + (0.5 if up and number >= len(up) else 0)) + 3
        _mover(sheet, y, row, across, words)
        if row["unit"] in routes:
            sheet.text(WIDTH - 0.5, y, routes[row["unit"]], size=SMALL, color=MUTED, anchor="end")
    caption = words.say("Biggest known changes of rank, {base}–{year}").format(base=base, year=year)
    numbers = numbers_of([*drawn, *(row for pair in both.values() for row in pair)], words)
    note = words.say("Places are counted among the {n} provinces with scores of both years.").format(n=anew)
    return blocks.figure(caption, _movers_alt(up, down, base, words), sheet.svg(), notes=[[{"text": note}]] if anew else [], numbers=numbers)


def _change_scale(drawn: Sequence[Record], routes: Routes, words: Words) -> Scale:
    """From the biggest loss to the biggest gain; beside zero there is room for the names, beyond the bars for their numbers and the routes."""
    names = {sign: max((measure(words.unit(row["unit"])) for row in drawn if (row["value"] > 0) == (sign > 0)), default=0.0) + 2 for sign in (1, -1)}
    texts = max(measure(text_of(row, words), bold=True) for row in drawn) + 2.5
    route = max((measure(text, size=SMALL) for text in routes.values()), default=-3.0) + 3
    least, most = min(0.0, *(row["value"] for row in drawn)), max(0.0, *(row["value"] for row in drawn))
    room = WIDTH - route
    fits = [(room - 2 * texts) / (most - least), *([(room - names[1] - texts) / most] if most else []), *([(room - names[-1] - texts) / -least] if least else [])]
    step = min(*fits, _WIDEST_STEP)
    zero = max(names[1] if most else 0.0, texts - least * step if least else 0.0)
    return Scale(0, 1, zero, zero + step)


def _mover(sheet: Sheet, y: float, row: Record, across: Scale, words: Words) -> None:
    """The name on one side of zero, the bar and its number on the other."""
    value, zero = across(row["value"]), across(0)
    if row["value"] > 0:
        sheet.text(zero - 1.5, y, words.unit(row["unit"]), anchor="end")
        sheet.boxes([(zero, y - 1.7, value - zero, 3.4)], fill=ACCENT)
        sheet.text(value + 1.5, y, text_of(row, words), bold=True, color=ACCENT)
    else:
        sheet.text(zero + 1.5, y, words.unit(row["unit"]), color=INK)
        sheet.boxes([(value, y - 1.7, zero - value, 3.4)], fill=WARM_FILL, edge=WARM, width=0.8)
        sheet.text(value - 1.5, y, text_of(row, words), bold=True, color=WARM, anchor="end")


def _movers_alt(up: Sequence[Record], down: Sequence[Record], base: int, words: Words) -> str:
    told = []
    if up:
        gains = "; ".join(f"{words.unit(row['unit'])} {text_of(row, words)}" for row in up[:3])
        told.append(words.say("The biggest known gains in rank from {base} to {year}: {list}.").format(base=base, year=up[0]["year"], list=gains))
    if down:
        losses = "; ".join(f"{words.unit(row['unit'])} {text_of(row, words)}" for row in down[::-1][:3])
        told.append(words.say("The biggest known losses in rank from {base} to {year}: {list}.").format(base=base, year=down[0]["year"], list=losses))
    return " ".join(told)
