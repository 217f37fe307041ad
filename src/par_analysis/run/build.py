"""Jobs into finished reports: execute, export, write, read back, put in place; one failure does not stop the rest."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from par_analysis.errors import ParError
from par_analysis.model import Language
from par_analysis.run import numbers, verify
from par_analysis.run.execute import execute
from par_analysis.run.export import export
from par_analysis.run.manifest import manifest
from par_analysis.run.plan import MANIFEST, NUMBERS, Job
from par_analysis.run.publish import staged

UnitNames = Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True)
class Outcome:
    """How a job ended: ``error`` is ``None`` where its report is in place; ``warnings`` say what is not on its pages."""

    job: Job
    seconds: float
    error: ParError | None = None
    warnings: tuple[str, ...] = ()


def build(job: Job, unit_names: UnitNames) -> tuple[str, ...]:
    """Make one report; returns the exporters' warnings. Raises ``CellFailed``, ``RenderError`` or ``VerifyError``; then the folder is as it was before."""
    with staged(job.folder, job.out) as folder:
        notebook = execute(job)
        identity = verify.notebook_identity(notebook, job)
        rows = numbers.collect(notebook, unit_names, cast(Language, job.lang), str(identity.get("index", "")))
        pages = {job.file(kind): export(notebook, kind) for kind in job.formats}
        files = {name: content for name, (content, _) in pages.items()} | {NUMBERS: numbers.write(rows)}
        files[MANIFEST] = manifest(job, identity, files)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        verify.require_finished(folder, job, rows, files)
    return tuple(dict.fromkeys(warning for _, warnings in pages.values() for warning in warnings))


def build_all(jobs: Iterable[Job], unit_names: UnitNames) -> Iterator[Outcome]:
    """Make one report after the other. A report that fails is an outcome; an error of this program itself is raised."""
    for job in jobs:
        started = time.monotonic()
        try:
            warnings = build(job, unit_names)
        except ParError as error:
            yield Outcome(job, time.monotonic() - started, error)
        else:
            yield Outcome(job, time.monotonic() - started, warnings=warnings)


def grouped(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Failures by what went wrong: the last line of their message, where a traceback names its exception."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.error:
            groups.setdefault(_gist(outcome.error), []).append(outcome)
    return groups


def _gist(error: ParError) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__
