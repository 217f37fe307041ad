"""A pipeline does what is new, stops where a step fails, and is caught up by the next run whatever ended the one before."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from par_analysis.deliver import acceptance, finished, gate, published
from par_analysis.deliver import pipeline as pipelines
from par_analysis.deliver.building import Done
from par_analysis.deliver.lock import Busy
from par_analysis.deliver.pipeline import Meddled, Run
from par_analysis.deliver.steps import Place, Step
from par_analysis.errors import ParError
from tests.deliver.made import make_report, row

# ---------------------------------------------------------------- steps of toys


@dataclass
class Toys:
    """Steps ``one``, ``two`` and ``three``: each copies the file of the one before, with its name behind."""

    folder: Path
    calls: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)

    def step(self, name: str, before: str) -> Step:
        source, target = self.folder / before, self.folder / name

        def perform(_: Any, place: Place) -> Done:
            self.calls.append(name)
            self.before.get(name, lambda: None)()
            target.write_text(source.read_text() + f" {name}")
            return Done(1, (f"{name} done",))

        return Step(name, lambda table, _: table, perform, lambda _: {before: [source]}, lambda _: {name: [target]})

    def run(self, **how: Any) -> dict[str, int]:
        self.calls.clear()
        return dict(Run(self.folder / "pipeline.toml", **how).perform().done)

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((self.folder / "reports" / ".delivery" / "run.json").read_bytes())
        return facts


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toys:
    made = Toys(tmp_path)
    (tmp_path / "zero").write_text("zero")
    (tmp_path / "pipeline.toml").write_text("[one]\n[two]\n[three]\n")
    monkeypatch.setattr(pipelines, "STEPS", tuple(made.step(name, before) for name, before in (("one", "zero"), ("two", "one"), ("three", "two"))))
    return made


def fail() -> None:
    raise ParError("the server is gone", hint="wait")


def test_steps_are_done_in_their_order_and_once(toys: Toys) -> None:
    assert toys.run() == {"one": 1, "two": 1, "three": 1}
    assert (toys.folder / "three").read_text() == "zero one two three"
    assert toys.run() == {}
    assert (toys.calls, toys.facts["status"]) == ([], "nothing new")


def test_what_changed_is_done_with_all_that_depends_on_it(toys: Toys) -> None:
    toys.run()
    (toys.folder / "one").write_text("edited")
    assert list(toys.run()) == ["one", "two", "three"]  # the step whose own work was touched, too
    (toys.folder / "three").unlink()
    assert list(toys.run()) == ["three"]


def test_a_step_without_a_table_is_left_out(toys: Toys) -> None:
    (toys.folder / "pipeline.toml").write_text("[one]\n[three]\n")
    (toys.folder / "two").write_text("by hand")
    assert list(toys.run()) == ["one", "three"]


def test_a_step_with_other_settings_is_done_again(toys: Toys) -> None:
    toys.run()
    (toys.folder / "pipeline.toml").write_text("[one]\n[two]\na = 1\n[three]\n")
    assert list(toys.run()) == ["two", "three"]


def test_a_failed_step_stops_the_later_ones_and_the_next_run_catches_up(toys: Toys) -> None:
    toys.before["two"] = fail
    with pytest.raises(ParError, match="the server is gone"):
        toys.run()
    assert toys.calls == ["one", "two"]
    assert {name: step["status"] for name, step in toys.facts["steps"].items()} == {"one": "done", "two": "failed"}
    assert toys.facts["steps"]["two"]["error"] == {"kind": "ParError", "message": "the server is gone", "hint": "wait"}
    toys.before.clear()
    assert list(toys.run()) == ["two", "three"]


def test_a_full_disk_is_told_as_one(toys: Toys) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device", "/x/y")

    toys.before["one"] = full
    with pytest.raises(ParError, match="one: /x/y: No space left on device"):
        toys.run()


def test_a_change_while_a_step_is_done_is_met_by_the_next_run(toys: Toys) -> None:
    toys.before["two"] = lambda: (toys.folder / "one").write_text("changed meanwhile") and None
    toys.run()
    toys.before.clear()
    assert "two" in toys.run()


def test_a_run_can_end_behind_a_step(toys: Toys) -> None:
    assert list(toys.run(until="two")) == ["one", "two"]
    assert list(toys.run()) == ["three"]
    with pytest.raises(ParError, match="did you mean 'three'"):
        toys.run(until="thre")


def test_every_step_can_be_asked_for(toys: Toys) -> None:
    toys.run()
    assert list(toys.run(again=True)) == ["one", "two", "three"]


def test_what_is_due_can_be_asked_without_doing_it(toys: Toys) -> None:
    assert dict(Run(toys.folder / "pipeline.toml").due()) == dict.fromkeys(("one", "two", "three"), "it was not done yet")
    toys.run()
    (toys.folder / "two").unlink()
    assert dict(Run(toys.folder / "pipeline.toml").due()) == {"one": "", "two": "two changed", "three": "two changed"}
    assert toys.calls == ["one", "two", "three"]


def test_a_second_run_at_once_does_nothing(toys: Toys) -> None:
    def again() -> None:
        with pytest.raises(Busy, match=r"par run pipeline\.toml, process"):
            Run(toys.folder / "pipeline.toml").perform()

    toys.before["two"] = again
    assert toys.run() == {"one": 1, "two": 1, "three": 1}
    assert toys.calls == ["one", "two", "three"]


def test_notes_that_cannot_be_written_or_read_stop_nothing(toys: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, facts: Any) -> bool:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pipelines, "put_json", full)
        patch.setattr("par_analysis.deliver.runs.put_json", full)
        toys.run()
    (toys.folder / "reports" / ".delivery" / "steps.json").write_text('{"one": 3}')
    assert list(toys.run()) == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no step"),
        ("[oen]\n", "oen is no setting: did you mean 'one'\\?"),
        ("stat = 'x'\n[one]\n", "stat is no setting: did you mean 'state'\\?"),
        ("[one]\n[notfy]\n", "notfy is no setting: did you mean 'notify'\\?"),
        ("[one]\nstate = 3\n", ""),
        ("state = 3\n[one]\n", "state: met 3"),
        ("[one", "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_followed_is_refused(toys: Toys, text: str, said: str) -> None:
    (toys.folder / "pipeline.toml").write_text(text)
    if said:
        with pytest.raises(pipelines.BadSettings, match=said):
            toys.run()
    else:
        assert toys.run()


# ---------------------------------------------------------------- the gate among real steps

GATED = '[diff]\n[publish]\ntarget = "out"\n'


@pytest.fixture
def gated(tmp_path: Path) -> Path:
    make_report(tmp_path / "reports", [row()])
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("1")
    (tmp_path / "pipeline.toml").write_text(GATED)
    return tmp_path / "pipeline.toml"


def test_what_moved_is_published_when_somebody_agreed_and_remembered_then(gated: Path) -> None:
    folder, state = gated.parent, gated.parent / "reports" / ".delivery"
    assert Run(gated).perform().done == {"diff": 0, "publish": 1}
    make_report(folder / "reports", [row(value=1)])
    (folder / "site" / "index.html").write_text("2")
    with pytest.raises(acceptance.Held):
        Run(gated).perform()
    assert (folder / "out" / "index.html").read_text() == "1"
    diff = gate.compare(gate.Gate(), finished.reports(folder / "reports"), state)
    acceptance.accept(diff, 1, state)
    assert Run(gated).perform().done == {"diff": 0, "publish": 1}
    assert (folder / "out" / "index.html").read_text() == "2"
    assert published.recall(state).numbers(finished.reports(folder / "reports")[0].key) == (folder / "reports/2023/province/par_index/30-hai-duong/vi/numbers.csv").read_bytes()
    assert acceptance.accepted(state)[0]["spent"]
    Run(gated).perform()
    assert Run(gated).perform().done == {}


def test_reports_that_change_behind_the_gate_are_not_published(gated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_for(*_: Any, **__: Any) -> Done:
        make_report(gated.parent / "reports", [row(value=1)])
        return Done()

    with monkeypatch.context() as patch:
        patch.setattr(gate, "open_for", open_for)
        with pytest.raises(Meddled):
            Run(gated).perform()
    assert not (gated.parent / "out").exists()
    assert Run(gated).perform().changed


def test_all_mistakes_of_the_settings_are_told_before_anything_is_done(gated: Path) -> None:
    gated.write_text('[[build]]\nreprot = "x"\n[diff]\nallowed = -1\n[publish]\n')
    with pytest.raises(pipelines.BadSettings) as bad:
        Run(gated).perform()
    assert bad.value.findings == (
        "build.1.report is missing",
        "build.1.reprot is no setting: did you mean 'report'?",
        "diff.allowed: met -1, expected at least 0",
        "publish.target is missing",
    )


# ---------------------------------------------------------------- whoever runs it is told

NOTIFY = '[one]\n[two]\n[three]\n[notify]\nserver = "127.0.0.1"\nsecurity = "none"\nsender = "a@example.vn"\nto = ["b@example.vn"]\n'


@pytest.fixture
def told(toys: Toys, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Subject and text of the mails to whoever runs the pipeline."""
    mails: list[tuple[str, str]] = []
    (toys.folder / "pipeline.toml").write_text(NOTIFY)
    monkeypatch.setattr("par_analysis.deliver.notifying.notify", lambda _, subject, lines, **__: mails.append((subject, "\n".join(lines))))
    return mails


def failing_run(toys: Toys, error: Exception) -> None:
    def fail() -> None:
        raise error

    toys.before["two"] = fail
    with pytest.raises(type(error)):
        toys.run()


def test_a_failure_is_told_once_until_a_run_went_well(toys: Toys, told: list[tuple[str, str]]) -> None:
    gone, full = ParError("the server is gone", hint="wait"), ParError("the disk is full")
    for error, mails in ((gone, 1), (gone, 1), (full, 2), (full, 2)):
        failing_run(toys, error)
        assert len(told) == mails
    assert "two: the server is gone" in told[0][0]
    assert all(word in told[0][1] for word in ("Bước two", "The step two", "the server is gone", "wait"))
    toys.before.clear()
    toys.run()
    (toys.folder / "one").write_text("new")
    failing_run(toys, full)
    assert len(told) == 3


def test_mistakes_of_the_settings_are_told_as_such_and_stand_in_the_record(toys: Toys, told: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("par_analysis.deliver.preflight.mistakes", lambda name, *_: ["two: there is no such key"] if name == "two" else [])
    with pytest.raises(pipelines.BadSettings, match="two: there is no such key"):
        toys.run()
    assert toys.calls == []
    assert ": settings: " in told[0][0]
    assert "The settings in" in told[0][1]
    assert (toys.facts["status"], toys.facts["error"]["message"].endswith("two: there is no such key"), toys.facts["steps"]) == ("failed", True, {})


def test_an_error_of_the_program_is_told_too(toys: Toys, told: list[tuple[str, str]]) -> None:
    failing_run(toys, ZeroDivisionError("division by zero"))
    assert "division by zero" in told[0][0]


def test_a_mail_that_does_not_go_hides_nothing_and_goes_with_the_next_run(toys: Toys, told: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def no_server(*_: Any, **__: Any) -> None:
        raise ParError("no mail server")

    with monkeypatch.context() as patch:
        patch.setattr("par_analysis.deliver.notifying.notify", no_server)
        failing_run(toys, ParError("the disk is full"))
    failing_run(toys, ParError("the disk is full"))
    assert len(told) == 1


# ---------------------------------------------------------------- as a process


def par(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "par_analysis", *words], env={**os.environ, **variables}, capture_output=True, text=True, check=False)


def busy() -> float:
    """Seconds that processes which have ended took of a core: the same on a machine that is busy with other things."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


QUICK = """\
import sys
from par_analysis.cli import main
main(["run", sys.argv[1]], standalone_mode=False)
print(sorted({"pandas", "numpy", "nbformat", "fsspec", "jinja2", "requests", "cryptography", "babel"} & set(sys.modules)))
"""


def test_a_run_without_anything_new_is_quick_and_imports_nothing_heavy(gated: Path) -> None:
    assert par("run", str(gated)).returncode == 0
    began = busy()
    done = subprocess.run([sys.executable, "-c", QUICK, str(gated)], capture_output=True, text=True, check=True)
    assert (done.stdout, busy() - began < 3) == ("nothing new\n[]\n", True)


def test_the_commands_exit_as_they_say(gated: Path) -> None:
    pipeline = ("--pipeline", str(gated))
    assert par("run", str(gated)).returncode == 0
    assert par("diff", *pipeline).returncode == 0
    make_report(gated.parent / "reports", [row(value=1)])
    assert "diff     the reports changed" in par("run", str(gated), "--dry-run").stdout
    held = par("run", str(gated))
    assert (held.returncode, "par accept 1" in held.stderr) == (3, True)
    shown = par("diff", *pipeline, "--html", str(gated.parent / "moved.html"), "--csv", str(gated.parent / "moved.csv"))
    assert (shown.returncode, "87.84 → 1 points" in shown.stdout) == (3, True)
    assert (gated.parent / "moved.html").is_file()
    assert par("accept", "2", *pipeline).returncode == 2
    assert par("accept", "1", *pipeline).returncode == 0
    assert par("run", str(gated)).returncode == 0


@pytest.mark.parametrize("moment", [0.3, 0.5, 0.8])
def test_a_killed_run_is_caught_up_by_the_next(gated: Path, moment: float) -> None:
    process = subprocess.Popen([sys.executable, "-m", "par_analysis", "run", str(gated)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.wait()
    done = par("run", str(gated))
    assert done.returncode == 0, done.stderr
    assert (gated.parent / "out" / "index.html").read_text() == "1"
    assert par("run", str(gated)).stdout == "nothing new\n"
    assert list(gated.parent.rglob("*~")) == []


def test_built_reports_are_not_made_again_and_then_nothing_is_done(reports: Path, tmp_path: Path) -> None:
    """The sample reports as they were built, with the notes beside them: nothing is made again, and then nothing at all is done."""
    shutil.copytree(reports, tmp_path / "reports")
    asked = '[[build]]\nreport = "province"\nunit = "hai duong"\nyear = 2023\nlang = "vi,en"\n[[build]]\nreport = "national"\nyear = 2023\nlang = ["vi", "en"]\n'
    (tmp_path / "pipeline.toml").write_text(f"[check]\n{asked}[diff]\n[site]\n")
    first = par("run", str(tmp_path / "pipeline.toml"))
    assert first.returncode == 0, first.stderr
    assert "4 reports are up to date" in first.stdout
    began = busy()
    assert par("run", str(tmp_path / "pipeline.toml")).stdout == "nothing new\n"
    assert busy() - began < 3


# ---------------------------------------------------------------- the sample

ROOT = Path(__file__).resolve().parents[2]


def test_the_sample_can_be_followed_also_where_its_marks_are_taken_away(tmp_path: Path) -> None:
    text = (ROOT / "pipeline.toml").read_text(encoding="utf-8")
    opened = re.sub(r"^# (\[|[a-z_]+ = )", r"\1", text, flags=re.MULTILINE)
    for name, content, steps in (("a.toml", text, 5), ("b.toml", opened, 8)):
        (tmp_path / name).write_text(content, encoding="utf-8")
        place, found = pipelines.load(tmp_path / name)
        assert (len(pipelines.settings_of(place, found)), "notify" in place.tables) == (steps, steps == 8)
    assert pipelines.sound_settings(*pipelines.load(tmp_path / "a.toml"))
    with pytest.raises(pipelines.BadSettings) as bad:  # the files that it names are nobody's
        pipelines.sound_settings(*pipelines.load(tmp_path / "b.toml"))
    assert all("cannot be read" in finding for finding in bad.value.findings)
    assert {finding.partition(":")[0] for finding in bad.value.findings} == {"sign", "send", "notify"}


def test_what_is_due_is_not_told_of_settings_that_cannot_be_followed(gated: Path) -> None:
    gated.write_text(GATED.replace("[diff]", "[diff]\nallowed = true"))
    with pytest.raises(pipelines.BadSettings, match="allowed"):
        list(Run(gated).due())
