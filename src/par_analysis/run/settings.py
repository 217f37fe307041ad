"""How a batch is run: the same for all of its reports, and sent once to every worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from par_analysis.model import Language
from par_analysis.run.process import has_fork

Kernels = Literal["warm", "forked", "cold"]
"""Where a notebook runs: in a fork of a warm process; in a real kernel on sockets, forked likewise; in a kernel started from nothing."""

UnitNames = Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True)
class Settings:
    """``cell_timeout`` and ``report_timeout`` in seconds, ``memory`` in bytes a report (0: no limit); ``scratch`` and ``work`` are the folders for
    what no one keeps, and for reports that are not finished yet, on the disk of the finished ones; ``stands_for``: folder of this machine → the one
    that it is a copy of, where reports are made for another machine."""

    unit_names: UnitNames = field(default_factory=dict)
    kernels: Kernels = "warm" if has_fork() else "cold"
    cell_timeout: int = 120
    report_timeout: int = 600
    memory: int = 2 * 2**30
    scratch: Path | None = None
    work: Path | None = None
    stands_for: Mapping[str, str] = field(default_factory=dict)
