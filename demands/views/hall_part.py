"""Claims and offers on one demand, with what the reader may do about them: a part of the demand's page.

``context(request, demand)`` gives ``hall``, which ``templates/demands/_demand_claims.html`` shows. Two queries.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from alliances import clock
from demands import policies
from demands.enums import ClaimState, OfferState
from demands.models import Claim, Demand, Offer
from demands.selectors import hall, lists, places, reading
from demands.services.claims import CLAIMABLE

CLAIM_TONES = {
    ClaimState.TAKEN: "wait",
    ClaimState.IN_SERVICE: "wait",
    ClaimState.DELIVERED: "wait",
    ClaimState.RETURNED: "late",
    ClaimState.ACCEPTED: "done",
    ClaimState.HANDED_BACK: "off",
}
OFFER_TONES = {
    OfferState.OFFERED: "wait",
    OfferState.TAKEN: "done",
    OfferState.DECLINED: "off",
    OfferState.LAPSED: "late",
}


def context(request: HttpRequest, demand: Demand) -> dict[str, Any]:
    """``demand`` with its alliance's organisation, ``shared_to`` and category."""
    user = request.user
    found, reader = hall.on_demand(user, demand), reading.Reader(user)
    free = found.free(demand, hall.own_members(user, demand))
    is_open = demand.state in CLAIMABLE
    may_offer = is_open and policies.can_offer_demand(user, demand)
    return {
        "hall": {
            "demand": demand,
            "claims": [_claim(claim) for claim in found.claims],
            "offers": [_offer(user, offer, reader) for offer in found.offers],
            "can_claim": bool(free),
            "joins": found.lead is not None,
            "offer": next((o for m in free if (o := found.open_offer(m))), None),
            "can_record": is_open and policies.can_record_claim(user, demand),
            "can_offer": may_offer,
            "can_open": may_offer and demand.hall_opened_at is None,
            "is_waiting_for_offers": is_open and demand.hall_opened_at is None,
        }
    }


def _claim(claim: Claim) -> dict[str, Any]:
    today = clock.today()
    return {
        "claim": claim,
        "url": places.of_claim(claim),
        "words": lists.state_words(claim, today),
        "tone": "late" if claim.is_overdue(today) else CLAIM_TONES[ClaimState(claim.state)],
    }


def _offer(user: Any, offer: Offer, reader: reading.Reader) -> dict[str, Any]:
    # What the office and the unit typed may name the resident.
    for key in ("note", "decline_reason"):
        setattr(offer, key, reader.veiled(offer.demand, getattr(offer, key)))
    is_open = offer.state == OfferState.OFFERED
    return {
        "offer": offer,
        "tone": OFFER_TONES[OfferState(offer.state)],
        "is_late": is_open and offer.reply_by < clock.today(),
        "can_answer": is_open and policies.can_answer_offer(user, offer),
        "can_withdraw": is_open and policies.can_offer_demand(user, offer.demand),
    }
