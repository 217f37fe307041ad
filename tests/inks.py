"""Where the texts of a drawing stand, read from its SVG with the typeface that it is drawn in."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from par_analysis import fonts

SVG = "{http://www.w3.org/2000/svg}"


class Ink(NamedTuple):
    """A text and the box that its ink fills, in points from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def inks(svg: str) -> Iterator[Ink]:
    """Every text of a drawing."""
    yield from _inks(ET.fromstring(svg), {})


def _inks(element: ET.Element, inherited: dict[str, str]) -> Iterator[Ink]:
    look = {**inherited, **element.attrib}
    if element.tag == SVG + "text":
        left, bottom, right, top = _extents(element.text or "", float(look["font-size"]), look.get("font-weight", "400"))
        x, y = float(look["x"]), float(look["y"])
        x -= {"start": 0.0, "middle": (left + right) / 2, "end": right}[look.get("text-anchor", "start")]
        yield Ink(element.text or "", x + left, y - top, x + right, y - bottom)
    for child in element:
        yield from _inks(child, look)


@lru_cache(maxsize=4096)
def _extents(text: str, size: float, weight: str) -> tuple[float, float, float, float]:
    font = FontProperties(fname=str(fonts.TTF["semibold" if weight == "600" else "regular"]))
    box = TextPath((0, 0), text, size=size, prop=font).get_extents()
    return float(box.x0), float(box.y0), float(box.x1), float(box.y1)


def touching(svg: str) -> list[tuple[str, str]]:
    """Pairs of texts whose ink overlaps."""
    met = list(inks(svg))
    return [(a.text, b.text) for a, b in combinations(met, 2) if a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom]


def clipped(svg: str) -> list[str]:
    """Texts that reach over the edge."""
    _, _, width, height = map(float, ET.fromstring(svg).attrib["viewBox"].split())
    return [ink.text for ink in inks(svg) if ink.left < 0 or ink.top < 0 or ink.right > width or ink.bottom > height]
