"""A report as the site's lists and pages show it: its headline as its own cover has it, its files, where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from par_analysis.deliver.site_facts import Amount, Headline, Span
from par_analysis.deliver.site_gallery import FORMATS, Edition, Gallery, Subject
from par_analysis.deliver.sizes import size_said
from par_analysis.model import LANGUAGES, Language
from par_analysis.run.plan import NUMBERS
from par_analysis.show.language import Words, translations

SOURCES_SHOWN = 6
"""So many sources are seen at once; the others are folded away."""


@dataclass(frozen=True)
class Download:
    """A file of a report: what it is, where it lies, how large it is."""

    kind: str
    target: str
    size: str
    is_signed: bool = False


@dataclass(frozen=True)
class Source:
    """A source: what it is called, and its address where a page may link to it."""

    title: str
    link: str


@dataclass(frozen=True)
class Entry:
    """A report in a list. ``lang``: its language where it is not the page's, otherwise ""."""

    subject: Subject
    title: str
    target: str
    lang: str
    score: str
    rank: str
    moved: str
    tone: str
    headlines: tuple[Headline, ...]
    lead: tuple[tuple[Span, ...], ...]
    downloads: tuple[Download, ...]


@dataclass(frozen=True)
class Desk:
    """Who writes the pages of a language: names, addresses, entries."""

    gallery: Gallery
    lang: Language

    @property
    def words(self) -> Words:
        """The language's words."""
        return Words(self.lang)

    def home(self, lang: str | None = None) -> str:
        """The first page: that of the first language lies on top."""
        return "index.html" if (lang or self.lang) == LANGUAGES[0] else f"{lang or self.lang}/index.html"

    def page(self, subject: Subject) -> str:
        """The page of a subject."""
        return f"{self.lang}/{subject.address}.html"

    def unit_page(self, unit: str) -> str:
        """The page of a unit."""
        return f"{self.lang}/unit/{self.gallery.places[unit]}.html"

    def year_page(self, year: int, index: str) -> str:
        """The page of an index's year."""
        return f"{self.lang}/{year}/{index}.html"

    def country_page(self) -> str:
        """The page of the reports about the country."""
        return f"{self.lang}/country.html"

    def type_title(self, kind: str) -> str:
        """What a report type is called: the heading of its notebook."""
        title = self.gallery.titles.get(kind, "")
        return translations(self.lang).gettext(f"# {title}").removeprefix("# ") if title else kind.replace("_", " ")

    def title(self, subject: Subject) -> str:
        """Report type, and what sets it apart."""
        setting = self.gallery.setting(subject, self.lang)
        return self.type_title(subject.kind) + (f" ({setting})" if setting else "")

    def entry(self, subject: Subject) -> Entry:
        """The entry of a subject."""
        edition = subject.edition(self.lang)
        cover = edition.facts.cover
        score, rank = headline_of(edition, subject, "score"), headline_of(edition, subject, "rank")
        moved = next((line for line in (rank, score) if line and line.tone != "plain"), rank or score)
        return Entry(
            subject,
            title=self.title(subject),
            target=self.page(subject),
            lang="" if edition.lang == self.lang else edition.lang,
            score=_text(edition.facts.score, score),
            rank=_text(edition.facts.rank, rank),
            moved=moved.detail if moved else "",
            tone=moved.tone if moved else "plain",
            headlines=cover.headlines,
            lead=cover.lead,
            downloads=self.downloads(edition),
        )

    def downloads(self, edition: Edition) -> tuple[Download, ...]:
        """The files of a report, the page first, the numbers last."""
        names = [name for kind in FORMATS if (name := edition.report.file(kind))] + [name for name in [NUMBERS] if name in edition.report.files]
        kinds = {"html": "HTML", "pdf": "PDF", "docx": "Word", "xlsx": "Excel", "csv": "CSV"}
        signed = edition.signed.name if edition.signed else ""
        return tuple(Download(kinds[PurePosixPath(name).suffix[1:]], f"{edition.address}/{name}", size_said(edition.size(name), self.words), name == signed) for name in names)

    def sources(self, edition: Edition) -> tuple[Sequence[Source], Sequence[Source]]:
        """The sources of a report, the most trusted first, then the most used; those to see at once, and the others."""
        known = self.gallery.known
        ranked = sorted(dict.fromkeys(map(known.collection, edition.facts.sources)), key=self.gallery.trust)
        found = [Source(known.source_title(source, self.lang), known.link(source)) for source in ranked]
        return found[:SOURCES_SHOWN], found[SOURCES_SHOWN:]


def headline_of(edition: Edition, subject: Subject, measure: str) -> Headline | None:
    """The key figure of the cover that is the score or the rank, exact or as a range."""
    words = Words(edition.report.identity["lang"], index=subject.index)
    labels = [words.say("Score"), words.say("Score (possible range)")] if measure == "score" else [words.say("Rank"), words.say("Rank (possible range)")]
    return next((line for label in labels for line in edition.facts.cover.headlines if line.label == label), None)


def _text(amount: Amount | None, line: Headline | None) -> str:
    return line.value if line else amount.text if amount else ""
