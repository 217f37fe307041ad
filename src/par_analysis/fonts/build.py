"""Makes the font files of this folder from the publisher's packages.

    npm pack @ibm/plex-sans@1.1.0 @ibm/plex-mono@2.5.0
    python -m par_analysis.fonts.build ibm-plex-sans-1.1.0.tgz ibm-plex-mono-2.5.0.tgz

The TTF files are the packages' WOFF files unpacked, table for table the same bytes. The WOFF2 files hold the letters of Vietnamese and
of western Europe with the punctuation of a report, and carry another family name, as the licence asks of modified files.
"""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

from fontTools import subset
from fontTools.ttLib import TTFont

from par_analysis.fonts import FOLDER, TTF, WEB_FAMILY, WOFF2

WEB_CHARACTERS: Final = (
    *range(0x20, 0x7F), *range(0xA0, 0x180), 0x1A0, 0x1A1, 0x1AF, 0x1B0, *range(0x1EA0, 0x1EFA), *range(0x2010, 0x2028), 0x202F, 0x2030, 0x2032, 0x2033,
    0x2039, 0x203A, 0x2070, *range(0x2074, 0x207A), 0x20AB, 0x20AC, 0x2122, *range(0x2190, 0x219A), 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x2713,
)  # fmt: skip
"""Latin with its Vietnamese letters, dashes, quotes, arrows and the signs of arithmetic."""


def unpack(package: Path) -> None:
    """Write the faces we use, and the licence, out of a package."""
    with tarfile.open(package) as archive:
        names = archive.getnames()
        for path in TTF.values():
            name = f"package/fonts/complete/woff/{path.stem}.woff"
            if name in names:
                _unpack(archive.extractfile(name).read(), path)  # type: ignore[union-attr]
        licence = archive.extractfile("package/LICENSE.txt")
        (FOLDER / "OFL.txt").write_bytes(licence.read())  # type: ignore[union-attr]


def _unpack(woff: bytes, path: Path) -> None:
    font = TTFont(io.BytesIO(woff), recalcTimestamp=False, recalcBBoxes=False)
    font.flavor = None
    font.save(path, reorderTables=False)
    before, after = TTFont(io.BytesIO(woff)), TTFont(path)
    for tag in before.reader.keys():  # noqa: SIM118 (a reader is no mapping)
        if tag != "head" and before.reader[tag] != after.reader[tag]:
            raise SystemExit(f"{path.name}: table {tag!r} changed on the way")


def make_subset(face: Any) -> None:
    """A small WOFF2 of a face, with hints, kerning and the licence, under a family name of its own."""
    font = TTFont(TTF[face], recalcTimestamp=False)
    options = subset.Options(name_IDs=["*"], name_languages=["*"], hinting=True, notdef_outline=True, layout_features=["ccmp", "kern", "mark", "mkmk", "locl"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=WEB_CHARACTERS)
    subsetter.subset(font)
    _rename(font)
    font.flavor = "woff2"
    font.save(WOFF2[face])


def _rename(font: TTFont) -> None:
    for record in list(font["name"].names):
        if record.nameID in {1, 3, 4, 6, 16, 18, 21, 25}:
            text = record.toUnicode().replace("IBM Plex Sans", WEB_FAMILY).replace("IBMPlexSans", WEB_FAMILY.replace(" ", "")).replace("IBM ", "par-analysis")
            font["name"].setName(text, record.nameID, record.platformID, record.platEncID, record.langID)
    font["name"].setName("A subset of IBM Plex Sans, made by par-analysis", 10, 3, 1, 0x409)


def main() -> None:
    """Build every file from the packages named on the command line."""
    for package in sys.argv[1:]:
        unpack(Path(package))
    for face in WOFF2:
        make_subset(face)


if __name__ == "__main__":
    main()
