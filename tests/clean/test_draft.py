"""Statements proposed from a text: figures with their noun, year, unit and domain; unsure where they are; bounded whatever the text is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import catalog
from par_analysis.clean.draft import MAX_BYTES, as_toml, language_of, propose
from par_analysis.clean.evidence import read_article
from par_analysis.clean.mentions import Lexicon
from par_analysis.clean.names import Resolver
from par_analysis.clean.statements import MAX_STATEMENTS
from par_analysis.errors import RequestError
from par_analysis.model import Article, Statement

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT.parent / "shared" / "seed" / "hai-duong-2023.txt"
KNOWN = catalog.load(ROOT)
NAMES = {number: tuple(domain.name.values()) for domain in KNOWN.frameworks["qd-876-2022"].domains for number in [domain.no]}
LEXICON = Lexicon(list(KNOWN.units.values()), Resolver(list(KNOWN.units.values()), KNOWN.spellings).resolve, KNOWN.indices, NAMES, KNOWN.indicators["departments"])

VIETNAMESE = """Nam Định lên hạng

Năm 2022, tỉnh Nam Định đạt 84,31 điểm, tăng 1,25 điểm so với năm 2021 và xếp thứ 21 trong 63 tỉnh, thành phố, tăng 7 bậc.
Lĩnh vực cải cách thể chế từ hạng 40 năm 2021 lên hạng 18.
Về chính quyền số, tỉnh đứng thứ 9/63, giảm 2 bậc so với năm trước. Quảng Ninh dẫn đầu với 90,10 điểm.

Trong năm, tỉnh đã rà soát, đơn giản hóa 96 thủ tục hành chính, bãi bỏ 14 thủ tục. Quý I/2023, các cơ quan tiếp nhận gần 125.400 hồ sơ, tỷ lệ giải quyết đúng hạn đạt 98,7%;
tỷ lệ số hóa hồ sơ ở cấp huyện đạt trên 91%.

Ngày 17/4/2023, theo Quyết định 876/QĐ-BNV, tỉnh tổ chức 12 hội nghị.
"""


def read(text: str, **asked: object) -> tuple[Article, tuple[Statement, ...]]:
    return propose(text, LEXICON, **asked)  # type: ignore[arg-type]


def facts(one: Statement) -> tuple[object, ...]:
    return (one.unit, one.year, one.period, one.node, one.measure, one.comparison, one.against, one.qualifier, one.value)


def sure(text: str, **asked: object) -> list[tuple[object, ...]]:
    """Year, node, measure, comparison and value of the proposals that are not marked unsure."""
    return [(one.year, one.node, one.measure, one.comparison, one.value) for one in read(text, **({"unit": "30", "year": 2023} | asked))[1] if not one.unsure]


@pytest.mark.skipif(not SEED.is_file(), reason="../shared is absent")
def test_figures_of_the_article_are_proposed_as_a_person_wrote_them_down() -> None:
    _, written = read_article(KNOWN, ROOT / "data" / "claims" / "hai_duong_2023.toml")
    article, proposed = read(SEED.read_text(encoding="utf-8"))
    assert (article.unit, article.year, article.title["en"]) == ("30", 2023, "Hai Duong made a breakthrough in administrative reform")
    wanted = {facts(one) for one in written if one.value is not None and one.comparison != "list"}
    assert len(wanted & {facts(one) for one in proposed}) >= 32
    assert [facts(one) for one in proposed if facts(one) not in wanted and not one.unsure] == []
    assert {one.place for one in proposed} <= {one.place for one in written}


@pytest.mark.skipif(not SEED.is_file(), reason="../shared is absent")
def test_the_slips_of_the_article_are_proposed_as_unsure() -> None:
    _, proposed = read(SEED.read_text(encoding="utf-8"))
    slip = next(one for one in proposed if one.comparison == "change" and one.against == one.year)
    assert slip.unsure == "the text compares the year with itself, and goes on with 2022"


def test_a_vietnamese_text() -> None:
    article, proposed = read(VIETNAMESE)
    assert (article.unit, article.year, article.title["vi"]) == ("36", 2022, "Nam Định lên hạng")
    assert [facts(one) for one in proposed if not one.unsure] == [
        ("36", 2022, "", "total", "score", "level", None, "", 84.31),
        ("36", 2022, "", "total", "score", "change", 2021, "", 1.25),
        ("36", 2022, "", "total", "rank", "level", None, "", 21.0),
        ("VN", 2022, "", "total", "n_units", "level", None, "", 63.0),
        ("36", 2022, "", "total", "rank", "change", 2021, "", 7.0),
        ("36", 2021, "", "domain:2", "rank", "level", None, "", 40.0),
        ("36", 2022, "", "domain:2", "rank", "level", None, "", 18.0),
        ("36", 2022, "", "domain:7", "rank", "level", None, "", 9.0),
        ("36", 2022, "", "domain:7", "rank", "change", 2021, "", -2.0),
        ("36", 2022, "", "operations:procedures", "simplified", "level", None, "", 96.0),
        ("36", 2022, "", "operations:procedures", "abolished", "level", None, "", 14.0),
        ("36", 2023, "2023-Q1", "operations:dossiers", "received_and_processed", "level", None, "<~", 125400.0),
        ("36", 2023, "2023-Q1", "operations:dossiers", "resolved_on_time_or_early_share", "level", None, "", 98.7),
        ("36", 2023, "2023-Q1", "operations:dossiers", "digitised_share_districts", "level", None, ">", 91.0),
    ]
    doubts = {one.value: one.unsure for one in proposed if one.unsure}
    assert doubts == {90.1: "is this figure about that province?", 12.0: "what is counted is not known: hội"}
    assert next(one for one in proposed if one.value == 21).out_of == next(one for one in proposed if one.value == 9).out_of == 63


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In 2022 the province scored 83.52 points.", [(2022, "total", "score", "level", 83.52)]),
        ("The province ranked 47th in 2022.", [(2022, "total", "rank", "level", 47.0)]),
        ("It fell by 3 places compared to 2021.", [(2023, "total", "rank", "change", -3.0)]),
        ("In 2023 it gained 3 places on the previous year.", [(2023, "total", "rank", "change", 3.0)]),
        ("Public finance reform ranked 5th.", [(2023, "domain:6", "rank", "level", 5.0)]),
        ("Tỉnh xếp hạng 5 về cải cách tài chính công.", [(2023, "domain:6", "rank", "level", 5.0)]),
        ("Năm 2021 tỉnh giảm 4 bậc so với năm 2020.", [(2021, "total", "rank", "change", -4.0)]),
        ("Trong quý II năm 2023, hơn 1.250 hồ sơ được tiếp nhận.", [(2023, "operations:dossiers", "received_and_processed", "level", 1250.0)]),
        ("Hoàn thành 45/47 nhiệm vụ.", [(2023, "operations:plan", "tasks", "level", 45.0)]),
        ("Nâng từ hạng 47 năm 2022 lên hạng 22 năm 2023.", [(2022, "total", "rank", "level", 47.0), (2023, "total", "rank", "level", 22.0)]),
        ("The 21st century began 100 years later, in 2001.", []),
        ("On April 6 the committee met; Decision 876/QD-BNV was signed on 17/4/2023.", []),
        ("22 22 22", []),
    ],
)
def test_a_figure_is_known_by_its_noun_and_year(text: str, expected: list[tuple[object, ...]]) -> None:
    assert sure(text, lang="en" if text.isascii() else "vi") == expected


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("It rose by 3 places.", "the year compared with is not named"),
        ("It rose by 3 places compared to 2023.", "the text compares the year with itself"),
        ("The rate was 98%.", "what is this a share of?"),
        ("PAR INDEX reached 87.84%.", "is this the index's score?"),
        ("It scored 87,84 points.", "the decimal sign is not the language's"),
        ("There were 59 procedures.", "what was done with these procedures?"),
        ("There were 12 meetings.", "what is counted is not known: meetings"),
        ("One component ranked 5th.", "which domain?"),
        ("Quang Ninh scored 90.10 points.", "is this figure about that province?"),
        ("It was the highest rank in the past 6 years.", "is the rank of that year meant, and are the years before it counted with it?"),
    ],
)
def test_what_is_not_sure_says_why(text: str, doubt: str) -> None:
    _, (one, *_) = read(text, unit="30", year=2023, lang="en")
    assert one.unsure == doubt
    assert one.confidence < 0.7


@pytest.mark.parametrize(
    "text",
    [
        "Hai Duong did not rank 1st in 2023.", "Hai Duong didn’t rank 1st in 2023.", "In 2023 it never ranked 1st.", "It was no longer ranked 47th in 2023.",
        "It ranked 22nd rather than 47th in 2023.", "In 2023 it was ranked 22nd instead of 47th.", "Hai Duong would rank 1st with 90 points in 2023.",
        "Its target is to score 90 points in 2023.", "It aims to be ranked 5th in 2023.", "It plans to score 90 points in 2023.",
        "Hải Dương không đứng thứ 1 năm 2023.", "Năm 2023, tỉnh chưa xếp thứ 1.", "Năm 2023, tỉnh chẳng đạt 90 điểm.", "Năm 2023, tỉnh không phải xếp thứ 1.",
        "Năm 2023, tỉnh xếp thứ 22 thay vì thứ 47.", "Tỉnh phấn đấu đạt 90 điểm, xếp thứ 5.", "Mục tiêu năm 2023 là đạt 90 điểm.", "Dự kiến năm 2023 đạt 90 điểm.",
        "Theo kế hoạch, năm 2023 tỉnh đạt 90 điểm.",
    ],
)  # fmt: skip
def test_what_is_denied_or_intended_is_unsure(text: str) -> None:
    _, proposed = read(text, unit="30", year=2023, lang="en" if text.replace("’", "").isascii() else "vi")
    assert proposed
    assert all(one.unsure and one.confidence <= 0.3 for one in proposed)


@pytest.mark.parametrize(
    "text", ["It not only scored 87.84 points.", "Tỉnh không chỉ đạt 87,84 điểm.", "Tỉnh không ngừng vươn lên, đạt 87,84 điểm.", "Nếu năm 2023 đạt 87,84 điểm."]
)
def test_what_only_sounds_like_a_denial_is_none(text: str) -> None:
    assert [one[-1] for one in sure(text, lang="en" if text.isascii() else "vi")] == [87.84]


def test_a_figure_of_another_index_is_proposed_for_it_with_the_year_of_its_sentence() -> None:
    _, proposed = read("In 2023 it rose.\n\nThe PAPI score 42.68 points ranked 25th in 2021.", unit="30", year=2023, lang="en")
    assert [(one.index, one.year, one.measure, one.value, one.unsure) for one in proposed] == [("papi", 2021, "score", 42.68, ""), ("papi", 2021, "rank", 25.0, "")]


def test_a_figure_of_an_index_that_is_not_known_or_of_two_is_unsure() -> None:
    _, (one,) = read("Its PCI score was 70.1 points.", unit="30", year=2023, lang="en")
    assert (one.index, one.unsure) == ("par_index", "another index is named: this is not one that can be checked")
    _, proposed = read("It scored 87.84 points in the PAR INDEX and ranked 25th in PAPI.", unit="30", year=2023, lang="en")
    assert {one.unsure for one in proposed} == {"of which index is this?"}


def test_a_year_behind_a_comma_or_compared_with_is_not_taken_for_sure() -> None:
    _, (score, _) = read("It had 42.68 points, ranked 25th in 2021.", unit="30", year=2023, lang="en")
    assert (score.year, score.unsure) == (2021, "is this of 2021, too?")
    assert sure("It had 87.84 points, up from rank 47.") == [(2023, "total", "score", "level", 87.84)]
    assert sure("It had 87.84 points, up from rank 47 in 2022.") == [(2022, "total", "rank", "level", 47.0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The score rose from 83.52 in 2022 to 87.84 points in 2023.", [(2022, 83.52, ""), (2023, 87.84, "")]),
        ("The score rose from 83.52 to 87.84 points compared to 2022.", [(2022, 83.52, ""), (2023, 87.84, "")]),
        ("The score rose from 83.52 to 87.84 points in 2023.", [(2022, 83.52, "the year compared with is not named"), (2023, 87.84, "")]),
        ("In 2023 the score rose from 83.52 to 87.84.", [(2022, 83.52, "is this a score?; the year compared with is not named"), (2023, 87.84, "is this a score?")]),
        ("Điểm tăng từ 83,52 năm 2022 lên 87,84 điểm năm 2023.", [(2022, 83.52, ""), (2023, 87.84, "")]),
    ],
)
def test_both_ends_of_a_rise_are_proposed(text: str, expected: list[tuple[int, float, str]]) -> None:
    _, proposed = read(text, unit="30", year=2023, lang="en" if text.isascii() else "vi")
    assert [(one.year, one.value, one.unsure) for one in proposed] == expected
    assert {(one.measure, one.comparison) for one in proposed} == {("score", "level")}


def test_at_least_is_not_over_and_another_number_of_provinces_is_asked_about() -> None:
    _, (one,) = read("It scored at least 87.84 points.", unit="30", year=2023, lang="en")
    assert (one.qualifier, one.unsure) == (">", "“at least” is also true of the very figure, “over” is not")
    _, (_, units) = read("It ranked 25th among 61 provinces.", unit="30", year=2023, lang="en")
    assert (units.measure, units.unsure) == ("n_units", "is this how many were ranked? It is not how many provinces there were")


def test_what_is_said_twice_is_proposed_once() -> None:
    assert len(sure("It scored 87.84 points. Again: 87.84 points.")) == 1


def test_the_unit_and_year_may_be_given_or_must_be_named() -> None:
    with pytest.raises(RequestError, match="which unit"):
        read("It scored 87.84 points in 2023.")
    with pytest.raises(RequestError, match="which year"):
        read("Hai Duong scored 87.84 points.")
    assert read("Hai Duong scored 87.84 points in 2023, Bac Ninh less; Hai Duong rose.")[0].unit == "30"


def test_languages_are_told_apart() -> None:
    assert (language_of(VIETNAMESE), language_of("In 2023 Hải Dương ranked 22nd among 63 provinces, up 25 places"), language_of("")) == ("vi", "en", "en")


# ---------------------------------------------------------------- written and read back


def written_and_read(tmp_path: Path, text: str, **asked: object) -> tuple[Statement, ...]:
    article, proposed = read(text, **asked)
    path = tmp_path / "draft.toml"
    path.write_text(as_toml(Article("article:draft", article.title, article.index, article.unit, article.year), proposed), encoding="utf-8")
    _, back = read_article(KNOWN, path)
    assert back == proposed
    return back


def test_a_draft_is_read_back_as_it_was_proposed(tmp_path: Path) -> None:
    assert len(written_and_read(tmp_path, VIETNAMESE)) == 16


@pytest.mark.skipif(not SEED.is_file(), reason="../shared is absent")
def test_the_draft_of_the_article_is_read_back(tmp_path: Path) -> None:
    assert len(written_and_read(tmp_path, SEED.read_text(encoding="utf-8"))) >= 32


HOSTILE = ["<script>alert(1)</script>", '#read("/etc/passwd")', '=HYPERLINK("x")', "\u202e", "\u200b\x07", '"""\n[[statement]]', "\\", "x" * 10_000, "\N{PILE OF POO}", "\x7f"]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_makes_a_valid_draft(tmp_path: Path, hostile: str) -> None:
    back = written_and_read(tmp_path, f"{hostile} Hai Duong\n\nIn 2023 {hostile} scored {hostile} 87.84 {hostile}points, 87.84 points {hostile} and ranked 22nd")
    assert 22.0 in {one.value for one in back}


@given(text=st.text(st.sampled_from('0123456789 .,%()/\n điểmbậcthứnămđạtpointsrank2023\u202e"\\'), max_size=80))
def test_any_text_makes_statements_that_can_be_written(text: str) -> None:
    _, proposed = read(text, unit="30", year=2023)
    assert all(one.id and one.measure and 0 < len(one.wording) <= 90 for one in proposed)
    assert len({one.id for one in proposed}) == len(proposed)


LARGE = {
    "digits": "9" * MAX_BYTES, "numbers": "1 " * (MAX_BYTES // 2), "sentences": "a1 b. " * (MAX_BYTES // 6), "brackets": "(" * MAX_BYTES,
    "rises": "up " * (MAX_BYTES // 3) + "5 points", "paragraphs": "5 points in 2021\n\n" * (MAX_BYTES // 18), "points": "".join(f"{number} points. " for number in range(10_000)),
}  # fmt: skip


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_a_large_text_is_read_in_bounded_time_to_bounded_statements(text: str) -> None:
    started = time.monotonic()
    assert len(read(text, unit="30", year=2023)[1]) <= MAX_STATEMENTS
    assert time.monotonic() - started < 30  # 2 s on an idle machine
