"""The gate on numbers: what differs from what was last published may be published where it is little enough, or a person agreed to it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, Field, NonNegativeFloat, NonNegativeInt

from par_analysis.deliver.finished import Report
from par_analysis.deliver.placing import put_json
from par_analysis.deliver.settings import Settings, read
from par_analysis.errors import nearest

if TYPE_CHECKING:
    from par_analysis.deliver.building import Done
    from par_analysis.deliver.numbers_diff import Diff
    from par_analysis.deliver.steps import Place

PAGES: Final = "diff"
"""Page files in the state's folder that show what waits for a person, by language: ``diff.vi.html``."""
BROUGHT: Final = "brought.json"
"""Which step the published numbers became public by, in the state's folder."""
PUBLIC: Final = ("publish", "send", "site")
"""The first of these steps that a pipeline has is the one by which numbers become public."""


UNITS: Final = ("place", "points", "percent", "percentage_points", "count", "ratio", "index", "cost", "flag", "billion_vnd", "year")
"""The units of measure that numbers of the package's own reports have; a notebook may have others."""


def _unit_of_measure(text: str) -> str:
    if text not in UNITS and (near := nearest(text, UNITS, count=1)):
        raise ValueError(f"a unit of measure: did you mean {near[0]!r}?")
    return text


UnitOfMeasure = Annotated[str, AfterValidator(_unit_of_measure)]


class Gate(Settings):
    """The table ``[diff]``: how far a number may move, by unit of measure, and how many may change before a person has to agree."""

    tolerance: dict[UnitOfMeasure, NonNegativeFloat] = Field(default_factory=dict)
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


def open_for(settings: Gate, found: Sequence[Report], state: Path, *, by: str = "") -> Done:
    """Let the numbers of these reports be published ``by`` a step. Raises ``Held``; then pages in the state's folder show what a person has to look at."""
    from par_analysis.deliver.acceptance import note_shown, require_open
    from par_analysis.deliver.building import Done

    met = compare(settings, found, state)
    _show(met, state)
    note_shown(met, state)
    require_open(met, state, page=state / f"{PAGES}.vi.html")
    return Done(0, tuple(_told(met, len(found), state, by)))


def _told(met: Diff, count: int, state: Path, by: str) -> Iterator[str]:
    """How many reports go out for the first time, and what differs in the others. What became public by another step goes out by this one for the first time."""
    counts = ", ".join(f"{len(met.of(kind))} {kind}" for kind in ("moved", "new", "gone", "restated", "slight") if met.of(kind))
    new, known, before = len(met.new_reports), count - len(met.new_reports), _brought(state)
    if new:
        yield f"{_reports(new)} {'is' if new == 1 else 'are'} published for the first time"
    if counts:
        yield counts
    elif known:
        yield f"every number of {_reports(known)} is as it was last published" + (f" by par {before}" if before else "")
    if known and by and before not in ("", by):
        yield f"par {by} publishes {'it' if known == 1 else 'them'} for the first time"


def _reports(count: int) -> str:
    return f"{count} report{'' if count == 1 else 's'}"


def _brought(state: Path) -> str:
    """The step that the published numbers became public by; "" where that is not known."""
    try:
        found = json.loads((state / BROUGHT).read_bytes())
        return found["step"] if found["step"] in PUBLIC else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def settle(settings: Gate | None, found: Sequence[Report], state: Path, *, by: str = "") -> None:
    """What is public now, ``by`` a step, is what the next numbers are compared with; what a person agreed to is spent. Raises ``ParError``, ``OSError``.

    A report whose numbers moved within the tolerance alone is remembered as it was: steps that are small, one by one, add up until they count.
    """
    from par_analysis.deliver import acceptance, published

    kept = compare(settings, found, state).slight if settings else frozenset()
    published.remember(found, state, kept=kept)
    if by:
        put_json(state / BROUGHT, {"step": by})
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
            open_for(settings, found, place.state, by=step)
        yield
        if counts and step == public_step(place.tables):
            settle(settings, found, place.state, by=step)


def waiting(place: Place, found: Sequence[Report]) -> str:
    """Why the numbers of these reports would not go out now; "" where they would."""
    from par_analysis.deliver.acceptance import Held, require_open

    try:
        require_open(compare(gate_of(place), found, place.state), place.state) if place.has("diff") else None
    except Held as held:
        return f"it would be refused: {held} ({held.hint})"
    return ""


def gate_of(place: Place) -> Gate:
    """The table ``[diff]`` of a pipeline; the usual settings where it has none. Raises ``BadSettings``."""
    return read(Gate, place.tables.get("diff", {}), file=str(place.file), at="diff")
