"""From a file to tables of parsed rows, with every value that was not taken and why."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from alliances.importing import delimited, headers, parsers
from alliances.importing.archive import Package
from alliances.importing.base import (
    Bad,
    Column,
    Limits,
    Meter,
    Refusal,
    Row,
    Sheet,
    Table,
    Tables,
    Unreadable,
    shown,
)
from alliances.importing.headers import Header
from alliances.importing.workbook import Workbook, column_letters

_TOTALS = frozenset({"合计", "总计", "小计", "共计", "累计", "总和", "合计数", "本页小计", "本页合计"})
_SIGNATURE = re.compile(
    r"(?:填表|制表|填报|审核|经办|统计|复核)(?:人|单位|日期|时间)"
    r"|(?:单位)?(?:负责人|联系电话|日期|盖章|注|备注|说明)[:：]"
)
_OTHER_FILES = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"{\\rtf",
    b"MZ",
    b"\x7fELF",
)
_WEB_PAGES = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head")
EXAMPLE = "示例："
# What a refusal says in place of a private cell, and where a reason would quote it.
UNSHOWN = "（不显示）"
_QUOTED = re.compile("“[^”]*”")


def read_tables(
    file: BinaryIO | Path,
    filename: str,
    columns: Sequence[Column],
    *,
    limits: Limits | None = None,
    sheet_filter: Callable[[str], bool] | None = None,
) -> Tables:
    """Read an .xlsx or .csv file: one ``Table`` for each visible sheet in which the header is found.

    What the file *is* decides, not its name; the name only names the sheet of a .csv. Sheets without the
    header are told in ``Tables.notes``. Raises ``Unreadable`` (a Chinese sentence) when the file cannot
    be read at all, when no sheet has the header, or when every sheet that has it lacks a required column
    or has one twice.
    """
    limits = limits or Limits()
    data = _load(file, limits)
    meter = Meter(limits)
    notes: list[str] = []
    wanted = sheet_filter or (lambda name: True)
    tables: list[Table] = []
    headless: list[str] = []
    faults: list[Refusal] = []
    is_empty = True
    for sheet in _sheets(data, filename, columns, meter, wanted, notes):
        if not sheet.rows:
            continue
        is_empty = False
        header = headers.find(sheet, columns)
        if header is None:
            headless.append(sheet.name)
            continue
        wrong = _header_faults(sheet, header, columns)
        faults.extend(wrong)
        if 2 * len(header.missing(columns)) > sum(column.required for column in columns):
            headless.append(sheet.name)  # another table, which shares a few of our column names
            continue
        table = Table(sheet.name, header.row, refusals=wrong, title=_title(sheet, header))
        table.ignored.extend(header.ignored)
        table.is_usable = not wrong
        tables.append(table)
        if table.is_usable:
            _Reader(sheet, header, columns, table).read()
    if is_empty:
        raise Unreadable("".join(["表格里没有内容。", *notes]))
    if not tables:
        if faults:
            raise _unreadable_header(faults)
        titles = "、".join(column.title for column in columns if column.required) or columns[0].title
        advice = f"请确认表格里有一行列名（{titles}），或下载模板填写。"
        raise Unreadable("".join([f"没有找到表头：{advice}", *notes]))
    if not any(table.is_usable for table in tables):
        raise _unreadable_header(faults)
    notes += [f"工作表“{name}”没有找到表头，没有读取。" for name in headless]
    return Tables(tables, notes)


def _unreadable_header(faults: list[Refusal]) -> Unreadable:
    return Unreadable("；".join(f"工作表“{fault.sheet}”{fault.reason}" for fault in faults[:5]) + "。")


def _load(file: BinaryIO | Path, limits: Limits) -> bytes:
    if isinstance(file, Path):
        try:
            with file.open("rb") as stream:
                data = stream.read(limits.bytes + 1)
        except OSError:
            raise Unreadable(f"打不开文件“{file.name}”。") from None
    else:
        data = file.read(limits.bytes + 1)
    if len(data) > limits.bytes:
        raise Unreadable(f"文件超过 {limits.bytes / 2**20:.3g} MB，请分成几个文件导入。")
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("文件是空的，没有内容。")
    return data


def _sheets(
    data: bytes,
    filename: str,
    columns: Sequence[Column],
    meter: Meter,
    wanted: Callable[[str], bool],
    notes: list[str],
) -> Iterable[Sheet]:
    start = data[:512].lstrip()
    if data.startswith(b"PK"):
        return Workbook(Package(data, meter.limits), meter).sheets(wanted, notes)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable("文件设有密码，无法读取。请取消密码后再导入。")
        raise Unreadable("这是旧格式的表格文件（.xls 或 .et），请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。")
    if start.startswith(_OTHER_FILES):
        raise Unreadable("这不是表格文件，请上传 .xlsx 或 .csv 文件。")
    if start.lower().lstrip(b"\xef\xbb\xbf").startswith(_WEB_PAGES):
        raise Unreadable("这是网页格式的表格，请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。")
    encoding = delimited.encoding_of(data)
    name = PurePath(filename.replace("\\", "/")).stem or "表格"
    if not wanted(name):
        return []
    return [delimited.read(data, encoding, name, _delimiter(data, encoding, columns, meter.limits), meter)]


def _delimiter(data: bytes, encoding: str, columns: Sequence[Column], limits: Limits) -> str:
    """The delimiter under which most columns are known."""

    def known(delimiter: str) -> int:
        look = delimited.read(data, encoding, "", delimiter, Meter(limits), most_rows=60)
        header = headers.find(look, columns)
        return len(header.places) if header else 0

    return max(delimited.DELIMITERS, key=known)


def _title(sheet: Sheet, header: Header) -> str:
    lines = []
    for number in sorted(row for row in sheet.rows if row < header.row):
        cells = sheet.rows[number]
        good = [cells[place] for place in sorted(cells) if not isinstance(cells[place], Bad)]
        lines.append(" ".join(shown(value) for value in good))
    return "\n".join(line for line in lines if line)


def _header_faults(sheet: Sheet, header: Header, columns: Sequence[Column]) -> list[Refusal]:
    faults = [
        Refusal(sheet.name, header.row, column.title, "", f"缺少必填的列“{column.title}”")
        for column in header.missing(columns)
    ]
    for _key, title, places in header.doubled:
        letters = "、".join(f"{column_letters(place)} 列" for place in places)
        reason = f"列名“{title}”出现了两次（{letters}），请删去一列"
        faults.append(Refusal(sheet.name, header.row, title, title, reason))
    return faults


class _Reader:
    """Makes rows of one sheet's data below its header."""

    def __init__(self, sheet: Sheet, header: Header, columns: Sequence[Column], table: Table) -> None:
        self.sheet, self.header, self.table = sheet, header, table
        self.columns = [column for column in columns if column.key in header.places]
        self.places = set(header.places.values())
        self.numbering = {
            header.places[column.key]
            for column in self.columns
            if column.title in ("序号", "编号") and len(columns) > 1
        }
        self.titles = {column.key: header.titles[column.key] for column in self.columns}
        self._downward: dict[int, list[tuple[int, int]]] = {}
        self._across: set[tuple[int, int]] = set()
        for first_row, first, last_row, last in sheet.merges:
            if last_row > first_row and first in self.places:
                self._downward.setdefault(first, []).append((first_row, last_row))
            if last > first:
                self._across.add((first_row, first))
        for spans in self._downward.values():
            spans.sort()

    def read(self) -> None:
        for number in sorted(row for row in self.sheet.rows if row > self.header.last):
            # What a merged block covers is not seen by the user, whatever the file still holds there.
            own = {
                place: value
                for place, value in self.sheet.rows[number].items()
                if place in self.places and self._block(place, number) in (None, number)
            }
            if not own:
                continue
            only_numbered = own.keys() <= self.numbering
            if only_numbered and all(isinstance(value, (int, float)) for value in own.values()):
                continue  # 序号 was filled down ahead
            if only_numbered or self._is_no_data(number, own):
                self.table.skipped.append((number, " ".join(shown(own[place]) for place in sorted(own))[:60]))
                continue
            self._read_row(number, own)

    def _block(self, place: int, number: int) -> int | None:
        """The first row of the block merged downward over this cell, ``None`` if there is none."""
        spans = self._downward.get(place)
        if not spans:
            return None
        index = bisect_right(spans, (number, 1 << 30)) - 1
        if index < 0 or spans[index][1] < number or spans[index][0] <= self.header.last:
            return None
        return spans[index][0]

    def _is_no_data(self, number: int, own: dict[int, Any]) -> bool:
        """Totals, signatures, examples, section titles merged across columns, and the header printed
        again.
        """
        first = [shown(own[place]) for place in sorted(own)][:3]
        plain = ["".join(text.split()) for text in first]
        if any(text.rstrip(":：") in _TOTALS for text in plain):
            return True
        if plain[0].startswith(EXAMPLE) or _SIGNATURE.match(plain[0]):
            return True
        whole_row = self.sheet.rows[number]
        if len(whole_row) == 1 and (number, next(iter(whole_row))) in self._across:
            return True
        return len(own) > 1 and all(
            headers.folded(shown(value)) == headers.folded(self.titles[column.key])
            for column in self.columns
            if (value := own.get(self.header.places[column.key])) is not None
        )

    def _read_row(self, number: int, own: dict[int, Any]) -> None:
        values: dict[str, Any] = {}
        cells: dict[str, str] = {}
        blocks: dict[str, int] = {}
        refused = len(self.table.refusals)
        for column in self.columns:
            place = self.header.places[column.key]
            block = self._block(place, number)
            value = own.get(place)
            if block is not None:
                blocks[column.key] = block
                value = self.sheet.rows.get(block, {}).get(place)
            typed = UNSHOWN if column.is_private and value is not None else shown(value)
            cells[column.key] = typed
            try:
                if isinstance(value, Bad):
                    raise ValueError(value.reason)
                if value is None and column.required:
                    raise ValueError("必填，不能为空")
                values[column.key] = (column.parse or parsers.text)(value)
            except ValueError as error:
                title, reason = self.titles[column.key], str(error)
                if column.is_private:
                    reason = _QUOTED.sub("所填内容", reason)
                self.table.refusals.append(Refusal(self.table.sheet, number, title, typed, reason))
        if len(self.table.refusals) == refused:
            self.table.rows.append(Row(self.table.sheet, number, values, cells, self.titles, blocks))
