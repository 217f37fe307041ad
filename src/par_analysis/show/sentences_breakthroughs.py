"""Who moved further than its start led to expect, in sentences: of the country, and of one unit."""

from __future__ import annotations

import pandas as pd

from par_analysis.model import COUNTRY
from par_analysis.show import blocks
from par_analysis.show.blocks import Display, Rich
from par_analysis.show.cells import by_measure
from par_analysis.show.language import Words
from par_analysis.show.sentences_movement import is_known_of_half
from par_analysis.show.values import Figure, Shown, find, joined, rich


def no_breakthroughs(moves: pd.DataFrame, words: Words, *, year: int, base: int, is_comparable: bool | None) -> Display | None:
    """Why nothing can be called a breakthrough; ``None`` where something could."""
    if is_comparable is False:
        message = words.say("The method changed between {base} and {year}: a change of points across it is no movement, so nothing is called a breakthrough.")
    elif is_comparable is None:
        message = words.say("It is not confirmed that {base} and {year} were scored by the same method, so nothing is called a breakthrough.")
    elif not is_known_of_half(find(moves, measure="n_common")) or find(moves, measure="mover_threshold") is None:
        message = words.say("The scores of both {base} and {year} are known of fewer than half of the provinces: too few to tell a breakthrough from what all did.")
    else:
        return None
    return blocks.absent(message.format(base=base, year=year))


def say_breakthroughs(moves: pd.DataFrame, words: Words, *, year: int, base: int, is_comparable: bool | None) -> Display:
    """What a start led to expect, how many moved further, how many would by chance, and how many of those of the year before kept it.

    ``moves``: figures of ``metrics.breakthrough_moves``.
    """
    absent = no_breakthroughs(moves, words, year=year, base=base, is_comparable=is_comparable)
    if absent is not None:
        return absent
    shown = Shown(words)
    of = {measure: figures[COUNTRY] for measure, figures in _by_measure(moves).items() if COUNTRY in figures}
    said = [_expected(of["expected_slope"], of["n_common"], shown, year=year, base=base), _movers(of, shown)]
    message = words.say("By chance alone about {n} provinces would be expected to.")
    said.append(rich(message, n=shown(of["n_false_alarms"], decimals=1)))
    said += _sustained(of, shown, base=base)
    limits = words.say(
        "Errors of the scores are not published, so it is not checked whether the ranks of the two years are surely apart. The numbers do not say why a province moved."
    )
    return blocks.paragraph(joined(said), numbers=shown.rows) + blocks.paragraph(rich(limits), role="limit")


def _by_measure(moves: pd.DataFrame) -> dict[str, dict[str, Figure]]:
    found: dict[str, dict[str, Figure]] = {}
    for unit, of in by_measure(moves, on="unit").items():
        for measure, figure in of.items():
            found.setdefault(measure, {})[unit] = figure
    return found


def _expected(slope: Figure, count: Figure, shown: Shown, *, year: int, base: int) -> Rich:
    """Regression to the mean, where there is some."""
    words = shown.words
    if float(slope["value"]) < 0:
        message = words.say(
            "Among the {n} provinces scored in both years, one point more in {base} went with a change to {year} that was {points} points less: a low start is followed by larger "
            "gains, by chance (regression to the mean) or by catching up. Every change is therefore held against that of provinces with the same start."
        )
    else:
        message = words.say(
            "Among the {n} provinces scored in both years, one point more in {base} went with a change to {year} that was {points} points more. "
            "Every change is held against that of provinces with the same start."
        )
    return rich(message, n=shown(count), base=str(base), year=str(year), points=shown.size(slope))


def _movers(of: dict[str, Figure], shown: Shown) -> Rich:
    words = shown.words
    up, down = of["n_movers_up"], of["n_movers_down"]
    z = shown(of["mover_threshold"], decimals=0)
    if not float(up["value"]) and not float(down["value"]):
        return rich(words.say("No province lies {z} deviations or more from it: none is called a breakthrough or a setback."), z=z)
    message = words.say("By {z} deviations or more, {up} moved further up than that (breakthroughs) and {down} further down (setbacks).")
    return rich(message, z=z, up=shown(up), down=shown(down), strong=("up", "down"))


def _sustained(of: dict[str, Figure], shown: Shown, *, base: int) -> list[Rich]:
    before, kept = of.get("n_movers_before"), of.get("n_movers_sustained")
    if before is None or kept is None or not float(before["value"]):
        return []
    message = shown.words.say("Of the {n} provinces that had moved so far in {base}, {kept} have kept half of it or more.")
    error = shown.words.say("Both are counted from {start}: an error in the score of that year would count as kept.")
    return [rich(message, n=shown(before), base=str(base), kept=shown(kept), strong=("kept",)), rich(error, start=str(base - 1))]


def say_mover(moves: pd.DataFrame, words: Words, *, unit: str, year: int, base: int) -> Display:
    """Whether one unit moved further than its start led to expect; nothing where that cannot be told.

    ``moves``: figures of ``metrics.breakthrough_moves``.
    """
    own, limit = by_measure(moves[moves["unit"] == unit], on="unit").get(unit, {}), find(moves, measure="mover_threshold")
    z = own.get("mover_z") or own.get("move_z")
    if z is None or limit is None or not is_known_of_half(find(moves, measure="n_common")):
        return blocks.nothing()
    shown = Shown(words)
    first = words.say("Provinces with its score of {base} changed by {expected} on average to {year}, {unit} by {change}: a difference of {beyond}, or {z} deviations.")
    expected, change, beyond = (shown.amount(own[measure]) for measure in ("expected_change", "score_change", "unexpected_change"))
    said = rich(first, base=str(base), year=str(year), unit=words.unit(unit), expected=expected, change=change, beyond=beyond, z=shown(z, signed=True))
    if own.get("mover_z") is None:
        verdict = words.say("That is neither a breakthrough nor a setback, which take {limit} or more.")
    else:
        up, down = words.say("From {limit} on that is called a breakthrough."), words.say("From {limit} on that is called a setback.")
        verdict = up if float(z["value"]) > 0 else down
    told, chance = [said, rich(verdict, limit=shown(limit, decimals=0))], find(moves, measure="n_false_alarms")
    if chance is not None and own.get("mover_z") is not None:
        told.append(rich(words.say("By chance alone about {n} provinces would be expected to."), n=shown(chance, decimals=1)))
    return blocks.paragraph(joined(told), numbers=shown.rows)
