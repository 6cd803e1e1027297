"""Importing rosters: units once, people taking over, questions, what one alliance's roster may change."""

import io
from datetime import date

import pytest
from django.core.management import call_command

from alliances.enums import Role
from alliances.models import Appointment, LogEntry, Member, Person, Unit
from alliances.services import membership
from tests.import_runs import communities, everything, import_sheet
from tests.spreadsheets import HEADER, ROSTER, roster, rows, workbook


@pytest.fixture
def alliances(db, frozen):
    return communities("同心社区", "北关社区")


@pytest.fixture
def take(alliances, tmp_path):
    """Import a roster, by default the six memberships."""

    def run(body=ROSTER, *options, header=HEADER):
        path = tmp_path / "名册.xlsx"
        path.write_bytes(roster(body, header=header))
        return import_sheet("members", path, tmp_path, *options)

    return run


def holder(unit: str, role: str, community: str = "同心社区") -> str:
    post = Appointment.objects.get(
        member__unit__name=unit, member__alliance__organisation__name=community, role=role, ends_on=None
    )
    return f"{post.person.name}{post.person.phone}"


def changed(number: int, **cells):
    """The roster with cells of one row (from 0) replaced."""
    body = [list(row) for row in ROSTER]
    for title, value in cells.items():
        body[number][HEADER.index(title)] = value
    return body


def test_another_liaison_takes_over(take, frozen):
    take()
    frozen.to("2026-04-01T09:00")
    body = changed(0, 联络员="新联络", 联络员电话="13700000001")
    run = take(body)
    assert run.counts == (0, 1, 5, 0)
    assert run.report["rows"][0]["detail"] == "单位联络员改为新联络"
    assert holder("县行政审批局", Role.LIAISON) == "新联络13700000001"
    old = Appointment.objects.get(person__name="宋振东")
    assert old.ends_on == date(2026, 4, 1)
    assert take(body).counts == (0, 0, 6, 0)


def test_a_leader_of_the_same_name_is_the_same_person(take):
    take()
    persons = Person.objects.count()
    assert take(changed(0, 党员数=48)).counts == (0, 1, 5, 0)
    assert Person.objects.count() == persons
    assert take(changed(0, 党员数=48, 负责人="新局长")).counts == (0, 1, 5, 0)
    assert holder("县行政审批局", Role.LEADER) == "新局长"
    assert Person.objects.count() == persons + 1


def test_changed_facts_are_told_in_the_preview(take):
    take()
    run = take(changed(3, 单位类型="事业单位", 党员数=13, 轮值方式="单独", 加入日期="2024-04-01"))
    assert run.report["rows"][3]["detail"] == (
        "单位类型 社会组织 → 事业单位；党员数 12 → 13；轮值方式 集体 → 单独；加入日期 2024-03-05 → 2024-04-01"
    )
    assert run.counts == (0, 1, 5, 0)


def test_empty_cells_and_left_out_columns_change_nothing(take):
    take()
    before = everything()
    assert take([[None, row[1], None, row[3]] for row in ROSTER], header=HEADER[:4]).counts == (0, 0, 6, 0)
    blank = rows(党员数=[None] * 6, 联络员=[None] * 6, 联络员电话=[None] * 6, 加入日期=[None] * 6)
    assert take(blank).counts == (0, 0, 6, 0)
    assert everything() == before


def test_members_that_the_roster_leaves_out_stay(take):
    take()
    assert take(ROSTER[:2]).counts == (0, 0, 2, 0)
    assert Member.objects.filter(left_on=None).count() == 6


REFUSED = {
    "unit twice": ([*ROSTER, [7, *ROSTER[0][1:]]], "9 单位名称 “县行政审批局”在同心社区与第 3 行重复"),
    "number twice": (changed(1, 序号=1), "4 序号 序号 1 与第 3 行重复"),
    "two sectors": (changed(5, 单位类型="事业单位"), "8 单位类型 同一家单位在第 4 行填的不一样"),
    "two counts": (changed(5, 党员数=40), "8 党员数 同一家单位在第 4 行填的不一样"),
    "no sector": (changed(2, 单位类型=None), "5 单位类型 新单位必须填写单位类型"),
    "unknown community": (changed(2, 所属社区="西关社区"), "5 所属社区 没有“西关社区”这个社区"),
    "no community": (changed(2, 所属社区=None), "5 所属社区 没有写明是哪个社区"),
    "phone without liaison": (changed(2, 联络员=None), "5 联络员 有联络员电话，没有联络员姓名"),
    "negative": (changed(2, 党员数=-3), "5 党员数 不能是负数"),
    "long name": (changed(2, 单位名称="长" * 81), "5 单位名称 最多 80 字，现在有 81 字"),
    "long person": (changed(2, 负责人="长" * 41), "5 负责人 最多 40 字"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_rows_that_cannot_be_are_refused_whole(take, name):
    body, reason = REFUSED[name]
    before = everything()
    run = take(body)
    assert run.code == 1
    assert run.reasons[0].startswith(reason)
    assert everything() == before


def test_a_roster_of_one_alliance_needs_no_community_column(take, alliances):
    header = [title for title in HEADER if title != "所属社区"]
    body = [row[:3] + row[4:] for row in ROSTER[:5]]
    assert take(body, header=header).code == 1
    run = take(body, "--alliance", alliances[0].code, header=header)
    assert (run.code, run.counts) == (0, (5, 0, 0, 0))
    assert set(Member.objects.values_list("alliance", flat=True)) == {alliances[0].pk}
    assert LogEntry.objects.get(action="alliances.import.commit").alliance == alliances[0]


def test_one_alliances_roster_does_not_change_facts_of_a_unit_elsewhere(take, alliances):
    take()
    code = alliances[0].code
    run = take([changed(1, 党员数=50)[1]], "--alliance", code)
    assert run.code == 1
    assert "还加入了其他社区" in run.reasons[0]
    both = take([changed(1, 党员数=50)[1], changed(5, 党员数=50)[5]])
    assert both.counts == (0, 1, 1, 0)  # one unit, told twice
    assert Unit.objects.get(name="县民政局").party_members == 50


def test_near_name_answered_same_is_remembered(take):
    take()
    body = changed(3, 单位名称="县书法协会")
    asked = take(body)
    assert asked.code == 1
    assert [q["value"] for q in asked.report["questions"]] == ["县书法协会"]
    assert asked.report["refused"][0]["reason"].startswith("“县书法协会”与“县书法家协会”名称相近")
    run = take(body, "--same", "县书法协会=县书法家协会")
    assert (run.code, run.counts) == (0, (0, 1, 5, 0))
    assert Unit.objects.get(name="县书法家协会").aliases == ["县书法协会"]
    before = everything()
    again = take(body)
    assert (again.code, again.counts, again.report["questions"]) == (0, (0, 0, 6, 0), [])
    assert everything() == before


def test_near_name_answered_new_is_another_unit(take):
    take()
    body = [*ROSTER, [7, "县书法协会", "社会组织", "同心社区", None, 3, "集体", None, None, None, None]]
    run = take(body, "--new", "县书法协会")
    assert (run.code, run.counts) == (0, (1, 0, 6, 0))
    assert Unit.objects.filter(name__in=["县书法协会", "县书法家协会"]).count() == 2
    assert take(body).counts == (0, 0, 7, 0)


def test_near_names_inside_one_file_are_asked_about(take):
    body = [*ROSTER, [7, "县书法协会", "社会组织", "同心社区", None, 3, "集体", None, None, None, None]]
    run = take(body)
    assert (run.code, run.counts) == (1, (6, 0, 0, 1))
    double = take(body, "--same", "县书法协会=县书法家协会")
    assert double.reasons == ["9 单位名称 “县书法家协会”在同心社区与第 6 行重复"]


def test_answers_must_name_a_known_unit(take):
    take()
    run = take(changed(3, 单位名称="县书法协会"), "--same", "县书法协会=县画院")
    assert run.reasons == ["6 单位名称 “县书法协会”的答复“县画院”没有登记"]
    assert take(ROSTER, "--same", "县书法协会").code == 2


def test_width_and_spaces_are_the_same_name(take):
    take([*ROSTER, [7, "县医院(东院)", "医疗机构", "同心社区", None, 3, None, None, None, None, None]])
    run = take([[7, "县 医院（东院）", "医疗机构", "同心社区", None, 3, None, None, None, None, None]])
    assert run.counts == (0, 0, 1, 0)


def test_mode_left_out_follows_the_sector(take):
    take(rows(轮值方式=[None] * 6))
    modes = dict(Member.objects.values_list("unit__name", "duty_mode"))
    assert modes["县书法家协会"] == "collective"
    assert modes["县民政局"] == "solo"


def test_an_old_roster_does_not_bring_back_who_left(take, alliances):
    take()
    member = Member.objects.get(unit__name="县实验小学")
    membership.leave(member, on=date(2026, 2, 1), actor=None)
    run = take()
    assert run.reasons[0].startswith("5 加入日期 该单位已于2026年2月1日退出")
    assert take(changed(2, 加入日期="2026-03-01")).counts == (1, 0, 5, 0)
    assert Member.objects.filter(unit__name="县实验小学").count() == 2


def test_unknown_alliance_and_bad_years_end_with_a_sentence(take):
    assert take(ROSTER, "--alliance", "99").words.strip() == "没有编码为“99”的联盟。"
    assert "不是年度" in take(ROSTER, "--year", "今年").words


def test_a_header_without_rows_is_nothing_to_import(take):
    run = take([])
    assert (run.code, run.words.strip()) == (2, "表头下面没有可以导入的内容。")


def test_report_that_cannot_be_written_stops_before_the_import(take, alliances, tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(workbook(("名册", [HEADER, *ROSTER])))
    said = io.StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command(
            "import_sheet", "members", str(path), report=str(tmp_path / "no" / "out.json"), stderr=said
        )
    assert stop.value.code == 2
    assert "结果文件写不了" in said.getvalue()
    assert not Member.objects.exists()
