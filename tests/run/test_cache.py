"""Nothing is taken as fresh that was not compared: every part that a report is made from, its data, its own files, and the note of all that."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from par_analysis import catalog, cli
from par_analysis.catalog import Catalog
from par_analysis.run import cache, known
from par_analysis.run.batch import Event
from par_analysis.run.contract import Contract, find_notebook, read_contract
from par_analysis.run.known import Known
from par_analysis.run.outcome import Made
from par_analysis.run.plan import Job
from par_analysis.run.publish import NOTES, WORK
from par_analysis.run.record import Record
from par_analysis.run.run import perform, sort_out
from par_analysis.run.settings import Settings
from par_analysis.run.workspace import MARK
from tests.toys import everything, jobs_of, report, run

ROOT = catalog.load().root
FILES = {"page.html": b"page", "manifest.json": b'{"files": {"page.html": ""}}'}


def put(job: Job, reads: dict[str, str] | None = None) -> None:
    """A finished report, and the note of it."""
    job.folder.mkdir(parents=True)
    for name, content in FILES.items():
        (job.folder / name).write_bytes(content)
    cache.store(job, Made({name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}, reads or {}, ("a warning",)))


def changes(job: Job, here: Catalog | None = None) -> list[str]:
    return list(cache.changes(job, here or catalog.load()))


def note(out: Path) -> Path:
    (path,) = (out / NOTES).iterdir()
    return path


@pytest.fixture
def job(toy: Contract, known: Known, tmp_path: Path) -> Job:
    """A toy report that is made."""
    (job,) = jobs_of(toy, known, tmp_path / "out")
    put(job)
    return job


def test_a_report_that_is_as_it_was_made_is_fresh_and_keeps_its_warnings(job: Job) -> None:
    assert changes(job) == []
    run = sort_out([job], catalog.load())
    assert (run.stale, [made.warnings for _, made in run.fresh]) == ([], [("a warning",)])


def test_what_a_dead_run_left_goes_with_a_run_that_makes_nothing(job: Job) -> None:
    (left := job.out / WORK / "run-dead").mkdir(parents=True)
    (left / MARK).touch()
    assert list(perform(sort_out([job], catalog.load()), Settings(), Record({}), nobody)) == []
    assert not (job.out / WORK).exists()


def nobody(*_: Any) -> Iterator[Event]:
    raise AssertionError("nothing has to be made")


def test_force_makes_what_is_fresh(job: Job) -> None:
    assert sort_out([job], catalog.load(), force=True).stale == [job]


def test_what_was_never_made_is_said_so(job: Job) -> None:
    assert changes(replace(job, folder=job.out / "elsewhere")) == ["it was not made yet"]
    cache.forget(job.out)
    assert changes(job) == ["it was made before, but nothing is noted of that"]


PARTS: dict[str, Callable[[Job, pytest.MonkeyPatch], Job]] = {
    "notebook": lambda job, _: replace(job, sha256="0" * 64),
    "parameters": lambda job, _: replace(job, formats=("html",)),
    "code": lambda job, patch: package(job, patch, "code"),
    "templates": lambda job, patch: package(job, patch, "templates"),
    "catalogues": lambda job, patch: package(job, patch, "catalogues"),
    "lock": lambda job, patch: patched(job, patch, "_lock"),
    "libraries": lambda job, patch: patched(job, patch, "_libraries"),
}


def package(job: Job, patch: pytest.MonkeyPatch, room: str) -> Job:
    now = cache._package()
    patch.setattr(cache, "_package", lambda: {**now, room: "other"})
    return job


def patched(job: Job, patch: pytest.MonkeyPatch, name: str) -> Job:
    patch.setattr(cache, name, lambda *_: "other")
    return job


@pytest.mark.parametrize("part", cache.PARTS)
def test_a_part_that_changed_alone_is_named_alone(job: Job, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    changed = PARTS[part](job, monkeypatch)
    assert changes(changed) == [cache.PARTS[part]]
    assert sort_out([changed], catalog.load()).stale == [changed]


@pytest.mark.parametrize(("name", "value"), [("unit", "31"), ("year", 2022), ("lang", "en"), ("derived", False)])
def test_every_parameter_is_part_of_what_was_asked_for(job: Job, name: str, value: Any) -> None:
    assert changes(replace(job, parameters=tuple((known, value if known == name else old) for known, old in job.parameters))) == [cache.PARTS["parameters"]]


def test_the_hashes_of_the_package_follow_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(Path(cache.__file__).parents[1], tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "package" / "run" / "cache.py"))
    of_now = cache._package.__wrapped__
    before = of_now()
    rooms = {"run/cache.py": "code", "render/templates": "templates", "fonts": "templates", "locale": "catalogues", "cli/__init__.py": ""}
    for place, room in rooms.items():
        path = tmp_path / "package" / place
        target = path if path.is_file() else next(path for path in sorted(path.rglob("*")) if path.is_file())
        content = target.read_bytes()
        target.write_bytes(content + b" ")
        after = of_now()
        assert {name for name in before if before[name] != after[name]} == ({room} if room else set()), place
        target.write_bytes(content)
    assert of_now() == before


def test_installed_libraries_are_told_apart_by_their_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_now, before = cache._libraries.__wrapped__, cache._libraries()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert of_now() == before
    (tmp_path / "numpy-99.0.dist-info").mkdir()
    assert of_now() != before


def test_the_lock_file_is_read_from_the_checkout(tmp_path: Path) -> None:
    of_now = cache._lock.__wrapped__
    assert of_now(tmp_path) == ""
    (tmp_path / "requirements.lock").write_text("numpy==1\n")
    assert len({of_now(tmp_path), "", of_now(ROOT)}) == 3


# ---------------------------------------------------------------- the report's own files, and the note


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(b"pagf"), "page.html is damaged, or was edited"),
        (lambda path: path.write_bytes(b""), "page.html is damaged, or was edited"),
        (lambda path: path.unlink(), "page.html is missing"),
        (lambda path: (path.unlink(), path.mkdir()), "page.html is missing"),
    ],
)
def test_a_file_that_is_not_as_it_was_made_is_made_again_and_told(job: Job, damage: Callable[[Path], object], said: str) -> None:
    damage(job.folder / "page.html")
    assert changes(job) == [said]
    run = sort_out([job], catalog.load())
    assert run.stale == [job]
    assert [what for _, what in run.damaged] == [said]


def test_a_folder_that_is_gone_is_told_once(job: Job) -> None:
    shutil.rmtree(job.folder)
    assert changes(job) == ["its folder is missing"]
    assert [what for _, what in sort_out([job], catalog.load()).damaged] == ["its folder is missing"]


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-9], lambda _: b"", lambda content: content.replace(b"page", b"pagf"), lambda content: b"\n" + content, lambda _: b"{}"]
)
def test_a_note_that_is_damaged_is_no_note(job: Job, damage: Callable[[bytes], bytes]) -> None:
    path = note(job.out)
    path.write_bytes(damage(path.read_bytes()))
    (said,) = changes(job)
    assert said.startswith("what was noted of it is damaged: ")
    assert [what for _, what in sort_out([job], catalog.load()).damaged] == [said]


def test_every_flipped_byte_of_a_note_is_met(job: Job) -> None:
    path = note(job.out)
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert len(changes(job)) == 1
        assert sort_out([job], catalog.load()).fresh == []


def test_the_note_of_another_report_is_none(job: Job, toy: Contract, known: Known) -> None:
    (other,) = jobs_of(toy, known, job.out, unit="31")
    put(other)
    cache._path(job).write_bytes(cache._path(other).read_bytes())
    assert changes(job) == ["what was noted of it is damaged: it is another report's"]
    assert changes(other) == []


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_note_that_cannot_be_written_leaves_the_old_one_and_nothing_else(job: Job, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = everything(job.out)

    def full(path: Path, *_: object) -> None:
        if step == "write_bytes":
            path.touch()
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, full)
        with pytest.raises(OSError, match="No space"):
            cache.store(job, Made({"page.html": "other"}))
    assert everything(job.out) == before
    assert changes(job) == []


def test_clean_forgets_the_notes_and_keeps_the_reports(job: Job) -> None:
    for name in ("run-dead", "run-somebody-else"):
        (job.out / ".work" / name).mkdir(parents=True)
    (job.out / ".work" / "run-dead" / MARK).touch()
    foreign = job.out / NOTES / "thumbnails.db"
    foreign.touch()
    done = CliRunner().invoke(cli.main, ["clean", "--out", str(job.out)])
    assert (done.exit_code, done.output) == (0, f"1 note and 1 folder of dead runs removed from {job.out.as_posix()}/\n")
    assert set(everything(job.out / "2023")) == {f"{job.folder.relative_to(job.out / '2023').as_posix()}/{name}" for name in FILES}
    assert list((job.out / NOTES).iterdir()) == [foreign]
    assert [path.name for path in (job.out / ".work").iterdir()] == ["run-somebody-else"]


# ---------------------------------------------------------------- data: real reports, and one cell that is changed


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Job], Path]:
    """Report → its job, made and noted; and the table that one of them reads by itself."""
    root = tmp_path_factory.mktemp("real")
    table = root / "outside.csv"
    table.write_text("a\n1\n")
    here = known.known()
    own = jobs_of(report(root, "own", f"import pandas as pd\nprint(pd.read_csv({str(table)!r}).a.sum())"), here, root / "out")
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "province": ("province", {"unit": "hai duong", "year": 2022}),
        "survey": ("province", {"index": "sipas", "unit": "hai duong", "year": 2022}),
        "national": ("national", {"year": 2022}),
    }
    made = {name: jobs_of(read_contract(find_notebook(kind, here.notebooks)), here, root / "out", **values)[0] for name, (kind, values) in asked.items()} | {"own": own[0]}
    jobs = [replace(job, formats=("html",)) for job in made.values()]
    for outcome in run(jobs, unit_names=here.unit_names).values():
        assert outcome.error is None
        cache.store(outcome.job, outcome.made)
    return dict(zip(made, jobs, strict=True)), table


def checkout_with(folder: Path, begins: str) -> Catalog:
    """A checkout in which the score in one line of the overall table is a hundredth higher."""
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("tidy"))
    place = folder / "data" / "raw" / "public_pages" / "2026-11"
    old = (place / "overall.csv").read_bytes()
    lines = old.decode().split("\n")
    number = next(number for number, line in enumerate(lines) if line.startswith(begins) and ",score," in line)
    cells = lines[number].split(",")
    cells[5] = f"{float(cells[5]) + 0.01:.2f}"
    lines[number] = ",".join(cells)
    new = "\n".join(lines).encode()
    (place / "overall.csv").write_bytes(new)
    record = (place / "edition.toml").read_text()
    (place / "edition.toml").write_text(record.replace(hashlib.sha256(old).hexdigest(), hashlib.sha256(new).hexdigest()))
    return Catalog(folder)


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        ("PAR_INDEX,2022,Bắc Giang", {"province": "par_index/2022", "national": "par_index/2022"}),
        ("PAR_INDEX,2012,An Giang", {"province": "par_index/2012", "national": "par_index/2012"}),
        ("PAR_INDEX,2023,An Giang", {}),
        ("SIPAS,2022,", {"province": "sipas/2022", "national": "sipas/2022", "survey": "sipas/2022"}),
        ("SIPAS,2023,", {}),
    ],
)
def test_a_changed_cell_makes_the_reports_that_read_it_and_no_other(reports: tuple[dict[str, Job], Path], tmp_path: Path, begins: str, expected: dict[str, str]) -> None:
    known = checkout_with(tmp_path, begins)
    found = {name: changes(job, known) for name, job in reports[0].items()}
    assert {name for name in found if found[name]} == set(expected)
    for name, slice_ in expected.items():
        assert f"data: figures/{slice_} has changed" in found[name]
        assert all(said.endswith(f"/{slice_} has changed") for said in found[name])


def test_unchanged_data_make_nothing(reports: tuple[dict[str, Job], Path]) -> None:
    assert {name: changes(job, Catalog(ROOT)) for name, job in reports[0].items()} == {name: [] for name in reports[0]}


def test_a_table_that_a_notebook_reads_by_itself_is_part_of_what_it_read(reports: tuple[dict[str, Job], Path]) -> None:
    jobs, table = reports
    content = table.read_bytes()
    try:
        table.write_bytes(content + b"2\n")
        assert changes(jobs["own"], Catalog(ROOT)) == [f"data: file:{table} has changed"]
        assert changes(jobs["province"], Catalog(ROOT)) == []
        table.unlink()
        assert changes(jobs["own"], Catalog(ROOT)) == [f"data: file:{table} has changed"]
    finally:
        table.write_bytes(content)
    assert changes(jobs["own"], Catalog(ROOT)) == []
