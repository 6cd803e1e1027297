"""What meetings, tasks and activities lay on a person's desk. Few queries: the desk shows every app's lines at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, Subquery, When

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.registry import DeskLine
from alliances.selectors import directory
from rotation import policies
from rotation.enums import ActivityState, MeetingState, MonthStep, SlipState
from rotation.models import Activity, Duty, DutyChair, Meeting, Participation, Slip, StepMark
from rotation.selectors import activities, meetings, month

UNDER_WAY = (MeetingState.PLANNED, MeetingState.NOTICED, MeetingState.HELD)


def desk_lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """Everything of the month after its slip that is the user's to do, or waits for others, in ``alliance``."""
    if alliance is None:
        return []
    own = [m.pk for m in directory.own_members(user, alliance)] if user.holds(Role.LIAISON) else []
    runs = policies.can_call_meeting(user, alliance)
    if not own and not runs:
        return []
    rows = _meetings(alliance, own)
    found = _meeting_lines([m for m in rows if m.state in UNDER_WAY], own, runs)
    found += _activity_lines(alliance, own, runs) + [_to_plan(m.duty) for m in rows if m.wants_activity]
    found += _task_lines(alliance, own, runs)
    if own:
        found += _to_reply(own)
    if runs:
        found += _escalated(alliance)
    return found


def _words(due: date | None) -> tuple[str, str, bool]:
    """State, tone and whether it is late."""
    if due is None:
        return "", "", False
    day = f"{due.month}月{due.day}日"
    late = due < clock.today()
    return (f"{day}已过期", "late", True) if late else (f"{day}前", "wait", False)


def _line(
    title: str, url: str, action: str, due: date | None, *, detail: str = "", urgency: int = 12
) -> DeskLine:
    state, tone, late = _words(due)
    return DeskLine(title, url, action, detail, state, tone, urgency=urgency - 5 if late else urgency)


# --- meetings -----------------------------------------------------------------------------------------------------


def _meetings(alliance: Alliance, own: list[int]) -> list[Any]:
    """Meetings under way with their counts, the notice's last day as the standing slip has it; and of the months of
    ``own`` units the seminars that have been held and ``wants_activity``, because nothing has been planned."""
    planned = Activity.objects.filter(duty=OuterRef("duty")).exclude(state=ActivityState.CANCELLED)
    chairs = DutyChair.objects.filter(duty=OuterRef("duty"), member_id__in=own)
    wanting = Q(state__in=month.HELD, duty__ends_on__gte=clock.today()) & Exists(chairs) & ~Exists(planned)
    slips = Slip.objects.filter(duty=OuterRef("duty")).exclude(state=SlipState.WITHDRAWN)
    rows = Meeting.objects.filter(Q(state__in=UNDER_WAY) | wanting, alliance=alliance)
    found: list[Any] = list(
        meetings.with_counts(rows)
        .annotate(
            wants_activity=Case(When(wanting, then=True), default=False, output_field=BooleanField()),
            begun_notice_by=Subquery(slips.values("notice_by")[:1]),
            printed=Subquery(slips.values("deadlines")[:1]),
        )
        .select_related("convenor__unit", "duty")
        .defer("paper", "minutes_paper")
        .order_by("starts_at", "pk")
    )
    for meeting in found:
        slip = Slip(notice_by=meeting.begun_notice_by, deadlines=meeting.printed or {})
        meeting.notice_due = month.notice_by(slip)
    return found


def _meeting_lines(rows: list[Any], own: list[int], runs: bool) -> list[DeskLine]:
    found = []
    for meeting in rows:
        mine = meeting.convenor_id in own or (runs and meeting.convenor_id is None)
        if mine:
            found.append(_own_meeting(meeting))
        elif runs:
            found.append(_others_meeting(meeting))
    return found


def _own_meeting(meeting: Any) -> DeskLine:
    url = meetings.path_of(meeting)
    if meeting.state == MeetingState.PLANNED:
        return _line(f"发出{meeting.title}通知单", url, "写通知单", meeting.notice_due)
    if meeting.state == MeetingState.HELD:
        return _line(
            f"写{meeting.title}纪要", url, "写纪要", None, detail="议定了什么，谁在什么时候前办", urgency=18
        )
    local = clock.local(meeting.starts_at)
    counts = f"{meeting.answered}/{meeting.invited} 家已回复"
    if local <= clock.now():
        return _line(f"登记{meeting.title}到会情况", url, "登记到会", None, detail=counts)
    return DeskLine(
        meeting.title,
        url,
        "查看回执",
        counts,
        f"{local.month}月{local.day}日{local.hour}:{local.minute:02d}",
        "wait",
        urgency=45,
    )


def _others_meeting(meeting: Any) -> DeskLine:
    """What waits for a unit, as the community sees it."""
    unit = meeting.convenor.unit.name if meeting.convenor else ""
    url = meetings.path_of(meeting)
    if meeting.state == MeetingState.PLANNED:
        state, tone, _ = _words(meeting.notice_due)
        return DeskLine(
            f"等{unit}发出{meeting.title}通知单",
            url,
            "查看，可代录",
            state=state,
            tone=tone,
            waiting_for_others=True,
        )
    if meeting.state == MeetingState.HELD:
        return DeskLine(f"等{unit}写{meeting.title}纪要", url, "查看，可代写", waiting_for_others=True)
    late = meeting.due_on is not None and meeting.due_on < clock.today()
    local = clock.local(meeting.starts_at)
    return DeskLine(
        f"{meeting.title}：{meeting.answered}/{meeting.invited} 家已回复",
        url,
        "查看，可代录",
        state=f"{local.month}月{local.day}日召开",
        tone="late" if late else "wait",
        waiting_for_others=True,
    )


def _to_reply(own: list[int]) -> list[DeskLine]:
    return [
        _line(
            f"回复{reply.meeting.title}通知单",
            meetings.path_of(reply.meeting),
            "回复",
            reply.meeting.reply_by,
            detail=f"{reply.member.unit.name} · 谁参加，征求到的意见建议",
        )
        for reply in meetings.waiting_replies(own)
    ]


def _task_lines(alliance: Alliance, own: list[int], runs: bool) -> list[DeskLine]:
    found = []
    for task in meetings.open_tasks(alliance):
        mine = task.member_id in own or (runs and task.member_id is None)
        if not mine and not runs:
            continue
        unit = task.member.unit.name if task.member else ""
        state, tone, late = _words(task.due_on)
        found.append(
            DeskLine(
                task.text if mine else f"{unit}：{task.text}",
                f"/meetings/{task.meeting_id}/",
                "报办理情况" if mine else "查看",
                f"{task.meeting.title}议定",
                state,
                tone,
                urgency=10 if late else 28,
                waiting_for_others=not mine,
            )
        )
    return found


# --- activities ---------------------------------------------------------------------------------------------------


def _activity_lines(alliance: Alliance, own: list[int], runs: bool) -> list[DeskLine]:
    """Own planned activities whose day has come, held ones without record, and a month that has none yet."""
    own_parts = Participation.objects.filter(activity=OuterRef("pk"), member_id__in=own)
    rows = Activity.objects.filter(alliance=alliance, state__in=[ActivityState.PLANNED, ActivityState.HELD])
    rows = rows.annotate(is_own=Exists(own_parts.filter(is_chair=True)), takes_part=Exists(own_parts))
    found = []
    for activity in rows.order_by("planned_on", "pk"):
        mine = activity.is_own or (runs and activity.duty_id is None)
        url = activities.path_of(activity)
        if mine and activity.state == ActivityState.HELD:
            found.append(_line(f"填写活动记录：{activity.title}", url, "填写记录", None, urgency=18))
        elif mine and activity.planned_on <= clock.today():
            found.append(
                _line(f"登记活动举办：{activity.title}", url, "登记举办", activity.planned_on, urgency=16)
            )
        elif own and not activity.takes_part and activity.state == ActivityState.PLANNED:
            found += _to_join(activity)
    return found


def _to_plan(duty: Duty) -> DeskLine:
    """The seminar has been held and its month has no activity."""
    return _line(
        f"安排{duty.month}月共建活动", f"/activities/new/?duty={duty.pk}", "安排活动", None, urgency=14
    )


def _to_join(activity: Activity) -> list[DeskLine]:
    """The other units are asked until the day is over."""
    if activity.planned_on < clock.today():
        return []
    return [
        DeskLine(
            f"是否参加：{activity.title}",
            activities.path_of(activity),
            "回复",
            activity.place,
            f"{activity.planned_on.month}月{activity.planned_on.day}日",
            "wait",
            urgency=35,
        )
    ]


# --- told to the secretary ----------------------------------------------------------------------------------------


def _escalated(alliance: Alliance) -> list[DeskLine]:
    """Steps reported to the secretary that are still not done."""
    seminars = Meeting.objects.filter(duty=OuterRef("slip__duty"))
    held = Activity.objects.filter(duty=OuterRef("slip__duty"), state__in=activities.HAPPENED)
    marks = (
        StepMark.objects.filter(
            slip__alliance=alliance, escalated_at__isnull=False, slip__duty__ends_on__gte=clock.today()
        )
        .exclude(slip__state=SlipState.WITHDRAWN)
        .exclude(
            Q(Exists(seminars.filter(state__in=(MeetingState.NOTICED, *month.HELD))), step=MonthStep.NOTICE)
            | Q(Exists(seminars.filter(state__in=month.HELD)), step=MonthStep.SEMINAR)
            | Q(Exists(held), step=MonthStep.ACTIVITY)
        )
        .filter(step__in=MonthStep.values)
        .select_related("slip__duty__plan", "slip__duty__alliance")
        .defer("slip__paper")
        .order_by("pk")
    )
    return [_escalated_line(mark) for mark in marks]


def _escalated_line(mark: StepMark) -> DeskLine:
    nudged = f"{clock.local(mark.nudged_at):%-m月%-d日}已催办" if mark.nudged_at else ""
    duty = mark.slip.duty
    return DeskLine(
        f"{duty.month}月仍未{MonthStep(mark.step).label}",
        month.path_of(duty),
        "查看本月进度",
        nudged,
        "已报书记",
        "late",
        urgency=8,
    )


# --- a change of liaison ------------------------------------------------------------------------------------------


def hand_over_tasks(member: Any) -> list[str]:
    """What a new liaison of ``member`` takes over from meetings and activities."""
    own = [member.pk]
    calls = Meeting.objects.filter(convenor=member, state__in=UNDER_WAY).order_by("pk")
    words = {
        MeetingState.PLANNED: "发出{}通知单",
        MeetingState.NOTICED: "召开{}并登记到会",
        MeetingState.HELD: "写{}纪要",
    }
    tasks = [words[MeetingState(meeting.state)].format(meeting.title) for meeting in calls]
    tasks += [f"回复{reply.meeting.title}通知单" for reply in meetings.waiting_replies(own)]
    tasks += [f"办理{task.text}" for task in meetings.open_tasks(members=own)]
    led = Activity.objects.filter(
        state__in=[ActivityState.PLANNED, ActivityState.HELD],
        participations__member=member,
        participations__is_chair=True,
    )
    return tasks + [f"举办并记录{activity.title}" for activity in led.order_by("planned_on", "pk")]
