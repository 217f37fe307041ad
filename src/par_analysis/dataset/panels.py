"""An index's claims and its panel: one preferred figure for each key, and the totals that follow from published parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import pandas as pd

from par_analysis import metrics
from par_analysis.catalog import Catalog
from par_analysis.clean.prefer import Preference
from par_analysis.dataset.audits import audit_findings
from par_analysis.dataset.editions import OPERATIONS, in_the_year, on_its_pages, read_indices
from par_analysis.errors import DataError, Finding
from par_analysis.metrics.national import OF_COUNTRY
from par_analysis.model import COUNTRY, KEY, TOTAL, Index


@dataclass(frozen=True, eq=False)
class Tables:
    """One index, cleaned: ``claims`` (all of them), ``panel`` (the preferred one for each key), ``findings``. What is read here is not noted."""

    index: Index
    known: Catalog
    claims: pd.DataFrame
    panel: pd.DataFrame
    read_findings: tuple[Finding, ...]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks met in all that was read with it, and what an audit of its figures meets."""
        return (*self.read_findings, *self.audit)

    @cached_property
    def audit(self) -> tuple[Finding, ...]:
        """What an audit of its figures meets."""
        return audit_findings(self.known, self.index, self.claims, self.panel, {year: self.about(year) for year in self.years})

    def about(self, year: int) -> tuple[str, ...]:
        """Codes of the provinces that the index is about in a year: those that it ranks; of one that sums its parts all of the year."""
        return tuple(unit.code for unit in self.known.provinces(year)) if self.index.is_summed else self.ranked(year)

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
    def ranked(self, year: int) -> tuple[str, ...]:
        """Codes of the provinces that the index ranks in a year, as ``_ranked`` says."""
        return _ranked(self.known, self.index, self.panel, year)

    @lru_cache(maxsize=64)  # noqa: B019
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
    used = claims["is_preferred"] & ~(is_of_country(claims) & (claims["index"] == code)) if index.is_summed else claims["is_preferred"]
    return claims[used & (shown | ((claims["index"] == OPERATIONS) & in_the_year(claims, year)))]


@lru_cache(maxsize=16)
def tables_of(known: Catalog, code: str, read: frozenset[str], derived: bool) -> Tables:
    """An index's claims and panel, with ``read`` the indices whose editions are read. Raises ``UnknownName``, and ``DataError`` as ``preferred``."""
    record = known.index(code)
    preference, findings = preferred(known, read, derived)
    claims, panel = (table[table["index"] == code].reset_index(drop=True) for table in (preference.claims, preference.panel))
    if not record.is_summed:
        return Tables(record, known, claims, _with_country(known, record, panel), findings)
    claims = claims.assign(is_preferred=claims["is_preferred"] & ~is_of_country(claims))
    return Tables(record, known, claims, _with_totals(known, record, panel), findings)


def is_of_country(table: pd.DataFrame) -> pd.Series[bool]:
    """Which rows state the country's mean, median, highest or lowest. Of an index whose totals are computed here these are computed with them, of the same provinces, so that
    distances from the mean add up to nothing; what is stated of them stays a claim, and is audited."""
    return (table["unit"] == COUNTRY) & table["measure"].isin(OF_COUNTRY)


def _ranked(known: Catalog, index: Index, panel: pd.DataFrame, year: int) -> tuple[str, ...]:
    """Codes of the provinces that an index ranks in a year: of one that sums its parts those with a total; else those with a result, where its record says that it ranked as
    many; else all of the year."""
    provinces = [unit.code for unit in known.provinces(year)]
    totals = panel[(panel["year"] == year) & (panel["node"] == TOTAL) & panel["measure"].isin(["score"] if index.is_summed else ["score", "rank"])]
    met = sorted(set(totals["unit"]) & set(provinces))
    return tuple(met if index.is_summed or len(met) == index.count_of_units(year) else provinces)


def _with_country(known: Catalog, index: Index, panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with the country's figures of the years in which all ranked provinces have a score."""
    years = sorted({int(year) for year in panel["year"]})
    found = [metrics.country_figures(panel, year=year, units=_ranked(known, index, panel, year), median=index.has_median) for year in years]
    made = [table for table in found if len(table)]
    return pd.concat([panel, *made], ignore_index=True).sort_values(list(KEY), kind="stable").reset_index(drop=True) if made else panel


def _with_totals(known: Catalog, index: Index, panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with the sums, ranks and means that follow from its parts."""
    panel = panel[~is_of_country(panel)].reset_index(drop=True)
    found = [panel]
    for year in sorted({int(year) for year in panel["year"]}):
        framework = known.framework(index.code, year)
        if framework is not None and framework.tree:
            maxima = {node: maximum for node, (_, maximum) in framework.limits.items()}
            units = [unit.code for unit in known.provinces(year)]
            found.append(metrics.totals(panel, year=year, units=units, tree=framework.tree, maxima=maxima, higher_is_better=index.higher_is_better))
    return pd.concat(found, ignore_index=True).sort_values(list(KEY), kind="stable").reset_index(drop=True)
