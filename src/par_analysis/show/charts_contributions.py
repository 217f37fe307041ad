"""The chart of what each part of the index adds to a change of the whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.cells import tone_of
from par_analysis.show.drawing import ACCENT, GRID, INK, MUTED, RULE, SMALL, WARM, WARM_FILL, WIDTH, Record, Sheet, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import Scale
from par_analysis.show.values import node_label, text_of

_NAMES: Final = 58.0
_LINE: Final = 3.7
_BAR: Final = 3.6
CHANGES: Final = ("score_change", "distance_change")
"""What contributions add up to."""
REST: Final = "contribution_rest"
_SHOWN: Final = 0.005
_LOOKS: Final = {"up": (ACCENT, ACCENT), "down": (WARM_FILL, WARM), "plain": (RULE, MUTED)}
"""Fill and edge of a bar that is displayed as a gain, a loss or nothing."""


def plot_contributions(contributions: pd.DataFrame, words: Words, *, unit: str, year: int, base: int, parent: str = "total") -> blocks.Display:
    """What each part adds to the change of the whole, as bars from zero to the right and to the left; what the known parts leave, and parts that the index did not have in one of
    the years, hatched; and the whole.

    ``contributions``: figures of ``metrics.contributions``; those of the children of ``parent`` are drawn, in the order given.
    """
    rows = bars_of(contributions, year=year, parent=parent)
    if not any(row["measure"] == "contribution" for row in rows):
        return no_change_of_parts(words, year=year, base=base)
    texts = [wrap(bar_name(row, words), _NAMES, size=SMALL, bold=row["measure"] in CHANGES) for row in rows]
    heights = [max(len(lines) * _LINE, 4.0) + (4.2 if row["measure"] in CHANGES else 2.0) for lines, row in zip(texts, rows, strict=True)]
    sheet = Sheet(sum(heights) + 1)
    across = _points(rows, words)
    sheet.strokes([[(across(0), 0.5), (across(0), sheet.height - 0.5)]], color=MUTED, width=0.8)
    top = 0.5
    for row, lines, height in zip(rows, texts, heights, strict=True):
        y = top + height / 2 + (1.1 if row["measure"] in CHANGES else 0)
        if row["measure"] in CHANGES:
            sheet.strokes([[(0, top + 0.8), (WIDTH, top + 0.8)]], color=GRID)
        sheet.lines(0, y, lines, size=SMALL, bold=row["measure"] in CHANGES, leading=_LINE)
        _bar(sheet, y, row, across, words)
        top += height
    caption = _caption(rows, words).format(unit=words.unit(unit), base=base, year=year)
    return blocks.figure(caption, _alt(rows, caption, words), sheet.svg(), numbers=numbers_of(rows, words))


def no_change_of_parts(words: Words, *, year: int, base: int) -> blocks.Display:
    """Nothing for an index without parts, else that no part is known in both years."""
    if not words.domain_names:
        return blocks.nothing()
    return blocks.absent(words.say("No part of the index has known scores in both {base} and {year}.").format(base=base, year=year))


def bars_of(contributions: pd.DataFrame, *, year: int, parent: str, children: Sequence[str] = ()) -> list[Record]:
    """The contributions to a parent, what they leave of its change, and its change. Without ``children`` those of the kind of node that comes first in the table."""
    rows = [row for row in records(contributions) if row["year"] == year]
    parts = [row for row in rows if row["measure"] == "contribution"]
    level = [row for row in parts if row["node"] in children or (not children and row["node"].partition(":")[0] == parts[0]["node"].partition(":")[0])]
    return level + [row for names in ((REST,), CHANGES) for row in rows if row["measure"] in names and row["node"] == parent and not _is_rounding(row)]


def _is_rounding(row: Record) -> bool:
    """Whether a rest is nothing but what rounding the parts leaves, and would be displayed as zero."""
    return row["measure"] == REST and abs(row["value"]) < _SHOWN and "not known in both years" not in row["note"]


def bar_name(row: Record, words: Words, *, numbered: bool = True) -> str:
    """How a row of contributions is called; a domain with its number where ``numbered``."""
    if row["measure"] == REST:
        return words.say("Rest: parts that are not known in both years") if "not known in both years" in row["note"] else words.say("Rest: the parts do not add up to the whole")
    if row["measure"] in CHANGES:
        return words.say("Change of the distance from the mean") if row["measure"] == "distance_change" else words.say("Change of the score")
    name, absent = node_label(row["node"], words) if numbered else words.node(row["node"]), year_without(row)
    return words.say("{part} (not in the index of {year})").format(part=name, year=absent) if absent else name


def year_without(row: Record) -> int | None:
    """The year in which the index did not have the part that a contribution is of.

    >>> year_without({"note": "against 2017; basis: distance; did not exist in 2017, where it counts with 0"}), year_without({"note": "against 2022"})
    (2017, None)
    """
    named = re.search(r"did not exist in (\d{4})", row["note"])
    return int(named.group(1)) if named else None


def _points(rows: Sequence[Record], words: Words) -> Scale:
    """Zero where both sides have room for their longest bar and its number."""
    least, most = min(0.0, *(row["value"] for row in rows)), max(0.0, *(row["value"] for row in rows))
    text = max(measure(text_of(row, words), bold=True) for row in rows) + 2.5
    left, right = _NAMES + 3 + (text if least else 1), WIDTH - (text if any(row["value"] >= 0 for row in rows) else 1)
    step = (right - left) / (most - least) if most > least else 1.0
    return Scale(0, 1, left - least * step, left - least * step + step)


def _bar(sheet: Sheet, y: float, row: Record, across: Scale, words: Words) -> None:
    gains = row["value"] >= 0
    tone = tone_of(text_of(row, words), row["value"])
    is_aside = row["measure"] == REST or year_without(row) is not None
    start, end = sorted((across(0), across(row["value"])))
    box = (start, y - _BAR / 2, max(end - start, 0.01), _BAR)
    if is_aside:
        sheet.hatches([box], color=MUTED)
    elif row["measure"] in CHANGES:
        sheet.boxes([box], fill=INK)
    else:
        fill, edge = _LOOKS[tone]
        sheet.boxes([box], fill=fill, edge=edge, width=0.8)
    label = INK if row["measure"] in CHANGES else MUTED if is_aside else _LOOKS[tone][1]
    sheet.text(end + 1.5 if gains else start - 1.5, y, text_of(row, words), bold=True, color=label, anchor="start" if gains else "end", halo=True)


def _caption(rows: Sequence[Record], words: Words) -> str:
    if any(row["measure"] == "distance_change" for row in rows) or any("basis: distance" in row["note"] for row in rows):
        return words.say("{unit}: what each part adds to the change of the distance from the national mean, {base}–{year} (points)")
    return words.say("{unit}: what each part adds to the change of the score, {base}–{year} (points)")


def _alt(rows: Sequence[Record], caption: str, words: Words) -> str:
    told = "; ".join(f"{bar_name(row, words)} {text_of(row, words)}" for row in rows)
    return f"{caption}: {told}."
