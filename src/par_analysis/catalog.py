"""``data/reference`` and ``edition.toml`` as records: which units, indices, frameworks, sources and editions there are."""

from __future__ import annotations

import csv
import datetime
import hashlib
import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from platformdirs import user_cache_dir

from par_analysis.errors import Finding, ParError, UnknownName
from par_analysis.model import COUNTRY, LANGUAGES, Criterion, Domain, Edition, Framework, Group, Index, Language, Part, RemoteFile, Source, Unit


def find_root(start: Path | None = None) -> Path:
    """The folder that holds ``data/reference``: named by ``PAR_ROOT``, above ``start`` (default: here), or this checkout."""
    named = os.environ.get("PAR_ROOT")
    if named:
        if not (Path(named) / "data" / "reference" / "provinces.csv").is_file():
            raise ParError(f"PAR_ROOT names {named}, which has no data/reference/provinces.csv", hint="set it to a checkout")
        return Path(named)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / "data" / "reference" / "provinces.csv").is_file():
            return folder
    raise ParError("no folder with data/reference was found", hint="run par inside a checkout, or set PAR_ROOT to one")


def cache_folder() -> Path:
    """The folder of downloaded files, outside every checkout: ``PAR_CACHE``, or the user's cache folder."""
    named = os.environ.get("PAR_CACHE")
    return Path(named) if named else Path(user_cache_dir("par-analysis", appauthor=False))


def cached_file(file: RemoteFile, cache: Path | None = None) -> Path:
    """Where a published file lies once it is downloaded: by host, then path, as at its address.

    >>> cached_file(RemoteFile("2023", "https://example.org/a/2023.csv", "")).relative_to(cache_folder()).as_posix()
    'example.org/a/2023.csv'
    """
    address = urlsplit(file.url)
    return (cache or cache_folder()).joinpath(address.hostname or "", *PurePosixPath(address.path).parts[1:])


def recorded_file(file: RemoteFile, cache: Path | None = None) -> Path:
    """Where the hash and the day of a file's first download are recorded."""
    place = cached_file(file, cache)
    return place.with_name(place.name + ".first-use.toml")


def first_use(file: RemoteFile, cache: Path | None = None) -> dict[str, Any]:
    """What was recorded of a file's first download: ``sha256`` and ``received``; nothing where there was none."""
    path = recorded_file(file, cache)
    return _toml(path) if path.is_file() else {}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ParError(f"{_short(path)}: not valid TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ParError(f"{_short(path)}: cannot be read: {error}") from error


def _short(path: Path) -> str:
    """The end of a path: enough to find the file, nothing of the machine."""
    return "/".join(path.parts[-3:])


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ParError(f"{_short(path)}: cannot be read: {error}") from error


@contextmanager
def _complete(path: Path) -> Iterator[None]:
    """A field that is missing, or of another kind, is said with its file."""
    try:
        yield
    except KeyError as error:
        raise ParError(f"{_short(path)}: the field {error} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ParError(f"{_short(path)}: a field is not of its kind: {error}") from error


def _is_file(path: Path) -> bool:
    """Whether a file lies in the cache. Raises ``ParError`` where that cannot be found out."""
    try:
        return path.is_file()
    except OSError as error:
        raise ParError(f"{path} cannot be looked for: {error.strerror or error}", hint="set PAR_CACHE to a folder that can be read") from error


def _unit(row: Mapping[str, str], **fields: str) -> Unit:
    return Unit(**{name: row.get(name, "") for name in ("code", "gso_code", "name_vi", "name_en", "kind", "region", "unit_set", "valid_from", "valid_to")} | fields)


def _is_former_of(unit: Unit, year: int) -> bool:
    """Whether a unit that is none of the 63 or the 34 was still there at the beginning of a year."""
    return unit.unit_set == "former" and unit.valid_from <= f"{year}-01-01" < unit.valid_to


@dataclass(frozen=True, eq=False)
class Catalog:
    """Everything under ``root/data`` that says what the figures are about, as it was when first asked for: after a change, a new one is needed."""

    root: Path

    def __post_init__(self) -> None:
        _tell(self)

    @property
    def reference(self) -> Path:
        """The folder of the reference tables."""
        return self.root / "data" / "reference"

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Units by code: country, regions, provinces, merged and former units."""
        regions = [_unit(row, kind="region", unit_set="63 34") for row in _rows(self.reference / "regions.csv")]
        return {unit.code: unit for unit in [*regions, *map(_unit, _rows(self.reference / "provinces.csv"))]}

    def provinces(self, year: int) -> list[Unit]:
        """The provinces that an index of a year may be about, by code: 63 until 2024 and those that were merged into them until the year in which that was; then the 34."""
        wanted = "63" if year <= 2024 else "34"
        provinces = (unit for unit in self.units.values() if unit.kind == "province")
        return sorted((unit for unit in provinces if wanted in unit.unit_set.split() or _is_former_of(unit, year)), key=lambda unit: unit.code)

    def members(self, year: int) -> dict[str, list[str]]:
        """Region code → codes of its provinces; the country → all of them."""
        groups: dict[str, list[str]] = {COUNTRY: [unit.code for unit in self.provinces(year)]}
        for unit in self.provinces(year):
            if unit.region:
                groups.setdefault(unit.region, []).append(unit.code)
        return dict(sorted(groups.items()))

    @cached_property
    def spellings(self) -> list[tuple[str, str]]:
        """Unit code and spelling, for every spelling met in print."""
        return [(row["code"], row["spelling"]) for row in _rows(self.reference / "names.csv")]

    @cached_property
    def indices(self) -> dict[str, Index]:
        """Indices by code, the file's stem."""
        found: dict[str, Index] = {}
        for path in sorted((self.reference / "indices").glob("*.toml")):
            with _complete(path):
                found[path.stem] = _index(path.stem, _toml(path))
        return found

    def index(self, code: str) -> Index:
        """The index of a code. Raises ``UnknownName``."""
        if code not in self.indices:
            raise UnknownName("index", code, list(self.indices))
        return self.indices[code]

    @cached_property
    def frameworks(self) -> dict[str, Framework]:
        """Frameworks by code, the file's stem."""
        found: dict[str, Framework] = {}
        for path in sorted((self.reference / "frameworks").glob("*.toml")):
            with _complete(path):
                found[path.stem] = _framework(path.stem, _toml(path))
        return found

    def framework(self, index: str, year: int) -> Framework | None:
        """The framework of an index in a year, or ``None`` where it is not known."""
        code = self.index(index).frameworks.get(year)
        return self.frameworks.get(code) if code else None

    def _frameworks_of(self, index: Index) -> list[Framework]:
        return [self.frameworks[code] for code in dict.fromkeys(index.frameworks.values()) if code in self.frameworks]

    @cached_property
    def indicators(self) -> dict[str, Any]:
        """Labels of the operational indicators and departments."""
        return _toml(self.reference / "indicators.toml")

    @cached_property
    def tiles(self) -> list[dict[str, str]]:
        """The rows of the tile map."""
        return _rows(self.reference / "tiles.csv")

    @cached_property
    def corrections(self) -> list[dict[str, Any]]:
        """Claims known to be slips of their source."""
        return list(_toml(self.reference / "corrections.toml").get("set_aside", []))

    @cached_property
    def sources(self) -> dict[str, dict[str, Any]]:
        """Kinds of sources by code, the file's stem."""
        return {path.stem: _toml(path) for path in sorted((self.reference / "sources").glob("*.toml"))}

    def source(self, code: str) -> Source:
        """A source that files can be added to. Raises ``UnknownName``."""
        path = self.reference / "sources" / f"{code}.toml"
        if code not in self.sources:
            raise UnknownName("source", code, list(self.sources))
        with _complete(path):
            return _source(code, self.sources[code])

    @cached_property
    def publishers(self) -> dict[str, str]:
        """Host or suffix of a host → class of trust."""
        hosts: dict[str, str] = {}
        for source in self.sources.values():
            for trust, names in source.get("hosts", {}).items():
                hosts |= dict.fromkeys(names, trust)
        return hosts

    @cached_property
    def trust_classes(self) -> dict[str, dict[str, str]]:
        """Class of trust → its name in two languages, the most trusted first."""
        source = self.sources["public_pages"]
        return {name: source["class_names"][name] for name in source["classes"]}

    @cached_property
    def cache(self) -> Path:
        """The folder that downloaded editions are read from."""
        return cache_folder()

    @property
    def raw(self) -> Path:
        """The folder of the editions."""
        return self.root / "data" / "raw"

    @cached_property
    def _titles(self) -> dict[str, dict[str, str]]:
        listed = {name: title for source in self.sources.values() for name, title in source.get("titles", {}).items()}
        files = {file.url: self._edition_title(code, file.edition) for code, facts in self.sources.items() if facts.get("files") for file in self.source(code).files}
        homes = {facts["home"]: {str(lang): facts["label"][lang] for lang in LANGUAGES} for facts in self.sources.values() if facts.get("home")}
        return files | homes | listed

    def _edition_title(self, source: str, edition: str) -> dict[str, str]:
        return {lang: f"{self.sources[source]['label'][lang]}, {edition}" for lang in LANGUAGES}

    def source_title(self, source: str, lang: Language) -> str:
        """What a source is called on a page: its title or its host's where one is listed, else its address."""
        title = self._titles.get(source) or self._titles.get(self.publisher(source)[0])
        code, _, edition = source.partition("/")
        if title is None and code in self.sources:
            title = self._edition_title(code, edition)
        return title[lang] if title else source

    @cached_property
    def _collections(self) -> dict[str, str]:
        homes = {code: self.source(code) for code, facts in self.sources.items() if facts.get("files")}
        return {file.url: source.home for source in homes.values() for file in source.files} | {code: source.home for code, source in homes.items()}

    def collection(self, source: str) -> str:
        """What a page names as the origin of many files: the home of the source that a file's address, or an added edition, belongs to."""
        return self._collections.get(source) or self._collections.get(source.partition("/")[0]) or source

    def link(self, source: str) -> str:
        """The address that a page may link to: "" for a source without one, and for hosts that readers should not be sent to (they have a title instead)."""
        return source if source.startswith(("http://", "https://")) and self.publisher(source)[0] not in self._titles else ""

    def publisher(self, address: str) -> tuple[str, str]:
        """Who stands behind an address, and the class of trust: the longest listed suffix of its host; of an edition without an address, its source's.

        Every office under ``gov.vn`` is a publisher of its own.
        """
        code = address.partition("/")[0]
        if code in self.sources and "trust" in self.sources[code]:
            return code, str(self.sources[code]["trust"])
        host = (urlsplit(address).hostname or address).lower()
        labels = host.split(".")
        for start in range(len(labels)):
            suffix = ".".join(labels[start:])
            if suffix in self.publishers:
                return (".".join(labels[-3:]) if suffix == "gov.vn" else suffix), self.publishers[suffix]
        return host, "unrated"

    @cached_property
    def editions(self) -> dict[str, Edition]:
        """Editions by code ``<source>/<edition>``: those of ``data/raw``, and the downloaded ones that do not stand there."""
        found = {edition.code: edition for edition in (*self._fetched(), *self._editions())}
        return dict(sorted(found.items()))

    def _editions(self) -> Iterator[Edition]:
        for path in sorted(self.raw.glob("*/*/edition.toml")):
            with _complete(path):
                yield _edition(path.parent.relative_to(self.raw).as_posix(), _toml(path))

    def _fetched(self) -> Iterator[Edition]:
        """The editions that were downloaded: what a source declares, where the file is there."""
        for code, facts in self.sources.items():
            for file in self.source(code).files if facts.get("files") else ():
                with _complete(recorded_file(file, self.cache)):
                    if _is_file(cached_file(file, self.cache)):
                        yield fetched_edition(self.source(code), file, first_use(file, self.cache))

    def editions_of(self, indices: Collection[str]) -> dict[str, Edition]:
        """The editions that have figures of some indices."""
        return {code: edition for code, edition in self.editions.items() if not set(indices).isdisjoint(edition.indices)}

    def edition_folder(self, code: str) -> Path:
        """Where an edition's files lie: in ``data/raw``, or where it was downloaded to."""
        if (self.raw / code).is_dir():
            return self.raw / code
        remote = self.editions[code].remote
        return cached_file(remote, self.cache).parent if remote else self.raw / code

    def findings(self) -> list[Finding]:
        """What is wrong with the reference tables: frameworks that do not exist, units without one tile each, files that no edition names."""
        found: list[Finding] = []
        for code, index in self.indices.items():
            missing = sorted({framework for framework in index.frameworks.values() if framework not in self.frameworks})
            found += [Finding("error", "unknown framework", "reference", f"indices/{code}.toml", 0, "frameworks", met, "the stem of a file in frameworks/") for met in missing]
            scored = {child for framework in self._frameworks_of(index) for child in framework.criteria_codes}
            unnamed = sorted(scored - set(index.node_names))
            found += [Finding("error", "criterion without a name", "reference", f"indices/{code}.toml", 0, "criteria", met, "its name in two languages") for met in unnamed]
        for year, unit_set in ((2024, "63"), (2025, "34")):
            tiles = Counter(tile["code"] for tile in self.tiles if tile["unit_set"] == unit_set and tile["kind"] != "islands")
            wrong = {unit.code: tiles[unit.code] for unit in self.provinces(year) if tiles[unit.code] != 1}
            met = [f"{count} tiles of {code}" for code, count in wrong.items()]
            found += [Finding("error", "tile map", "reference", "tiles.csv", 0, f"{unit_set} units", what, "one tile a unit") for what in met]
        for code, edition in self.editions.items():
            if edition.remote:
                continue
            names = sorted(path.name for path in self.edition_folder(code).iterdir() if path.is_file() and path.name not in {*edition.files, "edition.toml"})
            found += [Finding("error", "unnamed file", code, f"{code}/{name}", 0, "files", name, f"a file named in {code}/edition.toml") for name in names]
        self.indicators  # noqa: B018 - read, so that a broken file is known before a report asks for it
        return found

    def data_hash(self, indices: Collection[str] = ()) -> str:
        """A hash of the reference files and of the editions that have figures of some indices (default: of all): the state of the data behind a report."""
        editions = self.editions_of(indices) if indices else self.editions
        tables = {path.relative_to(self.root).as_posix(): path for folder in ("reference", "claims") for path in (self.root / "data" / folder).rglob("*")}
        raw = {f"{code}/{name}": self.edition_folder(code) / name for code, edition in editions.items() for name in (*edition.files, "edition.toml")}
        digest = hashlib.sha256()
        for name, path in sorted({**tables, **raw}.items()):
            if path.is_file():
                digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:16]


def _index(code: str, facts: Mapping[str, Any]) -> Index:
    return Index(
        code=code,
        label=facts["label"],
        short=facts["short"],
        unit_of_measure=facts["unit_of_measure"],
        higher_is_better=facts["higher_is_better"],
        low=float(facts["low"]),
        high=float(facts["high"]),
        decimals=facts["decimals"],
        unit_count=_count(facts["unit_count"]),
        unconfirmed_years=tuple(year for span in facts.get("unconfirmed_years", []) for year in years_of(span)),
        is_summed=facts.get("is_summed", False),
        has_median=facts.get("has_median", False),
        beside=facts.get("beside", ""),
        has_operations=facts.get("has_operations", False),
        node_names={f"criterion:{name}": names for name, names in facts.get("criteria", {}).items()},
        unit_counts={int(year): count for year, count in facts.get("unit_counts", {}).items()},
        frameworks={year: framework for span, framework in facts["frameworks"].items() for year in years_of(span)},
        groups={int(year): groups for span in facts.get("groups", []) for year in range(span["first"], span["last"] + 1) for groups in [_groups(span)]},
        caveats={lang: tuple(sentences) for lang, sentences in facts.get("caveats", {}).items()},
        citation=facts["citation"],
    )


LAST_YEAR = 2100
"""Where a span of years without an end stops."""


def years_of(span: str | int) -> range:
    """The years of a span: ``2023``, ``2016-2017``, or ``2021-`` for that year and all that follow.

    >>> list(years_of("2016-2017")), years_of("2021-")[0], list(years_of(2023))
    ([2016, 2017], 2021, [2023])
    """
    first, dash, last = str(span).partition("-")
    return range(int(first), (int(last) if last else LAST_YEAR if dash else int(first)) + 1)


def _edition(code: str, facts: Mapping[str, Any]) -> Edition:
    return Edition(
        code=code,
        title={lang: facts["title"][lang] for lang in LANGUAGES},
        received=datetime.date.fromisoformat(str(facts["received"])).isoformat(),
        origin=facts["origin"],
        licence=facts["licence"],
        indices=tuple(str(index) for index in facts["indices"]),
        files={name: {"reader": file["reader"], "sha256": file["sha256"], "year": file.get("year")} for name, file in facts["files"].items()},
        note=facts.get("note", ""),
    )


def fetched_edition(source: Source, file: RemoteFile, first: Mapping[str, Any]) -> Edition:
    """A downloaded file as an edition. Its hash and day are the source's; for a file that its publisher may replace, those of the ``first`` download."""
    sha256, received = file.sha256 or str(first.get("sha256", "")), str(first.get("received", source.received))
    return Edition(
        code=f"{source.code}/{file.edition}",
        title={lang: f"{source.label[lang]}, {file.edition}" for lang in LANGUAGES},
        received=datetime.date.fromisoformat(received).isoformat(),
        origin=file.url,
        licence=source.licence,
        indices=source.indices,
        files={cached_file(file).name: {"reader": source.readers[0], "sha256": sha256, "year": file.year}},
        remote=file,
    )


def _source(code: str, facts: Mapping[str, Any]) -> Source:
    return Source(
        code=code,
        label={lang: facts["label"][lang] for lang in LANGUAGES},
        indices=tuple(facts["indices"]),
        readers=tuple(facts["readers"]),
        licence=facts["licence"],
        received=str(facts.get("received", "")),
        home=facts.get("home", ""),
        layout=facts.get("layout", {}),
        files=tuple(map(_remote_file, facts.get("files", []))),
    )


_ADDRESS = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[A-Za-z0-9_~%+-][A-Za-z0-9._~%+-]*)+")


def _remote_file(facts: Mapping[str, Any]) -> RemoteFile:
    """A file's address, edition, hash and year as declared. Raises ``ValueError`` for an address that names no file below a host."""
    file = RemoteFile(str(facts["edition"]), facts["url"], facts.get("sha256", ""), facts.get("year"))
    if not _ADDRESS.fullmatch(file.url):
        raise ValueError(f"url is {file.url!r}, not the http or https address of a file, without a query")
    if file.sha256 and not re.fullmatch("[0-9a-f]{64}", file.sha256):
        raise ValueError(f"sha256 of {file.url} is {file.sha256!r}, not 64 hexadecimal digits")
    return file


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"unit_count is {value!r}, not a number of units")
    return value


def _groups(span: Mapping[str, Any]) -> tuple[Group, ...]:
    return tuple(Group(band["label"], float(band["low"]), float(band["high"])) for band in span["bands"])


def _framework(code: str, facts: Mapping[str, Any]) -> Framework:
    confirmed = facts.get("years_confirmed", True)
    return Framework(
        code=code,
        decision=facts.get("decision", ""),
        date=str(facts.get("date", "")),
        years=tuple(facts.get("years", [])),
        years_confirmed=confirmed if isinstance(confirmed, bool) else tuple(confirmed),
        domains=tuple(_domain(domain) for domain in facts.get("domains", [])),
        parts=tuple(Part(part["name"], part["label"], part.get("maximum"), part.get("within", ""), part.get("source", "")) for part in facts.get("parts", [])),
        criteria=facts.get("criteria"),
        subcriteria=facts.get("subcriteria"),
        note=facts.get("note", {}),
        source=facts.get("source", ""),
    )


def _domain(facts: Mapping[str, Any]) -> Domain:
    children = tuple(Criterion(f"criterion:{name}", float(low), float(high)) for name, (low, high) in facts.get("children", {}).items())
    return Domain(facts["no"], facts["name"], facts.get("maximum"), facts.get("criteria"), facts.get("subcriteria"), facts.get("source", ""), children)


observers: list[Callable[[Catalog], None]] = []
"""Called with every catalogue that somebody takes hold of, new or not."""


def _tell(known: Catalog) -> None:
    for tell in observers:
        tell(known)


@lru_cache(maxsize=4)
def _load(root: Path) -> Catalog:
    return Catalog(root)


def forget() -> None:
    """Read the catalogues anew when they are next asked for: something of them was changed on the disk."""
    _load.cache_clear()


def load(root: Path | None = None) -> Catalog:
    """The catalogue of a checkout; read once a process."""
    known = _load(root.resolve() if root else find_root())
    _tell(known)
    return known
