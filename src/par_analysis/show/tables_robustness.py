"""Tables of how sure ranks are and of what decides them: figures in, a captioned table out."""

from __future__ import annotations

import pandas as pd

from par_analysis.model import COUNTRY, TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Column, Display, Row
from par_analysis.show.cells import DASH, by_measure, cell, columns, filled, known
from par_analysis.show.language import Words
from par_analysis.show.values import Figure, Shown, find, node_label, rich, text_of

Measures = dict[str, Figure]


def of_units(figures: pd.DataFrame) -> dict[str, Measures]:
    """Unit → its figures on the total by measure, in the order given."""
    rows = figures[(figures["node"] == TOTAL) & figures["unit"].str.fullmatch(r"\d\d(-\d{4})?")]
    return by_measure(rows, on="unit")


def of_country(figures: pd.DataFrame) -> Measures:
    """The country's figures on the total by measure."""
    return by_measure(figures[(figures["node"] == TOTAL) & (figures["unit"] == COUNTRY)], on="unit").get(COUNTRY, {})


def of_parts(figures: pd.DataFrame) -> dict[str, Measures]:
    """Part of the index → the country's figures on it by measure, in the order given."""
    return by_measure(figures[(figures["node"] != TOTAL) & (figures["unit"] == COUNTRY)], on="node")


def interval_cell(of: Measures, shown: Shown, suffix: str = "") -> Cell:
    """An interval of ranks: 2–5, or 8 where it is a single place; a dash where there is none."""
    low, high = of.get(f"rank_low{suffix}"), of.get(f"rank_high{suffix}")
    if low is None or high is None:
        return cell(DASH, "muted")
    first, last = shown(low), shown(high)
    return cell(first if first == last else f"{first}–{last}")


def share_cell(figure: Figure | None, shown: Shown) -> Cell:
    """A share of draws in whole percent."""
    return cell(DASH, "muted") if figure is None else cell(shown(figure, decimals=0))


def table_rank_intervals(intervals: pd.DataFrame, methods: pd.DataFrame, words: Words) -> Display:
    """Unit by unit: rank, group, interval when the weights vary and when the way to add up varies, too, and the shares of draws near its rank and at the top.

    ``intervals``: figures of ``metrics.rank_intervals``; ``methods``: of ``metrics.ranks_by_method``.
    """
    units = {unit: of for unit, of in of_units(intervals).items() if "rank_low" in of}
    if not units:
        return blocks.nothing()
    shown, varied, settings = Shown(words), of_units(methods), of_country(intervals)
    rows: list[Row] = []
    for unit, of in units.items():
        spans = [interval_cell(of, shown), interval_cell(varied.get(unit, {}), shown, "_with_method")]
        shares = [share_cell(of.get(name), shown) for name in ("share_within", "share_top")]
        rows.append({"cells": [cell(words.unit(unit)), cell(shown(of["rank"])), known(of.get("tie_group"), shown, absent="dash"), *spans, *shares]})
    heading, rows = filled(_interval_heading(settings, words), rows, keep=4)
    notes = [words.say("Shares are rounded to whole percent; even 0% and 100% do not say never or always.")]
    if varied:
        notes.append(words.say("The second interval need not hold the first: in two of three draws the index is added up in a way that puts uneven parts at a disadvantage."))
    return blocks.table(words.say("How sure each rank is"), heading, rows, notes=[rich(note) for note in notes], dense=True, numbers=shown.rows)


def _interval_heading(settings: Measures, words: Words) -> list[Column]:
    heading = columns(
        words,
        ("Province", False),
        ("Rank", True),
        ("Group", True),
        ("Interval: weights", True),
        ("Interval: weights and way to add up", True),
        ("Within {n} places", True),
        ("Among the first {n}", True),
    )
    for column, name in ((heading[5], "within_places"), (heading[6], "top_places")):
        column["label"] = column["label"].format(n=text_of(settings[name], words))
    return heading


def table_tie_groups(intervals: pd.DataFrame, words: Words) -> Display:
    """Group by group: who leads it, the places of its members, the worst place of the first, and who belongs to it.

    ``intervals``: figures of ``metrics.rank_intervals``.
    """
    groups: dict[float, list[tuple[str, Measures]]] = {}
    for unit, of in of_units(intervals).items():
        if "tie_group" in of:
            groups.setdefault(float(of["tie_group"]["value"]), []).append((unit, of))
    if not groups:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for _, members in sorted(groups.items(), key=lambda group: group[0]):
        leader, ranks = members[0], sorted((of["rank"] for _, of in members), key=lambda rank: float(rank["value"]))
        first, last = shown(ranks[0]), shown(ranks[-1])
        names = "; ".join(words.unit(unit) for unit, _ in members)
        places = cell(first if first == last else f"{first}–{last}")
        rows.append({"cells": [cell(shown(leader[1]["tie_group"])), places, cell(shown(leader[1]["rank_high"])), cell(names)]})
    heading = columns(words, ("Group", False), ("Ranks", True), ("Worst rank of the first", True), ("Provinces, by rank", False))
    return blocks.table(words.say("Groups of provinces that cannot be told apart from the first of the group"), heading, rows, numbers=shown.rows)


def table_influence(influence: pd.DataFrame, words: Words) -> Display:
    """Part by part: weight, importance with its interval, share of the variance, and how far ranks move without it, with the unit that moves most.

    ``influence``: figures of ``metrics.part_influence``.
    """
    parts = of_parts(influence)
    if not parts:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for node, of in parts.items():
        percents = [cell(shown(of[name], decimals=1)) for name in ("weight", "variance_share")]
        ends = "–".join(shown(of[name], decimals=0).removesuffix("%") for name in ("importance_low", "importance_high"))
        told = cell(f"{shown(of['importance'], decimals=1)} ({ends})")
        rows.append({"cells": [cell(node_label(node, words)), percents[0], told, percents[1], cell(shown(of["mean_shift_without"])), _most_moved(influence, node, shown)]})
    heading = columns(words, ("Domain", False), ("Weight", True), ("Importance (interval)", True), ("Variance", True), ("Places", True), ("Moves most", False))
    notes = [
        words.say("Importance: how much the part alone tells of the total, shared out over all parts; the interval holds it in most samples of the provinces drawn anew."),
        words.say("Variance: the part's share of the differences between the totals. Places: by how many ranks move on average without the part; beside it, who moves most."),
    ]
    return blocks.table(words.say("What each part of the index weighs and decides"), heading, rows, notes=[rich(note) for note in notes], numbers=shown.rows)


def _most_moved(influence: pd.DataFrame, node: str, shown: Shown) -> Cell:
    """The unit that moves most without a part, from its rank to the one it would have."""
    after = find(influence, node=node, measure="rank_without")
    before = None if after is None else find(influence, node=node, measure="rank_arithmetic", unit=after["unit"])
    return cell(DASH, "muted") if after is None or before is None else cell(f"{shown.words.unit(str(after['unit']))}: {shown(before)} → {shown(after)}")


WAYS = ("arithmetic", "geometric", "mpi", "minimum")


def table_ranks_by_method(methods: pd.DataFrame, words: Words, *, count: int = 10) -> Display:
    """The ranks of the ``count`` units that the other means move most, under each way to add up.

    ``methods``: figures of ``metrics.ranks_by_method``.
    """
    units = {unit: of for unit, of in of_units(methods).items() if float(of["method_shift"]["value"]) > 0}
    if not units:
        return blocks.nothing()
    shown = Shown(words)
    order = sorted(units, key=lambda unit: (-float(units[unit]["method_shift"]["value"]), float(units[unit]["rank_arithmetic"]["value"]), unit))[:count]
    rows: list[Row] = [{"cells": [cell(words.unit(unit)), *[cell(shown(units[unit][f"rank_{way}"])) for way in WAYS], cell(shown(units[unit]["method_shift"]))]} for unit in order]
    heading = columns(
        words, ("Province", False), ("Weighted sum", True), ("Geometric mean", True), ("Mazziotta-Pareto", True), ("Lowest part", True), ("Places moved, at most", True)
    )
    note = rich(words.say("The last column compares the weighted sum with the geometric mean and the Mazziotta-Pareto index."))
    return blocks.table(words.say("Ranks under other ways of adding up: the provinces that move most"), heading, rows, notes=[note], numbers=shown.rows)


def table_dominance(pairs: pd.DataFrame, words: Words, *, count: int = 10) -> Display:
    """The ``count`` units that win most pairs: ranks by pairs and by sum, how many they lead on every part, and how often any weights make them the first.

    ``pairs``: figures of ``metrics.any_weights``.
    """
    units = of_units(pairs)
    if not units:
        return blocks.nothing()
    shown = Shown(words)
    order = sorted(units, key=lambda unit: (float(units[unit]["rank_copeland"]["value"]), float(units[unit]["rank_arithmetic"]["value"]), unit))[:count]
    names = ("rank_copeland", "rank_arithmetic", "dominates")
    rows: list[Row] = [
        {"cells": [cell(words.unit(unit)), *[cell(shown(units[unit][name])) for name in names], cell(shown(units[unit]["share_first"], decimals=1))]} for unit in order
    ]
    heading = columns(words, ("Province", False), ("Rank by pairs", True), ("Rank by sum", True), ("Nowhere behind", True), ("First under any weights", True))
    notes = [
        words.say("Rank by pairs: by the pairs won less the pairs lost; who is ahead on parts that together weigh more wins the pair."),
        words.say("Nowhere behind: the number of provinces that it is ahead of on some part and behind on none."),
    ]
    return blocks.table(words.say("The provinces that win most pairs"), heading, rows, notes=[rich(note) for note in notes], numbers=shown.rows)


def table_coherence(coherence: pd.DataFrame, words: Words) -> Display:
    """Part by part: its correlation with the sum of the others, alpha of the others, and alpha of what it is itself made of.

    ``coherence``: figures of ``metrics.coherence``.
    """
    parts = of_parts(coherence)
    if not parts:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for node, of in parts.items():
        ratios = [_ratio(of.get(name), shown) for name in ("item_rest_correlation", "alpha_without")]
        own = [known(of.get("n_items"), shown, absent="dash"), _ratio(of.get("alpha"), shown)]
        rows.append({"cells": [cell(node_label(node, words)), *ratios, *own]})
    heading = columns(words, ("Domain", False), ("Correlation", True), ("Alpha without", True), ("Parts", True), ("Own alpha", True))
    heading, rows = filled(heading, rows, keep=2)
    notes = [rich(words.say("Correlation: of the part with the sum of the others. Alpha without: of the others, if the part is left out."))]
    notes += [rich(words.say("Parts, own alpha: what the part is itself made of, and how well that hangs together."))] if len(heading) > 3 else []
    return blocks.table(words.say("How well the parts of the index hang together"), heading, rows, notes=notes, numbers=shown.rows)


def _ratio(figure: Figure | None, shown: Shown) -> Cell:
    return cell(DASH, "muted") if figure is None else cell(shown(figure, decimals=2))
