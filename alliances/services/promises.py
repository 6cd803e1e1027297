"""The clock of promises: before a commitment falls due its unit is reminded of it in the digest of the day.

Nothing more: whether it was kept is for the community to confirm (the desk asks for it once the day has come).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse

from alliances import clock
from alliances.calendars import WorkingDays
from alliances.enums import CommitmentState
from alliances.models import Commitment, ReminderLine
from alliances.policies import can_keep_promise
from alliances.selectors.settings import working_days
from alliances.services import digests, sweeps

REMIND = "alliances.commitment.remind"
AHEAD = 5  # working days: a promise takes longer than a signature, so a week and not a day before
FARTHEST = timedelta(days=21)  # calendar days that five working days can be, over the longest holidays


def remind(now: datetime) -> list[str]:
    """Sweep: lines for the liaisons whose units have an open promise that falls due within ``AHEAD`` working days."""
    if not digests.in_hours(now):
        return []
    today = clock.local(now).date()
    calendars: dict[int, WorkingDays] = {}

    def one(commitment: Commitment) -> list[str]:
        place = commitment.alliance.organisation
        if place.pk not in calendars:
            calendars[place.pk] = working_days(place)
        days = calendars[place.pk]
        if days.is_working(today) and days.add(commitment.due_on, -AHEAD) <= today:
            _queue(commitment)
        return []

    said = ReminderLine.objects.filter(kind=REMIND, object_id=OuterRef("pk"))
    rows = Commitment.objects.filter(
        ~Exists(said), state=CommitmentState.OPEN, due_on__range=(today, today + FARTHEST)
    )
    return sweeps.each(rows.select_related("alliance__organisation").order_by("due_on", "pk"), one)


def _queue(commitment: Commitment) -> None:
    digests.queue(
        can_keep_promise.holders(commitment),
        kind=REMIND,
        object_id=commitment.pk,
        text=f"请于{_day(commitment.due_on)}前兑现承诺：{commitment.text}",
        path=f"{reverse('alliances:commitments')}?alliance={commitment.alliance.code}&state={CommitmentState.OPEN}",
        alliance=commitment.alliance,
    )


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def still_due(object_id: int) -> bool:
    return Commitment.objects.filter(pk=object_id, state=CommitmentState.OPEN).exists()
