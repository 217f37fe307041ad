"""Text cells: Markdown to blocks. Raw HTML in them is text like any other, and what a page cannot show is refused or, where somebody asks, noted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import unquote

import mistune

from par_analysis.errors import RenderError, Severity, shortened
from par_analysis.render.payload import Block, Rich, plain, safe_href, text

Token = Mapping[str, Any]
PNG_ADDRESS: Final = "data:image/png;base64,"
Where = Literal["notebook", "file"]
_PICTURES: Final[Mapping[Where, str]] = {
    "notebook": "drag the image into the cell, so that it becomes an attachment (PNG)",
    "file": f"only a PNG that stands in the text itself is shown: ![what it shows]({PNG_ADDRESS}…)",
}


@dataclass(frozen=True)
class Remark:
    """What a text asks for and a page does not show: at an error there is no page; ``near`` stands in the text where it is met."""

    severity: Severity
    problem: str
    hint: str
    near: str


@lru_cache(maxsize=1)
def _parser() -> Any:
    return mistune.create_markdown(renderer=None, plugins=["table", "url"])


def read_markdown(source: str, cell: int, *, attachments: Mapping[str, Any] | None = None, where: Where = "notebook", remarks: list[Remark] | None = None) -> list[Block]:
    """The blocks of a text cell, or of a file. A section heading's first paragraph, when it asks, becomes its subtitle; “Table: …” beside a table, its caption.

    Raises ``RenderError`` for what cannot be shown; where there are ``remarks``, all of that is noted there instead, and what is shown otherwise than asked for, too.

    >>> [block["kind"] for block in read_markdown("## Part\\n\\nHow much?\\n\\n* a\\n* b", cell=1)]
    ['heading', 'paragraph', 'list']
    >>> read_markdown("Table: Done so far\\n\\n| a |\\n|---|\\n| 1 |", cell=1)[0]["caption"]
    'Done so far'
    """
    reader = _Reader(cell, attachments or {}, where, remarks)
    blocks = _captioned(list(reader.blocks(_parser()(source))))
    for heading, after in itertools.pairwise(blocks):
        if heading["kind"] == "heading" and heading["level"] <= 2 and after["kind"] == "paragraph" and plain(after["text"]).rstrip().endswith("?"):
            after["role"] = "question"
    return blocks


def is_caption(block: Block) -> bool:
    """Whether a block is a caption that nothing beside it has taken.

    >>> [is_caption(block) for block in read_markdown("Table: Done so far\\n\\nTables: many", cell=1)]
    [True, False]
    """
    return bool(block["kind"] == "paragraph" and _CAPTION.fullmatch(plain(block["text"])))


def _captioned(blocks: list[Block]) -> list[Block]:
    """Tables and pictures with the caption that stands as a paragraph of its own right above them, or else below."""
    taken = set()
    for at, block in enumerate(blocks):
        found = _CAPTION.fullmatch(plain(block["text"])) if block["kind"] == "paragraph" else None
        beside = [blocks[one] for one in (at + 1, at - 1) if 0 <= one < len(blocks)] if found else []
        if found and (bare := [one for one in beside if one["kind"] == _CAPTIONED[found["kind"].casefold()] and not one["caption"]]):
            bare[0]["caption"] = " ".join(found["caption"].split())
            taken.add(at)
    return [block for at, block in enumerate(blocks) if at not in taken]


class _Reader:
    def __init__(self, cell: int, attachments: Mapping[str, Any], where: Where, remarks: list[Remark] | None) -> None:
        self.cell, self.attachments, self.where, self.remarks = cell, attachments, where, remarks

    def refuse(self, problem: str, hint: str, near: str) -> None:
        """Say what cannot be shown: at once, or where all remarks are."""
        if self.remarks is None:
            raise RenderError(problem, cell=self.cell, hint=hint)
        self.remarks.append(Remark("error", problem, hint, near))

    def warn(self, problem: str, hint: str, near: str) -> None:
        if self.remarks is not None:
            self.remarks.append(Remark("warning", problem, hint, near))

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for token in tokens:
            if token["type"] in _SKIPPED:
                continue
            if token["type"] not in _BLOCKS:
                raise RenderError(f"no way to show Markdown of the kind {token['type']!r}", cell=self.cell)
            yield from _BLOCKS[token["type"]](self, token)

    def heading(self, token: Token) -> Iterator[Block]:
        spans = self.inline(token["children"])
        if plain(spans).strip():
            yield {"kind": "heading", "level": int(token["attrs"]["level"]), "text": spans}

    def paragraph(self, token: Token) -> Iterator[Block]:
        spans = self.inline([child for child in token["children"] if child["type"] != "image"])
        if plain(spans).strip():
            if found := _BROKEN_TABLE.match(plain(spans)):
                self.warn("a table whose rows have not as many cells as its heading is shown as a text", "every line has as many | as the first", found["head"])
            yield {"kind": "paragraph", "role": "text", "text": spans}
        for child in token["children"]:
            if child["type"] == "image":
                yield from self.image(child)

    def image(self, token: Token) -> Iterator[Block]:
        alt, address = plain(self.inline(token["children"])), str(token["attrs"]["url"])
        data = self.attachments.get(address.removeprefix("attachment:"), {}).get("image/png") if address.startswith("attachment:") else None
        if data is None and address.startswith(PNG_ADDRESS):
            data = address.removeprefix(PNG_ADDRESS)
        if data is None:
            self.refuse(f"the image {shortened(address)!r} is not part of the {self.where}", _PICTURES[self.where], address[:40])
        else:
            yield {"kind": "figure", "caption": "", "alt": alt, "png": str(data), "notes": []}

    def list(self, token: Token) -> Iterator[Block]:
        items = [self.item(item) for item in token["children"]]
        if (start := token["attrs"].get("start", 1)) != 1:
            self.warn(f"a list that begins with {start} begins with 1 on the page", f"write {start}\\. for a number that stays", f"{start}.")
        yield {"kind": "list", "role": "text", "ordered": bool(token["attrs"].get("ordered")), "items": items}

    def item(self, token: Token) -> dict[str, Any]:
        spans: Rich = []
        below: list[Block] = []
        for block in self.blocks(token["children"]):
            if block["kind"] == "list":
                below.append(block)
            elif block["kind"] in {"paragraph", "heading"}:
                spans += [{"text": "\n"}, *block["text"]] if spans else block["text"]
            elif block["kind"] == "pre":
                spans += [{"text": "\n"}] * bool(spans) + [{"text": block["text"], "code": True}]
            else:
                self.refuse(f"a {block['kind']} cannot stand inside a list", "put it below the list", plain(spans)[:40])
        return {"text": spans, "below": below}

    def quote(self, token: Token) -> Iterator[Block]:
        for block in self.blocks(token["children"]):
            yield block | {"role": "limit"} if block["kind"] in {"paragraph", "list"} else block

    def code(self, token: Token) -> Iterator[Block]:
        yield {"kind": "pre", "text": text(token["raw"]).rstrip("\n").expandtabs(4)}

    def html(self, token: Token) -> Iterator[Block]:
        if raw := text(token["raw"]).strip():
            yield {"kind": "paragraph", "role": "text", "text": [{"text": raw}]}

    def table(self, token: Token) -> Iterator[Block]:
        head = next(part["children"] for part in token["children"] if part["type"] == "table_head")
        body = [row["children"] for part in token["children"] if part["type"] == "table_body" for row in part["children"]]
        columns = [{"label": plain(self.inline(cell["children"])), "numeric": (cell["attrs"] or {}).get("align") == "right"} for cell in head]
        rows = [{"cells": [self.table_cell(cell) for cell in row], "highlight": False} for row in body]
        yield {"kind": "table", "caption": "", "columns": columns, "rows": rows, "notes": [], "dense": len(rows) > 25}

    def table_cell(self, token: Token) -> dict[str, Any]:
        spans = self.inline(token["children"])
        links = [span["href"] for span in spans if span.get("href")]
        is_strong = bool(spans) and all(span.get("strong") for span in spans)
        return {"text": plain(spans), "strong": is_strong, "tone": "plain"} | ({"href": links[0]} if len(links) == 1 else {})

    def inline(self, tokens: Sequence[Token], style: Mapping[str, Any] | None = None) -> Rich:
        return [span for token in tokens for span in self.run(token, style or {})]

    def run(self, token: Token, style: Mapping[str, Any]) -> Rich:
        kind = token["type"]
        if kind in _STYLES:
            return self.inline(token["children"], {**style, **_STYLES[kind]})
        if kind == "link":
            href = safe_href(token["attrs"]["url"])
            if not href and not str(token.get("label", "")).startswith("^"):  # a footnote, which is told as what it is
                address = unquote(token["attrs"]["url"])
                self.warn(f"the link to {shortened(address)!r} is left out, its text stays", _LINKED, address)
            return self.inline(token["children"], {**style, "href": href} if href else style)
        if kind == "image":
            self.warn("a picture in a heading, a table or a link is left out, its description stays", "put it into a paragraph of its own", str(token["attrs"]["url"])[:40])
            return self.inline(token["children"], style)
        if kind == "codespan":
            return [{"text": text(token["raw"]), "code": True, **style}]
        if kind in {"softbreak", "linebreak"}:
            return [{"text": " " if kind == "softbreak" else "\n", **style}]
        if kind in {"text", "inline_html"}:
            return [{"text": text(token["raw"]).replace("\t", " "), **style}]
        raise RenderError(f"no way to show Markdown of the kind {kind!r}", cell=self.cell)


_LINKED: Final = "a link begins with https://, http:// or mailto:, or with # where it leads to a section of the page"
_SKIPPED: Final = frozenset({"blank_line", "thematic_break"})
_CAPTION: Final = re.compile(r"(?P<kind>table|bảng|figure|hình):\s+(?P<caption>\S.*)", re.IGNORECASE | re.DOTALL)
_CAPTIONED: Final = {"table": "table", "bảng": "table", "figure": "figure", "hình": "figure"}
_BROKEN_TABLE: Final = re.compile(r"(?P<head>\|.*?\|)\s*\|[-:| ]+\|", re.DOTALL)
_STYLES: Final[Mapping[str, dict[str, bool]]] = {"strong": {"strong": True}, "emphasis": {"emphasis": True}}
_BLOCKS: Final[Mapping[str, Callable[[_Reader, Token], Iterator[Block]]]] = {
    "heading": _Reader.heading, "paragraph": _Reader.paragraph, "block_text": _Reader.paragraph, "list": _Reader.list, "block_quote": _Reader.quote,
    "block_code": _Reader.code, "block_html": _Reader.html, "table": _Reader.table,
}  # fmt: skip
