"""What a province reports to have done, as a reader sees it: every number says what it counts."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from par_analysis import catalog, dataset
from par_analysis.model import LANGUAGES
from par_analysis.show.language import Words
from par_analysis.show.tables_origin import table_operations

INDICATORS = {
    "groups": {"plan": {"vi": "Kế hoạch", "en": "Plan"}},
    "departments": {},
    "measures": {"teams": {"group": "plan", "vi": "Đoàn kiểm tra", "en": "Inspection teams", "unit": {"vi": "đoàn", "en": "teams", "one": "team"}}},
}


def value(lang: Any, number: float, measure: str = "teams", **more: Any) -> str:
    facts = {"index": "operations", "unit": "30", "year": 2023, "period": "", "node": "operations:plan", "measure": measure, "value": number, "qualifier": ""}
    facts |= {"unit_of_measure": "count", "out_of": math.nan, "basis": "published", "source": "https://a.vn/x", "edition": "e", "note": ""} | more
    display = table_operations(pd.DataFrame([facts]), INDICATORS, Words(lang))
    return str(display.blocks[0]["rows"][0]["cells"][1]["text"])


@pytest.mark.parametrize(
    ("lang", "number", "more", "shown"),
    [
        ("vi", 2, {}, "2 đoàn"),
        ("en", 2, {}, "2 teams"),
        ("en", 1, {}, "1 team"),
        ("vi", 1000, {"qualifier": ">"}, "hơn 1.000 đoàn"),
        ("en", 1, {"out_of": 3.0}, "1 of 3 teams"),
        ("en", 40, {"unit_of_measure": "billion_vnd"}, "40 billion dong"),
        ("en", 4, {"unit_of_measure": "place", "out_of": 63.0}, "4/63"),
        ("en", 99.7, {"unit_of_measure": "percent"}, "99.7%"),
        ("en", 43.5, {"unit_of_measure": "points"}, "43.5 points"),
        ("en", 7, {"measure": "unheard_of"}, "7"),
    ],
)
def test_a_value_has_its_unit(lang: str, number: float, more: dict[str, Any], shown: str) -> None:
    assert value(lang, number, **more) == shown


def test_every_count_that_is_known_has_a_unit_in_both_languages() -> None:
    known = catalog.load()
    claims = dataset.read_indices(known, frozenset({dataset.OPERATIONS}), True)[0].claims
    counted = set(claims.loc[(claims["index"] == dataset.OPERATIONS) & (claims["unit_of_measure"] == "count"), "measure"])
    units = {name: facts["unit"] for name, facts in known.indicators["measures"].items() if "unit" in facts}
    assert counted
    assert set(units) == counted
    assert all(sorted(unit) == sorted([*LANGUAGES, "one"]) for unit in units.values())
