"""Who makes the reports of a run: workers of this machine, this process alone, or a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from par_analysis.errors import RequestError
from par_analysis.run.batch import Batch, Event
from par_analysis.run.nursery import Started
from par_analysis.run.plan import Job
from par_analysis.run.process import has_fork
from par_analysis.run.settings import Settings

Makers = Callable[[Sequence[Job], Settings], Iterable[Event]]
"""Jobs and settings → what gives the events of their making when it is iterated."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def crew(settings: Settings, *, workers: int | None, retries: int, cluster: str | None, root: Path, started: Started | None = None) -> tuple[Makers, dict[str, Any]]:
    """Who makes the reports, and what is said of that in the run's record."""
    if cluster:
        from par_analysis.run import cluster as far

        return far.makers(cluster, root=root, retries=retries), {"cluster": cluster, "kernels": settings.kernels}
    if not has_fork() and settings.kernels != "cold":
        raise RequestError(f"--{settings.kernels} needs processes that can be forked, which this system has not", hint="leave it out")
    if not has_fork():
        return _alone, {"workers": 1, "kernels": "cold"}
    count = workers or cores()
    return lambda jobs, placed: Batch(jobs, placed, workers=count, retries=retries, started=started), {"workers": count, "kernels": settings.kernels}


def _alone(jobs: Sequence[Job], settings: Settings) -> Iterator[Event]:
    """One report after the other in this process: where no process can be forked."""
    from par_analysis.run import worker

    run = worker.executor(settings)
    for job in jobs:
        yield Event("begun", job)
        yield Event("ended", job, worker.attempt(job, settings, run))
