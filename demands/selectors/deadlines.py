"""The demand loop's deadlines (design: the clock). Computed once, when a step begins, and stored on its row."""

from __future__ import annotations

from datetime import date, timedelta

from alliances.calendars import WorkingDays
from alliances.models import Organisation
from alliances.selectors.settings import Defaults, settings_for, working_days
from demands.enums import Urgency


class Office:
    """Settings and calendar of one organisation, read once for many sums."""

    def __init__(self, organisation: Organisation) -> None:
        self.settings: Defaults = settings_for(organisation)
        self.days: WorkingDays = working_days(organisation)

    def review_by(self, submitted_on: date) -> date:
        return self.days.add(submitted_on, self.settings.review_within)

    def reply_by(self, offered_on: date) -> date:
        return self.days.add(offered_on, self.settings.offer_reply_within)

    def due_on(self, urgency: str, claimed_on: date) -> date:
        """The latest day of service that a unit may promise by itself."""
        days = {
            Urgency.URGENT: self.settings.urgent_days,
            Urgency.SOON: self.settings.soon_days,
            Urgency.NORMAL: self.settings.normal_days,
        }
        return claimed_on + timedelta(days=days[Urgency(urgency)])

    def call_back_by(self, accepted_on: date) -> date:
        return self.days.add(accepted_on, self.settings.call_back_within)

    def reminds_on(self, due: date) -> date:
        """A working day before."""
        return self.days.add(due, -1)

    def escalates_on(self, due: date) -> date:
        """The secretary hears so many working days after the nudge."""
        return self.days.add(due, 1 + self.settings.escalate_after)
