"""Who may do what to resources, demands, claims, acceptances and call-backs (design, domain: "Who may").

A unit's and a station's own acts are open to secretary and staff too, who only record them as done on paper or by phone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alliances.enums import Role
from alliances.models import Organisation
from alliances.policies import Rule, can_lead_alliance, can_oversee_alliance, can_run_alliance
from demands.models import Author, Booking, Claim, Demand, Offer, Resource


def _asking_member(demand: Demand) -> Iterable[int]:
    return (demand.member_id,) if demand.member_id else ()


def _own_member(obj: Resource | Offer | Claim) -> Iterable[int]:
    return (obj.member_id,)


def _giving_member(booking: Booking) -> Iterable[int]:
    return (booking.resource.member_id,)


def _booking_member(booking: Booking) -> Iterable[int]:
    return (booking.member_id,) if booking.member_id else ()


def _giving_place(booking: Booking) -> Organisation:
    return booking.resource.alliance.organisation


def station_of(demand: Demand) -> Organisation:
    """Where a demand is accepted: its station, else the community itself."""
    return demand.station or demand.alliance.organisation


# --- reading -----------------------------------------------------------------------------------------------------

can_export_lists = can_oversee_alliance
# Names and phones leave the house: a permission of its own (design, trust).
can_export_contacts = can_lead_alliance


def may_see_contact(user: Any, author: Author) -> bool:
    """The same answer as ``Author.objects.visible_to``: whether a reveal with a reason is open to ``user``."""
    return Author.objects.visible_to(user).filter(pk=author.pk).exists()


# --- resources and bookings --------------------------------------------------------------------------------------

can_keep_resource = Rule(Role.LIAISON, members=_own_member) | can_run_alliance
can_list_resource_for = Rule(Role.LIAISON, members=lambda member: (member.pk,)) | can_run_alliance
can_answer_booking = Rule(Role.LIAISON, members=_giving_member) | Rule(
    Role.SECRETARY, Role.STAFF, place=_giving_place
)
can_cancel_booking = Rule(Role.LIAISON, members=_booking_member) | can_run_alliance | can_answer_booking

# --- demands -----------------------------------------------------------------------------------------------------

can_take_in = can_run_alliance
can_take_in_at_station = Rule(Role.STATION, place=lambda station: station)
can_ask_for_unit = Rule(Role.LIAISON, members=lambda member: (member.pk,))
can_review_demand = can_run_alliance
can_withdraw_demand = Rule(Role.LIAISON, members=_asking_member) | can_run_alliance
can_give_up_demand = can_run_alliance
can_offer_demand = can_run_alliance
# Its secretary, or the stations above it (总站统筹): a street for what lies below it, the county too.
can_share_demand = Rule(Role.SECRETARY, Role.OFFICE)
can_hand_up_demand = can_lead_alliance
can_release_contact = can_lead_alliance

# --- offers and claims -------------------------------------------------------------------------------------------

can_answer_offer = Rule(Role.LIAISON, members=_own_member) | can_run_alliance
can_claim_for = Rule(Role.LIAISON, members=lambda member: (member.pk,))
can_record_claim = can_run_alliance
can_work_on_claim = Rule(Role.LIAISON, members=_own_member) | can_run_alliance
can_answer_extension = can_run_alliance

# --- acceptance and call-back ------------------------------------------------------------------------------------

can_accept_claim = Rule(Role.STATION, place=lambda claim: station_of(claim.demand)) | can_run_alliance
can_call_back = (
    Rule(Role.STATION, place=lambda call_back: station_of(call_back.acceptance.claim.demand))
    | can_run_alliance
)


def members_acting(user: Any, demand: Demand) -> list[int]:
    """Ids of the user's own members through which ``demand`` may be claimed: those of its alliance first, then, where
    it is shared, those below the office whose hall it is in; oldest membership first."""
    own = [a.member for a in user.current_appointments if a.role == Role.LIAISON and a.member]
    near = [m.pk for m in own if m.alliance_id == demand.alliance_id]
    shared = demand.shared_to
    far = [
        m.pk
        for m in own
        if shared and m.alliance_id != demand.alliance_id and m.alliance.organisation.is_under(shared)
    ]
    return sorted(near) + sorted(far)
