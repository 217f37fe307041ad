"""Reports made on a cluster: a real scheduler and two real workers on this machine's own loop, and what goes wrong with them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from par_analysis.errors import CellFailed, ParError, RequestError, VerifyError, WorkerDied
from par_analysis.run import arrival, cluster, errand, inputs
from par_analysis.run.batch import Event, spaces
from par_analysis.run.inputs import Store, sha256
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings
from par_analysis.run.worker import Outcome
from par_analysis.run.workshop import Parcel
from tests.building import ROOT
from tests.toys import everything, make_known, run, toy_jobs

READING = """
import os, pathlib, time
from par_analysis import dataset
noted = len(dataset.load("par_index").panel)
opened = pathlib.Path(os.environ["PAR_ROOT"], "data", "raw", "own.txt").read_text()
"""
SLOW = "import time; time.sleep(3)"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with data, and a file in them that only an analyst's own cell reads."""
    made = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "data", made / "data", ignore=shutil.ignore_patterns("README.md"))
    (made / "data" / "raw" / "own.txt").write_text("own")
    return made


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a scheduler with two workers of one thread each listens."""
    place = tmp_path_factory.mktemp("dask")
    known = place / "scheduler.json"
    common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(known)]
    commands = [["scheduler", "--port", "0", *common], *(["worker", "--nthreads", "1", "--local-directory", str(place / name), *common] for name in "ab")]
    with (place / "log").open("wb") as log:
        started = [subprocess.Popen([sys.executable, "-m", "dask", *words], cwd=place, stdin=subprocess.DEVNULL, stdout=log, stderr=log) for words in commands]
        try:
            yield _listening(known, place / "log")
        finally:
            family = [member for process in started for member in psutil.Process(process.pid).children(recursive=True)]
            for process in started:
                process.kill()
                process.wait()
            for member in family:
                with suppress(psutil.NoSuchProcess):
                    member.kill()


def _listening(known: Path, log: Path) -> str:
    until = time.monotonic() + 40
    while time.monotonic() < until:
        if known.exists() and log.read_text().count("Registered to") == 2:
            return str(json.loads(known.read_text())["address"])
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def run_far(address: str, jobs: tuple[Job, ...], *, retries: int = 2, met: Callable[[Event], None] = lambda _: None) -> list[Event]:
    """The events of a run on the cluster."""
    events = []
    settings, makers = Settings(unit_names=make_known(jobs[0].root).unit_names), cluster.makers(address, root=jobs[0].root, retries=retries)
    with spaces(jobs[0].out, settings) as placed, closing(iter(makers(jobs, placed))) as happening:
        for event in happening:
            events.append(event)
            met(event)
    return events


def ended(events: list[Event]) -> dict[str, Outcome]:
    """Report type → how it ended."""
    return {event.job.report: event.outcome for event in events if event.kind == "ended" and event.outcome}


def workers_of(address: str) -> list[int]:
    """The process numbers of the workers."""
    with cluster.connected(address) as client:
        return list(client.run(os.getpid).values())


def started_by(workers: list[int]) -> list[psutil.Process]:
    """The living processes below them."""
    return [child for worker in workers for child in psutil.Process(worker).children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def far(address: str, root: Path) -> tuple[tuple[Job, ...], list[Event]]:
    """Three reports that were made on the cluster."""
    jobs = toy_jobs(root, {"one": READING, "two": "", "broken": "raise KeyError('dan_so')"}, out="far")
    return jobs, run_far(address, jobs)


@pytest.fixture(scope="module")
def near(root: Path, far: object) -> dict[str, Outcome]:
    """The same reports, made here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAR_ROOT", str(root))
        return run(toy_jobs(root, {"one": READING, "two": "", "broken": "raise KeyError('dan_so')"}, out="near"), unit_names=make_known(root).unit_names)


def test_reports_of_a_cluster_have_the_bytes_of_local_ones(far: tuple[tuple[Job, ...], list[Event]], near: dict[str, Outcome], root: Path) -> None:
    jobs, events = far
    assert [(event.kind, event.outcome and event.outcome.attempts) for event in events if event.job == jobs[0]] == [("begun", None), ("ended", 1)]
    made = {outcome.job.report: outcome.made for outcome in near.values()}
    assert {name: outcome.made for name, outcome in ended(events).items()} == made
    assert any(name.startswith("file:") for name in made["one"].reads)
    assert everything(root / "far") == everything(root / "near")
    assert len(everything(root / "far")) == 8


def test_a_failing_cell_comes_back_as_it_is(far: tuple[tuple[Job, ...], list[Event]], near: dict[str, Outcome]) -> None:
    met = ended(far[1])["broken"].error
    (expected,) = [outcome.error for outcome in near.values() if outcome.error]
    assert isinstance(met, CellFailed)
    assert isinstance(expected, CellFailed)
    assert (str(met), met.cell) == (str(expected), expected.cell)


def test_a_worker_killed_in_the_middle_loses_nothing(address: str, root: Path) -> None:
    jobs = toy_jobs(root, dict.fromkeys(["a", "b", "c", "d"], SLOW), out="killed")
    killed: list[int] = []
    running: list[Job] = []

    def kill(event: Event) -> None:
        (running.append if event.kind == "begun" else running.remove)(event.job)
        if len(running) == 2 and not killed:
            time.sleep(0.5)
            with cluster.connected(address) as client:
                busy = next(iter(client.call_stack()))
                killed.append(client.run(os.getpid)[busy])
            os.kill(killed[0], signal.SIGKILL)

    events = run_far(address, jobs, met=kill)
    assert {name: outcome.error for name, outcome in ended(events).items()} == dict.fromkeys("abcd")
    lost = [event.outcome.error for event in events if event.kind == "again" and event.outcome]
    assert list(map(type, lost)) == [WorkerDied]
    assert sorted(outcome.attempts for outcome in ended(events).values()) == [1, 1, 1, 2]
    assert len(everything(root / "killed")) == 16


@pytest.mark.parametrize("wait", [0, 4])
def test_a_run_that_is_ended_early_leaves_nothing_running(address: str, root: Path, wait: int) -> None:
    workers = workers_of(address)
    jobs = toy_jobs(root, dict.fromkeys(["a", "b", "c"], "import time; time.sleep(60)"), out="early")
    happening = iter(cluster.makers(address, root=root, retries=2)(jobs, Settings()))
    assert next(happening).kind == "begun"
    time.sleep(wait)
    happening.close()
    until = time.monotonic() + 10
    while started_by(workers) and time.monotonic() < until:
        time.sleep(0.1)
    assert not started_by(workers)


def test_wrong_bytes_from_a_cluster_are_not_published(address: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bring(parcel: Parcel) -> Parcel:
        return replace(parcel, files={name: content + b"\n" for name, content in parcel.files.items()})

    monkeypatch.setattr(cluster, "publish", lambda job, parcel, settings: arrival.publish(job, bring(parcel), settings))
    outcome = ended(run_far(address, toy_jobs(root, {"wrong": ""}, out="wrong")))["wrong"]
    assert isinstance(outcome.error, VerifyError)
    assert not (root / "wrong").exists()


# ---------------------------------------------------------------- what has arrived


@pytest.fixture
def parcel(near: dict[str, Outcome], tmp_path: Path) -> tuple[Job, Parcel]:
    """A report as it comes from a cluster, and its job, to be published in another folder."""
    outcome = near["one par_index 2023 30 vi"]
    here = replace(outcome.job, out=tmp_path / "out", folder=tmp_path / "out" / outcome.job.folder.relative_to(outcome.job.out))
    return here, Parcel(outcome, everything(outcome.job.folder))


def _changed(parcel: Parcel, **made: Any) -> Parcel:
    return replace(parcel, outcome=replace(parcel.outcome, made=replace(parcel.outcome.made, **made)))


def _rehashed(parcel: Parcel, name: str, content: bytes) -> Parcel:
    files = {**parcel.files, name: content}
    return replace(_changed(parcel, files={name: sha256(content) for name, content in files.items()}), files=files)


def _without(parcel: Parcel, name: str) -> Parcel:
    left = {other: content for other, content in parcel.files.items() if other != name}
    return replace(_changed(parcel, files={other: sha256(content) for other, content in left.items()}), files=left)


def test_a_parcel_is_published_as_it_was_made(parcel: tuple[Job, Parcel]) -> None:
    job, sent = parcel
    outcome = arrival.publish(job, sent, Settings())
    assert outcome.error is None
    assert outcome.job == job
    assert everything(job.folder) == sent.files


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _, sent: replace(sent, files={**sent.files, "numbers.csv": sent.files["numbers.csv"] + b"\n"}),
        lambda _, sent: _rehashed(sent, "numbers.csv", sent.files["numbers.csv"] + b"\n"),
        lambda _, sent: _rehashed(sent, "manifest.json", sent.files["manifest.json"] + b"\n"),
        lambda _, sent: _rehashed(sent, "../numbers.csv", b""),
        lambda job, sent: _without(sent, job.file("pdf")),
        lambda _, sent: _changed(sent, reads={}),
        lambda _, sent: _changed(sent, reads={**sent.outcome.made.reads, "years/par_index": "0" * 16}),
    ],
    ids=["a byte more", "a byte more and its hash", "another manifest", "a file outside", "a file less", "nothing read", "other data read"],
)
def test_a_parcel_that_was_tampered_with_is_not_published(parcel: tuple[Job, Parcel], spoil: Callable[[Job, Parcel], Parcel]) -> None:
    job, sent = parcel
    outcome = arrival.publish(job, spoil(job, sent), Settings())
    assert isinstance(outcome.error, VerifyError)
    assert outcome.made.files == {}
    assert not job.out.exists()


def test_another_report_is_not_published(parcel: tuple[Job, Parcel]) -> None:
    job, sent = parcel
    other = replace(job, parameters=tuple((name, "31" if name == "unit" else value) for name, value in job.parameters))
    assert isinstance(arrival.publish(other, sent, Settings()).error, VerifyError)


# ---------------------------------------------------------------- what is sent


def test_inputs_are_put_together_as_they_were(root: Path, tmp_path: Path) -> None:
    jobs = toy_jobs(root, {"one": ""})
    manifest, blobs = inputs.gather(root, jobs)
    store = Store(tmp_path / "store")
    assert set(store.missing(manifest)) == set(blobs)
    store.add(blobs)
    assert store.missing(manifest) == ()
    together = store.together(manifest)
    assert store.together(manifest) == together
    assert everything(together / "root" / "data") == everything(root / "data")
    assert (together / "root" / "notebooks" / "one.ipynb").read_bytes() == jobs[0].notebook.read_bytes()


def test_an_input_that_is_not_what_its_hash_says_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(VerifyError):
        store.add({sha256(b"asked"): b"arrived"})
    assert store.missing({"root/a": sha256(b"asked")})
    store.add({sha256(b"asked"): b"asked"})
    (tmp_path / "blobs" / sha256(b"asked")).write_bytes(b"damaged")
    with pytest.raises(VerifyError):
        store.together({"root/a": sha256(b"asked")})
    assert store.missing({"root/a": sha256(b"asked")})


# ---------------------------------------------------------------- whom it is sent to


def test_a_cluster_made_otherwise_is_refused(address: str) -> None:
    here = errand.built()
    with cluster.connected(address) as client:
        cluster.require_alike(client, here)
        with pytest.raises(RequestError, match=rf"^the scheduler has numpy {here['numpy']} \(here 0\.1\), python 3\.\d+ \(here 3\.99\): the same bytes cannot be promised$"):
            cluster.require_alike(client, {**here, "numpy": "0.1", "python": "3.99"})


def test_a_worker_without_the_package_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster.connected(address) as client:
        monkeypatch.setattr(client, "run", lambda *_, **__: {"tcp://far:1": ModuleNotFoundError("No module named 'par_analysis'")})
        with pytest.raises(RequestError, match="the worker tcp://far:1 cannot run par-analysis: ModuleNotFoundError"):
            cluster.require_alike(client, errand.built())


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "tls://127.0.0.1:9"])
def test_an_address_without_a_scheduler_is_said_in_a_line(address: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "ANSWER", 1)
    with pytest.raises(RequestError, match=f"no Dask scheduler answers at {address}: ") as caught:
        next(iter(cluster.makers(address, root=root, retries=0)(toy_jobs(root, {"one": ""}), Settings())))
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_another_service_is_not_taken_for_a_scheduler(root: Path) -> None:
    def answer() -> None:
        met, _ = service.accept()
        with met, suppress(OSError):
            met.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9)
            met.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as service:
        thread = threading.Thread(target=answer)
        thread.start()
        address = f"tcp://127.0.0.1:{service.getsockname()[1]}"
        with pytest.raises(RequestError, match="no Dask scheduler answers"), cluster.connected(address):
            pass
        thread.join()


def test_without_dask_the_extra_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ParError, match="needs Dask distributed") as caught:
        cluster.makers("tcp://127.0.0.1:9", root=root, retries=0)
    assert "par-analysis[cluster]" in caught.value.hint
