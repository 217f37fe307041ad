"""The whole way, as a machine does it by itself: figures fetched, reports made, signed, published to a bucket and sent; and nothing done twice."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from par_analysis import catalog
from par_analysis.deliver.verifying import signatures
from tests.conftest import SHARED
from tests.deliver import keys
from tests.deliver.buckets import KEYS, Buckets
from tests.deliver.mailboxes import Mailbox, MailServer

PIPELINE = """
[fetch]
sources = ["papi"]
[check]
[[build]]
report = "province"
index = "papi"
year = 2023
unit = "hai duong"
lang = "vi"
formats = ["html", "pdf"]
[diff]
[sign]
key = "office.p12"
passphrase_file = "passphrase"
stamp = true
[site]
[publish]
target = "s3://reports/reform"
endpoint = "{endpoint}"
[send]
server = "127.0.0.1"
port = {port}
security = "none"
sender = "reports@example.vn"
recipients = "recipients.toml"
"""
RECIPIENTS = '[[recipient]]\naddress = "office@example.vn"\nunit = "Hải Dương"\nindex = "papi"\n'


def par(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    here = {"PAR_ROOT": str(catalog.load().root), "PAR_CACHE": str(folder / "cache"), "PAR_MIRROR": str(SHARED / "mirror"), **KEYS}
    return subprocess.run([sys.executable, "-m", "par_analysis", *words], cwd=folder, env={**os.environ, **here}, capture_output=True, text=True, check=False)


def test_figures_become_a_signed_report_in_a_mailbox_and_a_bucket_once(tmp_path: Path) -> None:
    if not (SHARED / "mirror").is_dir():
        pytest.skip("../shared/mirror is absent")
    authority = keys.authority()
    keys.write_key(tmp_path / "office.p12", keys.certified("Sở Nội vụ", authority), authority)
    trusted = keys.write_certificate(tmp_path / "ca.pem", authority)
    keys.write_secret(tmp_path / "passphrase", keys.PASSPHRASE)
    (tmp_path / "recipients.toml").write_text(RECIPIENTS, encoding="utf-8")
    buckets, box = Buckets(), Mailbox()
    try:
        buckets.make("reports")
        with closing(MailServer(box)):
            (tmp_path / "pipeline.toml").write_text(PIPELINE.format(endpoint=buckets.endpoint, port=box.port), encoding="utf-8")
            first = par(tmp_path, "run")
            assert first.returncode == 0, first.stdout + first.stderr
            before = buckets.files("reports")
            second = par(tmp_path, "run")
            assert (second.returncode, second.stdout) == (0, "nothing new\n"), second.stdout + second.stderr
        ((_, mail),) = box.mails
        (attached,) = mail.iter_attachments()
        content = attached.get_content()
        (found,) = signatures(content, trust=[trusted])
        assert (found.signer, found.trusted, found.verdict) == ("Sở Nội vụ", True, "whole")
        assert buckets.files("reports") == before
        assert [name for name, there in before.items() if there == content and name.endswith(".vi.pdf")]
    finally:
        buckets.close()
