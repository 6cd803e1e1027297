"""The template that every import offers for download: a workbook the reader takes back as it is."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from alliances.importing.base import Column, shown
from alliances.importing.reading import EXAMPLE

_ROWS_TO_FILL = 500


def write_template(
    columns: Sequence[Column], title: str, example_rows: Sequence[Mapping[str, Any]] = ()
) -> bytes:
    """An .xlsx with title, instruction, header and example rows (``key`` → value, grey and skipped when
    read back).

    Cells to be filled in are formatted as text so that telephone numbers and months stay as typed;
    columns whose parser is a ``choice`` get a drop-down list. Every text is written as text, never as a
    formula.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("填报")
    look = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "text_wrap": True}
    big = book.add_format({**look, "font_size": 16, "bold": True, "align": "center"})
    note = book.add_format({**look, "align": "left"})
    head = book.add_format({**look, "bold": True, "align": "center", "border": 1})
    body = book.add_format({**look, "border": 1, "num_format": "@"})
    grey = book.add_format({**look, "border": 1, "num_format": "@", "italic": True, "font_color": "#808080"})
    last = len(columns) - 1
    for row, words, style in ((0, title, big), (1, _instruction(columns, bool(example_rows)), note)):
        if last:
            sheet.merge_range(row, 0, row, last, "", style)
        sheet.write_string(row, 0, words, style)
    sheet.set_row(0, 30)
    sheet.set_row(1, 48)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(10.0, 2.4 * len(column.title) + 4))
        sheet.write_string(2, place, column.title + ("（必填）" if column.required else ""), head)
        for number, example in enumerate(example_rows, 3):
            words = shown(example.get(column.key))
            sheet.write_string(number, place, EXAMPLE + words if place == 0 else words, grey)
        start = 3 + len(example_rows)
        for number in range(start, start + _ROWS_TO_FILL):
            sheet.write_blank(number, place, None, body)
        options = getattr(column.parse, "options", None)
        if options and len(",".join(options)) <= 255:
            sheet.data_validation(
                start, place, start + _ROWS_TO_FILL - 1, place, {"validate": "list", "source": list(options)}
            )
    sheet.freeze_panes(3, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    book.close()
    return buffer.getvalue()


def _instruction(columns: Sequence[Column], has_example: bool) -> str:
    parts = ["说明：从表头下一行起填写，每行一条，不要改动列名；日期写成 2026-03-05 的样子。"]
    if has_example:
        parts.append("灰色的示例行导入时自动略过，可以删去。")
    parts += [f"{column.title}：{column.hint.rstrip('。')}。" for column in columns if column.hint]
    return "".join(parts)
