"""The head of a report on how sure ranks are: how far they move, how many groups there are, what decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Headline, Rich
from par_analysis.show.language import Words
from par_analysis.show.sentences_robustness import assumptions, span_sentence, unknown_sentence
from par_analysis.show.tables_robustness import Measures, of_country, of_parts
from par_analysis.show.values import Shown, joined, rich


def cover_robustness(intervals: pd.DataFrame, methods: pd.DataFrame, influence: pd.DataFrame, identity: Mapping[str, Any], words: Words, *, received: str) -> Display:
    """The cover: places that an interval spans, groups, the part that moves ranks most, and what the way to add up does; none of these where that is not known.

    ``intervals``, ``methods``, ``influence``: figures as ``metrics.rank_intervals``, ``ranks_by_method`` and ``part_influence`` give them.
    """
    shown, year = Shown(words), int(identity["year"])
    of, varied, parts = of_country(intervals), of_country(methods), of_parts(influence)
    is_known = "n_tie_groups" in of
    return blocks.cover(
        dict(identity),
        title=words.say("How sure are the ranks?"),
        subtitle=words.say("{index} · figures received up\u00a0to\u00a0{date}").format(index=words.index_name, date=words.date(received).replace(" ", "\u00a0")),
        kicker=f"{words.short_index} · {year}",
        author="par-analysis",
        headlines=[*_spans(of, shown), *_groups(of, shown), *_part(parts, shown), *_ways(varied, shown)] if is_known else [],
        lead=[joined(_lead(of, varied, shown)) if is_known else unknown_sentence(of, shown, year=year)],
        numbers=shown.rows,
    )


def _headline(label: str, value: str, detail: str) -> list[Headline]:
    return [{"label": label, "value": value, "detail": detail, "tone": "plain"}]


def _spans(of: Measures, shown: Shown) -> list[Headline]:
    words = shown.words
    detail = words.say("mean of {n} provinces; at most {most}").format(n=shown(of["n_ranked"]), most=shown(of["max_interval_places"]))
    return _headline(words.say("Places in an interval"), shown(of["mean_interval_places"]), detail)


def _groups(of: Measures, shown: Shown) -> list[Headline]:
    words = shown.words
    return _headline(words.say("Groups"), shown(of["n_tie_groups"]), words.say("within which nobody can be told apart from the first"))


def _part(parts: Mapping[str, Measures], shown: Shown) -> list[Headline]:
    words = shown.words
    if not parts:
        return []
    node = max(parts, key=lambda node: float(parts[node]["mean_shift_without"]["value"]))
    detail = words.say("places moved on average without “{part}”").format(part=words.node(node))
    return _headline(words.say("What decides most"), shown(parts[node]["mean_shift_without"]), detail)


def _ways(varied: Measures, shown: Shown) -> list[Headline]:
    words = shown.words
    if "mean_shift_geometric" not in varied:
        return []
    return _headline(words.say("Another mean"), shown(varied["mean_shift_geometric"]), words.say("places moved on average under the geometric mean"))


def _lead(of: Measures, varied: Measures, shown: Shown) -> list[Rich]:
    words = shown.words
    said = [*assumptions(of, shown), *span_sentence(of, shown)]
    if "share_together" in varied:
        method, weights = (float(varied[f"first_share_{source}"]["value"]) for source in ("method", "weights"))
        more = words.say("As varied here, the way to add up (a sum or one of two other means) moves ranks more than the weights do.")
        said.append(rich(more if method > weights else words.say("As varied here, the weights move ranks more than the way to add up (a sum or one of two other means) does.")))
    return [*said, rich(words.say("Errors of the survey or appraisal are not published with the scores and in none of these figures."))]
