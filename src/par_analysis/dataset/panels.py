"""An index's claims and its panel: one preferred figure for each key, and the totals that follow from published parts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from par_analysis import catalog, metrics
from par_analysis.catalog import Catalog
from par_analysis.dataset.editions import on_its_pages, read_indices
from par_analysis.errors import DataError, Finding
from par_analysis.model import KEY, Index


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
    return dataset_of(known, record, on_its_pages(record), derived)


def dataset_of(known: Catalog, record: Index, read: frozenset[str], derived: bool) -> Dataset:
    preference, findings = read_indices(known, read, derived)
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


