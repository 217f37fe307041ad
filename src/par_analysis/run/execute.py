"""One job's notebook, run by papermill on a fresh kernel, and what may differ between two runs taken out of it."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from par_analysis.errors import CellFailed, ParError, RequestError
from par_analysis.run.kernel import ThisInterpreter, settings, stop_leftovers
from par_analysis.run.plan import Job
from par_analysis.run.text import visible, without_colours

_PREPARING: Final = frozenset({"execute", "inspection", "parameterize", "translators"})
"""The modules of papermill in which a warning is about the request."""


class _Strict(logging.Handler):
    """Raises papermill's warnings about parameters: it only logs them, and runs the notebook with its defaults."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING and record.module in _PREPARING:
            raise RequestError(f"papermill: {record.getMessage()}")


@contextmanager
def _strict_papermill() -> Iterator[None]:
    logger, handler = logging.getLogger("papermill"), _Strict()
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates


def load(job: Job) -> NotebookNode:
    """The job's notebook with positional cell ids and without outputs. Raises ``RequestError`` if it is not the one that was planned."""
    content = job.notebook.read_bytes()
    if hashlib.sha256(content).hexdigest() != job.sha256:
        raise RequestError(f"{job.notebook.name} was changed after the request was checked", hint="run the command again")
    cells = json.loads(content)
    number_cells(cells["cells"])
    try:
        notebook: NotebookNode = nbformat.reads(json.dumps(cells | {"nbformat_minor": 5}), as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise RequestError(f"{job.notebook.name} is not a valid notebook: {error}") from error
    return notebook


def number_cells(cells: list[Any]) -> None:
    """Give every cell its position as its id."""
    for number, cell in enumerate(cells, start=1):
        cell["id"] = f"cell-{number}"


def execute(job: Job) -> NotebookNode:
    """The executed notebook of a job, normalised. Raises ``CellFailed``."""
    notebook, position = load(job), _Position()
    with tempfile.TemporaryDirectory(prefix="par-", ignore_cleanup_errors=True) as scratch, _strict_papermill():
        try:
            done = _run(notebook, job, Path(scratch), position)
        except PapermillExecutionError as error:
            raise CellFailed(job.label, _number(notebook, error.cell_index), _readable(error.traceback, error)) from None
        except DeadKernelError as error:
            raise CellFailed(job.label, _number(notebook, position.index), f"the kernel died while the cell ran (out of memory?): {error}") from None
        except RuntimeError as error:
            if position.index is not None:
                raise
            raise ParError(f"{job.label}: no kernel could be started: {error}") from error
        finally:
            stop_leftovers()
    require_complete(done, notebook, job)
    return normalised(done)


class _Position:
    """Which cell is running: for a kernel that dies without a word."""

    index: int | None = None

    def __call__(self, *, cell_index: int, **_: object) -> None:
        self.index = cell_index


def _run(notebook: NotebookNode, job: Job, scratch: Path, position: _Position) -> NotebookNode:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(papermill|nbclient|jupyter_client|zmq|traitlets)\b")
        executed: NotebookNode = papermill.execute_notebook(
            notebook,
            None,
            parameters=dict(job.parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            kernel_manager_class=ThisInterpreter,
            config=settings(scratch, job.root),
            resources={"metadata": {"path": str(scratch)}},  # the kernel's working directory; ours stays where it is
            shutdown_kernel="immediate",
            coalesce_streams=True,
            record_timing=False,
            store_widget_state=False,
            on_cell_start=position,
        )
    return executed


def _number(notebook: NotebookNode, index: int | None) -> int:
    """The position, counted from 1 in the analyst's file, of a cell of the executed notebook, which has one cell more."""
    parameters = next(number for number, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    return 0 if index is None else index + 1 if index <= parameters else index


def _readable(traceback: list[str], error: PapermillExecutionError) -> str:
    lines = "\n".join(traceback) or f"{error.ename}: {error.evalue}"
    return visible(without_colours(lines), keep="\n\t").strip()


def require_complete(done: NotebookNode, notebook: NotebookNode, job: Job) -> None:
    """Every cell with code in it has run to its end: ``sys.exit()`` stops a notebook, and papermill calls that a success. Raises ``CellFailed``."""
    for index, cell in enumerate(done.cells):
        if cell.cell_type != "code" or not cell.source.strip() or "skip-execution" in cell.metadata.get("tags", []):
            continue
        if cell.execution_count is None or any(output.output_type == "error" for output in cell.outputs):
            raise CellFailed(job.label, _number(notebook, index), "the notebook ended here: sys.exit() is not for reports")


def normalised(done: NotebookNode) -> NotebookNode:
    """The notebook without clocks, paths and random ids: two runs of the same request give the same one.

    The cell that papermill puts in goes as well, so that a cell's number is its number in the analyst's file.
    """
    done.cells = [cell for cell in done.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    number_cells(done.cells)
    done.metadata.pop("papermill", None)
    done.metadata.pop("widgets", None)
    done.metadata["language_info"] = {"name": "python"}
    done.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    executed = 0
    for cell in done.cells:
        for name in ("papermill", "execution", "ExecuteTime"):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code" and cell.execution_count is not None:
            executed += 1
            cell.execution_count = executed
    return done
