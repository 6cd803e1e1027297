"""One page for any month: the whole chain from the slip to the comment, and who holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.registry import ChainStep, MonthPart, MonthView, month_parts, registries
from rotation import policies
from rotation.enums import ActivityState, MeetingState, MonthStep, ReplyState, SlipState
from rotation.models import Activity, Duty, Meeting, Reply, Slip
from rotation.selectors import activities, ledgers, meetings, tables
from rotation.selectors.deadlines import LABELS, Office

# The app whose own steps take the place of the dates that the slip prints for them.
LATER_STEPS = "evaluations"
HELD = (MeetingState.HELD, MeetingState.MINUTED)


def path_of(duty: Duty) -> str:
    """The Month page."""
    return f"/month/{duty.alliance.code}/{duty.plan.year}/{duty.month}/"


def chain(user: Any, duty: Duty) -> list[ChainStep]:
    """Every step of the month in order, from whichever app it comes, as ``user`` may see it."""
    view = MonthView(user, duty.alliance, duty.plan.year, duty.month)
    return [step for part in month_parts(view) for step in part.steps]


# --- what is owed -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Owed:
    """A step after the slip: by when, and whether it is done. ``due`` None: nothing says by when."""

    step: str
    due: date | None
    is_done: bool
    has_begun: bool


def owed(slip: Slip, meeting: Meeting | None, held: list[Activity]) -> list[Owed]:
    """Notice, seminar and activity of a slip's month. Dates are those stored when each step began: by the first
    receipt, by the notice, by the slip; a seminar held after the activity's date carries the activity with it.

    ``held`` are the month's activities that have taken place.
    """
    is_noticed = meeting is not None and meeting.state not in (MeetingState.PLANNED, MeetingState.CANCELLED)
    is_held = meeting is not None and meeting.state in HELD
    activity_by = _printed(slip, "activity_by")
    if activity_by and is_held and meeting and meeting.held_on:
        activity_by = max(activity_by, meeting.held_on)
    seminar_by = meeting.due_on if meeting and is_noticed else None
    return [
        Owed(MonthStep.NOTICE, notice_by(slip), is_noticed, slip.notice_by is not None),
        Owed(MonthStep.SEMINAR, seminar_by or _printed(slip, "seminar_by"), is_held, is_noticed),
        Owed(MonthStep.ACTIVITY, activity_by, bool(held), slip.notice_by is not None),
    ]


def notice_by(slip: Slip) -> date | None:
    return slip.notice_by or _printed(slip, "notice_by")


def _printed(slip: Slip, key: str) -> date | None:
    text = slip.deadlines.get(key)
    return date.fromisoformat(text) if text else None


# --- the rotation's own steps -------------------------------------------------------------------------------------


def part(view: MonthView) -> MonthPart:
    """Who is on duty by the passed table, and the rotation's own steps."""
    duty = duty_of(view)
    if duty is None or not (names := tables.chair_names(duty)):
        return MonthPart()
    words = f"{names}（集体轮值）" if len(duty.chairs.all()) > 1 else names
    slip = slip_of(view)
    view.found["activities"] = planned = list(_activities(duty))
    return MonthPart(words, own_steps(view.user, duty, slip, planned) if slip else _expected(duty))


def duty_of(view: MonthView) -> Duty | None:
    """The month's duty in a passed or closed plan, looked up once for all apps."""
    if "duty" not in view.found:
        slip = slip_of(view)
        view.found["duty"] = slip.duty if slip else tables.duty_in(view.alliance, view.year, view.month)
    return view.found["duty"]


def slip_of(view: MonthView) -> Slip | None:
    """The month's standing slip with its duty, looked up once for all apps."""
    if "slip" not in view.found:
        rows = ledgers.standing_slips(Slip.objects.filter(alliance=view.alliance))
        rows = rows.filter(duty__plan__year=view.year, duty__month=view.month)
        chairs = Prefetch("duty__chairs", queryset=tables.CHAIRS.queryset)
        slip = rows.prefetch_related(chairs).first()
        if slip is not None:
            slip.duty.alliance = view.alliance
        view.found["slip"] = slip
    return view.found["slip"]


def has_activities(view: MonthView) -> bool:
    """Whether the month has an activity that was not cancelled; as the rotation's own steps have found."""
    return bool(view.found.get("activities", True))


def own_steps(user: Any, duty: Duty, slip: Slip, planned: list[Activity]) -> list[ChainStep]:
    """Slip, receipt, notice, replies, seminar and the ``planned`` activities as they stand."""
    slip.alliance = duty.alliance
    rows = meetings.with_counts(Meeting.objects.filter(duty=duty)).exclude(state=MeetingState.CANCELLED)
    rows = rows.annotate(owes_reply=Exists(_silent(user, duty.alliance)))
    meeting = rows.select_related("convenor__unit").defer("paper", "minutes_paper").first()
    if meeting is not None:
        meeting.duty, meeting.alliance = duty, duty.alliance
    for activity in planned:
        activity.duty, activity.alliance = duty, duty.alliance
    dates = {
        item.step: item
        for item in owed(slip, meeting, [a for a in planned if a.state in activities.HAPPENED])
    }
    return [
        *_slip_steps(user, slip),
        _notice_step(user, duty, meeting, dates[MonthStep.NOTICE]),
        *([_replies_step(user, meeting)] if meeting and meeting.state != MeetingState.PLANNED else []),
        _seminar_step(user, duty, meeting, dates[MonthStep.SEMINAR]),
        *_activity_steps(user, duty, planned, dates[MonthStep.ACTIVITY]),
        *_later(slip),
    ]


def _activities(duty: Duty) -> QuerySet[Activity]:
    rows = Activity.objects.filter(duty=duty).exclude(state=ActivityState.CANCELLED)
    return activities.with_figures(rows).order_by("planned_on", "pk")


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _open_state(due: date | None, *, is_next: bool) -> str:
    if due is not None and due < clock.today():
        return "late"
    return "now" if is_next else "ahead"


def _latest(due: date | None) -> str:
    return f"最迟{_day(due)}" if due else ""


def _slip_steps(user: Any, slip: Slip) -> list[ChainStep]:
    sees = policies.can_read_slip(user, slip)
    issued = slip.issued_at.astimezone(clock.ZONE)
    receipts = list(slip.receipts.all())
    waiting = [receipt for receipt in receipts if receipt.signed_at is None]
    words = f"{len(receipts) - len(waiting)}/{len(receipts)} 家已签收"
    state = _open_state(slip.acknowledge_by, is_next=True)
    if slip.state == SlipState.ACKNOWLEDGED:
        state, words = "done", "均已签收" if len(receipts) > 1 else "已签收"
    elif slip.state == SlipState.UNACKNOWLEDGED:
        state, words = "late", "到期未签收"
    own = any(policies.can_acknowledge_receipt(user, _with_slip(receipt, slip)) for receipt in waiting)
    return [
        ChainStep(
            "提醒单",
            f"{_day(issued.date())}发出" + ("（补发）" if slip.is_late else ""),
            "done",
            url=f"/slips/{slip.pk}/" if sees else "",
            paper_url=f"/slips/{slip.pk}/paper.docx" if sees else "",
        ),
        ChainStep(
            "签收",
            words,
            state,
            due=slip.acknowledge_by.isoformat() if slip.acknowledge_by else "",
            url=f"/slips/{slip.pk}/" if sees else "",
            who="、".join(receipt.member.unit.name for receipt in waiting),
            action="签收" if own and slip.state == SlipState.ISSUED else "",
        ),
    ]


def _with_slip(receipt: Any, slip: Slip) -> Any:
    receipt.slip = slip
    return receipt


def _notice_step(user: Any, duty: Duty, meeting: Meeting | None, step: Owed) -> ChainStep:
    label = "研讨会通知单"
    if meeting is None or not step.is_done:
        return ChainStep(
            label,
            _latest(step.due) or "待发出",
            _open_state(step.due if step.has_begun else None, is_next=step.has_begun),
            due=step.due.isoformat() if step.due else "",
            url=meetings.path_of(meeting) if meeting else "",
            who=_lead_name(duty, meeting),
            action="写通知单" if meeting and policies.can_send_notice(user, meeting) else "",
        )
    noticed = meeting.noticed_at.astimezone(clock.ZONE).date() if meeting.noticed_at else clock.today()
    return ChainStep(
        label,
        f"{_day(noticed)}发出",
        "done",
        due=step.due.isoformat() if step.due else "",
        url=meetings.path_of(meeting),
        paper_url=meetings.paper_path(meeting, "notice"),
    )


def _lead_name(duty: Duty, meeting: Meeting | None) -> str:
    if meeting is not None and meeting.convenor is not None:
        return meeting.convenor.unit.name
    chairs = list(duty.chairs.all())
    return chairs[0].member.unit.name if chairs else ""


def _replies_step(user: Any, meeting: Any) -> ChainStep:
    """``meeting`` carries the counts of ``with_counts`` and ``owes_reply``."""
    silent = meeting.invited - meeting.answered
    is_over = meeting.state in HELD or not silent
    may_answer = not is_over and meeting.owes_reply
    return ChainStep(
        "回执",
        f"{meeting.answered}/{meeting.invited} 家已回复",
        "done" if is_over else _open_state(meeting.reply_by, is_next=True),
        due=meeting.reply_by.isoformat() if meeting.reply_by else "",
        url=meetings.path_of(meeting),
        who="" if is_over else f"{silent} 家单位",
        action="回复" if may_answer else "",
        paper_url=meetings.paper_path(meeting, "replies") if policies.can_read_replies(user, meeting) else "",
    )


def _silent(user: Any, alliance: Alliance) -> QuerySet[Reply]:
    """Replies to a meeting that units still owe which ``user`` is liaison of."""
    own = [
        a.member_id
        for a in getattr(user, "current_appointments", [])
        if a.role == Role.LIAISON and a.member.alliance_id == alliance.pk
    ]
    return Reply.objects.filter(meeting=OuterRef("pk"), state=ReplyState.WAITING, member_id__in=own)


def _seminar_step(user: Any, duty: Duty, meeting: Meeting | None, step: Owed) -> ChainStep:
    due = step.due.isoformat() if step.due else ""
    if meeting is None or not step.is_done:
        words = _latest(step.due) or "待召开"
        action = ""
        if meeting is not None and meeting.starts_at is not None and meeting.state == MeetingState.NOTICED:
            local = clock.local(meeting.starts_at)
            words = f"定于{_day(local.date())}{local.hour}:{local.minute:02d}，{meeting.place}"
            if local.date() <= clock.today() and policies.can_hold_meeting(user, meeting):
                action = "登记到会"
        return ChainStep(
            "研讨会",
            words,
            _open_state(step.due if step.has_begun else None, is_next=step.has_begun),
            due=due,
            url=meetings.path_of(meeting) if meeting else "",
            who=_lead_name(duty, meeting),
            action=action,
        )
    is_minuted = meeting.state == MeetingState.MINUTED
    held = _day(meeting.held_on) if meeting.held_on else ""
    may_write = not is_minuted and policies.can_write_minutes(user, meeting)
    return ChainStep(
        "研讨会",
        f"{held}召开，{getattr(meeting, 'came', 0)} 家到会" + ("" if is_minuted else "，纪要待写"),
        "done",
        due=due,
        url=meetings.path_of(meeting),
        who="" if is_minuted else _lead_name(duty, meeting),
        action="写纪要" if may_write else "",
        paper_url=meetings.paper_path(meeting, "minutes") if is_minuted else "",
    )


def _activity_steps(user: Any, duty: Duty, planned: list[Activity], step: Owed) -> list[ChainStep]:
    due = step.due.isoformat() if step.due else ""
    chairs = tables.chair_names(duty)
    if not planned:
        return [
            ChainStep(
                "活动",
                f"还没有安排，{_latest(step.due)}" if step.due else "还没有安排",
                _open_state(step.due if step.has_begun else None, is_next=step.has_begun),
                due=due,
                who=chairs,
                action="安排活动" if policies.can_plan_in_duty(user, duty) else "",
                url=f"/activities/new/?duty={duty.pk}" if policies.can_plan_in_duty(user, duty) else "",
            )
        ]
    return [_activity_step(user, activity, step, due, chairs) for activity in planned]


def _activity_step(user: Any, activity: Any, step: Owed, due: str, chairs: str) -> ChainStep:
    """``activity`` carries the figures of ``with_figures``."""
    may = policies.can_lead_activity(user, activity)
    title = f"活动：{activity.title}"
    url = activities.path_of(activity)
    if activity.state == ActivityState.PLANNED:
        # A date of its own; late only when nothing of the month has been held by the month's date.
        state = _open_state(None if step.is_done else step.due, is_next=step.has_begun)
        if state != "late" and activity.planned_on < clock.today():
            state = "now"
        return ChainStep(
            title,
            f"定于{_day(activity.planned_on)}，{activity.units} 家参加",
            state,
            due=due,
            url=url,
            who=chairs,
            action="登记举办" if may and activity.planned_on <= clock.today() else "",
        )
    is_recorded = activity.state == ActivityState.RECORDED
    units = f"{activity.chairs}+{activity.units - activity.chairs} 家"
    return ChainStep(
        title,
        f"{_day(activity.held_on)}举办，{units}" + ("" if is_recorded else "，待记录"),
        "done" if is_recorded else "now",
        due=due,
        url=url,
        who="" if is_recorded else chairs,
        action="填写记录" if may and not is_recorded else "",
        paper_url=f"{url}record.docx" if is_recorded else "",
    )


def _later(slip: Slip) -> list[ChainStep]:
    """Scoring and feedback with the dates the slip prints, until the app that has them brings its own steps."""
    if LATER_STEPS in registries.month_steps:
        return []
    return [
        ChainStep(LABELS[key], _latest(due), "ahead", due=due.isoformat())
        for key in ("scoring_by", "feedback_by")
        if (due := _printed(slip, key))
    ]


def _expected(duty: Duty) -> list[ChainStep]:
    moment = Office(duty.alliance.organisation).issue_moment(duty)
    return [ChainStep("提醒单", f"{_day(moment.date())} 08:30 发出", "ahead", due=moment.date().isoformat())]
