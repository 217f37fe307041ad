"""``par verify``: of a PDF that somebody passes on, who signed it and when, and whether it was altered. Whether its numbers still hold is told by ``comparing``."""

from __future__ import annotations

import datetime
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from par_analysis.deliver.signing_keys import common_name
from par_analysis.errors import ParError, RequestError

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus

SIGNING_USES: Final = frozenset({"digital_signature", "non_repudiation"})
"""What a certificate has to be for, one of them."""

Verdict = Literal["whole", "added to", "altered", "broken"]


@dataclass(frozen=True)
class Signature:
    """One signature: whose, from when (and who certifies the time), whether the signer is one that is trusted (``None``: nobody asked, or the file was
    altered, so that there is nothing to trust), and what became of the file since.

    ``whole``: all of the file, as it was signed. ``added to``: what was signed is unharmed, and something was put behind it. ``altered``: it is
    not what was signed. ``broken``: the signature itself cannot be read.
    """

    signer: str
    issuer: str
    serial: str
    time: datetime.datetime | None
    time_certified: bool
    trusted: bool | None
    verdict: Verdict
    problem: str = ""
    distrust: str = ""
    """Why the signer is not trusted, where that is so."""

    @property
    def is_whole(self) -> bool:
        """Whether the file is as it was signed."""
        return self.verdict == "whole"


def signatures(content: bytes, name: str = "the file", *, trust: Sequence[Path] = ()) -> list[Signature]:
    """The signatures of a PDF, in order; ``trust`` are files with the certificates of authorities that are trusted.

    Raises ``ParError`` where the file is no PDF, ``RequestError`` where a certificate cannot be read. Nothing is fetched from the network.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    for name_of_log in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name_of_log).addHandler(logging.NullHandler())  # a signer who is not trusted is an answer, no traceback
    roots = [root for path in trust for root in _certificates(path)]
    try:
        found = PdfFileReader(io.BytesIO(content), strict=False).embedded_regular_signatures
        return [_read(one, roots) for one in found]
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ParError(f"{name} cannot be read as a PDF: {str(error) or type(error).__name__}") from error


def _certificates(path: Path) -> list[Any]:
    from pyhanko import keys

    reader: Any = keys
    try:
        found = list(reader.load_certs_from_pemder([str(path)]))
    except (OSError, ValueError, TypeError) as error:
        raise RequestError(f"{path} holds no certificate that can be read: {getattr(error, 'strerror', None) or error}") from error
    if not found:
        raise RequestError(f"{path} holds no certificate")
    return found


def _read(one: EmbeddedPdfSignature, roots: Sequence[Any]) -> Signature:
    from pyhanko.sign.general import CMSExtractionError, CMSStructuralError
    from pyhanko.sign.validation.errors import SignatureValidationError

    try:
        status = _status(one, roots)
        stamped = status.timestamp_validity
        if roots and not status.trusted and stamped is not None and stamped.trusted:
            status = _status(one, roots, at=stamped.timestamp)  # a certificate that has expired since was valid then
    except (SignatureValidationError, CMSExtractionError, CMSStructuralError, ValueError) as error:
        return Signature("unknown", "", "", None, False, None, "broken", str(error))
    return _told(status, bool(roots))


def _status(one: EmbeddedPdfSignature, roots: Sequence[Any], *, at: datetime.datetime | None = None) -> PdfSignatureStatus:
    """The signature as it is now, its signer's certificate as it was at another time."""
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    now = ValidationContext(trust_roots=list(roots), allow_fetching=False, revocation_mode="soft-fail")
    then = ValidationContext(trust_roots=list(roots), allow_fetching=False, revocation_mode="soft-fail", moment=at) if at else now
    is_limited = one.signer_cert.key_usage_value is not None  # a certificate that says nothing of it is for everything (RFC 5280, 4.2.1.3)
    return validate_pdf_signature(one, then, now, key_usage_settings=KeyUsageConstraints(key_usage=SIGNING_USES if is_limited else frozenset()))


def _told(status: PdfSignatureStatus, asked_for_trust: bool) -> Signature:
    certificate = status.signing_cert
    stamped = status.timestamp_validity
    certified = stamped is not None and stamped.valid and (stamped.trusted or not asked_for_trust)
    time = stamped.timestamp if stamped is not None and certified else status.signer_reported_dt
    issuer = certificate.issuer.native
    return Signature(
        signer=common_name(certificate),
        issuer=str(issuer.get("common_name") or issuer.get("organization_name") or certificate.issuer.human_friendly),
        serial=f"{certificate.serial_number:x}",
        time=time,
        time_certified=certified,
        trusted=bool(status.trusted) if asked_for_trust and status.intact and status.valid else None,
        verdict=_verdict(status),
        distrust=_distrust(status),
    )


def _distrust(status: PdfSignatureStatus) -> str:
    """Why a signer is not trusted."""
    reason = getattr(status.trust_problem_indic, "name", "")
    validity = status.signing_cert["tbs_certificate"]["validity"]
    start, end, now = validity["not_before"].native, validity["not_after"].native, datetime.datetime.now(datetime.UTC)
    if reason == "CHAIN_CONSTRAINTS_FAILURE":
        return "the certificate is not for signing"
    if reason.startswith("CRYPTO_CONSTRAINTS_FAILURE"):
        return "the key is too weak"
    if reason in ("NO_CERTIFICATE_CHAIN_FOUND", "") or start <= now <= end:
        return "its authority is none of those named by --trust, or is not valid itself"
    if now < start:
        return f"the certificate is valid from {start:%Y-%m-%d} only"
    return f"the certificate was valid until {end:%Y-%m-%d}, and no trusted time server certifies that it was signed before"


def _verdict(status: PdfSignatureStatus) -> Verdict:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if not (status.intact and status.valid):
        return "altered"
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return "whole"
    return "added to"
