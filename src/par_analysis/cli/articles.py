"""``par claims``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from par_analysis.cli.common import counted

if TYPE_CHECKING:
    from par_analysis.model import Language


class _Claims(click.Group):
    """What is no subcommand is a file to check: ``par claims FILE`` is ``par claims check FILE``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_named = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if is_named else ["check", *args])


@click.group(cls=_Claims, short_help="Check an article's statements.", subcommand_metavar="[check] FILE | draft ARTICLE")
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
    click.echo(f"{counted(text.count('[[statement]]'), 'proposal')}, {text.count(chr(10) + 'unsure = ')} of them unsure: {visible(out.name)}")
