"""The chart of the country part by part: the lowest score, the mean and the highest one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from par_analysis.model import COUNTRY
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, BAND, GRID, INK, LEADING, MUTED, PAPER, SMALL, WIDTH, Record, Sheet, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, Scale, dot_item, draw_key, key_lines, tick_texts, ticks, upright_item
from par_analysis.show.tables_parts import holders, is_known_widely, too_few_known
from par_analysis.show.values import node_label, scale_of, text_of


@dataclass(frozen=True)
class _Row:
    """A part of the index: its name, the country's figures, the texts beside its two ends, and the records drawn."""

    name: str
    low: Record
    mean: Record
    high: Record
    count: Record
    ends: tuple[str, str]


def plot_domain_spread(means: pd.DataFrame, words: Words, *, year: int) -> blocks.Display:
    """Part by part the lowest and the highest known score with the names of who has them, and the mean; in points, or in percent of the maximum where the parts' maxima differ.

    ``means``: figures of ``metrics.domain_means``.
    """
    rows = _rows(means, words, year=year)
    if not rows:
        return too_few_known(means, words, year=year)
    key = key_lines([dot_item(words.say("lowest and highest known score"), fill=PAPER, edge=ACCENT, width=1.2), upright_item(words.say("mean"), color=INK, width=1.8)])
    heights = [_height(row, words) for row in rows]
    top = KEY_LEADING * len(key) + 1
    bottom = top + sum(heights)
    sheet = Sheet(bottom + 6)
    draw_key(sheet, 2.4, key)
    grid = ticks(min(row.low["value"] for row in rows), max(row.high["value"] for row in rows))
    sides = [max(measure(row.ends[side], size=SMALL) for row in rows) + 4 for side in (0, 1)]
    across = Scale(grid[0], grid[-1], sides[0], WIDTH - sides[1])
    sheet.strokes([[(across(value), top), (across(value), bottom)] for value in grid], color=GRID)
    for value, text in zip(grid, tick_texts(grid, words), strict=True):
        sheet.text(across(value), bottom + 3, text, size=SMALL, color=MUTED, anchor="middle")
    scale = "%" if rows[0].low["measure"].startswith("share") else scale_of(rows[0].low, words)
    sheet.text(0, bottom + 3, scale, size=SMALL, color=MUTED)
    for row, height in zip(rows, heights, strict=True):
        _draw(sheet, top, row, height, across, words)
        top += height
    caption = words.say("Lowest, mean and highest score of each part of the index, {year}").format(year=year)
    numbers = numbers_of((figure for row in rows for figure in (row.low, row.mean, row.high, row.count)), words)
    return blocks.figure(caption, _alt(rows, words, year=year), sheet.svg(), numbers=numbers)


def _rows(means: pd.DataFrame, words: Words, *, year: int) -> list[_Row]:
    rows = [row for row in records(means) if row["year"] == year]
    of_country: dict[str, dict[str, Record]] = {}
    for row in rows:
        if row["unit"] == COUNTRY:
            of_country.setdefault(row["node"], {})[row["measure"]] = row
    maxima = {row["node"]: float(row["out_of"]) for row in rows if row["measure"] == "score"}
    in_percent = bool(maxima) and all(value > 0 for value in maxima.values()) and max(maxima.values()) - min(maxima.values()) > 0.01
    held = holders(means, year=year)
    found = []
    for node, of in of_country.items():
        if not is_known_widely(of):
            continue
        mean = of.get("mean") or of["mean_computed"]
        low, mean, high = (_share(row, maxima[node]) if in_percent else row for row in (of["min_computed"], mean, of["max_computed"]))
        ends = [_end(row, held.get((node, end), ()), words, first=end == "min") for end, row in (("min", low), ("max", high))]
        found.append(_Row(node_label(node, words), low, mean, high, of["n_scored"], (ends[0], ends[1])))
    return found


def _share(row: Record, maximum: float) -> Mapping[str, object]:
    return {**row, "measure": f"share_{row['measure']}", "value": 100 * row["value"] / maximum, "unit_of_measure": "percent", "out_of": 100.0, "basis": "computed"}


def _end(row: Record, units: Sequence[str], words: Words, *, first: bool) -> str:
    """A value with the name of who has it, on the side that points away from the line; with their number, where they are several."""
    many = words.count("{n} province", "{n} provinces", len(units)).format(n=words.number(len(units)))
    name = words.unit(units[0]) if len(units) == 1 else many
    parts = [name, text_of(row, words)] if units else [text_of(row, words)]
    return " ".join(parts if first else parts[::-1])


def _mean(row: _Row, words: Words) -> str:
    return words.say("mean {value} of {n} provinces").format(value=text_of(row.mean, words), n=text_of(row.count, words))


def _height(row: _Row, words: Words) -> float:
    return len(wrap(row.name, WIDTH - measure(_mean(row, words), size=SMALL) - 4, size=SMALL, bold=True)) * LEADING + 7.4


def _draw(sheet: Sheet, top: float, row: _Row, height: float, across: Scale, words: Words) -> None:
    text = _mean(row, words)
    lines = wrap(row.name, WIDTH - measure(text, size=SMALL) - 4, size=SMALL, bold=True)
    for number, line in enumerate(lines):
        sheet.text(0, top + 3.4 + number * LEADING, line, size=SMALL, bold=True, halo=True)
    sheet.text(WIDTH, top + 3.4, text, size=SMALL, color=MUTED, anchor="end", halo=True)
    y = top + height - 3
    low, mean, high = (across(figure["value"]) for figure in (row.low, row.mean, row.high))
    sheet.boxes([(low, y - 0.7, high - low, 1.4)], fill=BAND)
    sheet.strokes([[(mean, y - 2), (mean, y + 2)]], color=INK, width=1.8)
    sheet.dots([(low, y), (high, y)], fill=PAPER, edge=ACCENT, width=1.2)
    sheet.text(low - 2.2, y, row.ends[0], size=SMALL, anchor="end", halo=True)
    sheet.text(high + 2.2, y, row.ends[1], size=SMALL, halo=True)


def _alt(rows: Sequence[_Row], words: Words, *, year: int) -> str:
    told = [words.say("The country part by part, {year}.").format(year=year)]
    message = words.say("{part}: from {low} to {high}, {mean}.")
    return " ".join([*told, *(message.format(part=row.name, low=row.ends[0], high=row.ends[1], mean=_mean(row, words)) for row in rows)])
