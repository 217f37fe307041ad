"""Toy report types and a toy catalogue: what the run layer needs to be tested without the real data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from par_analysis.run.contract import Contract, read_contract
from par_analysis.run.known import Known
from tests.toys import CHANGE, COVER, NAMES, PARAMETERS, make_known, write_notebook

__all__ = ["CHANGE", "COVER", "NAMES", "PARAMETERS", "make_known", "write_notebook"]


@pytest.fixture
def known(tmp_path: Path) -> Known:
    """Two indices, the years 2012 to 2024, four provinces."""
    return make_known(tmp_path)


@pytest.fixture(scope="session")
def known_of() -> Callable[..., Known]:
    """Makes a catalogue over units of other names."""
    return make_known


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
