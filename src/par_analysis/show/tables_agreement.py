"""An index beside the others of the same year: how far they order the provinces alike, and about whom they differ most."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from par_analysis.model import COUNTRY, Index
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich, Row
from par_analysis.show.cells import DASH, by_measure, cell, columns, known
from par_analysis.show.language import Words
from par_analysis.show.values import Figure, Shown, find, joined, rich, rows_of

Indices = Mapping[str, Index]
_STRONG = 0.7
"""From such a correlation on two orders are called much alike."""


def table_agreement(agreement: pd.DataFrame, words: Words, indices: Indices, *, year: int) -> Display:
    """Each other index: how many provinces both know, Spearman's rank correlation with its interval, and how that reads.

    ``agreement``: figures of ``metrics.agreement_beside``. ``indices``: the other indices by code.
    """
    pairs = {code: of for code, of in _of_country(agreement).items() if code in indices and float(of["n_common"]["value"])}
    if not any("spearman" in of for of in pairs.values()):
        return blocks.absent(words.say("Of no other index are enough results known for {year} to compare the orders of the provinces.").format(year=year))
    shown = Shown(words)
    rows: list[Row] = []
    for code, of in sorted(pairs.items(), key=lambda pair: (-float(pair[1]["n_common"]["value"]), pair[0])):
        ends = [of.get(f"spearman_{end}") for end in ("low", "high")]
        interval = words.say("{low} to {high}").format(low=shown(ends[0], decimals=2), high=shown(ends[1], decimals=2)) if all(ends) else DASH
        cells = [known(of["n_common"], shown, place=True), cell(shown(of["spearman"], decimals=2)) if "spearman" in of else cell(DASH, "muted"), cell(interval)]
        rows.append({"cells": [cell(indices[code].short[words.lang]), *cells, cell(_read(of, words))]})
    heading = columns(words, ("Index of the same year", False), ("Provinces in both", True), ("Rank correlation", True), ("Interval", True), ("Reading", False))
    notes = [rich("{citation}", citation=indices[code].citation[words.lang]) for code in pairs]
    caption = words.say("Order of the provinces by {index} and by other indices, {year}").format(index=words.short_index, year=year)
    return blocks.table(caption, heading, rows, notes=notes, numbers=shown.rows)


def _of_country(agreement: pd.DataFrame) -> dict[str, dict[str, Figure]]:
    nodes = by_measure(agreement[agreement["unit"] == COUNTRY], on="node")
    return {node.partition(":")[2]: of for node, of in nodes.items()}


def _read(of: Mapping[str, Figure], words: Words) -> str:
    low, high = of.get("spearman_low"), of.get("spearman_high")
    if low is None or high is None:
        return words.say("too few for a coefficient")
    if float(low["value"]) <= 0 <= float(high["value"]):
        return words.say("whether they agree at all is open")
    if float(high["value"]) < 0:
        return words.say("rather opposite orders")
    return words.say("much the same order") if float(of["spearman"]["value"]) >= _STRONG else words.say("alike in part")


def table_discordant(agreement: pd.DataFrame, words: Words, indices: Indices) -> Display:
    """The provinces about whose place two indices differ most, with both ranks among the provinces in both.

    ``agreement``: figures of ``metrics.agreement_beside``.
    """
    shown = Shown(words)
    rows: list[Row] = []
    for node, of_node in agreement[agreement["unit"] != COUNTRY].groupby("node", sort=False):
        code = str(node).partition(":")[2]
        for unit, of in by_measure(of_node, on="unit").items() if code in indices else ():
            cells = [known(of[measure], shown, place=True) for measure in ("rank_here", "rank_there")]
            rows.append({"cells": [cell(words.unit(unit)), cells[0], cells[1], cell(indices[code].short[words.lang])]})
    if not rows:
        return blocks.nothing()
    heading = columns(words, ("Province", False), ("Rank by {index}", True), ("Rank by the other", True), ("The other index", False))
    heading[1]["label"] = heading[1]["label"].format(index=words.short_index)
    is_shared = any(float(row["value"]) % 1 for row in rows_of(agreement) if row["measure"] in ("rank_here", "rank_there"))
    notes = [rich(words.say("Equals share the mean of their places."))] if is_shared else []
    return blocks.table(words.say("Provinces about which the indices differ most"), heading, rows, notes=notes, numbers=shown.rows)


def say_agreement(agreement: pd.DataFrame, words: Words) -> Display:
    """What an agreement between indices does not say; nothing where none is shown.

    ``agreement``: figures of ``metrics.agreement_beside``.
    """
    met, shown = _of_country(agreement), Shown(words)
    if not any("spearman" in of for of in met.values()):
        return blocks.nothing()
    texts = [
        words.say("Ranks are counted anew among the provinces in both, and where few results are known these are no random choice: good ranks are reported more often."),
        words.say("The interval holds the middle {coverage} of what comes out when the provinces are drawn anew; it knows nothing of errors in the scores."),
        words.say("Indices ask different things of different people at different times of the year: agreement does not make either right, nor does its lack make either wrong."),
    ]
    coverage = shown(find(agreement, measure="interval_coverage"), decimals=0)
    said: list[Rich] = [rich(text, coverage=coverage) for text in texts]
    if any(code in words.part_names for code, of in met.items() if "spearman" in of):
        said.append(rich(words.say("An index that is a part of this one agrees with it in part by construction.")))
    return blocks.paragraph(joined(said), role="limit", numbers=shown.rows)
