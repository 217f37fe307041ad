"""Words of one's own as a section of a page: their Markdown read as a text cell's is, marked as the author's, nothing of it ever markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from par_analysis.errors import RenderError
from par_analysis.render.glyphs import no_glyph, without_glyph
from par_analysis.render.markdown import Remark, is_caption, read_markdown
from par_analysis.render.payload import Block, plain, text
from par_analysis.render.pictures import read_picture
from par_analysis.render.places import links_of
from par_analysis.show.language import N_, Words
from par_analysis.show.values import rich

METADATA: Final = "par_narratives"
"""Where a notebook carries them: a list of ``cell`` (the number of the one that they stand before), ``file``, ``author``, ``date``, ``text`` and ``heading`` (that of
the section which they replace; "" where they have one of their own)."""

_BYLINE: Final = N_("In the words of {author}, {date}. What this section says, its figures included, is the author's own and was not checked.")
_DEFINITION: Final = re.compile(r"^ {0,3}\[(?P<label>[^\]\n]+)\]:[ \t]*(?P<rest>.*)$", re.MULTILINE)
_LABEL: Final = re.compile(r"\[([^\[\]\n]+)\]")


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
        blocks = _blocks(told, words, None)
        for problem, _ in _problems(blocks):
            raise problem
    except RenderError as problem:
        raise RenderError(f"{told['file']}: {problem.problem}", hint=problem.hint) from problem
    return blocks


def remarks(told: Mapping[str, Any], words: Words) -> list[Remark]:
    """All that a page cannot show of somebody's words, or shows otherwise than they ask for.

    >>> told = {"file": "a.md", "author": "A", "date": "2024-03-01", "text": "## Why\\n\\n[a](b.md) 中", "heading": ""}
    >>> [(one.severity, one.problem) for one in remarks(told, Words("en"))]
    [('warning', "the link to 'b.md' is left out, its text stays"), ('error', "no glyph for '中' (U+4E2D CJK UNIFIED IDEOGRAPH-4E2D)")]
    """
    found: list[Remark] = []
    blocks = _blocks(told, words, found)
    found += _unseen(text(told["text"]))
    found += [Remark("error", problem.problem, problem.hint, near) for problem, near in _problems(blocks)]
    lone = [plain(block["text"]) for block in blocks if is_caption(block)]
    hint = "it stands right above its table or picture, or below, and each has one"
    found += [Remark("warning", "a caption that has no table or picture beside it is shown as a text", hint, caption.splitlines()[0]) for caption in lone]
    bare = [block for block in blocks if block["kind"] == "table" and not block["caption"]]
    return found + [Remark("note", "a table without a caption", "Table: what it shows, in a paragraph right above it", "")] * len(bare)


def heading_of(written: str) -> str:
    """The heading that a text begins with; "" where it begins otherwise.

    >>> heading_of("# What we **did**\\n\\nMuch."), heading_of("Much.")
    ('What we did', '')
    """
    first = next(iter(read_markdown(text(written), 0, where="file", remarks=[])), None)
    return plain(first["text"]) if first and first["kind"] == "heading" else ""


def places(written: str, replaces: str = "") -> tuple[list[str], list[str]]:
    """The headings that a text gives to a page, and the sections of the page that it links to (``#…``).

    >>> places("## A\\n\\n[b](#b) [c](https://example.org)\\n\\n### B")
    (['A', 'B'], ['#b'])
    """
    blocks = _headed(read_markdown(text(written), 0, where="file", remarks=[]), replaces, [])
    return [plain(block["text"]) for block in blocks if block["kind"] == "heading"], [href for href in dict.fromkeys(links_of(blocks)) if href.startswith("#")]


def _unseen(written: str) -> Iterator[Remark]:
    """Lines that Markdown takes for the address of a link, and that no link uses: they are nowhere on the page."""
    defined = {found["label"].casefold(): found for found in _DEFINITION.finditer(written)}
    used = set(_LABEL.findall(_DEFINITION.sub("", written.casefold())))
    for label, found in defined.items():
        if label.startswith("^"):
            yield Remark("warning", "a page has no footnotes", "say it in the text, or in brackets", found[0])
        elif len(found["rest"].split()) == 1 and label not in used:
            yield Remark("warning", "a line that gives a link's address, and no link uses it, is left out", f"[text]({found['rest'].strip()}) is a link", found[0])


def _blocks(told: Mapping[str, Any], words: Words, noted: list[Remark] | None) -> list[Block]:
    byline = rich(words.say(_BYLINE), author=text(told["author"]), date=words.date(told["date"]))
    head, *below = _headed(read_markdown(text(told["text"]), 0, where="file", remarks=noted), told["heading"], noted)
    return [head, {"kind": "paragraph", "role": "limit", "text": byline}, *(_own(block, byline) for block in below)]


def _headed(blocks: list[Block], heading: str, noted: list[Remark] | None) -> list[Block]:
    """The blocks with the section's heading first: their own, or that of the section which they replace."""
    if blocks and blocks[0]["kind"] == "heading":
        return [blocks[0] | {"level": 2}, *blocks[1:]]
    if not heading:
        problem, hint = "the text does not begin with a heading", "its first line is the section's: ## What we did"
        if noted is None:
            raise RenderError(problem, hint=hint)
        noted.append(Remark("error", problem, hint, ""))
    return [{"kind": "heading", "level": 2, "text": [{"text": text(heading)}]}, *blocks]


def _own(block: Block, byline: Any) -> Block:
    """A block below the section's heading; a table says whose it is wherever it is carried to."""
    if block["kind"] == "heading":
        return block | {"level": max(block["level"], 3)}
    if block["kind"] == "table":
        return block | {"notes": [byline]}
    return block | {"role": "text"} if block.get("role") == "question" else block


def _problems(blocks: Sequence[Block]) -> Iterator[tuple[RenderError, str]]:
    """What keeps blocks from being shown, and where in the text it is met."""
    for block in blocks:
        if block["kind"] == "figure":
            yield from ((problem, f"![{block['alt']}") for problem in _problems_of(block))
    yield from ((no_glyph(char), char) for char in dict.fromkeys(char for block in blocks for char in without_glyph(block)))


def _problems_of(picture: Block) -> Iterator[RenderError]:
    if not picture["alt"].strip():
        yield RenderError("a picture has no alternative text", hint="![what it shows](data:image/png;base64,…)")
    try:
        read_picture(picture)
    except RenderError as problem:
        yield problem
