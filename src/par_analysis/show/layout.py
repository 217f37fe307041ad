"""Where things go on a sheet: scales, round ticks, labels that do not touch, and keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from par_analysis.show.drawing import MUTED, SMALL, WIDTH, Sheet, measure
from par_analysis.show.language import Words


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near as can be to those wanted, in their order, so that intervals of these sizes do not overlap and stay within the limits.

    Least squares on the offsets (pool adjacent violators). Where the sizes do not fit, they are laid from ``low`` on.

    >>> spread([5, 5, 20], [4, 4, 4], 0, 30)
    [3.0, 7.0, 20.0]
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    starts = [0.0]
    for index in order:
        starts.append(starts[-1] + sizes[index])
    room = max(low, high - starts[-1])
    blocks: list[list[float]] = []  # total of the offsets, how many
    for place, index in enumerate(order):
        blocks.append([wanted[index] - sizes[index] / 2 - starts[place], 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, many = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + many]
    offsets = [min(max(total / many, low), room) for total, many in blocks for _ in range(int(many))]
    centres = [0.0] * len(wanted)
    for place, index in enumerate(order):
        centres[index] = offsets[place] + starts[place] + sizes[index] / 2
    return centres


def ticks(low: float, high: float, *, most: int = 6) -> list[float]:
    """Round values that cover ``low`` to ``high``, at most ``most``; around a single value, one on either side.

    >>> ticks(81.32, 92.18)
    [80.0, 85.0, 90.0, 95.0]
    """
    low, high = (low - 0.5, high + 0.5) if low == high else (low, high)
    for step in (0.5, 1, 2, 5, 10, 20, 25, 50):
        first, last = math.floor(low / step), math.ceil(high / step)
        if last - first + 1 <= most:
            break
    return [number * float(step) for number in range(first, last + 1)]


def tick_texts(values: Sequence[float], words: Words) -> list[str]:
    """The labels of an axis, all with as many decimals.

    >>> tick_texts([87.5, 88.0], Words("vi"))
    ['87,5', '88,0']
    """
    return [words.number(value, 0 if all(other == int(other) for other in values) else 1) for value in values]


class Scale:
    """Values to millimetres, along a line.

    >>> Scale(1, 63, 0, 124)(32)
    62.0
    """

    def __init__(self, first: float, last: float, start: float, end: float) -> None:
        self.first, self.last, self.start, self.end = first, last, start, end

    def __call__(self, value: float) -> float:
        return self.start + (value - self.first) / (self.last - self.first) * (self.end - self.start)


KEY_LEADING: Final = 4.6
_KEY_GAP: Final = 5.0


@dataclass(frozen=True)
class KeyItem:
    """A symbol with its width in mm, drawn from a left end at a height; and what it stands for."""

    symbol: Callable[[Sheet, float, float], None]
    symbol_width: float
    text: str

    @property
    def width(self) -> float:
        """The item's width in mm."""
        return self.symbol_width + 1.6 + measure(self.text, size=SMALL)


def key_lines(items: Sequence[KeyItem], *, width: float = WIDTH) -> list[list[KeyItem]]:
    """The items of a key in lines no wider than ``width`` mm."""
    lines: list[list[KeyItem]] = []
    room = 0.0
    for item in items:
        if item.width > room:
            lines.append([])
            room = width
        lines[-1].append(item)
        room -= item.width + _KEY_GAP
    return lines


def draw_key(sheet: Sheet, top: float, lines: Sequence[Sequence[KeyItem]], *, left: float = 0) -> None:
    """The lines of a key, ``top`` being the middle of the first one."""
    for number, line in enumerate(lines):
        x, y = left, top + number * KEY_LEADING
        for item in line:
            item.symbol(sheet, x, y)
            sheet.text(x + item.symbol_width + 1.6, y, item.text, size=SMALL, color=MUTED)
            x += item.width + _KEY_GAP


def dot_item(text: str, **look: Any) -> KeyItem:
    """A dot and what it stands for."""
    return KeyItem(lambda sheet, x, y: sheet.dots([(x + 1.5, y)], **look), 3.0, text)


def stroke_item(text: str, **look: Any) -> KeyItem:
    """A level line and what it stands for."""
    return KeyItem(lambda sheet, x, y: sheet.strokes([[(x, y), (x + 5, y)]], **look), 5.0, text)


def upright_item(text: str, **look: Any) -> KeyItem:
    """An upright line and what it stands for."""
    return KeyItem(lambda sheet, x, y: sheet.strokes([[(x + 0.5, y - 1.8), (x + 0.5, y + 1.8)]], **look), 1.0, text)


def box_item(text: str, **look: Any) -> KeyItem:
    """A box and what it stands for."""
    return KeyItem(lambda sheet, x, y: sheet.boxes([(x, y - 1.4, 5, 2.8)], **look), 5.0, text)


def hatched_item(text: str, **look: Any) -> KeyItem:
    """A hatched box and what it stands for."""
    return KeyItem(lambda sheet, x, y: sheet.hatches([(x + 0.2, y - 1.4, 4.8, 2.8)], **look), 5.0, text)
