"""Blocks as they are met in a notebook, made sure of: known kinds, composed Unicode, harmless links, nothing unexpected inside."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from par_analysis.errors import RenderError, UnknownName

Block = dict[str, Any]
Rich = list[dict[str, Any]]

SCHEMES: Final = frozenset({"http", "https", "mailto"})
FLAGS: Final = ("strong", "emphasis", "code")
ROLES: Final = ("lead", "text", "limit", "note", "question")
TONES: Final = ("plain", "up", "down", "muted")
IDENTITY: Final = ("report", "index", "unit", "year", "lang", "data")


def names(words: str) -> frozenset[str]:
    """The words of a text, as a set.

    >>> sorted(names("td th"))
    ['td', 'th']
    """
    return frozenset(words.split())


def text(value: object) -> str:
    """Text in composed form (NFC), as the typeface and every search expect it.

    >>> text("Ha\u0309i") == "H\u1ea3i"
    True
    """
    if not isinstance(value, str):
        raise TypeError(f"text was expected, met {type(value).__name__}")
    return unicodedata.normalize("NFC", value).replace("\r\n", "\n")


def safe_href(address: object) -> str:
    """The address if it is http, https, mailto or a place on this page; otherwise nothing.

    >>> safe_href("https://example.org/a"), safe_href("javascript:alert(1)"), safe_href("#part")
    ('https://example.org/a', '', '#part')
    """
    if not isinstance(address, str) or any(ord(char) <= 32 or ord(char) == 127 for char in address.strip()):
        return ""
    address = text(address.strip())
    if address.startswith("#"):
        return text(unquote(address))
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme.lower() in SCHEMES and (parts.netloc or parts.path) else ""


def rich(spans: object) -> Rich:
    """Runs of text with nothing in them but text, emphasis and harmless links."""
    if isinstance(spans, str):
        return [{"text": text(spans)}]
    if not isinstance(spans, Iterable):
        raise TypeError(f"runs of text were expected, met {type(spans).__name__}")
    return [_span(span) for span in spans]


def _span(span: Mapping[str, Any]) -> dict[str, Any]:
    href = safe_href(span.get("href", ""))
    return {"text": text(span["text"])} | {flag: True for flag in FLAGS if span.get(flag)} | ({"href": href} if href else {})


def plain(spans: Rich) -> str:
    """The bare text of runs."""
    return "".join(span["text"] for span in spans)


def _cover(block: Block) -> Block:
    heads = [{key: text(head[key]) for key in ("label", "value", "detail")} | {"tone": _one_of(head.get("tone", "plain"), TONES)} for head in block["headlines"]]
    fields = {key: text(block[key]) for key in ("title", "subtitle", "kicker", "author")}
    identity = {str(key): value for key, value in block["identity"].items()}
    return {"kind": "cover", "identity": identity, "headlines": heads, "lead": [rich(item) for item in block["lead"]], **fields}


def _one_of(word: object, known: tuple[str, ...]) -> str:
    if word not in known:
        raise UnknownName("word", str(word), known)
    return str(word)


def _paragraph(block: Block) -> Block:
    return {"kind": "paragraph", "role": _one_of(block.get("role", "text"), ROLES), "text": rich(block["text"])}


def _list(block: Block) -> Block:
    items = [{"text": rich(item["text"] if isinstance(item, Mapping) else item), "below": []} for item in block["items"]]
    return {"kind": "list", "role": _one_of(block.get("role", "text"), ROLES), "ordered": bool(block.get("ordered")), "items": items}


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    href = safe_href(cell.get("href", ""))
    return {"text": text(cell["text"]), "strong": bool(cell.get("strong")), "tone": _one_of(cell.get("tone", "plain"), TONES)} | ({"href": href} if href else {})


def _table(block: Block) -> Block:
    columns = [{"label": text(column["label"]), "numeric": bool(column["numeric"])} for column in block["columns"]]
    rows: list[dict[str, Any]] = [{"cells": [_cell(cell) for cell in row["cells"]], "highlight": bool(row.get("highlight"))} for row in block["rows"]]
    if not columns:
        raise ValueError(f"the table {block['caption']!r} has no columns")
    if any(len(row["cells"]) != len(columns) for row in rows):
        raise ValueError(f"a row of the table {block['caption']!r} has not {len(columns)} cells")
    return {"kind": "table", "caption": text(block["caption"]), "columns": columns, "rows": rows, "notes": _notes(block), "dense": bool(block.get("dense"))}


def _notes(block: Block) -> list[Rich]:
    return [rich(note) for note in block.get("notes", ())]


def _figure(block: Block) -> Block:
    return {"kind": "figure", "caption": text(block["caption"]), "alt": text(block["alt"]), "svg": text(block["svg"]), "notes": _notes(block)}


def _absent(block: Block) -> Block:
    return {"kind": "absent", "reason": text(block["reason"])}


KINDS: Final[Mapping[str, Callable[[Block], Block]]] = {
    "cover": _cover, "paragraph": _paragraph, "list": _list, "table": _table, "figure": _figure, "absent": _absent,
}  # fmt: skip
"""What a cell may display → how it is made sure of."""


def read_blocks(payload: Any, cell: int) -> list[Block]:
    """The blocks of one output.

    >>> read_blocks({"blocks": [{"kind": "absent", "reason": "no figures"}]}, cell=3)
    [{'kind': 'absent', 'reason': 'no figures'}]
    """
    try:
        return [_read(block) for block in payload["blocks"]]
    except (KeyError, TypeError, ValueError, AttributeError, UnknownName) as problem:
        raise RenderError(f"a block of this output cannot be read: {type(problem).__name__}: {problem}", cell=cell) from problem


def _read(block: Block) -> Block:
    if block.get("kind") not in KINDS:
        raise UnknownName("kind of block", str(block.get("kind")), tuple(KINDS))
    return KINDS[block["kind"]](block)
