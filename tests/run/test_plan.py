"""A request becomes jobs only when every value of the whole batch is good and every output has a place of its own."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.run.contract import Contract
from par_analysis.run.known import Known
from par_analysis.run.plan import InvalidRequest, Job, Request, plan, require_distinct_folders, slug, unit_slug

NATIONAL = 'index: "Index" = "par_index"\nyear: "Year" = 2023\nlang: "Language" = "vi"'

ALL_YEARS = 'index: "Index" = "par_index"\nlang: "Language" = "vi"'


def findings(request: Request, contract: Contract, known: Known) -> tuple[str, ...]:
    with pytest.raises(InvalidRequest) as caught:
        plan(request, contract, known)
    assert caught.value.exit_code == 2
    return caught.value.findings


def test_nothing_asked_for_means_the_notebooks_defaults(toy: Contract, known: Known) -> None:
    (job,) = plan(Request(), toy, known)
    assert dict(job.parameters) == {"index": "par_index", "unit": "30", "year": 2023, "lang": "vi", "derived": True}
    assert job.folder.as_posix() == "reports/2023/toy/par_index/30-hai-duong/vi"
    assert [job.file(kind) for kind in job.formats] == ["30-hai-duong-par-index-2023.vi.html", "30-hai-duong-par-index-2023.vi.pdf"]


def test_a_report_of_the_country_has_no_unit_folder(toy_with: Callable[..., Contract], known: Known) -> None:
    (job,) = plan(Request(), toy_with(parameters=NATIONAL), known)
    assert job.folder.as_posix() == "reports/2023/toy/par_index/vi"
    assert job.stem == "vn-viet-nam-par-index-2023"
    assert job.identity["unit"] == "VN"


def test_a_report_about_all_years_has_no_year(toy_with: Callable[..., Contract], known: Known) -> None:
    (job,) = plan(Request(), toy_with(parameters=ALL_YEARS), known)
    assert job.folder.as_posix() == "reports/all-years/toy/par_index/vi"
    assert job.file("html") == "par-index-toy.vi.html"
    assert job.identity == {"report": "toy", "index": "par_index", "lang": "vi", "unit": "VN"}
    assert job.label == "toy par_index VN vi"


def test_a_year_for_a_report_about_all_years_is_refused(toy_with: Callable[..., Contract], known: Known) -> None:
    contract = toy_with(parameters=ALL_YEARS)
    assert findings(Request({"year": ["2023"], "unit": ["30"]}), contract, known) == (
        "unknown parameter 'year': toy is about all years",
        "unknown parameter 'unit': toy is about the whole country",
    )


def test_a_unit_of_a_report_about_all_years_is_one_of_the_last_year(toy_with: Callable[..., Contract], known: Known) -> None:
    looked_up = []

    def resolve(name: str, year: int) -> str:
        looked_up.append(year)
        return known.resolve_unit(name, year)

    (job,) = plan(Request({"unit": ["hai duong"]}), toy_with(parameters=ALL_YEARS + '\nunit: "Unit" = None'), replace(known, resolve_unit=resolve))
    assert looked_up == [2024]
    assert job.folder.as_posix() == "reports/all-years/toy/par_index/30-hai-duong/vi"
    assert job.stem == "30-hai-duong-par-index-toy"


def test_an_index_without_data_has_no_report_about_all_years(toy_with: Callable[..., Contract], known: Known) -> None:
    assert findings(Request(), toy_with(parameters=ALL_YEARS), replace(known, years=lambda _: ())) == ("index: par_index has no data; par fetch lists what can be downloaded",)


def test_thirteen_years_of_63_units_in_two_languages_are_1638_jobs(toy: Contract, known_of: Callable[..., Known], tmp_path: Path) -> None:
    known = known_of(tmp_path, {f"{number:02d}": f"Tỉnh {number}" for number in range(1, 64)})
    jobs = plan(Request({"year": ["2012-2024"], "unit": ["all"], "lang": ["vi,en"]}), toy, known)
    assert len(jobs) == 13 * 63 * 2
    assert len({job.folder for job in jobs}) == len(jobs)
    assert [job.lang for job in jobs[:4]] == ["vi", "en", "vi", "en"]


def test_names_are_taken_in_any_spelling_and_once(toy: Contract, known: Known) -> None:
    jobs = plan(Request({"unit": ["hai duong, HẢI DƯƠNG", "30", "Đắk Lắk"], "index": ["PAR-Index"], "lang": ["VI"]}), toy, known)
    assert [job.identity["unit"] for job in jobs] == ["30", "66"]


def test_every_finding_of_a_batch_is_reported_at_once(toy: Contract, known: Known) -> None:
    request = Request({"unti": ["30"], "unit": ["hai duog", "R1"], "year": ["20x3", "2031"], "lang": ["fr"], "index": ["par_indx"], "derived": ["maybe"]}, ["doc"])
    found = "\n".join(findings(request, toy, known))
    for said in (
        "unknown parameter 'unti': did you mean 'unit'?",
        "unknown format 'doc': did you mean 'docx'?",
        "unknown unit 'hai duog': did you mean 'Hải Dương'",
        "'R1' is Đồng bằng sông Hồng (R1), which is not among the 4 units ranked in 2023",
        "'20x3' is not a year",
        "unknown language 'fr'",
        "unknown index 'par_indx': did you mean 'par_index'?",
        "'maybe' is neither true nor false",
    ):
        assert said in found


def test_a_year_without_data_is_refused(toy: Contract, known: Known) -> None:
    assert findings(Request({"index": ["sipas"], "year": ["2016-2018"]}), toy, known) == ("year: sipas has no data for 2016: known are 2017-2018, 2023",)


def test_a_range_far_beyond_the_data_is_one_finding(toy: Contract, known: Known) -> None:
    (found,) = findings(Request({"year": ["0000-9999"]}), toy, known)
    assert found == "year: par_index has no data for 0, 1, 2, 3, 4, 5 and 9981 more: known are 2012-2024"


def test_a_name_unknown_in_some_years_says_in_which(toy: Contract, known: Known) -> None:
    def resolve(name: str, year: int) -> str:
        if year < 2014:
            raise UnknownName("unit", name, [])
        return "30"

    assert findings(Request({"year": ["2012-2015"]}), toy, replace(known, resolve_unit=resolve)) == ("unit: unknown unit '30' (in 2012-2013)",)


@pytest.mark.parametrize("text", ["2024-2012", "023", "2023.0", "٢٠٢٣", "2023 2024", "-2023", "True"])
def test_mistyped_years_are_refused(toy: Contract, known: Known, text: str) -> None:
    assert findings(Request({"year": [text]}), toy, known)


def test_a_rank_is_a_whole_number_among_the_ranked(toy_with: Callable[..., Contract], known: Known) -> None:
    contract = toy_with(parameters=NATIONAL + '\nrank: "Rank" = 2')
    usual, first = plan(Request({"rank": ["2,1"]}), contract, known)
    assert [dict(job.parameters)["rank"] for job in (usual, first)] == [2, 1]
    assert [job.folder.name for job in (usual, first)] == ["vi", "vi-rank-1"]
    for text in ("0", "-1", "1.5", "first", "٢"):
        assert findings(Request({"rank": [text]}), contract, known) == (f"rank: {text!r} is not a rank: a whole number from 1 on",)
    assert findings(Request({"rank": ["5"], "year": ["2022-2023"]}), contract, known) == ("rank: 5 is no rank among 4 units (in 2022-2023)",)


def test_a_parameter_without_a_default_has_to_be_given(toy_with: Callable[..., Contract], known: Known) -> None:
    contract = toy_with(parameters=NATIONAL + '\nunit: "Unit" = None')
    assert findings(Request(), contract, known) == ("unit: a value is missing",)
    assert findings(Request({"unit": ["30,"]}), contract, known) == ("unit: a value is missing",)
    assert len(plan(Request({"unit": ["30"]}), contract, known)) == 1


def test_values_are_plain_python_whatever_was_given(toy: Contract, known: Known) -> None:
    (job,) = plan(Request({"year": [np.int64(2023)], "derived": [np.False_], "unit": [np.str_("30")]}), toy, known)
    assert [type(value) for _, value in job.parameters] == [str, str, int, str, bool]
    assert dict(job.parameters)["derived"] is False


def test_other_settings_do_not_overwrite_the_usual_report(toy_with: Callable[..., Contract], known: Known) -> None:
    contract = toy_with(parameters=NATIONAL + '\nderived: "Flag" = True\nbase_year: "Year" = 2022')
    usual, other = plan(Request({"derived": ["true", "false"]}), contract, known)
    (third,) = plan(Request({"base_year": [2019]}), contract, known)
    assert usual.folder.name == "vi"
    assert other.folder.name == "vi-no-derived"
    assert other.file("pdf") == "vn-viet-nam-par-index-2023-no-derived.vi.pdf"
    assert third.folder.name == "vi-base-year-2019"


def test_two_jobs_for_one_folder_are_refused_before_anything_runs(toy: Contract, known: Known) -> None:
    (job,) = plan(Request(), toy, known)
    for folder in (job.folder, job.folder.with_name("VI"), job.folder / "en"):
        with pytest.raises(InvalidRequest, match=r"both be written to|within the report folder"):
            require_distinct_folders([job, replace(job, folder=folder)])


def test_units_that_differ_in_code_only_have_folders_of_their_own(toy: Contract, known_of: Callable[..., Known], tmp_path: Path) -> None:
    jobs = plan(Request({"unit": ["all"]}), toy, known_of(tmp_path, {"30": "Hòa Bình", "31": "Hoà Binh", "32": "???"}))
    assert [job.folder.parent.name for job in jobs] == ["30-hoa-binh", "31-hoa-binh", "32"]


@pytest.mark.parametrize("code", ["", "..", "../x", "a/b", "-x", "30 ", "30\n", "3\x000"])
def test_a_code_that_is_no_file_name_is_refused(known: Known, code: str) -> None:
    with pytest.raises(RequestError, match="cannot name a folder"):
        unit_slug(code, known)


@given(st.text())
def test_slugs_are_harmless_whatever_the_name(name: str) -> None:
    assert set(slug(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug(slug(name)) == slug(name)


@given(name=st.text())
def test_no_name_leads_out_of_the_output_folder(known_of: Callable[..., Known], name: str) -> None:
    place = unit_slug("30", known_of(Path("root"), {"30": name}))
    assert place.startswith("30")
    assert Path("out", place).resolve().parent == Path("out").resolve()


def test_a_job_can_be_sent_to_another_process(toy: Contract, known: Known) -> None:
    jobs = plan(Request({"unit": ["all"]}), toy, known)
    assert pickle.loads(pickle.dumps(jobs)) == jobs
    assert isinstance(jobs[0], Job)


def test_an_invalid_request_survives_pickling(toy: Contract, known: Known) -> None:
    with pytest.raises(InvalidRequest) as caught:
        plan(Request({"year": ["x"]}), toy, known)
    assert pickle.loads(pickle.dumps(caught.value)).findings == caught.value.findings
