"""``par build``, ``par why``, ``par clean``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from par_analysis.cli.common import counted, say_error, terminable
from par_analysis.errors import RequestError

if TYPE_CHECKING:
    from par_analysis.run.crew import Makers
    from par_analysis.run.outcome import Outcome
    from par_analysis.run.plan import Job
    from par_analysis.run.run import Run

ASKED = (
    click.argument("report"),
    click.option("--index", multiple=True, metavar="CODE", help="Which index: par list indices."),
    click.option("--year", multiple=True, metavar="Y|Y1-Y2|Y,Y2", help="The year measured, a range or a list."),
    click.option("--unit", multiple=True, metavar="NAME|CODE|all", help="A province in any spelling, a list, or all of the year's."),
    click.option("--lang", multiple=True, metavar="vi,en", help="The language of the report."),
    click.option("--format", "formats", multiple=True, metavar="html,pdf,docx,xlsx", help="The files to make.  [default: html,pdf]"),
    click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True, help="The folder to write to."),
    click.option("--no-derived", is_flag=True, help="Leave out figures that were derived from published ones."),
    click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other parameter of the notebook."),
)
"""What says which reports are meant: the same for every command about reports."""


def asked(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which reports are meant."""
    for option in reversed(ASKED):
        command = option(command)
    return command


def _plan(report: str, formats: Sequence[str], out: Path, settings: Sequence[str], no_derived: bool, axes: dict[str, Sequence[str]]) -> tuple[tuple[Job, ...], Any]:
    from par_analysis.run.contract import find_notebook, read_contract
    from par_analysis.run.known import known
    from par_analysis.run.plan import USUAL, Request, plan

    here = known()
    values = {name: given for name, given in axes.items() if given} | _settings(settings) | ({"derived": ("false",)} if no_derived else {})
    wanted = [kind.strip().lower() for item in formats for kind in item.split(",")] or list(USUAL)
    return plan(Request(values, wanted, out), read_contract(find_notebook(report, here.notebooks)), here), here


@click.command(short_help="Make reports.")
@asked
@click.option("--dry-run", is_flag=True, help="Check the request, print what would be made, and stop.")
@click.option("--force", is_flag=True, help="Make every report anew, also those that are up to date.")
@click.option("--workers", type=click.IntRange(1, 512), help="How many reports are made at once.  [default: one a core]")
@click.option("--cold", "kernels", flag_value="cold", help="Start every kernel from nothing: slower, the same files.")
@click.option("--forked", "kernels", flag_value="forked", help="Run every notebook in a real kernel on sockets, forked from a warm process.")
@click.option("--cell-timeout", type=click.IntRange(1), default=120, show_default=True, metavar="S", help="Seconds that a cell may take.")
@click.option("--report-timeout", type=click.IntRange(1), default=600, show_default=True, metavar="S", help="Seconds that a report may take.")
@click.option("--memory", type=click.FloatRange(0), default=2.0, show_default=True, metavar="GB", help="Memory that a report's notebook may take; 0 for no limit.")
@click.option("--retries", type=click.IntRange(0, 20), default=2, show_default=True, help="How often a report is tried again after the machine failed it.")
@click.option("--cluster", metavar="ADDRESS", help="Make the reports on a Dask cluster: tcp://host:8786.")
@click.option("--json", "as_json", is_flag=True, help="Tell what happens as events, one JSON object a line.")
def build(
    report: str,
    *,
    formats: Sequence[str],
    out: Path,
    settings: Sequence[str],
    no_derived: bool,
    dry_run: bool,
    force: bool,
    as_json: bool,
    workers: int | None,
    retries: int,
    cluster: str | None,
    kernels: str | None,
    cell_timeout: int,
    report_timeout: int,
    memory: float,
    **axes: Sequence[str],
) -> None:
    """Make the reports of a type: REPORT is the name of a notebook (par list reports).

    What is not given keeps the notebook's default. Options may be repeated, and lists are separated by commas:

    \b
      par build province --unit "hai duong" --year 2023 --lang vi,en
      par build province --unit all --year 2012-2024 --dry-run

    A report that is up to date is not made again; par why says what has changed.
    """
    if not math.isfinite(memory) or 0 < memory < 0.1:
        raise RequestError(f"--memory {memory}: at least 0.1 GB, or 0 for no limit")
    if not out.name and not out.is_absolute():
        raise RequestError("--out names no folder", hint="leave it out for reports/")
    asked_for = (report, formats, out, settings, no_derived, axes)
    if dry_run:
        _print_plan(_plan(*asked_for)[0])
        return
    from par_analysis.run import nursery
    from par_analysis.run import settings as how
    from par_analysis.run.publish import NOTES

    with terminable(), nursery.early(not cluster and (force or not (out / NOTES).is_dir())) as started:
        jobs, here = _plan(*asked_for)
        from par_analysis.run import crew

        limits = {"cell_timeout": cell_timeout, "report_timeout": report_timeout, "memory": int(memory * 2**30)}
        chosen = how.Settings(unit_names=here.unit_names, **limits, **({"kernels": kernels} if kernels else {}))  # type: ignore[arg-type]
        makers, facts = crew.crew(chosen, workers=workers, retries=retries, cluster=cluster, root=here.root, started=started)
        _make(jobs, out, force, as_json, chosen, makers, {"report": report, "out": out.as_posix(), **facts})


def _make(jobs: Sequence[Job], out: Path, force: bool, as_json: bool, chosen: Any, makers: Makers, facts: dict[str, Any]) -> None:
    from par_analysis import catalog
    from par_analysis.cli.progress import emit, progress
    from par_analysis.run.record import Record
    from par_analysis.run.run import perform, sort_out

    run = sort_out(jobs, catalog.load(), force=force)
    record, status = Record(facts), "broken off"
    if as_json:
        damaged = [{"report": job.label, "what": what} for job, what in run.damaged]
        emit("planned", reports=len(jobs), fresh=len(run.fresh), damaged=damaged, remarks=run.remarks)
    elif run.stale:
        _say_failures(run.refused)
    try:
        with progress(len(run.stale) + len(run.refused), as_json=as_json) as tell:
            for event in perform(run, chosen, record, makers):
                tell(event)
        status = "failed" if run.failed else "complete"
    except KeyboardInterrupt:
        status = "interrupted"
        raise
    finally:
        record.write(out, status)
    if as_json:
        emit("finished", status=status, **record.counts())
    else:
        _summarise(run, out)
    if run.failed:
        raise click.exceptions.Exit(1)


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


def _summarise(run: Run, out: Path) -> None:
    """What was made, what the pages lack, and every way of failing once with the reports it met."""
    from par_analysis.run.text import visible

    for job, what in run.damaged:
        click.echo(f"made again: {job.label}: {visible(what)}", err=True)
    _say_failures(run.outcomes)
    met = [warning for outcome in run.outcomes for warning in outcome.warnings] + [warning for _, made in run.fresh for warning in made.warnings]
    for warning, count in Counter(met).items():
        click.echo(f"warning: {visible(warning)}" + (f" (in {count} reports)" if count > 1 else ""), err=True)
    for remark in run.remarks:
        click.echo(f"warning: {visible(remark)}", err=True)
    made = [outcome.job for outcome in run.outcomes if outcome.error is None]
    place = run.jobs[0].folder if len(run.jobs) == 1 else out
    fresh = f", {len(run.fresh)} up to date" if run.fresh else ""
    failed = f", {len(run.failed)} failed" if run.failed else ""
    click.echo(f"{counted(len(made), 'report')} of {len(run.jobs)} made in {place.as_posix()}/{fresh}{failed}")


def _say_failures(outcomes: Sequence[Outcome]) -> None:
    """Every way of failing once, with the reports that it met."""
    from par_analysis.run.run import grouped
    from par_analysis.run.text import visible

    for gist, group in grouped(outcomes).items():
        first = group[0]
        if first.error is not None:
            say_error(first.error, about=first.job.label)
        if first.attempts > 1:
            click.echo(f"     tried {first.attempts} times", err=True)
        if len(group) > 1:
            labels = [outcome.job.label for outcome in group[1:6]] + ["…"] * (len(group) > 6)
            click.echo(f"     {counted(len(group) - 1, 'more report')} failed in the same way ({visible(gist)}): {'; '.join(labels)}", err=True)


@click.command(short_help="Say which reports are out of date, and why.")
@asked
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def why(report: str, *, formats: Sequence[str], out: Path, settings: Sequence[str], no_derived: bool, as_json: bool, **axes: Sequence[str]) -> None:
    """Say of each report whether it is up to date, and if not, what has changed since it was made.

    REPORT and the options are those of par build. Nothing is made.
    """
    from par_analysis import catalog
    from par_analysis.run import cache
    from par_analysis.run.text import safe_json, visible

    jobs, _ = _plan(report, formats, out, settings, no_derived, axes)
    known = catalog.load()
    found = [(job.label, list(cache.changes(job, known))) for job in jobs]
    if as_json:
        click.echo(safe_json([{"report": label, "changes": changes} for label, changes in found]))
        return
    for label, changes in found:
        click.echo(f"{label}: " + ("up to date" if not changes else visible(changes[0]) if len(changes) == 1 else ""))
        for change in changes if len(changes) > 1 else ():
            click.echo(f"  {visible(change)}")
    stale = sum(bool(changes) for _, changes in found)
    click.echo(f"{counted(len(jobs), 'report')}, {stale} out of date")


@click.command(short_help="Forget what was noted of reports, and remove what dead runs left.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True, help="The folder of the reports.")
def clean(out: Path) -> None:
    """Forget what was noted of the reports in a folder, so that the next build makes all of them, and remove what runs that died left there.

    The reports themselves stay.
    """
    from par_analysis.run import cache
    from par_analysis.run.batch import sweep

    entries, left = cache.forget(out), sweep(out)
    click.echo(f"{counted(entries, 'note')} and {counted(left, 'folder')} of dead runs removed from {out.as_posix()}/")
