"""What every chart shares: measures and colours, a sheet to draw on, text that is measured before it is placed, and rows for ``numbers.csv``.

A sheet is a matplotlib figure without axes. Its coordinates are millimetres from the top left, at the size at which it is printed, so a point
of text is a point on paper and a layout can be reckoned with before anything is drawn.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from typing import Any, Final, Literal

import matplotlib as mpl
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from par_analysis import fonts
from par_analysis.model import COUNTRY
from par_analysis.show.language import Words
from par_analysis.show.svg import compact
from par_analysis.show.values import number_row, rows_of, text_of

WIDTH: Final = 132.0
"""Millimetres: narrower than the page's text, so that a telephone shrinks the text by a third and not by a half."""
SIZE: Final = 9.0
SMALL: Final = 8.5
LEADING: Final = 4.0
"""Millimetres from a line of text to the next."""

INK: Final = "#1b262d"
MUTED: Final = "#55616a"
RULE: Final = "#b9c3c9"
GRID: Final = "#e3e8eb"
BAND: Final = "#cbd6dc"
ACCENT: Final = "#0b5c7a"
WARM: Final = "#a8481a"
WARM_FILL: Final = "#f3dccd"
PAPER: Final = "#ffffff"

POINT: Final = 25.4 / 72
"""Millimetres in a point."""

Anchor = Literal["start", "middle", "end"]
Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, width, height."""
Record = Mapping[str, Any]
Mark = Callable[[Any, Text], None]
"""Draws one mark with a renderer; the text is a place to anchor to."""
_SHIFT: Final[dict[Anchor, float]] = {"start": 0.0, "middle": 0.5, "end": 1.0}
_ALIGN: Final[dict[Anchor, Literal["left", "center", "right"]]] = {"start": "left", "middle": "center", "end": "right"}
_FAMILY: Final = f"{fonts.WEB_FAMILY}, {fonts.FAMILY}, sans-serif"
_STYLE: Final[Any] = {"svg.fonttype": "none", "svg.hashsalt": "par-analysis", "path.simplify": False}
_NOTHING: Final = {"Date": None, "Creator": None, "Format": None, "Type": None}
_CAP_HEIGHT: Final = 0.698
"""Height of a capital of IBM Plex Sans, in parts of the text size."""


@lru_cache(maxsize=2048)
def _advance(character: str, bold: bool) -> float:
    """Width of a character, in parts of the text size."""
    font = get_font(str(fonts.TTF["semibold" if bold else "regular"]))
    font.set_size(100, 72)
    return float(font.load_char(ord(character), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 100


@lru_cache(maxsize=8)
def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(family=[fonts.FAMILY], size=size, weight=600 if bold else 400)


def measure(text: str, *, size: float = SIZE, bold: bool = False) -> float:
    """Width of a line of text, in millimetres.

    >>> measure("22") < measure("Thừa Thiên Huế") < 26
    True
    """
    return sum(_advance(character, bold) for character in text) * size * POINT


def wrap(text: str, width: float, *, size: float = SIZE, bold: bool = False) -> list[str]:
    """The text in lines no wider than ``width`` mm, broken at spaces; a single longer word stands by itself.

    >>> wrap("Bà Rịa - Vũng Tàu", 20)
    ['Bà Rịa - Vũng', 'Tàu']
    """
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and measure(joined, size=size, bold=bold) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines or [""]


class _Marks(Artist):
    """The sheet's one artist: the marks, drawn in the order in which they were put."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        super().__init__()
        self.marks = marks

    def draw(self, renderer: Any) -> None:
        place = Text()  # where a text is anchored; one for all, since making one costs more than writing the text
        for mark in self.marks:
            mark(renderer, place)


class Sheet:
    """A drawing under way. Coordinates in mm from the top left; text stands with the middle of its capitals on ``y``."""

    def __init__(self, height: float, *, width: float = WIDTH) -> None:
        self.width, self.height = width, height
        self._marks: list[Mark] = []
        self._points = Affine2D().scale(1 / POINT, -1 / POINT).translate(0, height / POINT)

    def text(self, x: float, y: float, text: str, *, size: float = SIZE, bold: bool = False, color: str = INK, anchor: Anchor = "start", halo: bool = False) -> None:
        """One line of text. With a ``halo`` it clears the paper under it, for text that stands on grid lines."""
        if halo:
            width = measure(text, size=size, bold=bold) + 1
            self.boxes([(x - 0.5 - (width - 1) * _SHIFT[anchor], y - 1.7, width, 3.4)], fill=PAPER)
        font = _font(size, bold)
        across, down = x / POINT, (y + _CAP_HEIGHT * size * POINT / 2) / POINT
        string = unicodedata.normalize("NFC", text)

        def mark(renderer: Any, place: Text) -> None:
            gc = renderer.new_gc()
            gc.set_foreground(color)
            place.set_position((across, self.height / POINT - down))
            place.set_horizontalalignment(_ALIGN[anchor])
            renderer.draw_text(gc, across, down, string, font, 0, mtext=place)

        self._marks.append(mark)

    def lines(self, x: float, y: float, lines: Sequence[str], *, leading: float = LEADING, **look: Any) -> None:
        """Several lines of text, their middle on ``y``; ``look`` as for ``text``."""
        for number, line in enumerate(lines):
            self.text(x, y + (number - (len(lines) - 1) / 2) * leading, line, **look)

    def strokes(self, strokes: Sequence[Sequence[Place]], *, color: str = RULE, width: float = 0.6, dash: Sequence[float] | None = None, round_ends: bool = False) -> None:
        """Lines through points; ``width`` and ``dash`` in points."""
        if not strokes:
            return
        vertices = [point for stroke in strokes for point in stroke]
        codes = [Path.MOVETO if first else Path.LINETO for stroke in strokes for first in (True, *(False,) * (len(stroke) - 1))]

        def mark(renderer: Any, _: Text) -> None:
            gc = _pen(renderer, color, width, dash)
            gc.set_capstyle("round" if round_ends else "butt")
            renderer.draw_path(gc, Path(vertices, codes), self._points, None)

        self._marks.append(mark)

    def boxes(self, boxes: Sequence[Box], *, fill: str | None = BAND, edge: str | None = None, width: float = 0.6, dash: Sequence[float] | None = None) -> None:
        """Rectangles."""
        if not boxes:
            return
        vertices = [point for left, top, across, down in boxes for point in ((left, top), (left + across, top), (left + across, top + down), (left, top + down), (left, top))]
        codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(boxes)

        def mark(renderer: Any, _: Text) -> None:
            gc = _pen(renderer, edge or PAPER, width if edge else 0, dash)
            renderer.draw_path(gc, Path(vertices, codes), self._points, mpl.colors.to_rgba(fill) if fill else None)

        self._marks.append(mark)

    def hatches(self, boxes: Sequence[Box], *, color: str = MUTED, gap: float = 1.3, width: float = 0.5, dash: Sequence[float] | None = None) -> None:
        """Rectangles with a frame, filled with slanting lines ``gap`` mm apart; ``dash`` is the frame's."""
        self.strokes([line for box in boxes for line in slants(box, gap)], color=color, width=width)
        self.boxes(boxes, fill=None, edge=color, width=width, dash=dash)

    def dots(self, places: Sequence[Place], *, radius: float = 1.15, fill: str = ACCENT, edge: str | None = None, width: float = 1.0) -> None:
        """Round dots; hollow ones have ``fill=PAPER``."""
        if not places:
            return
        points = [(x / POINT, (self.height - y) / POINT) for x, y in places]

        def mark(renderer: Any, _: Text) -> None:
            gc = _pen(renderer, edge or fill, width, None)
            renderer.draw_markers(gc, Path.unit_circle(), Affine2D().scale((radius - width * POINT / 2) / POINT), Path(points), Affine2D(), mpl.colors.to_rgba(fill))

        self._marks.append(mark)

    def svg(self) -> str:
        """The drawing as a small SVG document whose text is text; the same bytes every time."""
        stream = io.StringIO()
        with mpl.rc_context(_STYLE):
            figure = Figure(figsize=(self.width / 25.4, self.height / 25.4), dpi=72)
            figure.patch.set_visible(False)
            figure.add_artist(_Marks(self._marks))
            FigureCanvasSVG(figure).print_svg(stream, metadata=_NOTHING)  # type: ignore[no-untyped-call]
        return compact(stream.getvalue(), width=self.width, height=self.height, family=_FAMILY, size=SIZE)


def slants(box: Box, gap: float) -> list[list[Place]]:
    """Lines that rise across a box at half a right angle, ``gap`` mm apart along its base.

    >>> slants((0, 0, 2, 1), 1)
    [[(0, 1), (1, 0)], [(1, 1), (2, 0)]]
    """
    left, top, across, down = box
    count = math.ceil((across + down) / gap)
    starts = (left - down + gap * number for number in range(1, count))
    ends = [(max(start, left), min(start + down, left + across), start) for start in starts]
    return [[(first, top + down - (first - start)), (last, top + down - (last - start))] for first, last, start in ends if last - first > 0.01]


def _pen(renderer: Any, color: str, width: float, dash: Sequence[float] | None) -> Any:
    gc = renderer.new_gc()
    gc.set_foreground(color)
    gc.set_linewidth(width)
    if dash:
        gc.set_dashes(0, list(dash))
    return gc


def records(figures: pd.DataFrame) -> list[dict[str, Any]]:
    """A table of figures as records, without those that have no value."""
    return list(compress(rows_of(figures), figures["value"].notna()))


def is_province(code: str) -> bool:
    """Whether a unit's code is a province's, of today (30) or of before a date (15-2008); not a region's or the country's.

    >>> is_province("30"), is_province("R2"), is_province("VN")
    (True, False, False)
    """
    return code[:2].isdigit()


def base_of(change: Record) -> int:
    """The year that a change is measured against: named in its note, else the year before.

    >>> base_of({"year": 2023, "note": "against 2021"}), base_of({"year": 2023, "note": ""})
    (2021, 2022)
    """
    named = re.search(r"against (\d{4})", change["note"])
    return int(named.group(1)) if named else int(change["year"]) - 1


def counted(rows: Sequence[Record], measure_: str, *, unit: str = COUNTRY, out_of: float = math.nan) -> dict[str, Any]:
    """How many figures there are, as a figure of a unit: what a caption or an alternative text says of a chart that draws them."""
    sources = sorted({source for row in rows for source in row["source"].split("; ") if source})
    editions = sorted({edition for row in rows for edition in row["edition"].split("; ") if edition})
    facts = {"measure": measure_, "value": float(len(rows)), "qualifier": "", "unit_of_measure": "count", "out_of": out_of, "basis": "computed", "note": ""}
    return {**rows[0], **facts, "unit": unit, "source": "; ".join(sources), "edition": "; ".join(editions)}


def numbers_of(rows: Iterable[Record], words: Words) -> list[dict[str, Any]]:
    """The figures that a chart draws, as rows of ``numbers.csv``."""
    return [number_row(row, text_of(row, words), words) for row in rows]
