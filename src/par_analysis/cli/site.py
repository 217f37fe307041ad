"""``par site``."""

from __future__ import annotations

from pathlib import Path

import click

from par_analysis.cli.common import terminable

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(short_help="Make a web site of the finished reports.")
@click.option("--reports", "root", type=FOLDER, default=Path("reports"), show_default=True, metavar="DIRECTORY", help="The folder of the finished reports.")
@click.option("--signed", type=FOLDER, metavar="DIRECTORY", help="A folder of signed PDF files, which take the place of the unsigned ones.")
@click.option("--out", type=FOLDER, default=Path("site"), show_default=True, metavar="DIRECTORY", help="The folder to write to.")
def site(root: Path, signed: Path | None, out: Path) -> None:
    """Make pages that lead to all finished reports: by year, index, province and language, with a map and a search.

    The folder works as it is, without a server: open index.html. What has not changed is not written again, and what par site did not write is never removed.

    \b
      par site
      par site --reports reports --out /srv/www/reform
    """
    from par_analysis.deliver.site import make_site

    with terminable():
        done = make_site(root, out, signed=signed)
    for line in done.said:
        click.echo(line)
