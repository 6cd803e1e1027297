"""The deadline chain of a month (design: the clock). Dates only; nothing here is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from alliances import clock
from alliances.calendars import WorkingDays
from alliances.models import Alliance, Organisation
from alliances.selectors.settings import Defaults, settings_for, working_days
from rotation.models import Duty

ISSUE_AT = time(8, 30)


@dataclass(frozen=True)
class Chain:
    """Latest dates of one month's steps as its slip prints them: each counted from the latest start of the one
    before. ``seminar_from`` is the earliest day of the seminar if the notice goes out on its last day."""

    acknowledge_by: date
    notice_by: date
    seminar_from: date
    seminar_by: date
    activity_by: date
    scoring_by: date
    feedback_by: date

    def as_json(self) -> dict[str, str]:
        return {key: value.isoformat() for key, value in asdict(self).items()}


class Office:
    """Settings and calendar of one organisation, read once for many sums, and only when asked."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation

    @cached_property
    def settings(self) -> Defaults:
        return settings_for(self.organisation)

    @cached_property
    def days(self) -> WorkingDays:
        return working_days(self.organisation)

    def issue_moment(self, duty: Duty) -> datetime:
        """When the slip of ``duty`` is due: 08:30 on the month's first working day."""
        first = self.days.first_of_month(duty.plan.year, duty.month)
        return datetime.combine(first, ISSUE_AT, tzinfo=clock.ZONE)

    def notice_by(self, received_on: date) -> date:
        """Notice: so many working days after receipt."""
        return self.days.add(received_on, self.settings.notice_within)

    def chain(self, duty: Duty, issued_on: date) -> Chain:
        """All dates for a slip issued on ``issued_on``."""
        rules, days = self.settings, self.days
        acknowledge_by = days.add(issued_on, rules.acknowledge_within)
        notice_by = self.notice_by(acknowledge_by)
        seminar_from, seminar_by = self.seminar_window(notice_by)
        activity_by = max(self._activity_by(duty), seminar_by)
        scoring_by = activity_by + timedelta(days=rules.scoring_days)
        return Chain(
            acknowledge_by=acknowledge_by,
            notice_by=notice_by,
            seminar_from=seminar_from,
            seminar_by=seminar_by,
            activity_by=activity_by,
            scoring_by=scoring_by,
            feedback_by=days.add(scoring_by, rules.feedback_within),
        )

    def seminar_window(self, noticed_on: date) -> tuple[date, date]:
        """First and last day of a seminar whose notice goes out on ``noticed_on``."""
        latest = self.days.add(noticed_on, self.settings.seminar_within)
        return min(noticed_on + timedelta(days=self.settings.seminar_not_before), latest), latest

    def _activity_by(self, duty: Duty) -> date:
        """The settled day of the month; of the month it was postponed to, if it was."""
        if duty.ends_on > duty.period.end:
            return duty.ends_on
        last = duty.period.end.day
        return date(duty.plan.year, duty.month, min(self.settings.activity_by_day, last))


class Offices:
    """The offices that one sweep meets, each read once."""

    def __init__(self) -> None:
        self._known: dict[int, Office] = {}

    def of(self, alliance: Alliance) -> Office:
        if alliance.pk not in self._known:
            self._known[alliance.pk] = Office(alliance.organisation)
        return self._known[alliance.pk]


LABELS = {
    "acknowledge_by": "签收提醒单",
    "notice_by": "发出研讨会通知单",
    "seminar_by": "召开研讨会",
    "activity_by": "举办活动",
    "scoring_by": "评议打分",
    "feedback_by": "评议反馈",
}
