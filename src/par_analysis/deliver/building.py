"""The steps of a pipeline that get figures and make reports: what ``par fetch``, ``par check`` and ``par build`` do, with settings for arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, PlainValidator

from par_analysis.deliver.settings import Settings
from par_analysis.errors import DataError, ParError, RequestError

if TYPE_CHECKING:
    from par_analysis.catalog import Catalog
    from par_analysis.model import Source
    from par_analysis.run.fetch import Fetched
    from par_analysis.run.known import Known
    from par_analysis.run.plan import Job
    from par_analysis.run.run import Run

ALL: Final = "all"
LATEST: Final = "latest"
"""In place of a year: every year with data, and the last of them, whichever that is when the step runs."""


def _is_word(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _words(value: object) -> object:
    if not _is_word(value) and not (isinstance(value, list) and all(map(_is_word, value))):
        raise ValueError("a text, a whole number, or a list of them")
    return value


def _value(value: object) -> object:
    if not isinstance(value, str | int):
        raise ValueError("a text, a whole number, true or false")
    return value


Words = Annotated[str | int | list[str | int], PlainValidator(_words)]


@dataclass(frozen=True)
class Done:
    """What a step did: how many things it changed, and what it says of that."""

    changed: int = 0
    said: tuple[str, ...] = ()


class Fetching(Settings):
    """The table ``[fetch]``: whose files are downloaded, and whether those that publishers may replace are looked at again every time."""

    sources: list[str] = Field(min_length=1)
    look_again: bool = False


class Checking(Settings):
    """The table ``[check]``: it has no settings; that it is there asks for the step."""


class Building(Settings):
    """A table ``[[build]]``: a report type, and what ``par build`` takes as options."""

    report: str
    index: Words = Field(default_factory=list)
    year: Words = Field(default_factory=list)
    unit: Words = Field(default_factory=list)
    lang: Words = Field(default_factory=list)
    formats: list[str] = Field(default=["html", "pdf"], min_length=1)
    set: dict[str, Annotated[str | int | bool, PlainValidator(_value)]] = Field(default_factory=dict)


def fetch(settings: Fetching) -> Done:
    """Download what is not there yet. Raises ``ParError`` with every file that did not come, ``DataError`` for figures that are wrong."""
    from par_analysis import catalog
    from par_analysis.run import fetch as fetching

    known = catalog.load()
    sources = fetching.chosen(known, settings.sources)
    came, failed, count = _fetched(sources, known, look_again=settings.look_again)
    if came:
        catalog.forget()
        found = fetching.check(sources, catalog.load())
        if any(finding.severity == "error" for finding in found):
            raise DataError(found)
    if failed:
        hint = next((hint for _, hint in failed if hint), "")
        raise ParError("\n  ".join([f"{len(failed)} of {count} files did not come", *(line for line, _ in failed)]), hint=hint)
    return Done(len(came), tuple(f"{label} came" for label in came) or (f"{count} files are there already",))


def _fetched(sources: Sequence[Source], known: Catalog, *, look_again: bool) -> tuple[list[str], list[tuple[str, str]], int]:
    """The files that came, those that did not with the reason and a hint, and how many there are."""
    from par_analysis.run import fetch as fetching

    with closing(fetching.fetch(sources, known)) as files:
        fetched = {one.label: one for one in files}
    if look_again:
        fetched |= {one.label: one for one in _looked_again(sources, known, fetched)}
    came = [label for label, one in fetched.items() if not one.error and not one.was_there]
    return came, [(f"{label}: {one.error}", one.error.hint) for label, one in fetched.items() if one.error], len(fetched)


def _looked_again(sources: Sequence[Source], known: Catalog, fetched: Mapping[str, Fetched]) -> Iterator[Fetched]:
    """Those files once more of which nobody recorded what they have to be, where they were there already."""
    from par_analysis.run import fetch as fetching

    there = {one.file for one in fetched.values() if one.was_there and not one.file.sha256}
    again = [replace(source, files=tuple(file for file in source.files if file in there)) for source in sources]
    with closing(fetching.fetch([source for source in again if source.files], known, again=True)) as files:
        yield from files


def check(_: Checking) -> Done:
    """Read all data. Raises ``DataError`` where a finding is an error."""
    from par_analysis import catalog, dataset
    from par_analysis.run import narrative_checks

    found = [*narrative_checks.check(catalog.load()), *dataset.check()]
    if any(finding.severity == "error" for finding in found):
        raise DataError(found)
    return Done(0, (f"{len(found)} findings, none of them an error",))


def build(asked: Sequence[Building], out: Path) -> Done:
    """Make the reports that are out of date. Raises ``InvalidRequest``, and ``ParError`` with every way in which reports failed."""
    from par_analysis import catalog
    from par_analysis.run import crew
    from par_analysis.run import settings as how
    from par_analysis.run.known import known
    from par_analysis.run.record import Record
    from par_analysis.run.run import perform, sort_out

    here = known()
    run = sort_out(jobs(asked, here, out), catalog.load())
    chosen = how.Settings(unit_names=here.unit_names)
    makers, facts = crew.crew(chosen, workers=None, retries=2, cluster=None, root=here.root)
    record, status = Record({"report": ", ".join(dict.fromkeys(one.report for one in asked)), "out": out.as_posix(), **facts}), "broken off"
    try:
        for _ in perform(run, chosen, record, makers):
            pass
        status = "failed" if run.failed else "complete"
    finally:
        record.write(out, status)
    return _told(run)


def jobs(asked: Sequence[Building], here: Known, out: Path) -> list[Job]:
    """The reports that are asked for, each once. Raises ``RequestError`` for what cannot be made."""
    from par_analysis.run.contract import find_notebook, read_contract
    from par_analysis.run.plan import Request, plan, require_distinct_folders

    found: dict[Path, Job] = {}
    for one in asked:
        contract = read_contract(find_notebook(one.report, here.notebooks))
        default = {parameter.name: parameter.default for parameter in contract.parameters}
        for values in _requests(one, here, default):
            found |= {job.folder: job for job in plan(Request(values, one.formats, out), contract, here)}
    require_distinct_folders(found.values())
    return list(found.values())


def _requests(one: Building, here: Known, default: Mapping[str, Any]) -> Iterator[dict[str, list[object]]]:
    """What is asked for, once an index where the years depend on what there is."""
    from par_analysis.run.values import split

    given: dict[str, list[object]] = {name: _listed(getattr(one, name)) for name in ("index", "year", "unit", "lang")}
    values = {name: words for name, words in given.items() if words} | {name: [value] for name, value in one.set.items()}
    years = [str(year).casefold() for year in given["year"]]
    if not {ALL, LATEST} & set(years):
        yield values
        return
    if len(years) > 1:
        raise RequestError(f"build {one.report}: {years[0]!r} stands alone, without other years")
    for index in [item for text in (given["index"] or [default.get("index")]) for item in split(text)]:
        there = _years(index, here)
        yield values | {"index": [index], "year": list(there if years == [ALL] else there[-1:])}


def _years(index: str, here: Known) -> tuple[int, ...]:
    from par_analysis.run.values import index as code_of

    there = here.years(code_of(index, here.indices))
    if not there:
        raise RequestError(f"{index} has no data", hint="par fetch lists what can be downloaded")
    return there


def _listed(words: Words) -> list[object]:
    return list(words) if isinstance(words, list) else [words]


def _told(run: Run) -> Done:
    from par_analysis.run.run import grouped

    made = len(run.outcomes) - len(run.failed)
    if run.failed:
        ways = [f"{gist} ({group[0].job.label}{f' and {len(group) - 1} more' if len(group) > 1 else ''})" for gist, group in grouped(run.outcomes).items()]
        raise ParError("\n  ".join([f"{len(run.failed)} of {len(run.jobs)} reports could not be made", *ways]), hint="the last good ones stand; par build tells more of each")
    warnings = {warning for outcome in run.outcomes for warning in outcome.warnings}
    said = [f"{made} of {len(run.jobs)} reports made" if made else f"{len(run.jobs)} reports are up to date", *sorted(f"warning: {one}" for one in warnings)]
    return Done(made, (*said, *run.remarks))
