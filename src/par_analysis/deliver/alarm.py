"""Whoever runs a pipeline is told by mail when it fails: once for each failure, until a run has gone well again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from par_analysis.deliver.placing import put_json
from par_analysis.deliver.runs import FILE as RUN
from par_analysis.deliver.runs import SETTINGS
from par_analysis.deliver.settings import BadSettings
from par_analysis.deliver.steps import Place
from par_analysis.errors import ParError
from par_analysis.model import LANGUAGES
from par_analysis.show.language import Words

if TYPE_CHECKING:
    from par_analysis.deliver.notifying import Notifying

FILE: Final = "told.json"


def raised(place: Place, step: str, error: Exception) -> bool:
    """Tell of a failure, unless it was told already; whether a mail went. Raises ``ParError``, in a line, where it cannot be sent: then the next run tries again."""
    from par_analysis.deliver.notifying import NotTold, notify

    settings = _settings(place, error)
    failure = hashlib.sha256(json.dumps([step, type(error).__name__, str(error)]).encode()).hexdigest()
    if settings is None or _told(place.state) == failure:
        return False
    first, *_ = (str(error) or type(error).__name__).splitlines()
    try:
        notify(settings, f"{place.file.name} ({platform.node()}): {step}: {first}", list(_lines(place, step, error)), root=place.folder)
    except NotTold as partly:
        if partly.told:  # one address that is refused is no reason to write to the others at every run
            _note(place.state, failure)
        raise
    _note(place.state, failure)
    return True


def _settings(place: Place, error: Exception) -> Notifying | None:
    """Who is told. Mistakes there that the failure itself names are not told twice. Raises ``ParError``."""
    from par_analysis.deliver.notifying import notified

    try:
        return notified(place.tables, str(place.file))
    except BadSettings as faults:
        if isinstance(error, BadSettings) and set(faults.findings) <= set(error.findings):
            return None
        raise ParError("; ".join(faults.findings)) from faults


def _note(state: Path, failure: str) -> None:
    with suppress(OSError):  # a disk that takes no note: rather told twice than never
        put_json(state / FILE, {"failure": failure})


def cleared(state: Path) -> None:
    """A run went well: the same failure is told again when it comes again."""
    with suppress(OSError):
        (state / FILE).unlink(missing_ok=True)


def _told(state: Path) -> str:
    try:
        return str(json.loads((state / FILE).read_bytes())["failure"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _lines(place: Place, step: str, error: Exception) -> Iterator[str]:
    """What the mail says, in every language; what the program itself said stands between."""
    words = [Words(lang) for lang in LANGUAGES]
    for one in words:
        if step == SETTINGS:
            yield one.say("The settings in {pipeline} cannot be followed. Nothing was done, and what was published stays as it was.").format(pipeline=place.file)
        else:
            yield one.say("The step {step} of {pipeline} failed. What was published stays as it was, and the steps behind it wait.").format(step=step, pipeline=place.file)
    yield f"\n{error}"
    if isinstance(error, ParError) and error.hint:
        yield error.hint
    yield "\n"
    for one in words:
        yield one.say("The next run catches up. This failure is not told again before a run has gone well; {record} says more.").format(record=place.state / RUN)
