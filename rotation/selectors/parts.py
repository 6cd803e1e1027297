"""A unit's part in what took place, a row each: who was asked to a meeting and came, who took part in an activity.

Attendance and participations of a quarter's figures are rows of these lists, asked for in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Q, QuerySet

from alliances.models import Alliance
from alliances.selectors import directory
from alliances.selectors.periods import Period
from alliances.selectors.standing import stood_between
from rotation import policies
from rotation.models import Activity, Meeting, Participation, Reply
from rotation.selectors.asked import Asked

CAME = Q(has_attended=True)


@dataclass(frozen=True)
class Question:
    """Rows of meetings or activities that took place in ``period`` (any time without one). ``member``: one unit's.
    ``came``: "1" those that came, "0" those that did not (meetings); chair units, or those that joined them
    (activities). ``standing``: only of units that were members in the period, as the mean of their lines counts."""

    period: Period | None = None
    member: int | None = None
    came: str = ""
    standing: bool = False

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """The question of an address; what makes no sense is not asked."""
        member = str(params.get("member") or "")
        known = member.isascii() and member.isdecimal() and len(member) < 19
        came = params.get("came", "")
        return cls(
            Period.read(params.get("period")),
            int(member) if known else None,
            came if came in ("0", "1") else "",
            params.get("standing") == "1",
        )

    def params(self) -> dict[str, str]:
        return {
            "period": self.period.value if self.period else "",
            "member": str(self.member or ""),
            "came": self.came,
            "standing": "1" if self.standing else "",
        }

    @property
    def is_narrow(self) -> bool:
        return any(self.params().values())

    def replies(self, alliance: Alliance) -> QuerySet[Reply]:
        """Whom meetings that took place had invited, newest first."""
        meetings = self._held.meetings(Meeting.objects.filter(alliance=alliance))
        rows = Reply.objects.filter(self._whose, meeting__in=meetings.order_by().values("pk"))
        if self.came:
            rows = rows.filter(CAME) if self.came == "1" else rows.exclude(CAME)
        return rows.order_by("-pk")

    def participations(self, alliance: Alliance) -> QuerySet[Participation]:
        """Units in activities that took place, newest first."""
        held = self._held.activities(Activity.objects.filter(alliance=alliance))
        rows = Participation.objects.filter(self._whose, activity__in=held.order_by().values("pk"))
        if self.came:
            rows = rows.filter(is_chair=self.came == "1")
        return rows.order_by("-pk")

    @property
    def _held(self) -> Asked:
        if self.period is None:
            return Asked(happened=True)
        return Asked(self.period.start, self.period.end, happened=True)

    @property
    def _whose(self) -> Q:
        whose = Q(member=self.member) if self.member else Q()
        if self.standing:
            since, until = (self.period.start, self.period.end) if self.period else (None, None)
            whose &= stood_between(since, until, "member__")
        return whose


def readable_replies(rows: QuerySet[Reply], user: Any, alliance: Alliance) -> QuerySet[Reply]:
    """Of ``rows`` of ``alliance`` what ``user`` may read: whoever oversees it all, a unit its own."""
    if policies.can_oversee_alliance(user, alliance):
        return rows
    return rows.filter(member__in=directory.own_members(user, alliance))
