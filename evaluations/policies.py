"""Who may do what about scoring (design, domain: "Who may").

Codes and paper ballots are handled by the community, never by the chair, who is scored by them. A unit's vote is its
liaison's own act; staff may only record it as given on paper or by phone.
"""

from __future__ import annotations

from typing import Any

from alliances.enums import Role
from alliances.models import Appointment, Organisation, Person
from alliances.policies import Rule, can_lead_alliance, can_run_alliance


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
