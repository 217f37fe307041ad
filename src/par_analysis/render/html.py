"""A document as one HTML file: no script, nothing loaded, every text escaped by the template."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from par_analysis.fonts import WEB_FAMILY, WOFF2, Face
from par_analysis.render.document import Document
from par_analysis.render.layout import has_long_word, is_narrow, is_wide, least_ems

TEMPLATES: Final = Path(__file__).parent / "templates"
SCALE: Final = 1.71
"""CSS pixels for a point of a drawing: 132 mm of paper become the 40rem of running text."""
SCREEN: Final = 400
"""Points: a wider drawing would be illegible on a telephone at full width, so it scrolls in a region of its own."""
_WEIGHTS: Final[dict[Face, tuple[int, str]]] = {"regular": (400, "normal"), "italic": (400, "italic"), "semibold": (600, "normal")}


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters["lines"] = with_breaks
    return environment.get_template("page.html.j2")


@lru_cache(maxsize=1)
def _style() -> str:
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def _font_face(face: Face) -> str:
    weight, slant = _WEIGHTS[face]
    data = base64.b64encode(WOFF2[face].read_bytes()).decode("ascii")
    return f'@font-face{{font-family:"{WEB_FAMILY}";font-style:{slant};font-weight:{weight};src:url(data:font/woff2;base64,{data})format("woff2")}}'


def look(faces: Sequence[Face]) -> str:
    """The style of every page, with the faces of the typeface that it needs inside."""
    return "".join(map(_font_face, faces)) + _style()


def write_html(document: Document) -> str:
    """The page. The same document gives the same text."""
    faces: list[Face] = ["regular", "semibold"]
    if has_emphasis([document.cover, *(item.block for item in document.blocks)]):
        faces.append("italic")
    sections = document.sections()
    page = _template().render(
        doc=document,
        cover=document.cover,
        sections=sections,
        contents=[section.heading for section in sections if section.heading],
        identity=write_identity(document),
        style=look(faces),
        say=document.words.say,
        is_wide=is_wide,
        is_narrow=is_narrow,
        least_ems=least_ems,
        has_long_word=has_long_word,
        scale=SCALE,
        screen=SCREEN,
    )
    return page.strip() + "\n"


def with_breaks(words: str) -> Markup:
    """The text, escaped, with ``<br>`` where a line ends.

    >>> str(with_breaks("a<b\\nc"))
    'a&lt;b<br>c'
    """
    return Markup("<br>").join(words.split("\n"))


def write_identity(document: Document) -> str:
    """The identity as one line of JSON, as all formats carry it."""
    return json.dumps(dict(document.identity), ensure_ascii=False, sort_keys=True)


def has_emphasis(value: Any) -> bool:
    """Whether any run of text is emphasised, so that the page needs the italic face.

    >>> has_emphasis([{"text": [{"text": "a", "emphasis": True}]}])
    True
    """
    if isinstance(value, dict):
        return value.get("emphasis") is True or any(has_emphasis(part) for part in value.values())
    return isinstance(value, list | tuple) and any(has_emphasis(part) for part in value)
