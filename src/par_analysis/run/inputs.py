"""What reports are made from, sent to another machine: every file by the hash of its content, checked on arrival, and put together to the same folders."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from par_analysis import catalog
from par_analysis.errors import VerifyError
from par_analysis.run.plan import Job

ROOT: Final = "root"
CACHE: Final = "cache"
"""The two folders that a notebook finds its data in: what stands for the checkout, and what for the downloaded files."""
NOTEBOOKS: Final = "notebooks"
_READ: Final = ("reference", "claims", "raw", "narrative")

Manifest = Mapping[str, str]
"""Place of a file, as ``root/data/…`` or ``cache/…`` → SHA-256 of its content."""
Blobs = Mapping[str, bytes]
"""SHA-256 → content."""


def sha256(content: bytes) -> str:
    """The hash by which a content is known."""
    return hashlib.sha256(content).hexdigest()


def gather(root: Path, jobs: Iterable[Job]) -> tuple[dict[str, str], dict[str, bytes]]:
    """The files that reports of a checkout read, as they are now: the manifest, and the contents. Raises ``OSError``."""
    contents = {place: path.read_bytes() for place, path in _files(root, jobs)}
    manifest = {place: sha256(content) for place, content in sorted(contents.items())}
    return manifest, {manifest[place]: content for place, content in contents.items()}


def _files(root: Path, jobs: Iterable[Job]) -> Iterator[tuple[str, Path]]:
    for notebook in {job.notebook for job in jobs}:
        yield f"{ROOT}/{NOTEBOOKS}/{notebook.name}", notebook
    for name in _READ:
        for path in (root / "data" / name).rglob("*"):
            if path.is_file():
                yield f"{ROOT}/data/{name}/{path.relative_to(root / 'data' / name).as_posix()}", path
    if (root / "data" / "reference" / "sources").is_dir():
        yield from _downloaded(root)


def _downloaded(root: Path) -> Iterator[tuple[str, Path]]:
    """The downloaded editions, with the records of their first download."""
    known = catalog.load(root)
    for edition in known.editions.values():
        if edition.remote:
            for path in (catalog.cached_file(edition.remote, known.cache), catalog.recorded_file(edition.remote, known.cache)):
                if path.is_file():
                    yield f"{CACHE}/{path.relative_to(known.cache).as_posix()}", path


@dataclass(frozen=True)
class Store:
    """A folder of contents by their hash, and of what was put together from them. One process writes to it, one thread at a time."""

    folder: Path

    def missing(self, manifest: Manifest) -> tuple[str, ...]:
        """The contents that are not here yet."""
        return tuple(sorted({known for known in manifest.values() if not self._blob(known).is_file()}))

    def add(self, blobs: Blobs) -> None:
        """Keep contents that have arrived. Raises ``VerifyError`` for one that is not what its hash says."""
        self._blob("").mkdir(parents=True, exist_ok=True)
        for known, content in blobs.items():
            self._require(known, content)
            _put(self._blob(known), content)

    def together(self, manifest: Manifest) -> Path:
        """The folder that holds the files of a manifest, and nothing else: put together beside its place, and renamed. Raises ``VerifyError``."""
        place = self.folder / "inputs" / sha256(json.dumps(manifest, sort_keys=True).encode())[:24]
        if place.is_dir():
            return place
        beside = place.with_name(f"{place.name}.{secrets.token_hex(4)}~")
        try:
            for name, known in manifest.items():
                content = self._blob(known).read_bytes()
                self._require(known, content)
                (beside / name).parent.mkdir(parents=True, exist_ok=True)
                (beside / name).write_bytes(content)
            for folder in (ROOT, CACHE):
                (beside / folder).mkdir(parents=True, exist_ok=True)
            beside.rename(place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return place

    def _blob(self, known: str) -> Path:
        return self.folder / "blobs" / known

    def _require(self, known: str, content: bytes) -> None:
        if sha256(content) != known:
            with suppress(OSError):
                self._blob(known).unlink()  # asked for anew
            raise VerifyError("an input of the report", sha256(content), known)


def _put(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}~")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
