"""What people type as values, made into canonical Python values: one function a type, each of them refusing what it does not know."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from par_analysis.errors import RequestError, UnknownName
from par_analysis.model import LANGUAGES
from par_analysis.run.contract import Value
from par_analysis.run.known import Known

ALL: Final = "all"
"""In place of a unit: every ranked province of the year."""

_FLAGS: Final[Mapping[str, bool]] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_RANGE = re.compile(r"([0-9]{4})\s*[-\N{EN DASH}]\s*([0-9]{4})")


def split(raw: object) -> list[str]:
    """A list as typed, into its items.

    >>> split("30, hai duong"), split(2023)
    (['30', 'hai duong'], ['2023'])
    """
    return [item.strip() for item in str(raw).split(",")]


def years(text: str) -> list[Value]:
    """A year or a range of years.

    >>> years("2012-2014")
    [2012, 2013, 2014]
    >>> years("20x3")
    Traceback (most recent call last):
    par_analysis.errors.RequestError: '20x3' is not a year
    """
    span = _RANGE.fullmatch(text)
    if span and int(span[1]) <= int(span[2]):
        return list(range(int(span[1]), int(span[2]) + 1))
    if span:
        raise RequestError(f"{text!r} runs backwards: did you mean '{span[2]}-{span[1]}'?")
    if not re.fullmatch(r"[0-9]{4}", text):
        raise RequestError(f"{text!r} is not a year")
    return [int(text)]


def index(text: str, codes: Sequence[str]) -> str:
    """An index's code, in any case and with any punctuation. Raises ``UnknownName``.

    >>> index("PAR Index", ["par_index"])
    'par_index'
    """
    known = {_folded(code): code for code in codes}
    if _folded(text) not in known:
        raise UnknownName("index", text, codes)
    return known[_folded(text)]


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "_", text.casefold())


def language(text: str) -> list[Value]:
    """A language's code. Raises ``UnknownName``."""
    if text.casefold() not in LANGUAGES:
        raise UnknownName("language", text, LANGUAGES)
    return [text.casefold()]


def flag(text: str) -> list[Value]:
    """True or False."""
    if text.casefold() not in _FLAGS:
        raise RequestError(f"{text!r} is neither true nor false")
    return [_FLAGS[text.casefold()]]


def rank(text: str) -> list[Value]:
    """A rank, from the first on. That so many are ranked is for ``plan`` to check, which knows the year.

    >>> rank("10")
    [10]
    """
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) < 1:
        raise RequestError(f"{text!r} is not a rank: a whole number from 1 on")
    return [int(text)]


def units(text: str, year: int, known: Known) -> list[Value]:
    """Codes of units: one for a name or a code, every ranked province for ``all``.

    Raises ``UnknownName``, and ``RequestError`` for a unit that is not ranked in that year.
    """
    ranked = known.provinces(year)
    if text.casefold() == ALL:
        return list(ranked)
    code = known.resolve_unit(text, year)
    if code not in ranked:
        name = known.unit_names.get(code, {}).get("vi", text)
        raise RequestError(f"{text!r} is {name} ({code}), which is not among the {len(ranked)} units ranked in {year}")
    return [code]


READERS: Final[Mapping[str, Callable[[str, Known], list[Value]]]] = {
    "Index": lambda text, known: [index(text, known.indices)],
    "Year": lambda text, _: years(text),
    "Language": lambda text, _: language(text),
    "Flag": lambda text, _: flag(text),
    "Rank": lambda text, _: rank(text),
}
"""Type → reader of one item. A unit's reader needs the year as well: ``units``."""
