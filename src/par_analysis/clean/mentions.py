"""Which units and domains a text names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from par_analysis.errors import RequestError
from par_analysis.model import Index, Unit

ENOUGH: Final = 0.6
"""The share of the words of a domain's long name that make a sentence name it."""


@dataclass(frozen=True)
class Lexicon:
    """What a text's words are held against: units, indices, the domains' names by number, departments by name."""

    units: Sequence[Unit]
    resolve: Callable[[str, int | str | None], str]
    indices: Mapping[str, Index]
    domains: Mapping[int, Sequence[str]] = field(default_factory=dict)
    departments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Names:
    """The units that a text names."""

    def __init__(self, lexicon: Lexicon) -> None:
        provinces = [unit for unit in lexicon.units if unit.kind == "province"]
        self.resolve = lexicon.resolve
        self.codes = {unit.code for unit in provinces}
        forms = {name for unit in provinces for name in (unit.name_vi, unit.name_en) if name}
        self.pattern = re.compile(r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, forms), key=len, reverse=True)) + r")(?!\w)") if forms else re.compile(r"(?!)")

    def met(self, text: str) -> list[tuple[int, str]]:
        """Where which unit is named; a name of several units is left out."""
        found = []
        for match in self.pattern.finditer(text):
            try:
                code = self.resolve(match[0], None)
            except RequestError:
                continue
            if code in self.codes:
                found.append((match.start(), code))
        return found

    def most_frequent(self, text: str) -> str:
        """The unit that is named most often."""
        met = Counter(code for _, code in self.met(text))
        return met.most_common(1)[0][0] if met else ""


@lru_cache(maxsize=200)
def _domain_forms(name: str) -> tuple[list[str], list[str]]:
    """Phrases that stand for a domain by themselves, and the words of its name."""
    low = name.lower()
    phrases = [low] + [re.sub(r"^(?:xây dựng|phát triển|công tác) ", "", part.strip()) for part in re.split(r",| và | and ", low)]
    long = [part for part in phrases if len(part.split()) >= 3 and part not in {"cải cách hành chính", "administrative reform"}]
    words = [word for word in re.findall(r"[\w-]+", low) if len(word) > 1 and word not in {"of", "on", "and", "the", "và", "của", "đến", "to"}]
    return long, words


def domain_in(sentence: str, domains: Mapping[int, Sequence[str]]) -> str:
    """The node of the domain that a sentence (in lower case) names, by a phrase of its name or by most of its words; "" where it names none.

    >>> domain_in("về chính quyền số, tỉnh đứng thứ 9", {7: ["Xây dựng và phát triển chính quyền điện tử, chính quyền số"]})
    'domain:7'
    """
    stems = {word[:6] for word in re.findall(r"[\w-]+", sentence)}
    best, share = "", ENOUGH
    for number, names in domains.items():
        for name in names:
            phrases, needed = _domain_forms(name)
            if any(phrase in sentence for phrase in phrases):
                return f"domain:{number}"
            met = sum(word[:6] in stems for word in needed) / len(needed) if len(needed) > 3 else 0
            if met > share:
                best, share = f"domain:{number}", met
    return best
