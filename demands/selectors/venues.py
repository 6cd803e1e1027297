"""A venue's week and what is still free in it, and the bookings a person has to do with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance, Member
from demands.enums import BOOKING_HOLDS, BookingState
from demands.fields import mask_name, mask_phone
from demands.models import Booking, OpeningHour, Resource
from demands.policies import can_answer_booking

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
# Read only by those who may answer, one booking at a time.
PRIVATE = ("asker_name", "asker_phone")
RESIDENT = "居民预约"
TAKEN = "已约"
TONES = {
    BookingState.ASKED: "wait",
    BookingState.CONFIRMED: "done",
    BookingState.USED: "done",
    BookingState.DECLINED: "late",
    BookingState.CANCELLED: "off",
}


@dataclass(frozen=True)
class Stretch:
    """Part of a day in which as many bookings as before still find a place (``free``, 0 when full)."""

    starts: time
    ends: time
    free: int
    for_residents: bool = False


@dataclass(frozen=True)
class Taken:
    """A booking as one reader may know it: without words where it is another alliance's or a resident's."""

    starts: time
    ends: time
    words: str
    state: str
    tone: str
    pk: int | None


@dataclass
class Day:
    day: date
    hours: list[OpeningHour] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.day.weekday()]

    @property
    def is_over(self) -> bool:
        return self.day < clock.today()

    def free_until(self, number: int) -> time:
        """To when one can go on from the stretch of that number without meeting a full one."""
        ends = self.stretches[number].ends
        for part in self.stretches[number + 1 :]:
            if part.starts != ends or not part.free:
                break
            ends = part.ends
        return ends


def hours_of(resource: Resource) -> list[OpeningHour]:
    return list(OpeningHour.objects.filter(resource=resource).order_by("weekday", "starts"))


def days_of(
    resource: Resource, first: date, many: int, user: Any, hours: list[OpeningHour] | None = None
) -> list[Day]:
    """``many`` days from ``first`` on: hours, bookings as ``user`` may know them, what is free. Two queries, one where
    the venue's ``hours`` are at hand."""
    hours = hours_of(resource) if hours is None else hours
    start, end = _moment(first, time.min), _moment(first + timedelta(days=many), time.min)
    rows = Booking.objects.filter(
        resource=resource, state__in=BOOKING_HOLDS, starts_at__lt=end, ends_at__gt=start
    ).annotate(known=Exists(Booking.objects.visible_to(user).filter(pk=OuterRef("pk"))))
    held = list(rows.select_related("member__unit", "alliance").defer(*PRIVATE).order_by("starts_at", "pk"))
    may_answer = can_answer_booking(user, Booking(resource=resource))
    found = []
    for offset in range(many):
        day = first + timedelta(days=offset)
        here = [b for b in held if clock.local(b.starts_at).date() <= day <= clock.local(b.ends_at).date()]
        found.append(
            Day(
                day,
                hours=(open_ := [row for row in hours if row.weekday == day.weekday()]),
                taken=[_taken(b, knows=b.known, may_answer=may_answer) for b in here],
                stretches=stretches(resource.capacity, day, open_, here),
            )
        )
    return found


def _taken(booking: Booking, *, knows: bool, may_answer: bool) -> Taken:
    words = who_asks(booking) if knows else TAKEN
    if knows and (may_answer or not is_residents(booking)):
        words = f"{words}：{booking.purpose}"
    return Taken(
        clock.local(booking.starts_at).time(),
        clock.local(booking.ends_at).time(),
        words,
        BookingState(booking.state).label,
        TONES[BookingState(booking.state)],
        booking.pk if knows else None,
    )


def is_residents(booking: Booking) -> bool:
    """Asked for by a resident: neither by a unit nor by somebody of the office."""
    return booking.member_id is None and booking.asked_by_id is None


def who_asks(booking: Booking) -> str:
    """The asking side without a resident's name; needs ``member__unit`` and ``alliance``."""
    if booking.member is not None:
        return booking.member.unit.name
    return RESIDENT if is_residents(booking) else booking.alliance.name


def masked_asker(booking: Booking) -> str:
    """张* 138****0000 of a resident's booking; empty once it was cleared. No permission check."""
    name, phone = Booking.objects.values_list(*PRIVATE).get(pk=booking.pk)
    return f"{mask_name(name)} {mask_phone(phone)}".strip()


def stretches(
    capacity: int, day: date, hours: Iterable[OpeningHour], held: Sequence[Booking]
) -> list[Stretch]:
    """The opening hours of ``day`` cut where a booking begins or ends, with the places left in each part."""
    found: list[Stretch] = []
    for row in hours:
        starts, ends = _moment(day, row.starts), _moment(day, row.ends)
        cuts = {starts, ends}
        for booking in held:
            cuts |= {at for at in (booking.starts_at, booking.ends_at) if starts < at < ends}
        edges = sorted(cuts)
        for begin, end in zip(edges, edges[1:], strict=False):
            over = sum(b.starts_at < end and b.ends_at > begin for b in held)
            free = max(0, capacity - over)
            part = Stretch(
                clock.local(begin).time(), clock.local(end).time(), free, for_residents=row.for_residents
            )
            last = found[-1] if found else None
            if last and (last.ends, last.free, last.for_residents) == (part.starts, free, part.for_residents):
                found[-1] = Stretch(last.starts, part.ends, free, part.for_residents)
            else:
                found.append(part)
    return found


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.ZONE)


def first_open_day(resource: Resource, hours: Iterable[OpeningHour]) -> date | None:
    """The first day from tomorrow on that can be asked for; None where the venue has no hours."""
    weekdays = {row.weekday for row in hours}
    day = clock.today() + timedelta(days=max(1, resource.notice_days))
    return next((d for n in range(7) if (d := day + timedelta(days=n)).weekday() in weekdays), None)


# --- bookings as a list --------------------------------------------------------------------------------------------

OFFICE_ROLES = (Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.OFFICE)


def units_of(user: Any) -> list[Member]:
    """The members that ``user`` is liaison or leader of."""
    roles = (Role.LIAISON, Role.LEADER)
    return list(dict.fromkeys(a.member for a in user.current_appointments if a.role in roles and a.member))


def reads_bookings(user: Any, alliance: Alliance | None) -> bool:
    """Whether the list of bookings has anything for ``user``, who looks at ``alliance``."""
    return bool(units_of(user)) or (alliance is not None and user.holds(*OFFICE_ROLES))


def bookings_for(user: Any, alliance: Alliance | None) -> QuerySet[Booking]:
    """A unit's: those of its venues and those it asked for. The office's: all that its alliance gives or asks for."""
    scope = Q()
    if units := [member.pk for member in units_of(user)]:
        scope |= Q(resource__member__in=units) | Q(member__in=units)
    if alliance is not None and user.holds(*OFFICE_ROLES):
        scope |= Q(alliance=alliance) | Q(resource__alliance=alliance)
    rows = Booking.objects.visible_to(user).filter(scope) if scope else Booking.objects.none()
    rows = rows.select_related(
        "resource__member__unit", "resource__alliance__organisation", "member__unit", "alliance"
    )
    return rows.defer(*PRIVATE)


SIDES = {"given": "本单位的场地", "asked": "我们预约的"}
COMING = "coming"


def narrowed(
    rows: QuerySet[Booking], user: Any, *, state: str, side: str, resource: str
) -> QuerySet[Booking]:
    """The list's filters; what makes no sense is not asked."""
    units = [member.pk for member in units_of(user)]
    if side == "given":
        rows = rows.filter(resource__member__in=units)
    elif side == "asked":
        rows = rows.filter(member__in=units)
    if state == COMING:
        rows = rows.filter(state=BookingState.CONFIRMED, ends_at__gt=clock.now())
    elif state == BookingState.ASKED:
        rows = rows.filter(state=state, ends_at__gt=clock.now())
    elif state in BookingState.values:
        rows = rows.filter(state=state)
    if resource.isascii() and resource.isdecimal() and len(resource) < 19:
        rows = rows.filter(resource=int(resource))
    return rows


def counts(rows: QuerySet[Booking]) -> dict[str, int]:
    """How many wait for an answer and how many are agreed and to come."""
    ahead = Q(ends_at__gt=clock.now())
    return rows.aggregate(
        asked=Count("pk", filter=ahead & Q(state=BookingState.ASKED)),
        coming=Count("pk", filter=ahead & Q(state=BookingState.CONFIRMED)),
    )
