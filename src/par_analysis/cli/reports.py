"""``par build``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from par_analysis.cli.common import counted, say_error, terminable
from par_analysis.errors import RequestError

if TYPE_CHECKING:
    from par_analysis.run.build import Outcome
    from par_analysis.run.plan import Job


@click.command(short_help="Make reports.")
@click.argument("report")
@click.option("--index", multiple=True, metavar="CODE", help="Which index: par list indices.")
@click.option("--year", multiple=True, metavar="Y|Y1-Y2|Y,Y2", help="The year measured, a range or a list.")
@click.option("--unit", multiple=True, metavar="NAME|CODE|all", help="A province in any spelling, a list, or all of the year's.")
@click.option("--lang", multiple=True, metavar="vi,en", help="The language of the report.")
@click.option("--format", "formats", multiple=True, metavar="html,pdf", help="The files to make.  [default: html,pdf]")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True, help="The folder to write to.")
@click.option("--no-derived", is_flag=True, help="Leave out figures that were derived from published ones.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other parameter of the notebook.")
@click.option("--dry-run", is_flag=True, help="Check the request, print what would be made, and stop.")
def build(report: str, *, formats: Sequence[str], out: Path, settings: Sequence[str], no_derived: bool, dry_run: bool, **axes: Sequence[str]) -> None:
    """Make the reports of a type: REPORT is the name of a notebook (par list reports).

    What is not given keeps the notebook's default. Options may be repeated, and lists are separated by commas:

    \b
      par build province --unit "hai duong" --year 2023 --lang vi,en
      par build province --unit all --year 2012-2024 --dry-run
    """
    from par_analysis.run.contract import find_notebook, read_contract
    from par_analysis.run.known import known
    from par_analysis.run.plan import FORMATS, Request, plan

    here = known()
    values = {name: given for name, given in axes.items() if given} | _settings(settings) | ({"derived": ("false",)} if no_derived else {})
    wanted = [kind.strip().lower() for item in formats for kind in item.split(",")] or list(FORMATS)
    jobs = plan(Request(values, wanted, out), read_contract(find_notebook(report, here.notebooks)), here)
    if dry_run:
        _print_plan(jobs)
        return
    with terminable():
        outcomes = _run(jobs, here.unit_names)
    _summarise(jobs, outcomes, out)


def _settings(pairs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    settings: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise RequestError(f"--set {pair!r} is not NAME=VALUE")
        settings[name.strip()] = (*settings.get(name.strip(), ()), value)
    return settings


def _print_plan(jobs: Sequence[Job]) -> None:
    for job in jobs:
        click.echo(f"{job.label}  {job.folder.as_posix()}/")
    click.echo(f"{counted(len(jobs), 'report')}, {counted(sum(len(job.formats) for job in jobs), 'page file')}; nothing was run")


def _run(jobs: Sequence[Job], unit_names: Any) -> list[Outcome]:
    from par_analysis.run.build import build_all

    outcomes: list[Outcome] = []
    with _progress(len(jobs)) as report:
        for outcome in build_all(jobs, unit_names):
            outcomes.append(outcome)
            report(outcome)
    return outcomes


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Outcome], None]]:
    """On a terminal a bar with count, rate, time left and failures; elsewhere a line for every report."""
    if not sys.stderr.isatty():
        yield _Lines(total)
        return
    from tqdm import tqdm

    with tqdm(total=total, unit="report", file=sys.stderr, dynamic_ncols=True) as bar:
        failed = 0

        def advance(outcome: Outcome) -> None:
            nonlocal failed
            failed += outcome.error is not None
            bar.set_description_str(outcome.job.label, refresh=False)
            bar.set_postfix(failed=failed, refresh=False)
            bar.update()

        bar.refresh()
        yield advance


class _Lines:
    """``[3/126] province par_index 2023 30 vi … 4.1 s``, counting as it goes."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, outcome: Outcome) -> None:
        self.done += 1
        failed = " FAILED" if outcome.error else ""
        click.echo(f"[{self.done}/{self.total}] {outcome.job.label} … {outcome.seconds:.1f} s{failed}", err=True)


def _summarise(jobs: Sequence[Job], outcomes: Sequence[Outcome], out: Path) -> None:
    """What was made, what the pages lack, and every way of failing once with the reports it met. Exits 1 if any failed."""
    from par_analysis.run.build import grouped
    from par_analysis.run.text import visible

    failures = grouped(outcomes)
    for gist, group in failures.items():
        if group[0].error is not None:
            say_error(group[0].error, about=group[0].job.label)
        if len(group) > 1:
            labels = [outcome.job.label for outcome in group[1:6]] + ["…"] * (len(group) > 6)
            click.echo(f"     {counted(len(group) - 1, 'more report')} failed in the same way ({gist}): {'; '.join(labels)}", err=True)
    for warning, count in Counter(warning for outcome in outcomes for warning in outcome.warnings).items():
        click.echo(f"warning: {visible(warning)}" + (f" (in {count} reports)" if count > 1 else ""), err=True)
    failed = sum(map(len, failures.values()))
    made = [outcome for outcome in outcomes if outcome.error is None]
    place = made[0].job.folder if len(made) == 1 else out
    click.echo(f"{counted(len(made), 'report')} of {len(jobs)} made in {place.as_posix()}/" + (f", {failed} failed" if failed else ""))
    if failed:
        raise click.exceptions.Exit(1)
