"""The warm process: imports once what all notebooks need, reads the data, and forks the workers. It has no thread, so that it may be forked at any time."""

from __future__ import annotations

import gc
import multiprocessing as mp
import os
import pickle
import subprocess
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from multiprocessing import reduction
from multiprocessing.connection import Connection, wait
from typing import Any

from par_analysis.errors import ParError, WorkerDied
from par_analysis.model import LANGUAGES
from par_analysis.run import process
from par_analysis.run.kernel import ENVIRONMENT
from par_analysis.run.settings import Settings


class Nursery:
    """The hold on a warm process. Raises ``WorkerDied`` where it has ended."""

    def __init__(self, settings: Settings, indices: Collection[str]) -> None:
        self.link, theirs = mp.get_context("fork").Pipe()
        assert settings.scratch is not None
        empty = settings.scratch / "matplotlibrc"
        empty.touch()
        given = {**os.environ, **ENVIRONMENT, **process.CAPS, "MATPLOTLIBRC": str(empty)}
        command = [sys.executable, "-m", "par_analysis.run.nursery", str(theirs.fileno()), str(os.getpid())]
        self.process = subprocess.Popen(command, env=given, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, process_group=0)
        theirs.close()
        self.link.send_bytes(pickle.dumps((settings, tuple(indices))))

    def worker(self) -> tuple[int, Connection]:
        """A new worker: its process number, and the link to it. Raises the ``ParError`` that the nursery met."""
        ours, theirs = mp.get_context("fork").Pipe()
        try:
            with theirs:
                self.link.send("worker")
                reduction.send_handle(self.link, theirs.fileno(), self.process.pid)
            answer = self.link.recv()
        except (EOFError, OSError) as error:
            raise WorkerDied("the warm process has ended") from error
        if isinstance(answer, ParError):
            raise answer
        return int(answer), ours

    def end(self) -> None:
        """End it, and with it everything that it started."""
        self.link.close()
        process.kill_group(self.process.pid)
        self.process.wait()


def main(arguments: Sequence[str]) -> None:
    """The warm process itself: ``arguments`` are the number of its link and its parent's process number."""
    process.die_with_parent(int(arguments[1]))
    link = Connection(int(arguments[0]))
    settings, indices = pickle.loads(link.recv_bytes())
    failure: ParError | None = None
    try:
        warm(settings, indices)
    except ParError as error:
        failure = error
    require_no_thread()
    with suppress(EOFError, OSError):
        _serve(link, settings, failure)


def _serve(link: Connection, settings: Settings, failure: ParError | None) -> None:
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
                if failure is None:
                    workers.append(fork.Process(target=_work, args=(worker.serve, link, theirs, settings, os.getpid())))
                    workers[-1].start()
                link.send(failure or workers[-1].pid)


def _work(serve: Any, link: Connection, theirs: Connection, settings: Settings, nursery: int) -> None:
    link.close()
    process.die_with_parent(nursery)
    serve(theirs, settings)
    os._exit(0)


def warm(settings: Settings, indices: Collection[str]) -> None:
    """Import what notebooks and pages need, read fonts, catalogues and data, and prepare the kernel. Raises ``ParError`` where the data cannot be used."""
    import IPython.core.logger
    import papermill  # noqa: F401

    from par_analysis import metrics  # noqa: F401
    from par_analysis.render import html, pdf, readback  # noqa: F401
    from par_analysis.run import export, forker, numbers, worker  # noqa: F401
    from par_analysis.run.memory import MemoryKernelManager, prepare
    from par_analysis.run.plan import FORMATS
    from par_analysis.show import displays, drawing  # noqa: F401

    sheet = drawing.Sheet(10)
    for is_bold in (False, True):
        sheet.text(0, 5, "A", bold=is_bold)
    sheet.svg()
    for name in FORMATS.values():
        export.exporter(name)
    if settings.kernels == "warm":
        MemoryKernelManager.prepared = prepare()
    if settings.kernels != "cold":
        for index in indices:
            _read(index)
    gc.collect()
    gc.freeze()


def _read(index: str) -> None:
    """Read an index's data, and the fingerprints of its years, as every report on it will."""
    from par_analysis import catalog, dataset
    from par_analysis.dataset import reads

    known = catalog.load()
    years = dataset.load(index, known=known).years
    for name in [f"reference/{index}", "reference/tables", "reference/tiles", f"received/{index}", *reads.of_years("figures", index, years, True), *reads.of_years("claims", index, years, True)]:
        reads.fingerprint(name, known)
    for lang in LANGUAGES if years else ():
        dataset.view("", index=index, year=years[-1], lang=lang, known=known).words.number(0.5, 1)


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
