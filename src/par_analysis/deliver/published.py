"""``published/``: the numbers of every report as they were last published, each file under the hash of its content, and an index of them.

The index is written last and at once: whatever ends the writing, either the former numbers are the published ones or the new ones are.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from par_analysis.deliver.finished import Report
from par_analysis.deliver.placing import put, put_json, sweep
from par_analysis.errors import ParError
from par_analysis.run.plan import MANIFEST, NUMBERS

FOLDER: Final = "published"
INDEX: Final = "index.json"
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Published:
    """What was last published: report → hash of its numbers and of its manifest."""

    folder: Path
    reports: Mapping[str, tuple[str, str]]

    def numbers(self, key: str) -> bytes:
        """The ``numbers.csv`` of a report as it was published. Raises ``ParError`` where it is damaged."""
        return self._read(self.reports[key][0])

    def manifest(self, key: str) -> Mapping[str, Any]:
        """The manifest of a report as it was published. Raises ``ParError`` where it is damaged."""
        facts: Mapping[str, Any] = json.loads(self._read(self.reports[key][1]))
        return facts

    def _read(self, digest: str) -> bytes:
        try:
            content = (self.folder / digest).read_bytes()
        except OSError as error:
            raise _damaged(self.folder / digest, error.strerror or str(error)) from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise _damaged(self.folder / digest, "is not what was written")
        return content


def recall(state: Path) -> Published:
    """What was last published, of the state's folder; nothing where nothing was. Raises ``ParError`` where that cannot be read."""
    folder = state / FOLDER
    try:
        facts = json.loads((folder / INDEX).read_bytes())
        found = {str(key): (str(numbers), str(manifest)) for key, (numbers, manifest) in facts.items()}
    except FileNotFoundError:
        return Published(folder, {})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(folder / INDEX, f"cannot be read: {error}") from error
    strange = [digest for pair in found.values() for digest in pair if not _HASH.fullmatch(digest)]
    if strange:
        raise _damaged(folder / INDEX, f"names {strange[0]!r}, which is no hash")
    return Published(folder, found)


def _damaged(path: Path, problem: str) -> ParError:
    return ParError(f"{path}: {problem}", hint=f"put the folder {path.parent.name} back from a copy; without it all reports count as published for the first time")


def remember(reports: Sequence[Report], state: Path) -> int:
    """Take these reports' numbers as published, and no others; how many reports have others than before. Raises ``OSError``, ``Unsound``."""
    was, folder = recall(state).reports, state / FOLDER
    now: dict[str, tuple[str, str]] = {}
    for report in reports:
        manifest = report.read(MANIFEST)
        now[report.key] = report.files[NUMBERS], hashlib.sha256(manifest).hexdigest()
        if was.get(report.key) != now[report.key] or not all((folder / digest).is_file() for digest in now[report.key]):
            put(folder / now[report.key][0], report.read(NUMBERS))
            put(folder / now[report.key][1], manifest)
    put_json(folder / INDEX, now)
    _forget(folder, {digest for pair in now.values() for digest in pair})
    return sum(was.get(key, ("",))[0] != pair[0] for key, pair in now.items()) + len(was.keys() - now.keys())


def _forget(folder: Path, kept: set[str]) -> None:
    """Remove the files that the index no longer names."""
    sweep(folder)
    for path in folder.iterdir():
        if _HASH.fullmatch(path.name) and path.name not in kept:
            with suppress(OSError):
                path.unlink()
