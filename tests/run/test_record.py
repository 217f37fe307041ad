"""What a run did is told while it happens, and stands in ``run.json`` afterwards."""

from __future__ import annotations

import json
import os
import pty
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from par_analysis import catalog
from par_analysis.cli.progress import progress
from par_analysis.errors import CellFailed, KernelDied, ParError
from par_analysis.run.batch import Event
from par_analysis.run.contract import Contract
from par_analysis.run.known import Known
from par_analysis.run.outcome import Made, Outcome
from par_analysis.run.plan import Job
from par_analysis.run.record import Record
from par_analysis.run.run import Run, perform, sort_out
from par_analysis.run.settings import Settings
from tests.toys import everything, jobs_of

MADE = Made({"page.html": "0a"}, {}, ("no translation",))


def events(jobs: Sequence[Job], _: Settings | None = None) -> Iterator[Event]:
    """The first is made, the second fails, the third is made the second time; of the others nothing is heard."""
    first, second, third, *_ = jobs
    for job in (first, second):
        yield Event("begun", job)
    yield Event("ended", first, Outcome(first, 1.25, made=MADE))
    yield Event("ended", second, Outcome(second, 0.5, CellFailed(second.label, 3, "KeyError: 'x\x1b'")))
    yield Event("begun", third)
    yield Event("again", third, Outcome(third, 2.0, KernelDied(third.label, 1, "died")))
    yield Event("begun", third)
    yield Event("ended", third, Outcome(third, 3.0, made=MADE, attempts=2))


@pytest.fixture
def jobs(toy: Contract, known: Known, tmp_path: Path) -> tuple[Job, ...]:
    return jobs_of(toy, known, tmp_path / "out", unit=["all"])


@pytest.fixture
def performed(jobs: tuple[Job, ...]) -> tuple[Run, Record]:
    run, record = sort_out(jobs, catalog.load()), Record({"report": "toy"})
    assert len(list(perform(run, Settings(), record, events))) == 8
    return run, record


def test_the_record_says_what_became_of_every_report(performed: tuple[Run, Record], tmp_path: Path) -> None:
    _, record = performed
    record.write(tmp_path / "out", "failed")
    said = json.loads((tmp_path / "out" / "run.json").read_bytes())
    assert {name: said[name] for name in ("status", "report", "counts")} == {"status": "failed", "report": "toy", "counts": {"failed": 1, "made": 2, "not made": 1}}
    assert said["began"] <= said["ended"]
    first, second, third, fourth = (said["reports"][place] for place in sorted(said["reports"]))
    assert first == {"report": "toy par_index 2023 30 vi", "status": "made", "seconds": 1.25, "attempts": 1, "files": {"page.html": "0a"}}
    assert second["error"] == {"kind": "CellFailed", "message": "toy par_index 2023 31 vi: cell 3 failed\nKeyError: 'x\\x1b'"}
    assert (third["status"], third["attempts"]) == ("made", 2)
    assert fourth == {"report": "toy par_index 2023 77 vi", "status": "not made"}


def test_a_run_that_is_ended_early_has_reports_that_are_not_made(jobs: tuple[Job, ...]) -> None:
    record = Record({})
    for event in perform(sort_out(jobs, catalog.load()), Settings(), record, events):
        if event.kind == "again":
            break
    assert record.counts() == {"failed": 1, "made": 1, "not made": 1, "to be tried again": 1}


def test_what_was_made_is_noted_for_the_next_run(performed: tuple[Run, Record], jobs: tuple[Job, ...]) -> None:
    for job in (jobs[0], jobs[2]):
        job.folder.mkdir(parents=True)
        (job.folder / "page.html").write_text("x")
    again = sort_out(jobs, catalog.load())
    assert [what for _, what in again.damaged] == ["page.html is damaged, or was edited"] * 2
    assert len(again.stale) == 4


def test_fresh_reports_are_in_the_record(jobs: tuple[Job, ...]) -> None:
    record = Record({})
    list(perform(Run(jobs, fresh=[(jobs[0], MADE)]), Settings(), record, events))
    assert record.reports == {jobs[0].folder.relative_to(jobs[0].out).as_posix(): {"report": jobs[0].label, "status": "fresh", "files": {"page.html": "0a"}}}


def test_a_note_that_cannot_be_written_is_a_warning(jobs: tuple[Job, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("par_analysis.run.cache.store", full)
    run = sort_out(jobs, catalog.load())
    list(perform(run, Settings(), Record({}), events))
    assert run.outcomes[0].error is None
    assert run.outcomes[0].warnings == ("no translation", "the report is made, but that could not be noted for the next run: No space left on device")


def test_a_record_that_cannot_be_written_leaves_no_debris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    Record({}).write(tmp_path, "complete")
    assert everything(tmp_path) == {}


# ---------------------------------------------------------------- while it happens


def test_events_are_one_json_object_a_line(jobs: tuple[Job, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with progress(4, as_json=True) as tell:
        for event in events(jobs):
            tell(event)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in said] == ["begun", "begun", "made", "failed", "begun", "again", "begun", "made"]
    assert said[2] == {
        "event": "made", "report": jobs[0].label, "folder": jobs[0].folder.as_posix(), "seconds": 1.25, "attempt": 1, "warnings": ["no translation"], "files": {"page.html": "0a"},
    }  # fmt: skip
    assert (said[3]["error"], said[3]["message"].splitlines()[-1]) == ("CellFailed", "KeyError: 'x\x1b'")
    assert (said[5]["error"], said[7]["attempt"]) == ("KernelDied", 2)


def test_in_a_log_every_report_is_a_line(jobs: tuple[Job, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with progress(4) as tell:
        for event in events(jobs):
            tell(event)
    assert capsys.readouterr().err.splitlines() == [
        "[1/4] toy par_index 2023 30 vi … 1.2 s",
        "[2/4] toy par_index 2023 31 vi … 0.5 s FAILED",
        "      toy par_index 2023 66 vi … 2.0 s KernelDied, will be tried again",
        "[3/4] toy par_index 2023 66 vi … 3.0 s",
    ]


@contextmanager
def terminal() -> Iterator[Callable[[], str]]:
    """A pseudo terminal as standard error; what was written to it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    os.set_blocking(ours, False)
    with os.fdopen(theirs, "w") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stream)

        def written() -> str:
            stream.flush()
            with suppress(BlockingIOError):
                return os.read(ours, 2**16).decode()
            return ""

        yield written
    os.close(ours)


def test_on_a_terminal_a_bar_counts_reports_and_failures_and_names_what_is_being_made(jobs: tuple[Job, ...]) -> None:
    looks = []
    with terminal() as written, progress(4) as tell:
        looks.append(written())
        for event in events(jobs):
            tell(event)
            looks.append(written())
        time.sleep(0.2)  # a terminal may be a step behind
        looks.append(written())
    told = "".join(looks)
    assert told.index("0/4") < told.index("2/4") < told.index("3/4")
    said = ("0 failed · toy par_index 2023 30 vi, toy par_index 2023 31 vi", "2/4", "1 failed", "1 failed · toy par_index 2023 66 vi")
    assert [one for one in said if one not in told] == []
    assert " left" in told


def test_a_bar_starts_no_thread() -> None:
    before = threading.active_count()
    with terminal() as written, progress(4):
        assert written()
        assert threading.active_count() == before


def test_an_error_of_a_run_is_not_swallowed(jobs: tuple[Job, ...]) -> None:
    def broken(*_: object) -> Iterator[Event]:
        raise ParError("no worker can be started")

    record = Record({})
    with pytest.raises(ParError, match="no worker"):
        list(perform(sort_out(jobs, catalog.load()), Settings(), record, broken))
    assert record.counts() == {"not made": 4}
    assert everything(jobs[0].out) == {}
