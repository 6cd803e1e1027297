"""What a filed swap does to the rest of the month: its seminar gets another convenor or another time, its planned
activities other chairs, another month or another day. Part of the filing's own transaction."""

from __future__ import annotations

from datetime import date, timedelta

from alliances import clock
from alliances.calendars import Month
from alliances.models import User
from alliances.services import audit, outbox
from rotation import policies
from rotation.enums import ActivityState, MeetingState, SwapKind
from rotation.models import Activity, Duty, Meeting, Participation, Swap
from rotation.selectors import meetings as reads
from rotation.selectors import tables
from rotation.selectors.papers import day_text
from rotation.selectors.papers_meeting import moment_text
from rotation.services import activities, meetings


def follow(swap: Swap, duties: list[Duty], *, actor: User) -> None:
    """Call it after chairs, themes and dates of ``duties`` are written, before their slips are issued anew."""
    if swap.kind == SwapKind.POSTPONE:
        for duty in duties:
            _postpone(swap, duty, actor)
        return
    for duty in duties:
        _change_convenor(swap, duty, actor)
    if swap.kind == SwapKind.SWAP and swap.with_theme and len(duties) == 2:
        _exchange_activities(swap, duties, actor)
    for duty in duties:
        for activity in Activity.objects.filter(duty=duty, state=ActivityState.PLANNED):
            _change_chairs(activity, duty)


def _open_seminar(duty: Duty) -> Meeting | None:
    meeting = reads.seminar_of(duty)
    return meeting if meeting and meeting.state in reads.OPEN_STATES else None


def _change_convenor(swap: Swap, duty: Duty, actor: User) -> None:
    """The lead of the month calls its seminar; those already invited are told who does so now."""
    meeting = _open_seminar(duty)
    lead = next(iter(duty.chairs.select_related("member__unit").order_by("order", "pk")), None)
    if meeting is None or lead is None or meeting.convenor_id == lead.member_id:
        return
    Meeting.objects.filter(pk=meeting.pk).update(convenor=lead.member)
    meeting.convenor = lead.member
    audit.record("rotation.meeting.reassign", meeting, actor=actor, data={"member": lead.member_id})
    if meeting.state != MeetingState.NOTICED:
        return
    meetings.host_attends(meeting)
    outbox.post(
        policies.can_answer_notice.holders(meeting),
        kind="rotation.meeting.reassigned",
        subject=f"{meeting.title}改由{lead.member.unit.name}召集",
        body=(
            f"因轮值调整，{meeting.title}改由{tables.chair_names(duty)}召集，"
            f"时间、地点不变：{moment_text(meeting.starts_at)}，{meeting.place}。"
        ),
        path=reads.path_of(meeting),
        dedupe_key=f"rotation.meeting.reassigned:{meeting.pk}:{swap.pk}",
        alliance=meeting.alliance,
    )


def _change_chairs(activity: Activity, duty: Duty) -> None:
    """The units on duty are the X of what is still planned; a unit that is no longer on duty leaves it."""
    chairs = set(duty.chairs.values_list("member_id", flat=True))
    rows = Participation.objects.filter(activity=activity)
    rows.filter(is_chair=True).exclude(member_id__in=chairs).delete()
    for member_id in sorted(chairs):
        Participation.objects.update_or_create(
            activity=activity, member_id=member_id, defaults={"is_chair": True}
        )


def _exchange_activities(swap: Swap, duties: list[Duty], actor: User) -> None:
    """With the theme goes what was planned for it: to the other month, on the same day of it where there is one."""
    planned = {
        duty.pk: list(Activity.objects.filter(duty=duty, state=ActivityState.PLANNED)) for duty in duties
    }
    first, second = duties
    for duty, other in ((first, second), (second, first)):
        for activity in planned[duty.pk]:
            _move(activity, other, _same_day_in(other, activity.planned_on), swap, actor)


def _same_day_in(duty: Duty, day: date) -> date:
    period = Month(duty.plan.year, duty.month)
    moved = period.start + timedelta(days=min(day.day, period.end.day) - 1)
    return min(max(moved, clock.today()), duty.ends_on)


def _postpone(swap: Swap, duty: Duty, actor: User) -> None:
    """The seminar is called off and planned anew; planned activities move on by as many days as the month did."""
    meeting = _open_seminar(duty)
    if meeting and meeting.state == MeetingState.NOTICED and (meeting.starts_at or clock.now()) > clock.now():
        until = swap.until or duty.ends_on
        meetings.cancel(meeting, reason=f"{duty.month}月轮值顺延至{day_text(until)}，另行通知", actor=actor)
    shift = duty.ends_on - swap.duty.ends_on  # the swap still knows the month as it was
    for activity in Activity.objects.filter(duty=duty, state=ActivityState.PLANNED):
        _move(activity, duty, min(activity.planned_on + shift, duty.ends_on), swap, actor)


def _move(activity: Activity, duty: Duty, day: date, swap: Swap, actor: User) -> None:
    if activity.duty_id == duty.pk and activity.planned_on == day:
        return
    Activity.objects.filter(pk=activity.pk).update(duty=duty, planned_on=day)
    activity.duty, activity.planned_on = duty, day
    audit.record("rotation.activity.move", activity, actor=actor, data={"swap": swap.pk, "duty": duty.pk})
    activities.tell_participants(
        activity,
        kind="rotation.activity.moved",
        subject=f"活动改期：{activity.title}",
        body=f"因轮值调整，“{activity.title}”改到{day_text(day)}。",
        key=f"swap-{swap.pk}",
    )
