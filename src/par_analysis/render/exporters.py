"""The exporters: ``jupyter nbconvert --to par_html``, ``par_pdf``, ``par_docx`` and ``par_xlsx``.

Keep one object for a whole batch: templates, fonts and the Typst compiler stay loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

import nbformat
from nbconvert.exporters import Exporter
from nbformat import NotebookNode

from par_analysis.render.document import Document, read_notebook

READ: Final = "par_read"
"""The resource in which one exporter hands the next what it has read of the same notebook: pairs of a notebook and its document."""
NUMBERS: Final = "par_numbers"
"""The resource in which the rows of ``numbers.csv`` are handed over."""


class _Page(Exporter):
    """What all exporters share: the notebook as a document, and its warnings."""

    def _document(self, nb: NotebookNode, resources: Any, **kw: Any) -> tuple[Document, Any]:
        read, numbers = ((resources or {}).pop(name, None) for name in (READ, NUMBERS))  # taken out, or they would be copied with the others
        if self._is_unprepared and read and read[0] is nb:
            document, resources = read[1], deepcopy(self._init_resources(resources))  # type: ignore[no-untyped-call]
        else:
            notebook, resources = self._prepared(nb, resources, **kw)
            document = read_notebook(notebook, name=str(resources["metadata"].get("name") or "Notebook"))
        if numbers is not None:
            resources[NUMBERS] = numbers
        if self._is_unprepared:
            resources[READ] = (nb, document)
        resources["par_warnings"] = list(document.warnings)
        for warning in document.warnings:
            self.log.warning(warning)
        return document, resources

    @property
    def _is_unprepared(self) -> bool:
        return not any(getattr(preprocessor, "enabled", True) for preprocessor in self._preprocessors)

    def _prepared(self, nb: NotebookNode, resources: Any, **kw: Any) -> tuple[Mapping[str, Any], Any]:
        """The notebook after the preprocessors that are switched on. Where none is, nothing changes it: it is checked once and not copied for each of them."""
        if not self._is_unprepared:
            prepared, resources = Exporter.from_notebook_node(self, nb, resources, **kw)
            return prepared, resources
        return _valid(nb), deepcopy(self._init_resources(resources))  # type: ignore[no-untyped-call]


def _valid(nb: NotebookNode) -> Mapping[str, Any]:
    """The notebook, whose form is right. The check gives ids to cells without one: to copies of the cells, never to the cells that were handed over."""
    notebook = {**nb, "cells": [{**cell} for cell in nb["cells"]]}
    nbformat.validate(notebook, relax_add_props=True)
    return notebook


class HTMLPage(_Page):
    """An executed notebook as one HTML file that loads nothing.

    >>> HTMLPage().file_extension
    '.html'
    """

    output_mimetype = "text/html"
    export_from_notebook = "Report (HTML)"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[str, Any]:  # type: ignore[override]
        """The page, and resources with ``par_warnings``. Raises ``RenderError``."""
        from par_analysis.render.html import write_html

        document, resources = self._document(nb, resources, **kw)
        return write_html(document), resources


class PDFPage(_Page):
    """An executed notebook as a PDF/UA-1 file on A4.

    >>> PDFPage().file_extension
    '.pdf'
    """

    output_mimetype = "application/pdf"
    export_from_notebook = "Report (PDF)"

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[bytes, Any]:  # type: ignore[override]
        """The file's bytes, and resources with ``par_warnings``. Raises ``RenderError``."""
        from par_analysis.render.pdf import write_pdf

        document, resources = self._document(nb, resources, **kw)
        return write_pdf(document), resources


class WordFile(_Page):
    """An executed notebook as a Word file.

    >>> WordFile().file_extension
    '.docx'
    """

    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    export_from_notebook = "Report (Word)"

    def _file_extension_default(self) -> str:
        return ".docx"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[bytes, Any]:  # type: ignore[override]
        """The file's bytes, and resources with ``par_warnings``. Raises ``RenderError``."""
        from par_analysis.render.docx import write_docx

        document, resources = self._document(nb, resources, **kw)
        return write_docx(document), resources


class ExcelFile(_Page):
    """The tables of an executed notebook as an Excel file, with all its numbers where the resource ``par_numbers`` has their rows.

    >>> ExcelFile().file_extension
    '.xlsx'
    """

    output_mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    export_from_notebook = "Report (Excel)"

    def _file_extension_default(self) -> str:
        return ".xlsx"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[bytes, Any]:  # type: ignore[override]
        """The file's bytes, and resources with ``par_warnings``. Raises ``RenderError``."""
        from par_analysis.render.xlsx import write_xlsx

        document, resources = self._document(nb, resources, **kw)
        return write_xlsx(document, resources.get(NUMBERS, ())), resources
