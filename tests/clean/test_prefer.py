"""The written rule by which one of several claims is preferred, each step by itself."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from par_analysis.clean.prefer import Preference, prefer
from par_analysis.clean.reading import claims_table
from par_analysis.errors import DataError

TRUST = ["official", "agency", "press", "copy"]
HOSTS = {"o": "official", "a": "agency", "a2": "agency", "p": "press", "p2": "press", "p3": "press", "c": "copy", "c2": "copy"}


def claim(source: str, value: float, *, text: str | None = None, **other: Any) -> dict[str, Any]:
    row = {"index": "par_index", "unit": "30", "year": 2023, "period": "", "node": "total", "measure": "score", "qualifier": "", "unit_of_measure": "points", "out_of": math.nan}
    row |= {"value": value, "basis": "published", "source": source, "edition": "e", "note": "", "text": text or str(value), "file": "f", "row": 2}
    return row | other


def chosen(*claims: dict[str, Any], corrections: list[dict[str, Any]] | None = None) -> Preference:
    return prefer(claims_table(list(claims)), publisher=lambda source: (source.partition("/")[0], HOSTS[source.partition("/")[0]]), trust=TRUST, corrections=corrections or [])


def value(preference: Preference, **key: Any) -> float:
    rows = preference.panel
    for column, wanted in key.items():
        rows = rows[rows[column] == wanted]
    return float(rows["value"].item())


def test_public_authority_comes_before_more_newspapers() -> None:
    assert value(chosen(claim("p", 1.0), claim("p2", 1.0), claim("o", 2.0))) == 2.0


def test_printed_value_comes_before_a_derived_one_of_higher_standing() -> None:
    assert value(chosen(claim("o", 1.0, basis="derived"), claim("p", 2.0))) == 2.0


def test_value_with_more_publishers_is_preferred() -> None:
    assert value(chosen(claim("p", 1.0), claim("p2", 2.0), claim("p3", 2.0))) == 2.0


def test_pages_of_one_publisher_count_once() -> None:
    preference = chosen(claim("p/1", 1.0), claim("p/2", 1.0), claim("p/3", 1.0), claim("p2", 2.0), claim("p3", 2.0))
    assert value(preference) == 2.0


def test_a_row_noted_as_a_copy_has_the_standing_of_a_copy() -> None:
    assert value(chosen(claim("a", 1.0, note="copy of another article"), claim("p", 2.0))) == 2.0


def test_score_that_fits_the_order_of_the_year_is_preferred() -> None:
    others = [claim("p", 86.97, unit="79"), claim("p", 33, unit="79", measure="rank"), claim("p", 35, measure="rank")]
    assert value(chosen(*others, claim("p", 87.5), claim("p2", 86.76)), unit="30", measure="score") == 86.76


def test_equal_score_in_another_place_contradicts_too() -> None:
    others = [claim("p", 86.89, unit="96"), claim("p", 32, unit="96", measure="rank"), claim("p", 35, measure="rank")]
    assert value(chosen(*others, claim("p", 86.89), claim("p2", 86.76)), unit="30", measure="score") == 86.76


def test_more_decimals_win_over_a_truncated_figure() -> None:
    preference = chosen(claim("p", 83.9, text="83.9"), claim("p2", 83.98, text="83.98"))
    assert value(preference) == 83.98
    assert preference.undecided == ()


def test_choice_by_the_alphabet_alone_is_called_undecided() -> None:
    preference = chosen(claim("p2", 1.25, text="1.25"), claim("p", 1.75, text="1.75"))
    assert value(preference) == 1.75
    assert len(preference.undecided) == 1


def test_all_claims_are_kept_and_the_supporting_ones_marked() -> None:
    preference = chosen(claim("a", 1.0), claim("a2", 1.0), claim("p", 2.0))
    assert preference.claims["is_preferred"].tolist() == [True, True, False]
    assert preference.panel["source"].item() == "a; a2"


def test_set_aside_claim_is_kept_but_never_preferred() -> None:
    record = {"index": "par_index", "unit": "30", "year": 2023, "measure": "score", "source": "o", "met": 81.0, "reason": {"vi": "v", "en": "e"}}
    preference = chosen(claim("o", 81.0), claim("c", 89.06), corrections=[record])
    assert value(preference) == 89.06
    assert preference.claims["set_aside"].astype(bool).tolist() == [True, False]


def test_correction_of_a_mended_source_fails() -> None:
    record = {"index": "par_index", "unit": "30", "year": 2023, "measure": "score", "source": "o", "met": 81.0, "reason": {"vi": "v", "en": "e"}}
    with pytest.raises(DataError, match="a claim with this value"):
        chosen(claim("o", 89.06), corrections=[record])


def test_row_order_is_irrelevant() -> None:
    claims = [claim("p", 1.0), claim("p2", 2.0), claim("p3", 2.0), claim("o", 3.0, measure="rank"), claim("c", 4.0, measure="rank")]
    forward, backward = chosen(*claims), chosen(*reversed(claims))
    pd.testing.assert_frame_equal(forward.panel, backward.panel)
