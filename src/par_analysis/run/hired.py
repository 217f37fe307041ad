"""A worker as those who hire it see it: a process, the link to it, and the job that it was given."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from par_analysis.errors import TimedOut, WorkerDied
from par_analysis.run import process
from par_analysis.run.outcome import Outcome
from par_analysis.run.plan import Job

GRACE: Final = 20.0
"""Seconds beyond a report's time after which its worker is ended: before that it should have ended the report by itself."""


@dataclass(eq=False)
class Hired:
    """``number`` is that of its process; ``limit`` the seconds that a report may take; ``is_proven`` once it has made one."""

    number: int
    link: Connection
    limit: int
    job: Job | None = None
    since: float = 0.0
    is_overdue: bool = False
    is_gone: bool = False
    is_proven: bool = False

    def give(self, job: Job) -> None:
        """Have a report made; a worker that is gone is met when its outcome is taken."""
        self.job, self.since = job, time.monotonic()
        with suppress(OSError):
            self.link.send(job)

    def take(self) -> Outcome:
        """What came of the job, once the link has something to say: the worker's own words, or that it is gone."""
        assert self.job is not None
        try:
            outcome: Outcome = self.link.recv()
        except (EOFError, OSError):
            outcome = self._lost(self.job)
        if isinstance(outcome.error, WorkerDied):
            self.end()  # what it forks from is gone: it would fail every job from now on
        self.job, self.is_proven = None, True
        return outcome

    def watch(self) -> None:
        """End a worker that should have ended its report long ago."""
        if self.job and time.monotonic() - self.since > self.limit + GRACE:
            self.is_overdue = True
            process.kill_group(self.number)

    def end(self) -> None:
        """End it, and all that it started."""
        self.is_gone = True
        self.link.close()
        process.kill_group(self.number)

    def _lost(self, job: Job) -> Outcome:
        self.end()
        seconds = time.monotonic() - self.since
        if self.is_overdue:
            return Outcome(job, seconds, TimedOut(job.label, 0, f"the report took longer than {self.limit} s and was stopped"))
        return Outcome(job, seconds, WorkerDied(f"{job.label}: the process that made the report died", hint="out of memory, or killed from outside"))
