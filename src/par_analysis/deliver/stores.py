"""Where a site is published to: a folder, an S3 bucket or an SFTP server, each behind the same few verbs, through fsspec.

Nothing is half-written under a name that counts: a folder and a server get a file beside its place and rename it, a bucket replaces an object as a whole.
What fails in passing is tried again after a pause that doubles.
"""

from __future__ import annotations

import errno
import os
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import Field

from par_analysis.deliver.settings import WEB_ADDRESS, Settings
from par_analysis.errors import ParError, RequestError, UnknownName

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

Answer = TypeVar("Answer")

PATIENCE: Final = 60
"""Seconds without an answer after which a connection counts as cut."""
LONGEST_WAIT: Final = 30.0
NO_FILE: Final = -1
"""In place of a size: a link, a pipe or whatever else is no plain file."""

_PASSING: Final = frozenset({"EBUSY", "EAGAIN", "EIO", "EREMOTEIO", "EPIPE", "ENETDOWN", "ENETUNREACH", "EHOSTUNREACH", "EHOSTDOWN"})
_KINDS: Final = ("a folder", "s3://bucket/prefix", "sftp://user@host/path")


class Publishing(Settings):
    """The table ``[publish]``: where to, and what a bucket or a server wants to know. AWS keys come from the usual variables and files; ``profile`` is one of the latter."""

    target: str = ""
    endpoint: str = Field(default="", pattern=WEB_ADDRESS)
    profile: str = ""
    known_hosts: str = "~/.ssh/known_hosts"
    key_file: str = ""
    passphrase_env: str = ""
    passphrase_file: str = ""
    password_env: str = ""
    password_file: str = ""
    attempts: int = Field(default=5, ge=1, le=20)


class StoreFailed(ParError):
    """A store that did not do what it was asked to: which one, what was asked, what came of it."""

    def __init__(self, store: str, doing: str, problem: str, *, hint: str = "", is_passing: bool = False) -> None:
        self.store, self.doing, self.problem, self.is_passing = store, doing, problem, is_passing
        super().__init__(f"{store}: {doing}: {problem}", hint=hint or ("what is there already is not sent again: try again later" if is_passing else ""))


@dataclass(frozen=True)
class Place:
    """A target, taken apart. ``label`` is how it is called in messages."""

    kind: str
    path: str
    host: str = ""
    port: int | None = None
    user: str = ""

    @property
    def label(self) -> str:
        """The target without anything secret."""
        if self.kind == "folder":
            return self.path
        port = f":{self.port}" if self.port else ""
        return f"s3://{self.path}" if self.kind == "s3" else f"sftp://{f'{self.user}@' if self.user else ''}{self.host}{port}{self.path}"


def place(target: str, root: Path = Path()) -> Place:
    """A target as typed; a folder is looked for below ``root``. Raises ``RequestError`` for what is no target.

    >>> place("s3://bucket/reports/").path, place("sftp://par@example.org:2222/srv/www").port
    ('bucket/reports', 2222)
    """
    if not target or not target.isprintable():
        raise RequestError(f"{target!r} is no target", hint=f"write {', '.join(_KINDS)}")
    scheme, sign, _ = target.partition("://")
    if not sign:
        return Place("folder", os.path.realpath(root / Path(target).expanduser()))
    try:
        address = urlsplit(target)
        host, port = address.hostname or "", address.port
    except ValueError as error:
        raise RequestError(f"{target!r} is no target: {error}") from error
    if address.password is not None:
        raise RequestError("a password does not belong in a target", hint='name where it is in [publish]: password_env = "PAR_SFTP_PASSWORD"')
    if any(part in (".", "..") for part in unquote(address.path).split("/")) or address.query or address.fragment or not host:
        raise RequestError(f"{target!r} is no target", hint=f"write {', '.join(_KINDS)}")
    if scheme == "s3":
        return Place("s3", (address.netloc + address.path).rstrip("/"))
    if scheme == "sftp":
        return Place("sftp", address.path.rstrip("/") or "/", host, port, address.username or "")
    raise UnknownName("kind of target", scheme, ("s3", "sftp"))


class Absent(StoreFailed):
    """Nothing is there of that name."""


class Store(ABC):
    """The verbs. Names are relative, with ``/``. Raises ``StoreFailed``."""

    failures: tuple[type[Exception], ...] = (OSError,)
    """What its library raises when something goes wrong outside of this program."""

    def __init__(self, place: Place, *, attempts: int = 5, wait: Callable[[float], None] = time.sleep) -> None:
        self.place, self.label, self._attempts, self._wait = place, place.label, attempts, wait
        self._fs: Any = None

    def names(self) -> dict[str, int]:
        """Every file there → its size; ``NO_FILE`` for what is none."""
        try:
            return self._tried("listing what is there", lambda fs: dict(self._listed(fs)))
        except Absent:
            return {}

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; ``None`` where there is none."""
        try:
            return self._tried(f"reading {name}", lambda fs: bytes(fs.cat_file(self._at(name))))
        except Absent:
            return None

    def write(self, name: str, content: bytes) -> None:
        """The file whole under its name, whatever was there before."""
        self._tried(f"writing {name}", lambda fs: self._written(fs, name, content))

    def create(self, name: str, content: bytes) -> bool:
        """The file whole under its name, where nothing is there; whether that was so."""
        return self._tried(f"writing {name}", lambda fs: self._created(fs, name, content))

    def put(self, source: str, name: str) -> None:
        """What lies under ``source`` under its name, at one stroke. ``source`` may be gone afterwards; whether it arrived is for a reader to see."""
        with suppress(Absent):  # the answer to a first try may have been lost
            self._tried(f"putting {name} in place", lambda fs: self._placed(fs, source, name))

    def remove(self, name: str) -> None:
        """The file gone, and the folders that it leaves empty."""
        with suppress(Absent):
            self._tried(f"removing {name}", lambda fs: self._removed(fs, name))

    def close(self) -> None:
        """The connection ended; the next verb opens another one."""
        self._fs = None

    def _at(self, name: str) -> str:
        return f"{self.place.path.rstrip('/')}/{name}"

    def _tried(self, doing: str, verb: Callable[[Any], Answer]) -> Answer:
        attempt = 1
        while True:
            try:
                self._fs = self._fs or self._connected()
                return verb(self._fs)
            except FileNotFoundError as error:
                raise (Absent if self._fs is not None else StoreFailed)(self.label, doing, self._said(error), hint=self._hint(error)) from error
            except self.failures as error:
                failed = StoreFailed(self.label, doing, self._said(error), hint=self._hint(error), is_passing=self._is_passing(error))
                if not failed.is_passing or attempt == self._attempts:
                    raise failed from error
            with suppress(*self.failures):
                self.close()
            self._wait(min(2.0 ** (attempt - 1), LONGEST_WAIT))
            attempt += 1

    def _said(self, error: Exception) -> str:
        """What went wrong, in a line."""
        if isinstance(error, TimeoutError):
            return "no answer in time"
        if isinstance(error, EOFError):
            return "the connection was cut"
        if isinstance(error, socket.gaierror):
            return "no server of that name is found"
        return " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__

    def _hint(self, error: Exception) -> str:
        number = getattr(error, "errno", None)
        if isinstance(error, socket.gaierror):
            return "is its name right, and is this machine on the network?"
        if number == errno.ENOTDIR:
            return "is something else in its place, or may no folder be made there?"
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            return "whoever publishes has to be allowed to write there"
        return "make room there" if number in (errno.ENOSPC, errno.EDQUOT) else ""

    def _is_passing(self, error: Exception) -> bool:
        return isinstance(error, ConnectionError | TimeoutError | EOFError) or (
            error.errno == socket.EAI_AGAIN if isinstance(error, socket.gaierror) else errno.errorcode.get(getattr(error, "errno", None) or 0) in _PASSING
        )

    @abstractmethod
    def _connected(self) -> AbstractFileSystem: ...

    @abstractmethod
    def _listed(self, fs: Any) -> Iterator[tuple[str, int]]: ...

    @abstractmethod
    def _written(self, fs: Any, name: str, content: bytes) -> None: ...

    @abstractmethod
    def _created(self, fs: Any, name: str, content: bytes) -> bool: ...

    @abstractmethod
    def _placed(self, fs: Any, source: str, name: str) -> None: ...

    @abstractmethod
    def _removed(self, fs: Any, name: str) -> None: ...


@contextmanager
def opened(target: Place, settings: Publishing, *, root: Path = Path(), wait: Callable[[float], None] = time.sleep) -> Iterator[Store]:
    """The store of a target, for the block. Raises ``RequestError`` where its library is not installed or a secret is missing."""
    try:
        store = _store(target, settings, root, wait)
    except ImportError as error:
        raise RequestError(f"{target.label}: {error.name} is not installed", hint=f"pip install 'par-analysis[{target.kind}]'") from error
    try:
        yield store
    finally:
        with suppress(*store.failures):
            store.close()


def _store(target: Place, settings: Publishing, root: Path, wait: Callable[[float], None]) -> Store:
    if target.kind == "s3":
        from par_analysis.deliver.s3 import Bucket

        return Bucket(target, settings, wait=wait)
    if target.kind == "sftp":
        from par_analysis.deliver.sftp import Server

        return Server(target, settings, root=root, wait=wait)
    from par_analysis.deliver.trees import Folder

    return Folder(target, attempts=settings.attempts, wait=wait)
