"""Reading .csv text: UTF-8 with or without a mark, GB18030 as Chinese Excel writes it, UTF-16."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from alliances.importing.base import Meter, Sheet, Unreadable, checked_text

DELIMITERS = (",", "\t", ";")
_LONGEST_LINE = 200_000


def encoding_of(data: bytes) -> str:
    """The encoding of a text file, found by its mark or by decoding all of it strictly."""
    if data.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        if b"\x00" in data:
            raise Unreadable("这不是表格文件，请上传 .xlsx 或 .csv 文件。")
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(data), 1 << 16):
                decoder.decode(data[start : start + (1 << 16)])
            decoder.decode(b"", True)
        except UnicodeError:
            continue
        return encoding
    raise Unreadable("文件的文字编码无法识别，请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。")


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    stream = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    number = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise Unreadable(f"第 {number} 行过长，可能不是表格文件，请检查后再导入。")
        yield line


def read(
    data: bytes, encoding: str, name: str, delimiter: str, meter: Meter, most_rows: int | None = None
) -> Sheet:
    """The text as one sheet called ``name``; at most ``most_rows`` records when only a look is wanted."""
    sheet = Sheet(name)
    number = 0
    try:
        for record in csv.reader(_lines(data, encoding), delimiter=delimiter):
            number += 1
            if most_rows is not None and number > most_rows:
                break
            row = {}
            for column, written in enumerate(record, 1):
                value = checked_text(written, meter) if written else None
                if value is not None:
                    meter.cell(column)
                    row[column] = value
            if row:
                meter.row()
                sheet.rows[number] = row
    except csv.Error:
        raise Unreadable(f"第 {number + 1} 行附近的引号不成对或内容过长，请检查后再导入。") from None
    return sheet
