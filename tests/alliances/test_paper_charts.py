"""Charts on papers: drawn once as SVG, the same in every format and every time, and nobody's words become markup."""

from __future__ import annotations

import base64
import copy
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from alliances.documents import (
    PaperError,
    charts,
    freeze,
    normalise,
    to_docx,
    to_pdf,
    to_text,
    to_xlsx,
    validate,
)
from alliances.documents.charts import figure
from tests.alliances.charts_cast import BARS, CHARTS, IMPRINT, INTERVALS, TREND, paper

S = "{http://www.w3.org/2000/svg}"
each_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)


def drawn(chart: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(charts.svg(chart))


def words(chart: dict[str, Any]) -> list[str]:
    return [one.text or "" for one in drawn(chart).iter(f"{S}text")]


@each_chart
def test_every_format_carries_it_and_says_the_same_twice(chart: dict[str, Any]) -> None:
    given = paper(chart, IMPRINT)
    assert to_docx(given) == to_docx(copy.deepcopy(given))
    assert to_pdf(given) == to_pdf(copy.deepcopy(given))
    assert chart["text"] in to_text(given)
    assert "抄送：中共××县委组织部。" in to_text(given)
    with zipfile.ZipFile(io.BytesIO(to_xlsx(given))) as book:
        assert chart["text"] in book.read("xl/sharedStrings.xml").decode()
    assert freeze(given) == freeze(given)


@each_chart
def test_word_shows_a_picture_of_the_right_size_with_its_words(chart: dict[str, Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(to_docx(paper(chart)))) as word:
        (name,) = [name for name in word.namelist() if name.startswith("word/media/")]
        picture = Image.open(io.BytesIO(word.read(name))).convert("L")
        text = word.read("word/document.xml").decode()
    assert picture.width / picture.height == pytest.approx(charts.WIDTH / charts.HEIGHT, rel=0.01)
    dark = sum(picture.histogram()[:128]) / (picture.width * picture.height)
    assert 0.005 < dark < 0.3
    assert f'descr="{chart["text"]}"' in text
    assert text.index("<w:drawing>") < text.index(chart["title"])


@each_chart
def test_page_shows_the_same_drawing_without_inline_code(chart: dict[str, Any]) -> None:
    html = render_to_string("documents/_paper.html", {"paper": paper(chart)})
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)"', html)
    assert base64.b64decode(data[0]).decode() == charts.svg(chart)
    assert data[1] == chart["text"]
    assert "style=" not in html


def test_pdf_words_of_a_chart_can_be_selected(tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    path = tmp_path / "chart.pdf"
    path.write_bytes(to_pdf(paper(TREND)))
    text = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True, text=True).stdout
    for expected in ("响应率", "2026年一季度", "97.8"):
        assert expected in text


@each_chart
def test_only_black_and_grey_are_used(chart: dict[str, Any]) -> None:
    colours = {
        value
        for element in drawn(chart).iter()
        for name in ("fill", "stroke")
        if (value := element.attrib.get(name, "none")) != "none"
    }
    assert colours
    for colour in colours:
        assert colour[1:3] == colour[3:5] == colour[5:7], colour


def test_values_stand_where_they_belong() -> None:
    """Higher values are higher on the page, in proportion to the scale."""
    circles = [float(one.attrib["cy"]) for one in drawn(TREND).iter(f"{S}circle") if "cy" in one.attrib]
    marks = circles[-3:]  # the first is the legend's
    assert marks == sorted(marks, reverse=True)
    assert (marks[0] - marks[1]) / (marks[1] - marks[2]) == pytest.approx((948 - 917) / (960 - 948), rel=0.01)


def test_a_missing_value_parts_the_line_and_draws_no_mark() -> None:
    chart = {**TREND, "series": [{"name": "响应率", "values": [917, None, 960]}]}
    lines = list(drawn(chart).iter(f"{S}polyline"))
    assert len(lines) == 1  # the legend's alone
    assert len(list(drawn(chart).iter(f"{S}circle"))) == 1 + 2


def test_intervals_reach_from_low_to_high() -> None:
    one = {
        **INTERVALS,
        "labels": ["1月"],
        "series": [{"name": "分", "values": [800], "low": [700], "high": [950]}],
    }
    uprights = [
        line
        for line in drawn(one).iter(f"{S}line")
        if line.attrib["x1"] == line.attrib["x2"] and line.attrib["stroke-width"] == "1.00"
    ]
    (upright,) = uprights
    top, foot = sorted(float(upright.attrib[y]) for y in ("y1", "y2"))
    (mark,) = [
        float(c.attrib["cy"]) for c in drawn(one).iter(f"{S}circle") if top <= float(c.attrib["cy"]) <= foot
    ]
    assert (foot - mark) / (foot - top) == pytest.approx(100 / 250, abs=0.01)


def test_last_figures_of_a_trend_never_stand_on_each_other() -> None:
    chart = {**TREND, "series": [{"name": n, "values": [900, 900, 900 + i]} for i, n in enumerate("甲乙丙")]}
    ends = [one for one in drawn(chart).iter(f"{S}text") if one.text in ("90", "90.1", "90.2")]
    heights = sorted(float(one.attrib["y"]) for one in ends if one.attrib["text-anchor"] == "start")
    assert len(heights) == 3
    assert all(after - before >= charts.SMALL for before, after in zip(heights, heights[1:], strict=False))


def test_words_of_people_stay_words() -> None:
    evil = '"/><script>alert(1)</script>'
    chart = {**BARS, "title": evil, "text": evil, "labels": [evil, "2月", "3月"]}
    assert drawn(chart).find(f".//{S}script") is None
    html = render_to_string("documents/_paper.html", {"paper": paper(chart)})
    assert "<script>" not in html
    assert to_docx(paper(chart))
    assert to_pdf(paper(chart))[:4] == b"%PDF"


@given(st.integers(-99999, 99999))
def test_figure_is_the_decimal_it_stands_for(tenths: int) -> None:
    assert round(float(figure(tenths)) * 10) == tenths


@given(
    st.lists(st.text(max_size=20), min_size=1, max_size=40),
    st.data(),
    st.sampled_from(["lines", "intervals", "bars"]),
)
@settings(max_examples=60, deadline=None)
def test_any_valid_chart_is_drawn_inside_its_frame(
    labels: list[str], data: st.DataObject, shape: str
) -> None:
    value = st.none() | st.integers(-500, 2000)

    def values() -> list[int | None]:
        return data.draw(st.lists(value, min_size=len(labels), max_size=len(labels)))

    series = {"name": "值", "values": values(), "low": values(), "high": values()}
    chart = paper({**BARS, "shape": shape, "labels": labels, "series": [series]})
    freeze(chart)
    root = ElementTree.fromstring(charts.svg(paper_clean(chart)))
    width, height = (float(size) for size in root.attrib["viewBox"].split()[2:])
    for element in root.iter():
        for name, most in (
            ("x", width),
            ("x1", width),
            ("cx", width),
            ("y", height),
            ("y1", height),
            ("cy", height),
        ):
            if name in element.attrib:
                assert -1 <= float(element.attrib[name]) <= most + 1


def paper_clean(given: dict[str, Any]) -> dict[str, Any]:
    return normalise(given)["blocks"][1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"shape": "pie"}, "one of lines"),
        ({"labels": []}, "1 to 40 labels"),
        ({"labels": ["a"]}, "one for each label"),
        ({"series": []}, "1 to 40 labels"),
        ({"series": [{"name": "a", "values": [1.5, 2, 3]}]}, "float"),
        ({"series": [{"name": "a", "values": ["1", 2, 3]}]}, "whole number"),
        ({"series": [{"name": "a"}]}, "values is missing"),
        ({"shape": "intervals"}, "low, high"),
        ({"most": 0}, "rises"),
        ({"step": 0}, "rises"),
        ({"step": 1}, "too small"),
        ({"colour": "red"}, "not known"),
    ],
)
def test_what_is_no_chart_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PaperError, match=sentence):
        to_docx(paper({**BARS, **change}))


def test_an_attachment_may_keep_its_tables_on_one_sheet() -> None:
    def table(width: int) -> dict[str, Any]:
        return {
            "type": "table",
            "columns": [{"title": str(n)} for n in range(width)],
            "rows": [["x"] * width],
        }

    tables = [table(4), {**table(2), "repeat_header": False}]
    for together, sheets in ((True, 1), (False, 2)):
        given = paper(layout="table")
        given["blocks"] = [
            {"type": "attachment", "no": 1, "title": "表", "blocks": tables, "one_sheet": together},
        ]
        validate(given)
        with zipfile.ZipFile(io.BytesIO(to_xlsx(given))) as book:
            assert len([name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]) == sheets
