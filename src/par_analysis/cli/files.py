"""``par fetch`` and ``par add``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from par_analysis.cli.common import counted, say_findings, terminable
from par_analysis.errors import ParError

if TYPE_CHECKING:
    from par_analysis.model import Source
    from par_analysis.run.add import Added
    from par_analysis.run.add import Request as AddRequest
    from par_analysis.run.fetch import Fetched


@click.command(short_help="Download the files of sources.")
@click.argument("source", nargs=-1)
@click.option("--again", is_flag=True, help="Download what is there already, too; accept a file that its publisher replaced.")
@click.option("--list", "as_list", is_flag=True, help="List what can be fetched, and stop.")
def fetch(source: Sequence[str], *, again: bool, as_list: bool) -> None:
    """Download the files of each SOURCE into the cache, and check them; without a source, list what there is.

    PAR_MIRROR names a local folder to copy from instead (by host, then path), PAR_CACHE another folder to download into.

    \b
      par fetch papi
      PAR_MIRROR=mirror par fetch papi par_master
    """
    from par_analysis import catalog
    from par_analysis.run import fetch as fetching
    from par_analysis.run import listing
    from par_analysis.run.text import aligned

    known = catalog.load()
    sources = fetching.chosen(known, source)
    if as_list or not sources:
        click.echo(aligned(*listing.fetchable(sources or fetching.fetchable(known))))
        return
    fetched: list[Fetched] = []
    with terminable(), _file_progress(sum(len(one.files) for one in sources)) as report, closing(fetching.fetch(sources, known, again=again)) as files:
        for one in files:
            fetched.append(one)
            report(one)
    found = fetching.check(sources, catalog.Catalog(known.root)) if any(one.error is None for one in fetched) else []
    say_findings(found)
    _say_fetched(sources, fetched)
    if any(one.error for one in fetched) or any(finding.severity == "error" for finding in found):
        raise click.exceptions.Exit(1)


@contextmanager
def _file_progress(total: int) -> Iterator[Callable[[Fetched], None]]:
    """On a terminal a bar, elsewhere a line for every file."""
    if not sys.stderr.isatty():
        yield _FileLines(total)
        return
    from tqdm import tqdm

    with tqdm(total=total, unit="file", file=sys.stderr, dynamic_ncols=True) as bar:

        def advance(one: Fetched) -> None:
            bar.set_description_str(one.label, refresh=False)
            bar.update()

        bar.refresh()
        yield advance


class _FileLines:
    """``[3/13] papi/2013 … 17 kB``, counting as it goes."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, one: Fetched) -> None:
        self.done += 1
        said = "FAILED" if one.error else f"{_bytes(one.size)}{', there already' if one.was_there else ''}"
        click.echo(f"[{self.done}/{self.total}] {one.label} … {said}", err=True)


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def _say_fetched(sources: Sequence[Source], fetched: Sequence[Fetched]) -> None:
    """What failed, a line each, and for every source what is there and under which terms."""
    from par_analysis.run.text import visible

    hints: dict[str, None] = {}
    for one in fetched:
        if one.error:
            click.echo(f"par: {one.label}: {visible(str(one.error), keep=chr(10))}", err=True)
            hints.setdefault(one.error.hint)
    for hint in filter(None, hints):
        click.echo(f"     {visible(hint)}", err=True)
    for source in sources:
        mine = [one for one in fetched if one.source == source.code]
        there, failed = sum(one.was_there for one in mine), sum(one.error is not None for one in mine)
        counts = [counted(len(mine), "file"), f"{there} already there", *([f"{failed} failed"] if failed else []), _bytes(sum(one.size for one in mine))]
        click.echo(f"{source.code}: {', '.join(counts)}; licence: {source.licence}")


@click.command(short_help="Add a file of figures.")
@click.argument("source")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--edition", required=True, metavar="NAME", help="What the publication is called: its year or month.")
@click.option("--year", type=click.IntRange(1990, 2100), metavar="Y", help="The year measured, for a file that does not say it.")
@click.option("--origin", default="", metavar="URL", help="The address that the file was taken from.")
@click.option("--replace", is_flag=True, help="Put it in the place of the edition of that name.")
@click.option("--dry-run", is_flag=True, help="Read and check the file, and stop.")
def add(**asked: Any) -> None:
    """Check FILE and store it as an edition of SOURCE (par list sources). Nothing is written while an error is found.

    \b
      par add papi 2024.csv --edition 2024
    """
    from par_analysis import catalog
    from par_analysis.run import add as adding

    request = adding.Request(**asked)
    ask = _may_replace if sys.stdin.isatty() and sys.stderr.isatty() else None
    with terminable():
        done = adding.add(request, catalog.load(), ask=ask)
    say_findings(done.findings)
    _say_added(request, done)


def _may_replace(code: str) -> bool:
    return click.confirm(f"{code} is there already. Replace it?", err=True)


def _say_added(request: AddRequest, done: Added) -> None:
    """What was added, and what can be built from it. Exits 1 if nothing was."""
    if done.status == "refused":
        errors = sum(finding.severity == "error" for finding in done.findings)
        raise ParError(f"{request.code} was not added: {counted(errors, 'error')}; nothing was written", hint="mend the file, then once more")
    if done.status == "there":
        click.echo(f"{request.code} is there already, with the same content; nothing was changed")
        return
    counts = f"{counted(done.rows, 'row')}, {counted(done.figures, 'figure', ',')}" + "".join(f"; {counted(count, 'complete total')}" for count in done.totals.values())
    then = [_following(index, year, done.units) for index, year in done.years.items() if index != "operations"][:1]
    click.echo(f"{request.code}: {counts}; " + ("nothing was written" if done.status == "checked" else f"now: {then[0]}" if then else "added"))


def _following(index: str, year: int, units: Sequence[str]) -> str:
    """What can be built from figures of an index."""
    kind, _, of = index.partition(":")
    return f"par build improvement --index {of} --year {year} --unit {units[0]}" if kind == "scorecard" else f"par build province --index {index} --year {year} --unit all"
