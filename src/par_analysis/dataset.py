"""The notebooks' door to the data: ``view`` gives a report everything it reads, cleaned, checked and with its provenance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import pandas as pd

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.clean import READERS, Reading, claims_table
from par_analysis.clean.checks import check_claims
from par_analysis.clean.names import Resolver
from par_analysis.clean.prefer import Preference, prefer
from par_analysis.errors import DataError, Finding, RequestError, UnknownName
from par_analysis.model import COUNTRY, LANGUAGES, Framework, Group, Index, Language
from par_analysis.show.language import Words

OPERATIONS = "operations"
"""The panel of operational figures stands beside the indices."""


@lru_cache(maxsize=4)
def _resolver(known: Catalog) -> Resolver:
    return Resolver(list(known.units.values()), known.spellings)


def resolve_unit(name: str | int, on: int | str | None = None, *, root: Catalog | None = None) -> str:
    """The code of a unit in any spelling, as of a year or a day (default: among the 63 provinces).

    Raises ``UnknownName`` with suggestions, ``AmbiguousName`` with the candidates.
    """
    return _resolver(root or catalog.load()).resolve(str(name), on)


def _read_edition(known: Catalog, edition: str, resolver: Resolver) -> Reading:
    """All files of an edition, its claims and findings together."""
    total = Reading(resolver.resolve, known.indices, edition, edition)
    for name, facts in sorted(known.editions[edition].files.items()):
        reading = Reading(resolver.resolve, known.indices, edition, f"{edition}/{name}")
        path = known.edition_folder(edition) / name
        if not path.is_file():
            reading.find("error", "missing file", 0, "", "no such file", f"the file named in {edition}/edition.toml")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != facts["sha256"]:
            reading.find("error", "changed file", 0, "sha256", hashlib.sha256(path.read_bytes()).hexdigest(), facts["sha256"], "raw files are never edited: add an edition")
        elif facts["reader"] not in READERS:
            reading.find("error", "unknown reader", 0, "reader", facts["reader"], f"one of: {', '.join(READERS)}")
        if path.is_file() and facts["reader"] in READERS:
            READERS[facts["reader"]](path, reading)
        total.claims += reading.claims
        total.findings += reading.findings
    return total


@lru_cache(maxsize=2)
def _read_all(known: Catalog, derived: bool) -> tuple[Preference, tuple[Finding, ...]]:
    """Every edition's claims with the preferred ones chosen, and every finding."""
    readings = [_read_edition(known, edition, _resolver(known)) for edition in known.editions]
    found = [*known.findings(), *(finding for reading in readings for finding in reading.findings)]
    is_whole = not any(finding.severity == "error" for finding in found)
    claims = claims_table([claim for reading in readings for claim in reading.claims if derived or claim["basis"] != "derived"])
    preference = prefer(claims, publisher=known.publisher, trust=list(known.trust_classes), corrections=known.corrections if is_whole else ())
    return preference, (*found, *check_claims(preference, known.indices))


def check(known: Catalog | None = None) -> list[Finding]:
    """Every finding about every edition, errors first. A data error is a finding here, never a raise."""
    known = known or catalog.load()
    try:
        _, findings = _read_all(known, True)
    except DataError as error:
        findings = (*known.findings(), *error.findings)
    return sorted(findings, key=lambda finding: (("error", "warning", "note").index(finding.severity), finding))


def data_hash(known: Catalog | None = None) -> str:
    """The state of all raw and reference files that reports are made from."""
    return (known or catalog.load()).data_hash()


@dataclass(frozen=True)
class Dataset:
    """One index, cleaned: ``claims`` (all of them), ``panel`` (the preferred one for each key), ``findings``."""

    index: Index
    known: Catalog
    claims: pd.DataFrame
    panel: pd.DataFrame
    findings: tuple[Finding, ...]

    @property
    def years(self) -> list[int]:
        """The years with a figure of any unit."""
        return sorted({int(year) for year in self.panel["year"]})

    def units_with_data(self, year: int | None = None) -> list[str]:
        """Codes of the provinces with a figure (in a year)."""
        rows = self.panel if year is None else self.panel[self.panel["year"] == year]
        return sorted({unit for unit in rows["unit"] if unit in self.known.units and self.known.units[unit].kind == "province"})


def load(index: str, *, derived: bool = True, known: Catalog | None = None) -> Dataset:
    """An index's claims and panel. Raises ``UnknownName``, and ``DataError`` with all findings when one is an error."""
    known = known or catalog.load()
    record = known.index(index)
    preference, findings = _read_all(known, derived)
    if any(finding.severity == "error" for finding in findings):
        raise DataError(findings)
    claims, panel = (table[table["index"] == index].reset_index(drop=True) for table in (preference.claims, preference.panel))
    return Dataset(record, known, claims, panel, findings)


@dataclass(frozen=True)
class View:
    """What a report of an index, a year and (for a province's report) a unit reads.

    ``panel``, ``beside`` (the satisfaction index) and ``operations`` are tables of figures; ``base`` is the year before.
    """

    report: str
    data: Dataset
    year: int
    lang: Language
    unit: str
    derived: bool
    words: Words
    beside_data: Dataset | None = field(default=None, repr=False)

    @property
    def index(self) -> Index:
        """The index."""
        return self.data.index

    @property
    def panel(self) -> pd.DataFrame:
        """The index's figures."""
        return self.data.panel

    @property
    def claims(self) -> pd.DataFrame:
        """Every claim, the preferred ones marked."""
        return self.data.claims

    @property
    def base(self) -> int:
        """The year that changes are measured from."""
        return self.year - 1

    @property
    def is_comparable(self) -> bool | None:
        """Whether points of this year and the year before were given by the same method; ``None`` where that is not known."""
        return self.index.is_comparable(self.year, self.base)

    @property
    def units(self) -> list[str]:
        """Codes of the units ranked in the year."""
        return [unit.code for unit in self.data.known.provinces(self.year)]

    @property
    def scale(self) -> dict[str, Any]:
        """What every metric over the year's units wants to know: year, units, direction."""
        return {"year": self.year, "units": self.units, "higher_is_better": self.index.higher_is_better}

    @property
    def limits(self) -> dict[str, float]:
        """The ends of the index's scale, for metrics that bound what was not published."""
        return {"low": self.index.low, "high": self.index.high}

    @property
    def members(self) -> Mapping[str, Sequence[str]]:
        """Region → its units; the country → all units."""
        return self.data.known.members(self.year)

    @property
    def region(self) -> str:
        """The unit's region."""
        return self.data.known.units[self.unit].region

    @property
    def out_of(self) -> int:
        """How many units the index ranked in the year."""
        return self.index.count_of_units(self.year)

    @property
    def received(self) -> str:
        """The day on which the newest figures were received (ISO)."""
        return max(edition.received for edition in self.data.known.editions.values())

    @property
    def recent_years(self) -> list[int]:
        """The year and up to five before it, none before the index's first."""
        first = min(self.data.years, default=self.year)
        return list(range(max(first, self.year - 5), self.year + 1))

    @property
    def framework(self) -> Framework | None:
        """The year's method, where known."""
        return self.data.known.framework(self.index.code, self.year)

    @property
    def breaks(self) -> list[int]:
        """The years whose method differs from the year before."""
        known = self.index.frameworks
        return [year for year in sorted(known) if year - 1 in known and known[year] != known[year - 1]]

    @property
    def groups(self) -> Sequence[Group]:
        """The bands that the ministry sorted units into in that year; empty where not known."""
        return self.index.groups.get(self.year, ())

    @cached_property
    def operations(self) -> pd.DataFrame:
        """Operational figures of the unit for the year, and for the quarter after it, in which results are published."""
        preference, _ = _read_all(self.data.known, self.derived)
        panel = preference.panel
        return panel[(panel["index"] == OPERATIONS) & (panel["unit"] == self.unit) & self._is_of_the_year(panel)].reset_index(drop=True)

    def _is_of_the_year(self, figures: pd.DataFrame) -> pd.Series[bool]:
        return (figures["year"] == self.year) | (figures["period"] == f"{self.year + 1}-Q1")

    @property
    def beside(self) -> pd.DataFrame:
        """The satisfaction index's figures; empty on its own pages."""
        return self.panel.iloc[:0] if self.beside_data is None else self.beside_data.panel

    @property
    def breaks_beside(self) -> list[int]:
        """The years whose method differs from the year before, of the satisfaction index."""
        known = {} if self.beside_data is None else self.beside_data.index.frameworks
        return [year for year in sorted(known) if year - 1 in known and known[year] != known[year - 1]]

    @property
    def tiles(self) -> pd.DataFrame:
        """The tile map of the units of the year: unit, row, col, label, kind."""
        wanted = "63" if self.year <= 2024 else "34"
        rows = [tile for tile in self.data.known.tiles if tile["unit_set"] == wanted]
        cells = [{"unit": tile["code"], "row": int(tile["row"]), "col": int(tile["col"]), "label": tile[f"label_{self.lang}"], "kind": tile["kind"]} for tile in rows]
        return pd.DataFrame(cells, columns=["unit", "row", "col", "label", "kind"])

    @property
    def indicators(self) -> Mapping[str, Any]:
        """Labels of the operational indicators."""
        return self.data.known.indicators

    @property
    def trust(self) -> Mapping[str, str]:
        """Class of trust → its name in the reader's language, the most trusted first."""
        return {code: names[self.lang] for code, names in self.data.known.trust_classes.items()}

    @property
    def conflicts(self) -> pd.DataFrame:
        """The claims about figures that sources state differently: of the unit for the year and the year before, or of all units for the year."""
        claims = self.claims[self.claims["year"].isin([self.base, self.year])]
        claims = claims[claims["unit"] == self.unit] if self.unit != COUNTRY else claims[claims["year"] == self.year]
        keys = ["unit", "year", "period", "node", "measure"]
        differing = claims.groupby(keys)["value"].transform(lambda values: values.round(9).nunique()) > 1
        return claims[differing].sort_values([*keys, "is_preferred", "value", "source"], ascending=[True] * 5 + [False, True, True]).reset_index(drop=True)

    @property
    def sources(self) -> pd.DataFrame:
        """Where the preferred figures of this page's subject come from: source ("" where it is not to be linked), title, trust, years; the most
        trusted first.

        Of a province: its own figures up to the year (of operations, those of the page), and those of its region and the country in
        the year and the year before. Of the country: all figures of the two years.
        """
        preference, _ = _read_all(self.data.known, self.derived)
        claims = preference.claims[preference.claims["is_preferred"]]
        shown = (claims["year"] <= self.year) & ((claims["index"] == self.index.code) | ((claims["index"] == "sipas") & (claims["year"] > self.year - 6)))
        claims = claims[shown | ((claims["index"] == OPERATIONS) & self._is_of_the_year(claims))]
        recent = claims["year"].isin([self.base, self.year]) & (claims["index"] == self.index.code)
        shown_means = (claims["unit"] == COUNTRY) & (claims["measure"] == "mean") & claims["year"].isin(set(claims.loc[claims["unit"] == self.unit, "year"]))
        own = (claims["unit"] == self.unit) | (recent & claims["unit"].isin([COUNTRY, self.region])) | shown_means
        claims = claims[own] if self.unit != COUNTRY else claims[recent]
        order = list(self.data.known.trust_classes)
        met: dict[str, tuple[set[str], set[int]]] = {}
        for source, trust, year in zip(claims["source"], claims["trust"], claims["year"], strict=True):
            classes, years = met.setdefault(str(source), (set(), set()))
            classes.add(str(trust))
            years.add(int(year))
        ranked = sorted((min(order.index(trust) for trust in classes), source, _span(sorted(years))) for source, (classes, years) in met.items())
        known = self.data.known
        rows = [(known.link(source), known.source_title(source, self.lang), order[place], years) for place, source, years in ranked]
        return pd.DataFrame(rows, columns=["source", "title", "trust", "years"])

    @property
    def identity(self) -> dict[str, Any]:
        """What this page is: embedded in every file made from it."""
        asked = {"report": self.report, "index": self.index.code, "unit": self.unit, "year": self.year, "lang": self.lang, "derived": self.derived}
        return asked | {"data": self.data.known.data_hash()}


def _span(years: Sequence[int]) -> str:
    """Years as text: 2018-2020, 2023.

    >>> _span([2018, 2019, 2020, 2023])
    '2018–2020, 2023'
    """
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _words(known: Catalog, index: Index, year: int, lang: Language) -> Words:
    framework = known.framework(index.code, year)
    domains = {domain.no: domain.name[lang] for domain in framework.domains} if framework else {}
    of_which = Words(lang).say("of which: {part}")
    parts = {part.name: of_which.format(part=part.label[lang]) if part.within else part.label[lang] for part in framework.parts} if framework else {}
    names = {code: unit.name(lang) for code, unit in known.units.items()}
    return Words(lang, names, domains, index.label[lang], index.decimals, short_index=index.short[lang], part_names=parts)


def view(report: str, *, index: str, year: int, lang: str, unit: str | int = COUNTRY, derived: bool = True, known: Catalog | None = None) -> View:
    """The view for a report. ``unit`` in any spelling; left out for a report of the country.

    Raises ``UnknownName`` for an unknown index, unit or language, and ``DataError`` when the data cannot be used.
    """
    if lang not in LANGUAGES:
        raise UnknownName("language", lang, LANGUAGES)
    known = known or catalog.load()
    data = load(index, derived=derived, known=known)
    code = COUNTRY if unit == COUNTRY else resolve_unit(unit, int(year), root=known)
    if code != COUNTRY and known.units[code].kind != "province":
        raise RequestError(f"{code} is not a province", hint="par list units")
    beside = load("sipas", derived=derived, known=known) if index != "sipas" and "sipas" in known.indices else None
    return View(report, data, int(year), lang, code, derived, _words(known, data.index, int(year), lang), beside)


