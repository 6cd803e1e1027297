"""What a resident can do with the code of an order: look, take it back, say that it is not done, have the data deleted.

No account and no name: whoever holds the code is the author. Rate limits are the pages' business.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from alliances import clock
from alliances.errors import OfficeError
from alliances.services import audit
from demands.enums import CallBackState, ClaimState, DemandState, Satisfaction
from demands.fields import keyed_hash
from demands.lifecycles import DEMAND
from demands.models import Acceptance, Author, CallBack, Claim, Demand
from demands.services import callbacks, codes, dispatch, privacy, reopening
from demands.services.acting import hold


def find(code: str) -> Author | None:
    """The author of a tracking code, with the demand and what it was merged into; None for a wrong one."""
    hashed = keyed_hash(codes.normal(code))
    if not hashed:
        return None
    return (
        Author.objects.filter(tracking_hash=hashed)
        .select_related("demand__alliance__organisation", "demand__merged_into__alliance__organisation")
        .first()
    )


def followed(author: Author) -> Demand:
    """The demand whose progress the author follows: the one it was merged into, where it was."""
    return author.demand.merged_into or author.demand


def withdraw(author: Author) -> Demand:
    """The author takes the demand back before anybody works on it. One of several authors only leaves, the others'
    demand goes on."""
    with transaction.atomic():
        demand = hold(author.demand)
        others = Author.objects.filter(Q(demand=demand) | Q(demand__merged_into=demand)).exclude(pk=author.pk)
        if demand.state == DemandState.MERGED or others.exists():
            raise OfficeError("还有其他居民提出同一需求，不能整件撤回；您可以删除自己的信息。")
        DEMAND.apply(demand, "withdraw_by_author", actor=None)
        dispatch.withdraw_open(demand, actor=None)
    return demand


def reopen(author: Author) -> Demand:
    """「没有解决」: a closed demand goes back to work, once: its lead's claim, else the one accepted last."""
    demand = followed(author)
    with transaction.atomic():
        demand = hold(demand)
        if demand.state != DemandState.CLOSED:
            raise OfficeError("需求还没有办结，不用重新提出。")
        rows = Claim.objects.filter(demand=demand, state=ClaimState.ACCEPTED)
        done = rows.filter(reopened_at=None).order_by("-part", "-accepted_on", "pk").first()
        if done is None or rows.filter(reopened_at__isnull=False).exists():
            raise OfficeError("这项需求已经重新办理过一次，请直接联系社区。")
        done.demand = demand
        _say_unsatisfied(author, done)
        audit.record("demands.demand.reopen_by_author", demand, actor=None, data={"claim": done.pk})
    demand.refresh_from_db(fields=["state", "ended_at"])
    return demand


def _say_unsatisfied(author: Author, claim: Claim) -> None:
    """「没有解决」is an unsatisfied answer to the last visit, and waits for a named follow-up like any other. What the
    author had answered before is left as it was said."""
    visit = Acceptance.objects.filter(claim=claim).order_by("-visit").first()
    if visit is None:  # imported without its visits: there is nothing to answer
        reopening.reopen(claim, actor=None)
        return
    visit.claim = claim
    row = CallBack.objects.filter(acceptance=visit, author=author).first()
    if row is None:
        row = CallBack.objects.create(
            acceptance=visit, author=author, due_on=clock.today(), state=CallBackState.DUE
        )
    row.acceptance = visit
    if row.state != CallBackState.ANSWERED:
        callbacks.answer_by_link(row, Satisfaction.BAD)
        return
    reopening.reopen(claim, actor=None)
    CallBack.objects.filter(pk=row.pk).update(reopened_claim=True, follow_up="")


def delete_my_data(author: Author) -> None:
    """Name, phone and the code itself are gone; the need stays, without a person. Cannot be undone."""
    with transaction.atomic():
        hold(author.demand)
        if privacy.clear([author.pk]):
            callbacks.keep_one_look(hold(followed(author)))
            audit.record(
                "demands.author.delete",
                author.demand,
                actor=None,
                data={"author": author.pk, "at": clock.now().isoformat()},
            )
    author.refresh_from_db()
