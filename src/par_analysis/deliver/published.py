"""``published/``: the numbers of every report as they were last published, each file under the hash of its content, and an index of them.

The index is written last and at once: whatever ends the writing, either the former numbers are the published ones or the new ones are.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from par_analysis.deliver.finished import Report, Unsound
from par_analysis.deliver.placing import put, put_json, sweep
from par_analysis.errors import ParError, shortened
from par_analysis.run.plan import MANIFEST, NUMBERS

if TYPE_CHECKING:
    from par_analysis.run.numbers import Row

FOLDER: Final = "published"
INDEX: Final = "index.json"
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_KEY: Final = re.compile(r"[^\x00-\x1f\x7f\\/]+(/[^\x00-\x1f\x7f\\/]+){3,4}")


@dataclass(frozen=True)
class Published:
    """What was last published: report → hash of its numbers and of its manifest."""

    folder: Path
    reports: Mapping[str, tuple[str, str]]

    def numbers(self, key: str) -> bytes:
        """The ``numbers.csv`` of a report as it was published. Raises ``ParError`` where it is damaged."""
        return self._read(self.reports[key][0])

    def rows(self, key: str) -> list[Row]:
        """The numbers of a report as they were published. Raises ``ParError`` where they are damaged, or not as this version writes them."""
        from par_analysis.run.numbers import read

        try:
            return read(self.numbers(key))
        except ValueError as error:
            raise _damaged(self.folder / self.reports[key][0], f"cannot be read as the numbers of {key}: {error}") from error

    def manifest(self, key: str) -> Mapping[str, Any]:
        """The manifest of a report as it was published. Raises ``ParError`` where it is damaged."""
        place = self.folder / self.reports[key][1]
        try:
            facts = json.loads(self._read(self.reports[key][1]))
        except (ValueError, RecursionError) as error:
            raise _damaged(place, f"cannot be read as the manifest of {key}") from error
        return facts if isinstance(facts, dict) else {}

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
        if _objects(folder):
            raise _damaged(folder / INDEX, "is missing, and numbers of reports are there") from None
        return Published(folder, {})
    except OSError as error:
        raise _damaged(folder / INDEX, f"cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(folder / INDEX, "is not the list of published reports that was written") from error
    strange = [digest for pair in found.values() for digest in pair if not _HASH.fullmatch(digest)] + [key for key in found if not _KEY.fullmatch(key)]
    if strange:
        raise _damaged(folder / INDEX, f"names {shortened(strange[0])!r}, which is neither a report nor a hash")
    return Published(folder, found)


def _damaged(path: Path, problem: str) -> ParError:
    return ParError(f"{path}: {problem}", hint=f"put the folder {path.parent} back from a copy; once it is moved away, all reports count as published for the first time")


def _objects(folder: Path) -> list[Path]:
    """The files of numbers and manifests in the folder, named in the index or not."""
    return [path for path in folder.iterdir() if _HASH.fullmatch(path.name)] if folder.is_dir() else []


def remember(reports: Sequence[Report], state: Path, *, kept: Collection[str] = ()) -> int:
    """Take these reports' numbers as published, and no others; how many reports have others than before. Raises ``OSError``, ``Unsound``.

    ``kept``: reports that stay remembered as they were, so that small steps add up.
    """
    was, folder = recall(state).reports, state / FOLDER
    if not (folder / INDEX).exists():
        put_json(folder / INDEX, {})  # from now on a folder without an index is a damaged one
    now = {report.key: was[report.key] if report.key in kept and report.key in was else _put(report, folder, was.get(report.key)) for report in reports}
    put_json(folder / INDEX, now)
    _forget(folder, {digest for pair in now.values() for digest in pair})
    return sum(was.get(key, ("",))[0] != pair[0] for key, pair in now.items()) + len(was.keys() - now.keys())


def _put(report: Report, folder: Path, was: tuple[str, str] | None) -> tuple[str, str]:
    """Write what is to be remembered of a report, unless it is there; the hashes of its numbers and of its manifest."""
    if NUMBERS not in report.files:
        raise Unsound(report.folder, f"has no {NUMBERS}")
    manifest = report.read(MANIFEST)
    found = report.files[NUMBERS], hashlib.sha256(manifest).hexdigest()
    if was != found or not all((folder / digest).is_file() for digest in found):
        put(folder / found[0], report.read(NUMBERS))
        put(folder / found[1], manifest)
    return found


def _forget(folder: Path, kept: set[str]) -> None:
    """Remove the files that the index no longer names."""
    sweep(folder)
    for path in _objects(folder):
        if path.name not in kept:
            with suppress(OSError):
                path.unlink()
