"""What can be asked for, as tables of text: reports, indices, units, years, sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from par_analysis.errors import Finding, RequestError
from par_analysis.model import Source
from par_analysis.run import contract, values

Table = tuple[Sequence[str], list[Sequence[str]]]


def reports(root: Path) -> Table:
    """Report types with their titles and parameters; a notebook whose parameters cannot be read says so."""
    return ("report", "title", "parameters"), [(name, *_report(path)) for name, path in contract.notebooks(root / "notebooks").items()]


def _report(path: Path) -> tuple[str, str]:
    try:
        read = contract.read_contract(path)
    except RequestError as error:
        return "", str(error).splitlines()[0]
    return read.title, ", ".join(f"{parameter.name}={'(required)' if parameter.default is None else parameter.default}" for parameter in read.parameters)


def _reports(_: str, __: int | None) -> Table:
    from par_analysis import catalog

    return reports(catalog.load().root)


def _indices(_: str, __: int | None) -> Table:
    from par_analysis import catalog

    rows = [(index.code, index.label["vi"], index.label["en"], f"{index.low:g}-{index.high:g} {index.unit_of_measure}") for index in catalog.load().indices.values()]
    return ("index", "tên", "name", "scale"), list(rows)


def _units(_: str, year: int | None) -> Table:
    from par_analysis import catalog

    here = catalog.load()
    units = list(here.units.values()) if year is None else here.provinces(year)
    return ("unit", "tên", "name", "kind", "region", "from", "to"), [
        (unit.code, unit.name_vi, unit.name_en, unit.kind, unit.region, unit.valid_from, unit.valid_to) for unit in units
    ]


def _years(index: str, _: int | None) -> Table:
    from par_analysis import catalog, dataset

    here = catalog.load()
    record = here.indices[values.index(index, list(here.indices))]
    data = dataset.load(record.code)
    return ("year", "units with data", "of", "framework"), [
        (str(year), str(len(data.units_with_data(year))), str(len(here.provinces(year))), record.frameworks.get(year, "")) for year in data.years
    ]


def _sources(_: str, __: int | None) -> Table:
    from par_analysis import catalog
    from par_analysis.run.fetch import is_there

    here = catalog.load()
    rows: list[tuple[str, ...]] = []
    for source in map(here.source, here.sources):
        files = f"{sum(map(is_there, source.files))} of {len(source.files)} fetched" if source.files else "by par add"
        rows.append((source.code, source.label["vi"], files, source.received, source.licence))
    for edition in here.editions.values():
        own = edition.source not in here.sources or here.source(edition.source).licence != edition.licence
        rows.append((edition.code, edition.title["vi"], str(len(edition.files)), edition.received, edition.licence if own else ""))
    return ("source, edition", "title", "files", "received", "licence"), [*sorted(rows)]


def fetchable(sources: Sequence[Source]) -> Table:
    """What each source publishes, how many of its files are there, and under which terms."""
    from par_analysis.run.fetch import is_there

    rows = [(source.code, source.label["vi"], str(len(source.files)), str(sum(map(is_there, source.files))), source.licence) for source in sources]
    return ("source", "tên", "files", "there", "licence"), list(rows)


TABLES: Final[Mapping[str, Callable[[str, int | None], Table]]] = {
    "reports": _reports,
    "indices": _indices,
    "units": _units,
    "years": _years,
    "sources": _sources,
}
"""What can be listed → its table, for an index and a year."""

SEVERITIES: Final = ("error", "warning", "note")
FINDING: Final = ("severity", "source", "file", "row", "column", "rule", "met", "expected", "hint")


def sorted_findings(findings: Sequence[Finding], least: str) -> list[Finding]:
    """Findings of at least a severity, errors first, then by place."""
    kept = [finding for finding in findings if SEVERITIES.index(finding.severity) <= SEVERITIES.index(least)]
    return sorted(kept, key=lambda finding: (SEVERITIES.index(finding.severity), finding.source, finding.file, finding.row, finding.column, finding.rule, finding.met))


def findings_table(findings: Sequence[Finding]) -> Table:
    """One row a finding; row 0, which stands for more than one row, is left empty."""
    return FINDING, [[str(getattr(finding, name) or "") for name in FINDING] for finding in findings]
