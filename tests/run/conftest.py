"""Toy report types and a toy catalogue: what the run layer needs to be tested without the real data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from par_analysis.errors import UnknownName, nearest
from par_analysis.run.contract import Contract, read_contract
from par_analysis.run.known import Known
from par_analysis.run.plan import slug

PARAMETERS = 'index: "Index" = "par_index"\nunit: "Unit" = "30"\nyear: "Year" = 2023\nlang: "Language" = "vi"\nderived: "Flag" = True'

COVER = """
from par_analysis.show.blocks import cover, paragraph
place = dict(index=index, unit=unit, year=year, period="")
row = dict(place, node="total", measure="score", value=87.84, shown="87,84", unit_of_measure="points", out_of=100.0, basis="published")
row = dict(row, source="https://example.org/a", edition="e", note="")
identity = dict(report="toy", index=index, unit=unit, year=year, lang=lang, derived=derived)
cover(identity, title="T", subtitle="S", kicker="K", headlines=[], lead=[], author="A", numbers=[row])
"""

CHANGE = """
paragraph([{"text": "+4,32"}], numbers=[dict(row, measure="score_change", value=4.32, shown="+4,32", qualifier="~", note="=HYPERLINK(1)")])
"""

NAMES = {"30": "Hải Dương", "31": "Hải Phòng", "66": "Đắk Lắk", "77": "Bà Rịa - Vũng Tàu", "R1": "Đồng bằng sông Hồng", "VN": "Việt Nam"}


def write_notebook(path: Path, *codes: str, parameters: str | None = PARAMETERS, tags: tuple[str, ...] = ("parameters",)) -> Path:
    """A notebook with a title, a parameters cell, a section and cells of code."""
    cells = [new_markdown_cell("# Toy report")]
    if parameters is not None:
        cells.append(new_code_cell(parameters, metadata={"tags": list(tags)}))
    cells += [new_markdown_cell("## How good is it?"), *(new_code_cell(code.strip()) for code in codes)]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def known(tmp_path: Path) -> Known:
    """Two indices, the years 2012 to 2024, four provinces."""
    return make_known(tmp_path)


@pytest.fixture(scope="session")
def known_of() -> Callable[..., Known]:
    """Makes a catalogue over units of other names."""
    return make_known


def make_known(root: Path, names: dict[str, str] | None = None) -> Known:
    """A toy catalogue over units of these names; codes of two digits are ranked provinces."""
    units = names or NAMES
    codes = {slug(name): code for code, name in units.items()} | {code.casefold(): code for code in units}
    provinces = tuple(code for code in units if code.isdigit())

    def resolve(name: str, _: int) -> str:
        if slug(name) not in codes:
            raise UnknownName("unit", name, list(units.values()), suggestions=[units[codes[near]] for near in nearest(slug(name), codes)])
        return codes[slug(name)]

    return Known(
        root=root,
        indices=("par_index", "sipas"),
        unit_names={code: {"vi": name, "en": slug(name)} for code, name in units.items()},
        years=lambda index: tuple(range(2012, 2025)) if index == "par_index" else (2017, 2018, 2023),
        provinces=lambda _: provinces,
        resolve_unit=resolve,
    )


@pytest.fixture
def toy(tmp_path: Path) -> Contract:
    """The contract of a report type that works."""
    return read_contract(write_notebook(tmp_path / "notebooks" / "toy.ipynb", COVER, CHANGE))


@pytest.fixture
def toy_with(tmp_path: Path) -> Callable[..., Contract]:
    """Makes the contract of a report type with other cells or parameters."""

    def make(*codes: str, parameters: str = PARAMETERS) -> Contract:
        return read_contract(write_notebook(tmp_path / "notebooks" / "toy.ipynb", *codes, parameters=parameters))

    return make
