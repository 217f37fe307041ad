"""``par``: arguments, progress and exit codes. Everything that takes time to import is imported by the command that needs it."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from par_analysis.errors import ParError, RequestError, UnknownName

if TYPE_CHECKING:
    from par_analysis.errors import Finding
    from par_analysis.model import Language, Source
    from par_analysis.run.add import Added
    from par_analysis.run.add import Request as AddRequest
    from par_analysis.run.build import Outcome
    from par_analysis.run.fetch import Fetched
    from par_analysis.run.plan import Job

LISTS = ("reports", "indices", "units", "years", "sources")

SHOWN = 200
"""So many findings about a file that was fetched or added are listed."""


class _Commands(click.Group):
    """Turns a ``ParError`` into its sentence, its hint and its exit code; everything else keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a terminal without Vietnamese letters is no reason to stop
        try:
            with _plain_usage():
                return super().invoke(ctx)
        except ParError as error:
            _say_error(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _plain_usage():
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise UnknownName("command", args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


@contextmanager
def _plain_usage() -> Iterator[None]:
    """What was typed is quoted without the characters that a terminal obeys."""
    try:
        yield
    except click.UsageError as error:
        from par_analysis.run.text import visible

        raise click.UsageError(visible(error.format_message(), keep="\n"), ctx=error.ctx) from None


def _say_error(error: ParError, *, about: str = "") -> None:
    from par_analysis.run.text import visible

    said = str(error)
    known = not about or said.startswith(about)
    click.echo("par: " + visible(said if known else f"{about}: {said}", keep="\n"), err=True)
    if error.hint:
        click.echo(f"     {visible(error.hint)}", err=True)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"par {version('par-analysis')}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and stop.")
def main() -> None:
    """Reports on the public administration reform indices of Viet Nam's provinces."""


@main.command(short_help="Make reports.")
@click.argument("report")
@click.option("--index", multiple=True, metavar="CODE", help="Which index: par list indices.")
@click.option("--year", multiple=True, metavar="Y|Y1-Y2|Y,Y2", help="The year measured, a range or a list.")
@click.option("--unit", multiple=True, metavar="NAME|CODE|all", help="A province in any spelling, a list, or all of the year's.")
@click.option("--lang", multiple=True, metavar="vi,en", help="The language of the report.")
@click.option("--format", "formats", multiple=True, metavar="html,pdf", help="The files to make.  [default: html,pdf]")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True, help="The folder to write to.")
@click.option("--no-derived", is_flag=True, help="Leave out figures that were derived from published ones.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other parameter of the notebook.")
@click.option("--dry-run", is_flag=True, help="Check the request, print what would be made, and stop.")
def build(report: str, *, formats: Sequence[str], out: Path, settings: Sequence[str], no_derived: bool, dry_run: bool, **axes: Sequence[str]) -> None:
    """Make the reports of a type: REPORT is the name of a notebook (par list reports).

    What is not given keeps the notebook's default. Options may be repeated, and lists are separated by commas:

    \b
      par build province --unit "hai duong" --year 2023 --lang vi,en
      par build province --unit all --year 2012-2024 --dry-run
    """
    from par_analysis.run.contract import find_notebook, read_contract
    from par_analysis.run.known import known
    from par_analysis.run.plan import FORMATS, Request, plan

    here = known()
    values = {name: given for name, given in axes.items() if given} | _settings(settings) | ({"derived": ("false",)} if no_derived else {})
    wanted = [kind.strip().lower() for item in formats for kind in item.split(",")] or list(FORMATS)
    jobs = plan(Request(values, wanted, out), read_contract(find_notebook(report, here.notebooks)), here)
    if dry_run:
        _print_plan(jobs)
        return
    with _terminable():
        outcomes = _run(jobs, here.unit_names)
    _summarise(jobs, outcomes, out)


def _settings(pairs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    settings: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise RequestError(f"--set {pair!r} is not NAME=VALUE")
        settings[name.strip()] = (*settings.get(name.strip(), ()), value)
    return settings


def _print_plan(jobs: Sequence[Job]) -> None:
    for job in jobs:
        click.echo(f"{job.label}  {job.folder.as_posix()}/")
    click.echo(f"{_count(len(jobs), 'report')}, {_count(sum(len(job.formats) for job in jobs), 'page file')}; nothing was run")


def _count(number: int, noun: str, grouped: str = "") -> str:
    return f"{number:{grouped}} {noun}" + ("" if number == 1 else "s")


@contextmanager
def _terminable() -> Iterator[None]:
    """A request to end is answered as Ctrl-C is: the kernel stopped, nothing half-written left behind."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(jobs: Sequence[Job], unit_names: Any) -> list[Outcome]:
    from par_analysis.run.build import build_all

    outcomes: list[Outcome] = []
    with _progress(len(jobs)) as report:
        for outcome in build_all(jobs, unit_names):
            outcomes.append(outcome)
            report(outcome)
    return outcomes


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Outcome], None]]:
    """On a terminal a bar with count, rate, time left and failures; elsewhere a line for every report."""
    if not sys.stderr.isatty():
        yield _Lines(total)
        return
    from tqdm import tqdm

    with tqdm(total=total, unit="report", file=sys.stderr, dynamic_ncols=True) as bar:
        failed = 0

        def advance(outcome: Outcome) -> None:
            nonlocal failed
            failed += outcome.error is not None
            bar.set_description_str(outcome.job.label, refresh=False)
            bar.set_postfix(failed=failed, refresh=False)
            bar.update()

        bar.refresh()
        yield advance


class _Lines:
    """``[3/126] province par_index 2023 30 vi … 4.1 s``, counting as it goes."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, outcome: Outcome) -> None:
        self.done += 1
        failed = " FAILED" if outcome.error else ""
        click.echo(f"[{self.done}/{self.total}] {outcome.job.label} … {outcome.seconds:.1f} s{failed}", err=True)


def _summarise(jobs: Sequence[Job], outcomes: Sequence[Outcome], out: Path) -> None:
    """What was made, what the pages lack, and every way of failing once with the reports it met. Exits 1 if any failed."""
    from par_analysis.run.build import grouped
    from par_analysis.run.text import visible

    failures = grouped(outcomes)
    for gist, group in failures.items():
        if group[0].error is not None:
            _say_error(group[0].error, about=group[0].job.label)
        if len(group) > 1:
            labels = [outcome.job.label for outcome in group[1:6]] + ["…"] * (len(group) > 6)
            click.echo(f"     {_count(len(group) - 1, 'more report')} failed in the same way ({gist}): {'; '.join(labels)}", err=True)
    for warning, count in Counter(warning for outcome in outcomes for warning in outcome.warnings).items():
        click.echo(f"warning: {visible(warning)}" + (f" (in {count} reports)" if count > 1 else ""), err=True)
    failed = sum(map(len, failures.values()))
    made = [outcome for outcome in outcomes if outcome.error is None]
    place = made[0].job.folder if len(made) == 1 else out
    click.echo(f"{_count(len(made), 'report')} of {len(jobs)} made in {place.as_posix()}/" + (f", {failed} failed" if failed else ""))
    if failed:
        raise click.exceptions.Exit(1)


@main.command(short_help="Download the files of sources.")
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
    with _terminable(), _file_progress(sum(len(one.files) for one in sources)) as report, closing(fetching.fetch(sources, known, again=again)) as files:
        for one in files:
            fetched.append(one)
            report(one)
    found = fetching.check(sources, catalog.Catalog(known.root)) if any(one.error is None for one in fetched) else []
    _say_findings(found)
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
        counts = [_count(len(mine), "file"), f"{there} already there", *([f"{failed} failed"] if failed else []), _bytes(sum(one.size for one in mine))]
        click.echo(f"{source.code}: {', '.join(counts)}; licence: {source.licence}")


def _say_findings(found: Sequence[Finding]) -> None:
    """Findings as ``par check`` lists them, and how many there are; nothing where there are none."""
    from par_analysis.run import listing
    from par_analysis.run.text import aligned

    shown = listing.sorted_findings(found, "note")[:SHOWN]
    if shown:
        click.echo(aligned(*listing.findings_table(shown)))
        if len(found) > len(shown):
            click.echo(f"and {len(found) - len(shown)} more, none graver than the last one above")
        click.echo(_counts(found), err=True)


def _counts(found: Sequence[Finding]) -> str:
    from par_analysis.run.listing import SEVERITIES

    return ", ".join(_count(sum(finding.severity == kind for finding in found), kind) for kind in SEVERITIES)


@main.command(short_help="Add a file of figures.")
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
    with _terminable():
        done = adding.add(request, catalog.load(), ask=ask)
    _say_findings(done.findings)
    _say_added(request, done)


def _may_replace(code: str) -> bool:
    return click.confirm(f"{code} is there already. Replace it?", err=True)


def _say_added(request: AddRequest, done: Added) -> None:
    """What was added, and what can be built from it. Exits 1 if nothing was."""
    if done.status == "refused":
        errors = sum(finding.severity == "error" for finding in done.findings)
        raise ParError(f"{request.code} was not added: {_count(errors, 'error')}; nothing was written", hint="mend the file, then once more")
    if done.status == "there":
        click.echo(f"{request.code} is there already, with the same content; nothing was changed")
        return
    counts = f"{_count(done.rows, 'row')}, {_count(done.figures, 'figure', ',')}" + "".join(f"; {_count(count, 'complete total')}" for count in done.totals.values())
    then = [f"par build province --index {index} --year {year} --unit all" for index, year in done.years.items() if index != "operations"][:1]
    click.echo(f"{request.code}: {counts}; " + ("nothing was written" if done.status == "checked" else f"now: {then[0]}" if then else "added"))


class _Claims(click.Group):
    """What is no subcommand is a file to check: ``par claims FILE`` is ``par claims check FILE``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_named = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if is_named else ["check", *args])


@main.group(cls=_Claims, short_help="Check an article's statements.", subcommand_metavar="[check] FILE | draft ARTICLE")
def claims() -> None:
    """Check what an article says: each statement of FILE is recomputed from sources that are not the article.

    \b
      par claims data/claims/hai_duong_2023.toml
      par claims draft article.txt --out my-article.toml
    """


@claims.command("check", short_help="Check a file of statements.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One object instead of a table.")
@click.option("--lang", default="en", show_default=True, metavar="vi|en", help="The language of the table.")
def check_claims(file: Path, as_json: bool, lang: str) -> None:
    """Recompute every statement of FILE. Exits 1 if one is contradicted, 2 if the file is no file of statements."""
    from par_analysis.run import press
    from par_analysis.run.text import aligned, safe_json

    checked = press.check(file, lang=lang)
    click.echo(safe_json(checked.data()) if as_json else aligned(*checked.table()))
    click.echo(checked.totals(), err=as_json)
    if checked.is_contradicted:
        raise click.exceptions.Exit(1)


@claims.command("draft", short_help="Propose statements from a text.")
@click.argument("article", type=click.Path(path_type=Path))
@click.option("--unit", default="", metavar="NAME|CODE", help="The unit it is about.  [default: the one it names most]")
@click.option("--year", type=click.IntRange(1990, 2100), metavar="Y", help="The year it is about.  [default: the one it names most]")
@click.option("--lang", type=click.Choice(["vi", "en"]), help="The language of the text.  [default: as it looks]")
@click.option("--index", default="par_index", show_default=True, metavar="CODE", help="The index it is about.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A new file to write to, instead of the terminal.")
def draft_claims(article: Path, *, unit: str, year: int | None, lang: Language | None, index: str, out: Path | None) -> None:
    """Propose statements from the text ARTICLE, as TOML: a person confirms them, and what is marked `unsure` is not judged until then."""
    from par_analysis.run import press
    from par_analysis.run.text import visible

    text = press.draft(article, unit=unit, year=year, lang=lang, index=index)
    if out is None:
        click.echo(visible(text, keep="\n"), nl=False)
        return
    press.write_new(text, out)
    click.echo(f"{_count(text.count('[[statement]]'), 'proposal')}, {text.count(chr(10) + 'unsure = ')} of them unsure: {visible(out.name)}")


@main.command("list")
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


@main.command()
@click.option("--json", "as_json", is_flag=True, help="A list of objects instead of a table.")
@click.option("--severity", type=click.Choice(["error", "warning", "note"]), default="note", show_default=True, help="The least severe findings to show.")
def check(as_json: bool, severity: str) -> None:
    """Read all data and list every finding. Exits 1 if one of them is an error."""
    from dataclasses import asdict

    from par_analysis import dataset
    from par_analysis.run import listing
    from par_analysis.run.text import aligned, safe_json

    found = dataset.check()
    findings = listing.sorted_findings(found, severity)
    if as_json:
        click.echo(safe_json([asdict(finding) for finding in findings]))
    else:
        if findings:
            click.echo(aligned(*listing.findings_table(findings)))
        click.echo(_counts(found), err=True)
    if any(finding.severity == "error" for finding in findings):
        raise click.exceptions.Exit(1)
