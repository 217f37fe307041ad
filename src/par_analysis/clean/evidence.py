"""What can be held against an article: the claims about the same figures that do not come from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from par_analysis.clean.names import Resolver
from par_analysis.clean.prefer import prefer
from par_analysis.clean.reading import CLAIMS, claims_table
from par_analysis.clean.statements import read_statements
from par_analysis.model import COUNTRY, TOTAL, Article, Framework, Index, Press, Statement, Unit

Filed = Sequence[tuple[Article, tuple[Statement, ...]]]
"""Articles with their statements."""

LISTED = "reference:provinces"
"""The source of how many provinces there are: the project's own list."""


class Shelf(Protocol):
    """What is asked of the catalogue."""

    @property
    def root(self) -> Path:
        """The project's folder."""

    @property
    def units(self) -> Mapping[str, Unit]:
        """Units by code."""

    @property
    def spellings(self) -> Sequence[tuple[str, str]]:
        """Unit code and spelling."""

    @property
    def indices(self) -> Mapping[str, Index]:
        """Indices by code."""

    @property
    def indicators(self) -> Mapping[str, Any]:
        """Labels of the operational indicators."""

    @property
    def trust_classes(self) -> Mapping[str, Any]:
        """Classes of trust, the most trusted first."""

    @property
    def corrections(self) -> Sequence[Mapping[str, Any]]:
        """Claims known to be slips."""

    def framework(self, index: str, year: int) -> Framework | None:
        """The method of a year."""

    def publisher(self, address: str) -> tuple[str, str]:
        """Who stands behind an address, and the class of trust."""


def read_article(known: Shelf, path: Path) -> tuple[Article, tuple[Statement, ...]]:
    """A file of statements, read with the project's own units, indices and indicators. Raises as ``read_statements``."""
    resolver = Resolver(list(known.units.values()), known.spellings)
    return read_statements(path, resolve=resolver.resolve, indices=known.indices, measures=list(known.indicators.get("measures", {})))


def read_filed(known: Shelf) -> tuple[tuple[Article, tuple[Statement, ...]], ...]:
    """The articles of ``data/claims`` with their statements. Raises as ``read_statements``."""
    return tuple(read_article(known, path) for path in sorted((known.root / "data" / "claims").glob("*.toml")))


def filed_press(known: Shelf, claims: pd.DataFrame, *, index: str, unit: str, year: int, computed: pd.DataFrame | None = None, filed: Filed | None = None) -> tuple[Press, ...]:
    """The articles that are ``filed`` (default: in ``data/claims``) about a unit's year in an index, each with what is known independently of it."""
    read = read_filed(known) if filed is None else filed
    return tuple(press(known, article, statements, claims, computed=computed) for article, statements in read if (article.index, article.unit, article.year) == (index, unit, year))


def press(known: Shelf, article: Article, statements: Sequence[Statement], claims: pd.DataFrame, *, computed: pd.DataFrame | None = None) -> Press:
    """The statements with the independent claims: the preferred ones are chosen anew among these. ``computed`` are figures of an index that sums its parts."""
    return Press(article, tuple(statements), independent(known, article, statements, claims, computed=computed), known.indices)


def independent(known: Shelf, article: Article, statements: Sequence[Statement], claims: pd.DataFrame, *, computed: pd.DataFrame | None = None) -> pd.DataFrame:
    """The claims that do not come from the article, about the units, indices and years of its statements, with the preferred ones marked; and who else holds a stated place.

    Left out: the article's own source, its copies at other addresses, and its own edition. Added: how many provinces there were, how many of them were ranked (where
    ranks are computed), and how many domains the methods of the years have.
    """
    own_sources = {article.source, *article.copies}
    wanted = {(one.index, year) for one in statements for year in _years(one)}
    pairs = [(index, year) in wanted for index, year in zip(claims["index"], claims["year"], strict=True)]
    own = claims["source"].isin(own_sources) | ((claims["edition"] == article.edition) & (article.edition != ""))
    others = claims.loc[pd.Series(pairs, index=claims.index, dtype=bool) & ~own, list(CLAIMS)]
    met = set(zip(others["index"], others["unit"], others["year"], others["measure"], others["source"], others["value"].round(9), strict=True))
    keys = ("index", "unit", "year", "measure", "source", "met")
    corrections = [record for record in known.corrections if tuple(record[key] for key in keys) in met]
    found = prefer(others, publisher=known.publisher, trust=list(known.trust_classes), corrections=corrections).claims
    units = {one.unit for one in statements} | {COUNTRY}
    places = {(one.index, one.year, one.period, one.node, one.value) for one in statements if one.measure == "rank" and one.comparison == "level"}
    keys_of_places = zip(*(found[name] for name in ("index", "year", "period", "node", "value")), strict=True)
    is_place = (found["measure"] == "rank") & pd.Series([key in places for key in keys_of_places], index=found.index, dtype=bool)
    tables = [found[found["unit"].isin(units) | is_place], _computed(known, computed, wanted, units, article), _reference(known, wanted, computed)]
    return pd.concat([table for table in tables if len(table)] or [found.iloc[:0]], ignore_index=True)


def _years(statement: Statement) -> list[int]:
    if statement.against is None:
        return [statement.year]
    if statement.comparison in {"best", "worst"}:
        return list(range(statement.against, statement.year + 1))
    return [statement.year, statement.against]


def _marked(claims: pd.DataFrame, publishers: Sequence[tuple[str, str]]) -> pd.DataFrame:
    names, trust = [name for name, _ in publishers], [trust for _, trust in publishers]
    return claims.assign(publisher=names, trust=trust, set_aside="", is_preferred=True)


def _computed(known: Shelf, computed: pd.DataFrame | None, wanted: set[tuple[str, int]], units: set[str], article: Article) -> pd.DataFrame:
    """Sums and ranks that this library computed from parts that others published."""
    if computed is None:
        return claims_table([])
    rows = [{str(name): value for name, value in row.items()} for row in computed[computed["basis"] == "computed"].to_dict("records")]
    own = {article.source, *article.copies, article.edition or None}
    rows = [row for row in rows if (row["index"], row["year"]) in wanted and row["unit"] in units and own.isdisjoint([*row["source"].split("; "), *row["edition"].split("; ")])]
    table = claims_table([{**row, "text": "", "file": "", "row": 0} for row in rows])
    return _marked(table, [known.publisher(str(row["source"]).split("; ")[0]) for row in rows])


def _reference(known: Shelf, wanted: set[tuple[str, int]], computed: pd.DataFrame | None) -> pd.DataFrame:
    """How many provinces there were, how many were ranked, and how many domains the method has, in every year asked for."""
    ranked = {} if computed is None else _ranked(computed)
    rows = []
    for code, year in sorted(wanted):
        if code not in known.indices:
            continue
        facts = {"index": code, "unit": COUNTRY, "year": year, "period": "", "node": TOTAL, "qualifier": "", "unit_of_measure": "count", "out_of": math.nan, "basis": "computed"}
        facts |= {"edition": "reference", "note": "", "text": "", "file": "", "row": 0}
        method = known.framework(code, year)
        rows.append({**facts, "measure": "n_units", "value": float(known.indices[code].count_of_units(year)), "source": LISTED})
        if (code, year) in ranked:
            rows.append({**facts, "measure": "n_ranked", "value": ranked[code, year][0], "source": ranked[code, year][1]})
        if method is not None and method.domains:
            rows.append({**facts, "measure": "n_domains", "value": float(len(method.domains)), "source": method.source})
    return _marked(claims_table(rows), [("", "")] * len(rows))


def _ranked(computed: pd.DataFrame) -> dict[tuple[str, int], tuple[float, str]]:
    """How many units were ranked and by whose figures, of indices whose ranks are computed."""
    ranks = computed[(computed["measure"] == "rank") & (computed["node"] == TOTAL) & (computed["basis"] == "computed") & computed["out_of"].notna()]
    columns = (ranks[name] for name in ("index", "year", "out_of", "source"))
    return {(str(index), int(year)): (float(out_of), str(source)) for index, year, out_of, source in zip(*columns, strict=True)}
