"""What all tables share: columns, cells, figures looked up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from par_analysis.show.blocks import Cell, Column, Row
from par_analysis.show.language import Words
from par_analysis.show.values import Figure, Shown, rows_of

Tone = Literal["plain", "up", "down", "muted"]
DASH = "–"


def columns(words: Words, *labels: tuple[str, bool]) -> list[Column]:
    """Columns from their labels (messages) and whether they hold numbers."""
    return [{"label": words.say(label), "numeric": numeric} for label, numeric in labels]


def cell(text: str, tone: Tone = "plain") -> Cell:
    """A cell with a text."""
    return {"text": text} if tone == "plain" else {"text": text, "tone": tone}


def unpublished(words: Words) -> Cell:
    """A cell that says so."""
    return cell(words.say("not found"), "muted")


def known(figure: Figure | None, shown: Shown, *, place: bool = False, absent: str = "unpublished") -> Cell:
    """A figure's cell (``place``: with its denominator); without one "not found" or, where ``absent`` is "dash", a dash."""
    if figure is None:
        return unpublished(shown.words) if absent == "unpublished" else cell(DASH, "muted")
    return cell(shown.place(figure) if place else shown(figure))


def moved(change: Figure | None, shown: Shown) -> Cell:
    """A change with its sign, so that colour is not alone; what is displayed as zero has neither."""
    if change is None or math.isnan(float(change["value"])):
        return cell(DASH, "muted")
    text = shown(change)
    return cell(text, tone_of(text, float(change["value"])))


def tone_of(text: str, value: float) -> Literal["plain", "up", "down"]:
    """The colour of a change that is displayed as ``text``: none where that is zero, whatever its sign.

    >>> tone_of("+0,01", 0.01), tone_of("0,00", -0.001)
    ('up', 'plain')
    """
    if not any(digit in text for digit in "123456789"):
        return "plain"
    return "up" if value > 0 else "down"


def points_of(figures: Mapping[str, Figure], shown: Shown) -> Cell:
    """The score out of its maximum, where that is known: 5.84 / 10."""
    score = figures.get("score")
    maximum = math.nan if score is None else float(score["out_of"])
    if math.isnan(maximum):
        return known(score, shown, absent="dash")
    return cell(f"{shown(score)} / {shown.words.maximum(maximum)}")


def filled(heading: list[Column], rows: list[Row], *, keep: int) -> tuple[list[Column], list[Row]]:
    """The table without the columns that hold nothing but dashes; the first ``keep`` always stay."""
    wanted = [i for i in range(len(heading)) if i < keep or any(row["cells"][i]["text"] != DASH for row in rows)]
    return [heading[i] for i in wanted], [{**row, "cells": [row["cells"][i] for i in wanted]} for row in rows]


def by_measure(figures: pd.DataFrame, *, on: str) -> dict[Any, dict[str, Figure]]:
    """Figures looked up by a column and the measure: ``by_measure(standing, on="unit")["30"]["score"]``."""
    table: dict[Any, dict[str, Figure]] = {}
    for row in rows_of(figures):
        table.setdefault(row[on], {}).setdefault(str(row["measure"]), row)
    return table
