"""Files as they come: damaged, foreign, or made to do harm. Each gets one clear answer within seconds, and nothing is written."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from par_analysis import catalog, cli, dataset
from par_analysis.catalog import Catalog
from par_analysis.clean.reading import MAX_BYTES, MAX_FINDINGS, MAX_ROWS, Reading
from par_analysis.errors import Finding, RequestError
from par_analysis.model import Edition
from par_analysis.render.readback import read_text
from par_analysis.run import add as adding
from par_analysis.run.add import Added, Request
from tests import tables

PAGE = "https://baohaiduong.vn/x"
PAPI = tables.papi(2024)
OVERALL = tables.overall(
    ["PAR_INDEX", "2023", "Hải Dương", "province", "score", "87.84", "percent", PAGE, "", ""],
    ["PAR_INDEX", "2023", "Bắc Giang", "province", "score", "89.59", "percent", PAGE, "", ""],
)
DOMAINS = [
    ["year", "unit_name_vi", "kind", "domain_no", "measure", "value", "unit", "source_url"],
    ["2023", "Kon Tum", "province", "3", "score", "12.38", "points of 13", PAGE],
]
OPERATIONS = [["unit", "period", "indicator", "value", "unit_of_measure", "source_url", "note"], ["Hải Dương", "2023", "dossiers_received", "5", "dossiers", PAGE, ""]]
GOOD = {"papi": PAPI, "overall": OVERALL, "domains": DOMAINS, "operations": OPERATIONS}
NAMES = {"papi": "Province", "overall": "unit_name_vi", "domains": "unit_name_vi", "operations": "unit"}
VALUES = {"papi": "SC11", "overall": "value", "domains": "value", "operations": "value"}
SHAPES = list(GOOD)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tables.checkout(tmp_path / "checkout")
    monkeypatch.setenv("PAR_ROOT", str(folder))
    return folder


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A checkout that refused files leave as it is, so that all of them can be tried on one."""
    return Catalog(tables.checkout(tmp_path_factory.mktemp("untouched")))


@pytest.fixture(scope="module")
def read_once(untouched: Catalog) -> Callable[[Catalog, Edition, Path], Reading]:
    """Reads editions, those that lie in the untouched checkout a single time."""
    read, kept = dataset.read_edition, dict[str, Reading]()

    def read_kept(known: Catalog, edition: Edition, folder: Path) -> Reading:
        if edition.code not in untouched.editions:
            return read(known, edition, folder)
        if edition.code not in kept:
            kept[edition.code] = read(known, edition, folder)
        return kept[edition.code]

    return read_kept


@pytest.fixture
def refused(
    untouched: Catalog, read_once: Callable[[Catalog, Edition, Path], Reading], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, bytes], list[Finding]]:
    """Adds a file of some bytes, which has to be refused without a trace, and on a terminal in plain letters; gives the errors."""
    monkeypatch.setattr(catalog, "load", lambda: untouched)
    monkeypatch.setattr(dataset, "read_edition", read_once)
    before = tables.everything(untouched.root)

    def add(shape: str, content: bytes) -> list[Finding]:
        path = tmp_path / "2024.csv"
        path.write_bytes(content)
        started = time.monotonic()
        done = adding.add(request(shape, path), untouched)
        assert time.monotonic() - started < 10
        said = told(shape, path)
        assert done.status == "refused"
        assert tables.everything(untouched.root) == before
        assert all(letter.isprintable() or letter == "\n" for letter in said)
        assert "2024 was not added: " in said
        errors = [finding for finding in done.findings if finding.severity == "error"]
        assert all(finding.file.endswith("/2024/2024.csv") and finding.met and finding.expected for finding in errors)
        assert max(len(str(finding)) for finding in errors) < 1200
        return errors

    return add


def request(shape: str, path: Path) -> Request:
    return Request("papi" if shape == "papi" else "public_pages", path, "2024")


def told(shape: str, path: Path) -> str:
    """What ``par add`` prints."""
    asked = request(shape, path)
    done = CliRunner().invoke(cli.main, ["add", asked.source, str(asked.file), "--edition", asked.edition])
    assert done.exit_code in {0, 1, 2}
    assert isinstance(done.exception, SystemExit | None)
    return done.output


def encoded(rows: tables.Rows) -> bytes:
    return tables.text(rows).encode()


def accepted(root: Path, tmp_path: Path, shape: str, content: bytes) -> Added:
    path = tmp_path / "2024.csv"
    path.write_bytes(content)
    return adding.add(request(shape, path), Catalog(root))


# ---------------------------------------------------------------- what is damaged


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("change", "rule", "row"),
    [
        (lambda shape: tables.changed(GOOD[shape], 2, NAMES[shape], "Hải Dươnq"), "unknown name", 2),
        (lambda shape: tables.changed(GOOD[shape], 2, VALUES[shape], "1,32"), "not a number", 2),
        (lambda shape: tables.changed(GOOD[shape], 2, VALUES[shape], "many"), "not a number", 2),
        (lambda shape: [*GOOD[shape][:1], GOOD[shape][1][:-1]], "shape", 2),
        (lambda shape: [*GOOD[shape][:1], [*GOOD[shape][1], "1"]], "shape", 2),
        (lambda shape: [[name + "x" for name in GOOD[shape][0]], *GOOD[shape][1:]], "heading", 1),
        (lambda shape: [[*GOOD[shape][0], GOOD[shape][0][0]], *([*row, ""] for row in GOOD[shape][1:])], "heading", 1),
        (lambda shape: GOOD[shape][:1], "no rows", 1),
    ],
    ids=["misspelt", "quoted-comma", "word", "cell-short", "cell-more", "other-heading", "twice-a-heading", "heading-alone"],
)
def test_a_damaged_table_is_named_by_row_and_rule(refused: Callable[[str, bytes], list[Finding]], shape: str, change: Callable[[str], tables.Rows], rule: str, row: int) -> None:
    errors = refused(shape, encoded(change(shape)))
    assert (rule, row) in {(finding.rule, finding.row) for finding in errors}


def test_a_decimal_comma_without_quotes_is_told_what_it_is(refused: Callable[[str, bytes], list[Finding]]) -> None:
    for shape in ("papi", "overall"):
        old = GOOD[shape][1][GOOD[shape][0].index(VALUES[shape])]
        errors = refused(shape, encoded(GOOD[shape]).replace(old.encode(), old.replace(".", ",").encode(), 1))
        assert [(finding.rule, finding.row, finding.hint) for finding in errors[:1]] == [("shape", 2, "a decimal comma parts a number in two: write 87.84")]


@pytest.mark.parametrize(("shape", "value"), [("papi", "101"), ("overall", "101"), ("overall", "1e2"), ("overall", "-1"), ("domains", "101"), ("overall", "9" * 70)])
def test_a_score_beyond_its_bounds_is_an_error(refused: Callable[[str, bytes], list[Finding]], shape: str, value: str) -> None:
    (finding,) = refused(shape, encoded(tables.changed(GOOD[shape], 2, VALUES[shape], value)))
    assert (finding.rule in {"out of bounds", "not a number"}, finding.row, finding.column) == (True, 2, VALUES[shape])


def test_a_duplicate_with_another_value_is_an_error(refused: Callable[[str, bytes], list[Finding]]) -> None:
    assert [(finding.rule, finding.row) for finding in refused("papi", encoded([*PAPI, PAPI[1]]))] == [("duplicate key", 65)]
    again = tables.changed(OVERALL, 3, "unit_name_vi", "Hải Dương")
    assert [(finding.rule, finding.row) for finding in refused("overall", encoded(again))] == [("duplicate key", 3)]


def workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return stream.getvalue()


FOREIGN = {
    "empty": (b"", "an empty file"),
    "blanks": (b" \n\n", "a file of blanks"),
    "mark-alone": (b"\xef\xbb\xbf", "a file of blanks"),
    "html": (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
    "html-marked": (b"\xef\xbb\xbf\r\n <html>", "a web page"),
    "xlsx": (workbook(), "an Excel workbook"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "an old Excel workbook"),
    "pdf": (b"%PDF-1.7\n", "a PDF"),
    "gzip": (b"\x1f\x8b\x08\x00", "a compressed file"),
    "utf-16": (tables.text(PAPI).encode("utf-16"), "a text file in UTF-16"),
    "utf-16-bare": (tables.text(PAPI).encode("utf-16-le"), "NUL bytes"),
    "nul": (b"\0" * 100, "NUL bytes"),
    "noise": (random.Random(1).randbytes(50_000), ""),
}


@pytest.mark.parametrize("shape", ["papi", "overall"])
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_is_no_table_is_told_what_it_is(refused: Callable[[str, bytes], list[Finding]], shape: str, kind: str) -> None:
    content, said = FOREIGN[kind]
    (finding,) = refused(shape, content)
    assert said in finding.met
    assert finding.rule in {"not a table", "encoding", "heading"}


@pytest.mark.parametrize("shape", ["papi", "overall"])
def test_text_in_another_encoding_is_told_by_row(refused: Callable[[str, bytes], list[Finding]], shape: str) -> None:
    (finding,) = refused(shape, encoded(GOOD[shape]) + "Hải Dương".encode("utf-16-le")[:1] + b"\xe3\xf5,\n")
    assert (finding.rule, finding.row, finding.hint) == ("encoding", len(GOOD[shape]) + 1, "save it as CSV UTF-8")


@pytest.mark.parametrize("shape", ["papi", "overall"])
@pytest.mark.parametrize("tail", [b'"open', b'a"b"c\n', b'"a"b,\n'])
def test_a_quotation_mark_out_of_place_is_told_by_row(refused: Callable[[str, bytes], list[Finding]], shape: str, tail: bytes) -> None:
    errors = refused(shape, encoded(GOOD[shape]) + tail)
    assert [(finding.rule, finding.row) for finding in errors] == [("shape", len(GOOD[shape]) + 1)]


# ---------------------------------------------------------------- what is harmless


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("change", "notes"),
    [
        (lambda content: content, []),
        (lambda content: b"\xef\xbb\xbf" + content, ["byte order mark"]),
        (lambda content: content.replace(b"\n", b"\r\n"), []),
        (lambda content: content.replace(b"\n", b"\r"), []),
        (lambda content: content + b"\n\n,,,,\n", []),
        (lambda content: content.rstrip(b"\n"), []),
    ],
    ids=["as-it-is", "mark", "windows", "old-mac", "blank-rows", "no-last-line-end"],
)
def test_what_editors_do_to_a_file_is_accepted(root: Path, tmp_path: Path, shape: str, change: Callable[[bytes], bytes], notes: list[str]) -> None:
    done = accepted(root, tmp_path, shape, change(encoded(GOOD[shape])))
    assert done.status == "added"
    assert [finding.rule for finding in done.findings if finding.severity == "note"] == notes
    assert done.figures == {"papi": 63 * 28, "overall": 2}.get(shape, 1)


# ---------------------------------------------------------------- what is too much


MEASURED = """
import json, sys, time
from par_analysis import catalog
from par_analysis.run import add

def peak():
    try:
        status = open("/proc/self/status").read()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)

known, request = catalog.load(), add.Request(sys.argv[1], __import__("pathlib").Path(sys.argv[2]), "2024")
before, started = peak(), time.monotonic()
try:
    done = add.add(request, known)
    said = [done.status, len(done.findings)]
except add.RequestError as error:
    said = ["request", str(error)]
print(json.dumps([said, time.monotonic() - started, peak() - before]))
"""


def measured(root: Path, shape: str, path: Path) -> tuple[list[object], float, float]:
    """What came of adding a file in a process of its own, the seconds and the megabytes that it took."""
    source = request(shape, path).source
    done = subprocess.run([sys.executable, "-c", MEASURED, source, str(path)], env={**os.environ, "PAR_ROOT": str(root)}, capture_output=True, text=True, check=True)
    said, seconds, megabytes = json.loads(done.stdout)
    return said, seconds, megabytes


def test_200_megabytes_are_refused_by_their_size(root: Path, tmp_path: Path) -> None:
    path, megabyte = tmp_path / "2024.csv", os.urandom(2**20)
    with path.open("wb") as stream:
        for _ in range(200):
            stream.write(megabyte)
    for shape in ("papi", "overall"):
        said, seconds, megabytes = measured(root, shape, path)
        assert said[0] == "request"
        assert "has 200 MB: no table is larger than 32 MB" in str(said[1])
        assert (seconds < 1, megabytes < 10) == (True, True), (seconds, megabytes)


def noise(kind: str) -> bytes:
    """30 megabytes below the cap of size."""
    size, chance = 30 * 2**20, random.Random(2)
    block = "".join(chance.choices("abcdefgh ,;\n'.0123456789", k=2**18)).encode()
    row = encoded(OVERALL[1:2])
    return {
        "bytes": lambda: chance.randbytes(2**18).replace(b"\0", b"x") * 120,
        "text": lambda: block * 120,
        "rows": lambda: encoded(OVERALL[:1]) + block * 120,
        "names": lambda: encoded(OVERALL[:1]) + row.replace("Hải Dương".encode(), b"Hai Duonq xyz") * (size // len(row)),
        "copies": lambda: encoded(OVERALL[:1]) + row * (size // len(row)),
        "one line": lambda: encoded(OVERALL[:1]) + b"x" * size,
        "commas": lambda: b"," * size,
        "blanks": lambda: encoded(OVERALL[:1]) + b"\n" * size,
        "quoted": lambda: encoded(OVERALL[:1]) + b'"' + b"x\n" * (size // 2),
    }[kind]()


@pytest.mark.parametrize("kind", ["bytes", "text", "rows", "names", "copies", "one line", "commas", "blanks", "quoted"])
def test_30_megabytes_of_noise_take_seconds_and_little_memory(root: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "2024.csv"
    path.write_bytes(noise(kind))
    assert 20 * 2**20 < path.stat().st_size < MAX_BYTES
    said, seconds, megabytes = measured(root, "overall", path)
    assert said[0] == "refused"
    assert isinstance(said[1], int)
    assert said[1] <= MAX_FINDINGS + 1
    assert (seconds < 60, megabytes < 300) == (True, True), (seconds, megabytes)
    catalog._load.cache_clear()
    assert len(told("overall", path).splitlines()) <= MAX_FINDINGS + 10


def test_more_rows_than_a_table_has_are_not_read(refused: Callable[[str, bytes], list[Finding]]) -> None:
    errors = refused("operations", encoded(OPERATIONS[:1]) + b"\n" * MAX_ROWS)
    assert [finding.rule for finding in errors] == ["too many rows"]


# ---------------------------------------------------------------- what is made to do harm

HOSTILE = {
    "script": '"><script>alert(1)</script>',
    "formula": '=HYPERLINK("http://x")',
    "typst": '#read("/etc/passwd")',
    "path": "../../x",
    "nul": "Hải\0Dương",
    "escape": "\x1b[2JHải Dương\x1b]0;x\x07",
    "long": "x" * 10_000,
    "right-to-left": "\u202egnơưD iảH",
    "mark": "Hải Dương\u200f",
    "separator": "Hải\u2028Dương",
    "template": "{{ 7*7 }}",
    "blank": "",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_is_refused_with_its_row(refused: Callable[[str, bytes], list[Finding]], shape: str, kind: str) -> None:
    errors = refused(shape, encoded(tables.changed(GOOD[shape], 2, NAMES[shape], HOSTILE[kind])))
    assert {finding.row for finding in errors} == {2}
    assert {finding.rule for finding in errors} == {"control character" if kind in {"nul", "escape", "right-to-left", "mark", "separator"} else "unknown name"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_value_is_refused_with_its_row(refused: Callable[[str, bytes], list[Finding]], shape: str, kind: str) -> None:
    if kind == "blank" and shape == "papi":
        return  # a figure that was not published
    errors = refused(shape, encoded(tables.changed(GOOD[shape], 2, VALUES[shape], HOSTILE[kind])))
    assert {finding.row for finding in errors} == {2}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_heading_is_refused(refused: Callable[[str, bytes], list[Finding]], kind: str) -> None:
    rows = [[*PAPI[0], HOSTILE[kind]], *([*row, "1"] for row in PAPI[1:])]
    assert {finding.row for finding in refused("papi", encoded(rows))} == {1}
    broken = [[HOSTILE[kind], *OVERALL[0][1:]], *OVERALL[1:]]
    assert {finding.row for finding in refused("overall", encoded(broken))} == {1}


ADDRESSES = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.org/x", "https://", "http://[::1", "https://a b", "https://me@gov.vn@evil.example/"]
ADDRESSES += ["x", 'https://x/"><script>', "https://x/\\", "https://x/中", "https://gov.vn\u202e/", "https://x:0/", "https://x:99999/", "article:../../x", ""]
ADDRESSES += ["https://x/" + "y" * 3000]


@pytest.mark.parametrize("shape", ["overall", "domains", "operations"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_address_is_no_source(refused: Callable[[str, bytes], list[Finding]], shape: str, address: str) -> None:
    errors = refused(shape, encoded(tables.changed(GOOD[shape], 2, "source_url", address)))
    assert [(finding.row, finding.column) for finding in errors] == [(2, "source_url")]


@pytest.mark.parametrize("period", ["2023 <script>", "2023<script>", "2023-Q5", "2023-13-45", "=2023", "", "../x"])
def test_a_period_is_a_closed_form(root: Path, tmp_path: Path, period: str) -> None:
    done = accepted(root, tmp_path, "operations", encoded(tables.changed(OPERATIONS, 2, "period", period)))
    assert done.status == ("added" if period == "2023 <script>" else "refused")  # what follows a blank is the collector's remark


@pytest.mark.parametrize("shape", ["overall", "domains"])
@pytest.mark.parametrize("year", ["²⁰²³", "٢٠٢٣", "9" * 5000, "-2023", "2023.0", "1e3", "0x7e7"])
def test_only_four_digits_are_a_year(refused: Callable[[str, bytes], list[Finding]], shape: str, year: str) -> None:
    assert "not a year" in {finding.rule for finding in refused(shape, encoded(tables.changed(GOOD[shape], 2, "year", year)))}


def test_a_denominator_without_end_is_out_of_bounds(refused: Callable[[str, bytes], list[Finding]]) -> None:
    rows = tables.changed(tables.changed(DOMAINS, 2, "measure", "rank"), 2, "unit", "of " + "9" * 400)
    assert [finding.rule for finding in refused("domains", encoded(rows))] == ["out of bounds"]


# ---------------------------------------------------------------- what surfaces after it was accepted

NOTES = ['=HYPERLINK("http://x","y")', "@SUM(A1)", "+cmd|' /C calc'!A0", '"><script>alert(1)</script>', '#read("/etc/passwd") $x$ *b*', "{{ 7*7 }}", "中 🙂", "javascript:alert(1)"]
LINKS = ["https://haiduong.gov.vn/'-alert(1)-'#$(x)&a=[1]", "https://haiduong.gov.vn/@ref*b*_i_#read(1)$x$?a=%3Cb%3E"]


def test_text_that_was_accepted_stays_text_on_pages_and_in_spreadsheets(root: Path, tmp_path: Path) -> None:
    years = zip(range(2016, 2024), NOTES, strict=True)
    rows = [["PAR_INDEX", str(year), "Hải Dương", "province", "score", f"8{year % 10}.5", "percent", LINKS[year % 2], "=1+1", note] for year, note in years]
    (tmp_path / "a.csv").write_text(tables.text(tables.overall(*rows)), encoding="utf-8")
    assert adding.add(Request("public_pages", tmp_path / "a.csv", "hostile"), Catalog(root)).status == "added"
    rows = [OPERATIONS[0], ["Hải Dương", "2023", "<script>alert(1)</script>=1+1", "5", "dossiers", LINKS[0], NOTES[0]]]
    (tmp_path / "b.csv").write_text(tables.text(rows), encoding="utf-8")
    assert adding.add(Request("public_pages", tmp_path / "b.csv", "hostile-operations"), Catalog(root)).status == "added"
    command = [sys.executable, "-m", "par_analysis", "build", "province", "--unit", "30", "--year", "2023", "--lang", "en", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PAR_ROOT": str(root)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (page,), (paper,), (numbers,) = ([*(tmp_path / "out").rglob(pattern)] for pattern in ("*.html", "*.pdf", "numbers.csv"))
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert soup.find_all("script") == []
    assert [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")] == []
    links = {tag["href"] for tag in soup.find_all("a")}
    assert set(LINKS) <= links
    assert all(link.startswith(("http://", "https://", "#")) for link in links)
    assert "root:" not in read_text(paper)
    lines = numbers.read_text(encoding="utf-8-sig").splitlines()
    assert [line for line in lines if "HYPERLINK" in line]
    cells = [cell for row in csv.reader(lines) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "@", "\t", "+cmd"))] == []


def test_an_edition_cannot_lie_outside_of_its_folder(root: Path, tmp_path: Path) -> None:
    (tmp_path / "2024.csv").write_bytes(encoded(PAPI))
    before = sorted(path.name for path in tmp_path.parent.iterdir())
    for name in ("../../x", "..", "/etc/x", "x/../../y"):
        with pytest.raises(RequestError):
            adding.add(Request("papi", tmp_path / "2024.csv", name), Catalog(root))
    assert sorted(path.name for path in tmp_path.parent.iterdir()) == before
