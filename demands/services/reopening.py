"""重新办理: an unsatisfied resident sends an accepted claim back to work, once in its life."""

from __future__ import annotations

from alliances import clock
from alliances.models import User
from alliances.services import audit, digests
from demands import policies
from demands.enums import CallBackState, ClaimState
from demands.lifecycles import CLAIM
from demands.models import CallBack, Claim
from demands.selectors import places
from demands.selectors.deadlines import Office
from demands.services.acting import liaisons, tell
from demands.services.claims import DEADLINE_KINDS
from demands.services.states import follow_claims

CALL_BACK_KINDS = ("demands.call_back.remind", "demands.call_back.nudge", "demands.call_back.escalate")


def reopen(claim: Claim, *, actor: User | None) -> bool:
    """An unsatisfied resident sends an accepted claim back to work, once in its life; False where it has been already.

    Part of the call-back's or the resident's own transaction, which holds the demand. The unit gets the time of the
    demand's urgency anew.
    """
    claim.refresh_from_db()
    if claim.state != ClaimState.ACCEPTED or claim.reopened_at is not None:
        return False
    demand = claim.demand
    due_on = Office(claim.alliance.organisation).due_on(demand.urgency, clock.today())
    fields = {
        "due_on": max(due_on, claim.due_on),
        "accepted_on": None,
        "nudged_at": None,
        "escalated_at": None,
    }
    CLAIM.apply(claim, "reopen", actor=actor, fields=fields)
    digests.forget(DEADLINE_KINDS, claim.pk)
    _drop_call_backs(claim, actor)
    follow_claims(demand, actor=actor)
    tell(
        liaisons(claim.member),
        claim,
        "demands.claim.reopened",
        f"群众不满意，请重新办理：{demand.number}",
        "回访时需求人表示不满意，项目退回办理一次，请与社区联系了解情况。",
        places.of_claim(claim),
    )
    if actor is None:
        _tell_office(claim)
    return True


def _drop_call_backs(claim: Claim, actor: User | None) -> None:
    """Whoever has not been asked yet is asked about the visit that comes: what is not answered of the old ones goes."""
    for row in CallBack.objects.filter(acceptance__claim=claim).exclude(state=CallBackState.ANSWERED):
        drop(row, claim, actor=actor)


def drop(row: CallBack, claim: Claim, *, actor: User | None) -> None:
    """A call-back that nobody needs to make any more; the log tells of it."""
    audit.record(
        "demands.call_back.drop",
        row,
        actor=actor,
        alliance=claim.alliance,
        before=row.state,
        data={"claim": claim.pk},
    )
    digests.forget(CALL_BACK_KINDS, row.pk)
    row.delete()


def _tell_office(claim: Claim) -> None:
    """The resident reopened it alone: the community and the station name who follows it up."""
    demand = claim.demand
    station = policies.can_accept_claim.parts[0].holders(claim) if demand.station_id else []
    tell(
        dict.fromkeys([*policies.can_run_alliance.holders(demand), *station]),
        claim,
        "demands.claim.reopened_by_resident",
        f"需求人要求重新办理：{demand.number}",
        "项目已退回单位重新办理，请联系需求人了解情况，并写明由谁、怎样跟进。",
        places.of_call_backs("follow=none"),
    )
