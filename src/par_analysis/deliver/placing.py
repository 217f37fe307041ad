"""Small files of the delivery's own: written beside their place and renamed into it, so that nobody ever reads half of one."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any


def put(path: Path, content: bytes) -> bool:
    """Write a file, unless it is there already with that content; whether it was written. Raises ``OSError``, and then all is as it was."""
    with suppress(OSError):
        if not path.is_symlink() and path.read_bytes() == content:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}~")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    return True


def put_json(path: Path, facts: Any) -> bool:
    """Write facts as JSON that a person can read; as ``put``."""
    return put(path, (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())


def sweep(folder: Path) -> None:
    """Remove what processes that died while they wrote left in a folder. Only the holder of the folder's lock may do so."""
    for left in folder.glob(".*~"):
        with suppress(OSError):
            left.unlink()
