"""``par publish``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from par_analysis.cli.common import terminable
from par_analysis.errors import RequestError

if TYPE_CHECKING:
    from par_analysis.deliver.stores import Publishing


@click.command(short_help="Bring the site to where its readers are.")
@click.argument("target", required=False)
@click.option("--from", "folder", type=click.Path(path_type=Path), metavar="DIRECTORY", help="The folder to publish.  [default: that of the pipeline, or site]")
@click.option("--pipeline", type=click.Path(dir_okay=False, path_type=Path), default=Path("pipeline.toml"), show_default=True, help="The settings: its table [publish].")
@click.option("--dry-run", is_flag=True, help="List what would go, with its size, and stop.")
@click.option("--verify", is_flag=True, help="Read again everything that lies there.")
@click.option("--adopt", is_flag=True, help="Take files that lie there already, and are the very same, for ours.")
@click.option("--take-over", is_flag=True, help="Do not mind the lock of another publisher, which is known to have died.")
def publish(target: str | None, *, folder: Path | None, pipeline: Path, dry_run: bool, verify: bool, adopt: bool, take_over: bool) -> None:
    """Bring what has changed of the site to TARGET: a folder, s3://bucket/prefix or sftp://user@host/path; without it, that of the settings.

    Files that par did not put there are neither overwritten nor removed. What was broken off is taken up again.

    \b
      par publish /srv/www/reform --dry-run
      par publish s3://reports-bucket/2023
      par publish sftp://par@www.example.org/srv/www
    """
    from par_analysis.deliver.publishing import publish as publishing

    settings, root, site, state = _settings(pipeline)
    where = target or settings.target
    if not where:
        raise RequestError("where to?", hint=f'par publish TARGET, or target = "…" in [publish] of {pipeline}')
    with terminable():
        # a target that was typed is meant from here, one of the settings from their file
        done = publishing(
            folder or site,
            str(Path(where).absolute()) if target and "://" not in target else where,
            state=state,
            settings=settings,
            root=root,
            dry_run=dry_run,
            verify=verify,
            adopt=adopt,
            take_over=take_over,
        )
    for line in done.said:
        click.echo(line)


def _settings(pipeline: Path) -> tuple[Publishing, Path, Path, Path]:
    """The settings, the folder that their files are looked for in, the site and the state; the usual ones without a pipeline."""
    from par_analysis.deliver.settings import read
    from par_analysis.deliver.stores import Publishing

    if not pipeline.is_file():
        return Publishing(), Path(), Path("site"), Path("reports/.delivery")
    from par_analysis.deliver.pipeline import load

    place, _ = load(pipeline)
    return read(Publishing, place.tables.get("publish", {}), file=str(pipeline), at="publish"), place.folder, place.site, place.state
