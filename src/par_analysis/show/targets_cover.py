"""The head of a report on a target rank: where the unit stands, and what the rank takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Headline, Rich
from par_analysis.show.charts_ladder import rungs_of
from par_analysis.show.language import Words
from par_analysis.show.sentences import sentence_level
from par_analysis.show.sentences_targets import has_target, too_few
from par_analysis.show.values import Shown, find, joined, rich


def cover_targets(
    needs: pd.DataFrame, standing: pd.DataFrame, identity: Mapping[str, Any], words: Words, *, target: int, received: str, completeness: pd.DataFrame | None = None
) -> Display:
    """The cover: rank and score, and the points to the target rank with the others as they are and moving as provinces did before.

    ``needs``: figures of ``metrics.target_needs``; ``standing``: the year's scores and ranks, as ``metrics.standings`` gives them; ``received``: the day of the newest figures;
    ``completeness``: of ``metrics.completeness``, for an index that sums its parts.
    """
    unit, year, shown = str(identity["unit"]), int(identity["year"]), Shown(words)
    own = standing[(standing["unit"] == unit) & (standing["year"] == year) & (standing["node"] == TOTAL)]
    known = None if completeness is None else find(completeness, unit=unit, year=year, measure="n_scored")
    lead = [*sentence_level(own, shown, unit=unit, year=year, completeness=known), *_answer(needs, shown, unit=unit, target=target)]
    return blocks.cover(
        dict(identity),
        title=words.say("{unit}: what rank {rank} takes").format(unit=words.unit(unit), rank=words.number(target)),
        subtitle=words.say("{index} · figures received up\u00a0to\u00a0{date}").format(index=words.index_name, date=words.date(received).replace(" ", "\u00a0")),
        kicker=f"{words.short_index} · {year}",
        author="par-analysis",
        headlines=[*_stand(own, shown), *_points(needs, shown, target=target)],
        lead=[joined(lead)] if lead else [],
        numbers=shown.rows,
    )


def _stand(own: pd.DataFrame, shown: Shown) -> list[Headline]:
    words, score, rank = shown.words, find(own, measure="score"), find(own, measure="rank")
    found: list[Headline] = []
    if rank is not None:
        found.append({"label": words.say("Rank"), "value": shown.place(rank), "detail": "", "tone": "plain"})
    if score is not None:
        found.append({"label": words.say("Score"), "value": shown(score), "detail": "", "tone": "plain"})
    return found


def _points(needs: pd.DataFrame, shown: Shown, *, target: int) -> list[Headline]:
    """The need under the first and the last assumption; for a unit that has the rank, what it may lose."""
    words, own = shown.words, find(needs, measure="rank", node=TOTAL)
    rung = next((one for one in rungs_of(needs) if one.sign > 0), None)
    if own is None or rung is None:
        return []
    if float(own["value"]) <= target:
        drop = find(needs, measure="points_to_drop")
        label = words.say("May be lost before rank {rank} is").format(rank=words.number(target))
        return [] if drop is None else [{"label": label, "value": shown(drop), "detail": words.say("points, the others as they are"), "tone": "plain"}]
    label = words.say("To rank {rank}").format(rank=words.number(target))
    value = shown(rung.ends[0], signed=True) if rung.is_known else f"{shown(rung.ends[0])}–{shown(rung.ends[1])}"
    found: list[Headline] = [{"label": label, "value": value, "detail": words.say("points, the others as they are"), "tone": "plain"}]
    median = find(needs, measure="points_to_rank_q50")
    if median is not None:
        found.append({"label": label, "value": shown(median, signed=True), "detail": words.say("points, the others moving as before"), "tone": "plain"})
    return found


def _answer(needs: pd.DataFrame, shown: Shown, *, unit: str, target: int) -> list[Rich]:
    """The answer in a sentence."""
    words, own = shown.words, find(needs, measure="rank", unit=unit, node=TOTAL)
    if own is not None and target > float(own["out_of"]):
        return [too_few(own, words, target=target)]
    if own is not None and float(own["value"]) <= target:
        return [has_target(words, unit=unit, target=target)]
    rung = next((one for one in rungs_of(needs) if one.sign > 0), None)
    if own is None or rung is None:
        return []
    low, high = find(needs, measure="points_to_rank_q05"), find(needs, measure="points_to_rank_q95")
    if low is None or high is None:
        return []
    message = words.say("If the other provinces move as provinces did before, rank {rank} takes between {low} and {high} in nine draws of ten.")
    return [rich(message, rank=words.number(target), low=shown(low), high=shown.amount(high), strong=("low", "high"))]
