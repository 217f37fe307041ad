"""What all commands share: how an error, a usage and findings are told, and how a run is ended."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from par_analysis.errors import ParError, UnknownName

if TYPE_CHECKING:
    from par_analysis.deliver.steps import Place
    from par_analysis.errors import Finding

USUAL = Path("pipeline.toml")
PIPELINE = click.option(
    "--pipeline", type=click.Path(dir_okay=False, path_type=Path), default=USUAL, show_default=True, help="The file that says where reports and state lie, and how things are done."
)
SHOWN = 200
"""So many findings about a file that was fetched or added are listed."""


class Commands(click.Group):
    """Turns a ``ParError`` into its sentence, its hint and its exit code; everything else keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a terminal without Vietnamese letters is no reason to stop
        try:
            with _plain_usage():
                return super().invoke(ctx)
        except ParError as error:
            say_error(error)
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


def say_error(error: ParError, *, about: str = "") -> None:
    from par_analysis.run.text import visible

    said = str(error)
    known = not about or said.startswith(about)
    click.echo("par: " + visible(said if known else f"{about}: {said}", keep="\n"), err=True)
    if error.hint:
        click.echo(f"     {visible(error.hint)}", err=True)


def show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"par {version('par-analysis')}")
        ctx.exit()


def place_of(pipeline: Path) -> Place:
    """Where a pipeline works; the usual folders where there is none, and none was named."""
    from par_analysis.deliver.pipeline import load
    from par_analysis.deliver.steps import Place

    is_absent = pipeline == USUAL and not pipeline.exists()
    return Place(pipeline.absolute(), {}, Path("reports"), Path("reports/.delivery")) if is_absent else load(pipeline)[0]


def counted(number: int, noun: str, grouped: str = "") -> str:
    return f"{number:{grouped}} {noun}" + ("" if number == 1 else "s")


@contextmanager
def terminable() -> Iterator[None]:
    """A request to end is answered as Ctrl-C is: the kernel stopped, nothing half-written left behind."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    ends = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, stop) for number in ends}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say_findings(found: Sequence[Finding]) -> None:
    """Findings as ``par check`` lists them, and how many there are; nothing where there are none."""
    from par_analysis.run import listing
    from par_analysis.run.text import aligned

    shown = listing.sorted_findings(found, "note")[:SHOWN]
    if shown:
        click.echo(aligned(*listing.findings_table(shown)))
        if len(found) > len(shown):
            click.echo(f"and {len(found) - len(shown)} more, none graver than the last one above")
        click.echo(counts(found), err=True)


def counts(found: Sequence[Finding]) -> str:
    from par_analysis.run.listing import SEVERITIES

    return ", ".join(counted(sum(finding.severity == kind for finding in found), kind) for kind in SEVERITIES)
