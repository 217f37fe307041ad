"""What is missing in an index's figures, what to ask its publisher for, and by which methods and from where they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from par_analysis.model import COUNTRY, FIGURES, Framework
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich, Row
from par_analysis.show.cells import DASH, Tone, cell, columns, filled
from par_analysis.show.drawing import is_province
from par_analysis.show.language import N_, Words
from par_analysis.show.tables_quality import contradicting, of_all, paragraph, spans, subject_of, value_of, whole
from par_analysis.show.tables_rebuilds import is_missed, is_off, of_years
from par_analysis.show.values import Figure, Shown, find, joined, rich, rows_of

FEW = 8
"""So many provinces are named; of more, their number is told."""
MOST = 12
"""Cases told of one year; of more, how many there are is told."""
SETTLED = frozenset({"error", "printed"})
"""Reasons for a preference after which nobody need be asked."""
TERMS: Final = {
    "Facts and figures": N_("figures only, no text reproduced"),
    "MIT ": N_("MIT, of the data files"),
    "The province's own": N_("the province's own, not for passing on"),
    "other ": N_("other, without a text"),
}
"""How the record of a source's licence begins → what readers are told; the record itself is in its file."""


def say_coverage_matrix(matrix: pd.DataFrame, words: Words, *, is_summed: bool = False) -> Display:
    """The best and the worst known year; who is missing altogether; single gaps by name, where they are few. ``is_summed``: a total is the sum of its parts."""
    if whole(matrix, "n_nothing") is None:
        return blocks.nothing()
    shown = Shown(words)
    said = [*_best_and_least(matrix, shown), *_gaps(matrix, words)] or [sentence_coverage(matrix, shown, is_summed=is_summed)]
    return paragraph(said, shown)


def _best_and_least(matrix: pd.DataFrame, shown: Shown) -> list[Rich]:
    of_years = rows_of(matrix[(matrix["unit"] == COUNTRY) & (matrix["measure"] == "n_score_and_rank") & (matrix["period"] == "")])
    best, least = max(of_years, key=lambda row: (row["value"], row["year"])), min(of_years, key=lambda row: (row["value"], row["year"]))
    if best["value"] - least["value"] <= FEW:
        return []
    message = shown.words.say("Most is known of {best} (score and rank of {most} provinces), least of {least} ({few}).")
    return [rich(message, best=str(best["year"]), most=shown.place(best), least=str(least["year"]), few=shown.place(least), strong=("best", "least"))]


def _gaps(matrix: pd.DataFrame, words: Words) -> list[Rich]:
    """Each gap, where there are few; else the provinces without anything in any year."""
    cells = [row for row in rows_of(matrix) if is_province(str(row["unit"]))]
    by_state = {state: [row for row in cells if row["measure"] == state] for state in ("parts_only", "nothing")}
    if len(by_state["parts_only"]) + len(by_state["nothing"]) > 2 * FEW:
        silent = sorted({row["unit"] for row in cells} - {row["unit"] for row in cells if row["measure"] != "nothing"})
        return [rich(words.say("Nothing was found in any year of: {units}."), units=_names(silent, words))] if silent else []
    messages = {"parts_only": words.say("Only parts are known of: {cases}."), "nothing": words.say("Nothing is known of: {cases}.")}
    told = []
    for state, rows in by_state.items():
        cases = [f"{words.unit(str(row['unit']))} {row['year']}" for row in sorted(rows, key=lambda row: (-row["year"], words.sort_key(words.unit(str(row["unit"])))))]
        told += [rich(messages[state], cases=", ".join(cases))] if cases else []
    return told


def sentence_coverage(matrix: pd.DataFrame, shown: Shown, *, is_summed: bool) -> Rich:
    """How many results of a province in a year are known, in what part, and of how many nothing is."""
    words = shown.words
    states = {name: whole(matrix, f"n_{name}") for name in ("score_and_rank", "rank_only", "score_only", "parts_only", "nothing")}
    told = {name: shown(figure) for name, figure in states.items() if figure is not None}
    every = of_all(states["nothing"], shown)
    if is_summed:
        message = words.say("Of {all} results (a province in a year), {both} are complete; {parts} lack some of their parts and {nothing} all of them.")
        return rich(message, all=every, both=told["score_and_rank"], parts=told["parts_only"], nothing=told["nothing"], strong=("both",))
    message = words.say("Of {all} results (a province in a year), score and rank are known of {both}, only the rank of {rank}, only the score of {score}; nothing of {nothing}.")
    names = {"both": "score_and_rank", "rank": "rank_only", "score": "score_only", "nothing": "nothing"}
    first = rich(message, all=every, **{name: told[state] for name, state in names.items()}, strong=("both", "nothing"))
    if not value_of(states["parts_only"]):
        return first
    return [*first, {"text": " "}, *rich(words.say("Of {n} more, parts or domains are known, but no total."), n=told["parts_only"])]


def _names(units: Sequence[str], words: Words) -> str:
    return ", ".join(sorted((words.unit(unit) for unit in units), key=words.sort_key))


# ---------------------------------------------------------------- what is missing, and what to ask for


def table_missing(missing: pd.DataFrame, matrix: pd.DataFrame, words: Words, *, is_summed: bool = False) -> Display:
    """How many figures of each year are not known, the newest year first; provinces without a total are named where they are few.

    ``missing``, ``matrix``: figures as ``metrics.missing_figures`` and ``metrics.coverage_matrix`` give them.
    """
    of_years = missing[missing["period"] == ""]
    if of_years.empty:
        return blocks.absent(words.say("No figure is known."))
    shown = Shown(words)
    rows: list[Row] = []
    is_listed = set()
    for year in dict.fromkeys(int(year) for year in of_years["year"]):
        counts = [find(of_years, year=year, measure=f"n_missing_{name}") for name in ("score", "rank", "parts")]
        if not sum(map(value_of, counts)):
            continue
        is_listed.add(counts[2] is not None)
        units = _without_total(matrix, year)
        named = _names(units, words) if 0 < len(units) <= FEW else DASH
        rows.append({"cells": [cell(str(year)), *(cell(shown.place(count), _muted(count)) for count in counts), cell(named, "muted")]})
    heading = columns(words, ("Year", False), ("Scores", True), ("Ranks", True), ("Scores of parts" if is_summed else "Scores by domain", True))
    heading += columns(words, ("Provinces without a total", False))
    heading, rows = filled(heading, rows, keep=3)
    notes = [rich(words.say("Missing figures of all that there could be; years in which nothing is missing are left out."))]
    notes += [rich(words.say("“–” means that the domains of that year are not known."))] if len(is_listed) > 1 else []
    if not rows:
        return blocks.paragraph(rich(words.say("No figure of any province is missing.")))
    before = blocks.paragraph(joined(notes), role="note")  # not below the table, where it may begin a page by itself
    return before + blocks.table(words.say("Missing figures by year"), heading, rows, dense=True, numbers=shown.rows)


def _muted(figure: Figure | None) -> Tone:
    return "plain" if value_of(figure) else "muted"


def _without_total(matrix: pd.DataFrame, year: int) -> list[str]:
    """The provinces of which no total score of the year is known."""
    of_year = matrix[(matrix["year"] == year) & matrix["unit"].map(is_province)]
    return list(of_year.loc[~of_year["measure"].isin(["score_and_rank", "score_only"]), "unit"])


def say_requests(
    missing: pd.DataFrame,
    matrix: pd.DataFrame,
    disputes: pd.DataFrame,
    ranks: pd.DataFrame,
    frameworks: Mapping[int, Framework | None],
    words: Words,
    *,
    rebuilt: pd.DataFrame | None = None,
    stated: pd.DataFrame | None = None,
    official: str = "official",
    is_summed: bool = False,
) -> Display:
    """What to ask the publisher for, in order: contradictions, whole tables, single results, scores by domain, the method; in each the newest year first.

    A dispute is asked about unless it is settled by ``official`` sources or by a known error. ``rebuilt``, ``stated``: figures as ``metrics.rebuilds`` and
    ``metrics.country_audit`` give them.
    """
    shown = Shown(words)
    items = [
        *_contradictions(disputes, ranks, official, shown),
        *_audited(rebuilt, stated, shown),
        *_tables(missing, matrix, shown),
        *([] if is_summed else _domains(missing, shown)),
        *_methods(frameworks, words),
    ]
    if not items:
        return blocks.paragraph(rich(words.say("Nothing is missing or contradictory that the publisher could be asked for.")))
    why = words.say("In this order: what contradicts comes first, because a wrong figure misleads more than a missing one; then what fills the most gaps with one answer.")
    return blocks.bullets(items, numbers=shown.rows) + blocks.paragraph(rich(why), role="limit")


def _contradictions(disputes: pd.DataFrame, ranks: pd.DataFrame, official: str, shown: Shown) -> list[Rich]:
    """A year's open questions in one item."""
    words = shown.words
    asked: dict[int, list[str]] = {}
    for _, claims in disputes.groupby(["year", "unit", "period", "node", "measure"], sort=False) if len(disputes) else ():
        first, values = rows_of(claims)[0], rows_of(claims.drop_duplicates("value"))
        if first["why"] in SETTLED or (claims["is_preferred"] & (claims["trust"] == official)).any():
            continue
        either = words.say("{one} or {other}").format(one=", ".join(shown(figure) for figure in values[:-1]), other=shown(values[-1]))
        asked.setdefault(int(first["year"]), []).append(f"{subject_of(first, words)}, {either}")
    for note, rows in contradicting(ranks) if len(ranks) else ():
        held = [row for row in rows if row["measure"] == "rank"]
        places = ", ".join(dict.fromkeys(shown.place(row) for row in held))
        names = ", ".join(words.unit(str(row["unit"])) for row in held)
        what = words.say("{names} (all given {place})") if note.startswith("same rank") else words.say("{names} (ranks {place} against the scores)")
        asked.setdefault(int(held[0]["year"]), []).append(what.format(names=names, place=places))
    lead = words.say("Which is right, {year}:")
    return [_asked(lead.format(year=year), _first(cases, words)) for year, cases in sorted(asked.items(), reverse=True)]


def _audited(rebuilt: pd.DataFrame | None, stated: pd.DataFrame | None, shown: Shown) -> list[Rich]:
    """What the totals that cannot be rebuilt are made of, and what the stated means that the scores contradict."""
    words = shown.words
    totals = [year for year, figures in of_years(rebuilt).items() if is_missed(figures)] if rebuilt is not None else []
    means = [f"{year} ({shown(figures['mean'])})" for year, figures in of_years(stated).items() if is_off(figures, "mean")] if stated is not None else []
    items = [_asked(words.say("The parts and weights that the totals are made of, because they cannot be rebuilt:"), spans(totals))] if totals else []
    return items + ([_asked(words.say("The provinces that the stated national mean is of, because their scores contradict it:"), ", ".join(means))] if means else [])


def _first(cases: Sequence[str], words: Words) -> str:
    """The first cases, and how many more there are."""
    told = "; ".join(cases[:MOST])
    return told if len(cases) <= MOST else words.say("{cases}; and {n} more").format(cases=told, n=words.number(len(cases) - MOST))


def _asked(lead: str, rest: str) -> Rich:
    """A request: what it is about, then its cases."""
    return rich("{lead} {rest}.", lead=lead, rest=rest, strong=("lead",))


def _tables(missing: pd.DataFrame, matrix: pd.DataFrame, shown: Shown) -> list[Rich]:
    """The years of which a whole table is wanted, and the single results of the others."""
    words = shown.words
    scores = rows_of(missing[(missing["measure"] == "n_missing_score") & (missing["period"] == "") & (missing["value"] > 0)])
    many, few = ([row for row in scores if (row["value"] > FEW) == is_many] for is_many in (True, False))
    items = []
    if many:
        told = ", ".join(f"{row['year']} ({shown.place(row)})" for row in many)
        items.append(_asked(words.say("Full tables with the score and rank of every province; scores missing:"), told))
    if few:
        told = "; ".join(f"{row['year']}: {_names(_without_total(matrix, int(row['year'])), words)}" for row in few)
        items.append(_asked(words.say("Results of single provinces:"), told))
    return items


def _domains(missing: pd.DataFrame, shown: Shown) -> list[Rich]:
    words = shown.words
    of_years = rows_of(missing[(missing["measure"] == "n_missing_parts") & (missing["period"] == "")])
    total = whole(missing, "n_missing_parts")
    if total is None or not value_of(total):
        return []
    empty = [int(row["year"]) for row in of_years if row["value"] == row["out_of"]]
    some, none = words.say("{n} of {all} are missing"), words.say("{n} of {all} are missing; in {years} all of them")
    told = (none if empty else some).format(n=shown(total), all=of_all(total, shown), years=spans(empty))
    return [_asked(words.say("Scores by domain of every province:"), told)]


def _methods(frameworks: Mapping[int, Framework | None], words: Words) -> list[Rich]:
    """What is not known of the methods."""
    known = {year: framework for year, framework in frameworks.items() if framework is not None}
    unsure = [year for year, framework in frameworks.items() if framework is None or not framework.years_confirmed_for(year)]
    has_domains = any(framework.domains for framework in known.values())
    without = [year for year, framework in known.items() if has_domains and not framework.domains]
    limits = [year for year, framework in known.items() if any(domain.maximum is None for domain in framework.domains)]
    asked = (
        (words.say("The decision that the scores follow:"), unsure),
        (words.say("The list of domains:"), without),
        (words.say("The maximum points of every domain:"), limits),
    )
    return [_asked(lead, spans(years)) for lead, years in asked if years]


# ---------------------------------------------------------------- method and sources


def table_methods(frameworks: Mapping[int, Framework | None], words: Words, *, index: str) -> Display:
    """The method of each span of years; every row after the first is a break, across which points are not compared."""
    runs: list[tuple[list[int], Framework | None]] = []
    for year, framework in sorted(frameworks.items()):
        if runs and framework is not None and runs[-1][1] is framework:
            runs[-1][0].append(year)
        else:
            runs.append(([year], framework))
    shown = Shown(words)
    rows = [_method(years, framework, shown, index) for years, framework in runs]
    heading = columns(words, ("Years", False), ("Decision", False), ("Applies for certain to", False), ("Domains", True), ("Maxima known", True), ("Criteria", True))
    heading, rows = filled(heading, rows, keep=1)
    note = rich(words.say("Each row is a method of its own: points of different rows are not compared with one another."))
    return blocks.table(words.say("Methods by year"), heading, rows, notes=[note] if len(runs) > 1 else [], numbers=shown.rows)


def _method(years: Sequence[int], framework: Framework | None, shown: Shown, index: str) -> Row:
    words = shown.words
    if framework is None:
        return {"cells": [cell(spans(years)), cell(words.say("not known"), "muted"), *[cell(DASH, "muted")] * 4]}
    sure = [year for year in years if framework.years_confirmed_for(year)]
    decision = f"{framework.decision}, {words.date(framework.date)}" if framework.decision else DASH
    domains, maxima = len(framework.domains), sum(domain.maximum is not None for domain in framework.domains)

    def number(measure: str, value: int | None, out_of: float = math.nan) -> str:
        if not value:
            return DASH
        facts: dict[str, Any] = dict.fromkeys(FIGURES, "") | {"index": index, "unit": COUNTRY, "year": years[-1], "node": f"method:{framework.code}", "measure": measure}
        facts |= {"value": float(value), "unit_of_measure": "count", "out_of": out_of, "basis": "published", "edition": f"frameworks/{framework.code}.toml"}
        facts["source"] = framework.source or facts["edition"]
        return shown(facts) if math.isnan(out_of) else shown.place(facts)

    told = [decision, spans(sure) or words.say("not confirmed"), number("n_domains", domains), number("n_maxima", maxima, domains), number("n_criteria", _criteria(framework))]
    return {"cells": [cell(spans(years)), *map(cell, told)]}


def _criteria(framework: Framework) -> int | None:
    return len(framework.criteria_codes) or framework.criteria


def say_caveats(caveats: Sequence[str], citation: str, words: Words) -> Display:
    """What is known to limit the figures, and how to cite them."""
    items = [rich("{caveat}", caveat=caveat) for caveat in caveats]
    return blocks.bullets([*items, rich(words.say("Cite as: {citation}"), citation=citation)], role="note")


def terms_of(licence: str, words: Words) -> str:
    """The terms of a source in a few words of the reader's language; one that begins like none of ``TERMS`` is shown as it is recorded.

    >>> terms_of("Facts and figures; no text is reproduced.", Words("en")), terms_of("CC0", Words("vi"))
    ('figures only, no text reproduced', 'CC0')
    """
    return next((words.say(label) for beginning, label in TERMS.items() if licence.startswith(beginning)), licence)


def table_collections(collections: pd.DataFrame, counts: pd.DataFrame, words: Words) -> Display:
    """What the figures were collected in: editions, the newest day, how often a figure is stated there, terms. ``counts``: as ``metrics.trust_counts`` gives them."""
    base = whole(counts, "n_figures", "figures")
    if collections.empty or base is None:
        return blocks.absent(words.say("No source is cited, because no figure is known."))
    shown = Shown(words)
    rows: list[Row] = []
    for row in rows_of(collections):
        facts = {**base, "node": f"collection:{row['title']}", "out_of": math.nan}
        told = [shown({**facts, "measure": name, "value": float(row[of])}) for name, of in (("n_editions", "editions"), ("n_claims", "claims"))]
        rows.append({"cells": [cell(str(row["title"])), cell(told[0]), cell(words.date(str(row["received"]))), cell(told[1]), cell(terms_of(str(row["licence"]), words), "muted")]})
    heading = columns(words, ("Collection", False), ("Editions", True), ("Received", False), ("Statements", True), ("Terms", False))
    return blocks.table(words.say("What the figures were collected in"), heading, rows, numbers=shown.rows)
