"""What a rank owes to each part of the index, in sentences."""

from __future__ import annotations

import pandas as pd

from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.language import Words
from par_analysis.show.sentences_movement import is_known_of_half
from par_analysis.show.values import Figure, Shown, find, joined, rich, rows_of


def no_effects(owed: pd.DataFrame, words: Words, *, year: int) -> Display | None:
    """Why a rank cannot be shared out among the parts of the index; ``None`` where it can. Nothing is said of an index without parts."""
    count = find(owed, measure="n_common")
    if find(owed, measure="place_lead") is not None and is_known_of_half(count):
        return None
    if not words.domain_names:
        return blocks.nothing()
    return blocks.absent(words.say("For {year}, the scores of all domains, which add up to the total, are known of too few provinces, or not of this one.").format(year=year))


def say_rank_owed(owed: pd.DataFrame, words: Words, *, unit: str, year: int, base: int, most: int = 2) -> Display:
    """How far a unit is from the middle of the list, which domains put it there, which of its changes moved it, and what that does not say.

    ``owed``: figures of ``metrics.rank_owed``.
    """
    absent = no_effects(owed, words, year=year)
    if absent is not None:
        return blocks.nothing()
    shown = Shown(words)
    said, moved = [_place(owed, shown, unit=unit, year=year), *_parts(owed, "place_effect", shown, most=most)], []
    limits = [
        rich(
            words.say(
                "Shapley values: the mean of what a part does to the rank when it takes the place of another province's, over all provinces and all orders of the parts. "
                "They say how the list is made, not what would be easy to change; where many provinces stand close together, few points are many places."
            )
        )
    ]
    others = find(owed, measure="move_effect_others")
    if others is not None:
        moved = [_move(owed, shown, unit=unit, year=year, base=base), *_parts(owed, "move_effect", shown, most=most)]
        moved.append(rich(words.say("The changes of the other provinces count for {places}."), places=shown(others)))
        limits.append(rich(words.say("Where all of its own changes are taken as one, as in the section on its own movement, another number of places falls to the others.")))
    text = blocks.paragraph(joined(said), numbers=shown.rows) + (blocks.paragraph(joined(moved)) if moved else blocks.Display(()))
    return text + blocks.paragraph(joined(limits), role="limit")


def _place(owed: pd.DataFrame, shown: Shown, *, unit: str, year: int) -> Rich:
    words = shown.words
    lead, rank, middle = (find(owed, measure=name) for name in ("place_lead", "rank_anew", "rank_middle"))
    ahead = words.say("In {year} {unit} ranked {rank}, {places} places ahead of the middle of the list ({middle}).")
    behind = words.say("In {year} {unit} ranked {rank}, {places} places behind the middle of the list ({middle}).")
    message = ahead if lead is not None and float(lead["value"]) >= 0 else behind
    return rich(message, year=str(year), unit=words.unit(unit), rank=shown.place(rank), places=shown.size(lead), middle=shown(middle), strong=("rank", "places"))


def _move(owed: pd.DataFrame, shown: Shown, *, unit: str, year: int, base: int) -> Rich:
    words = shown.words
    before, after, both = (find(owed, measure=name) for name in ("rank_before", "rank_after", "n_both"))
    message = words.say("Among the {n} provinces known in both years it held {before} in {base} and {after} in {year}.")
    return rich(message, n=shown(both), before=shown(before), base=str(base), after=shown(after), year=str(year), unit=words.unit(unit))


def _parts(owed: pd.DataFrame, measure: str, shown: Shown, *, most: int) -> list[Rich]:
    """The domains with the largest effects on either side."""
    words = shown.words
    effects: list[Figure] = sorted((row for row in rows_of(owed) if row["measure"] == measure), key=lambda row: -row["value"])
    is_place = measure == "place_effect"
    up = words.say("It is ahead most by: {list}.") if is_place else words.say("Its own changes gained it most on: {list}.")
    down = words.say("It is behind most by: {list}.") if is_place else words.say("Its own changes cost it most on: {list}.")
    said = []
    for message, chosen in ((up, [row for row in effects if row["value"] >= 0.05][:most]), (down, [row for row in effects[::-1] if row["value"] <= -0.05][:most])):
        listed = "; ".join(f"{words.node(str(row['node']))} {shown(row)}" for row in chosen)
        said += [rich(message, list=listed)] if chosen else []
    return said
