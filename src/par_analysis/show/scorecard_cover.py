"""The head of a report on a province's own scorecard: what it has, what it lost, what it can win back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Headline, Rich
from par_analysis.show.language import Words
from par_analysis.show.values import Shown, find, number_row, rich, text_of


def cover_improvement(lost: pd.DataFrame, claimed: pd.DataFrame, regainable: pd.DataFrame, identity: Mapping[str, Any], words: Words, *, received: str) -> Display:
    """The cover. ``lost``, ``claimed``, ``regainable``: figures of ``metrics.lost_points``, ``self_scores`` and ``regainable_points``; ``received``: the day of the scorecard, ""
    where there is none."""
    unit, year = str(identity["unit"]), int(identity["year"])
    shown = Shown(words)
    subtitle = words.index_name
    if received:
        subtitle = words.say("{index} · the province's own scorecard, received on\u00a0{date}").format(index=words.index_name, date=words.date(received).replace(" ", "\u00a0"))
    return blocks.cover(
        dict(identity),
        title=words.unit(unit),
        subtitle=subtitle,
        kicker=words.say("{index} · {year} · improvement").format(index=words.short_index, year=year),
        author="par-analysis",
        headlines=[*_points(lost, shown), *_regainable(regainable, shown), *_claimed(claimed, shown)],
        lead=[sentence_lost(lost, shown, unit=unit, year=year)],
        numbers=shown.rows,
    )


def points_out_of(figure: Mapping[str, Any], shown: Shown) -> str:
    """Points with the maximum that they are out of, in one row of ``numbers.csv``: 8,50 / 9,5."""
    words = shown.words
    text = f"{text_of(figure, words)} / {words.maximum(float(figure['out_of']))}"
    shown.rows.append(number_row(figure, text, words))
    return text


def sentence_lost(lost: pd.DataFrame, shown: Shown, *, unit: str, year: int) -> Rich:
    """What the province has and has lost; that there is no scorecard, where that is so."""
    words = shown.words
    total = lost[lost["node"] == TOTAL]
    points, missing, count = find(total, measure="points"), find(total, measure="points_lost"), find(total, measure="n_lost")
    if points is None or missing is None or count is None:
        message = words.say("No scorecard of {unit} for {year} has been added: “par scorecard new” writes one to fill in, “par add scorecard” adds it.")
        return rich(message, unit=words.unit(unit), year=str(year))
    n, everything = shown.count_of(count)
    message = words.say("By its own scorecard for {year}, {unit} has {points} points and has lost {lost}, on {n} of the {all} parts that have points.")
    return rich(message, year=str(year), unit=words.unit(unit), points=points_out_of(points, shown), lost=shown(missing), n=n, all=everything, strong=("points", "lost"))


def _points(lost: pd.DataFrame, shown: Shown) -> list[Headline]:
    words, total = shown.words, lost[lost["node"] == TOTAL]
    points, missing, scored, verified = (find(total, measure=name) for name in ("points", "points_lost", "n_scored", "n_verified"))
    if points is None or missing is None or scored is None or verified is None:
        return []
    n, everything = shown.count_of(scored)
    seen, of = shown.count_of(verified)
    have, are_verified = words.say("of {maximum}; {n} of {all} parts have points"), words.say("{n} of {all} parts are verified").format(n=seen, all=of)
    have = have.format(maximum=words.maximum(float(points["out_of"])), n=n, all=everything)
    return [
        {"label": words.say("Points on the scorecard"), "value": shown(points), "detail": have, "tone": "plain"},
        {"label": words.say("Points lost"), "value": shown(missing), "detail": are_verified, "tone": "plain"},
    ]


def _regainable(regainable: pd.DataFrame, shown: Shown) -> list[Headline]:
    words, total = shown.words, regainable[regainable["node"] == TOTAL]
    open_, locked = find(total, measure="headroom_open"), find(total, measure="headroom_locked")
    if open_ is None or locked is None:
        return []
    detail = words.say("{points} more on parts that are locked").format(points=shown(locked)) if float(locked["value"]) else words.say("no part is marked as locked")
    return [{"label": words.say("Can be regained"), "value": shown(open_), "detail": detail, "tone": "plain"}]


def _claimed(claimed: pd.DataFrame, shown: Shown) -> list[Headline]:
    words, total = shown.words, claimed[claimed["node"] == TOTAL]
    gap, over = find(total, measure="gap_self"), find(total, measure="n_over")
    if gap is None or over is None:
        return []
    n, everything = shown.count_of(over)
    detail = words.say("too high on {n} of {all} parts").format(n=n, all=everything)
    return [{"label": words.say("Self-score minus verified"), "value": shown(gap), "detail": detail, "tone": "plain"}]
