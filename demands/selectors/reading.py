"""What a reader of a list gets to read of a row: how much of a need's words, whose names, whose opinions."""

from __future__ import annotations

from typing import Any

from alliances.models import Alliance
from demands.models import Acceptance, CallBack, Claim, Demand
from demands.querysets import reach_of
from demands.selectors import contacts, lists

NOT_FOR_YOU = "（仅社区和服务站可见）"


class Reader:
    """One person before a list; asks the database nothing. Rows come with ``demand.alliance`` or their own."""

    def __init__(self, user: Any) -> None:
        self.reach = reach_of(user)

    @property
    def sees_people(self) -> bool:
        """Masked residents are for those who run, oversee or accept, not for units (design: who may)."""
        return bool(self.reach.places or self.reach.stations or self.reach.offices)

    def handles(self, demand: Demand) -> bool:
        """Secretary and staff of the demand's community, its station: they hold the resident's contact too."""
        return self._handles(demand.alliance, demand)

    def _handles(self, alliance: Alliance, demand: Demand) -> bool:
        return alliance.organisation_id in self.reach.desks or demand.station_id in self.reach.stations

    def words(self, demand: Demand) -> str:
        """The need: in full at home, as it was put for others elsewhere, a sensitive one only so."""
        if self.handles(demand) or demand.member_id in self.reach.members:
            return demand.content
        if demand.is_sensitive:
            return contacts.words_outside(demand)
        at_home = (
            demand.alliance_id in self.reach.alliances
            or demand.alliance.organisation_id in self.reach.places | self.reach.around_stations
        )
        return demand.content if at_home else demand.words_for_others

    def people(self, demand: Demand, authors: list[Any]) -> str:
        """张* 138****0000 where the reader may know that much."""
        return contacts.masked(authors) if self.sees_people else ""

    def project(self, claim: Claim) -> str:
        return lists.project_title(claim)

    def opinion(self, claim: Claim, answer: CallBack | None) -> str:
        """What the resident said of it; of a sensitive need only to those who handle it and to the unit that served."""
        if answer is None or not answer.opinion:
            return ""
        if self._handles(claim.alliance, claim.demand) or claim.member_id in self.reach.members:
            return answer.opinion
        if claim.demand.is_sensitive or not self.sees_people:
            return NOT_FOR_YOU
        return answer.opinion


def answer_of(visit: Acceptance) -> CallBack | None:
    """The resident's answer to a visit read by ``lists.acceptances``."""
    return visit.answers[0] if visit.answers else None  # type: ignore[attr-defined]  # prefetched to this name
