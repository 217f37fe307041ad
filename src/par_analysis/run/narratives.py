"""Words of one's own put into an executed notebook: before a section or after it, or in the place of one, whose numbers then go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from par_analysis import catalog
from par_analysis.dataset import narratives as filed
from par_analysis.dataset.narratives import END, START, Narrative
from par_analysis.errors import RequestError, nearest
from par_analysis.model import Language
from par_analysis.run import numbers
from par_analysis.run.plan import Job
from par_analysis.show.blocks import MIME

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Section:
    """A section of a notebook: its heading as readers see it, and the positions of its first cell and of the one after its last."""

    heading: str
    first: int
    end: int
    is_whole: bool = True
    """Whether its cells are its own: none has another section's heading in it, or the cover."""


@dataclass(frozen=True)
class Spot:
    """The position of the cell that words stand before, and which of several come first there: those that stand in the place of ``replaced`` come last."""

    cell: int
    rank: int
    replaced: Section | None = None

    @property
    def order(self) -> tuple[int, int]:
        """The earlier comes first."""
        return self.cell, self.rank


class BadPlace(RequestError):
    """Words of one's own cannot stand where they ask to: there is no such section, or they cannot have it."""

    def __init__(self, file: str, field: str, met: str, expected: str, hint: str) -> None:
        self.file, self.field, self.met, self.expected = file, field, met, expected
        super().__init__(f"data/{file}: {field}: met {met!r}, expected {expected}", hint=hint)


def add(notebook: NotebookNode, job: Job) -> dict[str, str]:
    """Put the words that are filed about a job's subject into its executed notebook; the slice that was read, with its fingerprint.

    Raises ``BadWords`` for a file that is not as it should be, ``BadPlace``.
    """
    name = filed.slice_of(job.identity)
    found, fingerprint = filed.narratives_of(catalog.load(job.root), name)
    if found:
        there = sections(notebook.cells, cast(Language, job.lang), str(job.identity["index"]))
        standing = placed(found, there, len(notebook.cells))
        notebook.metadata["par_narratives"] = [_told(narrative, at) for narrative, at in standing]
        for section in [at.replaced for _, at in standing if at.replaced]:
            for cell in notebook.cells[section.first : section.end]:
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide"]
    return {name: fingerprint}


def _told(narrative: Narrative, at: Spot) -> dict[str, Any]:
    """What a page has to know of somebody's words."""
    heading = at.replaced.heading if at.replaced else ""
    return {"file": narrative.file, "author": narrative.author, "date": narrative.date, "text": narrative.text, "heading": heading, "cell": at.cell + 1}


def placed(found: Sequence[Narrative], there: Sequence[Section], count: int) -> list[tuple[Narrative, Spot]]:
    """Words with their places among the sections of a notebook of so many cells, in the order in which they stand. Raises ``BadPlace``."""
    spots = [(narrative, spot(narrative, there, count)) for narrative in found]
    for number, (narrative, one) in enumerate(spots):
        if twin := next((other for other, before in spots[:number] if one.replaced and before.replaced == one.replaced), None):
            expected = f"a section that {twin.file.rpartition('/')[2]} does not replace already"
            raise BadPlace(narrative.file, "replaces", narrative.replaces, expected, "give one of the two place instead")
    return sorted(spots, key=lambda pair: pair[1].order)


def spot(narrative: Narrative, there: Sequence[Section], count: int) -> Spot:
    """The place of somebody's words. A report ends with its sources. Raises ``BadPlace``."""
    if narrative.replaces:
        section = _find(narrative, "replaces", narrative.replaces, there)
        return Spot(section.first, 2, section)
    if narrative.place not in (START, END):
        return Spot(_find(narrative, "place", narrative.place, there).end, 0)
    return Spot(count if not there else there[0].first if narrative.place == START else there[-1].first, int(narrative.place == END))


def _find(narrative: Narrative, field: str, heading: str, there: Sequence[Section]) -> Section:
    found = next((section for section in there if folded(section.heading) == folded(heading)), None)
    if found is None:
        known = {folded(section.heading): section.heading for section in there}
        near = nearest(folded(heading), known, count=1)
        raise BadPlace(narrative.file, field, heading, "a section of the report", f"did you mean {known[near[0]]!r}?" if near else f"its sections: {'; '.join(known.values())}")
    if not found.is_whole:
        raise BadPlace(narrative.file, field, heading, "a section that shares no cell with another, or with the cover", "give it cells of its own in the notebook")
    return found


def folded(heading: str) -> str:
    """A heading as it is compared with others.

    >>> folded(" Nguồn  SỐ liệu")
    'nguồn số liệu'
    """
    return " ".join(heading.casefold().split())


def sections(cells: Sequence[NotebookNode], lang: Language, index: str = "") -> list[Section]:
    """The sections of a notebook as readers of an index see them."""
    texts = [(place, cell) for place, cell in enumerate(cells) if cell.cell_type == "markdown" and numbers.is_shown(cell, lang)]
    headed = [(place, heads) for place, cell in texts if (heads := numbers.headings(cell, lang, index))]
    alone = {place for place, heads in headed if len(heads) == 1 and str(cells[place].source).lstrip().startswith("##")}
    ends = [place for place, _ in headed[1:]] + [len(cells)]
    return [
        Section(head, place, end, is_whole=place in alone and (end == len(cells) or end in alone) and not any(map(_has_cover, cells[place:end])))
        for (place, heads), end in zip(headed, ends, strict=True)
        for head in heads
    ]


def _has_cover(cell: NotebookNode) -> bool:
    payloads = [output.get("data", {}).get(MIME, {}) for output in cell.get("outputs", ())]
    return any(block.get("kind") == "cover" for payload in payloads for block in payload.get("blocks", ()))
