"""Metrics: pure functions from figures to figures. Nothing here reads a file, a clock or a catalogue."""

from par_analysis.metrics.averages import means
from par_analysis.metrics.bounds import missing_data_bounds, score_bounds
from par_analysis.metrics.changes import best_worst, change, history
from par_analysis.metrics.contradictions import contradictions
from par_analysis.metrics.coverages import coverage, distribution
from par_analysis.metrics.domains import domain_counts, domain_table, part_table
from par_analysis.metrics.groups import group_counts, group_of
from par_analysis.metrics.levels import ceiling_share, floor_share, headroom
from par_analysis.metrics.moves import movers, rise_and_fall
from par_analysis.metrics.national import both, country_history, standings
from par_analysis.metrics.position import gaps, neighbours, next_place
from par_analysis.metrics.rankings import ranking
from par_analysis.metrics.ranks import fractional_rank, percentile, rank
from par_analysis.metrics.totals import totals

__all__ = [
    "best_worst",
    "both",
    "ceiling_share",
    "change",
    "contradictions",
    "country_history",
    "coverage",
    "distribution",
    "domain_counts",
    "domain_table",
    "floor_share",
    "fractional_rank",
    "gaps",
    "group_counts",
    "group_of",
    "headroom",
    "history",
    "means",
    "missing_data_bounds",
    "movers",
    "neighbours",
    "next_place",
    "part_table",
    "percentile",
    "rank",
    "ranking",
    "rise_and_fall",
    "score_bounds",
    "standings",
    "totals",
]
