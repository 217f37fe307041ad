"""A province beside others, displayed: interval and group beside the ranks around it, and part by part against its region, in both languages."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from par_analysis.model import LANGUAGES, Language
from par_analysis.show.blocks import Display
from par_analysis.show.charts_position import plot_neighbours
from par_analysis.show.cover import cover_province
from par_analysis.show.sentences_robustness import say_interval
from par_analysis.show.tables_national import table_standings
from par_analysis.show.tables_peers import table_peers
from tests.inks import clipped, touching
from tests.parts import HUE, LONG, YEAR, figure, table, words

SETTINGS = {"n_draws": (10_000, "count"), "weight_reach": (25, "percent"), "interval_coverage": (90, "percent"), "n_tie_groups": (12, "count")}


def neighbours() -> pd.DataFrame:
    rows = [figure("rank", place, unit=unit, out_of=61.0) for unit, place in ((LONG, 2), (HUE, 1))]
    return table(*rows, figure("score", 46.04, out_of=80.0))


def intervals(*units: str) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for number, unit in enumerate(units):
        ends = {"rank": 1 + number, "rank_low": 1, "rank_high": 3 + number}
        rows += [figure(measure, value, unit=unit, out_of=61.0) for measure, value in ends.items()]
        rows.append(figure("tie_group", 1, unit=unit, unit_of_measure="count"))
    return table(*rows, *(figure(name, value, unit="VN", unit_of_measure=kind) for name, (value, kind) in SETTINGS.items()))


def cells(display: Display) -> list[list[str]]:
    return [[cell["text"] for cell in row["cells"]] for row in display.blocks[0]["rows"]]


def said(display: Display) -> list[str]:
    return ["".join(span["text"] for span in block["text"]) for block in display.blocks]


def test_interval_and_group_stand_beside_every_rank_that_has_them() -> None:
    (block,) = plot_neighbours(neighbours(), words("en"), unit=HUE, intervals=intervals(HUE, LONG)).blocks
    assert all(text in block["svg"] for text in ("1–3", "1–4", "interval of the rank", "group"))
    assert "Interval of the rank: 1–3, group 1." in block["alt"]
    assert "1–3" not in plot_neighbours(neighbours(), words("en"), unit=HUE).blocks[0]["svg"]
    rows = plot_neighbours(neighbours(), words("en"), unit=HUE, intervals=intervals(HUE, LONG)).numbers
    assert {"rank_low", "rank_high", "tie_group"} <= {row["measure"] for row in rows}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_overlaps_beside_the_ranks(lang: Language) -> None:
    (block,) = plot_neighbours(neighbours(), words(lang), unit=HUE, intervals=intervals(HUE, LONG)).blocks
    assert clipped(block["svg"]) == touching(block["svg"]) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_interval_and_group_are_told_with_what_they_are(lang: Language) -> None:
    found = say_interval(intervals(HUE), words(lang), unit=HUE, year=YEAR)
    text, limits = said(found)
    assert all(part in text for part in ("1–3", "12"))
    assert all(part in limits for part in ("25%", "90%"))
    assert {"rank_low", "rank_high", "tie_group", "n_tie_groups"} <= {row["measure"] for row in found.numbers}


def test_an_interval_of_one_place_is_no_range() -> None:
    given = intervals(HUE)
    given.loc[given["measure"] == "rank_high", "value"] = 1.0
    assert "the rank of Thua Thien Hue would stay 1;" in said(say_interval(given, words("en"), unit=HUE, year=YEAR))[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_intervals_it_is_said_that_none_are_known(lang: Language) -> None:
    (block,) = say_interval(table(), words(lang), unit=HUE, year=YEAR).blocks
    assert (block["kind"], block["role"]) == ("paragraph", "limit")


def test_a_unit_without_a_rank_has_no_interval() -> None:
    assert say_interval(intervals(HUE), words("en"), unit=LONG, year=YEAR).blocks == ({"kind": "absent", "reason": ""},)


def test_the_cover_has_the_interval_beside_the_rank() -> None:
    given: Any = {"is_comparable": True, "received": "2026-11-22", "intervals": intervals(HUE)}
    own = table(figure("score", 46.04, out_of=80.0), figure("rank", 1, out_of=61.0))
    found = cover_province(own, table(figure("rank_change", 2, out_of=61.0)), table(), table(), table(), {"unit": HUE, "year": YEAR}, words("en"), **given)
    (rank,) = [head for head in found.blocks[0]["headlines"] if head["label"] == "Rank"]
    assert rank["detail"] == "up 2 places; interval 1–3, group 1 of 12"


def peers() -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for node, z in (("total", -1.9), ("domain:1", None)):
        of = {"score": 5.0, "peer_mean": 7.0, "gap_peers": -2.0}
        rows += [figure(measure, value, node) for measure, value in of.items()]
        rows += [figure("peer_z", z, node, unit_of_measure="ratio")] if z else []
        rows.append(figure("n_peers", 9, node, out_of=10.0))
    return table(*rows)


def test_parts_stand_against_the_mean_of_the_others_of_the_region() -> None:
    found = table_peers(peers(), words("en"), unit=HUE, region="R3", year=YEAR)
    total, first = cells(found)
    assert total == ["Total", "5.00", "7.00", "−2.00", "−1.9", "9/10"]
    assert first[1:] == ["5.00", "7.00", "−2.00", "–", "9/10"]
    assert len(found.blocks[0]["notes"]) == 2
    assert table_peers(table(), words("en"), unit=HUE, region="R3", year=YEAR).blocks == ({"kind": "absent", "reason": ""},)


def test_no_heading_of_a_vietnamese_ranking_is_english() -> None:
    standing = table(figure("score", 46.04, out_of=80.0), figure("rank", 1, out_of=61.0))
    changes = table(figure("rank_change", 2), figure("score_change", 0.5))
    made = {lang: table_standings(standing, changes, table(), words(lang), base=YEAR - 1, is_comparable=True, intervals=intervals(HUE)) for lang in LANGUAGES}
    english, vietnamese = ([column["label"] for column in made[lang].blocks[0]["columns"]] for lang in ("en", "vi"))
    assert len(english) == len(vietnamese) == 7
    assert not set(english) & set(vietnamese)
