"""The form field of a signature in a tagged PDF, so that the file is still PDF/UA (ISO 14289-1, 7.18).

A widget that is shown needs a description, and an element ``Form`` in the structure tree that refers to it; one that is not shown is hidden.
Either way the page's tab order has to be that of the structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from par_analysis.errors import ParError
from par_analysis.render.stamp import PLACE

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def append_field(writer: IncrementalPdfFileWriter, name: str, *, label: str, visible: bool) -> None:
    """Add an empty signature field to the first page. Raises ``ParError`` for a file without a structure tree."""
    from pyhanko.pdf_utils.generic import pdf_name
    from pyhanko.sign import fields

    hidden = fields.InvisSigSettings(set_print_flag=False, set_hidden_flag=True)
    spec = fields.SigFieldSpec(name, on_page=0, box=PLACE if visible else None, invis_sig_settings=hidden, readable_field_name=label)
    fields.append_signature_field(writer, spec)
    pages: Any = writer
    page, _ = pages.find_page_for_modification(0)
    page.get_object()[pdf_name("/Tabs")] = pdf_name("/S")
    writer.update_container(page.get_object())
    if visible:
        _tag(writer, page, label)


def _tag(writer: IncrementalPdfFileWriter, page: Any, label: str) -> None:
    """An element ``Form`` at the end of the document's element, with the page's last annotation as its one child."""
    from pyhanko.pdf_utils.generic import ArrayObject, TextStringObject, pdf_name

    if "/StructTreeRoot" not in writer.root or not {"/ParentTree", "/ParentTreeNextKey"} <= set(writer.root["/StructTreeRoot"]):
        raise ParError("the file is not tagged: a stamp would make it less accessible", hint="sign without a stamp, or make the report again")
    root: Any = writer.root["/StructTreeRoot"]
    widget = page.get_object()["/Annots"].raw_get(-1)
    number = int(root["/ParentTreeNextKey"])
    place = _document(root)
    parent = place.get_object()
    reference = _dictionary({pdf_name("/Type"): pdf_name("/OBJR"), pdf_name("/Obj"): widget, pdf_name("/Pg"): page})
    element = _dictionary(
        {
            pdf_name("/Type"): pdf_name("/StructElem"),
            pdf_name("/S"): pdf_name("/Form"),
            pdf_name("/P"): place,
            pdf_name("/Pg"): page,
            pdf_name("/Alt"): TextStringObject(label),
            pdf_name("/K"): ArrayObject([reference]),
        }
    )
    placed = writer.add_object(element)
    parent["/K"].append(placed)
    writer.update_container(parent["/K"])
    widget.get_object()[pdf_name("/StructParent")] = _number(number)
    writer.update_container(widget.get_object())
    _append_number(writer, root["/ParentTree"], number, placed)
    root[pdf_name("/ParentTreeNextKey")] = _number(number + 1)
    writer.update_container(root)


def _document(root: Any) -> Any:
    """Where the element stands that holds the document's others: its children are an array."""
    from pyhanko.pdf_utils.generic import ArrayObject, IndirectObject

    children = root["/K"]
    place = children.raw_get(0) if isinstance(children, ArrayObject) else root.raw_get("/K")
    found = place.get_object()
    if not isinstance(place, IndirectObject) or "/K" not in found or not isinstance(found["/K"], ArrayObject):
        raise ParError("the file's structure tree is not one that a report has", hint="make the report again")
    return place


def _append_number(writer: IncrementalPdfFileWriter, tree: Any, number: int, value: Any) -> None:
    """Add the largest key of a number tree: to its own list, or to that of its last leaf."""
    path = [tree]
    while "/Nums" not in path[-1]:
        if "/Kids" not in path[-1]:
            raise ParError("the file's structure tree is not one that a report has", hint="make the report again")
        path.append(path[-1]["/Kids"][-1])
    path[-1]["/Nums"].extend([_number(number), value])
    writer.update_container(path[-1]["/Nums"])
    for node in path:
        if "/Limits" in node:
            node["/Limits"][1] = _number(number)
            writer.update_container(node["/Limits"])


def _dictionary(entries: dict[Any, Any]) -> Any:
    from pyhanko.pdf_utils import generic

    made: Any = generic.DictionaryObject
    return made(entries)


def _number(value: int) -> Any:
    from pyhanko.pdf_utils import generic

    made: Any = generic.NumberObject
    return made(value)
