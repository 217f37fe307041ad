"""What lies at a target: the manifest that readers go by, and the journal of what a run that is not finished may have put there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from par_analysis.errors import ParError, shortened

MANIFEST: Final = "manifest.sha256.json"
OWN: Final = "_par"
"""The folder at the target that is ours alone."""
JOURNAL: Final = f"{OWN}/journal.json"
LOCK: Final = f"{OWN}/lock.json"
NEW: Final = f"{OWN}/new"
"""Where files lie until they are put in place, by their checksum."""
KEPT: Final = f"{OWN}/kept"
"""Where the files lie, by their checksum, that the manifest before the last lists and that are at their place no more."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\\\ud800-\udfff]{1,1000}")


class Foreign(ParError):
    """Something at the target that is not ours to touch, or not what we put there."""

    def __init__(self, target: str, problems: Sequence[str], *, hint: str = "") -> None:
        self.target, self.problems = target, tuple(problems)
        said = [*self.problems[:10], *([f"… and {len(self.problems) - 10} more"] if len(self.problems) > 10 else [])]
        super().__init__(f"{target}: {said[0]}" if len(said) == 1 else "\n  ".join([f"{target}: nothing was changed there", *said]), hint=hint)


@dataclass(frozen=True)
class Entry:
    """A file: its checksum and size."""

    sha256: str
    size: int


Files = Mapping[str, Entry]


@dataclass(frozen=True)
class Manifest:
    """Generation 0 is that of an empty target. ``kept``: checksums of the files below ``KEPT``."""

    generation: int = 0
    files: Files = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    def after(self, files: Files) -> Manifest:
        """The manifest that follows with other files: itself where they are the same.

        >>> old = Manifest(1, {"a": Entry("0" * 64, 1), "b": Entry("1" * 64, 1)})
        >>> old.after(old.files) is old, old.after({"a": Entry("2" * 64, 1)}).generation
        (True, 2)
        """
        if dict(files) == dict(self.files):
            return self
        kept = sorted({entry.sha256 for name, entry in self.files.items() if files.get(name) != entry})
        return Manifest(self.generation + 1, dict(files), tuple(kept))

    def written(self) -> bytes:
        """The file: no clock, sorted, so that the same files are the same manifest."""
        files = {name: {"sha256": entry.sha256, "size": entry.size} for name, entry in self.files.items()}
        return _written({"format": 1, "generation": self.generation, "files": files, "kept": list(self.kept)})


@dataclass(frozen=True)
class Journal:
    """What may lie there besides what the manifest lists: name → the checksums that a run has put there, or was about to; and those below ``NEW`` and ``KEPT``."""

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    objects: tuple[str, ...] = ()

    def written(self) -> bytes:
        """The file."""
        return _written({"format": 1, "files": {name: list(known) for name, known in self.files.items()}, "objects": list(self.objects)})


def read_manifest(content: bytes | None, target: str) -> Manifest:
    """The manifest that lies at a target. Raises ``Foreign`` for one that this program did not write."""
    if content is None:
        return Manifest()
    facts = _read(content, target, MANIFEST)
    try:
        files = {name: Entry(_hash(entry["sha256"]), _count(entry["size"])) for name, entry in facts["files"].items()}
        found = Manifest(_count(facts["generation"]), files, tuple(map(_hash, facts["kept"])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_file_of_ours(target, MANIFEST, _why(error)) from error
    _require_plain(found.files, target, MANIFEST)
    return found


def read_journal(content: bytes | None, target: str) -> Journal:
    """The journal that lies at a target. Raises ``Foreign`` for one that this program did not write."""
    if content is None:
        return Journal()
    facts = _read(content, target, JOURNAL)
    try:
        found = Journal({name: tuple(map(_hash, known)) for name, known in facts["files"].items()}, tuple(map(_hash, facts["objects"])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_file_of_ours(target, JOURNAL, _why(error)) from error
    _require_plain(found.files, target, JOURNAL)
    return found


def is_plain(name: str) -> bool:
    """Whether a name stays below its folder, and is none of our own.

    >>> is_plain("vi/index.html"), is_plain("../index.html"), is_plain("a//b"), is_plain("_par/lock.json"), is_plain("manifest.sha256.json")
    (True, False, False, False, False)
    """
    parts = name.split("/")
    return bool(_NAME.fullmatch(name)) and not any(part in ("", ".", "..") for part in parts) and parts[0] != OWN and name != MANIFEST


def _require_plain(names: Iterable[str], target: str, file: str) -> None:
    for name in names:
        if not is_plain(name):
            raise _no_file_of_ours(target, file, f"it lists {shortened(repr(name))}")


def _no_file_of_ours(target: str, file: str, why: str) -> Foreign:
    return Foreign(target, [f"its {file} is not one that par wrote: {why}"], hint="nothing was changed there; look into that file, and who else writes to the target")


def _read(content: bytes, target: str, file: str) -> dict[str, Any]:
    try:
        facts = json.loads(content)
    except ValueError as error:
        raise _no_file_of_ours(target, file, "it is no JSON") from error
    if not isinstance(facts, dict) or facts.get("format") != 1:
        raise _no_file_of_ours(target, file, "it has another form")
    return facts


def _why(error: Exception) -> str:
    """What is wrong with a file's facts.

    >>> _why(KeyError("files")), _why(TypeError("'int' object is not iterable")), _why(ValueError("-1 is no size"))
    ("it has no 'files'", 'it has another form', '-1 is no size')
    """
    if isinstance(error, KeyError):
        return f"it has no {error}"
    return shortened(str(error), width=200) if isinstance(error, ValueError) else "it has another form"


def _hash(value: object) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError(f"{shortened(repr(value))} is no checksum")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{shortened(repr(value))} is no size")
    return value


def _written(facts: Mapping[str, Any]) -> bytes:
    return (json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
