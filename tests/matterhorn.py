"""PDF/UA-1 (ISO 14289-1) by the conditions of the Matterhorn Protocol that a machine can check, read from the file's structure alone.

A condition is a function from an open file to what is wrong in it; its name, the protocol's number, and its words are told with every fault. Conditions of
things that these files may not have (scripts, films, layers, encryption …) are there as well: they say that the file has none.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from par_analysis.render.payload import names

STANDARD = names(
    """Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot
    Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT WP Figure Formula Form"""
)
CHILDREN = {
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "THead": {"TR"},
    "TBody": {"TR"},
    "TFoot": {"TR"},
    "TR": {"TH", "TD"},
    "L": {"LI", "Caption", "L"},
    "LI": {"Lbl", "LBody"},
    "TOC": {"TOCI", "TOC", "Caption"},
    "TOCI": {"Lbl", "Reference", "NonStruct", "P", "TOC"},
}
PARENTS = {"TR": {"Table", "THead", "TBody", "TFoot"}, "TH": {"TR"}, "TD": {"TR"}, "LI": {"L"}, "LBody": {"LI"}, "TOCI": {"TOC"}, "THead": {"Table"}, "TBody": {"Table"}}


@dataclass
class File:
    """A file, and what its conditions ask for again and again."""

    pdf: Pdf

    def __post_init__(self) -> None:
        self.root = self.pdf.Root
        self.roles = {str(key)[1:]: str(value)[1:] for key, value in dict(self.tree.get("/RoleMap", {})).items()}
        self.elements = list(self._walk(self.tree.get("/K"), None)) if "/K" in self.tree else []

    @property
    def tree(self) -> Any:
        return self.root.get("/StructTreeRoot", Dictionary())

    def _walk(self, kids: Any, parent: Any) -> Iterator[tuple[Any, Any]]:
        for kid in kids if isinstance(kids, Array) else [kids]:
            if isinstance(kid, Dictionary) and "/S" in kid:
                yield kid, parent
                if "/K" in kid:
                    yield from self._walk(kid.K, kid)

    def type(self, element: Any) -> str:
        """The standard type that an element's type stands for."""
        met, seen = str(element.S)[1:], set[str]()
        while met in self.roles and met not in seen and met not in STANDARD:
            seen.add(met)
            met = self.roles[met]
        return met

    def kids(self, element: Any) -> list[Any]:
        found = element.get("/K", Array())
        return [kid for kid in (found if isinstance(found, Array) else [found]) if isinstance(kid, Dictionary) and "/S" in kid]

    def annotations(self) -> Iterator[tuple[Any, Any]]:
        for page in self.pdf.pages:
            yield from ((page, one) for one in page.get("/Annots", Array()))

    def fonts(self) -> Iterator[Any]:
        yield from (thing for thing in self.pdf.objects if isinstance(thing, Dictionary) and not isinstance(thing, Stream) and thing.get("/Type") == Name.Font)

    def xmp(self) -> ET.Element | None:
        return ET.fromstring(bytes(self.root.Metadata.read_bytes()).decode("utf-8").strip("\ufeff")) if "/Metadata" in self.root else None

    def said(self, name: str) -> list[str]:
        """What the XMP metadata say of a property: as an attribute, as text, or as the items of a list."""
        found = [*self.xmp().iter()] if self.xmp() is not None else []  # type: ignore[union-attr]
        values = [one.get(name, "") for one in found] + ["".join(one.itertext()) for one in found if one.tag == name]
        return [value.strip() for value in values if value.strip()]


Faults = Iterator[str]
CONDITIONS: dict[str, tuple[str, Callable[[File], Faults]]] = {}


def condition(number: str, words: str) -> Callable[[Callable[[File], Faults]], Callable[[File], Faults]]:
    def keep(check: Callable[[File], Faults]) -> Callable[[File], Faults]:
        CONDITIONS[number] = (words, check)
        return check

    return keep


def faults(content: bytes) -> list[str]:
    """What is wrong with a file, each with the number and the words of the condition that it does not meet."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        file = File(pdf)
        return [f"{number} {words}: {fault}" for number, (words, check) in CONDITIONS.items() for fault in check(file)]


# ---------------------------------------------------------------- 01: real content is tagged, the rest is an artefact


@condition("01-003", "content marked as artefact stands inside tagged content")
def _artefact_in_tagged(file: File) -> Faults:
    yield from (where for where, stack in _marked(file) if _kinds(stack) == ["tag", "artefact"])


@condition("01-004", "tagged content stands inside content marked as artefact")
def _tagged_in_artefact(file: File) -> Faults:
    yield from (where for where, stack in _marked(file) if _kinds(stack) == ["artefact", "tag"])


@condition("01-005", "content is neither marked as artefact nor tagged as real content")
def _unmarked(file: File) -> Faults:
    yield from (where for where, stack in _marked(file) if not _kinds(stack))


def _kinds(stack: list[str]) -> list[str]:
    return [kind for number, kind in enumerate(stack) if kind and kind not in stack[:number]]


PAINTING = names("f F f* B B* b b* S s Tj TJ ' \" sh Do EI")


def _marked(file: File) -> Iterator[tuple[str, list[str]]]:
    """Every painting operator, with the kinds of marked content around it."""
    for number, page in enumerate(file.pdf.pages, 1):
        resources, stack = page.get("/Resources", Dictionary()), list[str]()
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                stack.append(_kind(operands, resources))
            elif name == "EMC":
                stack.pop()
            elif name in PAINTING and not (name == "Do" and _is_tagged_form(operands, resources)):
                yield f"page {number}, {name}", stack


def _kind(operands: Any, resources: Any) -> str:
    if operands[0] == Name.Artifact:
        return "artefact"
    given = operands[1] if len(operands) > 1 else Dictionary()
    given = resources.get("/Properties", Dictionary()).get(str(given), Dictionary()) if isinstance(given, Name) else given
    return "tag" if "/MCID" in given else ""


def _is_tagged_form(operands: Any, resources: Any) -> bool:
    return "/StructParents" in resources.get("/XObject", Dictionary()).get(str(operands[0]), Dictionary())


@condition("01-007", "Suspects has a value of true")
def _suspects(file: File) -> Faults:
    if bool(file.root.get("/MarkInfo", Dictionary()).get("/Suspects", False)):
        yield "/Suspects true"


@condition("01-tagged", "the file is tagged")
def _tagged(file: File) -> Faults:
    if not bool(file.root.get("/MarkInfo", Dictionary()).get("/Marked", False)) or not file.elements:
        yield "no structure tree, or not marked"


@condition("01-parent-tree", "every tagged content belongs to the element that the parent tree names")
def _parent_tree(file: File) -> Faults:
    numbers = dict(_numbers(file.tree.get("/ParentTree", Dictionary())))
    known = {element.objgen for element, _ in file.elements}
    for number, page in enumerate(file.pdf.pages, 1):
        owners = numbers.get(int(page.get("/StructParents", -1)))
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "BDC" and isinstance(operands[1], Dictionary) and "/MCID" in operands[1]:
                mcid = int(operands[1].MCID)
                if owners is None or mcid >= len(owners) or owners[mcid] is None or owners[mcid].objgen not in known:
                    yield f"page {number}, content {mcid}"


def _numbers(node: Any) -> Iterator[tuple[int, Any]]:
    listed = list(node.get("/Nums", Array()))
    yield from ((int(key), value) for key, value in zip(listed[::2], listed[1::2], strict=True))
    for kid in node.get("/Kids", Array()):
        yield from _numbers(kid)


# ---------------------------------------------------------------- 02: types of elements


@condition("02-001", "a type that is not standard is mapped to none that is")
def _unmapped(file: File) -> Faults:
    yield from sorted({str(element.S) for element, _ in file.elements if file.type(element) not in STANDARD})


@condition("02-003", "types are mapped in a circle")
def _circle(file: File) -> Faults:
    for start in file.roles:
        met, seen = start, set[str]()
        while met in file.roles:
            if met in seen:
                yield start
                break
            seen.add(met)
            met = file.roles[met]


@condition("02-004", "a standard type is mapped to another")
def _remapped(file: File) -> Faults:
    yield from sorted(STANDARD & set(file.roles))


# ---------------------------------------------------------------- 05-07: metadata and the title


@condition("05-001", "the XMP metadata do not say that the file is PDF/UA")
def _identifier(file: File) -> Faults:
    if file.said("{http://www.aiim.org/pdfua/ns/id/}part") != ["1"]:
        yield "no pdfuaid:part 1"


@condition("06-001", "the file has no XMP metadata")
def _metadata(file: File) -> Faults:
    if file.xmp() is None:
        yield "no /Metadata"


@condition("06-003", "the XMP metadata have no title")
def _title(file: File) -> Faults:
    if not file.said("{http://purl.org/dc/elements/1.1/}title"):
        yield "no dc:title"


@condition("07-001", "the window does not show the title")
def _shown_title(file: File) -> Faults:
    if not bool(file.root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False)):
        yield "DisplayDocTitle is not true"


# ---------------------------------------------------------------- 09, 14, 15, 19: structure


@condition("09-004", "an element of a table, a list or a table of contents stands where it may not")
def _placed(file: File) -> Faults:
    for element, parent in file.elements:
        kind, above = file.type(element), "" if parent is None else file.type(parent)
        if kind in PARENTS and above not in PARENTS[kind]:
            yield f"{kind} in {above or 'the root'}"
        if kind in CHILDREN:
            yield from (f"{file.type(kid)} in {kind}" for kid in file.kids(element) if file.type(kid) not in CHILDREN[kind])


@condition("09-table", "the rows of a table have different numbers of columns")
def _regular(file: File) -> Faults:
    for element, _ in file.elements:
        if file.type(element) == "Table":
            rows = [kid for part in [element, *file.kids(element)] for kid in file.kids(part) if file.type(kid) == "TR"]
            widths = {sum(int(_attribute(cell, "/ColSpan") or 1) for cell in file.kids(row)) for row in rows}
            spans = any(_attribute(cell, "/RowSpan") for row in rows for cell in file.kids(row))
            if len(widths) > 1 and not spans:
                yield f"{sorted(widths)} columns"


def _attribute(element: Any, name: str) -> Any:
    given = element.get("/A", Array())
    return next((one[name] for one in (given if isinstance(given, Array) else [given]) if isinstance(one, Dictionary) and name in one), None)


def _headings(file: File) -> list[int]:
    return [int(kind[1]) for kind in (file.type(element) for element, _ in file.elements) if re.fullmatch(r"H[1-6]", kind)]


@condition("14-002", "the first heading is not of level 1")
def _first_heading(file: File) -> Faults:
    if (found := _headings(file)) and found[0] != 1:
        yield f"H{found[0]}"


@condition("14-003", "a level of headings is skipped")
def _skipped(file: File) -> Faults:
    found = _headings(file)
    yield from (f"H{before} → H{after}" for before, after in pairwise(found) if after > before + 1)


@condition("14-007", "headings with and without a level in one file")
def _both_headings(file: File) -> Faults:
    if _headings(file) and any(file.type(element) == "H" for element, _ in file.elements):
        yield "H and H1"


@condition("15-003", "a header cell does not say what it heads")
def _scope(file: File) -> Faults:
    for element, _ in file.elements:
        if file.type(element) == "TH" and _attribute(element, "/Scope") not in (Name.Row, Name.Column, Name.Both) and _attribute(element, "/Headers") is None:
            yield "TH without Scope"


@condition("19-003", "a note has no identifier")
def _note(file: File) -> Faults:
    yield from ("Note without ID" for element, _ in file.elements if file.type(element) == "Note" and not str(element.get("/ID", "")))


@condition("19-004", "two notes share an identifier")
def _note_twice(file: File) -> Faults:
    found = [str(element.get("/ID", "")) for element, _ in file.elements if file.type(element) == "Note"]
    yield from sorted({one for one in found if found.count(one) > 1})


# ---------------------------------------------------------------- 11, 13, 17: languages, and what stands for a picture


@condition("11-001", "the language of the text is not said")
def _language(file: File) -> Faults:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", str(file.root.get("/Lang", ""))):
        yield "no /Lang of the file"


@condition("13-004", "a figure has no alternative text")
def _alternative(file: File) -> Faults:
    pictures = (one for one, _ in file.elements if file.type(one) in ("Figure", "Formula"))
    yield from (f"{file.type(one)} without Alt" for one in pictures if not str(one.get("/Alt", one.get("/ActualText", ""))).strip())


# ---------------------------------------------------------------- 20, 21, 25, 26: what these files may not have


@condition("20-001", "layers without a name")
def _layers(file: File) -> Faults:
    if "/OCProperties" in file.root:
        yield "the file has layers"


@condition("21-001", "an embedded file does not say its name")
def _embedded(file: File) -> Faults:
    for thing in file.pdf.objects:
        if isinstance(thing, Dictionary) and not isinstance(thing, Stream) and "/EF" in thing and not ("/F" in thing and "/UF" in thing):
            yield "a file specification without F and UF"


@condition("25-001", "a form of the kind XFA")
def _xfa(file: File) -> Faults:
    if "/XFA" in file.root.get("/AcroForm", Dictionary()):
        yield "XFA"


@condition("26-002", "encryption keeps assistive technology out")
def _encrypted(file: File) -> Faults:
    if file.pdf.is_encrypted:
        yield "the file is encrypted"


@condition("29-001", "a script runs at a time that nobody chose")
def _scripts(file: File) -> Faults:
    if "/OpenAction" in file.root and isinstance(file.root.OpenAction, Dictionary) and file.root.OpenAction.get("/S") == Name.JavaScript:
        yield "OpenAction"
    if "/JavaScript" in file.root.get("/Names", Dictionary()):
        yield "JavaScript"


# ---------------------------------------------------------------- 28: annotations


def _is_unseen(page: Any, one: Any) -> bool:
    left, low, right, high = (float(value) for value in page.get("/CropBox", page.MediaBox))
    x0, y0, x1, y1 = (float(value) for value in one.Rect)
    return bool(int(one.get("/F", 0)) & 2) or x1 < left or x0 > right or y1 < low or y0 > high


def _owner(file: File, one: Any) -> str:
    """The type of the element that an annotation belongs to; nothing where none refers to it."""
    number = int(one.get("/StructParent", -1))
    owner = dict(_numbers(file.tree.get("/ParentTree", Dictionary()))).get(number)
    if owner is None or owner.objgen not in {element.objgen for element, _ in file.elements}:
        return ""
    kids = owner.get("/K", Array())
    refers = any(isinstance(kid, Dictionary) and kid.get("/Type") == Name.OBJR and kid.Obj.objgen == one.objgen for kid in (kids if isinstance(kids, Array) else [kids]))
    return file.type(owner) if refers else ""


@condition("28-002", "an annotation is not in the structure tree")
def _annotation(file: File) -> Faults:
    for page, one in file.annotations():
        if not _is_unseen(page, one) and one.Subtype not in (Name.Widget, Name.Link, Name.Popup) and _owner(file, one) != "Annot":
            yield str(one.Subtype)


@condition("28-005", "a form field has no description")
def _described(file: File) -> Faults:
    for page, one in file.annotations():
        if one.Subtype == Name.Widget and not _is_unseen(page, one) and not str(one.get("/TU", one.get("/Parent", Dictionary()).get("/TU", ""))).strip():
            yield str(one.get("/T", "a field"))


@condition("28-008", "the tab order of a page with annotations is not that of the structure")
def _tabs(file: File) -> Faults:
    for number, page in enumerate(file.pdf.pages, 1):
        if len(page.get("/Annots", Array())) and page.get("/Tabs") != Name.S:
            yield f"page {number}"


@condition("28-010", "a form field is not in an element Form")
def _form(file: File) -> Faults:
    for page, one in file.annotations():
        if one.Subtype == Name.Widget and not _is_unseen(page, one) and _owner(file, one) != "Form":
            yield str(one.get("/T", "a field"))


@condition("28-011", "a link is not in an element Link")
def _link(file: File) -> Faults:
    for page, one in file.annotations():
        if one.Subtype == Name.Link and not _is_unseen(page, one) and _owner(file, one) not in ("Link", "Reference"):
            yield str(one.get("/Contents", "a link"))


@condition("28-012", "a link has no description")
def _link_described(file: File) -> Faults:
    links = (one for page, one in file.annotations() if one.Subtype == Name.Link and not _is_unseen(page, one))
    yield from ("a link without Contents" for one in links if not str(one.get("/Contents", "")).strip())


@condition("28-014", "an annotation of the kind TrapNet")
def _trapnet(file: File) -> Faults:
    yield from (str(one.Subtype) for _, one in file.annotations() if one.Subtype in (Name.TrapNet, Name.Movie, Name.Sound, Name.Screen))


# ---------------------------------------------------------------- 30, 31: what is drawn, and its fonts


@condition("30-001", "a picture from another file")
def _reference(file: File) -> Faults:
    yield from ("a reference XObject" for thing in file.pdf.objects if isinstance(thing, Stream) and thing.get("/Subtype") == Name.Form and "/Ref" in thing)


def _descriptor(font: Any) -> Any:
    inner = font.get("/DescendantFonts", Array([font]))[0]
    return inner.get("/FontDescriptor", Dictionary())


def _parents_of_fonts(file: File) -> Iterator[Any]:
    """The fonts that text is set in: not the parts of composite ones."""
    yield from (font for font in file.fonts() if str(font.get("/Subtype", "")) not in ("/CIDFontType0", "/CIDFontType2"))


@condition("31-009", "a font is not embedded")
def _embedded_fonts(file: File) -> Faults:
    for font in _parents_of_fonts(file):
        if font.get("/Subtype") != Name.Type3 and not any(key in _descriptor(font) for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield str(font.get("/BaseFont", "a font"))


@condition("31-006", "a composite TrueType font does not say how its characters become glyphs")
def _glyph_map(file: File) -> Faults:
    for font in file.fonts():
        if font.get("/Subtype") == Name.CIDFontType2 and font.get("/CIDToGIDMap") != Name.Identity and not isinstance(font.get("/CIDToGIDMap"), Stream):
            yield str(font.get("/BaseFont", "a font"))


@condition("31-007", "a composite font's encoding is neither a known one nor embedded")
def _encoding(file: File) -> Faults:
    for font in _parents_of_fonts(file):
        if font.get("/Subtype") == Name.Type0 and font.get("/Encoding") not in (Name("/Identity-H"), Name("/Identity-V")) and not isinstance(font.get("/Encoding"), Stream):
            yield str(font.get("/BaseFont", "a font"))


@condition("10-001", "a character cannot be mapped to Unicode")
def _unicode(file: File) -> Faults:
    for font in _parents_of_fonts(file):
        if font.get("/Subtype") in (Name.Type0, Name.Type3) and not isinstance(font.get("/ToUnicode"), Stream):
            yield str(font.get("/BaseFont", font.get("/Name", "a font")))


@condition("31-027", "a font maps a character to no Unicode value that is one")
def _unicode_values(file: File) -> Faults:
    for font in _parents_of_fonts(file):
        if isinstance(font.get("/ToUnicode"), Stream):
            cmap = bytes(font.ToUnicode.read_bytes()).decode("latin-1")
            yield from (f"{font.get('/BaseFont', 'a font')}: {value}" for value in re.findall(r"<[0-9A-Fa-f]+>\s+<(0000|FEFF|FFFE|feff|fffe)>", cmap))


@condition("31-030", "a text refers to the glyph that stands for none")
def _notdef(file: File) -> Faults:
    for number, page in enumerate(file.pdf.pages, 1):
        composite = {name for name, font in page.get("/Resources", Dictionary()).get("/Font", Dictionary()).items() if font.get("/Subtype") == Name.Type0}
        current = ""
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "Tf":
                current = str(operands[0])
            elif str(operator) in ("Tj", "TJ", "'") and current in composite:
                runs = operands[0] if isinstance(operands[0], Array) else operands
                if any(b"\x00\x00" in [bytes(run)[at : at + 2] for at in range(0, len(bytes(run)), 2)] for run in runs if isinstance(run, pikepdf.String)):
                    yield f"page {number}"
                    break
