"""The slices of data that reports are made from: their names, their present fingerprints, and the notes of what was read.

A name says all that is needed to compute the fingerprint again. ``<index>`` stands for a code, and after the first word of a slice that leaves derived
values out stands ``-no-derived``, as in ``figures-no-derived/papi/2019``:

- ``figures/<index>/<year>``, ``claims/<index>/<year>``: the rows of a year with all columns; ``figures/operations/<year>/<unit>`` those of one unit and the quarter after;
- ``years/<index>`` and ``years/<index>/<until>``: which years have rows at all, so that a year that is added is met;
- ``findings/<index>`` (about it), ``findings/<index>/every`` (also of what was read with it);
- ``press/<index>/<unit>/<year>``: the filed articles with the independent evidence; ``scorecard/<index>/<unit>/<year>``: all of a province's own scorecard;
- ``narrative/<index>/<unit>/<year>/<lang>/<report>``: the words of one's own that are put into a report once it has run;
- ``editions/<index>``, ``received/<index>``: the editions of its figures; the newest day of those on its pages;
- ``reference/<index>`` (its record and methods), ``reference/indices`` (which there are), ``reference/tables`` (units, sources), ``reference/tiles``, ``reference/indicators``;
- ``unit/<on>/<name>``: the unit that a spelling means; ``everything``: all files under ``data``; ``file:<path>``: a file that a notebook opened by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import pandas as pd

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.dataset.editions import OPERATIONS, in_the_year, on_its_pages, resolve_unit
from par_analysis.dataset.narratives import FOLDER as NARRATIVE
from par_analysis.dataset.narratives import fingerprint_of as narrative_fingerprint
from par_analysis.dataset.panels import Tables, preferred, tables_of
from par_analysis.dataset.presses import press_fingerprint
from par_analysis.dataset.recording import digest, hashed, is_recording, record, recorded
from par_analysis.dataset.scorecards import scorecard_fingerprint
from par_analysis.dataset.slices import NO_ROWS, fingerprints
from par_analysis.dataset.watch import FILE, LISTED, file_fingerprint, folder_fingerprint, load_ipython_extension, when_an_analyst_loads
from par_analysis.errors import DataError, ParError

__all__ = ["digest", "fingerprint", "load_ipython_extension", "note", "of_years", "record", "recorded", "states", "tables_of_slices", "word"]

EVERYTHING: Final = "everything"
_NO_DERIVED: Final = "-no-derived"


def word(kind: str, derived: bool) -> str:
    """The first word of a slice's name.

    >>> word("figures", True), word("figures", False)
    ('figures', 'figures-no-derived')
    """
    return kind if derived else kind + _NO_DERIVED


def of_years(kind: str, index: str, years: Iterable[int], derived: bool) -> list[str]:
    """The names of the slices of an index's years.

    >>> of_years("claims", "papi", [2018, 2019], True)
    ['claims/papi/2018', 'claims/papi/2019']
    """
    return [f"{word(kind, derived)}/{index}/{year}" for year in years]


def states(reads: Mapping[str, str]) -> tuple[str, str]:
    """The state of the data that were read, and that of the words of one's own among them; "" where there are none.

    The first is the same whatever the words are: they are no figures.

    >>> states({"narrative/papi/30/2023/vi/province": "2023.vi.md=0a", "years/papi": "1"})[0] == states({"narrative/papi/30/2023/vi/province": NO_ROWS, "years/papi": "1"})[0]
    True
    >>> states({"narrative/papi/30/2023/vi/province": NO_ROWS})[1]
    ''
    """
    words = {name: found for name, found in reads.items() if name.startswith(f"{NARRATIVE}/")}
    return digest({**reads, **dict.fromkeys(words, NO_ROWS)}), digest(words) if set(words.values()) - {NO_ROWS} else ""


def note(known: Catalog, *names: str) -> None:
    """Record slices that are handed out; nothing, at next to no cost, where reads are not noted."""
    if is_recording():
        memo = _memo(known)
        for name in names:
            memo[name] = memo.get(name) or _fresh(name, known)
            record(name, memo[name])


@lru_cache(maxsize=8)
def _memo(known: Catalog) -> dict[str, str]:  # noqa: ARG001 - one memo a catalogue
    return {}


def fingerprint(name: str, known: Catalog | None = None) -> str:
    """The present fingerprint of a slice; "" where there is none of that name, or its data cannot be used. Computed once a catalogue.

    ``known`` is best given where many are asked for: to find the checkout's own takes longer than to look a fingerprint up.
    """
    known = known or catalog.load()
    memo = _memo(known)
    if name not in memo:
        try:
            memo[name] = _fresh(name, known)
        except (ParError, OSError, ValueError):  # ValueError: a name that was never given
            memo[name] = ""
    return memo[name]


def _fresh(name: str, known: Catalog) -> str:
    if name.startswith(FILE):
        return file_fingerprint(name.removeprefix(FILE))
    if name.startswith(LISTED):
        return folder_fingerprint(name.removeprefix(LISTED))
    kind, _, rest = name.partition("/")
    derived, kind = not kind.endswith(_NO_DERIVED), kind.removesuffix(_NO_DERIVED)
    return _KINDS[kind](known, rest, derived) if kind in _KINDS else ""


def tables_of_slices(known: Catalog, code: str, derived: bool) -> Tables:
    """An index's tables: those that were read for the pages with the most indices, or, where these have errors, for its own. Raises ``DataError`` where these have some, too."""
    own = on_its_pages(known.index(code))
    try:
        return tables_of(known, code, _read_with(known, code), derived)
    except DataError:
        return tables_of(known, code, own, derived)


@lru_cache(maxsize=64)
def _read_with(known: Catalog, code: str) -> frozenset[str]:
    pages = sorted({on_its_pages(index) for index in known.indices.values() if code in on_its_pages(index)}, key=lambda read: (-len(read), sorted(read)))
    return pages[0] if pages else frozenset({code})


def _rows_of(known: Catalog, kind: str, code: str, derived: bool) -> pd.DataFrame:
    if code != OPERATIONS:
        tables = tables_of_slices(known, code, derived)
        return tables.panel if kind == "figures" else tables.claims
    preference, _ = preferred(known, _read_with(known, code), derived)
    table = preference.panel if kind == "figures" else preference.claims
    return table[table["index"] == code]


@lru_cache(maxsize=32)
def _fingerprints_of_years(known: Catalog, kind: str, code: str, derived: bool) -> Mapping[Hashable, str]:
    table = _rows_of(known, kind, code, derived)
    if code != OPERATIONS:
        return {str(year): found for year, found in fingerprints(table, list(table["year"])).items()}
    years = {year + step for year in table["year"].unique() for step in (-1, 0)}
    parts = {int(year): table[in_the_year(table, int(year))] for year in years}
    return {f"{year}/{unit}": found for year, rows in parts.items() for unit, found in fingerprints(rows, list(rows["unit"])).items()}


def _year_of(kind: str) -> Callable[[Catalog, str, bool], str]:
    def of_year(known: Catalog, rest: str, derived: bool) -> str:
        code, _, year = rest.partition("/")
        if code != OPERATIONS:
            known.index(code)
        return _fingerprints_of_years(known, kind, code, derived).get(year, NO_ROWS)

    return of_year


def _years(known: Catalog, rest: str, derived: bool) -> str:
    code, _, until = rest.partition("/")
    tables, last = tables_of_slices(known, code, derived), int(until or catalog.LAST_YEAR)
    return hashed(repr([year for year in sorted({*tables.years, *tables.years_of_claims}) if year <= last]))


def _findings(known: Catalog, rest: str, derived: bool) -> str:
    code, _, which = rest.partition("/")
    tables = tables_of(known, code, on_its_pages(known.index(code)), derived)
    return hashed(*map(repr, tables.findings if which else tables.findings_about_it()))


def _press(known: Catalog, rest: str, derived: bool) -> str:
    code, unit, year = rest.split("/")
    return press_fingerprint(known, code, unit, int(year), derived)


def _scorecard(known: Catalog, rest: str, _derived: bool) -> str:
    code, unit, year = rest.split("/")
    return scorecard_fingerprint(known, code, unit, int(year))


def _editions(known: Catalog, code: str, _derived: bool) -> str:
    editions = known.editions_of({known.index(code).code}).values()
    return hashed(*(repr((one.code, one.title, one.received, one.licence, one.remote is not None)) for one in editions))


def _received(known: Catalog, code: str, _derived: bool) -> str:
    return hashed(newest_day(known, code))


def newest_day(known: Catalog, code: str) -> str:
    """The day on which the newest figures on an index's pages were received (ISO); "" where there are none."""
    return max((edition.received for edition in known.editions_of(on_its_pages(known.index(code))).values()), default="")


def _reference(known: Catalog, name: str, _derived: bool) -> str:
    if name in _REFERENCE:
        return hashed(_as_text(_REFERENCE[name](known)))
    index = known.index(name)
    methods = [known.frameworks.get(code) for code in dict.fromkeys(index.frameworks.values())]
    sources = [facts for _, facts in sorted(known.sources.items()) if not on_its_pages(index).isdisjoint(facts.get("indices", ()))]
    files = [(file.get("url"), file.get("edition")) for facts in sources for file in facts.get("files", ())]
    return hashed(repr(index), repr(methods), repr(files))


def _as_text(facts: Any) -> str:
    return json.dumps(facts, sort_keys=True, default=str)


def _sources(known: Catalog) -> dict[str, Any]:
    """What pages say of sources: not how their files are read, and not which files there are."""
    return {code: {name: fact for name, fact in facts.items() if name not in {"layout", "files"}} for code, facts in known.sources.items()}


_REFERENCE: Final[Mapping[str, Callable[[Catalog], Any]]] = {
    "indices": lambda known: sorted(known.indices),
    "tables": lambda known: [repr(known.units), _sources(known)],
    "tiles": lambda known: known.tiles,
    "indicators": lambda known: known.indicators,
}


def _unit(known: Catalog, rest: str, _derived: bool) -> str:
    on, _, name = rest.partition("/")
    return hashed(resolve_unit(name, on or None, root=known))


_KINDS: Final[Mapping[str, Callable[[Catalog, str, bool], str]]] = {
    "figures": _year_of("figures"),
    "claims": _year_of("claims"),
    "years": _years,
    "findings": _findings,
    "press": _press,
    "scorecard": _scorecard,
    NARRATIVE: lambda known, rest, _derived: narrative_fingerprint(known, rest),
    "editions": _editions,
    "received": _received,
    "reference": _reference,
    "unit": _unit,
    EVERYTHING: lambda known, _rest, _derived: known.data_hash(),
}

when_an_analyst_loads(lambda known: note(known, EVERYTHING))
