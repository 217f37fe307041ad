"""``recipients.toml``: all that is wrong is told at once, and everybody gets what they asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from par_analysis.deliver.finished import Report
from par_analysis.deliver.recipients import Lists, Recipient, latest, lists, subscriptions
from par_analysis.deliver.settings import BadSettings
from par_analysis.errors import UnknownName

CODES = {"hai duong": "30", "30": "30", "01": "01"}


def unit(name: str, year: int | None) -> str:
    if name not in CODES:
        raise UnknownName("unit", name, ["hai duong"])
    return CODES[name]


KNOWN = Lists(("province", "national"), ("par_index", "papi"), unit)


def report(key: str) -> Report:
    year, kind, index, *rest = key.split("/")
    code = rest[0].partition("-")[0] if len(rest) > 1 else "VN"
    when: dict[str, Any] = {} if year == "all-years" else {"year": int(year)}
    return Report(Path(), key, {"report": kind, "index": index, "unit": code, "lang": rest[-1].partition("-")[0], **when}, {})


REPORTS = [
    report("2022/province/par_index/30-hai-duong/vi"),
    report("2023/province/par_index/30-hai-duong/vi"),
    report("2023/province/par_index/30-hai-duong/en"),
    report("2023/province/par_index/30-hai-duong/vi-rank-5"),
    report("2023/province/par_index/01-ha-noi/vi"),
    report("2023/province/papi/30-hai-duong/vi"),
    report("2023/national/par_index/vi"),
]


def keys(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "recipients.toml").write_text(f'[[recipient]]\naddress = "a@example.vn"\n{text}', encoding="utf-8")
    (one,) = subscriptions(tmp_path / "recipients.toml", KNOWN)
    return [report.key for report in latest(REPORTS, one, lambda _: True)[0]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('unit = "hai duong"', ["2023/province/par_index/30-hai-duong/vi"]),
        ('unit = "hai duong"\nyear = 2022', ["2022/province/par_index/30-hai-duong/vi"]),
        ('unit = "hai duong"\nyear = 2019', []),
        ('unit = ["30"]\nlang = ["vi", "en"]', ["2023/province/par_index/30-hai-duong/en", "2023/province/par_index/30-hai-duong/vi"]),
        ('unit = "all"', ["2023/province/par_index/01-ha-noi/vi", "2023/province/par_index/30-hai-duong/vi"]),
        ('unit = "30"\nindex = ["papi"]', ["2023/province/papi/30-hai-duong/vi"]),
        ('report = "national"', ["2023/national/par_index/vi"]),
        ('report = "national"\nunit = "VN"', ["2023/national/par_index/vi"]),
        ('report = ["national", "province"]\nunit = ["VN", "01"]', ["2023/national/par_index/vi", "2023/province/par_index/01-ha-noi/vi"]),
    ],
)
def test_everybody_gets_the_latest_of_what_was_asked_for(tmp_path: Path, text: str, wanted: list[str]) -> None:
    assert keys(tmp_path, text) == wanted


def test_a_report_about_all_years_is_always_the_latest(tmp_path: Path) -> None:
    one = report("all-years/province/par_index/30-hai-duong/vi")
    (tmp_path / "recipients.toml").write_text('[[recipient]]\naddress = "a@example.vn"\nunit = "30"', encoding="utf-8")
    assert latest([one], subscriptions(tmp_path / "recipients.toml", KNOWN)[0], lambda _: True) == ([one], [])


@pytest.mark.parametrize(("more", "wanted", "bare"), [("", ["2022"], ["2023"]), ("year = 2023", [], ["2023"]), ("year = 2022", ["2022"], [])])
def test_the_latest_is_the_latest_that_has_figures(tmp_path: Path, more: str, wanted: list[str], bare: list[str]) -> None:
    (tmp_path / "recipients.toml").write_text(f'[[recipient]]\naddress = "a@example.vn"\nunit = "30"\n{more}', encoding="utf-8")
    found = latest(REPORTS, subscriptions(tmp_path / "recipients.toml", KNOWN)[0], lambda report: report.year != 2023)
    assert [[report.key[:4] for report in one] for one in found] == [wanted, bare]


FAULTY = r"""
[[recipient]]
address = "a@b\nBcc: c@d"
name = "Sở\r\nNội vụ"
[[recipient]]
adress = "a@example.vn"
format = "exe"
lang = "ru"
year = 23
"""


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "recipients.toml").write_text(FAULTY, encoding="utf-8")
    with pytest.raises(BadSettings) as told:
        subscriptions(tmp_path / "recipients.toml", KNOWN)
    places = [finding.partition(":")[0].partition(" ")[0] for finding in told.value.findings]
    assert {place.removeprefix("recipient.") for place in places} == {"1.address", "1.name", "2.address", "2.adress", "2.format.1", "2.lang.1", "2.year"}
    assert "\r" not in str(told.value)


def test_unknown_names_are_told_at_once(tmp_path: Path) -> None:
    first = '[[recipient]]\naddress = "a@example.vn"\nunit = ["hai dương", "30"]\nreport = "provnce"\nindex = "papy"\n'
    (tmp_path / "recipients.toml").write_text(first + '[[recipient]]\naddress = "b@example.vn"\nunit = "?"', encoding="utf-8")
    with pytest.raises(BadSettings) as told:
        subscriptions(tmp_path / "recipients.toml", KNOWN)
    assert [finding.split(": ")[0] for finding in told.value.findings] == ["recipient.1.unit", "recipient.1.report", "recipient.1.index", "recipient.2.unit"]
    assert "did you mean 'province'?" in str(told.value)


def test_mistakes_of_every_kind_are_told_at_once_entry_by_entry(tmp_path: Path) -> None:
    first = '[[recipient]]\naddress = "a@"\nunit = ["hai dương", 7]\nreport = "provnce"\nyear = 23\n'
    (tmp_path / "recipients.toml").write_text(f'{first}[[recipient]]\naddress = "b@example.vn"\nindex = "papy"\ncolour = "red"', encoding="utf-8")
    with pytest.raises(BadSettings) as told:
        subscriptions(tmp_path / "recipients.toml", KNOWN)
    places = [finding.removeprefix("recipient.").split(":")[0].split(" ")[0] for finding in told.value.findings]
    assert sorted(places) == ["1.address", "1.report", "1.unit", "1.unit.2", "1.year", "2.colour", "2.index"]
    assert [place[0] for place in places] == sorted(place[0] for place in places)


NO_ADDRESSES = ["a@b\nBcc: c@d", "a@b\r\n.c", "a b@example.vn", "a@", "@b", "a@b@c", "a..b@c.vn", "a@b,c@d", '"a"@b.vn', "à@b.vn", "a@-b.vn", "a@b.vn\x00", "<a@b.vn>"]


@pytest.mark.parametrize("address", [*NO_ADDRESSES, f"{'a' * 65}@b.vn"])
def test_what_is_no_address_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(ValueError, match="one address of a mailbox"):
        Recipient(address=address)


def test_an_address_in_other_letters_says_why_it_is_none() -> None:
    with pytest.raises(ValueError, match=r"plain letters before the @ .*: few mail servers take others"):
        Recipient(address="văn-phòng@haiduong.gov.vn")


@pytest.mark.parametrize("domain", ["hảidương.vn", "HẢIDƯƠNG.vn", "ha\N{COMBINING HOOK ABOVE}id\u01b0\u01a1ng.vn"])
def test_a_domain_in_other_letters_is_one_and_the_same_however_it_is_written(domain: str) -> None:
    assert Recipient(address=f"office@{domain}").address == "office@xn--hidng-wob8hx63z.vn"


@pytest.mark.parametrize("domain", ["hải..vn", "ả" * 64 + ".vn", "hải dương.vn"])
def test_a_domain_that_is_none_is_no_address(domain: str) -> None:
    with pytest.raises(ValueError, match="one address of a mailbox"):
        Recipient(address=f"office@{domain}")


@pytest.mark.parametrize("address", ["a@b.vn", "cchc.snv+par@haiduong.gov.vn", "a@localhost"])
def test_an_address_is_taken(address: str) -> None:
    assert Recipient(address=address).address == address


@pytest.mark.parametrize("text", ["", "recipient = 1", "[[recipient]]\naddress = 1", "[["])
def test_a_file_that_says_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "recipients.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadSettings):
        subscriptions(tmp_path / "recipients.toml", KNOWN)


def test_names_are_found_as_everywhere() -> None:
    known = lists()
    assert (known.unit("hai duong", 2023), known.unit("Hải Dương", None)) == ("30", "30")
    assert "province" in known.reports
    assert "par_index" in known.indices
