"""Venues that residents may book, and when: what a door's pages offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from alliances import clock
from alliances.models import Alliance, Member
from demands.enums import BOOKING_HOLDS, ResourceState
from demands.models import Booking, OpeningHour, Resource

AHEAD = 28  # days that the form offers
STEP = timedelta(minutes=30)
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Day:
    """A day on which a venue is open to residents: its stretches, and those of them that are full."""

    day: date
    stretches: list[tuple[time, time]]
    full: list[tuple[time, time]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """3月7日 星期六 09:00—11:30."""
        open_at = "、".join(f"{a:%H:%M}—{b:%H:%M}" for a, b in self.stretches)
        return f"{self.day.month}月{self.day.day}日 星期{WEEKDAYS[self.day.weekday()]} {open_at}"


def of(alliance: Alliance) -> QuerySet[Resource]:
    """Venues of the alliance's units with hours that are open to residents."""
    units = Member.objects.current().filter(alliance=alliance).values("unit")
    hours = OpeningHour.objects.filter(resource=OuterRef("pk"), for_residents=True)
    return (
        Resource.objects.filter(Q(alliance=alliance) | Q(member__unit__in=units))
        .filter(Exists(hours), state=ResourceState.LISTED, is_bookable=True)
        .order_by("pk")
    )


def listed(alliance: Alliance) -> list[dict[str, Any]]:
    """Each venue with its resident hours in words; two queries."""
    hours = OpeningHour.objects.filter(for_residents=True).order_by("weekday", "starts")
    rows = (
        of(alliance)
        .select_related("member__unit")
        .prefetch_related(Prefetch("opening_hours", hours, to_attr="residents_hours"))
    )
    return [{"venue": row, "hours": hours_words(row.residents_hours)} for row in rows]


def hours_words(hours: list[OpeningHour]) -> str:
    """星期六 09:00—11:30、星期日 09:00—11:30."""
    return "、".join(f"星期{WEEKDAYS[h.weekday]} {h.starts:%H:%M}—{h.ends:%H:%M}" for h in hours)


def days(resource: Resource) -> list[Day]:
    """The next four weeks' days on which residents may book; two queries."""
    hours = list(
        OpeningHour.objects.filter(resource=resource, for_residents=True).order_by("weekday", "starts")
    )
    first = clock.today() + timedelta(days=resource.notice_days)
    last = clock.today() + timedelta(days=max(AHEAD, resource.notice_days + 7))
    taken = list(
        Booking.objects.filter(
            resource=resource, state__in=BOOKING_HOLDS, ends_at__gt=clock.now()
        ).values_list("starts_at", "ends_at")
    )
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        stretches = [(h.starts, h.ends) for h in hours if h.weekday == day.weekday()]
        if day == clock.today():
            stretches = [(a, b) for a, b in stretches if b > clock.now().time()]
        if stretches:
            found.append(Day(day, stretches, _full(day, stretches, taken, resource.capacity)))
    return found


def times(found: list[Day]) -> list[time]:
    """Every half hour from the earliest opening to the latest closing, and the odd minutes that hours begin or end at."""
    if not found:
        return []
    edges = {moment for day in found for stretch in day.stretches for moment in stretch}
    moment = datetime.combine(date.min, min(edges))
    while moment.time() < max(edges):
        edges.add(moment.time())
        moment += STEP
        if moment.day > 1:
            break
    return sorted(edges)


def _full(
    day: date, stretches: list[tuple[time, time]], taken: list[tuple[datetime, datetime]], capacity: int
) -> list[tuple[time, time]]:
    """Where ``capacity`` bookings lie over each other within the stretches, joined."""
    near = [(clock.local(a), clock.local(b)) for a, b in taken]
    near = [(a, b) for a, b in near if a.date() <= day <= b.date()]
    found: list[tuple[time, time]] = []
    for opens, closes in stretches:
        edges = {opens, closes}
        edges |= {m.time() for row in near for m in row if m.date() == day and opens < m.time() < closes}
        cuts = sorted(edges)
        for start, end in zip(cuts, cuts[1:], strict=False):
            lower = datetime.combine(day, start, clock.ZONE)
            over = sum(1 for a, b in near if a <= lower < b)
            if over < capacity:
                continue
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found
