"""The figures of a paragraph, sentence by sentence: what each one is, of which year, unit and domain, and why that may be wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from par_analysis.clean.mentions import Lexicon, Names, domain_in
from par_analysis.clean.numbers import parse_number
from par_analysis.clean.phrases import INDICES, NODES, OTHER_INDICES, QUARTERS, Phrases
from par_analysis.clean.statements import MAX_STATEMENTS, MAX_WORDING, OPERATIONS, QUALIFIERS, UNKNOWN, is_plain
from par_analysis.model import COUNTRY, TOTAL, Article, Statement

LONGEST: Final = 2000
"""A longer sentence is read in pieces."""
MOST_FIGURES: Final = 60
"""So many figures of one sentence are read; a sentence with more is a table."""
WORDS_BEFORE, WORDS_AFTER = 4, 3
OTHER: Final = "?"
"""Instead of an index's code: the text names one that is not known."""
DOUBTED: Final = 0.3
"""The most that a figure is worth whose sentence denies or intends something."""
_NUMBER: Final = re.compile(r"(?<![\w.,/-])\d+(?:[.,]\d+)*(?![\d])")
YEAR: Final = re.compile(r"(?<![\w.,])(?:19|20)\d\d(?![\w%]|[.,]\d)")
_MONTHS: Final = "january|february|march|april|may|june|july|august|september|october|november|december"
NO_FIGURE: Final = re.compile(rf"\d{{1,2}}/\d{{1,2}}/\d{{4}}|(?:ngày|{_MONTHS})\s+\d{{1,2}}(?:/\d{{1,2}})?\b|\d+/[a-zđ][-/\w]*|\d{{1,2}}/(?=\d{{4}})")
"""Dates, and the numbers of decisions."""
_AGAIN: Final = re.compile(r"((?:19|20)\d\d)\. ((?:19|20)\d\d)\b")
"""A year, a stop, and another year: one of them is a slip."""
_SENTENCE: Final = re.compile(r"(?<=[.!?;:])\s+")


def plain(text: str, most: int) -> str:
    """The visible letters of a text, at most so many.

    >>> plain("a\\tb", 9)
    'ab'
    """
    return "".join(letter for letter in text if is_plain(letter))[:most].strip()


@dataclass
class Paragraph:
    """One paragraph being read, sentence by sentence: years, domains and indices carry over."""

    text: str
    place: int
    article: Article
    phrases: Phrases
    lexicon: Lexicon
    names: Names
    year: int | None = None
    period: str = ""
    domain: str = ""
    index: str = ""
    department: str = ""

    def proposals(self) -> list[Statement]:
        """A proposal for every figure."""
        low = self.text.lower()
        self.department = next((name for name, labels in self.lexicon.departments.items() if any(label.lower() in low for label in (name, *labels.values()))), "")
        found: list[Statement] = []
        for sentence in _sentences(self.text):
            found += _Sentence(sentence, self).proposals()
            if len(found) >= MAX_STATEMENTS:
                break
        return found


def _sentences(text: str) -> list[str]:
    """Sentences; a piece that is a mere number belongs to the one before it ("compared to 2023. 2022.")."""
    pieces: list[str] = []
    for whole in _SENTENCE.split(text):
        for piece in (whole[start : start + LONGEST] for start in range(0, len(whole), LONGEST)):
            if pieces and len(pieces[-1]) < LONGEST and re.fullmatch(r"[\d.,]+", piece):
                pieces[-1] += " " + piece
            else:
                pieces.append(piece)
    return pieces


@dataclass(frozen=True)
class _Figure:
    """A number in a sentence with what stands around it."""

    start: int
    end: int
    text: str
    before: str
    after: str


class _Sentence:
    """One sentence: its figures, years and names."""

    def __init__(self, text: str, paragraph: Paragraph) -> None:
        self.text, self.low, self.at, self.phrases = text, text.lower() if len(text.lower()) == len(text) else text, paragraph, paragraph.phrases
        hidden = [match.span() for pattern in (NO_FIGURE, self.phrases.quarter, self.phrases.half) for match in pattern.finditer(self.low)]
        self.best = self.phrases.best.search(self.low)
        hidden += [self.best.span(1)] if self.best else []
        self.compared = {match.start(1): int(match[1]) for match in self.phrases.compared.finditer(self.low)}
        self.compared |= {match.start(2): int(match[2]) for match in _AGAIN.finditer(self.low) if match.start(1) in self.compared}
        self.years = {match.start(): int(match[0]) for match in YEAR.finditer(self.low)}
        self.figures = []
        self.named = paragraph.names.met(text)
        for match in islice(_NUMBER.finditer(self.low), MOST_FIGURES):
            if match.start() in self.years or any(start <= match.start() < end for start, end in hidden):
                continue
            self.figures.append(_Figure(*match.span(), match[0], self.low[max(0, match.start() - 160) : match.start()], self.low[match.end() : match.end() + 80]))
        self.attached = {figure.end + met.start(1) for figure in self.figures if (met := self.phrases.year_after.match(figure.after))}
        self.mood = self._mood()
        self._remember()

    def _remember(self) -> None:
        """Period, index and domain that the sentence names hold for those after it."""
        if quarter := self.phrases.quarter.search(self.low):
            first, *rest = [group for group in quarter.groups() if group]
            self.at.year, self.at.period = int(rest[0]), f"{rest[0]}-Q{QUARTERS[first]}"
        elif half := self.phrases.half.search(self.low):
            self.at.year, self.at.period = int(half[2]), f"{half[2]}-H{QUARTERS[half[1]]}"
        elif self.years:
            self.at.period = ""
        self.domain = domain_in(self.low, self.at.lexicon.domains)
        self.at.domain = self.domain or self.at.domain
        patterns = [*((code if code in self.at.lexicon.indices else OTHER, pattern) for code, pattern in INDICES.items()), (OTHER, OTHER_INDICES)]
        self.indices = sorted((match.start(), code) for code, pattern in patterns for match in pattern.finditer(self.low))
        self.at.index = self.indices[-1][1] if self.indices else self.at.index

    def proposals(self) -> list[Statement]:
        """A proposal for every figure that a noun, a sign or an ordinal makes one."""
        found = [made for figure in self.figures if (made := self._proposal(figure)) is not None]
        if self.years:
            self.at.year = self._carried()
        if self.best:
            found.append(self._best(self.best))
        return found

    def _carried(self) -> int:
        """The year that the sentences after this one are about, where they name none."""
        named = [(start in self.attached, year) for start, year in self.years.items() if start not in self.compared and not self._in_brackets(start)]
        free = [year for is_attached, year in named if not is_attached]
        return free[-1] if free else self.at.year or (named[-1][1] if named else self.at.article.year)

    def _proposal(self, figure: _Figure) -> Statement | None:
        parsed = self._value(figure)
        if parsed is None:
            return None
        value, decimals, doubt = parsed
        for rule in (self._units, self._change, self._rank, self._score, self._percent, self._count, self._span, self._other):
            facts = rule(figure)
            if facts is not None:
                return self._made(figure, value, decimals, doubt, facts)
        return None

    def _value(self, figure: _Figure) -> tuple[float, int, str] | None:
        for sign, doubt in ((self.phrases.decimal, ""), ("," if self.phrases.decimal == "." else ".", "the decimal sign is not the language's")):
            try:
                value = parse_number(figure.text, decimal=sign).value  # type: ignore[arg-type]
            except ValueError:
                continue
            return value, len(figure.text.partition(sign)[2]), doubt
        return None

    # what it is: each rule gives the facts that it knows, or None

    def _units(self, figure: _Figure) -> dict[str, Any] | None:
        if not self.phrases.units_after.match(figure.after) or "%" in figure.after[:2]:
            return None
        doubt = "" if self.phrases.among_before.search(figure.before) else "is this the number of provinces ranked?"
        return {"measure": "n_units", "unit": COUNTRY, "confidence": 0.9, "unsure": doubt}

    def _change(self, figure: _Figure) -> dict[str, Any] | None:
        up, down = self.phrases.up_before.search(self._bare(figure)), self.phrases.down_before.search(self._bare(figure))
        points, places = self.phrases.points_after.match(figure.after), self.phrases.places_after.match(figure.after)
        if not (up or down) or not (points or places):
            return None
        against, doubt = self._against(figure)
        return {"measure": "rank" if places else "score", "comparison": "change", "against": against, "sign": 1 if up else -1, "confidence": 0.9, "unsure": doubt}

    def _rank(self, figure: _Figure) -> dict[str, Any] | None:
        is_ordinal, is_said = self.phrases.ordinal_after.match(figure.after), self.phrases.rank_before.search(figure.before)
        if not is_said and not (is_ordinal and self.phrases.rank_word.search(self.low)):
            return None
        rest = figure.after[is_ordinal.end() :] if is_ordinal else figure.after
        out_of = self.phrases.out_of_after.match(rest) or re.match(r"\s*/\s*(\d{2})\b", rest)
        return {"measure": "rank", "out_of": float(out_of[1]) if out_of else None, "confidence": 0.9 if is_said else 0.8}

    def _score(self, figure: _Figure) -> dict[str, Any] | None:
        if not self.phrases.points_after.match(figure.after):
            return None
        if self.phrases.mean.search(figure.before):
            return {"measure": "mean", "unit": COUNTRY, "confidence": 0.7}
        return {"measure": "score", "confidence": 0.9}

    def _percent(self, figure: _Figure) -> dict[str, Any] | None:
        if not self.phrases.percent_after.match(figure.after):
            return None
        whole = self.low[: figure.start]
        met = [(match.start(), name) for pattern, name in self.phrases.shares for match in pattern.finditer(whole)]
        if not met:
            is_index = any(pattern.search(whole) for pattern in INDICES.values())
            return {"measure": "score" if is_index else UNKNOWN, "confidence": 0.5, "unsure": "is this the index's score?" if is_index else "what is this a share of?"}
        start, measure = max(met)
        if measure == "digitised_share_departments" and self.phrases.words_after.search(whole, start):
            measure = "digitised_share_districts"
        return self._operational(measure, 0.7)

    def _count(self, figure: _Figure) -> dict[str, Any] | None:
        after = re.sub(r"^\s*/\s*\d+", "", figure.after)
        if self.phrases.procedures_after.match(after):
            met = [(match.start(), name) for pattern, name in self.phrases.verbs for match in pattern.finditer(self.low[: figure.start])]
            return self._operational(max(met)[1], 0.8) if met else {"measure": UNKNOWN, "confidence": 0.4, "unsure": "what was done with these procedures?"}
        for pattern, measure in self.phrases.counts:
            if pattern.match(after):
                return {"measure": measure, "unit": COUNTRY, "confidence": 0.7} if measure == "n_domains" else self._operational(measure, 0.7)
        return None

    def _span(self, figure: _Figure) -> dict[str, Any] | None:
        """The ends of "from 83.52 to 87.84 points": the noun stands after the second one, or nowhere."""
        onward = self._onward(figure)
        if onward and self.phrases.points_after.match(figure.after[onward.end() :]):
            return {"measure": "score", "confidence": 0.8}
        is_end = onward or self.phrases.to_before.search(self._bare(figure))
        return {"measure": "score", "confidence": 0.5, "unsure": "is this a score?"} if is_end and re.search(r"[.,]\d{1,2}$", figure.text) else None

    def _other(self, figure: _Figure) -> dict[str, Any] | None:
        noun = re.match(r"\s+([^\W\d_]{3,20})", figure.after)
        return {"measure": UNKNOWN, "confidence": 0.2, "unsure": f"what is counted is not known: {noun[1]}"} if noun else None

    def _operational(self, measure: str, confidence: float) -> dict[str, Any]:
        node = f"{OPERATIONS}:{NODES.get(measure, 'dossiers')}"
        if self.at.department and measure not in NODES and not measure.startswith("digitised"):
            node += f"@{self.at.department}"
        return {"index": OPERATIONS, "node": node, "measure": measure, "confidence": confidence}

    # when, and about whom

    def _bare(self, figure: _Figure) -> str:
        """What stands before a figure, without its qualifier."""
        for pattern, _ in self.phrases.qualifiers:
            if met := pattern.search(figure.before):
                return figure.before[: met.start()]
        return figure.before

    def _qualifier(self, figure: _Figure) -> str:
        return next((QUALIFIERS[name] for pattern, name in self.phrases.qualifiers if pattern.search(figure.before)), "")

    def _onward(self, figure: _Figure) -> re.Match[str] | None:
        """What follows the first figure of "from ... to ...", up to the end of the second."""
        return self.phrases.onward.match(figure.after) if self.phrases.from_before.search(self._bare(figure)) else None

    def _in_brackets(self, start: int) -> bool:
        return self.low.rfind("(", 0, start) > self.low.rfind(")", 0, start)

    def _year(self, figure: _Figure) -> tuple[int, str]:
        """The year nearest to a figure, and why it may be another."""
        after = self.phrases.year_after.match(figure.after)
        if after:
            return int(after[1]), ""
        level = self._in_brackets(figure.start)
        named = [(start, year) for start, year in self.years.items() if start not in self.compared and start not in self.attached and self._in_brackets(start) == level]
        clause = max(self.low.rfind(mark, 0, figure.start) for mark in (", ", "; ", "("))
        stop = min((place for mark in (", ", "; ", ")") if (place := self.low.find(mark, figure.end)) >= 0), default=len(self.low))
        preceding, following = [year for start, year in named if start < figure.start], [year for start, year in named if figure.end <= start < stop]
        is_near = any(clause <= start < figure.start for start, _ in named)
        if following and not is_near:
            return following[0], ""
        if preceding:
            return preceding[-1], ""
        if shared := self._shared_year(figure):
            return shared
        if self.at.year is not None:
            return self.at.year, ""
        return self.at.article.year, "the sentence names another year only" if set(self.years) - set(self.compared) else ""

    def _shared_year(self, figure: _Figure) -> tuple[int, str] | None:
        """The year that stands behind a later figure of the sentence and holds for this one, too ("42.68 points, ranked 25th in 2021")."""
        start = min((start for start in self.attached if start >= figure.end and start in self.years and start not in self.compared), default=-1)
        between = self.low[figure.end : start]
        if start < 0 or self.phrases.other_year.search(between) or self._in_brackets(figure.start) != self._in_brackets(start):
            return None
        year = self.years[start]
        return year, f"is this of {year}, too?" if re.search(r"[,(] ", between) else ""

    def _year_from(self, figure: _Figure) -> tuple[int, str]:
        """The year of a figure that something rose or fell from, where it is not written behind it."""
        base, doubt = self._against(figure)
        return base, doubt or ("" if self.compared else "of which year is this?")

    def _index(self, figure: _Figure) -> tuple[str, str]:
        """The index that a figure is of: the one named last before it, else the next one of the sentence, else the one named before; and why it may be another."""
        before = [code for start, code in self.indices if start < figure.start]
        named = before[-1] if before else self.indices[0][1] if self.indices else self.at.index
        if named == OTHER:
            return self.at.article.index, "another index is named: this is not one that can be checked"
        doubt = "of which index is this?" if len({code for _, code in self.indices}) > 1 else ""
        return named or self.at.article.index, doubt

    def _mood(self) -> str:
        """Why what the sentence says may not be so."""
        if self.phrases.denied.search(self.low):
            return "the sentence denies something: is this what was?"
        return "the sentence speaks of an aim, a plan or a condition: is this what was?" if self.phrases.intended.search(self.low) else ""

    def _against(self, figure: _Figure) -> tuple[int, str]:
        """The year that a change is measured from, and why it may be another."""
        year, _ = self._year(figure)
        after = [base for start, base in self.compared.items() if start > figure.start]
        before = [base for start, base in self.compared.items() if start < figure.start]
        base = after[0] if after else before[-1] if before else None
        if base == year:
            return base, "the text compares the year with itself" + (f", and goes on with {after[1]}" if len(after) > 1 else "")
        if base is not None:
            return base, ""
        if self.phrases.previous_year.search(self.low):
            return year - 1, ""
        others = [one for one in self.years.values() if one != year]
        return (others[-1], "") if others else (year - 1, "the year compared with is not named")

    def _node(self, facts: Mapping[str, Any]) -> tuple[str, str]:
        if facts["measure"] not in {"score", "rank", "mean"}:
            return TOTAL, ""
        if self.domain:
            return self.domain, ""
        if self.phrases.this_field.search(self.low) and self.at.domain:
            return self.at.domain, ""
        return TOTAL, "which domain?" if self.phrases.field.search(self.low) else ""

    def _unit(self, figure: _Figure) -> tuple[str, str]:
        met = [code for start, code in self.named if start < figure.start]
        own = self.at.article.unit
        return (met[-1], "is this figure about that province?") if met and met[-1] != own and own not in met else (own, "")

    def _made(self, figure: _Figure, value: float, decimals: int, doubt: str, facts: dict[str, Any]) -> Statement:
        is_level = facts["measure"] in {"score", "rank"} and "comparison" not in facts
        is_from = is_level and self.phrases.from_before.search(self._bare(figure)) and not self.phrases.year_after.match(figure.after)
        year, unsure_year = self._year_from(figure) if is_from else self._year(figure)
        node, unsure_node = (facts["node"], "") if "node" in facts else self._node(facts)
        unit, unsure_unit = (facts["unit"], "") if "unit" in facts else self._unit(figure)
        index, unsure_index = (facts["index"], "") if "index" in facts else self._index(figure)
        known = self.at.lexicon.indices.get(index)
        scales = {"rank": "place", "score": known.unit_of_measure if known else "points", "mean": known.unit_of_measure if known else "points"}
        is_percent = bool(self.phrases.percent_after.match(figure.after))
        is_other_count = facts["measure"] == "n_units" and known is not None and value != known.count_of_units(year)
        more = (
            "“at least” is also true of the very figure, “over” is not" if self.phrases.at_least.search(figure.before) else "",
            "is this how many were ranked? It is not how many provinces there were" if is_other_count else "",
            "is this a domain of that index?" if node != TOTAL and index not in {self.at.article.index, OPERATIONS} else "",
        )
        doubts = [text for text in (self.mood, facts.get("unsure", ""), doubt, unsure_index, unsure_year, unsure_node, unsure_unit, *more) if text]
        return Statement(
            id="",
            index=index,
            unit=unit,
            year=year,
            node=node,
            measure=facts["measure"],
            comparison=facts.get("comparison", "level"),
            period=self.at.period if self.at.period.startswith(str(year)) and index == OPERATIONS else "",
            value=value * facts.get("sign", 1),
            decimals=decimals,
            qualifier=self._qualifier(figure),
            unit_of_measure=scales.get(facts["measure"], "percent" if is_percent else "count"),
            out_of=facts.get("out_of"),
            against=facts.get("against"),
            wording=self._wording(figure.start, figure.end),
            place=self.at.place,
            confidence=min(DOUBTED if self.mood else 1, round(facts["confidence"] * 0.7 ** len(doubts), 2)),
            unsure="; ".join(doubts)[:300],
        )

    def _best(self, match: re.Match[str]) -> Statement:
        span, article = int(match[1]), self.at.article
        return Statement(
            id="",
            index=article.index if self.at.index in {"", OTHER} else self.at.index,
            unit=article.unit,
            year=article.year,
            node=self.domain or TOTAL,
            measure="rank",
            comparison="best",
            value=float(span),
            unit_of_measure="place",
            against=article.year - span + 1,
            wording=self._wording(*match.span(1)),
            place=self.at.place,
            confidence=0.5,
            unsure="is the rank of that year meant, and are the years before it counted with it?",
        )

    def _wording(self, start: int, end: int) -> str:
        """The few words around a figure."""
        before = self.text[max(0, start - 200) : start].split(" ")[-WORDS_BEFORE - 1 :]
        after = self.text[end : end + 200].split(" ")[: WORDS_AFTER + 1]
        text = " ".join(before) + self.text[start:end][:MAX_WORDING] + " ".join(after)
        return _cut(plain(text, 400), max(0, text.find(self.text[start:end])))


def _cut(text: str, at: int) -> str:
    """At most so many letters of a fragment, without stops at its ends."""
    low = max(0, min(at - MAX_WORDING // 2, len(text) - MAX_WORDING))
    return text[low : low + MAX_WORDING].strip(" ,.;:()–-")
