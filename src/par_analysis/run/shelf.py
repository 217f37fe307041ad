"""The editions of ``data/raw`` as folders: put in place as one, the former one back where that fails, nothing else touched."""

from __future__ import annotations

import datetime
import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from par_analysis.catalog import Catalog
from par_analysis.errors import ParError, RequestError
from par_analysis.model import Edition

RECORD: Final = "edition.toml"
FORMER: Final = "former"
"""The folder of a run's workspace that a replaced edition lies in, by source and edition, until the new one stands."""


@contextmanager
def writing(raw: Path) -> Iterator[None]:
    """A file system's refusal is said in a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise ParError(f"the disk of {raw} is full: nothing was added", hint="make room") from error
        place = error.filename2 or error.filename or raw
        raise ParError(f"{place} cannot be written to: {error.strerror or error}; nothing was added", hint="who may write to this folder?") from error


def require_place(known: Catalog, code: str) -> None:
    """The place of an edition is free, or holds one file that was added and nothing else. Raises ``RequestError``."""
    place = known.raw / code
    if not place.exists() and not place.is_symlink():
        return
    if not place.is_dir() or place.is_symlink():
        raise RequestError(f"{place} is in the way: it is no folder")
    names = {path.name for path in place.iterdir() if path.name != ".DS_Store"}
    edition = known.editions.get(code)
    if edition is None and RECORD in names:
        raise _taken(Path(code))
    if names and (edition is None or edition.remote):
        raise RequestError(f"{place} is in the way: it has no {RECORD}", hint="move it elsewhere, or choose another --edition")
    listed = set(edition.files) if edition else set()
    if len(listed) > 1:
        raise RequestError(f"{code} is an edition of {len(listed)} files; one file does not replace it", hint="choose another --edition")
    foreign = sorted(names - listed - {RECORD})
    if foreign:
        raise RequestError(f"{place} holds {', '.join(foreign[:3])}, which its {RECORD} does not name: replacing it would delete that", hint="move it elsewhere")


def write_record(folder: Path, edition: Edition) -> None:
    """``edition.toml`` beside the files of a new edition."""
    import tomli_w

    files = {name: {key: value for key, value in facts.items() if value is not None} for name, facts in edition.files.items()}
    facts = {
        "title": dict(edition.title),
        "received": datetime.date.fromisoformat(edition.received),
        "indices": list(edition.indices),
        "origin": edition.origin,
        "licence": edition.licence,
        "files": files,
    }
    (folder / RECORD).write_text(tomli_w.dumps(facts), encoding="utf-8")


def state(place: Path) -> bytes:
    """What tells whether an edition is still the one that it was: its record, nothing where there is none."""
    with suppress(OSError):
        return (place / RECORD).read_bytes()
    return b""


def put(space: Path, place: Path, was: bytes) -> None:
    """Rename ``space/new`` to its place. What stood there is kept in ``space`` until that is done, and comes back if it fails.

    Raises ``ParError`` where another run was faster: ``was`` is the state that this one began with.
    """
    code = place.relative_to(place.parents[1])
    existed = place.parent.is_dir()
    former = space / FORMER / code
    former.parent.mkdir(parents=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        if state(place) != was:
            raise _taken(code)
        if was:
            place.rename(former)
        (space / "new").rename(place)
    except BaseException as error:
        if former.exists() and not place.exists():
            former.rename(place)
        if not existed:
            with suppress(OSError):
                place.parent.rmdir()
        if isinstance(error, FileNotFoundError) or (isinstance(error, OSError) and error.errno in {errno.ENOTEMPTY, errno.EEXIST}):
            raise _taken(code) from error
        raise


def _taken(code: Path) -> ParError:
    return ParError(f"{code.as_posix()} was changed by another run meanwhile: nothing was added", hint="look at what stands there now: par list sources")


def rescue(left: Path, raw: Path) -> None:
    """What a run that died between the two renames had put aside goes back, where nothing stands in its place."""
    for former in (left / FORMER).glob("*/*"):
        place = raw / former.relative_to(left / FORMER)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            former.rename(place)
