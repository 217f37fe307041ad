"""A whole batch: jobs handed to workers, what failed by the machine's fault tried again, and every event told as it happens."""

from __future__ import annotations

import heapq
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final, Literal

from par_analysis.errors import ParError, TimedOut, WorkerDied
from par_analysis.run import process
from par_analysis.run.nursery import Nursery
from par_analysis.run.plan import Job
from par_analysis.run.publish import WORK
from par_analysis.run.settings import Settings
from par_analysis.run.worker import Outcome
from par_analysis.run.workspace import workspace

GRACE: Final = 20.0
"""Seconds beyond a report's time after which its worker is ended: before that it should have ended the report by itself."""
ROOM: Final = 256 * 2**20
"""Bytes that have to be free before another worker is started."""
BACKOFF: Final = 0.5
"""Seconds before the second attempt; twice as many before each further one."""


@dataclass(frozen=True)
class Event:
    """Something happened to a job: it was begun, is to be tried again, or has ended; ``outcome`` is there but at the beginning."""

    kind: Literal["begun", "again", "ended"]
    job: Job
    outcome: Outcome | None = None


@dataclass
class _Worker:
    number: int
    link: Connection
    job: Job | None = None
    since: float = 0.0
    is_overdue: bool = False


@contextmanager
def spaces(out: Path, settings: Settings) -> Iterator[Settings]:
    """The settings with a folder for what no one keeps and one for unfinished reports; both are gone afterwards, those of dead runs too."""
    existed = out.exists()
    try:
        (out / WORK).mkdir(parents=True, exist_ok=True)
        with workspace(Path(tempfile.gettempdir()), "par-run-") as scratch, workspace(out / WORK, "run-") as work:
            yield replace(settings, scratch=scratch, work=work)
    except PermissionError as error:
        raise ParError(f"{out} cannot be written to: {error.strerror or error}", hint="choose another --out") from error
    finally:
        for empty in [out / WORK] if existed else [out / WORK, out]:
            with suppress(OSError):
                empty.rmdir()


class Batch:
    """Jobs and those who make them. Iterating runs it; closing the iterator ends every process that was started."""

    def __init__(self, jobs: Sequence[Job], settings: Settings, *, workers: int, retries: int = 2) -> None:
        self.settings, self.most, self.retries = settings, max(1, min(workers, len(jobs))), retries
        self.pending = deque(jobs)
        self.later: list[tuple[float, int, Job]] = []
        self.attempts: dict[Job, int] = {}
        self.workers: list[_Worker] = []
        self.indices = tuple(dict.fromkeys(str(job.identity["index"]) for job in jobs))
        self.nursery: Nursery | None = None

    def __iter__(self) -> Iterator[Event]:
        try:
            while self.pending or self.later or any(worker.job for worker in self.workers):
                self._promote()
                self._staff()
                yield from self._assign()
                yield from self._collect()
        finally:
            self._end()

    def _promote(self) -> None:
        while self.later and self.later[0][0] <= time.monotonic():
            self.pending.append(heapq.heappop(self.later)[2])

    def _staff(self) -> None:
        """As many workers as there is work, cores and memory for; one at least."""
        wanted = min(self.most, len(self.pending) + sum(worker.job is not None for worker in self.workers))
        while len(self.workers) < wanted and (not self.workers or process.available_memory() > ROOM * (1 + len(self.workers) % 2)):
            self.workers.append(_Worker(*self._hire()))

    def _hire(self) -> tuple[int, Connection]:
        for attempt in range(3):
            self.nursery = self.nursery or Nursery(self.settings, self.indices)
            try:
                return self.nursery.worker()
            except WorkerDied:
                self.nursery.end()
                self.nursery = None
                time.sleep(BACKOFF * 2**attempt)
        raise WorkerDied("no worker can be started", hint="is there memory left? fewer --workers, or --cold")

    def _assign(self) -> Iterator[Event]:
        for worker in [worker for worker in self.workers if worker.job is None]:
            if not self.pending:
                return
            job = self.pending.popleft()
            self.attempts[job] = self.attempts.get(job, 0) + 1
            worker.job, worker.since = job, time.monotonic()
            with suppress(OSError):
                worker.link.send(job)
            yield Event("begun", job)

    def _collect(self) -> Iterator[Event]:
        """What has come in since the last time, and what is overdue."""
        soon = max(0.0, self.later[0][0] - time.monotonic()) if self.later else 1.0
        ready = wait([worker.link for worker in self.workers if worker.job], min(soon, 1.0))
        for worker in [worker for worker in self.workers if worker.link in ready]:
            try:
                outcome: Outcome = worker.link.recv()
            except (EOFError, OSError):
                outcome = self._lost(worker)
            worker.job = None
            yield self._judged(outcome)
        for worker in self.workers:
            if worker.job and time.monotonic() - worker.since > self.settings.report_timeout + GRACE:
                worker.is_overdue = True
                process.kill_group(worker.number)

    def _lost(self, worker: _Worker) -> Outcome:
        """The outcome of a job whose worker is gone."""
        self.workers.remove(worker)
        worker.link.close()
        process.kill_group(worker.number)
        assert worker.job is not None
        label, seconds = worker.job.label, time.monotonic() - worker.since
        if worker.is_overdue:
            return Outcome(worker.job, seconds, TimedOut(label, 0, f"the report took longer than {self.settings.report_timeout} s and was stopped"))
        return Outcome(worker.job, seconds, WorkerDied(f"{label}: the process that made the report died", hint="out of memory, or killed from outside"))

    def _judged(self, outcome: Outcome) -> Event:
        """Whether a job has ended, or is tried again after a while."""
        job, attempts = outcome.job, self.attempts[outcome.job]
        outcome = replace(outcome, attempts=attempts)
        if outcome.error is None or not outcome.error.is_passing or attempts > self.retries:
            return Event("ended", job, outcome)
        heapq.heappush(self.later, (time.monotonic() + BACKOFF * 2 ** (attempts - 1), id(job), job))
        return Event("again", job, outcome)

    def _end(self) -> None:
        for worker in self.workers:
            worker.link.close()
            process.kill_group(worker.number)
        if self.nursery:
            self.nursery.end()


def sweep(out: Path) -> int:
    """Remove what runs that died left in a folder; how many folders that were."""
    before = set((out / WORK).glob("*"))
    if not before:
        return 0
    with workspace(out / WORK, "run-"):
        after = set((out / WORK).glob("*"))
    with suppress(OSError):
        (out / WORK).rmdir()
    return len(before - after)
