"""Words of one's own about a unit's year: ``data/narrative/<index>/<unit>/<year>.<lang>.md``, found and checked. What stands in them is read by ``render``.

A file begins with facts in TOML between two lines of ``+++``: ``author``, ``date``, and where it is wanted ``report`` (the report types that it is for),
``replaces`` (the heading of the section that it stands for) or ``place`` (``start``, ``end``, or the heading of the section that it follows). More files
of a year have a word after it: ``2023-plan.vi.md``. Of reports about all years, the year is ``all-years``; of the country's, the unit is ``VN``.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from par_analysis.catalog import Catalog
from par_analysis.clean.statements import is_plain, read_text
from par_analysis.dataset.editions import on_its_pages, resolve_unit
from par_analysis.dataset.panels import tables_of
from par_analysis.dataset.recording import hashed
from par_analysis.dataset.scorecards import scorecard_years
from par_analysis.dataset.slices import NO_ROWS
from par_analysis.errors import DataError, Finding, ParError, nearest, shortened
from par_analysis.model import COUNTRY, LANGUAGES

FOLDER: Final = "narrative"
"""The folder below ``data``, and the first word of a slice's name."""
ALL_YEARS: Final = "all-years"
START, END = "start", "end"
SHOWN: Final = "what a page can show"
"""What is expected where ``met`` is a sentence of its own about the text."""
FIELDS: Final = ("author", "date", "report", "replaces", "place")
MOST: Final = 4 * 2**20
"""Bytes of a file, its pictures included."""

_NAME: Final = re.compile(rf"(?P<year>[0-9]{{4}}|{ALL_YEARS})(-[a-z0-9]+(-[a-z0-9]+)*)?\.(?P<lang>{'|'.join(LANGUAGES)})\.md")
_FACTS: Final = re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)(.*)", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIELD: Final = re.compile(r"""[ \t]*["']?(?P<name>[A-Za-z0-9_-]+)["']?[ \t]*=[ \t]*(?P<value>.*)""")
_AT_LINE: Final = re.compile(r" \(at (?:line (?P<line>[0-9]+), column [0-9]+|end of document)\)$")
_AS_TEXT: Final = {"author": 'author = "Sở Nội vụ"', "report": 'report = "province"', "replaces": 'replaces = "So sánh điểm số"', "place": 'place = "start"'}


@dataclass(frozen=True)
class Narrative:
    """Somebody's words: ``file`` below ``data``, ``date`` (ISO), ``reports`` that they are for (none: all), and the Markdown."""

    file: str
    author: str
    date: str
    reports: tuple[str, ...]
    replaces: str
    place: str
    text: str

    def is_for(self, report: str) -> bool:
        """Whether they belong into a report of this type."""
        return not self.reports or report in self.reports


class BadWords(DataError):
    """Words of one's own cannot be used: a line for everything that is wrong, with the file and, where there is one, the line in it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings)
        errors = sorted((finding for finding in self.findings if finding.severity == "error"), key=lambda one: (one.file, one.row))
        self.hint = errors[0].hint if len(errors) == 1 else ""
        self.message = said(errors[0], hinted=False) if len(errors) == 1 else "\n     ".join(map(said, errors))


def said(finding: Finding, *, hinted: bool = True) -> str:
    """A finding about words of one's own in a line.

    >>> said(Finding("error", "", FOLDER, "narrative/papi/30/2023.vi.md", 3, "date", "2024-02-31", "a day: 2024-03-01", "29 days"))
    "data/narrative/papi/30/2023.vi.md:3: date: met '2024-02-31', expected a day: 2024-03-01 (29 days)"
    """
    place = f"data/{finding.file}:{finding.row}" if finding.row else f"data/{finding.file}"
    what = finding.met if finding.expected == SHOWN else f"{finding.column}: met {finding.met!r}, expected {finding.expected}"
    return f"{place}: {what}" + (f" ({finding.hint})" if hinted and finding.hint else "")


def slice_of(identity: Mapping[str, Any]) -> str:
    """The name of the slice of words that a report reads.

    >>> slice_of({"report": "national", "index": "papi", "unit": "VN", "year": 2023, "lang": "vi"})
    'narrative/papi/VN/2023/vi/national'
    """
    return "/".join(str(part) for part in (FOLDER, identity["index"], identity["unit"], identity.get("year", ALL_YEARS), identity["lang"], identity["report"]))


def narratives_of(known: Catalog, name: str) -> tuple[list[Narrative], str]:
    """The words in a slice, in the order of their files, and its fingerprint: ``file=hash`` for each. Raises ``BadWords`` with all that is wrong with the files."""
    read = [read_file(path, known) for path in files_of(known, name)]
    if findings := [finding for _, found in read for finding in found]:
        raise BadWords(findings)
    report = name.rpartition("/")[2]
    own = [narrative for narrative, _ in read if narrative and narrative.is_for(report)]
    return own, " ".join(f"{narrative.file.rpartition('/')[2]}={hashed(repr(narrative))}" for narrative in own) or NO_ROWS


def fingerprint_of(known: Catalog, rest: str) -> str:
    """The fingerprint of a slice of words. Raises as ``narratives_of``, ``ValueError`` for a name that is none."""
    return narratives_of(known, f"{FOLDER}/{rest}")[1]


def changed(known: Catalog, name: str, before: str) -> list[str]:
    """What has changed in a slice of words since its fingerprint was noted, file by file, as sentences."""
    try:
        now = _by_file(narratives_of(known, name)[1])
    except BadWords as error:
        return [said(finding) for finding in error.findings]
    except (ParError, ValueError):
        now = {}
    then, folder = _by_file(before), "/".join(("data", *name.split("/")[:3]))
    told = [(file, "is new" if file not in then else "is gone" if file not in now else "has changed") for file in sorted({*then, *now}) if then.get(file) != now.get(file)]
    return [f"{folder}/{file} {what}" for file, what in told] or [f"data: {name} has changed"]


def _by_file(fingerprint: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in fingerprint.split())
    return {file: known for file, sign, known in pairs if sign}


def files_of(known: Catalog, name: str) -> list[Path]:
    """The files of the subject that a slice is about, for whatever report type."""
    _, index, unit, year, lang, _ = name.split("/")
    if not all(map(_CODE.fullmatch, (index, unit))):
        raise ParError(f"{FOLDER}/{index}/{unit} is no place for words of one's own")
    folder = known.root / "data" / FOLDER / index / unit
    return [path for path in _listed(folder) if (found := _NAME.fullmatch(path.name)) and (found["year"], found["lang"]) == (year, lang)]


def every_file(known: Catalog) -> list[Path]:
    """The files whose names are those of words about an index."""
    return sorted(path for path in (known.root / "data" / FOLDER).glob("*/*/*") if _NAME.fullmatch(path.name) and path.parents[1].name in known.indices)


def _listed(folder: Path) -> list[Path]:
    """What lies in a folder, but for what systems leave behind."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []


# ---------------------------------------------------------------- one file


def read_file(path: Path, known: Catalog) -> tuple[Narrative | None, list[Finding]]:
    """The words of a file, and what is wrong with them: where that is anything, they are what could be read, and are not to be shown."""
    reader = _Reader(path.relative_to(known.root / "data").as_posix())
    if links := [part for part in (path, path.parent, path.parent.parent) if part.is_symlink()]:
        reader.find("file", f"a link: {links[0].name}", "a file of its own", "copy it here")
        return None, reader.findings
    try:
        text = read_text(path, most=MOST, what="a text in Markdown")
    except ParError as error:
        met = str(error).removeprefix(f"{shortened(path.name)}: ").partition(", where ")[0]
        reader.find("file", met, f"a text in UTF-8 of at most {MOST // 2**20} MB", error.hint)
        return None, reader.findings
    return reader.read(text.replace("\r\n", "\n").replace("\r", "\n")), reader.findings


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.lines: list[str] = []
        """The front matter, the first ``+++`` included."""

    def find(self, field: str, met: object, expected: str, hint: str = "", *, row: int | None = None) -> None:
        at = self.row(field) if row is None else row
        self.findings.append(Finding("error", "words of one's own", FOLDER, self.file, at, field, str(met), expected, hint))

    def row(self, field: str) -> int:
        """The line that a field stands on; 0 where it stands on none."""
        return next((row for row, line in enumerate(self.lines, 1) if (found := _FIELD.match(line)) and found["name"] == field), 0)

    def read(self, text: str) -> Narrative | None:
        found = _FACTS.match(text)
        if not found:
            met = shortened(text.partition("\n")[0], width=30) or "a blank line"
            self.find("front matter", met, "facts between two lines of +++ at the beginning", 'author = "…" and date = 2024-03-01 between them', row=1)
            return None
        self.lines = ["+++", *found[1].split("\n")[:-1]]
        try:
            facts = tomllib.loads("\n" + found[1])  # the lines are counted as they are in the file
        except (ValueError, RecursionError) as error:
            self.no_toml(error)
            return None
        if not found[2].strip():
            self.find("text", "nothing", "a text below the second +++")
        self.known(facts)
        return Narrative(self.file, self.line(facts, "author", 200), self.date(facts), self.reports(facts), self.heading(facts, "replaces"), self.place(facts), found[2].strip())

    def no_toml(self, error: Exception) -> None:
        """Facts that cannot be read: the field, where it is one, and always the line."""
        at = _AT_LINE.search(str(error))
        row = min(int(at["line"]), len(self.lines)) if at and at["line"] else len(self.lines)
        what, line = _AT_LINE.sub("", str(error)), self.lines[row - 1].strip()
        field = _FIELD.match(line)
        name = field["name"] if field else ""
        if field and sum(bool((one := _FIELD.match(before)) and one["name"] == name) for before in self.lines[:row]) > 1:
            self.find(name, "this field a second time", "it once", row=row)
        elif field and name == "date":
            self.find(name, shortened(field["value"].strip()), "a day that there is: 2024-03-01", row=row)
        elif field and name in _AS_TEXT:
            self.find(name, shortened(field["value"].strip()), f"a text in quotes: {_AS_TEXT[name]}", row=row)
        else:
            self.find("front matter", shortened(line), 'a fact: author = "Sở Nội vụ"', what, row=row)

    def known(self, facts: Mapping[str, Any]) -> None:
        for name in sorted(set(facts) - set(FIELDS)):
            near = nearest(name, FIELDS, count=1)
            self.find(name, "this field", f"one of {', '.join(FIELDS)}", f"did you mean {near[0]}?" if near else "")

    def line(self, facts: Mapping[str, Any], name: str, most: int) -> str:
        value = facts.get(name)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= most or not is_plain(value):
            self.find(name, "nothing" if value is None else repr(value)[:60], f"a text of at most {most} visible letters on one line")
            return ""
        return value.strip()

    def date(self, facts: Mapping[str, Any]) -> str:
        value = facts.get("date")
        words = value.isoformat() if type(value) is datetime.date else str(value)
        try:
            if _DAY.fullmatch(words):
                return datetime.date.fromisoformat(words).isoformat()
        except ValueError:
            pass
        self.find("date", "nothing" if value is None else shortened(words), "a day: 2024-03-01")
        return ""

    def reports(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        value = facts.get("report", [])
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names):
            self.find("report", repr(value)[:60], "a report type, or a list of some", "par list reports")
            return ()
        return tuple(names)

    def heading(self, facts: Mapping[str, Any], name: str) -> str:
        if name not in facts:
            return ""
        if not facts.get("report"):
            self.find(name, "no report", "report beside it", "sections are those of a report type: par list reports")
        return self.line(facts, name, 300)

    def place(self, facts: Mapping[str, Any]) -> str:
        if "place" in facts and "replaces" in facts:
            self.find("place", "replaces beside it", "one of the two", "what replaces a section stands where that stood")
        return str(facts["place"]) if facts.get("place") in (START, END) else self.heading(facts, "place") or END


# ---------------------------------------------------------------- the folder


def misplaced(known: Catalog, indices: Collection[str] | None = None) -> Iterator[Finding]:
    """Files and folders that belong to no index, unit or year, of some indices or of all."""
    top = known.root / "data" / FOLDER
    for folder in _listed(top):
        if folder.name == "README.md":
            continue
        if (problem := _no_folder(folder)) or folder.name not in known.indices:
            near = nearest(folder.name, known.indices, count=1)
            yield _finding(folder, known, problem or "this folder", "the code of an index", f"did you mean {near[0]}?" if near else "par list indices")
        elif indices is None or folder.name in indices:
            yield from _in_index(folder, known)


def _in_index(folder: Path, known: Catalog) -> Iterator[Finding]:
    years = _years(known, folder.name)
    for unit in _listed(folder):
        record = known.units.get(unit.name)
        if (problem := _no_folder(unit)) or record is None or not (record.kind == "province" or unit.name == COUNTRY):
            yield _finding(unit, known, problem or "this folder", f"the code of a province, or {COUNTRY} for the country", _code_of(unit.name, known))
            continue
        for path in _listed(unit):
            yield from _in_unit(path, known, years)


def _in_unit(path: Path, known: Catalog, years: Collection[int] | None) -> Iterator[Finding]:
    found = _NAME.fullmatch(path.name)
    if not found or not path.is_file():
        yield _finding(path, known, "this name", "<year>.<language>.md, such as 2023.vi.md")
    elif found["year"] != ALL_YEARS and years is not None:
        year, unit = int(found["year"]), path.parent.name
        if year not in years:
            yield _finding(path, known, year, f"a year with data: {', '.join(map(str, sorted(years)[-6:])) or 'there is none'}", "par list years")
        elif unit != COUNTRY and unit not in {one.code for one in known.provinces(year)}:
            yield _finding(path, known, f"{unit} in {year}", "a province that was ranked in that year", "par list units --year Y")


def _years(known: Catalog, index: str) -> set[int] | None:
    """The years that there are reports on; ``None`` where the data cannot be used, which is said elsewhere."""
    try:
        return {*tables_of(known, index, on_its_pages(known.index(index)), True).years, *scorecard_years(known, index)}
    except DataError:
        return None


def _no_folder(path: Path) -> str:
    return "a link" if path.is_symlink() else "" if path.is_dir() else "a file"


def _code_of(name: str, known: Catalog) -> str:
    try:
        return f"the folder is called by the unit's code: {resolve_unit(name, root=known)}"
    except ParError:
        return "par list units"


def _finding(path: Path, known: Catalog, met: object, expected: str, hint: str = "") -> Finding:
    return Finding("error", "words of one's own", FOLDER, path.relative_to(known.root / "data").as_posix(), 0, "place", str(met), expected, hint)
