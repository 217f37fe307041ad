"""The messages of the pages against their catalogues: ``python -m tools.messages`` prints what is missing and what nobody says any more, as PO entries.

A message is a literal that ``say``, ``count`` or the marker ``N_`` is called with, in a module or a template, or a whole text cell of a
notebook. English is what messages are written in, so ``en.po`` holds the forms of counts only; every other catalogue holds every message.
An overlay, ``<lang>.<index>.po``, holds what an index says in words of its own, and nothing that the language's catalogue says as well.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT: Final = Path(__file__).resolve().parent.parent

SPEAKERS: Final = frozenset({"columns"})
"""Helpers that say every text they are given: their calls are searched whole."""

Message = str | tuple[str, ...]
"""A message, or the singular and plural of one that counts."""
Places = dict[Message, list[tuple[str, int]]]
"""Messages with the file and line (in a notebook: the cell) of each that says them."""


def spoken(root: Path = ROOT) -> Places:
    """Every message that the modules, templates and notebooks under a project's folder say."""
    places: Places = {}
    for message, path, line in [*_of_modules(root), *_of_templates(root), *_of_notebooks(root)]:
        places.setdefault(message, []).append((path.relative_to(root).as_posix(), line))
    return places


def _of_modules(root: Path) -> Iterator[tuple[Message, Path, int]]:
    for path in sorted((root / "src").rglob("*.py")):
        for call in _calls(path.read_text(encoding="utf-8")):
            yield from ((message, path, call.lineno) for message in _said(call))


def _calls(source: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]


def _said(call: ast.Call) -> list[Message]:
    """The messages of one call.

    >>> [_said(call) for call in _calls("words.say('Rose' if up else 'Fell'); words.count('{n} unit', '{n} units', n)")]
    [['Rose', 'Fell'], [('{n} unit', '{n} units')]]
    """
    name = _name(call)
    if name in SPEAKERS:
        return [node.value for argument in call.args for node in ast.walk(argument) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if name in ("say", "N_") and len(call.args) == 1:
        return list(_literals(call.args[0]))
    if name == "count" and len(call.args) == 3:
        forms = [form for argument in call.args[:2] for form in _literals(argument)]
        return [tuple(forms)] if len(forms) == 2 else []
    return []


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _literals(value: ast.expr) -> Iterator[str]:
    """The texts that an expression chooses from."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from (*_literals(value.body), *_literals(value.orelse))


def unfound(source: str) -> list[str]:
    """Calls of a module that say what no search can find: not a literal, outside the ``SPEAKERS``, and nothing in the module is marked with ``N_``.

    >>> unfound("words.say(label)"), unfound("LABELS = {1: N_('One')}; words.say(LABELS[1])"), unfound("words.say(f'{n} units')")
    (['words.say(label)'], [], ["words.say(f'{n} units')"])
    >>> unfound("columns(words, ('Rank', True))"), unfound("columns(words, ('Rank', True), *more)")
    ([], ["columns(words, ('Rank', True), *more)"])
    """
    calls = _calls(source)
    marked = any(_name(call) == "N_" for call in calls)
    spoken = {call for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef) and node.name in SPEAKERS for call in map(ast.unparse, ast.walk(node))}
    said = [call for call in calls if ast.unparse(call) not in spoken and _name(call) == "say" and len(call.args) == 1 and not list(_literals(call.args[0]))]
    hidden = [call for call in calls if _name(call) in SPEAKERS and any(isinstance(argument, ast.Name | ast.Starred) for argument in call.args[1:])]
    return [ast.unparse(call) for call in said if not marked or isinstance(call.args[0], ast.JoinedStr | ast.BinOp)] + [ast.unparse(call) for call in hidden]


def _of_templates(root: Path) -> Iterator[tuple[Message, Path, int]]:
    for path in sorted((root / "src").rglob("*.j2")):
        with path.open("rb") as stream:
            yield from ((str(message), path, line) for line, _, message, _ in babel_extract(stream, ["say"], [], {"silent": "false"}))


def _of_notebooks(root: Path) -> Iterator[tuple[Message, Path, int]]:
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for number, cell in enumerate(cells):
            if cell["cell_type"] == "markdown" and not any(tag.startswith("lang:") for tag in cell["metadata"].get("tags", ())):
                yield "".join(cell["source"]).strip(), path, number


def catalogue(name: str, root: Path = ROOT) -> Catalog:
    """A language's catalogue (``vi``) or an overlay (``vi.papi``), obsolete entries kept apart in its ``obsolete``."""
    with (root / "src" / "par_analysis" / "locale" / f"{name}.po").open("rb") as stream:
        return read_po(stream, locale=name.partition(".")[0])


def languages(root: Path = ROOT) -> list[str]:
    """The languages that have a catalogue."""
    return [name for name in _names(root) if "." not in name]


def overlays(root: Path = ROOT) -> list[str]:
    """The overlays: a language and an index each."""
    return [name for name in _names(root) if "." in name]


def _names(root: Path) -> list[str]:
    return sorted(path.stem for path in (root / "src" / "par_analysis" / "locale").glob("*.po"))


def _entries(catalog: Catalog) -> dict[Message, Entry]:
    return {entry.id if isinstance(entry.id, str) else tuple(entry.id): entry for entry in catalog if entry.id}


def required(places: Places, lang: str) -> set[Message]:
    """What a language's catalogue has to hold: in English the counts, elsewhere everything."""
    return {message for message in places if lang != "en" or isinstance(message, tuple)}


def missing(places: Places, catalog: Catalog, lang: str) -> list[Message]:
    """Messages without a whole translation: no entry, or an empty form."""
    entries = _entries(catalog)
    return [message for message in places if message in required(places, lang) and not _is_whole(entries.get(message))]


def _is_whole(entry: Entry | None) -> bool:
    forms = () if entry is None else entry.string if isinstance(entry.string, tuple) else (entry.string,)
    return bool(forms) and all(forms)


def obsolete(places: Places, catalog: Catalog) -> list[Message]:
    """Entries, live or commented out, that nobody says."""
    return [*(message for message in _entries(catalog) if message not in places), *catalog.obsolete]


def fuzzy(catalog: Catalog) -> list[Message]:
    """Entries marked as guesses."""
    return [message for message, entry in _entries(catalog).items() if entry.fuzzy]


def altered(catalog: Catalog) -> list[Message]:
    """Translations whose placeholders are not those of the message.

    A form of a count may leave out what the singular or the plural leaves out ("one province", "{number} provinces").
    """
    return [message for message, entry in _entries(catalog).items() if not _keeps_placeholders(message, entry.string)]


def _keeps_placeholders(message: Message, string: object) -> bool:
    said = [placeholders(text) for text in (message if isinstance(message, tuple) else (message,))]
    forms = [placeholders(text) for text in (string if isinstance(string, tuple) else (string,)) if text]
    return all(form in said for form in forms)


def placeholders(text: str) -> frozenset[str]:
    """The names that a message has filled in.

    >>> sorted(placeholders("{unit} scored {score:.2f}, {{so}} to speak"))
    ['score', 'unit']
    """
    return frozenset(re.findall(r"\{(\w+)[^{}]*\}", text.replace("{{", "").replace("}}", "")))


def unneeded(own: Catalog, base: Catalog) -> list[Message]:
    """Entries of an overlay that change nothing: without a whole translation, or with what the language says already."""
    said = _entries(base)
    return [message for message, entry in _entries(own).items() if not _is_whole(entry) or entry.string == _said_by(said.get(message), message)]


def _said_by(entry: Entry | None, message: Message) -> object:
    return entry.string if entry is not None and _is_whole(entry) else message


def is_placed(overlay: str, root: Path = ROOT) -> bool:
    """Whether an overlay is that of a language with a catalogue and of an index.

    >>> is_placed("vi.papi"), is_placed("vi.unheard"), is_placed("xx.papi")
    (True, False, False)
    """
    lang, _, index = overlay.partition(".")
    return lang in languages(root) and (root / "data" / "reference" / "indices" / f"{index}.toml").is_file()


def as_po(messages: Iterable[Message], places: Mapping[Message, list[tuple[str, int]]]) -> str:
    """Messages as entries to be pasted into a catalogue and translated."""
    catalog = Catalog()
    for message in messages:
        catalog.add(message, locations=places.get(message, ()))
    return _written(catalog)


def as_obsolete(messages: Iterable[Message], catalog: Catalog) -> str:
    """Entries of a catalogue commented out, with their translations: what may be deleted, or belongs to a message that was reworded."""
    kept = Catalog()
    for message in messages:
        entry = catalog.get(message) or catalog.obsolete[message]  # type: ignore[index]
        kept.obsolete[str(message)] = Entry(entry.id, entry.string)
    return _written(kept)


def _written(catalog: Catalog) -> str:
    stream = io.BytesIO()
    write_po(stream, catalog, omit_header=True, width=0)
    return stream.getvalue().decode()


def report(places: Places, catalog: Catalog, lang: str) -> str:
    """What is wrong with a catalogue, as PO entries under a heading each; empty where nothing is."""
    wrong = {
        "without a translation": as_po(missing(places, catalog, lang), places),
        "that nobody says": as_obsolete(obsolete(places, catalog), catalog),
        "marked fuzzy": as_obsolete(fuzzy(catalog), catalog),
        "with other placeholders": as_obsolete(altered(catalog), catalog),
    }
    return _headed(lang, wrong)


def report_overlay(places: Places, own: Catalog, base: Catalog, name: str) -> str:
    """What is wrong with an overlay, as PO entries under a heading each; empty where nothing is."""
    wrong = {"that nobody says": obsolete(places, own), "marked fuzzy": fuzzy(own), "with other placeholders": altered(own), "that change nothing": unneeded(own, base)}
    return _headed(name, {what: as_obsolete(found, own) for what, found in wrong.items()})


def _headed(name: str, wrong: Mapping[str, str]) -> str:
    return "\n".join(f"# ---- {name}.po, {what}:\n\n{entries}" for what, entries in wrong.items() if entries)


def main() -> int:
    """Exit code 1 where a catalogue lacks or keeps something that it should not, or a message cannot be searched for."""
    places = spoken()
    modules = {path: unfound(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "src").rglob("*.py"))}
    found = [f"# {path.relative_to(ROOT)}: mark with N_ what {call} says" for path, calls in modules.items() for call in calls]
    found += [text for lang in languages() if (text := report(places, catalogue(lang), lang))]
    found += [f"# {name}.po: no such language or index" for name in overlays() if not is_placed(name)]
    found += [text for name in overlays() if (text := report_overlay(places, catalogue(name), catalogue(name.partition(".")[0]), name))]
    print("\n".join(found) if found else f"{len(places)} messages, every one in {', '.join(languages())}; {', '.join(overlays()) or 'no overlay'}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
