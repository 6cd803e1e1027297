"""Answers to a notice, the opinions that come with them, and reminders to the silent alone."""

from __future__ import annotations

from datetime import date

import pytest

from alliances.documents import to_text
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import LogEntry, Message
from rotation.models import Opinion, Reply, Slip
from rotation.selectors import meetings as reads
from rotation.selectors import papers_meeting
from rotation.services import meetings, replies
from rotation.services.replies import Answer, OpinionIn
from tests.cast import Cast
from tests.conftest import Frozen
from tests.rotation.month_cast import coming, held, notify, reply_of, seminar, tick

SCHOOL = "县实验小学"


def test_liaison_answers_and_changes_the_answer_until_the_meeting(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    reply = reply_of(meeting, cast.members[SCHOOL])
    given = coming("陶老师", attendee_title="教导主任", opinions=[OpinionIn("路灯不亮", "safety", 12)])
    for _ in range(2):  # the same form twice is one answer
        replies.answer(reply, given, actor=cast.other_liaison)
    assert (reply.state, reply.attendee_title, reply.via) == ("attending", "教导主任", "screen")
    assert Opinion.objects.filter(reply=reply).count() == 1
    replies.answer(reply, Answer(False, attendee="陶老师", leave_reason="期中考试"), actor=cast.other_liaison)
    assert (reply.state, reply.attendee, reply.leave_reason) == ("leave", "", "期中考试")
    assert not Opinion.objects.exists()
    frozen.to("2026-03-05T16:00")
    meetings.hold(meeting, held_on=date(2026, 3, 5), attended=[cast.members[SCHOOL].pk], actor=cast.liaison)
    with pytest.raises(OfficeError, match="已召开"):
        replies.answer(reply_of(meeting, cast.members[SCHOOL]), given, actor=cast.other_liaison)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (Answer(True), "参会人"),
        (Answer(True, attendee="  "), "参会人"),
        (Answer(False, attendee="陶老师"), "请假事由"),
        (Answer(True, attendee="陶", opinions=[OpinionIn("字" * 301)]), "300字"),
        (Answer(True, attendee="陶", opinions=[OpinionIn("停车难", "nonsense")]), "类别"),
        (Answer(True, attendee="陶", opinions=[OpinionIn("停车难", "parking", 0)]), "人数"),
        (Answer(True, attendee="陶", opinions=[OpinionIn("停车难")] * 21), "20条"),
    ],
)
def test_half_answers_are_refused_and_change_nothing(
    cast: Cast, march: Slip, given: Answer, sentence: str
) -> None:
    reply = reply_of(notify(seminar(cast), cast.liaison), cast.members[SCHOOL])
    with pytest.raises(OfficeError, match=sentence):
        replies.answer(reply, given, actor=cast.other_liaison)
    reply.refresh_from_db()
    assert (reply.state, reply.answered_at) == ("waiting", None)
    assert not Opinion.objects.exists()


@pytest.mark.parametrize("part", ["liaison", "secretary", "staff", "leader", "foreign_liaison", "street"])
def test_a_reply_is_the_units_own_act(cast: Cast, march: Slip, part: str) -> None:
    reply = reply_of(notify(seminar(cast), cast.liaison), cast.members[SCHOOL])
    with pytest.raises(NotAllowed):
        replies.answer(reply, coming(), actor=cast.users[part])


def test_community_records_what_came_on_paper_and_says_so(cast: Cast, march: Slip) -> None:
    reply = reply_of(notify(seminar(cast), cast.liaison), cast.members["县财政局"])
    with pytest.raises(OfficeError, match="纸质或电话"):
        replies.record(reply, coming("刘科长"), via=Via.SCREEN, actor=cast.staff)
    with pytest.raises(NotAllowed):
        replies.record(reply, coming("刘科长"), via=Via.PHONE, actor=cast.other_liaison)
    replies.record(reply, coming("刘科长"), via=Via.PHONE, actor=cast.staff)
    assert (reply.attendee, reply.via, reply.recorded_by) == ("刘科长", "phone", cast.staff)
    entry = LogEntry.objects.filter(action="rotation.reply.answer").latest("pk")
    assert entry.data == {
        "member": cast.members["县财政局"].pk,
        "via": "phone",
        "state": "attending",
        "opinions": 0,
    }
    assert entry.alliance == cast.alliance


def test_form_proposes_the_liaison_then_who_came_last(cast: Cast, march: Slip, frozen: Frozen) -> None:
    reply = reply_of(notify(seminar(cast), cast.liaison), cast.members[SCHOOL])
    draft = reads.reply_draft(reply)
    assert (draft.attendee, draft.attendee_phone) == ("陶老师", cast.other_liaison.phone)
    replies.answer(reply, coming("秦校长", attendee_title="校长"), actor=cast.other_liaison)
    again = meetings.call(cast.alliance, kind="quarterly", actor=cast.secretary)
    next_reply = reply_of(notify(again, cast.secretary, agenda=["季度小结"]), cast.members[SCHOOL])
    assert reads.reply_draft(next_reply).attendee == "秦校长"


def test_opinions_become_one_list_by_theme(cast: Cast, march: Slip) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    parking = OpinionIn("小区停车难", "parking", 8)
    replies.answer(
        reply_of(meeting, cast.members[SCHOOL]), coming(opinions=[parking]), actor=cast.other_liaison
    )
    replies.record(
        reply_of(meeting, cast.members["县财政局"]),
        Answer(False, leave_reason="出差", opinions=[parking, OpinionIn("=1+1", "other", 2)]),
        via=Via.PAPER,
        actor=cast.staff,
    )
    groups = reads.opinions_by_theme(meeting)
    assert [(g.theme, g.voices, g.rows) for g in groups] == [
        ("停车出行", 16, [("小区停车难", 16, "县财政局、县实验小学")]),
        ("其他", 2, [("=1+1", 2, "县财政局")]),
    ]
    text = to_text(papers_meeting.opinions_paper(reads.full().get(pk=meeting.pk)))
    assert "意见建议汇总" in text and "小区停车难" in text and "已回复 3 家，应回复 14 家" in text


# --- the clock ----------------------------------------------------------------------------------------------------


def digests_of(user: object) -> list[str]:
    rows = Message.objects.filter(recipient=user.person, kind="alliances.digest", channel="inbox")
    return list(rows.order_by("pk").values_list("body", flat=True))


def test_only_silent_members_are_reminded_and_nudged(cast: Cast, march: Slip, frozen: Frozen) -> None:
    # Notice on Monday, answers by Wednesday the 4th, the meeting on Monday the 9th.
    meeting = notify(
        seminar(cast),
        cast.liaison,
        starts_at=reads.notice_draft(seminar(cast)).starts_at.replace(day=9),
        reply_by=date(2026, 3, 4),
    )
    replies.answer(reply_of(meeting, cast.members[SCHOOL]), coming(), actor=cast.other_liaison)
    tick()
    assert digests_of(cast.both_liaison) == []  # the notice was today's message
    frozen.to("2026-03-03T08:00")
    tick()
    assert digests_of(cast.both_liaison) == []  # not before office hours
    frozen.to("2026-03-03T09:00")
    tick()
    tick()
    assert digests_of(cast.both_liaison) == ["· 请于3月4日前回复2026年3月研讨会通知单"]
    frozen.to("2026-03-05T09:00")
    tick()
    assert digests_of(cast.both_liaison)[1:] == ["· 催办：2026年3月研讨会通知单已过回执期限，请尽快回复"]
    assert digests_of(cast.other_liaison) == []
    meeting.refresh_from_db()
    assert (meeting.nudged_at is not None, meeting.escalated_at) == (True, None)
    frozen.to("2026-03-07T10:00")  # Saturday
    tick()
    assert len(digests_of(cast.both_liaison)) == 2


def test_silence_is_told_the_secretary_two_working_days_after_the_nudge(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    meeting = notify(
        seminar(cast),
        cast.liaison,
        starts_at=reads.notice_draft(seminar(cast)).starts_at.replace(day=9, hour=15),
        reply_by=date(2026, 3, 3),
    )
    frozen.to("2026-03-04T09:00")
    tick()
    frozen.to("2026-03-06T09:00")
    tick()
    told = [body for body in digests_of(cast.secretary) if "研讨会" in body]
    assert len(told) == 1 and "县交警队" in told[0] and "县图书馆" not in told[0]
    assert LogEntry.objects.filter(action="rotation.meeting.escalate", object_id=meeting.pk).count() == 1


def test_an_answer_between_queueing_and_sending_is_not_reminded(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    meeting = notify(seminar(cast), cast.liaison, reply_by=date(2026, 3, 4))
    frozen.to("2026-03-03T09:00")
    replies.follow_up(frozen.forward(minutes=0))
    assert cast.both_liaison.person.reminder_lines.exists()
    replies.answer(reply_of(meeting, cast.members["县交警队"]), coming("孙警官"), actor=cast.both_liaison)
    tick()
    assert digests_of(cast.both_liaison) == []


def test_after_the_meeting_nobody_is_reminded(cast: Cast, march: Slip, frozen: Frozen) -> None:
    meeting = held(cast, frozen, march)
    frozen.to("2026-03-06T09:00")
    tick()
    assert Reply.objects.filter(meeting=meeting, state="waiting").exists()
    assert not [body for body in digests_of(cast.both_liaison) if "通知单" in body]
