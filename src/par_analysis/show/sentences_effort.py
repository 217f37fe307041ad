"""What a change of rank owes to the unit's own points and what to the others: in sentences."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from par_analysis.model import is_counted_anew
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.language import Words
from par_analysis.show.sentences import cautions
from par_analysis.show.values import Figure, Shown, ends_of, find, joined, rich

Ends = tuple[Figure, Figure]
"""The same figure twice, or the two between which the true one lies."""


class Effort(NamedTuple):
    """The figures of ``metrics.own_and_others`` that are told and drawn."""

    before: Figure
    after: Figure
    rank_change: Figure
    own: Ends
    others: Ends
    points: Figure
    used: Figure

    @property
    def is_bounded(self) -> bool:
        """Whether the effects are known within limits only."""
        return self.own[0] is not self.own[1]

    @property
    def is_ranked_anew(self) -> bool:
        """Whether the ranks are counted among the units scored in both years only, so that they are not the published ones."""
        return is_counted_anew(str(self.rank_change["note"]))


def effort_of(effort: pd.DataFrame, *, base: int) -> Effort | None:
    """The figures by name, with the ranks before and after that they follow from; ``None`` where the change cannot be split."""
    moved, used = find(effort, measure="rank_change"), find(effort, measure="n_used")
    points = find(effort, measure="score_change") or find(effort, measure="distance_change")
    own, others, first, last, old_place, new_place = (ends_of(effort, name) for name in ("own_effect", "others_effect", "own_first", "own_last", "rank_own_new", "rank_own_old"))
    if not (moved and used and points and own and others and first and last and old_place and new_place):
        return None
    before = float(old_place[0]["value"]) + float(first[1]["value"])
    after = float(new_place[0]["value"]) - float(last[0]["value"])
    ranks = [{**moved, "measure": "rank", "year": year, "value": value} for year, value in ((base, before), (int(moved["year"]), after))]
    return Effort(ranks[0], ranks[1], moved, own, others, points, used)


def no_effort(effort: pd.DataFrame, words: Words) -> Display:
    """Why a change of rank cannot be split."""
    if find(effort, measure="rank_change") is None:
        return blocks.absent(words.say("Ranks of both years are not known, so the change of rank cannot be explained."))
    return blocks.absent(words.say("The scores of both years are not known, or contradict the ranks: what the change of rank owes to the province's own score cannot be said."))


def say_own_and_others(effort: pd.DataFrame, words: Words, *, unit: str, year: int, base: int, is_comparable: bool | None) -> Display:
    """How far the unit's own change of score moved its rank, how far the movement of the others, and from how much this is known.

    ``effort``: figures of ``metrics.own_and_others`` for ``unit`` from ``base`` to ``year``. ``is_comparable``: whether points of the two years may be subtracted.
    """
    found, shown = effort_of(effort, base=base), Shown(words)
    if found is None:
        return no_effort(effort, words)
    own, others = (_effect(ends, shown) for ends in (found.own, found.others))
    said = _anew(found, shown, unit=unit, year=year, base=base)
    said += [_moved(found, shown, unit=unit, base=base), rich(words.say("Its own movement {own}; that of the others {others}."), own=own, others=others)]
    limits = [_hypothetical(effort, shown, year=year, base=base), rich(words.say("The places given are the means of both ways of counting."))]
    message = words.say("Computed from {n} of {all} other provinces, those whose scores of both years are known.")
    used, everyone = shown.count_of(found.used)
    limits.append(rich(message, n=used, all=everyone))
    if found.is_bounded:
        limits.append(rich(words.say("The scores of the others are known in part, so the effects are known within limits only.")))
    if found.points["measure"] == "distance_change":
        limits.append(rich(words.say("Scores are compared by their distance from the national mean of each year, not in points.")))
    limits += cautions(words, year=year, base=base, is_comparable=is_comparable)
    text = blocks.paragraph(joined(said), numbers=shown.rows)
    return text + blocks.paragraph(joined(limits), role="limit")


def _anew(found: Effort, shown: Shown, *, unit: str, year: int, base: int) -> list[Rich]:
    """Ranks that are not the published ones, said before anything is told of them."""
    if not found.is_ranked_anew:
        return []
    message = shown.words.say("Ranked anew among the {n} provinces with scores of both years, {unit} held {before} in {base} and {after} in {year}.")
    count = f"{float(found.rank_change['out_of']):.0f}"
    return [rich(message, n=count, unit=shown.words.unit(unit), before=shown.place(found.before), base=str(base), after=shown.place(found.after), year=str(year))]


def _moved(found: Effort, shown: Shown, *, unit: str, base: int) -> Rich:
    """The change of the score, and the rank that did or did not follow it."""
    words, points, places = shown.words, float(found.points["value"]), float(found.rank_change["value"])
    name, size = words.unit(unit), shown.amount(found.points, size=True)
    if found.points["measure"] == "distance_change":
        up, down = words.say("gained {points} on the national mean since {base}"), words.say("lost {points} to the national mean since {base}")
    else:
        up, down = words.say("scored {points} more than in {base}"), words.say("scored {points} less than in {base}")
    score = rich(up if points >= 0 else down, points=size, base=str(base), strong=("points",))
    if not places:
        rank = rich(words.say("kept its rank"))
    elif places > 0:
        rank = rich(words.count("rose {n} place", "rose {n} places", places), n=shown.size(found.rank_change), strong=("n",))
    else:
        rank = rich(words.count("fell {n} place", "fell {n} places", -places), n=shown.size(found.rank_change), strong=("n",))
    message = words.say("{unit} {score} yet {rank}.") if points * places < 0 else words.say("{unit} {score} and {rank}.")
    return rich(message, unit=name, score=score, rank=rank)


def _effect(ends: Ends, shown: Shown) -> Rich:
    """What an effect did: gained it 3.5 places, cost it 1 to 3 places, moved it by −1 to +2 places."""
    words, (low, high) = shown.words, ends
    least, most = float(low["value"]), float(high["value"])
    if least == most:
        if not least:
            return rich(words.say("moved it by {n} places"), n=shown(low), strong=("n",))
        gained = words.count("gained it {n} place", "gained it {n} places", least)
        cost = words.count("cost it {n} place", "cost it {n} places", -least)
        return rich(gained if least > 0 else cost, n=shown.size(low), strong=("n",))
    if least >= 0:
        return rich(words.say("gained it between {low} and {high} places"), low=shown.size(low), high=shown.size(high), strong=("low", "high"))
    if most <= 0:
        return rich(words.say("cost it between {low} and {high} places"), low=shown.size(high), high=shown.size(low), strong=("low", "high"))
    return rich(words.say("moved it by between {low} and {high} places"), low=shown(low), high=shown(high), strong=("low", "high"))


def _hypothetical(effort: pd.DataFrame, shown: Shown, *, year: int, base: int) -> Rich:
    """The two ranks that the effects follow from."""
    words = shown.words
    own_new, own_old = (_range(ends_of(effort, name), shown) for name in ("rank_own_new", "rank_own_old"))
    if find(effort, measure="distance_change") is not None:
        message = words.say("With its distance of {year} among the others' of {base} it would have ranked {own_new}; with that of {base} among the others' of {year}, {own_old}.")
    else:
        message = words.say("With its score of {year} among the others' of {base} it would have ranked {own_new}; with that of {base} among the others' of {year}, {own_old}.")
    return rich(message, year=str(year), base=str(base), own_new=own_new, own_old=own_old)


def _range(ends: Ends | None, shown: Shown) -> str:
    if ends is None:
        return "–"
    low, high = ends
    if low is high or math.isclose(float(low["value"]), float(high["value"])):
        return shown(low)
    return f"{shown(low)}–{shown(high)}"
