"""Rows of the four lists with plausible values; every one can be overridden."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from alliances import clock
from alliances.models import Alliance, Member, Organisation
from demands.fields import keyed_hash
from demands.models import Acceptance, Author, Booking, CallBack, Category, Claim, Demand, Resource
from demands.services import numbers

CATEGORY = ("环境", "噪声")


def category(group: str = CATEGORY[0], name: str = CATEGORY[1], **fields: Any) -> Category:
    return Category.objects.get_or_create(group=group, name=name, defaults=fields)[0]


def demand(alliance: Alliance, station: Organisation | None = None, **fields: Any) -> Demand:
    """An open demand raised today, numbered in the same series as those of the services."""
    today = clock.today()
    with transaction.atomic():
        numbered = {} if "serial" in fields else numbers.next_number(alliance, today)
    values: dict[str, Any] = {
        "year": today.year,
        **numbered,
        "state": "open",
        "source": "visit",
        "content": "楼下烧烤摊夜里很吵",
        "raised_on": today,
        **fields,
    }
    values.setdefault("category", None)
    values["category"] = values["category"] or category()
    values.setdefault("number", f"{alliance.number_prefix}需〔{values['year']}〕{values['serial']}号")
    return Demand.objects.create(alliance=alliance, station=station, **values)


def author(demand: Demand, name: str = "方小超", phone: str = "13800003449", **fields: Any) -> Author:
    fields.setdefault("phone_key", keyed_hash(phone))
    return Author.objects.create(demand=demand, name=name, phone=phone, **fields)


def claim(demand: Demand, member: Member, **fields: Any) -> Claim:
    """The lead's claim of today with 30 days."""
    today = clock.today()
    values: dict[str, Any] = {
        "measures": "夜间巡查劝离",
        "responsible": "钱新民",
        "responsible_phone": "13800000215",
        "claimed_on": today,
        "due_on": today + timedelta(days=30),
        **fields,
    }
    values.setdefault("first_due_on", values["due_on"])
    return Claim.objects.create(demand=demand, alliance=demand.alliance, member=member, **values)


def acceptance(claim: Claim, **fields: Any) -> Acceptance:
    values: dict[str, Any] = {
        "station": claim.demand.station,
        "inspector_name": "马秀英",
        "visited_on": clock.today(),
        "verdict": "passed",
        **fields,
    }
    return Acceptance.objects.create(claim=claim, **values)


def answer(acceptance: Acceptance, satisfaction: str = "good", **fields: Any) -> CallBack:
    """An answered call-back about ``acceptance``."""
    values: dict[str, Any] = {
        "state": "answered",
        "method": "phone",
        "answered_on": acceptance.visited_on,
        "opinion": "处理及时",
        **fields,
    }
    return CallBack.objects.create(acceptance=acceptance, satisfaction=satisfaction, **values)


def resource(member: Member, **fields: Any) -> Resource:
    values: dict[str, Any] = {"kind": "service", "name": "法律咨询", "description": "每周一次", **fields}
    return Resource.objects.create(alliance=member.alliance, member=member, **values)


def venue(member: Member, **fields: Any) -> Resource:
    return resource(member, **{"kind": "venue", "name": "二楼会议室", "is_bookable": True, **fields})


def booking(resource: Resource, **fields: Any) -> Booking:
    """Tomorrow from nine to eleven by default."""
    nine = clock.now().replace(hour=9, minute=0) + timedelta(days=1)
    values: dict[str, Any] = {
        "alliance": resource.alliance,
        "starts_at": nine,
        "ends_at": nine + timedelta(hours=2),
        "purpose": "议事会",
        **fields,
    }
    return Booking.objects.create(resource=resource, **values)
