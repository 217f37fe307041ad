"""The gate on numbers: what differs from what was last published may be published where it is little enough, or a person agreed to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt

from par_analysis.deliver.settings import Settings

if TYPE_CHECKING:
    from par_analysis.deliver.building import Done
    from par_analysis.deliver.numbers_diff import Diff

PAGES: Final = "diff"
"""Page files in the state's folder that show what waits for a person, by language: ``diff.vi.html``."""


class Gate(Settings):
    """The table ``[diff]``: how far a number may move, by unit of measure, and how many may change before a person has to agree."""

    tolerance: dict[str, NonNegativeFloat] = Field(default_factory=dict)
    allowed: NonNegativeInt = 0
    new_reports: Literal["publish", "ask"] = "publish"


def compare(settings: Gate, reports: Path, state: Path) -> Diff:
    """What differs between the finished reports of a folder and the published ones. Raises ``ParError``."""
    from par_analysis.deliver import finished
    from par_analysis.deliver.numbers_diff import diff
    from par_analysis.deliver.published import recall

    return diff(finished.reports(reports), recall(state), settings)


def open_for(settings: Gate, reports: Path, state: Path) -> Done:
    """Let the numbers of these reports be published. Raises ``Held``; then pages in the state's folder show what a person has to look at."""
    from par_analysis.deliver.acceptance import note_shown, require_open
    from par_analysis.deliver.building import Done

    met = compare(settings, reports, state)
    _show(met, state)
    note_shown(met, state)
    require_open(met, state, page=state / f"{PAGES}.vi.html")
    counts = [f"{len(met.of(kind))} {kind}" for kind in ("moved", "new", "gone", "restated", "slight") if met.of(kind)]
    new = [f"{len(met.new_reports)} reports for the first time"] if met.new_reports else []
    return Done(0, (", ".join([*new, *counts]) or "every number is as it was last published",))


def settle(settings: Gate | None, reports: Path, state: Path) -> None:
    """What is public now is what the next numbers are compared with; what a person agreed to is spent. Raises ``ParError``, ``OSError``.

    A report whose numbers moved within the tolerance alone is remembered as it was: steps that are small, one by one, add up until they count.
    """
    from par_analysis.deliver import acceptance, finished, published

    kept = compare(settings, reports, state).slight if settings else frozenset()
    published.remember(finished.reports(reports), state, kept=kept)
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
