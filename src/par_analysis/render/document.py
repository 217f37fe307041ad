"""A notebook as a document: title, language, identity, and blocks that know the cell they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from par_analysis.errors import RenderError
from par_analysis.model import LANGUAGES, Language
from par_analysis.render.glyphs import require_glyphs
from par_analysis.render.markdown import read_markdown
from par_analysis.render.narrative import narratives_at, read_narrative
from par_analysis.render.outputs import OutputReader
from par_analysis.render.payload import Block, plain, text
from par_analysis.render.pictures import read_picture
from par_analysis.render.places import address_of, links_of
from par_analysis.render.svg import read_drawing
from par_analysis.show.blocks import MIME
from par_analysis.show.language import Words, translations

HIDDEN: Final = frozenset({"parameters", "injected-parameters", "hide"})


@dataclass(frozen=True)
class Placed:
    """A block, the number of the cell it came from (1 is the first), and whether code put it out."""

    cell: int
    block: Block
    from_code: bool = False


@dataclass(frozen=True)
class Section:
    """A heading of level 2 (``None`` for what comes before the first) and the blocks below it."""

    heading: Block | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """What a page says, in order, before anything is decided about its looks."""

    title: str
    lang: Language
    identity: Mapping[str, Any]
    cover: Block
    blocks: tuple[Placed, ...]
    warnings: tuple[str, ...] = ()

    @property
    def full_title(self) -> str:
        """The title with the cover's kicker: what a window, a bookmark or a running foot says."""
        parts = [part for part in self.cover["kicker"].split(" · ") if part and part not in self.title]
        return " · ".join([self.title, *parts])

    @property
    def words(self) -> Words:
        """The page's own words in its language."""
        return Words(self.lang, index=_index(self.identity))

    def sections(self) -> list[Section]:
        """The blocks by section."""
        return [Section(part[0].block if _opens(part[0]) else None, tuple(item.block for item in part[_opens(part[0]) :])) for part in _parts(self.blocks)]


def read_notebook(notebook: Mapping[str, Any], *, name: str) -> Document:
    """The document in an executed notebook.

    ``name`` is the title where the notebook has none. Raises ``RenderError`` with the cell's number for a failed cell, a figure without
    alternative text, or a character without a glyph.

    >>> read_notebook({"cells": [{"cell_type": "markdown", "source": "# A title", "metadata": {}}], "metadata": {}}, name="x").title
    'A title'
    """
    reader = _NotebookReader(notebook)
    placed = reader.read()
    cover, placed = _take_cover(placed, name)
    placed = _moved(_ordered(placed), Words(reader.lang, index=reader.index))
    finished = _finished(placed)
    for item in (Placed(reader.cover_cell, cover), *finished):
        require_glyphs(item.block, item.cell)
    places = {f"#{item.block['id']}" for item in finished if item.block["kind"] == "heading"}
    nowhere = [f"data/{file}: the link to {href!r} is left out, the page has no such section" for file, href in reader.links if href.lower() not in places]
    return Document(cover["title"], reader.lang, cover["identity"], cover, tuple(finished), (*reader.warnings, *nowhere))


class _NotebookReader:
    """Goes through the cells in order."""

    def __init__(self, notebook: Mapping[str, Any]) -> None:
        self.notebook = notebook
        self.warnings: list[str] = []
        self.links: list[tuple[str, str]] = []
        """The links to places on the page in words of one's own, with their files."""
        self.cover_cell, identity = _find_cover(notebook)
        self.has_cover = self.cover_cell > 0
        self.lang = _language(identity, notebook)
        self.index = _index(identity)

    def read(self) -> list[Placed]:
        placed: list[Placed] = []
        title_pending = self.has_cover
        for number, cell in enumerate(self.notebook["cells"], 1):
            placed += self.narratives(number)
            if not self.is_shown(cell):
                continue
            if cell["cell_type"] == "code":
                placed += [Placed(number, block, from_code=True) for block in self.code(number, cell)]
            elif cell["cell_type"] == "markdown":
                if title_pending and _joined(cell["source"]).lstrip().startswith("# "):
                    title_pending = False
                    continue
                placed += [Placed(number, block) for block in self.markdown(number, cell)]
        return placed + self.narratives(len(self.notebook["cells"]) + 1)

    def narratives(self, number: int) -> list[Placed]:
        """The words of one's own that stand before a cell."""
        words, found = Words(self.lang, index=self.index), []
        for told in narratives_at(self.notebook, number):
            blocks = read_narrative(told, words)
            self.links += [(told["file"], href) for href in links_of(blocks) if href.startswith("#")]
            found += [Placed(number, block) for block in blocks]
        return found

    def is_shown(self, cell: Mapping[str, Any]) -> bool:
        tags = set(cell["metadata"].get("tags", ()))
        own = {tag.removeprefix("lang:") for tag in tags if tag.startswith("lang:")}
        return not tags & HIDDEN and (not own or self.lang in own)

    def code(self, number: int, cell: Mapping[str, Any]) -> Iterator[Block]:
        reader = OutputReader(number, cell["metadata"])
        for output in cell.get("outputs", ()):
            yield from reader.read(output)
        self.warnings += reader.warnings

    def markdown(self, number: int, cell: Mapping[str, Any]) -> Iterator[Block]:
        source = _joined(cell["source"]).strip()
        if not source:
            return
        blocks = read_markdown(self.translated(number, source, cell), number, attachments=cell.get("attachments"))
        reader = OutputReader(number, cell["metadata"])
        for block in blocks:
            reader.require_alt(block)
            yield block

    def translated(self, number: int, source: str, cell: Mapping[str, Any]) -> str:
        if any(tag.startswith("lang:") for tag in cell["metadata"].get("tags", ())):
            return source
        said = translations(self.lang, self.index).gettext(source)
        if self.lang != "en" and said == source:
            self.warnings.append(f"cell {number} has no translation into {self.lang!r}: {source.splitlines()[0][:60]!r}")
        return said


def _joined(source: object) -> str:
    return "".join(source) if isinstance(source, list) else str(source)


def _find_cover(notebook: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """The number of the cell that shows the cover and the cover's identity; 0 where there is none."""
    for number, cell in enumerate(notebook["cells"], 1):
        for output in cell.get("outputs", ()):
            payload = output.get("data", {}).get(MIME)
            for block in payload.get("blocks", ()) if isinstance(payload, Mapping) else ():
                if block.get("kind") == "cover":
                    return number, block.get("identity", {})
    return 0, {}


def _language(identity: Mapping[str, Any], notebook: Mapping[str, Any]) -> Language:
    """From the cover; else from papermill's parameter ``lang``; else Vietnamese."""
    parameters = notebook["metadata"].get("papermill", {}).get("parameters", {})
    for lang in LANGUAGES:
        if lang == identity.get("lang", parameters.get("lang", "vi")):
            return lang
    raise RenderError(f"unknown language {identity.get('lang')!r}: known are {', '.join(LANGUAGES)}")


def _index(identity: Mapping[str, Any]) -> str:
    """The index that the page is about, whose own words it speaks; none where there is no cover."""
    return str(identity.get("index", ""))


def _take_cover(placed: list[Placed], name: str) -> tuple[Block, list[Placed]]:
    covers = [item for item in placed if item.block["kind"] == "cover"]
    if len(covers) > 1:
        raise RenderError("a page has one cover, this is a second", cell=covers[1].cell)
    if covers:
        return covers[0].block, [item for item in placed if item is not covers[0]]
    first = next((item for item in placed if item.block["kind"] == "heading" and item.block["level"] == 1), None)
    title = plain(first.block["text"]) if first else text(name)
    cover = {"kind": "cover", "identity": {}, "title": title, "subtitle": "", "kicker": "", "author": "", "headlines": [], "lead": []}
    return cover, [item for item in placed if item is not first]


def _ordered(placed: Iterable[Placed]) -> list[Placed]:
    """Headings from level 2 on, none skipped, none deeper than 4."""
    found: list[Placed] = []
    level = 1
    for item in placed:
        block = item.block
        if block["kind"] == "heading":
            level = min(max(block["level"], 2), level + 1, 4)
            block = block | {"level": level}
        found.append(Placed(item.cell, block, item.from_code))
    return found


def _opens(item: Placed) -> bool:
    return bool(item.block["kind"] == "heading" and item.block["level"] == 2)


def _parts(placed: Iterable[Placed]) -> list[list[Placed]]:
    """The blocks cut before every heading of level 2."""
    number = 0
    numbered = [(number := number + _opens(item), item) for item in placed]
    return [[item for _, item in group] for _, group in groupby(numbered, key=lambda pair: pair[0])]


def _is_absent(part: list[Placed]) -> bool:
    shown = [item for item in part if item.from_code and item.block["kind"] != "heading"]
    return _opens(part[0]) and bool(shown) and all(item.block["kind"] == "absent" for item in shown)


def _is_nothing(item: Placed) -> bool:
    """What the index does not have: not even its absence is worth a word."""
    return item.block["kind"] == "absent" and not item.block["reason"].strip()


def _moved(placed: list[Placed], words: Words) -> list[Placed]:
    """Sections without anything to show, taken out and listed before the last section that remains (a report ends with its sources)."""
    parts = _parts(placed)
    kept = [[item for item in part if not _is_nothing(item)] for part in parts if not _is_absent(part)]
    absent = [part for part in parts if _is_absent(part) and not all(_is_nothing(item) for item in part if item.block["kind"] == "absent")]
    if not absent:
        return [item for part in kept for item in part]
    items = [{"text": _absent_item(part), "below": []} for part in absent]
    last = absent[-1][0].cell
    heading = [{"text": words.say("Sections without data")}]
    reason = [{"text": words.say("These sections are left out, for the reason given.")}]
    section = [
        Placed(last, {"kind": "heading", "level": 2, "text": heading}),
        Placed(last, {"kind": "paragraph", "role": "question", "text": reason}),
        Placed(last, {"kind": "list", "role": "text", "ordered": False, "items": items}),
    ]
    before = len(kept) - 1 if kept and _opens(kept[-1][0]) else len(kept)
    return [item for part in (*kept[:before], section, *kept[before:]) for item in part]


def _absent_item(part: list[Placed]) -> list[dict[str, Any]]:
    reason = next(item.block["reason"].strip() for item in part if item.block["kind"] == "absent" and not _is_nothing(item))
    return [{"text": plain(part[0].block["text"]), "strong": True}, {"text": "\n"}, {"text": reason}]


def _finished(placed: list[Placed]) -> list[Placed]:
    """Figures and tables counted, drawings cleaned, headings given their addresses, links to nowhere undone."""
    counts = {"figure": 0, "table": 0}
    ids: dict[str, int] = {}
    found: list[Placed] = []
    for item in placed:
        block = dict(item.block)
        if block["kind"] in counts:
            counts[block["kind"]] += 1
            block["number"] = counts[block["kind"]]
        if block["kind"] == "figure":
            block = _figure(block, item.cell)
        if block["kind"] == "heading":
            block["id"] = address_of(plain(block["text"]), ids)
        found.append(Placed(item.cell, block, item.from_code))
    known = {f"#{name}" for name in ids}
    return [Placed(item.cell, _resolved(item.block, known), item.from_code) for item in found]


def _resolved(value: Any, known: set[str]) -> Any:
    """The same value without links to places that this page does not have."""
    if isinstance(value, dict):
        gone = str(value.get("href", "")).startswith("#") and value["href"].lower() not in known
        return {key: value[key].lower() if key == "href" and value[key].startswith("#") else _resolved(value[key], known) for key in value if not (gone and key == "href")}
    return [_resolved(part, known) for part in value] if isinstance(value, list) else value


def _figure(block: Block, cell: int) -> Block:
    try:
        return _drawing(block) if "svg" in block else read_picture(block)
    except RenderError as problem:
        raise RenderError(problem.problem, cell=cell, hint=problem.hint) from problem


def _drawing(block: Block) -> Block:
    drawing = read_drawing(text(block["svg"]), prefix=f"f{block['number']}-")
    alt = block["alt"].strip() or text(drawing.title)
    if not alt:
        raise RenderError("a figure has no alternative text")
    size = {"width": round(drawing.width, 2), "ratio": round(drawing.box[2] / drawing.box[3], 4)}
    return {key: block[key] for key in ("kind", "caption", "notes", "number")} | {"alt": alt, "svg": drawing.markup, "view_box": drawing.view_box, "words": drawing.words, **size}
