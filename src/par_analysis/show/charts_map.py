"""The country as a grid of tiles: every province the same size, none hidden by a larger one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.drawing import INK, MUTED, PAPER, RULE, SMALL, Box, Place, Record, Sheet, counted, is_province, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import tick_texts
from par_analysis.show.score_classes import DARK_FROM, PLACES, SCORES, class_limits, score_class, third
from par_analysis.show.values import amount_of, rich, rows_of, text_of

_HATCH: Final = "#c3cbd0"
_HEIGHT: Final = 8.8
_GAP: Final = 0.6
_FOOT: Final = 1.4
_MARGIN: Final = 0.9
_LEADING: Final = 3.6
_WIDEST: Final = 155.0
"""Width in mm that the map and a legend beside it may take."""
_LEGEND: Final = 46.0
_LEGEND_ROW: Final = 5.0


@dataclass(frozen=True)
class _Tile:
    """A tile to draw: its box in mm, what it says and of what kind."""

    unit: str
    box: Box
    label: str
    kind: str

    @property
    def right(self) -> float:
        """Its right end."""
        return self.box[0] + self.box[2]

    @property
    def bottom(self) -> float:
        """Its lower end."""
        return self.box[1] + self.box[3]


@dataclass(frozen=True)
class _Known:
    """What is known of the provinces on the map: a row each, the score or else the rank; class limits; the length of the list."""

    rows: Mapping[str, Record]
    limits: Sequence[float]
    count: int

    def of(self, name: str) -> list[Record]:
        """The rows of a measure."""
        return [row for row in self.rows.values() if row["measure"] == name]

    def score_class(self, unit: str) -> int:
        """The class of a score; the highest class is always the darkest."""
        return score_class(self.rows[unit]["value"], self.limits)

    def third(self, unit: str) -> int:
        """First, middle or last third of the list: 0, 1, 2."""
        return third(self.rows[unit]["value"], self.count)


def plot_tiles(standing: pd.DataFrame, tiles: pd.DataFrame, words: Words, *, highlight: str | None = None, title: str | None = None) -> blocks.Display:
    """The provinces as tiles, coloured by score; a stripe where only the place is known, hatching where nothing is.

    ``standing``: figures of one year with score and rank. ``tiles``: unit, row, col, label, kind; of kind ``islands`` are Hoàng Sa and Trường Sa. ``title`` is the caption.
    """
    drawn = _laid_out(tiles)
    provinces = [tile for tile in drawn if tile.kind != "islands"]
    known = _known(standing, provinces)
    if not known.rows:
        return blocks.absent(words.say("Neither a score nor a rank is known of any province."))
    width, height, corner = _measures(drawn, _legend_height(known, words))
    sheet = Sheet(height, width=width)
    _islands(sheet, [tile for tile in drawn if tile.kind == "islands"], provinces)
    _scored(sheet, [tile for tile in provinces if known.rows.get(tile.unit, {}).get("measure") == "score"], known, words)
    _ranked(sheet, [tile for tile in provinces if known.rows.get(tile.unit, {}).get("measure") == "rank"], known, words)
    _unknown(sheet, [tile for tile in provinces if tile.unit not in known.rows])
    _outline(sheet, [tile for tile in provinces if tile.unit == highlight])
    _legend(sheet, corner, known, words)
    told, counts = _alt(known, highlight, words)
    caption = title or words.say("The provinces by score, {year}").format(year=next(iter(known.rows.values()))["year"])
    beside = _beside(standing, provinces)
    notes = [rich(words.say("Not on the map: {cases}."), cases="; ".join(f"{words.unit(row['unit'])}, {amount_of(row, words)}" for row in beside))] if beside else []
    return blocks.figure(caption, told, sheet.svg(), notes=notes, numbers=numbers_of([*known.rows.values(), *beside, *counts], words))


def _beside(standing: pd.DataFrame, provinces: Sequence[_Tile]) -> list[Record]:
    """The scores of provinces without a tile: those that were merged into others before."""
    on_map = {tile.unit for tile in provinces}
    return [row for row in records(standing) if row["unit"] not in on_map and is_province(row["unit"]) and row["node"] == TOTAL and row["measure"] == "score"]


def _known(standing: pd.DataFrame, provinces: Sequence[_Tile]) -> _Known:
    on_map = {tile.unit for tile in provinces}
    rows = [row for row in records(standing) if row["unit"] in on_map and is_province(row["unit"]) and row["node"] == TOTAL and row["measure"] in ("score", "rank")]
    by_unit = {row["unit"]: row for row in sorted(rows, key=lambda row: (row["measure"] == "score", row["unit"]))}
    return _Known(by_unit, class_limits([row["value"] for row in by_unit.values() if row["measure"] == "score"]), len(provinces))


def _laid_out(tiles: pd.DataFrame) -> list[_Tile]:
    """Tiles with their boxes: as wide as the longest label; a column that no tile stands in is a narrow gap."""
    cells = rows_of(tiles)
    used = {int(cell["col"]) for cell in cells}
    widest = (_WIDEST + _GAP) / (len(used) + 0.4 * (max(used) + 1 - min(used) - len(used)))
    across = min(max(measure(cell["label"], size=SMALL) for cell in cells) + 0.7 + _GAP, widest)
    left = {}
    reached = 0.0
    for column in range(min(used), max(used) + 1):
        left[column] = reached
        reached += across if column in used else 0.4 * across
    top = min(int(cell["row"]) for cell in cells)
    boxes = [(left[int(cell["col"])] + _MARGIN, (int(cell["row"]) - top) * (_HEIGHT + _GAP) + _MARGIN, across - _GAP, _HEIGHT) for cell in cells]
    return [_Tile(cell["unit"], box, cell["label"], cell["kind"]) for cell, box in zip(cells, boxes, strict=True)]


def _measures(drawn: Sequence[_Tile], legend: float) -> tuple[float, float, Place]:
    """Width and height of the sheet and the corner of the legend: at the top right where that is free, else below the map."""
    width, bottom = max(tile.right for tile in drawn) + _MARGIN, max(tile.bottom for tile in drawn) + _MARGIN
    beside = max((tile.right for tile in drawn if tile.box[1] < legend + 2), default=0.0) + 4
    if beside + _LEGEND <= _WIDEST:
        return max(width, beside + _LEGEND), max(bottom, legend), (max(width - _LEGEND, beside), 0.0)
    return max(width, _LEGEND), bottom + 3 + legend, (0.0, bottom + 3)


def _write(sheet: Sheet, tile: _Tile, value: str, *, color: str, foot: float = 0.0, strong: bool = True) -> None:
    """The label and the value in the middle of a tile, above a stripe ``foot`` mm high."""
    left, top, across, down = tile.box
    lines = wrap(tile.label, across, size=SMALL)
    lines = [*lines[: 1 if value else 2], *([value] if value else [])]
    for number, line in enumerate(lines):
        y = top + (down - foot) / 2 + (number - (len(lines) - 1) / 2) * _LEADING
        sheet.text(left + across / 2, y, line, size=SMALL, color=color, anchor="middle", bold=strong and bool(value) and number == len(lines) - 1)


def _scored(sheet: Sheet, tiles: Sequence[_Tile], known: _Known, words: Words) -> None:
    for number, fill in enumerate(SCORES):
        sheet.boxes([tile.box for tile in tiles if known.score_class(tile.unit) == number], fill=fill)
    for tile in tiles:
        _write(sheet, tile, text_of(known.rows[tile.unit], words), color=PAPER if known.score_class(tile.unit) >= DARK_FROM else INK)


def _ranked(sheet: Sheet, tiles: Sequence[_Tile], known: _Known, words: Words) -> None:
    for number, fill in enumerate(PLACES):
        sheet.boxes([_foot(tile.box) for tile in tiles if known.third(tile.unit) == number], fill=fill)
    sheet.boxes([tile.box for tile in tiles], fill=None, edge=RULE)
    for tile in tiles:
        _write(sheet, tile, f"{text_of(known.rows[tile.unit], words)}/{words.number(known.count)}", color=INK, foot=_FOOT)


def _foot(box: Box) -> Box:
    left, top, across, down = box
    return left, top + down - _FOOT, across, _FOOT


def _unknown(sheet: Sheet, tiles: Sequence[_Tile]) -> None:
    _hatch(sheet, [tile.box for tile in tiles])
    for tile in tiles:
        _write(sheet, tile, "", color=MUTED)


def _hatch(sheet: Sheet, boxes: Sequence[Box]) -> None:
    """A grey frame with slanting lines in two corners, which leave the name free."""
    strokes: list[list[Place]] = []
    for left, top, across, down in boxes:
        for cut in (cut * down / _HEIGHT for cut in (1.4, 2.8)):
            strokes += [[(left, top + cut), (left + cut, top)], [(left + across - cut, top + down), (left + across, top + down - cut)]]
    sheet.strokes(strokes, color=_HATCH)
    sheet.boxes(boxes, fill=None, edge=_HATCH)


def _islands(sheet: Sheet, tiles: Sequence[_Tile], provinces: Sequence[_Tile]) -> None:
    """The island groups, each with the province it belongs to."""
    owners = {tile.unit: tile.label for tile in provinces}
    sheet.boxes([tile.box for tile in tiles], fill=None, edge=MUTED, dash=(2, 1.5))
    for tile in tiles:
        _write(sheet, tile, f"({owners[tile.unit]})" if tile.unit in owners else "", color=INK, strong=False)


def _outline(sheet: Sheet, tiles: Sequence[_Tile]) -> None:
    """A white line and a thick dark one around it, to be seen on every fill."""
    for outset, color, width in ((0.15, PAPER, 1.4), (0.55, INK, 1.8)):
        boxes = [(left - outset, top - outset, across + 2 * outset, down + 2 * outset) for left, top, across, down in (tile.box for tile in tiles)]
        sheet.boxes(boxes, fill=None, edge=color, width=width)


def _legend_height(known: _Known, words: Words) -> float:
    scores = _LEGEND_ROW * len(known.limits) + 2 if known.limits else 0
    places = _LEGEND_ROW * (len(PLACES) + 1) + 2 if known.of("rank") else 0
    nothing = 4 * len(_nothing(words)) + 2 if len(known.rows) < known.count else 0
    return float(scores + places + nothing)


def _nothing(words: Words) -> list[str]:
    return wrap(words.say("neither score nor rank found"), _LEGEND - 9, size=SMALL)


def _legend(sheet: Sheet, corner: Place, known: _Known, words: Words) -> None:
    left, y = corner[0], corner[1] + 2.6
    if known.limits:
        y = _score_legend(sheet, left, y, known, words) + 2
    if known.of("rank"):
        y = _place_legend(sheet, left, y, known, words) + 2
    if len(known.rows) < known.count:
        lines = _nothing(words)
        _hatch(sheet, [(left + 0.4, y - 2, 7, 4)])
        sheet.lines(left + 9, y + 2 * (len(lines) - 1), lines, size=SMALL, color=MUTED)


def _score_legend(sheet: Sheet, left: float, y: float, known: _Known, words: Words) -> float:
    """The classes with their limits, the highest first. Returns where the next line stands."""
    sheet.text(left, y, words.say("score"), size=SMALL, color=MUTED)
    texts = tick_texts(known.limits, words)
    for number in range(len(known.limits) - 2, -1, -1):
        y += _LEGEND_ROW
        sheet.boxes([(left + 0.4, y - 2, 7, 4)], fill=SCORES[number + len(SCORES) - (len(known.limits) - 1)])
        sheet.text(left + 9, y, f"{texts[number]}–{texts[number + 1]}", size=SMALL, color=MUTED)
    return y + _LEGEND_ROW


def _place_legend(sheet: Sheet, left: float, y: float, known: _Known, words: Words) -> float:
    sheet.text(left, y, words.say("only the rank known"), size=SMALL, color=MUTED)
    for number, fill in enumerate(PLACES):
        y += _LEGEND_ROW
        first, last = -(-known.count * number // 3) + 1, -(-known.count * (number + 1) // 3)
        box = (left + 0.4, y - 2, 7.0, 4.0)
        sheet.boxes([_foot(box)], fill=fill)
        sheet.boxes([box], fill=None, edge=RULE)
        sheet.text(left + 9, y, f"{first}–{last}", size=SMALL, color=MUTED)
    return y + _LEGEND_ROW


def _alt(known: _Known, highlight: str | None, words: Words) -> tuple[str, Sequence[Record]]:
    """The alternative text, and the counts that it names."""
    scored, ranked = sorted(known.of("score"), key=lambda row: row["value"]), known.of("rank")
    counts = [counted(rows, name, out_of=known.count) for rows, name in ((scored, "n_scored"), (ranked, "n_rank_only")) if rows]
    pattern = words.say("A map of {count} equal tiles: {scored} provinces with a score, {ranked} with a rank only.")
    told = [pattern.format(count=words.number(known.count), scored=words.number(len(scored)), ranked=words.number(len(ranked)))]
    if scored:
        ends = {"low": text_of(scored[0], words), "high": text_of(scored[-1], words), "first": words.unit(scored[-1]["unit"]), "last": words.unit(scored[0]["unit"])}
        told.append(words.say("The highest known score is {high} ({first}), the lowest {low} ({last}).").format(**ends))
    row = known.rows.get(highlight or "")
    if row:
        pattern = words.say("Outlined: {unit}, {value}.") if row["measure"] == "score" else words.say("Outlined: {unit}, rank {value}.")
        told.append(pattern.format(unit=words.unit(row["unit"]), value=amount_of(row, words) if row["measure"] == "score" else text_of(row, words)))
    return " ".join(told), counts
