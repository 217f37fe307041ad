"""Nothing is published that a person would have had to look at."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from par_analysis.cli import main
from par_analysis.deliver import acceptance, finished, gate, lock, published
from par_analysis.deliver.acceptance import Held, OtherChanges, WrongCount
from par_analysis.deliver.gate import Gate
from par_analysis.errors import ParError, RequestError
from tests.deliver.made import make_report, row


@pytest.fixture
def state(tmp_path: Path) -> Path:
    make_report(tmp_path / "reports", [row(), row(measure="rank", value=22)])
    published.remember(finished.reports(tmp_path / "reports"), tmp_path / "state")
    return tmp_path / "state"


def move(tmp_path: Path, value: float) -> gate.Diff:
    make_report(tmp_path / "reports", [row(value=value), row(measure="rank", value=value)])
    return gate.compare(Gate(), finished.reports(tmp_path / "reports"), tmp_path / "state")


def test_numbers_that_moved_are_held_until_somebody_agrees(tmp_path: Path, state: Path) -> None:
    diff = move(tmp_path, 1)
    with pytest.raises(Held) as held:
        gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state)
    assert (held.value.changes, held.value.exit_code, "par accept 2" in held.value.hint) == (2, 3, True)
    assert sorted(path.name for path in state.glob("diff.*")) == ["diff.en.html", "diff.vi.html"]
    assert acceptance.accept(diff, 2, state)
    assert gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state).said == ("2 moved",)
    assert not acceptance.accept(diff, 2, state)


def test_reports_that_are_published_for_the_first_time_are_counted(tmp_path: Path) -> None:
    reports, state = tmp_path / "reports", tmp_path / "state"

    def told(by: str) -> tuple[str, ...]:
        return gate.open_for(Gate(), finished.reports(reports), state, by=by).said

    make_report(reports, [row()])
    make_report(reports, [row()], lang="en")
    assert told("site") == ("2 reports are published for the first time",)
    gate.settle(Gate(), finished.reports(reports), state, by="site")
    assert told("site") == ("every number of 2 reports is as it was last published by par site",)
    assert told("publish") == (*told("site"), "par publish publishes them for the first time")
    make_report(reports, [row()], key="2022/province/par_index/30-hai-duong")
    assert told("site") == ("1 report is published for the first time", "every number of 2 reports is as it was last published by par site")
    gate.settle(Gate(), finished.reports(reports), state, by="publish")
    assert told("publish") == ("every number of 3 reports is as it was last published by par publish",)


@pytest.mark.parametrize("found", ["", "[]", '{"step": "fetch"}', '{"step": 1}', '{"step": []}'])
def test_a_damaged_note_of_the_step_says_nothing(tmp_path: Path, state: Path, found: str) -> None:
    (state / gate.BROUGHT).write_text(found)
    assert gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state, by="publish").said == ("every number of 1 report is as it was last published",)


@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_another_number_is_refused(tmp_path: Path, state: Path, count: int) -> None:
    diff = move(tmp_path, 1)
    with pytest.raises(WrongCount):
        acceptance.accept(diff, count, state)
    assert acceptance.accepted(state) == []


def test_what_was_agreed_to_holds_for_no_other_change(tmp_path: Path, state: Path) -> None:
    acceptance.accept(move(tmp_path, 1), 2, state)
    move(tmp_path, 2)
    with pytest.raises(Held):
        gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state)


def test_who_agreed_and_when_is_noted(tmp_path: Path, state: Path) -> None:
    acceptance.accept(move(tmp_path, 1), 2, state)
    (noted,) = json.loads((state / "accepted.json").read_bytes())
    assert noted["who"]
    assert noted["when"][:2] == "20"
    assert (noted["changes"], noted["spent"]) == (2, False)


def test_a_change_that_comes_again_after_it_was_published_is_looked_at_again(tmp_path: Path, state: Path) -> None:
    acceptance.accept(move(tmp_path, 1), 2, state)
    acceptance.spend(state)
    with pytest.raises(Held):
        acceptance.require_open(move(tmp_path, 1), state)


def test_there_is_nothing_to_agree_to_where_nothing_moved(tmp_path: Path, state: Path) -> None:
    with pytest.raises(RequestError, match="nothing has changed"):
        acceptance.accept(gate.compare(Gate(), finished.reports(tmp_path / "reports"), state), 0, state)


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", "null", "\xff", "[" * 100_000, '[{"diff": 1}]', "3", '[{"diff": "a", "changes": 2, "who": "b", "when": "c", "spent": "false"}]']
)
def test_a_damaged_note_agrees_to_nothing(tmp_path: Path, state: Path, content: str) -> None:
    (state / "accepted.json").write_text(content, encoding="latin-1")
    with pytest.raises(ParError, match=r"accepted\.json is not the list that par accept wrote"):
        acceptance.require_open(move(tmp_path, 1), state)


def test_others_that_are_as_many_are_agreed_to_only_when_they_were_shown(tmp_path: Path, state: Path) -> None:
    acceptance.note_shown(move(tmp_path, 1), state, to_person=True)
    move(tmp_path, 2)
    with pytest.raises(Held):
        gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state)  # a run: nobody looks at what it shows
    with pytest.raises(OtherChanges, match="2 differ now as well, but not the same ones"):
        acceptance.accept(move(tmp_path, 2), 2, state)
    assert acceptance.accept(move(tmp_path, 2), 2, state)  # the person was told


def test_what_a_person_was_shown_last_is_what_counts(tmp_path: Path, state: Path) -> None:
    acceptance.note_shown(move(tmp_path, 1), state, to_person=True)
    acceptance.note_shown(move(tmp_path, 2), state, to_person=True)
    assert acceptance.accept(move(tmp_path, 2), 2, state)


def test_what_cannot_be_noted_is_not_accepted(tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(path: Path, _: object) -> bool:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(acceptance, "put_json", failing)
    with pytest.raises(ParError, match=r"accepted\.json cannot be written: Read-only file system"):
        acceptance.accept(move(tmp_path, 1), 2, state)
    assert acceptance.accepted(state) == []


def steps(tmp_path: Path, values: Sequence[float]) -> list[int]:
    """How many numbers count in each of several publications that follow each other."""
    found, settings = [], Gate(tolerance={"points": 0.5}, allowed=9)
    for value in values:
        make_report(tmp_path / "reports", [row(value=value), row(measure="rank", value=22)])
        found.append(len(gate.compare(settings, finished.reports(tmp_path / "reports"), tmp_path / "state").counted))
        gate.settle(settings, finished.reports(tmp_path / "reports"), tmp_path / "state")
    return found


def test_small_steps_add_up_until_they_count(tmp_path: Path, state: Path) -> None:
    assert steps(tmp_path, [88, 88.2, 88.4, 88.3, 88.5, 88.7, 88.9, 89.1]) == [0, 0, 1, 0, 0, 0, 0, 1]  # 88.4 is 0.56 from what was there at first


def test_without_a_gate_all_numbers_are_taken_as_they_are(tmp_path: Path, state: Path) -> None:
    move(tmp_path, 1)
    gate.settle(None, finished.reports(tmp_path / "reports"), state)
    assert gate.compare(Gate(), finished.reports(tmp_path / "reports"), state).changes == ()


def par(tmp_path: Path, *words: str) -> Result:
    """What the command says, of a pipeline with these reports and this state."""
    (tmp_path / "pipeline.toml").write_text('state = "state"\n[diff]\n', encoding="utf-8")
    return CliRunner().invoke(main, [*words, "--pipeline", str(tmp_path / "pipeline.toml")])


@pytest.mark.parametrize("met", ["1_7", "9" * 5000, "abc", "", "１７", "2.0"])
def test_what_is_no_number_of_changes_is_refused(tmp_path: Path, state: Path, met: str) -> None:
    move(tmp_path, 1)
    result = par(tmp_path, "accept", met)
    assert (result.exit_code, "expected the number of changes that par diff shows" in result.output) == (2, True)
    assert len(result.output) < 400


def test_two_who_accept_at_once_do_so_one_after_the_other(tmp_path: Path, state: Path) -> None:
    move(tmp_path, 1)
    with lock.held(state, "par run"):
        result = par(tmp_path, "accept", "2")
    assert (result.exit_code, acceptance.accepted(state)) == (75, [])
    assert "nothing was accepted: try again once it has ended" in result.output
    assert [par(tmp_path, "accept", "2").output for _ in range(2)] == ["accepted: 2 numbers; they are published by the next par run, or by hand\n", "accepted already\n"]


@pytest.mark.parametrize("command", [["diff"], ["accept", "2"]])
def test_a_state_that_is_no_folder_is_told(tmp_path: Path, state: Path, command: list[str]) -> None:
    move(tmp_path, 1)
    shutil.rmtree(state)
    state.write_text("x")
    result = par(tmp_path, *command)
    assert (result.exit_code, f"{state} is no folder" in result.output) == (1, True)


def test_looking_needs_no_right_to_write(tmp_path: Path, state: Path) -> None:
    move(tmp_path, 1)
    (state / "shown.json").mkdir()
    assert par(tmp_path, "diff").exit_code == 3


def test_the_page_is_written_where_nobody_reads_the_lines_to_their_end(tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise BrokenPipeError

    move(tmp_path, 1)
    monkeypatch.setattr("click.echo", broken)
    par(tmp_path, "diff", "--html", str(tmp_path / "moved.html"))
    assert (tmp_path / "moved.html").is_file()


def test_the_pages_go_when_nothing_waits(tmp_path: Path, state: Path) -> None:
    move(tmp_path, 1)
    with pytest.raises(Held):
        gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state)
    make_report(tmp_path / "reports", [row(), row(measure="rank", value=22)])
    gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state)
    assert list(state.glob("diff.*")) == []
