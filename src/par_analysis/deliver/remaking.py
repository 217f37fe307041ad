"""A report made anew from what a finished file says that it is: for whoever asks whether its numbers still hold."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from par_analysis.deliver.finished import Report, report, reports
from par_analysis.errors import RequestError

_NO_PARAMETERS: Final = frozenset({"report", "data"})


@dataclass(frozen=True)
class Current:
    """The PDF of a report as the current data make it, and its identity."""

    pdf: bytes
    identity: Mapping[str, Any]


def current(identity: Mapping[str, Any], folder: Path) -> Current:
    """The report of an identity: from ``folder`` where it lies there and is up to date, otherwise made in a passing folder.

    Raises ``ParError`` where there is no such report, or it cannot be made.
    """
    there = _standing(identity, folder)
    return there if there is not None else _made(identity)


def _standing(identity: Mapping[str, Any], folder: Path) -> Current | None:
    from par_analysis import catalog
    from par_analysis.run import cache

    wanted = {name: value for name, value in identity.items() if name != "data"}
    for one in reports(folder):
        if {name: value for name, value in one.identity.items() if name != "data"} == wanted and one.file("pdf"):
            kinds = tuple(kind for kind in ("html", "pdf") if one.file(kind))
            (job,) = _jobs(identity, folder, kinds)
            return _read(one) if not list(cache.changes(job, catalog.load())) else None
    return None


def _read(one: Report) -> Current:
    return Current(one.read(one.file("pdf") or ""), one.identity)


def _made(identity: Mapping[str, Any]) -> Current:
    from par_analysis import catalog
    from par_analysis.run import crew
    from par_analysis.run import settings as how
    from par_analysis.run.known import known
    from par_analysis.run.record import Record
    from par_analysis.run.run import perform, sort_out

    with tempfile.TemporaryDirectory(prefix="par-verify-") as space:
        out = Path(space) / "reports"
        jobs = _jobs(identity, out, ("pdf",))
        here = known()
        chosen = how.Settings(unit_names=here.unit_names, cell_timeout=120, report_timeout=600, memory=2 * 2**30)
        makers, facts = crew.crew(chosen, workers=1, retries=1, cluster=None, root=here.root, started=None)
        run = sort_out(jobs, catalog.load(), force=True)
        for _ in perform(run, chosen, Record(dict(facts)), makers):
            pass
        if run.failed and run.failed[0].error is not None:
            raise run.failed[0].error
        return _read(report(out, jobs[0].folder))


def _jobs(identity: Mapping[str, Any], out: Path, kinds: tuple[str, ...]) -> tuple[Any, ...]:
    """The one job that makes a report of this identity. Raises ``RequestError``."""
    from par_analysis.run.contract import find_notebook, read_contract
    from par_analysis.run.known import known
    from par_analysis.run.plan import Request, plan

    here = known()
    contract = read_contract(find_notebook(str(identity.get("report", "")), here.notebooks))
    values = {name: (value,) for name, value in identity.items() if name not in _NO_PARAMETERS and name in contract.names}
    jobs = plan(Request(values, kinds, out), contract, here)
    if len(jobs) != 1:
        raise RequestError("the file does not say which report it is")
    return jobs

