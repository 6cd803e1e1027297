"""Importing the wishes for a coming year."""

import pytest

from alliances.models import Unit
from alliances.services import membership
from rotation.enums import WishSource
from rotation.models import Wish
from rotation.services import plans, wishes
from tests.import_runs import communities, everything, import_sheet
from tests.spreadsheets import workbook

HEAD = ["单位名称", "所属社区", "意向月份", "不便月份", "拟办活动主题", "可提供资源"]
TITLE = "2027年度轮值意愿征集表"
BODY = [
    ["县民政局", "同心社区", "1月、9月", "5月", "敬老助老", "手册500份"],
    ["县公安局", "同心社区", "7月", "无", None, None],
    ["县公安局", "北关社区", "服从安排", "无", None, None],
]


@pytest.fixture
def alliances(db, frozen):
    home, away = communities("同心社区", "北关社区")
    for name in ("县民政局", "县公安局"):
        unit = membership.add_unit(name, "government", actor=None)
        membership.join(home, unit, duty_mode="solo", actor=None)
    membership.join(away, Unit.objects.get(name="县公安局"), duty_mode="solo", actor=None)
    return home, away


@pytest.fixture
def take(alliances, tmp_path):
    def run(body=BODY, *options, title=TITLE, head=HEAD):
        path = tmp_path / "意愿.xlsx"
        path.write_bytes(workbook(("意愿征集", [[title], ["说明：收表时间：2026年12月20日"], head, *body])))
        return import_sheet("wishes", path, tmp_path, *options)

    return run


def test_wishes_are_taken_as_written(take):
    run = take()
    assert (run.code, run.counts) == (0, (3, 0, 0, 0))
    rows = Wish.objects.order_by("pk").values_list("year", "preferred", "blackout", "theme", "source")
    assert list(rows) == [
        (2027, [1, 9], [5], "敬老助老", WishSource.IMPORT),
        (2027, [7], [], "", WishSource.IMPORT),
        (2027, [], [], "", WishSource.IMPORT),
    ]
    before = everything()
    assert take().counts == (0, 0, 3, 0)
    assert everything() == before


def test_a_row_replaces_an_earlier_wish(take, alliances):
    member = alliances[0].members.get(unit__name="县公安局")
    wishes.submit(member, 2027, preferred=[3], blackout=[], source=WishSource.FORM, actor=None)
    assert take().counts == (2, 1, 0, 0)
    assert Wish.objects.get(member=member).preferred == [7]


@pytest.mark.parametrize(
    ("written", "months"),
    [
        ("４月，１１月", [4, 11]),
        ("4", [4]),
        (4, [4]),
        ("四月 十一月", [4, 11]),
        ("一季度", [1, 2, 3]),
        ("无", []),
    ],
)
def test_months_are_written_in_many_ways(take, written, months):
    assert take([["县民政局", "同心社区", written, None, None, None]]).code == 0
    assert Wish.objects.get().preferred == months


REFUSED = {
    "unknown unit": (
        ["县气象局", "同心社区", "1月", None, None, None],
        "单位名称 “县气象局”不是同心社区的成员单位",
    ),
    "not there": (
        ["县民政局", "北关社区", "1月", None, None, None],
        "单位名称 “县民政局”不是北关社区的成员单位",
    ),
    "twice": (["县民政局", "同心社区", "2月", None, None, None], "单位名称 与第 4 行重复"),
    "both": (["县公安局", "北关社区", "1月、2月", "2月", None, None], "不便月份 2月既填了意向又填了不便"),
    "no month": (["县公安局", "北关社区", "春天", None, None, None], "意向月份 “春天”不是月份"),
    "empty": (["县公安局", "北关社区", None, None, None, None], "意向月份 必填，不能为空"),
    "community": (["县公安局", "西关社区", "1月", None, None, None], "所属社区 没有“西关社区”这个社区"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_rows_that_cannot_be_are_refused(take, name):
    row, reason = REFUSED[name]
    before = everything()
    run = take([*BODY[:2], row])
    assert (run.code, run.counts) == (1, (2, 0, 0, 1))
    assert run.reasons[0].startswith(f"6 {reason}")
    assert everything() == before


def test_the_year_must_be_known_and_is_not_that_of_a_date(take):
    run = take(title="意愿表")  # the note above the header says 2026年12月20日
    assert run.counts == (0, 0, 0, 1)
    assert "看不出是哪个年度的表" in run.reasons[0]
    assert take(BODY, "--year", "2027", title="意愿表").code == 0
    assert take(title="2027年轮值意愿").counts == (0, 0, 3, 0)
    assert "选择的是2028年度" in take(BODY, "--year", "2028").reasons[0]


def test_once_the_table_is_passed_wishes_are_refused(take, alliances):
    members = {m.unit.name: m for m in alliances[1].members.all()}
    values = {"members": [members["县公安局"]], "mode": "solo", "theme": "", "note": ""}
    plans.store_past(alliances[1], 2027, {1: values}, actor=None)
    run = take()
    assert run.counts == (2, 0, 0, 1)
    assert "安排表已经通过" in run.reasons[0]


def test_a_unit_that_left_has_no_wish(take, alliances):
    membership.leave(alliances[1].members.get(), actor=None)
    assert "已经退出" in take().reasons[0]
