"""A worker: takes one job after the other from the batch, has its notebook run in a fork, and makes the finished report of it."""

from __future__ import annotations

import os
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from par_analysis.dataset.watch import FILE
from par_analysis.errors import ParError, ProgramError
from par_analysis.run import build, execute, forker, process
from par_analysis.run.outcome import Made, Outcome
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings


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
    run = _executor(settings)
    return partial(_named_as_there, run=run, stands_for=settings.stands_for) if settings.stands_for else run


def _named_as_there(job: Job, *, run: build.Executor, stands_for: Mapping[str, str]) -> execute.Executed:
    """What was run, with the files that the notebook opened by itself called what they are called where the report is asked for."""
    done = run(job)
    return execute.Executed(done.notebook, {_renamed(name, stands_for): fingerprint for name, fingerprint in done.reads.items()})


def _renamed(name: str, stands_for: Mapping[str, str]) -> str:
    """The name of a slice, where it is that of a file below a folder that stands for another.

    >>> _renamed("file:/here/data/a.csv", {"/here": "/there"}), _renamed("file:/hereafter", {"/here": "/there"}), _renamed("years/papi", {"/here": "/there"})
    ('file:/there/data/a.csv', 'file:/hereafter', 'years/papi')
    """
    for here, there in stands_for.items():
        if name.startswith(f"{FILE}{here}/"):
            return FILE + there + name.removeprefix(FILE + here)
    return name


def _executor(settings: Settings) -> build.Executor:
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
    return told(job, lambda: build.build(job, settings, run))


def told(job: Job, make: Callable[[], Made]) -> Outcome:
    """How the making of a report ends."""
    began = time.monotonic()
    try:
        made = make()
    except ParError as error:
        return Outcome(job, time.monotonic() - began, error)
    except OSError as error:
        return Outcome(job, time.monotonic() - began, process.disk_failure(job.label, error) or ProgramError(job.label, traceback.format_exc()))
    except Exception:
        return Outcome(job, time.monotonic() - began, ProgramError(job.label, traceback.format_exc()))
    return Outcome(job, time.monotonic() - began, made=made)
