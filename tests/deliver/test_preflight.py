"""What is wrong with a pipeline's settings is told at once, before any of its steps is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from par_analysis.deliver import pipeline as pipelines
from par_analysis.deliver.pipeline import Run
from par_analysis.deliver.settings import BadSettings
from par_analysis.errors import DataError
from tests.deliver import keys
from tests.deliver.made import make_report, row

SEND = '[send]\nserver = "127.0.0.1"\nsecurity = "none"\nsender = "a@example.vn"\n'


def mistakes(folder: Path, text: str) -> list[str]:
    (folder / "pipeline.toml").write_text(text, encoding="utf-8")
    try:
        pipelines.sound_settings(*pipelines.load(folder / "pipeline.toml"))
    except BadSettings as error:
        return list(error.findings)
    return []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[fetch]\nsources = ["papy"]\n', "fetch.sources: unknown source 'papy': did you mean 'papi'?"),
        ('[[build]]\nreport = "provinz"\nyear = 2023\n', "build.1: unknown report 'provinz': did you mean 'province'?"),
        ('[[build]]\nreport = "national"\nindex = "pari"\nyear = 2023\n', "build.1: national: index: unknown index 'pari'"),
        ('[[build]]\nreport = "national"\nyear = 1850\n', "build.1: national: year: par_index has no data for 1850"),
        ('[[build]]\nreport = "province"\nyear = "latest"\nunit = "atlantis"\n', "unit: unknown unit 'atlantis'"),
        ('[[build]]\nreport = "national"\nyear = 2023\nformats = ["pfd"]\n', "unknown format 'pfd': did you mean 'pdf'?"),
        ('[sign]\nkey = "absent.p12"\n', "sign: the key "),
        ('[sign]\nkey = "office.p12"\npassphrase_env = "PAR_NOT_SET"\n', "PAR_NOT_SET, which is not set"),
        ('[sign]\nkey = "office.p12"\npassphrase_file = "wrong"\n', "the passphrase is wrong"),
        ('[sign]\nkey = "office.p12"\npassphrase_file = "passphrase"\nout = "reports/signed"\n', "sign.out: "),
        ('[site]\nout = "reports/site"\n', "site.out: "),
        ('[site]\nout = "."\n', "site.out: "),
        ('[publish]\ntarget = "site/www"\n', "publish.target: "),
        ('[publish]\ntarget = "ftp://example.vn/www"\n', "publish: unknown kind of target 'ftp'"),
        ('[publish]\ntarget = "sftp://par@example.vn/www"\npassword_env = "PAR_NOT_SET"\n', "publish: the password of the server is looked for in the environment variable"),
        (SEND, "recipients.toml: cannot be read"),
        (SEND + 'recipients = "who.toml"\n', "who.toml: recipient.1.report: unknown report 'provinze'"),
        (SEND + 'recipients = "some.toml"\nuser = "x"\npassword_file = "absent"\n', "send: the password of the mail server is looked for in "),
        ('[notify]\nto = ["b@example.vn"]\nserver = "127.0.0.1"\nsecurity = "tls"\nsender = "a@example.vn"\nca_file = "absent"\n[check]\n', "notify: ca_file "),
    ],
)
def test_a_mistake_is_told_before_a_step_is_done(tmp_path: Path, text: str, said: str) -> None:
    authority = keys.authority()
    keys.write_key(tmp_path / "office.p12", authority, authority)
    some = '[[recipient]]\naddress = "a@b.vn"\n'
    for name, content in (("passphrase", keys.PASSPHRASE), ("wrong", "x"), ("some.toml", some), ("who.toml", f'{some}report = "provinze"\n')):
        (tmp_path / name).write_text(content, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    found = mistakes(tmp_path, text)
    assert len(found) == 1, found
    assert said in found[0]


def test_all_of_them_are_told_together_and_nothing_is_done(tmp_path: Path) -> None:
    make_report(tmp_path / "reports", [row()])
    text = '[fetch]\nsources = ["papy"]\n[diff]\n[site]\n[[build]]\nreport = "x"\n[[build]]\nreport = "y"\n[publish]\ntarget = "ftp://x"\n[send]\nserver = "x"\n'
    (tmp_path / "pipeline.toml").write_text(text)
    with pytest.raises(BadSettings) as bad:
        Run(tmp_path / "pipeline.toml").perform()
    assert [finding.partition(":")[0] for finding in bad.value.findings] == ["send.sender is missing", "fetch.sources", "build.1", "build.2", "publish"]
    assert not (tmp_path / "site").exists()


def test_what_is_sound_is_not_held_up(tmp_path: Path) -> None:
    text = '[fetch]\nsources = ["papi"]\n[[build]]\nreport = "province"\nindex = "papi"\nyear = YEAR\nunit = "da nang"\n[site]\n[publish]\ntarget = "www"\n'
    for year in ('"latest"', '"all"', "2023", '"2019-2023"', "2031"):  # years that are to be fetched are not known yet
        assert mistakes(tmp_path, text.replace("YEAR", year)) == []


def test_steps_that_are_not_asked_for_may_wait_for_what_they_need(tmp_path: Path) -> None:
    make_report(tmp_path / "reports", [row()])
    (tmp_path / "pipeline.toml").write_text('[diff]\n[site]\n[sign]\nkey = "absent.p12"\n')
    assert Run(tmp_path / "pipeline.toml", until="diff").perform().done == {"diff": 0}
    with pytest.raises(BadSettings, match="the key"):
        Run(tmp_path / "pipeline.toml").perform()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("diff = 3\n", "diff: met 3, expected a table"),
        ("[diff]\ntolerance = 3\n", "diff.tolerance: met 3, expected a table"),
        ('[diff]\ntolerance = { place = "x" }\n', "diff.tolerance.place: met 'x', expected a number"),
        ("[diff]\ntolerance = { plac = 1 }\n", "diff.tolerance.plac: met 'plac', expected a unit of measure: did you mean 'place'?"),
        ("[diff]\nallowed = 1.5\n", "diff.allowed: met 1.5, expected a whole number"),
        ('[diff]\nnew_reports = "no"\n', "diff.new_reports: met 'no', expected 'publish' or 'ask'"),
        ("[fetch]\nsources = []\n", "fetch.sources: met [], expected at least 1 of them"),
        ('[site]\nout = ""\n', "site.out: met '', expected a text that is not empty"),
        ('[sign]\nkey = "k"\nstamp = "yes"\n', "sign.stamp: met 'yes', expected true or false"),
        ('[sign]\nkey = "k"\ntimestamp = "here"\n', "sign.timestamp: met 'here', expected an address that begins with https:// or http://"),
        ('[[build]]\nreport = "national"\nyear = 2023.0\n', "build.1.year: met 2023.0, expected a text, a whole number, or a list of them"),
        ('[[build]]\nreport = "national"\nunit = ["30", 1.5]\n', "build.1.unit: met ['30', 1.5], expected a text, a whole number, or a list of them"),
        ('[[build]]\nreport = "national"\nset = { rank = 1.5 }\n', "build.1.set.rank: met 1.5, expected a text, a whole number, true or false"),
        ('[send]\nserver = "mail.example.vn"\nsecurity = "none"\nsender = "a@b.vn"\n', 'send: expected security = "none" is for a server on this machine'),
        ('\ufeff[diff]\nallowed = -1\n', "diff.allowed: met -1, expected at least 0"),
        ("[publish]\ntarget = 3\n", "publish.target: met 3, expected a text"),
        ('[publish]\ntarget = "x"\nattempts = 99\n', "publish.attempts: met 99, expected at most 20"),
    ],
)
def test_what_was_expected_is_said_in_plain_words(tmp_path: Path, text: str, said: str) -> None:
    assert [finding.partition(" (127.0.0.1)")[0] for finding in mistakes(tmp_path, text)] == [said]


def test_figures_that_are_wrong_are_no_mistake_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise DataError([])

    monkeypatch.setattr("par_analysis.deliver.building.jobs", wrong)
    assert mistakes(tmp_path, '[[build]]\nreport = "national"\nyear = 2023\n') == []


def test_a_name_that_is_none_hides_no_other_mistake(tmp_path: Path) -> None:
    assert mistakes_of_form(tmp_path, "[foo]\n[diff]\nallowed = -1\n") == ["foo is no setting", "diff.allowed: met -1, expected at least 0"]


def mistakes_of_form(folder: Path, text: str) -> list[str]:
    (folder / "pipeline.toml").write_text(text)
    with pytest.raises(BadSettings) as bad:
        pipelines.load(folder / "pipeline.toml")
    return list(bad.value.findings)
