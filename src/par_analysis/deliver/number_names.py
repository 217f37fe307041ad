"""What numbers are called in a reader's language, as the reports name it: unit, year, index, part, measure, unit of measure; and what changed with them.

What has no name there is shown as ``numbers.csv`` writes it: no name is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.dataset.editions import OPERATIONS
from par_analysis.dataset.views import words_of
from par_analysis.deliver.causes import Cause
from par_analysis.errors import shortened
from par_analysis.model import COUNTRY, TOTAL, Language
from par_analysis.run.numbers import Row
from par_analysis.show.language import N_, Words
from par_analysis.show.measures import measure_name
from par_analysis.show.tables_origin import period_of
from par_analysis.show.values import node_label

UNITS: Final[Mapping[str, str]] = {
    "place": N_("places"),
    "points": N_("points"),
    "percent": N_("percent"),
    "percentage_points": N_("percentage points"),
    "count": N_("counts"),
    "ratio": N_("ratios"),
    "billion_vnd": N_("billion dong"),
    "year": N_("years"),
}
"""Units of measure by their codes."""
BASES: Final[Mapping[str, str]] = {"published": N_("published"), "derived": N_("derived"), "computed": N_("computed"), "bound": N_("a bound")}
EXCHANGED: Final[Mapping[str, tuple[str, str, str]]] = {
    "edition": (N_("edition {new} in place of {old}"), N_("edition {new} was added"), N_("edition {old} is not used any more")),
    "source": (N_("source {new} in place of {old}"), N_("source {new} was added"), N_("source {old} is not named any more")),
    "basis": (N_("{new} now, formerly {old}"), N_("now {new}"), N_("formerly {old}")),
    "software": (N_("software: {new} in place of {old}"), N_("software: {new} was added"), N_("software: {old} was removed")),
}
"""How it is told that something came in the place of another, came, or went."""
SAID: Final[Mapping[str, str]] = {
    "note": N_("the note of the number changed"),
    "preferred": N_("source {new} has precedence now"),
    "figures": N_("the figures of {new} changed"),
    "claims": N_("sources state other figures of {new}"),
    "data": N_("other data changed: {new}"),
    "method": N_("the method or the lists were edited: {new}"),
    "notebook": N_("the notebook {new} was edited"),
    "first": N_("the report is published for the first time"),
    "ended": N_("the report is not there any more"),
    "unknown": N_("not known: its row, and the report's data, method, notebook and software are as before"),
}
LISTS: Final[Mapping[str, str]] = {"tables": N_("units and sources"), "indicators": N_("indicators"), "indices": N_("indices"), "tiles": N_("map")}
ASIDE: Final = N_("score and rank of {units} contradict those of other units, and are not used")
"""How it is told that units are set aside now."""
_ASIDE: Final = re.compile(r"set aside, score and rank contradict those of others: (?P<units>[\w-]+(?:, [\w-]+)*)")
MOST: Final = 3
"""So many things of a kind are named."""


class Names:
    """The names of a language. ``known``: the catalogue that they are taken from."""

    def __init__(self, lang: Language, known: Catalog | None = None) -> None:
        self.lang, self.known, self.words = lang, known or catalog.load(), Words(lang)
        self._words_of = lru_cache(maxsize=256)(self._words_of_index)
        self.because = lru_cache(maxsize=4096)(self._because)

    def _words_of_index(self, index: str, year: int) -> Words:
        return words_of(self.known, self.known.indices[index], year, self.lang) if index in self.known.indices else self.words

    def about(self, row: Row) -> tuple[str, str]:
        """What a number is about: unit and year; then index, part and measure."""
        words = self._words_of(str(row["index"]), int(row["year"] or 0))
        when = "" if row["year"] is None else period_of({"year": row["year"], "period": row["period"] or ""}, words)
        what = [self.index(str(row["index"])), *self._part(str(row["node"]), words), self.measure(row, words)]
        return ", ".join(filter(None, [self.unit(row), when])), " · ".join(filter(None, what))

    def unit(self, row: Row) -> str:
        """The unit's name; where the catalogue has none, the one that the row has."""
        return self._named(str(row["unit"])) or str(row["unit_name"] or row["unit"])

    def _named(self, unit: str) -> str:
        return self.known.units[unit].name(self.lang) if unit in self.known.units else ""

    def report(self, key: str) -> str:
        """What a report is about, by its place (``2023/province/par_index/30-hai-duong/vi``); "" where that does not say."""
        year, _, index, *rest = key.split("/")
        unit = self._named(rest[0].partition("-")[0] if len(rest) == 2 else COUNTRY)
        return ", ".join([unit, *([year] if year.isdigit() else []), self.index(index)]) if unit else ""

    def index(self, code: str) -> str:
        """The index's short name."""
        return self.known.indices[code].short[self.lang] if code in self.known.indices else "" if code == OPERATIONS else code

    def _part(self, node: str, words: Words) -> list[str]:
        """The part of the index, of several where the number is about more than one thing; nothing for the total."""
        kind, _, name = node.partition(":")
        if kind == OPERATIONS:
            department = name.partition("@")[2]
            return [self.known.indicators.get("departments", {}).get(department, {}).get(self.lang, department)]
        said = {"place": words.say("rank {rank}").format(rank=name), "index": self.index(name), "group": f"{words.say('group')} {name}", "domains": ""}
        return [] if node == TOTAL else [said[kind] if kind in said else node_label(node, words)]

    def measure(self, row: Row, words: Words) -> str:
        """The measure's name, or else its code."""
        code = str(row["measure"])
        if row["index"] == OPERATIONS:
            return str(self.known.indicators.get("measures", {}).get(code, {}).get(self.lang, code))
        return measure_name(code, words) or code

    def unit_of_measure(self, row: Row) -> str:
        """What the number counts."""
        code = str(row["unit_of_measure"] or "")
        return self.words.say(UNITS[code]) if code in UNITS else code

    # ------------------------------------------------------------ what changed with a number

    def _because(self, causes: Sequence[Cause]) -> str:
        return "; ".join(map(self.cause, causes))

    def cause(self, cause: Cause) -> str:
        """What changed, in a clause. A note is a formula's own: what it means is told where that is known, and else only that it is another."""
        if cause.kind == "note" and (units := _set_aside(cause)):
            return self.words.say(ASIDE).format(units=self._things("unit", units))
        new, old = (self._things(cause.kind, things) for things in (cause.came, cause.went))
        if new == old and cause.kind == "source":  # other pages of the same places
            new, old = (", ".join(shortened(thing, width=100) for thing in things[:MOST]) for things in (cause.came, cause.went))
        if cause.kind in EXCHANGED:
            both, came, went = EXCHANGED[cause.kind]
            return self.words.say(both if new and old else came if new else went).format(new=new, old=old)
        return self.words.say(SAID[cause.kind]).format(new=", ".join(filter(None, [new, old])))

    def _things(self, kind: str, things: Iterable[str]) -> str:
        if kind in ("figures", "claims"):
            return self._slices(things)
        named = [self._thing(kind, thing) for thing in things]
        left = len(named) - MOST
        more = [self.words.say("{n} more").format(n=self.words.number(left))] if left > 0 else []
        return ", ".join([*dict.fromkeys(named[:MOST]), *more])

    def _thing(self, kind: str, thing: str) -> str:
        if kind == "unit":
            return self._named(thing) or thing
        if kind == "basis":
            return self.words.say(BASES[thing]) if thing in BASES else thing
        if kind == "method":
            return self.words.say(LISTS[thing]) if thing in LISTS else self.index(thing)
        if kind in ("source", "preferred"):
            return (urlsplit(thing).hostname or thing).removeprefix("www.")
        return shortened(thing, width=100)

    def _slices(self, names: Iterable[str]) -> str:
        """Figures by index, with their years: PAR INDEX 2019–2023."""
        years: dict[str, list[str]] = {}
        for name in names:
            index, year, *_ = [*name.split("/")[1:], "", ""]
            years.setdefault(self.index(index) or self.words.say("work on reform"), []).append(year)
        return ", ".join(f"{index} {_span(sorted(set(of)))}" for index, of in years.items())


def _set_aside(note: Cause) -> list[str]:
    """The units that a note says are set aside now and were not before. Those that it does not name any more may be used again, or may not matter to it."""
    now, was = (dict.fromkeys(unit for text in texts for found in _ASIDE.finditer(text) for unit in found["units"].split(", ")) for texts in (note.came, note.went))
    return [unit for unit in now if unit not in was]


def _span(years: Sequence[str]) -> str:
    """Years, three or more in a row as a span.

    >>> _span(["2012", "2020", "2021", "2022"]), _span(["2023"])
    ('2012, 2020–2022', '2023')
    """
    runs: list[list[str]] = []
    for year in years:
        if runs and year.isdigit() and runs[-1][-1].isdigit() and int(year) == int(runs[-1][-1]) + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)
