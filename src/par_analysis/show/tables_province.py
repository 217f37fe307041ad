"""Tables of a province's year: figures in, a captioned table out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from par_analysis.model import COUNTRY, is_counted_anew
from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Rich, Row
from par_analysis.show.cells import by_measure, cell, columns, filled, known, moved, points_of, unpublished
from par_analysis.show.language import N_, Words
from par_analysis.show.values import Figure, Shown, find, rich

PART_NAMES = {
    "part:appraisal": N_("Appraisal by the council"),
    "part:survey": N_("Surveys"),
    "part:impact": N_("Impact"),
    "part:leaders": N_("Survey of leaders"),
    "part:sipas": N_("Survey of citizens (SIPAS)"),
    "part:socio_economic": N_("Socio-economic impact"),
}
"""What parts are called where the year's method does not name them."""


def table_history(history: pd.DataFrame, country: pd.DataFrame, words: Words, *, breaks: Sequence[int]) -> Display:
    """Year by year: score, place, the country's mean, and its median where there is one; a year with a new method is marked."""
    if history.empty:
        return blocks.absent(words.say("No result of this unit is known in any year."))
    shown, own = Shown(words), by_measure(history, on="year")
    means = by_measure(country, on="year")
    has_median = any("median" in of_year for of_year in means.values())
    rows: list[Row] = []
    for year in sorted(own, reverse=True):
        score, rank = own[year].get("score"), own[year].get("rank")
        centres = [known(means.get(year, {}).get(name), shown) for name in ("mean", "median")[: 1 + has_median]]
        mark = words.say("new method") if year in breaks else ""
        rows.append({"cells": [cell(str(year)), known(rank, shown, place=True), known(score, shown), *centres, cell(mark, "muted")]})
    heading = columns(words, ("Year", False), ("Rank", True), ("Score", True), ("National mean", True))
    heading += [*(columns(words, ("National median", True)) if has_median else []), *columns(words, ("Method", False))]
    return blocks.table(words.say("Ranks and scores by year"), heading, rows, notes=_of_computed(country, words), numbers=shown.rows)


def _of_computed(figures: pd.DataFrame, words: Words) -> list[Rich]:
    """What is to be said of national means and medians that were not published."""
    of_country = figures[figures["unit"] == COUNTRY]
    made = {str(name) for name in of_country.loc[of_country["basis"] == "computed", "measure"]}
    if "median" in made:
        return [rich(words.say("National means and medians are computed here, from the provinces with a known score; a median that the publisher states is used as stated."))]
    return [rich(words.say("National means are computed here, from the provinces with a known score."))] if "mean" in made else []


def table_position(gaps: pd.DataFrame, words: Words, *, unit: str) -> Display:
    """The score beside the leader's, the mean, the region's mean and the last one's."""
    if not gaps["measure"].str.startswith("gap_").any():
        return blocks.absent(words.say("The score of this province was not found, so it cannot be compared."))
    shown = Shown(words)
    rows: list[Row] = []
    labels = {
        "leader": words.say("Leader"),
        "mean": words.say("National mean"),
        "region": words.say("Mean of the region"),
        "last": words.say("Last"),
    }
    for name, label in labels.items():
        reference, gap = _reference(gaps, name, unit), find(gaps, measure=f"gap_{name}")
        if reference is None:
            continue
        who = str(reference["unit"])
        holder = f" ({words.unit(who)})" if who not in {COUNTRY, unit} else ""
        rows.append({"cells": [cell(label + holder), cell(shown(reference)), moved(gap, shown)]})
    heading = columns(words, ("Reference", False), ("Score", True), ("Difference", True))
    return blocks.table(words.say("The score compared"), heading, rows, notes=_of_computed(gaps, words), numbers=shown.rows)


def _reference(gaps: pd.DataFrame, name: str, unit: str) -> Figure | None:
    if name == "mean":
        return find(gaps, measure="mean", unit=COUNTRY) or find(gaps, measure="mean_computed", unit=COUNTRY)
    if name == "region":
        regional = gaps[gaps["unit"].str.match(r"R\d")]
        return find(regional, measure="mean") or find(regional, measure="mean_computed")
    gap = find(gaps, measure=f"gap_{name}")
    if gap is None:
        return None
    measure, _, holder = str(gap["note"]).removeprefix("against ").partition(" of ")
    limit = find(gaps, measure=measure, unit=holder)
    scores = gaps[(gaps["measure"] == "score") & (gaps["unit"] != unit)]
    held = scores[(scores["value"] - float(limit["value"])).abs() < 1e-9] if limit is not None else scores.iloc[:0]
    return limit if held.empty else {str(column): value for column, value in held.iloc[0].items()}


def table_domains(domains: pd.DataFrame, words: Words, *, base: int, year: int) -> Display:
    """All domains of the year's method: place before and now, change, score, share of the maximum."""
    figures = domains[domains["node"].str.match(r"domain:\d")]
    if figures.empty:
        return blocks.absent(words.say("No result of a domain was found.")) if words.domain_names else blocks.nothing()
    shown = Shown(words)
    now = by_measure(figures[figures["year"] == year], on="node")
    before = by_measure(figures[figures["year"] == base], on="node")
    numbers = sorted({*words.domain_names, *(int(str(node).partition(":")[2]) for node in {*now, *before})})
    rows: list[Row] = []
    for number in numbers:
        new, old = now.get(f"domain:{number}", {}), before.get(f"domain:{number}", {})
        name = words.domain_names.get(number, words.say("Domain {number}").format(number=number))
        ranks = _places(old.get("rank"), new.get("rank"), shown)
        rows.append({"cells": [cell(f"{number}. {name}"), ranks, moved(new.get("rank_change"), shown), points_of(new, shown), _share(new, shown)]})
    heading = columns(words, ("Domain", False), ("Rank {base} → {year}", True), ("Change", True), ("Score", True), ("Share of maximum", True))
    heading[1]["label"] = heading[1]["label"].format(base=base, year=year)
    heading, rows = filled(heading, rows, keep=2)
    differ = any(_differ(before.get(node, {}).get("rank"), of.get("rank")) for node, of in now.items())
    notes = [rich(words.say("Where the number of ranked provinces differs between the two years, it stands after the rank."))] if differ else []
    if any(is_counted_anew(str(of["rank_change"]["note"])) for of in now.values() if "rank_change" in of):
        notes.append(rich(words.say("Changes of rank are counted among the provinces with scores of both years.")))
    return blocks.table(words.say("Results by domain"), heading, rows, notes=notes, numbers=shown.rows)


def _places(old: Figure | None, new: Figure | None, shown: Shown) -> Cell:
    if old is None and new is None:
        return unpublished(shown.words)
    if _differ(old, new):
        return cell(f"{shown.place(old)} → {shown.place(new)}")
    return cell(f"{shown(old)} → {shown(new)}")


def _differ(old: Figure | None, new: Figure | None) -> bool:
    """Whether two ranks are known to be out of different numbers."""
    return old is not None and new is not None and abs(float(new["out_of"]) - float(old["out_of"])) > 0


def _share(figures: Mapping[str, Figure], shown: Shown) -> Cell:
    return known(figures.get("share_of_max"), shown, absent="dash")


def table_parts(parts: pd.DataFrame, words: Words, *, year: int) -> Display:
    """The parts of the total by the way they are scored."""
    figures = parts[(parts["year"] == year) & (parts["measure"] == "score")]
    if figures.empty:
        has_parts = bool(words.domain_names) and not words.node_names  # an index that is scored by criteria is not scored by appraisal and surveys
        return blocks.absent(words.say("How the score divides into appraisal and surveys was not found.")) if has_parts else blocks.nothing()
    shown = Shown(words)
    shares = by_measure(parts[parts["year"] == year], on="node")
    rows: list[Row] = []
    for node in figures["node"]:
        name = words.part_names.get(str(node).partition(":")[2], words.say(PART_NAMES.get(str(node), str(node))))
        rows.append({"cells": [cell(name), points_of(shares[node], shown), _share(shares[node], shown)]})
    heading = columns(words, ("Part", False), ("Score", True), ("Share of maximum", True))
    return blocks.table(words.say("How the score is made up"), heading, rows, numbers=shown.rows)


def table_satisfaction(history: pd.DataFrame, country: pd.DataFrame, words: Words, *, year: int, breaks: Sequence[int], years: int = 6) -> Display:
    """The satisfaction index beside the reform index: the last years with a figure."""
    recent = history[history["year"].between(year - years + 1, year)]
    if recent.empty and country.empty:
        return blocks.nothing()
    if recent.empty:
        return blocks.absent(words.say("No result of the satisfaction index was found."))
    shown, own, means = Shown(words), by_measure(recent, on="year"), by_measure(country, on="year")
    rows: list[Row] = []
    for met in sorted(own, reverse=True):
        score, rank, mean = own[met].get("score"), own[met].get("rank"), means.get(met, {}).get("mean")
        mark = words.say("new method") if met in breaks else ""
        rows.append({"cells": [cell(str(met)), known(rank, shown, place=True), known(score, shown), known(mean, shown), cell(mark, "muted")]})
    heading = columns(words, ("Year", False), ("Rank", True), ("Satisfaction", True), ("National mean", True), ("Method", False))
    return blocks.table(words.say("Satisfaction of people and organisations (SIPAS)"), heading, rows, numbers=shown.rows)
