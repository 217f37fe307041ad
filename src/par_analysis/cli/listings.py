"""``par list`` and ``par check``."""

from __future__ import annotations

import click

from par_analysis.cli.common import counts
from par_analysis.errors import UnknownName

LISTS = ("reports", "indices", "units", "years", "sources")


@click.command("list")
@click.argument("what", metavar="|".join(LISTS))
@click.option("--index", default="par_index", show_default=True, metavar="CODE", help="The index, for years.")
@click.option("--year", type=click.IntRange(1900, 2100), metavar="Y", help="The year, for units: only those ranked then.")
def list_(what: str, index: str, year: int | None) -> None:
    """List the reports, indices, units, years or sources there are."""
    from par_analysis.run.listing import TABLES
    from par_analysis.run.text import aligned

    if what not in TABLES:
        raise UnknownName("list", what, LISTS)
    click.echo(aligned(*TABLES[what](index, year)))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A list of objects instead of a table.")
@click.option("--severity", type=click.Choice(["error", "warning", "note"]), default="note", show_default=True, help="The least severe findings to show.")
def check(as_json: bool, severity: str) -> None:
    """Read all data, and all words of one's own, and list every finding. Exits 1 if one of them is an error."""
    from dataclasses import asdict

    from par_analysis import catalog, dataset
    from par_analysis.run import listing, narrative_checks
    from par_analysis.run.text import aligned, safe_json

    found = [*narrative_checks.check(catalog.load()), *dataset.check()]
    findings = listing.sorted_findings(found, severity)
    if as_json:
        click.echo(safe_json([asdict(finding) for finding in findings]))
    else:
        if findings:
            click.echo(aligned(*listing.findings_table(findings)))
        click.echo(counts(found), err=True)
    if any(finding.severity == "error" for finding in findings):
        raise click.exceptions.Exit(1)
