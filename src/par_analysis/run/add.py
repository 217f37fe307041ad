"""``par add``: a file of figures becomes an edition of ``data/raw`` when nothing is wrong with it; otherwise nothing is written."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Final

from par_analysis import dataset
from par_analysis.catalog import Catalog
from par_analysis.clean import COLUMNS, NEEDS_YEAR, heading
from par_analysis.clean.reading import MAX_BYTES, is_address, problem_of
from par_analysis.errors import DataError, Finding, RequestError, shortened
from par_analysis.model import LANGUAGES, Edition, Source
from par_analysis.run import shelf
from par_analysis.run.scorecards import other_scorecards
from par_analysis.run.workspace import workspace

PREFIX: Final = ".adding-"
BY_HAND: Final = "file added by hand"
UNSTATED: Final = "not stated: a file added by hand, without an address"
"""The terms of a file whose address is not given: those of the source are not known to be its own."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_KINDS: Final = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket"}

Claims = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Request:
    """What was asked for. ``year``: the one measured, for files that do not say it. ``origin``: the address that the file is from."""

    source: str
    file: Path
    edition: str
    year: int | None = None
    origin: str = ""
    replace: bool = False
    dry_run: bool = False

    @property
    def code(self) -> str:
        """The code of the edition."""
        return f"{self.source}/{self.edition}"


@dataclass(frozen=True)
class Added:
    """What came of it. ``status``: added; checked (a dry run: nothing was written); there (with the same content, already); refused (``findings`` say why)."""

    edition: Edition
    status: str
    findings: tuple[Finding, ...] = ()
    rows: int = 0
    figures: int = 0
    years: Mapping[str, int] = field(default_factory=dict)  # index → the last year with figures
    totals: Mapping[str, int] = field(default_factory=dict)  # index that sums its parts → units with all parts in that year
    units: tuple[str, ...] = ()  # the units that it has figures of


def add(request: Request, known: Catalog, *, ask: Callable[[str], bool] | None = None, today: datetime.date | None = None) -> Added:
    """Check a file and store it as an edition. ``ask`` says whether an edition that stands there may be replaced; without it, only ``request.replace`` does.

    Raises ``RequestError`` for what cannot be asked for, and ``ParError`` where files cannot be written.
    """
    source = known.source(request.source)
    _require_name(request.edition)
    _require_address(request.origin)
    with _open(request.file) as stream, shelf.writing(known.raw), workspace(known.raw.parent, PREFIX, rescue=lambda left: shelf.rescue(left, known.raw)) as space:
        new, was = space / "new", shelf.state(known.raw / request.code)
        new.mkdir()
        name = request.edition + _suffix(source, request.file)
        sha256 = _copied(stream, new / name, _quoted(request.file))
        edition, problems = _edition(request, source, new / name, sha256, today or datetime.date.today())
        twin = known.editions.get(request.code)
        if twin and _content(twin) == _content(edition):
            return Added(twin, "there")
        shelf.require_place(known, request.code)
        if twin and not request.replace and not ask:
            raise RequestError(f"{request.code} is there already, with other content", hint="--replace replaces it; another --edition stands beside it")
        done = Added(edition, "refused", tuple(problems)) if problems else _checked(known, edition, new)
        if done.status == "refused" or request.dry_run:
            return done
        if twin and not request.replace and ask and not ask(request.code):
            raise RequestError(f"{request.code} was kept as it is")
        shelf.write_record(new, done.edition)
        shelf.put(space, known.raw / request.code, was)
    return replace(done, status="added")


def _quoted(path: Path) -> str:
    return repr(shortened(str(path), width=200))


def _require_name(edition: str) -> None:
    if not _NAME.fullmatch(edition) or ".." in edition or edition.endswith(".") or _DEVICE.fullmatch(edition):
        allowed = "1 to 64 small letters a-z, digits, dots, hyphens and underscores, a letter or digit first"
        raise RequestError(f"{shortened(edition)!r} cannot be the name of an edition", hint=f"{allowed}: 2024, 2027-05")


def _require_address(origin: str) -> None:
    if origin and not is_address(origin):
        raise RequestError(f"{shortened(origin)!r} is no address", hint="--origin is the http or https address that the file was taken from; leave it out for a file without one")


def _open(path: Path) -> IO[bytes]:
    """The file, once it is known to be one, and not too large. Raises ``RequestError``; never waits for a pipe or a device."""
    try:
        _require_regular(path.stat(), path)
        stream = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")
    except (OSError, ValueError) as error:
        raise RequestError(f"{_quoted(path)} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        _require_regular(os.fstat(stream.fileno()), path)
    except RequestError:
        stream.close()
        raise
    return stream


def _require_regular(met: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(met.st_mode):
        raise RequestError(f"{_quoted(path)} is {_KINDS.get(stat.S_IFMT(met.st_mode), 'something else')}, not a file")
    _require_small(met.st_size, _quoted(path))


def _require_small(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise RequestError(f"{name} has {size / 2**20:.0f} MB: no table is larger than {MAX_BYTES / 2**20:.0f} MB", hint="is it the right file?")


def _copied(stream: IO[bytes], place: Path, name: str) -> str:
    """The sha256 of the file, while it is copied."""
    digest, size = hashlib.sha256(), 0
    with place.open("wb") as copy:
        while data := stream.read(2**16):
            size += len(data)
            _require_small(size, name)
            digest.update(data)
            copy.write(data)
    return digest.hexdigest()


def _suffix(source: Source, file: Path) -> str:
    """How the stored file's name ends: that of a workbook as it came."""
    suffix = file.suffix.lower()
    return suffix if {"workbook", "scorecard"} & {*source.readers} and re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ".csv"


def _edition(request: Request, source: Source, path: Path, sha256: str, day: datetime.date) -> tuple[Edition, list[Finding]]:
    """The record of the new edition, and why it cannot be read where that is so."""
    name, reader = path.name, _reader(source, path)
    found = [] if reader else [_no_reader(source, path, f"{request.code}/{name}")]
    year = _year(request) if reader in NEEDS_YEAR else None
    if reader and reader not in NEEDS_YEAR and request.year is not None:
        raise RequestError(f"--year {request.year}: every row of a file of this shape ({reader}) says its year", hint="leave --year out")
    title = {str(lang): f"{source.label[lang]}, {request.edition}" for lang in LANGUAGES}
    files = {name: {"reader": reader, "sha256": sha256, "year": year}}
    return Edition(request.code, title, day.isoformat(), request.origin or BY_HAND, source.licence if request.origin else UNSTATED, source.indices, files), found


def _reader(source: Source, path: Path) -> str:
    """The source's only reader, or of several the one whose columns the heading names; "" where none fits."""
    if len(source.readers) == 1:
        return source.readers[0]
    names = set(heading(path))
    return max((reader for reader in source.readers if reader in COLUMNS and names.issuperset(COLUMNS[reader])), key=lambda reader: len(COLUMNS[reader]), default="")


def _no_reader(source: Source, path: Path, file: str) -> Finding:
    problem = problem_of(path)
    if problem:
        return Finding("error", "not a table", file.rpartition("/")[0], file, 0, "", problem, "a CSV file in UTF-8, comma-separated, with a heading", "save it as CSV UTF-8")
    shapes = "; or ".join(f"{reader}: {','.join(COLUMNS[reader])}" for reader in source.readers if reader in COLUMNS)
    return Finding("error", "heading", file.rpartition("/")[0], file, 1, "", shortened(",".join(heading(path))), f"the columns of {shapes}")


def _year(request: Request) -> int:
    """The year measured, as everything that says it agrees. Raises ``RequestError``."""
    said = {"--year": str(request.year or ""), "the file's name": request.file.stem, "--edition": request.edition}
    years = {what: int(text) for what, text in said.items() if re.fullmatch("[0-9]{4}", text)}
    if not years:
        raise RequestError("which year was measured? A file of this shape does not say it", hint="--year YEAR")
    if len(set(years.values())) > 1:
        raise RequestError(f"which year was measured? {'; '.join(f'{what} says {year}' for what, year in years.items())}", hint="rename the file, or choose another --edition")
    return next(iter(years.values()))


def _content(edition: Edition) -> list[tuple[Any, ...]]:
    """What two editions have to share to be the same: the bytes, read in the same way."""
    return sorted((facts["sha256"], facts["reader"], facts["year"] or 0) for facts in edition.files.values())


def _checked(known: Catalog, edition: Edition, folder: Path) -> Added:
    """What reading the new edition finds, and what comes of it beside the others."""
    reading = dataset.read_edition(known, edition, folder)
    indices = sorted({claim["index"] for claim in reading.claims})
    edition = replace(edition, indices=tuple(indices) or edition.indices)
    read = [finding for finding in reading.findings if finding.rule != "undeclared index"]
    is_whole = not any(finding.rule in {"too many rows", "more findings"} for finding in read)
    beside = _beside(known, edition, reading.claims) if is_whole and reading.claims else []
    found = [*read, *_same_bytes(known, edition), *other_scorecards(known, edition, reading.claims), *beside]
    if not reading.claims and not any(finding.severity == "error" for finding in found):
        found.append(Finding("error", "no figures", edition.code, next(iter(_files(edition))), 0, "", "no figure that a report could show", "a figure"))
    status = "refused" if any(finding.severity == "error" for finding in found) else "checked"
    years = {index: max(claim["year"] for claim in reading.claims if claim["index"] == index) for index in indices}
    totals = {index: _complete(known, index, year, reading.claims) for index, year in years.items() if index in known.indices and known.index(index).is_summed}
    units = tuple(sorted({claim["unit"] for claim in reading.claims}))
    return Added(edition, status, tuple(found), reading.length, len(reading.claims), years, totals, units)


def _files(edition: Edition) -> list[str]:
    return [f"{edition.code}/{name}" for name in edition.files]


def _same_bytes(known: Catalog, edition: Edition) -> list[Finding]:
    """The same file under another name is no news."""
    mine = {facts["sha256"] for facts in edition.files.values()}
    twins = [code for code, other in known.editions.items() if code != edition.code and mine & {facts["sha256"] for facts in other.files.values()}]
    return [Finding("error", "same file", edition.code, file, 0, "sha256", f"the bytes of {code}", "a file with figures of its own") for code in twins for file in _files(edition)]


def _beside(known: Catalog, edition: Edition, claims: Claims) -> list[Finding]:
    """What is found only once the new claims stand beside those of the other editions of their indices: conflicts, broken orders."""
    others = [dataset.read_edition(known, other, known.edition_folder(code)) for code, other in known.editions_of(edition.indices).items() if code != edition.code]
    old, noted = [claim for reading in others for claim in reading.claims], [finding for reading in others for finding in reading.findings]
    return list((Counter(_judged(known, [*old, *claims], noted, edition.indices)) - Counter(_judged(known, old, noted, edition.indices))).elements())


def _judged(known: Catalog, claims: Claims, found: Sequence[Finding], indices: Sequence[str]) -> Sequence[Finding]:
    try:
        return dataset.judge(known, claims, found, indices, derived=True)[1]
    except DataError as error:
        return error.findings


def _complete(known: Catalog, index: str, year: int, claims: Claims) -> int:
    """How many units have all parts of an index in a year, so that they have a total."""
    framework = known.framework(index, year)
    parts = set(framework.criteria_codes) if framework else set()
    met: dict[str, set[str]] = {}
    for claim in claims:
        if claim["index"] == index and claim["year"] == year:
            met.setdefault(claim["unit"], set()).add(claim["node"])
    return sum(bool(parts) and parts <= nodes for nodes in met.values())
