"""An executed notebook into the bytes of a finished file, by the exporters' names."""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from nbformat import NotebookNode

from par_analysis.errors import RenderError
from par_analysis.run.plan import FORMATS


@cache
def exporter(name: str) -> Any:
    """The exporter that is installed under a name; one object a process, because making one costs more than using it. Raises ``RenderError``."""
    found = entry_points(group="nbconvert.exporters", name=name)
    if not found:
        raise RenderError(f"no exporter {name!r} is installed", hint="install the package again: its entry points are missing")
    made = next(iter(found)).load()()
    made.log = logging.Logger("par.exporters", logging.ERROR)  # its warnings are in its answer
    return made


def export(notebook: NotebookNode, kind: str, resources: dict[str, Any] | None = None) -> tuple[bytes, tuple[str, ...]]:
    """The file of a format, and what the exporter warns of. Exporters that are given the same ``resources`` read a notebook once for all of them. Raises ``RenderError``."""
    content, given = exporter(FORMATS[kind]).from_notebook_node(notebook, resources)
    if resources is not None:
        resources.update(given)
    return content.encode("utf-8") if isinstance(content, str) else bytes(content), tuple(given.get("par_warnings", ()))
