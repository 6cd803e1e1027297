"""The visits to one claim as a part of its page: verdicts, what to mend, what the residents said, and the station's
two buttons."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from alliances.enums import Role
from demands import policies
from demands.enums import CallBackState, ClaimState, Satisfaction, Verdict
from demands.forms.stations import MendForm, TapForm
from demands.models import Acceptance, CallBack, Claim
from demands.selectors.reading import Reader

VERDICT_TONES = {Verdict.PASSED: "done", Verdict.MENDED: "done", Verdict.FAILED: "late"}
STATE_TONES = {CallBackState.DUE: "wait", CallBackState.ANSWERED: "done", CallBackState.UNREACHABLE: "off"}


def context(request: HttpRequest, claim: Claim, reader: Reader) -> dict[str, Any]:
    """What ``demands/_claim_visits.html`` reads, all of it under one key: update the page's context with it. ``claim``
    as ``reader`` may see it, with its demand, station and alliance; costs two queries where there are visits.
    """
    user = request.user
    may_accept = policies.can_accept_claim(user, claim)
    visits = visits_of(claim)
    deeds = claim.state == ClaimState.DELIVERED and may_accept
    return {
        "visits_part": {
            "claim": claim,
            "result": reader.said(claim, claim.result),
            "rows": [_row(visit, user, claim, reader) for visit in visits],
            "may_accept": may_accept,
            "deeds": deeds,
            "own": deeds and accepts_itself(user, claim),
            "place": policies.station_of(claim.demand).name,
            "has_failed": any(visit.verdict == Verdict.FAILED for visit in visits),
            "tap": TapForm(auto_id="id_tap_%s"),
            "mend": MendForm(auto_id="id_mend_%s"),
            "waits": claim.state == ClaimState.DELIVERED and not may_accept,
            "has_sheet": may_accept and claim.state != ClaimState.HANDED_BACK,
        }
    }


def visits_of(claim: Claim) -> list[Acceptance]:
    """All visits, oldest first, with their call-backs."""
    rows = Acceptance.objects.filter(claim=claim).select_related("station", "recorded_by__person")
    return list(rows.prefetch_related("call_backs").order_by("visit"))


def accepts_itself(user: Any, claim: Claim) -> bool:
    """Whether a visit is the user's own act: the station's, or the community's where there is no station. The office
    only records a station's visit from paper or telephone."""
    if claim.demand.station_id is None:
        return True
    return policies.can_accept_claim.capacity(user, claim) == Role.STATION


def _row(visit: Acceptance, user: Any, claim: Claim, reader: Reader) -> dict[str, Any]:
    asks = policies.can_accept_claim(user, claim)
    reads = asks or _reads_opinions(user, claim)
    return {
        "visit": visit,
        "to_mend": reader.said(claim, visit.to_mend),
        "mended": reader.said(claim, visit.mended),
        "tone": VERDICT_TONES[Verdict(visit.verdict)],
        "call_backs": [
            _call_back(row, claim, reader if reads else None, asks) for row in visit.call_backs.all()
        ],
    }


def _reads_opinions(user: Any, claim: Claim) -> bool:
    """A resident's own words are read by the unit that has to mend, of a sensitive demand after the secretary's release."""
    mine = [post.member_id for post in user.current_appointments if post.role == Role.LIAISON]
    return claim.member_id in mine and bool(not claim.demand.is_sensitive or claim.contact_released_at)


def _call_back(row: CallBack, claim: Claim, reader: Reader | None, asks: bool) -> dict[str, Any]:
    unhappy = row.satisfaction == Satisfaction.BAD
    answered = row.state == CallBackState.ANSWERED
    return {
        "row": row,
        "words": row.get_satisfaction_display() if answered else row.get_state_display(),
        "tone": "late" if unhappy else STATE_TONES[CallBackState(row.state)],
        "opinion": reader.said(claim, row.opinion) if reader else "",
        "follow_up": reader.said(claim, row.follow_up) if reader else "",
        "asks": asks and row.imported_at is None,
        "is_open": not answered,
    }
