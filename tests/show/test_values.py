"""Numbers as the reader sees them, and the row that goes with each."""

from __future__ import annotations

import math
from typing import Any

import pytest

from par_analysis.model import FIGURES
from par_analysis.show.language import Words
from par_analysis.show.values import Shown, rich, text_of


def figure(value: float, **other: Any) -> dict[str, Any]:
    base: dict[str, Any] = dict.fromkeys(FIGURES, "") | {"index": "par_index", "unit": "30", "year": 2023, "node": "total", "measure": "score"}
    base |= {"out_of": math.nan, "basis": "published"}
    return base | {"value": value, "unit_of_measure": "points"} | other


@pytest.mark.parametrize(
    ("met", "vi", "en"),
    [
        (figure(87.84), "87,84", "87.84"),
        (figure(91.8), "91,80", "91.80"),
        (figure(4.32, measure="score_change"), "+4,32", "+4.32"),
        (figure(-4.34, measure="gap_leader"), "−4,34", "−4.34"),
        (figure(-0.001, measure="score_change"), "0,00", "0.00"),
        (figure(22.0, measure="rank", unit_of_measure="place"), "22", "22"),
        (figure(2.0, measure="mean_shift_mpi", unit_of_measure="place"), "2,0", "2.0"),
        (figure(183000, index="operations", qualifier="<~", unit_of_measure="count"), "gần 183.000", "nearly 183,000"),
        (figure(1e6, index="operations", qualifier=">", unit_of_measure="count"), "hơn 1.000.000", "more than 1,000,000"),
        (figure(99.7, index="operations", unit_of_measure="percent"), "99,7%", "99.7%"),
        (figure(98, index="operations", qualifier="~", unit_of_measure="percent"), "khoảng 98%", "about 98%"),
        (figure(0.6383, index="operations", unit_of_measure="index"), "0,6383", "0.6383"),
    ],
)
def test_number_in_both_notations(met: dict[str, Any], vi: str, en: str) -> None:
    assert (text_of(met, Words("vi")), text_of(met, Words("en"))) == (vi, en)


def test_every_number_written_is_a_row_with_its_source() -> None:
    shown = Shown(Words("vi", {"30": "Hải Dương"}))
    shown(figure(87.84, source="https://x.gov.vn", edition="e/1"))
    shown.place(figure(22.0, measure="rank", unit_of_measure="place", out_of=63.0))
    assert [(row["shown"], row["unit_name"]) for row in shown.rows] == [("87,84", "Hải Dương"), ("22/63", "Hải Dương")]
    assert shown.rows[0]["source"] == "https://x.gov.vn"
    assert shown.rows[0]["out_of"] is None


def test_missing_figure_is_a_dash_and_no_row() -> None:
    shown = Shown(Words("vi"))
    assert (shown(None), shown(figure(math.nan)), shown.place(None), shown.rows) == ("–", "–", "–", [])


def test_nothing_in_a_part_is_read_as_a_placeholder() -> None:
    assert rich("{unit} ranked {rank}.", unit="{rank}", rank="<b>1</b>") == [{"text": "{rank}"}, {"text": " ranked "}, {"text": "<b>1</b>"}, {"text": "."}]
