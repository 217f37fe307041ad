"""The ways to make the same batch: one function each, given the units and an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.processes import BenchFailed, run

ROOT: Final = Path(__file__).resolve().parent.parent
REPORT, INDEX, YEAR, LANG = "province", "papi", 2023, "vi"
WORKERS: Final = 2
"""Processes of every way that has more than one."""


@dataclass(frozen=True)
class Bench:
    """What every way is run with: the variables of its processes."""

    variables: Mapping[str, str]

    def run(self, *command: str) -> None:
        """Run a command in the checkout. Raises ``BenchFailed``."""
        run(command, ROOT, self.variables)


Make = Callable[[Bench, Sequence[str], Path], None]
"""Makes the reports of some units, in a folder."""


@dataclass(frozen=True)
class Way:
    """``is_slow``: timed on a few reports."""

    name: str
    label: str
    make: Make
    is_slow: bool = False


def program(name: str) -> str:
    """A program of this environment."""
    return str(Path(sys.executable).parent / name)


def by_hand(bench: Bench, units: Sequence[str], out: Path, *, at_once: int) -> None:
    """papermill, then nbconvert twice, by the command line, for every report."""
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(partial(_one_by_hand, bench, out), units))


def _one_by_hand(bench: Bench, out: Path, unit: str) -> None:
    executed = str(out / f"{unit}.ipynb")
    said = ("-p", "index", INDEX, "-r", "unit", unit, "-p", "year", str(YEAR), "-p", "lang", LANG)
    bench.run(program("papermill"), f"notebooks/{REPORT}.ipynb", executed, *said, "--no-progress-bar")
    bench.run(program("jupyter"), "nbconvert", "--to", "html", "--no-input", executed)
    bench.run(program("jupyter"), "nbconvert", "--to", "webpdf", "--no-input", *(["--WebPDFExporter.disable_sandbox=True"] if is_root() else []), executed)


def by_api(bench: Bench, units: Sequence[str], out: Path) -> None:
    """papermill's and nbconvert's Python interface, in processes that keep their exporters."""
    bench.run(sys.executable, "-m", "benchmarks.naive", str(out), *units)


def by_par(bench: Bench, units: Sequence[str], out: Path, *, options: Sequence[str] = ()) -> None:
    """``par build``, without the files of an earlier run."""
    asked = ("--index", INDEX, "--year", str(YEAR), "--unit", ",".join(units), "--lang", LANG, "--out", str(out))
    bench.run(sys.executable, "-m", "par_analysis", "build", REPORT, *asked, "--force", "--workers", str(WORKERS), *options)


def by_floor(bench: Bench, units: Sequence[str], out: Path) -> None:
    """No Jupyter at all: the cells' code, our exporters."""
    bench.run(sys.executable, "-m", "benchmarks.floor", str(out), *units)


WAYS: Final = (
    Way("a1", "by the command line, one report after the other: `papermill`, `jupyter nbconvert --to html`, `--to webpdf`", partial(by_hand, at_once=1), True),
    Way("a2", "the same, two reports at a time", partial(by_hand, at_once=WORKERS), True),
    Way("b", "papermill and nbconvert from Python, two processes that keep their exporters", by_api, True),
    Way("c", "`par build --cold`: every kernel started from nothing, two workers", partial(by_par, options=("--cold",)), True),
    Way("d few", "`par build` as in (d), on the few reports of the slow ways", by_par, True),
    Way("d", "`par build`, two workers", by_par),
    Way("e", "the floor: a script without Jupyter, two processes forked after one import", by_floor),
)


def is_root() -> bool:
    """Whether this is the user for whom Chromium refuses its sandbox."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def chosen(units: Sequence[str], count: int) -> list[str]:
    """So many units, evenly spaced in the order of their codes.

    >>> chosen(["01", "02", "04", "06", "08", "10"], 3)
    ['01', '04', '08']
    """
    count = min(count, len(units))
    return [units[place * len(units) // count] for place in range(count)]


def rotated(names: Sequence[str], turn: int) -> list[str]:
    """The order of a round: the same circle, begun one later each time.

    >>> rotated(["a", "b", "c"], 1), rotated(["a", "b", "c"], 3)
    (['b', 'c', 'a'], ['a', 'b', 'c'])
    """
    place = turn % len(names) if names else 0
    return [*names[place:], *names[:place]]


def require_made(out: Path, units: Sequence[str]) -> None:
    """There are a page and a PDF of every unit, by whatever way. Raises ``BenchFailed``."""
    for kind in ("html", "pdf"):
        made = [path for path in out.rglob(f"*.{kind}") if path.stat().st_size > 10_000]
        if len(made) != len(units):
            raise BenchFailed(f"{len(made)} files of type {kind} were made of {len(units)}")


def require_same(out: Path, other: Path) -> int:
    """Every page, PDF and table of numbers in one folder is, byte by byte, the one in the other; how many were compared. Raises ``BenchFailed``."""
    names = [path.relative_to(out) for path in sorted(out.rglob("*")) if path.suffix in {".html", ".pdf"} or path.name == "numbers.csv"]
    for name in names:
        if not (other / name).is_file():
            raise BenchFailed(f"{name} was made by one way and not by the other")
        if (out / name).read_bytes() != (other / name).read_bytes():
            raise BenchFailed(f"{name} differs between two ways that should make the same file")
    if not names:
        raise BenchFailed("there is nothing to compare")
    return len(names)


def stand_in_browser(folder: Path) -> dict[str, str]:
    """A folder in which Playwright finds the system's Chromium where it looks for its own, as variables for its processes. Raises ``BenchFailed``.

    nbconvert's webpdf has no option for another browser, and Playwright no variable for one: but it can be told in which folder its browsers
    are, and says itself under which name it looks for one there. Nothing of either is changed.
    """
    system = shutil.which("chromium") or shutil.which("google-chrome")
    if system is None:
        raise BenchFailed("Chromium is needed for the ways of nbconvert's webpdf, and is not installed")
    folder.mkdir()
    variables = {"PLAYWRIGHT_BROWSERS_PATH": str(folder), "PLAYWRIGHT_SKIP_VALIDATE_HOST_REQUIREMENTS": "1"}
    script = "from playwright.sync_api import sync_playwright\nwith sync_playwright() as one:\n    one.chromium.launch()"
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    wanted = re.search(rf"({re.escape(str(folder))}\S+)", done.stderr)
    if wanted is None:
        raise BenchFailed("Playwright does not say where it looks for its browser: " + done.stderr.strip()[-300:])
    place = Path(wanted[1])
    place.parent.mkdir(parents=True)
    place.symlink_to(system)
    return variables
