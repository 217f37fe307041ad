"""The site's folder: what is new is written beside first, then renamed into place file by file, pages after what they link to.

A hidden folder in it, ``.par-site``, holds the lock, what is being written, and the record of what the site consists of: only that is ever replaced or removed.
A run that was killed is caught up by the next: what it had announced counts as the site's, and is looked at anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from par_analysis.deliver.lock import held
from par_analysis.deliver.placing import put_json
from par_analysis.errors import ParError

OWN: Final = ".par-site"
"""The hidden folder: no part of the site, not to be published."""
RECORD: Final = "record.json"
NEW: Final = "new"
UNSURE: Final = ""
"""In place of a hash in the record: announced, perhaps not yet written."""


@dataclass(frozen=True)
class File:
    """A file of the site: its place, its hash, and where its bytes come from when they are needed."""

    place: str
    sha256: str
    content: Callable[[], bytes]


@dataclass(frozen=True)
class Written:
    """What was done to the folder."""

    files: int
    written: int
    removed: int
    said: tuple[str, ...] = ()


@dataclass
class Record:
    """What the site consists of (place → hash, size), what it was made from, and when that was noted."""

    mark: str = ""
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    noted: int = 0

    def holds(self, out: Path, place: str, sha256: str) -> bool:
        """Whether a file is there with a hash: known from the record where it was not touched since, otherwise read."""
        known, size = self.files.get(place, (UNSURE, -1))
        try:
            there = (out / place).lstat()
            if known == sha256 and there.st_size == size and max(there.st_mtime_ns, there.st_ctime_ns) < self.noted:
                return True
            return hashlib.sha256((out / place).read_bytes()).hexdigest() == sha256
        except OSError:
            return False


def of_text(place: str, text: str) -> File:
    """A file of text."""
    content = text.encode("utf-8")
    return File(place, hashlib.sha256(content).hexdigest(), lambda: content)


def read_record(out: Path) -> Record:
    """The record of a site's folder; an empty one where there is none that can be read."""
    path = out / OWN / RECORD
    try:
        facts = json.loads(path.read_bytes())
        files = {str(place): (str(sha256), int(size)) for place, (sha256, size) in facts["files"].items()}
        return Record(str(facts["mark"]), files, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Record()


def current(out: Path, mark: str) -> int | None:
    """How many files the site has, where it was made from just that and is all there; else ``None``."""
    record = read_record(out)
    if record.mark != mark or not all(record.holds(out, place, sha256) for place, (sha256, _) in record.files.items()):
        return None
    return len(record.files)


def write(out: Path, files: Iterable[File], mark: str) -> Written:
    """Make the folder hold the files, and of its own files no others. Raises ``ParError``, and then the site is as it was."""
    try:
        with held(out / OWN, "par site"):
            return _write(out, files, mark)
    except OSError as error:
        raise ParError(f"{out} cannot be written to: {error.strerror or error}", hint="once that is mended, once more: par site") from error


def _write(out: Path, files: Iterable[File], mark: str) -> Written:
    record, new = read_record(out), out / OWN / NEW
    shutil.rmtree(new, ignore_errors=True)
    try:
        wanted, fresh = _stage(out, new, files, record)
        stale = [place for place in record.files if place not in wanted]
        if fresh or stale:
            _note(out, "", record.files | wanted | dict.fromkeys(fresh, (UNSURE, -1)))
        for place in fresh:
            (out / place).parent.mkdir(parents=True, exist_ok=True)
            (new / place).replace(out / place)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    gone, kept = _remove(out, stale, record)
    if fresh or stale or record.mark != mark:
        _note(out, mark, wanted)
    return Written(len(wanted), len(fresh), gone, tuple(f"{out / place} was changed by somebody else, and stays" for place in kept))


def _note(out: Path, mark: str, files: Mapping[str, tuple[str, int]]) -> None:
    put_json(out / OWN / RECORD, {"mark": mark, "files": files})


def _stage(out: Path, new: Path, files: Iterable[File], record: Record) -> tuple[dict[str, tuple[str, int]], list[str]]:
    """Write beside what is not there yet. Returns place → hash, size of all files, and the places of the new ones. Raises ``ParError`` for what is in the way."""
    wanted: dict[str, tuple[str, int]] = {}
    fresh, in_the_way = [], []
    for file in files:
        problem = _problem(out, file.place, record)
        if record.holds(out, file.place, file.sha256) and not (out / file.place).is_symlink():
            wanted[file.place] = file.sha256, (out / file.place).stat().st_size
        elif problem:
            in_the_way.append(problem)
        else:
            content = file.content()
            (new / file.place).parent.mkdir(parents=True, exist_ok=True)
            (new / file.place).write_bytes(content)
            wanted[file.place] = file.sha256, len(content)
            fresh.append(file.place)
    if in_the_way:
        more = f" (and {len(in_the_way) - 3} more)" if len(in_the_way) > 3 else ""
        raise ParError("; ".join(in_the_way[:3]) + more, hint="move it elsewhere, or choose another --out")
    return wanted, fresh


def _problem(out: Path, place: str, record: Record) -> str:
    """Why a file cannot be put in its place: a link on the way, or something there that is not the site's."""
    target, above = out / place, list(_folders(out, out / place))
    link = next((path for path in (target, *above) if path.is_symlink()), None)
    if link:
        return f"{link} is a link, which may lead anywhere"
    blocked = next((path for path in above if path.exists() and not path.is_dir()), target if target.is_dir() or (target.exists() and place not in record.files) else None)
    return f"{blocked} is in the way: par site did not write it" if blocked else ""


def _remove(out: Path, stale: Iterable[str], record: Record) -> tuple[int, list[str]]:
    """Remove the site's own files that are no longer wanted, and folders that are empty then. Returns how many went, and what others have changed."""
    gone, kept = 0, []
    for place in stale:
        path, sha256 = out / place, record.files[place][0]
        if any(step.is_symlink() for step in (path, *_folders(out, path))) or (path.exists() and sha256 != UNSURE and not record.holds(out, place, sha256)):
            kept.append(place)
            continue
        with suppress(FileNotFoundError):
            path.unlink()
            gone += 1
        for folder in _folders(out, path):
            with suppress(OSError):
                os.rmdir(folder)
    return gone, kept


def _folders(out: Path, path: Path) -> Iterator[Path]:
    """The folders between the site's and a file, the inner one first."""
    for folder in path.parents:
        if folder == out:
            return
        yield folder
