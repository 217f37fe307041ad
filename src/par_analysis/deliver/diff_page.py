"""A diff of numbers as a page in the look of the reports: what moved, by how much and why; it loads nothing, and every text in it is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from par_analysis.deliver.numbers_diff import KINDS, Cause, Change, Diff, Kind, Number
from par_analysis.model import Language
from par_analysis.render.html import look
from par_analysis.run.numbers import Row
from par_analysis.show.language import N_, Words

MOST: Final = 2000
"""So many numbers of a kind are on the page; the table for spreadsheets has all of them."""

NAMES: Final[Mapping[Kind, str]] = {
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
CAUSES: Final = {
    "edition": N_("edition"),
    "method": N_("method"),
    "note": N_("note"),
    "source": N_("source"),
    "data": N_("data read"),
    "notebook": N_("notebook"),
    "software": N_("software"),
    "unknown": N_("nothing that its row or its report tells"),
}
UNITS: Final[Mapping[str, str]] = {
    "place": N_("places"),
    "points": N_("points"),
    "percent": N_("percent"),
    "percentage_points": N_("percentage points"),
    "count": N_("counts"),
    "ratio": N_("ratios"),
}
"""Units of measure that most numbers have; the others are shown as ``numbers.csv`` has them."""


@dataclass(frozen=True)
class Column:
    """A column's heading; whether it holds numbers, and whether long words may be broken in it."""

    label: str
    numeric: bool = False
    is_long: bool = False


@dataclass(frozen=True)
class Section:
    """A heading with its table."""

    id: str
    name: str
    question: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    is_wide: bool = False
    note: str = ""


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    return environment.get_template("diff.html.j2")


def write(diff: Diff, lang: Language) -> bytes:
    """The page in a language. The same diff gives the same bytes."""
    words = Words(lang)
    kinds = [_headline(kind, diff.of(kind), words) for kind in KINDS if diff.of(kind)]
    page = _template().render(
        lang=lang, say=words.say, style=look(("regular", "semibold")), lead=_lead(diff, words), kinds=kinds, sections=list(_sections(diff, words))
    )
    return (page.strip() + "\n").encode()


def _lead(diff: Diff, words: Words) -> str:
    count = len(diff.counted)
    if not count:
        return words.say("Every number that was published before is as it was.") if not diff.of("slight") else words.say("Nothing moved further than is tolerated.")
    counted = words.count("{n} number differs from what was last published.", "{n} numbers differ from what was last published.", count).format(n=words.number(count))
    if diff.is_within:
        return counted + " " + words.say("That is no more than may change without a person.")
    return counted + " " + words.say("Nothing is published until a person agrees: {command}").format(command=f"par accept {count}")


def _headline(kind: Kind, found: Sequence[Number], words: Words) -> dict[str, str]:
    units = Counter(_unit(number.first.row, words) or "–" for number in found)
    return {"name": words.say(NAMES[kind]), "count": words.number(len(found)), "detail": ", ".join(f"{words.number(count)} {unit}" for unit, count in units.most_common())}


def _sections(diff: Diff, words: Words) -> Iterator[Section]:
    if diff.counted:
        yield _why(diff, words)
    yield from (_of_kind(kind, diff.of(kind), words) for kind in KINDS if diff.of(kind))
    if diff.new_reports:
        yield _reports("new-reports", words.say("Reports published for the first time"), sorted(diff.new_reports), words)
    if diff.gone_reports:
        yield _reports("gone-reports", words.say("Reports that are not there any more"), diff.gone_reports, words)


def _why(diff: Diff, words: Words) -> Section:
    met = Counter(_because(number.in_language(words.lang), words) for number in diff.counted)
    columns = [Column(words.say("Because of"), is_long=True), Column(words.say("Numbers"), numeric=True)]
    rows = [(cause, words.number(count)) for cause, count in met.most_common(MOST)]
    return Section("why", words.say("Why"), words.say("Which editions, methods and notes came or went?"), words.say("Numbers by what changed with them"), columns, rows)


def _because(change: Change, words: Words) -> str:
    return "; ".join(_cause(cause, words) for cause in change.causes) or words.say("the report is not there any more")


def _cause(cause: Cause, words: Words) -> str:
    said = words.say(CAUSES[cause.kind])
    return f"{said}: {cause.detail}" if cause.detail else said


def _of_kind(kind: Kind, found: Sequence[Number], words: Words) -> Section:
    columns = [
        Column(words.say("Number"), is_long=True),
        Column(words.say("Was"), numeric=True),
        Column(words.say("Is"), numeric=True),
        Column(words.say("Change"), numeric=True),
        Column(words.say("Unit of measure")),
        Column(words.say("In reports"), numeric=True),
        Column(words.say("Because of"), is_long=True),
    ]
    rows = [_row(number, words) for number in found[:MOST]]
    left = len(found) - len(rows)
    note = words.say("{n} more stand in the table for spreadsheets: {command}").format(n=words.number(left), command="par diff --csv FILE") if left else ""
    caption = words.say("{name}: {n}").format(name=words.say(NAMES[kind]), n=words.number(len(found)))
    return Section(kind, words.say(NAMES[kind]), words.say(QUESTIONS[kind]), caption, columns, rows, is_wide=True, note=note)


def _row(number: Number, words: Words) -> list[str]:
    change = number.in_language(words.lang)
    by = "" if not change.by else f"{'+' if change.by > 0 else ''}{_written(change.by, words)}"
    restated = [f"{name}: {was or '–'} → {now or '–'}" for name, (was, now) in change.restated.items() if name != "basis"]  # which the cause says
    because = "; ".join([*restated, _because(change, words)])
    return [_about(change.row), _shown(change.old, words), _shown(change.new, words), by, _unit(change.row, words), words.number(number.reports), because]


def _about(row: Row) -> str:
    """What a number is about, in the words of ``numbers.csv``."""
    about = [row["unit_name"] or row["unit"], row["year"], row["period"], row["index"], row["node"], row["measure"]]
    return " · ".join(str(word) for word in about if word not in (None, ""))


def _shown(row: Row | None, words: Words) -> str:
    if row is None:
        return "–"
    value = row["value"]
    return words.say("no number") if not isinstance(value, int | float) else f"{row['qualifier'] or ''}{_written(value, words)}"


def _unit(row: Row, words: Words) -> str:
    unit = str(row["unit_of_measure"])
    return words.say(UNITS[unit]) if unit in UNITS else unit


def _written(value: float, words: Words) -> str:
    """A number with as many decimals as it has, six at most."""
    decimals = next((places for places in range(6) if round(value, places) == value), 6)
    return words.number(value, decimals)


def _reports(name: str, heading: str, keys: Sequence[str], words: Words) -> Section:
    caption = words.count("{n} report", "{n} reports", len(keys)).format(n=words.number(len(keys)))
    return Section(name, heading, "", caption, [Column(words.say("Report"))], [(key,) for key in keys])
