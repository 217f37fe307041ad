"""What a report of a year reads: ``view``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.dataset.datasets import Dataset, dataset_of, note_reference
from par_analysis.dataset.editions import OPERATIONS, in_the_year, on_its_pages, resolve_unit
from par_analysis.dataset.others import figures_of_year
from par_analysis.dataset.panels import Tables, claims_behind_pages, preferred
from par_analysis.dataset.presses import press_of
from par_analysis.dataset.reads import newest_day, note, of_years, word
from par_analysis.dataset.scorecards import Scorecard, scorecard_of
from par_analysis.errors import RequestError, UnknownName
from par_analysis.model import COUNTRY, LANGUAGES, TOTAL, Framework, Group, Index, Language, Press
from par_analysis.show.language import Words


@dataclass(frozen=True)
class View:
    """What a report of an index, a year and (for a province's report) a unit reads.

    ``panel``, ``beside`` (the satisfaction index) and ``operations`` are tables of figures; ``base`` is the year before. None holds figures of a later year,
    and each is noted as read when it is asked for; ``data`` holds all years.
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
    def _known(self) -> Catalog:
        return self._tables.known

    @property
    def _tables(self) -> Tables:
        return self.data._tables

    def _note(self, *names: str) -> None:
        note(self._known, *names)

    def _note_years(self, kind: str, tables: Tables) -> None:
        """Note the rows of the years up to this one, and which years have any."""
        code, years = tables.index.code, tables.years if kind == "figures" else tables.years_of_claims
        self._note(f"{word('years', self.derived)}/{code}/{self.year}", *of_years(kind, code, (year for year in years if year <= self.year), self.derived))

    @property
    def index(self) -> Index:
        """The index."""
        return self._tables.index

    @property
    def panel(self) -> pd.DataFrame:
        """The index's figures up to the year."""
        self._note_years("figures", self._tables)
        return self._panel

    @cached_property
    def _panel(self) -> pd.DataFrame:
        return self._tables.panel_until(self.year).copy(deep=False)

    @property
    def claims(self) -> pd.DataFrame:
        """Every claim about the years up to this one, the preferred ones marked."""
        self._note_years("claims", self._tables)
        return self._claims

    @cached_property
    def _claims(self) -> pd.DataFrame:
        return self._tables.claims_until(self.year).copy(deep=False)

    @property
    def base(self) -> int:
        """The year that changes are measured from."""
        return self.year - 1

    @property
    def is_comparable(self) -> bool | None:
        """Whether points of this year and the year before were given by the same method; ``None`` where that is not known."""
        return self.index.is_comparable(self.year, self.base)

    @property
    def comparable_years(self) -> list[int]:
        """This year and the years before it, without a gap, that have figures and whose points are known to compare with this year's; the oldest first."""
        self._note(f"{word('years', self.derived)}/{self.index.code}/{self.year}")
        first = self.year
        while first - 1 in self._tables.years and self.index.is_comparable(self.year, first - 1):
            first -= 1
        return list(range(first, self.year + 1))

    @property
    def alike_years(self) -> list[int]:
        """This year and those right before it that are known to be scored by the same method, the oldest first."""
        years = [self.year]
        while self.index.is_comparable(self.year, years[0] - 1):
            years.insert(0, years[0] - 1)
        return years

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
        return [unit.code for unit in self._known.provinces(self.year)]

    @property
    def units(self) -> list[str]:
        """Codes of the units ranked in the year: all provinces, or those with a result where the index ranked no others (of one that sums its parts, those with all of them)."""
        self._note(*of_years("figures", self.index.code, [self.year], self.derived))
        return list(self._tables.ranked(self.year))

    @property
    def unranked(self) -> list[str]:
        """Codes of the provinces that the index did not rank in the year."""
        return sorted(set(self.provinces) - set(self.units))

    @property
    def branches(self) -> Mapping[str, Sequence[str]]:
        """Node → the nodes that add up to it in the year or in the year before; where parts are not scored one by one, the total → the domains."""
        before = self._known.framework(self.index.code, self.base)
        trees = [framework.tree or {TOTAL: tuple(domain.code for domain in framework.domains)} for framework in (self.framework, before) if framework]
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
    def maxima(self) -> Mapping[int, Mapping[str, float]]:
        """Node below the domains → its greatest possible score, in the year and in the year before; empty for a method of which not all are published."""
        return {year: _maxima(self._known.framework(self.index.code, year)) for year in (self.base, self.year)}

    @property
    def tree(self) -> Mapping[str, Sequence[str]]:
        """Node → the nodes that add up to it; empty where the method's parts are not scored one by one."""
        return self.framework.tree if self.framework else {}

    @property
    def scale(self) -> dict[str, Any]:
        """What every metric over the year's units wants to know: year, units, direction."""
        return {"year": self.year, "units": self.units, "higher_is_better": self.index.higher_is_better}

    @property
    def everyone(self) -> dict[str, Any]:
        """The same over all provinces of the year, ranked or not: for metrics that ask who is known in both years."""
        return {**self.scale, "units": self.provinces}

    @property
    def limits(self) -> dict[str, float]:
        """The ends of the index's scale, for metrics that bound what was not published."""
        return {"low": self.index.low, "high": self.index.high}

    @property
    def members(self) -> Mapping[str, Sequence[str]]:
        """Region → its units; the country → all units."""
        return self._known.members(self.year)

    @property
    def region(self) -> str:
        """The unit's region."""
        return self._known.units[self.unit].region

    @property
    def region_units(self) -> Sequence[str]:
        """The provinces of the unit's region."""
        return self.members.get(self.region, ())

    @property
    def received(self) -> str:
        """The day on which the newest figures were received (ISO)."""
        self._note(f"received/{self.index.code}")
        return newest_day(self._known, self.index.code)

    @property
    def facts(self) -> dict[str, Any]:
        """What every cover wants to know: whether points of this year compare with those of the year before, and the day of the newest figures."""
        return {"is_comparable": self.is_comparable, "received": self.received}

    @property
    def recent_years(self) -> list[int]:
        """The year and up to five before it, none before the index's first."""
        self._note(f"{word('years', self.derived)}/{self.index.code}/{self.year}")
        first = min(self._tables.years, default=self.year)
        return list(range(max(first, self.year - 5), self.year + 1))

    @property
    def framework(self) -> Framework | None:
        """The year's method, where known."""
        return self._known.framework(self.index.code, self.year)

    @property
    def breaks(self) -> list[int]:
        """The years whose method differs from the year before."""
        known = self.index.frameworks
        return [year for year in sorted(known) if year - 1 in known and known[year] != known[year - 1]]

    @property
    def groups(self) -> Sequence[Group]:
        """The bands that the ministry sorted units into in that year; empty where not known."""
        return self.index.groups.get(self.year, ())

    @property
    def operations(self) -> pd.DataFrame:
        """Operational figures of the unit for the year, and for the quarter after it, in which results are published."""
        if self.index.has_operations:
            self._note(f"{word('figures', self.derived)}/{OPERATIONS}/{self.year}/{self.unit}")
        return self._operations

    @cached_property
    def _operations(self) -> pd.DataFrame:
        panel = preferred(self._known, on_its_pages(self.index), self.derived)[0].panel
        return panel[(panel["index"] == OPERATIONS) & (panel["unit"] == self.unit) & in_the_year(panel, self.year)].reset_index(drop=True)

    @property
    def press(self) -> tuple[Press, ...]:
        """The articles that are filed about the unit's year, each with what is known independently of it."""
        self._note(f"{word('press', self.derived)}/{self.index.code}/{self.unit}/{self.year}")
        return self._press

    @cached_property
    def _press(self) -> tuple[Press, ...]:
        return press_of(self._known, self.index.code, self.unit, self.year, self.derived)

    @property
    def scorecard(self) -> Scorecard:
        """What the unit filled in about itself for the year; empty where nothing was added."""
        self._note(f"scorecard/{self.index.code}/{self.unit}/{self.year}")
        return self._scorecard

    @cached_property
    def _scorecard(self) -> Scorecard:
        return scorecard_of(self._known, self.index.code, self.unit, self.year, self.words)

    def source_title(self, source: str) -> str:
        """What a source is called on the page."""
        return self._known.source_title(source, self.lang)

    @property
    def beside(self) -> pd.DataFrame:
        """The figures up to the year of the index that stands beside this one; empty where there is none."""
        if self.beside_data is not None:
            self._note_years("figures", self.beside_data._tables)
        return self._beside

    @cached_property
    def _beside(self) -> pd.DataFrame:
        return self._panel.iloc[:0] if self.beside_data is None else self.beside_data._tables.panel_until(self.year).copy(deep=False)

    @property
    def others(self) -> Mapping[str, pd.DataFrame]:
        """The figures of the year of every other index, by code; no rows where it has none, or none that can be used."""
        return {code: figures_of_year(self._known, code, self.year, self.derived) for code in self.other_indices}

    @property
    def other_indices(self) -> Mapping[str, Index]:
        """Every other index of the catalogue, by code."""
        others = {code: index for code, index in sorted(self._known.indices.items()) if code != self.index.code}
        self._note("reference/indices", *(f"reference/{code}" for code in others))
        return others

    @property
    def breaks_beside(self) -> list[int]:
        """The years whose method differs from the year before, of the satisfaction index."""
        known = {} if self.beside_data is None else self.beside_data.index.frameworks
        return [year for year in sorted(known) if year - 1 in known and known[year] != known[year - 1]]

    @property
    def tiles(self) -> pd.DataFrame:
        """The tile map of the units of the year: unit, row, col, label, kind."""
        self._note("reference/tiles")
        wanted = "63" if self.year <= 2024 else "34"
        rows = [tile for tile in self._known.tiles if tile["unit_set"] == wanted]
        cells = [{"unit": tile["code"], "row": int(tile["row"]), "col": int(tile["col"]), "label": tile[f"label_{self.lang}"], "kind": tile["kind"]} for tile in rows]
        return pd.DataFrame(cells, columns=["unit", "row", "col", "label", "kind"])

    @property
    def indicators(self) -> Mapping[str, Any]:
        """Labels of the operational indicators; empty where such figures do not belong to the index."""
        if self.index.has_operations:
            self._note("reference/indicators")
        return self._known.indicators if self.index.has_operations else {}

    @property
    def trust(self) -> Mapping[str, str]:
        """Class of trust → its name in the reader's language, the most trusted first."""
        return {code: names[self.lang] for code, names in self._known.trust_classes.items()}

    @property
    def conflicts(self) -> pd.DataFrame:
        """The claims about figures that sources state differently: of the unit for the year and the year before, or of all units for the year."""
        self._note(*of_years("claims", self.index.code, [self.year] if self.unit == COUNTRY else [self.base, self.year], self.derived))
        claims = self._claims[self._claims["year"].isin([self.base, self.year])]
        claims = claims[claims["unit"] == self.unit] if self.unit != COUNTRY else claims[claims["year"] == self.year]
        keys = ["unit", "year", "period", "node", "measure"]
        differing = claims.assign(rounded=claims["value"].round(9)).groupby(keys)["rounded"].transform("nunique") > 1
        return claims[differing].sort_values([*keys, "is_preferred", "value", "source"], ascending=[True] * 5 + [False, True, True]).reset_index(drop=True)

    @property
    def sources(self) -> pd.DataFrame:
        """Where the preferred figures of this page's subject come from: source ("" where it is not to be linked), title, trust, years; the most
        trusted first.

        Of a province: its own figures up to the year (of operations, those of the page), and those of its region and the country in
        the year and the year before. Of the country: all figures of the two years.
        """
        self._note_claims_behind_sources()
        claims = claims_behind_pages(self._known, self.index.code, self.derived, self.year)
        recent = claims["year"].isin([self.base, self.year]) & (claims["index"] == self.index.code)
        shown_means = (claims["unit"] == COUNTRY) & (claims["measure"] == "mean") & claims["year"].isin(set(claims.loc[claims["unit"] == self.unit, "year"]))
        own = (claims["unit"] == self.unit) | (recent & claims["unit"].isin([COUNTRY, self.region])) | shown_means
        claims = claims[own] if self.unit != COUNTRY else claims[recent]
        order = list(self._known.trust_classes)
        met: dict[str, tuple[set[str], set[int]]] = {}
        for source, trust, year in zip(claims["source"], claims["trust"], claims["year"], strict=True):
            classes, years = met.setdefault(self._known.collection(str(source)), (set(), set()))
            classes.add(str(trust))
            years.add(int(year))
        ranked = sorted((min(order.index(trust) for trust in classes), source, _span(sorted(years))) for source, (classes, years) in met.items())
        known = self._known
        rows = [(known.link(source), known.source_title(source, self.lang), order[place], years) for place, source, years in ranked]
        return pd.DataFrame(rows, columns=["source", "title", "trust", "years"])

    def _note_claims_behind_sources(self) -> None:
        if self.unit == COUNTRY:
            self._note(*of_years("claims", self.index.code, [self.base, self.year], self.derived))
            return
        self._note_years("claims", self._tables)
        if self.index.beside:
            self._note(*of_years("claims", self.index.beside, range(self.year - 5, self.year + 1), self.derived))
        if self.index.has_operations:
            self._note(*(f"{word('claims', self.derived)}/{OPERATIONS}/{self.year}/{unit}" for unit in (self.unit, COUNTRY)))

    @property
    def identity(self) -> dict[str, Any]:
        """What this page is: embedded in every file made from it, where the state of the data that it was made from is added."""
        return {"report": self.report, "index": self.index.code, "unit": self.unit, "year": self.year, "lang": self.lang, "derived": self.derived}


def _maxima(framework: Framework | None) -> dict[str, float]:
    """Node below the domains → its greatest possible score, where all of them are known."""
    children = [child for domain in framework.domains for child in domain.children] if framework and all(domain.children for domain in framework.domains) else []
    known = {child.code: float(child.maximum) for child in children if child.maximum}
    return known if len(known) == len(children) else {}


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


def words_of(known: Catalog, index: Index, year: int, lang: Language) -> Words:
    framework = known.framework(index.code, year)
    domains = {domain.no: domain.name[lang] for domain in framework.domains} if framework else {}
    of_which = Words(lang).say("of which: {part}")
    parts = {part.name: of_which.format(part=part.label[lang]) if part.within else part.label[lang] for part in framework.parts} if framework else {}
    units = {code: unit.name(lang) for code, unit in known.units.items()}
    nodes = {code: names[lang] for code, names in index.node_names.items()}
    return Words(lang, units, domains, index.label[lang], index.decimals, short_index=index.short[lang], part_names=parts, node_names=nodes, index=index.code)


def view(report: str, *, index: str, year: int, lang: str, unit: str | int = COUNTRY, derived: bool = True, known: Catalog | None = None) -> View:
    """The view for a report. ``unit`` in any spelling; left out for a report of the country.

    Raises ``UnknownName`` for an unknown index, unit or language, and ``DataError`` when the data cannot be used.
    """
    if lang not in LANGUAGES:
        raise UnknownName("language", lang, LANGUAGES)
    known = known or catalog.load()
    record = known.index(index)
    note_reference(known, record)
    data = dataset_of(known, index, on_its_pages(record), derived)
    code = COUNTRY if unit == COUNTRY else resolve_unit(unit, int(year), root=known)
    if code != COUNTRY and known.units[code].kind != "province":
        raise RequestError(f"{code} is not a province", hint="par list units")
    beside = dataset_of(known, record.beside, on_its_pages(record), derived) if record.beside else None
    return View(report, data, int(year), lang, code, derived, words_of(known, record, int(year), lang), beside)
