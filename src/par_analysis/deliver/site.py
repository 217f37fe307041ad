"""``par site``: the site over finished reports, made in a folder from the reports and from what was signed of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.deliver import site_files, site_folder
from par_analysis.deliver.finished import Report, Unsound, some_reports
from par_analysis.deliver.site_gallery import REPORTS, gather
from par_analysis.errors import ParError, RequestError
from par_analysis.run.contract import notebooks
from par_analysis.run.plan import NUMBERS


def signed_files(found: Sequence[Report], folder: Path | None) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Report's key → the signed PDF that takes the place of its own, and what is said of those that do not.

    A signed file is one that begins with the very bytes of the report's PDF. Raises ``Unsound`` for links.
    """
    fits: dict[str, Path] = {}
    said: list[str] = []
    for report in found if folder else ():
        name = report.file("pdf")
        path = Path(folder or "") / report.key / (name or "")
        if name is None or not (path.is_symlink() or path.is_file()):
            continue
        if any(place.is_symlink() for place in (path, *list(path.parents)[: len(PurePosixPath(report.key).parts)])):
            raise Unsound(path, "is a link: a signed file lies in its own folder", hint="put the file itself there, or remove the link")
        content = path.read_bytes()
        if content.startswith(report.read(name)) and len(content) > report.folder.joinpath(name).stat().st_size:
            fits[report.key] = path
        else:
            said.append(f"{report.key}: the signed file is of another edition of the report; the unsigned one is shown")
    return fits, tuple(said)


def fingerprint(found: Sequence[Report], signed: Mapping[str, Path], known: Catalog) -> str:
    """Everything that the site depends on, as a hash: the same one means the same site."""
    digest = hashlib.sha256()
    for path in sorted(_own_files(known)):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    for report in found:
        digest.update(repr((report.key, sorted(report.identity.items()), sorted(report.files.items()))).encode())
        if report.key in signed:
            digest.update(hashlib.sha256(signed[report.key].read_bytes()).digest())
    return digest.hexdigest()


OWN_FILES: Final = (
    "deliver/site*.py",
    "deliver/templates/site/*",
    "locale/*.po",
    "fonts/*.woff2",
    "render/html.py",
    "render/templates/style.css",
    "show/language.py",
    "show/score_classes.py",
    "catalog.py",
)
"""The program's own files that decide how a page looks."""


def _own_files(known: Catalog) -> Iterator[Path]:
    """``OWN_FILES``, the reference tables, and the notebooks, whose titles are shown."""
    package = Path(__file__).parent.parent
    for pattern in OWN_FILES:
        yield from package.glob(pattern)
    yield from (path for path in known.reference.rglob("*") if path.is_file())
    yield from notebooks(known.root / "notebooks").values()


@dataclass(frozen=True)
class Made:
    """A site that was made: so many files of ``files`` were written or removed."""

    changed: int
    files: int
    said: tuple[str, ...]


def make_site(root: Path, out: Path, *, signed: Path | None = None, known: Catalog | None = None) -> Made:
    """Make the site of the reports below ``root`` in the folder ``out``. Nothing is written where nothing has changed.

    Raises ``ParError``: no reports, unsound ones, files in the way that are not the site's, a folder that cannot be written to.
    """
    require_apart(root, out)
    known = known or catalog.load()
    found = some_reports(root)
    fits, said = signed_files(found, signed)
    mark = fingerprint(found, fits, known)
    current = site_folder.current(out, mark)
    if current is not None:
        return Made(0, current, (f"{out}: nothing new", *said))
    done = site_folder.write(out, site_files.files(gather(found, signed=fits, known=known)), mark)
    return Made(done.written + done.removed, done.files, (f"{out}: {done.files} files, {done.written} written, {done.removed} removed", *done.said, *said))


def require_apart(root: Path, out: Path) -> None:
    """The site is no part of the reports, nor they of the site. Raises ``ParError``."""
    here, there = root.resolve(), out.resolve()
    if here == there or there in here.parents or here in there.parents:
        raise ParError(f"{out}: the site and the reports would lie within each other", hint="choose another --out")


def holds_reports(out: Path) -> bool:
    """Whether a folder is a site with reports."""
    return next((out / REPORTS).rglob(NUMBERS), None) is not None


def require_made_from(out: Path, found: Sequence[Report]) -> None:
    """A site is as it was made, and shows the numbers of just these reports. Raises ``RequestError``."""
    record = site_folder.read_record(out)
    changed = [place for place, (sha256, _) in record.files.items() if not record.holds(out, place, sha256)]
    if changed or not record.mark:
        said = f"{changed[0]} is not as par site wrote it" + (f", and {len(changed) - 1} more" if len(changed) > 1 else "") if changed else "it was not made whole by par site"
        raise RequestError(f"{out}: {said}", hint="par site makes it anew")
    shown = {path.parent.relative_to(out / REPORTS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in (out / REPORTS).rglob(NUMBERS)}
    if shown != {one.key: one.files[NUMBERS] for one in found}:
        raise RequestError(f"{out} was not made from the reports as they are now", hint="par site makes it anew")
