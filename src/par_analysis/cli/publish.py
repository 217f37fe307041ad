"""``par publish``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from par_analysis.cli.common import PIPELINE, place_of, terminable
from par_analysis.errors import RequestError

if TYPE_CHECKING:
    from par_analysis.deliver.finished import Report
    from par_analysis.deliver.steps import Place


@click.command(short_help="Bring the site to where its readers are.")
@click.argument("target", required=False)
@click.option("--from", "folder", type=click.Path(path_type=Path), metavar="DIRECTORY", help="The folder to publish.  [default: that of the pipeline, or site]")
@PIPELINE
@click.option("--dry-run", is_flag=True, help="List what would go, with its size, and stop.")
@click.option("--verify", is_flag=True, help="Read again everything that lies there.")
@click.option("--adopt", is_flag=True, help="Take files that lie there already, and are the very same, for ours.")
@click.option("--take-over", is_flag=True, help="Do not mind the lock of another publisher, which is known to have died.")
def publish(target: str | None, *, folder: Path | None, pipeline: Path, dry_run: bool, verify: bool, adopt: bool, take_over: bool) -> None:
    """Bring what has changed of the site to TARGET: a folder, s3://bucket/prefix or sftp://user@host/path; without it, that of the settings.

    Files that par did not put there are neither overwritten nor removed. What was broken off is taken up again.
    Where the pipeline has a gate on numbers, it holds here, too: exits 3 where they wait for a person (par diff, par accept).

    \b
      par publish /srv/www/reform --dry-run
      par publish s3://reports-bucket/2023
      par publish sftp://par@www.example.org/srv/www
    """
    from par_analysis.deliver.publishing import publish as publishing
    from par_analysis.deliver.settings import read
    from par_analysis.deliver.stores import Publishing
    from par_analysis.deliver.stores import place as place_at
    from par_analysis.run.text import visible

    place = place_of(pipeline)
    settings = read(Publishing, place.tables.get("publish", {}), file=str(pipeline), at="publish")
    if not (where := target or settings.target):
        raise RequestError("where to?", hint=f'par publish TARGET, or target = "…" in [publish] of {pipeline}')
    # a target that was typed is meant from here, one of the settings from their file
    typed = str(Path(where).absolute()) if target and "://" not in target else where
    source = folder or place.site
    counts = not settings.target or place_at(typed, place.folder) == place_at(settings.target, place.folder)
    with terminable(), nullcontext() if dry_run else _passed(place, source, counts=counts):
        done = publishing(source, typed, state=place.state, settings=settings, root=place.folder, dry_run=dry_run, verify=verify, adopt=adopt, take_over=take_over)
    for line in done.said:
        click.echo(line)
    if dry_run and (refused := _refused(place, source)):
        click.echo(f"par: {visible(refused)}", err=True)


@contextmanager
def _passed(place: Place, source: Path, *, counts: bool) -> Iterator[None]:
    """The gate on numbers, for a site of the pipeline's reports: any other folder has none that it knows of."""
    from par_analysis.deliver import gate

    found = _shown(place, source)
    if found is None:
        yield
        return
    with gate.passed("publish", place, found, counts=counts):
        yield


def _shown(place: Place, source: Path) -> list[Report] | None:
    """The reports of the pipeline that a site shows, as they are now; ``None`` for a folder that is no site of a pipeline. Raises ``RequestError`` where it shows others."""
    from par_analysis.deliver.finished import reports
    from par_analysis.deliver.site import holds_reports, require_made_from

    if not place.tables or not holds_reports(source):
        return None
    found = reports(place.reports)
    require_made_from(source, found)
    return found


def _refused(place: Place, source: Path) -> str:
    """Why it would not be published now; "" where it would."""
    from par_analysis.deliver import gate

    try:
        found = _shown(place, source)
    except RequestError as error:
        return f"it would be refused: {error} ({error.hint})"
    return gate.waiting(place, found) if found is not None else ""
