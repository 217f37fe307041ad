"""Reports are PDF/UA-1, unsigned and signed: held against the conditions of the Matterhorn Protocol, each of which is shown to fail on a file that breaks it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from par_analysis import catalog
from par_analysis.deliver.finished import Report, reports
from par_analysis.deliver.settings import read
from par_analysis.deliver.signing import Signing, sign
from tests import matterhorn
from tests.deliver import keys

ROOT = catalog.load().root
SAMPLES = reports(ROOT / "reports")
ONE = next(one for one in SAMPLES if one.key.endswith("national/par_index/en"))


def pdf_of(report: Report) -> bytes:
    return report.read(report.file("pdf") or "")


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sample with a stamp."""
    folder = tmp_path_factory.mktemp("signed")
    authority = keys.authority()
    key = keys.write_key(folder / "k.p12", keys.certified("Sở Nội vụ", authority), authority)
    settings = read(Signing, {"key": str(key), "stamp": True, "out": str(folder)}, file="x")
    return sign([ONE], settings, passphrase=keys.PASSPHRASE).files[0].read_bytes()


@pytest.mark.parametrize("report", SAMPLES, ids=lambda report: report.key)
def test_a_report_meets_every_condition(report: Report) -> None:
    assert matterhorn.faults(pdf_of(report)) == []


def test_a_report_with_a_stamp_meets_every_condition(stamped: bytes) -> None:
    assert matterhorn.faults(stamped) == []


def test_a_signed_report_without_a_stamp_meets_every_condition(tmp_path: Path) -> None:
    authority = keys.authority()
    key = keys.write_key(tmp_path / "k.p12", keys.certified("Sở Nội vụ", authority), authority)
    (path,) = sign([ONE], read(Signing, {"key": str(key), "out": str(tmp_path)}, file="x"), passphrase=keys.PASSPHRASE).files
    assert matterhorn.faults(path.read_bytes()) == []


def test_every_condition_is_written_down() -> None:
    told = (ROOT / "docs" / "decisions" / "pdf-ua.md").read_text(encoding="utf-8")
    assert [number for number in matterhorn.CONDITIONS if f"| {number} |" not in told] == []


# ---------------------------------------------------------------- every condition can fail


def _elements(pdf: Pdf, kind: str) -> list[Any]:
    return [element for element, _ in matterhorn.File(pdf).elements if Name(kind) == element.S]


def _annotation(pdf: Pdf, kind: str) -> Any:
    return next(one for page in pdf.pages for one in page.get("/Annots", Array()) if one.Subtype == Name(kind))


def _content(pdf: Pdf, change: Callable[[bytes], bytes]) -> None:
    page = pdf.pages[0]
    page.Contents = pdf.make_stream(change(page.Contents.read_bytes()))


def _inserted(pdf: Pdf, words: bytes) -> None:
    _content(pdf, lambda old: words + old)


def _xmp(pdf: Pdf, old: bytes, new: bytes) -> None:
    content = pdf.Root.Metadata.read_bytes()
    assert old in content
    pdf.Root.Metadata = pdf.make_stream(content.replace(old, new), Type=Name.Metadata, Subtype=Name.XML)


def _font(pdf: Pdf, kind: str) -> Any:
    return next(font for font in matterhorn.File(pdf).fonts() if font.Subtype == Name(kind))


def _notes(pdf: Pdf, *ids: str) -> None:
    for element, given in zip(_elements(pdf, "/P"), ids, strict=False):
        element.S = Name.Note
        if given:
            element.ID = String(given)


def _added(pdf: Pdf, kind: str, **entries: Any) -> None:
    one = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array([50, 50, 90, 90]), **entries))
    page = pdf.pages[0]
    page.Annots = Array([*page.get("/Annots", Array()), one])


def _nested(pdf: Pdf) -> None:
    table = _elements(pdf, "/Table")[0]
    table.K = Array([*table.K, _elements(pdf, "/P")[0]])


def _row(pdf: Pdf) -> None:
    row = _elements(pdf, "/TR")[1]
    row.K = Array(list(row.K)[:-1])


def _reference(pdf: Pdf) -> None:
    pdf.Root.Extra = pdf.make_indirect(pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, Ref=Dictionary()))


def _tounicode(pdf: Pdf) -> None:
    font = _font(pdf, "/Type0")
    font.ToUnicode = pdf.make_stream(b"1 beginbfchar\n<0003> <0000>\nendbfchar\n")


def _role(pdf: Pdf, **entries: str) -> None:
    for name, to in entries.items():
        pdf.Root.StructTreeRoot.RoleMap[f"/{name}"] = Name(f"/{to}")


def _level(pdf: Pdf, old: str, new: str) -> None:
    _elements(pdf, old)[0].S = Name(new)


BREAKING: dict[str, Callable[[Pdf], Any]] = {
    "01-003": lambda pdf: _inserted(pdf, b"/P << /MCID 0 >> BDC /Artifact BMC 0 0 1 1 re f EMC EMC\n"),
    "01-004": lambda pdf: _inserted(pdf, b"/Artifact BMC /P << /MCID 0 >> BDC 0 0 1 1 re f EMC EMC\n"),
    "01-005": lambda pdf: _inserted(pdf, b"0 0 1 1 re f\n"),
    "01-007": lambda pdf: pdf.Root.MarkInfo.__setitem__("/Suspects", True),
    "01-tagged": lambda pdf: pdf.Root.MarkInfo.__setitem__("/Marked", False),
    "01-parent-tree": lambda pdf: _inserted(pdf, b"/P << /MCID 9999 >> BDC 0 0 1 1 re f EMC\n"),
    "02-001": lambda pdf: _level(pdf, "/P", "/Poem"),
    "02-003": lambda pdf: _role(pdf, Poem="Verse", Verse="Poem"),
    "02-004": lambda pdf: _role(pdf, P="Span"),
    "05-001": lambda pdf: _xmp(pdf, b"<pdfuaid:part>1</pdfuaid:part>", b""),
    "06-001": lambda pdf: pdf.Root.__delitem__("/Metadata"),
    "06-003": lambda pdf: _xmp(pdf, b"dc:title>", b"dc:subject>"),
    "07-001": lambda pdf: pdf.Root.ViewerPreferences.__setitem__("/DisplayDocTitle", False),
    "09-004": _nested,
    "09-table": _row,
    "14-002": lambda pdf: _level(pdf, "/H1", "/H2"),
    "14-003": lambda pdf: _level(pdf, "/H2", "/H4"),
    "14-007": lambda pdf: _level(pdf, "/P", "/H"),
    "15-003": lambda pdf: _elements(pdf, "/TH")[0].__delitem__("/A"),
    "19-003": lambda pdf: _notes(pdf, ""),
    "19-004": lambda pdf: _notes(pdf, "n", "n"),
    "11-001": lambda pdf: pdf.Root.__delitem__("/Lang"),
    "13-004": lambda pdf: _elements(pdf, "/Figure")[0].__delitem__("/Alt"),
    "20-001": lambda pdf: pdf.Root.__setitem__("/OCProperties", Dictionary()),
    "21-001": lambda pdf: pdf.Root.__setitem__("/Extra", pdf.make_indirect(Dictionary(Type=Name.Filespec, EF=Dictionary(), F=String("a")))),
    "25-001": lambda pdf: pdf.Root.__setitem__("/AcroForm", Dictionary(XFA=Array())),
    "29-001": lambda pdf: pdf.Root.Names.__setitem__("/JavaScript", Dictionary()),
    "28-002": lambda pdf: _added(pdf, "/Text"),
    "28-005": lambda pdf: _added(pdf, "/Widget"),
    "28-008": lambda pdf: pdf.pages[0].__delitem__("/Tabs"),
    "28-010": lambda pdf: _added(pdf, "/Widget", TU=String("a")),
    "28-011": lambda pdf: _annotation(pdf, "/Link").__delitem__("/StructParent"),
    "28-012": lambda pdf: _annotation(pdf, "/Link").__delitem__("/Contents"),
    "28-014": lambda pdf: _added(pdf, "/TrapNet"),
    "30-001": _reference,
    "31-009": lambda pdf: matterhorn._descriptor(_font(pdf, "/Type0")).__delitem__("/FontFile2"),
    "31-006": lambda pdf: _font(pdf, "/CIDFontType2").__delitem__("/CIDToGIDMap"),
    "31-007": lambda pdf: _font(pdf, "/Type0").__setitem__("/Encoding", Name("/Own-H")),
    "10-001": lambda pdf: _font(pdf, "/Type0").__delitem__("/ToUnicode"),
    "31-027": _tounicode,
    "31-030": lambda pdf: _inserted(pdf, b"/Artifact BMC BT /" + next(iter(pdf.pages[0].Resources.Font.keys()))[1:].encode() + b" 9 Tf <0000> Tj ET EMC\n"),
}


def test_every_condition_has_a_file_that_breaks_it() -> None:
    assert set(matterhorn.CONDITIONS) - set(BREAKING) == {"26-002"}  # encryption: below


@pytest.mark.parametrize("number", BREAKING)
def test_a_file_that_breaks_a_condition_is_met(number: str) -> None:
    with pikepdf.open(io.BytesIO(pdf_of(ONE))) as pdf:
        BREAKING[number](pdf)
        _, check = matterhorn.CONDITIONS[number]
        assert list(check(matterhorn.File(pdf)))


def test_an_encrypted_file_is_met() -> None:
    hidden = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of(ONE))) as pdf:
        pdf.save(hidden, encryption=pikepdf.Encryption(owner="a", user=""))
    assert any(fault.startswith("26-002") for fault in matterhorn.faults(hidden.getvalue()))
