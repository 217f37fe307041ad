"""A plain mail to whoever runs a pipeline: who that is by the table ``[notify]``, and the mail itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from pathlib import Path
from typing import Any

from pydantic import Field

from par_analysis.deliver.letters import in_one_line
from par_analysis.deliver.posting import Deferred, MailServer, NoPost, Post, Refused, Unknown
from par_analysis.deliver.recipients import Address as MailAddress
from par_analysis.deliver.sending import Sending
from par_analysis.deliver.settings import BadSettings, read
from par_analysis.errors import ParError, shortened


class Notifying(MailServer):
    """The table ``[notify]``: who is told of a run that failed. What it leaves out of the server is as in ``[send]``."""

    to: list[MailAddress] = Field(min_length=1)


class NotTold(ParError):
    """A word to the operators that some of them did not get: how many got it, and why the others did not."""

    def __init__(self, told: int, failures: Sequence[str]) -> None:
        self.told, self.failures = told, tuple(failures)
        super().__init__("; ".join(failures), hint="[notify] of the settings names them, and the server")


def notified(tables: Mapping[str, Any], file: str) -> Notifying | None:
    """Who is told of failures, by the tables of ``pipeline.toml``; ``None`` where nobody is, and where ``[send]``, which names the server, is itself at fault:
    that is told there. Raises ``BadSettings``.
    """
    if "notify" not in tables:
        return None
    if not isinstance(tables["notify"], Mapping):
        raise BadSettings(file, [f"notify: met {shortened(repr(tables['notify']))}, expected a table: [notify]"])
    table = tables.get("send")
    of_send = {name: value for name, value in table.items() if name in MailServer.model_fields} if isinstance(table, Mapping) else {}
    try:
        return read(Notifying, of_send | dict(tables["notify"]), file=file, at="notify")
    except BadSettings as error:
        known = _faults(table, file) if table is not None else set()
        here = {f".{name}" for name in tables["notify"]}
        own = [finding for finding in error.findings if (fault := _fault(finding, "notify")) not in known or fault[0] in here]
        if own:
            raise BadSettings(file, own) from error
        return None


def _faults(table: Any, file: str) -> set[tuple[str, str]]:
    """What is wrong in ``[send]`` itself."""
    try:
        read(Sending, table, file=file, at="send")
    except BadSettings as error:
        return {_fault(finding, "send") for finding in error.findings}
    return set()


def _fault(finding: str, at: str) -> tuple[str, str]:
    """A finding without its table and without what was met: place, and what is expected there.

    >>> _fault("notify.port: met 'x', expected a number", "notify") == _fault("send.port: met 'x', expected a number", "send")
    True
    """
    place, _, said = finding.removeprefix(at).partition(": met ")
    return place, said.rpartition(", expected ")[2]


def notify(settings: Notifying, subject: str, lines: Sequence[str], *, root: Path = Path()) -> None:
    """A plain mail to every operator: what failed, in lines. Raises ``NotTold`` where one of them does not get it, ``RequestError`` for a password that is not there."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    message["To"] = [Address(addr_spec=address) for address in settings.to]
    message["Subject"] = in_one_line(subject)[:200]
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=settings.sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("".join(f"{in_one_line(line)}\n" for text in lines for line in text.splitlines()), cte="quoted-printable")
    told, failures = 0, list[str]()
    with closing(Post(settings, root=root)) as post:
        for address in settings.to:
            try:
                post.send(message.as_bytes(), address, lambda: None)
                told += 1
            except (NoPost, Deferred, Refused, Unknown) as error:
                failures.append(f"{address}: {error}")
                if isinstance(error, NoPost) or (isinstance(error, Deferred) and error.is_before_all):
                    break
    if failures:
        raise NotTold(told, failures)
