"""A diff of numbers as a page in the look of the reports: what moved, by how much and why; it loads nothing, and every text in it is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from par_analysis.deliver.number_names import Names
from par_analysis.deliver.numbers_diff import KINDS, Change, Diff, Kind, Number
from par_analysis.model import Language
from par_analysis.render.html import look
from par_analysis.run.numbers import Row
from par_analysis.show.language import N_, Words

MOST: Final = 500
"""So many numbers of a kind are on the page, of every unit of measure those that moved most; the table for spreadsheets has all of them."""

KIND_NAMES: Final[Mapping[Kind, str]] = {
    "moved": N_("Moved"),
    "new": N_("Came"),
    "gone": N_("Went"),
    "restated": N_("Restated"),
    "slight": N_("Moved within the tolerance"),
}
QUESTIONS: Final[Mapping[Kind, str]] = {
    "moved": N_("Which numbers are others now?"),
    "new": N_("Which numbers were not there before?"),
    "gone": N_("Which numbers are not there any more?"),
    "restated": N_("Which numbers are the same, and said to be something else?"),
    "slight": N_("Which numbers moved so little that nobody has to agree?"),
}
RESTATED: Final[Mapping[str, str]] = {
    "unit_of_measure": N_("unit of measure: {old} → {new}"),
    "out_of": N_("out of: {old} → {new}"),
    "qualifier": N_("exactness: {old} → {new}"),
    "shown": N_("shown as: {old} → {new}"),
}
"""How it is told what a number is said to be now; how it was found out is told as a cause."""


@dataclass(frozen=True)
class Column:
    """A column's heading; whether it holds numbers, and whether long words may be broken in it."""

    label: str
    numeric: bool = False
    is_long: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and below it in small letters."""

    text: str
    detail: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with its table."""

    id: str
    name: str
    question: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    is_wide: bool = False
    notes: Sequence[str] = ()


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    return environment.get_template("diff.html.j2")


def write(diff: Diff, lang: Language) -> bytes:
    """The page in a language. The same diff gives the same bytes."""
    names = Names(lang)
    words = names.words
    kinds = [_headline(kind, diff.of(kind), names) for kind in KINDS if diff.of(kind)]
    style, sections = look(("regular", "semibold")), list(_sections(diff, names))
    page = _template().render(lang=lang, say=words.say, style=style, lead=_lead(diff, words), kinds=kinds, sections=sections)
    return (page.strip() + "\n").encode()


def _lead(diff: Diff, words: Words) -> Markup:
    count = len(diff.counted)
    if not count:
        return escape(words.say("Every number that was published before is as it was.") if not diff.of("slight") else words.say("Nothing moved further than is tolerated."))
    counted = escape(words.count("{n} number differs from what was last published.", "{n} numbers differ from what was last published.", count).format(n=words.number(count)))
    if diff.is_within:
        return counted + " " + words.say("That is no more than may change without a person.")
    command = Markup('<span class="command">par accept {}</span>').format(count)
    return counted + " " + escape(words.say("Nothing is published until a person agrees: {command}")).format(command=command)


def _headline(kind: Kind, found: Sequence[Number], names: Names) -> dict[str, str]:
    words, units = names.words, Counter(names.unit_of_measure(number.first.row) or "–" for number in found)
    return {"name": words.say(KIND_NAMES[kind]), "count": words.number(len(found)), "detail": ", ".join(f"{unit}: {words.number(count)}" for unit, count in units.most_common())}


def _sections(diff: Diff, names: Names) -> Iterator[Section]:
    if diff.counted:
        yield _why(diff, names)
    yield from (_of_kind(kind, diff.of(kind), names) for kind in KINDS if diff.of(kind))
    if diff.new_reports:
        yield _reports("new-reports", names.words.say("Reports published for the first time"), sorted(diff.new_reports), names)
    if diff.gone_reports:
        yield _reports("gone-reports", names.words.say("Reports that are not there any more"), diff.gone_reports, names)


def _why(diff: Diff, names: Names) -> Section:
    words, met = names.words, Counter(names.because(number.in_language(names.lang).causes) for number in diff.counted)
    columns = [Column(words.say("What changed with them"), is_long=True), Column(words.say("Numbers"), numeric=True)]
    rows = [(Cell(cause), Cell(words.number(count))) for cause, count in met.most_common(MOST)]
    notes = [words.say("What changed at the same time stands here; whether it is the reason is for a person to judge.")]
    notes += [f"{edition}: {title}" for edition, title in _titles(diff, names).items()]
    question = words.say("Which data, methods and programs changed with the numbers?")
    return Section("why", words.say("Why the numbers differ"), question, words.say("Numbers by what changed with them"), columns, rows, notes=notes)


def _titles(diff: Diff, names: Names) -> dict[str, str]:
    """The editions that came or went, with their titles, as far as they are known."""
    causes = dict.fromkeys(cause for number in diff.counted for cause in number.first.causes if cause.kind == "edition")
    named = sorted({edition for cause in causes for edition in (*cause.came, *cause.went)})
    return {edition: names.known.editions[edition].title[names.lang] for edition in named if edition in names.known.editions}


def _of_kind(kind: Kind, found: Sequence[Number], names: Names) -> Section:
    words, columns = names.words, [Column(names.words.say("Number"), is_long=True)]
    if kind != "new":
        columns.append(Column(words.say("Was"), numeric=True))
    if kind != "gone":
        columns.append(Column(words.say("Is"), numeric=True))
    if kind in ("moved", "slight"):
        columns.append(Column(words.say("Difference"), numeric=True))
    columns += [Column(words.say("Unit of measure")), Column(words.say("In reports"), numeric=True), Column(words.say("What changed with it"), is_long=True)]
    rows = [_row(kind, number, names) for number in _foremost(found)]
    left = len(found) - len(rows)
    notes = [words.say("{n} more stand in the table for spreadsheets: {command}").format(n=words.number(left), command="par diff --csv FILE")] if left else []
    caption = words.say("{name}: {n}").format(name=words.say(KIND_NAMES[kind]), n=words.number(len(found)))
    return Section(kind, words.say(KIND_NAMES[kind]), words.say(QUESTIONS[kind]), caption, columns, rows, is_wide=True, notes=notes)


def _foremost(found: Sequence[Number]) -> list[Number]:
    """The numbers that are on the page: the first of every unit of measure, as many of each as there is room for."""
    met: Counter[object] = Counter()
    turns = []
    for place, number in enumerate(found):
        unit = number.first.row["unit_of_measure"]
        met[unit] += 1
        turns.append((met[unit], place))
    return [found[place] for place in sorted(place for _, place in sorted(turns)[:MOST])]


def _row(kind: Kind, number: Number, names: Names) -> list[Cell]:
    change, words = number.in_language(names.lang), names.words
    (about, detail), section = names.about(change.row), number.section(names.lang)
    cells = [Cell(about, " · ".join(filter(None, [detail, words.say("in “{section}”").format(section=section) if section else ""])))]
    if kind != "new":
        cells.append(Cell(_shown(change.old, words)))
    if kind != "gone":
        cells.append(Cell(_shown(change.new, words)))
    if kind in ("moved", "slight"):
        cells.append(Cell("" if not change.by else words.signed(change.by, _decimals(change.by))))
    because = "; ".join([*_restated(change, names), *([names.because(change.causes)] if kind != "restated" or not _is_told(change) else [])])
    return [*cells, Cell(names.unit_of_measure(change.row)), Cell(words.number(number.reports)), Cell(because)]


def _is_told(change: Change) -> bool:
    """Whether what is said otherwise is all there is to say."""
    return bool(change.restated) and all(cause.kind == "unknown" for cause in change.causes)


def _restated(change: Change, names: Names) -> Iterator[str]:
    for name, (old, new) in change.restated.items():
        if name == "unit_of_measure" and change.old and change.new:
            old, new = names.unit_of_measure(change.old), names.unit_of_measure(change.new)  # noqa: PLW2901
        if name in RESTATED:
            yield names.words.say(RESTATED[name]).format(old=_word(old, names.words), new=_word(new, names.words))


def _word(value: object, words: Words) -> str:
    return _written(value, words) if isinstance(value, int | float) else str(value or "–")


def _shown(row: Row | None, words: Words) -> str:
    """A number as it is, with all of its decimals: more of them than the report shows."""
    if row is None:
        return "–"
    value = row["value"]
    return words.say("no number") if not isinstance(value, int | float) else f"{row['qualifier'] or ''}{_written(value, words)}"


def _decimals(value: float) -> int:
    return next((places for places in range(6) if round(value, places) == value), 6)


def _written(value: float, words: Words) -> str:
    """A number with as many decimals as it has, six at most."""
    return words.number(value, _decimals(value))


def _reports(name: str, heading: str, keys: Sequence[str], names: Names) -> Section:
    words, named = names.words, [(names.report(key), key) for key in keys]
    caption = words.count("{n} report", "{n} reports", len(keys)).format(n=words.number(len(keys)))
    return Section(name, heading, "", caption, [Column(words.say("Report"), is_long=True)], [(Cell(*filter(None, pair)),) for pair in named])
