"""What git may see of a notebook: no outputs, no run counts, positional cell ids, and no metadata but the kernel and the cells' tags.

``python -m tools.notebooks <file or folder>...`` writes notebooks so; with ``--check`` it only says which are not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

METADATA: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""The same kernel for every notebook: the environment's own Python."""


def normalise(text: str) -> str:
    """The one form that a notebook is stored in. Cells that are neither text nor code, or carry attachments, raise ValueError.

    >>> cell = '{"cell_type": "code", "id": "f00d", "metadata": {"scrolled": true}, "source": "1", "execution_count": 7, "outputs": [{}]}'
    >>> stored = json.loads(normalise('{"cells": [' + cell + '], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}'))
    >>> stored["cells"]
    [{'cell_type': 'code', 'execution_count': None, 'id': 'cell-00', 'metadata': {}, 'outputs': [], 'source': ['1']}]
    """
    cells = [_cell(number, cell) for number, cell in enumerate(json.loads(text)["cells"])]
    notebook = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def cell_id(number: int) -> str:
    """The id of the cell at a position: two stored notebooks differ where their cells do."""
    return f"cell-{number:02}"


def _cell(number: int, cell: dict[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] not in ("markdown", "code") or cell.get("attachments"):
        raise ValueError(f"cell {number}: only text and code cells without attachments are stored")
    tags = cell["metadata"].get("tags", [])
    source = "".join(cell["source"]).strip("\n")
    stored = {"cell_type": cell["cell_type"], "id": cell_id(number), "metadata": {"tags": tags} if tags else {}, "source": source.splitlines(keepends=True)}
    return stored if cell["cell_type"] == "markdown" else {**stored, "execution_count": None, "outputs": []}


def problems(text: str) -> Iterator[str]:
    """What keeps a notebook's text from being stored as it is."""
    try:
        stored = normalise(text)
    except (KeyError, ValueError) as error:
        yield f"not a notebook that can be stored: {error}"
        return
    cells = json.loads(text)["cells"]
    if any(cell.get("outputs") or cell.get("execution_count") for cell in cells):
        yield "outputs or run counts"
    if [cell.get("id") for cell in cells] != [cell_id(number) for number in range(len(cells))]:
        yield "cell ids are not the cells' positions"
    if sum("parameters" in cell["metadata"].get("tags", []) for cell in cells) != 1:
        yield "not exactly one cell with the tag `parameters`"
    if text != stored:
        yield "not in the stored form"


def files(places: Iterable[Path]) -> list[Path]:
    """The notebooks at the places, files or folders, sorted."""
    found = {path for place in places for path in (place.rglob("*.ipynb") if place.is_dir() else [place])}
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def main(arguments: list[str]) -> int:
    """Exit code 1 where a check finds a problem, or where there is no notebook at all."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--check", action="store_true", help="change nothing, say what would change")
    options = parser.parse_args(arguments)
    notebooks = files(options.places)
    if not options.check:
        for path in notebooks:
            path.write_text(normalise(path.read_text(encoding="utf-8")), encoding="utf-8")
    found = [f"{path}: {problem}" for path in notebooks for problem in problems(path.read_text(encoding="utf-8"))]
    print("\n".join(found) if found else f"{len(notebooks)} notebook(s) as they should be" if notebooks else "no notebook found")
    if found and options.check:
        print("`make notebooks` strips them")
    return int(bool(found) or not notebooks)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
