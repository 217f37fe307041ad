"""Charts of where a unit stands in a year: among all known scores, and between its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from par_analysis.model import COUNTRY, TOTAL
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, GRID, INK, LEADING, MUTED, PAPER, RULE, SMALL, WIDTH, Anchor, Record, Sheet, counted, is_province, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import Scale, spread, tick_texts, ticks
from par_analysis.show.values import amount_of, text_of

LOW: Final = "score_low"
HIGH: Final = "score_high"
"""Measures of basis ``bound``: the least and greatest score that a unit without a published one can have."""
_INTERVAL: Final = ("rank_low", "rank_high", "tie_group")
_ROW: Final = 6.2
_NAMES: Final = 50.0
_GREY: Final = "#7b8a93"
_CALLOUT: Final = 36.0

Label = tuple[float, list[str], str]
"""Where it points to (mm), its lines, its colour."""
ByMeasure = Mapping[str, Record]


def plot_position(gaps: pd.DataFrame, scores: pd.DataFrame, words: Words, *, unit: str) -> blocks.Display:
    """The year's known scores on one axis, with the unit, the first, the last and the means marked.

    ``gaps``: figures of ``metrics.gaps``, of which the references are drawn; ``scores``: the provinces' scores of the same year. Node total.
    """
    known = [row for row in records(scores) if row["measure"] == "score" and row["node"] == TOTAL and is_province(row["unit"])]
    own = next((row for row in known if row["unit"] == unit), None)
    if own is None:
        return blocks.absent(words.say("The score of {unit} is not known.").format(unit=words.unit(unit)))
    marked = _references(records(gaps), own)
    drawn = [*known, *(row for row in marked.values() if row["unit"] not in {other["unit"] for other in known})]
    grid = ticks(min(row["value"] for row in drawn), max(row["value"] for row in drawn), most=8)
    ends = tick_texts([grid[0], grid[-1]], words)
    side = max(measure(text, size=SMALL) for text in ends) + 4
    across = Scale(grid[0], grid[-1], side, WIDTH - side)
    above = [_label(own, words.unit(unit), across, words, color=ACCENT)]
    if "region" in marked:
        above.append(_label(marked["region"], words.unit(marked["region"]["unit"]), across, words, over=[words.say("region's mean")]))
    below = [_label(marked[name], text, across, words, color=MUTED if name == "mean" else INK) for name, text in _reference_names(marked, known, words).items()]
    tall, deep = (max((len(lines) for _, lines, _ in labels), default=0) * LEADING for labels in (above, below))
    sheet = Sheet(tall + deep + (18 if below else 13))
    middle = tall + 9
    _strip(sheet, known, across, middle, ends=ends)
    _callouts(sheet, above, middle, -1)
    _callouts(sheet, below, middle, 1)
    _strip_marks(sheet, own, marked, across, middle)
    caption = words.say("{unit} among the {count} known scores of {year}").format(unit=words.unit(unit), count=words.number(len(known)), year=own["year"])
    return blocks.figure(caption, _position_alt(own, marked, known, words), sheet.svg(), numbers=numbers_of([*drawn, counted(known, "n_scored")], words))


def plot_neighbours(neighbours: pd.DataFrame, words: Words, *, unit: str, intervals: pd.DataFrame | None = None) -> blocks.Display:
    """The places around a unit, one row each, with their scores, and beside each rank its interval and group where they are known.

    ``neighbours``: figures of ``metrics.neighbours``: rank and score, or the bounds ``score_low`` and ``score_high``; ``place_unknown`` makes an empty row.
    ``intervals``: of ``metrics.rank_intervals``.
    """
    found = records(neighbours)
    by_unit: dict[str, dict[str, Record]] = {}
    for row in found:
        if row["measure"] != "place_unknown":
            by_unit.setdefault(row["unit"], {})[row["measure"]] = row
    if "rank" not in by_unit.get(unit, {}):
        return blocks.absent(words.say("The rank of {unit} is not known.").format(unit=words.unit(unit)))
    held = [(int(of["rank"]["value"]), code) for code, of in by_unit.items() if "rank" in of]
    rows = sorted([*held, *((int(row["value"]), "") for row in found if row["measure"] == "place_unknown")])
    values = [row["value"] for row in found if row["measure"] in ("score", LOW, HIGH)]
    sure = _intervals_of(intervals, by_unit)
    sheet = Sheet(_ROW * len(rows) + 8)
    across = _neighbour_axis(sheet, values, _ROW * len(rows) + 1, words, right=WIDTH - (52 if sure else 25))
    if sure:
        _interval_heads(sheet, _ROW * len(rows) + 4.5, words)
    for number, (place, code) in enumerate(rows):
        y = _ROW * number + 3.6
        _neighbour_name(sheet, y, place, code, words, strong=code == unit)
        if code and across is not None:
            _neighbour_score(sheet, y, by_unit[code], across, words, strong=code == unit)
        if code in sure:
            _neighbour_interval(sheet, y, sure[code], words, strong=code == unit)
    caption = words.say("Who stands around {unit} in {year}").format(unit=words.unit(unit), year=by_unit[unit]["rank"]["year"])
    told = [row for of in sure.values() for row in of.values()]
    return blocks.figure(caption, _neighbour_alt(rows, by_unit, sure, unit, words), sheet.svg(), numbers=numbers_of([*found, *told], words))


def _references(rows: Sequence[Record], own: Record) -> dict[str, Record]:
    """The references as ``max``, ``min``, ``mean`` and ``region``: published, or the score of the unit that is known to be first or last."""
    found: dict[str, Record] = {}
    for row in rows:
        name, country = row["measure"].removesuffix("_computed"), row["unit"] == COUNTRY
        if name in ("max", "min", "mean") and country:
            found.setdefault(name, row)
        elif name == "mean":
            found.setdefault("region", row)
    for row in rows:
        if row["measure"] == "score" and row["unit"] != own["unit"]:
            found.setdefault("max" if row["value"] > own["value"] else "min", row)
    return found


def _reference_names(marked: Mapping[str, Record], known: Sequence[Record], words: Words) -> dict[str, str]:
    names = {"min": words.say("last"), "mean": words.say("country's mean"), "max": words.say("first")}
    for name in ("min", "max"):
        holders = [row["unit"] for row in known if name in marked and row["value"] == marked[name]["value"]]
        if len(holders) == 1:
            names[name] += f": {words.unit(holders[0])}"
    if "mean" in marked and marked["mean"]["measure"] == "mean_computed":
        names["mean"] = words.say("mean of the known scores")
    return {name: text for name, text in names.items() if name in marked}


def _label(row: Record, name: str, across: Scale, words: Words, *, color: str = MUTED, over: Sequence[str] = ()) -> Label:
    return across(row["value"]), [*over, *wrap(name, _CALLOUT, bold=color == ACCENT), text_of(row, words)], color


def _strip(sheet: Sheet, known: Sequence[Record], across: Scale, middle: float, *, ends: Sequence[str]) -> None:
    """The axis with the texts of its two ends, and a stroke for every score."""
    sheet.strokes([[(across.start - 2, middle), (across.end + 2, middle)]], color=RULE)
    sides: tuple[tuple[float, Anchor], ...] = ((across.start - 3, "end"), (across.end + 3, "start"))
    for (x, anchor), text in zip(sides, ends, strict=True):
        sheet.text(x, middle, text, size=SMALL, color=MUTED, anchor=anchor)
    sheet.strokes([[(across(row["value"]), middle - 2.2), (across(row["value"]), middle + 2.2)] for row in known], color=_GREY, width=0.8)


def _strip_marks(sheet: Sheet, own: Record, marked: Mapping[str, Record], across: Scale, middle: float) -> None:
    for name, row in marked.items():
        x = across(row["value"])
        if name in ("mean", "region"):
            sheet.strokes([[(x, middle - 3.2), (x, middle + 3.2)]], color=INK, width=1.6, dash=(2, 1.5) if name == "region" else None)
        else:
            sheet.dots([(x, middle)], radius=1.25, fill=PAPER, edge=INK)
    sheet.dots([(across(own["value"]), middle)], radius=1.9)


def _callouts(sheet: Sheet, labels: Sequence[Label], middle: float, side: int) -> None:
    """Labels in a row above (-1) or below (1) the strip, joined to their marks by lines that never cross."""
    widths = [max(measure(line, bold=color == ACCENT) for line in lines) + 4 for _, lines, color in labels]
    places = spread([x for x, _, _ in labels], widths, -2, WIDTH + 2)
    for (x, lines, color), place in zip(labels, places, strict=True):
        sheet.strokes([[(x, middle + side * 2.4), (x, middle + side * 3.6), (place, middle + side * 6.4)]], color=color if color == ACCENT else RULE, width=0.7)
        centre = middle + side * (7.2 + len(lines) * LEADING / 2)
        sheet.lines(place, centre, lines, bold=color == ACCENT, color=color, anchor="middle")


def _intervals_of(intervals: pd.DataFrame | None, among: Mapping[str, ByMeasure]) -> dict[str, ByMeasure]:
    """Unit → the two ends of the interval of its rank, and its group."""
    found: dict[str, dict[str, Record]] = {}
    for row in records(intervals) if intervals is not None else ():
        if row["unit"] in among and row["measure"] in _INTERVAL:
            found.setdefault(row["unit"], {})[row["measure"]] = row
    return {code: of for code, of in found.items() if len(of) == len(_INTERVAL)}


def _interval_heads(sheet: Sheet, y: float, words: Words) -> None:
    for x, text in ((WIDTH - 14, words.say("interval of the rank")), (WIDTH, words.say("group"))):
        sheet.text(x, y, text, size=SMALL, color=MUTED, anchor="end")


def _neighbour_interval(sheet: Sheet, y: float, of: ByMeasure, words: Words, *, strong: bool) -> None:
    for x, text in ((WIDTH - 14, _span(of, words)), (WIDTH, text_of(of["tie_group"], words))):
        sheet.text(x, y, text, bold=strong, color=ACCENT if strong else INK, anchor="end")


def _span(of: ByMeasure, words: Words) -> str:
    first, last = (text_of(of[measure_], words) for measure_ in ("rank_low", "rank_high"))
    return first if first == last else f"{first}–{last}"


def _neighbour_axis(sheet: Sheet, values: Sequence[float], bottom: float, words: Words, *, right: float) -> Scale | None:
    if not values:
        sheet.text(0, bottom + 3.5, words.say("rank"), size=SMALL, color=MUTED)
        return None
    grid = ticks(min(values), max(values), most=5)
    across = Scale(grid[0], grid[-1], _NAMES, right)
    sheet.strokes([[(across(value), 0.5), (across(value), bottom)] for value in grid], color=GRID)
    for value, text in zip(grid, tick_texts(grid, words), strict=True):
        sheet.text(across(value), bottom + 3.5, text, size=SMALL, color=MUTED, anchor="middle")
    sheet.text(0, bottom + 3.5, words.say("rank; score"), size=SMALL, color=MUTED)
    return across


def _neighbour_name(sheet: Sheet, y: float, place: int, code: str, words: Words, *, strong: bool) -> None:
    color = ACCENT if strong else INK if code else MUTED
    sheet.text(6, y, words.number(place), anchor="end", bold=strong, color=color)
    sheet.text(9, y, words.unit(code) if code else words.say("province not found"), bold=strong, color=color)


def _neighbour_score(sheet: Sheet, y: float, of: ByMeasure, across: Scale, words: Words, *, strong: bool) -> None:
    if "score" in of:
        x = across(of["score"]["value"])
        sheet.text(x + 3, y, text_of(of["score"], words), bold=strong, color=ACCENT if strong else INK, halo=True)
        sheet.dots([(x, y)], radius=1.6 if strong else 1.25, fill=ACCENT if strong else _GREY)
    elif LOW in of and HIGH in of:
        left, right = across(of[LOW]["value"]), across(of[HIGH]["value"])
        sheet.boxes([(left, y - 1.1, max(right - left, 0.4), 2.2)])
        sheet.text(right + 3, y, f"{text_of(of[LOW], words)}–{text_of(of[HIGH], words)}", size=SMALL, color=MUTED, halo=True)
    else:
        sheet.text(_NAMES + 2, y, words.say("score not found"), size=SMALL, color=MUTED, halo=True)


def _position_alt(own: Record, marked: Mapping[str, Record], known: Sequence[Record], words: Words) -> str:
    first = words.say("{unit} has {score}; {count} scores of {year} are known.")
    told = [first.format(unit=words.unit(own["unit"]), score=amount_of(own, words), count=words.number(len(known)), year=own["year"])]
    if "mean" in marked:
        pattern = words.say("The national mean is {mean}.") if marked["mean"]["measure"] == "mean" else words.say("The mean of the known scores is {mean}.")
        told.append(pattern.format(mean=text_of(marked["mean"], words)))
    if "max" in marked and "min" in marked:
        told.append(words.say("The scores range from {low} to {high}.").format(low=text_of(marked["min"], words), high=text_of(marked["max"], words)))
    return " ".join(told)


def _neighbour_alt(rows: Sequence[tuple[int, str]], by_unit: Mapping[str, ByMeasure], sure: Mapping[str, ByMeasure], unit: str, words: Words) -> str:
    own = by_unit[unit]
    told = [words.say("Ranks {first} to {last}, with {unit} at rank {place}.")]
    told[0] = told[0].format(first=rows[0][0], last=rows[-1][0], unit=words.unit(unit), place=words.number(own["rank"]["value"]))
    for place, code in rows:
        if not code:
            continue
        of, name = by_unit[code], words.unit(code)
        if "score" in of:
            told.append(words.say("{place}: {unit}, {score}.").format(place=place, unit=name, score=amount_of(of["score"], words)))
        elif LOW in of and HIGH in of:
            told.append(words.say("{place}: {unit}, between {low} and {high}.").format(place=place, unit=name, low=text_of(of[LOW], words), high=text_of(of[HIGH], words)))
        else:
            told.append(words.say("{place}: {unit}, score not found.").format(place=place, unit=name))
        if code in sure:
            told.append(words.say("Interval of the rank: {interval}, group {group}.").format(interval=_span(sure[code], words), group=text_of(sure[code]["tie_group"], words)))
    empty = [str(place) for place, code in rows if not code]
    if empty:
        told.append(words.count("Who holds rank {places} was not found.", "Who holds ranks {places} was not found.", len(empty)).format(places=", ".join(empty)))
    return " ".join(told)
