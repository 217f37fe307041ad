"""Words of one's own put into an executed notebook: before a section or after it, or in the place of one, whose numbers then go with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.dataset import narratives as filed
from par_analysis.dataset.narratives import ALL_YEARS, END, START, Narrative
from par_analysis.errors import DataError, Finding, ParError, RenderError, RequestError, nearest
from par_analysis.model import COUNTRY, Language
from par_analysis.run import contract, numbers
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


class NoSection(RequestError):
    """Words of one's own name a section that the report does not have."""

    def __init__(self, file: str, field: str, heading: str, known: Sequence[str]) -> None:
        self.file, self.field, self.heading, self.known = file, field, heading, tuple(known)
        near = nearest(heading, known, count=1)
        hint = f"did you mean {near[0]!r}?" if near else f"its sections: {'; '.join(known)}"
        super().__init__(f"{file}: {field} {heading!r}: the report has no such section", hint=hint)


def add(notebook: NotebookNode, job: Job) -> dict[str, str]:
    """Put the words that are filed about a job's subject into its executed notebook; the slice that was read, with its fingerprint.

    Raises ``DataError`` for a file that is not as it should be, ``NoSection``.
    """
    name = filed.slice_of(job.identity)
    found, fingerprint = filed.narratives_of(catalog.load(job.root), name)
    if found:
        lang, index = cast(Language, job.lang), str(job.identity["index"])
        notebook.metadata["par_narratives"] = [_placed(narrative, notebook, sections(notebook.cells, lang, index)) for narrative in found]
    return {name: fingerprint}


def _placed(narrative: Narrative, notebook: NotebookNode, there: Sequence[Section]) -> dict[str, Any]:
    """What a page has to know of somebody's words. The cells of a section that they replace are hidden."""
    told = {"file": narrative.file, "author": narrative.author, "date": narrative.date, "text": narrative.text, "heading": ""}
    if narrative.replaces:
        section = _find(narrative, "replaces", narrative.replaces, there)
        for cell in notebook.cells[section.first : section.end]:
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide"]
        return told | {"cell": section.first + 1, "heading": section.heading}
    return told | {"cell": _place(narrative, there, len(notebook.cells)) + 1}


def _place(narrative: Narrative, there: Sequence[Section], count: int) -> int:
    """The position of the cell that the words stand before. A report ends with its sources."""
    if narrative.place not in (START, END):
        return _find(narrative, "place", narrative.place, there).end
    return count if not there else there[0].first if narrative.place == START else there[-1].first


def _find(narrative: Narrative, field: str, heading: str, there: Sequence[Section]) -> Section:
    found = next((section for section in there if _folded(section.heading) == _folded(heading)), None)
    if found is None:
        raise NoSection(narrative.file, field, heading, [section.heading for section in there])
    if not found.is_whole:
        raise RequestError(f"{narrative.file}: {field} {heading!r}: the section shares a cell with another, or with the cover", hint="give it cells of its own in the notebook")
    return found


def _folded(heading: str) -> str:
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


# ---------------------------------------------------------------- what is wrong, before anything is made


def require_placed(jobs: Sequence[Job], known: Catalog) -> None:
    """All words of one's own about the indices of some jobs belong to a unit, a year and a report type. Raises ``DataError``."""
    indices = {str(job.identity["index"]) for job in jobs}
    if findings := list(filed.misplaced(known, contract.notebooks(known.root / "notebooks"), indices)):
        raise DataError(findings)


def check(known: Catalog) -> list[Finding]:
    """Everything that is wrong with words of one's own: where they lie, what they say of themselves, the sections that they name, and what cannot be shown."""
    types = contract.notebooks(known.root / "notebooks")
    found = list(filed.misplaced(known, types))
    for path in filed.every_file(known):
        narrative, findings = filed.read_file(path, known)
        found += findings
        if narrative:
            found += _findings(narrative, path, types)
    return found


def _findings(narrative: Narrative, path: Path, types: Mapping[str, Path]) -> Iterator[Finding]:
    from par_analysis.render.narrative import read_narrative
    from par_analysis.show.language import Words

    year, lang = path.name.partition(".")[0], cast(Language, path.name.split(".")[-2])
    find = partial(Finding, "error", "words of one's own", filed.FOLDER, narrative.file, 0)
    try:
        read_narrative({"file": "", "heading": narrative.replaces, "author": narrative.author, "date": narrative.date, "text": narrative.text}, Words(lang))
    except RenderError as error:
        yield find("text", str(error).removeprefix(": "), "what a page can show", error.hint)
    for report in narrative.reports:
        if report in types:
            yield from (find(*facts) for facts in _against(narrative, types[report], (path.parents[1].name, path.parent.name, year), lang))


def _against(narrative: Narrative, notebook: Path, subject: tuple[str, str, str], lang: Language) -> Iterator[tuple[str, str, str, str]]:
    """What keeps words from a report type that they name: column, what was met, what was expected, a hint."""
    import nbformat

    index, unit, year = subject
    try:
        takes = contract.read_contract(notebook).names
        cells = nbformat.read(notebook, as_version=4).cells  # type: ignore[no-untyped-call]
        _place(narrative, there := sections(cells, lang, index), len(cells))
        if narrative.replaces:
            _find(narrative, "replaces", narrative.replaces, there)
    except NoSection as error:
        yield error.field, error.heading, f"a section of {notebook.stem}", error.hint
    except ParError as error:
        yield "report", str(error), f"a report type that can take it: {notebook.stem}", error.hint
    else:
        if ("unit" in takes) != (unit != COUNTRY):
            yield "report", notebook.stem, "a report about a province" if unit != COUNTRY else "a report about the country", "par list reports"
        if ("year" in takes) != (not year.startswith(ALL_YEARS)):
            yield "report", notebook.stem, "a report about all years" if "year" not in takes else "a report about a year", "par list reports"
