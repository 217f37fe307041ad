"""``par run``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from par_analysis.cli.common import terminable

SHOWN: Final = 8
"""So many lines are shown of what a step says; run.json has more of them."""


@click.command(short_help="Do all that a pipeline asks for, where something is new.")
@click.argument("pipeline", type=click.Path(dir_okay=False, path_type=Path), default=Path("pipeline.toml"))
@click.option("--until", default="", metavar="STEP", help="Stop behind this step.")
@click.option("--again", is_flag=True, help="Do every step, also where nothing that it depends on has changed: what lies at a target is looked at, too.")
@click.option("--dry-run", is_flag=True, help="Say which steps have something to do, and why, and stop.")
def run(pipeline: Path, *, until: str, again: bool, dry_run: bool) -> None:
    """Fetch, check, build, compare, sign, gather, publish and send, as PIPELINE says; without it, pipeline.toml.

    A step that has nothing new to do is passed over. One that fails stops those behind it; what was published stays, and the next run catches up.
    Exits 3 where numbers wait for a person (par diff, par accept), and 75 while another run is under way.
    """
    from par_analysis.deliver.pipeline import Run
    from par_analysis.run.text import visible

    def tell(what: str, step: str, said: Sequence[str]) -> None:
        shown = said if len(said) <= SHOWN else [*said[: SHOWN - 2], f"… and {len(said) - SHOWN + 1} more", said[-1]]
        for line in () if what == "fresh" else shown:
            click.echo(visible(f"{step:<8} {'… ' if what == 'begun' else ''}{line}"), err=what != "done")

    one = Run(pipeline, again=again, until=until, tell=tell)
    if dry_run:
        for step, reason in one.due():
            click.echo(visible(f"{step:<8} {reason or 'nothing new'}"))
        return
    with terminable():
        done = one.perform()
    if not done.done:
        click.echo("nothing new")
