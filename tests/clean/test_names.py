"""Which unit a written name means."""

from __future__ import annotations

import csv
import pickle
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.clean.names import Resolver, accented, plain, split
from par_analysis.errors import AmbiguousName, RequestError, UnknownName
from par_analysis.model import Unit

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "data" / "reference"


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


REGIONS = [Unit(row["code"], "", row["name_vi"], row["name_en"], "region", "", "63 34") for row in rows("regions.csv")]
UNITS = [*(Unit(**row) for row in rows("provinces.csv")), *REGIONS]
SPELLINGS = [(row["code"], row["spelling"]) for row in rows("names.csv")]
RESOLVER = Resolver(UNITS, SPELLINGS)
OF_63 = [unit for unit in UNITS if "63" in unit.unit_set.split() and unit.kind == "province"]
OF_34 = [unit for unit in UNITS if "34" in unit.unit_set.split() and unit.kind == "province"]


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("79", "TP. Hồ Chí Minh|TP.HCM|TPHCM|Tp.HCM|HCMC|Ho Chi Minh City|Thành phố Hồ Chí Minh|TP.Hồ Chí Minh|ho chi minh|HCM City"),
        ("77", "Bà Rịa - Vũng Tàu|Bà Rịa – Vũng Tàu|Bà Rịa-Vũng Tàu|Bà Rịa Vũng Tàu|BRVT|BR-VT|br – vt|Ba Ria - Vung Tau"),
        ("46", "Thừa Thiên Huế|Thừa Thiên - Huế|Huế|TT-Huế|TT.Huế|TT- Huế|TTH|Thua Thien-Hue|Hue|thành phố Huế|Hue City"),
        ("66", "Đắk Lắk|Đăk Lăk|Dac Lac|Đắc Lắc|Đắc Lắk|Đak Lak|Daklak|ĐẮK LẮK|Ðắk Lắk"),
        ("06", "Bắc Kạn|Bắc Cạn|Bac Can|bac kan"),
        ("17", "Hòa Bình|Hoà Bình|HOÀ BÌNH|Hoa Binh"),
        ("38", "Thanh Hóa|Thanh Hoá|thanh hoa"),
        ("30", "Hải Dương|tỉnh Hải Dương|Hai Duong province|hai_duong|  hải\u00a0dương |Hải\u200bDương|Haải Dương|30"),
        ("48", "Đà Nẵng|Ðà Nẵng|Danang|Da Nang City|TP Đà Nẵng|T.P. Đà Nẵng|City of Da Nang"),
        ("01", "Hà Nội|Hanoi|Ha Noi|1|01"),
        ("51", "Quảng Ngãi|Quàng Ngãi|Quảng Ngãi "),
        ("VN", "Việt Nam|Cả nước|Vietnam|vn|Toàn quốc"),
        ("R1", "Trung du miền núi phía Bắc|Trung du và miền núi phía Bắc"),
        ("R5", "Đông Nam Bộ|vùng Đông Nam Bộ|Southeast region|r5"),
        ("28", "Hà Tây"),
        ("31-2025", "Hải Phòng (merged)|31-2025"),
    ],
)
def test_every_spelling_met_in_print_is_found(code: str, spellings: str) -> None:
    for spelling in spellings.split("|"):
        assert RESOLVER.resolve(spelling) == code, spelling


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_composed_and_decomposed_names_are_the_same(form: str) -> None:
    for unit in OF_63:
        assert RESOLVER.resolve(unicodedata.normalize(form, unit.name_vi)) == unit.code  # type: ignore[arg-type]


def test_every_name_and_code_of_both_sets_resolves_to_its_unit() -> None:
    for units, on in ((OF_63, 2024), (OF_34, 2025)):
        for unit in units:
            found = {RESOLVER.resolve(name, on) for name in (unit.code, unit.gso_code, unit.name_vi, unit.name_en, plain(split(unit.name_vi)), unit.name_vi.upper())}
            assert found == {unit.code}


def test_every_row_of_the_spellings_resolves_to_its_unit() -> None:
    days = {unit.code: "2025-07-01" if unit.unit_set == "34" else "2024" for unit in UNITS}
    for code, spelling in SPELLINGS:
        assert RESOLVER.resolve(spelling, days[code]) == code


def test_every_row_of_the_spellings_is_needed() -> None:
    days = {unit.code: "2025-07-01" if unit.unit_set == "34" else "2024" for unit in UNITS}
    for row in SPELLINGS:
        without = Resolver(UNITS, [other for other in SPELLINGS if other != row])
        try:
            assert without.resolve(row[1], days[row[0]]) != row[0], row
        except RequestError:
            continue


def test_a_unit_that_kept_its_name_has_the_same_spellings_in_both_sets() -> None:
    spelled = {unit.code: {spelling for code, spelling in SPELLINGS if code == unit.code} - {"Hải Phòng (merged)"} for unit in UNITS}
    new = {unit.name_vi: unit.code for unit in UNITS if unit.unit_set == "34"}
    for unit in OF_63:
        if unit.unit_set == "63" and unit.name_vi in new:
            assert spelled[unit.code] == spelled[new[unit.name_vi]], unit.name_vi


def test_a_number_is_a_code() -> None:
    assert RESOLVER.resolve(1) == "01"
    assert RESOLVER.resolve(30, 2023) == "30"


def test_the_day_chooses_the_set() -> None:
    assert RESOLVER.resolve("Hải Phòng", 2024) == "31"
    assert RESOLVER.resolve("Hải Phòng", "2025-06-30") == "31"
    assert RESOLVER.resolve("Hải Phòng", "2025-07-01") == "31-2025"
    assert RESOLVER.resolve("Hải Phòng", "2025") == "31-2025"
    assert RESOLVER.resolve("Huế", 2025) == "46-2025"
    assert RESOLVER.resolve("Hà Nội", 2025) == "01"
    assert RESOLVER.resolve("Hà Tây", 2007) == "28"


def test_a_gso_code_used_again_means_the_unit_of_the_day() -> None:
    assert RESOLVER.resolve("24", 2024) == "24"  # Bắc Giang
    assert RESOLVER.resolve("24", 2025) == "24-2025"  # Bắc Ninh
    assert RESOLVER.resolve("Bắc Ninh", 2024) == "27"


def test_a_unit_of_another_time_is_unknown_and_the_hint_says_when_it_was() -> None:
    with pytest.raises(UnknownName) as caught:
        RESOLVER.resolve("Hải Dương", 2025)
    assert "2025-07-01" in caught.value.hint
    with pytest.raises(UnknownName):
        RESOLVER.resolve("31-2025", 2023)


def test_a_misspelled_name_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        RESOLVER.resolve("hai dong")
    assert caught.value.suggestions[0] == "Hải Dương"
    assert "Hải Dương" in str(caught.value)


def unit(code: str, vi: str, en: str) -> Unit:
    return Unit(code, code, vi, en, "province", "", "63")


def test_names_that_collide_without_accents_are_ambiguous_until_accented() -> None:
    resolver = Resolver([unit("01", "Hà Tĩnh", "Ha Tinh"), unit("02", "Hà Tính", "Ha Tinh (north)")])
    assert resolver.resolve("hà tĩnh") == "01"
    assert resolver.resolve("Hà Tính") == "02"
    with pytest.raises(AmbiguousName) as caught:
        resolver.resolve("Ha Tinh")
    assert caught.value.candidates == ("Hà Tĩnh (01)", "Hà Tính (02)")


def test_a_name_written_without_accents_by_nature_wins_over_its_namesake() -> None:
    resolver = Resolver([unit("01", "An Giang", "An Giang"), unit("02", "Ân Giang", "An Giang East")])
    assert resolver.resolve("An Giang") == "01"


def test_no_two_units_of_a_set_collide_without_accents() -> None:
    for units in (OF_63, OF_34):
        keys = [plain(split(unit.name_vi)) for unit in units]
        assert len(set(keys)) == len(keys)


def test_errors_survive_pickling() -> None:
    error = AmbiguousName("unit", "x", ["a", "b"])
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


HOSTILE = [
    *("a" * 10_000, "đ" * 10_000, "\u0301" * 10_000, "\u202eHải Dương", "\u200fHải Dương", "Hải\x00Dương", "\ud800"),
    *('"><script>alert(1)</script>', "", " ", "tỉnh", "1.0", "nan", "³0"),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_is_refused_at_once_with_a_short_visible_message(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(UnknownName) as caught:
        RESOLVER.resolve(text)
    assert time.perf_counter() - start < 0.5
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


@given(st.text(max_size=60))
def test_any_text_gives_a_known_code_or_a_request_error(text: str) -> None:
    try:
        answer = RESOLVER.resolve(text)
    except RequestError as error:
        answer = str(error)
    assert answer in {unit.code for unit in UNITS} or (answer.startswith(("unknown unit", "ambiguous unit")) and answer.isprintable())


@given(st.sampled_from(OF_63), st.sampled_from("-–—‑−. _"), st.booleans(), st.sampled_from(["", "tỉnh ", "TP. ", "Thành phố "]))
def test_case_dashes_and_prefixes_change_nothing(province: Unit, dash: str, upper: bool, prefix: str) -> None:
    name = prefix + province.name_vi.replace("TP. ", "").replace(" ", dash)
    assert RESOLVER.resolve(name.upper() if upper else name) == province.code


@pytest.mark.parametrize("on", ["x", "2024-13-01", "2024-Q1", ""])
def test_a_bad_day_is_a_request_error(on: str) -> None:
    with pytest.raises(RequestError, match="neither a year nor an ISO date"):
        RESOLVER.resolve("Hà Nội", on)


def test_a_spelling_of_no_unit_is_refused() -> None:
    with pytest.raises(UnknownName, match="unit code '99'"):
        Resolver(UNITS, [("99", "Nowhere")])


def test_tone_marks_may_stand_on_either_vowel() -> None:
    assert accented(split("thuỷ")) == accented(split("thủy"))
    assert accented(split("hoà")) != accented(split("hoa"))


def test_every_unit_name_of_the_collected_data_is_known() -> None:
    for path in sorted((ROOT / "data" / "raw").glob("*/*/*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                name = (row.get("unit_name_vi") or row["unit"]).partition(":")[0]
                assert RESOLVER.resolve(name), name
