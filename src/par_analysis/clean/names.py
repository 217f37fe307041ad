"""Which unit a written name means, whatever its accents, case, dashes, prefix or abbreviation: one answer or an error, never a guess."""

from __future__ import annotations

import datetime
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from par_analysis.errors import AmbiguousName, RequestError, UnknownName, nearest, shortened
from par_analysis.model import Unit

LAST_DAY_OF_63: Final = "2024-12-31"
"""The day that names without a date are read on: the last index year with 63 provinces."""

LONGEST: Final = 120
"""A longer text is nobody's name: it is refused unread."""

TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
"""Grave, acute, tilde, hook above, dot below: the marks that writers place differently (hòa, hoà)."""

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_BARRED_D: Final = str.maketrans("\u00f0\u0256", "đđ")
_SEPARATORS: Final = re.compile(r"[\s.,_*'()\u2019\-\u2010-\u2015\u2212]+")
_BEFORE: Final = (("tinh",), ("thanh", "pho"), ("tp",), ("t", "p"), ("vung",), ("province", "of"), ("city", "of"))
_AFTER: Final = (("province",), ("city",), ("region",))


def split(name: str) -> list[str]:
    """The words of a name in lower case, decomposed, without separators and invisible characters; eth is read as đ.

    >>> split("BÀ RỊA – Vũng Tàu") == split("bà rịa-vũng tàu")
    True
    """
    text = unicodedata.normalize("NFKD", name).translate(_INVISIBLE).casefold().translate(_BARRED_D)
    return [word for word in _SEPARATORS.split(text) if word]


def accented(words: Iterable[str]) -> str:
    """Words as a key that keeps accents; each word's tone marks stand at its end.

    >>> accented(split("Hoà Bình")) == accented(split("Hòa Bình"))
    True
    """
    return "".join("".join(sorted(word, key=TONES.__contains__)) for word in words)


def plain(words: Iterable[str]) -> str:
    """Words as a key without accents.

    >>> plain(split("Đắk Lắk"))
    'daklak'
    """
    return "".join(letter for letter in "".join(words).replace("đ", "d") if not unicodedata.combining(letter))


def bare(words: Sequence[str]) -> list[str]:
    """Words without one leading "tỉnh", "thành phố", "TP." or "vùng" and one trailing "province", "city" or "region".

    >>> bare(split("Hai Duong province"))
    ['hai', 'duong']
    """
    folded, start, end = [plain([word]) for word in words], 0, len(words)
    for affix in _BEFORE:
        if tuple(folded[: len(affix)]) == affix:
            start = len(affix)
            break
    if tuple(folded[-1:]) in _AFTER:
        end -= 1
    return list(words[start:end])


def _readings(name: str) -> tuple[list[str], list[str]]:
    """A name's words in full, and without what surrounds the name proper."""
    words = split(name)
    return words, bare(words)


@dataclass
class _Table:
    """The names of the units of one stretch of time: key → units."""

    codes: dict[str, set[str]] = field(default_factory=dict)
    exact: dict[str, set[str]] = field(default_factory=dict)
    folded: dict[str, set[str]] = field(default_factory=dict)

    def add(self, unit: Unit, spellings: Iterable[str]) -> None:
        """Note a unit under its codes and names. Its English name is an unaccented form like any other: it never wins over a collision."""
        own = [unit.name_vi, *spellings]
        self._note(self.codes, [unit.code.upper(), unit.gso_code], unit)
        self._note(self.exact, [accented(words) for name in own for words in _readings(name)], unit)
        self._note(self.folded, [plain(words) for name in [*own, unit.name_en] for words in _readings(name)], unit)

    @staticmethod
    def _note(keys: dict[str, set[str]], names: Iterable[str], unit: Unit) -> None:
        for name in filter(None, names):
            keys.setdefault(name, set()).add(unit.code)

    def find(self, text: str) -> set[str]:
        """The units that a text may mean: by code, else by name with accents, else by name without."""
        code = text.strip().upper()
        found = [self.codes.get(code.zfill(2) if re.fullmatch("[0-9]", code) else code)]
        found += [self.exact.get(accented(words)) for words in _readings(text)]
        found += [self.folded.get(plain(words)) for words in _readings(text)]
        return next(filter(None, found), set())


def _day(on: str | int | None) -> str:
    text = LAST_DAY_OF_63 if on is None else str(on).strip()
    if re.fullmatch(r"[0-9]{4}", text):
        return f"{text}-12-31"
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise RequestError(f"{shortened(text)!r} is neither a year nor an ISO date") from None


class Resolver:
    """Finds the unit that a name means among those of a day.

    ``units`` are all units there are, ``spellings`` pairs of a unit's code and a spelling that normalisation does not cover.
    """

    def __init__(self, units: Iterable[Unit], spellings: Iterable[tuple[str, str]] = ()) -> None:
        self._units = {unit.code: unit for unit in units}
        self._spellings: dict[str, list[str]] = {code: [] for code in self._units}
        for code, spelling in spellings:
            if code not in self._units:
                raise UnknownName("unit code", code, list(self._units))
            self._spellings[code].append(spelling)
        self._borders = sorted({day for unit in self._units.values() for day in (unit.valid_from, unit.valid_to) if day})
        self._tables: dict[int | None, _Table] = {}

    def resolve(self, name: str | int, on: str | int | None = None) -> str:
        """The code of the unit that ``name`` means on a day.

        ``on`` is an ISO date, or a year, which stands for its last day. Left out, the name is read among the 63 provinces; one that none of
        them bears, such as a merged unit's own code, is then looked for among all units. Digits are GSO codes, with or without the zero.

        Raises ``UnknownName`` with the names that come near, ``AmbiguousName`` with the units that share the name, ``RequestError`` for a bad ``on``.

        >>> units = [Unit("30", "30", "Hải Dương", "Hai Duong", "province", "R2", "63")]
        >>> [Resolver(units).resolve(name) for name in ("tỉnh Hải Dương", "HAI-DUONG", "30")]
        ['30', '30', '30']
        """
        text, day = str(name), _day(on)
        if len(text) > LONGEST:
            raise UnknownName("unit", shortened(text), self._names(day), suggestions=())
        for table in [self._table(day)] if on is not None else [self._table(day), self._table(None)]:
            codes = table.find(text)
            if len(codes) > 1:
                raise AmbiguousName("unit", shortened(text), [f"{self._units[code].name_vi} ({code})" for code in sorted(codes)])
            if codes:
                return next(iter(codes))
        raise self._unknown(text, day)

    def _table(self, day: str | None) -> _Table:
        """The names that hold on a day, or, with ``None``, ever held."""
        key = None if day is None else bisect_right(self._borders, day)
        if key not in self._tables:
            table = _Table()
            for unit in self._units.values():
                if day is None or (unit.valid_from <= day and (day < unit.valid_to or not unit.valid_to)):
                    table.add(unit, self._spellings[unit.code])
            self._tables[key] = table
        return self._tables[key]

    def _names(self, day: str) -> list[str]:
        return sorted({self._units[code].name_vi for codes in self._table(day).folded.values() for code in codes})

    def _unknown(self, text: str, day: str) -> UnknownName:
        """The error for a name that no unit of the day bears: says when another unit bore it, or which names come near."""
        others = [self._units[code] for code in sorted(self._table(None).find(text))]
        today = self._table(day).folded
        near = [] if others else nearest(plain(bare(split(text))), list(today))
        names = dict.fromkeys(self._units[code].name_vi for key in near for code in sorted(today[key]))
        error = UnknownName(f"unit on {day}" if others else "unit", shortened(text), self._names(day), suggestions=list(names))
        if others:
            error.hint = "; ".join(f"{unit.name_vi} ({unit.code}): {f'since {unit.valid_from}' if unit.valid_from else f'until {unit.valid_to}'}" for unit in others)
        return error
