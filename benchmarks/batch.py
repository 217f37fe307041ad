"""Several requests as one batch, made as ``par build`` makes one. ``python -m benchmarks.batch FOLDER JSON`` prints a line for every finished report.

A command's request is always every index by every year by every unit: 3,321 reports cannot be asked for in that way.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.ways import LANG, REPORT, WORKERS
from par_analysis import catalog
from par_analysis.run.contract import find_notebook, read_contract
from par_analysis.run.crew import crew
from par_analysis.run.known import known
from par_analysis.run.plan import Job, Request, plan
from par_analysis.run.record import Record
from par_analysis.run.run import perform, sort_out
from par_analysis.run.settings import Settings


@dataclass(frozen=True)
class Asked:
    """Reports on an index: every unit in every year."""

    index: str
    years: Sequence[int]
    units: Sequence[str]

    @property
    def count(self) -> int:
        """How many reports."""
        return len(self.years) * len(self.units)


def written(asked: Sequence[Asked]) -> str:
    """The requests as an argument.

    >>> written([Asked("papi", [2023], ["01"])])
    '[{"index": "papi", "years": [2023], "units": ["01"]}]'
    """
    return json.dumps([asdict(one) for one in asked])


def _jobs(out: Path, asked: Sequence[Asked]) -> Iterator[Job]:
    here = known()
    contract = read_contract(find_notebook(REPORT, here.notebooks))
    for one in asked:
        values = {"index": [one.index], "year": [str(year) for year in one.years], "unit": one.units, "lang": [LANG]}
        yield from plan(Request(values, out=out), contract, here)


def main(folder: str, requests: str) -> None:
    """Make them."""
    here = known()
    jobs = list(_jobs(Path(folder), [Asked(**one) for one in json.loads(requests)]))
    settings = Settings(unit_names=here.unit_names)
    makers, facts = crew(settings, workers=WORKERS, retries=2, cluster=None, root=here.root)
    run, record = sort_out(jobs, catalog.load(), force=True), Record(facts)
    for event in perform(run, settings, record, makers):
        if event.kind == "ended":
            sys.stdout.write(f"{event.job.label}\n")
            sys.stdout.flush()
    record.write(Path(folder), "failed" if run.failed else "complete")
    if run.failed:
        raise SystemExit(str(run.failed[0].error))


if __name__ == "__main__":
    main(*sys.argv[1:])
