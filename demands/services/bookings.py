"""Venues by the hour. The only writer of bookings.

Asking and confirming take the venue's row first, by an UPDATE that both databases make others wait for; only then the
bookings of that time are counted. So no moment ever holds more than the venue's capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, Member, User
from alliances.services import audit
from demands import policies
from demands.enums import BOOKING_HOLDS, BookingState, ResourceState
from demands.errors import AlreadyTaken
from demands.fields import keyed_hash
from demands.lifecycles import BOOKING
from demands.models import Booking, Claim, OpeningHour, Resource
from demands.selectors import places
from demands.services import codes
from demands.services.acting import liaisons, tell, text
from demands.services.privacy import RESIDENTS_PURPOSE

AHEAD = timedelta(days=180)


@dataclass(frozen=True)
class Slot:
    """A venue asked for: from, to (end excluded), how many people, what for."""

    starts_at: datetime
    ends_at: datetime
    purpose: str
    heads: int | None = None


@dataclass(frozen=True)
class Booked:
    """The booking, and a resident's code for it, told now and never again (empty for units and offices)."""

    booking: Booking
    code: str = ""


def ask_for_unit(
    resource: Resource, member: Member, slot: Slot, *, claim: Claim | None = None, actor: User
) -> Booking:
    """A unit asks for another's venue, perhaps to serve a claim with it. The same hours for the same purpose are one
    booking while it stands, however often the form comes."""
    if not policies.can_ask_for_unit(actor, member):
        raise NotAllowed("只有本单位联络员可以预约。")
    if claim is not None and claim.member_id != member.pk:
        raise OfficeError("只能为本单位认领的项目预约。")
    _refuse_strangers(resource, member.alliance)
    with transaction.atomic():
        return _ask(resource, member.alliance, slot, member=member, claim=claim, actor=actor)


def ask_for_office(resource: Resource, alliance: Alliance, slot: Slot, *, actor: User) -> Booking:
    """The community asks, for itself or for somebody at its desk; the same twice is one booking."""
    if not policies.can_take_in(actor, alliance):
        raise NotAllowed("只有社区书记和工作人员可以代表社区预约。")
    _refuse_strangers(resource, alliance)
    with transaction.atomic():
        return _ask(resource, alliance, slot, actor=actor)


def ask_for_resident(
    resource: Resource, slot: Slot, *, name: str, phone: str, form_key: str = "", has_consented: bool
) -> Booked:
    """A resident asks for one of the hours that are open to residents. The same form twice is one booking."""
    name = text(name, 40, missing="请填写预约人姓名。")
    phone = text(phone, 24, missing="请填写电话，便于答复。")
    if not has_consented:
        raise OfficeError("请先勾选同意告知内容。")
    code = codes.of_form(form_key)
    hashed = keyed_hash(codes.normal(code))
    with transaction.atomic():
        _hold(resource)
        if (known := Booking.objects.filter(tracking_hash=hashed).first()) is not None:
            return Booked(known, code)
        booking = _ask(
            resource,
            resource.alliance,
            slot,
            asker={"asker_name": name, "asker_phone": phone, "tracking_hash": hashed},
            actor=None,
        )
    return Booked(booking, code)


def find(code: str) -> Booking | None:
    """A resident's booking by its code."""
    hashed = keyed_hash(codes.normal(code))
    return Booking.objects.filter(tracking_hash=hashed).first() if hashed else None


# --- answers -------------------------------------------------------------------------------------------------------


def confirm(booking: Booking, answer: str = "", *, actor: User) -> Booking:
    if booking.ends_at <= clock.now():
        raise OfficeError("预约的时间已过，不能再确认。")
    with transaction.atomic():
        fields = {"answered_by": actor, "answer": text(answer, 200)}
        BOOKING.apply(booking, "confirm", actor=actor, fields=fields)
        _tell_asker(booking, "预约已确认")
    return booking


def decline(booking: Booking, answer: str, *, actor: User) -> Booking:
    answer = text(answer, 200, missing="请写明不同意的原因。")
    with transaction.atomic():
        BOOKING.apply(booking, "decline", actor=actor, fields={"answered_by": actor, "answer": answer})
        _tell_asker(booking, "预约未同意，请打开查看原因")
    return booking


def use(booking: Booking, *, actor: User) -> Booking:
    """It took place."""
    if booking.starts_at > clock.now():
        raise OfficeError("还没有到预约的时间。")
    return BOOKING.apply(booking, "use", actor=actor)


def cancel(booking: Booking, *, actor: User) -> Booking:
    if booking.ends_at <= clock.now():
        raise OfficeError("预约的时间已过，不能取消。")
    with transaction.atomic():
        BOOKING.apply(booking, "cancel", actor=actor)
        _tell_of_cancelling(booking, actor)
    return booking


def cancel_by_resident(booking: Booking) -> Booking:
    """The caller has found the booking by the resident's code."""
    if booking.ends_at <= clock.now():
        raise OfficeError("预约的时间已过，不能取消。")
    with transaction.atomic():
        BOOKING.apply(booking, "cancel_by_resident", actor=None)
        _tell_of_cancelling(booking, None)
    return booking


def delete_my_data(booking: Booking) -> None:
    """The resident's name, phone, words and the code itself are gone; a booking still ahead is cancelled first. The caller
    has found it by the code. Cannot be undone."""
    with transaction.atomic():
        _hold_row(booking)
        booking.refresh_from_db()
        if not booking.tracking_hash:
            return  # a second tap
        if booking.state in (BookingState.ASKED, BookingState.CONFIRMED) and booking.ends_at > clock.now():
            cancel_by_resident(booking)
        Booking.objects.filter(pk=booking.pk).update(
            asker_name="", asker_phone="", tracking_hash="", purpose=RESIDENTS_PURPOSE
        )
        audit.record("demands.booking.delete", booking, actor=None)


def _hold_row(booking: Booking) -> None:
    """Whoever confirms, cancels or clears the same booking waits."""
    Booking.objects.filter(pk=booking.pk).update(heads=F("heads"))


def _tell_asker(booking: Booking, words: str) -> None:
    """The unit that asked; a resident sees it by the code."""
    if booking.member is None:
        return
    day = clock.local(booking.starts_at)
    tell(
        liaisons(booking.member),
        booking,
        "demands.booking.answered",
        f"{booking.resource.name}{day.month}月{day.day}日{words}",
        words,
        places.of_booking(booking),
        key=booking.state,
    )


def reveal_asker(booking: Booking, *, actor: User) -> tuple[str, str]:
    """Name and phone of the resident who asked, for whoever answers; a row of the log says who looked and why."""
    if not policies.can_answer_booking(actor, booking):
        raise NotAllowed("只有提供场地的单位和社区可以查看预约人的联系方式。")
    with transaction.atomic():
        audit.record("demands.booking.reveal", booking, actor=actor, data={"reason": "answer"})
        # Read after the row is written: what was cleared in the meantime is not shown.
        name, phone = Booking.objects.values_list("asker_name", "asker_phone").get(pk=booking.pk)
        if not (name or phone):
            raise OfficeError("这条预约没有居民的联系方式，或者已按规定清除。")
    return name, phone


def _tell_of_cancelling(booking: Booking, actor: User | None) -> None:
    """Both units but whoever cancelled, so that nobody unlocks a room for nothing or stands before a closed one."""
    people = liaisons(booking.resource.member) + (liaisons(booking.member) if booking.member else [])
    day = clock.local(booking.starts_at)
    tell(
        [person for person in people if actor is None or person.pk != actor.person_id],
        booking,
        "demands.booking.cancelled",
        f"{booking.resource.name}{day.month}月{day.day}日的预约已取消",
        f"{day:%H:%M}起的时段又可以约了。",
        places.of_booking(booking),
    )


# --- asking --------------------------------------------------------------------------------------------------------


def _hold(resource: Resource) -> None:
    """Take the venue's row for this transaction, while it can be booked; raises why it cannot."""
    rows = Resource.objects.filter(pk=resource.pk, state=ResourceState.LISTED, is_bookable=True)
    if not rows.update(capacity=F("capacity")):
        raise OfficeError(f"“{resource.name}”现在不能预约。")
    resource.refresh_from_db()


def _refuse_strangers(resource: Resource, alliance: Alliance) -> None:
    """A venue is there for the alliances that its unit sits in."""
    sits = Member.objects.current().filter(unit=resource.member.unit_id, alliance=alliance)
    if not sits.exists():
        raise OfficeError("这个场地的单位不在本联盟。")


def _ask(
    resource: Resource,
    alliance: Alliance,
    slot: Slot,
    *,
    member: Member | None = None,
    claim: Claim | None = None,
    asker: dict[str, str] | None = None,
    actor: User | None,
) -> Booking:
    purpose = text(slot.purpose, 100, missing="请填写用途。")
    _hold(resource)
    if asker is None and (known := _standing(resource, alliance, slot, member, claim, purpose)) is not None:
        return known
    _check_slot(resource, slot, for_residents=asker is not None)
    if peak(resource, slot.starts_at, slot.ends_at) >= resource.capacity:
        raise AlreadyTaken("这个时段已约满，请换一个时间。")
    booking = Booking.objects.create(
        alliance=alliance,
        resource=resource,
        member=member,
        claim=claim,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        heads=slot.heads,
        purpose=purpose,
        asked_by=actor,
        via=Via.SCREEN,
        **(asker or {}),
    )
    audit.record(
        "demands.booking.ask", booking, actor=actor, after=booking.state, data={"resource": resource.pk}
    )
    tell(
        liaisons(resource.member),
        booking,
        "demands.booking.asked",
        f"有人预约{resource.name}",
        f"{clock.local(slot.starts_at):%Y-%m-%d %H:%M}至{clock.local(slot.ends_at):%H:%M}，请确认。",
        places.of_booking(booking),
    )
    return booking


def _standing(
    resource: Resource,
    alliance: Alliance,
    slot: Slot,
    member: Member | None,
    claim: Claim | None,
    purpose: str,
) -> Booking | None:
    """What this unit, or this office, has asked for already in the same words. Call it while the venue is held."""
    rows = Booking.objects.filter(
        resource=resource,
        alliance=alliance,
        member=member,
        claim=claim,
        tracking_hash="",
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        purpose=purpose,
        state__in=(BookingState.ASKED, BookingState.CONFIRMED),
    )
    # An office's own: what a resident asked for and was cleared since has nobody who asked either.
    return rows.filter(asked_by__isnull=False).order_by("pk").first()


def _check_slot(resource: Resource, slot: Slot, *, for_residents: bool) -> None:
    now = clock.now()
    start, end = clock.local(slot.starts_at), clock.local(slot.ends_at)
    if end <= start:
        raise OfficeError("结束时间应晚于开始时间。")
    if slot.starts_at <= now:
        raise OfficeError("预约的时间已过。")
    if slot.starts_at > now + AHEAD:
        raise OfficeError("最多提前半年预约。")
    earliest = clock.today() + timedelta(days=resource.notice_days)
    if start.date() < earliest:
        raise OfficeError(f"请至少提前{resource.notice_days}天预约。")
    if slot.heads is not None and slot.heads < 1:
        raise OfficeError("请核对人数。")
    if slot.heads and resource.seats and slot.heads > resource.seats:
        raise OfficeError(f"最多容纳{resource.seats}人。")
    hours = OpeningHour.objects.filter(resource=resource, weekday=start.weekday())
    if for_residents:
        hours = hours.filter(for_residents=True)
    inside = hours.filter(starts__lte=start.time(), ends__gte=end.time())
    if start.date() != end.date() or not inside.exists():
        raise OfficeError("不在居民开放时段内。" if for_residents else "不在开放时间内。")


def peak(resource: Resource, starts_at: datetime, ends_at: datetime) -> int:
    """How many bookings hold the venue at the busiest moment between the two (end excluded). Two that touch do not
    overlap: one ends when the other begins."""
    rows = Booking.objects.filter(
        resource=resource, state__in=BOOKING_HOLDS, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).values_list("starts_at", "ends_at")
    steps = sorted(
        [(max(start, starts_at), 1) for start, _ in rows] + [(end, -1) for _, end in rows],
        key=lambda step: (step[0], step[1]),
    )
    now = busiest = 0
    for _, change in steps:
        now += change
        busiest = max(busiest, now)
    return busiest


def waiting_for(members: list[int]) -> list[Booking]:
    """Bookings of these units' venues that wait for an answer, the next first."""
    rows = Booking.objects.filter(
        resource__member__in=members, state=BookingState.ASKED, ends_at__gt=clock.now()
    )
    return list(rows.select_related("resource__member__unit", "alliance").order_by("starts_at", "pk"))
