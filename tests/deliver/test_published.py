"""What was published is remembered whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from par_analysis.deliver import finished, placing, published
from par_analysis.deliver.finished import Report, Unsound
from par_analysis.errors import ParError
from tests.deliver.made import KEY, make_report, row


def reports(tmp_path: Path, value: float) -> list[Report]:
    for lang in ("vi", "en"):
        make_report(tmp_path / "reports", [row(value=value)], lang=lang)
    return finished.reports(tmp_path / "reports")


def test_what_is_remembered_is_recalled(tmp_path: Path) -> None:
    found = reports(tmp_path, 1)
    assert [published.remember(found, tmp_path), published.remember(found, tmp_path)] == [2, 0]
    met = published.recall(tmp_path)
    assert met.numbers(f"{KEY}/vi") == found[1].read("numbers.csv")
    assert met.manifest(f"{KEY}/vi")["identity"]["lang"] == "vi"


def test_nothing_was_published_at_first(tmp_path: Path) -> None:
    assert published.recall(tmp_path).reports == {}


def test_former_numbers_are_not_kept(tmp_path: Path) -> None:
    published.remember(reports(tmp_path, 1), tmp_path)
    published.remember(reports(tmp_path, 2)[:1], tmp_path)
    assert len(list((tmp_path / "published").iterdir())) == 3


@pytest.mark.parametrize("last", range(5))
def test_a_full_disk_leaves_the_former_numbers_or_the_new_ones(tmp_path: Path, last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    published.remember(reports(tmp_path, 1), tmp_path)
    before = published.recall(tmp_path)
    found, left, write = reports(tmp_path, 2), [last], Path.write_bytes

    def failing(path: Path, content: bytes) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device", str(path))
        left[0] -= 1
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", failing)
        try:
            published.remember(found, tmp_path)
        except OSError:
            assert published.recall(tmp_path) == before
            assert before.numbers(f"{KEY}/vi")
    published.remember(found, tmp_path)
    assert published.recall(tmp_path).numbers(f"{KEY}/vi") == found[1].read("numbers.csv")
    assert not list(tmp_path.rglob("*~"))


HASHES = json.dumps(["a" * 64] * 2)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "\xff", "[" * 100_000, '{"a": 1}', '{"a": ["../../etc/passwd", "x"]}', f'{{"vi": {HASHES}}}', f'{{"a/b/\\u001b[2J/vi": {HASHES}}}']
)
def test_a_damaged_index_is_no_empty_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "index.json").write_text(content, encoding="latin-1")
    with pytest.raises(ParError, match=r"index\.json") as fault:
        published.recall(tmp_path)
    assert not any(word in str(fault.value) for word in ("JSON", "char 0", "Errno", "codec"))


def test_numbers_without_their_index_are_no_empty_state(tmp_path: Path) -> None:
    published.remember(reports(tmp_path, 1), tmp_path)
    (tmp_path / "published" / "index.json").unlink()
    with pytest.raises(ParError, match=r"index\.json: is missing"):
        published.recall(tmp_path)


def test_the_first_memory_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, put = reports(tmp_path, 1), placing.put

    def failing(path: Path, content: bytes) -> bool:
        if json.loads((tmp_path / "published" / "index.json").read_text()) == {} and len(list((tmp_path / "published").iterdir())) == 3:
            raise OSError(28, "No space left on device", str(path))
        return put(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(published, "put", failing)
        with pytest.raises(OSError, match="No space"):
            published.remember(found, tmp_path)
    assert published.recall(tmp_path).reports == {}
    assert published.remember(found, tmp_path) == 2


def test_numbers_as_another_version_wrote_them_are_told(tmp_path: Path) -> None:
    folder = make_report(tmp_path / "reports", [row()])
    content = (folder / "numbers.csv").read_bytes().replace(b"section", b"chapter", 1)
    (folder / "numbers.csv").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["numbers.csv"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    published.remember(finished.reports(tmp_path / "reports"), tmp_path)
    with pytest.raises(ParError, match=f"cannot be read as the numbers of {KEY}/vi: row 1: met the headings chapter"):
        published.recall(tmp_path).rows(f"{KEY}/vi")


def test_a_report_without_numbers_is_met(tmp_path: Path) -> None:
    folder = make_report(tmp_path / "reports", [row()])
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["numbers.csv"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(Unsound, match=r"has no numbers\.csv"):
        published.remember(finished.reports(tmp_path / "reports"), tmp_path)


def test_damaged_numbers_are_met(tmp_path: Path) -> None:
    published.remember(reports(tmp_path, 1), tmp_path)
    digest = json.loads((tmp_path / "published" / "index.json").read_bytes())[f"{KEY}/vi"][0]
    (tmp_path / "published" / digest).write_bytes(b"x")
    with pytest.raises(ParError, match="is not what was written"):
        published.recall(tmp_path).numbers(f"{KEY}/vi")


def test_what_the_dead_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".run.json.0a1b2c3d~").write_text("x")
    placing.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
