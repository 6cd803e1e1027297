"""Commitments of members as the quarter counts them: by the day they were due, waived ones left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from alliances.calendars import Quarter
from alliances.enums import CommitmentState
from alliances.models import Alliance, Commitment


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


def due_in(alliance: Alliance, since: date, until: date) -> QuerySet[Commitment]:
    """Commitments of ``alliance`` due from ``since`` to ``until`` that still count."""
    rows = Commitment.objects.filter(alliance=alliance, due_on__range=(since, until))
    return rows.exclude(state=CommitmentState.WAIVED)


def fulfilled_by(day: date) -> Q:
    return Q(state=CommitmentState.FULFILLED, fulfilled_on__lte=day)


def for_quarter(alliance: Alliance, quarter: Quarter) -> QuarterRecord:
    """What members of ``alliance`` owed by their promises in ``quarter``; two queries."""
    lines = (
        due_in(alliance, quarter.start, quarter.end)
        .order_by()
        .values_list("member")
        .annotate(due=Count("pk"), fulfilled=Count("pk", filter=fulfilled_by(quarter.end)))
    )
    members = {member: MemberRecord(due, fulfilled) for member, due, fulfilled in lines}
    waived = Commitment.objects.filter(
        alliance=alliance, due_on__range=(quarter.start, quarter.end), state=CommitmentState.WAIVED
    )
    return QuarterRecord(
        quarter=quarter,
        due=sum(one.due for one in members.values()),
        fulfilled=sum(one.fulfilled for one in members.values()),
        waived=waived.count(),
        members=members,
    )
