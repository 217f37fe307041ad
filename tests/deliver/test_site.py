"""The site: everything can be reached, nothing is typed, nothing is written twice, nothing of others is touched."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from click.testing import CliRunner
from hypothesis import strategies as st

from par_analysis import catalog
from par_analysis.cli import main
from par_analysis.deliver import site_folder
from par_analysis.deliver.finished import Unsound, reports
from par_analysis.deliver.site import make_site
from par_analysis.deliver.site_contradictions import contradictory
from par_analysis.deliver.site_gallery import place_of
from par_analysis.deliver.site_map import tile_map
from par_analysis.errors import ParError
from par_analysis.show.language import Words
from tests.deliver.sites import ROOT, add, links, reached, some, tree


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some(tmp_path_factory.mktemp("site") / "reports")


@pytest.fixture(scope="module")
def site(root: Path) -> Path:
    out = root.parent / "site"
    make_site(root, out)
    return out


# ---------------------------------------------------------------- what is on it


@pytest.mark.parametrize("start", ["index.html", "en/index.html"])
def test_everything_can_be_reached_by_links_alone(site: Path, start: str) -> None:
    assert reached(site, start) == set(tree(site)) - {"search.js"}


def test_reports_are_the_same_bytes(root: Path, site: Path) -> None:
    found = reports(root)
    for report in found:
        for name in report.files:
            assert (site / "reports" / report.key / name).read_bytes() == (report.folder / name).read_bytes()
    assert sum(place.startswith("reports/") for place in tree(site)) == sum(len(report.files) for report in found)


def text_of(page: Path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.read_text(encoding="utf-8")))


def test_headlines_are_those_of_the_report(site: Path) -> None:
    told = text_of(site / "en/2023/province/par_index/30-hai-duong.html")
    assert "In 2023, Hai Duong scored 87.84 points and ranked 22/63 ." in told
    assert "Score 87.84 ↑ +4.32 points since 2022 Rank 22/63 ↑ up 25 places" in told
    assert "87,84 22/63 tăng 25 bậc ↑" in text_of(site / "vi/unit/30-hai-duong.html")


def test_list_of_a_year_goes_by_rank(site: Path) -> None:
    page = (site / "vi/2023/par_index.html").read_text(encoding="utf-8")
    assert re.findall(r'<th scope="row"><a href="[^"]*">([^<]+)', page) == ["Hà Nội", "Đà Nẵng", "Hải Dương"]


def test_entry_leads_to_years_neighbours_and_the_other_language(site: Path) -> None:
    page = (site / "vi/2022/province/par_index/30-hai-duong.html").read_text(encoding="utf-8")
    assert {"../../../../vi/2021/province/par_index/30-hai-duong.html", "../../../../vi/2023/province/par_index/30-hai-duong.html"} <= set(links(page))
    assert "../../../../en/2022/province/par_index/30-hai-duong.html" in links(page)
    page = (site / "vi/2023/province/par_index/48-da-nang.html").read_text(encoding="utf-8")
    around = {place for place in ("01-ha-noi", "30-hai-duong") if f"../../../../vi/2023/province/par_index/{place}.html" in links(page)}
    assert around == {"01-ha-noi"}  # the next one by the alphabet; none goes before


def test_sizes_are_those_of_the_files(site: Path) -> None:
    size = (site / "reports/2023/province/par_index/30-hai-duong/en/30-hai-duong-par-index-2023.en.pdf").stat().st_size
    assert f"PDF {size / 1000:.0f} kB" in text_of(site / "en/2023/province/par_index/30-hai-duong.html")


def test_word_and_excel_files_are_offered_where_there_are_any(tmp_path: Path) -> None:
    add(tmp_path / "reports", "30", docx=b"PK1", xlsx=b"PK2")
    make_site(tmp_path / "reports", tmp_path / "site")
    told = text_of(tmp_path / "site/vi/2023/province/par_index/30-hai-duong.html")
    assert "Word 1 kB" in told
    assert "Excel 1 kB" in told


def test_sources_are_linked(site: Path) -> None:
    assert {"https://example.org/a", "https://example.org/b"} <= set(links((site / "vi/2022/province/par_index/30-hai-duong.html").read_text(encoding="utf-8")))


def test_a_report_in_one_language_is_offered_in_the_other_and_marked(tmp_path: Path) -> None:
    add(tmp_path / "reports", "30", lang="vi")
    make_site(tmp_path / "reports", tmp_path / "site")
    page = (tmp_path / "site/en/2023/province/par_index/30-hai-duong.html").read_text(encoding="utf-8")
    assert '<h1 lang="vi">Hải Dương</h1>' in page
    assert "in Vietnamese" in text_of(tmp_path / "site/en/unit/30-hai-duong.html")


def test_variants_and_other_report_types_stand_beside_the_usual_one(tmp_path: Path) -> None:
    for given in ({}, {"kind": "targets"}, {"variant": "-no-derived"}):
        add(tmp_path / "reports", "30", **given)  # type: ignore[arg-type]
    make_site(tmp_path / "reports", tmp_path / "site")
    page = (tmp_path / "site/vi/unit/30-hai-duong.html").read_text(encoding="utf-8")
    assert page.count('<th scope="row">') == 1
    others = re.findall(r'class="also" href="../../vi/2023/([^"]+)"', page)
    assert others == ["province/par_index/30-hai-duong-no-derived.html", "targets/par_index/30-hai-duong.html"]


def test_variants_are_told_in_the_language_of_the_page(tmp_path: Path) -> None:
    for variant, parameters in (("", {"rank": 10}), ("-rank-5", {"rank": 5}), ("-no-derived-rank-5", {}), ("-base-2019", {})):
        add(tmp_path / "reports", "30", kind="targets", variant=variant, parameters=parameters)
    add(tmp_path / "reports", "01", kind="targets", parameters={"rank": 10})
    make_site(tmp_path / "reports", tmp_path / "site")
    told = text_of(tmp_path / "site/vi/2023/par_index.html")
    named = re.findall(r"Để đạt một thứ hạng(?: \([^)]*\))?", text_of(tmp_path / "site/vi/unit/30-hai-duong.html"))
    assert [f"Để đạt một thứ hạng ({said})" for said in ("base 2019", "không dùng số liệu suy ra, hạng 5", "hạng 5")] == named, told
    assert "What a rank takes (without derived figures, rank 5)" in text_of(tmp_path / "site/en/2023/targets/par_index/30-hai-duong-no-derived-rank-5.html")
    assert "Để đạt một thứ hạng (hạng 10)" in text_of(tmp_path / "site/vi/2023/targets/par_index/30-hai-duong.html")
    assert "(hạng 10)" not in text_of(tmp_path / "site/vi/2023/targets/par_index/01-ha-noi.html")  # it is alone
    facts = json.loads((tmp_path / "site/search.js").read_text(encoding="utf-8").partition("=")[2].rstrip(";\n"))
    assert {tuple(facts["settings"][one[5]]) for one in facts["reports"] if one[4]} == {
        ("hạng 5", "rank 5"),
        ("không dùng số liệu suy ra, hạng 5", "without derived figures, rank 5"),
        ("base 2019", "base 2019"),
    }
    assert sorted(facts["settings"][one[5]][1] for one in facts["reports"] if not one[4]) == ["", "rank 10"]


def test_published_figures_that_contradict_each_other_are_marked(tmp_path: Path) -> None:
    for unit, score, rank in (("96", 86.89, 32), ("79", 86.97, 33), ("75", 87.04, 32), ("30", 87.84, 22), ("48", 80.0, 40), ("01", 80.0, 41)):
        add(tmp_path / "reports", unit, score=score, rank=rank)
    make_site(tmp_path / "reports", tmp_path / "site")
    page = (tmp_path / "site/vi/2023/par_index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr>\s*<th scope="row"><a href="[^"]*">([^<]+).*?</tr>', page, re.DOTALL)
    marked = re.findall(r'<tr>\s*<th scope="row"><a href="[^"]*">([^<]+)(?:(?!</tr>).)*class="mark"', page, re.DOTALL)
    assert (len(rows), sorted(marked)) == (6, ["Cà Mau", "TP. Hồ Chí Minh", "Đồng Nai"])
    assert '<span class="unseen">mâu thuẫn với số liệu công bố khác, xem ghi chú</span>' in page
    assert page.count('id="contradictory"') == 1
    assert "The published figures contradict each other" in text_of(tmp_path / "site/en/2023/par_index.html")


def test_a_list_without_contradictions_has_no_note_on_them(site: Path) -> None:
    assert "contradictory" not in (site / "vi/2023/par_index.html").read_text(encoding="utf-8")


def pairs(count: int = 12) -> st.SearchStrategy[list[tuple[float, float]]]:
    return st.lists(st.tuples(st.integers(0, 5).map(float), st.integers(1, 6).map(float)), max_size=count)


@hypothesis.given(pairs())
def test_contradictions_are_those_of_pairs(found: list[tuple[float, float]]) -> None:
    def clash(one: tuple[float, float], other: tuple[float, float]) -> bool:
        return one != other and ((one[1] < other[1] and one[0] < other[0]) or (one[1] > other[1] and one[0] > other[0]) or one[1] == other[1])

    assert contradictory(found) == [any(clash(one, other) for other in found) for one in found]


@hypothesis.given(pairs())
def test_ranks_that_follow_from_the_scores_contradict_nothing(found: list[tuple[float, float]]) -> None:
    scores = [score for score, _ in found]
    assert not any(contradictory([(score + 1e-11 * place, 1.0 + sum(other > score for other in scores)) for place, score in enumerate(scores)]))


def test_text_of_a_report_is_text(tmp_path: Path) -> None:
    add(tmp_path / "reports", "30", name="<b>Hải</b> &lt;script&gt;alert(1)&lt;/script&gt;")
    make_site(tmp_path / "reports", tmp_path / "site")
    page = (tmp_path / "site/vi/2023/province/par_index/30-hai-duong.html").read_text(encoding="utf-8")
    assert "Hải &lt;script&gt;alert(1)&lt;/script&gt;</h1>" in page


def test_every_page_loads_its_own_files_only_and_names_nothing_of_the_machine(root: Path, site: Path) -> None:
    for place, content in tree(site).items():
        if place.endswith(".html") and not place.startswith("reports/"):
            page = content.decode()
            assert "default-src 'none'" in page
            assert str(root.parent) not in page
            assert not re.search(r'(src|style)="|<script>|<style', page.replace('src="' + "../" * place.count("/") + 'site.js"', ""))
            assert len(content) < 300_000, place


def test_every_province_has_a_tile_of_its_own() -> None:
    known = catalog.load(ROOT)
    for year, count in ((2023, 63), (2025, 34)):
        tiles = tile_map(known, year, {}, Words("vi")).tiles
        assert len({tile.name for tile in tiles if tile.look == "none"}) == count
        assert {tile.label for tile in tiles if tile.look == "isle"} == {"Hoàng Sa", "Trường Sa"}
        assert len({(tile.row, tile.column) for tile in tiles}) == len(tiles)


def test_a_ranked_unit_without_a_score_has_a_stripe(tmp_path: Path) -> None:
    folder = add(tmp_path / "reports", "30")
    numbers = (folder / "numbers.csv").read_bytes()
    kept = b"".join(line for line in numbers.splitlines(keepends=True) if b'"score"' not in line)
    (folder / "numbers.csv").write_bytes(kept)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["numbers.csv"] = hashlib.sha256(kept).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    make_site(tmp_path / "reports", tmp_path / "site")
    assert '<a class="p1" href="vi/unit/30-hai-duong.html">' in (tmp_path / "site/index.html").read_text(encoding="utf-8")


# ---------------------------------------------------------------- the folder


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file() and site_folder.OWN not in path.parts
    }


def test_made_again_it_writes_nothing(root: Path, site: Path) -> None:
    before = stamps(site)
    done = make_site(root, site)
    assert (done.changed, stamps(site)) == (0, before)


def test_elsewhere_it_is_the_same(root: Path, site: Path, tmp_path: Path) -> None:
    make_site(root, tmp_path / "other")
    assert tree(tmp_path / "other") == tree(site)


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    root, out = some(tmp_path / "reports"), tmp_path / "site"
    make_site(root, out)
    before = stamps(out)
    add(root, "48", score=90.2, rank=11)
    done = make_site(root, out)
    written = {place for place, stamp in stamps(out).items() if before.get(place) != stamp}
    report = "reports/2023/province/par_index/48-da-nang/vi/"
    assert {place for place in written if place.startswith("reports/")} == {report + name for name in ("48-da-nang-par-index-2023.vi.html", "numbers.csv")}
    assert "vi/unit/48-da-nang.html" in written
    assert not any("30-hai-duong" in place or place.startswith("en/2022") for place in written)
    assert done.changed == len(written)


def test_a_damaged_file_is_mended(tmp_path: Path) -> None:
    root, out = some(tmp_path / "reports"), tmp_path / "site"
    make_site(root, out)
    whole = tree(out)
    page = out / "vi/unit/48-da-nang.html"
    page.write_bytes(page.read_bytes().replace(b"89", b"98"))
    (out / "site.css").unlink()
    assert make_site(root, out).changed == 2
    assert tree(out) == whole


def test_a_report_that_went_leaves_no_page(tmp_path: Path) -> None:
    root, out = tmp_path / "reports", tmp_path / "site"
    add(root, "30")
    gone = add(root, "48")
    make_site(root, out)
    for path in [*gone.iterdir(), gone, gone.parent]:
        path.unlink() if path.is_file() else path.rmdir()
    make_site(root, out)
    assert not [place for place in tree(out) if "48-da-nang" in place]
    assert not (out / "reports/2023/province/par_index/48-da-nang").exists()


def test_what_the_site_did_not_write_stays(tmp_path: Path) -> None:
    root, out = tmp_path / "reports", tmp_path / "site"
    gone = add(root, "48")
    add(root, "30")
    make_site(root, out)
    (out / "robots.txt").write_text("mine")
    (out / "vi/unit/notes.txt").write_text("mine")
    (out / "vi/unit/48-da-nang.html").write_text("by hand")
    for path in [*gone.iterdir(), gone]:
        path.unlink() if path.is_file() else path.rmdir()
    done = make_site(root, out)
    assert [(out / place).read_text() for place in ("robots.txt", "vi/unit/notes.txt", "vi/unit/48-da-nang.html")] == ["mine", "mine", "by hand"]
    assert any("48-da-nang.html was changed by somebody else" in line for line in done.said)


def test_a_file_of_others_in_the_way_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    add(tmp_path / "reports", "30")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("my own page")
    with pytest.raises(ParError, match=r"index\.html is in the way") as caught:
        make_site(tmp_path / "reports", tmp_path / "site")
    assert caught.value.hint
    assert tree(tmp_path / "site") == {"index.html": b"my own page"}


class Killed(BaseException):
    """In place of a signal that nothing can catch."""


@pytest.mark.parametrize("after", [0, 1, 2, 7, 20])
def test_killed_at_any_renaming_it_is_caught_up(tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    root, out, other = tmp_path / "reports", tmp_path / "site", tmp_path / "other"
    add(root, "30")
    add(root, "48")
    make_site(root, out)
    add(root, "30", score=88.12, rank=20)
    add(root, "01")
    make_site(root, other)
    replace, left = Path.replace, iter(range(after))

    def dies(self: Path, target: Any) -> Path:
        if next(left, None) is None:
            raise Killed
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dies)
        with pytest.raises(Killed):
            make_site(root, out)
    for place in tree(out):
        assert all(target in tree(out) for target in reached(out, place)), place  # no link leads nowhere at any moment
    make_site(root, out)
    assert tree(out) == tree(other)
    assert make_site(root, out).changed == 0


def test_a_full_disk_leaves_the_site_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, out = tmp_path / "reports", tmp_path / "site"
    add(root, "30")
    make_site(root, out)
    before = tree(out)
    add(root, "48")

    def full(self: Path, _: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(ParError, match="No space left"):
            make_site(root, out)
    assert tree(out) == before
    assert make_site(root, out).changed > 0


# ---------------------------------------------------------------- what is refused


def test_a_link_in_the_reports_is_refused(tmp_path: Path) -> None:
    folder = add(tmp_path / "reports", "30")
    page = next(folder.glob("*.html"))
    page.rename(tmp_path / "elsewhere.html")
    page.symlink_to(tmp_path / "elsewhere.html")
    with pytest.raises(ParError, match="is a link"):
        make_site(tmp_path / "reports", tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_link_in_the_site_is_not_followed(tmp_path: Path) -> None:
    add(tmp_path / "reports", "30")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site/reports").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(ParError, match="is a link"):
        make_site(tmp_path / "reports", tmp_path / "site")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_that_is_not_the_manifests_is_refused(tmp_path: Path) -> None:
    folder = add(tmp_path / "reports", "30")
    next(folder.glob("*.pdf")).write_bytes(b"%PDF-1.7 another")
    with pytest.raises(Unsound, match="not the file that its manifest lists"):
        make_site(tmp_path / "reports", tmp_path / "site")
    assert tree(tmp_path / "site") == {}


@pytest.mark.parametrize("change", [{"unit": "48"}, {"year": 2022}, {"lang": "en"}, {"index": "papi"}, {"report": "<b>"}, {"lang": "../../x"}])
def test_a_report_in_the_place_of_another_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    folder = add(tmp_path / "reports", "30")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["identity"] |= change
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (report,) = reports(tmp_path / "reports")
    with pytest.raises(Unsound, match="is not the place of what it says that it is"):
        place_of(report)


@pytest.mark.parametrize("out", ["reports", "reports/site", "."])
def test_site_and_reports_lie_apart(tmp_path: Path, out: str) -> None:
    add(tmp_path / "reports", "30")
    with pytest.raises(ParError, match="within each other"):
        make_site(tmp_path / "reports", tmp_path / out)


def test_no_report_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(ParError, match="holds no finished report"):
        make_site(tmp_path / "reports", tmp_path / "site")


# ---------------------------------------------------------------- signed files


def sign(folder: Path, root: Path, signed: Path, tail: bytes = b"\nsignature", head: bytes | None = None) -> Path:
    pdf = next(folder.glob("*.pdf"))
    place = signed / folder.relative_to(root) / pdf.name
    place.parent.mkdir(parents=True)
    place.write_bytes((pdf.read_bytes() if head is None else head) + tail)
    return place


def test_a_signed_file_takes_the_place_of_the_unsigned_one(tmp_path: Path) -> None:
    root, signed = tmp_path / "reports", tmp_path / "signed"
    folder = add(root, "30")
    place = sign(folder, root, signed)
    make_site(root, tmp_path / "site", signed=signed)
    assert (tmp_path / "site/reports" / place.relative_to(signed)).read_bytes() == place.read_bytes()
    assert "đã ký số" in text_of(tmp_path / "site/vi/2023/province/par_index/30-hai-duong.html")
    place.write_bytes(place.read_bytes() + b", again")
    assert make_site(root, tmp_path / "site", signed=signed).changed == 1


@pytest.mark.parametrize(("head", "tail"), [(b"%PDF-1.7 of an older edition", b"\nsignature"), (None, b"")])
def test_a_file_signed_from_other_bytes_does_not(tmp_path: Path, head: bytes | None, tail: bytes) -> None:
    root, signed = tmp_path / "reports", tmp_path / "signed"
    folder = add(root, "30")
    sign(folder, root, signed, tail, head)
    done = make_site(root, tmp_path / "site", signed=signed)
    assert (tmp_path / "site/reports" / folder.relative_to(root) / next(folder.glob("*.pdf")).name).read_bytes() == next(folder.glob("*.pdf")).read_bytes()
    assert any("the unsigned one is shown" in line for line in done.said)


def test_a_signed_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    root, signed = tmp_path / "reports", tmp_path / "signed"
    place = sign(add(root, "30"), root, signed)
    place.rename(tmp_path / "elsewhere.pdf")
    place.symlink_to(tmp_path / "elsewhere.pdf")
    with pytest.raises(Unsound, match="is a link"):
        make_site(root, tmp_path / "site", signed=signed)


# ---------------------------------------------------------------- the record


def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    root, out = tmp_path / "reports", tmp_path / "site"
    add(root, "30")
    make_site(root, out)
    (out / site_folder.OWN / site_folder.RECORD).write_text("[")
    assert make_site(root, out).changed == 0  # what is there already, and right, is taken over
    assert site_folder.read_record(out).mark


def test_command_says_what_it_did(tmp_path: Path) -> None:
    add(tmp_path / "reports", "30")
    asked = ["site", "--reports", str(tmp_path / "reports"), "--out", str(tmp_path / "site")]
    first, second = (CliRunner().invoke(main, asked) for _ in range(2))
    assert re.search(r"site: \d+ files, \d+ written, 0 removed", first.output), first.output
    assert second.output == f"{tmp_path / 'site'}: nothing new\n"
