"""Text cells: Markdown to blocks. Raw HTML in them is text like any other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import mistune

from par_analysis.errors import RenderError, shortened
from par_analysis.render.payload import Block, Rich, plain, safe_href, text

Token = Mapping[str, Any]
PNG_ADDRESS: Final = "data:image/png;base64,"
Where = Literal["notebook", "file"]
_PICTURES: Final[Mapping[Where, str]] = {
    "notebook": "drag the image into the cell, so that it becomes an attachment (PNG)",
    "file": f"only a PNG that stands in the text itself is shown: ![what it shows]({PNG_ADDRESS}…)",
}


@lru_cache(maxsize=1)
def _parser() -> Any:
    return mistune.create_markdown(renderer=None, plugins=["table", "strikethrough", "url"])


def read_markdown(source: str, cell: int, *, attachments: Mapping[str, Any] | None = None, where: Where = "notebook") -> list[Block]:
    """The blocks of a text cell, or of a file. A section heading's first paragraph, when it asks, becomes its subtitle.

    >>> [block["kind"] for block in read_markdown("## Part\\n\\nHow much?\\n\\n* a\\n* b", cell=1)]
    ['heading', 'paragraph', 'list']
    """
    reader = _Reader(cell, attachments or {}, where)
    blocks = list(reader.blocks(_parser()(source)))
    for heading, after in itertools.pairwise(blocks):
        if heading["kind"] == "heading" and heading["level"] <= 2 and after["kind"] == "paragraph" and plain(after["text"]).rstrip().endswith("?"):
            after["role"] = "question"
    return blocks


class _Reader:
    def __init__(self, cell: int, attachments: Mapping[str, Any], where: Where) -> None:
        self.cell, self.attachments, self.where = cell, attachments, where

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for token in tokens:
            if token["type"] in _SKIPPED:
                continue
            if token["type"] not in _BLOCKS:
                raise RenderError(f"no way to show Markdown of the kind {token['type']!r}", cell=self.cell)
            yield from _BLOCKS[token["type"]](self, token)

    def heading(self, token: Token) -> Iterator[Block]:
        yield {"kind": "heading", "level": int(token["attrs"]["level"]), "text": self.inline(token["children"])}

    def paragraph(self, token: Token) -> Iterator[Block]:
        spans = self.inline([child for child in token["children"] if child["type"] != "image"])
        if plain(spans).strip():
            yield {"kind": "paragraph", "role": "text", "text": spans}
        for child in token["children"]:
            if child["type"] == "image":
                yield self.image(child)

    def image(self, token: Token) -> Block:
        alt, address = plain(self.inline(token["children"])), str(token["attrs"]["url"])
        data = self.attachments.get(address.removeprefix("attachment:"), {}).get("image/png") if address.startswith("attachment:") else None
        if data is None and address.startswith(PNG_ADDRESS):
            data = address.removeprefix(PNG_ADDRESS)
        if data is None:
            raise RenderError(f"the image {shortened(address)!r} is not part of the {self.where}", cell=self.cell, hint=_PICTURES[self.where])
        return {"kind": "figure", "caption": "", "alt": alt, "png": str(data), "notes": []}

    def list(self, token: Token) -> Iterator[Block]:
        items = [self.item(item) for item in token["children"]]
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
                raise RenderError(f"a {block['kind']} cannot stand inside a list", cell=self.cell)
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
            return self.inline(token["children"], {**style, "href": href} if href else style)
        if kind == "image":
            return self.inline(token["children"], style)
        if kind == "codespan":
            return [{"text": text(token["raw"]), "code": True, **style}]
        if kind in {"softbreak", "linebreak"}:
            return [{"text": " " if kind == "softbreak" else "\n", **style}]
        if kind in {"text", "inline_html"}:
            return [{"text": text(token["raw"]).replace("\t", " "), **style}]
        raise RenderError(f"no way to show Markdown of the kind {kind!r}", cell=self.cell)


_SKIPPED: Final = frozenset({"blank_line", "thematic_break"})
_STYLES: Final[Mapping[str, dict[str, bool]]] = {"strong": {"strong": True}, "emphasis": {"emphasis": True}, "strikethrough": {}}
_BLOCKS: Final[Mapping[str, Callable[[_Reader, Token], Iterator[Block]]]] = {
    "heading": _Reader.heading, "paragraph": _Reader.paragraph, "block_text": _Reader.paragraph, "list": _Reader.list, "block_quote": _Reader.quote,
    "block_code": _Reader.code, "block_html": _Reader.html, "table": _Reader.table,
}  # fmt: skip
