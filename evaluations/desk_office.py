"""The line on an office's desk that says how far the quarter's reports are."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from alliances import clock
from alliances.calendars import Quarter
from alliances.models import Alliance
from alliances.registry import DeskLine
from evaluations import paths
from evaluations.enums import AssessmentState
from evaluations.models import Assessment
from evaluations.models.assessment import STANDING
from evaluations.selectors.quarter_office import office_places


def lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """Of an office, until every report of the last quarter has been received. One query."""
    places = office_places(user)
    if not places:
        return []
    today = clock.today()
    quarter = Quarter.of(today).prev()
    below = Q()
    for place in places:
        below |= Q(alliance__organisation__path__startswith=place.path)
    never = Q(revision=1, state=AssessmentState.DRAFT)
    counts = (
        Assessment.objects.of(quarter)
        .filter(below)
        .aggregate(
            owed=Count("pk", filter=Q(revision=1)),
            filed=Count("pk", filter=Q(state__in=STANDING)),
            received=Count("pk", filter=Q(state=AssessmentState.RECEIVED)),
            overdue=Count("pk", filter=never & Q(due_on__lt=today)),
            unfiled=Count("pk", filter=never),
        )
    )
    if counts["received"] == counts["owed"]:
        return []
    detail = (
        f"{counts['filed'] - counts['received']} 份待接收" if counts["filed"] > counts["received"] else ""
    )
    overdue = counts["overdue"]
    if counts["unfiled"] > overdue:
        detail = "，".join(filter(None, (detail, f"{counts['unfiled'] - overdue} 个社区还没有报送")))
    return [
        DeskLine(
            f"{quarter.label}报告已报 {counts['filed']} / {counts['owed']}，逾期未报 {overdue}",
            f"{paths.QUARTER_OFFICE}?quarter={quarter.year}-{quarter.n}",
            "看季度汇总",
            detail,
            state="有逾期" if overdue else "",
            tone="late" if overdue else "wait",
            urgency=16 if overdue else 32,
            waiting_for_others=not overdue,
        )
    ]
