"""What Word and Excel files share: properties that carry the identity, only characters that XML can hold, and the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from par_analysis.errors import RenderError
from par_analysis.model import Language
from par_analysis.render.document import Document
from par_analysis.render.glyphs import texts
from par_analysis.render.html import write_identity

CORE: Final = "docProps/core.xml"
APP: Final = "docProps/app.xml"
LOCALES: Final[Mapping[Language, str]] = {"vi": "vi-VN", "en": "en-GB"}
"""Language of a page → what a spelling checker knows it as."""

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The first day that an archive can name: a file without a clock."""
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_CORE_NAMES: Final = (
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_APP: Final = f'{_HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>par-analysis</Application></Properties>'


def legal(words: str, *, where: str = "") -> str:
    """The text, which XML can hold. Raises ``RenderError`` with the first character that it cannot.

    >>> legal("Hải Dương")
    'Hải Dương'
    >>> legal("a" + chr(1), where="a note")
    Traceback (most recent call last):
    par_analysis.errors.RenderError: a note: the character U+0001 cannot stand in a Word or Excel file
    """
    found = _ILLEGAL.search(words)
    if found:
        said = f"the character U+{ord(found[0]):04X} cannot stand in a Word or Excel file"
        raise RenderError(f"{where}: {said}" if where else said, hint="replace the character, or leave it out")
    return words


def require_legal(document: Document) -> None:
    """Every text of a document can stand in an office's file. Raises ``RenderError`` with the cell."""
    for cell, block in ((None, document.cover), *((item.cell, item.block) for item in document.blocks)):
        for words, _ in texts(block):
            try:
                legal(words)
            except RenderError as problem:
                raise RenderError(problem.problem, cell=cell, hint=problem.hint) from problem


def properties(document: Document) -> dict[str, str]:
    """The files of an archive that say what it is: title, author, language, and the identity as keywords, as in the PDF. No clock."""
    said = {"dc:title": document.full_title, "dc:creator": document.cover["author"], "cp:keywords": write_identity(document), "dc:language": LOCALES[document.lang]}
    fields = "".join(f"<{name}>{escape(legal(words, where='the properties'), quote=False)}</{name}>" for name, words in said.items() if words)
    return {CORE: f"{_HEAD}<cp:coreProperties {_CORE_NAMES}>{fields}</cp:coreProperties>", APP: _APP}


def packed(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of the parts, in their order after the list of their kinds, with one date for all.

    >>> packed([("a.xml", b"<a/>")]) == packed([("a.xml", b"<a/>")])
    True
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(parts, key=lambda part: part[0] != "[Content_Types].xml"):
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def repacked(content: bytes, document: Document) -> bytes:
    """A finished file with the document's properties in the place of its own, and without a clock."""
    own = properties(document)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return packed([(name, own[name].encode() if name in own else archive.read(name)) for name in archive.namelist()])
