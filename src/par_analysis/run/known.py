"""What a request is checked against: the catalogue and the years that have data, as plain values and a few questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from par_analysis.model import Language


@dataclass(frozen=True)
class Known:
    """The closed lists of a checkout. ``resolve_unit`` raises ``UnknownName``."""

    root: Path
    indices: tuple[str, ...]
    unit_names: Mapping[str, Mapping[Language, str]]
    years: Callable[[str], tuple[int, ...]]  # index → years with data, or with a province's own scorecard
    provinces: Callable[[int], tuple[str, ...]]  # year → codes of the ranked units
    resolve_unit: Callable[[str, int], str]  # name in any spelling, year → code

    @property
    def notebooks(self) -> Path:
        """The folder of the report types."""
        return self.root / "notebooks"


def known() -> Known:
    """The closed lists of this checkout, read from ``catalog`` and ``dataset``."""
    from par_analysis import catalog, dataset

    here = catalog.load()
    return Known(
        root=here.root,
        indices=tuple(here.indices),
        unit_names={code: {"vi": unit.name_vi, "en": unit.name_en} for code, unit in here.units.items()},
        years=lambda index: tuple(sorted({*map(int, dataset.load(index).years), *dataset.scorecard_years(here, index)})),
        provinces=lambda year: tuple(unit.code for unit in here.provinces(year)),
        resolve_unit=lambda name, year: dataset.resolve_unit(name, year, root=here),
    )
