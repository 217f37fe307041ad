"""An article's statements beside what was recomputed, with a verdict in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from par_analysis.model import UNJUDGED, VERDICTS, Statement, Verdict
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich, Row
from par_analysis.show.cells import DASH, Tone, cell, columns
from par_analysis.show.language import N_, Words
from par_analysis.show.tables_origin import period_of
from par_analysis.show.values import Figure, Shown, rich

MOST_SOURCES: Final = 2
NAMES: Final[Mapping[str, str]] = {
    "confirmed": N_("confirmed"),
    "contradicted": N_("contradicted"),
    "only the article says so": N_("only the article says so"),
    "cannot be checked": N_("cannot be checked"),
    UNJUDGED: N_("not judged"),
}
_TONES: Final[Mapping[str, Tone]] = {"confirmed": "up", "contradicted": "down", "only the article says so": "plain", "cannot be checked": "muted", UNJUDGED: "muted"}
_MEASURES: Final[Mapping[str, str]] = {
    "score": N_("Score"),
    "rank": N_("Rank"),
    "mean": N_("Mean"),
    "max": N_("Highest score"),
    "min": N_("Lowest score"),
    "share_of_max": N_("Share of the maximum"),
    "points_lost": N_("Points lost"),
    "domains_up": N_("Domains whose score rose"),
    "domains_rank_up": N_("Domains whose rank rose"),
    "n_units": N_("Number of provinces"),
    "n_domains": N_("Number of domains"),
}
_ORDER: Final = ("contradicted", "confirmed", "only the article says so", "cannot be checked", UNJUDGED)
"""What readers look for first stands first."""
_WITHIN: Final = frozenset({"also_says", "differs_within", "against_itself", "other_span", "another_year", "list_differs", "list_of_others"})
"""Reasons that hold without any other source."""
_WORDINGS: Final[Mapping[str, str]] = {
    "en": N_("Quotations are from the saved English text of the article."),
    "vi": N_("Quotations are from the saved Vietnamese text of the article."),
}
_ENDS: Final[Mapping[str, str]] = {"first": N_("first"), "last": N_("last"), "most": N_("most"), "best": N_("best"), "worst": N_("worst")}


@dataclass(frozen=True)
class Told:
    """A verdict in the reader's words."""

    statement: str
    stated: str
    recomputed: str
    verdict: str
    reason: str
    sources: str


def told(verdict: Verdict, shown: Shown, indicators: Mapping[str, Any] | None = None, title: Callable[[str], str] | None = None) -> Told:
    """A verdict as texts, every number in them through ``shown``; ``indicators`` holds the names of operational figures, ``title`` names a source by its address.

    >>> from par_analysis.model import Article
    >>> article = Article("article:x", {"vi": "x", "en": "x"}, "par_index", "30", 2023)
    >>> one = Statement("a", "par_index", "30", 2023, "total", "none", "none", wording="great progress")
    >>> told(Verdict(article, one, "cannot be checked", "not_measurable"), Shown(Words("en")))
    Told(statement='“great progress”', stated='–', recomputed='–', verdict='cannot be checked', reason='Nothing in it can be measured.', sources='–')
    """
    words = shown.words
    label, cited = _label(verdict, words, indicators or {}), f"“{verdict.statement.wording}”" if verdict.statement.wording else ""
    statement = words.say("{what}: {cited}").format(what=label, cited=cited) if label and cited else label or cited or verdict.statement.id
    stated, recomputed = _stated(verdict, shown), _recomputed(verdict, shown)
    return Told(statement, stated, recomputed, words.say(NAMES[verdict.verdict]), " ".join(_reasons(verdict, shown)), _sources(verdict, title))


# ---------------------------------------------------------------- what is stated


def _label(verdict: Verdict, words: Words, indicators: Mapping[str, Any]) -> str:
    one = verdict.statement
    if one.comparison == "none":
        return ""
    if one.comparison == "list":
        return words.say("Provinces listed") if one.counts == "unit" else words.say("Years listed")
    if one.comparison == "most":
        message = words.say("Domains whose rank rose, {year} against {base}") if one.measure == "rank" else words.say("Domains whose score rose, {year} against {base}")
        return message.format(year=one.year, base=one.against)
    what = _what(one, words, indicators)
    if one.unit not in (verdict.article.unit, "VN"):
        what = words.say("{unit}, {what}").format(unit=words.unit_names.get(one.unit, one.unit), what=what)
    if one.comparison == "change":
        return words.say("{what}, {year} against {base}").format(what=what, year=one.year, base=one.against)
    if one.comparison in {"best", "worst"}:
        return words.say("{what}, {first} to {year}").format(what=what, first=one.against, year=one.year)
    return words.say("{what}, {period}").format(what=what, period=period_of({"period": one.period, "year": one.year}, words))


def _what(statement: Statement, words: Words, indicators: Mapping[str, Any]) -> str:
    """The measure and, below the total, the node: Rank (Public finance reform)."""
    if statement.node.startswith("operations:"):
        facts = indicators.get("measures", {}).get(statement.measure, {})
        name, department = str(facts.get(words.lang, statement.measure)), statement.node.partition("@")[2]
        where = str(indicators.get("departments", {}).get(department, {}).get(words.lang, department))
    else:
        name = words.say(_MEASURES[statement.measure]) if statement.measure in _MEASURES else statement.measure.replace("_", " ")
        where = "" if statement.node == "total" else words.node(statement.node)
    return words.say("{what} ({where})").format(what=name, where=where) if where else name


def _stated(verdict: Verdict, shown: Shown) -> str:
    one, words = verdict.statement, shown.words
    figure = verdict.stated
    if one.value is None or figure is None:
        return words.say(_ENDS[one.comparison]) if one.comparison in _ENDS else DASH
    if one.comparison in {"best", "worst"}:
        message = words.say("best of {n} years") if one.comparison == "best" else words.say("worst of {n} years")
        return message.format(n=shown(figure))
    if one.comparison == "list":
        return _listed(figure, shown)
    return shown.place(figure) if _is_place(figure) else shown(figure, decimals=one.decimals)


def _is_place(figure: Figure) -> bool:
    return str(figure["unit_of_measure"]) == "place" and not str(figure["measure"]).endswith("_change")


def _listed(figure: Figure, shown: Shown) -> str:
    words, value = shown.words, float(figure["value"])
    is_units = str(figure["measure"]) == "n_units_listed"
    message = words.count("{n} province", "{n} provinces", value) if is_units else words.count("{n} year", "{n} years", value)
    return message.format(n=shown(figure))


def _recomputed(verdict: Verdict, shown: Shown) -> str:
    figure, one = verdict.recomputed, verdict.statement
    if figure is None:
        return DASH
    if one.comparison == "list":
        return _listed(figure, shown)
    if one.comparison == "most":
        return shown.words.say("{n} of {all}").format(n=shown(figure), all=shown.words.number(float(figure["out_of"])))
    if one.comparison in {"best", "worst"} and str(figure["measure"]) != "n_years":
        return shown.words.say("{value} ({year})").format(value=shown.place(figure), year=figure["year"])
    return shown.place(figure) if _is_place(figure) else shown(figure)


# ---------------------------------------------------------------- why


def _levels(verdict: Verdict, shown: Shown) -> str:
    """From which figure to which a change was recomputed; "" where it was not."""
    if verdict.statement.comparison != "change" or len(verdict.figures) != 2:
        return ""
    new, old = (_written(figure, shown) for figure in verdict.figures)
    years = [int(figure["year"]) for figure in verdict.figures]
    return shown.words.say("From {old} ({base}) to {new} ({year}).").format(old=old, base=years[1], new=new, year=years[0])


def _written(figure: Figure, shown: Shown) -> str:
    return shown.place(figure) if _is_place(figure) else shown(figure)


def _agrees(verdict: Verdict, shown: Shown) -> str:
    return _levels(verdict, shown)


def _differs(verdict: Verdict, shown: Shown) -> str:
    levels = _levels(verdict, shown)
    return shown.words.say("Other sources say otherwise.") + (f" {levels}" if levels else "")


def _differs_within(verdict: Verdict, shown: Shown) -> str:
    levels = _levels(verdict, shown)
    return shown.words.say("The article's other figures say otherwise.") + (f" {levels}" if levels else "")


def _adds_up(verdict: Verdict, shown: Shown) -> str:
    words, one = shown.words, verdict.statement
    if one.comparison in {"best", "worst"}:
        foreign = sum(figure["source"] != verdict.article.source for figure in verdict.figures)
        counts = {"n": _tally(verdict, "years_known_elsewhere", foreign), "all": _tally(verdict, "years", len(verdict.figures))}
        return words.say("{n} of the {all} years are known from other sources.").format(**{name: shown(count) for name, count in counts.items()})
    levels = _levels(verdict, shown)
    return words.say("The article's other figures agree.") + (f" {levels}" if levels else "")


def _method_differs(verdict: Verdict, shown: Shown) -> str:
    levels, one = _levels(verdict, shown), verdict.statement
    why = shown.words.say(_CAUTIONS["method_differs"]).format(base=one.against, year=one.year)
    return f"{levels} {why}" if levels else why


def _against_itself(verdict: Verdict, shown: Shown) -> str:
    return shown.words.say("{year} is compared with itself.").format(year=verdict.statement.year)


def _another_year(verdict: Verdict, shown: Shown) -> str:
    own, top = verdict.figures
    message = shown.words.say("It was {own} in {year}, but {top} in {other}.")
    return message.format(own=_written(own, shown), year=own["year"], top=_written(top, shown), other=top["year"])


def _years_missing(verdict: Verdict, shown: Shown) -> str:
    span = verdict.statement.year - int(verdict.statement.against or verdict.statement.year) + 1
    counts = {"n": _tally(verdict, "years_known", len(verdict.figures)), "all": _tally(verdict, "years", span)}
    message = shown.words.say("Only {n} of the {all} years are known; none of them contradicts it.")
    return message.format(**{name: shown(count) for name, count in counts.items()})


def _too_few(verdict: Verdict, shown: Shown) -> str:
    known, all_domains = verdict.recomputed, verdict.figures[0]
    count = _tally(verdict, "domains_known", 0 if known is None else int(known["out_of"]))
    return shown.words.say("The change is known of {n} of the {all} domains only.").format(n=shown(count), all=shown(all_domains))


def _list_differs(verdict: Verdict, shown: Shown) -> str:
    words = shown.words
    years = _tally(verdict, "years_listed", len({int(figure["year"]) for figure in verdict.figures}))
    units = _tally(verdict, "units_listed", len({str(figure["unit"]) for figure in verdict.figures}))
    return words.say("What is listed are {years} of {units}.").format(years=_listed(years, shown), units=_listed(units, shown))


_PLAIN: Final[Mapping[str, str]] = {
    "denominator": N_("Other sources count another number of ranked provinces."),
    "also_says": N_("The article also states another figure."),
    "no_figure": N_("There is no figure to compare with."),
    "no_such_rank": N_("There is no such place."),
    "off_scale": N_("The value lies outside the scale."),
    "below_zero": N_("A number of things cannot be negative."),
    "other_span": N_("The span holds another number of years."),
    "no_rank": N_("The figures of the others are not known."),
    "not_measurable": N_("Nothing in it can be measured."),
    "unsure": N_("A proposal that nobody has confirmed."),
    "finer": N_("It is stated with more decimals than are known."),
}
_REASONS: Final[Mapping[str, Callable[[Verdict, Shown], str]]] = {
    "agrees": _agrees, "differs": _differs, "differs_within": _differs_within, "adds_up": _adds_up, "against_itself": _against_itself,
    "method_differs": _method_differs, "another_year": _another_year, "years_missing": _years_missing, "too_few": _too_few,
    "list_differs": _list_differs, "list_of_others": _list_differs,
}  # fmt: skip
_CAUTIONS: Final[Mapping[str, str]] = {
    "method_differs": N_("The method changed between {base} and {year}: points of the two years are not comparable."),
    "method_unknown": N_("It is not confirmed that both years were scored by the same method."),
    "denominators": N_("The ranks are out of different numbers."),
    "place_taken": N_("Another province is said to hold this place: {units}."),
    "rounded_parts": N_("The difference is no larger than what rounding the parts makes."),
}


def _reasons(verdict: Verdict, shown: Shown) -> list[str]:
    words, one = shown.words, verdict.statement
    if verdict.reason == "alone":
        said = []
    elif verdict.reason in _PLAIN:
        said = [words.say(_PLAIN[verdict.reason])]
    else:
        said = [_REASONS[verdict.reason](verdict, shown)]
    cautions = [words.say(_CAUTIONS[code]) for code in verdict.cautions if code not in {"sources_differ", verdict.reason}]
    said += [caution.format(base=one.against, year=one.year, units=_others(verdict, words)) for caution in cautions]
    if verdict.others:
        listed = "; ".join(_written(figure, shown) for figure in verdict.others)
        said.append(words.say("Other sources differ among themselves: {values}.").format(values=listed))
    return [text for text in said if text]


def _others(verdict: Verdict, words: Words) -> str:
    """The other provinces among the figures of a verdict."""
    return ", ".join(dict.fromkeys(words.unit(str(figure["unit"])) for figure in verdict.figures if figure["unit"] != verdict.statement.unit))


def _sources(verdict: Verdict, title: Callable[[str], str] | None) -> str:
    """Who stands behind the independent figures: a source's title where it has one, else its host; of many the first two."""
    if not verdict.sources or verdict.verdict == "cannot be checked":
        return DASH
    named = {source: title(source) if title else source for source in verdict.sources}
    hosts = list(dict.fromkeys((urlsplit(source).hostname or source).removeprefix("www.") if name == source else name for source, name in named.items()))
    return ", ".join(hosts[:MOST_SOURCES]) + (", …" if len(hosts) > MOST_SOURCES else "")


# ---------------------------------------------------------------- displays


def table_press(verdicts: Sequence[Verdict], words: Words, indicators: Mapping[str, Any] | None = None, title: Callable[[str], str] | None = None) -> Display:
    """Every statement of an article: stated, recomputed, verdict and why, source. A table for each article, what is contradicted first; nothing where none is filed.

    ``indicators`` holds the names of operational figures; ``title`` names a source by its address (left out: its host is named).
    """
    if not verdicts:
        return blocks.nothing()
    made = Display(())
    for source in dict.fromkeys(verdict.article.source for verdict in verdicts):
        made += _table([verdict for verdict in verdicts if verdict.article.source == source], words, indicators, title)
    return made


def _table(verdicts: Sequence[Verdict], words: Words, indicators: Mapping[str, Any] | None, title: Callable[[str], str] | None) -> Display:
    shown = Shown(words)
    rows: list[Row] = []
    told_last = [verdict for verdict in verdicts if verdict.reason == "not_measurable"]
    for verdict in sorted(verdicts, key=lambda one: _ORDER.index(one.verdict)):
        if verdict in told_last[1:]:
            continue  # what says nothing measurable shares one row
        texts = told(verdict, shown, indicators, title)
        if verdict in told_last:
            texts = replace(texts, statement="; ".join(told(one, shown, indicators, title).statement for one in told_last))
        word = words.say("contradicts itself") if contradicts_itself(verdict) else texts.verdict
        judged = f"{word}: {texts.reason}" if texts.reason else word
        cells = [cell(texts.statement), cell(texts.stated), cell(texts.recomputed), cell(judged, _TONES[verdict.verdict]), cell(texts.sources, "muted")]
        rows.append({"cells": cells, "highlight": verdict.verdict == "contradicted"})
    heading = columns(words, ("Statement", False), ("Stated", True), ("Recomputed", True), ("Verdict", False), ("Source", False))
    notes = [rich(words.say("Recomputed from sources other than the article. Whether they took a figure from the same announcement is not known."))]
    article = verdicts[0].article
    if article.lang != words.lang and any(verdict.statement.wording for verdict in verdicts):
        notes.append(rich(words.say(_WORDINGS[article.lang])))
    caption = words.say("{title}: statements recomputed").format(title=article.title[words.lang])
    return blocks.table(caption, heading, rows, notes=notes, dense=True, numbers=shown.rows)


def contradicts_itself(verdict: Verdict) -> bool:
    """Whether a statement is contradicted by the article's own words, and by no other source.

    >>> from par_analysis.model import Article
    >>> article = Article("article:x", {"vi": "x", "en": "x"}, "par_index", "30", 2023)
    >>> rise = Statement("a", "par_index", "30", 2023, "total", "rank", "change", value=25, against=2023)
    >>> contradicts_itself(Verdict(article, rise, "contradicted", "against_itself")), contradicts_itself(Verdict(article, rise, "contradicted", "differs"))
    (True, False)
    """
    return verdict.verdict == "contradicted" and verdict.reason in _WITHIN and not verdict.sources


def counts_of(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many statements got each verdict, in the order of ``VERDICTS``; proposals that are not judged come last.

    >>> counts_of([])["confirmed"]
    0
    """
    return {name: sum(verdict.verdict == name for verdict in verdicts) for name in (*VERDICTS, UNJUDGED)}


def say_press(verdicts: Sequence[Verdict], words: Words) -> Display:
    """How many statements agree with other sources, are contradicted, stated by the article only, or cannot be checked. Nothing where no article is filed."""
    if not verdicts:
        return blocks.nothing()
    shown = Shown(words)
    counts = counts_of(verdicts)
    figures = {name: _tally(verdicts[0], name.replace(" ", "_"), number) for name, number in counts.items()}
    total = _tally(verdicts[0], "statements", sum(counts[name] for name in VERDICTS))
    message = words.say(
        "Statements examined: {total}. Agree with other sources: {confirmed}; contradicted by them or by the article itself: {contradicted}; "
        "stated by the article only: {alone}; cannot be checked: {unchecked}."
    )
    parts = {"confirmed": "confirmed", "contradicted": "contradicted", "alone": "only the article says so", "unchecked": "cannot be checked"}
    text: Rich = rich(message, strong=("confirmed", "contradicted"), total=shown(total), **{part: shown(figures[name]) for part, name in parts.items()})
    if counts[UNJUDGED]:
        text += [{"text": " "}, *rich(words.say("Proposals that nobody has confirmed: {n}."), n=shown(figures[UNJUDGED]))]
    return blocks.paragraph(text, role="lead", numbers=shown.rows)


def _tally(verdict: Verdict, what: str, value: int) -> Figure:
    """A number of things counted here, as a figure."""
    article = verdict.article
    where = {"index": article.index, "unit": article.unit, "year": article.year, "period": "", "node": "total", "measure": f"n_{what}", "value": float(value)}
    return where | {"qualifier": "", "unit_of_measure": "count", "out_of": math.nan, "basis": "computed", "source": article.source, "edition": article.edition, "note": ""}
