"""Whether a report of a long batch costs more than one of a short batch, in time or in memory."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.batch import Asked, written
from benchmarks.processes import BenchFailed, Clock, Peak, end_leftovers, run, say
from benchmarks.synthetic import FIRST_COMMUNE, YEARS, code_of, make_communes, make_root
from benchmarks.ways import INDEX, ROOT, Bench, chosen

ODD_YEARS = YEARS[::2]
"""The years of the short batch: their mean is that of all years, so that its reports have as long a history, on the mean, as those of the long one."""

COMMUNES: Final = 21
"""Reports on made-up communes."""


@dataclass(frozen=True)
class Grown:
    """A batch: how long it took, when its reports were finished (seconds since its beginning), and the most memory that it had, in bytes."""

    figures: str
    span: str
    reports: int
    seconds: float
    memory: int
    finished: Sequence[float] = field(default=(), repr=False)

    @property
    def each(self) -> float:
        """Seconds a report, everything included."""
        return self.seconds / self.reports

    @property
    def each_later(self) -> float:
        """Seconds a report once the first is there: without imports, reading and planning."""
        return (self.finished[-1] - self.finished[0]) / (len(self.finished) - 1) if len(self.finished) > 1 else self.each


def spread_over(units: Sequence[str], reports: int) -> list[Asked]:
    """So many reports on made-up indices: whole ones, then 9 units of another in every third year for what is left.

    >>> units = [str(number) for number in range(63)]
    >>> [one.count for one in spread_over(units, 3321)], sum(one.count for one in spread_over(units, 819))
    ([819, 819, 819, 819, 45], 819)
    """
    whole, left = divmod(reports, len(units) * len(YEARS))
    asked = [Asked(code_of(number), list(YEARS), list(units)) for number in range(1, whole + 1)]
    if left:
        years = YEARS[::3] if left == 9 * len(YEARS[::3]) else YEARS[: -(-left // len(units))]
        asked.append(Asked(code_of(whole + 1), list(years), chosen(units, left // len(years))))
    return asked


def short(index: str, units: Sequence[str]) -> list[Asked]:
    """63 reports: 9 units in every second year."""
    return [Asked(index, list(ODD_YEARS), chosen(units, 9))]


def batch(bench: Bench, out: Path, figures: str, span: str, asked: Sequence[Asked]) -> Grown:
    """Run one batch. Raises ``BenchFailed`` where a report is missing."""
    finished: list[float] = []
    with Clock() as clock, Peak() as peak:
        command = [sys.executable, "-m", "benchmarks.batch", str(out), written(asked)]
        run(command, ROOT, bench.variables, told=lambda _: finished.append(clock.now()))
    end_leftovers()
    count = sum(one.count for one in asked)
    if len(list(out.rglob("*.pdf"))) != count:
        raise BenchFailed(f"{len(list(out.rglob('*.pdf')))} of {count} reports were made")
    shutil.rmtree(out)
    say(f"growth: {figures} {span}: {count} reports, {clock.seconds / count:.2f} s a report, {peak.bytes / 2**20:.0f} MB")
    return Grown(figures, span, count, clock.seconds, peak.bytes, finished)


def grow(bench: Bench, units: Sequence[str], scratch: Path, *, largest: int, seed: int) -> list[Grown]:
    """The batches, each short one beside the long one of the same kind of reports."""
    root = make_root(ROOT, scratch / "root", indices=len(spread_over(units, largest)), seed=seed)
    communes = make_communes(ROOT, scratch / "communes", units=largest, seed=seed)
    made_up, ranked = (Bench({**bench.variables, "PAR_ROOT": str(place)}) for place in (root, communes))
    codes = [str(FIRST_COMMUNE + number) for number in range(largest)]
    all_of_papi = [Asked(INDEX, list(YEARS), list(units))] if largest >= len(units) * len(YEARS) else short(INDEX, chosen(units, 9))
    span, few = f"{YEARS[0]}–{YEARS[-1]}", f"{', '.join(map(str, ODD_YEARS))}; 9 units"
    return [
        batch(bench, scratch / "one", "PAPI", "2023", [Asked(INDEX, [YEARS[-1]], list(units))]),
        batch(bench, scratch / "two", "PAPI", few, short(INDEX, units)),
        batch(bench, scratch / "three", "PAPI", span, all_of_papi),
        batch(made_up, scratch / "four", "synthetic", few, short(code_of(1), units)),
        batch(made_up, scratch / "five", "synthetic", span, spread_over(units, largest)),
        batch(ranked, scratch / "six", "synthetic communes", f"2023, one ranking of {largest:,}", [Asked(code_of(1), [YEARS[-1]], chosen(codes, COMMUNES))]),
    ]
