"""``par send``: each report to whoever is to have it, once; what went to whom stands in the ledger.

One mail that fails harms no other: what fails in passing is tried again after all others, what is refused for good is noted and not tried any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field

from par_analysis.deliver.finished import Report, Unsound
from par_analysis.deliver.ledger import FILE, Ledger, Row, State, peeked
from par_analysis.deliver.letters import Letter, Piece, compose, has_figures, headline, piece
from par_analysis.deliver.lock import held
from par_analysis.deliver.posting import Deferred, MailServer, NoPost, Post, Refused, Unknown
from par_analysis.deliver.recipients import Lists, Recipient, Subscription, called, latest, lists, subscriptions
from par_analysis.deliver.settings import WEB_ADDRESS
from par_analysis.deliver.site_facts import Cover
from par_analysis.deliver.sizes import size_said
from par_analysis.errors import ParError, shortened
from par_analysis.show.language import Words

Uncertain = Literal["resend", "hold", "arrived"]
"""What becomes of a mail that may have been sent: it is sent once more, it waits for a person, or a person knows that it arrived."""


class Sending(MailServer):
    """The table ``[send]``: the server, who gets what, how large a mail may be, and where its files are on the web otherwise."""

    recipients: str = Field(default="recipients.toml", min_length=1)
    largest_mb: float = Field(default=10.0, gt=0, strict=False)
    link: str = Field(default="", pattern=WEB_ADDRESS)
    attempts: int = Field(default=4, ge=1, le=20)
    uncertain: Literal["resend", "hold"] = "resend"


@dataclass(frozen=True)
class Failure:
    """A mail that did not go: to whom, about what, why, and whether it will be tried again."""

    to: str
    about: str
    why: str
    is_passing: bool


class NotAllSent(ParError):
    """Some mails did not go: which, why, and how many went all the same."""

    def __init__(self, sent: int, failures: Sequence[Failure], said: Sequence[str] = ()) -> None:
        self.sent, self.failures, self.said = sent, tuple(failures), tuple(said)
        self.is_passing = any(failure.is_passing for failure in failures)
        lines = [f"{failure.to}: {failure.about}: {failure.why}" + ("" if failure.is_passing else "; it is not tried again") for failure in failures]
        count = f"{len(failures)} {'mail' if len(failures) == 1 else 'mails'} did not go, {sent} did"
        again = "the next run tries them again" if self.is_passing else "correct the addresses; or once they are in order: par send --again"
        super().__init__("\n  ".join([count, *lines, *said]), hint=again)


@dataclass(frozen=True)
class Sent:
    """What went, and what is to be said."""

    letters: int = 0
    said: tuple[str, ...] = field(default=())

    @property
    def changed(self) -> int:
        """How many mails went."""
        return self.letters


def send(
    reports: Sequence[Report],
    settings: Sending,
    *,
    state: Path,
    signed: Path | None = None,
    root: Path = Path(),
    known: Lists | None = None,
    dry_run: bool = False,
    again: bool = False,
    uncertain: Uncertain | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Sent:
    """Send to everybody in ``root/settings.recipients`` what the ledger in ``state`` does not know as sent.

    ``again``: who was refused is tried once more. ``uncertain``: what becomes of mails that may have been sent, if not what the settings say. Raises ``BadSettings``,
    ``NotAllSent``, ``NoPost``, ``BadLedger``, ``Busy``.
    """
    who = subscriptions(root / settings.recipients, known or lists())
    with _ledger(state, dry_run=dry_run) as ledger:
        if again:
            ledger.forgive()
        run = _Run(settings, ledger, uncertain or settings.uncertain)
        for subscription in who:
            found, bare = latest(reports, subscription, run.has_figures)
            run.tell_left_out(subscription, bare, [] if found else reports)
            for report in found:
                run.take(subscription.recipient, report, signed)
        return run.dry() if dry_run else run.perform(root, wait)


@contextmanager
def _ledger(state: Path, *, dry_run: bool) -> Iterator[Ledger]:
    """The ledger, held by this run alone; for a dry run a copy, so that nothing is written in the state, which may be another's."""
    if dry_run:
        with peeked(state / FILE) as ledger:
            yield ledger
    else:
        with held(state / "send", "par send"), closing(Ledger(state / FILE)) as ledger:
            yield ledger


def listed(state: Path) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """What the ledger of a state's folder knows, as a table: heading and rows. Nothing is written there. Raises ``BadLedger``."""
    heading = ("address", "file", "state", "since", "the server said")
    with peeked(state / FILE) as ledger:
        return heading, [(address, file, known, noted, said) for address, file, known, said, noted in ledger.letters()]


class _Run:
    """What is to go, what went, what did not."""

    def __init__(self, settings: Sending, ledger: Ledger, uncertain: Uncertain) -> None:
        self.settings, self.ledger, self.uncertain = settings, ledger, uncertain
        self.due: list[Letter] = []
        self.said: list[str] = []
        self.failures: list[Failure] = []
        self.sent = 0
        self.taken: set[tuple[str, str]] = set()
        self.covers: dict[str, Cover] = {}
        self.doubtful: set[tuple[str, str]] = set()
        """(address, checksum) of what may have arrived by an earlier run: that it was put off in this one says nothing of that."""

    # ------------------------------------------------------------ what is to go

    def take(self, recipient: Recipient, report: Report, signed: Path | None) -> None:
        """A report for somebody: those of its files that they have not had."""
        refusal = self.ledger.refusal(recipient.address)
        if refusal:
            self._say(f"{called(recipient)}: refused earlier ({refusal}); not tried again until the address changes, or par send --again")
            return
        try:
            pieces = [one for kind in recipient.format if (one := self._piece(recipient, report, kind, signed)) and self._is_due(recipient.address, one.row(report))]
            if pieces:
                self.due.append(Letter(recipient, report, tuple(pieces), self._headline(report)))
        except Unsound as error:
            self.failures.append(Failure(called(recipient), report.key, str(error), is_passing=True))

    def has_figures(self, report: Report) -> bool:
        """Whether there is a figure to tell of a report; one without a page may have some, and what cannot be read is told when it is to go."""
        try:
            return report.file("html") is None or has_figures(self._headline(report))
        except Unsound:
            return True

    def tell_left_out(self, subscription: Subscription, bare: Sequence[Report], others: Sequence[Report]) -> None:
        """Say what somebody does not get, and why. ``others``: all reports, where there is none for them."""
        who = called(subscription.recipient)
        for report in bare:
            self._say(f"{who}: {report.key} has no figure yet: not sent")
        own = [report.key for report in others if subscription.is_about(report) and not subscription.takes(report)]
        if own:
            self._say(f"{who}: reports with settings of their own are not sent, and there are no others for them: {shortened(', '.join(own), width=200)}")
        elif others and not bare:
            self._say(f"{who}: there is no report for them yet")

    def _headline(self, report: Report) -> Cover:
        if report.key not in self.covers:
            self.covers[report.key] = headline(report)
        return self.covers[report.key]

    def _piece(self, recipient: Recipient, report: Report, kind: str, signed: Path | None) -> Piece | None:
        found = piece(report, kind, signed=signed)
        if found is None:
            self._say(f'{called(recipient)}: {report.key} has no {kind} file (formats = ["{kind}", …] in its [[build]], or par build … --format {kind})')
        return found

    def _is_due(self, address: str, row: Row) -> bool:
        if (address.casefold(), row.sha256) in self.taken:
            return False
        self.taken.add((address.casefold(), row.sha256))
        known = self.ledger.state(address, row.sha256)
        if known == "sending" and self.uncertain != "resend":
            said = "counted as arrived" if self.uncertain == "arrived" else "held: it may have arrived; ask, then par send --uncertain arrived, or resend"
            self._say(f"{address}: {row.file}: {said}")
            if self.uncertain == "arrived":
                self.ledger.note(address, [row], "", "sent", said="a person knows that it arrived")
        elif known == "sending":
            self.doubtful.add((address, row.sha256))
            self._say(f"{address}: {row.file}: may have arrived already; sent once more, with the same Message-ID")
        return known in (None, "waiting") or (known == "sending" and self.uncertain == "resend")

    def _say(self, line: str) -> None:
        if line not in self.said:
            self.said.append(line)

    # ------------------------------------------------------------ what goes

    def dry(self) -> Sent:
        """What would go."""
        lines, words = [], Words("en")
        for one in self.due:
            composed = self._composed(one)
            how = "too large, and no link is set" if composed is None else ", ".join(f"{one.shown_name(part)} ({size_said(len(part.content), words)})" for part in one.pieces)
            lines.append(f"would send to {called(one.recipient)}: {one.subject} [{how}]")
        return Sent(0, (*self.said, *lines, *(f"{failure.to}: {failure.about}: {failure.why}" for failure in self.failures), f"{len(self.due)} to send"))

    def perform(self, root: Path, wait: Callable[[float], None]) -> Sent:
        """Send what is due, in rounds: what was put off is tried again when all others have had their turn."""
        if self.due:
            try:
                self._rounds(root, wait)
            except NoPost as error:
                if not self.failures:
                    raise
                self.failures.append(Failure("all others", "their mails", str(error), is_passing=True))
        if self.failures:
            raise NotAllSent(self.sent, self.failures, self.said)
        count = f"{self.sent} {'mail' if self.sent == 1 else 'mails'} sent"
        return Sent(self.sent, (*self.said, count))

    def _rounds(self, root: Path, wait: Callable[[float], None]) -> None:
        left = self.due
        with closing(Post(self.settings, root=root)) as post:
            for attempt in range(self.settings.attempts):
                if attempt:
                    wait(min(2.0**attempt, 60))
                left = list(self._round(post, left, is_last=attempt + 1 == self.settings.attempts))
                if not left:
                    return

    def _round(self, post: Post, letters: Sequence[Letter], *, is_last: bool) -> Iterator[Letter]:
        """Send each; yields what has to be tried again. Without a connection to the server the rest of the round is not tried."""
        for number, one in enumerate(letters):
            try:
                self._send(post, one)
            except Deferred as error:
                rest = letters[number:] if error.is_before_all else [one]
                for put_off in rest:
                    self._note(put_off, "sending" if self._is_doubtful(put_off) else "waiting", error.said)
                    if is_last:
                        self._fail(put_off, error.said, is_passing=True)
                    else:
                        yield put_off
                if error.is_before_all:
                    return

    def _send(self, post: Post, one: Letter) -> None:
        if self.ledger.refusal(one.recipient.address):
            return  # an earlier mail of this run was refused there, and that was said
        composed = self._composed(one)
        if composed is None:
            self._fail(one, f"larger than {self.settings.largest_mb:g} MB, and no link is set in [send]", is_passing=True)
            return
        try:
            post.send(composed, one.recipient.address, lambda: self._note(one, "sending"))
        except Refused as error:
            if error.is_address:
                self.ledger.refuse(one.recipient.address, error.said)
            self._note(one, "waiting" if error.is_address else "refused", error.said)
            self._fail(one, error.said, is_passing=False)
        except Unknown as error:
            self._fail(one, str(error), is_passing=True)
        else:
            self._note(one, "sent")
            self.sent += 1
            self._say(f"sent to {called(one.recipient)}: {one.subject}")

    def _composed(self, one: Letter) -> bytes | None:
        """The mail with its files, or with where they are; ``None`` where neither is possible."""
        composed = compose(one, self.settings, link=self.settings.link, attached=True).as_bytes()
        if len(composed) <= self.settings.largest_mb * 1e6:
            return composed
        return compose(one, self.settings, link=self.settings.link, attached=False).as_bytes() if self.settings.link else None

    def _is_doubtful(self, one: Letter) -> bool:
        return any((one.recipient.address, row.sha256) in self.doubtful for row in one.rows)

    def _note(self, one: Letter, state: State, said: str = "") -> None:
        self.ledger.note(one.recipient.address, one.rows, one.message_id(self.settings.sender.partition("@")[2]), state, said=said)

    def _fail(self, one: Letter, why: str, *, is_passing: bool) -> None:
        self.failures.append(Failure(called(one.recipient), one.title, why, is_passing))
