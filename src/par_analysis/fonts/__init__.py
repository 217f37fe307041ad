"""The typeface of every page and chart: IBM Plex Sans, with IBM Plex Mono for raw text. Licence: OFL.txt beside this file.

The ``.ttf`` files are the originals; the ``.woff2`` files are subsets for HTML pages, under a name of their own (see ``build``).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

Face = Literal["regular", "italic", "semibold", "mono"]

FAMILY: Final = "IBM Plex Sans"
MONO_FAMILY: Final = "IBM Plex Mono"
WEB_FAMILY: Final = "Par Sans"
"""The family's name in HTML: the licence reserves the name "Plex" for unmodified files, and a subset is a modified file."""

FOLDER: Final = Path(__file__).parent

TTF: Final[dict[Face, Path]] = {
    "regular": FOLDER / "IBMPlexSans-Regular.ttf",
    "italic": FOLDER / "IBMPlexSans-Italic.ttf",
    "semibold": FOLDER / "IBMPlexSans-SemiBold.ttf",
    "mono": FOLDER / "IBMPlexMono-Regular.ttf",
}
WOFF2: Final[dict[Face, Path]] = {
    "regular": FOLDER / "ParSans-Regular.woff2",
    "italic": FOLDER / "ParSans-Italic.woff2",
    "semibold": FOLDER / "ParSans-SemiBold.woff2",
}


@lru_cache(maxsize=8)
def characters(face: Face) -> frozenset[str]:
    """Every character that a face has a glyph for.

    >>> "ữ" in characters("regular"), "中" in characters("regular")
    (True, False)
    """
    from fontTools.ttLib import TTFont

    with TTFont(TTF[face], lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))
