"""Who signs: a key in a PKCS#12 file, or one that never leaves its token (PKCS#11)."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, cast

from pydantic import model_validator

from par_analysis.deliver.credentials import credential
from par_analysis.deliver.settings import Settings
from par_analysis.errors import ParError, RequestError

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate  # type: ignore[import-untyped]
    from pyhanko.sign import Signer

HERE: Final = datetime.timezone(datetime.timedelta(hours=7), "+07:00")
"""The time of Viet Nam, all year."""


class Token(Settings):
    """A key on a token: the PKCS#11 module of its maker, the token's label, and the label of the certificate (and of the key, where it is another)."""

    module: str
    label: str
    certificate: str
    key: str = ""
    pin_env: str = ""
    pin_file: str = ""


class Key(Settings):
    """Where the key is: ``key`` names a PKCS#12 file, ``token`` a key on a token. One of them."""

    key: str = ""
    passphrase_env: str = ""
    passphrase_file: str = ""
    token: Token | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if bool(self.key) == (self.token is not None):
            raise ValueError("a key file (key) or a token (token), one of them")
        if self.passphrase_env and self.passphrase_file:
            raise ValueError("one place of the passphrase")
        return self

    def state(self, root: Path) -> str:
        """What changes when another key is named: so that files are signed anew then, and without asking for the passphrase. Raises ``RequestError``."""
        if self.token is not None:
            return ":".join(["token", Path(self.token.module).name, self.token.label, self.token.certificate, self.token.key])
        return "file:" + hashlib.sha256(_content(root / self.key)).hexdigest()


@contextmanager
def opened(key: Key, root: Path, *, passphrase: str | None = None) -> Iterator[Signer]:
    """The signer, ready; its session with a token ends with the block. ``passphrase`` was asked of a person.

    Raises ``RequestError``: a wrong passphrase, no such token, a certificate that is not valid today.
    """
    if key.token is not None:
        with _on_token(key.token, root, passphrase) as signer:
            _require_valid(signer.signing_cert)
            yield signer
        return
    signer = _in_file(key, root, passphrase)
    _require_valid(signer.signing_cert)
    yield signer


def _in_file(key: Key, root: Path, passphrase: str | None) -> Signer:
    from pyhanko.sign.signers import SimpleSigner

    path = root / key.key
    found = credential("the key's passphrase", env=key.passphrase_env, file=key.passphrase_file, root=root) if passphrase is None else passphrase
    try:
        return cast("Signer", SimpleSigner.load_pkcs12_data(_content(path), other_certs=[], passphrase=found.encode() if found else None))
    except (ValueError, AttributeError) as error:
        raise RequestError(f"{path} cannot be opened: it is no PKCS#12 file with a key and a certificate, or the passphrase is wrong") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(f"the key {path} cannot be read: {error.strerror or error}") from error


@contextmanager
def _on_token(token: Token, root: Path, pin: str | None) -> Iterator[Signer]:
    try:
        import pkcs11
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
    except ImportError as error:
        raise ParError("signing with a token needs python-pkcs11, which is not installed", hint="pip install 'par-analysis[token]'") from error
    found = credential("the token's PIN", env=token.pin_env, file=token.pin_file, root=root) if pin is None else pin
    try:
        session = open_pkcs11_session(token.module, token_criteria=TokenCriteria(label=token.label), user_pin=found)
    except (pkcs11.PKCS11Error, RuntimeError, ValueError) as error:
        raise RequestError(f"the token {token.label!r} cannot be used through {token.module}: {_said(error)}") from error
    try:
        yield _labelled(PKCS11Signer(session, cert_label=token.certificate, key_label=token.key or token.certificate, other_certs_to_pull=None), token)
    except pkcs11.PKCS11Error as error:
        raise ParError(f"the token {token.label!r} does not sign: {_said(error)}") from error
    finally:
        session.close()


def _labelled(signer: Signer, token: Token) -> Signer:
    """The signer, whose certificate was found. Raises ``RequestError``."""
    import pkcs11

    try:
        found = signer.signing_cert
    except pkcs11.PKCS11Error as error:
        raise RequestError(f"the token {token.label!r} has no certificate {token.certificate!r}: {_said(error)}") from error
    if found is None:
        raise RequestError(f"the token {token.label!r} has no certificate {token.certificate!r}")
    return signer


def _said(error: BaseException) -> str:
    """What an error of the token's driver says; most say nothing but their name."""
    names = {"PinIncorrect": "the PIN is wrong", "PinLocked": "the PIN is locked", "PinLenRange": "the PIN is too short or too long"}
    return names.get(type(error).__name__) or str(error) or type(error).__name__


def _require_valid(certificate: Certificate | None) -> None:
    """The certificate is there and valid today. Raises ``RequestError``."""
    if certificate is None:
        raise RequestError("the key has no certificate")
    validity = certificate["tbs_certificate"]["validity"]
    start, end = validity["not_before"].native, validity["not_after"].native
    if not start <= datetime.datetime.now(datetime.UTC) <= end:
        raise RequestError(f"the certificate of {common_name(certificate)} is valid from {start:%Y-%m-%d} to {end:%Y-%m-%d} only: nothing was signed")


def common_name(certificate: Certificate) -> str:
    """Whom a certificate names."""
    names = certificate.subject.native
    found = names.get("common_name") or names.get("organization_name") or certificate.subject.human_friendly
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)
