"""Whether anything on the disk was touched: names, sizes and the kernel's own times of files, which costs no reading of them.

A file that was written anew, moved or put back from a copy has another trace, also where its content is the same. Then a step looks for itself.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_SKIPPED: Final = frozenset({"__pycache__", ".DS_Store"})


def trace(path: Path, *, hidden: bool = False, but: frozenset[str] = frozenset()) -> str:
    """The trace of a file or of a whole folder, "" where there is none; ``but`` are names right in the folder that do not matter."""
    if not path.exists():
        return ""
    digest = hashlib.sha256()
    for line in _facts(path.resolve(), "", hidden, but):
        digest.update(line.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()[:24]


def _facts(path: Path, name: str, hidden: bool, but: frozenset[str]) -> Iterator[str]:
    try:
        met = path.lstat()
        entries = sorted(os.listdir(path)) if stat.S_ISDIR(met.st_mode) else []
    except OSError:  # gone meanwhile, or not to be read: then it is not there for a step either
        return
    if not stat.S_ISDIR(met.st_mode):
        yield f"{name}\t{stat.S_IFMT(met.st_mode)}\t{met.st_size}\t{met.st_mtime_ns}\t{met.st_ctime_ns}\t{met.st_ino}"
        return
    yield f"{name}/"
    for entry in entries:
        if entry not in _SKIPPED and entry not in but and (hidden or not entry.startswith(".")):
            yield from _facts(path / entry, f"{name}/{entry}", hidden, frozenset())
