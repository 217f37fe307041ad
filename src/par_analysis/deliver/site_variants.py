"""What sets a report with settings of its own apart from the usual one, in the page's language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from par_analysis.show.language import Words

_PIECE: Final = re.compile(r"-(?:(?P<no_derived>no-derived)|rank-(?P<rank>[0-9]+))(?=-|$)")
_RANKED: Final = re.compile(r"(-no-derived)?-rank-[0-9]+(?=-|$)")


def variant_said(variant: str, words: Words) -> str:
    """The settings that a report's folder names; those that are not known here stay as they are written there.

    >>> variant_said("-no-derived-rank-5", Words("en")), variant_said("-rank-5-base-year-2019", Words("vi")), variant_said("", Words("en"))
    ('without derived figures, rank 5', 'hạng 5, base year 2019', '')
    """
    return ", ".join(_pieces(variant, words))


def _pieces(variant: str, words: Words) -> Iterator[str]:
    at = 0
    while found := _PIECE.match(variant, at):
        yield words.say("rank {rank}").format(rank=found["rank"]) if found["rank"] else words.say("without derived figures")
        at = found.end()
    if rest := variant[at:].strip("-").replace("-", " "):
        yield rest


def usual_said(parameters: Mapping[str, Any], variants: Collection[str], words: Words) -> str:
    """What the usual report is beside its variants, by its own parameters; "" where it is alone, or that is not known.

    >>> usual_said({"rank": 10}, ["-rank-5"], Words("en")), usual_said({"rank": 10}, ["-no-derived"], Words("en")), usual_said({}, ["-rank-5"], Words("en"))
    ('rank 10', '', '')
    """
    rank = parameters.get("rank")
    is_asked = any(_RANKED.match(variant) for variant in variants)
    return words.say("rank {rank}").format(rank=rank) if is_asked and type(rank) is int else ""
