"""Why a number differs, as far as its columns and its report's manifest tell: what changed with it. Whether it is the reason is for a person to judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from par_analysis.run.numbers import Row

Kind = Literal["edition", "source", "preferred", "basis", "note", "figures", "claims", "data", "method", "notebook", "software", "first", "ended", "unknown"]

SILENT: Final = frozenset({"received", "narrative", "unit"})
"""What a report reads and no number comes from: days, words of one's own, how a unit's name is spelt."""
PRINTED: Final = frozenset({"published", "derived"})
"""Bases of numbers that no formula of this library made: they come from the figures of their own index and year."""


@dataclass(frozen=True)
class Cause:
    """What changed with a number: what came and what went, as ``numbers.csv`` and the manifests write it.

    ``preferred``: the source that is named first now; ``basis``: published, computed …; ``method``: the record of an index, or the lists of units and sources;
    ``first``, ``ended``: the whole report was not there before, or is not there any more; ``unknown``: nothing else than the number changed.
    """

    kind: Kind
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


@dataclass(frozen=True)
class Making:
    """What a report was made from, before and now: what its manifests say, and the editions of its rows."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    old_editions: frozenset[str] = frozenset()
    new_editions: frozenset[str] = frozenset()


def editions_of(rows: Sequence[Row]) -> frozenset[str]:
    """All editions that rows name."""
    return frozenset(edition for row in rows for edition in listed(row["edition"]))


def causes(old: Row | None, new: Row | None, making: Making) -> tuple[Cause, ...]:
    """What changed with a number; never nothing.

    Where no formula made a number that moved, and its row names another edition or source, or its report read other figures of its index and year, that is all.
    Else the report's method, notebook and software are named, too.
    """
    row = new or old or {}
    own = tuple(_of_row(old, new) if old and new else _of_lone(old, new, making))
    is_told = any(cause.kind in ("edition", "source", "preferred") for cause in own)
    data = () if is_told else tuple(_data(making, row))
    is_near = bool(data) and all(_is_about(name, row) for cause in data for name in (*cause.came, *cause.went))
    is_explained = bool(old and new) and row["basis"] in PRINTED and (is_told or is_near)
    rest = () if is_explained else tuple(_making(making, row))
    return (*own, *data, *rest) or (Cause("unknown"),)


def _of_row(old: Row, new: Row) -> Iterator[Cause]:
    editions, sources = (_exchanged(old[name], new[name]) for name in ("edition", "source"))
    if any(editions):
        yield Cause("edition", *editions)
    elif any(sources):
        yield Cause("source", *sources)
    elif old["source"] != new["source"]:
        yield Cause("preferred", tuple(listed(new["source"])[:1]))
    if old["basis"] != new["basis"]:
        yield Cause("basis", (str(new["basis"] or ""),), (str(old["basis"] or ""),))
    if old["note"] != new["note"]:
        yield Cause("note", (str(new["note"] or ""),), (str(old["note"] or ""),))


def _of_lone(old: Row | None, new: Row | None, making: Making) -> Iterator[Cause]:
    """A row that came or went with an edition that came to its report, or went from it."""
    came = tuple(edition for edition in listed((new or {}).get("edition")) if edition not in making.old_editions)
    went = tuple(edition for edition in listed((old or {}).get("edition")) if edition not in making.new_editions)
    if came or went:
        yield Cause("edition", came, went)


def listed(text: object) -> list[str]:
    """The items of a column that joins several.

    >>> listed("a/1; b/1"), listed(None)
    (['a/1', 'b/1'], [])
    """
    return [item.strip() for item in str(text or "").split("; ") if item.strip()]


def _exchanged(old: object, new: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What came to a list, and what went from it.

    >>> _exchanged("a/1; b/1", "b/1; a/2")
    (('a/2',), ('a/1',))
    """
    was, now = listed(old), listed(new)
    return tuple(item for item in now if item not in was), tuple(item for item in was if item not in now)


# ---------------------------------------------------------------- what the manifests tell

Entry = tuple[str, str, str]
"""A name, what it was, and what it is."""


def _changed(making: Making, key: str) -> list[Entry]:
    """The entries of a table of both manifests that are not the same."""
    was, now = (table if isinstance(table, Mapping) else {} for table in (making.before.get(key), making.after.get(key)))
    return [(name, str(was.get(name, "")), str(now.get(name, ""))) for name in sorted({*was, *now}) if was.get(name) != now.get(name)]


def _reads(making: Making) -> list[Entry]:
    """The data that are others now; another notebook may read more, or less, of what is as it was."""
    is_edited = bool(_changed(making, "notebook"))
    return [(name, was, now) for name, was, now in _changed(making, "reads") if (was and now) or not is_edited]


def _data(making: Making, row: Row) -> Iterator[Cause]:
    """The data that the report read and that are others now: those of the row's own index and year where it was printed there, else all."""
    reads = [one for one in _reads(making) if _word(one[0]) not in SILENT | {"reference"}]
    reads = [one for one in reads if row["basis"] in PRINTED and _is_about(one[0], row)] or reads
    figures = [one for one in reads if _word(one[0]) == "figures"]
    about = {_rest(name) for name, _, _ in figures}
    claims = [one for one in reads if _word(one[0]) == "claims" and _rest(one[0]) not in about]  # figures change with what is claimed of them
    yield from _as_cause("figures", figures)
    yield from _as_cause("claims", claims)
    if not figures and not claims:
        yield from _as_cause("data", [one for one in reads if _word(one[0]) not in ("figures", "claims")])


def _as_cause(kind: Kind, entries: Sequence[Entry]) -> Iterator[Cause]:
    if entries:
        yield Cause(kind, tuple(name for name, _, now in entries if now), tuple(name for name, _, now in entries if not now))


def _word(name: str) -> str:
    """What kind of data it is, as ``dataset.reads`` names it."""
    return name.partition("/")[0].removesuffix("-no-derived")


def _rest(name: str) -> str:
    return name.partition("/")[2]


def _is_about(name: str, row: Row) -> bool:
    """Whether data of a report are those of a row's own index and year."""
    return name.split("/")[1:3] == [str(row["index"]), str(row["year"])]


def _making(making: Making, row: Row) -> Iterator[Cause]:
    """The method, the notebook and the software."""
    changed = [_rest(name) for name, _, _ in _reads(making) if _word(name) == "reference"]
    own = [name for name in changed if name in (row["index"], "tables", "indicators")] or changed
    if own:
        yield Cause("method", tuple(own))
    if _changed(making, "notebook"):
        yield Cause("notebook", (str(making.after.get("notebook", {}).get("name", "")),))
    versions = _changed(making, "versions")
    if versions:
        yield Cause("software", tuple(f"{name} {now}" for name, _, now in versions if now), tuple(f"{name} {was}" for name, was, _ in versions if was))
