"""Reports are found by their manifests; a folder that cannot be read or that is a link is told, never taken for gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from par_analysis import catalog
from par_analysis.deliver.finished import Unsound, reports
from par_analysis.deliver.gate import Gate
from par_analysis.deliver.numbers_diff import diff
from par_analysis.deliver.published import recall
from par_analysis.errors import ParError
from tests.deliver.made import make_report, row

SAMPLES = catalog.load().root / "reports"
ONE = "2023/province/par_index/30-hai-duong/vi"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES / "2023", tmp_path / "reports" / "2023")
    return tmp_path / "reports"


def test_reports_are_found_in_the_order_of_their_keys(root: Path) -> None:
    (root / "notes.txt").write_text("mine")
    (root / ".delivery" / "2023").mkdir(parents=True)
    assert [one.key for one in reports(root)] == sorted(path.parent.relative_to(root).as_posix() for path in root.rglob("manifest.json"))


@pytest.mark.parametrize("place", [ONE, "2023/province", "2023"])
def test_a_folder_that_is_a_link_is_refused(root: Path, tmp_path: Path, place: str) -> None:
    (root / place).rename(tmp_path / "elsewhere")
    (root / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ParError, match="is a link"):
        reports(root)


@pytest.fixture
def unreadable(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that this user may not read; root may read everything, so there the system's refusal is played."""
    folder, scan = root / ONE, os.scandir

    def refusing(place: str) -> object:
        if Path(place) == folder:
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", refusing)
    return folder


def test_a_folder_that_cannot_be_read_is_refused(root: Path, unreadable: Path) -> None:
    with pytest.raises(ParError, match=f"{unreadable}: cannot be read: Permission denied"):
        reports(root)


@pytest.mark.parametrize(("old", "new", "said"), [(b",1,", b",abc,", "row 2, column"), (b"section,index", b"a,b", "row 1: met the headings a, b")])
def test_numbers_that_are_none_are_told_with_their_place(tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    import hashlib
    import json

    make_report(tmp_path / "reports", [row(value=1)])
    (path,) = (tmp_path / "reports").rglob("numbers.csv")
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    manifest = path.with_name("manifest.json")
    facts = json.loads(manifest.read_bytes())
    facts["files"]["numbers.csv"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(facts))
    with pytest.raises(Unsound, match=said):
        diff(reports(tmp_path / "reports"), recall(tmp_path / "state"), Gate())
