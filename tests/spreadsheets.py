"""Making spreadsheets for tests: ordinary ones, and packages put together by hand, part by part."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

TITLE = "“经燕红”社会治理党建联盟成员单位名册"
HEADER = ["序号", "单位名称", "单位类型", "所属社区", "党组织名称", "党员数", "轮值方式", "负责人", "联络员"]
HEADER += ["联络员电话", "加入日期"]
ROSTER: list[list[Any]] = [
    [1, "县行政审批局", "机关", "同心社区", "中共县行政审批局总支部委员会", 47, "单独", "史国庆", "宋振东"],
    [2, "县民政局", "机关", "同心社区", "中共县民政局机关总支部委员会", 39, "单独", "付燕", "杨欣然"],
    [3, "县实验小学", "学校", "同心社区", "中共县实验小学支部委员会", 61, "单独", "马丽", "高翔"],
    [4, "县书法家协会", "社会组织", "同心社区", "中共县文艺类联合支部委员会", 12, "集体", "秦墨", "柳青"],
    [5, "县家政服务行业协会", "社会组织", "同心社区", "中共县家政行业支部委员会", 8, "集体", "魏红", "石磊"],
    [6, "县民政局", "机关", "北关社区", "中共县民政局机关总支部委员会", 39, "单独", "付燕", "杨欣然"],
]
PHONES = ["13800009861", "13900005085", "13800001234", "13900004321", "13800005678", "13900005085"]
JOINED = [date(2023, 6, 28), date(2023, 6, 28), date(2024, 3, 5), date(2024, 3, 5), date(2025, 11, 1)]
JOINED += [date(2023, 6, 28)]
for _row, _phone, _joined in zip(ROSTER, PHONES, JOINED, strict=True):
    _row += [_phone, _joined]

Grid = Sequence[Sequence[Any]]


def rows(**changed: Sequence[Any]) -> list[list[Any]]:
    """The roster with whole columns replaced, e.g. ``rows(加入日期=[...])``."""
    copy = [list(row) for row in ROSTER]
    for title, values in changed.items():
        for row, value in zip(copy, values, strict=True):
            row[HEADER.index(title)] = value
    return copy


@dataclass(frozen=True)
class Formula:
    """A formula cell; ``cached`` is the result the file keeps."""

    text: str
    cached: Any = ""


def workbook(
    *sheets: tuple[str, Grid], merges: Sequence[tuple[int, int, int, int]] = (), **options: Any
) -> bytes:
    """An ordinary .xlsx; ``merges`` (rows and columns from 1) apply to the first sheet, ``options`` to
    XlsxWriter.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, **options})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for index, (name, grid) in enumerate(sheets):
        sheet = book.add_worksheet(name)
        for top, left, bottom, right in merges if index == 0 else ():
            sheet.merge_range(top - 1, left - 1, bottom - 1, right - 1, "")
        for y, row in enumerate(grid):
            for x, value in enumerate(row):
                if isinstance(value, Formula):
                    sheet.write_formula(y, x, value.text, None, value.cached)
                elif isinstance(value, (date, datetime)):
                    sheet.write_datetime(y, x, value, day)
                elif value is not None:
                    sheet.write(y, x, value)
    book.close()
    return buffer.getvalue()


def roster(body: Grid = ROSTER, header: Sequence[Any] = HEADER, **options: Any) -> bytes:
    """A roster with merged title, header in row 2, ``body`` below."""
    merges = [(1, 1, 1, len(header)), *options.pop("merges", ())]
    return workbook(("成员单位名册", [[TITLE], header, *body]), merges=merges, **options)


# --- packages made by hand -------------------------------------------------------------------------------------

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
CONTENT_TYPES = (
    f'{XML_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def relations(*targets: tuple[str, str]) -> str:
    inner = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{XML_HEAD}<Relationships xmlns="{namespace}">{inner}</Relationships>'


def cell_xml(value: Any, style: int = 0) -> str:
    """One ``<c>`` with an inline string or a number, without a reference."""
    if value is None:
        return "<c/>"
    if isinstance(value, (int, float)):
        return f'<c s="{style}"><v>{value}</v></c>'
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def rows_xml(grid: Grid) -> str:
    """Rows of inline strings."""
    return "".join(f"<row>{''.join(cell_xml(value) for value in row)}</row>" for row in grid)


def sheet_xml(body: str, before: str = "", after: str = "", head: str = XML_HEAD) -> str:
    """A worksheet part around ``<row>`` elements."""
    return f'{head}<worksheet xmlns="{NAMESPACE}">{before}<sheetData>{body}</sheetData>{after}</worksheet>'


def parts(sheet: str | bytes, **changed: str | bytes | None) -> dict[str, str | bytes]:
    """The parts of a smallest workbook; ``changed`` replaces ``styles``, ``strings``, ``workbook``
    (``None``: left out).
    """
    wanted: dict[str, str | bytes | None] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": changed.get(
            "workbook",
            f'{XML_HEAD}<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}">'
            '<sheets><sheet name="成员单位名册" sheetId="1" r:id="r1"/></sheets></workbook>',
        ),
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("sharedStrings", "sharedStrings.xml"),
            ("styles", "styles.xml"),
        ),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": changed.get("strings"),
        "xl/styles.xml": changed.get("styles"),
    }
    return {name: content for name, content in wanted.items() if content is not None}


def package(contents: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def raw_roster(body: str | None = None, **changed: Any) -> bytes:
    """A roster of inline strings, its header in row 1, written by hand around ``body``."""
    inner = {key: changed.pop(key) for key in ("before", "after", "head") if key in changed}
    body = rows_xml([HEADER, *ROSTER]) if body is None else body
    return package(parts(sheet_xml(body, **inner), **changed))


def lying(data: bytes, name: str, claimed: int) -> bytes:
    """The zip with the unpacked size of one part stated as ``claimed`` in both of its headers."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo(name)
    patched = bytearray(data)
    struct.pack_into("<L", patched, entry.header_offset + 22, claimed)
    place = data.rfind(b"PK\x01\x02", 0, data.rfind(name.encode()))
    struct.pack_into("<L", patched, place + 24, claimed)
    return bytes(patched)


def csv_text(grid: Grid, delimiter: str = ",") -> str:
    """The grid as .csv text with every field quoted, as exports do."""
    lines = []
    for row in grid:
        fields = ("" if value is None else str(value).replace('"', '""') for value in row)
        lines.append(delimiter.join(f'"{field}"' for field in fields))
    return "\r\n".join(lines) + "\r\n"
