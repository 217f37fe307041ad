"""``par schedule``."""

from __future__ import annotations

import os
import shlex
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from par_analysis.errors import RequestError

if TYPE_CHECKING:
    from par_analysis.deliver.schedule import Schedule
    from par_analysis.deliver.steps import Place


@click.command(short_help="Have the machine run a pipeline by itself.")
@click.argument("pipeline", type=click.Path(dir_okay=False, path_type=Path), default=Path("pipeline.toml"))
@click.option("--every", type=click.Choice(["hour", "day", "week", "month"]), default="day", show_default=True, help="How often.")
@click.option("--at", default="06:30", show_default=True, metavar="HH:MM", help="When: local time, for GitHub that of UTC; of an hourly run the minutes count.")
@click.option("--with", "kind", type=click.Choice(["systemd", "cron"]), help="What runs it.  [default: systemd where it runs, else cron]")
@click.option("--install", "what", flag_value="install", help="Put it in place.")
@click.option("--remove", "what", flag_value="remove", help="Take it away.")
@click.option("--github", "what", flag_value="github", help="Print a workflow of GitHub's Actions instead.")
def schedule(pipeline: Path, *, kind: str | None, what: str | None, **when: Any) -> None:
    """Print what runs PIPELINE (without it: pipeline.toml) by itself: a systemd timer, or a line of the crontab; --install puts it in place.

    \b
      par schedule
      par schedule --install --every week --at 05:00
      par schedule --github > .github/workflows/reports.yml
    """
    from par_analysis.deliver import pipeline as pipelines
    from par_analysis.deliver import schedule as schedules

    if what == "remove":  # also of a pipeline whose file is broken, or gone
        _remove(pipeline, schedules.kind(kind or ""))
        return
    place, steps = pipelines.load(pipeline)
    pipelines.settings_of(place, steps)
    if what == "github":
        click.echo(_workflow(place, schedules.secrets(place.tables), when), nl=False)
        return
    chosen = schedules.kind(kind or "")
    wanted = schedules.Schedule(place.file, place.state, place.root, **when)
    if what == "install":
        who = schedules.installer(chosen, wanted)
        click.echo("\n".join(who.install(wanted)))
        for path in who.orphans():
            click.echo(f"par: {path} is scheduled, too, and is not there any more: par schedule --with {chosen} --remove {shlex.quote(str(path))}", err=True)
    else:
        click.echo(_printed(wanted, chosen), nl=False)
    for line in schedules.variables_without(place.tables, chosen):
        click.echo(f"par: {line}", err=True)


def _remove(pipeline: Path, chosen: str) -> None:
    from par_analysis.deliver import schedule as schedules

    file = pipeline.absolute()
    unwanted = schedules.Schedule(file, file.parent, file.parent)
    said = schedules.installer(chosen, unwanted).remove(unwanted)
    click.echo("\n".join(said) or f"{unwanted.name} is not in place")


def _printed(schedule: Schedule, kind: str) -> str:
    from par_analysis.deliver.schedule import Systemd, cron_lines, units

    if kind == "cron":
        return "\n".join(cron_lines(schedule)) + "\n"
    there = Systemd.here(schedule)
    return "\n".join(f"# {there.folder / name}\n{content}" for name, content in units(schedule, user=there.user).items())


def _workflow(place: Place, secrets: list[str], when: dict[str, Any]) -> str:
    from par_analysis.deliver.schedule import Schedule
    from par_analysis.deliver.workflow import workflow

    def inside(path: Path) -> PurePosixPath:
        relative = os.path.relpath(path, place.root)
        if relative.startswith(".."):
            raise RequestError(f"{path} lies outside of the checkout {place.root}: a workflow would not have it")
        return PurePosixPath(Path(relative).as_posix())

    kept, state = [inside(place.reports), inside(place.signed)], inside(place.state)
    if kept[0] not in state.parents:
        kept.append(state)
    return workflow(Schedule(Path(inside(place.file)), place.state, place.root, **when), secrets, kept, state)
