"""Answers to a notice: who comes or why not, and what residents said; reminders to those alone who are silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.policies import can_lead_alliance
from alliances.services import audit, digests, sweeps
from rotation import policies
from rotation.enums import MeetingState, OpinionTheme, ReplyState
from rotation.models import Meeting, Opinion, Reply
from rotation.selectors import meetings as reads
from rotation.selectors.deadlines import Office, Offices

REMIND, NUDGE, ESCALATE = "rotation.reply.remind", "rotation.reply.nudge", "rotation.reply.escalate"
MOST_OPINIONS = 20
MOST_VOICES = 9999


@dataclass(frozen=True)
class OpinionIn:
    """One opinion as typed: ``theme`` an ``OpinionTheme``, ``voices`` how many people said so."""

    text: str
    theme: str = OpinionTheme.OTHER
    voices: int = 1


@dataclass(frozen=True)
class Answer:
    """A reply as typed. Attending names who comes; leave says why."""

    is_attending: bool
    attendee: str = ""
    attendee_title: str = ""
    attendee_phone: str = ""
    leave_reason: str = ""
    opinions: Sequence[OpinionIn] = ()


def answer(reply: Reply, given: Answer, *, actor: User) -> Reply:
    """The unit's own liaison answers on screen. May be changed until the meeting is held; the same twice is one."""
    if not policies.can_answer_reply(actor, reply):
        raise NotAllowed("只有本单位联络员可以回复。")
    return _write(reply, given, via=Via.SCREEN, actor=actor)


def record(reply: Reply, given: Answer, *, via: str, actor: User) -> Reply:
    """Secretary or staff record what a unit answered on paper or by telephone, and say so."""
    if not policies.can_record_reply(actor, reply.meeting):
        raise NotAllowed("只有社区书记和工作人员可以代录回执。")
    if via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("请选择纸质或电话。")
    return _write(reply, given, via=via, actor=actor)


def _write(reply: Reply, given: Answer, *, via: str, actor: User) -> Reply:
    fields = _checked(given)
    rows = _opinions(reply, given.opinions)
    meeting = reply.meeting
    with transaction.atomic():
        # Taking the meeting's row first: an answer and the roll call exclude each other.
        if not Meeting.objects.filter(pk=meeting.pk, state=MeetingState.NOTICED).update(serial=F("serial")):
            meeting.refresh_from_db(fields=["state"])
            raise OfficeError(f"会议现在是“{meeting.get_state_display()}”，不能再回复。")
        Reply.objects.filter(pk=reply.pk).update(
            **fields, answered_at=clock.now(), via=via, recorded_by=None if via == Via.SCREEN else actor
        )
        Opinion.objects.filter(reply=reply).delete()
        Opinion.objects.bulk_create(rows)
        audit.record(
            "rotation.reply.answer",
            reply,
            actor=actor,
            alliance=meeting.alliance,
            data={"member": reply.member_id, "via": via, "state": fields["state"], "opinions": len(rows)},
        )
    reply.refresh_from_db(fields=[*fields, "answered_at", "via", "recorded_by"])
    return reply


def _checked(given: Answer) -> dict[str, str]:
    """The reply's columns; what does not belong to the chosen answer is dropped."""
    if given.is_attending:
        if not given.attendee.strip():
            raise OfficeError("请填写参会人姓名。")
        return {
            "state": ReplyState.ATTENDING,
            "attendee": given.attendee.strip()[:40],
            "attendee_title": given.attendee_title.strip()[:40],
            "attendee_phone": given.attendee_phone.strip()[:24],
            "leave_reason": "",
        }
    if not given.leave_reason.strip():
        raise OfficeError("请填写请假事由。")
    return {
        "state": ReplyState.LEAVE,
        "attendee": "",
        "attendee_title": "",
        "attendee_phone": "",
        "leave_reason": given.leave_reason.strip()[:120],
    }


def _opinions(reply: Reply, given: Sequence[OpinionIn]) -> list[Opinion]:
    rows = []
    for opinion in given:
        text = opinion.text.strip()
        if not text:
            continue
        if len(text) > 300:
            raise OfficeError("每条意见建议最多300字，请分成几条。")
        if opinion.theme not in OpinionTheme.values:
            raise OfficeError("请选择意见建议的类别。")
        if not 1 <= opinion.voices <= MOST_VOICES:
            raise OfficeError(f"反映人数应在1到{MOST_VOICES}之间。")
        rows.append(Opinion(reply=reply, theme=opinion.theme, text=text, voices=opinion.voices))
    if len(rows) > MOST_OPINIONS:
        raise OfficeError(f"一次最多报送{MOST_OPINIONS}条意见建议。")
    return rows


# --- the clock ----------------------------------------------------------------------------------------------------


def follow_up(now: datetime) -> list[str]:
    """Sweep: remind silent members a working day before, nudge when overdue, then tell the secretary. Ends with the
    meeting's beginning: who has not answered by then is seen at the roll call."""
    if not digests.in_hours(now):
        return []
    today = clock.local(now).date()
    offices = Offices()

    def follow_one(meeting: Meeting) -> list[str]:
        office = offices.of(meeting.alliance)
        if meeting.reply_by is None or not digests.is_working_day(office.days, now):
            return []
        return _press(meeting, meeting.reply_by, today, office)

    open_notices = Meeting.objects.filter(
        state=MeetingState.NOTICED, starts_at__gt=now, replies__state=ReplyState.WAITING
    ).distinct()
    rows = open_notices.select_related("alliance__organisation").defer("paper", "minutes_paper")
    return sweeps.each(rows.order_by("pk"), follow_one)


def _press(meeting: Meeting, due: date, today: date, office: Office) -> list[str]:
    day = f"{due.month}月{due.day}日"
    if today <= due:
        # The notice itself was a message of its day.
        if office.days.add(due, -1) <= today and meeting.noticed_at.astimezone(clock.ZONE).date() < today:
            _queue(meeting, REMIND, f"请于{day}前回复{meeting.title}通知单")
        return []
    lines = []
    if meeting.nudged_at is None and _stamp(meeting, "nudged_at", "rotation.meeting.nudge"):
        _queue(meeting, NUDGE, f"催办：{meeting.title}通知单已过回执期限，请尽快回复")
        lines.append(f"催办{meeting.title}回执")
    escalate_on = office.days.add(due, 1 + office.settings.escalate_after)
    if (
        meeting.escalated_at is None
        and today >= escalate_on
        and _stamp(meeting, "escalated_at", "rotation.meeting.escalate")
    ):
        silent = Reply.objects.filter(meeting=meeting, state=ReplyState.WAITING)
        names = "、".join(silent.order_by("member_id").values_list("member__unit__name", flat=True))
        digests.queue(
            can_lead_alliance.holders(meeting.alliance),
            kind=ESCALATE,
            object_id=meeting.pk,
            text=f"报书记：{meeting.title}，{names}仍未回复",
            path=reads.path_of(meeting),
            alliance=meeting.alliance,
        )
        lines.append(f"{meeting.title}回执报书记")
    return lines


def _stamp(meeting: Meeting, field: str, action: str) -> bool:
    """Set a time once: the process whose UPDATE hits has done it, any other has not."""
    with transaction.atomic():
        hit = Meeting.objects.filter(pk=meeting.pk, state=MeetingState.NOTICED, **{field: None}).update(
            **{field: clock.now()}
        )
        if hit:
            audit.record(action, meeting, actor=None)
    return bool(hit)


def _queue(meeting: Meeting, kind: str, text: str) -> None:
    silent = Reply.objects.filter(meeting=meeting, state=ReplyState.WAITING)
    for reply in silent.select_related("meeting__alliance__organisation"):
        digests.queue(
            policies.can_answer_reply.holders(reply),
            kind=kind,
            object_id=reply.pk,
            text=text,
            path=reads.path_of(meeting),
            alliance=meeting.alliance,
        )


def reply_still_due(object_id: int) -> bool:
    return Reply.objects.filter(
        pk=object_id, state=ReplyState.WAITING, meeting__state=MeetingState.NOTICED
    ).exists()


def replies_still_due(object_id: int) -> bool:
    """Whether anybody invited to the meeting is still silent."""
    return Meeting.objects.filter(
        pk=object_id, state=MeetingState.NOTICED, replies__state=ReplyState.WAITING
    ).exists()
