"""A document as a Word file that an office can edit: real headings, counted captions, tables with headings, charts as pictures with their alternative text.

The look stands in ``templates/word``, the parts of an empty file. python-docx opens it, and keeps the pictures, links and lists that are added.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.shared import Pt

from par_analysis.render.columns import columns, text_size
from par_analysis.render.document import Document
from par_analysis.render.layout import FULL, on_paper
from par_analysis.render.office import LOCALES, packed, properties, repacked, require_legal
from par_analysis.render.payload import Block
from par_analysis.render.pdf import svg_of
from par_analysis.render.pictures import draw
from par_analysis.render.wordml import (
    ACCENT,
    TINT,
    Element,
    bookmarked,
    cell,
    end_of_field,
    field,
    linked,
    paragraph,
    rich,
    row,
    run,
    styled,
    table,
    w,
)
from par_analysis.show.language import N_

TEMPLATES: Final = Path(__file__).parent / "templates" / "word"
PARTS: Final[Mapping[str, str]] = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package_rels.xml",
    "word/_rels/document.xml.rels": "document_rels.xml",
    "word/document.xml": "document.xml",
    "word/styles.xml": "styles.xml",
    "word/numbering.xml": "numbering.xml",
    "word/settings.xml": "settings.xml",
    "word/fontTable.xml": "font_table.xml",
    "word/theme/theme1.xml": "theme.xml",
    "word/footer1.xml": "footer.xml",
}
"""File of the archive → the template that it is made from."""
SIGNS: Final = {"vi": (",", ";"), "en": (".", ",")}
"""What stands before decimals and between the items of a list, by language."""
TALLEST: Final = 215.0
"""A chart's height in mm, at most."""
STYLES: Final[Mapping[str, str]] = {"lead": "Lead", "text": "Normal", "question": "Question", "note": "Note", "limit": "Limit"}
"""Role of a paragraph → its style."""
CAPTIONS: Final = {"Figure": N_("Figure {number}"), "Table": N_("Table {number}")}
"""What Word counts → how it is called."""
_POINTS: Final = 25.4 / 72


def write_docx(document: Document) -> bytes:
    """The file. The same document gives the same bytes.

    Raises ``RenderError`` for a character that XML cannot hold.
    """
    require_legal(document)
    writer = _Writer(document)
    for element in writer.elements():
        writer.end.addprevious(element)
    stream = io.BytesIO()
    writer.file.save(stream)
    return repacked(stream.getvalue(), document)


@lru_cache(maxsize=1)
def _templates() -> dict[str, str]:
    return {name: (TEMPLATES / file).read_text(encoding="utf-8") for name, file in PARTS.items()}


def _empty(document: Document) -> bytes:
    decimal, separator = SIGNS[document.lang]
    told = {"@LANG@": LOCALES[document.lang], "@DECIMAL@": decimal, "@SEPARATOR@": separator}
    parts = {**_templates(), **properties(document)}
    for mark, words in told.items():
        parts = {name: content.replace(mark, words) if name in {"word/styles.xml", "word/settings.xml"} else content for name, content in parts.items()}
    return packed((name, content.encode()) for name, content in parts.items())


class _Writer:
    """Writes the blocks of one document, in order."""

    def __init__(self, document: Document) -> None:
        self.document, self.say = document, document.words.say
        self.file = docx.Document(io.BytesIO(_empty(document)))
        self.part = self.file.part
        self.end = self.file.element.body.find(qn("w:sectPr"))  # the measures of the page stand at its end
        self.blocks = [item.block for item in document.blocks]
        headings = [block["id"] for block in self.blocks if block["kind"] == "heading"]
        self.places = {f"#{name}": f"_Toc{number:08d}" for number, name in enumerate(headings, 1)}
        self.numbers = {name: number for number, name in enumerate(self.places.values(), 1)}
        drawn = [block for block in self.blocks if block["kind"] == "figure" and "svg" in block]
        pictures = draw([(svg_of(block), self.width(block)) for block in drawn])
        self.drawings = {block["number"]: picture for block, picture in zip(drawn, pictures, strict=True)}
        self.fill_footer()

    def elements(self) -> Iterator[Element]:
        yield from self.cover(self.document.cover)
        yield from self.contents()
        for block in self.blocks:
            yield from _KINDS[block["kind"]](self, block)

    def links(self, address: str) -> Mapping[str, str]:
        if address.startswith("#"):
            return {"w:anchor": self.places[address]} if address in self.places else {}
        return {"r:id": self.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)}

    def fill_footer(self) -> None:
        page = [*field("PAGE", "1"), run(" / "), *field("NUMPAGES", "1")]
        self.file.sections[0].footer._element.append(paragraph("Footer", [run(self.document.full_title), w("r", w("tab")), *page]))

    # ------------------------------------------------------------ the head

    def cover(self, cover: Block) -> Iterator[Element]:
        if cover["kicker"]:
            yield paragraph("Kicker", [run(cover["kicker"])])
        yield paragraph("Heading1", [run(cover["title"])])
        if cover["subtitle"]:
            yield paragraph("Subtitle", [run(cover["subtitle"])])
        for number, lead in enumerate(cover["lead"]):
            yield paragraph("Lead" if number == 0 else "Question", rich(lead, self.links))
        if cover["headlines"]:
            yield self.headlines(cover["headlines"])
            yield paragraph("Normal", [])

    def headlines(self, headlines: Sequence[Mapping[str, str]]) -> Element:
        across = 3 if len(headlines) > 4 else max(len(headlines), 2)
        lines = [headlines[start : start + across] for start in range(0, len(headlines), across)]
        width = FULL / across
        rows = [row([cell(width, self.headline(one) if one else [paragraph("KeyDetail", [])]) for one in (*line, *[{}] * (across - len(line)))]) for line in lines]
        return table("KeyFigures", [width] * across, rows, caption=self.say("Key figures"))

    def headline(self, one: Mapping[str, str]) -> list[Element]:
        arrow = {"up": " ↑", "down": " ↓"}.get(one["tone"], "")
        value = [run(one["value"]), *([styled({"text": arrow, "tone": one["tone"]}, size=28)] if arrow else [])]
        return [paragraph("KeyLabel", [run(one["label"])]), paragraph("KeyValue", value), paragraph("KeyDetail", [run(one["detail"])])]

    def contents(self) -> Iterator[Element]:
        """The sections as Word's own table of contents, filled in."""
        sections = [block for block in self.blocks if block["kind"] == "heading" and block["level"] == 2]
        if len(sections) <= 3:
            return
        entries = [paragraph("TOC2", rich([{**span, "href": f"#{block['id']}", "emphasis": False} for span in block["text"]], self.links)) for block in sections]
        begin = field('TOC \\o "2-2" \\h \\z \\n', "")[:3]
        for element in reversed(begin):
            entries[0].insert(1, element)
        entries[-1].append(end_of_field())
        told = w("sdtPr", w("docPartObj", w("docPartGallery", val="Table of Contents"), w("docPartUnique")))
        yield w("sdt", told, w("sdtContent", paragraph("ContentsHeading", [run(self.say("In this report"))]), *entries))

    # ------------------------------------------------------------ kinds of blocks

    def heading(self, block: Block) -> Iterator[Element]:
        name = self.places[f"#{block['id']}"]
        yield paragraph(f"Heading{block['level']}", bookmarked(self.numbers[name], name, rich(block["text"], self.links)))

    def text(self, block: Block) -> Iterator[Element]:
        yield paragraph(STYLES[block["role"]], rich(block["text"], self.links))

    def list(self, block: Block, level: int = 0) -> Iterator[Element]:
        number = self.new_list() if block["ordered"] else 1
        for item in block["items"]:
            told = [w("numPr", w("ilvl", val=min(level, 2)), w("numId", val=number))]
            yield paragraph("ListParagraph", rich(item["text"], self.links), *told)
            for below in item["below"]:
                yield from self.list(below, level + 1)

    def new_list(self) -> int:
        """A list that counts from one."""
        numbering = self.part.numbering_part.element
        number = len(numbering.findall(qn("w:num"))) + 1
        starts = [w("lvlOverride", w("startOverride", val=1), ilvl=level) for level in range(3)]
        numbering.append(w("num", w("abstractNumId", val=1), *starts, numId=number))
        return number

    def caption(self, kind: str, block: Block) -> Element:
        before, _, after = self.say(CAPTIONS[kind]).partition("{number}")
        number = field(f"SEQ {kind} \\* ARABIC", str(block["number"]), w("color", val=ACCENT))
        colour = {"tone": "up"}
        counted = [styled({"text": before, **colour}), *number, *([styled({"text": after, **colour})] if after else [])]
        return paragraph("Caption", [*counted, run(f"  {block['caption']}")] if block["caption"] else counted)

    def notes(self, block: Block) -> Iterator[Element]:
        for note in block["notes"]:
            yield paragraph("Note", rich(note, self.links))

    def table(self, block: Block) -> Iterator[Element]:
        yield self.caption("Table", block)
        for part in on_paper(block):
            yield self.part_of_table(part, block["caption"])
            yield paragraph("Note", [])
        yield from self.notes(block)

    def part_of_table(self, part: Block, caption: str) -> Element:
        small = "Small" if part["dense"] else ""
        widths, zoom = columns(part)
        size = int(2 * text_size(part) * zoom) if zoom < 1 else 0
        numeric = [column["numeric"] for column in part["columns"]]
        head = [self.in_cell(f"TableHeading{small}", {"text": column["label"]}, column["numeric"], size) for column in part["columns"]]
        rows = [row([cell(wide, [label]) for wide, label in zip(widths, head, strict=True)], is_heading=True)]
        for line in part["rows"]:
            fill = TINT if line["highlight"] else ""
            cells = [{**one, "strong": one["strong"] or line["highlight"]} for one in line["cells"]]
            placed = zip(widths, cells, numeric, strict=True)
            rows.append(row([cell(wide, [self.in_cell("TableSmall" if small else "TableText", one, at_end, size)], fill=fill) for wide, one, at_end in placed]))
        return table("ReportTable", widths, rows, padding=part["padding"], caption=caption, is_headed=True)

    def in_cell(self, style: str, one: Mapping[str, Any], at_end: bool, size: int) -> Element:
        attributes = self.links(one["href"]) if one.get("href") else {}
        shown = styled(one if attributes else {**one, "href": ""}, size=size)
        content = [linked(shown, attributes) if attributes else shown] if one["text"] else []
        return paragraph(style, content, *([w("jc", val="right")] if at_end else []))

    def width(self, block: Block) -> float:
        """Points, as on paper."""
        return float(min(block["width"], FULL / _POINTS, TALLEST / _POINTS * block["ratio"]))

    def figure(self, block: Block) -> Iterator[Element]:
        yield self.caption("Figure", block)
        picture = self.drawings[block["number"]] if "svg" in block else base64.b64decode(block["png"])
        wide = self.width(block)
        inline = self.part.new_pic_inline(io.BytesIO(picture), Pt(wide), Pt(wide / block["ratio"]))
        inline.docPr.set("descr", block["alt"])
        inline.docPr.set("name", self.say(CAPTIONS["Figure"]).replace("{number}", str(block["number"])))
        yield paragraph("Picture", [w("r", w("drawing", inline))], *([w("keepNext")] if block["notes"] else []))
        yield from self.notes(block)

    def verbatim(self, block: Block) -> Iterator[Element]:
        yield paragraph("RawText", [run(block["text"])])

    def absent(self, block: Block) -> Iterator[Element]:
        yield paragraph("Missing", [run(block["reason"])])


_KINDS: Final = {
    "heading": _Writer.heading, "paragraph": _Writer.text, "list": _Writer.list, "table": _Writer.table, "figure": _Writer.figure, "pre": _Writer.verbatim,
    "absent": _Writer.absent,
}  # fmt: skip
"""Kind of block → what writes it."""
