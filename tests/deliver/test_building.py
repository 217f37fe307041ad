"""The steps that get figures and make reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from par_analysis import catalog
from par_analysis.catalog import recorded_file
from par_analysis.deliver import building
from par_analysis.deliver.building import Building, Fetching
from par_analysis.deliver.settings import read
from par_analysis.errors import DataError, ParError, RequestError, UnknownName
from par_analysis.run.known import Known
from tests import tables
from tests.run.test_fetch import MASTER, Site, content, status
from tests.toys import make_known


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server on which a source lies whose publisher may replace its file."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PAR_ROOT", str(tables.checkout(tmp_path / "checkout")))
    running = Site()
    running.answers["/main.csv"] = content(MASTER)
    tables.publish(tmp_path / "checkout", "loose", [("main", running.url("/main.csv"), "")], like="par_master")
    catalog.forget()
    yield running
    catalog.forget()
    running.server.shutdown()
    running.server.server_close()


def fetch(*, look_again: bool = True) -> building.Done:
    return building.fetch(Fetching(sources=["loose"], look_again=look_again))


def test_what_came_is_an_edition_for_the_steps_behind(site: Site) -> None:
    assert (fetch().said, "loose/main" in catalog.load().editions) == (("loose/main came",), True)
    assert fetch(look_again=False) == building.Done(0, ("1 files are there already",))
    assert len(site.asked) == 1


def test_a_file_that_its_publisher_replaced_is_taken_where_it_is_looked_at_again(site: Site) -> None:
    fetch()
    edition = catalog.load().editions["loose/main"]
    noted = recorded_file(catalog.load().source("loose").files[0]).read_text()
    assert (fetch().changed, catalog.load().editions["loose/main"] is edition) == (0, True)
    assert recorded_file(catalog.load().source("loose").files[0]).read_text() == noted
    site.answers["/main.csv"] = content(MASTER.replace(b"87.84", b"87.94"))
    assert fetch(look_again=False).changed == 0
    assert fetch().changed == 1
    assert catalog.load().editions["loose/main"] is not edition


def test_a_file_that_does_not_come_fails_the_step_and_says_which(site: Site) -> None:
    site.answers["/main.csv"] = status(503)
    with pytest.raises(ParError, match=r"1 of 1 files did not come\n  loose/main: .*503"):
        fetch()


def test_figures_that_are_wrong_fail_the_step(site: Site) -> None:
    site.answers["/main.csv"] = content(MASTER.replace(b"87.84", b"187.84"))
    with pytest.raises((DataError, ParError), match="187"):
        fetch()
    assert not recorded_file(catalog.load().source("loose").files[0]).exists()


@pytest.fixture
def here(tmp_path: Path) -> Known:
    return make_known(tmp_path)


def asked(here: Known, **table: object) -> list[dict[str, list[object]]]:
    return list(building._requests(read(Building, {"report": "province", **table}, file="pipeline.toml"), here, {"index": "par_index"}))


def test_a_build_is_asked_for_as_on_the_command_line(here: Known) -> None:
    assert asked(here, year="2012-2014", unit=["30", "hai phong"], lang="vi,en", set={"rank": 10, "derived": False}) == [
        {"year": ["2012-2014"], "unit": ["30", "hai phong"], "lang": ["vi,en"], "rank": [10], "derived": [False]}
    ]


def test_the_latest_year_is_that_of_each_index(here: Known) -> None:
    assert asked(here, year="latest", index="par_index, sipas") == [{"index": ["par_index"], "year": [2024]}, {"index": ["sipas"], "year": [2023]}]
    assert asked(here, year="latest") == [{"index": ["par_index"], "year": [2024]}]


def test_all_years_are_those_with_data(here: Known) -> None:
    assert asked(here, year="all", index="SIPAS") == [{"index": ["SIPAS"], "year": [2017, 2018, 2023]}]


def test_a_year_that_follows_the_data_stands_alone(here: Known) -> None:
    with pytest.raises(RequestError, match=r"'2012' stands alone|'latest' stands alone"):
        asked(here, year=["latest", 2012])
    with pytest.raises(UnknownName, match="did you mean 'sipas'"):
        asked(here, year="latest", index="sipass")
