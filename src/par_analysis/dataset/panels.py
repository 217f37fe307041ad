"""An index's claims and its panel: one preferred figure for each key, and the totals that follow from published parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import pandas as pd

from par_analysis import metrics
from par_analysis.catalog import Catalog
from par_analysis.clean.prefer import Preference
from par_analysis.dataset.editions import OPERATIONS, in_the_year, on_its_pages, read_indices
from par_analysis.errors import DataError, Finding
from par_analysis.model import KEY, Index


@dataclass(frozen=True, eq=False)
class Tables:
    """One index, cleaned: ``claims`` (all of them), ``panel`` (the preferred one for each key), ``findings``. What is read here is not noted."""

    index: Index
    known: Catalog
    claims: pd.DataFrame
    panel: pd.DataFrame
    findings: tuple[Finding, ...]

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years with a figure of any unit."""
        return tuple(sorted(int(year) for year in self.panel["year"].unique()))

    @cached_property
    def years_of_claims(self) -> tuple[int, ...]:
        """The years with a claim about any unit."""
        return tuple(sorted(int(year) for year in self.claims["year"].unique()))

    def units_with_data(self, year: int | None = None) -> list[str]:
        """Codes of the provinces with a figure (in a year)."""
        rows = self.panel if year is None else self.panel[self.panel["year"] == year]
        return sorted({unit for unit in rows["unit"] if unit in self.known.units and self.known.units[unit].kind == "province"})

    @lru_cache(maxsize=64)  # noqa: B019 - tables are held as long as their catalogue anyway
    def panel_until(self, year: int) -> pd.DataFrame:
        """The panel's rows of the years up to one; the same object for every report of a year."""
        return _until(self.panel, year)

    @lru_cache(maxsize=64)  # noqa: B019
    def claims_until(self, year: int) -> pd.DataFrame:
        """The claims about the years up to one."""
        return _until(self.claims, year)

    def findings_about_it(self) -> tuple[Finding, ...]:
        """What the checks met in this index's figures, and in the files that hold some of them; not what they met in another index's."""
        files = set(self.claims["file"])
        others = tuple(f"{code} " for code in (*self.known.indices, OPERATIONS) if code != self.index.code)
        own = (finding for finding in self.findings if finding.file in files or finding.column.startswith(f"{self.index.code} "))
        return tuple(finding for finding in own if not finding.column.startswith(others))


def _until(table: pd.DataFrame, year: int) -> pd.DataFrame:
    return table[table["year"] <= year].reset_index(drop=True)


def preferred(known: Catalog, read: frozenset[str], derived: bool) -> tuple[Preference, tuple[Finding, ...]]:
    """The claims about some indices with the preferred ones chosen, and the findings. Raises ``DataError`` with all of them when one is an error."""
    preference, findings = read_indices(known, read, derived)
    if any(finding.severity == "error" for finding in findings):
        raise DataError(findings)
    return preference, findings


@lru_cache(maxsize=64)
def claims_behind_pages(known: Catalog, code: str, derived: bool, year: int) -> pd.DataFrame:
    """The preferred claims that pages on an index and a year rest on: its own up to the year, six years of the index beside it, operations of the year."""
    index = known.index(code)
    claims = preferred(known, on_its_pages(index), derived)[0].claims
    shown = (claims["year"] <= year) & ((claims["index"] == code) | ((claims["index"] == index.beside) & (claims["year"] > year - 6)))
    return claims[claims["is_preferred"] & (shown | ((claims["index"] == OPERATIONS) & in_the_year(claims, year)))]


@lru_cache(maxsize=16)
def tables_of(known: Catalog, code: str, read: frozenset[str], derived: bool) -> Tables:
    """An index's claims and panel, with ``read`` the indices whose editions are read. Raises ``UnknownName``, and ``DataError`` as ``preferred``."""
    record = known.index(code)
    preference, findings = preferred(known, read, derived)
    claims, panel = (table[table["index"] == code].reset_index(drop=True) for table in (preference.claims, preference.panel))
    return Tables(record, known, claims, _with_totals(known, record, panel) if record.is_summed else panel, findings)


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
