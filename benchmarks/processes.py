"""Processes that are timed: run to their end, watched for memory, and ended with everything that they started."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

PR_SET_CHILD_SUBREAPER: Final = 36
INTERVAL: Final = 1.0
"""Seconds between two looks at the memory of a process tree."""


class BenchFailed(Exception):
    """The bench cannot go on; a sentence."""


def say(text: str) -> None:
    """Progress, at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def adopt_orphans() -> None:
    """Have processes whose parent ends (a browser's helpers, say) become children of this one, so that they are found. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_leftovers() -> int:
    """End every process below this one that still runs; how many that were. For moments in which none should."""
    left = [child for child in psutil.Process().children(recursive=True) if _is_running(child)]
    for child in left:
        with suppress(psutil.Error):
            child.kill()
    psutil.wait_procs(left, timeout=10)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return len(left)


def _is_running(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str], *, told: Callable[[str], None] | None = None) -> None:
    """Run a command to its end in a folder; ``told`` hears the lines of its standard output. Raises ``BenchFailed`` with the end of what it complained of."""
    with tempfile.TemporaryFile("w+", errors="replace") as complaints:
        output = subprocess.PIPE if told else subprocess.DEVNULL
        with subprocess.Popen(command, cwd=folder, env=dict(variables), stdin=subprocess.DEVNULL, stdout=output, stderr=complaints, text=True) as process:
            try:
                for line in process.stdout or ():
                    if told:
                        told(line)
                code = process.wait()
            except BaseException:
                process.kill()
                raise
        if code:
            complaints.seek(0)
            raise BenchFailed(f"{' '.join(map(str, command[:4]))} … ended with {code}:\n" + "\n".join(complaints.read().splitlines()[-12:]))


class Peak:
    """The largest memory of all processes below this one while the block runs, in bytes: the sum of their proportional set sizes, looked at every second."""

    def __init__(self) -> None:
        self.bytes = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(INTERVAL):
            self.bytes = max(self.bytes, sum(map(proportional, psutil.Process().children(recursive=True))))


def proportional(process: psutil.Process) -> int:
    """The memory of a process in bytes, pages that it shares with others divided among them; 0 where it is gone."""
    try:
        with open(f"/proc/{process.pid}/smaps_rollup", encoding="ascii") as stream:
            return next((int(line.split()[1]) * 1024 for line in stream if line.startswith("Pss:")), 0)
    except FileNotFoundError:
        return 0 if sys.platform == "linux" else _resident(process)
    except OSError:
        return 0


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


class Clock:
    """Seconds of wall time from the beginning of the block to its end, or to now."""

    def __enter__(self) -> Clock:
        self.began = time.perf_counter()
        self.seconds = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = self.now()

    def now(self) -> float:
        return time.perf_counter() - self.began
