"""A document as a PDF/UA-1 file on A4, set by Typst.

The template is fixed code; all content goes in as one JSON text. Nothing of it is ever read as markup, and drawings travel inside it, so no
file is written.
"""

from __future__ import annotations

import json
import re
import textwrap
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, Final, cast

import typst

from par_analysis.errors import RenderError
from par_analysis.fonts import FAMILY, FOLDER
from par_analysis.render.document import Document
from par_analysis.render.fitting import Mark, fit
from par_analysis.render.html import write_identity
from par_analysis.render.layout import on_paper
from par_analysis.render.payload import Block
from par_analysis.show.language import N_

TEMPLATE: Final = Path(__file__).parent / "templates" / "report.typ"
BOLD_FAMILY: Final = "IBM Plex Sans SmBld"
"""Typst takes a face's family from the first name in the file, where the half-bold face is a family of its own."""

RAW_SIZE: Final = 8.0
RAW_LEAST: Final = 5.75
RAW_LETTERS: Final = 100
"""Letters of raw text beside each other, at its usual size in points."""

_LONG_WORD: Final = re.compile(r"[^\s\-/?&=.\u200b]{25,}")
_AS_IT_IS: Final = frozenset({"svg", "href", "id", "kind", "role", "tone", "alt", "png"})

PLACES: Final = "query(<place>).map(it => { let at = it.location().position(); (..it.value, at.page, at.y / 1mm) })"
"""What the template marked, with the page and the height in mm where it came to stand. Asked of the finished pages, so that no page depends on the answer."""

WORDS: Final = (N_("In this report"), N_("Figure {number}"), N_("Table {number}"))


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The faces of the house, and no others."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER)])


def _compiler(data: dict[str, Any]) -> typst.Compiler:
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts(), ignore_system_fonts=True, sys_inputs=inputs)


def write_pdf(document: Document) -> bytes:
    """The file. The same document gives the same bytes: there is no date in it.

    Raises ``RenderError`` with what Typst says when the document cannot be made accessible.
    """
    data = _data(document)
    try:
        fit(data["blocks"], lambda: _marks(data))
        pdf, problems = _compiler(data).compile_with_warnings(format="pdf", pdf_standards=["ua-1"])
    except typst.TypstError as problem:
        raise RenderError(f"the PDF cannot be made: {problem.message}", hint=" ".join(problem.hints)) from problem
    if problems:
        raise RenderError(f"the PDF cannot be made as asked: {problems[0].message}")
    return cast(bytes, pdf)


def _marks(data: dict[str, Any]) -> list[Mark]:
    """Where things come to stand. The pages are laid out and no file is written; Typst keeps the layout for whoever asks for the same one next."""
    return [(what, number, page, height) for what, number, page, height in json.loads(_compiler(data).eval(PLACES))]


def _data(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "full_title": document.full_title,
        "lang": document.lang,
        "identity": write_identity(document),
        "words": {word: document.words.say(word) for word in WORDS},
        "cover": breakable({key: value for key, value in document.cover.items() if key != "identity"}),
        "blocks": [_prepared(item.block) for item in document.blocks],
    }


def _prepared(block: Block) -> Block:
    if block["kind"] == "pre":
        return _verbatim(block)
    block = breakable(block)
    if block["kind"] == "figure":
        return _figure(block)
    if block["kind"] == "table":
        return {key: value for key, value in block.items() if key not in {"columns", "rows"}} | {"parts": on_paper(block), "length": len(block["rows"])}
    return block


def _verbatim(block: Block) -> Block:
    """Raw text as large as its longest line allows, and lines that are longer still broken."""
    longest = max(map(len, block["text"].split("\n")))
    size = min(max(RAW_SIZE * RAW_LETTERS / max(longest, 1), RAW_LEAST), RAW_SIZE)
    room = int(RAW_LETTERS * RAW_SIZE / size)
    lines = [line[start : start + room] for line in block["text"].split("\n") for start in range(0, max(len(line), 1), room)]
    return block | {"text": "\n".join(lines), "size": round(size, 2)}


def breakable(value: Any) -> Any:
    """The same data with places to break in words that are longer than a narrow column.

    >>> breakable(["a" * 30, "word"])
    ['aaaaaaaaaaaa\u200baaaaaaaaaaaa\u200baaaaaa', 'word']
    """
    if isinstance(value, str):
        return _LONG_WORD.sub(lambda match: "\u200b".join(textwrap.wrap(match[0], 12)), value) if len(value) > 24 else value
    if isinstance(value, dict):
        return {key: part if key in _AS_IT_IS else breakable(part) for key, part in value.items()}
    return [breakable(part) for part in value] if isinstance(value, list) else value


def _figure(block: Block) -> Block:
    kept = {key: block[key] for key in ("kind", "number", "caption", "alt", "notes", "width", "ratio")}
    return kept | {"scale": 1, "svg": svg_of(block) if "svg" in block else _picture(block)}


def svg_of(block: Block) -> str:
    """A drawing as an SVG document, its text in the faces of the house."""
    markup = block["svg"]
    for weight, family in (("600", BOLD_FAMILY), ("normal", FAMILY)):
        markup = markup.replace(f'font-weight="{weight}"', f'font-weight="{weight}" font-family="{family}"')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{escape(block["view_box"])}" font-family="{FAMILY}" font-size="10" stroke-linejoin="round">{markup}</svg>'


def _picture(block: Block) -> str:
    width, height = block["pixels"]
    image = f'<image width="{width}" height="{height}" href="data:image/png;base64,{block["png"]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{image}</svg>'
