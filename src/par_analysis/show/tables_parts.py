"""Tables of the parts of an index: figures in, a captioned table out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from par_analysis.model import COUNTRY, TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Row
from par_analysis.show.cells import by_measure, cell, columns, filled, known, moved, points_of
from par_analysis.show.charts_contributions import CHANGES, bar_name, bars_of, no_change_of_parts, year_without
from par_analysis.show.charts_profile import Tree, no_parts
from par_analysis.show.drawing import Record
from par_analysis.show.language import Words
from par_analysis.show.sentences import cautions
from par_analysis.show.values import Figure, Shown, node_label, rich

INDENT = "\N{EM SPACE}"
"""Before the name of a part that belongs to the one above it."""


def table_profile(profile: pd.DataFrame, words: Words, *, year: int, tree: Tree | None = None) -> Display:
    """Part by part: score out of the maximum, rank, the country's mean, and the distance from it. With a ``tree`` the parts of a domain stand below it.

    ``profile``: figures of ``metrics.profile``.
    """
    nodes = by_measure(profile[profile["year"] == year], on="node")
    if not any("score" in of for of in nodes.values()):
        return no_parts(words, year=year)
    shown, below = Shown(words), _parents(tree or {}, nodes)
    rows: list[Row] = []
    for node in _in_order(nodes, tree or {}):
        of = nodes[node]
        mean = of.get("mean") or of.get("mean_computed")
        ranks = known(of.get("rank"), shown, place=True, absent="dash")
        rows.append({"cells": [_name(node, words, below), points_of(of, shown), ranks, known(mean, shown, absent="dash"), moved(of.get("gap_mean"), shown)]})
    heading = columns(words, ("Part of the index", False), ("Score", True), ("Rank", True), ("National mean", True), ("Against the mean", True))
    heading, rows = filled(heading, rows, keep=2)
    return blocks.table(words.say("Results part by part"), heading, rows, dense=len(rows) > 12, numbers=shown.rows)


def _parents(tree: Tree, nodes: Mapping[str, object]) -> dict[str, str]:
    """Part → the domain it belongs to, of those that are in the table."""
    return {child: parent for parent, children in tree.items() if parent != TOTAL and parent in nodes for child in children}


def _in_order(nodes: Mapping[str, object], tree: Tree) -> list[str]:
    """The nodes in the order given, the parts of a domain right below it."""
    below = _parents(tree, nodes)
    ordered: list[str] = []
    for node in nodes:
        if node not in below:
            ordered += [node, *(child for child in tree.get(node, ()) if child in nodes and below.get(child) == node)]
    return ordered


def _name(node: str, words: Words, below: Mapping[str, str]) -> Cell:
    if node in below:
        return cell(INDENT + node_label(node, words))
    return {"text": node_label(node, words), "strong": True} if node in below.values() else cell(node_label(node, words))


def table_contributions(contributions: pd.DataFrame, words: Words, *, year: int, base: int, tree: Tree | None = None, parent: str = TOTAL) -> Display:
    """The change of the whole; then what each part adds to it, with a domain's own parts below it where the table has them; then what they leave.

    ``contributions``: figures of ``metrics.contributions``, of one parent or of several in one table. ``tree``: node → the nodes that add up to it.
    """
    children = (tree or {}).get(parent, ())
    level = bars_of(contributions, year=year, parent=parent, children=children)
    if not any(row["measure"] == "contribution" for row in level):
        return no_change_of_parts(words, year=year, base=base)
    shown = Shown(words)
    rows: list[Row] = []
    for row in sorted(level, key=lambda row: row["measure"] not in CHANGES):  # the whole first, then what it is made up of
        own_children = (tree or {}).get(row["node"], ()) if row["measure"] == "contribution" else ()
        inner = [part for part in bars_of(contributions, year=year, parent=row["node"], children=own_children) if part["measure"] not in CHANGES] if own_children else []
        strong = bool(inner) or row["measure"] in CHANGES
        rows.append({"cells": [{"text": bar_name(row, words), "strong": strong}, _moved(row, shown, strong=strong)], "highlight": row["measure"] in CHANGES})
        rows += [{"cells": [cell(INDENT + bar_name(part, words)), _moved(part, shown)]} for part in inner]
    by_distance = any("basis: distance" in str(row["note"]) for row in level)
    heading = columns(words, ("Part of the index", False), ("Change of the distance from the mean since {base}", True)) if by_distance else _heading(words)
    heading[1]["label"] = heading[1]["label"].format(base=base)
    return blocks.table(words.say("What the change is made up of, in points"), heading, rows, dense=len(rows) > 12, numbers=shown.rows)


def _heading(words: Words) -> list[blocks.Column]:
    return columns(words, ("Part of the index", False), ("Change of the score since {base}", True))


def _moved(row: Record, shown: Shown, *, strong: bool = False) -> Cell:
    """A change; that of a part which the index did not have in one of the years is neither a gain nor a loss."""
    made = cell(shown(row)) if year_without(row) else moved(row, shown)
    return {**made, "strong": True} if strong else made


def table_strengths(strengths: pd.DataFrame, words: Words) -> Display:
    """The parts of the index on which the unit ranks best, and below them those on which it ranks worst, with rank, score and the country's mean.

    ``strengths``: figures of ``metrics.strengths``.
    """
    nodes, shown = by_measure(strengths, on="node"), Shown(words)
    rows: list[Row] = []
    for name, title in (("strength", words.say("Where the province ranks best")), ("weakness", words.say("Where the province ranks worst"))):
        ranked = _ranked(nodes, name, shown)
        rows += [{"cells": [{"text": title, "strong": True}, *[cell("")] * 3], "highlight": True}, *ranked] if ranked else []
    if not rows:
        return no_strengths(words)
    heading = columns(words, ("Part of the index", False), ("Rank", True), ("Score", True), ("National mean", True))
    return blocks.table(words.say("Strengths and weaknesses, by rank"), heading, rows, numbers=shown.rows)


def no_strengths(words: Words) -> Display:
    """Nothing for an index whose domains have no parts that are scored one by one."""
    return blocks.absent(words.say("No ranks on single parts of the index are known for this year.")) if words.node_names else blocks.nothing()


def _ranked(nodes: Mapping[str, Mapping[str, Figure]], name: str, shown: Shown) -> list[Row]:
    rows: list[Row] = []
    for node in sorted((node for node, of in nodes.items() if name in of), key=lambda node: float(nodes[node][name]["value"])):
        of = nodes[node]
        mean = of.get("mean") or of.get("mean_computed")
        rows.append({"cells": [cell(node_label(node, shown.words)), known(of.get("rank"), shown, place=True), points_of(of, shown), known(mean, shown, absent="dash")]})
    return rows


def table_domain_means(means: pd.DataFrame, words: Words, *, year: int, base: int, is_comparable: bool | None) -> Display:
    """Part by part the country's lowest score, mean and highest score with who has them, and how the mean moved where points of the two years compare.

    ``means``: figures of ``metrics.domain_means``.
    """
    figures = means[(means["year"] == year) & (means["unit"] == COUNTRY)]
    nodes = {node: of for node, of in by_measure(figures, on="node").items() if is_known_widely(of)}
    if not nodes:
        return too_few_known(means, words, year=year)
    shown, held = Shown(words), holders(means, year=year)
    rows: list[Row] = []
    for node, of in nodes.items():
        mean = of.get("mean") or of.get("mean_computed")
        change = moved(of.get("mean_change") if is_comparable is not False else None, shown)
        ends = [_held(of.get(f"{end}_computed"), held.get((node, end), ()), shown) for end in ("min", "max")]
        rows.append({"cells": [cell(node_label(node, words)), ends[0], known(mean, shown, absent="dash"), change, ends[1]]})
    heading = columns(words, ("Part of the index", False), ("Lowest", True), ("Mean", True), ("Since {base}", True), ("Highest", True))
    heading[3]["label"] = heading[3]["label"].format(base=base)
    heading, rows = filled(heading, rows, keep=2)
    matched = is_comparable is not False and any("scored in both years" in str(of["mean_change"]["note"]) for of in nodes.values() if "mean_change" in of)
    notes = [rich(words.say("The change is that of the mean of the provinces with scores of both years."))] if matched else []
    notes += cautions(words, year=year, base=base, is_comparable=is_comparable)
    return blocks.table(words.say("Lowest, mean and highest score of each part of the index"), heading, rows, notes=notes, numbers=shown.rows)


def is_known_widely(of: Mapping[str, Figure]) -> bool:
    """Whether the scores of at least half of the provinces are known on a part of the index: the ends of fewer say little of the country."""
    return "n_scored" in of and 2 * float(of["n_scored"]["value"]) >= float(of["n_scored"]["out_of"])


def too_few_known(means: pd.DataFrame, words: Words, *, year: int) -> Display:
    """Nothing for an index without parts; else that too few of their scores are known."""
    if means.empty:
        return no_parts(words, year=year)
    return blocks.absent(words.say("On every part of the index the scores of fewer than half of the provinces are known for {year}.").format(year=year))


def _held(figure: Figure | None, units: Sequence[str], shown: Shown) -> Cell:
    if figure is None or math.isnan(float(figure["value"])):
        return cell("–", "muted")
    names = ", ".join(shown.words.unit(unit) for unit in units)
    return cell(f"{shown(figure)} ({names})" if names else shown(figure))


def holders(means: pd.DataFrame, *, year: int) -> dict[tuple[str, str], list[str]]:
    """Part and end (min, max) → the units whose score it is."""
    scores = means[(means["year"] == year) & (means["measure"] == "score")]
    limits = means[(means["year"] == year) & means["measure"].isin(["min_computed", "max_computed"])]
    found: dict[tuple[str, str], list[str]] = {}
    for node, measure, value in zip(limits["node"], limits["measure"], limits["value"], strict=True):
        here = scores[(scores["node"] == node) & ((scores["value"] - value).abs() < 1e-9)]
        found[str(node), str(measure).partition("_")[0]] = sorted(here["unit"].astype(str))
    return found
