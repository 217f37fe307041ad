"""Everything that depends on the reader's language: numbers, plurals, names, messages."""

from __future__ import annotations

import datetime
import gettext
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

from par_analysis.model import Language

_ALPHABET = " -.0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
MINUS = "\N{MINUS SIGN}"


def N_(message: str) -> str:
    """Marks a message for the catalogues; it is translated where it is shown.

    >>> N_("Surveys")
    'Surveys'
    """
    return message


@lru_cache(maxsize=64)
def translations(lang: Language, index: str = "") -> gettext.NullTranslations:
    """The catalogue of a language: messages are written in English, ``locale/<lang>.po`` translates them.

    What an index calls otherwise stands in ``locale/<lang>.<index>.po``, where there is one, and goes before the language's catalogue.

    >>> translations("en").gettext("Domain"), translations("en", "papi").gettext("Domain"), translations("en", "papi").gettext("Score")
    ('Domain', 'Dimension', 'Score')
    """
    folder = resources.files("par_analysis") / "locale"
    own = f"{lang}.{index}.po"
    if not any(path.name == own for path in folder.iterdir()):
        return translations(lang) if index else _catalogue(folder / f"{lang}.po", lang)
    first = _catalogue(folder / own, lang)
    first.add_fallback(translations(lang))
    return first


def _catalogue(path: Traversable, lang: Language) -> gettext.NullTranslations:
    with path.open("rb") as stream:
        catalog = read_po(stream, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=4096)
def _said(lang: Language, index: str, message: str) -> str:
    return translations(lang, index).gettext(message)


@lru_cache(maxsize=2)
def _notation(lang: Language) -> dict[int, str]:
    """What Python's marks of groups, of decimals and of negative numbers are in a language."""
    return str.maketrans({",": get_group_symbol(lang), ".": get_decimal_symbol(lang), "-": MINUS})


@dataclass(frozen=True)
class Words:
    """The reader's language, with the names of the units and domains on the page; ``index`` is the code of the index that is spoken of.

    >>> words = Words("vi")
    >>> words.number(87.84, 2), words.number(183000), words.signed(-4.3, 2)
    ('87,84', '183.000', '−4,30')
    """

    lang: Language
    unit_names: Mapping[str, str] = field(default_factory=dict)
    domain_names: Mapping[int, str] = field(default_factory=dict)
    index_name: str = ""
    decimals: int = 2
    short_index: str = ""
    part_names: Mapping[str, str] = field(default_factory=dict)
    node_names: Mapping[str, str] = field(default_factory=dict)
    index: str = ""

    def say(self, message: str) -> str:
        """The message in the reader's language, in the index's own words where it has some."""
        return _said(self.lang, self.index, message)

    def count(self, singular: str, plural: str, number: float) -> str:
        """The form of a message that goes with a number."""
        return translations(self.lang, self.index).ngettext(singular, plural, 1 if number == 1 else 2)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number in the reader's notation: 87,84 or 87.84; halves are rounded away from zero, and what a computer adds in the tenth decimal does not count.

        Nothing is no negative number.

        >>> Words("en").number(86.27499999999999, 2), Words("en").number(88.005, 2), Words("en").number(-0.001, 2)
        ('86.28', '88.01', '0.00')
        """
        exact = Decimal(repr(round(float(value), 9))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        return f"{exact or abs(exact):,f}".translate(_notation(self.lang))

    def maximum(self, value: float) -> str:
        """The greatest possible score, with no more decimals than it has: 10, 2.5, 3.33; three thirds of ten are 10.

        >>> Words("en").maximum(9.9999), Words("en").maximum(2.5), Words("en").maximum(3.3333)
        ('10', '2.5', '3.33')
        """
        places = next((places for places in range(2) if abs(value - round(value, places)) < 0.002), 2)  # 80 points are 24 thirds of 3.3333 at most
        return self.number(round(value, places), places)

    def signed(self, value: float, decimals: int = 0) -> str:
        """A change, with its sign; no sign where it rounds to zero."""
        text = self.number(abs(value), decimals)
        if not any(digit in text for digit in "123456789"):
            return text
        return ("+" if value > 0 else MINUS) + text

    def date(self, iso: str) -> str:
        """A day in the reader's notation; a text that is no ISO day is left as it is.

        >>> Words("vi").date("2022-11-10"), Words("en").date("2022-11-10"), Words("en").date("before 2012")
        ('10/11/2022', '10 November 2022', 'before 2012')
        """
        try:
            day = datetime.date.fromisoformat(iso)
        except ValueError:
            return iso
        return format_date(day, format="dd/MM/yyyy" if self.lang == "vi" else "d MMMM yyyy", locale=self.lang)

    def sort_key(self, name: str) -> tuple[int, ...]:
        """The place of a name in the order of the Vietnamese alphabet: letters first, tones do not count, ă and â follow a.

        >>> sorted(["Đồng Tháp", "Bình Định", "Bến Tre", "Bình Dương"], key=Words("vi").sort_key)
        ['Bến Tre', 'Bình Dương', 'Bình Định', 'Đồng Tháp']
        """
        toneless = unicodedata.normalize("NFC", "".join(letter for letter in unicodedata.normalize("NFD", name.lower()) if letter not in _TONES))
        return tuple(_ALPHABET.find(letter) for letter in toneless)

    def unit(self, code: str) -> str:
        """The name of a unit, as readers know it."""
        return self.unit_names[code]

    def node(self, code: str) -> str:
        """The name of a part of the index: the total, a domain, a part, a criterion. One that has no name is called by its code.

        >>> Words("vi", domain_names={2: "Công khai"}).node("domain:2"), Words("vi").node("criterion:unheard")
        ('Công khai', 'criterion:unheard')
        """
        kind, _, name = code.partition(":")
        if kind == "domain" and name.isdigit():
            return self.domain_names.get(int(name), code)
        if kind == "part":
            return self.part_names.get(name, code)
        return self.say("Total") if code == "total" else self.node_names.get(code, code)
