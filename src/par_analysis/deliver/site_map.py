"""The provinces as tiles of equal size, as in the reports, each a link: where the site is entered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from par_analysis.catalog import Catalog
from par_analysis.deliver.site_facts import Amount
from par_analysis.model import Language
from par_analysis.show.language import Words
from par_analysis.show.score_classes import DARK_FROM, PLACES, SCORES, class_limits, score_class, third


@dataclass(frozen=True)
class Known:
    """What a map shows of a unit: where its tile leads, its score or else its rank."""

    target: str
    score: Amount | None
    rank: Amount | None


@dataclass(frozen=True)
class Tile:
    """A tile: its place in the grid, what it says, its look, where it leads ("" for nowhere)."""

    row: int
    column: int
    label: str
    letters: str
    name: str
    value: str
    rank: str
    look: str
    target: str


@dataclass(frozen=True)
class Map:
    """The tiles of a year's units with the key to their colours."""

    unit_set: str
    tiles: tuple[Tile, ...]
    key: tuple[tuple[str, str], ...]


def unit_set(year: int) -> str:
    """The units that an index of a year ranks, by their number."""
    return "63" if year <= 2024 else "34"


def tile_map(known: Catalog, year: int, of: Mapping[str, Known], words: Words) -> Map:
    """The map of a year's units, coloured by score; a unit that nothing is known of has a pale tile that leads nowhere."""
    rows = [row for row in known.tiles if row["unit_set"] == unit_set(year)]
    limits = class_limits([one.score.value for one in of.values() if one.score])
    count = sum(row["kind"] != "islands" for row in rows)
    tiles = [_tile(row, of.get(row["code"]), known, words.lang, limits, count) for row in rows]
    return Map(unit_set(year), tuple(sorted(tiles, key=lambda tile: (tile.row, tile.column))), tuple(_key(limits, of, count, words)))


def _tile(row: Mapping[str, str], of: Known | None, known: Catalog, lang: Language, limits: Sequence[float], count: int) -> Tile:
    name, label = known.units[row["code"]].name(lang), row[f"label_{lang}"]
    place = {"row": int(row["row"]) + 1, "column": int(row["col"]) + 1}
    if row["kind"] == "islands":
        return Tile(**place, label=label, letters=label, name=f"{label} ({name})", value="", rank="", look="isle", target="")
    if of is None:
        return Tile(**place, label=label, letters=letters(name), name=name, value="", rank="", look="none", target="")
    look = f"s{score_class(of.score.value, limits)}" if of.score else f"p{third(of.rank.value, count)}" if of.rank else "plain"
    shown = of.score or of.rank
    return Tile(**place, label=label, letters=letters(name), name=name, value=shown.text if shown else "", rank=of.rank.text if of.rank else "", look=look, target=of.target)


def letters(name: str) -> str:
    """A name in the few letters that a small tile has room for.

    >>> letters("Hải Dương"), letters("TP. Hồ Chí Minh"), letters("Bà Rịa – Vũng Tàu"), letters("Hanoi")
    ('HD', 'HCM', 'BRVT', 'Ha')
    """
    words = [word for word in re.findall(r"\w+", name) if not (word.isupper() and len(word) > 1)] or [name]
    return "".join(word[0] for word in words)[:4] if len(words) > 1 else words[0][:2]


def _key(limits: Sequence[float], of: Mapping[str, Known], count: int, words: Words) -> list[tuple[str, str]]:
    """Look → what it means, the highest class first."""
    decimals = 0 if all(limit == int(limit) for limit in limits) else 1
    told = [words.number(limit, decimals) for limit in limits]
    scores = [(f"s{score_class(limits[number], limits)}", f"{told[number]}–{told[number + 1]}") for number in range(len(limits) - 1)]
    ranked = any(one.rank and not one.score for one in of.values())
    places = [(f"p{number}", f"{-(-count * number // 3) + 1}–{-(-count * (number + 1) // 3)}") for number in range(len(PLACES))] if ranked else []
    return [*reversed(scores), *places]


def style(known: Catalog) -> str:
    """The grid's rules: a class for each row and column, the columns between land and islands narrower, the colours of the classes."""
    inks = ["#fff" if number >= DARK_FROM else "#1b262d" for number in range(len(SCORES))]
    rules = [f".s{number}{{background:{fill}}}.tiles .s{number}{{color:{ink}}}" for number, (fill, ink) in enumerate(zip(SCORES, inks, strict=True))]
    rules += [f".tiles .p{number},.swatch.p{number}{{border-bottom:5px solid {fill}}}" for number, fill in enumerate(PLACES)]
    most = max(int(row[side]) + 1 for row in known.tiles for side in ("row", "col"))
    rules += [f".r{number}{{grid-row:{number}}}.c{number}{{grid-column:{number}}}" for number in range(1, most + 1)]
    for of in sorted({row["unit_set"] for row in known.tiles}):
        used = {int(row["col"]) for row in known.tiles if row["unit_set"] == of}
        columns = " ".join("minmax(0,1fr)" if column in used else "minmax(0,.4fr)" for column in range(max(used) + 1))
        rules.append(f".k{of}{{grid-template-columns:{columns}}}")
    return "\n".join(rules) + "\n"
