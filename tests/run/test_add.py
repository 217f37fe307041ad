"""``par add``: a file becomes an edition that can be built from, or nothing is written."""

from __future__ import annotations

import datetime
import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from par_analysis import catalog, cli, dataset
from par_analysis.catalog import Catalog
from par_analysis.errors import ParError, RequestError, UnknownName
from par_analysis.run import add as adding
from par_analysis.run import shelf
from par_analysis.run.add import UNSTATED, Added, Request
from tests import tables
from tests.building import build

TODAY = datetime.date(2027, 5, 2)
PAGE = "https://bacninh.gov.vn/x"
ROWS = tables.overall(["PAR_INDEX", "2024", "Bắc Ninh", "province", "score", "90.55", "percent", PAGE, "", ""])


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tables.checkout(tmp_path / "checkout")
    monkeypatch.setenv("PAR_ROOT", str(folder))
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A made-up table of PAPI 2024, in which two provinces are blank."""
    path = tmp_path / "2024.csv"
    path.write_text(tables.text(tables.papi(2024, blank=["P09", "P40"])), encoding="utf-8")
    return path


@pytest.fixture
def nothing_written(root: Path) -> Iterator[None]:
    """Holds that a test leaves the checkout as it was."""
    before = tables.everything(root)
    yield
    assert tables.everything(root) == before


def add(root: Path, file: Path, edition: str = "2024", *, source: str = "papi", today: datetime.date = TODAY, **asked: object) -> Added:
    return adding.add(Request(source, file, edition, **asked), Catalog(root), today=today)  # type: ignore[arg-type]


def par(*words: object) -> Result:
    catalog._load.cache_clear()
    return CliRunner().invoke(cli.main, list(map(str, words)), prog_name="par")


def written(path: Path, rows: tables.Rows) -> Path:
    path.write_text(tables.text(rows), encoding="utf-8")
    return path


# ---------------------------------------------------------------- what is added


def test_a_year_of_papi_needs_nothing_but_its_file(root: Path, table: Path) -> None:
    done = par("add", "papi", table, "--edition", "2024")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "papi/2024: 63 rows, 1,708 figures; 61 complete totals; now: par build province --index papi --year 2024 --unit all\n"
    folder = root / "data" / "raw" / "papi" / "2024"
    assert sorted(path.name for path in folder.iterdir()) == ["2024.csv", "edition.toml"]
    assert (folder / "2024.csv").read_bytes() == table.read_bytes()
    assert [path.name for path in (root / "data").iterdir() if path.name.startswith(".")] == []
    known = Catalog(root)
    assert [finding for finding in dataset.check(known) if finding.source == "papi/2024"] == []
    panel = dataset.load("papi", known=known).panel
    totals = panel[(panel["node"] == "total") & (panel["measure"] == "score") & (panel["year"] == 2024)]
    assert len(totals) == 61
    assert set(totals["edition"]) == {"papi/2024"}


def test_the_record_says_where_from_when_and_under_which_terms(root: Path, table: Path) -> None:
    add(root, table)
    record = tomllib.loads((root / "data" / "raw" / "papi" / "2024" / "edition.toml").read_text(encoding="utf-8"))
    source = Catalog(root).source("papi")
    assert record["title"] == {lang: f"{source.label[lang]}, 2024" for lang in ("vi", "en")}
    assert (record["received"], record["origin"], record["licence"], record["indices"]) == (TODAY, "file added by hand", UNSTATED, ["papi"])
    assert record["files"] == {"2024.csv": {"reader": "wide", "sha256": hashlib.sha256(table.read_bytes()).hexdigest(), "year": 2024}}


def test_a_report_can_be_built_from_what_was_added(root: Path, table: Path) -> None:
    add(root, table)
    done = build(root / "out", "province", "--index", "papi", "--year", "2024", "--unit", "Hải Dương", "--lang", "en", "--format", "html", root=root)
    assert done.returncode == 0, done.stderr
    assert "papi/2024" in next((root / "out").rglob("numbers.csv")).read_text(encoding="utf-8-sig")


def test_a_part_of_the_country_is_no_year(root: Path, tmp_path: Path, table: Path) -> None:
    """Ranks out of one, and the mean of one, would be taken for the country's."""
    lines = table.read_text(encoding="utf-8").splitlines()
    part = tmp_path / "part" / "2024.csv"
    part.parent.mkdir()
    part.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    done = add(root, part)
    assert [(finding.severity, finding.rule) for finding in done.findings if finding.severity == "error"] == [("error", "missing units")]
    assert not (root / "data" / "raw" / "papi").exists()


def test_an_address_given_as_origin_is_the_source_of_the_figures(root: Path, table: Path) -> None:
    add(root, table, origin="https://papi.org.vn/2024.csv")
    panel = dataset.load("papi", known=Catalog(root)).panel
    assert set(panel.loc[panel["basis"] == "published", "source"]) == {"https://papi.org.vn/2024.csv"}


def test_of_several_shapes_the_heading_tells_which(root: Path, tmp_path: Path) -> None:
    add(root, written(tmp_path / "a file.csv", ROWS), "2027-05", source="public_pages")
    record = tomllib.loads((root / "data" / "raw" / "public_pages" / "2027-05" / "edition.toml").read_text(encoding="utf-8"))
    assert [(name, facts["reader"], "year" in facts) for name, facts in record["files"].items()] == [("2027-05.csv", "overall", False)]
    assert record["indices"] == ["par_index"]


def test_a_collection_stands_behind_better_sources(root: Path, tmp_path: Path) -> None:
    rows = tables.master(
        ["2023", "province", "30", "Hải Dương", "87.99", "22", "True", "", ""],
        ["2019", "province", "19", "Thái Nguyên", "81.11", "", "False", "", ""],
        ["2023", "ministry", "B01", "Bộ Tư pháp", "90.1", "1", "True", "", ""],
    )
    done = add(root, written(tmp_path / "master.csv", rows), "main", source="par_master")
    assert done.figures == 3
    assert {"conflict", "left out"} <= {finding.rule for finding in done.findings}
    panel = dataset.load("par_index", known=Catalog(root)).panel
    total = panel[(panel["node"] == "total") & (panel["measure"] == "score")].set_index(["unit", "year"])
    assert total.loc[("30", 2023), "value"] == 87.84
    assert (total.loc[("19", 2019), "value"], total.loc[("19", 2019), "source"]) == (81.11, "par_master/main")


def test_a_conflict_with_what_is_there_is_a_warning_and_no_hindrance(root: Path, tmp_path: Path) -> None:
    rows = tables.overall(["PAR_INDEX", "2023", "Hải Dương", "province", "score", "87.99", "percent", "https://baohaiduong.vn/x", "", ""])
    done = par("add", "public_pages", written(tmp_path / "a.csv", rows), "--edition", "2027-05")
    assert done.exit_code == 0
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("warning")]
    assert "par_index 2023 30 total score" in line
    assert "87.99 (press, baohaiduong.vn)" in line
    assert done.stderr == "0 errors, 1 warning, 0 notes\n"


@pytest.mark.usefixtures("nothing_written")
def test_a_dry_run_checks_and_writes_nothing(table: Path) -> None:
    done = par("add", "papi", table, "--edition", "2024", "--dry-run")
    assert done.stdout == "papi/2024: 63 rows, 1,708 figures; 61 complete totals; nothing was written\n"


# ---------------------------------------------------------------- which year


@pytest.mark.parametrize(
    ("name", "edition", "year", "said"),
    [("2024.csv", "2024", None, 2024), ("papi.csv", "2024", None, 2024), ("2024.csv", "first", None, 2024), ("papi.csv", "first", 2024, 2024), ("2024.csv", "2024", 2024, 2024),
     ("2024-final.csv", "first", 2023, 2023)],
)  # fmt: skip
def test_the_year_is_the_one_that_is_said(root: Path, tmp_path: Path, table: Path, name: str, edition: str, year: int | None, said: int) -> None:
    file = table.rename(tmp_path / name)
    done = add(root, file, edition, year=year)
    assert next(iter(done.edition.files.values()))["year"] == said


@pytest.mark.parametrize(
    ("name", "edition", "year", "said"),
    [
        ("papi.csv", "first", None, "does not say it"),
        ("2024-final.csv", "first", None, "does not say it"),
        ("2023.csv", "2024", None, "the file's name says 2023; --edition says 2024"),
        ("2024.csv", "2024", 2023, "--year says 2023; the file's name says 2024; --edition says 2024"),
    ],
)
@pytest.mark.usefixtures("nothing_written")
def test_a_year_that_is_not_said_or_not_agreed_on_is_asked_for(root: Path, tmp_path: Path, table: Path, name: str, edition: str, year: int | None, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        add(root, table.rename(tmp_path / name), edition, year=year)


@pytest.mark.usefixtures("nothing_written")
def test_a_year_for_a_file_that_says_it_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="says its year"):
        add(root, written(tmp_path / "a.csv", ROWS), "2027-05", source="public_pages", year=2024)


@pytest.mark.usefixtures("nothing_written")
def test_a_year_without_a_method_is_an_error(root: Path, tmp_path: Path, table: Path) -> None:
    assert [finding.rule for finding in add(root, table.rename(tmp_path / "2010.csv"), "2010").findings] == ["no framework"]


@pytest.mark.usefixtures("nothing_written")
def test_provinces_of_another_time_are_errors(root: Path, tmp_path: Path, table: Path) -> None:
    done = add(root, table.rename(tmp_path / "2025.csv"), "2025")
    rules = [finding.rule for finding in done.findings]
    assert rules.count("unit of another time") == 53
    assert done.status == "refused"


# ---------------------------------------------------------------- what is there already


def test_the_same_content_again_changes_nothing(root: Path, table: Path) -> None:
    add(root, table)
    before = tables.everything(root)
    done = par("add", "papi", table, "--edition", "2024")
    assert (done.exit_code, done.stdout) == (0, "papi/2024 is there already, with the same content; nothing was changed\n")
    assert tables.everything(root) == before


def test_other_content_is_refused_without_leave_and_replaced_with_it(root: Path, table: Path) -> None:
    add(root, table)
    before = tables.everything(root)
    table.write_text(tables.text(tables.papi(2024, seed=2)), encoding="utf-8")
    done = par("add", "papi", table, "--edition", "2024")
    assert (done.exit_code, tables.everything(root)) == (2, before)
    assert "papi/2024 is there already, with other content" in done.stderr
    assert "--replace" in done.stderr
    assert add(root, table, replace=True).status == "added"
    assert (root / "data" / "raw" / "papi" / "2024" / "2024.csv").read_bytes() == table.read_bytes()
    assert tables.everything(root).keys() == before.keys()


@pytest.mark.parametrize("answer", [True, False])
def test_on_a_terminal_it_is_asked(root: Path, table: Path, answer: bool) -> None:
    add(root, table)
    before = tables.everything(root)
    table.write_text(tables.text(tables.papi(2024, seed=2)), encoding="utf-8")
    asked: list[str] = []

    def ask(code: str) -> bool:
        asked.append(code)
        return answer

    request = Request("papi", table, "2024")
    if answer:
        assert adding.add(request, Catalog(root), ask=ask).status == "added"
    else:
        with pytest.raises(RequestError, match="kept as it is"):
            adding.add(request, Catalog(root), ask=ask)
    assert asked == ["papi/2024"]
    assert (tables.everything(root) == before) == (not answer)


def test_a_bad_file_is_refused_before_anything_is_asked(root: Path, table: Path) -> None:
    add(root, table)
    written(table, tables.changed(tables.papi(2024), 5, "SC11", "101"))

    def ask(_: str) -> bool:
        raise AssertionError

    assert adding.add(Request("papi", table, "2024"), Catalog(root), ask=ask).status == "refused"


@pytest.mark.usefixtures("nothing_written")
def test_the_bytes_of_another_edition_are_no_news(root: Path) -> None:
    done = add(root, root / "data" / "raw" / "public_pages" / "2026-11" / "overall.csv", "2027-05", source="public_pages")
    assert [finding.met for finding in done.findings if finding.severity == "error"] == ["the bytes of public_pages/2026-11"] * 1


def test_an_edition_that_was_downloaded_counts_as_there(root: Path, table: Path, papi: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAR_CACHE", str(papi.cache))
    before = tables.everything(root)
    assert add(root, next(papi.cache.rglob("2023.csv")), "2023").status == "there"
    written(table, tables.papi(2023))
    with pytest.raises(RequestError, match="papi/2023 is there already"):
        add(root, table.rename(table.with_name("2023.csv")), "2023")
    assert tables.everything(root) == before


@pytest.mark.usefixtures("nothing_written")
def test_an_edition_of_several_files_is_not_replaced_by_one(root: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="an edition of 3 files"):
        add(root, written(tmp_path / "a.csv", ROWS), "2026-11", source="public_pages", replace=True)


@pytest.mark.parametrize("name", ["notes.txt", "edition.toml", None])
def test_what_somebody_put_there_is_not_deleted(root: Path, table: Path, name: str | None) -> None:
    place = root / "data" / "raw" / "papi" / "2024"
    if name == "notes.txt":
        add(root, table)
        (place / name).write_text("mine")
    elif name:
        place.mkdir(parents=True)
        (place / "mine.txt").write_text("mine")
    else:
        place.parent.mkdir()
        place.write_text("mine")
    before = tables.everything(root)
    written(table, tables.papi(2024, seed=3))
    with pytest.raises(RequestError, match=r"in the way|would delete"):
        add(root, table, replace=True)
    assert tables.everything(root) == before


# ---------------------------------------------------------------- what cannot be asked for


NO_NAMES = ["../../x", "..", ".", "", "CON", "con", "com1.csv", "nul", "a/b", "a\\b", "a b", "2024.", "a..b", "-x", "Năm", "x" * 65, "x" * 10_000, "a\nb", "\x1b[2J", "2024\u202e"]
NO_ADDRESSES = ["javascript:alert(1)", "file:///etc/passwd", "http://", "x", "https://a b", 'https://a/"><script>', "https://a/\n", "https://u@a/", "https://a/" + "x" * 3000]


@pytest.mark.parametrize("edition", NO_NAMES)
@pytest.mark.usefixtures("nothing_written")
def test_a_name_that_is_no_folder_everywhere_is_refused(root: Path, table: Path, edition: str) -> None:
    done = par("add", "papi", table, f"--edition={edition}")
    assert done.exit_code == 2
    assert "cannot be the name of an edition" in done.stderr
    assert len(done.stderr) < 400
    assert done.stderr.isprintable() or set(done.stderr) - set("\n") <= set(filter(str.isprintable, done.stderr))


@pytest.mark.parametrize("origin", NO_ADDRESSES)
@pytest.mark.usefixtures("nothing_written")
def test_an_origin_that_is_no_address_is_refused(root: Path, table: Path, origin: str) -> None:
    with pytest.raises(RequestError, match="is no address"):
        add(root, table, origin=origin)


@pytest.mark.usefixtures("nothing_written")
def test_an_unknown_source_is_answered_with_a_suggestion(root: Path, table: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'papi'"):
        add(root, table, source="papy")


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "dangling", "loop", "below a file", "unreadable name"])
@pytest.mark.usefixtures("nothing_written")
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "2024.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind in {"dangling", "loop"}:
        path.symlink_to(tmp_path / ("nowhere" if kind == "dangling" else "2024.csv"))
    elif kind == "below a file":
        (tmp_path / "x").touch()
        path = tmp_path / "x" / "2024.csv"
    elif kind == "unreadable name":
        path = tmp_path / ("x" * 300)
    started = time.monotonic()
    done = par("add", "papi", path, "--edition", "2024")
    assert done.exit_code == 2
    assert time.monotonic() - started < 5
    assert ("cannot be read" in done.stderr) or ("not a file" in done.stderr)
    assert isinstance(done.exception, SystemExit)


def test_a_link_to_a_file_is_read_as_the_file(root: Path, tmp_path: Path, table: Path) -> None:
    link = tmp_path / "link"
    link.mkdir()
    (link / "2024.csv").symlink_to(table)
    assert add(root, link / "2024.csv").status == "added"
    assert not (root / "data" / "raw" / "papi" / "2024" / "2024.csv").is_symlink()


@pytest.mark.parametrize("name", ["a\nb\x1b[2J\u202e.csv", "=1+1.csv", "'; rm -rf .csv", "x" * 200 + ".csv"])
def test_no_name_of_a_file_is_stored_or_reaches_the_terminal_as_it_is(root: Path, tmp_path: Path, table: Path, name: str) -> None:
    file = table.rename(tmp_path / name)
    assert par("add", "papi", file, "--edition", "2024").exit_code == 0
    assert (root / "data" / "raw" / "papi" / "2024" / "2024.csv").is_file()
    done = par("add", "papi", tmp_path / f"no{name}", "--edition", "2023")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert all(letter.isprintable() for line in done.output.splitlines() for letter in line)


# ---------------------------------------------------------------- when something fails


def test_a_refused_file_is_told_as_check_tells_it_and_leaves_nothing(root: Path, tmp_path: Path) -> None:
    before = tables.everything(root)
    rows = tables.changed(tables.changed(tables.papi(2024), 3, "SC11", "101"), 9, "Province", "P99")
    done = par("add", "papi", written(tmp_path / "2024.csv", rows), "--edition", "2024")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["severity", "source", "file", "row", "column", "rule", "met", "expected", "hint"]
    assert [line.split()[:5] for line in lines[1:3]] == [["error", "papi/2024", "papi/2024/2024.csv", "3", "SC11"], ["error", "papi/2024", "papi/2024/2024.csv", "9", "Province"]]
    assert "papi/2024 was not added: 2 errors; nothing was written" in done.stderr
    assert tables.everything(root) == before


@pytest.mark.parametrize("replaced", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.EIO, "Input/output error"), MemoryError()])
def test_a_failure_at_the_last_step_leaves_what_was_there(root: Path, table: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, replaced: bool) -> None:
    if replaced:
        add(root, table)
    before = tables.everything(root)
    written(table, tables.papi(2024, seed=4))
    rename = Path.rename

    def broken(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise error
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", broken)
        with pytest.raises((type(error), ParError)):
            add(root, table, replace=True)
    assert tables.everything(root) == before


def test_a_full_disk_leaves_what_was_there(root: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables.everything(root)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shelf, "write_record", full)
    with pytest.raises(ParError, match="is full: nothing was added"):
        add(root, table)
    assert tables.everything(root) == before


def test_a_data_folder_that_cannot_be_written_to_is_said(root: Path, table: Path) -> None:
    shutil.rmtree(root / "data" / "raw")
    (root / "data" / "raw").write_text("x")
    done = par("add", "papi", table, "--edition", "2024")
    assert done.exit_code == 1
    assert "nothing was added" in done.stderr
    assert isinstance(done.exception, SystemExit)


def test_a_run_whose_catalogue_is_older_than_what_stands_there_says_so(root: Path, table: Path) -> None:
    known = Catalog(root)
    assert "papi/2024" not in known.editions
    add(root, table)
    before = tables.everything(root)
    with pytest.raises(ParError, match="was changed by another run meanwhile"):
        adding.add(Request("papi", table, "2024"), known, today=TODAY)
    assert tables.everything(root) == before


def test_of_runs_at_once_one_wins_and_the_others_say_so(root: Path, tmp_path: Path) -> None:
    files = [tmp_path / str(number) / "2024.csv" for number in range(3)]
    for seed, file in enumerate(files):
        file.parent.mkdir()
        written(file, tables.papi(2024, seed=seed))
    commands = [[sys.executable, "-m", "par_analysis", "add", "papi", str(file), "--edition", "2024"] for file in files]
    runs = [subprocess.Popen(command, env={**os.environ, "PAR_ROOT": str(root)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for command in commands]
    said = [run.communicate(timeout=60) for run in runs]
    codes = [run.returncode for run in runs]
    assert sorted(code == 0 for code in codes) == [False, False, True], said
    assert all("by another run" in err or "is there already" in err for code, (_, err) in zip(codes, said, strict=True) if code)
    winner = files[codes.index(0)]
    assert (root / "data" / "raw" / "papi" / "2024" / "2024.csv").read_bytes() == winner.read_bytes()
    assert [path.name for path in (root / "data").iterdir() if path.name.startswith(".")] == []


def test_another_run_between_check_and_rename_is_met(root: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = written(tmp_path / "other.csv", tables.papi(2024, seed=7))
    write = shelf.write_record

    def late(folder: Path, edition: object) -> None:
        monkeypatch.setattr(shelf, "write_record", write)
        add(root, other)
        write(folder, edition)  # type: ignore[arg-type]

    monkeypatch.setattr(shelf, "write_record", late)
    with pytest.raises(ParError, match="by another run"):
        add(root, table)
    assert (root / "data" / "raw" / "papi" / "2024" / "2024.csv").read_bytes() == other.read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
from par_analysis import catalog
from par_analysis.run import add
rename = Path.rename
def killed(self, target):
    if self.name == "new":
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
Path.rename = killed
add.add(add.Request("papi", Path(sys.argv[1]), "2024", replace=True), catalog.load())
"""


def test_an_edition_that_a_killed_run_had_put_aside_comes_back(root: Path, table: Path, tmp_path: Path) -> None:
    add(root, table)
    before, good = tables.everything(root), table.read_bytes()
    written(table, tables.papi(2024, seed=8))
    done = subprocess.run([sys.executable, "-c", KILLED, str(table)], env={**os.environ, "PAR_ROOT": str(root)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (root / "data" / "raw" / "papi" / "2024").exists()
    with pytest.raises(RequestError, match="is there already"):
        add(root, table)
    assert tables.everything(root) == before
    assert (root / "data" / "raw" / "papi" / "2024" / "2024.csv").read_bytes() == good
