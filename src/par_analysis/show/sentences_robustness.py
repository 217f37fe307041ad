"""Sentences on how sure ranks are: what the intervals and groups say, and what they do not."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.language import Words
from par_analysis.show.tables_robustness import Measures, interval_cell, of_country, of_units
from par_analysis.show.values import Shown, joined, rich


def no_intervals(words: Words, *, year: int) -> Display:
    """That nothing can be said, and why."""
    message = words.say("The scores of every part of the index are not known for all provinces ranked in {year}; the sections that would build on this one are left out, too.")
    return blocks.absent(message.format(year=year))


def assumptions(settings: Measures, shown: Shown) -> list[Rich]:
    """What was varied, and what an interval is."""
    words = shown.words
    message = words.say(
        "The weights of the parts were drawn anew {n} times, each up to {reach} higher or lower than in the index and all then brought back to their sum; "
        "the interval holds the rank in at least {coverage} of the draws."
    )
    reach, coverage = (shown(settings[name], decimals=0) for name in ("weight_reach", "interval_coverage"))
    return [rich(message, n=shown(settings["n_draws"]), reach=reach, coverage=coverage)]


def span_sentence(of: Measures, shown: Shown) -> list[Rich]:
    """How wide the intervals are."""
    words = shown.words
    message = words.say("On average it spans {mean} places, at most {most}; it is a single place for {fixed} of {n} provinces.")
    mean, most, fixed = (of[name] for name in ("mean_interval_places", "max_interval_places", "n_one_place"))
    return [rich(message, mean=shown(mean), most=shown(most), n=shown(of["n_ranked"]), fixed=shown(fixed), strong=("mean", "most"))]


def say_rank_intervals(intervals: pd.DataFrame, words: Words, *, year: int) -> Display:
    """What was varied, how far ranks move, and who is among the first with certainty; or that nothing is known.

    ``intervals``: figures of ``metrics.rank_intervals``.
    """
    of = of_country(intervals)
    if "n_tie_groups" not in of:
        return no_intervals(words, year=year)
    shown = Shown(words)
    said = [*assumptions(of, shown), *span_sentence(of, shown), *_top(of, shown), *_other_ranks(of, shown)]
    limit = words.say("The interval says how much of a rank hangs on the weights. It is not a margin of error of the survey or appraisal: such errors would come on top.")
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(rich(limit), role="limit")


def _top(of: Measures, shown: Shown) -> list[Rich]:
    """How many are among the first ones in every draw, and how many in some."""
    if "n_always_top" not in of:
        return []
    words = shown.words
    message = words.say("Number of provinces that are among the first {n}: {always} in every draw, {ever} in at least one.")
    return [rich(message, n=shown(of["top_places"]), always=shown(of["n_always_top"]), ever=shown(of["n_ever_top"]))]


def _other_ranks(of: Measures, shown: Shown) -> list[Rich]:
    """That the known ranks are not those of the weighted sum, where some are not."""
    other, words = of["n_other_rank"], shown.words
    if not float(other["value"]):
        return []
    n, everything = shown.count_of(other)
    message = words.say("Ranks that differ from those that the parts add up to: {n} of {all}; intervals and groups go by the parts.")
    return [rich(message, n=n, all=everything)]


def say_intervals_beside(intervals: pd.DataFrame, words: Words, *, year: int) -> Display:
    """Beside a ranking: what its intervals and groups are, or why there are none.

    ``intervals``: figures of ``metrics.rank_intervals``.
    """
    of, shown = of_country(intervals), Shown(words)
    if "n_tie_groups" in of:
        said = [*assumptions(of, shown), rich(words.say("Provinces of a group cannot be told apart from the first of the group. Errors of the survey or appraisal are not in it."))]
        return blocks.paragraph(joined(said), role="limit", numbers=shown.rows)
    return blocks.paragraph(unknown_sentence(of, shown, year=year), role="limit", numbers=shown.rows)


def beside_rank(intervals: pd.DataFrame, shown: Shown, *, unit: str) -> tuple[str, str, str] | None:
    """The interval of one unit's rank, its group, and how many groups there are; ``None`` where that is not known.

    ``intervals``: figures of ``metrics.rank_intervals``.
    """
    own, of = of_units(intervals).get(unit, {}), of_country(intervals)
    if "tie_group" not in own or "n_tie_groups" not in of:
        return None
    return interval_cell(own, shown)["text"], shown(own["tie_group"]), shown(of["n_tie_groups"])


def say_interval(intervals: pd.DataFrame, words: Words, *, unit: str, year: int) -> Display:
    """The interval and the group of one unit's rank, and what they are, or why there are none; nothing of a unit that is not ranked where others have intervals.

    ``intervals``: figures of ``metrics.rank_intervals``.
    """
    shown = Shown(words)
    found, limits = beside_rank(intervals, shown, unit=unit), say_intervals_beside(intervals, words, year=year)
    if found is None:
        return blocks.nothing() if of_units(intervals) else limits
    message = words.say("If the weights of the parts varied, the rank of {unit} would lie within {interval}; it is in group {group} of {groups}.")
    if found[0].isdigit():
        message = words.say("If the weights of the parts varied, the rank of {unit} would stay {interval}; it is in group {group} of {groups}.")
    said = rich(message, unit=words.unit(unit), interval=found[0], group=found[1], groups=found[2], strong=("interval",))
    return blocks.paragraph(said, numbers=shown.rows) + limits


def unknown_sentence(of: Measures, shown: Shown, *, year: int) -> Rich:
    """That nothing is known, and of how many all scores are."""
    words, scored = shown.words, of.get("n_scored")
    if scored is None:
        return rich(words.say("How sure the ranks are is not known: for {year}, no scores of the parts of the index were found."), year=str(year))
    n, everything = shown.count_of(scored)
    message = words.say("How sure the ranks are is not known: for {year}, the scores of every part of the index were found of {n} of {all} provinces.")
    return rich(message, year=str(year), n=n, all=everything)


def say_tie_groups(intervals: pd.DataFrame, words: Words) -> Display:
    """How many groups there are, and who shares the first; what a group says and what it does not.

    ``intervals``: figures of ``metrics.rank_intervals``.
    """
    of = of_country(intervals)
    if "n_tie_groups" not in of:
        return blocks.nothing()
    shown = Shown(words)
    message = words.count("The {n} ranked provinces form {groups} group.", "The {n} ranked provinces form {groups} groups.", float(of["n_tie_groups"]["value"]))
    said = [rich(message, n=shown(of["n_ranked"]), groups=shown(of["n_tie_groups"]), strong=("groups",))]
    first = [unit for unit, found in of_units(intervals).items() if float(found["tie_group"]["value"]) == 1]
    if len(first) > 1:
        listed = ", ".join(words.unit(unit) for unit in first[1:])
        said.append(rich(words.say("Not to be told apart from {leader}, the first: {list}."), leader=words.unit(first[0]), list=listed))
    else:
        said.append(rich(words.say("{leader}, the first, stands alone: no other interval reaches its worst rank."), leader=words.unit(first[0])))
    said.append(rich(words.say("A group begins with the best province that is in none so far; all whose interval reaches the worst rank of that province belong to it.")))
    limit = words.say(
        "Members of a group may well differ from one another, and two provinces on either side of a boundary may be as good as equal: only the comparison with the first counts."
    )
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(rich(limit), role="limit")


def say_limits_of_intervals(intervals: pd.DataFrame, words: Words, *, year: int, unranked: Sequence[str]) -> Display:
    """What none of the intervals contains.

    ``intervals``: figures of ``metrics.rank_intervals``; ``unranked``: provinces without a rank.
    """
    of = of_country(intervals)
    if "n_tie_groups" not in of:
        return blocks.nothing()
    shown = Shown(words)
    weights = words.say(
        "Other weights than those near the publisher's. The weights are set by the publisher; that each may be {reach} off is a convention of such checks, and no finding."
    )
    said = [
        rich(words.say("Errors of the survey or appraisal. They are not published with the scores; with them, intervals would as a rule be wider.")),
        rich(weights, reach=shown(of["weight_reach"], decimals=0)),
        rich(words.say("Weights inside the parts. Only the parts of the index themselves were weighed anew, not what they are made of.")),
        rich(words.say("The choice of what is measured, and of the scale on which it is scored. Another choice would give other ranks.")),
    ]
    if unranked:
        message = words.say("Provinces without a rank in {year}, which might have stood anywhere: {list}.")
        said.append(rich(message, year=str(year), list=", ".join(words.unit(unit) for unit in unranked)))
    return blocks.bullets(said, numbers=shown.rows)
