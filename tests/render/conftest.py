"""One realistic executed notebook: every kind of block of ours, and every kind of output that analysts have."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib import font_manager
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from par_analysis.fonts import FAMILY, TTF
from par_analysis.render import HTMLPage, PDFPage
from par_analysis.show import blocks

IDENTITY = {"report": "province", "index": "par_index", "unit": "30", "year": 2023, "lang": "vi", "data": "3f2a9c"}
URL = "https://dangcongsan.vn/cai-cach-hanh-chinh/ket-qua-chi-so-cai-cach-hanh-chinh-nam-2023-cua-cac-bo-co-quan-ngang-bo-uy-ban-nhan-dan-cac-tinh-665042.html"

_NAMES = (
    "Quảng Ninh|Hải Phòng|Hà Nội|Bắc Giang|Bà Rịa - Vũng Tàu|Thái Nguyên|Đà Nẵng|Thừa Thiên Huế|Hà Tĩnh|Ninh Thuận|Tây Ninh|Nghệ An|Vĩnh Phúc|Hưng Yên|Bắc Ninh|Lào Cai|Cà Mau|"
    "Đồng Nai|Cần Thơ|Long An|Quảng Trị|Hải Dương|Thái Bình|Nam Định|Ninh Bình|Hà Nam|Thanh Hóa|Phú Thọ|Lạng Sơn|Sơn La|Yên Bái|Tuyên Quang|Hà Giang|Cao Bằng|Bắc Kạn|Lai Châu|"
    "Điện Biên|Hòa Bình|Quảng Bình|Quảng Nam|Quảng Ngãi|Bình Định|Phú Yên|Khánh Hòa|Bình Thuận|Kon Tum|Gia Lai|Đắk Lắk|Đắk Nông|Lâm Đồng|Bình Phước|Bình Dương|TP. Hồ Chí Minh|"
    "Tiền Giang|Bến Tre|Trà Vinh|Vĩnh Long|Đồng Tháp|An Giang|Kiên Giang|Hậu Giang|Sóc Trăng|Bạc Liêu"
)
PROVINCES = _NAMES.split("|")


def _svg(figure: Figure) -> str:
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def _style() -> Any:
    for path in TTF.values():
        font_manager.fontManager.addfont(path)
    return mpl.rc_context({"svg.fonttype": "none", "font.family": FAMILY, "svg.hashsalt": "par", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})


def draw_lines() -> str:
    with _style():
        figure = Figure(figsize=(6.7, 2.9), layout="constrained")
        axes = figure.add_subplot()
        years = np.arange(2012, 2024)
        axes.plot(years, [74, 76, 80.1, 85.2, 76, 78, 75.6, 80.1, 84.5, 84.1, 83.5, 87.84], color="#0b5c7a", linewidth=2)
        axes.plot(years, [75, 77, 81.2, 85.1, 74.6, 77.7, 76.9, 81.2, 83.7, 86.4, 84.8, 86.98], color="#8a959b")
        axes.annotate("Hải Dương 87,84", (2023, 87.84), xytext=(-4, 8), textcoords="offset points", ha="right", weight=600, color="#0b5c7a")
        axes.set_ylabel("Điểm chỉ số (%)")
        axes.set_xticks(years)
        return _svg(figure)


def draw_bars() -> str:
    with _style():
        figure = Figure(figsize=(6.7, 3.2), layout="constrained")
        axes = figure.add_subplot()
        names = ["Chỉ đạo, điều hành", "Cải cách thể chế", "Thủ tục hành chính", "Tổ chức bộ máy", "Chế độ công vụ", "Tài chính công", "Chính quyền số", "Tác động"]
        values = [96.1, 92.4, 94.0, 88.2, 83.9, 86.5, 84.1, 85.0]
        axes.barh(names[::-1], values[::-1], color=["#0b5c7a" if value > 90 else "#9db8be" for value in values[::-1]])
        for row, value in enumerate(values[::-1]):
            axes.text(value - 1, row, f"{value:.1f}".replace(".", ","), va="center", ha="right", color="white" if value > 90 else "#1b262d")
        axes.set_xlabel("Tỷ lệ đạt được so với điểm tối đa (%)")
        return _svg(figure)


def draw_dots() -> str:
    with _style():
        figure = Figure(figsize=(6.7, 3.0), layout="constrained")
        axes = figure.add_subplot()
        values = np.linspace(91.9, 81.3, 63)
        axes.scatter(np.arange(1, 64), values, s=14, color="#9db8be")
        axes.scatter([22], [87.84], s=44, color="#0b5c7a", zorder=3)
        axes.annotate("Hải Dương: hạng 22 → −0,0 điểm", (22, 87.84), xytext=(8, 6), textcoords="offset points", color="#0b5c7a")
        axes.set_xlabel("Thứ hạng trong 63 tỉnh, thành phố")
        return _svg(figure)


def draw_png() -> str:
    figure = Figure(figsize=(5, 2.4), dpi=110, layout="constrained")
    figure.add_subplot().plot([1, 3, 2, 4], color="#0b5c7a")
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return base64.b64encode(stream.getvalue()).decode("ascii")


def shown(display: blocks.Display) -> dict[str, Any]:
    """A code cell's output of ours."""
    return new_output("display_data", data=display._repr_mimebundle_())


def code(*outputs: Any, **metadata: Any) -> Any:
    return new_code_cell("show()", outputs=list(outputs), metadata=metadata)


def notebook(*cells: Any, **metadata: Any) -> Any:
    """A notebook with positional cell ids."""
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    made = new_notebook(cells=list(cells), metadata=metadata)
    nbformat.validate(made)
    return made


def cover(**changes: Any) -> blocks.Display:
    """The cover of a province's year."""
    heads: list[blocks.Headline] = [
        {"label": "Điểm chỉ số", "value": "87,84", "detail": "+4,32 điểm so với năm 2022", "tone": "up"},
        {"label": "Thứ hạng", "value": "22/63", "detail": "+25 bậc so với năm 2022 (hạng 47)", "tone": "up"},
        {"label": "So với trung bình cả nước", "value": "+0,86", "detail": "trung bình 63 tỉnh: 86,98", "tone": "plain"},
        {"label": "Xếp hạng trong vùng", "value": "7/11", "detail": "−1 bậc trong vùng Đồng bằng sông Hồng", "tone": "down"},
    ]
    said: dict[str, Any] = {
        "title": "Hải Dương",
        "subtitle": "Kết quả Chỉ số cải cách hành chính cấp tỉnh, thứ hạng, các lĩnh vực và những gì còn phải làm",
        "kicker": "PAR INDEX 2023",
        "headlines": heads,
        "lead": [[{"text": "Hải Dương đạt 87,84 điểm, tăng 4,32 điểm và lên 25 bậc: mức tăng hạng lớn nhất của tỉnh kể từ năm 2012."}]],
        "author": "Sở Nội vụ tỉnh Hải Dương",
    }
    return blocks.cover(IDENTITY, **(said | changes))


def _written(value: float, *, signed: bool = False) -> str:
    return (f"{value:+.2f}" if signed else f"{value:.2f}").replace(".", ",").replace("-", "−")


def _columns(first: str, *numeric: str) -> list[blocks.Column]:
    return [{"label": first, "numeric": False}, *({"label": label, "numeric": True} for label in numeric)]


DOMAINS = (
    "Công tác chỉ đạo, điều hành cải cách hành chính",
    "Cải cách thể chế",
    "Cải cách thủ tục hành chính",
    "Cải cách tổ chức bộ máy hành chính nhà nước",
    "Cải cách chế độ công vụ",
    "Cải cách tài chính công",
    "Xây dựng và phát triển chính quyền điện tử, chính quyền số",
    "Tác động của cải cách hành chính đến người dân, tổ chức và phát triển kinh tế - xã hội",
)


def _domains() -> blocks.Display:
    rows: list[blocks.Row] = []
    for number, name in enumerate(DOMAINS, 1):
        change = (number * 7 % 11) - 4
        cells: list[blocks.Cell] = [{"text": word} for word in (f"{number}. {name}", _written(9 + number / 7), "10,00", "92,14", f"{7 + number * 5}")]
        rows.append({"cells": [*cells, {"text": f"{change:+d}".replace("-", "−"), "tone": "up" if change > 0 else "down"}]})
    rows.append({"cells": [{"text": word} for word in ("Tổng", "87,84", "100,00", "87,84", "22", "+25")], "highlight": True})
    columns = _columns("Lĩnh vực", "Điểm", "Tối đa", "Tỷ lệ (%)", "Hạng", "Thay đổi hạng")
    note: blocks.Rich = [{"text": "Nguồn: Bộ Nội vụ, Quyết định 876/QĐ-BNV. Thay đổi hạng so với năm 2022."}]
    return blocks.table("Điểm và thứ hạng theo lĩnh vực, năm 2023", columns, rows, notes=[note])


def _ranking() -> blocks.Display:
    rows: list[blocks.Row] = []
    for rank, name in enumerate(PROVINCES, 1):
        score = 92.07 - rank * 0.17
        words = (name, str(rank), _written(score), _written((rank * 13 % 29) / 5 - 2, signed=True), str(rank * 17 % 63 + 1), _written(score - 86.98, signed=True))
        rows.append({"cells": [{"text": word} for word in words], "highlight": name == "Hải Dương"})
    columns = _columns("Tỉnh, thành phố", "Hạng", "Điểm", "Thay đổi điểm", "Hạng 2022", "Khoảng cách đến trung bình")
    return blocks.table("63 tỉnh, thành phố theo điểm chỉ số năm 2023", columns, rows, dense=True, notes=[[{"text": "Hạng được tính trước khi làm tròn điểm."}]])


@pytest.fixture(scope="session")
def report() -> Any:
    """The notebook of a province's year, with an analyst's own cells at its end."""
    return make_report()


def _own_cells() -> list[Any]:
    """What an analyst adds: words, a table of pandas, a picture, a drawing, raw text."""
    frame = pd.DataFrame({"Đơn vị": ["Sở Giao thông vận tải", "Sở Tư pháp", "Huyện Kim Thành"], "Hồ sơ": [1234, 567, 89012], "Đúng hạn (%)": [98.1, 99.2, 97.5]})
    drawing = '<rect id="r" width="420" height="90" fill="#e8f0f4"/><text x="20" y="52" font-size="20">Sơ đồ của chuyên viên</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="420" height="90">{drawing}</svg>'
    words = "## Phân tích riêng của tỉnh\n\n### Số liệu của các sở\n\n1. Một\n2. Hai\n   - nhỏ\n   - nhỏ nữa\n\n> Số liệu sơ bộ, chưa thẩm định.\n\n| a | b |\n|---|--:|\n| x | 1 |"
    return [
        new_markdown_cell(words, metadata={"tags": ["lang:vi"]}),
        code(new_output("execute_result", data={"text/html": frame.to_html(), "text/plain": repr(frame)}, execution_count=1), caption="Hồ sơ theo đơn vị"),
        code(new_output("display_data", data={"image/png": draw_png()}, metadata={"image/png": {"alt": "Đường gấp khúc lên bốn điểm"}}), caption="Hình vẽ của chuyên viên"),
        code(new_output("display_data", data={"image/svg+xml": svg, "text/plain": "<Figure>"}), alt="Sơ đồ", caption="Sơ đồ quy trình"),
        code(new_output("stream", name="stdout", text="Tổng số hồ sơ:   183.000\nĐúng hạn:         98 %\n")),
    ]


def _history_cells() -> list[Any]:
    note: blocks.Rich = [{"text": "Điểm giữa các năm 2016, 2017, 2018, 2019, 2020 và 2022 không so sánh trực tiếp được vì bộ tiêu chí thay đổi."}]
    limit: blocks.Rich = [{"text": "Điểm số các năm không so sánh được với nhau khi bộ tiêu chí thay đổi; thứ hạng và khoảng cách đến trung bình thì so sánh được."}]
    lead: blocks.Rich = [{"text": "Thứ hạng 22 là vị trí cao nhất "}, {"text": "kể từ năm 2020", "strong": True}, {"text": ", khi tỉnh xếp hạng 26."}]
    alt = "Biểu đồ đường: Hải Dương tăng từ 74 lên 87,84; trung bình cả nước từ 75 lên 86,98."
    return [
        new_markdown_cell("## Điểm số và thứ hạng qua các năm\n\nTỉnh đứng ở đâu trong 63 tỉnh, thành phố?"),
        code(shown(blocks.paragraph(lead, role="lead"))),
        code(shown(blocks.figure("Điểm chỉ số của Hải Dương và trung bình cả nước, 2012–2023", alt, draw_lines(), notes=[note]))),
        code(shown(blocks.paragraph(limit, role="limit"))),
    ]


def _domain_cells() -> list[Any]:
    words = "Bảng dưới đây nêu *điểm*, **tỷ lệ** và thứ hạng từng lĩnh vực; xem thêm `numbers.csv` và [Bộ Nội vụ](https://moha.gov.vn)."
    said = ("Bốn lĩnh vực tăng hạng: chính quyền số (55 → 22), tác động (63 → 12).", "Một lĩnh vực giữ nguyên.", "Ba lĩnh vực giảm hạng, mất 1,27 điểm.")
    alt = "Biểu đồ thanh: Chỉ đạo điều hành cao nhất 96,1 %, Chế độ công vụ thấp nhất 83,9 %."
    return [
        new_markdown_cell(f"## Tám lĩnh vực\n\nLĩnh vực nào kéo tỉnh lên, lĩnh vực nào kéo xuống?\n\n{words}"),
        code(shown(_domains())),
        code(shown(blocks.figure("Tỷ lệ đạt được theo lĩnh vực", alt, draw_bars()))),
        code(shown(blocks.bullets([[{"text": sentence}] for sentence in said]))),
    ]


def make_report() -> Any:
    sources: list[blocks.Rich] = [[{"text": "Báo Đảng Cộng sản, "}, {"text": URL, "href": URL}], [{"text": "Cổng thông tin tỉnh, "}, {"text": URL[:70], "href": URL[:70]}]]
    return notebook(
        new_markdown_cell("# Province"),
        new_code_cell('lang: str = "vi"', metadata={"tags": ["parameters"]}),
        new_code_cell("load()", outputs=[new_output("stream", name="stderr", text="FutureWarning: old\n")]),
        code(shown(cover())),
        *_history_cells(),
        *_domain_cells(),
        new_markdown_cell("## Hồ sơ thủ tục hành chính\n\nBao nhiêu hồ sơ được giải quyết đúng hạn?\n\nSố liệu quý."),
        code(shown(blocks.absent("Chưa có số liệu công bố về hồ sơ cho năm 2023."))),
        new_markdown_cell("## So với các tỉnh khác\n\nTỉnh cách nhóm dẫn đầu bao xa?"),
        code(shown(blocks.figure("Điểm của 63 tỉnh, thành phố theo thứ hạng", "Biểu đồ điểm: từ 91,9 xuống 81,3; Hải Dương ở hạng 22.", draw_dots()))),
        code(shown(_ranking())),
        *_own_cells(),
        new_markdown_cell("## Nguồn\n\nSố liệu lấy từ đâu?"),
        code(shown(blocks.bullets(sources, role="note"))),
    )


class Kit:
    """What the tests build notebooks with, and the two exporters, kept as a batch keeps them."""

    blocks = blocks
    identity = IDENTITY
    url = URL
    code = staticmethod(code)
    shown = staticmethod(shown)
    cover = staticmethod(cover)
    notebook = staticmethod(notebook)
    picture = staticmethod(draw_png)

    def __init__(self) -> None:
        self.html_page, self.pdf_page = HTMLPage(), PDFPage()

    def said(self, source: str, *, tags: tuple[str, ...] = ("lang:vi",)) -> Any:
        """A text cell; its own words unless told otherwise, so that nothing is looked up."""
        return new_markdown_cell(source, metadata={"tags": list(tags)})

    def html(self, *cells: Any) -> str:
        page, _ = self.html_page.from_notebook_node(notebook(*cells))
        return page

    def soup(self, *cells: Any) -> BeautifulSoup:
        return BeautifulSoup(self.html(*cells), "html.parser")

    def pdf(self, *cells: Any) -> bytes:
        pdf, _ = self.pdf_page.from_notebook_node(notebook(*cells))
        return pdf


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()


@pytest.fixture(scope="session")
def files(report: Any, kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report as files, by format."""
    folder = tmp_path_factory.mktemp("pages")
    page, _ = kit.html_page.from_notebook_node(report)
    pdf, _ = kit.pdf_page.from_notebook_node(report)
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "report.pdf").write_bytes(pdf)
    return {"html": folder / "report.html", "pdf": folder / "report.pdf"}
