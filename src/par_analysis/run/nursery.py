"""The warm process: imports once what all notebooks need, reads the data, and forks the workers. It has no thread, so that it may be forked at any time."""

from __future__ import annotations

import gc
import multiprocessing as mp
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import reduction
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from par_analysis.errors import ParError, WorkerDied
from par_analysis.model import LANGUAGES
from par_analysis.run import process
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings

Subjects = Mapping[str, Collection[int]]
"""Index → years of the reports that are to be made; none for those about all years."""


@dataclass(frozen=True)
class Started:
    """A warm process that imports already, and waits to be told what for."""

    process: subprocess.Popen[bytes]
    link: Connection

    def end(self) -> None:
        """End it, if it still runs."""
        if self.process.poll() is None:
            process.kill_group(self.process.pid)
            self.process.wait()


def start(places: Mapping[str, str] | None = None) -> Started:
    """Start a warm process, which ends with the thread that starts it. ``places`` are more variables of its environment."""
    ours, theirs = mp.get_context("fork").Pipe()
    given = {**os.environ, **process.ENVIRONMENT, **process.CAPS, "MATPLOTLIBRC": os.devnull, **(places or {})}
    command = [sys.executable, "-m", "par_analysis.run.nursery", str(theirs.fileno()), str(os.getpid())]
    with theirs:
        return Started(subprocess.Popen(command, env=given, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, process_group=0), ours)


@contextmanager
def early(wanted: bool) -> Iterator[Started | None]:
    """A warm process that imports while a run is planned, where something will have to be made for sure; it is gone afterwards."""
    started = start() if wanted and process.has_fork() else None
    try:
        yield started
    finally:
        if started:
            started.end()


MANY: Final = 12
"""From so many jobs on, a rehearsal saves more than it costs."""


def rehearsed(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """One job of each notebook, index and language where there are many: those whose calls the warm process makes beforehand."""
    kinds = {(job.report, job.identity["index"], job.lang): job for job in reversed(jobs)}
    return tuple(kinds.values())[:4] if len(jobs) >= MANY else ()


class Nursery:
    """The hold on a warm process. Raises ``WorkerDied`` where it has ended."""

    def __init__(
        self, settings: Settings, subjects: Subjects, *, jobs: Sequence[Job] = (), places: Mapping[str, str] | None = None, started: Started | None = None
    ) -> None:
        begun = started or start(places)
        self.process, self.link = begun.process, begun.link
        with suppress(OSError):  # one that has ended is met when a worker is asked for
            self.link.send_bytes(pickle.dumps((settings, dict(subjects), rehearsed(jobs))))

    def worker(self) -> tuple[int, Connection]:
        """A new worker: its process number, and the link to it."""
        ours, theirs = mp.get_context("fork").Pipe()
        try:
            with theirs:
                self.link.send("worker")
                reduction.send_handle(self.link, theirs.fileno(), self.process.pid)
            return int(self.link.recv()), ours
        except (EOFError, OSError) as error:
            ours.close()
            raise WorkerDied("the warm process has ended") from error

    def end(self) -> None:
        """End it, and with it everything that it started."""
        self.link.close()
        self.stop()

    def stop(self) -> None:
        """End it while another thread listens to its link, which stays open."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        process.kill_group(self.process.pid)
        self.process.wait()


def main(arguments: Sequence[str]) -> None:
    """The warm process itself: ``arguments`` are the number of its link and its parent's process number."""
    signal.signal(signal.SIGTERM, _end)
    process.adopt_orphans()
    process.die_with_parent(int(arguments[1]), by=signal.SIGTERM)
    sys.path[:] = [folder for folder in sys.path if folder not in {"", os.getcwd()}]  # as the launcher of a kernel does
    link = Connection(int(arguments[0]))
    import_all()
    try:
        settings, subjects, jobs = pickle.loads(link.recv_bytes())
    except EOFError:
        return  # nothing has to be made
    warm(settings, subjects, jobs)
    require_no_thread()
    with suppress(EOFError, OSError):
        _serve(link, settings)
    _end()


def _end(*_: object) -> None:
    """End with all that was started: asked to, or because the parent has ended."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        process.end_children()
    finally:
        os._exit(1)


def _serve(link: Connection, settings: Settings) -> None:
    from par_analysis.run import worker

    fork = mp.get_context("fork")
    workers: list[Any] = []
    while True:
        ready = wait([link, *(child.sentinel for child in workers)])
        for child in [child for child in workers if child.sentinel in ready]:
            child.join()
            workers.remove(child)
        if link in ready:
            link.recv()
            with Connection(reduction.recv_handle(link)) as theirs:
                workers.append(fork.Process(target=_work, args=(worker.serve, link, theirs, settings, os.getpid())))
                workers[-1].start()
            link.send(workers[-1].pid)


def _work(serve: Any, link: Connection, theirs: Connection, settings: Settings, nursery: int) -> None:
    link.close()
    process.die_with_parent(nursery)
    serve(theirs, settings)
    os._exit(0)


def import_all() -> None:
    """Import what notebooks and pages need."""
    with _without("rfc3987_syntax"):
        import nbformat  # noqa: F401
    import IPython.core.logger  # noqa: F401
    import papermill  # noqa: F401
    import psutil  # noqa: F401

    from par_analysis import metrics  # noqa: F401
    from par_analysis.render import html, pdf, readback  # noqa: F401
    from par_analysis.run import export, forker, numbers, worker  # noqa: F401
    from par_analysis.show import displays  # noqa: F401


def warm(settings: Settings, subjects: Subjects, jobs: Sequence[Job] = ()) -> None:
    """Read fonts, catalogues and data, make the exporters, rehearse some jobs, and prepare the kernel."""
    import nbformat

    from par_analysis.run import export, rehearsal
    from par_analysis.run.memory import MemoryKernelManager, prepare
    from par_analysis.run.plan import FORMATS
    from par_analysis.show import drawing

    sheet = drawing.Sheet(10)
    for is_bold in (False, True):
        sheet.text(0, 5, "A", bold=is_bold)
    sheet.svg()
    for name in FORMATS.values():
        export.exporter(name)
    for is_lenient in (False, True):  # compiles what notebooks are checked with
        nbformat.validate(nbformat.v4.new_notebook(), relax_add_props=is_lenient)  # type: ignore[no-untyped-call]
    if settings.kernels == "warm":
        MemoryKernelManager.prepared = prepare()
    if settings.kernels != "cold":
        for index, years in subjects.items():
            with suppress(ParError):  # the reports on it will say so themselves
                _read(index, years)
        for job in jobs:
            rehearsal.rehearse(job)
    gc.collect()
    gc.freeze()


@contextmanager
def _without(module: str) -> Iterator[None]:
    """As if a module were not installed: jsonschema compiles dozens of grammars with this one, for two seconds, to check formats that notebooks have not."""
    met = sys.modules.get(module)
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]
        if met is not None:
            sys.modules[module] = met


def _read(index: str, years: Collection[int]) -> None:
    """Read an index's data, and what reports of these years ask of them first, as each of them will."""
    from par_analysis import catalog, dataset
    from par_analysis.dataset import reads
    from par_analysis.metrics.lookup import lookup

    known = catalog.load()
    there = dataset.load(index, known=known).years
    for kind in ("figures", "claims"):
        for name in ("reference/tables", "reference/tiles", f"reference/{index}", f"received/{index}", *reads.of_years(kind, index, there, True)):
            reads.fingerprint(name, known)
    for year in [*years] or there[-1:]:
        for lang in LANGUAGES:
            view = dataset.view("", index=index, year=year, lang=lang, unit=known.provinces(year)[0].code, known=known)
            view.words.number(0.5, 1)
            lookup(view.panel)
            view.sources, view.conflicts, view.beside, view.press, view.operations, view.tiles, view.indicators  # noqa: B018 - kept for whoever asks next


def require_no_thread() -> None:
    """A process with threads must not be forked: a lock that one of them holds would never be free again. Raises ``RuntimeError``."""
    import threading

    met = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    with suppress(OSError):
        met += [f"task {task}" for task in os.listdir("/proc/self/task") if int(task) != os.getpid()]
    if met:
        raise RuntimeError(f"the warm process has threads: {', '.join(met)}")


if __name__ == "__main__":
    main(sys.argv[1:])
