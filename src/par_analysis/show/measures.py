"""What the measures of ``numbers.csv`` are called, where readers meet them outside of the table that they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from par_analysis.show.language import N_, Words

MEASURES: Final[Mapping[str, str]] = {
    "score": N_("score"),
    "rank": N_("rank"),
    "mean": N_("mean"),
    "max": N_("highest"),
    "min": N_("lowest"),
    "median": N_("median"),
    "place": N_("place"),
    "score_change": N_("change of the score"),
    "rank_change": N_("change of the rank"),
    "mean_change": N_("change of the mean"),
    "mean_computed": N_("mean of the known scores"),
    "gap_mean": N_("gap to the mean"),
    "gap_leader": N_("gap to the highest score"),
    "gap_last": N_("gap to the lowest score"),
    "gap_region": N_("gap to the mean of the region"),
    "best_rank": N_("best known rank"),
    "worst_rank": N_("lowest known rank"),
    "best_place": N_("best place over the years"),
    "worst_place": N_("lowest place over the years"),
    "top_years": N_("years among the first"),
    "top_streak": N_("most years in a row among the first"),
    "place_unknown": N_("place that no unit is known to hold"),
    "points_to_rank": N_("points needed for this place"),
    "points_to_drop": N_("points that can be lost before this place"),
    "to_climb": N_("points up to the next unit above"),
    "to_drop": N_("points down to the next unit below"),
    "own_effect": N_("places by its own change of score"),
    "others_effect": N_("places by the changes of the others"),
    "rank_own_new": N_("rank of its new score among the others' old scores"),
    "rank_own_old": N_("rank of its old score among the others' new scores"),
    "group": N_("score of the group"),
    "n_scored": N_("how many have a score"),
    "n_rank_only": N_("how many have a rank alone"),
    "n_ranked": N_("how many have a rank"),
    "n_unknown": N_("how many have no figure"),
    "n_units": N_("number of units"),
    "n_units_listed": N_("number of units listed"),
    "n_units_up": N_("how many units rose"),
    "n_units_down": N_("how many units fell"),
    "n_units_same": N_("how many units stayed"),
    "n_units_unknown": N_("of how many units it is not known"),
    "n_used": N_("how many units it is computed from"),
    "n_common": N_("how many units both have"),
    "n_years": N_("number of years"),
    "n_years_listed": N_("number of years listed"),
    "n_years_known": N_("how many years have a figure"),
    "n_years_known_elsewhere": N_("how many years have a figure elsewhere"),
    "n_domains": N_("number of parts of the index"),
    "n_domains_known": N_("how many parts have a figure"),
    "domains_up": N_("how many parts rose"),
    "domains_down": N_("how many parts fell"),
    "domains_unknown": N_("of how many parts it is not known"),
    "domains_rank_up": N_("how many parts rose in rank"),
    "spearman": N_("correlation of the ranks"),
    "interval_coverage": N_("confidence level of the interval"),
    "rank_here": N_("rank by this index among the units that both have"),
    "rank_there": N_("rank by the other index among the units that both have"),
    "n_statements": N_("statements examined"),
    "n_confirmed": N_("statements that other sources confirm"),
    "n_contradicted": N_("statements that are contradicted"),
    "n_only_the_article_says_so": N_("statements that the article alone makes"),
    "n_cannot_be_checked": N_("statements that cannot be checked"),
}
ENDINGS: Final[Mapping[str, str]] = {"_low": N_("{what}, at least"), "_high": N_("{what}, at most"), "_score": N_("{what}, by score"), "_rank": N_("{what}, by rank")}
"""What the end of a code adds to the name of what stands before it."""


def measure_name(measure: str, words: Words) -> str:
    """The name of a measure; "" where it has none but its code.

    >>> measure_name("score", Words("vi")), measure_name("mean_low", Words("en")), measure_name("unheard", Words("en"))
    ('điểm số', 'mean, at least', '')
    """
    if measure in MEASURES:
        return words.say(MEASURES[measure])
    end = next((end for end in ENDINGS if measure.endswith(end) and measure.removesuffix(end) in MEASURES), "")
    return words.say(ENDINGS[end]).format(what=measure_name(measure.removesuffix(end), words)) if end else ""
