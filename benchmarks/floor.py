"""The floor: what the same reports cost without Jupyter. ``python -m benchmarks.floor FOLDER UNIT…``

The code of the notebook's cells is run in one namespace, what the last line of each gives is put into a notebook in memory, and our exporters make
the files: the same bytes as ``par build`` gives. Two processes are forked after everything is imported and read; nothing is isolated, limited,
read back or noted for the next run.
"""

from __future__ import annotations

import ast
import gc
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, Final, cast

import nbformat
from nbformat import NotebookNode

from benchmarks.ways import INDEX, LANG, REPORT, WORKERS, YEAR
from par_analysis.dataset import recording
from par_analysis.model import Language
from par_analysis.run import narratives, numbers, verify
from par_analysis.run.contract import find_notebook, read_contract
from par_analysis.run.export import export, exporter
from par_analysis.run.known import Known, known
from par_analysis.run.plan import FORMATS, NUMBERS, Job, Request, plan
from par_analysis.show.blocks import MIME, Display

METADATA: Final = {"language_info": {"name": "python"}, "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@dataclass(frozen=True)
class Cell:
    """A cell of the notebook: its JSON, the code of all but a last expression, and that expression."""

    facts: Mapping[str, Any]
    body: CodeType | None = None
    last: CodeType | None = None

    @property
    def is_parameters(self) -> bool:
        """Whether it holds the defaults that a request replaces."""
        return "parameters" in self.facts["metadata"].get("tags", ())


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook, their code compiled, with positional ids."""
    return [_cell(number, facts) for number, facts in enumerate(json.loads(path.read_bytes())["cells"], start=1)]


def _cell(number: int, facts: Mapping[str, Any]) -> Cell:
    facts = {**facts, "id": f"cell-{number}", "source": "".join(facts["source"])}
    if facts["cell_type"] != "code":
        return Cell(facts)
    tree = ast.parse(facts["source"])
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    name = f"<cell {number}>"
    shown = compile(ast.Expression(last.value), name, "eval") if isinstance(last, ast.Expr) else None
    return Cell(facts, compile(tree, name, "exec"), shown)


def execute(cells: Sequence[Cell], parameters: Mapping[str, Any]) -> NotebookNode:
    """The notebook with what its cells give for these parameters."""
    return cast(NotebookNode, nbformat.from_dict({"cells": list(_executed(cells, parameters)), "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}))  # type: ignore[no-untyped-call]


def _executed(cells: Sequence[Cell], parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    space: dict[str, Any] = {"__name__": "__main__"}
    count = 0
    for cell in cells:
        if cell.body is None:
            yield dict(cell.facts)
            continue
        count += 1
        exec(cell.body, space)
        given = eval(cell.last, space) if cell.last else None
        if cell.is_parameters:
            space |= parameters
        yield {**cell.facts, "execution_count": count, "outputs": _outputs(given, count)}


def _outputs(given: object, count: int) -> list[dict[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, Display):
        raise TypeError(f"a cell ends with {type(given).__name__}: the floor can only show what par_analysis.show makes")
    return [{"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": {MIME: given.payload()}}]


def executed_and_named(cells: Sequence[Cell], job: Job, reads: Path) -> tuple[NotebookNode, str]:
    """A job's executed notebook, whose cover says what it is, and the index it is about; ``reads`` is a file for what was read."""
    os.environ[recording.VARIABLE] = str(reads)
    notebook = execute(cells, dict(job.parameters))
    noted = {**recording.recorded(reads), **narratives.add(notebook, job)}
    identity = verify.notebook_identity(notebook, job, recording.digest(noted))
    return notebook, str(identity.get("index", ""))


def make(cells: Sequence[Cell], job: Job, here: Known, reads: Path) -> None:
    """Write one report's page, PDF and numbers."""
    notebook, index = executed_and_named(cells, job, reads)
    job.folder.mkdir(parents=True, exist_ok=True)
    resources: dict[str, Any] = {}
    for kind in job.formats:
        (job.folder / job.file(kind)).write_bytes(export(notebook, kind, resources)[0])
    rows = numbers.collect(notebook, here.unit_names, cast(Language, job.lang), index)
    (job.folder / NUMBERS).write_bytes(numbers.write(rows))


def planned(out: Path, units: Sequence[str], *, index: str = INDEX, year: int = YEAR) -> tuple[list[Cell], tuple[Job, ...], Known]:
    """The notebook's cells, the jobs, and what is known of the checkout."""
    here = known()
    contract = read_contract(find_notebook(REPORT, here.notebooks))
    asked: dict[str, Sequence[object]] = {"index": [index], "year": [year], "unit": list(units), "lang": [LANG]}
    return read_cells(contract.notebook), plan(Request(asked, out=out), contract, here), here


def main(folder: str, *units: str) -> None:
    """All reports. The first one's cells are run before the fork, so that data, fonts and catalogues are read once."""
    cells, jobs, here = planned(Path(folder), units)
    with tempfile.TemporaryDirectory(prefix="par-floor-") as scratch:
        for name in FORMATS.values():
            exporter(name)
        executed_and_named(cells, jobs[0], Path(scratch) / "first")
        gc.collect()
        gc.freeze()
        fork = multiprocessing.get_context("fork")
        turn = fork.Value("i", 0)
        workers = [fork.Process(target=_work, args=(turn, cells, jobs, here, Path(scratch))) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit(1)


def _work(turn: Any, cells: Sequence[Cell], jobs: Sequence[Job], here: Known, scratch: Path) -> None:
    while True:
        with turn.get_lock():
            number = turn.value
            turn.value += 1
        if number >= len(jobs):
            return
        make(cells, jobs[number], here, scratch / str(number))


if __name__ == "__main__":
    main(*sys.argv[1:])
