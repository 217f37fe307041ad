"""What somebody publishes or sends by hand passes the same gate as in a run of the pipeline, and counts in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from par_analysis import cli
from par_analysis.deliver import lock, published
from tests.deliver import sites
from tests.deliver.mailboxes import Mailbox, MailServer

HAI_DUONG = "30"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Mailbox]]:
    """A report, and a pipeline beside it with a gate, a site, a target and a mail server."""
    box = Mailbox()
    monkeypatch.chdir(tmp_path)
    with closing(MailServer(box)):
        sites.add(tmp_path / "reports", HAI_DUONG)
        send = f'[send]\nserver = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nsender = "a@example.vn"\n'
        (tmp_path / "pipeline.toml").write_text(f'[diff]\n[site]\nout = "pages"\n[publish]\ntarget = "www"\n{send}')
        (tmp_path / "recipients.toml").write_text('[[recipient]]\naddress = "office@example.vn"\nunit = "30"\nformat = "html"\n')
        yield tmp_path, box


def par(*words: str) -> Result:
    return CliRunner().invoke(cli.main, list(words), prog_name="par")


def done(*words: str) -> str:
    result = par(*words)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_site_and_its_target_are_those_of_the_pipeline(office: tuple[Path, Mailbox]) -> None:
    done("site")
    done("publish")
    assert (office[0] / "www" / "index.html").is_file()
    assert not (office[0] / "site").exists()


def test_what_was_published_by_hand_is_what_the_next_numbers_are_compared_with(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    done("site")
    done("publish")
    assert "every number" in done("diff")
    sites.add(folder / "reports", HAI_DUONG, score=80.0)
    assert par("diff").exit_code == 3


def test_numbers_that_wait_for_a_person_are_neither_published_nor_sent(office: tuple[Path, Mailbox]) -> None:
    folder, box = office
    done("site")
    done("publish")
    sites.add(folder / "reports", HAI_DUONG, score=80.0)
    done("site")
    for words in (("publish",), ("publish", "elsewhere"), ("publish", "--from", "pages", "elsewhere"), ("send",)):
        held = par(*words)
        assert (held.exit_code, "par accept" in held.stderr) == (3, True), held.output
    assert (box.mails, (folder / "elsewhere").exists()) == ([], False)
    assert "88" not in (folder / "www/reports/2023/province/par_index/30-hai-duong/vi/numbers.csv").read_text().partition("87.84")[0]
    done("accept", "1")
    done("publish")
    assert "80.0" in (folder / "www/reports/2023/province/par_index/30-hai-duong/vi/numbers.csv").read_text()
    done("send")
    assert len(box.mails) == 1


def test_a_site_that_is_not_of_the_present_reports_is_not_published(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    done("site")
    sites.add(folder / "reports", "01")
    old = par("publish")
    assert (old.exit_code, "was not made from the reports as they are now" in old.stderr, "par site" in old.stderr) == (2, True, True)


def test_what_goes_elsewhere_does_not_count_as_published(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    done("site")
    done("publish", "elsewhere")
    assert published.recall(folder / "reports" / ".delivery").reports == {}
    done("publish", "www")  # the target of the pipeline, typed
    assert len(published.recall(folder / "reports" / ".delivery").reports) == 1


def test_a_dry_run_says_what_would_go_and_what_would_be_refused(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    done("site")
    assert "refused" not in done("publish", "--dry-run") + done("send", "--dry-run")
    assert not (folder / "www").exists()
    done("publish")
    sites.add(folder / "reports", HAI_DUONG, score=80.0)
    assert "it would be refused" in done("publish", "--dry-run")  # the site is an older one
    done("site")
    for words in (("publish", "--dry-run"), ("send", "--dry-run")):
        assert "it would be refused: 1 number differs" in done(*words)


def test_a_site_that_somebody_edited_is_not_published(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    done("site")
    page = next((folder / "pages" / "reports").rglob("*.html"))
    page.write_text(page.read_text().replace("87,84", "99,99"))
    edited = par("publish")
    assert (edited.exit_code, f"{page.relative_to(folder / 'pages').as_posix()} is not as par site wrote it" in edited.stderr) == (2, True), edited.output
    done("site")
    done("publish")


def test_the_target_by_another_name_is_the_same_target(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    done("site")
    (folder / "www").mkdir()
    (folder / "link").symlink_to(folder / "www")
    done("publish", "link")
    assert len(published.recall(folder / "reports" / ".delivery").reports) == 1


def test_a_folder_without_reports_is_published_as_it_is(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("a")
    done("publish", "--from", "notes", "elsewhere")
    assert (folder / "elsewhere" / "a.txt").read_text() == "a"
    assert published.recall(folder / "reports" / ".delivery").reports == {}


def test_nothing_is_done_by_hand_while_a_run_is_under_way(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    done("site")
    with lock.held(folder / "reports" / ".delivery", "par run pipeline.toml"):
        for words in (("publish",), ("send",)):
            busy = par(*words)
            assert (busy.exit_code, "par run pipeline.toml" in busy.stderr) == (75, True), busy.output


def test_a_site_that_is_itself_public_passes_the_gate(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    (folder / "pipeline.toml").write_text('[diff]\n[site]\nout = "pages"\n')
    done("site")
    sites.add(folder / "reports", HAI_DUONG, score=80.0)
    assert par("site").exit_code == 3
    done("site", "--out", "draft")  # a draft is not public
    done("accept", "1")
    done("site")


@pytest.mark.parametrize("words", [("site",), ("sign", "--key", "k.p12"), ("diff",), ("send",), ("run",)])
def test_a_folder_without_reports_is_told_in_the_same_way_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    (tmp_path / "pipeline.toml").write_text('[diff]\n[site]\n[send]\nserver = "127.0.0.1"\nsecurity = "none"\nsender = "a@example.vn"\n')
    (tmp_path / "recipients.toml").write_text('[[recipient]]\naddress = "office@example.vn"\n')
    result = par(*words)
    assert (result.exit_code, "holds no finished report" in result.stderr, "par build" in result.stderr) == (2, True, True), result.output


def test_reports_that_are_all_gone_wait_for_a_person(office: tuple[Path, Mailbox]) -> None:
    folder, _ = office
    done("site")
    done("publish")
    (folder / "reports" / "2023").rename(folder / "away")
    gone = par("diff")
    assert (gone.exit_code, "gone" in gone.output) == (3, True), gone.output


def test_a_pipeline_that_was_named_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (("site",), ("publish", "www")):
        absent = par(*words, "--pipeline", "absent.toml")
        assert (absent.exit_code, "absent.toml: cannot be read" in absent.stderr) == (2, True), absent.output
