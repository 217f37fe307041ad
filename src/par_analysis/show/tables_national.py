"""Tables of the country's year: figures in, a captioned table out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from par_analysis.model import COUNTRY, FIGURES, Group, is_counted_anew
from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Row
from par_analysis.show.cells import by_measure, cell, columns, filled, known, moved
from par_analysis.show.language import Words
from par_analysis.show.tables_robustness import interval_cell, of_units
from par_analysis.show.values import Figure, Shown, find, rich, rows_of


def table_standings(
    standing: pd.DataFrame, changes: pd.DataFrame, contradictions: pd.DataFrame, words: Words, *, base: int, is_comparable: bool | None, intervals: pd.DataFrame | None = None
) -> Display:
    """All units: place, score (or what bounds it), interval of the place and group where ``intervals`` (of ``metrics.rank_intervals``) has them, changes. Units with nothing
    known stand at the end, by name."""
    provinces = standing[standing["unit"].str.fullmatch(r"\d\d(-\d{4})?")]
    units = by_measure(provinces, on="unit")
    if not any(_is_known(figures) for figures in units.values()):
        return blocks.absent(words.say("No figure of any province is known for this year."))
    shown, changed = Shown(words), by_measure(changes, on="unit")
    rows: list[Row] = []
    silent: list[str] = []
    doubtful = set(contradictions["unit"])
    sure = {} if intervals is None else of_units(intervals)
    for unit in sorted(units, key=lambda code: _order(units[code], words.sort_key(words.unit(code)))):
        figures, change = units[unit], changed.get(unit, {})
        if not _is_known(figures):
            silent.append(words.unit(unit))
            continue
        points = moved(change.get("score_change") if is_comparable is not False else None, shown)
        rank = _or_bounds("rank", figures, shown)
        rank["text"] += " †" if unit in doubtful else ""
        score, span = _or_bounds("score", figures, shown), interval_cell(sure.get(unit, {}), shown)
        group = known(sure.get(unit, {}).get("tie_group"), shown, absent="dash")
        rows.append({"cells": [cell(words.unit(unit)), rank, score, span, group, moved(change.get("rank_change"), shown), points]})
    heading = columns(
        words,
        ("Province", False),
        ("Rank", True),
        ("Score", True),
        ("Interval of the rank", True),
        ("Group", True),
        ("Change in rank since {base}", True),
        ("Change in score since {base}", True),
    )
    for column in heading:
        column["label"] = column["label"].format(base=base)
    is_bounded = any(cell["text"].startswith("(") for row in rows for cell in row["cells"])
    notes = [rich(words.say("In brackets: not found; the range that the known figures allow."))] if is_bounded else []
    if doubtful:
        notes.append(rich(words.say("† These ranks contradict each other or the scores; one of the sources is wrong.")))
    anew = next((int(row["out_of"]) for row in rows_of(changes) if row["measure"] == "rank_change" and is_counted_anew(row["note"])), 0)
    if anew:
        notes.append(rich(words.say("Changes of rank are counted among the {n} provinces with scores of both years."), n=str(anew)))
    if silent:
        notes.append(rich(words.say("Nothing was found for: {units}."), units=", ".join(sorted(silent, key=words.sort_key))))
    heading, rows = filled(heading, rows, keep=3)
    return blocks.table(words.say("Ranks and scores of the provinces"), heading, rows, notes=notes, dense=True, numbers=shown.rows)


def _is_known(figures: Mapping[str, Figure]) -> bool:
    return any(measure in figures and figures[measure]["basis"] != "bound" for measure in ("score", "rank"))


def _order(figures: Mapping[str, Figure], name: tuple[int, ...]) -> tuple[float, float, tuple[int, ...]]:
    rank, low = figures.get("rank"), figures.get("rank_low")
    place = float(rank["value"]) if rank else float(low["value"]) if low else math.inf
    score = figures.get("score")
    return place, -float(score["value"]) if score else math.inf, name


def _or_bounds(measure: str, figures: Mapping[str, Figure], shown: Shown) -> Cell:
    """A score or rank as published, else the limits it lies within, in brackets."""
    low, high = figures.get(f"{measure}_low"), figures.get(f"{measure}_high")
    if measure in figures or low is None or high is None:
        return known(figures.get(measure), shown, absent="dash")
    if measure == "score" and not float(low["value"]):
        return cell(f"(≤ {shown(high)})", "muted")
    return cell(f"({shown(low)}–{shown(high)})", "muted")


def table_regions(means: pd.DataFrame, words: Words) -> Display:
    """Regional means as published, and what the known scores give, with their number."""
    regions = by_measure(means[means["unit"].str.match(r"R\d|VN")], on="unit")
    shown = Shown(words)
    rows: list[Row] = []
    any_published = any(_published(figures) is not None for figures in regions.values())
    for unit in sorted(regions, key=lambda code: (code == COUNTRY, code)):
        figures = regions[unit]
        mean, own, scored = _published(figures), figures.get("mean_computed"), figures.get("n_scored")
        texts = [known(mean, shown, absent="unpublished" if any_published else "dash"), known(own, shown, absent="dash"), known(scored, shown, place=True, absent="dash")]
        rows.append({"cells": [cell(words.unit(unit)), *texts], "highlight": unit == COUNTRY})
    if all(figures.get("mean") is None and figures.get("mean_computed") is None for figures in regions.values()):
        return blocks.absent(words.say("No mean of a region is known for this year."))
    heading = columns(words, ("Region", False), ("Published mean", True), ("Mean of the known scores", True), ("Known scores", True))
    heading, rows = filled(heading, rows, keep=1)
    return blocks.table(words.say("Means of the regions"), heading, rows, numbers=shown.rows)


def _published(figures: Mapping[str, Figure]) -> Figure | None:
    """The mean, unless it was computed here."""
    mean = figures.get("mean")
    return None if mean is None or mean["basis"] == "computed" else mean


def table_groups(counts: pd.DataFrame, groups: Sequence[Group], words: Words) -> Display:
    """How many units are in each band, as published and as far as the known scores settle it."""
    if not groups or counts.empty:
        return blocks.nothing()
    shown = Shown(words)
    settled = by_measure(counts, on="node")
    rows: list[Row] = []
    for group in groups:
        figures = settled.get(f"group:{group.label}", {})
        own, published = figures.get("n_units"), find(counts, measure=f"n_group_{group.label}")
        rows.append({"cells": [cell(group.label), cell(_limits(group, counts, shown)), known(published, shown), known(own, shown, absent="dash")]})
    unsettled = settled.get("group:?", {}).get("n_units")
    if unsettled is not None:
        rows.append({"cells": [cell(words.say("not settled")), cell("–", "muted"), cell("–", "muted"), cell(shown(unsettled))]})
    heading = columns(words, ("Band", False), ("Score", False), ("Provinces, as published", True), ("Provinces placed by the known figures", True))
    return blocks.table(words.say("Bands of the year"), heading, rows, numbers=shown.rows)


def _limits(group: Group, counts: pd.DataFrame, shown: Shown) -> str:
    words, of = shown.words, counts.iloc[0]
    band = dict.fromkeys(FIGURES, "") | {"index": of["index"], "unit": COUNTRY, "year": of["year"], "node": f"group:{group.label}", "unit_of_measure": "points"}
    band |= {"out_of": math.nan, "basis": "published", "source": f"indices/{of['index']}.toml", "edition": "reference"}
    low, high = (shown({**band, "measure": f"group_{end}", "value": value}, decimals=0) for end, value in (("low", group.low), ("high", group.high)))
    if group.high >= 100:
        return words.say("{low} and more").format(low=low)
    return words.say("below {high}").format(high=high) if group.low <= 0 else words.say("{low} to below {high}").format(low=low, high=high)


def table_rise_and_fall(counts: pd.DataFrame, words: Words, *, is_comparable: bool | None = True) -> Display:
    """How many rose and fell: as published, and among the units known in both years."""
    shown = Shown(words)
    rows: list[Row] = []
    for label, by in ((words.say("Scores, published"), ""), (words.say("Scores, known in both years"), "_score"), (words.say("Ranks, known in both years"), "_rank")):
        figures = [find(counts, measure=f"n_units_{way}{by}") for way in ("up", "down", "same", "unknown")]
        if by == "_score" and is_comparable is False:
            continue
        if any(figure is not None for figure in figures):
            rows.append({"cells": [cell(label), *[known(figure, shown, absent="dash") for figure in figures]]})
    if not rows:
        return blocks.absent(words.say("No unit is known in both years."))
    heading = columns(words, ("Basis", False), ("Rose", True), ("Fell", True), ("Same", True), ("Unknown", True))
    return blocks.table(words.say("Who rose and who fell"), heading, rows, numbers=shown.rows)
