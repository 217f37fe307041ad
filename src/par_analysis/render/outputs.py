"""What code cells put out, turned into blocks: ours as they are, an analyst's own media types by the first that can be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from par_analysis.errors import RenderError
from par_analysis.render.markdown import read_markdown
from par_analysis.render.markup import read_html
from par_analysis.render.payload import Block, read_blocks, text
from par_analysis.show.blocks import MIME

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ADDRESS: Final = re.compile(r"<[^>]* at 0x[0-9a-fA-F]+>")


class OutputReader:
    """Reads the outputs of one cell; ``warnings`` collects what is not shown.

    >>> reader = OutputReader(4, {})
    >>> list(reader.read({"output_type": "stream", "name": "stdout", "text": "a\\n"}))
    [{'kind': 'pre', 'text': 'a'}]
    """

    def __init__(self, cell: int, metadata: Mapping[str, Any]) -> None:
        self.cell, self.metadata = cell, metadata
        self.warnings: list[str] = []

    def read(self, output: Mapping[str, Any]) -> Iterator[Block]:
        """The blocks of one output. Raises ``RenderError`` for an error, or a figure without alternative text."""
        kind = output["output_type"]
        if kind == "error":
            raise RenderError(f"it failed with {output.get('ename', 'an error')}: {output.get('evalue', '')}", cell=self.cell)
        if kind == "stream":
            yield from self.stream(output)
        elif kind in {"display_data", "execute_result"}:
            for block in self.media(output):
                self.require_alt(block)
                yield block
        else:
            raise RenderError(f"unknown kind of output {kind!r}", cell=self.cell)

    def stream(self, output: Mapping[str, Any]) -> Iterator[Block]:
        words = _joined(output["text"])
        if output.get("name") == "stderr":
            if words.strip():
                self.warnings.append(f"cell {self.cell} wrote to the error stream: {words.strip().splitlines()[-1]}")
            return
        yield from _preformatted(words)

    def media(self, output: Mapping[str, Any]) -> list[Block]:
        data, found = output.get("data", {}), output.get("metadata", {})
        if MIME in data:
            return read_blocks(data[MIME], self.cell)
        for mime in ("text/html", "text/markdown", "image/svg+xml", "image/png", "text/plain"):
            if mime in data and (blocks := self.shown(mime, _joined(data[mime]), found)):
                return blocks
        if data:
            self.warnings.append(f"cell {self.cell}: nothing in this output can stand on a page ({', '.join(sorted(data))})")
        return []

    def shown(self, mime: str, source: str, found: Mapping[str, Any]) -> list[Block]:
        alt, caption = self.said("alt", mime, found), self.said("caption", mime, found)
        if mime == "text/html":
            return read_html(source, alt=alt, caption=caption)
        if mime == "text/markdown":
            return read_markdown(source, self.cell)
        if mime == "image/svg+xml":
            return [{"kind": "figure", "caption": caption, "alt": alt, "svg": source, "notes": []}]
        if mime == "image/png":
            return [{"kind": "figure", "caption": caption, "alt": alt, "png": source, "notes": []}]
        if _ADDRESS.search(source):
            self.warnings.append(f"cell {self.cell} shows an object's address in memory ({source.strip().splitlines()[0][:60]}); left out")
            return []
        return list(_preformatted(source))

    def said(self, key: str, mime: str, found: Mapping[str, Any]) -> str:
        """Alternative text or a caption: from the output's metadata for this type, for all types, or from the cell's."""
        own = found.get(mime)
        for place in (own if isinstance(own, Mapping) else {}, found, self.metadata):
            if isinstance(place.get(key), str) and place[key].strip():
                return text(place[key]).strip()
        return ""

    def require_alt(self, block: Block) -> None:
        if block["kind"] == "figure" and not block["alt"].strip() and not _has_title(block):
            hint = 'display(figure, metadata={"image/png": {"alt": "what the figure shows"}}), or the cell\'s metadata "alt"'
            raise RenderError("a figure has no alternative text", cell=self.cell, hint=hint)


def _has_title(block: Block) -> bool:
    return bool(re.search(r"<title[\s>]|aria-label=", block.get("svg", "")[:4000]))


def _joined(words: object) -> str:
    return "".join(words) if isinstance(words, list) else str(words)


def _preformatted(words: str) -> Iterator[Block]:
    bare = _ANSI.sub("", words).replace("\r\n", "\n")
    lines = [line.rsplit("\r", 1)[-1].rstrip().expandtabs(8) for line in text(bare).split("\n")]
    if shown := "\n".join(lines).strip("\n"):
        yield {"kind": "pre", "text": shown}
