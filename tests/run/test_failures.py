"""What goes wrong in one report is judged, told in a sentence, and no other report's business."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from par_analysis.errors import CellFailed, KernelDied, OutOfMemory, ParError, TimedOut
from par_analysis.run import forker, hired, process
from par_analysis.run.outcome import Outcome
from par_analysis.run.run import grouped
from par_analysis.run.settings import Settings
from tests.toys import jobs_of, make_known, of, report, run, toy_jobs

MB = 2**20
MEMORY = 400 * MB

FAILING = {
    "loops": "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except KeyboardInterrupt:\n        pass",
    "dies": "import os\nos._exit(1)",
    "raises": "raise KeyError('dan_so\\x1b]0;title\\x07')",
    "raises_too": "raise KeyError('dan_so\\x1b]0;title\\x07')",
    "prints": "import time\nwhile True:\n    print('x' * 4_000_000)\n    time.sleep(0.1)",
    "floods": f"print('x' * {50 * MB})",
    "displays": f"from IPython.display import HTML\nHTML('x' * {50 * MB})",
    "eats": f"x = bytearray({4 * MEMORY})",
    "asks": "input('name?')",
    "exits": "import sys\nsys.exit()",
}
CALM = "print('calm')"

EXPECTED: Mapping[str, tuple[type[ParError], str]] = {
    "loops": (TimedOut, r"cell 5 failed\nthe cell took longer than \d s and was stopped"),
    "dies": (KernelDied, "the kernel died while the cell ran"),
    "raises": (CellFailed, r"KeyError: 'dan_so\\x1b\]0;title\\x07'"),
    "raises_too": (CellFailed, "KeyError: 'dan_so"),
    "prints": (CellFailed, "put out more than 32 MB, which no report can hold"),
    "floods": (CellFailed, "put out more than 32 MB, which no report can hold"),
    "displays": (CellFailed, "put out more than 32 MB, which no report can hold"),
    "eats": (OutOfMemory, "MemoryError"),
    "asks": (CellFailed, "does not support input requests"),
    "exits": (CellFailed, r"sys\.exit\(\) is not for reports"),
}
"""Report type → class and words of its error."""


@dataclass
class Watch:
    """The most memory that a process of a run had."""

    most: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        while not self.done.wait(0.1):
            for child in psutil.Process().children(recursive=True):
                try:
                    self.most = max(self.most, child.memory_info().rss)
                except psutil.Error:
                    continue


@contextmanager
def watched() -> Iterator[Watch]:
    watch = Watch()
    thread = threading.Thread(target=watch.look)
    thread.start()
    try:
        yield watch
    finally:
        watch.done.set()
        thread.join()


@pytest.fixture(scope="module", params=["warm", "forked", "cold"])
def ended(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[dict[str, Outcome], int]:
    """A batch of all that fails, with a neighbour at each end: outcomes, and the most memory that one of its processes had."""
    root, kernels = tmp_path_factory.mktemp("failures"), request.param
    first, last = jobs_of(report(root, "calm", CALM), make_known(root), root / "out", unit=["30", "31"])
    jobs = [first, *toy_jobs(root, FAILING), last]
    with watched() as watch:
        outcomes = run(jobs, kernels=kernels, retries=1, cell_timeout=8 if kernels == "cold" else 4, memory=MEMORY)
    return outcomes, watch.most


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_is_said_with_its_class_and_its_cell(ended: tuple[dict[str, Outcome], int], name: str) -> None:
    kind, said = EXPECTED[name]
    error = of(ended[0], name).error
    assert type(error) is kind
    assert error.cell == 5
    assert error.report == f"{name} par_index 2023 30 vi"
    with pytest.raises(kind, match=said):
        raise error
    assert "\x1b" not in str(error)
    assert len(str(error)) < 20_000


@pytest.mark.parametrize("name", FAILING)
def test_only_what_may_pass_is_tried_again(ended: tuple[dict[str, Outcome], int], name: str) -> None:
    assert of(ended[0], name).attempts == (2 if name in {"loops", "dies", "eats"} else 1)


def test_neighbours_of_what_fails_are_made(ended: tuple[dict[str, Outcome], int]) -> None:
    calm = [outcome for outcome in ended[0].values() if outcome.job.report == "calm"]
    assert [outcome.error for outcome in calm] == [None, None]
    assert all((outcome.job.folder / "manifest.json").exists() for outcome in calm)


def test_what_failed_has_no_folder(ended: tuple[dict[str, Outcome], int]) -> None:
    assert [name for name in FAILING if of(ended[0], name).job.folder.exists()] == []


def test_equal_tracebacks_are_one_group(ended: tuple[dict[str, Outcome], int]) -> None:
    groups = {frozenset(outcome.job.report for outcome in group) for group in grouped(list(ended[0].values())).values()}
    assert frozenset({"raises", "raises_too"}) in groups
    assert frozenset({"dies"}) in groups


def test_output_without_end_does_not_fill_the_memory(ended: tuple[dict[str, Outcome], int]) -> None:
    assert ended[1] < 1200 * MB


# ---------------------------------------------------------------- limits of a whole report


@pytest.mark.parametrize("kernels", ["warm", "cold"])
def test_a_report_may_take_so_long_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernels: str) -> None:
    monkeypatch.setattr(hired, "GRACE", 0.5)
    slow = report(tmp_path, "slow", *["import time\ntime.sleep(2)"] * 9)
    quick = report(tmp_path, "quick", CALM)
    jobs = [job for contract in (slow, quick) for job in jobs_of(contract, make_known(tmp_path), tmp_path / "out")]
    outcomes = run(jobs, kernels=kernels, report_timeout=6, workers=2)
    assert of(outcomes, "quick").error is None
    assert isinstance(of(outcomes, "slow").error, TimedOut)
    assert "report took longer than 6 s" in str(of(outcomes, "slow").error)
    assert of(outcomes, "slow").seconds < 12


def test_the_memory_of_all_that_a_report_started_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "resident", lambda _: 2 * 2**30)
    met: Any = forker._beyond(1, Settings(memory=2**30), 5, 5)
    assert met[0] is OutOfMemory
    assert met[1] == "the report took more than 1.0 GB of memory and was stopped"
    assert forker._beyond(1, Settings(memory=0), 5, 5) is None
    assert forker._beyond(1, Settings(memory=2 * 2**30), 5, 5) is None
