"""``par accept``: a person has seen what changed, says how many numbers that are, and thereby lets exactly that be published."""

from __future__ import annotations

import datetime
import getpass
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from par_analysis.deliver.placing import put_json
from par_analysis.errors import ParError, RequestError

if TYPE_CHECKING:
    from par_analysis.deliver.numbers_diff import Diff

FILE: Final = "accepted.json"


class Held(ParError):
    """Numbers changed further than is tolerated, and nobody has agreed to that yet."""

    exit_code = 3

    def __init__(self, changes: int, digest: str, page: Path | None = None) -> None:
        self.changes, self.digest, self.page = changes, digest, page
        said = f"{changes} number{'' if changes == 1 else 's'} differ{'s' if changes == 1 else ''} from what was last published: a person has to look"
        super().__init__(said, hint=f"{page or 'par diff'} shows them; par accept {changes} lets them be published")


class WrongCount(RequestError):
    """Another number of changes was accepted than there are."""

    def __init__(self, met: int, changes: int) -> None:
        self.met, self.changes = met, changes
        super().__init__(f"{met} is not the number of changes: nothing was accepted", hint="par diff shows them, and how many there are")


def accepted(state: Path) -> list[Mapping[str, Any]]:
    """What was accepted, the latest last. Raises ``ParError`` where that cannot be read."""
    path = state / FILE
    try:
        found = json.loads(path.read_bytes())
        return [{"diff": str(one["diff"]), "changes": int(one["changes"]), "who": str(one["who"]), "when": str(one["when"]), "spent": bool(one["spent"])} for one in found]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParError(f"{path} cannot be read: {error}", hint="move it away: what was accepted before has to be accepted anew") from error


def is_accepted(diff: Diff, state: Path) -> bool:
    """Whether a person agreed to this very diff, and it was not published since."""
    return any(one["diff"] == diff.digest and not one["spent"] for one in accepted(state))


def accept(diff: Diff, count: int, state: Path) -> bool:
    """Agree to a diff; whether that is new. Raises ``WrongCount``, and ``RequestError`` where there is nothing to agree to."""
    changes = len(diff.counted)
    if not changes:
        raise RequestError("nothing has changed that has to be accepted")
    if count != changes:
        raise WrongCount(count, changes)
    if is_accepted(diff, state):
        return False
    one = {"diff": diff.digest, "changes": changes, "who": _who(), "when": datetime.datetime.now().astimezone().isoformat(timespec="seconds"), "spent": False}
    put_json(state / FILE, [*accepted(state), one])
    return True


def spend(state: Path) -> None:
    """What was accepted has been published: the same change has to be accepted anew when it comes again. Raises ``OSError``."""
    found = accepted(state)
    if any(not one["spent"] for one in found):
        put_json(state / FILE, [{**one, "spent": True} for one in found])


def require_open(diff: Diff, state: Path, *, page: Path | None = None) -> None:
    """The numbers may be published. Raises ``Held``; ``page`` is where a person can see what changed."""
    if not diff.is_within and not is_accepted(diff, state):
        raise Held(len(diff.counted), diff.digest, page)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a process whose user has no name
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "somebody"
