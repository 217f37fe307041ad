"""The head of a report on an index's data: how much is known, confirmed, disputed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Headline, Rich
from par_analysis.show.language import Words
from par_analysis.show.tables_quality import of_all, value_of, whole
from par_analysis.show.tables_requests import sentence_coverage
from par_analysis.show.values import Shown, rich


def cover_quality(
    matrix: pd.DataFrame, counts: pd.DataFrame, audit: pd.DataFrame, ranks: pd.DataFrame, identity: Mapping[str, Any], words: Words, *, received: str, is_summed: bool = False
) -> Display:
    """The cover: results known, figures that rest on one publisher, figures stated differently, contradictory ranks and totals.

    ``matrix``, ``counts``, ``audit``, ``ranks``: figures as ``metrics.coverage_matrix``, ``trust_counts``, ``audit`` and ``rank_audit`` give them.
    """
    shown = Shown(words)
    both = whole(matrix, "n_score_and_rank")
    years = "" if both is None else str(both["period"]).replace("-", "–")
    return blocks.cover(
        dict(identity),
        title=words.say("Data quality"),
        subtitle=words.say("{index} · figures received up\u00a0to\u00a0{date}").format(index=words.index_name, date=words.date(received).replace(" ", "\u00a0")),
        kicker=" · ".join(filter(None, [words.short_index, years])),
        author="par-analysis",
        headlines=[*_known(matrix, shown), *_stated(counts, shown), *_contradictory(audit, ranks, shown)],
        lead=_lead(matrix, counts, shown, is_summed=is_summed),
        numbers=shown.rows,
    )


def _known(matrix: pd.DataFrame, shown: Shown) -> list[Headline]:
    both, words = whole(matrix, "n_score_and_rank"), shown.words
    if both is None:
        return []
    detail = words.say("of {all}: score and rank of a province in a year").format(all=of_all(both, shown))
    return [{"label": words.say("Complete results"), "value": shown(both), "detail": detail, "tone": "plain"}]


def _stated(counts: pd.DataFrame, shown: Shown) -> list[Headline]:
    words = shown.words
    figures, single, disputed = (whole(counts, f"n_{name}", "figures") for name in ("figures", "single", "disputed"))
    if figures is None or single is None or disputed is None:
        return []
    every = words.say("of {all} figures").format(all=shown(figures))
    return [
        {"label": words.say("Stated by one publisher only"), "value": shown(single), "detail": every, "tone": "plain"},
        {"label": words.say("Stated differently"), "value": shown(disputed), "detail": every, "tone": "plain"},
    ]


def _contradictory(audit: pd.DataFrame, ranks: pd.DataFrame, shown: Shown) -> list[Headline]:
    words = shown.words
    count, broken = (whole(table, name) for table, name in ((ranks, "n_contradictions"), (audit, "n_broken")))
    if count is None:
        return []
    form = words.count("and {n} total that does not add up", "and {n} totals that do not add up", value_of(broken))
    detail = form.format(n=shown(broken)) if broken is not None else ""
    return [{"label": words.say("Contradictory ranks"), "value": shown(count), "detail": detail, "tone": "plain"}]


def _lead(matrix: pd.DataFrame, counts: pd.DataFrame, shown: Shown, *, is_summed: bool) -> list[Rich]:
    words, disputed, single = shown.words, whole(counts, "n_disputed", "figures"), whole(counts, "n_single", "figures")
    if whole(matrix, "n_nothing") is None or disputed is None or single is None:
        return [rich(words.say("No figure is known."))]
    said = sentence_coverage(matrix, shown, is_summed=is_summed)
    if value_of(disputed):
        message = words.count("{n} figure is stated differently by different sources.", "{n} figures are stated differently by different sources.", value_of(disputed))
        said = [*said, {"text": " "}, *rich(message, n=shown(disputed), strong=("n",))]
    return [said]
