"""Charts, tables and sentences on what a rank takes, in both languages."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from par_analysis.model import LANGUAGES, Language
from par_analysis.show.blocks import Display
from par_analysis.show.charts_headroom import plot_headroom
from par_analysis.show.charts_ladder import plot_ladder
from par_analysis.show.sentences_targets import say_cheapest_way, say_gaps, say_headroom, say_ladder, say_needs
from par_analysis.show.tables_targets import table_cheapest_way, table_gains, table_gaps, table_least_costs, table_needs
from par_analysis.show.targets_cover import cover_targets
from tests import parts
from tests.parts import HUE, YEAR, table, tree, words

OTHER, NAMELESS = "01", "77"
IDENTITY = {"report": "targets", "index": "papi", "unit": HUE, "year": YEAR, "lang": "en", "derived": True}
A, B = tree()["domain:1"][:2]


def figure(measure: str, value: float, node: str = "total", **more: Any) -> dict[str, Any]:
    """A figure; the points to a rank are points."""
    return parts.figure(measure, value, node, **({"unit_of_measure": "points"} if measure.startswith("points_to") else {}), **more)


def own(place: float = 12, places: float = 61) -> list[dict[str, Any]]:
    return [figure("score", 42.0, out_of=80.0), figure("rank", place, out_of=places)]


def rung(place: int, measure: str, *points: float, held: str = "") -> list[dict[str, Any]]:
    node = f"place:{place}"
    names = [measure] if len(points) == 1 else [f"{measure}_low", f"{measure}_high"]
    note = f"held by {held}" if held else ""
    return [figure("place", place, node, unit_of_measure="place", out_of=61.0), *(figure(name, value, node, note=note) for name, value in zip(names, points, strict=True))]


def ladder(*more: dict[str, Any]) -> pd.DataFrame:
    rows = [*rung(7, "points_to_rank", 2.5, held=OTHER), *rung(11, "points_to_rank", 0.1), *rung(13, "points_to_drop", 0.2), *rung(17, "points_to_drop", 1.0, held=NAMELESS)]
    return table(*own(), *rows, *more)


def drawn(*, place: float = 12) -> pd.DataFrame:
    rows = [*own(place), *rung(10, "points_to_rank", 0.5 if place > 10 else 0.0, held=OTHER)]
    rows += [figure(f"points_to_rank_{name}", value, "place:10") for name, value in {"trend": 0.7, "q05": 0.2, "q25": 0.6, "q50": 0.9, "q75": 1.2, "q95": 1.5}.items()]
    rows += [figure(f"reach_probability_{name}", value, "place:10", unit_of_measure="percent") for name, value in {"frozen": 20.0, "trend": 12.4}.items()]
    rows += [figure("score_change_yearly", 0.3), figure("n_as_large", 4, out_of=119.0), figure("largest_change", 3.1, unit=OTHER, year=2022)]
    for gain, chance in ((0.5, 20.0), (1.0, 60.0)):
        rows += [figure("gain", gain, f"gain:{gain:g}"), figure("reach_probability", chance, f"gain:{gain:g}", unit_of_measure="percent")]
    return table(*rows, *([figure("points_to_drop", 0.8, "place:11")] if place <= 10 else []))


def said(display: Display) -> str:
    blocks = [block for block in display.blocks if block["kind"] in ("paragraph", "absent")]
    return " ".join("".join(span["text"] for span in block["text"]) if "text" in block else block["reason"] for block in blocks)


def cells(display: Display, number: int = 0) -> list[list[str]]:
    return [[cell["text"] for cell in row["cells"]] for row in display.blocks[number]["rows"]]


def absent(display: Display) -> bool:
    return [block["kind"] for block in display.blocks] == ["absent"]


# ---------------------------------------------------------------- the ladder


def test_ladder_says_what_ranks_up_and_down_take() -> None:
    text = said(say_ladder(ladder(), words("en"), unit=HUE))
    assert text.startswith("From rank 12/61, with all other scores unchanged, these gains would have led to: rank 11 with +0.10; rank 7 with +2.50.")
    assert "Beyond these losses it would have fallen to: rank 13 with −0.20; rank 17 with −1.00." in text
    assert "do not stand still" in text


def test_ladder_begins_as_far_away_as_is_asked() -> None:
    text = said(say_ladder(ladder(), words("vi"), unit=HUE, first=5))
    assert "hạng 7 (+2,50)" in text
    assert "hạng 11" not in text


def test_a_score_within_limits_is_told_within_limits() -> None:
    limits = table(*own(), *rung(11, "points_to_rank", 0.1, 0.4), *rung(13, "points_to_drop", 0.0, 2.0))
    text = said(say_ladder(limits, words("en"), unit=HUE))
    assert "rank 11 with +0.10 to +0.40" in text
    assert "it lies within the limits given" in text
    assert "known within these limits" in plot_ladder(limits, words("en"), unit=HUE, year=YEAR).blocks[0]["svg"]


def test_the_first_has_no_better_rank() -> None:
    assert said(say_ladder(table(*own(1), *rung(2, "points_to_drop", 0.3)), words("en"), unit=HUE)).startswith("Thua Thien Hue is first: there is no better rank. Beyond")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_chart_of_the_ladder_marks_the_target_and_names_who_holds_it_in_words(lang: Language) -> None:
    chart = plot_ladder(ladder(), words(lang), unit=HUE, year=YEAR, target=7).blocks[0]
    assert {"vi": "hạng 7: +2,50", "en": "rank 7: +2.50"}[lang] in chart["svg"]
    assert {"vi": "Hạng 7: +2,50.", "en": "Rank 7: +2.50."}[lang] in chart["alt"]
    assert {"vi": "Bà Rịa - Vũng Tàu −1,00", "en": "Ba Ria - Vung Tau −1.00"}[lang] in chart["svg"]


def test_chart_of_the_ladder_has_a_row_for_every_number() -> None:
    numbers = plot_ladder(ladder(), words("en"), unit=HUE, year=YEAR).numbers
    assert {(row["node"], row["value"]) for row in numbers if row["measure"] == "points_to_rank"} == {("place:7", 2.5), ("place:11", 0.1)}


@pytest.mark.parametrize("show", [lambda none, w: plot_ladder(none, w, unit=HUE, year=YEAR), lambda none, w: say_ladder(none, w, unit=HUE)])
def test_no_ladder_says_why(show: Any) -> None:
    display = show(table(), words("en"))
    assert absent(display)
    assert "not both known" in said(display)


# ---------------------------------------------------------------- the target


def test_needs_are_said_under_each_assumption_with_their_limits() -> None:
    text = said(say_needs(drawn(), words("en"), unit=HUE, target=10, years=[2021, 2022, 2023]))
    assert text.startswith(
        "For rank 10, Thua Thien Hue needs 0.50 points more, as long as all others stay where they are: that is level with Hanoi.".replace("Hanoi", words("en").unit(OTHER))
    )
    assert "the need is 0.90 points in the middle of the draws; the points named first are enough in 20% of them." in text
    assert "Of 119 changes of other provinces from one year to the next, 4 were as large; the largest of all was +3.10 points" in text
    assert "in 2022." in text
    assert "Its own mean yearly change, +0.30 points, would be enough in 12%." in text
    assert "between 2021 and 2023" in text
    assert "error of measurement" in text


def test_a_rank_that_is_held_may_be_lost() -> None:
    text = said(say_needs(drawn(place=8), words("en"), unit=HUE, target=10, years=[2021, 2022, 2023]))
    assert text.startswith(
        "Thua Thien Hue holds rank 8/61 and so has rank 10 or a better one. As long as all others stay where they are, it keeps it with a loss of up to 0.80 points."
    )
    assert "an unchanged score is enough in 20% of the draws" in text


def test_without_draws_it_is_said_why() -> None:
    known = table(*own(), *rung(10, "points_to_rank", 0.2, 0.6))
    assert "needs between 0.20 and 0.60 points more" in said(say_needs(known, words("en"), unit=HUE, target=10, years=[2022, 2023]))
    assert "known in part" in said(say_needs(known, words("en"), unit=HUE, target=10, years=[2022, 2023]))
    assert "No earlier year is known to be scored by the same method" in said(say_needs(known, words("en"), unit=HUE, target=10, years=[2023]))


def test_a_rank_that_nobody_can_hold_is_said_to_be_none() -> None:
    assert said(say_needs(table(*own()), words("en"), unit=HUE, target=62)) == "Only 61 provinces are ranked: nobody can hold rank 62."
    assert "contradict one another" in said(say_needs(table(*own()), words("en"), unit=HUE, target=10))


def test_table_of_needs_has_a_row_for_each_assumption() -> None:
    display = table_needs(drawn(), words("en"), target=10, years=[2021, 2022, 2023])
    assert [row[1] for row in cells(display)] == ["0.50", "0.70", "0.90", "0.60–1.20", "0.20–1.50"]
    assert cells(display)[1][0] == "move on at their mean yearly change from 2021 to 2023"
    assert cells(table_needs(table(*own(), *rung(10, "points_to_rank", 0.2, 0.6)), words("vi"), target=10)) == [["giữ nguyên điểm", "0,20–0,60"]]
    assert absent(table_needs(table(*own()), words("en"), target=10))
    assert absent(table_needs(table(*own(8), *rung(10, "points_to_rank", 0.0)), words("en"), target=10))


def test_no_past_change_as_large_is_said_to_be_none() -> None:
    none = drawn()
    none.loc[none["measure"] == "n_as_large", "value"] = 0.0
    assert "none was as large; the largest of all was +3.10 points" in said(say_needs(none, words("en"), unit=HUE, target=10, years=[2021, 2022, 2023]))


def test_table_of_gains_goes_from_seldom_to_often() -> None:
    assert cells(table_gains(drawn(), words("vi"), target=10)) == [["0,50", "20%"], ["1,00", "60%"]]
    assert absent(table_gains(table(*own()), words("en"), target=10))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cover_says_what_the_rank_takes(lang: Language) -> None:
    cover = cover_targets(drawn(), table(*own()), IDENTITY | {"lang": lang}, words(lang), target=10, received="2026-01-02").blocks[0]
    assert cover["title"] == {"vi": "Thừa Thiên Huế: để đạt hạng 10", "en": "Thua Thien Hue: what rank 10 takes"}[lang]
    assert [headline["value"] for headline in cover["headlines"]] == {"vi": ["12/61", "42,00", "+0,50", "+0,90"], "en": ["12/61", "42.00", "+0.50", "+0.90"]}[lang]


def test_cover_of_a_unit_with_the_rank_says_what_it_may_lose() -> None:
    cover = cover_targets(drawn(place=8), table(*own(8)), IDENTITY, words("en"), target=10, received="2026-01-02").blocks[0]
    assert [(headline["label"], headline["value"]) for headline in cover["headlines"]][-1] == ("May be lost before rank 10 is", "0.80")


@pytest.mark.parametrize(
    ("place", "target", "last"),
    [
        (8, 10, "Thua Thien Hue has rank 10 or a better one already; a better target can be set."),
        (1, 1, "Thua Thien Hue is first: there is no better rank."),
        (12, 62, "Only 61 provinces are ranked: nobody can hold rank 62."),
    ],
)
def test_cover_says_that_a_target_is_reached_or_that_there_is_none(place: int, target: int, last: str) -> None:
    needs = table(*own(place))
    cover = cover_targets(needs, needs, IDENTITY, words("en"), target=target, received="2026-01-02").blocks[0]
    assert "".join(span["text"] for span in cover["lead"][0]).endswith(last)
    assert said(say_cheapest_way(table(), needs, words("en"), unit=HUE, target=target)) == last


def test_cover_of_a_unit_without_a_total_says_so() -> None:
    parts = table(figure("n_scored", 12, out_of=28.0, unit_of_measure="count"))
    cover = cover_targets(table(), table(), IDENTITY, words("en"), target=10, received="2026-01-02", completeness=parts).blocks[0]
    assert cover["headlines"] == []
    assert "12 of the 28 parts" in "".join(span["text"] for span in cover["lead"][0])


# ---------------------------------------------------------------- part by part


def room(*, best: bool = True) -> pd.DataFrame:
    rows = []
    for node, (score, top, mean) in {A: (1.0, 1.4, 1.2), B: (1.6, 2.2, 1.5)}.items():
        rows += [figure("score", score, node, out_of=2.5), figure("headroom", 2.5 - score, node, out_of=2.5)]
        if best:
            rows += [figure("mean_computed", mean, node, unit="VN"), figure("best_computed", top, node, unit="VN"), figure("score", top, node, unit=OTHER, out_of=2.5)]
            rows += [figure("gap_best", score - top, node), figure("mean_top", mean + 0.1, node, unit="VN", out_of=10.0), figure("mean_computed", mean, node, unit="R3")]
    return table(*rows)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_parts_on_which_most_is_to_be_had_come_first(lang: Language) -> None:
    chart = plot_headroom(room(), words(lang), unit=HUE, year=YEAR).blocks[0]
    names = [words(lang).node(node) for node in (B, A)]
    assert chart["alt"].index(names[0]) < chart["alt"].index(names[1])
    text = said(say_headroom(room(), words(lang), unit=HUE, year=YEAR))
    number = {"vi": "+0,60", "en": "+0.60"}[lang]
    assert f"{names[0]} ({number})" in text


def test_headroom_without_the_others_is_that_to_the_maximum() -> None:
    chart = plot_headroom(room(best=False), words("en"), unit=HUE, year=YEAR).blocks[0]
    assert "up to the maximum" in chart["svg"]
    assert "best province" not in chart["svg"]
    assert "Too few scores" in said(say_headroom(room(best=False), words("en"), unit=HUE, year=YEAR))


def test_nobody_ahead_is_said() -> None:
    first = table(figure("score", 2.0, A, out_of=2.5), figure("headroom", 0.5, A), figure("gap_best", 0.0, A), figure("best_computed", 2.0, A, unit="VN"))
    assert said(say_headroom(first, words("en"), unit=HUE, year=YEAR)) == "On no part is another province ahead."


def test_long_charts_are_parted() -> None:
    nodes = [child for children in list(tree().values())[1:] for child in children]
    rows = [row for node in nodes for row in (figure("score", 1.0, node, out_of=2.5), figure("headroom", 1.5, node, out_of=2.5))]
    display = plot_headroom(table(*rows), words("vi"), unit=HUE, year=YEAR)
    assert [block["caption"][-4:] for block in display.blocks] == ["1/3)", "2/3)", "3/3)"]


def gaps(name: str = "target") -> pd.DataFrame:
    rows = [*own(), figure("score", 5.0, "domain:1", out_of=10.0), figure("score", 1.0, A, out_of=2.5), figure("score", 6.0, "domain:2", out_of=10.0)]
    rows += [figure(f"reference_{name}", 42.5, unit=OTHER), figure(f"reference_{name}", 42.5, unit=NAMELESS)]
    rows += [figure(f"gap_{name}", value, node) for node, value in {"total": -0.5, "domain:1": -0.7, A: -0.7, "domain:2": 0.2}.items()]
    return table(*rows)


def test_gaps_say_where_points_are_missing_and_where_not() -> None:
    text = said(say_gaps(gaps(), words("en"), unit=HUE, children=["domain:1", "domain:2"]))
    assert text == (
        f"Thua Thien Hue has 0.50 points less than {words('en').unit(OTHER)}, Ba Ria - Vung Tau. "
        "It has less on: Participation at local levels (−0.70). It has more on: Transparency of local decision-making (+0.20)."
    )


def test_the_leader_is_set_against_the_others_it_is_ahead_of() -> None:
    ahead = gaps("median")
    ahead.loc[ahead["measure"] == "gap_median", "value"] *= -1
    assert said(say_gaps(ahead, words("vi"), unit=HUE, children=["domain:1", "domain:2"])).startswith("Thừa Thiên Huế hơn Hà Nội, Bà Rịa - Vũng Tàu 0,50 điểm. Kém ở: ")


def test_table_of_gaps_names_its_references_and_nests_the_parts() -> None:
    display = table_gaps(gaps(), words("en"), unit=HUE, tree=tree())
    assert [row[0] for row in cells(display)] == ["Total", "1. Participation at local levels", "\N{EM SPACE}Civic knowledge", "2. Transparency of local decision-making"]
    assert [row[2] for row in cells(display)] == ["−0.50", "−0.70", "−0.70", "+0.20"]
    notes = ["".join(span["text"] for span in note) for note in display.blocks[0]["notes"]]
    assert notes[0] == f"At the target rank: {words('en').unit(OTHER)} (42.50), Ba Ria - Vung Tau (42.50)."


def test_gaps_that_cannot_be_told_say_why() -> None:
    for display in (say_gaps(table(), words("en"), unit=HUE, children=["domain:1"]), table_gaps(table(), words("en"), unit=HUE, tree=tree())):
        assert absent(display)
        assert "not all known" in said(display)
    assert "itself the reference" in said(say_gaps(table(*own(1)), words("en"), unit=HUE, children=["domain:1"]))


# ---------------------------------------------------------------- the route


def route(*, feasible: bool = True) -> pd.DataFrame:
    rows = [figure("points_to_rank", 0.5, "place:10"), figure("route_most", 3.0), figure("route_step", 0.25)]
    if feasible:
        rows += [figure("route_gain", 0.2, A), figure("route_to", 1.2, A, out_of=2.5), figure("route_cost", 0.4, A, unit_of_measure="cost")]
        rows += [figure("route_gain", 0.3, B), figure("route_to", 1.9, B, out_of=2.5), figure("route_cost", 0.5, B, unit_of_measure="cost")]
        rows += [figure("attainment", value, node, unit="VN", unit_of_measure="percent") for node, value in ((A, 50.0), (B, 60.4))]
        rows += [figure("route_gain", 0.5), figure("route_cost", 0.9, unit_of_measure="cost"), figure("n_parts", 2, out_of=28.0, unit_of_measure="count")]
        rows += [figure("route_cost", 1.1, "route:2", unit_of_measure="cost")]
        for place, points, cost in ((11, 0.1, 0.2), (10, 0.5, 0.9)):
            rows += [figure("place", place, f"place:{place}", unit_of_measure="place", out_of=61.0), figure("least_cost", cost, f"place:{place}", unit_of_measure="cost")]
            rows += [figure("cost_per_place", cost / (12 - place), f"place:{place}", unit_of_measure="cost")]
            rows += [figure("points_to_rank", points, f"place:{place}")] if place == 11 else []
        rows += [figure("gain", 1.0, "gain:1"), figure("least_cost", 1.9, "gain:1", unit_of_measure="cost")]
    return table(*rows)


def test_cheapest_way_says_its_parts_its_rivals_and_that_its_cost_is_no_money() -> None:
    text = said(say_cheapest_way(route(), drawn(), words("en"), unit=HUE, target=10))
    assert text.startswith("The cheapest way to rank 10 raises 2 of 28 parts by 0.50 points in all, at a cost of 0.90. Other ways, each without a part of those before, cost 1.10:")
    assert "The cost is a stand-in, not money" in text
    assert "Parts are raised by 0.25 points at a time" in text


def test_table_of_the_way_has_the_largest_gain_first_and_the_sums_last() -> None:
    assert cells(table_cheapest_way(route(), words("en"), target=10)) == [
        [words("en").node(B), "1.60 / 2.5", "1.90", "+0.30", "60%", "0.50"],
        [words("en").node(A), "1.00 / 2.5", "1.20", "+0.20", "50%", "0.40"],
        ["Together", "–", "–", "+0.50", "–", "0.90"],
    ]


def test_a_way_out_of_reach_is_said_with_what_can_be_had() -> None:
    text = said(say_cheapest_way(route(feasible=False), drawn(), words("en"), unit=HUE, target=10))
    assert text == "Rank 10 is out of reach on this reckoning: with every part as good as in the best province, Thua Thien Hue would gain 3.00 points at most."
    assert absent(table_cheapest_way(route(feasible=False), words("en"), target=10))
    assert absent(table_least_costs(route(feasible=False), words("en")))


@pytest.mark.parametrize(
    ("needs", "target", "why"),
    [
        (table(), 10, "not both known"),
        (drawn(place=8), 10, "has rank 10 or a better one already"),
        (table(*own()), 62, "nobody can hold rank 62"),
        (drawn(), 10, "not all known"),
    ],
    ids=["unknown", "held", "beyond", "parts"],
)
def test_no_way_says_why(needs: pd.DataFrame, target: int, why: str) -> None:
    display = say_cheapest_way(table(), needs, words("en"), unit=HUE, target=target)
    assert absent(display) == ("known" in why)
    assert why in said(display)


def test_costs_of_ranks_and_gains_stand_in_two_tables() -> None:
    display = table_least_costs(route(), words("vi"))
    assert cells(display) == [["11/61", "0,10", "0,20", "0,20"], ["10/61", "0,50", "0,90", "0,45"]]
    assert cells(display, 1) == [["1,00", "1,90"]]
