"""How wide the columns of a Word table are: whatever typeface the reader's machine has, no number and no word breaks. Widths in mm."""

from __future__ import annotations

import math
import re
from typing import Final

from par_analysis.render.layout import FULL, POINT, ems, has_long_word
from par_analysis.render.payload import Block

SLACK: Final = 1.1
"""How much wider a column is than on paper, where there is room: the reader's machine may set another typeface."""
WIDER: Final = 1.16
"""How much wider than the page's typeface the widest that takes its place may run (DejaVu Sans: about a fifth wider than Arial)."""
BOLDER: Final = 1.26
"""The same, for its bold face."""
EDGE: Final = 0.4
"""What a cell keeps besides its text and its padding."""

_ENDS: Final = re.compile("[ \n\t\u00ad]+")
_LETTER: Final = re.compile(r"[^\W\d_]")


def text_size(block: Block, *, is_heading: bool = False) -> float:
    """Points, as in the styles of the file."""
    return (7.5 if block["dense"] else 8.5) - (0.5 if is_heading else 0)


def columns(part: Block) -> tuple[list[float], float]:
    """The width of each column of a part of a table on paper, and how much smaller its text is set; no column is narrower than its longest number or word.

    A column that is too narrow gets what the page has left, then what the widest columns of text can spare; where that is not enough, the text is smaller.

    >>> cells = [{"text": "một câu dài hơn nhiều so với một con số " * 3, "strong": False}, {"text": "41,75", "strong": False}]
    >>> heads = [{"label": "", "numeric": False}, {"label": "Điểm", "numeric": True}]
    >>> part = {"dense": False, "columns": heads, "rows": [{"cells": cells, "highlight": False}], "widths": [160.0, 10.0], "padding": 4.2, "zoom": 1.0}
    >>> columns(part)
    ([156.1, 13.8], 1.0)
    """
    needs, edge = [_needs(part, number) for number in range(len(part["columns"]))], part["padding"] + EDGE
    zoom = min(part["zoom"], (FULL - edge * len(needs)) / max(sum(needs), 1))
    least = [need * zoom + edge for need in needs]
    stretch = min(FULL / sum(part["widths"]), SLACK)
    raised = _raised([wide * stretch for wide in part["widths"]], least, [column["numeric"] for column in part["columns"]])
    return [math.floor(wide * 10) / 10 for wide in raised], zoom


def _raised(widths: list[float], least: list[float], numeric: list[bool]) -> list[float]:
    """Widths of which none is below its least: columns of text give before columns of numbers, the widest first."""
    raised = [max(pair) for pair in zip(widths, least, strict=True)]
    over = sum(raised) - max(FULL, sum(widths))
    for number in sorted(range(len(raised)), key=lambda number: (numeric[number], -raised[number])):
        given = min(max(over, 0.0), raised[number] - least[number])
        raised[number], over = raised[number] - given, over - given
    return raised


def _needs(part: Block, number: int) -> float:
    """Millimetres for what must not break in a column, at its full size: in its heading each word, in its cells each number and each word."""
    column = part["columns"][number]
    head = max(map(ems, _ENDS.split(column["label"]))) * text_size(part, is_heading=part["zoom"] == 1) * BOLDER
    cells = ((row["cells"][number], row["highlight"]) for row in part["rows"])
    widest = max((_widest(cell["text"], column["numeric"]) * (BOLDER if cell["strong"] or strong else WIDER) for cell, strong in cells), default=0.0)
    return max(head, widest * text_size(part)) * POINT


def _widest(words: str, numeric: bool) -> float:
    """A number as a whole, of other texts the longest word: one that is an address, say, breaks anyway."""
    if numeric and not _LETTER.search(words):
        return max(map(ems, words.split("\n")))
    return max((ems(word) for word in _ENDS.split(words) if not has_long_word(word)), default=0.0)
