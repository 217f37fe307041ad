"""What a Dask worker runs for a client: one report, from inputs that are known by hash, made by the local workers of its own process."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from par_analysis.errors import ParError, RequestError
from par_analysis.run import inputs
from par_analysis.run.cache import package_hashes
from par_analysis.run.manifest import versions
from par_analysis.run.nursery import Subjects
from par_analysis.run.outcome import Outcome
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings
from par_analysis.run.workshop import Parcel, Workshop, workshop

BEGUN: Final = "begun"
"""Said of a report when its notebook is about to run."""
HINT: Final = "the same requirements.lock and the same par-analysis have to be installed on every machine, and its Dask processes started anew"

Built = Mapping[str, str]
"""What the bytes of a report depend on, its data apart: name → version or hash."""


@dataclass(frozen=True)
class Order:
    """What is the same for all reports of a run: ``root`` and ``cache`` are the client's folders, which those of a worker stand for."""

    run: str
    built: Built
    settings: Settings
    subjects: Subjects
    manifest: inputs.Manifest
    root: str
    cache: str


@dataclass(frozen=True)
class Packed:
    """Something that Dask is to leave as it is."""

    content: Any


@dataclass(frozen=True)
class Missing:
    """The contents that this worker lacks."""

    hashes: tuple[str, ...]


def built() -> dict[str, str]:
    """What this process is made of: Python, the packages that can be seen in a report, and this package's own files as they are now."""
    return {**versions(), **{f"par-analysis' {part}": found for part, found in package_hashes().items()}}


def require_same(who: str, met: Built, expected: Built) -> None:
    """Another process is made as the client is. Raises ``RequestError`` that names what is not."""
    other = [f"{name} {met.get(name, 'missing')} (here {expected.get(name, 'missing')})" for name in sorted({*met, *expected}) if met.get(name) != expected.get(name)]
    if other:
        raise RequestError(f"the {who} has {', '.join(other)}: the same bytes cannot be promised", hint=HINT)


def slim(job: Job) -> Job:
    """The job without the folders of the client's machine."""
    here = Path()
    return replace(job, root=here, notebook=Path(inputs.NOTEBOOKS) / job.notebook.name, out=here, folder=job.folder.relative_to(job.out))


def same(content: Packed) -> Packed:
    """The content: what Dask computes where it is needed."""
    return content


_lock = threading.Lock()
_alike: set[str] = set()


def run(name: str, job: Job, order: Packed, bundles: Sequence[Packed]) -> Parcel | Missing | RequestError:
    """The task: a finished report, or what stands in its way."""
    from distributed import get_worker

    here = get_worker()
    try:
        together = _together(here, order.content, bundles)
        if isinstance(together, Missing):
            return together
        shop = _shop(order.content, Path(here.local_directory), together)
        here.log_event(order.content.run, name)
        return shop.make(job)
    except RequestError as error:
        return error
    except ParError as error:
        return Parcel(Outcome(job, 0.0, error))


def _together(here: Any, order: Order, bundles: Sequence[Packed]) -> Path | Missing:
    """The folder of the run's inputs."""
    store = inputs.Store(Path(here.local_directory) / "par-analysis")
    with _lock:
        if order.run not in _alike:
            require_same(f"worker {here.address}", built(), order.built)
            _alike.add(order.run)
        for bundle in bundles:
            store.add(bundle.content)
        missing = store.missing(order.manifest)
        return Missing(missing) if missing else store.together(order.manifest)


def _shop(order: Order, folder: Path, together: Path) -> Workshop:
    stands_for = {str((together / inputs.ROOT).resolve()): order.root, str((together / inputs.CACHE).resolve()): order.cache}
    return workshop(order.run, replace(order.settings, stands_for=stands_for), order.subjects, folder / "par-analysis" / "out", together)
