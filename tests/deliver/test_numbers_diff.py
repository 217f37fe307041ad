"""What differs between the numbers of reports and those that were published."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.deliver import diff_page, diff_text, finished, number_names, numbers_diff, published
from par_analysis.deliver.causes import Cause
from par_analysis.deliver.gate import UNITS, Gate
from par_analysis.deliver.number_names import Names
from par_analysis.deliver.numbers_diff import Diff, matched
from par_analysis.metrics.bounds import score_bounds
from par_analysis.metrics.figures import figures
from par_analysis.model import LANGUAGES
from par_analysis.run.numbers import Row
from tests.deliver.made import make_report, row

FIGURES = "figures/par_index/2023"


def compared(tmp_path: Path, old: Sequence[Row], new: Sequence[Row], gate: Gate | None = None, **facts: Any) -> Diff:
    """What differs where ``old`` was published and ``new`` is there now."""
    reports, state = tmp_path / "reports", tmp_path / "state"
    make_report(reports, old)
    published.remember(finished.reports(reports), state)
    make_report(reports, new, **facts)
    return numbers_diff.diff(finished.reports(reports), published.recall(state), gate or Gate())


def kinds(diff: Diff) -> list[str]:
    return [change.kind for change in diff.changes]


def test_the_same_numbers_do_not_differ(tmp_path: Path) -> None:
    rows = [row(), row(measure="rank", value=22), row(value=None)]
    assert compared(tmp_path, rows, rows, versions={"par-analysis": "9"}).changes == ()


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        ({"value": 87.85}, "moved"),
        ({"value": None}, "moved"),
        ({"value": 87.84 + 1e-12}, None),
        ({"qualifier": ">"}, "restated"),
        ({"out_of": 34}, "restated"),
        ({"unit_of_measure": "percent"}, "restated"),
        ({"basis": "computed"}, "restated"),
        ({"shown": "87,8"}, "restated"),
        ({"source": "B"}, None),
        ({"unit_name": "Hai Duong"}, None),
        ({"section": "Điểm số"}, None),
    ],
)
def test_a_number_that_is_another_counts(tmp_path: Path, new: dict[str, Any], kind: str | None) -> None:
    assert kinds(compared(tmp_path, [row()], [row(**new)])) == ([kind] if kind else [])


def test_what_came_and_what_went_are_told_apart(tmp_path: Path) -> None:
    diff = compared(tmp_path, [row(), row(measure="rank", value=22)], [row(), row(measure="mean", value=86.98)])
    assert [(change.kind, change.row["measure"]) for change in diff.changes] == [("new", "mean"), ("gone", "rank")]


@pytest.mark.parametrize(("value", "kind"), [(87.845, "slight"), (87.835, "slight"), (87.8451, "moved")])
def test_a_move_within_the_tolerance_of_its_unit_does_not_count(tmp_path: Path, value: float, kind: str) -> None:
    diff = compared(tmp_path, [row()], [row(value=value)], Gate(tolerance={"points": 0.005, "place": 1}))
    assert (kinds(diff), len(diff.counted)) == ([kind], kind == "moved")


def test_so_many_may_change_as_are_allowed(tmp_path: Path) -> None:
    old, new = [row(node=f"domain:{no}") for no in range(3)], [row(node=f"domain:{no}", value=1) for no in range(3)]
    diff = compared(tmp_path, old, new, Gate(allowed=3))
    assert diff.is_within
    assert not Diff(diff.changes, gate=Gate(allowed=2)).is_within


def test_one_more_among_equals_moves_none_of_them() -> None:
    old = [row(value=value, source=str(value)) for value in (5, 7, 9)]
    new = [row(value=value, source=str(value)) for value in (5, 6, 7, 9)]
    assert [(was and was["value"], now and now["value"]) for was, now in matched(old, new)] == [(5, 5), (None, 6), (7, 7), (9, 9)]


def test_equals_that_all_changed_are_matched_by_their_order() -> None:
    pairs = matched([row(value=1), row(value=2)], [row(value=10), row(value=20)])
    assert [(was and was["value"], now and now["value"]) for was, now in pairs] == [(1, 10), (2, 20)]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 3)), max_size=12), st.integers())
def test_the_order_of_rows_is_no_difference(facts: list[tuple[str, str, int]], seed: int) -> None:
    rows = [row(section=section, measure=measure, value=value) for section, measure, value in facts]
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert all(was == now for was, now in matched(rows, shuffled))


@given(st.lists(st.integers(0, 4), max_size=8), st.lists(st.integers(0, 4), max_size=8))
def test_every_row_is_matched_once(old: list[int], new: list[int]) -> None:
    pairs = matched([row(value=value) for value in old], [row(value=value) for value in new])
    assert sorted(was["value"] for was, _ in pairs if was) == sorted(old)  # type: ignore[type-var]
    assert [now["value"] for _, now in pairs if now] == new


def test_one_number_in_two_languages_and_reports_is_one_change(tmp_path: Path) -> None:
    reports, state = tmp_path / "reports", tmp_path / "state"
    places = [("2023/province/par_index/30-hai-duong", "vi"), ("2023/province/par_index/30-hai-duong", "en"), ("2023/national/par_index", "vi")]
    for value in (87.84, 87.94):
        for key, lang in places:
            make_report(reports, [row(value=value, section=lang, unit_name=lang)], key=key, lang=lang)
        if value == 87.84:
            published.remember(finished.reports(reports), state)
    diff = numbers_diff.diff(finished.reports(reports), published.recall(state), Gate())
    (number,) = diff.counted
    assert (len(diff.changes), number.reports, number.in_language("en").row["unit_name"]) == (3, 2, "en")


def test_a_new_report_is_told_and_asks_nobody_unless_it_is_to(tmp_path: Path) -> None:
    make_report(tmp_path / "reports", [row()])
    found, nothing = finished.reports(tmp_path / "reports"), published.recall(tmp_path / "state")
    assert numbers_diff.diff(found, nothing, Gate()).is_within
    assert [number.first.kind for number in numbers_diff.diff(found, nothing, Gate(new_reports="ask")).counted] == ["new"]


def test_a_report_that_is_not_there_any_more_takes_its_numbers_with_it(tmp_path: Path) -> None:
    make_report(tmp_path / "reports", [row(), row(measure="rank")])
    published.remember(finished.reports(tmp_path / "reports"), tmp_path / "state")
    diff = numbers_diff.diff([], published.recall(tmp_path / "state"), Gate())
    assert (len(diff.counted), diff.gone_reports) == (2, ("2023/province/par_index/30-hai-duong/vi",))


@pytest.mark.parametrize(
    ("new", "facts", "said"),
    [
        ({"edition": "a/2"}, {}, "edition a/2 in place of a/1"),
        ({"edition": "a/1; a/2"}, {}, "edition a/2 was added"),
        ({"edition": ""}, {}, "edition a/1 is not used any more"),
        ({"basis": "computed"}, {}, "computed now, formerly published"),
        ({"note": "against 2022"}, {}, "the note of the number changed"),
        ({"source": "B"}, {}, "source B in place of A"),
        ({"source": "https://b.vn/1; A"}, {}, "source b.vn was added"),
        ({}, {"reads": {FIGURES: "2" * 16, "claims/par_index/2023": "4" * 16, "figures/sipas/2019": "3" * 16}}, "the figures of PAR INDEX 2023 changed"),
        ({}, {"reads": {FIGURES: "1" * 16, "claims/par_index/2023": "4" * 16}}, "sources state other figures of PAR INDEX 2023"),
        ({}, {"reads": {FIGURES: "1" * 16, "reference/par_index": "4" * 16}}, "the method or the lists were edited: PAR INDEX"),
        ({}, {"reads": {FIGURES: "1" * 16, "reference/tables": "4" * 16}}, "the method or the lists were edited: units and sources"),
        ({}, {"reads": {FIGURES: "1" * 16, "press/par_index/30/2023": "4" * 16}}, "other data changed: press/par_index/30/2023"),
        ({}, {"notebook": {"name": "province.ipynb"}}, "the notebook province.ipynb was edited"),
        ({}, {"versions": {"par-analysis": "0.2.0"}}, "software: par-analysis 0.2.0 in place of par-analysis 0.1.0"),
        ({}, {}, "not known: its row, and the report's data, method, notebook and software are as before"),
        ({}, {"reads": {FIGURES: "1" * 16, "received/par_index": "4" * 16}}, "not known: its row, and the report's data, method, notebook and software are as before"),
        ({}, {"reads": "nonsense", "versions": None, "notebook": {"name": "p", "sha256": ""}}, "the figures of PAR INDEX 2023 changed"),
    ],
)
def test_a_change_says_what_changed_with_it(tmp_path: Path, new: dict[str, Any], facts: dict[str, Any], said: str) -> None:
    base = {"notebook": {"name": "p", "sha256": ""}}
    (change,) = compared(tmp_path, [row()], [row(value=1, **new)], **(base | facts)).changes
    assert Names("en").because(change.causes) == said


ASIDE = "set aside, score and rank contradict those of others: "


@pytest.mark.parametrize(
    ("old", "new", "vi", "en"),
    [
        ("held by 30", "held by 46", "ghi chú của con số đã thay đổi", "the note of the number changed"),
        (f"{ASIDE}37", f"{ASIDE}37; against 2022", "ghi chú của con số đã thay đổi", "the note of the number changed"),
        (
            f"held by 30; {ASIDE}96; claimed by more than one unit: place 7",
            f"2023: {ASIDE}96, 48; 2022: {ASIDE}R-9",
            "điểm số và thứ hạng của Đà Nẵng, R-9 mâu thuẫn với các đơn vị khác nên không được dùng",
            "score and rank of Da Nang, R-9 contradict those of other units, and are not used",
        ),
        (f"{ASIDE}96", "order total 37 48", "ghi chú của con số đã thay đổi", "the note of the number changed"),  # not that Cà Mau is used again
        (
            "",
            f"{ASIDE}01, 30, 48, 96",
            "điểm số và thứ hạng của Hà Nội, Hải Dương, Đà Nẵng, 1 mục khác mâu thuẫn với các đơn vị khác nên không được dùng",
            "score and rank of Hanoi, Hai Duong, Da Nang, 1 more contradict those of other units, and are not used",
        ),
    ],
)
def test_a_note_is_told_by_what_it_means_and_not_by_its_text(old: str, new: str, vi: str, en: str) -> None:
    note = Cause("note", (new,), (old,))
    assert [Names(lang).because((note,)) for lang in LANGUAGES] == [vi, en]


def test_units_are_known_from_the_notes_that_formulas_write() -> None:
    base = {"index": "par_index", "year": 2023, "node": "total"}
    facts: list[dict[str, Any]] = [{**base, "unit": unit, "measure": "score", "value": score} for unit, score in (("01", 80), ("30", 70), ("48", 75), ("96", 99))]
    facts += [{**fact, "measure": "rank", "value": rank} for fact, rank in zip(facts, (1, 3, 2, 4), strict=True)]
    panel = figures([{**fact, "basis": "published"} for fact in facts])
    note = score_bounds(panel, year=2023, units=["01", "30", "48", "96", "77"], out_of=5)["note"].iloc[0]
    assert Names("en").because((Cause("note", (note,), ("",)),)) == "score and rank of Ca Mau contradict those of other units, and are not used"


EDITED: dict[str, Any] = {"reads": {FIGURES: "2" * 16, "figures/par_index/2022": "2" * 16, "reference/par_index": "2" * 16}, "versions": {"par-analysis": "9"}}


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        ({}, ["figures"]),  # printed: the method has no part in it
        ({"edition": "a/2"}, ["edition"]),
        ({"basis": "computed"}, ["figures", "method", "software"]),
        ({"basis": "computed", "edition": "a/2"}, ["edition", "method", "software"]),
    ],
)
def test_method_and_software_are_named_where_a_formula_made_the_number(tmp_path: Path, facts: dict[str, Any], kinds: list[str]) -> None:
    (change,) = compared(tmp_path, [row(basis=facts.get("basis", "published"))], [row(value=1, **facts)], **EDITED).changes
    assert [cause.kind for cause in change.causes] == kinds


def test_the_source_that_goes_first_now_is_named(tmp_path: Path) -> None:
    (change,) = compared(tmp_path, [row(source="A; B")], [row(source="B; A", value=1)]).changes
    assert Names("en").because(change.causes) == "source B has precedence now"


@pytest.mark.parametrize(
    ("edition", "facts", "said"),
    [
        ("a/2", {}, "edition a/2 was added"),
        ("a/1", {}, "not known: its row, and the report's data, method, notebook and software are as before"),
        ("a/1", {"notebook": {"name": "q"}}, "the notebook q was edited"),
        ("a/1", {"notebook": {"name": "q"}, "reads": {FIGURES: "1" * 16, "figures/sipas/2023": "2" * 16, "reference/sipas": "2" * 16}}, "the notebook q was edited"),
        ("a/1", {"reads": {FIGURES: "2" * 16}, "notebook": {"name": "q"}}, "the figures of PAR INDEX 2023 changed; the notebook q was edited"),
        ("a/1", {"reads": {FIGURES: "1" * 16, "figures/par_index/2024": "2" * 16}}, "the figures of PAR INDEX 2024 changed"),
        ("a/1", {"reads": {FIGURES: "1" * 16, "figures/operations/2023/30": "2" * 16}}, "the figures of work on reform 2023 changed"),
    ],
)
def test_a_row_that_came_comes_of_an_edition_only_where_that_came_too(tmp_path: Path, edition: str, facts: dict[str, Any], said: str) -> None:
    (change,) = compared(tmp_path, [row()], [row(), row(measure="rank", edition=edition)], **facts).changes
    assert Names("en").because(change.causes) == said


def test_whole_reports_that_come_and_go_say_so(tmp_path: Path) -> None:
    make_report(tmp_path / "reports", [row()])
    found = finished.reports(tmp_path / "reports")
    new = numbers_diff.diff(found, published.recall(tmp_path / "state"), Gate(new_reports="ask"))
    published.remember(found, tmp_path / "state")
    gone = numbers_diff.diff([], published.recall(tmp_path / "state"), Gate(allowed=100))
    assert [Names("en").because(diff.counted[0].first.causes) for diff in (new, gone)] == ["the report is published for the first time", "the report is not there any more"]


def test_nothing_left_is_never_few_enough(tmp_path: Path) -> None:
    make_report(tmp_path / "reports", [row()])
    published.remember(finished.reports(tmp_path / "reports"), tmp_path / "state")
    assert not numbers_diff.diff([], published.recall(tmp_path / "state"), Gate(allowed=100)).is_within


def test_the_hash_is_that_of_what_counts(tmp_path: Path) -> None:
    gate = Gate(tolerance={"points": 0.5})
    old = [row(), row(measure="rank", value=22, unit_of_measure="place")]
    one = compared(tmp_path / "1", old, [old[0], {**old[1], "value": 21}], gate)
    slight = compared(tmp_path / "2", old, [row(value=87.9), {**old[1], "value": 21}], gate)
    other = compared(tmp_path / "3", old, [old[0], {**old[1], "value": 20}], gate)
    elsewhere = compared(tmp_path / "4", old, [old[0], {**old[1], "value": 21, "edition": "a/2"}], gate)
    assert one.digest == slight.digest
    assert len({one.digest, other.digest, elsewhere.digest}) == 3


HOSTILE = row(value=1, unit_name="=HYPERLINK(1)<script>alert(1)</script>\x1b[2J", note="</td>")


def test_the_text_is_short_and_says_what_moved_most(tmp_path: Path) -> None:
    old = [row(node=f"domain:{no}", value=no) for no in range(40)]
    new = [row(node=f"domain:{no}", value=no + no / 10) for no in range(40)]
    lines = list(diff_text.lines(compared(tmp_path, old, new)))
    assert lines[0] == "39 numbers changed since the last publication, in 1 report:"
    assert lines[2] == "moved    Hai Duong, 2023, PAR INDEX · 39. Domain 39 · score (in “Tổng điểm”): 39 → 42.9 points (+3.9), in 1 report"
    assert "34 more" in lines[7]
    assert len(lines) < 12


def test_a_number_of_one_section_says_which(tmp_path: Path) -> None:
    """The score in a check of an article is another number than the score that the report is about."""
    everywhere = [row(section=section) for section in ("Tổng điểm", "Xếp hạng")]
    old, new = [*everywhere, row(section="Bài báo", value=1)], [{**one, "value": 88} for one in [*everywhere, row(section="Bài báo")]]
    moved = {number.first.old["value"]: number.section("vi") for number in compared(tmp_path, old, new).counted if number.first.old}
    assert moved == {87.84: "", 1: "Bài báo"}
    assert "trong phần “Bài báo”" in diff_page.write(compared(tmp_path / "page", old, new), "vi").decode()


def test_a_tolerance_can_be_set_for_every_unit_of_measure() -> None:
    assert set(number_names.UNITS) <= set(UNITS)
    assert Gate(tolerance={"thousand_files": 1}).tolerance == {"thousand_files": 1}  # of somebody's own notebook


def test_the_table_has_every_row_and_no_formula(tmp_path: Path) -> None:
    content = diff_text.table(compared(tmp_path, [row(), row(measure="rank")], [HOSTILE, row(measure="rank", value=2)])).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(content)))
    assert [(line["old_value"], line["new_value"]) for line in lines] == [("87.84", "1"), ("87.84", "2")]
    assert lines[0]["unit_name"].startswith("'=HYPERLINK")


def test_the_page_escapes_what_it_shows_in_both_languages(tmp_path: Path) -> None:
    diff = compared(tmp_path, [row()], [HOSTILE])
    for lang, said in (("vi", "Đã thay đổi"), ("en", "Moved")):
        page = diff_page.write(diff, lang).decode()  # type: ignore[arg-type]
        assert "<script>" not in page
        assert f'lang="{lang}"' in page
        assert said in page
        assert "par accept 1" in page
        assert page.encode() == diff_page.write(diff, lang)  # type: ignore[arg-type]
