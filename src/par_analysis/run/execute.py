"""One job's notebook, run by papermill, and what may differ between two runs taken out of it."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import nbformat
import papermill
from jupyter_client.manager import KernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors
from traitlets.config import Config

from par_analysis.dataset import reads
from par_analysis.errors import CellFailed, KernelDied, OutOfMemory, RequestError, TimedOut
from par_analysis.run.kernel import READS, ThisInterpreter, cold_settings, stop_leftovers
from par_analysis.run.memory import OUTPUT_LIMIT
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings
from par_analysis.run.text import visible, without_colours

_PREPARING: Final = frozenset({"execute", "inspection", "parameterize", "translators"})
"""The modules of papermill in which a warning is about the request."""


TOO_MUCH: Final = f"the cell put out more than {OUTPUT_LIMIT // 2**20} MB, which no report can hold"
DIED: Final = "the kernel died while the cell ran: out of memory, killed, or ended by the cell itself"


@dataclass(frozen=True)
class Executed:
    """A notebook that has run, and what it read: slice → fingerprint."""

    notebook: NotebookNode
    reads: Mapping[str, str]


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


def execute(job: Job, settings: Settings) -> Executed:
    """The executed notebook of a job, on a kernel started from nothing. Raises ``CellFailed``."""
    with tempfile.TemporaryDirectory(prefix="par-", ignore_cleanup_errors=True, dir=settings.scratch) as scratch:
        try:
            notebook = run_papermill(job, Path(scratch), settings, ThisInterpreter, cold_settings(Path(scratch), job.root, settings))
        finally:
            stop_leftovers()
        return Executed(notebook, reads.recorded(Path(scratch) / READS, is_begun=True))


def run_papermill(job: Job, scratch: Path, settings: Settings, manager: type[KernelManager], config: Config | None = None) -> NotebookNode:
    """The notebook of a job, run by papermill on the kernel that a manager gives, normalised. Raises ``CellFailed``."""
    notebook = load(job)
    with _strict_papermill(), closing(Position(scratch)) as position:
        try:
            done = _run(notebook, job, scratch, position, {"kernel_manager_class": manager, "config": config, "execution_timeout": settings.cell_timeout})
        except PapermillExecutionError as error:
            raise _cell_failed(job, notebook, error) from None
        except CellTimeoutError:
            raise TimedOut(job.label, cell_number(notebook, position.index), too_slow("cell", settings.cell_timeout)) from None
        except DeadKernelError:
            if LimitedClient.has_stopped:
                raise CellFailed(job.label, cell_number(notebook, position.index), TOO_MUCH) from None
            raise KernelDied(job.label, cell_number(notebook, position.index), DIED) from None
        except RuntimeError as error:
            if position.index is not None:
                raise
            raise KernelDied(job.label, 0, f"no kernel could be started: {error}") from error
    require_complete(done, notebook, job)
    return normalised(done)


def _cell_failed(job: Job, notebook: NotebookNode, error: PapermillExecutionError) -> CellFailed:
    cell = cell_number(notebook, error.cell_index)
    is_drowned = error.ename == "CellExecutionError" and not error.traceback  # its error was not reached among what it put out
    if error.ename == "TooMuchOutput" or LimitedClient.has_stopped or is_drowned:
        return CellFailed(job.label, cell, TOO_MUCH)
    return (OutOfMemory if error.ename == "MemoryError" else CellFailed)(job.label, cell, _readable(error.traceback, error))


def too_slow(what: str, seconds: int) -> str:
    """What is said of a cell or a report that was stopped."""
    return f"the {what} took longer than {seconds} s and was stopped"


class Position:
    """Which cell is running, also in a file: for a kernel that dies without a word."""

    FILE: Final = "position"

    def __init__(self, scratch: Path) -> None:
        self.index: int | None = None
        self.file = (scratch / self.FILE).open("wb", buffering=0)

    def __call__(self, *, cell_index: int, **_: object) -> None:
        self.index = cell_index
        self.file.seek(0)
        self.file.write(b"%6d" % cell_index)

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    @classmethod
    def read(cls, scratch: Path) -> int | None:
        """The cell that was last begun, if any was."""
        try:
            return int((scratch / cls.FILE).read_text())
        except (OSError, ValueError):
            return None


class LimitedClient(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client, which ends a kernel that puts out more than a report can hold."""

    has_stopped: ClassVar[bool] = False
    received = 0

    def process_message(self, msg: dict[str, Any], *arguments: Any) -> Any:
        """Count what comes in; messages of a kernel that is ended already go unread."""
        self.received += sum(len(str(part)) for part in (msg["content"].get("text", ""), *msg["content"].get("data", {}).values()))
        if self.received > OUTPUT_LIMIT:
            is_first, LimitedClient.has_stopped = not LimitedClient.has_stopped, True
            if self.km.provisioner is None:
                raise DeadKernelError("Kernel died")  # it is this process: nothing is to be ended
            if is_first:
                self.km.provisioner.process.kill()
            return None
        return super().process_message(msg, *arguments)


class LimitedEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's own engine with that client."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, execution_timeout: int, start_timeout: int = 60, log_output: bool = False, **options: Any) -> Any:
        """Run the notebook."""
        LimitedClient.has_stopped = False
        times = {"timeout": execution_timeout, "startup_timeout": start_timeout}
        others = {name: value for name, value in options.items() if name != "input_path"}
        return LimitedClient(nb_man, kernel_name=kernel_name, log=logging.getLogger("papermill"), log_output=log_output, **times, **others).execute()


papermill_engines.register("par", LimitedEngine)


def _run(notebook: NotebookNode, job: Job, scratch: Path, position: Position, options: Mapping[str, Any]) -> NotebookNode:
    """Papermill's own steps one by one: all at once it would also write the finished notebook out, for nobody."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(papermill|nbclient|jupyter_client|zmq|traitlets)\b")
        here: dict[str, Any] = {"kernel_name": "python3", "progress_bar": False}
        prepared = papermill.execute_notebook(notebook, None, parameters=dict(job.parameters), language="python", prepare_only=True, **here)
        executed: NotebookNode = papermill_engines.execute_notebook_with_engine(
            "par",
            prepared,
            resources={"metadata": {"path": str(scratch)}},  # the kernel's working directory; ours stays where it is
            shutdown_kernel="immediate",
            coalesce_streams=True,
            record_timing=False,
            store_widget_state=False,
            on_cell_start=position,
            **here,
            **options,
        )
        raise_for_execution_errors(executed, None)
    return executed


def cell_number(notebook: NotebookNode, index: int | None) -> int:
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
            raise CellFailed(job.label, cell_number(notebook, index), "the notebook ended here: sys.exit() is not for reports")


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
