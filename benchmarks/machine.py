"""What a machine is, as far as timings depend on it; nothing that names it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from typing import Final

import psutil

LIBRARIES: Final = ("papermill", "nbclient", "nbconvert", "ipykernel", "jupyter-client", "playwright", "pandas", "numpy", "matplotlib", "typst")


def facts() -> dict[str, str]:
    """The machine, the system, and the versions of what is timed."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "Processor": f"{_processor()}, {cores} cores",
        "Memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "System": f"{_system()}, {platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Browser": _browser(),
        "Libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:
            found = re.search(r"^model name\s*:\s*(.+)$", stream.read(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform(terse=True)


def _browser() -> str:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False) if path else None
    found = re.search(r"\S+ \d[\d.]+", done.stdout) if done else None
    return found[0] if found else "none"
