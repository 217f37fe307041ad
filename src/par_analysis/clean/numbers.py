"""The number that a printed text means: signs, decimal commas, thousands, "more than", "about", ranges."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from par_analysis.errors import shortened

LONGEST: Final = 80
"""A longer text is no figure: it is refused unread."""

QUALIFIERS: Final = {
    ">": (">", "hơn", "trên", "over", "more than"),
    "<": ("<", "dưới", "under", "less than", "fewer than"),
    "<~": ("<~", "gần", "nearly", "almost"),
    "~": ("~", "≈", "khoảng", "about", "approximately"),
}
"""Qualifier, as in ``model.FIGURES`` → how it is printed."""

UNITS: Final = {"%": "%", "phần trăm": "%", "percent": "%", "điểm phần trăm": "pp", "pp": "pp", "điểm": "points", "points": "points", "point": "points", "pts": "points"}
"""How a unit is printed after a number → its name."""

_DASHES: Final = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"}
_SPACES: Final = {ord(space): " " for space in "\t\n\r\u00a0\u2007\u2008\u2009\u200a\u202f\u3000"}
_WORDS: Final = sorted(((word, sign) for sign, words in QUALIFIERS.items() for word in words), key=lambda pair: -len(pair[0]))
_NUMBER: Final = r"[0-9](?:[0-9., ]*[0-9])?"
_SHAPE: Final = re.compile(rf"(?P<sign>[+-]?) ?(?P<low>{_NUMBER})(?: ?(?:-|to|đến) ?(?P<high>{_NUMBER}))? ?(?P<unit>[^0-9 ].*)?")


@dataclass(frozen=True)
class Parsed:
    """A printed figure. ``qualifier`` as in ``model.FIGURES``; ``high`` is the upper end of a range whose lower end is ``value``; ``unit`` is "%", "pp", "points" or ""."""

    value: float
    qualifier: str = ""
    high: float | None = None
    unit: str = ""


def parse_number(text: str, *, decimal: Literal[".", ","] | None = None) -> Parsed:
    """Read a printed figure such as ``87,84 điểm``, ``>1000000``, ``−0.52``, ``99,7%`` or ``500-600``.

    ``decimal`` is the source's decimal sign; the other one, and a space, then separate thousands, in groups of three. With ``None`` the text
    must speak for itself: two kinds of separators, a repeated one, or any number of final digits but three. One separator before exactly three
    digits (``183.000``, ``9.428``) can be read both ways and is an error, unless the digits before it rule a group of thousands out
    (``0.350``, ``1234.567``). ``−`` and every dash are minus signs. Words for "at least" and factors such as "triệu" have no reading here.

    Raises ``ValueError`` naming the text.

    >>> parse_number("87,84 điểm", decimal=",").value, parse_number("183.000", decimal=",").value
    (87.84, 183000.0)
    >>> parse_number(">1000000"), parse_number("500–600").high
    (Parsed(value=1000000.0, qualifier='>', high=None, unit=''), 600.0)
    """
    if decimal not in {".", ",", None}:
        raise ValueError(f"a decimal sign is '.' or ',', not {decimal!r}")
    tidy = unicodedata.normalize("NFC", text).translate(_DASHES | _SPACES).strip().casefold() if len(text) <= LONGEST else ""
    qualifier, rest = _qualifier(tidy)
    shape = _SHAPE.fullmatch(rest)
    if shape is None or (shape["unit"] or "") not in {"", *UNITS}:
        raise ValueError(f"{shortened(text)!r} is not a number")
    low = _value(shape["low"], decimal, text) * (-1 if shape["sign"] == "-" else 1)
    high = _value(shape["high"], decimal, text) if shape["high"] else None
    if high is not None and high <= low:
        raise ValueError(f"{shortened(text)!r} is not a range: its ends are in falling order")
    return Parsed(low + 0.0, qualifier, high, UNITS.get(shape["unit"] or "", ""))


def _qualifier(text: str) -> tuple[str, str]:
    for word, sign in _WORDS:
        if text.startswith(word) and not (word[-1].isalpha() and text[len(word) : len(word) + 1].isalpha()):
            return sign, text[len(word) :].lstrip()
    return "", text


def _value(digits: str, decimal: str | None, text: str) -> float:
    sign = decimal or _decimal_sign(digits, text)
    thousands = "," if sign == "." else "."
    whole, _, fraction = digits.partition(sign)
    groups = re.split(rf"[ {thousands}]", whole)
    separators = set(re.findall(rf"[ {thousands}]", whole))
    is_grouped = re.fullmatch("[1-9][0-9]{0,2}", groups[0]) and all(re.fullmatch("[0-9]{3}", group) for group in groups[1:])
    if not re.fullmatch("[0-9]*", fraction) or len(separators) > 1 or (separators and not is_grouped):
        raise ValueError(f"{shortened(text)!r} is not a number" + (f" with the decimal sign {decimal!r}" if decimal else ""))
    return float("".join(groups) + "." + (fraction or "0"))


def _decimal_sign(digits: str, text: str) -> str:
    """The decimal sign that a number without a stated one shows."""
    met = [letter for letter in digits if letter in ".,"]
    if len(set(met)) > 1:
        return met[-1]
    if len(met) == 1:
        before, after = re.split("[.,]", digits)
        if len(after) != 3 or " " in before or not re.fullmatch("[1-9][0-9]{0,2}", before):
            return met[0]
        raise ValueError(f"{shortened(text)!r} is ambiguous: thousands or three decimals? Say which sign is the decimal one")
    return "." if met[:1] == [","] else ","
