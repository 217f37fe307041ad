"""Passwords and passphrases: in an environment variable or in a file, named in the settings; never in the settings themselves."""

from __future__ import annotations

import os
import stat
import sys
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
    path = root / Path(file).expanduser()
    require_private(what, path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()  # Windows' editor writes a mark before the first letter
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{what} is looked for in {path}, which cannot be read: {getattr(error, 'strerror', None) or 'it is no text in UTF-8'}") from error
    if not lines or not lines[0]:
        raise RequestError(f"{what} is looked for in the first line of {path}, which is empty")
    return lines[0]


def require_private(what: str, path: Path) -> None:
    """Nobody but its owner may read a file that holds a secret. Raises ``RequestError``.

    As OpenSSH does with private keys, this is asked of files of whoever runs the program alone: a file of somebody else's, which is how systems hand
    out secrets, is theirs to answer for. So is one on a file system that cannot be written to, where containers find theirs: nobody could mend it there.
    """
    if sys.platform == "win32":
        return
    try:
        found, system = path.stat(), os.statvfs(path)
    except OSError:
        return  # whoever reads it says what is the matter
    if stat.S_ISDIR(found.st_mode):
        raise RequestError(f"{what} is looked for in {path}, which is a folder")
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077 and not system.f_flag & os.ST_RDONLY:
        mode = f"{stat.S_IMODE(found.st_mode):03o}"
        raise RequestError(f"{what} stands in {path}, which others may read or write (mode {mode}): it is not used", hint=f"chmod 600 {path}")
