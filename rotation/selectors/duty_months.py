"""Duty months with the days of their steps, and the list of them that the quarter's figures lead to.

A duty, its slip and its steps belong to the month of the plan, also when it was postponed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from alliances import clock
from alliances.calendars import Month
from alliances.models import Alliance
from alliances.selectors import periods
from alliances.selectors.periods import Period
from rotation.enums import MeetingState, MonthStep, SlipState
from rotation.models import Activity, Duty, Meeting, Slip
from rotation.selectors import activities, month, tables
from rotation.selectors.asked import HELD

SLIP = "slip"
STEPS = {
    SLIP: "签收提醒单",
    MonthStep.NOTICE.value: "发出研讨会通知单",
    MonthStep.SEMINAR.value: "召开研讨会",
    MonthStep.ACTIVITY.value: "举办活动",
}
DUE, IN_TIME, LATE = "due", "in_time", "late"
STATES = {DUE: "已完成或到期的", IN_TIME: "按时完成的", LATE: "超期的"}


@dataclass(frozen=True)
class Step:
    """A step of a duty month: when it was due and done. ``in_time`` is None where nothing says by when."""

    key: str
    due: date | None
    done: date | None

    @property
    def in_time(self) -> bool | None:
        if self.due is None:
            return None
        return self.done is not None and self.done <= self.due

    def is_late(self, day: date) -> bool:
        """Whether on ``day`` it was past its date, or has been done past it."""
        return self.in_time is False and (self.done is not None or (self.due is not None and self.due < day))


@dataclass(frozen=True)
class DutyRecord:
    """A duty month: ``chairs`` (member id, unit name) with the lead first; ``steps`` by key: ``slip`` (acknowledging) and those
    of ``MonthStep``; empty where no slip went out (imported past years)."""

    id: int
    year: int
    month: int
    mode: str
    theme: str
    chairs: tuple[tuple[int, str], ...]
    slip_id: int | None
    slip_number: str
    slip_state: str
    steps: Mapping[str, Step]
    path: str


def of_months(alliance: Alliance, year: int, months: Iterable[Month]) -> tuple[DutyRecord, ...]:
    """Duty months of ``alliance`` that somebody is on duty in, by month; five queries."""
    rows = list(
        Duty.objects.filter(
            alliance=alliance,
            plan__year=year,
            plan__state__in=tables.STANDING,
            month__in=[one.month for one in months],
        )
        .select_related("plan")
        .prefetch_related(tables.CHAIRS)
        .order_by("month")
    )
    slips = {
        slip.duty_id: slip
        for slip in Slip.objects.filter(duty__in=rows)
        .exclude(state=SlipState.WITHDRAWN)
        .defer("paper", "paper_hash")
    }
    seminars = {
        meeting.duty_id: meeting
        for meeting in Meeting.objects.filter(duty__in=rows)
        .exclude(state=MeetingState.CANCELLED)
        .only("duty", "state", "held_on", "due_on", "noticed_at")
    }
    held: dict[int | None, list[Activity]] = defaultdict(list)
    happened = Activity.objects.filter(duty__in=rows, state__in=activities.HAPPENED)
    for activity in happened.only("duty", "state", "held_on").order_by("held_on"):
        held[activity.duty_id].append(activity)
    found = []
    for duty in rows:
        duty.alliance = alliance
        slip = slips.get(duty.pk)
        chairs = tuple((chair.member_id, chair.member.unit.name) for chair in duty.chairs.all())
        if not chairs:
            continue
        found.append(
            DutyRecord(
                id=duty.pk,
                year=duty.plan.year,
                month=duty.month,
                mode=tables.mode_of(len(chairs)),
                theme=duty.theme,
                chairs=chairs,
                slip_id=slip.pk if slip else None,
                slip_number=slip.number if slip else "",
                slip_state=slip.state if slip else "",
                steps=_steps(slip, seminars.get(duty.pk), held[duty.pk]) if slip else {},
                path=month.path_of(duty),
            )
        )
    return tuple(found)


def _steps(slip: Slip, seminar: Meeting | None, held: list[Activity]) -> dict[str, Step]:
    """The slip's receipt and the three steps after it, with the days on which they were done."""
    done: dict[str, date | None] = {
        MonthStep.NOTICE.value: clock.local(seminar.noticed_at).date()
        if seminar and seminar.noticed_at
        else None,
        MonthStep.SEMINAR.value: seminar.held_on if seminar and seminar.state in HELD else None,
        MonthStep.ACTIVITY.value: held[0].held_on if held else None,
    }
    signed = clock.local(slip.acknowledged_at).date() if slip.acknowledged_at else None
    steps = {"slip": Step("slip", slip.acknowledge_by, signed)}
    for item in month.owed(slip, seminar, held):
        # A slip that came after its month (补发) starts no further deadlines.
        due = None if slip.is_late else item.due
        steps[item.step] = Step(str(item.step), due, done[item.step])
    return steps


# --- asked for by an address --------------------------------------------------------------------------------------


def is_so(step: Step | None, state: str, day: date) -> bool:
    """Whether a step is in ``state`` as of ``day``; one without a date is in none.

    ``due`` is what a rate of punctuality is out of: what was done in time, and what is late. A step whose last day is still
    to come and that nobody has done yet is neither, so that a report filed early blames nobody for it.
    """
    if step is None or step.in_time is None:
        return False
    is_late = step.is_late(day)
    return {IN_TIME: step.in_time, LATE: is_late}.get(state, step.in_time or is_late)


@dataclass(frozen=True)
class Question:
    """Duty months of a quarter or a year; with ``state`` those whose ``step`` (any of them without one) is in it. A year
    has twelve at most, so that their list needs no pages."""

    period: Period
    step: str = ""
    state: str = ""

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """The question of an address; without a period that of this quarter. What makes no sense is not asked."""
        step, state = params.get("step", ""), params.get("state", "")
        return cls(
            Period.read(params.get("period")) or periods.this_quarter(),
            step if step in STEPS else "",
            state if state in STATES else DUE if step in STEPS else "",
        )

    def params(self) -> dict[str, str]:
        return {"period": self.period.value, "step": self.step, "state": self.state}

    def rows(self, alliance: Alliance) -> list[DutyRecord]:
        return self.of(of_months(alliance, self.period.year, self.period.months))

    def of(self, duties: Iterable[DutyRecord]) -> list[DutyRecord]:
        """Those of ``duties`` that are asked for: what figures count and pages list."""
        today = clock.today()
        if not self.state:
            return list(duties)
        names = [self.step] if self.step else list(STEPS)
        return [
            duty for duty in duties if any(is_so(duty.steps.get(name), self.state, today) for name in names)
        ]
