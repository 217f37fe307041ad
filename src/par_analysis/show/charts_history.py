"""Charts over the years: a unit's ranks, its scores beside the country's, and how much is known of each year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from par_analysis.model import TOTAL
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, GRID, INK, LEADING, MUTED, PAPER, RULE, SMALL, WIDTH, Place, Record, Sheet, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, KeyItem, Scale, box_item, dot_item, draw_key, key_lines, spread, tick_texts, ticks, upright_item
from par_analysis.show.values import amount_of, scale_of, text_of

_LEFT: Final = 15.0
_DASH: Final = (2.0, 2.0)
_WIDEST_STEP: Final = 22.0
_DERIVED: Final[Mapping[str, Any]] = {"fill": PAPER, "edge": ACCENT, "width": 1.2}
ByYear = Mapping[int, Record]
EndLabel = tuple[float, list[str], bool]
"""A value at the right end, the lines that name it, and whether it is the subject."""


def plot_rank_history(history: pd.DataFrame, words: Words, *, breaks: Sequence[int], highlight_year: int) -> blocks.Display:
    """A unit's rank year by year, the first place at the top; absent where fewer than two are known. ``breaks``: years that began with another method.

    ``history``: figures of one unit; those of measure ``rank`` on the total are drawn. Nothing stands for a year whose rank is not known.
    """
    known = _by_year(records(history), "rank")
    if not known:
        return blocks.absent(words.say("No rank was found for any year."))
    if len(known) == 1:
        return blocks.absent(words.say("The rank of one year alone is known, so no chart is drawn."))
    years = list(range(min(known), max(*known, highlight_year) + 1))
    places = max(_places(row) for row in known.values())
    key = key_lines(_history_key(known, years, breaks, words, broken=words.say("method changed")))
    sheet = Sheet(75.5 + KEY_LEADING * len(key))
    across, down = _year_scale(years, WIDTH - 5), Scale(1, max(places, 2), 10, 62)
    marks = _rank_marks(max(places, 2))
    sheet.strokes([[(_LEFT - 5, down(mark)), (max(across(years[-1]) + 5, 60), down(mark))] for mark in marks], color=GRID)
    _left_texts(sheet, down, marks, [words.number(mark) for mark in marks], words.say("rank"))
    _years(sheet, years, across, 70.5, highlight=highlight_year)
    _breaks(sheet, years, breaks, across, bottom=64)
    _line(sheet, known, across, down)
    _rank_labels(sheet, known, across, down, highlight=highlight_year, words=words)
    _dots(sheet, known, across, down)
    draw_key(sheet, 76.5, key)
    unit = words.unit(next(iter(known.values()))["unit"])
    fewest = min(_places(row) for row in known.values())
    among = words.say("{unit}: rank among {places} provinces, {years}") if fewest == places else words.say("{unit}: rank among {fewest} to {places} provinces, {years}")
    caption = among.format(unit=unit, fewest=fewest, places=places, years=_span(years))
    return blocks.figure(caption, _rank_alt(known, unit, words), sheet.svg(), numbers=numbers_of(known.values(), words))


def plot_score_history(history: pd.DataFrame, country: pd.DataFrame, words: Words, *, breaks: Sequence[int]) -> blocks.Display:
    """A unit's score year by year beside the country's mean and its least and greatest score.

    ``history``: figures of one unit, ``country``: of the country (measures mean, min, max), all on the total. The line stops where the method changed.
    """
    scores, of_country = _by_year(records(history), "score"), records(country)
    if not scores:
        return blocks.absent(words.say("No score was found for any year."))
    if len(scores) < 3:
        return blocks.absent(words.say("Scores of fewer than three years are known, so no chart is drawn."))
    beside = {name: {year: row for year, row in _by_year(of_country, name).items() if year >= min(scores)} for name in ("mean", "max", "min")}
    every = [row for of in (scores, *beside.values()) for row in of.values()]
    years = list(range(min(scores), max(row["year"] for row in every) + 1))
    key = key_lines(_history_key(scores, years, breaks, words, broken=words.say("method changed: scores do not compare across this line")))
    labels = _ends(scores, beside, years[-1], words)
    values = ticks(min(row["value"] for row in every), max(row["value"] for row in every))
    sheet = Sheet(70 + KEY_LEADING * len(key))
    across = _year_scale(years, WIDTH - 6 - max(measure(line, bold=bold) for _, lines, bold in labels for line in lines))
    down = Scale(values[-1], values[0], 8, 60)
    sheet.strokes([[(_LEFT - 5, down(value)), (across(years[-1]) + 3, down(value))] for value in values], color=GRID)
    _left_texts(sheet, down, values, tick_texts(values, words), scale_of(next(iter(scores.values())), words))
    _years(sheet, years, across, 65)
    _breaks(sheet, years, breaks, across, bottom=61)
    _country(sheet, beside, across, down)
    _line(sheet, scores, across, down, breaks)
    _dots(sheet, scores, across, down)
    _end_labels(sheet, labels, across(years[-1]) + 4.5, down)
    draw_key(sheet, 71, key)
    unit = words.unit(next(iter(scores.values()))["unit"])
    caption = words.say("{unit}: score beside the country's mean and range, {years}").format(unit=unit, years=_span(years))
    return blocks.figure(caption, _score_alt(scores, beside, unit, words), sheet.svg(), numbers=numbers_of(every, words))


def plot_coverage(coverage: pd.DataFrame, words: Words) -> blocks.Display:
    """Of how many units the score, or only the rank, is known in each year.

    ``coverage``: figures of the country with the measures ``n_scored`` and ``n_any``, whose ``out_of`` is the number of units.
    """
    rows = records(coverage)
    scored, some = _by_year(rows, "n_scored"), _by_year(rows, "n_any")
    counts = {year: _parts(scored[year], some[year]) for year in scored if year in some}
    if not counts:
        return blocks.absent(words.say("No year has a published figure."))
    texts = (words.say("score known"), words.say("only the rank known"), words.say("neither found"))
    key = key_lines([box_item(text, **look) for text, look in zip(texts, _COVERED.values(), strict=True)])
    top = KEY_LEADING * len(key) + 2
    sheet = Sheet(top + 5.4 * len(counts) + 1)
    draw_key(sheet, 2.4, key)
    scale = Scale(0, max(float(row["out_of"]) for row in some.values()), 11, WIDTH - 1)
    for number, parts in enumerate(counts.values()):
        _coverage_bar(sheet, top + 5.4 * number + 2.5, parts, scale, words)
    numbers = numbers_of((row for parts in counts.values() for row in parts), words)
    return blocks.figure(words.say("Provinces with a known score or rank, by year"), _coverage_alt(counts, words), sheet.svg(), numbers=numbers)


_COVERED: Final[Mapping[str, Mapping[str, Any]]] = {"n_scored": {"fill": ACCENT}, "n_rank_only": {"fill": "#a9cbd8"}, "n_unknown": {"fill": PAPER, "edge": RULE}}


def _parts(scored: Record, some: Record) -> tuple[Record, Record, Record]:
    """Scored, only ranked, neither: figures that add up to all units."""
    only = {**some, "measure": "n_rank_only", "value": some["value"] - scored["value"]}
    neither = {**some, "measure": "n_unknown", "value": some["out_of"] - some["value"]}
    return scored, only, neither


def _coverage_bar(sheet: Sheet, y: float, parts: Sequence[Record], scale: Scale, words: Words) -> None:
    sheet.text(0, y, str(parts[0]["year"]), size=SMALL, color=MUTED)
    reached = 0.0
    for row in parts:
        left, right = scale(reached), scale(reached + row["value"])
        reached += row["value"]
        if not row["value"]:
            continue
        sheet.boxes([(left, y - 1.95, right - left - 0.3, 3.9)], **_COVERED[row["measure"]])
        if measure(text_of(row, words), size=SMALL) + 1 < right - left:
            sheet.text((left + right) / 2, y, text_of(row, words), size=SMALL, anchor="middle", color=PAPER if row["measure"] == "n_scored" else INK)


def _by_year(rows: Sequence[Record], name: str) -> dict[int, Record]:
    """Year → row of a measure of the whole year on the total."""
    found = {int(row["year"]): row for row in rows if row["measure"] == name and row["node"] == TOTAL and not row["period"]}
    return dict(sorted(found.items()))


def _places(row: Record) -> int:
    """How many units were ranked, as far as the rank says it."""
    return int(row["out_of"]) if row["out_of"] == row["out_of"] else int(row["value"])


def _span(years: Sequence[int]) -> str:
    return f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])


def _year_scale(years: Sequence[int], right: float) -> Scale:
    steps = max(len(years) - 1, 1)
    return Scale(years[0], years[0] + steps, _LEFT, min(right, _LEFT + steps * _WIDEST_STEP))


def _years(sheet: Sheet, years: Sequence[int], across: Scale, y: float, *, highlight: int | None = None) -> None:
    """The years' labels: every one where they fit, else every second or third one back from the last."""
    step = across(years[0] + 1) - across(years[0])
    every = next(count for count in range(1, 9) if step * count > measure("2024", size=SMALL, bold=True) + 1)
    for year in years[::-every]:
        strong = year == highlight
        sheet.text(across(year), y, str(year), size=SMALL, anchor="middle", color=INK if strong else MUTED, bold=strong)


def _breaks(sheet: Sheet, years: Sequence[int], breaks: Sequence[int], across: Scale, *, bottom: float) -> None:
    inside = [across(year - 0.5) for year in breaks if years[0] < year <= years[-1]]
    sheet.strokes([[(x, 6), (x, bottom)] for x in inside], color=MUTED, width=0.5, dash=_DASH)


def _rank_marks(places: int) -> list[int]:
    return [1, *(mark for mark in range(20, places - 7, 20)), places]


def _left_texts(sheet: Sheet, down: Scale, values: Sequence[float], texts: Sequence[str], title: str) -> None:
    for value, text in zip(values, texts, strict=True):
        sheet.text(_LEFT - 6.5, down(value), text, size=SMALL, color=MUTED, anchor="end")
    sheet.text(0, 2.4, title, size=SMALL, color=MUTED)


def _line(sheet: Sheet, known: ByYear, across: Scale, down: Scale, breaks: Sequence[int] = ()) -> None:
    """A line only from a year to the very next one, and not across a break."""
    at = {year: (across(year), down(row["value"])) for year, row in known.items()}
    sheet.strokes([[at[year - 1], place] for year, place in at.items() if year - 1 in at and year not in breaks], color=ACCENT, width=1.3)


def _dots(sheet: Sheet, known: ByYear, across: Scale, down: Scale) -> None:
    """Hollow where derived from a change, else full."""
    for is_derived, look in ((False, {}), (True, _DERIVED)):
        sheet.dots([(across(year), down(row["value"])) for year, row in known.items() if (row["basis"] == "derived") == is_derived], **look)


def _rank_labels(sheet: Sheet, known: ByYear, across: Scale, down: Scale, *, highlight: int, words: Words) -> None:
    """The ranks beside their dots, on the side that the line leaves free."""
    at: dict[int, Place] = {year: (across(year), down(row["value"])) for year, row in known.items()}
    for year, (x, y) in at.items():
        before, after = (at[other][1] - y if other in at else 0.0 for other in (year - 1, year + 1))
        under = before + after < 0  # the neighbours lie higher up on the sheet
        side = 0.0 if before * after >= 0 or min(abs(before), abs(after)) < 2 else (1.8 if (before < 0) != under else -1.8)
        strong = year == highlight
        text = words.number(known[year]["value"])
        sheet.text(x + side, y + (3.6 if under else -3.6), text, bold=strong, color=ACCENT if strong else INK, anchor="middle", halo=True)


def _history_key(known: ByYear, years: Sequence[int], breaks: Sequence[int], words: Words, *, broken: str) -> list[KeyItem]:
    items: list[KeyItem] = []
    if any(row["basis"] == "derived" for row in known.values()):
        items.append(dot_item(words.say("derived from a published change"), **_DERIVED))
    if any(years[0] < year <= years[-1] for year in breaks):
        items.append(upright_item(broken, color=MUTED, width=0.5, dash=_DASH))
    return items


def _country(sheet: Sheet, beside: Mapping[str, ByYear], across: Scale, down: Scale) -> None:
    """The range as a bar where both ends are known, a lone end as a short line, the mean as a bold one."""
    most, least, mean = beside["max"], beside["min"], beside["mean"]
    both = most.keys() & least.keys()
    sheet.boxes([(across(year) - 1.6, down(most[year]["value"]), 3.2, down(least[year]["value"]) - down(most[year]["value"])) for year in sorted(both)])
    alone = [(across(year), down(of[year]["value"])) for of in (least, most) for year in of if year not in both]
    sheet.strokes([[(x - 1.6, y), (x + 1.6, y)] for x, y in alone], color=RULE, width=1.4)
    sheet.strokes([[(across(year) - 2.2, down(row["value"])), (across(year) + 2.2, down(row["value"]))] for year, row in mean.items()], color=MUTED, width=1.8)


def _ends(scores: ByYear, beside: Mapping[str, ByYear], last: int, words: Words) -> list[EndLabel]:
    """What stands at the right end: the last known value of each, with its year where these are of several years, or not of the last one."""
    unit = words.unit(next(iter(scores.values()))["unit"])
    named = ((scores, unit, True), (beside["mean"], words.say("country's mean"), False), (beside["max"], words.say("highest"), False), (beside["min"], words.say("lowest"), False))
    labels, room = [], 39.0 if last - min(scores) > 5 else 60.0
    are_dated = {max(of) for of in (scores, *beside.values()) if of} != {last}
    for of, name, bold in named:
        if of:
            year, row = max(of.items())
            when = f" ({year})" if are_dated else ""
            labels.append((row["value"], wrap(f"{text_of(row, words)} {name}{when}", room, bold=bold), bold))
    return labels


def _end_labels(sheet: Sheet, labels: Sequence[EndLabel], x: float, down: Scale) -> None:
    heights = [len(lines) * LEADING + 0.6 for _, lines, _ in labels]
    places = spread([down(value) for value, _, _ in labels], heights, 0, 68)
    for (_, lines, bold), y in zip(labels, places, strict=True):
        sheet.lines(x, y, lines, bold=bold, color=ACCENT if bold else MUTED)


def _rank_alt(known: ByYear, unit: str, words: Words) -> str:
    (first, start), (last, end) = min(known.items()), max(known.items())
    best = min(known.values(), key=lambda row: row["value"])
    told = words.say("{unit} ranked {rank} of {places} in {year}.").format(unit=unit, rank=words.number(end["value"]), places=_places(end), year=last)
    if len(known) == 1:
        return told + " " + words.say("No other year's rank is known.")
    since = words.say("In {year}, the first year known, it was {rank}; its best rank was {best}, in {best_year}.")
    since = since.format(year=first, rank=words.number(start["value"]), best=words.number(best["value"]), best_year=best["year"])
    missing = [str(year) for year in range(first, last) if year not in known]
    gap = words.say("No rank is known for {years}.").format(years=", ".join(missing)) if missing else ""
    return " ".join(filter(None, (told, since, gap)))


def _score_alt(scores: ByYear, country: Mapping[str, ByYear], unit: str, words: Words) -> str:
    mean, least, most = country["mean"], country["min"], country["max"]
    last, row = max(scores.items())
    told = words.say("{unit} scored {score} in {year}.").format(unit=unit, score=amount_of(row, words), year=last)
    if last not in mean:
        return told + " " + words.say("The country's mean of that year is not known.")
    beside = words.say("The country's mean of that year was {mean}.").format(mean=text_of(mean[last], words))
    range_ = [of[last] for of in (least, most) if last in of]
    if len(range_) < 2:
        return f"{told} {beside}"
    low, high = (text_of(end, words) for end in range_)
    return " ".join((told, beside, words.say("The scores of all provinces ranged from {low} to {high}.").format(low=low, high=high)))


def _coverage_alt(counts: Mapping[int, Sequence[Record]], words: Words) -> str:
    first, last = min(counts), max(counts)
    scored = counts[last][0]
    told = words.say("Bars by year, {first} to {last}: how many provinces have a known score, only a known rank, or neither.").format(first=first, last=last)
    now = words.say("In {year} the scores of {known} of {places} provinces are known.")
    return told + " " + now.format(year=last, known=text_of(scored, words), places=words.number(scored["out_of"]))
