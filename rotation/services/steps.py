"""The clock of a month after its slip: notice, seminar and activity are called to mind, nudged, told the secretary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from alliances import clock
from alliances.enums import Role
from alliances.models import Person
from alliances.policies import can_lead_alliance
from alliances.selectors import directory
from alliances.services import audit, digests, sweeps
from rotation.enums import MeetingState, MonthStep, PlanState, SlipState
from rotation.models import Activity, Meeting, Slip, StepMark
from rotation.selectors import activities, month, tables
from rotation.selectors.deadlines import Office, Offices

REMIND = {step: f"rotation.{step}.remind" for step in MonthStep.values}
NUDGE = {step: f"rotation.{step}.nudge" for step in MonthStep.values}
ESCALATE = {step: f"rotation.{step}.escalate" for step in MonthStep.values}
WORDS = {
    MonthStep.NOTICE: "发出{month}研讨会通知单",
    MonthStep.SEMINAR: "召开{month}研讨会",
    MonthStep.ACTIVITY: "举办{month}共建活动",
}
# A month that ended so long ago is no longer pressed; what it lacks stays on its page.
PRESSED_FOR = timedelta(days=60)


def follow_up(now: datetime) -> list[str]:
    """Sweep: what the chair of each month owes by now. Slips issued late start no deadlines and are left alone."""
    if not digests.in_hours(now):
        return []
    today = clock.local(now).date()
    offices = Offices()
    rows = (
        Slip.objects.filter(duty__plan__state=PlanState.PASSED, is_late=False, notice_by__isnull=False)
        .filter(duty__ends_on__gte=today - PRESSED_FOR)
        .exclude(state=SlipState.WITHDRAWN)
        .select_related("duty__plan", "duty__alliance", "alliance__organisation")
        .prefetch_related("marks")
        .defer("paper")
        .order_by("pk")
    )
    slips = list(rows)
    owed = owed_by(slips)

    def follow_one(slip: Slip) -> list[str]:
        open_steps = [item for item in owed[slip.pk] if item.has_begun and not item.is_done and item.due]
        office = offices.of(slip.alliance)
        if not open_steps or not digests.is_working_day(office.days, now):
            return []
        return [
            line
            for item in open_steps
            if item.due is not None
            for line in _press(slip, item.step, item.due, today, office)
        ]

    return sweeps.each(slips, follow_one)


def owed_by(slips: Sequence[Slip]) -> dict[int, list[month.Owed]]:
    """What the months of ``slips`` owe, read now by two queries: slip id → steps."""
    duties = [slip.duty_id for slip in slips]
    standing = Meeting.objects.filter(duty__in=duties).exclude(state=MeetingState.CANCELLED)
    seminars = {meeting.duty_id: meeting for meeting in standing.only("duty", "state", "held_on", "due_on")}
    held: dict[int, list[Activity]] = defaultdict(list)
    happened = Activity.objects.filter(duty__in=duties, state__in=activities.HAPPENED)
    for activity in happened.only("duty", "state"):
        if activity.duty_id is not None:
            held[activity.duty_id].append(activity)
    return {slip.pk: month.owed(slip, seminars.get(slip.duty_id), held[slip.duty_id]) for slip in slips}


def _press(slip: Slip, step: str, due: date, today: date, office: Office) -> list[str]:
    what = WORDS[MonthStep(step)].format(month=f"{slip.duty.month}月")
    if today <= due:
        if office.days.add(due, -1) <= today:
            _queue(slip, REMIND[step], f"请于{due.month}月{due.day}日前{what}", _lead(slip))
        return []
    lines = []
    said = next((mark for mark in slip.marks.all() if mark.step == step), None)
    if (said is None or said.nudged_at is None) and mark_once(slip, step, "nudged_at", "rotation.step.nudge"):
        _queue(slip, NUDGE[step], f"催办：{what}已过时限，请尽快办理", _lead(slip))
        lines.append(f"催办{slip.alliance.name}：{what}")
    escalate_on = office.days.add(due, 1 + office.settings.escalate_after)
    told = said is not None and said.escalated_at is not None
    if today >= escalate_on and not told and mark_once(slip, step, "escalated_at", "rotation.step.escalate"):
        text = f"报书记：{tables.chair_names(slip.duty)}仍未{what}"
        _queue(slip, ESCALATE[step], text, can_lead_alliance.holders(slip.alliance))
        lines.append(f"{slip.alliance.name}报书记：{what}")
    return lines


def mark_once(slip: Slip, step: str, field: str, action: str) -> bool:
    """Set ``nudged_at`` or ``escalated_at`` of a step once; True for the one process that did. ``action`` is the log
    code. Apps with later steps of the month use it with step names of their own."""
    with transaction.atomic():
        mark, _ = StepMark.objects.get_or_create(slip=slip, step=step)
        hit = StepMark.objects.filter(pk=mark.pk, **{field: None}).update(**{field: clock.now()})
        if hit:
            audit.record(action, slip, actor=None, data={"step": step})
    return bool(hit)


def _lead(slip: Slip) -> list[Person]:
    """The liaison of the lead unit: the one who can act."""
    chairs = list(slip.duty.chairs.select_related("member__unit").order_by("order", "pk"))
    post = directory.holder(chairs[0].member, Role.LIAISON) if chairs else None
    return [post.person] if post else []


def _queue(slip: Slip, kind: str, text: str, people: list[Person]) -> None:
    digests.queue(
        people,
        kind=kind,
        object_id=slip.pk,
        text=text,
        path=month.path_of(slip.duty),
        alliance=slip.alliance,
    )


def _still_due(step: str, object_id: int) -> bool:
    slip = (
        Slip.objects.filter(pk=object_id)
        .exclude(state=SlipState.WITHDRAWN)
        .select_related("duty__plan", "duty__alliance")
        .first()
    )
    return slip is not None and any(
        item.step == step and not item.is_done for item in owed_by([slip])[slip.pk]
    )


def notice_still_due(object_id: int) -> bool:
    return _still_due(MonthStep.NOTICE, object_id)


def seminar_still_due(object_id: int) -> bool:
    return _still_due(MonthStep.SEMINAR, object_id)


def activity_still_due(object_id: int) -> bool:
    return _still_due(MonthStep.ACTIVITY, object_id)
