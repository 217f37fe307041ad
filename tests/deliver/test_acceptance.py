"""Nothing is published that a person would have had to look at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from par_analysis.deliver import acceptance, finished, gate, published
from par_analysis.deliver.acceptance import Held, WrongCount
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


@pytest.mark.parametrize("content", ["{", '[{"diff": 1}]', "3"])
def test_a_damaged_note_agrees_to_nothing(tmp_path: Path, state: Path, content: str) -> None:
    (state / "accepted.json").write_text(content)
    with pytest.raises(ParError, match=r"accepted\.json"):
        acceptance.require_open(move(tmp_path, 1), state)


def test_the_pages_go_when_nothing_waits(tmp_path: Path, state: Path) -> None:
    move(tmp_path, 1)
    with pytest.raises(Held):
        gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state)
    make_report(tmp_path / "reports", [row(), row(measure="rank", value=22)])
    gate.open_for(Gate(), finished.reports(tmp_path / "reports"), state)
    assert list(state.glob("diff.*")) == []
