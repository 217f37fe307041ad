"""A worker: takes one job after the other from the batch, has its notebook run in a fork, and makes the finished report of it."""

from __future__ import annotations

import errno
import os
import signal
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from par_analysis.errors import DiskFailed, ParError, ProgramError
from par_analysis.run import build, execute, forker, process
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENOMEM})


@dataclass(frozen=True)
class Outcome:
    """How a job ended: ``error`` is ``None`` where its report is in place; ``warnings`` say what is not on its pages."""

    job: Job
    seconds: float
    error: ParError | None = None
    made: build.Made = field(default_factory=build.Made)
    attempts: int = 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the exporters warn of."""
        return self.made.warnings


def serve(link: Connection, settings: Settings) -> None:
    """Work off jobs until the other end of the link closes."""
    os.setpgid(0, 0)
    process.die_with_parent(os.getppid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    run = executor(settings)
    while True:
        try:
            job = link.recv()
        except (EOFError, OSError):
            return
        link.send(attempt(job, settings, run))


def executor(settings: Settings) -> build.Executor:
    """What runs a notebook under these settings."""
    if settings.kernels == "cold":
        return partial(execute.execute, settings=settings)
    if settings.kernels == "forked":
        from par_analysis.run import provisioner

        return partial(provisioner.execute, settings=settings, forks=forker.Forker())
    return partial(_in_a_fork, settings=settings, forks=forker.Forker())


def _in_a_fork(job: Job, *, settings: Settings, forks: forker.Forker) -> execute.Executed:
    with tempfile.TemporaryDirectory(prefix="par-", ignore_cleanup_errors=True, dir=settings.scratch) as scratch:
        return forker.execute(job, settings, forks, Path(scratch))


def attempt(job: Job, settings: Settings, run: build.Executor) -> Outcome:
    """Make one report. What goes wrong is told in the outcome: an error of this program itself, too."""
    began = time.monotonic()
    try:
        made = build.build(job, settings, run)
    except ParError as error:
        return Outcome(job, time.monotonic() - began, error)
    except OSError as error:
        known = DiskFailed(f"{job.label}: {error.strerror or error}", hint="is the disk full, or the folder read-only?") if error.errno in FULL else None
        return Outcome(job, time.monotonic() - began, known or ProgramError(job.label, traceback.format_exc()))
    except Exception:
        return Outcome(job, time.monotonic() - began, ProgramError(job.label, traceback.format_exc()))
    return Outcome(job, time.monotonic() - began, made=made)
