"""The chain of a month on one page: who holds what by when, for everybody who may look."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances.models import Message, User
from alliances.registry import ChainStep, MonthView
from rotation import desk_month
from rotation.models import Slip, StepMark
from rotation.selectors import month
from rotation.services import activities, meetings, replies
from tests.cast import Cast
from tests.conftest import Frozen
from tests.rotation.month_cast import coming, minuted, notify, reply_of, seminar, sign_all, tick


def chain(cast: Cast, user: User, number: int = 3) -> dict[str, ChainStep]:
    duty = cast.duties[number]
    steps = month.part(MonthView(cast.fresh(user), cast.alliance, 2026, number)).steps
    assert month.chain(cast.fresh(user), duty)[: len(steps)] == steps
    return {step.title: step for step in steps}


def states(cast: Cast) -> list[tuple[str, str]]:
    titles = ("提醒单", "签收", "研讨会通知单", "回执", "研讨会")
    steps = chain(cast, cast.secretary)
    return [(title, steps[title].state) for title in titles if title in steps]


def desk(cast: Cast, user: User) -> list[str]:
    return [line.title for line in desk_month.desk_lines(cast.fresh(user), cast.alliance)]


def test_month_before_its_slip_says_when_it_comes(cast: Cast) -> None:
    (step,) = chain(cast, cast.liaison, 4).values()
    assert (step.title, step.state, step.due) == ("提醒单", "ahead", "2026-04-01")


def test_month_moves_on_step_by_step(cast: Cast, march: Slip, frozen: Frozen) -> None:
    assert states(cast) == [
        ("提醒单", "done"),
        ("签收", "now"),
        ("研讨会通知单", "ahead"),
        ("研讨会", "ahead"),
    ]
    sign_all(march, cast)
    steps = chain(cast, cast.liaison)
    assert (steps["研讨会通知单"].state, steps["研讨会通知单"].due) == ("now", "2026-03-05")
    assert (steps["研讨会通知单"].action, steps["研讨会通知单"].who) == ("写通知单", "县图书馆")
    assert chain(cast, cast.other_liaison)["研讨会通知单"].action == ""

    meeting = notify(seminar(cast), cast.liaison)
    replies.answer(reply_of(meeting, cast.members["县实验小学"]), coming(), actor=cast.other_liaison)
    steps = chain(cast, cast.both_liaison)
    assert (steps["回执"].detail, steps["回执"].action) == ("2/14 家已回复", "回复")
    assert chain(cast, cast.other_liaison)["回执"].action == ""
    assert steps["研讨会"].due == "2026-03-09"
    assert steps["研讨会通知单"].paper_url == f"/meetings/{meeting.pk}/notice.docx"

    frozen.to("2026-03-05T16:00")
    assert chain(cast, cast.second_liaison)["研讨会"].action == "登记到会"
    came = [cast.members[name].pk for name in ("县图书馆", "县实验小学")]
    meetings.hold(meeting, held_on=date(2026, 3, 5), attended=came, actor=cast.liaison)
    assert chain(cast, cast.liaison)["研讨会"].action == "写纪要"
    assert chain(cast, cast.liaison)["活动"].action == "安排活动"

    activity = activities.plan(
        cast.alliance,
        kind="culture",
        title="读书会",
        planned_on=date(2026, 3, 20),
        duty=cast.duties[3],
        meeting=meeting,
        actor=cast.liaison,
    )
    step = chain(cast, cast.street)["活动：读书会"]
    assert (step.state, step.due, step.action) == ("now", "2026-03-25", "")
    frozen.to("2026-03-20T18:00")
    assert chain(cast, cast.liaison)["活动：读书会"].action == "登记举办"
    activities.record(activity, beneficiaries=60, held_on=date(2026, 3, 20), actor=cast.liaison)
    step = chain(cast, cast.secretary)["活动：读书会"]
    assert (step.state, step.detail) == ("done", "3月20日举办，3+0 家")


def test_overdue_step_is_late_for_everybody(cast: Cast, march: Slip, frozen: Frozen) -> None:
    sign_all(march, cast)
    frozen.to("2026-03-06T09:00")
    for user in (cast.liaison, cast.secretary, cast.street):
        assert chain(cast, user)["研讨会通知单"].state == "late"


def test_slip_is_linked_only_for_those_who_may_read_it(cast: Cast, march: Slip) -> None:
    for user in (cast.liaison, cast.leader, cast.secretary, cast.president, cast.street):
        assert chain(cast, user)["提醒单"].url == f"/slips/{march.pk}/"
        assert Slip.objects.visible_to(cast.fresh(user)).filter(pk=march.pk).exists()
    for user in (cast.other_liaison, cast.station):
        assert chain(cast, user)["提醒单"].url == ""
        assert not Slip.objects.visible_to(cast.fresh(user)).filter(pk=march.pk).exists()


def test_a_late_slip_starts_no_deadlines(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-04-01T09:00")  # nothing ran in March
    tick()
    slip = Slip.objects.get(duty=cast.duties[3])
    assert slip.is_late
    assert chain(cast, cast.liaison)["研讨会通知单"].due == ""
    for day in range(2, 30):
        frozen.to(f"2026-04-{day:02d}T09:00")
        tick()
    assert not StepMark.objects.filter(slip=slip).exists()


def test_activity_that_never_comes_is_nudged_and_told(cast: Cast, march: Slip, frozen: Frozen) -> None:
    sign_all(march, cast)
    minuted(cast, frozen, march)
    for day in (24, 25, 26, 27, 30):
        frozen.to(f"2026-03-{day}T09:00")
        tick()

    def said(user: User) -> list[str]:
        rows = Message.objects.filter(recipient=user.person, kind="alliances.digest", channel="inbox")
        return [
            line for body in rows.order_by("pk").values_list("body", flat=True) for line in body.split("\n")
        ]

    about = [line for line in said(cast.liaison) if "共建活动" in line]
    assert about == ["· 请于3月25日前举办3月共建活动", "· 催办：举办3月共建活动已过时限，请尽快办理"]
    told = [line for line in said(cast.secretary) if "共建活动" in line]
    assert told == ["· 报书记：县图书馆、县文体广电局、县人民医院仍未举办3月共建活动"]
    assert [line for line in said(cast.second_liaison) if "共建活动" in line] == []
    assert "3月仍未举办活动" in desk(cast, cast.secretary)


def test_desk_shows_each_person_their_own_next_step(cast: Cast, march: Slip, frozen: Frozen) -> None:
    assert "发出2026年3月研讨会通知单" in desk(cast, cast.liaison)
    assert "等县图书馆发出2026年3月研讨会通知单" in desk(cast, cast.staff)
    assert desk(cast, cast.other_liaison) == desk(cast, cast.president) == []
    meeting = notify(seminar(cast), cast.liaison)
    assert "回复2026年3月研讨会通知单" in desk(cast, cast.other_liaison)
    replies.answer(reply_of(meeting, cast.members["县实验小学"]), coming(), actor=cast.other_liaison)
    assert desk(cast, cast.other_liaison) == []
    frozen.to("2026-03-05T10:00")
    assert "登记2026年3月研讨会到会情况" in desk(cast, cast.liaison)
    meetings.hold(
        meeting, held_on=date(2026, 3, 5), attended=[cast.members["县图书馆"].pk], actor=cast.liaison
    )
    assert {"写2026年3月研讨会纪要", "安排3月共建活动"} <= set(desk(cast, cast.liaison))
    activities.plan(
        cast.alliance,
        kind="culture",
        title="读书会",
        planned_on=date(2026, 3, 20),
        duty=cast.duties[3],
        actor=cast.liaison,
    )
    assert "是否参加：读书会" in desk(cast, cast.other_liaison)
    assert "安排3月共建活动" not in desk(cast, cast.liaison)
    frozen.to("2026-03-20T18:00")
    assert "登记活动举办：读书会" in desk(cast, cast.liaison)


@pytest.mark.parametrize("part", ["liaison", "secretary"])
def test_chain_and_desk_ask_the_database_little(cast: Cast, march: Slip, part: str, frozen: Frozen) -> None:
    """The same number of questions with one activity as with three."""
    meeting = minuted(cast, frozen, march)
    counts = []
    for number in range(3):
        activities.plan(
            cast.alliance,
            kind="visit",
            title=f"走访{number}",
            planned_on=date(2026, 3, 18 + number),
            duty=cast.duties[3],
            meeting=meeting,
            actor=cast.liaison,
        )
        user = cast.fresh(cast.users[part])
        assert user.current_appointments
        with CaptureQueriesContext(
            connection,
        ) as asked:
            month.part(MonthView(user, cast.alliance, 2026, 3))
            desk_month.desk_lines(user, cast.alliance)
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2] <= 14, counts
