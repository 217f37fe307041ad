"""The words around a figure, by language: what makes it a score, a rank, a change, a share or a count. Patterns are matched in lower case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from par_analysis.model import Language

Pattern = re.Pattern[str]


@dataclass(frozen=True)
class Phrases:
    """One language. ``*_before`` end where the number begins, ``*_after`` begin where it ends; the others are looked for in the sentence."""

    decimal: str
    qualifiers: tuple[tuple[Pattern, str], ...]
    up_before: Pattern
    down_before: Pattern
    points_after: Pattern
    places_after: Pattern
    rank_before: Pattern
    ordinal_after: Pattern
    rank_word: Pattern
    out_of_after: Pattern
    among_before: Pattern
    units_after: Pattern
    percent_after: Pattern
    year_after: Pattern
    compared: Pattern
    previous_year: Pattern
    quarter: Pattern
    half: Pattern
    mean: Pattern
    this_field: Pattern
    field: Pattern
    best: Pattern
    verbs: tuple[tuple[Pattern, str], ...]  # of procedures: the last one before the number tells what was done
    procedures_after: Pattern
    counts: tuple[tuple[Pattern, str], ...]  # what is counted, after the number
    shares: tuple[tuple[Pattern, str], ...]  # what a percentage is of: the last one before the number
    words_after: Pattern  # of a department: whose figure it is
    denied: Pattern
    intended: Pattern
    at_least: Pattern
    from_before: Pattern
    to_before: Pattern
    onward: Pattern  # after the first figure of "from ... to ...": as far as the second one goes
    other_year: Pattern  # between a figure and a year that is not its own


def _all(*pairs: tuple[str, str]) -> tuple[tuple[Pattern, str], ...]:
    return tuple((re.compile(pattern), name) for pattern, name in pairs)


NODES: Final[Mapping[str, str]] = {
    "tasks": "plan", "activities": "plan", "completed_share": "plan", "teams": "inspection", "departments_and_branches_inspected": "inspection",
    "districts_and_cities_inspected": "inspection", "simplified": "procedures", "amended_or_supplemented": "procedures", "abolished": "procedures",
}  # fmt: skip
"""Operational measure → the part of ``operations:`` it stands under; all others stand under dossiers."""

INDICES: Final[Mapping[str, Pattern]] = {
    "par_index": re.compile(r"par[ -]?index|chỉ số cải cách hành chính|chỉ số cchc|administrative reform index"),
    "sipas": re.compile(r"\bsipas\b|chỉ số hài lòng|satisfaction index"),
    "papi": re.compile(r"\bpapi\b"),
}
OTHER_INDICES: Final = re.compile(
    r"\b(?:pci|pgi|dti|pii|gii|hdi|egdi|ict[ -]index)\b|competitiveness index|digital transformation index|innovation index|human development index"
    r"|chỉ số năng lực cạnh tranh|chỉ số (?:đánh giá )?chuyển đổi số|chỉ số xanh|chỉ số đổi mới sáng tạo|chỉ số phát triển con người"
)
"""Names of indices that are not among ``INDICES``."""
QUARTERS: Final[Mapping[str, str]] = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "i": "1", "ii": "2", "iii": "3", "iv": "4", "1": "1", "2": "2", "3": "3", "4": "4", "đầu": "1",
    "cuối": "2", "last": "2",
}  # fmt: skip

PHRASES: Final[Mapping[Language, Phrases]] = {
    "en": Phrases(
        decimal=".",
        qualifiers=_all((r"(?:nearly|almost|close to)\s+$", "nearly"), (r"(?:about|around|approximately|some|roughly)\s+$", "about"),
                        (r"(?:over|more than|above|exceeding|at least)\s+$", "over"), (r"(?:under|less than|below|fewer than)\s+$", "under")),
        up_before=re.compile(r"(?:\bup|increas\w+|rose|risen|rise|gain\w*|improv\w+|climb\w+|jump\w*|advanc\w+)(?: of| by| an?| another| up)*\s+$"),
        down_before=re.compile(r"(?:\bdown|decreas\w+|fell|fallen|fall|drop\w*|lost|loss|declin\w+|slip\w+)(?: of| by| an?| another)*\s+$"),
        points_after=re.compile(r"\s*points?\b(?! of sale)"),
        places_after=re.compile(r"\s*(?:places?|ranks?|positions?|levels?|spots?|steps?)\b"),
        rank_before=re.compile(r"(?:\brank(?:ed|s|ing)?|\bposition|\bplaced?)(?: at| in| as| no\.?| number| the)*\s+$"),
        ordinal_after=re.compile(r"(?:st|nd|rd|th)\b"),
        rank_word=re.compile(r"\brank|\bposition|\bplaces?\b|\brisen? to|\brose to|\bfell to|nationwide|in the country"),
        out_of_after=re.compile(r"\s*(?:/|place |rank |position )?\s*(?:among|out of|of|in)?\s*(?:the |all )*(\d{2})\s+(?:provinces|cities|localities)"),
        among_before=re.compile(r"(?:among|out of|of|all|the|in|/)\s*(?:the |all )*$"),
        units_after=re.compile(r"\s*(?:provinces|localities|cities and provinces)\b"),
        percent_after=re.compile(r"\s*(?:%|per ?cent\b)"),
        year_after=re.compile(r"(?:st|nd|rd|th)?(?:/\d+)?(?:\s*(?:points?|places?|%))?\s*(?:in|for|\()\s*\(?((?:19|20)\d\d)\b"),
        compared=re.compile(r"(?:compared (?:to|with)|against|than|over|from|up on|down on)\s+(?:the year |that of |in )*((?:19|20)\d\d)\b"),
        previous_year=re.compile(r"(?:previous|last|preceding) year|the year before|year[- ]on[- ]year"),
        quarter=re.compile(r"(first|second|third|fourth) quarter(?: of)?(?: the year)?,?\s*((?:19|20)\d\d)|\bq([1-4])[ /-]*((?:19|20)\d\d)"),
        half=re.compile(r"(first|last|second) (?:half|six months|6 months)(?: of)?,?\s*((?:19|20)\d\d)"),
        mean=re.compile(r"(?:national|country(?:'s|’s)?|nationwide) (?:average|mean)|(?:average|mean) (?:score )?(?:of|for) (?:the (?:whole )?country|all)"),
        this_field=re.compile(r"\b(?:this|the same) (?:field|domain|area|index|component)|component index"),
        field=re.compile(r"\b(?:field|domain|component|sub-index)\b"),
        best=re.compile(r"(?:highest|best)[\w\s,-]{0,40}?(?:in|over|of|within)(?: the)?(?: past| last)? (\d{1,2}) years"),
        verbs=_all((r"simplif\w+|streamlin\w+|cut down", "simplified"), (r"amend\w*|supplement\w*", "amended_or_supplemented"), (r"abolish\w*|repeal\w*|annul\w*", "abolished")),
        procedures_after=re.compile(r"\s*(?:administrative )?procedures\b"),
        counts=_all((r"\s*(?:\w+ )?tasks\b", "tasks"), (r"\s*(?:specific )?activities\b", "activities"),
                    (r"\s*(?:administrative procedure |administrative |procedure )*(?:documents|dossiers|files|records|applications)\b", "received_and_processed"),
                    (r"\s*(?:[\w-]+ ){0,3}(?:inspection )?teams\b", "teams"), (r"\s*(?:\w+-level )?departments\b", "departments_and_branches_inspected"),
                    (r"\s*(?:rural |urban )?districts\b", "districts_and_cities_inspected"),
                    (r"\s*(?:component (?:index(?:es)?|indices)|sub-?ind(?:exes|ices)|domains|fields)\b", "n_domains")),
        shares=_all((r"on time|ahead of|before the deadline|by the deadline|on schedule", "resolved_on_time_or_early_share"), (r"digiti[sz]\w*", "digitised_share_departments"),
                    (r"(?:resolved|filed|submitted|processed|handled) online", "resolved_online_share"), (r"(?:entire|whole|full)[- ]process", "online_full_process_share"),
                    (r"complet\w+", "completed_share")),
        words_after=re.compile(r"\bdistricts?\b|\bcommunes?\b"),
        denied=re.compile(r"\bnot\b(?! only)|n[’']t\b|\bnever\b|\bno longer\b|\bnor\b|\bneither\b|\bcannot\b|rather than|instead of|\bwithout\b|\bfail(?:ed|s|ing)? to|"
                          r"short of|\bden(?:y|ies|ied)\b|\bfalse\w*|\buntrue\b|\bincorrect\w*|\bunable\b"),
        intended=re.compile(r"\bwould\b|\bwill\b|\bcould\b|\bshould\b|\bmight\b|\bmust\b|\btarget\w*|\baim(?:s|ed|ing)?\b|\bplan(?:s|ned|ning)?(?: to| for| is| was)\b|\bplans\b|"
                            r"\bexpect\w*|\bhop(?:e|es|ed|ing) (?:to|for)|\bstriv\w+|\bgoals?\b|\bobjectives?\b|\bforecast\w*|\bprojected\b|\bintend\w*|\bseek(?:s|ing)? to|"
                            r"\bif\b(?! in (?:19|20)\d\d)|\bunless\b"),
        at_least=re.compile(r"at least\s+$"),
        from_before=re.compile(r"\bfrom(?: the| rank| place| position| number| no\.?| a score of)*\s+$"),
        to_before=re.compile(r"\bfrom\b[^;]{1,60}\bto\s+$"),
        onward=re.compile(r"[^;]{0,40}?\bto\b[^;\d]{0,20}\d+(?:[.,]\d+)*"),
        other_year=re.compile(r"\bfrom\b|compared|against|\bthan\b|\bafter\b|\bwhile\b|\bbut\b"),
    ),
    "vi": Phrases(
        decimal=",",
        qualifiers=_all((r"(?:gần|ngót|xấp xỉ)\s+$", "nearly"), (r"(?:khoảng|chừng)\s+$", "about"), (r"(?:trên|hơn|vượt|quá|ít nhất)\s+$", "over"),
                        (r"(?:dưới|chưa đến|chưa đầy)\s+$", "under")),
        up_before=re.compile(r"(?:tăng|vượt|cải thiện|nhảy|thăng|cao hơn)(?: thêm| lên| tới| đến| được)*\s+$"),
        down_before=re.compile(r"(?:giảm|tụt|sụt|hạ|lùi|xuống|thấp hơn)(?: mất| đi| thêm| tới| đến)*\s+$"),
        points_after=re.compile(r"\s*điểm\b(?! phần trăm)"),
        places_after=re.compile(r"\s*(?:bậc|hạng|bước)\b"),
        rank_before=re.compile(r"(?:\bthứ|\bhạng|\bvị trí)(?: thứ| hạng| số)*\s+$"),
        ordinal_after=re.compile(r"(?!)"),
        rank_word=re.compile(r"xếp|đứng|hạng|thứ|vị trí"),
        out_of_after=re.compile(r"\s*(?:/|trên|trong)?\s*(?:tổng số |số |cả |toàn bộ )*(\d{2})\s+(?:tỉnh|địa phương)"),
        among_before=re.compile(r"(?:trong|trên|/|số|cả)\s*(?:tổng số |số |cả )*$"),
        units_after=re.compile(r"\s*(?:tỉnh|địa phương)\b"),
        percent_after=re.compile(r"\s*(?:%|phần trăm\b)"),
        year_after=re.compile(r"(?:/\d+)?(?:\s*(?:điểm|bậc|%))?\s*(?:vào |của |trong )?(?:năm |\(năm |\()\s*((?:19|20)\d\d)\b"),
        compared=re.compile(r"(?:so với|cao hơn|thấp hơn|hơn|từ)\s+(?:cùng kỳ )?(?:năm )?((?:19|20)\d\d)\b"),
        previous_year=re.compile(r"năm trước|năm ngoái|cùng kỳ"),
        quarter=re.compile(r"quý\s+(iv|i{1,3}|[1-4])(?:\s*năm|\s*/)?\s*((?:19|20)\d\d)"),
        half=re.compile(r"(?:6|sáu) tháng (đầu|cuối) năm\s*((?:19|20)\d\d)"),
        mean=re.compile(r"trung bình (?:chung )?(?:của )?(?:cả nước|toàn quốc|các tỉnh)"),
        this_field=re.compile(r"lĩnh vực này|chỉ số này|chỉ số thành phần này|tiêu chí này"),
        field=re.compile(r"lĩnh vực|chỉ số thành phần"),
        best=re.compile(r"(?:cao nhất|tốt nhất)[\w\s,-]{0,40}?(?:trong|suốt|của)(?: vòng)? (\d{1,2}) năm"),
        verbs=_all((r"đơn giản hóa|đơn giản hoá|cắt giảm", "simplified"), (r"sửa đổi|bổ sung|thay thế", "amended_or_supplemented"), (r"bãi bỏ|hủy bỏ", "abolished")),
        procedures_after=re.compile(r"\s*(?:thủ tục|tthc)\b"),
        counts=_all((r"\s*nhiệm vụ\b", "tasks"), (r"\s*(?:hoạt động|đầu việc)\b", "activities"), (r"\s*(?:lượt )?hồ sơ\b", "received_and_processed"),
                    (r"\s*(?:đoàn|tổ)(?: công tác)?(?: kiểm tra)?\b", "teams"), (r"\s*(?:sở|đơn vị cấp sở)\b", "departments_and_branches_inspected"),
                    (r"\s*(?:huyện|đơn vị cấp huyện)\b", "districts_and_cities_inspected"), (r"\s*(?:lĩnh vực|chỉ số thành phần|chỉ số nội dung)\b", "n_domains")),
        shares=_all((r"đúng hạn|trước hạn|đúng và trước hạn", "resolved_on_time_or_early_share"), (r"số hóa|số hoá", "digitised_share_departments"),
                    (r"trực tuyến", "resolved_online_share"), (r"toàn trình", "online_full_process_share"), (r"hoàn thành", "completed_share")),
        words_after=re.compile(r"\bhuyện\b|\bcấp xã\b"),
        denied=re.compile(r"(?<!hàng )\bkhông\b(?! chỉ| những| ngừng| gian| khí)|\bchưa\b(?! đến| đầy)|\bchẳng\b|\bchả\b|\bthay vì\b|\bthay cho\b|\bphủ nhận\b|\bsai\b"),
        intended=re.compile(r"phấn đấu|mục tiêu|chỉ tiêu|dự kiến|dự báo|kỳ vọng|quyết tâm|hướng (?:tới|đến)|\bsẽ\b|kế hoạch[^;]{0,80}(?:đạt|đứng|xếp|lọt|vào)|cần đạt|nhằm đạt|"
                            r"giả sử|\bnếu\b(?! (?:như )?(?:trong )?năm)"),
        at_least=re.compile(r"ít nhất\s+$"),
        from_before=re.compile(r"\btừ(?: mức| hạng| vị trí| thứ| số)*\s+$"),
        to_before=re.compile(r"\btừ\b[^;]{1,60}\b(?:lên|xuống|còn|đến|tới)\s+$"),
        onward=re.compile(r"[^;]{0,40}?\b(?:lên|xuống|còn|đến|tới)\b[^;\d]{0,20}\d+(?:[.,]\d+)*"),
        other_year=re.compile(r"\btừ\b|so với|\bhơn\b|\bsau\b|trong khi|\bnhưng\b"),
    ),
}  # fmt: skip
