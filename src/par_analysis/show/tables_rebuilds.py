"""Published figures rebuilt: totals from their parts by year, with what to look for, and what is stated of the country beside what the scores give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich, Row
from par_analysis.show.cells import cell, columns
from par_analysis.show.language import N_, Words
from par_analysis.show.tables_origin import label_of
from par_analysis.show.tables_quality import paragraph, spans, value_of, whole
from par_analysis.show.values import Figure, Shown, rich, rows_of

FINE: Final = 3
"""Decimals of a difference between a total and the sum of its parts: half a unit of the second decimal is still rounding."""

CAUSES: Final = {
    "constant_offset": N_("all are missed by the same: points may have been added to all."),
    "constant_factor": N_("all are missed by the same factor: the totals may stand on another scale."),
    "single_units": N_("few are missed: these may be slips."),
    "rebuilt_lower": N_("a part may have been revised or left out, or a weight is not the publisher's."),
    "rebuilt_higher": N_("a part may have been revised or counted twice, or a weight is not the publisher's."),
    "both_ways": N_("the publisher may have used other weights."),
}
"""Pattern of the differences → what to look for."""

VERDICTS: Final = {
    "agrees": N_("agrees"),
    "disagrees": N_("disagrees"),
    "possible": N_("possible"),
}
"""What comes of comparing a stated figure of the country with the scores."""


def of_years(table: pd.DataFrame) -> dict[int, dict[str, Figure]]:
    """Year → measure → figure, the newest year first."""
    found: dict[int, dict[str, Figure]] = {}
    for row in rows_of(table[table["period"] == ""].sort_values("year", ascending=False, kind="stable")) if len(table) else []:
        found.setdefault(int(row["year"]), {})[str(row["measure"])] = row
    return found


def say_rebuilds(rebuilt: pd.DataFrame, words: Words) -> Display:
    """In which years the published totals come out of their parts, and by how much those of the others are missed. ``rebuilt``: figures as ``metrics.rebuilds`` gives them."""
    years, shown = of_years(rebuilt), Shown(words)
    if not years:
        return blocks.nothing()
    met = sorted(year for year, figures in years.items() if not value_of(figures["n_rebuilt_off"]))
    said = [rich(words.say("The totals of {years} come out of their parts: none is missed by more than rounding."), years=spans(met), strong=("years",))] if met else []
    said += [sentence for year, figures in years.items() if is_missed(figures) for sentence in missed(year, figures, shown)]
    return paragraph(said, shown) if said else blocks.nothing()


def is_missed(figures: Mapping[str, Figure]) -> bool:
    """Whether most totals of a year are missed; single ones are slips, which another table lists."""
    return 2 * value_of(figures["n_rebuilt_off"]) > value_of(figures["n_rebuilt"])


def missed(year: int, figures: Mapping[str, Figure], shown: Shown) -> list[Rich]:
    """That the totals of a year do not come out of their parts, by how much they are missed, and what to look for."""
    words, off = shown.words, figures["n_rebuilt_off"]
    all_lower, all_higher = (value_of(figures[f"n_rebuilt_{way}"]) == value_of(figures["n_rebuilt"]) for way in ("lower", "higher"))
    lower = words.say("The totals of {year} cannot be rebuilt: all {n} come out lower than published, by {low} to {high} points, {mean} on average.")
    higher = words.say("The totals of {year} cannot be rebuilt: all {n} come out higher than published, by {low} to {high} points, {mean} on average.")
    other = words.say("Of the totals of {year}, {off} of {n} are missed; published minus rebuilt runs from {low} to {high} points, {mean} on average.")
    ends = [figures[f"gap_rebuilt_{end}"] for end in ("low", "high", "mean")]
    if all_higher:
        ends = [{**figure, "value": -float(figure["value"])} for figure in (ends[1], ends[0], ends[2])]
    told = dict(zip(("low", "high", "mean"), (shown(figure, decimals=FINE, signed=None if not (all_lower or all_higher) else False) for figure in ends), strict=True))
    message = lower if all_lower else higher if all_higher else other
    count = {"n": shown(figures["n_rebuilt"]), **({} if all_lower or all_higher else {"off": shown(off)})}
    places = figures["n_rebuilt_rank"]
    rank = words.count("{n} province would have another rank.", "{n} provinces would have another rank.", value_of(places))
    cause = words.say("What to look for: {cause}")
    return [
        rich(message, year=str(year), **told, **count, strong=("year", "low", "high")),
        rich(rank, n=shown(places)),
        rich(cause, cause=words.say(CAUSES[str(off["note"])])),
    ]


def table_rebuilds(rebuilt: pd.DataFrame, words: Words) -> Display:
    """Year by year: how many totals could be rebuilt, how many are missed, by how much, and how many ranks would be others; nothing where a year is alone or none is missed."""
    years, shown = of_years(rebuilt), Shown(words)
    if len(years) < 2 or not any(value_of(figures["n_rebuilt_off"]) for figures in years.values()):
        return blocks.nothing()
    rows: list[Row] = []
    for year, figures in years.items():
        off = figures["n_rebuilt_off"]
        gaps = [shown(figures[f"gap_rebuilt_{end}"], decimals=FINE) for end in ("low", "mean", "high")]
        told = [shown.place(figures["n_rebuilt"]), shown(off), *gaps, shown(figures["n_rebuilt_rank"])]
        rows.append({"cells": [cell(str(year)), *(cell(text, "plain" if value_of(off) else "muted") for text in told)]})
    heading = columns(words, ("Year", False), ("Rebuilt", True), ("Missed", True), ("Smallest", True), ("On average", True), ("Largest", True), ("Other rank", True))
    note = rich(words.say("Smallest, average and largest: published minus rebuilt, in points. Missed: by more than the rounding of the parts may leave."))
    return blocks.table(words.say("Published totals rebuilt from their parts, by year"), heading, rows, notes=[note], numbers=shown.rows)


# ---------------------------------------------------------------- what is stated of the country


def say_stated(stated: pd.DataFrame, words: Words, *, is_summed: bool = False) -> Display:
    """How many stated figures of the country agree with the scores, and what the others would take. ``stated``: figures as ``metrics.country_audit`` gives them.

    ``is_summed``: the pages use a mean that is computed with the totals, whatever is stated.
    """
    checked, off = whole(stated, "n_stated"), whole(stated, "n_stated_off")
    if checked is None or off is None:
        return blocks.nothing()
    shown = Shown(words)
    if not value_of(off):
        none = words.count(
            "The one stated figure of the country that the scores can be compared with agrees.",
            "All {n} stated figures of the country agree with the scores.",
            value_of(checked),
        )
        return blocks.paragraph(rich(none, n=shown(checked)), numbers=shown.rows)
    message = words.say("Stated figures of the country that can be compared with the scores: {n}; in disagreement with them: {off}.")
    said = [rich(message, n=shown(checked), off=shown(off), strong=("off",))]
    for year, figures in of_years(stated).items():
        said += contradicted(year, figures, shown)
    limit = words.say("The pages use the mean that is computed here, so that the distances from it add up to nothing; the stated one stays in the data.")
    return paragraph(said, shown) + (blocks.paragraph(rich(limit), role="limit") if is_summed else blocks.nothing())


def contradicted(year: int, figures: Mapping[str, Figure], shown: Shown) -> list[Rich]:
    """A stated mean that the scores contradict, and what it would take to hold."""
    words, needed, lowest = shown.words, figures.get("mean_needed"), figures.get("min_recomputed")
    if not is_off(figures, "mean"):
        return []
    message = words.say("{year}: the stated national mean is {stated}, the scores give {found} ({count}).")
    count = words.say("{n} of {all} provinces").format(**dict(zip(("n", "all"), _scored(figures["mean_recomputed"], shown), strict=True)))
    said = [rich(message, year=str(year), stated=shown(figures["mean"]), found=shown(figures["mean_recomputed"]), count=count, strong=("year", "stated", "found"))]
    if needed is None or lowest is None:
        return said
    one = words.say("For it to hold, the one without a total would have to have {needed}; the lowest known total is {low}.")
    more = words.say("For it to hold, the {n} without a total would have to average {needed}; the lowest known total is {low}.")
    is_one = float(needed["out_of"]) == 1
    said.append(rich(one if is_one else more, n=words.number(float(needed["out_of"])), needed=shown(needed), low=shown(lowest)))
    partial = figures.get("mean_of_partial")
    if partial is not None and 2 * abs(float(figures["mean"]["value"]) - float(partial["value"])) < abs(float(figures["gap_stated_mean"]["value"])):
        near = words.say("Where missing parts are counted as nothing the mean comes to {partial}, which is near the stated one.")
        said.append(rich(near, partial=shown(partial)))
    return said


def is_off(figures: Mapping[str, Figure], measure: str) -> bool:
    """Whether the scores contradict a stated figure of the country."""
    gap = figures.get(f"gap_stated_{measure}")
    return gap is not None and gap["note"] == "disagrees"


def _scored(found: Figure, shown: Shown) -> tuple[str, str]:
    """Of how many units, out of how many, a figure of the country was recomputed."""
    some, _, every = str(found["note"]).removeprefix("of ").removesuffix(" units").partition(" of ")
    return shown.count_of({**found, "measure": "n_scored", "value": float(some), "out_of": float(every), "unit_of_measure": "count"})


def table_stated(stated: pd.DataFrame, words: Words) -> Display:
    """Each stated figure of the country beside what the scores give, the newest year first."""
    years, shown = of_years(stated), Shown(words)
    rows: list[Row] = []
    for year, figures in years.items():
        for measure in ("mean", "median", "max", "min"):
            gap, found = figures.get(f"gap_stated_{measure}"), figures.get(f"{measure}_recomputed")
            if gap is None or found is None:
                continue
            some, every = _scored(found, shown)
            told = [shown(figures[measure]), shown(found), shown(gap), f"{some}/{every}"]
            verdict = cell(words.say(VERDICTS[str(gap["note"])]), "plain" if gap["note"] == "disagrees" else "muted")
            rows.append({"cells": [cell(str(year)), cell(label_of({"measure": measure, "node": "total"}, words)), *map(cell, told), verdict]})
    if not rows:
        return blocks.nothing()
    heading = columns(words, ("Year", False), ("Figure", False), ("As stated", True), ("From the scores", True), ("Difference", True), ("Provinces", True), ("Verdict", False))
    notes = [rich(words.say("Printed figures are rounded or cut: one unit of the last decimal is no difference."))]
    if any(gap["note"] == "possible" for figures in years.values() for name, gap in figures.items() if name.startswith("gap_stated_")):
        notes.append(rich(words.say("Possible: provinces without a score could account for the difference.")))
    return blocks.table(words.say("What is stated of the country, and what the scores give"), heading, rows, notes=notes, numbers=shown.rows)
