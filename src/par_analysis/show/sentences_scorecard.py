"""Sentences on a scorecard: what was lost, what was claimed, what can be won back, what a rank takes, and how all that is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.cells import by_measure
from par_analysis.show.language import Words
from par_analysis.show.scorecard_cover import points_out_of, sentence_lost
from par_analysis.show.values import Figure, Shown, find, joined, node_label, rich

_TOLERANCE: Final = 1e-9

SAME: Final = 0.0151
"""Totals that differ by less differ by rounding."""


def say_lost(lost: pd.DataFrame, words: Words, *, unit: str, year: int, most: int = 3) -> Display:
    """What the province has lost, where most, and what is not counted or not verified. Nothing where there is no scorecard.

    ``lost``: figures of ``metrics.lost_points``.
    """
    nodes = by_measure(lost, on="node")
    if TOTAL not in nodes:
        return blocks.nothing()
    shown = Shown(words)
    domains = sorted((-round(float(of["points_lost"]["value"]), 9), node) for node, of in nodes.items() if node.startswith("domain:"))
    worst = [node for loss, node in domains if loss < 0][:most]
    listed = "; ".join(f"{node_label(node, words)} ({shown(nodes[node]['points_lost'])})" for node in worst)
    said = [sentence_lost(lost, shown, unit=unit, year=year), *([rich(words.say("Most was lost in: {list}."), list=listed)] if worst else [])]
    text = blocks.paragraph(joined(said), numbers=shown.rows)
    limits = Shown(words)
    left = _left_out(nodes[TOTAL], limits)
    return text + blocks.paragraph(joined(left), role="limit", numbers=limits.rows) if left else text


def _left_out(total: dict[str, Figure], shown: Shown) -> list[Rich]:
    """How many parts have no points, and how many points nobody verified."""
    words, scored, verified = shown.words, total["n_scored"], total["n_verified"]
    said: list[Rich] = []
    if scored["value"] < scored["out_of"]:
        n, everything = shown.count_of({**scored, "value": float(scored["out_of"]) - float(scored["value"])})
        said.append(rich(words.say("{n} of the {all} parts have no points yet: they count neither as points nor as a loss."), n=n, all=everything))
    if verified["value"] < verified["out_of"]:
        n, everything = shown.count_of({**verified, "measure": "n_unverified", "value": float(verified["out_of"]) - float(verified["value"])})
        said.append(rich(words.say("{n} of the {all} parts with points count by what the province gave itself: appraisal may take points away."), n=n, all=everything))
    return said


def say_self_scores(claimed: pd.DataFrame, lost: pd.DataFrame, words: Words, *, unit: str) -> Display:
    """How far the self-scores lay above the verified points. ``claimed``, ``lost``: figures of ``metrics.self_scores`` and ``metrics.lost_points``."""
    total = claimed[claimed["node"] == TOTAL]
    gap, own, seen, over, under = (find(total, measure=name) for name in ("gap_self", "self_score", "score", "n_over", "n_under"))
    if gap is None or own is None or seen is None or over is None or under is None:
        return blocks.nothing() if lost.empty else blocks.absent(words.say("No part has both a self-score and verified points."))
    shown, value = Shown(words), round(float(gap["value"]), 9)
    more = words.say("{unit} gave itself {own}, {gap} more than the {seen} that were verified.")
    less = words.say("{unit} gave itself {own}, {gap} less than the {seen} that were verified.")
    same = words.say("{unit} gave itself {own}, as much in sum as was verified.")
    facts = {"unit": words.unit(unit), "own": shown(own), "seen": shown(seen), "gap": shown.amount(gap, size=True)}
    n, everything = shown.count_of(over)
    counts = words.say("On {n} of the {all} parts with both it claimed more than was verified, on {fewer} less.")
    said = [rich(more if value > 0 else less if value < 0 else same, **facts, strong=("gap",)), rich(counts, n=n, all=everything, fewer=shown(under))]
    limit = rich(words.say("A difference says nothing of its cause: evidence that was missing, another reading of the criterion, or a claim too high."))
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(limit, role="limit")


def say_regainable(regainable: pd.DataFrame, words: Words) -> Display:
    """How much of the loss can still be won, and what the total would then be. ``regainable``: figures of ``metrics.regainable_points``."""
    total = regainable[regainable["node"] == TOTAL]
    open_, locked, reachable = (find(total, measure=name) for name in ("headroom_open", "headroom_locked", "points_reachable"))
    if open_ is None or locked is None:
        return blocks.nothing()
    shown = Shown(words)
    if float(locked["value"]):
        message = words.say("Of the lost points {open} can be regained; {locked} were lost on parts that are marked as locked.")
        said = [rich(message, open=shown(open_), locked=shown(locked), strong=("open",))]
    else:
        said = [rich(words.say("No part is marked as locked, so all {open} lost points count as regainable."), open=shown(open_), strong=("open",))]
    if reachable is not None:
        said.append(rich(words.say("With all of them the total would be {points}."), points=points_out_of(reachable, shown), strong=("points",)))
    limit = rich(words.say("What is regainable is what the province did not mark as locked; how likely it is to be won is not known."))
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(limit, role="limit")


def say_route(route: pd.DataFrame, lost: pd.DataFrame, words: Words, *, unit: str, year: int, target: int) -> Display:
    """What a rank takes, and whether the parts that are not locked can bring it. ``route``, ``lost``: figures of ``metrics.rank_route`` and ``metrics.lost_points``."""
    of = by_measure(route, on="node").get(TOTAL, {})
    if "score" not in of:
        message = words.say("What rank {rank} takes cannot be said: the totals of other provinces for {year}, or that of {unit}, are not known.")
        return blocks.nothing() if lost.empty else blocks.absent(message.format(rank=target, year=year, unit=words.unit(unit)))
    shown, limits = Shown(words), Shown(words)
    facts = {"unit": words.unit(unit), "score": shown.amount(of["score"]), "rank": shown.place(of.get("rank"))}
    own = words.say("In {year} {unit} ranked {rank} with {score}.") if "rank" in of else words.say("In {year} {unit} had {score}; its rank is not known.")
    said = [rich(own, **facts, year=str(year), strong=("rank",)), *_way(of, shown, target=target, is_whole=not _without_points(lost))]
    remarks = [*_unknown(of, limits), *_whose(of, lost, limits)]
    if "route_gain" in of and _without_points(lost):
        remarks.append(rich(words.say("Parts without points yet are in no route: with them, a shorter one may be found.")))
    remarks.append(rich(words.say("The others are held where they were; they will move as well. A part counts as raised to its maximum or not at all.")))
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(joined(remarks), role="limit", numbers=limits.rows)


def _without_points(lost: pd.DataFrame) -> bool:
    """Whether some parts have no points yet."""
    scored = by_measure(lost, on="node").get(TOTAL, {}).get("n_scored")
    return scored is not None and bool(scored["value"] < scored["out_of"])


def _way(of: Mapping[str, Figure], shown: Shown, *, target: int, is_whole: bool) -> list[Rich]:
    """What is needed, and the parts that bring it; ``is_whole``: every part has points."""
    words, low, high = shown.words, of.get("points_to_rank") or of["points_to_rank_low"], of.get("points_to_rank") or of.get("points_to_rank_high")
    if high is not None and not float(high["value"]):
        return [rich(words.say("That is rank {target} or better already: no more points are needed."), target=str(target))]
    if high is low:
        message = words.say("Rank {target} was held with {threshold}: {need} more would have drawn level.")
    elif high is not None:
        message = words.say("Rank {target} was held with {threshold}: {need} more would have been enough, and fewer may have been.")
    else:
        message = words.say("Rank {target} was held with {threshold} at least: {need} or more would have been needed, and how many is not known.")
    threshold = f"{shown(of['threshold_low'])}–{shown.amount(of['threshold_high'])}" if "threshold_high" in of else shown.amount(of.get("threshold") or of["threshold_low"])
    said = [rich(message, target=str(target), threshold=threshold, need=shown.amount(low if high is None else high), strong=("need",))]
    if "route_gain" not in of:
        return [*said, _no_way(of, shown, least=float(low["value"]), is_whole=is_whole)]
    gain, count = of["route_gain"], of["n_criteria"]
    if "effort" in of:
        message = words.count(
            "The least effort, {effort} in sum, is {n} part that brings {gain}.", "The least effort, {effort} in sum, is {n} parts that bring {gain}.", float(count["value"])
        )
        said.append(rich(message, effort=shown(of["effort"]), n=shown(count), gain=shown.amount(gain), strong=("n",)))
        return [*said, *([rich(words.say("Whether that is enough is not known."))] if high is None else [])]
    if high is None:
        message = words.say("That least alone takes as many parts as this: {n}, which bring {gain}; whether that is enough is not known.")
        return [*said, rich(message, n=shown(count), gain=shown.amount(gain), strong=("n",))]
    message = words.count("{n} part is enough: it brings {gain}.", "No fewer than {n} parts are enough: they bring {gain}.", float(count["value"]))
    return [*said, rich(message, n=shown(count), gain=shown.amount(gain), strong=("n",))]


def _no_way(of: Mapping[str, Figure], shown: Shown, *, least: float, is_whole: bool) -> Rich:
    """That the points cannot be had, as far as that is known: not where parts without points might bring them, or where fewer might do."""
    words, most = shown.words, of["headroom_open"]
    if not is_whole:
        message = words.say("The parts that have points and are not locked can bring {most}; what parts without points could bring is not known.")
    elif least > float(most["value"]) + _TOLERANCE:
        message = words.say("That is out of reach: the parts that are not locked can bring {most}.")
    else:
        message = words.say("Whether the rank is in reach is not known: the parts that are not locked can bring {most}.")
    return rich(message, most=shown.amount(most))


def _unknown(of: Mapping[str, Figure], shown: Shown) -> list[Rich]:
    unknown = of["n_unknown"]
    if not float(unknown["value"]):
        return []
    n, everything = shown.count_of(unknown)
    return [rich(shown.words.say("The totals of {n} of the {all} provinces are not known; what is known of the others and of ranks bounds what is needed."), n=n, all=everything)]


def _whose(of: Mapping[str, Figure], lost: pd.DataFrame, shown: Shown) -> list[Rich]:
    """Whether the total is the scorecard's own sum, or another one than that."""
    words, total = shown.words, by_measure(lost, on="node").get(TOTAL, {})
    if of["score"]["note"] != "published":
        return [rich(words.say("The total of the province is the sum of its scorecard, not a published one."))]
    points, scored = total.get("points"), total.get("n_scored")
    is_whole = points is not None and scored is not None and scored["value"] == scored["out_of"]
    if points is None or not is_whole or abs(float(points["value"]) - float(of["score"]["value"])) < SAME:
        return []
    message = words.say("The published total is {score}, the points on the scorecard add up to {points}: the two do not agree.")
    return [rich(message, score=shown.amount(of["score"]), points=shown(points))]


def say_scorecard(words: Words, caveats: Sequence[str], *, is_there: bool) -> Display:
    """How the figures of a scorecard are counted, and where they come from."""
    if not is_there:
        return blocks.paragraph(rich(words.say("A scorecard is a workbook that the province fills in; its figures stand apart from the published ones.")), role="note")
    items = [
        words.say("The figures of parts are those of the scorecard that the province filled in; they stand apart from the published ones and change no other report."),
        words.say("A part's points are the verified ones, or where there are none the self-score, and the points from surveys. What it lost is its maximum minus its points."),
        words.say("A part without an owner, a deadline or a mark of its own takes that of the part above it."),
        words.say("A route is the set of parts that brings the points with the least effort; where efforts are not filled in for every open part, the set of the fewest parts."),
        words.say("The totals of other provinces are published figures; the source of every number stands in numbers.csv beside this report."),
        *caveats,
    ]
    return blocks.bullets([rich("{text}", text=item) for item in items], role="note")
