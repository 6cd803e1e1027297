"""Row exports: hostile cells, streaming, types, and that a CSV can be read back exactly."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliances.documents.paper import clean
from alliances.exporting import Cell, Column, RowExport, csv_cell, csv_value
from tests.alliances.papers_cast import HOSTILE


class Roster(RowExport):
    name = "roster"
    title = "成员单位名册"
    columns = [Column("no", "序号", 6), Column("unit", "单位名称", 30), Column("joined", "加入日期", 12)]

    def __init__(self, units: list[str]) -> None:
        self.units = units
        self.drawn = 0

    def who_may(self, user: Any, alliance: Any) -> bool:
        return user == "书记"

    def rows(self, alliance: Any, year: int | None) -> Iterator[dict[str, Cell]]:
        for number, unit in enumerate(self.units, start=1):
            self.drawn += 1
            yield {"no": number, "unit": unit, "joined": date(2023, 6, 28)}


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_xlsx_hostile_texts_come_back_equal_and_typed_as_text() -> None:
    target = io.BytesIO()
    assert Roster(HOSTILE).to_xlsx(target, "同心社区党建联盟", 2026) == len(HOSTILE)
    sheet = openpyxl.load_workbook(target).active
    assert sheet["A1"].value == "同心社区党建联盟2026年度成员单位名册"
    assert [cell.value for cell in sheet[2]] == ["序号", "单位名称", "加入日期"]
    cells = [sheet.cell(row, 2) for row in range(3, 3 + len(HOSTILE))]
    assert [cell.value for cell in cells] == HOSTILE
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet["A3"].value == 1
    assert sheet["C3"].value == datetime(2023, 6, 28)


def test_xlsx_keeps_types_and_drops_no_long_text() -> None:
    class Typed(Roster):
        def rows(self, alliance: Any, year: int | None) -> Iterator[dict[str, Cell]]:
            yield {"no": Decimal("92.4"), "unit": True, "joined": datetime(2026, 3, 2, 0, 30, tzinfo=UTC)}
            yield {"no": None, "unit": "长" * 40_000}

    target = io.BytesIO()
    Typed([]).to_xlsx(target, "联盟")
    sheet = openpyxl.load_workbook(target).active
    assert [cell.value for cell in sheet[3]] == [92.4, "是", datetime(2026, 3, 2, 8, 30)]
    assert sheet["A4"].value is None
    assert len(sheet["B4"].value) == 32_767
    assert sheet["B4"].value.endswith("…")


def test_xlsx_of_no_rows_still_has_its_header() -> None:
    target = io.BytesIO()
    assert Roster([]).to_xlsx(target, "联盟") == 0
    assert openpyxl.load_workbook(target).active["B2"].value == "单位名称"


def test_csv_has_bom_quotes_and_reads_back_exactly() -> None:
    content = b"".join(Roster(HOSTILE).to_csv("联盟"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert b'"-5"' in content
    assert b'"+8613800001111"' in content
    header, *rows = read_csv(content)
    assert header == ["序号", "单位名称", "加入日期"]
    assert [csv_value(row[1]) for row in rows] == HOSTILE
    assert rows[0] == ["1", "\t=1+1", "2023-06-28"]


@pytest.mark.parametrize(
    "value",
    [
        "=1+1",
        "+86 138-0000",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "＝1+1",
        "\u3000=1",
        "-5\n=1",
    ],
)
def test_csv_never_begins_with_what_a_spreadsheet_acts_on(value: str) -> None:
    assert csv_cell(value) == "\t" + clean(value)


@pytest.mark.parametrize("value", ["-5", "+8613800001111", "0", "+0.5", "县图书馆", "1=1", "a@b", ""])
def test_csv_leaves_harmless_values_as_they_are(value: str) -> None:
    assert csv_cell(value) == value


@given(st.text())
def test_csv_cell_is_reversible_and_never_acted_on(text: str) -> None:
    written = csv_cell(text)
    assert csv_value(written) == clean(text)
    begins = written.strip()[:1]
    assert written.startswith("\t") or begins not in set("=@＝＠")
    assert written.startswith("\t") or begins not in set("+-＋－") or written[1:].replace(".", "").isdecimal()


def test_csv_streams_row_by_row() -> None:
    export = Roster(["甲"] * 1000)
    chunks = export.to_csv("联盟")
    next(chunks)
    next(chunks)
    assert export.drawn == 1


def test_file_name_carries_alliance_year_and_title() -> None:
    assert Roster([]).file_name("同心社区党建联盟", 2026, "csv") == "同心社区党建联盟2026年度成员单位名册.csv"
    assert Roster([]).who_may("书记", None)
    assert not Roster([]).who_may("路人", None)
