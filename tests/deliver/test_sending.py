"""``par send``: everybody gets each file once, whatever the server, the line and the machine do; what cannot be known is said."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic import ValidationError

from par_analysis import cli
from par_analysis.deliver.finished import Report, Unsound, reports
from par_analysis.deliver.ledger import FILE, BadLedger, Ledger, Row
from par_analysis.deliver.letters import Letter, compose, headline, piece
from par_analysis.deliver.lock import Busy, held
from par_analysis.deliver.notifying import Notifying, NotTold, notified, notify
from par_analysis.deliver.posting import MailServer as MailSettings
from par_analysis.deliver.posting import NoPost
from par_analysis.deliver.recipients import Lists, Recipient
from par_analysis.deliver.sending import NotAllSent, Sending, Sent, listed, send
from par_analysis.deliver.settings import BadSettings
from par_analysis.errors import ParError, RequestError
from tests.deliver.lines import Line
from tests.deliver.mailboxes import CUT, PASSWORD, USER, Mailbox, MailServer, make_certificates

ROOT = Path(__file__).resolve().parents[2]
KNOWN = Lists(("province", "national"), ("par_index",), lambda name, _: {"hai duong": "30"}[name])
ONE = '[[recipient]]\naddress = "snv@haiduong.example.vn"\nname = "Sở Nội vụ"\nunit = "hai duong"\n'
THREE = "".join(f'[[recipient]]\naddress = "{name}@example.vn"\nunit = "hai duong"\n' for name in ("first", "second", "third"))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked reports."""
    root = tmp_path_factory.mktemp("samples") / "reports"
    shutil.copytree(ROOT / "reports" / "2023", root / "2023")
    return root


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def serve() -> Iterator[Callable[..., Mailbox]]:
    """Makes mail servers."""
    running: list[MailServer] = []

    def start(**how: Any) -> Mailbox:
        box = Mailbox()
        running.append(MailServer(box, **how))
        return box

    yield start
    for one in running:
        one.close()


@pytest.fixture
def box(serve: Callable[..., Mailbox]) -> Mailbox:
    return serve()


def settings(box: Mailbox, **how: Any) -> Sending:
    return Sending(**{"server": "127.0.0.1", "port": box.port, "security": "none", "sender": "par@example.vn", "sender_name": "Tổ cải cách hành chính", **how})


class Office:
    """Sends the sample reports, with the state in a folder of its own."""

    def __init__(self, folder: Path, samples: Path) -> None:
        self.folder, self.reports = folder, reports(samples)
        self.ask(ONE)

    def ask(self, recipients: str) -> None:
        (self.folder / "recipients.toml").write_text(recipients, encoding="utf-8")

    def send(self, how: Sending, **more: Any) -> Sent:
        return send(self.reports, how, **{"state": self.folder / "state", "root": self.folder, "known": KNOWN, "wait": lambda _: None, **more})

    def states(self) -> dict[str, str]:
        return {row[0]: row[2] for row in listed(self.folder / "state")[1]}


@pytest.fixture
def office(tmp_path: Path, samples: Path) -> Office:
    return Office(tmp_path, samples)


# ---------------------------------------------------------------- what a mail says


def the_report(samples: Path, key: str = "2023/province/par_index/30-hai-duong/vi") -> Report:
    return next(one for one in reports(samples) if one.key == key)


def mail_of(report: Report, *, attached: bool = True, link: str = "https://reports.example.vn/", name: str = "Sở Nội vụ", formats: tuple[str, ...] = ("pdf",)) -> EmailMessage:
    recipient = Recipient(address="snv@example.vn", name=name)
    pieces = tuple(found for kind in formats if (found := piece(report, kind)))
    how = MailSettings(server="mail.example.vn", sender="par@example.vn", sender_name="Tổ cải cách hành chính")
    return compose(Letter(recipient, report, pieces, headline(report)), how, link=link, attached=attached)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_mail_says_the_headline_as_the_report_does(samples: Path) -> None:
    mail = mail_of(the_report(samples))
    assert mail["Subject"] == "Hải Dương · PAR INDEX · 2023: Điểm số 87,84; Thứ hạng 22/63"
    for kind in ("plain", "html"):
        said = " ".join(re.sub(r"<[^>]+>", "", body(mail, kind)).split())
        for words in (
            "Kính gửi Sở Nội vụ,",
            "+4,32 điểm so với năm 2022",
            "Năm 2023, Hải Dương đạt 87,84 điểm, xếp thứ 22/63.",
            "Tệp đính kèm:",
            f"Hải Dương - PAR INDEX - 2023.pdf ({len(the_report(samples).read(str(the_report(samples).file('pdf')))) / 1000:.0f} kB)",
        ):
            assert words in said


def test_every_number_in_a_mail_stands_in_the_report(samples: Path) -> None:
    for report in reports(samples):
        said = " ".join(body(mail_of(report, link=""), "plain").rpartition("Attached" if report.lang == "en" else "Tệp đính kèm")[0].split())
        page = " ".join(re.sub(r"<[^>]+>", "", report.read(str(report.file("html"))).decode()).split())
        numbers = re.compile(r"[0-9]+[0-9.,/]*[0-9]|[0-9]")
        assert set(numbers.findall(said)) - set(numbers.findall(page)) == set()


def test_a_mail_is_in_the_language_of_its_report(samples: Path) -> None:
    mail = mail_of(the_report(samples, "2023/national/par_index/en"), name="The office")
    assert mail["Subject"] == "Viet Nam · PAR INDEX · 2023: National mean 86.98; Highest 92.18"
    assert "Dear The office," in body(mail, "plain")
    assert (mail["Content-Language"], '<html lang="en">' in body(mail, "html")) == ("en", True)


def test_files_are_attached_under_their_own_letters(samples: Path) -> None:
    report = the_report(samples)
    mail = mail_of(report, formats=("pdf", "html", "docx"))
    found = {part.get_filename(): (part.get_content_type(), part.get_payload(decode=True)) for part in mail.iter_attachments()}
    assert found == {
        "Hải Dương - PAR INDEX - 2023.pdf": ("application/pdf", report.read(str(report.file("pdf")))),
        "Hải Dương - PAR INDEX - 2023.html": ("text/html", report.read(str(report.file("html")))),
    }
    raw = mail.as_bytes()
    assert b"filename*0*=utf-8''H%E1%BA%A3i%20D%C6%B0%C6%A1ng" in raw
    assert [part.get_filename() for part in message_from_bytes(raw).walk() if part.get_filename()] == list(found)  # as an older reader puts it together
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_too_large_a_file_is_linked_to(samples: Path) -> None:
    mail = mail_of(the_report(samples), attached=False)
    address = "https://reports.example.vn/reports/2023/province/par_index/30-hai-duong/vi/30-hai-duong-par-index-2023.vi.pdf"
    assert list(mail.iter_attachments()) == []
    assert address in body(mail, "plain")
    assert f'href="{address}"' in body(mail, "html")


def test_the_same_files_to_the_same_person_are_the_same_message(samples: Path) -> None:
    one, other = mail_of(the_report(samples)), mail_of(the_report(samples), name="Another name")
    assert one["Message-ID"] == other["Message-ID"]
    assert one["Message-ID"] != mail_of(the_report(samples), formats=("html",))["Message-ID"]
    assert re.fullmatch(r"<par\.[0-9a-f]{40}@example\.vn>", one["Message-ID"])


def hostile(samples: Path, tmp_path: Path, title: str) -> Report:
    """A report whose cover has been given another title, sound by its manifest."""
    return reworked(samples, tmp_path, lambda page: page.replace("<h1>Hải Dương</h1>", f"<h1>{title}</h1>"))


def without_figures(page: str) -> str:
    """A page without the key figures of its cover."""
    return re.sub(r'<dl class="headlines">.*?</dl>', "", page, count=1, flags=re.DOTALL)


def reworked(samples: Path, tmp_path: Path, change: Callable[[str], str]) -> Report:
    """A report whose page was changed, sound by its manifest."""
    report = the_report(samples)
    folder = tmp_path / "hostile" / report.key
    shutil.copytree(report.folder, folder)
    page = folder / str(report.file("html"))
    page.write_text(change(page.read_text(encoding="utf-8")), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"][page.name] = hashlib.sha256(page.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return the_report(tmp_path / "hostile")


def test_a_name_with_line_breaks_and_markup_stays_text(samples: Path, tmp_path: Path) -> None:
    mail = mail_of(hostile(samples, tmp_path, "Hải\r\nBcc: c@d.vn\r\n\r\n&lt;script&gt;alert(1)&lt;/script&gt;../../x"))
    assert [mail["Subject"], [part.get_filename() for part in mail.iter_attachments()], mail["Bcc"]] == [
        "Hải Bcc: c@d.vn <script>alert(1)</script>../../x · PAR INDEX · 2023: Điểm số 87,84; Thứ hạng 22/63",
        ["Hải Bcc c@d.vn script alert(1) script .. .. x - PAR INDEX - 2023.pdf"],
        None,
    ]
    assert "<script>" not in body(mail, "html")
    assert b"\nBcc:" not in mail.as_bytes()


def test_figures_of_one_name_are_told_apart_by_their_names(samples: Path, tmp_path: Path) -> None:
    head = '<div><dt>Để đạt hạng 10</dt><dd class="value">{}</dd><dd class="detail">{}</dd></div>'
    heads = head.format("+2,57", "các nơi khác giữ nguyên") + head.format("+3,16", "các nơi khác thay đổi")
    mail = mail_of(reworked(samples, tmp_path, lambda page: page.replace('<dl class="headlines">', f'<dl class="headlines">{heads}', 1)))
    assert mail["Subject"].endswith("2023: Để đạt hạng 10 (các nơi khác giữ nguyên) +2,57; Để đạt hạng 10 (các nơi khác thay đổi) +3,16")
    for kind in ("plain", "html"):
        said = " ".join(re.sub(r"<[^>]+>", "", body(mail, kind)).split())
        assert re.search(r"Để đạt hạng 10 \(các nơi khác giữ nguyên\):? \+2,57 Để đạt hạng 10 \(các nơi khác thay đổi\):? \+3,16", said)


def test_a_mail_without_figures_says_nothing_of_them(samples: Path, tmp_path: Path) -> None:
    for mail, holds in ((mail_of(the_report(samples)), True), (mail_of(reworked(samples, tmp_path, without_figures)), False)):
        for kind in ("plain", "html"):
            said = " ".join(body(mail, kind).split())
            assert ("Thư này do chương trình tự động gửi." in said, "Mọi số liệu trong thư" in said) == (True, holds)


def test_a_report_without_a_page_is_told_by_its_numbers(samples: Path, tmp_path: Path) -> None:
    report = the_report(samples)
    folder = tmp_path / "bare" / report.key
    shutil.copytree(report.folder, folder)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["files"][report.file("html")]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert mail_of(the_report(tmp_path / "bare"))["Subject"] == "Hải Dương · PAR INDEX · 2023: Điểm số 87,84; Thứ hạng 22/63"


def test_the_signed_file_is_attached_where_it_was_signed_from_this_one(samples: Path, tmp_path: Path) -> None:
    report = the_report(samples)
    name = str(report.file("pdf"))
    own = tmp_path / report.key / name
    own.parent.mkdir(parents=True)
    own.write_bytes(report.read(name) + b"signature")
    found = piece(report, "pdf", signed=tmp_path)
    assert found is not None
    assert (found.is_signed, found.content.endswith(b"signature")) == (True, True)
    own.write_bytes(b"%PDF another file")
    with pytest.raises(Unsound, match="was not signed from the report's present file"):
        piece(report, "pdf", signed=tmp_path)


# ---------------------------------------------------------------- once to everybody


def test_a_second_run_sends_nothing(office: Office, box: Mailbox) -> None:
    assert office.send(settings(box)).changed == 1
    assert office.send(settings(box)).changed == 0
    assert box.got == ["snv@haiduong.example.vn"]
    assert office.states() == {"snv@haiduong.example.vn": "sent"}


def test_a_report_that_is_signed_anew_is_not_sent_anew(office: Office, box: Mailbox) -> None:
    report = the_report(office.reports[0].root)
    own = office.folder / "signed" / report.key / str(report.file("pdf"))
    own.parent.mkdir(parents=True)
    for signature in (b"by one key", b"by another"):
        own.write_bytes(report.read(own.name) + signature)
        office.send(settings(box), signed=office.folder / "signed")
    assert office.send(settings(box)).changed == 0  # nor unsigned
    ((_, mail),) = box.mails
    assert [part.get_content().endswith(b"by one key") for part in mail.iter_attachments()] == [True]


def test_a_run_without_anything_to_send_leaves_the_ledger_as_it_is(office: Office, box: Mailbox) -> None:
    office.send(settings(box))
    before = (office.folder / "state" / FILE).stat().st_mtime_ns
    office.send(settings(box))
    assert (office.folder / "state" / FILE).stat().st_mtime_ns == before


def test_an_address_in_capitals_and_listed_twice_gets_a_file_once(office: Office, box: Mailbox) -> None:
    office.ask(ONE + ONE.replace("snv@haiduong", "SNV@HaiDuong"))
    assert office.send(settings(box)).changed == 1


def test_another_format_goes_alone(office: Office, box: Mailbox) -> None:
    office.send(settings(box))
    office.ask(ONE + 'format = ["pdf", "html"]\n')
    office.send(settings(box))
    assert [[part.get_content_type() for part in mail.iter_attachments()] for _, mail in box.mails] == [["application/pdf"], ["text/html"]]


def test_a_dry_run_says_what_would_go_and_sends_nothing(office: Office, box: Mailbox) -> None:
    said = office.send(settings(box), dry_run=True).said
    assert said[0].startswith("would send to Sở Nội vụ <snv@haiduong.example.vn>: Hải Dương · PAR INDEX · 2023: Điểm số 87,84; Thứ hạng 22/63 [")
    assert (box.mails, office.states()) == ([], {})


def test_what_is_not_there_is_said(office: Office, box: Mailbox) -> None:
    office.ask(ONE + 'format = ["docx"]\n' + ONE.replace("snv@", "other@") + "year = 2019\n")
    said = office.send(settings(box)).said
    assert 'has no docx file (formats = ["docx", …] in its [[build]], or par build … --format docx)' in said[0]
    assert said[1] == "Sở Nội vụ <other@haiduong.example.vn>: there is no report for them yet"
    assert box.mails == []


def test_a_report_without_a_figure_is_not_sent_and_the_latest_with_one_is(office: Office, box: Mailbox, samples: Path, tmp_path: Path) -> None:
    bare = reworked(samples, tmp_path, without_figures)
    office.reports = [bare]
    line = f"Sở Nội vụ <snv@haiduong.example.vn>: {bare.key} has no figure yet: not sent"
    assert (office.send(settings(box)).said, box.mails) == ((line, "0 mails sent"), [])
    elder = replace(the_report(samples), root=tmp_path / "elder", key=bare.key.replace("2023", "2022"), identity={**bare.identity, "year": 2022})
    shutil.copytree(the_report(samples).folder, elder.folder)
    office.reports = [bare, elder]
    assert office.send(settings(box)).said[0] == line
    assert len(box.mails) == 1


def test_a_report_without_a_page_is_sent_as_it_is(office: Office, box: Mailbox, samples: Path) -> None:
    national = the_report(samples, "2023/national/par_index/vi")
    office.reports = [replace(national, files={name: digest for name, digest in national.files.items() if not name.endswith(".html")})]
    office.ask('[[recipient]]\naddress = "a@example.vn"\nreport = "national"\n')
    assert office.send(settings(box)).changed == 1


def test_only_reports_with_settings_of_their_own_are_named(office: Office, box: Mailbox, samples: Path) -> None:
    usual = the_report(samples)
    office.reports = [replace(usual, key=f"{usual.key}-rank-5")]
    said = office.send(settings(box)).said[0]
    assert said == f"Sở Nội vụ <snv@haiduong.example.vn>: reports with settings of their own are not sent, and there are no others for them: {usual.key}-rank-5"
    assert box.mails == []


def test_too_large_a_mail_has_a_link_or_is_said(office: Office, box: Mailbox) -> None:
    with pytest.raises(NotAllSent, match=r"larger than 0.1 MB, and no link is set in \[send\]"):
        office.send(settings(box, largest_mb=0.1))
    assert office.send(settings(box, largest_mb=0.1, link="https://reports.example.vn")).changed == 1
    assert list(box.mails[0][1].iter_attachments()) == []


def test_two_at_once_do_not_mix(office: Office, box: Mailbox) -> None:
    with held(office.folder / "state" / "send", "par send"), pytest.raises(Busy):
        office.send(settings(box))
    assert box.mails == []


# ---------------------------------------------------------------- refusals and passing failures


def test_one_bad_address_harms_no_other(office: Office, box: Mailbox) -> None:
    office.ask(THREE)
    box.to["second@example.vn"] = "550 5.1.1 no such mailbox\x1b[2J"
    with pytest.raises(NotAllSent) as told:
        office.send(settings(box))
    assert (box.got, told.value.sent, told.value.is_passing) == (["first@example.vn", "third@example.vn"], 2, False)
    assert "second@example.vn: Hải Dương · PAR INDEX · 2023: 550 5.1.1 no such mailbox" in str(told.value)


def test_a_refused_address_is_not_tried_until_it_changes_or_again(office: Office, box: Mailbox) -> None:
    box.answers["RCPT"] = ["550 no such mailbox"]
    with pytest.raises(NotAllSent):
        office.send(settings(box))
    done = office.send(settings(box))
    assert (done.changed, "refused earlier (550 no such mailbox)" in done.said[0]) == (0, True)
    office.ask(ONE.replace("snv@", "cchc@"))
    assert office.send(settings(box)).changed == 1
    office.ask(ONE)
    assert office.send(settings(box), again=True).changed == 1
    assert box.got == ["cchc@haiduong.example.vn", "snv@haiduong.example.vn"]


def test_a_refused_mail_is_noted_and_the_address_gets_the_next_one(office: Office, box: Mailbox) -> None:
    box.answers["DATA"] = ["554 looks like something else"]
    with pytest.raises(NotAllSent, match="554 looks like something else; it is not tried again"):
        office.send(settings(box))
    assert (office.send(settings(box)).changed, office.states()) == (0, {"snv@haiduong.example.vn": "refused"})
    office.ask(ONE + 'format = "html"\n')
    assert office.send(settings(box)).changed == 1


STAGES = ["connect", "EHLO", "MAIL", "RCPT", "DATA command", "DATA"]


@pytest.mark.parametrize("answer", ["451 later", "421 shutting down", CUT])
@pytest.mark.parametrize("stage", STAGES)
def test_what_fails_in_passing_is_tried_again_and_arrives_once(office: Office, box: Mailbox, stage: str, answer: str) -> None:
    office.ask(THREE)
    box.answers[stage] = ["", answer] if stage in ("MAIL", "RCPT", "DATA command") else [answer]
    if (stage, answer) == ("DATA", CUT):  # the mail had gone whole: whether it was taken cannot be known in this run
        with pytest.raises(NotAllSent, match="after the mail had gone"):
            office.send(settings(box))
        office.send(settings(box))
    else:
        assert office.send(settings(box)).changed == 3
    assert sorted(box.got) == ["first@example.vn", "second@example.vn", "third@example.vn"]
    assert set(office.states().values()) == {"sent"}


def test_pauses_grow_and_end(office: Office, box: Mailbox) -> None:
    pauses: list[float] = []
    box.to["snv@haiduong.example.vn"] = "451 greylisted"
    with pytest.raises(NotAllSent, match="451 greylisted") as told:
        office.send(settings(box, attempts=4), wait=pauses.append)
    assert (pauses, told.value.is_passing, office.states()) == ([2.0, 4.0, 8.0], True, {"snv@haiduong.example.vn": "waiting"})
    box.to.clear()
    assert office.send(settings(box)).changed == 1


def test_a_server_that_is_gone_is_asked_once_a_round(office: Office, box: Mailbox, serve: Callable[..., Mailbox]) -> None:
    office.ask(THREE)
    line = Line(1)
    with pytest.raises(NotAllSent, match="no connection") as told:
        office.send(settings(box, port=line.port, attempts=3))
    line.close()
    assert (len(told.value.failures), line.connections) == (3, 3)
    assert office.send(settings(box)).changed == 3


def test_a_line_that_is_cut_within_a_mail_sends_it_once(office: Office, box: Mailbox) -> None:
    line = Line(box.port, cuts=[100_000, 200_000])
    with suppress(NotAllSent):  # where the system had taken all of it from us before the cut, this run cannot know
        office.send(settings(box, port=line.port))
    line.close()
    office.send(settings(box))
    assert (len(box.mails), line.connections > 0) == (1, True)


def test_a_mail_larger_than_the_server_takes_is_refused_once(office: Office, serve: Callable[..., Mailbox]) -> None:
    box = serve(limit=100_000)
    with pytest.raises(NotAllSent, match="552"):
        office.send(settings(box))
    assert office.send(settings(box)).changed == 0


def test_a_sender_that_the_server_does_not_know_stops_the_run(office: Office, box: Mailbox) -> None:
    office.ask(THREE)
    box.answers["MAIL"] = ["550 not allowed"]
    with pytest.raises(NoPost, match=r"mail from par@example.vn is refused: 550 not allowed"):
        office.send(settings(box))
    assert office.send(settings(box)).changed == 3


def test_what_failed_before_the_server_took_no_more_is_said_as_well(office: Office, box: Mailbox) -> None:
    office.ask(THREE)
    box.answers["MAIL"] = ["", "550 not allowed"]
    box.to["first@example.vn"] = "550 no such mailbox"
    with pytest.raises(NotAllSent) as told:
        office.send(settings(box))
    assert [(failure.to, failure.is_passing) for failure in told.value.failures] == [("first@example.vn", False), ("all others", True)]
    assert office.send(settings(box)).changed == 2


# ---------------------------------------------------------------- what cannot be known


def cut_after(office: Office, box: Mailbox) -> None:
    """The server takes the mail, and the line is cut before it can say so."""
    box.answers["AFTER"] = [CUT]
    with pytest.raises(NotAllSent, match="before the server's answer"):
        office.send(settings(box))
    assert (len(box.mails), office.states()) == (1, {"snv@haiduong.example.vn": "sending"})


def test_a_mail_that_may_have_arrived_goes_once_more_as_the_same_message(office: Office, box: Mailbox) -> None:
    cut_after(office, box)
    assert office.send(settings(box)).changed == 1
    assert len({mail["Message-ID"] for _, mail in box.mails}) == 1
    assert office.send(settings(box)).changed == 0
    assert len(box.mails) == 2


def test_what_may_have_arrived_stays_so_while_the_server_is_gone(office: Office, box: Mailbox) -> None:
    cut_after(office, box)
    line = Line(1)
    with pytest.raises(NotAllSent, match="no connection"):
        office.send(settings(box, port=line.port, attempts=1))
    line.close()
    assert office.states() == {"snv@haiduong.example.vn": "sending"}


def test_or_is_held_until_a_person_has_asked(office: Office, box: Mailbox) -> None:
    cut_after(office, box)
    done = office.send(settings(box, uncertain="hold"))
    assert (done.changed, "held: it may have arrived" in done.said[0]) == (0, True)
    assert office.send(settings(box), uncertain="arrived").changed == 0
    assert office.states() == {"snv@haiduong.example.vn": "sent"}
    assert len(box.mails) == 1


SEND = """
import sys
from pathlib import Path
from tests.deliver.test_sending import KNOWN
from par_analysis.deliver.finished import reports
from par_analysis.deliver.sending import Sending, send
folder = Path(sys.argv[1])
settings = Sending(server="127.0.0.1", port=int(sys.argv[3]), security="none", sender="par@example.vn")
send(reports(Path(sys.argv[2])), settings, state=folder / "state", root=folder, known=KNOWN)
"""


@pytest.mark.parametrize(("stage", "state", "mails"), [("RCPT", None, 1), ("DATA command", None, 1), ("AFTER", "sending", 2)])
def test_killed_at_any_moment_nobody_is_left_out(office: Office, box: Mailbox, samples: Path, monkeypatch: pytest.MonkeyPatch, stage: str, state: str | None, mails: int) -> None:
    victims: list[subprocess.Popen[bytes]] = []
    original = Mailbox._answer

    def kill(self: Mailbox, server: Any, at: str, address: str = "") -> str:
        if at == stage and victims:
            victims.pop().send_signal(signal.SIGKILL)
        return original(self, server, at, address)

    monkeypatch.setattr(Mailbox, "_answer", kill)
    process = subprocess.Popen([sys.executable, "-c", SEND, str(office.folder), str(samples), str(box.port)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    victims.append(process)
    assert process.wait(60) == -signal.SIGKILL
    assert office.states().get("snv@haiduong.example.vn") == state
    office.send(settings(box))
    assert (len(box.mails), len({mail["Message-ID"] for _, mail in box.mails})) == (mails, 1)
    assert office.send(settings(box)).changed == 0


# ---------------------------------------------------------------- the ledger


def test_without_the_ledger_nothing_is_sent(office: Office, box: Mailbox) -> None:
    (office.folder / "state").mkdir()
    (office.folder / "state" / FILE).write_text("this is no ledger, but long enough to be taken for a file with a heading of its own kind, which it is not", encoding="utf-8")
    with pytest.raises(BadLedger, match="is damaged, or is no ledger"):
        office.send(settings(box))
    assert box.mails == []


def test_a_ledger_that_cannot_be_written_stops_a_mail_before_its_end(office: Office, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Ledger, *given: Any, **how: Any) -> None:
        raise BadLedger(self.path, "database or disk is full")

    monkeypatch.setattr(Ledger, "note", full)
    with pytest.raises(BadLedger, match="disk is full"):
        office.send(settings(box))
    assert box.mails == []


def test_what_was_sent_is_never_noted_as_anything_else(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path / FILE)) as ledger:
        row = Row("0" * 64, "a.pdf", "2023/province")
        ledger.note("A@example.vn", [row], "<1@x>", "sent")
        ledger.note("a@example.vn", [row], "<1@x>", "waiting")
        assert ledger.state("a@EXAMPLE.vn", row.sha256) == "sent"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_writes_nothing_and_waits_for_nobody(office: Office, box: Mailbox) -> None:
    state = office.folder / "state"
    assert office.send(settings(box), dry_run=True).said[-1] == "1 to send"
    assert not state.exists()
    assert office.send(settings(box)).changed == 1
    before = files(state)
    with held(state / "send", "another run"):
        there = files(state)
        assert office.send(settings(box), dry_run=True, again=True).said[-1] == "0 to send"
        assert listed(state)[1][0][2] == "sent"
        assert files(state) == there
    assert files(state) == before


def test_a_dry_run_sees_what_a_killed_run_had_written_last(office: Office, box: Mailbox) -> None:
    assert office.send(settings(box)).changed == 1
    with closing(Ledger(office.folder / "state" / FILE)) as ledger:
        ledger.base.execute("DELETE FROM letters")  # not yet in the file itself: it stands in the log beside it
        assert (office.folder / "state" / f"{FILE}-wal").stat().st_size > 0
        assert office.send(settings(box), dry_run=True).said[-1] == "1 to send"


def test_a_name_in_a_dry_run_passes_for_no_address(office: Office, box: Mailbox) -> None:
    office.ask(ONE.replace("Sở Nội vụ", "Sở <boss@example.org>, x"))
    assert office.send(settings(box), dry_run=True).said[0].startswith('would send to "Sở <boss@example.org>, x" <snv@haiduong.example.vn>: ')


def test_one_person_in_several_entries_gets_a_report_once(office: Office, box: Mailbox) -> None:
    office.ask(ONE + ONE.replace("snv@haiduong", "SNV@HaiDuong") + ONE.replace('unit = "hai duong"', 'unit = ["hai duong"]\nformat = ["pdf", "html"]'))
    assert office.send(settings(box)).changed == 2
    kinds = [[part.get_content_type() for part in mail.iter_attachments()] for _, mail in box.mails]
    assert kinds == [["application/pdf"], ["text/html"]]
    assert office.send(settings(box)).changed == 0


def test_an_empty_ledger_is_a_damaged_one(office: Office, box: Mailbox) -> None:
    office.send(settings(box))
    (office.folder / "state" / FILE).write_bytes(b"")
    with pytest.raises(BadLedger, match="is empty, which no ledger is"):
        office.send(settings(box))
    assert len(box.mails) == 1


def test_a_new_ledger_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    (tmp_path / f".{FILE}.new~").write_bytes(b"a process died here")
    Ledger(tmp_path / FILE).close()
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [(FILE, 0o600)]


def test_a_ledger_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as base:
        base.execute("PRAGMA user_version=7")
    with pytest.raises(BadLedger, match="is of version 7"):
        Ledger(tmp_path / FILE)


# ---------------------------------------------------------------- encryption and login


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_is_encrypted_and_the_login_is_from_the_environment(
    office: Office, serve: Callable[..., Mailbox], certificates: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    box = serve(certificate=certificates / "server.pem", security=security, login=True)
    monkeypatch.setenv("PAR_TEST_PASSWORD", PASSWORD)
    how = settings(box, security=security, ca_file=str(certificates / "ca.pem"), user=USER, password_env="PAR_TEST_PASSWORD")
    assert office.send(how).changed == 1
    assert box.logins == [True]
    assert security == "tls" or box.were_encrypted == [True]


@pytest.mark.parametrize(
    ("security", "certificate", "said"),
    [
        ("starttls", "stranger", "who issued its certificate is not known"),
        ("tls", "stranger", "who issued its certificate is not known"),
        ("starttls", "expired", "its certificate has expired"),
        ("starttls", "early", "its certificate is not valid yet"),
        ("tls", "elsewhere", "its certificate is for another server"),
    ],
)
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    office: Office, serve: Callable[..., Mailbox], certificates: Path, monkeypatch: pytest.MonkeyPatch, security: str, certificate: str, said: str
) -> None:
    box = serve(certificate=certificates / f"{certificate}.pem", security=security, login=True)
    monkeypatch.setenv("PAR_TEST_PASSWORD", PASSWORD)
    how = settings(box, security=security, ca_file=str(certificates / "ca.pem"), user=USER, password_env="PAR_TEST_PASSWORD")
    with pytest.raises(NoPost, match=f"could not prove who it is: {said}") as told:
        office.send(how)
    assert (box.mails, box.logins, bool(told.value.hint)) == ([], [], True)


def test_nothing_goes_out_in_the_clear_where_encryption_is_not_offered(office: Office, box: Mailbox) -> None:
    with pytest.raises(NoPost, match="STARTTLS"):
        office.send(settings(box, security="starttls"))
    assert box.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_password_is_never_sent_in_the_clear(office: Office, monkeypatch: pytest.MonkeyPatch, security: str) -> None:
    """The server asks for a login, and offers no encryption."""
    monkeypatch.setenv("PAR_TEST_PASSWORD", PASSWORD)
    heard: list[bytes] = []

    def listen(listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as client:
            client.sendall(b"220 here\r\n")
            while line := client.recv(4096):
                heard.append(line)
                client.sendall(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n" if line.startswith(b"EHLO") else b"250 OK\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=listen, args=(listener,))
        thread.start()
        with pytest.raises(NoPost, match="nothing was sent, and no password"):
            office.send(settings(Mailbox(port=listener.getsockname()[1]), security=security, user=USER, password_env="PAR_TEST_PASSWORD"))
        thread.join(10)
    assert not any(line.startswith((b"AUTH", b"MAIL")) for line in heard)


@pytest.mark.parametrize(
    ("how", "answer", "said"),
    [
        ({}, "SSH-2.0-OpenSSH", "what answers there is no mail server"),
        ({}, "554 no", "127.0.0.1: 554 no"),
        ({"server": "a..b", "security": "starttls"}, "", "'a..b' is not the name of a server"),
    ],
)
def test_what_is_no_mail_server_is_one_line(office: Office, box: Mailbox, how: dict[str, Any], answer: str, said: str) -> None:
    box.answers["connect"] = [answer]
    with pytest.raises(NoPost, match=said) as told:
        office.send(settings(box, **how))
    assert ("\n" in str(told.value), bool(told.value.hint)) == (False, True)


def test_a_server_that_says_nothing_is_given_up_in_time(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotAllSent, match=r"no connection \(no answer in time\)") as told:
        office.send(settings(Mailbox(port=silent.getsockname()[1]), patience=0.1, attempts=1))
    assert told.value.is_passing


def test_a_full_mailbox_is_tried_again_and_a_mail_that_is_too_large_is_not(office: Office, box: Mailbox) -> None:
    box.answers["RCPT"] = ["552 5.2.2 full", ""]
    assert office.send(settings(box)).changed == 1
    office.ask(ONE.replace("snv@", "other@"))
    box.answers["DATA"] = ["552 too big"]
    with pytest.raises(NotAllSent, match="552 too big; if it is too large for the server: lower largest_mb"):
        office.send(settings(box))


def test_nothing_goes_out_in_the_clear_where_encryption_is_taken_back(office: Office, box: Mailbox) -> None:
    offer = b"250-STARTTLS\r\n250 HELP"
    line = Line(box.port, back=lambda data: data.replace(b"250 HELP", offer))
    with pytest.raises((NoPost, NotAllSent)):
        office.send(settings(box, port=line.port, security="starttls", attempts=1))
    line.close()
    assert box.mails == []


def test_a_wrong_password_is_said_without_the_password(office: Office, serve: Callable[..., Mailbox], certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = serve(certificate=certificates / "server.pem", security="starttls", login=True)
    monkeypatch.setenv("PAR_TEST_PASSWORD", "S3cret")
    with pytest.raises(NoPost, match="the login of reports is refused") as told:
        office.send(settings(box, security="starttls", ca_file=str(certificates / "ca.pem"), user=USER, password_env="PAR_TEST_PASSWORD"))
    assert "S3cret" not in f"{told.value} {told.value.hint} {told.value.__cause__}"


def test_a_password_that_cannot_be_sent_is_said_without_it(office: Office, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAR_TEST_PASSWORD", "mật")
    with pytest.raises(RequestError, match="letters that a login cannot carry") as told:
        office.send(settings(box, user=USER, password_env="PAR_TEST_PASSWORD"))
    assert "mật" not in str(told.value)


@pytest.mark.parametrize(
    "how",
    [
        {"server": "mail.example.vn", "security": "none"},
        {"user": "x"},
        {"sender": "a@b\r\nBcc: c@d"},
        {"server": "127.0.0.1\r\nx"},
        {"link": "javascript:alert(1)"},
        {"password": "x"},
    ],
)
def test_settings_that_are_unsafe_are_refused(box: Mailbox, how: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(box, **how)


# ---------------------------------------------------------------- a word to the operator


def test_the_operator_is_told(box: Mailbox) -> None:
    how = Notifying(server="127.0.0.1", port=box.port, security="none", sender="par@example.vn", to=["ops@example.vn", "head@example.vn"])
    notify(how, "par run: build failed\r\nBcc: c@d", ["par: đĩa đầy", "two\nlines\x1b[2J"])
    assert box.got == ["ops@example.vn", "head@example.vn"]
    assert [(mail["Subject"], mail["Bcc"], mail.get_content()) for _, mail in box.mails] == [("par run: build failed Bcc: c@d", None, "par: đĩa đầy\r\ntwo\r\nlines [2J\r\n")] * 2


def test_an_operator_that_is_refused_keeps_it_from_no_other(box: Mailbox) -> None:
    box.to["first@example.vn"] = "550 unknown"
    how = Notifying(server="127.0.0.1", port=box.port, security="none", sender="par@example.vn", to=["first@example.vn", "second@example.vn"])
    with pytest.raises(NotTold, match=r"first@example\.vn: 550 unknown") as told:
        notify(how, "x", ["y"])
    assert (box.got, told.value.told) == (["second@example.vn"], 1)


def test_mistakes_are_told_of_the_table_that_they_stand_in() -> None:
    send = {"server": "mail.example.vn", "sender": "par@", "port": "x"}
    assert notified({"send": send, "notify": {"to": ["ops@example.vn"]}}, "pipeline.toml") is None
    assert notified({"send": {**send, "user": "x"}, "notify": {"to": ["ops@example.vn"]}}, "pipeline.toml") is None
    for table, place in (({"to": ["ops@"]}, "notify.to.1: met"), ({"to": ["ops@example.vn"], "port": "y"}, "notify.port: met 'y'"), (7, "notify: met 7, expected a table")):
        with pytest.raises(BadSettings) as told:
            notified({"send": send, "notify": table}, "pipeline.toml")
        assert [finding.startswith(place) for finding in told.value.findings] == [True]


def test_an_operator_that_cannot_be_told_is_an_error(box: Mailbox) -> None:
    line = Line(1)
    with pytest.raises(ParError, match="no connection"):
        notify(Notifying(server="127.0.0.1", port=line.port, security="none", sender="par@example.vn", to=["ops@example.vn"]), "x", ["y"])
    line.close()


def test_the_operator_is_told_by_the_server_of_the_mails() -> None:
    tables = {"send": {"server": "mail.example.vn", "sender": "par@example.vn", "recipients": "who.toml"}, "notify": {"to": ["ops@example.vn"]}}
    found = notified(tables, "pipeline.toml")
    assert found is not None
    assert (found.server, found.to) == ("mail.example.vn", ["ops@example.vn"])
    assert notified({}, "pipeline.toml") is None
    with pytest.raises(BadSettings, match=r"notify.server is missing"):
        notified({"notify": {"to": ["ops@example.vn"], "sender": "par@example.vn"}}, "pipeline.toml")


# ---------------------------------------------------------------- the command


def par(folder: Path, *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(cli.main, ["send", *words], prog_name="par")


def test_the_command_follows_the_pipeline_and_lists_the_ledger(office: Office, box: Mailbox, samples: Path) -> None:
    table = f'[send]\nserver = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nsender = "par@example.vn"\n'
    (office.folder / "pipeline.toml").write_text(f'reports = "{samples}"\nstate = "state"\n{table}', encoding="utf-8")
    assert par(office.folder, "--dry-run").stdout.splitlines()[-1] == "1 to send"
    done = par(office.folder)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "1 mail sent"), done.output
    listing = par(office.folder, "--list").stdout.splitlines()
    assert listing[1].split()[:3] == ["snv@haiduong.example.vn", "30-hai-duong-par-index-2023.vi.pdf", "sent"]


def test_the_command_says_all_that_failed(office: Office, box: Mailbox, samples: Path) -> None:
    box.answers["RCPT"] = ["550 no \x1b[2J"]
    table = f'[send]\nserver = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nsender = "par@example.vn"\n'
    (office.folder / "pipeline.toml").write_text(f'reports = "{samples}"\nstate = "state"\n{table}', encoding="utf-8")
    done = par(office.folder)
    assert done.exit_code == 1
    assert done.stderr.startswith("par: 1 mail did not go, 0 did\n  Sở Nội vụ <snv@haiduong.example.vn>: ")
    assert "\x1b" not in done.stderr
