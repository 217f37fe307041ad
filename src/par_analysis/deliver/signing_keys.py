"""Who signs: a key in a PKCS#12 file, or one that never leaves its token (PKCS#11)."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, cast

from pydantic import model_validator

from par_analysis.deliver.credentials import credential, require_private
from par_analysis.deliver.settings import Settings
from par_analysis.errors import ParError, RequestError

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate  # type: ignore[import-untyped]
    from pyhanko.sign import Signer

SHORTEST: Final = 2048
"""Bits of an RSA key."""
_GIVEN: Final = "type the {0} at a terminal, or name where it is: {1} in the settings, or {2}"
_MEANING: Final = {
    "PinIncorrect": "the PIN is wrong",
    "PinLocked": "its PIN is locked: too many wrong ones were given; whoever handed it out can unlock it",
    "PinLenRange": "the PIN is too short or too long",
    "PinInvalid": "the PIN has signs that the token does not take",
    "PinExpired": "its PIN has to be changed first",
    "UserPinNotInitialized": "it has no PIN yet",
    **dict.fromkeys(("DeviceRemoved", "TokenNotPresent", "SessionHandleInvalid", "SessionClosed", "SlotIDInvalid"), "it was taken out"),
    **dict.fromkeys(("DeviceError", "FunctionFailed", "GeneralError"), "it failed; take it out, put it in again"),
    "UserNotLoggedIn": "it wants the PIN for each signature, which is not supported",
    "TokenNotRecognised": "its module does not know it",
}
"""What the driver calls a failure → what that is for people."""
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

    Raises ``RequestError``: a wrong passphrase, no such token, a certificate that is not valid today or not for signing.
    """
    if key.token is not None:
        with _on_token(key.token, root, passphrase) as signer:
            _require_fit(signer.signing_cert)
            yield signer
        return
    signer = _in_file(key, root, passphrase)
    _require_fit(signer.signing_cert)
    yield signer


def _in_file(key: Key, root: Path, passphrase: str | None) -> Signer:
    from pyhanko.sign.signers import SimpleSigner

    path = root / key.key
    found = credential("the key's passphrase", env=key.passphrase_env, file=key.passphrase_file, root=root) if passphrase is None else passphrase
    content = _content(path)
    try:
        signer = SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=found.encode() if found else None)
    except (ValueError, AttributeError) as error:
        raise _unopened(path, content, bool(found)) from error
    if not found:
        require_private("a key without a passphrase", path)
    return cast("Signer", signer)


def _unopened(path: Path, content: bytes, was_given: bool) -> RequestError:
    """Why a key's file cannot be opened, as far as it can be told."""
    from asn1crypto.pkcs12 import Pfx  # type: ignore[import-untyped]

    try:
        Pfx.load(content, strict=True)["auth_safe"]["content"].native  # noqa: B018 (read to see whether it can be)
    except (ValueError, TypeError, KeyError):
        return RequestError(f"{path} is no PKCS#12 file", hint="a file .p12 or .pfx that holds a key and its certificate; openssl pkcs12 -export makes one")
    if not was_given:
        hint = _GIVEN.format("passphrase", "passphrase_env or passphrase_file", "--passphrase-env")
        return RequestError(f"{path} does not open without a passphrase, and none was given", hint=hint)
    return RequestError(f"{path} does not open: the passphrase is wrong, or the file holds no key with its certificate", hint="it is not tried again")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(f"the key {path} cannot be read: {error.strerror or error}", hint="is it there, and may this user read it?") from error


@contextmanager
def _on_token(token: Token, root: Path, pin: str | None) -> Iterator[Signer]:
    try:
        import pkcs11
        from pyhanko.sign.pkcs11 import PKCS11Signer
    except ImportError as error:
        raise ParError("signing with a token needs python-pkcs11, which is not installed", hint="pip install 'par-analysis[token]'") from error
    found = credential("the token's PIN", env=token.pin_env, file=token.pin_file, root=root) if pin is None else pin
    try:
        plugged_in = _plugged_in(token)
        _require_pin(token, plugged_in.flags, found, is_typed=pin is not None)
        session = plugged_in.open(user_pin=found or None)
    except (pkcs11.PKCS11Error, RuntimeError, ValueError) as error:
        raise RequestError(f"the token {token.label!r} does not open: {_said(error)}", hint=_hint(error)) from error
    try:
        yield _labelled(PKCS11Signer(session, cert_label=token.certificate, key_label=token.key or token.certificate, other_certs_to_pull=None), token)
    except pkcs11.PKCS11Error as error:
        raise ParError(f"the token {token.label!r} does not sign: {_said(error)}", hint="what was signed before stays; the next run signs what is left") from error
    finally:
        with suppress(pkcs11.PKCS11Error):  # a token that was taken out has no session left
            session.close()


def _plugged_in(token: Token) -> Any:
    """The token of that label. Raises ``RequestError`` where there is none, or where its module does not work."""
    import pkcs11

    try:
        there = list(pkcs11.lib(token.module).get_tokens())
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise RequestError(f"the token's module {token.module} does not work: {_said(error)}", hint="the token's maker says where it lies: a file .so") from error
    found = [one for one in there if one.label.strip() == token.label]
    if len(found) != 1:
        known = ", ".join(repr(one.label.strip()) for one in there if one.label.strip()) or "none"
        hint = f"is it plugged in? Tokens that are there: {known}"
        raise RequestError(f"{'more than one' if found else 'no'} token {token.label!r} is there", hint=hint)
    return found[0]


def _require_pin(token: Token, flags: Any, pin: str | None, *, is_typed: bool) -> None:
    """A token locks itself after a few wrong PINs, and a schedule would try one again and again: while the token says that the last one was wrong, only a
    person who types it is let through. Raises ``RequestError``.
    """
    from pkcs11 import TokenFlag

    if flags & TokenFlag.USER_PIN_LOCKED:
        raise RequestError(f"the token {token.label!r} is locked: too many wrong PINs were given", hint="whoever handed it out can unlock it")
    if not pin and flags & TokenFlag.LOGIN_REQUIRED:
        raise RequestError(f"the token {token.label!r} asks for a PIN, and none was given", hint=_GIVEN.format("PIN", "pin_env or pin_file", "--passphrase-env"))
    if not is_typed and flags & (TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY):
        raise RequestError(
            f"the token {token.label!r} was given a wrong PIN last time: no other is tried without a person, since it would lock itself",
            hint="correct the PIN; then par sign --token … at a terminal, without --passphrase-env, and type it: after that all is as before",
        )


def _labelled(signer: Signer, token: Token) -> Signer:
    """The signer, whose certificate and key were found. Raises ``RequestError``."""
    import pkcs11

    try:
        found = signer.signing_cert
    except pkcs11.PKCS11Error as error:
        missing = f"key {token.key or token.certificate!r} that signs" if "private key" in str(error) else f"certificate {token.certificate!r}"
        how = "more than one" if "more than one" in str(error) else "no"
        raise RequestError(f"the token {token.label!r} has {how} {missing}", hint="the labels on the token: pkcs11-tool --list-objects shows them") from error
    if found is None:
        raise RequestError(f"the token {token.label!r} has no certificate {token.certificate!r}")
    return signer


def _said(error: BaseException) -> str:
    """What an error of the token's driver says; most say nothing but their name.

    >>> _said(RuntimeError("it burns"))
    'it burns'
    """
    name = type(error).__name__
    return _MEANING.get(name) or str(error) or "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def _hint(error: BaseException) -> str:
    wrong = type(error).__name__ in ("PinIncorrect", "PinLenRange", "PinInvalid")
    return "it is not tried again: a token locks itself after a few wrong ones. Correct it where the settings name it" if wrong else ""


def _require_fit(certificate: Certificate | None) -> None:
    """The certificate is there, valid today, for signing, and its key is one that readers' programs take. Raises ``RequestError``."""
    if certificate is None:
        raise RequestError("the key has no certificate")
    who = common_name(certificate)
    validity = certificate["tbs_certificate"]["validity"]
    start, end = validity["not_before"].native, validity["not_after"].native
    if not start <= datetime.datetime.now(datetime.UTC) <= end:
        raise RequestError(
            f"the certificate of {who} is valid from {start:%Y-%m-%d} to {end:%Y-%m-%d} only: nothing was signed",
            hint="is the clock of this machine right? Otherwise another certificate is needed",
        )
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
        met = ", ".join(sorted(usage.native)).replace("_", " ")
        raise RequestError(f"the certificate of {who} is not for signing (it is for: {met}): nothing was signed", hint="ask for one whose key usage is digital signature")
    key = certificate.public_key
    if key.algorithm not in ("rsa", "rsassa_pss", "ec"):
        raise RequestError(f"the key of {who} is of the kind {key.algorithm}: nothing was signed", hint="readers' programs take RSA keys, and EC keys of NIST's curves")
    if key.algorithm != "ec" and key.bit_size < SHORTEST:
        raise RequestError(f"the key of {who} is too short ({key.bit_size} bits): nothing was signed", hint=f"readers' programs take RSA keys of {SHORTEST} bits and more")


def common_name(certificate: Certificate) -> str:
    """Whom a certificate names."""
    names = certificate.subject.native
    found = names.get("common_name") or names.get("organization_name") or certificate.subject.human_friendly
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)
