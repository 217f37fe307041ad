"""``run.json`` of the state's folder: what became of each step of the last run. The times in it are for people; nothing depends on them."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from par_analysis.deliver.placing import put_json
from par_analysis.deliver.steps import Done
from par_analysis.errors import ParError

FILE: Final = "run.json"
SETTINGS: Final = "settings"
"""In place of a step: the settings themselves were wrong, and nothing was done."""


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def _of(error: ParError) -> dict[str, str]:
    return {"kind": type(error).__name__, "message": str(error), "hint": error.hint}


class Record:
    """A run as it goes on, written after every step; a disk that takes no note stops nothing."""

    def __init__(self, state: Path, pipeline: str) -> None:
        self.path = state / FILE
        self.facts: dict[str, Any] = {"pipeline": pipeline, "status": "running", "began": _now()}
        self.steps: dict[str, dict[str, Any]] = {}

    @contextmanager
    def written(self) -> Iterator[None]:
        """The whole run: how it ended is written whatever way it ends, short of being killed."""
        status = "broken off"
        try:
            yield
            status = "complete" if any(step["status"] == "done" for step in self.steps.values()) else "nothing new"
        except ParError as error:
            status = "failed"
            self.facts["error"] = _of(error)
            raise
        finally:
            self.facts |= {"status": status, "ended": _now()}
            self._write()

    def fresh(self, name: str) -> None:
        """A step that had nothing to do."""
        self.steps[name] = {"status": "nothing new"}

    @contextmanager
    def step(self, name: str, reason: str) -> Iterator[Callable[[Done], None]]:
        """A step that is done in the block, which calls what is yielded with what was done."""
        facts: dict[str, Any] = {"status": "running", "because": reason}
        self.steps[name] = facts
        self._write()
        began = time.monotonic()

        def note(done: Done) -> None:
            facts.update(status="done", changed=done.changed, said=list(done.said[-20:]))

        try:
            yield note
        except ParError as error:
            facts |= {"status": "failed", "error": _of(error)}
            raise
        except BaseException:
            facts["status"] = "broken off"
            raise
        finally:
            facts["seconds"] = round(time.monotonic() - began, 3)
            self._write()

    def _write(self) -> None:
        with suppress(OSError):
            put_json(self.path, {**self.facts, "steps": self.steps})
