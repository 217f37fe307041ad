"""What the tests of the delivery are made from: small reports, and changes of their numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from par_analysis.run.manifest import listed_files
from par_analysis.run.numbers import COLUMNS, NUMERIC, Row, write

KEY = "2023/province/par_index/30-hai-duong"


def row(**facts: Any) -> Row:
    """A row of numbers.csv: Hải Dương's total score of 2023, but for what is said otherwise."""
    usual: dict[str, Any] = {name: None if name in NUMERIC else "" for name in COLUMNS}
    usual |= {"section": "Tổng điểm", "index": "par_index", "unit": "30", "unit_name": "Hải Dương", "year": 2023, "node": "total", "measure": "score"}
    return usual | {"value": 87.84, "shown": "87,84", "unit_of_measure": "points", "basis": "published", "source": "A", "edition": "a/1"} | facts


def make_report(root: Path, rows: Sequence[Row], *, key: str = KEY, lang: str = "vi", **facts: Any) -> Path:
    """A finished report with these numbers."""
    folder = root / key / lang
    folder.mkdir(parents=True, exist_ok=True)
    content = write(rows)
    (folder / "numbers.csv").write_bytes(content)
    (folder / f"x.{lang}.html").write_bytes(b"<p>x")
    files = {"numbers.csv": hashlib.sha256(content).hexdigest(), f"x.{lang}.html": hashlib.sha256(b"<p>x").hexdigest()}
    identity = {"report": "province", "index": "par_index", "unit": "30", "lang": lang, "year": 2023}
    manifest = {"identity": identity, "files": files, "reads": {"figures/par_index/2023": "1" * 16}, "versions": {"par-analysis": "0.1.0"}, "notebook": {"name": "p", "sha256": ""}}
    (folder / "manifest.json").write_text(json.dumps(manifest | facts), encoding="utf-8")
    assert listed_files(folder)
    return folder


def edited(rows: Sequence[Row], change: Callable[[Row], dict[str, Any]]) -> list[Row]:
    """The rows, each with what the change says of it."""
    return [{**one, **change(one)} for one in rows]
