"""All files of the site, in the order in which they are put in place: style and script, the reports' own files, pages after what they lead to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from par_analysis.deliver import site_map
from par_analysis.deliver.site_folder import File, of_text
from par_analysis.deliver.site_gallery import Edition, Gallery
from par_analysis.deliver.site_pages import TEMPLATES, pages
from par_analysis.deliver.site_search import search_data
from par_analysis.render.html import look
from par_analysis.run.plan import MANIFEST


def files(gallery: Gallery) -> Iterator[File]:
    """The files of a gallery's site."""
    yield of_text("site.css", look(("regular", "semibold")) + _own("site.css") + site_map.style(gallery.known))
    yield of_text("site.js", _own("site.js"))
    yield of_text("search.js", search_data(gallery))
    for subject in gallery.subjects:
        for edition in subject.editions.values():
            yield from _copies(edition)
    for place, text in pages(gallery):
        yield of_text(place, text)


def _own(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _copies(edition: Edition) -> Iterator[File]:
    """The files of a report as they are, its manifest left out; the signed PDF in the place of the unsigned one."""
    for name, sha256 in edition.report.files.items():
        if name == MANIFEST:
            continue
        if edition.signed and edition.signed.name == name:
            content = edition.signed.read_bytes()
            yield File(f"{edition.address}/{name}", hashlib.sha256(content).hexdigest(), edition.signed.read_bytes)
        else:
            yield File(f"{edition.address}/{name}", sha256, lambda name=name: edition.report.read(name))  # type: ignore[misc]
