"""The clock of a month after its slip: notice, seminar and activity are called to mind, nudged, told the secretary."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from alliances import clock
from alliances.enums import Role
from alliances.models import Person
from alliances.policies import can_lead_alliance
from alliances.selectors import directory
from alliances.services import audit, digests, sweeps
from rotation.enums import MonthStep, PlanState, SlipState
from rotation.models import Slip, StepMark
from rotation.selectors import activities, meetings, month, tables
from rotation.selectors.deadlines import Office

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
    today = clock.local(now).date()
    offices: dict[int, Office] = {}
    rows = (
        Slip.objects.filter(duty__plan__state=PlanState.PASSED, is_late=False, notice_by__isnull=False)
        .filter(duty__ends_on__gte=today - PRESSED_FOR)
        .exclude(state=SlipState.WITHDRAWN)
        .select_related("duty__plan", "duty__alliance", "alliance__organisation")
        .defer("paper")
        .order_by("pk")
    )

    def follow_one(slip: Slip) -> list[str]:
        if not digests.in_working_hours(slip.alliance, now):
            return []
        office = offices.get(slip.alliance_id) or Office(slip.alliance.organisation)
        offices[slip.alliance_id] = office
        return [
            line
            for item in owed_of(slip)
            if item.has_begun and not item.is_done and item.due is not None
            for line in _press(slip, item.step, item.due, today, office)
        ]

    return sweeps.each(rows, follow_one)


def owed_of(slip: Slip) -> list[month.Owed]:
    """What the month of ``slip`` owes, read now."""
    held = slip.duty.activities.filter(state__in=activities.HAPPENED)
    return month.owed(slip, meetings.seminar_of(slip.duty), list(held))


def _press(slip: Slip, step: str, due: date, today: date, office: Office) -> list[str]:
    what = WORDS[MonthStep(step)].format(month=f"{slip.duty.month}月")
    if today <= due:
        if office.days.add(due, -1) <= today:
            _queue(slip, REMIND[step], f"请于{due.month}月{due.day}日前{what}", _lead(slip))
        return []
    lines = []
    if mark_once(slip, step, "nudged_at", "rotation.step.nudge"):
        _queue(slip, NUDGE[step], f"催办：{what}已过时限，请尽快办理", _lead(slip))
        lines.append(f"催办{slip.alliance.name}：{what}")
    escalate_on = office.days.add(due, 1 + office.settings.escalate_after)
    if today >= escalate_on and mark_once(slip, step, "escalated_at", "rotation.step.escalate"):
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
    return slip is not None and any(item.step == step and not item.is_done for item in owed_of(slip))


def notice_still_due(object_id: int) -> bool:
    return _still_due(MonthStep.NOTICE, object_id)


def seminar_still_due(object_id: int) -> bool:
    return _still_due(MonthStep.SEMINAR, object_id)


def activity_still_due(object_id: int) -> bool:
    return _still_due(MonthStep.ACTIVITY, object_id)
