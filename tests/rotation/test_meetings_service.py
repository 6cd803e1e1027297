"""Meetings from the planned seminar to the roll call, and what a filed swap does to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from alliances import integrity
from alliances.documents import freeze, to_docx, to_pdf, to_text
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Message, NumberSeries
from alliances.registry import AgendaItem, registries
from rotation import integrity_month
from rotation.models import Meeting, Reply, Slip, Swap
from rotation.selectors import meetings as reads
from rotation.selectors import papers_meeting
from rotation.services import meetings, replies, swaps
from tests.cast import Cast
from tests.conftest import Frozen
from tests.rotation.month_cast import at, coming, held, notify, reply_of, seminar, sign_all, tick


def found() -> list[str]:
    return [sentence for check in integrity_month.CHECKS for sentence in check.find()]


# --- planned ------------------------------------------------------------------------------------------------------


def test_slip_brings_its_planned_seminar_with_the_lead_as_convenor(cast: Cast, march: Slip) -> None:
    meeting = seminar(cast)
    assert (meeting.state, meeting.title) == ("planned", "2026年3月研讨会")
    assert meeting.convenor == cast.members["县图书馆"]
    assert meetings.prepare(cast.duties[3]) == meeting
    assert Meeting.objects.filter(duty=cast.duties[3]).count() == 1


def test_sweep_plans_seminars_of_slips_that_have_none(cast: Cast, march: Slip) -> None:
    Meeting.objects.all().delete()  # as after an upgrade from a version without meetings
    assert any("筹备同心社区党建联盟2026年3月研讨会" in line for line in tick())
    assert seminar(cast).convenor == cast.members["县图书馆"]
    assert not [line for line in tick() if "筹备" in line]


def test_form_is_filled_before_anybody_types(cast: Cast, march: Slip) -> None:
    draft = reads.notice_draft(seminar(cast))
    # Monday 2 March: three calendar days later is Thursday, five working days later Monday the 9th.
    assert (draft.earliest, draft.latest) == (date(2026, 3, 5), date(2026, 3, 9))
    assert draft.starts_at == at("2026-03-05T09:30")
    assert draft.reply_by == date(2026, 3, 4)
    assert draft.notice_by == date(2026, 3, 9)  # two days to acknowledge, three for the notice
    assert len(draft.invited) == 14
    assert [item["text"] for item in draft.agenda][-1] == "协商策划3月共建活动（主题：3月主题活动）"


def test_agenda_begins_with_what_other_parts_bring(cast: Cast, march: Slip) -> None:
    entry = AgendaItem("test.comment", lambda meeting: [f"书记点评{meeting.duty.month - 1}月轮值"])
    registries.agenda_items.register(entry, order=1)
    try:
        meeting = notify(seminar(cast), cast.liaison)
    finally:
        del registries.agenda_items._entries["test.comment"]
    assert meeting.agenda[0] == {"text": "书记点评2月轮值", "source": "test.comment"}
    assert "1. 书记点评2月轮值" in to_text(meeting.paper)


# --- noticed ------------------------------------------------------------------------------------------------------


def test_notice_is_numbered_frozen_and_sent_to_those_who_can_answer(cast: Cast, march: Slip) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    assert meeting.number == "同心党建联会〔2026〕1号"
    assert freeze(meeting.paper)[1] == meeting.paper_hash
    assert meeting.due_on == date(2026, 3, 9)
    assert Reply.objects.filter(meeting=meeting).count() == 14
    told = Message.objects.filter(kind="rotation.meeting.noticed")
    people = set(told.values_list("recipient__name", flat=True))
    assert {"何文", "陶老师", "孙警官"} <= people
    # Neither who sent it, nor leaders, nor people elsewhere.
    assert not people & {"杨欣然", "温馆长", "程莉", "姚书记员"}
    own = reply_of(meeting, cast.members["县图书馆"])
    assert (own.state, own.attendee) == ("attending", "杨欣然")
    assert not found()


def test_notice_paper_says_what_an_office_expects(cast: Cast, march: Slip) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    text = to_text(meeting.paper)
    for part in (
        "研讨会通知单",
        "同心党建联会〔2026〕1号",
        "各成员单位：",
        "2026年3月5日（周四）9:30",
        "同心社区二楼会议室",
        "县图书馆、县文体广电局、县人民医院",
        "党员群众",
        "回执期限：3月4日（周三）",
    ):
        assert part in text, part
    receipt = next(block for block in meeting.paper["blocks"] if block["type"] == "receipt")
    assert receipt["title"] == "回执"
    assert "请于3月4日（周三）前回复" in receipt["note"]
    assert "联系人：杨欣然" in receipt["note"]
    assert to_docx(meeting.paper)[:2] == b"PK"
    assert to_pdf(meeting.paper).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("starts_at", "sentence"),
    [
        ("2026-03-04T09:30", "3月5日"),  # less than three days after the notice
        ("2026-03-10T09:30", "3月9日"),  # more than five working days after it
        ("2026-03-02T08:00", "现在之后"),
    ],
)
def test_seminar_outside_its_days_needs_a_reason(
    cast: Cast, march: Slip, starts_at: str, sentence: str
) -> None:
    with pytest.raises(OfficeError, match=sentence):
        notify(seminar(cast), cast.liaison, starts_at=at(starts_at), reply_by=date(2026, 3, 3))
    assert seminar(cast).state == "planned"
    assert not NumberSeries.objects.filter(kind="rotation.meeting", last__gt=0).exists()


def test_seminar_outside_its_days_with_a_reason_is_accepted(cast: Cast, march: Slip) -> None:
    meeting = notify(
        seminar(cast), cast.liaison, starts_at=at("2026-03-10T09:30"), reason="会议室9日停电检修"
    )
    assert (meeting.state, meeting.timing_reason) == ("noticed", "会议室9日停电检修")


@pytest.mark.parametrize(
    "part", ["second_liaison", "other_liaison", "leader", "president", "foreign_liaison"]
)
def test_only_the_convenor_and_the_community_send_the_notice(cast: Cast, march: Slip, part: str) -> None:
    with pytest.raises(NotAllowed):
        notify(seminar(cast), cast.users[part])
    assert not Reply.objects.exists()


def test_second_notice_of_the_same_meeting_changes_nothing(cast: Cast, march: Slip) -> None:
    first, second = seminar(cast), seminar(cast)
    notify(first, cast.liaison)
    with pytest.raises(TooLate):
        notify(second, cast.liaison)
    assert NumberSeries.objects.get(kind="rotation.meeting").last == 1
    assert Reply.objects.count() == 14
    assert not found()


@contextmanager
def refused_messages() -> Iterator[None]:
    """The database takes no message of a notice: what dies between freezing and sending."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if sqlite:
            cursor.execute(
                "CREATE TRIGGER refuse_message BEFORE INSERT ON alliances_message"
                " WHEN NEW.kind = 'rotation.meeting.noticed' BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE alliances_message ADD CONSTRAINT refused"
                " CHECK (kind <> 'rotation.meeting.noticed') NOT VALID"
            )
    yield
    with connection.cursor() as cursor:
        undo = (
            "DROP TRIGGER refuse_message"
            if sqlite
            else "ALTER TABLE alliances_message DROP CONSTRAINT refused"
        )
        cursor.execute(undo)


def test_notice_and_its_messages_are_there_together_or_not_at_all(cast: Cast, march: Slip) -> None:
    with refused_messages():
        with pytest.raises(DatabaseError), transaction.atomic():
            notify(seminar(cast), cast.liaison)
        meeting = seminar(cast)
        assert (meeting.state, meeting.number, Reply.objects.count()) == ("planned", "", 0)
    sent = notify(seminar(cast), cast.liaison)
    assert sent.number == "同心党建联会〔2026〕1号"  # the number was given back
    messages = Message.objects.filter(kind="rotation.meeting.noticed", channel="inbox")
    assert messages.count() == messages.values("recipient").distinct().count() > 5
    assert not found()


def test_notice_on_paper_is_recorded_as_it_was_and_messages_nobody(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    frozen.to("2026-03-20T10:00")
    meeting = notify(
        seminar(cast),
        cast.staff,
        starts_at=at("2026-03-06T15:00"),
        reply_by=date(2026, 3, 5),
        via=Via.PAPER,
        noticed_on=date(2026, 3, 3),
    )
    assert meeting.noticed_at == at("2026-03-03T00:00")
    assert meeting.due_on == date(2026, 3, 10)
    assert "2026年3月3日" in to_text(meeting.paper)
    assert not Message.objects.filter(kind="rotation.meeting.noticed").exists()
    with pytest.raises(NotAllowed):
        meetings._noticed_at(meeting, Via.PAPER, date(2026, 3, 3), cast.liaison)


# --- other meetings -----------------------------------------------------------------------------------------------


def test_secretary_calls_a_meeting_of_the_new_organisations_only(cast: Cast) -> None:
    company = cast.members["县农商银行"]
    type(company.unit).objects.filter(pk=company.unit_id).update(sector="private_enterprise")
    meeting = meetings.call(cast.alliance, kind="two_new", actor=cast.secretary)
    assert meeting.title == "2026年两新组织联席会"
    assert reads.invited_by_default(meeting) == [company]
    notify(meeting, cast.secretary, agenda=["通报上半年工作"])
    assert [reply.member for reply in reads.replies_of(meeting)] == [company]
    assert to_text(meeting.paper).count("县农商银行") >= 1


def test_units_call_no_other_meetings_and_nobody_calls_a_seminar(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        meetings.call(cast.alliance, kind="quarterly", actor=cast.liaison)
    with pytest.raises(OfficeError, match="研讨会"):
        meetings.call(cast.alliance, kind="seminar", actor=cast.secretary)


def test_meeting_of_another_alliance_is_not_seen(cast: Cast, march: Slip) -> None:
    assert seminar(cast) in reads.meetings_of(cast.other_liaison)
    assert seminar(cast) in reads.meetings_of(cast.street)
    assert seminar(cast) not in reads.meetings_of(cast.foreign_liaison)


# --- cancelled, held ----------------------------------------------------------------------------------------------


def test_cancelled_seminar_tells_the_invited_and_is_planned_anew(cast: Cast, march: Slip) -> None:
    meeting = notify(seminar(cast), cast.liaison, place="县图书馆报告厅")
    meetings.cancel(meeting, reason="遇防汛值班", actor=cast.liaison)
    told = Message.objects.filter(kind="rotation.meeting.cancelled")
    assert "遇防汛值班" in told.first().body
    assert told.filter(recipient=cast.other_liaison.person).exists()
    again = seminar(cast)
    assert (again.pk != meeting.pk, again.state, again.replaces) == (True, "planned", meeting)
    assert reads.notice_draft(again).place == "县图书馆报告厅"
    assert notify(again, cast.liaison).number == "同心党建联会〔2026〕2号"
    assert not found()


def test_roll_call_counts_everybody_invited(cast: Cast, march: Slip, frozen: Frozen) -> None:
    meeting = held(cast, frozen, march)
    assert (meeting.state, meeting.held_on) == ("held", date(2026, 3, 5))
    rows = Reply.objects.filter(meeting=meeting)
    assert rows.filter(has_attended=True).count() == 3
    assert rows.filter(has_attended=False).count() == 11
    sheet = to_text(papers_meeting.replies_paper(reads.full().get(pk=meeting.pk)))
    assert "陶老师" in sheet and "未到" in sheet
    assert not found()


def test_roll_call_refuses_strangers_nobody_and_the_future(cast: Cast, march: Slip, frozen: Frozen) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    frozen.to("2026-03-05T16:00")
    foreign = cast.foreign_members["县法院"].pk
    for attended, day in (([], 5), ([foreign], 5), ([cast.members["县图书馆"].pk], 6)):
        with pytest.raises(OfficeError):
            meetings.hold(seminar(cast), held_on=date(2026, 3, day), attended=attended, actor=cast.liaison)
    meeting.refresh_from_db()
    assert meeting.state == "noticed"
    assert not Reply.objects.exclude(has_attended=None).exists()


# --- a filed swap carries the month along -------------------------------------------------------------------------


def filed(cast: Cast, **parts: object) -> Swap:
    swap = swaps.ask(cast.duties[3], cast.members["县图书馆"], reason="闭馆布展", actor=cast.liaison, **parts)
    if swap.other_id:
        swaps.record_consent(swap, swap.other, via=Via.PHONE, actor=cast.staff)
    return swaps.file(swap, actor=cast.secretary)


def test_stand_in_becomes_convenor_and_the_invited_are_told(cast: Cast, march: Slip) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    filed(cast, kind="stand_in", other=cast.members["县实验小学"])
    again = seminar(cast)
    assert (again.pk, again.state) == (meeting.pk, "noticed")
    assert again.convenor == cast.members["县实验小学"]
    told = Message.objects.filter(kind="rotation.meeting.reassigned", recipient=cast.both_liaison.person)
    assert "时间、地点不变" in told.get(channel="inbox").body
    assert reply_of(meeting, cast.members["县实验小学"]).state == "attending"
    assert not found()
    assert not [line for line in integrity.states_are_logged() if line.startswith("会议")]


def test_postponed_month_cancels_its_noticed_seminar_and_plans_another(cast: Cast, march: Slip) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    filed(cast, kind="postpone", until=date(2026, 4, 15))
    meeting.refresh_from_db()
    assert (meeting.state, "顺延" in meeting.cancel_reason) == ("cancelled", True)
    again = seminar(cast)
    assert (again.state, again.replaces) == ("planned", meeting)


def test_held_seminar_stays_with_who_held_it(cast: Cast, march: Slip, frozen: Frozen) -> None:
    meeting = held(cast, frozen, march)
    filed(cast, kind="stand_in", other=cast.members["县实验小学"])
    meeting.refresh_from_db()
    assert (meeting.state, meeting.convenor) == ("held", cast.members["县图书馆"])


# --- the clock ----------------------------------------------------------------------------------------------------


def digests_of(user: object) -> list[str]:
    rows = Message.objects.filter(recipient=user.person, kind="alliances.digest", channel="inbox")
    return list(rows.order_by("pk").values_list("body", flat=True))


def test_notice_is_reminded_nudged_and_told_the_secretary_once_each(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    sign_all(march, cast)  # on 2 March: the notice is due on the 5th
    frozen.to("2026-03-03T09:00")
    tick()
    assert digests_of(cast.liaison) == []
    frozen.to("2026-03-04T09:00")
    tick()
    tick()
    assert digests_of(cast.liaison) == ["· 请于3月5日前发出3月研讨会通知单"]
    for day in (6, 7, 8, 9, 10):  # the 6th is Friday; two working days after it is Tuesday the 10th
        frozen.to(f"2026-03-{day:02d}T09:00")
        tick()
        assert bool([b for b in digests_of(cast.secretary) if "报书记" in b]) == (day == 10)
    assert digests_of(cast.liaison)[1:] == ["· 催办：发出3月研讨会通知单已过时限，请尽快办理"]
    # The partners of a collective month and everybody else are left alone.
    assert digests_of(cast.second_liaison) == digests_of(cast.other_liaison) == []
    frozen.to("2026-03-11T09:00")
    tick()
    assert len(digests_of(cast.liaison)) == 2


def test_a_notice_sent_in_time_is_never_spoken_of(cast: Cast, march: Slip, frozen: Frozen) -> None:
    sign_all(march, cast)
    meeting = notify(seminar(cast), cast.liaison)
    replies.answer(reply_of(meeting, cast.members["县实验小学"]), coming(), actor=cast.other_liaison)
    for day in range(3, 9):
        frozen.to(f"2026-03-{day:02d}T10:00")
        tick()
    assert not [body for body in digests_of(cast.liaison) if "通知单" in body]
    assert digests_of(cast.other_liaison) == []


def test_overdue_seminar_is_nudged_and_ends_with_its_roll_call(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    sign_all(march, cast)
    meeting = notify(seminar(cast), cast.liaison)  # due on the 9th
    frozen.to("2026-03-10T09:00")
    tick()
    assert any("催办：召开3月研讨会" in body for body in digests_of(cast.liaison))
    meetings.hold(meeting, held_on=date(2026, 3, 9), attended=[cast.members["县图书馆"].pk], actor=cast.staff)
    frozen.to("2026-03-12T09:00")
    tick()
    assert not [body for body in digests_of(cast.secretary) if "研讨会" in body]
