"""``par scorecard``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from par_analysis.cli.common import counted


@click.group(short_help="Make a scorecard to fill in.")
def scorecard() -> None:
    """A workbook in which a province notes its points, who is to raise them and until when.

    \b
      par scorecard new 2024.xlsx --unit "hai duong" --year 2024
      par add scorecard 2024.xlsx --edition 2024-hai-duong
      par build improvement --unit "hai duong" --year 2024
    """


@scorecard.command(short_help="Write a workbook to fill in.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--index", default="par_index", show_default=True, metavar="CODE", help="Which index: par list indices.")
@click.option("--unit", required=True, metavar="NAME|CODE", help="The province, in any spelling.")
@click.option("--year", required=True, type=click.IntRange(1990, 2100), metavar="Y", help="The year that is scored.")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="The language of the workbook.")
@click.option("--protect", "is_protected", is_flag=True, help="Protect headings and names (without a password); then no rows can be inserted.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def new(file: Path, *, force: bool, **asked: Any) -> None:
    """Write FILE.xlsx: a row for every part of the index that is known by name, and blank rows for its criteria."""
    from par_analysis import catalog
    from par_analysis.run import scorecards
    from par_analysis.run.text import visible

    written = scorecards.new(scorecards.Request(file, **asked), catalog.load(), force=force)
    then = f"par add scorecard FILE --edition {written.year}-{written.slug}"
    click.echo(f"{visible(file.name)}: {counted(written.named, 'part')} of the index, {counted(written.blank, 'blank row')}; when filled in: {then}")
