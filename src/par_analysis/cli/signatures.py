"""``par sign`` and ``par verify``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from par_analysis.errors import ParError, RequestError

if TYPE_CHECKING:
    from par_analysis.deliver.signing import Signing
    from par_analysis.deliver.verifying import Signature


@click.command(short_help="Sign the PDF files of reports.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"))
@click.option("--key", metavar="FILE", help="The key and its certificate: a PKCS#12 file (.p12, .pfx).")
@click.option("--passphrase-env", metavar="NAME", default="", help="The environment variable that holds the passphrase; otherwise it is asked for.")
@click.option("--passphrase-file", metavar="FILE", default="", help="The file whose first line is the passphrase.")
@click.option("--token", metavar="LABEL", help="The token whose key signs, instead of a file; with --module and --certificate.")
@click.option("--module", metavar="FILE", help="The PKCS#11 module of the token's maker.")
@click.option("--certificate", metavar="LABEL", help="The label of the certificate on the token.")
@click.option("--stamp", is_flag=True, help="Show who signed, and when, at the upper right of the first page.")
@click.option("--reason", default="", help="Why it is signed.")
@click.option("--location", default="", help="Where it is signed.")
@click.option("--timestamp", default="", metavar="URL", help="A server that certifies the time (RFC 3161).")
@click.option("--out", default="signed", show_default=True, help="The folder that the signed files are written to.")
@click.option("--again", is_flag=True, help="Sign what is signed already, too.")
def sign(folder: Path, *, again: bool, **asked: Any) -> None:
    """Sign the PDF of every finished report below FOLDER. The reports stay as they are; the signed files go to a folder of their own.

    \b
      par sign reports/2023 --key office.p12 --stamp
      par sign --token office --module /usr/lib/softhsm/libsofthsm2.so --certificate reports

    The passphrase of the file, or the token's PIN, is asked for where no variable and no file is named.
    """
    from par_analysis.deliver.finished import NoReports, some_reports
    from par_analysis.deliver.settings import read
    from par_analysis.deliver.signing import Signing
    from par_analysis.deliver.signing import sign as signing

    settings = read(Signing, _tables(asked), file="par sign")
    root, below = _root(folder)
    found = [one for one in some_reports(root) if not below or one.key == below or one.key.startswith(below + "/")]
    if not found:
        raise NoReports(folder)
    done = signing(found, settings, passphrase=_asked_for(settings), again=again)
    for file in done.files:
        click.echo(file.as_posix())
    click.echo("; ".join(done.said))


def _tables(asked: dict[str, Any]) -> dict[str, Any]:
    """The options as the table ``[sign]`` would say them."""
    named = {"module": asked.pop("module"), "certificate": asked.pop("certificate")}
    label, env, file = asked.pop("token"), asked["passphrase_env"], asked["passphrase_file"]
    if label is None and any(named.values()):
        raise RequestError("--module and --certificate are of a token: --token names it")
    if label is None:
        return {**asked, "key": asked["key"] or ""}
    missing = [f"--{name}" for name, value in named.items() if not value]
    if missing:
        raise RequestError(f"--token needs {' and '.join(missing)}")
    return {**asked, "key": asked["key"] or "", "passphrase_env": "", "passphrase_file": "", "token": {"label": label, **named, "pin_env": env, "pin_file": file}}


def _asked_for(settings: Signing) -> str | None:
    """What a person types, where nothing says where it is found and somebody is there."""
    named = (settings.token.pin_env or settings.token.pin_file) if settings.token else (settings.passphrase_env or settings.passphrase_file)
    if named or not sys.stdin.isatty():
        return None
    return str(click.prompt("PIN" if settings.token else "Passphrase", hide_input=True, default="", show_default=False, err=True))


def _root(folder: Path) -> tuple[Path, str]:
    """The folder of all reports, and the part of it that is meant: ``reports/2023/province`` is ``2023/province`` of ``reports``."""
    import re

    from par_analysis.run.plan import ALL_YEARS

    parts = folder.parts
    year = next((number for number in range(len(parts) - 1, -1, -1) if re.fullmatch(r"\d{4}", parts[number]) or parts[number] == ALL_YEARS), None)
    return (folder, "") if year is None else (Path(*parts[:year]), "/".join(parts[year:]))


@click.command(short_help="Say who signed a PDF, whether it was altered, and whether its numbers still hold.")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--trust", multiple=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Certificates of authorities that are trusted.")
@click.option("--reports", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True, help="Where finished reports lie.")
@click.option("--no-numbers", is_flag=True, help="Look at the signatures only; make no report to compare with.")
def verify(files: Sequence[Path], *, trust: Sequence[Path], folder: Path, no_numbers: bool) -> None:
    """Say of each PDF who signed it and when, whether it was altered since, and whether its numbers are those of the current data.

    Exits with 1 where a file is not signed, was altered, is by somebody who is not trusted, or has other numbers.
    """
    from par_analysis.run.text import visible

    sound = True
    for file in files:
        try:
            lines, good = _verified(file, trust, None if no_numbers else folder)
        except RequestError:
            raise
        except ParError as error:
            lines, good = [visible(str(error).removeprefix(f"{file} "))], False
        sound = sound and good
        click.echo(f"{file.as_posix()}")
        for line in lines:
            click.echo(f"  {line}")
    if not sound:
        raise click.exceptions.Exit(1)


def _verified(file: Path, trust: Sequence[Path], folder: Path | None) -> tuple[list[str], bool]:
    from par_analysis.deliver.verifying import signatures
    from par_analysis.run.text import visible

    try:
        content = file.read_bytes()
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {error.strerror or error}") from error
    found = signatures(content, str(file), trust=trust)
    lines = [visible(line) for one in found for line in _about(one)] or ["not signed"]
    good = bool(found) and all(one.verdict == "whole" and one.trusted is not False for one in found)
    if folder is not None:
        said, same = _numbers(file, content, folder)
        lines, good = [*lines, visible(said)], good and same
    return lines, good


def _about(one: Signature) -> list[str]:
    """Who, when, whether altered, in a line each."""
    from par_analysis.deliver.signing_keys import HERE

    trusted = {True: "trusted", False: f"NOT TRUSTED: {one.distrust}", None: "its authority was not checked"}
    since = {
        "whole": "the file is as it was signed",
        "added to": "ADDED TO: what was signed is unharmed, but something was put behind it",
        "altered": "ALTERED since it was signed",
        "broken": f"the signature cannot be read: {one.problem}",
    }
    if one.verdict == "broken":
        return [since["broken"]]
    clock = "certified by a time server" if one.time_certified else "by the clock of whoever signed"
    when = f"{one.time.astimezone(HERE).isoformat()}, {clock}" if one.time else "at an unknown time"
    return [f"signed by {one.signer} (certificate {one.serial} of {one.issuer}): {trusted[one.trusted]}", f"signed {when}", since[one.verdict]]


def _numbers(file: Path, content: bytes, folder: Path) -> tuple[str, bool]:
    from par_analysis.deliver.comparing import numbers_now
    from par_analysis.deliver.remaking import current
    from par_analysis.render.readback import read_identity

    try:
        identity = read_identity(file)
        if not identity:
            return "it does not say which report it is: its numbers cannot be compared", False
        found = numbers_now(content, identity, current(identity, folder))
    except ParError as error:
        return f"its numbers cannot be compared: {str(error).splitlines()[0]}", False
    said = {
        "same": "its numbers are those of the current data: it is the very page that they make",
        "layout": f"its numbers are those of the current data: {found.why}",
        "words": f"its numbers are those of the current data; {found.why}",
        "other": f"OTHER NUMBERS may stand in it: {found.why}",
    }
    return said[found.state], found.state != "other"
