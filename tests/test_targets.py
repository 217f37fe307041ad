"""The report on a target rank, built as a user builds it, for an index of which everything is known and for one of which little is."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.building import build
from tests.conftest import SHARED
from tests.test_reports import METHOD, maxima, numbers_in, numerals

MIRROR = SHARED / "mirror" / "raw.githubusercontent.com"
TARGET = {"10"}
"""The rank that is asked for."""


@pytest.fixture(scope="module")
def papi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 2023: a province in the middle, for rank 10 and for one that nobody holds; the leader, the last one, one without a total."""
    if not MIRROR.is_dir():
        pytest.skip("the mirror in ../shared is absent")
    cache, out = tmp_path_factory.mktemp("cache"), tmp_path_factory.mktemp("papi")
    shutil.copytree(MIRROR, cache / MIRROR.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAR_CACHE", str(cache))
        for words in (("--unit", "30", "--lang", "vi,en", "--set", "rank=10,62"), ("--unit", "46,67,22", "--lang", "en")):
            done = build(out, "targets", "--index", "papi", "--year", "2023", *words, "--format", "html")
            assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def par_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("par_index")
    done = build(out, "targets", "--index", "par_index", "--unit", "30", "--year", "2023", "--lang", "vi,en")
    assert done.returncode == 0, done.stderr
    return out


def page(out: Path, place: str) -> BeautifulSoup:
    (path,) = next(out.rglob(f"{place}/numbers.csv")).parent.glob("*.html")
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def text(out: Path, place: str) -> str:
    return re.sub(r"\s+", " ", page(out, place).get_text(" "))


def shown(out: Path, place: str) -> set[str]:
    with next(out.rglob(f"{place}/numbers.csv")).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {token for row in rows for token in numerals(row["shown"])} | maxima(rows, "vi" if place.endswith("vi") else "en")


@pytest.mark.parametrize(("lang", "need", "median"), [("vi", "+2,57", "+3,1"), ("en", "+2.57", "+3.1")])
def test_the_page_says_what_rank_ten_takes(papi: Path, lang: str, need: str, median: str) -> None:
    said = text(papi, f"30-hai-duong/{lang}")
    assert need in said
    assert median in said


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_number_on_the_page_is_a_row(papi: Path, par_index: Path, lang: str) -> None:
    for out in (papi, par_index):
        place = f"30-hai-duong/{lang}"
        main = page(out, place).find("main") or pytest.fail("no main")
        assert sorted(set(numbers_in(main)) - shown(out, place) - METHOD - TARGET) == []


def test_the_leader_may_lose_and_has_no_way_to_go(papi: Path) -> None:
    said = text(papi, "46-thua-thien-hue/en")
    assert "holds rank 1/61 and so has rank 10 or a better one" in said
    assert "is first: there is no better rank" in said
    assert "has rank 10 or a better one already" in said


def test_the_last_one_has_a_long_way(papi: Path) -> None:
    said = text(papi, "67-dak-nong/en")
    assert "From rank 61/61" in said
    assert "The cheapest way to rank 10 raises" in said


def test_a_province_without_a_total_gets_a_page_that_says_so(papi: Path) -> None:
    said = text(papi, "22-quang-ninh/en")
    assert "so what a rank takes cannot be said" in said
    assert not page(papi, "22-quang-ninh/en").select("main figure")


def test_a_rank_beyond_the_ranked_is_said_to_be_none(papi: Path) -> None:
    assert "Only 61 provinces are ranked: nobody can hold rank 62." in text(papi, "30-hai-duong/en-rank-62")


def test_where_little_is_known_limits_are_given_and_the_rest_is_absent(par_index: Path) -> None:
    said = text(par_index, "30-hai-duong/en")
    assert "The scores of the others are known in part, so it is not said how they may move." in said
    assert "so no way to the rank can be reckoned" in said
    assert "more, as long as all others stay where they are" in said
