"""A disk that is full or cannot be written to: said in a sentence, tried again, and never half a report."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from par_analysis.errors import DiskFailed, ParError, ProgramError
from par_analysis.run import process
from par_analysis.run.batch import spaces, sweep
from par_analysis.run.contract import Contract
from par_analysis.run.known import Known
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings
from par_analysis.run.worker import attempt
from par_analysis.run.workspace import MARK
from tests.run.test_sabotage import executed
from tests.toys import everything, jobs_of, run, toy_jobs


def failing(monkeypatch: pytest.MonkeyPatch, number: int, suffix: str) -> None:
    """Writing a file of a kind fails, after half of it is there."""
    write = Path.write_bytes

    def broken(path: Path, content: bytes) -> int:
        if path.suffix == suffix:
            write(path, content[: len(content) // 2])
            raise OSError(number, os.strerror(number))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", broken)


@pytest.fixture
def job(toy: Contract, known: Known, tmp_path: Path) -> Job:
    (job,) = jobs_of(toy, known, tmp_path / "out")
    assert attempt(job, Settings(), executed).error is None
    return job


@pytest.mark.parametrize("suffix", [".html", ".pdf", ".csv", ".json"])
def test_a_full_disk_keeps_the_last_good_report(job: Job, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    good = everything(job.out)
    failing(monkeypatch, errno.ENOSPC, suffix)
    error = attempt(job, Settings(), executed).error
    assert isinstance(error, DiskFailed)
    assert str(error) == f"{job.label}: No space left on device"
    assert error.is_passing
    assert everything(job.out) == good
    assert not (job.out / ".work").exists()


@pytest.mark.parametrize(("number", "kind"), [(errno.EROFS, DiskFailed), (errno.EDQUOT, DiskFailed), (errno.EIO, DiskFailed), (errno.ENOTDIR, ProgramError)])
def test_what_the_machine_failed_is_told_from_what_the_program_failed(job: Job, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[ParError]) -> None:
    failing(monkeypatch, number, ".csv")
    assert type(attempt(job, Settings(), executed).error) is kind


def test_a_file_that_grows_too_large_in_a_notebook_is_that_cells_failure(tmp_path: Path) -> None:
    """And a limit on the size of files stands for a disk that is full while pages are written."""
    reports = {
        "large": "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\nopen('x', 'w').write('x' * 999)",
        "calm": "1",
    }
    ended = run(toy_jobs(tmp_path, reports), workers=1)
    said = {outcome.job.report: outcome.error for outcome in ended.values()}
    assert said["calm"] is None
    assert said["large"] is not None
    assert not any("large" in name for name in everything(tmp_path / "out"))


def test_a_folder_that_cannot_be_written_to_is_said_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(ParError, match="out cannot be written to: Permission denied") as caught, spaces(tmp_path / "out", Settings()):
        pass
    assert caught.value.hint == "choose another --out"


def test_the_folders_of_a_run_are_gone_after_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with spaces(out, Settings()) as placed:
        assert placed.scratch is not None
        assert placed.work is not None
        assert placed.work.is_relative_to(out)
        (placed.scratch / "x").touch()
        (placed.work / "x").touch()
    assert not placed.scratch.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_run_removes_what_dead_ones_left_and_nothing_of_living_ones(tmp_path: Path) -> None:
    with spaces(tmp_path, Settings()) as living:
        (tmp_path / ".work" / "run-dead").mkdir()
        (tmp_path / ".work" / "run-dead" / MARK).touch()
        assert sweep(tmp_path) == 1
        assert living.work is not None
        assert [path.name for path in (tmp_path / ".work").iterdir()] == [living.work.name]
        with spaces(tmp_path, Settings()):
            assert living.work.exists()
    assert sweep(tmp_path) == 0


def test_an_error_that_is_no_disks_is_none_of_its_failures() -> None:
    assert process.disk_failure("x", OSError(errno.ENOENT, "No such file")) is None
