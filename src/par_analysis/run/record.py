"""``run.json``: what the last run did, report by report, with times, versions and hashes. The one file of a run that has a clock in it."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from par_analysis.run.batch import Event
from par_analysis.run.manifest import versions
from par_analysis.run.outcome import Made
from par_analysis.run.plan import Job
from par_analysis.run.text import visible

FILE: Final = "run.json"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@dataclass
class Record:
    """What has happened so far; ``facts`` say how the run was asked for."""

    facts: Mapping[str, Any]
    began: str = field(default_factory=_now)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)

    def plan(self, job: Job) -> None:
        """A report that is to be made."""
        self._put(job, status="not made")

    def fresh(self, job: Job, made: Made) -> None:
        """A report that is there already."""
        self._put(job, status="fresh", files=dict(made.files))

    def note(self, event: Event) -> None:
        """An event of the batch."""
        if event.outcome is None:
            return
        outcome = event.outcome
        if outcome.error is None:
            self._put(event.job, status="made", seconds=round(outcome.seconds, 3), attempts=outcome.attempts, files=dict(outcome.made.files))
        else:
            status = "to be tried again" if event.kind == "again" else "failed"
            error = {"kind": type(outcome.error).__name__, "message": visible(str(outcome.error), keep="\n")}
            self._put(event.job, status=status, seconds=round(outcome.seconds, 3), attempts=outcome.attempts, error=error)

    def _put(self, job: Job, **facts: Any) -> None:
        folder = job.folder.relative_to(job.out).as_posix()
        self.reports[folder] = {"report": job.label, **facts}

    def counts(self) -> dict[str, int]:
        """Status → how many reports."""
        met = [facts["status"] for facts in self.reports.values()]
        return {status: met.count(status) for status in sorted(set(met))}

    def write(self, out: Path, status: str) -> None:
        """Put the file in place; a folder that cannot be written to has none."""
        facts = {"status": status, "began": self.began, "ended": _now(), **self.facts, "counts": self.counts(), "versions": versions()}
        facts["reports"] = dict(sorted(self.reports.items()))
        beside = out / f".{FILE}.{secrets.token_hex(4)}~"
        try:
            out.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            beside.replace(out / FILE)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
