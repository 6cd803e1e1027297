"""The open hall, offers, taking a demand: an object for every route, and those of a town for the query ceilings."""

from __future__ import annotations

from typing import Any

from alliances import clock
from alliances.models import Alliance, Member, User
from demands.services import dispatch
from tests.cast import Cast
from tests.demands import loop
from tests.factories import demands as lists


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; all objects belong to 同心社区. The demand waits in the hall with an offer to 县图书馆."""
    demand = loop.opened(cast, content="活动室需要一位书法老师")
    offer = dispatch.offer(demand, [loop.member(cast)], actor=cast.staff)[0]
    withdrawn = dispatch.offer(demand, [loop.member(cast, "县实验小学")], actor=cast.staff)[0]
    one = {"pk": demand.pk}
    return {
        "demands:claim-take": one,
        "demands:offers": one,
        "demands:open-hall": one,
        "demands:offer": {"pk": offer.pk},
        "demands:offer-withdraw": {"pk": withdrawn.pk},
    }


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """As many of everything as there are ``members``: demands in the hall, some that have their lead, offers, resources;
    all of a kind that no name of a unit suits, so that every card stands among the others."""
    count = len(members)
    now = clock.now()
    open_ones = [lists.demand(home, hall_opened_at=now, content=f"楼道灯{i}") for i in range(count)]
    for i, member in enumerate(members):
        led = lists.demand(home, state="claimed", hall_opened_at=now, content=f"路面{i}")
        lists.claim(led, members[0])
        lists.author(open_ones[i], name=f"住户{i}", phone=f"1390000{i:04d}")
        lists.resource(member, name="路灯维修")
        dispatch.offer(open_ones[0], [member], actor=users["secretary"])
    joined = lists.demand(home, state="claimed", hall_opened_at=now, content="多家合办")
    for i, member in enumerate(members):
        lists.claim(joined, member, part="joint" if i else "lead")
    return {"hall_open": open_ones[0], "hall_joined": joined}
