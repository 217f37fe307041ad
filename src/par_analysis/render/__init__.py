"""An executed notebook as an HTML page and as a PDF/UA-1 file: nbconvert's ``par_html`` and ``par_pdf``.

The exporters are loaded when they are asked for, so that naming this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from par_analysis.render.exporters import HTMLPage, PDFPage

__all__ = ["HTMLPage", "PDFPage"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from par_analysis.render import exporters

        return getattr(exporters, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
