"""Whatever is mixed up between two reports: neither is published as the other, and the others are made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from par_analysis import catalog
from par_analysis.dataset import reads
from par_analysis.errors import VerifyError
from par_analysis.run import build, numbers
from par_analysis.run.batch import Event
from par_analysis.run.contract import Contract
from par_analysis.run.execute import Executed
from par_analysis.run.known import Known
from par_analysis.run.plan import InvalidRequest, Job, Request, plan
from par_analysis.run.record import Record
from par_analysis.run.run import Run, perform, sort_out
from par_analysis.run.settings import Settings
from par_analysis.run.worker import attempt
from par_analysis.show.blocks import MIME, cover
from tests.toys import everything, jobs_of

SWAPPED = {"30": "31", "31": "30"}


def executed(job: Job, *, unit: str = "") -> Executed:
    """What a kernel would have made of a job, or of the same for another unit."""
    about = {**job.identity, "unit": unit or str(job.identity["unit"])}
    row = {"index": "par_index", "unit": about["unit"], "year": 2023, "node": "total", "measure": "score", "value": int(str(about["unit"])), "source": "s"}
    shown: Any = cover({**about, "derived": True}, title="T", subtitle="S", kicker="K", headlines=[], lead=[], author="A", numbers=[row])
    return Executed(new_notebook(cells=[new_code_cell("x", outputs=[new_output("display_data", {MIME: shown.payload()})])]), {"figures/par_index/2023": str(about["unit"])})


def other(job: Job) -> str:
    return SWAPPED.get(str(job.identity["unit"]), "")


@pytest.fixture
def jobs(toy: Contract, known: Known, tmp_path: Path) -> tuple[Job, ...]:
    return jobs_of(toy, known, tmp_path / "out", unit=["all"])


def made(jobs: Sequence[Job], known: Known, execute: Any = executed) -> Run:
    """A run of this process alone."""

    def makers(stale: Sequence[Job], settings: Settings) -> Iterator[Event]:
        for job in stale:
            yield Event("begun", job)
            yield Event("ended", job, attempt(job, settings, execute))

    run = sort_out(jobs, catalog.load(), force=True)
    for _ in perform(run, Settings(unit_names=known.unit_names), Record({}), makers):
        pass
    return run


def require_only_the_swapped_failed(run: Run, before: dict[str, bytes]) -> None:
    """Two failed, with what is wrong in the message; the others are made, and no file of the two has changed."""
    assert {str(outcome.job.identity["unit"]) for outcome in run.failed} == set(SWAPPED)
    assert all(isinstance(outcome.error, VerifyError) for outcome in run.failed)
    after = everything(run.jobs[0].out)
    assert {name: content for name, content in after.items() if "/30-" in name or "/31-" in name} == {
        name: content for name, content in before.items() if "/30-" in name or "/31-" in name
    }
    assert {outcome.job.identity["unit"] for outcome in run.outcomes if outcome.error is None} == {"66", "77"}
    assert not [name for name in after if ".work" in name]


@pytest.mark.parametrize("is_there", [False, True])
def test_swapped_notebooks_are_refused(jobs: tuple[Job, ...], known: Known, is_there: bool) -> None:
    if is_there:
        assert made(jobs, known).failed == []
    before = everything(jobs[0].out) if is_there else {}
    require_only_the_swapped_failed(made(jobs, known, lambda job: executed(job, unit=other(job))), before)


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_swapped_pages_are_refused(jobs: tuple[Job, ...], known: Known, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    made(jobs, known)
    before, real = everything(jobs[0].out), build.export

    def swapped(notebook: Any, wanted: str, *rest: Any) -> Any:
        about = notebook.cells[0].outputs[0].data[MIME]["blocks"][0]["identity"]
        if wanted == kind:
            notebook = json_copy(notebook)
            about = notebook.cells[0].outputs[0].data[MIME]["blocks"][0]["identity"]
            about["unit"] = SWAPPED.get(about["unit"], about["unit"])
        return real(notebook, wanted, *rest)

    monkeypatch.setattr(build, "export", swapped)
    require_only_the_swapped_failed(made(jobs, known), before)


def json_copy(notebook: Any) -> Any:
    import nbformat

    return nbformat.from_dict(json.loads(json.dumps(notebook)))


def test_swapped_numbers_are_refused(jobs: tuple[Job, ...], known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    made(jobs, known)
    before, write = everything(jobs[0].out), numbers.write

    def swapped(rows: Any) -> bytes:
        unit = rows[0]["unit"]
        return write([{**row, "unit": SWAPPED.get(unit, unit), "value": int(SWAPPED.get(unit, unit))} for row in rows])

    monkeypatch.setattr(numbers, "write", swapped)
    require_only_the_swapped_failed(made(jobs, known), before)


def test_a_page_of_another_state_of_the_data_is_refused(jobs: tuple[Job, ...], known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    made(jobs, known)
    before, real = everything(jobs[0].out), build.export

    def stale(notebook: Any, wanted: str, *rest: Any) -> Any:
        copy = json_copy(notebook)
        about = copy.cells[0].outputs[0].data[MIME]["blocks"][0]["identity"]
        about["data"] = about["data"] if about["unit"] not in SWAPPED else reads.digest({"figures/par_index/2023": "old"})
        return real(copy, wanted, *rest)

    monkeypatch.setattr(build, "export", stale)
    require_only_the_swapped_failed(made(jobs, known), before)


def test_reports_of_one_folder_are_refused_before_anything_runs(toy: Contract, known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("par_analysis.run.plan.unit_slug", lambda *_: "same")
    with pytest.raises(InvalidRequest, match="would both be written to"):
        plan(Request({"unit": ["all"]}, out=tmp_path / "out"), toy, known)
    assert not (tmp_path / "out").exists()
