"""A whole batch: jobs handed to workers, what failed by the machine's fault tried again, and every event told as it happens."""

from __future__ import annotations

import heapq
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final, Literal

from par_analysis.errors import ParError, WorkerDied
from par_analysis.run import process
from par_analysis.run.hired import Hired
from par_analysis.run.nursery import Nursery, Started
from par_analysis.run.outcome import Outcome
from par_analysis.run.plan import Job
from par_analysis.run.publish import WORK, restore
from par_analysis.run.settings import Settings
from par_analysis.run.workspace import workspace

ROOM: Final = 512 * 2**20
"""Bytes that a worker with its fork takes; they have to be free before another one is started."""
BACKOFF: Final = 0.5
"""Seconds before the second attempt; twice as many before each further one, and never more than ``LONGEST``."""
LONGEST: Final = 8.0
PATIENCE: Final = 4
"""So many times more often than others are reports tried again whose processes were killed."""


@dataclass(frozen=True)
class Event:
    """Something happened to a job: it was begun, is to be tried again, or has ended; ``outcome`` is there but at the beginning."""

    kind: Literal["begun", "again", "ended"]
    job: Job
    outcome: Outcome | None = None


class Waiting:
    """Jobs that are to be made, those to be tried again after a while, and how often each was tried."""

    def __init__(self, jobs: Sequence[Job], retries: int) -> None:
        self.pending, self.retries = deque(jobs), retries
        self.later: list[tuple[float, int, Job]] = []
        self.attempts: dict[Job, int] = {}

    def __len__(self) -> int:
        return len(self.pending) + len(self.later)

    @property
    def soon(self) -> float:
        """Seconds until the next one is to be tried again; a second at most."""
        return min(1.0, max(0.0, self.later[0][0] - time.monotonic())) if self.later else 1.0

    def promote(self) -> int:
        """How many can be made now."""
        while self.later and self.later[0][0] <= time.monotonic():
            self.pending.append(heapq.heappop(self.later)[2])
        return len(self.pending)

    def begun(self, job: Job) -> Event:
        """A job is being made, once more."""
        self.attempts[job] = self.attempts.get(job, 0) + 1
        return Event("begun", job)

    def judged(self, outcome: Outcome, *, is_begun_again: bool = False) -> Event:
        """Whether a job has ended, or is tried again: after a while, if it is not so already."""
        job, attempts = outcome.job, self.attempts[outcome.job]
        outcome = replace(outcome, attempts=attempts)
        if outcome.error is None or not outcome.error.is_passing or attempts > self.retries * (PATIENCE if outcome.error.was_killed else 1):
            return Event("ended", job, outcome)
        if not is_begun_again:
            heapq.heappush(self.later, (time.monotonic() + min(LONGEST, BACKOFF * 2 ** (attempts - 1)), id(job), job))
        return Event("again", job, outcome)


@contextmanager
def spaces(out: Path, settings: Settings) -> Iterator[Settings]:
    """The settings with a folder for what no one keeps and one for unfinished reports; both are gone afterwards, those of dead runs too."""
    existed = out.exists()
    try:
        (out / WORK).mkdir(parents=True, exist_ok=True)
        with workspace(Path(tempfile.gettempdir()), "par-run-") as scratch, workspace(out / WORK, "run-", rescue=restore) as work:
            yield replace(settings, scratch=scratch, work=work)
    except OSError as error:
        if not isinstance(error, PermissionError) and not str(error.filename or "").startswith(str(out)):
            raise
        raise ParError(f"{out} cannot be written to: {error.strerror or error}", hint="choose another --out") from error
    finally:
        for empty in [out / WORK] if existed else [out / WORK, out]:
            with suppress(OSError):
                empty.rmdir()


def subjects(jobs: Iterable[Job]) -> dict[str, list[int]]:
    """Index → years of some jobs."""
    found: dict[str, dict[int, None]] = {}
    for job in jobs:
        years = found.setdefault(str(job.identity["index"]), {})
        years |= {int(job.identity["year"]): None} if "year" in job.identity else {}
    return {index: list(years) for index, years in found.items()}


class Batch:
    """Jobs and those who make them. Iterating runs it; closing the iterator ends every process that was started."""

    def __init__(self, jobs: Sequence[Job], settings: Settings, *, workers: int, retries: int = 2, started: Started | None = None) -> None:
        self.settings, self.most, self.waiting = settings, max(1, min(workers, len(jobs))), Waiting(jobs, retries)
        self.workers: list[Hired] = []
        self.subjects = subjects(jobs)
        self.nursery = Nursery(settings, self.subjects, jobs=jobs, started=started) if started else None

    def __iter__(self) -> Iterator[Event]:
        try:
            while self.waiting or any(worker.job for worker in self.workers):
                self._staff(self.waiting.promote())
                yield from self._assign()
                yield from self._collect()
        finally:
            self._end()

    def _staff(self, pending: int) -> None:
        """As many workers as there is work, cores and memory for; one at least."""
        wanted = min(self.most, pending + sum(worker.job is not None for worker in self.workers))
        while len(self.workers) < wanted and (not self.workers or self._has_room()):
            self.workers.append(self._hire())

    def _has_room(self) -> bool:
        """Whether another worker fits beside those whose memory is not all taken yet."""
        return process.available_memory() > ROOM * (1 + sum(not worker.is_proven for worker in self.workers))

    def _hire(self) -> Hired:
        for attempt in range(3):
            self.nursery = self.nursery or Nursery(self.settings, self.subjects, jobs=self.waiting.pending)
            try:
                return Hired(*self.nursery.worker(), self.settings.report_timeout)
            except WorkerDied:
                self.nursery.end()
                self.nursery = None
                time.sleep(BACKOFF * 2**attempt)
        raise WorkerDied("no worker can be started", hint="is there memory left? try fewer --workers")

    def _assign(self) -> Iterator[Event]:
        for worker in [worker for worker in self.workers if worker.job is None]:
            if not self.waiting.pending:
                return
            job = self.waiting.pending.popleft()
            worker.give(job)
            yield self.waiting.begun(job)

    def _collect(self) -> Iterator[Event]:
        """What has come in since the last time, and what is overdue."""
        ready = wait([worker.link for worker in self.workers if worker.job], self.waiting.soon)
        for worker in [worker for worker in self.workers if worker.link in ready]:
            event = self.waiting.judged(worker.take())
            if worker.is_gone:
                self.workers.remove(worker)
            yield event
        for worker in self.workers:
            worker.watch()

    def _end(self) -> None:
        for worker in self.workers:
            worker.end()
        if self.nursery:
            self.nursery.end()


def sweep(out: Path) -> int:
    """Remove what runs that died left in a folder; how many folders that were."""
    before = set((out / WORK).glob("*"))
    if not before:
        return 0
    with workspace(out / WORK, "run-", rescue=restore):
        after = set((out / WORK).glob("*"))
    with suppress(OSError):
        (out / WORK).rmdir()
    return len(before - after)
