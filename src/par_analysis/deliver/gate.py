"""The gate on numbers: what differs from what was last published may be published where it is little enough, or a person agreed to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt

from par_analysis.deliver.finished import Report
from par_analysis.deliver.settings import Settings, read

if TYPE_CHECKING:
    from par_analysis.deliver.building import Done
    from par_analysis.deliver.numbers_diff import Diff
    from par_analysis.deliver.steps import Place

PAGES: Final = "diff"
"""Page files in the state's folder that show what waits for a person, by language: ``diff.vi.html``."""
PUBLIC: Final = ("publish", "send", "site")
"""The first of these steps that a pipeline has is the one by which numbers become public."""


class Gate(Settings):
    """The table ``[diff]``: how far a number may move, by unit of measure, and how many may change before a person has to agree."""

    tolerance: dict[str, NonNegativeFloat] = Field(default_factory=dict)
    allowed: NonNegativeInt = 0
    new_reports: Literal["publish", "ask"] = "publish"


def public_step(steps: Collection[str]) -> str:
    """The step of a pipeline by which numbers become public; "" where it has none.

    >>> public_step(["build", "site", "send"])
    'send'
    """
    return next((name for name in PUBLIC if name in steps), "")


def compare(settings: Gate, found: Sequence[Report], state: Path) -> Diff:
    """What differs between finished reports and the published ones. Raises ``ParError``."""
    from par_analysis.deliver.numbers_diff import diff
    from par_analysis.deliver.published import recall

    return diff(found, recall(state), settings)


def comparable(reports: Path, state: Path) -> list[Report]:
    """The finished reports of a folder; none where some were published, for then all of them are gone. Raises ``NoReports`` where there never were any."""
    from par_analysis.deliver import finished
    from par_analysis.deliver.published import recall

    return finished.reports(reports) if recall(state).reports else finished.some_reports(reports)


def open_for(settings: Gate, found: Sequence[Report], state: Path) -> Done:
    """Let the numbers of these reports be published. Raises ``Held``; then pages in the state's folder show what a person has to look at."""
    from par_analysis.deliver.acceptance import note_shown, require_open
    from par_analysis.deliver.building import Done

    met = compare(settings, found, state)
    _show(met, state)
    note_shown(met, state)
    require_open(met, state, page=state / f"{PAGES}.vi.html")
    counts = [f"{len(met.of(kind))} {kind}" for kind in ("moved", "new", "gone", "restated", "slight") if met.of(kind)]
    new = [f"{len(met.new_reports)} reports for the first time"] if met.new_reports else []
    return Done(0, (", ".join([*new, *counts]) or "every number is as it was last published",))


def settle(settings: Gate | None, found: Sequence[Report], state: Path) -> None:
    """What is public now is what the next numbers are compared with; what a person agreed to is spent. Raises ``ParError``, ``OSError``.

    A report whose numbers moved within the tolerance alone is remembered as it was: steps that are small, one by one, add up until they count.
    """
    from par_analysis.deliver import acceptance, published

    kept = compare(settings, found, state).slight if settings else frozenset()
    published.remember(found, state, kept=kept)
    acceptance.spend(state)


def _show(met: Diff, state: Path) -> None:
    """A page in each language while there is something to look at; else none."""
    from par_analysis.deliver import diff_page
    from par_analysis.deliver.placing import put
    from par_analysis.model import LANGUAGES

    for lang in LANGUAGES:
        path = state / f"{PAGES}.{lang}.html"
        if met.is_within:
            path.unlink(missing_ok=True)
        else:
            put(path, diff_page.write(met, lang))


@contextmanager
def passed(step: str, place: Place, found: Sequence[Report], *, counts: bool = True) -> Iterator[None]:
    """A step that somebody does by hand, in the block: what has to wait for a person does not go out, and what went out is remembered, as in a run.

    What goes elsewhere than the pipeline says does not count as published.

    Raises ``Held``, and ``Busy`` while a run is under way.
    """
    from par_analysis.deliver import lock

    with lock.held(place.state, f"par {step}"):
        settings = gate_of(place) if place.has("diff") else None
        if settings:
            open_for(settings, found, place.state)
        yield
        if counts and step == public_step(place.tables):
            settle(settings, found, place.state)


def gate_of(place: Place) -> Gate:
    """The table ``[diff]`` of a pipeline; the usual settings where it has none. Raises ``BadSettings``."""
    return read(Gate, place.tables.get("diff", {}), file=str(place.file), at="diff")
