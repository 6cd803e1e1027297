"""A unit's menu: resources listed, changed, paused, taken off, and the hours of its venues. The only writer of them
apart from imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import time
from typing import Any

from django.db import IntegrityError, transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Member, User
from alliances.services import audit
from demands import policies
from demands.enums import BOOKING_HOLDS, ResourceKind, ResourceState
from demands.lifecycles import RESOURCE
from demands.models import Booking, OpeningHour, Resource
from demands.services.acting import text


@dataclass(frozen=True)
class Offering:
    """A resource as typed. ``capacity`` bookings at the same time, each of at most ``seats`` people."""

    kind: str
    name: str
    description: str = ""
    quantity: str = ""
    available_when: str = ""
    audience: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    is_bookable: bool = False
    capacity: int = 1
    seats: int | None = None
    notice_days: int = 0


@dataclass(frozen=True)
class Hours:
    """One stretch of a weekday (0 Monday) in which a venue can be booked."""

    weekday: int
    starts: time
    ends: time
    for_residents: bool = False


LENGTHS = {
    "description": 500,
    "quantity": 80,
    "available_when": 120,
    "audience": 80,
    "contact_name": 40,
    "contact_phone": 24,
}


def list_(member: Member, offering: Offering, *, actor: User) -> Resource:
    """Put a resource on the unit's menu."""
    if not policies.can_list_resource_for(actor, member):
        raise NotAllowed("只有本单位联络员可以登记资源，社区可以代录。")
    values = _checked(offering)
    resource = Resource(alliance=member.alliance, member=member, created_by=actor, **values)
    with transaction.atomic():
        _save(resource)
        audit.record("demands.resource.list", resource, actor=actor, after=resource.state)
    return resource


def change(resource: Resource, offering: Offering, *, actor: User) -> Resource:
    """Set the entry anew. A venue does not shrink under bookings that stand."""
    if not policies.can_keep_resource(actor, resource):
        raise NotAllowed("只有本单位联络员和社区可以修改资源。")
    values = _checked(offering)
    with transaction.atomic():
        resource = Resource.objects.select_for_update().select_related("alliance").get(pk=resource.pk)
        if resource.state == ResourceState.WITHDRAWN:
            raise OfficeError("资源已撤下，请重新登记。")
        shrinks = values["capacity"] < resource.capacity or not values["is_bookable"]
        if shrinks and _ahead(resource):
            raise OfficeError("还有未到的预约，请先处理预约再减少可约数量。")
        changed = [key for key, value in values.items() if getattr(resource, key) != value]
        if not changed:
            return resource
        for key, value in values.items():
            setattr(resource, key, value)
        resource.changed_at = clock.now()
        _save(resource)
        audit.record("demands.resource.change", resource, actor=actor, data={"fields": sorted(changed)})
    return resource


def set_hours(resource: Resource, hours: Iterable[Hours], *, actor: User) -> Resource:
    """The venue's week; bookings that stand stay, also outside the new hours."""
    if not policies.can_keep_resource(actor, resource):
        raise NotAllowed("只有本单位联络员和社区可以修改开放时间。")
    rows = sorted(hours, key=lambda row: (row.weekday, row.starts))
    for row in rows:
        if not (0 <= row.weekday <= 6 and row.starts < row.ends):
            raise OfficeError("开放时间的起止不对。")
    for before, after in zip(rows, rows[1:], strict=False):
        if before.weekday == after.weekday and after.starts < before.ends:
            raise OfficeError("同一天的开放时间不能重叠。")
    with transaction.atomic():
        Resource.objects.select_for_update().get(pk=resource.pk)
        OpeningHour.objects.filter(resource=resource).delete()
        OpeningHour.objects.bulk_create(OpeningHour(resource=resource, **asdict(row)) for row in rows)
        audit.record("demands.resource.hours", resource, actor=actor, data={"stretches": len(rows)})
    return resource


def pause(resource: Resource, *, actor: User) -> Resource:
    return RESOURCE.apply(resource, "pause", actor=actor)


def resume(resource: Resource, *, actor: User) -> Resource:
    return RESOURCE.apply(resource, "resume", actor=actor)


def withdraw(resource: Resource, *, actor: User) -> Resource:
    """Off the menu for good; not while somebody has booked it."""
    with transaction.atomic():
        Resource.objects.select_for_update().get(pk=resource.pk)
        if _ahead(resource):
            raise OfficeError("还有未到的预约，请先处理预约再撤下。")
        return RESOURCE.apply(resource, "withdraw", actor=actor)


def _ahead(resource: Resource) -> bool:
    rows = Booking.objects.filter(resource=resource, state__in=BOOKING_HOLDS, ends_at__gt=clock.now())
    return rows.exists()


def _checked(offering: Offering) -> dict[str, Any]:
    values = asdict(offering)
    if offering.kind not in ResourceKind.values:
        raise OfficeError("请选择资源类别。")
    values["name"] = text(offering.name, 80, missing="请填写资源名称。")
    for key, most in LENGTHS.items():
        values[key] = text(values[key], most)
    if offering.is_bookable and offering.kind != ResourceKind.VENUE:
        raise OfficeError("只有场地可以按时段预约。")
    if not 1 <= offering.capacity <= 1000:
        raise OfficeError("同一时段的预约数应在1到1000之间。")
    if offering.seats is not None and offering.seats < 1:
        raise OfficeError("请核对容纳人数。")
    if not 0 <= offering.notice_days <= 90:
        raise OfficeError("提前预约的天数应在0到90之间。")
    return values


def _save(resource: Resource) -> None:
    try:
        with transaction.atomic():
            resource.save()
    except IntegrityError as problem:
        raise OfficeError("这家单位已经登记了同类同名的资源。") from problem
