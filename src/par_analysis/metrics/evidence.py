"""What the statements of an article are judged by: independent figures, and what the article says itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from par_analysis.metrics.agreements import decimals_of
from par_analysis.metrics.figures import Row
from par_analysis.model import COUNTRY, FIGURES, KEY, TOTAL, Article, Press, Statement

Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Known:
    """A figure that is known: the row, its decimals, what other independent sources state instead, and whether it is independent of the article."""

    row: Row
    decimals: int
    others: tuple[Row, ...] = ()
    is_independent: bool = True

    @property
    def value(self) -> float:
        """The number."""
        return float(self.row["value"])

    @property
    def qualifier(self) -> str:
        """As in ``FIGURES``."""
        return str(self.row["qualifier"])


@dataclass(frozen=True)
class Evidence:
    """What the statements of one article are judged by."""

    press: Press
    known: Mapping[Key, Known]
    told: Mapping[Key, tuple[Statement, ...]]
    by_id: Mapping[str, Statement]

    def independent(self, key: Key) -> Known | None:
        """The figure that does not come from the article."""
        return self.known.get(key)

    def own(self, key: Key, beside: Statement | None = None) -> Known | None:
        """The figure that the article states itself, in another statement than ``beside``."""
        stated = [one for one in self.told.get(key, ()) if one is not beside]
        return Known(stated_figure(stated[0], self.press.article), stated[0].decimals, is_independent=False) if stated else None

    def any(self, key: Key) -> Known | None:
        """The independent figure, or else the article's own."""
        return self.independent(key) or self.own(key)

    def holders(self, statement: Statement) -> tuple[Known, ...]:
        """Who else is said to hold the place that a statement gives its unit."""
        if statement.measure != "rank":
            return ()
        index, unit, *rest = key_of(statement)
        met = [(key, one) for key, one in self.known.items() if key[0] == index and key[1] != unit and list(key[2:]) == rest]
        return tuple(replace(one, others=()) for _, one in sorted(met, key=lambda pair: str(pair[0][1])) if one.value == statement.value and not one.qualifier)

    def units(self, statement: Statement, year: int) -> float | None:
        """How many units the index ranked in a year; where that is not known, how many there are."""
        ranked, every = ((statement.index, COUNTRY, year, "", TOTAL, measure) for measure in ("n_ranked", "n_units"))
        known = self.independent(ranked) or self.any(every)
        return known.value if known else None


def evidence_of(press: Press) -> Evidence:
    """The evidence for an article's statements. A proposal that nobody has confirmed is none."""
    sure = [one for one in press.statements if not one.unsure]
    told: dict[Key, tuple[Statement, ...]] = {}
    for one in sure:
        if one.comparison == "level" and one.value is not None:
            told[key_of(one)] = (*told.get(key_of(one), ()), one)
    return Evidence(press, _known(press), told, {one.id: one for one in sure})


def _known(press: Press) -> dict[Key, Known]:
    """The preferred independent claim of every key, with the other values that were not set aside as errors."""
    groups: dict[Key, list[Row]] = {}
    for record in press.independent.to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        if not row.get("set_aside"):
            groups.setdefault(tuple(row[name] for name in KEY), []).append(row)
    found: dict[Key, Known] = {}
    for key, claims in groups.items():
        best = [row for row in claims if row.get("is_preferred", True)]
        if best:
            decimals = max(_decimals(row, press) for row in best)
            others = {float(row["value"]): _figure(row) for row in claims if not row.get("is_preferred", True)}
            found[key] = Known({**_figure(best[0]), "source": _joined(best, "source"), "edition": _joined(best, "edition")}, decimals, tuple(others.values()))
    return found


def _decimals(row: Row, press: Press) -> int:
    """Of a score without a text: at least as many as the index is given with."""
    text, index = str(row.get("text", "")), press.indices.get(str(row["index"]))
    shortest = decimals_of(float(row["value"]), text)
    return shortest if text or index is None or row["unit_of_measure"] != index.unit_of_measure else max(shortest, index.decimals)


def _figure(row: Mapping[str, Any]) -> Row:
    return {name: row[name] for name in FIGURES}


def _joined(rows: Iterable[Mapping[str, Any]], column: str) -> str:
    return "; ".join(dict.fromkeys(part for row in rows for part in str(row[column]).split("; ") if part))


def key_of(statement: Statement, *, year: int | None = None, measure: str = "", node: str = "") -> Key:
    """The key of the figure that a statement is about, or of the same in another year, measure or node."""
    return (statement.index, statement.unit, year or statement.year, statement.period, node or statement.node, measure or statement.measure)


_MEASURES: Final[Mapping[str, str]] = {"change": "{}_change", "best": "n_years", "worst": "n_years", "list": "n_{}s_listed", "share": "share_of_listed"}
_SCALES: Final[Mapping[str, str]] = {"best": "count", "worst": "count", "list": "count"}


def stated_figure(statement: Statement, article: Article) -> Row:
    """The number that a statement prints, as a figure; NaN where it prints none."""
    name = _MEASURES.get(statement.comparison, "{}").format(statement.counts or statement.measure)
    note = f"against {statement.against}" if statement.against is not None and statement.comparison == "change" else ""
    row = {"index": statement.index, "unit": statement.unit, "year": statement.year, "period": statement.period, "node": statement.node, "measure": name}
    row |= {"value": math.nan if statement.value is None else statement.value, "qualifier": statement.qualifier, "basis": "published", "note": note}
    row |= {"unit_of_measure": _SCALES.get(statement.comparison, statement.unit_of_measure), "out_of": math.nan if statement.out_of is None else statement.out_of}
    return row | {"source": article.source, "edition": article.edition}
