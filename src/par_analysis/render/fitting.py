"""Charts that just miss the end of a page, set a little smaller so that no page stays half empty.

The template reports where things came to stand; a chart that was pushed to the next page together with its heading, though a slightly
smaller one would have fitted, gets a scale below 1, and the page is set again. All lengths in mm from the top of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from par_analysis.render.payload import Block

TOP: Final = 18.0
BOTTOM: Final = 275.0
SPACE: Final = 11.0
"""What may stand between the text before and a heading: nothing at the top of a page, this much below text."""
SMALLEST: Final = 0.82
"""Text of 8.5 points in a chart stays at 7 points or more."""
ATTEMPTS: Final = 6

Mark = tuple[str, int, int, float]
"""What stands there (before, top, end), the number of a block (before) or of a figure, page, height."""


@dataclass(frozen=True)
class Stand:
    """Where a chart stands: the end of the text before its heading, then the chart's own top and end."""

    number: int
    page_before: int
    before: float
    page: int
    top: float
    end: float

    def scale(self) -> float | None:
        """How small the chart must be to move to the page before; ``None`` where it stands well or would become too small.

        >>> round(Stand(3, page_before=3, before=162.2, page=4, top=42.5, end=123.7).scale(), 2)
        0.95
        """
        height, over = self.end - self.top, self.before + SPACE + self.end - TOP - BOTTOM
        if self.page != self.page_before + 1 or over <= 0:
            return None
        scale = (height - over - 0.5) / height
        return scale if scale >= SMALLEST else None


def stands(blocks: Sequence[Block], marks: Sequence[Mark]) -> Iterator[Stand]:
    """Where the charts stand, in order."""
    at: Mapping[tuple[str, int], tuple[int, float]] = {(what, number): (page, height) for what, number, page, height in marks}
    for index, block in enumerate(blocks):
        if block["kind"] == "figure":
            page_before, before = at["before", _start(blocks, index)]
            page, top = at["top", block["number"]]
            yield Stand(block["number"], page_before, before, page, top, at["end", block["number"]][1])


def _start(blocks: Sequence[Block], index: int) -> int:
    """The first of the headings that keep with the block at ``index``."""
    while index > 0 and (blocks[index - 1]["kind"] == "heading" or blocks[index - 1].get("role") == "question"):
        index -= 1
    return index


def fit(blocks: list[dict[str, Any]], lay_out: Callable[[], Sequence[Mark]]) -> None:
    """Give the charts among the blocks the scales that fit. ``lay_out`` sets the blocks as they are now and returns the marks, without writing a file."""
    marks = lay_out()
    figures = {block["number"]: block for block in blocks if block["kind"] == "figure"}
    tried: set[int] = set()
    while len(tried) < ATTEMPTS:
        found = next(((stand, scale) for stand in stands(blocks, marks) if stand.number not in tried and (scale := stand.scale())), None)
        if found is None:
            break
        stand, scale = found
        tried.add(stand.number)
        figures[stand.number]["scale"] = round(scale, 3)
        marks_after = lay_out()
        if next(after.page for after in stands(blocks, marks_after) if after.number == stand.number) == stand.page_before:
            marks = marks_after
        else:
            figures[stand.number]["scale"] = 1
