"""What was reported, what sources state differently, and where figures come from."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Cell, Display, Rich, Row
from par_analysis.show.cells import cell, columns
from par_analysis.show.language import Words
from par_analysis.show.values import Figure, Shown, rich, rows_of

CONFLICT_KEY = ("unit", "year", "period", "node", "measure")


def table_operations(operations: pd.DataFrame, indicators: Mapping[str, Any], words: Words) -> Display:
    """What the province did, as published: a row an indicator, sorted into groups, with its period. Nothing where the index has no ``indicators``."""
    if not indicators:
        return blocks.nothing()
    if operations.empty:
        return blocks.absent(words.say("No operational figure of this unit was found for the year."))
    shown, groups, known = Shown(words), list(indicators["groups"]), indicators["measures"]
    rows: list[Row] = []

    def place(figure: Mapping[str, Any]) -> tuple[int, int]:
        measure = str(figure["measure"])
        facts = known.get(measure, {})
        return groups.index(facts.get("group", groups[-1])), list(known).index(measure) if measure in known else len(known)

    for figure in sorted(rows_of(operations), key=lambda row: (place(row), str(row["period"]))):
        facts = known.get(str(figure["measure"]), {})
        department = str(figure["node"]).partition("@")[2]
        name = facts.get(words.lang, str(figure["measure"]))
        if department:
            name += f" – {indicators['departments'].get(department, {}).get(words.lang, department)}"
        rows.append({"cells": [cell(name), cell(_operational(figure, facts.get("unit", {}), shown)), cell(period_of(figure, words)), cell(_publishers(figure, words), "muted")]})
    heading = columns(words, ("Indicator", False), ("Value", True), ("Period", False), ("Source", False))
    return blocks.table(words.say("Work on reform, as published"), heading, rows, numbers=shown.rows)


def _publishers(figure: Figure, words: Words) -> str:
    hosts = [(urlsplit(source).hostname or words.say("newspaper article")).removeprefix("www.") for source in str(figure["source"]).split("; ")]
    return ", ".join(dict.fromkeys(hosts))


def _operational(figure: Figure, unit: Mapping[str, str], shown: Shown) -> str:
    """A value with what it counts. ``unit``: by language, and ``one`` for a single thing in English; empty where the value needs no unit."""
    words = shown.words
    if figure["unit_of_measure"] == "place":
        return shown.place(figure)
    if figure["unit_of_measure"] == "points":
        return shown.amount(figure)
    text = shown(figure)
    if figure["unit_of_measure"] == "billion_vnd":
        return words.say("{n} billion dong").format(n=text)
    is_one = words.lang == "en" and float(figure["value"]) == 1 and math.isnan(float(figure["out_of"]))
    name = unit.get("one" if is_one else words.lang, "") if figure["unit_of_measure"] == "count" else ""
    if not math.isnan(float(figure["out_of"])):
        text = words.say("{n} of {all}").format(n=text, all=words.number(float(figure["out_of"])))
    return f"{text} {name}" if name else text


def period_of(figure: Figure, words: Words) -> str:
    """A period as readers write it: 2023, first quarter of 2024, first half of 2023.

    >>> period_of({"year": 2024, "period": "2024-Q1"}, Words("en"))
    'Q1 2024'
    """
    period = str(figure["period"])
    quarter, half = re.fullmatch(r"(\d{4})-Q(\d)", period), re.fullmatch(r"(\d{4})-H(\d)", period)
    if quarter:
        return words.say("Q{quarter} {year}").format(quarter=quarter.group(2), year=quarter.group(1))
    month = re.fullmatch(r"(\d{4})-(\d\d)", period)
    if month:
        return words.say("{month}/{year}").format(month=int(month.group(2)), year=month.group(1))
    if half:
        message = words.say("first half of {year}") if half.group(2) == "1" else words.say("second half of {year}")
        return message.format(year=half.group(1))
    return period or str(figure["year"])


def say_contradictions(contradictions: pd.DataFrame, words: Words) -> Display:
    """Published ranks that cannot all be true: who shares a rank, whose rank contradicts the scores."""
    if contradictions.empty:
        return blocks.nothing()
    shown = Shown(words)
    items: list[Rich] = []
    for note, pair in contradictions.groupby("note", sort=False):
        rows = rows_of(pair)
        ranks = [row for row in rows if row["measure"] == "rank"]
        names = words.say("{one} and {other}").format(one=words.unit(str(ranks[0]["unit"])), other=words.unit(str(ranks[-1]["unit"])))
        if str(note).startswith("same rank"):
            what = label_of(ranks[0], words)
            items.append(rich(words.say("{names} are both given {place} ({what})."), names=names, what=what, place=shown.place(ranks[0]), strong=("place",)))
        else:
            told = [f"{shown.place(rank)}, {shown.amount(score)}" for rank, score in zip(ranks, [row for row in rows if row["measure"] == "score"], strict=True)]
            items.append(rich(words.say("The ranks of {names} contradict their scores: {one}; {other}."), names=names, one=told[0], other=told[1]))
    return blocks.bullets(items, role="limit", numbers=shown.rows)


def table_conflicts(conflicts: pd.DataFrame, words: Words, trust: Mapping[str, str]) -> Display:
    """Figures that sources state differently: every claim, the preferred one marked."""
    if conflicts.empty:
        return blocks.nothing()
    shown = Shown(words)
    rows: list[Row] = []
    for (unit, year, _, _, _, value), claims in conflicts.groupby([*CONFLICT_KEY, "value"], sort=False):
        figure = {str(name): met for name, met in claims.iloc[0].items()}
        what = f"{words.unit(str(unit))} {year}: {label_of(figure, words)}"
        used = words.say("used here") if figure["is_preferred"] else words.say("set aside as an error") if figure["set_aside"] else ""
        publishers = ", ".join(f"{publisher} ({trust[kind]})" for publisher, kind in sorted(set(zip(claims["publisher"], claims["trust"], strict=True))))
        rows.append({"cells": [cell(what), {"text": shown({**figure, "value": value}), "strong": bool(figure["is_preferred"])}, cell(used), cell(publishers)]})
    heading = columns(words, ("Figure", False), ("Value", True), ("Status", False), ("Source", False))
    order = words.say("Rule: public authority before national agency, newspaper and copy; then the value with most publishers; then the one that fits the year's ranks.")
    return blocks.table(words.say("Figures that sources state differently"), heading, rows, notes=[rich(order)], dense=True, numbers=shown.rows)


def label_of(figure: Figure, words: Words) -> str:
    """What a figure is, in words: place, score, mean, place in domain 3."""
    measures = {"score": words.say("score"), "rank": words.say("rank"), "mean": words.say("mean"), "max": words.say("highest"), "min": words.say("lowest")}
    measures["median"] = words.say("median")
    label = measures.get(str(figure["measure"]), str(figure["measure"]).replace("_", " "))
    node = str(figure["node"])
    if node.startswith("domain:"):
        return words.say("{what}, domain {number}").format(what=label, number=node.partition(":")[2])
    return label


def table_sources(sources: pd.DataFrame, words: Words, trust: Mapping[str, str]) -> Display:
    """Where this page's published figures come from: address, kind, how many figures."""
    if sources.empty:
        return blocks.absent(words.say("No source is cited, because no figure is known."))
    rows: list[Row] = []
    for source in rows_of(sources):
        link: Cell = {"text": str(source["title"])}
        if source["source"]:
            link["href"] = str(source["source"])
        rows.append({"cells": [link, cell(trust[str(source["trust"])], "muted"), cell(str(source["years"]))]})
    heading = columns(words, ("Address", False), ("Kind", False), ("Years", False))
    note = rich(words.say("The sources of every single number, those of other provinces included, stand in numbers.csv beside this report."))
    return blocks.paragraph(note, role="note") + blocks.table(words.say("Sources of the published figures"), heading, rows, dense=True)
