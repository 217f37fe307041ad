"""``par``: arguments, progress and exit codes. Everything that takes time to import is imported by the command that needs it."""

from __future__ import annotations

import click

from par_analysis.cli.articles import claims
from par_analysis.cli.common import Commands, show_version
from par_analysis.cli.diff import accept, diff
from par_analysis.cli.files import add, fetch
from par_analysis.cli.listings import check, list_
from par_analysis.cli.pipeline import run
from par_analysis.cli.publish import publish
from par_analysis.cli.reports import build, clean, why
from par_analysis.cli.schedule import schedule
from par_analysis.cli.scorecards import scorecard
from par_analysis.cli.send import send
from par_analysis.cli.signatures import sign, verify
from par_analysis.cli.site import site


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=show_version, help="Show the version and stop.")
def main() -> None:
    """Reports on the public administration reform indices of Viet Nam's provinces."""


for _command in (build, why, clean, fetch, add, scorecard, claims, list_, check, sign, verify, run, diff, accept, schedule, site, publish, send):
    main.add_command(_command)
