"""The notebooks' door to the data: ``view`` gives a report everything it reads, cleaned, checked and with its provenance."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from par_analysis import catalog, metrics
from par_analysis.catalog import Catalog
from par_analysis.clean import READERS, Reading
from par_analysis.clean.checks import ROUNDING, check_claims
from par_analysis.clean.evidence import filed_press
from par_analysis.clean.names import Resolver
from par_analysis.clean.prefer import Preference, prefer
from par_analysis.errors import DataError, Finding, RequestError, UnknownName
from par_analysis.model import COUNTRY, KEY, LANGUAGES, TOTAL, Edition, Framework, Group, Index, Language, Press
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


def read_edition(known: Catalog, edition: Edition, folder: Path) -> Reading:
    """All files of an edition that lie in a folder, its claims and findings together."""
    total = _reading(known, edition, edition.code, None)
    for name, facts in sorted(edition.files.items()):
        reading = _reading(known, edition, f"{edition.code}/{name}", facts.get("year"))
        path = folder / name
        if not path.is_file():
            reading.find("error", "missing file", 0, "", "no such file", f"the file named in {edition.code}/edition.toml")
        elif facts["reader"] not in READERS:
            reading.find("error", "unknown reader", 0, "reader", facts["reader"], f"one of: {', '.join(READERS)}")
        else:
            _require_unchanged(path, facts["sha256"], reading, edition)
            READERS[facts["reader"]](path, reading)
        total.claims += reading.claims
        total.findings += reading.findings
        total.length += reading.length
    for index in sorted({claim["index"] for claim in total.claims} - set(edition.indices)):
        total.find("error", "undeclared index", 0, "indices", index, f"an index named in {edition.code}/edition.toml")
    return total


def _reading(known: Catalog, edition: Edition, file: str, year: int | None) -> Reading:
    layout = known.source(edition.source).layout if known.sources.get(edition.source, {}).get("layout") else {}
    address = edition.origin if edition.origin.startswith(("http://", "https://")) else edition.code
    return Reading(
        _resolver(known).resolve,
        known.indices,
        edition.code,
        file,
        framework=known.framework,
        provinces=lambda on: [unit.code for unit in known.provinces(on)],
        layout=layout,
        file_year=year,
        address=address,
    )


def _require_unchanged(path: Path, expected: str, reading: Reading, edition: Edition) -> None:
    with path.open("rb") as stream:
        met = hashlib.file_digest(stream, "sha256").hexdigest()
    if met != expected:
        hint = f"par fetch {edition.source} --again" if edition.remote else "raw files are never edited: add an edition"
        reading.find("error", "changed file", 0, "sha256", met, expected or "a record of its first download", hint)


@lru_cache(maxsize=4)
def _read(known: Catalog, indices: frozenset[str], derived: bool) -> tuple[Preference, tuple[Finding, ...]]:
    """The claims about some indices with the preferred ones chosen, and every finding about the editions they come from."""
    readings = [read_edition(known, edition, known.edition_folder(code)) for code, edition in known.editions_of(indices).items()]
    found = [*known.findings(), *(finding for reading in readings for finding in reading.findings)]
    return judge(known, [claim for reading in readings for claim in reading.claims], found, indices, derived=derived)


def judge(known: Catalog, claims: Sequence[Mapping[str, Any]], found: Sequence[Finding], indices: Collection[str], *, derived: bool) -> tuple[Preference, tuple[Finding, ...]]:
    """Claims that were read, with the preferred ones chosen, and all findings: those met in reading, and those about the claims."""
    is_whole = not any(finding.severity == "error" for finding in found)
    wanted = [claim for claim in claims if claim["index"] in indices and (derived or claim["basis"] != "derived")]
    corrections = [record for record in known.corrections if record["index"] in indices] if is_whole else []
    preference = prefer(wanted, publisher=known.publisher, trust=list(known.trust_classes), corrections=corrections)
    return preference, (*found, *check_claims(preference, known.indices))


def _everything(known: Catalog) -> frozenset[str]:
    return frozenset(index for edition in known.editions.values() for index in edition.indices)


def check(known: Catalog | None = None) -> list[Finding]:
    """Every finding about every edition, errors first. A data error is a finding here, never a raise."""
    known = known or catalog.load()
    try:
        _, findings = _read(known, _everything(known), True)
    except DataError as error:
        findings = (*known.findings(), *error.findings)
    return sorted(findings, key=lambda finding: (("error", "warning", "note").index(finding.severity), finding))


def _on_its_pages(index: Index) -> frozenset[str]:
    """The indices whose figures an index's pages show: its own, the one beside it, operations."""
    return frozenset({index.code, index.beside or index.code, OPERATIONS if index.has_operations else index.code})


def data_hash(index: str, known: Catalog | None = None) -> str:
    """The state of the raw and reference files that reports on an index are made from."""
    known = known or catalog.load()
    return known.data_hash(_on_its_pages(known.index(index)))


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
    return _dataset(known, record, _on_its_pages(record), derived)


def _dataset(known: Catalog, record: Index, read: frozenset[str], derived: bool) -> Dataset:
    preference, findings = _read(known, read, derived)
    if any(finding.severity == "error" for finding in findings):
        raise DataError(findings)
    claims, panel = (table[table["index"] == record.code].reset_index(drop=True) for table in (preference.claims, preference.panel))
    return Dataset(record, known, claims, _with_totals(known, record, panel) if record.is_summed else panel, findings)


def _with_totals(known: Catalog, index: Index, panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with the sums, ranks and means that follow from its parts."""
    found = [panel]
    for year in sorted({int(year) for year in panel["year"]}):
        framework = known.framework(index.code, year)
        if framework is not None and framework.tree:
            maxima = {node: maximum for node, (_, maximum) in framework.limits.items()}
            units = [unit.code for unit in known.provinces(year)]
            found.append(metrics.totals(panel, year=year, units=units, tree=framework.tree, maxima=maxima, higher_is_better=index.higher_is_better))
    return pd.concat(found, ignore_index=True).sort_values(list(KEY), kind="stable").reset_index(drop=True)


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
    def basis(self) -> str:
        """How this year is compared with the year before: in points, or by the distance from each year's mean where the method changed."""
        return "distance" if self.is_comparable is False else "raw"

    @property
    def method(self) -> dict[str, Any]:
        """What every comparison of the two years wants to know: whether points may be subtracted, and on which basis the years are compared."""
        return {"comparable": self.is_comparable, "basis": self.basis}

    @property
    def pair(self) -> dict[str, Any]:
        """What every display of a comparison wants to know: the unit and the two years."""
        return {"unit": self.unit, "year": self.year, "base": self.base}

    @property
    def provinces(self) -> list[str]:
        """Codes of the provinces of the year, ranked or not."""
        return [unit.code for unit in self.data.known.provinces(self.year)]

    @cached_property
    def units(self) -> list[str]:
        """Codes of the units ranked in the year: all provinces, or of an index that sums its parts those whose parts are all known."""
        if not self.index.is_summed:
            return self.provinces
        totals = self.panel[(self.panel["year"] == self.year) & (self.panel["node"] == TOTAL) & (self.panel["measure"] == "score")]
        return sorted(set(totals["unit"]) & set(self.provinces))

    @property
    def unranked(self) -> list[str]:
        """Codes of the provinces that the index did not rank in the year."""
        return sorted(set(self.provinces) - set(self.units))

    @property
    def branches(self) -> Mapping[str, Sequence[str]]:
        """Node → the nodes that add up to it in the year or in the year before; where parts are not scored one by one, the total → the domains."""
        before = self.data.known.framework(self.index.code, self.base)
        trees = [framework.tree or {TOTAL: [domain.code for domain in framework.domains]} for framework in (self.framework, before) if framework]
        return {node: list(dict.fromkeys(child for tree in trees for child in tree.get(node, ()))) for node in dict.fromkeys(node for tree in trees for node in tree)}

    @property
    def domains(self) -> list[str]:
        """The nodes of the year's domains."""
        return [domain.code for domain in self.framework.domains] if self.framework else []

    @property
    def criteria(self) -> list[str]:
        """The nodes below the domains that are scored one by one; empty where the index has none."""
        return self.framework.criteria_codes if self.framework else []

    @property
    def tree(self) -> Mapping[str, Sequence[str]]:
        """Node → the nodes that add up to it; empty where the method's parts are not scored one by one."""
        return self.framework.tree if self.framework else {}

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
    def region_units(self) -> Sequence[str]:
        """The provinces of the unit's region."""
        return self.members.get(self.region, ())

    @property
    def received(self) -> str:
        """The day on which the newest figures were received (ISO)."""
        return max(edition.received for edition in self.data.known.editions_of(_on_its_pages(self.index)).values())

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
        preference, _ = _read(self.data.known, _on_its_pages(self.index), self.derived)
        panel = preference.panel
        return panel[(panel["index"] == OPERATIONS) & (panel["unit"] == self.unit) & self._is_of_the_year(panel)].reset_index(drop=True)

    def _is_of_the_year(self, figures: pd.DataFrame) -> pd.Series[bool]:
        return (figures["year"] == self.year) | (figures["period"] == f"{self.year + 1}-Q1")

    @cached_property
    def press(self) -> tuple[Press, ...]:
        """The articles that are filed about the unit's year, each with what is known independently of it."""
        preference, _ = _read(self.data.known, _on_its_pages(self.index), self.derived)
        computed = self.panel if self.index.is_summed else None
        return filed_press(self.data.known, preference.claims, index=self.index.code, unit=self.unit, year=self.year, computed=computed)

    def source_title(self, source: str) -> str:
        """What a source is called on the page."""
        return self.data.known.source_title(source, self.lang)

    @property
    def beside(self) -> pd.DataFrame:
        """The figures of the index that stands beside this one; empty where there is none."""
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
        """Labels of the operational indicators; empty where such figures do not belong to the index."""
        return self.data.known.indicators if self.index.has_operations else {}

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
        preference, _ = _read(self.data.known, _on_its_pages(self.index), self.derived)
        claims = preference.claims[preference.claims["is_preferred"]]
        shown = (claims["year"] <= self.year) & ((claims["index"] == self.index.code) | ((claims["index"] == self.index.beside) & (claims["year"] > self.year - 6)))
        claims = claims[shown | ((claims["index"] == OPERATIONS) & self._is_of_the_year(claims))]
        recent = claims["year"].isin([self.base, self.year]) & (claims["index"] == self.index.code)
        shown_means = (claims["unit"] == COUNTRY) & (claims["measure"] == "mean") & claims["year"].isin(set(claims.loc[claims["unit"] == self.unit, "year"]))
        own = (claims["unit"] == self.unit) | (recent & claims["unit"].isin([COUNTRY, self.region])) | shown_means
        claims = claims[own] if self.unit != COUNTRY else claims[recent]
        order = list(self.data.known.trust_classes)
        met: dict[str, tuple[set[str], set[int]]] = {}
        for source, trust, year in zip(claims["source"], claims["trust"], claims["year"], strict=True):
            classes, years = met.setdefault(self.data.known.collection(str(source)), (set(), set()))
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
        return asked | {"data": data_hash(self.index.code, self.data.known)}


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
    units = {code: unit.name(lang) for code, unit in known.units.items()}
    nodes = {code: names[lang] for code, names in index.node_names.items()}
    return Words(lang, units, domains, index.label[lang], index.decimals, short_index=index.short[lang], part_names=parts, node_names=nodes)


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
    beside = _dataset(known, known.index(data.index.beside), _on_its_pages(data.index), derived) if data.index.beside else None
    return View(report, data, int(year), lang, code, derived, _words(known, data.index, int(year), lang), beside)




# ---------------------------------------------------------------- all years of an index at once


@dataclass(frozen=True)
class Overview:
    """What a report on an index's data reads: all of its years at once."""

    report: str
    data: Dataset
    lang: Language
    derived: bool
    words: Words

    @property
    def index(self) -> Index:
        """The index."""
        return self.data.index

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
        return found.assign(link=[self.data.known.link(str(source)) for source in found["source"]])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks met in this index's figures, and in the files that hold some of them; not what they met in another index's."""
        files = set(self.claims["file"])
        others = tuple(f"{code} " for code in (*self.data.known.indices, OPERATIONS) if code != self.index.code)
        own = (finding for finding in self.data.findings if finding.file in files or finding.column.startswith(f"{self.index.code} "))
        return tuple(finding for finding in own if not finding.column.startswith(others))

    @cached_property
    def years(self) -> list[int]:
        """From the first to the last year with a figure: those with a figure or with a method."""
        there = self.data.years
        return sorted({*there, *(year for year in self.index.frameworks if there and there[0] <= year <= there[-1])})

    @cached_property
    def units(self) -> Mapping[int, Sequence[str]]:
        """Year → the provinces that the index is about: all of the year's, or those met where it ranked no more than these."""
        known = self.data.known
        return {year: self._of_year([unit.code for unit in known.provinces(year)], self.data.units_with_data(year), year) for year in self.years}

    def _of_year(self, provinces: list[str], met: list[str], year: int) -> list[str]:
        return met if len(met) == self.index.count_of_units(year) < len(provinces) else provinces

    @property
    def members(self) -> Mapping[str, Sequence[str]]:
        """Region → its provinces of any year."""
        groups: dict[str, list[str]] = {}
        for year in self.years:
            for region, units in self.data.known.members(year).items():
                groups.setdefault(region, []).extend(unit for unit in units if region != COUNTRY and unit not in groups.get(region, ()))
        return {region: units for region, units in groups.items() if units}

    @property
    def frameworks(self) -> Mapping[int, Framework | None]:
        """Year → its method, where known."""
        return {year: self.data.known.framework(self.index.code, year) for year in self.years}

    @property
    def leaves(self) -> Mapping[int, Sequence[str]]:
        """Year → the nodes that its method scores one by one: the criteria below the domains, or else the domains."""
        known = {year: framework for year, framework in self.frameworks.items() if framework}
        return {year: framework.criteria_codes or [domain.code for domain in framework.domains] for year, framework in known.items()}

    @property
    def ways(self) -> Mapping[int, Sequence[tuple[str, Sequence[str]]]]:
        """Year → each node with nodes that add up to it: the total from its parts, from these and the parts of parts, and from the domains; domains from their criteria."""
        return {year: _ways(framework) for year, framework in self.frameworks.items() if framework}

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
        return {code: names[self.lang] for code, names in self.data.known.trust_classes.items()}

    @property
    def publishers(self) -> Mapping[str, str]:
        """Publisher → what readers are told instead of its address, where there is such a title."""
        titles = {str(name): self.data.known.source_title(str(name), self.lang) for name in self.claims["publisher"].unique()}
        return {name: title for name, title in titles.items() if title != name}

    @property
    def collections(self) -> pd.DataFrame:
        """What the figures were collected in: title, editions (how many), received (the newest day), licence, claims (how many); the largest first."""
        known, claims = self.data.known, self.claims["edition"].value_counts()
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
        """What this page is: embedded in every file made from it. It has no year."""
        asked = {"report": self.report, "index": self.index.code, "unit": COUNTRY, "lang": self.lang, "derived": self.derived}
        return asked | {"data": data_hash(self.index.code, self.data.known)}


def _ways(framework: Framework) -> list[tuple[str, Sequence[str]]]:
    above = [f"part:{part.name}" for part in framework.parts if not part.within]
    below = {f"part:{name}": [f"part:{part.name}" for part in framework.parts if part.within == name] for name in {part.within for part in framework.parts} - {""}}
    flat = [node for part in above for node in below.get(part, [part])]
    ways = [(TOTAL, above), *([(TOTAL, flat)] if below else []), *sorted(below.items()), (TOTAL, [domain.code for domain in framework.domains])]
    return [(node, parts) for node, parts in [*ways, *((node, parts) for node, parts in framework.tree.items() if node != TOTAL)] if parts]


def overview(report: str, *, index: str, lang: str, derived: bool = True, known: Catalog | None = None) -> Overview:
    """What a report on all years of an index reads. Raises ``UnknownName`` for an unknown index or language, and ``DataError`` when the data cannot be used."""
    if lang not in LANGUAGES:
        raise UnknownName("language", lang, LANGUAGES)
    known = known or catalog.load()
    data = load(index, derived=derived, known=known)
    parts = {part.name: part.label[lang] for year in data.years if (framework := known.framework(index, year)) for part in framework.parts}
    words = replace(_words(known, data.index, max(data.years, default=0), lang), part_names=parts)
    return Overview(report, data, lang, derived, words)
