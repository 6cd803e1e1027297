"""Acceptance and call-back: an object for every route, and those of a town for the query ceilings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alliances import clock
from alliances.models import Alliance, Member, User
from demands.models import CallBack, Claim
from demands.services import acceptance
from tests.cast import Cast
from tests.demands import loop
from tests.factories import demands as lists


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; all objects belong to 同心社区: a claim that waits for the station, a call-back that is due, and
    one whose unsatisfied answer nobody has followed."""
    waiting = loop.delivered(cast, loop.claimed(cast, loop.opened(cast, content="站点要验收的")))
    passed = acceptance.accept(
        loop.delivered(cast, loop.claimed(cast, loop.opened(cast, content="要回访的"))), actor=cast.station
    )
    due = CallBack.objects.get(acceptance=passed)
    bad = lists.answer(passed, "bad", author=None)
    claim, call_back = {"pk": waiting.pk}, {"pk": due.pk}
    return {
        "demands:claim-accept": claim,
        "demands:claim-return": claim,
        "demands:visit-sheet": {**claim, "fmt": "pdf"},
        "demands:call-back": call_back,
        "demands:call-back-miss": call_back,
        "demands:call-back-link": call_back,
        "demands:call-back-follow-up": {"pk": bad.pk},
    }


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """As many visits, call-backs and answers as there are ``members``, on one claim and on one each; a station's too."""
    users["stations-station"] = _station_of(home)
    station = users["stations-station"].current_appointments[0].organisation
    today = clock.today()
    claims: list[Claim] = []
    for number, member in enumerate(members):
        demand = lists.demand(home, station, state="served", content=f"验收{number}")
        lists.author(demand)
        claim = lists.claim(demand, member, state="delivered", delivered_on=today)
        claims.append(claim)
        done = lists.claim(
            lists.demand(home, station, state="closed"),
            member,
            state="accepted",
            delivered_on=today,
            accepted_on=today,
        )
        visit = lists.acceptance(done)
        for state in ("due", "unreachable"):
            CallBack.objects.create(
                acceptance=visit,
                author=lists.author(done.demand, f"方{state}", "13800003449"),
                state=state,
                due_on=today + timedelta(days=3),
            )
        lists.answer(visit, "bad")
    first = claims[0]
    for number in range(len(members)):
        visit = lists.acceptance(first, visit=number + 1, verdict="failed", to_mend="再打扫一遍")
        lists.answer(visit, "fair")
    late = CallBack.objects.filter(acceptance__claim__alliance=home, state="due").earliest("pk")
    return {"stations-claim": first.pk, "stations-call-back": late.pk}


def _station_of(home: Alliance) -> User:
    person = (
        home.organisation.children.filter(level="station").earliest("pk").appointments.earliest("pk").person
    )
    return person.user
