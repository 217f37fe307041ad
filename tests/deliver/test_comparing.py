"""Whether the numbers of a PDF are those of the current data is never said without a look at them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
import typst

from par_analysis.deliver import remaking
from par_analysis.deliver.comparing import numbers_now
from par_analysis.deliver.remaking import Current
from par_analysis.errors import RequestError
from par_analysis.run.verify import notebook_identity
from par_analysis.show.blocks import MIME

NOW = {"report": "targets", "rank": 5, "data": "1"}


def pdf(words: str) -> bytes:
    return typst.compile(words.encode())


@pytest.mark.parametrize(
    ("page", "met", "words", "state"),
    [
        ("Score: 41,75; rank 5.", {}, "", "layout"),
        ("Score: 41,76; rank 5.", {}, "", "other"),
        ("Score: 41,75; rank 5.", {"data": "2"}, "", "other"),
        ("Score 41,75, rank 5. Our words: 9.", {"words": "b"}, "", "words"),
        ("Score 41,75.", {"words": "b"}, "", "other"),
        ("Score 41,75.", {"words": "b"}, "Our 5 words", "words"),
        ("Table 3 Score 41,75, rank 5", {"words": "b"}, "Our Table 3", "words"),
    ],
)
def test_a_page_that_is_not_the_one_made_now_is_compared_figure_by_figure(page: str, met: dict[str, Any], words: str, state: str) -> None:
    found = numbers_now(pdf(page), NOW | met, Current(pdf("Score 41,75, rank 5"), NOW, words))
    assert found.state == state


def test_figures_that_differ_are_named() -> None:
    found = numbers_now(pdf("41,76"), NOW, Current(pdf("41,75"), NOW))
    assert found.why == "the same data, but the page was made by another version, and 2 figures (41,75 41,76) stand on one of the two only"


def job(**identity: Any) -> Any:
    usual = {"report": "targets", "index": "par_index", "unit": "30", "year": 2023, "lang": "vi", "derived": True, "data": "1"}
    return remaking._jobs(usual | identity, Path("reports"), ("pdf",))[0]


def test_the_report_that_is_made_again_is_the_very_one_with_its_own_settings() -> None:
    assert job(rank=5).folder.name == "vi-rank-5"
    assert job(rank=5).unusual == (("rank", 5),)
    assert job().unusual == ()
    assert job(derived=False).unusual == (("derived", False),)


def test_the_report_that_is_made_again_is_about_the_same_unit_year_and_language() -> None:
    asked = [("province", {"unit": "33", "year": 2020}), ("targets", {"unit": "01", "year": 2022}), ("national", {"unit": "VN", "year": 2022}), ("data_quality", {"unit": "VN"})]
    for report, facts in asked:
        for lang in ("vi", "en"):
            identity = {"report": report, "index": "par_index", "lang": lang, **facts}
            (made,) = remaking._jobs(identity | {"data": "1", "words": "2"}, Path("reports"), ("pdf",))
            assert made.identity == identity


def test_what_a_file_says_that_its_report_does_not_take_is_named() -> None:
    with pytest.raises(RequestError, match="the file names floor, which targets does not take now"):
        job(floor=5)


def test_files_name_settings_that_are_not_the_usual_ones_and_the_state_of_the_words() -> None:
    cover = {"kind": "cover", "identity": dict(job().identity)}
    v4: Any = nbformat.v4
    output = v4.new_output("display_data", data={MIME: {"blocks": [cover]}})
    page = v4.new_notebook(cells=[v4.new_code_cell("", outputs=[output])])
    said = notebook_identity(page, job(rank=5), "1", "2")
    assert said == {**job().identity, "data": "1", "rank": 5, "words": "2"}
