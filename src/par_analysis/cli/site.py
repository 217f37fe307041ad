"""``par site``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from par_analysis.cli.common import PIPELINE, place_of, terminable

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(short_help="Make a web site of the finished reports.")
@click.option("--reports", "root", type=FOLDER, metavar="DIRECTORY", help="The folder of the finished reports.  [default: that of the pipeline, or reports]")
@click.option(
    "--signed", type=FOLDER, metavar="DIRECTORY", help="A folder of signed PDF files, which take the place of the unsigned ones.  [default: that of the pipeline, where it signs]"
)
@click.option("--out", type=FOLDER, metavar="DIRECTORY", help="The folder to write to.  [default: that of the pipeline, or site]")
@PIPELINE
def site(root: Path | None, signed: Path | None, out: Path | None, pipeline: Path) -> None:
    """Make pages that lead to all finished reports: by year, index, province and language, with a map and a search.

    The folder works as it is, without a server: open index.html. What has not changed is not written again, and what par site did not write is never removed.

    \b
      par site
      par site --reports reports --out /srv/www/reform
    """
    from par_analysis.deliver import gate
    from par_analysis.deliver.finished import some_reports
    from par_analysis.deliver.site import make_site

    place = place_of(pipeline)
    root, out = root or place.reports, out or place.site
    is_public = gate.public_step(place.tables) == "site" and (root.absolute(), out.absolute()) == (place.reports.absolute(), place.site.absolute())
    with terminable(), gate.passed("site", place, some_reports(root)) if is_public else nullcontext():
        done = make_site(root, out, signed=signed or (place.signed if place.has("sign") else None))
    for line in done.said:
        click.echo(line)
