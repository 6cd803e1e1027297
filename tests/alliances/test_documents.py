"""Papers in every format: geometry and fonts of GB/T 9704-2012, hostile texts, determinism, and that they open."""

import copy
import io
import re
import zipfile
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from alliances import documents
from alliances.documents import (
    OFFICIAL,
    PaperError,
    break_title,
    file_name,
    freeze,
    to_docx,
    to_pdf,
    to_text,
    to_xlsx,
    validate,
)
from alliances.documents.layout import signature_indents, text_width
from tests.alliances.papers_cast import HOSTILE, REPORT, SLIP, YEAR, hostile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ALL = {"slip": SLIP, "year": YEAR, "report": REPORT, "hostile": hostile()}
each_paper = pytest.mark.parametrize("paper", ALL.values(), ids=ALL)


def part(docx: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return ElementTree.fromstring(archive.read(name))


def body(paper: dict[str, Any], **options: Any) -> ElementTree.Element:
    return part(to_docx(paper, **options), "word/document.xml")


def twips(element: ElementTree.Element, name: str) -> int:
    return int(element.attrib[W + name])


# --- Word: page, grid, pitch, fonts ----------------------------------------------------------------------------------


def test_docx_portrait_page_has_the_standards_geometry() -> None:
    section = body(REPORT).find(f".//{W}sectPr")
    size, margin, grid = (section.find(W + name) for name in ("pgSz", "pgMar", "docGrid"))
    # 210 x 297 mm; 37, 26, 35, 28 mm; 1 mm = 56.69 twips
    assert (twips(size, "w"), twips(size, "h")) == pytest.approx((11906, 16838), abs=1)
    sides = [twips(margin, side) for side in ("top", "right", "bottom", "left")]
    assert sides == pytest.approx([2098, 1474, 1984, 1587], abs=1)
    assert grid.attrib == {W + "type": "lines", W + "linePitch": "579"}
    # 22 lines of 28.95 pt are 636.9 pt: they fit the 225 mm (637.8 pt) of the type area.
    assert twips(size, "h") - sides[0] - sides[2] >= 22 * 579


def test_docx_landscape_page_is_the_portrait_page_turned() -> None:
    section = body(YEAR).find(f".//{W}sectPr")
    size, margin = section.find(W + "pgSz"), section.find(W + "pgMar")
    assert size.attrib[W + "orient"] == "landscape"
    assert (twips(size, "w"), twips(size, "h")) == pytest.approx((16838, 11906), abs=1)
    sides = [twips(margin, side) for side in ("top", "right", "bottom", "left")]
    assert sides == pytest.approx([1587, 2098, 1474, 1984], abs=1)


def test_docx_body_lines_are_exactly_28_95_points_and_begin_two_characters_in() -> None:
    paragraphs = [p for p in body(REPORT).iter(W + "p") if "各成员单位" in "".join(p.itertext())]
    assert paragraphs
    for paragraph in paragraphs:
        spacing, indent = paragraph.find(f"{W}pPr/{W}spacing"), paragraph.find(f"{W}pPr/{W}ind")
        assert (spacing.attrib[W + "line"], spacing.attrib[W + "lineRule"]) == ("579", "exact")
        assert (indent.attrib[W + "firstLineChars"], indent.attrib[W + "firstLine"]) == ("200", "640")


def test_docx_sizes_and_fonts_follow_the_standard() -> None:
    found: dict[str, tuple[str, float]] = {}
    for run in body(REPORT).iter(W + "r"):
        properties = run.find(W + "rPr")
        font = properties.find(W + "rFonts").attrib[W + "eastAsia"]
        found.setdefault(
            "".join(run.itertext())[:6], (font, int(properties.find(W + "sz").attrib[W + "val"]) / 2)
        )
    assert found["关于2026"] == ("方正小标宋简体", 22)
    assert found["各成员单位围"] == ("仿宋_GB2312", 16)
    assert found["一、基本情况"] == ("黑体", 16)
    assert found["（一）轮值履"] == ("楷体_GB2312", 16)
    assert found["1. 提醒单"] == ("仿宋_GB2312", 16)
    assert found["附件1"] == ("黑体", 16)


@each_paper
def test_docx_every_run_names_its_chinese_font_and_no_theme_font_is_left(paper: dict[str, Any]) -> None:
    content = to_docx(paper)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [
            name
            for name in archive.namelist()
            if re.fullmatch(r"word/(document|footer\d*|styles)\.xml", name)
        ]
    runs = 0
    for name in parts:
        root = part(content, name)
        for fonts in root.iter(W + "rFonts"):
            assert not [key for key in fonts.attrib if key.endswith(("Theme", "cstheme"))], name
        for run in root.iter(W + "r"):
            fonts = run.find(f"{W}rPr/{W}rFonts")
            assert fonts.attrib[W + "eastAsia"] == fonts.attrib[W + "ascii"]
            assert fonts.attrib[W + "hint"] == "eastAsia"
            runs += 1
    assert runs > 10


@each_paper
def test_docx_properties_stand_in_the_order_of_the_schema(paper: dict[str, Any]) -> None:
    """Word refuses or ignores properties in another order."""
    orders = {
        "pPr": "keepNext pageBreakBefore widowControl pBdr tabs autoSpaceDE autoSpaceDN snapToGrid spacing ind jc rPr",
        "rPr": "rFonts color spacing sz szCs lang",
        "tblPr": "tblW jc tblBorders tblLayout tblCellMar",
        "tcPr": "tcW gridSpan vMerge vAlign",
    }
    root = body(paper)
    for name, order in orders.items():
        known = order.split()
        for element in root.iter(W + name):
            tags = [child.tag.removeprefix(W) for child in element]
            assert tags == sorted(tags, key=known.index)


@each_paper
def test_docx_tables_have_column_and_cell_widths_and_do_not_snap(paper: dict[str, Any]) -> None:
    tables = list(body(paper).iter(W + "tbl"))
    assert tables
    for table in tables:
        assert table.find(f"{W}tblPr/{W}tblLayout").attrib[W + "type"] == "fixed"
        columns = [twips(column, "w") for column in table.iter(W + "gridCol")]
        assert twips(table.find(f"{W}tblPr/{W}tblW"), "w") == sum(columns)
        for row in table.iter(W + "tr"):
            assert sum(twips(width, "w") for width in row.iter(W + "tcW")) == sum(columns)
        for paragraph in table.iter(W + "p"):
            assert paragraph.find(f"{W}pPr/{W}snapToGrid").attrib[W + "val"] == "0"


def test_docx_header_row_of_the_year_repeats_and_rows_stay_whole() -> None:
    tables = [table for table in body(YEAR).iter(W + "tbl") if len(list(table.iter(W + "tr"))) == 13]
    rows = list(tables[0].iter(W + "tr"))
    assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] + [False] * 12
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


def test_docx_page_numbers_stand_right_on_odd_and_left_on_even_pages() -> None:
    content = to_docx(REPORT)
    assert part(content, "word/settings.xml").find(W + "evenAndOddHeaders") is not None
    document = Document(io.BytesIO(content))
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]._p
        assert "".join(text.text or "" for text in paragraph.iter(W + "t")) == "— 1 —"
        assert [code.text.strip() for code in paragraph.iter(W + "instrText")] == ["PAGE"]
        assert paragraph.find(f"{W}pPr/{W}jc").attrib[W + "val"] == side
        # one character (14 pt) in from that side
        assert paragraph.find(f"{W}pPr/{W}ind").attrib[W + side] == "280"
        assert {size.attrib[W + "val"] for size in paragraph.iter(W + "sz")} == {"28"}
        assert {fonts.attrib[W + "eastAsia"] for fonts in paragraph.iter(W + "rFonts")} == {"宋体"}


def test_docx_red_head_is_red_and_a_slip_is_not() -> None:
    assert {colour.attrib[W + "val"] for colour in body(REPORT).iter(W + "color")} == {"E60012"}
    assert not list(body(SLIP).iter(W + "color"))


def test_docx_office_may_deviate_by_options() -> None:
    office = replace(OFFICIAL, margin_top=30, line_pitch=28, line_pitch_twips=560, body_font="FangSong")
    root = body(REPORT, options=office)
    assert twips(root.find(f".//{W}pgMar"), "top") == pytest.approx(1701, abs=1)
    assert {
        spacing.attrib[W + "line"] for spacing in root.iter(W + "spacing") if W + "line" in spacing.attrib
    } >= {"560"}
    assert "仿宋_GB2312" not in {fonts.attrib[W + "eastAsia"] for fonts in root.iter(W + "rFonts")}


def test_docx_texts_come_back_as_they_were() -> None:
    document = Document(io.BytesIO(to_docx(hostile())))
    cells = [row.cells[0].text for table in document.tables for row in table.rows]
    assert [text for text in HOSTILE if text not in cells] == []


# --- the same paper, the same bytes -----------------------------------------------------------------------------------


@each_paper
def test_rendering_twice_gives_the_same_bytes(paper: dict[str, Any]) -> None:
    again = copy.deepcopy(paper)
    assert to_docx(paper) == to_docx(again)
    assert to_xlsx(paper) == to_xlsx(again)
    assert to_pdf(paper) == to_pdf(again)


def test_docx_archive_carries_no_time_of_making() -> None:
    with zipfile.ZipFile(io.BytesIO(to_docx(SLIP))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert Document(io.BytesIO(to_docx(SLIP))).core_properties.created.date().isoformat() == "2026-03-02"


def test_freeze_does_not_depend_on_key_order_and_sees_every_change() -> None:
    text, digest = freeze(SLIP)
    assert freeze(dict(reversed(SLIP.items()))) == (text, digest)
    assert "县图书馆" in text
    assert len(digest) == 64
    changed = copy.deepcopy(SLIP)
    changed["blocks"][-1]["rows"][0][1] = "县档案馆"
    assert freeze(changed)[1] != digest


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"layout": "poster"}, "paper.layout"),
        ({"title": " "}, "paper.title"),
        ({"colour": "red"}, "colour is not known"),
        ({"date": "2026年3月2日"}, "paper.date"),
        ({"blocks": [{"type": "para", "txt": ""}]}, "paper.blocks[0]: text is missing"),
        ({"blocks": [{"type": "poem"}]}, "paper.blocks[0]"),
        ({"blocks": [{"type": "fields", "rows": [["a", "b", "c"]]}]}, "label and value"),
        (
            {"blocks": [{"type": "table", "columns": [{"title": "a"}], "rows": [["1", "2"]]}]},
            "2 cells under 1",
        ),
        ({"blocks": [{"type": "fields", "rows": [["分", 92.4]]}]}, "float is not paper content"),
        ({"blocks": [{"type": "fields", "rows": [["是", True]]}]}, "bool"),
    ],
)
def test_a_wrong_paper_is_refused_with_the_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(PaperError, match=re.escape(place)):
        freeze({**SLIP, **change})


def test_all_kinds_of_block_are_in_the_test_papers() -> None:
    """So that the tests over every paper are tests over every kind of block."""
    # Pictures have papers of their own in test_paper_pictures.py, charts and the imprint in test_paper_charts.py.
    elsewhere = {"pagebreak", "pictures", "chart", "imprint"}
    assert {block["type"] for block in REPORT["blocks"]} | elsewhere == set(documents.paper.BLOCKS)
    for paper in ALL.values():
        validate(documents.normalise(paper))


# --- text, names, titles, signatures ----------------------------------------------------------------------------------


def test_text_of_a_slip_can_be_pasted_into_a_group() -> None:
    text = to_text(SLIP, link="https://example.invalid/slips/3")
    lines = text.splitlines()
    assert lines[:3] == ["【轮值主席提醒单】", "编号：同心党建联提〔2026〕3号", "县图书馆："]
    assert "轮值月份：2026年3月" in lines
    assert "· 开展当月活动：3月25日（星期三）" in lines
    assert lines[-1] == "https://example.invalid/slips/3"
    assert "签收人" not in text
    assert "\t" not in text
    assert "|" not in text


def test_file_name_is_safe_everywhere() -> None:
    assert file_name(SLIP, "docx") == "轮值主席提醒单（同心党建联提〔2026〕3号）.docx"
    assert file_name({"title": '../a\\b:c*?"<>|\x00\u202e', "number": ""}, ".pdf") == "abc.pdf"
    assert file_name({"title": " . "}, "pdf") == "文件.pdf"
    assert len(file_name({"title": "长" * 300}, "docx").encode()) < 255


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("轮值主席提醒单", ["轮值主席提醒单"]),
        ("自定\n换行", ["自定", "换行"]),
        (
            "关于2026年第一季度共驻共建工作专项考核评议情况的报告",
            ["关于2026年第一季度共驻共建工作", "专项考核评议情况的报告"],
        ),
    ],
)
def test_title_known_examples(title: str, lines: list[str]) -> None:
    assert break_title(title, 20) == lines


@given(st.text(alphabet="关于的社区党建联盟年度轮值主席0123安排表（）《》、", min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_title_lines_keep_every_character_and_fit(title: str) -> None:
    lines = break_title(title, 20)
    assert "".join(lines) == title
    assert max(text_width(line) for line in lines) <= 20


@given(st.integers(min_value=21, max_value=55))
def test_title_is_never_a_block_or_an_hourglass(length: int) -> None:
    widths = [text_width(line) for line in break_title("社" * length, 20)]
    assert widths[0] != widths[-1] or len(widths) == 3
    if len(widths) == 3:
        assert not (widths[0] > widths[1] < widths[2])
        assert len(set(widths)) > 1


def test_signature_indents_follow_the_standard() -> None:
    # Sealed: date 4 characters in, the issuer centred above it (7 and 6 wide: half a character further right).
    assert signature_indents("同心社区党支部", "2026年3月2日", sealed=True) == (3.5, 4.0)
    # Unsealed: issuer 2 in; the date begins 2 characters right of the issuer's beginning.
    issuer, day = "中共城关街道同心社区支部委员会", "2026年3月2日"
    right_issuer, right_day = signature_indents(issuer, day, sealed=False)
    assert right_issuer == 2.0
    assert (right_issuer + text_width(issuer)) - (right_day + text_width(day)) == 2.0
