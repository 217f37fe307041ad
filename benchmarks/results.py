"""What was measured, as Markdown: medians, ratios, and what is demanded of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from benchmarks.growth import Grown
from benchmarks.ways import WAYS, WORKERS

LONG: Final = 1000
"""From so many reports a batch is the long one of its kind."""


@dataclass(frozen=True)
class Timed:
    """A way's rounds: seconds of wall time for so many reports."""

    name: str
    reports: int
    rounds: Sequence[float]

    @property
    def each(self) -> float:
        """The median's seconds a report."""
        return median(self.rounds) / self.reports

    @property
    def spread(self) -> tuple[float, float]:
        """Seconds a report of the quickest and of the slowest round."""
        return min(self.rounds) / self.reports, max(self.rounds) / self.reports


@dataclass(frozen=True)
class Results:
    """All that one run measured; what it was not asked for is empty. ``rendering``: milliseconds of processor time of every notebook, by format."""

    ways: Mapping[str, Timed]
    rendering: Sequence[Mapping[str, float]] = ()
    growth: Sequence[Grown] = ()
    compared: int = 0
    command: str = "python -m benchmarks"
    facts: Mapping[str, str] = field(default_factory=dict)

    def ratio(self, way: str, other: str) -> float | None:
        """How many times the seconds a report of one way are those of another."""
        return self.ways[way].each / self.ways[other].each if way in self.ways and other in self.ways else None

    @property
    def rendering_alone(self) -> float | None:
        """The median of both formats together, in milliseconds."""
        return median(sum(times.values()) for times in self.rendering) if self.rendering else None

    @property
    def grown(self) -> float | None:
        """The long batch's seconds a report against those of 63 of the same kind, with or without start-up: the worse of the two."""
        made_up = [one for one in self.growth if one.figures == "synthetic"]
        if len(made_up) < 2 or made_up[-1].reports < LONG:
            return None
        few, many = made_up[0], made_up[-1]
        return max(many.each / few.each, many.each_later / few.each_later)


@dataclass(frozen=True)
class Demand:
    """A number that has to be at least (or at most) ``least``; better still, ``stretch``."""

    what: str
    is_floor: bool
    least: float
    stretch: float
    unit: str = ""

    def judged(self, met: float | None) -> str:
        """What is said of a number.

        >>> demand = Demand("x", True, 15, 30)
        >>> demand.judged(14.9), demand.judged(15), demand.judged(31), demand.judged(None)
        ('not met', 'met', 'met, stretch too', 'not measured')
        """
        if met is None:
            return "not measured"
        sign = 1 if self.is_floor else -1
        if sign * met < sign * self.least:
            return "not met"
        return "met, stretch too" if sign * met >= sign * self.stretch else "met"


def demands(results: Results) -> Iterator[tuple[Demand, float | None]]:
    """Every demand with the number that was met."""
    yield Demand("(a1) / (d)", True, 15, 30), results.ratio("a1", "d")
    yield Demand("(a2) / (d)", True, 8, 15), results.ratio("a2", "d")
    yield Demand("(b) / (d)", True, 3, 6), results.ratio("b", "d")
    yield Demand("(d) / (e)", False, 1.25, 1.1), results.ratio("d", "e")
    yield Demand("a report of 3,321 / a report of 63", False, 1.05, 1.0), results.grown
    yield Demand("HTML and PDF rendering alone, processor time a report", False, 80, 40, " ms"), results.rendering_alone


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; columns from the second of numbers on stand at their end where the heading begins with a blank.

    >>> print(table(["way", " s"], [["a", "1"]]))
    | way | s |
    |---|--:|
    | a | 1 |
    """
    lines = [[cell.strip() for cell in heading], *rows]
    rule = "|" + "|".join("--:" if cell.startswith(" ") else "---" for cell in heading) + "|"
    written = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([written[0], rule, *written[1:]])


def seconds(value: float) -> str:
    """Seconds with three significant digits.

    >>> seconds(12.345), seconds(0.3456), seconds(1.0)
    ('12.3', '0.346', '1.00')
    """
    return f"{value:#.3g}".rstrip(".")


def number(value: float | None, unit: str = "") -> str:
    """A ratio or another number that is set against a demand; two decimals where it is small.

    >>> number(1.254), number(33.33), number(52.4, " ms"), number(None)
    ('1.25', '33.3', '52 ms', '–')
    """
    if value is None:
        return "–"
    return f"{value:.0f}{unit}" if unit else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def written(results: Results) -> str:
    """The whole page."""
    parts = ["# Whole batches of reports, timed", _intro(results), "## The machine", _facts(results), "## The ways", _ways(results), _about_the_ways(results)]
    parts += ["## What is demanded", _demands(results)]
    if results.rendering:
        parts += ["## Rendering alone", _rendering(results)]
    if results.growth:
        parts += ["## Growth", _growth(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _intro(results: Results) -> str:
    return (
        "Province reports on PAPI 2023 in Vietnamese, HTML and PDF each, made by several ways. One run, in rounds: in every round each way runs once, "
        "begun one way later each time. Seconds are wall time from the start of the first process to the end of the last, start-up, imports and reading of "
        "data included, divided by the number of reports; of the rounds the median counts. Only ratios can be carried to another machine. "
        "This page is written by the bench:\n\n"
        f"```\n{results.command}\n```"
    )


def _facts(results: Results) -> str:
    return table(["", ""], [[name, fact] for name, fact in results.facts.items()])


def _ways(results: Results) -> str:
    rows = []
    for way in WAYS:
        if way.name in results.ways:
            one = results.ways[way.name]
            spread = "–".join(map(seconds, one.spread))
            counts = [str(one.reports), str(len(one.rounds))]
            rows.append([f"({way.name})", way.label, *counts, seconds(one.each), spread, number(results.ratio(way.name, "d"))])
    return table(["", "way", " reports", " rounds", " s a report", " quickest–slowest round", " ratio to (d)"], rows)


def _about_the_ways(results: Results) -> str:
    few = next((one.reports for way in WAYS if way.is_slow and (one := results.ways.get(way.name))), None)
    lines = []
    if few:
        lines.append(
            f"- The slow ways make {few} reports: those at equal distances in the order of the units' codes. Their start-up is shared by fewer reports "
            f"than that of (d): `(d few)` is (d) on the same {few}."
        )
    lines += [
        "- (a1), (a2), (b): stock papermill and nbconvert with their default kernel, code cells hidden. Stock nbconvert does not know the media type of our "
        "outputs and shows the plain HTML that each of them carries beside it, charts as inline SVG included; no more is asked of these pages: no cover, no "
        "accessible PDF, no `numbers.csv`, no read-back.",
        "- `webpdf` starts its browser through Playwright, which takes no other than its own. It is told where its browsers are "
        "(`PLAYWRIGHT_BROWSERS_PATH`), and in that folder the system's Chromium lies under the name that it looks for. As root, "
        "`--WebPDFExporter.disable_sandbox=True`. Nothing else of nbconvert or Playwright is changed.",
        f"- (c), (d): `par build province --index papi --year 2023 --unit … --lang vi --force --workers {WORKERS}`, everything that it does included: planning, "
        "isolation, limits, reading back, manifest, notes for the next run.",
        "- (e): the notebook's code run cell by cell in one namespace, then our exporters and `numbers.csv`; data and libraries are read once before two processes are forked.",
    ]
    if results.compared:
        lines.append(f"- Checked in this run: {results.compared} files (pages, PDFs, numbers) of (c), (d few) and (e) are, byte by byte, those of (d).")
    return "\n".join(lines)


def _demands(results: Results) -> str:
    rows = []
    for demand, met in demands(results):
        sign = "≥" if demand.is_floor else "≤"
        rows.append([demand.what, f"{sign} {demand.least:g}{demand.unit}", f"{sign} {demand.stretch:g}{demand.unit}", number(met, demand.unit), demand.judged(met)])
    return table(["", " demanded", " stretch", " measured", ""], rows)


def _rendering(results: Results) -> str:
    kinds = list(results.rendering[0])
    rows = [[kind, *_of([times[kind] for times in results.rendering])] for kind in kinds]
    rows.append(["together", *_of([sum(times.values()) for times in results.rendering])])
    about = f"Processor time of all threads, of our exporters alone, on {len(results.rendering)} executed notebooks, each exported once in one warm process."
    return about + "\n\n" + table(["", " median, ms", " least, ms", " most, ms"], rows)


def _of(values: Sequence[float]) -> list[str]:
    return [f"{value:.0f}" for value in (median(values), min(values), max(values))]


def _growth(results: Results) -> str:
    rows = []
    bases: dict[str, Grown] = {}
    for one in results.growth:
        is_base = "units" in one.span
        base = bases.get(one.figures)
        bases |= {one.figures: one} if is_base else {}
        ratios = [number(one.each / base.each), number(one.each_later / base.each_later)] if base else ["", ""]
        rows.append([one.figures, one.span, f"{one.reports:,}", seconds(one.each), seconds(one.each_later), *ratios, f"{one.memory / 2**20:.0f}"])
    heading = ["figures", "years", " reports", " s a report", " s a report after the first", " ratio to 63 alike", " after the first", " peak memory, MB"]
    return table(heading, rows) + "\n\n" + _ABOUT_GROWTH


_ABOUT_GROWTH: Final = (
    "One run each. A report on an early year has a shorter history than one on 2023, so a batch of many years is set against 63 reports of the same kind: "
    "9 units in every second year, with the same mean year. *After the first*: from the first finished report to the last, without start-up, which a long "
    "batch shares among more reports. The ratio that is judged above is the worse of the two. Memory is the sum of the proportional set sizes of all "
    "processes, looked at every second.\n\n"
    "**Synthetic** figures are made up from a seed, and every page says so. There are as many of these reports as the country has communes (3,321), but they "
    "are *synthetic province-years*: five made-up indices with PAPI's provinces, years and methods and a figure for everything that is scored, 4 × 13 years "
    "× 63 provinces and 45 more of a fifth. *Synthetic communes* are 3,321 made-up units in one ranking, of which a few get a report: each of these is a "
    "larger report, since metrics go over all units of the ranking and `numbers.csv` lists them. That is growth of a report, not of a batch, so it is shown and not judged."
)
