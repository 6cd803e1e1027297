"""What residents reach without an account: orders, progress by code, answers by link, venues; and the office's doors to it (QR codes, posters): an object for every route, and those of a town for the query ceilings."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from alliances import clock
from alliances.models import Alliance, Member, User
from demands.enums import CallBackState, DemandState
from demands.fields import keyed_hash
from demands.models import CallBack, OpeningHour
from demands.services import bookings, callbacks, codes, intake
from demands.services.bookings import Slot
from tests.cast import Cast
from tests.demands import loop, resident_forms
from tests.factories import demands as lists


def saturday() -> Slot:
    """An hour of the Saturday after the next day, whatever day a test has come to."""
    day = clock.today() + timedelta(days=2)
    day += timedelta(days=(5 - day.weekday()) % 7)
    start, end = (datetime.combine(day, time(hour), tzinfo=clock.ZONE) for hour in (9, 10))
    return Slot(start, end, "合唱队排练")


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; all objects belong to 同心社区."""
    point = resident_forms.door(cast)
    _, code = loop.taken_in(cast, content="三号楼前路灯不亮")
    room = resident_forms.open_venue(cast, name="居民活动室")
    booked = bookings.ask_for_resident(
        room, saturday(), name="方小超", phone="13800003449", has_consented=True
    )
    link = callbacks.link(loop.asked_back(cast), actor=cast.staff)
    return {
        "demands:door": {"pk": point.pk},
        "demands:door-poster": {"pk": point.pk, "fmt": "docx"},
        "demands:resident-order": {"code": point.code},
        "demands:resident-venues": {"code": point.code},
        "demands:resident-venue": {"code": point.code, "pk": room.pk},
        "demands:resident-progress": {"code": code},
        "demands:resident-answer": {"code": link},
        "demands:resident-booking": {"code": booked.code},
    }


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """As many of everything as there are ``members``: doors, venues, and a demand that all of them served, accepted and
    asked about."""
    secretary = users["secretary"]
    points = [
        intake.open_door(place, home, actor=secretary)
        for place in [home.organisation, *home.organisation.children.order_by("path")]
    ]
    for member in members:
        room = lists.venue(member, name="居民活动室")
        OpeningHour.objects.create(
            resource=room, weekday=5, starts=time(9), ends=time(11), for_residents=True
        )
    booked = bookings.ask_for_resident(
        room, saturday(), name="方小超", phone="13800003449", has_consented=True
    )
    code = codes.new()
    demand = lists.demand(home, points[-1].organisation, state=DemandState.CLOSED)
    author = lists.author(demand, tracking_hash=keyed_hash(codes.normal(code)))
    today = clock.today()
    for place, member in enumerate(members):
        claim = lists.claim(
            demand,
            member,
            part="joint" if place else "lead",
            state="accepted",
            delivered_on=today,
            accepted_on=today,
        )
        row = CallBack.objects.create(
            acceptance=lists.acceptance(claim), author=author, due_on=today, state=CallBackState.DUE
        )
    return {
        "residents_point": points[0],
        "residents_room": room,
        "residents_booking": booked.code,
        "residents_code": code,
        "residents_link": callbacks.link(row, actor=secretary),
    }
