"""Reading the sheets of an .xlsx package: sheet list, date formats, string table, cells and merges."""

from __future__ import annotations

import datetime as dt
import math
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from alliances.importing.archive import DAMAGED, Package
from alliances.importing.base import Bad, Meter, Sheet, Unreadable, Value, checked_text, shown

_LAST_ROW, _MOST_MERGES, _MOST_FORMATS = 1_048_576, 50_000, 65_500
# Built-in date formats, with those of Chinese and Japanese Excel (27–36, 50–58).
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_A_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NOT_COMPUTED = "公式没有计算结果，请用 Excel 或 WPS 打开文件保存一次，或改填数值"


@dataclass(frozen=True)
class _Listed:
    name: str
    part: str
    is_hidden: bool


class _Collector:
    """Gathers the text of chosen elements up to a length; what a walker need not care about is ignored."""

    def __init__(self, longest: int) -> None:
        self._pieces: list[str] = []
        self._length, self._longest = 0, longest
        self._is_open = False

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None:
        # A text far beyond the limit is cut here; it is refused for its length all the same.
        if self._is_open and self._length <= self._longest:
            self._pieces.append(data[: self._longest + 1])
            self._length += len(data)

    def take(self) -> str:
        taken = "".join(self._pieces)
        self._pieces, self._length, self._is_open = [], 0, False
        return taken


class _Relations(_Collector):
    """Relation id → (kind, target part name)."""

    def __init__(self, folder: str) -> None:
        super().__init__(0)
        self.folder = folder
        self.targets: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.join(self.folder, target)
        kind = attributes.get("Type", "").rpartition("/")[2]
        self.targets[attributes.get("Id", "")] = (kind, posixpath.normpath(part))


class _Contents(_Collector):
    """The sheets a workbook lists, in order, as (name, relation id, hidden)."""

    def __init__(self) -> None:
        super().__init__(0)
        self.sheets: list[tuple[str, str, bool]] = []
        self.starts_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), relation, hidden))
        elif name == "workbookPr":
            self.starts_1904 = attributes.get("date1904") in ("1", "true", "on")


class _Formats(_Collector):
    """Which cell formats show a date: ``is_date[style number]``."""

    def __init__(self) -> None:
        super().__init__(0)
        self.is_date: list[bool] = []
        self._own: dict[str, bool] = {}
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt" and len(self._own) < _MOST_FORMATS:
            code = _NOT_A_CODE.sub("", attributes.get("formatCode", "")[:300])
            self._own[attributes.get("numFmtId", "")] = bool(re.search("[ymdhs]", code, re.IGNORECASE))
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside and len(self.is_date) < _MOST_FORMATS:
            number = attributes.get("numFmtId", "0")
            builtin = number.isdecimal() and len(number) < 4 and int(number) in _DATE_FORMATS
            self.is_date.append(self._own.get(number, builtin))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _Strings(_Collector):
    """The string table, cleaned once and shared by all cells that use it. Readings (furigana) are left
    out.
    """

    def __init__(self, meter: Meter) -> None:
        super().__init__(4 * meter.limits.cell)
        self.meter = meter
        self.strings: list[str | Bad | None] = []
        self._in_reading = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._is_open = not self._in_reading
        elif name == "rPh":
            self._in_reading = True

    def end(self, name: str) -> None:
        if name == "t":
            self._is_open = False
        elif name == "rPh":
            self._in_reading = False
        elif name == "si":
            self.strings.append(checked_text(_unescaped(self.take()), self.meter))
            if len(self.strings) > self.meter.limits.cells:
                raise Unreadable(f"表格里的内容超过 {self.meter.limits.cells} 格，请分成几个文件导入。")


class _Cells(_Collector):
    """The cells and merges of one sheet. The stated dimension is never looked at."""

    def __init__(
        self,
        sheet: Sheet,
        meter: Meter,
        strings: list[str | Bad | None],
        dated: Callable[[str, float], Value],
    ) -> None:
        super().__init__(4 * meter.limits.cell)
        self.sheet, self.meter, self.strings, self.dated = sheet, meter, strings, dated
        self._row = self._column = 0
        self._place = (0, 0)
        self._kind = self._style = ""
        self._has_formula = self._in_reading = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._open_cell(attributes)
        elif name in ("v", "t"):
            self._is_open = not self._in_reading
        elif name == "f":
            self._has_formula = True
        elif name == "rPh":
            self._in_reading = True
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1
            self._column = 0
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        found = _PLACE.fullmatch(attributes.get("r", ""))
        if found:
            self._column = column_number(found[1])
            self._row = int(found[2])
        else:
            self._column += 1
        if not 1 <= self._row <= _LAST_ROW:
            raise Unreadable(DAMAGED)
        self._place = (self._row, self._column)
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._has_formula = False
        self.take()

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._is_open = False
        elif name == "rPh":
            self._in_reading = False
        elif name == "c":
            value = self._read()
            if value is not None:
                self._store(value)

    def _store(self, value: Value | Bad) -> None:
        number, column = self._place
        row = self.sheet.rows.get(number)
        if row is None:
            self.meter.row()
            row = self.sheet.rows[number] = {}
        self.meter.cell(column)
        row[column] = value

    def _read(self) -> Value | Bad:
        raw, kind = self.take(), self._kind
        if kind == "inlineStr":
            return checked_text(_unescaped(raw), self.meter)
        if not raw:
            # Excel keeps the empty result of a text formula as t="str"; anything else was never computed.
            return Bad("（公式）", _NOT_COMPUTED) if self._has_formula and kind != "str" else None
        if kind == "s":
            index = int(raw) if raw.isdecimal() and len(raw) < 9 else -1
            if not 0 <= index < len(self.strings):
                return Bad("", "单元格内容已损坏")
            return self.strings[index]
        if kind == "e":
            return Bad(raw[:20], f"单元格是错误值 {raw[:20]}")
        if kind == "b":
            return raw.strip() not in ("0", "false")
        if kind == "str":
            return checked_text(_unescaped(raw), self.meter)
        if kind == "d":
            try:
                return dt.datetime.fromisoformat(raw).replace(tzinfo=None)
            except ValueError:
                return checked_text(raw, self.meter)
        return self._number(raw.strip())

    def _number(self, raw: str) -> Value | Bad:
        if len(raw) > 40 or not _NUMBER.fullmatch(raw):
            return Bad(raw[:20], "单元格内容已损坏，应为数字")
        number = float(raw)
        if not math.isfinite(number):
            return Bad(raw[:20], "数字太大")
        value = self.dated(self._style, number)
        if value is not None:
            return value
        return int(number) if number.is_integer() and abs(number) < 1e15 else number

    def _merge(self, reference: str) -> None:
        first, _, last = reference.replace("$", "").partition(":")
        start, end = _PLACE.fullmatch(first), _PLACE.fullmatch(last or first)
        if start and end:
            top, left, bottom, right = start[2], start[1], end[2], end[1]
            self.sheet.merges.append((int(top), column_number(left), int(bottom), column_number(right)))
        if len(self.sheet.merges) > _MOST_MERGES:
            raise Unreadable("表格里合并的单元格过多，请取消合并后再导入。")


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _date_of_serial(serial: float, starts_1904: bool) -> Value:
    """The moment a serial number stands for (a time below 1, else a datetime), ``None`` when there is
    none.
    """
    if serial < 0 or serial >= 2_958_466:
        return None
    seconds = min(round(serial % 1 * 86_400), 86_399)
    moment = dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    if serial < 1:
        return moment
    # The 1900 calendar has a 29 February 1900 that never was: days before it are one off.
    zero = dt.date(1904, 1, 1) if starts_1904 else dt.date(1899, 12, 31 if serial < 60 else 30)
    try:
        return dt.datetime.combine(zero + dt.timedelta(days=math.floor(serial)), moment)
    except OverflowError:
        return None


class Workbook:
    """The sheets of a package. Raises ``Unreadable`` when there is no workbook or no sheet in it."""

    def __init__(self, package: Package, meter: Meter) -> None:
        self.package, self.meter = package, meter
        part = self._main_part()
        contents = _Contents()
        package.walk(part, contents)
        if len(contents.sheets) > meter.limits.sheets:
            raise Unreadable(f"文件里的工作表超过 {meter.limits.sheets} 张，请分成几个文件导入。")
        relations = self._relations(part)
        self.listed = [
            _Listed(name, target, hidden)
            for name, relation, hidden in contents.sheets
            for kind, target in [relations.targets.get(relation, ("", ""))]
            if kind == "worksheet" and target in package
        ]
        if not self.listed:
            raise Unreadable("文件里没有工作表。")
        self._starts_1904 = contents.starts_1904
        kinds = {kind: target for kind, target in relations.targets.values() if target in package}
        self._formats, table = _Formats(), _Strings(meter)
        if "styles" in kinds:
            package.walk(kinds["styles"], self._formats)
        if "sharedStrings" in kinds:
            package.walk(kinds["sharedStrings"], table)
        self._strings = table.strings

    def _main_part(self) -> str:
        package = self.package
        if "[content_types].xml" not in package:
            raise Unreadable("这不是 Excel 表格文件，请上传 .xlsx 或 .csv 文件。")
        part = "xl/workbook.xml"
        if "_rels/.rels" in package:
            root = _Relations("")
            package.walk("_rels/.rels", root)
            part = next((target for kind, target in root.targets.values() if kind == "officeDocument"), part)
        if part.lower().startswith("word/"):
            raise Unreadable("这是 Word 文档，不是表格。请上传 .xlsx 或 .csv 文件。")
        if part.lower().endswith(".bin"):
            raise Unreadable("这是二进制格式的 Excel 文件（.xlsb），请另存为 .xlsx 后再导入。")
        if part not in package or not part.lower().endswith(".xml"):
            raise Unreadable("文件里没有工作表，不是 Excel 表格文件。请上传 .xlsx 或 .csv 文件。")
        return part

    def _relations(self, part: str) -> _Relations:
        folder, name = posixpath.split(part)
        relations = _Relations(folder)
        path = posixpath.join(folder, "_rels", name + ".rels")
        if path in self.package:
            self.package.walk(path, relations)
        return relations

    def _dated(self, style: str, number: float) -> Value:
        index = int(style) if style.isdecimal() and len(style) < 7 else 0
        is_date = index < len(self._formats.is_date) and self._formats.is_date[index]
        return _date_of_serial(number, self._starts_1904) if is_date else None

    def read(self, listed: _Listed) -> Sheet:
        """One sheet's cells and merges."""
        sheet = Sheet(listed.name)
        self.package.walk(listed.part, _Cells(sheet, self.meter, self._strings, self._dated))
        return sheet

    def sheets(self, wanted: Callable[[str], bool], notes: list[str]) -> Iterator[Sheet]:
        """The visible sheets that are wanted, one at a time; what is left out is told in ``notes``."""
        for listed in self.listed:
            if listed.is_hidden:
                notes.append(f"工作表“{shown(listed.name)}”是隐藏的，没有读取。")
            elif wanted(listed.name):
                yield self.read(listed)
