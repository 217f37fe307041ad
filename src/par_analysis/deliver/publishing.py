"""``par publish``: what has changed of a folder, brought to a target, so that whoever goes by the manifest there never meets a mixture.

What is new waits under ``_par/new/`` until all of it is there and was read back; what it replaces is kept under ``_par/kept/``; then everything is put in
place in one go, pages after what they show and entry pages last; then the manifest; then what is no longer wanted is removed. The argument stands in
``docs/decisions/publishing.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from par_analysis.deliver.lock import held
from par_analysis.deliver.manifests import JOURNAL, KEPT, LOCK, MANIFEST, NEW, Entry, Journal, Manifest, read_manifest
from par_analysis.deliver.publish_plan import Plan, Unpublishable, bytes_of, entry_of, has_overlap, known_as, met_at, scan, survey
from par_analysis.deliver.stores import Publishing, Store, opened, place
from par_analysis.deliver.target_lock import Taken, holder, locked, publisher
from par_analysis.errors import ParError


class OtherBytes(ParError):
    """A store that gives back other bytes than it was given."""

    def __init__(self, target: str, name: str, expected: int, met: int | None) -> None:
        self.target, self.name, self.expected, self.met = target, name, expected, met
        said = "nothing" if met is None else f"{met} other bytes" if met == expected else f"{met} bytes"
        super().__init__(f"{target}: {name} was read back as {said}, and {expected} bytes were sent: this store is not to be trusted")


@dataclass(frozen=True)
class Published:
    """What was put in place (name → bytes), what was removed, and what was to be; ``said`` are lines for people."""

    target: str
    generation: int
    sent: Mapping[str, int] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    uploaded: int = 0
    """Bytes that went over the line: less than the files' where an earlier run had brought some of them already."""
    said: tuple[str, ...] = ()

    @property
    def changed(self) -> int:
        """How many files are other ones now."""
        return len(self.sent) + len(self.removed)


def publish(
    folder: Path,
    target: str,
    *,
    state: Path,
    settings: Publishing | None = None,
    root: Path = Path(),
    dry_run: bool = False,
    adopt: bool = False,
    verify: bool = False,
    take_over: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> Published:
    """Bring a folder to a target. ``state`` is the folder that this machine's delivery remembers things in.

    ``adopt``: files that lie there already and are the very same count as ours. ``verify``: what lies there is read again, all of it. ``take_over``: the lock of
    another publisher that is known to have died is no hindrance. Raises ``Unpublishable``, ``Foreign``, ``OtherBytes``, ``Taken``, ``Busy``, ``StoreFailed``, ``RequestError``.
    """
    where = place(target, root)
    files = scan(folder)
    if where.kind == "folder" and has_overlap(folder, Path(where.path)):
        raise Unpublishable(folder, f"cannot be published to {where.label}: one lies in the other")
    with opened(where, settings or Publishing(), root=root, wait=wait) as store:
        plan = survey(store, files, adopt=adopt, verify=verify)
        if dry_run or (plan.is_done and not _is_lock_left(store, plan, state)):
            return _told(store, plan, plan.remove, dry_run=dry_run)
        with held(state / "publish", "par publish"), locked(store, publisher(state), take_over=take_over) as require_held:
            plan = survey(store, files, adopt=adopt, verify=verify)
            uploaded, removed = _carry_out(store, plan, folder, require_held)
            return _told(store, plan, removed, uploaded=uploaded)


def _is_lock_left(store: Store, plan: Plan, state: Path) -> bool:
    """Whether a run of this publisher died between its last step and giving the lock back."""
    return LOCK in plan.there and holder(store)[0] == publisher(state)


def _carry_out(store: Store, plan: Plan, folder: Path, require_held: Callable[[], None]) -> tuple[int, tuple[str, ...]]:
    """The plan done, under the lock; returns how many bytes were uploaded, and what was removed."""
    after = plan.after
    _write_journal(store, plan)
    kept = _keep(store, plan)
    uploaded = _stage(store, plan, folder)
    require_held()
    for name in plan.place:
        _put(store, name, plan.files[name], folder)
    if after is not plan.before:
        _write_manifest(store, plan, after, require_held)
    removed = tuple(name for name in plan.remove if met_at(store, name, plan.there[name]) in known_as(name, plan.before, plan.journal))  # another file of that name stays
    for name in removed:
        store.remove(name)
    _clear(store, plan, kept)
    return uploaded, removed


def _write_journal(store: Store, plan: Plan) -> None:
    """Before anything else: what this run may put there, and what it may remove, with what earlier runs noted."""
    mine = {name: {plan.files[name].sha256} for name in plan.place} | {name: set[str]() for name in plan.remove}
    touched = {name: tuple(sorted(mine.get(name, set()) | known_as(name, plan.before, plan.journal))) for name in sorted({*mine, *plan.journal.files})}
    objects = {plan.files[name].sha256 for name in plan.place} | {*plan.journal.objects, *plan.before.kept, *plan.after.kept}
    content = Journal(touched, tuple(sorted(objects))).written()
    if store.read(JOURNAL) != content:
        store.write(JOURNAL, content)
        _require_back(store, JOURNAL, entry_of(content))


def _keep(store: Store, plan: Plan) -> frozenset[str]:
    """What the manifest in force lists and is about to be replaced or removed lies below ``KEPT`` afterwards; returns what has to lie there."""
    if plan.after is plan.before:
        return frozenset(plan.before.kept)
    leaving = {name: entry for name, entry in plan.before.files.items() if plan.files.get(name) != entry}
    for name, entry in leaving.items():
        at = f"{KEPT}/{entry.sha256}"
        if _is_there(store, at, entry, plan.there):
            continue
        content = store.read(name) if name in plan.there else None
        if content is not None and entry_of(content) == entry:  # else an interrupted run replaced it, or somebody took it away
            store.write(at, content)
            _require_back(store, at, entry)
    return frozenset(plan.after.kept)


def _stage(store: Store, plan: Plan, folder: Path) -> int:
    """Every file that is to be put in place, whole and read back, below ``NEW``; what an interrupted run brought there is not sent again."""
    uploaded = 0
    for entry, name in {plan.files[name]: name for name in plan.place}.items():
        at = f"{NEW}/{entry.sha256}"
        if not _is_there(store, at, entry, plan.there):
            store.write(at, _content(folder, name, entry))
            _require_back(store, at, entry)
            uploaded += entry.size
    return uploaded


def _is_there(store: Store, at: str, entry: Entry, there: Mapping[str, int]) -> bool:
    return there.get(at) == entry.size and entry_of(store.read(at) or b"") == entry


def _content(folder: Path, name: str, entry: Entry) -> bytes:
    content = bytes_of(folder / name)
    if entry_of(content) != entry:
        raise Unpublishable(folder, f"{name} was changed while it was being published", hint="once more, when nothing writes to the folder")
    return content


def _put(store: Store, name: str, entry: Entry, folder: Path) -> None:
    """A file from ``NEW`` to its name, and read back there. A twin of it may have taken what lay below ``NEW``: then it is brought once more."""
    at = f"{NEW}/{entry.sha256}"
    store.put(at, name)
    content = store.read(name)
    if content is None or entry_of(content) != entry:
        store.write(at, _content(folder, name, entry))
        store.put(at, name)
        _require_back(store, name, entry)


def _require_back(store: Store, name: str, entry: Entry) -> None:
    content = store.read(name)
    if content is None or entry_of(content) != entry:
        raise OtherBytes(store.label, name, entry.size, None if content is None else len(content))


def _write_manifest(store: Store, plan: Plan, after: Manifest, require_held: Callable[[], None]) -> None:
    """The last step that readers notice. Raises ``Taken`` where another publisher's manifest has come in between."""
    require_held()
    if read_manifest(store.read(MANIFEST), store.label) != plan.before:
        raise Taken(f"{store.label}: another publisher has published meanwhile; its manifest stands", hint="once more")
    content = after.written()
    store.write(MANIFEST, content)
    _require_back(store, MANIFEST, entry_of(content))


def _clear(store: Store, plan: Plan, kept: Iterable[str]) -> None:
    """What was kept for readers of manifests before the last, and what waited in vain, is removed; the journal last."""
    objects = {*(plan.files[name].sha256 for name in plan.place), *plan.journal.objects, *plan.before.kept, *plan.after.kept}
    there = store.names()
    spent = {f"{NEW}/{one}" for one in objects} | {f"{KEPT}/{one}" for one in objects - set(kept)}
    for name in sorted(spent & set(there)):
        store.remove(name)
    store.remove(JOURNAL)


def _told(store: Store, plan: Plan, removed: tuple[str, ...], *, uploaded: int = 0, dry_run: bool = False) -> Published:
    sent = {name: plan.files[name].size for name in plan.place}
    left = [name for name in plan.remove if name not in removed]
    send, remove = ("would send", "would remove") if dry_run else ("sent", "removed")
    lines = [f"{send} {name} ({_bytes(size)})" for name, size in sent.items()] + [f"{remove} {name}" for name in removed]
    lines += [f"left {name}: somebody else has put another file there" for name in left]
    counts = f"{len(sent)} {'file' if len(sent) == 1 else 'files'} {'to send' if dry_run else 'sent'}"
    last = f"{store.label}: {counts} ({_bytes(sum(sent.values()))}), {len(removed)} {'to remove' if dry_run else 'removed'}, {len(plan.files) - len(sent)} unchanged"
    generation = plan.before.generation if dry_run else plan.after.generation
    return Published(store.label, generation, sent, removed, len(plan.files) - len(sent), uploaded, (*lines, last))


def _bytes(size: int) -> str:
    """A size for people.

    >>> _bytes(999), _bytes(12_345), _bytes(7_654_321)
    ('999 B', '12.3 kB', '7.7 MB')
    """
    return f"{size} B" if size < 1000 else f"{size / 1e3:.1f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
