"""How sure ranks are, displayed: charts, tables and sentences in both languages, and nothing where nothing is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest

from par_analysis import catalog, metrics, show
from par_analysis.metrics.figures import empty, figures
from par_analysis.model import LANGUAGES, Language
from par_analysis.show.blocks import Display
from tests.parts import YEAR, words

UNITS: Final = ["01", "02", "04", "06", "08"]
NODES: Final = ["domain:1", "domain:2"]
POINTS: Final = {"01": (9, 9), "02": (8, 2), "04": (2, 8), "06": (5, 5), "08": (1, 1)}
IDENTITY: Final = {"report": "robustness", "index": "papi", "unit": "VN", "year": YEAR, "lang": "en", "derived": True}


def panel(points: Mapping[str, tuple[float, ...]], *more: dict[str, Any]) -> pd.DataFrame:
    facts = {"index": "papi", "year": YEAR, "unit_of_measure": "points", "basis": "published", "source": "https://example.vn", "edition": "made"}
    rows = [{**facts, "unit": unit, "node": f"domain:{no}", "measure": "score", "value": score, "out_of": 10} for unit, of in points.items() for no, score in enumerate(of, 1)]
    return figures([*rows, *({**facts, **row} for row in more)])


def many(count: int = 45) -> dict[str, tuple[float, ...]]:
    """Points of as many provinces on three parts."""
    provinces = [unit.code for unit in catalog.load().provinces(YEAR)][:count]
    drawn = np.random.default_rng(5).uniform(3, 8, (count, 3))
    return {unit: tuple(row) for unit, row in zip(provinces, drawn.tolist(), strict=True)}


class Figures:
    """All that the displays take, of one panel."""

    def __init__(self, points: Mapping[str, tuple[float, ...]] = POINTS, *more: dict[str, Any]) -> None:
        self.panel = panel(points, *more)
        given: Mapping[str, Any] = {"year": YEAR, "units": list(points), "nodes": [f"domain:{no}" for no in range(1, len(next(iter(points.values()))) + 1)]}
        self.intervals = metrics.rank_intervals(self.panel, seed=1, draws=300, **given)
        self.methods = metrics.ranks_by_method(self.panel, seed=1, draws=200, **given)
        self.influence = metrics.part_influence(self.panel, seed=1, samples=50, **given)
        self.pairs = metrics.any_weights(self.panel, seed=1, draws=300, **given)
        self.coherence = metrics.coherence(self.panel, **given)


HAND, MANY = Figures(), Figures(many())

DISPLAYS: Mapping[str, Callable[[Figures, Any], Display]] = {
    "cover": lambda of, words: show.cover_robustness(of.intervals, of.methods, of.influence, IDENTITY, words, received="2026-11-22"),
    "say_rank_intervals": lambda of, words: show.say_rank_intervals(of.intervals, words, year=YEAR),
    "plot_interval_widths": lambda of, words: show.plot_interval_widths(of.intervals, words, year=YEAR),
    "plot_rank_intervals": lambda of, words: show.plot_rank_intervals(of.intervals, words, year=YEAR, methods=of.methods),
    "table_rank_intervals": lambda of, words: show.table_rank_intervals(of.intervals, of.methods, words),
    "say_tie_groups": lambda of, words: show.say_tie_groups(of.intervals, words),
    "table_tie_groups": lambda of, words: show.table_tie_groups(of.intervals, words),
    "say_influence": lambda of, words: show.say_influence(of.influence, words),
    "plot_influence": lambda of, words: show.plot_influence(of.influence, words, year=YEAR),
    "table_influence": lambda of, words: show.table_influence(of.influence, words),
    "say_ranks_by_method": lambda of, words: show.say_ranks_by_method(of.methods, words),
    "table_ranks_by_method": lambda of, words: show.table_ranks_by_method(of.methods, words),
    "say_dominance": lambda of, words: show.say_dominance(of.pairs, words),
    "table_dominance": lambda of, words: show.table_dominance(of.pairs, words),
    "say_coherence": lambda of, words: show.say_coherence(of.coherence, words),
    "table_coherence": lambda of, words: show.table_coherence(of.coherence, words),
    "say_limits": lambda of, words: show.say_limits_of_intervals(of.intervals, words, year=YEAR, unranked=["22"]),
    "say_intervals_beside": lambda of, words: show.say_intervals_beside(of.intervals, words, year=YEAR),
}
each = pytest.mark.parametrize("name", DISPLAYS)


def texts(display: Display) -> list[str]:
    """Every text of the blocks, drawings and notes left out."""
    found: list[str] = []
    for block in display.blocks:
        spans = [*block.get("text", []), *(span for item in block.get("items", []) for span in item), *(span for item in block.get("lead", []) for span in item)]
        found.append("".join(span["text"] for span in spans))
        found += [cell["text"] for row in block.get("rows", []) for cell in row["cells"]]
        found += [str(headline[part]) for headline in block.get("headlines", []) for part in ("label", "value", "detail")]
    return [text for text in found if text]


def everything(display: Display) -> list[str]:
    """Texts, captions, headings, notes and alternative texts."""
    found = texts(display)
    for block in display.blocks:
        found += [str(block.get(name, "")) for name in ("caption", "alt", "reason", "title")]
        found += [column["label"] for column in block.get("columns", [])]
        found += ["".join(span["text"] for span in note) for note in block.get("notes", [])]
    return found


def cells(display: Display) -> list[list[str]]:
    (block,) = display.blocks
    return [[cell["text"] for cell in row["cells"]] for row in block["rows"]]


def numerals(text: str) -> list[str]:
    return [token for token in re.findall(r"\d+(?:[.,]\d+)*", text) if token != str(YEAR)]


# ---------------------------------------------------------------- every display


@each
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("of", [HAND, MANY], ids=["five", "many"])
def test_every_message_is_filled_in_and_every_number_is_a_row(name: str, lang: Language, of: Figures) -> None:
    display = DISPLAYS[name](of, words(lang))
    told = everything(display)
    assert display.blocks
    assert [text for text in told if "{" in text or "}" in text] == []
    shown = {token for row in display.numbers for token in numerals(str(row["shown"]))}
    said = [
        token
        for block_text in texts(display)
        for token in numerals(re.sub(r"^\d\. |22/11/2026|22\s\w+\s2026|0[.,]7 and more|0,7 trở lên|(?<=lies at )1\b|(?<=Alpha bằng )1\b", "", block_text))
    ]
    assert sorted(set(said) - shown) == []


@each
def test_vietnamese_is_not_english(name: str) -> None:
    vietnamese, english = (everything(DISPLAYS[name](MANY, words(lang))) for lang in ("vi", "en"))
    sentences = [text for text in english if len(text) > 30]
    assert not set(sentences) & set(vietnamese)


@each
def test_nothing_known_displays_no_number(name: str) -> None:
    of = Figures.__new__(Figures)
    of.intervals = of.methods = of.influence = of.pairs = of.coherence = empty()
    display = DISPLAYS[name](of, words("en"))
    assert [block["kind"] for block in display.blocks if block["kind"] in ("table", "figure")] == []
    assert display.numbers == ()


# ---------------------------------------------------------------- tables


def test_table_of_intervals_of_the_hand_table() -> None:
    rows = cells(show.table_rank_intervals(HAND.intervals, HAND.methods, words("en")))
    expected = {"01": ["1", "1", "1"], "06": ["2", "2", "2–3"], "02": ["2", "2", "2–4"], "04": ["2", "2", "2–4"], "08": ["5", "3", "5"]}
    assert [row[:4] for row in rows] == [[words("en").unit(unit), *of] for unit, of in expected.items()]
    assert {row[5] for row in rows} == {"100%"}


def test_no_column_for_the_top_where_no_more_are_ranked() -> None:
    heads = [[column["label"] for column in show.table_rank_intervals(of.intervals, of.methods, words("en")).blocks[0]["columns"]] for of in (HAND, MANY)]
    assert [head[-1] for head in heads] == ["Within 3 places", "Among the first 10"]


def test_groups_list_their_members_the_first_one_first() -> None:
    rows = cells(show.table_tie_groups(HAND.intervals, words("vi")))
    names = [words("vi").unit(unit) for unit in ("06", "02", "04")]
    assert rows == [["1", "1", "1", words("vi").unit("01")], ["2", "2", "3", "; ".join(names)], ["3", "5", "5", words("vi").unit("08")]]


def test_part_that_moves_ranks_stands_beside_who_moves_most() -> None:
    rows = cells(show.table_influence(HAND.influence, words("en")))
    assert [(row[1], row[3], row[4], row[5]) for row in rows] == [("50.0%", "50.0%", "0.6", f"{words('en').unit(unit)}: 2 → 4") for unit in ("02", "04")]


def test_ranks_by_method_list_only_who_moves() -> None:
    rows = cells(show.table_ranks_by_method(HAND.methods, words("en")))
    assert rows == [[words("en").unit(unit), "2", "3", "3", "3", "1"] for unit in ("02", "04")]
    assert len(cells(show.table_ranks_by_method(MANY.methods, words("en"), count=7))) == 7


def test_dominance_of_the_hand_table() -> None:
    rows = cells(show.table_dominance(HAND.pairs, words("en"), count=2))
    assert rows[0] == ["Hanoi", "1", "1", "4", "100.0%"]
    (said, _) = texts(show.say_dominance(HAND.pairs, words("en")))
    assert said.startswith("Of 10 pairs of provinces, 7 (70.0%) are settled whatever the weights")
    assert "than Hanoi (4), none is led by more than" in said


def test_own_parts_have_no_column_where_they_are_not_known() -> None:
    heads = [column["label"] for column in show.table_coherence(MANY.coherence, words("en")).blocks[0]["columns"]]
    assert heads == ["Domain", "Correlation", "Alpha without"]


# ---------------------------------------------------------------- sentences


def test_ranks_that_are_not_of_the_parts_are_said_to_be_others() -> None:
    ranks = [{"unit": unit, "node": "total", "measure": "rank", "value": float(place), "out_of": 5, "unit_of_measure": "place"} for place, unit in enumerate(UNITS, 1)]
    of = Figures(POINTS, *ranks)
    (said, _) = texts(show.say_rank_intervals(of.intervals, words("en"), year=YEAR))
    assert "Ranks that differ from those that the parts add up to: 2 of 5" in said
    assert "Ranks that differ" not in " ".join(texts(show.say_rank_intervals(HAND.intervals, words("en"), year=YEAR)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_that_errors_of_the_survey_are_missing_is_said_in_every_section(lang: Language) -> None:
    told = {"vi": "sai số", "en": "errors? of the survey"}[lang]
    for name in ("cover", "say_rank_intervals", "say_ranks_by_method", "say_limits", "say_intervals_beside"):
        assert re.search(told, " ".join(texts(DISPLAYS[name](MANY, words(lang)))).lower()), name


def test_how_many_scores_are_known_is_said_where_some_are_missing() -> None:
    intervals = metrics.rank_intervals(panel({"01": (9, 9), "02": (8,)}), year=YEAR, units=UNITS, nodes=NODES, seed=1)
    display = show.say_intervals_beside(intervals, words("en"), year=YEAR)
    assert texts(display) == ["How sure the ranks are is not known: for 2023, the scores of every part of the index were found of 1 of 5 provinces."]
    assert [row["shown"] for row in display.numbers] == ["1/5"]
    head = show.cover_robustness(intervals, empty(), empty(), IDENTITY, words("vi"), received="2026-11-22").blocks[0]
    assert head["headlines"] == []  # how few are known is no answer: the sentence below says it


def test_a_leader_alone_and_a_leader_with_others_are_told_apart() -> None:
    alone = texts(show.say_tie_groups(HAND.intervals, words("en")))[0]
    close = Figures({"01": (9, 6), "02": (6, 9), "04": (7, 7), "06": (5, 5), "08": (1, 1)})
    assert "Hanoi, the first, stands alone" in alone
    assert re.search(r"Not to be told apart from [\w ]+, the first: [\w ]+", texts(show.say_tie_groups(close.intervals, words("en")))[0])


def test_alpha_is_read_in_words() -> None:
    read = [
        texts(show.say_coherence(pd.DataFrame(MANY.coherence.assign(value=MANY.coherence["value"].mask(MANY.coherence["measure"] == "alpha", alpha))), words("en")))[0]
        for alpha in (0.75, 0.6, 0.1)
    ]
    assert [text.split(": ")[1].split(".")[0] for text in read] == [
        "most of them move together",
        "they move together loosely",
        "they hardly move together, and the total is a sum of different things",
    ]


# ---------------------------------------------------------------- charts


def test_many_units_are_drawn_in_charts_of_about_equal_length() -> None:
    display = show.plot_rank_intervals(MANY.intervals, words("en"), year=YEAR, methods=MANY.methods)
    assert [block["caption"][-8:] for block in display.blocks] == ["(1 of 3)", "(2 of 3)", "(3 of 3)"]
    assert [block["alt"].count(", interval ") for block in display.blocks] == [15, 15, 15]
    assert {row["measure"] for row in display.numbers} == {"rank", "rank_low", "rank_high", "tie_group", "rank_low_with_method", "rank_high_with_method"}


def test_chart_names_every_unit_with_its_interval_and_group() -> None:
    (block,) = show.plot_rank_intervals(HAND.intervals, words("vi"), year=YEAR).blocks
    for unit in UNITS:
        assert words("vi").unit(unit) in block["svg"]
    assert f"{words('vi').unit('06')}: hạng 2, khoảng 2–3, nhóm 2." in block["alt"]
    assert "cách tổng hợp" not in block["svg"]


def test_widths_count_every_unit_once() -> None:
    (block,) = show.plot_interval_widths(HAND.intervals, words("en"), year=YEAR).blocks
    assert block["alt"].endswith("(places: provinces): 1: 2; 2: 1; 3: 2.")


def test_chart_of_influence_says_what_each_part_weighs_and_decides() -> None:
    (block,) = show.plot_influence(HAND.influence, words("en"), year=YEAR).blocks
    assert "weight 50.0%" in block["alt"]
    assert "without it ranks move by 0.6 places on average" in block["alt"]


# ---------------------------------------------------------------- beside the ranking of a year


def test_interval_and_group_stand_beside_every_rank_that_has_them() -> None:
    standing = metrics.standings(metrics.both(HAND.panel, HAND.intervals[HAND.intervals["measure"] == "rank"]), year=YEAR, units=UNITS, higher_is_better=True)
    plain, beside = (
        show.table_standings(standing, empty(), empty(), words("en"), base=YEAR - 1, is_comparable=True, intervals=intervals).blocks[0] for intervals in (empty(), HAND.intervals)
    )
    assert [column["label"] for column in plain["columns"]] == ["Province", "Rank", "Score"]
    assert [column["label"] for column in beside["columns"]] == ["Province", "Rank", "Score", "Interval of the rank", "Group"]
    assert {row["cells"][0]["text"]: [cell["text"] for cell in row["cells"][3:]] for row in beside["rows"]}["Hanoi"] == ["1", "1"]
