"""What a step depends on: whatever of it is touched, the step is done again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from par_analysis.deliver.steps import STEPS, Place
from par_analysis.deliver.traces import trace

NOTE = b"0" * 16 + b"\n" + json.dumps({"reads": {"file:OPENED": "", "figures/par_index/2023": ""}}).encode()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("data/raw/a/1/x.csv", "data/reference/r.csv", "data/claims/c.toml", "data/tidy/t", "notebooks/n.ipynb", "requirements.lock", "cache/host/f.csv"):
        touch(tmp_path / name)
    for name in ("2023/province/m", "run.json", ".delivery/run.json", ".delivery/published/index.json", ".delivery/accepted.json", ".delivery/ledger.sqlite"):
        touch(tmp_path / "reports" / name)
    for name in ("signed/x.pdf", "site/index.html", "recipients.toml", "office.p12", "opened.csv"):
        touch(tmp_path / name)
    (tmp_path / "reports" / ".par-notes").mkdir()
    (tmp_path / "reports" / ".par-notes" / "n.json").write_bytes(NOTE.replace(b"OPENED", str(tmp_path / "opened.csv").encode()))
    tables = {"sign": {"key": "office.p12"}}
    return Place(tmp_path / "pipeline.toml", tables, tmp_path / "reports", tmp_path / "reports" / ".delivery", tmp_path, tmp_path / "cache")


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "x")


def seen(name: str, place: Place) -> dict[str, list[str]]:
    (step,) = [step for step in STEPS if step.name == name]
    return {what: [trace(path, but=frozenset({"run.json"})) for path in paths] for what, paths in {**step.reads(place), **step.writes(place)}.items()}


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("fetch", "data/reference/r.csv"),
        ("fetch", "cache/host/f.csv"),
        ("check", "data/raw/a/1/x.csv"),
        ("check", "data/claims/c.toml"),
        ("check", "cache/host/f.csv"),
        ("build", "data/raw/a/2/new.csv"),
        ("build", "data/narrative/par_index/30/2023.vi.md"),
        ("build", "notebooks/n.ipynb"),
        ("build", "requirements.lock"),
        ("build", "opened.csv"),
        ("build", "reports/2023/province/m"),
        ("build", "reports/.par-notes/n.json"),
        ("diff", "reports/2023/province/m"),
        ("diff", "reports/.delivery/published/index.json"),
        ("diff", "reports/.delivery/accepted.json"),
        ("sign", "reports/2023/province/m"),
        ("sign", "office.p12"),
        ("sign", "signed/x.pdf"),
        ("site", "reports/2023/province/m"),
        ("site", "signed/x.pdf"),
        ("site", "site/index.html"),
        ("publish", "site/index.html"),
        ("send", "reports/2023/province/m"),
        ("send", "signed/x.pdf"),
        ("send", "recipients.toml"),
        ("send", "reports/.delivery/ledger.sqlite"),
    ],
)
def test_a_step_depends_on_it(place: Place, name: str, touched: str) -> None:
    before = seen(name, place)
    touch(place.folder / touched)
    assert seen(name, place) != before


@pytest.mark.parametrize("name", [step.name for step in STEPS])
@pytest.mark.parametrize("touched", ["reports/run.json", "reports/.delivery/run.json", "data/tidy/t", "elsewhere"])
def test_no_step_depends_on_it(place: Place, name: str, touched: str) -> None:
    before = seen(name, place)
    touch(place.folder / touched)
    assert seen(name, place) == before


def write_as_long(path: Path) -> None:
    times = path.stat()
    path.write_text("y")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "other content of the same length and time": lambda folder: write_as_long(folder / "a" / "b"),
    "a file more": lambda folder: (folder / "a" / "c").write_text(""),
    "an empty folder more": lambda folder: (folder / "d").mkdir(),
    "a file less": lambda folder: (folder / "a" / "b").unlink(),
    "another name": lambda folder: (folder / "a" / "b").rename(folder / "a" / "c"),
    "another file in its place": lambda folder: (folder / "other").replace(folder / "a" / "b"),
    "a link in its place": lambda folder: ((folder / "a" / "b").unlink(), (folder / "a" / "b").symlink_to("c")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_has_another_trace(tmp_path: Path, change: str) -> None:
    for name in ("a/b", "other"):
        touch(tmp_path / name)
    before = trace(tmp_path)
    CHANGES[change](tmp_path)
    assert trace(tmp_path) != before


def test_reading_leaves_the_trace_as_it_is(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "b")
    before = trace(tmp_path)
    (tmp_path / "a" / "b").read_text()
    assert (trace(tmp_path), trace(tmp_path / "absent")) == (before, "")


def test_what_is_hidden_or_left_out_does_not_matter(tmp_path: Path) -> None:
    before = trace(tmp_path)
    for name in (".hidden/a", "__pycache__/b", "run.json"):
        touch(tmp_path / name)
    assert trace(tmp_path, but=frozenset({"run.json"})) == before
