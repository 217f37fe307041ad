"""The table of a province beside the others of its region, part by part."""

from __future__ import annotations

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Row
from par_analysis.show.cells import DASH, by_measure, cell, columns, filled, known, moved
from par_analysis.show.language import Words
from par_analysis.show.values import Shown, find, node_label, rich


def table_peers(beside: pd.DataFrame, words: Words, *, unit: str, region: str, year: int) -> Display:
    """Part by part: the unit's score, the mean of the other provinces of its region, the difference, and how unusual that is among them. Nothing where too few are scored.

    ``beside``: figures of ``metrics.peer_gaps``.
    """
    nodes = by_measure(beside, on="node")
    if find(beside, measure="peer_mean", unit=unit) is None:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for node, of in nodes.items():
        z: Cell = cell(shown(of["peer_z"], signed=True, decimals=1)) if "peer_z" in of else cell(DASH, "muted")
        cells = [cell(shown(of["score"])), cell(shown(of["peer_mean"])), moved(of["gap_peers"], shown), z, known(of["n_peers"], shown, place=True)]
        rows.append({"cells": [cell(node_label(str(node), words)), *cells], "highlight": node == TOTAL})
    heading = columns(words, ("Part of the index", False), ("Score", True), ("Mean of the others", True), ("Difference", True), ("Deviations", True), ("Provinces", True))
    heading, rows = filled(heading, rows, keep=4)
    texts = [
        words.say("“Deviations”: the difference in standard deviations of the others. Among so few provinces it says how unusual a difference is, not whether chance made it."),
        words.say("The provinces of a region are no measure of like circumstances: the data have no figures of income or population by which to choose others."),
    ]
    caption = words.say("{unit} beside the other provinces of its region ({region}), {year}").format(unit=words.unit(unit), region=words.unit(region), year=year)
    return blocks.table(caption, heading, rows, notes=[rich(text) for text in texts], numbers=shown.rows)
