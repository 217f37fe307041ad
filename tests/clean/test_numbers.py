"""The number that a printed text means."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.clean.numbers import Parsed, parse_number


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("87,84 điểm", ",", 87.84),
        ("87,84 điểm", None, 87.84),
        ("87.84", ".", 87.84),
        ("87.84", None, 87.84),
        ("99,7%", ",", 99.7),
        ("183.000", ",", 183000),
        ("183.000", ".", 183),
        ("183,000", ".", 183000),
        ("9.428", ".", 9.428),
        ("0.6383", None, 0.6383),
        ("0.350", None, 0.35),
        ("1234.567", None, 1234.567),
        ("1.000.000", None, 1_000_000),
        ("1.234,56", None, 1234.56),
        ("1,234.56", None, 1234.56),
        ("1.234.567,8", ",", 1234567.8),
        ("183\u00a0000", None, 183000),
        ("183\u202f000,5", ",", 183000.5),
        ("-0.52", ".", -0.52),
        ("−0,52", ",", -0.52),
        ("–5", None, -5),
        ("—5", None, -5),
        ("‑ 5", None, -5),
        ("+4.32", None, 4.32),
        ("05", None, 5),
        ("\u00a063 ", None, 63),
        ("0", None, 0),
        ("87.84 points", None, 87.84),
    ],
)
def test_a_printed_figure_is_read(text: str, decimal: str | None, value: float) -> None:
    assert parse_number(text, decimal=decimal).value == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "qualifier", "value"),
    [
        (">1000000", ">", 1_000_000),
        ("> 99", ">", 99),
        ("hơn 90%", ">", 90),
        ("trên 90%", ">", 90),
        ("over 90", ">", 90),
        ("<5", "<", 5),
        ("dưới 5", "<", 5),
        ("~40", "~", 40),
        ("khoảng 98%", "~", 98),
        ("about 98%", "~", 98),
        ("gần 183.000", "<~", 183000),
        ("nearly 183.000", "<~", 183000),
        ("42", "", 42),
    ],
)
def test_words_and_signs_before_a_number_are_its_qualifier(text: str, qualifier: str, value: float) -> None:
    parsed = parse_number(text, decimal=",")
    assert (parsed.qualifier, parsed.value) == (qualifier, value)


def test_a_decomposed_qualifier_is_read() -> None:
    assert parse_number(unicodedata.normalize("NFD", "hơn 90 điểm")) == Parsed(90, ">", None, "points")


@pytest.mark.parametrize("text", ["500-600", "500–600", "500 - 600", "500 đến 600", "500 to 600"])
def test_a_range_has_two_ends(text: str) -> None:
    assert parse_number(text) == Parsed(500, "", 600)


def test_a_range_may_be_about() -> None:
    assert parse_number("~500-600") == Parsed(500, "~", 600)


@pytest.mark.parametrize(("text", "unit"), [("5%", "%"), ("5 phần trăm", "%"), ("5 điểm", "points"), ("5 điểm phần trăm", "pp"), ("5", "")])
def test_the_unit_is_kept(text: str, unit: str) -> None:
    assert parse_number(text).unit == unit


@pytest.mark.parametrize("text", ["183.000", "183,000", "9.428", "-1.234", ">12.345", "1.234-1.500"])
def test_one_separator_before_three_digits_is_ambiguous_without_a_decimal_sign(text: str) -> None:
    with pytest.raises(ValueError, match="ambiguous"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("87,84", "."),
        ("87.84", ","),
        ("1.23.456", None),
        ("1.234.56", None),
        ("1,234,5", "."),
        ("1.234,567,8", None),
        ("22 63", None),
        ("1.234 567", None),
        ("0.123.456", None),
        ("", None),
        (" ", None),
        ("A", None),
        ("nan", None),
        ("inf", None),
        ("1e5", None),
        ("²", None),
        ("٣", None),
        ("3/63", None),
        ("87.", None),
        (".5", None),
        ("≥ 90", None),
        ("1,2 triệu", None),
        ("600-500", None),
        ("1-2-3", None),
        ("--5", None),
        (">", None),
        ("hơnx 5", None),
        ("5\u202e", None),
    ],
)
def test_anything_else_is_an_error_naming_the_text(text: str, decimal: str | None) -> None:
    with pytest.raises(ValueError, match="not a") as caught:
        parse_number(text, decimal=decimal)  # type: ignore[arg-type]
    assert repr(text) in str(caught.value)
    assert str(caught.value).isprintable()


def test_an_unknown_decimal_sign_is_an_error() -> None:
    with pytest.raises(ValueError, match="decimal sign"):
        parse_number("5", decimal=";")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["9" * 10_000, "1." * 10_000, "9 " * 39, "> " * 5000])
def test_hostile_input_is_refused_at_once_with_a_short_message(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ValueError, match="not a number") as caught:
        parse_number(text)
    assert time.perf_counter() - start < 0.2
    assert len(str(caught.value)) < 200


def test_minus_zero_is_zero() -> None:
    assert str(parse_number("-0").value) == "0.0"


@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.sampled_from(".,"))
def test_a_number_written_with_its_signs_is_read_back(number: int, decimals: int, sign: str) -> None:
    value = number / 10**decimals
    thousands = {".": ",", ",": "."}[sign]
    text = f"{value:,.{decimals}f}".translate({ord(","): thousands, ord("."): sign})
    assert parse_number(text, decimal=sign).value == value  # type: ignore[arg-type]


@given(st.text(max_size=100), st.sampled_from([".", ",", None]))
def test_any_text_is_read_or_refused(text: str, decimal: str | None) -> None:
    try:
        parsed = parse_number(text, decimal=decimal)  # type: ignore[arg-type]
    except ValueError:
        return
    assert parsed.qualifier in {"", ">", "<", "<~", "~"}
    assert parsed.high is None or parsed.high > parsed.value
