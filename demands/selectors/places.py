"""Addresses of the demand loop's pages, for messages and desk lines: the screens answer at these."""

from demands.models import Booking, CallBack, Claim, Demand


def of_demand(demand: Demand) -> str:
    return f"/demands/{demand.pk}/"


def of_claim(claim: Claim) -> str:
    return f"/demands/claims/{claim.pk}/"


def of_call_back(call_back: CallBack) -> str:
    return f"/demands/call-backs/{call_back.pk}/"


def of_booking(booking: Booking) -> str:
    return f"/demands/bookings/{booking.pk}/"


def of_demands(query: str = "") -> str:
    """The list of demands, ``query`` its filter (``state=submitted``)."""
    return f"/demands/?{query}" if query else "/demands/"


def of_claims(query: str = "") -> str:
    return f"/demands/claims/?{query}" if query else "/demands/claims/"


def of_call_backs(query: str = "") -> str:
    return f"/demands/call-backs/?{query}" if query else "/demands/call-backs/"
