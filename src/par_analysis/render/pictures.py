"""Pictures: what a PNG says of itself, and drawings made into PNG by Typst, in the house's typeface, for files that cannot be sure to have it."""

from __future__ import annotations

import base64
import binascii
import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast

from par_analysis.errors import RenderError
from par_analysis.render.payload import Block

TEMPLATE: Final = Path(__file__).parent / "templates" / "charts.typ"
MOST: Final = 40_000_000
"""Pixels of a picture."""
DOTS: Final = 200
"""Dots per inch: sharp in print, and not much larger than the drawing."""


def read_picture(block: Block) -> Block:
    """A figure's PNG with its size. Raises ``RenderError`` for what is no PNG, or not a whole one."""
    data = "".join(block["png"].split())
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise RenderError("the picture is no PNG") from problem
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 33:
        raise RenderError("the picture is no PNG")
    width, height = struct.unpack(">II", content[16:24])
    if not 0 < width * height <= MOST:
        raise RenderError(f"the picture has {width} × {height} pixels", hint=f"at least one, and at most {MOST // 10**6} million")
    _require_whole(content, width, height)
    return block | {"png": data, "pixels": [width, height], "width": round(width * 72 / _dots_per_inch(content[:400]), 2), "ratio": round(width / height, 4)}


def _require_whole(content: bytes, width: int, height: int) -> None:
    """No part of a PNG is cut off or damaged, and there is a value for every pixel. Raises ``RenderError``."""
    bits = content[24] * {2: 3, 4: 2, 6: 4}.get(content[25], 1)
    least = height * (1 + (width * bits + 7) // 8) if content[28] == 0 else 1
    try:
        is_whole = _length(b"".join(_pixels(content))) >= least
    except (zlib.error, ValueError):
        is_whole = False
    if not is_whole:
        raise RenderError("the picture is damaged, or cut off", hint="save it again as PNG")


def _pixels(content: bytes) -> Iterator[bytes]:
    """The parts of a PNG that hold its pixels. Raises ``ValueError`` where any part is not what its checksum says."""
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", content[at : at + 8].ljust(8, b"\0"))
        part, check = content[at + 8 : at + 8 + length], content[at + 8 + length : at + 12 + length]
        if check != zlib.crc32(kind + part).to_bytes(4, "big"):
            raise ValueError(kind)
        if kind == b"IDAT":
            yield part
        at += 12 + length


def _length(packed: bytes) -> int:
    """How long the unpacked bytes are, which are never all in memory. Raises ``zlib.error``."""
    stream, total = zlib.decompressobj(), 0
    while packed:
        total += len(stream.decompress(packed, 2**20))
        packed = stream.unconsumed_tail
    return total + len(stream.flush())


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
