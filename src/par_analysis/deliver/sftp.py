"""A server that is reached by SFTP. Its key has to be a known one: fsspec's own class takes any key that it is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from par_analysis.deliver.credentials import credential
from par_analysis.deliver.stores import PATIENCE, Place, Publishing
from par_analysis.deliver.trees import Tree

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


class KnownServer(SFTPFileSystem):  # type: ignore[misc]
    """A server whose key stands in ``known_hosts``. Raises ``OSError``, ``EOFError`` and ``paramiko.SSHException``."""

    cachable = False

    def __init__(self, host: str, *, known_hosts: Path, patience: float, **login: Any) -> None:
        self._known_hosts, self._patience = known_hosts, patience
        super().__init__(host, host_key_policy="reject", **login)

    def _connect(self) -> None:
        """As the class above does, but with the keys that are known: they also decide which kind of key the server is asked for."""
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        if self._known_hosts.is_file():
            self.client.load_host_keys(str(self._known_hosts))
        try:
            self.client.connect(self.host, **self.ssh_kwargs)
            self.ftp = self.client.open_sftp()
            self.ftp.get_channel().settimeout(self._patience)
        except BaseException:
            self.client.close()
            raise


class Server(Tree):
    """A server that is reached by SFTP. Its key has to be a known one."""

    def __init__(self, place: Place, settings: Publishing, *, root: Path, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(place, attempts=settings.attempts, wait=wait)
        self.failures = (OSError, EOFError, paramiko.SSHException)
        self._hosts = root / Path(settings.known_hosts).expanduser()
        self._login = self._asked(settings, root)

    def _asked(self, settings: Publishing, root: Path) -> dict[str, Any]:
        password = credential("the password of the server", env=settings.password_env, file=settings.password_file, root=root)
        passphrase = credential("the passphrase of the key", env=settings.passphrase_env, file=settings.passphrase_file, root=root)
        key = str(root / Path(settings.key_file).expanduser()) if settings.key_file else None
        patience = {"timeout": 20, "banner_timeout": 20, "auth_timeout": 20, "channel_timeout": 20}
        found = {"username": self.place.user or None, "port": self.place.port or 22, "password": password, "passphrase": passphrase, "key_filename": key}
        return {name: value for name, value in found.items() if value is not None} | {"look_for_keys": key is None and password is None, **patience}

    def _connected(self) -> AbstractFileSystem:
        fs: AbstractFileSystem = KnownServer(self.place.host, known_hosts=self._hosts, patience=PATIENCE, **self._login)
        return fs

    def _renamed_unless_there(self, fs: Any, old: str, new: str) -> None:
        fs.ftp.rename(old, new)  # without posix-rename@openssh.com: refused where the new name is taken

    def _is_passing(self, error: Exception) -> bool:
        if isinstance(error, paramiko.AuthenticationException | paramiko.BadHostKeyException | paramiko.PasswordRequiredException) or "known_hosts" in str(error):
            return False
        return super()._is_passing(error) or isinstance(error, paramiko.SSHException) or (isinstance(error, OSError) and error.errno is None)

    def _hint(self, error: Exception) -> str:
        if isinstance(error, paramiko.BadHostKeyException) or "known_hosts" in str(error):
            return f"ask who runs the server for its key, and put it into {self._hosts}"
        if isinstance(error, paramiko.AuthenticationException):
            return "in [publish] of the settings: key_file, password_env; or a key in the SSH agent"
        return super()._hint(error)

    def close(self) -> None:
        if self._fs is not None:
            self._fs.client.close()
        super().close()
