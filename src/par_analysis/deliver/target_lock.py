"""One publisher at a time at a target: a lock that lies there, since publishers may be on different machines."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from par_analysis.deliver.manifests import LOCK
from par_analysis.deliver.placing import put
from par_analysis.deliver.stores import Store, StoreFailed
from par_analysis.errors import ParError

NAME: Final = "publisher"
"""The file of the state's folder that holds the name by which a target knows this publisher."""


class Taken(ParError):
    """The target is another publisher's at the moment."""

    exit_code = 75
    is_passing = True


def publisher(state: Path) -> str:
    """The name of this publisher, made on first use: what a run of this machine left at a target is known by it. Raises ``ParError``."""
    path = state / NAME
    try:
        with suppress(FileNotFoundError):
            return path.read_text(encoding="utf-8").strip()
        put(path, f"{secrets.token_hex(8)}\n".encode())
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ParError(f"{path} cannot be read or written: {error.strerror or error}", hint="may this user write to the folder of the state?") from error


@contextmanager
def locked(store: Store, name: str, *, take_over: bool) -> Iterator[Callable[[], None]]:
    """The target's lock for the block; yields what is called before each decisive step, and raises ``Taken`` once the lock is another's.

    A lock that an earlier run of this publisher left is taken over; another publisher's is not, unless ``take_over``. Raises ``Taken``.
    """
    token = secrets.token_hex(8)
    since = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    content = (json.dumps({"publisher": name, "since": since, "token": token}) + "\n").encode()
    if not store.create(LOCK, content) and store.read(LOCK) != content:
        _require_ours(store, name, take_over=take_over)
        store.write(LOCK, content)

    def require_held() -> None:
        if store.read(LOCK) != content:
            raise Taken(f"{store.label}: another publisher took over; nothing more was done here", hint="let it end, then once more")

    require_held()
    try:
        yield require_held
    finally:
        with suppress(StoreFailed):
            if store.read(LOCK) == content:
                store.remove(LOCK)


def holder(store: Store) -> tuple[str, str]:
    """Who holds a target's lock, and since when; two empty words where nobody does, or nobody can be read."""
    try:
        facts = json.loads(store.read(LOCK) or b"{}")
        return str(facts.get("publisher", "")), str(facts.get("since", ""))
    except (ValueError, AttributeError):
        return "", ""


def _require_ours(store: Store, name: str, *, take_over: bool) -> None:
    other, since = holder(store)
    if other != name and not take_over:
        raise Taken(
            f"{store.label}: another publisher holds the lock there{f', since {since}' if since else ''}",
            hint="wait until it is done; if you know that it died: par publish --take-over",
        )
