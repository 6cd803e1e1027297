"""Resources, venues and their bookings: an object for every route, and those of a town for the query ceilings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alliances import clock
from alliances.models import Alliance, Member, User
from demands.models import Booking, OpeningHour, Resource
from tests.cast import Cast
from tests.factories import demands as lists


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; all objects belong to 同心社区."""
    member = cast.members["县图书馆"]
    venue = _venue(member, "二楼会议室", capacity=2)
    asked = lists.booking(venue, member=cast.members["县实验小学"], asked_by=cast.other_liaison)
    residents = lists.booking(
        venue, asker_name="方小超", asker_phone="13800003449", tracking_hash="furnished", purpose="合唱排练"
    )
    found: dict[str, dict[str, Any]] = {
        "demands:menu": {"pk": member.pk},
        "demands:booking-asker": {"pk": residents.pk},
    }
    for name in ("", "-edit", "-hours", "-pause", "-resume", "-withdraw", "-book"):
        found[f"demands:resource{name}"] = {"pk": venue.pk}
    for name in ("", "-confirm", "-decline", "-use", "-cancel"):
        found[f"demands:booking{name}"] = {"pk": asked.pk}
    return found


def _venue(member: Member, name: str, **fields: Any) -> Resource:
    """Open from eight to six every day, also to residents on Sundays."""
    venue = lists.venue(member, name=name, **fields)
    OpeningHour.objects.bulk_create(
        OpeningHour(resource=venue, weekday=day, starts="08:00", ends="18:00", for_residents=day == 6)
        for day in range(7)
    )
    return venue


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """As many of everything as there are ``members``: resources of the first unit, bookings of its venue by every unit
    and by as many residents, each with its line in the log."""
    venue = _venue(members[0], "大会议室", capacity=100)
    found: list[Booking] = []
    for i, member in enumerate(members):
        lists.resource(members[0], name=f"讲座{i}", kind="people")
        day = clock.now() + timedelta(days=1)
        own = lists.booking(venue, member=member, asked_by=users[f"liaison{i}"])
        lists.booking(
            venue,
            asker_name="方小超",
            asker_phone="13800003449",
            starts_at=day,
            ends_at=day + timedelta(hours=1),
        )
        found.append(own)
    return {"resources:venue": venue, "resources:booking": found[0], "resources:member": members[0]}
