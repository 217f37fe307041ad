"""Whatever goes wrong while a report is built, the last good one stands and nothing is left beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from par_analysis.errors import ParError
from par_analysis.run import publish
from par_analysis.run.publish import staged


def put(folder: Path, text: str) -> None:
    """A report folder as par writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_text(text)
    (folder / "manifest.json").write_text(json.dumps({"files": {"page.html": ""}}))


def content(out: Path) -> dict[str, str]:
    return {path.relative_to(out).as_posix(): path.read_text() for path in out.rglob("*.html")}


def test_a_finished_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    out, folder = tmp_path / "out", tmp_path / "out" / "2023" / "vi"
    for text in ("first", "second"):
        with staged(folder, out) as new:
            put(new, text)
    assert content(out) == {"2023/vi/page.html": "second"}
    assert sorted(path.name for path in out.iterdir()) == ["2023"]
    assert folder.stat().st_mode & 0o777 == out.stat().st_mode & 0o777


@pytest.mark.parametrize("error", [ParError("no"), KeyboardInterrupt(), SystemExit(1), MemoryError()])
def test_a_failed_build_leaves_the_last_good_report(tmp_path: Path, error: BaseException) -> None:
    out, folder = tmp_path / "out", tmp_path / "out" / "2023" / "vi"
    put(folder, "good")

    def build() -> None:
        with staged(folder, out) as new:
            put(new, "half")
            raise error

    with pytest.raises(type(error)):
        build()
    assert content(out) == {"2023/vi/page.html": "good"}
    assert not (out / publish.WORK).exists()


def test_a_failed_first_build_leaves_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(ParError), staged(tmp_path / "out" / "vi", tmp_path / "out"):
        raise ParError("no")
    assert list(tmp_path.iterdir()) == []


def test_the_old_report_comes_back_when_the_new_one_cannot_be_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, folder = tmp_path / "out", tmp_path / "out" / "vi"
    put(folder, "good")
    rename = Path.rename

    def broken(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(KeyboardInterrupt), staged(folder, out) as new:
        put(new, "new")
    assert content(out) == {"vi/page.html": "good"}


def test_another_process_may_put_the_same_report_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, folder = tmp_path / "out", tmp_path / "out" / "vi"
    rename, others = Path.rename, ["theirs"]

    def overtaken(self: Path, target: Path) -> Path:
        if self.name == "new" and others:
            put(folder, others.pop())
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", overtaken)
    with staged(folder, out) as new:
        put(new, "ours")
    assert content(out) == {"vi/page.html": "ours"}


def test_files_that_par_did_not_write_are_not_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "vi"
    put(folder, "good")
    (folder / "my notes.txt").touch()
    with pytest.raises(ParError, match=r"holds my notes\.txt"), staged(folder, tmp_path):
        pass
    (folder / "manifest.json").write_text("{")
    (folder / "my notes.txt").unlink()
    with pytest.raises(ParError, match="which par did not write"), staged(folder, tmp_path):
        pass
    assert (folder / "page.html").read_text() == "good"
