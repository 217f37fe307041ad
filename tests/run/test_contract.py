"""A notebook's parameters cell is either something the library can check, or an error that says all that is wrong."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from par_analysis.errors import RequestError, UnknownName
from par_analysis.run.contract import ContractError, Parameter, find_notebook, notebooks, parse_parameters, read_contract

COMPLETE = 'index: "Index" = "par_index"\nyear: "Year" = 2023\nlang: "Language" = "vi"'


def problems(source: str, *, tag: str = "parameters") -> list[str]:
    return parse_parameters([{"cell_type": "code", "source": source, "metadata": {"tags": [tag]}}])[1]


def test_annotated_literals_are_the_contract() -> None:
    cell = {"cell_type": "code", "source": COMPLETE + '\nunit: "Unit" = None\nderived: "Flag" = True\nrank: "Rank" = 10', "metadata": {"tags": ["parameters"]}}
    parameters, found = parse_parameters([cell])
    assert not found
    assert parameters[1] == Parameter("year", "Year", 2023, 2)
    assert parameters[3].default is None
    assert parameters[4] == Parameter("derived", "Flag", True, 5)
    assert parameters[5] == Parameter("rank", "Rank", 10, 6)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("year = 2023", "not an annotated literal"),
        ("year: Year = 2023", "in quotes"),
        ('year: "Yaer" = 2023', "did you mean Year"),
        ('year: "int" = 2023', "unknown type 'int'"),
        ('year: "Year" = 2000 + 23', "not a literal: 2000 + 23"),
        ('year: "Year" = f"20{23}"', "not a literal"),
        ('year: "Year"', "not a literal: nothing"),
        ('year: "Year" = "2023"', "'2023' is not a default for Year"),
        ('year: "Year" = True', "True is not a default for Year"),
        ('flag: "Flag" = 1', "1 is not a default for Flag"),
        ('rank: "Rank" = 0', "0 is not a default for Rank"),
        ('rank: "Rank" = True', "True is not a default for Rank"),
        ('index: "Index" = b"par_index"', "not a default"),
        ('näme: "Unit" = "30"', "ASCII"),
        ("import os", "not an annotated literal"),
        ("print(1)", "not an annotated literal"),
        ('a.b: "Year" = 1', "not an annotated literal"),
        ('year: "Year" =', "line 4"),
        ('year: "Year" = 2022', "declared twice"),
        ('unit: "Year" = 2022', "unit is of type Unit"),
    ],
)
def test_everything_else_is_a_violation(line: str, said: str) -> None:
    found = problems(f"{COMPLETE}\n{line}")
    assert any(said in problem and problem.startswith("line 4") for problem in found), found


def test_all_violations_are_listed_with_their_lines() -> None:
    found = problems('index = "par_index"\nyear: "Year" = now()\nlang: "Lang" = "vi"')
    assert [problem.split(":")[0] for problem in found] == ["line 1", "line 2", "line 3"]


def test_what_a_report_is_about_has_to_be_declared() -> None:
    assert problems('year: "Year" = 2023') == ['no parameter index: "Index"', 'no parameter lang: "Language"']


def test_a_report_may_be_about_all_years_and_the_whole_country() -> None:
    assert problems('index: "Index" = "par_index"\nlang: "Language" = "vi"') == []


def test_a_notebook_has_exactly_one_parameters_cell() -> None:
    cell = {"cell_type": "code", "source": COMPLETE, "metadata": {"tags": ["parameters"]}}
    assert problems(COMPLETE, tag="other") == ['no code cell is tagged "parameters"']
    assert parse_parameters([cell, cell])[1][0].startswith("2 cells are tagged")


def test_no_code_runs_before_the_parameters() -> None:
    before = {"cell_type": "code", "source": "x = 1", "metadata": {}}
    cell = {"cell_type": "code", "source": COMPLETE, "metadata": {"tags": ["parameters"]}}
    assert "before the parameters cell" in parse_parameters([before, cell])[1][0]


def test_an_executed_copy_is_no_report_type() -> None:
    cell = {"cell_type": "code", "source": COMPLETE, "metadata": {"tags": ["parameters"]}}
    injected = {"cell_type": "code", "source": "year = 1", "metadata": {"tags": ["injected-parameters"]}}
    assert "executed copy" in parse_parameters([cell, injected])[1][0]


def test_violations_are_one_request_error_that_survives_pickling(tmp_path: Path) -> None:
    path = tmp_path / "toy.ipynb"
    path.write_text(json.dumps(new_notebook(cells=[new_code_cell("year = 1", metadata={"tags": ["parameters"]})])))
    with pytest.raises(ContractError) as caught:
        read_contract(path)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.exit_code == 2
    assert again.problems == caught.value.problems
    assert str(again) == str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": [{"cell_type": "code"}]}', "\x00"])
def test_a_file_that_is_no_notebook_is_a_request_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "toy.ipynb"
    path.write_text(content)
    with pytest.raises(RequestError, match="is not a notebook"):
        read_contract(path)


def test_only_codes_are_report_names(tmp_path: Path) -> None:
    for name in ("province.ipynb", "...ipynb", "Báo cáo.ipynb", ".hidden.ipynb", "a b.ipynb"):
        (tmp_path / name).touch()
    assert list(notebooks(tmp_path)) == ["province"]


def test_unknown_report_says_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "province.ipynb").touch()
    with pytest.raises(UnknownName, match="did you mean 'province'"):
        find_notebook("Provnce", tmp_path)
