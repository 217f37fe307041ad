"""How wide a table is, reckoned from its words in the page's typeface: the one measure that the page and the paper share. Widths in mm."""

from __future__ import annotations

import itertools
import math
import re
from functools import lru_cache
from typing import Final

from par_analysis.fonts import TTF
from par_analysis.render.payload import Block

MEASURE: Final = 132.0
"""Running text and charts on paper. A table that fits stays within it."""
FULL: Final = 170.0
"""Between the margins."""
SHORT: Final = 30.0
"""A column of words no wider than this is as wide as they are."""
LONG: Final = 80.0
"""A column never asks for more than this on one line."""
LEAST: Final = 18.0
"""What a column of text keeps at least."""
PADDING: Final = 4.2
HEADING: Final = 0.92
"""The size of a table's headings, in parts of its text."""
BOLD: Final = 1.05
"""How much wider the half-bold face runs."""
SMALLEST: Final = 0.78
"""How much smaller the text of a table with many columns may be."""
POINT: Final = 25.4 / 72
SCREEN: Final = 340
"""CSS pixels of a telephone's screen that a table can use."""
COLUMN: Final = 10.0
HEAD: Final = 5.0
WORD: Final = 16.0
"""What a column of text, a heading and a single word keep on a small screen before they break into more lines, in parts of the text size."""


@lru_cache(maxsize=1)
def _advances() -> dict[str, float]:
    """Widths of all characters, in parts of the text size."""
    from fontTools.ttLib import TTFont

    with TTFont(TTF["regular"], lazy=True) as font:
        metrics, unit = font["hmtx"].metrics, font["head"].unitsPerEm
        return {chr(code): metrics[name][0] / unit for code, name in font.getBestCmap().items()}


@lru_cache(maxsize=8192)
def ems(words: str) -> float:
    """How wide a text is, in parts of its size.

    >>> ems("ii") < ems("MM")
    True
    """
    advances = _advances()
    return sum(advances.get(char, 0.6) for char in words)


def _millimetres(words: str, block: Block) -> float:
    return ems(words) * _size(block) * POINT


def _size(block: Block) -> float:
    """Points."""
    return 7.75 if block["dense"] else 8.75


def _widest_word(words: str) -> float:
    return max(map(ems, words.split()), default=0.0)


def _texts(block: Block, number: int) -> list[str]:
    return [row["cells"][number]["text"] for row in block["rows"]]


def least_ems(block: Block) -> float:
    """The width below which a table's columns become too thin to read, in parts of the text size."""
    return round(sum(_least(block, number) + 1.1 for number in range(len(block["columns"]))), 1)


def _least(block: Block, number: int) -> float:
    column = block["columns"][number]
    cells = [ems(words) for words in _texts(block, number)]
    words = [min(_widest_word(words), WORD) for words in _texts(block, number)]
    widest = max(cells, default=0.0) if column["numeric"] else max(min(max(cells, default=0.0), COLUMN), *words, 0.0)
    return max(widest, _widest_word(column["label"]), min(ems(column["label"]), HEAD))


def has_long_word(words: str) -> bool:
    """Whether a text holds a word, an address say, that has to break where no word ends.

    >>> has_long_word("https://example.org/a/long/address"), has_long_word("chưa công bố")
    (True, False)
    """
    return any(len(word) > 24 for word in words.split())


def is_wide(block: Block) -> bool:
    """Whether a table may be wider than a telephone's screen, so that it needs a region of its own to scroll in."""
    return least_ems(block) * (13.5 if block["dense"] else 15) > SCREEN


def is_narrow(block: Block) -> bool:
    """Whether a table fits the width of running text on paper without breaking a cell."""
    return sum(_needs(block, lines=2)) <= MEASURE


def _label(words: str, lines: int) -> float:
    """The least width, in parts of the text size, in which a heading takes one line, two, or as many as it has words."""
    parts = words.split()
    if lines == 1 or len(parts) < 2:
        return ems(words)
    return min(max(ems(" ".join(parts[:cut])), ems(" ".join(parts[cut:]))) for cut in range(1, len(parts))) if lines == 2 else _widest_word(words)


def _needs(block: Block, lines: int, most: float = LONG) -> list[float]:
    """Millimetres for each column with its cells on one line, text up to ``most`` wide, and its heading on so many lines."""
    padding = _padding(block) + 0.5
    needs: list[float] = []
    for number, column in enumerate(block["columns"]):
        cell = max((_millimetres(words, block) for words in _texts(block, number)), default=0.0) * BOLD
        head = _label(column["label"], lines) * _size(block) * HEADING * BOLD * POINT
        needs.append(max(cell if column["numeric"] else min(cell, most), head) + padding)
    return needs


def _padding(block: Block) -> float:
    return PADDING if len(block["columns"]) < 10 else PADDING / 2


def on_paper(block: Block) -> list[Block]:
    """A table as one part, or as several below each other where it has more columns than a page is wide.

    Each part is the block with its own columns, their ``widths`` in mm, and a ``zoom`` of its text. A part after the first repeats the first column.

    >>> block = {"dense": False, "columns": [{"numeric": False, "label": ""}, {"numeric": True, "label": ""}], "rows": [{"cells": [{"text": "An Giang"}, {"text": "1"}]}]}
    >>> [(sum(part["widths"]), part["zoom"]) for part in on_paper(block)]
    [(66.0, 1.0)]
    """
    least = _needs(block, lines=9, most=2 * LEAST)
    zoom = 1.0 if sum(least) <= FULL else max(FULL / sum(least), SMALLEST)
    parts = [_part(block, group) for group in _groups([need * zoom for need in least])]
    return [part | {"zoom": round(zoom, 2), "padding": _padding(part), "widths": column_widths(part, zoom)} for part in parts]


def _groups(needs: list[float]) -> list[list[int]]:
    """The columns of each part: the first one, and as many of the others as there is room for."""
    groups, room = [[0]], FULL - needs[0]
    for number, need in enumerate(needs[1:], 1):
        if need > room and len(groups[-1]) > 1:
            groups.append([0])
            room = FULL - needs[0]
        groups[-1].append(number)
        room -= need
    return groups


def _part(block: Block, numbers: list[int]) -> Block:
    rows = [row | {"cells": [row["cells"][number] for number in numbers]} for row in block["rows"]]
    return block | {"columns": [block["columns"][number] for number in numbers], "rows": rows}


def column_widths(block: Block, zoom: float = 1.0) -> list[float]:
    """A width in mm for each column: numbers and short words as wide as they are, sentences share what is left."""
    width = _width(block)
    choices = [[need * zoom for need in _needs(block, lines)] for lines in (1, 2, 9)]
    needs = next((needs for needs in choices if sum(needs) <= width), choices[-1])
    free = [number for number, column in enumerate(block["columns"]) if not column["numeric"] and needs[number] > SHORT] or [0]
    room = max(width - sum(need for number, need in enumerate(needs) if number not in free), LEAST * len(free))
    cells = [[_millimetres(words, block) * zoom for words in _texts(block, number)] for number in free]
    least = [max(LEAST, _longest_word(block, number) * zoom) for number in free]
    shares = dict(zip(free, _fewest_lines(cells, [needs[number] for number in free], room, least if sum(least) <= room else [LEAST] * len(free)), strict=True))
    return [round(shares.get(number, need), 1) for number, need in enumerate(needs)]


def _width(block: Block) -> float:
    needs = sum(_needs(block, lines=2))
    return FULL if needs > MEASURE else min(max(1.6 * needs, MEASURE / 2), MEASURE)


def _longest_word(block: Block, number: int) -> float:
    """Millimetres for a column's longest word that does not break: a longer one, and one with hyphens or slashes, does."""
    words = {word for text_ in _texts(block, number) for word in re.split(r"[\s/-]+", text_) if not has_long_word(word)}
    return max((_millimetres(word, block) for word in words), default=0.0) * BOLD + _padding(block) + 0.5


def _fewest_lines(cells: list[list[float]], needs: list[float], room: float, least: list[float]) -> list[float]:
    """Widths that share the room so that the rows take the fewest lines: from parts by need, none below its ``least``, moved by steps while that helps."""

    def lines(widths: list[float]) -> tuple[int, float]:
        parts = [max(cell / max(wide - PADDING, 1) for cell, wide in zip(row, widths, strict=True)) for row in zip(*cells, strict=True)]
        return sum(map(math.ceil, parts)), sum(parts)

    best = [room * need / sum(needs) for need in needs]
    if any(wide < floor for wide, floor in zip(best, least, strict=True)):
        over = [max(need - floor, 0.01) for need, floor in zip(needs, least, strict=True)]
        best = [floor + (room - sum(least)) * part / sum(over) for floor, part in zip(least, over, strict=True)]
    count = lines(best)
    for step in (32.0, 16.0, 8.0, 4.0, 2.0, 1.0):
        for giver, taker in itertools.permutations(range(len(best)), 2):
            moved = list(best)
            moved[giver], moved[taker] = moved[giver] - step, moved[taker] + step
            if moved[giver] >= least[giver] and (fewer := lines(moved)) < count:
                best, count = moved, fewer
    return best
