"""Changing the table on the Year page, and taking it to the meeting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from alliances.enums import DutyMode
from alliances.models import User
from rotation.enums import PlanState
from rotation.models import Duty, DutyChair, Plan, PlanVersion
from rotation.services import plans
from tests.cast import UNITS, YEAR, Cast
from tests.factories import rotation

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def draft(cast: Cast) -> Plan:
    """Next year's table, everybody in the month of this year, still a draft."""
    chairs = {month: [cast.members[name] for name in names] for month, names in YEAR.items()}
    return rotation.plan(cast.alliance, 2027, chairs, state=PlanState.DRAFT)


def url(plan: Plan, tail: str = "") -> str:
    return f"/year/{plan.alliance.code}/{plan.year}/{tail}"


def chairs(plan: Plan, month: int) -> list[str]:
    rows = DutyChair.objects.filter(duty__plan=plan, duty__month=month).order_by("order")
    return list(rows.values_list("member__unit__name", flat=True))


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]  # the test client's response


# --- what a click does


def test_moving_by_keyboard_and_by_dragging_is_one_form(
    cast: Cast, draft: Plan, client_for: ClientFor
) -> None:
    client = client_for(cast.staff)
    unit = cast.members["县财政局"].pk
    move = {"deed": "move", "member": unit, "source": 1, "target": 4}
    answer = client.post(url(draft, "move/"), move, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert text(answer).lstrip().startswith('<div id="year-board"')
    assert "县财政局已从1月移到4月。" in text(answer)
    assert "autofocus" in text(answer)
    assert chairs(draft, 4) == ["县实验小学", "县财政局"]
    assert Duty.objects.get(plan=draft, month=4).mode == DutyMode.COLLECTIVE
    lead = {"deed": "lead", "member": unit, "source": 4}
    assert client.post(url(draft, "move/"), lead).url == url(draft)
    assert chairs(draft, 4) == ["县财政局", "县实验小学"]
    stale = client.post(url(draft, "move/"), move, follow=True)
    assert "县财政局已经不在1月" in text(stale)
    assert chairs(draft, 4) == ["县财政局", "县实验小学"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"deed": "move", "member": "x", "source": "1", "target": "2"},
        {"deed": "move", "source": "1", "target": "13"},
        {"deed": "burn", "member": "1"},
        {"deed": "exchange", "member": "1", "source": "1"},
    ],
)
def test_senseless_moves_end_in_a_sentence(
    cast: Cast, draft: Plan, client_for: ClientFor, data: dict[str, str]
) -> None:
    page = client_for(cast.staff).post(url(draft, "move/"), data, follow=True)
    assert "没有选好单位或月份" in text(page)
    assert chairs(draft, 1) == ["县财政局"]


def test_units_of_another_alliance_do_not_exist(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    data = {"deed": "add", "member": cast.foreign_members["县法院"].pk, "target": 1}
    assert client_for(cast.staff).post(url(draft, "move/"), data).status_code == 404


def test_locked_months_stand_still(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    client.post(url(draft, "lock/"), {"month": "1", "locked": "1"})
    assert Duty.objects.get(plan=draft, month=1).is_locked
    for data in (
        {"deed": "move", "member": cast.members["县财政局"].pk, "source": 1, "target": 4},
        {"deed": "out", "member": cast.members["县财政局"].pk, "source": 1},
        {"deed": "add", "member": cast.members["县司法局"].pk, "target": 1},
    ):
        page = client.post(url(draft, "move/"), data, follow=True)
        assert "1月已锁定" in text(page)
    assert chairs(draft, 1) == ["县财政局"]
    client.post(url(draft, "lock/"), {"month": "1", "locked": "0"})
    assert not Duty.objects.get(plan=draft, month=1).is_locked
    assert client.post(url(draft, "lock/"), {"month": "99", "locked": "1"}).status_code == 404


def test_words_of_a_month_keep_what_was_typed(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    words = {"theme": "学雷锋读书会", "partners": "县文联", "note": "与三八节合办"}
    client.post(url(draft, "3/"), words)
    duty = Duty.objects.get(plan=draft, month=3)
    assert (duty.theme, duty.partners, duty.note) == tuple(words.values())
    too_long = {**words, "theme": "长" * 121}
    page = client.post(url(draft, "3/"), too_long)
    assert page.status_code == 422
    assert "长" * 121 in text(page)
    assert Duty.objects.get(plan=draft, month=3).theme == "学雷锋读书会"
    fragment = client.post(url(draft, "3/"), too_long, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Retarget"]) == (200, "#main")


def test_the_planner_fills_the_table_and_explains(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    plan = plans.open_plan(cast.alliance, 2027, actor=cast.staff)
    page = text(client.post(url(plan, "run/"), follow=True))
    assert "已重新起草" in page
    assert "为什么是这家" in page
    assert not [month for month in range(1, 13) if not chairs(plan, month)]
    assert plan.versions.count() == 1


def test_a_run_keeps_what_was_arranged_by_hand(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    client.post(url(draft, "run/"))
    assert list(draft.versions.order_by("number").values_list("origin", flat=True)) == ["hand", "planner"]
    first = draft.versions.get(number=1)
    assert first.months[0]["members"] == [cast.members["县财政局"].pk]
    page = text(client.get(url(draft, "versions/")))
    assert "第1版 · 手工保存" in page
    client.post(url(draft, "versions/1/restore/"))
    assert [chairs(draft, month) for month in range(1, 13)] == list(YEAR.values())
    assert client.post(url(draft, "versions/77/restore/")).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_rules_that_collide_are_explained_in_full(
    cast: Cast, client_for: ClientFor, headers: dict[str, str]
) -> None:
    """Eight units of one mode for twelve months, and none can in August: nothing is written, every reason shown."""
    plan = plans.open_plan(cast.alliance, 2027, actor=cast.staff)
    for name, mode in UNITS.items():
        blackout = [8] if mode == DutyMode.SOLO else [1, 8]
        cast.members[name].wishes.create(
            alliance=cast.alliance, year=2027, preferred=[], blackout=blackout, source="form"
        )
    page = text(client_for(cast.staff).post(url(plan, "run/"), headers=headers, follow=True))
    assert "8月排不出轮值主席" in page
    assert "请商请其中一家单位改报不便月份" in page
    assert not DutyChair.objects.filter(duty__plan=plan).exists()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_conflict_of_several_rules_is_shown_whole(
    cast: Cast, client_for: ClientFor, headers: dict[str, str]
) -> None:
    """Every month locked to one unit although others wait: the fairness rule collides with the locks."""
    same = cast.members["县财政局"]
    plan = rotation.plan(cast.alliance, 2027, {month: [same] for month in range(1, 13)}, state="draft")
    Duty.objects.filter(plan=plan).update(is_locked=True)
    page = text(client_for(cast.staff).post(url(plan, "run/"), headers=headers))
    assert "这次没有排出来，表没有变。" in page
    assert "不能同时做到" in page
    assert "可以这样改" in page
    assert chairs(plan, 12) == ["县财政局"]


# --- to the meeting


def test_from_draft_to_passed(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    staff, secretary = client_for(cast.staff), client_for(cast.secretary)
    assert "讨论稿" in text(staff.post(url(draft, "submit/"), follow=True))
    assert client_for(cast.liaison).get(url(draft)).status_code == 200
    staff.post(url(draft, "take-back/"))
    assert client_for(cast.liaison).get(url(draft)).status_code == 404
    staff.post(url(draft, "submit/"))
    passing = {"meeting": "2027年度联席会", "passed_on": "2026-03-02"}
    assert staff.post(url(draft, "pass/"), passing).status_code == 403
    late = secretary.post(url(draft, "pass/"), {**passing, "passed_on": "2026-03-03"})
    assert late.status_code == 422
    assert "2027年度联席会" in text(late)
    page = text(secretary.post(url(draft, "pass/"), passing, follow=True))
    assert "2026年3月2日2027年度联席会通过" in page
    assert "data-member" not in page
    draft.refresh_from_db()
    assert (draft.state, draft.passed_on) == (PlanState.PASSED, date(2026, 3, 2))
    move = {"deed": "move", "member": cast.members["县财政局"].pk, "source": 1, "target": 4}
    assert "只能用调换、代理、顺延" in text(staff.post(url(draft, "move/"), move, follow=True))
    assert chairs(draft, 1) == ["县财政局"]


def test_a_table_with_a_gap_is_not_submitted(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    DutyChair.objects.filter(duty__plan=draft, duty__month=6).delete()
    client = client_for(cast.secretary)
    assert "提交讨论" not in text(client.get(url(draft)))
    assert "6月还没有轮值主席单位" in text(client.post(url(draft, "submit/"), follow=True))
    draft.refresh_from_db()
    assert draft.state == PlanState.DRAFT


def test_versions_are_compared_month_by_month(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    client.post(url(draft, "version/"))
    move = {"deed": "exchange", "member": cast.members["县财政局"].pk, "source": 1, "target": 4}
    client.post(url(draft, "move/"), move)
    client.post(url(draft, "version/"))
    page = client.get(url(draft, "versions/"))
    assert [row["month"] for row in page.context["rows"] if row["changed"]] == [1, 4]
    assert "2 个月有变化" in text(page)
    assert client_for(cast.liaison).get(url(draft, "versions/")).status_code == 404
    assert PlanVersion.objects.filter(plan=draft).count() == 2
