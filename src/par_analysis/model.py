"""The words everything else is said in: records of an index, and the columns of the one tidy table.

A *figure* is one number with its meaning and its origin. Readers, metrics and pages all pass tables of figures (``FIGURES``):
a panel is a table of figures, and a metric is a function from figures to figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")

COUNTRY: Final = "VN"
"""The unit code of the country. Provinces have their two-digit GSO code, regions ``R1`` to ``R6``."""

TOTAL: Final = "total"
"""The node of an index's total. Others: ``domain:<no>``, ``part:<name>``, ``operations:<name>``."""

FIGURES: Final[Mapping[str, str]] = {
    "index": "str",  # par_index, sipas, operations
    "unit": "str",  # unit code
    "year": "int64",  # the year measured
    "period": "str",  # "" for the whole year, else as printed: 2024-Q1, 2023-H1
    "node": "str",
    "measure": "str",  # score, rank, mean, …, score_change, rank_change, gap_leader …
    "value": "float64",
    "qualifier": "str",  # "" exact, ">" more than, "<" less than, "<~" nearly, "~" about
    "unit_of_measure": "str",  # points, percent, place, count, …
    "out_of": "float64",  # a rank's denominator or a score's maximum; NaN where none
    "basis": "str",  # see BASES
    "source": "str",  # addresses, joined by "; "
    "edition": "str",  # the publication(s) it came from, joined by "; "
    "note": "str",
}
"""Column → dtype of a table of figures."""

KEY: Final = ("index", "unit", "year", "period", "node", "measure")
"""What identifies a figure: no two rows of a panel share it."""

BASES: Final = ("published", "derived", "computed", "bound")
"""published: printed by the source. derived: a stated change applied to a stated value. computed: by this library.
bound: not published, but it cannot lie beyond this value."""


@dataclass(frozen=True)
class Unit:
    """A province, region, merged unit or the country. ``valid_from`` ≤ day < ``valid_to`` (ISO dates, "" = open)."""

    code: str
    gso_code: str
    name_vi: str
    name_en: str
    kind: str  # country, region, province
    region: str  # code of the region, "" for regions and the country
    unit_set: str  # the sets it belongs to, joined by a space: "63", "34", "63 34" (unchanged by the mergers), "former"; "" for the country
    valid_from: str = ""
    valid_to: str = ""

    def name(self, lang: Language) -> str:
        """The name in a language."""
        return self.name_vi if lang == "vi" else self.name_en


@dataclass(frozen=True)
class Domain:
    """A domain of a framework: its number, names and, where it was published, its maximum."""

    no: int
    name: Mapping[str, str]
    maximum: float | None = None
    criteria: int | None = None
    subcriteria: int | None = None
    source: str = ""  # addresses that state the maximum


@dataclass(frozen=True)
class Part:
    """A part of the total by the way it is scored (appraisal, surveys): its name, label and maximum where published."""

    name: str
    label: Mapping[str, str]
    maximum: float | None = None
    within: str = ""  # name of the part that contains this one
    source: str = ""  # addresses that state the maximum


@dataclass(frozen=True)
class Framework:
    """An edition of an index's method. What was not found is ``None``, never a guess."""

    code: str
    decision: str
    date: str
    years: tuple[int, ...]
    years_confirmed: bool | Sequence[int]  # for all of its years, or the years it is confirmed for
    domains: tuple[Domain, ...]
    parts: tuple[Part, ...] = ()
    criteria: int | None = None
    subcriteria: int | None = None
    note: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def years_confirmed_for(self, year: int) -> bool:
        """Whether it is confirmed that this method held in a year."""
        return self.years_confirmed if isinstance(self.years_confirmed, bool) else year in self.years_confirmed


@dataclass(frozen=True)
class Group:
    """A band of scores: ``low`` ≤ score < ``high``."""

    label: str
    low: float
    high: float


@dataclass(frozen=True)
class Index:
    """An index as published: label, scale, direction, which framework holds in which year."""

    code: str
    label: Mapping[str, str]
    short: Mapping[str, str]
    unit_of_measure: str
    higher_is_better: bool
    low: float
    high: float
    decimals: int
    unit_count: int
    frameworks: Mapping[int, str]
    groups: Mapping[int, tuple[Group, ...]]
    caveats: Mapping[str, tuple[str, ...]]
    citation: Mapping[str, str]
    unit_counts: Mapping[int, int] = field(default_factory=dict)
    unconfirmed_years: tuple[int, ...] = ()  # years whose framework is the likely one, not a confirmed one

    def count_of_units(self, year: int) -> int:
        """How many units were ranked in a year: the denominator of its ranks."""
        return self.unit_counts.get(year, self.unit_count)

    def is_comparable(self, year: int, base: int) -> bool | None:
        """Whether points of two years may be subtracted: same framework. ``None`` where a framework is unknown, or the same one is not confirmed for both years."""
        new, old = self.frameworks.get(year), self.frameworks.get(base)
        if new is None or old is None or (year != base and new == old and {year, base} & set(self.unconfirmed_years)):
            return None
        return new == old


@dataclass(frozen=True)
class Edition:
    """One collected publication: a folder of ``data/raw`` with its ``edition.toml``."""

    code: str  # <source>/<edition>
    title: Mapping[str, str]
    received: str
    origin: str
    licence: str
    files: Mapping[str, Mapping[str, str]]  # file name → {"sha256", "reader"}
    note: str = ""
