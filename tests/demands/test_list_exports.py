"""The county's lists out of the house: unmasked ones come back unchanged, masked ones never."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document

from alliances.models import Alliance
from alliances.registry import registries
from demands.models import Author, Demand
from tests.demands.list_files import export, sheet, table
from tests.import_runs import COUNTY, everything, import_sheet

ALL = {"resources": 75, "demands": 232, "claims": 304, "acceptances": 275}


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_unmasked_lists_come_back_unchanged(
    lists_county: dict[str, Any], tmp_path: Path, suffix: str
) -> None:
    before = everything()
    for kind, count in ALL.items():
        path = tmp_path / f"{kind}.{suffix}"
        name = "demands_full" if kind == "demands" else kind
        assert f"：{count} 行" in export(name, path, "--alliance", "01", "--below")
        run = import_sheet(kind, path, tmp_path)
        assert (run.code, run.counts) == (0, (0, 0, count, 0)), run.words
        assert not any(entry["detail"] for entry in run.report["rows"])
    changed = {name: n for name, n in everything().items() if n != before[name]}
    assert changed.keys() == {"alliances.LogEntry"}  # the four downloads


def test_one_communitys_lists_come_back_unchanged(lists_county: dict[str, Any], tmp_path: Path) -> None:
    """The 原序号 is the county's there; our own numbers find the rows."""
    for kind, count in {"demands": 30, "claims": 41, "acceptances": 40}.items():
        path = tmp_path / f"{kind}.xlsx"
        export("demands_full" if kind == "demands" else kind, path, "--alliance", "01-01-01")
        run = import_sheet(kind, path, tmp_path, "--alliance", "01-01-01")
        assert (run.code, run.counts) == (0, (0, 0, count, 0)), run.words


def test_masked_list_is_refused_whole(lists_county: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "masked.xlsx"
    export("demands", path, "--alliance", "01", "--below")
    run = import_sheet("demands", path, tmp_path, "--skip-refused")
    assert run.counts == (0, 0, 0, 232)
    # A sensitive need's own words are stood in for too.
    assert {r["column"] for r in run.report["refused"]} == {"对象（脱敏）", "内容"}


def test_masked_list_names_no_resident_and_hides_what_is_sensitive(
    lists_county: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "masked.csv"
    export("demands", path, "--alliance", "01", "--below")
    words = path.read_text(encoding="utf-8-sig")
    for author in Author.objects.all():
        assert not author.phone or author.phone not in words
    sensitive = Demand.objects.filter(is_sensitive=True)
    assert sensitive.count() > 20
    assert not any(demand.content in words for demand in sensitive)
    assert "方* 138****3449" in words


def test_every_cell_of_the_countys_sheet_is_in_the_export(
    lists_county: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "demands.xlsx"
    export("demands_full", path, "--alliance", "01", "--below")
    mine = {row["原序号"]: row for row in table(path)}
    source = openpyxl.load_workbook(COUNTY / "群众需求清单.xlsx").active
    head, *rows = list(source.iter_rows(min_row=3, values_only=True))
    for row in rows:
        theirs = dict(zip(head, row, strict=True))
        number = theirs.pop("序号")
        assert {key: mine[number][key] for key in theirs} == theirs


def test_filters_of_the_page_narrow_the_export(lists_county: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "part.xlsx"
    options = ("--alliance", "01", "--below", "--only", "place=01-01", "--only", "since=2025-11-01")
    said = export("demands", path, *options, "--only", "until=2025-11-30")
    expected = Demand.objects.filter(
        alliance__organisation__path__startswith="01/01/",
        raised_on__gte="2025-11-01",
        raised_on__lte="2025-11-30",
    )
    assert f"城关街道群众需求清单：{expected.count()} 行" in said
    assert {row["编号"] for row in table(path)} == set(expected.values_list("number", flat=True))
    export("claims", path, "--alliance", "01", "--below", "--only", "state=overdue")
    assert sorted(row["原序号"] for row in table(path)) == [178, 238, 257, 274, 277, 296, 299]
    assert {row["状态"] for row in table(path)} == {"已逾期"}


def test_workbook_looks_like_the_offices_own(lists_county: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "claims.xlsx"
    export("claims", path, "--alliance", "01", "--below")
    rows = sheet(path)
    assert rows[0][0] == "“经燕红”社会治理党建联盟总站认领项目清单"
    assert (rows[1][0], rows[1][-1]) == ("填报单位：“经燕红”社会治理党建联盟总站", "截至2026年3月31日")
    total = dict(zip(rows[2], rows[-2], strict=True))
    assert (total["序号"], total["原序号"], total["志愿者人数"]) == ("合计", "304项", "3067")
    assert [cell for cell in rows[-1] if cell] == ["制表人：", "审核人：", "负责人："]


@pytest.mark.parametrize("name", ["resources", "demands", "claims", "acceptances"])
def test_printed_list_has_the_columns_of_the_paper(
    lists_county: dict[str, Any], tmp_path: Path, name: str
) -> None:
    titles = {
        "resources": "序号 单位 类别 名称 内容说明 可提供时间/次数 服务对象 联系人 电话 状态",
        "demands": "序号 编号 来源 提出日期 类别(大类/小项) 内容 对象（脱敏） 小区 期望时限 受理人 状态",
        "claims": "序号 需求编号 项目名称 认领单位(牵头/联合) 措施 责任人及电话 认领日期 完成时限 进展 状态",
        "acceptances": "序号 项目 完成日期 验收站点/人 验收日期 结论 回访方式 回访日期 满意度 群众意见 整改情况",
    }[name]
    path = tmp_path / f"{name}.docx"
    export(name, path, "--alliance", "01-01-01")
    (printed,) = [t for t in Document(str(path)).tables if len(t.rows) > 3]
    assert [cell.text for cell in printed.rows[0].cells] == titles.split()
    one = registries.exports.get(name)
    assert one
    rows = list(one.rows(Alliance.objects.get(code="01-01-01"), None))
    assert len(printed.rows) == len(rows) + 2  # header and sum
    path = tmp_path / f"{name}.pdf"
    export(name, path, "--alliance", "01-01-01")
    assert path.read_bytes().startswith(b"%PDF")
