"""Whoever runs a pipeline is told of a failure once, and of mistakes in ``[notify]`` not twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from par_analysis.deliver.alarm import raised
from par_analysis.deliver.notifying import NotTold
from par_analysis.deliver.settings import BadSettings
from par_analysis.deliver.steps import Place
from par_analysis.errors import ParError
from tests.deliver.mailboxes import Mailbox, MailServer


@pytest.fixture
def box() -> Iterator[Mailbox]:
    found = Mailbox()
    server = MailServer(found)
    yield found
    server.close()


def place(folder: Path, box: Mailbox, **notify: Any) -> Place:
    how = {"server": "127.0.0.1", "port": box.port, "security": "none", "sender": "par@example.vn", "to": ["first@example.vn", "second@example.vn"]}
    return Place(folder / "pipeline.toml", {"notify": how | notify}, folder / "reports", folder / "state")


def test_one_address_that_is_refused_is_no_reason_to_write_to_the_others_at_every_run(tmp_path: Path, box: Mailbox) -> None:
    box.to["first@example.vn"] = "550 unknown"
    here = place(tmp_path, box)
    with pytest.raises(NotTold, match="550 unknown"):
        raised(here, "build", ParError("no"))
    assert raised(here, "build", ParError("no")) is False
    assert box.got == ["second@example.vn"]


def test_nobody_told_is_tried_again(tmp_path: Path, box: Mailbox) -> None:
    box.answers["RCPT"] = ["450 later", "450 later"]
    here = place(tmp_path, box)
    with pytest.raises(NotTold):
        raised(here, "build", ParError("no"))
    assert raised(here, "build", ParError("no")) is True
    assert box.got == ["first@example.vn", "second@example.vn"]


def test_mistakes_that_the_failure_names_are_not_told_twice(tmp_path: Path, box: Mailbox) -> None:
    here = place(tmp_path, box, to=["first@", "second@"], colour="red")
    with pytest.raises(ParError) as told:
        raised(here, "build", ParError("no"))
    assert "\n" not in str(told.value)
    findings = str(told.value).split("; ")
    assert len(findings) == 3
    assert raised(here, "build", BadSettings("pipeline.toml", findings)) is False


def test_a_failure_without_a_word_is_told_by_its_name(tmp_path: Path, box: Mailbox) -> None:
    assert raised(place(tmp_path, box), "build", AssertionError()) is True
    assert box.mails[0][1]["Subject"].endswith("build: AssertionError")
