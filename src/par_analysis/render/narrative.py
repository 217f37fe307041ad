"""Words of one's own as a section of a page: their Markdown read as a text cell's is, marked as the author's, nothing of it ever markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from par_analysis.errors import RenderError
from par_analysis.render.glyphs import require_glyphs
from par_analysis.render.markdown import read_markdown
from par_analysis.render.payload import Block, text
from par_analysis.render.pictures import read_picture
from par_analysis.show.language import N_, Words
from par_analysis.show.values import rich

METADATA: Final = "par_narratives"
"""Where a notebook carries them: a list of ``cell`` (the number of the one that they stand before), ``file``, ``author``, ``date``, ``text`` and ``heading`` (that of
the section which they replace; "" where they have one of their own)."""

_BYLINE: Final = N_("In the words of {author}, {date}. What this section says, its figures included, is the author's own and was not checked.")


def narratives_at(notebook: Mapping[str, Any], cell: int) -> Sequence[Mapping[str, Any]]:
    """The words that stand before a cell."""
    return [one for one in notebook["metadata"].get(METADATA, ()) if one["cell"] == cell]


def read_narrative(told: Mapping[str, Any], words: Words) -> list[Block]:
    """The blocks of a section: heading, byline, text. Raises ``RenderError`` that names the file.

    >>> told = {"file": "a.md", "author": "A <b>", "date": "2024-03-01", "text": "## Why\\n\\n<i>So</i>", "heading": ""}
    >>> [block["kind"] for block in read_narrative(told, Words("en"))]
    ['heading', 'paragraph', 'paragraph']
    """
    try:
        return _blocks(told, words)
    except RenderError as problem:
        raise RenderError(f"{told['file']}: {problem.problem}", hint=problem.hint) from problem


def _blocks(told: Mapping[str, Any], words: Words) -> list[Block]:
    byline = rich(words.say(_BYLINE), author=text(told["author"]), date=words.date(told["date"]))
    head, *below = _headed(read_markdown(text(told["text"]), 0, where="file"), told["heading"])
    blocks = [head, {"kind": "paragraph", "role": "limit", "text": byline}, *(_own(block, byline) for block in below)]
    for block in blocks:
        require_glyphs(block, 0)
    return blocks


def _headed(blocks: list[Block], heading: str) -> list[Block]:
    """The blocks with the section's heading first: their own, or that of the section which they replace."""
    if blocks and blocks[0]["kind"] == "heading":
        return [blocks[0] | {"level": 2}, *blocks[1:]]
    if heading:
        return [{"kind": "heading", "level": 2, "text": [{"text": text(heading)}]}, *blocks]
    raise RenderError("the text does not begin with a heading", hint="its first line is the section's: ## What we did")


def _own(block: Block, byline: Any) -> Block:
    """A block below the section's heading; a table says whose it is wherever it is carried to."""
    if block["kind"] == "heading":
        return block | {"level": max(block["level"], 3)}
    if block["kind"] == "figure":
        if not block["alt"].strip():
            raise RenderError("a picture has no alternative text", hint="![what it shows](data:image/png;base64,…)")
        read_picture(block)
    if block["kind"] == "table":
        return block | {"notes": [byline]}
    return block | {"role": "text"} if block.get("role") == "question" else block
