"""What was published is remembered whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from par_analysis.deliver import finished, placing, published
from par_analysis.deliver.finished import Report
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


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', '{"a": ["../../etc/passwd", "x"]}'])
def test_a_damaged_index_is_no_empty_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "index.json").write_text(content)
    with pytest.raises(ParError, match=r"index\.json"):
        published.recall(tmp_path)


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
