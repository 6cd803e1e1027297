"""What the record says of every unit's year, for the proposals of awards: from all four apps, by a fixed number of queries.

As JSON (``AwardList.figures``): {"year", "as_of", "reports": [quarters whose report stands], "units": [{"member", "unit", "mean",
"stars", "criteria": [{"key", "title", "words", "is_met"}]}]}.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count

from alliances import clock
from alliances.models import Alliance, Member
from alliances.selectors import commitments
from alliances.selectors.periods import Period
from demands.selectors import year_record
from evaluations import yearly
from evaluations.enums import TwoWayState
from evaluations.models import AssessmentLine, TwoWay
from evaluations.models.assessment import STANDING
from evaluations.selectors.quarter_members import was_member
from evaluations.yearly import UnitYear
from rotation.selectors import chaired


def members_in(alliance: Alliance, year: int) -> list[Member]:
    """Who was a member on some day of the year, in the roster's order."""
    rows = Member.objects.filter(alliance=alliance).select_related("unit").order_by("pk")
    return [one for one in rows if was_member(one, date(year, 1, 1), date(year, 12, 31))]


def of_members(alliance: Alliance, year: int) -> dict[int, UnitYear]:
    """Member id → its year; before it is over what has fallen due by today. Seven queries."""
    until = min(date(year, 12, 31), clock.today())
    lists = year_record.members(alliance, year)
    months = chaired.months_of(alliance, year)
    owed = {
        member: (due, fulfilled)
        for member, due, fulfilled in commitments.Question(Period(year), commitments.COUNTED)
        .rows(alliance)
        .filter(due_on__lte=until)
        .order_by()
        .values_list("member")
        .annotate(due=Count("pk"), fulfilled=Count("pk", filter=commitments.fulfilled_by(until)))
    }
    scores, reports = _scores(alliance, year)
    marks = _marks(alliance, year)
    found = {}
    for member in members_in(alliance, year):
        one = lists.get(member.pk, year_record.MemberYear())
        due, fulfilled = owed.get(member.pk, (0, 0))
        found[member.pk] = UnitYear(
            scores=tuple(scores.get((member.pk, quarter)) for quarter in range(1, yearly.QUARTERS + 1)),
            reports=reports,
            months_chaired=months.get(member.pk, ()),
            claims_due=one.due,
            claims_on_time=one.on_time,
            claims_accepted=one.done,
            answers=one.answers,
            satisfied=one.satisfied,
            commitments_due=due,
            commitments_fulfilled=fulfilled,
            item_scores=tuple(marks.get(member.pk, ())),
        )
    return found


def _scores(alliance: Alliance, year: int) -> tuple[dict[tuple[int, int], Decimal | None], int]:
    """(member, quarter) → score in the report that stands; and how many reports stand."""
    rows = AssessmentLine.objects.filter(
        assessment__alliance=alliance, assessment__year=year, assessment__state__in=STANDING
    ).order_by()
    found = {
        (member, quarter): score
        for member, quarter, score in rows.values_list("member_id", "assessment__quarter", "score")
    }
    return found, len({quarter for _, quarter in found})


def _marks(alliance: Alliance, year: int) -> Mapping[int, list[Decimal]]:
    """Member id → scores of its items in the published two-way evaluation."""
    rows = TwoWay.objects.filter(alliance=alliance, year=year, state=TwoWayState.PUBLISHED)
    figures = rows.values_list("figures", flat=True).first() or {}
    found: dict[int, list[Decimal]] = {}
    for unit in figures.get("units", []):
        known = [Decimal(item["score"]) for item in unit["items"] if item["score"] is not None]
        found[unit["member"]] = known
    return found


def as_json(alliance: Alliance, year: int, facts: Mapping[int, UnitYear]) -> dict[str, Any]:
    """``facts`` as an award list keeps them; see the module."""
    names = {member.pk: member.unit.name for member in members_in(alliance, year)}
    units = []
    for pk, one in facts.items():
        mean = yearly.year_mean(one.scores)
        units.append(
            {
                "member": pk,
                "unit": names[pk],
                "mean": None if mean is None else str(mean),
                "stars": yearly.stars(mean),
                "criteria": [
                    {"key": c.key, "title": c.title, "words": c.words, "is_met": c.is_met}
                    for c in yearly.criteria(one)
                ],
            }
        )
    return {
        "year": year,
        "as_of": clock.today().isoformat(),
        "reports": max((one.reports for one in facts.values()), default=0),
        "units": units,
    }
