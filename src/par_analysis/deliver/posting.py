"""A mail to a server, by SMTP: encrypted, and such that it is known of every mail whether the server took it, refused it, or may have taken it."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from pydantic import Field, model_validator

from par_analysis.deliver.credentials import credential
from par_analysis.deliver.recipients import Address, LineOfText
from par_analysis.deliver.settings import Settings
from par_analysis.errors import ParError, RequestError

TOO_LARGE: Final = 552
_KNOWN: Final = "the certificate of whoever issued it belongs into ca_file, or among those that this machine knows"
_OF_CERTIFICATES: Final = {
    9: ("its certificate is not valid yet", "is the clock of this machine right?"),
    10: ("its certificate has expired", "whoever runs the server has to renew it; or is the clock of this machine wrong?"),
    62: ("its certificate is for another server", "server in the settings has to be the name that stands in the certificate"),
    64: ("its certificate is for another server", "server in the settings has to be the name that stands in the certificate"),
}
"""OpenSSL's number of a fault of a certificate → what it is, and what is to be done."""
_IN_THE_CLEAR: Final = frozenset({"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST"})
"""What OpenSSL says of an answer that is not encrypted."""
END: Final = b"\r\n.\r\n"
"""What ends a mail: before the server has it, it must not deliver anything."""


class MailServer(Settings):
    """How mails leave: the server, how it is reached, and as whom. ``security``: starttls, tls from the first byte, or none, which is for this machine alone."""

    server: LineOfText = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""
    user: LineOfText = ""
    password_env: str = ""
    password_file: str = ""
    sender: Address
    sender_name: LineOfText = ""
    patience: float = Field(default=60, gt=0, le=600, strict=False)
    """Seconds to wait for an answer."""

    @model_validator(mode="after")
    def _safe(self) -> MailServer:
        if self.security == "none" and not _is_here(self.server):
            raise ValueError('security = "none" is for a server on this machine (127.0.0.1); elsewhere: "starttls" or "tls"')
        if self.user and not (self.password_env or self.password_file):
            raise ValueError("password_env or password_file with user")
        return self


def _is_here(server: str) -> bool:
    """Whether a server is on this machine.

    >>> _is_here("127.0.0.2"), _is_here("localhost"), _is_here("10.0.0.1"), _is_here("mail.example.org")
    (True, True, False, False)
    """
    with suppress(ValueError):
        return ipaddress.ip_address(server).is_loopback
    return server == "localhost"


class NoPost(ParError):
    """The server takes no mail at all: it is not who it should be, it refuses the login or the sender."""


class Deferred(ParError):
    """This mail was not taken, for sure, and may be taken later. ``is_cut``: the connection is gone; ``is_before_all``: there was none."""

    is_passing = True

    def __init__(self, said: str, *, is_before_all: bool = False) -> None:
        self.said, self.is_before_all = said, is_before_all
        super().__init__(said)


class Refused(ParError):
    """This mail will never be taken. ``is_address``: no mail to that address."""

    def __init__(self, said: str, *, is_address: bool = False) -> None:
        self.said, self.is_address = said, is_address
        super().__init__(said)


class Unknown(ParError):
    """The mail was sent whole, and no answer came: it may have been taken."""

    is_passing = True


class Post:
    """A connection that is opened when it is needed, and opened anew after a cut. Raises ``NoPost``."""

    def __init__(self, settings: MailServer, *, root: Path = Path()) -> None:
        self.settings = settings
        self._password = credential("the password of the mail server", env=settings.password_env, file=settings.password_file, root=root)
        if not (settings.user + (self._password or "")).isascii():
            raise RequestError("user or password of the mail server has letters that a login cannot carry", hint="choose a password of plain letters, digits and signs")
        self._context = self._trusted(root) if settings.security != "none" else None
        self._smtp: smtplib.SMTP | None = None

    def _trusted(self, root: Path) -> ssl.SSLContext:
        file = root / Path(self.settings.ca_file).expanduser() if self.settings.ca_file else None
        try:
            return ssl.create_default_context(cafile=file)
        except OSError as error:
            said = "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror or error
            raise RequestError(f"ca_file {file} cannot be used: {said}", hint="a file of certificates in PEM form") from error

    def send(self, message: bytes, to: str, before_end: Callable[[], None]) -> None:
        """Send a mail. ``before_end`` is called when everything but its end is on the way. Raises ``Deferred``, ``Refused``, ``Unknown``."""
        smtp = self._opened()
        size = [f"size={len(message)}"] if "size" in smtp.esmtp_features else []
        with self._unfinished():
            self._ask(smtp.mail(self.settings.sender, size), 250, "sender")
            self._ask(smtp.rcpt(to), 250, "address")
            self._ask(smtp.docmd("DATA"), 354)
            smtp.send(re.sub(rb"(?m)^\.", b"..", message.removesuffix(b"\r\n")))
        try:
            before_end()
        except BaseException:
            self._drop()
            raise
        with self._unfinished():
            smtp.send(END)
        try:
            answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Unknown(f"the connection was cut after the mail had gone, and before the server's answer ({_cause(error)})") from error
        with self._unfinished():
            self._ask(answer, 250)

    def close(self) -> None:
        """Take leave of the server."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._drop()

    @contextmanager
    def _unfinished(self) -> Iterator[None]:
        """A mail whose end has not been sent was not taken, whatever happens."""
        try:
            yield
        except (Deferred, Refused):
            self._reset()
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Deferred(f"the connection was cut ({_cause(error)})") from error

    def _reset(self) -> None:
        """The server forgets the mail that it did not take."""
        try:
            if self._smtp is not None and self._smtp.rset()[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def _ask(self, answer: tuple[int, bytes], wanted: int, about: str = "") -> None:
        code, said = answer[0], _read(answer)
        if code == wanted or (about == "address" and code == 251):
            return
        if code == 421:
            self._drop()
        if 400 <= code < 500 or (code == TOO_LARGE and about == "address"):  # at this stage it means a full mailbox, or too many addresses (RFC 5321, 4.5.3.1.10)
            raise Deferred(said)
        if about == "sender" and code not in (TOO_LARGE, 555):
            raise NoPost(f"{self.settings.server}: mail from {self.settings.sender} is refused: {said}", hint="is it the sender's own server, is a login needed?")
        raise Refused(f"{said}; if it is too large for the server: lower largest_mb in [send]" if code == TOO_LARGE else said, is_address=about == "address")

    def _opened(self) -> smtplib.SMTP:
        try:
            self._smtp = self._smtp or self._connected()
        except ssl.SSLError as error:
            self._untrusted(error)
        except smtplib.SMTPResponseException as error:
            self._turned_away(error)
        except UnicodeError as error:
            raise NoPost(f"{self.settings.server!r} is not the name of a server", hint="server in the settings") from error
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
                raise NoPost(f"{self._where}: no way to log in that both sides know", hint="what does whoever runs the server say of logging in?") from error
            raise Deferred(f"{self._where}: no connection ({_cause(error)})", is_before_all=True) from error
        return self._smtp

    @property
    def _where(self) -> str:
        return f"{self.settings.server}, port {self.settings.port}"

    def _turned_away(self, error: smtplib.SMTPResponseException) -> NoReturn:
        """The server answers, and will not talk: for the moment, or at all. What was said of a login is not repeated."""
        is_login = isinstance(error, smtplib.SMTPAuthenticationError)
        if error.smtp_code < 200:
            raise NoPost(f"{self._where}: what answers there is no mail server", hint="is the port right?") from None
        said = _read((error.smtp_code, "" if is_login else error.smtp_error))
        if 400 <= error.smtp_code < 500:
            raise Deferred(f"{self.settings.server}: {said}", is_before_all=True) from None
        if is_login:
            raise NoPost(f"{self.settings.server}: the login of {self.settings.user} is refused ({said})", hint="user, password_env, password_file in the settings") from None
        raise NoPost(f"{self.settings.server}: {said}", hint="ask whoever runs the server; or is another one meant?") from None

    def _untrusted(self, error: ssl.SSLError) -> NoReturn:
        if isinstance(error, ssl.SSLCertVerificationError):
            said, hint = _OF_CERTIFICATES.get(error.verify_code, (f"who issued its certificate is not known ({error.verify_message})", _KNOWN))
            raise NoPost(f"{self.settings.server} could not prove who it is: {said}", hint=hint) from error
        if error.reason in _IN_THE_CLEAR:
            hint = 'security = "tls" is for port 465 most often, "starttls" for port 587'
            raise NoPost(f"{self._where}: the server does not encrypt; nothing was sent, and no password", hint=hint) from error
        raise Deferred(f"{self._where}: no encrypted connection ({_cause(error)})", is_before_all=True) from error

    def _require_offered(self, smtp: smtplib.SMTP, what: str) -> None:
        """Nothing is sent in the clear where encryption is asked for, and no password to a server that asks for none. Raises ``NoPost``."""
        if smtp.has_extn(what):
            return
        if what == "starttls":
            hint = 'is the port right? security = "tls" is for port 465 most often, "starttls" for port 587'
            raise NoPost(f"{self._where}: the server offers no encryption (STARTTLS); nothing was sent, and no password", hint=hint)
        raise NoPost(f"{self._where}: the server takes no login", hint="leave out user and its password; or is another port meant, most often 587?")

    def _connected(self) -> smtplib.SMTP:
        settings, name = self.settings, self.settings.sender.partition("@")[2]
        given: dict[str, Any] = {"timeout": settings.patience, "local_hostname": name}
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(settings.server, settings.port, context=self._context, **given)
        else:
            smtp = smtplib.SMTP(settings.server, settings.port, **given)
        try:
            smtp.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                self._require_offered(smtp, "starttls")
                code, said = smtp.starttls(context=self._context)
                if code != 220:  # smtplib would go on in the clear
                    raise smtplib.SMTPResponseException(code, said)
                smtp.ehlo_or_helo_if_needed()
            if settings.user and self._password is not None:
                self._require_offered(smtp, "auth")
                smtp.login(settings.user, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _read(answer: tuple[int, bytes | str]) -> str:
    """An answer of a server, in one line of plain letters."""
    text = answer[1].decode("utf-8", errors="replace") if isinstance(answer[1], bytes) else answer[1]
    return " ".join(f"{answer[0]} {text}".split())[:300]


def _cause(error: BaseException) -> str:
    """Why a connection failed, in words: the library puts a name of its own around what the system said."""
    if isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(error.__context__, OSError):
        error = error.__context__
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server closed it"
    if isinstance(error, socket.gaierror):
        return "no server of that name is found"
    if isinstance(error, ssl.SSLError):
        return (error.reason or "it broke off").replace("_", " ").lower()
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
