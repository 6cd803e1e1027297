"""Commitments of members: one question that pages, exports and the quarter's figures ask, and the quarter's counts.

A commitment belongs to the period in which it was due; waived ones are left out of the rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

from django.db.models import Count, Q, QuerySet

from alliances import clock
from alliances.calendars import Quarter
from alliances.enums import CommitmentState
from alliances.models import Alliance, Commitment
from alliances.selectors.periods import Period
from alliances.selectors.standing import stood_between

# States of an address beside those of the rows themselves.
COUNTED = "counted"  # all that the rate counts
KEPT = "kept"  # fulfilled by the period's last day
DUE = "due"  # the day has come, and nobody has confirmed or waived it
STATES = {
    **dict(CommitmentState.choices),
    COUNTED: "列入考核的",
    KEPT: "期末前已兑现",
    DUE: "到期待确认",
}


@dataclass(frozen=True)
class Question:
    """Commitments due in ``period`` (any time without one). ``member``: one unit's. ``standing``: only of units that were
    members in the period, as the mean of their lines counts."""

    period: Period | None = None
    state: str = ""
    member: int | None = None
    standing: bool = False

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """The question of an address; what makes no sense is not asked."""
        member = str(params.get("member") or "")
        known = member.isascii() and member.isdecimal() and len(member) < 19
        state = str(params.get("state") or "")
        return cls(
            Period.read(params.get("period")),
            state if state in STATES else "",
            int(member) if known else None,
            params.get("standing") == "1",
        )

    def params(self) -> dict[str, str]:
        return {
            "period": self.period.value if self.period else "",
            "state": self.state,
            "member": str(self.member or ""),
            "standing": "1" if self.standing else "",
        }

    def in_state(self, state: str) -> Self:
        return replace(self, state=state)

    def rows(self, alliance: Alliance) -> QuerySet[Commitment]:
        """The commitments of ``alliance`` that are asked for, the newest first."""
        rows = Commitment.objects.filter(self._condition, alliance=alliance)
        if self.period is not None:
            rows = rows.filter(due_on__range=(self.period.start, self.period.end))
        if self.member:
            rows = rows.filter(member=self.member)
        if self.standing:
            since, until = (self.period.start, self.period.end) if self.period else (None, None)
            rows = rows.filter(stood_between(since, until, "member__"))
        return rows.order_by("-pk")

    @property
    def _condition(self) -> Q:
        if self.state == COUNTED:
            return ~Q(state=CommitmentState.WAIVED)
        if self.state == KEPT:
            return fulfilled_by(self.period.end if self.period else clock.today())
        if self.state == DUE:
            return due_by(clock.today())
        return Q(state=self.state) if self.state else Q()


def fulfilled_by(day: date) -> Q:
    return Q(state=CommitmentState.FULFILLED, fulfilled_on__lte=day)


def due_by(day: date) -> Q:
    """What waits for somebody to confirm or waive it: its day has come by ``day``."""
    return Q(state=CommitmentState.OPEN, due_on__lte=day)


def shown(rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    """``rows`` with what a line of a list or paper names."""
    return rows.select_related("member__unit", "agreement", "alliance__organisation")


def state_words(commitment: Commitment, today: date) -> tuple[str, str]:
    """The state as people say it, and its tone (done, wait, late, off)."""
    if commitment.state == CommitmentState.FULFILLED:
        late = commitment.fulfilled_on is not None and commitment.fulfilled_on > commitment.due_on
        return ("超期兑现", "done") if late else ("已兑现", "done")
    if commitment.state == CommitmentState.WAIVED:
        return "不再考核", "off"
    return ("到期待确认", "late") if commitment.due_on <= today else ("待兑现", "wait")


# --- the quarter --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MemberRecord:
    due: int = 0
    fulfilled: int = 0


@dataclass(frozen=True)
class QuarterRecord:
    """``due`` commitments of the quarter, ``fulfilled`` of them by its last day, ``waived`` beside them."""

    quarter: Quarter
    due: int
    fulfilled: int
    waived: int
    members: Mapping[int, MemberRecord] = field(default_factory=dict)

    def of(self, member: int) -> MemberRecord:
        return self.members.get(member, MemberRecord())


def for_quarter(alliance: Alliance, quarter: Quarter) -> QuarterRecord:
    """What members of ``alliance`` owed by their promises in ``quarter``; two queries."""
    asked = Question(Period.of(quarter))
    lines = (
        asked.in_state(COUNTED)
        .rows(alliance)
        .order_by()
        .values_list("member")
        .annotate(due=Count("pk"), fulfilled=Count("pk", filter=fulfilled_by(quarter.end)))
    )
    members = {member: MemberRecord(due, fulfilled) for member, due, fulfilled in lines}
    return QuarterRecord(
        quarter=quarter,
        due=sum(one.due for one in members.values()),
        fulfilled=sum(one.fulfilled for one in members.values()),
        waived=asked.in_state(CommitmentState.WAIVED).rows(alliance).count(),
        members=members,
    )
