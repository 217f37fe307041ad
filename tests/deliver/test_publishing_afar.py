"""``par publish`` to an S3 bucket and to a server by SFTP: real ones on this machine, also where the line is cut or somebody lies."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from par_analysis.deliver.manifests import LOCK, MANIFEST, Foreign
from par_analysis.deliver.publishing import OtherBytes, Published, publish
from par_analysis.deliver.stores import Publishing, StoreFailed, opened, place
from par_analysis.deliver.target_lock import Taken
from par_analysis.errors import RequestError
from tests.deliver.buckets import Buckets, use_keys
from tests.deliver.lines import Line
from tests.deliver.ssh import SSHD, Sshd
from tests.deliver.test_publishing import fill, held_by

Files = dict[str, str]

OLD: Files = {"index.html": "old", "style.css": "colours", "vi/gone.html": "điểm 87"}
NEW: Files = {"index.html": "new", "style.css": "colours", "vi/index.html": "mới"}


@dataclass
class Afar:
    """A target on a server: what its files are, and the port that may be cut."""

    target: Callable[[int], str]
    settings: Callable[[int], Publishing]
    files: Callable[[], Files]
    put: Callable[[str, str], None]
    port: int
    site: Path

    def go(self, *, port: int = 0, attempts: int = 5, **how: Any) -> Published:
        port = port or self.port
        settings = self.settings(port).model_copy(update={"attempts": attempts})
        return publish(self.site, self.target(port), state=self.site.parent / "state", settings=settings, wait=lambda _: None, **how)

    def shown(self) -> Files:
        return {name: text for name, text in self.files().items() if not name.startswith("_par/") and name != MANIFEST}


@pytest.fixture(scope="module")
def buckets() -> Iterator[Buckets]:
    running = Buckets()
    yield running
    running.close()


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if SSHD is None:
        pytest.skip("Debian's openssh-server is absent")
    running = Sshd(tmp_path_factory.mktemp("sshd") / "keys")
    yield running
    running.close()


@pytest.fixture
def bucket(tmp_path: Path, buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> Afar:
    use_keys(monkeypatch)
    name = f"b{time.monotonic_ns()}"
    buckets.make(name)

    def files() -> Files:
        return {key.removeprefix("www/"): content.decode() for key, content in buckets.files(name).items()}

    def put(key: str, text: str) -> None:
        buckets.client.put_object(Bucket=name, Key=f"www/{key}", Body=text.encode())

    return Afar(lambda _: f"s3://{name}/www", lambda port: Publishing(endpoint=f"http://127.0.0.1:{port}"), files, put, buckets.port, fill(tmp_path / "site", OLD))


@pytest.fixture
def server(tmp_path: Path, sshd: Sshd) -> Afar:
    www = tmp_path / "www"
    known = tmp_path / "known_hosts"

    def settings(port: int) -> Publishing:
        sshd.know(sshd.port, port)
        shutil.copy(sshd.known_hosts, known)
        return Publishing(known_hosts=str(known), key_file=str(sshd.key))

    def put(name: str, text: str) -> None:
        (www / name).parent.mkdir(parents=True, exist_ok=True)
        (www / name).write_text(text, encoding="utf-8")

    def files() -> Files:
        return {path.relative_to(www).as_posix(): path.read_text(encoding="utf-8") for path in www.rglob("*") if path.is_file()}

    return Afar(lambda port: f"sftp://{sshd.user}@127.0.0.1:{port}{www}", settings, files, put, sshd.port, fill(tmp_path / "site", OLD))


@pytest.fixture(params=["bucket", pytest.param("server", marks=pytest.mark.sshd)])
def afar(request: pytest.FixtureRequest) -> Afar:
    found: Afar = request.getfixturevalue(request.param)
    return found


# ---------------------------------------------------------------- the same as on a disk


def test_what_changed_is_sent_and_what_is_ours_alone_removed(afar: Afar) -> None:
    afar.put("robots.txt", "theirs")
    assert afar.go(dry_run=True).changed == len(OLD)
    assert set(afar.files()) == {"robots.txt"}
    afar.go()
    fill(afar.site, NEW)
    done = afar.go()
    assert (afar.shown(), done.removed) == (NEW | {"robots.txt": "theirs"}, ("vi/gone.html",))
    assert {name for name in afar.files() if name.startswith("_par/")} == {f"_par/kept/{one}" for one in json.loads(afar.files()[MANIFEST])["kept"]}
    assert afar.go().changed == 0


def test_a_folder_and_a_server_get_the_same_manifest(afar: Afar, tmp_path: Path) -> None:
    afar.go()
    publish(afar.site, str(tmp_path / "here"), state=tmp_path / "state")
    assert afar.files()[MANIFEST] == (tmp_path / "here" / MANIFEST).read_text(encoding="utf-8")
    assert afar.shown() == held_by(tmp_path / "here")


def test_a_file_of_others_is_never_overwritten(afar: Afar) -> None:
    afar.put("index.html", "theirs")
    with pytest.raises(Foreign, match=r"index.html is there, and par did not put it there"):
        afar.go()
    assert afar.files() == {"index.html": "theirs"}


def test_a_name_in_a_manifest_that_leads_out_is_refused(afar: Afar) -> None:
    afar.go()
    facts = json.loads(afar.files()[MANIFEST])
    facts["files"]["../../victim"] = facts["files"]["index.html"]
    afar.put(MANIFEST, json.dumps(facts))
    fill(afar.site, NEW)
    with pytest.raises(Foreign, match=r"it lists '\.\./\.\./victim'"):
        afar.go()
    assert afar.shown() == OLD


def test_another_publisher_is_waited_for(afar: Afar) -> None:
    afar.put(LOCK, '{"publisher": "other"}')
    with pytest.raises(Taken):
        afar.go()
    assert set(afar.files()) == {LOCK}
    afar.go(take_over=True)
    assert afar.shown() == OLD


def test_only_one_of_two_gets_the_lock(afar: Afar) -> None:
    settings = afar.settings(afar.port)
    with opened(place(afar.target(afar.port)), settings) as one, opened(place(afar.target(afar.port)), settings) as other:
        assert [one.create(LOCK, b"one"), other.create(LOCK, b"other"), one.read(LOCK)] == [True, False, b"one"]


# ---------------------------------------------------------------- cut off


@pytest.mark.parametrize("after", [0, 900, 9_000])
def test_a_line_that_is_cut_is_taken_up_again(afar: Afar, after: int) -> None:
    line = Line(afar.port, cuts=[after])
    afar.go(port=line.port)
    fill(afar.site, NEW)
    line.cuts = [after, after]
    afar.go(port=line.port)
    line.close()
    assert afar.shown() == NEW
    assert line.connections > 2


def test_a_run_that_gives_up_is_caught_up_without_sending_twice(afar: Afar) -> None:
    big = {f"{number}.html": f"{number} " * 4_000 for number in range(12)}
    fill(afar.site, big)
    line = Line(afar.port, budget=100_000)
    with pytest.raises(StoreFailed) as told:
        afar.go(port=line.port, attempts=1)
    line.close()
    assert (told.value.is_passing, "\n" in str(told.value)) == (True, False)
    assert MANIFEST not in afar.files()
    assert {name for name in afar.files() if not name.startswith("_par/")} <= set(big)
    done = afar.go()
    assert (afar.shown(), len(done.sent)) == (big, 12)
    assert 0 < done.uploaded < sum(map(len, big.values()))


def test_a_server_that_is_gone_is_said_in_one_line(afar: Afar) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(StoreFailed) as told:
        afar.go(port=port, attempts=2)
    assert told.value.is_passing
    assert "\n" not in str(told.value)


# ---------------------------------------------------------------- what only a bucket does


def test_a_bucket_says_what_its_files_are(bucket: Afar, buckets: Buckets) -> None:
    bucket.go()
    name = bucket.target(0).split("/")[2]
    head = buckets.client.head_object(Bucket=name, Key="www/vi/gone.html")
    assert (head["ContentType"], head["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")


@pytest.mark.parametrize("header", [b"x-amz-checksum", b"x-amz-nothing"])
def test_a_bucket_that_returns_other_bytes_is_refused_in_one_line(bucket: Afar, header: bytes) -> None:
    line = Line(bucket.port, back=lambda data: data.replace("điểm 87".encode(), "điểm 99".encode()).replace(b"x-amz-checksum", header))
    with pytest.raises((OtherBytes, StoreFailed), match="is not to be trusted") as told:
        bucket.go(port=line.port, attempts=1)
    line.close()
    assert "\n" not in str(told.value)
    assert MANIFEST not in bucket.files()


def test_a_bucket_that_is_not_there_is_said(bucket: Afar) -> None:
    with pytest.raises(StoreFailed, match="there is no bucket of that name"):
        publish(bucket.site, "s3://nowhere/www", state=bucket.site.parent / "state", settings=bucket.settings(bucket.port))


def test_a_bucket_that_is_not_there_is_no_empty_one(bucket: Afar) -> None:
    with pytest.raises(StoreFailed, match="there is no bucket of that name"):
        publish(bucket.site, "s3://nowhere/www", state=bucket.site.parent / "state", settings=bucket.settings(bucket.port), dry_run=True)


@pytest.mark.parametrize(
    ("status", "code", "said", "hint"),
    [
        (403, "AccessDenied", "the key may not do that", "AWS_ACCESS_KEY_ID"),
        (403, "InvalidAccessKeyId", "the access key is not known there", "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "the secret key is not that of the access key", "AWS_SECRET_ACCESS_KEY"),
        (403, "RequestTimeTooSkewed", "the clock of this machine is wrong", "set the clock"),
        (301, "PermanentRedirect", "the bucket lies in another region", "AWS_DEFAULT_REGION"),
        (301, "Moved", "it sends whoever asks elsewhere, and does not say where", "endpoint"),
        (403, "QuotaExceeded", r"the service says: no \(QuotaExceeded\)", ""),
        (503, "SlowDown", "it is asked too much at the moment", "try again later"),
    ],
)
def test_what_the_service_refuses_is_one_line(bucket: Afar, capfd: pytest.CaptureFixture[str], status: int, code: str, said: str, hint: str) -> None:
    content = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if code == "PermanentRedirect":
                self.send_header("x-amz-bucket-region", "eu-west-1")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with pytest.raises(StoreFailed, match=f"listing what is there: {said}$") as told:
                bucket.go(port=service.server_port, attempts=1)
        finally:
            service.shutdown()
            thread.join()
    assert (told.value.is_passing, hint in told.value.hint) == (status == 503, True)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("endpoint", ["http://[::", "http://127.0.0.1:x"])
def test_an_endpoint_that_is_none_is_one_line(bucket: Afar, endpoint: str) -> None:
    with pytest.raises(RequestError, match="is not the address of a service"):
        publish(bucket.site, "s3://b/www", state=bucket.site.parent / "state", settings=Publishing(endpoint=endpoint))


def test_absent_keys_are_said(bucket: Afar, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(StoreFailed) as told:
        bucket.go()
    assert "AWS_ACCESS_KEY_ID" in told.value.hint


# ---------------------------------------------------------------- what only a server does


@pytest.mark.sshd
def test_a_server_that_is_not_known_is_not_trusted(server: Afar, tmp_path: Path) -> None:
    settings = server.settings(server.port)
    (tmp_path / "known_hosts").write_text("", encoding="utf-8")
    with pytest.raises(StoreFailed, match=r"the server is not found in .*known_hosts") as told:
        publish(server.site, server.target(server.port), state=tmp_path / "state", settings=settings)
    assert "ask who runs the server" in told.value.hint


@pytest.mark.sshd
def test_a_server_with_another_key_is_not_trusted(server: Afar, sshd: Sshd, tmp_path: Path) -> None:
    settings = server.settings(server.port)
    sshd.know(server.port, key="stranger")
    shutil.copy(sshd.known_hosts, tmp_path / "known_hosts")
    with pytest.raises(StoreFailed, match=r"shows another key \(SHA256:.* than the one that is known \(SHA256:"):
        publish(server.site, server.target(server.port), state=tmp_path / "state", settings=settings)
    assert not (tmp_path / "www").exists()


@pytest.mark.sshd
def test_a_key_that_the_server_does_not_take_is_said_at_once(server: Afar, sshd: Sshd, tmp_path: Path) -> None:
    settings = server.settings(server.port).model_copy(update={"key_file": str(sshd.key.with_name("stranger"))})
    with pytest.raises(StoreFailed, match="the login is refused") as told:
        publish(server.site, server.target(server.port), state=tmp_path / "state", settings=settings)
    assert (told.value.is_passing, "key_file" in told.value.hint) == (False, True)


@pytest.fixture(scope="module")
def user_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys that no server knows: ``rsa`` as it is, ``locked`` with a passphrase."""
    folder = tmp_path_factory.mktemp("user-keys")
    for name, passphrase in (("rsa", ""), ("locked", "geheim")):
        subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", passphrase, "-f", str(folder / name)], check=True)
    (folder / "junk").write_text("no key", encoding="utf-8")
    (folder / "open").write_bytes((folder / "rsa").read_bytes())
    (folder / "open").chmod(0o644)
    (folder / "junk").chmod(0o600)
    return folder


@pytest.mark.sshd
def test_an_rsa_key_that_the_server_does_not_take_is_said_at_once(server: Afar, user_keys: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = server.settings(server.port).model_copy(update={"key_file": str(user_keys / "rsa")})
    with pytest.raises(StoreFailed, match="the login is refused") as told:
        publish(server.site, server.target(server.port), state=tmp_path / "state", settings=settings)
    assert (told.value.is_passing, capfd.readouterr()) == (False, ("", ""))


@pytest.mark.sshd
@pytest.mark.parametrize(
    ("name", "passphrase", "said"),
    [
        ("absent", "", "absent cannot be read: No such file"),
        ("junk", "", "does not open: the passphrase is wrong, or it holds no private key"),
        ("open", "", "which others may read or write"),
        ("locked", "", "wants a passphrase, and none was given"),
        ("locked", "false", "does not open: the passphrase is wrong"),
    ],
)
def test_a_key_that_does_not_open_is_said_before_anything_is_sent(
    server: Afar, user_keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, passphrase: str, said: str
) -> None:
    monkeypatch.setenv("PAR_TEST_PASSPHRASE", passphrase)
    given = {"key_file": str(user_keys / name), "passphrase_env": "PAR_TEST_PASSPHRASE" if passphrase else ""}
    with pytest.raises(RequestError, match=said):
        publish(server.site, server.target(server.port), state=tmp_path / "state", settings=server.settings(server.port).model_copy(update=given))


@pytest.mark.sshd
@pytest.mark.parametrize(("content", "said"), [(b"[127.0.0.1]:%d ssh-ed25519 AAAA!x", "has a line that cannot be read"), (b"\xff\xfe", "is no text")])
def test_a_list_of_known_servers_that_cannot_be_read_is_one_line(server: Afar, tmp_path: Path, content: bytes, said: str) -> None:
    settings = server.settings(server.port)
    (tmp_path / "known_hosts").write_bytes(content.replace(b"%d", str(server.port).encode()))
    with pytest.raises(StoreFailed, match=f"known_hosts {said}") as told:
        publish(server.site, server.target(server.port), state=tmp_path / "state", settings=settings)
    assert not told.value.is_passing


@pytest.mark.sshd
def test_what_does_not_speak_as_a_server_does_is_one_line(server: Afar, buckets: Buckets, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StoreFailed, match="does not speak as SSH servers do"):
        server.go(port=buckets.port, attempts=1)
    assert capfd.readouterr().err == ""


@pytest.mark.sshd
def test_a_folder_that_cannot_be_made_there_is_said(server: Afar, tmp_path: Path) -> None:
    (tmp_path / "www").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreFailed, match="www/_par cannot be made there"):
        server.go()


@pytest.mark.sshd
def test_a_link_on_the_server_is_not_followed(server: Afar, tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "www" / "vi").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Foreign, match="vi is there and is no folder"):
        server.go()
    assert list((tmp_path / "elsewhere").iterdir()) == []
