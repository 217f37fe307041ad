"""``python -m benchmarks``: the rounds, and the page about them."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import growth, machine, results
from benchmarks.data import cache_with_papi
from benchmarks.processes import BenchFailed, Clock, adopt_orphans, end_leftovers, run, say
from benchmarks.rendering import UNCOUNTED
from benchmarks.ways import ROOT, WAYS, YEAR, Bench, Way, chosen, require_made, require_same, rotated, stand_in_browser
from par_analysis import catalog
from par_analysis.run.process import CAPS

PAGE: Final = ROOT / "benchmarks" / "RESULTS.md"
RENDERED: Final = 20


def _options(words: Sequence[str]) -> argparse.Namespace:
    names = [way.name for way in WAYS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Time whole batches of reports against other ways to make them.")
    parser.add_argument("--reports", type=int, default=63, help="reports of the quick ways (default: all 63 provinces)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the quick ways (default: 3)")
    parser.add_argument("--slow-reports", type=int, default=6, help="reports of the slow ways (default: 6)")
    parser.add_argument("--slow-rounds", type=int, default=2, help="rounds of the slow ways, the first ones (default: 2)")
    parser.add_argument("--only", metavar="WAYS", help=f"some of {', '.join(names)}, rendering, growth, separated by commas")
    parser.add_argument("--growth", action="store_true", help="also batches of 63, 819 and 3,321 reports")
    parser.add_argument("--largest", type=int, default=3321, help="reports of the longest batch (default: 3321)")
    parser.add_argument("--seed", type=int, default=2023, help="of the made-up figures (default: 2023)")
    parser.add_argument("--out", type=Path, help=f"the page to write (default: benchmarks/{PAGE.name} where everything is measured; else it is printed)")
    given = parser.parse_args(words)
    given.command = shlex.join(["python", "-m", "benchmarks", *words])
    given.parts = {name.strip() for name in given.only.split(",")} if given.only else {*names, "rendering", *(["growth"] if given.growth else [])}
    unknown = sorted(given.parts - {*names, "rendering", "growth"})
    if unknown:
        parser.error(f"--only: unknown are {', '.join(unknown)}")
    if min(given.reports, given.rounds, given.slow_reports, given.slow_rounds, given.largest) < 1:
        parser.error("numbers of reports and rounds are 1 or more")
    return given


@dataclass
class Rounds:
    """The ways by turns. After each round the files of all ways that make the same ones are compared."""

    bench: Bench
    scratch: Path
    seconds: dict[str, list[float]] = field(default_factory=dict)
    compared: int = 0

    def round(self, number: int, ways: Sequence[Way], units: Sequence[str], few: Sequence[str]) -> None:
        """Every way once. Raises ``BenchFailed``."""
        for way in ways:
            wanted = few if way.is_slow else units
            out = self.scratch / way.name.replace(" ", "-")
            out.mkdir()
            with Clock() as clock:
                way.make(self.bench, wanted, out)
            end_leftovers()
            require_made(out, wanted)
            self.seconds.setdefault(way.name, []).append(clock.seconds)
            say(f"round {number + 1}: ({way.name}) {clock.seconds / len(wanted):.2f} s a report, {len(wanted)} reports")
        self.compare([way.name for way in ways])

    def compare(self, names: Sequence[str]) -> None:
        """The files of (c), (d few) and (e) with those of (d)."""
        for name in names:
            if name in {"c", "d few", "e"} and "d" in names:
                self.compared += require_same(self.scratch / name.replace(" ", "-"), self.scratch / "d")
        for name in names:
            shutil.rmtree(self.scratch / name.replace(" ", "-"))


def measure(given: argparse.Namespace, scratch: Path) -> results.Results:
    """All that was asked for. Raises ``BenchFailed``."""
    (scratch / "tmp").mkdir()
    own = {name: str(scratch / folder) for name, folder in (("TMPDIR", "tmp"), ("IPYTHONDIR", "ipython"), ("JUPYTER_RUNTIME_DIR", "runtime"))}
    own["PAR_CACHE"] = str(cache_with_papi(scratch / "cache"))
    browser = stand_in_browser(scratch / "browsers") if {"a1", "a2", "b"} & given.parts else {}
    bench = Bench({**{name: value for name, value in os.environ.items() if name != "PAR_ROOT"}, **own, **browser})
    provinces = [unit.code for unit in catalog.Catalog(ROOT).provinces(YEAR)]
    units = chosen(provinces, given.reports)
    few = chosen(units, given.slow_reports)
    rounds = Rounds(bench, scratch)
    for number in range(given.rounds):
        names = [way.name for way in WAYS if way.name in given.parts and not (way.is_slow and number >= given.slow_rounds)]
        rounds.round(number, [next(way for way in WAYS if way.name == name) for name in rotated(names, number)], units, few)
    timed = {way.name: results.Timed(way.name, len(few if way.is_slow else units), rounds.seconds[way.name]) for way in WAYS if way.name in rounds.seconds}
    rendering = _rendering(bench, provinces) if "rendering" in given.parts else []
    grown = growth.grow(bench, provinces, scratch, largest=given.largest, seed=given.seed) if "growth" in given.parts else []
    return results.Results(timed, rendering, grown, rounds.compared, given.command, machine.facts())


def _rendering(bench: Bench, provinces: Sequence[str]) -> list[dict[str, float]]:
    said: list[str] = []
    command = [sys.executable, "-m", "benchmarks.rendering", *chosen(provinces, RENDERED + UNCOUNTED)]
    run(command, ROOT, {**bench.variables, **CAPS}, told=said.append)
    found: list[dict[str, float]] = json.loads(said[-1])
    say(f"rendering alone: {', '.join(f'{sum(times.values()):.0f}' for times in found)} ms")
    return found


def _stop(*_: object) -> None:
    raise SystemExit(143)


def main(words: Sequence[str]) -> None:
    """Measure, and write the page."""
    given = _options(words)
    is_whole = not given.only and given.growth and given.reports >= 63 and given.largest >= 3321
    signal.signal(signal.SIGTERM, _stop)
    adopt_orphans()
    try:
        with tempfile.TemporaryDirectory(prefix="par-bench-", ignore_cleanup_errors=True) as folder:
            try:
                page = results.written(measure(given, Path(folder)))
            finally:
                end_leftovers()
    except BenchFailed as problem:
        raise SystemExit(str(problem)) from None
    place = given.out or (PAGE if is_whole else None)
    if place:
        place.write_text(page, encoding="utf-8")
        say(f"written to {place.name}")
    else:
        sys.stdout.write(page)


if __name__ == "__main__":
    main(sys.argv[1:])
