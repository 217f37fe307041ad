"""``par fetch``: the files that sources publish, downloaded into the cache; what is not the file that was recorded never gets there."""

from __future__ import annotations

import datetime
import errno
import hashlib
import http
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from par_analysis import catalog
from par_analysis.catalog import Catalog, cached_file, recorded_file
from par_analysis.clean.reading import MAX_BYTES
from par_analysis.errors import DataError, Finding, ParError, RequestError
from par_analysis.model import RemoteFile, Source
from par_analysis.run.workspace import workspace

if TYPE_CHECKING:
    import requests

TIMEOUT: Final = (10.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes."""

LONGEST: Final = 600.0
"""Seconds after which one download is given up, however slowly it still moves."""

CHUNK: Final = 32
"""Bytes asked for at a time: so few that a trickle is noticed."""

PREFIX: Final = ".fetching-"

Copy = Callable[[str, IO[bytes]], None]


@dataclass(frozen=True)
class Fetched:
    """What came of one file."""

    source: str
    file: RemoteFile
    size: int = 0
    was_there: bool = False
    error: ParError | None = None

    @property
    def label(self) -> str:
        """The edition that the file is."""
        return f"{self.source}/{self.file.edition}"


def fetchable(known: Catalog) -> list[Source]:
    """The sources that publish files at addresses."""
    return [source for source in map(known.source, known.sources) if source.files]


def chosen(known: Catalog, codes: Sequence[str]) -> list[Source]:
    """The sources of these codes, each once. Raises ``UnknownName``, and ``RequestError`` for a source without files."""
    sources = [known.source(code) for code in dict.fromkeys(codes)]
    for source in sources:
        if not source.files:
            raise RequestError(f"{source.code} publishes no files that could be fetched", hint=f"add a file of it: par add {source.code} FILE --edition NAME")
    return sources


def is_there(file: RemoteFile) -> bool:
    """Whether the file lies in the cache, as its publisher or its first download recorded it. Raises ``ParError`` where the cache cannot be read."""
    wanted = _wanted(file)
    try:
        return bool(wanted) and cached_file(file).is_file() and _sha256(cached_file(file)) == wanted
    except OSError as error:
        raise _unusable(error) from error


def fetch(sources: Sequence[Source], known: Catalog, *, again: bool = False, today: datetime.date | None = None) -> Generator[Fetched, None, None]:
    """Download what is not there yet (``again``: everything), one file after the other. What goes wrong with one stops none of the others."""
    copy, space, day = _copier(), None, today or datetime.date.today()
    with ExitStack() as stack:
        for number, (source, file) in enumerate([(one, file) for one in sources for file in one.files]):
            found = None if again else _found(source, file)
            if found is None:
                space = space or stack.enter_context(_space())  # a cache that is whole need not be written to
                found = _fetch(known, source, file, space / str(number), copy, again=again, day=day)
            yield found


@contextmanager
def _space() -> Iterator[Path]:
    """A folder of this run in the cache. Raises ``ParError`` where the cache cannot be written to."""
    try:
        catalog.cache_folder().mkdir(parents=True, exist_ok=True)
        with workspace(catalog.cache_folder(), PREFIX) as space:
            yield space
    except OSError as error:
        raise _unusable(error) from error


def check(sources: Sequence[Source], known: Catalog) -> list[Finding]:
    """What reading the downloaded editions of some sources finds. ``known`` has to be read after the download."""
    from par_analysis import dataset

    wanted = {source.code for source in sources}
    editions = [edition for edition in known.editions.values() if edition.remote and edition.source in wanted]
    return [finding for edition in editions for finding in dataset.read_edition(known, edition, known.edition_folder(edition.code)).findings]


def _found(source: Source, file: RemoteFile) -> Fetched | None:
    """The file, where it is there already."""
    try:
        return Fetched(source.code, file, cached_file(file).stat().st_size, was_there=True) if is_there(file) else None
    except ParError as error:
        error.hint = error.hint or f"par fetch {source.code} --again"
        return Fetched(source.code, file, error=error)


def _fetch(known: Catalog, source: Source, file: RemoteFile, space: Path, copy: Copy, *, again: bool, day: datetime.date) -> Fetched:
    try:
        arrived = _arrive(source, file, space, copy, again=again)
        size = arrived.stat().st_size
        if not file.sha256 and _is_as_noted(file, arrived):
            return Fetched(source.code, file, size, was_there=True)  # its publisher has not replaced it, and the day of its first use stands
        if not file.sha256:
            _require_readable(known, source, file, arrived, day)
        _put(arrived, file, day)
    except ParError as error:
        return Fetched(source.code, file, error=error)
    except OSError as error:
        return Fetched(source.code, file, error=_unusable(error))
    return Fetched(source.code, file, size)


def _arrive(source: Source, file: RemoteFile, space: Path, copy: Copy, *, again: bool) -> Path:
    """The file, downloaded whole into a folder of this run and equal to what was recorded. Raises ``ParError`` or ``OSError``."""
    import pooch
    import requests

    wanted = file.sha256 or ("" if again else _wanted(file))
    pooch.get_logger().setLevel("WARNING")
    try:
        hashed = f"sha256:{wanted}" if wanted else None
        return Path(pooch.retrieve(file.url, hashed, fname=cached_file(file).name, path=space, downloader=lambda url, place, _: _download(url, place, copy)))
    except requests.RequestException as error:
        raise _failure(file, source, error) from error
    except ValueError as error:
        raise _other_content(file, source) from error


def _download(url: str, place: str, copy: Copy) -> None:
    with open(place, "wb") as stream:
        copy(url, _Capped(stream))  # type: ignore[arg-type]
    os.chmod(place, 0o644)  # as any other file: the temporary one was for this user alone


class _Capped:
    """What a download is written through: no more than a table can have, and no longer than patience lasts."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.size, self.until = stream, 0, time.monotonic() + LONGEST

    def write(self, data: bytes) -> int:
        self.size += len(data)
        if self.size > MAX_BYTES:
            raise ParError(f"the download was stopped: more than {MAX_BYTES / 2**20:.0f} MB came, and no table is larger")
        if time.monotonic() > self.until:
            raise ParError(f"the download was stopped: it was not whole after {LONGEST:.0f} seconds", hint="try again later, or on another line")
        return self.stream.write(data)

    def flush(self) -> None:
        """Written out when the file is closed."""


def _copier() -> Copy:
    """How files come: from the mirror that PAR_MIRROR names, else from their addresses. Raises ``RequestError``."""
    named = os.environ.get("PAR_MIRROR")
    if not named:
        return _from_address
    mirror = Path(named)
    if not mirror.is_dir():
        raise RequestError(f"PAR_MIRROR names {named}, which is no folder", hint="a mirror is a folder laid out by host, then path; unset PAR_MIRROR to download")
    return lambda url, stream: _from_mirror(mirror, url, stream)


def _from_address(url: str, stream: IO[bytes]) -> None:
    import pooch

    get = pooch.HTTPDownloader(chunk_size=CHUNK, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}, hooks={"response": _require_as_safe(url)})
    get(url, stream, None)


def _require_as_safe(url: str) -> Callable[..., None]:
    """Refuses the answer of an address without encryption in place of one with it."""

    def require(response: requests.Response, **_: Any) -> None:
        if urlsplit(url).scheme == "https" and urlsplit(response.url).scheme != "https":
            raise ParError(f"{url} leads to an address without encryption, {response.url}")

    return require


def _from_mirror(mirror: Path, url: str, stream: IO[bytes]) -> None:
    address = urlsplit(url)
    path = mirror.joinpath(address.hostname or "", *PurePosixPath(address.path).parts[1:])
    if not path.resolve().is_relative_to(mirror.resolve()):
        raise ParError(f"{url} lies outside the mirror {mirror}", hint="a link in the mirror leads out of it")
    if not path.is_file():
        raise ParError(f"{url} is not in the mirror {mirror}", hint="put the file there, by host, then path; or unset PAR_MIRROR to download it")
    with path.open("rb") as file:
        while data := file.read(2**16):
            stream.write(data)


def _require_readable(known: Catalog, source: Source, file: RemoteFile, arrived: Path, day: datetime.date) -> None:
    """A file that nobody vouches for has to be a table that its reader reads. Raises ``DataError``."""
    from par_analysis import dataset

    edition = catalog.fetched_edition(source, file, {"sha256": _sha256(arrived), "received": day})
    findings = dataset.read_edition(known, edition, arrived.parent).findings
    if any(finding.severity == "error" for finding in findings):
        raise DataError(findings)


def _put(arrived: Path, file: RemoteFile, day: datetime.date) -> None:
    """The file into its place, then the record of its first download: a file without a record is not trusted, a record without its file is harmless."""
    import tomli_w

    place, sha256 = cached_file(file), _sha256(arrived)
    place.parent.mkdir(parents=True, exist_ok=True)
    arrived.replace(place)
    if not file.sha256:
        note = arrived.with_name("first-use.toml")
        note.write_text(tomli_w.dumps({"sha256": sha256, "received": day}), encoding="utf-8")
        note.replace(recorded_file(file))


def _is_as_noted(file: RemoteFile, arrived: Path) -> bool:
    """Whether what was downloaded again is the file that lies in the cache, with a sound note of its first download."""
    try:
        noted = catalog.first_use(file)
        return isinstance(noted.get("received"), datetime.date) and is_there(file) and _sha256(arrived) == noted.get("sha256")
    except ParError:
        return False


def _wanted(file: RemoteFile) -> str:
    """The hash that the file has to have; "" where none is known yet."""
    return file.sha256 or str(catalog.first_use(file).get("sha256", ""))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _other_content(file: RemoteFile, source: Source) -> ParError:
    if file.sha256:
        hint = f"try again later; if it stays so, the publisher or somebody on the way changed it: compare with {source.home or 'the publisher'}"
        return ParError(f"{file.url}: what arrived is not the file recorded in sources/{source.code}.toml (another sha256); it was thrown away", hint=hint)
    day = catalog.first_use(file).get("received", "an unknown day")
    return ParError(f"{file.url}: changed since first fetched on {day}; the file of that day stands", hint=f"par fetch {source.code} --again accepts the new one")


LATER: Final = "try again later: what is there is not downloaded twice"


def _failure(file: RemoteFile, source: Source, error: requests.RequestException) -> ParError:
    """What a failed request is called in a sentence."""
    from requests import exceptions

    said, hint = f"the request failed ({type(error).__name__})", LATER
    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        error.response.close()
        said, hint = _answered(error.response.status_code, source)
    elif "NameResolution" in repr(error):
        said, hint = "its host was not found", "is this machine on the network? With the files at hand: PAR_MIRROR=FOLDER par fetch"
    elif isinstance(error, exceptions.Timeout) or "Timeout" in repr(error) or "timed out" in repr(error):
        said = f"no answer within {max(TIMEOUT):g} seconds"
    elif isinstance(error, exceptions.SSLError):
        said, hint = "the server could not prove who it is (its certificate)", "is the machine's clock right, is there a proxy?"
    elif isinstance(error, exceptions.ChunkedEncodingError):
        said = "the connection was cut before the whole file had come"
    elif isinstance(error, exceptions.ConnectionError):
        said = "no connection"
    return ParError(f"{file.url}: {said}", hint=hint)


def _answered(status: int, source: Source) -> tuple[str, str]:
    phrase = next((known.phrase for known in http.HTTPStatus if known == status), "")
    moved = f"the publisher may have moved it: see {source.home or 'its home page'}"
    return f"the server answered {status} {phrase}".rstrip(), LATER if status >= 500 or status == 429 else moved


def _unusable(error: OSError) -> ParError:
    """What a file system's refusal is called in a sentence."""
    place = error.filename2 or error.filename or catalog.cache_folder()
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ParError(f"the disk of {catalog.cache_folder()} is full", hint="make room, or set PAR_CACHE to a folder elsewhere")
    return ParError(f"{place} cannot be used: {error.strerror or error}", hint="set PAR_CACHE to a folder that can be written to")
