"""What a reader of a list gets to read of a row: how much of a need's words, whose names, whose opinions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from alliances.models import Alliance
from demands.enums import Satisfaction
from demands.models import Acceptance, Author, CallBack, Claim, Demand
from demands.querysets import Reach, reach_of
from demands.selectors import contacts, lists

NOT_FOR_YOU = "（仅社区和服务站可见）"
NOT_OUTSIDE = "（涉及敏感信息，仅本社区和承办单位可见）"


class Reader:
    """One person before a list. Rows come with ``demand.alliance`` or their own.

    ``meet`` the demands of a page before reading its rows: who asked for them, whose names no word may tell, is read in
    one query then; of a demand that nobody met it is asked one by one.
    """

    def __init__(self, user: Any) -> None:
        self.user = user
        self.reach = reach_of(user)
        self._asked_by: dict[int, list[Author]] = {}

    def meet(self, demands: Iterable[Demand]) -> None:
        self._asked_by |= contacts.asked_by(self.user, demands)

    def knows(self, demand: Demand, asked_by: list[Author]) -> None:
        """``asked_by`` is read already."""
        self._asked_by[demand.pk] = asked_by

    def asked_by(self, demand: Demand) -> list[Author]:
        if demand.pk not in self._asked_by:
            self.meet([demand])
        return self._asked_by[demand.pk]

    def veiled(self, demand: Demand, words: str) -> str:
        """``words`` somebody typed about ``demand``, without the residents whose contact is not open to the reader."""
        return contacts.veil_for_reader(words, self.asked_by(demand)) if words else words

    def said(self, claim: Claim, words: str) -> str:
        """What was typed about a claim (measures, progress, result, what to mend), as far as the reader may know it."""
        if words and not self.reads_work(claim):
            return NOT_OUTSIDE
        return self.veiled(claim.demand, words)

    def reads_work(self, claim: Claim) -> bool:
        """Of a sensitive need only the community and the unit that serves it read what is done: others see the state, the
        unit and the dates."""
        return (
            not claim.demand.is_sensitive
            or claim.member_id in self.reach.members
            or self._is_home(claim.alliance, claim.demand)
        )

    def _is_home(self, alliance: Alliance, demand: Demand) -> bool:
        """Whether the reader is of the demand's own community: its office, stations and units."""
        return (
            alliance.pk in self.reach.alliances
            or alliance.organisation_id in self.reach.places | self.reach.around_stations
            or demand.station_id in self.reach.stations
        )

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
        """The need: in full at home, as it was put for others elsewhere, a sensitive one only so; never with the names
        of those whose contact is not open to the reader."""
        return self.veiled(demand, self._words(demand))

    def _words(self, demand: Demand) -> str:
        if self.handles(demand) or demand.member_id in self.reach.members:
            return demand.content
        if demand.is_sensitive:
            return contacts.words_outside(demand)
        return demand.content if self._is_home(demand.alliance, demand) else demand.words_for_others

    def people(self, demand: Demand, authors: list[Any]) -> str:
        """张* 138****0000 where the reader may know that much."""
        return contacts.masked(authors) if self.sees_people else ""

    def project(self, claim: Claim) -> str:
        """项目名称; … says that the demand's words go on. A cut name would be no name to mask: first veiled, then cut."""
        if claim.title and not self.reads_work(claim):
            return str(claim.demand.category)
        return lists.project_words(claim, lambda words: self.veiled(claim.demand, words))

    def title(self, claim: Claim) -> str:
        """``project`` in a file, which may come back: not a sign more than our importer knows for no title of its own."""
        if claim.title and not self.reads_work(claim):
            return str(claim.demand.category)
        return lists.project_title(claim, lambda words: self.veiled(claim.demand, words))

    def opinion(self, claim: Claim, answer: CallBack | None) -> str:
        """What the resident said of it; of a sensitive need only to those who handle it and to the unit that served."""
        return self._said(claim, answer.opinion if answer else "")

    def follow_up(self, claim: Claim, answer: CallBack) -> str:
        """What was done about a bad answer, in words that tell of it: read by those who read the opinion."""
        return self._said(claim, answer.follow_up)

    def _said(self, claim: Claim, words: str) -> str:
        if not self._served(claim) and words and (claim.demand.is_sensitive or not self.sees_people):
            return NOT_FOR_YOU
        return self.veiled(claim.demand, words)

    def _served(self, claim: Claim) -> bool:
        """Who handles the need, and the unit that served it."""
        return self._handles(claim.alliance, claim.demand) or claim.member_id in self.reach.members


class Operator(Reader):
    """Nobody's eyes, on the command line: lists whole, so that they can be mended and imported again; residents and
    sensitive needs still masked in what is meant to be passed on."""

    def __init__(self) -> None:
        self.user = None
        self.reach = Reach()
        self._asked_by = {}

    def meet(self, demands: Iterable[Demand]) -> None:
        self._asked_by |= contacts.authors_of(demands)

    def words(self, demand: Demand) -> str:
        words = contacts.words_outside(demand) if demand.is_sensitive else demand.content
        return contacts.veil(words, self.asked_by(demand))

    def veiled(self, demand: Demand, words: str) -> str:
        return words

    def reads_work(self, claim: Claim) -> bool:
        return True

    def people(self, demand: Demand, authors: list[Any]) -> str:
        return contacts.masked(authors)

    def _served(self, claim: Claim) -> bool:
        return True


# Of several residents' answers the worst speaks for the visit: whoever looks for 不满意 finds it said.
_WORST_FIRST: tuple[str, ...] = ("bad", "fair", "good", "very_good", "unknown")


def answer_of(visit: Acceptance) -> CallBack | None:
    """The resident's answer to a visit read by ``lists.acceptances``, of several the worst."""
    return min(_answers(visit), key=lambda one: _WORST_FIRST.index(one.satisfaction), default=None)


def tally_of(visit: Acceptance) -> str:
    """共2人：满意1、不满意1; empty where not more than one answered."""
    found = Counter(one.satisfaction for one in _answers(visit))
    parts = [f"{label}{found[value]}" for value, label in Satisfaction.choices if found[value]]
    return f"共{found.total()}人：{'、'.join(parts)}" if found.total() > 1 else ""


def _answers(visit: Acceptance) -> list[CallBack]:
    return visit.answers  # type: ignore[attr-defined]  # prefetched to this name
