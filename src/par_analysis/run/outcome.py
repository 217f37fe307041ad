"""What comes of a job: plain values, so that whoever only plans, compares and tells need not import what makes reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from par_analysis.errors import ParError
from par_analysis.run.plan import Job


@dataclass(frozen=True)
class Made:
    """What a finished report consists of (file → sha256), what it read (slice → fingerprint), and what its exporters warn of."""

    files: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a job ended: ``error`` is ``None`` where its report is in place; ``warnings`` say what is not on its pages."""

    job: Job
    seconds: float
    error: ParError | None = None
    made: Made = field(default_factory=Made)
    attempts: int = 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the exporters warn of."""
        return self.made.warnings
