"""The articles that are filed about a unit's year, each with what is known independently of it."""

from __future__ import annotations

from functools import lru_cache

from par_analysis.catalog import Catalog
from par_analysis.clean.evidence import filed_press, read_filed
from par_analysis.dataset.editions import on_its_pages
from par_analysis.dataset.panels import preferred, tables_of
from par_analysis.dataset.recording import hashed
from par_analysis.dataset.slices import NO_ROWS, fingerprint_of
from par_analysis.model import Article, Press, Statement


@lru_cache(maxsize=4)
def _filed(known: Catalog) -> tuple[tuple[Article, tuple[Statement, ...]], ...]:
    return read_filed(known)


def press_of(known: Catalog, index: str, unit: str, year: int, derived: bool) -> tuple[Press, ...]:
    """The articles about a unit's year in an index. Raises ``ParError`` for a filed article that cannot be read, and ``DataError``."""
    record = known.index(index)
    preference, _ = preferred(known, on_its_pages(record), derived)
    computed = tables_of(known, index, on_its_pages(record), derived).panel if record.is_summed else None
    return filed_press(known, preference.claims, index=index, unit=unit, year=year, computed=computed, filed=_filed(known))


def press_fingerprint(known: Catalog, index: str, unit: str, year: int, derived: bool) -> str:
    """The fingerprint of all that a page can show of the articles: their statements, the independent claims, and the records of the indices that they are about."""
    if not any((article.index, article.unit, article.year) == (index, unit, year) for article, _ in _filed(known)):
        return NO_ROWS
    return hashed(*(part for press in press_of(known, index, unit, year, derived) for part in _parts(press)))


def _parts(press: Press) -> tuple[str, ...]:
    about = sorted({statement.index for statement in press.statements})
    return repr(press.article), repr(press.statements), fingerprint_of(press.independent), repr([press.indices.get(code) for code in about])
