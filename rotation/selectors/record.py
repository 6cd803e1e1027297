"""What the rotation did in a quarter, for the assessment and its report: duties, meetings, activities, who took part.

A duty, its slip and its steps belong to the month of the plan, also when it was postponed; meetings and activities count by
the day on which they were held (design, scores). The number of queries does not depend on how much there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum

from alliances import clock
from alliances.calendars import Quarter
from alliances.models import Alliance
from rotation.enums import MeetingKind
from rotation.models import Activity, Meeting, Participation, Receipt, Reply
from rotation.selectors import activities
from rotation.selectors.asked import Asked
from rotation.selectors.duty_months import DutyRecord as DutyRecord
from rotation.selectors.duty_months import Step as Step
from rotation.selectors.duty_months import of_months
from rotation.selectors.parts import CAME


@dataclass(frozen=True)
class MeetingRecord:
    id: int
    kind: str
    title: str
    held_on: date
    invited: int
    attended: int
    path: str


@dataclass(frozen=True)
class ActivityRecord:
    """``heads`` None: nobody counted. ``chairs``, ``others``: unit names, the chair units and those that joined them."""

    id: int
    kind: str
    title: str
    place: str
    held_on: date
    duty_id: int | None
    month: int | None
    chairs: tuple[str, ...]
    others: tuple[str, ...]
    members: frozenset[int]
    heads: int | None
    beneficiaries: int | None
    claims: int
    path: str

    @property
    def formula(self) -> str:
        return f"{len(self.chairs)}+{len(self.others)}"


@dataclass(frozen=True)
class MemberRecord:
    """One member's part. ``months``: month numbers in which it took part in an activity. ``last_seen``: the last day of the
    quarter or before on which it did anything in the rotation."""

    invited: int = 0
    attended: int = 0
    activities: int = 0
    heads: int = 0
    months: frozenset[int] = frozenset()
    duties: tuple[int, ...] = ()
    last_seen: date | None = None


@dataclass(frozen=True)
class QuarterRecord:
    """``members`` has everybody who did, or was asked for, anything; ``of`` answers for all others too."""

    quarter: Quarter
    duties: tuple[DutyRecord, ...]
    meetings: tuple[MeetingRecord, ...]
    activities: tuple[ActivityRecord, ...]
    members: Mapping[int, MemberRecord] = field(default_factory=dict)

    def of(self, member: int) -> MemberRecord:
        return self.members.get(member, MemberRecord())

    def meetings_of(self, kind: str) -> list[MeetingRecord]:
        return [one for one in self.meetings if one.kind == kind]

    def activities_of(self, kind: str) -> list[ActivityRecord]:
        return [one for one in self.activities if one.kind == kind]

    @property
    def heads(self) -> int:
        return sum(one.heads or 0 for one in self.activities)

    @property
    def beneficiaries(self) -> int:
        return sum(one.beneficiaries or 0 for one in self.activities)

    @property
    def participations(self) -> int:
        return sum(len(one.members) for one in self.activities)

    def units_in(self, month: int) -> int:
        """How many members took part in the month's activities."""
        return len(set().union(*(one.members for one in self.activities if one.held_on.month == month)))


def held_meetings(alliance: Alliance, since: date, until: date) -> QuerySet[Meeting]:
    """Meetings of ``alliance`` held from ``since`` to ``until``: what the report counts and its links list."""
    return Asked(since, until, happened=True).meetings(Meeting.objects.filter(alliance=alliance))


def held_activities(alliance: Alliance, since: date, until: date) -> QuerySet[Activity]:
    """Activities of ``alliance`` that took place from ``since`` to ``until``."""
    return Asked(since, until, happened=True).activities(Activity.objects.filter(alliance=alliance))


def for_quarter(alliance: Alliance, quarter: Quarter) -> QuarterRecord:
    """Everything of ``alliance`` in ``quarter``; eleven queries at most."""
    meetings = _meetings(alliance, quarter)
    held = _activities(alliance, quarter)
    duties = of_months(alliance, quarter.year, quarter.months)
    return QuarterRecord(
        quarter=quarter,
        duties=duties,
        meetings=meetings,
        activities=held,
        members=_members(alliance, quarter, duties, meetings, held),
    )


# --- what was held ------------------------------------------------------------------------------------------------


def _meetings(alliance: Alliance, quarter: Quarter) -> tuple[MeetingRecord, ...]:
    rows = held_meetings(alliance, quarter.start, quarter.end).annotate(
        invited=Count("replies"), came=Count("replies", filter=Q(replies__has_attended=True))
    )
    return tuple(
        MeetingRecord(
            id=row.pk,
            kind=MeetingKind(row.kind).value,
            title=row.title,
            held_on=row.held_on,
            invited=row.invited,
            attended=row.came,
            path=f"/meetings/{row.pk}/",
        )
        for row in rows.defer("paper", "minutes_paper", "agenda").order_by("held_on", "pk")
        if row.held_on is not None
    )


def _activities(alliance: Alliance, quarter: Quarter) -> tuple[ActivityRecord, ...]:
    taking_part = Participation.objects.select_related("member__unit").order_by("-is_chair", "pk")
    rows = (
        held_activities(alliance, quarter.start, quarter.end)
        .select_related("duty")
        .annotate(served=Count("claims"))
        .prefetch_related(Prefetch("participations", queryset=taking_part))
        .order_by("held_on", "pk")
    )
    return tuple(_activity(row) for row in rows)


def _activity(row: Any) -> ActivityRecord:
    record = activities.record_of(row)
    return ActivityRecord(
        id=row.pk,
        kind=row.kind,
        title=row.title,
        place=row.place,
        held_on=row.held_on,
        duty_id=row.duty_id,
        month=row.duty.month if row.duty else None,
        chairs=tuple(one.member.unit.name for one in record.chairs),
        others=tuple(one.member.unit.name for one in record.others),
        members=frozenset(one.member_id for one in (*record.chairs, *record.others)),
        heads=record.heads,
        beneficiaries=record.beneficiaries,
        claims=row.served,
        path=activities.path_of(row),
    )


# --- members ------------------------------------------------------------------------------------------------------


def _members(
    alliance: Alliance,
    quarter: Quarter,
    duties: Iterable[DutyRecord],
    meetings: Iterable[MeetingRecord],
    held: Iterable[ActivityRecord],
) -> dict[int, MemberRecord]:
    months: dict[int, set[int]] = defaultdict(set)
    counts: dict[int, int] = defaultdict(int)
    for activity in held:
        for member in activity.members:
            months[member].add(activity.held_on.month)
            counts[member] += 1
    on_duty: dict[int, list[int]] = defaultdict(list)
    for duty in duties:
        for member, _ in duty.chairs:
            on_duty[member].append(duty.month)
    asked = {
        member: (invited, came)
        for member, invited, came in Reply.objects.filter(meeting__in=[one.id for one in meetings])
        .order_by()
        .values_list("member")
        .annotate(invited=Count("pk"), came=Count("pk", filter=CAME))
    }
    heads = dict(
        Participation.objects.filter(activity__in=[one.id for one in held])
        .order_by()
        .values_list("member")
        .annotate(heads=Sum("heads"))
    )
    seen = last_seen(alliance, quarter.end)
    return {
        member: MemberRecord(
            invited=asked.get(member, (0, 0))[0],
            attended=asked.get(member, (0, 0))[1],
            activities=counts[member],
            heads=heads.get(member) or 0,
            months=frozenset(months[member]),
            duties=tuple(on_duty[member]),
            last_seen=seen.get(member),
        )
        for member in {*months, *on_duty, *asked, *seen}
    }


def last_seen(alliance: Alliance, until: date) -> dict[int, date]:
    """Member id → the last day up to ``until`` on which it took part in an activity, came to a meeting, answered a notice or
    signed a slip. Four queries."""
    end = datetime.combine(until + timedelta(days=1), time.min, tzinfo=clock.ZONE)
    found: dict[int, date] = {}
    happened = Q(activity__state__in=activities.HAPPENED, activity__held_on__lte=until)
    own: tuple[tuple[QuerySet, str], ...] = (
        (Participation.objects.filter(happened), "activity__held_on"),
        (Reply.objects.filter(has_attended=True, meeting__held_on__lte=until), "meeting__held_on"),
        (Reply.objects.filter(answered_at__lt=end), "answered_at"),
        (Receipt.objects.filter(signed_at__lt=end), "signed_at"),
    )
    for rows, moment in own:
        lines = rows.filter(member__alliance=alliance).order_by().values_list("member").annotate(Max(moment))
        for member, latest in lines:
            day = latest if type(latest) is date else clock.local(latest).date()
            found[member] = max(day, found.get(member, day))
    return found


# --- what was done twice ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repeated:
    """Two activities of one kind and nearly one title within 90 days."""

    title: str
    held_on: date
    before_title: str
    before_on: date
    path: str


def repeated(alliance: Alliance, record: QuarterRecord) -> list[Repeated]:
    """Activities of the quarter that were held in nearly the same form in the 90 days before; one query."""
    since = record.quarter.start - timedelta(days=activities.SIMILAR_DAYS)
    rows = held_activities(alliance, since, record.quarter.end).only("kind", "title", "held_on")
    known = [(row.held_on, row.pk, row.kind, row.title) for row in rows if row.held_on is not None]
    found = []
    for one in record.activities:
        first = one.held_on - timedelta(days=activities.SIMILAR_DAYS)
        before = [
            (day, pk, title)
            for day, pk, kind, title in known
            if kind == one.kind
            and first <= day
            and (day, pk) < (one.held_on, one.id)
            and activities.likeness(title, one.title) >= activities.SIMILAR_FROM
        ]
        if before:
            day, _, title = max(before)
            found.append(Repeated(one.title, one.held_on, title, day, one.path))
    return found
