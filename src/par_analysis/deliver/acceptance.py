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
from par_analysis.errors import ParError, RequestError, shortened

if TYPE_CHECKING:
    from par_analysis.deliver.numbers_diff import Diff

FILE: Final = "accepted.json"
SHOWN: Final = "shown.json"
"""Number of changes → the hash of those that were shown with it."""
_KINDS: Final[Mapping[str, type]] = {"diff": str, "changes": int, "who": str, "when": str, "spent": bool}


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
        super().__init__(f"{shortened(str(met))} is not the number of changes: nothing was accepted", hint="par diff shows them, and how many there are")


class OtherChanges(RequestError):
    """The number is right, and the changes are not those that were shown with it."""

    def __init__(self, changes: int) -> None:
        self.changes = changes
        said = f"the numbers have changed since they were shown: {changes} differ now as well, but not the same ones. Nothing was accepted"
        super().__init__(said, hint=f"look again (par diff); par accept {changes} then agrees to what there is now")


def accepted(state: Path) -> list[Mapping[str, Any]]:
    """What was accepted, the latest last. Raises ``ParError`` where that cannot be read."""
    path, hint = state / FILE, "move it away: what was accepted before has to be accepted anew"
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ParError(f"{path} cannot be read: {error.strerror or error}", hint=hint) from error
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) and all(type(one.get(key)) is kind for key, kind in _KINDS.items()) for one in found):
        raise ParError(f"{path} is not the list that par accept wrote", hint=hint)
    return found


def is_accepted(diff: Diff, state: Path) -> bool:
    """Whether a person agreed to this very diff, and it was not published since."""
    return any(one["diff"] == diff.digest and not one["spent"] for one in accepted(state))


def accept(diff: Diff, count: int, state: Path) -> bool:
    """Agree to a diff; whether that is new. The holder of the state's lock does so.

    Raises ``WrongCount``, ``OtherChanges``, ``RequestError`` where there is nothing to agree to, and ``ParError`` where nothing can be noted.
    """
    changes = len(diff.counted)
    if not changes:
        raise RequestError("nothing has changed that has to be accepted")
    if count != changes:
        raise WrongCount(count, changes)
    if is_accepted(diff, state):
        return False
    if _shown(state).get(str(changes), diff.digest) != diff.digest:
        _write(state / SHOWN, {str(changes): diff.digest})
        raise OtherChanges(changes)
    one = {"diff": diff.digest, "changes": changes, "who": _who(), "when": datetime.datetime.now().astimezone().isoformat(timespec="seconds"), "spent": False}
    _write(state / FILE, [*accepted(state), one])
    return True


def note_shown(diff: Diff, state: Path, *, to_person: bool = False) -> None:
    """Note which changes were shown, so that nobody agrees to others that are just as many. Raises ``ParError`` where that cannot be noted.

    ``to_person``: somebody looks at them right now. What a run shows while nobody looks does not take the place of what was looked at.
    """
    if not diff.is_within:
        own = {str(len(diff.counted)): diff.digest}
        _write(state / SHOWN, own if to_person else {**own, **_shown(state)})


def _shown(state: Path) -> dict[str, Any]:
    try:
        found = json.loads((state / SHOWN).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}  # then nothing is known of what was shown
    return found if isinstance(found, dict) else {}


def _write(path: Path, facts: Any) -> None:
    try:
        put_json(path, facts)
    except OSError as error:
        raise ParError(f"{path} cannot be written: {error.strerror or error}", hint="nothing was accepted; may the folder be written to, is the disk full?") from error


def spend(state: Path) -> None:
    """What was accepted has been published: the same change has to be accepted anew when it comes again. Raises ``OSError``."""
    found = accepted(state)
    if any(not one["spent"] for one in found):
        put_json(state / FILE, [{**one, "spent": True} for one in found])
    (state / SHOWN).unlink(missing_ok=True)


def require_open(diff: Diff, state: Path, *, page: Path | None = None) -> None:
    """The numbers may be published. Raises ``Held``; ``page`` is where a person can see what changed."""
    if not diff.is_within and not is_accepted(diff, state):
        raise Held(len(diff.counted), diff.digest, page)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a process whose user has no name
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "somebody"
