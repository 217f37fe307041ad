"""What the search looks through, as a script that pages load when somebody begins to search: a page opened from a folder may load nothing else."""

from __future__ import annotations

import json
from typing import Any

from par_analysis.deliver.site_entries import Desk
from par_analysis.deliver.site_gallery import Gallery
from par_analysis.model import COUNTRY, LANGUAGES
from par_analysis.run.plan import slug


def search_data(gallery: Gallery) -> str:
    """The script: names of units, indices and report types in every language, and the reports as places in these lists."""
    desks = [Desk(gallery, lang) for lang in LANGUAGES]
    units = gallery.ordered(list(gallery.units), LANGUAGES[0])
    kinds = sorted({subject.kind for subject in gallery.subjects})
    ordered = sorted(gallery.subjects, key=lambda subject: (-(subject.year or 0), subject.order, gallery.place_of_index(subject.index), subject.address))
    said = [tuple(gallery.setting(subject, lang) for lang in LANGUAGES) for subject in ordered]
    settings = list(dict.fromkeys(said))
    facts = {
        "languages": list(LANGUAGES),
        "units": [[gallery.places[unit], *(gallery.name(unit, lang) for lang in LANGUAGES), _spellings(gallery, unit)] for unit in units],
        "indices": [[index, *(gallery.short(index, lang) for lang in LANGUAGES), *(gallery.label(index, lang) for lang in LANGUAGES)] for index in gallery.indices],
        "kinds": [[kind, *(desk.type_title(kind) for desk in desks)] for kind in kinds],
        "country": [*(gallery.name(COUNTRY, lang) for lang in LANGUAGES), _spellings(gallery, COUNTRY)],
        "settings": [list(one) for one in settings],
        "reports": [
            [
                subject.year or 0,
                kinds.index(subject.kind),
                gallery.indices.index(subject.index),
                -1 if subject.is_national else units.index(subject.unit),
                subject.variant,
                settings.index(setting),
            ]
            for subject, setting in zip(ordered, said, strict=True)
        ],
    }
    return f"window.parSearch={_script(facts)};\n"


def _script(facts: Any) -> str:
    """JSON that is a script as well, also where somebody pastes it into a page."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _spellings(gallery: Gallery, unit: str) -> str:
    """Other spellings of a unit, without accents, that its names do not hold already."""
    names = {slug(gallery.name(unit, lang)) for lang in LANGUAGES}
    met = {slug(spelling) for code, spelling in gallery.known.spellings if code == unit}
    return " ".join(sorted(word.replace("-", " ") for word in met if not any(word in name for name in names)))
