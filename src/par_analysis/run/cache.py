"""What finished reports were made from, and whether any of it has changed since: nothing is taken as fresh that was not compared.

An entry beside the reports says for each of them which notebook, parameters, code, templates, catalogues and libraries made it, which slices of
data it read, and which files came of it. A report is fresh where all of that is the same now, its files included, byte by byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from par_analysis.catalog import Catalog
from par_analysis.dataset import narratives, reads
from par_analysis.run.outcome import Made
from par_analysis.run.plan import Job
from par_analysis.run.publish import NOTES

PARTS: Final[Mapping[str, str]] = {
    "notebook": "the notebook was edited",
    "parameters": "it was made with other parameters or formats",
    "code": "the package's code was changed",
    "templates": "the page templates or fonts were changed",
    "catalogues": "the message catalogues were changed",
    "lock": "requirements.lock was changed",
    "libraries": "other versions of libraries, or of Python, are installed",
}
"""Part of a key → what is said when it has changed."""

_ROOMS: Final[Mapping[str, str]] = {"templates": "templates", "fonts": "templates", "locale": "catalogues"}
_NOTE: Final = re.compile(r"[0-9a-f]{24}\.json(\.[0-9a-f]{8}~)?")
_SILENT: Final = frozenset({"__pycache__", "cli", "deliver"})
"""Folders of the package that no page depends on."""


@dataclass(frozen=True)
class Entry:
    """What is known of a finished report."""

    parts: Mapping[str, str]
    made: Made


def _hash(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:16]


def package_hashes() -> dict[str, str]:
    """Hashes of the package's own files as they are now: code, templates with fonts, catalogues."""
    root = Path(__file__).resolve().parents[1]
    found: dict[str, list[bytes]] = {"code": [], "templates": [], "catalogues": []}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        place = path.relative_to(root)
        if _SILENT.isdisjoint(place.parts):
            room = next((_ROOMS[part] for part in place.parts[:-1] if part in _ROOMS), "code")
            found[room] += [place.as_posix().encode(), path.read_bytes()]
    return {room: _hash(*contents) for room, contents in found.items()}


_package = cache(package_hashes)


@cache
def _libraries() -> str:
    """Python and the installed distributions with their versions: by the names of their folders, which costs no reading."""
    folders = {path for path in map(Path, sys.path) if path.is_dir()}
    names = {entry.name for folder in folders for entry in os.scandir(folder) if entry.name.endswith((".dist-info", ".egg-info"))}
    return _hash(platform.python_version().encode(), importlib.metadata.version("par-analysis").encode(), *(name.encode() for name in sorted(names)))


@cache
def _lock(root: Path) -> str:
    path = root / "requirements.lock"
    return _hash(path.read_bytes()) if path.is_file() else ""


def parts(job: Job) -> dict[str, str]:
    """What a report would be made from now, its data apart: part → hash."""
    asked = json.dumps([job.report, dict(job.parameters), job.formats, job.stem], sort_keys=True, ensure_ascii=False).encode()
    return {"notebook": job.sha256[:16], "parameters": _hash(asked), **_package(), "lock": _lock(job.root), "libraries": _libraries()}


def _path(job: Job) -> Path:
    name = job.folder.relative_to(job.out).as_posix()
    return job.out / NOTES / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"


def store(job: Job, made: Made) -> None:
    """Note what a report was made from; written beside and renamed. Raises ``OSError``."""
    facts = {"folder": job.folder.relative_to(job.out).as_posix(), "parts": parts(job), "reads": dict(made.reads), "files": dict(made.files), "warnings": list(made.warnings)}
    content = json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    path = _path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}~")
    try:
        beside.write_bytes(_hash(content).encode() + b"\n" + content)
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def parts_of_package() -> dict[str, str]:
    """Hashes of the package's own files as they were when first asked for."""
    return _package()


def drop(job: Job) -> None:
    """Forget what was noted of a report."""
    _path(job).unlink(missing_ok=True)


def entry(job: Job) -> Entry | None:
    """What was noted of a report; ``None`` where nothing was. Raises ``ValueError`` for an entry that is damaged."""
    try:
        seal, content = _path(job).read_bytes().split(b"\n", 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(str(error)) from error
    if seal != _hash(content).encode():
        raise ValueError("its seal does not fit")
    facts: dict[str, Any] = json.loads(content)
    if facts["folder"] != job.folder.relative_to(job.out).as_posix():
        raise ValueError("it is another report's")
    return Entry(facts["parts"], Made(facts["files"], facts["reads"], tuple(facts["warnings"])))


def changes(job: Job, known: Catalog) -> Iterator[str]:
    """Why a report has to be made (again), as sentences; none where it is as it would be made now."""
    try:
        noted = entry(job)
    except (ValueError, KeyError, TypeError) as error:
        yield f"what was noted of it is damaged: {error}"
        return
    if noted is None:
        yield "it was made before, but nothing is noted of that" if job.folder.exists() else "it was not made yet"
        return
    now = parts(job)
    yield from (said for part, said in PARTS.items() if noted.parts.get(part) != now[part])
    for name, fingerprint in noted.made.reads.items():
        if reads.fingerprint(name, known) != fingerprint:
            yield from narratives.changed(known, name, fingerprint) if name.startswith(f"{narratives.FOLDER}/") else (f"data: {name} has changed",)
    yield from _touched(job.folder, noted.made.files)


def _touched(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Files of a finished report that are no longer as they were made."""
    if not folder.is_dir():
        yield "its folder is missing"
        return
    for name, expected in files.items():
        try:
            with (folder / name).open("rb") as stream:
                met = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            yield f"{name} is missing"
        else:
            if met != expected:
                yield f"{name} is damaged, or was edited"


def forget(out: Path) -> int:
    """Delete all that was noted of the reports in a folder; how many entries that were."""
    found = [path for path in (out / NOTES).glob("*") if _NOTE.fullmatch(path.name) and path.is_file()]
    for path in found:
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        (out / NOTES).rmdir()
    return len(found)
