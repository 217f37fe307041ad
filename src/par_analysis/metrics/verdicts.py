"""What an article says against what is known without it: every statement recomputed, and held against the article's other statements."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from par_analysis.errors import UnknownName
from par_analysis.metrics.agreements import AGREES, DIFFERS, FINER, agreement
from par_analysis.metrics.evidence import Evidence, Known, evidence_of, key_of, stated_figure
from par_analysis.metrics.figures import Row, computed, figures
from par_analysis.model import COMPARISONS, COUNTRY, TOTAL, UNJUDGED, VERDICTS, Press, Statement, Verdict

CONFIRMED, CONTRADICTED, ALONE, UNCHECKED = VERDICTS


@dataclass(frozen=True)
class Found:
    """What came of one statement."""

    verdict: str
    reason: str
    recomputed: Row | None = None
    figures: tuple[Known, ...] = ()
    cautions: tuple[str, ...] = ()


def verdicts(press: Press | Iterable[Press]) -> list[Verdict]:
    """A verdict for every statement of an article (or of several), in its order: confirmed, contradicted, only the article says so, cannot be checked.

    Confirmed and contradicted are said of independent claims; contradicted also of what the article itself says elsewhere, or of what cannot be. A proposal that a person
    has not confirmed is not judged and is no evidence. Decimals and words such as "nearly": ``agreements.agrees``. Own rule.

    >>> from par_analysis.model import Article, Statement
    >>> article = Article("article:x", {"vi": "x", "en": "x"}, "par_index", "30", 2023)
    >>> rise = Statement("a", "par_index", "30", 2023, "total", "rank", "change", value=25, against=2023)
    >>> [(one.verdict, one.reason) for one in verdicts(Press(article, (rise,), figures([])))]
    [('contradicted', 'against_itself')]
    """
    if not isinstance(press, Press):
        return [verdict for one in press for verdict in verdicts(one)]
    evidence = evidence_of(press)
    return [_verdict(statement, evidence) for statement in press.statements]


def _verdict(statement: Statement, evidence: Evidence) -> Verdict:
    article = evidence.press.article
    stated = stated_figure(statement, article)
    if statement.unsure:
        return Verdict(article, statement, UNJUDGED, "unsure", stated=stated)
    if statement.comparison not in _JUDGES:
        raise UnknownName("comparison", statement.comparison, COMPARISONS)
    found = _unless_methods_differ(_JUDGES[statement.comparison](statement, evidence))
    used = [known for known in found.figures if known.is_independent]
    others = tuple(row for known in used for row in known.others)
    sources = dict.fromkeys(source for known in used for source in str(known.row["source"]).split("; ") if source)
    return Verdict(
        article,
        statement,
        found.verdict,
        found.reason,
        stated=stated,
        recomputed=found.recomputed,
        figures=tuple(known.row for known in found.figures),
        others=others,
        cautions=(*found.cautions, *(["sources_differ"] if others else [])),
        sources=tuple(sources),
    )


def _unless_methods_differ(found: Found) -> Found:
    """Points of different methods: the arithmetic may be right, yet what it is said to show cannot be checked."""
    is_sum_right = found.verdict in {CONFIRMED, ALONE} and found.reason in {"agrees", "adds_up"}
    return replace(found, verdict=UNCHECKED, reason="method_differs") if is_sum_right and "method_differs" in found.cautions else found


def _made(statement: Statement, value: float, of: Sequence[Known], **facts: object) -> Row:
    """A recomputed figure."""
    where = {"index": statement.index, "unit": statement.unit, "year": statement.year, "period": statement.period, "node": statement.node}
    row = computed(figures([known.row for known in of]), **(where | {"value": value} | facts))
    return {"qualifier": "", "unit_of_measure": "count", "out_of": math.nan, "note": "", **row}


def _itself(evidence: Evidence) -> dict[str, str]:
    """The article as the source of what follows from its words alone."""
    return {"source": evidence.press.article.source, "edition": evidence.press.article.edition}


def _fit(statement: Statement, known: Known, *, slack: float = 0.0) -> str:
    return agreement(statement.value or 0.0, statement.decimals, known.value, known.decimals, qualifier=statement.qualifier, known_qualifier=known.qualifier, slack=slack)


def _held(statement: Statement, recomputed: Row, decimals: int, of: Sequence[Known], *, slack: float = 0.0, cautions: tuple[str, ...] = ()) -> Found:
    """A stated number against one recomputed from known figures: confirmed only where all of them are independent."""
    whole = Known(recomputed, decimals)
    is_independent = all(known.is_independent for known in of)
    fit = _fit(statement, whole, slack=slack)
    if fit == FINER:
        return Found(UNCHECKED, "finer", recomputed, tuple(of), cautions)
    if fit == DIFFERS:
        return Found(CONTRADICTED, "differs" if is_independent else "differs_within", recomputed, tuple(of), cautions)
    return Found(CONFIRMED if is_independent else ALONE, "agrees" if is_independent else "adds_up", recomputed, tuple(of), cautions)


# ---------------------------------------------------------------- one rule for each comparison


def _level(statement: Statement, evidence: Evidence) -> Found:
    if statement.value is None:
        return Found(UNCHECKED, "no_figure")
    beyond = _impossible(statement, evidence)
    if beyond:
        return Found(CONTRADICTED, beyond)
    known = evidence.independent(key_of(statement))
    if known is not None:
        return _against_known(statement, known, evidence)
    other = evidence.own(key_of(statement), beside=statement)
    if other is not None and _fit(statement, other) == DIFFERS:
        return Found(CONTRADICTED, "also_says", other.row, (other,))
    holders = evidence.holders(statement)
    return Found(ALONE, "alone", figures=holders, cautions=("place_taken",) if holders else ())


def _against_known(statement: Statement, known: Known, evidence: Evidence) -> Found:
    """A figure against the independent one. A printed total may be the sum of rounded parts: it may then differ from a sum computed here by what rounding them makes."""
    cautions: tuple[str, ...] = ()
    fit = _fit(statement, known)
    if fit == DIFFERS:
        domains, index = evidence.any((statement.index, COUNTRY, statement.year, "", TOTAL, "n_domains")), evidence.press.indices.get(statement.index)
        is_sum = known.row["basis"] == "computed" and statement.measure == "score"
        slack = 0.5 * 10.0**-index.decimals * domains.value if is_sum and domains is not None and index is not None else 0.0
        fit = _fit(statement, known, slack=slack)
        if fit == DIFFERS:
            return Found(CONTRADICTED, "differs", known.row, (known,))
        cautions = ("rounded_parts",)
    if fit == FINER:
        return Found(UNCHECKED, "finer", known.row, (known,))
    stated, out_of = statement.out_of, float(known.row["out_of"])
    if stated is not None and not math.isnan(out_of) and stated != out_of:
        return Found(CONTRADICTED, "denominator", known.row, (known,))
    return Found(CONFIRMED, "agrees", known.row, (known,), cautions)


def _impossible(statement: Statement, evidence: Evidence) -> str:
    """Why a number cannot be, whatever any source says; "" where it can."""
    value, index = statement.value or 0.0, evidence.press.indices.get(statement.index)
    if statement.measure == "rank":
        last = statement.out_of or evidence.units(statement, statement.year) or math.inf
        return "" if 1 <= value <= last and value == int(value) else "no_such_rank"
    if statement.measure == "score" and statement.node == TOTAL and index is not None and not index.low <= value <= index.high:
        return "off_scale"
    if statement.unit_of_measure == "percent" and not 0 <= value <= 100 and "change" not in statement.measure:
        return "off_scale"
    return "below_zero" if statement.unit_of_measure == "count" and value < 0 else ""


def _change(statement: Statement, evidence: Evidence) -> Found:
    year, base = statement.year, statement.against
    if base is None or statement.value is None:
        return Found(UNCHECKED, "no_figure")
    measure = f"{statement.measure}_change"
    if base == year:
        return Found(CONTRADICTED, "against_itself", _made(statement, 0.0, (), measure=measure, unit_of_measure=statement.unit_of_measure, **_itself(evidence)))
    independent = [evidence.independent(key_of(statement, year=one)) for one in (year, base)]
    printed = evidence.independent(key_of(statement, measure=measure)) if base == year - 1 else None
    levels = [evidence.any(key_of(statement, year=one)) for one in (year, base)]
    own = [evidence.own(key_of(statement, year=one)) for one in (year, base)]
    if not all(independent) and printed is not None:
        return _held(statement, printed.row, printed.decimals, [printed], cautions=_cautions(statement, evidence, []))
    for pair in (independent, own, levels):
        exact = [known for known in pair if known is not None and not known.qualifier]
        if len(exact) == 2:
            return _difference(statement, exact, evidence)
    return Found(ALONE, "alone")


def _difference(statement: Statement, pair: Sequence[Known], evidence: Evidence) -> Found:
    """The change from two levels; between rounded ones it may be off by one unit of their last decimal."""
    new, old = pair
    value = old.value - new.value if statement.measure == "rank" else new.value - old.value
    decimals = min(new.decimals, old.decimals)
    slack = 10.0**-decimals if decimals else 0.0
    row = _made(statement, round(value, 9), pair, measure=f"{statement.measure}_change", unit_of_measure=statement.unit_of_measure, note=f"against {statement.against}")
    return _held(statement, row, decimals, pair, slack=slack, cautions=_cautions(statement, evidence, pair))


def _cautions(statement: Statement, evidence: Evidence, levels: Sequence[Known]) -> tuple[str, ...]:
    """What a reader of a right number has to be told: other methods, other denominators."""
    index, said = evidence.press.indices.get(statement.index), []
    if statement.measure != "rank" and index is not None and statement.against is not None:
        comparable = index.is_comparable(statement.year, statement.against)
        said += [] if comparable else ["method_unknown" if comparable is None else "method_differs"]
    denominators = {float(known.row["out_of"]) for known in levels if not math.isnan(float(known.row["out_of"]))}
    return (*said, *(["denominators"] if statement.measure == "rank" and len(denominators) > 1 else []))


def _extreme(statement: Statement, evidence: Evidence) -> Found:
    """Best or worst of the years from ``against`` on: of a rank the lowest is best."""
    first, index = statement.against, evidence.press.indices.get(statement.index)
    span = range(first if first is not None else statement.year, statement.year + 1)
    if statement.value is not None and statement.value != len(span):
        return Found(CONTRADICTED, "other_span", _made(statement, len(span), (), measure="n_years", **_itself(evidence)))
    known = {year: evidence.any(key_of(statement, year=year)) for year in span}
    levels = [level for level in known.values() if level is not None]
    own = known[statement.year]
    if own is None or len(levels) < 2:
        return Found(UNCHECKED, "no_figure")
    is_up = statement.measure != "rank" and (index is None or index.higher_is_better)
    wants_high = is_up == (statement.comparison == "best")
    top = max(levels, key=lambda level: level.value if wants_high else -level.value)
    row = {**_made(statement, top.value, levels, measure=f"best_{statement.measure}", unit_of_measure=statement.unit_of_measure), "year": int(top.row["year"])}
    row |= {"out_of": top.row["out_of"]}
    cautions = _cautions(statement, evidence, levels)
    if top.value != own.value:
        return Found(CONTRADICTED, "another_year", row, (own, top), cautions)
    if len(levels) < len(span):
        return Found(ALONE, "years_missing", row, tuple(levels), cautions)
    is_independent = all(level.is_independent for level in levels)
    return Found(CONFIRMED if is_independent else ALONE, "agrees" if is_independent else "adds_up", row, tuple(levels), cautions)


def _end(statement: Statement, evidence: Evidence) -> Found:
    """First or last place: the rank is 1, or equals the number of units."""
    rank = evidence.any(key_of(statement, measure="rank")) if statement.measure == "rank" else None
    if rank is None:
        return Found(UNCHECKED, "no_rank")
    units, out_of = evidence.units(statement, statement.year), float(rank.row["out_of"])
    end = 1.0 if statement.comparison == "first" else units if math.isnan(out_of) else out_of
    if end is None:
        return Found(UNCHECKED, "no_figure", figures=(rank,))
    row = {**rank.row, "out_of": end if statement.comparison == "last" else rank.row["out_of"]}
    if rank.value != end:
        return Found(CONTRADICTED, "differs" if rank.is_independent else "differs_within", row, (rank,))
    return Found(CONFIRMED if rank.is_independent else ALONE, "agrees" if rank.is_independent else "adds_up", row, (rank,))


def _most(statement: Statement, evidence: Evidence) -> Found:
    """Most domains rose: of how many is it known, and is that enough to tell."""
    count = evidence.any((statement.index, COUNTRY, statement.year, "", TOTAL, "n_domains"))
    if count is None or statement.against is None:
        return Found(UNCHECKED, "no_figure")
    nodes = [f"domain:{number}" for number in range(1, int(count.value) + 1)]
    pairs = [[evidence.any(key_of(statement, year=year, node=node)) for year in (statement.year, statement.against)] for node in nodes]
    known = [(new, old) for new, old in pairs if new is not None and old is not None]
    sign = -1 if statement.measure == "rank" else 1
    up = sum(sign * (new.value - old.value) > 0 for new, old in known)
    levels = tuple(level for pair in known for level in pair)
    row = _made(statement, up, levels, measure="domains_rank_up" if statement.measure == "rank" else "domains_up", out_of=float(len(known)))
    is_independent = all(level.is_independent for level in levels)
    if 2 * up > len(nodes):
        return Found(CONFIRMED if is_independent else ALONE, "agrees" if is_independent else "adds_up", row, levels)
    if 2 * (len(known) - up) >= len(nodes):
        return Found(CONTRADICTED, "differs" if is_independent else "differs_within", row, levels)
    return Found(UNCHECKED, "too_few", row, (count, *levels))


def _listed(statement: Statement, evidence: Evidence) -> list[Statement]:
    """The statements that a list names; none where one of them is not judged."""
    found = [evidence.by_id.get(name) for name in statement.of]
    return [one for one in found if one is not None] if all(found) else []


def _list(statement: Statement, evidence: Evidence) -> Found:
    """How many units or years a list really names."""
    listed = _listed(statement, evidence)
    if not listed or statement.value is None:
        return Found(UNCHECKED, "no_figure")
    members = tuple(Known(stated_figure(one, evidence.press.article), one.decimals, is_independent=False) for one in listed)
    counts = {name: float(len({str(getattr(one, name)) for one in listed})) for name in ("unit", "year")}
    row = _made(statement, counts[statement.counts], members, measure=f"n_{statement.counts}s_listed")
    fits = agreement(statement.value, 0, counts[statement.counts], 0, qualifier=statement.qualifier) == AGREES
    instead = [name for name, count in counts.items() if name != statement.counts and count == statement.value and not fits]
    return Found(ALONE, "adds_up", row, members) if fits else Found(CONTRADICTED, "list_of_others" if instead else "list_differs", row, members)


def _sum(statement: Statement, evidence: Evidence) -> Found:
    return _of_parts(statement, evidence, sum)


def _share(statement: Statement, evidence: Evidence) -> Found:
    return _of_parts(statement, evidence, lambda parts: 100 * parts[0] / parts[1] if parts[1] else math.nan)


def _of_parts(statement: Statement, evidence: Evidence, formula: Callable[[Sequence[float]], float]) -> Found:
    """A sum or a share of listed statements: of the independent figures where all are known, else of the article's own."""
    listed = _listed(statement, evidence)
    if not listed or statement.value is None:
        return Found(UNCHECKED, "no_figure")
    independent = [evidence.independent(key_of(one)) for one in listed]
    own = [Known(stated_figure(one, evidence.press.article), one.decimals, is_independent=False) for one in listed]
    used = [known for known in independent if known is not None] if all(independent) else own
    value = formula([known.value for known in used])
    if math.isnan(value):
        return Found(UNCHECKED, "no_figure", figures=tuple(used))
    row = _made(statement, value, used, measure=stated_figure(statement, evidence.press.article)["measure"], unit_of_measure=statement.unit_of_measure)
    decimals = max(6 if statement.comparison == "share" else 0, *(known.decimals for known in used))
    slack = sum(10.0**-known.decimals for known in used if known.decimals) if statement.comparison == "sum" else 0.0
    return _held(statement, row, decimals, used, slack=slack)


def _none(_: Statement, __: Evidence) -> Found:
    return Found(UNCHECKED, "not_measurable")


_JUDGES: Final[Mapping[str, Callable[[Statement, Evidence], Found]]] = {
    "level": _level, "change": _change, "best": _extreme, "worst": _extreme, "first": _end, "last": _end, "most": _most, "list": _list, "sum": _sum, "share": _share,
    "none": _none,
}  # fmt: skip
REASONS: Final = (
    "agrees", "differs", "denominator", "also_says", "differs_within", "adds_up", "alone", "no_figure", "no_such_rank", "off_scale", "below_zero", "against_itself", "other_span",
    "another_year", "years_missing", "finer", "method_differs", "no_rank", "too_few", "list_differs", "list_of_others", "not_measurable", "unsure",
)  # fmt: skip
"""Why a verdict was given."""
