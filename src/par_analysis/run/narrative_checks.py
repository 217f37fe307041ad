"""What is wrong with words of one's own, found before anything is made: where they lie, what they say of themselves, where they are to stand, what a page can show."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from par_analysis.catalog import Catalog
from par_analysis.dataset import narratives as filed
from par_analysis.dataset.narratives import ALL_YEARS, BadWords, Narrative
from par_analysis.errors import Finding, ParError, Severity, nearest
from par_analysis.model import COUNTRY, Language
from par_analysis.run import contract, numbers
from par_analysis.run.narratives import BadPlace, Section, folded, placed, sections, spot
from par_analysis.run.plan import Job, slug

_ANY_DAY: Final = "2024-03-01"
"""The day of a text whose own one is wrong, which is told."""
MOST: Final = 30
"""So many remarks on a file's text are told one by one."""


@dataclass(frozen=True)
class Checked:
    """The jobs whose words cannot be used, each with all that is wrong with them; and what else is to be told, in a line each."""

    refused: Mapping[Job, BadWords]
    warnings: tuple[str, ...]


def before(jobs: Sequence[Job], known: Catalog) -> Checked:
    """Look at the words that some jobs will read. Raises ``BadWords`` for those of their indices that belong to no unit: they could be anybody's."""
    lost = list(filed.misplaced(known, {str(job.identity["index"]) for job in jobs}))
    if nobodys := [finding for finding in lost if _unit_of(finding, known) is None]:
        raise BadWords(nobodys)
    reader = _Reader(known)
    found = {job: [*(one for one in lost if _unit_of(one, known) == (job.identity["index"], job.identity["unit"])), *reader.about(job)] for job in jobs}
    refused = {job: BadWords(met) for job, met in found.items() if _has_errors(met)}
    warnings = dict.fromkeys(filed.said(finding) for met in found.values() for finding in met if finding.severity == "warning")
    return Checked(refused, tuple(warnings))


def check(known: Catalog, today: datetime.date | None = None) -> list[Finding]:
    """Everything that is wrong with all words of one's own."""
    reader, day = _Reader(known), (today or datetime.date.today()) + datetime.timedelta(days=1)  # in some place of the world it is tomorrow already
    found = list(filed.misplaced(known))
    files = filed.every_file(known)
    for path in files:
        narrative, findings = reader.file(path)
        found += findings
        found += [reader.finding(path, "date", narrative.date, "a day that has come", severity="warning")] if narrative and narrative.date > day.isoformat() else []
    for subject in sorted({_subject(path) for path in files}):
        together = [path for path in files if _subject(path) == subject]
        found += [finding for report in reader.types for finding in (*reader.in_report(together, report), *reader.to_nowhere(together, report))]
    return list(dict.fromkeys(found))


def _unit_of(finding: Finding, known: Catalog) -> tuple[str, str] | None:
    """The index and the unit that a misplaced file belongs to all the same."""
    _, *parts = finding.file.split("/")
    return (parts[0], parts[1]) if len(parts) == 3 and parts[1] in known.units else None


def _has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _subject(path: Path) -> tuple[str, str, str, str]:
    """Index, unit, year and language of a file."""
    year, lang, _ = path.name.split(".")
    return path.parents[1].name, path.parent.name, ALL_YEARS if year.startswith(ALL_YEARS) else year[:4], lang


class _Reader:
    """Reads every file and every notebook once."""

    def __init__(self, known: Catalog) -> None:
        self.known = known
        self.types = contract.notebooks(known.root / "notebooks")
        self.file = cache(self._file)
        self.contract_of, self.cells_of = cache(contract.read_contract), cache(_cells)

    def about(self, job: Job) -> list[Finding]:
        """What is wrong with the words that a job will read."""
        paths = filed.files_of(self.known, filed.slice_of(job.identity))
        here = {job.report: job.notebook}
        return [finding for path in paths for finding in self.file(path)[1]] + list(self.in_report(paths, job.report, here) if paths else ())

    def finding(self, path: Path, column: str, met: object, expected: str, hint: str = "", *, severity: Severity = "error", near: str = "") -> Finding:
        """A finding about a file, with the line on which a field begins, or on which something stands."""
        lines = _lines(path)
        row = next((row for row, line in enumerate(lines, 1) if (near in line if near else line.replace(" ", "").startswith(f"{column}="))), 0)
        return Finding(severity, "words of one's own", filed.FOLDER, path.relative_to(self.known.root / "data").as_posix(), row, column, str(met), expected, hint)

    # ------------------------------------------------------------ one file

    def _file(self, path: Path) -> tuple[Narrative | None, list[Finding]]:
        narrative, found = filed.read_file(path, self.known)
        more = [*self._content(path, narrative), *self._reports(path, narrative)] if narrative else []
        return None if found else narrative, [*found, *more]

    def _content(self, path: Path, narrative: Narrative) -> Iterator[Finding]:
        """What a page cannot show."""
        from par_analysis.render.narrative import remarks
        from par_analysis.show.language import Words

        if not narrative.text:
            return
        told = {"file": "", "heading": narrative.replaces, "author": narrative.author, "date": narrative.date or _ANY_DAY, "text": narrative.text}
        found = sorted(remarks(told, Words(cast(Language, _subject(path)[3]))), key=lambda one: one.severity != "error")
        for one in found[:MOST]:
            yield self.finding(path, "text", one.problem, filed.SHOWN, one.hint, severity=one.severity, near=one.near or "\0")
        if more := found[MOST:]:
            yield self.finding(path, "text", f"{len(more)} more of these", filed.SHOWN, severity=more[0].severity, near="\0")

    def _reports(self, path: Path, narrative: Narrative) -> Iterator[Finding]:
        """Report types that there are not, or that are about something else."""
        _, unit, year, _ = _subject(path)
        for name in narrative.reports:
            if name not in self.types:
                near = nearest(name, self.types, count=1)
                yield self.finding(path, "report", name, "a report type", f"did you mean {near[0]}?" if near else "par list reports")
                continue
            try:
                takes = self.contract_of(self.types[name]).names
            except ParError as error:
                yield self.finding(path, "report", name, "a report type that can be made", str(error).splitlines()[0])
                continue
            if ("unit" in takes) != (unit != COUNTRY):
                yield self.finding(path, "report", name, "a report about a province" if unit != COUNTRY else "a report about the country", "par list reports")
            if ("year" in takes) != (year != ALL_YEARS):
                yield self.finding(path, "report", name, "a report about all years" if "year" not in takes else "a report about a year", "par list reports")

    # ------------------------------------------------------------ the files of a report

    def in_report(self, paths: Sequence[Path], report: str, types: Mapping[str, Path] | None = None) -> Iterator[Finding]:
        """What keeps the words of a subject from standing in a report of a type, or makes them look as if they stood there twice."""
        own, cells, there = self._standing(paths, report, types or self.types)
        fitting = {}
        for path, narrative in own.items():
            try:
                spot(narrative, there, len(cells))
                fitting[path] = narrative
            except BadPlace as error:
                yield self.finding(path, error.field, error.met, error.expected.replace("the report", report), error.hint)
        yield from self._together(fitting, there, len(cells))

    def _standing(self, paths: Sequence[Path], report: str, types: Mapping[str, Path]) -> tuple[Mapping[Path, Narrative], Sequence[Any], Sequence[Section]]:
        """The words of a subject that are for a report type, its cells and its sections; nothing where it is about something else, or cannot be made."""
        index, unit, year, lang = _subject(paths[0])
        try:
            takes, cells = self.contract_of(types[report]).names, self.cells_of(types[report])
        except ParError:
            return {}, [], []
        if ("unit" in takes) != (unit != COUNTRY) or ("year" in takes) != (year != ALL_YEARS):
            return {}, [], []
        own = {path: narrative for path in paths if (narrative := self.file(path)[0]) and narrative.is_for(report)}
        return own, cells, sections(cells, cast(Language, lang), index)

    def to_nowhere(self, paths: Sequence[Path], report: str) -> Iterator[Finding]:
        """Links to sections that a report of a type does not have, as far as they are known before it is made: which of them stay empty is not."""
        from par_analysis.render.narrative import places
        from par_analysis.render.places import address_of

        own, cells, there = self._standing(paths, report, self.types)
        read = {path: places(narrative.text, narrative.replaces) for path, narrative in own.items()}
        if not any(links for _, links in read.values()):
            return
        index, _, _, lang = _subject(paths[0])
        replaced = {folded(narrative.replaces) for narrative in own.values() if narrative.replaces}
        gone = {place for section in there if folded(section.heading) in replaced for place in range(section.first, section.end)}
        own_headings = [heading for found, _ in read.values() for heading in found]
        addresses: dict[str, int] = {}
        for heading in [*_headings([cell for place, cell in enumerate(cells) if place not in gone], cast(Language, lang), index), *own_headings]:
            address_of(heading, addresses)
        for path, (_, links) in read.items():
            for link in links:
                if link[1:].lower() not in addresses:
                    plain = {slug(name): name for name in addresses}
                    near = [plain[one] for one in nearest(slug(link), plain, count=1)]
                    there_are = f"there are {', '.join(f'#{name}' for name in addresses)}"
                    hint = f"did you mean #{near[0]}? {there_are}" if near else there_are
                    yield self.finding(path, "text", f"the link to {link!r} is left out of {report}, which has no such section", filed.SHOWN, hint, severity="warning", near=link)

    def _together(self, own: Mapping[Path, Narrative], there: Sequence[Section], count: int) -> Iterator[Finding]:
        files = {narrative.file: path for path, narrative in own.items()}
        try:
            placed(list(own.values()), there, count)
        except BadPlace as error:
            yield self.finding(files[error.file], error.field, error.met, error.expected, error.hint)
        yield from self._twice(own, there)

    def _twice(self, own: Mapping[Path, Narrative], there: Sequence[Section]) -> Iterator[Finding]:
        """Headings of one's own that another section has."""
        from par_analysis.render.narrative import heading_of

        replaced = {folded(narrative.replaces) for narrative in own.values() if narrative.replaces}
        taken = {folded(section.heading): "a section of the report" for section in there if folded(section.heading) not in replaced}
        for path, narrative in own.items():
            heading = heading_of(narrative.text)
            if not heading:
                continue
            if whose := taken.get(folded(heading)):
                hint = f"replaces = {heading!r} puts it in the place of that section" if whose.endswith("report") else "give one of the two another heading"
                yield self.finding(path, "text", heading, f"a heading that {whose} does not have", hint, severity="warning", near=heading)
            taken.setdefault(folded(heading), path.name)


def _headings(cells: Sequence[Any], lang: Language, index: str) -> Iterator[str]:
    """The headings of text cells, and the one that a page may have besides."""
    from par_analysis.show.language import Words

    for cell in cells:
        if cell.cell_type == "markdown" and numbers.is_shown(cell, lang):
            yield from numbers.all_headings(cell, lang, index)
    yield Words(lang).say("Sections without data")


def _cells(notebook: Path) -> Sequence[Any]:
    import nbformat

    return cast(Sequence[Any], nbformat.read(notebook, as_version=4).cells)  # type: ignore[no-untyped-call]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except OSError:
        return []
