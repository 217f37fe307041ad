"""The steps of a pipeline in their order: what each does, and what it depends on, so that it can be known without doing it that there is nothing to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import Field

from par_analysis import catalog
from par_analysis.deliver.settings import BadSettings, Settings, read

PACKAGE: Final = Path(__file__).resolve().parents[1]
REPORTS: Final = "the reports"


class Done(Protocol):
    """What every step says of itself: how many things are others than before, and what it did, in sentences."""

    @property
    def changed(self) -> int:
        """How many things are others than before."""

    @property
    def said(self) -> tuple[str, ...]:
        """What was done, in sentences."""


@dataclass(frozen=True)
class Place:
    """Where a pipeline works: its file, its folders, and the checkout with the downloads. ``tables`` are all tables of the file."""

    file: Path
    tables: Mapping[str, Any]
    reports: Path
    state: Path
    root: Path = field(default_factory=catalog.find_root)
    cache: Path = field(default_factory=catalog.cache_folder)

    @property
    def folder(self) -> Path:
        """The folder of the file, below which its paths are looked for."""
        return self.file.parent

    def has(self, step: str) -> bool:
        """Whether the pipeline has a step."""
        return step in self.tables

    def named(self, step: str, key: str, default: str) -> Path:
        """A path that a step's table names, or else the usual one."""
        table = self.tables.get(step)
        return self.folder / str(table.get(key, default) if isinstance(table, Mapping) else default)

    @property
    def signed(self) -> Path:
        """The folder of signed files."""
        return self.named("sign", "out", "signed")

    @property
    def site(self) -> Path:
        """The folder of the site."""
        return self.named("site", "out", "site")


Paths = Mapping[str, Iterable[Path]]
"""What something is called → its files and folders."""


def nothing(_: Place) -> Paths:
    """No file."""
    return {}


@dataclass(frozen=True)
class Step:
    """``settings`` reads the step's table; ``perform`` is given them, and where the pipeline works.

    ``reads`` is what the step depends on, ``writes`` what it leaves behind: where both are as they were when it had last been done, and ``is_due`` of the
    table does not say otherwise, it has nothing to do.
    """

    name: str
    settings: Callable[[Any, str], Any]
    perform: Callable[[Any, Place], Done]
    reads: Callable[[Place], Paths]
    writes: Callable[[Place], Paths] = nothing
    is_due: Callable[[Any], bool] = lambda _: False


class Site(Settings):
    """The table ``[site]``: the folder that the site is made in."""

    out: str = Field(default="site", min_length=1)


# ---------------------------------------------------------------- what each does; the libraries are imported when they are needed


def _fetch(settings: Any, _: Place) -> Done:
    from par_analysis.deliver import building

    return building.fetch(settings)


def _check(settings: Any, _: Place) -> Done:
    from par_analysis.deliver import building

    return building.check(settings)


def _build(settings: Any, place: Place) -> Done:
    from par_analysis.deliver import building

    return building.build(settings, place.reports)


def _diff(settings: Any, place: Place) -> Done:
    from par_analysis.deliver import gate

    return gate.open_for(settings, gate.comparable(place.reports, place.state), place.state, by=gate.public_step(place.tables))


def _sign(settings: Any, place: Place) -> Done:
    from par_analysis.deliver.finished import some_reports
    from par_analysis.deliver.signing import sign

    return sign(some_reports(place.reports), settings, root=place.folder)


def _site(_: Any, place: Place) -> Done:
    from par_analysis.deliver.site import make_site

    return make_site(place.reports, place.site, signed=place.signed if place.has("sign") else None)


def _publish(settings: Any, place: Place) -> Done:
    from par_analysis.deliver.publishing import publish

    return publish(place.site, settings.target, state=place.state, settings=settings, root=place.folder)


def _send(settings: Any, place: Place) -> Done:
    from par_analysis.deliver.finished import some_reports
    from par_analysis.deliver.sending import send

    return send(some_reports(place.reports), settings, state=place.state, signed=place.signed if place.has("sign") else None, root=place.folder)


# ---------------------------------------------------------------- their settings


def _of_fetch(table: Any, file: str) -> Any:
    from par_analysis.deliver.building import Fetching

    return read(Fetching, table, file=file, at="fetch")


def _of_check(table: Any, file: str) -> Any:
    from par_analysis.deliver.building import Checking

    return read(Checking, table, file=file, at="check")


def _of_build(table: Any, file: str) -> Any:
    from par_analysis.deliver.building import Building

    tables = table if isinstance(table, Sequence) and not isinstance(table, str) else [table]
    return [read(Building, one, file=file, at=f"build.{number}") for number, one in enumerate(tables, start=1)]


def _of_diff(table: Any, file: str) -> Any:
    from par_analysis.deliver.gate import Gate

    return read(Gate, table, file=file, at="diff")


def _of_sign(table: Any, file: str) -> Any:
    from par_analysis.deliver.signing import Signing

    return read(Signing, table, file=file, at="sign")


def _of_site(table: Any, file: str) -> Any:
    return read(Site, table, file=file, at="site")


def _of_publish(table: Any, file: str) -> Any:
    from par_analysis.deliver.stores import Publishing

    settings = read(Publishing, table, file=file, at="publish")
    if not settings.target:
        raise BadSettings(file, ["publish.target is missing"])
    return settings


def _of_send(table: Any, file: str) -> Any:
    from par_analysis.deliver.sending import Sending

    return read(Sending, table, file=file, at="send")


# ---------------------------------------------------------------- what they depend on


def _sources(place: Place) -> Paths:
    return {"the records of the sources": [place.root / "data" / "reference"], "the package": _package()}


def _downloads(place: Place) -> Paths:
    return {"the downloads": [place.cache]}


def _figures(place: Place) -> Paths:
    """What figures and their meaning come from."""
    data = sorted(path for path in (place.root / "data").iterdir() if path.name != "tidy" and not path.name.startswith("."))
    return {"the data": data, "the package": _package(), **_downloads(place)}


def _package() -> list[Path]:
    """The package itself, its commands apart."""
    return sorted(path for path in PACKAGE.iterdir() if path.name != "cli")


def _makings(place: Place) -> Paths:
    """Everything that the notes beside finished reports compare."""
    return {
        **_figures(place),
        "the notebooks": [place.root / "notebooks"],
        "requirements.lock": [place.root / "requirements.lock"],
        "the installed packages": _installed(),
        "a file that a notebook opens": sorted(_opened(place.reports)),
    }


def _installed() -> list[Path]:
    """Python, and what tells of every installed package that it came or went."""
    folders = [Path(name) for name in dict.fromkeys(sys.path) if name.endswith(("site-packages", "dist-packages"))]
    return [Path(sys.executable), *(path for folder in folders for path in sorted(folder.glob("*.dist-info/METADATA")))]


def _opened(reports: Path) -> set[Path]:
    """The files and folders that notebooks opened by themselves, as was noted when they ran."""
    from par_analysis.run.publish import NOTES

    found: set[Path] = set()
    for note in (reports / NOTES).glob("*.json"):
        with suppress(OSError, ValueError, KeyError, IndexError, AttributeError):
            names = json.loads(note.read_bytes().split(b"\n", 1)[1])["reads"]
            found |= {Path(name.partition(":")[2]) for name in names if name.startswith(("file:", "folder:"))}
    return found


def _reports(place: Place) -> Paths:
    return {REPORTS: [place.reports]}


def _built(place: Place) -> Paths:
    from par_analysis.run.publish import NOTES

    return {**_reports(place), "the notes beside the reports": [place.reports / NOTES]}


def _agreed(place: Place) -> Paths:
    from par_analysis.deliver.acceptance import FILE
    from par_analysis.deliver.published import FOLDER

    return {**_reports(place), "what was published": [place.state / FOLDER], "what was accepted": [place.state / FILE]}


def _key(place: Place) -> Paths:
    return {**_reports(place), "the key": [place.named("sign", "key", "")]} if place.named("sign", "key", "").is_file() else _reports(place)


def _signed(place: Place) -> Paths:
    return {"the signed files": [place.signed]}


def _gathered(place: Place) -> Paths:
    return {**_reports(place), **_signed(place), "the package": _package(), "the reference data": [place.root / "data" / "reference"], "the notebooks": [place.root / "notebooks"]}


def _of_the_site(place: Place) -> Paths:
    return {"the site": [place.site]}


def _letters(place: Place) -> Paths:
    recipients = [place.named("send", "recipients", "recipients.toml")]
    return {**_reports(place), **_signed(place), "the list of recipients": recipients, "the package": _package(), "the reference data": [place.root / "data" / "reference"]}


def _ledger(place: Place) -> Paths:
    from par_analysis.deliver.ledger import FILE

    return {"the ledger": [place.state / FILE]}


STEPS: Final[tuple[Step, ...]] = (
    Step("fetch", _of_fetch, _fetch, _sources, _downloads, is_due=lambda table: isinstance(table, Mapping) and bool(table.get("look_again"))),
    Step("check", _of_check, _check, _figures),
    Step("build", _of_build, _build, _makings, _built),
    Step("diff", _of_diff, _diff, _agreed),
    Step("sign", _of_sign, _sign, _key, _signed),
    Step("site", _of_site, _site, _gathered, _of_the_site),
    Step("publish", _of_publish, _publish, _of_the_site),
    Step("send", _of_send, _send, _letters, _ledger),
)
"""All steps there are, in the order in which they are done."""
