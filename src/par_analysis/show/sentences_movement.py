"""How far a ranking moved in a year, in sentences; and when so much is known of a country that its movement can be told."""

from __future__ import annotations

from typing import Final

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.language import Words
from par_analysis.show.values import Figure, Shown, find, joined, rich

CHANCE: Final = 0.05
"""Below it a difference is called more than chance."""
_SMALLEST: Final = 0.01


def is_known_of_half(count: Figure | None) -> bool:
    """Whether a count of units is at least half of those that it is out of: the movement of fewer says little of the country.

    >>> is_known_of_half({"value": 32.0, "out_of": 63.0}), is_known_of_half({"value": 31.0, "out_of": 63.0}), is_known_of_half(None)
    (True, False, False)
    """
    return count is not None and 2 * float(count["value"]) >= float(count["out_of"])


def chance_of(p: Figure, shown: Shown) -> str:
    """What a probability is, as text: = 0.30; a very small one by what it is less than: < 0.01."""
    if float(p["value"]) >= _SMALLEST:
        return f"=\u00a0{shown(p, decimals=2)}"
    shown({**p, "value": _SMALLEST, "qualifier": "<"}, decimals=2)
    return f"<\u00a0{shown.words.number(_SMALLEST, 2)}"


def too_little_known(words: Words, *, year: int, base: int) -> Display:
    """Nothing, because too few units are known in both years."""
    message = words.say("Results of both {base} and {year} are known of fewer than half of the provinces: how the whole ranking moved cannot be told.")
    return blocks.absent(message.format(base=base, year=year))


def say_mobility(mobility: pd.DataFrame, words: Words, *, year: int, base: int) -> Display:
    """How many places a unit moved on average, how that compares with a list turned over, how alike the orders of the two years are, and what that does not say.

    ``mobility``: figures of ``metrics.rank_mobility``.
    """
    count, places, share, kendall = (find(mobility, measure=name) for name in ("n_common", "mean_places_moved", "exchange_share", "kendall"))
    if not is_known_of_half(count) or count is None or places is None or share is None:
        return too_little_known(words, year=year, base=base)
    shown = Shown(words)
    n, everyone = shown.count_of(count)
    first = words.say("From {base} to {year} a province moved {places} places up or down on average, among the {n} of {all} provinces known in both years.")
    said: list[Rich] = [rich(first, base=str(base), year=str(year), places=shown(places, decimals=1), n=n, all=everyone, strong=("places",))]
    second = words.say("All moves together are {share} of what would turn the list upside down; two lists that have nothing to do with each other come to about two thirds.")
    said.append(rich(second, share=shown(share, decimals=0)))
    if kendall is not None:
        third = words.say("Kendall's rank correlation of the two years is {tau}, where one is the same order and zero an unrelated one.")
        said.append(rich(third, tau=shown(kendall, decimals=2)))
    limits = words.say(
        "Ranks are counted anew among these provinces. To move is not to improve, and part of the movement is error of measurement, the size of which is not published."
    )
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(rich(limits), role="limit")
