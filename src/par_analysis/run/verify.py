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


def require_identity(file: str, met: Mapping[str, Any], job: Job, state: str) -> None:
    """What a file says that it is, is what was asked for.

    The report, index, unit, year, language and the state of the data have to be there, and no year where the report is about all of
    them; other parameters are compared where the file names them. Raises ``VerifyError``.
    """
    for name in ("report", *IDENTITY, "data"):
        said, asked = (str(identity.get(name, "missing")) for identity in (met, job.identity | {"data": state}))
        if said != asked:
            raise VerifyError(file, f"{name} {said}", f"{name} {asked}")
    for name, expected in dict(job.parameters).items():
        if name in met and str(met[name]) != str(expected):
            raise VerifyError(file, f"{name} {met[name]}", f"{name} {expected}")


def notebook_identity(notebook: NotebookNode, job: Job, state: str, words: str = "") -> dict[str, Any]:
    """The identity on the notebook's one cover, compared with the job; added are parameters that are not the usual ones, the state of the data that
    were read, and that of the words of one's own, where there are some. Raises ``VerifyError``.
    """
    lang = cast(Language, job.lang)
    covers = [block for _, _, payload in numbers.payloads(notebook, lang) for block in payload["blocks"] if block["kind"] == "cover"]
    if len(covers) != 1:
        raise VerifyError(job.notebook.name, f"{len(covers)} covers", "one cover, whose identity says what the page is")
    identity = {"data": state, **dict(job.unusual), **covers[0]["identity"], **({"words": words} if words else {})}
    require_identity(job.notebook.name, identity, job, state)
    covers[0]["identity"] = identity
    return identity


def require_finished(folder: Path, job: Job, state: str, rows: Sequence[numbers.Row], expected: Mapping[str, bytes]) -> None:
    """The files of a folder say what was asked for, and the numbers come back as they were displayed. Raises ``VerifyError``."""
    from par_analysis.render.readback import read_identity

    met = {path.name for path in folder.iterdir()}
    if met != set(expected):
        raise VerifyError(str(job.folder), sorted(met), sorted(expected))
    for kind in job.formats:
        require_identity(job.file(kind), read_identity(folder / job.file(kind)), job, state)
    require_numbers(folder / NUMBERS, rows)


def require_numbers(path: Path, rows: Sequence[numbers.Row]) -> None:
    """The file holds these rows. Raises ``VerifyError`` naming the first row that differs, counted as a spreadsheet does."""
    read = numbers.read(path.read_bytes())
    for line, (met, row) in enumerate(zip(read, rows, strict=False), start=2):
        if met != row:
            raise VerifyError(f"{path.name}:{line}", met, row)
    if len(read) != len(rows):
        raise VerifyError(path.name, f"{len(read)} rows", f"{len(rows)} rows")
