"""Tables and sentences on how good an index's figures are: conflicts, audits, publishers, corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from par_analysis.errors import Finding
from par_analysis.model import COUNTRY, TOTAL
from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Rich, Row
from par_analysis.show.cells import DASH, cell, columns
from par_analysis.show.language import N_, Words
from par_analysis.show.rules import RULES
from par_analysis.show.tables_origin import label_of
from par_analysis.show.values import Figure, Shown, find, rich, rows_of

KEY: Final = ["year", "unit", "period", "node", "measure"]

REASONS: Final = {
    "error": N_("the others are known errors"),
    "printed": N_("printed, not derived from a change"),
    "trust": N_("more trusted kind of source"),
    "publishers": N_("stated by more publishers"),
    "copies": N_("stated by more copies"),
    "order": N_("fits the ranks of the year"),
    "decimals": N_("printed with more decimals"),
    "undecided": N_("not decided: the first address in the alphabet"),
}
"""Why a value is preferred → what readers are told."""


def subject_of(figure: Figure, words: Words) -> str:
    """Whose figure it is and which: Hải Phòng: score; Red River Delta: mean.

    >>> subject_of({"unit": "31", "node": "total", "measure": "score"}, Words("en", {"31": "Hai Phong"}))
    'Hai Phong: score'
    """
    node = str(figure["node"])
    label = label_of(figure, words) if node == TOTAL or node.startswith("domain:") else f"{label_of(figure, words)}, {words.node(node)}"
    return f"{words.unit(str(figure['unit']))}: {label}"


def paragraph(sentences: Sequence[Rich], shown: Shown, *, role: blocks.Role = "text") -> Display:
    """Sentences as a paragraph, with the numbers in them."""
    joined: Rich = []
    for sentence in sentences:
        joined += [*([{"text": " "}] if joined else []), *sentence]  # type: ignore[list-item]
    return blocks.paragraph(joined, role=role, numbers=shown.rows)


def whole(table: pd.DataFrame, measure: str, node: str = TOTAL) -> Figure | None:
    """A count of the country over all years."""
    return find(table[table["period"] != ""], unit=COUNTRY, measure=measure, node=node)


def value_of(figure: Figure | None) -> float:
    """The value, 0 where there is none."""
    return 0.0 if figure is None else float(figure["value"])


def of_all(count: Figure | None, shown: Shown) -> str:
    """What a count is out of, as a number of its own."""
    return DASH if count is None else shown({**count, "measure": f"{count['measure']}_of", "value": float(count["out_of"])})


def spans(years: Sequence[int]) -> str:
    """Years as text.

    >>> spans([2018, 2019, 2020, 2023])
    '2018–2020, 2023'
    """
    starts = [year for year in sorted(years) if year - 1 not in years]
    ends = [year for year in sorted(years) if year + 1 not in years]
    return ", ".join(str(start) if start == end else f"{start}–{end}" for start, end in zip(starts, ends, strict=True))


# ---------------------------------------------------------------- figures that sources state differently


def say_disputes(counts: pd.DataFrame, words: Words) -> Display:
    """How many figures several publishers state, and how many are stated differently. ``counts``: figures as ``metrics.trust_counts`` gives them."""
    figures, shared, single, disputed = (whole(counts, f"n_{name}", "figures") for name in ("figures", "shared", "single", "disputed"))
    if figures is None or shared is None or single is None or disputed is None:
        return blocks.absent(words.say("No figure is known."))
    shown = Shown(words)
    if not value_of(shared) and not value_of(disputed):
        message = words.say("Each of the {all} figures is stated by one publisher only: no source contradicts another, and none confirms it.")
        return blocks.paragraph(rich(message, all=shown(figures), strong=("all",)), numbers=shown.rows)
    message = words.say("Of {all} figures, {shared} are stated by several publishers; {disputed} are stated with more than one value.")
    said = rich(message, all=shown(figures), shared=shown(shared), disputed=shown(disputed), strong=("disputed",))
    rest = rich(words.say("{single} rest on one publisher alone: an error there cannot be seen by comparison."), single=shown(single))
    limit = words.say("Publishers that agree may have copied from one another: agreement is no proof.")
    return paragraph([said, rest], shown) + blocks.paragraph(rich(limit), role="limit")


def table_disputes(disputes: pd.DataFrame, names: Mapping[str, str], words: Words, *, most: int = 60) -> Display:
    """Figures with more than one value: the one used, the others, who states them, and why the first is preferred; by year, the newest first.

    ``disputes``: claims as ``metrics.disputes`` gives them; ``names``: publisher → what it is called. At most ``most`` figures; how many older ones are left out is said.
    """
    if disputes.empty:
        return blocks.nothing()
    shown = Shown(words)
    groups = [claims for _, claims in disputes.groupby(KEY, sort=False)]
    rows = [_dispute(claims, names, shown) for claims in groups[:most]]
    rule = words.say("The rule, step by step: a printed value before a derived one; public authority before national agency, newspaper and copy; {rest}.")
    rest = words.say("then the value with the most publishers, the one that fits the year's ranks, the one with the most decimals")
    notes = [rich(rule, rest=rest), *_left_out(len(groups) - most, words)]
    heading = columns(words, ("Year", False), ("Figure", False), ("Used here", False), ("Other values", False), ("Why", False))
    return blocks.table(words.say("Figures that sources state differently"), heading, rows, notes=notes, dense=True, numbers=shown.rows)


def _left_out(count: int, words: Words) -> list[Rich]:
    if count <= 0:
        return []
    message = words.count("{n} case of earlier years is left out.", "{n} cases of earlier years are left out.", count)
    return [rich(message, n=words.number(count))]


def _dispute(claims: pd.DataFrame, names: Mapping[str, str], shown: Shown) -> Row:
    values = [rows_of(group) for _, group in claims.groupby("value", sort=False)]
    told = [f"{shown(group[0])} ({_publishers(group, names)})" for group in values]
    first, words = values[0][0], shown.words
    used: Cell = {"text": told.pop(0), "strong": True} if first["is_preferred"] else cell(DASH, "muted")
    return {"cells": [cell(str(first["year"])), cell(subject_of(first, words)), used, cell("; ".join(told)), cell(words.say(REASONS[first["why"]]), "muted")]}


def _publishers(claims: Sequence[Figure], names: Mapping[str, str], most: int = 2) -> str:
    """Who states a value; of many the first ones, and how many more there are."""
    told = list(dict.fromkeys(names.get(str(claim["publisher"]), str(claim["publisher"])) for claim in claims))
    return ", ".join(told[:most]) + (f" +{len(told) - most}" if len(told) > most else "")


# ---------------------------------------------------------------- audits


def say_audit(audit: pd.DataFrame, beyond: pd.DataFrame, words: Words, *, matrix: pd.DataFrame | None = None, is_summed: bool = False) -> Display:
    """How many published totals equal the sums of their parts, and whether scores lie within their limits.

    ``audit``, ``beyond``, ``matrix``: figures as ``metrics.audit``, ``metrics.beyond_limits`` and ``metrics.coverage_matrix`` give them. ``is_summed``: totals are computed, so
    there is nothing to compare them with; it is said who has none, because only some of the parts are known.
    """
    shown, said = Shown(words), []
    audited, adds_up, rounding, broken = (whole(audit, f"n_{name}") for name in ("audited", "adds_up", "in_rounding", "broken"))
    if is_summed:
        said.append(rich(words.say("The source publishes scores of parts only. Totals are their sums, made by this software: there is no published total to audit.")))
        said += [] if matrix is None else _partial(matrix, shown)
    elif audited is None or not value_of(audited):
        said.append(rich(words.say("Of no published total all parts are known, so none can be recomputed.")))
    else:
        message = words.say("Of the published totals, {audited} can be recomputed from parts: {same} agree, {rounding} differ within rounding, {broken} do not add up.")
        told = {"audited": shown.place(audited), "same": shown(adds_up), "rounding": shown(rounding), "broken": shown(broken)}
        said.append(rich(message, **told, strong=("broken",)))
    checked, outside = whole(beyond, "n_checked"), whole(beyond, "n_beyond")
    if checked is not None and outside is not None:
        none = words.say("All {n} published scores whose limits are known lie within them.")
        some = words.say("Of {n} published scores whose limits are known, {outside} lie beyond them.")
        said.append(rich(some, n=shown(checked), outside=shown(outside), strong=("outside",)) if value_of(outside) else rich(none, n=shown(checked)))
    limit = words.say("A sum that agrees shows that the figures belong together, not that they are right.")
    answer = paragraph(said, shown)
    return answer if is_summed else answer + blocks.paragraph(rich(limit), role="limit")


def _partial(matrix: pd.DataFrame, shown: Shown) -> list[Rich]:
    """The provinces of which only some parts are known, and so no total."""
    words, count = shown.words, whole(matrix, "n_parts_only")
    if count is None or not value_of(count):
        return []
    rows = sorted(rows_of(matrix[matrix["measure"] == "parts_only"]), key=lambda row: (-row["year"], words.sort_key(words.unit(str(row["unit"])))))
    cases = ", ".join(f"{words.unit(str(row['unit']))} {row['year']}" for row in rows)
    message = words.count(
        "{n} result has only some of its parts, so it has no total and no rank: what is missing is not counted as nothing ({cases}).",
        "{n} results have only some of their parts, so they have no total and no rank: what is missing is not counted as nothing ({cases}).",
        value_of(count),
    )
    return [rich(message, n=shown(count), cases=cases, strong=("n",))]


def table_audit(audit: pd.DataFrame, words: Words, *, most: int = 10) -> Display:
    """The totals that do not equal the sum of their parts beyond rounding: published, recomputed, difference; the newest year first, in it the largest differences.

    At most ``most`` of a year; how many further ones are left out is said.
    """
    gaps = [row for row in rows_of(audit) if row["measure"] == "gap_sum" and row["note"] == "does not add up"]
    if not gaps:
        return blocks.nothing()
    of_years = {year: [row for row in gaps if row["year"] == year] for year in sorted({row["year"] for row in gaps}, reverse=True)}
    listed = [row for of in of_years.values() for row in sorted(of, key=lambda row: (-abs(row["value"]), words.sort_key(words.unit(str(row["unit"]))), row["node"]))[:most]]
    shown = Shown(words)
    rows: list[Row] = []
    for gap in listed:
        node, _, parts = str(gap["node"]).partition("=")
        place = {"unit": gap["unit"], "year": gap["year"]}
        total, found = find(audit, **place, node=node, measure="score"), find(audit, **place, node=gap["node"], measure="sum_of_parts")
        names = _sum_of(parts.split("+"), words)
        told = [cell(subject_of({**gap, "node": node, "measure": "score"}, words)), cell(shown(total)), cell(shown(found)), cell(shown(gap))]
        rows.append({"cells": [cell(str(gap["year"])), *told, cell(names, "muted")]})
    heading = columns(words, ("Year", False), ("Figure", False), ("Published", True), ("Sum of parts", True), ("Difference", True), ("Parts", False))
    rest = len(gaps) - len(listed)
    left_out = words.count("{n} total with a smaller difference is left out.", "{n} totals with smaller differences are left out.", rest)
    notes = [rich(left_out, n=words.number(rest))] if rest > 0 else []
    return blocks.table(words.say("Totals that do not equal the sum of their parts"), heading, rows, notes=notes, numbers=shown.rows)


def _sum_of(parts: Sequence[str], words: Words) -> str:
    """The parts of a sum by name; of many, that they are all domains."""
    if len(parts) > 3 and all(part.startswith("domain:") for part in parts):
        return words.say("all domains")
    return " + ".join(words.node(part) for part in parts)


def say_ranks(ranks: pd.DataFrame, words: Words, *, most: int = 30) -> Display:
    """Published ranks that cannot all be true: given to several provinces, or against the order of the scores; the newest year first.

    ``ranks``: figures as ``metrics.rank_audit`` gives them.
    """
    count = whole(ranks, "n_contradictions") if len(ranks) else None
    if count is None:
        return blocks.paragraph(rich(words.say("No rank is published: ranks are computed from the scores, so they cannot contradict them.")))
    shown = Shown(words)
    limit = blocks.paragraph(rich(words.say("Only ranks that were found are compared; ranks that do not contradict one another may still be wrong.")), role="limit")
    if not value_of(count):
        none = words.say("None of the {n} published ranks contradicts another or a score.")
        return blocks.paragraph(rich(none, n=of_all(count, shown)), numbers=shown.rows) + limit
    pairs = list(contradicting(ranks))
    items = [_contradiction(note, rows, shown) for note, rows in pairs[:most]]
    head = rich(words.say("Ranks that cannot all be true, cases found: {n}."), n=shown(count), strong=("n",))
    more = [blocks.paragraph(note, role="note") for note in _left_out(len(pairs) - most, words)]
    return sum([*more, limit], blocks.paragraph(head, numbers=shown.rows) + blocks.bullets(items))


def contradicting(ranks: pd.DataFrame) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What each contradiction is (its note), and the figures in it; the newest year first."""
    told = [(row, note) for row in rows_of(ranks[ranks["period"] == ""]) for note in str(row["note"]).split("; ")]
    for year, note in dict.fromkeys(sorted(((row["year"], note) for row, note in told), key=lambda case: (-case[0], case[1]))):
        yield note, [row for row, of in told if of == note and row["year"] == year]


def _contradiction(note: str, rows: Sequence[Figure], shown: Shown) -> Rich:
    words, ranks = shown.words, [row for row in rows if row["measure"] == "rank"]
    year = str(ranks[0]["year"])
    if note.startswith("same rank"):
        names = ", ".join(words.unit(str(row["unit"])) for row in ranks)
        message = words.say("{year}: {place} ({what}) is given to {names}.")
        return rich(message, year=year, names=names, what=label_of(ranks[0], words), place=shown.place(ranks[0]), strong=("place",))
    scores = {row["unit"]: row for row in rows if row["measure"] == "score"}
    told = [f"{words.unit(str(rank['unit']))}: {shown.place(rank)}, {shown.amount(scores[rank['unit']])}" for rank in ranks]
    return rich(words.say("{year}: the better rank goes with the lower score ({cases})."), year=year, cases="; ".join(told))


def table_findings(findings: Sequence[Finding], counts: pd.DataFrame, words: Words) -> Display:
    """What the checks of the data met, by kind: how often, and where first. ``counts``: figures as ``metrics.trust_counts`` gives them.

    A figure with three values is met twice and is one case, so that the cover and the table of disputes say the same number.
    """
    base, disputed = (whole(counts, name, "figures") for name in ("n_figures", "n_disputed"))
    if not findings or base is None:
        return blocks.paragraph(rich(words.say("Apart from missing figures, the checks of the data met nothing to report.")))
    shown = Shown(words)
    rules = {rule: [finding for finding in findings if finding.rule == rule] for rule in dict.fromkeys(finding.rule for finding in findings)}
    rows: list[Row] = []
    for rule, met in sorted(rules.items(), key=lambda item: (-len(item[1]), item[0])):
        figure = disputed if rule == "conflict" else {**base, "node": f"findings:{rule}", "measure": "n_findings", "value": float(len(met)), "out_of": float("nan")}
        place = f"{met[0].file}:{met[0].row}" if met[0].row else met[0].file
        rows.append({"cells": [cell(words.say(RULES.get(rule, rule))), cell(shown(figure)), cell(place, "muted")]})
    heading = columns(words, ("What the checks met", False), ("Cases", True), ("Place in the file (first case)", False))
    return blocks.table(words.say("What the checks of the data met"), heading, rows, numbers=shown.rows)


# ---------------------------------------------------------------- who states the figures


def say_trust(counts: pd.DataFrame, trust: Mapping[str, str], words: Words) -> Display:
    """How many figures each kind of source is the most trusted one to state. ``counts``: as ``metrics.trust_counts`` gives them; ``trust``: class of trust → its name."""
    kinds = {name: whole(counts, "n_used", f"trust:{name}") for name in trust}
    known = {name: figure for name, figure in kinds.items() if value_of(figure)}
    if not known:
        return blocks.nothing()
    shown = Shown(words)
    message = words.say("Of {all} figures, by the most trusted kind of source that states them: {kinds}.")
    every = of_all(next(iter(known.values())), shown)
    said = rich(message, all=every, kinds="; ".join(f"{trust[name]} {shown(figure)}" for name, figure in known.items()))
    limit = words.say("The kind says who publishes a figure, not whether it is right.")
    return blocks.paragraph(said, numbers=shown.rows) + blocks.paragraph(rich(limit), role="limit")


def table_publishers(counts: pd.DataFrame, trust: Mapping[str, str], names: Mapping[str, str], words: Words, *, most: int = 25) -> Display:
    """How many figures each publisher states, the most trusted kind first; at most ``most`` publishers, those that state the most.

    ``counts``: figures as ``metrics.trust_counts`` gives them. ``trust``: class of trust → its name; ``names``: publisher → what it is
    called where that is not its address.
    """
    of_publishers = counts[counts["node"].str.startswith("publisher:")] if len(counts) else counts
    if of_publishers.empty:
        return blocks.absent(words.say("No source is cited, because no figure is known."))
    shown = Shown(words)
    stated = sorted(rows_of(of_publishers[of_publishers["measure"] == "n_stated"]), key=lambda row: (-row["value"], row["node"]))
    order = list(trust)
    rows: list[Row] = []
    for first in sorted(stated[:most], key=lambda row: order.index(_publisher(row)[1])):
        name, kind = _publisher(first)
        told = [find(of_publishers, node=first["node"], measure=f"n_{measure}") for measure in ("stated", "used", "alone", "overruled")]
        rows.append({"cells": [cell(names.get(name, name)), cell(trust[kind], "muted"), *(cell(shown(figure)) for figure in told)]})
    heading = columns(words, ("Publisher", False), ("Kind", False), ("Stated there", True), ("Used", True), ("Alone", True), ("Overruled", True))
    fewer = words.count("{n} publisher with fewer figures is left out.", "{n} publishers with fewer figures are left out.", len(stated) - most)
    meaning = words.say("Number of figures: stated by the publisher; used with its value; stated by nobody else; used with another value.")
    notes = [rich(meaning), *([rich(fewer, n=words.number(len(stated) - most))] if len(stated) > most else [])]
    return blocks.table(words.say("Publishers by kind and number of figures"), heading, rows, notes=notes, dense=True, numbers=shown.rows)


def _publisher(figure: Figure) -> tuple[str, str]:
    """Name and class of trust."""
    name, _, kind = str(figure["node"]).removeprefix("publisher:").rpartition("@")
    return name, kind


def table_corrections(set_aside: pd.DataFrame, panel: pd.DataFrame, names: Mapping[str, str], words: Words) -> Display:
    """The claims known to be slips of their source: what is set aside, what is used instead, and why. They stay in the data and are never preferred."""
    if set_aside.empty:
        return blocks.paragraph(rich(words.say("No published figure is set aside as a known error.")))
    shown = Shown(words)
    rows: list[Row] = []
    for claim in sorted(rows_of(set_aside), key=lambda row: (-row["year"], row["unit"], row["value"])):
        used = find(panel, **{name: claim[name] for name in KEY})
        source: Cell = {"text": names.get(str(claim["publisher"]), str(claim["publisher"]))} | ({"href": str(claim["link"])} if claim["link"] else {})  # type: ignore[assignment]
        told = [cell(subject_of(claim, words)), cell(shown(claim)), cell(shown(used)), source, cell(str(claim["set_aside"][words.lang]))]
        rows.append({"cells": [cell(str(claim["year"])), *told]})
    heading = columns(words, ("Year", False), ("Figure", False), ("Set aside", True), ("Used", True), ("Stated by", False), ("Reason", False))
    limit = rich(words.say("Only errors that the sources themselves show are set aside. The values stay in the data, and a record is dropped once its source is mended."))
    return blocks.paragraph(limit, role="limit") + blocks.table(words.say("Published figures set aside as errors"), heading, rows, numbers=shown.rows)
