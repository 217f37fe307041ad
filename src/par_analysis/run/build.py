"""One job into a finished report: execute, add words of one's own, export, write, read back, put in place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, cast

from par_analysis.dataset.reads import states
from par_analysis.model import Language
from par_analysis.run import narratives, numbers, verify
from par_analysis.run.execute import Executed
from par_analysis.run.export import export
from par_analysis.run.manifest import manifest
from par_analysis.run.outcome import Made
from par_analysis.run.plan import MANIFEST, NUMBERS, Job
from par_analysis.run.publish import staged
from par_analysis.run.settings import Settings

Executor = Callable[[Job], Executed]
"""Runs a job's notebook."""


def build(job: Job, settings: Settings, execute: Executor) -> Made:
    """Make one report. Raises ``CellFailed``, ``RenderError`` or ``VerifyError``; then the folder is as it was before."""
    with staged(job.folder, job.out, settings.work) as folder:
        done = execute(job)
        read = {**done.reads, **narratives.add(done.notebook, job)}
        state, words = states(read)
        identity = verify.notebook_identity(done.notebook, job, state, words)
        rows = numbers.collect(done.notebook, settings.unit_names, cast(Language, job.lang), str(identity.get("index", "")))
        resources: dict[str, Any] = {"par_numbers": rows}
        pages = {job.file(kind): export(done.notebook, kind, resources) for kind in job.formats}
        files = {name: content for name, (content, _) in pages.items()} | {NUMBERS: numbers.write(rows)}
        files[MANIFEST] = manifest(job, identity, read, files)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        verify.require_finished(folder, job, state, rows, files)
    warnings = tuple(dict.fromkeys(warning for _, warnings in pages.values() for warning in warnings))
    return Made({name: hashlib.sha256(content).hexdigest() for name, content in files.items()}, read, warnings)
