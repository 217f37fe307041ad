"""An index's data as a notebook reads it by itself: ``load``. What is asked for is noted, of all years."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.dataset.editions import every_index, on_its_pages, read_indices
from par_analysis.dataset.panels import Tables, tables_of
from par_analysis.dataset.reads import EVERYTHING, note, of_years, word
from par_analysis.errors import DataError, Finding
from par_analysis.model import Index


@dataclass(frozen=True, eq=False)
class Dataset:
    """One index, cleaned: ``claims`` (all of them), ``panel`` (the preferred one for each key), ``findings``."""

    _tables: Tables
    derived: bool = True

    def _note(self, *names: str) -> None:
        note(self._tables.known, *names)

    def _note_years(self, kind: str, years: Iterable[int]) -> None:
        code = self._tables.index.code
        self._note(f"{word('years', self.derived)}/{code}", *of_years(kind, code, years, self.derived))

    @property
    def index(self) -> Index:
        """The index."""
        return self._tables.index

    @property
    def known(self) -> Catalog:
        """The catalogue, with all that stands in it."""
        self._note(EVERYTHING)
        return self._tables.known

    @property
    def claims(self) -> pd.DataFrame:
        """Every claim, the preferred ones marked."""
        self._note_years("claims", self._tables.years_of_claims)
        return self._tables.claims.copy(deep=False)

    @property
    def panel(self) -> pd.DataFrame:
        """The preferred figures, and those that are computed from them."""
        self._note_years("figures", self._tables.years)
        return self._tables.panel.copy(deep=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks met in all that was read for the index's pages."""
        self._note(f"{word('findings', self.derived)}/{self._tables.index.code}/every")
        return self._tables.findings

    @property
    def years(self) -> list[int]:
        """The years with a figure of any unit."""
        self._note_years("figures", ())
        return list(self._tables.years)

    def units_with_data(self, year: int | None = None) -> list[str]:
        """Codes of the provinces with a figure (in a year)."""
        self._note_years("figures", self._tables.years if year is None else (year,))
        return self._tables.units_with_data(year)


def load(index: str, *, derived: bool = True, known: Catalog | None = None) -> Dataset:
    """An index's claims and panel. Raises ``UnknownName``, and ``DataError`` with all findings when one is an error."""
    known = known or catalog.load()
    note_reference(known, known.index(index))
    return dataset_of(known, index, on_its_pages(known.index(index)), derived)


def dataset_of(known: Catalog, code: str, read: frozenset[str], derived: bool) -> Dataset:
    """An index's data, of what is read for the pages of some indices. Raises as ``load``."""
    return Dataset(tables_of(known, code, read, derived), derived)


def note_reference(known: Catalog, index: Index) -> None:
    """Note what every page on an index is made from besides figures: its record and methods and those of the index beside it, units and sources."""
    note(known, "reference/tables", *(f"reference/{code}" for code in (index.code, index.beside) if code))


def check(known: Catalog | None = None) -> list[Finding]:
    """Every finding about every edition, errors first. A data error is a finding here, never a raise."""
    known = known or catalog.load()
    note(known, EVERYTHING)
    every = every_index(known)
    try:
        _, findings = read_indices(known, every, True)
    except DataError as error:
        findings = (*known.findings(), *error.findings)
    if not any(finding.severity == "error" for finding in findings):
        findings = (*findings, *(finding for code in sorted(every & set(known.indices)) for finding in tables_of(known, code, every, True).audit))
    return sorted(findings, key=lambda finding: (("error", "warning", "note").index(finding.severity), finding))


def data_hash(index: str, known: Catalog | None = None) -> str:
    """The state of the raw and reference files that reports on an index are made from."""
    known = known or catalog.load()
    note(known, EVERYTHING)
    return known.data_hash(on_its_pages(known.index(index)))
