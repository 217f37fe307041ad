"""What a cell displays: blocks of a page, with the numbers in them.

A block says *what* something is (a table, a figure, a paragraph); how it looks is decided by ``render``. Text is never markup: it is
escaped where it is written out, so a name from a file can carry nothing into HTML or Typst.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict

MIME: Final = "application/vnd.par-analysis+json"
"""The media type under which a cell's output carries its blocks and numbers."""


class Span(TypedDict, total=False):
    """A run of text. ``href`` only ever holds an http(s) or mailto address."""

    text: str
    strong: bool
    emphasis: bool
    code: bool
    href: str


Rich = list[Span]


class Headline(TypedDict):
    """One of the cover's key figures: a value in large type, a label above, a detail below."""

    label: str
    value: str
    detail: str
    tone: Literal["plain", "up", "down"]


class Column(TypedDict):
    """A table's column; ``numeric`` ones are aligned at their end."""

    label: str
    numeric: bool


class Cell(TypedDict, total=False):
    """A table's cell. ``tone`` is never the only carrier of meaning: the text says it too."""

    text: str
    strong: bool
    href: str
    tone: Literal["plain", "up", "down", "muted"]


class Row(TypedDict, total=False):
    """A table's row: the first cell is its heading."""

    cells: list[Cell]
    highlight: bool


@dataclass(frozen=True)
class Display:
    """What a notebook cell shows: blocks (JSON-ready), and every number in them as a row of ``numbers.csv``.

    >>> paragraph([{"text": "a < b"}])._repr_html_()
    '<p>a &lt; b</p>'
    """

    blocks: tuple[dict[str, Any], ...]
    numbers: tuple[dict[str, Any], ...] = field(default=())

    def __add__(self, other: Display) -> Display:
        return Display(self.blocks + other.blocks, self.numbers + other.numbers)

    def payload(self) -> dict[str, Any]:
        """The blocks and numbers as JSON-ready data."""
        return {"blocks": list(self.blocks), "numbers": list(self.numbers)}

    def _repr_html_(self) -> str:
        return "".join(_html(block) for block in self.blocks)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {MIME: self.payload(), "text/html": self._repr_html_(), "text/plain": f"<{len(self.blocks)} block(s)>"}


Role = Literal["lead", "text", "limit", "note", "question"]
"""lead: the answer in a sentence. text: reading. limit: what the section does not tell. note: small print.
question: what the section asks, set as a subtitle under its heading."""


def cover(
    identity: dict[str, Any], *, title: str, subtitle: str, kicker: str, headlines: Sequence[Headline], lead: Sequence[Rich], author: str, numbers: Sequence[dict[str, Any]] = ()
) -> Display:
    """The head of a page; ``identity`` (report, index, unit, year, lang, data) is embedded in the files and read back."""
    block = {"kind": "cover", "identity": identity, "title": title, "subtitle": subtitle, "kicker": kicker, "author": author, "headlines": list(headlines), "lead": list(lead)}
    return Display((block,), tuple(numbers))


def paragraph(text: Rich, *, role: Role = "text", numbers: Sequence[dict[str, Any]] = ()) -> Display:
    """A paragraph."""
    return Display(({"kind": "paragraph", "role": role, "text": text},), tuple(numbers))


def bullets(items: Sequence[Rich], *, role: Role = "text", numbers: Sequence[dict[str, Any]] = ()) -> Display:
    """A list of paragraphs."""
    return Display(({"kind": "list", "role": role, "items": list(items)},), tuple(numbers))


def table(caption: str, columns: Sequence[Column], rows: Sequence[Row], *, notes: Sequence[Rich] = (), dense: bool = False, numbers: Sequence[dict[str, Any]] = ()) -> Display:
    """A table with a caption; every row's first cell is its heading. ``dense`` for long tables."""
    block = {"kind": "table", "caption": caption, "columns": list(columns), "rows": list(rows), "notes": list(notes), "dense": dense}
    return Display((block,), tuple(numbers))


def figure(caption: str, alt: str, svg: str, *, notes: Sequence[Rich] = (), numbers: Sequence[dict[str, Any]] = ()) -> Display:
    """A drawing with its alternative text. ``svg`` is an SVG document whose text is text."""
    return Display(({"kind": "figure", "caption": caption, "alt": alt, "svg": svg, "notes": list(notes)},), tuple(numbers))


def nothing() -> Display:
    """Nothing, because the index has no such thing; a section with nothing else is left out without a word."""
    return absent("")


def absent(reason: str) -> Display:
    """Nothing can be shown, and why. A section with nothing else is moved to the list at the page's end."""
    return Display(({"kind": "absent", "reason": reason},))


def _span(span: Span) -> str:
    text = html.escape(span["text"])
    for key, tag in (("code", "code"), ("emphasis", "em"), ("strong", "strong")):
        text = f"<{tag}>{text}</{tag}>" if span.get(key) else text
    return f'<a href="{html.escape(span["href"])}">{text}</a>' if span.get("href") else text


def _rich(text: Rich) -> str:
    return "".join(_span(span) for span in text)


def _html(block: dict[str, Any]) -> str:
    """A plain preview for JupyterLab; the page itself is laid out by ``render``."""
    kind = block["kind"]
    if kind == "paragraph":
        return f"<p>{_rich(block['text'])}</p>"
    if kind == "list":
        return "<ul>" + "".join(f"<li>{_rich(item)}</li>" for item in block["items"]) + "</ul>"
    if kind == "figure":
        return f"<figure>{block['svg']}<figcaption>{html.escape(block['caption'])}</figcaption></figure>"
    if kind == "absent":
        return f"<p><em>{html.escape(block['reason'])}</em></p>" if block["reason"] else ""
    if kind == "cover":
        items = "".join(f"<li>{html.escape(h['label'])}: <strong>{html.escape(h['value'])}</strong> {html.escape(h['detail'])}</li>" for h in block["headlines"])
        return f"<h2>{html.escape(block['title'])}</h2><p>{html.escape(block['subtitle'])}</p><ul>{items}</ul>" + "".join(f"<p>{_rich(text)}</p>" for text in block["lead"])
    if kind == "table":
        head = "".join(f'<th scope="col">{html.escape(column["label"])}</th>' for column in block["columns"])
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell['text'])}</td>" for cell in row["cells"]) + "</tr>" for row in block["rows"])
        return f"<table><caption>{html.escape(block['caption'])}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    raise ValueError(f"unknown kind of block: {kind!r}")
