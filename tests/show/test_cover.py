"""What the head of a report and the tables say of an index whose totals are sums of parts: its scale, its means, and what the source left blank."""

from __future__ import annotations

import pandas as pd
import pytest

from par_analysis.model import LANGUAGES, Language
from par_analysis.show.blocks import Display
from par_analysis.show.charts_history import plot_rank_history, plot_score_history
from par_analysis.show.cover import cover_national, cover_province
from par_analysis.show.sentences import say_coverage, say_history, sentence_domains
from par_analysis.show.tables_national import table_regions, table_standings
from par_analysis.show.tables_origin import table_operations
from par_analysis.show.tables_province import table_domains, table_history, table_parts, table_position
from par_analysis.show.values import Shown
from tests.inks import inks
from tests.parts import BASE, HUE, YEAR, figure, table, words

NONE = table()
SCORE, RANK = figure("score", 46.04, out_of=79.9996), figure("rank", 1, out_of=61.0)
MEAN = figure("mean", 42.42, unit="VN", out_of=79.9996, note="of the 61 units scored")


def province(
    *,
    own: pd.DataFrame = NONE,
    change: pd.DataFrame = NONE,
    best: pd.DataFrame = NONE,
    gaps: pd.DataFrame = NONE,
    parts: pd.DataFrame | None = None,
    high: float = 80.0,
    lang: Language = "en",
    effort: pd.DataFrame | None = None,
) -> Display:
    identity = {"unit": HUE, "year": YEAR}
    return cover_province(own, change, best, gaps, NONE, identity, words(lang), is_comparable=True, received="2026-11-22", high=high, completeness=parts, effort=effort)


def headlines(display: Display) -> dict[str, tuple[str, str]]:
    return {head["label"]: (head["value"], head["detail"]) for head in display.blocks[0]["headlines"]}


def lead(display: Display) -> str:
    return " ".join("".join(span["text"] for span in text) for text in display.blocks[0]["lead"])


def reason(display: Display) -> str:
    return str(display.blocks[0]["reason"])


def heads(display: Display) -> list[str]:
    return [column["label"] for column in display.blocks[0]["columns"]]


def notes(display: Display) -> list[str]:
    return ["".join(span["text"] for span in note) for note in display.blocks[0]["notes"]]


def said(display: Display) -> str:
    return "".join(span["text"] for span in display.blocks[0]["text"])


# ---------------------------------------------------------------- the scale and the means


def test_score_is_out_of_its_own_maximum_else_of_the_scale() -> None:
    assert headlines(province(own=table(SCORE, RANK)))["Score"] == ("46.04", "out of 80 points")
    assert headlines(province(own=table(figure("score", 87.84), RANK), high=100.0))["Score"] == ("87.84", "out of 100 points")


def test_computed_mean_is_not_called_published() -> None:
    shown = province(own=table(SCORE, RANK), gaps=table(figure("gap_mean", 3.62), MEAN))
    assert headlines(shown)["Against the mean"] == ("+3.62", "mean of the known scores: 42.42")
    assert "above the mean of the provinces with a known score (42.42)" in lead(shown)
    published = province(own=table(SCORE, RANK), gaps=table(figure("gap_mean", 3.62), MEAN | {"basis": "published"}))
    assert headlines(published)["Against the mean"] == ("+3.62", "national mean: 42.42")


def test_national_mean_says_of_how_many_scores_it_is() -> None:
    means = table(MEAN, figure("n_scored", 61, unit="VN", out_of=63.0))
    country = table(figure("mean_change", 0.08, unit="VN"))
    display = cover_national(means, NONE, NONE, country, {"unit": "VN", "year": YEAR}, words("en"), is_comparable=True, received="2026-11-22")
    assert headlines(display)["Mean of the known scores"] == ("42.42", "61 of 63 scores")
    assert lead(display).startswith("In 2023, the mean of the 61 provinces with a known score was 42.42 points. That is 0.08 points more than in 2022.")


def test_tables_say_that_the_mean_was_computed() -> None:
    told = "National means are computed here, from the provinces with a known score."
    history = table_history(table(SCORE, RANK), table(MEAN), words("en"), breaks=())
    position = table_position(table(SCORE, figure("gap_mean", 3.62), MEAN), words("en"), unit=HUE)
    assert notes(history) == notes(position) == [told]
    assert notes(table_history(table(SCORE, RANK), table(MEAN | {"basis": "published"}), words("en"), breaks=())) == []


def test_no_column_of_published_means_where_none_was_published() -> None:
    regional = figure("mean_computed", 43.11, unit="R1", out_of=14.0)
    assert "Published mean" not in heads(table_regions(table(regional, MEAN), words("en")))
    assert "Published mean" in heads(table_regions(table(regional, MEAN | {"basis": "published"}), words("en")))


def test_brackets_are_explained_where_there_are_some() -> None:
    bounds = [figure(f"score_{end}", value, unit="01", basis="bound") for end, value in (("low", 40.0), ("high", 41.0))]
    changes = {"base": BASE, "is_comparable": True}
    assert notes(table_standings(table(SCORE, RANK), NONE, NONE, words("en"), **changes)) == []
    (told,) = notes(table_standings(table(SCORE, RANK, figure("rank", 2, unit="01", out_of=61.0), *bounds), NONE, NONE, words("en"), **changes))
    assert told.startswith("In brackets")


# ---------------------------------------------------------------- what the source left blank


def test_blank_province_is_said_to_be_blank_and_not_zero() -> None:
    display = province(parts=table(figure("n_scored", 0, out_of=28.0)))
    assert lead(display) == "The source has no PAPI figures of Thua Thien Hue for 2023: they are left blank there, which does not mean zero."
    assert headlines(display) == {"Known parts of the score": ("0/28", "no total, no rank")}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_partial_province_says_how_many_parts_are_known(lang: Language) -> None:
    display = province(parts=table(figure("n_scored", 13, out_of=28.0)), lang=lang)
    assert "13" in lead(display)
    assert "28" in lead(display)
    assert [(value, row["value"]) for (value, _), row in zip(headlines(display).values(), display.numbers, strict=False)] == [("13/28", 13.0)]
    if lang == "en":
        assert lead(display) == "For 2023 the source has the scores of 13 of the 28 parts that make up the PAPI of Thua Thien Hue, so there is no total and no rank."


def test_known_total_says_nothing_of_its_parts() -> None:
    assert "Known parts of the score" not in headlines(province(own=table(SCORE, RANK), parts=table(figure("n_scored", 28, out_of=28.0))))


def test_year_without_any_figures_is_only_not_found() -> None:
    assert lead(province(parts=NONE)) == "No overall result of Thua Thien Hue for 2023 was found in the sources."


def test_coverage_names_the_provinces_without_a_total() -> None:
    counts = table(*(figure(f"n_{name}", 61, unit="VN", out_of=63.0) for name in ("scored", "ranked", "any")))
    text = said(say_coverage(counts, words("en"), year=YEAR, unranked=["74", "22"]))
    assert text == (
        "For 2023, scores of 61/63 and ranks of 61/63 provinces were found. Not among the provinces that the index ranked in that year: Binh Duong, Quang Ninh."
    )
    assert "Without" not in said(say_coverage(counts, words("en"), year=YEAR))


# ---------------------------------------------------------------- ranks out of different numbers


def best(note: str = "") -> pd.DataFrame:
    rows = [figure("best_rank", 1, out_of=34.0, note=note), figure("worst_rank", 30, year=2021, out_of=34.0, note=note), figure("n_years_known", 2, out_of=13.0, note=note)]
    return table(*rows, figure("best_since", 2021, note=note), figure("best_since_strict", 1, note=note))


def test_ranks_of_shorter_lists_that_are_left_out_are_said_to_be() -> None:
    left = "9 rank(s) of another denominator left out"
    assert "best of the 2 known ranks among as many provinces" in lead(province(own=table(SCORE, RANK), best=best(left)))
    assert "left out here" in said(say_history(best(left), words("en"), breaks=(), year=YEAR))
    assert "Years with a known rank: 2/13." in said(say_history(best(), words("en"), breaks=(), year=YEAR))


def test_change_of_rank_between_lists_of_other_length_is_a_share() -> None:
    display = province(own=table(SCORE, RANK), change=table(figure("percentile_change", 12.5, unit_of_measure="percentage_points")))
    assert "the share of the other provinces ranked behind it grew by 12.50 percentage points" in lead(display)
    assert headlines(display)["Rank"] == ("1/61", "another number was ranked in 2022")


ANEW = "against 2022; basis: raw; among the 59 units scored in both years"
PLAIN = figure("rank_change", 4, out_of=61.0, note="against 2022")


@pytest.mark.parametrize(
    ("plain", "anew", "told"),
    [
        (PLAIN, figure("rank_change", 2, out_of=59.0, note=ANEW), "Among the 59 provinces with scores of both years: up 2 places."),
        (PLAIN, figure("rank_change", -1, out_of=59.0, note=ANEW), "Among the 59 provinces with scores of both years: down 1 place."),
        (
            PLAIN | {"note": "against 2022; ranks out of 61 and 63"},
            figure("rank_change", 4, out_of=61.0, note=ANEW),
            "Among the 61 provinces with scores of both years: up 4 places.",
        ),
        (PLAIN, figure("rank_change", 4, out_of=61.0, note=ANEW), ""),
        (PLAIN, figure("rank_change", 4, out_of=61.0, note="against 2022; basis: raw"), ""),
    ],
)
def test_rank_change_among_other_provinces_is_told_beside_the_plain_one(plain: dict[str, object], anew: dict[str, object], told: str) -> None:
    text = lead(province(own=table(SCORE, RANK), change=table(plain), effort=table(anew)))
    assert "the rank improved by 4 places." in text
    assert text.partition("4 places. ")[2].startswith(told)
    assert ("Among the" in text) == bool(told)


def test_tile_of_a_shared_best_rank_names_the_years() -> None:
    rows = [figure("best_rank", 1, out_of=61.0, note="in 2021, 2023"), figure("n_years_known", 13, out_of=13.0)]
    assert headlines(province(own=table(SCORE, RANK), best=table(*rows)))["Best known rank"] == ("1", "in 2021 and 2023")
    rows[0] |= {"value": 2.0, "note": "in 2011, 2012, 2013, 2014, 2023"}
    assert headlines(province(own=table(SCORE, RANK), best=table(*rows)))["Best known rank"] == ("2/61", "most recently in 2023")


@pytest.mark.parametrize(("value", "tone"), [(0.004, "plain"), (-0.004, "plain"), (0.66, "up"), (-0.66, "down")])
def test_tile_of_a_change_displayed_as_zero_has_no_colour(value: float, tone: str) -> None:
    display = province(own=table(SCORE, RANK), change=table(figure("score_change", value)))
    assert display.blocks[0]["headlines"][0]["tone"] == tone


def test_date_of_the_cover_never_stands_alone() -> None:
    assert province().blocks[0]["subtitle"].endswith("figures received up\u00a0to\u00a022\u00a0November\u00a02026")


def test_end_labels_are_dated_where_their_years_differ() -> None:
    scores = table(*(figure("score", 45, year=year) for year in (2020, 2021, 2022)))
    means = [figure("mean", 42, unit="VN", year=year) for year in (2021, 2022)]
    same, other = (plot_score_history(scores, table(*means, *more), words("en"), breaks=()) for more in ([], [figure("max", 46.04, unit="VN", year=2023)]))
    assert not [ink.text for ink in inks(same.blocks[0]["svg"]) if "(20" in ink.text]
    texts = " ".join(ink.text for ink in inks(other.blocks[0]["svg"]))
    assert all(text in texts for text in ("46.04 highest (2023)", "country's mean (2022)", "Hue (2022)"))


def domains() -> pd.DataFrame:
    ranks = ((1, 6, 62.0, 13, 61.0), (2, 6, 61.0, 3, 61.0))
    rows = [figure("rank", value, f"domain:{no}", year=year, out_of=of) for no, old, before, new, now in ranks for year, value, of in ((BASE, old, before), (YEAR, new, now))]
    return table(*rows, figure("rank_change", 3, "domain:2"), figure("percentile_change", -8.5, "domain:1"))


def test_domains_that_moved_most_are_found_in_lists_of_any_length() -> None:
    (sentence,) = sentence_domains(domains(), Shown(words("en")), year=YEAR, most=1)
    assert "Participation at local levels: 6/62 to 13/61" in "".join(span["text"] for span in sentence)


def test_denominators_stand_beside_ranks_where_they_differ() -> None:
    display = table_domains(domains(), words("en"), base=BASE, year=YEAR)
    assert [row["cells"][1]["text"] for row in display.blocks[0]["rows"]][:2] == ["6/62 → 13/61", "6 → 3"]
    assert notes(display) == ["Where the number of ranked provinces differs between the two years, it stands after the rank."]


def test_chart_of_ranks_says_among_how_many() -> None:
    ranks = table(*(figure("rank", 5, year=year, out_of=float(of)) for year, of in ((2021, 60), (2022, 61), (2023, 63))))
    assert plot_rank_history(ranks, words("en"), breaks=(), highlight_year=YEAR).blocks[0]["caption"] == "Thua Thien Hue: rank among 60 to 63 provinces, 2021–2023"


def test_computed_values_are_not_called_derived() -> None:
    scores = table(*(figure("score", 45, year=year) for year in (2021, 2022, 2023)))
    texts = [ink.text for ink in inks(plot_score_history(scores, NONE, words("en"), breaks=()).blocks[0]["svg"])]
    assert "derived from a published change" not in texts


# ---------------------------------------------------------------- what an index does not have


def test_what_an_index_does_not_have_is_passed_over_in_silence() -> None:
    assert reason(table_operations(NONE, {}, words("en"))) == ""
    assert reason(table_parts(NONE, words("en"), year=YEAR)) == ""
    assert reason(table_parts(NONE, words("en", "par_index"), year=YEAR)) != ""
