"""Tables of what a target rank takes: figures in, a captioned table out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Row
from par_analysis.show.cells import DASH, by_measure, cell, columns, known, moved, points_of
from par_analysis.show.charts_ladder import rungs_of
from par_analysis.show.language import N_, Words
from par_analysis.show.sentences_targets import no_gaps
from par_analysis.show.tables_parts import INDENT
from par_analysis.show.values import Figure, Shown, find, node_label, rich

Tree = Mapping[str, Sequence[str]]
_REFERENCES: Final = {"leader": N_("Leader"), "median": N_("Median"), "region_best": N_("Best other of the region"), "target": N_("At the target rank")}
"""What the references of ``metrics.gap_table`` are called."""


def table_needs(needs: pd.DataFrame, words: Words, *, target: int, years: Sequence[int] = ()) -> Display:
    """The points to the target rank: the others as they are, moving on as before, or drawn from past changes.

    ``needs``: figures of ``metrics.target_needs``. ``years``: the years whose points compare, this one last. Nothing where no need is known or none
    is more than nothing, which ``say_needs`` says.
    """
    shown, rung = Shown(words), next((one for one in rungs_of(needs) if one.sign > 0), None)
    needed = needs[needs["measure"].str.startswith("points_to_rank")]
    if rung is None or not needed["value"].any():
        return blocks.nothing()
    of = {name: find(needs, measure=f"points_to_rank_{name}") for name in ("trend", "q05", "q25", "q50", "q75", "q95")}
    frozen = shown(rung.ends[0]) if rung.is_known else f"{shown(rung.ends[0])}–{shown(rung.ends[1])}"
    rows: list[Row] = [{"cells": [cell(words.say("stay where they are")), cell(frozen)]}]
    span = {"first": years[0], "last": years[-1]} if years else {}
    if of["trend"] is not None:
        rows.append({"cells": [cell(words.say("move on at their mean yearly change from {first} to {last}").format(**span)), cell(shown(of["trend"]))]})
    if of["q50"] is not None:
        rows.append({"cells": [cell(words.say("move as provinces did before: middle of the draws")), cell(shown(of["q50"]))]})
    for low, high, text in (("q25", "q75", words.say("the same: half of the draws")), ("q05", "q95", words.say("the same: nine draws in ten"))):
        if of[low] is not None and of[high] is not None:
            rows.append({"cells": [cell(text), cell(f"{shown(of[low])}–{shown(of[high])}")]})
    heading = columns(words, ("All other provinces …", False), ("Points needed", True))
    return blocks.table(words.say("Points needed for rank {rank} or a better one").format(rank=words.number(target)), heading, rows, numbers=shown.rows)


def table_gains(needs: pd.DataFrame, words: Words, *, target: int) -> Display:
    """Gain by gain, in how many of the draws it reaches the target rank.

    ``needs``: figures of ``metrics.target_needs``.
    """
    shown = Shown(words)
    nodes = {node: of for node, of in by_measure(needs, on="node").items() if "gain" in of and "reach_probability" in of}
    if len(nodes) < 2:
        return blocks.nothing()
    ordered = sorted(nodes.values(), key=lambda of: float(of["gain"]["value"]))
    rows: list[Row] = [{"cells": [cell(shown(of["gain"])), cell(shown(of["reach_probability"], decimals=0))]} for of in ordered]
    heading = columns(words, ("Own gain in points", True), ("Draws in which it is enough", True))
    caption = words.say("How often a gain leads to rank {rank} or a better one, if the others move as provinces did before")
    return blocks.table(caption.format(rank=words.number(target)), heading, rows, numbers=shown.rows)


def table_gaps(gaps: pd.DataFrame, words: Words, *, unit: str, tree: Tree) -> Display:
    """Part by part the unit's score and its distance from the references, the parts of a domain below it; every column adds up to its first row.

    ``gaps``: figures of ``metrics.gap_table``; ``tree``: node → the nodes that add up to it.
    """
    shown, nodes = Shown(words), by_measure(gaps[gaps["unit"] == unit], on="node")
    names = [name for name in _REFERENCES if f"gap_{name}" in nodes.get(TOTAL, {})]
    if not names:
        return no_gaps(gaps, words, unit=unit)
    rows: list[Row] = []
    for node in _ordered(nodes, tree):
        of, is_inner = nodes[node], node not in (TOTAL, *tree.get(TOTAL, ()))
        label = INDENT + node_label(node, words) if is_inner else node_label(node, words)
        heading_cell: Cell = {"text": label, "strong": not is_inner}
        rows.append({"cells": [heading_cell, points_of(of, shown), *(moved(of.get(f"gap_{name}"), shown) for name in names)], "highlight": node == TOTAL})
    heading = columns(words, ("Part of the index", False), ("Score", True))
    heading += [{"label": words.say(_REFERENCES[name]), "numeric": True} for name in names]
    notes = [rich("{name}: {who}.", name=words.say(_REFERENCES[name]), who=_who(gaps, name, shown)) for name in names]
    notes.append(rich(words.say("Differences are the province's score minus that of the reference.")))
    return blocks.table(words.say("The score part by part against others, in points"), heading, rows, notes=notes, dense=len(rows) > 12, numbers=shown.rows)


def _ordered(nodes: Mapping[str, object], tree: Tree) -> list[str]:
    """The total, then every domain with its parts."""
    wanted = [TOTAL, *(child for node in tree.get(TOTAL, ()) for child in (node, *tree.get(node, ())))]
    return [node for node in wanted if node in nodes]


def _who(gaps: pd.DataFrame, name: str, shown: Shown) -> str:
    """The units that a reference is made of, with their scores."""
    rows = gaps[gaps["measure"] == f"reference_{name}"]
    found = [{str(column): value for column, value in row.items()} for row in rows.to_dict("records")]
    return ", ".join(f"{shown.words.unit(str(row['unit']))} ({shown(row)})" for row in found)


def table_cheapest_way(route: pd.DataFrame, words: Words, *, target: int) -> Display:
    """The parts that the cheapest way to the target rank raises: from which score to which, and what that costs by the others' share of the maximum.

    ``route``: figures of ``metrics.route_plan``; ``say_cheapest_way`` says why there may be none. The parts' present scores are ``route_to`` minus ``route_gain``.
    """
    shown, nodes = Shown(words), by_measure(route, on="node")
    raised = [node for node, of in nodes.items() if node != TOTAL and "route_gain" in of]
    if not raised:
        return blocks.nothing()
    rows: list[Row] = []
    for node in sorted(raised, key=lambda node: -float(nodes[node]["route_gain"]["value"])):
        of = nodes[node]
        now: Figure = {**of["route_to"], "measure": "score", "value": float(of["route_to"]["value"]) - float(of["route_gain"]["value"])}
        scores = [points_of({"score": now}, shown), known(of["route_to"], shown), cell(shown(of["route_gain"], signed=True))]
        rows.append({"cells": [cell(node_label(node, words)), *scores, cell(shown(of["attainment"], decimals=0)), cell(shown(of["route_cost"]))]})
    rows.append({"cells": _together(nodes[TOTAL], shown), "highlight": True})
    heading = columns(words, ("Part of the index", False), ("Score", True), ("Raise to", True), ("Gain", True), ("Share of the maximum that others have", True), ("Cost", True))
    caption = words.say("The cheapest way to rank {rank}, the others as they are").format(rank=words.number(target))
    return blocks.table(caption, heading, rows, numbers=shown.rows)


def _together(whole: Mapping[str, Figure], shown: Shown) -> list[Cell]:
    """The last row: gain and cost of all parts."""
    name: Cell = {"text": shown.words.say("Together"), "strong": True}
    none = cell(DASH, "muted")
    return [name, none, none, cell(shown(whole["route_gain"], signed=True)), none, cell(shown(whole["route_cost"]))]


def table_least_costs(route: pd.DataFrame, words: Words) -> Display:
    """What places and what gains cost at least.

    ``route``: figures of ``metrics.route_plan``. Nothing where there are none, which ``say_cheapest_way`` explains.
    """
    nodes = by_measure(route, on="node")
    places, gains = ([of for of in nodes.values() if name in of and "least_cost" in of] for name in ("place", "gain"))
    if not places:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for of in sorted(places, key=lambda of: -float(of["place"]["value"])):
        cells = [shown.place(of["place"]), shown(of.get("points_to_rank")), shown(of["least_cost"]), shown(of["cost_per_place"])]
        rows.append({"cells": list(map(cell, cells))})
    heading = columns(words, ("Rank", True), ("Points needed", True), ("Least cost", True), ("For each place gained", True))
    table = blocks.table(words.say("What ranks cost at least, the others as they are"), heading, rows, numbers=shown.rows)
    return table + _gains(gains, words) if gains else table


def _gains(gains: Sequence[Mapping[str, Figure]], words: Words) -> Display:
    shown = Shown(words)
    ordered = sorted(gains, key=lambda of: float(of["gain"]["value"]))
    rows: list[Row] = [{"cells": [cell(shown(of["gain"])), cell(shown(of["least_cost"]))]} for of in ordered]
    heading = columns(words, ("Gain in points", True), ("Least cost", True))
    return blocks.table(words.say("What gains cost at least"), heading, rows, numbers=shown.rows)
