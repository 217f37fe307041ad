"""Reports made on a Dask cluster: the same jobs, the same code, the same bytes. Here is what the client does; what a Dask worker runs is an ``errand``.

The inputs travel by hash, to every worker that lacks them. A report that is begun is heard of at once: one that is begun twice has lost the worker that
it was with. What comes back is compared with what it has to be, before it takes the place of the last good report.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import queue
import secrets
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from par_analysis.catalog import cache_folder
from par_analysis.errors import ParError, ProgramError, RequestError, WorkerDied
from par_analysis.run import errand, inputs, workshop
from par_analysis.run.arrival import publish
from par_analysis.run.batch import Event, Waiting, subjects
from par_analysis.run.outcome import Outcome
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings

ANSWER: Final = 10
"""Seconds within which a scheduler has to answer, and to have a worker."""
PATIENCE: Final = 120.0
"""Seconds that a cluster may be without a worker before the run is given up."""
LOOK: Final = 5.0
"""Seconds between two looks at how many workers there are."""
AHEAD: Final = 4
"""Reports that are handed over at once, for each thread of the cluster."""
BUNDLE: Final = 4 * 2**20
"""Bytes of input that are sent as one, unless a single file is larger."""


def makers(address: str, *, root: Path, retries: int) -> Callable[[Sequence[Job], Settings], Cluster]:
    """Who makes the reports of a run on the cluster of a scheduler. Raises ``RequestError`` where Dask is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise RequestError(f"--cluster needs Dask distributed: {error}", hint="pip install 'par-analysis[cluster]', or requirements.lock, which has it") from error
    return lambda jobs, settings: Cluster(address, jobs, settings, root=root, retries=retries)


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler. Raises ``RequestError`` where none answers, or none that speaks as we do."""
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is told in outcomes
    try:
        asyncio.run(_answer(address))  # a client that meets no scheduler does not end itself in time
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # versions are compared below, and differences refused
            client = Client(address, timeout=ANSWER, set_as_default=False, name="par")  # type: ignore[no-untyped-call]
    except Exception as error:  # another service may answer anything
        raise RequestError(f"no Dask scheduler answers at {address}: {_line(error)}", hint="is the address tcp://host:8786, or tls://?") from error
    try:
        yield client
    finally:
        _within(ANSWER, client.close)


async def _answer(address: str) -> None:
    from distributed.comm.core import connect
    from distributed.security import Security

    security: Any = Security
    comm: Any = await connect(address, timeout=ANSWER, **security().get_connection_args("client"))  # type: ignore[no-untyped-call]
    await comm.close()


def require_alike(client: Any, built: errand.Built) -> None:
    """Scheduler and workers are made as this client is, or the same bytes could not be promised. Raises ``RequestError``."""
    try:
        client.wait_for_workers(1, timeout=ANSWER)
        met = {"scheduler": client.run_on_scheduler(errand.built), **{f"worker {name}": facts for name, facts in client.run(errand.built, on_error="return").items()}}
    except TimeoutError as error:
        raise RequestError(f"the scheduler has no worker: none came within {ANSWER} s", hint="dask worker ADDRESS, in the environment of requirements.lock") from error
    except (ImportError, AttributeError) as error:
        met = {"scheduler": error}
    for who, facts in met.items():
        if isinstance(facts, Exception):
            raise RequestError(f"the {who} cannot run par-analysis: {type(facts).__name__}: {facts}", hint=errand.HINT) from facts
        errand.require_same(who, facts, built)


@dataclass
class _Sent:
    """A job that was handed over; ``since`` when it was begun."""

    job: Job
    future: Any
    since: float | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since if self.since else 0.0


class Cluster:
    """Jobs that are made on a cluster. Iterating runs them; closing the iterator ends all that was begun."""

    def __init__(self, address: str, jobs: Sequence[Job], settings: Settings, *, root: Path, retries: int) -> None:
        self.address, self.jobs, self.settings, self.root = address, jobs, settings, root
        self.waiting = Waiting(jobs, retries)
        self.run, self.numbers = secrets.token_hex(8), itertools.count()
        self.inbox: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self.sent: dict[str, _Sent] = {}
        self.shared: dict[Hashable, Any] = {}
        self.room, self.looked, self.answered = 0, 0.0, time.monotonic()
        self.bringers = ThreadPoolExecutor(4, "par-bringer")

    def __iter__(self) -> Iterator[Event]:
        with connected(self.address) as client:
            require_alike(client, errand.built())
            self.client = client
            self._pack()
            client.subscribe_topic(self.run, lambda event: self.inbox.put((event[1], errand.BEGUN)))
            try:
                while self.waiting or self.sent:
                    self._look()
                    self._hand_over()
                    yield from self._hear()
            finally:
                self._end()

    def _pack(self) -> None:
        manifest, self.blobs = inputs.gather(self.root, self.jobs)
        there = replace(self.settings, scratch=None, work=None)
        self.order = errand.Order(self.run, errand.built(), there, subjects(self.jobs), manifest, str(self.root.resolve()), str(cache_folder().resolve()))

    def _look(self) -> None:
        """How many threads there are now. Raises ``WorkerDied`` for a cluster that has had none for long."""
        if time.monotonic() - self.looked < LOOK:
            return
        threads = 0
        if self.client.status == "running":
            with suppress(OSError):
                threads = sum(self.client.nthreads().values())
        self.looked = time.monotonic()
        self.answered = self.looked if threads else self.answered
        self.room = AHEAD * threads
        if self.client.status == "closed" or self.looked - self.answered > PATIENCE:
            raise WorkerDied(f"the cluster at {self.address} is gone, or has no worker any more", hint="run the command again: what is finished stays")

    def _hand_over(self) -> None:
        while self.client.status == "running" and len(self.sent) < self.room and self.waiting.promote():
            self._send(self.waiting.pending.popleft())

    def _send(self, job: Job, lacking: Sequence[str] = ()) -> None:
        """Hand a job over, with the contents that a worker was found to lack."""
        name = f"par-{self.run}-{next(self.numbers)}"
        bundles = [self._share(bundle, {known: self.blobs[known] for known in bundle}) for bundle in self._bundled(lacking)]
        order = self._share("order", self.order)
        self.sent[name] = _Sent(job, self.client.submit(errand.run, name, errand.slim(job), order, bundles, key=name))
        self.sent[name].future.add_done_callback(partial(self._done, name))

    def _share(self, what: Hashable, content: Any) -> Any:
        """What many reports need, sent once; the scheduler keeps it, so that no worker's end loses it."""
        if what not in self.shared or self.shared[what].status not in {"pending", "finished"}:
            self.shared[what] = self.client.submit(errand.same, errand.Packed(content), key=f"par-{self.run}-{next(self.numbers)}")
        return self.shared[what]

    def _bundled(self, lacking: Sequence[str]) -> Iterator[tuple[str, ...]]:
        bundle: tuple[str, ...] = ()
        for known in lacking:
            if bundle and sum(len(self.blobs[other]) for other in (*bundle, known)) > BUNDLE:
                yield bundle
                bundle = ()
            bundle = (*bundle, known)
        if bundle:
            yield bundle

    def _done(self, name: str, future: Any) -> None:
        with suppress(RuntimeError):  # the run has ended
            self.bringers.submit(self._bring, name, future)

    def _bring(self, name: str, future: Any) -> None:
        try:
            self.inbox.put((name, future.result()))
        except (Exception, CancelledError) as error:
            self.inbox.put((name, error))

    def _hear(self) -> Iterator[Event]:
        """What the next message says."""
        try:
            name, what = self.inbox.get(timeout=self.waiting.soon)
        except queue.Empty:
            return
        if name not in self.sent:
            return
        sent = self.sent[name]
        if sent.since and (what == errand.BEGUN or isinstance(what, errand.Missing)):
            yield self._lost(name, sent)
        if name in self.sent:
            yield from self._heard(name, sent, what)

    def _lost(self, name: str, sent: _Sent) -> Event:
        """A report that was being made is with another worker now."""
        error = WorkerDied(f"{sent.job.label}: the worker of the cluster that made the report is gone", hint="out of memory, killed, or cut off")
        event = self.waiting.judged(Outcome(sent.job, sent.seconds, error), is_begun_again=True)
        if event.kind == "ended":
            self.sent.pop(name).future.cancel()
        return event

    def _heard(self, name: str, sent: _Sent, what: Any) -> Iterator[Event]:
        if what == errand.BEGUN:
            sent.since = time.monotonic()
            yield self.waiting.begun(sent.job)
        elif isinstance(what, errand.Missing):
            self._send(self.sent.pop(name).job, what.hashes)
        elif isinstance(what, RequestError):
            raise what
        else:
            yield from self._arrived(self.sent.pop(name), what)

    def _arrived(self, sent: _Sent, what: Any) -> Iterator[Event]:
        if not sent.since:
            yield self.waiting.begun(sent.job)
        sent.future.release()
        if isinstance(what, workshop.Parcel):
            yield self.waiting.judged(publish(sent.job, what, self.settings))
        else:
            yield self.waiting.judged(Outcome(sent.job, sent.seconds, _fault(sent.job, what)))

    def _end(self) -> None:
        """End the workshops of this run, with whatever they still make."""
        self.bringers.shutdown(wait=False, cancel_futures=True)
        _within(ANSWER, partial(self.client.cancel, [sent.future for sent in self.sent.values()]))
        _within(ANSWER, partial(self.client.run, workshop.close, self.run, on_error="ignore"))


def _fault(job: Job, error: Any) -> ParError:
    """What is said of a task that was not carried out: the machine's fault, but for errors of this program."""
    from distributed.scheduler import KilledWorker

    if isinstance(error, ParError):
        return error
    if isinstance(error, KilledWorker | OSError | CancelledError | MemoryError):
        return WorkerDied(f"{job.label}: the cluster lost the report: {_line(error)}")
    return ProgramError(job.label, "".join(traceback.format_exception(error)))


def _line(error: BaseException) -> str:
    """An error in a line."""
    return ": ".join([type(error).__name__, *str(error).splitlines()[:1]])


def _within(seconds: float, call: Callable[[], object]) -> None:
    """Call, but wait so long only: a cluster that is gone does not keep this process."""

    def quietly() -> None:
        with suppress(Exception):
            call()

    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    thread.join(seconds)
