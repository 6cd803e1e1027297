"""The four lists as pages, their rates and gaps: an object for every route, and those of a town for the query ceilings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alliances import clock
from alliances.models import Alliance, ExportJob, Member, User
from demands.models import Offer
from tests.cast import Cast
from tests.factories import demands as make
from tests.factories import people


def job(owner: User, alliance: Alliance, number: int = 0) -> ExportJob:
    """A table that waits for the worker."""
    made = ExportJob.objects.create(
        owner=owner,
        name="demands",
        suffix="xlsx",
        title="群众需求清单",
        params={"page": str(number)},
        total=9,
    )
    made.alliances.add(alliance)
    return made


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; all objects belong to 同心社区."""
    one = {"pk": job(cast.secretary, cast.alliance).pk}
    return {f"alliances:export-job{what}": one for what in ("", "-file", "-drop")}


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """As many of everything as there are ``members``."""
    for number, member in enumerate(members):
        station = people.place(f"清单{number}站", "station", home.organisation)
        category = make.category("清单", f"{len(members)}之{number}")
        demand = make.demand(home, station, state="closed", category=category)
        make.author(demand, phone=f"1370000{len(members):02d}{number:02d}")
        days = {"delivered_on": clock.today(), "accepted_on": clock.today()}
        done = make.claim(demand, member, state="accepted", due_on=clock.today(), **days)
        done.notes.create(text="已上门")
        make.answer(make.acceptance(done), "good")
        make.resource(member, name="清单资源")
        Offer.objects.create(demand=demand, member=member, reply_by=clock.today() + timedelta(days=1))
        made = job(users["secretary"], home, number)
    return {"lists_job": made.pk}
