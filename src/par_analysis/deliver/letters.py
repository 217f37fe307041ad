"""A report as a mail: its headline as its own cover has it, in plain text and in HTML, and its files attached or linked to."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from par_analysis.deliver.finished import Report, Unsound
from par_analysis.deliver.ledger import Row
from par_analysis.deliver.posting import MailServer
from par_analysis.deliver.recipients import Recipient
from par_analysis.deliver.site_facts import Cover, Headline, Span, facts
from par_analysis.deliver.sizes import size_said
from par_analysis.model import Language
from par_analysis.render.readback import read_title
from par_analysis.show.language import Words

TYPES: Final = {
    "pdf": ("application", "pdf"),
    "html": ("text", "html"),
    "docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
TEMPLATES: Final = Path(__file__).parent / "templates"
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*]+')


@dataclass(frozen=True)
class Piece:
    """A file that goes with a mail: the name in its report, and the bytes. ``sha256`` is that of the report's own file: signed anew, it is the same file."""

    name: str
    kind: str
    content: bytes
    sha256: str
    is_signed: bool = False

    def row(self, report: Report) -> Row:
        """How the ledger knows it."""
        return Row(self.sha256, self.name, report.key)


def piece(report: Report, kind: str, *, signed: Path | None = None) -> Piece | None:
    """The file of a format; the signed one where it was signed from just these bytes. ``None`` where the report has none.

    Raises ``Unsound`` where the file is not the one of the manifest, or another one was signed.
    """
    name = report.file(kind)
    if name is None:
        return None
    content = report.read(name)
    sha256 = hashlib.sha256(content).hexdigest()
    own = signed / report.key / name if signed and kind == "pdf" else None
    if own is None or not own.exists():
        return Piece(name, kind, content, sha256)
    if own.is_symlink() or not (with_signature := _signed(own)).startswith(content):
        raise Unsound(own, "was not signed from the report's present file", hint="sign it again: par sign")
    return Piece(name, kind, with_signature, sha256, is_signed=True)


def _signed(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unsound(path, f"cannot be read: {error.strerror or error}", hint="may this user read it?") from error


@dataclass(frozen=True)
class Letter:
    """A report for somebody: what is to be told, and the files that go with it."""

    recipient: Recipient
    report: Report
    pieces: tuple[Piece, ...]
    cover: Cover

    @property
    def subject(self) -> str:
        """What it is about, and its first two key figures."""
        figures = "; ".join(f"{head.label} {head.value}" for head in self.cover.headlines[:2])
        return in_one_line(f"{self.title}: {figures}" if figures else self.title)

    @property
    def title(self) -> str:
        """What the report is called."""
        return in_one_line(" · ".join(part for part in (self.cover.title, self.cover.kicker) if part))

    @property
    def rows(self) -> tuple[Row, ...]:
        """Its files as the ledger knows them."""
        return tuple(piece.row(self.report) for piece in self.pieces)

    def message_id(self, domain: str) -> str:
        """The same for the same files to the same address, so that a mail that arrives twice is known as one."""
        said = "\n".join([self.recipient.address.casefold(), *sorted(piece.sha256 for piece in self.pieces)])
        return f"<par.{hashlib.sha256(said.encode()).hexdigest()[:40]}@{domain}>"

    def shown_name(self, piece: Piece) -> str:
        """What an attachment is called: as the report is, in its own letters."""
        stem = " ".join(_NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFC", self.title.replace(" · ", " - "))).split()).strip(" .")
        return f"{stem or Path(piece.name).stem}.{piece.kind}"


def headline(report: Report) -> Cover:
    """The cover of the report's page; where it has no page, its title and the score and rank that its numbers show. Raises ``Unsound``."""
    found = facts(report)
    if found.cover.title:
        return _in_lines(found.cover)
    words = Words(cast(Language, report.lang))
    heads = [(words.say("Score"), found.score), (words.say("Rank"), found.rank)]
    name = report.file("pdf")
    title = read_title(report.folder / name) if name else report.key
    return Cover(title=in_one_line(title), headlines=tuple(Headline(label, amount.text) for label, amount in heads if amount))


def has_figures(cover: Cover) -> bool:
    """Whether a cover has a key figure, not words alone."""
    return any(any(map(str.isdigit, head.value)) for head in cover.headlines)


def _in_lines(cover: Cover) -> Cover:
    """The same, without line breaks and control characters; key figures of one name are told apart by their names."""
    heads = tuple(Headline(in_one_line(head.label), in_one_line(head.value), in_one_line(head.detail), head.tone) for head in cover.headlines)
    met = Counter(head.label for head in heads)
    heads = tuple(Headline(f"{head.label} ({head.detail})", head.value, tone=head.tone) if met[head.label] > 1 and head.detail else head for head in heads)
    lead = tuple(tuple(Span(_printable(span.text), span.strong) for span in sentence) for sentence in cover.lead)
    return Cover(in_one_line(cover.kicker), in_one_line(cover.title), in_one_line(cover.subtitle), lead, heads)


def compose(one: Letter, settings: MailServer, *, link: str, attached: bool) -> EmailMessage:
    """The mail. ``link``: the address of the site, "" for none; without ``attached`` it says where the files are instead of carrying them."""
    words = Words(cast(Language, one.report.lang))
    told = _told(one, words, link=link, attached=attached)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    message["To"] = Address(in_one_line(one.recipient.name), addr_spec=one.recipient.address)
    message["Subject"] = one.subject
    message["Date"] = localtime()
    message["Message-ID"] = one.message_id(settings.sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_template("letter.txt.j2").render(told).strip() + "\n", cte="quoted-printable")
    message.add_alternative(_template("letter.html.j2").render(told), subtype="html", cte="quoted-printable")
    for piece in one.pieces if attached else ():
        maintype, subtype = TYPES[piece.kind]
        message.add_attachment(piece.content, maintype=maintype, subtype=subtype, filename=one.shown_name(piece))
    message["Content-Language"] = one.report.lang  # after the parts, which would take it with them
    return message


def _told(one: Letter, words: Words, *, link: str, attached: bool) -> dict[str, Any]:
    base = f"{link.rstrip('/')}/reports/{quote(one.report.key)}/" if link else ""
    files = [{"name": one.shown_name(piece), "size": size_said(len(piece.content), words), "link": f"{base}{quote(piece.name)}"} for piece in one.pieces]
    page = one.report.file("html")
    return {
        "say": words.say,
        "lang": one.report.lang,
        "subject": one.subject,
        "name": in_one_line(one.recipient.name),
        "cover": one.cover,
        "lead": ["".join(span.text for span in sentence) for sentence in one.cover.lead],
        "files": files,
        "attached": attached,
        "page": f"{base}{quote(page)}" if base and page else "",
    }


def in_one_line(text: str) -> str:
    """A text as one line: whatever else stands in it is a blank.

    >>> in_one_line("Hải Dương\\r\\nBcc: c@d")
    'Hải Dương Bcc: c@d'
    """
    return " ".join(_printable(text).split())


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


@lru_cache(maxsize=4)
def _template(name: str) -> Template:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(("html.j2",)), trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    return environment.get_template(name)
