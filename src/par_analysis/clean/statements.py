"""An article's statements, ``data/claims/<article>.toml``, as records."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from par_analysis.errors import DataError, Finding, RequestError, nearest, shortened
from par_analysis.model import COMPARISONS, COUNTRY, LANGUAGES, Article, Index, Statement

OPERATIONS: Final = "operations"
MAX_BYTES: Final = 256 * 2**10
MAX_LINE: Final = 600
MAX_STATEMENTS: Final = 500
MAX_FINDINGS: Final = 200
MAX_WORDING: Final = 90
MAX_WORDS: Final = 16
"""Of a fragment, counted between blanks: eight English words, or eight Vietnamese ones of two syllables."""

QUALIFIERS: Final[Mapping[str, str]] = {"nearly": "<~", "about": "~", "over": ">", "under": "<"}
UNITS_OF_MEASURE: Final = ("points", "percent", "place", "count", "billion_vnd", "index")
COUNTED: Final = ("unit", "year")
UNKNOWN: Final = "unknown"
"""The measure of a proposal whose noun is not known; a judged statement must name a real one."""

INDEX_MEASURES: Final = ("score", "rank", "share_of_max", "mean", "max", "min", "points_lost", "domains_up", "domains_rank_up", "best_rank", "n_units", "n_domains", "n_years")
_HEADER: Final[Mapping[str, type | tuple[type, ...]]] = {
    "source": str, "title": (str, dict), "index": str, "unit": str, "year": int, "publisher": str, "edition": str, "copies": list, "lang": str, "statement": list,
}  # fmt: skip
_FIELDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "id": str, "index": str, "unit": str, "year": int, "period": str, "node": str, "measure": str, "comparison": str, "value": (int, Decimal), "qualifier": str,
    "unit_of_measure": str, "out_of": int, "against": int, "of": list, "counts": str, "wording": str, "place": int, "confidence": (int, Decimal), "unsure": str,
}  # fmt: skip
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "level": ("measure", "value"), "change": ("measure", "value", "against"), "best": ("measure", "against"), "worst": ("measure", "against"), "first": ("measure",),
    "last": ("measure",), "most": ("measure", "against"), "list": ("value", "of", "counts"), "sum": ("measure", "value", "of"), "share": ("value", "of"), "none": (),
}  # fmt: skip
_KINDS: Final[Mapping[type, str]] = {str: "a text", int: "a whole number", Decimal: "a number", list: "a list", dict: "a table"}
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_NODE: Final = re.compile(r"total|(?:domain|part|criterion|operations):[^\s:]{1,40}(?: [^\s:]{1,20}){0,8}")
_MEASURE: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")
_PERIOD: Final = re.compile(r"|\d{4}-(?:Q[1-4]|H[12]|\d\d)")


class BadStatements(DataError):
    """A file of statements cannot be used: carries all findings."""

    exit_code = 2

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings)
        self.hint = "docs/how-to/check-an-article.md"


def read_text(path: Path, *, most: int, what: str) -> str:
    """A file's text in NFC, never more of it than ``most`` bytes. Raises ``RequestError`` where it is no such file: too large, binary, in another encoding."""
    name = shortened(path.name)
    try:
        if not path.is_file():
            raise RequestError(f"{name}: {'is no ordinary file' if path.exists() else 'no such file'}", hint=f"name {what}")
        with path.open("rb") as stream:
            content = stream.read(most + 1)
    except OSError as error:
        raise RequestError(f"{name}: cannot be read: {error.strerror}") from error
    if len(content) > most:
        raise RequestError(f"{name}: larger than {most // 2**10} KB, where {what} is expected")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RequestError(f"{name}: text in UTF-16", hint="save it as UTF-8")
    if b"\0" in content:
        raise RequestError(f"{name}: a binary file", hint=f"name {what} in UTF-8")
    try:
        return unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RequestError(f"{name}: byte {error.start} is not UTF-8", hint="save it as UTF-8") from error


def is_plain(text: str) -> bool:
    """Whether a text is one line of visible letters: no control, direction or other formatting character.

    >>> is_plain("xếp thứ 22"), is_plain("22" + chr(0x202E))
    (True, False)
    """
    return not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for letter in text)


def read_statements(path: Path, *, resolve: Callable[[str, int], str], indices: Mapping[str, Index], measures: Collection[str] = ()) -> tuple[Article, tuple[Statement, ...]]:
    """The article of a file and its statements, in the file's order. ``measures`` are the known operational ones (none: any is taken).

    Raises ``BadStatements`` with all findings, ``RequestError`` for a file that is no file of statements at all.
    """
    text = read_text(path, most=MAX_BYTES, what="a TOML file of statements")
    if max(map(len, text.split("\n"))) > MAX_LINE:
        raise RequestError(f"{shortened(path.name)}: a line is longer than {MAX_LINE} letters", hint="statements are short: a figure and a fragment of the article")
    try:
        facts = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError) as error:
        raise RequestError(f"{shortened(path.name)}: not valid TOML: {shortened(str(error))}") from error
    except RecursionError as error:
        raise RequestError(f"{shortened(path.name)}: not valid TOML: nested too deeply") from error
    return _Reader(shortened(path.name), text, resolve, indices, measures).read(facts)


class _Reader:
    """One file being read: every fault becomes a finding, and only a file without one becomes statements."""

    def __init__(self, file: str, text: str, resolve: Callable[[str, int], str], indices: Mapping[str, Index], measures: Collection[str]) -> None:
        self.file, self.resolve, self.indices, self.measures = file, resolve, indices, measures
        self.lines = [number for number, line in enumerate(text.split("\n"), 1) if re.match(r"\s*\[\[\s*statement\s*\]\]", line)]
        self.findings: list[Finding] = []
        self.place, self.row = "", 0

    def find(self, field: str, met: object, expected: str, hint: str = "") -> None:
        """Note a fault at the place that is being read."""
        self.findings.append(Finding("error", "statement", self.file, self.file, self.row, f"{self.place}{field}", shortened(str(met)), expected, hint))

    def read(self, facts: Mapping[str, Any]) -> tuple[Article, tuple[Statement, ...]]:
        """The records, or all findings at once."""
        header = self._fields(facts, _HEADER, needed=("source", "title", "unit", "year", "statement"))
        entries = header.get("statement", [])
        if len(entries) > MAX_STATEMENTS:
            self.find("statement", len(entries), f"at most {MAX_STATEMENTS} statements")
            raise BadStatements(self.findings)
        article = self._article(header)
        statements = [statement for number, entry in enumerate(entries, 1) if (statement := self._statement(number, entry, article)) is not None]
        self.place, self.row = "", 0
        self._require_references(statements)
        if self.findings:
            more = len(self.findings) - MAX_FINDINGS
            last = [Finding("error", "statement", self.file, self.file, 0, "", f"{more} more findings", "a file of statements")] if more > 0 else []
            raise BadStatements([*self.findings[:MAX_FINDINGS], *last])
        return article, tuple(statements)

    def _fields(self, facts: Mapping[str, Any], known: Mapping[str, type | tuple[type, ...]], *, needed: Iterable[str]) -> dict[str, Any]:
        """The fields that are known and of their kind; the others are findings."""
        kept: dict[str, Any] = {}
        for name, value in facts.items():
            kinds = known.get(name)
            if kinds is None:
                near = nearest(name[:40], known)
                self.find(shortened(name), "an unknown field", f"one of: {', '.join(known)}", f"did you mean {near[0]}?" if near else "")
            elif isinstance(value, bool) or not isinstance(value, kinds):
                wanted = " or ".join(_KINDS[kind] for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
                self.find(name, f"{_KINDS.get(type(value), type(value).__name__)}", wanted)
            elif isinstance(value, str) and not is_plain(value):
                self.find(name, value, "visible letters on one line, no control or direction characters")
            else:
                kept[name] = value
        for name in needed:
            if name not in facts:
                self.find(name, "nothing", "this field")
        return kept

    def _article(self, header: Mapping[str, Any]) -> Article:
        title = header.get("title", "")
        titles = title if isinstance(title, dict) else {"vi": title, "en": title}
        if "title" in header and (sorted(titles) != ["en", "vi"] or not all(isinstance(text, str) and 0 < len(text) <= 200 and is_plain(text) for text in titles.values())):
            self.find("title", title, "a text of at most 200 letters, or title.vi and title.en")
        for name in ("source", "publisher", "edition"):
            if len(header.get(name, "")) > 300:
                self.find(name, header[name], "at most 300 letters")
        copies = [str(copy) for copy in header.get("copies", [])]
        if len(copies) > 50 or not all(len(copy) <= 300 and is_plain(copy) for copy in copies):
            self.find("copies", f"{len(copies)} addresses", "at most 50 addresses of at most 300 letters")
        index, year = header.get("index", "par_index"), self._year(header, "year")
        self._word("index", index, list(self.indices))
        lang = header.get("lang", "en")
        self._word("lang", lang, LANGUAGES)
        unit = self._unit(header["unit"], year) if "unit" in header else ""
        named = {"publisher": header.get("publisher", ""), "edition": header.get("edition", ""), "copies": tuple(copies), "file": self.file, "lang": lang}
        return Article(header.get("source", ""), {lang: str(titles.get(lang, "")) for lang in ("vi", "en")}, index, unit, year, **named)

    def _statement(self, number: int, entry: object, article: Article) -> Statement | None:
        before = len(self.findings)
        self.row = self.lines[number - 1] if number <= len(self.lines) else 0
        self.place = f"statement {number}: "
        if not isinstance(entry, dict):
            self.find("", type(entry).__name__, "a table [[statement]]")
            return None
        comparison = entry.get("comparison", "level")
        needed = _NEEDS.get(comparison, ()) if isinstance(comparison, str) else ()
        facts = self._fields(entry, _FIELDS, needed=("id", "wording", "place", *needed))
        self._require_words(facts)
        year = self._year(facts, "year") if "year" in facts else article.year
        made = {
            "id": facts.get("id", ""),
            "index": facts.get("index") or self._index(facts, article),
            "unit": self._unit(facts["unit"], year) if "unit" in facts else article.unit,
            "year": year,
            "node": facts.get("node", "total"),
            "measure": facts.get("measure", "none"),
            "comparison": facts.get("comparison", "level"),
            "period": facts.get("period", ""),
            "qualifier": QUALIFIERS.get(facts.get("qualifier", ""), ""),
            "out_of": float(facts["out_of"]) if "out_of" in facts else None,
            "against": self._year(facts, "against") if "against" in facts else None,
            "of": tuple(map(str, facts.get("of", ()))),
            "counts": facts.get("counts", ""),
            "wording": facts.get("wording", ""),
            "place": facts.get("place", 0),
            "confidence": float(facts.get("confidence", 1)),
            "unsure": facts.get("unsure", ""),
            **self._number(facts),
        }
        made["unit_of_measure"] = facts.get("unit_of_measure") or self._unit_of_measure(made)
        self._require_ranges(made)
        return Statement(**made) if len(self.findings) == before else None

    @staticmethod
    def _index(facts: Mapping[str, Any], article: Article) -> str:
        return OPERATIONS if str(facts.get("node", "")).startswith(f"{OPERATIONS}:") else article.index

    def _require_words(self, facts: Mapping[str, Any]) -> None:
        """Closed lists and forms."""
        self._form("id", facts, _ID, "small letters, digits and hyphens, at most 60")
        self._form("node", facts, _NODE, "total, domain:<no>, part:<name>, criterion:<name> or operations:<name>")
        self._form("measure", facts, _MEASURE, "small letters, digits and _")
        self._form("period", facts, _PERIOD, "such as 2024-Q1, 2023-H1 or 2024-03")
        self._word("comparison", facts.get("comparison", "level"), COMPARISONS)
        self._word("qualifier", facts.get("qualifier", "nearly"), list(QUALIFIERS))
        self._word("unit_of_measure", facts.get("unit_of_measure", "count"), UNITS_OF_MEASURE)
        self._word("counts", facts.get("counts", "unit"), COUNTED)
        self._word("index", facts.get("index", OPERATIONS), [*self.indices, OPERATIONS])
        self._require_measure(facts)
        wording = facts.get("wording", "")
        if len(wording) > MAX_WORDING or len(wording.split()) > MAX_WORDS:
            self.find("wording", wording, f"a fragment of at most {MAX_WORDS} words and {MAX_WORDING} letters", "cite the few words around the figure, no sentence")
        if len(facts.get("unsure", "")) > 300:
            self.find("unsure", facts["unsure"], "at most 300 letters")

    def _require_measure(self, facts: Mapping[str, Any]) -> None:
        measure = facts.get("measure", "score")
        if measure == UNKNOWN and facts.get("unsure"):
            return
        is_operational = facts.get("index") == OPERATIONS or str(facts.get("node", "")).startswith(f"{OPERATIONS}:")
        known = self.measures if is_operational else INDEX_MEASURES
        if known and _MEASURE.fullmatch(measure):
            self._word("measure", measure, list(known))

    def _form(self, name: str, facts: Mapping[str, Any], form: re.Pattern[str], expected: str) -> None:
        if name in facts and not form.fullmatch(facts[name]):
            self.find(name, facts[name], expected)

    def _word(self, name: str, met: str, known: Sequence[str]) -> None:
        if met not in known:
            near = nearest(met[:80], known)
            self.find(name, met, f"one of: {', '.join(known[:20])}{', …' if len(known) > 20 else ''}", f"did you mean {near[0]}?" if near else "")

    def _year(self, facts: Mapping[str, Any], name: str) -> int:
        year = facts.get(name, 2000)
        if not 1990 <= year <= 2100:
            self.find(name, shortened(str(year)), "a year of four digits")
            return 2000
        return int(year)

    def _unit(self, name: str, year: int) -> str:
        try:
            return COUNTRY if name == COUNTRY else self.resolve(name, year)
        except RequestError as error:
            self.find("unit", name, "the name or code of a unit", str(error))
            return ""

    def _number(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The value, with as many decimals as it is written with."""
        if "value" not in facts:
            return {"value": None, "decimals": 0}
        value = Decimal(facts["value"])
        exponent = value.as_tuple().exponent if value.is_finite() else None
        if not isinstance(exponent, int) or not -6 <= exponent <= 12 or abs(value) > Decimal(10) ** 15:
            self.find("value", shortened(str(facts["value"])), "a number of at most six decimals and fifteen digits")
            return {"value": None, "decimals": 0}
        return {"value": float(value), "decimals": max(0, -exponent)}

    def _unit_of_measure(self, made: Mapping[str, Any]) -> str:
        measure, index = str(made["measure"]), self.indices.get(made["index"])
        if measure in {"rank", "best_rank"} or measure.endswith("_rank"):
            return "place"
        if measure in {"score", "mean", "max", "min"} and index is not None:
            return index.unit_of_measure
        return "percent" if made["comparison"] == "share" or re.search(r"(?:share|rate)(?:_|$)", measure) else "count"

    def _require_ranges(self, made: Mapping[str, Any]) -> None:
        if not 0 <= made["place"] <= 10_000:
            self.find("place", shortened(str(made["place"])), "the number of a paragraph")
        if not 0 <= made["confidence"] <= 1:
            self.find("confidence", shortened(str(made["confidence"])), "a number from 0 to 1")
        if made["out_of"] is not None and not 1 <= made["out_of"] <= 10_000:
            self.find("out_of", shortened(str(made["out_of"])), "a number of units")
        if made["comparison"] in {"best", "worst"} and made["against"] is not None and made["against"] > made["year"]:
            self.find("against", made["against"], f"the first year of the span, not after {made['year']}")
        wanted = {"share": 2}.get(made["comparison"], 0)
        if wanted and len(made["of"]) != wanted:
            self.find("of", f"{len(made['of'])} ids", "two ids: the part and the whole")

    def _require_references(self, statements: Sequence[Statement]) -> None:
        """Ids are unique, and what a list is about exists."""
        seen: set[str] = set()
        for statement in statements:
            if statement.id in seen:
                self.find(f"{statement.id}: id", statement.id, "an id that no other statement has")
            seen.add(statement.id)
        known = {statement.id for statement in statements if statement.comparison == "level"} if not self.findings else None
        for statement in statements if known is not None else ():
            for name in statement.of:
                if known is not None and (name not in known or name == statement.id):
                    self.find(f"{statement.id}: of", name, "the id of a statement of a figure (comparison level) in this file")
