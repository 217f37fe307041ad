"""What a workbook's file is before anything opens it: by its first bytes, the directory of its archive and a pass over its XML, none of which can grow."""

from __future__ import annotations

import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from par_analysis.clean.reading import MAX_BYTES, problem_of
from par_analysis.errors import ParError

MAX_OLD_BYTES: Final = 8 * 2**20
"""No published workbook of the older kind is larger; it is held in memory as a whole."""

MAX_UNPACKED: Final = 96 * 2**20
"""No workbook is larger when unpacked; what its directory declares is believed, since no more than that is ever unpacked."""

MAX_PART: Final = 8 * 2**20
"""No part of a workbook but a sheet is larger."""

MAX_RATIO: Final = 100
"""What is larger than a part may be and packed tighter than this is no table, but made to fill a memory."""

MAX_DIRECTORY: Final = 2**20
"""No workbook has so many parts that their directory is longer."""

MAX_TEXTS: Final = 400_000
"""Entries in the list of texts: so many no published table has."""

MAX_ENTRIES: Final = 100_000
"""Entries in any other part, in one row of a sheet, or before its first row: so many no published table has."""

WORKBOOK: Final = "a workbook of Excel, .xlsx or .xls"

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_PACKED, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SAVE_AS: Final = "open it in a spreadsheet program and save it as .xlsx"
_OTHERS: Final = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "word/document.xml": "a text document (.docx)",
    "ppt/presentation.xml": "a presentation (.pptx)",
    "mimetype": "an OpenDocument file",
}
DAMAGE: Final = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, SyntaxError),  # of the archive, its XML, its records
    *(OSError, EOFError, RuntimeError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, AssertionError),
)
"""What the libraries raise on a file that is no sound workbook."""


class Refused(ParError):
    """A file that is not read: what it is, and what a reader expects instead."""

    def __init__(self, met: str, *, rule: str = "not a workbook", expected: str = WORKBOOK, hint: str = "") -> None:
        self.met, self.rule, self.expected = met, rule, expected
        super().__init__(f"{met}, not {expected}", hint=hint)


def kind_of(path: Path) -> str:
    """``xlsx`` or ``xls``, by what the file holds and not by its name. Raises ``Refused`` for what is neither, or is not safe to open."""
    with path.open("rb") as stream:
        start = stream.read(8)
    if path.stat().st_size > MAX_BYTES:
        raise Refused(problem_of(path), hint="is it the right file?")
    if start.startswith(_PACKED):
        _require_sound(path)
        return "xlsx"
    if start == _OLD:
        _require_old(path)
        return "xls"
    is_page = start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    raise Refused(problem_of(path) or "a text file, or another kind of file", hint=_SAVE_AS if is_page else "")


def _require_old(path: Path) -> None:
    if path.stat().st_size > MAX_OLD_BYTES:
        raise Refused(f"an old workbook of {path.stat().st_size / 2**20:.0f} MB, where none is larger than {MAX_OLD_BYTES / 2**20:.0f} MB", hint=_SAVE_AS)
    content = path.read_bytes()
    if _named(content, "EncryptedPackage"):
        raise locked()
    if _named(content, "_VBA_PROJECT"):
        raise _with_macros()
    if not _named(content, "Workbook") and not _named(content, "Book"):
        raise Refused("an old Office document without a workbook in it")


def _named(content: bytes, stream: str) -> bool:
    """Whether a compound file has a stream or folder of a name."""
    return stream.encode("utf-16-le") in content


def locked() -> Refused:
    """A file that nobody opens without its password."""
    return Refused("an encrypted workbook", hint="open it with its password and save it without one")


def _with_macros() -> Refused:
    return Refused("a workbook with macros", expected="a workbook of figures alone", hint="save it as .xlsx, which holds none")


def _require_sound(path: Path) -> None:
    try:
        _require_short_directory(path)
        with zipfile.ZipFile(path) as archive:
            _require_workbook(archive.infolist())
            for part in archive.infolist():
                if part.filename.lower().endswith((".xml", ".rels")):
                    _require_plain(archive, part)
    except DAMAGE as error:
        raise Refused("a damaged workbook", expected="a workbook that can be read to its end", hint=_SAVE_AS) from error


def is_sheet(name: str) -> bool:
    """Whether a part holds the cells of a sheet."""
    return name.lower().lstrip("/").startswith("xl/worksheets/") and name.lower().endswith(".xml")


def _require_short_directory(path: Path) -> None:
    """The list of parts is short enough to be read; it is that at the very end of the file, as any program finds it."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 2**16 - 22))
        tail = stream.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < 22:
        raise Refused("a damaged workbook", expected="an archive with a directory at its end", hint="was it copied whole?")
    (size,) = struct.unpack("<L", tail[place + 12 : place + 16])
    if size > MAX_DIRECTORY or tail[max(0, place - 20) : place].startswith(_END_64):
        raise Refused("an archive with too many parts, or one of more than 4 GB")


def _require_workbook(parts: list[zipfile.ZipInfo]) -> None:
    """What the directory says of the parts. Raises ``Refused``."""
    names = {part.filename.lower().lstrip("/") for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise locked()
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise _with_macros()
    if "xl/workbook.xml" not in names:
        other = next((what for name, what in _OTHERS.items() if name in names), "an archive of other files")
        raise Refused(other, hint="" if "archive" in other else _SAVE_AS)
    if any(part.compress_type not in _METHODS for part in parts):
        raise Refused("an archive packed in another way than workbooks are")
    _require_small(parts)


def _require_small(parts: list[zipfile.ZipInfo]) -> None:
    whole = sum(part.file_size for part in parts)
    if whole > MAX_UNPACKED:
        raise Refused(f"a workbook of {whole / 2**20:.0f} MB when unpacked", rule="too large", expected=f"at most {MAX_UNPACKED / 2**20:.0f} MB", hint="is it the right file?")
    for part in parts:
        if part.file_size > MAX_PART and not is_sheet(part.filename):
            raise Refused(f"a part of {part.file_size / 2**20:.0f} MB", rule="too large", expected=f"parts of at most {MAX_PART / 2**20:.0f} MB beside the sheets")
        if part.file_size > MAX_PART and part.file_size > MAX_RATIO * part.compress_size:
            met = f"a sheet of {part.file_size / 2**20:.0f} MB packed into {part.compress_size / 1024:.0f} kB"
            raise Refused(met, rule="too large", expected=f"at most {MAX_RATIO} times what is packed", hint="it is made to fill a memory")


def _require_plain(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A part, of a sheet what stands before its rows, is XML without definitions of its own, and no longer than any published table needs."""
    most = MAX_TEXTS if part.filename.lower().endswith("sharedstrings.xml") else MAX_ENTRIES
    count = 0

    def begin(name: str, _: object) -> None:
        nonlocal count
        count += 1
        if count > most:
            raise Refused(f"more than {most} entries in {part.filename[:40]}", rule="too large", expected="a table")
        if name.endswith(" sheetData") and is_sheet(part.filename):
            raise _Begun

    parser = parser_of()
    parser.StartElementHandler = begin
    with archive.open(part) as stream, suppress(_Begun):
        parse(parser, stream)


class _Begun(Exception):
    """The rows of a sheet have begun."""


def parser_of() -> expat.XMLParserType:
    """A parser that keeps nothing and refuses definitions, which no workbook has and which can be made to grow without end."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise Refused("a workbook with definitions of its own in its XML", expected="one as Excel writes it", hint="it is made to do harm")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def parse(parser: expat.XMLParserType, stream: IO[bytes]) -> None:
    """Hand a part to a parser, piece by piece."""
    while data := stream.read(2**16):
        parser.Parse(data, False)
    parser.Parse(b"", True)
