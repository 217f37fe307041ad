"""The local workers of a process that other machines send jobs to: as many as it has threads, warm, and ended with the run that they work for.

The process itself has threads and is never forked: a nursery of its own interpreter is started, and forks the workers. A thread hands a job to one
of them and waits, so that a report is made by the very code that makes it on the machine that asks for it.
"""

from __future__ import annotations

import atexit
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from par_analysis.errors import WorkerDied
from par_analysis.run import inputs, process
from par_analysis.run.batch import spaces
from par_analysis.run.hired import Hired
from par_analysis.run.nursery import Nursery, Subjects
from par_analysis.run.outcome import Outcome
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings

IDLE: Final = 60.0
"""Seconds after which a workshop that nobody uses makes room for another: its run has ended without a word."""

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Parcel:
    """How a job ended, and the files of its report."""

    outcome: Outcome
    files: Files = field(default_factory=dict)


class Workshop:
    """The workers of one run. ``folder`` is where they build, ``together`` where the run's inputs lie."""

    def __init__(self, settings: Settings, subjects: Subjects, folder: Path, together: Path) -> None:
        self.subjects, self.root, self.cache = subjects, together / inputs.ROOT, together / inputs.CACHE
        self.kept = ExitStack()
        self.out = folder
        self.settings = self.kept.enter_context(spaces(folder, settings))
        self.keeper = ThreadPoolExecutor(1, "par-nursery")  # the nursery ends with the thread that made it
        self.nursery: Nursery | None = None
        self.hired: list[Hired] = []
        self.idle: list[Hired] = []
        self.since, self.is_ended = time.monotonic(), False

    def make(self, job: Job) -> Parcel:
        """Have a report made, and take it. A job names its notebook and folders within those of the run."""
        try:
            worker = self._at_hand() or self.keeper.submit(self._hire).result()
        except (WorkerDied, RuntimeError) as error:
            return Parcel(Outcome(job, 0.0, WorkerDied(f"{job.label}: no worker can be started: {error}")))
        with tempfile.TemporaryDirectory(prefix="made-", dir=self.out, ignore_cleanup_errors=True) as out:
            placed = replace(job, root=self.root, notebook=self.root / job.notebook, out=Path(out), folder=Path(out) / job.folder)
            outcome = self._made(worker, placed)
            files = {path.name: path.read_bytes() for path in placed.folder.iterdir()} if outcome.error is None else {}
        return Parcel(replace(outcome, job=job), files)

    def _at_hand(self) -> Hired | None:
        with suppress(IndexError):
            return self.idle.pop()
        return None

    def _made(self, worker: Hired, job: Job) -> Outcome:
        worker.give(job)
        while not worker.link.poll(1.0):
            worker.watch()
        outcome = worker.take()
        self.since = time.monotonic()
        (self.hired.remove if worker.is_gone else self.idle.append)(worker)
        return outcome

    def _hire(self) -> Hired:
        places = {"PAR_ROOT": str(self.root), "PAR_CACHE": str(self.cache)}
        self.nursery = self.nursery or Nursery(self.settings, self.subjects, places=places)
        try:
            self._require_open()
            self.hired.append(Hired(*self.nursery.worker(), self.settings.report_timeout))
            self._require_open()
        except WorkerDied:
            self.nursery.end()
            self.nursery = None
            raise
        return self.hired[-1]

    def _require_open(self) -> None:
        """The run goes on: asked after something was started, since what is started later its end does not see. Raises ``WorkerDied``."""
        if self.is_ended:
            raise WorkerDied("the run has ended")

    @property
    def is_forgotten(self) -> bool:
        """Whether nobody has used it for a while."""
        return len(self.idle) == len(self.hired) and time.monotonic() - self.since > IDLE

    def end(self) -> None:
        """End all that was started; those who wait for a report hear that its worker has died."""
        self.is_ended = True
        for worker in list(self.hired):
            process.kill_group(worker.number)  # the link is closed by the thread that listens to it
        if self.nursery:
            self.nursery.stop()
        self.keeper.shutdown(wait=False)
        self.kept.close()


_open: dict[str, Workshop] = {}
_ended: set[str] = set()
_lock = threading.Lock()


def workshop(run: str, settings: Settings, subjects: Subjects, folder: Path, together: Path) -> Workshop:
    """The workshop of a run; opened where there is none yet. Raises ``WorkerDied`` for a run that has ended."""
    with _lock:
        if run in _ended:
            raise WorkerDied("the run has ended")
        for other in [other for other in _open if other != run and _open[other].is_forgotten]:
            _open.pop(other).end()
        if run not in _open:
            _open[run] = Workshop(settings, subjects, folder / run, together)
        return _open[run]


def close(run: str) -> None:
    """End the workshop of a run, whatever it is doing."""
    with _lock:
        _ended.add(run)
        found = _open.pop(run, None)
    if found:
        found.end()


@atexit.register
def _close_all() -> None:
    for run in list(_open):
        close(run)
