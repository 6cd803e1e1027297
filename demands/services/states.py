"""The demand's state follows its claims; nobody else moves it between 待认领 and 已办结."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alliances.lifecycle import TooLate
from demands.enums import CLAIM_STANDING, ClaimState, DemandState
from demands.lifecycles import DEMAND
from demands.models import Claim, Demand

# From → to: the moves that lead there.
_PATHS: dict[tuple[str, str], tuple[str, ...]] = {
    (DemandState.OPEN, DemandState.CLAIMED): ("claim",),
    (DemandState.OPEN, DemandState.SERVED): ("claim", "serve"),
    (DemandState.OPEN, DemandState.CLOSED): ("claim", "close"),
    (DemandState.CLAIMED, DemandState.OPEN): ("release",),
    (DemandState.CLAIMED, DemandState.SERVED): ("serve",),
    (DemandState.CLAIMED, DemandState.CLOSED): ("close",),
    (DemandState.SERVED, DemandState.OPEN): ("resume", "release"),
    (DemandState.SERVED, DemandState.CLAIMED): ("resume",),
    (DemandState.SERVED, DemandState.CLOSED): ("close",),
    (DemandState.CLOSED, DemandState.OPEN): ("reopen", "release"),
    (DemandState.CLOSED, DemandState.CLAIMED): ("reopen",),
    (DemandState.CLOSED, DemandState.SERVED): ("reopen", "serve"),
}


def state_that_follows(states: Iterable[str]) -> str:
    """The state of a demand in hand whose claims are in ``states``: none stands: open; all accepted: closed; all
    delivered or accepted: served; else claimed."""
    standing = [state for state in states if state in CLAIM_STANDING]
    if not standing:
        return DemandState.OPEN
    if all(state == ClaimState.ACCEPTED for state in standing):
        return DemandState.CLOSED
    if all(state in (ClaimState.DELIVERED, ClaimState.ACCEPTED) for state in standing):
        return DemandState.SERVED
    return DemandState.CLAIMED


def follow_claims(demand: Demand, *, actor: Any) -> Demand:
    """Bring ``demand`` to the state its claims say; call it in the transaction of every change to a claim.

    ``demand`` is read again and locked first, so that two units that finish at once do not each see the other as still
    working. Raises ``TooLate`` for a demand that is not in hand (declined, merged …).
    """
    fresh = Demand.objects.select_for_update(of=("self",)).select_related("alliance").get(pk=demand.pk)
    states = list(Claim.objects.filter(demand=fresh).values_list("state", flat=True))
    target = state_that_follows(states)
    if fresh.state != target:
        moves = _PATHS.get((fresh.state, target))
        if moves is None:
            word = DemandState(fresh.state).label
            raise TooLate(f"这项需求现在是“{word}”，不能再认领或办理；可能有人先办理了，请刷新后查看。")
        for name in moves:
            ended = {"ended_at": None} if name == "reopen" else {}
            DEMAND.apply(fresh, name, actor=actor, fields=ended)
    demand.state, demand.ended_at = fresh.state, fresh.ended_at
    return demand
