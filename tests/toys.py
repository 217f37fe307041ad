"""Toy report types and a toy catalogue, and batches of them run as ``par build`` runs them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from par_analysis.errors import UnknownName, nearest
from par_analysis.run.batch import Batch, Event, spaces
from par_analysis.run.contract import Contract, read_contract
from par_analysis.run.known import Known
from par_analysis.run.outcome import Outcome
from par_analysis.run.plan import Job, Request, plan, slug
from par_analysis.run.settings import Settings

PARAMETERS = 'index: "Index" = "par_index"\nunit: "Unit" = "30"\nyear: "Year" = 2023\nlang: "Language" = "vi"\nderived: "Flag" = True'

COVER = """
from par_analysis.show.blocks import cover, paragraph
place = dict(index=index, unit=unit, year=year, period="")
row = dict(place, node="total", measure="score", value=87.84, shown="87,84", unit_of_measure="points", out_of=100.0, basis="published")
row = dict(row, source="https://example.org/a", edition="e", note="")
identity = dict(report="toy", index=index, unit=unit, year=year, lang=lang, derived=derived)
cover(identity, title="T", subtitle="S", kicker="K", headlines=[], lead=[], author="A", numbers=[row])
"""

CHANGE = """
paragraph([{"text": "+4,32"}], numbers=[dict(row, measure="score_change", value=4.32, shown="+4,32", qualifier="~", note="=HYPERLINK(1)")])
"""

NAMES = {"30": "Hải Dương", "31": "Hải Phòng", "66": "Đắk Lắk", "77": "Bà Rịa - Vũng Tàu", "R1": "Đồng bằng sông Hồng", "VN": "Việt Nam"}


def write_notebook(path: Path, *codes: str, parameters: str | None = PARAMETERS, tags: tuple[str, ...] = ("parameters",)) -> Path:
    """A notebook with a title, a parameters cell, a section and cells of code."""
    cells = [new_markdown_cell("# Toy report")]
    if parameters is not None:
        cells.append(new_code_cell(parameters, metadata={"tags": list(tags)}))
    cells += [new_markdown_cell("## How good is it?"), *(new_code_cell(code.strip()) for code in codes)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    return path


def make_known(root: Path, names: dict[str, str] | None = None) -> Known:
    """A toy catalogue over units of these names; codes of two digits are ranked provinces."""
    units = names or NAMES
    codes = {slug(name): code for code, name in units.items()} | {code.casefold(): code for code in units}
    provinces = tuple(code for code in units if code.isdigit())

    def resolve(name: str, _: int) -> str:
        if slug(name) not in codes:
            raise UnknownName("unit", name, list(units.values()), suggestions=[units[codes[near]] for near in nearest(slug(name), codes)])
        return codes[slug(name)]

    return Known(
        root=root,
        indices=("par_index", "sipas"),
        unit_names={code: {"vi": name, "en": slug(name)} for code, name in units.items()},
        years=lambda index: tuple(range(2012, 2025)) if index == "par_index" else (2017, 2018, 2023),
        provinces=lambda _: provinces,
        resolve_unit=resolve,
    )


def report(root: Path, name: str, *codes: str) -> Contract:
    """The contract of a toy report type of a name of its own: a cover, then cells of code."""
    return read_contract(write_notebook(root / "notebooks" / f"{name}.ipynb", COVER.replace('"toy"', repr(name)), *codes))


def jobs_of(contract: Contract, known: Known, out: Path, **values: Any) -> tuple[Job, ...]:
    """The jobs of a request; without values, that of the notebook's defaults."""
    return plan(Request({name: value if isinstance(value, list) else [value] for name, value in values.items()}, out=out), contract, known)


def toy_jobs(root: Path, reports: dict[str, str], *, out: str = "out") -> tuple[Job, ...]:
    """One job for each report type: name → the cells that come after its cover, with ``# %%`` between them."""
    return tuple(job for name, code in reports.items() for job in jobs_of(report(root, name, *code.split("\n# %%\n")), make_known(root), root / out))


def run(jobs: Sequence[Job], *, workers: int = 2, retries: int = 0, met: Callable[[Event, Batch], None] = lambda *_: None, **settings: Any) -> dict[str, Outcome]:
    """Run a batch: report type and what follows in its label → how it ended."""
    ended = {}
    with spaces(jobs[0].out, Settings(**settings)) as placed:
        batch = Batch(jobs, placed, workers=workers, retries=retries)
        for event in batch:
            met(event, batch)
            if event.kind == "ended" and event.outcome:
                ended[event.job.label] = event.outcome
    return ended


def of(outcomes: dict[str, Outcome], name: str) -> Outcome:
    """The outcome of the one job of a report type."""
    (found,) = [outcome for outcome in outcomes.values() if outcome.job.report == name]
    return found


def everything(folder: Path) -> dict[str, bytes]:
    """File → its bytes, for all files of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def marked(mark: str) -> list[psutil.Process]:
    """The living processes that were started with a mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE and mark in process.environ().values():
                found.append(process)
        except psutil.Error:
            continue
    return found


def gone(mark: str, *, within: float = 5) -> list[psutil.Process]:
    """The marked processes that still live after so many seconds: none is what is hoped for."""
    until = time.monotonic() + within
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


@contextmanager
def ending(*processes: Any) -> Iterator[None]:
    """Whatever happens in the block, these processes do not outlive it."""
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
