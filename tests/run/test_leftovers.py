"""However a run ends, nothing of it lives on or lies about, and the next run completes the set."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from par_analysis import catalog
from par_analysis.run.publish import NOTES
from tests.toys import COVER, ending, everything, gone, marked, write_notebook

ROOT = catalog.load().root
UNITS = "01,02,04,06,08,10,11,12,14,15"

SLOW = """
import os, subprocess, time
left = [subprocess.Popen(["sleep", "300"], start_new_session=alone) for alone in (False, True)]
time.sleep(0.4)
"""
"""Long enough to be met in the middle, with processes that the notebook leaves behind."""


@dataclass
class Runs:
    """A checkout with one slow toy report, its runs in the order that they were made in, and what was met after each."""

    root: Path
    met: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        return self.root / "out"

    def start(self, mark: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "par_analysis", "build", "toy", "--unit", UNITS, "--out", str(self.out), "--json", "--format", "html", "--workers", "2"]
        given = {**os.environ, "PAR_ROOT": str(self.root), "TMPDIR": str(self.root / "tmp"), "MARK": mark}
        return subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.root)

    def until(self, number: signal.Signals | None) -> None:
        """Run until the first report is made and another one is under way, then send a signal; without one, to the end."""
        mark = uuid.uuid4().hex
        child = self.start(mark)
        with ending(child):
            assert child.stdout is not None
            events = []
            for line in child.stdout:
                events.append(json.loads(line))
                if number and events[-1]["event"] == "made":
                    self._await_sleepers(mark)
                    child.send_signal(number)
                    break
            rest, said = child.communicate(timeout=30)
        name = number.name if number else "end"
        left = gone(mark, within=5)
        self.met[name] = {
            "code": child.returncode,
            "events": [*events, *map(json.loads, rest.splitlines())],
            "said": said,
            "left": left,
            "tmp": self.temporary(),
            "files": everything(self.out),
        }
        self.met[name]["record"] = json.loads((self.out / "run.json").read_bytes()) if number is not signal.SIGKILL else {}
        for process in left:
            process.kill()

    def _await_sleepers(self, mark: str) -> None:
        until = time.monotonic() + 10
        while not [one for one in marked(mark) if "sleep" in one.cmdline()] and time.monotonic() < until:
            time.sleep(0.02)

    def temporary(self) -> list[str]:
        return sorted(path.name for path in (self.root / "tmp").iterdir())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """One folder: a run that is killed, one that is told to end, one that is interrupted, and one that is let be."""
    root = tmp_path_factory.mktemp("runs")
    (root / "data").symlink_to(ROOT / "data")
    (root / "tmp").mkdir()
    write_notebook(root / "notebooks" / "toy.ipynb", COVER, SLOW)
    done = Runs(root)
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None):
        done.until(number)
    return done


SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT"]


@pytest.mark.parametrize("name", [*SIGNALS, "end"])
def test_no_process_of_a_run_lives_on(runs: Runs, name: str) -> None:
    assert runs.met[name]["left"] == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "end"])
def test_no_folder_and_no_socket_is_left(runs: Runs, name: str) -> None:
    """Nor that of the run that was killed before: the next one has removed it."""
    assert runs.met[name]["tmp"] == []
    assert not [path for path in runs.met[name]["files"] if ".work" in path or path.endswith("~")]


@pytest.mark.parametrize("name", [*SIGNALS, "end"])
def test_every_report_there_is_whole(runs: Runs, name: str) -> None:
    files = runs.met[name]["files"]
    folders = {path.rpartition("/")[0] for path in files if path.startswith("2023/")}
    assert folders
    for folder in folders:
        assert {path.rpartition(".")[2] for path in files if path.startswith(folder + "/")} == {"html", "csv", "json"}
        assert set(json.loads(files[f"{folder}/manifest.json"])["files"]) | {"manifest.json"} == {
            path.removeprefix(folder + "/") for path in files if path.startswith(folder + "/")
        }


@pytest.mark.parametrize(("name", "code"), [("SIGKILL", -9), ("SIGTERM", 130), ("SIGINT", 130), ("end", 0)])
def test_the_exit_code_says_how_it_ended(runs: Runs, name: str, code: int) -> None:
    assert runs.met[name]["code"] == code
    assert "Traceback" not in runs.met[name]["said"]


def test_no_run_makes_what_one_before_has_made(runs: Runs) -> None:
    made = [event["report"] for met in runs.met.values() for event in met["events"] if event["event"] == "made"]
    assert sorted(set(made)) == sorted(made)
    planned = [next(event for event in met["events"] if event["event"] == "planned") for met in runs.met.values()]
    assert [event["fresh"] for event in planned] == sorted(event["fresh"] for event in planned)
    assert planned[-1]["fresh"] >= 3


def test_the_last_run_completes_the_set(runs: Runs) -> None:
    met = runs.met["end"]
    assert met["events"][-1]["status"] == "complete"
    assert sum(path.endswith(".html") for path in met["files"]) == 10
    assert sum(path.startswith(NOTES) for path in met["files"]) == 10


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_the_record_of_an_interrupted_run_says_what_was_made_and_what_was_not(runs: Runs, name: str) -> None:
    record = runs.met[name]["record"]
    assert record["status"] == "interrupted"
    assert len(record["reports"]) == 10
    assert record["counts"]["made"] >= 1
    assert {facts["status"] for facts in record["reports"].values()} <= {"made", "fresh", "not made"}
    for folder, facts in record["reports"].items():
        assert (facts["status"] != "not made") == any(path.startswith(folder + "/") for path in runs.met[name]["files"])
    assert record["counts"] == runs_counts(record)


def runs_counts(record: dict[str, Any]) -> dict[str, int]:
    met = [facts["status"] for facts in record["reports"].values()]
    return {status: met.count(status) for status in sorted(set(met))}


def test_the_record_of_a_whole_run_says_all(runs: Runs) -> None:
    record = runs.met["end"]["record"]
    assert (record["status"], record["report"], record["workers"], record["kernels"]) == ("complete", "toy", 2, "warm")
    assert record["began"] <= record["ended"]
    assert record["versions"]["python"] == ".".join(map(str, sys.version_info[:2]))
    for facts in record["reports"].values():
        assert len(facts["files"]) == 3
        assert facts["status"] == "fresh" or (facts["attempts"] == 1 and facts["seconds"] > 0)


def test_events_follow_each_other_as_things_happen(runs: Runs) -> None:
    events = runs.met["end"]["events"]
    assert [events[0]["event"], events[-1]["event"]] == ["planned", "finished"]
    begun = [event["report"] for event in events if event["event"] == "begun"]
    made = [event["report"] for event in events if event["event"] == "made"]
    assert sorted(begun) == sorted(made)
    assert events[0]["reports"] == events[0]["fresh"] + len(made) == events[-1]["made"] + events[-1].get("fresh", 0)
    for event in events[1:-1]:
        assert Path(event["folder"]).is_dir()


@pytest.fixture
def two(runs: Runs) -> Iterator[list[subprocess.Popen[str]]]:
    """Two runs at once on one folder, each of all reports."""
    for path in (runs.out / NOTES).iterdir():
        path.unlink()
    started = [runs.start(uuid.uuid4().hex) for _ in range(2)]
    with ending(*started):
        yield started


def test_two_runs_at_once_on_one_folder_end_well(runs: Runs, two: list[subprocess.Popen[str]]) -> None:
    before = {path: content for path, content in everything(runs.out).items() if path.startswith("2023/")}
    said = [child.communicate(timeout=60) for child in two]
    assert [child.returncode for child in two] == [0, 0], said
    assert {path: content for path, content in everything(runs.out).items() if path.startswith("2023/")} == before
    assert runs.temporary() == []
    assert not (runs.out / ".work").exists()
