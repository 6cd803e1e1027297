"""The data workbook of a quarter: a sheet for each attachment and the sources, the same bytes whenever it is made."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import openpyxl
import pytest

from evaluations.exports.workbook import to_workbook
from evaluations.selectors import assessments as reads
from evaluations.selectors.papers_quarter_tables import TITLES
from evaluations.selectors.quarter_shapes import every
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports
from tests.evaluations.quarter_paper import UNITS, document

SITE = "https://gongjian.example"


def book(found: dict[str, Any]) -> Any:
    return openpyxl.load_workbook(io.BytesIO(to_workbook(found, site=SITE)))


def rows_of(sheet: Any, first: str) -> list[list[Any]]:
    """The rows under the header that begins with ``first``, up to the next row that is empty or shorter."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(index for index, row in enumerate(rows) if row[0] == first)
    return rows[start + 1 :]


def test_a_sheet_for_each_attachment_and_one_of_sources() -> None:
    assert book(document()).sheetnames == [f"2026年第一季度{name}" for name in (*TITLES, "数据来源")]


def test_making_it_again_gives_the_same_bytes_whatever_the_order_of_keys() -> None:
    found = document()
    stored = json.loads(json.dumps(dict(reversed(found.items())), ensure_ascii=False))
    assert to_workbook(found, site=SITE) == to_workbook(stored, site=SITE)
    changed = document()
    changed["members"][0]["figures"]["claimed"]["numerator"] += 1
    assert to_workbook(found, site=SITE) != to_workbook(changed, site=SITE)


def test_sources_hold_every_figure_with_both_numbers_and_its_address() -> None:
    found = document()
    rows = rows_of(book(found)["2026年第一季度数据来源"], "部分")
    written = {row[6]: (row[2] or "", row[3], row[4], row[5] or "") for row in rows if row[6]}
    expected = {
        one["key"]: (
            one["value"],
            one["numerator"],
            one["denominator"],
            f"{SITE}{one['url']}" if one["url"] else "",
        )
        for one in every(found)
    }
    assert written == expected
    assert len(written) > 150


def test_members_have_every_number_in_a_cell_of_its_own() -> None:
    found = document()
    rows = rows_of(book(found)["2026年第一季度各单位认领完成统计表"], "序号")
    assert [row[1] for row in rows] == list(UNITS)
    own = found["members"][2]["figures"]
    expected = [own[key]["numerator"] for key in ("claimed", "delivered", "activities")]
    for key in ("attendance", "on_time", "resolved", "satisfied", "response", "commitments"):
        expected += [own[key]["numerator"] or 0, own[key]["denominator"] or 0]
    assert rows[2][2:] == expected
    assert all(isinstance(cell, int) for cell in rows[2][2:])


def test_lists_and_rates_are_on_one_sheet_and_scores_on_another() -> None:
    found = book(document())
    lists = rows_of(found["2026年第一季度四项清单汇总表"], "清单")
    assert ["需求清单", "按大类", "关爱帮扶", 12, None, None] in lists
    assert ["比率", None, "响应率", 11, 12, "91.7%"] in lists
    scores = found["2026年第一季度评议得分汇总表"]
    text = [cell.value for row in scores.iter_rows() for cell in row if cell.value]
    assert "县实验小学-2.0分：2月研讨会无故缺席" in "".join(map(str, text))
    assert "92.2—96.0" in text


def test_names_that_look_like_formulas_stay_text() -> None:
    kinds = {cell.data_type for sheet in book(document()) for row in sheet.iter_rows() for cell in row}
    assert kinds == {"s", "n"}
    assert not re.search(rb"<f>", to_workbook(document()))


@pytest.mark.django_db
def test_workbook_of_a_filed_report_is_the_same_after_its_sources_changed(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    filed = reports.filed(cast, frozen)
    before = to_workbook(reads.document(filed), site=SITE)
    reports.in_time(cast, "县实验小学")
    assert to_workbook(reads.document(reports.of(cast)), site=SITE) == before
