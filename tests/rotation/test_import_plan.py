"""Importing past annual tables: which community, which year, which units, and what is refused."""

import pytest

from alliances.models import Unit
from alliances.services import appointments, membership
from rotation.enums import PlanState
from rotation.models import Duty, Plan, PlanVersion
from rotation.services import plans
from tests import messy
from tests.import_runs import communities, everything, import_sheet
from tests.spreadsheets import csv_text, workbook

HEAD = ["月份", "轮值主席单位", "轮值方式", "活动主题", "备注"]
UNITS = {
    "县民政局": "solo",
    "县书法家协会": "collective",
    "县家政服务行业协会": "collective",
    "县公安局": "solo",
}
TITLE = "同心社区党建联盟2025年度轮值主席安排表"
BODY = [
    ["1月", "县民政局", "单独", "走访慰问", None],
    ["2月", "县书法家协会、县家政服务行业协会", "集体", "送福字", "正月十二"],
    ["3月", "县公安局", None, None, None],
]


@pytest.fixture
def alliances(db, frozen):
    """同心社区 with four members, 北关社区 with one of them."""
    home, away = communities("同心社区", "北关社区")
    for name, mode in UNITS.items():
        membership.join(home, membership.add_unit(name, "government", actor=None), duty_mode=mode, actor=None)
    membership.join(away, Unit.objects.get(name="县公安局"), duty_mode="solo", actor=None)
    return home, away


@pytest.fixture
def take(alliances, tmp_path):
    def run(body=BODY, *options, title=TITLE, sheet="同心社区", data=None, name="安排表.xlsx", **more):
        path = tmp_path / name
        path.write_bytes(data or workbook((sheet, [[title], HEAD, *body]), **more))
        return import_sheet("plan", path, tmp_path, *options)

    return run


def table() -> dict[int, tuple[str, list[str]]]:
    duties = Duty.objects.prefetch_related("chairs__member__unit").order_by("month")
    return {duty.month: (duty.mode, [c.member.unit.name for c in duty.chairs.all()]) for duty in duties}


EXPECTED = {
    1: ("solo", ["县民政局"]),
    2: ("collective", ["县书法家协会", "县家政服务行业协会"]),
    3: ("solo", ["县公安局"]),
}


def test_a_table_with_missing_months_is_stored_as_it_is(take):
    run = take()
    assert (run.code, run.counts) == (0, (3, 0, 0, 0))
    assert table() == EXPECTED
    plan = Plan.objects.get()
    assert (plan.year, plan.state, plan.alliance.organisation.name) == (2025, PlanState.CLOSED, "同心社区")
    before = everything()
    assert take().counts == (0, 0, 3, 0)
    assert everything() == before


def test_a_corrected_table_changes_only_its_month(take):
    take()
    body = [BODY[0], ["2月", "县家政服务行业协会、县书法家协会", "集体", "送福字", "正月十二"], BODY[2]]
    run = take(body)
    assert run.counts == (0, 1, 2, 0)
    assert table()[2] == ("collective", ["县家政服务行业协会", "县书法家协会"])
    assert PlanVersion.objects.count() == 2


@pytest.mark.parametrize(
    ("sheet", "title", "options"),
    [
        ("Sheet1", TITLE, ()),
        ("同心社区2025年", "轮值表", ()),
        ("同心社区党建联盟", "2025年轮值表", ()),
        ("01-01-01", "2025年轮值表", ()),
        ("Sheet1", "轮值主席安排表", ("--alliance", "01-01-01", "--year", "2025")),
        ("Sheet1", "２０２５年度轮值表", ("--alliance", "01-01-01")),
    ],
)
def test_community_and_year_are_found(take, sheet, title, options):
    run = take(BODY, *options, sheet=sheet, title=title)
    assert run.code == 0, run.words
    assert Plan.objects.get().year == 2025
    assert table() == EXPECTED


def test_a_csv_is_named_by_its_file(take):
    data = csv_text([HEAD, *BODY]).encode("gb18030")
    run = take(data=data, name="同心社区2024年轮值表.csv")
    assert run.code == 0, run.words
    assert Plan.objects.get().year == 2024


def test_a_month_in_a_merged_block_is_one_month(take):
    run = take(data=messy.months_in_blocks(), name="2025年.xlsx")
    assert (run.code, run.counts) == (0, (3, 0, 0, 0))
    assert table() == {1: EXPECTED[1], 2: EXPECTED[2]}


SHEETS = {
    "this year": ({"title": "同心社区2026年度轮值表"}, (), "2026年度还没有结束"),
    "no year": ({"title": "轮值表"}, (), "看不出是哪个年度的表"),
    "two years": ({}, ("--year", "2024"), "表上写的是2025年度，选择的是2024年度"),
    "no community": ({"sheet": "Sheet1", "title": "2025年度轮值表"}, (), "看不出是哪个社区"),
    "another community": ({"sheet": "北关社区"}, ("--alliance", "01-01-01"), "本次只导入同心社区"),
    "another in the title": (
        {"sheet": "Sheet1", "title": "北关社区2025年度轮值表"},
        ("--alliance", "01-01-01"),
        "本次只导入同心社区",
    ),
}


@pytest.mark.parametrize("name", SHEETS)
def test_sheets_that_cannot_be_placed_are_refused_as_a_whole(take, name):
    words, options, reason = SHEETS[name]
    before = everything()
    run = take(BODY, *options, **words)
    assert (run.code, run.counts) == (1, (0, 0, 0, 1))
    refusal = run.report["refused"][0]
    assert refusal["reason"].startswith(reason)
    assert refusal["sheet"] == words.get("sheet", "同心社区")
    assert refusal["row"] == 2
    assert everything() == before


ROWS = {
    "month twice": (["三月", "县民政局", "单独", None, None], "6 月份 3月重复，第 5 行已经有了"),
    "unknown unit": (
        ["4月", "县气象局", "单独", None, None],
        "6 轮值主席单位 “县气象局”不是同心社区的成员单位",
    ),
    "one unknown of two": (
        ["4月", "县公安局、县气象局", "集体", None, None],
        "6 轮值主席单位 “县气象局”不是",
    ),
    "unit twice": (
        ["4月", "县公安局、县 公安局", "集体", None, None],
        "6 轮值主席单位 “县 公安局”在同一个月写了两次",
    ),
    "solo of two": (
        ["4月", "县公安局、县民政局", "单独", None, None],
        "6 轮值方式 写的是单独轮值，却有 2 家单位",
    ),
    "no month": (["全年", "县公安局", "单独", None, None], "6 月份 “全年”不是月份"),
    "month 13": (["13月", "县公安局", "单独", None, None], "6 月份 “13月”不是月份"),
    "no unit": (["4月", None, "单独", None, None], "6 轮值主席单位 必填，不能为空"),
    "long theme": (["4月", "县公安局", "单独", "长" * 121, None], "6 活动主题 最多 120 字"),
}


@pytest.mark.parametrize("name", ROWS)
def test_months_that_cannot_be_are_refused(take, name):
    row, reason = ROWS[name]
    before = everything()
    run = take([*BODY, row])
    assert (run.code, run.counts) == (1, (3, 0, 0, 1))
    assert run.reasons[0].startswith(reason)
    assert everything() == before
    assert take([*BODY, row], "--skip-refused").report["committed"]
    assert table() == EXPECTED


def test_month_twice_of_the_messy_book_is_refused_once(take):
    run = take(data=messy.month_twice(), name="安排表.xlsx")
    assert (run.code, run.counts) == (1, (11, 0, 0, 1))
    assert run.reasons == ["6 月份 3月重复，第 5 行已经有了"]
    assert not Plan.objects.exists()


def test_the_tables_mode_overrides_the_roster(take):
    run = take(
        [["5月", "县民政局、县公安局", "集体", None, None], ["6月", "县书法家协会", "单独", None, None]]
    )
    assert run.code == 0
    assert table() == {
        5: ("collective", ["县民政局", "县公安局"]),
        6: ("solo", ["县书法家协会"]),
    }


def test_abbreviated_units_are_asked_about_and_remembered(take):
    body = [["4月", "县书协", None, None, None]]
    run = take(body)
    assert run.code == 1
    assert [o["answer"] for o in run.report["questions"][0]["options"]] == ["same:县书法家协会", "none"]
    assert run.report["refused"][0]["reason"].startswith(
        "“县书协”不是同心社区的成员单位。是不是“县书法家协会”？"
    )
    run = take(body, "--same", "县书协=县书法家协会")
    assert (run.code, run.counts) == (0, (1, 0, 0, 0))
    before = everything()
    again = take(body)
    assert (again.code, again.counts) == (0, (0, 0, 1, 0))
    assert everything() == before


def test_units_that_have_left_still_stand_in_past_tables(take, alliances):
    member = alliances[0].members.get(unit__name="县公安局")
    membership.leave(member, actor=None)
    assert take().code == 0


def test_a_table_in_use_is_not_overwritten(take, alliances):
    plans.open_plan(alliances[0], 2025, actor=None)
    run = take()
    assert run.counts == (0, 0, 0, 1)
    assert "正在使用，不能用导入覆盖" in run.reasons[0]


def test_one_community_twice_in_a_book_is_refused(take):
    data = workbook(("同心社区", [[TITLE], HEAD, *BODY]), ("同心社区（旧）", [[TITLE], HEAD, *BODY]))
    run = take(data=data)
    assert run.counts == (3, 0, 0, 1)
    assert "与工作表“同心社区”是同一个社区同一年度" in run.reasons[0]


def test_nobody_is_written_to(take, alliances):
    member = alliances[0].members.get(unit__name="县公安局")
    appointments.appoint(appointments.contact("郭", "13800000005"), "liaison", member=member, actor=None)
    before = everything()
    take()
    after = everything()
    assert after["alliances.Message"] == before["alliances.Message"] == 0
    assert after["rotation.Slip"] == 0
