"""Minutes, and the tasks that come of them."""

from __future__ import annotations

from datetime import date

import pytest

from alliances import integrity
from alliances.documents import freeze, to_text
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Message
from alliances.services import appointments
from rotation import desk_month, integrity_month
from rotation.models import Meeting, Slip, Task
from rotation.services import minutes
from rotation.services.minutes import TaskIn
from tests.cast import Cast
from tests.conftest import Frozen
from tests.rotation.month_cast import held, minuted, tick


def two_tasks(cast: Cast) -> tuple[TaskIn, TaskIn]:
    return (
        TaskIn("借出操场作读书会场地", cast.members["县实验小学"], date(2026, 3, 18)),
        TaskIn("张贴活动海报", None, date(2026, 3, 16)),
    )


def test_minutes_are_frozen_and_say_who_does_what(cast: Cast, march: Slip, frozen: Frozen) -> None:
    meeting = minuted(cast, frozen, march, *two_tasks(cast))
    assert meeting.state == "minuted"
    assert freeze(meeting.minutes_paper)[1] == meeting.minutes_hash
    text = to_text(meeting.minutes_paper)
    for part in (
        "出席单位：县图书馆（杨欣然）、县文体广电局、县实验小学（陶老师）（3 家）",
        "缺席单位：县财政局",
        "商定3月20日举办读书会。",
        "借出操场作读书会场地",
        "3月18日（周三）",
        "同心社区",
    ):
        assert part in text, part
    told = Message.objects.get(kind="rotation.task.given", channel="inbox")
    assert told.recipient == cast.other_liaison.person
    assert "借出操场" in told.body and "海报" not in told.body
    assert not [line for check in integrity_month.CHECKS for line in check.find()]
    assert not [line for line in integrity.states_are_logged() if "议定" in line or "会议" in line]


def test_minutes_need_attendance_content_and_their_own_alliance(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    meeting = held(cast, frozen, march)
    for given in (
        {"summary": "  ", "tasks": [TaskIn("  ")]},
        {"summary": "议定", "tasks": [TaskIn("开庭", cast.foreign_members["县法院"])]},
        {"summary": "议定", "tasks": [TaskIn("办", None, date(2026, 3, 1))]},
        {"summary": "议定", "tasks": [TaskIn("字" * 201)]},
    ):
        with pytest.raises(OfficeError):
            minutes.write(meeting, **given, actor=cast.liaison)
    with pytest.raises(NotAllowed):
        minutes.write(meeting, summary="议定", actor=cast.other_liaison)
    meeting.replies.update(has_attended=False)
    with pytest.raises(OfficeError, match="到会"):
        minutes.write(meeting, summary="议定", actor=cast.liaison)
    assert not Task.objects.exists()
    assert Meeting.objects.get(pk=meeting.pk).minutes_paper is None


def test_a_partner_of_the_month_may_write_but_only_once(cast: Cast, march: Slip, frozen: Frozen) -> None:
    meeting = held(cast, frozen, march)
    minutes.write(meeting, summary="议定办读书会", actor=cast.second_liaison)
    with pytest.raises(TooLate):
        minutes.write(meeting, summary="改议别的", actor=cast.liaison)
    assert Meeting.objects.get(pk=meeting.pk).summary == "议定办读书会"


def test_task_lies_on_the_units_desk_until_it_is_done(cast: Cast, march: Slip, frozen: Frozen) -> None:
    minuted(cast, frozen, march, *two_tasks(cast))

    def desk(user: object) -> list[str]:
        return [line.title for line in desk_month.desk_lines(cast.fresh(user), cast.alliance)]

    assert "借出操场作读书会场地" in desk(cast.other_liaison)
    assert "借出操场作读书会场地" not in desk(cast.both_liaison)
    assert {"张贴活动海报", "县实验小学：借出操场作读书会场地"} <= set(desk(cast.staff))
    task = Task.objects.get(member=cast.members["县实验小学"])
    with pytest.raises(NotAllowed):
        minutes.finish(task, result="已办", actor=cast.both_liaison)
    with pytest.raises(OfficeError, match="办理情况"):
        minutes.finish(task, result=" ", actor=cast.other_liaison)
    minutes.finish(task, result="操场已借出", actor=cast.other_liaison)
    assert (task.state, task.result) == ("done", "操场已借出")
    assert task.done_at is not None
    assert "借出操场作读书会场地" not in desk(cast.other_liaison)


def test_pointless_task_is_dropped_by_the_community_with_a_reason(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    minuted(cast, frozen, march, *two_tasks(cast))
    task = Task.objects.get(member=None)
    with pytest.raises(NotAllowed):
        minutes.drop(task, reason="改线上", actor=cast.liaison)
    minutes.drop(task, reason="改为线上通知", actor=cast.staff)
    assert (task.state, task.result) == ("dropped", "改为线上通知")
    assert not [line for line in integrity.states_are_logged() if "议定" in line]


def test_open_tasks_are_reminded_then_nudged_once(cast: Cast, march: Slip, frozen: Frozen) -> None:
    minuted(cast, frozen, march, *two_tasks(cast))

    def digests() -> list[str]:
        rows = Message.objects.filter(recipient=cast.other_liaison.person, kind="alliances.digest")
        return [
            line for body in rows.order_by("pk").values_list("body", flat=True) for line in body.split("\n")
        ]

    frozen.to("2026-03-16T09:00")
    tick()
    assert not [line for line in digests() if "操场" in line]
    for day in (17, 18, 19, 20, 23):
        frozen.to(f"2026-03-{day}T09:00")
        tick()
    assert [line for line in digests() if "操场" in line] == [
        "· 请于3月18日前办结：借出操场作读书会场地",
        "· 催办：借出操场作读书会场地",
    ]


def test_new_liaison_takes_over_what_is_open(cast: Cast, march: Slip, frozen: Frozen) -> None:
    minuted(cast, frozen, march, *two_tasks(cast))
    school = cast.members["县实验小学"]
    assert desk_month.hand_over_tasks(school) == ["办理借出操场作读书会场地"]
    appointments.hand_over(school, name="方老师", phone="13900007777", actor=cast.secretary)
    successor = school.appointments.get(role=Role.LIAISON, ends_on=None).person
    assert "办理借出操场" in Message.objects.get(recipient=successor, channel="inbox").body
