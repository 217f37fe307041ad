"""The reference tables: complete, consistent, and equal to what is known from elsewhere."""

from __future__ import annotations

import csv
import datetime
import itertools
import re
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from par_analysis import catalog
from par_analysis.clean.names import accented, bare, plain, split
from par_analysis.model import LANGUAGES, Group

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "data" / "reference"
OUTSIDE = ROOT.parent / "shared" / "reference" / "provinces63_merged34.csv"
SETS = {"63": 63, "34": 34}
KNOWN = catalog.load(ROOT)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


PROVINCES = rows(REFERENCE / "provinces.csv")
REGIONS = rows(REFERENCE / "regions.csv")
MERGERS = rows(REFERENCE / "mergers.csv")
TILES = rows(REFERENCE / "tiles.csv")
FRAMEWORKS = sorted((REFERENCE / "frameworks").glob("*.toml"))
INDICES = sorted((REFERENCE / "indices").glob("*.toml"))
BY_CODE = {row["code"]: row for row in PROVINCES}
INTO = {row["from_code"]: row["to_code"] for row in MERGERS if row["date"] == "2025-07-01"}


def of_set(name: str) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in PROVINCES if name in row["unit_set"].split()}


# ---- units ----


@pytest.mark.parametrize("path", sorted(REFERENCE.rglob("*")), ids=lambda path: path.name)
def test_files_are_utf8_in_composed_form_without_stray_space(path: Path) -> None:
    if path.suffix not in {".csv", ".toml"}:
        return
    text = path.read_bytes().decode("utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert "\r" not in text
    assert text.endswith("\n")
    assert not re.search(r"[ \t]\n|\u00a0|\ufeff", text)


def test_codes_are_unique() -> None:
    codes = [row["code"] for row in [*PROVINCES, *REGIONS]]
    assert [code for code, count in Counter(codes).items() if count > 1] == []


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_its_number_of_units_with_names_of_their_own(name: str) -> None:
    units = of_set(name)
    assert len(units) == SETS[name]
    for column in ("name_vi", "name_en", "gso_code"):
        assert len({unit[column] for unit in units.values()}) == SETS[name]


def test_every_unit_has_a_known_shape() -> None:
    regions = {row["code"] for row in REGIONS}
    for row in PROVINCES:
        assert re.fullmatch(r"[0-9]{2}(-2025)?|VN", row["code"])
        assert row["code"] == "VN" or row["gso_code"] == row["code"][:2]
        assert row["kind"] == ("country" if row["code"] == "VN" else "province")
        assert row["unit_set"] in ({""} if row["code"] == "VN" else {"63", "34", "63 34", "former"})
        assert row["region"] in regions or (row["region"] == "" and (row["unit_set"] in {"34", ""}))
        assert row["name_en"].isascii()


def test_exactly_one_set_holds_on_any_day() -> None:
    for day, name in (("2009-01-01", "63"), ("2024-12-31", "63"), ("2025-06-30", "63"), ("2025-07-01", "34"), ("2030-01-01", "34")):
        valid = {row["code"] for row in PROVINCES if row["kind"] == "province" and row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])}
        assert valid == set(of_set(name)), day


def test_the_six_regions_divide_the_63_provinces() -> None:
    assert [row["code"] for row in REGIONS] == ["R1", "R2", "R3", "R4", "R5", "R6"]
    sizes = Counter(row["region"] for row in of_set("63").values())
    assert sizes == {"R1": 14, "R2": 11, "R3": 14, "R4": 5, "R5": 6, "R6": 13}


def test_mergers_lead_from_every_changed_province_to_a_merged_one() -> None:
    changed = {code for code, row in of_set("63").items() if row["valid_to"]}
    assert set(INTO) == changed
    assert set(INTO.values()) == {code for code, row in of_set("34").items() if row["valid_from"]}
    sizes = Counter(Counter(INTO.values()).values())
    assert sizes == {1: 1, 2: 17, 3: 6}  # one renamed (Huế), 17 pairs, 6 triples
    assert len(of_set("63")) - len(changed) + sizes[1] == 11  # the territories that stayed as they were


def test_ha_tay_joined_ha_noi() -> None:
    assert [row for row in MERGERS if row["date"] == "2008-08-01"] == [{"date": "2008-08-01", "from_code": code, "to_code": "01"} for code in ("01", "28")]
    assert BY_CODE["28"]["valid_to"] == "2008-08-01"


def test_a_former_province_is_one_of_every_year_of_which_it_saw_a_day() -> None:
    counts = {year: len(KNOWN.provinces(year)) for year in (2005, 2007, 2008, 2009, 2024, 2025)}
    assert counts == {2005: 64, 2007: 64, 2008: 64, 2009: 63, 2024: 63, 2025: 34}
    assert [year for year in range(2005, 2012) if "28" in {unit.code for unit in KNOWN.provinces(year)}] == [2005, 2006, 2007, 2008]
    assert ("28" in KNOWN.members(2008)["R2"], "28" in KNOWN.members(2009)["R2"]) == (True, False)


def test_the_merged_units_cover_the_codes_that_named_them() -> None:
    for code, target in INTO.items():
        assert target == f"{BY_CODE[target]['gso_code']}-2025"
        assert BY_CODE[target]["gso_code"] in {old for old, new in INTO.items() if new == target}, code


@pytest.mark.skipif(not OUTSIDE.is_file(), reason="the outside table of provinces is not beside this checkout")
def test_provinces_and_mergers_agree_with_an_outside_table() -> None:
    regions = {row["code"]: row["name_vi"] for row in REGIONS}
    outside = rows(OUTSIDE)
    assert len(outside) == 63
    for row in outside:
        own = BY_CODE[row["gso_code"]]
        today = BY_CODE[INTO.get(row["gso_code"], row["gso_code"])]
        assert _same(own["name_vi"], row["name_vi"]) or row["gso_code"] == "46"
        assert regions[own["region"]] == row["region6_vi"]
        assert today["gso_code"] == row["gso_code_2025"]
        assert _same(today["name_vi"], row["name_vi_2025"])


def _same(ours: str, theirs: str) -> bool:
    return accented(bare(split(ours))) == accented(bare(split(theirs)))


# ---- the tile map ----

NEIGHBOURS = """
Lai Châu-Điện Biên Lai Châu-Sơn La Lai Châu-Lào Cai Lai Châu-Yên Bái Điện Biên-Sơn La Lào Cai-Yên Bái Lào Cai-Hà Giang Yên Bái-Hà Giang
Yên Bái-Tuyên Quang Yên Bái-Phú Thọ Yên Bái-Sơn La Hà Giang-Cao Bằng Hà Giang-Tuyên Quang Cao Bằng-Bắc Kạn Cao Bằng-Lạng Sơn Tuyên Quang-Bắc Kạn
Tuyên Quang-Thái Nguyên Tuyên Quang-Vĩnh Phúc Tuyên Quang-Phú Thọ Bắc Kạn-Lạng Sơn Bắc Kạn-Thái Nguyên Lạng Sơn-Thái Nguyên Lạng Sơn-Bắc Giang
Lạng Sơn-Quảng Ninh Thái Nguyên-Bắc Giang Thái Nguyên-Hà Nội Thái Nguyên-Vĩnh Phúc Phú Thọ-Hòa Bình Phú Thọ-Hà Nội Phú Thọ-Vĩnh Phúc Phú Thọ-Sơn La
Vĩnh Phúc-Hà Nội Bắc Giang-Hà Nội Bắc Giang-Bắc Ninh Bắc Giang-Hải Dương Bắc Giang-Quảng Ninh Quảng Ninh-Hải Dương Quảng Ninh-Hải Phòng Hà Nội-Hòa Bình
Hà Nội-Hà Nam Hà Nội-Hưng Yên Hà Nội-Bắc Ninh Bắc Ninh-Hưng Yên Bắc Ninh-Hải Dương Hải Dương-Hải Phòng Hải Dương-Thái Bình Hải Dương-Hưng Yên
Hải Phòng-Thái Bình Hưng Yên-Hà Nam Hưng Yên-Thái Bình Thái Bình-Nam Định Thái Bình-Hà Nam Hà Nam-Nam Định Hà Nam-Ninh Bình Hà Nam-Hòa Bình
Nam Định-Ninh Bình Ninh Bình-Thanh Hóa Ninh Bình-Hòa Bình Hòa Bình-Thanh Hóa Hòa Bình-Sơn La Sơn La-Thanh Hóa Thanh Hóa-Nghệ An Nghệ An-Hà Tĩnh
Hà Tĩnh-Quảng Bình Quảng Bình-Quảng Trị Quảng Trị-Thừa Thiên Huế Thừa Thiên Huế-Đà Nẵng Thừa Thiên Huế-Quảng Nam Đà Nẵng-Quảng Nam
Quảng Nam-Quảng Ngãi Quảng Nam-Kon Tum Quảng Ngãi-Bình Định Quảng Ngãi-Kon Tum Bình Định-Gia Lai Bình Định-Phú Yên Phú Yên-Gia Lai Phú Yên-Đắk Lắk
Phú Yên-Khánh Hòa Khánh Hòa-Đắk Lắk Khánh Hòa-Lâm Đồng Khánh Hòa-Ninh Thuận Ninh Thuận-Lâm Đồng Ninh Thuận-Bình Thuận Bình Thuận-Lâm Đồng
Bình Thuận-Đồng Nai Bình Thuận-Bà Rịa_Vũng Tàu Kon Tum-Gia Lai Gia Lai-Đắk Lắk Đắk Lắk-Đắk Nông Đắk Lắk-Lâm Đồng Đắk Nông-Lâm Đồng
Đắk Nông-Bình Phước Lâm Đồng-Bình Phước Lâm Đồng-Đồng Nai Bình Phước-Tây Ninh Bình Phước-Bình Dương Bình Phước-Đồng Nai Tây Ninh-Bình Dương
Tây Ninh-Hồ Chí Minh Tây Ninh-Long An Bình Dương-Hồ Chí Minh Bình Dương-Đồng Nai Đồng Nai-Hồ Chí Minh Đồng Nai-Bà Rịa_Vũng Tàu
Hồ Chí Minh-Long An Hồ Chí Minh-Tiền Giang Long An-Tiền Giang Long An-Đồng Tháp Tiền Giang-Đồng Tháp Tiền Giang-Vĩnh Long Tiền Giang-Bến Tre
Bến Tre-Vĩnh Long Bến Tre-Trà Vinh Trà Vinh-Vĩnh Long Trà Vinh-Sóc Trăng Vĩnh Long-Đồng Tháp Vĩnh Long-Cần Thơ Vĩnh Long-Sóc Trăng
Đồng Tháp-An Giang Đồng Tháp-Cần Thơ An Giang-Kiên Giang An Giang-Cần Thơ Cần Thơ-Hậu Giang Cần Thơ-Kiên Giang Hậu Giang-Kiên Giang
Hậu Giang-Sóc Trăng Hậu Giang-Bạc Liêu Sóc Trăng-Bạc Liêu Bạc Liêu-Cà Mau Bạc Liêu-Kiên Giang Cà Mau-Kiên Giang
"""
"""Provinces of the 63 that share a border (or a river's mouth)."""


def neighbours(name: str) -> set[tuple[str, str]]:
    codes = {plain(split(row["name_vi"].removeprefix("TP. "))): code for code, row in of_set("63").items()}
    text = " ".join(NEIGHBOURS.split())
    names = sorted({row["name_vi"].removeprefix("TP. ").replace(" - ", "_") for row in of_set("63").values()}, key=len, reverse=True)
    one = "|".join(map(re.escape, names))
    pairs = [(codes[plain(split(left))], codes[plain(split(right))]) for left, right in re.findall(rf"({one})-({one})(?= |$)", text)]
    assert len(pairs) == text.count("-")
    if name == "34":
        pairs = [(INTO.get(left, left), INTO.get(right, right)) for left, right in pairs]
    return {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}


def cells(name: str, kind: str = "province") -> dict[str, tuple[int, int]]:
    return {tile["code"]: (int(tile["row"]), int(tile["col"])) for tile in TILES if tile["unit_set"] == name and tile["kind"] == kind}


@pytest.mark.parametrize("name", SETS)
def test_every_unit_has_exactly_one_tile_and_no_two_share_a_cell(name: str) -> None:
    tiles = [tile for tile in TILES if tile["unit_set"] == name]
    assert sorted(tile["code"] for tile in tiles if tile["kind"] == "province") == sorted(of_set(name))
    assert len({(tile["row"], tile["col"]) for tile in tiles}) == len(tiles)
    assert {tile["kind"] for tile in tiles} == {"province", "islands"}


@pytest.mark.parametrize("name", SETS)
def test_real_neighbours_are_near_each_other(name: str) -> None:
    place = cells(name)
    pairs = neighbours(name)
    assert len(pairs) >= 40
    far = {pair: max(abs(a - b) for a, b in zip(place[pair[0]], place[pair[1]], strict=True)) for pair in pairs}
    assert sum(distance == 1 for distance in far.values()) >= 0.75 * len(pairs)
    assert max(far.values()) <= 3


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    "north_to_south",
    [
        ("Cao Bằng", "Hà Nội", "Thanh Hóa", "Nghệ An", "Hà Tĩnh", "Quảng Trị", "Đà Nẵng", "Quảng Ngãi", "Gia Lai", "Đắk Lắk", "Lâm Đồng", "TP. Hồ Chí Minh", "Cà Mau"),
        ("Lạng Sơn", "Quảng Ninh", "Hải Phòng", "Hà Tĩnh", "Khánh Hòa", "Vĩnh Long"),
        ("Lào Cai", "Phú Thọ", "Ninh Bình", "Nghệ An", "Đồng Nai", "Cần Thơ"),
    ],
    ids=["spine", "coast", "west"],
)
def test_north_is_up(name: str, north_to_south: tuple[str, ...]) -> None:
    codes = {row["name_vi"]: code for code, row in of_set(name).items()}
    place = cells(name)
    lines = [place[codes[unit]][0] for unit in north_to_south]
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    "west_to_east",
    [("Điện Biên", "Sơn La", "Hà Nội", "Hải Phòng"), ("Nghệ An", "Hà Tĩnh", "Quảng Trị", "Đà Nẵng"), ("Tây Ninh", "Đồng Nai", "Lâm Đồng", "Khánh Hòa"), ("Cà Mau", "Vĩnh Long")],
    ids=["north", "centre", "south", "delta"],
)
def test_east_is_right(name: str, west_to_east: tuple[str, ...]) -> None:
    codes = {row["name_vi"]: code for code, row in of_set(name).items()}
    columns = [cells(name)[codes[unit]][1] for unit in west_to_east]
    assert columns == sorted(set(columns))


@pytest.mark.parametrize("name", SETS)
def test_the_map_is_drawn_as_one_piece_taller_than_wide(name: str) -> None:
    land = set(cells(name).values())
    reached, frontier = set(), [min(land)]
    while frontier:
        row, col = frontier.pop()
        reached.add((row, col))
        frontier += [cell for cell in ((row + i, col + j) for i in (-1, 0, 1) for j in (-1, 0, 1)) if cell in land - reached]
    assert reached == land
    assert max(row for row, _ in land) > max(col for _, col in land) * 1.5
    assert min(row for row, _ in land) == min(col for _, col in land) == 0


@pytest.mark.parametrize("name", SETS)
def test_hoang_sa_and_truong_sa_lie_in_the_sea_and_belong_to_their_provinces(name: str) -> None:
    islands = {tile["label_vi"]: tile for tile in TILES if tile["unit_set"] == name and tile["kind"] == "islands"}
    assert {label: BY_CODE[tile["code"]]["name_vi"] for label, tile in islands.items()} == {"Hoàng Sa": "Đà Nẵng", "Trường Sa": "Khánh Hòa"}
    assert all(tile["code"] in of_set(name) for tile in islands.values())
    coast = max(col for _, col in cells(name).values())
    assert all(int(tile["col"]) > coast for tile in islands.values())
    assert int(islands["Hoàng Sa"]["row"]) < int(islands["Trường Sa"]["row"])


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_are_short_and_tell_tiles_apart(name: str, lang: str) -> None:
    labels = [tile[f"label_{lang}"] for tile in TILES if tile["unit_set"] == name]
    assert len(set(labels)) == len(labels)
    long = [label for label in labels if not 1 <= len(label) <= 8]
    assert long == [{"vi": "Trường Sa", "en": "Truong Sa"}[lang]]  # written out in full, in the open sea
    assert lang == "vi" or all(label.isascii() for label in labels)


# ---- indices and frameworks ----


def bilingual(texts: dict[str, Any]) -> bool:
    return set(texts) == set(LANGUAGES) and all(texts.values()) and texts["vi"] != ""


@pytest.mark.parametrize("path", FRAMEWORKS, ids=lambda path: path.stem)
def test_a_framework_is_complete_where_it_speaks(path: Path) -> None:
    facts = toml(path)
    assert re.fullmatch(r"[a-z0-9-]+", path.stem)
    assert bilingual(facts["note"])
    assert set(facts.get("years_confirmed", facts["years"])) <= set(facts["years"])
    if facts["decision"]:
        number = facts["decision"].split("/")[0]
        assert path.stem == f"qd-{number}-{facts['years'][0]}"
        assert datetime.date.fromisoformat(facts["date"]).year <= facts["years"][0]
    assert [domain["no"] for domain in facts.get("domains", [])] == list(range(1, len(facts.get("domains", [])) + 1))
    assert len(facts.get("domains", [])) in {0, 6, 8, 9, 10}
    for domain in facts.get("domains", []):
        assert bilingual(domain["name"])
        assert ("maximum" in domain) == (bool(domain.get("source")) or "children" in domain)
    for key in ("criteria", "subcriteria"):
        counts = [domain[key] for domain in facts.get("domains", []) if key in domain]
        assert not counts or sum(counts) == facts[key]


@pytest.mark.parametrize("path", FRAMEWORKS, ids=lambda path: path.stem)
def test_maxima_and_parts_fit_into_100_points(path: Path) -> None:
    facts = toml(path)
    parts = {part["name"]: part for part in facts.get("parts", [])}
    assert len(parts) == len(facts.get("parts", []))
    assert sum(domain.get("maximum", 0) for domain in facts.get("domains", [])) <= 100
    for part in parts.values():
        assert bilingual(part["label"])
        inner = [other.get("maximum") for other in parts.values() if other.get("within") == part["name"]]
        assert not inner or sum(inner) == part["maximum"]
        assert part.get("within", part["name"]) in parts
        assert "maximum" not in part or part["source"]
    outer = [part["maximum"] for part in parts.values() if "maximum" in part and "within" not in part]
    assert not outer or sum(outer) == 100


@pytest.mark.parametrize("path", [path for path in FRAMEWORKS if "children" in path.read_text(encoding="utf-8")], ids=lambda path: path.stem)
def test_criteria_that_are_scored_one_by_one_add_up_to_their_domain(path: Path) -> None:
    names: set[str] = set().union(*(toml(index).get("criteria", {}) for index in INDICES))
    seen: list[str] = []
    for domain in toml(path)["domains"]:
        assert all(0 < low < high for low, high in domain["children"].values())
        assert sum(high for _, high in domain["children"].values()) == pytest.approx(domain["maximum"], abs=0.001)
        seen += domain["children"]
    assert len(seen) == len(set(seen))
    assert set(seen) <= names


@pytest.mark.parametrize("path", FRAMEWORKS, ids=lambda path: path.stem)
def test_sources_are_addresses(path: Path) -> None:
    facts = toml(path)
    for record in [facts, *facts.get("domains", []), *facts.get("parts", [])]:
        addresses = [address for address in record.get("source", "").split("; ") if address]
        assert addresses == sorted(set(addresses))
        assert all(re.fullmatch(r"https?://\S+", address) for address in addresses)


def frameworks_of(index: Path) -> dict[int, dict[str, Any]]:
    """Year → method, in the years that an index names one for."""
    named = {year: code for span, code in toml(index)["frameworks"].items() for year in catalog.years_of(span)}
    return {year: toml(REFERENCE / "frameworks" / f"{code}.toml") | {"code": code} for year, code in named.items() if year <= LAST}


LAST = 2030
"""A span of years without an end is followed so far."""


@pytest.mark.parametrize("path", INDICES, ids=lambda path: path.stem)
def test_an_index_speaks_both_languages_and_has_bounds(path: Path) -> None:
    facts = toml(path)
    for key in ("label", "short", "citation", "caveats"):
        assert bilingual(facts[key]), key
    assert len(facts["caveats"]["vi"]) == len(facts["caveats"]["en"]) >= 3
    assert all(re.fullmatch(r"\S.*[.]", sentence) for sentences in facts["caveats"].values() for sentence in sentences)
    scored = [framework for year, framework in frameworks_of(path).items() if "children" in framework["domains"][0]] if facts.get("is_summed") else []
    low = min((sum(low for domain in framework["domains"] for low, _ in domain["children"].values()) for framework in scored), default=0)
    high = max((sum(domain["maximum"] for domain in framework["domains"]) for framework in scored), default=100)
    assert (facts["low"], facts["high"]) == (pytest.approx(low, abs=0.05), high)
    assert (facts["decimals"], facts["unit_count"]) == (2, 63)
    assert facts["higher_is_better"] is True
    assert facts["unit_of_measure"] in {"points", "percent"}


@pytest.mark.parametrize("path", INDICES, ids=lambda path: path.stem)
def test_every_year_of_an_index_has_one_framework_that_names_the_year(path: Path) -> None:
    spans = toml(path)["frameworks"]
    unconfirmed = {year for span in toml(path).get("unconfirmed_years", []) for year in catalog.years_of(span)}
    used = frameworks_of(path)
    assert len([year for span in spans for year in catalog.years_of(span)]) == len({year for span in spans for year in catalog.years_of(span)})  # no year in two
    for year, framework in used.items():
        confirmed = framework.get("years_confirmed", framework["years"])
        assert (year in confirmed) == (year not in unconfirmed)
        assert year in framework["years"] or (year in unconfirmed and year > max(framework["years"]))
    assert {year for framework in used.values() for year in framework["years"]} <= set(used)  # none left out


def test_every_framework_but_the_pilot_belongs_to_an_index() -> None:
    used = {str(code) for path in INDICES for code in toml(path)["frameworks"].values()}
    assert {path.stem for path in FRAMEWORKS} - used == {"pilot"}


@pytest.mark.parametrize("path", INDICES, ids=lambda path: path.stem)
def test_bands_join_without_gaps_and_keep_the_years_they_are_known_for(path: Path) -> None:
    facts = toml(path)
    spans = [year for span in facts.get("groups", []) for year in range(span["first"], span["last"] + 1)]
    assert len(spans) == len(set(spans))
    assert set(spans) <= set(frameworks_of(path))
    for span in facts.get("groups", []):
        bands = [Group(**band) for band in span["bands"]]
        assert bands[0].high == facts["high"]
        assert all(upper.low == lower.high for upper, lower in itertools.pairwise(bands))
        assert [band.label for band in bands] == ["A", "B", "C", "D"][: len(bands)]


def test_points_are_comparable_only_within_a_confirmed_framework() -> None:
    index = KNOWN.index("par_index")
    assert index.is_comparable(2023, 2022) is True
    assert index.is_comparable(2016, 2015) is False
    assert index.is_comparable(2022, 2021) is False
    assert index.is_comparable(2025, 2024) is None
    assert index.is_comparable(2021, 2020) is None


def test_the_framework_of_2021_is_not_confirmed() -> None:
    framework = KNOWN.framework("par_index", 2021)
    assert framework is not None
    assert framework.years_confirmed_for(2020)
    assert not framework.years_confirmed_for(2021)


def test_the_first_satisfaction_survey_ranked_ten() -> None:
    assert KNOWN.index("sipas").count_of_units(2015) == 10
    assert KNOWN.index("sipas").count_of_units(2023) == 63


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "raw").glob("*/*/domains.csv")), ids=lambda path: path.parent.name)
def test_no_published_points_exceed_the_maximum_recorded(path: Path) -> None:
    for row in rows(path):
        found = re.match(r"points of ([0-9.]+)", row["unit"])
        framework = KNOWN.framework("par_index", int(row["year"]))
        if not re.fullmatch("[1-8]", row["domain_no"]) or framework is None or row["measure"] not in {"score", "points_lost"}:
            continue
        maximum = {domain.no: domain.maximum for domain in framework.domains}[int(row["domain_no"])]
        assert maximum is None or float(row["value"]) <= maximum
        assert found is None or maximum == float(found[1])


def test_codebook_is_up_to_date() -> None:
    from tools.codebook import FILE, codebook

    assert FILE.read_text(encoding="utf-8") == codebook(), "run: make codebook"
