"""Whether the provinces draw together: the table of their spread by year, and what may be said of it."""

from __future__ import annotations

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich, Row
from par_analysis.show.cells import DASH, by_measure, cell, columns, filled, known
from par_analysis.show.language import Words
from par_analysis.show.sentences_movement import CHANCE, chance_of, is_known_of_half
from par_analysis.show.values import Shown, find, joined, rich


def _too_few(narrowing: pd.DataFrame, words: Words, *, year: int) -> Display | None:
    if is_known_of_half(find(narrowing, measure="n_scored", year=year)):
        return None
    return blocks.absent(words.say("The scores of fewer than half of the provinces are known for {year}: how far all of them are apart cannot be told.").format(year=year))


def table_narrowing(narrowing: pd.DataFrame, words: Words, *, year: int) -> Display:
    """Year by year: how many are scored, their standard deviation and range, the spread of those scored in all years, and the share of the inequality between regions.

    ``narrowing``: figures of ``metrics.narrowing``.
    """
    absent = _too_few(narrowing, words, year=year)
    if absent is not None:
        return absent
    shown = Shown(words)
    rows: list[Row] = []
    for when, of in sorted(by_measure(narrowing, on="year").items()):
        cells = [known(of.get("n_scored"), shown, place=True, absent="dash"), *(known(of.get(name), shown, absent="dash") for name in ("score_sd", "score_range", "common_spread"))]
        cells.append(cell(shown(of["between_share"], decimals=1)) if "between_share" in of else cell(DASH, "muted"))
        rows.append({"cells": [cell(str(when)), *cells], "highlight": when == year})
    heading = columns(
        words, ("Year", False), ("Provinces", True), ("Standard deviation", True), ("First to last", True), ("Spread of the same provinces", True), ("Of it between regions", True)
    )
    heading, rows = filled(heading, rows, keep=2)
    between = words.say(
        "“Of it between regions”: the share of Theil's index that would be left if all provinces of a region had the region's mean. It does not say that the region is the cause."
    )
    notes = [rich(between)]
    common = find(narrowing, measure="n_common")
    if common is not None:
        message = words.say("“Spread of the same provinces”: standard deviation of the logarithms of the {n} provinces scored in all of these years.")
        notes.insert(0, rich(message, n=shown(common)))
    return blocks.table(words.say("Spread of the scores over the years of one method"), heading, rows, notes=notes, numbers=shown.rows)


def say_narrowing(narrowing: pd.DataFrame, words: Words, *, year: int) -> Display:
    """Whether the spread shrank (sigma), whether who was behind gained more (beta), and what errors of measurement have to do with it.

    ``narrowing``: figures of ``metrics.narrowing``.
    """
    if _too_few(narrowing, words, year=year) is not None:
        return blocks.nothing()
    years, shown = sorted({int(when) for when in narrowing["year"]}), Shown(words)
    common = find(narrowing, measure="n_common")
    if len(years) < 2 or not is_known_of_half(common):
        message = words.say("No earlier year is known that was scored as {year} was, so whether the provinces draw together cannot be told.")
        return blocks.paragraph(rich(message, year=str(year)), role="limit")
    said = [*_sigma(narrowing, shown, years), *_beta(narrowing, shown, years)]
    limits = words.say(
        "Few years are compared, and they are not independent of each other. A spread can stay as it is while those behind gain, because others fall behind meanwhile."
    )
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(rich(limits), role="limit")


def _sigma(narrowing: pd.DataFrame, shown: Shown, years: list[int]) -> list[Rich]:
    words, p, n = shown.words, find(narrowing, measure="variance_p"), find(narrowing, measure="n_common")
    first, last = (find(narrowing, measure="common_spread", year=when) for when in (years[0], years[-1]))
    if first is None or last is None or n is None:
        return []
    narrower = words.say("From {first} to {last} the spread of the {n} provinces scored in every year narrowed from {old} to {new}.")
    wider = words.say("From {first} to {last} the spread of the {n} provinces scored in every year widened from {old} to {new}.")
    message = narrower if float(last["value"]) <= float(first["value"]) else wider
    said = [rich(message, first=str(years[0]), last=str(years[-1]), n=shown(n), old=shown(first), new=shown(last), strong=("old", "new"))]
    if p is not None:
        clear, unclear = words.say("Chance alone seldom makes such a difference (p {p})."), words.say("Chance alone may well make such a difference (p {p}).")
        said.append(rich(clear if float(p["value"]) < CHANCE else unclear, p=chance_of(p, shown)))
    return said


def _beta(narrowing: pd.DataFrame, shown: Shown, years: list[int]) -> list[Rich]:
    words = shown.words
    beta, p, half, reliability = (find(narrowing, measure=name) for name in ("beta", "beta_p", "half_life", "beta_reliability"))
    if beta is None or p is None:
        return []
    if float(beta["value"]) >= 0 or float(p["value"]) >= CHANCE or half is None or reliability is None:
        message = words.say("Provinces that were behind in {first} did not clearly gain more than those ahead (p {p}).")
        return [rich(message, first=str(years[0]), p=chance_of(p, shown))]
    message = words.say("A province one point behind another in {first} gained {beta} points a year on it (p {p}); at that pace a gap halves in {half} years.")
    said = [rich(message, first=str(years[0]), beta=shown.size(beta), p=chance_of(p, shown), half=shown(half, decimals=1), strong=("beta",))]
    error = words.say("Errors of measurement in {first} look the same: scores of a reliability of {reliability} would give this without anybody drawing nearer.")
    return [*said, rich(error, first=str(years[0]), reliability=shown(reliability, decimals=2))] if float(reliability["value"]) > 0 else said

