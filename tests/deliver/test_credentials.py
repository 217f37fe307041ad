"""Secrets in files: of their owner alone, or handed out by the system; never told."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from par_analysis.deliver.credentials import credential
from par_analysis.errors import RequestError


def secret(folder: Path, mode: int, content: bytes = b"geheim\n") -> str:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o444])
def test_a_file_that_others_may_read_is_refused_without_what_it_holds(tmp_path: Path, mode: int) -> None:
    with pytest.raises(RequestError, match=f"others may read or write \\(mode {mode:03o}\\)") as told:
        credential("the password", file=secret(tmp_path, mode))
    assert (told.value.hint, "geheim" in str(told.value)) == (f"chmod 600 {tmp_path / 'secret'}", False)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_alone_is_taken(tmp_path: Path, mode: int) -> None:
    assert credential("the password", file=secret(tmp_path, mode)) == "geheim"


def test_a_file_of_somebody_else_is_taken_as_it_is_handed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker and Kubernetes give the files of secrets to root, for all to read: mode 0444."""
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert credential("the password", file=secret(tmp_path, 0o444)) == "geheim"


def test_a_file_that_nobody_could_change_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in a container that runs as root: its secrets are mounted to be read only."""
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert credential("the password", file=secret(tmp_path, 0o444)) == "geheim"


@pytest.mark.parametrize("content", ["geheim", "geheim\r\nsecond line", "\N{ZERO WIDTH NO-BREAK SPACE}geheim\n"])
def test_the_first_line_counts_whatever_editor_wrote_it(tmp_path: Path, content: str) -> None:
    assert credential("the password", file=secret(tmp_path, 0o600, content.encode())) == "geheim"


@pytest.mark.parametrize(("content", "said"), [(b"", "is empty"), (b"\nx", "is empty"), ("geheim".encode("utf-16"), "no text in UTF-8")])
def test_a_file_without_a_secret_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        credential("the password", file=secret(tmp_path, 0o600, content))


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="absent, which cannot be read: No such file"):
        credential("the password", file="absent", root=tmp_path)
