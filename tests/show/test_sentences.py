"""Sentences change with what is known, with the method and with the number."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from par_analysis.model import FIGURES, Framework
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.language import Words
from par_analysis.show.sentences import say_domains, say_history, say_method, say_next_place, sentence_best, sentence_change, sentence_level, sentence_mean
from par_analysis.show.values import Shown

NAMES = {"30": "Hải Dương", "VN": "Việt Nam"}


def figures(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {"index": "par_index", "unit": "30", "year": 2023, "period": "", "node": "total", "qualifier": "", "unit_of_measure": "points", "out_of": math.nan}
    base |= {"basis": "computed", "source": "s", "edition": "e", "note": ""}
    return pd.DataFrame([base | row for row in rows], columns=list(FIGURES)).astype(dict(FIGURES))


def plain(texts: list[Rich]) -> str:
    return " ".join("".join(span["text"] for span in text) for text in texts)


def said(display: Display) -> str:
    (block,) = display.blocks
    texts = block["items"] if block["kind"] == "list" else [block["text"]] if "text" in block else [[{"text": block["reason"]}]]
    return plain(texts)


SCORE = {"measure": "score", "value": 87.84}
RANK = {"measure": "rank", "value": 22, "unit_of_measure": "place", "out_of": 63}


@pytest.mark.parametrize(
    ("rows", "en"),
    [
        ([SCORE, RANK], "In 2023, Hải Dương scored 87.84 points and ranked 22/63."),
        ([RANK], "In 2023, Hải Dương ranked 22/63; its score was not found."),
        ([SCORE], "In 2023, Hải Dương scored 87.84 points; its rank was not found."),
        ([], "No overall result of Hải Dương for 2023 was found in the sources."),
    ],
)
def test_level_says_what_is_known_and_what_is_not(rows: list[dict[str, Any]], en: str) -> None:
    assert plain(sentence_level(figures(*rows), Shown(Words("en", NAMES)), unit="30", year=2023)) == en


def change(score: float | None, rank: float | None) -> pd.DataFrame:
    rows = [{"measure": "score_change", "value": score}] if score is not None else []
    return figures(*rows, *([{"measure": "rank_change", "value": rank, "unit_of_measure": "place"}] if rank is not None else []))


@pytest.mark.parametrize(
    ("score", "rank", "en", "vi"),
    [
        (4.32, 25, "the score rose by 4.32 points and the rank improved by 25 places.", "điểm số tăng 4,32 điểm và thứ hạng tăng 25 bậc."),
        (-1.5, -1, "the score fell by 1.50 points and the rank fell by 1 place.", "điểm số giảm 1,50 điểm và thứ hạng giảm 1 bậc."),
        (1.21, -14, "the score rose by 1.21 points but the rank fell by 14 places.", "điểm số tăng 1,21 điểm nhưng thứ hạng giảm 14 bậc."),
        (1.21, 0, "the score rose by 1.21 points and the rank is the same.", "điểm số tăng 1,21 điểm và thứ hạng giữ nguyên."),
        (None, 0, "the rank is the same.", "thứ hạng giữ nguyên."),
        (None, None, "", ""),
    ],
)
def test_change_in_both_languages(score: float | None, rank: float | None, en: str, vi: str) -> None:
    english, vietnamese = (plain(sentence_change(change(score, rank), Shown(words), base=2022, is_comparable=True)) for words in (Words("en"), Words("vi")))
    assert english == (f"Compared with 2022, {en}" if en else "")
    assert vietnamese == (f"So với năm 2022, {vi}" if vi else "")


def test_points_are_not_compared_across_a_change_of_method() -> None:
    shown = Shown(Words("en", NAMES))
    text = plain(sentence_change(change(4.32, 25), shown, base=2022, is_comparable=False))
    assert "4.32" not in text
    assert "not comparable" in text
    assert "25 places" in text
    assert [row["measure"] for row in shown.rows] == ["rank_change"]


def test_unconfirmed_method_is_said() -> None:
    assert "not confirmed" in plain(sentence_change(change(1.0, None), Shown(Words("en", NAMES)), base=2020, is_comparable=None))


def best(value: float, year: int, *, strict: float | None) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [{"measure": "best_rank", "value": value, "year": year, "unit_of_measure": "place", "out_of": 63}]
    rows += [{"measure": "n_years_known", "value": 6, "out_of": 6, "unit_of_measure": "count"}]
    if strict is not None:
        rows += [{"measure": "best_since", "value": 2018, "unit_of_measure": "year"}, {"measure": "best_since_strict", "value": strict, "unit_of_measure": "flag"}]
    return figures(*rows)


def test_best_rank_is_said_only_of_the_year_that_has_it() -> None:
    words = Words("en", NAMES)
    assert plain(sentence_best(best(22, 2023, strict=1.0), Shown(words), year=2023)) == "This is the best of the 6 known ranks from 2018 to 2023."
    assert plain(sentence_best(best(5, 2015, strict=None), Shown(words), year=2023)) == "The best known rank is 5/63, in 2015."


@pytest.mark.parametrize(
    ("value", "years", "en"),
    [
        (5, "2015", "The best known rank is 5/63, in 2015."),
        (5, "2015, 2017", "The best known rank is 5/63, in 2015 and 2017."),
        (1, "2015, 2017, 2018, 2020", "The best known rank is 1, in 2015, 2017, 2018 and 2020."),
        (5, "2015, 2017, 2018, 2020, 2021", "The best known rank is 5/63, most recently in 2021."),
    ],
)
def test_best_rank_of_several_years_names_them_or_the_latest(value: float, years: str, en: str) -> None:
    found = best(value, int(years[-4:]), strict=None).assign(note=f"in {years}")
    assert plain(sentence_best(found, Shown(Words("en", NAMES)), year=2023)) == en


def test_history_names_the_years_of_the_best_and_the_worst_rank() -> None:
    """A last rank of several years is another number where the lists differ in length: only the latest year is named."""
    rank = {"unit_of_measure": "place", "out_of": 63}
    rows = [{**rank, "measure": "best_rank", "value": 5, "note": "in 2015, 2023"}, {**rank, "measure": "worst_rank", "value": 63, "year": 2018, "note": "in 2016, 2018"}]
    found = figures(*rows, {"measure": "n_years_known", "value": 9, "out_of": 9, "unit_of_measure": "count"})
    assert said(say_history(found, Words("en", NAMES), breaks=(), year=2023)).startswith("Best known rank: 5/63 (2015 and 2023); worst: 63/63 (2018, most recently).")


@pytest.mark.parametrize(("gap", "word"), [(0.86, "above"), (-0.86, "below")])
def test_mean_is_above_or_below(gap: float, word: str) -> None:
    table = figures({"measure": "gap_mean", "value": gap}, {"measure": "mean", "unit": "VN", "value": 86.98, "basis": "published"})
    assert plain(sentence_mean(table, Shown(Words("en", NAMES)))) == f"The score is 0.86 points {word} the national mean (86.98)."


def test_next_rank_says_a_range_where_the_neighbour_is_unknown() -> None:
    table = figures({"measure": "to_climb_low", "value": 0.0}, {"measure": "to_climb_high", "value": 0.18}, {"measure": "to_drop", "value": 0.5})
    text = said(say_next_place(table, Words("en", NAMES)))
    assert "between 0.00 and 0.18 points" in text
    assert "0.50 points" in text


def test_a_shared_rank_has_no_distance() -> None:
    assert "same rank" in said(say_next_place(figures({"measure": "to_climb", "value": 0.0}), Words("en", NAMES)))


def test_percentages_differ_by_percentage_points() -> None:
    percent = figures({**SCORE, "index": "sipas", "unit_of_measure": "percent"}, RANK)
    assert plain(sentence_level(percent, Shown(Words("en", NAMES)), unit="30", year=2023)) == "In 2023, Hải Dương scored 87.84% and ranked 22/63."
    moved = change(3.02, None).assign(unit_of_measure="percent")
    assert plain(sentence_change(moved, Shown(Words("vi", NAMES)), base=2022, is_comparable=True)) == "So với năm 2022, điểm số tăng 3,02 điểm phần trăm."


@pytest.mark.parametrize(("same", "en"), [(1, "5 rose, 2 fell and 1 stayed the same compared with 2022."), (0, "5 rose and 2 fell compared with 2022.")])
def test_domains_that_stayed_are_counted_too(same: int, en: str) -> None:
    counts = {"up": 5, "down": 2, "same": same}
    rows = [{"node": "domains:rank", "measure": f"domains_{name}", "value": value, "out_of": 8, "unit_of_measure": "count"} for name, value in counts.items()]
    assert said(say_domains(figures(*rows), Words("en", NAMES), base=2022)).endswith(en)


def test_domains_without_figures_are_counted() -> None:
    counts = {"up": 2, "down": 0, "same": 0, "unknown": 6}
    rows = [{"node": "domains:rank", "measure": f"domains_{name}", "value": value, "out_of": 8, "unit_of_measure": "count"} for name, value in counts.items()]
    assert said(say_domains(figures(*rows), Words("en", NAMES), base=2022)).endswith("No ranks to compare were found for 6 of the 8 domains.")


def test_method_that_is_not_known_or_not_confirmed_is_said_so() -> None:
    framework = Framework("f", "1149/QĐ-BNV", "2020-12-30", (2020, 2021), (2020,), ())
    words = Words("en")
    assert "not known" in said(say_method(None, [], "c", words, year=1999))
    assert "not confirmed" in said(say_method(framework, [], "c", words, year=2021))
    assert "not confirmed" not in said(say_method(framework, [], "c", words, year=2020))
