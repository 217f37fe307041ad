"""``par send``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from par_analysis.cli.common import PIPELINE, terminable
from par_analysis.errors import RequestError


@click.command(short_help="Mail reports to whoever is to have them.")
@PIPELINE
@click.option("--dry-run", is_flag=True, help="Say what would go to whom, and stop.")
@click.option("--again", is_flag=True, help="Try those once more who were refused for good.")
@click.option("--uncertain", type=click.Choice(["resend", "hold", "arrived"]), help="What becomes of mails that may have been sent when a run was cut off.")
@click.option("--list", "as_list", is_flag=True, help="List what the ledger knows, and stop.")
def send(*, pipeline: Path, as_list: bool, **how: Any) -> None:
    """Mail each finished report to the recipients of the settings who have not had it yet.

    Who got which file stands in the ledger: no file goes to the same address twice. What fails in passing goes with the next run.
    Where the pipeline has a gate on numbers, it holds here, too: exits 3 where they wait for a person (par diff, par accept).

    \b
      par send --dry-run
      par send
    """
    from par_analysis.deliver import gate
    from par_analysis.deliver.finished import some_reports
    from par_analysis.deliver.pipeline import load
    from par_analysis.deliver.sending import Sending, listed
    from par_analysis.deliver.sending import send as sending
    from par_analysis.deliver.settings import read
    from par_analysis.run.text import aligned, visible

    place, _ = load(pipeline)
    if as_list:
        click.echo(aligned(*listed(place.state)))
        return
    if not place.has("send"):
        raise RequestError(f"{pipeline} has no table [send]", hint="it names the mail server and the file of the recipients")
    settings = read(Sending, place.tables["send"], file=str(pipeline), at="send")
    found = some_reports(place.reports)
    with terminable(), nullcontext() if how["dry_run"] else gate.passed("send", place, found):
        done = sending(found, settings, state=place.state, signed=place.signed if place.has("sign") else None, root=place.folder, **how)
    for line in done.said:
        click.echo(visible(line))
    if how["dry_run"] and (refused := gate.waiting(place, found)):
        click.echo(f"par: {visible(refused)}", err=True)
