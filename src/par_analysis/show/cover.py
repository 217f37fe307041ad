"""The head of a report: who, when, the key figures and the answer in a few sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from par_analysis.model import COUNTRY, TOTAL, is_counted_anew
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Headline, Rich
from par_analysis.show.cells import tone_of
from par_analysis.show.language import Words
from par_analysis.show.sentences import (
    is_best_of_all,
    is_listed,
    leaves_out_ranks,
    listed_years,
    rank_held,
    sentence_best,
    sentence_change,
    sentence_country,
    sentence_domains,
    sentence_level,
    sentence_mean,
    years_held,
)
from par_analysis.show.sentences_robustness import beside_rank
from par_analysis.show.values import Figure, Shown, find, joined, rich, text_of

Tone = Literal["plain", "up", "down"]
Reading = tuple[Headline, Figure | None]


def cover_province(
    standing: pd.DataFrame,
    change: pd.DataFrame,
    best: pd.DataFrame,
    gaps: pd.DataFrame,
    domains: pd.DataFrame,
    identity: Mapping[str, Any],
    words: Words,
    *,
    is_comparable: bool | None,
    received: str,
    high: float = 100.0,
    completeness: pd.DataFrame | None = None,
    effort: pd.DataFrame | None = None,
    intervals: pd.DataFrame | None = None,
) -> Display:
    """The cover of a province's year. ``standing``: its score and rank, or their bounds; ``change``, ``best``, ``gaps``, ``domains`` as the metrics return them;
    ``received``: the day of the newest figures; ``high``: the end of the index's scale; ``completeness``: of ``metrics.completeness``, for an index that sums its parts;
    ``effort``: of ``metrics.own_and_others``, whose change of rank is told beside the plain one where it is counted among other provinces; ``intervals``: of
    ``metrics.rank_intervals``, of which the interval and the group of its rank are told."""
    unit, year = str(identity["unit"]), int(identity["year"])
    shown = Shown(words)
    own = standing[(standing["unit"] == unit) & (standing["year"] == year) & (standing["node"] == TOTAL)]
    total = change[change["node"] == TOTAL]
    known = None if completeness is None else find(completeness, unit=unit, year=year, measure="n_scored")
    headlines = [
        *_score(own, total, shown, is_comparable=is_comparable, maximum=high),
        *_parts(own, known, shown),
        *_rank(own, total, shown, intervals),
        *_best(best, shown),
        *_mean(gaps, shown),
    ]
    lead = [
        *sentence_level(own, shown, unit=unit, year=year, completeness=known),
        *sentence_change(total, shown, base=year - 1, is_comparable=is_comparable),
        *_among_the_same(total, effort, shown),
        *sentence_best(best, shown, year=year),
        *sentence_mean(gaps, shown),
        *sentence_domains(domains, shown, year=year),
    ]
    return _cover(identity, words, words.unit(unit), headlines, [joined(lead)] if lead else [], shown, received=received)


def _among_the_same(total: pd.DataFrame, effort: pd.DataFrame | None, shown: Shown) -> list[Rich]:
    """The change of rank among the provinces scored in both years, where it is not the plain one or the plain ranks are out of two numbers."""
    plain, anew = find(total, measure="rank_change"), None if effort is None else find(effort, measure="rank_change")
    if anew is None or not is_counted_anew(str(anew["note"])):
        return []
    if plain is not None and plain["value"] == anew["value"] and "ranks out of" not in str(plain["note"]):
        return []
    message = shown.words.say("Among the {n} provinces with scores of both years: {change}.")
    return [rich(message, n=f"{float(anew['out_of']):.0f}", change=places_moved(anew, shown))]


def cover_national(
    means: pd.DataFrame,
    standing: pd.DataFrame,
    rise: pd.DataFrame,
    country: pd.DataFrame,
    identity: Mapping[str, Any],
    words: Words,
    *,
    is_comparable: bool | None,
    received: str,
) -> Display:
    """The cover of the country's year: the mean, the first and the last, how many rose and fell. ``country``: its history."""
    year = int(identity["year"])
    shown = Shown(words)
    mean = find(means, unit=COUNTRY, measure="mean") or find(means, unit=COUNTRY, measure="mean_computed")
    scored = find(means, unit=COUNTRY, measure="n_scored")
    headlines = [
        *_national_mean(mean, scored, find(country, measure="mean_change", year=year), shown, is_comparable=is_comparable),
        *_extreme(standing, "max", words.say("Highest"), shown),
        *_extreme(standing, "min", words.say("Lowest"), shown),
        *_rose(rise, shown),
    ]
    lead = sentence_country(mean, standing, country, shown, year=year, is_comparable=is_comparable, scored=scored)
    return _cover(identity, words, words.unit(COUNTRY), headlines, [joined(lead)], shown, received=received)


def _national_mean(mean: Figure | None, scored: Figure | None, moved: Figure | None, shown: Shown, *, is_comparable: bool | None) -> list[Headline]:
    words = shown.words
    if mean is None:
        return []
    value, base = shown(mean), int(mean["year"]) - 1
    if moved is None:
        detail = words.say("as published")
    elif is_comparable is False:
        detail = words.say("method changed: no comparison with {base}").format(base=base)
    else:
        detail = words.say("{change} since {base}").format(change=shown.amount(moved), base=base)
    label = words.say("National mean")
    if mean["basis"] == "computed" and scored is not None:
        label, detail = words.say("Mean of the known scores"), words.say("{n} of {all} scores").format(n=shown(scored), all=f"{float(scored['out_of']):.0f}")
    return [{"label": label, "value": value, "detail": detail, "tone": "plain"}]


def _cover(identity: Mapping[str, Any], words: Words, title: str, headlines: Sequence[Headline], lead: Sequence[Rich], shown: Shown, *, received: str) -> Display:
    year = str(identity["year"])
    return blocks.cover(
        dict(identity),
        title=title,
        subtitle=words.say("{index} · figures received up\u00a0to\u00a0{date}").format(index=words.index_name, date=words.date(received).replace(" ", "\u00a0")),
        kicker=f"{words.short_index} · {year}",
        author="par-analysis",
        headlines=headlines,
        lead=lead,
        numbers=shown.rows,
    )


def _tone(change: Figure | None, words: Words) -> Tone:
    return "plain" if change is None else tone_of(text_of(change, words), float(change["value"]))


def _parts(own: pd.DataFrame, known: Figure | None, shown: Shown) -> list[Headline]:
    """How many parts are known of a total that is not."""
    if known is None or find(own, measure="score") is not None:
        return []
    words = shown.words
    return [{"label": words.say("Known parts of the score"), "value": shown.place(known), "detail": words.say("no total, no rank"), "tone": "plain"}]


def _score(own: pd.DataFrame, total: pd.DataFrame, shown: Shown, *, is_comparable: bool | None, maximum: float) -> list[Headline]:
    words = shown.words
    score, change = find(own, measure="score"), find(total, measure="score_change")
    if score is None:
        low, high = find(own, measure="score_low"), find(own, measure="score_high")
        if low is None or high is None or find(own, measure="rank") is None:
            return []
        return [{"label": words.say("Score (possible range)"), "value": f"{shown(low)}–{shown(high)}", "detail": words.say("between the known scores around it"), "tone": "plain"}]
    out_of = float(score["out_of"])
    detail = words.say("out of {maximum} points").format(maximum=words.maximum(maximum if math.isnan(out_of) else out_of)) if score["unit_of_measure"] == "points" else ""
    tone: Tone = "plain"
    if change is not None and is_comparable is not False:
        detail, tone = words.say("{change} since {base}").format(change=shown.amount(change), base=int(score["year"]) - 1), _tone(change, words)
    elif change is not None:
        detail = words.say("method changed: no comparison with {base}").format(base=int(score["year"]) - 1)
    return [{"label": words.say("Score"), "value": shown(score), "detail": detail, "tone": tone}]


def _rank(own: pd.DataFrame, total: pd.DataFrame, shown: Shown, intervals: pd.DataFrame | None) -> list[Headline]:
    words = shown.words
    rank, change, percentile = find(own, measure="rank"), find(total, measure="rank_change"), find(total, measure="percentile_change")
    if rank is None:
        low, high = find(own, measure="rank_low"), find(own, measure="rank_high")
        if low is None or high is None or find(own, measure="score") is None:
            return []
        return [{"label": words.say("Rank (possible range)"), "value": f"{shown(low)}–{shown.place(high)}", "detail": words.say("by the known scores and ranks"), "tone": "plain"}]
    other = words.say("another number was ranked in {base}").format(base=int(rank["year"]) - 1) if percentile is not None else ""
    details = [places_moved(change, shown) if change is not None else other]
    if intervals is not None and (found := beside_rank(intervals, shown, unit=str(rank["unit"]))):
        details.append(words.say("interval {interval}, group {group} of {groups}").format(interval=found[0], group=found[1], groups=found[2]))
    return [{"label": words.say("Rank"), "value": shown.place(rank), "detail": "; ".join(filter(None, details)), "tone": _tone(change, words)}]


def places_moved(change: Figure, shown: Shown) -> str:
    """A change of rank in words: up 25 places, down 1 place, the same place."""
    words, value = shown.words, float(change["value"])
    if not value:
        return words.say("same rank as the year before")
    count = abs(value)
    form = words.count("up {n} place", "up {n} places", count) if value > 0 else words.count("down {n} place", "down {n} places", count)
    return form.format(n=shown.size(change))


def _best(best: pd.DataFrame, shown: Shown) -> list[Headline]:
    words = shown.words
    since, top, known = find(best, measure="best_since"), find(best, measure="best_rank"), find(best, measure="n_years_known")
    if known is None or top is None or float(known["value"]) < 2:
        return []
    if since is not None and is_best_of_all(best):
        of = words.say("best of {n} known ranks, {first}–{year}")
        if leaves_out_ranks(best):
            of = words.say("best of {n} ranks among as many provinces, {first}–{year}")
        detail = of.format(n=shown(known), first=f"{float(since['value']):.0f}", year=int(since["year"]))
        return [{"label": words.say("Best known rank"), "value": shown.place(top), "detail": detail, "tone": "plain"}]
    years = years_held(top)
    when = words.say("in {year}").format(year=listed_years(years, words)) if is_listed(top) else words.say("most recently in {year}").format(year=years[-1])
    return [{"label": words.say("Best known rank"), "value": rank_held(top, shown), "detail": when, "tone": "plain"}]


def _mean(gaps: pd.DataFrame, shown: Shown) -> list[Headline]:
    words = shown.words
    gap, mean = find(gaps, measure="gap_mean"), find(gaps, measure="mean", unit=COUNTRY)
    if gap is None or mean is None:
        return []
    told = words.say("mean of the known scores: {mean}") if mean["basis"] == "computed" else words.say("national mean: {mean}")
    detail = told.format(mean=shown(mean))
    return [{"label": words.say("Against the mean"), "value": shown(gap), "detail": detail, "tone": "plain"}]


def _extreme(standing: pd.DataFrame, measure: str, label: str, shown: Shown) -> list[Headline]:
    scores = standing[(standing["measure"] == "score") & standing["unit"].str.fullmatch(r"[0-9-]+")]
    limit = find(standing, unit=COUNTRY, measure=measure)
    if limit is None:
        return []
    holders = [shown.words.unit(str(unit)) for unit in scores.loc[(scores["value"] - float(limit["value"])).abs() < 1e-9, "unit"]]
    return [{"label": label, "value": shown(limit), "detail": ", ".join(holders) or shown.words.say("holder not found"), "tone": "plain"}]


def _rose(rise: pd.DataFrame, shown: Shown) -> list[Headline]:
    words = shown.words
    up, down = find(rise, unit=COUNTRY, measure="n_units_up"), find(rise, unit=COUNTRY, measure="n_units_down")
    if up is None or down is None:
        return []
    return [{"label": words.say("Scores that rose"), "value": shown.place(up), "detail": words.say("{n} fell").format(n=shown(down)), "tone": "plain"}]
