"""Whether a printed figure and a known one can both be true, as far as their decimals and their "nearly" or "over" go."""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Final

TOLERANCE: Final = 1e-9
LOOSEST: Final = 0.05
"""What "about" and "nearly" may leave out at most, as a share of the figure."""


def decimals_of(value: float, text: str = "") -> int:
    """How many decimals a figure is printed with: of its text where that is a number, else of its shortest form.

    >>> decimals_of(87.5, "87.50"), decimals_of(87.5), decimals_of(47.0, "47")
    (2, 1, 0)
    """
    whole, dot, fraction = text.lstrip("<>~+- ").partition(".")
    if whole.isdigit() and (fraction.isdigit() or not dot):
        return len(fraction)
    shortest = Decimal(repr(round(value, 6))).normalize().as_tuple().exponent
    return max(0, -shortest) if isinstance(shortest, int) else 0


AGREES, DIFFERS, FINER = "agrees", "differs", "finer"


def agreement(stated: float, decimals: int, known: float, known_decimals: int, *, qualifier: str = "", known_qualifier: str = "", slack: float = 0.0) -> str:
    """Whether a stated figure (printed with ``decimals``) fits a known one: ``agrees``, ``differs``, or ``finer``: stated with more decimals than are known. Own rule.

    Without qualifiers the known figure, rounded or cut off at the stated decimals, must equal the stated one; ``slack`` is added where the known one is a difference
    of rounded figures. A finer figure that is no more than half a unit of the last known decimal away can be neither confirmed nor contradicted. Qualifiers (as in
    ``model.FIGURES``) make spans, which must meet: "over" and "under" reach to any distance but leave the figure itself out, unless the known one is qualified;
    "nearly" and "about" reach as far as half a unit of the last digit that is not a final zero, but never further than ``LOOSEST`` of the figure.

    >>> agreement(87.8, 1, 87.86, 2), agreement(87.84, 2, 87.83, 2), agreement(87.8401, 4, 87.84, 2)
    ('agrees', 'differs', 'finer')
    >>> agreement(87.84, 2, 87.84, 2, qualifier=">"), agreement(87.83, 2, 87.84, 2, qualifier=">"), agreement(183000, 0, 182640, 0, qualifier="<~")
    ('differs', 'agrees', 'agrees')
    """
    apart = abs(stated - known)
    if qualifier in {">", "<"} and not known_qualifier and apart <= TOLERANCE:
        return DIFFERS
    if not known_qualifier and decimals > known_decimals and apart > TOLERANCE and (not qualifier or apart <= 0.5 * 10.0**-known_decimals):
        return FINER if apart <= slack + 0.5 * 10.0**-known_decimals + TOLERANCE else DIFFERS
    if qualifier or known_qualifier:
        low, high = _span(stated, decimals, qualifier)
        known_low, known_high = _span(known, known_decimals, known_qualifier)
        return AGREES if low - slack - TOLERANCE <= known_high and known_low <= high + slack + TOLERANCE else DIFFERS
    if apart <= slack + TOLERANCE:
        return AGREES
    step, exact = Decimal(1).scaleb(-decimals), Decimal(repr(round(known, 9)))
    forms = {float(exact.quantize(step, rounding=mode)) for mode in (ROUND_DOWN, ROUND_HALF_UP)}
    return AGREES if any(abs(stated - form) <= TOLERANCE for form in forms) else DIFFERS


def _span(value: float, decimals: int, qualifier: str) -> tuple[float, float]:
    reach = min(_last_digit(value, decimals) / 2, abs(value) * LOOSEST)
    spans = {"": (value, value), ">": (value, math.inf), "<": (-math.inf, value), "<~": (value - reach, value), "~": (value - reach, value + reach)}
    return spans[qualifier]


def _last_digit(value: float, decimals: int) -> float:
    """What one unit of the last digit is worth that is not a final zero: 1000 in 183000, 0.1 in 99.7."""
    exponent = Decimal(repr(round(value, 9))).normalize().as_tuple().exponent if value else 0
    return 10.0 ** max(-decimals, exponent if isinstance(exponent, int) else 0)
