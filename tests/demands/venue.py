"""A venue of 县图书馆 and bookings of it, for tests of the screens."""

from __future__ import annotations

import re
from datetime import datetime, time

from alliances import clock
from demands.models import Booking, Resource
from demands.services import bookings, resources
from demands.services.bookings import Slot
from demands.services.resources import Hours, Offering
from tests.cast import Cast
from tests.demands import loop

ASKED = {"day": "2026-03-03", "starts": "09:00", "ends": "11:00", "heads": "20", "purpose": "读书会"}
# Tuesday 3 March 2026 is tomorrow; Sunday the 8th is open to residents.
WEEK = [Hours(day, time(8), time(12)) for day in range(5)] + [Hours(6, time(9), time(17), for_residents=True)]


def room(cast: Cast, **fields: object) -> Resource:
    entry = {"kind": "venue", "name": "二楼会议室", "is_bookable": True, "capacity": 1, "seats": 40}
    venue = resources.list_(loop.member(cast), Offering(**(entry | fields)), actor=cast.liaison)
    return resources.set_hours(venue, WEEK, actor=cast.liaison)


def url(row: Resource | Booking, name: str = "") -> str:
    return f"/demands/{'resources' if isinstance(row, Resource) else 'bookings'}/{row.pk}/{name}"


def slot(start: int = 9, end: int = 11, day: int = 3, purpose: str = "议事会") -> Slot:
    return Slot(
        datetime(2026, 3, day, start, tzinfo=clock.ZONE),
        datetime(2026, 3, day, end, tzinfo=clock.ZONE),
        purpose,
    )


def asked(cast: Cast, venue: Resource, wanted: Slot | None = None) -> Booking:
    """县实验小学 asks."""
    member = loop.member(cast, "县实验小学")
    return bookings.ask_for_unit(venue, member, wanted or slot(), actor=cast.other_liaison)


def by_resident(venue: Resource) -> Booking:
    return bookings.ask_for_resident(
        venue,
        slot(10, 12, day=8, purpose="方小超家的生日会"),
        name="方小超",
        phone="13800003449",
        form_key="f",
        has_consented=True,
    ).booking


def text(response: object) -> str:
    page = re.sub(r"<(style|script).*?</\1>", " ", response.content.decode(), flags=re.S)  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
