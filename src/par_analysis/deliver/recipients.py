"""``recipients.toml``: who gets which reports, in which language and format. Every entry is checked before a mail is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import headerregistry
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from par_analysis.deliver.finished import Report
from par_analysis.deliver.settings import BadSettings, Settings, read, read_toml
from par_analysis.errors import ParError, UnknownName, shortened
from par_analysis.model import COUNTRY, Language

EVERY: Final = "all"
"""In place of units: every one that there is a report of."""
LONGEST_LINE: Final = 200
_YEARS: Final = range(1990, 2101)

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)*{_LABEL}")
_FEW: Final = "one address of a mailbox with plain letters before the @ (a-z, digits, signs): few mail servers take others"


def require_address(text: str) -> str:
    """The address of a mailbox, a domain of other letters written as mail servers know it. Raises ``ValueError`` for anything else: what does not
    pass here is in no header.

    >>> require_address("cchc@haiduong.gov.vn"), require_address("office@hảidương.vn")
    ('cchc@haiduong.gov.vn', 'office@xn--hidng-wob8hx63z.vn')
    """
    name, sign, domain = text.partition("@")
    found = f"{name}{sign}{_in_plain_letters(domain)}"
    if not name.isascii() and _ADDRESS.fullmatch(f"x{found[len(name) :]}"):
        raise ValueError(_FEW)
    if not _ADDRESS.fullmatch(found) or len(found) > 254 or len(name) > 64:
        raise ValueError("one address of a mailbox, as in office@example.vn")
    return found


def _in_plain_letters(domain: str) -> str:
    """A domain as mail servers know it (IDNA); what is none comes back as it is."""
    with suppress(UnicodeError):
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    return domain


def require_line(text: str) -> str:
    """A text of one line. Raises ``ValueError`` where it has a line break or another control character."""
    if not text.isprintable():
        raise ValueError("one line without control characters")
    return text


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Address = Annotated[str, AfterValidator(require_address)]
LineOfText = Annotated[str, Field(max_length=LONGEST_LINE), AfterValidator(require_line)]
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
    year: int | None = Field(default=None, ge=_YEARS[0], le=_YEARS[-1])


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
        """Whether a report is meant. Reports with settings of their own (``vi-rank-5``) are not."""
        return self.is_about(report) and report.key.rpartition("/")[2] == report.lang

    def is_about(self, report: Report) -> bool:
        """Whether a report is of the type, index, unit, year and language that are meant, whatever its settings."""
        one = self.recipient
        return (
            report.named("report") in one.report
            and report.named("index") in one.index
            and report.lang in one.lang
            and (not self.units or report.named("unit") in self.units)
            and one.year in (None, report.year)
        )


def subscriptions(path: Path, known: Lists) -> list[Subscription]:
    """Who gets what. Raises ``BadSettings`` with everything that is wrong in the file."""
    tables = read_toml(path)
    findings = [finding for number, entry in enumerate(_entries(tables), start=1) for finding in _unknown(entry, known, f"recipient.{number}")]
    try:
        entries = read(_File, tables, file=str(path)).recipient
    except BadSettings as error:
        raise BadSettings(str(path), sorted([*error.findings, *findings], key=_number)) from error
    if findings:
        raise BadSettings(str(path), findings)
    return [Subscription(entry, frozenset(_units(entry, known))) for entry in entries]


def _units(entry: Recipient, known: Lists) -> list[str]:
    """Codes of units; none where all are meant. Raises ``ParError``."""
    return [] if EVERY in entry.unit else [_code(name, known, entry.year) for name in entry.unit or [COUNTRY]]


def _code(name: str, known: Lists, year: int | None) -> str:
    return COUNTRY if name == COUNTRY else known.unit(name, year)


def _entries(tables: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries as they stand in the file, well formed or not: a mistake in one word hides none in another."""
    found = tables.get("recipient")
    return [entry if isinstance(entry, Mapping) else {} for entry in (found if isinstance(found, list) else [])]


def _words(entry: Mapping[str, Any], key: str) -> list[str]:
    """What an entry names under a key, as far as these are words."""
    return [word.strip() for word in _listed(entry.get(key, [])) if isinstance(word, str) and word.isprintable() and len(word) <= LONGEST_LINE]


def _unknown(entry: Mapping[str, Any], known: Lists, place: str) -> Iterator[str]:
    """The words of an entry that name nothing."""
    year = entry["year"] if entry.get("year") in _YEARS else None
    units = _words(entry, "unit")
    for name in units if EVERY not in units else ():
        try:
            _code(name, known, year)
        except ParError as error:
            yield f"{place}.unit: {error}"
    for key, names in (("report", known.reports), ("index", known.indices)):
        yield from (f"{place}.{key}: {UnknownName(key, name, names)}" for name in _words(entry, key) if name not in names)


def _number(finding: str) -> int:
    """The entry that a finding is about: all of one stand together."""
    number = finding.partition(".")[2].partition(".")[0]
    return int(number) if finding.startswith("recipient.") and number.isdecimal() else 0


def latest(reports: Sequence[Report], subscription: Subscription, has_figures: Callable[[Report], bool]) -> tuple[list[Report], list[Report]]:
    """The reports that somebody gets: of the year that was asked for, or else the latest of each kind, index, unit and language that has figures.

    Then those that they would get in their place, if these had any.
    """
    groups: dict[tuple[str, ...], list[Report]] = {}
    for report in reports:
        if subscription.takes(report):
            groups.setdefault(tuple(report.named(name) for name in ("report", "index", "unit", "lang")), []).append(report)
    found, bare = list[Report](), list[Report]()
    for group in groups.values():
        for report in sorted(group, key=lambda one: one.year or 0, reverse=True):
            if has_figures(report):
                found.append(report)
                break
            bare.append(report)
    return sorted(found, key=lambda report: report.key), sorted(bare, key=lambda report: report.key)


def called(recipient: Recipient) -> str:
    """A recipient in a line of a terminal, the name quoted as in a mail, so that no name passes for an address.

    >>> called(Recipient(address="a@example.vn", name="Sở Nội vụ")), called(Recipient(address="a@example.vn", name="x <b@c>, y"))
    ('Sở Nội vụ <a@example.vn>', '"x <b@c>, y" <a@example.vn>')
    """
    return str(headerregistry.Address(shortened(recipient.name), addr_spec=recipient.address)) if recipient.name else recipient.address
