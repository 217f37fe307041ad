"""``par diff`` and ``par accept``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from par_analysis.cli.common import PIPELINE
from par_analysis.errors import RequestError

if TYPE_CHECKING:
    from par_analysis.deliver.numbers_diff import Diff
    from par_analysis.deliver.steps import Place


@click.command(short_help="Say which numbers differ from the published ones.")
@PIPELINE
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page, too.")
@click.option("--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="Write every row that differs, for a spreadsheet, too.")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="The language of the page.")
def diff(pipeline: Path, *, html: Path | None, table: Path | None, lang: str) -> None:
    """Compare the numbers of all finished reports with those that were last published: what moved, came, went, by how much and why.

    Exits 3 where a person has to agree (par accept) before anything is published.

    \b
      par diff
      par diff --html moved.html
    """
    from par_analysis.deliver import diff_page, diff_text
    from par_analysis.deliver.acceptance import is_accepted, require_open
    from par_analysis.run.text import visible

    place, met = _compared(pipeline)
    for line in diff_text.lines(met):
        click.echo(visible(line))
    if html:
        _write(html, diff_page.write(met, "vi" if lang == "vi" else "en"))
    if table:
        _write(table, diff_text.table(met))
    if not met.is_within and is_accepted(met, place.state):
        click.echo("accepted: the next run publishes this")
    require_open(met, place.state)


def _compared(pipeline: Path) -> tuple[Place, Diff]:
    from par_analysis.deliver import gate
    from par_analysis.deliver import pipeline as pipelines

    place, _ = pipelines.load(pipeline)
    return place, gate.compare(gate.gate_of(place), gate.comparable(place.reports, place.state), place.state)


def _write(path: Path, content: bytes) -> None:
    from par_analysis.deliver.placing import put

    try:
        put(path, content)
    except OSError as error:
        raise RequestError(f"{path} cannot be written: {error.strerror or error}") from error


@click.command(short_help="Agree to numbers that differ, so that they are published.")
@click.argument("changes", type=click.IntRange(0))
@PIPELINE
def accept(changes: int, pipeline: Path) -> None:
    """Agree to what par diff shows; CHANGES is how many numbers that are.

    That holds for these very changes: where others come before they are published, they have to be looked at, too. Who agreed, and when, is noted.
    """
    from par_analysis.deliver import acceptance

    place, met = _compared(pipeline)
    is_new = acceptance.accept(met, changes, place.state)
    click.echo(f"accepted: {changes} number{'' if changes == 1 else 's'}; par run publishes them" if is_new else "accepted already")
