"""A user's own script: papermill and nbconvert from Python, in two processes that keep their exporters. ``python -m benchmarks.naive FOLDER UNIT…``"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import nbformat
import papermill
from nbconvert import HTMLExporter, WebPDFExporter

from benchmarks.ways import INDEX, LANG, REPORT, WORKERS, YEAR, is_root


@cache
def exporters() -> tuple[HTMLExporter, WebPDFExporter]:
    """Made once a process."""
    without_code = {"exclude_input": True}
    return HTMLExporter(**without_code), WebPDFExporter(**without_code, disable_sandbox=is_root())  # type: ignore[no-untyped-call]


def report(out: Path, unit: str) -> None:
    """One report: executed, then converted twice."""
    executed = out / f"{unit}.ipynb"
    given = {"index": INDEX, "unit": unit, "year": YEAR, "lang": LANG}
    papermill.execute_notebook(f"notebooks/{REPORT}.ipynb", str(executed), parameters=given, progress_bar=False)
    notebook = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    page, paper = exporters()
    executed.with_suffix(".html").write_text(page.from_notebook_node(notebook)[0], encoding="utf-8")
    executed.with_suffix(".pdf").write_bytes(paper.from_notebook_node(notebook)[0])  # type: ignore[no-untyped-call]


def main(folder: str, *units: str) -> None:
    """All reports, whichever process is free."""
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(partial(report, Path(folder)), units))


if __name__ == "__main__":
    main(*sys.argv[1:])
