"""What has to be done so that a target holds a folder: what lies in the folder, what lies there, whose it is, and in which order it goes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from par_analysis.deliver.manifests import JOURNAL, MANIFEST, OWN, Entry, Files, Foreign, Journal, Manifest, is_plain, read_journal, read_manifest
from par_analysis.deliver.site_folder import OWN as NOT_OF_THE_SITE
from par_analysis.deliver.stores import NO_FILE, Store
from par_analysis.errors import RequestError

READABLE: Final = "may this user read it?"
ADOPT: Final = "move it elsewhere, or publish to another place; files that are the very same: par publish --adopt"


class Unpublishable(RequestError):
    """A folder that cannot be published as it is."""

    def __init__(self, folder: Path, problem: str, *, hint: str = "") -> None:
        self.folder, self.problem = folder, problem
        super().__init__(f"{folder}: {problem}", hint=hint)


@dataclass(frozen=True)
class Plan:
    """What lies there, and what is to become of it."""

    files: Files
    before: Manifest
    journal: Journal
    there: Mapping[str, int]
    place: tuple[str, ...]
    remove: tuple[str, ...]

    @property
    def after(self) -> Manifest:
        """The manifest to come."""
        return self.before.after(self.files)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do, by an earlier run neither."""
        return not self.place and not self.remove and self.after is self.before and JOURNAL not in self.there


def scan(folder: Path) -> dict[str, Entry]:
    """The files of a folder, by name. Raises ``Unpublishable``: a link, no plain file, a name that is ours or that a target may not understand, no file at all."""
    if not folder.is_dir() or folder.is_symlink():
        raise Unpublishable(folder, "is a link" if folder.is_symlink() else "is no folder", hint="par site makes one")
    found = {path.relative_to(folder).as_posix(): path for path in _walk(folder)}
    strange = next((name for name in found if not is_plain(name)), None)
    if strange is not None:
        raise Unpublishable(folder, f"{strange!r} cannot be published under this name")
    if not found:
        raise Unpublishable(folder, "is empty: publishing it would remove everything at the target", hint="par site")
    return {name: entry_of(bytes_of(path)) for name, path in sorted(found.items())}


def bytes_of(path: Path) -> bytes:
    """The bytes of a file that is published. Raises ``Unpublishable`` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unpublishable(path, f"cannot be read: {error.strerror or error}", hint=READABLE) from error


def _walk(folder: Path) -> Iterator[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise Unpublishable(folder, f"cannot be read: {error.strerror or error}", hint=READABLE) from error
    for path in inside:
        if path.name == NOT_OF_THE_SITE:
            continue
        if path.is_symlink():
            raise Unpublishable(path, "is a link: what is published lies in the folder itself")
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path
        else:
            raise Unpublishable(path, "is no plain file")


def entry_of(content: bytes) -> Entry:
    """The checksum and size of some bytes."""
    return Entry(hashlib.sha256(content).hexdigest(), len(content))


def has_overlap(one: Path, other: Path) -> bool:
    """Whether one of two folders lies in the other, links followed."""
    first, second = Path(os.path.realpath(one)), Path(os.path.realpath(other))
    return first.is_relative_to(second) or second.is_relative_to(first)


def survey(store: Store, files: Files, *, adopt: bool = False, verify: bool = False) -> Plan:
    """What has to be done at a store so that it holds these files. Raises ``Foreign`` with everything that is in the way."""
    there = store.names()
    before, journal = read_manifest(store.read(MANIFEST) if MANIFEST in there else None, store.label), read_journal(store.read(JOURNAL) if JOURNAL in there else None, store.label)
    problems: list[str] = [*_in_the_way(files, there)]
    todo: list[str] = []
    for name, entry in files.items():
        known = known_as(name, before, journal)
        if name not in there:
            todo.append(name)
        elif there[name] == NO_FILE:
            continue  # said already
        elif not known and not adopt:
            problems.append(f"{name} is there, and par did not put it there")
        elif known == {entry.sha256} and not verify:
            problems += [f"{name} was changed there by somebody else"] if there[name] != entry.size else []
        else:
            met = met_at(store, name, there[name])
            todo += [name] if met != entry.sha256 else []
            if met not in known | {entry.sha256}:
                problems.append(f"{name} was changed there by somebody else" if known else f"{name} is there, is another file, and par did not put it there")
    if problems:
        raise Foreign(store.label, problems, hint=ADOPT)
    gone = sorted(name for name in {*before.files, *journal.files} - set(files) if name in there)
    return Plan(files, before, journal, there, tuple(sorted(todo, key=_turn)), tuple(gone))


def _in_the_way(files: Files, there: Mapping[str, int]) -> Iterator[str]:
    """Links and files where folders have to be, and folders where files have to be."""
    folders = {"/".join(parts[:end]) for parts in (name.split("/") for name in [*files, f"{OWN}/"]) for end in range(1, len(parts))}
    taken = {"/".join(parts[:end]) for parts in (name.split("/") for name in there) for end in range(1, len(parts))}
    yield from (f"{name} is there and is no folder" for name in sorted(folders & set(there)))
    yield from (f"{name} is a folder there" for name in sorted(taken & set(files)))
    yield from (f"{name} is no plain file there" for name, size in sorted(there.items()) if size == NO_FILE and (name in files or name.split("/")[0] == OWN or name == MANIFEST))


def known_as(name: str, before: Manifest, journal: Journal) -> set[str]:
    """The checksums of what we may have put under a name."""
    return {*([before.files[name].sha256] if name in before.files else []), *journal.files.get(name, ())}


def met_at(store: Store, name: str, size: int) -> str:
    """The checksum of what lies under a name; "" where that is no plain file."""
    return "" if size == NO_FILE else entry_of(store.read(name) or b"").sha256


def _turn(name: str) -> tuple[bool, bool, int, str]:
    """The order of putting in place: pages after what they show, deeper pages before those that lead to them, entry pages last.

    >>> sorted(["index.html", "vi/index.html", "vi/30/report.html", "style.css"], key=_turn)
    ['style.css', 'vi/30/report.html', 'vi/index.html', 'index.html']
    """
    is_page = name.endswith((".html", ".htm"))
    return is_page, is_page and name.rsplit("/", maxsplit=1)[-1].startswith("index."), -name.count("/"), name
