"""What a change of rank owes to the unit and to the others, in sentences."""

from __future__ import annotations

import pandas as pd
import pytest

from par_analysis.model import LANGUAGES, Language
from par_analysis.show.blocks import Display
from par_analysis.show.sentences_effort import effort_of, say_own_and_others
from tests.parts import BASE, HUE, YEAR, effort, figure, table, words


def said(display: Display) -> list[str]:
    """The paragraphs, or the reason why there is none."""
    return ["".join(span["text"] for span in block["text"]) if "text" in block else block["reason"] for block in display.blocks]


def told(found: pd.DataFrame, *, is_comparable: bool | None = True, lang: Language = "en") -> list[str]:
    return said(say_own_and_others(found, words(lang), unit=HUE, year=YEAR, base=BASE, is_comparable=is_comparable))


def test_effects_are_told_with_their_signs_in_words() -> None:
    text, limits = told(effort((10,), (-2,), before=30, after=22, places=63, used=62))
    assert text == "Thua Thien Hue scored 0.66 points more than in 2022 and rose 8 places. Its own movement gained it 10 places; that of the others cost it 2 places."
    assert limits.startswith("With its score of 2023 among the others' of 2022 it would have ranked 20; with that of 2022 among the others' of 2023, 32.")
    assert limits.endswith("Computed from 62 of 62 other provinces, those whose scores of both years are known.")


@pytest.mark.parametrize(
    ("points", "before", "after", "sentence"),
    [
        (1.21, 12, 26, "Thua Thien Hue scored 1.21 points more than in 2022 yet fell 14 places."),
        (-1.21, 26, 25, "Thua Thien Hue scored 1.21 points less than in 2022 yet rose 1 place."),
        (-1.21, 25, 26, "Thua Thien Hue scored 1.21 points less than in 2022 and fell 1 place."),
        (1.21, 26, 26, "Thua Thien Hue scored 1.21 points more than in 2022 and kept its rank."),
    ],
)
def test_a_gain_of_points_may_come_with_a_loss_of_places(points: float, before: float, after: float, sentence: str) -> None:
    found = effort((2,), (before - after - 2,), before=before, after=after, places=63, used=62, points=points)
    assert told(found)[0].startswith(sentence)


@pytest.mark.parametrize(
    ("own", "others", "sentence"),
    [
        ((1, 3), (-17, -15), "Its own movement gained it between 1 and 3 places; that of the others cost it between 15 and 17 places."),
        ((-3, -1), (-13, -11), "Its own movement cost it between 1 and 3 places; that of the others cost it between 11 and 13 places."),
        ((-2, 3), (-17, -12), "Its own movement moved it by between −2 and +3 places; that of the others cost it between 12 and 17 places."),
        ((0,), (-14,), "Its own movement moved it by 0 places; that of the others cost it 14 places."),
        ((1,), (-15,), "Its own movement gained it 1 place; that of the others cost it 15 places."),
    ],
)
def test_effects_within_limits_say_both(own: tuple[float, ...], others: tuple[float, ...], sentence: str) -> None:
    text, limits = told(effort(own, others, before=12, after=26, places=63, used=40))
    assert text.endswith(sentence)
    assert ("known within limits only" in limits) == (len(own) > 1)
    assert "Computed from 40 of 62 other provinces" in limits


def test_ranks_counted_anew_are_said_before_all_else() -> None:
    text = told(effort())[0]
    assert text.startswith("Ranked anew among the 59 provinces with scores of both years, Thua Thien Hue held 3/59 in 2022 and 1/59 in 2023. ")
    assert "anew" not in told(effort(places=63))[0]
    as_many_as_ranked = effort(places=61, used=60)
    as_many_as_ranked.loc[as_many_as_ranked["measure"] == "n_used", "out_of"] = 60.0
    assert told(as_many_as_ranked)[0].startswith("Ranked anew among the 61 provinces")


def test_unconfirmed_and_changed_methods_are_said() -> None:
    assert "It is not confirmed that both years were scored by the same method." in told(effort(), is_comparable=None)[1]
    changed = told(effort(measure="distance_change"), is_comparable=False)
    assert "gained 0.66 points on the national mean since 2022" in changed[0]
    assert "by their distance from the national mean of each year, not in points" in changed[1]
    assert "The method changed between 2022 and 2023" in changed[1]
    assert "method" not in told(effort())[1]


def test_an_unexplained_change_says_why() -> None:
    assert told(table()) == ["Ranks of both years are not known, so the change of rank cannot be explained."]
    (reason,) = told(table(figure("rank_change", -3, out_of=63.0), figure("n_used", 0, out_of=62.0)))
    assert reason.startswith("The scores of both years are not known, or contradict the ranks")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_of_the_sentences_is_a_row(lang: Language) -> None:
    display = say_own_and_others(effort((1, 3), (-17, -15), before=12, after=26), words(lang), unit=HUE, year=YEAR, base=BASE, is_comparable=None)
    measures = {row["measure"] for row in display.numbers}
    assert {"score_change", "rank_change", "own_effect_low", "own_effect_high", "others_effect_low", "others_effect_high", "n_used", "rank"} <= measures
    assert {"rank_own_new_low", "rank_own_old_high"} <= measures
    assert all(row["source"] for row in display.numbers)


@pytest.mark.parametrize("ends", [((3.5,), (-1.5,)), ((38.5, 40), (-15, -13.5)), ((-2, 3), (-4, 1))])
def test_ranks_before_and_after_follow_from_the_effects(ends: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    own, others = ends
    after = 30 - own[0] - others[-1]
    found = effort_of(effort(own, others, before=30, after=after), base=BASE)
    assert found is not None
    assert (found.before["value"], found.after["value"]) == (30, after)
    assert (found.before["year"], found.after["year"]) == (BASE, YEAR)
