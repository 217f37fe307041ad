"""Finished reports as the site shows them: which there are, and how they belong together.

A *subject* is what a report is about, in whichever language: a report type, an index, a year, a unit. Its reports are its *editions*, one a language.
Every page of the site stands in every language; where a subject has no edition in the page's language, the other one is offered, and marked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.deliver.finished import Report, Unsound
from par_analysis.deliver.site_facts import Facts, facts
from par_analysis.deliver.site_variants import usual_said, variant_said
from par_analysis.errors import ParError
from par_analysis.model import COUNTRY, LANGUAGES, Language
from par_analysis.run.contract import notebooks, read_contract
from par_analysis.run.plan import ALL_YEARS
from par_analysis.show.language import Words

REPORTS: Final = "reports"
"""The folder of the site that the reports' own files lie in."""
MAIN: Final = ("province", "national")
"""The report types that stand first among those about the same unit, index and year."""
FORMATS: Final = ("html", "pdf", "docx", "xlsx")
"""The files that an entry offers, besides the numbers."""


@dataclass(frozen=True)
class Edition:
    """A report in its language. ``signed``: the signed file in the place of its PDF."""

    report: Report
    facts: Facts
    signed: Path | None = None

    @property
    def lang(self) -> str:
        """The language."""
        return self.report.lang

    @property
    def address(self) -> str:
        """The folder of its files on the site."""
        return f"{REPORTS}/{self.report.key}"

    def size(self, name: str) -> int:
        """The bytes of a file as the site has it."""
        place = self.signed if self.signed and self.signed.name == name else self.report.folder / name
        return place.stat().st_size


@dataclass(frozen=True)
class Subject:
    """What reports are about. ``address``: its place, without the language; ``variant``: what sets it apart from the usual report (``-rank-5``)."""

    address: str
    kind: str
    index: str
    year: int | None
    unit: str
    place: str
    variant: str
    editions: Mapping[str, Edition]

    def edition(self, lang: str) -> Edition:
        """The edition in a language, or else the other one."""
        return self.editions.get(lang) or next(iter(self.editions.values()))

    @property
    def is_national(self) -> bool:
        """Whether it is about the whole country."""
        return self.unit == COUNTRY

    @property
    def order(self) -> tuple[bool, str, str]:
        """Its place among subjects of the same unit, index and year."""
        return self.kind not in MAIN or bool(self.variant), self.kind, self.variant


@dataclass(frozen=True)
class Gallery:
    """All subjects, and the questions that pages ask about them."""

    known: Catalog
    subjects: tuple[Subject, ...]
    titles: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def units(self) -> dict[str, list[Subject]]:
        """Unit → its subjects; the country left out."""
        found: dict[str, list[Subject]] = {}
        for subject in self.subjects:
            if not subject.is_national:
                found.setdefault(subject.unit, []).append(subject)
        return found

    @cached_property
    def years(self) -> dict[tuple[int, str], list[Subject]]:
        """(Year, index) → its subjects: the newest year first, the indices in the catalogue's order."""
        found: dict[tuple[int, str], list[Subject]] = {}
        for subject in self.subjects:
            if subject.year is not None:
                found.setdefault((subject.year, subject.index), []).append(subject)
        return {key: found[key] for key in sorted(found, key=lambda key: (-key[0], self.place_of_index(key[1])))}

    @cached_property
    def indices(self) -> list[str]:
        """The indices that reports are about."""
        return sorted({subject.index for subject in self.subjects}, key=self.place_of_index)

    @cached_property
    def country(self) -> list[Subject]:
        """The subjects about the whole country."""
        return [subject for subject in self.subjects if subject.is_national]

    @cached_property
    def places(self) -> dict[str, str]:
        """Unit → the name of its page."""
        return {unit: subjects[0].place for unit, subjects in self.units.items()}

    @cached_property
    def _beside(self) -> dict[tuple[str, ...], list[Subject]]:
        found: dict[tuple[str, ...], list[Subject]] = {}
        for subject in self.subjects:
            found.setdefault((subject.kind, subject.index, subject.variant, "unit", subject.unit), []).append(subject)
            found.setdefault((subject.kind, subject.index, subject.variant, "year", str(subject.year)), []).append(subject)
        return found

    @cached_property
    def _variants(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for subject in self.subjects:
            if subject.variant:
                found.setdefault(subject.address.removesuffix(subject.variant), []).append(subject.variant)
        return found

    def setting(self, subject: Subject, lang: Language) -> str:
        """What sets a subject apart from others that differ by their settings alone; "" where there is none of these, or nothing is known of it."""
        words = Words(lang)
        if subject.variant:
            return variant_said(subject.variant, words)
        return usual_said(subject.edition(lang).facts.parameters, self._variants.get(subject.address, ()), words)

    @cached_property
    def _trust(self) -> dict[str, int]:
        return {}

    def trust(self, source: str) -> int:
        """How trusted a source is: 0 for the most trusted class."""
        if source not in self._trust:
            order = list(self.known.trust_classes)
            kind = self.known.publisher(source)[1]
            self._trust[source] = order.index(kind) if kind in order else len(order)
        return self._trust[source]

    def place_of_index(self, code: str) -> tuple[int, str]:
        """Its place in the catalogue: the index that others stand beside comes first."""
        beside = {index.beside for index in self.known.indices.values()}
        index = self.known.indices.get(code)
        return (2 if index is None else 1 if not index.beside or code in beside else 0), code

    def name(self, unit: str, lang: Language) -> str:
        """The name of a unit; its code where it is not known."""
        return self.known.units[unit].name(lang) if unit in self.known.units else unit

    def short(self, index: str, lang: Language) -> str:
        """The short name of an index."""
        return self.known.indices[index].short[lang] if index in self.known.indices else index

    def label(self, index: str, lang: Language) -> str:
        """The name of an index."""
        return self.known.indices[index].label[lang] if index in self.known.indices else index

    def ordered(self, units: Sequence[str], lang: Language) -> list[str]:
        """Units by the alphabet of the language."""
        words = Words(lang)
        return sorted(units, key=lambda unit: (words.sort_key(self.name(unit, lang)), unit))

    def over_years(self, subject: Subject) -> tuple[Subject | None, Subject | None]:
        """The same report of the year before and of the year after, as far as there are reports."""
        row = sorted(self._beside[subject.kind, subject.index, subject.variant, "unit", subject.unit], key=lambda other: other.year or 0)
        return _around(row, subject)

    def over_units(self, subject: Subject, lang: Language) -> tuple[Subject | None, Subject | None]:
        """The same report of the unit before and of the unit after in the list."""
        row = {other.unit: other for other in self._beside[subject.kind, subject.index, subject.variant, "year", str(subject.year)]}
        return _around([row[unit] for unit in self.ordered(list(row), lang)], subject)


def _around(row: Sequence[Subject], subject: Subject) -> tuple[Subject | None, Subject | None]:
    place = row.index(subject)
    return (row[place - 1] if place else None), (row[place + 1] if place + 1 < len(row) else None)


def gather(found: Sequence[Report], *, signed: Mapping[str, Path] | None = None, known: Catalog | None = None) -> Gallery:
    """The gallery of finished reports; ``signed``: report's key → its signed PDF. Raises ``ParError`` with all that are unsound."""
    known = known or catalog.load()
    grouped: dict[str, dict[str, Report]] = {}
    faults: list[str] = []
    for report in found:
        try:
            address, variant = place_of(report)
            grouped.setdefault(address + variant, {})[report.lang] = report
        except Unsound as fault:
            faults.append(str(fault))
    if faults:
        raise ParError("\n  ".join(faults), hint="move them elsewhere, or make them again: par build")
    subjects = [_subject(address, editions, signed or {}) for address, editions in sorted(grouped.items())]
    return Gallery(known, tuple(sorted(subjects, key=lambda subject: (subject.order, subject.address))), titles(known))


def place_of(report: Report) -> tuple[str, str]:
    """The address of a report's subject, and its variant. Raises ``Unsound`` where its folder is not the one of what it says that it is.

    >>> place_of(Report(Path(), "2023/targets/papi/30-hai-duong/vi-rank-5", {"report": "targets", "index": "papi", "unit": "30", "year": 2023, "lang": "vi"}, {}))
    ('2023/targets/papi/30-hai-duong', '-rank-5')
    """
    *place, last = PurePosixPath(report.key).parts
    year = ALL_YEARS if report.year is None else str(report.year)
    unit = re.fullmatch(rf"{re.escape(report.named('unit'))}(-[a-z0-9-]+)?", place[3]) if len(place) == 4 else report.named("unit") == COUNTRY
    variant = re.fullmatch(rf"{re.escape(report.lang)}(-[A-Za-z0-9._-]+)?", last)
    if place[:3] != [year, report.named("report"), report.named("index")] or not unit or not variant or report.lang not in LANGUAGES:
        said = " ".join(filter(None, [report.named("report"), report.named("index"), year, report.named("unit"), report.lang]))
        raise Unsound(report.folder, f"is not the place of what it says that it is ({said})")
    return "/".join(place), variant[1] or ""


def _subject(address: str, editions: Mapping[str, Report], signed: Mapping[str, Path]) -> Subject:
    first = next(iter(editions.values()))
    place, variant = place_of(first)
    parts = place.split("/")
    read = {lang: Edition(report, facts(report), signed.get(report.key)) for lang, report in sorted(editions.items(), key=lambda pair: LANGUAGES.index(pair[0]))}
    return Subject(address, parts[1], parts[2], first.year, first.named("unit"), parts[3] if len(parts) == 4 else "", variant, read)


def titles(known: Catalog) -> dict[str, str]:
    """Report type → its title, as its notebook has it."""
    found = {}
    for name, path in notebooks(known.root / "notebooks").items():
        with suppress(ParError):
            found[name] = read_contract(path).title
    return found
