"""Pages of activities: planned with a warning, joined in one tap, held, recorded, called off; the list and the paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from alliances.models import LogEntry, Message, User
from alliances.registry import ActivityLinks, registries
from rotation.models import Activity, Participation, Slip
from rotation.services import activities
from tests.cast import HOSTILE, Cast
from tests.conftest import Frozen

ClientFor = Callable[[User | None], Client]
MARCH_20 = date(2026, 3, 20)
NEW = "/activities/new/"
PLAN = {
    "kind": "volunteering",
    "title": "清洁家园行动",
    "planned_on": "2026-03-20",
    "place": "清风小区",
    "plan": "",
}


def planned(cast: Cast, **more: object) -> Activity:
    given = {"kind": "volunteering", "title": "学雷锋志愿服务", "planned_on": MARCH_20, "place": "清风小区"}
    return activities.plan(cast.alliance, **(given | {"duty": cast.duties[3], "actor": cast.liaison} | more))


def url(activity: Activity, name: str = "") -> str:
    return f"/activities/{activity.pk}/{name}"


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


# --- planning -----------------------------------------------------------------------------------------------------


def test_form_from_the_month_needs_hardly_a_word(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    planned(cast, place="同心广场", duty=None, actor=cast.staff, planned_on=date(2026, 3, 3))
    cast.duties[3].theme = "学雷锋·清洁家园志愿服务"
    cast.duties[3].save(update_fields=["theme"])
    page = client_for(cast.liaison).get(f"{NEW}?duty={cast.duties[3].pk}").content.decode()
    assert 'name="title" value="学雷锋·清洁家园志愿服务"' in page
    assert 'name="planned_on" value="2026-03-25"' in page  # the slip's latest day
    assert 'name="place" value="同心广场"' in page
    assert re.search(r'value="volunteering"[^>]*checked', page)  # what the theme speaks for
    assert "主题党日" in page
    assert "走访慰问" in page


def test_second_activity_of_a_month_is_not_given_the_theme_again(cast: Cast, client_for: ClientFor) -> None:
    planned(cast)
    page = client_for(cast.liaison).get(f"{NEW}?duty={cast.duties[3].pk}").content.decode()
    assert not re.search(r'name="title" value=', page)


def test_chairs_liaison_plans_and_the_other_units_are_asked(cast: Cast, client_for: ClientFor) -> None:
    page = client_for(cast.liaison).post(f"{NEW}?duty={cast.duties[3].pk}", PLAN, follow=True)
    activity = Activity.objects.get()
    assert (activity.title, activity.planned_on, activity.duty) == ("清洁家园行动", MARCH_20, cast.duties[3])
    assert "活动已安排" in page.content.decode()
    assert "3+0 家" in page.content.decode()
    assert Message.objects.filter(recipient=cast.other_liaison.person, path=url(activity)).exists()


def test_similar_activity_is_shown_before_planning_and_confirmed_by_a_second_submit(
    cast: Cast, client_for: ClientFor
) -> None:
    earlier = planned(cast, title="清洁家园", planned_on=date(2026, 3, 5))
    client = client_for(cast.liaison)
    address = f"{NEW}?duty={cast.duties[3].pk}"
    page = client.post(address, PLAN | {"plan": "带手套"}).content.decode()
    assert Activity.objects.count() == 1
    assert "90天内办过类似的活动" in page
    assert f'<a class="link" href="{url(earlier)}">清洁家园</a>' in page
    for kept in (
        "清洁家园行动",
        "清风小区",
        "带手套",
        'value="2026-03-20"',
        f'name="seen" value="{earlier.pk}"',
    ):
        assert kept in page, kept
    assert "仍然安排" in page
    # Another title that is like a third one is asked about anew.
    other = planned(cast, title="义诊进小区", planned_on=date(2026, 3, 6))
    again = client.post(address, PLAN | {"title": "义诊进小区", "seen": str(earlier.pk)}).content.decode()
    assert url(other) in again
    assert client.post(address, PLAN | {"seen": str(earlier.pk)}).status_code == 302
    assert Activity.objects.filter(title="清洁家园行动").count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "请填写活动名称。"),
        ({"kind": "party"}, "请选择活动类型。"),
        ({"planned_on": "2026-04-20"}, "活动日期应在3月1日（周日）至"),
        ({"planned_on": "下周"}, "请按“2026-03-20”的样子填写日期。"),
        ({"planned_on": ""}, "请填写日期。"),
    ],
)
def test_wrong_plan_keeps_every_word(
    cast: Cast, client_for: ClientFor, wrong: dict[str, str], sentence: str
) -> None:
    typed = PLAN | {"plan": "带手套 <b>"} | wrong
    answer = client_for(cast.liaison).post(f"{NEW}?duty={cast.duties[3].pk}", typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert "带手套 &lt;b&gt;" in page
    assert 'value="清风小区"' in page
    assert not Activity.objects.exists()


def test_community_plans_outside_the_rotation(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    assert "安排轮值之外的活动" in client.get("/activities/").content.decode()
    client.post(NEW, PLAN | {"kind": "visit", "title": "春节慰问"})
    activity = Activity.objects.get()
    assert (activity.duty, activity.kind) == (None, "visit")
    assert "轮值之外" in client.get(url(activity)).content.decode()


@pytest.mark.parametrize(
    ("name", "in_duty", "outside"),
    [
        ("liaison", 200, 403),
        ("third_liaison", 200, 403),
        ("staff", 200, 200),
        ("secretary", 200, 200),
        ("other_liaison", 403, 403),
        ("leader", 403, 403),
        ("president", 403, 403),
        ("street", 403, 403),
        ("foreign_liaison", 404, 403),
        ("foreign_secretary", 404, 200),
        ("administrator", 404, 404),
    ],
)
def test_who_plans(cast: Cast, client_for: ClientFor, name: str, in_duty: int, outside: int) -> None:
    client = client_for(getattr(cast, name))
    assert client.get(f"{NEW}?duty={cast.duties[3].pk}").status_code == in_duty
    assert client.get(NEW).status_code == outside


@pytest.mark.parametrize("duty", ["", "x", "0", "999999", "9" * 30, "-1"])
def test_duty_that_is_none_does_not_exist(cast: Cast, client_for: ClientFor, duty: str) -> None:
    assert client_for(cast.secretary).get(NEW, {"duty": duty}).status_code == 404


def test_past_activity_is_planned_and_recorded_in_one_go(
    cast: Cast, frozen: Frozen, client_for: ClientFor
) -> None:
    frozen.to("2026-04-02T10:00")
    client = client_for(cast.staff)
    answer = client.post(f"{NEW}?duty={cast.duties[3].pk}", PLAN)
    activity = Activity.objects.get()
    assert answer.headers["Location"] == url(activity, "record/")
    assert not Message.objects.filter(kind="rotation.activity.planned").exists()


def test_change_tells_who_takes_part(cast: Cast, client_for: ClientFor) -> None:
    activity = planned(cast)
    client = client_for(cast.second_liaison)
    assert 'value="学雷锋志愿服务"' in client.get(url(activity, "edit/")).content.decode()
    client.post(url(activity, "edit/"), PLAN | {"title": "学雷锋志愿服务", "planned_on": "2026-03-21"})
    activity.refresh_from_db()
    assert activity.planned_on == date(2026, 3, 21)
    assert Message.objects.filter(kind="rotation.activity.moved", recipient=cast.liaison.person).exists()
    assert client_for(cast.other_liaison).get(url(activity, "edit/")).status_code == 403
    wrong = client.post(url(activity, "edit/"), PLAN | {"planned_on": "2026-05-01"})
    assert wrong.status_code == 422


# --- taking part --------------------------------------------------------------------------------------------------


def test_liaison_joins_with_one_tap_and_can_step_back(cast: Cast, client_for: ClientFor) -> None:
    activity = planned(cast)
    client = client_for(cast.other_liaison)
    page = client.get(url(activity)).content.decode()
    assert "县实验小学是否参加" in page
    assert page.count("btn-primary") == 1
    page = client.post(url(activity, "join/"), follow=True).content.decode()
    assert "县实验小学参加，谢谢。" in page
    assert "3+1 家" in page
    client.post(url(activity, "join/"), {"member": cast.members["县实验小学"].pk, "heads": "12"})
    assert Participation.objects.get(member=cast.members["县实验小学"]).heads == 12
    page = client.post(
        url(activity, "leave/"), {"member": cast.members["县实验小学"].pk}, follow=True
    ).content.decode()
    assert "已记下县实验小学不参加。" in page
    assert not Participation.objects.filter(member=cast.members["县实验小学"]).exists()


@pytest.mark.parametrize("heads", ["-1", "很多", "1000000"])
def test_odd_number_of_people_comes_back(cast: Cast, client_for: ClientFor, heads: str) -> None:
    activity = planned(cast)
    data = {"member": cast.members["县实验小学"].pk, "heads": heads}
    answer = client_for(cast.other_liaison).post(url(activity, "join/"), data)
    assert answer.status_code == 422
    assert heads in answer.content.decode()
    assert not Participation.objects.filter(member=cast.members["县实验小学"]).exists()


def test_nobody_answers_for_another_unit(cast: Cast, client_for: ClientFor) -> None:
    activity = planned(cast)
    mine, theirs = cast.members["县财政局"].pk, cast.foreign_members["县法院"].pk
    client = client_for(cast.other_liaison)
    assert client.post(url(activity, "join/"), {"member": mine}).status_code == 403
    assert client.post(url(activity, "leave/"), {"member": mine}).status_code == 403
    assert client.post(url(activity, "join/"), {"member": theirs}).status_code == 404
    assert client.post(url(activity, "join/"), {"member": "x"}).status_code == 404
    for name in ("leader", "president", "street", "secretary"):
        assert client_for(getattr(cast, name)).post(url(activity, "join/")).status_code == 403, name
    assert client_for(cast.foreign_liaison).post(url(activity, "join/")).status_code == 404
    assert Participation.objects.filter(activity=activity).count() == 3


def test_units_on_duty_do_not_step_back(cast: Cast, client_for: ClientFor) -> None:
    activity = planned(cast)
    page = client_for(cast.liaison).post(url(activity, "leave/"), follow=True).content.decode()
    assert "轮值主席单位不能退出本月活动。" in page


def test_staff_write_down_a_unit_from_the_telephone(cast: Cast, client_for: ClientFor) -> None:
    activity = planned(cast)
    client = client_for(cast.staff)
    data = {"member": cast.members["县财政局"].pk, "heads": "4", "via": "phone"}
    page = client.post(url(activity, "unit/"), data, follow=True).content.decode()
    assert "已记下县财政局参加。" in page
    assert "电话，社区代录 · 4 人" in text(page)
    row = Participation.objects.get(member=cast.members["县财政局"])
    assert (row.heads, row.via) == (4, "phone")
    again = client.get(url(activity, "unit/"), {"member": row.member_id}).content.decode()
    assert re.search(rf'<option value="{row.member_id}" selected>县财政局', again)
    assert 'value="4"' in again
    wrong = client.post(url(activity, "unit/"), data | {"via": "screen"})
    assert wrong.status_code == 422
    assert 'value="4"' in wrong.content.decode()
    client.post(url(activity, "leave/"), {"member": row.member_id})
    assert not Participation.objects.filter(pk=row.pk).exists()
    assert client_for(cast.liaison).get(url(activity, "unit/")).status_code == 403


# --- held, recorded, called off -----------------------------------------------------------------------------------


def test_held_with_one_button_then_recorded_with_what_the_units_said(
    cast: Cast, frozen: Frozen, client_for: ClientFor
) -> None:
    activity = planned(cast)
    activities.join(activity, cast.members["县实验小学"], heads=20, actor=cast.other_liaison)
    client = client_for(cast.liaison)
    early = client.get(url(activity)).content.decode()
    assert "举办后在这里登记" in early
    assert "btn-primary" not in early
    frozen.to("2026-03-20T17:00")
    page = client.get(url(activity)).content.decode()
    assert 'name="held_on" value="2026-03-20"' in page
    assert page.count("btn-primary") == 1
    answer = client.post(url(activity, "hold/"), {"held_on": "2026-03-20"})
    assert answer.headers["Location"] == url(activity, "record/")
    form = client.get(url(activity, "record/")).content.decode()
    school, library = cast.members["县实验小学"], cast.members["县图书馆"]
    assert f'name="heads-{school.pk}" value="20"' in form
    assert 'name="via"' not in form
    assert 'name="held_on"' not in form
    # 县财政局 came without having said so.
    data = {
        f"heads-{library.pk}": "6",
        f"heads-{school.pk}": "20",
        f"heads-{cast.members['县财政局'].pk}": "3",
    }
    page = client.post(
        url(activity, "record/"), data | {"beneficiaries": "120", "summary": "清理楼道"}, follow=True
    ).content.decode()
    assert "活动记录已完成" in page
    assert "3+2 家" in page
    assert "29 人" in page
    assert "120 人" in page
    activity.refresh_from_db()
    assert (activity.state, activity.recorded_via) == ("recorded", "screen")


def test_record_without_a_fact_comes_back_with_its_words(
    cast: Cast, frozen: Frozen, client_for: ClientFor
) -> None:
    activity = planned(cast)
    frozen.to("2026-03-21T09:00")
    answer = client_for(cast.liaison).post(
        url(activity, "record/"), {"held_on": "2026-03-20", "summary": "大家都很热心", "beneficiaries": ""}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请至少填写一项：参加人数或受益人数。" in page
    assert "大家都很热心" in page
    assert 'value="2026-03-20"' in page
    activity.refresh_from_db()
    assert activity.state == "planned"


@pytest.mark.parametrize("beneficiaries", ["-3", "若干", "99999999"])
def test_odd_figures_come_back(cast: Cast, frozen: Frozen, client_for: ClientFor, beneficiaries: str) -> None:
    activity = planned(cast)
    frozen.to("2026-03-21T09:00")
    data = {"held_on": "2026-03-20", "beneficiaries": beneficiaries, "summary": "清理楼道"}
    answer = client_for(cast.liaison).post(url(activity, "record/"), data)
    assert answer.status_code == 422
    assert f'value="{beneficiaries}"' in answer.content.decode()
    assert "清理楼道" in answer.content.decode()


def test_staff_record_everything_from_one_sheet_of_paper(
    cast: Cast, frozen: Frozen, client_for: ClientFor
) -> None:
    activity = planned(cast)
    frozen.to("2026-04-02T10:00")
    client = client_for(cast.staff)
    form = client.get(url(activity, "record/")).content.decode()
    assert 'name="held_on" value="2026-03-20"' in form
    assert re.search(r'name="via" value="paper"[^>]*checked', form)
    data = {
        "held_on": "2026-03-20",
        f"heads-{cast.members['县图书馆'].pk}": "9",
        "beneficiaries": "50",
        "via": "paper",
    }
    page = client.post(url(activity, "record/"), data, follow=True).content.decode()
    assert "3月20日举办" in page.replace("2026年", "")
    activity.refresh_from_db()
    assert (activity.state, activity.held_on, activity.recorded_via) == ("recorded", MARCH_20, "paper")


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-03-25", "举办日期不能在今天之后。"),
        ("2026-02-20", "举办日期不能早于轮值月。"),
        ("x", "样子填写日期"),
    ],
)
def test_odd_day_of_holding_comes_back(
    cast: Cast, frozen: Frozen, client_for: ClientFor, day: str, sentence: str
) -> None:
    activity = planned(cast)
    frozen.to("2026-03-21T09:00")
    answer = client_for(cast.liaison).post(url(activity, "hold/"), {"held_on": day})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f'value="{day}"' in answer.content.decode()
    activity.refresh_from_db()
    assert activity.state == "planned"


def test_cancelled_with_a_reason_that_everybody_reads(cast: Cast, client_for: ClientFor) -> None:
    activity = planned(cast)
    client = client_for(cast.liaison)
    assert client.post(url(activity, "cancel/"), {"reason": " "}).status_code == 422
    page = client.post(url(activity, "cancel/"), {"reason": "连续大雨"}, follow=True).content.decode()
    assert "活动已取消。原因：连续大雨" in page
    assert "登记举办" not in page
    assert client.get(url(activity, "record.docx")).status_code == 404
    gone = client_for(cast.other_liaison).post(url(activity, "join/"), follow=True).content.decode()
    assert "活动现在是“已取消”，不能再改参加单位。" in gone
    late = client.post(url(activity, "hold/"), {"held_on": "2026-03-02"}, follow=True).content.decode()
    assert "活动现在是“已取消”" in late
    for name in ("edit/", "record/"):
        assert client.get(url(activity, name)).headers["Location"] == url(activity)
    assert client_for(cast.staff).get(url(activity, "unit/")).headers["Location"] == url(activity)


@pytest.mark.parametrize("deed", ["hold/", "record/", "cancel/", "photos/"])
@pytest.mark.parametrize("name", ["other_liaison", "leader", "president", "street", "county"])
def test_deeds_are_for_the_units_on_duty_and_the_community(
    cast: Cast, client_for: ClientFor, deed: str, name: str
) -> None:
    activity = planned(cast)
    data = {"held_on": "2026-03-02", "reason": "x", "beneficiaries": "3"}
    assert client_for(getattr(cast, name)).post(url(activity, deed), data).status_code == 403
    assert client_for(cast.foreign_secretary).post(url(activity, deed), data).status_code == 404
    activity.refresh_from_db()
    assert activity.state == "planned"


# --- what is read -------------------------------------------------------------------------------------------------


def test_page_tells_who_did_what(cast: Cast, client_for: ClientFor) -> None:
    activity = planned(cast)
    activities.join(activity, cast.members[HOSTILE], heads=2, via="phone", actor=cast.staff)
    page = client_for(cast.president).get(url(activity)).content.decode()
    story = text(page[page.index("办理经过") :])
    assert story.index("安排活动") < story.index("参加活动")
    assert "杨欣然 单位联络员" in story
    assert "周小雨 社区工作人员" in story
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert LogEntry.objects.filter(object_type="rotation.activity").count() == 2


def test_what_other_apps_tie_to_an_activity_is_linked(cast: Cast, client_for: ClientFor) -> None:
    activity = planned(cast)
    entry = ActivityLinks("test", "服务的诉求", lambda found: [(f"诉求{found.pk}", "/demands/1/")])
    registries.activity_links.register(entry)
    try:
        page = client_for(cast.liaison).get(url(activity)).content.decode()
    finally:
        del registries.activity_links._entries["test"]
    assert "服务的诉求" in page
    assert f'href="/demands/1/">诉求{activity.pk}</a>' in page


def test_list_is_filtered_by_its_address(cast: Cast, client_for: ClientFor) -> None:
    first = planned(cast)
    second = planned(cast, kind="visit", title="走访老党员", duty=None, actor=cast.staff)
    activities.cancel(second, reason="大雨", actor=cast.staff)
    client = client_for(cast.other_liaison)
    for query, shown in [
        ("", {first, second}),
        ("?kind=visit", {second}),
        ("?state=planned", {first}),
        ("?year=2026", {first, second}),
        ("?year=2025", set()),
        ("?kind=x&state=y&year=z", {first, second}),
    ]:
        page = client.get(f"/activities/{query}").content.decode()
        assert {a for a in (first, second) if url(a) in page} == shown, query
    assert "3+0 家" in client.get("/activities/").content.decode()
    assert "共 2 条" in client.get("/activities/?total=1").content.decode()
    assert client_for(cast.county).get("/activities/").headers["Location"] == "/office/"
    assert url(first) not in client_for(cast.foreign_liaison).get("/activities/").content.decode()


def test_list_pages_by_key(cast: Cast, client_for: ClientFor) -> None:
    rows = [
        Activity(alliance=cast.alliance, kind="visit", title=f"走访{n}", planned_on=MARCH_20)
        for n in range(51)
    ]
    Activity.objects.bulk_create(rows)
    client = client_for(cast.liaison)
    page = client.get("/activities/?kind=visit").content.decode()
    assert "走访50" in page
    assert "走访0<" not in page
    older = re.search(r'rel="next" href="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert "kind=visit" in older
    assert "走访0<" in client.get(f"/activities/{older}").content.decode()


def test_record_is_a_paper_for_word_and_pdf(cast: Cast, frozen: Frozen, client_for: ClientFor) -> None:
    activity = planned(cast)
    frozen.to("2026-03-21T09:00")
    activities.record(activity, beneficiaries=80, held_on=MARCH_20, actor=cast.liaison)
    client = client_for(cast.other_liaison)
    word = client.get(url(activity, "record.docx"))
    assert word.content[:2] == b"PK"
    assert word["Cache-Control"] == "private, no-store"
    assert client.get(url(activity, "record.pdf")).content.startswith(b"%PDF-")
    assert client.get(url(activity, "record.xlsx")).status_code == 404
    assert client_for(cast.foreign_liaison).get(url(activity, "record.docx")).status_code == 404
