"""From a notebook to files: with a real kernel, and with sabotage at every step."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from par_analysis.dataset import narratives, reads
from par_analysis.dataset.slices import NO_ROWS
from par_analysis.errors import CellFailed, ParError, ProgramError, RequestError, VerifyError
from par_analysis.render import exporters
from par_analysis.render.document import read_notebook
from par_analysis.render.readback import read_identity
from par_analysis.run import build as building
from par_analysis.run import execute as executing
from par_analysis.run import numbers
from par_analysis.run.build import build
from par_analysis.run.contract import Contract
from par_analysis.run.execute import Executed
from par_analysis.run.export import export
from par_analysis.run.known import Known
from par_analysis.run.outcome import Made
from par_analysis.run.plan import Job, Request, plan
from par_analysis.run.settings import Settings
from par_analysis.run.worker import attempt
from par_analysis.show.blocks import MIME, Display, cover, paragraph
from tests.toys import everything

SPY = """
import os, sys, sys as system
from par_analysis.show.blocks import cover
print([sys.executable, os.getcwd(), os.environ["PAR_ROOT"], os.environ["MPLBACKEND"], hash("a"), type(year).__name__, type(derived).__name__, os.environ["IPYTHONDIR"]])
"""


def job_of(contract: Contract, known: Known, out: Path, **values: Any) -> Job:
    (job,) = plan(Request({name: [value] for name, value in values.items()}, out=out), contract, known)
    return job


def leftovers() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("par-*")}


READS = {"figures/par_index/2023": "0a", "years/par_index": "0b"}


def no_words(job: Job) -> dict[str, str]:
    """The slice of words of one's own, of which there are none."""
    return {narratives.slice_of(job.identity): NO_ROWS}


def executed(job: Job, identity: dict[str, Any] | None = None, **changes: Any) -> Executed:
    """What a kernel would have made, without one."""
    said = {**job.identity, "derived": True} if identity is None else identity
    row = {"index": "par_index", "unit": "30", "year": 2023, "node": "total", "measure": "score", "value": 1.5, "source": "s"}
    shown: Display = cover(said | changes, title="T", subtitle="S", kicker="K", headlines=[], lead=[], author="A", numbers=[row]) + paragraph([{"text": "x"}])
    return Executed(new_notebook(cells=[new_code_cell("x", outputs=[new_output("display_data", {MIME: shown.payload()})])]), READS)


def with_state(notebook: NotebookNode, job: Job) -> NotebookNode:
    """A notebook whose cover says the state of the data, as after its verification."""
    notebook.cells[0].outputs[0].data[MIME]["blocks"][0]["identity"]["data"] = reads.digest(READS | no_words(job))
    return notebook


def cold(job: Job) -> Executed:
    return executing.execute(job, Settings())


def make(job: Job, known: Known, execute: Callable[[Job], Executed] = executed) -> Made:
    return build(job, Settings(unit_names=known.unit_names), execute)


def test_a_report_is_made_and_made_again_with_the_same_bytes(toy: Contract, known: Known, tmp_path: Path) -> None:
    before = leftovers()
    first, second = (job_of(toy, known, tmp_path / name, unit="hai phong", lang="en", derived="false") for name in ("one", "two"))
    make(first, known, cold)
    make(second, known, cold)
    files = everything(tmp_path / "one")
    assert files == everything(tmp_path / "two")
    assert leftovers() == before
    place, stem = "2023/toy/par_index/31-hai-phong/en-no-derived/", "31-hai-phong-par-index-2023-no-derived"
    assert set(files) == {place + name for name in (f"{stem}.en.html", f"{stem}.en.pdf", "numbers.csv", "manifest.json")}
    for kind in ("html", "pdf"):
        assert read_identity(first.folder / first.file(kind)) == {
            "report": "toy",
            "index": "par_index",
            "unit": "31",
            "year": 2023,
            "lang": "en",
            "derived": False,
            "data": reads.digest(no_words(first)),
        }
    rows = numbers.read(files[place + "numbers.csv"])
    assert [(row["section"], row["measure"], row["value"], row["unit_name"]) for row in rows] == [
        ("How good is it?", "score", 87.84, "hai-phong"),
        ("How good is it?", "score_change", 4.32, "hai-phong"),
    ]
    manifest = json.loads(files[place + "manifest.json"])
    assert manifest["parameters"] == {"derived": False, "index": "par_index", "lang": "en", "unit": "31", "year": 2023}
    assert manifest["files"] == {name: sha256(files[place + name]).hexdigest() for name in (first.file("html"), first.file("pdf"), "numbers.csv")}
    assert manifest["notebook"] == {"name": "toy.ipynb", "sha256": toy.sha256}
    assert (manifest["data"], manifest["reads"]) == (reads.digest(no_words(first)), no_words(first))
    text = b"".join(files.values()).decode("utf-8", "ignore")
    assert str(tmp_path) not in text
    assert sys.prefix not in text


def test_a_failing_cell_keeps_the_last_good_report(toy_with: Callable[..., Contract], known: Known, tmp_path: Path) -> None:
    make(job_of(toy_with(), known, tmp_path / "out"), known)
    good = everything(tmp_path / "out")
    failing = job_of(toy_with("1 + 1", "print('x')\nraise KeyError('dan_so\\x1b]0;title\\x07')"), known, tmp_path / "out")
    with pytest.raises(CellFailed) as caught:
        make(failing, known, cold)
    assert caught.value.cell == 5
    assert caught.value.report == "toy par_index 2023 30 vi"
    assert "KeyError" in caught.value.traceback
    assert "\x1b" not in caught.value.traceback
    assert everything(tmp_path / "out") == good


def test_a_kernel_is_this_interpreter_in_a_private_folder(toy_with: Callable[..., Contract], known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"MPLBACKEND": "agg", "PYTHONHASHSEED": "7", "JUPYTER_PATH": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    here = Path.cwd()
    done = cold(job_of(toy_with(SPY), known, tmp_path)).notebook
    executable, folder, root, backend, hashed, *types, profile = eval(done.cells[-1].outputs[0].text)
    assert (executable, root, backend) == (sys.executable, str(tmp_path), "module://matplotlib_inline.backend_inline")
    assert folder != str(here)
    assert profile.startswith(folder)
    assert not Path(folder).exists()
    assert types == ["int", "bool"]
    assert hashed == int(subprocess.run([sys.executable, "-c", "print(hash('a'))"], env={"PYTHONHASHSEED": "0"}, capture_output=True, check=True).stdout)
    assert Path.cwd() == here
    assert [cell.id for cell in done.cells] == ["cell-1", "cell-2", "cell-3", "cell-4"]
    assert set(done.metadata) == {"kernelspec", "language_info"}
    assert all(set(cell.metadata) <= {"tags"} for cell in done.cells)


@pytest.mark.parametrize(("code", "said"), [("import sys; sys.exit()", "ended here"), ("import os; os._exit(1)", "kernel died")])
def test_a_notebook_that_ends_early_is_a_failure(toy_with: Callable[..., Contract], known: Known, tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(CellFailed, match=said) as caught:
        cold(job_of(toy_with("x = 1", code, "never = 1"), known, tmp_path))
    assert caught.value.cell == 5


def test_papermills_warnings_about_parameters_are_errors(toy: Contract, known: Known, tmp_path: Path) -> None:
    job = job_of(toy, known, tmp_path)
    with pytest.raises(RequestError, match="unknown parameter: yaer"):
        cold(replace(job, parameters=(*job.parameters, ("yaer", 2023))))


def test_a_notebook_changed_after_the_check_is_not_run(toy: Contract, known: Known, tmp_path: Path) -> None:
    job = job_of(toy, known, tmp_path)
    job.notebook.write_bytes(job.notebook.read_bytes() + b"\n")
    with pytest.raises(RequestError, match="was changed after"):
        cold(job)


@pytest.mark.parametrize(
    "wrong", [{"unit": "31"}, {"year": 2022}, {"lang": "en"}, {"index": "sipas"}, {"report": "other"}, {"derived": False}, {"data": "another state"}, {"unit": None}]
)
def test_a_page_about_something_else_never_replaces_the_report(toy: Contract, known: Known, tmp_path: Path, wrong: dict[str, Any]) -> None:
    job = job_of(toy, known, tmp_path / "out")
    make(job, known)
    good = everything(tmp_path / "out")
    with pytest.raises(VerifyError, match=next(iter(wrong))):
        make(job, known, lambda job: executed(job, **wrong))
    assert everything(tmp_path / "out") == good


def test_the_same_unit_may_be_said_in_another_type(toy: Contract, known: Known, tmp_path: Path) -> None:
    job = job_of(toy, known, tmp_path / "out")
    make(job, known, lambda job: executed(job, unit=30))
    assert read_identity(job.folder / job.file("html"))["unit"] == 30


def test_a_report_says_what_it_read(toy: Contract, known: Known, tmp_path: Path) -> None:
    job = job_of(toy, known, tmp_path / "out")
    made = make(job, known)
    manifest = json.loads((job.folder / "manifest.json").read_bytes())
    assert made.reads == manifest["reads"] == READS | no_words(job)
    assert {read_identity(job.folder / job.file(kind))["data"] for kind in ("html", "pdf")} == {manifest["data"]} == {reads.digest(READS | no_words(job))}
    assert made.files == {path.name: sha256(path.read_bytes()).hexdigest() for path in job.folder.iterdir()}


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_a_file_about_something_else_never_replaces_the_report(toy: Contract, known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    job = job_of(toy, known, tmp_path / "out")
    make(job, known)
    good = everything(tmp_path / "out")
    real = building.export
    monkeypatch.setattr(building, "export", lambda notebook, wanted, *rest: real(with_state(executed(job, unit="31").notebook, job) if wanted == kind else notebook, wanted, *rest))
    with pytest.raises(VerifyError, match=f"{kind}: met 'unit 31', expected 'unit 30'"):
        make(job, known)
    assert everything(tmp_path / "out") == good


def test_exporters_that_share_what_was_read_write_the_same_files(toy: Contract, known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job, read = job_of(toy, known, tmp_path / "out"), []
    here, there = (with_state(executed(job, unit=unit).notebook, job) for unit in ("30", "31"))
    alone = {(name, kind): export(notebook, kind) for name, notebook in (("here", here), ("there", there)) for kind in ("html", "pdf")}
    monkeypatch.setattr(exporters, "read_notebook", lambda *given, **named: read.append(given) or read_notebook(*given, **named))
    resources: dict[str, Any] = {}
    assert [export(here, kind, resources) for kind in ("html", "pdf")] == [alone["here", "html"], alone["here", "pdf"]]
    assert len(read) == 1
    assert export(there, "pdf", resources) == alone["there", "pdf"]
    assert len(read) == 2


def test_numbers_that_do_not_come_back_stop_the_report(toy: Contract, known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = numbers.write
    monkeypatch.setattr(numbers, "write", lambda rows: write(rows).replace(b"1.5", b"15"))
    with pytest.raises(VerifyError, match=r"numbers\.csv:2"):
        make(job_of(toy, known, tmp_path), known)
    monkeypatch.setattr(numbers, "write", lambda _: write([]))
    with pytest.raises(VerifyError, match="0 rows"):
        make(job_of(toy, known, tmp_path), known)


def test_a_page_without_a_cover_is_refused(toy: Contract, known: Known, tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match="0 covers"):
        make(job_of(toy, known, tmp_path), known, lambda _: Executed(new_notebook(), {}))


def test_an_error_of_the_program_itself_is_told_with_its_traceback(toy: Contract, known: Known, tmp_path: Path) -> None:
    outcome = attempt(job_of(toy, known, tmp_path), Settings(), lambda _: 1 / 0)  # type: ignore[arg-type,return-value]
    assert isinstance(outcome.error, ProgramError)
    assert not outcome.error.is_passing
    assert "ZeroDivisionError" in str(outcome.error)


def test_a_format_left_out_is_not_left_over(toy: Contract, known: Known, tmp_path: Path) -> None:
    for formats in (("html", "pdf"), ("html",)):
        (job,) = plan(Request(formats=formats, out=tmp_path), toy, known)
        make(job, known)
    assert sorted(path.name for path in job.folder.iterdir()) == [job.file("html"), "manifest.json", "numbers.csv"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_no_kernel_and_no_folder(toy_with: Callable[..., Contract], known: Known, tmp_path: Path, number: signal.Signals) -> None:
    marker = tmp_path / "kernel.pid"
    contract = toy_with(f"import os, pathlib, time\npathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\ntime.sleep(60)")
    script = textwrap.dedent(f"""
        import pathlib, pickle, sys
        from par_analysis.cli.common import terminable
        from par_analysis.run import build, execute
        from par_analysis.run.settings import Settings
        with terminable():
            build.build(pickle.loads({pickle.dumps(job_of(contract, known, tmp_path / "out"))!r}), Settings(), lambda job: execute.execute(job, Settings()))
    """)
    child = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(tmp_path)}, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 30
        while not (marker.exists() and marker.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        child.send_signal(number)
        _, said = child.communicate(timeout=20)
    finally:
        child.kill()
    assert b"KeyboardInterrupt" in said
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob("par-*")) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(marker.read_text()), 0)


def test_a_kernel_that_cannot_start_is_said_in_a_sentence(toy: Contract, known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("par_analysis.run.kernel.make_ipkernel_cmd", lambda executable: [executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(ParError, match="no kernel could be started"):
        cold(job_of(toy, known, tmp_path))
