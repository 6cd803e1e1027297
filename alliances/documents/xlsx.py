"""Excel: the tables of a paper as sheets in the offices' way; every text cell is typed as text.

Title merged over the width, a second row with unit and date, bold header, thin borders, wrapped and centred, total row,
notes and signature foot; A4, header repeated, one page wide. A value that begins with ``= + - @`` or a tab stays the
text it is. A paper with several tables has a sheet for each. The same paper gives the same bytes.
"""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from alliances.documents.layout import OFFICIAL, OfficialLayout, line_count
from alliances.documents.paper import NO_DATE, Block, Paper, normalise, validate

# No guessing: what looks like a formula, a link or a number is the text it is.
TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LINE = 15.0  # points a wrapped line of 11 pt takes
CELL_LIMIT = 32_767
ONE_PAGE = 620.0  # points of rows that still read well when scaled down to one landscape page
CHARACTERS_WIDE = 128  # Excel column units that fill a landscape A4 page at 11 pt


def to_xlsx(paper: Paper, options: OfficialLayout = OFFICIAL) -> bytes:
    """The paper as a workbook; same paper, same bytes. Raises PaperError."""
    paper = normalise(paper)
    validate(paper)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **TEXT_ONLY}) as book:
        created = datetime.fromisoformat(paper.get("date") or NO_DATE)
        book.set_properties(
            {"title": paper["title"][:255], "subject": paper.get("number", ""), "created": created}
        )
        styles = sheet_styles(book, options)
        names: set[str] = set()
        for title, blocks in _sheets(paper):
            sheet = book.add_worksheet(sheet_name(title, names))
            _Sheet(sheet, styles, paper.get("orientation", "landscape")).write(paper, title, blocks)
    return target.getvalue()


def sheet_styles(book: xlsxwriter.Workbook, options: OfficialLayout = OFFICIAL) -> dict[str, Format]:
    """The cell formats that papers and row exports share."""
    middle = {"align": "center", "valign": "vcenter", "text_wrap": True}
    body = {"font_name": options.number_font, "font_size": 11}
    box = {**middle, **body, "border": 1}
    return {
        "title": book.add_format(
            {**middle, "font_name": options.heading_font, "font_size": 18, "bold": True}
        ),
        "left": book.add_format({**body, "valign": "vcenter"}),
        "right": book.add_format({**body, "valign": "vcenter", "align": "right"}),
        "note": book.add_format({**body, "valign": "vcenter", "text_wrap": True}),
        "header": book.add_format({**box, "bold": True, "bg_color": "#F2F2F2"}),
        "cell_center": book.add_format({**box, "num_format": "@"}),
        "cell_left": book.add_format({**box, "align": "left", "num_format": "@"}),
        "cell_right": book.add_format({**box, "align": "right", "num_format": "@"}),
        "number": book.add_format(box),
        "total": book.add_format({**box, "bold": True}),
    }


def sheet_name(title: str, taken: set[str]) -> str:
    """A sheet name Excel accepts: at most 31 characters, none of ``[]:*?/\\``, no apostrophe at the ends, unique."""
    stem = (
        "".join(character for character in title if character not in "[]:*?/\\\n\t")
        .strip(" '")[:28]
        .strip(" '")
    )
    stem = stem or "表"
    if stem.casefold() == "history":
        stem += "1"
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem[:28]}{number}"
    taken.add(name.casefold())
    return name


def fit_cell(text: str) -> str:
    """``text`` or, if Excel's limit of 32,767 characters would drop the cell, its beginning and an ellipsis."""
    return text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - 1] + "…"


def write_cell(sheet: Worksheet, row: int, column: int, value: Any, text: Format, number: Format) -> None:
    """A text as text, a whole number as a number, nothing as an empty cell with its borders."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, text)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, number)
    else:
        sheet.write_string(row, column, fit_cell(value), text)


def _sheets(paper: Paper) -> Iterator[tuple[str, list[Block]]]:
    """One sheet for each table: what stands before the first table goes with it, attachments begin a new sheet and may keep
    their tables on it."""
    title, used = paper["title"].replace("\n", ""), False
    blocks: list[Block] = []
    flat: list[tuple[str, bool, Block]] = []
    for block in paper["blocks"]:
        if block["type"] == "attachment":
            owner, together = block["title"].replace("\n", ""), block.get("one_sheet", False)
            flat += [(owner, together, inner) for inner in block["blocks"]]
        else:
            flat.append((title, False, block))
    for owner, together, block in flat:
        is_table = block["type"] in ("table", "fields")
        if blocks and (owner != title or (is_table and used and not together)):
            yield title, blocks
            blocks, used = [], False
        title = owner
        blocks.append(block)
        used = used or is_table
    if blocks or not flat:
        yield title, blocks


class _Sheet:
    def __init__(self, sheet: Worksheet, styles: dict[str, Format], orientation: str) -> None:
        self.sheet, self.styles = sheet, styles
        self.wide = orientation == "landscape"
        self.row, self.height = 0, 0.0
        self.units = [12.0]

    def write(self, paper: Paper, title: str, blocks: list[Block]) -> None:
        tables = [block for block in blocks if block["type"] in ("table", "fields")]
        self._widths(tables[0] if tables else None)
        self._merged(title, "title", height=34 * line_count(title, sum(self.units) / 3.4))
        left, right = paper.get("subline") or ["", ""]
        if paper.get("number"):
            right = "　".join(text for text in (right, f"编号：{paper['number']}") if text)
        if left or right:
            self._two(left, right)
        for block in blocks:
            self._block(block)
        self._page()

    def _page(self) -> None:
        if self.wide:
            self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.7)
        self.sheet.center_horizontally()
        # A table that nearly fits one sheet is put on it; a long one runs on under its repeated header.
        self.sheet.fit_to_pages(1, 1 if self.height <= (ONE_PAGE if self.wide else ONE_PAGE * 1.45) else 0)
        self.sheet.set_footer("&C— &P —")

    def _row_height(self, points: float) -> None:
        points = min(points, 409)
        self.height += points
        self.sheet.set_row(self.row, points)

    def _widths(self, table: Block | None) -> None:
        room = CHARACTERS_WIDE if self.wide else CHARACTERS_WIDE * 0.68
        if table is None:
            weights = [1, 1]
        elif table["type"] == "fields":
            weights = [26, 52, 26, 52] if any(len(row) == 4 for row in table["rows"]) else [26, 130]
        else:
            weights = [column.get("width", 10) for column in table["columns"]]
        self.units = [max(5.0, round(room * weight / sum(weights), 1)) for weight in weights]
        for index, width in enumerate(self.units):
            self.sheet.set_column(index, index, width)

    @property
    def last(self) -> int:
        return len(self.units) - 1

    def _merged(self, text: str, style: str, *, height: float | None = None) -> None:
        if height is None:
            height = 4 + LINE * line_count(text, sum(self.units) / 2.1)
        self._row_height(height)
        if self.last:
            # merge_range would guess the type; merge an empty range and write the text as text.
            self.sheet.merge_range(self.row, 0, self.row, self.last, "", self.styles[style])
        self.sheet.write_string(self.row, 0, fit_cell(text), self.styles[style])
        self.row += 1

    def _two(self, left: str, right: str) -> None:
        """Left and right text under the title, each over half of the width."""
        half = self.last // 2
        for first, last, text, style in ((0, half, left, "left"), (half + 1, self.last, right, "right")):
            if first > self.last:
                continue
            if last > first:
                self.sheet.merge_range(self.row, first, self.row, last, "", self.styles[style])
            self.sheet.write_string(self.row, first, text, self.styles[style])
        self._row_height(20)
        self.row += 1

    def _cells(self, values: list[Any], styles: list[str], *, bold: bool = False) -> None:
        lines = 1
        for index, (value, style) in enumerate(zip(values, styles, strict=True)):
            number = self.styles["total" if bold else "number"]
            write_cell(self.sheet, self.row, index, value, self.styles[style], number)
            lines = max(lines, line_count("" if value is None else str(value), self.units[index] / 2.1))
        self._row_height(7 + LINE * lines)
        self.row += 1

    def _block(self, block: Block) -> None:
        kind = block["type"]
        if kind == "table":
            self._table(block)
        elif kind == "fields":
            self._fields(block["rows"])
        elif kind == "receipt":
            self._merged(block["title"], "title", height=28)
            self._fields(block["rows"])
        elif kind in ("recipient", "para", "heading", "note"):
            self._merged(block["text"], "note")
        elif kind == "signature":
            self._merged(block["issuer"], "right")
            self._merged(block["date"], "right")
        elif kind == "qr":
            for item in block["items"]:
                self._merged("　".join([*item["lines"], item["link"]]), "note")
        elif kind == "attachment_note":
            self._merged("附件：" + "；".join(block["items"]), "note")
        elif kind == "chart":
            self._merged(f"{block['title']}：{block['text']}", "note")
        elif kind == "imprint" and block.get("copies"):
            self._merged(f"抄送：{block['copies']}", "note")
        elif kind == "foot":
            self._merged("　　　　　　　　".join(block["items"]), "left", height=28)

    def _table(self, block: Block) -> None:
        columns = block["columns"]
        if block.get("repeat_header", True):
            self.sheet.repeat_rows(0, self.row)
            self.sheet.freeze_panes(self.row + 1, 0)
        self._cells([column["title"] for column in columns], ["header"] * len(columns))
        styles = [f"cell_{column.get('align', 'center')}" for column in columns]
        for row in block["rows"]:
            self._cells(row, styles)
        if block.get("total"):
            self._cells(block["total"], ["total"] * len(columns), bold=True)

    def _fields(self, rows: list[list[Any]]) -> None:
        if len(self.units) < 4:
            rows = [row[start : start + 2] for row in rows for start in range(0, len(row), 2)]
        for row in rows:
            if len(row) == 2 and self.last > 1:
                write_cell(self.sheet, self.row, 0, row[0], self.styles["header"], self.styles["number"])
                self.sheet.merge_range(self.row, 1, self.row, self.last, "", self.styles["cell_left"])
                write_cell(self.sheet, self.row, 1, row[1], self.styles["cell_left"], self.styles["number"])
                lines = line_count(str(row[1] or ""), sum(self.units[1:]) / 2.1)
                self._row_height(7 + LINE * lines)
                self.row += 1
            elif self.last:
                styles = ["header" if index % 2 == 0 else "cell_left" for index in range(len(row))]
                self._cells(row, styles)
