"""The finished reports of a folder, each known by its manifest: nothing else in the folder is looked at, and nothing outside of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from par_analysis.errors import ParError, RequestError
from par_analysis.run.plan import ALL_YEARS, MANIFEST, NUMBERS

_NAME: Final = re.compile(r"[^\x00-\x1f\x7f/\\]{1,255}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class Unsound(ParError):
    """A report that is not what its manifest says, or that reaches outside of its folder."""

    def __init__(self, place: Path, problem: str, *, hint: str = "make it again: par build") -> None:
        self.place, self.problem = place, problem
        super().__init__(f"{place}: {problem}", hint=hint)


class NoReports(RequestError):
    """A folder in which no finished report lies, where some are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(f"{folder} holds no finished report", hint="make some first: par build")


@dataclass(frozen=True)
class Report:
    """A finished report: where it lies below the reports' folder, what it says that it is, and its files (name → sha256).

    ``key`` is the folder's place below the root, with ``/``: the same on every machine and in every language of the system.
    """

    root: Path
    key: str
    identity: Mapping[str, Any]
    files: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """The report's folder."""
        return self.root / self.key

    @property
    def lang(self) -> str:
        """The report's language."""
        return str(self.identity["lang"])

    @property
    def year(self) -> int | None:
        """The year measured; ``None`` where the report is about all years."""
        return int(self.identity["year"]) if "year" in self.identity else None

    def named(self, key: str) -> str:
        """A word of the identity: ``report``, ``index``, ``unit``, ``lang``, ``data``."""
        return str(self.identity.get(key, ""))

    def file(self, ending: str) -> str | None:
        """The name of the file of a format (``pdf``, ``html`` …), ``None`` where there is none."""
        return next((name for name in sorted(self.files) if name.endswith(f".{ending}") and name not in (MANIFEST, NUMBERS)), None)

    def read(self, name: str) -> bytes:
        """The bytes of one of its files, as the manifest has them. Raises ``Unsound`` where they are others, or gone."""
        path = self.folder / name
        _require_plain(path, self.root)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unreadable(path, error) from error
        if name in self.files and hashlib.sha256(content).hexdigest() != self.files[name]:
            raise Unsound(path, "is not the file that its manifest lists")
        return content


def reports(root: Path) -> list[Report]:
    """All finished reports below a folder, sorted by key. Raises ``ParError`` with all that are unsound."""
    found: list[Report] = []
    faults: list[Unsound] = []
    try:
        for path in _manifests(root):
            try:
                found.append(report(root, path.parent))
            except Unsound as fault:
                faults.append(fault)
    except Unsound as fault:
        faults.append(fault)
    if faults:
        raise ParError("\n  ".join([f"{len(faults)} unsound" if len(faults) > 1 else "unsound", *map(str, faults)]), hint=faults[0].hint)
    return sorted(found, key=lambda one: one.key)


def some_reports(root: Path) -> list[Report]:
    """As ``reports``, for those who have nothing to do without any. Raises ``NoReports``, too."""
    found = reports(root)
    if not found:
        raise NoReports(root)
    return found


def report(root: Path, folder: Path) -> Report:
    """The report of a folder. Raises ``Unsound``: no manifest, a strange one, a link, files missing."""
    path = folder / MANIFEST
    _require_plain(path, root)
    try:
        facts = json.loads(path.read_bytes())
        identity, files = facts["identity"], facts["files"]
        sound = isinstance(identity, dict) and {"report", "index", "lang", "unit"} <= set(identity) and isinstance(files, dict)
    except OSError as error:
        raise _unreadable(path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Unsound(path, f"has no {error}" if isinstance(error, KeyError) else "is no manifest of a report") from error
    strange = [] if not sound else [name for name, digest in files.items() if not _NAME.fullmatch(name) or name in (".", "..") or not _HASH.fullmatch(str(digest))]
    if not sound or strange:
        raise Unsound(path, f"lists {strange[0]!r}, which is no file of a report" if strange else "does not say which report this is")
    for name in files:
        _require_plain(folder / name, root)
        try:
            if not stat.S_ISREG((folder / name).stat().st_mode):
                raise Unsound(folder / name, "is no file")
        except FileNotFoundError as error:
            raise Unsound(folder / name, "is missing") from error
        except OSError as error:
            raise _unreadable(folder / name, error) from error
    return Report(root, PurePosixPath(*folder.relative_to(root).parts).as_posix(), identity, files)


def _unreadable(path: Path, error: OSError) -> Unsound:
    hint = "who may read this?" if isinstance(error, PermissionError) else "make it again: par build"
    return Unsound(path, f"cannot be read: {error.strerror or error}", hint=hint)


def _manifests(root: Path) -> Iterator[Path]:
    """The manifests of the reports' own places: ``<year>/<report>/<index>[/<unit>]/<language>/``, hidden folders left out.

    Raises ``Unsound`` for a folder that cannot be read and for a link in the place of a folder: what lies there would be taken for gone.
    """

    def unreadable(error: OSError) -> None:
        raise Unsound(Path(error.filename), f"cannot be read: {error.strerror}", hint="who may read this folder?") from error

    if not root.is_dir():
        return
    for folder, below, files in os.walk(root, onerror=unreadable):
        place = Path(folder)
        depth = len(place.relative_to(root).parts)
        below[:] = sorted(name for name in below if not name.startswith(".") and (depth or name == ALL_YEARS or re.fullmatch(r"\d{4}", name))) if depth < 5 else []
        for name in below:
            _require_plain(place / name, root)
        if MANIFEST in files and depth in (4, 5):
            yield place / MANIFEST


def _require_plain(path: Path, root: Path) -> None:
    """Neither the path nor a folder on the way from the root is a link. Raises ``Unsound``."""
    for place in [path, *path.parents]:
        if place == root:
            return
        if place.is_symlink():
            raise Unsound(place, "is a link: a report's files lie in its own folder", hint="put the files themselves there, or remove the link")
