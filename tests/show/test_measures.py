"""The measures of the reports have names."""

from __future__ import annotations

from pathlib import Path

import pytest

from par_analysis import catalog
from par_analysis.model import LANGUAGES, Language
from par_analysis.run.numbers import read
from par_analysis.show.language import Words
from par_analysis.show.measures import MEASURES, measure_name

REPORTS = Path(__file__).resolve().parents[2] / "reports"
FILES = sorted(REPORTS.glob("[0-9]*/**/numbers.csv"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.relative_to(REPORTS).as_posix())
def test_every_measure_of_a_report_has_a_name(path: Path) -> None:
    indicators = catalog.load().indicators["measures"]
    measures = {str(row["measure"]) for row in read(path.read_bytes()) if row["index"] != "operations" and row["measure"] not in indicators}
    assert [measure for measure in sorted(measures) if not measure_name(measure, Words("vi"))] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_measures_have_the_same_name(lang: Language) -> None:
    names = [measure_name(measure, Words(lang)) for measure in MEASURES]
    assert sorted({name for name in names if names.count(name) > 1}) == []
