"""Addresses of the demand loop's pages, for messages and desk lines: the screens answer at these."""

from demands.models import Booking, CallBack, Claim, Demand, IntakePoint

HALL = "/demands/hall/"
SUITABLE = "/demands/suitable/"  # the desk's fragment


def of_demand(demand: Demand) -> str:
    return f"/demands/{demand.pk}/"


def of_claim(claim: Claim | int) -> str:
    """``claim`` or its key."""
    return f"/demands/claims/{claim if isinstance(claim, int) else claim.pk}/"


def of_call_back(call_back: CallBack) -> str:
    return f"/demands/call-backs/{call_back.pk}/"


def of_booking(booking: Booking) -> str:
    return f"/demands/bookings/{booking.pk}/"


def of_demands(query: str = "") -> str:
    """The list of demands, ``query`` its filter (``state=submitted``)."""
    return f"/demands/?{query}" if query else "/demands/"


def of_offers(query: str = "") -> str:
    return f"/demands/offers/?{query}" if query else "/demands/offers/"


def of_claims(query: str = "") -> str:
    return f"/demands/claims/?{query}" if query else "/demands/claims/"


def of_call_backs(query: str = "") -> str:
    return f"/demands/call-backs/?{query}" if query else "/demands/call-backs/"


# Residents come without an account; their codes stand in the address.


def of_door(point: IntakePoint) -> str:
    return f"/d/{point.code}/"


def of_progress(code: str) -> str:
    """Where the author of an order looks."""
    return f"/q/{code}/"


def of_answer(code: str) -> str:
    """The link of ``services.callbacks.link``, sent to a resident."""
    return f"/q/answer/{code}/"


def of_resident_booking(code: str) -> str:
    return f"/q/venue/{code}/"
