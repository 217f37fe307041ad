"""What a report on all years of an index reads: ``overview``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.clean.checks import ROUNDING
from par_analysis.dataset.audits import leaves_of, ways_of
from par_analysis.dataset.datasets import Dataset, load
from par_analysis.dataset.panels import Tables
from par_analysis.dataset.reads import note, of_years, word
from par_analysis.dataset.views import words_of
from par_analysis.errors import Finding, UnknownName
from par_analysis.model import COUNTRY, LANGUAGES, TOTAL, Edition, Framework, Index, Language
from par_analysis.show.language import Words


@dataclass(frozen=True)
class Overview:
    """What a report on an index's data reads: all of its years at once."""

    report: str
    data: Dataset
    lang: Language
    derived: bool
    words: Words

    @property
    def _tables(self) -> Tables:
        return self.data._tables

    @property
    def _known(self) -> Catalog:
        return self._tables.known

    @property
    def index(self) -> Index:
        """The index."""
        return self._tables.index

    @property
    def panel(self) -> pd.DataFrame:
        """The preferred figures, and those that are computed from them."""
        return self.data.panel

    @property
    def claims(self) -> pd.DataFrame:
        """Every claim, the preferred ones marked."""
        return self.data.claims

    @property
    def set_aside(self) -> pd.DataFrame:
        """The claims that are known slips of their source; ``set_aside`` says why, by language, and ``link`` is an address that a page may link to, or ""."""
        found = self.claims[self.claims["set_aside"].map(bool)].reset_index(drop=True)
        return found.assign(link=[self._known.link(str(source)) for source in found["source"]])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks met in this index's figures, and in the files that hold some of them; not what they met in another index's."""
        note(self._known, f"{word('findings', self.derived)}/{self.index.code}")
        return self._tables.findings_about_it()

    @property
    def years(self) -> list[int]:
        """From the first to the last year with a figure: those with a figure or with a method."""
        there = self.data.years
        return sorted({*there, *(year for year in self.index.frameworks if there and there[0] <= year <= there[-1])})

    @property
    def units(self) -> Mapping[int, Sequence[str]]:
        """Year → the provinces that the index is about: all of the year's, or those met where it ranked no more than these."""
        note(self._known, *of_years("figures", self.index.code, self.data.years, self.derived))
        return {year: self._tables.about(year) for year in self.years}

    @property
    def members(self) -> Mapping[str, Sequence[str]]:
        """Region → its provinces of any year."""
        groups: dict[str, list[str]] = {}
        for year in self.years:
            for region, units in self._known.members(year).items():
                groups.setdefault(region, []).extend(unit for unit in units if region != COUNTRY and unit not in groups.get(region, ()))
        return {region: units for region, units in groups.items() if units}

    @property
    def frameworks(self) -> Mapping[int, Framework | None]:
        """Year → its method, where known."""
        return {year: self._known.framework(self.index.code, year) for year in self.years}

    @property
    def leaves(self) -> Mapping[int, Sequence[str]]:
        """Year → the nodes that its method scores one by one: the criteria below the domains, or else the domains."""
        known = {year: framework for year, framework in self.frameworks.items() if framework}
        return {year: leaves_of(framework) for year, framework in known.items()}

    @property
    def ways(self) -> Mapping[int, Sequence[tuple[str, Sequence[str]]]]:
        """Year → each node with nodes that add up to it: the total from its parts, from these and the parts of parts, and from the domains; domains from their criteria."""
        return {year: ways_of(framework) for year, framework in self.frameworks.items() if framework}

    @property
    def limits(self) -> Mapping[int, Mapping[str, tuple[float, float | None]]]:
        """Year → node → lowest and highest possible score, as far as known."""
        total = {TOTAL: (self.index.low, self.index.high)}
        return {year: total | (framework.limits if framework else {}) for year, framework in self.frameworks.items()}

    @property
    def rounding(self) -> float:
        """How far parts may miss their total because they are printed with two decimals."""
        return ROUNDING

    @property
    def trust(self) -> Mapping[str, str]:
        """Class of trust → its name in the reader's language, the most trusted first."""
        return {code: names[self.lang] for code, names in self._known.trust_classes.items()}

    @property
    def publishers(self) -> Mapping[str, str]:
        """Publisher → what readers are told instead of its address, where there is such a title."""
        titles = {str(name): self._known.source_title(str(name), self.lang) for name in self.claims["publisher"].unique()}
        return {name: title for name, title in titles.items() if title != name}

    @property
    def collections(self) -> pd.DataFrame:
        """What the figures were collected in: title, editions (how many), received (the newest day), licence, claims (how many); the largest first."""
        note(self._known, f"editions/{self.index.code}")
        known, claims = self._known, self.claims["edition"].value_counts()
        met: dict[str, list[Edition]] = {}
        for code, edition in known.editions_of({self.index.code}).items():
            if claims.get(code, 0):
                met.setdefault(edition.source if edition.remote else code, []).append(edition)
        rows = []
        for code, editions in met.items():
            title = known.source(code).label[self.lang] if editions[0].remote else editions[0].title[self.lang]
            count, received = sum(int(claims[one.code]) for one in editions), max(one.received for one in editions)
            rows.append({"title": title, "editions": len(editions), "received": received, "licence": editions[0].licence, "claims": count})
        table = pd.DataFrame(rows, columns=["title", "editions", "received", "licence", "claims"])
        return table.sort_values(["claims", "title"], ascending=[False, True]).reset_index(drop=True)

    @property
    def received(self) -> str:
        """The day on which the newest figures were received (ISO)."""
        return max(self.collections["received"], default="")

    @property
    def identity(self) -> dict[str, Any]:
        """What this page is: embedded in every file made from it, where the state of the data that it was made from is added. It has no year."""
        return {"report": self.report, "index": self.index.code, "unit": COUNTRY, "lang": self.lang, "derived": self.derived}


def overview(report: str, *, index: str, lang: str, derived: bool = True, known: Catalog | None = None) -> Overview:
    """What a report on all years of an index reads. Raises ``UnknownName`` for an unknown index or language, and ``DataError`` when the data cannot be used."""
    if lang not in LANGUAGES:
        raise UnknownName("language", lang, LANGUAGES)
    known = known or catalog.load()
    data = load(index, derived=derived, known=known)
    parts = {part.name: part.label[lang] for year in data.years if (framework := known.framework(index, year)) for part in framework.parts}
    words = replace(words_of(known, data.index, max(data.years, default=0), lang), part_names=parts)
    return Overview(report, data, lang, derived, words)
