"""Who may do what about scoring (design, domain: "Who may").

Codes and paper ballots are handled by the community, never by the chair, who is scored by them. A unit's vote is its
liaison's own act; staff may only record it as given on paper or by phone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from alliances.enums import Role
from alliances.models import Alliance, Appointment, Organisation, Person
from alliances.policies import OwnOffice, Rule, can_lead_alliance, can_run_alliance
from alliances.querysets import appointments_of


class _PresidentElseSecretary(Rule):
    """The president; where none is appointed, the secretary."""

    def __init__(self) -> None:
        super().__init__(Role.PRESIDENT, Role.SECRETARY)

    def _role(self, place: Organisation) -> str:
        appointed = Appointment.objects.current().filter(role=Role.PRESIDENT, organisation=place).exists()
        return Role.PRESIDENT if appointed else Role.SECRETARY

    def capacity_alone(self, user: Any, obj: Any) -> str:
        role = super().capacity_alone(user, obj)
        place = self.place(obj)
        if not role or role == Role.PRESIDENT:
            return role
        # Also the one who is both acts as president.
        if any(a.role == Role.PRESIDENT and a.organisation_id == place.pk for a in user.current_appointments):
            return Role.PRESIDENT
        return role if self._role(place) == role else ""

    def holders(self, obj: Any) -> list[Person]:
        return Rule(self._role(self.place(obj)), place=self.place).holders(obj)


can_edit_rubric = can_run_alliance
can_run_round = can_run_alliance
can_print_codes = can_run_alliance
can_enter_paper = can_run_alliance
can_read_warnings = can_lead_alliance

can_vote_for_unit = Rule(
    Role.LIAISON,
    place=lambda mark: mark.round.alliance.organisation,
    members=lambda mark: (mark.member_id,),
)
can_record_vote = Rule(Role.SECRETARY, Role.STAFF, place=lambda mark: mark.round.alliance.organisation)

can_write_feedback = _PresidentElseSecretary()
can_comment = can_lead_alliance


# --- the quarterly assessment --------------------------------------------------------------------------------------


def recipient_of(alliance: Alliance) -> Organisation | None:
    """Whom an alliance reports to (主送): the organisation above, mostly the street. None at the tree's root."""
    return alliance.organisation.parent


def copied_to(alliance: Alliance) -> Organisation | None:
    """Who gets a copy (抄送): the organisation above the recipient, mostly the county's department."""
    above = recipient_of(alliance)
    return above.parent if above else None


class _OfficeAbove(OwnOffice):
    """The office of exactly the organisation that ``find`` names, if there is one."""

    def __init__(self, find: Callable[[Alliance], Organisation | None]) -> None:
        super().__init__()
        self._find = find

    def capacity_alone(self, user: Any, obj: Any) -> str:
        place = self._find(_alliance_of(obj))
        if place is None or not any(
            a.role == Role.OFFICE and a.organisation_id == place.pk for a in appointments_of(user)
        ):
            return ""
        return Role.OFFICE

    def scope_alone(self, obj: Any) -> Q:
        place = self._find(_alliance_of(obj))
        return Q(role=Role.OFFICE, organisation=place) if place else Q()


def _alliance_of(obj: Any) -> Alliance:
    return obj if isinstance(obj, Alliance) else obj.alliance


can_write_assessment = can_run_alliance
can_lead_assessment = can_lead_alliance  # adjusts, files, corrects
can_receive_assessment = _OfficeAbove(recipient_of)
can_acknowledge_assessment = _OfficeAbove(copied_to)
can_urge_assessment = Rule(Role.OFFICE)
can_read_reports = Rule(Role.OFFICE)  # the table, the digest and the archive of what was filed below
# A scheme stands at an organisation: its secretary's, or the office's own.
can_edit_scheme = Rule(Role.SECRETARY, place=lambda organisation: organisation) | OwnOffice(
    place=lambda organisation: organisation
)


# --- the year's end -------------------------------------------------------------------------------------------------

can_run_year_end = can_run_alliance  # prepares, writes paper down, gathers proposals
can_lead_year_end = can_lead_alliance  # opens, publishes, decides
can_read_year_end = Rule(Role.SECRETARY, Role.STAFF, Role.PRESIDENT)  # also what is not published
can_score_community = Rule(
    Role.LIAISON,
    place=lambda mark: mark.two_way.alliance.organisation,
    members=lambda mark: (mark.member_id,),
)
can_record_score = Rule(Role.SECRETARY, Role.STAFF, place=lambda mark: mark.two_way.alliance.organisation)
