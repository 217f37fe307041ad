"""``par publish``: a target holds what the folder holds, never half of it, and nothing of anybody else's is touched."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from par_analysis import cli
from par_analysis.deliver import stores
from par_analysis.deliver.lock import Busy
from par_analysis.deliver.manifests import JOURNAL, LOCK, MANIFEST, Foreign
from par_analysis.deliver.publish_plan import Unpublishable
from par_analysis.deliver.publishing import OtherBytes, Published, publish
from par_analysis.deliver.stores import Store, StoreFailed
from par_analysis.deliver.target_lock import Taken
from par_analysis.deliver.trees import Folder
from par_analysis.errors import ParError, RequestError

Files = dict[str, str]

OLD: Files = {"index.html": "old", "style.css": "colours", "vi/index.html": "cũ", "vi/30.html": "điểm 87", "vi/gone.html": "gone", "same.txt": "twin", "vi/same.txt": "twin"}
NEW: Files = OLD | {"index.html": "new", "vi/index.html": "mới", "vi/30.html": "điểm 88", "moved.html": "gone", "same.txt": "twin 2", "vi/same.txt": "twin 2", "a/b.html": "old"}
del NEW["vi/gone.html"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return fill(tmp_path / "site", OLD)


@pytest.fixture
def www(tmp_path: Path) -> Path:
    return tmp_path / "www"


def fill(folder: Path, files: Files) -> Path:
    """The folder with these files and no others."""
    for path in sorted(folder.rglob("*"), reverse=True) if folder.exists() else ():
        path.rmdir() if path.is_dir() else path.unlink()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def held_by(folder: Path) -> Files:
    """What browsers find there."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text(encoding="utf-8") for name, path in found.items() if not name.startswith("_par/") and name != MANIFEST}


def everything(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def go(site: Path, www: Path | str, *, state: Path | None = None, **how: Any) -> Published:
    return publish(site, str(www), state=state or site.parent / "state", wait=lambda _: None, **how)


# ---------------------------------------------------------------- what is sent


def test_a_folder_is_published_whole_with_its_manifest(site: Path, www: Path) -> None:
    done = go(site, www)
    assert (held_by(www), done.changed, done.generation) == (OLD, len(OLD), 1)
    manifest = json.loads((www / MANIFEST).read_bytes())
    assert manifest["files"]["vi/30.html"] == {"sha256": hashlib.sha256("điểm 87".encode()).hexdigest(), "size": len("điểm 87".encode())}


def test_only_what_changed_is_sent(site: Path, www: Path) -> None:
    go(site, www)
    untouched = (www / "style.css").stat().st_ino
    fill(site, NEW)
    done = go(site, www)
    assert held_by(www) == NEW
    assert (sorted(done.sent), done.removed) == (sorted(set(NEW) - {"style.css"}), ("vi/gone.html",))
    assert (www / "style.css").stat().st_ino == untouched


def test_a_second_run_does_nothing(site: Path, www: Path) -> None:
    go(site, www)
    before = {path: path.stat().st_mtime_ns for path in www.rglob("*")}
    assert (go(site, www).changed, {path: path.stat().st_mtime_ns for path in www.rglob("*")}) == (0, before)


def test_the_same_files_are_the_same_manifest(site: Path, tmp_path: Path) -> None:
    go(site, tmp_path / "one")
    go(site, tmp_path / "two", state=tmp_path / "elsewhere")
    assert (tmp_path / "one" / MANIFEST).read_bytes() == (tmp_path / "two" / MANIFEST).read_bytes()


def test_a_dry_run_lists_what_would_go_and_writes_nothing(site: Path, www: Path) -> None:
    done = go(site, www, dry_run=True)
    assert "would send vi/30.html (10 B)" in done.said
    assert not www.exists()
    assert not (site.parent / "state").exists()
    go(site, www)
    fill(site, NEW)
    assert "would remove vi/gone.html" in go(site, www, dry_run=True).said
    assert held_by(www) == OLD


def test_the_record_of_the_site_is_not_published(site: Path, www: Path) -> None:
    (site / ".par-site").mkdir()
    (site / ".par-site" / "record.json").write_text("{}", encoding="utf-8")
    go(site, www)
    assert held_by(www) == OLD


def test_what_was_taken_away_there_is_sent_again(site: Path, www: Path) -> None:
    go(site, www)
    (www / "vi" / "30.html").unlink()
    assert (list(go(site, www).sent), held_by(www)) == (["vi/30.html"], OLD)


# ---------------------------------------------------------------- what is not ours


def test_files_of_others_stay(site: Path, www: Path) -> None:
    fill(www, {"robots.txt": "theirs", "vi/theirs.html": "theirs"})
    go(site, www)
    fill(site, NEW)
    go(site, www)
    fill(site, {"index.html": "alone"})
    go(site, www)
    assert held_by(www) == {"index.html": "alone", "robots.txt": "theirs", "vi/theirs.html": "theirs"}


def test_a_file_of_others_is_never_overwritten(site: Path, www: Path) -> None:
    fill(www, {"index.html": "theirs", "vi/30.html": "theirs"})
    with pytest.raises(Foreign) as told:
        go(site, www)
    assert told.value.problems == ("index.html is there, and par did not put it there", "vi/30.html is there, and par did not put it there")
    assert everything(www) == {"index.html": "theirs", "vi/30.html": "theirs"}


def test_only_the_very_same_files_are_adopted(site: Path, www: Path) -> None:
    fill(www, OLD)
    assert go(site, www, adopt=True).sent == {}
    fill(site, NEW)
    go(site, www)
    assert held_by(www) == NEW
    (www / MANIFEST).unlink()
    (www / "index.html").write_text("theirs", encoding="utf-8")
    with pytest.raises(Foreign, match=r"index.html is there, is another file"):
        go(site, www, adopt=True)


@pytest.mark.parametrize("text", ["changed by hand", "ODL"])
def test_what_others_changed_is_not_overwritten(site: Path, www: Path, text: str) -> None:
    go(site, www)
    (www / "index.html").write_text(text, encoding="utf-8")
    fill(site, NEW)
    with pytest.raises(Foreign, match=r"index.html was changed there by somebody else"):
        go(site, www)


def test_what_others_put_in_the_place_of_ours_is_not_removed(site: Path, www: Path) -> None:
    go(site, www)
    (www / "vi" / "gone.html").write_text("theirs", encoding="utf-8")
    fill(site, NEW)
    done = go(site, www)
    assert (done.removed, (www / "vi" / "gone.html").read_text(encoding="utf-8")) == ((), "theirs")
    assert "left vi/gone.html: somebody else has put another file there" in done.said


def test_spoiled_bytes_of_the_same_size_are_met_when_asked_for(site: Path, www: Path) -> None:
    go(site, www)
    (www / "index.html").write_text("odl", encoding="utf-8")
    assert go(site, www).changed == 0
    with pytest.raises(Foreign, match=r"index.html was changed"):
        go(site, www, verify=True)


@pytest.mark.parametrize("name", ["vi", "index.html", "_par"])
def test_a_link_at_the_target_is_not_followed(site: Path, www: Path, tmp_path: Path, name: str) -> None:
    www.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (www / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Foreign, match=name):
        go(site, www)
    assert list((tmp_path / "elsewhere").iterdir()) == []


HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another name": lambda facts: facts["files"].update({"../victim.txt": facts["files"]["index.html"]}),
    "an absolute name": lambda facts: facts["files"].update({"/etc/victim": facts["files"]["index.html"]}),
    "a name with a control character": lambda facts: facts["files"].update({"a\nb": facts["files"]["index.html"]}),
    "our own folder": lambda facts: facts["files"].update({"_par/lock.json": facts["files"]["index.html"]}),
    "a checksum that is a path": lambda facts: facts.update(kept=["../../victim.txt"]),
    "a size that is none": lambda facts: facts["files"]["index.html"].update(size="big"),
    "files that are a list": lambda facts: facts.update(files=[]),
    "another form": lambda facts: facts.update(format=2),
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE)
def test_a_manifest_that_is_not_ours_is_refused_in_one_line(site: Path, www: Path, spoil: Callable[[dict[str, Any]], Any]) -> None:
    go(site, www)
    victim = site.parent / "victim.txt"
    victim.write_text("old", encoding="utf-8")
    facts = json.loads((www / MANIFEST).read_bytes())
    spoil(facts)
    (www / MANIFEST).write_text(json.dumps(facts), encoding="utf-8")
    before = everything(www)
    fill(site, NEW)
    with pytest.raises(Foreign, match="is not one that par wrote") as told:
        go(site, www)
    assert "\n" not in str(told.value)
    assert (everything(www), victim.read_text(encoding="utf-8")) == (before, "old")


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 1, "files": {"../x": []}, "objects": []}', '{"format": 1, "files": {}, "objects": ["../x"]}'])
def test_a_journal_that_is_not_ours_is_refused_in_one_line(site: Path, www: Path, content: str) -> None:
    fill(www, {JOURNAL: content})
    with pytest.raises(Foreign, match="is not one that par wrote"):
        go(site, www)


# ---------------------------------------------------------------- what cannot be published


def test_a_link_in_the_folder_is_refused(site: Path, www: Path, tmp_path: Path) -> None:
    (site / "vi" / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(Unpublishable, match=r"passwd: is a link"):
        go(site, www)
    (site / "vi" / "passwd").unlink()
    (site / "more").symlink_to(tmp_path)
    with pytest.raises(Unpublishable, match=r"more: is a link"):
        go(site, www)
    (tmp_path / "other").symlink_to(tmp_path / "site")
    with pytest.raises(Unpublishable, match=r"other: is a link"):
        go(tmp_path / "other", www)
    assert not www.exists()


@pytest.mark.parametrize("name", ["a\nb.html", "_par/x", MANIFEST, "a\\b", "x\udc80.html"])
def test_a_name_that_cannot_be_published_is_refused(site: Path, www: Path, name: str) -> None:
    (site / name).parent.mkdir(exist_ok=True)
    (site / name).touch()
    with pytest.raises(Unpublishable, match="cannot be published under this name"):
        go(site, www)


def test_an_empty_folder_removes_nothing(site: Path, www: Path) -> None:
    go(site, www)
    fill(site, {})
    with pytest.raises(Unpublishable, match="is empty"):
        go(site, www)
    assert held_by(www) == OLD


def test_a_pipe_in_the_folder_is_refused(site: Path, www: Path) -> None:
    os.mkfifo(site / "pipe")
    with pytest.raises(Unpublishable, match="no plain file"):
        go(site, www)


@pytest.mark.parametrize("inside", ["site/www", "."])
def test_a_folder_is_not_published_into_itself(site: Path, tmp_path: Path, inside: str) -> None:
    with pytest.raises(Unpublishable, match="one lies in the other"):
        go(site, tmp_path / inside)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("sftp://par:secret@127.0.0.1/www", "a password does not belong in a target"),
        ("sftp://127.0.0.1/www/../../etc", "is no target"),
        ("s3:///prefix", "is no target"),
        ("sftp://127.0.0.1:99999/www", "is no target"),
        ("ftp://127.0.0.1/www", "unknown kind of target"),
        ("", "is no target"),
        ("a\nb", "is no target"),
    ],
)
def test_a_target_that_is_none_is_refused_without_its_password(site: Path, target: str, problem: str) -> None:
    with pytest.raises(RequestError, match=problem) as told:
        go(site, target)
    assert "secret" not in f"{told.value} {told.value.hint}"


# ---------------------------------------------------------------- what readers meet meanwhile


class Killed(BaseException):
    """In place of ``kill -9``: nothing that was to come is done any more."""


def quietly(doing: str) -> None:
    """Nothing happens."""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What is called before each change of a folder that is published to."""

    class Steps:
        before: Callable[[str], None] = staticmethod(quietly)

    def watched(verb: str) -> None:
        original = getattr(Folder, verb)

        def wrapped(self: Folder, fs: Any, *given: Any) -> Any:
            Steps.before(f"{verb} {given[-1] if verb in ('_placed', '_renamed_unless_there') else given[0]}")
            return original(self, fs, *given)

        monkeypatch.setattr(Folder, verb, wrapped)

    for verb in ("_part", "_placed", "_removed", "_renamed_unless_there"):
        watched(verb)
    return Steps


def require_whole(www: Path, manifest: bytes | None) -> None:
    """A reader who goes by a manifest gets each file of it: from its place, or else from what is kept."""
    for name, entry in json.loads(manifest)["files"].items() if manifest else ():
        found = [path.read_bytes() for path in (www / name, www / "_par" / "kept" / entry["sha256"]) if path.exists()]
        assert entry["sha256"] in [hashlib.sha256(content).hexdigest() for content in found], name


def test_a_reader_by_the_manifest_meets_no_mixture_at_any_step(site: Path, www: Path, steps: Any) -> None:
    go(site, www)
    first, seen = (www / MANIFEST).read_bytes(), []

    def look(doing: str) -> None:
        require_whole(www, (www / MANIFEST).read_bytes())
        require_whole(www, first)  # who began with the manifest before is served as well
        seen.append(doing)

    steps.before = look
    fill(site, NEW)
    go(site, www)
    look("the end")
    assert len(seen) > 30


def test_pages_come_after_what_they_show_and_the_manifest_last(site: Path, www: Path, steps: Any) -> None:
    order: list[str] = []
    steps.before = lambda doing: order.append(doing.partition(" ")[2]) if doing.startswith("_placed") else None
    go(site, www)
    placed = [name for name in order if not name.startswith("_par/")]
    assert placed[-3:] == ["vi/index.html", "index.html", MANIFEST]
    assert placed.index("style.css") < min(placed.index(name) for name in OLD if name.endswith(".html"))


def test_nothing_is_removed_before_the_manifest_says_so(site: Path, www: Path, steps: Any) -> None:
    go(site, www)
    fill(site, NEW)
    removing: list[bytes] = []
    steps.before = lambda doing: removing.append((www / MANIFEST).read_bytes()) if doing == "_removed vi/gone.html" else None
    go(site, www)
    assert [json.loads(manifest)["generation"] for manifest in removing] == [2]


# ---------------------------------------------------------------- cut off anywhere


def killing(step: int) -> Callable[[str], None]:
    """What raises ``Killed`` once so many steps were done."""
    left = step

    def count(doing: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed(doing)

    return count


def undisturbed(tmp_path: Path) -> Files:
    site, www = fill(tmp_path / "calm" / "site", OLD), tmp_path / "calm" / "www"
    go(site, www)
    fill(site, NEW)
    go(site, www)
    return everything(www)


def test_killed_before_any_step_the_next_run_ends_as_if_nothing_had_been(site: Path, www: Path, tmp_path: Path, steps: Any) -> None:
    wanted, step, was_killed = undisturbed(tmp_path), 0, True
    while was_killed:
        step += 1
        steps.before, was_killed = quietly, False
        for folder in (www, tmp_path / "state"):
            fill(folder, {})
        go(fill(site, OLD), www)
        steps.before = killing(step)
        try:
            go(fill(site, NEW), www)
        except Killed:
            was_killed = True
        steps.before = quietly
        require_whole(www, (www / MANIFEST).read_bytes())
        go(site, www)
        assert everything(www) == wanted, step
    assert step > 30


def test_killed_once_and_changed_meanwhile_the_newest_files_win(site: Path, www: Path, steps: Any) -> None:
    third = NEW | {"index.html": "third", "vi/30.html": OLD["vi/30.html"]}
    for step in range(1, 60, 7):
        steps.before = quietly
        for folder in (www, site.parent / "state"):
            fill(folder, {})
        fill(site, OLD)
        go(site, www)
        fill(site, NEW)
        steps.before = killing(step)
        with suppress(Killed):
            go(site, www)
        steps.before = quietly
        fill(site, third)
        go(site, www)
        assert held_by(www) == third, step
        assert set(everything(www)) - set(held_by(www)) - {MANIFEST} == {f"_par/kept/{one}" for one in json.loads((www / MANIFEST).read_bytes())["kept"]}


def test_what_is_there_already_is_not_sent_again(site: Path, www: Path, steps: Any) -> None:
    def cut(doing: str) -> None:
        if doing.startswith("_placed") and not doing.startswith("_placed _par"):
            raise Killed(doing)

    steps.before = cut
    with pytest.raises(Killed):
        go(site, www)
    steps.before = quietly
    done = go(site, www)
    assert (len(done.sent), done.uploaded, held_by(www)) == (len(OLD), 0, OLD)


PUBLISH = """
import os, signal, sys
from pathlib import Path
from par_analysis.deliver.publishing import publish
from par_analysis.deliver.trees import Folder
original, left = Folder._placed, [int(sys.argv[4])]
def placed(self, fs, source, name):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    original(self, fs, source, name)
Folder._placed = placed
publish(Path(sys.argv[1]), sys.argv[2], state=Path(sys.argv[3]))
"""


@pytest.mark.parametrize("step", [0, 5, 11, 15])
def test_a_process_that_is_killed_is_caught_up_by_the_next(site: Path, www: Path, tmp_path: Path, step: int) -> None:
    done = subprocess.run([sys.executable, "-c", PUBLISH, str(site), str(www), str(tmp_path / "state"), str(step)], check=False)
    assert (done.returncode, (www / LOCK).exists(), (www / MANIFEST).exists()) == (-signal.SIGKILL, True, False)
    go(site, www)
    assert held_by(www) == OLD
    assert [path.name for path in (www / "_par").rglob("*") if path.is_file()] == []


# ---------------------------------------------------------------- two at once


def test_another_publisher_is_waited_for_unless_it_is_known_to_be_dead(site: Path, www: Path, tmp_path: Path) -> None:
    fill(www, {LOCK: '{"publisher": "other", "since": "2027-05-02T08:00:00+00:00"}'})
    with pytest.raises(Taken, match=r"another publisher holds the lock there, since 2027-05-02T08:00:00"):
        go(site, www)
    assert set(everything(www)) == {LOCK}
    go(site, www, take_over=True)
    assert held_by(www) == OLD
    assert not (www / LOCK).exists()


def test_two_runs_of_one_publisher_do_not_mix(site: Path, www: Path, steps: Any) -> None:
    met: list[type[ParError]] = []

    def second(doing: str) -> None:
        if doing == "_placed index.html" and not met:
            met.append(Busy)
            with pytest.raises(Busy):
                go(site, www)

    steps.before = second
    go(site, www)
    assert (met, held_by(www)) == ([Busy], OLD)


def test_a_publisher_that_was_overtaken_stops_and_the_newer_manifest_stands(site: Path, www: Path, tmp_path: Path, steps: Any) -> None:
    other = fill(tmp_path / "other" / "site", OLD | {"index.html": "overtaken"})

    def overtake(doing: str) -> None:
        if doing == "_placed index.html":
            steps.before = quietly
            go(other, www, take_over=True)

    steps.before = overtake
    with pytest.raises(Taken, match="another publisher"):
        go(site, www)
    require = json.loads((www / MANIFEST).read_bytes())["files"]["index.html"]["sha256"]
    assert require == hashlib.sha256(b"overtaken").hexdigest()


# ---------------------------------------------------------------- a store that fails


class Lying(Folder):
    """Gives back other bytes than it was given."""

    lies: str = ""

    def read(self, name: str) -> bytes | None:
        content = super().read(name)
        return content[::-1] if content and name.startswith(self.lies) else content


@pytest.mark.parametrize("lies", ["_par/new/", "vi/30.html", MANIFEST])
def test_a_store_that_returns_other_bytes_is_refused_in_one_line(site: Path, www: Path, monkeypatch: pytest.MonkeyPatch, lies: str) -> None:
    monkeypatch.setattr(Lying, "lies", lies)
    monkeypatch.setattr(stores, "_store", lambda target, *_: Lying(target))
    with pytest.raises((OtherBytes, Foreign)) as told:
        go(site, www)
    assert "\n" not in str(told.value)
    assert lies == MANIFEST or not (www / MANIFEST).exists()


def test_a_full_disk_is_said_and_caught_up(site: Path, www: Path, steps: Any) -> None:
    def full(doing: str) -> None:
        if doing.startswith("_part"):
            left.pop()
            if not left:
                raise OSError(errno.ENOSPC, "No space left on device")

    left = [0] * 6
    steps.before = full
    with pytest.raises(StoreFailed, match="No space left on device") as told:
        go(site, www)
    assert (told.value.hint, told.value.is_passing) == ("make room there", False)
    steps.before = quietly
    go(site, www)
    assert held_by(www) == OLD


def test_what_fails_in_passing_is_tried_again_with_growing_pauses(site: Path, www: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    fails = [OSError(errno.EIO, "Input/output error")] * 3
    original = Folder._placed

    def placed(self: Store, *given: Any) -> None:
        if fails:
            raise fails.pop()
        original(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Folder, "_placed", placed)
    publish(site, str(www), state=site.parent / "state", wait=pauses.append)
    assert (pauses, held_by(www)) == ([1.0, 2.0, 4.0], OLD)


def test_a_file_that_changes_meanwhile_is_not_published(site: Path, www: Path, steps: Any) -> None:
    steps.before = lambda doing: (site / "index.html").write_text("changed", encoding="utf-8") if doing.startswith("_renamed") else None
    with pytest.raises(Unpublishable, match=r"index.html was changed while it was being published"):
        go(site, www)
    assert not (www / MANIFEST).exists()


# ---------------------------------------------------------------- the command


def par(folder: Path, *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(cli.main, ["publish", *words], prog_name="par")


def test_the_command_publishes_the_site(site: Path, www: Path) -> None:
    dry = par(site.parent, "www", "--dry-run")
    assert (dry.exit_code, dry.stdout.splitlines()[-1]) == (0, f"{www}: {len(OLD)} files to send (35 B), 0 to remove, 0 unchanged"), dry.output
    assert par(site.parent, "www").exit_code == 0
    assert held_by(www) == OLD


def test_the_command_follows_the_pipeline(site: Path, www: Path, tmp_path: Path) -> None:
    (tmp_path / "pipeline.toml").write_text('state = "state"\n[site]\nout = "site"\n[publish]\ntarget = "www"\n', encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    done = par(tmp_path / "elsewhere", "--pipeline", "../pipeline.toml")
    assert (done.exit_code, held_by(www)) == (0, OLD), done.output


def test_the_command_asks_where_to(site: Path) -> None:
    done = par(site.parent)
    assert (done.exit_code, done.stderr.splitlines()[0]) == (2, "par: where to?")
