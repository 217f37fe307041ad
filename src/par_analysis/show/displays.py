"""Everything a report can display, under one roof: what ``par_analysis.show`` offers."""

from par_analysis.show.charts_change import plot_movers
from par_analysis.show.charts_distribution import plot_distribution, plot_regions
from par_analysis.show.charts_domains import plot_domains
from par_analysis.show.charts_history import plot_coverage, plot_rank_history, plot_score_history
from par_analysis.show.charts_map import plot_tiles
from par_analysis.show.charts_position import plot_neighbours, plot_position
from par_analysis.show.cover import cover_national, cover_province
from par_analysis.show.sentences import say_coverage, say_domains, say_history, say_method, say_next_place
from par_analysis.show.tables_national import table_groups, table_regions, table_rise_and_fall, table_standings
from par_analysis.show.tables_origin import say_contradictions, table_conflicts, table_operations, table_sources
from par_analysis.show.tables_province import table_domains, table_history, table_parts, table_position, table_satisfaction

__all__ = [
    "cover_national",
    "cover_province",
    "plot_coverage",
    "plot_distribution",
    "plot_domains",
    "plot_movers",
    "plot_neighbours",
    "plot_position",
    "plot_rank_history",
    "plot_regions",
    "plot_score_history",
    "plot_tiles",
    "say_contradictions",
    "say_coverage",
    "say_domains",
    "say_history",
    "say_method",
    "say_next_place",
    "table_conflicts",
    "table_domains",
    "table_groups",
    "table_history",
    "table_operations",
    "table_parts",
    "table_position",
    "table_regions",
    "table_rise_and_fall",
    "table_satisfaction",
    "table_sources",
    "table_standings",
]
