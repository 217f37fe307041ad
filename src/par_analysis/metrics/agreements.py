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


def agrees(stated: float, decimals: int, known: float, known_decimals: int, *, qualifier: str = "", known_qualifier: str = "", slack: float = 0.0) -> bool:
    """Whether a stated figure (printed with ``decimals``) fits a known one. Own rule.

    Without qualifiers the one with more decimals, rounded or cut off at the other's, must equal it; ``slack`` is added where the known one is a difference of
    rounded figures. Qualifiers (as in ``model.FIGURES``) make spans, which must meet: "over" and "under" reach to any distance, "nearly" and "about" as far as
    half a unit of the last digit that is not a final zero, but never further than ``LOOSEST`` of the figure.

    >>> agrees(87.8, 1, 87.86, 2), agrees(87.9, 1, 87.86, 2), agrees(87.84, 2, 87.83, 2)
    (True, True, False)
    >>> agrees(183000, 0, 182640, 0, qualifier="<~"), agrees(30, 0, 27.1, 1, qualifier="<~"), agrees(90, 0, 94.2, 1, qualifier=">")
    (True, False, True)
    """
    if qualifier or known_qualifier:
        low, high = _span(stated, decimals, qualifier)
        known_low, known_high = _span(known, known_decimals, known_qualifier)
        return low - slack - TOLERANCE <= known_high and known_low <= high + slack + TOLERANCE
    if abs(stated - known) <= slack + TOLERANCE:
        return True
    (coarse, places), (fine, _) = sorted([(stated, decimals), (known, known_decimals)], key=lambda pair: pair[1])
    step, exact = Decimal(1).scaleb(-places), Decimal(repr(round(fine, 9)))
    forms = {float(exact.quantize(step, rounding=mode)) for mode in (ROUND_DOWN, ROUND_HALF_UP)}
    return any(abs(coarse - form) <= TOLERANCE for form in forms)


def _span(value: float, decimals: int, qualifier: str) -> tuple[float, float]:
    reach = min(_last_digit(value, decimals) / 2, abs(value) * LOOSEST)
    spans = {"": (value, value), ">": (value, math.inf), "<": (-math.inf, value), "<~": (value - reach, value), "~": (value - reach, value + reach)}
    return spans[qualifier]


def _last_digit(value: float, decimals: int) -> float:
    """What one unit of the last digit is worth that is not a final zero: 1000 in 183000, 0.1 in 99.7."""
    exponent = Decimal(repr(round(value, 9))).normalize().as_tuple().exponent if value else 0
    return 10.0 ** max(-decimals, exponent if isinstance(exponent, int) else 0)
