"""What the site tells of a report, read from the report itself: the cover of its page, the score and rank of its numbers, its sources."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import Tag

from par_analysis.deliver.finished import Report, Unsound
from par_analysis.model import TOTAL
from par_analysis.run.numbers import read
from par_analysis.run.plan import MANIFEST, NUMBERS

NEEDED = ("unit", "index", "year", "period", "node", "measure", "value", "qualifier", "shown", "basis", "source")
"""The columns of ``numbers.csv`` that are read."""


@dataclass(frozen=True)
class Span:
    """A run of text of a sentence."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Headline:
    """A key figure as the cover shows it; ``tone``: plain, up, down."""

    label: str
    value: str
    detail: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Cover:
    """The head of a report's page; empty where the report has no page."""

    kicker: str = ""
    title: str = ""
    subtitle: str = ""
    lead: tuple[tuple[Span, ...], ...] = ()
    headlines: tuple[Headline, ...] = ()


@dataclass(frozen=True)
class Amount:
    """A number as the report shows it, with its value for order and colour. ``is_published``: a source printed just this number."""

    text: str
    value: float
    is_published: bool = False


@dataclass(frozen=True)
class Facts:
    """What is told of a report. ``sources``: the most used first; ``parameters``: the settings that it was made with."""

    cover: Cover
    score: Amount | None
    rank: Amount | None
    sources: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)


def facts(report: Report) -> Facts:
    """What a report's files say. Raises ``Unsound`` where they are not those of its manifest, or cannot be read."""
    page = report.file("html")
    rows = _rows(report) if NUMBERS in report.files else []
    own = [row for row in rows if _is_own_total(row, report)]
    return Facts(
        cover=cover(_text(report, page)) if page else Cover(),
        score=_amount(own, "score"),
        rank=_amount(own, "rank"),
        sources=_sources(rows),
        parameters=_parameters(report),
    )


def _parameters(report: Report) -> Mapping[str, Any]:
    found = json.loads(report.read(MANIFEST)).get("parameters")
    return found if isinstance(found, dict) else {}


def _sources(rows: Sequence[dict[str, str]]) -> tuple[str, ...]:
    """All sources of numbers, the most used first."""
    counts: Counter[str] = Counter()
    for together, number in Counter(row["source"] for row in rows).items():
        counts.update({source: number for source in together.split("; ") if source})
    return tuple(source for source, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def cover(page: str) -> Cover:
    """The cover of a report's page.

    >>> cover('<header class="cover"><h1>Hanoi</h1><p class="lead">Ranked <strong>1/63</strong>.</p></header>').lead
    ((Span(text='Ranked ', strong=False), Span(text='1/63', strong=True), Span(text='.', strong=False)),)
    """
    start = page.find('<header class="cover">')
    end = page.find("</header>", start)
    if start < 0 or end < 0:
        return Cover()
    head = BeautifulSoup(page[start:end], "html.parser")
    return Cover(
        kicker=_said(head.find(class_="kicker")),
        title=_said(head.find("h1")),
        subtitle=_said(head.find(class_="subtitle")),
        lead=tuple(tuple(Span(part.get_text(), getattr(part, "name", None) == "strong") for part in lead.children) for lead in head.find_all(class_="lead")),
        headlines=tuple(_headline(block) for block in head.find_all("div") if block.find("dt")),
    )


def _headline(block: Tag) -> Headline:
    value = block.find(class_="value")
    arrow = value.find("span") if value else None
    tone = next((name for name in (arrow.get("class") or () if arrow else ()) if name in ("up", "down")), "plain")
    if arrow:
        arrow.decompose()
    return Headline(_said(block.find("dt")), _said(value), _said(block.find(class_="detail")), tone)


def _said(element: Any) -> str:
    return str(element.get_text()).strip() if element else ""


def _text(report: Report, name: str) -> str:
    try:
        return report.read(name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unsound(report.folder / name, "is not UTF-8") from error


def _rows(report: Report) -> list[dict[str, str]]:
    try:
        rows = read(report.read(NUMBERS))
    except ValueError as error:
        raise Unsound(report.folder / NUMBERS, str(error)) from error
    return [{name: "" if row[name] is None else str(row[name]) for name in NEEDED} for row in rows]


def _is_own_total(row: dict[str, str], report: Report) -> bool:
    said = (row["unit"], row["index"], row["year"], row["period"], row["node"])
    return said == (report.named("unit"), report.named("index"), str(report.year), "", TOTAL)


def _amount(own: Sequence[dict[str, str]], measure: str) -> Amount | None:
    """The first number of the measure: that of the cover."""
    row = next((row for row in own if row["measure"] == measure), None)
    try:
        value = float(row["value"]) if row else math.nan
    except ValueError:
        value = math.nan
    return Amount(row["shown"], value, row["basis"] == "published" and not row["qualifier"]) if row and math.isfinite(value) else None
