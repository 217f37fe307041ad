"""A folder of one's own, on the same disk as the place that finished files are renamed to; what runs that died left behind goes with the next run."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MARK: Final = ".par"
"""Stands in every folder that was made here, so that nobody else's is removed."""


@contextmanager
def workspace(parent: Path, prefix: str, *, rescue: Callable[[Path], None] = lambda _: None) -> Iterator[Path]:
    """An empty folder ``<parent>/<prefix>…`` for the block alone: whatever happens in it, the folder is gone afterwards.

    A run holds a lock on its folder, which ends with its process, and marks it: marked folders of that prefix that nobody holds are of dead runs, and
    removed, after ``rescue`` took out of them what is to be kept. Where the file system has no locks, or somebody else holds the parent's, nothing is
    proven, and nothing removed. Raises ``OSError``.
    """
    with _held(parent, wait=False) as is_alone:
        for left in parent.glob(f"{prefix}*") if is_alone else ():
            _remove_dead(left, rescue)
    space = _made(parent, prefix)
    lock = _lock(space, wait=False)
    (space / MARK).touch()
    try:
        yield space
    finally:
        shutil.rmtree(space, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _made(parent: Path, prefix: str) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    except OSError as error:
        error.filename = str(parent)  # the place that a user knows
        raise


def _remove_dead(folder: Path, rescue: Callable[[Path], None]) -> None:
    if folder.is_symlink() or not (folder / MARK).is_file():
        return
    with _held(folder, wait=False) as is_held:
        if is_held:
            rescue(folder)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Whether the folder's lock is held for the block."""
    lock = _lock(folder, wait=wait)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            os.close(lock)


def _lock(folder: Path, *, wait: bool) -> int | None:
    """A descriptor that holds the folder's lock until it is closed or the process ends; ``None`` where another process holds it, or there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(opened)
        return None
    return opened
