"""What a finished file says of itself: its identity, title and text, read from the file alone."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from par_analysis.errors import VerifyError
from par_analysis.render.payload import names

IDENTITY: Final = "par:identity"
_SILENT: Final = frozenset({"style", "script", "title", "head"})
_BREAKING: Final = names("p div li h1 h2 h3 h4 td th tr dt dd caption figcaption pre text section")


def read_identity(path: Path | str) -> dict[str, Any]:
    """The identity embedded in an HTML, PDF, Word or Excel file; empty where the page has no cover.

    Raises ``VerifyError`` where a file carries none at all.
    """
    file = Path(path)
    try:
        found = json.loads(_reader(file, _IDENTITIES)(file))
    except (TypeError, ValueError) as problem:
        raise VerifyError(str(file), "no identity", "an identity in the file") from problem
    if not isinstance(found, dict):
        raise VerifyError(str(file), found, "an identity in the file")
    return found


def read_title(path: Path | str) -> str:
    """The title in a file's metadata."""
    file = Path(path)
    return _reader(file, _TITLES)(file)


def read_text(path: Path | str) -> str:
    """All the text that a reader of the file sees, in order."""
    file = Path(path)
    return _reader(file, _TEXTS)(file)


def read_pages(content: bytes) -> list[str]:
    """The text of each page of a PDF. Raises ``VerifyError`` for what is none."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        with PdfReader(io.BytesIO(content)) as reader:
            return [page.extract_text() for page in reader.pages]
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise VerifyError("the file", f"{type(problem).__name__}: {problem}", "a PDF") from problem


def _reader(path: Path, readers: dict[str, Callable[[Path], str]]) -> Callable[[Path], str]:
    if path.suffix.lower() not in readers:
        raise VerifyError(str(path), path.suffix, "a file that ends in .html, .pdf, .docx or .xlsx")
    return readers[path.suffix.lower()]


class _Page(HTMLParser):
    def __init__(self, path: Path, *, is_head_enough: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.title = ""
        self.parts: list[str] = []
        self.open: list[str] = []
        text = path.read_text(encoding="utf-8")
        self.feed(text.partition("</head>")[0] if is_head_enough else text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "meta":
            self.meta[found.get("name") or ""] = found.get("content") or ""
        elif tag in _SILENT:
            self.open.append(tag)
        if tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            self.open.remove(tag)
        if tag in _BREAKING:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if "title" in self.open:
            self.title += data
        elif not self.open:
            self.parts.append(data)

    @property
    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.parts).splitlines())
        return "\n".join(line for line in lines if line)


def _pdf(path: Path, key: str) -> str:
    from pypdf import PdfReader

    with PdfReader(path) as reader:
        return str(reader.metadata.get(key, "")) if reader.metadata else ""


def _pdf_text(path: Path) -> str:
    return "\n".join(read_pages(path.read_bytes()))


def _core(path: Path, name: str) -> str:
    """A property of a Word or Excel file."""
    found = next(_elements(path, "docProps/core.xml"), None)
    return next((one.text or "" for one in found if one.tag.rpartition("}")[2] == name), "") if found is not None else ""


def _elements(path: Path, pattern: str) -> Iterator[ET.Element]:
    """The roots of an archive's files of a name, in the order of their numbers. Raises ``VerifyError`` for what is no such archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = sorted((name for name in archive.namelist() if re.fullmatch(pattern, name)), key=lambda name: (len(name), name))
            roots = [ET.fromstring(archive.read(name)) for name in found]
    except (zipfile.BadZipFile, ET.ParseError, zlib.error) as problem:
        raise VerifyError(str(path), f"{type(problem).__name__}: {problem}", "a Word or Excel file") from problem
    yield from roots


def _archive_text(path: Path, pattern: str, line: str) -> str:
    """The text of every element that is a line, none of those inside another."""
    lines = (_words(one) for root in _elements(path, pattern) for one in root.iter() if one.tag.rpartition("}")[2] == line)
    return "\n".join(filter(None, (" ".join(words.split()) for words in lines)))


_SHOWN: Final[dict[str, str]] = {"br": "\n", "tab": "\t", "c": "\t"}


def _words(element: ET.Element) -> str:
    kinds = ((one, one.tag.rpartition("}")[2]) for one in element.iter())
    return "".join(one.text or "" if kind in {"t", "v"} else _SHOWN.get(kind, "") for one, kind in kinds)


_IDENTITIES: Final[dict[str, Callable[[Path], str]]] = {
    ".html": lambda path: _Page(path, is_head_enough=True).meta.get(IDENTITY, ""),
    ".pdf": lambda path: _pdf(path, "/Keywords"),
    ".docx": lambda path: _core(path, "keywords"),
    ".xlsx": lambda path: _core(path, "keywords"),
}
_TITLES: Final[dict[str, Callable[[Path], str]]] = {
    ".html": lambda path: _Page(path).title,
    ".pdf": lambda path: _pdf(path, "/Title"),
    ".docx": lambda path: _core(path, "title"),
    ".xlsx": lambda path: _core(path, "title"),
}
_TEXTS: Final[dict[str, Callable[[Path], str]]] = {
    ".html": lambda path: _Page(path).text,
    ".pdf": _pdf_text,
    ".docx": lambda path: _archive_text(path, r"word/document\.xml", "p"),
    ".xlsx": lambda path: _archive_text(path, r"xl/worksheets/sheet[0-9]+\.xml", "row"),
}
