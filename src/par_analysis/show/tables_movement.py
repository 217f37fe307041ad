"""Tables of how a ranking moved: from quarter to quarter, and who keeps to the top."""

from __future__ import annotations

from typing import Final

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Row
from par_analysis.show.cells import DASH, by_measure, cell, columns, filled, known
from par_analysis.show.language import N_, Words
from par_analysis.show.sentences_movement import is_known_of_half
from par_analysis.show.values import Figure, Shown, find, rich

QUARTERS: Final = {"1": N_("Highest quarter"), "2": N_("Second quarter"), "3": N_("Third quarter"), "4": N_("Lowest quarter")}


def table_quarters(quarters: pd.DataFrame, words: Words, *, year: int, base: int) -> Display:
    """How the provinces of each quarter of a year's ranking spread over the quarters of the next, how many percent stayed, and how many stayed on average before.

    ``quarters``: figures of ``metrics.quarter_moves``.
    """
    count = find(quarters, measure="n_common")
    if count is None or not is_known_of_half(count):
        return blocks.nothing()
    shown, nodes = Shown(words), by_measure(quarters, on="node")
    rows: list[Row] = []
    for old, name in QUARTERS.items():
        of = nodes.get(f"quarter:{old}", {})
        moved: list[Cell] = [_moved(of.get(f"n_to_{new}"), shown, stayed=new == old) for new in QUARTERS]
        stays = [cell(shown(of[measure], decimals=0)) if measure in of else cell(DASH, "muted") for measure in ("stay_share", "stay_share_before")]
        rows.append({"cells": [cell(words.say(name)), *moved, *stays]})
    heading = columns(words, ("In {base}", False), ("Highest", True), ("Second", True), ("Third", True), ("Lowest", True), ("Stayed", True), ("Stayed before", True))
    heading[0]["label"] = heading[0]["label"].format(base=base)
    heading, rows = filled(heading, rows, keep=6)
    notes = [rich(words.say("Of the {n} provinces ranked in both years."), n=shown.place(count))]
    if any("stay_share_before" in of for of in nodes.values()):
        notes.append(rich(words.say("“Stayed before” is the same share over all earlier pairs of neighbouring years.")))
    caption = words.say("Quarters of the ranking: where the provinces of each quarter of {base} stood in {year}").format(base=base, year=year)
    return blocks.table(caption, heading, rows, notes=notes, numbers=shown.rows)


def _moved(figure: Figure | None, shown: Shown, *, stayed: bool) -> Cell:
    if figure is None or not float(figure["value"]):
        return cell(DASH, "muted")
    return {"text": shown(figure), "strong": stayed}


def table_top_places(top: pd.DataFrame, words: Words, *, year: int, count: int = 10) -> Display:
    """Who was in the top ten most often: in how many of the years with a known rank, how many in a row, and the best and the worst rank.

    ``top``: figures of ``metrics.top_places``.
    """
    units = by_measure(top, on="unit")
    if not units:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for unit in list(units)[:count]:
        of = units[unit]
        cells = [known(of["top_years"], shown, place=True), *(known(of[measure], shown) for measure in ("top_streak", "best_place", "worst_place"))]
        rows.append({"cells": [cell(words.unit(unit)), *cells]})
    heading = columns(words, ("Province", False), ("Years in the top ten", True), ("Most in a row", True), ("Best rank", True), ("Worst rank", True))
    known_years = {float(units[unit]["top_years"]["out_of"]) for unit in units}
    notes = [rich(words.say("Out of the years with a known rank, whatever the method; a year whose rank is not known ends a run. A list of fewer provinces is easier to lead."))]
    if 2 * min(known_years) < max(known_years):
        notes.append(rich(words.say("Where not all ranks are known, good ones are reported more often than bad ones.")))
    return blocks.table(words.say("Most often in the top ten, up to {year}").format(year=year), heading, rows, notes=notes, numbers=shown.rows)
