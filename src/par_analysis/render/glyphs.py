"""No character without a glyph: every text of a page is checked against the typeface before anything is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from par_analysis.errors import RenderError
from par_analysis.fonts import Face, characters
from par_analysis.render.payload import Block

ALLOWED: Final = frozenset("\n\u00ad\u200b")
"""Line end, soft hyphen, place to break: the unseen characters that a text may hold. All others, such as the marks that turn the direction of
writing, can make it read other than it is."""
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories: controls, marks of format, halves of pairs, private and unassigned characters."""

_NOT_SHOWN: Final = frozenset({"kind", "role", "tone", "svg", "png", "href", "identity", "id", "view_box"})


def require_glyphs(block: Block, cell: int) -> None:
    """Raise ``RenderError`` naming the cell, for the first character that the page could not show.

    >>> require_glyphs({"kind": "paragraph", "text": [{"text": "中"}]}, cell=7)
    Traceback (most recent call last):
    par_analysis.errors.RenderError: cell 7: no glyph for '中' (U+4E2D CJK UNIFIED IDEOGRAPH-4E2D)
    """
    for char in without_glyph(block):
        raise no_glyph(char, cell)


def no_glyph(char: str, cell: int | None = None) -> RenderError:
    """What is said of a character that the page could not show."""
    name = unicodedata.name(char, "a control character")
    shown = char if char.isprintable() else ascii(char).strip("'")
    return RenderError(f"no glyph for '{shown}' (U+{ord(char):04X} {name})", cell=cell, hint="replace the character, or leave it out")


def without_glyph(block: Block) -> Iterator[str]:
    """Every character of a block that the page could not show."""
    for words, is_code in texts(block):
        known = _known("mono" if is_code else "regular")
        if not known.issuperset(words):
            yield from (char for char in words if char not in known)


@lru_cache(maxsize=2)
def _known(face: Face) -> frozenset[str]:
    """The characters that a text in a typeface may hold."""
    return ALLOWED | {char for char in characters(face) if unicodedata.category(char) not in UNSEEN}


def texts(value: Any, *, is_code: bool = False) -> Iterator[tuple[str, bool]]:
    """Every text in a block, each with whether it is set in the typeface for code."""
    if isinstance(value, str):
        yield value, is_code
    elif isinstance(value, Mapping):
        is_code = is_code or bool(value.get("code")) or value.get("kind") == "pre"
        for key, part in value.items():
            if key not in _NOT_SHOWN:
                yield from texts(part, is_code=is_code)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part, is_code=is_code)
