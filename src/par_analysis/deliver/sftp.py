"""A server that is reached by SFTP. Its key has to be a known one: fsspec's own class takes any key that it is shown."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem
from paramiko.hostkeys import InvalidHostKey

from par_analysis.deliver.credentials import credential, require_private
from par_analysis.deliver.stores import PATIENCE, Place, Publishing
from par_analysis.deliver.trees import Tree
from par_analysis.errors import RequestError, shortened

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # what goes wrong is said in a line, not also in a traceback of the library's

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
        try:
            if self._known_hosts.is_file():
                self.client.load_host_keys(str(self._known_hosts))
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
        self.failures = (OSError, EOFError, paramiko.SSHException, InvalidHostKey, UnicodeDecodeError)
        self._hosts = root / Path(settings.known_hosts).expanduser()
        self._login = self._asked(settings, root)

    def _asked(self, settings: Publishing, root: Path) -> dict[str, Any]:
        password = credential("the password of the server", env=settings.password_env, file=settings.password_file, root=root)
        passphrase = credential("the passphrase of the key", env=settings.passphrase_env, file=settings.passphrase_file, root=root)
        key = _key(root / Path(settings.key_file).expanduser(), passphrase) if settings.key_file else None
        patience = {"timeout": 20, "banner_timeout": 20, "auth_timeout": 20, "channel_timeout": 20}
        found = {"username": self.place.user or None, "port": self.place.port or 22, "password": password, "passphrase": passphrase, "pkey": key}
        return {name: value for name, value in found.items() if value is not None} | {"look_for_keys": key is None and password is None, **patience}

    def _connected(self) -> AbstractFileSystem:
        fs: AbstractFileSystem = KnownServer(self.place.host, known_hosts=self._hosts, patience=PATIENCE, **self._login)
        return fs

    def _renamed_unless_there(self, fs: Any, old: str, new: str) -> None:
        fs.ftp.rename(old, new)  # without posix-rename@openssh.com: refused where the new name is taken

    def _is_passing(self, error: Exception) -> bool:
        if isinstance(error, paramiko.AuthenticationException | paramiko.BadHostKeyException | InvalidHostKey | UnicodeDecodeError) or _is_unknown(error) or _has_no_way_in(error):
            return False
        return super()._is_passing(error) or isinstance(error, paramiko.SSHException) or (isinstance(error, OSError) and error.errno is None)

    def _said(self, error: Exception) -> str:
        if isinstance(error, paramiko.SSHException):
            return self._of_ssh(error) or super()._said(error)
        if isinstance(error, UnicodeDecodeError):
            return f"{self._hosts} is no text"
        if isinstance(error, InvalidHostKey):
            return f"{self._hosts} has a line that cannot be read: {shortened(str(error.line))}"
        if isinstance(error, OSError) and str(error) == "Failure":
            return "the server says that it failed, and not why: is its disk full, may the file be replaced?"
        return super()._said(error)

    def _of_ssh(self, error: paramiko.SSHException) -> str:
        """What the library's own errors mean; "" where its words have to do."""
        found = ""
        if isinstance(error, paramiko.BadHostKeyException):
            found = f"the server shows another key ({error.key.fingerprint}) than the one that is known ({error.expected_key.fingerprint})"
        elif _is_unknown(error):
            found = f"the server is not found in {self._hosts}"
        elif isinstance(error, paramiko.BadAuthenticationType):
            found = f"the login is refused; the server takes: {', '.join(error.allowed_types)}"
        elif isinstance(error, paramiko.PasswordRequiredException):
            found = "the key in ~/.ssh wants a passphrase"
        elif isinstance(error, paramiko.AuthenticationException):
            found = "the login is refused"
        elif any(words in str(error) for words in ("SSH protocol banner", "protocol version", "Invalid SSH banner")):
            found = "what answers there does not speak as SSH servers do"
        elif _has_no_way_in(error):
            found = "there is neither a key nor a password to log in with"
        return found

    def _hint(self, error: Exception) -> str:
        if isinstance(error, paramiko.BadHostKeyException):
            return f"somebody may stand in between: ask who runs the server whether its key has changed, and only then put the new one into {self._hosts}"
        if _is_unknown(error):
            return f"ask who runs the server for its key, and put it into {self._hosts}"
        if isinstance(error, paramiko.AuthenticationException) or _has_no_way_in(error):
            return "in [publish] of the settings: key_file, passphrase_env, password_env; or a key in the SSH agent"
        if isinstance(error, InvalidHostKey | UnicodeDecodeError):
            return "ssh-keyscan writes such lines; compare them with what the server's owner says"
        return super()._hint(error)

    def close(self) -> None:
        if self._fs is not None:
            self._fs.client.close()
        super().close()


def _is_unknown(error: Exception) -> bool:
    return isinstance(error, paramiko.SSHException) and "not found in known_hosts" in str(error)


def _has_no_way_in(error: Exception) -> bool:
    return isinstance(error, paramiko.SSHException) and "No authentication methods" in str(error)


def _key(path: Path, passphrase: str | None) -> paramiko.PKey:
    """The key of a file, with the certificate that lies beside it. The library, given the file, would tell what is wrong with the kind that it tries last.

    Raises ``RequestError``: no such file, no key, another passphrase.
    """
    require_private("the key", path)
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            key: paramiko.PKey = kind.from_private_key_file(str(path), passphrase)
        except OSError as error:
            raise RequestError(f"key_file {path} cannot be read: {error.strerror or error}") from error
        except paramiko.PasswordRequiredException as error:
            raise RequestError(f"key_file {path} wants a passphrase, and none was given", hint="passphrase_env or passphrase_file in [publish]") from error
        except (paramiko.SSHException, ValueError):
            continue
        if (certificate := Path(f"{path}-cert.pub")).is_file():
            key.load_certificate(str(certificate))
        return key
    raise RequestError(f"key_file {path} does not open: the passphrase is wrong, or it holds no private key of the kind ed25519, ecdsa or rsa")
