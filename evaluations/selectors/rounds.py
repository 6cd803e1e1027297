"""Rounds as they stand: which run, who has still to vote, how many ballots were handed out and came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from alliances import clock
from alliances.calendars import Quarter
from alliances.models import Alliance
from evaluations.enums import BallotSource, CodeOrigin, RoundState, RubricSubject, VoterGroup
from evaluations.models import Ballot, PaperBatch, ResidentCode, Round, UnitMark
from rotation.enums import ActivityState
from rotation.models import Duty
from rotation.selectors.activities import HAPPENED

RUNNING = (RoundState.OPEN, RoundState.CLOSED)


def standing(rows: QuerySet[Round]) -> QuerySet[Round]:
    """Without rounds of activities that were cancelled after all."""
    return rows.exclude(activity__state=ActivityState.CANCELLED)


def is_called_off(round: Round) -> bool:
    """Whether the round's activity was cancelled after all: such a round is as if it had never been."""
    return round.activity.state == ActivityState.CANCELLED


def chair_names(round: Round) -> str:
    """Who is scored beside the activity, the lead first; empty outside the rotation. One query."""
    if round.duty is None:
        return ""
    return "、".join(round.duty.chairs.values_list("member__unit__name", flat=True))


def of_alliance(user: Any, alliance: Alliance) -> QuerySet[Round]:
    """Rounds that ``user`` may see in ``alliance``, newest first, with what a row of their list shows."""
    return (
        standing(Round.objects.visible_to(user).filter(alliance=alliance))
        .select_related("activity", "duty__plan", "alliance__organisation")
        .order_by("-pk")
    )


def of_quarter(rows: QuerySet[Round], quarter: Quarter) -> QuerySet[Round]:
    """Of ``rows`` those of the quarter's duty months, whenever their activity was held, and by that day those outside the
    rotation; only rounds that have begun, or whose activity was held and that wait for the clock."""
    months = [month.month for month in quarter.months]
    duty = Q(duty__plan__year=quarter.year, duty__month__in=months)
    outside = Q(duty=None, activity__held_on__range=(quarter.start, quarter.end))
    begun = ~Q(state=RoundState.PREPARED) | Q(activity__state__in=HAPPENED)
    return rows.filter(duty | outside, begun)


def of_duty(duty: Duty) -> QuerySet[Round]:
    """The month's rounds in order of their activities."""
    return standing(Round.objects.filter(duty=duty)).select_related("activity").order_by("pk")


def running_of(duty: Duty) -> QuerySet[Round]:
    """Rounds of the month that take ballots or wait for their figures."""
    return of_duty(duty).filter(state__in=RUNNING)


def settled_of(duty: Duty) -> QuerySet[Round]:
    return of_duty(duty).filter(state=RoundState.SETTLED)


def waiting_marks(members: Iterable[int]) -> QuerySet[UnitMark]:
    """Ballots that the liaisons of ``members`` have still to cast, the first to close first."""
    return (
        UnitMark.objects.filter(member_id__in=members, voted_on=None, round__state=RoundState.OPEN)
        .filter(round__closes_on__gte=clock.today())
        .exclude(round__activity__state=ActivityState.CANCELLED)
        .select_related("round__activity", "round__alliance__organisation", "member__unit")
        .order_by("round__closes_on", "pk")
    )


def marks_of(round: Round) -> list[UnitMark]:
    """Every unit that is asked, with its unit: who has voted, on which day, never what."""
    return list(UnitMark.objects.filter(round=round).select_related("member__unit").order_by("pk"))


def asks_chair(mark: UnitMark) -> bool:
    """Whether this unit's ballot has the chair's part: asked once a month."""
    if mark.duty_id is None:
        return False
    return not (
        UnitMark.objects.filter(duty=mark.duty_id, member=mark.member_id, has_scored_chair=True)
        .exclude(pk=mark.pk)
        .exists()
    )


@dataclass(frozen=True)
class Counts:
    """发放, 收回, 作废 of one round by sheets (a sheet's two parts are one ballot)."""

    units_asked: int
    units_returned: int
    residents_handed_out: int
    residents_returned: int
    void: int

    @property
    def handed_out(self) -> int:
        return self.units_asked + self.residents_handed_out

    @property
    def returned(self) -> int:
        return self.units_returned + self.residents_returned


def _count(rows: QuerySet) -> Any:
    return Coalesce(Subquery(rows.order_by().values("round").annotate(n=Count("pk")).values("n")), 0)


def _sum(field: str) -> Any:
    rows = PaperBatch.objects.filter(round=OuterRef("pk")).order_by().values("round")
    return Coalesce(Subquery(rows.annotate(n=Sum(field)).values("n")), 0)


def with_counts(rows: QuerySet[Round]) -> QuerySet[Round]:
    """``rows`` with what ``counts`` needs, in the same query."""
    marks = UnitMark.objects.filter(round=OuterRef("pk"))
    codes = ResidentCode.objects.filter(round=OuterRef("pk"), is_void=False)
    return rows.annotate(
        units_asked=_count(marks),
        units_returned=_count(marks.filter(voted_on__isnull=False)),
        codes_on_paper=_count(codes.filter(origin=CodeOrigin.PAPER)),
        codes_elsewhere=_count(codes.exclude(origin=CodeOrigin.PAPER)),
        codes_voted=_count(codes.filter(used_as=BallotSource.SCREEN)),
        sheets_handed_out=_sum("handed_out"),
        sheets_entered=_sum("entered"),
        sheets_void=_sum("void"),
    )


def counts(round: Any) -> Counts:
    """Of a round from ``with_counts``, else by one query. Paper ballots with a code count once: as the larger of
    codes printed and sheets handed out."""
    row = round if hasattr(round, "units_asked") else with_counts(Round.objects.filter(pk=round.pk)).get()
    return Counts(
        units_asked=row.units_asked,
        units_returned=row.units_returned,
        residents_handed_out=row.codes_elsewhere + max(row.codes_on_paper, row.sheets_handed_out),
        residents_returned=row.codes_voted + row.sheets_entered,
        void=row.sheets_void,
    )


def ballot_rows(rounds: Iterable[int], subject: str) -> dict[str, list[dict[str, int | None]]]:
    """Group → scores of its ballots in ``rounds``, in no order that means anything."""
    found: dict[str, list[dict[str, int | None]]] = {group: [] for group in VoterGroup.values}
    rows = Ballot.objects.filter(round__in=list(rounds), subject=RubricSubject(subject)).order_by("key")
    for group, scores in rows.values_list("group", "scores"):
        found[group].append(scores)
    return found
