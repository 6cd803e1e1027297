"""Ten thousand texts that look like formulas, through every writer of workbooks and CSV: none is ever acted on, in
openpyxl's eyes or in LibreOffice's, and all come back as they were."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from alliances.documents import to_xlsx
from alliances.documents.paper import clean
from alliances.exporting import Cell, Column, RowExport, csv_cell, csv_value
from tests.alliances.papers_cast import SLIP
from tests.hostile_cells import FULL, HALF, MANY, PLAIN, hostile_cells

TEXTS = hostile_cells()
# As every format carries them; a cell of nothing but unprintable signs is an empty one.
CLEAN = [clean(text) for text in TEXTS]


class Notes(RowExport):
    """One column of hostile texts beside their numbers."""

    name = "notes"
    title = "备注"
    columns = [Column("no", "序号", 6), Column("text", "内容", 40)]

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def who_may(self, user: Any, alliance: Any) -> bool:
        return True

    def rows(self, alliance: Any, year: int | None) -> Iterator[dict[str, Cell]]:
        for number, text in enumerate(self.texts, start=1):
            yield {"no": number, "text": text}


def workbook(texts: list[str]) -> bytes:
    target = io.BytesIO()
    Notes(texts).to_xlsx(target, "同心社区党建联盟")
    return target.getvalue()


def formulas(book: bytes) -> int:
    """Cells with a formula, whatever a reader makes of them."""
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        return sum(len(re.findall(rb"<f[ >/]", package.read(name))) for name in sheets)


def cells(book: bytes | Path, first: int, column: int = 2) -> list[Any]:
    """The cells of one column from row ``first`` on, as openpyxl types them."""
    source = io.BytesIO(book) if isinstance(book, bytes) else book
    sheet = openpyxl.load_workbook(source, data_only=False).worksheets[0]
    return [sheet.cell(row, column) for row in range(first, sheet.max_row + 1)]


def test_there_are_ten_thousand_and_of_every_kind() -> None:
    assert len(set(TEXTS)) == MANY
    assert hostile_cells() == TEXTS
    for sign in HALF + FULL:
        assert sum(text.startswith(sign) for text in CLEAN) > 50, sign
        assert sum(text.lstrip().startswith(sign) and not text.startswith(sign) for text in CLEAN) > 20, sign
    assert any("cmd|" in text.lower() for text in CLEAN)
    assert not any("\0" in text for text in TEXTS)


def test_no_cell_of_a_list_is_a_formula_and_all_come_back() -> None:
    book = workbook(TEXTS)
    assert formulas(book) == 0
    found = cells(book, 3)
    assert {cell.data_type for cell in found if cell.value is not None} == {"s"}
    assert [cell.value or "" for cell in found] == CLEAN


def test_no_cell_of_a_paper_is_a_formula() -> None:
    """The other writer of workbooks: papers. Every text stands in a table, the first hundred in its other places too."""
    paper = {
        **SLIP,
        "blocks": [
            {
                "type": "table",
                "columns": [{"title": "内容", "width": 3}, {"title": "序号", "width": 1}],
                "rows": [[text, str(number)] for number, text in enumerate(CLEAN)],
            },
            *({"type": "note", "text": text} for text in CLEAN[:100] if text.strip()),
        ],
    }
    book = to_xlsx(paper)
    assert formulas(book) == 0
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    texts = {
        cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)
    }
    assert set(texts.values()) == {"s"}
    assert {text for text in CLEAN if text} <= set(texts)


def test_without_the_promise_the_same_texts_are_formulas() -> None:
    """The twin: what xlsxwriter would do by itself."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for row, text in enumerate(CLEAN):
            sheet.write(row, 0, text)
    assert formulas(target.getvalue()) > 500


def test_csv_holds_no_field_that_is_acted_on_and_reads_back_exactly() -> None:
    content = b"".join(Notes(TEXTS).to_csv("同心社区党建联盟")).decode("utf-8-sig")
    fields = [row[1] for row in csv.reader(io.StringIO(content, newline=""))][1:]
    assert [csv_value(field) for field in fields] == CLEAN
    for field in fields:
        if field.strip()[:1] in tuple(HALF + FULL) and not field.startswith("\t"):
            assert re.fullmatch(r"[+-]\d+(\.\d+)?", field, re.ASCII), repr(field)


@pytest.mark.parametrize("text", PLAIN)
def test_everyday_texts_stay_as_they_were(text: str) -> None:
    book = workbook([text])
    assert [(cell.value, cell.data_type) for cell in cells(book, 3)] == [(text, "s")]
    assert csv_value(csv_cell(text)) == text
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        assert csv_cell(text) == text


# --- in an office suite ---------------------------------------------------------------------------------------------

# Comma, double quote, UTF-8, from the first line, no column told its format; cells that look like formulas are
# evaluated (the thirteenth): the most that somebody can choose in LibreOffice's dialog.
AS_CSV = "CSV:44,34,76,1,,0,false,true,false,false,false,0,true"


def opened(tmp_path: Path, name: str, content: bytes, *options: str) -> Path:
    """The file as LibreOffice understands it, saved as a workbook."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    source = tmp_path / name
    source.write_bytes(content)
    subprocess.run(
        [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", *options,
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(source)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return (tmp_path / "out" / name).with_suffix(".xlsx")


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_sees_texts_in_the_workbook(tmp_path: Path) -> None:
    book = opened(tmp_path, "notes.xlsx", workbook(TEXTS))
    assert formulas(book.read_bytes()) == 0
    found = cells(book, 3)
    assert {cell.data_type for cell in found if cell.value is not None} == {"s"}
    assert [cell.value or "" for cell in found] == CLEAN


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_sees_texts_and_plain_numbers_in_the_csv(tmp_path: Path) -> None:
    content = b"".join(Notes(TEXTS).to_csv("同心社区党建联盟"))
    book = opened(tmp_path, "notes.csv", content, f"--infilter={AS_CSV}")
    assert formulas(book.read_bytes()) == 0
    found = cells(book, 2)
    wrong = [
        (text, cell.value)
        for text, cell in zip(CLEAN, found, strict=True)
        if cell.data_type == "s" and csv_value(cell.value) != text
    ]
    assert wrong == []
    for text, cell in zip(CLEAN, found, strict=True):
        # What became a number was one: -5, +0.5, 007; never the result of a sum.
        if cell.data_type == "n" and cell.value is not None:
            assert float(text) == cell.value
    assert found[TEXTS.index("-5")].value == -5
    assert csv_value(found[TEXTS.index("+86 138 0000 0000")].value) == "+86 138 0000 0000"


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_acts_on_a_csv_that_promises_nothing(tmp_path: Path) -> None:
    """The twin: the same texts without the tab in front."""
    target = io.StringIO()
    csv.writer(target, quoting=csv.QUOTE_ALL).writerows([number, text] for number, text in enumerate(CLEAN))
    book = opened(tmp_path, "bare.csv", target.getvalue().encode("utf-8-sig"), f"--infilter={AS_CSV}")
    assert formulas(book.read_bytes()) > 100
