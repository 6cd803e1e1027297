"""Exports: one small class per list or paper, written while its rows are read.

``Export`` says what is taken, by whom, in which formats; ``RowExport`` writes rows, ``PaperExport`` a paper. The screen
(``views.exports``) and ``manage.py export`` know nothing else of them. What an export covers is an ``Alliance`` or, for
offices, ``Several``.

Two promises about values that look like formulas (``=1+1``, ``+86…``, ``-5``, ``@name``):

* In .xlsx every text is *typed* as text: nothing is added, nothing is ever calculated.
* In .csv there are no types. Plain numbers (``-5``, ``+8613800000000``) are harmless and stay as they are; every other
  text that begins with a sign a spreadsheet acts on gets one TAB in front (shown as nothing). ``csv_value`` takes it
  off again, as our own importers do by trimming cells. Every field is quoted; the file begins with a UTF-8 BOM.

Reasons: ``docs/decisions/0002-papers-are-data.md``.
"""

import csv
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, NamedTuple, Self

import xlsxwriter
from django.conf import settings

from alliances.clock import local
from alliances.documents import Paper, file_name, to_docx, to_pdf, to_text, to_xlsx
from alliances.documents.layout import line_count
from alliances.documents.paper import clean, safe_file_name
from alliances.documents.xlsx import CHARACTERS_WIDE, LINE, TEXT_ONLY, fit_cell, sheet_name, sheet_styles

Cell = str | int | Decimal | date | bool | None

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
# Full-width forms too: Excel in Chinese and Japanese reads ＝ as =.
_ACTED_ON = tuple("=+-@\t\n＝＋－＠")


class Column(NamedTuple):
    """``key`` of the row mapping, title as printed, relative width."""

    key: str
    title: str
    width: int = 12


# What a suffix is called, and its media type.
MEDIA_TYPES = {
    "xlsx": ("Excel 表格", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("CSV 文本表格", "text/csv; charset=utf-8"),
    "docx": ("Word 文档", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": ("PDF 文档", "application/pdf"),
    "txt": ("微信群文字", "text/plain; charset=utf-8"),
    "zip": ("压缩包", "application/zip"),
}
PAPER_WRITERS: dict[str, Callable[[Paper], bytes]] = {
    "docx": to_docx,
    "pdf": to_pdf,
    "xlsx": to_xlsx,
    "txt": lambda paper: to_text(paper).encode(),
}


@dataclass(frozen=True)
class Several:
    """The alliances below an office, exported together; ``organisation`` gives the heading its name."""

    organisation: Any
    alliances: tuple[Any, ...]

    def __str__(self) -> str:
        return str(self.organisation)


def alliances_in(scope: Any) -> list[Any]:
    return list(scope.alliances) if isinstance(scope, Several) else [scope]


class Export(ABC):
    """Something that may be taken out of the house. ``lead`` says what is in it, for the page that asks.

    ``page``: name of the URL where it is read on the screen, the way back.
    ``over_many``: may cover ``Several`` alliances. ``by_year``: is of one year, which the page asks for.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    lead: ClassVar[str] = ""
    formats: ClassVar[tuple[str, ...]]
    page: ClassVar[str] = ""
    over_many: ClassVar[bool] = False
    by_year: ClassVar[bool] = False

    @abstractmethod
    def who_may(self, user: Any, alliance: Any) -> bool:
        """Whether ``user`` may take this of ``alliance`` out of the house."""

    @abstractmethod
    def write(self, suffix: str, target: BinaryIO, alliance: Any, year: int | None = None) -> int:
        """Write the file of one of ``formats``; returns the number of rows. Raises OfficeError."""

    def size(self, alliance: Any, year: int | None = None) -> int | None:
        """How many rows it will have, where that is known without reading them: large ones are made by the worker."""
        return None

    def narrowed(self, params: Mapping[str, Any]) -> Self:
        """The same, as the filters of a page (``month``, ``state``) narrow it; most know no filters."""
        return self

    def asked_by(self, user: Any) -> Self:
        """The same with the rows and words that ``user`` reads on the page; most are the same for all who may take them.
        Nobody asks on the command line: it gives what an operator may have, everything."""
        return self

    def logged(self) -> dict[str, Any]:
        """What the log says of it beside its name, format and rows: codes and numbers, never names."""
        return {}

    def heading(self, alliance: Any, year: int | None) -> str:
        """Title of the sheet and name of the file, e.g. ``同心社区党建联盟2026年度成员单位名册``."""
        return f"{alliance}{f'{year}年度' if year else ''}{self.title}"

    def file_name(self, alliance: Any, year: int | None, extension: str) -> str:
        return safe_file_name(self.heading(alliance, year), extension)


class PaperExport(Export):
    """One paper as a file. Subclasses write ``who_may`` and ``paper``."""

    formats: ClassVar[tuple[str, ...]] = ("docx", "pdf")

    @abstractmethod
    def paper(self, alliance: Any, year: int | None) -> Paper:
        """The content; raises OfficeError when there is none."""

    def write(self, suffix: str, target: BinaryIO, alliance: Any, year: int | None = None) -> int:
        target.write(PAPER_WRITERS[suffix](self.paper(alliance, year)))
        return 1

    def file_name(self, alliance: Any, year: int | None, extension: str) -> str:
        return file_name(self.paper(alliance, year), extension)


class Unfinished(Exception):
    """An export of many papers has used its share of a tick; what it has made is kept, the next tick goes on."""


class PiecedExport(Export):
    """Many papers in one file: made by the worker alone, piece by piece, over as many ticks as it takes.

    The worker gives a copy ``folder``, which is this job's own and stays between ticks; a piece that lies there whole is not
    made again, whoever made it. ``progress`` is told how many there are, and so that somebody is at it; once ``until`` (machine
    time) is over, ``write`` raises Unfinished after the piece in hand. ``size`` counts the pieces. On the command line there
    is neither: everything is made at once.
    """

    folder: Path | None = None
    until: datetime | None = None
    progress: Callable[[int], None] | None = None

    def note(self, pieces: int) -> None:
        if self.progress is not None:
            self.progress(pieces)


class RowExport(Export):
    """One list as rows. Subclasses set the class attributes and write ``who_may`` and ``rows``.

    In a workbook a list may have a second row (``subline``), a row of sums (``summed``: the keys of its columns, none: only the count) and a
    signature foot, as the offices' own lists do; our importers read past all three.
    """

    columns: ClassVar[Sequence[Column]]
    formats: ClassVar[tuple[str, ...]] = ("xlsx", "csv")
    summed: ClassVar[Sequence[str] | None] = None
    foot: ClassVar[Sequence[str]] = ()
    # Told how many rows are written, every ``progress_step`` of them; set on a copy, never on the registered export.
    progress: Callable[[int], None] | None = None
    progress_step: int = 500

    @abstractmethod
    def rows(self, alliance: Any, year: int | None) -> Iterable[Mapping[str, Cell]]:
        """Mappings by column key, lazily; a missing key is an empty cell."""

    def subline(self, alliance: Any, year: int | None) -> tuple[str, str] | None:
        """The row under the title: unit at the left, date or period at the right; most lists have none."""
        return None

    def write(self, suffix: str, target: BinaryIO, alliance: Any, year: int | None = None) -> int:
        if suffix == "xlsx":
            return self.to_xlsx(target, alliance, year)
        lines = -1  # the first is the header
        for chunk in self.to_csv(alliance, year):
            target.write(chunk)
            lines += 1
        return lines

    def to_csv(self, alliance: Any, year: int | None = None) -> Iterator[bytes]:
        """UTF-8 with BOM, CRLF, all fields quoted; one chunk a row, for a streaming response."""
        yield b"\xef\xbb\xbf" + _csv_line([column.title for column in self.columns])
        for row in self._counted(alliance, year):
            yield _csv_line([row.get(column.key) for column in self.columns])

    def to_xlsx(self, target: BinaryIO, alliance: Any, year: int | None = None) -> int:
        """Write the workbook into ``target``, holding one row in memory at a time; returns the number of rows."""
        # Rows go to a file beside the database, not to /tmp, which may be memory.
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        options = {"constant_memory": True, "tmpdir": str(settings.VAR_DIR), **TEXT_ONLY}
        book = xlsxwriter.Workbook(target, options)
        try:
            heading, subline = self.heading(alliance, year), self.subline(alliance, year)
            return self._write(book, heading, subline, self._counted(alliance, year))
        finally:
            book.close()

    def _counted(self, alliance: Any, year: int | None) -> Iterator[Mapping[str, Cell]]:
        """The rows, and a word on the way."""
        for count, row in enumerate(self.rows(alliance, year), start=1):
            if self.progress is not None and count % self.progress_step == 0:
                self.progress(count)
            yield row

    def _write(
        self,
        book: xlsxwriter.Workbook,
        heading: str,
        subline: tuple[str, str] | None,
        rows: Iterable[Mapping[str, Cell]],
    ) -> int:
        styles = sheet_styles(book)
        box = {"border": 1, "align": "center", "valign": "vcenter"}
        styles["day"] = book.add_format({**box, "num_format": "yyyy-mm-dd"})
        styles["moment"] = book.add_format({**box, "num_format": "yyyy-mm-dd hh:mm"})
        sheet = book.add_worksheet(sheet_name(self.title, set()))
        # Widths are characters: a narrow list fills the page, a wide one is scaled down in print, never cut.
        stretch = max(1.0, CHARACTERS_WIDE / sum(column.width for column in self.columns))
        widths = [column.width * stretch for column in self.columns]
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        top = 2 if subline else 1
        sheet.repeat_rows(0, top)
        sheet.freeze_panes(top + 1, 0)
        sheet.set_footer("&C— &P —")
        sheet.set_row(0, 34)
        sheet.set_row(top, 24)
        if len(widths) > 1:
            sheet.merge_range(0, 0, 0, len(widths) - 1, "", styles["title"])
        sheet.write_string(0, 0, heading, styles["title"])
        if subline:
            sheet.write_string(1, 0, clean(subline[0]), styles["left"])
            sheet.write_string(1, len(widths) - 1, clean(subline[1]), styles["right"])
        for index, column in enumerate(self.columns):
            sheet.write_string(top, index, column.title, styles["header"])
        count = 0
        sums = dict.fromkeys(self.summed or (), 0)
        for count, row in enumerate(rows, start=1):
            values = [row.get(column.key) for column in self.columns]
            sheet.set_row(count + top, min(409.0, 7 + LINE * _lines(values, widths)))
            for index, value in enumerate(values):
                _write_typed(sheet, count + top, index, value, styles)
            for key in sums:
                sums[key] += int(row.get(key) or 0)  # type: ignore[arg-type]  # summed columns hold whole numbers
        self._write_end(sheet, count + top + 1, {**sums, "": count}, styles)
        return count

    def _write_end(self, sheet: Any, line: int, sums: Mapping[str, int], styles: dict[str, Any]) -> None:
        """The row of sums and the signature foot, where the list has them."""
        if self.summed is not None:
            for index, column in enumerate(self.columns):
                value = sums.get(column.key)
                words = "合计" if index == 0 else f"{sums['']}项" if index == 1 else str(value or "")
                sheet.write_string(line, index, words, styles["total"])
            line += 1
        if self.foot:
            sheet.set_row(line, 28)
            step = max(1, len(self.columns) // len(self.foot))
            for place, words in enumerate(self.foot):
                sheet.write_string(line, min(place * step, len(self.columns) - 1), words, styles["left"])


def _lines(values: Sequence[Cell], widths: Sequence[float]) -> int:
    """Lines of the row's highest cell; WPS and LibreOffice do not fit a row to its wrapped text by themselves."""
    return max(
        line_count(value, width / 2.1) if isinstance(value, str) else 1
        for value, width in zip(values, widths, strict=True)
    )


def _write_typed(sheet: Any, row: int, column: int, value: Cell, styles: dict[str, Any]) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None, styles["cell_center"])
    elif isinstance(value, bool):
        sheet.write_string(row, column, _yes_no(value), styles["cell_center"])
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, column, value, styles["number"])
    elif isinstance(value, date):
        sheet.write_datetime(
            row, column, _naive(value), styles["moment" if isinstance(value, datetime) else "day"]
        )
    else:
        sheet.write_string(row, column, fit_cell(clean(value)), styles["cell_center"])


def _naive(value: date) -> date:
    """A day as it is, a moment as the office's wall clock showed it: spreadsheets know no time zones."""
    if not isinstance(value, datetime):
        return value
    return (local(value) if value.tzinfo else value).replace(tzinfo=None)


def _yes_no(value: bool) -> str:
    return "是" if value else "否"


def _csv_line(values: Sequence[Cell]) -> bytes:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(
        [csv_cell(value) for value in values]
    )
    return line.getvalue().encode()


def csv_cell(value: Cell) -> str:
    """``value`` as it stands in a CSV field: unchanged, or behind one TAB if a spreadsheet would act on it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _yes_no(value)
    if isinstance(value, datetime):
        return f"{_naive(value):%Y-%m-%d %H:%M}"
    if not isinstance(value, str):
        return str(value)
    text = clean(value)
    if (text.startswith(_ACTED_ON) or text.lstrip().startswith(_ACTED_ON)) and not _PLAIN_NUMBER.fullmatch(
        text
    ):
        return "\t" + text
    return text


def csv_value(cell: str) -> str:
    """The text that ``csv_cell`` wrote."""
    return cell.removeprefix("\t")
