"""The domains of the index: a unit's rank in each, before and now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, GRID, INK, MUTED, PAPER, RULE, SMALL, WARM, WIDTH, Record, Sheet, base_of, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KeyItem, Scale, dot_item, draw_key
from par_analysis.show.values import amount_of, text_of

_NAMES: Final = 54.0
_LINE: Final = 3.7
_START: Final = _NAMES + 12
_BAR: Final = "#8fb3c1"
_BAR_LENGTH: Final = 22.0
_MEASURES: Final = ("rank", "rank_change", "share_of_max", "score")
Years = tuple[int, int]
"""The year before, the year itself."""


@dataclass
class _Domain:
    """What is known of a domain: its ranks by year, and of the last year its score and share of the maximum."""

    no: int
    ranks: dict[int, Record] = field(default_factory=dict)
    share: Record | None = None
    score: Record | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything is."""
        return bool(self.ranks or self.share or self.score)

    @property
    def drawn(self) -> list[Record]:
        """What the chart shows of it."""
        if self.ranks:
            return [self.ranks[year] for year in sorted(self.ranks)]
        return [row for row in (self.share or self.score,) if row]


def plot_domains(domain_table: pd.DataFrame, words: Words) -> blocks.Display:
    """A unit's rank in each domain before and now; of a domain without a rank, its share of the maximum or its points. A domain with nothing says so.

    ``domain_table``: figures of one unit on nodes ``domain:<no>`` with measures rank, rank_change, share_of_max, score, as of ``metrics.domain_table``. The rank before
    is that of the year that changes are measured against; where only the change was published, it follows from rank and change (basis "derived").
    """
    rows = [row for row in records(domain_table) if _is_numbered(row["node"]) and row["measure"] in _MEASURES]
    if not rows:
        return blocks.absent(words.say("No result of a domain was found.")) if words.domain_names else blocks.nothing()
    years = _years(rows)
    domains = _domains(rows, years, words)
    names = [wrap(f"{domain.no}. {_name(domain.no, words)}", _NAMES, size=SMALL) for domain in domains]
    tops = [7.0]
    for lines in names:
        tops.append(tops[-1] + max(len(lines) * _LINE, 4) + 2.6)
    places = max((int(row["out_of"]) for row in rows if row["measure"] == "rank" and row["out_of"] == row["out_of"]), default=63)
    sheet = Sheet(tops[-1] + (5 if any(domain.ranks for domain in domains) else 0))
    across = Scale(places, 1, _START, WIDTH - 8)
    if any(domain.ranks for domain in domains):
        _axis(sheet, across, places, tops[-1], words)
    draw_key(sheet, 2.4, [_key(domains, years, words)], left=_START - 1.5)
    for domain, lines, top, bottom in zip(domains, names, tops, tops[1:], strict=False):
        sheet.lines(0, (top + bottom) / 2, lines, size=SMALL, color=INK if domain.is_known else MUTED, leading=_LINE)
        _values(sheet, domain, (top + bottom) / 2, years, across=across, words=words)
    unit = words.unit(rows[0]["unit"])
    caption = words.say("{unit}: rank in each domain, {year}").format(unit=unit, year=years[1])
    return blocks.figure(caption, _alt(domains, years, unit, words), sheet.svg(), numbers=numbers_of((row for domain in domains for row in domain.drawn), words))


def _years(rows: Sequence[Record]) -> Years:
    now = max(int(row["year"]) for row in rows)
    earlier = [base_of(row) if row["measure"] == "rank_change" else int(row["year"]) for row in rows]
    return max((year for year in earlier if year < now), default=now - 1), now


def _domains(rows: Sequence[Record], years: Years, words: Words) -> list[_Domain]:
    base, now = years
    found = {no: _Domain(no) for no in sorted({*words.domain_names, *(_number(row) for row in rows)})}
    for row in rows:
        domain = found[_number(row)]
        if row["measure"] == "rank" and row["year"] in years:
            domain.ranks[int(row["year"])] = row
        elif row["measure"] == "share_of_max" and row["year"] == now:
            domain.share = row
        elif row["measure"] == "score" and row["year"] == now:
            domain.score = row
    for row in rows:
        ranks = found[_number(row)].ranks
        if row["measure"] == "rank_change" and row["year"] == now and base_of(row) == base and now in ranks and base not in ranks:
            ranks[base] = {**row, "measure": "rank", "year": base, "value": ranks[now]["value"] + row["value"], "basis": "derived"}
    for domain in found.values():
        if now not in domain.ranks and (domain.share or domain.score):
            domain.ranks.clear()  # what is known of the year itself comes before an old rank
    return list(found.values())


def _is_numbered(node: str) -> bool:
    """Whether a node is a domain that its source names for certain; a doubtful one is ``domain:?``."""
    return node.startswith("domain:") and node.removeprefix("domain:").isdigit()


def _number(row: Record) -> int:
    return int(row["node"].removeprefix("domain:"))


def _name(no: int, words: Words) -> str:
    return words.domain_names.get(no) or words.say("Domain {number}").format(number=no)


def _axis(sheet: Sheet, across: Scale, places: int, bottom: float, words: Words) -> None:
    marks = [1, *(mark for mark in range(20, places - 7, 20)), places]
    sheet.strokes([[(across(mark), 5.5), (across(mark), bottom)] for mark in marks], color=GRID)
    for mark in marks:
        sheet.text(across(mark), bottom + 2.6, words.number(mark), size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, bottom + 2.6, words.say("rank; further right is better"), size=SMALL, color=MUTED)


def _key(domains: Sequence[_Domain], years: Years, words: Words) -> list[KeyItem]:
    looks: tuple[dict[str, Any], ...] = ({"fill": PAPER, "edge": MUTED, "width": 1.1}, {"radius": 1.5})
    return [dot_item(words.say("rank in {year}").format(year=year), **look) for year, look in zip(years, looks, strict=True) if any(year in domain.ranks for domain in domains)]


def _values(sheet: Sheet, domain: _Domain, y: float, years: Years, *, across: Scale, words: Words) -> None:
    if domain.ranks:
        _dumbbell(sheet, [domain.ranks.get(year) for year in years], y, across, words)
    elif domain.share:
        sheet.boxes([(_START, y - 1.4, _BAR_LENGTH * min(domain.share["value"], 100) / 100, 2.8)], fill=_BAR)
        sheet.boxes([(_START, y - 1.4, _BAR_LENGTH, 2.8)], fill=None, edge=RULE)
        sheet.text(_START + _BAR_LENGTH + 2, y, words.say("{share} of the maximum").format(share=text_of(domain.share, words)), size=SMALL, halo=True)
    elif domain.score:
        sheet.text(_START + 2, y, amount_of(domain.score, words), size=SMALL, halo=True)
    else:
        sheet.text(_START + 2, y, words.say("not found"), size=SMALL, color=MUTED, halo=True)


def _dumbbell(sheet: Sheet, ranks: Sequence[Record | None], y: float, across: Scale, words: Words) -> None:
    """Rank before (hollow) and now (full), the numbers on the outer sides."""
    before, now = ranks
    worse = bool(before and now and now["value"] > before["value"])
    same = bool(before and now and now["value"] == before["value"])
    color = WARM if worse else ACCENT
    if before and not same:
        x = across(before["value"])
        sheet.text(x + (2.4 if worse else -2.4), y, text_of(before, words), color=MUTED, anchor="start" if worse else "end", halo=True)
        if now:
            sheet.strokes([[(x, y), (across(now["value"]), y)]], color=color, width=1.6)
        sheet.dots([(x, y)], fill=PAPER, edge=color if now else MUTED, width=1.1)
    if now:
        text = text_of(now, words) + (" =" if same else "")
        sheet.text(across(now["value"]) + (-2.6 if worse else 2.6), y, text, bold=True, color=color, anchor="end" if worse else "start", halo=True)
        sheet.dots([(across(now["value"]), y)], radius=1.5, fill=color)


def _moved(old: Record, new: Record, words: Words) -> str:
    if new["value"] == old["value"]:
        return words.say("{domain}: rank {new} in both years.")
    return words.say("{domain}: from rank {old} to {new}.") if new["value"] < old["value"] else words.say("{domain}: from rank {old} down to {new}.")


def _alt(domains: Sequence[_Domain], years: Years, unit: str, words: Words) -> str:
    base, now = years
    told = [words.say("{unit}, {year}, by domain.").format(unit=unit, year=now)]
    for domain in domains:
        name = _name(domain.no, words)
        if domain.ranks.keys() >= {base, now}:
            told.append(_moved(domain.ranks[base], domain.ranks[now], words).format(domain=name, old=text_of(domain.ranks[base], words), new=text_of(domain.ranks[now], words)))
        elif now in domain.ranks:
            told.append(words.say("{domain}: rank {new}.").format(domain=name, new=text_of(domain.ranks[now], words)))
        elif domain.share:
            told.append(words.say("{domain}: {share} of the maximum.").format(domain=name, share=text_of(domain.share, words)))
        elif domain.score:
            told.append(words.say("{domain}: {score}.").format(domain=name, score=amount_of(domain.score, words)))
    missing = [str(domain.no) for domain in domains if not domain.is_known]
    if missing:
        told.append(words.count("Nothing was found on domain {numbers}.", "Nothing was found on domains {numbers}.", len(missing)).format(numbers=", ".join(missing)))
    return " ".join(told)
