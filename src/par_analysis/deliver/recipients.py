"""``recipients.toml``: who gets which reports, in which language and format. Every entry is checked before a mail is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from par_analysis.deliver.finished import Report
from par_analysis.deliver.settings import BadSettings, Settings, read, read_toml
from par_analysis.errors import ParError, UnknownName, shortened
from par_analysis.model import COUNTRY, Language

EVERY: Final = "all"
"""In place of units: every one that there is a report of."""

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)*{_LABEL}")


def require_address(text: str) -> str:
    """The address of a mailbox. Raises ``ValueError`` for anything else: what does not pass here is in no header.

    >>> require_address("cchc@haiduong.gov.vn")
    'cchc@haiduong.gov.vn'
    """
    if not _ADDRESS.fullmatch(text) or len(text) > 254 or len(text.partition("@")[0]) > 64:
        raise ValueError("one address of a mailbox, in plain letters, as in office@example.vn")
    return text


def require_line(text: str) -> str:
    """A text of one line. Raises ``ValueError`` where it has a line break or another control character."""
    if not text.isprintable():
        raise ValueError("one line without control characters")
    return text


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Address = Annotated[str, AfterValidator(require_address)]
LineOfText = Annotated[str, Field(max_length=200), AfterValidator(require_line)]
Several = Annotated[list[LineOfText], BeforeValidator(_listed), Field(min_length=1)]
Format = Literal["html", "pdf", "docx", "xlsx"]


class Recipient(Settings):
    """An entry of the file. ``unit``: names in any spelling, codes, or "all"; left out, reports on the whole country. ``year``: left out, the latest there is."""

    address: Address
    name: LineOfText = ""
    report: Several = Field(default=["province"])
    index: Several = Field(default=["par_index"])
    unit: Several = Field(default=[])
    lang: Annotated[list[Language], BeforeValidator(_listed), Field(min_length=1)] = Field(default=["vi"])
    format: Annotated[list[Format], BeforeValidator(_listed), Field(min_length=1)] = Field(default=["pdf"])
    year: int | None = Field(default=None, ge=1990, le=2100)


class _File(Settings):
    recipient: list[Recipient] = Field(min_length=1)


@dataclass(frozen=True)
class Lists:
    """What the entries are checked against: report types, codes of indices, and what finds a unit (name, year) → code."""

    reports: Sequence[str]
    indices: Sequence[str]
    unit: Callable[[str, int | None], str]


def lists() -> Lists:
    """The closed lists of this checkout."""
    from par_analysis import catalog, dataset
    from par_analysis.run.contract import notebooks

    here = catalog.load()
    return Lists(tuple(notebooks(here.root / "notebooks")), tuple(here.indices), lambda name, year: dataset.resolve_unit(name, year, root=here))


@dataclass(frozen=True)
class Subscription:
    """Who gets what, with units by their codes; no units: all of them."""

    recipient: Recipient
    units: frozenset[str]

    def takes(self, report: Report) -> bool:
        """Whether a report is meant, its year apart. Reports with parameters of their own (``vi-rank-5``) are not."""
        one = self.recipient
        return (
            report.named("report") in one.report
            and report.named("index") in one.index
            and report.lang in one.lang
            and (not self.units or report.named("unit") in self.units)
            and report.key.rpartition("/")[2] == report.lang
        )


def subscriptions(path: Path, known: Lists) -> list[Subscription]:
    """Who gets what. Raises ``BadSettings`` with everything that is wrong in the file."""
    entries = read(_File, read_toml(path), file=str(path)).recipient
    findings: list[str] = []
    found = [Subscription(entry, frozenset(_units(entry, known, number, findings))) for number, entry in enumerate(entries, start=1)]
    findings += [f"recipient.{number}.{finding}" for number, entry in enumerate(entries, start=1) for finding in _unknown(entry, known)]
    if findings:
        raise BadSettings(str(path), findings)
    return found


def _units(entry: Recipient, known: Lists, number: int, findings: list[str]) -> Iterator[str]:
    """Codes of units; what is none is a finding."""
    if EVERY in entry.unit:
        return
    for name in entry.unit or [COUNTRY]:
        try:
            yield COUNTRY if name == COUNTRY else known.unit(name, entry.year)
        except ParError as error:
            findings.append(f"recipient.{number}.unit: {error}")


def _unknown(entry: Recipient, known: Lists) -> Iterator[str]:
    for name in entry.report:
        if name not in known.reports:
            yield f"report: {UnknownName('report', name, known.reports)}"
    for name in entry.index:
        if name not in known.indices:
            yield f"index: {UnknownName('index', name, known.indices)}"


def latest(reports: Sequence[Report], subscription: Subscription) -> list[Report]:
    """The reports that somebody gets: of the year that was asked for, or else the latest of each kind, index, unit and language."""
    meant = [report for report in reports if subscription.takes(report)]
    year = subscription.recipient.year
    if year is not None:
        return [report for report in meant if report.year == year]
    newest: dict[tuple[str, ...], Report] = {}
    for report in meant:
        key = tuple(report.named(name) for name in ("report", "index", "unit", "lang"))
        if key not in newest or (report.year or 0) > (newest[key].year or 0):
            newest[key] = report
    return sorted(newest.values(), key=lambda report: report.key)


def called(recipient: Recipient) -> str:
    """A recipient in a line of a terminal."""
    return f"{shortened(recipient.name)} <{recipient.address}>" if recipient.name else recipient.address
