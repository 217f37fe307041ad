"""Whichever process of a batch is killed: its reports are made all the same, by another one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from par_analysis.errors import KernelKilled, ParError, WorkerDied
from par_analysis.run import batch as batching
from par_analysis.run.batch import Batch, Event
from par_analysis.run.outcome import Outcome
from tests.toys import everything, jobs_of, make_known, report, run, toy_jobs

SLOW = "import time\ntime.sleep(0.7)"


def children(number: int, count: int = 1) -> list[psutil.Process]:
    """A process' children, once it has so many."""
    until = time.monotonic() + 20
    while len(found := psutil.Process(number).children()) < count and time.monotonic() < until:
        time.sleep(0.02)
    return found


def worker(batch: Batch) -> int:
    """The busy worker, once its fork runs a notebook."""
    (number,) = [one.number for one in batch.workers if one.job]
    fork(batch)
    return number


def forker(batch: Batch) -> int:
    (number,) = [one.number for one in batch.workers if one.job]
    return children(number)[0].pid


def fork(batch: Batch) -> int:
    return children(forker(batch))[0].pid


def nursery(batch: Batch) -> int:
    fork(batch)
    assert batch.nursery is not None
    return batch.nursery.process.pid


VICTIMS: dict[str, tuple[Callable[[Batch], int], type[ParError]]] = {
    "worker": (worker, WorkerDied),
    "forker": (forker, WorkerDied),
    "nursery": (nursery, WorkerDied),
    "fork": (fork, KernelKilled),
}
"""Who is killed → how to find it, and what its report is said to have met."""


@dataclass
class Killer:
    """Kills one after the other, each in the middle of a report of its own."""

    left: list[str] = field(default_factory=lambda: list(VICTIMS))
    hit: dict[str, str] = field(default_factory=dict)  # report → who was killed
    again: dict[str, list[Outcome]] = field(default_factory=dict)  # report → what it met

    def __call__(self, event: Event, batch: Batch) -> None:
        label = event.job.label
        if event.kind == "begun" and label not in self.again and self.left:
            self.hit[label] = self.left.pop(0)
            os.kill(VICTIMS[self.hit[label]][0](batch), signal.SIGKILL)
        if event.kind == "again" and event.outcome:
            self.again.setdefault(label, []).append(event.outcome)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Killer, dict[str, Outcome], Path]:
    """Five reports by one worker; in each of the first four somebody is killed."""
    root, killer = tmp_path_factory.mktemp("killed"), Killer()
    jobs = jobs_of(report(root, "slow", SLOW), make_known(root, {f"{number}": f"Tỉnh {number}" for number in range(30, 35)}), root / "out", unit=["all"])
    return killer, run(jobs, workers=1, retries=2, met=killer), root / "out"


def test_every_report_is_made_whoever_was_killed(killed: tuple[Killer, dict[str, Outcome], Path]) -> None:
    killer, ended, out = killed
    assert set(killer.hit.values()) == set(VICTIMS)
    assert [outcome.error for outcome in ended.values()] == [None] * 5
    assert {path.rpartition(".")[2] for path in everything(out)} == {"html", "pdf", "csv", "json"}
    assert len(everything(out)) == 5 * 4


@pytest.mark.parametrize("who", VICTIMS)
def test_who_died_is_said_and_the_attempt_counted(killed: tuple[Killer, dict[str, Outcome], Path], who: str) -> None:
    killer, ended, _ = killed
    (label,) = [label for label, victim in killer.hit.items() if victim == who]
    (met,) = killer.again[label]
    assert type(met.error) is VICTIMS[who][1]
    assert (met.attempts, ended[label].attempts) == (1, 2)


def test_a_report_that_is_not_tried_again_says_that_its_process_died(tmp_path: Path) -> None:
    (job,) = toy_jobs(tmp_path, {"slow": SLOW})
    ended = run([job], retries=0, met=lambda event, batch: os.kill(worker(batch), signal.SIGKILL) if event.kind == "begun" else None)
    assert isinstance(ended[job.label].error, WorkerDied)
    assert "the process that made the report died" in str(ended[job.label].error)


def test_where_no_warm_process_can_be_started_the_run_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "BACKOFF", 0.01)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(WorkerDied, match="no worker can be started"):
        run(toy_jobs(tmp_path, {"calm": "1"}))
    assert not (tmp_path / "out").exists()
