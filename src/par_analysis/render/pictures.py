"""Pictures: what a PNG says of itself, and drawings made into PNG by Typst, in the house's typeface, for files that cannot be sure to have it."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from par_analysis.errors import RenderError
from par_analysis.render.payload import Block

TEMPLATE: Final = Path(__file__).parent / "templates" / "charts.typ"
DOTS: Final = 200
"""Dots per inch: sharp in print, and not much larger than the drawing."""


def read_picture(block: Block) -> Block:
    """A figure's PNG with its size. Raises ``RenderError`` for what is no PNG."""
    data = "".join(block["png"].split())
    try:
        head = base64.b64decode(data, validate=True)[:400]
    except (binascii.Error, ValueError) as problem:
        raise RenderError("the picture is no PNG") from problem
    if head[:8] != b"\x89PNG\r\n\x1a\n" or len(head) < 24:
        raise RenderError("the picture is no PNG")
    width, height = struct.unpack(">II", head[16:24])
    return block | {"png": data, "pixels": [width, height], "width": round(width * 72 / _dots_per_inch(head), 2), "ratio": round(width / max(height, 1), 4)}


def _dots_per_inch(head: bytes) -> float:
    """What a PNG says of its resolution (its chunk pHYs, dots per metre); 96 where it says nothing."""
    at = head.find(b"pHYs")
    dots, _, unit = struct.unpack(">IIB", head[at + 4 : at + 13]) if 0 < at <= len(head) - 13 else (0, 0, 0)
    return float(dots * 0.0254) if unit == 1 and dots > 0 else 96.0


def draw(drawings: Sequence[tuple[str, float]]) -> list[bytes]:
    """A PNG for each drawing, an SVG document with its width in points. Raises ``RenderError``."""
    import typst

    from par_analysis.render.pdf import fonts

    if not drawings:
        return []
    charts = json.dumps([{"svg": svg, "width": width} for svg, width in drawings], ensure_ascii=False)
    compiler = typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts(), ignore_system_fonts=True, sys_inputs={"charts": charts})
    try:
        made = compiler.compile(format="png", ppi=DOTS)
    except typst.TypstError as problem:
        raise RenderError(f"the charts cannot be drawn: {problem.message}") from problem
    return cast(list[bytes], made if isinstance(made, list) else [made])
