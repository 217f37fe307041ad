"""A report that was made on another machine is compared with its hashes, with the job and with the data of this machine, and put in place like any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from par_analysis import catalog
from par_analysis.dataset import reads
from par_analysis.errors import VerifyError
from par_analysis.run import numbers, verify
from par_analysis.run.inputs import sha256
from par_analysis.run.manifest import manifest
from par_analysis.run.outcome import Made, Outcome
from par_analysis.run.plan import MANIFEST, NUMBERS, Job
from par_analysis.run.publish import staged
from par_analysis.run.settings import Settings
from par_analysis.run.worker import told
from par_analysis.run.workshop import Files, Parcel


def publish(job: Job, parcel: Parcel, settings: Settings) -> Outcome:
    """How a job has ended, after its report was put in place. What is wrong with the report is told in the outcome, and nothing changed."""
    outcome = replace(parcel.outcome, job=job)
    if outcome.error:
        return outcome
    placed = told(job, lambda: _publish(job, outcome.made, parcel.files, settings))
    return replace(outcome, error=placed.error, made=placed.made)


def _publish(job: Job, made: Made, files: Files, settings: Settings) -> Made:
    _require_whole(job, made, files)
    _require_same_data(job, made)
    with staged(job.folder, job.out, settings.work) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        verify.require_finished(folder, job, reads.states(made.reads)[0], numbers.read(files[NUMBERS]), files)
        _require_manifest(folder, job, made, files)
    return made


def _require_whole(job: Job, made: Made, files: Files) -> None:
    """All files of the report have come, and none else, as they were made. Raises ``VerifyError``."""
    expected = sorted([*map(job.file, job.formats), NUMBERS, MANIFEST])
    for met in (sorted(files), sorted(made.files)):
        if met != expected:
            raise VerifyError(str(job.folder), met, expected)
    for name, content in files.items():
        if sha256(content) != made.files[name]:
            raise VerifyError(name, sha256(content), made.files[name])


def _require_same_data(job: Job, made: Made) -> None:
    """What the notebook read there is what it would have read here. Raises ``VerifyError``."""
    known = catalog.load(job.root)
    for name, met in made.reads.items():
        expected = reads.fingerprint(name, known)
        if met != expected:
            error = VerifyError(f"{job.label}: {name}", met or "nothing", expected or "nothing")
            error.hint = "what a notebook opens by itself is sent to a cluster only where it lies in data/raw, data/reference, data/claims or data/narrative"
            raise error


def _require_manifest(folder: Path, job: Job, made: Made, files: Files) -> None:
    """The manifest is the one that this machine would have written for these files. Raises ``VerifyError``."""
    from par_analysis.render.readback import read_identity

    identity = read_identity(folder / job.file(job.formats[0]))
    expected = manifest(job, identity, made.reads, {name: content for name, content in files.items() if name != MANIFEST})
    if files[MANIFEST] != expected:
        raise VerifyError(MANIFEST, files[MANIFEST].decode(errors="replace"), expected.decode())
