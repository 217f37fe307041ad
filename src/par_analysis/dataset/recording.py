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


_begun: list[str] = []
"""The file of this process, once it has begun: a notebook may do with its environment what it likes."""

BEGINNING: Final = b'["", ""]\n'


def place() -> str:
    """The file that reads are noted in; "" where they are not."""
    return _begun[0] if _begun else os.environ.get(VARIABLE, "")


def begin() -> None:
    """Begin the file, from which it can be told later that none of it was lost."""
    named = os.environ.get(VARIABLE)
    if named and not _begun:
        _begun.append(named)
        Path(named).write_bytes(BEGINNING)


def is_recording() -> bool:
    """Whether reads are noted."""
    return bool(place())


def record(name: str, fingerprint: str) -> None:
    """Note that a slice was read. Raises ``ParError`` where the note cannot be written, or an earlier one was lost."""
    file = place()
    if not file:
        return
    noted = _noted.setdefault((file, os.getpid()), set())
    if (name, fingerprint) not in noted:
        _append(file, json.dumps([name, fingerprint]).encode() + b"\n")
        noted.add((name, fingerprint))


def _append(file: str, line: bytes) -> None:
    if _lost:
        raise ParError(f"what was read could not be noted: {_lost[0]}")
    try:
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | (0 if _begun else os.O_CREAT), 0o600)
        try:
            written = os.write(handle, line)
        finally:
            os.close(handle)
    except OSError as error:
        raise ParError(f"{VARIABLE}: {file} cannot be written to: {error.strerror or error}") from error
    if written != len(line):
        raise ParError(f"{VARIABLE}: {file} cannot be written to: the disk is full")


def lose(problem: str) -> None:
    """Remember that a read could not be noted: the next ``record`` of this process raises."""
    _lost.append(problem)
    if _begun:
        Path(_begun[0]).unlink(missing_ok=True)  # then the run knows, too


def recorded(path: Path, *, is_begun: bool = False) -> dict[str, str]:
    """Slice → fingerprint, as noted in a file; nothing where there is no file.

    Raises ``ParError`` for a slice with two fingerprints, which changed while it was read, for a line that is no note, and for a file that was begun and is gone.
    """
    found: dict[str, str] = {}
    content = path.read_bytes() if path.is_file() else b""
    if is_begun and not content.startswith(BEGINNING):
        raise ParError("what the report read could not be noted: the notebook deleted the file of that", hint="leave the files in a notebook's working folder that it did not make")
    for line in content.removeprefix(BEGINNING).splitlines():
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
