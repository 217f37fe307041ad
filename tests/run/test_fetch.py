"""``par fetch``: what lies in the cache is what was recorded, whatever the network, the disk and other runs do."""

from __future__ import annotations

import datetime
import errno
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from par_analysis import catalog, cli, dataset
from par_analysis.catalog import Catalog, cached_file, recorded_file
from par_analysis.errors import ParError, RequestError, UnknownName
from par_analysis.run import fetch as fetching
from par_analysis.run.fetch import Fetched
from par_analysis.run.workspace import MARK
from tests import tables

GOOD = {year: tables.text(tables.papi(year, seed=year)).encode() for year in (2021, 2022, 2023)}
MASTER = tables.text(tables.master(["2023", "province", "30", "Hải Dương", "87.84", "22", "True", "", ""])).encode()
TODAY = datetime.date(2027, 5, 2)
Answer = Callable[[BaseHTTPRequestHandler], None]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Site:
    """A web server on this machine: path → what it answers, and how often it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.answers.get(self.path, status(404))(self)

            def log_message(self, format: str, *args: object) -> None:
                """Tests print nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hangs up is what some tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"


def content(data: bytes, *, promised: int | None = None, pause: float = 0.0, pieces: int = 1) -> Answer:
    """Answers 200 with some bytes, in pieces with pauses after them, whatever length was promised."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data) if promised is None else promised))
        handler.end_headers()
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size):
            handler.wfile.write(data[start : start + size])
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code, "\x1b[2Jbroken")
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def silence(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server; requests to it go through no proxy of this machine."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Site()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PAR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tables.checkout(tmp_path / "checkout")
    monkeypatch.setenv("PAR_ROOT", str(folder))
    return folder


@pytest.fixture
def toy(root: Path, cache: Path, site: Site) -> Catalog:
    """A source of three years, published on the server as it was recorded."""
    site.answers |= {f"/data/{year}.csv": content(table) for year, table in GOOD.items()}
    return tables.publish(root, "toy", [(str(year), site.url(f"/data/{year}.csv"), sha256(table)) for year, table in GOOD.items()])


@pytest.fixture
def loose(root: Path, cache: Path, site: Site) -> Catalog:
    """A source whose publisher may replace its file."""
    site.answers["/main.csv"] = content(MASTER)
    return tables.publish(root, "loose", [("main", site.url("/main.csv"), "")], like="par_master")


def run(known: Catalog, *codes: str, again: bool = False, today: datetime.date = TODAY) -> list[Fetched]:
    return list(fetching.fetch(fetching.chosen(known, codes), known, again=again, today=today))


def par(*words: str) -> Result:
    catalog._load.cache_clear()
    return CliRunner().invoke(cli.main, list(words), prog_name="par")


def tables_in(cache: Path) -> list[str]:
    return sorted(path.relative_to(cache).as_posix() for path in cache.rglob("*") if path.is_file())


# ---------------------------------------------------------------- what is fetched


def test_every_file_lies_by_host_and_path_and_is_an_edition(toy: Catalog, cache: Path) -> None:
    assert [(one.label, one.was_there, one.error) for one in run(toy, "toy")] == [(f"toy/{year}", False, None) for year in GOOD]
    assert tables_in(cache) == [f"127.0.0.1/data/{year}.csv" for year in GOOD]
    known = Catalog(toy.root)
    assert {"toy/2021", "toy/2022", "toy/2023"} <= set(known.editions)
    assert fetching.check(fetching.chosen(known, ["toy"]), known) == []
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in cache.rglob("*.csv"))


def test_what_is_there_is_not_downloaded_again_unless_asked_for(toy: Catalog, site: Site) -> None:
    run(toy, "toy")
    assert [one.was_there for one in run(toy, "toy")] == [True] * 3
    assert len(site.asked) == 3
    assert [one.was_there for one in run(toy, "toy", again=True)] == [False] * 3
    assert len(site.asked) == 6


def test_a_file_that_was_spoiled_is_downloaded_again(toy: Catalog, cache: Path) -> None:
    run(toy, "toy")
    (cache / "127.0.0.1" / "data" / "2022.csv").write_bytes(b"x")
    assert [one.was_there for one in run(toy, "toy")] == [True, False, True]
    assert (cache / "127.0.0.1" / "data" / "2022.csv").read_bytes() == GOOD[2022]


def test_a_source_named_twice_is_fetched_once(toy: Catalog) -> None:
    assert len(run(toy, "toy", "toy")) == 3


@pytest.mark.usefixtures("toy")
def test_the_command_says_what_came_and_under_which_terms() -> None:
    done = par("fetch", "toy")
    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines()[0] == f"[1/3] toy/2021 … {len(GOOD[2021]) / 1e3:.1f} kB"
    assert done.stdout == f"toy: 3 files, 0 already there, {sum(map(len, GOOD.values())) / 1e3:.1f} kB; licence: {catalog.load().source('toy').licence}\n"
    assert "3 already there" in par("fetch", "toy").stdout


@pytest.mark.usefixtures("root", "cache")
def test_terms_without_a_text_are_said_plainly() -> None:
    assert catalog.load(Path(os.environ["PAR_ROOT"])).source("par_master").licence.startswith("other")


@pytest.mark.usefixtures("toy")
def test_without_a_source_what_can_be_fetched_is_listed(site: Site) -> None:
    par("fetch", "toy")
    asked = len(site.asked)
    for words in (["fetch"], ["fetch", "--list", "toy"]):
        done = par(*words)
        assert done.exit_code == 0
        assert done.stdout.split("\n")[0].split() == ["source", "tên", "files", "there", "licence"]
        assert re.search(r"^toy .* 3 +3 +MIT", done.stdout, re.MULTILINE)
    assert len(site.asked) == asked


@pytest.mark.usefixtures("toy")
def test_the_sources_are_listed_with_what_is_there() -> None:
    par("fetch", "toy")
    lines = {line.split()[0]: line for line in par("list", "sources").stdout.splitlines()}
    assert "3 of 3 fetched" in lines["toy"]
    assert "0 of 13 fetched" in lines["papi"]
    assert "by par add" in lines["public_pages"]
    assert "toy/2022" in lines


def test_what_cannot_be_fetched_is_said_before_anything_is(toy: Catalog, site: Site) -> None:
    with pytest.raises(UnknownName, match="did you mean 'papi'"):
        fetching.chosen(toy, ["toy", "papy"])
    with pytest.raises(RequestError, match="publishes no files") as caught:
        fetching.chosen(toy, ["public_pages"])
    assert "par add public_pages" in caught.value.hint
    assert (par("fetch", "toy", "papy").exit_code, site.asked) == (2, [])


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("answer", "said", "hint"),
    [
        (content(GOOD[2021]), "is not the file recorded in sources/toy.toml", "compare with https://github.com"),
        (content(GOOD[2022][:500], promised=len(GOOD[2022])), "the connection was cut", "try again later"),
        (status(404), "the server answered 404 Not Found", "may have moved it"),
        (status(500), "the server answered 500 Internal Server Error", "try again later"),
        (status(429), "429 Too Many Requests", "try again later"),
        (status(302, Location="file:///etc/passwd"), "the request failed (InvalidSchema)", ""),
        (status(302, Location="/data/2022.csv"), "the request failed (TooManyRedirects)", ""),
        (silence, "no answer within 0.5 seconds", "try again later"),
        (content(GOOD[2022], pause=2, pieces=3), "no answer within 0.5 seconds", "try again later"),
        (content(b"x" * 200_000), "more than 0 MB came", ""),
        (content(GOOD[2022], pause=0.1, pieces=100), "not whole after 1 seconds", "another line"),
    ],
    ids=["hash", "cut", "404", "500", "429", "to-a-file", "in-circles", "silent", "stalled", "endless", "trickle"],
)
def test_one_bad_answer_is_one_line_and_stops_none_of_the_others(
    toy: Catalog, site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer, said: str, hint: str
) -> None:
    patience = 0.5 if "no answer" in said else 20.0  # a busy machine is late, too
    monkeypatch.setattr(fetching, "TIMEOUT", (patience, patience))
    monkeypatch.setattr(fetching, "MAX_BYTES", 100_000)
    monkeypatch.setattr(fetching, "LONGEST", 1.0 if "not whole" in said else 20.0)
    site.answers["/data/2022.csv"] = answer
    errors = [one.error for one in run(toy, "toy")]
    assert [error is None for error in errors] == [True, False, True]
    assert said in str(errors[1])
    assert hint in errors[1].hint  # type: ignore[union-attr]
    assert tables_in(cache) == ["127.0.0.1/data/2021.csv", "127.0.0.1/data/2023.csv"]
    assert "\x1b" not in str(errors[1])


@pytest.mark.usefixtures("toy")
def test_a_failed_file_makes_the_command_exit_1_and_names_its_address(site: Site) -> None:
    del site.answers["/data/2022.csv"]
    done = par("fetch", "toy")
    assert done.exit_code == 1
    assert f"par: toy/2022: {site.url('/data/2022.csv')}: the server answered 404 Not Found\n     the publisher may have moved it" in done.stderr
    assert "toy: 3 files, 0 already there, 1 failed" in done.stdout


def test_a_host_that_is_not_found_is_said(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    (one,) = run(tables.publish(root, "toy", [("2022", "https://data.invalid/2022.csv", sha256(b""))]), "toy")
    assert str(one.error) == "https://data.invalid/2022.csv: its host was not found"
    assert "PAR_MIRROR" in one.error.hint  # type: ignore[union-attr]


def test_a_refused_connection_is_said(root: Path, cache: Path, site: Site) -> None:
    known = tables.publish(root, "toy", [("2022", site.url("/2022.csv"), sha256(b""))])
    site.server.server_close()
    (one,) = run(known, "toy")
    assert str(one.error).endswith(": no connection")


def test_a_redirect_within_http_is_followed(toy: Catalog, site: Site) -> None:
    site.answers |= {"/data/2022.csv": status(301, Location="/moved.csv"), "/moved.csv": content(GOOD[2022])}
    assert [one.error for one in run(toy, "toy")] == [None] * 3


def test_encryption_is_not_given_up_on_the_way() -> None:
    require = fetching._require_as_safe("https://example.org/a.csv")
    require(SimpleNamespace(url="https://other.org/a.csv"))
    with pytest.raises(ParError, match="without encryption"):
        require(SimpleNamespace(url="http://example.org/a.csv"))


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.org/a.csv", "https:///a.csv", "https://example.org", "https://example.org/", "https://example.org/../../a.csv", "https://../a.csv",
     "https://example.org/a/..", "https://example.org/a.csv?x=1", "https://example.org/a.csv#x", "https://user@example.org/a.csv", "https://example.org/\x1b[2J.csv",
     "https://example.org/a b.csv", "//example.org/a.csv", "a.csv", ""],
)  # fmt: skip
def test_an_address_that_names_no_file_below_a_host_is_no_declaration(root: Path, cache: Path, url: str) -> None:
    escaped = url.encode("unicode_escape").decode().replace("\\x", "\\u00")
    known = tables.publish(root, "toy", [("2022", escaped, "")])
    with pytest.raises(ParError, match=r"toy\.toml: a field is not of its kind: url is"):
        known.source("toy")


def test_a_hash_that_is_none_is_no_declaration(root: Path, cache: Path) -> None:
    with pytest.raises(ParError, match="64 hexadecimal digits"):
        tables.publish(root, "toy", [("2022", "https://example.org/a.csv", "abc")]).source("toy")


# ---------------------------------------------------------------- what is read


@pytest.mark.usefixtures("cache")
def test_a_file_as_declared_with_bad_figures_is_kept_and_its_findings_are_listed(root: Path, site: Site, cache: Path) -> None:
    bad = tables.text(tables.changed(tables.papi(2022), 5, "SC11", "101")).encode()
    site.answers["/2022.csv"] = content(bad)
    tables.publish(root, "toy", [("2022", site.url("/2022.csv"), sha256(bad))])
    done = par("fetch", "toy")
    assert done.exit_code == 1
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("error")]
    assert line.split()[1:5] == ["toy/2022", "toy/2022/2022.csv", "5", "SC11"]
    assert (cache / "127.0.0.1" / "2022.csv").read_bytes() == bad


# ---------------------------------------------------------------- files that nobody vouches for


def test_a_first_download_is_recorded_and_another_content_refused(loose: Catalog, site: Site, cache: Path) -> None:
    (file,) = loose.source("loose").files
    assert [one.error for one in run(loose, "loose")] == [None]
    assert catalog.first_use(file) == {"sha256": sha256(MASTER), "received": TODAY}
    assert Catalog(loose.root).editions["loose/main"].received == "2027-05-02"
    newer = MASTER.replace(b"87.84", b"87.85")
    site.answers["/main.csv"] = content(newer)
    cached_file(file).unlink()
    (one,) = run(loose, "loose", today=datetime.date(2027, 6, 1))
    assert str(one.error) == f"{file.url}: changed since first fetched on 2027-05-02; the file of that day stands"
    assert one.error.hint == "par fetch loose --again accepts the new one"  # type: ignore[union-attr]
    assert not cached_file(file).exists()
    assert [one.error for one in run(loose, "loose", again=True, today=datetime.date(2027, 6, 1))] == [None]
    assert catalog.first_use(file) == {"sha256": sha256(newer), "received": datetime.date(2027, 6, 1)}
    assert len(tables_in(cache)) == 2


def test_what_was_first_fetched_is_not_asked_for_again(loose: Catalog, site: Site) -> None:
    run(loose, "loose")
    assert [one.was_there for one in run(loose, "loose")] == [True]
    assert len(site.asked) == 1


def test_a_file_without_its_record_is_not_trusted(loose: Catalog, site: Site) -> None:
    """A run that ends between the file and its record leaves this behind."""
    (file,) = loose.source("loose").files
    run(loose, "loose")
    recorded_file(file).unlink()
    known = Catalog(loose.root)
    findings = dataset.read_edition(known, known.editions["loose/main"], known.edition_folder("loose/main")).findings
    assert [(finding.rule, finding.hint) for finding in findings] == [("changed file", "par fetch loose --again")]
    assert [one.was_there for one in run(loose, "loose")] == [False]
    assert recorded_file(file).is_file()


def test_an_edited_first_use_record_is_said_and_mended_by_fetching_again(loose: Catalog) -> None:
    (file,) = loose.source("loose").files
    run(loose, "loose")
    recorded_file(file).write_text('sha256 = "x"\nreceived = "soon"\n')
    with pytest.raises(ParError, match=r"first-use\.toml"):
        _ = Catalog(loose.root).editions
    recorded_file(file).write_text("sha256 = ")
    assert [(str(one.error).endswith("not valid TOML: Invalid value (at end of document)"), one.error and one.error.hint) for one in run(loose, "loose")] == [
        (True, "par fetch loose --again")
    ]
    assert [one.error for one in run(loose, "loose", again=True)] == [None]
    assert "loose/main" in Catalog(loose.root).editions


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><p>Log in</p>", b"", MASTER[:-30], b"\x1b[2J", b"a,b\n1,2\n"], ids=["html", "empty", "half", "noise", "other-table"])
def test_what_cannot_be_read_is_not_kept_as_a_first_download(loose: Catalog, site: Site, cache: Path, body: bytes) -> None:
    site.answers["/main.csv"] = content(body)
    (one,) = run(loose, "loose")
    assert "loose/main/main.csv" in str(one.error)
    assert tables_in(cache) == []


def test_a_bad_newer_file_leaves_the_good_older_one(loose: Catalog, site: Site) -> None:
    (file,) = loose.source("loose").files
    run(loose, "loose")
    site.answers["/main.csv"] = content(b"<html>")
    assert [one.error is None for one in run(loose, "loose", again=True)] == [False]
    assert cached_file(file).read_bytes() == MASTER
    assert [one.was_there for one in run(loose, "loose")] == [True]


# ---------------------------------------------------------------- disks


def test_a_full_disk_is_said_and_leaves_nothing_half_written(toy: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    is_real = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20k", "tmpfs", str(disk)], capture_output=True, check=False).returncode == 0 if os.name == "posix" else False
    monkeypatch.setenv("PAR_CACHE", str(disk / "cache"))
    try:
        if not is_real:

            def full(self: object, data: bytes) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

            monkeypatch.setattr(fetching._Capped, "write", full)
        said = {str(one.error) for one in run(toy, "toy") if one.error}
        assert said == {f"the disk of {disk / 'cache'} is full"}
        left = {path: path.read_bytes() for path in (disk / "cache").rglob("*") if path.is_file()}
        assert all(sha256(data) in {sha256(table) for table in GOOD.values()} for data in left.values())
    finally:
        if is_real:
            subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("kind", ["file", "nowhere", "host", "place"])
def test_a_cache_that_cannot_be_used_is_said(toy: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    cache = {"nowhere": Path("/proc/nowhere")}.get(kind, tmp_path / "other")
    monkeypatch.setenv("PAR_CACHE", str(cache))
    if kind == "file":
        cache.write_text("x")
    elif kind == "host":
        cache.mkdir()
        (cache / "127.0.0.1").write_text("x")
    elif kind == "place":
        (cache / "127.0.0.1" / "data" / "2022.csv").mkdir(parents=True)
    done = par("fetch", "toy")
    assert done.exit_code == 1
    assert "cannot be used" in done.stderr
    assert "set PAR_CACHE to a folder that can be written to" in done.stderr
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_whole_cache_need_not_be_written_to(toy: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    run(toy, "toy")

    def unwritable(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(fetching, "workspace", unwritable)
    assert [one.was_there for one in run(toy, "toy")] == [True] * 3
    with pytest.raises(ParError, match="Read-only file system"):
        run(toy, "toy", again=True)


def test_a_kernel_reads_the_same_cache_from_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from par_analysis.run.kernel import ThisInterpreter

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAR_CACHE", "cache")
    assert ThisInterpreter(scratch="x", root="y").kernel_spec.env["PAR_CACHE"] == str(tmp_path / "cache")


# ---------------------------------------------------------------- mirrors


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder laid out by host, then path, in place of a network that must not be touched."""
    for year, table in GOOD.items():
        path = tmp_path / "mirror" / "data.invalid" / "csv" / f"{year}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(table)

    def touched(*_: object, **__: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", touched)
    monkeypatch.setattr(socket, "getaddrinfo", touched)
    monkeypatch.setenv("PAR_MIRROR", str(tmp_path / "mirror"))
    return tmp_path / "mirror"


def mirrored(root: Path, years: tuple[int, ...] = tuple(GOOD)) -> Catalog:
    return tables.publish(root, "toy", [(str(year), f"https://data.invalid/csv/{year}.csv", sha256(GOOD.get(year, b""))) for year in years])


def test_files_come_from_the_mirror_without_the_network(root: Path, cache: Path, mirror: Path) -> None:
    assert [one.error for one in run(mirrored(root), "toy")] == [None] * 3
    assert tables_in(cache) == [f"data.invalid/csv/{year}.csv" for year in GOOD]


def test_a_file_that_the_mirror_lacks_is_named_by_its_address(root: Path, cache: Path, mirror: Path) -> None:
    errors = [one.error for one in run(mirrored(root, (2021, 2020)), "toy")]
    assert errors[0] is None
    assert str(errors[1]) == f"https://data.invalid/csv/2020.csv is not in the mirror {mirror}"


def test_the_hash_is_checked_whatever_the_mirror_holds(root: Path, cache: Path, mirror: Path) -> None:
    (mirror / "data.invalid" / "csv" / "2022.csv").write_bytes(GOOD[2021])
    assert [one.error is None for one in run(mirrored(root), "toy")] == [True, False, True]
    assert len(tables_in(cache)) == 2


def test_nothing_outside_the_mirror_is_read(root: Path, cache: Path, mirror: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_bytes(GOOD[2022])
    path = mirror / "data.invalid" / "csv" / "2022.csv"
    path.unlink()
    path.symlink_to(tmp_path / "secret.csv")
    errors = [one.error for one in run(mirrored(root), "toy")]
    assert "lies outside the mirror" in str(errors[1])


def test_a_pipe_in_the_mirror_is_no_file(root: Path, cache: Path, mirror: Path) -> None:
    path = mirror / "data.invalid" / "csv" / "2022.csv"
    path.unlink()
    os.mkfifo(path)
    assert "is not in the mirror" in str([one.error for one in run(mirrored(root), "toy")][1])


def test_a_mirror_that_is_none_is_a_bad_request(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAR_MIRROR", str(root / "nowhere"))
    with pytest.raises(RequestError, match="no folder"):
        run(mirrored(root), "toy")


# ---------------------------------------------------------------- other runs


def start(root: Path, cache: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "par_analysis", "fetch", "toy"]
    return subprocess.Popen(command, env={**os.environ, "PAR_ROOT": str(root), "PAR_CACHE": str(cache)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_runs_at_once_do_not_disturb_each_other(toy: Catalog, site: Site, cache: Path) -> None:
    site.answers |= {f"/data/{year}.csv": content(table, pause=0.02, pieces=10) for year, table in GOOD.items()}
    runs = [start(toy.root, cache) for _ in range(3)]
    assert [(one.wait(60), one.communicate()[1].count("FAILED")) for one in runs] == [(0, 0)] * 3
    assert {path.name: path.read_bytes() for path in cache.rglob("*.csv")} == {f"{year}.csv": table for year, table in GOOD.items()}
    assert [path.name for path in cache.iterdir()] == ["127.0.0.1"]


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_nothing_that_is_trusted_or_stays(toy: Catalog, site: Site, cache: Path, signum: signal.Signals) -> None:
    site.answers["/data/2022.csv"] = content(GOOD[2022], pause=0.3, pieces=100)
    running = start(toy.root, cache)
    until(lambda: "/data/2022.csv" in site.asked)
    time.sleep(0.1)
    running.send_signal(signum)
    running.communicate(timeout=30)
    assert running.returncode in {-signal.SIGKILL, 130}
    assert [path.name for path in cache.rglob("*.csv") if not path.is_relative_to(cache / "127.0.0.1")] == []
    assert sorted((cache / "127.0.0.1").rglob("*.csv")) == [cache / "127.0.0.1" / "data" / "2021.csv"]
    assert bool(list(cache.glob(".fetching-*"))) == (signum == signal.SIGKILL)
    site.answers["/data/2022.csv"] = content(GOOD[2022])
    assert [one.was_there for one in run(toy, "toy")] == [True, False, False]
    assert [path.name for path in cache.iterdir()] == ["127.0.0.1"]


def test_only_what_dead_runs_left_is_removed(toy: Catalog, site: Site, cache: Path, tmp_path: Path) -> None:
    site.answers["/data/2022.csv"] = content(GOOD[2022], pause=0.2, pieces=20)
    running = start(toy.root, cache)
    until(lambda: "/data/2022.csv" in site.asked)
    (cache / ".fetching-dead").mkdir()
    (cache / ".fetching-dead" / MARK).touch()
    (cache / "notes").mkdir()
    (tmp_path / "precious").mkdir()
    (cache / ".fetching-link").symlink_to(tmp_path / "precious")
    site.answers["/data/2022.csv"] = content(GOOD[2022])
    run(toy, "toy")
    assert {path.name for path in cache.iterdir()} >= {"notes", ".fetching-link"}
    assert not (cache / ".fetching-dead").exists()
    assert (tmp_path / "precious").is_dir()
    said = running.communicate(timeout=60)
    assert running.returncode == 0, said
