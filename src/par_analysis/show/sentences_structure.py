"""Sentences on what decides a ranking: the parts of the index, the way they are added up, what holds under any weights, and whether the parts measure one thing."""

from __future__ import annotations

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.language import Words
from par_analysis.show.tables_robustness import Measures, of_country, of_parts, of_units
from par_analysis.show.values import Shown, joined, rich


def say_influence(influence: pd.DataFrame, words: Words) -> Display:
    """Which part moves ranks most and least when it is left out, and which decides more or less than its weight.

    ``influence``: figures of ``metrics.part_influence``.
    """
    parts = of_parts(influence)
    if not parts:
        return blocks.nothing()
    shown = Shown(words)
    by_shift = sorted(parts, key=lambda node: float(parts[node]["mean_shift_without"]["value"]))
    message = words.say("Without {most} ranks move by {places} places on average, without {least} by {fewest}.")
    places, fewest = (shown(parts[node]["mean_shift_without"]) for node in (by_shift[-1], by_shift[0]))
    said = [rich(message, most=_named(by_shift[-1], words), least=_named(by_shift[0], words), places=places, fewest=fewest, strong=("places", "fewest"))]
    excess = sorted(parts, key=lambda node: float(parts[node]["importance"]["value"]) - float(parts[node]["weight"]["value"]))
    more = words.say("Measured by how well it alone tells the total, {part} decides most beyond its weight: importance {importance}, weight {weight};")
    less = words.say("{part} falls furthest short of it: importance {importance}, weight {weight}.")
    for message, node in ((more, excess[-1]), (less, excess[0])):
        importance, weight = (shown(parts[node][name], decimals=1) for name in ("importance", "weight"))
        said.append(rich(message, part=_named(node, words), importance=importance, weight=weight))
    limit = words.say(
        "A part on which provinces hardly differ decides little, whatever it weighs, and parts that move together share what they decide: "
        "this is no measure of how much a part matters to people."
    )
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(rich(limit), role="limit")


def _named(node: str, words: Words) -> str:
    return words.say("“{part}”").format(part=words.node(node))


def say_ranks_by_method(methods: pd.DataFrame, words: Words) -> Display:
    """What the ways to add up are, how far each moves the ranks, and whether weights or way move them more.

    ``methods``: figures of ``metrics.ranks_by_method``.
    """
    of = of_country(methods)
    if "mean_shift_geometric" not in of:
        return blocks.nothing()
    shown = Shown(words)
    message = words.say(
        "Against the weighted sum, ranks move by {geometric} places on average under the geometric mean, {mpi} under the Mazziotta-Pareto index, {minimum} by the lowest part."
    )
    geometric, mpi, minimum = (shown(of[f"mean_shift_{way}"]) for way in ("geometric", "mpi", "minimum"))
    said = [rich(message, geometric=geometric, mpi=mpi, minimum=minimum)]
    if "share_together" in of:
        message = words.say(
            "Of what moves the ranks when weights and way vary together, the way alone accounts for {method}, the weights alone for {weights}, the two in combination for {both}."
        )
        method, weights, both = (shown(of[name], decimals=0) for name in ("first_share_method", "first_share_weights", "share_together"))
        said.append(rich(message, method=method, weights=weights, both=both, strong=("method", "weights")))
    said += _floored(of, shown)
    ways = [
        words.say("Weighted sum: a high part makes up for a low one, point for point. This is how the index is published."),
        words.say("Geometric mean: a low part counts more than a high one."),
        words.say("Mazziotta-Pareto index: the mean, less a penalty for unevenness."),
        words.say("Lowest part: nothing is made up for. It is shown as the limit, and is not among the ways that vary."),
    ]
    limit = words.say(
        "A rank that keeps its place under all ways does not hang on how the index is added up. "
        "Errors of the survey or appraisal have no share here: they are not published with the scores."
    )
    text = blocks.paragraph(joined(said), numbers=shown.rows)
    return text + blocks.bullets([rich(way) for way in ways]) + blocks.paragraph(rich(limit), role="limit")


def _floored(of: Measures, shown: Shown) -> list[Rich]:
    """That some values were raised for the geometric mean, where some were."""
    if not float(of["n_floored"]["value"]):
        return []
    n, everything = shown.count_of(of["n_floored"])
    return [rich(shown.words.say("For the geometric mean, {n} of {all} values next to nought are taken as one percent of the maximum."), n=n, all=everything)]


def say_dominance(pairs: pd.DataFrame, words: Words, *, most: int = 5) -> Display:
    """How many pairs are settled whatever the weights, who is behind nobody, and who can come first.

    ``pairs``: figures of ``metrics.any_weights``.
    """
    of, units = of_country(pairs), of_units(pairs)
    if "dominance_share" not in of:
        return blocks.nothing()
    shown = Shown(words)
    message = words.say("Of {all} pairs of provinces, {n} ({share}) are settled whatever the weights: one of the two is nowhere behind and somewhere ahead.")
    said = [rich(message, all=shown(of["n_pairs"]), n=shown(of["n_dominance_pairs"]), share=shown(of["dominance_share"], decimals=1), strong=("share",))]
    best = max(units, key=lambda unit: float(units[unit]["dominates"]["value"]))
    if float(units[best]["dominates"]["value"]):
        last = max(units, key=lambda unit: float(units[unit]["dominated_by"]["value"]))
        message = words.say("No province leads more others in this way than {unit} ({n}), none is led by more than {last} ({others}); led by nobody: {free}.")
        counts = [shown(figure) for figure in (units[best]["dominates"], units[last]["dominated_by"], of["n_undominated"])]
        said.append(rich(message, unit=words.unit(best), last=words.unit(last), n=counts[0], others=counts[1], free=counts[2]))
    ranked = sorted((unit for unit in units if float(units[unit]["share_first"]["value"]) > 0), key=lambda unit: -float(units[unit]["share_first"]["value"]))[:most]
    listed = "; ".join(f"{words.unit(unit)} {shown(units[unit]['share_first'], decimals=1)}" for unit in ranked)
    message = words.say("Of {draws} sets of weights, drawn out of all there are, each has somebody come first: {n} provinces in all, most often {list}.")
    said.append(rich(message, draws=shown(of["n_draws"]), n=shown(of["n_first"]), list=listed))
    limit = words.say(
        "A pair that is not settled is not thereby equal. “All weights there are” includes some that nobody would defend, such as one part counting for nearly everything."
    )
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(rich(limit), role="limit")


def say_coherence(coherence: pd.DataFrame, words: Words) -> Display:
    """Whether the parts measure one thing, and which goes its own way.

    ``coherence``: figures of ``metrics.coherence``.
    """
    of, parts = of_country(coherence), of_parts(coherence)
    if "alpha" not in of:
        return blocks.nothing()
    shown = Shown(words)
    alpha = float(of["alpha"]["value"])
    high = words.say("Cronbach's alpha of the {n} parts is {alpha}: most of them move together.")
    middle = words.say("Cronbach's alpha of the {n} parts is {alpha}: they move together loosely.")
    low = words.say("Cronbach's alpha of the {n} parts is {alpha}: they hardly move together, and the total is a sum of different things.")
    message = high if alpha >= 0.7 else middle if alpha >= 0.5 else low
    said = [rich(message, n=shown(of["n_items"]), alpha=shown(of["alpha"], decimals=2), strong=("alpha",))]
    message = words.count(
        "What they have most in common explains {share} of their variance; {n} separate direction stands out.",
        "What they have most in common explains {share} of their variance; {n} separate directions stand out.",
        float(of["n_components"]["value"]),
    )
    said.append(rich(message, share=shown(of["first_component"], decimals=0), n=shown(of["n_components"])))
    loosest = min(parts, key=lambda node: float(parts[node]["item_rest_correlation"]["value"]))
    message = words.say("{part} goes its own way most: its correlation with the sum of the others is {r}.")
    said.append(rich(message, part=_named(loosest, words), r=shown(parts[loosest]["item_rest_correlation"], decimals=2)))
    limit = words.say("A low value is no fault of the index: who wants to cover several sides of government gets parts that differ. But the total then says less of each of them.")
    note = words.say("Alpha lies at 1 for parts that say the same; 0.7 and more is usually taken as consistent. It rises with the number of parts, too.")
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(rich(limit), role="limit") + blocks.paragraph(rich(note), role="note")
