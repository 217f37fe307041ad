"""What a rank takes, in sentences: what is said, and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.charts_headroom import rooms_of
from par_analysis.show.charts_ladder import Rung, holders_of, no_ladder, rungs_of
from par_analysis.show.charts_profile import no_parts
from par_analysis.show.language import Words
from par_analysis.show.values import Figure, Shown, find, joined, rich, text_of

_STEPS: Final = (1, 5, 10, 20)
"""How many places away the ranks are that are told."""


def say_ladder(ladder: pd.DataFrame, words: Words, *, unit: str, first: int = 1) -> Display:
    """What some of the better and worse ranks take, the others as they are; from ``first`` places away on.

    ``ladder``: figures of ``metrics.rank_ladder``.
    """
    own = find(ladder, measure="rank", unit=unit, node=TOTAL)
    if own is None:
        return no_ladder(words, unit=unit)
    shown, place = Shown(words), int(own["value"])
    away = [step for step in _STEPS if step >= first]
    rungs = {rung.number: rung for rung in rungs_of(ladder)}
    ups, downs = ([rungs[place + sign * step] for step in away if place + sign * step in rungs] for sign in (-1, 1))
    said: list[Rich] = []
    if ups:
        message = words.say("From rank {place}, with all other scores unchanged, these gains would have led to: {list}.")
        said.append(rich(message, place=shown.place(own), list="; ".join(_rank_at(rung, shown) for rung in ups)))
    elif place == 1:
        said.append(rich(words.say("{unit} is first: there is no better rank."), unit=words.unit(unit)))
    if downs:
        said.append(rich(words.say("Beyond these losses it would have fallen to: {list}."), list="; ".join(_rank_at(rung, shown) for rung in downs)))
    if not said:
        return blocks.nothing()
    limits = [rich(words.say("The others do not stand still: what is enough this year may be too little the next."))]
    if any(not rung.is_known for rung in (*ups, *downs)):
        limits.append(rich(words.say("Where the score at a rank was not found, it lies within the limits given, which follow from the known scores and ranks.")))
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(joined(limits), role="limit")


def _rank_at(rung: Rung, shown: Shown) -> str:
    """A rank with the points that lead to it: rank 36 with +0.03."""
    words, place = shown.words, shown(rung.place)
    ends = [shown({**rung.ends[0], "value": rung.sign * value}, signed=True) for value in sorted({abs(rung.low), abs(rung.high)})]
    if len(ends) == 1:
        return words.say("rank {rank} with {points}").format(rank=place, points=ends[0])
    return words.say("rank {rank} with {low} to {high}").format(rank=place, low=ends[0], high=ends[1])


def say_needs(needs: pd.DataFrame, words: Words, *, unit: str, target: int, years: Sequence[int] = ()) -> Display:
    """What the target rank takes under three assumptions on the others, how often the present need would be enough, and what the draws do not know.

    ``needs``: figures of ``metrics.target_needs``. ``years``: the years whose points compare, this one last.
    """
    shown = Shown(words)
    own = find(needs, measure="rank", unit=unit, node=TOTAL)
    if own is None:
        return no_ladder(words, unit=unit)
    goal = find(needs, measure="place")
    if goal is None:
        return no_rank(own, shown, target=target)
    said = _held(needs, own, goal, shown, unit=unit) if float(own["value"]) <= target else _needed(needs, goal, shown, unit=unit)
    draws = find(needs, measure="points_to_rank_q50")
    text = blocks.paragraph(joined([*said, *_likely(needs, own, shown, target=target)]), numbers=shown.rows)
    return text + blocks.paragraph(joined(_limits(draws, words, years=years)), role="limit")


def too_few(own: Figure, words: Words, *, target: int) -> Rich:
    """That fewer are ranked than the target; ``own``: the unit's rank."""
    return rich(words.say("Only {n} provinces are ranked: nobody can hold rank {rank}."), n=words.number(float(own["out_of"])), rank=words.number(target))


def has_target(words: Words, *, unit: str, target: int) -> Rich:
    """That the unit has the target already."""
    if target == 1:
        return rich(words.say("{unit} is first: there is no better rank."), unit=words.unit(unit))
    return rich(words.say("{unit} has rank {rank} or a better one already; a better target can be set."), unit=words.unit(unit), rank=words.number(target))


def no_rank(own: Figure, shown: Shown, *, target: int) -> Display:
    """That fewer are ranked."""
    words = shown.words
    if target > float(own["out_of"]):
        return blocks.paragraph(too_few(own, words, target=target))
    return blocks.absent(words.say("The known figures around rank {rank} contradict one another, so what it takes cannot be said.").format(rank=words.number(target)))


def _needed(needs: pd.DataFrame, goal: Figure, shown: Shown, *, unit: str) -> list[Rich]:
    words, name = shown.words, shown.words.unit(unit)
    (rung,) = [one for one in rungs_of(needs) if one.sign > 0 and one.number == int(goal["value"])]
    if not rung.is_known:
        message = words.say("For rank {rank}, {unit} needs between {low} and {high} more, as long as all others stay where they are.")
        return [rich(message, rank=shown(goal), unit=name, low=shown(rung.ends[0]), high=shown.amount(rung.ends[1]), strong=("low", "high"))]
    held = holders_of(rung, words)
    points = shown.amount(rung.ends[0])
    if not held:
        message = words.say("For rank {rank}, {unit} needs {points} more, as long as all others stay where they are.")
        return [rich(message, rank=shown(goal), unit=name, points=points, strong=("points",))]
    message = words.say("For rank {rank}, {unit} needs {points} more, as long as all others stay where they are: that is level with {holders}.")
    return [rich(message, rank=shown(goal), unit=name, points=points, holders=", ".join(held), strong=("points",))]


def _held(needs: pd.DataFrame, own: Figure, goal: Figure, shown: Shown, *, unit: str) -> list[Rich]:
    """What a unit that has the target may lose."""
    words = shown.words
    said = [rich(words.say("{unit} holds rank {own} and so has rank {rank} or a better one."), unit=words.unit(unit), own=shown.place(own), rank=shown(goal))]
    drops = [find(needs, measure=f"points_to_drop{end}") for end in ("", "_low", "_high")]
    if drops[0] is not None:
        message = words.say("As long as all others stay where they are, it keeps it with a loss of up to {points}.")
        said.append(rich(message, points=shown.amount(drops[0]), strong=("points",)))
    elif drops[1] is not None and drops[2] is not None:
        message = words.say("As long as all others stay where they are, it keeps it with a loss of up to between {low} and {high}.")
        said.append(rich(message, low=shown(drops[1]), high=shown.amount(drops[2]), strong=("low", "high")))
    return said


def _likely(needs: pd.DataFrame, own: Figure, shown: Shown, *, target: int) -> list[Rich]:
    """What the draws say of the present need, and how common such gains were."""
    words, said = shown.words, []
    frozen, median = find(needs, measure="reach_probability_frozen"), find(needs, measure="points_to_rank_q50")
    if frozen is None or median is None:
        return []
    if float(own["value"]) <= target:
        message = words.say("If the others move as provinces did before, an unchanged score is enough in {share} of the draws.")
        said.append(rich(message, share=shown(frozen, decimals=0), strong=("share",)))
    else:
        message = words.say("If the others move as provinces did before, the need is {median} in the middle of the draws; the points named first are enough in {share} of them.")
        said.append(rich(message, median=shown.amount(median), share=shown(frozen, decimals=0), strong=("median", "share")))
        said += _as_large(needs, shown)
    trend, yearly = find(needs, measure="reach_probability_trend"), find(needs, measure="score_change_yearly")
    if trend is not None and yearly is not None:
        message = words.say("Its own mean yearly change, {change}, would be enough in {share}.")
        said.append(rich(message, change=shown.amount(yearly), share=shown(trend, decimals=0)))
    return said


def _as_large(needs: pd.DataFrame, shown: Shown) -> list[Rich]:
    words, count, largest = shown.words, find(needs, measure="n_as_large"), find(needs, measure="largest_change")
    if count is None or largest is None:
        return []
    n, everything = shown.count_of(count)
    none = words.say("Of {all} changes of other provinces from one year to the next, none was as large; the largest of all was {change}, of {unit} in {year}.")
    message = words.say("Of {all} changes of other provinces from one year to the next, {n} were as large; the largest of all was {change}, of {unit} in {year}.")
    return [rich(message if count["value"] else none, all=everything, n=n, change=shown.amount(largest), unit=words.unit(str(largest["unit"])), year=str(int(largest["year"])))]


def _limits(draws: Figure | None, words: Words, *, years: Sequence[int]) -> list[Rich]:
    """What the assumptions leave out; or why there are no draws."""
    unsure = rich(words.say("Errors of the scores are not published with them, so none is reckoned with."))
    if draws is None and len(years) < 2:
        return [rich(words.say("No earlier year is known to be scored by the same method, so it is not said how the others may move.")), unsure]
    if draws is None:
        return [rich(words.say("The scores of the others are known in part, so it is not said how they may move.")), unsure]
    message = words.say("In a draw every other province changes as some province did from one year to the next between {first} and {last}, whatever its level.")
    return [
        rich(message, first=str(years[0]), last=str(years[-1])),
        rich(words.say("Part of such changes is error of measurement, and those ahead tend to fall back, so the needs drawn are rather too high; so few years say little.")),
        rich(words.say("Changes across a change of method are not used.")),
        unsure,
    ]


def say_headroom(room: pd.DataFrame, words: Words, *, unit: str, year: int, most: int = 3) -> Display:
    """On which parts the best province is furthest ahead, and on how many nobody is.

    ``room``: figures of ``metrics.node_headroom``.
    """
    rooms, shown = rooms_of(room, unit=unit), Shown(words)
    if not rooms:
        return no_parts(words, year=year)
    ahead = [one for one in rooms if one.to_best and any(digit in text_of(one.of["gap_best"], words, signed=False) for digit in "123456789")]
    if not ahead:
        known = any(one.to_best is not None for one in rooms)
        text = words.say("On no part is another province ahead.") if known else words.say("Too few scores of the others are known to say what the best province has.")
        return blocks.paragraph(rich(text), role="limit")
    listed = "; ".join(f"{words.node(one.node)} ({_best(one.of, shown)})" for one in ahead[:most])
    said = [rich(words.say("The best province is furthest ahead on: {list}."), list=listed)]
    level = [one for one in rooms if one.to_best is not None and one not in ahead]
    if level:
        said.append(rich(words.say("Nobody is ahead on: {list}."), list="; ".join(words.node(one.node) for one in level)))
    limits = rich(words.say("That somebody has these points says that they can be had, not that they can be had in a year, nor that all of them can be had together."))
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(limits, role="limit")


def _best(of: dict[str, Figure] | object, shown: Shown) -> str:
    """How far the best province is ahead."""
    gap = of["gap_best"]  # type: ignore[index]
    return shown({**gap, "value": abs(float(gap["value"]))}, signed=True)


def say_gaps(gaps: pd.DataFrame, words: Words, *, unit: str, children: Sequence[str], most: int = 3) -> Display:
    """Where the points against the unit at the target rank are missing, or where the target is reached against the first of the other references; and where the unit is ahead.

    ``gaps``: figures of ``metrics.gap_table``; ``children``: the nodes whose gaps add up to that of the total.
    """
    shown = Shown(words)
    name = next((name for name in ("target", "leader", "region_best", "median") if f"gap_{name}" in set(gaps["measure"])), None)
    if name is None:
        return no_gaps(gaps, words, unit=unit)
    whole = find(gaps, measure=f"gap_{name}", node=TOTAL)
    rows = [row for node in children if (row := find(gaps, measure=f"gap_{name}", node=node))]
    holders = ", ".join(words.unit(str(code)) for code in gaps.loc[gaps["measure"] == f"reference_{name}", "unit"])
    said: list[Rich] = []
    if whole is not None and _is_shown(whole, words):
        message = words.say("{unit} has {points} less than {holders}.") if float(whole["value"]) < 0 else words.say("{unit} has {points} more than {holders}.")
        said.append(rich(message, unit=words.unit(unit), points=shown.amount(whole, size=True), holders=holders, strong=("points",)))
    behind = sorted((row for row in rows if float(row["value"]) < 0 and _is_shown(row, words)), key=lambda row: float(row["value"]))[:most]
    ahead = sorted((row for row in rows if float(row["value"]) > 0 and _is_shown(row, words)), key=lambda row: -float(row["value"]))[:most]
    for text, chosen in ((words.say("It has less on: {list}."), behind), (words.say("It has more on: {list}."), ahead)):
        said += [rich(text, list="; ".join(f"{words.node(str(row['node']))} ({shown(row)})" for row in chosen))] if chosen else []
    return blocks.paragraph(joined(said), numbers=shown.rows)


def _is_shown(row: Figure, words: Words) -> bool:
    return any(digit in text_of(row, words) for digit in "123456789")


def no_gaps(gaps: pd.DataFrame, words: Words, *, unit: str) -> Display:
    """Why there is nothing to compare part by part."""
    if find(gaps, measure="rank", unit=unit) is None:
        reason = words.say("The scores of the province and of the others on the parts of the index are not all known, so gaps cannot be told part by part.")
        return blocks.absent(reason) if words.domain_names else blocks.nothing()
    return blocks.paragraph(rich(words.say("{unit} is itself the reference in every comparison."), unit=words.unit(unit)))


def say_cheapest_way(route: pd.DataFrame, needs: pd.DataFrame, words: Words, *, unit: str, target: int) -> Display:
    """What the cheapest way to the target rank is made of, what the next ones cost, and what the cost is not.

    ``route``: figures of ``metrics.route_plan``; ``needs``: of ``metrics.target_needs``, which say why there may be no way.
    """
    shown, most = Shown(words), find(route, measure="route_most", node=TOTAL)
    gain, cost, parts = (find(route, measure=name, node=TOTAL) for name in ("route_gain", "route_cost", "n_parts"))
    if most is None:
        return no_route(needs, words, unit=unit, target=target)
    if gain is None or cost is None or parts is None:
        message = words.say("Rank {rank} is out of reach on this reckoning: with every part as good as in the best province, {unit} would gain {points} at most.")
        return blocks.paragraph(rich(message, rank=words.number(target), unit=words.unit(unit), points=shown.amount(most)), numbers=shown.rows)
    message = words.say("The cheapest way to rank {rank} raises {n} of {all} parts by {points} in all, at a cost of {cost}.")
    n, everything = shown.count_of(parts)
    said = [rich(message, rank=words.number(target), n=n, all=everything, points=shown.amount(gain), cost=shown(cost), strong=("points",))]
    others = [row for number in (2, 3) if (row := find(route, measure="route_cost", node=f"route:{number}"))]
    if others:
        message = words.say("Other ways, each without a part of those before, cost {list}: where the costs are near, the choice is wide.")
        said.append(rich(message, list="; ".join(shown(row) for row in others)))
    said.append(rich(words.say("All that the best provinces have, part by part, would bring {points}."), points=shown.amount(most)))
    limits = cost_limits(find(route, measure="route_step", node=TOTAL), shown)
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(joined(limits), role="limit")


def no_route(needs: pd.DataFrame, words: Words, *, unit: str, target: int) -> Display:
    """Why no way can be told: the target is reached, or too little is known."""
    own = find(needs, measure="rank", unit=unit, node=TOTAL)
    if own is None:
        return no_ladder(words, unit=unit)
    if target > float(own["out_of"]):
        return no_rank(own, Shown(words), target=target)
    if float(own["value"]) <= target:
        return blocks.paragraph(has_target(words, unit=unit, target=target))
    return blocks.absent(words.say("The scores of the province and of the others on the parts of the index are not all known, so no way to the rank can be reckoned."))


def cost_limits(step: Figure | None, shown: Shown) -> list[Rich]:
    """How parts are raised, and what the costs of a way to a rank are not."""
    words = shown.words
    steps = words.say("Parts are raised by {points} at a time, the last time up to the score of the best province at most.")
    return [
        rich(words.say("The cost is a stand-in, not money: a point on a part costs the more, the less of the maximum the others have there.")),
        *([rich(steps, points=shown.amount(step))] if step is not None else []),
        rich(words.say("Nothing is said of time, of measures that help each other, or of what can be done in practice.")),
    ]
