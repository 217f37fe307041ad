"""A mail server on 127.0.0.1, with encryption, login, and a mind of its own: what it answers at which stage is for the test to say."""

# ruff: noqa: ARG002 (the hooks of the library are given more than they use)

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER: Final = "reports"
PASSWORD: Final = "a password"
CUT: Final = "cut"
"""In place of an answer: the connection is gone."""


def make_certificates(folder: Path) -> Path:
    """An authority, ``ca.pem``, and a server of this machine that it certifies, ``server.pem``; a server that certifies itself, ``stranger.pem``; and certificates
    of the authority for other days and another server.
    """
    authority = _certify(folder / "ca.pem", "Authority", None)
    _certify(folder / "server.pem", "127.0.0.1", authority)
    _certify(folder / "stranger.pem", "127.0.0.1", None)
    _certify(folder / "expired.pem", "127.0.0.1", authority, days=(-9, -1))
    _certify(folder / "early.pem", "127.0.0.1", authority, days=(1, 9))
    _certify(folder / "elsewhere.pem", "10.0.0.1", authority)
    return folder


def _certify(path: Path, name: str, by: tuple[Any, Any] | None, *, days: tuple[int, int] = (-1, 2)) -> tuple[Any, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    signer, issuer = (key, subject) if by is None else (by[0], by[1].subject)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(today + datetime.timedelta(days=days[0])).not_valid_after(today + datetime.timedelta(days=days[1]))
    builder = builder.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name if by else "127.0.0.1"))]), critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


@dataclass
class Mailbox:
    """What came, and what is answered: stage (``connect``, ``EHLO``, ``MAIL``, ``RCPT``, ``DATA``, ``AFTER``) → the answer to each in turn, "" for the usual one.

    ``to``: address → what its ``RCPT`` is always answered. ``AFTER`` is the stage when a mail has been stored.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    to: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    were_encrypted: list[bool] = field(default_factory=list)
    port: int = 0

    @property
    def got(self) -> list[str]:
        """Who got mail, in order."""
        return [to for to, _ in self.mails]

    def _answer(self, server: SMTP, stage: str, address: str = "") -> str:
        waiting = self.answers.get(stage, [])
        answer = (waiting.pop(0) if waiting else "") or self.to.get(address, "")
        if answer == CUT and server.transport is not None:
            server.transport.abort()
        return answer

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        session.host_name = hostname
        answer = self._answer(server, "EHLO")
        return [answer] if answer else responses

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self._answer(server, "MAIL")
        envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self._answer(server, "RCPT", address)
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        answer = self._answer(server, "DATA")
        if answer:
            return answer
        self.were_encrypted.append(session.ssl is not None)
        self.mails.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=default)))  # type: ignore[arg-type]
        return self._answer(server, "AFTER") or "250 OK"

    def authenticate(self, server: SMTP, session: Any, envelope: Any, mechanism: str, auth: Any) -> AuthResult:
        self.logins.append((auth.login, auth.password) == (USER.encode(), PASSWORD.encode()))
        return AuthResult(success=self.logins[-1], handled=False)


class _Server(SMTP):
    """``connect`` and the ``DATA`` command have no hook of their own."""

    def connection_made(self, transport: Any) -> None:
        answer = self.event_handler._answer(_Shut(transport), "connect") if self.transport is None else ""
        if answer and answer != CUT:
            transport.write(f"{answer}\r\n".encode())
            transport.close()
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        answer = self.event_handler._answer(self, "DATA command")
        if answer:
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


@dataclass
class _Shut:
    transport: Any


class MailServer:
    """The server of a mailbox. ``certificate``: of the file that it shows; ``security``: as in the settings."""

    def __init__(self, mailbox: Mailbox, *, certificate: Path | None = None, security: str = "none", login: bool = False, limit: int = 33_554_432) -> None:
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        self.mailbox, self.loop = mailbox, asyncio.new_event_loop()
        how: dict[str, Any] = {"data_size_limit": limit, "hostname": "localhost", "loop": self.loop, "auth_require_tls": security != "none"}  # elsewhere it would warn
        how |= {"tls_context": context, "require_starttls": True} if security == "starttls" else {}
        how |= {"auth_required": True, "authenticator": mailbox.authenticate} if login else {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        mailbox.port = self.listener.getsockname()[1]
        self.opened: list[_Server] = []
        self.thread = threading.Thread(target=self._run, args=(partial(self._made, how), context if security == "tls" else None), daemon=True)
        self.is_ready = threading.Event()
        self.thread.start()
        assert self.is_ready.wait(10)

    def _made(self, how: dict[str, Any]) -> _Server:
        one = _Server(self.mailbox, **how)
        one._auth_require_tls = one._auth_require_tls and how.get("tls_context") is not None  # of encryption from the first byte the library knows nothing
        self.opened.append(one)
        return one

    def _run(self, make: Callable[[], _Server], context: ssl.SSLContext | None) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.set_exception_handler(lambda *_: None)
        server = self.loop.run_until_complete(self.loop.create_server(make, sock=self.listener, ssl=context))
        self.loop.call_soon(self.is_ready.set)
        self.loop.run_forever()
        server.close()
        for one in self.opened:
            if one.transport is not None:
                one.transport.abort()
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def close(self) -> None:
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
