"""Drawings made harmless and small: only known elements and attributes are written out again, by construction.

Text stays text and takes the page's typeface. Sizes come from ``viewBox``, so that a drawing scales with its column.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

from par_analysis.errors import RenderError
from par_analysis.render.payload import names

SVG: Final = "{http://www.w3.org/2000/svg}"
XLINK: Final = "{http://www.w3.org/1999/xlink}"

ELEMENTS: Final = names(
    "g path rect circle ellipse line polyline polygon text tspan textPath defs use clipPath mask marker pattern symbol linearGradient radialGradient stop image"
)
GEOMETRY: Final = names("x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height d points")
PRESENTATION: Final = names(
    """fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit opacity
    clip-path clip-rule mask marker-start marker-mid marker-end stop-color stop-opacity color visibility display font-size font-style font-weight text-anchor
    dominant-baseline alignment-baseline baseline-shift letter-spacing word-spacing text-decoration paint-order vector-effect mix-blend-mode"""
)
PLAIN: Final = names(
    """transform viewBox preserveAspectRatio offset gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits patternUnits
    patternContentUnits patternTransform markerWidth markerHeight markerUnits refX refY orient rotate textLength lengthAdjust"""
)
INITIAL: Final = {"font-style": "normal", "font-weight": "normal", "text-anchor": "start", "fill-opacity": "1", "stroke-opacity": "1", "opacity": "1", "letter-spacing": "normal"}
"""Values that say nothing where nothing is inherited."""

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_BESIDE = re.compile(r" (?=[A-Za-z,])|(?<=[A-Za-z,]) ")
"""A space beside a path's command or a comma."""
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*>", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([\d.]+(?:e[-+]?\d+)?)\s*(px|pt|in|mm|cm|pc)?\s*", re.IGNORECASE)
_FONT = re.compile(r"(?P<before>.*?)(?P<size>[\d.]+(?:px|pt|em|rem|%))(?:/\S+)?\s+(?P<family>.+)", re.DOTALL)
_LOCAL = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)['\"]?\s*\)")
_PNG: Final = "data:image/png;base64,"
_POINTS: Final = {"px": 0.75, "pt": 1.0, "in": 72.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "pc": 12.0, None: 0.75}


@dataclass(frozen=True)
class Drawing:
    """A drawing: ``markup`` is what stands between ``<svg>`` and ``</svg>``; ``box`` its view box; ``width`` its natural width in points."""

    markup: str
    box: tuple[float, float, float, float]
    width: float
    title: str
    words: str

    @property
    def view_box(self) -> str:
        """The view box as an attribute's value."""
        return " ".join(_short(number) for number in self.box)


@lru_cache(maxsize=32)
def read_drawing(source: str, *, prefix: str) -> Drawing:
    """The drawing in an SVG document, with ``prefix`` before every id. Those of the latest page are kept: it is written in two formats.

    Raises ``RenderError`` for what is no SVG, has no size or declares entities.

    >>> read_drawing('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script/><rect id="a" width="3.14159" onclick="x"/></svg>', prefix="f1").markup
    '<rect width="3.14"/>'
    """
    root = _parse(source)
    box, width = _size(root)
    return Drawing(_Writer(root, prefix).write(), box, width, _title(root), _words(root))


def _parse(source: str) -> ET.Element:
    if "<!ENTITY" in source.upper():
        raise RenderError("the drawing declares entities")
    try:
        root = ET.fromstring(_DOCTYPE.sub("", source).strip())
    except ET.ParseError as problem:
        raise RenderError(f"the drawing is no well-formed SVG: {problem}") from problem
    if root.tag not in {"svg", SVG + "svg"}:
        raise RenderError("the drawing is no SVG")
    return root


def _length(text: str | None) -> float | None:
    match = _LENGTH.fullmatch(text or "")
    return float(match[1]) * _POINTS[match[2].lower() if match[2] else None] if match else None


def _size(root: ET.Element) -> tuple[tuple[float, float, float, float], float]:
    numbers = [float(number) for number in _NUMBER.findall(root.get("viewBox", ""))]
    width, height = _length(root.get("width")), _length(root.get("height"))
    if len(numbers) != 4:
        if not width or not height:
            raise RenderError("the drawing has neither a viewBox nor a width and a height")
        numbers = [0.0, 0.0, width / 0.75, height / 0.75]
    if numbers[2] <= 0 or numbers[3] <= 0:
        raise RenderError("the drawing has no size")
    return (numbers[0], numbers[1], numbers[2], numbers[3]), width or numbers[2] * 0.75


def _name(element: ET.Element) -> str:
    return element.tag.removeprefix(SVG) if isinstance(element.tag, str) else ""


def _title(root: ET.Element) -> str:
    titles = [child.text or "" for child in root if _name(child) == "title"]
    return (root.get("aria-label") or " ".join(titles)).strip()


def _words(root: ET.Element) -> str:
    return " ".join("".join(element.itertext()) for element in root.iter() if _name(element) == "text")


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _rounded(value: str) -> str:
    shortened = _NUMBER.sub(lambda match: _shortened(match[0]), value)
    return _BESIDE.sub("", " ".join(shortened.split()))


@lru_cache(maxsize=8192)
def _shortened(digits: str) -> str:
    return _short(float(digits))


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    for declaration in style.split(";"):
        key, _, value = declaration.partition(":")
        key, value = key.strip().lower(), value.strip()
        if key == "font" and (match := _FONT.fullmatch(value)):
            yield "font-size", match["size"]
            yield from _font_words(match["before"])
        elif key:
            yield key, value


def _font_words(words: str) -> Iterator[tuple[str, str]]:
    for word in words.split():
        if word in {"italic", "oblique"}:
            yield "font-style", "italic"
        elif word in {"bold", "bolder"} or word.isdigit():
            yield "font-weight", word


def _weight(value: str) -> str:
    return "600" if value in {"bold", "bolder", "semibold"} or (value.isdigit() and int(value) >= 550) else "normal"


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())


class _Writer:
    """Writes the known parts of a drawing out again."""

    def __init__(self, root: ET.Element, prefix: str) -> None:
        self.root = root
        used = [match for element in root.iter() for value in element.attrib.values() if "url(" in value for match in _LOCAL.findall(value)]
        used += [value[1:] for element in root.iter() for key, value in element.attrib.items() if key in {"href", XLINK + "href"} and value.startswith("#")]
        self.ids = {name: f"{prefix}{number}" for number, name in enumerate(dict.fromkeys(used))}

    def write(self) -> str:
        """Everything below the root; what the root's own look hands down stands on a group around it."""
        look = {key: value for key, value in self.attributes(self.root, "svg", frozenset()).items() if key in PRESENTATION}
        body = "".join(part for child in self.root for part in self.element(child, frozenset(look)))
        return f"<g{_written(look)}>{body}</g>" if look else body

    def element(self, element: ET.Element, inherited: frozenset[str]) -> Iterator[str]:
        name = _name(element)
        if name not in ELEMENTS:
            return
        attributes = self.attributes(element, name, inherited)
        if name == "image" and "href" not in attributes:
            return
        body = "".join(self.content(element, name, inherited | attributes.keys()))
        if name == "g" and not attributes:
            yield body
        elif body or name not in {"g", "defs", "text", "tspan"}:
            start = f"<{name}{_written(attributes)}"
            yield f"{start}>{body}</{name}>" if body else f"{start}/>"

    def content(self, element: ET.Element, name: str, inherited: frozenset[str]) -> Iterator[str]:
        is_text = name in {"text", "tspan", "textPath"}
        if is_text and element.text:
            yield escape(element.text, quote=False)
        for child in element:
            yield from self.element(child, inherited)
            if is_text and child.tail:
                yield escape(child.tail, quote=False)

    def attributes(self, element: ET.Element, name: str, inherited: frozenset[str]) -> dict[str, str]:
        met = [(key.removeprefix(XLINK) if key == XLINK + "href" else key, value) for key, value in element.attrib.items() if key != "style"]
        met += list(_declarations(element.get("style", "")))
        kept = {key: value for key, raw in met if (value := self.value(key, raw, name)) is not None}
        return {key: value for key, value in kept.items() if INITIAL.get(key) != value or key in inherited}

    def value(self, key: str, raw: str, name: str) -> str | None:
        if key == "id":
            return self.ids.get(raw)
        if key == "href":
            return self.href(raw.strip(), name)
        if key in GEOMETRY:
            return _rounded(raw)
        if key == "transform":
            return _rounded(raw) if re.fullmatch(r"[\s\d.,eE+-]*(?:translate|rotate)[^a-z]*(?:rotate[^a-z]*)?", raw) else " ".join(raw.split())
        if key in PLAIN:
            return " ".join(raw.split())
        return self.presentation(key, raw) if key in PRESENTATION else None

    def presentation(self, key: str, raw: str) -> str | None:
        if key == "font-weight":
            return _weight(raw)
        if "(" in raw and not re.fullmatch(r"\s*(?:rgb|rgba|hsl|hsla)\([\d\s.,%/]+\)\s*", raw):
            match = _LOCAL.fullmatch(raw.strip())
            return f"url(#{self.ids[match[1]]})" if match else None
        return " ".join(raw.split())

    def href(self, raw: str, name: str) -> str | None:
        if name == "image":
            return "".join(raw.split()) if raw.startswith(_PNG) else None
        return f"#{self.ids[raw[1:]]}" if raw.startswith("#") else None
