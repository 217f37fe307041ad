"""``par sign``: PDF files of reports signed by PAdES, into a tree of their own, each read back before it is put in place.

A signature is added behind the file's own bytes: a signed file begins with the very file that was signed. A file that was signed before, from the
same bytes by the same key, is left alone.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import Field

from par_analysis.deliver.finished import Report
from par_analysis.deliver.placing import put
from par_analysis.deliver.settings import ONE_LINE, WEB_ADDRESS
from par_analysis.deliver.signing_keys import HERE, Key, common_name, opened
from par_analysis.deliver.signing_time import time_server
from par_analysis.errors import ParError, VerifyError
from par_analysis.model import Language
from par_analysis.show.language import Words

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import Signer

FIELD: Final = "par-signature"
RECORD: Final = "signatures.json"
"""What was signed by which key, beside the signed files: so that what is signed already is known without reading a signature."""


class Signing(Key):
    """The table ``[sign]``: the key, whether a stamp is shown, why and where it is signed, and the address of a server that certifies the time."""

    stamp: bool = False
    reason: str = Field(default="", max_length=200, pattern=ONE_LINE)
    location: str = Field(default="", max_length=200, pattern=ONE_LINE)
    timestamp: str = Field(default="", pattern=WEB_ADDRESS)
    out: str = "signed"


@dataclass(frozen=True)
class Signed:
    """The files that were signed now, and how many were signed already."""

    files: tuple[Path, ...] = ()
    kept: int = 0
    said: tuple[str, ...] = field(default=())

    @property
    def changed(self) -> int:
        """How many files were signed now."""
        return len(self.files)


def signed_path(out: Path, report: Report) -> Path | None:
    """Where the signed PDF of a report lies, or would lie; ``None`` where the report has no PDF."""
    name = report.file("pdf")
    return out / report.key / name if name else None


def sign(reports: Sequence[Report], settings: Signing, *, root: Path = Path(), passphrase: str | None = None, again: bool = False) -> Signed:
    """Sign the PDF of every report into ``root/settings.out/<key>/``. Files of the settings are looked for below ``root``.

    Raises ``RequestError`` for a key that cannot be used, ``VerifyError`` for a file that is not what it was signed as; what was signed before
    that stays.
    """
    out = root / settings.out
    asked = _asked(settings, root)
    record = _Record(out)
    wanted = [one for one in reports if one.file("pdf")]
    todo = [one for one in wanted if again or not record.holds(one, asked)]
    if not todo:
        return Signed((), len(wanted), (f"{len(wanted)} signed already",))
    done: list[Path] = []
    with opened(settings, root, passphrase=passphrase) as signer:
        for one in todo:
            done.append(_signed(one, signer, settings, out))
            record.note(one, asked)
        who = common_name(signer.signing_cert) if signer.signing_cert else ""
    kept = len(wanted) - len(done)
    return Signed(tuple(done), kept, (f"{len(done)} signed by {who}" + (f", {kept} signed already" if kept else ""),))


def _asked(settings: Signing, root: Path) -> str:
    """What makes a signature another one: the key and all that it says."""
    said = [settings.state(root), str(settings.stamp), settings.reason, settings.location, settings.timestamp]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


class _Record:
    """``signatures.json``: the signed file → hashes of the file that was signed and of the signed one, and how it was signed."""

    def __init__(self, out: Path) -> None:
        self.out, self.path = out, out / RECORD
        try:
            found = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            found = {}
        self.rows: dict[str, dict[str, str]] = found if isinstance(found, dict) else {}

    def holds(self, report: Report, asked: str) -> bool:
        """Whether the report's PDF, as it is now, was signed as it is asked for, and the signed file is still that one."""
        path, name = signed_path(self.out, report), report.file("pdf") or ""
        if path is None or not path.is_file() or path.is_symlink():
            return False
        row = self.rows.get(_key(self.out, path), {})
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            return False
        return row == {"source": report.files[name], "asked": asked, "sha256": digest}

    def note(self, report: Report, asked: str) -> None:
        path = signed_path(self.out, report)
        assert path is not None
        row = {"source": report.files[report.file("pdf") or ""], "asked": asked, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        self.rows[_key(self.out, path)] = row
        _write(self.path, (json.dumps(self.rows, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode())


def _key(out: Path, path: Path) -> str:
    return path.relative_to(out).as_posix()


def _signed(report: Report, signer: Signer, settings: Signing, out: Path) -> Path:
    """Sign one report's PDF, read the signed file back, and put it in place."""
    path = signed_path(out, report)
    assert path is not None
    source = report.read(path.name)
    try:
        content = signed_bytes(source, signer, settings, words=Words(cast(Language, report.lang)))
    except ParError as error:
        raise ParError(f"{report.folder / path.name}: {error}", hint=error.hint) from error
    require_signed(path.name, content, source)
    _write(path, content)
    return path


def signed_bytes(source: bytes, signer: Signer, settings: Signing, *, words: Words) -> bytes:
    """The file with its signature. It is still PDF/UA: a stamp is a tagged form field with a description; without a stamp the field is hidden.

    Raises ``ParError`` where the time server or the key fails.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError

    now = datetime.datetime.now(HERE).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="par-stamp-") as space:
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(source))
            signing = _signer(writer, signer, settings, words, now, Path(space))
            buffer: Any = signing.sign_pdf(writer, existing_fields_only=True, appearance_text_params={})
        except (SigningError, PdfError) as error:
            raise ParError(f"the file cannot be signed: {error}") from error
    return bytes(buffer.getvalue())


def _signer(writer: IncrementalPdfFileWriter, signer: Signer, settings: Signing, words: Words, now: datetime.datetime, space: Path) -> Any:
    """The signer of one file, whose field is in place."""
    from pyhanko.sign import fields, signers

    from par_analysis.deliver.signing_fields import append_field

    name = common_name(signer.signing_cert) if signer.signing_cert else ""
    said = words.say("Digitally signed by {name}, {time}").format(name=name, time=now.isoformat())
    append_field(writer, FIELD, label=said if settings.stamp else words.say("Digital signature"), visible=settings.stamp)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=fields.SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        reason=settings.reason or None,
        location=settings.location or None,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    style = _stamp([words.say("Signed by {name}").format(name=name), now.isoformat(), settings.reason], space) if settings.stamp else None
    return signers.PdfSigner(meta, signer, timestamper=time_server(settings.timestamp) if settings.timestamp else None, stamp_style=style)


def _stamp(lines: Sequence[str], space: Path) -> Any:
    from pyhanko.pdf_utils import layout
    from pyhanko.stamp import StaticStampStyle

    from par_analysis.render.stamp import draw_stamp

    page = space / "stamp.pdf"
    page.write_bytes(draw_stamp(lines))
    whole = layout.SimpleBoxLayoutRule(x_align=layout.AxisAlignment.ALIGN_MID, y_align=layout.AxisAlignment.ALIGN_MID, margins=layout.Margins(0, 0, 0, 0))
    return StaticStampStyle.from_pdf_file(str(page), border_width=0, background_layout=whole)


def require_signed(name: str, content: bytes, source: bytes) -> None:
    """The file holds one signature over all of it, and begins with what was to be signed. Raises ``VerifyError``."""
    from par_analysis.deliver.verifying import signatures

    if not content.startswith(source):
        raise VerifyError(name, "other bytes", "the report's own bytes before the signature")
    found = signatures(content, name)
    if len(found) != 1 or not found[0].is_whole:
        raise VerifyError(name, [one.verdict for one in found], "one signature over the whole file")


def _write(path: Path, content: bytes) -> None:
    """Beside, and renamed into place. Raises ``ParError`` where the disk refuses."""
    try:
        put(path, content)
    except OSError as error:
        raise ParError(f"{path} cannot be written: {error.strerror or error}") from error
