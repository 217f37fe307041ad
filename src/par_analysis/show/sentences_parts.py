"""Sentences on the parts of an index, and on two years compared on a basis that is named."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.cells import by_measure, tone_of
from par_analysis.show.charts_contributions import CHANGES, REST, bar_name, bars_of, no_change_of_parts, year_without
from par_analysis.show.language import MINUS, Words
from par_analysis.show.sentences import cautions
from par_analysis.show.tables_parts import no_strengths
from par_analysis.show.values import Figure, Shown, find, joined, rich, text_of


def say_strengths(strengths: pd.DataFrame, words: Words, *, unit: str, most: int = 3) -> Display:
    """The parts of the index on which the unit ranks best, and those on which it ranks worst, ``most`` of each.

    ``strengths``: figures of ``metrics.strengths``.
    """
    nodes, shown = by_measure(strengths, on="node"), Shown(words)
    said: list[Rich] = []
    if not strengths["measure"].isin(["strength", "weakness"]).any():
        return no_strengths(words)
    for name, message, none in (
        ("strength", words.say("{unit} ranks best on: {list}."), words.say("None of the parts considered lies above the national mean.")),
        ("weakness", words.say("It ranks worst on: {list}."), words.say("None of the parts considered lies below the national mean.")),
    ):
        chosen = sorted((float(of[name]["value"]), node) for node, of in nodes.items() if name in of and "rank" in of)[:most]
        if chosen:
            listed = "; ".join(f"{words.node(node)} ({shown.place(nodes[node]['rank'])})" for _, node in chosen)
            said.append(rich(message, unit=words.unit(unit), list=listed))
        else:
            said.append(rich(none))
    scored = find(strengths, measure="n_scored")
    if scored is not None and scored["value"] < scored["out_of"]:
        n, everything = shown.count_of(scored)
        said.append(rich(words.say("Among the {n} of {all} parts with a score."), n=n, all=everything))
    return blocks.paragraph(joined(said), numbers=shown.rows)


def say_contributions(
    contributions: pd.DataFrame, words: Words, *, unit: str, year: int, base: int, is_comparable: bool | None, parent: str = TOTAL, children: Sequence[str] = (), most: int = 2
) -> Display:
    """Which parts added most to the change of the whole, and which took most from it.

    ``contributions``: figures of ``metrics.contributions``. ``children``: the parts of ``parent``, where the table has other levels, too.
    """
    rows = bars_of(contributions, year=year, parent=parent, children=children)
    parts = [row for row in rows if row["measure"] == "contribution"]
    if not parts:
        return no_change_of_parts(words, year=year, base=base)
    shown = Shown(words)
    whole, rest = (next((row for row in rows if row["measure"] in names), None) for names in (CHANGES, (REST,)))
    said = [_whole(whole, shown, unit=unit, year=year, base=base)]
    for message, sign, mark in ((words.say("Most was gained on: {list}."), 1, "+"), (words.say("Most was lost on: {list}."), -1, MINUS)):
        moved = ((sign * float(row["value"]), -place) for place, row in enumerate(parts) if text_of(row, words, signed=True)[0] == mark and not year_without(row))
        largest = sorted(moved, reverse=True)[:most]
        listed = "; ".join(f"{bar_name(parts[-place], words, numbered=False)} {shown(parts[-place])}" for _, place in largest)
        said += [rich(message, list=listed)] if largest else []
    for message, without in (
        (words.say("New in {year}, so neither a gain nor a loss: {list}."), base),
        (words.say("No longer in the index of {year}, so neither a gain nor a loss: {list}."), year),
    ):
        names = [words.node(row["node"]) for row in parts if year_without(row) == without]
        said += [rich(message, year=str(year), list="; ".join(names))] if names else []
    if rest is not None:
        said.append(rich(words.say("{points} of the change stand outside the parts that are known in both years."), points=shown.amount(rest)))
    limits = cautions(words, year=year, base=base, is_comparable=is_comparable)
    text = blocks.paragraph(joined(said), numbers=shown.rows)
    return text + blocks.paragraph(joined(limits), role="limit") if limits else text


def _whole(whole: Figure | None, shown: Shown, *, unit: str, year: int, base: int) -> Rich:
    words = shown.words
    if whole is None:
        message = words.say("The totals of {unit} for {base} and {year} are not both known: only the parts with scores of both years are compared.")
        return rich(message, unit=words.unit(unit), base=str(base), year=str(year))
    tone = tone_of(text_of(whole, words), float(whole["value"]))
    if whole["measure"] == "distance_change":
        same = words.say("The distance of {unit} from the national mean changed by {points} since {base}.")
        up, down = words.say("{unit} gained {points} on the national mean since {base}."), words.say("{unit} lost {points} to the national mean since {base}.")
    else:
        same = words.say("The score of {unit} changed by {points} since {base}.")
        up, down = words.say("The score of {unit} rose by {points} since {base}."), words.say("The score of {unit} fell by {points} since {base}.")
    message = {"up": up, "down": down, "plain": same}[tone]
    return rich(message, unit=words.unit(unit), points=shown.amount(whole, size=True), base=str(base), strong=("points",))


def say_comparison(comparison: pd.DataFrame, words: Words, *, unit: str, year: int, base: int, is_comparable: bool | None) -> Display:
    """How the unit stands against another year, on the basis that the figures were compared by, which is named: points, share of the maximum, distance from the year's
    mean, or rank.

    ``comparison``: figures of ``metrics.comparison``.
    """
    shown = Shown(words)
    told = next((found for tell in (_points, _share, _distance, _rank) if (found := tell(comparison, shown, unit=unit, year=year, base=base))), None)
    if told is None:
        return blocks.absent(words.say("{unit} has no figures of both {base} and {year} that can be compared on this basis.").format(unit=words.unit(unit), base=base, year=year))
    limits = cautions(words, year=year, base=base, is_comparable=is_comparable)
    text = blocks.paragraph(told, numbers=shown.rows)
    return text + blocks.paragraph(joined(limits), role="limit") if limits else text


def _points(comparison: pd.DataFrame, shown: Shown, *, unit: str, year: int, base: int) -> Rich | None:
    words, change = shown.words, find(comparison, measure="score_change")
    if change is None:
        return None
    up = words.say("Compared in points, {unit} scored {points} more in {year} than in {base}.")
    down = words.say("Compared in points, {unit} scored {points} less in {year} than in {base}.")
    return _told(up, down, change, shown, unit=unit, year=year, base=base)


def _share(comparison: pd.DataFrame, shown: Shown, *, unit: str, year: int, base: int) -> Rich | None:
    words, change = shown.words, find(comparison, measure="share_change")
    if change is None:
        return None
    up = words.say("Compared by the share of the highest possible score, {unit} stood {points} higher in {year} than in {base}.")
    down = words.say("Compared by the share of the highest possible score, {unit} stood {points} lower in {year} than in {base}.")
    return _told(up, down, change, shown, unit=unit, year=year, base=base)


def _told(up: str, down: str, change: Figure, shown: Shown, *, unit: str, year: int, base: int) -> Rich:
    message = up if float(change["value"]) >= 0 else down
    return rich(message, unit=shown.words.unit(unit), points=shown.amount(change, size=True), year=str(year), base=str(base), strong=("points",))


def _distance(comparison: pd.DataFrame, shown: Shown, *, unit: str, year: int, base: int) -> Rich | None:
    words, change = shown.words, find(comparison, measure="distance_change")
    new, old = (find(comparison, measure="distance", year=when) for when in (year, base))
    if change is None or new is None or old is None:
        return None
    message = words.say("Compared by the distance from the national mean of each year, {unit} stood at {new} in {year} and at {old} in {base}: a change of {points}.")
    return rich(message, unit=words.unit(unit), year=str(year), base=str(base), new=shown.amount(new), old=shown.amount(old), points=shown.amount(change), strong=("points",))


def _rank(comparison: pd.DataFrame, shown: Shown, *, unit: str, year: int, base: int) -> Rich | None:
    words, places, percentile = shown.words, find(comparison, measure="rank_change"), find(comparison, measure="percentile_change")
    if places is not None:
        value, name = float(places["value"]), words.unit(unit)
        up = words.count("Compared by rank, {unit} rose {n} place from {base} to {year}.", "Compared by rank, {unit} rose {n} places from {base} to {year}.", value)
        down = words.count("Compared by rank, {unit} fell {n} place from {base} to {year}.", "Compared by rank, {unit} fell {n} places from {base} to {year}.", -value)
        same = words.say("Compared by rank, {unit} stood at the same place in {base} and {year}.")
        return rich(up if value > 0 else down if value else same, unit=name, year=str(year), base=str(base), n=shown.size(places), strong=("n",))
    if percentile is None:
        return None
    up = words.say("The number of ranked provinces differs between {base} and {year}; the share of the others that {unit} ranks ahead of grew by {points}.")
    down = words.say("The number of ranked provinces differs between {base} and {year}; the share of the others that {unit} ranks ahead of shrank by {points}.")
    return _told(up, down, percentile, shown, unit=unit, year=year, base=base)
