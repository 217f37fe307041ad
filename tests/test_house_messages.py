"""Every message of a page is in its catalogues, whole, with the same placeholders, and nothing else is."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from par_analysis.model import LANGUAGES
from tools import messages

PLACES = messages.spoken()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_has_its_translation(lang: str) -> None:
    assert messages.missing(PLACES, messages.catalogue(lang), lang) == []


@pytest.mark.parametrize("path", sorted((messages.ROOT / "src").rglob("*.py")), ids=lambda path: path.stem)
def test_every_message_can_be_found(path: Path) -> None:
    assert messages.unfound(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_translation_is_left_over(lang: str) -> None:
    assert messages.obsolete(PLACES, messages.catalogue(lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_translation_is_a_guess(lang: str) -> None:
    assert messages.fuzzy(messages.catalogue(lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_translations_keep_their_placeholders(lang: str) -> None:
    assert messages.altered(messages.catalogue(lang)) == []


@pytest.mark.parametrize("name", messages.overlays())
def test_an_index_says_in_its_own_words_only_what_is_said_otherwise_without_them(name: str) -> None:
    own, base = messages.catalogue(name), messages.catalogue(name.partition(".")[0])
    assert messages.is_placed(name)
    assert messages.report_overlay(PLACES, own, base, name) == ""


# ---------------------------------------------------------------- each rule can fail

COUNTED = ("{number} province", "{number} provinces")


def catalog(entries: str, lang: str = "vi") -> Catalog:
    """A catalogue from its entries."""
    forms = "nplurals=1; plural=0;" if lang == "vi" else "nplurals=2; plural=(n != 1);"
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {forms}\\n"\n\n'
    return read_po(io.BytesIO((head + entries).encode()), locale=lang)


@pytest.mark.parametrize("entries", ["", 'msgid "Score"\nmsgstr ""\n', '#~ msgid "Score"\n#~ msgstr "Điểm"\n'])
def test_a_missing_translation_is_met(entries: str) -> None:
    assert messages.missing({"Score": []}, catalog(entries), "vi") == ["Score"]


def test_english_is_its_own_translation_except_for_counts() -> None:
    assert messages.missing({"Score": [], COUNTED: []}, catalog("", "en"), "en") == [COUNTED]


def test_a_missing_form_is_met() -> None:
    entries = f'msgid "{COUNTED[0]}"\nmsgid_plural "{COUNTED[1]}"\nmsgstr[0] "{COUNTED[0]}"\nmsgstr[1] ""\n'
    assert messages.missing({COUNTED: []}, catalog(entries, "en"), "en") == [COUNTED]


@pytest.mark.parametrize("entries", ['msgid "Score"\nmsgstr "Điểm"\n', '#~ msgid "Score"\n#~ msgstr "Điểm"\n'])
def test_an_obsolete_translation_is_met(entries: str) -> None:
    assert messages.obsolete({"Rank": []}, catalog(entries)) == ["Score"]
    assert messages.obsolete({"Score": [], "Rank": []}, catalog('msgid "Score"\nmsgstr "Điểm"\n')) == []


def test_a_fuzzy_translation_is_met() -> None:
    assert messages.fuzzy(catalog('#, fuzzy\nmsgid "Score"\nmsgstr "Hạng"\n')) == ["Score"]


@pytest.mark.parametrize("translation", ["{đơn_vị} thứ {rank}", "{unit} thứ", "{unit} thứ {rank} trên {rank_of}"])
def test_other_placeholders_are_met(translation: str) -> None:
    entries = f'msgid "{{unit}} ranks {{rank}}"\nmsgstr "{translation}"\n'
    assert messages.altered(catalog(entries)) == ["{unit} ranks {rank}"]


def test_a_form_without_its_number_is_met() -> None:
    entries = f'msgid "{COUNTED[0]}"\nmsgid_plural "{COUNTED[1]}"\nmsgstr[0] "các tỉnh"\n'
    assert messages.altered(catalog(entries)) == [COUNTED]
    assert messages.altered(catalog(entries.replace("các", "{number}"))) == []


OWN = 'msgid "Score of {unit}"\nmsgstr "Điểm chỉ số của {unit}"\n'
BASE = 'msgid "Score of {unit}"\nmsgstr "Điểm của {unit}"\n'


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        (OWN.replace("Score", "Rank"), "that nobody says"),
        ("#, fuzzy\n" + OWN, "marked fuzzy"),
        (OWN.replace("chỉ số của {unit}", "chỉ số của {tỉnh}"), "with other placeholders"),
        (BASE, "that change nothing"),
        (OWN.replace("Điểm chỉ số của {unit}", ""), "that change nothing"),
    ],
)
def test_a_fault_of_an_overlay_is_met(own: str, fault: str) -> None:
    places: messages.Places = {"Score of {unit}": []}
    assert messages.report_overlay(places, catalog(OWN), catalog(BASE), "vi.papi") == ""
    assert messages.report_overlay(places, catalog(own), catalog(BASE), "vi.papi").startswith(f"# ---- vi.papi.po, {fault}:\n")


def test_an_english_overlay_does_not_repeat_the_message() -> None:
    counted = f'msgid "{COUNTED[0]}"\nmsgid_plural "{COUNTED[1]}"\nmsgstr[0] "{COUNTED[0]}"\nmsgstr[1] "MANY"\n'
    repeated, other = (catalog(counted.replace("MANY", form), "en") for form in (COUNTED[1], "{number} of them"))
    assert messages.unneeded(repeated, catalog("", "en")) == [COUNTED]
    assert messages.unneeded(other, catalog("", "en")) == []
    assert messages.unneeded(catalog('msgid "Score"\nmsgstr "Score"\n', "en"), catalog("", "en")) == ["Score"]


MODULE = """
words.say("Score" if scores else "Rank")
words.count("{n} unit", "{n} units", n)
LABELS = {"rank": N_("Place")}
columns(words, ("Year", False), ("Value", True))
"a b".count("a")
"""


def test_messages_are_found_where_they_are_said(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "page.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "src" / "page.html.j2").write_text('<p>{{ say("Skip") }}</p>\n{{ say("Figure {number}").format(number=1) }}\n', encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "Prose.\n"]},
        {"cell_type": "markdown", "metadata": {"tags": ["lang:en"]}, "source": ["In English only."]},
        {"cell_type": "code", "metadata": {}, "source": ["x"]},
    ]
    (tmp_path / "notebooks" / "page.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    module, template = "src/page.py", "src/page.html.j2"
    assert messages.spoken(tmp_path) == {
        "Score": [(module, 2)],
        "Rank": [(module, 2)],
        ("{n} unit", "{n} units"): [(module, 3)],
        "Place": [(module, 4)],
        "Year": [(module, 5)],
        "Value": [(module, 5)],
        "Skip": [(template, 1)],
        "Figure {number}": [(template, 2)],
        "# Title\nProse.": [("notebooks/page.ipynb", 0)],
    }


@pytest.mark.parametrize("call", ["words.say(label)", "words.say(f'{n} units')", "N_('One'); words.say('One ' + name)"])
def test_a_message_that_cannot_be_found_is_met(call: str) -> None:
    assert len(messages.unfound(call)) == 1


def test_missing_messages_are_printed_as_entries() -> None:
    entry = messages.as_po(["Score"], {"Score": [("src/page.py", 1)]})
    assert entry == '#: src/page.py:1\nmsgid "Score"\nmsgstr ""\n\n'


def test_obsolete_entries_are_printed_with_their_translations() -> None:
    entries = catalog('msgid "Score"\nmsgstr "Điểm"\n\n#~ msgid "Rank"\n#~ msgstr "Hạng"\n')
    assert messages.as_obsolete(messages.obsolete({}, entries), entries) == '#~ msgid "Score"\n#~ msgstr "Điểm"\n\n#~ msgid "Rank"\n#~ msgstr "Hạng"\n\n'


def test_a_report_names_every_kind_of_fault() -> None:
    entries = catalog('msgid "Rank {n}"\nmsgstr "Hạng"\n\n#, fuzzy\nmsgid "Mean"\nmsgstr "Trung"\n')
    told = messages.report({"Score": [], "Rank {n}": [], "Mean": []}, entries, "vi")
    assert [line.split(", ")[1] for line in told.splitlines() if line.startswith("# ----")] == ["without a translation:", "marked fuzzy:", "with other placeholders:"]
    assert messages.report({"Score": []}, catalog('msgid "Score"\nmsgstr "Điểm"\n'), "vi") == ""
