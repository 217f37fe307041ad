"""Passwords and passphrases: in an environment variable or in a file, named in the settings; never in the settings themselves."""

from __future__ import annotations

import os
from pathlib import Path

from par_analysis.errors import RequestError


def credential(what: str, *, env: str = "", file: str = "", root: Path = Path()) -> str | None:
    """The secret that an environment variable holds, or the first line of a file; ``None`` where neither is named.

    A relative file is looked for below ``root``. Raises ``RequestError``, which never says what it holds.
    """
    if env:
        if env not in os.environ:
            raise RequestError(f"{what} is looked for in the environment variable {env}, which is not set", hint=f"export {env}=…, or name a file")
        return os.environ[env]
    if not file:
        return None
    path = root / file
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{what} is looked for in {path}, which cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from error
    if not lines or not lines[0]:
        raise RequestError(f"{what} is looked for in {path}, which is empty")
    return lines[0]
