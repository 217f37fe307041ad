"""Keys and certificates made for a test: an authority, and whom it certifies."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSPHRASE = "mật khẩu"


@dataclass(frozen=True)
class Pair:
    """A key and its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


def authority(name: str = "Cơ quan chứng thực thử nghiệm") -> Pair:
    return _pair(name, None, days=(-10, 3650), is_authority=True)


def certified(name: str, by: Pair, *, days: tuple[int, int] = (-1, 365), purpose: x509.ObjectIdentifier | None = None) -> Pair:
    return _pair(name, by, days=days, is_authority=False, purpose=purpose)


def time_authority(by: Pair) -> Pair:
    return certified("Máy chủ cấp dấu thời gian", by, purpose=ExtendedKeyUsageOID.TIME_STAMPING)


def _pair(name: str, by: Pair | None, *, days: tuple[int, int], is_authority: bool, purpose: x509.ObjectIdentifier | None = None) -> Pair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    usage = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + datetime.timedelta(days=days[0]))
        .not_valid_after(today + datetime.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=not is_authority, key_cert_sign=is_authority, crl_sign=is_authority, **usage), critical=True)
    )
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
