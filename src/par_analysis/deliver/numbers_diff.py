"""``par diff``: every number of every report against the one that was last published: what is new, gone, moved or restated, by how much, and why.

Rows are matched by what they are about. Where several rows are about the same, those with equal numbers belong together, and the others by their
order. The same number in another language, section or report is one change, with the places where it stands.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from par_analysis.deliver.causes import Cause, Making, causes, editions_of
from par_analysis.deliver.finished import Report, Unsound
from par_analysis.deliver.gate import Gate
from par_analysis.deliver.published import Published
from par_analysis.run.numbers import Row, read
from par_analysis.run.plan import MANIFEST, NUMBERS

Kind = Literal["moved", "new", "gone", "restated", "slight"]
KINDS: Final[tuple[Kind, ...]] = ("moved", "new", "gone", "restated", "slight")
"""``restated``: the same number, said to be something else; ``slight``: moved no further than is tolerated."""

ABOUT: Final = ("index", "unit", "year", "node", "measure", "period")
"""What a number is about: the columns that rows are matched by, besides the report and the section."""
MEANING: Final = ("unit_of_measure", "out_of", "qualifier", "basis", "shown")
"""Columns that say what a number means: another word there restates it."""
FIRST: Final = ("points", "percent", "percentage_points", "place")
"""Units of measure of what readers look at first: scores, then ranks; the others follow by their codes."""
NOISE: Final = 1e-9
"""Numbers that differ by less, relatively, are the same: other machines add in another order."""

Key = tuple[object, ...]


@dataclass(frozen=True)
class Change:
    """One row of one report that differs from the published one."""

    kind: Kind
    report: str
    old: Row | None
    new: Row | None
    causes: tuple[Cause, ...] = ()

    @property
    def row(self) -> Row:
        """The row as it is now; the published one where it is gone."""
        row = self.new or self.old
        assert row is not None
        return row

    @property
    def by(self) -> float | None:
        """How far the number moved; ``None`` where there is only one."""
        old, new = (None if row is None else row["value"] for row in (self.old, self.new))
        return float(f"{float(new) - float(old):.12g}") if isinstance(old, int | float) and isinstance(new, int | float) else None

    @property
    def restated(self) -> dict[str, tuple[object, object]]:
        """Columns that say something else of the same number now: what they said and what they say; nothing where the number itself is another."""
        if self.kind != "restated" or self.old is None or self.new is None:
            return {}
        columns = [name for name in MEANING if self.old[name] != self.new[name]]
        return {name: (self.old[name], self.new[name]) for name in columns if name != "shown" or columns == ["shown"]}

    @property
    def number(self) -> Key:
        """What makes it the same change in another report, section or language."""
        said = [() if row is None else (*(row[name] for name in ABOUT), row["unit_of_measure"], row["value"]) for row in (self.old, self.new)]
        return (self.kind, *said, *(item for item in self.restated.items() if item[0] != "shown"))


@dataclass(frozen=True)
class Number:
    """One number that changed, with every place where it stands: the change in each report and section."""

    places: tuple[Change, ...]

    @property
    def first(self) -> Change:
        """The change in the first of the places."""
        return self.places[0]

    @property
    def reports(self) -> int:
        """How many reports, languages apart, it stands in."""
        return len({change.report.rsplit("/", 1)[0] for change in self.places})

    def section(self, lang: str) -> str:
        """The one section that it stands in; "" where it stands in several, as the numbers do that a report is about."""
        places = [change for change in self.places if change.report.rsplit("/", 1)[1].startswith(lang)] or self.places
        found = {str(change.row["section"] or "") for change in places}
        return found.pop() if len(found) == 1 else ""

    def in_language(self, lang: str) -> Change:
        """The change in a report of this language, where there is one."""
        return next((change for change in self.places if change.report.rsplit("/", 1)[1].startswith(lang)), self.first)


@dataclass(frozen=True)
class Diff:
    """All that differs from what was last published."""

    changes: tuple[Change, ...]
    new_reports: Mapping[str, int] = field(default_factory=dict)
    """Report that was never published → how many numbers it has."""
    gone_reports: tuple[str, ...] = ()
    gate: Gate = field(default_factory=Gate)
    is_emptied: bool = False
    """Whether nothing is left of all that was published."""

    def of(self, kind: Kind) -> list[Number]:
        """The numbers that changed in this way; those that moved most come first."""
        return [number for number in self._numbers if number.first.kind == kind]

    @cached_property
    def counted(self) -> list[Number]:
        """The numbers that a person has to agree to, if there are more than are allowed."""
        return [number for number in self._numbers if number.first.kind != "slight"]

    @property
    def is_within(self) -> bool:
        """Whether nothing has changed that a person has to look at."""
        return not self.counted or (len(self.counted) <= self.gate.allowed and not self.is_emptied)

    @property
    def slight(self) -> frozenset[str]:
        """The reports whose numbers moved within the tolerance, and no further."""
        return frozenset(change.report for change in self.changes) - {change.report for change in self.changes if change.kind != "slight"}

    @cached_property
    def digest(self) -> str:
        """The hash of all that counts: another one as soon as any of it is another."""
        counted = [[change.kind, change.report, change.old, change.new] for change in self.changes if change.kind != "slight"]
        return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()

    @cached_property
    def _numbers(self) -> list[Number]:
        together: dict[Key, list[Change]] = defaultdict(list)
        for change in self.changes:
            together[change.number].append(change)
        return sorted((Number(tuple(places)) for places in together.values()), key=_weight)


def _weight(numbers: Number) -> tuple[object, ...]:
    """Kinds in their order, then what moved most, by its unit of measure, then by what it is about."""
    change, unit = numbers.first, str(numbers.first.row["unit_of_measure"])
    place = FIRST.index(unit) if unit in FIRST else len(FIRST)
    return KINDS.index(change.kind), place, unit, -abs(change.by or 0), *(str(change.row[name]) for name in ABOUT)


def diff(reports: Sequence[Report], published: Published, gate: Gate) -> Diff:
    """What differs between finished reports and the published ones. Raises ``Unsound``, and ``ParError`` where what was published is damaged."""
    known = {report.key: report for report in reports}
    changes: list[Change] = []
    new = {key: report for key, report in known.items() if key not in published.reports}
    gone = sorted(published.reports.keys() - known.keys())
    counts = {}
    for key, report in new.items():
        rows = _rows(report)
        counts[key] = len(rows)
        changes += [Change("new", key, None, row, (Cause("first"),)) for row in rows if gate.new_reports == "ask"]
    for key in gone:
        changes += [Change("gone", key, row, None, (Cause("ended"),)) for row in published.rows(key)]
    for key in sorted(known.keys() - new.keys()):
        if known[key].files.get(NUMBERS) != published.reports[key][0]:
            changes += _of_report(known[key], published, gate)
    return Diff(tuple(changes), counts, tuple(gone), gate, is_emptied=bool(gone) and not known)


def _rows(report: Report) -> list[Row]:
    if NUMBERS not in report.files:
        raise Unsound(report.folder, f"has no {NUMBERS}")
    try:
        return read(report.read(NUMBERS))
    except ValueError as error:
        raise Unsound(report.folder / NUMBERS, str(error)) from error


def _of_report(report: Report, published: Published, gate: Gate) -> Iterator[Change]:
    was, now = published.rows(report.key), _rows(report)
    making = Making(published.manifest(report.key), json.loads(report.read(MANIFEST)), editions_of(was), editions_of(now))
    for old, new in matched(was, now):
        kind = _kind(old, new, gate)
        if kind:
            yield Change(kind, report.key, old, new, causes(old, new, making))


def _kind(old: Row | None, new: Row | None, gate: Gate) -> Kind | None:
    if old is None or new is None:
        return "new" if old is None else "gone"
    was, now = old["value"], new["value"]
    if not is_same(was, now):
        reach = gate.tolerance.get(str(new["unit_of_measure"]), 0.0)
        is_slight = isinstance(was, int | float) and isinstance(now, int | float) and abs(now - was) <= reach * (1 + NOISE)
        return "slight" if is_slight and _meaning(old, but="shown") == _meaning(new, but="shown") else "moved"
    return None if _meaning(old) == _meaning(new) else "restated"


def is_same(one: object, other: object) -> bool:
    """Whether two numbers are the same but for how machines add.

    >>> is_same(87.84, 87.84000000000001), is_same(87.84, 87.85), is_same(None, 0)
    (True, False, False)
    """
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=NOISE, abs_tol=NOISE)
    return one == other


def _meaning(row: Row, *, but: str = "") -> tuple[object, ...]:
    return tuple(row[name] for name in MEANING if name != but)


# ---------------------------------------------------------------- which row is which


def matched(old: Sequence[Row], new: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
    """Pairs of a published row and what it is now, ``None`` where there is none; rows in the order of the new file, then what is gone.

    A row is looked for in its section first, and then, since headings may be edited and rows moved, anywhere in the report.
    """
    pairs: dict[int, int | None] = {}
    left = list(range(len(old)))
    for about in (_in_section, _anywhere):
        there: dict[Key, list[int]] = defaultdict(list)
        for number in left:
            there[about(old[number])].append(number)
        wanted: dict[Key, list[int]] = defaultdict(list)
        for number in range(len(new)):
            if number not in pairs:
                wanted[about(new[number])].append(number)
        for key, numbers in wanted.items():
            pairs |= _paired(old, new, there.get(key, []), numbers)
        taken = set(pairs.values())
        left = [number for number in left if number not in taken]
    found: list[tuple[Row | None, Row | None]] = []
    for number, row in enumerate(new):
        was = pairs.get(number)
        found.append((None if was is None else old[was], row))
    return found + [(old[number], None) for number in left]


def _anywhere(row: Row) -> Key:
    return tuple(row[name] for name in ABOUT)


def _in_section(row: Row) -> Key:
    return (row["section"], *_anywhere(row))


def _paired(old: Sequence[Row], new: Sequence[Row], there: list[int], wanted: list[int]) -> dict[int, int | None]:
    """Among rows about the same: equal rows first, then equal numbers, then what is left in its order."""
    pairs: dict[int, int | None] = {}
    tests: tuple[Callable[[Row, Row], bool], ...] = (lambda a, b: a == b, lambda a, b: is_same(a["value"], b["value"]), lambda *_: True)
    for is_alike in tests:
        for number in [number for number in wanted if number not in pairs]:
            partner = next((other for other in there if is_alike(old[other], new[number])), None)
            if partner is not None:
                pairs[number] = partner
                there.remove(partner)
    return pairs
