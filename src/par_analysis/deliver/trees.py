"""Stores that have folders and can rename: a folder of this machine, and what it shares with a server. A file is written beside its place and renamed into it."""

from __future__ import annotations

import errno
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from fsspec.implementations.local import LocalFileSystem

from par_analysis.deliver.manifests import OWN
from par_analysis.deliver.stores import NO_FILE, Place, Store

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

PART: Final = f"{OWN}/part"
"""Where the holder of the lock writes a file before it gets its name."""
CLAIM: Final = f"{OWN}/claim"
"""Where those write who want the lock: what the holder is writing is not touched. Two of them may mix it up, and then see it when they read the lock."""


class Tree(Store):
    """Folders and renaming: what a local folder and a server have in common."""

    def __init__(self, place: Place, *, attempts: int = 5, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(place, attempts=attempts, wait=wait)
        self._made: set[str] = set()

    def _listed(self, fs: Any, below: str = "") -> Iterator[tuple[str, int]]:
        for one in fs.ls(self._at(below).rstrip("/"), detail=True):
            name = f"{below}{PurePosixPath(one['name']).name}"
            if one["type"] == "directory":
                yield from self._listed(fs, f"{name}/")
            else:
                yield name, one["size"] if one["type"] == "file" and not one.get("islink") else NO_FILE

    def _written(self, fs: Any, name: str, content: bytes) -> None:
        self._part(fs, PART, content)
        self._placed(fs, PART, name)

    def _part(self, fs: Any, name: str, content: bytes) -> None:
        self._make_folder(fs, name)
        with fs.open(self._at(name), "wb") as stream:
            stream.write(content)

    def _make_folder(self, fs: Any, name: str) -> None:
        """The folder of a file: asked for once, since a server answers each question only after a while."""
        folder = PurePosixPath(self._at(name)).parent.as_posix()
        if folder not in self._made:
            try:
                fs.makedirs(folder, exist_ok=True)
            except FileNotFoundError as error:  # not the file's absence, which would be no failure
                raise NotADirectoryError(errno.ENOTDIR, f"{folder} cannot be made there") from error
            self._made.add(folder)

    def _created(self, fs: Any, name: str, content: bytes) -> bool:
        self._part(fs, CLAIM, content)
        try:
            self._renamed_unless_there(fs, self._at(CLAIM), self._at(name))
        except OSError as error:
            if isinstance(error, FileExistsError) or fs.exists(self._at(name)):
                return False
            raise
        finally:
            with suppress(FileNotFoundError):
                fs.rm_file(self._at(CLAIM))
        return True

    def _placed(self, fs: Any, source: str, name: str) -> None:
        if fs.isdir(self._at(name)):
            raise IsADirectoryError(errno.EISDIR, "a folder of that name is there")
        self._make_folder(fs, name)
        fs.mv(self._at(source), self._at(name))

    def _removed(self, fs: Any, name: str) -> None:
        fs.rm_file(self._at(name))
        for folder in PurePosixPath(name).parents[:-1] if not name.startswith(f"{OWN}/") else ():
            with suppress(OSError):
                self._made.discard(self._at(folder.as_posix()))
                fs.rmdir(self._at(folder.as_posix()))

    @abstractmethod
    def _renamed_unless_there(self, fs: Any, old: str, new: str) -> None: ...


class Folder(Tree):
    """A folder of this machine, or one that is mounted there."""

    def _connected(self) -> AbstractFileSystem:
        return LocalFileSystem(skip_instance_cache=True)

    def _renamed_unless_there(self, fs: Any, old: str, new: str) -> None:
        fs.link(old, new)
