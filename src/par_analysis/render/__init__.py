"""An executed notebook as an HTML page, a PDF/UA-1 file, a Word and an Excel file: nbconvert's ``par_html``, ``par_pdf``, ``par_docx`` and ``par_xlsx``.

The exporters are loaded when they are asked for, so that naming this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from par_analysis.render.exporters import ExcelFile, HTMLPage, PDFPage, WordFile

__all__ = ["ExcelFile", "HTMLPage", "PDFPage", "WordFile"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from par_analysis.render import exporters

        return getattr(exporters, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
