"""Tables of a scorecard: what was lost where, who is to win it back until when, what was claimed, and the way to a rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Row
from par_analysis.show.cells import DASH, by_measure, cell, columns, filled, known
from par_analysis.show.language import Words
from par_analysis.show.scorecard_cover import points_out_of
from par_analysis.show.tables_parts import INDENT
from par_analysis.show.values import Figure, Shown, node_label, rich

Tree = Mapping[str, Sequence[str]]
UNVERIFIED = "*"


def table_lost(lost: pd.DataFrame, words: Words, *, tree: Tree, owners: Mapping[str, str], deadlines: Mapping[str, str]) -> Display:
    """Domain by domain, the largest loss first, and below each the parts on which points were lost, with who is to win them back until when.

    ``lost``: figures of ``metrics.lost_points``. ``owners``, ``deadlines``: part → its owner, its day (ISO).
    """
    nodes = by_measure(lost, on="node")
    if TOTAL not in nodes:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for domain in _by_loss(tree.get(TOTAL, ()), nodes):
        parts = [leaf for leaf in _by_loss(_leaves(tree, domain), nodes) if leaf != domain and float(nodes[leaf]["points_lost"]["value"]) > 0]
        rows.append({"cells": _cells(domain, nodes[domain], shown, owners, deadlines, strong=domain in tree), "highlight": domain in tree})
        rows += [{"cells": _cells(leaf, nodes[leaf], shown, owners, deadlines)} for leaf in parts]
    heading = columns(words, ("Part of the index", False), ("Points", True), ("Lost", True), ("Owner", False), ("Deadline", False))
    heading, rows = filled(heading, rows, keep=3)
    is_marked = any(of["points"]["note"] == "self-scored" for of in nodes.values())
    notes = [rich(words.say("{mark} The province's own points, not verified yet."), mark=UNVERIFIED)] if is_marked else []
    return blocks.table(words.say("Points lost, the largest loss first"), heading, rows, notes=notes, dense=len(rows) > 12, numbers=shown.rows)


def _leaves(tree: Tree, node: str) -> list[str]:
    return [leaf for child in tree[node] for leaf in _leaves(tree, child)] if node in tree else [node]


def _by_loss(nodes: Sequence[str], of: Mapping[str, Mapping[str, Figure]]) -> list[str]:
    """The nodes with points, the largest loss first, equals in their order."""
    return sorted((node for node in nodes if node in of), key=lambda node: -round(float(of[node]["points_lost"]["value"]), 9))


def _cells(node: str, of: Mapping[str, Figure], shown: Shown, owners: Mapping[str, str], deadlines: Mapping[str, str], *, strong: bool = False) -> list[Cell]:
    words, name = shown.words, node_label(node, shown.words)
    mark = f" {UNVERIFIED}" if of["points"]["note"] == "self-scored" else ""
    points = points_out_of(of["points"], shown) + mark
    who, day = owners.get(node, ""), deadlines.get(node, "")
    head: Cell = {"text": name, "strong": True} if strong else cell(name if node.startswith("domain:") else INDENT + name)
    told = cell(who) if who else cell(DASH, "muted")
    return [head, cell(points), {"text": shown(of["points_lost"]), "strong": strong}, told, cell(words.date(day)) if day else cell(DASH, "muted")]


def table_lost_by(groups: pd.DataFrame, words: Words) -> Display:
    """What was lost by owner, the largest loss first, or by the month of the deadline, the earliest first; what nobody is named for stands last.

    ``groups``: figures of ``metrics.lost_points_by``.
    """
    nodes = by_measure(groups, on="node")
    if not nodes:
        return blocks.nothing()
    is_by_owner = next(iter(nodes)).startswith("owner:")
    if all(node.endswith(":") for node in nodes):
        return blocks.absent(words.say("No owner is named on the scorecard.") if is_by_owner else words.say("No deadline is set on the scorecard."))
    ordered = sorted(nodes, key=lambda node: (node.endswith(":"), -round(float(nodes[node]["points_lost"]["value"]), 9) if is_by_owner else 0))
    shown = Shown(words)
    rows: list[Row] = []
    for node in ordered:
        of = nodes[node]
        rows.append({"cells": [_group(node, words), cell(shown(of["n_lost"])), cell(shown(of["points_lost"]))]})
    heading = columns(words, ("Owner", False) if is_by_owner else ("Deadline", False), ("Parts with a loss", True), ("Points lost", True))
    caption = words.say("Points lost by owner") if is_by_owner else words.say("Points lost by the month of the deadline")
    return blocks.table(caption, heading, rows, numbers=shown.rows)


def _group(node: str, words: Words) -> Cell:
    kind, _, name = node.partition(":")
    if not name:
        return cell(words.say("no owner named") if kind == "owner" else words.say("no deadline set"), "muted")
    if kind == "owner":
        return cell(name)
    year, _, month = name.partition("-")
    return cell(words.say("{month}/{year}").format(month=int(month), year=year))


def table_self_scores(claimed: pd.DataFrame, words: Words) -> Display:
    """The parts on which the province gave itself other points than were verified, the largest over-claim first.

    ``claimed``: figures of ``metrics.self_scores``.
    """
    nodes = {node: of for node, of in by_measure(claimed, on="node").items() if node != TOTAL and abs(float(of["gap_self"]["value"])) > 1e-9}
    if not nodes:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for node in sorted(nodes, key=lambda node: -round(float(nodes[node]["gap_self"]["value"]), 9)):
        of = nodes[node]
        rows.append({"cells": [cell(node_label(node, words)), cell(shown(of["self_score"])), cell(shown(of["score"])), cell(shown(of["gap_self"]))]})
    heading = columns(words, ("Part of the index", False), ("Self-score", True), ("Verified", True), ("Difference", True))
    return blocks.table(words.say("Self-scores that were not verified in full"), heading, rows, dense=len(rows) > 12, numbers=shown.rows)


def table_regainable(regainable: pd.DataFrame, words: Words, *, tree: Tree) -> Display:
    """Domain by domain what can still be won and what is locked, where something is.

    ``regainable``: figures of ``metrics.regainable_points``.
    """
    nodes = by_measure(regainable, on="node")
    if TOTAL not in nodes or not float(nodes[TOTAL]["headroom_locked"]["value"]):
        return blocks.nothing()
    shown = Shown(words)
    domains = sorted((node for node in tree.get(TOTAL, ()) if node in nodes), key=lambda node: -round(float(nodes[node]["headroom_open"]["value"]), 9))
    rows: list[Row] = []
    for node in [*domains, TOTAL]:
        of, strong = nodes[node], node == TOTAL
        cells: list[Cell] = [{"text": shown(of[name]), "strong": strong} for name in ("headroom_open", "headroom_locked")]
        rows.append({"cells": [{"text": node_label(node, words), "strong": strong}, *cells], "highlight": strong})
    heading = columns(words, ("Part of the index", False), ("Can be regained", True), ("Locked", True))
    return blocks.table(words.say("Lost points that can be regained, and that cannot"), heading, rows, numbers=shown.rows)


def table_route(route: pd.DataFrame, words: Words, *, owners: Mapping[str, str], deadlines: Mapping[str, str]) -> Display:
    """The parts that bring the points, the largest gain first; then what the nearest better places take.

    ``route``: figures of ``metrics.rank_route``.
    """
    return _steps(route, words, owners, deadlines) + _places(route, words)


def _steps(route: pd.DataFrame, words: Words, owners: Mapping[str, str], deadlines: Mapping[str, str]) -> Display:
    gains = {node: of["route_gain"] for node, of in by_measure(route, on="node").items() if "route_gain" in of and node != TOTAL}
    if not gains:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for node in sorted(gains, key=lambda node: -round(float(gains[node]["value"]), 9)):
        day = deadlines.get(node, "")
        told = [cell(owners[node]) if owners.get(node) else cell(DASH, "muted"), cell(words.date(day)) if day else cell(DASH, "muted")]
        rows.append({"cells": [cell(node_label(node, words)), cell(shown(gains[node])), *told]})
    heading = columns(words, ("Part of the index", False), ("Gain", True), ("Owner", False), ("Deadline", False))
    heading, rows = filled(heading, rows, keep=2)
    return blocks.table(words.say("A route to the rank: parts to be raised to their maximum"), heading, rows, numbers=shown.rows)


def _places(route: pd.DataFrame, words: Words) -> Display:
    places = {node: of for node, of in by_measure(route, on="node").items() if node.startswith("rank:")}
    if not places:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for node in sorted(places, key=lambda node: -int(node.partition(":")[2])):
        of = places[node]
        cells = [cell(_need(of, shown)), known(of.get("n_criteria"), shown, absent="dash"), known(of.get("effort"), shown, absent="dash")]
        rows.append({"cells": [cell(node.partition(":")[2]), *cells]})
    heading = columns(words, ("Rank", False), ("Points needed", True), ("Parts to raise", True), ("Effort", True))
    heading, rows = filled(heading, rows, keep=3)
    dash = rich(words.say("A dash: out of reach by the parts that are not locked, or not known what is enough."))
    notes = [dash] if any("n_criteria" not in of for of in places.values()) else []
    return blocks.table(words.say("What better places took, the others as they were"), heading, rows, notes=notes, numbers=shown.rows)


def _need(of: Mapping[str, Figure], shown: Shown) -> str:
    """The points that a place takes, or what they lie between."""
    if "points_to_rank" in of:
        return shown(of["points_to_rank"])
    low = shown(of["points_to_rank_low"])
    return f"{low}–{shown(of['points_to_rank_high'])}" if "points_to_rank_high" in of else shown.words.say("at least {n}").format(n=low)
