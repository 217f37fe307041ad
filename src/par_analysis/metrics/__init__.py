"""Metrics: pure functions from figures to figures. Nothing here reads a file, a clock or a catalogue."""

from par_analysis.metrics.aggregation import aggregate, attainment, likely_cause, point_scores, rebuilt_totals, suspects, weighted_mean
from par_analysis.metrics.agreement_beside import agreement_beside
from par_analysis.metrics.audits import audit, beyond_limits, rank_audit
from par_analysis.metrics.averages import means
from par_analysis.metrics.benefit_of_the_doubt import benefit_of_the_doubt
from par_analysis.metrics.between_indices import correlation_interval, discordant, index_agreement, resample_counts
from par_analysis.metrics.bounds import missing_data_bounds, score_bounds
from par_analysis.metrics.breakthrough_moves import breakthrough_moves
from par_analysis.metrics.breakthroughs import breakthroughs, trend_status
from par_analysis.metrics.changes import best_worst, change, history
from par_analysis.metrics.comparability import common_basket, comparability, framework_items
from par_analysis.metrics.comparisons import comparison
from par_analysis.metrics.compensation import compensation, mazziotta_pareto
from par_analysis.metrics.completeness import completeness
from par_analysis.metrics.contradictions import contradictions
from par_analysis.metrics.contributions import contributions, contributions_by_level
from par_analysis.metrics.convergence import beta_convergence, sigma_convergence, trends, variance_ratio
from par_analysis.metrics.coverages import coverage, distribution
from par_analysis.metrics.decompositions import bennet, dunn, shift_share
from par_analysis.metrics.disputes import disputes
from par_analysis.metrics.domain_means import domain_means
from par_analysis.metrics.domains import domain_counts, domain_table, part_table
from par_analysis.metrics.dominance import copeland, dominance, outranking
from par_analysis.metrics.draws import constrained_weights, dirichlet_weights, perturbed_weights, scaled_weights
from par_analysis.metrics.efforts import own_and_others
from par_analysis.metrics.gap_profiles import gap_profile
from par_analysis.metrics.gap_tables import gap_table
from par_analysis.metrics.groups import group_counts, group_of
from par_analysis.metrics.headrooms import node_headroom
from par_analysis.metrics.importance import correlation_ratio, importance, resamples, variance_shares
from par_analysis.metrics.inequality import spread, theil
from par_analysis.metrics.ladders import rank_ladder
from par_analysis.metrics.levels import ceiling_share, floor_share, headroom
from par_analysis.metrics.linking import chained, equipercentile_link, overlap_link
from par_analysis.metrics.mergers import membership, merged, merger_band, merger_effect
from par_analysis.metrics.method_split import method_split
from par_analysis.metrics.mobility import mobility, persistence, theta
from par_analysis.metrics.moves import movers, rise_and_fall
from par_analysis.metrics.narrowing import narrowing
from par_analysis.metrics.national import both, country_figures, country_history, standings
from par_analysis.metrics.normalisation import minmax, percentile_ranks, zscore
from par_analysis.metrics.pairwise_judgements import ahp_weights
from par_analysis.metrics.peer_gaps import peer_gaps
from par_analysis.metrics.peers import against_peers, peers
from par_analysis.metrics.perturbation import nominal_ranks, rank_summary, ranks_of_draws, ranks_of_scores, scores_of_draws
from par_analysis.metrics.position import gaps, neighbours, next_place
from par_analysis.metrics.profiles import node_history, profile, strengths
from par_analysis.metrics.quality import coverage_matrix, missing_figures, trust_counts
from par_analysis.metrics.rank_movement import quarter_moves, rank_mobility, top_places
from par_analysis.metrics.rank_owed import rank_owed
from par_analysis.metrics.rank_routes import rank_route
from par_analysis.metrics.rank_sets import rank_sets, standard_normals, tau_best, tau_worst
from par_analysis.metrics.rankings import ranking
from par_analysis.metrics.ranks import fractional_rank, percentile, rank
from par_analysis.metrics.rebuilds import country_audit, rebuilds
from par_analysis.metrics.reliability import alpha_if_deleted, cronbach, eigenvalue_shares, item_rest_correlation
from par_analysis.metrics.robustness import rank_intervals, ranks_by_method
from par_analysis.metrics.route_plans import route_plan
from par_analysis.metrics.routes import alternative_routes, cheapest_route, cost_of_places, route_frontier
from par_analysis.metrics.scorecards import lost_points, lost_points_by, regainable_points, self_scores
from par_analysis.metrics.self_scores import self_scoring_gap, survey_against_appraisal
from par_analysis.metrics.sensitivity import average_shift, leave_one_out
from par_analysis.metrics.shapley import change_shapley, rank_shapley
from par_analysis.metrics.smaa import acceptability, central_weights, confidence_factors, entropy, pairwise_wins, ranking_entropy
from par_analysis.metrics.sobol import sobol_design, sobol_indices, sobol_intervals
from par_analysis.metrics.structure import any_weights, coherence, part_influence
from par_analysis.metrics.target_ranks import target_needs
from par_analysis.metrics.targets import change_draws, ladder, next_rank_sensitivity, points_to_rank
from par_analysis.metrics.tie_groups import tie_groups
from par_analysis.metrics.totals import totals
from par_analysis.metrics.transitions import bands, quantile_bands, shorrocks, transitions
from par_analysis.metrics.trees import effective_weights, tree_of, tree_of_maxima, tree_table, without
from par_analysis.metrics.uncertainty import total_rank_intervals
from par_analysis.metrics.verdicts import verdicts

__all__ = [
    "acceptability",
    "against_peers",
    "aggregate",
    "agreement_beside",
    "ahp_weights",
    "alpha_if_deleted",
    "alternative_routes",
    "any_weights",
    "attainment",
    "audit",
    "average_shift",
    "bands",
    "benefit_of_the_doubt",
    "bennet",
    "best_worst",
    "beta_convergence",
    "beyond_limits",
    "both",
    "breakthrough_moves",
    "breakthroughs",
    "ceiling_share",
    "central_weights",
    "chained",
    "change",
    "change_draws",
    "change_shapley",
    "cheapest_route",
    "coherence",
    "common_basket",
    "comparability",
    "comparison",
    "compensation",
    "completeness",
    "confidence_factors",
    "constrained_weights",
    "contradictions",
    "contributions",
    "contributions_by_level",
    "copeland",
    "correlation_interval",
    "correlation_ratio",
    "cost_of_places",
    "country_audit",
    "country_figures",
    "country_history",
    "coverage",
    "coverage_matrix",
    "cronbach",
    "dirichlet_weights",
    "discordant",
    "disputes",
    "distribution",
    "domain_counts",
    "domain_means",
    "domain_table",
    "dominance",
    "dunn",
    "effective_weights",
    "eigenvalue_shares",
    "entropy",
    "equipercentile_link",
    "floor_share",
    "fractional_rank",
    "framework_items",
    "gap_profile",
    "gap_table",
    "gaps",
    "group_counts",
    "group_of",
    "headroom",
    "history",
    "importance",
    "index_agreement",
    "item_rest_correlation",
    "ladder",
    "leave_one_out",
    "likely_cause",
    "lost_points",
    "lost_points_by",
    "mazziotta_pareto",
    "means",
    "membership",
    "merged",
    "merger_band",
    "merger_effect",
    "method_split",
    "minmax",
    "missing_data_bounds",
    "missing_figures",
    "mobility",
    "movers",
    "narrowing",
    "neighbours",
    "next_place",
    "next_rank_sensitivity",
    "node_headroom",
    "node_history",
    "nominal_ranks",
    "outranking",
    "overlap_link",
    "own_and_others",
    "pairwise_wins",
    "part_influence",
    "part_table",
    "peer_gaps",
    "peers",
    "percentile",
    "percentile_ranks",
    "persistence",
    "perturbed_weights",
    "point_scores",
    "points_to_rank",
    "profile",
    "quantile_bands",
    "quarter_moves",
    "rank",
    "rank_audit",
    "rank_intervals",
    "rank_ladder",
    "rank_mobility",
    "rank_owed",
    "rank_route",
    "rank_sets",
    "rank_shapley",
    "rank_summary",
    "ranking",
    "ranking_entropy",
    "ranks_by_method",
    "ranks_of_draws",
    "ranks_of_scores",
    "rebuilds",
    "rebuilt_totals",
    "regainable_points",
    "resample_counts",
    "resamples",
    "rise_and_fall",
    "route_frontier",
    "route_plan",
    "scaled_weights",
    "score_bounds",
    "scores_of_draws",
    "self_scores",
    "self_scoring_gap",
    "shift_share",
    "shorrocks",
    "sigma_convergence",
    "sobol_design",
    "sobol_indices",
    "sobol_intervals",
    "spread",
    "standard_normals",
    "standings",
    "strengths",
    "survey_against_appraisal",
    "suspects",
    "target_needs",
    "tau_best",
    "tau_worst",
    "theil",
    "theta",
    "tie_groups",
    "top_places",
    "total_rank_intervals",
    "totals",
    "transitions",
    "tree_of",
    "tree_of_maxima",
    "tree_table",
    "trend_status",
    "trends",
    "trust_counts",
    "variance_ratio",
    "variance_shares",
    "verdicts",
    "weighted_mean",
    "without",
    "zscore",
]
