"""Charts of all units of a year: the whole list by place, and the regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from par_analysis.model import COUNTRY, TOTAL, Group
from par_analysis.show import blocks
from par_analysis.show.drawing import ACCENT, GRID, INK, MUTED, PAPER, SMALL, WIDTH, Record, Sheet, counted, is_province, measure, numbers_of, records, wrap
from par_analysis.show.language import Words
from par_analysis.show.layout import KEY_LEADING, KeyItem, Scale, box_item, dot_item, draw_key, key_lines, spread, stroke_item, tick_texts, ticks
from par_analysis.show.values import scale_of, text_of

_TOP: Final = 7.0
_BOTTOM: Final = 66.0
_PLACES_AT: Final = 73.0
"""Where the places are written, with room for a label between the lowest dot and them."""
_LEFT: Final = 12.0
_ROW: Final = 10.0
_BEFORE: Final = "#7b8a93"
_OWN: Final[Mapping[str, Any]] = {"radius": 1.5, "fill": PAPER, "edge": ACCENT, "width": 1.2}
ByUnit = Mapping[str, Mapping[str, Record]]
Level = tuple[float, str, bool]
"""A level line: its value, its label, and whether it is the mean (else the limit of a band)."""


def plot_distribution(standing: pd.DataFrame, words: Words, *, mean: pd.DataFrame | None = None, groups: Sequence[Group] = ()) -> blocks.Display:
    """All units by place, from the first on the left: a dot for a known score, a light bar for the limits of one that is not known.

    ``standing``: figures of one year with rank, score and the bounds ``score_low``, ``score_high``, ``rank_low``, ``rank_high``. A unit whose score is known
    but whose place is not stands as a level line over the places it can have. ``mean`` holds the figure of the country's published mean, ``groups`` are the
    year's bands.
    """
    units = _by_unit([row for row in records(standing) if is_province(row["unit"]) and row["node"] == TOTAL])
    scored = {unit: of for unit, of in units.items() if "score" in of}
    if not any("rank" in of for of in scored.values()):
        return blocks.absent(words.say("No score of this year is known together with its rank."))
    year = next(iter(scored.values()))["score"]["year"]
    average = None if mean is None else next((row for row in records(mean)[::-1] if (row["unit"], row["node"], row["measure"]) == (COUNTRY, TOTAL, "mean")), None)
    levels = _levels(scored, average, groups, words)
    grid = _score_grid(units)
    places = max(len(units), 2, *(int(of["rank"]["value"]) for of in units.values() if "rank" in of))
    key = key_lines(_distribution_key(units, words))
    sheet = Sheet(_PLACES_AT + 3.2 + KEY_LEADING * len(key))
    wide = max([measure(label, size=SMALL) + 7 for _, label, _ in levels], default=measure(words.say("rank"), size=SMALL) + 5)
    across, down = Scale(1, places, _LEFT, WIDTH - wide), Scale(grid[-1], grid[0], _TOP, _BOTTOM)
    _distribution_axes(sheet, grid, places, across, down, scale=scale_of(next(iter(scored.values()))["score"], words), words=words)
    _draw_levels(sheet, levels, across.end, down)
    _draw_units(sheet, units, across, down)
    _label_ends(sheet, scored, across, down, words)
    draw_key(sheet, _PLACES_AT + 5.4, key)
    drawn = [row for of in units.values() for name, row in of.items() if name == "score" or (_is_drawn(of) and name in ("rank", *(_LIMITS if "score" not in of else _PLACES)))]
    caption = words.say("Scores of the provinces by rank, {year}").format(year=year)
    total = counted([of["score"] for of in scored.values()], "n_scored", out_of=places)
    numbers = numbers_of([*drawn, total, *([average] if average else [])], words)
    return blocks.figure(caption, _distribution_alt(scored, total, average, words), sheet.svg(), numbers=numbers)


def plot_regions(means: pd.DataFrame, words: Words, *, is_comparable: bool | None = True) -> blocks.Display:
    """The regions: the published mean of the last year in the table and of the year before, the mean of the known scores, and how far it could be off.

    ``means``: figures of ``metrics.means``: mean, mean_computed, n_scored, mean_low, mean_high of regions; rows of an earlier year are the previous means, which are
    not drawn beside the new ones where the method changed (``is_comparable`` is false).
    """
    rows = [row for row in records(means) if row["unit"] != COUNTRY and not is_province(row["unit"]) and row["node"] == TOTAL]
    years = [row["year"] for row in rows if row["measure"] in ("mean", "mean_computed")]
    if not years:
        return blocks.absent(words.say("No mean of a region is known."))
    now = max(years)
    earlier = [{**row, "measure": "before"} for row in rows if row["measure"] == "mean" and row["year"] < now and is_comparable is not False]
    regions = _by_unit([*(row for row in rows if row["year"] == now), *earlier])
    values = [of[name]["value"] for of in regions.values() for name in ("mean", "before", "mean_computed") if name in of]
    limits = [of[name]["value"] for of in regions.values() for name in ("mean_low", "mean_high") if name in of]
    grid = ticks(min([*values, *limits]), max([*values, *limits]), most=7)
    key = key_lines(_region_key(regions, now, words))
    top = KEY_LEADING * len(key) + 2
    bottom = top + _ROW * len(regions)
    sheet = Sheet(bottom + 5)
    draw_key(sheet, 2.4, key)
    across = Scale(grid[0], grid[-1], 46, WIDTH - 17)
    sheet.strokes([[(across(value), top), (across(value), bottom)] for value in grid], color=GRID)
    for value, text in zip(grid, tick_texts(grid, words), strict=True):
        sheet.text(across(value), bottom + 2.6, text, size=SMALL, color=MUTED, anchor="middle")
    for number, unit in enumerate(sorted(regions)):
        y = top + _ROW * (number + 0.5)
        sheet.lines(0, y, wrap(words.unit(unit), 42, size=SMALL), size=SMALL, leading=3.7)
        _draw_region(sheet, y, regions[unit], across)
        _region_text(sheet, y, regions[unit], words)
    caption = words.say("Means of the regions, {year}").format(year=now)
    drawn = [row | {"measure": "mean"} if name == "before" else row for of in regions.values() for name, row in of.items()]
    return blocks.figure(caption, _region_alt(regions, now, words), sheet.svg(), numbers=numbers_of(drawn, words))


_LIMITS: Final = ("score_low", "score_high")
_PLACES: Final = ("rank_low", "rank_high")


def _by_unit(rows: Sequence[Record]) -> dict[str, dict[str, dict[str, Any]]]:
    units: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        units.setdefault(row["unit"], {})[row["measure"]] = dict(row)
    return units


def _is_drawn(of: Mapping[str, Record]) -> bool:
    """Whether there is a point, a bar or a line to draw: the score with a place or its limits, or the place with limits of the score."""
    if "score" in of:
        return "rank" in of or of.keys() >= set(_PLACES)
    return "rank" in of and of.keys() >= set(_LIMITS)


def _score_grid(units: ByUnit) -> list[float]:
    """Round values around all known scores and all limits; a limit that is the scale's own end says nothing and is left out."""
    known = [of["score"]["value"] for of in units.values() if "score" in of]
    limits = [of[name]["value"] for of in units.values() if "rank" in of and "score" not in of for name in _LIMITS if name in of]
    values = [*known, *(value for value in limits if 0 < value < 100)]
    return ticks(min(values), max(values))


def _levels(scored: ByUnit, mean: Record | None, groups: Sequence[Group], words: Words) -> list[Level]:
    """The mean, and the lower limits of bands that have scores on both sides."""
    values = [of["score"]["value"] for of in scored.values()]
    bands = [group for group in groups if min(values) < group.low <= max(values)]
    levels = [(group.low, words.say("band {label}: from {low}").format(label=group.label, low=words.number(group.low)), False) for group in bands]
    return [*levels, *([(mean["value"], words.say("mean {value}").format(value=text_of(mean, words)), True)] if mean else [])]


def _distribution_axes(sheet: Sheet, grid: Sequence[float], places: int, across: Scale, down: Scale, *, scale: str, words: Words) -> None:
    sheet.strokes([[(_LEFT - 2, down(value)), (across.end + 1.5, down(value))] for value in grid], color=GRID)
    for value, text in zip(grid, tick_texts(grid, words), strict=True):
        sheet.text(_LEFT - 3.5, down(value), text, size=SMALL, color=MUTED, anchor="end")
    sheet.text(0, 2.4, scale, size=SMALL, color=MUTED)
    step = 10 if places > 20 else 5
    for place in (1, *range(step, places - 3, step), places):
        sheet.text(across(place), _PLACES_AT, words.number(place), size=SMALL, color=MUTED, anchor="middle")
    sheet.text(across.end + 3.5, _PLACES_AT, words.say("rank"), size=SMALL, color=MUTED)


def _draw_levels(sheet: Sheet, levels: Sequence[Level], right: float, down: Scale) -> None:
    centres = spread([down(value) for value, _, _ in levels], [4.0] * len(levels), 0, _BOTTOM + 1)
    for (value, label, is_mean), centre in zip(levels, centres, strict=True):
        y = down(value)
        color = INK if is_mean else MUTED
        sheet.strokes([[(_LEFT - 2, y), (right + 2, y), (right + 5, centre)]], color=color, width=0.8, dash=None if is_mean else (3, 2))
        sheet.text(right + 6, centre, label, size=SMALL, color=color)


def _draw_units(sheet: Sheet, units: ByUnit, across: Scale, down: Scale) -> None:
    """Limits first, dots over them."""
    step = min(across(2) - across(1), 3.0)
    bars, dots, spans = [], [], []
    for of in filter(_is_drawn, units.values()):
        if "score" not in of:
            top, bottom = (max(_TOP - 1, min(down(of[name]["value"]), _BOTTOM)) for name in ("score_high", "score_low"))
            bars.append((across(of["rank"]["value"]) - step * 0.35, top - 0.15, step * 0.7, bottom - top + 0.3))
        elif "rank" in of:
            dots.append((across(of["rank"]["value"]), down(of["score"]["value"])))
        else:
            first, last = (across(of[name]["value"]) for name in _PLACES)
            spans.append([(first - 0.4, down(of["score"]["value"])), (last + 0.4, down(of["score"]["value"]))])
    sheet.boxes(bars)
    sheet.strokes(spans, color=ACCENT, width=1.3)
    sheet.dots(dots, radius=min(1.05, step * 0.55))


def _label_ends(sheet: Sheet, scored: ByUnit, across: Scale, down: Scale, words: Words) -> None:
    """The best placed known score above its dot, the worst placed below; the list falls from left to right, so both corners are free."""
    placed = sorted((of["rank"]["value"], -of["score"]["value"], unit) for unit, of in scored.items() if "rank" in of)
    for (place, score, unit), side in [(placed[0], -1), (placed[-1], 1)][: len(placed)]:
        shared = sum(other == place for other, _, _ in placed) > 1
        text = text_of(scored[unit]["score"], words)
        text = text if shared else f"{words.unit(unit)} {text}"
        half = measure(text, size=SMALL) / 2
        x = min(max(across(place) - side * (half - 1.2), _LEFT - 2 + half), across.end + 1 - half)
        sheet.text(x, down(-score) + side * 3.6, text, size=SMALL, anchor="middle", halo=True)


def _distribution_key(units: ByUnit, words: Words) -> list[KeyItem]:
    drawn = [of for of in units.values() if _is_drawn(of)]
    items = [dot_item(words.say("score"), radius=1.05)]
    if any("score" not in of for of in drawn):
        items.append(box_item(words.say("possible range of a score that was not found")))
    if any("rank" not in of for of in drawn):
        items.append(stroke_item(words.say("score known, rank only within limits"), color=ACCENT, width=1.3))
    return items


def _draw_region(sheet: Sheet, y: float, of: Mapping[str, Record], across: Scale) -> None:
    """Limits, the year before, the mean of the known scores, the published mean: the last one on top."""
    at = {name: min(max(across(row["value"]), across.start - 2), across.end + 2) for name, row in of.items() if name != "n_scored"}
    if at.keys() >= {"mean_low", "mean_high"}:
        sheet.boxes([(at["mean_low"], y - 1.5, at["mean_high"] - at["mean_low"], 3)])
    if at.keys() >= {"mean", "before"}:
        sheet.strokes([[(at["before"], y), (at["mean"], y)]], color=MUTED, width=0.8)
    for name, look in (("before", {"radius": 0.95, "fill": _BEFORE}), ("mean_computed", _OWN), ("mean", {"radius": 1.5})):
        if name in at:
            sheet.dots([(at[name], y)], **look)


def _region_text(sheet: Sheet, y: float, of: Mapping[str, Record], words: Words) -> None:
    """The mean in figures at the right; below it how many scores are known."""
    mean, coverage = of.get("mean") or of.get("mean_computed"), of.get("n_scored")
    lines = [text_of(mean, words) if mean else "–"]
    if coverage:
        lines.append(f"{text_of(coverage, words)}/{words.number(coverage['out_of'])}")
    for number, line in enumerate(lines):
        place = y + (number - (len(lines) - 1) / 2) * 3.9
        sheet.text(WIDTH - 1, place, line, size=SMALL, bold=not number and "mean" in of, color=MUTED if number else INK, anchor="end", halo=True)


def _region_key(regions: ByUnit, now: int, words: Words) -> list[KeyItem]:
    met = {name for of in regions.values() for name in of}
    before = max((of["before"]["year"] for of in regions.values() if "before" in of), default=now - 1)
    items = {
        "mean": dot_item(words.say("published mean {year}").format(year=now), radius=1.5),
        "before": dot_item(str(before), radius=0.95, fill=_BEFORE),
        "mean_computed": dot_item(words.say("mean of the known scores (how many of all)"), **_OWN),
        "mean_low": box_item(words.say("where the mean of all can lie")),
    }
    return [item for name, item in items.items() if name in met]


def _distribution_alt(scored: ByUnit, total: Record, mean: Record | None, words: Words) -> str:
    ordered = sorted((of["score"] for of in scored.values()), key=lambda row: row["value"])
    told = words.say("{year}: {known} of {count} provinces have a known score, from {low} ({last}) to {high} ({first}).")
    ends = {"low": text_of(ordered[0], words), "high": text_of(ordered[-1], words), "first": words.unit(ordered[-1]["unit"]), "last": words.unit(ordered[0]["unit"])}
    told = told.format(year=total["year"], known=text_of(total, words), count=words.number(total["out_of"]), **ends)
    return told + " " + words.say("The national mean is {mean}.").format(mean=text_of(mean, words)) if mean else told


def _region_alt(regions: ByUnit, now: int, words: Words) -> str:
    told = [words.say("Means of the regions in {year}.").format(year=now)]
    for unit in sorted(regions):
        of, name = regions[unit], words.unit(unit)
        mean = of.get("mean") or of.get("mean_computed")
        if mean is None:
            told.append(words.say("{region}: not known.").format(region=name))
        elif "mean" in of:
            told.append(words.say("{region}: {mean}, as published.").format(region=name, mean=text_of(mean, words)))
        else:
            told.append(words.say("{region}: {mean}, the mean of the known scores.").format(region=name, mean=text_of(mean, words)))
    return " ".join(told)
