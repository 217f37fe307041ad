"""The pages of the site: for every language a first page, a page a unit, a page an index's year, a page a report, and one on the country's reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from par_analysis.deliver.site_contradictions import contradictory
from par_analysis.deliver.site_entries import Desk, Entry
from par_analysis.deliver.site_facts import Amount
from par_analysis.deliver.site_gallery import Gallery, Subject
from par_analysis.deliver.site_map import Known, Map, tile_map
from par_analysis.model import LANGUAGES
from par_analysis.show.language import Words

TEMPLATES: Final = Path(__file__).parent / "templates" / "site"
NATIONAL_SHOWN: Final = 2
"""So many of the newest reports about the country stand on the first page."""


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


def pages(gallery: Gallery) -> Iterator[tuple[str, str]]:
    """(Place, text) of every page; those that lead to others come after them."""
    desks = [Desk(gallery, lang) for lang in LANGUAGES]
    for make in (_reports, _units, _years, _country, _homes):
        for desk in desks:
            yield from make(desk)


def _reports(desk: Desk) -> Iterator[tuple[str, str]]:
    for subject in desk.gallery.subjects:
        yield desk.page(subject), _render(desk, "report", lambda there, subject=subject: there.page(subject), **_report(desk, subject))  # type: ignore[misc]


def _units(desk: Desk) -> Iterator[tuple[str, str]]:
    listed = desk.gallery.ordered(list(desk.gallery.units), desk.lang)
    for place, unit in enumerate(listed):
        around = (listed[place - 1] if place else None), (listed[place + 1] if place + 1 < len(listed) else None)
        yield desk.unit_page(unit), _render(desk, "unit", lambda there, unit=unit: there.unit_page(unit), **_unit(desk, unit), around=around)  # type: ignore[misc]


def _years(desk: Desk) -> Iterator[tuple[str, str]]:
    for year, index in desk.gallery.years:
        yield desk.year_page(year, index), _render(desk, "year", lambda there, at=(year, index): there.year_page(*at), **_year(desk, year, index))  # type: ignore[misc]


def _country(desk: Desk) -> Iterator[tuple[str, str]]:
    groups = [(index, [desk.entry(subject) for subject in _newest(desk.gallery, desk.gallery.country) if subject.index == index]) for index in desk.gallery.indices]
    yield desk.country_page(), _render(desk, "country", Desk.country_page, groups=[group for group in groups if group[1]])


def _homes(desk: Desk) -> Iterator[tuple[str, str]]:
    yield desk.home(), _render(desk, "home", Desk.home, **_home(desk))


def _render(desk: Desk, template: str, same: Callable[[Desk], str], **facts: Any) -> str:
    """A page; ``same`` is its place in another language's pages."""
    here = same(desk)
    up = "../" * (len(PurePosixPath(here).parts) - 1)
    others = [(lang, same(Desk(desk.gallery, lang))) for lang in LANGUAGES if lang != desk.lang]
    page = _environment().get_template(f"{template}.html.j2")
    return page.render(desk=desk, gallery=desk.gallery, lang=desk.lang, say=desk.words.say, up=up, others=others, to=lambda place: up + quote(place), **facts).strip() + "\n"


def _newest(gallery: Gallery, subjects: Sequence[Subject]) -> list[Subject]:
    """The newest year first; reports about all years at the end."""
    return sorted(subjects, key=lambda subject: (-(subject.year or 0), subject.order, gallery.place_of_index(subject.index), subject.address))


# ---------------------------------------------------------------- what each page tells


def _report(desk: Desk, subject: Subject) -> dict[str, Any]:
    edition, gallery = subject.edition(desk.lang), desk.gallery
    shown, folded = desk.sources(edition)
    before, after = gallery.over_years(subject)
    beside = [other for other in gallery.units.get(subject.unit, gallery.country) if other is not subject and other.year == subject.year]
    return {
        "subject": subject,
        "entry": desk.entry(subject),
        "cover": edition.facts.cover,
        "name": gallery.name(subject.unit, desk.lang),
        "editions": [(lang, desk.downloads(other)) for lang, other in subject.editions.items() if other is not edition],
        "sources": shown,
        "more_sources": folded,
        "years": (before, after),
        "neighbours": (None, None) if subject.is_national else gallery.over_units(subject, desk.lang),
        "beside": sorted(beside, key=lambda other: (gallery.place_of_index(other.index), other.order)),
    }


def _unit(desk: Desk, unit: str) -> dict[str, Any]:
    gallery, subjects = desk.gallery, _newest(desk.gallery, desk.gallery.units[unit])
    record = gallery.known.units.get(unit)
    groups = []
    for index in gallery.indices:
        rows = _rows(desk, [subject for subject in subjects if subject.index == index], lambda subject: str(subject.year or ""))
        if rows:
            groups.append((index, rows, _course(rows)))
    return {
        "unit": unit,
        "name": gallery.name(unit, desk.lang),
        "region": gallery.name(record.region, desk.lang) if record and record.region else "",
        "reports": _reports_count(desk.words, len(subjects)),
        "groups": groups,
    }


def _year(desk: Desk, year: int, index: str) -> dict[str, Any]:
    gallery, subjects = desk.gallery, desk.gallery.years[year, index]
    rows = _marked(desk, _rows(desk, [subject for subject in subjects if not subject.is_national], lambda subject: subject.unit), index)
    years = sorted(other for other, of in gallery.years if of == index)
    place = years.index(year)
    return {
        "year": year,
        "index": index,
        "national": [desk.entry(subject) for subject in subjects if subject.is_national],
        "rows": sorted(rows, key=lambda row: _by_rank(desk, row.entry)),
        "map": _map(desk, year, index, desk.page) if rows else None,
        "around": ((years[place - 1] if place else None), (years[place + 1] if place + 1 < len(years) else None)),
        "beside": [of for other, of in gallery.years if other == year and of != index],
    }


def _by_rank(desk: Desk, entry: Entry) -> tuple[Any, ...]:
    facts = entry.subject.edition(desk.lang).facts
    name = desk.words.sort_key(desk.gallery.name(entry.subject.unit, desk.lang))
    return facts.rank.value if facts.rank else 1e9, -facts.score.value if facts.score else 0.0, name


def _home(desk: Desk) -> dict[str, Any]:
    gallery, words = desk.gallery, desk.words
    years = sorted({year for year, _ in gallery.years}, reverse=True)
    chosen = chosen_map(gallery)
    regions: dict[str, list[str]] = {}
    for unit in gallery.ordered(list(gallery.units), desk.lang):
        record = gallery.known.units.get(unit)
        regions.setdefault(record.region if record else "", []).append(unit)
    span = f"{years[-1]}–{years[0]}" if len(years) > 1 else "".join(map(str, years))
    units = words.count("{n} unit", "{n} units", len(gallery.units)).format(n=words.number(len(gallery.units)))
    return {
        "told": [_reports_count(words, len(gallery.subjects)), *([units] if gallery.units else []), *([span] if span else [])],
        "map": _map(desk, *chosen, lambda subject: desk.unit_page(subject.unit)) if chosen else None,
        "chosen": chosen,
        "years": years,
        "regions": sorted(regions.items(), key=lambda pair: (not pair[0], pair[0])),
        "national": [desk.entry(subject) for subject in _newest(gallery, [subject for subject in gallery.country if not subject.order[0]])[:NATIONAL_SHOWN]],
    }


def _reports_count(words: Words, count: int) -> str:
    return words.count("{n} report", "{n} reports", count).format(n=words.number(count))


# ---------------------------------------------------------------- parts of pages


@dataclass(frozen=True)
class Row:
    """A line of a list: its first entry, and the others about the same; whether its published score and rank contradict those of others in the list."""

    entry: Entry
    more: tuple[Entry, ...]
    is_contradictory: bool = False


def _rows(desk: Desk, subjects: Sequence[Subject], key: Callable[[Subject], str]) -> list[Row]:
    """A row for all subjects of a key, in the order of their first."""
    grouped: dict[str, list[Subject]] = {}
    for subject in subjects:
        grouped.setdefault(key(subject), []).append(subject)
    ordered = (sorted(group, key=lambda subject: subject.order) for group in grouped.values())
    return [Row(desk.entry(group[0]), tuple(map(desk.entry, group[1:]))) for group in ordered]


def _marked(desk: Desk, rows: Sequence[Row], index: str) -> list[Row]:
    known = desk.gallery.known.indices.get(index)
    found = contradictory([_published(desk, row.entry) for row in rows], higher_is_better=known.higher_is_better if known else True)
    return [replace(row, is_contradictory=one) for row, one in zip(rows, found, strict=True)]


def _published(desk: Desk, entry: Entry) -> tuple[float, float] | None:
    facts = entry.subject.edition(desk.lang).facts
    return (facts.score.value, facts.rank.value) if facts.score and facts.rank and facts.score.is_published and facts.rank.is_published else None


def chosen_map(gallery: Gallery) -> tuple[int, str] | None:
    """The year and index of the first page's map: the newest year in which half of the units have a report, else the one with the most."""
    counts = {at: len({subject.unit for subject in subjects if not subject.is_national}) for at, subjects in gallery.years.items()}
    return max((at for at in counts if counts[at]), key=lambda at: (counts[at] >= 17, at[0] if counts[at] >= 17 else 0, counts[at], at[0]), default=None)


def _map(desk: Desk, year: int, index: str, leads: Callable[[Subject], str]) -> Map:
    first: dict[str, Subject] = {}
    for subject in sorted(desk.gallery.years[year, index], key=lambda subject: subject.order):
        if not subject.is_national:
            first.setdefault(subject.unit, subject)
    of = {unit: subject.edition(desk.lang).facts for unit, subject in first.items()}
    return tile_map(desk.gallery.known, year, {unit: Known(leads(subject), of[unit].score, of[unit].rank) for unit, subject in first.items()}, desk.words)


@dataclass(frozen=True)
class Dot:
    """A year's rank on the line of a unit's ranks, in the units of the drawing; ``year`` is "" where there is no room to write it."""

    x: float
    y: float
    year: str
    rank: str
    told: str


WIDTH: Final = 380.0
HEIGHT: Final = 104.0
WRITTEN: Final = 8
"""Of more years than these every other one is written, the last one always."""


def _course(rows: Sequence[Row]) -> tuple[Sequence[Dot], Sequence[str]]:
    """The ranks of a unit over the years, first place on top: dots, and lines through those of successive years. Nothing for fewer than three."""
    ranks: dict[int, Amount] = {}
    for subject in (row.entry.subject for row in rows):
        rank = next(iter(subject.editions.values())).facts.rank
        if rank and subject.year:
            ranks[subject.year] = rank
    if len(ranks) < 3:
        return (), ()
    first, last, lowest = min(ranks), max(ranks), max(rank.value for rank in ranks.values())
    across, down = (WIDTH - 40) / (last - first), (HEIGHT - 54) / max(lowest - 1, 1)
    dots = {
        year: Dot(
            round(20 + (year - first) * across, 1),
            round(26 + (rank.value - 1) * down, 1),
            year=str(year) if last - first < WRITTEN or (last - year) % 2 == 0 else "",
            rank=rank.text.partition("/")[0],
            told=f"{year} {rank.text}",
        )
        for year, rank in sorted(ranks.items())
    }
    return tuple(dots.values()), [f"M{dots[one].x} {dots[one].y}L{dots[two].x} {dots[two].y}" for one, two in pairwise(dots) if two == one + 1]
