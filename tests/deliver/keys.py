"""Keys and certificates made for a test: an authority, and whom it certifies."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSPHRASE = "mật khẩu"


Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Pair:
    """A key and its certificate."""

    key: Key
    certificate: x509.Certificate


def authority(name: str = "Cơ quan chứng thực thử nghiệm") -> Pair:
    return _pair(name, None, days=(-10, 3650), uses=("digital_signature", "key_cert_sign", "crl_sign"))


def certified(
    name: str,
    by: Pair,
    *,
    days: tuple[int, int] = (-1, 365),
    purpose: x509.ObjectIdentifier | None = None,
    key: Key | None = None,
    uses: tuple[str, ...] | None = ("digital_signature", "content_commitment"),
) -> Pair:
    return _pair(name, by, days=days, purpose=purpose, key=key, uses=uses)


def time_authority(by: Pair) -> Pair:
    return certified("Máy chủ cấp dấu thời gian", by, days=(-1, 3000), purpose=ExtendedKeyUsageOID.TIME_STAMPING)


USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _pair(name: str, by: Pair | None, *, days: tuple[int, int], uses: tuple[str, ...] | None, purpose: x509.ObjectIdentifier | None = None, key: Key | None = None) -> Pair:
    """``uses``: what the certificate is for; ``None``: it says nothing of it."""
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + datetime.timedelta(days=days[0]))
        .not_valid_after(today + datetime.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    if uses is not None:
        builder = builder.add_extension(x509.KeyUsage(**{use: use in uses for use in USES}), critical=True)
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return Pair(key, builder.sign(by.key if by else key, hashes.SHA256()))


def write_key(path: Path, pair: Pair, chain: Pair, passphrase: str = PASSPHRASE) -> Path:
    """A PKCS#12 file."""
    hidden = serialization.BestAvailableEncryption(passphrase.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"office", pair.key, pair.certificate, [chain.certificate], hidden))
    return path


def write_certificate(path: Path, pair: Pair) -> Path:
    path.write_bytes(pair.certificate.public_bytes(serialization.Encoding.PEM))
    return path


def write_secret(path: Path, secret: str) -> Path:
    """A file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(f"{secret}\n", encoding="utf-8")
    return path
