"""Files that a notebook opens by itself: noted when first opened, with the hash of their content."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.dataset.recording import begin, hashed, is_recording, lose, place, record
from par_analysis.errors import ParError

FILE: Final = "file:"
"""What the name of a file's slice begins with."""
LISTED: Final = "folder:"
"""What the name of a folder's slice begins with whose files were listed."""

_PACKAGE: Final = os.path.dirname(os.path.abspath(catalog.__file__))
_READERS: Final = (os.path.join(_PACKAGE, "dataset") + os.sep, os.path.join(_PACKAGE, "catalog.py"))
_SYSTEM: Final = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/run", "/sbin", "/snap", "/sys", "/usr", "/var/cache", "/var/lib")
_OF_PROGRAMS: Final = (".cache", ".config", ".fonts", ".ipython", ".jupyter", ".local/share", ".matplotlib", ".python_history", "Library/Caches", "Library/Fonts")

_made: set[str] = set()
"""What this process has written anew: its own work, whoever reads it again."""
_state = threading.local()
_installed: list[bool] = []


def file_fingerprint(name: str | Path) -> str:
    """The SHA-256 of a regular file's content; "" where there is none. Raises ``OSError`` for one that cannot be read."""
    if not _is_regular(name):
        return ""
    with open(name, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_regular(name: str | Path) -> bool:
    try:
        return stat.S_ISREG(os.stat(name).st_mode)
    except (OSError, ValueError):
        return False


def load_ipython_extension(ipython: object) -> None:
    """Watch which files are opened, from now to the end of the process."""
    if ipython is not None:  # a kernel, which serves one report
        begin()
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)


def _hook(event: str, facts: tuple[Any, ...]) -> None:
    if event not in _EVENTS or not is_recording() or getattr(_state, "is_busy", False):
        return
    _state.is_busy = True
    try:
        _EVENTS[event](facts)
    except Exception as error:  # the hook may not raise: it would stop the opening of the file; the next note raises
        lose(f"{type(error).__name__}: {error}")
    finally:
        _state.is_busy = False


def _opened(facts: tuple[Any, ...]) -> None:
    name, mode, flags = facts
    if not isinstance(name, (str, bytes, os.PathLike)) or not isinstance(flags, int):
        return
    path = _source_of(os.path.abspath(os.fsdecode(name)))
    if flags & (os.O_TRUNC | os.O_EXCL):
        _made.add(path)
    elif flags & (os.O_WRONLY | os.O_RDWR) != os.O_WRONLY:
        _read(path, is_by_name=mode is not None)


def _source_of(path: str) -> str:
    """A module's source for its compiled file."""
    if not path.endswith(".pyc"):
        return path
    try:
        source = importlib.util.source_from_cache(path)
    except ValueError:
        return path
    return source if os.path.exists(source) else path


def _read(path: str, *, is_by_name: bool = True) -> None:
    """Note a regular file, or one that was looked for and is not there."""
    if _is_in_scratch(path):
        path = os.path.realpath(path)
    if path in _made or not _is_data(path) or not (_is_regular(path) or (is_by_name and not os.path.exists(path))):
        return
    if not (_lies_in(path, _own_folders()) and _is_own_reading(sys._getframe(1))):
        record(FILE + path, file_fingerprint(path))


def _imported(facts: tuple[Any, ...]) -> None:
    if isinstance(facts[1], str):  # a compiled extension: others are opened
        _read(os.path.abspath(facts[1]))


def _connected(facts: tuple[Any, ...]) -> None:
    if not isinstance(facts[0], (str, bytes)) or os.fsdecode(facts[0]).startswith(":"):
        return
    name = os.fsdecode(facts[0])
    _read(os.path.abspath(unquote(urlsplit(name).path) if name.startswith("file:") else name))


def _listed(facts: tuple[Any, ...]) -> None:
    """Note a folder that was listed; those that modules are looked for in are listed by every import."""
    if isinstance(facts[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(facts[0]))
        if path not in map(os.path.abspath, sys.path) and not _is_in_scratch(path + os.sep) and _is_data(path) and not _is_own_reading(sys._getframe(1)):
            record(LISTED + path, folder_fingerprint(path))


def folder_fingerprint(name: str | Path) -> str:
    """The names in a folder; "" where there is none."""
    try:
        return hashed(*sorted(os.listdir(name)))
    except OSError:
        return ""


_EVENTS: Final[Mapping[str, Callable[[tuple[Any, ...]], None]]] = {
    "open": _opened,
    "import": _imported,
    "sqlite3.connect": _connected,
    "os.listdir": _listed,
    "os.scandir": _listed,
}


# ---------------------------------------------------------------- which files are data


def _is_in_scratch(path: str) -> bool:
    return _lies_in(path, (os.path.dirname(os.path.abspath(place())),))


def _lies_in(path: str, folders: tuple[str, ...]) -> bool:
    return any(path.startswith(folder + os.sep) for folder in folders)


@lru_cache(maxsize=4)
def _root(_named: str | None) -> str:
    try:
        return str(catalog.find_root())
    except ParError:
        return ""


def _checkout() -> str:
    return _root(os.environ.get("PAR_ROOT"))


def _own_folders() -> tuple[str, ...]:
    """What the library reads and other slices tell of: the data of the checkout, and the downloads."""
    root = _checkout()
    of_root = [os.path.join(root, "data", name) for name in ("raw", "reference", "claims")] if root else []
    return tuple(name for folder in [*of_root, os.fspath(catalog.cache_folder())] for name in _names(folder))


def _names(folder: str) -> tuple[str, str]:
    return os.path.abspath(folder), os.path.realpath(folder)


def _is_data(path: str) -> bool:
    """Whether the closest known folder above a path, if any, is one of data."""
    places = _places(place(), _checkout(), os.fspath(catalog.cache_folder()))
    return next((places[folder] for folder in _upwards(path) if folder in places), True)


def _upwards(path: str) -> Iterator[str]:
    while True:
        yield path
        above = os.path.dirname(path)
        if above == path:
            return
        path = above


@lru_cache(maxsize=8)
def _places(reads: str, root: str, cache: str) -> Mapping[str, bool]:
    """Folder → whether what lies in it is data."""
    home, temporary = os.path.expanduser("~"), os.path.join(tempfile.gettempdir(), f"ipykernel_{os.getpid()}")
    of_user = [os.environ.get("XDG_CACHE_HOME", ""), os.environ.get("XDG_CONFIG_HOME", ""), *(os.path.join(home, name) for name in _OF_PROGRAMS)]
    code = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, _PACKAGE]
    found = {name: False for folder in (*_SYSTEM, *of_user, temporary, *code) if folder for name in _names(folder)}
    found = {name: True for folder in (root, cache) if folder for name in _names(folder)} | found
    return found | dict.fromkeys(_names(os.path.dirname(reads)), False)


# ---------------------------------------------------------------- who reads


def _is_own_reading(frame: FrameType | None) -> bool:
    """Whether the innermost code that is neither Python's nor an installed package's nor this one's called this library's readers."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_READERS):
            if name != __file__:
                return True
        elif not name.startswith("<frozen ") and _is_data(name):
            return False
        frame = frame.f_back
    return False


def when_an_analyst_loads(tell: Callable[[Catalog], None]) -> None:
    """Call ``tell`` where a notebook takes hold of the catalogue by itself: all that it may read of it is then noted."""

    def observe(known: Catalog) -> None:
        if is_recording() and os.fspath(known.root) in _names(_checkout()) and not _is_own_loading(sys._getframe(1)):
            tell(known)

    catalog.observers.append(observe)


def _is_own_loading(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code.co_filename in {_READERS[1], "<string>", __file__}:
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(_PACKAGE + os.sep)
