"""``par claims``: an article's statements checked, and statements proposed from an article's text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from par_analysis import catalog, dataset, metrics
from par_analysis.catalog import Catalog
from par_analysis.clean.draft import MAX_BYTES, as_toml, propose
from par_analysis.clean.evidence import press, read_article
from par_analysis.clean.mentions import Lexicon
from par_analysis.clean.statements import read_text
from par_analysis.errors import DataError, RequestError, UnknownName, shortened
from par_analysis.model import LANGUAGES, UNJUDGED, Article, Index, Language, Verdict
from par_analysis.show.language import Words
from par_analysis.show.tables_press import Told, counts_of, told
from par_analysis.show.values import Shown

_PAGE: Final = re.compile(r"\A[^\w<]*<|<(?:!doctype|html|head|body)\b", re.IGNORECASE)
"""How a saved web page begins, instead of a text."""
HEADING = ("place", "statement", "stated", "recomputed", "verdict", "why", "source")


@dataclass(frozen=True)
class Checked:
    """An article with its verdicts, and the words to say them in."""

    article: Article
    verdicts: tuple[Verdict, ...]
    words: Words
    known: Catalog

    @property
    def counts(self) -> dict[str, int]:
        """Verdict → how many statements."""
        return counts_of(self.verdicts)

    @property
    def is_contradicted(self) -> bool:
        """Whether a statement is."""
        return self.counts["contradicted"] > 0

    def table(self) -> tuple[Sequence[str], list[list[str]]]:
        """Heading and rows for a terminal, in the file's order."""
        rows = []
        for verdict in self.verdicts:
            texts = self._told(verdict)
            why = verdict.statement.unsure if verdict.verdict == UNJUDGED else texts.reason
            rows.append([str(verdict.statement.place), texts.statement, texts.stated, texts.recomputed, texts.verdict, why, texts.sources])
        return HEADING, rows

    def _told(self, verdict: Verdict) -> Told:
        return told(verdict, Shown(self.words), self.known.indicators, lambda source: self.known.source_title(source, self.words.lang))

    def totals(self) -> str:
        """How many statements got each verdict; proposals that wait for a person are counted apart."""
        judged = ", ".join(f"{count} {name}" for name, count in self.counts.items() if name != UNJUDGED)
        waiting = self.counts[UNJUDGED]
        return judged + (f"; {waiting} not judged: remove `unsure` from each once you have checked it" if waiting else "")

    def data(self) -> dict[str, Any]:
        """The article, every verdict and the totals, ready for JSON."""
        article = {"source": self.article.source, "title": dict(self.article.title), "index": self.article.index, "unit": self.article.unit, "year": self.article.year}
        return {"article": article, "statements": [self._entry(verdict) for verdict in self.verdicts], "totals": self.counts}

    def _entry(self, verdict: Verdict) -> dict[str, Any]:
        one, texts = verdict.statement, self._told(verdict)
        names = ("id", "place", "wording", "index", "unit", "year", "period", "node", "measure", "comparison", "against", "value", "qualifier", "out_of", "unsure")
        recomputed = None if verdict.recomputed is None else float(f"{verdict.recomputed['value']:.12g}")
        judged = {"recomputed": recomputed, "verdict": verdict.verdict, "reason": verdict.reason, "why": texts.reason, "cautions": list(verdict.cautions)}
        return {name: getattr(one, name) for name in names} | judged | {"sources": list(verdict.sources)}


def check(path: Path, *, lang: str = "en", known: Catalog | None = None) -> Checked:
    """The verdicts on a file of statements. Raises ``BadStatements`` with all findings, ``RequestError`` for what is no such file, ``DataError`` where the data cannot be used."""
    if lang not in LANGUAGES:
        raise UnknownName("language", lang, LANGUAGES)
    known = known or catalog.load()
    article, statements = read_article(known, path)
    indices = frozenset(one.index for one in statements)
    preference, findings = dataset.read_indices(known, indices, True)
    if any(finding.severity == "error" for finding in findings):
        raise DataError(findings)
    words = dataset.view("claims", index=article.index, year=article.year, lang=lang, known=known).words
    made = press(known, article, statements, preference.claims, computed=_sums(known, indices))
    return Checked(article, tuple(metrics.verdicts(made)), words, known)


def _sums(known: Catalog, indices: frozenset[str]) -> Any:
    """The computed figures of the indices that sum their parts; ``None`` where there is no such index."""
    import pandas as pd

    panels = [dataset.load(code, known=known).panel for code in sorted(indices) if code in known.indices and known.indices[code].is_summed]
    return pd.concat(panels, ignore_index=True) if panels else None


def draft(path: Path, *, unit: str = "", year: int | None = None, lang: Language | None = None, index: str = "par_index", known: Catalog | None = None) -> str:
    """A TOML file of the statements that an article's text makes, for a person to confirm. Raises ``RequestError`` for what is no text, or says neither unit nor year."""
    known = known or catalog.load()
    record = known.index(index)
    text = read_text(path, most=MAX_BYTES, what="an article's text")
    if _PAGE.search(text[:5000]):
        raise RequestError(f"{shortened(path.name)}: a web page (HTML), where an article's text is expected", hint="copy the article's text into a file of its own")
    code = dataset.resolve_unit(unit, year, root=known) if unit else ""
    article, statements = propose(text, _lexicon(known, record), lang=lang, unit=code, year=year, index=index)
    if not statements:
        raise RequestError(f"{shortened(path.name)}: no figure with a noun was found", hint="--lang vi or --lang en says how its numbers are written")
    return as_toml(Article(f"article:{_slug(path.stem)}", article.title, article.index, article.unit, article.year), statements)


def _lexicon(known: Catalog, index: Index) -> Lexicon:
    domains: dict[int, dict[str, None]] = {}
    for code in dict.fromkeys(index.frameworks.values()):
        for domain in known.frameworks[code].domains if code in known.frameworks else ():
            domains.setdefault(domain.no, {}).update(dict.fromkeys(domain.name.values()))
    return Lexicon(
        units=list(known.units.values()),
        resolve=lambda name, on: dataset.resolve_unit(name, on, root=known),
        indices=known.indices,
        domains={number: tuple(names) for number, names in domains.items()},
        departments=known.indicators.get("departments", {}),
    )


def _slug(stem: str) -> str:
    """A file's name as part of a source's code.

    >>> _slug("Hải Dương 2023")
    'hai-duong-2023'
    """
    bare = unicodedata.normalize("NFD", stem.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(letter for letter in bare if not unicodedata.combining(letter))).strip("-")[:60] or "text"


def write_new(text: str, path: Path) -> None:
    """Write a file that is not there yet. Raises ``RequestError`` where it is, or cannot be written."""
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise RequestError(f"{shortened(path.name)} is there already", hint="a draft never replaces a file: name another, or move it away") from error
    except OSError as error:
        raise RequestError(f"{shortened(path.name)}: cannot be written: {error.strerror}") from error
