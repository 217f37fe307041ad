"""From a request to a list of jobs: every value checked and every output name settled before anything runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from par_analysis.errors import RequestError, UnknownName
from par_analysis.model import COUNTRY
from par_analysis.run import values
from par_analysis.run.contract import IDENTITY, Contract, Parameter, Value
from par_analysis.run.known import Known

FORMATS: Final[Mapping[str, str]] = {"html": "par_html", "pdf": "par_pdf", "docx": "par_docx", "xlsx": "par_xlsx"}
"""Format, which is also the file's ending → name of the exporter."""

USUAL: Final = ("html", "pdf")
"""The formats that are made where none is named."""

ALL_YEARS: Final = "all-years"
"""In place of the year's folder: where reports lie that are about all years."""
NO_YEAR: Final = 0
"""In place of a year, where units are resolved for a report about all years."""

NUMBERS: Final = "numbers.csv"
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Request:
    """What was asked for, as typed: parameter → values or lists of values; a parameter that is not named keeps its default."""

    values: Mapping[str, Sequence[object]] = field(default_factory=dict)
    formats: Sequence[str] = USUAL
    out: Path = Path("reports")


@dataclass(frozen=True)
class Job:
    """One report to make: plain values only, so that it can be sent to another process."""

    report: str
    notebook: Path
    sha256: str
    root: Path
    parameters: tuple[tuple[str, Value], ...]
    out: Path
    folder: Path
    stem: str
    formats: tuple[str, ...]
    unusual: tuple[tuple[str, Value], ...] = ()
    """The parameters with other than the usual values: its files have to name them."""

    @property
    def identity(self) -> dict[str, Value]:
        """What the finished files have to say that they are: report, index, year (unless it is about all of them), lang, unit."""
        given = dict(self.parameters)
        return {"report": self.report, **{name: given[name] for name in IDENTITY if name in given}, "unit": given.get("unit", COUNTRY)}

    @property
    def lang(self) -> str:
        """The report's language."""
        return str(self.identity["lang"])

    @property
    def label(self) -> str:
        """The job in a line: report, index, year, unit, language with what tells it from the usual one."""
        return " ".join([*(str(self.identity[name]) for name in ("report", "index", "year", "unit") if name in self.identity), self.folder.name])

    def file(self, kind: str) -> str:
        """The name of the file of a format."""
        return f"{self.stem}.{self.lang}.{kind}"


class InvalidRequest(RequestError):
    """A request that cannot be carried out: every finding, not the first."""

    def __init__(self, report: str, findings: Sequence[str], *, hint: str = "") -> None:
        self.report, self.findings = report, tuple(findings)
        message = f"{report}: {findings[0]}" if len(findings) == 1 else "\n  ".join([f"{report}: {len(findings)} problems with the request", *findings])
        super().__init__(message, hint=hint)


def slug(text: str) -> str:
    """A name as lower-case ASCII letters, digits and hyphens.

    >>> slug("Bà Rịa – Vũng Tàu"), slug("Đắk Lắk"), slug("../../etc")
    ('ba-ria-vung-tau', 'dak-lak', 'etc')
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d").replace("ð", "d")
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def unit_slug(code: str, known: Known) -> str:
    """A unit's slug: its code, so that no two units share one, then its Vietnamese name.

    Raises ``RequestError`` for a code that is no file name.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", code):
        raise RequestError(f"unit code {code!r} cannot name a folder")
    name = slug(known.unit_names.get(code, {}).get("vi", ""))
    return "-".join(part for part in (code.lower().replace("_", "-"), name) if part)


def plan(request: Request, contract: Contract, known: Known) -> tuple[Job, ...]:
    """The jobs of a request, in order of index, year, unit and language.

    Raises ``InvalidRequest`` with every unknown name, missing value and mistyped value of the whole batch.
    """
    findings = list(_unknown_names(request, contract))
    axes = {parameter.name: _items(parameter, request, known, findings) for parameter in contract.parameters}
    _require_years(axes, known, findings)
    _require_ranks(contract, axes, known, findings)
    resolved = _resolve_units(contract, axes, known, findings)
    if findings:
        raise InvalidRequest(contract.report, list(dict.fromkeys(findings)), hint=_hint(contract))
    chosen = _combinations(_ordered(contract), axes, resolved, {})
    combinations = dict.fromkeys(tuple((name, given[name]) for name in contract.names) for given in chosen)
    jobs = tuple(_job(parameters, request, contract, known) for parameters in combinations)
    require_distinct_folders(jobs)
    return jobs


def _hint(contract: Contract) -> str:
    return f"{contract.report} takes " + ", ".join(f"{parameter.name} ({parameter.type})" for parameter in contract.parameters)


def _unknown_names(request: Request, contract: Contract) -> Iterator[str]:
    for name in request.values:
        if name not in contract.names:
            told = {"year": f": {contract.report} is about all years", "unit": f": {contract.report} is about the whole country"}.get(name, "")
            yield str(UnknownName("parameter", name, contract.names, suggestions=() if told else None)) + told
    for kind in request.formats:
        if kind not in FORMATS:
            yield str(UnknownName("format", kind, list(FORMATS)))
    if not request.formats:
        yield "no format is asked for"


def _items(parameter: Parameter, request: Request, known: Known, findings: list[str]) -> list[Value]:
    """The values of a parameter; units stay as typed until the year is known."""
    given = request.values.get(parameter.name, () if parameter.default is None else (parameter.default,))
    typed = [item for raw in given for item in values.split(raw)]
    if not typed or "" in typed:
        findings.append(f"{parameter.name}: a value is missing")
    read: list[Value] = []
    for item in filter(None, typed):
        try:
            read += [item] if parameter.type == "Unit" else values.READERS[parameter.type](item, known)
        except RequestError as error:
            findings.append(f"{parameter.name}: {error}")
    return list(dict.fromkeys(read))


def _require_years(axes: Mapping[str, list[Value]], known: Known, findings: list[str]) -> None:
    for index in map(str, axes["index"]):
        there = known.years(index)
        absent = [str(year) for year in axes.get("year", ()) if year not in there]
        if not there and "year" not in axes:
            findings.append(f"index: {index} has no data; par fetch lists what can be downloaded")
        if absent:
            few = ", ".join(absent[:6]) + (f" and {len(absent) - 6} more" if len(absent) > 6 else "")
            findings.append(f"year: {index} has no data for {few}: known are {_spans(there)}" + ("" if there else "; par fetch lists what can be downloaded"))


def _require_ranks(contract: Contract, axes: Mapping[str, list[Value]], known: Known, findings: list[str]) -> None:
    """A rank is one of as many as there are units, in every year of the request that has data."""
    ranks = [(parameter.name, int(value)) for parameter in contract.parameters if parameter.type == "Rank" for value in axes[parameter.name]]
    there = {year for index in map(str, axes["index"]) for year in known.years(index)} if ranks else set()
    counts = {int(year): len(known.provinces(int(year))) for year in axes.get("year", ()) if year in there}
    for name, value in ranks:
        short = [year for year, count in counts.items() if value > count]
        if short:
            findings.append(f"{name}: {value} is no rank among {min(counts[year] for year in short)} units (in {_spans(short)})")


def _spans(years: Iterable[int]) -> str:
    """Years as runs: 2012-2014, 2018.

    >>> _spans([2012, 2013, 2014, 2018])
    '2012-2014, 2018'
    """
    ordered = sorted(years)
    starts = [year for year in ordered if year - 1 not in ordered]
    ends = [year for year in ordered if year + 1 not in ordered]
    return ", ".join(str(start) if start == end else f"{start}-{end}" for start, end in zip(starts, ends, strict=True)) or "none"


def _years_for_units(contract: Contract, axes: Mapping[str, list[Value]], known: Known) -> dict[int, int]:
    """Year of a report → the year in which names of units are looked up: those with data, so that one mistake is told once; else the notebook's own.

    A report about all years stands under ``NO_YEAR``; its units are those of the last year with data.
    """
    indices = [str(index) for index in axes["index"]] or known.indices
    there = {year for index in indices for year in known.years(index)}
    if "year" not in axes:
        return {NO_YEAR: max(there, default=NO_YEAR)}
    default = next(parameter.default for parameter in contract.parameters if parameter.name == "year")
    years = [int(year) for year in axes["year"] if year in there] or [int(default or max(there, default=NO_YEAR))]
    return dict(zip(years, years, strict=True))


def _resolve_units(contract: Contract, axes: Mapping[str, list[Value]], known: Known, findings: list[str]) -> dict[tuple[str, int], list[Value]]:
    """(unit as typed, year) → codes. A name that is unknown in every year of the request is one finding."""
    years = _years_for_units(contract, axes, known)
    resolved: dict[tuple[str, int], list[Value]] = {}
    for parameter in contract.parameters:
        for text in map(str, axes[parameter.name] if parameter.type == "Unit" else ()):
            failures: dict[str, list[int]] = {}
            for year, looked_up in years.items():
                try:
                    resolved[text, year] = values.units(text, looked_up, known)
                except RequestError as error:
                    failures.setdefault(str(error), []).append(year)
            for message, failed in failures.items():
                findings.append(f"{parameter.name}: {message}" + ("" if len(failed) == len(years) else f" (in {_spans(failed)})"))
    return resolved


def _ordered(contract: Contract) -> list[Parameter]:
    """Parameters from the slowest to the fastest: index, year, unit and others, language, so that a unit's pages are neighbours."""
    places = {"index": 0, "year": 1, "lang": 3}
    return sorted(contract.parameters, key=lambda parameter: places.get(parameter.name, 2))


def _combinations(
    order: Sequence[Parameter], axes: Mapping[str, list[Value]], resolved: Mapping[tuple[str, int], list[Value]], chosen: Mapping[str, Value]
) -> Iterator[dict[str, Value]]:
    """Every combination of values; the units of a year are known once the year is chosen."""
    if not order:
        yield dict(chosen)
        return
    first = order[0]
    options = axes[first.name]
    if first.type == "Unit":
        options = [code for text in map(str, options) for code in resolved[text, int(chosen.get("year", NO_YEAR))]]
    for value in options:
        yield from _combinations(order[1:], axes, resolved, {**chosen, first.name: value})


def _job(parameters: tuple[tuple[str, Value], ...], request: Request, contract: Contract, known: Known) -> Job:
    given = dict(parameters)
    unusual = _unusual(contract, given)
    variant = "".join(map(_told, unusual, unusual.values()))
    place = unit_slug(str(given.get("unit", COUNTRY)), known)
    folder = request.out / str(given.get("year", ALL_YEARS)) / contract.report / str(given["index"])
    folder = folder / place if "unit" in given else folder
    return Job(
        report=contract.report,
        notebook=contract.notebook,
        sha256=contract.sha256,
        root=known.root,
        parameters=parameters,
        out=request.out,
        folder=folder / f"{given['lang']}{variant}",
        stem=_stem(contract, given, place) + variant,
        formats=tuple(kind for kind in FORMATS if kind in request.formats),
        unusual=tuple(unusual.items()),
    )


def _stem(contract: Contract, given: Mapping[str, Value], place: str) -> str:
    """What a report's files are called: by unit, index and year; one about all years by its unit, where it has one, index and type."""
    index = slug(str(given["index"]))
    if "year" in given:
        return f"{place}-{index}-{given['year']}"
    return "-".join([*([place] if "unit" in given else []), index, slug(contract.report)])


def _unusual(contract: Contract, given: Mapping[str, Value]) -> dict[str, Value]:
    """The settings of a report that are not the usual ones."""
    return {one.name: given[one.name] for one in contract.parameters if one.name not in IDENTITY and given[one.name] != one.default}


def _told(name: str, value: Value) -> str:
    """What tells a report with another setting from the usual one: ``-no-derived``, ``-base-year-2019``."""
    return f"-{slug(name)}" if value is True else f"-no-{slug(name)}" if value is False else f"-{slug(name)}-{slug(str(value))}"


def require_distinct_folders(jobs: Iterable[Job]) -> None:
    """No job's folder is another's or lies within it, also where upper and lower case are the same. Raises ``InvalidRequest``."""
    owners: dict[tuple[str, ...], Job] = {}
    findings = []
    for job in jobs:
        place = tuple(part.casefold() for part in job.folder.parts)
        other = owners.setdefault(place, job)
        if other is not job:
            findings.append(f"{other.label} and {job.label} would both be written to {job.folder}")
    for place, job in owners.items():
        inside = next((owners[place[:depth]] for depth in range(1, len(place)) if place[:depth] in owners), None)
        if inside:
            findings.append(f"{job.folder} would lie within the report folder {inside.folder}")
    if findings:
        raise InvalidRequest(next(iter(owners.values())).report, findings)
