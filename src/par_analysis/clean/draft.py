"""Statements proposed from an article's text: every figure with its noun, year, unit and domain, for a person to confirm."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from par_analysis.clean.mentions import Lexicon, Names
from par_analysis.clean.phrases import PHRASES, Phrases
from par_analysis.clean.sentences import NO_FIGURE, YEAR, Paragraph, plain
from par_analysis.clean.statements import MAX_STATEMENTS, OPERATIONS, QUALIFIERS, UNKNOWN, is_plain
from par_analysis.errors import RequestError
from par_analysis.model import TOTAL, Article, Language, Statement

MAX_BYTES: Final = 256 * 2**10
_MARKS: Final = frozenset("ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")


def language_of(text: str) -> Language:
    """Vietnamese where its own letters are frequent.

    >>> language_of("Tỉnh xếp thứ 22"), language_of("Hải Dương ranked 22nd among all the provinces of the country that year")
    ('vi', 'en')
    """
    letters = [letter for letter in text[:20_000].lower() if letter.isalpha()]
    return "vi" if letters and sum(letter in _MARKS for letter in letters) / len(letters) > 0.1 else "en"


def paragraphs(text: str) -> list[str]:
    """The text's blocks between empty lines, blanks joined.

    >>> paragraphs("One\\ntwo\\n\\n\\nthree")
    ['One two', 'three']
    """
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]


def propose(
    text: str, lexicon: Lexicon, *, lang: Language | None = None, unit: str = "", year: int | None = None, index: str = "par_index"
) -> tuple[Article, tuple[Statement, ...]]:
    """The article's head as far as it can be told, and a proposal for every figure in the text.

    Raises ``RequestError`` where neither the caller nor the text says which unit or year it is about.
    """
    text = "".join(letter for letter in text if letter in "\n\t" or is_plain(letter))
    language = lang or language_of(text)
    names = Names(lexicon)
    code, when = unit or names.most_frequent(text), year or _most_frequent_year(text, PHRASES[language])
    if not code or when is None:
        raise RequestError(f"the text does not say which {'unit' if not code else 'year'} it is about", hint="--unit NAME --year Y")
    blocks = paragraphs(text)
    title = plain(blocks[0], 200) if blocks else ""
    article = Article("", {"vi": title, "en": title}, index, code, when)
    found: list[Statement] = []
    for number, block in enumerate(blocks, 1):
        if len(found) >= MAX_STATEMENTS:
            break
        found += Paragraph(block, number, article, PHRASES[language], lexicon, names).proposals()
    return article, tuple(_named(_once(found))[:MAX_STATEMENTS])


def _most_frequent_year(text: str, phrases: Phrases) -> int | None:
    """The year named most often, dates, quarters and years compared with left out; the first of several."""
    bare = text.lower()
    for pattern in (NO_FIGURE, phrases.quarter, phrases.half, phrases.compared):
        bare = pattern.sub(" ", bare)
    met = Counter(int(match[0]) for match in YEAR.finditer(bare))
    return met.most_common(1)[0][0] if met else None


def _once(statements: Iterable[Statement]) -> list[Statement]:
    """Without what the text says twice."""
    seen: dict[tuple[object, ...], Statement] = {}
    for one in statements:
        seen.setdefault((one.index, one.unit, one.year, one.period, one.node, one.measure, one.comparison, one.value, one.against), one)
    return list(seen.values())


def _named(statements: Sequence[Statement]) -> list[Statement]:
    """With ids that say what they are about."""
    met: Counter[str] = Counter()
    named = []
    for one in statements:
        words = [one.node.partition("@")[0] if one.node != TOTAL else "", one.measure, one.comparison if one.comparison != "level" else "", one.period or str(one.year)]
        slug = re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")[:50]
        met[slug] += 1
        named.append(replace(one, id=slug if met[slug] == 1 else f"{slug}-{met[slug]}"))
    return named


def as_toml(article: Article, statements: Sequence[Statement]) -> str:
    """A file of statements that ``read_statements`` reads back, what nobody has confirmed marked ``unsure``."""
    head = {"source": article.source, "title": article.title["vi"], "publisher": article.publisher, "index": article.index, "unit": article.unit, "year": article.year}
    lines = [
        "# Proposed from a text: check every statement against it. One with `unsure` is not judged, and is no evidence, until that line is removed.",
        "# `source` is the text's address, if it has one, and `copies` are other addresses of it: figures that come from there are no evidence.",
        *_lines(head),
        "copies = []",
    ]
    for one in statements:
        lines += ["", "[[statement]]", *_lines(_facts(one, article))]
    return "\n".join(lines) + "\n"


def _facts(one: Statement, article: Article) -> dict[str, Any]:
    words = {sign: word for word, sign in QUALIFIERS.items()}
    value = None if one.value is None else f"{one.value:.{one.decimals}f}"
    facts: dict[str, Any] = {"id": one.id, "place": one.place, "wording": one.wording}
    facts |= {"index": one.index} if one.index not in (article.index, OPERATIONS) else {}
    facts |= {"unit": one.unit} if one.unit != article.unit else {}
    facts |= {"year": one.year} if one.year != article.year else {}
    facts |= {"period": one.period} if one.period else {}
    facts |= {"node": one.node} if one.node != TOTAL else {}
    facts |= {"comparison": one.comparison} if one.comparison != "level" else {}
    facts |= {"measure": one.measure, "value": _Bare(value) if value is not None else None, "qualifier": words.get(one.qualifier), "against": one.against}
    facts |= {"out_of": int(one.out_of) if one.out_of is not None else None, "unit_of_measure": one.unit_of_measure if one.measure == UNKNOWN else None}
    facts |= {"confidence": one.confidence, "unsure": one.unsure or None}
    return {name: fact for name, fact in facts.items() if fact is not None}


class _Bare(str):
    """A number written as it was printed."""

    __slots__ = ()


def _lines(facts: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {fact if isinstance(fact, _Bare) else json.dumps(fact, ensure_ascii=False)}" for name, fact in facts.items()]
