"""The pieces of a Word file: runs, links, fields, paragraphs and tables as elements. Text only ever becomes the text of an element."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

Element = Any
Links = Callable[[str], Mapping[str, str]]
"""Address → the attributes of a link to it; none where there is nothing to lead to."""

TONES: Final[Mapping[str, str]] = {"plain": "", "up": "0B5C7A", "down": "A8481A", "muted": "55616A"}
ACCENT: Final = "0B5C7A"
TINT: Final = "E8F0F4"
TWIPS: Final = 1440 / 25.4
"""Twentieths of a point in a millimetre."""

_BREAKS: Final[Mapping[str, str]] = {"\n": "br", "\t": "tab", "\u00ad": "softHyphen"}
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"


def w(tag: str, *children: Element, **attributes: object) -> Element:
    """An element with its children; ``None`` among them is left out.

    >>> w("p", w("r"), None).xml.count("<w:r/>")
    1
    """
    element = OxmlElement(f"w:{tag}", {qn(f"w:{name.rstrip('_')}"): str(value) for name, value in attributes.items()})
    element.extend(child for child in children if child is not None)
    return element


def run(words: str, *properties: Element) -> Element:
    """A run of text; line ends, tabs and soft hyphens become what Word has for them.

    >>> [child.tag.partition("}")[2] for child in run("a\\nb")]
    ['t', 'br', 't']
    """
    made = w("r", w("rPr", *properties) if properties else None)
    for piece in re.split("([\n\t\u00ad])", words):
        if piece in _BREAKS:
            made.append(w(_BREAKS[piece]))
        elif piece:
            made.append(w("t"))
            made[-1].text = piece
            made[-1].set(_SPACE, "preserve")
    return made


def styled(span: Mapping[str, Any], *, size: int = 0) -> Element:
    """A run of a text with its emphasis; ``size`` in half points, where it is not its paragraph's."""
    is_link = bool(span.get("href"))
    character = "Code" if span.get("code") else "Hyperlink" if is_link else ""
    colour = TONES[str(span.get("tone", "plain"))]
    properties = [
        w("rStyle", val=character) if character else None,
        *((w("b"), w("bCs")) if span.get("strong") else ()),
        *((w("i"), w("iCs")) if span.get("emphasis") else ()),
        w("color", val=colour) if colour and not is_link else None,
        *((w("sz", val=size), w("szCs", val=size)) if size else ()),
    ]
    return run(span["text"], *(one for one in properties if one is not None))


def linked(content: Element, attributes: Mapping[str, str]) -> Element:
    """A run as a link."""
    link = OxmlElement("w:hyperlink", {qn(name): value for name, value in attributes.items()})
    link.append(content)
    return link


def rich(spans: Sequence[Mapping[str, Any]], links: Links) -> list[Element]:
    """Runs of text with their links."""
    runs: list[Element] = []
    for span in spans:
        attributes = links(span["href"]) if span.get("href") else {}
        runs.append(linked(styled(span), attributes) if attributes else styled({**span, "href": ""}))
    return runs


def field(instruction: str, shown: str, *properties: Element) -> list[Element]:
    """A field, with what it shows until Word reckons it anew."""
    code = w("instrText")
    code.text = f" {instruction} "
    code.set(_SPACE, "preserve")
    told = w("rPr", *properties) if properties else None
    return [w("r", told, w("fldChar", fldCharType="begin")), w("r", code), w("r", w("fldChar", fldCharType="separate")), run(shown, *_copies(properties)), end_of_field()]


def end_of_field() -> Element:
    """The end of a field that was begun."""
    return w("r", w("fldChar", fldCharType="end"))


def _copies(properties: Sequence[Element]) -> list[Element]:
    from copy import deepcopy

    return [deepcopy(one) for one in properties]


def paragraph(style: str, content: Sequence[Element], *properties: Element) -> Element:
    """A paragraph in a style; further properties in the order of the schema."""
    return w("p", w("pPr", w("pStyle", val=style), *properties), *content)


def bookmarked(number: int, name: str, content: Sequence[Element]) -> list[Element]:
    """Runs as a place that links lead to."""
    return [w("bookmarkStart", id=number, name=name), *content, w("bookmarkEnd", id=number)]


def twips(millimetres: float) -> int:
    """Millimetres in Word's own unit.

    >>> twips(25.4)
    1440
    """
    return round(millimetres * TWIPS)


def table(style: str, widths: Sequence[float], rows: Sequence[Element], *, padding: float | None = None, caption: str = "", is_headed: bool = False) -> Element:
    """A table of fixed widths in mm; ``is_headed``: its first row and first column are headings."""
    inner = {} if padding is None else {side: w(side, w=twips(padding / 2), type="dxa") for side in ("left", "right")}
    flags = {name: int(is_headed and name in ("firstRow", "firstColumn")) for name in ("firstRow", "lastRow", "firstColumn", "lastColumn")}
    told = w(
        "tblPr",
        w("tblStyle", val=style),
        w("tblW", w=twips(sum(widths)), type="dxa"),
        w("tblLayout", type="fixed"),
        w("tblCellMar", *inner.values()) if inner else None,
        w("tblLook", val="00A0" if is_headed else "0000", **flags, noHBand=1, noVBand=1),
        w("tblCaption", val=caption) if caption else None,
    )
    return w("tbl", told, w("tblGrid", *(w("gridCol", w=twips(wide)) for wide in widths)), *rows)


def row(cells: Sequence[Element], *, is_heading: bool = False) -> Element:
    """A row that no page end cuts; a heading is repeated on every page."""
    return w("tr", w("trPr", w("cantSplit"), w("tblHeader") if is_heading else None), *cells)


def cell(width: float, content: Sequence[Element], *, fill: str = "") -> Element:
    """A cell of a width in mm."""
    return w("tc", w("tcPr", w("tcW", w=twips(width), type="dxa"), w("shd", val="clear", color="auto", fill=fill) if fill else None), *content)
