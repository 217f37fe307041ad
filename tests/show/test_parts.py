"""Tables and sentences on the parts of an index, and on two years compared on a named basis."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from par_analysis.model import LANGUAGES, Language
from par_analysis.show import blocks
from par_analysis.show.blocks import Display
from par_analysis.show.cells import moved as moved_cell
from par_analysis.show.language import Words
from par_analysis.show.sentences_parts import say_comparison, say_contributions, say_strengths
from par_analysis.show.tables_parts import table_contributions, table_domain_means, table_profile, table_strengths
from par_analysis.show.values import Shown
from tests.parts import BASE, HUE, YEAR, contributions, figure, profile, spread, table, tree, words

DOMAINS = ["domain:1", "domain:2"]
PARTS = ["domain:1", *tree()["domain:1"]]


def cells(display: Display, number: int = 0) -> list[list[str]]:
    return [[cell["text"] for cell in row["cells"]] for row in display.blocks[number]["rows"]]


def heads(display: Display) -> list[str]:
    return [column["label"] for column in display.blocks[0]["columns"]]


def notes(display: Display) -> list[str]:
    return ["".join(span["text"] for span in note) for note in display.blocks[0]["notes"]]


def said(display: Display) -> list[str]:
    return ["".join(span["text"] for span in block["text"]) if "text" in block else block["reason"] for block in display.blocks]


# ---------------------------------------------------------------- tables


def test_profile_names_each_part_with_its_score_rank_and_mean() -> None:
    display = table_profile(profile(DOMAINS), words("en"), year=YEAR)
    assert cells(display)[0] == ["1. Participation at local levels", "6.00 / 10", "1/61", "5.00", "+1.00"]
    assert heads(display) == ["Part of the index", "Score", "Rank", "National mean", "Against the mean"]


def test_parts_of_a_domain_stand_below_it_whatever_their_order() -> None:
    shuffled = profile([PARTS[3], "domain:2", *PARTS[1:3], "domain:1", PARTS[4]])
    names = [row[0] for row in cells(table_profile(shuffled, words("vi"), year=YEAR, tree=tree()))]
    assert names == ["2. Công khai, minh bạch trong việc ra quyết định ở địa phương", "1. Tham gia của người dân ở cấp cơ sở", *names[2:]]
    assert names[2] == "\N{EM SPACE}Tri thức công dân"
    assert all(name.startswith("\N{EM SPACE}") for name in names[2:])


def test_maximum_is_written_with_no_more_decimals_than_it_has() -> None:
    shown = [cells(table_profile(profile(["domain:1"], maximum=maximum), words("en"), year=YEAR))[0][1] for maximum in (9.9999, 2.5, 3.3333)]
    assert shown == ["6.00 / 10", "1.50 / 2.5", "2.00 / 3.33"]


def test_contributions_add_up_to_the_first_row() -> None:
    display = table_contributions(contributions({"domain:1": -0.43, "domain:2": 0.54}, rest=0.1), words("en"), year=YEAR, base=BASE)
    assert [row[1] for row in cells(display)] == ["+0.21", "−0.43", "+0.54", "+0.10"]
    assert [row[0] for row in cells(display)][::3] == ["Change of the score", "Rest: the parts do not add up to the whole"]
    assert heads(display)[1] == "Change of the score since 2022"


def test_parts_of_a_domain_are_nested_in_its_contribution() -> None:
    inner = contributions(dict.fromkeys(PARTS[1:4], 0.1), parent="domain:1", rest=-0.73, missing=PARTS[4])
    both = pd.concat([contributions({"domain:1": -0.43, "domain:2": 0.54}, basis="distance"), inner])
    display = table_contributions(both, words("en"), year=YEAR, base=BASE, tree=tree())
    names = [row[0] for row in cells(display)]
    assert names[:2] == ["Change of the distance from the mean", "1. Participation at local levels"]
    assert names[2:6] == [f"\N{EM SPACE}{name}" for name in ("Civic knowledge", "Opportunities for participation in elections", "Quality of village head elections")] + [
        "\N{EM SPACE}Rest: parts that are not known in both years"
    ]
    assert names[6:] == ["2. Transparency of local decision-making"]
    assert heads(display)[1] == "Change of the distance from the mean since 2022"


def strengths() -> pd.DataFrame:
    rows = [figure("strength", 1, PARTS[1]), figure("strength", 2, PARTS[2]), figure("weakness", 1, PARTS[4]), figure("weakness", 2, PARTS[3])]
    return pd.concat([table(*rows), profile(PARTS[1:], maximum=2.5)])


def test_best_and_worst_stand_in_their_order_under_the_same_headings() -> None:
    names, *rest = zip(*cells(table_strengths(strengths(), words("en"))), strict=True)
    assert names[:3] == ("Where the province ranks best", "Civic knowledge", "Opportunities for participation in elections")
    assert names[3:] == ("Where the province ranks worst", "Voluntary contributions", "Quality of village head elections")
    assert [column[4] for column in rest] == ["4/61", "1.58 / 2.5", "1.25"]
    assert [column[3] for column in rest] == ["", "", ""]


def test_country_is_shown_with_the_names_of_the_ends_and_the_change() -> None:
    display = table_domain_means(spread(DOMAINS), words("en"), year=YEAR, base=BASE, is_comparable=True)
    assert cells(display)[0] == ["1. Participation at local levels", "2.00 (Ba Ria - Vung Tau)", "5.00", "+0.10", "8.00 (Thua Thien Hue)"]
    assert notes(display) == ["The change is that of the mean of the provinces with scores of both years."]


def test_means_of_different_methods_are_not_subtracted() -> None:
    display = table_domain_means(spread(DOMAINS), words("en"), year=YEAR, base=BASE, is_comparable=False)
    assert "Since 2022" not in heads(display)
    assert "+0.10" not in str(display.blocks)
    assert notes(display) == ["The method changed between 2022 and 2023: points of the two years are not comparable."]
    assert not [row for row in display.numbers if row["measure"] == "mean_change"]


# ---------------------------------------------------------------- sentences


def test_strengths_are_named_with_their_ranks() -> None:
    (text,) = said(say_strengths(strengths(), words("en"), unit=HUE))
    assert text == (
        "Thua Thien Hue ranks best on: Civic knowledge (1/61); Opportunities for participation in elections (2/61). "
        "It ranks worst on: Voluntary contributions (4/61); Quality of village head elections (3/61)."
    )


@pytest.mark.parametrize(("scored", "sentence"), [(20, " Among the 20 of 28 parts with a score."), (28, "")])
def test_strengths_of_a_part_of_the_index_say_of_how_much(scored: int, sentence: str) -> None:
    found = pd.concat([strengths(), table(figure("n_scored", scored, out_of=28.0))])
    assert said(say_strengths(found, words("en"), unit=HUE))[0].endswith("(3/61)." + sentence)


def test_a_lack_of_weaknesses_is_said_and_has_no_rows() -> None:
    best_only = strengths().query("measure != 'weakness'")
    assert said(say_strengths(best_only, words("en"), unit=HUE))[0].endswith("None of the parts considered lies below the national mean.")
    assert "Where the province ranks worst" not in str(table_strengths(best_only, words("en")).blocks)
    only_counted = table(figure("n_scored", 3, out_of=28.0))
    assert said(say_strengths(only_counted, words("en"), unit=HUE)) == said(table_strengths(only_counted, words("en")))


def test_contributions_name_the_largest_on_either_side() -> None:
    found = contributions({"domain:1": -0.43, "domain:2": 0.54, "domain:3": 0.2, "domain:4": 0.001})
    (text,) = said(say_contributions(found, words("en"), unit=HUE, year=YEAR, base=BASE, is_comparable=True))
    assert text.startswith("The score of Thua Thien Hue rose by 0.31 points since 2022. Most was gained on: Transparency of local decision-making +0.54; Vertical")
    assert text.endswith("Most was lost on: Participation at local levels −0.43.")


def test_what_contributions_leave_and_what_they_rest_on_is_said() -> None:
    found = contributions({"domain:1": 0.4}, rest=0.2, missing="domain:2", basis="distance")
    text, limits = said(say_contributions(found, words("en"), unit=HUE, year=YEAR, base=BASE, is_comparable=False))
    assert text.startswith("Thua Thien Hue gained 0.60 points on the national mean since 2022.")
    assert text.endswith("+0.20 points of the change stand outside the parts that are known in both years.")
    assert limits.startswith("The method changed")


def test_parts_without_a_known_whole_are_said_to_be_that() -> None:
    (text,) = said(say_contributions(contributions({"domain:1": 0.4}, whole=False), words("en"), unit=HUE, year=YEAR, base=BASE, is_comparable=True))
    assert text.startswith("The totals of Thua Thien Hue for 2022 and 2023 are not both known")


@pytest.mark.parametrize(
    ("value", "basis", "sentence"),
    [
        (-0.66, "raw", "The score of Thua Thien Hue fell by 0.66 points since 2022."),
        (-0.66, "distance", "Thua Thien Hue lost 0.66 points to the national mean since 2022."),
        (-0.001, "raw", "The score of Thua Thien Hue changed by 0.00 points since 2022."),
    ],
)
def test_change_of_the_whole_is_a_rise_or_a_fall(value: float, basis: str, sentence: str) -> None:
    found = contributions({"domain:1": value}, basis=basis)
    assert said(say_contributions(found, words("en"), unit=HUE, year=YEAR, base=BASE, is_comparable=True))[0].startswith(sentence)


def across_a_break() -> pd.DataFrame:
    """Domain 7 is new, domain 8 is gone, domain 1 moved."""
    notes = {"domain:7": f"; did not exist in {BASE}, where it counts with 0", "domain:8": f"; did not exist in {YEAR}, where it counts with 0"}
    found = contributions({"domain:1": 0.1, "domain:7": 1.42, "domain:8": -0.42}, basis="distance")
    return found.assign(note=found["note"] + found["node"].map(notes).fillna(""))


def test_part_of_one_of_the_years_is_neither_a_gain_nor_a_loss() -> None:
    text = said(say_contributions(across_a_break(), words("en"), unit=HUE, year=YEAR, base=BASE, is_comparable=True))[0]
    assert text.endswith(
        "Most was gained on: Participation at local levels +0.10. New in 2023, so neither a gain nor a loss: Environmental governance. "
        "No longer in the index of 2023, so neither a gain nor a loss: E-governance."
    )
    display = table_contributions(across_a_break(), words("en"), year=YEAR, base=BASE)
    assert [row["cells"][1].get("tone") for row in display.blocks[0]["rows"][1:]] == ["up", None, None]


@pytest.mark.parametrize(("value", "tone"), [(0.004, None), (-0.004, None), (0.005, "up"), (-0.005, "down")])
def test_change_that_is_displayed_as_zero_has_no_colour(value: float, tone: str | None) -> None:
    assert moved_cell(figure("score_change", value), Shown(words("vi"))).get("tone") == tone


def moved(measure: str, value: float, **more: Any) -> dict[str, Any]:
    scale = {"rank_change": "place", "percentile_change": "percentage_points", "share_change": "percentage_points"}
    return figure(measure, value, unit_of_measure=scale.get(measure, "points"), **more)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([moved("score_change", 4.32)], "Compared in points, Thua Thien Hue scored 4.32 points more in 2023 than in 2022."),
        ([moved("score_change", -4.32)], "Compared in points, Thua Thien Hue scored 4.32 points less in 2023 than in 2022."),
        ([moved("share_change", -1.5)], "Compared by the share of the highest possible score, Thua Thien Hue stood 1.50 percentage points lower in 2023 than in 2022."),
        (
            [moved("distance_change", 3.19), moved("distance", 2.04), moved("distance", -1.15, year=BASE)],
            "Compared by the distance from the national mean of each year, Thua Thien Hue stood at +2.04 points in 2023 and at −1.15 points in 2022: a change of +3.19 points.",
        ),
        ([moved("rank_change", 1)], "Compared by rank, Thua Thien Hue rose 1 place from 2022 to 2023."),
        ([moved("rank_change", -14)], "Compared by rank, Thua Thien Hue fell 14 places from 2022 to 2023."),
        ([moved("rank_change", 0)], "Compared by rank, Thua Thien Hue stood at the same place in 2022 and 2023."),
        (
            [moved("percentile_change", 12.5)],
            "The number of ranked provinces differs between 2022 and 2023; the share of the others that Thua Thien Hue ranks ahead of grew by 12.50 percentage points.",
        ),
    ],
)
def test_comparison_names_its_basis(rows: list[dict[str, Any]], sentence: str) -> None:
    display = say_comparison(table(*rows), words("en"), unit=HUE, year=YEAR, base=BASE, is_comparable=True)
    assert said(display) == [sentence]
    assert {row["measure"] for row in display.numbers} == {row["measure"] for row in rows}


@pytest.mark.parametrize(("is_comparable", "caution"), [(None, "It is not confirmed"), (False, "The method changed")])
def test_comparison_across_methods_says_so(is_comparable: bool | None, caution: str) -> None:
    text = said(say_comparison(table(moved("rank_change", 3)), words("en"), unit=HUE, year=YEAR, base=BASE, is_comparable=is_comparable))
    assert len(text) == 2
    assert text[1].startswith(caution)


# ---------------------------------------------------------------- nothing known

NOTHING = table()
SHOWN: dict[str, Callable[[Words], Display]] = {
    "profile": lambda w: table_profile(NOTHING, w, year=YEAR),
    "profile of the others": lambda w: table_profile(profile(DOMAINS).query("unit == 'VN'"), w, year=YEAR),
    "contributions": lambda w: table_contributions(NOTHING, w, year=YEAR, base=BASE),
    "contributions told": lambda w: say_contributions(NOTHING, w, unit=HUE, year=YEAR, base=BASE, is_comparable=True),
    "strengths": lambda w: table_strengths(NOTHING, w),
    "strengths told": lambda w: say_strengths(NOTHING, w, unit=HUE),
    "means": lambda w: table_domain_means(NOTHING, w, year=YEAR, base=BASE, is_comparable=True),
}


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_known_says_why(name: str, lang: Language) -> None:
    (block,) = SHOWN[name](words(lang)).blocks
    assert block["kind"] == "absent"
    assert re.fullmatch(r".{20,}\.", block["reason"])


@pytest.mark.parametrize("name", [name for name in SHOWN if name != "profile of the others"])
def test_an_index_without_parts_is_passed_over_in_silence(name: str) -> None:
    assert SHOWN[name](Words("en")).blocks == blocks.nothing().blocks


def test_means_of_few_provinces_are_not_the_country() -> None:
    display = table_domain_means(spread(DOMAINS, known=31), words("en"), year=YEAR, base=BASE, is_comparable=True)
    assert said(display) == ["On every part of the index the scores of fewer than half of the provinces are known for 2023."]


def test_uncompared_years_are_said_to_be_that() -> None:
    display = say_comparison(NOTHING, words("en"), unit=HUE, year=YEAR, base=BASE, is_comparable=True)
    assert said(display) == ["Thua Thien Hue has no figures of both 2022 and 2023 that can be compared on this basis."]
