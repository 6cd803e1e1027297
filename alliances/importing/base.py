"""The words shared by every part of the spreadsheet reader: limits, columns, rows, refusals, tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from alliances.errors import OfficeError

# What a cell can hold once it is read, before a column's parser makes something of it.
Value = str | int | float | bool | dt.datetime | dt.date | dt.time | None
Parser = Callable[[Any], Any]


class Unreadable(OfficeError):
    """The file cannot be read at all. The message is a sentence for the person who chose the file."""


@dataclass(frozen=True)
class Limits:
    """How much one file may hold. Every limit is checked while reading, none after.

    Sizes in bytes; ``ratio`` is unpacked to packed; ``rows``, ``cells``, ``text`` (characters) and
    ``elements`` (XML elements) count the whole file, ``columns`` one sheet; ``cell`` is the longest text
    of one cell.
    """

    bytes: int = 10 * 2**20
    unpacked: int = 80 * 2**20
    ratio: int = 200
    rows: int = 20_000
    columns: int = 100
    cells: int = 400_000
    sheets: int = 60
    cell: int = 1_000  # the longest of our own columns: a demand in words
    text: int = 12_000_000
    elements: int = 3_000_000
    parts: int = 2_000


@dataclass(frozen=True)
class Bad:
    """A cell that cannot be used whatever its column: an error value, a formula never computed, too
    long.
    """

    shown: str
    reason: str


@dataclass(frozen=True)
class Column:
    """One column we know: its ``title`` is the one in our template, ``synonyms`` are what offices write.

    ``parse`` gets the cell's value (``None`` when empty) and returns the value wanted or raises
    ``ValueError`` with a Chinese reason. ``hint`` is shown in the template below the title row. What stands in a column
    that ``is_private`` (residents' names and phones) is repeated in no refusal: reports are kept and passed on.
    """

    key: str
    title: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    parse: Parser | None = None
    hint: str = ""
    is_private: bool = False


@dataclass(slots=True)
class Refusal:
    """One value that was not taken, and why. ``row`` is the number the user sees in the sheet, from 1."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
        }


@dataclass(slots=True)
class Row:
    """One row of data that was read without a refusal.

    ``values`` holds the parsed value of every known column that the sheet *has* (a column the file leaves
    out is absent, so that "left out" and "empty" differ); ``cells`` the same as text, as the user typed
    it; ``columns`` the title each column bears in the file. ``blocks`` says for each column whose cell
    lies in a downward merged block in which row that block begins.
    """

    sheet: str
    number: int
    values: dict[str, Any]
    cells: dict[str, str]
    columns: dict[str, str]
    blocks: dict[str, int] = field(default_factory=dict)

    def refuse(self, key: str, reason: str) -> Refusal:
        """A refusal of this row's ``key`` for a reason only the importer can know (unknown unit, month
        twice).
        """
        return Refusal(self.sheet, self.number, self.columns.get(key, key), self.cells.get(key, ""), reason)


@dataclass(slots=True)
class Table:
    """One sheet in which the header was found.

    ``rows`` are whole rows only: a row with any refusal is in ``refusals`` and not in ``rows``.
    ``skipped`` lists (row number, text) of rows that are no data: totals, signatures, section titles,
    examples. ``ignored`` are the titles of columns nobody asked for. ``title`` is the text above the
    header, lines joined by a newline. ``is_usable`` is false when the header itself is refused (a
    required column missing, one twice): no row is read.
    """

    sheet: str
    header_row: int
    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    title: str = ""
    skipped: list[tuple[int, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    is_usable: bool = True


class Tables(list[Table]):
    """The tables of a file in the order of its sheets; ``notes`` says in Chinese which sheets were left
    out.
    """

    def __init__(self, tables: list[Table], notes: list[str]) -> None:
        super().__init__(tables)
        self.notes = notes

    def rows(self) -> Iterator[Row]:
        """Every row of every sheet."""
        for table in self:
            yield from table.rows

    def refusals(self) -> Iterator[Refusal]:
        """Every refusal of every sheet."""
        for table in self:
            yield from table.refusals


@dataclass(slots=True)
class Sheet:
    """The cells of one sheet as they stand: ``rows[row number][column number]``, both from 1, empty cells
    absent.

    ``merges`` are (first row, first column, last row, last column).
    """

    name: str
    rows: dict[int, dict[int, Any]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


class Meter:
    """Counts what a file has cost so far and stops the reading when a limit is passed."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows = self.cells = self.characters = 0

    def row(self) -> None:
        self.rows += 1
        if self.rows > self.limits.rows:
            raise Unreadable(f"表格超过 {self.limits.rows} 行，请分成几个文件导入。")

    def cell(self, column: int) -> None:
        self.cells += 1
        if column > self.limits.columns:
            raise Unreadable(f"表格超过 {self.limits.columns} 列，请删去用不到的列再导入。")
        if self.cells > self.limits.cells:
            raise Unreadable(f"表格里的内容超过 {self.limits.cells} 格，请分成几个文件导入。")

    def text(self, length: int) -> None:
        self.characters += length
        if self.characters > self.limits.text:
            raise Unreadable(f"表格里的文字超过 {self.limits.text // 10_000} 万字，请分成几个文件导入。")


# Control characters, byte order mark, zero-width and direction marks: never typed on purpose,
# and they hide text; halves of a character, which no database takes.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

_ERRORS = frozenset(["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"])


def clean(text: str) -> str:
    """``text`` without control and invisible characters, newlines as ``\\n``, no space at either end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", text).strip()


def checked_text(text: str, meter: Meter) -> str | Bad | None:
    """The cleaned text of a cell, ``None`` when nothing is left, ``Bad`` when too long or an error
    value.
    """
    text = clean(text)
    if not text:
        return None
    if text in _ERRORS:
        return Bad(text, f"单元格是错误值 {text}")
    longest = meter.limits.cell
    if len(text) > longest:
        return Bad(text[:20] + "…", f"内容超过 {longest} 字")
    meter.text(len(text))
    return text


def shown(value: Any) -> str:
    """A cell's value as text, the way the user sees it: 47 not 47.0, 2026-03-05 not a serial number."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Bad):
        return value.shown
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)
