"""HTML that analysts' own cells put out, turned into blocks: what is not understood leaves only its text.

Nothing of the HTML itself is kept, so there is nothing to sanitise afterwards: scripts, styles, event handlers and foreign addresses have no
block to become.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from par_analysis.render.payload import Block, Rich, names, plain, safe_href, text

DROPPED: Final = names("script style template noscript head iframe object embed applet form button input select textarea canvas audio video source track link meta base title")
INLINE: Final[Mapping[str, dict[str, bool]]] = {
    "b": {"strong": True}, "strong": {"strong": True}, "i": {"emphasis": True}, "em": {"emphasis": True}, "code": {"code": True}, "kbd": {"code": True},
    "tt": {"code": True}, "samp": {"code": True}, "a": {}, "span": {}, "small": {}, "sub": {}, "sup": {}, "u": {}, "s": {}, "mark": {}, "abbr": {}, "font": {},
    "time": {}, "label": {}, "cite": {}, "q": {}, "var": {"emphasis": True}, "br": {},
}  # fmt: skip
NUMBER: Final = re.compile(r"[-+−–≈~<>≤≥]?\s*[\d.,\s]*\d\s*(?:%|‰|đ|₫|[eE][-+]?\d+)?")
NOTHING: Final = frozenset({"", "-", "–", "—", "nan", "NaN", "None", "NaT", "<NA>", "…", "..."})
PNG_ADDRESS: Final = "data:image/png;base64,"


def read_html(source: str, *, alt: str, caption: str) -> list[Block]:
    """The blocks of an HTML fragment; ``alt`` and ``caption`` stand in where it has none of its own.

    >>> read_html('<p onclick="x()">a <b>b</b><script>c</script></p>', alt="", caption="")[0]["text"]
    [{'text': 'a '}, {'text': 'b', 'strong': True}]
    """
    return _Reader(alt, caption).read(BeautifulSoup(source, "html.parser"))


def is_number(word: str) -> bool:
    """Whether a cell's text reads as a number, in either notation.

    >>> [is_number(word) for word in ("87,84", "−4.3 %", "3e-05", "Hải Dương")]
    [True, True, True, False]
    """
    return NUMBER.fullmatch(word.strip()) is not None


def _collapsed(words: str) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", words)


def trimmed(spans: Rich) -> Rich:
    """Runs without white space at either end."""
    spans = [dict(span) for span in spans if span["text"]]
    while spans and not (first := spans[0]["text"].lstrip(" \n")):
        spans.pop(0)
    if spans:
        spans[0]["text"] = first
    while spans and not (last := spans[-1]["text"].rstrip(" \n")):
        spans.pop()
    if spans:
        spans[-1]["text"] = last
    return spans


class _Reader:
    def __init__(self, alt: str, caption: str) -> None:
        self.alt, self.caption = alt, caption
        self.found: list[Block] = []
        self.line: Rich = []

    def read(self, soup: Tag) -> list[Block]:
        self.walk(soup, {})
        self.flush()
        return self.found

    def flush(self) -> None:
        if spans := trimmed(self.line):
            self.found.append({"kind": "paragraph", "role": "text", "text": spans})
        self.line = []

    def walk(self, parent: Tag, style: Mapping[str, Any]) -> None:
        for child in parent.children:
            if isinstance(child, Tag):
                self.element(child, style)
            elif _is_text(child):
                self.line.append({"text": text(_collapsed(str(child))), **style})

    def element(self, tag: Tag, style: Mapping[str, Any]) -> None:
        name = tag.name.lower()
        if name in DROPPED:
            return
        if name == "br":
            self.line.append({"text": "\n", **style})
        elif name in INLINE:
            self.walk(tag, _styled(tag, style))
        elif name in _BLOCK_READERS:
            self.flush()
            self.found += _BLOCK_READERS[name](self, tag)
        else:
            self.flush()
            self.walk(tag, style)
            self.flush()

    def heading(self, tag: Tag) -> Iterator[Block]:
        if spans := inline(tag):
            yield {"kind": "heading", "level": max(3, int(tag.name[1])), "text": spans}

    def list(self, tag: Tag) -> Iterator[Block]:
        items = [_item(item) for item in tag.find_all("li", recursive=False)]
        if items:
            yield {"kind": "list", "role": "text", "ordered": tag.name == "ol", "items": items}

    def pre(self, tag: Tag) -> Iterator[Block]:
        if words := text(tag.get_text()).strip("\n"):
            yield {"kind": "pre", "text": words.expandtabs(8)}

    def quote(self, tag: Tag) -> Iterator[Block]:
        if spans := inline(tag):
            yield {"kind": "paragraph", "role": "limit", "text": spans}

    def table(self, tag: Tag) -> Iterator[Block]:
        yield from read_table(tag, self.caption)

    def image(self, tag: Tag) -> Iterator[Block]:
        address, alt = str(tag.get("src") or ""), text(str(tag.get("alt") or self.alt))
        if address.startswith(PNG_ADDRESS):
            yield {"kind": "figure", "caption": self.caption, "alt": alt, "png": address.removeprefix(PNG_ADDRESS), "notes": []}
        elif alt:
            yield {"kind": "paragraph", "role": "text", "text": [{"text": alt}]}

    def drawing(self, tag: Tag) -> Iterator[Block]:
        yield {"kind": "figure", "caption": self.caption, "alt": self.alt, "svg": str(tag), "notes": []}


def _is_text(node: PageElement) -> bool:
    return isinstance(node, NavigableString) and not isinstance(node, PreformattedString)


def _styled(tag: Tag, style: Mapping[str, Any]) -> dict[str, Any]:
    href = safe_href(tag.get("href", "")) if tag.name == "a" else ""
    return {**style, **INLINE[tag.name.lower()], **({"href": href} if href else {})}


def inline(tag: Tag) -> Rich:
    """The text of an element with its emphasis and links, as one paragraph."""
    reader = _Reader("", "")
    reader.walk(tag, {})
    reader.flush()
    spans: Rich = []
    for block in reader.found:
        spans += ([{"text": " "}] if spans else []) + (block["text"] if "text" in block and not isinstance(block["text"], str) else [])
    return spans


def _item(tag: Tag) -> dict[str, Any]:
    reader = _Reader("", "")
    blocks = reader.read(tag)
    spans: Rich = []
    for block in blocks:
        if block["kind"] == "paragraph":
            spans += ([{"text": "\n"}] if spans else []) + block["text"]
    return {"text": spans, "below": [block for block in blocks if block["kind"] == "list"]}


def _grid(rows: list[Tag]) -> list[list[Tag]]:
    """Cells by row and column, repeated over what they span."""
    grid: list[dict[int, Tag]] = [{} for _ in rows]
    for number, row in enumerate(rows):
        column = 0
        for cell in row.find_all(["th", "td"], recursive=False):
            while column in grid[number]:
                column += 1
            for below in range(min(_span(cell, "rowspan"), len(rows) - number)):
                for beside in range(_span(cell, "colspan")):
                    grid[number + below][column + beside] = cell
    width = max((max(row, default=-1) + 1 for row in grid), default=0)
    empty = Tag(name="td")
    return [[row.get(column, empty) for column in range(width)] for row in grid]


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1")
    return min(max(int(value), 1), 1000) if value.isdigit() else 1


def read_table(tag: Tag, caption: str) -> Iterator[Block]:
    """A table as a block: its heading rows joined into one, its first column the rows' headings."""
    rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
    head_count = sum(1 for row in rows if row.find_parent("thead") is not None)
    if not head_count and rows and not rows[0].find("td"):
        head_count = 1
    own = tag.find("caption", recursive=False)
    grid = _grid(rows)
    if not grid or not grid[0]:
        return
    body = [[_cell(cell) for cell in row] for row in grid[head_count:]]
    columns = [_column(number, grid[:head_count], body) for number in range(len(grid[0]))]
    title = plain(inline(own)) if isinstance(own, Tag) else caption
    table_rows = [{"cells": row, "highlight": False} for row in body]
    yield {"kind": "table", "caption": title, "columns": columns, "rows": table_rows, "notes": [], "dense": len(body) > 25}


def _cell(tag: Tag) -> dict[str, Any]:
    spans = inline(tag)
    links = [span["href"] for span in spans if span.get("href")]
    is_strong = bool(spans) and all(span.get("strong") for span in spans)
    return {"text": plain(spans), "strong": is_strong, "tone": "plain"} | ({"href": links[0]} if len(links) == 1 else {})


def _column(number: int, head: list[list[Tag]], body: list[list[dict[str, Any]]]) -> dict[str, Any]:
    labels = dict.fromkeys(plain(inline(row[number])) for row in head)
    words = [row[number]["text"].strip() for row in body]
    said = [word for word in words if word not in NOTHING]
    return {"label": " · ".join(label for label in labels if label), "numeric": number > 0 and bool(said) and all(map(is_number, said))}


_BLOCK_READERS: Final[Mapping[str, Any]] = {
    **{f"h{level}": _Reader.heading for level in range(1, 7)}, "ul": _Reader.list, "ol": _Reader.list, "pre": _Reader.pre, "blockquote": _Reader.quote,
    "table": _Reader.table, "img": _Reader.image, "svg": _Reader.drawing,
}  # fmt: skip
