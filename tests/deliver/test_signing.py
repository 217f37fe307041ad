"""Signing: the report's bytes stay, a stamp shows who and when, keys of files and of tokens, nothing is signed twice, no secret is told."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from par_analysis import catalog
from par_analysis.deliver.finished import Report, reports
from par_analysis.deliver.settings import BadSettings, read
from par_analysis.deliver.signing import Signing, sign
from par_analysis.deliver.verifying import signatures
from par_analysis.errors import ParError, RequestError
from par_analysis.render.readback import read_identity
from tests.deliver import keys

SAMPLES = catalog.load().root / "reports"
OFFICE = "Sở Nội vụ tỉnh Hải Dương"


@pytest.fixture(scope="module")
def ca() -> keys.Pair:
    return keys.authority()


@pytest.fixture(scope="module")
def office(ca: keys.Pair) -> keys.Pair:
    return keys.certified(OFFICE, ca)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, ca: keys.Pair, office: keys.Pair) -> Path:
    """A folder with a key and the authority's certificate."""
    folder = tmp_path_factory.mktemp("keys")
    keys.write_key(folder / "office.p12", office, ca)
    keys.write_certificate(folder / "ca.pem", ca)
    keys.write_secret(folder / "passphrase", keys.PASSPHRASE)
    return folder


@pytest.fixture(scope="module")
def report() -> Report:
    return next(one for one in reports(SAMPLES) if one.key == "2023/province/par_index/30-hai-duong/vi")


def asked(place: Path, **settings: object) -> Signing:
    given = {"key": str(place / "office.p12"), "passphrase_file": str(place / "passphrase"), **settings}
    return read(Signing, given, file="pipeline.toml", at="sign")


@pytest.fixture(scope="module")
def stamped(place: Path, report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("stamped")
    return sign([report], asked(place, stamp=True, reason="Đã được duyệt", out=str(out))).files[0]


def test_a_signed_file_begins_with_the_report_and_says_who_signed(stamped: Path, report: Report, place: Path) -> None:
    content = stamped.read_bytes()
    assert content.startswith(report.read(stamped.name))
    (found,) = signatures(content, trust=[place / "ca.pem"])
    assert (found.signer, found.issuer, found.verdict, found.trusted) == (OFFICE, "Cơ quan chứng thực thử nghiệm", "whole", True)


def test_a_signer_of_another_authority_is_not_trusted(stamped: Path, tmp_path: Path) -> None:
    other = keys.write_certificate(tmp_path / "other.pem", keys.authority("Người khác"))
    assert [one.trusted for one in signatures(stamped.read_bytes(), trust=[other])] == [False]
    assert [one.trusted for one in signatures(stamped.read_bytes())] == [None]


def test_a_signed_file_still_says_which_report_it_is(stamped: Path, report: Report) -> None:
    assert read_identity(stamped) == report.identity


@pytest.mark.poppler
def test_the_stamp_says_who_and_when_on_the_first_page_and_hides_nothing(stamped: Path, report: Report) -> None:
    def page(path: Path, *box: str) -> str:
        return subprocess.run(["pdftotext", "-f", "1", "-l", "1", *box, str(path), "-"], capture_output=True, text=True, check=True).stdout

    margin = ("-r", "72", "-x", "0", "-y", "0", "-W", "596", "-H", "50")
    assert page(report.folder / stamped.name, *margin).strip() == ""
    said = page(stamped, *margin)
    assert f"Người ký: {OFFICE}" in said
    assert "+07:00" in said
    assert "Đã được duyệt" in said


def test_a_long_name_is_set_smaller_and_stays_on_the_page() -> None:
    from par_analysis.render.stamp import PLACE, draw_stamp

    with pikepdf.open(io.BytesIO(draw_stamp(["Sở " + "Nội vụ và các đơn vị khác " * 12]))) as page:
        assert [float(value) for value in page.pages[0].MediaBox[2:]] == pytest.approx([PLACE[2] - PLACE[0], PLACE[3] - PLACE[1]], abs=1)


def test_a_character_without_a_glyph_is_no_stamp() -> None:
    from par_analysis.errors import RenderError
    from par_analysis.render.stamp import draw_stamp

    with pytest.raises(RenderError, match="the stamp cannot be drawn: no glyph for '中'"):
        draw_stamp(["中"])


def test_markup_in_a_name_is_text() -> None:
    from par_analysis.render.stamp import draw_stamp

    with pikepdf.open(io.BytesIO(draw_stamp(["#panic() *x* $y$ <script>"]))) as page:
        assert len(page.pages) == 1


def test_what_is_signed_is_not_signed_again(place: Path, report: Report, tmp_path: Path) -> None:
    settings = asked(place, out=str(tmp_path / "signed"))
    first = sign([report], settings)
    content = first.files[0].read_bytes()
    second = sign([report], settings)
    assert (first.changed, second.changed, second.kept) == (1, 0, 1)
    assert first.files[0].read_bytes() == content
    assert sign([report], settings, again=True).changed == 1


@pytest.mark.parametrize("change", [{"stamp": True}, {"reason": "x"}, {"key": "other.p12"}])
def test_what_is_asked_differently_is_signed_anew(place: Path, report: Report, tmp_path: Path, change: dict[str, object], ca: keys.Pair) -> None:
    if "key" in change:
        change = {"key": str(keys.write_key(tmp_path / "other.p12", keys.certified("Văn phòng UBND", ca), ca))}
    out = str(tmp_path / "signed")
    sign([report], asked(place, out=out))
    assert sign([report], asked(place, out=out, **change)).changed == 1


def test_a_signed_file_that_was_altered_or_lost_is_signed_anew(place: Path, report: Report, tmp_path: Path) -> None:
    settings = asked(place, out=str(tmp_path))
    (path,) = sign([report], settings).files
    path.write_bytes(path.read_bytes()[:-1])
    assert sign([report], settings).changed == 1
    path.unlink()
    assert sign([report], settings).changed == 1


def test_a_changed_byte_and_an_addition_are_met(stamped: Path) -> None:
    content = stamped.read_bytes()
    at = content.index(b"/Title") + 60
    altered = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    assert [one.verdict for one in signatures(altered)] in (["altered"], ["broken"])
    assert [one.verdict for one in signatures(content + b"\n% more\n")] == ["added to"]


def test_a_report_that_is_not_signed_has_no_signature(report: Report) -> None:
    assert signatures(report.read(report.file("pdf") or "")) == []


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"<html></html>", b"%PDF-1.7\n" + b"\x00" * 4000])
def test_what_is_no_pdf_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(ParError, match=r"x\.pdf cannot be read as a PDF"):
        signatures(content, "x.pdf")


def test_a_wrong_passphrase_is_one_line_without_it(place: Path, report: Report, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="the passphrase is wrong") as met:
        sign([report], asked(place, passphrase_file="", out=str(tmp_path)), passphrase="a wrong secret")
    assert "secret" not in str(met.value)
    assert list(tmp_path.iterdir()) == []


def test_an_expired_certificate_signs_nothing(report: Report, tmp_path: Path, ca: keys.Pair) -> None:
    key = keys.write_key(tmp_path / "old.p12", keys.certified(OFFICE, ca, days=(-20, -1)), ca)
    with pytest.raises(RequestError, match=f"the certificate of {OFFICE} is valid from"):
        sign([report], read(Signing, {"key": str(key), "out": str(tmp_path / "out")}, file="x"), passphrase=keys.PASSPHRASE)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("secret", [None, ""])
def test_a_key_that_wants_a_passphrase_says_that_none_was_given(place: Path, report: Report, tmp_path: Path, secret: str | None) -> None:
    with pytest.raises(RequestError, match="without a passphrase, and none was given") as met:
        sign([report], asked(place, passphrase_file="", out=str(tmp_path)), passphrase=secret)
    assert "--passphrase-env" in met.value.hint


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\x30\x82"])
def test_what_is_no_key_file_is_said_to_be_none(place: Path, report: Report, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.p12").write_bytes(content)
    with pytest.raises(RequestError, match=r"key\.p12 is no PKCS#12 file"):
        sign([report], asked(place, key=str(tmp_path / "key.p12"), out=str(tmp_path / "out")))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"days": (1, 20)}, "is valid from"),
        ({"uses": ("key_encipherment",)}, r"is not for signing \(it is for: key encipherment\)"),
        ({"key": keys.rsa.generate_private_key(public_exponent=65537, key_size=1024)}, r"is too short \(1024 bits\)"),
        ({"key": keys.ed25519.Ed25519PrivateKey.generate()}, "is of the kind ed25519"),
    ],
)
def test_a_key_that_readers_would_not_take_signs_nothing(report: Report, tmp_path: Path, ca: keys.Pair, how: dict[str, Any], said: str) -> None:
    key = keys.write_key(tmp_path / "unfit.p12", keys.certified(OFFICE, ca, **how), ca)
    with pytest.raises(RequestError, match=said):
        sign([report], read(Signing, {"key": str(key), "out": str(tmp_path / "out")}, file="x"), passphrase=keys.PASSPHRASE)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "how",
    [{"uses": ("digital_signature",)}, {"uses": ("content_commitment",)}, {"uses": None}, {"key": keys.ec.generate_private_key(keys.ec.SECP256R1())}],
    ids=["signature alone", "commitment alone", "no use named", "elliptic curve"],
)
def test_a_key_for_signing_is_trusted_whatever_form_its_certificate_has(report: Report, place: Path, tmp_path: Path, ca: keys.Pair, how: dict[str, Any]) -> None:
    key = keys.write_key(tmp_path / "fit.p12", keys.certified(OFFICE, ca, **how), ca)
    (path,) = sign([report], read(Signing, {"key": str(key), "out": str(tmp_path / "out")}, file="x"), passphrase=keys.PASSPHRASE).files
    (found,) = signatures(path.read_bytes(), trust=[place / "ca.pem"])
    assert (found.verdict, found.trusted) == ("whole", True)


def in_two_years(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever checks a signature does so in two years."""
    import datetime

    import pyhanko_certvalidator

    then = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=730)
    real = pyhanko_certvalidator.ValidationContext
    monkeypatch.setattr(pyhanko_certvalidator, "ValidationContext", lambda **how: real(**{"moment": then, **how}))


def test_a_signature_outlives_its_certificate_where_its_time_is_certified(
    place: Path, report: Report, tmp_path: Path, time_server: str, stamped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = sign([report], asked(place, timestamp=time_server, out=str(tmp_path))).files
    in_two_years(monkeypatch)
    assert [signatures(one.read_bytes(), trust=[place / "ca.pem"])[0].trusted for one in (path, stamped)] == [True, False]


def test_why_a_signer_is_not_trusted_is_said(report: Report, place: Path, tmp_path: Path, ca: keys.Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("par_analysis.deliver.signing_keys._require_fit", lambda _: None)
    said = {}
    for name, how in {"old": {"days": (-20, -1)}, "early": {"days": (1, 20)}, "other": {"uses": ("key_encipherment",)}}.items():
        key = keys.write_key(tmp_path / f"{name}.p12", keys.certified(OFFICE, ca, **how), ca)  # type: ignore[arg-type]
        (path,) = sign([report], read(Signing, {"key": str(key), "out": str(tmp_path / name)}, file="x"), passphrase=keys.PASSPHRASE).files
        said[name] = signatures(path.read_bytes(), trust=[place / "ca.pem"])[0].distrust
    assert said["old"].startswith("the certificate was valid until")
    assert said["early"].startswith("the certificate is valid from")
    assert said["other"] == "the certificate is not for signing"


def test_a_missing_variable_is_named(place: Path, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAR_NO_SUCH", raising=False)
    with pytest.raises(RequestError, match="environment variable PAR_NO_SUCH, which is not set"):
        sign([report], asked(place, passphrase_file="", passphrase_env="PAR_NO_SUCH", out=str(tmp_path)))


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, "a key file \\(key\\) or a token \\(token\\), one of them"),
        ({"key": "a", "token": {"module": "m", "label": "l", "certificate": "c"}}, "one of them"),
        ({"key": "a", "passphrase_env": "A", "passphrase_file": "b"}, "one place of the passphrase"),
        ({"key": "a", "reason": "x\r\nBcc: y"}, "sign.reason"),
        ({"key": "a", "timestamp": "file:///etc/passwd"}, "sign.timestamp"),
        ({"key": "a", "stmap": True}, "sign.stmap is no setting: did you mean 'stamp'"),
    ],
)
def test_settings_that_cannot_be_followed_are_told(tables: dict[str, object], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        read(Signing, tables, file="pipeline.toml", at="sign")


def test_a_full_disk_leaves_the_signed_file_that_was_there(place: Path, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = sign([report], asked(place, out=str(tmp_path))).files
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ParError, match="No space left on device"):
        sign([report], asked(place, out=str(tmp_path)), again=True)
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*~"))


# ---------------------------------------------------------------- still accessible


def widgets(path: Path) -> list[dict[str, Any]]:
    with pikepdf.open(path) as pdf:
        found = [one for page in pdf.pages for one in page.get("/Annots", []) if one.Subtype == "/Widget"]
        return [{"F": int(one.get("/F", 0)), "Rect": [float(x) for x in one.Rect], "TU": str(one.get("/TU", "")), "tagged": "/StructParent" in one} for one in found]


def test_a_field_that_is_not_shown_is_hidden_and_one_that_is_shown_is_tagged(place: Path, report: Report, stamped: Path, tmp_path: Path) -> None:
    (plain,) = sign([report], asked(place, out=str(tmp_path))).files
    (hidden,), (shown,) = widgets(plain), widgets(stamped)
    assert hidden["F"] & 2
    assert hidden["Rect"] == [0, 0, 0, 0]
    assert not shown["F"] & 2
    assert shown["tagged"]
    assert shown["TU"].startswith(f"Ký số bởi {OFFICE}, ")


# ---------------------------------------------------------------- a time server, a token


@pytest.fixture
def time_server(ca: keys.Pair) -> Iterator[str]:
    """A server that certifies the time (RFC 3161), on loopback."""
    from asn1crypto import keys as asn1_keys
    from asn1crypto import tsp, x509
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.sign.timestamps import DummyTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    pair = keys.time_authority(ca)
    key = asn1_keys.PrivateKeyInfo.load(pair.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    certificate = x509.Certificate.load(pair.certificate.public_bytes(Encoding.DER))
    store = SimpleCertificateStore()
    store.register_multiple([certificate])
    stamper = DummyTimeStamper(certificate, key, certs_to_embed=store)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = stamper.request_tsa_response(request).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_time_server_certifies_the_time(place: Path, report: Report, tmp_path: Path, time_server: str) -> None:
    (path,) = sign([report], asked(place, timestamp=time_server, out=str(tmp_path))).files
    (found,) = signatures(path.read_bytes(), trust=[place / "ca.pem"])
    assert found.time_certified
    assert found.verdict == "whole"
    assert found.trusted


def test_a_time_server_that_is_gone_signs_nothing_and_says_so(place: Path, report: Report, tmp_path: Path) -> None:
    with pytest.raises(ParError, match=r"http://127\.0\.0\.1:9/ did not certify the time"):
        sign([report], asked(place, timestamp="http://127.0.0.1:9/", out=str(tmp_path)))
    assert not list(tmp_path.rglob("*.pdf"))


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("text/html; charset=utf-8", b"<html></html>", r"its answer \(text/html\) is not that of a time server"),
        ("application/timestamp-reply", b"<html></html>", "its answer is not that of a time server"),
        ("application/timestamp-reply", b"", "its answer is not that of a time server"),
    ],
)
def test_an_answer_that_is_no_time_is_one_line(place: Path, report: Report, tmp_path: Path, kind: str, content: bytes, said: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with pytest.raises(ParError, match=said) as met:
                sign([report], asked(place, timestamp=f"http://127.0.0.1:{server.server_port}/", out=str(tmp_path)))
        finally:
            server.shutdown()
            thread.join()
    assert "\n" not in str(met.value)
    assert not list(tmp_path.rglob("*.pdf"))


MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory, office: keys.Pair) -> Iterator[None]:
    """A token of SoftHSM that holds the office's key. The module looks once in a process where its tokens are."""
    from cryptography.hazmat.primitives import serialization

    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")
    key = folder / "key.pem"
    key.write_bytes(office.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        making = ["--init-token", "--free", "--label", "office", "--so-pin", "0815", "--pin", "4711"]
        for command in (making, ["--import", str(key), "--token", "office", "--label", "reports", "--id", "01", "--pin", "4711"]):
            subprocess.run(["softhsm2-util", *command], check=True, capture_output=True)
        key.unlink()
        _put_certificate(office.certificate.public_bytes(serialization.Encoding.DER))
        yield


@pytest.fixture
def token(tokens: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of the office's key on its token."""
    monkeypatch.setenv("PAR_TEST_PIN", "4711")
    return {"module": str(MODULE), "label": "office", "certificate": "reports", "pin_env": "PAR_TEST_PIN"}


def _put_certificate(der: bytes) -> None:
    import pkcs11
    from asn1crypto import x509
    from pkcs11.util.x509 import decode_x509_certificate

    attributes = decode_x509_certificate(der)
    with pkcs11.lib(str(MODULE)).get_token(token_label="office").open(user_pin="4711", rw=True) as session:
        session.create_object({**attributes, pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: "reports", pkcs11.Attribute.ID: b"\x01"})
    assert x509.Certificate.load(der).subject.native["common_name"] == OFFICE


@pytest.mark.softhsm
def test_a_key_on_a_token_signs(token: dict[str, str], report: Report, place: Path, tmp_path: Path) -> None:
    (path,) = sign([report], read(Signing, {"token": token, "out": str(tmp_path / "out")}, file="x")).files
    (found,) = signatures(path.read_bytes(), trust=[place / "ca.pem"])
    assert (found.signer, found.verdict) == (OFFICE, "whole")


@pytest.mark.softhsm
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "another"}, "no token 'another' is there"),
        ({"certificate": "another"}, "no certificate 'another'"),
        ({"module": "/no/such.so"}, "the token's module /no/such.so does not work"),
    ],
)
def test_a_token_that_cannot_be_used_is_one_line(token: dict[str, str], report: Report, tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        sign([report], read(Signing, {"token": {**token, **change}, "out": str(tmp_path / "out")}, file="x"))


@pytest.mark.softhsm
def test_a_wrong_pin_is_tried_once_and_then_waits_for_a_person(token: dict[str, str], report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = read(Signing, {"token": token, "out": str(tmp_path / "out")}, file="x")
    monkeypatch.setenv("PAR_TEST_PIN", "998877")
    with pytest.raises(RequestError, match="the PIN is wrong") as met:
        sign([report], wanted)
    assert "998877" not in f"{met.value} {met.value.hint}"
    monkeypatch.setenv("PAR_TEST_PIN", "4711")
    with pytest.raises(RequestError, match="was given a wrong PIN last time"):
        sign([report], wanted)
    assert sign([report], wanted, passphrase="4711").changed == 1
    assert sign([report], wanted, again=True).changed == 1


@pytest.mark.softhsm
def test_a_token_without_a_pin_says_that_none_was_given(token: dict[str, str], report: Report, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="asks for a PIN, and none was given"):
        sign([report], read(Signing, {"token": {**token, "pin_env": ""}, "out": str(tmp_path / "out")}, file="x"))


@pytest.mark.softhsm
def test_a_token_that_is_taken_out_is_one_line(token: dict[str, str], report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pkcs11

    def gone(*_: object, **__: object) -> bytes:
        raise pkcs11.exceptions.DeviceRemoved

    monkeypatch.setattr("pyhanko.sign.pkcs11.PKCS11Signer.async_sign_raw", gone)
    with pytest.raises(ParError, match="the token 'office' does not sign: it was taken out"):
        sign([report], read(Signing, {"token": token, "out": str(tmp_path / "out")}, file="x"))


# ---------------------------------------------------------------- the commands


def par(*words: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "PAR_ROOT": str(SAMPLES.parent), **env}
    return subprocess.run([sys.executable, "-m", "par_analysis", *words], cwd=folder, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_a_signed_report_is_verified_by_command(place: Path, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "2023" / "province", tmp_path / "reports" / "2023" / "province")
    done = par("sign", "reports/2023", "--key", str(place / "office.p12"), "--passphrase-env", "PAR_PASS", folder=tmp_path, PAR_PASS=keys.PASSPHRASE)
    assert done.returncode == 0, done.stderr
    file = done.stdout.splitlines()[0]
    checked = par("verify", file, "--trust", str(place / "ca.pem"), "--no-numbers", folder=tmp_path)
    assert checked.returncode == 0
    assert f"signed by {OFFICE}" in checked.stdout
    assert "the file is as it was signed" in checked.stdout
    assert keys.PASSPHRASE not in done.stdout + done.stderr
    assert done.stderr == ""


def test_a_command_without_anybody_there_says_that_no_passphrase_was_given(place: Path, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "2023" / "province" / "par_index" / "30-hai-duong", tmp_path / "reports" / "2023" / "province" / "par_index" / "30-hai-duong")
    done = par("sign", "--key", str(place / "office.p12"), folder=tmp_path)
    assert (done.returncode, "none was given" in done.stderr) == (2, True), done.stderr


def test_a_report_whose_numbers_are_those_of_the_data_is_said_to_be_current(stamped: Path, place: Path, tmp_path: Path) -> None:
    checked = par("verify", str(stamped), "--reports", "none", folder=tmp_path)
    assert "its numbers are those of the current data: it is the very page that they make" in checked.stdout, checked.stdout + checked.stderr


def test_an_unsigned_file_and_an_altered_one_exit_with_1(stamped: Path, tmp_path: Path, report: Report) -> None:
    content = stamped.read_bytes()
    (tmp_path / "altered.pdf").write_bytes(content + b"\n% more\n")
    (tmp_path / "plain.pdf").write_bytes(report.read(stamped.name))
    for name, said in (("altered.pdf", "ADDED TO"), ("plain.pdf", "not signed")):
        checked = par("verify", name, "--no-numbers", folder=tmp_path)
        assert checked.returncode == 1
        assert said in checked.stdout


def test_a_file_that_is_no_pdf_stops_none_of_the_others(stamped: Path, tmp_path: Path) -> None:
    (tmp_path / "text.pdf").write_text("text", encoding="utf-8")
    checked = par("verify", "text.pdf", str(stamped), "--no-numbers", folder=tmp_path)
    assert checked.returncode == 1
    assert "cannot be read as a PDF" in checked.stdout
    assert f"signed by {OFFICE}" in checked.stdout


def test_nobody_is_called_untrusted_because_a_file_was_altered(stamped: Path, place: Path) -> None:
    content = stamped.read_bytes()
    at = content.index(b"/Title") + 60
    (found,) = signatures(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :], trust=[place / "ca.pem"])
    assert (found.verdict, found.trusted) in (("altered", None), ("broken", None))
