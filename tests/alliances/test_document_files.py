"""Papers as Excel and PDF: hostile texts stay texts, fonts embedded, one page; and all of it opens in LibreOffice."""

import copy
import io
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliances import documents
from alliances.documents import to_docx, to_pdf, to_xlsx
from tests.alliances.papers_cast import HOSTILE, REPORT, SLIP, YEAR, hostile

ALL = {"slip": SLIP, "year": YEAR, "report": REPORT, "hostile": hostile()}
each_paper = pytest.mark.parametrize("paper", ALL.values(), ids=ALL)


def pdf_tool(*command: str, pdf: bytes, tmp_path: Path) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} (poppler-utils) is not installed")
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf)
    return subprocess.run([*command, str(path), *(["-"] if command[0] == "pdftotext" else [])],
                          check=True, capture_output=True, text=True).stdout  # fmt: skip


# --- Excel ------------------------------------------------------------------------------------------------------------


def sheet_values(content: bytes) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_xlsx_hostile_texts_stay_texts() -> None:
    cells = sheet_values(to_xlsx(hostile()))
    texts = [cell.value for cell in cells if cell.data_type == "s"]
    assert [text for text in HOSTILE if text not in texts] == []
    assert {cell.data_type for cell in cells} == {"s", "n"}
    for text in ("=cmd()", "@note", "=foot", "=SUM(A1)", "=a", "@1", "+1", "=2"):
        assert any(text in value for value in texts), text


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_xlsx_any_text_comes_back_as_the_cleaned_text(texts: list[str]) -> None:
    paper = {
        "kind": "test",
        "layout": "table",
        "title": "表",
        "blocks": [{"type": "table", "columns": [{"title": "文"}], "rows": [[text] for text in texts]}],
    }
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(paper))).active
    read = [sheet.cell(row, 1).value or "" for row in range(3, 3 + len(texts))]
    assert read == [documents.paper.clean(text) for text in texts]


def test_xlsx_of_the_year_is_the_offices_sheet() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(YEAR))).active
    assert sheet["A1"].value == "同心社区党建联盟2026年度轮值主席安排表"
    assert "A1:H1" in {str(area) for area in sheet.merged_cells.ranges}
    assert [cell.value for cell in sheet[3]][:3] == ["月份", "轮值方式", "轮值主席单位"]
    assert sheet["A3"].font.b
    assert sheet["A4"].border.left.style == "thin"
    assert sheet["A4"].alignment.wrap_text
    assert [sheet.cell(row, 1).value for row in range(4, 16)] == [f"{month}月" for month in range(1, 13)]
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == 9
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1) == (1, 1)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$3"
    assert sheet["C5"].value.count("\n") == 2


def test_xlsx_each_table_of_a_report_has_its_own_sheet_and_total() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(REPORT)))
    assert len(book.sheetnames) >= 4
    assert any(
        [cell.value for cell in row][:3] == ["合计", None, 1] for sheet in book for row in sheet.iter_rows()
    )


# --- PDF --------------------------------------------------------------------------------------------------------------


@each_paper
def test_pdf_fonts_are_embedded_and_text_is_selectable(paper: dict[str, Any], tmp_path: Path) -> None:
    pdf = to_pdf(paper)
    fonts = pdf_tool("pdffonts", pdf=pdf, tmp_path=tmp_path).splitlines()[2:]
    assert fonts
    assert all(re.search(r"\byes yes yes\b", line) for line in fonts)
    text = re.sub(r"\s", "", pdf_tool("pdftotext", pdf=pdf, tmp_path=tmp_path))
    assert re.sub(r"\s", "", paper["title"])[-10:] in text


@pytest.mark.parametrize(
    ("paper", "size"), [(SLIP, "595.276 x 841.89"), (YEAR, "841.89 x 595.276")], ids=["slip", "year"]
)
def test_pdf_slip_and_year_are_one_page_of_a4(paper: dict[str, Any], size: str, tmp_path: Path) -> None:
    facts = pdf_tool("pdfinfo", pdf=to_pdf(paper), tmp_path=tmp_path)
    assert re.search(r"Pages:\s+1\n", facts)
    assert size in facts


def test_pdf_hostile_text_is_text_and_never_source(tmp_path: Path) -> None:
    text = pdf_tool("pdftotext", pdf=to_pdf(hostile()), tmp_path=tmp_path)
    for expected in ("#panic() $x$ *b*", "=SUM(A1)", "@note", "+8613800001111"):
        assert expected in text


def test_pdf_from_several_threads_at_once_is_the_same() -> None:
    expected, made = to_pdf(SLIP), []
    threads = [threading.Thread(target=lambda: made.append(to_pdf(SLIP))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [expected] * 6


def test_a_long_slip_gets_smaller_type_before_it_gets_a_second_page(tmp_path: Path) -> None:
    paper = copy.deepcopy(SLIP)
    paper["blocks"][4]["rows"][0][1] = "\n".join(
        f"{index}. 会前听取党员群众意见建议。" for index in range(1, 13)
    )
    assert re.search(r"Pages:\s+1\n", pdf_tool("pdfinfo", pdf=to_pdf(paper), tmp_path=tmp_path))


# --- opened by an office suite ----------------------------------------------------------------------------------------


@pytest.mark.office
def test_docx_and_xlsx_open_in_libreoffice_with_the_expected_pages(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None or shutil.which("pdfinfo") is None:
        pytest.skip("LibreOffice (soffice) or poppler-utils is not installed")
    for name, paper in ALL.items():
        (tmp_path / f"{name}.docx").write_bytes(to_docx(paper))
        (tmp_path / f"{name}-sheet.xlsx").write_bytes(to_xlsx(paper))
    subprocess.run(
        [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path / "out"), *map(str, sorted(tmp_path.glob("*.*x")))],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip

    def told(tool: str, name: str) -> str:
        command = [tool, str(tmp_path / "out" / f"{name}.pdf"), *(["-"] if tool == "pdftotext" else [])]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    for name in ("slip", "year", "year-sheet"):
        assert re.search(r"Pages:\s+1\n", told("pdfinfo", name)), name
    assert "回执" in told("pdftotext", "slip")
    assert "=SUM(A1)" in told("pdftotext", "hostile-sheet")
    assert re.search(r"—\s*2\s*—", told("pdftotext", "report"))
