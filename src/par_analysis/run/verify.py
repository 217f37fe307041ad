"""A finished report is read back and compared with what was asked for, before it takes the place of the last good one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from nbformat import NotebookNode

from par_analysis.errors import VerifyError
from par_analysis.model import Language
from par_analysis.run import numbers
from par_analysis.run.contract import IDENTITY
from par_analysis.run.plan import NUMBERS, Job


def require_identity(file: str, met: Mapping[str, Any], job: Job) -> None:
    """What a file says that it is, is what was asked for.

    The report, index, unit, year and language have to be there, and no year where the report is about all of them; other parameters
    and the state of the data are compared where the file names them. Raises ``VerifyError``.
    """
    for name in ("report", *IDENTITY):
        said, asked = (str(identity.get(name, "missing")) for identity in (met, job.identity))
        if said != asked:
            raise VerifyError(file, f"{name} {said}", f"{name} {asked}")
    for name, expected in {**dict(job.parameters), "data": job.data_hash}.items():
        if name in met and str(met[name]) != str(expected):
            raise VerifyError(file, f"{name} {met[name]}", f"{name} {expected}")


def notebook_identity(notebook: NotebookNode, job: Job) -> dict[str, Any]:
    """The identity on the notebook's one cover, compared with the job. Raises ``VerifyError``."""
    lang = cast(Language, job.lang)
    covers = [block for _, _, payload in numbers.payloads(notebook, lang) for block in payload["blocks"] if block["kind"] == "cover"]
    if len(covers) != 1:
        raise VerifyError(job.notebook.name, f"{len(covers)} covers", "one cover, whose identity says what the page is")
    identity = dict(covers[0]["identity"])
    require_identity(job.notebook.name, identity, job)
    return identity


def require_finished(folder: Path, job: Job, rows: Sequence[numbers.Row], expected: Mapping[str, bytes]) -> None:
    """The files of a folder say what was asked for, and the numbers come back as they were displayed. Raises ``VerifyError``."""
    from par_analysis.render.readback import read_identity

    met = {path.name for path in folder.iterdir()}
    if met != set(expected):
        raise VerifyError(str(job.folder), sorted(met), sorted(expected))
    for kind in job.formats:
        require_identity(job.file(kind), read_identity(folder / job.file(kind)), job)
    require_numbers(folder / NUMBERS, rows)


def require_numbers(path: Path, rows: Sequence[numbers.Row]) -> None:
    """The file holds these rows. Raises ``VerifyError`` naming the first row that differs, counted as a spreadsheet does."""
    read = numbers.read(path.read_bytes())
    for line, (met, row) in enumerate(zip(read, rows, strict=False), start=2):
        if met != row:
            raise VerifyError(f"{path.name}:{line}", met, row)
    if len(read) != len(rows):
        raise VerifyError(path.name, f"{len(read)} rows", f"{len(rows)} rows")
