"""The process that forks: warm, without a thread, and silent, so that every fork of it starts from the same clean state.

A worker asks its forker for one fork at a time and hears how it ended. A fork runs one notebook, leaves the executed notebook or its error in
the report's private folder, and is ended with everything that it started.
"""

from __future__ import annotations

import json
import multiprocessing as mp
import os
import pickle
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

import nbformat

from par_analysis.dataset import reads
from par_analysis.errors import CellFailed, KernelDied, KernelKilled, OutOfMemory, ParError, ProgramError, TimedOut, WorkerDied
from par_analysis.run import process
from par_analysis.run.execute import DIED, Executed, Position, cell_number, load, run_papermill, too_slow
from par_analysis.run.kernel import READS, environment
from par_analysis.run.memory import MemoryKernelManager
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings

DONE: Final = "executed.json"
FAILED: Final = "failed"
_TICK: Final = 0.2
"""Seconds between two looks at a running notebook."""


class Forker:
    """A worker's hold on its forker. Raises ``WorkerDied`` where that has ended."""

    def __init__(self) -> None:
        fork = mp.get_context("fork")
        self.link, theirs = fork.Pipe()
        self.process = fork.Process(target=_serve, args=(theirs, self.link, os.getpid()), daemon=False)
        self.process.start()
        theirs.close()

    def fork(self, begin: Callable[..., None], *arguments: Any) -> int:
        """Begin a fork; its process number."""
        return int(self._ask(("fork", begin, arguments)))

    def ended(self, timeout: float) -> int | None:
        """How the fork ended, or ``None`` if it still runs after so many seconds."""
        try:
            return int(self.link.recv()) if self.link.poll(timeout) else None
        except (EOFError, OSError) as error:
            raise WorkerDied("the process that forks kernels has ended") from error

    def _ask(self, question: object) -> Any:
        try:
            self.link.send(question)
            return self.link.recv()
        except (EOFError, OSError) as error:
            raise WorkerDied("the process that forks kernels has ended") from error


def _serve(link: Connection, workers_end: Connection, worker: int) -> None:
    workers_end.close()
    process.die_with_parent(worker)
    process.adopt_orphans()
    fork = mp.get_context("fork")
    with suppress(EOFError, OSError):
        while True:
            _, begin, arguments = link.recv()
            child = fork.Process(target=_begin, args=(link, os.getpid(), begin, arguments))
            child.start()
            link.send(child.pid)
            while child.is_alive():
                if link in wait([link, child.sentinel]) and child.is_alive():
                    link.recv()  # nobody speaks while a fork runs: the worker has ended
            child.join()
            process.kill_group(child.pid or 0)
            process.end_children()
            link.send(child.exitcode)


def _begin(link: Connection, forker: int, begin: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    os.setpgid(0, 0)
    process.die_with_parent(forker)
    link.close()
    begin(*arguments)


def execute(job: Job, settings: Settings, forker: Forker, scratch: Path) -> Executed:
    """The executed notebook of a job, run in a fork. Raises ``CellFailed``."""
    child = forker.fork(_run, job, settings, scratch)
    try:
        code = _watched(child, job, settings, forker, scratch)
    finally:
        process.kill_group(child)
    if (scratch / FAILED).exists():
        raise _failure(scratch / FAILED)
    if code != 0 or not (scratch / DONE).exists():
        raise (KernelKilled if code < 0 else KernelDied)(job.label, _cell(job, scratch), DIED)
    notebook = nbformat.from_dict(json.loads((scratch / DONE).read_bytes()))  # type: ignore[no-untyped-call]
    return Executed(notebook, reads.recorded(scratch / READS, is_begun=True))


def _cell(job: Job, scratch: Path) -> int:
    return cell_number(load(job), Position.read(scratch))


def _failure(path: Path) -> ParError:
    failure: ParError = pickle.loads(path.read_bytes())
    return failure


def _watched(child: int, job: Job, settings: Settings, forker: Forker, scratch: Path) -> int:
    """Wait for a fork, within the limits of time and memory; what it ended with. Raises ``TimedOut`` and ``OutOfMemory``."""
    began = cell_began = time.monotonic()
    position = None
    while (code := forker.ended(_TICK)) is None:
        now, met = time.monotonic(), Position.read(scratch)
        position, cell_began = (position, cell_began) if met == position else (met, now)
        failure = _beyond(child, settings, now - began, now - cell_began)
        if failure:
            process.kill_group(child)
            forker.ended(10)
            raise failure[0](job.label, _cell(job, scratch), failure[1])
    return code


def _beyond(child: int, settings: Settings, report: float, cell: float) -> tuple[type[CellFailed], str] | None:
    if report > settings.report_timeout:
        return TimedOut, too_slow("report", settings.report_timeout)
    if cell > settings.cell_timeout:
        return TimedOut, too_slow("cell", settings.cell_timeout)
    if settings.memory and report > 1 and process.resident(child) > settings.memory + 2**29:
        return OutOfMemory, f"the report took more than {settings.memory / 2**30:.1f} GB of memory and was stopped"
    return None


def _run(job: Job, settings: Settings, scratch: Path) -> None:
    """In the fork: become the kernel, run the notebook, leave what came of it."""
    settle(scratch, settings.memory)
    os.environ.update(environment(scratch, job.root))
    try:
        notebook = run_papermill(job, scratch, settings, MemoryKernelManager)
        _put(scratch / DONE, json.dumps(notebook).encode())
    except ParError as error:
        _put(scratch / FAILED, pickle.dumps(error))
    except OSError as error:
        _put(scratch / FAILED, pickle.dumps(process.disk_failure(job.label, error) or ProgramError(job.label, traceback.format_exc())))
    except Exception:
        _put(scratch / FAILED, pickle.dumps(ProgramError(job.label, traceback.format_exc())))
    os._exit(0)


def _put(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + "~")
    beside.write_bytes(content)
    beside.rename(path)


def settle(folder: Path, memory: int) -> None:
    """Begin a fork's life: in its folder, with nothing to read from, within its memory."""
    os.chdir(folder)
    (folder / "matplotlibrc").touch()  # found before the user's own
    mp.set_start_method(None, force=True)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    process.limit_memory(memory)
