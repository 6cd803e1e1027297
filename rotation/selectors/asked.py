"""What an address asks of the lists of meetings and activities beyond kind, state and year: a period, a unit, what took place.

The quarter's figures count through the same questions, so that a number and the list that its address opens cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db.models import Exists, OuterRef, QuerySet

from alliances.models import Member
from rotation.enums import MeetingState
from rotation.models import Activity, Meeting, Participation, Reply
from rotation.selectors import activities

HAPPENED = "happened"
HELD = (MeetingState.HELD, MeetingState.MINUTED)


@dataclass(frozen=True)
class Asked:
    """``since``, ``until``: both days included, of the day on which it was held. ``happened``: only what took place.
    ``member``: activities that it took part in, meetings that it was invited to; with ``came`` those that it came to."""

    since: date | None = None
    until: date | None = None
    happened: bool = False
    member: int | None = None
    came: bool = False

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """The question of an address; what makes no sense is not asked."""
        member = str(params.get("member") or "")
        known = member.isascii() and member.isdecimal() and len(member) < 19
        return cls(
            since=_day(params.get("since")),
            until=_day(params.get("until")),
            happened=params.get("state") == HAPPENED,
            member=int(member) if known else None,
            came=params.get("came") == "1",
        )

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.happened or self.member)

    def words(self) -> str:
        """2026年1月1日至2026年3月31日，已举办，县图书馆: what is in force beside the form's own filters. A query for a unit."""
        days = [f"{day.year}年{day.month}月{day.day}日" for day in (self.since, self.until) if day]
        parts = ["至".join(days)] if self.since and self.until else []
        if self.since and not self.until:
            parts.append(f"{days[0]}起")
        if self.until and not self.since:
            parts.append(f"到{days[0]}")
        if self.happened:
            parts.append("已经举办的")
        if self.member:
            names = Member.objects.filter(pk=self.member).values_list("unit__name", flat=True)
            parts.append(f"{names.first() or '某单位'}{'到会的' if self.came else ''}")
        return "，".join(parts)

    def meetings(self, rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
        if self.happened:
            rows = rows.filter(state__in=HELD)
        if self.member:
            replies = Reply.objects.filter(meeting=OuterRef("pk"), member=self.member)
            rows = rows.filter(Exists(replies.filter(has_attended=True) if self.came else replies))
        return self._between(rows)

    def activities(self, rows: QuerySet[Activity]) -> QuerySet[Activity]:
        if self.happened:
            rows = rows.filter(state__in=activities.HAPPENED)
        if self.member:
            rows = rows.filter(
                Exists(Participation.objects.filter(activity=OuterRef("pk"), member=self.member))
            )
        return self._between(rows)

    def _between(self, rows: QuerySet) -> QuerySet:
        if self.since:
            rows = rows.filter(held_on__gte=self.since)
        if self.until:
            rows = rows.filter(held_on__lte=self.until)
        return rows


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
