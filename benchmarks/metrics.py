"""``python -m benchmarks.metrics``: the metrics that draw and count most, timed beside their plainest form, and on as many units as the country has communes."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import pandas as pd

from benchmarks import machine, plain_metrics
from benchmarks.processes import BenchFailed, run, say
from benchmarks.results import number, seconds, table
from benchmarks.ways import ROOT
from par_analysis.metrics.draws import dirichlet_weights
from par_analysis.metrics.perturbation import ranks_of_draws
from par_analysis.metrics.rank_sets import rank_sets, standard_normals
from par_analysis.metrics.shapley import rank_shapley
from par_analysis.run.process import CAPS

PAGE: Final = ROOT / "benchmarks" / "METRICS.md"
MOST: Final = 4 * 2**30
"""Bytes of data that a command on the largest table may hold."""
DOMAINS: Final = 8
SAMPLE: Final = 200
"""Reference units of the Shapley values on the largest table, of which all would take minutes."""


@dataclass(frozen=True)
class Table:
    """Made-up figures: ``values``, unit × node; ``points``, unit × domain; ``scores`` with their ``errors``."""

    values: pd.DataFrame
    points: pd.DataFrame
    scores: pd.Series[float]
    errors: pd.Series[float]


def made_up(units: int, nodes: int, *, seed: int) -> Table:
    """Uniform values of so many units on so many nodes, taken together to eight domains.

    >>> made_up(63, 29, seed=1).points.shape
    (63, 8)
    """
    rng = np.random.default_rng(seed)
    names = [f"{unit:04}" for unit in range(units)]
    values = pd.DataFrame(rng.uniform(0, 1, (units, nodes)), index=names, columns=[f"node {node:02}" for node in range(nodes)])
    points = values.T.groupby([f"domain {node % DOMAINS + 1}" for node in range(nodes)]).sum().T
    return Table(values, points, points.sum(axis=1), pd.Series(rng.uniform(0.3, 0.6, units), index=names))


@dataclass(frozen=True)
class Compared:
    """A command: seconds of each of its rounds, and seconds of its plain form on a part of the work, of which there are so many."""

    name: str
    ours: Sequence[float]
    plain: float
    done: str
    parts: float

    @property
    def ratio(self) -> float:
        """How many times as long the plain form takes."""
        return self.plain * self.parts / median(self.ours)


@dataclass(frozen=True)
class Large:
    """A command on the largest table: what was run, seconds, and the most memory that its process had, in bytes."""

    name: str
    what: str
    seconds: float
    memory: int


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time, which other work on the machine does not change."""
    began = time.process_time()
    work()
    return time.process_time() - began


def compare(units: int, nodes: int, draws: int, rounds: int, *, seed: int) -> list[Compared]:
    """The commands by turns with their plain forms on a part of the same work, whose results are compared. Raises ``BenchFailed`` where they differ."""
    of, rng = made_up(units, nodes, seed=seed), np.random.default_rng(seed)
    weights = dirichlet_weights(list(of.values.columns), rng, draws=draws)
    normals = standard_normals(list(of.scores.index), rng=rng, draws=draws)
    few, some = max(draws // 100, 1), list(range(0, units, max(units // 3, 1)))
    plain = plain_metrics
    scores, errors, fewer = numbers(of.scores), numbers(of.errors), normals.to_numpy()[:few]
    work: dict[str, tuple[Callable[[], object], Callable[[], object], str, float]] = {
        f"{draws:,} weight draws with ranks": (
            lambda: ranks_of_draws(of.values, dirichlet_weights(list(of.values.columns), np.random.default_rng(seed), draws=draws)),
            lambda: plain.ranks_of_draws(of.values.to_numpy(), np.random.default_rng(seed).dirichlet(np.ones(nodes), size=few)),
            f"{few} draws",
            draws / few,
        ),
        f"exact Shapley values of the rank, {DOMAINS} domains, all units": (
            lambda: rank_shapley(of.points),
            lambda: plain.shapley_of_rank(of.points.to_numpy(), some[:1]),
            "1 unit",
            units,
        ),
        f"simultaneous and all marginal rank sets, {draws:,} draws": (
            lambda: [rank_sets(of.scores, of.errors, kind=kind, normals=normals) for kind in ("simultaneous", "marginal")],
            lambda: [sets(scores, errors, fewer) for sets in (plain.rank_sets, plain.marginal_rank_sets)],
            f"{few} draws",
            draws / few,
        ),
    }
    require_same(of, weights.iloc[:few], normals.iloc[:few], some)
    ours: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, (mine, *_rest) in work.items():
            ours[name].append(timed(mine))
    found = [Compared(name, ours[name], timed(theirs), done, parts) for name, (_, theirs, done, parts) in work.items()]
    for one in found:
        say(f"{one.name}: {median(one.ours):.3f} s, plain {one.plain * one.parts:.1f} s")
    return found


def numbers(values: pd.Series[float]) -> plain_metrics.FloatArray:
    """A column as numpy has it."""
    return np.asarray(values, dtype=np.float64)


def require_same(of: Table, weights: pd.DataFrame, normals: pd.DataFrame, units: Sequence[int]) -> None:
    """Both forms come to the same. Raises ``BenchFailed``."""
    pairs: dict[str, tuple[object, object]] = {
        "ranks": (ranks_of_draws(of.values, weights).to_numpy(), plain_metrics.ranks_of_draws(of.values.to_numpy(), weights.to_numpy())),
        "Shapley values": (rank_shapley(of.points).effects.to_numpy()[list(units[:1])], plain_metrics.shapley_of_rank(of.points.to_numpy(), units[:1])),
    }
    for kind, sets in (("simultaneous", plain_metrics.rank_sets), ("marginal", plain_metrics.marginal_rank_sets)):
        mine = rank_sets(of.scores, of.errors, kind=kind, normals=normals)[["low", "high"]]
        pairs[f"{kind} rank sets"] = (mine.to_numpy(), sets(numbers(of.scores), numbers(of.errors), normals.to_numpy()))
    for name, (ours, theirs) in pairs.items():
        if not np.allclose(np.asarray(ours), np.asarray(theirs), atol=1e-9):
            raise BenchFailed(f"{name} differ from those of the plain form")


def large_work(units: int, nodes: int, draws: int, few: int, *, seed: int) -> dict[str, tuple[str, Callable[[], object]]]:
    """Name → what is run on the largest table, and the run."""
    of = made_up(units, nodes, seed=seed)
    names, rng = list(of.values.columns), np.random.default_rng(seed)
    return {
        "draws": (f"{draws:,} weight draws with ranks", lambda: ranks_of_draws(of.values, dirichlet_weights(names, rng, draws=draws))),
        "shapley": (f"Shapley values of the rank, {DOMAINS} domains, all units against {SAMPLE} sampled ones", lambda: rank_shapley(of.points, sample=SAMPLE, rng=rng)),
        "simultaneous": (f"simultaneous rank sets, {few:,} draws", lambda: rank_sets(of.scores, of.errors, rng=rng, draws=few)),
        "marginal": (f"marginal rank sets of all units, {few:,} draws", lambda: rank_sets(of.scores, of.errors, kind="marginal", rng=rng, draws=few)),
    }


def run_large(name: str, given: argparse.Namespace) -> None:
    """One command in a process of its own that may hold so much data and no more; says as JSON how it went."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST, MOST))
    what, work = large_work(given.largest[0], given.largest[1], given.draws, given.few, seed=given.seed)[name]
    took = timed(work)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    sys.stdout.write(json.dumps(asdict(Large(name, what, took, peak))) + "\n")


def largest(given: argparse.Namespace) -> list[Large]:
    """The commands on the largest table, one process after the other. Raises ``BenchFailed``."""
    found = []
    shape = ["--largest", *map(str, given.largest), "--draws", str(given.draws), "--few", str(given.few), "--seed", str(given.seed)]
    for name in ("draws", "shapley", "simultaneous", "marginal"):
        said: list[str] = []
        run([sys.executable, "-m", "benchmarks.metrics", "--only-large", name, *shape], ROOT, {**os.environ, **CAPS}, told=said.append)
        found.append(Large(**json.loads(said[-1])))
        say(f"largest: {found[-1].what}: {found[-1].seconds:.1f} s, {found[-1].memory / 2**20:.0f} MB")
    return found


def written(compared: Sequence[Compared], large: Sequence[Large], given: argparse.Namespace, facts: Mapping[str, str]) -> str:
    """The page."""
    units, nodes = given.units, given.nodes
    rows = []
    for one in compared:
        spread = f"{seconds(min(one.ours))}–{seconds(max(one.ours))}"
        rows.append([one.name, seconds(median(one.ours)), spread, seconds(one.plain * one.parts), one.done, number(one.ratio)])
    parts = [
        "# Metrics, timed",
        "Made-up figures. Processor time of a call in a warm process with one thread; of the rounds the median counts. Only ratios can be carried to another machine. "
        f"This page is written by the bench:\n\n```\n{given.command}\n```",
        "## The machine",
        table(["", ""], [[name, fact] for name, fact in facts.items() if name != "Browser"]),
        f"## Beside the plainest form, {units} units × {nodes} nodes",
        table(["", " s", f" quickest–slowest of {given.rounds}", " plain form, s", " of which was run", " ratio"], rows),
        "The plain form is what a first script would have: numpy, loops over draws and units (`benchmarks/plain_metrics.py`). It was run on a part of the work, and the time "
        "of the part multiplied. Before anything is timed both forms get the same weights, points and draws, and the run stops unless they come to the same ranks, effects "
        "and sets.",
    ]
    if large:
        many = [[one.what, seconds(one.seconds), f"{one.memory / 2**20:,.0f}"] for one in large]
        parts += [
            f"## {given.largest[0]:,} units × {given.largest[1]} nodes",
            table(["", " s", " peak memory, MB"], many),
            f"One run each, in a process of its own that was not allowed more than {MOST / 2**30:.0f} GB of data (`RLIMIT_DATA`); the memory is the most that lay in RAM "
            "(`ru_maxrss`), Python and its libraries included.",
        ]
    return "\n\n".join(parts) + "\n"


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics", description="Time the metrics that draw and count most beside their plainest form.")
    parser.add_argument("--units", type=int, default=63)
    parser.add_argument("--nodes", type=int, default=29)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=2023)
    parser.add_argument("--largest", type=int, nargs=2, default=[3321, 90], metavar=("UNITS", "NODES"))
    parser.add_argument("--few", type=int, default=1_000, help="draws of the rank sets on the largest table (default: 1000)")
    parser.add_argument("--small", action="store_true", help="leave the largest table out")
    parser.add_argument("--only-large", choices=("draws", "shapley", "simultaneous", "marginal"), help="one command on the largest table, in this process")
    parser.add_argument("--out", type=Path, help=f"the page to write (default: benchmarks/{PAGE.name} where everything is measured; else it is printed)")
    given = parser.parse_args(words)
    given.command = shlex.join(["python", "-m", "benchmarks.metrics", *words])
    if min(given.units, given.draws, given.rounds, given.few, given.largest[0]) < 2 or min(given.nodes, given.largest[1]) < DOMAINS:
        parser.error(f"numbers are 2 or more, of nodes {DOMAINS} or more")
    return given


def main(words: Sequence[str]) -> None:
    """Measure, and write the page."""
    given = _options(words)
    if given.only_large:
        run_large(given.only_large, given)
        return
    if any(os.environ.get(name) != value for name, value in CAPS.items()):
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.metrics", *words], {**os.environ, **CAPS})
    try:
        page = written(compare(given.units, given.nodes, given.draws, given.rounds, seed=given.seed), [] if given.small else largest(given), given, machine.facts())
    except BenchFailed as problem:
        raise SystemExit(str(problem)) from None
    place = given.out or (None if given.small else PAGE)
    if place:
        place.write_text(page, encoding="utf-8")
        say(f"written to {place.name}")
    else:
        sys.stdout.write(page)


if __name__ == "__main__":
    main(sys.argv[1:])
