"""Short ways through the demand loop, for tests that begin somewhere in it."""

from __future__ import annotations

from typing import Any

from alliances.models import Member, User
from demands.models import Acceptance, CallBack, Claim, Demand
from demands.services import acceptance, claims, intake, review
from demands.services.claims import Promise
from demands.services.intake import Asked
from tests.cast import Cast
from tests.factories import demands as lists

PROMISE = Promise(measures="夜间巡查劝离", responsible="钱新民")
JOINT = Promise(measures="送静音器材", responsible="何文", part="joint")


def asked(cast: Cast, **fields: Any) -> Asked:
    values: dict[str, Any] = {
        "category": lists.category(),
        "content": "楼下烧烤摊夜里很吵",
        "station": cast.station_place,
        "name": "方小超",
        "phone": "13800003449",
        "has_consented": True,
        **fields,
    }
    return Asked(**values)


def taken_in(cast: Cast, **fields: Any) -> tuple[Demand, str]:
    done = intake.take_in(cast.alliance, asked(cast, **fields), actor=cast.staff)
    return done.demand, done.code


def opened(cast: Cast, **fields: Any) -> Demand:
    """In the hall, for every unit of the alliance."""
    return review.open_(taken_in(cast, **fields)[0], actor=cast.staff)


def claimed(cast: Cast, demand: Demand | None = None, promise: Promise = PROMISE) -> Claim:
    """县图书馆 leads."""
    return claims.take(demand or opened(cast), cast.members["县图书馆"], promise, actor=cast.liaison)


def joined(cast: Cast, demand: Demand) -> Claim:
    """县文体广电局 joins."""
    return claims.take(demand, cast.members["县文体广电局"], JOINT, actor=cast.second_liaison)


def delivered(cast: Cast, claim: Claim | None = None, actor: User | None = None) -> Claim:
    return claims.deliver(claim or claimed(cast), volunteers=3, actor=actor or cast.liaison)


def accepted(cast: Cast, claim: Claim | None = None) -> Acceptance:
    return acceptance.accept(claim or delivered(cast), actor=cast.station)


def asked_back(cast: Cast) -> CallBack:
    """The call-back of an accepted claim."""
    return CallBack.objects.select_related("acceptance__claim__demand").get(acceptance=accepted(cast))


def state(row: Any) -> str:
    """As the database has it."""
    return type(row)._default_manager.values_list("state", flat=True).get(pk=row.pk)


def member(cast: Cast, name: str = "县图书馆") -> Member:
    return cast.members[name]
