"""What is said of a scorecard, in two languages."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from par_analysis import metrics, show
from par_analysis.model import LANGUAGES, Language
from par_analysis.show.blocks import Display
from par_analysis.show.language import Words
from tests.metrics.made import fact, of_ranks, of_scores, table
from tests.parts import words as real_words

UNIT, YEAR = "30", 2023
SUBJECT: dict[str, Any] = {"unit": UNIT, "year": YEAR}
TREE = {"total": ["domain:1", "domain:2"], "domain:1": ["criterion:1.1@q", "criterion:1.2@q"]}
LEAVES = ["criterion:1.1@q", "criterion:1.2@q", "domain:2"]
PLAN: dict[str, Any] = {"owners": {"criterion:1.1@q": "Sở Nội vụ"}, "deadlines": {"criterion:1.1@q": "2024-06-30"}}


def words(lang: Language) -> Words:
    base, names = real_words(lang, "par_index"), {"criterion:1.1@q": "1.1. Kế hoạch", "criterion:1.2@q": "1.2. Kiểm tra"}
    return Words(lang, base.unit_names, base.domain_names, base.index_name, short_index="PAR INDEX", node_names=names)


def own(node: str, measure: str, value: float, out_of: float) -> dict[str, Any]:
    return fact(UNIT, measure, value, node=node, out_of=out_of)


CARD = table(
    own("criterion:1.1@q", "self_score", 50, 50), own("criterion:1.1@q", "score", 48, 50),
    own("criterion:1.2@q", "self_score", 20, 20),
    own("domain:2", "self_score", 18, 30), own("domain:2", "score", 19.5, 30),
)  # fmt: skip


def lost(card: pd.DataFrame = CARD) -> pd.DataFrame:
    return metrics.lost_points(card, tree=TREE, **SUBJECT)


def regainable(*locked: str) -> pd.DataFrame:
    return metrics.regainable_points(CARD, tree=TREE, locked=locked, **SUBJECT)


def text(display: Display) -> str:
    """All that is said, a block a line."""
    said = []
    for block in display.blocks:
        if block["kind"] == "paragraph":
            said.append("".join(span["text"] for span in block["text"]))
        elif block["kind"] == "list":
            said += ["".join(span["text"] for span in item) for item in block["items"]]
        elif block["kind"] == "table":
            said += [" | ".join(cell["text"] for cell in row["cells"]) for row in block["rows"]] + ["".join(span["text"] for span in note) for note in block["notes"]]
        elif block["kind"] == "cover":
            said += ["".join(span["text"] for span in lead) for lead in block["lead"]] + [f"{head['label']}: {head['value']} ({head['detail']})" for head in block["headlines"]]
        elif block["kind"] == "absent":
            said.append(f"absent: {block['reason']}")
        else:
            said.append(block["alt"])
    return "\n".join(said)


def test_a_page_without_a_scorecard_says_so_in_one_sentence() -> None:
    none = CARD.iloc[:0]
    page = show.cover_improvement(lost(none), none, none, {**SUBJECT, "report": "improvement"}, words("en"), received="")
    assert text(page) == "No scorecard of Hai Duong for 2023 has been added: “par scorecard new” writes one to fill in, “par add scorecard” adds it."
    page = show.cover_improvement(lost(none), none, none, {**SUBJECT, "report": "improvement"}, words("vi"), received="")
    assert text(page) == "Chưa có bảng chấm điểm năm 2023 của Hải Dương: lệnh “par scorecard new” tạo tệp để điền, lệnh “par add scorecard” đưa tệp vào."
    sections = [
        show.plot_lost(lost(none), none, words("en"), **SUBJECT), show.say_lost(lost(none), words("en"), **SUBJECT), show.table_lost(lost(none), words("en"), tree={}, **PLAN),
        show.table_lost_by(none, words("en")), show.say_self_scores(none, lost(none), words("en"), unit=UNIT), show.table_self_scores(none, words("en")),
        show.say_regainable(none, words("en")), show.table_regainable(none, words("en"), tree={}),
        show.say_route(none, lost(none), words("en"), target=10, **SUBJECT), show.table_route(none, words("en"), **PLAN),
    ]  # fmt: skip
    assert {text(section) for section in sections} <= {"absent: ", "absent: \nabsent: "}


def test_the_cover_says_what_was_lost_and_what_can_be_won() -> None:
    claimed = metrics.self_scores(CARD, nodes=LEAVES, **SUBJECT)
    page = show.cover_improvement(lost(), claimed, regainable("domain:2"), {**SUBJECT, "report": "improvement"}, words("en"), received="2024-02-05")
    assert text(page).splitlines() == [
        "By its own scorecard for 2023, Hai Duong has 87.50 / 100 points and has lost 12.50, on 2 of the 3 parts that have points.",
        "Points on the scorecard: 87.50 (of 100; 3 of 3 parts have points)",
        "Points lost: 12.50 (2 of 3 parts are verified)",
        "Can be regained: 2.00 (10.50 more on parts that are locked)",
        "Self-score minus verified: +0.50 (too high on 1 of 2 parts)",
    ]


def test_losses_are_said_with_what_is_not_counted_or_not_verified() -> None:
    assert text(show.say_lost(lost(CARD[CARD["node"] != "criterion:1.1@q"]), words("en"), **SUBJECT)).splitlines() == [
        "By its own scorecard for 2023, Hai Duong has 39.50 / 50 points and has lost 10.50, on 1 of the 2 parts that have points. "
        "Most was lost in: 2. Institutional reform (10.50).",
        "1 of the 3 parts have no points yet: they count neither as points nor as a loss. "
        "1 of the 2 parts with points count by what the province gave itself: appraisal may take points away.",
    ]  # fmt: skip
    assert "Bị trừ nhiều điểm nhất ở: 2. Cải cách thể chế (10,50); 1. Công tác chỉ đạo" in text(show.say_lost(lost(), words("vi"), **SUBJECT))


@pytest.mark.parametrize(("lang", "day"), [("en", "30 June 2024"), ("vi", "30/06/2024")])
def test_the_table_lists_the_largest_loss_first_with_who_and_until_when(lang: Language, day: str) -> None:
    rows = text(show.table_lost(lost(), words(lang), tree=TREE, **PLAN)).splitlines()
    assert rows[0].split(" | ")[0].startswith("2. ")
    assert rows[2].split(" | ")[2:] == [words(lang).number(2, 2), "Sở Nội vụ", day]
    assert [row.split(" | ")[0].strip() for row in rows[2:3]] == ["1.1. Kế hoạch"]
    assert len(rows) == 4  # 1.2 has all its points; a note on what is not verified
    assert rows[1].split(" | ")[1] == ("68.00 / 70" if lang == "en" else "68,00 / 70")


def test_owners_stand_by_their_loss_and_deadlines_by_the_month() -> None:
    owners = metrics.lost_points_by(CARD, groups={"criterion:1.1@q": "A", "domain:2": "B"}, kind="owner", **SUBJECT)
    assert text(show.table_lost_by(owners, words("en"))).splitlines() == ["B | 1 | 10.50", "A | 1 | 2.00"]
    months = metrics.lost_points_by(CARD, groups={"criterion:1.1@q": "2024-06", "domain:2": ""}, kind="deadline", **SUBJECT)
    assert text(show.table_lost_by(months, words("en"))).splitlines() == ["6/2024 | 1 | 2.00", "no deadline set | 1 | 10.50"]
    nobody = metrics.lost_points_by(CARD, groups={"domain:2": ""}, kind="owner", **SUBJECT)
    assert text(show.table_lost_by(nobody, words("en"))) == "absent: No owner is named on the scorecard."
    assert text(show.table_lost_by(nobody, words("vi"))) == "absent: Bảng chấm điểm chưa ghi đơn vị chủ trì."


def test_claims_are_said_and_only_those_that_differ_are_listed() -> None:
    claimed = metrics.self_scores(CARD, nodes=LEAVES, **SUBJECT)
    assert text(show.say_self_scores(claimed, lost(), words("en"), unit=UNIT)).splitlines()[0] == (
        "Hai Duong gave itself 68.00, 0.50 points more than the 67.50 that were verified. On 1 of the 2 parts with both it claimed more than was verified, on 1 less."
    )
    assert text(show.table_self_scores(claimed, words("vi"))).splitlines() == ["1.1. Kế hoạch | 50,00 | 48,00 | +2,00", "2. Cải cách thể chế | 18,00 | 19,50 | −1,50"]
    unverified = CARD[CARD["measure"] != "score"]
    nothing = metrics.self_scores(unverified, nodes=LEAVES, **SUBJECT)
    assert text(show.say_self_scores(nothing, lost(unverified), words("en"), unit=UNIT)) == "absent: No part has both a self-score and verified points."


def test_what_can_be_regained_is_said_with_and_without_locks() -> None:
    assert text(show.say_regainable(regainable("domain:2"), words("en"))).splitlines()[0] == (
        "Of the lost points 2.00 can be regained; 10.50 were lost on parts that are marked as locked. With all of them the total would be 89.50 / 100."
    )
    assert text(show.say_regainable(regainable(), words("vi"))).splitlines()[0] == (
        "Không mục nào được đánh dấu không thể tăng, vì vậy toàn bộ 12,50 điểm bị trừ được coi là có thể lấy lại. Nếu lấy lại hết, tổng điểm sẽ là 100,00 / 100."
    )
    assert text(show.table_regainable(regainable(), words("en"), tree=TREE)) == "absent: "
    assert text(show.table_regainable(regainable("domain:2"), words("en"), tree=TREE)).splitlines()[-1] == "Total | 2.00 | 10.50"


def route(scores: dict[str, float], target: int, ranks: dict[str, float] | None = None, **asked: Any) -> pd.DataFrame:
    panel = table(*of_scores(scores), *of_ranks(ranks or {}))
    return metrics.rank_route(panel, card=CARD, units=["01", "02", "22", UNIT], target=target, leaves=LEAVES, **SUBJECT, **asked)


EXACT = {"01": 99.0, "02": 89.0, "22": 88.0, UNIT: 87.5}
RANKS = {"01": 1.0, "02": 2.0, "22": 3.0, UNIT: 4.0}


@pytest.mark.parametrize(
    ("scores", "target", "asked", "said"),
    [
        (EXACT, 2, {}, "Rank 2 was held with 89.00 points: 1.50 points more would have drawn level. 1 part is enough: it brings 10.50 points."),
        (EXACT, 1, {}, "Rank 1 was held with 99.00 points: 11.50 points more would have drawn level. No fewer than 2 parts are enough: they bring 12.50 points."),
        (EXACT, 1, {"locked": ["domain:2"]}, "11.50 points more would have drawn level. That is out of reach: the parts that are not locked can bring 2.00 points."),
        (EXACT, 4, {}, "In 2023 Hai Duong ranked 4/4 with 87.50 points. That is rank 4 or better already: no more points are needed."),
        (EXACT, 3, {"efforts": {"criterion:1.1@q": 1, "domain:2": 4}}, "The least effort, 1 in sum, is 1 part that brings 2.00 points."),
    ],
)
def test_a_route_is_said(scores: dict[str, float], target: int, asked: dict[str, Any], said: str) -> None:
    found = route(scores, target, RANKS, **asked)
    assert said in text(show.say_route(found, lost(), words("en"), target=target, **SUBJECT))


def test_bounds_are_said_as_bounds() -> None:
    without = {unit: score for unit, score in EXACT.items() if unit != "02"}
    told = text(show.say_route(route(without, 2), lost(), words("en"), target=2, **SUBJECT))
    assert "In 2023 Hai Duong had 87.50 points; its rank is not known." in told
    assert "Rank 2 was held with 88.00–99.00 points: 11.50 points more would have been enough, and fewer may have been." in told
    assert "The totals of 1 of the 4 provinces are not known" in told
    only = text(show.say_route(route({"22": 88.0, UNIT: 87.5}, 1), lost(), words("vi"), target=1, **SUBJECT))
    assert "Hạng 1 ứng với ít nhất 88,00 điểm: cần thêm từ 0,50 điểm trở lên, chưa biết chính xác bao nhiêu." in only
    assert "Riêng mức tối thiểu đó cần ít nhất 1 mục, đem lại 10,50 điểm; chưa biết như vậy đã đủ hay chưa." in only


def test_what_may_be_enough_is_not_said_to_be_out_of_reach() -> None:
    without = {unit: score for unit, score in EXACT.items() if unit != "02"}
    told = text(show.say_route(route(without, 2, locked=["domain:2"]), lost(), words("en"), target=2, **SUBJECT))
    assert "Whether the rank is in reach is not known: the parts that are not locked can bring 2.00 points." in told
    assert "out of reach" not in told


def test_parts_without_points_may_bring_what_the_others_cannot() -> None:
    half = metrics.lost_points(CARD[CARD["node"] != "domain:2"], tree=TREE, **SUBJECT)
    told = text(show.say_route(route(EXACT, 1, RANKS, locked=["domain:2"]), half, words("en"), target=1, **SUBJECT))
    assert "can bring 2.00 points; what parts without points could bring is not known." in told
    assert "with them, a shorter one may be found" in text(show.say_route(route(EXACT, 2, RANKS), half, words("en"), target=2, **SUBJECT))


def test_a_published_total_that_is_not_the_scorecards_sum_is_said() -> None:
    told = text(show.say_route(route({**EXACT, UNIT: 86.0}, 2, RANKS), lost(), words("en"), target=2, **SUBJECT))
    assert "The published total is 86.00 points, the points on the scorecard add up to 87.50: the two do not agree." in told
    assert "do not agree" not in text(show.say_route(route(EXACT, 2, RANKS), lost(), words("en"), target=2, **SUBJECT))
    own_sum = route({unit: score for unit, score in EXACT.items() if unit != UNIT}, 2)
    assert "is the sum of its scorecard, not a published one" in text(show.say_route(own_sum, lost(), words("en"), target=2, **SUBJECT))


def test_without_other_totals_the_section_says_why() -> None:
    found = route({UNIT: 87.5}, 10)
    assert text(show.say_route(found, lost(), words("en"), target=10, **SUBJECT)) == (
        "absent: What rank 10 takes cannot be said: the totals of other provinces for 2023, or that of Hai Duong, are not known."
    )


def test_the_route_is_listed_with_owners_and_places_with_their_price() -> None:
    told = text(show.table_route(route(EXACT, 1, RANKS), words("en"), **PLAN)).splitlines()
    assert told == ["2. Institutional reform | 10.50 | – | –", "1.1. Kế hoạch | 2.00 | Sở Nội vụ | 30 June 2024", "3 | 0.50 | 1", "2 | 1.50 | 1", "1 | 11.50 | 2"]
    hopeless = text(show.table_route(route(EXACT, 1, RANKS, locked=["domain:2"]), words("en"), **PLAN)).splitlines()
    assert hopeless[-2:] == ["1 | 11.50 | –", "A dash: out of reach by the parts that are not locked, or not known what is enough."]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_displayed_is_a_row_with_its_source(lang: Language) -> None:
    displays = [
        show.plot_lost(lost(), regainable("domain:2"), words(lang), **SUBJECT), show.say_lost(lost(), words(lang), **SUBJECT),
        show.table_lost(lost(), words(lang), tree=TREE, **PLAN),
        show.say_regainable(regainable("domain:2"), words(lang)), show.table_route(route(EXACT, 1, RANKS), words(lang), **PLAN),
    ]  # fmt: skip
    rows = [row for display in displays for row in display.numbers]
    assert len(rows) > 20
    assert all(row["source"] and row["unit_name"] for row in rows)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_chart_is_told_in_words(lang: Language) -> None:
    (block,) = show.plot_lost(lost(), regainable("domain:2"), words(lang), **SUBJECT).blocks
    assert words(lang).number(10.5, 2) in block["alt"]
    assert words(lang).domain_names[2] in block["alt"]
