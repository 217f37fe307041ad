"""Sentences that depend on the data. ``sentence_*`` return pieces for a paragraph, ``say_*`` a paragraph to display."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

import pandas as pd

from par_analysis.model import COUNTRY, TOTAL, Framework
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.language import Words
from par_analysis.show.values import Figure, Shown, find, joined, rich

MOST_YEARS: Final = 4
"""How many years that share a rank are named."""
MOST_NAMES: Final = 25
"""How many provinces are named; of more, their number is told."""


def sentence_level(own: pd.DataFrame, shown: Shown, *, unit: str, year: int, completeness: Figure | None = None) -> list[Rich]:
    """Score and place of the year, as far as they were published. ``completeness``: how many of the parts that a total is the sum of are known."""
    words, name = shown.words, shown.words.unit(unit)
    score, rank = find(own, measure="score"), find(own, measure="rank")
    if score is not None and rank is not None:
        message = words.say("In {year}, {unit} scored {score} and ranked {rank}.")
        return [rich(message, year=str(year), unit=name, score=shown.amount(score), rank=shown.place(rank), strong=("score", "rank"))]
    if rank is not None:
        message = words.say("In {year}, {unit} ranked {rank}; its score was not found.")
        return [rich(message, year=str(year), unit=name, rank=shown.place(rank), strong=("rank",))]
    if score is not None:
        message = words.say("In {year}, {unit} scored {score}; its rank was not found.")
        return [rich(message, year=str(year), unit=name, score=shown.amount(score), strong=("score",))]
    if completeness is None:
        return [rich(words.say("No overall result of {unit} for {year} was found in the sources."), unit=name, year=str(year))]
    if not float(completeness["value"]):
        shown(completeness)
        message = words.say("The source has no {index} figures of {unit} for {year}: they are left blank there, which does not mean zero.")
        return [rich(message, index=words.short_index, unit=name, year=str(year))]
    message = words.say("For {year} the source has the scores of {n} of the {all} parts that make up the {index} of {unit}, so there is no total and no rank.")
    return [rich(message, year=str(year), n=shown(completeness), all=f"{float(completeness['out_of']):.0f}", index=words.short_index, unit=name, strong=("n",))]


def sentence_change(total: pd.DataFrame, shown: Shown, *, base: int, is_comparable: bool | None) -> list[Rich]:
    """What moved since the year before; points are compared only where the method is the same."""
    words, score, rank, percentile = shown.words, *(find(total, measure=f"{name}_change") for name in ("score", "rank", "percentile"))
    parts = [_score_part(score, shown)] if score is not None and is_comparable is not False else []
    parts += [_rank_part(rank, shown)] if rank is not None else [_percentile_part(percentile, shown)] if percentile is not None else []
    said: list[Rich] = []
    if len(parts) == 2:
        both, but = words.say("Compared with {base}, {first} and {second}."), words.say("Compared with {base}, {first} but {second}.")
        message = but if _are_opposite(score, percentile if rank is None else rank) else both
        said.append(rich(message, base=str(base), first=parts[0], second=parts[1]))
    elif parts:
        said.append(rich(words.say("Compared with {base}, {first}."), base=str(base), first=parts[0]))
    if score is not None or (is_comparable is False and rank is not None):
        said += cautions(words, year=base + 1, base=base, is_comparable=is_comparable)
    return said


def _are_opposite(one: Figure | None, other: Figure | None) -> bool:
    return one is not None and other is not None and float(one["value"]) * float(other["value"]) < 0


def cautions(words: Words, *, year: int, base: int, is_comparable: bool | None) -> list[Rich]:
    """What is to be said wherever two years are compared that were not, or not surely, scored by the same method."""
    if is_comparable is None:
        return [rich(words.say("It is not confirmed that both years were scored by the same method."))]
    if is_comparable is False:
        message = words.say("The method changed between {base} and {year}: points of the two years are not comparable.")
        return [rich(message, base=str(base), year=str(year))]
    return []


def _score_part(score: Figure, shown: Shown) -> Rich:
    words = shown.words
    if not float(score["value"]):
        return rich(words.say("the score is the same"))
    message = words.say("the score rose by {points}") if float(score["value"]) > 0 else words.say("the score fell by {points}")
    return rich(message, points=shown.amount(score, size=True), strong=("points",))


def _rank_part(rank: Figure, shown: Shown) -> Rich:
    words, value = shown.words, float(rank["value"])
    if not value:
        return rich(words.say("the rank is the same"))
    count = abs(value)
    up = words.count("the rank improved by {n} place", "the rank improved by {n} places", count)
    down = words.count("the rank fell by {n} place", "the rank fell by {n} places", count)
    return rich(up if value > 0 else down, n=shown.size(rank), strong=("n",))


def _percentile_part(percentile: Figure, shown: Shown) -> Rich:
    """The change of a rank out of another number of provinces."""
    words = shown.words
    up, down = words.say("the share of the other provinces ranked behind it grew by {points}"), words.say("the share of the other provinces ranked behind it shrank by {points}")
    return rich(up if float(percentile["value"]) >= 0 else down, points=shown.amount(percentile, size=True), strong=("points",))


def sentence_best(best: pd.DataFrame, shown: Shown, *, year: int) -> list[Rich]:
    """Where the year's place stands among the known ones."""
    words = shown.words
    top, known, since = find(best, measure="best_rank"), find(best, measure="n_years_known"), find(best, measure="best_since")
    if top is None or known is None or float(known["value"]) < 2:
        return []
    if since is not None and is_best_of_all(best):
        message = words.say("This is the best of the {n} known ranks from {first} to {year}.")
        if leaves_out_ranks(best):
            message = words.say("This is the best of the {n} known ranks among as many provinces, from {first} to {year}.")
        return [rich(message, n=shown(known), first=f"{float(since['value']):.0f}", year=str(year), strong=("n",))]
    years, rank = years_held(top), rank_held(top, shown)
    if is_listed(top):
        return [rich(words.say("The best known rank is {rank}, in {best}."), rank=rank, best=listed_years(years, words))]
    return [rich(words.say("The best known rank is {rank}, most recently in {best}."), rank=rank, best=str(years[-1]))]


def years_held(extreme: Figure) -> list[int]:
    """The years in which the best or the worst known rank was held, as its note names them; its own year where it names none.

    >>> years_held({"year": 2023, "note": "in 2021, 2023; 1 rank(s) of another denominator left out"}), years_held({"year": 2023, "note": ""})
    ([2021, 2023], [2023])
    """
    named = re.match(r"in (\d{4}(?:, \d{4})*)", str(extreme["note"]))
    return [int(year) for year in named.group(1).split(", ")] if named else [int(extreme["year"])]


def is_listed(extreme: Figure) -> bool:
    """Whether the years that share a rank are named one by one: not where they are many, nor of a last rank, which is another number where the lists differ in length."""
    years = years_held(extreme)
    return len(years) == 1 or (len(years) <= MOST_YEARS and extreme["value"] != extreme["out_of"])


def listed_years(years: Sequence[int], words: Words) -> str:
    """Years in a sentence: 2017, 2020 and 2022."""
    *before, last = map(str, years)
    return words.say("{years} and {last}").format(years=", ".join(before), last=last) if before else last


def rank_held(extreme: Figure, shown: Shown) -> str:
    """A rank with its denominator; the first rank of several years without it, since their lists may differ in length."""
    return shown(extreme) if float(extreme["value"]) == 1 and len(years_held(extreme)) > 1 else shown.place(extreme)


def is_best_of_all(best: pd.DataFrame) -> bool:
    """Whether no known rank is as good as that of the year in question."""
    strict, top = find(best, measure="best_since_strict"), find(best, measure="best_rank")
    return strict is not None and top is not None and bool(strict["value"]) and int(top["year"]) == int(strict["year"])


def leaves_out_ranks(best: pd.DataFrame) -> bool:
    """Whether the unit has ranks of years in which another number of units was ranked: they are not compared with the others."""
    return bool(best["note"].str.contains("another denominator").any())


def sentence_mean(gaps: pd.DataFrame, shown: Shown) -> list[Rich]:
    """The score against the mean of the country."""
    words, gap, mean = shown.words, find(gaps, measure="gap_mean"), find(gaps, measure="mean", unit=COUNTRY)
    if gap is None or mean is None:
        return []
    if mean["basis"] == "computed":
        above = words.say("The score is {points} above the mean of the provinces with a known score ({mean}).")
        below = words.say("The score is {points} below the mean of the provinces with a known score ({mean}).")
    else:
        above = words.say("The score is {points} above the national mean ({mean}).")
        below = words.say("The score is {points} below the national mean ({mean}).")
    return [rich(above if float(gap["value"]) >= 0 else below, points=shown.amount(gap, size=True), mean=shown(mean))]


def sentence_country(
    mean: Figure | None, standing: pd.DataFrame, country: pd.DataFrame, shown: Shown, *, year: int, is_comparable: bool | None, scored: Figure | None = None
) -> list[Rich]:
    """The country's mean and range, and the distance between the first and the last. ``scored``: of how many scores a mean is that was not published."""
    words, top, low = shown.words, find(standing, unit=COUNTRY, measure="max"), find(standing, unit=COUNTRY, measure="min")
    said: list[Rich] = []
    if mean is not None and mean["basis"] != "computed":
        said.append(rich(words.say("In {year}, the mean of the provinces was {mean}."), year=str(year), mean=shown.amount(mean), strong=("mean",)))
    elif mean is not None and scored is not None:
        message = words.say("In {year}, the mean of the {n} provinces with a known score was {mean}.")
        said.append(rich(message, year=str(year), n=shown(scored), mean=shown.amount(mean), strong=("mean",)))
    moved = find(country, measure="mean_change", year=year)
    if moved is not None and is_comparable is not False:
        up, down = words.say("That is {points} more than in {base}."), words.say("That is {points} less than in {base}.")
        count = "" if math.isnan(float(moved["out_of"])) else f"{float(moved['out_of']):.0f}"
        if count:
            up = words.say("Among the {n} provinces with scores of both years, the mean rose by {points} since {base}.")
            down = words.say("Among the {n} provinces with scores of both years, the mean fell by {points} since {base}.")
        said.append(rich(up if float(moved["value"]) >= 0 else down, points=shown.amount(moved, size=True), base=str(year - 1), n=count, strong=("points",)))
    elif is_comparable is False:
        said.append(rich(words.say("The method changed between {base} and {year}: points of the two years are not comparable."), base=str(year - 1), year=str(year)))
    if top is not None and low is not None:
        said.append(rich(words.say("Scores range from {low} to {high}."), low=shown(low), high=shown(top)))
    known = standing[standing["measure"].isin(["score", "rank"]) & (standing["unit"] != COUNTRY)]["unit"].nunique()
    if not known:
        said.append(rich(words.say("No result of a province was found for {year}."), year=str(year)))
    return said


def sentence_domains(domains: pd.DataFrame, shown: Shown, *, year: int, most: int = 2) -> list[Rich]:
    """The domains whose rank moved most since the year before."""
    words = shown.words
    ranks = domains[(domains["measure"] == "rank") & domains["node"].str.match(r"domain:\d")]
    pairs = [(node, find(ranks, node=node, year=year - 1), find(ranks, node=node, year=year)) for node in dict.fromkeys(ranks["node"])]
    moved = [(node, old, new) for node, old, new in pairs if old is not None and new is not None and old["value"] != new["value"]]
    parts: list[str] = []
    for node, old, new in sorted(moved, key=lambda pair: (-abs(float(pair[2]["value"]) - float(pair[1]["value"])), pair[0]))[:most]:
        number = int(str(node).partition(":")[2])
        name = words.domain_names.get(number, words.say("Domain {number}").format(number=number))
        before = shown(old) if old["out_of"] == new["out_of"] or math.isnan(float(old["out_of"])) else shown.place(old)
        parts.append(words.say("{domain}: {old} to {new}").format(domain=name, old=before, new=shown.place(new)))
    return [rich(words.say("Largest changes of rank by domain: {list}."), list="; ".join(parts))] if parts else []


def say_history(best: pd.DataFrame, words: Words, *, breaks: Sequence[int], year: int) -> Display:
    """Best, worst, and how many years are known; where the method changed."""
    shown = Shown(words)
    said: list[Rich] = []
    top, low, known = find(best, measure="best_rank"), find(best, measure="worst_rank"), find(best, measure="n_years_known")
    if top is None or low is None or known is None:
        return blocks.absent(words.say("No rank of this unit is known in any year."))
    if float(known["value"]) > 1:
        message = words.say("Best known rank: {best} ({best_year}); worst: {worst} ({worst_year}).")
        best_year, worst_year = (_held(extreme, words) for extreme in (top, low))
        said.append(rich(message, best=rank_held(top, shown), best_year=best_year, worst=rank_held(low, shown), worst_year=worst_year, strong=("best", "worst")))
    if leaves_out_ranks(best):
        message = words.say("Known ranks among as many provinces: {n}; ranks of years in which another number was ranked are left out here.")
        said.append(rich(message, n=shown(known)))
    else:
        said.append(rich(words.say("Years with a known rank: {n}."), n=shown.place(known)))
    first = year + 1 - (1 if math.isnan(float(known["out_of"])) else int(known["out_of"]))
    changes = [str(met) for met in breaks if first < met <= year]
    if changes:
        said.append(rich(words.say("The method changed in {years}: across these years compare ranks, not scores."), years=", ".join(changes)))
    return _paragraph(said, shown)


def _held(extreme: Figure, words: Words) -> str:
    years = years_held(extreme)
    return listed_years(years, words) if is_listed(extreme) else words.say("{year}, most recently").format(year=years[-1])


def say_next_place(next_place: pd.DataFrame, words: Words) -> Display:
    """What one place up would take, and how much may be lost before one place is."""
    shown = Shown(words)
    up, down = find(next_place, measure="to_climb"), find(next_place, measure="to_drop")
    said: list[Rich] = []
    if any(figure is not None and not float(figure["value"]) for figure in (up, down)):
        text = words.say("Another province is named at the same rank or with the same score; no distance to the neighbours can be given.")
        return blocks.paragraph(rich(text), role="limit")
    if up is not None:
        message = words.say("With all other scores unchanged, {points} more would have drawn level with the next rank up.")
        said.append(rich(message, points=shown.amount(up, size=True), strong=("points",)))
    if down is not None:
        said.append(rich(words.say("The lead over the next rank down is {points}."), points=shown.amount(down, size=True), strong=("points",)))
    for direction, message in (
        ("climb", words.say("The score of the province ranked next above was not found; the gap is between {low} and {high}.")),
        ("drop", words.say("The score of the province ranked next below was not found; the lead over it is between {low} and {high}.")),
    ):
        low, high = find(next_place, measure=f"to_{direction}_low"), find(next_place, measure=f"to_{direction}_high")
        if low is not None and high is not None and find(next_place, measure=f"to_{direction}") is None:
            said.append(rich(message, low=shown.size(low).removesuffix("%"), high=shown.amount(high, size=True)))
    return _paragraph(said, shown) if said else blocks.absent(words.say("Score and rank are not both known: no distance to the neighbours can be given."))


def say_domains(counts: pd.DataFrame, words: Words, *, base: int) -> Display:
    """How many domains rose, fell and stayed the same, and how many are unknown."""
    shown = Shown(words)
    said: list[Rich] = []
    up, down, same, unknown = (find(counts, node="domains:rank", measure=f"domains_{name}") for name in ("up", "down", "same", "unknown"))
    moved = [figure for figure in (up, down, same) if figure is not None and float(figure["value"]) > 0]
    if up is not None and down is not None and moved:
        message = words.say("Of the domains with ranks of both years, {up} rose and {down} fell compared with {base}.")
        kept = shown(same) if same is not None and float(same["value"]) > 0 else ""
        if kept:
            message = words.say("Of the domains with ranks of both years, {up} rose, {down} fell and {same} stayed the same compared with {base}.")
        said.append(rich(message, up=shown(up), down=shown(down), same=kept, base=str(base), strong=("up", "down")))
    published = [_published(counts, way) for way in ("up", "down")]
    if published[0] is not None:
        fell = words.say("{n} fell").format(n=shown(published[1])) if published[1] is not None else ""
        message = words.say("As published: {n} of {all} domains rose") + (f", {fell}." if fell else ".")
        said.append(rich(message, n=shown(published[0]), all=f"{float(published[0]['out_of']):.0f}", strong=("n",)))
    if unknown is not None and float(unknown["value"]) > 0:
        said.append(rich(words.say("No ranks to compare were found for {n} of the {all} domains."), n=shown(unknown), all=f"{float(unknown['out_of']):.0f}"))
    if moved or published[0] is not None:
        return _paragraph(said, shown)
    return blocks.absent(words.say("No rank of a domain is known in both years.")) if words.domain_names else blocks.nothing()


def _published(counts: pd.DataFrame, way: str) -> Figure | None:
    """The published count of domains that moved: by rank, else as printed."""
    return find(counts, node=TOTAL, measure=f"domains_rank_{way}") or find(counts, node=TOTAL, measure=f"domains_{way}")


def say_coverage(coverage: pd.DataFrame, words: Words, *, year: int, unranked: Sequence[str] = ()) -> Display:
    """How many units have a score or a place in the year, and which are not ranked (``unranked``): by name, or how many."""
    shown = Shown(words)
    score, rank, anything = (find(coverage, year=year, measure=f"n_{name}") for name in ("scored", "ranked", "any"))
    if score is None or rank is None or anything is None or not float(anything["value"]):
        return blocks.absent(words.say("No figure of any province is known for this year."))
    message = words.say("For {year}, scores of {scored} and ranks of {ranked} provinces were found.")
    said = [rich(message, year=str(year), scored=shown.place(score), ranked=shown.place(rank))]
    if unranked:
        names = sorted((words.unit(unit) for unit in unranked), key=words.sort_key)
        told = ", ".join(names) if len(names) <= MOST_NAMES else words.number(len(names))
        said.append(rich(words.say("Not among the provinces that the index ranked in that year: {units}."), units=told))
    return _paragraph(said, shown, role="limit")


def say_method(framework: Framework | None, caveats: Sequence[str], citation: str, words: Words, *, year: int) -> Display:
    """By which decision the year was scored, what the index's known limits are, and how to cite it."""
    items: list[Rich] = []
    if framework is None:
        items.append(rich(words.say("By which decision the results of {year} were scored is not known."), year=str(year)))
    elif framework.decision:
        message = words.say("The results of {year} follow decision {decision} of {date}.")
        items.append(rich(message, year=str(year), decision=framework.decision, date=words.date(framework.date)))
        if not framework.years_confirmed_for(year):
            items.append(rich(words.say("That this decision applied to {year} is not confirmed."), year=str(year)))
    if framework is not None:
        note = framework.note.get(words.lang, "")
        items += [rich("{note}", note=note)] if note else []
    items += [rich("{caveat}", caveat=caveat) for caveat in caveats]
    items.append(rich("{citation}", citation=citation))
    return blocks.bullets(items, role="note")


def _paragraph(sentences: Sequence[Rich], shown: Shown, *, role: blocks.Role = "text") -> Display:
    return blocks.paragraph(joined(sentences), role=role, numbers=shown.rows)
