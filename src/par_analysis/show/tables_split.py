"""What a change across a change of method is made of: a table, and what it says."""

from __future__ import annotations

from typing import Final

import pandas as pd

from par_analysis.model import COUNTRY
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Row
from par_analysis.show.cells import by_measure, columns, moved
from par_analysis.show.language import N_, Words
from par_analysis.show.values import Shown, find, rich

PARTS: Final = {
    "performance_effect": N_("What it did on the parts that both methods have"),
    "reweighting_effect": N_("Parts that weigh more or less than before"),
    "coverage_effect": N_("Parts that came, less those that went"),
}


def table_method_split(split: pd.DataFrame, words: Words, *, unit: str, year: int, base: int) -> Display:
    """Across a change of method: the change of the share of the maximum of a unit, beside the mean of all, as performance, weights that moved, and parts that came and went.

    ``split``: figures of ``metrics.method_split``. Nothing where the methods are the same or not known in full.
    """
    units = by_measure(split, on="unit")
    if unit not in units or COUNTRY not in units:
        return blocks.nothing()
    shown, own, country = Shown(words), units[unit], units[COUNTRY]
    names = {**{measure: words.say(name) for measure, name in PARTS.items()}, "attainment_change": words.say("Change of the share of the maximum")}
    rows: list[Row] = []
    for measure, name in names.items():
        is_sum = measure == "attainment_change"
        rows.append({"cells": [{"text": name, "strong": is_sum}, moved(own[measure], shown), moved(country[measure], shown)], "highlight": is_sum})
    heading = columns(words, ("Percentage points", False), ("Province", True), ("Mean of {n} provinces", True))
    heading[1]["label"], heading[2]["label"] = words.unit(unit), heading[2]["label"].format(n=shown(country["n_common"]))
    reading = words.say(
        "The first row is the change on parts of the same name, taken to ask the same; errors of the scores are in it. "
        "The other two are what the new method did to the score, and are to be read together: a part that goes leaves its weight to others."
    )
    notes = [rich(reading)]
    shares = [find(split, measure="common_weight", year=when) for when in (base, year)]
    if all(shares):
        message = words.say("Of the points of {base}, {old} stand on parts that both methods have; of those of {year}, {new}.")
        notes.append(rich(message, base=str(base), old=shown(shares[0], decimals=1), year=str(year), new=shown(shares[1], decimals=1)))
    caption = words.say("{unit}: the change across the change of method, {base}–{year}").format(unit=words.unit(unit), base=base, year=year)
    return blocks.table(caption, heading, rows, notes=notes, numbers=shown.rows)
