"""A report's folder is built beside its place and renamed into it: whatever goes wrong, the last good report stands."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from par_analysis.errors import ParError
from par_analysis.run.manifest import listed_files

WORK = ".work"
"""The folder, below the output folder and so on the same disk, in which reports are built."""


NOTES = ".par-notes"
"""The folder, below the output folder, of what is noted of finished reports."""

TARGET = "target"
"""The file, beside a report that is being replaced, that says where it belongs."""


def restore(run: Path) -> None:
    """Put reports back that a run which died had moved aside, and not yet replaced."""
    for old in sorted(run.glob("*/old-*")):
        with suppress(OSError):
            folder = Path((old.parent / TARGET).read_text(encoding="utf-8"))
            if not folder.exists():
                old.rename(folder)


@contextmanager
def staged(folder: Path, out: Path, work: Path | None = None) -> Iterator[Path]:
    """An empty folder to build in, below ``work``; when the block ends well it takes the place of ``folder``, otherwise it is gone.

    Raises ``ParError`` if ``folder`` holds anything that no manifest lists: it would be lost.
    """
    require_replaceable(folder)
    existed = out.exists()
    space = (work or out / WORK) / secrets.token_hex(8)
    try:
        try:
            (space / "new").mkdir(parents=True)
        except OSError as error:
            raise ParError(f"{out} cannot be written to: {error.strerror or error}", hint="choose another --out") from error
        yield space / "new"
        _swap(space / "new", folder, space)
    finally:
        shutil.rmtree(space, ignore_errors=True)
        for empty in [out / WORK] if existed else [out / WORK, out]:
            with suppress(OSError):
                empty.rmdir()


def require_replaceable(folder: Path) -> None:
    """The folder is absent, empty, or holds a report's files only. Raises ``ParError``."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ParError(f"{folder} is in the way: it is not a folder")
    try:
        listed = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise ParError(f"{folder} cannot be read: {error.strerror or error}", hint="choose another --out") from error
    foreign = sorted({name for name in listed if name != ".DS_Store"} - listed_files(folder))
    if foreign:
        raise ParError(f"{folder} holds {', '.join(foreign[:3])}, which par did not write: replacing the folder would delete it", hint="move it elsewhere, or choose another --out")


def _swap(new: Path, folder: Path, space: Path, *, tries: int = 3) -> None:
    """Rename ``new`` to ``folder``; what was there goes into ``space`` first, and comes back if the second step fails.

    Another process may put the same report in place between the two steps: then once more.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    old = space / f"old-{tries}"
    (space / TARGET).write_text(str(folder.absolute()), encoding="utf-8")
    with suppress(FileNotFoundError):
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException as error:
        if old.exists() and not folder.exists():
            old.rename(folder)
        if not isinstance(error, OSError) or tries == 1:
            raise
        _swap(new, folder, space, tries=tries - 1)
