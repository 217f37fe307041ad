"""The table of who moved furthest beyond what its start led to expect."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Row
from par_analysis.show.cells import DASH, by_measure, cell, columns, filled, moved
from par_analysis.show.drawing import is_province
from par_analysis.show.language import Words
from par_analysis.show.sentences_breakthroughs import no_breakthroughs
from par_analysis.show.values import Figure, Shown, rich

Moves = dict[str, Mapping[str, Figure]]


def furthest(moves: pd.DataFrame, *, least: int = 6) -> Moves:
    """Unit → its figures, of all movers and of as many others with the largest deviations as make ``least``; from the furthest up to the furthest down."""
    units = {unit: of for unit, of in by_measure(moves, on="unit").items() if is_province(unit) and "unexpected_change" in of}
    ranked = sorted(units, key=lambda unit: ("mover_z" not in units[unit], -abs(deviation(units[unit])), unit))
    chosen = ranked[: max(least, sum("mover_z" in of for of in units.values()))]
    return {unit: units[unit] for unit in sorted(chosen, key=lambda unit: (-deviation(units[unit]), unit))}


def deviation(of: Mapping[str, Figure]) -> float:
    """How many deviations a unit lies from what was expected; positive is better."""
    return float((of.get("mover_z") or of["move_z"])["value"])


def table_breakthroughs(moves: pd.DataFrame, words: Words, *, year: int, base: int, is_comparable: bool | None) -> Display:
    """Change, expected change, what lies beyond it, and whether that is a breakthrough, of those who moved furthest.

    ``moves``: figures of ``metrics.breakthrough_moves``.
    """
    absent = no_breakthroughs(moves, words, year=year, base=base, is_comparable=is_comparable)
    if absent is not None:
        return absent
    shown = Shown(words)
    rows: list[Row] = []
    for unit, of in furthest(moves).items():
        z = of.get("mover_z") or of["move_z"]
        name = {True: words.say("breakthrough"), False: words.say("setback")}[float(z["value"]) > 0] if "mover_z" in of else DASH
        changes = [moved(of[measure], shown) for measure in ("score_change", "expected_change", "unexpected_change")]
        rows.append({"cells": [cell(words.unit(unit)), *changes, cell(shown(z, signed=True)), cell(name, "plain" if "mover_z" in of else "muted")], "highlight": "mover_z" in of})
    heading = columns(words, ("Province", False), ("Change of the score", True), ("Expected of its start", True), ("Difference", True), ("Deviations", True), ("Called", False))
    heading, rows = filled(heading, rows, keep=5)
    notes = [rich(words.say("One deviation is the typical distance (the median distance, made comparable with a standard deviation)."))]
    return blocks.table(words.say("Furthest from what their start led to expect, {base}–{year}").format(base=base, year=year), heading, rows, notes=notes, numbers=shown.rows)
