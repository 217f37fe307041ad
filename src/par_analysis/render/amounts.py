"""A table's number as a value again: read strictly, in the notation of its language, with the decimals and the sign that it was shown with.

What could be two numbers stays a text: in a column that holds numbers in the other language's notation, one that is another number there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.numbers import get_decimal_symbol, get_group_symbol

from par_analysis.model import LANGUAGES, Language
from par_analysis.show.language import MINUS

MOST_DIGITS: Final = 15
"""What a spreadsheet keeps of a number; a longer one stays a text."""


_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,8}")
_WITHOUT_DIGITS_OR_SPAN: Final = re.compile(rf"\D*|(?:{_WHOLE.pattern})(?:[–, ]+(?:{_WHOLE.pattern}))+")


@dataclass(frozen=True)
class Amount:
    """A number as it was shown."""

    value: Decimal
    decimals: int
    is_grouped: bool
    is_signed: bool
    is_percent: bool

    def shown_as(self, *, is_signed: bool) -> str:
        """The format in which a spreadsheet shows it likewise; ``is_signed``: with a plus where it is more than nothing.

        >>> read_amount("+1.234,50", "vi").shown_as(is_signed=True)
        '+#,##0.00;"−"#,##0.00;#,##0.00'
        """
        bare = ("#,##0" if self.is_grouped else "0") + ("." + "0" * self.decimals if self.decimals else "") + ("%" if self.is_percent else "")
        return f'+{bare};"{MINUS}"{bare};{bare}' if is_signed else f'{bare};"{MINUS}"{bare}'


@lru_cache(maxsize=2)
def _pattern(lang: Language) -> re.Pattern[str]:
    group, decimal = re.escape(get_group_symbol(lang)), re.escape(get_decimal_symbol(lang))
    return re.compile(rf"(?P<sign>[+{MINUS}-]?)(?P<whole>0|[1-9][0-9]*|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+)(?:{decimal}(?P<part>[0-9]+))?(?P<percent>%?)")


def read_amount(words: str, lang: Language) -> Amount | None:
    """The number that a text is, in the notation of a language; ``None`` for whatever else it is.

    >>> read_amount("−4,30", "vi").value, read_amount("99.7%", "en").value
    (Decimal('-4.30'), Decimal('0.997'))
    >>> [read_amount(words, "vi") for words in ("4.30", "22/63", "007", "–", "=1", "1.2345", "khoảng 5")]
    [None, None, None, None, None, None, None]
    """
    found = _pattern(lang).fullmatch(words)
    if not found:
        return None
    whole, part = re.sub("[^0-9]", "", found["whole"]), found["part"] or ""
    if len((whole + part).lstrip("0")) > MOST_DIGITS:
        return None
    value = Decimal(f"{'' if found['sign'] in ('', '+') else '-'}{whole}.{part or 0}") if part else Decimal(f"{'' if found['sign'] in ('', '+') else '-'}{whole}")
    is_percent = bool(found["percent"])
    return Amount(value / 100 if is_percent else value, len(part), len(found["whole"]) > len(whole), found["sign"] == "+", is_percent)


def read_column(texts: Iterable[str], lang: Language) -> list[tuple[Amount, str] | None]:
    """The numbers of a column with their formats, ``None`` for texts: a cell has its sign where the page shows it.

    >>> [found and found[1] for found in read_column(["+4,32", "0,00", "–"], "vi")]
    ['+0.00;"−"0.00;0.00', '0.00;"−"0.00', None]
    >>> [found and str(found[0].value) for found in read_column(["1.234", "4.5", "12"], "vi")]
    [None, None, '12']
    """
    told = list(texts)
    amounts = [read_amount(words, lang) for words in told]
    others = [[read_amount(words, other) for words in told] for other in LANGUAGES if other != lang]
    mixed = [other for other in others if any(there and not here for here, there in zip(amounts, other, strict=True))]
    sure = [amount if all(one[at] in (None, amount) for one in mixed) else None for at, amount in enumerate(amounts)]
    return [(amount, amount.shown_as(is_signed=amount.is_signed)) if amount else None for amount in sure]


def read_labels(texts: Iterable[str]) -> list[tuple[Amount, str] | None]:
    """The whole numbers of a column of texts, years say, with their format; none where one of its texts is a code (``007``, ``1.1``), or has other digits in it.

    >>> [found and found[1] for found in read_labels(["2023", "2012–2015", "–"])]
    ['0', None, None]
    >>> read_labels(["22", "01"]), read_labels(["2023", "22/63"])
    ([None, None], [None, None])
    """
    told = list(texts)
    is_whole = [bool(_WHOLE.fullmatch(words)) for words in told]
    if not all(whole or _WITHOUT_DIGITS_OR_SPAN.fullmatch(words) for whole, words in zip(is_whole, told, strict=True)):
        return [None] * len(told)
    return [(Amount(Decimal(words), 0, is_grouped=False, is_signed=False, is_percent=False), "0") if whole else None for whole, words in zip(is_whole, told, strict=True)]
