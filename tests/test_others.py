"""What a page reads of other indices: the figures of its year, each noted, and no failure of theirs is its own."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from par_analysis import catalog, dataset
from par_analysis.catalog import Catalog
from par_analysis.dataset import reads, recording
from par_analysis.dataset.others import figures_of_year
from par_analysis.dataset.views import View
from tests.tables import ROOT, checkout, overall, text


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that reads are noted in."""
    path = tmp_path / "scratch" / "reads"
    path.parent.mkdir()
    monkeypatch.setenv("PAR_READS", str(path))
    return path


def national(known: Catalog | None = None, *, index: str = "par_index", year: int = 2023) -> View:
    return dataset.view("national", index=index, year=year, lang="en", known=known)


def test_all_other_indices_are_there_with_the_figures_of_the_year_alone() -> None:
    view = national()
    assert list(view.others) == list(view.other_indices) == sorted({*catalog.load().indices} - {"par_index"})
    assert set(view.others["sipas"]["year"]) == {2023}
    assert set(view.others["sipas"]["index"]) == {"sipas"}
    assert view.others["papi"].empty  # nothing was fetched


def test_what_is_read_of_others_is_noted(noted: Path) -> None:
    view = national()
    before = set(recording.recorded(noted))
    assert not any(name.startswith("figures/sipas") for name in before)
    assert len(view.others["sipas"])
    met = recording.recorded(noted)
    assert set(met) - before == {"reference/indices", "reference/papi", "reference/pci", "figures/papi/2023", "figures/pci/2023", "figures/sipas/2023"}
    assert all(met[name] == reads.fingerprint(name) for name in met)


def test_an_index_that_is_added_makes_pages_that_compare_out_of_date(tmp_path: Path) -> None:
    before = reads.fingerprint("reference/indices")
    folder = checkout(tmp_path)
    assert reads.fingerprint("reference/indices", Catalog(folder)) == before
    shutil.copyfile(ROOT / "data/reference/indices/sipas.toml", folder / "data/reference/indices/toy.toml")
    assert reads.fingerprint("reference/indices", Catalog(folder)) != before


def with_toy(folder: Path, content: str, sha256: str) -> Catalog:
    """A checkout with one more index and an edition of its figures."""
    shutil.copyfile(ROOT / "data/reference/indices/sipas.toml", folder / "data/reference/indices/toy.toml")
    place = folder / "data/raw/public_pages/toy"
    place.mkdir(exist_ok=True)
    (place / "figures.csv").write_text(content, encoding="utf-8")
    record = 'title.vi = "x"\ntitle.en = "x"\nreceived = 2026-11-01\nindices = ["toy"]\norigin = "x"\nlicence = "x"\n'
    (place / "edition.toml").write_text(f'{record}[files."figures.csv"]\nsha256 = "{sha256}"\nreader = "overall"\n', encoding="utf-8")
    return Catalog(folder)


def test_data_of_another_index_that_cannot_be_used_are_left_out_until_they_are_mended(tmp_path: Path, noted: Path) -> None:
    folder = checkout(tmp_path / "root")
    content = text(overall(["TOY", "2023", "Hải Dương", "province", "score", "81.5", "percent", "https://example.org/toy", "2024-05-01", ""]))
    view = national(with_toy(folder, content, "0" * 64))
    assert view.others["toy"].empty
    assert len(view.others["sipas"])
    assert recording.recorded(noted)["figures/toy/2023"] == ""
    mended = with_toy(folder, content, hashlib.sha256(content.encode()).hexdigest())
    assert figures_of_year(mended, "toy", 2023, True)["value"].tolist() == [81.5]
    assert reads.fingerprint("figures/toy/2023", mended) != ""


@pytest.mark.parametrize(
    ("index", "year", "years"), [("papi", 2023, [2021, 2022, 2023]), ("papi", 2021, [2021]), ("papi", 2011, [2011]), ("par_index", 2023, [2022, 2023]), ("par_index", 2021, [2021])]
)
def test_years_without_a_break_are_those_known_to_be_scored_alike(index: str, year: int, years: list[int]) -> None:
    assert national(index=index, year=year).alike_years == years


def test_maxima_are_there_where_a_method_has_them_all() -> None:
    of = national(index="papi", year=2021).maxima
    assert {year: (len(nodes), round(sum(nodes.values()))) for year, nodes in of.items()} == {2020: (29, 80), 2021: (28, 80)}
    assert national().maxima == {2022: {}, 2023: {}}
