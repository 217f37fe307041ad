"""What a report has read, line by line: ``PAR_READS`` names the file that every slice of data is noted in when it is handed out."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from par_analysis.errors import ParError

VARIABLE: Final = "PAR_READS"
"""Names the file; where it is not set, nothing is noted."""

_noted: dict[tuple[str, int], set[tuple[str, str]]] = {}
"""(file, process) → what stands in it already: a forked process, and one with another file, begins anew."""

_lost: list[str] = []
"""What could not be noted where nothing may be raised."""


def is_recording() -> bool:
    """Whether reads are noted."""
    return bool(os.environ.get(VARIABLE))


def record(name: str, fingerprint: str) -> None:
    """Note that a slice was read. Raises ``ParError`` where the note cannot be written, or an earlier one was lost."""
    place = os.environ.get(VARIABLE)
    if not place:
        return
    noted = _noted.setdefault((place, os.getpid()), set())
    if (name, fingerprint) not in noted:
        _append(place, json.dumps([name, fingerprint]).encode() + b"\n")
        noted.add((name, fingerprint))


def _append(place: str, line: bytes) -> None:
    if _lost:
        raise ParError(f"what was read could not be noted: {_lost[0]}")
    try:
        handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            written = os.write(handle, line)
        finally:
            os.close(handle)
    except OSError as error:
        raise ParError(f"{VARIABLE}: {place} cannot be written to: {error.strerror or error}") from error
    if written != len(line):
        raise ParError(f"{VARIABLE}: {place} cannot be written to: the disk is full")


def lose(problem: str) -> None:
    """Remember that a read could not be noted: the next ``record`` of this process raises."""
    _lost.append(problem)


def recorded(path: Path) -> dict[str, str]:
    """Slice → fingerprint, as noted in a file; nothing where there is no file.

    Raises ``ParError`` for a slice with two fingerprints, which changed while it was read, and for a line that is no note.
    """
    found: dict[str, str] = {}
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            name, fingerprint = json.loads(line)
        except (ValueError, TypeError) as error:
            raise ParError(f"{path.name}: not a note of what was read: {line[:80]!r}") from error
        if found.setdefault(name, fingerprint) != fingerprint:
            raise ParError(f"{name} was changed while the report was made", hint="run the command again")
    return found


def digest(reads: Mapping[str, str]) -> str:
    """The state of all that was read, in whatever order: 16 hexadecimal digits.

    >>> digest({"figures/papi/2019": "0a", "claims/papi/2019": "0b"}) == digest({"claims/papi/2019": "0b", "figures/papi/2019": "0a"})
    True
    """
    return hashed(json.dumps(sorted(reads.items())))


def hashed(*parts: str | bytes) -> str:
    """16 hexadecimal digits that stand for the parts, in their order.

    >>> hashed("a", "b") == hashed("ab"), len(hashed())
    (False, 16)
    """
    total = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(len(content).to_bytes(8, "little") + content)
    return total.hexdigest()[:16]
