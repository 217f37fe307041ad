"""What a process of a batch does to itself and to others: end with its parent, keep within its memory, be ended with all that it started."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
from contextlib import suppress
from typing import Final

from par_analysis.errors import DiskFailed

CAPS: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS"), "1")
"""Native libraries start no threads of their own: the cores belong to the workers."""

ENVIRONMENT: Final = {
    "PYTHONHASHSEED": "0",
    "PYTHONSTARTUP": "",
    "PYTHONUTF8": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # or the debugger complains of frozen modules on every start
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
"""What every kernel's environment says: hashes and text are the same everywhere, figures are displayed as in Jupyter."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM})

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36


def has_fork() -> bool:
    """Whether a warm process can be forked here."""
    return hasattr(os, "fork") and sys.platform != "win32"


def die_with_parent(parent: int, *, by: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel end this process when its parent ends, whatever way it ends; a parent that is gone already ends it now. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)
        if os.getppid() != parent:
            os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of what the processes that this one starts leave behind when they end. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_children() -> None:
    """End all that this process has started or adopted, and wait for it."""
    with suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                _kill_descendants()
                os.waitpid(-1, 0)


def _kill_descendants() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()


FRESH: Final = 384 * 2**20
"""Bytes that a kernel takes which has imported its libraries, and nothing else yet."""


def limit_memory(size: int, *, held: int | None = None) -> None:
    """At most so many bytes of memory of its own for this process, beyond what it has or will have ``held``: then ``MemoryError``. 0 for no limit."""
    if size and sys.platform != "win32":
        import resource

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, ((_data() if held is None else held) + size, resource.RLIM_INFINITY))


def _data() -> int:
    """Bytes of data that this process has mapped now."""
    try:
        with open("/proc/self/status", encoding="ascii") as stream:
            return next(int(line.split()[1]) * 1024 for line in stream if line.startswith("VmData"))
    except (OSError, StopIteration):
        return 0


def kill_group(leader: int) -> None:
    """End a process that leads a group, and all of the group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.kill(leader, signal.SIGKILL)


def available_memory() -> int:
    """Bytes that can be had without swapping, as far as the machine and the container's limit allow."""
    import psutil

    free = int(psutil.virtual_memory().available)
    for limit, used in (("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),):
        with suppress(OSError, ValueError), open(limit, encoding="ascii") as most, open(used, encoding="ascii") as now:
            free = min(free, int(most.read()) - int(now.read()))
    return free


def resident(process: int) -> int:
    """Bytes of memory of a process and of all that it started; 0 where it is gone."""
    import psutil

    try:
        family = [psutil.Process(process), *psutil.Process(process).children(recursive=True)]
    except psutil.Error:
        return 0
    total = 0
    for member in family:
        with suppress(psutil.Error):
            total += member.memory_info().rss
    return int(total)


def disk_failure(label: str, error: OSError) -> DiskFailed | None:
    """An error of writing that is the machine's, as what is told of a report; ``None`` for any other."""
    return DiskFailed(f"{label}: {error.strerror or error}", hint="is the disk full, or the folder read-only?") if error.errno in _FULL else None
