"""A diff of numbers in plain text: the gist first, then what moved most; and all of it as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from par_analysis.deliver.number_names import Names
from par_analysis.deliver.numbers_diff import ABOUT, KINDS, Diff, Kind, Number
from par_analysis.run.numbers import ENCODING, Row, harmless

LARGEST: Final = 5
"""So many numbers of each unit of measure are shown of every kind."""
CAUSES: Final = 8

NAMES: Final[Mapping[Kind, str]] = {
    "moved": "moved",
    "new": "new",
    "gone": "gone",
    "restated": "restated (the same number, said to be something else)",
    "slight": "moved within the tolerance",
}

BESIDE: Final = ("value", "qualifier", "shown", "unit_of_measure", "out_of", "basis", "source", "edition", "note")
"""Columns that the table shows as they were and as they are."""


def lines(diff: Diff) -> Iterator[str]:
    """What a person reads on a terminal."""
    if not diff.changes and not diff.new_reports:
        yield "every number is as it was last published"
        return
    names = Names("en")
    yield from _gist(diff, names)
    for kind in KINDS[:-1]:
        yield from _largest(diff.of(kind), names)
    yield from _causes(diff, names)


def _gist(diff: Diff, names: Names) -> Iterator[str]:
    reports = {change.report for change in diff.changes if change.kind != "slight"}
    if diff.counted:
        yield f"{_counted(len(diff.counted), 'number')} changed since the last publication, in {_counted(len(reports), 'report')}:"
    for kind in KINDS:
        found = diff.of(kind)
        if found:
            by_unit = Counter(names.unit_of_measure(number.first.row) or "without a unit" for number in found)
            yield f"  {len(found):>5}  {NAMES[kind]}: " + ", ".join(f"{unit}: {count}" for unit, count in by_unit.most_common())
    if diff.gone_reports:
        yield f"  {len(diff.gone_reports):>5}  published before and not there any more: {_some(diff.gone_reports)}"
    if diff.new_reports:
        yield f"  {len(diff.new_reports):>5}  published for the first time, with {_counted(sum(diff.new_reports.values()), 'row')}: {_some([*diff.new_reports])}"


def _largest(found: Sequence[Number], names: Names) -> Iterator[str]:
    shown: Counter[str] = Counter()
    for number in found:
        unit = names.unit_of_measure(number.first.row)
        shown[unit] += 1
        if shown[unit] <= LARGEST:
            yield f"{number.first.kind:<9}{told(number, names)}"
    for unit, count in shown.items():
        if count > LARGEST:
            yield f"         … and {count - LARGEST} more of {found[0].first.kind} {unit or 'no unit'}"


def told(number: Number, names: Names) -> str:
    """One number in a line: what it is about, from what to what, and where it stands."""
    change = number.in_language("en")
    about, unit = ", ".join(names.about(change.row)), names.unit_of_measure(change.row)
    section = number.section("en")
    old, new = ("–" if one is None else written(one) for one in (change.old, change.new))
    moved = f" ({change.by:+g})" if change.by and change.kind in ("moved", "slight") else ""
    values = new if change.kind in ("new", "restated") else old if change.kind == "gone" else f"{old} → {new}"
    restated = "".join(f", {name}: {was or '–'} → {now or '–'}" for name, (was, now) in change.restated.items())
    return f"{about}{f' (in “{section}”)' if section else ''}: {values} {unit}{moved}{restated}, in {_counted(number.reports, 'report')}"


def written(row: Row) -> str:
    """A number as the table has it, with its qualifier."""
    value = row["value"]
    return f"{row['qualifier'] or ''}{'no number' if value is None else f'{value:.12g}'}"


def causes(diff: Diff, names: Names) -> list[tuple[str, int]]:
    """What changed with the numbers that count, with how many of them each, the most frequent first."""
    return Counter(names.because(number.first.causes) for number in diff.counted).most_common()


def _causes(diff: Diff, names: Names) -> Iterator[str]:
    found = causes(diff, names)
    if found:
        yield "with them changed:"
        yield from (f"  {count:>5}  {cause}" for cause, count in found[:CAUSES])
        if len(found) > CAUSES:
            yield f"         … and {len(found) - CAUSES} other causes"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def table(diff: Diff) -> bytes:
    """Every row of every report that differs, as CSV that a spreadsheet opens; text that it would take for a formula is guarded."""
    stream, names = io.StringIO(newline=""), Names("en")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["kind", "report", "section", "unit_name", *ABOUT, "change", *(f"{when}_{name}" for name in BESIDE for when in ("old", "new")), "because"])
    for change in diff.changes:
        row = change.row
        about = [change.kind, change.report, row["section"], row["unit_name"], *(row[name] for name in ABOUT)]
        beside = [None if one is None else one[name] for name in BESIDE for one in (change.old, change.new)]
        writer.writerow([_cell(cell) for cell in [*about, change.by, *beside, names.because(change.causes)]])
    return stream.getvalue().encode(ENCODING)


def _cell(cell: object) -> object:
    return "" if cell is None else cell if isinstance(cell, int | float) else harmless(str(cell))
