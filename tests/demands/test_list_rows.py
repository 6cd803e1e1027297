"""Rows of the four lists that are not the county's clean ones: what is refused and why, what is left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from alliances.models import LogEntry
from demands import lifecycles
from demands.models import Acceptance, Author, CallBack, Category, Claim, Demand, Resource
from tests.cast import Cast
from tests.factories import demands as lists
from tests.import_runs import Run, import_sheet
from tests.spreadsheets import workbook

DEMANDS = [
    "序号",
    "来源",
    "提出时间",
    "社区",
    "小区服务站",
    "需求人",
    "电话",
    "类别大项",
    "小项",
    "需求内容",
    "紧急程度",
]
DEMAND = [
    1,
    "入户走访",
    "2026-02-03",
    "同心社区",
    "清风小区服务站",
    "方小超",
    "13800003449",
    "环境",
    "噪声",
    "夜里很吵",
    "较急",
]
CLAIMS = [
    "序号",
    "需求序号",
    "认领单位",
    "服务措施",
    "责任人",
    "认领时间",
    "完成时限",
    "完成时间",
    "志愿者人数",
    "状态",
]
CLAIM = [1, 1, "县图书馆", "上门劝导", "钱新民", "2026-02-04", "2026-02-20", "2026-02-10", 6, "已办结"]
VISITS = [
    "序号",
    "认领项目序号",
    "验收站点",
    "验收人",
    "验收时间",
    "验收结果",
    "群众满意度",
    "回访方式",
    "回访意见",
]
VISIT = [1, 1, "清风小区服务站", "马秀英", "2026-02-12", "合格", "满意", "电话回访", "安静多了"]
RESOURCES = ["序号", "单位名称", "资源类别", "资源名称", "内容说明", "联系人", "电话"]
RESOURCE = [1, "县图书馆", "场地", "二楼报告厅", "60座，配投影", "杨欣然", "13900000001"]
HEADS = {"demands": DEMANDS, "claims": CLAIMS, "acceptances": VISITS, "resources": RESOURCES}
FIRST = {"demands": DEMAND, "claims": CLAIM, "acceptances": VISIT, "resources": RESOURCE}


def row(kind: str, **cells: Any) -> list[Any]:
    """The kind's first row with some cells changed, by column title."""
    line = list(FIRST[kind])
    for title, value in cells.items():
        line[HEADS[kind].index(title)] = value
    return line


def bring(folder: Path, kind: str, *lines: Sequence[Any], head: Sequence[str] | None = None) -> Run:
    path = folder / f"{kind}.xlsx"
    path.write_bytes(workbook(("清单", [head or HEADS[kind], *lines])))
    return import_sheet(kind, path, folder)


@pytest.fixture
def told(cast: Cast, tmp_path: Path) -> Path:
    """One demand, served and accepted, as a county's lists tell it."""
    for kind in ("resources", "demands", "claims", "acceptances"):
        run = bring(tmp_path, kind, FIRST[kind])
        assert run.counts == (1, 0, 0, 0), run.words
    return tmp_path


def reasons(run: Run) -> list[str]:
    assert run.code == 1
    return run.reasons


# --- refusals: sheet, row, column, value, reason -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"来源": "路上听说"}, "2 来源 不认识“路上听说”，可填：入户走访"),
        ({"提出时间": "2026-03-03"}, "2 提出时间 日期在今天以后"),
        ({"社区": "清月社区"}, "2 社区 没有“清月社区”这个社区，请先导入组织架构"),
        ({"小区服务站": "柳岸小区服务站"}, "2 小区服务站 “柳岸小区服务站”同心社区没有这个小区服务站"),
        ({"需求人": "方*"}, "2 需求人 姓名已经脱敏，脱敏的清单不能导入"),
        ({"电话": "138****3449"}, "2 电话 号码已经脱敏，脱敏的清单不能导入"),
        ({"电话": "12345"}, "2 电话 所填内容不是 11 位手机号码"),
        ({"需求内容": None}, "2 需求内容 必填，不能为空"),
        ({"序号": 0}, "2 序号 序号应从 1 开始"),
        ({"类别大项": "一" * 21}, "2 序号 需求类别的大类、小项最多 20 字。"),
    ],
)
def test_demand_row_is_refused_with_its_reason(
    cast: Cast, tmp_path: Path, cells: dict[str, Any], expected: str
) -> None:
    run = bring(tmp_path, "demands", row("demands", **cells))
    assert [reason[: len(expected)] for reason in reasons(run)] == [expected]
    assert Demand.objects.count() == 0


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"需求序号": 7}, "2 需求序号 群众需求清单里没有序号 7，请先导入群众需求清单"),
        ({"认领单位": "县气象台"}, "2 认领单位 “县气象台”不是已登记的成员单位，请先导入成员单位名册"),
        ({"认领时间": "2026-02-02"}, "2 认领时间 早于需求的提出时间 2026-02-03"),
        ({"完成时限": "2026-02-03"}, "2 完成时限 早于认领时间"),
        ({"完成时间": "2026-02-03"}, "2 完成时间 早于认领时间"),
        ({"完成时间": None}, "2 完成时间 状态是“已办结”，没有填完成时间"),
        ({"状态": "搁置"}, "2 状态 不认识“搁置”，可填：已认领"),
        ({"状态": "已退回"}, "2 状态 已退回的认领不用导入"),
        ({"志愿者人数": -1}, "2 志愿者人数 不能是负数"),
        ({"责任人": "13800000215"}, "2 责任人 没有写明责任人"),
    ],
)
def test_claim_row_is_refused_with_its_reason(
    cast: Cast, tmp_path: Path, cells: dict[str, Any], expected: str
) -> None:
    bring(tmp_path, "demands", DEMAND)
    run = bring(tmp_path, "claims", row("claims", **cells))
    assert [reason[: len(expected)] for reason in reasons(run)] == [expected]
    assert Claim.objects.count() == 0


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"认领项目序号": 9}, "2 认领项目序号 认领项目清单里没有序号 9，请先导入认领项目清单"),
        ({"验收站点": "柳岸小区服务站"}, "2 验收站点 应由该需求的清风小区服务站验收"),
        ({"验收时间": "2026-02-09"}, "2 验收时间 早于完成时间 2026-02-10"),
        ({"验收结果": "凑合"}, "2 验收结果 不认识“凑合”，可填：合格"),
        ({"回访方式": None}, "2 回访方式 填了群众满意度，没有填回访方式"),
        ({"验收人": None}, "2 验收人 必填，不能为空"),
    ],
)
def test_visit_row_is_refused_with_its_reason(
    cast: Cast, tmp_path: Path, cells: dict[str, Any], expected: str
) -> None:
    bring(tmp_path, "demands", DEMAND)
    bring(tmp_path, "claims", CLAIM)
    run = bring(tmp_path, "acceptances", row("acceptances", **cells))
    assert [reason[: len(expected)] for reason in reasons(run)] == [expected]
    assert Acceptance.objects.count() == 0


def test_visit_to_what_is_not_finished_is_refused(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, "demands", DEMAND)
    bring(tmp_path, "claims", row("claims", 状态="办理中", 完成时间=None))
    run = bring(tmp_path, "acceptances", VISIT)
    assert reasons(run) == ["2 验收结果 认领项目还是“办理中”，没有完成，不能验收"]


def test_refusal_names_sheet_row_column_and_value(cast: Cast, tmp_path: Path) -> None:
    run = bring(tmp_path, "demands", DEMAND, row("demands", 序号=2, 紧急程度="火急"))
    assert run.report["refused"] == [
        {
            "sheet": "清单",
            "row": 3,
            "column": "紧急程度",
            "value": "火急",
            "reason": "不认识“火急”，可填：一般、较急、紧急",
        }
    ]
    assert Demand.objects.count() == 0  # all or nothing


def test_two_rows_of_one_number_are_refused(cast: Cast, tmp_path: Path) -> None:
    run = bring(tmp_path, "demands", DEMAND, row("demands", 需求内容="另一件"))
    assert reasons(run) == ["3 序号 与第 2 行重复"]


def test_list_that_starts_again_at_one_does_not_overwrite_the_one_before(told: Path) -> None:
    other = row("demands", 提出时间="2026-02-20", 需求内容="楼道堆物")
    (reason,) = reasons(bring(told, "demands", other))
    assert reason.startswith("2 序号 序号 1 已是2026-02-03提出的另一项需求（同心党建联需〔2026〕1号）")
    assert bring(told, "demands", other[1:], head=DEMANDS[1:]).counts == (1, 0, 0, 0)


def test_rows_without_numbers_are_found_again_by_what_they_say(told: Path) -> None:
    bare = {kind: (HEADS[kind][1:], FIRST[kind][1:]) for kind in HEADS}
    for kind, (head, line) in bare.items():
        assert bring(told, kind, line, head=head).counts == (0, 0, 1, 0)


# --- what a row means ------------------------------------------------------------------------------------------------


def test_names_and_phones_are_stored_encrypted(told: Path) -> None:
    author = Author.objects.get()
    assert (author.name, author.phone) == ("方小超", "13800003449")
    assert author.phone_key


@pytest.mark.parametrize("name", ["匿名", None, "不愿透露"])
def test_anonymous_demand_has_no_author(cast: Cast, tmp_path: Path, name: str | None) -> None:
    assert bring(tmp_path, "demands", row("demands", 需求人=name, 电话=None)).counts == (1, 0, 0, 0)
    assert Author.objects.count() == 0


def test_category_in_one_column_and_unknown_pairs_are_taken(cast: Cast, tmp_path: Path) -> None:
    head = [title for title in DEMANDS if title != "小项"]
    line = [value for title, value in zip(DEMANDS, DEMAND, strict=True) if title != "小项"]
    line[head.index("类别大项")] = "养老/老年食堂"
    assert bring(tmp_path, "demands", line, head=head).counts == (1, 0, 0, 0)
    assert str(Demand.objects.get().category) == "养老/老年食堂"


def test_sensitive_kinds_are_flagged(cast: Cast, tmp_path: Path) -> None:
    lines = [
        row("demands", 类别大项="卫生健康", 小项="慢病管理"),
        row("demands", 序号=2, 类别大项="交通出行", 小项="停车"),
    ]
    bring(tmp_path, "demands", *lines)
    assert list(Demand.objects.order_by("source_no").values_list("is_sensitive", flat=True)) == [True, False]


def test_corrected_cells_change_the_row_and_empty_ones_do_not(told: Path) -> None:
    run = bring(told, "demands", row("demands", 需求内容="夜里很吵，已持续一周", 电话=None, 紧急程度="紧急"))
    assert run.counts == (0, 1, 0, 0)
    assert run.report["rows"][0]["detail"] == "需求内容、紧急程度"
    demand = Demand.objects.get()
    assert (demand.content, demand.urgency) == ("夜里很吵，已持续一周", "urgent")
    assert Author.objects.get().phone == "13800003449"
    last = LogEntry.objects.filter(action="demands.demand.change").get()
    assert last.data == {"fields": ["content", "urgency"]}


def test_corrected_phone_changes_the_author(told: Path) -> None:
    assert bring(told, "demands", row("demands", 电话="13900000009")).counts == (0, 1, 0, 0)
    author = Author.objects.get()
    assert (author.name, author.phone) == ("方小超", "13900000009")


def test_cleared_author_does_not_come_back(told: Path, cast: Cast) -> None:
    author = Author.objects.get()
    author.name = author.phone = author.phone_key = ""
    author.anonymised_at = author.created_at
    author.save()
    assert bring(told, "demands", DEMAND).counts == (0, 0, 1, 0)
    assert Author.objects.get().name == ""


def test_resource_is_listed_at_the_units_membership(told: Path, cast: Cast) -> None:
    resource = Resource.objects.get()
    assert resource.member == cast.members["县图书馆"]
    assert resource.alliance == cast.alliance
    assert bring(told, "resources", row("resources", 内容说明="80座")).counts == (0, 1, 0, 0)
    other = row("resources", 单位名称="县实验小学")
    assert reasons(bring(told, "resources", other))[0].startswith("2 序号 序号 1 已是县图书馆的“二楼报告厅”")


# --- claims, also across communities ----------------------------------------------------------------------------------


def test_unit_of_another_community_serves_through_its_own_membership(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, "demands", DEMAND)
    lines = [
        row("claims", 认领单位="县法院"),
        row("claims", 序号=2, 认领单位="县交警队", 认领时间="2026-02-05"),
    ]
    run = bring(tmp_path, "claims", *lines)
    assert run.report["details"] == {"认领": 2, "跨社区认领": 1}
    far, near = Claim.objects.order_by("source_no")
    assert (far.alliance, far.member) == (cast.alliance, cast.foreign_members["县法院"])
    assert near.member == cast.members["县交警队"]
    assert (far.part, near.part) == ("lead", "joint")


@pytest.mark.parametrize(
    ("state", "delivered", "claim", "demand"),
    [
        ("办理中", None, "in_service", "claimed"),
        ("已逾期", None, "in_service", "claimed"),
        ("待验收", "2026-02-10", "delivered", "served"),
        ("整改中", "2026-02-10", "returned", "claimed"),
        ("已办结", "2026-02-10", "accepted", "closed"),
        ("已认领", None, "taken", "claimed"),
    ],
)
def test_states_of_the_list_and_what_follows(
    cast: Cast, tmp_path: Path, state: str, delivered: str | None, claim: str, demand: str
) -> None:
    bring(tmp_path, "demands", DEMAND)
    assert bring(tmp_path, "claims", row("claims", 状态=state, 完成时间=delivered)).counts == (1, 0, 0, 0)
    assert (Claim.objects.get().state, Demand.objects.get().state) == (claim, demand)


def test_later_list_moves_a_claim_on_and_an_older_one_does_not_move_it_back(
    cast: Cast, tmp_path: Path
) -> None:
    bring(tmp_path, "demands", DEMAND)
    early = row("claims", 状态="办理中", 完成时间=None, 志愿者人数=None)
    bring(tmp_path, "claims", early)
    run = bring(tmp_path, "claims", CLAIM)
    assert run.counts == (0, 1, 0, 0)
    assert (Claim.objects.get().state, Demand.objects.get().state) == ("accepted", "closed")
    run = bring(tmp_path, "claims", early)
    assert run.counts == (0, 0, 1, 0)
    assert run.report["rows"][0]["detail"] == "状态以系统为准（已办结）"
    assert Claim.objects.get().state == "accepted"


def test_list_does_not_move_a_claim_that_has_moved_here(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, "demands", DEMAND)
    bring(tmp_path, "claims", row("claims", 状态="已认领", 完成时间=None, 志愿者人数=None))
    lifecycles.CLAIM.apply(Claim.objects.get(), "start", actor=cast.liaison)
    run = bring(tmp_path, "claims", CLAIM)
    assert run.report["rows"][0]["detail"] == "完成时间、志愿者人数；状态以系统为准（办理中）"
    assert Claim.objects.get().state == "in_service"


def test_second_lead_is_refused(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, "demands", DEMAND)
    head = [*CLAIMS, "牵头或联合"]
    run = bring(
        tmp_path,
        "claims",
        [*CLAIM, "牵头"],
        [*row("claims", 序号=2, 认领单位="县实验小学"), "牵头"],
        head=head,
    )
    assert reasons(run) == ["3 牵头或联合 这项需求已由县图书馆牵头"]


def test_person_and_phone_in_one_cell(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, "demands", DEMAND)
    bring(tmp_path, "claims", row("claims", 责任人="钱新民 13800000215"))
    claim = Claim.objects.get()
    assert (claim.responsible, claim.responsible_phone) == ("钱新民", "13800000215")


# --- visits --------------------------------------------------------------------------------------------------------


def test_answer_bears_the_day_of_the_visit_and_names_the_station_leader(told: Path, cast: Cast) -> None:
    visit, answer = Acceptance.objects.get(), CallBack.objects.get()
    assert visit.inspector == cast.station.person
    assert (answer.satisfaction, answer.method, answer.answered_on) == ("good", "phone", visit.visited_on)
    assert answer.author == Author.objects.get()
    assert Claim.objects.get().accepted_on == visit.visited_on


def test_visit_moves_a_claim_that_waited_for_it(cast: Cast, tmp_path: Path) -> None:
    lines = [row("demands", 序号=n, 需求内容=f"第{n}件") for n in (1, 2)]
    bring(tmp_path, "demands", *lines)
    bring(tmp_path, "claims", *(row("claims", 序号=n, 需求序号=n, 状态="待验收") for n in (1, 2)))
    bring(tmp_path, "acceptances", VISIT, row("acceptances", 序号=2, 认领项目序号=2, 验收结果="不合格"))
    assert list(Claim.objects.order_by("source_no").values_list("state", flat=True)) == [
        "accepted",
        "returned",
    ]
    assert list(Demand.objects.order_by("source_no").values_list("state", flat=True)) == ["closed", "claimed"]


def test_second_visit_of_a_claim_is_its_second(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, "demands", DEMAND)
    bring(tmp_path, "claims", CLAIM)
    failed = row("acceptances", 验收时间="2026-02-11", 验收结果="不合格", 群众满意度="不满意")
    run = bring(tmp_path, "acceptances", failed, row("acceptances", 序号=2, 验收结果="整改后合格"))
    assert run.counts == (2, 0, 0, 0)
    assert list(Acceptance.objects.order_by("visit").values_list("visit", "verdict")) == [
        (1, "failed"),
        (2, "mended"),
    ]


def test_answer_given_here_is_not_overwritten(told: Path) -> None:
    CallBack.objects.update(imported_at=None, satisfaction="bad")
    run = bring(told, "acceptances", VISIT)
    assert run.counts == (0, 0, 1, 0)
    assert run.report["rows"][0]["detail"] == "回访结果以系统为准"
    assert CallBack.objects.get().satisfaction == "bad"


def test_own_list_of_a_community_stands_apart_from_the_countys(told: Path, cast: Cast) -> None:
    path = told / "own.xlsx"
    path.write_bytes(
        workbook(("清单", [DEMANDS, row("demands", 需求内容="本社区自己的表", 提出时间="2026-01-05")]))
    )
    run = import_sheet("demands", path, told, "--alliance", cast.alliance.code)
    assert run.counts == (1, 0, 0, 0)
    owners = Demand.objects.order_by("pk").values_list("source_organisation__name", "source_no")
    assert list(owners) == [("示范县", 1), ("同心社区", 1)]


def test_categories_of_refused_rows_leave_nothing(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, "demands", row("demands", 类别大项="新类", 小项="新项", 小区服务站="没有的站"))
    assert Category.objects.count() == 0


def test_demand_made_here_is_found_by_its_number(cast: Cast, tmp_path: Path) -> None:
    demand = lists.demand(cast.alliance, cast.station_place)
    head = ["编号", "原序号", *DEMANDS]
    run = bring(tmp_path, "demands", [demand.number, None, *DEMAND], head=head)
    assert run.counts == (0, 1, 0, 0)
    run = bring(tmp_path, "demands", ["同心党建联需〔2026〕99号", None, *DEMAND], head=head)
    assert reasons(run) == ["2 编号 同心社区没有编号为“同心党建联需〔2026〕99号”的需求；新需求请把编号留空"]
