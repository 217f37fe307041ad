"""The visible mark of a signature: a small page, set by Typst like the report itself, that is laid into the report's first page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import typst

from par_analysis.errors import RenderError
from par_analysis.render.glyphs import require_glyphs
from par_analysis.render.payload import text
from par_analysis.render.pdf import fonts

TEMPLATE: Final = Path(__file__).parent / "templates" / "stamp.typ"
SIZE: Final = (92.0, 11.0)
"""Width and height in mm, as the template has them: it stands in the upper margin of a report's page, which is 18 mm high and empty."""
_MM: Final = 72 / 25.4
_WIDTH, _HEIGHT, _SIDE, _TOP = 210.0, 297.0, 20.0, 4.0

PLACE: Final = (round((_WIDTH - _SIDE - SIZE[0]) * _MM), round((_HEIGHT - _TOP - SIZE[1]) * _MM), round((_WIDTH - _SIDE) * _MM), round((_HEIGHT - _TOP) * _MM))
"""Left, lower, right and upper edge in points: at the upper right of the first page, where offices put it."""


def draw_stamp(lines: Sequence[str]) -> bytes:
    """A PDF page of 92 × 11 mm with up to three lines, its fonts inside.

    Raises ``RenderError`` for a character that the typeface does not have.
    """
    clean = [" ".join(text(line).split()) for line in lines if line.strip()]
    try:
        require_glyphs({"kind": "paragraph", "text": [{"text": line} for line in clean]}, cell=0)
        inputs = {"lines": json.dumps(clean, ensure_ascii=False)}
        compiler = typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts(), ignore_system_fonts=True, sys_inputs=inputs)
        return cast(bytes, compiler.compile(format="pdf"))
    except RenderError as problem:
        raise RenderError(f"the stamp cannot be drawn: {problem.problem}", hint=problem.hint) from problem
    except typst.TypstError as problem:
        raise RenderError(f"the stamp cannot be drawn: {problem.message}") from problem
