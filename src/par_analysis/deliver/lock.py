"""One run at a time: a lock that the kernel releases when its process ends, whatever way it ends."""

from __future__ import annotations

import datetime
import errno
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from par_analysis.errors import ParError

FILE: Final = "lock"


class Busy(ParError):
    """Another process holds the lock: ``holder`` says what is known of it."""

    exit_code = 75
    is_passing = True

    def __init__(self, path: Path, holder: str) -> None:
        self.path, self.holder = path, holder
        super().__init__(f"another run is under way: {holder}", hint="nothing was done; the next run does what is left")


@contextmanager
def held(state: Path, what: str) -> Iterator[None]:
    """Hold the lock of a state's folder for the block. Raises ``Busy``, and ``ParError`` where there can be no lock.

    The file stays and says nothing by itself: only who holds it counts. Processes that are started in the block do not hold it on.
    """
    opened = _open(state / FILE)
    try:
        with suppress(OSError):  # a disk that is full takes no note, and the lock is held all the same
            os.ftruncate(opened, 0)
            os.pwrite(opened, _holder(what), 0)
        yield
    finally:
        with suppress(OSError):
            os.ftruncate(opened, 0)
        os.close(opened)


def _open(path: Path) -> int:
    """The lock's file, held by this process. A file that was put in its place meanwhile is tried anew."""
    if sys.platform == "win32":
        raise ParError("this system has no locks that end with their process", hint="run it under Linux, macOS or WSL")
    import fcntl

    for _ in range(10):
        opened = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(opened).st_ino == os.stat(path).st_ino:
                return opened
            os.close(opened)
        except OSError as error:
            holder = _said(opened)
            if opened >= 0:
                os.close(opened)
            if isinstance(error, FileNotFoundError):
                continue
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES} and opened >= 0:
                raise Busy(path, holder) from None
            raise ParError(f"{path} cannot be locked: {error.strerror or error}", hint="the state has to lie on a disk of this machine that can be written to") from error
    raise ParError(f"{path} cannot be locked: it is replaced again and again")


def _holder(what: str) -> bytes:
    since = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    return json.dumps({"pid": os.getpid(), "host": platform.node(), "since": since, "what": what}).encode()


def _said(opened: int) -> str:
    """Who holds the lock, as noted by the holder."""
    try:
        facts = json.loads(os.pread(opened, 4096, 0))
        return f"{facts['what']}, process {facts['pid']} on {facts['host']}, since {facts['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has not said who it is yet"
