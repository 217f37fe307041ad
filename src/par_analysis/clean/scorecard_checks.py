"""What is odd about a scorecard as a whole: what it hides or has too much of, and sums that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from par_analysis.clean.checks import ROUNDING
from par_analysis.clean.scorecard_lines import Card, Line
from par_analysis.clean.sheets import letters

_MEASURES: Final = {"maximum": "maxima", "self_score": "self-scores", "score": "verified points", "survey_score": "points from surveys"}


def children_of(codes: Sequence[str]) -> dict[str, list[str]]:
    """Code → the codes right below it; the domains, whether they have a row or not, are below "".

    >>> children_of(["1", "1.1", "1.1.1", "1.1.2", "2.1.1"])
    {'': ['1', '2'], '1': ['1.1'], '1.1': ['1.1.1', '1.1.2'], '2': ['2.1.1']}
    """
    known = {*codes, *(code.partition(".")[0] for code in codes)}
    ordered = list(dict.fromkeys(part for code in codes for part in (code.partition(".")[0], code)))
    found: dict[str, list[str]] = {"": []}
    for code in ordered:
        found.setdefault(_parent(code, known), []).append(code)
    return found


def _parent(code: str, known: set[str]) -> str:
    above = code.rpartition(".")[0]
    while above and above not in known:
        above = above.rpartition(".")[0]
    return above


def check_sums(card: Card, lines: Sequence[Line], *, high: float | None) -> None:
    """Warn of parts that do not add up to their whole, and of maxima that are not the index's all together. ``high``: the end of its scale, where it is known."""
    by_code = {line.code: line for line in lines}
    below = children_of([line.code for line in lines])
    for name, words in _MEASURES.items():
        for code, children in below.items():
            parts = [by_code[child].numbers.get(name) for child in children if child in by_code]
            known = [part for part in parts if part is not None]
            whole = by_code[code].numbers.get(name) if code in by_code else None
            if whole is not None and len(known) == len(children) and abs(whole - sum(known)) > ROUNDING:
                met = f"{whole:g}, where the rows below it have {sum(known):g}"
                card.find("warning", "parts against total", by_code[code].row, met, f"the sum of the {words} of {', '.join(children[:4])}", at=card.at(by_code[code].row, name))
    total = sum(_maximum(code, by_code, below) for code in below[""])
    if lines and high is not None and abs(total - high) > ROUNDING:
        column = f"{card.sheet}!{letters(card.columns['maximum'])}"
        card.find("warning", "sum of maxima", 0, f"{total:g}", f"{high:g}, the maxima of all domains together", "is a row missing, or there twice?", at=column)


def _maximum(code: str, by_code: Mapping[str, Line], below: Mapping[str, list[str]]) -> float:
    """A row's maximum, or those of the rows below it."""
    own = by_code[code].numbers.get("maximum") if code in by_code else None
    return own if own is not None else sum(_maximum(child, by_code, below) for child in below.get(code, ()))


def check_sheet(card: Card, lines: Sequence[Line]) -> None:
    """Say what is hidden, merged or not known."""
    rows = [line.row for line in lines]
    hidden = [row for row in rows if row in card.grid.hidden_rows]
    if hidden:
        listed = ", ".join(map(str, hidden[:12])) + (" …" if len(hidden) > 12 else "")
        card.find("warning", "hidden rows", hidden[0], listed, "rows that can be seen", "they were read like the others", at=card.sheet)
    places = {*card.columns.values()}
    for place in sorted(places & card.grid.hidden_columns):
        card.find("warning", "hidden column", card.heading.first, letters(place), "columns that can be seen", "it was read like the others", at=f"{card.sheet}!{letters(place)}")
    for top, bottom, left, right in card.grid.merged:
        touched = sum(top <= row <= bottom for row in rows) * sum(left <= place <= right for place in places)
        if touched > 1:
            met, at = f"{letters(left)}{top}:{letters(right)}{bottom}", f"{card.sheet}!{letters(left)}{top}"
            card.find("warning", "merged cells", top, met, "a cell for every figure", "only the first of them holds something", at=at)
    for place in sorted({place for row in rows for place in card.grid.rows[row]} - places):
        met = " | ".join(sorted(card.heading.words.get(place, ()))) or "a column without a heading"
        card.find("note", "extra column", card.heading.first, met, "the columns that par scorecard new writes", "it was not read", at=f"{card.sheet}!{letters(place)}")
