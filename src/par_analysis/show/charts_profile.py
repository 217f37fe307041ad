"""Charts of a unit part by part: its share of the maximum beside the mean and the range of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.drawing import GRID, INK, MUTED, RULE, SMALL, WIDTH, Record, Sheet, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, Scale, dot_item, draw_key, key_lines, stroke_item, upright_item
from par_analysis.show.values import node_label, text_of

_NAMES: Final = 64.0
_INDENT: Final = 3.0
_LINE: Final = 3.7
_RANKS: Final = 12.0
_TALLEST: Final = 115.0
"""Millimetres of a chart; one with more rows is drawn as several, so that they flow over the pages."""
_FRAME: Final = 17.0
"""Millimetres of the key, at most, and of the scale."""
_DRAWN: Final = ("score", "share_of_max", "rank", "mean", "mean_computed", "min_computed", "max_computed")
Tree = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class _Row:
    """A part of the index: how it is called, whether others are part of it, and what is known of it."""

    node: str
    lines: tuple[str, ...]
    is_head: bool
    of: Mapping[str, Record]

    @property
    def height(self) -> float:
        """Millimetres."""
        return max(len(self.lines) * _LINE, 4.0) + (3.4 if self.is_head else 1.9)

    def share(self, measure: str) -> float | None:
        """A figure in percent of the maximum, where both are known."""
        if measure == "score" and "share_of_max" in self.of:
            return float(self.of["share_of_max"]["value"])
        maximum = float(self.of["score"]["out_of"]) if "score" in self.of else float("nan")
        return 100 * float(self.of[measure]["value"]) / maximum if measure in self.of and maximum > 0 else None


def plot_profile(profile: pd.DataFrame, words: Words, *, unit: str, year: int, tree: Tree | None = None) -> blocks.Display:
    """Part by part the unit's share of the maximum (a dot), the mean of all (an upright stroke), the lowest and the highest (the ends of a line), and its rank.

    ``profile``: figures of ``metrics.profile``. With a ``tree`` (node → the nodes that add up to it) the parts of a domain stand below it, and a chart that would be
    long is drawn as several, none of which parts a domain from what stands below it.
    """
    rows = _rows(profile, words, tree or {}, year=year)
    if not any("score" in row.of for row in rows):
        return no_parts(words, year=year)
    displays = []
    charts = _charts(rows)
    for number, chart in enumerate(charts, 1):
        caption = words.say("{unit}: each part of the index as a share of its maximum, {year}").format(unit=words.unit(unit), year=year)
        if len(charts) > 1:
            caption += " " + words.say("({number} of {count})").format(number=number, count=len(charts))
        drawn = [row for part in chart for row in part.of.values()]
        displays.append(blocks.figure(caption, _alt(chart, words, unit=unit, year=year), _chart(chart, words, unit=unit).svg(), numbers=numbers_of(drawn, words)))
    return sum(displays[1:], displays[0])


def no_parts(words: Words, *, year: int) -> blocks.Display:
    """Nothing for an index without parts, else that none of them is known."""
    return blocks.absent(words.say("No score of a part of the index is known for {year}.").format(year=year)) if words.domain_names else blocks.nothing()


def _rows(profile: pd.DataFrame, words: Words, tree: Tree, *, year: int) -> list[_Row]:
    """The parts in the order given; those of a domain below it, and a domain that is not in the table as the heading of its parts."""
    found: dict[str, dict[str, Record]] = {}
    for row in records(profile):
        if row["year"] == year and row["measure"] in _DRAWN:
            found.setdefault(row["node"], {})[row["measure"]] = row
    below = {node: [child for child in tree.get(node, ()) if child in found] for node in tree}
    ordered: list[str] = []
    for node in found:
        head = next((parent for parent, children in below.items() if node in children and parent != "total"), "")
        ordered += [name for name in (head, node) if name and name not in ordered]
        ordered += [child for child in below.get(node, ()) if child not in ordered and node != "total"]
    inside = {child for parent, children in below.items() if parent != "total" for child in children}
    return [_row(node, found.get(node, {}), words, is_head=bool(below.get(node)) and node != "total", indent=_INDENT if node in inside else 0) for node in ordered]


def _row(node: str, of: Mapping[str, Record], words: Words, *, is_head: bool, indent: float) -> _Row:
    return _Row(node, tuple(wrap(node_label(node, words), _NAMES - indent, size=SMALL, bold=is_head)), is_head, of)


def _charts(rows: Sequence[_Row]) -> list[list[_Row]]:
    """The rows in as few charts as are short enough, about equally long ones, each begun with a domain."""
    blocks_ = list(_blocks(rows))
    room = max(_TALLEST - _FRAME, *(_height(block) for block in blocks_))
    charts = _filled(blocks_, room)
    while len(tighter := _filled(blocks_, room := room - 1)) == len(charts) and max(map(_height, tighter)) <= room:
        charts = tighter
    return charts


def _blocks(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """A domain with the rows below it; a row that has no domain above it by itself."""
    block: list[_Row] = []
    for row in rows:
        if block and (row.is_head or not block[0].is_head or row.node.startswith("domain:")):
            yield block
            block = []
        block.append(row)
    yield block


def _filled(blocks_: Sequence[list[_Row]], room: float) -> list[list[_Row]]:
    """The blocks one after the other, a new chart where the next one has no room."""
    charts: list[list[_Row]] = [[]]
    for block in blocks_:
        if charts[-1] and _height([*charts[-1], *block]) > room:
            charts.append([])
        charts[-1] += block
    return charts


def _height(rows: Sequence[_Row]) -> float:
    return sum(row.height for row in rows)


def _chart(rows: Sequence[_Row], words: Words, *, unit: str) -> Sheet:
    key = key_lines(
        [
            dot_item(words.unit(unit), radius=1.5),
            upright_item(words.say("mean of the known scores") if _is_partial(rows) else words.say("country's mean"), color=INK, width=1.4),
            stroke_item(words.say("lowest to highest"), color=RULE, width=1.6),
        ]
    )
    top = KEY_LEADING * len(key) + 2
    bottom = top + _height(rows)
    sheet = Sheet(bottom + 5)
    draw_key(sheet, 2.4, key)
    across = Scale(0, 100, _NAMES + 3, WIDTH - _RANKS - 3)
    marks = (0, 25, 50, 75, 100)
    sheet.strokes([[(across(mark), top), (across(mark), bottom)] for mark in marks], color=GRID)
    for mark in marks:
        sheet.text(across(mark), bottom + 2.6, words.number(mark) + ("%" if mark == marks[-1] else ""), size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, bottom + 2.6, words.say("percent of the maximum"), size=SMALL, color=MUTED)
    sheet.text(WIDTH, bottom + 2.6, words.say("rank"), size=SMALL, color=MUTED, anchor="end")
    for row in rows:
        _draw(sheet, top, row, across, words, first=row is rows[0])
        top += row.height
    return sheet


def _is_partial(rows: Sequence[_Row]) -> bool:
    """Whether a mean is one of the few scores that are known."""
    notes = [str(row.of["mean_computed"]["note"]) for row in rows if "mean_computed" in row.of]
    counts = [note.split()[2:5:2] for note in notes if note.startswith("mean of ")]
    return any(len(count) == 2 and count[0] != count[1] for count in counts)


def _draw(sheet: Sheet, top: float, row: _Row, across: Scale, words: Words, *, first: bool) -> None:
    y = top + row.height / 2 + (0.7 if row.is_head else 0)
    if row.is_head and not first:
        sheet.strokes([[(0, top + 0.4), (WIDTH, top + 0.4)]], color=GRID)
    indent = 0 if row.is_head or row.node.startswith("domain:") else _INDENT
    sheet.lines(indent, y, row.lines, size=SMALL, bold=row.is_head, color=INK if row.of else MUTED, leading=_LINE)
    own, mean = row.share("score"), row.share("mean") if "mean" in row.of else row.share("mean_computed")
    low, high = row.share("min_computed"), row.share("max_computed")
    if low is not None and high is not None:
        sheet.strokes([[(across(low), y), (across(high), y)]], color=RULE, width=1.6)
    if mean is not None:
        sheet.strokes([[(across(mean), y - 2.2), (across(mean), y + 2.2)]], color=INK, width=1.4)
    if own is not None:
        sheet.dots([(across(own), y)], radius=1.5)
    elif row.of or not row.is_head:
        sheet.text(across.start + 1, y, words.say("not found"), size=SMALL, color=MUTED, halo=True)
    if "rank" in row.of:
        rank = row.of["rank"]
        sheet.text(WIDTH, y, f"{text_of(rank, words)}/{float(rank['out_of']):.0f}", size=SMALL, bold=row.is_head, anchor="end")


def _alt(rows: Sequence[_Row], words: Words, *, unit: str, year: int) -> str:
    told = [words.say("{unit}, {year}, part by part.").format(unit=words.unit(unit), year=year)]
    for row in rows:
        if "share_of_max" in row.of and "rank" in row.of:
            message = words.say("{part}: {share} of the maximum, rank {rank}.")
            told.append(message.format(part=words.node(row.node), share=text_of(row.of["share_of_max"], words), rank=text_of(row.of["rank"], words)))
        elif "share_of_max" in row.of:
            told.append(words.say("{domain}: {share} of the maximum.").format(domain=words.node(row.node), share=text_of(row.of["share_of_max"], words)))
    return " ".join(told)
