"""Taking in, reviewing, sharing; a demand's whole story; units' own demands; contacts: an object for every route, and those of a town for the query ceilings."""

from __future__ import annotations

from typing import Any

from alliances import clock
from alliances.models import Alliance, Member, User
from alliances.services import audit
from demands.models import Author, CallBack, Demand, Offer
from demands.services import intake, review
from tests.cast import Cast
from tests.demands import loop
from tests.factories import demands as lists


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; all objects belong to 同心社区."""
    submitted = {"pk": loop.taken_in(cast)[0].pk}
    row = loop.opened(cast)
    opened = {"pk": row.pk}
    declined = loop.taken_in(cast)[0]
    review.decline(declined, "已转物业办理", actor=cast.staff)
    own = intake.ask_for_unit(loop.member(cast), loop.asked(cast, content="借一间会议室"), actor=cast.liaison)
    found: dict[str, dict[str, Any]] = {
        "demands:demand-withdraw": {"pk": own.pk},
        "demands:demand-take-up": {"pk": declined.pk},
        "demands:author-reveal": {"pk": Author.objects.get(demand=row).pk},
    }
    for name in ("demand-open", "demand-decline", "demand-merge", "demand-change"):
        found[f"demands:{name}"] = submitted
    for name in ("demand", "demand-give-up", "demand-share", "demand-unshare", "demand-hand-up"):
        found[f"demands:{name}"] = opened
    return found


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """As many of everything as there are ``members``: on one demand as many authors, claims with visits, call-backs,
    offers, lines of the log; as many that wait for review and resemble each other."""
    actor = users["secretary"]
    waiting = [_logged(lists.demand(home, state="submitted", created_by=actor), actor) for _ in members]
    for row in waiting:
        lists.author(row)
    done = _logged(lists.demand(home, state="closed", hall_opened_at=clock.now()), actor)
    lists.author(done)
    for place, member in enumerate(members):
        merged = lists.demand(home, state="merged", merged_into=done)
        author = lists.author(merged)
        Offer.objects.create(demand=done, member=member, reply_by=clock.today())
        claim = lists.claim(
            done,
            member,
            part="joint" if place else "lead",
            state="accepted",
            delivered_on=clock.today(),
            accepted_on=clock.today(),
        )
        visit = lists.acceptance(claim)
        call_back = lists.answer(visit, author=author)
        audit.record("demands.claim.take", claim, actor=actor)
        audit.record("demands.acceptance.visit", visit, actor=actor, alliance=home)
        audit.record("demands.call_back.ask", call_back, actor=None, alliance=home)
        audit.record("demands.author.reveal", done, actor=actor, data={"reason": "ask"})
    assert CallBack.objects.filter(acceptance__claim__demand=done).count() == len(members)
    return {"intake_done": done, "intake_waiting": waiting[0]}


def _logged(demand: Demand, actor: User) -> Demand:
    audit.record("demands.demand.take_in", demand, actor=actor, after=demand.state)
    return demand
