"""Files nobody should send. ``HOSTILE`` maps a test name to (file name, builder, words of the sentence).

Each must end as ``Unreadable`` with a sentence a secretary understands, in bounded memory.
"""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Callable
from typing import Any

from tests.spreadsheets import (
    CONTENT_TYPES,
    HEADER,
    NAMESPACE,
    ROSTER,
    XML_HEAD,
    csv_text,
    lying,
    package,
    parts,
    raw_roster,
    relations,
    roster,
    rows_xml,
    sheet_xml,
    workbook,
)

_CSV = csv_text([HEADER, *ROSTER])

# --- not to be read at all -------------------------------------------------------------------------------------

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
MIB = 2**20


@functools.cache
def zip_bomb() -> bytes:
    """300 MiB of spaces in the sheet, told honestly."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts("").items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as stream:
            for _ in range(300):
                stream.write(b" " * MIB)
    return buffer.getvalue()


def lying_zip_bomb() -> bytes:
    """The same, but its headers say a few kilobytes."""
    return lying(zip_bomb(), "xl/worksheets/sheet1.xml", 4000)


def entity_bomb() -> str:
    """A document type whose entities grow to billions of characters."""
    entities = '<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">'
    for outer, inner in zip("bcdefghij", "abcdefghi", strict=True):
        entities += f'<!ENTITY {outer} "{f"&{inner};" * 10}">'
    return f"{XML_HEAD}<!DOCTYPE x [{entities}]>"


def _with_entity(**changed: Any) -> bytes:
    return raw_roster(rows_xml([HEADER, *ROSTER]), **changed)


def utf16_entity() -> bytes:
    text = sheet_xml("<row><c t='inlineStr'><is><t>&j;</t></is></c></row>", head=entity_bomb())
    return package(parts(text.replace("UTF-8", "UTF-16").encode("utf-16")))


def external_entity() -> bytes:
    head = f'{XML_HEAD}<!DOCTYPE x SYSTEM "file:///etc/passwd">'
    return raw_roster(head=head)


def many_cells(columns: int, count: int) -> bytes:
    """A roster followed by ``count`` rows of ``columns`` short numbers."""
    row = "<row>" + "<c><v>1</v></c>" * columns + "</row>"
    return package(parts(sheet_xml(rows_xml([HEADER]) + row * count)), zipfile.ZIP_STORED)


def many_sheets() -> bytes:
    return workbook(*((f"表{number}", [HEADER]) for number in range(61)))


def deep_nesting() -> bytes:
    return package(parts(sheet_xml("<a>" * 3_000_000)), zipfile.ZIP_STORED)


def endless_names() -> bytes:
    return package(
        parts(sheet_xml("".join(f"<n{number}/>" for number in range(900_000)))), zipfile.ZIP_STORED
    )


def endless_attribute() -> bytes:
    return package(parts(sheet_xml(f'<row r="{"1" * 9_000_000}"/>')), zipfile.ZIP_STORED)


def endless_strings() -> bytes:
    """Millions of empty strings in the string table."""
    strings = f'{XML_HEAD}<sst xmlns="{NAMESPACE}">{"<si/>" * 1_900_000}</sst>'
    return package(parts(sheet_xml(rows_xml([HEADER])), strings=strings), zipfile.ZIP_STORED)


def many_parts() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"xl/{number}", b"")
    return buffer.getvalue()


def twice_the_same_part() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts(sheet_xml(rows_xml([HEADER, *ROSTER]))).items():
            archive.writestr(name, content)
        archive.writestr("XL/worksheets/sheet1.xml", sheet_xml(""))
    return buffer.getvalue()


def with_password_flag() -> bytes:
    data = bytearray(raw_roster())
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 4)
    return bytes(data)


def xlsx_like(part: str) -> bytes:
    """A package of another program whose main part is ``part``."""
    return package(
        {
            "[Content_Types].xml": CONTENT_TYPES,
            "_rels/.rels": relations(("officeDocument", part)),
            part: "x",
        }
    )


# name → (file name, builder, words the sentence must contain)
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty_file": ("名册.xlsx", lambda: b"", "空的"),
    "only_line_breaks": ("名册.csv", lambda: b"\xef\xbb\xbf\r\n\r\n", "空的"),
    "empty_book": ("名册.xlsx", lambda: workbook(("Sheet1", [])), "没有内容"),
    "empty_csv_cells": ("名册.csv", lambda: b",,,\r\n,,,\r\n", "没有内容"),
    "renamed_picture": ("名册.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "不是表格文件"),
    "renamed_binary": ("名册.csv", lambda: bytes(range(256)) * 40, "不是表格文件"),
    "old_xls": ("名册.xls", lambda: _OLE + b"Workbook" * 100, "旧格式"),
    "old_xls_renamed": ("名册.xlsx", lambda: _OLE + b"Workbook" * 100, "旧格式"),
    "encrypted_book": ("名册.xlsx", lambda: _OLE + "EncryptedPackage".encode("utf-16-le") * 3, "密码"),
    "encrypted_zip": ("名册.xlsx", with_password_flag, "密码"),
    "web_page": (
        "名册.xls",
        lambda: "<html><table><tr><td>单位名称</td></tr></table></html>".encode(),
        "网页",
    ),
    "word_document": ("名册.xlsx", lambda: xlsx_like("word/document.xml"), "Word"),
    "binary_workbook": ("名册.xlsb", lambda: xlsx_like("xl/workbook.bin"), "xlsb"),
    "macro_only": (
        "名册.xlsm",
        lambda: package({"[Content_Types].xml": CONTENT_TYPES, "xl/vbaProject.bin": b"\x01\x02"}),
        "没有工作表",
    ),
    "zip_of_text": ("名册.xlsx", lambda: package({"名册.txt": "单位名称"}), "不是 Excel"),
    "no_workbook_part": ("名册.xlsx", lambda: package({"[Content_Types].xml": CONTENT_TYPES}), "没有工作表"),
    "sheet_part_missing": (
        "名册.xlsx",
        lambda: package({k: v for k, v in parts("").items() if "sheet1" not in k}),
        "没有工作表",
    ),
    "cut_off": ("名册.xlsx", lambda: roster()[:-300], "损坏"),
    "cut_in_the_middle": ("名册.xlsx", lambda: roster()[:900] + roster()[1000:], "损坏"),
    "unknown_encoding": (
        "名册.xlsx",
        lambda: raw_roster(head='<?xml version="1.0" encoding="U-8"?>'),
        "损坏",
    ),
    "broken_xml": ("名册.xlsx", lambda: raw_roster("<row><c></row>"), "损坏"),
    "zip_bomb": ("名册.xlsx", zip_bomb, "压缩比例"),
    "lying_zip_bomb": ("名册.xlsx", lying_zip_bomb, "损坏"),
    "entity_in_sheet": ("名册.xlsx", lambda: _with_entity(head=entity_bomb()), "XML 声明"),
    "entity_in_strings": (
        "名册.xlsx",
        lambda: _with_entity(strings=f'{entity_bomb()}<sst xmlns="{NAMESPACE}"><si><t>&j;</t></si></sst>'),
        "XML 声明",
    ),
    "entity_in_styles": (
        "名册.xlsx",
        lambda: _with_entity(styles=f"{entity_bomb()}<styleSheet/>"),
        "XML 声明",
    ),
    "entity_in_utf16": ("名册.xlsx", utf16_entity, "XML 声明"),
    "external_entity": ("名册.xlsx", external_entity, "XML 声明"),
    "too_many_bytes": ("名册.csv", lambda: "单位,".encode() * 1_500_000 + b"\n", "10 MB"),
    "too_many_rows": ("名册.xlsx", lambda: many_cells(2, 20_001), "20000 行"),
    "too_many_columns": ("名册.xlsx", lambda: many_cells(101, 1), "100 列"),
    "too_many_cells": ("名册.xlsx", lambda: many_cells(60, 7_000), "400000 格"),
    "too_many_rows_csv": ("名册.csv", lambda: _CSV.encode() + b"1,2\n" * 20_001, "20000 行"),
    "too_many_sheets": ("名册.xlsx", many_sheets, "60 张"),
    "too_many_parts": ("名册.xlsx", many_parts, "异常"),
    "same_part_twice": ("名册.xlsx", twice_the_same_part, "异常"),
    "other_compression": (
        "名册.xlsx",
        lambda: package(parts(sheet_xml(rows_xml([HEADER, *ROSTER]))), zipfile.ZIP_BZIP2),
        "异常",
    ),
    "deep_nesting": ("名册.xlsx", deep_nesting, "异常"),
    "endless_names": ("名册.xlsx", endless_names, "异常"),
    "endless_attribute": ("名册.xlsx", endless_attribute, "异常"),
    "endless_strings": ("名册.xlsx", endless_strings, "格"),
    "no_header": ("名册.xlsx", lambda: workbook(("Sheet1", [["张三", 1], ["李四", 2]])), "没有找到表头"),
    "duplicate_header": (
        "名册.xlsx",
        lambda: roster([[*row, row[1]] for row in ROSTER], header=[*HEADER, "单位名称"]),
        "两次（B 列、L 列）",
    ),
    "missing_required_column": (
        "名册.xlsx",
        lambda: roster([row[:1] + row[2:] for row in ROSTER], header=HEADER[:1] + HEADER[2:]),
        "缺少必填的列“单位名称”",
    ),
    "csv_open_quote": ("名册.csv", lambda: '单位名称,"所属社区\n'.encode() + b"x,y\n" * 50_000, "引号"),
    "csv_odd_encoding": ("名册.csv", lambda: "单位名称,所属社区\n".encode() + b"\xff\xff\x81\n", "编码"),
    "csv_endless_line": ("名册.csv", lambda: "单位名称".encode() + b"x" * 900_000, "过长"),
}
