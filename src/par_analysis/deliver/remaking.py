"""A report made anew from what a finished file says that it is: for whoever asks whether its numbers still hold."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from par_analysis.deliver.finished import Report, report, reports
from par_analysis.errors import RequestError

_STATES: Final = frozenset({"data", "words"})
"""What a report was made from: the rest of its identity says which report it is."""
_NO_PARAMETERS: Final = frozenset({"report", "unit", *_STATES})
"""Words of an identity that a report type need not take: the country's reports name their unit, too, and take none."""


@dataclass(frozen=True)
class Current:
    """The PDF of a report as the current data make it, its identity, and the words of one's own that stand in it."""

    pdf: bytes
    identity: Mapping[str, Any]
    words: str = ""


def current(identity: Mapping[str, Any], folder: Path) -> Current:
    """The report of an identity: from ``folder`` where it lies there and is up to date, otherwise made in a passing folder.

    Raises ``ParError`` where there is no such report, or it cannot be made, and where the file does not say enough to tell which report it is.
    """
    found = _standing(identity, folder) or _made(identity)
    if which(found.identity) != which(identity):
        raise RequestError("the file does not say which report it is")
    return replace(found, words=_words(found.identity))


def which(identity: Mapping[str, Any]) -> dict[str, Any]:
    """What of an identity says which report it is, whatever it was made from.

    >>> which({"report": "targets", "rank": 5, "data": "9b90d6cd212bc25c"})
    {'report': 'targets', 'rank': 5}
    """
    return {name: value for name, value in identity.items() if name not in _STATES}


def _words(identity: Mapping[str, Any]) -> str:
    """The words of one's own that a report made now has in it, with their days as pages write them."""
    from par_analysis import catalog
    from par_analysis.dataset.narratives import narratives_of, slice_of

    own = narratives_of(catalog.load(), slice_of(identity))[0]
    days = ["/".join(str(int(part)) for part in one.date.split("-")) for one in own]
    return "\n".join([*(f"{one.author}\n{one.date}\n{one.text}" for one in own), *days])


def _standing(identity: Mapping[str, Any], folder: Path) -> Current | None:
    from par_analysis import catalog
    from par_analysis.run import cache

    for one in reports(folder):
        if which(one.identity) == which(identity) and one.file("pdf"):
            kinds = tuple(kind for kind in ("html", "pdf") if one.file(kind))
            (job,) = _jobs(identity, folder, kinds)
            if job.folder == one.folder:  # another one of the same name was made before files named all that tells them apart
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
    if strange := sorted(set(identity) - set(contract.names) - _NO_PARAMETERS):
        raise RequestError(f"the file names {', '.join(strange)}, which {contract.report} does not take now")
    values = {name: (value,) for name, value in identity.items() if name in contract.names}
    jobs = plan(Request(values, kinds, out), contract, here)
    if len(jobs) != 1:
        raise RequestError("the file does not say which report it is")
    return jobs
