"""Files as offices send them: bytes for the reader and the importers.

``MESSY`` are rosters (成员单位名册) that say the same six memberships as ``ROSTER`` in ever other
clothes; ``REFUSED`` are rosters in which some rows must be refused. Each builder takes nothing and
returns bytes; the keys are used as test names. Files that cannot be read at all are in ``tests.hostile``.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter

from tests.spreadsheets import (
    HEADER,
    NAMESPACE,
    PHONES,
    ROSTER,
    TITLE,
    XML_HEAD,
    Formula,
    cell_xml,
    csv_text,
    package,
    parts,
    raw_roster,
    roster,
    rows,
    rows_xml,
    sheet_xml,
    workbook,
)

# --- messy, but the same six memberships ---------------------------------------------------------------------

SYNONYMS = ["编号", "成员单位\n名　称", "类　别", "所在社区", "党组织", "党员人数", "轮值 方式", "负责人姓名"]
SYNONYMS += ["联 络 员", "联络员\n手机（必填）", "入盟时间"]
DATES = ["2023.6.28", "2023年6月28日", "2024/3/5", "２０２４－３－５", "20251101", 45105]
MANY_DATES = [
    "2023-6-28 00:00:00",
    "二〇二三年六月二十八日",
    "2024-03-05",
    "2024年3月5日（星期二）",
    45962,
    "45105",
]


def merged_units() -> bytes:
    """所属社区 merged over its five rows, 轮值方式 merged over runs of equal values."""
    body = rows(
        所属社区=["同心社区", None, None, None, None, "北关社区"],
        轮值方式=["单独", None, None, "集体", None, "单独"],
    )
    return roster(body, merges=[(3, 4, 7, 4), (3, 7, 5, 7), (6, 7, 7, 7)])


def two_row_header() -> bytes:
    upper = [*HEADER[:8], "联络员", None, "加入日期"]
    lower = [*[None] * 8, "姓名", "电话", None]
    down = [(2, column, 3, column) for column in (*range(1, 9), 11)]
    grid = [[TITLE], upper, lower, *ROSTER]
    return workbook(("名册", grid), merges=[(1, 1, 1, 11), *down, (2, 9, 2, 10)])


def totals_and_signatures() -> bytes:
    tail: list[list[Any]] = [
        [None] * 11,
        ["合 计", None, None, None, None, Formula("=SUM(F3:F8)", 206)],
        ["填表人：宋振东", None, None, None, "审核人：史国庆", None, None, None, "2026年3月31日"],
        ["注：两个社区的单位计两次"],
        [None] * 11,
    ]
    return roster([*ROSTER[:5], ["小计", None, None, None, None, 167], *ROSTER[5:], *tail])


def header_on_row_seven() -> bytes:
    above: list[list[Any]] = [
        [TITLE],
        [],
        ["填报单位：联盟总站办公室"],
        ["统计截止：2026年3月31日"],
        [],
        ["说明：如实填写"],
    ]
    return workbook(("名册", [*above, HEADER, *ROSTER]), merges=[(1, 1, 1, 11)])


def prefilled_numbers() -> bytes:
    """序号 filled down for rows that were never written."""
    return roster([*ROSTER, *([number] for number in range(7, 41))])


def months_in_blocks() -> bytes:
    """A yearly table in which a collective month is one merged block with a unit in each row."""
    body = [["1月", "县民政局", "单独"], ["2月", "县书法家协会", "集体"], [None, "县家政服务行业协会", None]]
    head = ["月份", "轮值主席单位", "轮值方式"]
    return workbook(("同心社区", [head, *body]), merges=[(3, 1, 4, 1), (3, 3, 4, 3)])


def section_titles() -> bytes:
    """Section titles merged across the table, and the header printed again for the second page."""
    body = [["一、同心社区"], *ROSTER[:5], HEADER, ["二、北关社区"], *ROSTER[5:]]
    return roster(body, merges=[(3, 1, 3, 11), (10, 1, 10, 11)])


def other_sheets() -> bytes:
    """The roster between a sheet of notes, a chart's figures and a sheet of another table."""
    return workbook(
        ("填报说明", [["一、如实填写"], ["二、每行一条"]]),
        ("成员单位名册", [[TITLE], HEADER, *ROSTER]),
        ("统计", [["序号", "单位类型", "数量"], [1, "机关", 3], [2, "学校", 1]]),
    )


def formulas_computed() -> bytes:
    names = [Formula(f'=CONCATENATE("县","{row[1][1:]}")', row[1]) for row in ROSTER]
    return roster(rows(单位名称=names, 党员数=[Formula("=40+7", 47), 39, 61, 12, 8, Formula("=B1", 39)]))


def million_row_dimension() -> bytes:
    """A stated size of the whole sheet, styled empty rows below the data, a lone empty cell in the last
    corner.
    """
    blank = "".join(
        f'<row r="{number}" s="1" customFormat="1"><c r="A{number}" s="1"/></row>'
        for number in range(8, 3000)
    )
    last = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    return raw_roster(rows_xml([HEADER, *ROSTER]) + blank + last, before='<dimension ref="A1:XFD1048576"/>')


def prefixed_strict() -> bytes:
    """Every element with a prefix, the strict namespace, formatted runs and a reading in the string
    table.
    """
    text = sheet_xml(rows_xml([HEADER, *ROSTER])).replace("<row", "<x:row").replace("</row", "</x:row")
    for name in ("worksheet", "sheetData", "is", "t", "c", "v"):
        for end in (">", " ", "/>"):
            text = text.replace(f"<{name}{end}", f"<x:{name}{end}").replace(
                f"</{name}{end}", f"</x:{name}{end}"
            )
    strict = 'xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"'
    return package(parts(text.replace(f'xmlns="{NAMESPACE}"', strict)))


def rich_strings() -> bytes:
    """Strings from the table in several runs, with a phonetic reading that is not part of the text."""
    words = [str(value) for row in (HEADER, *ROSTER) for value in row]
    runs = "".join(
        f"<si><r><t>{word[:1]}</t></r><r><rPr><b/></rPr><t>{word[1:]}</t></r><rPh sb='0' eb='1'><t>dú</t></rPh></si>"
        for word in words
    )
    width = len(HEADER)
    cells = [f'<c t="s"><v>{index}</v></c>' for index in range(len(words))]
    body = "".join(
        f"<row>{''.join(cells[start : start + width])}</row>" for start in range(0, len(cells), width)
    )
    return raw_roster(body, strings=f'{XML_HEAD}<sst xmlns="{NAMESPACE}">{runs}</sst>')


def chinese_date_formats() -> bytes:
    """Serial numbers under the date formats that only Chinese Excel numbers (31, 57) and one written by
    hand.
    """
    styles = (
        f'{XML_HEAD}<styleSheet xmlns="{NAMESPACE}"><numFmts><numFmt numFmtId="176" '
        'formatCode="[DBNum1][$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/></numFmts><cellXfs>'
        '<xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="57"/><xf numFmtId="176"/></cellXfs></styleSheet>'
    )
    body = rows_xml([HEADER])
    for number, row in enumerate(ROSTER):
        serial = (row[-1] - date(1899, 12, 30)).days
        body += f"<row>{''.join(map(cell_xml, row[:-1]))}{cell_xml(serial, 1 + number % 3)}</row>"
    return raw_roster(body, styles=styles)


def invisible_characters() -> bytes:
    """Tabs, zero-width spaces, direction marks, NULs and half characters around and inside the names."""
    hidden = "\u202e_x0000__xD800_"
    body = rows(单位名称=[f"\u200b {row[1][:2]}{hidden}{row[1][2:]}\ufeff\t" for row in ROSTER])
    return raw_roster(rows_xml([HEADER, *body]))


def hidden_twin() -> bytes:
    """A hidden sheet with an old state of the same roster."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy/m/d"})
    for name in ("名册", "旧名册"):
        sheet = book.add_worksheet(name)
        for y, row in enumerate([HEADER, *ROSTER]):
            sheet.write_row(y, 0, row)
        if name == "旧名册":
            sheet.hide()
    book.close()
    return buffer.getvalue()


_CSV = csv_text([HEADER, *ROSTER])

MESSY: dict[str, tuple[str, Callable[[], bytes]]] = {
    "plain": ("名册.xlsx", roster),
    "synonyms": ("名册.xlsx", lambda: roster(header=SYNONYMS)),
    "merged_units": ("名册.xlsx", merged_units),
    "two_row_header": ("名册.xlsx", two_row_header),
    "full_width_digits": (
        "名册.xlsx",
        lambda: roster(
            rows(
                党员数=["４７", "39人", " 61 ", "１２名", 8.0, "39.0"],
                联络员电话=["１３８００００９８６１", *PHONES[1:]],
            )
        ),
    ),
    "date_styles": ("名册.xlsx", lambda: roster(rows(加入日期=DATES))),
    "more_date_styles": ("名册.xlsx", lambda: roster(rows(加入日期=MANY_DATES))),
    "dates_from_1904": ("名册.xlsx", lambda: roster(date_1904=True)),
    "chinese_date_formats": ("名册.xlsx", chinese_date_formats),
    "phones_as_numbers": ("名册.xlsx", lambda: roster(rows(联络员电话=[int(phone) for phone in PHONES]))),
    "phones_with_dashes": (
        "名册.xlsx",
        lambda: roster(rows(联络员电话=[f"+86 {p[:3]}-{p[3:7]} {p[7:]}" for p in PHONES])),
    ),
    "totals_and_signatures": ("名册.xlsx", totals_and_signatures),
    "header_on_row_seven": ("名册.xlsx", header_on_row_seven),
    "prefilled_numbers": ("名册.xlsx", prefilled_numbers),
    "section_titles": ("名册.xlsx", section_titles),
    "other_sheets": ("名册.xlsx", other_sheets),
    "hidden_twin": ("名册.xlsx", hidden_twin),
    "formulas_computed": ("名册.xlsx", formulas_computed),
    "million_row_dimension": ("名册.xlsx", million_row_dimension),
    "prefixed_strict": ("名册.xlsx", prefixed_strict),
    "rich_strings": ("名册.xlsx", rich_strings),
    "invisible_characters": ("名册.xlsx", invisible_characters),
    "csv_utf8": ("名册.csv", lambda: _CSV.encode()),
    "csv_utf8_bom": ("名册.csv", lambda: _CSV.encode("utf-8-sig")),
    "csv_gb18030": ("名册.csv", lambda: _CSV.encode("gb18030")),
    "csv_utf16_tabs": ("名册.csv", lambda: csv_text([HEADER, *ROSTER], "\t").encode("utf-16")),
    "csv_with_line_breaks": (
        "名册.csv",
        lambda: csv_text([[TITLE], ["序\n号", *HEADER[1:]], *ROSTER[:3], [], *ROSTER[3:], ["合计"]]).encode(),
    ),
    "xlsx_called_csv": ("名册.csv", roster),
    "csv_called_xlsx": ("名册.xlsx", lambda: _CSV.encode("gb18030")),
    "columns_in_other_order": (
        "名册.xlsx",
        lambda: roster([row[::-1] for row in ROSTER], header=HEADER[::-1]),
    ),
}


# --- readable, with rows that must be refused ------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """A roster with refusals: ``refused`` are (row in the sheet, column title, words of the reason)."""

    filename: str
    build: Callable[[], bytes]
    refused: tuple[tuple[int, str, str], ...]


def month_twice() -> bytes:
    """A yearly table (sheet 同心社区) in which March stands twice: a matter for the importer, not the
    reader.
    """
    months = ["1月", "2月", "三月", "3月", *(f"{number}月" for number in range(5, 13))]
    body = [[month, "县民政局", "单独", "入户走访", None] for month in months]
    title = "同心社区党建联盟2025年度轮值主席安排表"
    return workbook(("同心社区", [[title], ["月份", "轮值主席单位", "轮值方式", "活动主题", "备注"], *body]))


def near_names() -> bytes:
    """Unit names that differ from known ones by a bracket, a space or one character."""
    return roster(
        rows(
            单位名称=[
                "县行政审批局 ",
                "县 民政局",
                "县实验小学（本部）",
                "县书法协会",
                "县家政服务协会",
                "县民政局",
            ]
        )
    )


def formulas_not_computed() -> bytes:
    """Saved by a program that computes nothing: the formula is there, its result is not."""
    body = rows_xml([HEADER, *ROSTER[:5]])
    uncomputed = [*map(cell_xml, ROSTER[5])]
    uncomputed[5] = "<c><f>SUM(F2:F6)</f><v></v></c>"
    return raw_roster(f"{body}<row>{''.join(uncomputed)}</row>")


def error_values() -> bytes:
    body = rows_xml([HEADER, *ROSTER[:5]])
    broken = [*map(cell_xml, ROSTER[5])]
    broken[1] = '<c t="e"><f>Sheet9!A1</f><v>#REF!</v></c>'
    return raw_roster(f"{body}<row>{''.join(broken)}</row>")


REFUSED: dict[str, Wrong] = {
    "formulas_not_computed": Wrong("名册.xlsx", formulas_not_computed, ((7, "党员数", "公式"),)),
    "error_values": Wrong("名册.xlsx", error_values, ((7, "单位名称", "#REF!"),)),
    "error_value_in_csv": Wrong(
        "名册.csv", lambda: _CSV.replace("县书法家协会", "#N/A").encode(), ((5, "单位名称", "#N/A"),)
    ),
    "impossible_dates": Wrong(
        "名册.xlsx",
        lambda: roster(rows(加入日期=["2023-02-30", "23.6.28", "2024年3月", "去年", 3, date(2023, 6, 28)])),
        (
            (3, "加入日期", "不是有效的日期"),
            (4, "加入日期", "四位"),
            (5, "加入日期", "没有写到日"),
            (6, "加入日期", "不像日期"),
            (7, "加入日期", "不像日期"),
        ),
    ),
    "impossible_phones": Wrong(
        "名册.xlsx",
        lambda: roster(
            rows(
                联络员电话=["1380000986", "88012345", "无", "13800001234、13900004321", "1.38E+10", PHONES[5]]
            )
        ),
        (
            (3, "联络员电话", "11 位"),
            (4, "联络员电话", "区号"),
            (5, "联络员电话", "不是电话"),
            (6, "联络员电话", "一个"),
            (7, "联络员电话", "文本"),
        ),
    ),
    "required_empty": Wrong(
        "名册.xlsx",
        lambda: roster(rows(单位名称=["  ", *(row[1] for row in ROSTER[1:])])),
        ((3, "单位名称", "必填"),),
    ),
    "huge_cell": Wrong(
        "名册.xlsx",
        lambda: roster(rows(单位名称=["县" * 30_000, *(r[1] for r in ROSTER[1:])])),
        ((3, "单位名称", "1000"),),
    ),
    "unknown_choice": Wrong(
        "名册.xlsx",
        lambda: roster(rows(轮值方式=["轮流", *(r[6] for r in ROSTER[1:])])),
        ((3, "轮值方式", "单独"),),
    ),
}

INJECTIONS = [
    '=HYPERLINK("http://example.invalid","x")',
    "+1+1",
    "-5",
    "@SUM(A1)",
    "=1+1|cmd",
    "<script>alert(1)</script>",
]


def injections() -> bytes:
    """Names that a spreadsheet would take for formulas and a browser for markup: plain text here."""
    return roster(rows(单位名称=INJECTIONS))
