"""The words everything else is said in: records of an index, and the columns of the one tidy table.

A *figure* is one number with its meaning and its origin. Readers, metrics and pages all pass tables of figures (``FIGURES``):
a panel is a table of figures, and a metric is a function from figures to figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import pandas as pd

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")

COUNTRY: Final = "VN"
"""The unit code of the country. Provinces have their two-digit GSO code, regions ``R1`` to ``R6``."""

TOTAL: Final = "total"
"""The node of an index's total. Others: ``domain:<no>``, ``criterion:<name>`` below a domain, ``part:<name>``, ``operations:<name>``."""

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


IN_BOTH_YEARS: Final = "units scored in both years"
"""How the note of a change begins to say that it was counted anew, among the units of both years; what ``is_counted_anew`` looks for."""


def is_counted_anew(note: str) -> bool:
    """Whether a change was counted among the units scored in both years, because not the same units were ranked in them.

    >>> is_counted_anew(f"against 2022; among the 59 {IN_BOTH_YEARS}"), is_counted_anew("against 2022")
    (True, False)
    """
    return IN_BOTH_YEARS in note


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
class Criterion:
    """A node below a domain (PAPI's sub-dimensions): keyed by what it asks, so that one code never means two things."""

    code: str  # criterion:<name>
    low: float = 0.0
    maximum: float | None = None


@dataclass(frozen=True)
class Domain:
    """A domain of a framework: its number, names and, where it was published, its maximum; ``children`` are its criteria where they are scored one by one."""

    no: int
    name: Mapping[str, str]
    maximum: float | None = None
    criteria: int | None = None
    subcriteria: int | None = None
    source: str = ""  # addresses that state the maximum
    children: tuple[Criterion, ...] = ()

    @property
    def code(self) -> str:
        """The node of the domain."""
        return f"domain:{self.no}"


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

    @property
    def tree(self) -> dict[str, tuple[str, ...]]:
        """Node → the nodes whose points add up to it; empty where the method's parts are not scored one by one."""
        below = {domain.code: tuple(child.code for child in domain.children) for domain in self.domains if domain.children}
        return {TOTAL: tuple(domain.code for domain in self.domains), **below} if below else {}

    @property
    def criteria_codes(self) -> list[str]:
        """The nodes below the domains, in the method's order."""
        return [child.code for domain in self.domains for child in domain.children]

    @cached_property
    def limits(self) -> dict[str, tuple[float, float | None]]:
        """Node → lowest and highest possible score, as far as published."""
        domains: dict[str, tuple[float, float | None]] = {domain.code: (0.0, domain.maximum) for domain in self.domains}
        return domains | {child.code: (child.low, child.maximum) for domain in self.domains for child in domain.children}

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
    is_summed: bool = False  # totals are the sums of their parts, and only units with all parts are ranked
    has_median: bool = False  # its publisher compares provinces with the median one
    beside: str = ""  # the index whose figures stand beside it on a page
    has_operations: bool = False  # whether operational figures belong to its pages
    node_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # criterion:<name> → its name, whichever framework has it

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
    indices: tuple[str, ...]  # what its figures are of: the panels that read it
    files: Mapping[str, Mapping[str, Any]]  # file name → {"sha256", "reader", "year"}; the year of a file that does not name it
    note: str = ""
    remote: RemoteFile | None = None  # where it was downloaded from

    @property
    def source(self) -> str:
        """The code of the source it belongs to."""
        return self.code.partition("/")[0]


@dataclass(frozen=True)
class RemoteFile:
    """A file that a source publishes at an address. ``sha256`` is "" where the publisher may replace the file: then it is recorded when first fetched."""

    edition: str
    url: str
    sha256: str
    year: int | None = None


@dataclass(frozen=True)
class Source:
    """A kind of source: who publishes, in which file shape, and where it can be fetched. ``layout`` is what its reader has to know of the file."""

    code: str
    label: Mapping[str, str]
    indices: tuple[str, ...]
    readers: tuple[str, ...]
    licence: str
    received: str = ""  # the day on which the addresses of its files were recorded (ISO)
    home: str = ""
    layout: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[RemoteFile, ...] = ()


VERDICTS: Final = ("confirmed", "contradicted", "only the article says so", "cannot be checked")
"""What may come of checking a statement."""

UNJUDGED: Final = "not judged"
"""What is said of a proposal that nobody has confirmed yet: it is no verdict and no evidence."""

COMPARISONS: Final = ("level", "change", "best", "worst", "first", "last", "most", "list", "sum", "share", "none")
"""What kind of thing a statement says. level: a figure. change: a figure against another year's. best, worst: the best or worst since a year. first, last: the place at
an end. most: most domains rose. list: how many units or years the listed statements are about. sum, share: of listed statements. none: nothing that can be measured."""


@dataclass(frozen=True)
class Article:
    """A text whose statements are checked. ``edition`` is its own folder of ``data/raw`` and ``copies`` other addresses of the same text: neither is evidence."""

    source: str
    title: Mapping[str, str]
    index: str
    unit: str
    year: int
    publisher: str = ""
    edition: str = ""
    copies: tuple[str, ...] = ()
    file: str = ""
    lang: Language = "en"  # of the wordings


@dataclass(frozen=True)
class Statement:
    """One thing that an article says, as data that can be recomputed."""

    id: str
    index: str
    unit: str
    year: int
    node: str
    measure: str
    comparison: str  # see COMPARISONS
    period: str = ""
    value: float | None = None  # of a change: positive where it is for the better (places gained) or upwards (points); of "best": the number of years
    decimals: int = 0  # as printed
    qualifier: str = ""  # as in FIGURES
    unit_of_measure: str = "count"
    out_of: float | None = None  # a rank's denominator, where the article states it
    against: int | None = None  # the year compared with; of "best" and "worst" the first year of the span
    of: tuple[str, ...] = ()  # ids of the statements that a list, sum or share is about
    counts: str = ""  # what a list counts: unit or year
    wording: str = ""  # a fragment, as citation
    place: int = 0  # the paragraph
    confidence: float = 1.0  # of a proposal
    unsure: str = ""  # why a proposal may be wrong; it is not judged until a person removes this


@dataclass(frozen=True, eq=False)
class Press:
    """An article's statements with the claims about the same figures that do not come from it (columns of claims, the preferred ones marked)."""

    article: Article
    statements: tuple[Statement, ...]
    independent: pd.DataFrame
    indices: Mapping[str, Index] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What came of checking a statement. Figures are rows of ``FIGURES``."""

    article: Article
    statement: Statement
    verdict: str  # one of VERDICTS, or UNJUDGED
    reason: str  # a code
    stated: Mapping[str, Any] | None = None
    recomputed: Mapping[str, Any] | None = None
    figures: tuple[Mapping[str, Any], ...] = ()  # what it was recomputed from
    others: tuple[Mapping[str, Any], ...] = ()  # what other independent sources state instead
    cautions: tuple[str, ...] = ()  # codes
    sources: tuple[str, ...] = ()  # of the independent figures
