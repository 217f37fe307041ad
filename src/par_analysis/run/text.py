"""Plain text for a terminal: aligned columns, and nothing in them that a terminal would obey."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\N{ARABIC LETTER MARK}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")


def visible(text: str, *, keep: str = "") -> str:
    r"""The text with its control and direction characters written out, except those in ``keep``.

    >>> visible("Hải\x1b[2J Dương\n"), visible("a\nb", keep="\n")
    ('Hải\\x1b[2J Dương\\x0a', 'a\nb')
    """
    return _CONTROLS.sub(lambda match: match[0] if match[0] in keep else _written_out(match[0]), text)


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def without_colours(text: str) -> str:
    r"""The text without terminal colours and other escape sequences.

    >>> without_colours("\x1b[0;31mValueError\x1b[0m: x")
    'ValueError: x'
    """
    return _ESCAPES.sub("", text)


def safe_json(value: object) -> str:
    r"""JSON with readable Vietnamese, in which control characters are escaped.

    >>> print(safe_json({"met": "Đà\x9b Nẵng"}))
    {
      "met": "Đà\u009b Nẵng"
    }
    """
    readable = json.dumps(value, ensure_ascii=False, indent=2)
    return _CONTROLS.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", readable)


def width(text: str) -> int:
    """How many columns a terminal needs for the text: combining marks need none, wide characters two.

    >>> width("Hải Dương"), width(unicodedata.normalize("NFD", "Hải Dương"))
    (9, 9)
    """
    return sum(0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def aligned(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns two blanks apart, the heading first; every cell is one line.

    >>> print(aligned(["code", "name"], [["30", "Hải Dương"]]))
    code  name
    30    Hải Dương
    """
    table = [[visible(cell) for cell in row] for row in [heading, *rows]]
    widths = [max(map(width, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip() for row in table)
